#ifndef SLUICE_METRICS_BASELINE_RATIO_H_
#define SLUICE_METRICS_BASELINE_RATIO_H_

#include <cstdint>

#include "sluice/metrics/error_rate.h"

namespace sluice {

// The largest ratio of two error rates that a policy may permit, parts per million: a hundredfold.
inline constexpr int64_t kMaxRatioPpm = 100'000'000;

// Requests and errors of one side of a comparison.
struct RateCounts {
  int64_t requests = 0;
  int64_t errors = 0;
};

// Whether the error rate of `subject` is at most `max_ratio_ppm` parts per million of that of
// `baseline`, exactly. False unless AreCounts of both, both have requests, and 1 <= max_ratio_ppm
// <= kMaxRatioPpm. True of no errors on either side.
bool IsWithinRatio(const RateCounts& subject, const RateCounts& baseline, int64_t max_ratio_ppm);

// Whether `subject` has so many errors that its true rate is above `max_ratio_ppm` parts per
// million of the baseline's true rate with the given confidence, one-sided. False where
// IsWithinRatio has no answer, with an unset or unknown `confidence`, and with more than kMaxCount
// errors on both sides together.
//
// Of all k = e1 + e0 errors, those of the subject are a binomial variable of k trials with
//   pi = r n1 / (r n1 + n0)
// if its rate is r times the baseline's (Przyborowski and Wilenski 1940). So the answer is
// ExceedsSignificantly(k, e1, pi), with pi in parts per million, rounded up against it.
// docs/health-criteria.md derives it.
//
// Fewer requests of the subject, more requests of the baseline, or fewer errors of the baseline
// never turn true into false. Never true together with IsWithinRatio.
bool ExceedsRatioSignificantly(const RateCounts& subject, const RateCounts& baseline,
                               int64_t max_ratio_ppm, Confidence confidence);

// CLEAR iff both sides have at least `min_requests` and IsWithinRatio; FAILED iff both have at
// least `min_requests_to_fail` and ExceedsRatioSignificantly; else UNKNOWN. Both minima must be at
// least 1: one that is not is never reached.
RateVerdict JudgeRatio(const RateCounts& subject, const RateCounts& baseline, int64_t max_ratio_ppm,
                       int64_t min_requests, int64_t min_requests_to_fail, Confidence confidence);

}  // namespace sluice

#endif  // SLUICE_METRICS_BASELINE_RATIO_H_
