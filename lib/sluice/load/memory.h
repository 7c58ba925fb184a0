#ifndef SLUICE_LOAD_MEMORY_H_
#define SLUICE_LOAD_MEMORY_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in which epochs `state` remembers, of several the highest, and looks at the events it
// remembers. Whatever is wrong with either concerns the pipeline.
void LoadMemory(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_MEMORY_H_
