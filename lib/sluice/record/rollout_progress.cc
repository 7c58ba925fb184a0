#include "sluice/record/rollout_progress.h"

#include <algorithm>
#include <string>

#include "sluice/internal/field_errors.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/record/stage_checks.h"
#include "sluice/record/stage_edit.h"

namespace sluice {

RolloutProgress::RolloutProgress(const v1::PipelineState& state, const v1::StageRecord& record,
                                 const v1::Rollout& rollout)
    : record_(record), rollout_(rollout), newest_(NewestDeployments(record)) {
  for (const v1::Cell& cell : state.cells()) {
    // Of records that contradict each other the one that asks for more counts.
    const auto inserted = retired_.try_emplace(cell.id(), cell.has_retired());
    if (!cell.has_retired()) inserted.first->second = false;
  }
}

bool RolloutProgress::IsProvenHere(const v1::Deployment& deployment) const {
  return deployment.direction() == v1::Deployment::FORWARD &&
         deployment.rollout() == rollout_.number() && sluice::IsProven(deployment);
}

bool RolloutProgress::IsSettled(absl::string_view cell) const {
  const auto retired = retired_.find(cell);
  if (retired == retired_.end()) return false;
  if (retired->second) return true;
  const auto newest = newest_.find(cell);
  if (newest == newest_.end() || newest->second == nullptr) return false;
  return IsProvenHere(*newest->second) || (newest->second->direction() == v1::Deployment::ADOPTED &&
                                           newest->second->artifact() == rollout_.artifact());
}

bool RolloutProgress::IsSettled(const v1::PlannedWave& wave) const {
  return std::all_of(wave.cells().begin(), wave.cells().end(),
                     [&](const std::string& cell) { return IsSettled(cell); });
}

bool RolloutProgress::IsComplete() const {
  const auto& waves = rollout_.plan().waves();
  const auto& deployments = record_.deployments();
  return std::all_of(waves.begin(), waves.end(),
                     [&](const v1::PlannedWave& wave) { return IsSettled(wave); }) &&
         std::any_of(deployments.begin(), deployments.end(),
                     [&](const v1::Deployment& d) { return IsProvenHere(d); });
}

absl::flat_hash_map<absl::string_view, const v1::Deployment*> NewestDeployments(
    const v1::StageRecord& record) {
  absl::flat_hash_map<absl::string_view, const v1::Deployment*> newest;
  for (const v1::Deployment& deployment : record.deployments()) {
    const auto inserted = newest.try_emplace(deployment.cell(), &deployment);
    const v1::Deployment*& known = inserted.first->second;
    FieldErrors errors;
    CheckDeployment(FieldPath(), deployment, errors);
    if (!errors.empty() || HasUnknownFields(deployment) ||
        (!inserted.second && known != nullptr && known->number() == deployment.number())) {
      known = nullptr;
    }
    if (known != nullptr && deployment.number() > known->number()) known = &deployment;
  }
  return newest;
}

int WaveOf(const v1::RolloutPlan& plan, absl::string_view cell) {
  for (int i = 0; i < plan.waves_size(); ++i) {
    const auto& cells = plan.waves(i).cells();
    if (std::find(cells.begin(), cells.end(), cell) != cells.end()) return i;
  }
  return -1;
}

}  // namespace sluice
