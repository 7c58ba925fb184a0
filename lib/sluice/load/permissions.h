#ifndef SLUICE_LOAD_PERMISSIONS_H_
#define SLUICE_LOAD_PERMISSIONS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in what people permitted: the approvals and overrides of `data`. One that can't be used
// carries the fault, is never in force, and concerns nothing else.
void LoadPermissions(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_PERMISSIONS_H_
