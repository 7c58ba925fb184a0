#include "sluice/blockers/metric_alarm.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/policy.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kMaxAge = absl::Minutes(5);
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr char kRule[] = R"pb(comparison: GREATER_THAN
                              threshold: 5
                              evaluation_periods: 1
                              datapoints_to_alarm: 1
                              treat_missing: MISSING)pb";

std::vector<std::string> FaultsOf(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  ParseMetricAlarm(FromText<v1::MetricAlarm>(text), root, errors);
  return FaultsIn(errors);
}

MetricAlarm Parsed(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  MetricAlarm alarm = ParseMetricAlarm(FromText<v1::MetricAlarm>(text), root, errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  return alarm;
}

MetricAlarm Observed() { return Parsed("observed { alarm: 'cpu' } max_age { seconds: 300 }"); }
MetricAlarm Shared() {
  return Parsed("observed { alarm: 'cpu' shared: true } max_age { seconds: 300 }");
}
MetricAlarm Computed() {
  return Parsed("computed { series: 's' rule { " + std::string(kRule) +
                " } } max_age { seconds: 300 }");
}
MetricAlarm Ratio() {
  return Parsed(
      "ratio { errors_series: 'e' requests_series: 'r' min_samples: 10 rule { comparison: "
      "GREATER_THAN threshold: 0.1 evaluation_periods: 1 datapoints_to_alarm: 1 treat_missing: "
      "MISSING } } max_age { seconds: 300 }");
}

AlarmFacts Report(v1::AlarmReport::State state) {
  AlarmFacts facts;
  facts.state = state;
  facts.since = Zero() - kMinute;
  facts.observed_at = Zero();
  facts.history_from = facts.since;
  return facts;
}

std::vector<Step> Steps(const MetricAlarm& alarm, const World& world,
                        absl::Duration from = -absl::Hours(1)) {
  return StepsOf([&](absl::Time now) { return Check(alarm, world.subject(), "", "", now); }, from);
}

TEST(ParseMetricAlarmTest, NothingFails) {
  EXPECT_THAT(FaultsOf(""), ElementsAre(" MISSING", "max_age MISSING"));
}

TEST(ParseMetricAlarmTest, ObservedFails) {
  EXPECT_THAT(FaultsOf("observed {} max_age { seconds: 1 }"),
              ElementsAre("observed.alarm MISSING"));
  EXPECT_THAT(FaultsOf("observed { alarm: ' ' } max_age { seconds: 1 }"),
              ElementsAre("observed.alarm INVALID_VALUE"));
}

TEST(ParseMetricAlarmTest, ComputedFails) {
  EXPECT_THAT(FaultsOf("computed {} max_age { seconds: 1 }"),
              ElementsAre("computed.series MISSING", "computed.rule MISSING"));
  EXPECT_THAT(
      FaultsOf("computed { series: '-' rule { comparison: LESS_THAN threshold: 5 "
               "evaluation_periods: 1 datapoints_to_alarm: 2 treat_missing: IGNORE } } "
               "max_age {}"),
      ElementsAre("computed.series INVALID_VALUE",
                  "computed.rule.datapoints_to_alarm INVALID_VALUE", "max_age INVALID_VALUE"));
}

TEST(ParseMetricAlarmTest, RatioFails) {
  EXPECT_THAT(FaultsOf("ratio {} max_age { seconds: 1 }"),
              ElementsAre("ratio.errors_series MISSING", "ratio.requests_series MISSING",
                          "ratio.min_samples MISSING", "ratio.rule MISSING"));
  const auto with = [](const std::string& text) {
    return FaultsOf("ratio { " + text + " rule { " + std::string(kRule) +
                    " } } max_age { seconds: 1 }");
  };
  EXPECT_THAT(with("errors_series: 'a' requests_series: 'a' min_samples: 1"),
              ElementsAre("ratio.requests_series DUPLICATE"));
  EXPECT_THAT(with("errors_series: 'a' requests_series: 'b' min_samples: 17179869184"), IsEmpty());
  EXPECT_THAT(with("errors_series: 'a' requests_series: 'b' min_samples: 17179869185"),
              ElementsAre("ratio.min_samples INVALID_VALUE"));
}

constexpr char kLeaf[] = "observed { alarm: 'a' } max_age { seconds: 1 }";

TEST(ParseMetricAlarmTest, CompositeFails) {
  const std::string leaf = kLeaf;
  EXPECT_THAT(FaultsOf("composite {}"), ElementsAre("composite MISSING"));
  EXPECT_THAT(FaultsOf("composite { all {} }"), ElementsAre("composite.all.alarms MISSING"));
  EXPECT_THAT(FaultsOf("composite { any {} }"), ElementsAre("composite.any.alarms MISSING"));
  EXPECT_THAT(FaultsOf("composite { negation {} }"),
              ElementsAre("composite.negation MISSING", "composite.negation.max_age MISSING"));
  EXPECT_THAT(FaultsOf("composite { any { alarms { " + leaf + " } } } max_age { seconds: 1 }"),
              ElementsAre("max_age INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("composite { any { alarms { " + leaf + " clear_for { seconds: 1 } } } }"),
              ElementsAre("composite.any.alarms[0].clear_for INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("composite { negation { " + leaf + " } } clear_for { seconds: 1 }"),
              ElementsAre("clear_for INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("composite { negation { " + leaf + " } }"), IsEmpty());
}

TEST(ParseMetricAlarmTest, CompositesAreOfOneScope) {
  const std::string shared = "observed { alarm: 'a' shared: true } max_age { seconds: 1 }";
  const auto faults = [](const std::string& one, const std::string& other) {
    return FaultsOf("composite { any { alarms { " + one + " } alarms { composite { negation { " +
                    other + " } } } } }");
  };
  EXPECT_THAT(faults(kLeaf, kLeaf), IsEmpty());
  EXPECT_THAT(faults(shared, shared), IsEmpty());
  EXPECT_THAT(faults(shared, kLeaf), ElementsAre("composite INVALID_VALUE"));
  EXPECT_THAT(faults(kLeaf, shared), ElementsAre("composite INVALID_VALUE"));
  EXPECT_THAT(faults(shared, "computed { series: 's' rule { " + std::string(kRule) +
                                 " } } max_age { seconds: 1 }"),
              ElementsAre("composite INVALID_VALUE"));
}

TEST(ParseMetricAlarmTest, CompositesHaveLimits) {
  std::string nested = kLeaf;
  for (int i = 0; i < kMaxAlarmDepth; ++i) nested = "composite { negation { " + nested + " } }";
  EXPECT_THAT(FaultsOf(nested), IsEmpty());
  EXPECT_THAT(FaultsOf("composite { negation { " + nested + " } }").size(), 1u);
  const auto leaves = [](int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += "alarms { " + std::string(kLeaf) + " } ";
    return text;
  };
  EXPECT_THAT(FaultsOf("composite { any { " + leaves(kMaxCompositeAlarms) + " } }"), IsEmpty());
  EXPECT_THAT(FaultsOf("composite { any { " + leaves(kMaxCompositeAlarms + 1) + " } }"),
              ElementsAre("composite.any.alarms TOO_LARGE"));
  EXPECT_THAT(FaultsOf("composite { any { " + leaves(kMaxCompositeAlarms - 1) +
                       " alarms { composite { all { " + leaves(2) + " } } } } }"),
              ElementsAre("composite TOO_LARGE"));
}

TEST(ParseMetricAlarmTest, ClearForFails) {
  EXPECT_THAT(FaultsOf(std::string(kLeaf) + " clear_for {}"),
              ElementsAre("clear_for INVALID_VALUE"));
  EXPECT_THAT(FaultsOf(std::string(kLeaf) + " clear_for { nanos: 1 }"), IsEmpty());
}

TEST(ObservedAlarmTest, UnknownIdHasNoData) {
  World world;
  EXPECT_THAT(Steps(Observed(), world), ElementsAre(Unknown(-absl::Hours(1), v1::NO_DATA)));
}

TEST(ObservedAlarmTest, EachState) {
  World world;
  AlarmFacts& report = world.snapshot.alarms[SignalKey{"cpu", "", ""}];
  report = Report(v1::AlarmReport::OK);
  EXPECT_THAT(Steps(Observed(), world), ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE),
                                                    Clear(-kSkew), Unknown(kMaxAge, v1::STALE)));
  report = Report(v1::AlarmReport::ALARM);
  EXPECT_THAT(Steps(Observed(), world),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE),
                          Blocking(-kSkew, v1::IN_ALARM), Unknown(kMaxAge, v1::STALE)));
  report = Report(v1::AlarmReport::INSUFFICIENT_DATA);
  EXPECT_THAT(Steps(Observed(), world),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE),
                          Unknown(-kSkew, v1::NO_DATA), Unknown(kMaxAge, v1::STALE)));
  for (const int unread : {0, 4, -1}) {
    report = Report(static_cast<v1::AlarmReport::State>(unread));
    EXPECT_EQ(Check(Observed(), world.subject(), "", "", Zero()).verdict, Verdict::kInvalid);
  }
}

TEST(ObservedAlarmTest, ABrokenReportIsInvalidForEver) {
  World world;
  AlarmFacts& report = world.snapshot.alarms[SignalKey{"cpu", "", ""}];
  report = Report(v1::AlarmReport::OK);
  report.fault = v1::DUPLICATE_ID;
  EXPECT_THAT(Steps(Observed(), world), ElementsAre(Invalid(-absl::Hours(1), v1::DUPLICATE_ID)));
}

TEST(ObservedAlarmTest, OnlyTheReportOfItsOwnCellAndRegion) {
  World world;
  world.snapshot.alarms[SignalKey{"cpu", "eu-1", ""}] = Report(v1::AlarmReport::OK);
  world.snapshot.alarms[SignalKey{"cpu", "", "eu"}] = Report(v1::AlarmReport::ALARM);
  const auto reason = [&](absl::string_view cell, absl::string_view region) {
    return Check(Observed(), world.subject(), cell, region, Zero()).reason;
  };
  EXPECT_EQ(reason("", ""), v1::NO_DATA);
  EXPECT_EQ(reason("eu-1", ""), v1::ALL_CLEAR);
  EXPECT_EQ(reason("eu-2", ""), v1::NO_DATA);
  EXPECT_EQ(reason("", "eu"), v1::IN_ALARM);
  EXPECT_EQ(reason("eu-1", "eu"), v1::NO_DATA);
}

TEST(ObservedAlarmTest, SharedOnesAreTheOrganisations) {
  World world;
  world.snapshot.alarms[SignalKey{"cpu", "", ""}] = Report(v1::AlarmReport::OK);
  EXPECT_EQ(Check(Shared(), world.subject(), "", "", Zero()).reason, v1::NO_DATA);

  auto organisation = std::make_shared<OrganisationData>();
  organisation->alarms[SignalKey{"cpu", "", ""}] = Report(v1::AlarmReport::ALARM);
  world.snapshot.organisation = organisation;
  EXPECT_EQ(Check(Shared(), world.subject(), "", "", Zero()).reason, v1::NO_DATA);
  organisation->present = true;
  EXPECT_EQ(Check(Shared(), world.subject(), "", "", Zero()).reason, v1::IN_ALARM);
  EXPECT_EQ(Check(Observed(), world.subject(), "", "", Zero()).reason, v1::ALL_CLEAR);
}

TEST(ObservedAlarmTest, Evidence) {
  World world;
  world.snapshot.alarms[SignalKey{"cpu", "", ""}] = Report(v1::AlarmReport::ALARM);
  const MetricAlarm alarm = Observed();
  const Judgement judgement = Check(alarm, world.subject(), "", "", Zero());
  EXPECT_EQ(judgement.evidence.subject, "cpu");
  EXPECT_EQ(judgement.evidence.at, Zero() - kMinute);
}

// The series of `values`, the last of which ends at `reported_through`.
SeriesFacts Series(const std::vector<double>& values, absl::Time reported_through) {
  SeriesFacts facts;
  facts.view.period = kMinute;
  facts.view.start = reported_through - kMinute * static_cast<int64_t>(values.size());
  facts.view.values = values;
  facts.view.reported_through = reported_through;
  return facts;
}

TEST(ComputedAlarmTest, UnknownIdHasNoData) {
  World world;
  EXPECT_THAT(Steps(Computed(), world), ElementsAre(Unknown(-absl::Hours(1), v1::NO_DATA)));
}

TEST(ComputedAlarmTest, StatesFollowThePeriodsUntilTheReportIsStale) {
  World world;
  const std::vector<double> values = {9, 1, 9, 9};
  world.snapshot.series[SignalKey{"s", "", ""}] = Series(values, Zero() + kMinute);
  // The report is a minute ahead, within the skew: from then on it is looked at.
  EXPECT_THAT(Steps(Computed(), world), ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE),
                                                    Blocking(absl::ZeroDuration(), v1::IN_ALARM),
                                                    Unknown(kMinute + kMaxAge, v1::STALE)));
}

TEST(ComputedAlarmTest, APeriodIsJudgedAtItsEndNotBefore) {
  World world;
  const std::vector<double> values = {1, 1, 1, 9, 1, 9};
  world.snapshot.series[SignalKey{"s", "", ""}] = Series(values, Zero() + 3 * kMinute);
  Subject subject{world.snapshot, kPolicy, absl::Hours(1), "prod", &world.artifact};
  const MetricAlarm alarm = Computed();
  EXPECT_THAT(
      StepsOf([&](absl::Time now) { return Check(alarm, subject, "", "", now); }, -kMinute),
      ElementsAre(Clear(-kMinute), Blocking(kMinute, v1::IN_ALARM), Clear(2 * kMinute),
                  Blocking(3 * kMinute, v1::IN_ALARM), Unknown(3 * kMinute + kMaxAge, v1::STALE)));
}

TEST(ComputedAlarmTest, SilenceIsNoData) {
  World world;
  const std::vector<double> values = {kNaN, kNaN, kNaN};
  world.snapshot.series[SignalKey{"s", "", ""}] = Series(values, Zero());
  EXPECT_THAT(Steps(Computed(), world, absl::ZeroDuration()),
              ElementsAre(Unknown(absl::ZeroDuration(), v1::NO_DATA), Unknown(kMaxAge, v1::STALE)));
}

TEST(ComputedAlarmTest, ABrokenSeriesIsInvalidForEver) {
  World world;
  const std::vector<double> values = {1, 1, 1};
  SeriesFacts& series = world.snapshot.series[SignalKey{"s", "", ""}];
  series = Series(values, Zero());
  series.fault = v1::INVALID_DATA;
  EXPECT_THAT(Steps(Computed(), world), ElementsAre(Invalid(-absl::Hours(1), v1::INVALID_DATA)));
}

TEST(ComputedAlarmTest, Evidence) {
  World world;
  const std::vector<double> values = {1, 9, kNaN};
  world.snapshot.series[SignalKey{"s", "", ""}] = Series(values, Zero());
  const MetricAlarm alarm = Computed();
  const Judgement judgement = Check(alarm, world.subject(), "", "", Zero());
  EXPECT_EQ(judgement.reason, v1::IN_ALARM);
  EXPECT_EQ(judgement.evidence.subject, "s");
  EXPECT_EQ(judgement.evidence.value, 9);
  EXPECT_EQ(judgement.evidence.threshold, 5);
  EXPECT_EQ(judgement.evidence.at, Zero());
}

TEST(ComputedAlarmTest, EvidenceOfABandNamesTheBoundThatWasLeft) {
  World world;
  const MetricAlarm alarm = Parsed(
      "computed { series: 's' rule { comparison: OUTSIDE_BAND threshold: 5 lower_threshold: 2 "
      "evaluation_periods: 1 datapoints_to_alarm: 1 treat_missing: MISSING } } max_age { seconds: "
      "300 }");
  const std::vector<double> low = {1};
  const std::vector<double> high = {6};
  SeriesFacts& series = world.snapshot.series[SignalKey{"s", "", ""}];
  series = Series(low, Zero());
  EXPECT_EQ(Check(alarm, world.subject(), "", "", Zero()).evidence.threshold, 2);
  series = Series(high, Zero());
  EXPECT_EQ(Check(alarm, world.subject(), "", "", Zero()).evidence.threshold, 5);
}

struct RatioWorld : World {
  RatioWorld(std::vector<double> e, std::vector<double> r, absl::Time through = Zero())
      : errors(std::move(e)), requests(std::move(r)) {
    snapshot.series[SignalKey{"e", "", ""}] = Series(errors, through);
    snapshot.series[SignalKey{"r", "", ""}] = Series(requests, through);
  }
  SeriesFacts& errors_facts() { return snapshot.series[SignalKey{"e", "", ""}]; }
  SeriesFacts& requests_facts() { return snapshot.series[SignalKey{"r", "", ""}]; }
  Reason reason() const { return Check(Ratio(), subject(), "", "", Zero()).reason; }

  std::vector<double> errors;
  std::vector<double> requests;
};

TEST(RatioAlarmTest, TheThresholdItselfIsFine) {
  EXPECT_EQ(RatioWorld({10, 10, 10}, {100, 100, 100}).reason(), v1::ALL_CLEAR);
  EXPECT_EQ(RatioWorld({10, 10, 11}, {100, 100, 100}).reason(), v1::IN_ALARM);
}

TEST(RatioAlarmTest, TooFewRequestsAreAMissingPoint) {
  EXPECT_EQ(RatioWorld({9, 9, 9}, {9, 9, 9}).reason(), v1::NO_DATA);
  EXPECT_EQ(RatioWorld({9, 9, 9}, {9, 9, 10}).reason(), v1::IN_ALARM);
}

TEST(RatioAlarmTest, BothSeriesAreNeeded) {
  RatioWorld world({1}, {100});
  world.snapshot.series.erase(SignalKey{"e", "", ""});
  EXPECT_EQ(world.reason(), v1::NO_DATA);
  RatioWorld other({1}, {100});
  other.snapshot.series.erase(SignalKey{"r", "", ""});
  EXPECT_EQ(other.reason(), v1::NO_DATA);
}

TEST(RatioAlarmTest, AnythingWrongWithEitherIsInvalid) {
  EXPECT_EQ(RatioWorld({101}, {100}).reason(), v1::INVALID_DATA);
  EXPECT_EQ(RatioWorld({-1}, {100}).reason(), v1::INVALID_DATA);
  EXPECT_EQ(RatioWorld({1, 1}, {100}).reason(), v1::INVALID_DATA);  // Other starts.
  RatioWorld period({1}, {100});
  period.requests_facts().view.period = 2 * kMinute;
  EXPECT_EQ(period.reason(), v1::INVALID_DATA);
  RatioWorld broken({1}, {100});
  broken.requests_facts().fault = v1::LIMIT_EXCEEDED;
  EXPECT_EQ(broken.reason(), v1::LIMIT_EXCEEDED);
  broken.snapshot.series.erase(SignalKey{"e", "", ""});
  EXPECT_EQ(broken.reason(), v1::LIMIT_EXCEEDED);
}

TEST(RatioAlarmTest, TheEarlierReportAgesAndTheLaterOneMayBeFromTheFuture) {
  RatioWorld world({1, 1, 1}, {100, 100, 100});
  world.requests_facts().view.reported_through = Zero() + absl::Minutes(2);
  EXPECT_THAT(Steps(Ratio(), world),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE),
                          Clear(absl::Minutes(2) - kSkew), Unknown(kMaxAge, v1::STALE)));
  RatioWorld other({1, 1, 1}, {100, 100, 100});
  other.errors_facts().view.reported_through = Zero() + absl::Minutes(2);
  EXPECT_EQ(Steps(Ratio(), other), Steps(Ratio(), world));
}

TEST(FindPointsTest, TheVeryPointsThatAreJudged) {
  RatioWorld world({10, kNaN}, {100, 100});
  const MetricAlarm alarm = Ratio();
  const AlarmPoints points = FindPoints(alarm, world.subject(), "", "");
  EXPECT_EQ(points.verdict, Verdict::kClear);
  EXPECT_EQ(points.fault, v1::ALL_CLEAR);
  ASSERT_NE(points.rule, nullptr);
  EXPECT_EQ(points.rule->threshold, 0.1);
  ASSERT_EQ(points.View().values.size(), 2u);
  EXPECT_EQ(points.View().values[0], 0.1);
  EXPECT_EQ(points.newest_report, Zero());
}

TEST(FindPointsTest, NoneOfAnObservedAlarm) {
  World world;
  const AlarmPoints points = FindPoints(Observed(), world.subject(), "", "");
  EXPECT_EQ(points.verdict, Verdict::kUnknown);
  EXPECT_EQ(points.fault, v1::NO_DATA);
  EXPECT_EQ(points.rule, nullptr);
}

TEST(FindReportTest, NullIfThereIsNone) {
  World world;
  EXPECT_EQ(FindReport({"cpu", false}, world.subject(), "", ""), nullptr);
  EXPECT_EQ(FindReport({"cpu", true}, world.subject(), "", ""), nullptr);
  world.snapshot.alarms[SignalKey{"cpu", "", ""}] = Report(v1::AlarmReport::OK);
  EXPECT_NE(FindReport({"cpu", false}, world.subject(), "", ""), nullptr);
}

// OK for `since` to `observed_at`, ten minutes asked for.
Judgement ClearFor(absl::Duration ok_for, absl::Duration history = absl::InfiniteDuration()) {
  World world;
  AlarmFacts report = Report(v1::AlarmReport::OK);
  report.since = Zero() - ok_for;
  report.history_from = std::max(Zero() - history, absl::FromUnixSeconds(0));
  world.snapshot.alarms[SignalKey{"cpu", "", ""}] = report;
  const MetricAlarm alarm =
      Parsed("observed { alarm: 'cpu' } max_age { seconds: 300 } clear_for { seconds: 600 }");
  return Check(alarm, world.subject(), "", "", Zero() + kMinute);
}

TEST(ClearForTest, ObservedIsMeasuredToTheReport) {
  EXPECT_EQ(ClearFor(10 * kMinute).reason, v1::ALL_CLEAR);
  EXPECT_EQ(ClearFor(10 * kMinute + kNanosecond).reason, v1::ALL_CLEAR);
  const Judgement short_of = ClearFor(10 * kMinute - kNanosecond);
  EXPECT_EQ(short_of.verdict, Verdict::kBlocking);
  EXPECT_EQ(short_of.reason, v1::NOT_CLEAR_LONG_ENOUGH);
  EXPECT_EQ(short_of.changes_at, Zero() + kMaxAge);
}

TEST(ClearForTest, ObservedHistoryMayBeTooShort) {
  EXPECT_EQ(ClearFor(20 * kMinute, 10 * kMinute).reason, v1::ALL_CLEAR);
  const Judgement short_of = ClearFor(20 * kMinute, 10 * kMinute - kNanosecond);
  EXPECT_EQ(short_of.verdict, Verdict::kUnknown);
  EXPECT_EQ(short_of.reason, v1::HISTORY_TOO_SHORT);
}

// Alarm until Zero(), OK from the end of the next minute on, reported through three minutes.
TEST(ClearForTest, ComputedIsMetAtAnInstantOfTheReport) {
  World world;
  const std::vector<double> values = {9, 1, 1, 1};
  SeriesFacts facts;
  facts.view = {Zero() - kMinute, kMinute, values, Zero() + 3 * kMinute};
  world.snapshot.series[SignalKey{"s", "", ""}] = facts;
  const auto steps = [&](const std::string& clear_for) {
    const MetricAlarm alarm =
        Parsed("computed { series: 's' rule { " + std::string(kRule) +
               " } } max_age { seconds: 300 } clear_for { " + clear_for + " }");
    return Steps(alarm, world, 2 * kMinute);
  };
  // Within the last minute of the report, which is not yet over.
  EXPECT_THAT(steps("seconds: 90"),
              ElementsAre(Blocking(2 * kMinute, v1::NOT_CLEAR_LONG_ENOUGH),
                          Clear(2 * kMinute + absl::Seconds(30)), Unknown(8 * kMinute, v1::STALE)));
  EXPECT_THAT(steps("seconds: 120"),
              ElementsAre(Blocking(2 * kMinute, v1::NOT_CLEAR_LONG_ENOUGH), Clear(3 * kMinute),
                          Unknown(8 * kMinute, v1::STALE)));
  EXPECT_THAT(steps("seconds: 120 nanos: 1"),
              ElementsAre(Blocking(2 * kMinute, v1::NOT_CLEAR_LONG_ENOUGH),
                          Unknown(8 * kMinute, v1::STALE)));
}

TEST(ClearForTest, ComputedSeriesMayBeTooShort) {
  World world;
  const std::vector<double> values = {1, 1, 1, 1};
  SeriesFacts facts;
  facts.view = {Zero() - 4 * kMinute, kMinute, values, Zero()};
  world.snapshot.series[SignalKey{"s", "", ""}] = facts;
  const auto reason = [&](const std::string& clear_for) {
    const MetricAlarm alarm =
        Parsed("computed { series: 's' rule { " + std::string(kRule) +
               " } } max_age { seconds: 300 } clear_for { " + clear_for + " }");
    return Check(alarm, world.subject(), "", "", Zero()).reason;
  };
  EXPECT_EQ(reason("seconds: 180"), v1::ALL_CLEAR);
  EXPECT_EQ(reason("seconds: 180 nanos: 1"), v1::HISTORY_TOO_SHORT);
}

TEST(CompositeAlarmTest, ChangesWithWhatDecides) {
  World world;
  AlarmFacts older = Report(v1::AlarmReport::OK);
  AlarmFacts newer = older;
  newer.observed_at = Zero() + kMinute;
  world.snapshot.alarms[SignalKey{"a", "", ""}] = older;
  world.snapshot.alarms[SignalKey{"b", "", ""}] = newer;
  const auto steps = [&](const std::string& operation) {
    return Steps(Parsed("composite { " + operation +
                        " { alarms { observed { alarm: 'a' } max_age { seconds: 300 } } alarms { "
                        "observed { alarm: 'b' } max_age { seconds: 300 } } } }"),
                 world, kMinute);
  };
  EXPECT_THAT(steps("any"), ElementsAre(Clear(kMinute), Unknown(5 * kMinute, v1::STALE)));
  EXPECT_THAT(steps("all"), ElementsAre(Clear(kMinute), Unknown(6 * kMinute, v1::STALE)));
}

TEST(CompositeAlarmTest, ReadsSeriesOfTheNearFuture) {
  World world;
  const std::vector<double> values = {1, 9, 1};
  SeriesFacts facts;
  facts.view = {Zero() - kMinute, kMinute, values, Zero() + 2 * kMinute};
  world.snapshot.series[SignalKey{"s", "", ""}] = facts;
  const MetricAlarm alarm = Parsed("composite { negation { computed { series: 's' rule { " +
                                   std::string(kRule) + " } } max_age { seconds: 300 } } }");
  EXPECT_THAT(Steps(alarm, world),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE), Clear(kMinute),
                          Blocking(2 * kMinute, v1::IN_ALARM), Unknown(7 * kMinute, v1::STALE)));
}

TEST(ObservedAlarmTest, WithoutAnOrganisationNothingIsShared) {
  World world;
  world.snapshot.organisation = nullptr;
  world.snapshot.alarms[SignalKey{"cpu", "", ""}] = Report(v1::AlarmReport::OK);
  EXPECT_EQ(Check(Shared(), world.subject(), "", "", Zero()).reason, v1::NO_DATA);
  EXPECT_EQ(Check(Observed(), world.subject(), "", "", Zero()).reason, v1::ALL_CLEAR);
}

}  // namespace
}  // namespace sluice
