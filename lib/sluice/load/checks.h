#ifndef SLUICE_LOAD_CHECKS_H_
#define SLUICE_LOAD_CHECKS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the check runs of `data`, whose artifacts are loaded. A run that can't be used carries
// the fault itself; one of which it can't be read what it is about (check, artifact, stage, cell)
// concerns the pipeline too. Of runs with the same key but different content all are kept, since
// they may be about different stages or cells.
void LoadChecks(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_CHECKS_H_
