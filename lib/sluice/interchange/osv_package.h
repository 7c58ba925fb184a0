#ifndef SLUICE_INTERCHANGE_OSV_PACKAGE_H_
#define SLUICE_INTERCHANGE_OSV_PACKAGE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

// The package that an OSV advisory names by ecosystem and name, as package URLs.
struct OsvPackage {
  // Normalised, without version, qualifiers and subpath, sorted. Several where inventories write
  // the same package in several ways: an entry with all of them matches whichever a component has.
  // None if the ecosystem has no package URLs.
  std::vector<PackageUrl> urls;
  // The ecosystem is that of one release (`Debian:12`); the URLs are those of all releases.
  bool release_widened = false;
  // The ecosystem is that of one repository (`Maven:https://maven.example`); the URLs are those of
  // all.
  bool repository_widened = false;
  // The name is that of a source package, of which binary packages of other names are made.
  bool is_source = false;
};

// The package `name` of `ecosystem`, both as the OSV schema defines them. InvalidArgument if the
// ecosystem can't have a package of that name.
absl::StatusOr<OsvPackage> OsvPackageOf(absl::string_view ecosystem, absl::string_view name);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_OSV_PACKAGE_H_
