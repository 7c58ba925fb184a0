#ifndef SLUICE_TESTS_DIFFERENTIAL_DRAW_POLICY_H_
#define SLUICE_TESTS_DIFFERENTIAL_DRAW_POLICY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/v1/policy.pb.h"
#include "tests/rollout/draw.h"

namespace sluice {

// A policy of one to three stages with a few blockers of any kind but the host's, waves, bakes,
// criteria and alarms; every choice is made by itself. Most of them compile. `middle` is where its
// absolute windows lie.
v1::PipelinePolicy DrawPolicy(absl::Time middle, Draw* draw);

// The cells that a drawn policy deploys to in its stage with this index.
std::vector<std::string> CellNames(int stage);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_DRAW_POLICY_H_
