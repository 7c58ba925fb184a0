#ifndef SLUICE_COMPILE_TIGHTNESS_H_
#define SLUICE_COMPILE_TIGHTNESS_H_

#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Faults, at each field of `own` that permits more than `baseline` does, naming the baseline's path
// too. Fields that have a tighter direction (a shorter `max_age`, a larger quorum, fewer roles,
// more lists) may go that way; descriptions are free; every other field must be equal. Both
// blockers are valid and have their choices made.
void RequireAtLeastAsTight(const v1::Blocker& own, const FieldPath& own_path,
                           const v1::Blocker& baseline, const FieldPath& baseline_path,
                           FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_COMPILE_TIGHTNESS_H_
