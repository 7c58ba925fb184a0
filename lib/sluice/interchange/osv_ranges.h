#ifndef SLUICE_INTERCHANGE_OSV_RANGES_H_
#define SLUICE_INTERCHANGE_OSV_RANGES_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// One event of a range of an OSV advisory.
struct OsvEvent {
  enum class Kind { kIntroduced = 0, kFixed, kLastAffected, kLimit };
  Kind kind = Kind::kIntroduced;
  std::string version;  // Not empty.
};

// Negative, zero or positive as the first version comes before the second, is it, or comes after
// it; nothing if they can't be compared. `0` is not special here.
using VersionComparison =
    absl::FunctionRef<absl::optional<int>(absl::string_view, absl::string_view)>;

// The events of one range as pairs.
struct OsvRanges {
  std::vector<v1::VersionRange> ranges;
  // Some versions can't be compared: each `introduced` is paired with the next event that ends it
  // as they are written. Versions not compared with such an end are not known to be free of it.
  bool unordered = false;
  // There are `fixed` and `last_affected` events, which the schema rules out: a stretch lasts up to
  // the last of them before the next `introduced`.
  bool mixed = false;
};

// The versions that the OSV schema's evaluation finds affected by a range with these `events`, in
// any order: a version is in one of the pairs if and only if the evaluation says so, but for
// `unordered` and `mixed`, where the pairs hold more and never less. Events at the same version
// count in the order in which they are written. There may be no pair, if every `introduced` lies
// beyond every `limit`.
OsvRanges PairOsvEvents(const std::vector<OsvEvent>& events, VersionComparison compare);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_OSV_RANGES_H_
