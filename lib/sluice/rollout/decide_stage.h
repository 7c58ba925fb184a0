#ifndef SLUICE_ROLLOUT_DECIDE_STAGE_H_
#define SLUICE_ROLLOUT_DECIDE_STAGE_H_

#include <cstddef>

#include "absl/time/time.h"
#include "sluice/decision.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/pipeline_load.h"

namespace sluice {

// Decides one stage of the policy [R8] into `*out`, which is empty but for the stage's name.
// Findings are neither sorted nor distinct yet. `load` is that of the pipeline, to which what is
// deployed is added; null: the pipeline has no cap.
void DecideStage(const PolicyData& policy, size_t stage_index, const SnapshotData& snapshot,
                 absl::Time now, PipelineLoad* load, StageDecision* out);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_DECIDE_STAGE_H_
