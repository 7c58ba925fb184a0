#ifndef SLUICE_RECORD_GRANT_EVENTS_H_
#define SLUICE_RECORD_GRANT_EVENTS_H_

#include "absl/status/status.h"
#include "sluice/internal/field_errors.h"
#include "sluice/record/occasion.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

// Permissions and stops that people place and take back: approvals, overrides, holds, withdrawals.
// As in deployment_events.h, CheckEvent finds what is wrong with an event by itself, and ApplyEvent
// leaves the state as it was if it fails.
//
// What was placed under an id stays as it was placed: the same again changes nothing, anything else
// under that id is refused. What was taken back can't be taken back again.
namespace sluice {

void CheckEvent(const FieldPath& path, const v1::ApprovalGranted& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::ApprovalRevoked& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::OverrideGranted& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::OverrideRevoked& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::HoldPlaced& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::HoldReleased& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::RollBackHoldPlaced& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::RollBackHoldReleased& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::ArtifactWithdrawn& event, FieldErrors& errors);

absl::Status ApplyEvent(const v1::ApprovalGranted& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::ApprovalRevoked& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::OverrideGranted& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::OverrideRevoked& event, const Occasion& occasion,
                        v1::PipelineState* state);
// The cell that a hold names must be recorded: the hold would stop nothing else.
absl::Status ApplyEvent(const v1::HoldPlaced& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::HoldReleased& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::RollBackHoldPlaced& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::RollBackHoldReleased& event, const Occasion& occasion,
                        v1::PipelineState* state);
// The artifact need not be recorded yet.
absl::Status ApplyEvent(const v1::ArtifactWithdrawn& event, const Occasion& occasion,
                        v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_RECORD_GRANT_EVENTS_H_
