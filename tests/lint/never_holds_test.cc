#include "sluice/lint/never_holds.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

Found LintStage(const std::string& blockers) {
  LintedPolicy policy;
  policy.stage = blockers;
  return Lint(policy);
}

Found LintHealth(const std::string& health) {
  LintedPolicy policy;
  policy.health = health;
  return Lint(policy);
}

TEST(BlockerNeverHoldsTest, AWindowThatIsStillToCloseHolds) {
  const auto lint = [](absl::string_view fields) {
    return LintStage(absl::Substitute("blockers { id: 'w' time_window { $0 } }", fields));
  };
  const Found found = {"blocker-never-holds stages[0].blockers[0].time_window"};
  EXPECT_EQ(lint("allow_always {}"), found);
  const auto denied_until = [&](int64_t end) {
    return lint(absl::StrCat(
        "allow_always {} deny { absolute { start { seconds: 1 } end { seconds: ", end, " } } }"));
  };
  EXPECT_EQ(denied_until(1795428000), found);
  EXPECT_EQ(denied_until(1795428001), Found());
  EXPECT_EQ(lint("allow_always {} deny { absolute { start { seconds: 4000000000 } "
                 "end { seconds: 4000000001 } } }"),
            Found());
  EXPECT_EQ(lint("allow_always {} deny { calendar { calendar: 'c' max_age { seconds: 60 } } }"),
            Found());
  EXPECT_EQ(
      lint("allow { windows { weekly { time_zone: 'UTC' days: [ MONDAY, TUESDAY, WEDNESDAY, "
           "THURSDAY, FRIDAY, SATURDAY, SUNDAY ] hours { start: '00:00' end: '24:00' } } } }"),
      found);
}

TEST(BlockerNeverHoldsTest, AnAlarmThatNoPointFires) {
  const Found found = {"blocker-never-holds stages[0].blockers[0].metric_alarm"};
  EXPECT_EQ(LintStage(AlarmBlocker(Ratio(Rule("GREATER_THAN", "1")))), found);
  EXPECT_EQ(LintStage(AlarmBlocker(Ratio(Rule("GREATER_THAN", "0.99")))), Found());
  EXPECT_EQ(LintStage(AlarmBlocker(Computed(Rule("GREATER_THAN", "1")))), Found());
  EXPECT_EQ(LintStage(AlarmBlocker(Ratio(Rule("GREATER_THAN", "1", "BREACHING")))), Found());
}

TEST(BlockerNeverHoldsTest, ATrafficShareThatNoneExceeds) {
  const auto lint = [](int ppm) {
    return LintStage(
        absl::StrCat("blockers { id: 'i' traffic_isolation { principals: 'p' min_requests: 1 "
                     "max_age { seconds: 60 } max_other_ppm: ",
                     ppm, " } }"));
  };
  EXPECT_EQ(lint(999999), Found());
  EXPECT_EQ(lint(1000000),
            Found({"blocker-never-holds stages[0].blockers[0].traffic_isolation.max_other_ppm"}));
}

TEST(StageEnforcesNothingTest, OneEnforcedBlockerIsEnough) {
  const auto lint = [](absl::string_view pipeline, absl::string_view stage,
                       absl::string_view wave) {
    const auto check = [](absl::string_view id, absl::string_view enforcement) {
      return absl::Substitute(
          "blockers { id: '$0' enforcement: $1 check { check: 't' binds_to: ARTIFACT } }", id,
          enforcement);
    };
    LintedPolicy policy;
    policy.policy = check("a", pipeline);
    policy.stage = check("b", stage);
    policy.waves = absl::StrCat("waves { id: 'one' cells: 'a' ", check("c", wave), "}");
    return Lint(policy);
  };
  EXPECT_EQ(lint("OBSERVED", "OBSERVED", "OBSERVED"), Found({"stage-enforces-nothing stages[0]"}));
  EXPECT_EQ(lint("ENFORCED", "OBSERVED", "OBSERVED"), Found());
  EXPECT_EQ(lint("OBSERVED", "ENFORCED", "OBSERVED"), Found());
  EXPECT_EQ(lint("OBSERVED", "OBSERVED", "ENFORCED"), Found());
  EXPECT_EQ(LintStage("without_blockers: true"), Found());
}

TEST(HealthNeverFailsTest, AnErrorRateThatPermitsAll) {
  const auto lint = [](int bound) {
    return LintHealth(absl::Substitute(
        "health { criteria { id: 'c' per: CELL error_rate { counts: 'c' bound_ppm: $0 "
        "min_requests: 100000000 min_requests_to_fail: 100000000 confidence: PERCENT_99_9 "
        "max_age { seconds: 60 } } } }",
        bound));
  };
  EXPECT_EQ(lint(999999), Found());
  EXPECT_EQ(lint(1000000), Found({"health-never-fails stages[0].rollout.health.criteria[0]"}));
}

TEST(HealthNeverFailsTest, AMeasurementThatIsClearBefore) {
  const auto lint = [](int failures, int in_a_row) {
    return LintHealth(absl::Substitute(
        "health { criteria { id: 'c' per: CELL measurement_count { measurement: 'm' "
        "failure_limit: $0 consecutive_failure_limit: $1 inconclusive_limit: 1 "
        "consecutive_error_limit: 1 count: 10 early_end: UNKNOWN } } }",
        failures, in_a_row));
  };
  const Found found = {"health-never-fails stages[0].rollout.health.criteria[0]"};
  EXPECT_EQ(lint(10, 0), Found());
  EXPECT_EQ(lint(11, 0), found);
  EXPECT_EQ(lint(11, 10), Found());
  EXPECT_EQ(lint(11, 11), found);
}

TEST(HealthNeverFailsTest, AThresholdThatNoPointBreaches) {
  const Found found = {"health-never-fails stages[0].rollout.health.watched_alarms[0].alarm"};
  EXPECT_EQ(LintHealth(WatchesAlarm(Ratio(Rule("GREATER_THAN", "1")))), found);
  // Missing points never roll back.
  EXPECT_EQ(LintHealth(WatchesAlarm(Ratio(Rule("GREATER_THAN", "1", "BREACHING")))), found);
  EXPECT_EQ(LintHealth(WatchesAlarm(Ratio(Rule("GREATER_THAN", "0.5")))), Found());
  const auto series = [](absl::string_view comparison) {
    return LintHealth(absl::Substitute(
        "health { criteria { id: 'c' per: CELL series_bound { series: 's' comparison: $0 "
        "threshold: 1.7976931348623157e308 max_age { seconds: 60 } evaluation_periods: 1 "
        "datapoints_to_fail: 1 } } }",
        comparison));
  };
  EXPECT_EQ(series("GREATER_THAN"),
            Found({"health-never-fails stages[0].rollout.health.criteria[0]"}));
  EXPECT_EQ(series("GREATER_THAN_OR_EQUAL"), Found());
}

}  // namespace
}  // namespace sluice
