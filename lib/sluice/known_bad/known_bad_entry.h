#ifndef SLUICE_KNOWN_BAD_KNOWN_BAD_ENTRY_H_
#define SLUICE_KNOWN_BAD_KNOWN_BAD_ENTRY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

// How bad, in the words of the list's owner. Reported, never judged.
enum class Severity { kUnknown = 0, kLow, kModerate, kHigh, kCritical };

// Named versions of one package.
struct KnownBadPackage {
  // Without a version. Qualifiers and subpath that it states are required of a component, see
  // KnownBadIndex.
  PackageUrl name;
  // Compared byte for byte in the type's canonical form, never by order. Not empty.
  std::vector<std::string> versions;
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

// Whether `entry` is in force at `now`. Withdrawn in the infinite future is never.
bool IsInForce(const KnownBadEntry& entry, absl::Time now);

bool operator==(const KnownBadPackage& a, const KnownBadPackage& b);
bool operator<(const KnownBadPackage& a, const KnownBadPackage& b);
bool operator==(const KnownBadEntry& a, const KnownBadEntry& b);
// Orders by advisory id first.
bool operator<(const KnownBadEntry& a, const KnownBadEntry& b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_KNOWN_BAD_ENTRY_H_
