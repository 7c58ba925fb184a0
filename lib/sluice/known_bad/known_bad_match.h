#ifndef SLUICE_KNOWN_BAD_KNOWN_BAD_MATCH_H_
#define SLUICE_KNOWN_BAD_KNOWN_BAD_MATCH_H_

#include <cstdint>
#include <limits>

namespace sluice {

// By what an entry of a known-bad list matched.
enum class KnownBadMatchKind {
  kUnspecified = 0,
  kArtifactDigest,
  kComponentDigest,
  kExactUrl,  // Package URL with its version.
  kPackage,   // Package name, and one of the versions or ranges given.
};

// The `component` of a match of the artifact itself.
inline constexpr uint32_t kNoComponent = std::numeric_limits<uint32_t>::max();

// One entry that concerns an artifact or one of its components.
struct KnownBadMatch {
  uint32_t entry = 0;  // By KnownBadIndex::ReadEntry.
  KnownBadMatchKind kind = KnownBadMatchKind::kUnspecified;
  uint32_t component = kNoComponent;  // Into the components asked about.
  // The package is the entry's, but whether the component's version is can't be told: it states
  // none, its URL can't be read, or a range can't be held against it. Not a positive match; holds
  // as UNKNOWN (VERSION_UNKNOWN).
  bool version_unknown = false;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_KNOWN_BAD_MATCH_H_
