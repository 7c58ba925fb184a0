#ifndef SLUICE_KNOWN_BAD_GEM_ORDER_H_
#define SLUICE_KNOWN_BAD_GEM_ORDER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The order of versions of RubyGems: Gem::Version (https://docs.ruby-lang.org, class Gem::Version).
//
//   CompareGemVersions("1.0.a10", "1.0");            // -1
//   CompareGemVersions("1.0.a.2", "1.a2");           // 0
//   CompareGemVersions("1.0-rc1", "1.0.pre.rc.1");   // 0
//
// A version is segments, which are runs of digits or of letters; a hyphen is a segment `pre`.
// Segments are compared one by one: numbers by value, letters byte by byte and before all numbers,
// missing ones as 0. So what has letters is a pre-release; zeros right before its first letters
// mean nothing.
//
// Valid is what RubyGems takes: a number, then `.` and letters or digits any number of times, then
// at most once `-` and what may follow it, which is letters, digits and hyphens between dots; white
// space around. Also `1beta`, which older lists have: letters right after the first number. No text
// at all, which RubyGems reads as 0, is not a version here.
bool IsGemVersion(absl::string_view text);

// Below 0 if `a` is before `b`, 0 if they have the same place, above 0 if it is after; nothing if
// one is not a version. A total order. Cost: linear; allocates for versions of many segments.
absl::optional<int> CompareGemVersions(absl::string_view a, absl::string_view b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_GEM_ORDER_H_
