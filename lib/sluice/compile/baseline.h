#ifndef SLUICE_COMPILE_BASELINE_H_
#define SLUICE_COMPILE_BASELINE_H_

#include "sluice/host_kind.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/baseline.pb.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Puts an organisation's baseline into a policy whose choices are made: adds its blockers after the
// policy's own, and faults wherever the policy permits more than the baseline does, at the policy's
// path and naming the baseline's [L1]. Faults of the baseline itself have paths that begin with
// `baseline`.
void ApplyBaseline(const v1::BaselinePolicy& baseline, const HostKinds& host_kinds,
                   v1::PipelinePolicy* policy, FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_COMPILE_BASELINE_H_
