#ifndef SLUICE_COMPILE_PROFILE_H_
#define SLUICE_COMPILE_PROFILE_H_

#include <vector>

#include "sluice/filled_choice.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Makes every choice in `*policy` that is unset and that its profile makes [G8], and says which.
// With no profile nothing is filled, and a later fault names each; but a policy that makes none of
// the choices has most likely forgotten the profile, so that gets one fault, at `profile`.
std::vector<FilledChoice> FillChoices(v1::PipelinePolicy* policy, FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_COMPILE_PROFILE_H_
