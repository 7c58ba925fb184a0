#ifndef SLUICE_ROLLOUT_DEPLOYED_CELL_H_
#define SLUICE_ROLLOUT_DEPLOYED_CELL_H_

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/horizon.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/stage_context.h"
#include "sluice/rollout/watch.h"

namespace sluice {

// A cell that a rollout has deployed to, and the rule of its wave.
struct DeployedCell {
  const CellView* view = nullptr;
  const DeploymentFacts* deployment = nullptr;  // FORWARD, the newest of the cell.
  absl::string_view wave;
  const Bake* bake = nullptr;
};

// The watched alarms of one deployed cell, in the policy's order.
using Signals = absl::InlinedVector<WatchedSignal, 4>;

Signals SignalsOf(const StageContext& context, const DeployedCell& cell);

// A deployed cell as a health criterion sees it.
struct JudgedCell {
  const DeployedCell* cell;
  Signals signals;
};

// From when the bake counts at `t` [R3]; InfiniteFuture: not yet.
absl::Time BakeStart(const JudgedCell& cell, absl::Time t);

// From when data can show a failure at `t`: as the bake, but a signal that says nothing delays
// nothing. Only an alarm that was there before the deployment excuses what happens meanwhile.
absl::Time FailureStart(const JudgedCell& cell, absl::Time t);

// The latest of the cells' starts.
absl::Time BakeStart(absl::Span<const JudgedCell> cells, absl::Time t);
absl::Time FailureStart(absl::Span<const JudgedCell> cells, absl::Time t);

// Notes the instants at which a start may differ.
void AddStartInstants(absl::Span<const JudgedCell> cells, Instants* instants);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_DEPLOYED_CELL_H_
