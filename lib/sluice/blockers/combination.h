#ifndef SLUICE_BLOCKERS_COMBINATION_H_
#define SLUICE_BLOCKERS_COMBINATION_H_

#include <cstddef>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/finding.h"

namespace sluice {

// A combination, or a blocker that is part of one.
struct CombinedBlocker {
  absl::string_view id;
  // Of a combination: how many of its children must be CLEAR, and they, at least one.
  size_t needed = 0;
  std::vector<CombinedBlocker> children;
  // Of any other kind: it is CLEAR or BLOCKING, never anything else, whatever the state. A
  // combination is so if all of its children are.
  bool is_two_valued = false;
};

// CLEAR if enough children are; BLOCKING (TOO_FEW_CHILDREN_CLEAR) if that many no longer can be;
// else UNKNOWN (CHILDREN_UNKNOWN) [X1]. Before that: INVALID (CHILD_INVALID) if a child is; UNKNOWN
// (NO_SUBJECT) if a child has no artifact to judge. What the children say at `now` is the evidence.
//
// `judge` is asked for the blockers that are no combinations, by their place in the depth-first
// order of all of them, at `now` and at later instants, each at most kMaxCombinationSteps + 1
// times.
//
// `changes_at` is exact unless those blockers change at kMaxCombinationSteps instants without
// changing this answer; then it is the last of those instants, which is too early, never too late.
// Changes of two-valued children that can make no difference are not counted. The same holds for
// combinations inside: they change with one of those instants, or with the first one after them.
Judgement CheckCombination(const CombinedBlocker& combination,
                           absl::FunctionRef<Judgement(size_t, absl::Time)> judge, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_COMBINATION_H_
