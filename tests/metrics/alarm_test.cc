#include "sluice/metrics/alarm.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"
#include "tests/metrics/reference_alarm.h"

namespace sluice {

namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr AlarmState kInsufficientData = AlarmState::kInsufficientData;
constexpr AlarmState kOk = AlarmState::kOk;
constexpr AlarmState kAlarm = AlarmState::kAlarm;

constexpr TreatMissing kTreatments[] = {TreatMissing::kMissing, TreatMissing::kIgnore,
                                        TreatMissing::kBreaching, TreatMissing::kNotBreaching};

absl::Time Start() { return absl::FromUnixSeconds(1699999980); }

// "0X-" spelled out: 0 does not breach, X does, - is missing.
std::vector<double> Points(const std::string& pattern) {
  std::vector<double> values;
  for (const char c : pattern) values.push_back(c == 'X' ? 1 : c == '0' ? 0 : kNaN);
  return values;
}

AlarmRule Rule(int m, int n, TreatMissing treat_missing) {
  AlarmRule rule;
  rule.comparison = Comparison::kGreaterOrEqual;
  rule.threshold = 1;
  rule.evaluation_periods = n;
  rule.datapoints_to_alarm = m;
  rule.treat_missing = treat_missing;
  return rule;
}

// A series over `values`, reported as far as they go and `more` periods further.
SeriesView View(const std::vector<double>& values, int64_t more = 0) {
  return {Start(), kMinute, values,
          Start() + (static_cast<int64_t>(values.size()) + more) * kMinute};
}

AlarmState StateAtEnd(const AlarmRule& rule, const std::string& pattern) {
  const std::vector<double> values = Points(pattern);
  return EvaluateAlarm(rule, View(values), absl::InfiniteFuture());
}

// The published tables on missing data: the states for MISSING, IGNORE, BREACHING and
// NOT_BREACHING, N = 3; "retain" is the previous state.
struct TableRow {
  int m;
  const char* pattern;
  const char* expected[4];
};

constexpr TableRow kPublishedRows[] = {
    {3, "0-X-X", {"OK", "OK", "OK", "OK"}},
    {3, "0----", {"OK", "OK", "OK", "OK"}},
    {3, "-----", {"INSUFFICIENT_DATA", "retain", "ALARM", "OK"}},
    {3, "0XX-X", {"ALARM", "ALARM", "ALARM", "ALARM"}},
    {3, "--X--", {"ALARM", "retain", "ALARM", "OK"}},
    {2, "0-X-X", {"ALARM", "ALARM", "ALARM", "ALARM"}},
    {2, "00X0X", {"ALARM", "ALARM", "ALARM", "ALARM"}},
    {2, "0-X--", {"OK", "OK", "ALARM", "OK"}},
    {2, "----0", {"OK", "OK", "ALARM", "OK"}},
    {2, "---X-", {"ALARM", "retain", "ALARM", "OK"}},
};

std::string Name(AlarmState state) { return testing::PrintToString(state); }

TEST(EvaluateAlarm, ReproducesThePublishedTables) {
  // What comes before the row decides the previous state and lies outside its range.
  const struct {
    const char* before;
    AlarmState previous;
  } histories[] = {{"", kInsufficientData}, {"000", kOk}, {"XXX", kAlarm}};
  for (const TableRow& row : kPublishedRows) {
    for (int i = 0; i < 4; ++i) {
      const AlarmRule rule = Rule(row.m, 3, kTreatments[i]);
      for (const auto& history : histories) {
        const std::string expected =
            std::string(row.expected[i]) == "retain" ? Name(history.previous) : row.expected[i];
        EXPECT_EQ(Name(StateAtEnd(rule, std::string(history.before) + row.pattern)), expected)
            << row.m << " of 3, " << row.pattern << ", treatment " << i << " after "
            << history.before;
      }
    }
  }
}

TEST(EvaluateAlarm, UsesTheNewestRealPointsWhenThereAreMoreThanEnough) {
  EXPECT_EQ(StateAtEnd(Rule(2, 3, TreatMissing::kMissing), "XX000"), kOk);
  EXPECT_EQ(StateAtEnd(Rule(2, 3, TreatMissing::kMissing), "XX-00"), kOk);
  EXPECT_EQ(StateAtEnd(Rule(2, 3, TreatMissing::kMissing), "00X-X"), kAlarm);
  EXPECT_EQ(StateAtEnd(Rule(1, 3, TreatMissing::kMissing), "X0-00"), kOk);
}

TEST(EvaluateAlarm, LooksTwoPeriodsBeyondTheEvaluationPeriodsAndNoFurther) {
  EXPECT_EQ(StateAtEnd(Rule(1, 1, TreatMissing::kNotBreaching), "X--"), kAlarm);
  EXPECT_EQ(StateAtEnd(Rule(1, 1, TreatMissing::kNotBreaching), "X---"), kOk);
  EXPECT_EQ(StateAtEnd(Rule(1, 1, TreatMissing::kMissing), "X---"), kInsufficientData);
  EXPECT_EQ(StateAtEnd(Rule(1, 1, TreatMissing::kBreaching), "0--"), kOk);
  EXPECT_EQ(StateAtEnd(Rule(1, 1, TreatMissing::kBreaching), "0---"), kAlarm);
}

TEST(EvaluateAlarm, TreatsPeriodsBeforeTheStartAsMissing) {
  EXPECT_EQ(StateAtEnd(Rule(3, 3, TreatMissing::kMissing), "X"), kAlarm);
  EXPECT_EQ(StateAtEnd(Rule(3, 3, TreatMissing::kIgnore), "X"), kInsufficientData);
  EXPECT_EQ(StateAtEnd(Rule(3, 3, TreatMissing::kBreaching), "X"), kAlarm);
  EXPECT_EQ(StateAtEnd(Rule(3, 3, TreatMissing::kNotBreaching), "XX"), kOk);
  EXPECT_EQ(StateAtEnd(Rule(3, 3, TreatMissing::kNotBreaching), "XXX"), kAlarm);
}

TEST(EvaluateAlarm, IgnoreRetainsAcrossAnyStretchWithoutData) {
  const std::string silence(500, '-');
  EXPECT_EQ(StateAtEnd(Rule(2, 3, TreatMissing::kIgnore), "XX" + silence), kAlarm);
  EXPECT_EQ(StateAtEnd(Rule(2, 3, TreatMissing::kIgnore), "00" + silence), kOk);
  EXPECT_EQ(StateAtEnd(Rule(2, 3, TreatMissing::kIgnore), silence), kInsufficientData);
}

TEST(EvaluateAlarm, HasInsufficientDataBeforeThePeriodsAreJudged) {
  const std::vector<double> values = Points("00");
  for (const TreatMissing treat : kTreatments) {
    const AlarmRule rule = Rule(1, 1, treat);
    const SeriesView series = View(values);
    EXPECT_EQ(EvaluateAlarm(rule, series, Start() + kMinute - kNanosecond), kInsufficientData);
    EXPECT_EQ(EvaluateAlarm(rule, series, Start() + kMinute), kOk);
    EXPECT_EQ(EvaluateAlarm(rule, series, absl::InfinitePast()), kInsufficientData);
  }
}

TEST(EvaluateAlarm, JudgesAPeriodAtTheInstantItEnds) {
  const std::vector<double> values = Points("0X0");
  const AlarmRule rule = Rule(1, 1, TreatMissing::kMissing);
  const SeriesView series = View(values);
  const absl::Time second_end = Start() + 2 * kMinute;
  EXPECT_EQ(EvaluateAlarm(rule, series, second_end - kNanosecond), kOk);
  EXPECT_EQ(EvaluateAlarm(rule, series, second_end), kAlarm);
  EXPECT_EQ(EvaluateAlarm(rule, series, second_end + kNanosecond), kAlarm);
  EXPECT_EQ(EvaluateAlarm(rule, series, second_end + kMinute - kNanosecond), kAlarm);
  EXPECT_EQ(EvaluateAlarm(rule, series, second_end + kMinute), kOk);
}

TEST(EvaluateAlarm, ReadsNoPeriodThatIsNotWhollyReported) {
  const std::vector<double> values = Points("0X");
  const AlarmRule rule = Rule(1, 1, TreatMissing::kMissing);
  SeriesView series = View(values);
  EXPECT_EQ(EvaluateAlarm(rule, series, absl::InfiniteFuture()), kAlarm);
  series.reported_through -= kNanosecond;
  EXPECT_EQ(Validate(series), SeriesProblem::kNone);
  EXPECT_EQ(EvaluateAlarm(rule, series, absl::InfiniteFuture()), kOk);
}

TEST(EvaluateAlarm, ReportedPeriodsWithoutValuesAreMissingPoints) {
  const std::vector<double> values = Points("X");
  const AlarmRule rule = Rule(1, 1, TreatMissing::kNotBreaching);
  EXPECT_EQ(EvaluateAlarm(rule, View(values, 2), absl::InfiniteFuture()), kAlarm);
  EXPECT_EQ(EvaluateAlarm(rule, View(values, 3), absl::InfiniteFuture()), kOk);
}

TEST(EvaluateAlarm, TakesTheLongestRule) {
  const int n = kMaxEvaluationPeriods;
  const std::string breaching(n, 'X');
  EXPECT_EQ(StateAtEnd(Rule(n, n, TreatMissing::kNotBreaching), breaching), kAlarm);
  EXPECT_EQ(StateAtEnd(Rule(n, n, TreatMissing::kNotBreaching), breaching + "--"), kAlarm);
  EXPECT_EQ(StateAtEnd(Rule(n, n, TreatMissing::kNotBreaching), breaching + "---"), kOk);
  EXPECT_EQ(StateAtEnd(Rule(n, n, TreatMissing::kNotBreaching), breaching + "0"), kOk);
}

TEST(EvaluateAlarm, AnswersInsufficientDataOnInvalidInput) {
  const std::vector<double> values = Points("00000");
  const AlarmRule rule = Rule(1, 1, TreatMissing::kNotBreaching);
  AlarmRule bad_rule = rule;
  bad_rule.treat_missing = TreatMissing::kUnset;
  SeriesView bad_series = View(values);
  bad_series.period = absl::ZeroDuration();
  std::vector<AlarmState> states = {kOk};
  EXPECT_EQ(EvaluateAlarm(bad_rule, View(values), absl::InfiniteFuture()), kInsufficientData);
  EXPECT_EQ(EvaluateAlarm(rule, bad_series, absl::InfiniteFuture()), kInsufficientData);
  FoldAlarm(bad_rule, View(values), absl::InfiniteFuture(), &states);
  EXPECT_TRUE(states.empty());
  FoldAlarm(rule, bad_series, absl::InfiniteFuture(), &states);
  EXPECT_TRUE(states.empty());
  EXPECT_EQ(AlarmChangesAt(bad_rule, View(values), Start()), absl::InfiniteFuture());
  EXPECT_EQ(AlarmChangesAt(rule, bad_series, Start()), absl::InfiniteFuture());
  EXPECT_EQ(OkSince(bad_rule, View(values), Start()).since, absl::InfiniteFuture());
  EXPECT_EQ(OkSince(rule, bad_series, Start()).since, absl::InfiniteFuture());
}

TEST(EvaluateAlarm, AReportOfTenThousandYearsCostsNothing) {
  SeriesView series;
  series.start = absl::FromUnixSeconds(-62135596800);
  series.period = absl::Seconds(10);
  series.reported_through = absl::FromUnixSeconds(253402300799);
  const std::vector<double> values = Points("0X");
  series.values = values;
  ASSERT_EQ(Validate(series), SeriesProblem::kNone);
  for (const TreatMissing treat : kTreatments) {
    const AlarmRule rule = Rule(1, 1, treat);
    std::vector<AlarmState> states;
    FoldAlarm(rule, series, absl::InfiniteFuture(), &states);
    EXPECT_EQ(states.size(), 5);  // Two values, one evaluation period, two more.
    EXPECT_EQ(EvaluateAlarm(rule, series, absl::InfiniteFuture()), states.back());
    EXPECT_EQ(AlarmChangesAt(rule, series, Start()), absl::InfiniteFuture());
  }
}

TEST(AlarmChangesAt, IsTheEndOfThePeriodThatChangesTheState) {
  const std::vector<double> values = Points("00X");
  const AlarmRule rule = Rule(1, 1, TreatMissing::kMissing);
  const SeriesView series = View(values, 10);
  EXPECT_EQ(AlarmChangesAt(rule, series, absl::InfinitePast()), Start() + kMinute);
  EXPECT_EQ(AlarmChangesAt(rule, series, Start() + kMinute - kNanosecond), Start() + kMinute);
  EXPECT_EQ(AlarmChangesAt(rule, series, Start() + kMinute), Start() + 3 * kMinute);
  // The last point leaves the range two periods later.
  EXPECT_EQ(AlarmChangesAt(rule, series, Start() + 3 * kMinute), Start() + 6 * kMinute);
  EXPECT_EQ(AlarmChangesAt(rule, series, Start() + 6 * kMinute), absl::InfiniteFuture());
}

TEST(AlarmChangesAt, NeverPassesTheReport) {
  const std::vector<double> values = Points("00X");
  const AlarmRule rule = Rule(1, 1, TreatMissing::kMissing);
  SeriesView series = View(values);
  EXPECT_EQ(AlarmChangesAt(rule, series, Start() + kMinute), series.reported_through);
  EXPECT_EQ(AlarmChangesAt(rule, series, series.reported_through), absl::InfiniteFuture());
  series.reported_through -= kNanosecond;
  EXPECT_EQ(AlarmChangesAt(rule, series, Start() + kMinute), absl::InfiniteFuture());
}

TEST(OkSince, CountsFromTheEndOfTheFirstOkPeriod) {
  const std::vector<double> values = Points("0X00");
  const AlarmRule rule = Rule(1, 1, TreatMissing::kMissing);
  const SeriesView series = View(values);
  OkStretch stretch = OkSince(rule, series, Start() + 2 * kMinute - kNanosecond);
  EXPECT_EQ(stretch.since, Start() + kMinute);
  EXPECT_TRUE(stretch.from_start);
  EXPECT_EQ(stretch.known_through, Start() + 2 * kMinute - kNanosecond);
  stretch = OkSince(rule, series, Start() + 2 * kMinute);
  EXPECT_EQ(stretch.since, absl::InfiniteFuture());
  EXPECT_FALSE(stretch.from_start);
  EXPECT_EQ(stretch.known_through, absl::InfinitePast());
  stretch = OkSince(rule, series, absl::InfiniteFuture());
  EXPECT_EQ(stretch.since, Start() + 3 * kMinute);
  EXPECT_FALSE(stretch.from_start);
  EXPECT_EQ(stretch.known_through, series.reported_through);
}

TEST(OkSince, IsInterruptedByInsufficientData) {
  const std::vector<double> values = Points("00---00");
  const OkStretch stretch =
      OkSince(Rule(1, 1, TreatMissing::kMissing), View(values), absl::InfiniteFuture());
  EXPECT_EQ(stretch.since, Start() + 6 * kMinute);
  EXPECT_FALSE(stretch.from_start);
}

class AgainstReference : public testing::TestWithParam<int> {};

TEST_P(AgainstReference, AllAnswersAgreeAtEveryPeriodEnd) {
  TestRandom random(GetParam());
  for (int round = 0; round < 50; ++round) {
    const AlarmRule rule = RandomRule(&random);
    const std::vector<double> values = RandomValues(&random, 30);
    SeriesView series = View(values, random.Below(12));
    series.reported_through += random.Below(2) * absl::Seconds(30);
    const std::vector<AlarmState> expected = ReferenceFold(rule, series, absl::InfiniteFuture());

    // The periods judged at an instant, and the state they lead to.
    const auto judged = [&expected](absl::Time now) {
      size_t count = 0;
      while (count < expected.size() &&
             Start() + static_cast<int64_t>(count + 1) * kMinute <= now) {
        ++count;
      }
      return count;
    };
    const auto state_at = [&expected, &judged](absl::Time now) {
      return judged(now) == 0 ? kInsufficientData : expected[judged(now) - 1];
    };

    std::vector<absl::Time> instants;
    for (size_t i = 0; i <= expected.size() + 1; ++i) {
      const absl::Time end = Start() + static_cast<int64_t>(i) * kMinute;
      instants.insert(instants.end(), {end - kNanosecond, end, end + kNanosecond});
    }
    for (size_t i = 0; i < instants.size(); ++i) {
      const absl::Time now = instants[i];
      const AlarmState state = state_at(now);
      ASSERT_EQ(EvaluateAlarm(rule, series, now), state) << "round " << round << " at " << now;

      size_t change = i + 1;
      while (change < instants.size() && state_at(instants[change]) == state) ++change;
      ASSERT_EQ(AlarmChangesAt(rule, series, now),
                change < instants.size() ? instants[change] : absl::InfiniteFuture())
          << "round " << round << " at " << now;

      std::vector<AlarmState> states;
      FoldAlarm(rule, series, now, &states);
      const std::vector<AlarmState> reference(expected.begin(), expected.begin() + judged(now));
      ASSERT_LE(states.size(), reference.size());
      ASSERT_EQ(states.empty(), reference.empty());
      for (size_t k = 0; k < reference.size(); ++k) {
        ASSERT_EQ(k < states.size() ? states[k] : states.back(), reference[k]);
      }

      const OkStretch stretch = OkSince(rule, series, now);
      size_t first_ok = reference.size();
      while (first_ok > 0 && reference[first_ok - 1] == kOk) --first_ok;
      if (first_ok == reference.size()) {
        ASSERT_EQ(stretch.since, absl::InfiniteFuture());
      } else {
        ASSERT_EQ(stretch.since, Start() + static_cast<int64_t>(first_ok + 1) * kMinute);
        ASSERT_EQ(stretch.from_start, first_ok == 0);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgainstReference, testing::Range(0, 8));

TEST(AgainstReferenceLong, WideRulesAgree) {
  TestRandom random(99);
  for (int round = 0; round < 40; ++round) {
    AlarmRule rule = RandomRule(&random);
    rule.evaluation_periods = 50 + static_cast<int>(random.Below(100));
    rule.datapoints_to_alarm = 1 + static_cast<int>(random.Below(rule.evaluation_periods));
    const std::vector<double> values = RandomValues(&random, 400);
    const SeriesView series = View(values, random.Below(200));
    std::vector<AlarmState> states;
    FoldAlarm(rule, series, absl::InfiniteFuture(), &states);
    const std::vector<AlarmState> reference = ReferenceFold(rule, series, absl::InfiniteFuture());
    ASSERT_EQ(states.empty(), reference.empty());
    for (size_t k = 0; k < reference.size(); ++k) {
      ASSERT_EQ(k < states.size() ? states[k] : states.back(), reference[k]) << round;
    }
    ASSERT_EQ(EvaluateAlarm(rule, series, absl::InfiniteFuture()),
              reference.empty() ? kInsufficientData : reference.back());
  }
}

}  // namespace
}  // namespace sluice
