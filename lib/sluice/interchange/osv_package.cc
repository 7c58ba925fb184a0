#include "sluice/interchange/osv_package.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice {
namespace {

// How a name of an ecosystem is divided into namespace and name.
enum class NameShape {
  kWhole,         // The name is the whole.
  kPath,          // The name is what follows the last slash.
  kColon,         // `namespace:name`.
  kDot,           // `namespace.name`, divided at the first dot.
  kRepository,    // The URL of a repository.
  kOwnerAndName,  // `owner/name`, whatever follows.
};

// What follows a colon in the name of an ecosystem.
enum class Suffix { kNone, kRelease, kRepository };

struct Ecosystem {
  absl::string_view name;
  absl::string_view type;
  absl::string_view space;  // The namespace of all packages, if there is one.
  NameShape shape = NameShape::kWhole;
  Suffix suffix = Suffix::kNone;
  bool is_source = false;
};

constexpr NameShape kWhole = NameShape::kWhole;
constexpr NameShape kPath = NameShape::kPath;
constexpr Suffix kRelease = Suffix::kRelease;

// Distributions have a row for each namespace that inventories write.
constexpr Ecosystem kEcosystems[] = {
    {"AlmaLinux", "rpm", "almalinux", kWhole, kRelease, true},
    {"AlmaLinux", "rpm", "alma", kWhole, kRelease, true},
    {"Alpaquita", "apk", "alpaquita", kWhole, kRelease, true},
    {"Alpine", "apk", "alpine", kWhole, kRelease, true},
    {"Azure Linux", "rpm", "azurelinux", kWhole, kRelease, true},
    {"Azure Linux", "rpm", "azure-linux", kWhole, kRelease, true},
    {"BellSoft Hardened Containers", "apk", "bellsoft-hardened-containers", kWhole, kRelease, true},
    {"Bioconductor", "bioconductor", "", kWhole},
    {"Bitnami", "bitnami", "", kWhole},
    {"CRAN", "cran", "", kWhole},
    {"Chainguard", "apk", "chainguard", kWhole, kRelease},
    {"CleanStart", "apk", "cleanstart", kWhole, kRelease},
    {"ConanCenter", "conan", "", kWhole},
    {"Debian", "deb", "debian", kWhole, kRelease, true},
    {"Echo", "deb", "echo", kWhole, kRelease, true},
    {"GitHub Actions", "github", "", NameShape::kOwnerAndName},
    {"GitHub Actions", "githubactions", "", NameShape::kOwnerAndName},
    {"Go", "golang", "", kPath},
    {"Hackage", "hackage", "", kWhole},
    {"Hex", "hex", "", kPath},
    {"Kubernetes", "golang", "", kPath},
    {"Mageia", "rpm", "mageia", kWhole, kRelease, true},
    {"Maven", "maven", "", NameShape::kColon, Suffix::kRepository},
    {"MinimOS", "apk", "minimos", kWhole, kRelease},
    {"NuGet", "nuget", "", kWhole},
    {"OSS-Fuzz", "generic", "", kWhole},
    {"Packagist", "composer", "", kPath, Suffix::kRepository},
    {"Photon OS", "rpm", "photon", kWhole, kRelease},
    {"Pub", "pub", "", kWhole},
    {"PyPI", "pypi", "", kWhole},
    {"Red Hat", "rpm", "redhat", kWhole, kRelease, true},
    {"Red Hat", "rpm", "rhel", kWhole, kRelease, true},
    {"Rocky Linux", "rpm", "rocky", kWhole, kRelease, true},
    {"Rocky Linux", "rpm", "rocky-linux", kWhole, kRelease, true},
    {"RubyGems", "gem", "", kWhole},
    {"SUSE", "rpm", "suse", kWhole, kRelease, true},
    {"SUSE", "rpm", "sles", kWhole, kRelease, true},
    {"SwiftURL", "swift", "", NameShape::kRepository},
    {"Ubuntu", "deb", "ubuntu", kWhole, kRelease, true},
    {"VSCode", "vscode-extension", "", NameShape::kDot, Suffix::kRepository},
    {"Wolfi", "apk", "wolfi", kWhole, kRelease},
    {"crates.io", "cargo", "", kWhole},
    {"npm", "npm", "", kPath},
    {"opam", "opam", "", kWhole},
    {"openEuler", "rpm", "openeuler", kWhole, kRelease, true},
    {"openSUSE", "rpm", "opensuse", kWhole, kRelease, true},
};

// Divides `text` at `at`; all of it is the name if there is no such place.
void Divide(absl::string_view text, size_t at, PackageUrl& url) {
  if (at == absl::string_view::npos) {
    url.name = std::string(text);
    return;
  }
  url.namespace_ = std::string(text.substr(0, at));
  url.name = std::string(text.substr(at + 1));
}

// `https://example.org/team/package.git` is `example.org/team/package`.
absl::string_view WithoutSchemeAndEnding(absl::string_view repository) {
  const size_t scheme = repository.find("://");
  if (scheme != absl::string_view::npos) repository.remove_prefix(scheme + 3);
  while (absl::ConsumeSuffix(&repository, "/")) {
  }
  repository = absl::StripSuffix(repository, ".git");
  return repository;
}

// `owner/name`, without a path in the repository.
absl::string_view FirstTwoSegments(absl::string_view name) {
  const size_t slash = name.find('/');
  if (slash == absl::string_view::npos) return name;
  return name.substr(0, name.find('/', slash + 1));
}

PackageUrl PartsOf(const Ecosystem& ecosystem, absl::string_view name) {
  PackageUrl url;
  url.type = std::string(ecosystem.type);
  switch (ecosystem.shape) {
    case NameShape::kWhole:
      url.name = std::string(name);
      break;
    case NameShape::kPath:
      Divide(name, name.rfind('/'), url);
      break;
    case NameShape::kColon:
      Divide(name, name.find(':'), url);
      break;
    case NameShape::kDot:
      Divide(name, name.find('.'), url);
      break;
    case NameShape::kRepository:
      name = WithoutSchemeAndEnding(name);
      Divide(name, name.rfind('/'), url);
      break;
    case NameShape::kOwnerAndName:
      name = FirstTwoSegments(name);
      Divide(name, name.find('/'), url);
      break;
  }
  if (!ecosystem.space.empty()) url.namespace_ = std::string(ecosystem.space);
  return url;
}

absl::Status AddUrl(const Ecosystem& ecosystem, absl::string_view name, OsvPackage& package) {
  absl::StatusOr<PackageUrl> url = MakePackageUrl(PartsOf(ecosystem, name));
  if (!url.ok()) return url.status();
  package.urls.push_back(*std::move(url));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OsvPackage> OsvPackageOf(absl::string_view ecosystem, absl::string_view name) {
  const size_t colon = ecosystem.find(':');
  const absl::string_view base = ecosystem.substr(0, colon);
  OsvPackage package;
  for (const Ecosystem& row : kEcosystems) {
    if (row.name != base) continue;
    const absl::Status added = AddUrl(row, name, package);
    if (!added.ok()) return added;
    package.is_source = row.is_source;
    if (colon == absl::string_view::npos) continue;
    (row.suffix == Suffix::kRepository ? package.repository_widened : package.release_widened) =
        true;
  }
  // The standard library of Go has two names in inventories.
  if (base == "Go" && name == "stdlib") {
    PackageUrl url;
    url.type = "golang";
    url.name = "std";
    package.urls.push_back(std::move(url));
  }
  std::sort(package.urls.begin(), package.urls.end());
  return package;
}

}  // namespace sluice
