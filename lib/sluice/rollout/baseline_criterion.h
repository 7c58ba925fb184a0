#ifndef SLUICE_ROLLOUT_BASELINE_CRITERION_H_
#define SLUICE_ROLLOUT_BASELINE_CRITERION_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/horizon.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/deployed_cell.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// The error rate of the cells in sum at `t`, compared with that of the previous artifact [R5]:
// BLOCKING (ABOVE_BASELINE, or ABOVE_BOUND without a baseline) is a failure.
//
// The baseline is the sum of the stage's other cells that are settled on the artifact on which the
// judged ones were proven before, over the same time; without such cells, the recorded one. Linear
// in the counts of all of them.
Judgement JudgeAt(const StageContext& context, const BaselineRatioCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t);

// Notes the instants at which that may differ, those of the cells' starts apart.
void AddInstants(const StageContext& context, const BaselineRatioCriterion& criterion,
                 absl::Span<const JudgedCell> cells, Instants* instants);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_BASELINE_CRITERION_H_
