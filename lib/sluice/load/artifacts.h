#ifndef SLUICE_LOAD_ARTIFACTS_H_
#define SLUICE_LOAD_ARTIFACTS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the artifacts of `data`, those withdrawn marked, and their index. An artifact that can't
// be used carries the fault itself; one without a readable digest, and a malformed withdrawal,
// concern the pipeline. A malformed withdrawal withdraws all the same what it names.
void LoadArtifacts(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_ARTIFACTS_H_
