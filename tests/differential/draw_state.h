#ifndef SLUICE_TESTS_DIFFERENTIAL_DRAW_STATE_H_
#define SLUICE_TESTS_DIFFERENTIAL_DRAW_STATE_H_

#include <string>

#include "absl/time/time.h"
#include "sluice/v1/testing.pb.h"
#include "tests/rollout/draw.h"

namespace sluice {

// What is known about a drawn policy's pipeline around `now`: mostly what the policy asks for,
// mostly in order, with ages that are often exactly one of its limits. `fingerprint` is the
// policy's. The message has no policy.
v1::Inputs DrawState(const v1::PipelinePolicy& policy, const std::string& fingerprint,
                     absl::Time now, Draw* draw);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_DRAW_STATE_H_
