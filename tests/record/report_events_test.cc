#include "sluice/record/report_events.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using Code = absl::StatusCode;

class ReportEventsTest : public ::testing::Test {
 protected:
  // Applies an event whose kind is given as text.
  Code Try(absl::string_view kind) {
    v1::Event event = world.NewEvent();
    event.clear_expected_revision();
    event.MergeFrom(Parse<v1::Event>(kind));
    return world.Do(event).code();
  }

  World world;
};

// ---- Artifacts.

TEST_F(ReportEventsTest, AnArtifactIsBuiltOnce) {
  const auto built = [](int n, int sequence, absl::string_view more) {
    return absl::StrCat("artifact_built { artifact { digest: '", D(n), "' sequence: ", sequence,
                        " ", more, " } }");
  };
  EXPECT_EQ(Try(built(1, 5, "authors: ['ann', 'bob']")), Code::kOk);
  EXPECT_EQ(Try(built(1, 5, "authors: ['bob', 'ann']")), Code::kOk);
  EXPECT_EQ(world.state.artifacts_size(), 1);
  EXPECT_EQ(Try(built(1, 5, "authors: ['ann']")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(built(1, 6, "authors: ['ann', 'bob']")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(built(2, 5, "")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(built(2, 4, "")), Code::kOk);
}

// ---- Checks.

std::string UnitRun(absl::string_view run, absl::string_view rest) {
  return absl::StrCat("check_reported { check { check: 'unit' artifact: '", D(1), "' run: '", run,
                      "' started_at { seconds: 10 } ", rest, " } }");
}

TEST_F(ReportEventsTest, ARunThatGoesOnIsReplacedByItsEnd) {
  EXPECT_EQ(Try(UnitRun("r", "outcome: RUNNING")), Code::kOk);
  EXPECT_EQ(Try(UnitRun("r", "outcome: RUNNING numbers { key: 'done' value: 0.5 }")), Code::kOk);
  EXPECT_EQ(Try(UnitRun("r", "outcome: PASSED finished_at { seconds: 20 }")), Code::kOk);
  ASSERT_EQ(world.state.checks_size(), 1);
  EXPECT_EQ(world.state.checks(0).outcome(), v1::Check::PASSED);
}

TEST_F(ReportEventsTest, AFinishedRunStaysAsItIs) {
  EXPECT_EQ(Try(UnitRun("r", "outcome: FAILED finished_at { seconds: 20 }")), Code::kOk);
  EXPECT_EQ(Try(UnitRun("r", "outcome: FAILED finished_at { seconds: 20 }")), Code::kOk);
  EXPECT_EQ(Try(UnitRun("r", "outcome: PASSED finished_at { seconds: 20 }")),
            Code::kFailedPrecondition);
  EXPECT_EQ(Try(UnitRun("r", "outcome: RUNNING")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(UnitRun("s", "outcome: RUNNING")), Code::kOk);
  EXPECT_EQ(world.state.checks_size(), 2);
}

TEST_F(ReportEventsTest, ARunKeepsItsTimeAndPlace) {
  EXPECT_EQ(Try(UnitRun("r", "outcome: RUNNING stage: 'prod' cell: 'a'")), Code::kOk);
  const std::string end = "outcome: PASSED finished_at { seconds: 20 } ";
  EXPECT_EQ(Try(UnitRun("r", absl::StrCat(end, "stage: 'prod' cell: 'b'"))),
            Code::kFailedPrecondition);
  EXPECT_EQ(Try(UnitRun("r", absl::StrCat(end, "stage: 'test' cell: 'a'"))),
            Code::kFailedPrecondition);
  v1::Event other = world.NewEvent();
  other.clear_expected_revision();
  other.MergeFrom(Parse<v1::Event>(UnitRun("r", absl::StrCat(end, "stage: 'prod' cell: 'a'"))));
  other.mutable_check_reported()->mutable_check()->mutable_started_at()->set_nanos(1);
  EXPECT_EQ(world.Do(other).code(), Code::kFailedPrecondition);
  EXPECT_EQ(Try(UnitRun("r", absl::StrCat(end, "stage: 'prod' cell: 'a'"))), Code::kOk);
}

// ---- Alarms.

// A report; `extra` is more of its fields.
std::string Alarm(absl::string_view state, int since, int observed, absl::string_view extra = "") {
  return absl::StrCat("alarm_reported { alarm { alarm: 'errors' state: ", state,
                      " since { seconds: ", since, " } observed_at { seconds: ", observed, " } ",
                      extra, " } }");
}

class AlarmReportedTest : public ReportEventsTest {
 protected:
  int64_t HistoryFrom() { return world.state.alarms(0).history_from().seconds(); }
  // 0: none known.
  int64_t LastAlarm() { return world.state.alarms(0).last_alarm_at().seconds(); }
};

TEST_F(AlarmReportedTest, TheFirstReportKnowsTheAlarmSinceItsState) {
  EXPECT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 100);
  EXPECT_FALSE(world.state.alarms(0).has_last_alarm_at());
}

TEST_F(AlarmReportedTest, TheSameStateGoesOn) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  EXPECT_EQ(Try(Alarm("OK", 100, 300)), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 100);
  // A later `since` that is still covered by the previous report.
  EXPECT_EQ(Try(Alarm("OK", 300, 400)), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 100);
  EXPECT_EQ(world.state.alarms(0).since().seconds(), 300);
  EXPECT_EQ(world.state.alarms_size(), 1);
}

TEST_F(AlarmReportedTest, AGapStartsTheHistoryAnew) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  EXPECT_EQ(Try(Alarm("OK", 201, 300)), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 201);
}

TEST_F(AlarmReportedTest, OneNanosecondIsAGap) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  v1::Event event = world.NewEvent();
  event.clear_expected_revision();
  event.MergeFrom(Parse<v1::Event>(Alarm("OK", 200, 300)));
  event.mutable_alarm_reported()->mutable_alarm()->mutable_since()->set_nanos(1);
  world.Must(event);
  EXPECT_EQ(HistoryFrom(), 200);
  EXPECT_EQ(world.state.alarms(0).history_from().nanos(), 1);
}

TEST_F(AlarmReportedTest, AnotherStateStartsTheHistoryAnew) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  EXPECT_EQ(Try(Alarm("ALARM", 150, 300)), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 150);
  EXPECT_EQ(LastAlarm(), 150);
  EXPECT_EQ(Try(Alarm("OK", 350, 400)), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 350);
  EXPECT_EQ(LastAlarm(), 150);
}

TEST_F(AlarmReportedTest, TheHostMayStateTheHistory) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  EXPECT_EQ(Try(Alarm("OK", 250, 300, "history_from { seconds: 50 }")), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 50);
  EXPECT_EQ(Try(Alarm("OK", 250, 400, "history_from { seconds: 260 }")), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 260);
}

TEST_F(AlarmReportedTest, ARecordWithoutHistoryKnowsItsState) {
  ASSERT_EQ(Try(Alarm("ALARM", 100, 200)), Code::kOk);
  world.state.mutable_alarms(0)->clear_history_from();
  world.state.mutable_alarms(0)->clear_last_alarm_at();
  EXPECT_EQ(Try(Alarm("ALARM", 150, 300)), Code::kOk);
  EXPECT_EQ(HistoryFrom(), 100);
  EXPECT_EQ(LastAlarm(), 150);
}

TEST_F(AlarmReportedTest, TheLastAlarmNeverMovesBack) {
  ASSERT_EQ(Try(Alarm("ALARM", 150, 200)), Code::kOk);
  EXPECT_EQ(Try(Alarm("ALARM", 120, 300)), Code::kOk);
  EXPECT_EQ(LastAlarm(), 150);
  EXPECT_EQ(Try(Alarm("OK", 350, 400, "last_alarm_at { seconds: 130 }")), Code::kOk);
  EXPECT_EQ(LastAlarm(), 150);
  EXPECT_EQ(Try(Alarm("OK", 350, 500, "last_alarm_at { seconds: 450 }")), Code::kOk);
  EXPECT_EQ(LastAlarm(), 450);
}

TEST_F(AlarmReportedTest, AnAlarmThatTheRecordDidNotCountIsNotForgotten) {
  ASSERT_EQ(Try(Alarm("ALARM", 150, 200)), Code::kOk);
  world.state.mutable_alarms(0)->clear_last_alarm_at();
  EXPECT_EQ(Try(Alarm("OK", 250, 300)), Code::kOk);
  EXPECT_EQ(LastAlarm(), 150);
}

TEST_F(AlarmReportedTest, AnOlderReportChangesNothing) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  EXPECT_EQ(Try(Alarm("ALARM", 120, 199)), Code::kOk);
  EXPECT_EQ(world.state.alarms(0).state(), v1::AlarmReport::OK);
  EXPECT_EQ(LastAlarm(), 0);
  EXPECT_EQ(Try(Alarm("ALARM", 120, 200)), Code::kOk);
  EXPECT_EQ(world.state.alarms(0).state(), v1::AlarmReport::ALARM);
}

TEST_F(AlarmReportedTest, CellsAndRegionsAreApart) {
  EXPECT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  EXPECT_EQ(Try(Alarm("OK", 100, 200, "cell: 'a'")), Code::kOk);
  EXPECT_EQ(Try(Alarm("OK", 100, 200, "region: 'a'")), Code::kOk);
  EXPECT_EQ(world.state.alarms_size(), 3);
}

// ---- Series and counts.

std::string Series(int through, absl::string_view values, absl::string_view extra = "") {
  return absl::StrCat("series_reported { series { series: 'p99' start { seconds: 60 } period { ",
                      "seconds: 60 } reported_through { seconds: ", through, " } values: [", values,
                      "] ", extra, " } }");
}

TEST_F(ReportEventsTest, ASeriesIsReplacedUnlessItIsOlder) {
  EXPECT_EQ(Try(Series(180, "1, 2")), Code::kOk);
  EXPECT_EQ(Try(Series(180, "1, nan")), Code::kOk);
  EXPECT_EQ(Try(Series(179, "5, 6")), Code::kOk);
  ASSERT_EQ(world.state.series_size(), 1);
  EXPECT_EQ(world.state.series(0).values(0), 1);
  EXPECT_EQ(Try(Series(240, "7")), Code::kOk);
  EXPECT_THAT(world.state.series(0).values(), ElementsAre(7));
  EXPECT_EQ(Try(Series(240, "8", "cell: 'a'")), Code::kOk);
  EXPECT_EQ(Try(Series(240, "8", "region: 'a'")), Code::kOk);
  EXPECT_EQ(world.state.series_size(), 3);
}

std::string Counts(absl::string_view stage, int through, int requests,
                   absl::string_view counts = "http") {
  return absl::StrCat("counts_reported { counts { counts: '", counts, "' stage: '", stage,
                      "' start { seconds: 60 } period { seconds: 60 } reported_through { ",
                      "seconds: ", through, " } cells: 'a' cells: 'b' requests: [", requests,
                      ", -1] errors: [1, -1] } }");
}

TEST_F(ReportEventsTest, CountsAreReplacedUnlessTheyAreOlder) {
  EXPECT_EQ(Try(Counts("prod", 180, 5)), Code::kOk);
  EXPECT_EQ(Try(Counts("prod", 179, 6)), Code::kOk);
  EXPECT_EQ(world.state.counts(0).requests(0), 5);
  EXPECT_EQ(Try(Counts("prod", 180, 7)), Code::kOk);
  EXPECT_EQ(world.state.counts(0).requests(0), 7);
  EXPECT_EQ(Try(Counts("test", 100, 8)), Code::kOk);
  EXPECT_EQ(Try(Counts("prod", 100, 9, "grpc")), Code::kOk);
  ASSERT_EQ(world.state.counts_size(), 3);
  EXPECT_EQ(world.state.counts(0).requests(0), 7);
}

std::string BaselineAt(int at, int errors, absl::string_view stage = "prod",
                       absl::string_view counts = "http") {
  return absl::StrCat("baseline_reported { baseline { counts: '", counts, "' stage: '", stage,
                      "' artifact: '", D(1), "' requests: 100 errors: ", errors,
                      " observed_at { seconds: ", at, " } } }");
}

TEST_F(ReportEventsTest, ABaselineIsReplacedUnlessItIsOlder) {
  EXPECT_EQ(Try(BaselineAt(180, 5)), Code::kOk);
  EXPECT_EQ(Try(BaselineAt(179, 6)), Code::kOk);
  EXPECT_EQ(world.state.baselines(0).errors(), 5);
  EXPECT_EQ(Try(BaselineAt(180, 7)), Code::kOk);
  EXPECT_EQ(world.state.baselines(0).errors(), 7);
  EXPECT_EQ(Try(BaselineAt(100, 8, "test")), Code::kOk);
  EXPECT_EQ(Try(BaselineAt(100, 9, "prod", "grpc")), Code::kOk);
  ASSERT_EQ(world.state.baselines_size(), 3);
  EXPECT_EQ(world.state.baselines(0).errors(), 7);
}

TEST_F(ReportEventsTest, AMeasurementStaysAsItWasMade) {
  const auto measured = [](absl::string_view run, absl::string_view outcome,
                           absl::string_view cell = "a", absl::string_view id = "m",
                           int artifact = 1) {
    return absl::StrCat("measurement_reported { measurement { measurement: '", id, "' artifact: '",
                        D(artifact), "' cell: '", cell, "' run: '", run,
                        "' measured_at { seconds: 100 } outcome: ", outcome, " } }");
  };
  EXPECT_EQ(Try(measured("1", "FAILED")), Code::kOk);
  EXPECT_EQ(Try(measured("1", "FAILED")), Code::kOk);
  EXPECT_EQ(world.state.measurements_size(), 1);
  EXPECT_EQ(Try(measured("1", "SUCCEEDED")), Code::kFailedPrecondition);
  EXPECT_EQ(world.state.measurements(0).outcome(), v1::Measurement::FAILED);
  EXPECT_EQ(Try(measured("2", "SUCCEEDED")), Code::kOk);
  EXPECT_EQ(Try(measured("1", "SUCCEEDED", "b")), Code::kOk);
  EXPECT_EQ(Try(measured("1", "SUCCEEDED", "a", "n")), Code::kOk);
  EXPECT_EQ(Try(measured("1", "SUCCEEDED", "a", "m", 2)), Code::kOk);
  EXPECT_EQ(world.state.measurements_size(), 5);
}

// ---- Other observations.

TEST_F(ReportEventsTest, SyntheticRunsAreReplacedUnlessTheyAreOlder) {
  const auto runs = [](absl::string_view times, absl::string_view results,
                       absl::string_view of = "stage: 'test' api: 'login'") {
    return absl::StrCat("synthetic_runs_reported { runs { ", of, " finished_at_ms: [", times,
                        "] succeeded: [", results, "] } }");
  };
  EXPECT_EQ(Try(runs("1000, 2000", "true, true")), Code::kOk);
  EXPECT_EQ(Try(runs("1999", "false")), Code::kOk);
  EXPECT_EQ(Try(runs("", "")), Code::kOk);
  EXPECT_EQ(world.state.synthetic_runs(0).finished_at_ms_size(), 2);
  EXPECT_EQ(Try(runs("2000", "false")), Code::kOk);
  EXPECT_EQ(world.state.synthetic_runs(0).finished_at_ms_size(), 1);
  EXPECT_EQ(Try(runs("1", "true", "stage: 'test' api: 'logout'")), Code::kOk);
  EXPECT_EQ(Try(runs("1", "true", "stage: 'prod' api: 'login'")), Code::kOk);
  ASSERT_EQ(world.state.synthetic_runs_size(), 3);
  EXPECT_EQ(world.state.synthetic_runs(0).finished_at_ms(0), 2000);
}

TEST_F(ReportEventsTest, AnEnvironmentIsReplacedUnlessItIsOlder) {
  const auto environment = [](int at, absl::string_view value) {
    return absl::StrCat("environment_observed { environment { stage: 'test' observed_at { ",
                        "seconds: ", at, " } aspects { key: 'kernel' value: '", value, "' } } }");
  };
  EXPECT_EQ(Try(environment(10, "5")), Code::kOk);
  EXPECT_EQ(Try(environment(9, "6")), Code::kOk);
  EXPECT_EQ(world.state.environments(0).aspects().at("kernel"), "5");
  EXPECT_EQ(Try(environment(10, "6")), Code::kOk);
  EXPECT_EQ(world.state.environments(0).aspects().at("kernel"), "6");
  EXPECT_EQ(world.state.environments_size(), 1);
}

TEST_F(ReportEventsTest, ATrafficSampleIsReplacedUnlessItIsOlder) {
  const auto traffic = [](int at, int requests) {
    return absl::StrCat("traffic_observed { sample { stage: 'test' observed_at { seconds: ", at,
                        " } principals: 'robot' requests: ", requests, " } }");
  };
  EXPECT_EQ(Try(traffic(10, 5)), Code::kOk);
  EXPECT_EQ(Try(traffic(9, 6)), Code::kOk);
  EXPECT_EQ(world.state.traffic_samples(0).requests(0), 5);
  EXPECT_EQ(Try(traffic(10, 6)), Code::kOk);
  EXPECT_EQ(world.state.traffic_samples(0).requests(0), 6);
}

TEST_F(ReportEventsTest, TheHighestEpochOfAListIsKept) {
  EXPECT_EQ(Try("list_observed { list { list: 'cves' epoch: 5 } }"), Code::kOk);
  EXPECT_EQ(Try("list_observed { list { list: 'cves' epoch: 4 } }"), Code::kOk);
  EXPECT_EQ(world.state.lists_seen(0).epoch(), 5u);
  EXPECT_EQ(Try("list_observed { list { list: 'cves' epoch: 6 } }"), Code::kOk);
  EXPECT_EQ(Try("list_observed { list { list: 'org' epoch: 1 } }"), Code::kOk);
  ASSERT_EQ(world.state.lists_seen_size(), 2);
  EXPECT_EQ(world.state.lists_seen(0).epoch(), 6u);
}

// ---- Records that can't be used.

TEST_F(ReportEventsTest, ABrokenRecordIsNotReplaced) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  world.state.mutable_alarms(0)->clear_observed_at();
  EXPECT_EQ(Try(Alarm("OK", 100, 300)), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Alarm("OK", 100, 300, "cell: 'a'")), Code::kOk);
}

TEST_F(ReportEventsTest, RecordsThatContradictEachOtherAreNotReplaced) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  *world.state.add_alarms() = world.state.alarms(0);
  world.state.clear_record_count();
  World with_duplicate = world;
  world.state.mutable_alarms(1)->set_state(v1::AlarmReport::ALARM);
  EXPECT_EQ(Try(Alarm("OK", 100, 300)), Code::kFailedPrecondition);
  // The very same twice is one.
  world = with_duplicate;
  EXPECT_EQ(Try(Alarm("OK", 100, 300)), Code::kOk);
  EXPECT_EQ(world.state.alarms_size(), 1);
}

TEST_F(ReportEventsTest, ARecordWithUnknownFieldsIsNotReplaced) {
  ASSERT_EQ(Try(Alarm("OK", 100, 200)), Code::kOk);
  v1::AlarmReport* alarm = world.state.mutable_alarms(0);
  alarm->GetReflection()->MutableUnknownFields(alarm)->AddVarint(1000, 1);
  EXPECT_EQ(Try(Alarm("OK", 100, 300)), Code::kFailedPrecondition);
}

// Each kind's record, then the same once it says something that is not known here.
TEST_F(ReportEventsTest, NoKindOfRecordWithUnknownFieldsIsReplaced) {
  const std::pair<const char*, std::string> kinds[] = {
      {"artifacts",
       absl::StrCat("artifact_built { artifact { digest: '", D(1), "' sequence: 1 } }")},
      {"checks", UnitRun("r", "outcome: RUNNING")},
      {"alarms", Alarm("OK", 100, 200)},
      {"series", Series(180, "1, 2")},
      {"counts", Counts("prod", 180, 5)},
      {"baselines", BaselineAt(180, 5)},
      {"measurements",
       absl::StrCat("measurement_reported { measurement { measurement: 'm' artifact: '", D(1),
                    "' cell: 'a' run: 'r' measured_at { seconds: 100 } outcome: FAILED } }")},
      {"synthetic_runs", "synthetic_runs_reported { runs { stage: 'test' api: 'login' } }"},
      {"environments",
       "environment_observed { environment { stage: 'test' observed_at { seconds: 10 } } }"},
      {"traffic_samples",
       "traffic_observed { sample { stage: 'test' observed_at { seconds: 10 } } }"},
      {"lists_seen", "list_observed { list { list: 'cves' epoch: 5 } }"},
  };
  for (const auto& [name, kind] : kinds) {
    SCOPED_TRACE(name);
    ASSERT_EQ(Try(kind), Code::kOk);
    ASSERT_EQ(Try(kind), Code::kOk);
    google::protobuf::Message* record = world.state.GetReflection()->MutableRepeatedMessage(
        &world.state, world.state.GetDescriptor()->FindFieldByName(name), 0);
    record->GetReflection()->MutableUnknownFields(record)->AddVarint(1000, 1);
    EXPECT_EQ(Try(kind), Code::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace sluice
