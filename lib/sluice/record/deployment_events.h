#ifndef SLUICE_RECORD_DEPLOYMENT_EVENTS_H_
#define SLUICE_RECORD_DEPLOYMENT_EVENTS_H_

#include "absl/status/status.h"
#include "sluice/internal/field_errors.h"
#include "sluice/record/occasion.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

// The events that say a host began or ended what a decision asked for. Each has a function that
// finds what is wrong with the event by itself, and one that applies an event without such faults;
// that one leaves the state as it was if it fails.
namespace sluice {

void CheckEvent(const FieldPath& path, const v1::DeploymentStarted& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::DeploymentEnded& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::Entered& event, FieldErrors& errors);

// A forward start begins a rollout if none of the artifact runs, and then ends one of a lower
// sequence that does. The first roll back of an artifact turns its rollout to ROLLING_BACK, latches
// it, revokes its pass, marks the requests it honours, and abandons a newer rollout that runs.
absl::Status ApplyEvent(const v1::DeploymentStarted& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::DeploymentEnded& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::Entered& event, const Occasion& occasion,
                        v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_RECORD_DEPLOYMENT_EVENTS_H_
