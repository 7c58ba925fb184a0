#ifndef SLUICE_RECORD_ROLLOUT_PROGRESS_H_
#define SLUICE_RECORD_ROLLOUT_PROGRESS_H_

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// How far a rollout has come, cell by cell [R3a]. Points into the state and the record it was made
// from.
class RolloutProgress {
 public:
  RolloutProgress(const v1::PipelineState& state, const v1::StageRecord& record,
                  const v1::Rollout& rollout);

  // Whether the cell needs nothing more: retired, or its newest deployment is this rollout's and is
  // proven or accepted, or it was adopted on the rollout's artifact. A cell that is not recorded
  // does.
  bool IsSettled(absl::string_view cell) const;
  // Whether every cell of the wave is settled.
  bool IsSettled(const v1::PlannedWave& wave) const;
  // Whether every wave is, and at least one cell was proven or accepted in this rollout.
  bool IsComplete() const;

 private:
  bool IsProvenHere(const v1::Deployment& deployment) const;

  const v1::StageRecord& record_;
  const v1::Rollout& rollout_;
  absl::flat_hash_map<absl::string_view, bool> retired_;  // Of every recorded cell.
  absl::flat_hash_map<absl::string_view, const v1::Deployment*> newest_;
};

// The newest deployment of each cell that has any; null where a record of the cell can't be read or
// contradicts another, for none is skipped in favour of an older one [I2].
absl::flat_hash_map<absl::string_view, const v1::Deployment*> NewestDeployments(
    const v1::StageRecord& record);

// The wave of the plan that has the cell, or -1.
int WaveOf(const v1::RolloutPlan& plan, absl::string_view cell);

}  // namespace sluice

#endif  // SLUICE_RECORD_ROLLOUT_PROGRESS_H_
