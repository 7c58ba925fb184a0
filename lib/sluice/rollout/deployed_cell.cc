#include "sluice/rollout/deployed_cell.h"

#include <algorithm>

namespace sluice {

Signals SignalsOf(const StageContext& context, const DeployedCell& cell) {
  const bool first_deployment = cell.view->deployments.size() == 1;
  Signals signals;
  for (const WatchedAlarm& watched : context.rule.rollout.watched) {
    signals.emplace_back(watched, context.SubjectOf(nullptr), *cell.view->cell, *cell.deployment,
                         first_deployment);
  }
  return signals;
}

absl::Time BakeStart(const JudgedCell& cell, absl::Time t) {
  absl::Time start = cell.cell->deployment->ended_at;
  for (const WatchedSignal& signal : cell.signals) {
    start = std::max(start, signal.At(t).quiet_since);
  }
  return start;
}

absl::Time FailureStart(const JudgedCell& cell, absl::Time t) {
  absl::Time start = cell.cell->deployment->ended_at;
  for (const WatchedSignal& signal : cell.signals) {
    start = std::max(start, signal.At(t).failure_from);
  }
  return start;
}

absl::Time BakeStart(absl::Span<const JudgedCell> cells, absl::Time t) {
  absl::Time start = absl::InfinitePast();
  for (const JudgedCell& cell : cells) start = std::max(start, BakeStart(cell, t));
  return start;
}

absl::Time FailureStart(absl::Span<const JudgedCell> cells, absl::Time t) {
  absl::Time start = absl::InfinitePast();
  for (const JudgedCell& cell : cells) start = std::max(start, FailureStart(cell, t));
  return start;
}

void AddStartInstants(absl::Span<const JudgedCell> cells, Instants* instants) {
  for (const JudgedCell& cell : cells) {
    for (const WatchedSignal& signal : cell.signals) signal.AddInstants(instants);
  }
}

}  // namespace sluice
