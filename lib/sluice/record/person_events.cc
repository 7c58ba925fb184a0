#include "sluice/record/person_events.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/record/field_checks.h"
#include "sluice/record/lookup.h"
#include "sluice/record/stage_checks.h"
#include "sluice/record/stage_edit.h"

namespace sluice {
namespace {

absl::Status Refuse(absl::string_view why) { return absl::FailedPreconditionError(why); }

// Adds a request of an artifact that is recorded, readable or not, under an id that is new to its
// list.
template <typename Request>
absl::Status AddRequest(Request request, const v1::PipelineState& state,
                        google::protobuf::RepeatedPtrField<Request>* requests) {
  if (std::none_of(state.artifacts().begin(), state.artifacts().end(),
                   [&](const v1::Artifact& a) { return a.digest() == request.artifact(); })) {
    return Refuse("the artifact is not recorded");
  }
  if (std::any_of(requests->begin(), requests->end(),
                  [&](const Request& r) { return r.id() == request.id(); })) {
    return Refuse("a request has that id");
  }
  *requests->Add() = std::move(request);
  return absl::OkStatus();
}

bool HasFailed(const v1::Deployment& deployment) {
  return deployment.outcome() == v1::Deployment::FAILED ||
         deployment.outcome() == v1::Deployment::ABANDONED;
}

// Whether what the request names ended without success and may be tried again.
absl::Status CheckMayRetry(const v1::RetryRequest& request, StageEdit* stage) {
  if (request.cell().empty()) {
    const v1::Rollout* rollout = stage->NewestRollout(request.artifact());
    if (rollout != nullptr &&
        (rollout->state() == v1::Rollout::ABANDONED || rollout->state() == v1::Rollout::HALTED)) {
      return absl::OkStatus();
    }
    return Refuse("no rollout of the artifact was abandoned or halted");
  }
  const v1::Deployment* newest = stage->NewestForward(request.cell(), request.artifact());
  if (newest == nullptr || !HasFailed(*newest)) return Refuse("no deployment failed there");
  if (request.attempt() !=
      stage->NextAttempt(request.cell(), request.artifact(), v1::Deployment::FORWARD)) {
    return Refuse("it is not the next attempt");
  }
  return absl::OkStatus();
}

}  // namespace

void CheckEvent(const FieldPath& path, const v1::RolloutAbandoned& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), event.artifact(), Presence::kRequired, errors);
  CheckText(path.Field("who"), event.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), event.why(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::CellAccepted& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("cell"), event.cell(), Presence::kRequired, errors);
  CheckText(path.Field("who"), event.who(), Presence::kRequired, errors);
  CheckIdentifiers(path, "roles", event.roles(), Presence::kRequired, Repeats::kFree, errors);
  CheckText(path.Field("why"), event.why(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::LatchReleased& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), event.artifact(), Presence::kRequired, errors);
  CheckText(path.Field("who"), event.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), event.why(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::StartRequested& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  if (!event.has_request()) return errors.Missing(path.Field("request"));
  CheckStartRequest(path.Field("request"), event.request(), errors);
}

void CheckEvent(const FieldPath& path, const v1::PreemptRequested& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  if (!event.has_request()) return errors.Missing(path.Field("request"));
  CheckPreemptRequest(path.Field("request"), event.request(), errors);
}

void CheckEvent(const FieldPath& path, const v1::RollBackRequested& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  const FieldPath request = path.Field("request");
  if (!event.has_request()) return errors.Missing(request);
  CheckRollBackRequest(request, event.request(), errors);
  CheckEmpty(request.Field("honoured_by"), event.request().honoured_by() == 0, errors);
}

void CheckEvent(const FieldPath& path, const v1::RetryRequested& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), event.stage(), Presence::kRequired, errors);
  const FieldPath request = path.Field("request");
  if (!event.has_request()) return errors.Missing(request);
  CheckRetryRequest(request, event.request(), errors);
  CheckEmpty(request.Field("number"), event.request().number() == 0, errors);
}

absl::Status ApplyEvent(const v1::RolloutAbandoned& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of({}, event.artifact()));
  if (!stage.ok()) return stage.status();
  v1::Rollout* rollout = stage->NewestRollout(event.artifact());
  if (rollout == nullptr ||
      (rollout->state() != v1::Rollout::RUNNING && rollout->state() != v1::Rollout::ROLLING_BACK)) {
    return Refuse("no rollout of the artifact is under way");
  }
  EndRollout(v1::Rollout::ABANDONED, occasion.at, rollout);
  rollout->set_ended_by(event.who());
  rollout->set_why(event.why());
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::CellAccepted& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  const absl::StatusOr<const v1::Cell*> cell = FindCellInStage(*state, event.stage(), event.cell());
  if (!cell.ok()) return cell.status();
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of(event.cell(), {}));
  if (!stage.ok()) return stage.status();
  v1::Deployment* newest = stage->NewestDeployment(event.cell());
  if (newest == nullptr || newest->direction() != v1::Deployment::FORWARD) {
    return Refuse("nothing was deployed to the cell that could be accepted");
  }
  if (IsUnderWay(*newest)) return Refuse("the deployment is under way");
  if (IsProven(*newest)) return Refuse("the cell is proven or accepted");
  v1::Acceptance* accepted = newest->mutable_accepted();
  accepted->set_who(event.who());
  *accepted->mutable_roles() = event.roles();
  accepted->set_why(event.why());
  *accepted->mutable_at() = occasion.at;
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::LatchReleased& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of({}, event.artifact()));
  if (!stage.ok()) return stage.status();
  if (!stage->IsLatched(event.artifact())) return Refuse("the artifact is not latched");
  for (v1::Latch& latch : *stage->record().mutable_latches()) {
    if (latch.artifact() != event.artifact() || latch.has_released()) continue;
    v1::LatchRelease* released = latch.mutable_released();
    released->set_who(event.who());
    released->set_why(event.why());
    *released->mutable_at() = occasion.at;
    released->set_number(occasion.revision);
  }
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::StartRequested& event, const Occasion&,
                        v1::PipelineState* state) {
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of({}, event.request().artifact()));
  if (!stage.ok()) return stage.status();
  if (absl::Status status =
          AddRequest(event.request(), *state, stage->record().mutable_start_requests());
      !status.ok()) {
    return status;
  }
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::PreemptRequested& event, const Occasion&,
                        v1::PipelineState* state) {
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of({}, event.request().artifact()));
  if (!stage.ok()) return stage.status();
  if (absl::Status status =
          AddRequest(event.request(), *state, stage->record().mutable_preempt_requests());
      !status.ok()) {
    return status;
  }
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::RollBackRequested& event, const Occasion&,
                        v1::PipelineState* state) {
  absl::StatusOr<StageEdit> stage =
      StageEdit::Open(*state, event.stage(), StageScope::Of({}, event.request().artifact()));
  if (!stage.ok()) return stage.status();
  if (stage->NewestRollout(event.request().artifact()) == nullptr) {
    return Refuse("the artifact had no rollout here that could be rolled back");
  }
  const absl::flat_hash_map<absl::string_view, const v1::Cell*> cells =
      CellsOf(*state, event.stage());
  for (const std::string& cell : event.request().cells()) {
    if (!cells.contains(cell)) return Refuse("the stage does not have the cell");
  }
  if (absl::Status status =
          AddRequest(event.request(), *state, stage->record().mutable_roll_back_requests());
      !status.ok()) {
    return status;
  }
  return stage->Commit(state);
}

absl::Status ApplyEvent(const v1::RetryRequested& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  absl::StatusOr<StageEdit> stage = StageEdit::Open(
      *state, event.stage(), StageScope::Of(event.request().cell(), event.request().artifact()));
  if (!stage.ok()) return stage.status();
  if (absl::Status status = CheckMayRetry(event.request(), &*stage); !status.ok()) return status;
  v1::RetryRequest request = event.request();
  request.set_number(occasion.revision);
  if (absl::Status status =
          AddRequest(std::move(request), *state, stage->record().mutable_retry_requests());
      !status.ok()) {
    return status;
  }
  return stage->Commit(state);
}

}  // namespace sluice
