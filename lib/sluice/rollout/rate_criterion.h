#ifndef SLUICE_ROLLOUT_RATE_CRITERION_H_
#define SLUICE_ROLLOUT_RATE_CRITERION_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/horizon.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/deployed_cell.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// The error rate of the cells in sum at `t` [R5]: BLOCKING (ABOVE_BOUND) is a failure.
Judgement JudgeAt(const StageContext& context, const ErrorRateCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t);

// Notes the instants at which that may differ, those of the cells' starts apart.
void AddInstants(const StageContext& context, const ErrorRateCriterion& criterion,
                 absl::Span<const JudgedCell> cells, Instants* instants);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_RATE_CRITERION_H_
