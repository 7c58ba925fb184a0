#ifndef SLUICE_KNOWN_BAD_RPM_ORDER_H_
#define SLUICE_KNOWN_BAD_RPM_ORDER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The order of versions of RPM packages: rpm-version(7), which is rpmvercmp() of rpm.
//
//   CompareRpmVersions("1.0~rc1-1", "1.0-1");        // -1
//   CompareRpmVersions("1.0^git1-1", "1.0.1-1");     // -1, though after 1.0-1
//   CompareRpmVersions("2.0-1", "1:1.0-1");          // -1, by the epoch
//
// A version is `epoch:version-release`; without an epoch that is 0. Epochs go by value. Version and
// release are compared run by run of digits or letters, all else only separates: numbers by value
// and after letters, letters byte by byte, more runs after fewer. `~` is before everything, even
// the end; `^` is right after the end. So 1.0, 1_0 and 1.00 have the same place.
//
// A version without a release comes before those with one, as rpm sorts, so that the order is
// total. What such a version says about a range is another question, see OnlyFirstLacksRpmRelease.
//
// Any text of printable bytes without spaces is a version if its `version` part is not empty. The
// epoch is what precedes a colon if that is digits or nothing; the release is what follows the last
// hyphen, and may be empty. Bytes beyond ASCII only separate.
bool IsRpmVersion(absl::string_view text);

// Below 0 if `a` is before `b`, 0 if they have the same place, above 0 if it is after; nothing if
// one is not a version. A total order. Cost: linear, nothing is allocated.
absl::optional<int> CompareRpmVersions(absl::string_view a, absl::string_view b);

// Whether both are versions, `a` has no release, `b` has one, and but for that they have the same
// place. Then `a` may stand for any release, those before and those after `b`: as rpm compares what
// a package needs with what another provides, it looks at releases only if both state one.
bool OnlyFirstLacksRpmRelease(absl::string_view a, absl::string_view b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_RPM_ORDER_H_
