#include "sluice/metrics/rate_sum.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/metrics/error_rate.h"

namespace sluice {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);
constexpr int64_t kMissing = kMissingCount;

absl::Time Start() { return absl::FromUnixSeconds(1699999980); }

absl::Time Minute(int64_t minutes) { return Start() + minutes * kMinute; }

RateSum Sum(const std::vector<int64_t>& requests, const std::vector<int64_t>& errors,
            absl::Time from, absl::Time to) {
  return SumRate(Start(), kMinute, requests, errors, from, to);
}

// Requests only, each tenth of which is an error.
RateSum Sum(const std::vector<int64_t>& requests, absl::Time from, absl::Time to) {
  std::vector<int64_t> errors;
  for (const int64_t count : requests) errors.push_back(count < 0 ? count : count / 10);
  return Sum(requests, errors, from, to);
}

TEST(SumRate, AddsThePeriodsWithinTheInterval) {
  const RateSum sum = Sum({10, 20, 40, 80, 160}, Minute(1), Minute(4));
  EXPECT_TRUE(sum.valid);
  EXPECT_TRUE(sum.complete);
  EXPECT_EQ(sum.requests, 140);
  EXPECT_EQ(sum.errors, 14);
  EXPECT_EQ(sum.data_points, 3);
}

TEST(SumRate, LeavesOutPeriodsThatOnlyTouchTheInterval) {
  const std::vector<int64_t> counts = {10, 20, 40, 80, 160};
  EXPECT_EQ(Sum(counts, Minute(1) - kNanosecond, Minute(4)).requests, 140);
  EXPECT_EQ(Sum(counts, Minute(1) + kNanosecond, Minute(4)).requests, 120);
  EXPECT_EQ(Sum(counts, Minute(1), Minute(4) - kNanosecond).requests, 60);
  EXPECT_EQ(Sum(counts, Minute(1), Minute(4) + kNanosecond).requests, 140);
  EXPECT_TRUE(Sum(counts, Minute(1) + kNanosecond, Minute(4) - kNanosecond).complete);
}

TEST(SumRate, APeriodThatLacksEitherCountAddsNeither) {
  const RateSum no_errors = Sum({10, 20, 40}, {1, kMissing, 4}, Minute(0), Minute(3));
  EXPECT_TRUE(no_errors.valid);
  EXPECT_FALSE(no_errors.complete);
  EXPECT_EQ(no_errors.requests, 50);
  EXPECT_EQ(no_errors.errors, 5);
  EXPECT_EQ(no_errors.data_points, 2);
  const RateSum no_requests = Sum({10, kMissing, 40}, {1, 2, 4}, Minute(0), Minute(3));
  EXPECT_TRUE(no_requests.valid);
  EXPECT_FALSE(no_requests.complete);
  EXPECT_EQ(no_requests.requests, 50);
  EXPECT_EQ(no_requests.errors, 5);
  EXPECT_TRUE(Sum({10, kMissing, 40}, {1, 2, 4}, Minute(2), Minute(3)).complete);
  EXPECT_TRUE(Sum({0, 0}, Minute(0), Minute(2)).complete);
}

TEST(SumRate, IsIncompleteBeyondTheColumns) {
  const std::vector<int64_t> counts = {10, 20};
  EXPECT_TRUE(Sum(counts, Minute(0), Minute(2)).complete);
  EXPECT_FALSE(Sum(counts, Minute(0), Minute(3)).complete);
  EXPECT_FALSE(Sum(counts, Minute(-1), Minute(2)).complete);
  EXPECT_TRUE(Sum(counts, Minute(0), Minute(3) - kNanosecond).complete);
  EXPECT_TRUE(Sum(counts, Minute(-1) + kNanosecond, Minute(2)).complete);
  EXPECT_EQ(Sum(counts, Minute(-1), Minute(3)).requests, 30);
  EXPECT_FALSE(Sum(counts, Minute(5), Minute(7)).complete);
  EXPECT_FALSE(Sum(counts, Minute(-7), Minute(-5)).complete);
  EXPECT_FALSE(Sum({}, Minute(0), Minute(1)).complete);
}

TEST(SumRate, IsNeverCompleteWithoutAWholePeriod) {
  const std::vector<int64_t> counts = {10, 20};
  for (const RateSum& sum :
       {Sum(counts, Minute(1), Minute(1)), Sum(counts, Minute(1), Minute(2) - kNanosecond),
        Sum(counts, Minute(0) + kNanosecond, Minute(2) - kNanosecond),
        Sum(counts, Minute(2), Minute(0))}) {
    EXPECT_TRUE(sum.valid);
    EXPECT_FALSE(sum.complete);
    EXPECT_EQ(sum.requests, 0);
  }
}

TEST(SumRate, BadCountsFail) {
  for (const int64_t bad : {std::numeric_limits<int64_t>::min(), int64_t{-2}, kMaxCount + 1,
                            std::numeric_limits<int64_t>::max()}) {
    for (const RateSum& sum : {Sum({10, bad}, {0, 0}, Minute(0), Minute(2)),
                               Sum({10, kMaxCount}, {0, bad}, Minute(0), Minute(2)),
                               Sum({10, bad}, {0, kMissing}, Minute(0), Minute(2)),
                               Sum({10, kMissing}, {0, bad}, Minute(0), Minute(2))}) {
      EXPECT_FALSE(sum.valid) << bad;
      EXPECT_FALSE(sum.complete);
      EXPECT_EQ(sum.requests, 0);
    }
  }
}

TEST(SumRate, MoreErrorsThanRequestsFail) {
  EXPECT_TRUE(Sum({10, 20}, {10, 20}, Minute(0), Minute(2)).valid);
  EXPECT_FALSE(Sum({10, 20}, {0, 21}, Minute(0), Minute(2)).valid);
}

TEST(SumRate, ColumnsOfDifferentLengthFail) {
  EXPECT_FALSE(Sum({10, 20}, {1}, Minute(0), Minute(1)).valid);
  EXPECT_FALSE(Sum({10}, {1, 2}, Minute(0), Minute(1)).valid);
}

TEST(SumRate, ASumBeyondTheLimitFails) {
  EXPECT_TRUE(Sum({kMaxCount, 0}, {0, 0}, Minute(0), Minute(2)).valid);
  EXPECT_FALSE(Sum({kMaxCount, 1}, {0, 0}, Minute(0), Minute(2)).valid);
  EXPECT_TRUE(Sum({kMaxCount, 1}, {0, 0}, Minute(1), Minute(2)).valid);
  const std::vector<int64_t> many(1000, kMaxCount);
  EXPECT_FALSE(Sum(many, many, Minute(0), Minute(1000)).valid);
}

TEST(SumRate, MalformedFramesFail) {
  const std::vector<int64_t> counts = {1, 2};
  const auto valid = [&counts](absl::Time start, absl::Duration period, absl::Time from,
                               absl::Time to) {
    return SumRate(start, period, counts, counts, from, to).valid;
  };
  EXPECT_TRUE(valid(Start(), kMinute, Minute(0), Minute(1)));
  EXPECT_FALSE(valid(Start() + kNanosecond, kMinute, Minute(0), Minute(1)));
  EXPECT_FALSE(valid(Start(), absl::ZeroDuration(), Minute(0), Minute(1)));
  EXPECT_FALSE(valid(Start(), absl::Seconds(7), Minute(0), Minute(1)));
  EXPECT_FALSE(valid(Start(), kMinute, absl::InfinitePast(), Minute(1)));
  EXPECT_FALSE(valid(Start(), kMinute, Minute(0), absl::InfiniteFuture()));
  // The last of two periods would end after year 9999.
  EXPECT_FALSE(valid(absl::FromUnixSeconds(253402300740), kMinute, Minute(0), Minute(1)));
}

}  // namespace
}  // namespace sluice
