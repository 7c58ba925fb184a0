#ifndef SLUICE_RECORD_REPORT_EVENTS_H_
#define SLUICE_RECORD_REPORT_EVENTS_H_

#include "absl/status/status.h"
#include "sluice/internal/field_errors.h"
#include "sluice/record/occasion.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

// What build, test and monitoring systems report. As in deployment_events.h, CheckEvent finds what
// is wrong with an event by itself, and ApplyEvent leaves the state as it was if it fails. A report
// that is older than the recorded one is OK and changes nothing.
namespace sluice {

void CheckEvent(const FieldPath& path, const v1::ArtifactBuilt& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::CheckReported& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::AlarmReported& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::SeriesReported& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::CountsReported& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::BaselineReported& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::MeasurementReported& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::SyntheticRunsReported& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::EnvironmentObserved& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::TrafficObserved& event, FieldErrors& errors);
void CheckEvent(const FieldPath& path, const v1::ListObserved& event, FieldErrors& errors);

// An artifact is built once; its sequence is its own.
absl::Status ApplyEvent(const v1::ArtifactBuilt& event, const Occasion& occasion,
                        v1::PipelineState* state);
// A run that goes on is replaced by a later report of it; one that has finished stays as it is.
absl::Status ApplyEvent(const v1::CheckReported& event, const Occasion& occasion,
                        v1::PipelineState* state);
// Keeps `history_from` and `last_alarm_at` from report to report [A1].
absl::Status ApplyEvent(const v1::AlarmReported& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::SeriesReported& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::CountsReported& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::BaselineReported& event, const Occasion& occasion,
                        v1::PipelineState* state);
// A measurement is made once; what it said stays.
absl::Status ApplyEvent(const v1::MeasurementReported& event, const Occasion& occasion,
                        v1::PipelineState* state);
// Older: the newest run finished earlier than the recorded newest.
absl::Status ApplyEvent(const v1::SyntheticRunsReported& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::EnvironmentObserved& event, const Occasion& occasion,
                        v1::PipelineState* state);
absl::Status ApplyEvent(const v1::TrafficObserved& event, const Occasion& occasion,
                        v1::PipelineState* state);
// Keeps the highest epoch [K1].
absl::Status ApplyEvent(const v1::ListObserved& event, const Occasion& occasion,
                        v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_RECORD_REPORT_EVENTS_H_
