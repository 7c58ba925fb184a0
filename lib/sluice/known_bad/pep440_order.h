#ifndef SLUICE_KNOWN_BAD_PEP440_ORDER_H_
#define SLUICE_KNOWN_BAD_PEP440_ORDER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The order of versions of PyPI: PyPA's version specifiers, formerly PEP 440
// (https://packaging.python.org/en/latest/specifications/version-specifiers/).
//
//   ComparePep440Versions("1.0.dev1", "1.0a1");        // -1
//   ComparePep440Versions("v1.0-ALPHA", "1.0.0a0");    // 0
//   ComparePep440Versions("1.0", "1!0.1");             // -1, by the epoch
//
// The epoch decides, then the release with missing numbers as 0. Within a release: its development
// releases, pre-releases a, b, rc, the release itself, post-releases; a development release comes
// right before what it develops. A local version comes after the same version without one, its
// segments compared one by one: letters without regard to case and before numbers, numbers by
// value, fewer before more.
//
// All spellings that the specification normalises are read: letter case, `-`, `_`, `.` or nothing
// as separators, `alpha`, `beta`, `c`, `pre`, `preview`, `rev`, `r`, a missing number as 0, `-1` as
// a post-release, a `v` in front, white space around.
//
// A text of any other form, such as a version from before PEP 440, is not a version.
bool IsPep440Version(absl::string_view text);

// Below 0 if `a` is before `b`, 0 if they have the same place, above 0 if it is after; nothing if
// one is not a version. A total order. Cost: linear, nothing is allocated.
absl::optional<int> ComparePep440Versions(absl::string_view a, absl::string_view b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_PEP440_ORDER_H_
