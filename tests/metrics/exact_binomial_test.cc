// The integer inequality of error rates against the exact binomial test, in integers of any size:
// no rounding anywhere.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "sluice/metrics/error_rate.h"

namespace sluice {
namespace {

constexpr uint64_t kWhole = 1'000'000;  // Of a bound in ppm.

// A natural number, in digits of 32 bits, the lowest first, the last not zero.
class Natural {
 public:
  explicit Natural(uint32_t value) {
    if (value > 0) digits_.push_back(value);
  }

  void Multiply(uint32_t factor) {
    uint64_t carry = 0;
    for (uint32_t& digit : digits_) {
      carry += uint64_t{digit} * factor;
      digit = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry > 0) digits_.push_back(static_cast<uint32_t>(carry));
    Trim();
  }

  // The remainder must be zero.
  void Divide(uint32_t divisor) {
    uint64_t rest = 0;
    for (size_t i = digits_.size(); i-- > 0;) {
      rest = (rest << 32) | digits_[i];
      digits_[i] = static_cast<uint32_t>(rest / divisor);
      rest %= divisor;
    }
    EXPECT_EQ(rest, 0u);
    Trim();
  }

  void Add(const Natural& other) {
    digits_.resize(std::max(digits_.size(), other.digits_.size()));
    uint64_t carry = 0;
    for (size_t i = 0; i < digits_.size(); ++i) {
      carry += digits_[i];
      if (i < other.digits_.size()) carry += other.digits_[i];
      digits_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry > 0) digits_.push_back(static_cast<uint32_t>(carry));
  }

  friend bool operator<=(const Natural& a, const Natural& b) {
    if (a.digits_.size() != b.digits_.size()) return a.digits_.size() < b.digits_.size();
    return !std::lexicographical_compare(b.digits_.rbegin(), b.digits_.rend(), a.digits_.rbegin(),
                                         a.digits_.rend());
  }

 private:
  void Trim() {
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  }

  std::vector<uint32_t> digits_;
};

Natural Times(Natural number, uint32_t factor) {
  number.Multiply(factor);
  return number;
}

Natural Power(uint32_t base, int64_t exponent) {
  Natural power(1);
  for (int64_t i = 0; i < exponent; ++i) power.Multiply(base);
  return power;
}

// alpha = 1 / inverse; where it says no, p > alpha x late / 100 (docs/health-criteria.md).
struct Level {
  Confidence confidence;
  uint32_t inverse;
  uint32_t late_percent;
  uint32_t late_percent_from_50_requests;
};

constexpr Level kLevels[] = {{Confidence::k90, 10, 90, 95},
                             {Confidence::k95, 20, 78, 92},
                             {Confidence::k99, 100, 47, 85},
                             {Confidence::k999, 1000, 15, 70}};

// Checks every count of errors in `requests` requests against `bound`; adds the cases to `*cases`.
void CheckAll(int64_t requests, uint32_t bound, int64_t* cases) {
  const auto rest = static_cast<uint32_t>(kWhole - bound);
  const Natural whole = Power(kWhole, requests);  // 1, as a multiple of 10^-6n.
  // C(n, k) b^k (10^6 - b)^(n - k), from k = n downwards; their sum is the exact p of k errors.
  Natural term = Power(bound, requests);
  Natural tail(0);
  for (int64_t errors = requests; errors >= 1; --errors) {
    tail.Add(term);
    for (const Level& level : kLevels) {
      const bool significant = ExceedsSignificantly(requests, errors, bound, level.confidence);
      const Natural scaled = Times(tail, level.inverse);
      if (significant) {
        ASSERT_TRUE(scaled <= whole) << errors << " of " << requests << ", " << bound << " ppm";
      } else {
        const uint32_t late =
            requests < 50 ? level.late_percent : level.late_percent_from_50_requests;
        ASSERT_FALSE(Times(scaled, 100) <= Times(whole, late))
            << errors << " of " << requests << ", " << bound << " ppm";
      }
      ++*cases;
    }
    term.Multiply(static_cast<uint32_t>(errors));
    term.Multiply(rest);
    term.Divide(static_cast<uint32_t>(requests - errors + 1));
    term.Divide(bound);
  }
}

TEST(ExactBinomialTest, AgreesWithinTheStatedBound) {
  int64_t cases = 0;
  for (const uint32_t bound : {1u, 100u, 1000u, 10'000u, 50'000u, 111'220u, 300'000u, 500'000u}) {
    for (const int64_t requests :
         {1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 49, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200}) {
      CheckAll(requests, bound, &cases);
    }
  }
  EXPECT_GT(cases, 100'000);
}

// The largest bound, up to 50 %, that so many errors exceed significantly; -1: none.
int64_t EdgeBound(int64_t requests, int64_t errors, Confidence confidence) {
  int64_t below = -1;
  int64_t above = 500'001;
  while (above - below > 1) {
    const int64_t middle = below + (above - below) / 2;
    (ExceedsSignificantly(requests, errors, middle, confidence) ? below : above) = middle;
  }
  return below;
}

// The exact p of so many errors or more, as a multiple of 10^-6n.
Natural Tail(int64_t requests, int64_t errors, uint32_t bound) {
  Natural term = Power(bound, requests);
  Natural tail(0);
  for (int64_t k = requests;; --k) {
    tail.Add(term);
    if (k == errors) return tail;
    term.Multiply(static_cast<uint32_t>(k));
    term.Multiply(static_cast<uint32_t>(kWhole - bound));
    term.Divide(static_cast<uint32_t>(requests - k + 1));
    term.Divide(bound);
  }
}

// The worst cases: the two bounds, one ppm apart, between which the answer turns.
TEST(ExactBinomialTest, AgreesWithinTheStatedBoundWhereTheAnswerTurns) {
  int64_t cases = 0;
  for (const int64_t requests : {1, 2, 3, 4, 5, 8, 13, 21, 34, 49, 50, 89, 144, 233}) {
    const Natural whole = Power(kWhole, requests);
    for (int64_t errors = 1; errors <= requests; errors += 1 + errors / 10) {
      for (const Level& level : kLevels) {
        const int64_t edge = EdgeBound(requests, errors, level.confidence);
        ASSERT_GE(edge, 0);
        if (edge > 0) {
          const Natural p = Tail(requests, errors, static_cast<uint32_t>(edge));
          ASSERT_TRUE(Times(p, level.inverse) <= whole) << errors << " of " << requests;
        }
        ++cases;
        if (edge == 500'000) continue;
        const Natural p = Tail(requests, errors, static_cast<uint32_t>(edge + 1));
        const uint32_t late =
            requests < 50 ? level.late_percent : level.late_percent_from_50_requests;
        ASSERT_FALSE(Times(Times(p, level.inverse), 100) <= Times(whole, late))
            << errors << " of " << requests << ", " << edge + 1 << " ppm";
        ++cases;
      }
    }
  }
  EXPECT_GT(cases, 1000);
}

// One error in one request at b = alpha: p is alpha exactly, and no rounding tips it.
TEST(ExactBinomialTest, EqualityCounts) {
  EXPECT_TRUE(ExceedsSignificantly(1, 1, 100'000, Confidence::k90));
  EXPECT_FALSE(ExceedsSignificantly(1, 1, 100'001, Confidence::k90));
  int64_t cases = 0;
  CheckAll(1, 100'000, &cases);
  CheckAll(1, 100'001, &cases);
  EXPECT_EQ(cases, 8);
}

}  // namespace
}  // namespace sluice
