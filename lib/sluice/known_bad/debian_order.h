#ifndef SLUICE_KNOWN_BAD_DEBIAN_ORDER_H_
#define SLUICE_KNOWN_BAD_DEBIAN_ORDER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The order of versions of Debian packages: Debian Policy, section 5.6.12, and deb-version(7).
//
//   CompareDebianVersions("1.0~rc1-1", "1.0-1");     // -1
//   CompareDebianVersions("2.0-1", "1:1.0-1");       // -1, by the epoch
//   CompareDebianVersions("1.0", "1.0-0");           // 0
//
// A version is `epoch:upstream-revision`; without an epoch that is 0, without a revision that is 0.
// Epochs go by value. The others are compared in turns: the characters up to the next digit, where
// `~` is before everything, even the end, letters come next, then all else; then the number, where
// none is 0.
//
// Valid is what Policy allows: the epoch is digits; upstream starts with a digit and has letters,
// digits, `.`, `+`, `-`, `~` and, if there is an epoch, `:`; the revision, which is what follows
// the last hyphen, is not empty and has letters, digits, `+`, `.`, `~`. Nothing else is a version.
bool IsDebianVersion(absl::string_view text);

// Below 0 if `a` is before `b`, 0 if they have the same place, above 0 if it is after; nothing if
// one is not a version. A total order. Cost: linear, nothing is allocated.
absl::optional<int> CompareDebianVersions(absl::string_view a, absl::string_view b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_DEBIAN_ORDER_H_
