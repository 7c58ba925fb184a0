#ifndef SLUICE_BLOCKERS_SYNTHETIC_TRAFFIC_H_
#define SLUICE_BLOCKERS_SYNTHETIC_TRAFFIC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Holds until the synthetic traffic of each API has succeeded often enough of late [C3].
struct SyntheticTraffic {
  std::vector<std::string> apis;  // Sorted.
  absl::Duration window;
  uint32_t min_success_ppm = 0;
  uint32_t min_runs = 0;
  absl::Duration max_gap;
};

// Adds every fault to `errors`; the result is used only if there are none.
SyntheticTraffic ParseSyntheticTraffic(const v1::SyntheticTraffic& proto, const FieldPath& path,
                                       FieldErrors& errors);

// The gravest that any API has: INVALID (runs from the future included), UNKNOWN: NO_DATA,
// TOO_FEW_RUNS, RUN_GAP; BLOCKING (BELOW_SUCCESS_RATIO); else CLEAR. So whether the runs tell
// enough is asked before what they tell. Of equally grave ones the first API by name is named. See
// JudgeRuns for the window.
Judgement Check(const SyntheticTraffic& blocker, const Subject& subject, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_SYNTHETIC_TRAFFIC_H_
