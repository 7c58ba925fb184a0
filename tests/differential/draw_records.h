#ifndef SLUICE_TESTS_DIFFERENTIAL_DRAW_RECORDS_H_
#define SLUICE_TESTS_DIFFERENTIAL_DRAW_RECORDS_H_

#include <cstdint>
#include <string>

#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/differential/ages.h"
#include "tests/rollout/draw.h"

namespace sluice {

// Adds to `state`, which has its cells and the artifacts 1 to `artifacts`, what happened in one
// stage of the policy: adopted cells, finished rollouts, one that is in any phase, passes, latches
// and people's requests, mostly as a host would have recorded them.
void DrawRecords(const v1::PipelinePolicy& policy, const v1::Stage& stage,
                 const std::string& fingerprint, uint64_t artifacts, Ages* ages, Draw* draw,
                 v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_DRAW_RECORDS_H_
