#ifndef SLUICE_LOAD_MEASUREMENTS_H_
#define SLUICE_LOAD_MEASUREMENTS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the measurements, sorted. One that can't be used carries the fault; one that does not
// say readably what was measured of which artifact on which cell concerns the pipeline.
void LoadMeasurements(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_MEASUREMENTS_H_
