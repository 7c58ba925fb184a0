#include "sluice/interchange/cloudwatch.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 2026-01-02T00:00:00Z.
const absl::Time kNow = absl::FromUnixSeconds(1767312000);

CloudWatchOptions Options(bool keep_going = false) {
  CloudWatchOptions options;
  options.import.keep_going = keep_going;
  options.observed_at = kNow;
  return options;
}

std::string Output(absl::string_view alarms) {
  return absl::StrCat(R"({"MetricAlarms": [)", alarms, R"(], "CompositeAlarms": []})");
}

std::string Alarm(absl::string_view name, absl::string_view state,
                  absl::string_view more = R"("StateUpdatedTimestamp": "2026-01-01T00:00:00Z")") {
  return absl::StrCat(R"({"AlarmName": ")", name, R"(", "StateValue": ")", state, "\"",
                      more.empty() ? "" : ",", more, "}");
}

struct Imported {
  absl::Status status;
  std::vector<v1::AlarmReport> reports;
  ImportReport report;

  // `alarm state seconds-before-now` of each.
  std::vector<std::string> Written() const {
    std::vector<std::string> texts;
    for (const v1::AlarmReport& alarm : reports) {
      texts.push_back(absl::StrCat(alarm.alarm(), " ", v1::AlarmReport::State_Name(alarm.state()),
                                   " ", alarm.observed_at().seconds() - alarm.since().seconds()));
    }
    return texts;
  }
};

Imported Import(const std::string& bytes, const CloudWatchOptions& options = Options(),
                std::vector<v1::AlarmReport> before = {}) {
  Imported imported;
  imported.reports = std::move(before);
  imported.status =
      ImportCloudWatchAlarms("x.json", bytes, options, &imported.reports, imported.report);
  EXPECT_TRUE(imported.report.IsComplete());
  return imported;
}

TEST(CloudWatch, MetricAndCompositeAlarms) {
  const Imported imported = Import(R"({
    "MetricAlarms": [
      {"AlarmName": "errors", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:1:alarm:errors",
       "ActionsEnabled": false, "StateValue": "ALARM", "StateReason": "Threshold Crossed",
       "StateUpdatedTimestamp": "2026-01-01T23:00:00.500000+00:00",
       "StateTransitionedTimestamp": "2026-01-01T22:00:00+00:00", "Period": 60, "Threshold": 1.0},
      {"AlarmName": "latency", "StateValue": "INSUFFICIENT_DATA",
       "StateUpdatedTimestamp": "2026-01-01T23:59:59Z", "EvaluationState": "PARTIAL_DATA"}],
    "CompositeAlarms": [
      {"AlarmName": "all", "StateValue": "OK", "ActionsSuppressedBy": "Alarm",
       "StateUpdatedTimestamp": 1767225600.25, "StateTransitionedTimestamp": null}],
    "NextToken": null})");
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_THAT(imported.Written(),
              ElementsAre("all OK 86400", "errors ALARM 7200", "latency INSUFFICIENT_DATA 1"));
  EXPECT_EQ(imported.reports[0].since().nanos(), 250'000'000);
  EXPECT_EQ(imported.reports[0].observed_at().seconds(), 1767312000);
  EXPECT_EQ(imported.report.CountsOf("alarms").taken, 3);
}

TEST(CloudWatch, AnImpairedOkIsNotOk) {
  const Imported imported = Import(Output(absl::StrCat(
      Alarm(
          "a", "OK",
          R"("EvaluationState": "PARTIAL_DATA", "StateUpdatedTimestamp": "2026-01-01T00:00:00Z")"),
      ",",
      Alarm("b", "ALARM",
            R"("EvaluationState": "EVALUATION_ERROR", "StateUpdatedTimestamp":
               "2026-01-01T00:00:00Z")"))));
  ASSERT_TRUE(imported.status.ok());
  EXPECT_THAT(imported.Written(), ElementsAre("a INSUFFICIENT_DATA 86400", "b ALARM 86400"));
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kEvaluationImpaired), 1);
}

TEST(CloudWatch, Names) {
  const std::string output =
      Output(absl::StrCat(Alarm("High CPU", "OK"), ",", Alarm("Other one", "OK")));
  CloudWatchOptions options = Options();
  options.names["High CPU"] = "high-cpu";
  const Imported imported = Import(output, options);
  ASSERT_TRUE(imported.status.ok());
  EXPECT_THAT(imported.Written(), ElementsAre("high-cpu OK 86400"));
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kNameNotIdentifier), 1);
}

TEST(CloudWatch, ScopeAndEarlierReports) {
  CloudWatchOptions options = Options();
  options.region = "eu-west-1";
  const Imported first = Import(Output(Alarm("a", "OK")), options);
  ASSERT_EQ(first.reports.size(), 1);
  EXPECT_EQ(first.reports[0].region(), "eu-west-1");
  options.region = "us-east-1";
  const Imported second = Import(Output(Alarm("a", "OK")), options, first.reports);
  EXPECT_EQ(second.reports.size(), 2);
}

TEST(CloudWatch, RepeatedAlarms) {
  const Imported same = Import(Output(absl::StrCat(Alarm("a", "OK"), ",", Alarm("a", "OK"))));
  EXPECT_TRUE(same.status.ok());
  EXPECT_EQ(same.report.LeftOutFor(LeftOutReason::kRepeated), 1);
  for (const std::string& output :
       {Output(absl::StrCat(Alarm("a", "OK"), ",", Alarm("a", "ALARM"))),
        Output(absl::StrCat(Alarm("a", "ALARM"), ",", Alarm("a", "OK")))}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Import(output).status));
    EXPECT_THAT(Import(output, Options(true)).Written(), ElementsAre("a ALARM 86400"));
  }
}

TEST(CloudWatch, OtherKindsOfAlarmsAreListed) {
  const Imported imported =
      Import(R"({"MetricAlarms": [], "LogAlarms": [{"AlarmName": "l"}, {}], "Other": [1]})");
  EXPECT_TRUE(imported.status.ok());
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kOtherAlarmKind), 2);
}

TEST(CloudWatch, WhatIsNoWholeOutputIsRefusedWhateverTheOptions) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"", "not JSON"},
      {"[]", "MetricAlarms"},
      {"{}", "MetricAlarms"},
      {R"({"MetricAlarms": {}})", "MetricAlarms: must be an array"},
      {R"({"CompositeAlarms": 1})", "CompositeAlarms: must be an array"},
      {R"({"MetricAlarms": [], "NextToken": "abc"})", "NextToken"},
      {R"({"MetricAlarms": [], "NextToken": ""})", "NextToken"},
  };
  for (const auto& [output, what] : cases) {
    for (const bool keep_going : {false, true}) {
      const Imported imported = Import(output, Options(keep_going));
      EXPECT_TRUE(absl::IsInvalidArgument(imported.status)) << output;
      EXPECT_TRUE(absl::StrContains(imported.status.message(), what)) << imported.status;
    }
  }
}

TEST(CloudWatch, OptionsThatCantBeAreRefused) {
  CloudWatchOptions options = Options(true);
  options.observed_at = absl::InfinitePast();
  EXPECT_TRUE(absl::IsInvalidArgument(Import(Output(""), options).status));
  options = Options(true);
  options.cell = "a b";
  EXPECT_TRUE(absl::IsInvalidArgument(Import(Output(""), options).status));
  options = Options(true);
  options.names["x"] = "a b";
  EXPECT_TRUE(absl::IsInvalidArgument(Import(Output(""), options).status));
}

TEST(CloudWatch, MalformedAlarmsFail) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"7", "MetricAlarms[0]: must be an object"},
      {R"({"StateValue": "OK", "StateUpdatedTimestamp": 1})", "needs the member `AlarmName`"},
      {Alarm("", "OK"), "needs the member `AlarmName`"},
      {Alarm("x", ""), "needs the member `StateValue`"},
      {Alarm("x", "FINE"), "`StateValue` is unknown: `FINE`"},
      {Alarm("x", "OK", ""), "needs `StateTransitionedTimestamp`"},
      {Alarm("x", "OK", R"("StateUpdatedTimestamp": "today")"), "StateUpdatedTimestamp"},
      {Alarm("x", "OK", R"("StateUpdatedTimestamp": 1e300)"), "seconds since 1970"},
      {Alarm("x", "OK", R"("StateUpdatedTimestamp": true)"), "StateUpdatedTimestamp"},
      {Alarm("x", "OK", R"("EvaluationState": 7, "StateUpdatedTimestamp": 1)"), "EvaluationState"},
      {Alarm("x", "OK", R"("StateUpdatedTimestamp": "2026-01-02T00:00:00.001Z")"),
       "after it was asked for"},
      {Alarm("x", "OK", R"("StateUpdatedTimestamp": 1, "StateTransitionedTimestamp": 2e9)"),
       "after it was asked for"},
  };
  for (const auto& [alarm, what] : cases) {
    const std::string output = Output(absl::StrCat(alarm, ",", Alarm("good", "OK")));
    const Imported strict = Import(output);
    EXPECT_TRUE(absl::IsInvalidArgument(strict.status)) << alarm;
    EXPECT_TRUE(absl::StrContains(strict.status.message(), what)) << strict.status;
    EXPECT_THAT(strict.Written(), IsEmpty());
    const Imported lenient = Import(output, Options(true));
    EXPECT_TRUE(lenient.status.ok()) << lenient.status;
    EXPECT_THAT(lenient.Written(), ElementsAre("good OK 86400"));
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
  // To the instant: as it was asked for.
  EXPECT_TRUE(Import(Output(Alarm("x", "OK", R"("StateUpdatedTimestamp": "2026-01-02T00:00:00Z")")))
                  .status.ok());
}

TEST(CloudWatch, DamagedOutputLosesNothingUntold) {
  const std::string whole = Output(absl::StrCat(Alarm("a", "OK"), ",", Alarm("b", "ALARM")));
  std::mt19937 random(5);
  int taken = 0;
  for (int round = 0; round < 10000; ++round) {
    std::string damaged = whole;
    damaged[random() % damaged.size()] = static_cast<char>(random() % 128);
    if (random() % 2 == 0) damaged.erase(random() % damaged.size(), 1 + random() % 3);
    const Imported imported = Import(damaged, Options(true));
    if (!imported.status.ok()) continue;
    ++taken;
    ASSERT_EQ(imported.report.CountsOf("alarms").taken, imported.reports.size()) << damaged;
  }
  EXPECT_GT(taken, 500);
}

}  // namespace
}  // namespace sluice
