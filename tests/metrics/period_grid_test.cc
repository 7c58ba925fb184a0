#include "sluice/metrics/period_grid.h"

#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);

absl::Time At(absl::Duration since_epoch) { return absl::UnixEpoch() + since_epoch; }

absl::Time FirstInstant() { return absl::FromUnixSeconds(-62135596800); }
absl::Time AfterLastInstant() { return absl::FromUnixSeconds(253402300800); }

PeriodGrid Grid(absl::Time start, absl::Duration period) {
  return PeriodGrid::Make(start, period).value();
}

TEST(IsCivilTime, IsYearsOneTo9999) {
  EXPECT_EQ(FirstInstant(), absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone()));
  EXPECT_EQ(AfterLastInstant(),
            absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone()));
  EXPECT_FALSE(IsCivilTime(FirstInstant() - kNanosecond));
  EXPECT_TRUE(IsCivilTime(FirstInstant()));
  EXPECT_TRUE(IsCivilTime(AfterLastInstant() - kNanosecond));
  EXPECT_FALSE(IsCivilTime(AfterLastInstant()));
  EXPECT_FALSE(IsCivilTime(absl::InfinitePast()));
  EXPECT_FALSE(IsCivilTime(absl::InfiniteFuture()));
}

TEST(IsMetricPeriod, PermitsTheThreeShortOnesAndWholeMinutes) {
  for (const int64_t seconds : {10, 20, 30, 60, 120, 300, 3600, 86400}) {
    EXPECT_TRUE(IsMetricPeriod(absl::Seconds(seconds))) << seconds;
  }
  for (const int64_t seconds : {-60, -10, 0, 1, 5, 9, 11, 15, 40, 50, 59, 61, 90, 150}) {
    EXPECT_FALSE(IsMetricPeriod(absl::Seconds(seconds))) << seconds;
  }
}

TEST(IsMetricPeriod, RefusesFractionsAndInfinities) {
  EXPECT_FALSE(IsMetricPeriod(kMinute + kNanosecond));
  EXPECT_FALSE(IsMetricPeriod(kMinute - kNanosecond));
  EXPECT_FALSE(IsMetricPeriod(absl::InfiniteDuration()));
  EXPECT_FALSE(IsMetricPeriod(-absl::InfiniteDuration()));
  EXPECT_TRUE(IsMetricPeriod(absl::Seconds(315576000000)));
  EXPECT_FALSE(IsMetricPeriod(absl::Seconds(315576000060)));
}

TEST(PeriodGridMake, RefusesAStartThatIsNotAMultiple) {
  EXPECT_TRUE(PeriodGrid::Make(At(absl::Minutes(10)), absl::Minutes(5)).has_value());
  EXPECT_FALSE(PeriodGrid::Make(At(absl::Minutes(11)), absl::Minutes(5)).has_value());
  EXPECT_TRUE(PeriodGrid::Make(At(-absl::Minutes(10)), absl::Minutes(5)).has_value());
  EXPECT_FALSE(PeriodGrid::Make(At(-absl::Minutes(11)), absl::Minutes(5)).has_value());
  EXPECT_FALSE(PeriodGrid::Make(At(kNanosecond), kMinute).has_value());
  EXPECT_FALSE(PeriodGrid::Make(At(-kNanosecond), kMinute).has_value());
  EXPECT_FALSE(PeriodGrid::Make(absl::InfiniteFuture(), kMinute).has_value());
  EXPECT_FALSE(PeriodGrid::Make(absl::InfinitePast(), kMinute).has_value());
  EXPECT_FALSE(PeriodGrid::Make(AfterLastInstant(), kMinute).has_value());
  EXPECT_FALSE(PeriodGrid::Make(At(absl::ZeroDuration()), absl::ZeroDuration()).has_value());
}

TEST(PeriodGridEndedBy, CountsAPeriodAtTheInstantItEnds) {
  const PeriodGrid grid = Grid(At(absl::Hours(1)), kMinute);
  const absl::Time start = At(absl::Hours(1));
  EXPECT_EQ(grid.EndedBy(start - absl::Hours(1)), 0);
  EXPECT_EQ(grid.EndedBy(start + kMinute - kNanosecond), 0);
  EXPECT_EQ(grid.EndedBy(start + kMinute), 1);
  EXPECT_EQ(grid.EndedBy(start + kMinute + kNanosecond), 1);
  EXPECT_EQ(grid.EndedBy(start + 2 * kMinute), 2);
  EXPECT_EQ(grid.EndedBy(absl::InfinitePast()), 0);
  EXPECT_EQ(grid.EndedBy(absl::InfiniteFuture()), grid.Capacity());
}

TEST(PeriodGridEndIndex, GoesBelowZeroBeforeTheStart) {
  const PeriodGrid grid = Grid(At(absl::Hours(1)), kMinute);
  const absl::Time start = At(absl::Hours(1));
  EXPECT_EQ(grid.EndIndex(start), 0);
  EXPECT_EQ(grid.EndIndex(start - kNanosecond), -1);
  EXPECT_EQ(grid.EndIndex(start - kMinute), -1);
  EXPECT_EQ(grid.EndIndex(start - kMinute - kNanosecond), -2);
}

TEST(PeriodGridFirstStartingAt, CountsAPeriodThatStartsAtTheInstant) {
  const PeriodGrid grid = Grid(At(absl::Hours(1)), kMinute);
  const absl::Time start = At(absl::Hours(1));
  EXPECT_EQ(grid.FirstStartingAt(start), 0);
  EXPECT_EQ(grid.FirstStartingAt(start + kNanosecond), 1);
  EXPECT_EQ(grid.FirstStartingAt(start + kMinute), 1);
  EXPECT_EQ(grid.FirstStartingAt(start + kMinute + absl::Nanoseconds(1) / 4), 2);
  EXPECT_EQ(grid.FirstStartingAt(start - kNanosecond), 0);
  EXPECT_EQ(grid.FirstStartingAt(start - kMinute), -1);
  EXPECT_EQ(grid.FirstStartingAt(start - kMinute - kNanosecond), -1);
}

TEST(PeriodGridStartOf, IsUnboundedOnlyBeyondTheCivilRange) {
  const PeriodGrid grid = Grid(At(absl::ZeroDuration()), kMinute);
  EXPECT_EQ(grid.StartOf(0), absl::UnixEpoch());
  EXPECT_EQ(grid.EndOf(0), absl::UnixEpoch() + kMinute);
  EXPECT_EQ(grid.StartOf(-1), absl::UnixEpoch() - kMinute);
  const int64_t capacity = grid.Capacity();
  EXPECT_EQ(grid.StartOf(capacity - 1), AfterLastInstant() - kMinute);
  EXPECT_EQ(grid.StartOf(capacity), absl::InfiniteFuture());
  EXPECT_EQ(grid.EndOf(capacity - 1), absl::InfiniteFuture());
  EXPECT_EQ(grid.EndOf(capacity - 2), AfterLastInstant() - kMinute);
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(grid.StartOf(kMost), absl::InfiniteFuture());
  EXPECT_EQ(grid.EndOf(kMost), absl::InfiniteFuture());
  EXPECT_EQ(grid.StartOf(-kMost), absl::InfinitePast());
  EXPECT_EQ(grid.EndOf(-kMost), absl::InfinitePast());
}

TEST(PeriodGridStartOf, ReachesTheFirstInstant) {
  const PeriodGrid grid = Grid(FirstInstant(), kMinute);
  EXPECT_EQ(grid.StartOf(0), FirstInstant());
  EXPECT_EQ(grid.StartOf(-1), absl::InfinitePast());
}

TEST(PeriodGrid, FirstStartAfterTheLastInstant) {
  const PeriodGrid grid = Grid(FirstInstant(), kMinute);
  EXPECT_EQ(grid.FirstStartingAt(AfterLastInstant()), grid.Capacity());
  EXPECT_EQ(grid.FirstStartingAt(AfterLastInstant() + kNanosecond), grid.Capacity());
  EXPECT_EQ(grid.FirstStartingAt(absl::InfiniteFuture()), grid.Capacity());
  EXPECT_EQ(grid.FirstStartingAt(AfterLastInstant() - kNanosecond), grid.Capacity());
  EXPECT_EQ(grid.FirstStartingAt(AfterLastInstant() - kMinute), grid.Capacity() - 1);
}

}  // namespace
}  // namespace sluice
