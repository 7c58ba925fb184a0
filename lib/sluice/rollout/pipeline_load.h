#ifndef SLUICE_ROLLOUT_PIPELINE_LOAD_H_
#define SLUICE_ROLLOUT_PIPELINE_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"

namespace sluice {

// Weights of cells.
struct CellLoad {
  uint64_t total = 0;
  uint64_t unproven = 0;  // Of those that are unproven [R2].
};

// How much of the PRODUCTION stages is unproven: what the pipeline's cap is about [R2]. Stages are
// decided in the policy's order, and what one deploys takes room from those after it.
class PipelineLoad {
 public:
  // Adds up the records of all PRODUCTION stages at `now`.
  PipelineLoad(const PolicyData& policy, const SnapshotData& snapshot, absl::Time now);

  // All PRODUCTION stages but the one at `stage_index`.
  CellLoad Others(size_t stage_index) const;

  // Counts `weight` more as unproven in the stage; of other kinds it counts for nothing.
  void Take(size_t stage_index, uint64_t weight);

 private:
  std::vector<absl::optional<CellLoad>> stages_;  // Of other kinds: none.
};

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_PIPELINE_LOAD_H_
