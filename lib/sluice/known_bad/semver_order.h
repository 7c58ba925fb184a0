#ifndef SLUICE_KNOWN_BAD_SEMVER_ORDER_H_
#define SLUICE_KNOWN_BAD_SEMVER_ORDER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The order of versions of npm, Cargo and Go: precedence by Semantic Versioning 2.0.0
// (https://semver.org/spec/v2.0.0.html, item 11).
//
//   CompareSemverVersions("1.0.0-rc.1", "1.0.0");      // -1
//   CompareSemverVersions("v1.2", "1.2.0+meta");       // 0
//   CompareSemverVersions("latest", "1.0.0");          // absl::nullopt
//
// Numbers first, then a pre-release comes before the release, its identifiers compared one by one:
// numbers by value and before all others, others byte by byte, fewer before more. Build metadata
// means nothing, so Go's `+incompatible` neither; Go's pseudo-versions are made to be ordered as
// pre-releases (https://go.dev/ref/mod#pseudo-versions).
//
// Wider than the specification where lists and inventories are, as long as the text is no guess:
// - a `v` in front, as Go writes it;
// - any count of numbers, `1`, `1.2` or `1.2.3.4`; those missing are 0. A pre-release needs at
//   least two, so that a date or a hash is not taken for one;
// - leading zeros;
// - `1.2.3rc1`, three numbers and a pre-release without its hyphen, as npm reads it when loose;
// - names of Go toolchains (https://go.dev/doc/toolchain#version): `go1.21.3`, and `go1.21rc2` or
//   `1.21rc2`, which the Go vulnerability database writes 1.21.0-rc.2. With anything after that it
//   is not a version: a suffix is a vendor's, whose order is not known.
//
// Everything else is not a version: no text, a branch, a tag, a range, white space.
bool IsSemverVersion(absl::string_view text);

// Below 0 if `a` is before `b`, 0 if they have the same place, above 0 if it is after; nothing if
// one is not a version. A total order. Cost: linear, nothing is allocated.
absl::optional<int> CompareSemverVersions(absl::string_view a, absl::string_view b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_SEMVER_ORDER_H_
