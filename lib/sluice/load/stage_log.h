#ifndef SLUICE_LOAD_STAGE_LOG_H_
#define SLUICE_LOAD_STAGE_LOG_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the entries, passes and latches of `stage` from its record, sorted, each once. Whatever
// is wrong with one concerns the pipeline. A malformed pass, and one that another contradicts,
// counts as revoked; a malformed latch as not released.
void LoadStageLog(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage);

}  // namespace sluice

#endif  // SLUICE_LOAD_STAGE_LOG_H_
