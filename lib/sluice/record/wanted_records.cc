#include "sluice/record/wanted_records.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/action_id.h"
#include "sluice/record/field_checks.h"
#include "sluice/record/lookup.h"
#include "sluice/record/rollout_progress.h"
#include "sluice/record/stage_edit.h"

namespace sluice {
namespace {

absl::Status Refuse(absl::string_view why) { return absl::FailedPreconditionError(why); }

// The rollout that runs with the record's artifact, or null.
v1::Rollout* RunningRollout(absl::string_view artifact, StageEdit* stage) {
  v1::Rollout* active = stage->ActiveRollout();
  if (active == nullptr || active->state() != v1::Rollout::RUNNING) return nullptr;
  return active->artifact() == artifact ? active : nullptr;
}

absl::Status RecordCellProven(const v1::Recorded& event, const Occasion& occasion,
                              const v1::PipelineState& state, StageEdit* stage) {
  const v1::WantedRecord& wanted = event.record();
  const absl::StatusOr<const v1::Cell*> cell = FindCellInStage(state, event.stage(), wanted.cell());
  if (!cell.ok()) return cell.status();
  const v1::Rollout* rollout = RunningRollout(wanted.artifact(), stage);
  if (rollout == nullptr) return Refuse("no rollout of the artifact runs");
  const int wave = WaveOf(rollout->plan(), wanted.cell());
  if (wave < 0 || (!wanted.wave().empty() && rollout->plan().waves(wave).id() != wanted.wave())) {
    return Refuse("the cell is planned in another wave, or in none");
  }
  v1::Deployment* newest = stage->NewestDeployment(wanted.cell());
  if (newest == nullptr || newest->artifact() != wanted.artifact() ||
      newest->direction() != v1::Deployment::FORWARD || newest->rollout() != rollout->number()) {
    return Refuse("the cell is not on the rollout's artifact");
  }
  if (newest->outcome() != v1::Deployment::SUCCEEDED) {
    return Refuse("the deployment has not succeeded");
  }
  if (newest->has_proven()) return Refuse("the cell is proven");
  *newest->mutable_proven()->mutable_at() = occasion.at;
  newest->mutable_proven()->set_policy_fingerprint(event.policy_fingerprint());
  return absl::OkStatus();
}

absl::Status RecordWaveProven(const v1::Recorded& event, const Occasion& occasion,
                              const v1::PipelineState& state, StageEdit* stage) {
  v1::Rollout* rollout = RunningRollout(event.record().artifact(), stage);
  if (rollout == nullptr) return Refuse("no rollout of the artifact runs");
  const RolloutProgress progress(state, stage->record(), *rollout);
  for (v1::PlannedWave& wave : *rollout->mutable_plan()->mutable_waves()) {
    if (wave.id() != event.record().wave()) continue;
    if (wave.has_proven_at()) return Refuse("the wave is proven");
    if (!progress.IsSettled(wave)) return Refuse("a cell of the wave is not proven");
    *wave.mutable_proven_at() = occasion.at;
    return absl::OkStatus();
  }
  return Refuse("the rollout has no such wave");
}

absl::Status RecordComplete(const v1::Recorded& event, const Occasion& occasion,
                            const v1::PipelineState& state, StageEdit* stage) {
  v1::Rollout* rollout = RunningRollout(event.record().artifact(), stage);
  if (rollout == nullptr) return Refuse("no rollout of the artifact runs");
  if (!RolloutProgress(state, stage->record(), *rollout).IsComplete()) {
    return Refuse("a cell of the rollout is not proven");
  }
  EndRollout(v1::Rollout::COMPLETE, occasion.at, rollout);
  *rollout->mutable_completed_at() = rollout->ended_at();
  return absl::OkStatus();
}

absl::Status RecordPassed(const v1::Recorded& event, const Occasion& occasion, StageEdit* stage) {
  const std::string& artifact = event.record().artifact();
  const v1::Rollout* rollout = stage->NewestRollout(artifact);
  const bool is_complete = rollout != nullptr && rollout->state() == v1::Rollout::COMPLETE;
  if (!is_complete && !stage->HasEntered(artifact)) {
    return Refuse("the artifact is not complete here");
  }
  if (stage->IsLatched(artifact)) return Refuse("the artifact was rolled back here");
  v1::StageRecord& record = stage->record();
  if (std::any_of(record.passes().begin(), record.passes().end(), [&](const v1::Pass& p) {
        return p.artifact() == artifact && !p.has_revoked_at();
      })) {
    return Refuse("the artifact has passed");
  }
  // One record an artifact: a new pass takes the place of a revoked one.
  v1::Pass pass;
  pass.set_artifact(artifact);
  *pass.mutable_at() = occasion.at;
  pass.set_policy_fingerprint(event.policy_fingerprint());
  return PutRecord(std::move(pass), record.mutable_passes(),
                   [&](const v1::Pass& p) { return p.artifact() == artifact; });
}

absl::Status RecordHalted(const v1::Recorded& event, const Occasion& occasion,
                          const v1::PipelineState& state, StageEdit* stage) {
  const std::string& artifact = event.record().artifact();
  v1::Rollout* rollout = stage->NewestRollout(artifact);
  const bool is_running = rollout != nullptr && rollout->state() == v1::Rollout::RUNNING;
  const bool rolls_back = rollout != nullptr && rollout->state() == v1::Rollout::ROLLING_BACK;
  if (!is_running && !rolls_back) return Refuse("no rollout of the artifact is under way");
  v1::Rollout::HaltReason reason = v1::Rollout::HALT_REASON_UNSPECIFIED;
  switch (event.record().reason()) {
    case v1::WITHDRAWN:
      if (!is_running) return Refuse("the artifact is being rolled back");
      if (!IsWithdrawn(state, artifact)) return Refuse("the artifact was not withdrawn");
      reason = v1::Rollout::WITHDRAWN;
      break;
    case v1::NO_SAFE_TARGET:
      reason = v1::Rollout::NO_SAFE_TARGET;
      stage->Latch(artifact, occasion.at);
      break;
    case v1::ROLL_BACK_FAILED:
      if (!rolls_back) return Refuse("the artifact is not being rolled back");
      reason = v1::Rollout::ROLL_BACK_FAILED;
      break;
    default:
      return Refuse("a rollout is not halted for that");
  }
  EndRollout(v1::Rollout::HALTED, occasion.at, rollout);
  rollout->set_halt_reason(reason);
  return absl::OkStatus();
}

// Every cell of the roll back must be retired, or brought to another artifact.
absl::Status RecordRolledBack(const v1::Recorded& event, const Occasion& occasion,
                              const v1::PipelineState& state, StageEdit* stage) {
  v1::Rollout* rollout = stage->NewestRollout(event.record().artifact());
  if (rollout == nullptr || rollout->state() != v1::Rollout::ROLLING_BACK) {
    return Refuse("the artifact is not being rolled back");
  }
  if (rollout->roll_back_cells().empty()) return Refuse("the rollout names no cell to roll back");
  const absl::flat_hash_map<absl::string_view, const v1::Cell*> cells =
      CellsOf(state, event.stage());
  const absl::flat_hash_map<absl::string_view, const v1::Deployment*> newest =
      NewestDeployments(stage->record());
  for (const std::string& id : rollout->roll_back_cells()) {
    const auto cell = cells.find(id);
    if (cell == cells.end() || cell->second == nullptr) {
      return Refuse("a cell of the roll back can't be read");
    }
    if (cell->second->has_retired()) continue;
    const auto deployment = newest.find(id);
    if (deployment == newest.end() || deployment->second == nullptr ||
        deployment->second->outcome() != v1::Deployment::SUCCEEDED ||
        deployment->second->artifact() == rollout->artifact()) {
      return Refuse("a cell was not rolled back");
    }
  }
  EndRollout(v1::Rollout::ROLLED_BACK, occasion.at, rollout);
  return absl::OkStatus();
}

absl::Status RecordIn(const v1::Recorded& event, const Occasion& occasion,
                      const v1::PipelineState& state, StageEdit* stage) {
  switch (event.record().kind()) {
    case v1::WantedRecord::CELL_PROVEN:
      return RecordCellProven(event, occasion, state, stage);
    case v1::WantedRecord::WAVE_PROVEN:
      return RecordWaveProven(event, occasion, state, stage);
    case v1::WantedRecord::COMPLETE:
      return RecordComplete(event, occasion, state, stage);
    case v1::WantedRecord::PASSED:
      return RecordPassed(event, occasion, stage);
    case v1::WantedRecord::HALTED:
      return RecordHalted(event, occasion, state, stage);
    case v1::WantedRecord::ROLLED_BACK:
      return RecordRolledBack(event, occasion, state, stage);
    default:
      return Refuse("there is no such record");
  }
}

}  // namespace

void CheckEvent(const FieldPath& path, const v1::Recorded& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckDigest(path.Field("policy_fingerprint"), event.policy_fingerprint(), Presence::kRequired,
              errors);
  const FieldPath record = path.Field("record");
  if (!event.has_record()) {
    errors.Missing(record);
    return;
  }
  const v1::WantedRecord& wanted = event.record();
  const bool of_cell = wanted.kind() == v1::WantedRecord::CELL_PROVEN;
  const bool of_wave = wanted.kind() == v1::WantedRecord::WAVE_PROVEN;
  if (wanted.kind() == v1::WantedRecord::KIND_UNSPECIFIED) {
    errors.Missing(record.Field("kind"));
  } else if (!v1::WantedRecord::Kind_IsValid(wanted.kind())) {
    errors.Add(record.Field("kind"), v1::Fault::INVALID_VALUE, "is not a known kind");
  } else {
    if (!of_cell) CheckEmpty(record.Field("cell"), wanted.cell().empty(), errors);
    if (!of_cell && !of_wave) CheckEmpty(record.Field("wave"), wanted.wave().empty(), errors);
  }
  CheckDigest(record.Field("artifact"), wanted.artifact(), Presence::kRequired, errors);
  CheckIdentifier(record.Field("cell"), wanted.cell(),
                  of_cell ? Presence::kRequired : Presence::kOptional, errors);
  CheckWaveId(record.Field("wave"), wanted.wave(),
              of_wave ? Presence::kRequired : Presence::kOptional, errors);
  CheckText(record.Field("id"), wanted.id(), Presence::kRequired, errors);
  const FieldPath reason = record.Field("reason");
  if (wanted.kind() != v1::WantedRecord::HALTED) return;
  if (wanted.reason() == v1::REASON_UNSPECIFIED) {
    errors.Missing(reason);
  } else if (wanted.reason() != v1::WITHDRAWN && wanted.reason() != v1::NO_SAFE_TARGET &&
             wanted.reason() != v1::ROLL_BACK_FAILED) {
    errors.Add(reason, v1::Fault::INVALID_VALUE,
               "must be WITHDRAWN, NO_SAFE_TARGET or ROLL_BACK_FAILED");
  }
}

absl::Status ApplyEvent(const v1::Recorded& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  const v1::WantedRecord& wanted = event.record();
  if (wanted.id() != RecordId(state->pipeline(), event.stage(), wanted.cell(), wanted.artifact(),
                              wanted.kind(), wanted.wave())) {
    return FieldFault("recorded.record.id", v1::Fault::INVALID_VALUE, "must name the record");
  }
  // A rollout is stopped whatever else is wrong in the stage.
  const bool stops = wanted.kind() == v1::WantedRecord::HALTED;
  absl::StatusOr<StageEdit> stage = StageEdit::Open(
      *state, event.stage(),
      stops ? StageScope::Of({}, wanted.artifact()) : StageScope::Forward(wanted.cell()));
  if (!stage.ok()) return stage.status();
  if (absl::Status status = RecordIn(event, occasion, *state, &*stage); !status.ok()) {
    return status;
  }
  return stage->Commit(state);
}

}  // namespace sluice
