#ifndef SLUICE_BLOCKERS_ENVIRONMENT_PARITY_H_
#define SLUICE_BLOCKERS_ENVIRONMENT_PARITY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Holds until the named aspects are equal and present in the named stages [C4].
struct EnvironmentParity {
  std::vector<std::string> aspects;  // Sorted.
  std::vector<std::string> stages;   // At least two; sorted.
  absl::Duration max_age;
};

// Adds every fault to `errors`; the result is used only if there are none. Whether the policy has
// the stages is for the caller to see.
EnvironmentParity ParseEnvironmentParity(const v1::EnvironmentParity& proto, const FieldPath& path,
                                         FieldErrors& errors);

// The first that applies: INVALID, FROM_THE_FUTURE included; UNKNOWN: NO_DATA of a stage, STALE,
// ASPECT_MISSING; BLOCKING (ASPECT_DIFFERS); CLEAR. An empty value is a missing one.
Judgement Check(const EnvironmentParity& blocker, const Subject& subject, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_ENVIRONMENT_PARITY_H_
