#ifndef SLUICE_RECORD_WANTED_RECORDS_H_
#define SLUICE_RECORD_WANTED_RECORDS_H_

#include "absl/status/status.h"
#include "sluice/internal/field_errors.h"
#include "sluice/record/occasion.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

// Writing down what a decision wants recorded: PROVEN, COMPLETE, PASSED, HALTED, ROLLED_BACK [R3a].
namespace sluice {

void CheckEvent(const FieldPath& path, const v1::Recorded& event, FieldErrors& errors);

// HALTED for want of a target latches the artifact, as a roll back would. Leaves the state as it
// was if it fails.
absl::Status ApplyEvent(const v1::Recorded& event, const Occasion& occasion,
                        v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_RECORD_WANTED_RECORDS_H_
