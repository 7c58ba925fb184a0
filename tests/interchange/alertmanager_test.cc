#include "sluice/interchange/alertmanager.h"

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

AlertmanagerOptions Options(std::vector<AlertmanagerOptions::Expected> expected = {},
                            bool keep_going = false) {
  AlertmanagerOptions options;
  options.import.keep_going = keep_going;
  options.observed_at = kNow;
  options.cell_label = "cell";
  options.expected = std::move(expected);
  return options;
}

// An alert with these labels, which began so many seconds ago.
std::string Alert(absl::string_view labels, int ago, absl::string_view state = "active",
                  absl::string_view ends_at = "2026-01-02T00:05:00.000Z") {
  return absl::StrCat(
      R"({"annotations": {}, "endsAt": ")", ends_at, R"(", "fingerprint": "f",
      "receivers": [{"name": "r"}], "startsAt": ")",
      absl::FormatTime(absl::RFC3339_full, kNow - absl::Seconds(ago), absl::UTCTimeZone()),
      R"(", "status": {"inhibitedBy": [], "silencedBy": [], "state": ")", state,
      R"("}, "updatedAt": "2026-01-01T00:00:00Z", "generatorURL": "g",
      "labels": {)",
      labels, "}}");
}

struct Imported {
  absl::Status status;
  std::vector<v1::AlarmReport> reports;
  ImportReport report;

  // `alarm/cell/region state seconds-before-now` of each.
  std::vector<std::string> Written() const {
    std::vector<std::string> texts;
    for (const v1::AlarmReport& alarm : reports) {
      texts.push_back(absl::StrCat(alarm.alarm(), "/", alarm.cell(), "/", alarm.region(), " ",
                                   v1::AlarmReport::State_Name(alarm.state()), " ",
                                   alarm.observed_at().seconds() - alarm.since().seconds()));
    }
    return texts;
  }
};

Imported Import(const std::string& bytes, const AlertmanagerOptions& options = Options()) {
  Imported imported;
  imported.status =
      ImportAlertmanagerAlerts("x.json", bytes, options, &imported.reports, imported.report);
  EXPECT_TRUE(imported.report.IsComplete());
  return imported;
}

TEST(Alertmanager, AlertsOfOneAlarmAndPlaceJoin) {
  const Imported imported = Import(absl::StrCat(
      "[", Alert(R"("alertname": "a", "cell": "c1", "pod": "1")", 60), ",",
      Alert(R"("alertname": "a", "cell": "c1", "pod": "2")", 90, "unprocessed"), ",",
      Alert(R"("alertname": "a", "cell": "c2")", 30), ",", Alert(R"("alertname": "b")", 0), "]"));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_THAT(imported.Written(), ElementsAre("a/c1/ ALARM 90", "a/c2/ ALARM 30", "b// ALARM 0"));
  EXPECT_EQ(imported.report.CountsOf("alerts").taken, 4);
}

TEST(Alertmanager, Regions) {
  AlertmanagerOptions options = Options({{"b", "", "eu"}});
  options.cell_label.clear();
  options.region_label = "region";
  const Imported imported =
      Import(absl::StrCat("[", Alert(R"("alertname": "a", "region": "eu")", 60), "]"), options);
  EXPECT_THAT(imported.Written(), ElementsAre("a//eu ALARM 60", "b//eu OK 0"));
}

TEST(Alertmanager, SilencedAlertsFire) {
  const Imported imported =
      Import(absl::StrCat("[", Alert(R"("alertname": "a")", 60, "suppressed"), "]"));
  EXPECT_THAT(imported.Written(), ElementsAre("a// ALARM 60"));
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kSilenced), 1);
}

TEST(Alertmanager, EndedAlertsDoNot) {
  const Imported imported = Import(
      absl::StrCat("[", Alert(R"("alertname": "a")", 60, "active", "2026-01-02T00:00:00Z"), ",",
                   Alert(R"("alertname": "b")", 60, "active", "2026-01-02T00:00:00.001Z"), ",",
                   // What Go writes for no instant.
                   Alert(R"("alertname": "c")", 60, "active", "0001-01-01T00:00:00Z"), "]"),
      Options({{"a", "", ""}}));
  EXPECT_THAT(imported.Written(), ElementsAre("a// OK 0", "b// ALARM 60", "c// ALARM 60"));
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kResolved), 1);
}

TEST(Alertmanager, ExpectedAlarms) {
  // An alert about everything is about each cell.
  EXPECT_THAT(Import(absl::StrCat("[", Alert(R"("alertname": "a")", 60), "]"),
                     Options({{"a", "c1", ""}, {"b", "c1", ""}, {"b", "c1", ""}}))
                  .Written(),
              ElementsAre("a// ALARM 60", "a/c1/ ALARM 60", "b/c1/ OK 0"));
  // One about a cell is about everything, but not about other cells.
  EXPECT_THAT(Import(absl::StrCat("[", Alert(R"("alertname": "a", "cell": "c1")", 60), ",",
                                  Alert(R"("alertname": "a", "cell": "c2")", 70), "]"),
                     Options({{"a", "", ""}, {"a", "c3", ""}}))
                  .Written(),
              ElementsAre("a// ALARM 70", "a/c1/ ALARM 60", "a/c2/ ALARM 70", "a/c3/ OK 0"));
  EXPECT_THAT(Import("[]", Options({{"a", "", ""}})).Written(), ElementsAre("a// OK 0"));
  EXPECT_THAT(Import("[]").Written(), IsEmpty());
}

TEST(Alertmanager, AMalformedAlertMakesNothingOk) {
  const std::string malformed = absl::StrCat("[", Alert(R"("alertname": "a")", 60, "strange"), "]");
  EXPECT_THAT(Import(malformed, Options({{"a", "", ""}, {"b", "", ""}}, true)).Written(),
              ElementsAre("a// INSUFFICIENT_DATA 0", "b// OK 0"));
  EXPECT_THAT(Import("[7]", Options({{"a", "", ""}}, true)).Written(),
              ElementsAre("a// INSUFFICIENT_DATA 0"));
}

TEST(Alertmanager, NamesAndPlacesThatAreNoIdentifiers) {
  const Imported imported = Import(
      absl::StrCat("[", Alert(R"("alertname": "a b")", 60), ",", Alert(R"("severity": "page")", 60),
                   ",", Alert(R"("alertname": "c", "cell": "not one")", 60), "]"));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_THAT(imported.Written(), ElementsAre("c// ALARM 60"));
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kNameNotIdentifier), 2);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kScopeUnreadable), 1);
}

TEST(Alertmanager, AnotherAnswerBeforeMustAgree) {
  Imported imported = Import("[]", Options({{"a", "", ""}}));
  const std::string fires = absl::StrCat("[", Alert(R"("alertname": "a")", 60), "]");
  EXPECT_TRUE(absl::IsInvalidArgument(
      ImportAlertmanagerAlerts("y.json", fires, Options(), &imported.reports, imported.report)));
  EXPECT_THAT(imported.Written(), ElementsAre("a// OK 0"));
}

TEST(Alertmanager, WhatIsNoAnswerIsRefusedWhateverTheOptions) {
  for (const char* bytes :
       {"", "{}", R"({"status": "success", "data": []})", "null", "[", R"([{"a": 1, "a": 1}])"}) {
    for (const bool keep_going : {false, true}) {
      EXPECT_TRUE(
          absl::IsInvalidArgument(Import(bytes, Options({{"a", "", ""}}, keep_going)).status))
          << bytes;
    }
  }
}

TEST(Alertmanager, OptionsThatCantBeAreRefused) {
  AlertmanagerOptions options = Options();
  options.region_label = "region";
  EXPECT_TRUE(absl::IsInvalidArgument(Import("[]", options).status));
  options = Options();
  options.observed_at = absl::InfiniteFuture();
  EXPECT_TRUE(absl::IsInvalidArgument(Import("[]", options).status));
  for (const AlertmanagerOptions::Expected& expected : std::vector<AlertmanagerOptions::Expected>{
           {"a b", "", ""}, {"a", "c d", ""}, {"a", "", "r"}, {"a", "c", "r"}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Import("[]", Options({expected})).status));
  }
}

TEST(Alertmanager, MalformedAlertsFail) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"7", "[0]: must be an object"},
      {"{}", "needs the member `labels`"},
      {R"({"labels": 7})", "labels: must be an object"},
      {R"({"labels": {"alertname": 7}})", "labels.alertname: must be a text"},
      {R"({"labels": {"alertname": "x", "cell": 7}})", "labels.cell: must be a text"},
      {R"({"labels": {"alertname": "x"}})", "`status.state` is unknown"},
      {R"({"labels": {"alertname": "x"}, "status": "active"})", "status: must be an object"},
      {R"({"labels": {"alertname": "x"}, "status": {"state": "active"}})", "`startsAt`"},
      {R"({"labels": {"alertname": "x"}, "status": {"state": "active"}, "startsAt": "now"})",
       "startsAt"},
      {Alert(R"("alertname": "x")", 60, "active", "later"), "endsAt"},
      {Alert(R"("alertname": "x")", 60, "resolved"), "`status.state` is unknown: `resolved`"},
      {Alert(R"("alertname": "x")", -1), "starts after it was asked for"},
  };
  for (const auto& [alert, what] : cases) {
    const std::string answer = absl::StrCat("[", alert, ",", Alert(R"("alertname": "g")", 1), "]");
    const Imported strict = Import(answer);
    EXPECT_TRUE(absl::IsInvalidArgument(strict.status)) << alert;
    EXPECT_TRUE(absl::StrContains(strict.status.message(), what)) << strict.status;
    EXPECT_THAT(strict.Written(), IsEmpty());
    const Imported lenient = Import(answer, Options({}, true));
    EXPECT_TRUE(lenient.status.ok()) << lenient.status;
    EXPECT_THAT(lenient.Written(), ElementsAre("g// ALARM 1"));
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
}

// No damage to an alert that fires makes its alarm OK, unless it makes another alert of it.
TEST(Alertmanager, DamagedAlertsDoNotTurnOk) {
  const std::string whole = absl::StrCat("[", Alert(R"("alertname": "a")", 60), "]");
  std::mt19937 random(6);
  int taken = 0;
  for (int round = 0; round < 10000; ++round) {
    std::string damaged = whole;
    damaged[random() % damaged.size()] = static_cast<char>(random() % 128);
    const Imported imported = Import(damaged, Options({{"a", "", ""}}, true));
    if (!imported.status.ok()) continue;
    const ImportCounts counts = imported.report.CountsOf("alerts");
    ASSERT_EQ(counts.read, 1) << damaged;
    ++taken;
    const bool is_ok = absl::StrContains(imported.Written()[0], "a// OK");
    const bool is_another = !absl::StrContains(damaged, R"("alertname": "a")") ||
                            imported.report.LeftOutFor(LeftOutReason::kResolved) > 0;
    ASSERT_TRUE(!is_ok || is_another) << damaged;
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace sluice
