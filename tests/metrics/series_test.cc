#include "sluice/metrics/series.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

absl::Time Start() { return absl::FromUnixSeconds(1699999980); }  // A whole minute.

absl::Time AfterLastInstant() { return absl::FromUnixSeconds(253402300800); }

SeriesView View(const std::vector<double>& values, absl::Time reported_through) {
  return {Start(), kMinute, values, reported_through};
}

TEST(ValidateSeries, AcceptsAPlainSeries) {
  const std::vector<double> values = {1, kNaN, -3};
  EXPECT_EQ(Validate(View(values, Start() + 3 * kMinute)), SeriesProblem::kNone);
  EXPECT_EQ(Validate(View({}, Start() + 3 * kMinute)), SeriesProblem::kNone);
  EXPECT_EQ(Validate(View({}, Start() - kMinute)), SeriesProblem::kNone);
}

TEST(ValidateSeries, DefaultFails) { EXPECT_NE(Validate(SeriesView()), SeriesProblem::kNone); }

TEST(ValidateSeries, StartFails) {
  SeriesView series = View({}, Start());
  for (const absl::Time start : {absl::InfinitePast(), absl::InfiniteFuture(), AfterLastInstant(),
                                 absl::FromUnixSeconds(-62135596860)}) {
    series.start = start;
    EXPECT_EQ(Validate(series), SeriesProblem::kStart);
    EXPECT_EQ(JudgedPeriods(series, Start()), 0);
  }
}

TEST(ValidateSeries, ReportedThroughFails) {
  for (const absl::Time reported :
       {absl::InfinitePast(), absl::InfiniteFuture(), AfterLastInstant()}) {
    const SeriesView series = View({}, reported);
    EXPECT_EQ(Validate(series), SeriesProblem::kReportedThrough);
    EXPECT_EQ(JudgedPeriods(series, Start() + absl::Hours(1)), 0);
    EXPECT_EQ(JudgedThrough(series, Start() + absl::Hours(1)), absl::InfinitePast());
    EXPECT_FALSE(CoversBefore(series, Start() + absl::Hours(1), 1));
  }
}

TEST(ValidateSeries, PeriodFails) {
  SeriesView series = View({}, Start());
  for (const absl::Duration period :
       {absl::ZeroDuration(), -kMinute, absl::Seconds(61), absl::Seconds(15),
        absl::InfiniteDuration(), -absl::InfiniteDuration()}) {
    series.period = period;
    EXPECT_EQ(Validate(series), SeriesProblem::kPeriod) << period;
    EXPECT_EQ(JudgedPeriods(series, Start()), 0);
  }
}

TEST(ValidateSeries, AlignmentFails) {
  SeriesView series = View({}, Start());
  series.start += absl::Seconds(1);
  EXPECT_EQ(Validate(series), SeriesProblem::kAlignment);
  series.start = Start() + kNanosecond;
  EXPECT_EQ(Validate(series), SeriesProblem::kAlignment);
}

TEST(ValidateSeries, TooLongFails) {
  const std::vector<double> values = {1, 1};
  SeriesView series = {AfterLastInstant() - 2 * kMinute, kMinute, values,
                       AfterLastInstant() - kNanosecond};
  EXPECT_EQ(Validate(series), SeriesProblem::kNone);
  series.start += kMinute;
  EXPECT_EQ(Validate(series), SeriesProblem::kTooLong);
}

TEST(ValidateSeries, AValueMayBelongToThePeriodBeingReportedButNotToALaterOne) {
  const std::vector<double> values = {1, 1};
  EXPECT_EQ(Validate(View(values, Start() + 2 * kMinute)), SeriesProblem::kNone);
  EXPECT_EQ(Validate(View(values, Start() + kMinute + kNanosecond)), SeriesProblem::kNone);
  EXPECT_EQ(Validate(View(values, Start() + kMinute)), SeriesProblem::kBeyondReport);
  EXPECT_EQ(Validate(View(values, Start() + kMinute - kNanosecond)), SeriesProblem::kBeyondReport);
}

TEST(ValidateSeries, InfiniteFails) {
  const std::vector<double> plus = {1, kInfinity};
  const std::vector<double> minus = {-kInfinity, 1};
  EXPECT_EQ(Validate(View(plus, Start() + 2 * kMinute)), SeriesProblem::kInfinite);
  EXPECT_EQ(Validate(View(minus, Start() + 2 * kMinute)), SeriesProblem::kInfinite);
}

TEST(JudgedPeriods, NeedsThePeriodEndedAndReported) {
  const SeriesView series = View({}, Start() + 3 * kMinute);
  EXPECT_EQ(JudgedPeriods(series, Start() + 2 * kMinute - kNanosecond), 1);
  EXPECT_EQ(JudgedPeriods(series, Start() + 2 * kMinute), 2);
  EXPECT_EQ(JudgedPeriods(series, Start() + 2 * kMinute + kNanosecond), 2);
  EXPECT_EQ(JudgedPeriods(series, absl::InfiniteFuture()), 3);
  EXPECT_EQ(JudgedPeriods(View({}, Start() + 3 * kMinute - kNanosecond), absl::InfiniteFuture()),
            2);
  EXPECT_EQ(JudgedPeriods(series, absl::InfinitePast()), 0);
}

TEST(JudgedThrough, IsThePeriodsEnd) {
  const SeriesView series = View({}, Start() + 3 * kMinute);
  EXPECT_EQ(JudgedThrough(series, Start() + kMinute - kNanosecond), absl::InfinitePast());
  EXPECT_EQ(JudgedThrough(series, Start() + kMinute), Start() + kMinute);
  EXPECT_EQ(JudgedThrough(series, absl::InfiniteFuture()), Start() + 3 * kMinute);
}

TEST(CoversBefore, WantsWholePeriodsAllReported) {
  const SeriesView series = View({}, Start() + 5 * kMinute);
  EXPECT_FALSE(CoversBefore(series, Start() + 5 * kMinute - kNanosecond, 5));
  EXPECT_TRUE(CoversBefore(series, Start() + 5 * kMinute, 5));
  EXPECT_TRUE(CoversBefore(series, Start() + 5 * kMinute + kNanosecond, 5));
  EXPECT_FALSE(CoversBefore(series, Start() + 5 * kMinute, 6));
  EXPECT_TRUE(CoversBefore(series, Start() + 6 * kMinute - kNanosecond, 5));
  EXPECT_FALSE(CoversBefore(series, Start() + 6 * kMinute, 1));  // The sixth is not reported.
  EXPECT_TRUE(CoversBefore(series, Start() + 3 * kMinute, 1));
  EXPECT_FALSE(CoversBefore(series, Start() - kMinute, 1));
}

TEST(CoversBefore, FailsOnNonsense) {
  const SeriesView series = View({}, Start() + 5 * kMinute);
  EXPECT_FALSE(CoversBefore(series, Start() + 5 * kMinute, 0));
  EXPECT_FALSE(CoversBefore(series, Start() + 5 * kMinute, -1));
  EXPECT_FALSE(CoversBefore(series, absl::InfiniteFuture(), 1));
  EXPECT_FALSE(CoversBefore(series, absl::InfinitePast(), 1));
  EXPECT_FALSE(CoversBefore(series, Start() + 5 * kMinute, std::numeric_limits<int64_t>::max()));
  EXPECT_FALSE(CoversBefore(SeriesView(), Start(), 1));
}

}  // namespace
}  // namespace sluice
