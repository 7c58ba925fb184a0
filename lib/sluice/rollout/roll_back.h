#ifndef SLUICE_ROLLOUT_ROLL_BACK_H_
#define SLUICE_ROLLOUT_ROLL_BACK_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/facts.h"
#include "sluice/rollout/health.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// Where rolling one rollout back stands.
struct RollBackPlan {
  const RolloutFacts* rollout = nullptr;
  bool has_steps = false;  // Actions were added.
  bool held = false;       // By a ROLL_BACK_HOLD, a stuck or stalled cell, or an invalid record.
  bool under_way = false;  // A step is under way, awaits hygiene, or waits for its turn.
};

// The cells of the stage that are unproven [R2], parallel to context.cells. Judges the roll backs
// that are some cell's newest deployment, and adds their findings.
std::vector<bool> FindUnproven(const StageContext& context);

// The cells that `triggers` of `rollout` concern, widened by the policy's scope and limited to
// cells on or receiving the artifact [R6a]; sorted.
std::vector<absl::string_view> CellsToRollBack(const StageContext& context,
                                               const RolloutFacts& rollout,
                                               const std::vector<Trigger>& triggers);

// Rolls the cells (and those that `rollout` recorded) back: the steps that may be taken now as
// actions, the records that are wanted, the findings of what is in the way [R6b], [R7].
RollBackPlan PlanRollBack(const StageContext& context, const RolloutFacts& rollout,
                          const std::vector<absl::string_view>& cells);

// A rollout, and the cells that something asks to have rolled back from what it brought.
struct RollBackCause {
  const RolloutFacts* rollout = nullptr;
  std::vector<absl::string_view> cells;  // Sorted.
};

// What people ask to have rolled back now [R4], in the order of their requests' ids; of one rollout
// together. Adds the findings of all requests that stand.
std::vector<RollBackCause> FindRequests(const StageContext& context);

// Adds cells to a cause.
void AddCells(const std::vector<absl::string_view>& cells, RollBackCause* cause);

// Whether the request is neither done nor overruled: since then a person has released the
// artifact's latch, or asked for its rollout again.
bool Stands(const StageContext& context, const RollBackRequestFacts& request);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_ROLL_BACK_H_
