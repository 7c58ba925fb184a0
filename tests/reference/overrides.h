// [O1] to [O6]: which overrides count for what.
#ifndef TESTS_REFERENCE_OVERRIDES_H_
#define TESTS_REFERENCE_OVERRIDES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

// The blockers of a stage, in the policy's order: the pipeline's, its own, and those of its waves.
struct Placed {
  const v1::Blocker* blocker = nullptr;
  std::string wave;  // Empty: the stage's or the pipeline's.
};
std::vector<Placed> BlockersOf(const Facts& facts, const v1::Stage& stage);

// ALL_CLEAR, or why the override lifts nothing in the stage, which it names.
v1::Reason OverrideReason(const Facts& facts, const v1::Override& override, const v1::Stage& stage);

// What is in force for one blocker, artifact and stage.
struct Lift {
  std::vector<std::string> overrides;  // Ids of those that count, sorted.
  bool lifted = false;
};
Lift LiftOf(const Facts& facts, const v1::Blocker& blocker, absl::string_view artifact,
            absl::string_view stage);

// [O6] Of a trigger: the id of an alarm, criterion, check or known-bad blocker, or `@deployment`.
Lift KeepOf(const Facts& facts, const v1::Stage& stage, absl::string_view trigger,
            absl::string_view artifact);

// The findings of overrides of one artifact that lift nothing in the stage.
std::vector<v1::Finding> UnusableOf(const Facts& facts, const v1::Stage& stage,
                                    absl::string_view artifact);
// Those of overrides of nothing that can be read or in no stage, and of approvals.
std::vector<v1::Finding> Unusable(const Facts& facts, const v1::Stage& stage);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_OVERRIDES_H_
