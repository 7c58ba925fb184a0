#include "sluice/metrics/baseline_ratio.h"

#include <algorithm>
#include <cstdint>

#include "absl/numeric/int128.h"

namespace sluice {
namespace {

bool AreComparable(const RateCounts& subject, const RateCounts& baseline, int64_t max_ratio_ppm) {
  return AreCounts(subject.requests, subject.errors) &&
         AreCounts(baseline.requests, baseline.errors) && subject.requests > 0 &&
         baseline.requests > 0 && max_ratio_ppm >= 1 && max_ratio_ppm <= kMaxRatioPpm;
}

// The subject's expected share of all errors if its rate is as high as permitted, parts per
// million, rounded up.
int64_t ExpectedShare(const RateCounts& subject, const RateCounts& baseline,
                      int64_t max_ratio_ppm) {
  const absl::uint128 ours = absl::uint128(subject.requests) * max_ratio_ppm;  // Below 2^61.
  const absl::uint128 all = ours + absl::uint128(baseline.requests) * kMaxRatePpm;
  const absl::uint128 share = (ours * kMaxRatePpm + all - 1) / all;
  return static_cast<int64_t>(share);
}

}  // namespace

bool IsWithinRatio(const RateCounts& subject, const RateCounts& baseline, int64_t max_ratio_ppm) {
  if (!AreComparable(subject, baseline, max_ratio_ppm)) return false;
  // Both sides below 2^96.
  return absl::uint128(subject.errors) * baseline.requests * kMaxRatePpm <=
         absl::uint128(baseline.errors) * subject.requests * max_ratio_ppm;
}

bool ExceedsRatioSignificantly(const RateCounts& subject, const RateCounts& baseline,
                               int64_t max_ratio_ppm, Confidence confidence) {
  if (!AreComparable(subject, baseline, max_ratio_ppm)) return false;
  return ExceedsSignificantly(subject.errors + baseline.errors, subject.errors,
                              ExpectedShare(subject, baseline, max_ratio_ppm), confidence);
}

RateVerdict JudgeRatio(const RateCounts& subject, const RateCounts& baseline, int64_t max_ratio_ppm,
                       int64_t min_requests, int64_t min_requests_to_fail, Confidence confidence) {
  const int64_t fewest = std::min(subject.requests, baseline.requests);
  if (min_requests >= 1 && fewest >= min_requests &&
      IsWithinRatio(subject, baseline, max_ratio_ppm)) {
    return RateVerdict::kClear;
  }
  if (min_requests_to_fail >= 1 && fewest >= min_requests_to_fail &&
      ExceedsRatioSignificantly(subject, baseline, max_ratio_ppm, confidence)) {
    return RateVerdict::kFailed;
  }
  return RateVerdict::kUnknown;
}

}  // namespace sluice
