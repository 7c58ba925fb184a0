#include "sluice/lint/never_clears.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "sluice/known_bad.h"
#include "sluice/v1/state.pb.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

Found LintStage(const std::string& blockers, const LintOptions& options = {}) {
  LintedPolicy policy;
  policy.stage = blockers;
  return Lint(policy, options);
}

TEST(BlockerNeverClearsTest, AnAlarmThatIsNeverOk) {
  const Found found = {"blocker-never-clears stages[0].blockers[0].metric_alarm"};
  EXPECT_EQ(LintStage(AlarmBlocker(Ratio(Rule("GREATER_THAN_OR_EQUAL", "0")))), found);
  EXPECT_EQ(LintStage(AlarmBlocker(Ratio(Rule("GREATER_THAN", "0")))), Found());
  EXPECT_EQ(LintStage(AlarmBlocker(Ratio(Rule("GREATER_THAN_OR_EQUAL", "0", "BREACHING")))), found);
  EXPECT_EQ(LintStage(AlarmBlocker(Computed(Rule("GREATER_THAN_OR_EQUAL", "0")))), Found());
}

TEST(BlockerNeverClearsTest, MoreRunsThanAStateHolds) {
  const auto lint = [](int runs) {
    return LintStage(
        absl::Substitute("blockers { id: 's' synthetic_traffic { apis: 'a' window { seconds: 600 } "
                         "min_success_ppm: 1 min_runs: $0 max_gap { seconds: 60 } } }",
                         runs));
  };
  EXPECT_EQ(lint(1000000), Found());
  EXPECT_EQ(lint(1000001),
            Found({"blocker-never-clears stages[0].blockers[0].synthetic_traffic.min_runs"}));
}

TEST(BlockerNeverClearsTest, ACombinationOfTooFewThatCanBeClear) {
  const auto lint = [](absl::string_view kind) {
    const std::string never = Ratio(Rule("GREATER_THAN_OR_EQUAL", "0"));
    return LintStage(absl::Substitute(
        "blockers { id: 'c' $0 children { id: 'x' metric_alarm { $1 } } "
        "children { id: 'y' approval { quorum: 1 roles: 'r' author: AUTHOR_MAY } } "
        "children { id: 'z' approval { quorum: 1 roles: 'r' author: AUTHOR_MAY } } } }",
        kind, never));
  };
  const std::string child = "stages[0].blockers[0].$0.children[0].metric_alarm";
  EXPECT_EQ(lint("at_least { count: 2"),
            Found({absl::StrCat("blocker-never-clears ", absl::Substitute(child, "at_least"))}));
  EXPECT_EQ(lint("at_least { count: 3"),
            Found({"blocker-never-clears stages[0].blockers[0].at_least",
                   absl::StrCat("blocker-never-clears ", absl::Substitute(child, "at_least"))}));
  EXPECT_EQ(lint("all_of {").size(), 2u);
  EXPECT_EQ(lint("any_of {").size(), 1u);
}

std::string KnownBad(absl::string_view min_entries) {
  return absl::Substitute(
      "blockers { id: 'k' known_bad { lists: 'l' max_age { seconds: 60 } min_entries: $0 } }",
      min_entries);
}

TEST(BlockerNeverClearsTest, AListThatIsNeverLongEnough) {
  const Found found = {"blocker-never-clears stages[0].blockers[0].known_bad.min_entries"};
  EXPECT_EQ(LintStage(KnownBad("20000000")), Found());
  EXPECT_EQ(LintStage(KnownBad("20000001")), found);

  v1::KnownBadList message;
  message.set_id("l");
  message.set_epoch(1);
  message.set_entry_count(1);
  message.mutable_verified_at()->set_seconds(1795428000);
  v1::KnownBadEntry* entry = message.add_entries();
  entry->set_id("e");
  entry->add_package_urls("pkg:npm/a@1.0.0");
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
  ASSERT_TRUE(list.ok()) << list.status();
  LintOptions options;
  options.known_bad.push_back({&*list, nullptr});
  EXPECT_EQ(LintStage(KnownBad("1"), options), Found());
  EXPECT_EQ(LintStage(KnownBad("2"), options), found);
  message.set_id("other");
  const absl::StatusOr<KnownBadList> other = KnownBadList::Build(message);
  ASSERT_TRUE(other.ok()) << other.status();
  options.known_bad[0].list = &*other;
  EXPECT_EQ(LintStage(KnownBad("2"), options), Found());
}

TEST(HealthNeverClearsTest, AThresholdThatEveryPointBreaches) {
  const auto watched = [](absl::string_view threshold) {
    LintedPolicy policy;
    policy.health = WatchesAlarm(Ratio(Rule("LESS_THAN_OR_EQUAL", threshold)));
    return Lint(policy);
  };
  EXPECT_EQ(watched("1"),
            Found({"health-never-clears stages[0].rollout.health.watched_alarms[0].alarm"}));
  EXPECT_EQ(watched("0.99"), Found());
  const auto series = [](absl::string_view comparison) {
    LintedPolicy policy;
    policy.health = absl::Substitute(
        "health { criteria { id: 'c' per: CELL series_bound { series: 's' comparison: $0 "
        "threshold: 1.7976931348623157e308 max_age { seconds: 60 } evaluation_periods: 1 "
        "datapoints_to_fail: 1 } } }",
        comparison);
    return Lint(policy);
  };
  EXPECT_EQ(series("LESS_THAN_OR_EQUAL"),
            Found({"health-never-clears stages[0].rollout.health.criteria[0].series_bound"}));
  EXPECT_EQ(series("LESS_THAN"), Found());
}

constexpr char kRate[] =
    "health { criteria { id: 'c' per: CELL error_rate { counts: 'c' bound_ppm: 1000 "
    "min_requests: 1000 min_requests_to_fail: 500 confidence: PERCENT_99 "
    "max_age { seconds: 60 } } } }";

TEST(BakeAlwaysTimesOutTest, MorePointsThanThereAreInTime) {
  const auto lint = [](int points, const LintOptions& options) {
    LintedPolicy policy;
    policy.health = kRate;
    policy.bake = absl::StrCat("min_data_points: ", points, " max_time { seconds: 3600 }");
    policy.waves = absl::StrCat("waves { id: 'one' cells: 'a' bake { min_data_points: ", points - 1,
                                " max_time { seconds: 3600 } } }");
    return Lint(policy, options);
  };
  const std::string of_rollout = "bake-always-times-out stages[0].rollout.bake.min_data_points";
  const std::string of_wave =
      "bake-always-times-out stages[0].rollout.waves[0].bake.min_data_points";
  EXPECT_EQ(lint(360, {}), Found());
  EXPECT_EQ(lint(361, {}), Found({of_rollout}));
  EXPECT_EQ(lint(362, {}), Found({of_rollout, of_wave}));
  LintOptions options;
  options.snapshot = SnapshotWith(
      "counts { counts: 'c' stage: 'stage' start { seconds: 1795424400 } period { seconds: 60 } "
      "cells: 'a' requests: 1 errors: 0 reported_through { seconds: 1795424460 } }");
  EXPECT_EQ(lint(60, options), Found());
  EXPECT_EQ(lint(61, options), Found({of_rollout}));
}

}  // namespace
}  // namespace sluice
