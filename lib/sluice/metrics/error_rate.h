#ifndef SLUICE_METRICS_ERROR_RATE_H_
#define SLUICE_METRICS_ERROR_RATE_H_

#include <cstdint>

#include "sluice/internal/limits.h"

namespace sluice {

// How sure a criterion must be that a rate is really too high before it says FAILED. Each is the
// probability that a rate exactly at the bound is left alone by one look, at the least.
enum class Confidence {
  kUnset = 0,
  k90,   // 90 %
  k95,   // 95 %
  k99,   // 99 %
  k999,  // 99.9 %
};

// Whether `errors` of `requests` are counts that can be judged: 0 <= errors <= requests <=
// kMaxCount.
bool AreCounts(int64_t requests, int64_t errors);

// Whether `errors` of `requests` are at most `bound_ppm` parts per million, exactly. False unless
// AreCounts, and unless 0 <= bound_ppm <= kMaxRatePpm. True of no errors in no requests.
bool IsWithinBound(int64_t requests, int64_t errors, int64_t bound_ppm);

// Whether `errors` of `requests` are so many that the true rate is above `bound_ppm` parts per
// million with the given confidence, one-sided. False where IsWithinBound has no answer, and with
// an unset or unknown `confidence`.
//
// With n requests, e errors, a bound b, and alpha = 1 - confidence, true iff e > 0 and either
//   - n b <= f(min(e, 10)), where f(k) is the mean at which a Poisson variable reaches k with
//   probability
//     alpha (f(1) = alpha): exact for rare errors; or
//   - e - 1/2 - n b - c max(0, 1 - 2 b) > z sqrt(n b (1 - b)): the normal approximation with the
//     corrections for continuity and skewness. z is the normal quantile of `confidence`, c = (z^2 -
//     1) / 6.
// All constants are rounded against this answer; the second line is decided by squaring, in 128
// bits, without overflow for all permitted counts. docs/health-criteria.md derives it and names the
// sources.
//
// Compared with the exact binomial p-value over some 600,000 cases, the answer true always had
// p <= alpha, and the answer false, with a bound up to 50 %, always had p above 0.90 alpha (90 %),
// 0.78 alpha (95 %), 0.47 alpha (99 %), 0.15 alpha (99.9 %); from 50 requests on, above 0.95, 0.92,
// 0.85 and 0.70 alpha.
//
// More errors in as many requests, or as many errors in fewer requests, never turn true into false.
// Never true together with IsWithinBound. With a bound of zero one error suffices.
bool ExceedsSignificantly(int64_t requests, int64_t errors, int64_t bound_ppm,
                          Confidence confidence);

// What the counts say about a bound.
enum class RateVerdict {
  kUnknown = 0,  // Too few requests, or too many errors to be well and too few to be sure.
  kClear,        // Enough requests, and no more errors than the bound permits.
  kFailed,       // Enough requests to fail, and significantly more errors than the bound permits.
};

// The verdict on `errors` of `requests`: CLEAR iff there are at least `min_requests` and
// IsWithinBound; FAILED iff there are at least `min_requests_to_fail` and ExceedsSignificantly;
// else UNKNOWN. Both minima must be at least 1: one that is not is never reached, so that no
// requests are never CLEAR.
//
// UNKNOWN too unless AreCounts, which the caller reports as INVALID. The caller also sees to it
// that the counts are sums without gaps.
RateVerdict JudgeRate(int64_t requests, int64_t errors, int64_t bound_ppm, int64_t min_requests,
                      int64_t min_requests_to_fail, Confidence confidence);

}  // namespace sluice

#endif  // SLUICE_METRICS_ERROR_RATE_H_
