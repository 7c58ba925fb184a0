#include "sluice/record/grant_events.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/record/content.h"
#include "sluice/record/fact_checks.h"
#include "sluice/record/field_checks.h"
#include "sluice/record/lookup.h"

namespace sluice {
namespace {

using google::protobuf::RepeatedPtrField;

absl::Status Refuse(absl::string_view why) { return absl::FailedPreconditionError(why); }

// Adds what is placed, unless the very same is there.
template <typename Record, typename Match>
absl::Status Place(const Record& placed, RepeatedPtrField<Record>* records, const Match& match) {
  const absl::StatusOr<const Record*> known = FindRecord(*records, match);
  if (!known.ok()) return known.status();
  if (*known == nullptr) return PutRecord(placed, records, match);
  if (Content(**known) == Content(placed)) return absl::OkStatus();
  return Refuse("it is recorded with other content");
}

// Changes the record of that id with `take_back`, unless `was_taken_back`.
template <typename Record, typename WasTakenBack, typename TakeBackRecord>
absl::Status TakeBack(const std::string& id, RepeatedPtrField<Record>* records,
                      const WasTakenBack& was_taken_back, const TakeBackRecord& take_back) {
  const auto match = [&](const Record& r) { return r.id() == id; };
  const absl::StatusOr<const Record*> known = FindRecord(*records, match);
  if (!known.ok()) return known.status();
  if (*known == nullptr) return Refuse("there is none of that id");
  if (was_taken_back(**known)) return Refuse("it was taken back before");
  Record record = **known;
  take_back(&record);
  return PutRecord(std::move(record), records, match);
}

}  // namespace

void CheckEvent(const FieldPath& path, const v1::ApprovalGranted& event, FieldErrors& errors) {
  const FieldPath approval = path.Field("approval");
  if (!event.has_approval()) return errors.Missing(approval);
  CheckApproval(approval, event.approval(), errors);
  CheckEmpty(approval.Field("revoked_at"), !event.approval().has_revoked_at(), errors);
}

void CheckEvent(const FieldPath& path, const v1::ApprovalRevoked& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("approval"), event.approval(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::OverrideGranted& event, FieldErrors& errors) {
  const FieldPath override = path.Field("override");
  if (!event.has_override()) return errors.Missing(override);
  CheckOverride(override, event.override(), errors);
  CheckEmpty(override.Field("revoked_at"), !event.override().has_revoked_at(), errors);
}

void CheckEvent(const FieldPath& path, const v1::OverrideRevoked& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("override"), event.override(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::HoldPlaced& event, FieldErrors& errors) {
  const FieldPath hold = path.Field("hold");
  if (!event.has_hold()) return errors.Missing(hold);
  CheckHold(hold, event.hold(), errors);
  CheckEmpty(hold.Field("released_at"), !event.hold().has_released_at(), errors);
}

void CheckEvent(const FieldPath& path, const v1::HoldReleased& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("hold"), event.hold(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::RollBackHoldPlaced& event, FieldErrors& errors) {
  const FieldPath hold = path.Field("hold");
  if (!event.has_hold()) return errors.Missing(hold);
  CheckRollBackHold(hold, event.hold(), errors);
  CheckEmpty(hold.Field("released_at"), !event.hold().has_released_at(), errors);
}

void CheckEvent(const FieldPath& path, const v1::RollBackHoldReleased& event, FieldErrors& errors) {
  CheckIdentifier(path.Field("hold"), event.hold(), Presence::kRequired, errors);
}

void CheckEvent(const FieldPath& path, const v1::ArtifactWithdrawn& event, FieldErrors& errors) {
  if (!event.has_withdrawal()) return errors.Missing(path.Field("withdrawal"));
  CheckWithdrawal(path.Field("withdrawal"), event.withdrawal(), errors);
}

absl::Status ApplyEvent(const v1::ApprovalGranted& event, const Occasion&,
                        v1::PipelineState* state) {
  return Place(event.approval(), state->mutable_approvals(),
               [&](const v1::Approval& a) { return a.id() == event.approval().id(); });
}

absl::Status ApplyEvent(const v1::ApprovalRevoked& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  return TakeBack(
      event.approval(), state->mutable_approvals(),
      [](const v1::Approval& a) { return a.has_revoked_at(); },
      [&](v1::Approval* a) { *a->mutable_revoked_at() = occasion.at; });
}

absl::Status ApplyEvent(const v1::OverrideGranted& event, const Occasion&,
                        v1::PipelineState* state) {
  return Place(event.override(), state->mutable_overrides(),
               [&](const v1::Override& o) { return o.id() == event.override().id(); });
}

absl::Status ApplyEvent(const v1::OverrideRevoked& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  return TakeBack(
      event.override(), state->mutable_overrides(),
      [](const v1::Override& o) { return o.has_revoked_at(); },
      [&](v1::Override* o) { *o->mutable_revoked_at() = occasion.at; });
}

absl::Status ApplyEvent(const v1::HoldPlaced& event, const Occasion&, v1::PipelineState* state) {
  const v1::Hold& hold = event.hold();
  if (hold.scope() == v1::Hold::CELL &&
      std::none_of(state->cells().begin(), state->cells().end(), [&](const v1::Cell& c) {
        return c.id() == hold.cell() && c.stage() == hold.stage();
      })) {
    return Refuse("the stage does not have the cell");
  }
  return Place(hold, state->mutable_holds(),
               [&](const v1::Hold& h) { return h.id() == hold.id(); });
}

absl::Status ApplyEvent(const v1::HoldReleased& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  return TakeBack(
      event.hold(), state->mutable_holds(), [](const v1::Hold& h) { return h.has_released_at(); },
      [&](v1::Hold* h) { *h->mutable_released_at() = occasion.at; });
}

absl::Status ApplyEvent(const v1::RollBackHoldPlaced& event, const Occasion&,
                        v1::PipelineState* state) {
  return Place(event.hold(), state->mutable_roll_back_holds(),
               [&](const v1::RollBackHold& h) { return h.id() == event.hold().id(); });
}

absl::Status ApplyEvent(const v1::RollBackHoldReleased& event, const Occasion& occasion,
                        v1::PipelineState* state) {
  return TakeBack(
      event.hold(), state->mutable_roll_back_holds(),
      [](const v1::RollBackHold& h) { return h.has_released_at(); },
      [&](v1::RollBackHold* h) { *h->mutable_released_at() = occasion.at; });
}

absl::Status ApplyEvent(const v1::ArtifactWithdrawn& event, const Occasion&,
                        v1::PipelineState* state) {
  return Place(event.withdrawal(), state->mutable_withdrawals(), [&](const v1::Withdrawal& w) {
    return w.artifact() == event.withdrawal().artifact();
  });
}

}  // namespace sluice
