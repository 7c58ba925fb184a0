#ifndef SLUICE_LOAD_CELL_COUNTS_H_
#define SLUICE_LOAD_CELL_COUNTS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the counts of `data`. Counts that can't be used carry the fault and have no periods;
// those without a readable id and stage concern the pipeline. Columns are not copied.
void LoadCellCounts(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_CELL_COUNTS_H_
