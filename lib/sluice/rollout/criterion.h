#ifndef SLUICE_ROLLOUT_CRITERION_H_
#define SLUICE_ROLLOUT_CRITERION_H_

#include "absl/types/span.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/deployed_cell.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// A health criterion about the cells in sum (of one cell: about it), at least one, whose
// deployments have all SUCCEEDED [R5].
Judgement JudgeCriterion(const StageContext& context, const HealthCriterion& criterion,
                         absl::Span<const JudgedCell> cells);

// Notes the instants at which what the criterion reads of the cells may differ, those of their
// starts apart.
void AddCriterionInstants(const StageContext& context, const HealthCriterion& criterion,
                          absl::Span<const JudgedCell> cells, Instants* instants);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_CRITERION_H_
