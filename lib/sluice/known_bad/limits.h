#ifndef SLUICE_KNOWN_BAD_LIMITS_H_
#define SLUICE_KNOWN_BAD_LIMITS_H_

#include <cstddef>

namespace sluice {

// What package URLs and known-bad lists may measure at most. Beyond a limit the answer is
// kResourceExhausted; nothing is truncated.

// The longest package URL, as written and in canonical form, in bytes.
inline constexpr size_t kMaxPackageUrlBytes = 4096;

// The most entries of one known-bad list, exact duplicates included.
inline constexpr size_t kMaxKnownBadEntries = 1'000'000;

// The most digests, exact package URLs and package versions of one known-bad list together.
inline constexpr size_t kMaxKnownBadPatterns = 4'000'000;

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_LIMITS_H_
