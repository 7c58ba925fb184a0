#ifndef SLUICE_SIMULATE_HEALTHY_VALUE_H_
#define SLUICE_SIMULATE_HEALTHY_VALUE_H_

#include <cstdint>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "sluice/metrics/alarm_rule.h"

namespace sluice {

// A value for which none of the rules breaches: the newest of `known` that does not, else zero,
// else one at a rule's bound. Nothing if the rules leave no value, as far as is tried.
absl::optional<double> HealthyValue(absl::Span<const AlarmRule* const> rules,
                                    absl::Span<const double> known);

// A rule for the share of `requests` that are errors.
struct RatioRule {
  double requests = 0;
  const AlarmRule* rule = nullptr;
};

// A number of errors for which none of the rules, and none of the ratios' rules, breaches.
absl::optional<double> HealthyErrors(absl::Span<const AlarmRule* const> rules,
                                     absl::Span<const RatioRule> ratios);

}  // namespace sluice

#endif  // SLUICE_SIMULATE_HEALTHY_VALUE_H_
