#ifndef SLUICE_LOAD_ROLLOUTS_H_
#define SLUICE_LOAD_ROLLOUTS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the rollouts of `stage`, sorted by number, from its record; artifacts and cells of
// `data` are loaded. Whatever is wrong with a rollout concerns the pipeline; it stays in the list
// with the parts that can be read.
void LoadRollouts(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage);

}  // namespace sluice

#endif  // SLUICE_LOAD_ROLLOUTS_H_
