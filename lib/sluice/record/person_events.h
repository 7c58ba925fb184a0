#ifndef SLUICE_RECORD_PERSON_EVENTS_H_
#define SLUICE_RECORD_PERSON_EVENTS_H_

#include "absl/status/status.h"
#include "sluice/internal/field_errors.h"
#include "sluice/record/occasion.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

// What people say about rollouts: an end, an acceptance, a release, a request. As in
// deployment_events.h, CheckEvent finds what is wrong with an event by itself, and ApplyEvent
// leaves the state as it was if it fails.
namespace sluice {

void CheckEvent(const FieldPath& path, const v1::RolloutAbandoned& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::CellAccepted& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::LatchReleased& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::StartRequested& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::PreemptRequested& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::RollBackRequested& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::RetryRequested& event, FieldErrors& errors);

absl::Status ApplyEvent(const v1::RolloutAbandoned& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::CellAccepted& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::LatchReleased& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::StartRequested& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::PreemptRequested& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::RollBackRequested& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::RetryRequested& event, const Occasion& occasion,
                        v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_RECORD_PERSON_EVENTS_H_
