#ifndef SLUICE_TESTS_CONFORMANCE_LAWS_H_
#define SLUICE_TESTS_CONFORMANCE_LAWS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fails the running test unless the decision at `now` has an exact horizon [G5]: each leaf's triple
// is the same one nanosecond before its `changes_at` and another one at it; the outcome is the same
// at instants drawn with `seed` before `valid_until`, and another one at it. Deciding again gives
// equal bytes, and each action and wanted record is admitted.
void CheckDecisionLaws(const Policy& policy, const Snapshot& snapshot, absl::Time now,
                       uint64_t seed);

// `state` with its sets in another order.
v1::PipelineState Shuffled(const v1::PipelineState& state, uint64_t seed);

}  // namespace sluice

#endif  // SLUICE_TESTS_CONFORMANCE_LAWS_H_
