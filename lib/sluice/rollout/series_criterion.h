#ifndef SLUICE_ROLLOUT_SERIES_CRITERION_H_
#define SLUICE_ROLLOUT_SERIES_CRITERION_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/horizon.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/deployed_cell.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// The points of a series of the one cell at `t` [R5]: CLEAR if every period since the bake's start
// has one that does not breach; BLOCKING (SERIES_BREACHED), a failure, on strict evidence [R6].
Judgement JudgeAt(const StageContext& context, const SeriesBoundCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t);

// Notes the instants at which that may differ, those of the cell's start apart.
void AddInstants(const StageContext& context, const SeriesBoundCriterion& criterion,
                 absl::Span<const JudgedCell> cells, Instants* instants);

// The cell's series; null: none.
const SeriesFacts* FindSeries(const StageContext& context, const SeriesBoundCriterion& criterion,
                              const DeployedCell& cell);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_SERIES_CRITERION_H_
