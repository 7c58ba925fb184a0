#ifndef SLUICE_ROLLOUT_MEASUREMENT_CRITERION_H_
#define SLUICE_ROLLOUT_MEASUREMENT_CRITERION_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/horizon.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/deployed_cell.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// The measurements made of the one cell since its deployment's end at `t` [R5]: BLOCKING
// (MEASUREMENT_FAILED) is a failure.
Judgement JudgeAt(const StageContext& context, const MeasurementCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t);

// Notes the instants at which that may differ, those of the cell's start apart.
void AddInstants(const StageContext& context, const MeasurementCriterion& criterion,
                 absl::Span<const JudgedCell> cells, Instants* instants);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_MEASUREMENT_CRITERION_H_
