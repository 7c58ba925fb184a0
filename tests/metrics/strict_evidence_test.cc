#include "sluice/metrics/strict_evidence.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"
#include "tests/metrics/reference_alarm.h"

namespace sluice {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

absl::Time Start() { return absl::FromUnixSeconds(1699999980); }

absl::Time Minute(int64_t minutes) { return Start() + minutes * kMinute; }

std::vector<double> Points(const std::string& pattern) {
  std::vector<double> values;
  for (const char c : pattern) values.push_back(c == 'X' ? 1 : c == '0' ? 0 : kNaN);
  return values;
}

AlarmRule Rule(int m, int n, TreatMissing treat_missing = TreatMissing::kBreaching) {
  AlarmRule rule;
  rule.comparison = Comparison::kGreaterOrEqual;
  rule.threshold = 1;
  rule.evaluation_periods = n;
  rule.datapoints_to_alarm = m;
  rule.treat_missing = treat_missing;
  return rule;
}

SeriesView View(const std::vector<double>& values) {
  return {Start(), kMinute, values, Minute(static_cast<int64_t>(values.size()))};
}

absl::optional<absl::Time> Breach(const AlarmRule& rule, const std::string& pattern,
                                  absl::Time from, absl::Time now = absl::InfiniteFuture()) {
  const std::vector<double> values = Points(pattern);
  return FirstStrictBreach(rule, View(values), from, now);
}

TEST(FirstStrictBreach, IsTheEndOfThePeriodThatCompletesIt) {
  EXPECT_EQ(Breach(Rule(2, 3), "0X0X0", Start()), Minute(4));
  EXPECT_EQ(Breach(Rule(2, 3), "0X00X", Start()), absl::nullopt);
  EXPECT_EQ(Breach(Rule(3, 3), "XXX", Start()), Minute(3));
}

TEST(FirstStrictBreach, CountsBeforeAllPeriodsAreThere) {
  EXPECT_EQ(Breach(Rule(1, 5), "X", Start()), Minute(1));
  EXPECT_EQ(Breach(Rule(2, 5), "XX", Start()), Minute(2));
}

TEST(FirstStrictBreach, MissingPointsNeverBreachAndStillTakeTheirPlace) {
  for (const TreatMissing treat :
       {TreatMissing::kMissing, TreatMissing::kIgnore, TreatMissing::kBreaching}) {
    EXPECT_EQ(Breach(Rule(1, 1, treat), "-----", Start()), absl::nullopt);
    EXPECT_EQ(Breach(Rule(2, 3, treat), "X-X", Start()), Minute(3));
    EXPECT_EQ(Breach(Rule(2, 3, treat), "X--X", Start()), absl::nullopt);
  }
}

TEST(FirstStrictBreach, CountsOnlyPeriodsThatStartAtOrAfterFrom) {
  EXPECT_EQ(Breach(Rule(2, 2), "XX", Start() - kNanosecond), Minute(2));
  EXPECT_EQ(Breach(Rule(2, 2), "XX", Start()), Minute(2));
  EXPECT_EQ(Breach(Rule(2, 2), "XX", Start() + kNanosecond), absl::nullopt);
  EXPECT_EQ(Breach(Rule(2, 2), "XXX", Start() + kNanosecond), Minute(3));
  EXPECT_EQ(Breach(Rule(2, 2), "XXX", Minute(1)), Minute(3));
  EXPECT_EQ(Breach(Rule(2, 2), "XXX", Minute(1) + kNanosecond), absl::nullopt);
  EXPECT_EQ(Breach(Rule(1, 1), "XXX", Minute(3)), absl::nullopt);
}

TEST(FirstStrictBreach, AppearsAtTheInstantThePeriodEnds) {
  EXPECT_EQ(Breach(Rule(1, 1), "0X", Start(), Minute(2) - kNanosecond), absl::nullopt);
  EXPECT_EQ(Breach(Rule(1, 1), "0X", Start(), Minute(2)), Minute(2));
  EXPECT_EQ(Breach(Rule(1, 1), "0X", Start(), Minute(9)), Minute(2));
}

TEST(FirstStrictBreach, ReadsNoPeriodThatIsNotWhollyReported) {
  const std::vector<double> values = Points("0X");
  SeriesView series = View(values);
  series.reported_through -= kNanosecond;
  EXPECT_EQ(FirstStrictBreach(Rule(1, 1), series, Start(), absl::InfiniteFuture()), absl::nullopt);
}

TEST(FirstStrictBreach, IsAbsentOnInvalidInput) {
  const std::vector<double> values = Points("XXX");
  SeriesView bad = View(values);
  bad.period = absl::Seconds(7);
  EXPECT_EQ(FirstStrictBreach(Rule(1, 1), bad, Start(), Minute(3)), absl::nullopt);
  EXPECT_EQ(FirstStrictBreach(AlarmRule(), View(values), Start(), Minute(3)), absl::nullopt);
  EXPECT_EQ(Breach(Rule(1, 1), "X", absl::InfinitePast()), absl::nullopt);
  EXPECT_EQ(Breach(Rule(1, 1), "X", absl::InfiniteFuture()), absl::nullopt);
}

// Tries every end and every first period of the N.
absl::optional<absl::Time> SlowBreach(const AlarmRule& rule, const SeriesView& series,
                                      absl::Time from, absl::Time now) {
  for (int64_t end = 1; Minute(end) <= now && Minute(end) <= series.reported_through; ++end) {
    for (int64_t begin = 0; begin < end; ++begin) {
      if (end - begin > rule.evaluation_periods || Minute(begin) < from) continue;
      int breaching = 0;
      for (int64_t i = begin; i < end && i < static_cast<int64_t>(series.values.size()); ++i) {
        if (Breaches(rule, series.values[i])) ++breaching;
      }
      if (breaching >= rule.datapoints_to_alarm) return Minute(end);
    }
  }
  return absl::nullopt;
}

TEST(FirstStrictBreach, AgreesWithTheSlowReadingAndTellsWhenItChanges) {
  TestRandom random(5);
  int breaches = 0;
  for (int round = 0; round < 300; ++round) {
    const AlarmRule rule = RandomRule(&random);
    const std::vector<double> values = RandomValues(&random, 20);
    const SeriesView series = View(values);
    const absl::Time from = Minute(random.Below(10)) + (random.Below(3) - 1) * kNanosecond;
    const absl::optional<absl::Time> ever =
        FirstStrictBreach(rule, series, from, absl::InfiniteFuture());
    if (ever.has_value()) ++breaches;
    for (int64_t i = 0; i <= 22; ++i) {
      for (const absl::Time now : {Minute(i) - kNanosecond, Minute(i)}) {
        const absl::optional<absl::Time> breach = FirstStrictBreach(rule, series, from, now);
        ASSERT_EQ(breach, SlowBreach(rule, series, from, now)) << round;
        ASSERT_EQ(breach.has_value(), ever.has_value() && *ever <= now) << round;
      }
    }
  }
  EXPECT_GT(breaches, 50);
  EXPECT_LT(breaches, 250);
}

TEST(FirstStrictBreach, LosingPointsNeverBringsItForward) {
  TestRandom random(6);
  for (int round = 0; round < 300; ++round) {
    const AlarmRule rule = RandomRule(&random);
    std::vector<double> values = RandomValues(&random, 20);
    if (values.empty()) continue;
    const absl::Time end = Minute(static_cast<int64_t>(values.size()));
    const auto before = FirstStrictBreach(rule, View(values), Start(), end);
    values[random.Below(static_cast<int64_t>(values.size()))] = kNaN;
    const auto after = FirstStrictBreach(rule, View(values), Start(), end);
    ASSERT_GE(after.value_or(absl::InfiniteFuture()), before.value_or(absl::InfiniteFuture()));
  }
}

}  // namespace
}  // namespace sluice
