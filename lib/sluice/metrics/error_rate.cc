#include "sluice/metrics/error_rate.h"

#include <algorithm>
#include <cstdint>

#include "absl/numeric/int128.h"

namespace sluice {
namespace {

constexpr int64_t kMostFewErrors = 10;

// The constants of one confidence.
struct Level {
  int64_t z_squared;  // Thousandths, rounded up.
  int64_t skewness;   // (z^2 - 1) / 6 in hundredths, rounded up.

  // Element k - 1: the most expected errors, in millionths, at which k errors are significant.
  // alpha for k = 1, else the mean at which a Poisson variable is at least k with probability
  // alpha, rounded down.
  int64_t few_errors[kMostFewErrors];
};

constexpr Level kLevel90 = {
    1643,
    11,
    {100000, 531811, 1102065, 1744769, 2432591, 3151898, 3894766, 4656118, 5432468, 6221304}};
constexpr Level kLevel95 = {
    2706,
    29,
    {50000, 355361, 817691, 1366318, 1970149, 2613014, 3285315, 3980822, 4695227, 5425405}};
constexpr Level kLevel99 = {
    5412,
    74,
    {10000, 148554, 436045, 823248, 1279106, 1785284, 2330212, 2906106, 3507455, 4130199}};
constexpr Level kLevel999 = {
    9550, 143, {1000, 45402, 190533, 428552, 739371, 1107104, 1520336, 1970813, 2452424, 2960520}};

const Level* FindLevel(Confidence confidence) {
  switch (confidence) {
    case Confidence::k90:
      return &kLevel90;
    case Confidence::k95:
      return &kLevel95;
    case Confidence::k99:
      return &kLevel99;
    case Confidence::k999:
      return &kLevel999;
    case Confidence::kUnset:
      return nullptr;
  }
  return nullptr;
}

bool IsBound(int64_t bound_ppm) { return bound_ppm >= 0 && bound_ppm <= kMaxRatePpm; }

}  // namespace

bool AreCounts(int64_t requests, int64_t errors) {
  return errors >= 0 && errors <= requests && requests <= kMaxCount;
}

bool IsWithinBound(int64_t requests, int64_t errors, int64_t bound_ppm) {
  if (!AreCounts(requests, errors) || !IsBound(bound_ppm)) return false;
  return errors * kMaxRatePpm <= requests * bound_ppm;  // Both below 2^54.
}

bool ExceedsSignificantly(int64_t requests, int64_t errors, int64_t bound_ppm,
                          Confidence confidence) {
  if (!AreCounts(requests, errors) || !IsBound(bound_ppm)) return false;
  const Level* const level = FindLevel(confidence);
  if (level == nullptr || errors == 0) return false;

  const int64_t expected = requests * bound_ppm;  // Millionths of an error; below 2^54.
  if (expected <= level->few_errors[std::min(errors, kMostFewErrors) - 1]) return true;

  // The corrected excess of errors, in hundred-millionths of an error: absolutely below 2^61.
  const int64_t excess = 50 * (2 * kMaxRatePpm * errors - kMaxRatePpm - 2 * expected) -
                         level->skewness * std::max<int64_t>(kMaxRatePpm - 2 * bound_ppm, 0);
  if (excess <= 0) return false;
  // z^2 times the variance, in units of excess^2: below 2^89.
  const absl::uint128 limit =
      absl::uint128(expected) * (kMaxRatePpm - bound_ppm) * (10 * level->z_squared);
  return absl::uint128(excess) * absl::uint128(excess) > limit;
}

RateVerdict JudgeRate(int64_t requests, int64_t errors, int64_t bound_ppm, int64_t min_requests,
                      int64_t min_requests_to_fail, Confidence confidence) {
  if (min_requests >= 1 && requests >= min_requests && IsWithinBound(requests, errors, bound_ppm)) {
    return RateVerdict::kClear;
  }
  if (min_requests_to_fail >= 1 && requests >= min_requests_to_fail &&
      ExceedsSignificantly(requests, errors, bound_ppm, confidence)) {
    return RateVerdict::kFailed;
  }
  return RateVerdict::kUnknown;
}

}  // namespace sluice
