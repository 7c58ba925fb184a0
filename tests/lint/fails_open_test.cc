#include "sluice/lint/fails_open.h"

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

std::string Silent(absl::string_view treat_missing) {
  return Computed(Rule("GREATER_THAN", "1", treat_missing));
}

Found LintStage(const std::string& blockers) {
  LintedPolicy policy;
  policy.stage = blockers;
  return Lint(policy);
}

Found LintHealth(absl::string_view fields) {
  LintedPolicy policy;
  policy.health = absl::StrCat("health { ", fields, " }");
  return Lint(policy);
}

TEST(FailsOpenTest, ABlockersAlarm) {
  const auto lint = [](absl::string_view treat_missing) {
    return LintStage(AlarmBlocker(Silent(treat_missing)));
  };
  const Found found = {"fails-open stages[0].blockers[0].metric_alarm.computed.rule.treat_missing"};
  EXPECT_EQ(lint("MISSING"), Found());
  EXPECT_EQ(lint("BREACHING"), Found());
  EXPECT_EQ(lint("IGNORE"), found);
  EXPECT_EQ(lint("NOT_BREACHING"), found);
}

TEST(FailsOpenTest, ANegationTurnsTreatmentsRound) {
  const auto lint = [](absl::string_view treat_missing) {
    return LintStage(AlarmBlocker(absl::Substitute(
        "composite { any { alarms { composite { negation { $0 } } } } }", Silent(treat_missing))));
  };
  const Found found = {
      "fails-open stages[0].blockers[0].metric_alarm.composite.any.alarms[0].composite.negation."
      "computed.rule.treat_missing"};
  EXPECT_EQ(lint("MISSING"), Found());
  EXPECT_EQ(lint("NOT_BREACHING"), Found());
  EXPECT_EQ(lint("BREACHING"), found);
  EXPECT_EQ(lint("IGNORE"), found);
}

TEST(FailsOpenTest, ComponentsThatAreOptional) {
  const auto lint = [](absl::string_view components) {
    return LintStage(absl::Substitute(
        "blockers { id: 'k' known_bad { lists: 'l' max_age { seconds: 60 } min_entries: 1 "
        "components: $0 } }",
        components));
  };
  EXPECT_EQ(lint("REQUIRED"), Found());
  EXPECT_EQ(lint("OPTIONAL"), Found({"fails-open stages[0].blockers[0].known_bad.components"}));
}

std::string Watched(absl::string_view id, absl::string_view each, absl::string_view alarm) {
  return absl::Substitute("watched_alarms { id: '$0' each: $1 alarm { $2 } }", id, each, alarm);
}

TEST(FailsOpenTest, AWatchedAlarmThatIsAlone) {
  const Found found = {
      "fails-open stages[0].rollout.health.watched_alarms[0].alarm.computed.rule.treat_missing"};
  EXPECT_EQ(LintHealth(Watched("w", "CELL", Silent("MISSING"))), Found());
  EXPECT_EQ(LintHealth(Watched("w", "CELL", Silent("BREACHING"))), Found());
  EXPECT_EQ(LintHealth(Watched("w", "CELL", Silent("NOT_BREACHING"))), found);
  EXPECT_EQ(LintHealth(Watched("w", "CELL", Silent("IGNORE"))), found);
}

TEST(FailsOpenTest, SomethingElseNeedsDataOfTheSameCells) {
  const auto lint = [](absl::string_view each, absl::string_view other_each,
                       absl::string_view other) {
    return LintHealth(absl::StrCat(Watched("w", each, Silent("NOT_BREACHING")),
                                   Watched("o", other_each, other)))
        .size();
  };
  const std::string observed = "observed { alarm: 'x' } max_age { seconds: 60 }";
  EXPECT_EQ(lint("CELL", "CELL", observed), 0u);
  EXPECT_EQ(lint("CELL", "REGION", observed), 1u);
  EXPECT_EQ(lint("REGION", "REGION", observed), 0u);
  EXPECT_EQ(lint("REGION", "STAGE", observed), 1u);
  EXPECT_EQ(lint("STAGE", "CELL", observed), 0u);
  EXPECT_EQ(lint("CELL", "CELL", Silent("MISSING")), 0u);
  EXPECT_EQ(lint("CELL", "CELL", Silent("IGNORE")), 2u);
}

TEST(FailsOpenTest, ACriterionNeedsData) {
  const auto lint = [](absl::string_view per) {
    return LintHealth(
               absl::StrCat(
                   Watched("w", "CELL", Silent("NOT_BREACHING")),
                   absl::Substitute("criteria { id: 'c' per: $0 error_rate { counts: 'c' "
                                    "bound_ppm: 1000 min_requests: 1000 min_requests_to_fail: 500 "
                                    "confidence: PERCENT_99 max_age { seconds: 60 } } }",
                                    per)))
        .size();
  };
  EXPECT_EQ(lint("CELL"), 0u);
  EXPECT_EQ(lint("WAVE"), 1u);
}

TEST(FailsOpenTest, AMeasurementWithoutEnoughSuccesses) {
  const auto lint = [](int inconclusive, absl::string_view early_end) {
    return LintHealth(absl::Substitute(
        "criteria { id: 'c' per: CELL measurement_count { measurement: 'm' failure_limit: 1 "
        "inconclusive_limit: $0 consecutive_error_limit: 1 count: 10 early_end: $1 } }",
        inconclusive, early_end));
  };
  const std::string path = "fails-open stages[0].rollout.health.criteria[0].measurement_count.";
  EXPECT_EQ(lint(10, "UNKNOWN"), Found());
  EXPECT_EQ(lint(11, "UNKNOWN"), Found({path + "inconclusive_limit"}));
  EXPECT_EQ(lint(10, "CLEAR"), Found({path + "early_end"}));
}

TEST(MissingReportRollsBackTest, IsFoundWhereItIsAskedFor) {
  LintedPolicy policy;
  policy.hygiene = "hygiene { checks: 'up' deadline { seconds: 60 } }";
  EXPECT_EQ(Lint(policy), Found());
  policy.hygiene = "hygiene { checks: 'up' deadline { seconds: 60 } missing_is_failure: true }";
  EXPECT_EQ(Lint(policy),
            Found({"missing-report-rolls-back stages[0].rollout.hygiene.missing_is_failure"}));
}

}  // namespace
}  // namespace sluice
