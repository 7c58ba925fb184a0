#include "sluice/metrics/quiet.h"

#include <algorithm>
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

// One of one, so that the state is the newest of the last three points.
AlarmRule Rule() {
  AlarmRule rule;
  rule.comparison = Comparison::kGreaterOrEqual;
  rule.threshold = 1;
  rule.evaluation_periods = 1;
  rule.datapoints_to_alarm = 1;
  rule.treat_missing = TreatMissing::kMissing;
  return rule;
}

SeriesView View(const std::vector<double>& values, int64_t more = 0) {
  return {Start(), kMinute, values, Minute(static_cast<int64_t>(values.size()) + more)};
}

TEST(QuietSince, CountsFromTheDeploymentsEnd) {
  const std::vector<double> values = Points("0000000000");
  const absl::Time end = Minute(4) + absl::Seconds(20);
  const Quiet quiet =
      QuietSince(Rule(), View(values), end, false, Minute(2), absl::InfiniteFuture() - kMinute);
  EXPECT_EQ(quiet.since, absl::InfiniteFuture());  // That is no instant to ask about.
  const Quiet at_ten = QuietSince(Rule(), View(values), end, false, Minute(2), Minute(10));
  EXPECT_EQ(at_ten.since, end);
  EXPECT_EQ(at_ten.watch_from, end);
  EXPECT_EQ(at_ten.first_ok, absl::nullopt);
  EXPECT_EQ(at_ten.first_alarm, absl::nullopt);
  EXPECT_EQ(at_ten.state_at_watch_from, AlarmState::kOk);
  EXPECT_EQ(at_ten.judged_through, Minute(10));
  EXPECT_EQ(at_ten.changes_at, absl::InfiniteFuture());
}

TEST(QuietSince, CountsFromTheSeriesStartIfThatIsLater) {
  const std::vector<double> values = Points("000");
  for (const absl::Time from : {Minute(-5), Start() - kNanosecond, Start()}) {
    const Quiet quiet = QuietSince(Rule(), View(values), from, false, Minute(-9), Minute(3));
    EXPECT_EQ(quiet.since, Start());
    EXPECT_EQ(quiet.watch_from, from);
    EXPECT_EQ(quiet.state_at_watch_from, AlarmState::kInsufficientData);
  }
  const absl::Time later = Start() + kNanosecond;
  EXPECT_EQ(QuietSince(Rule(), View(values), later, false, Minute(-9), Minute(3)).since, later);
}

TEST(QuietSince, StartsAgainAfterAStretchWithoutData) {
  //                                        1234567890
  const std::vector<double> values = Points("000----000");  // No data at the ends of 6 and 7.
  const SeriesView series = View(values);
  EXPECT_EQ(QuietSince(Rule(), series, Minute(1), false, Start(), Minute(6) - kNanosecond).since,
            Minute(1));
  EXPECT_EQ(QuietSince(Rule(), series, Minute(1), false, Start(), Minute(6)).since, Minute(6));
  EXPECT_EQ(QuietSince(Rule(), series, Minute(1), false, Start(), Minute(7)).since, Minute(7));
  EXPECT_EQ(QuietSince(Rule(), series, Minute(1), false, Start(), Minute(10)).since, Minute(7));
  EXPECT_EQ(
      QuietSince(Rule(), series, Minute(1), false, Start(), Minute(6) - kNanosecond).changes_at,
      Minute(6));
  EXPECT_EQ(QuietSince(Rule(), series, Minute(1), false, Start(), Minute(6)).changes_at, Minute(7));
  // The stretch is over by the deployment's end.
  EXPECT_EQ(QuietSince(Rule(), series, Minute(7), false, Start(), Minute(10)).since, Minute(7));
  EXPECT_EQ(QuietSince(Rule(), series, Minute(7) - kNanosecond, false, Start(), Minute(10)).since,
            Minute(7));
}

TEST(QuietSince, TakesSilenceAsTheRuleDoes) {
  const std::vector<double> values = Points("000----000");
  AlarmRule rule = Rule();
  rule.treat_missing = TreatMissing::kNotBreaching;
  EXPECT_EQ(QuietSince(rule, View(values), Minute(1), false, Start(), Minute(10)).since, Minute(1));
  rule.treat_missing = TreatMissing::kBreaching;
  EXPECT_EQ(QuietSince(rule, View(values), Minute(1), false, Start(), Minute(10)).first_alarm,
            Minute(6));
}

TEST(QuietSince, AnAlarmAfterTheEndIsAFailureThatStays) {
  const std::vector<double> values = Points("00X0-----000");
  const SeriesView series = View(values);
  const absl::Time from = Minute(2);
  const Quiet before = QuietSince(Rule(), series, from, false, Minute(1), Minute(3) - kNanosecond);
  EXPECT_EQ(before.first_alarm, absl::nullopt);
  EXPECT_EQ(before.changes_at, Minute(3));
  EXPECT_EQ(QuietSince(Rule(), series, from, false, Minute(1), Minute(3)).first_alarm, Minute(3));
  const Quiet after = QuietSince(Rule(), series, from, false, Minute(1), Minute(12));
  EXPECT_EQ(after.first_alarm, Minute(3));
  EXPECT_EQ(after.since, Minute(9));
}

TEST(QuietSince, TellsAnAlarmAtTheEndFromOneAfterIt) {
  const std::vector<double> values = Points("0X00");
  const Quiet at = QuietSince(Rule(), View(values), Minute(2), false, Start(), Minute(4));
  EXPECT_EQ(at.state_at_watch_from, AlarmState::kAlarm);
  EXPECT_EQ(at.first_alarm, absl::nullopt);
  const Quiet before =
      QuietSince(Rule(), View(values), Minute(2) - kNanosecond, false, Start(), Minute(4));
  EXPECT_EQ(before.state_at_watch_from, AlarmState::kOk);
  EXPECT_EQ(before.first_alarm, Minute(2));
}

TEST(QuietSince, WaitsForAPreExistingAlarmToBeOkOnce) {
  const std::vector<double> values = Points("XXXX00X0");
  const SeriesView series = View(values);
  const absl::Time deployment_start = Minute(1);
  const absl::Time from = Minute(2);
  const Quiet waiting =
      QuietSince(Rule(), series, from, true, deployment_start, Minute(5) - kNanosecond);
  EXPECT_EQ(waiting.since, absl::InfiniteFuture());
  EXPECT_EQ(waiting.watch_from, absl::InfiniteFuture());
  EXPECT_EQ(waiting.first_ok, absl::nullopt);
  EXPECT_EQ(waiting.first_alarm, absl::nullopt);
  EXPECT_EQ(waiting.changes_at, Minute(5));
  const Quiet quiet = QuietSince(Rule(), series, from, true, deployment_start, Minute(5));
  EXPECT_EQ(quiet.since, Minute(5));
  EXPECT_EQ(quiet.first_ok, Minute(5));
  EXPECT_EQ(quiet.first_alarm, absl::nullopt);
  EXPECT_EQ(quiet.state_at_watch_from, AlarmState::kOk);
  EXPECT_EQ(quiet.changes_at, Minute(7));
  EXPECT_EQ(QuietSince(Rule(), series, from, true, deployment_start, Minute(8)).first_alarm,
            Minute(7));
}

TEST(QuietSince, APreExistingAlarmMayRecoverDuringTheDeployment) {
  const std::vector<double> values = Points("X00000");
  const Quiet quiet = QuietSince(Rule(), View(values), Minute(4), true, Minute(1), Minute(6));
  EXPECT_EQ(quiet.first_ok, Minute(2));
  EXPECT_EQ(quiet.watch_from, Minute(4));
  EXPECT_EQ(quiet.since, Minute(4));
}

TEST(QuietSince, OkAtTheDeploymentsStartIsNotOkSince) {
  const std::vector<double> values = Points("0XXX0");
  EXPECT_EQ(QuietSince(Rule(), View(values), Minute(3), true, Minute(1), Minute(4)).first_ok,
            absl::nullopt);
  EXPECT_EQ(QuietSince(Rule(), View(values), Minute(3), true, Minute(1) - kNanosecond, Minute(4))
                .first_ok,
            Minute(1));
}

TEST(QuietSince, KnowsNothingOfAnEndThatIsNotReported) {
  const std::vector<double> values = Points("0000");
  const Quiet ahead = QuietSince(Rule(), View(values), Minute(9), false, Start(), Minute(10));
  EXPECT_EQ(ahead.since, Minute(9));
  EXPECT_EQ(ahead.state_at_watch_from, AlarmState::kInsufficientData);
  EXPECT_EQ(ahead.judged_through, Minute(4));
  const Quiet early =
      QuietSince(Rule(), View(values, 9), Minute(3) + kNanosecond, false, Start(), Minute(3));
  EXPECT_EQ(early.state_at_watch_from, AlarmState::kInsufficientData);
  EXPECT_EQ(early.changes_at, Minute(3) + kNanosecond);
}

TEST(QuietSince, IsNeverOnInvalidInput) {
  const std::vector<double> values = Points("0000");
  SeriesView bad = View(values);
  bad.start += kNanosecond;
  for (const Quiet& quiet :
       {QuietSince(Rule(), bad, Minute(1), false, Start(), Minute(4)),
        QuietSince(AlarmRule(), View(values), Minute(1), false, Start(), Minute(4)),
        QuietSince(Rule(), View(values), absl::InfinitePast(), false, Start(), Minute(4)),
        QuietSince(Rule(), View(values), Minute(1), false, absl::InfinitePast(), Minute(4)),
        QuietSince(Rule(), View(values), Minute(1), false, Start(), absl::InfiniteFuture())}) {
    EXPECT_EQ(quiet.since, absl::InfiniteFuture());
    EXPECT_EQ(quiet.watch_from, absl::InfiniteFuture());
    EXPECT_EQ(quiet.changes_at, absl::InfiniteFuture());
  }
}

// The definitions, read one by one over the reference's states.
Quiet SlowQuiet(const AlarmRule& rule, const SeriesView& series, absl::Time from, bool pre_existing,
                absl::Time deployment_start, absl::Time now) {
  const std::vector<AlarmState> states = ReferenceFold(rule, series, now);
  const auto end_of = [](size_t i) { return Minute(static_cast<int64_t>(i) + 1); };
  Quiet quiet;
  if (!states.empty()) quiet.judged_through = end_of(states.size() - 1);
  quiet.watch_from = from;
  if (pre_existing) {
    for (size_t i = 0; i < states.size() && !quiet.first_ok.has_value(); ++i) {
      if (end_of(i) > deployment_start && states[i] == AlarmState::kOk) quiet.first_ok = end_of(i);
    }
    quiet.watch_from = std::max(from, quiet.first_ok.value_or(absl::InfiniteFuture()));
  }
  quiet.since = std::max(quiet.watch_from, series.start);
  for (size_t i = 0; i < states.size(); ++i) {
    if (end_of(i) <= quiet.watch_from) {
      if (quiet.watch_from <= now && quiet.watch_from <= series.reported_through) {
        quiet.state_at_watch_from = states[i];
      }
      continue;
    }
    if (states[i] == AlarmState::kInsufficientData) quiet.since = end_of(i);
    if (states[i] == AlarmState::kAlarm && !quiet.first_alarm.has_value()) {
      quiet.first_alarm = end_of(i);
    }
  }
  return quiet;
}

bool SameAnswer(const Quiet& a, const Quiet& b) {
  return a.since == b.since && a.watch_from == b.watch_from && a.first_ok == b.first_ok &&
         a.first_alarm == b.first_alarm && a.state_at_watch_from == b.state_at_watch_from;
}

class QuietAgainstReference : public testing::TestWithParam<int> {};

TEST_P(QuietAgainstReference, AgreesAtEveryInstantAndTellsWhenItChanges) {
  TestRandom random(GetParam());
  int changing = 0;
  for (int round = 0; round < 60; ++round) {
    const AlarmRule rule = RandomRule(&random);
    const std::vector<double> values = RandomValues(&random, 20);
    SeriesView series = View(values, random.Below(8));
    series.reported_through += random.Below(2) * absl::Seconds(30);
    const absl::Time deployment_start =
        Minute(random.Below(12) - 3) + (random.Below(3) - 1) * kNanosecond;
    const absl::Time from =
        deployment_start + random.Below(5) * kMinute + random.Below(2) * absl::Seconds(30);
    const bool pre_existing = random.Below(2) == 0;

    std::vector<absl::Time> instants = {from - kNanosecond, from, from + kNanosecond};
    for (int64_t i = -4; i <= 32; ++i) {
      instants.insert(instants.end(), {Minute(i) - kNanosecond, Minute(i)});
    }
    std::sort(instants.begin(), instants.end());
    instants.erase(std::unique(instants.begin(), instants.end()), instants.end());
    std::vector<Quiet> expected;
    for (const absl::Time now : instants) {
      expected.push_back(SlowQuiet(rule, series, from, pre_existing, deployment_start, now));
    }
    for (size_t i = 0; i < instants.size(); ++i) {
      const Quiet quiet =
          QuietSince(rule, series, from, pre_existing, deployment_start, instants[i]);
      ASSERT_TRUE(SameAnswer(quiet, expected[i])) << round << " at " << instants[i];
      ASSERT_EQ(quiet.judged_through, expected[i].judged_through);
      size_t j = i + 1;
      while (j < instants.size() && SameAnswer(expected[j], expected[i])) ++j;
      const absl::Time changes_at = j < instants.size() ? instants[j] : absl::InfiniteFuture();
      ASSERT_EQ(quiet.changes_at, changes_at) << round << " at " << instants[i];
      if (changes_at < absl::InfiniteFuture()) ++changing;
    }
  }
  EXPECT_GT(changing, 200);
}

INSTANTIATE_TEST_SUITE_P(Seeds, QuietAgainstReference, testing::Range(0, 10));

TEST(QuietSince, ASeriesThatIsReportedForEverSaysNothing) {
  const std::vector<double> values = Points("0000000000");
  SeriesView view = View(values);
  EXPECT_EQ(QuietSince(Rule(), view, Minute(4), false, Minute(2), Minute(10)).since, Minute(4));
  view.reported_through = absl::InfiniteFuture();
  EXPECT_EQ(QuietSince(Rule(), view, Minute(4), false, Minute(2), Minute(10)).since,
            absl::InfiniteFuture());
}

}  // namespace
}  // namespace sluice
