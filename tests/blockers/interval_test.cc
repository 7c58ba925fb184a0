#include "sluice/blockers/interval.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

absl::Time At(int second) { return absl::FromUnixSeconds(second); }

std::vector<std::pair<int64_t, int64_t>> Joined(std::vector<Interval> intervals) {
  Join(intervals);
  std::vector<std::pair<int64_t, int64_t>> seconds;
  for (const Interval& interval : intervals) {
    seconds.emplace_back(absl::ToUnixSeconds(interval.from), absl::ToUnixSeconds(interval.until));
  }
  return seconds;
}

TEST(JoinTest, NothingStaysNothing) { EXPECT_THAT(Joined({}), IsEmpty()); }

TEST(JoinTest, EmptyAndReversedOnesVanish) {
  EXPECT_THAT(Joined({{At(5), At(5)}, {At(9), At(7)}}), IsEmpty());
  EXPECT_THAT(Joined({{At(1), At(3)}, {At(3), At(3)}}), ElementsAre(Pair(1, 3)));
}

TEST(JoinTest, OnesThatTouchBecomeOne) {
  EXPECT_THAT(Joined({{At(3), At(5)}, {At(1), At(3)}}), ElementsAre(Pair(1, 5)));
}

TEST(JoinTest, OnesWithAGapStayApart) {
  EXPECT_THAT(Joined({{At(4), At(5)}, {At(1), At(3)}}), ElementsAre(Pair(1, 3), Pair(4, 5)));
}

TEST(JoinTest, OneInsideAnotherIsSwallowed) {
  EXPECT_THAT(Joined({{At(1), At(9)}, {At(2), At(3)}, {At(8), At(10)}}), ElementsAre(Pair(1, 10)));
}

TEST(JoinTest, WithoutEnds) {
  std::vector<Interval> intervals = {{absl::InfinitePast(), At(3)},
                                     {At(3), absl::InfiniteFuture()}};
  Join(intervals);
  ASSERT_EQ(intervals.size(), 1u);
  EXPECT_EQ(intervals[0].from, absl::InfinitePast());
  EXPECT_EQ(intervals[0].until, absl::InfiniteFuture());
  EXPECT_EQ(ContainsChangesAt(intervals, At(0)), absl::InfiniteFuture());
}

TEST(ContainsTest, TheStartBelongsAndTheEndDoesNot) {
  const std::vector<Interval> intervals = {{At(1), At(3)}};
  const absl::Duration nanosecond = absl::Nanoseconds(1);
  EXPECT_FALSE(Contains(intervals, At(1) - nanosecond));
  EXPECT_TRUE(Contains(intervals, At(1)));
  EXPECT_TRUE(Contains(intervals, At(3) - nanosecond));
  EXPECT_FALSE(Contains(intervals, At(3)));
}

TEST(ContainsTest, AgreesWithLookingAtEach) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Interval> intervals;
    for (int i = random() % 6; i > 0; --i) {
      intervals.push_back({At(random() % 20), At(random() % 20)});
    }
    std::vector<Interval> joined = intervals;
    Join(joined);
    const auto any = [&](absl::Time t) {
      return std::any_of(intervals.begin(), intervals.end(),
                         [t](const Interval& i) { return i.from <= t && t < i.until; });
    };
    for (int t = -1; t < 22; ++t) {
      EXPECT_EQ(Contains(joined, At(t)), any(At(t)));
      absl::Time changes = absl::InfiniteFuture();
      for (int later = 21; later > t; --later) {
        if (any(At(later)) != any(At(t))) changes = At(later);
      }
      EXPECT_EQ(ContainsChangesAt(joined, At(t)), changes);
    }
  }
}

}  // namespace
}  // namespace sluice
