#ifndef SLUICE_LOAD_DEPLOYMENTS_H_
#define SLUICE_LOAD_DEPLOYMENTS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the deployments of `stage`, sorted by (cell, number), from its record; artifacts and
// cells of `data` are loaded. One that can't be used carries the fault, and so does its cell; it
// then proves nothing and counts as under way. One of an unknown cell, or whose number another one
// has, concerns the pipeline.
void LoadDeployments(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage);

}  // namespace sluice

#endif  // SLUICE_LOAD_DEPLOYMENTS_H_
