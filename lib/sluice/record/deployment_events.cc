#include "sluice/record/deployment_events.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/action_id.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/never.h"
#include "sluice/record/field_checks.h"
#include "sluice/record/lookup.h"
#include "sluice/record/rollout_progress.h"
#include "sluice/record/stage_edit.h"

namespace sluice {
namespace {

using google::protobuf::Timestamp;

absl::Status Refuse(absl::string_view why) { return absl::FailedPreconditionError(why); }

// ---- Forward.

void CheckPlannedCells(const FieldPath& parent, const v1::DeploymentStarted& event,
                       FieldErrors& errors) {
  absl::flat_hash_set<absl::string_view> waves;
  absl::flat_hash_set<absl::string_view> planned;
  for (int i = 0; i < event.plan_size(); ++i) {
    const v1::PlannedCells& wave = event.plan(i);
    const FieldPath path = parent.Element("plan", i);
    CheckWaveId(path.Field("wave"), wave.wave(), Presence::kRequired, errors);
    if (!waves.insert(wave.wave()).second) {
      errors.Add(path.Field("wave"), v1::Fault::DUPLICATE, "is planned twice");
    }
    if (wave.cells().empty()) errors.Missing(path.Field("cells"));
    for (int j = 0; j < wave.cells_size(); ++j) {
      const FieldPath cell = path.Element("cells", j);
      CheckIdentifier(cell, wave.cells(j), Presence::kRequired, errors);
      if (!planned.insert(wave.cells(j)).second) {
        errors.Add(cell, v1::Fault::DUPLICATE, "is planned twice");
      }
    }
    if (wave.weights_size() != wave.cells_size()) {
      errors.Add(path.Field("weights"), v1::Fault::INVALID_VALUE,
                 "must have as many elements as `cells`");
    }
    for (int j = 0; j < wave.weights_size(); ++j) {
      if (wave.weights(j) >= 1 && wave.weights(j) <= kMaxWeight) continue;
      errors.Add(path.Element("weights", j), v1::Fault::INVALID_VALUE, "must be 1 to 1000000");
    }
  }
}

// Whether an artifact whose newest rollout was abandoned or halted has been asked for since.
bool IsAskedForAgain(const v1::StageRecord& record, const v1::Rollout& ended) {
  for (const v1::RetryRequest& retry : record.retry_requests()) {
    if (retry.artifact() == ended.artifact() && retry.cell().empty() &&
        retry.number() > ended.number()) {
      return true;
    }
  }
  for (const v1::Latch& latch : record.latches()) {
    if (latch.artifact() == ended.artifact() && latch.released().number() > ended.number()) {
      return true;
    }
  }
  return false;
}

// Whether a person asked for that attempt [R9].
bool IsRetryRequested(const v1::StageRecord& record, const v1::CellAction& action) {
  for (const v1::RetryRequest& retry : record.retry_requests()) {
    if (retry.artifact() == action.artifact() && retry.cell() == action.cell() &&
        retry.attempt() == action.attempt()) {
      return true;
    }
  }
  return false;
}

// Whether the plan is one of cells as they are recorded in the stage.
absl::Status CheckPlanAgainst(const v1::DeploymentStarted& event, const v1::PipelineState& state) {
  const absl::flat_hash_map<absl::string_view, const v1::Cell*> cells =
      CellsOf(state, event.stage());
  for (const v1::PlannedCells& wave : event.plan()) {
    for (int i = 0; i < wave.cells_size(); ++i) {
      const auto cell = cells.find(wave.cells(i));
      if (cell == cells.end() || cell->second == nullptr) {
        return Refuse("the plan names a cell that the stage does not have");
      }
      if (cell->second->has_retired()) return Refuse("the plan names a retired cell");
      if (cell->second->weight() != wave.weights(i)) {
        return Refuse("the plan gives a cell another weight");
      }
    }
  }
  return absl::OkStatus();
}

// Ends a running rollout of an older artifact, and adds one with the event's plan.
absl::Status StartRollout(const v1::DeploymentStarted& event, const Occasion& occasion,
                          const v1::PipelineState& state, StageEdit* stage) {
  const v1::CellAction& action = event.action();
  if (event.plan().empty()) {
    return FieldFault("deployment_started.plan", v1::Fault::MISSING, "is required");
  }
  if (absl::Status status = CheckPlanAgainst(event, state); !status.ok()) return status;
  const v1::PlannedCells& first = event.plan(0);
  if (std::find(first.cells().begin(), first.cells().end(), action.cell()) == first.cells().end()) {
    return Refuse("the cell is not in the first wave of the plan");
  }
  if (first.wave() != action.wave()) return Refuse("the cell is planned in another wave");
  const v1::Rollout* earlier = stage->NewestRollout(action.artifact());
  if (earlier != nullptr &&
      (earlier->state() == v1::Rollout::ABANDONED || earlier->state() == v1::Rollout::HALTED) &&
      !IsAskedForAgain(stage->record(), *earlier)) {
    return Refuse("the artifact's rollout was ended and nobody asked for another");
  }
  if (v1::Rollout* running = stage->ActiveRollout(); running != nullptr) {
    if (event.halts_previous()) {
      EndRollout(v1::Rollout::HALTED, occasion.at, running);
      running->set_halt_reason(v1::Rollout::KNOWN_BAD);
    } else {
      EndRollout(v1::Rollout::ABANDONED, occasion.at, running);
    }
    running->set_why("preempted");
  }
  v1::Rollout* rollout = stage->record().add_rollouts();
  rollout->set_number(occasion.revision);
  rollout->set_artifact(action.artifact());
  rollout->set_state(v1::Rollout::RUNNING);
  *rollout->mutable_started_at() = occasion.at;
  v1::RolloutPlan* plan = rollout->mutable_plan();
  plan->set_policy_fingerprint(event.policy_fingerprint());
  for (const v1::PlannedCells& planned : event.plan()) {
    v1::PlannedWave* wave = plan->add_waves();
    wave->set_id(planned.wave());
    *wave->mutable_cells() = planned.cells();
    *wave->mutable_weights() = planned.weights();
  }
  return absl::OkStatus();
}

// Whether the running rollout may have this deployment now.
absl::Status CheckContinues(const v1::CellAction& action, const v1::PipelineState& state,
                            const v1::Rollout& rollout, StageEdit* stage) {
  const int wave = WaveOf(rollout.plan(), action.cell());
  if (wave < 0) return Refuse("the cell is not in the rollout's plan");
  if (rollout.plan().waves(wave).id() != action.wave()) {
    return Refuse("the cell is planned in another wave");
  }
  const RolloutProgress progress(state, stage->record(), rollout);
  for (int i = 0; i < wave; ++i) {
    if (!progress.IsSettled(rollout.plan().waves(i))) return Refuse("an earlier wave is unproven");
  }
  const v1::Deployment* newest = stage->NewestForward(action.cell(), action.artifact());
  if (newest == nullptr || newest->rollout() != rollout.number()) return absl::OkStatus();
  const bool failed =
      newest->outcome() == v1::Deployment::FAILED || newest->outcome() == v1::Deployment::ABANDONED;
  if (failed && IsRetryRequested(stage->record(), action)) return absl::OkStatus();
  return Refuse("the cell was deployed in this rollout");
}

// Whether the artifact may take the place of what runs in the stage.
absl::Status CheckOvertakes(const v1::Artifact& artifact, const v1::Rollout* running,
                            const v1::PipelineState& state) {
  if (running == nullptr) return absl::OkStatus();
  if (running->state() == v1::Rollout::ROLLING_BACK) return Refuse("the stage rolls back");
  const absl::StatusOr<const v1::Artifact*> other = FindArtifact(state, running->artifact());
  if (!other.ok()) return other.status();
  if (artifact.sequence() <= (*other)->sequence()) {
    return Refuse("a rollout of the same or a newer artifact runs");
  }
  return absl::OkStatus();
}

// The number of the rollout that the deployment belongs to.
absl::StatusOr<uint64_t> StartForward(const v1::DeploymentStarted& event, const Occasion& occasion,
                                      const v1::PipelineState& state, StageEdit* stage) {
  const v1::CellAction& action = event.action();
  const absl::StatusOr<const v1::Artifact*> artifact = FindArtifact(state, action.artifact());
  if (!artifact.ok()) return artifact.status();
  if (stage->IsLatched(action.artifact())) return Refuse("the artifact was rolled back here");
  if (IsWithdrawn(state, action.artifact())) return Refuse("the artifact was withdrawn");
  for (const v1::Deployment& deployment : stage->record().deployments()) {
    if (deployment.cell() == action.cell() && IsUnderWay(deployment)) {
      return Refuse("a deployment is under way there");
    }
  }
  const v1::Rollout* active = stage->ActiveRollout();
  if (active != nullptr && active->state() == v1::Rollout::RUNNING &&
      active->artifact() == action.artifact()) {
    const uint64_t number = active->number();
    const absl::Status status = CheckContinues(action, state, *active, stage);
    return status.ok() ? absl::StatusOr<uint64_t>(number) : status;
  }
  absl::Status status = CheckOvertakes(**artifact, active, state);
  if (status.ok()) status = StartRollout(event, occasion, state, stage);
  return status.ok() ? absl::StatusOr<uint64_t>(occasion.revision) : status;
}

// ---- Roll back.

// Whether the cell is on the artifact of `rollout`, is receiving it, was reached by a newer rollout
// since, or is where an earlier roll back of `rollout` ended without success.
bool IsToBeRolledBack(const v1::Deployment& newest, const v1::Rollout& rollout) {
  if (newest.artifact() == rollout.artifact()) return true;
  switch (newest.direction()) {
    case v1::Deployment::FORWARD:
      return newest.rollout() > rollout.number();
    case v1::Deployment::ROLL_BACK:
      return newest.rollout() == rollout.number();
    default:
      return false;
  }
}

bool HasRollBackRequest(const v1::StageRecord& record, absl::string_view artifact) {
  for (const v1::RollBackRequest& request : record.roll_back_requests()) {
    if (request.artifact() == artifact && request.honoured_by() == 0) return true;
  }
  return false;
}

absl::Status CheckMayRollBack(const v1::Rollout& rollout, const v1::StageRecord& record) {
  // A record with such a rollout was refused when it was opened.
  if (SLUICE_NEVER(!v1::Rollout::State_IsValid(rollout.state()))) {
    return Refuse("the rollout's state can't be read");
  }
  switch (rollout.state()) {
    case v1::Rollout::RUNNING:
    case v1::Rollout::ROLLING_BACK:
    case v1::Rollout::COMPLETE:
      return absl::OkStatus();
    default:
      break;
  }
  // It was ended, or some of its cells were rolled back.
  if (HasRollBackRequest(record, rollout.artifact())) return absl::OkStatus();
  return Refuse("the rollout was ended and nobody asked for a roll back");
}

// The highest floor that any record of the artifact gives.
uint64_t RollbackFloor(const v1::PipelineState& state, absl::string_view artifact) {
  uint64_t floor = 0;
  for (const v1::Artifact& record : state.artifacts()) {
    if (record.digest() == artifact) floor = std::max(floor, record.rollback_floor());
  }
  return floor;
}

// Whether the cell may go to the action's artifact [R7].
absl::Status CheckTarget(const v1::CellAction& action, absl::string_view removes,
                         const v1::Deployment& newest, const v1::PipelineState& state,
                         const StageEdit& stage, const v1::StageRecord& record) {
  const absl::StatusOr<const v1::Artifact*> target = FindArtifact(state, action.artifact());
  if (!target.ok()) return target.status();
  const bool is_proven = std::any_of(
      record.deployments().begin(), record.deployments().end(), [&](const v1::Deployment& d) {
        return d.cell() == action.cell() && d.artifact() == action.artifact() && IsProven(d);
      });
  if (!is_proven) return Refuse("the target was never proven on the cell");
  if (action.artifact() == removes) return Refuse("the target is what is removed");
  const bool is_forward = newest.direction() == v1::Deployment::FORWARD;
  if (is_forward && action.artifact() == newest.artifact()) {
    return Refuse("the target is what the cell is on");
  }
  if (stage.IsLatched(action.artifact())) return Refuse("the target was rolled back here");
  if (IsWithdrawn(state, action.artifact())) return Refuse("the target was withdrawn");
  const uint64_t floor =
      std::max(RollbackFloor(state, removes),
               is_forward ? RollbackFloor(state, newest.artifact()) : uint64_t{0});
  if ((*target)->sequence() < floor) return Refuse("the target is below the roll back floor");
  return absl::OkStatus();
}

// Abandons a rollout of another artifact that runs; refuses one that is itself being rolled back.
absl::Status AbandonOthers(uint64_t number, const Timestamp& at, v1::StageRecord* record) {
  for (const v1::Rollout& other : record->rollouts()) {
    if (other.number() != number && other.state() == v1::Rollout::ROLLING_BACK) {
      return Refuse("another rollout is being rolled back");
    }
  }
  for (v1::Rollout& other : *record->mutable_rollouts()) {
    if (other.number() == number || other.state() != v1::Rollout::RUNNING) continue;
    EndRollout(v1::Rollout::ABANDONED, at, &other);
    other.set_why("an older artifact is rolled back");
  }
  return absl::OkStatus();
}

// Abandons a forward deployment that is under way on the cell; refuses if a roll back is [R7].
absl::Status AbandonForward(absl::string_view cell, const Timestamp& at, v1::StageRecord* record) {
  for (v1::Deployment& deployment : *record->mutable_deployments()) {
    if (deployment.cell() != cell || !IsUnderWay(deployment)) continue;
    if (deployment.direction() == v1::Deployment::ROLL_BACK) {
      return Refuse("a roll back is under way there");
    }
    deployment.set_outcome(v1::Deployment::ABANDONED);
    *deployment.mutable_ended_at() = LaterOf(at, deployment.started_at());
  }
  return absl::OkStatus();
}

void TurnBack(const v1::DeploymentStarted& event, v1::Rollout* rollout) {
  if (rollout->state() == v1::Rollout::COMPLETE && !rollout->has_completed_at()) {
    *rollout->mutable_completed_at() = rollout->ended_at();
  }
  rollout->set_state(v1::Rollout::ROLLING_BACK);
  rollout->clear_ended_at();
  rollout->clear_halt_reason();
  rollout->clear_ended_by();
  rollout->clear_why();
  std::set<std::string> cells(rollout->roll_back_cells().begin(), rollout->roll_back_cells().end());
  cells.insert(event.roll_back_cells().begin(), event.roll_back_cells().end());
  rollout->clear_roll_back_cells();
  for (const std::string& cell : cells) rollout->add_roll_back_cells(cell);
}

// The number of the rollout that is rolled back.
absl::StatusOr<uint64_t> StartRollBack(const v1::DeploymentStarted& event, const Occasion& occasion,
                                       const v1::PipelineState& state, StageEdit* stage) {
  const v1::CellAction& action = event.action();
  v1::StageRecord& record = stage->record();
  const v1::Deployment* newest = stage->NewestDeployment(action.cell());
  v1::Rollout* rollout = stage->NewestRollout(event.removes());
  if (newest == nullptr || rollout == nullptr) return Refuse("the artifact is not on the cell");
  if (!IsToBeRolledBack(*newest, *rollout)) return Refuse("the artifact is not on the cell");
  if (absl::Status status = CheckMayRollBack(*rollout, record); !status.ok()) return status;
  if (absl::Status status = CheckTarget(action, event.removes(), *newest, state, *stage, record);
      !status.ok()) {
    return status;
  }
  const absl::flat_hash_map<absl::string_view, const v1::Cell*> cells =
      CellsOf(state, event.stage());
  for (const std::string& cell : event.roll_back_cells()) {
    if (!cells.contains(cell)) return Refuse("the roll back names a cell the stage does not have");
  }
  if (absl::Status status = AbandonOthers(rollout->number(), occasion.at, &record); !status.ok()) {
    return status;
  }
  if (absl::Status status = AbandonForward(action.cell(), occasion.at, &record); !status.ok()) {
    return status;
  }
  TurnBack(event, rollout);
  stage->Latch(event.removes(), occasion.at);
  for (v1::RollBackRequest& request : *record.mutable_roll_back_requests()) {
    if (request.artifact() == event.removes() && request.honoured_by() == 0) {
      request.set_honoured_by(rollout->number());
    }
  }
  return rollout->number();
}

}  // namespace

void CheckEvent(const FieldPath& path, const v1::DeploymentStarted& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckDigest(path.Field("policy_fingerprint"), event.policy_fingerprint(), Presence::kRequired,
              errors);
  const FieldPath action = path.Field("action");
  if (!event.has_action()) {
    errors.Missing(action);
    return;
  }
  CheckText(action.Field("id"), event.action().id(), Presence::kRequired, errors);
  CheckIdentifier(action.Field("cell"), event.action().cell(), Presence::kRequired, errors);
  CheckDigest(action.Field("artifact"), event.action().artifact(), Presence::kRequired, errors);
  if (event.action().attempt() == 0) errors.Missing(action.Field("attempt"));
  if (event.action().roll_back()) {
    CheckEmpty(path.Field("plan"), event.plan().empty(), errors);
    CheckEmpty(path.Field("halts_previous"), !event.halts_previous(), errors);
    CheckDigest(path.Field("removes"), event.removes(), Presence::kRequired, errors);
    CheckIdentifiers(path, "roll_back_cells", event.roll_back_cells(), Presence::kRequired,
                     Repeats::kFree, errors);
    const auto& cells = event.roll_back_cells();
    if (!cells.empty() &&
        std::find(cells.begin(), cells.end(), event.action().cell()) == cells.end()) {
      errors.Add(path.Field("roll_back_cells"), v1::Fault::INVALID_VALUE,
                 "must have the action's cell");
    }
  } else {
    CheckWaveId(action.Field("wave"), event.action().wave(), Presence::kRequired, errors);
    CheckPlannedCells(path, event, errors);
    CheckEmpty(path.Field("removes"), event.removes().empty(), errors);
    CheckEmpty(path.Field("roll_back_cells"), event.roll_back_cells().empty(), errors);
  }
}

void CheckEvent(const FieldPath& path, const v1::DeploymentEnded& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("cell"), event.cell(), Presence::kRequired, errors);
  CheckText(path.Field("action_id"), event.action_id(), Presence::kRequired, errors);
  if (event.outcome() == v1::Deployment::OUTCOME_UNSPECIFIED) {
    errors.Missing(path.Field("outcome"));
  } else if (!v1::Deployment::Outcome_IsValid(event.outcome())) {
    errors.Add(path.Field("outcome"), v1::Fault::INVALID_VALUE, "is not a known outcome");
  }
  const bool by_person = event.outcome() == v1::Deployment::ABANDONED;
  CheckText(path.Field("who"), event.who(), by_person ? Presence::kRequired : Presence::kOptional,
            errors);
  CheckText(path.Field("why"), event.why(), Presence::kOptional, errors);
}

void CheckEvent(const FieldPath& path, const v1::Entered& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), event.artifact(), Presence::kRequired, errors);
  CheckText(path.Field("action_id"), event.action_id(), Presence::kRequired, errors);
}

absl::Status ApplyEvent(const v1::DeploymentStarted& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  const v1::CellAction& action = event.action();
  if (action.id() !=
      ActionId(state->pipeline(), event.stage(), action.cell(), action.artifact(),
               action.roll_back() ? ActionDirection::kRollBack : ActionDirection::kForward,
               action.attempt())) {
    return FieldFault("deployment_started.action.id", v1::Fault::INVALID_VALUE,
                      "must name the action");
  }
  const absl::StatusOr<const v1::Cell*> cell =
      FindCellInStage(*state, event.stage(), action.cell());
  if (!cell.ok()) return cell.status();
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(),
                      action.roll_back() ? StageScope::Of(action.cell(), event.removes())
                                         : StageScope::Forward(action.cell()));
  if (!stage.ok()) return stage.status();
  const v1::Deployment::Direction direction =
      action.roll_back() ? v1::Deployment::ROLL_BACK : v1::Deployment::FORWARD;
  const uint32_t attempt = stage->NextAttempt(action.cell(), action.artifact(), direction);
  if (action.attempt() != attempt) return Refuse("it is not the next attempt");
  const absl::StatusOr<uint64_t> rollout = action.roll_back()
                                               ? StartRollBack(event, occasion, *state, &*stage)
                                               : StartForward(event, occasion, *state, &*stage);
  if (!rollout.ok()) return rollout.status();
  v1::Deployment* deployment = stage->record().add_deployments();
  deployment->set_number(occasion.revision);
  deployment->set_cell(action.cell());
  deployment->set_artifact(action.artifact());
  deployment->set_direction(direction);
  deployment->set_attempt(attempt);
  deployment->set_rollout(*rollout);
  *deployment->mutable_started_at() = occasion.at;
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::DeploymentEnded& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of(event.cell(), {}));
  if (!stage.ok()) return stage.status();
  v1::Deployment* ended = nullptr;
  for (v1::Deployment& deployment : *stage->record().mutable_deployments()) {
    if (deployment.cell() != event.cell() || !IsUnderWay(deployment)) continue;
    const ActionDirection direction = deployment.direction() == v1::Deployment::ROLL_BACK
                                          ? ActionDirection::kRollBack
                                          : ActionDirection::kForward;
    if (event.action_id() == ActionId(state->pipeline(), event.stage(), deployment.cell(),
                                      deployment.artifact(), direction, deployment.attempt())) {
      ended = &deployment;
    }
  }
  if (ended == nullptr) return Refuse("no such deployment is under way");
  // Both were checked.
  if (*ReadTime(occasion.at) < *ReadTime(ended->started_at())) {
    return Refuse("the deployment started later");
  }
  *ended->mutable_ended_at() = occasion.at;
  ended->set_outcome(event.outcome());
  ended->set_who(event.who());
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::Entered& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  if (event.action_id() != ActionId(state->pipeline(), event.stage(), "", event.artifact(),
                                    ActionDirection::kEnter, 1)) {
    return FieldFault("entered.action_id", v1::Fault::INVALID_VALUE, "must name the action");
  }
  const absl::StatusOr<const v1::Artifact*> artifact = FindArtifact(*state, event.artifact());
  if (!artifact.ok()) return artifact.status();
  absl::StatusOr<StageEdit> stage = StageEdit::Open(*state, event.stage(), StageScope::Forward({}));
  if (!stage.ok()) return stage.status();
  v1::StageRecord& record = stage->record();
  if (!record.deployments().empty() || !record.rollouts().empty()) {
    return Refuse("the stage deploys");
  }
  if (stage->IsLatched(event.artifact())) return Refuse("the artifact was rolled back here");
  if (IsWithdrawn(*state, event.artifact())) return Refuse("the artifact was withdrawn");
  absl::flat_hash_set<absl::string_view> entered;
  for (const v1::Entry& entry : record.entries()) entered.insert(entry.artifact());
  for (const v1::Artifact& other : state->artifacts()) {
    if (entered.contains(other.digest()) && (*artifact)->sequence() <= other.sequence()) {
      return Refuse("the same or a newer artifact has entered");
    }
  }
  v1::Entry* entry = record.add_entries();
  entry->set_artifact(event.artifact());
  *entry->mutable_at() = occasion.at;
  return stage->Commit(state);
}

}  // namespace sluice
