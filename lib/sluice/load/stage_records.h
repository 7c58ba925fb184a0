#ifndef SLUICE_LOAD_STAGE_RECORDS_H_
#define SLUICE_LOAD_STAGE_RECORDS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the stages of `data`, whose artifacts and cells are loaded. A stage's record that can't
// be used concerns the pipeline.
void LoadStageRecords(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_STAGE_RECORDS_H_
