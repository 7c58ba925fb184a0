#ifndef SLUICE_BLOCKERS_TRAFFIC_ISOLATION_H_
#define SLUICE_BLOCKERS_TRAFFIC_ISOLATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Holds until the share of traffic from principals that are not listed is small [C5].
struct TrafficIsolation {
  std::vector<std::string> principals;  // Sorted.
  uint32_t max_other_ppm = 0;
  uint64_t min_requests = 0;
  absl::Duration max_age;
};

// Adds every fault to `errors`; the result is used only if there are none.
TrafficIsolation ParseTrafficIsolation(const v1::TrafficIsolation& proto, const FieldPath& path,
                                       FieldErrors& errors);

// The first that applies to the stage's sample: UNKNOWN (NO_DATA); INVALID, FROM_THE_FUTURE
// included; UNKNOWN: STALE, TOO_FEW_REQUESTS; BLOCKING (FOREIGN_TRAFFIC) above the share; CLEAR.
// Exact: integers only.
Judgement Check(const TrafficIsolation& blocker, const Subject& subject, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_TRAFFIC_ISOLATION_H_
