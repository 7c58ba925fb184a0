#ifndef SLUICE_BLOCKERS_COMBINATION_H_
#define SLUICE_BLOCKERS_COMBINATION_H_

#include <cstddef>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/finding.h"

namespace sluice {

// One of the blockers that a combination is made of.
struct CombinedChild {
  absl::string_view id;
  // It is CLEAR or BLOCKING, never anything else, whatever the state.
  bool is_two_valued = false;
};

// CLEAR if `needed` of the children are; BLOCKING (TOO_FEW_CHILDREN_CLEAR) if that many no longer
// can be; else UNKNOWN (CHILDREN_UNKNOWN) [X1]. Before that: INVALID (CHILD_INVALID) if a child is;
// UNKNOWN (NO_SUBJECT) if a child has no artifact to judge. `judge` is asked for a child, by its
// index, at `now` and later instants. What the children say at `now` is the evidence.
//
// `changes_at` is exact unless the children change kMaxCombinationSteps times without changing this
// answer; then it is the last of those instants, which is too early, never too late. Changes of
// two-valued children that can make no difference are not counted.
Judgement CheckCombination(size_t needed, const std::vector<CombinedChild>& children,
                           absl::FunctionRef<Judgement(size_t, absl::Time)> judge, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_COMBINATION_H_
