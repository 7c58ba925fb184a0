#include "sluice/metrics/error_rate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr Confidence kConfidences[] = {Confidence::k90, Confidence::k95, Confidence::k99,
                                       Confidence::k999};
constexpr long double kAlphas[] = {0.1L, 0.05L, 0.01L, 0.001L};

constexpr int64_t kBounds[] = {
    0,      1,      2,      5,      10,     20,     50,     100,    200,    500,    1000,   2000,
    3000,   5000,   7000,   10000,  15000,  20000,  30000,  50000,  70000,  100000, 105000, 130000,
    150000, 200000, 250000, 300000, 333333, 350000, 400000, 450000, 490000, 500000};

// Above 50 %, where nobody sets a bound and the test is only required to be careful.
constexpr int64_t kHighBounds[] = {500001, 550000, 600000, 700000, 800000,
                                   900000, 950000, 990000, 999999, 1000000};

// The natural logarithm of the probability of exactly `errors` errors at the rate `bound`.
long double LogProbability(int64_t requests, int64_t errors, long double bound) {
  const auto n = static_cast<long double>(requests);
  const auto e = static_cast<long double>(errors);
  return std::lgamma(n + 1) - std::lgamma(e + 1) - std::lgamma(n - e + 1) + e * std::log(bound) +
         (n - e) * std::log1p(-bound);
}

// The exact binomial p-value: the probability of `errors` or more errors at a rate of exactly the
// bound. Sums the terms of the shorter tail from the largest on.
long double PValue(int64_t requests, int64_t errors, int64_t bound_ppm) {
  if (errors <= 0) return 1;
  if (errors > requests || bound_ppm == 0) return 0;
  if (bound_ppm == kMaxRatePpm) return 1;
  const long double bound = bound_ppm * 1e-6L;
  const long double odds = bound / (1 - bound);
  long double sum = 0;
  if (errors > requests * bound) {
    long double term = std::exp(LogProbability(requests, errors, bound));
    for (int64_t k = errors; k <= requests && term > sum * 1e-18L; ++k) {
      sum += term;
      term *= static_cast<long double>(requests - k) / static_cast<long double>(k + 1) * odds;
    }
    return sum;
  }
  long double term = std::exp(LogProbability(requests, errors - 1, bound));
  for (int64_t k = errors - 1; k >= 0 && term > sum * 1e-18L; --k) {
    sum += term;
    term *= static_cast<long double>(k) / static_cast<long double>(requests - k + 1) / odds;
  }
  return 1 - sum;
}

// The fewest errors in `requests` that are significant, or requests + 1. Relies on monotony, which
// has a test of its own.
int64_t CriticalErrors(int64_t requests, int64_t bound_ppm, Confidence confidence) {
  int64_t low = 0;
  int64_t high = requests + 1;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (ExceedsSignificantly(requests, middle, bound_ppm, confidence)) {
      high = middle;
    } else {
      low = middle + 1;
    }
    if (middle == requests && low == requests + 1) break;
  }
  return low;
}

std::vector<int64_t> RequestCounts() {
  std::vector<int64_t> counts;
  for (int64_t n = 1; n <= 400; ++n) counts.push_back(n);
  for (double n = 402; n < 1e6; n *= 1.02) counts.push_back(static_cast<int64_t>(n));
  counts.push_back(1000000);
  return counts;
}

TEST(PValueOfTheTest, AgreesWithSumsDoneByHand) {
  EXPECT_NEAR(static_cast<double>(PValue(3, 2, 500000)), 0.5, 1e-15);
  EXPECT_NEAR(static_cast<double>(PValue(10, 10, 500000)), 1.0 / 1024, 1e-17);
  EXPECT_NEAR(static_cast<double>(PValue(10, 9, 500000)), 11.0 / 1024, 1e-17);
  EXPECT_NEAR(static_cast<double>(PValue(2, 1, 100000)), 0.19, 1e-15);
  EXPECT_NEAR(static_cast<double>(PValue(4, 1, 900000)), 0.9999, 1e-15);
}

TEST(AreCounts, NeedsNoMoreErrorsThanRequestsAndNeitherBeyondTheLimit) {
  EXPECT_TRUE(AreCounts(0, 0));
  EXPECT_TRUE(AreCounts(1, 1));
  EXPECT_FALSE(AreCounts(1, 2));
  EXPECT_FALSE(AreCounts(1, -1));
  EXPECT_FALSE(AreCounts(-1, -1));
  EXPECT_TRUE(AreCounts(kMaxCount, kMaxCount));
  EXPECT_FALSE(AreCounts(kMaxCount + 1, 0));
  EXPECT_FALSE(AreCounts(std::numeric_limits<int64_t>::max(), 0));
  EXPECT_FALSE(AreCounts(std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max()));
  EXPECT_FALSE(AreCounts(0, std::numeric_limits<int64_t>::min()));
}

TEST(IsWithinBound, IsExact) {
  EXPECT_TRUE(IsWithinBound(1000000, 1, 1));
  EXPECT_FALSE(IsWithinBound(999999, 1, 1));
  EXPECT_TRUE(IsWithinBound(100, 1, 10000));
  EXPECT_FALSE(IsWithinBound(99, 1, 10000));
  EXPECT_TRUE(IsWithinBound(3, 1, 333334));
  EXPECT_FALSE(IsWithinBound(3, 1, 333333));
  EXPECT_TRUE(IsWithinBound(kMaxCount, kMaxCount, kMaxRatePpm));
  EXPECT_FALSE(IsWithinBound(kMaxCount, kMaxCount, kMaxRatePpm - 1));
  EXPECT_TRUE(IsWithinBound(0, 0, 0));
  EXPECT_TRUE(IsWithinBound(5, 0, 0));
  EXPECT_FALSE(IsWithinBound(5, 1, 0));
}

TEST(IsWithinBound, FailsOnInvalidInput) {
  EXPECT_FALSE(IsWithinBound(1, 2, kMaxRatePpm));
  EXPECT_FALSE(IsWithinBound(10, -1, kMaxRatePpm));
  EXPECT_FALSE(IsWithinBound(kMaxCount + 1, 0, 1));
  EXPECT_FALSE(IsWithinBound(10, 0, -1));
  EXPECT_FALSE(IsWithinBound(10, 0, kMaxRatePpm + 1));
  EXPECT_FALSE(IsWithinBound(10, 0, std::numeric_limits<int64_t>::max()));
}

TEST(ExceedsSignificantly, FailsOnInvalidInput) {
  EXPECT_TRUE(ExceedsSignificantly(1000, 1000, 10, Confidence::k999));
  EXPECT_FALSE(ExceedsSignificantly(1000, 1000, 10, Confidence::kUnset));
  EXPECT_FALSE(ExceedsSignificantly(1000, 1000, 10, static_cast<Confidence>(9)));
  EXPECT_FALSE(ExceedsSignificantly(1000, 1001, 10, Confidence::k90));
  EXPECT_FALSE(ExceedsSignificantly(1000, -1, 10, Confidence::k90));
  EXPECT_FALSE(ExceedsSignificantly(-1, -1, 10, Confidence::k90));
  EXPECT_FALSE(ExceedsSignificantly(kMaxCount + 1, kMaxCount, 10, Confidence::k90));
  EXPECT_FALSE(ExceedsSignificantly(1000, 1000, -1, Confidence::k90));
  EXPECT_FALSE(ExceedsSignificantly(1000, 1000, kMaxRatePpm + 1, Confidence::k90));
  EXPECT_FALSE(ExceedsSignificantly(0, 0, 0, Confidence::k90));
}

TEST(ExceedsSignificantly, OneErrorExceedsABoundOfZeroAndNoneExceedsAny) {
  for (const Confidence confidence : kConfidences) {
    EXPECT_TRUE(ExceedsSignificantly(1, 1, 0, confidence));
    EXPECT_TRUE(ExceedsSignificantly(kMaxCount, 1, 0, confidence));
    for (const int64_t bound : kBounds) {
      EXPECT_FALSE(ExceedsSignificantly(0, 0, bound, confidence));
      EXPECT_FALSE(ExceedsSignificantly(1000, 0, bound, confidence));
    }
  }
}

TEST(ExceedsSignificantly, NothingExceedsABoundOfEverything) {
  for (const Confidence confidence : kConfidences) {
    for (const int64_t n : {int64_t{1}, int64_t{2}, int64_t{10}, int64_t{1000}, kMaxCount}) {
      EXPECT_FALSE(ExceedsSignificantly(n, n, kMaxRatePpm, confidence)) << n;
    }
  }
}

TEST(ExceedsSignificantly, HoldsAtTheEndsOfTheRange) {
  for (const Confidence confidence : kConfidences) {
    EXPECT_TRUE(ExceedsSignificantly(kMaxCount, kMaxCount, 1, confidence));
    EXPECT_TRUE(ExceedsSignificantly(kMaxCount, kMaxCount, kMaxRatePpm - 1, confidence));
    EXPECT_FALSE(ExceedsSignificantly(kMaxCount, 1, 1, confidence));
    EXPECT_FALSE(ExceedsSignificantly(kMaxCount, 0, kMaxRatePpm, confidence));
    EXPECT_FALSE(ExceedsSignificantly(kMaxCount, kMaxCount / 2, 500000, confidence));
    EXPECT_TRUE(ExceedsSignificantly(kMaxCount, kMaxCount / 2 + 1000000, 500000, confidence));
  }
}

TEST(ExceedsSignificantly, MoreErrorsNeverTurnItOff) {
  for (const Confidence confidence : kConfidences) {
    for (const int64_t bound : kBounds) {
      for (const int64_t n : {1, 2, 3, 5, 9, 10, 11, 20, 50, 300}) {
        bool before = false;
        for (int64_t e = 0; e <= n; ++e) {
          const bool exceeds = ExceedsSignificantly(n, e, bound, confidence);
          EXPECT_TRUE(exceeds || !before) << n << " " << e << " " << bound;
          before = exceeds;
        }
      }
    }
    for (const int64_t bound : kHighBounds) {
      for (int64_t n = 1; n <= 60; ++n) {
        bool before = false;
        for (int64_t e = 0; e <= n; ++e) {
          const bool exceeds = ExceedsSignificantly(n, e, bound, confidence);
          EXPECT_TRUE(exceeds || !before) << n << " " << e << " " << bound;
          before = exceeds;
        }
      }
    }
  }
}

TEST(ExceedsSignificantly, FewerRequestsNeverTurnItOff) {
  for (const Confidence confidence : kConfidences) {
    for (const int64_t bound : kBounds) {
      for (const int64_t e : {1, 2, 3, 5, 9, 10, 11, 12, 20, 50}) {
        bool before = true;
        for (int64_t n = e; n <= 10000000; n += 1 + n / 50) {
          const bool exceeds = ExceedsSignificantly(n, e, bound, confidence);
          EXPECT_TRUE(before || !exceeds) << n << " " << e << " " << bound;
          before = exceeds;
        }
      }
    }
  }
}

TEST(ExceedsSignificantly, ALowerBoundOrLessConfidenceNeverTurnsItOff) {
  for (int64_t n = 1; n <= 120; ++n) {
    for (int64_t e = 0; e <= n; ++e) {
      bool weaker = true;
      for (const Confidence confidence : kConfidences) {
        bool lower = true;
        for (const int64_t bound : kBounds) {
          const bool exceeds = ExceedsSignificantly(n, e, bound, confidence);
          EXPECT_TRUE(lower || !exceeds) << n << " " << e << " " << bound;
          lower = exceeds;
        }
        const bool exceeds = ExceedsSignificantly(n, e, 50000, confidence);
        EXPECT_TRUE(weaker || !exceeds) << n << " " << e;
        weaker = exceeds;
      }
    }
  }
}

// The largest bound up to 50 % that `errors` of `requests` exceed significantly. Relies on
// monotony.
int64_t EdgeBound(int64_t requests, int64_t errors, Confidence confidence) {
  int64_t low = 0;
  int64_t high = 500000;
  while (low < high) {
    const int64_t middle = low + (high - low + 1) / 2;
    if (ExceedsSignificantly(requests, errors, middle, confidence)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

struct Counts {
  int64_t requests;
  int64_t errors;
};

// Every pair up to 400 requests; then a grid up to a million.
std::vector<Counts> ManyCounts() {
  std::vector<Counts> all;
  for (int64_t n = 1; n <= 400; ++n) {
    for (int64_t e = 1; e <= n; ++e) all.push_back({n, e});
  }
  for (int64_t n = 401; n <= 1000000; n += 1 + n / 10) {
    for (int64_t e = 1; e <= n / 2; e += 1 + e / 20) all.push_back({n, e});
  }
  return all;
}

// The heart of the matter: how far the integer inequality is from the exact test. For fixed counts
// p rises with the bound, so the worst cases lie on the two sides of the bound at which the answer
// turns.
TEST(ExceedsSignificantly, IsNeverEagerAndSeldomLateComparedWithTheExactTest) {
  // If it says no, p is above these shares of alpha; documented in docs/health-criteria.md.
  constexpr long double kLate[] = {0.90L, 0.78L, 0.47L, 0.15L};
  constexpr long double kLateWith50Requests[] = {0.95L, 0.92L, 0.85L, 0.70L};
  constexpr long double kLateUpTo1Percent[] = {0.95L, 0.96L, 0.91L, 0.77L};
  int64_t cases = 0;
  for (int i = 0; i < 4; ++i) {
    long double largest_yes = 0;
    for (const Counts& counts : ManyCounts()) {
      const int64_t bound = EdgeBound(counts.requests, counts.errors, kConfidences[i]);
      const long double yes = PValue(counts.requests, counts.errors, bound) / kAlphas[i];
      ASSERT_LE(yes, 1 + 1e-12L) << counts.errors << " of " << counts.requests << ", " << bound;
      largest_yes = std::max(largest_yes, yes);
      ++cases;
      if (bound == 500000) continue;
      const long double no = PValue(counts.requests, counts.errors, bound + 1) / kAlphas[i];
      ASSERT_GT(no, kLate[i]) << counts.errors << " of " << counts.requests << ", " << bound + 1;
      if (counts.requests >= 50) {
        ASSERT_GT(no, kLateWith50Requests[i])
            << counts.errors << " of " << counts.requests << ", " << bound + 1;
      }
      if (bound + 1 <= 10000) {
        ASSERT_GT(no, kLateUpTo1Percent[i])
            << counts.errors << " of " << counts.requests << ", " << bound + 1;
      }
      ++cases;
    }
    EXPECT_GT(largest_yes, 0.999L) << i;
  }
  EXPECT_GT(cases, 500000);
  RecordProperty("cases", std::to_string(cases));
}

TEST(ExceedsSignificantly, IsNeverEagerWithHighBoundsOrManyRequests) {
  for (int i = 0; i < 4; ++i) {
    for (const int64_t bound : kHighBounds) {
      for (const int64_t n : {1, 2, 3, 5, 8, 13, 21, 50, 100, 500, 2000, 10000, 100000}) {
        const int64_t critical = CriticalErrors(n, bound, kConfidences[i]);
        if (critical <= n) {
          EXPECT_LE(PValue(n, critical, bound), kAlphas[i] * (1 + 1e-12L)) << n << " " << bound;
        }
      }
    }
    for (const int64_t bound : kBounds) {
      for (const int64_t n : {int64_t{30000000}, int64_t{1000000000}, kMaxCount}) {
        const int64_t critical = CriticalErrors(n, bound, kConfidences[i]);
        const long double p = PValue(n, critical, bound);
        EXPECT_LE(p, kAlphas[i] * (1 + 1e-6L)) << n << " " << bound;
        if (bound > 0) {
          EXPECT_GT(PValue(n, critical - 1, bound), kAlphas[i] * 0.95L) << n << " " << bound;
        }
      }
    }
  }
}

struct FewestErrors {
  int64_t bound_ppm;
  int64_t requests;
  int64_t errors[4];
};

// The table of fewest errors in docs/health-criteria.md.
constexpr FewestErrors kFewestErrors[] = {
    {1000, 10, {1, 1, 1, 2}},
    {1000, 100, {1, 2, 2, 3}},
    {1000, 1000, {3, 4, 5, 6}},
    {1000, 10000, {15, 16, 19, 22}},
    {1000, 1000000, {1042, 1053, 1075, 1100}},
    {10000, 5, {1, 1, 2, 3}},
    {10000, 20, {2, 2, 3, 4}},
    {10000, 100, {3, 4, 5, 6}},
    {10000, 1000, {15, 16, 19, 22}},
    {10000, 10000, {114, 118, 125, 133}},
    {10000, 1000000, {10129, 10165, 10233, 10310}},
};

TEST(ExceedsSignificantly, StartsAtTheDocumentedErrors) {
  for (const FewestErrors& row : kFewestErrors) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(CriticalErrors(row.requests, row.bound_ppm, kConfidences[i]), row.errors[i])
          << row.requests << " " << row.bound_ppm << " " << i;
    }
  }
}

struct Chances {
  int64_t requests;
  int64_t failed_from;  // Errors.
  double failed[5];     // Percent, at the true rates below.
  int64_t clear_up_to;
  double clear[5];
};

constexpr int64_t kTrueRates[] = {5000, 10000, 20000, 50000, 100000};

// The two tables of chances in docs/health-criteria.md: a bound of 1 % at 99 %.
constexpr Chances kChances[] = {
    {5, 2, {0.02, 0.10, 0.38, 2.26, 8.15}, 0, {97.52, 95.10, 90.39, 77.38, 59.05}},
    {20, 3, {0.01, 0.10, 0.71, 7.55, 32.31}, 0, {90.46, 81.79, 66.76, 35.85, 12.16}},
    {100, 5, {0.02, 0.34, 5.08, 56.40, 97.63}, 1, {91.02, 73.58, 40.33, 3.71, 0.03}},
    {1000, 19, {0.00, 0.69, 62.03, 100.00, 100.00}, 10, {98.65, 58.30, 1.02, 0.00, 0.00}},
    {5000, 68, {0.00, 0.86, 99.97, 100.00, 100.00}, 50, {100.00, 53.75, 0.00, 0.00, 0.00}},
};

TEST(ExceedsSignificantly, HasTheDocumentedChances) {
  for (const Chances& row : kChances) {
    EXPECT_EQ(CriticalErrors(row.requests, 10000, Confidence::k99), row.failed_from);
    EXPECT_TRUE(IsWithinBound(row.requests, row.clear_up_to, 10000));
    EXPECT_FALSE(IsWithinBound(row.requests, row.clear_up_to + 1, 10000));
    for (int i = 0; i < 5; ++i) {
      const long double failed = PValue(row.requests, row.failed_from, kTrueRates[i]);
      const long double clear = 1 - PValue(row.requests, row.clear_up_to + 1, kTrueRates[i]);
      EXPECT_NEAR(static_cast<double>(100 * failed), row.failed[i], 0.0051) << row.requests;
      EXPECT_NEAR(static_cast<double>(100 * clear), row.clear[i], 0.0051) << row.requests;
    }
  }
}

struct RateCase {
  int64_t requests;
  int64_t errors;
  int64_t bound_ppm;
  RateVerdict at_95;
  RateVerdict at_999;
};

constexpr RateVerdict kUnknown = RateVerdict::kUnknown;
constexpr RateVerdict kClear = RateVerdict::kClear;
constexpr RateVerdict kFailed = RateVerdict::kFailed;

// The table in docs/health-criteria.md: min_requests 1,000, min_requests_to_fail 20.
constexpr RateCase kDocumented[] = {
    {0, 0, 10000, kUnknown, kUnknown},      {19, 19, 10000, kUnknown, kUnknown},
    {20, 0, 10000, kUnknown, kUnknown},     {20, 1, 10000, kUnknown, kUnknown},
    {20, 2, 10000, kFailed, kUnknown},      {20, 4, 10000, kFailed, kFailed},
    {100, 0, 10000, kUnknown, kUnknown},    {100, 3, 10000, kUnknown, kUnknown},
    {100, 4, 10000, kFailed, kUnknown},     {100, 6, 10000, kFailed, kFailed},
    {999, 0, 10000, kUnknown, kUnknown},    {1000, 10, 10000, kClear, kClear},
    {1000, 11, 10000, kUnknown, kUnknown},  {1000, 15, 10000, kUnknown, kUnknown},
    {1000, 16, 10000, kFailed, kUnknown},   {1000, 22, 10000, kFailed, kFailed},
    {10000, 100, 10000, kClear, kClear},    {10000, 101, 10000, kUnknown, kUnknown},
    {10000, 118, 10000, kFailed, kUnknown}, {10000, 133, 10000, kFailed, kFailed},
};

TEST(JudgeRate, GivesTheDocumentedAnswers) {
  for (const RateCase& c : kDocumented) {
    EXPECT_EQ(JudgeRate(c.requests, c.errors, c.bound_ppm, 1000, 20, Confidence::k95), c.at_95)
        << c.errors << " of " << c.requests << ", bound " << c.bound_ppm;
    EXPECT_EQ(JudgeRate(c.requests, c.errors, c.bound_ppm, 1000, 20, Confidence::k999), c.at_999)
        << c.errors << " of " << c.requests << ", bound " << c.bound_ppm;
  }
}

TEST(JudgeRate, NeedsTheRequestsForEitherAnswer) {
  EXPECT_EQ(JudgeRate(999, 0, 10000, 1000, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(1000, 0, 10000, 1000, 1, Confidence::k95), kClear);
  EXPECT_EQ(JudgeRate(49, 49, 10000, 1, 50, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(50, 49, 10000, 1, 50, Confidence::k95), kFailed);
}

TEST(JudgeRate, AMinimumBelowOneIsNeverReached) {
  EXPECT_EQ(JudgeRate(0, 0, 10000, 0, 0, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(0, 0, 10000, 1, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(1000, 0, 10000, 0, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(1000, 0, 10000, -5, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(1000, 1000, 10000, 1, 0, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(1000, 1000, 10000, 1, -5, Confidence::k95), kUnknown);
}

TEST(JudgeRate, InvalidInputIsUnknown) {
  EXPECT_EQ(JudgeRate(10, 11, 10000, 1, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(-1, -1, 10000, 1, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(kMaxCount + 1, 0, 10000, 1, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(10, 0, kMaxRatePpm + 1, 1, 1, Confidence::k95), kUnknown);
  EXPECT_EQ(JudgeRate(10, 10, 10000, 1, 1, Confidence::kUnset), kUnknown);
}

TEST(JudgeRate, ARateWithinTheBoundIsNeverSignificant) {
  for (const Confidence confidence : kConfidences) {
    for (const int64_t bound : kBounds) {
      for (const int64_t n : RequestCounts()) {
        const int64_t most_within = n * bound / kMaxRatePpm;
        EXPECT_TRUE(IsWithinBound(n, most_within, bound));
        EXPECT_FALSE(ExceedsSignificantly(n, most_within, bound, confidence)) << n << " " << bound;
      }
    }
  }
}

}  // namespace
}  // namespace sluice
