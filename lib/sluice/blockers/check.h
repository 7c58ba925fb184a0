#ifndef SLUICE_BLOCKERS_CHECK_H_
#define SLUICE_BLOCKERS_CHECK_H_

#include <limits>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// What one of a run's numbers must be, both bounds included.
struct NumberBound {
  std::string number;
  double at_least = -std::numeric_limits<double>::infinity();  // -infinity: none.
  double at_most = std::numeric_limits<double>::infinity();    // +infinity: none.
};

// Holds until a named check has passed for the artifact [C1].
struct CheckRequirement {
  std::string check;
  bool bound_to_stage = false;
  absl::Duration max_age = absl::InfiniteDuration();  // Infinite: no limit.
  std::vector<NumberBound> bounds;                    // Sorted by number, each once.
  int consecutive_passes = 1;
};

// Adds every fault to `errors`; the result is used only if there are none.
CheckRequirement ParseCheckRequirement(const v1::CheckRequirement& proto, const FieldPath& path,
                                       FieldErrors& errors);

// The newest started run decides; of several started at the same instant, the worst. Runs made in a
// cell are hygiene and count for nothing here. A run that can't be used, or that is from the
// future, makes the whole check INVALID.
//
// Age takes nothing but CLEAR away: a run that failed stays FAILED.
Judgement Check(const CheckRequirement& blocker, const Subject& subject, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_CHECK_H_
