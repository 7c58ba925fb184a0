#ifndef SLUICE_TESTS_EXHAUSTION_EVERY_STATE_H_
#define SLUICE_TESTS_EXHAUSTION_EVERY_STATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

// All states of a small world, by number: one production stage of one to three cells in up to two
// waves, two artifacts, two blockers (an alarm and a window), an alarm watched on each cell, and
// two overrides. Every cell is in every phase, every alarm in every state, the rollout in every
// state, and the overrides are every pair of five, all of it in every combination.
namespace sluice {

inline constexpr int kMostCells = 3;

// The policy for so many cells, 1 to kMostCells.
v1::PipelinePolicy SmallPolicy(int cells);

// How many states there are for so many cells.
uint64_t CountOfStates(int cells);

// The state of that number, below CountOfStates(cells). `fingerprint` is the policy's.
v1::PipelineState StateOf(int cells, uint64_t number, absl::string_view fingerprint);

// The instants at which each is asked, ascending: the last nanosecond of the bakes and their end,
// the last nanosecond before an override expires and the window closes, that instant, and the one
// at which the reports are stale.
std::vector<absl::Time> InstantsOfStates();

}  // namespace sluice

#endif  // SLUICE_TESTS_EXHAUSTION_EVERY_STATE_H_
