#ifndef SLUICE_LOAD_BASELINES_H_
#define SLUICE_LOAD_BASELINES_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in recorded baselines. One that can't be used carries the fault; one without readable
// counts and stage concerns the pipeline.
void LoadBaselines(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_BASELINES_H_
