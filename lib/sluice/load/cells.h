#ifndef SLUICE_LOAD_CELLS_H_
#define SLUICE_LOAD_CELLS_H_

#include "absl/strings/string_view.h"
#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the cells of `data` and their index. A cell that can't be used carries the fault itself;
// one without a readable id or stage, or that two records place in different stages, concerns the
// pipeline.
void LoadCells(const v1::PipelineState& state, SnapshotData& data);

// The cell of `data`, which is being loaded; null if there is none.
CellFacts* MutableCell(SnapshotData& data, absl::string_view id);

}  // namespace sluice

#endif  // SLUICE_LOAD_CELLS_H_
