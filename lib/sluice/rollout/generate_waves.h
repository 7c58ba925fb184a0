#ifndef SLUICE_ROLLOUT_GENERATE_WAVES_H_
#define SLUICE_ROLLOUT_GENERATE_WAVES_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

struct GeneratedWaves {
  std::vector<std::vector<const CellView*>> waves;  // None is empty; at most rule.ids.size().
  // What stands in the way of a cell, and which: CELL_EXCEEDS_CAP if it alone is above the largest
  // share, INVALID_DATA if it does not say its group, LIMIT_EXCEEDED if there are too many waves;
  // ALL_CLEAR: nothing. The first found.
  Reason fault = v1::ALL_CLEAR;
  absl::string_view fault_subject;
};

// Waves of `cells`, which are sorted by id, of a stage whose cells weigh `total_weight` together
// [R1]. Each wave takes, in the order of ids, the first cell left of each group, and ends when it
// is full or before the first cell that would exceed the largest share. n log n.
GeneratedWaves GenerateWaves(const WaveGeneration& rule, absl::Span<const CellView* const> cells,
                             uint64_t total_weight);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_GENERATE_WAVES_H_
