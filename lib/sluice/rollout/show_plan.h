#ifndef SLUICE_ROLLOUT_SHOW_PLAN_H_
#define SLUICE_ROLLOUT_SHOW_PLAN_H_

#include <cstddef>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {

// The waves of the stage's running rollout or, if none runs, of one that started at `now`.
v1::StagePlan ShowPlan(const PolicyData& policy, size_t stage_index, const SnapshotData& snapshot,
                       absl::Time now);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_SHOW_PLAN_H_
