#include "sluice/record.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/load/record_count.h"
#include "sluice/record/cell_events.h"
#include "sluice/record/content.h"
#include "sluice/record/deployment_events.h"
#include "sluice/record/field_checks.h"
#include "sluice/record/grant_events.h"
#include "sluice/record/lookup.h"
#include "sluice/record/occasion.h"
#include "sluice/record/person_events.h"
#include "sluice/record/report_events.h"
#include "sluice/record/wanted_records.h"
#include "sluice/schema_version.h"

namespace sluice {
namespace {

// The first field number of the events that are facts.
constexpr int kFirstFact = 40;

// Calls `visit(name, kind)` with the event's kind, if it has one. `name` is that of the field.
template <typename Visitor>
void VisitKind(const v1::Event& event, const Visitor& visit) {
  switch (event.kind_case()) {
    case v1::Event::kDeploymentStarted:
      return visit("deployment_started", event.deployment_started());
    case v1::Event::kDeploymentEnded:
      return visit("deployment_ended", event.deployment_ended());
    case v1::Event::kEntered:
      return visit("entered", event.entered());
    case v1::Event::kRecorded:
      return visit("recorded", event.recorded());
    case v1::Event::kRolloutAbandoned:
      return visit("rollout_abandoned", event.rollout_abandoned());
    case v1::Event::kCellAdded:
      return visit("cell_added", event.cell_added());
    case v1::Event::kCellAdopted:
      return visit("cell_adopted", event.cell_adopted());
    case v1::Event::kCellAccepted:
      return visit("cell_accepted", event.cell_accepted());
    case v1::Event::kCellRetired:
      return visit("cell_retired", event.cell_retired());
    case v1::Event::kLatchReleased:
      return visit("latch_released", event.latch_released());
    case v1::Event::kStartRequested:
      return visit("start_requested", event.start_requested());
    case v1::Event::kPreemptRequested:
      return visit("preempt_requested", event.preempt_requested());
    case v1::Event::kRollBackRequested:
      return visit("roll_back_requested", event.roll_back_requested());
    case v1::Event::kRetryRequested:
      return visit("retry_requested", event.retry_requested());
    case v1::Event::kArtifactBuilt:
      return visit("artifact_built", event.artifact_built());
    case v1::Event::kCheckReported:
      return visit("check_reported", event.check_reported());
    case v1::Event::kAlarmReported:
      return visit("alarm_reported", event.alarm_reported());
    case v1::Event::kSeriesReported:
      return visit("series_reported", event.series_reported());
    case v1::Event::kCountsReported:
      return visit("counts_reported", event.counts_reported());
    case v1::Event::kSyntheticRunsReported:
      return visit("synthetic_runs_reported", event.synthetic_runs_reported());
    case v1::Event::kEnvironmentObserved:
      return visit("environment_observed", event.environment_observed());
    case v1::Event::kTrafficObserved:
      return visit("traffic_observed", event.traffic_observed());
    case v1::Event::kApprovalGranted:
      return visit("approval_granted", event.approval_granted());
    case v1::Event::kApprovalRevoked:
      return visit("approval_revoked", event.approval_revoked());
    case v1::Event::kOverrideGranted:
      return visit("override_granted", event.override_granted());
    case v1::Event::kOverrideRevoked:
      return visit("override_revoked", event.override_revoked());
    case v1::Event::kHoldPlaced:
      return visit("hold_placed", event.hold_placed());
    case v1::Event::kHoldReleased:
      return visit("hold_released", event.hold_released());
    case v1::Event::kRollBackHoldPlaced:
      return visit("roll_back_hold_placed", event.roll_back_hold_placed());
    case v1::Event::kRollBackHoldReleased:
      return visit("roll_back_hold_released", event.roll_back_hold_released());
    case v1::Event::kArtifactWithdrawn:
      return visit("artifact_withdrawn", event.artifact_withdrawn());
    case v1::Event::kListObserved:
      return visit("list_observed", event.list_observed());
    case v1::Event::kBaselineReported:
      return visit("baseline_reported", event.baseline_reported());
    case v1::Event::kMeasurementReported:
      return visit("measurement_reported", event.measurement_reported());
    case v1::Event::KIND_NOT_SET:
      return;
  }
}

bool ChangesRollout(const v1::Event& event) {
  return event.kind_case() != v1::Event::KIND_NOT_SET && event.kind_case() < kFirstFact;
}

// Everything that is wrong with the event whatever the state.
absl::Status CheckContent(const v1::Event& event) {
  FieldErrors errors;
  const FieldPath root;
  ListUnknownFields(event, [&](absl::string_view path, int number) {
    errors.Add(root.Field(path), v1::Fault::UNKNOWN_FIELD,
               absl::StrCat("has the unknown field ", number));
  });
  CheckIdentifier(root.Field("id"), event.id(), Presence::kRequired, errors);
  CheckTime(root.Field("at"), event.has_at(), event.at(), Presence::kRequired, errors);
  if (ChangesRollout(event) && !event.has_expected_revision()) {
    errors.Missing(root.Field("expected_revision"));
  }
  if (event.kind_case() == v1::Event::KIND_NOT_SET) errors.Missing(root.Field("kind"));
  VisitKind(event, [&](absl::string_view name, const auto& kind) {
    CheckEvent(root.Field(name), kind, errors);
  });
  return errors.ToStatus();
}

enum class Seen { kNever, kSame, kOther };

Seen SeenBefore(const std::string& id, absl::string_view digest, const v1::PipelineState& state) {
  Seen seen = Seen::kNever;
  for (const v1::AppliedEvent& applied : state.applied_events()) {
    if (applied.id() != id) continue;
    if (applied.digest() != digest) return Seen::kOther;
    seen = Seen::kSame;
  }
  return seen;
}

// Whether the event can only stop or undo something.
bool OnlyStops(const v1::Event& event) {
  switch (event.kind_case()) {
    case v1::Event::kDeploymentStarted:
      return event.deployment_started().action().roll_back();
    case v1::Event::kRecorded:
      return event.recorded().record().kind() == v1::WantedRecord::HALTED ||
             event.recorded().record().kind() == v1::WantedRecord::ROLLED_BACK;
    case v1::Event::kDeploymentEnded:
    case v1::Event::kRolloutAbandoned:
    case v1::Event::kRollBackRequested:
    case v1::Event::kHoldPlaced:
    case v1::Event::kArtifactWithdrawn:
      return true;
    default:
      return false;
  }
}

// Whether the state as a whole can take the event.
absl::Status CheckState(const v1::Event& event, const v1::PipelineState& state) {
  if (!IsIdentifier(state.pipeline())) {
    return absl::FailedPreconditionError("the state names no pipeline");
  }
  if (ChangesRollout(event) && state.revision() == std::numeric_limits<uint64_t>::max()) {
    return absl::FailedPreconditionError("the state has the last revision");
  }
  if (OnlyStops(event)) return absl::OkStatus();
  if (state.has_record_count() && state.record_count() != RecordCount(state)) {
    return absl::FailedPreconditionError("the state was cut");
  }
  if (!state.GetReflection()->GetUnknownFields(state).empty()) {
    return absl::FailedPreconditionError("the state has unknown fields");
  }
  if (state.has_written_at() && !ReadTime(state.written_at()).has_value()) {
    return absl::FailedPreconditionError("the state was written at no instant");
  }
  // The revision guards what changes a rollout.
  if (state.has_events_forgotten_before() && !ChangesRollout(event)) {
    const absl::optional<absl::Time> from = ReadTime(state.events_forgotten_before());
    if (!from.has_value() || *ReadTime(event.at()) < *from) {
      return absl::FailedPreconditionError("the event is older than what the state remembers");
    }
  }
  return absl::OkStatus();
}

// What every applied event leaves in the state.
void Finish(const v1::Event& event, std::string digest, uint64_t records_before,
            v1::PipelineState* state) {
  if (ChangesRollout(event)) state->set_revision(state->revision() + 1);
  v1::AppliedEvent* applied = state->add_applied_events();
  applied->set_id(event.id());
  applied->set_digest(std::move(digest));
  *applied->mutable_at() = event.at();
  applied->set_kind(static_cast<uint32_t>(event.kind_case()));
  const absl::optional<absl::Time> written = ReadTime(state->written_at());
  // An instant that can't be read stays: the state shows that it is malformed.
  if (!state->has_written_at() || (written.has_value() && *written < *ReadTime(event.at()))) {
    *state->mutable_written_at() = event.at();
  }
  // A count that differed goes on to differ.
  const uint64_t stated = state->has_record_count() ? state->record_count() : records_before;
  state->set_record_count(stated + (RecordCount(*state) - records_before));
}

}  // namespace

absl::Status Apply(const v1::Event& event, v1::PipelineState* state) {
  if (absl::Status status = CheckContent(event); !status.ok()) return status;
  if (state->schema_version() == 0 || state->schema_version() > kSchemaVersion) {
    return absl::FailedPreconditionError("the state has a schema that is not known here");
  }
  std::string digest = ContentDigest(event);
  switch (SeenBefore(event.id(), digest, *state)) {
    case Seen::kNever:
      break;
    case Seen::kSame:
      return absl::OkStatus();
    case Seen::kOther:
      return FieldFault("id", v1::Fault::DUPLICATE, "was applied with other content");
  }
  if (ChangesRollout(event) && event.expected_revision() != state->revision()) {
    return absl::AbortedError("the state has another revision");
  }
  if (absl::Status status = CheckState(event, *state); !status.ok()) return status;
  if (absl::Status status = CheckRoom(state->applied_events_size()); !status.ok()) return status;

  const uint64_t records_before = RecordCount(*state);
  const Occasion occasion{event.at(), state->revision() + (ChangesRollout(event) ? 1 : 0)};
  absl::Status status = absl::InternalError("the event has no kind");
  VisitKind(event, [&](absl::string_view, const auto& kind) {
    status = ApplyEvent(kind, occasion, state);
  });
  if (status.ok()) Finish(event, std::move(digest), records_before, state);
  return status;
}

}  // namespace sluice
