#ifndef SLUICE_KNOWN_BAD_VERSION_ORDER_H_
#define SLUICE_KNOWN_BAD_VERSION_ORDER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The rules by which the versions of an ecosystem follow one another, each in the header of that
// name. kNone: not known.
enum class VersionOrder { kNone = 0, kSemver, kPep440, kMaven, kDebian, kRpm, kGem };

// The order of the versions in package URLs of `type`, which is in lower case.
//
// The epoch of an RPM package is not in the version of its URL but in the qualifier `epoch`: the
// caller puts it in front, followed by a colon.
VersionOrder OrderOfPackageUrlType(absl::string_view type);

// Whether `version` has a place in `order`. Never in kNone; never if empty.
bool IsOrderable(VersionOrder order, absl::string_view version);

// Below 0 if `a` is before `b`, 0 if they have the same place, above 0 if it is after; nothing if
// one is not orderable. Each order is total. Cost: linear.
absl::optional<int> CompareVersions(VersionOrder order, absl::string_view a, absl::string_view b);

// A stretch of versions as OSV states it (https://ossf.github.io/osv-schema/#affectedranges-field):
// from `introduced` on, itself included, up to one bound.
//
//   const VersionRange range = {"1.2.0", VersionRange::Until::kFixed, "1.4.2"};
//   Contains(VersionOrder::kSemver, range, "1.4.1");   // InRange::kYes
//   Contains(VersionOrder::kSemver, range, "latest");  // InRange::kUnknown
//
// Empty, so that it contains nothing, if the bound is before `introduced`, or at it and exclusive.
struct VersionRange {
  // kNever: no bound. kFixed, kLimit: the bound is not in the range. kLastAffected: it is.
  enum class Until { kNever = 0, kFixed, kLastAffected, kLimit };

  absl::string_view introduced;  // `0`, and only that spelling, is before every version.
  Until until = Until::kNever;
  absl::string_view until_version;  // Of no meaning if kNever. A limit `*` is none.
};

// Whether a range contains a version. kUnknown can't be told from kYes: it holds.
enum class InRange { kUnknown = 0, kNo, kYes };

// Whether `range` contains `version`. kUnknown if the order is kNone, if the version is not
// orderable, even where the range contains all versions, or if a bound is not orderable, even where
// the other one alone would exclude the version: of a range that is partly unreadable, no part is
// relied on to let a release through.
//
// RPM: a version without a release may be any release of it, so it is kUnknown at a bound that
// differs from it by a release only. A bound without a release means all releases of it: all are
// affected if it is `introduced` or the last affected one, none is if it is fixed.
InRange Contains(VersionOrder order, const VersionRange& range, absl::string_view version);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_VERSION_ORDER_H_
