#include "sluice/record/cell_events.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/record/fact_checks.h"
#include "sluice/record/field_checks.h"
#include "sluice/record/lookup.h"
#include "sluice/record/rollout_progress.h"
#include "sluice/record/stage_edit.h"

namespace sluice {
namespace {

constexpr char kAddedWave[] = "@added";

absl::Status Refuse(absl::string_view why) { return absl::FailedPreconditionError(why); }

// Puts a new cell into the plan of the rollout that runs in its stage, if one does.
absl::Status JoinRollout(const v1::Cell& cell, v1::PipelineState* state) {
  const bool has_record =
      std::any_of(state->stages().begin(), state->stages().end(),
                  [&](const v1::StageRecord& r) { return r.stage() == cell.stage(); });
  if (!has_record) return absl::OkStatus();
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, cell.stage(), StageScope::Forward(cell.id()));
  if (!stage.ok()) return stage.status();
  v1::Rollout* rollout = stage->ActiveRollout();
  if (rollout == nullptr || rollout->state() != v1::Rollout::RUNNING) return absl::OkStatus();
  v1::RolloutPlan* plan = rollout->mutable_plan();
  if (WaveOf(*plan, cell.id()) >= 0) return Refuse("the rollout has planned that cell");
  v1::PlannedWave* last = plan->mutable_waves(plan->waves_size() - 1);
  if (last->id() != kAddedWave) {
    last = plan->add_waves();
    last->set_id(kAddedWave);
  }
  last->add_cells(cell.id());
  last->add_weights(cell.weight());
  last->clear_proven_at();
  return stage->Commit(state);
}

}  // namespace

void CheckEvent(const FieldPath& path, const v1::CellAdded& event, FieldErrors& errors) {
  const FieldPath cell = path.Field("cell");
  if (!event.has_cell()) return errors.Missing(cell);
  CheckCell(cell, event.cell(), errors);
  CheckEmpty(cell.Field("retired"), !event.cell().has_retired(), errors);
}

void CheckEvent(const FieldPath& path, const v1::CellAdopted& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("cell"), event.cell(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), event.artifact(), Presence::kRequired, errors);
  CheckText(path.Field("who"), event.who(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::CellRetired& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("cell"), event.cell(), Presence::kRequired, errors);
  CheckText(path.Field("who"), event.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), event.why(), Presence::kRequired, errors);
}

absl::Status ApplyEvent(const v1::CellAdded& event, const Occasion&, v1::PipelineState* state) {
  const v1::Cell& cell = event.cell();
  const auto is_same = [&](const v1::Cell& c) { return c.id() == cell.id(); };
  const absl::StatusOr<const v1::Cell*> known = FindValidRecord(state->cells(), is_same, CheckCell);
  if (!known.ok()) return known.status();
  if (*known == nullptr) {
    absl::Status status = CheckRoom(state->cells_size());
    if (status.ok()) status = JoinRollout(cell, state);
    if (!status.ok()) return status;
  } else {
    if ((*known)->has_retired()) return Refuse("the cell is retired");
    if ((*known)->stage() != cell.stage()) return Refuse("the cell belongs to another stage");
  }
  return PutRecord(cell, state->mutable_cells(), is_same);
}

absl::Status ApplyEvent(const v1::CellAdopted& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  const absl::StatusOr<const v1::Artifact*> artifact = FindArtifact(*state, event.artifact());
  if (!artifact.ok()) return artifact.status();
  const absl::StatusOr<const v1::Cell*> cell = FindCellInStage(*state, event.stage(), event.cell());
  if (!cell.ok()) return cell.status();
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of(event.cell(), {}));
  if (!stage.ok()) return stage.status();
  if (stage->NewestDeployment(event.cell()) != nullptr) {
    return Refuse("the cell has had a deployment");
  }
  v1::Deployment* deployment = stage->record().add_deployments();
  deployment->set_number(occasion.revision);
  deployment->set_cell(event.cell());
  deployment->set_artifact(event.artifact());
  deployment->set_direction(v1::Deployment::ADOPTED);
  *deployment->mutable_started_at() = occasion.at;
  *deployment->mutable_ended_at() = occasion.at;
  deployment->set_outcome(v1::Deployment::SUCCEEDED);
  deployment->set_who(event.who());
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::CellRetired& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  const absl::StatusOr<const v1::Cell*> known = FindCell(*state, event.cell());
  if (!known.ok()) return known.status();
  if ((*known)->has_retired()) return Refuse("the cell is retired");
  v1::Cell cell = **known;
  cell.mutable_retired()->set_who(event.who());
  cell.mutable_retired()->set_why(event.why());
  *cell.mutable_retired()->mutable_at() = occasion.at;
  return PutRecord(std::move(cell), state->mutable_cells(),
                   [&](const v1::Cell& c) { return c.id() == event.cell(); });
}

}  // namespace sluice
