#include "sluice/calendar/week_pattern.h"

#include <algorithm>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr int64_t kWeek = WeekPattern::kWeekNanos;
constexpr int64_t kHour = 3600 * kNanosPerSecond;

bool Covers(const std::vector<WeekPattern::Piece>& pieces, int64_t nano) {
  return std::any_of(pieces.begin(), pieces.end(), [&](const WeekPattern::Piece& piece) {
    for (int64_t at = nano - 3 * kWeek; at <= nano + 3 * kWeek; at += kWeek) {
      if (piece.begin <= at && at < piece.end) return true;
    }
    return false;
  });
}

TEST(WeekPattern, OnePieceExactly) {
  const WeekPattern pattern = WeekPattern::Of({{kHour, 2 * kHour}}, Coverage::kAllowed);
  EXPECT_EQ(pattern.At(kHour - 1), Coverage::kOutside);
  EXPECT_EQ(pattern.At(kHour), Coverage::kAllowed);
  EXPECT_EQ(pattern.At(2 * kHour - 1), Coverage::kAllowed);
  EXPECT_EQ(pattern.At(2 * kHour), Coverage::kOutside);
  EXPECT_EQ(pattern.At(kWeek - 1), Coverage::kOutside);
}

TEST(WeekPattern, AdjacentPiecesLeaveNoGap) {
  const WeekPattern pattern =
      WeekPattern::Of({{2 * kHour, 3 * kHour}, {kHour, 2 * kHour}}, Coverage::kAllowed);
  EXPECT_EQ(pattern.steps().size(), 3u);
  EXPECT_EQ(pattern.longest_allowed().second, 7200);
}

TEST(WeekPattern, PieceAcrossTheEndOfTheWeek) {
  const WeekPattern pattern = WeekPattern::Of({{kWeek - kHour, kWeek + kHour}}, Coverage::kAllowed);
  EXPECT_EQ(pattern.At(0), Coverage::kAllowed);
  EXPECT_EQ(pattern.At(kHour), Coverage::kOutside);
  EXPECT_EQ(pattern.At(kWeek - kHour), Coverage::kAllowed);
  EXPECT_EQ(pattern.longest_allowed().second, 7200);
}

TEST(WeekPattern, AllOfTheWeekIsConstant) {
  std::vector<WeekPattern::Piece> days;
  for (int i = 0; i < 7; ++i) days.push_back({(24 * i - 5) * kHour, (24 * i + 19) * kHour});
  EXPECT_TRUE(WeekPattern::Of(days, Coverage::kDenied).constant());
  EXPECT_TRUE(WeekPattern::Of({{5, 5 + kWeek}}, Coverage::kDenied).constant());
  EXPECT_FALSE(WeekPattern::Of({{5, 4 + kWeek}}, Coverage::kDenied).constant());
  EXPECT_TRUE(WeekPattern::Of({}, Coverage::kDenied).constant());
}

TEST(WeekPattern, LongestAllowed) {
  EXPECT_FALSE(WeekPattern::Constant(Coverage::kAllowed).longest_allowed() < kEndless);
  EXPECT_EQ(WeekPattern::Constant(Coverage::kDenied).longest_allowed().second, 0);
  const WeekPattern denied = WeekPattern::Of({{kHour, 2 * kHour}}, Coverage::kDenied);
  EXPECT_EQ(denied.longest_allowed().second, 0);
  EXPECT_EQ(
      WeekPattern::Max(denied, WeekPattern::Constant(Coverage::kAllowed)).longest_allowed().second,
      7 * 86400 - 3600);
}

TEST(WeekPattern, AgreesWithItsPieces) {
  std::mt19937 random(3);
  const auto any = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i < 300; ++i) {
    std::vector<WeekPattern::Piece> a;
    std::vector<WeekPattern::Piece> b;
    for (auto* pieces : {&a, &b}) {
      for (int64_t n = any(0, 4); n > 0; --n) {
        const int64_t begin = any(-30, 200) * kHour + any(-1, 1);
        pieces->push_back({begin, begin + any(1, 60) * kHour + any(-1, 1)});
      }
    }
    const int64_t shift = any(-400000, 400000);
    const WeekPattern pattern_a = WeekPattern::Of(a, Coverage::kAllowed);
    const WeekPattern pattern_b = WeekPattern::Of(b, Coverage::kDenied);
    const WeekPattern max = WeekPattern::Max(pattern_a, pattern_b);
    const WeekPattern later = max.Later(shift);
    EXPECT_FALSE(max < max.Later(0));
    EXPECT_FALSE(later.Later(-shift) < max);
    EXPECT_FALSE(max < later.Later(-shift));
    for (int j = 0; j < 300; ++j) {
      const int64_t at = any(0, 167) * kHour + any(0, 1);
      const Coverage expected = Covers(b, at)   ? Coverage::kDenied
                                : Covers(a, at) ? Coverage::kAllowed
                                                : Coverage::kOutside;
      ASSERT_EQ(max.At(at), expected);
      int64_t moved = (at + shift * kNanosPerSecond) % kWeek;
      if (moved < 0) moved += kWeek;
      ASSERT_EQ(later.At(moved), expected);
    }
    for (size_t j = 1; j < max.steps().size(); ++j) {
      EXPECT_NE(max.steps()[j].coverage, max.steps()[j - 1].coverage);
    }
  }
}

}  // namespace
}  // namespace sluice
