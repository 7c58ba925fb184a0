#include "sluice/lint/watching_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

TEST(ProductionUnwatchedTest, IsAboutProductionAlone) {
  LintedPolicy policy;
  policy.health = "";
  policy.bake = "min_time { seconds: 60 } max_time { seconds: 3600 } time_only: true";
  EXPECT_EQ(Lint(policy), Found({"production-unwatched stages[0].rollout.health"}));
  policy.kind = "PRE_PRODUCTION";
  EXPECT_EQ(Lint(policy), Found());
}

// Bakes as long as `seconds`, or that ask for no time.
LintedPolicy Baking(int seconds) {
  LintedPolicy policy;
  policy.bake = absl::StrCat(
      seconds == 0 ? "min_requests: 10" : absl::StrCat("min_time { seconds: ", seconds, " }"),
      " max_time { seconds: 86400 }");
  // Two points of 10 s at the least.
  policy.health = absl::Substitute(
      "health { criteria { id: 'c' per: CELL error_rate { counts: 'c' bound_ppm: 1000 "
      "min_requests: 1000 min_requests_to_fail: 500 confidence: PERCENT_99 "
      "max_age { seconds: 60 } } } "
      "watched_alarms { id: 'watched' each: CELL alarm { $0 } } }",
      Computed(Rule("GREATER_THAN", "1")));
  return policy;
}

const char kTooShort[] = "bake-shorter-than-detection stages[0].rollout.bake.min_time";

TEST(BakeShorterThanDetectionTest, MPeriodsAreEnough) {
  EXPECT_EQ(Lint(Baking(20)), Found());
  EXPECT_EQ(Lint(Baking(19)), Found({kTooShort}));
  EXPECT_EQ(Lint(Baking(0)), Found({kTooShort}));
  EXPECT_EQ(MessagesOf("bake-shorter-than-detection", Baking(19)),
            Found({"is 19s, and watched alarm `watched` may take 20s to tell of a failure"}));
}

TEST(BakeShorterThanDetectionTest, ThePeriodIsThatOfTheState) {
  LintOptions options;
  options.snapshot = SnapshotWith(
      "series { series: 's' cell: 'a' start { seconds: 1795424400 } period { seconds: 60 } "
      "reported_through { seconds: 1795424400 } } "
      "series { series: 's' cell: 'b' start { seconds: 1795424400 } period { seconds: 300 } "
      "reported_through { seconds: 1795424400 } } "
      "series { series: 'other' start { seconds: 1795424400 } period { seconds: 3600 } "
      "reported_through { seconds: 1795424400 } }");
  EXPECT_EQ(Lint(Baking(600), options), Found());
  EXPECT_EQ(Lint(Baking(599), options), Found({kTooShort}));
}

TEST(BakeShorterThanDetectionTest, EachBakeAndTheSlowestAlarm) {
  LintedPolicy policy = Baking(3600);
  policy.waves =
      "waves { id: 'one' cells: 'a' bake { min_time { seconds: 29 } max_time { seconds: 600 } } } "
      "waves { id: 'two' cells: 'b' bake { min_time { seconds: 30 } max_time { seconds: 600 } } }";
  policy.health = absl::Substitute(
      "health { watched_alarms { id: 'fast' each: CELL alarm { $0 } } "
      "watched_alarms { id: 'slow' each: CELL alarm { ratio { errors_series: 'e' "
      "requests_series: 'r' min_samples: 1 rule { comparison: GREATER_THAN threshold: 0.5 "
      "evaluation_periods: 5 datapoints_to_alarm: 3 } } max_age { seconds: 60 } } } "
      "watched_alarms { id: 'observed' each: CELL "
      "alarm { observed { alarm: 'x' } max_age { seconds: 86400 } } } }",
      Computed(Rule("GREATER_THAN", "1")));
  EXPECT_EQ(Lint(policy),
            Found({"bake-shorter-than-detection stages[0].rollout.waves[0].bake.min_time"}));
}

}  // namespace
}  // namespace sluice
