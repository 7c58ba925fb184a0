#ifndef SLUICE_KNOWN_BAD_KNOWN_BAD_ENTRY_H_
#define SLUICE_KNOWN_BAD_KNOWN_BAD_ENTRY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/version_order.h"

namespace sluice {

// How bad, in the words of the list's owner. Reported, never judged.
enum class Severity { kUnknown = 0, kLow, kModerate, kHigh, kCritical };

// A stretch of versions, in the order of the package's ecosystem: VersionRange with texts of its
// own.
struct KnownBadRange {
  std::string introduced;
  VersionRange::Until until = VersionRange::Until::kNever;
  std::string until_version;
};

// Some versions of one package. At least one of `versions` and `ranges` is not empty.
struct KnownBadPackage {
  // Without a version. Qualifiers and subpath that it states are required of a component, see
  // KnownBadIndex.
  PackageUrl name;
  // Compared byte for byte in the type's canonical form, never by order.
  std::vector<std::string> versions;
  std::vector<KnownBadRange> ranges;
};

// One entry of a known-bad list: an advisory and the artifacts and components it concerns.
//
// All lists are sets. At least one of `digests`, `exact` and `packages` is not empty.
struct KnownBadEntry {
  std::string advisory_id;  // An identifier (internal/identifier.h), unique in the list.
  std::string url;
  std::string reason;
  Severity severity = Severity::kUnknown;
  absl::Time added_at = absl::InfinitePast();
  // The entry is in force on [effective_from, withdrawn_at); by default at once, and for ever.
  absl::Time effective_from = absl::InfinitePast();
  absl::Time withdrawn_at = absl::InfiniteFuture();
  std::vector<std::string> aliases;
  std::vector<Digest> digests;    // Of artifacts or of components.
  std::vector<PackageUrl> exact;  // Each with a version.
  std::vector<KnownBadPackage> packages;
};

bool operator==(const KnownBadRange& a, const KnownBadRange& b);
bool operator<(const KnownBadRange& a, const KnownBadRange& b);
bool operator==(const KnownBadPackage& a, const KnownBadPackage& b);
bool operator<(const KnownBadPackage& a, const KnownBadPackage& b);
bool operator==(const KnownBadEntry& a, const KnownBadEntry& b);
// Orders by advisory id first.
bool operator<(const KnownBadEntry& a, const KnownBadEntry& b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_KNOWN_BAD_ENTRY_H_
