#ifndef SLUICE_LOAD_OBSERVATIONS_H_
#define SLUICE_LOAD_OBSERVATIONS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in what was observed of stages: synthetic runs, environments, traffic. An observation that
// can't be used carries the fault; one without a readable stage (and API) concerns the pipeline.
void LoadObservations(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_OBSERVATIONS_H_
