#ifndef SLUICE_ROLLOUT_PLAN_H_
#define SLUICE_ROLLOUT_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// A cell of a plan with the weight it has there.
struct PlanCell {
  const CellView* view = nullptr;
  uint32_t weight = 0;
};

// A wave with what the policy says of it now.
struct PlanWave {
  absl::string_view id;
  const WaveRule* rule = nullptr;  // Null: a wave that the policy does not list.
  const Bake* bake = nullptr;
  std::vector<PlanCell> cells;  // Not retired, in the plan's order.
  bool recorded_proven = false;
  absl::string_view absent_cell;  // A recorded cell that is gone without CELL_RETIRED; empty: none.
};

struct Plan {
  std::vector<PlanWave> waves;
  const RolloutFacts* rollout = nullptr;  // Null: not started.
  // What is wrong with it, and whom it is about; ALL_CLEAR: nothing.
  Reason fault = v1::ALL_CLEAR;
  absl::string_view fault_subject;
};

// The plan that a running rollout recorded [R1].
Plan RecordedPlan(const StageContext& context, const RolloutFacts& rollout);

// The plan that a new rollout would record: cells unproven now in a first extra wave, then the
// policy's waves, or those that its generation makes. `unproven` is parallel to context.cells. A
// cell in no wave is a fault (CELL_NOT_IN_WAVE), as is a listed cell that the state does not know
// (CELL_ABSENT); for those of a generation see GenerateWaves.
Plan NewPlan(const StageContext& context, const std::vector<bool>& unproven);

// The weight of each of context.cells: that of the plan if it has the cell, else the cell's own.
std::vector<uint64_t> WeightsOf(const StageContext& context, const Plan& plan);

// One wave of the given cells: the current artifact for cells behind it.
Plan CatchUpPlan(const StageContext& context, const std::vector<const CellView*>& cells);

// What the rollout still needs [T4]: for each wave not proven, the expected time of its deployments
// and its bake.
absl::Duration ExpectedDuration(const StageContext& context, const Plan& plan);

// The deployment of the rollout on the cell, if that is the cell's newest; else null.
const DeploymentFacts* DeploymentIn(const CellView& view, const RolloutFacts* rollout);

// Whether a deployment of the rollout was proven, on whatever became of its cell.
bool HasProvenCell(const StageContext& context, const RolloutFacts& rollout);

// Whether each cell is recorded PROVEN or accepted, and so is the wave if it has criteria [R3a]. A
// wave of which a cell is absent is not; one of which every cell was retired is.
bool IsProven(const StageContext& context, const Plan& plan, const PlanWave& wave);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_PLAN_H_
