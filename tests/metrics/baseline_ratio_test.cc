#include "sluice/metrics/baseline_ratio.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "sluice/metrics/error_rate.h"

namespace sluice {
namespace {

constexpr Confidence kConfidences[] = {Confidence::k90, Confidence::k95, Confidence::k99,
                                       Confidence::k999};
constexpr double kAlphas[] = {0.1, 0.05, 0.01, 0.001};
constexpr int64_t kSame = 1'000'000;

// The probabilities of 0 to `most` errors in so many requests.
std::vector<double> Binomial(int64_t requests, double rate, int64_t most) {
  std::vector<double> terms;
  const auto n = static_cast<double>(requests);
  for (int64_t i = 0; i <= most && i <= requests; ++i) {
    const auto k = static_cast<double>(i);
    terms.push_back(std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                             k * std::log(rate) + (n - k) * std::log1p(-rate)));
  }
  return terms;
}

TEST(BaselineRatioTest, WithinRatioIsExact) {
  EXPECT_TRUE(IsWithinRatio({1000, 0}, {1000, 0}, kSame));
  EXPECT_TRUE(IsWithinRatio({1000, 1}, {1000, 1}, kSame));
  EXPECT_FALSE(IsWithinRatio({1000, 2}, {1000, 1}, kSame));
  EXPECT_TRUE(IsWithinRatio({1000, 2}, {1000, 1}, 2 * kSame));
  EXPECT_FALSE(IsWithinRatio({1000, 2}, {1000, 1}, 2 * kSame - 1));
  EXPECT_FALSE(IsWithinRatio({999, 2}, {1000, 1}, 2 * kSame));
  EXPECT_FALSE(IsWithinRatio({1000, 2}, {1001, 1}, 2 * kSame));
  // Near the largest products.
  EXPECT_TRUE(IsWithinRatio({kMaxCount, kMaxCount}, {kMaxCount, kMaxCount}, kSame));
  EXPECT_TRUE(IsWithinRatio({kMaxCount, 100}, {kMaxCount, 1}, kMaxRatioPpm));
  EXPECT_FALSE(IsWithinRatio({kMaxCount, 101}, {kMaxCount, 1}, kMaxRatioPpm));
}

TEST(BaselineRatioTest, NothingFollowsFromCountsThatMakeNoSense) {
  for (const RateCounts& bad : {RateCounts{0, 0}, RateCounts{10, 11}, RateCounts{-1, 0},
                                RateCounts{10, -1}, RateCounts{kMaxCount + 1, 0}}) {
    EXPECT_FALSE(IsWithinRatio(bad, {1000, 100}, kSame));
    EXPECT_FALSE(IsWithinRatio({1000, 1}, bad, kSame));
    EXPECT_FALSE(ExceedsRatioSignificantly(bad, {1000, 1}, kSame, Confidence::k90));
    EXPECT_FALSE(ExceedsRatioSignificantly({1000, 900}, bad, kSame, Confidence::k90));
  }
  for (const int64_t ratio : {int64_t{0}, int64_t{-1}, kMaxRatioPpm + 1}) {
    EXPECT_FALSE(IsWithinRatio({1000, 0}, {1000, 0}, ratio));
    EXPECT_FALSE(ExceedsRatioSignificantly({1000, 900}, {1000, 0}, ratio, Confidence::k90));
  }
  EXPECT_FALSE(ExceedsRatioSignificantly({1000, 900}, {1000, 0}, kSame, Confidence::kUnset));
  EXPECT_FALSE(
      ExceedsRatioSignificantly({kMaxCount, kMaxCount}, {kMaxCount, 1}, 1, Confidence::k90));
}

TEST(BaselineRatioTest, FewestErrorsThatAreSignificant) {
  struct Row {
    RateCounts baseline;
    int64_t fewest[4];
  };
  for (const Row& row : {Row{{9000, 0}, {1, 2, 3, 4}}, Row{{9000, 9}, {4, 4, 6, 7}},
                         Row{{9000, 90}, {16, 17, 20, 23}}, Row{{9000, 900}, {115, 119, 127, 135}},
                         Row{{1000, 0}, {4, 5, 8, 12}}, Row{{1000, 10}, {18, 21, 25, 31}}}) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(
          ExceedsRatioSignificantly({1000, row.fewest[i]}, row.baseline, kSame, kConfidences[i]))
          << row.baseline.requests << " " << row.baseline.errors << " " << i;
      EXPECT_FALSE(ExceedsRatioSignificantly({1000, row.fewest[i] - 1}, row.baseline, kSame,
                                             kConfidences[i]))
          << row.baseline.requests << " " << row.baseline.errors << " " << i;
    }
  }
}

// The probability that a subject whose rate is exactly as high as permitted is called significant.
double RiskOf(int64_t n1, int64_t n0, double rate, int64_t ratio, Confidence confidence) {
  const double expected1 = static_cast<double>(n1) * rate * static_cast<double>(ratio) / kSame;
  const double expected0 = static_cast<double>(n0) * rate;
  const std::vector<double> ours =
      Binomial(n1, rate * static_cast<double>(ratio) / kSame,
               static_cast<int64_t>(expected1 + 12 * std::sqrt(expected1) + 15));
  const std::vector<double> theirs =
      Binomial(n0, rate, static_cast<int64_t>(expected0 + 9 * std::sqrt(expected0) + 12));
  double risk = 0;
  for (size_t e0 = 0; e0 < theirs.size(); ++e0) {
    for (size_t e1 = 0; e1 < ours.size(); ++e1) {
      if (ExceedsRatioSignificantly({n1, static_cast<int64_t>(e1)}, {n0, static_cast<int64_t>(e0)},
                                    ratio, confidence)) {
        risk += ours[e1] * theirs[e0];
      }
    }
  }
  return risk;
}

TEST(BaselineRatioTest, IsNeverEager) {
  for (const auto& [n1, n0] : std::vector<std::pair<int64_t, int64_t>>{
           {50, 50}, {50, 500}, {200, 200}, {500, 100}, {1000, 9000}}) {
    for (const int64_t ratio : {kSame / 2, kSame, 2 * kSame, 5 * kSame}) {
      for (const double rate : {0.002, 0.01, 0.05}) {
        for (int i = 0; i < 4; ++i) {
          EXPECT_LE(RiskOf(n1, n0, rate, ratio, kConfidences[i]), kAlphas[i])
              << n1 << " " << n0 << " " << ratio << " " << rate << " " << i;
        }
      }
    }
  }
}

TEST(BaselineRatioTest, IsMonotoneAndDisjointFromWithin) {
  for (const Confidence confidence : kConfidences) {
    for (const int64_t n1 : {100, 1000}) {
      for (const int64_t n0 : {100, 5000}) {
        for (int64_t e0 = 0; e0 <= 40; ++e0) {
          bool before = false;
          for (int64_t e1 = 0; e1 <= 60; ++e1) {
            const bool now = ExceedsRatioSignificantly({n1, e1}, {n0, e0}, kSame, confidence);
            EXPECT_FALSE(before && !now) << n1 << " " << n0 << " " << e0 << " " << e1;
            EXPECT_FALSE(now && IsWithinRatio({n1, e1}, {n0, e0}, kSame));
            if (now) {
              EXPECT_TRUE(ExceedsRatioSignificantly({n1 - 1, e1}, {n0, e0}, kSame, confidence));
              EXPECT_TRUE(ExceedsRatioSignificantly({n1, e1}, {n0 + 1, e0}, kSame, confidence));
              EXPECT_TRUE(e0 == 0 ||
                          ExceedsRatioSignificantly({n1, e1}, {n0, e0 - 1}, kSame, confidence));
            }
            before = now;
          }
        }
      }
    }
  }
}

TEST(BaselineRatioTest, BothSidesNeedTheirRequests) {
  const auto judge = [](const RateCounts& subject, const RateCounts& baseline) {
    return JudgeRatio(subject, baseline, kSame, 1000, 500, Confidence::k95);
  };
  EXPECT_EQ(judge({1000, 1}, {1000, 1}), RateVerdict::kClear);
  EXPECT_EQ(judge({999, 0}, {1000, 1}), RateVerdict::kUnknown);
  EXPECT_EQ(judge({1000, 0}, {999, 1}), RateVerdict::kUnknown);
  EXPECT_EQ(judge({500, 50}, {500, 1}), RateVerdict::kFailed);
  EXPECT_EQ(judge({499, 50}, {500, 1}), RateVerdict::kUnknown);
  EXPECT_EQ(judge({500, 50}, {499, 1}), RateVerdict::kUnknown);
  EXPECT_EQ(judge({1000, 2}, {1000, 1}), RateVerdict::kUnknown);
  EXPECT_EQ(JudgeRatio({0, 0}, {0, 0}, kSame, 0, 0, Confidence::k95), RateVerdict::kUnknown);
}

}  // namespace
}  // namespace sluice
