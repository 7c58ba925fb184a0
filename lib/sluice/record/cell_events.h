#ifndef SLUICE_RECORD_CELL_EVENTS_H_
#define SLUICE_RECORD_CELL_EVENTS_H_

#include "absl/status/status.h"
#include "sluice/internal/field_errors.h"
#include "sluice/record/occasion.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

// Cells that come, go, or were there before. As in deployment_events.h, CheckEvent finds what is
// wrong with an event by itself, and ApplyEvent leaves the state as it was if it fails.
namespace sluice {

void CheckEvent(const FieldPath& path, const v1::CellAdded& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::CellAdopted& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::CellRetired& event, FieldErrors& errors);

// A new cell joins the wave `@added`, the last one, of a rollout that runs in its stage [R1]. A
// known one gets the new weight, region, zone and annotations; the weight in the plan stays.
absl::Status ApplyEvent(const v1::CellAdded& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::CellAdopted& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::CellRetired& event, const Occasion& occasion,
                        v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_RECORD_CELL_EVENTS_H_
