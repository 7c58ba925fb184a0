#include "sluice/testing/coverage_points.h"

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/internal/strict_text.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<CoveragePoint> PointsOf(absl::string_view text) {
  v1::PipelinePolicy policy;
  const absl::Status status = ReadTextproto(text, &policy, nullptr);
  EXPECT_TRUE(status.ok()) << status << "\n" << text;
  return CoveragePointsOf(policy);
}

// What is counted of `path`, and below it.
std::vector<std::string> WhatOf(const std::vector<CoveragePoint>& points, absl::string_view path) {
  std::vector<std::string> what;
  for (const CoveragePoint& point : points) {
    if (absl::StartsWith(point.path, path)) what.push_back(point.what);
  }
  return what;
}

struct KindCase {
  std::string name;
  std::string kind;               // Fields of a blocker.
  std::vector<std::string> what;  // Verdicts but CLEAR, which every blocker has.
};

std::ostream& operator<<(std::ostream& out, const KindCase& test) { return out << test.name; }

class VerdictsTest : public ::testing::TestWithParam<KindCase> {};

TEST_P(VerdictsTest, AreThoseOfTheFieldsThatAreSet) {
  const std::vector<CoveragePoint> points = PointsOf(
      absl::StrCat(R"(stages { id: "build" pass_criteria { id: "it" )", GetParam().kind, " } }"));
  std::vector<std::string> expected = GetParam().what;
  expected.insert(expected.begin(), "CLEAR, ALL_CLEAR");
  EXPECT_THAT(WhatOf(points, "stages[0].pass_criteria[0]"),
              ::testing::UnorderedElementsAreArray(expected));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, VerdictsTest,
    ::testing::Values(
        KindCase{"observed_alarm",
                 R"(metric_alarm { observed { alarm: "a" } max_age { seconds: 60 } })",
                 {"BLOCKING, IN_ALARM", "UNKNOWN, NO_DATA", "UNKNOWN, STALE"}},
        KindCase{"alarm_with_hysteresis",
                 R"(metric_alarm { observed { alarm: "a" } max_age { seconds: 60 }
                    clear_for { seconds: 60 } })",
                 {"BLOCKING, IN_ALARM", "UNKNOWN, NO_DATA", "UNKNOWN, STALE",
                  "BLOCKING, NOT_CLEAR_LONG_ENOUGH", "UNKNOWN, HISTORY_TOO_SHORT"}},
        KindCase{"composite_alarm",
                 R"(metric_alarm { composite { any {
                      alarms { observed { alarm: "a" } max_age { seconds: 60 } }
                      alarms { computed { series: "s" } max_age { seconds: 60 } } } } })",
                 {"BLOCKING, IN_ALARM", "UNKNOWN, NO_DATA", "UNKNOWN, STALE"}},
        KindCase{"window_that_always_allows", "time_window { allow_always {} }", {}},
        KindCase{"window",
                 R"(time_window { allow { windows { cron {} } } no_min_remaining {} })",
                 {"BLOCKING, OUTSIDE_ALLOW"}},
        KindCase{"window_with_everything",
                 R"(time_window { allow { windows { cron {} } } deny { calendar {} }
                    min_remaining { seconds: 60 } in_flight: FINISH_WAVE })",
                 {"BLOCKING, OUTSIDE_ALLOW", "BLOCKING, IN_DENY", "BLOCKING, RUNWAY_SHORT",
                  "UNKNOWN, CALENDAR_ABSENT", "UNKNOWN, STALE", "a started wave is finished"}},
        KindCase{"check",
                 R"(check { check: "c" })",
                 {"UNKNOWN, CHECK_ABSENT", "BLOCKING, CHECK_FAILED"}},
        KindCase{"check_with_everything",
                 R"(check { check: "c" max_age { seconds: 60 } consecutive_passes: 2
                    bounds { number: "n" at_least: 1 } })",
                 {"UNKNOWN, CHECK_ABSENT", "BLOCKING, CHECK_FAILED", "UNKNOWN, STALE",
                  "UNKNOWN, NUMBER_MISSING", "BLOCKING, OUT_OF_BOUNDS", "UNKNOWN, TOO_FEW_PASSES"}},
        KindCase{"synthetic_traffic",
                 R"(synthetic_traffic { apis: "a" })",
                 {"UNKNOWN, NO_DATA", "UNKNOWN, TOO_FEW_RUNS", "UNKNOWN, RUN_GAP",
                  "BLOCKING, BELOW_SUCCESS_RATIO"}},
        KindCase{"environment_parity",
                 R"(environment_parity { aspects: "a" })",
                 {"UNKNOWN, ASPECT_MISSING", "UNKNOWN, STALE", "BLOCKING, ASPECT_DIFFERS"}},
        KindCase{"traffic_isolation",
                 R"(traffic_isolation { principals: "p" })",
                 {"UNKNOWN, NO_DATA", "UNKNOWN, STALE", "UNKNOWN, TOO_FEW_REQUESTS",
                  "BLOCKING, FOREIGN_TRAFFIC"}},
        KindCase{"approval", "approval { author: AUTHOR_MAY }", {"UNKNOWN, APPROVALS_MISSING"}},
        KindCase{"approval_without_the_author",
                 "approval { author: AUTHOR_MAY_NOT }",
                 {"UNKNOWN, APPROVALS_MISSING", "UNKNOWN, AUTHOR_UNKNOWN"}},
        KindCase{"combination",
                 R"(any_of { children { id: "x" check { check: "c" } } })",
                 {"BLOCKING, TOO_FEW_CHILDREN_CLEAR", "UNKNOWN, CHILDREN_UNKNOWN",
                  "CLEAR, ALL_CLEAR", "UNKNOWN, CHECK_ABSENT", "BLOCKING, CHECK_FAILED"}},
        KindCase{"host", "host {}", {"BLOCKING, HOST_CONDITION"}}),
    [](const auto& info) { return info.param.name; });

TEST(CoveragePointsTest, OfAListAreItsFieldsAndWhatIsInFlight) {
  const std::vector<CoveragePoint> points = PointsOf(R"(
    blockers { id: "bad" not_overridable: true
               known_bad { lists: "l" min_entries: 3 components: REQUIRED } }
    stages { id: "build" }
    stages { id: "prod" rollout {} }
  )");
  EXPECT_THAT(
      WhatOf(points, "blockers[0]"),
      UnorderedElementsAre("CLEAR, ALL_CLEAR", "BLOCKING, KNOWN_BAD_MATCH",
                           "a match of what is being deployed", "UNKNOWN, LIST_ABSENT",
                           "UNKNOWN, STALE", "UNKNOWN, LIST_TOO_SHORT",
                           "UNKNOWN, COMPONENTS_UNKNOWN", "an override counts for nothing"));
}

TEST(CoveragePointsTest, OfABlockerThatMayBeOverriddenAreItsOwnPolicys) {
  const std::vector<CoveragePoint> points = PointsOf(R"(
    override_policy { roles: "lead" quorum: 1 author: AUTHOR_MAY }
    stages { id: "build"
      blockers { id: "own" time_window { allow_always {} }
                 override_policy { roles: "sre" quorum: 2 author: AUTHOR_MAY_NOT } }
      blockers { id: "default" time_window { allow_always {} } }
      blockers { id: "never" time_window { allow_always {} } not_overridable: true } }
  )");
  EXPECT_THAT(WhatOf(points, "stages[0].blockers[0].override_policy"),
              ElementsAre("overridden by too few", "overridden by another role",
                          "overridden for too long", "overridden by an author"));
  EXPECT_THAT(WhatOf(points, "override_policy"),
              ElementsAre("overridden by another role", "overridden for too long"));
  EXPECT_THAT(WhatOf(points, "stages[0].blockers[1]"),
              ElementsAre("CLEAR, ALL_CLEAR", "overridden"));
  EXPECT_THAT(WhatOf(points, "stages[0].blockers[2]"),
              ElementsAre("CLEAR, ALL_CLEAR", "an override counts for nothing"));
}

TEST(CoveragePointsTest, OfPassCriteriaAreNoOverrides) {
  const std::vector<CoveragePoint> points =
      PointsOf(R"(stages { id: "build" pass_criteria { id: "c" check { check: "c" } } })");
  for (const CoveragePoint& point : points) EXPECT_NE(point.kind, CoverageKind::kOverride);
}

TEST(CoveragePointsTest, OfACombinationAreWhatItsChildrenCanMakeOfIt) {
  // A check can be BLOCKING and UNKNOWN, an approval UNKNOWN only, hours of the week BLOCKING only.
  const auto what_of = [](absl::string_view combination) {
    const std::vector<CoveragePoint> points =
        PointsOf(absl::StrCat(R"(stages { id: "s" blockers { id: "it" )", combination, " } }"));
    std::vector<std::string> what;
    for (const CoveragePoint& point : points) {
      if (point.subject == "it" && point.kind == CoverageKind::kVerdict) what.push_back(point.what);
    }
    return what;
  };
  const std::string check = R"(children { id: "c" check { check: "c" } })";
  const std::string approval = R"(children { id: "a" approval { quorum: 1 } })";
  const std::string hours = R"(children { id: "h" time_window { allow {} } })";
  const std::string blocking = "BLOCKING, TOO_FEW_CHILDREN_CLEAR";
  const std::string unknown = "UNKNOWN, CHILDREN_UNKNOWN";
  const std::string clear = "CLEAR, ALL_CLEAR";
  EXPECT_THAT(what_of(absl::StrCat("any_of {", check, approval, "}")), ElementsAre(clear, unknown));
  EXPECT_THAT(what_of(absl::StrCat("any_of {", check, hours, "}")),
              ElementsAre(clear, blocking, unknown));
  EXPECT_THAT(what_of(absl::StrCat("all_of {", check, approval, "}")),
              ElementsAre(clear, blocking, unknown));
  EXPECT_THAT(what_of(absl::StrCat("all_of {", approval, "}")), ElementsAre(clear, unknown));
  EXPECT_THAT(what_of(absl::StrCat("any_of {", hours, "}")), ElementsAre(clear, blocking));
  EXPECT_THAT(what_of(absl::StrCat("at_least { count: 2 ", check, approval, hours, "}")),
              ElementsAre(clear, blocking, unknown));
  EXPECT_THAT(what_of(absl::StrCat("at_least { count: 1 ", check, approval, hours, "}")),
              ElementsAre(clear, unknown));
}

TEST(CoveragePointsTest, OfTheEmergencyStopAreItsFacts) {
  EXPECT_THAT(
      WhatOf(PointsOf(R"(emergency_stop {} stages { id: "build" })"), "emergency_stop"),
      ElementsAre("BLOCKING, EMERGENCY_STOP", "UNKNOWN, EMERGENCY_STOP_UNKNOWN", "UNKNOWN, STALE"));
  EXPECT_THAT(WhatOf(PointsOf(R"(stages { id: "build" })"), "emergency_stop"), IsEmpty());
}

TEST(CoveragePointsTest, OfARollout) {
  const std::vector<CoveragePoint> points = PointsOf(R"(
    stages { id: "prod" start: MANUAL order: QUEUE rollout {
      preempt: NEVER new_cell: DEPLOY_WITHOUT_BASELINE
      waves { id: "first" cells: "a" }
      waves { id: "second" cells: "b" bake { min_requests: 5 } }
      bake { min_time { seconds: 1 } max_time { seconds: 9 } }
      hygiene { checks: "up" }
      health {
        criteria { id: "rate" per: CELL error_rate { counts: "c" } }
        criteria { id: "ratio" per: CELL baseline_ratio { counts: "c" bound_ppm: 5 } }
        criteria { id: "series" per: CELL series_bound { series: "s" } }
        criteria { id: "counted" per: CELL measurement_count { measurement: "m" } }
        watched_alarms { id: "alarm" alarm { max_age { seconds: 1 } } }
      }
      roll_back { watch_for { seconds: 1 } keep_despite { roles: "sre" quorum: 1 } }
    } }
  )");
  const auto what = [&](absl::string_view path) {
    return WhatOf(points, absl::StrCat("stages[0].rollout.", path));
  };
  EXPECT_THAT(what("waves[0]"), ElementsAre("deployed", "proven"));
  EXPECT_THAT(what("waves[1]"), ElementsAre("deployed", "proven", "UNKNOWN, TOO_FEW_REQUESTS"));
  EXPECT_THAT(what("bake"), ElementsAre("UNKNOWN, BAKING", "BLOCKING, BAKE_TIMED_OUT"));
  EXPECT_THAT(what("hygiene"),
              ElementsAre("BLOCKING, HYGIENE_FAILED", "BLOCKING, HYGIENE_TIMED_OUT"));
  EXPECT_THAT(what("health.criteria[0]"),
              ElementsAre("CLEAR, ALL_CLEAR", "UNKNOWN, TOO_FEW_REQUESTS", "UNKNOWN, STALE",
                          "UNKNOWN, INCONCLUSIVE", "BLOCKING, ABOVE_BOUND"));
  EXPECT_THAT(
      what("health.criteria[1]"),
      ElementsAre("CLEAR, ALL_CLEAR", "UNKNOWN, TOO_FEW_REQUESTS", "UNKNOWN, STALE",
                  "UNKNOWN, INCONCLUSIVE", "BLOCKING, ABOVE_BASELINE", "BLOCKING, ABOVE_BOUND"));
  EXPECT_THAT(what("health.criteria[2]"),
              ElementsAre("CLEAR, ALL_CLEAR", "UNKNOWN, POINTS_BREACHED", "UNKNOWN, STALE",
                          "BLOCKING, SERIES_BREACHED"));
  EXPECT_THAT(what("health.criteria[3]"), ElementsAre("CLEAR, ALL_CLEAR", "UNKNOWN, MEASURING",
                                                      "BLOCKING, MEASUREMENT_FAILED"));
  EXPECT_THAT(what("health.watched_alarms[0]"),
              ElementsAre("CLEAR, ALL_CLEAR", "UNKNOWN, NO_DATA", "UNKNOWN, STALE",
                          "BLOCKING, PRE_EXISTING_ALARM", "BLOCKING, ALARM_SINCE_DEPLOYMENT"));
  EXPECT_THAT(what("roll_back"),
              ElementsAre("rolls back", "ends a roll back", "rolls back what was complete",
                          "BLOCKING, ROLL_BACK_FAILED", "kept despite a trigger",
                          "overridden by another role", "overridden for too long"));
  EXPECT_THAT(what("preempt"), ElementsAre("lets a newer artifact wait"));
  EXPECT_THAT(what("new_cell"), IsEmpty());
  EXPECT_THAT(WhatOf(points, "stages[0].start"), ElementsAre("waits for a person to start it"));
  EXPECT_THAT(WhatOf(points, "stages[0].order"),
              ElementsAre("leaves a newer artifact in the queue"));
}

TEST(CoveragePointsTest, OfGeneratedWavesAreTheFirstTwo) {
  const std::vector<CoveragePoint> points =
      PointsOf(R"(stages { id: "prod" rollout { wave_generation { first: 1 } } })");
  EXPECT_THAT(WhatOf(points, "stages[0].rollout.wave_generation"),
              ElementsAre("deployed", "proven", "deployed", "proven"));
}

TEST(CoveragePointsTest, EachIsThereOnceAndCanBeShown) {
  const std::vector<CoveragePoint> points = PointsOf(R"(
    emergency_stop {}
    blockers { id: "bad" known_bad { lists: "l" } }
    stages { id: "build" deploys: NOTHING }
    stages { id: "prod" rollout { waves { id: "w" cells: "a" } hygiene { checks: "up" } } }
  )");
  std::set<std::string> keys;
  std::set<std::string> names;
  for (const CoveragePoint& point : points) {
    EXPECT_FALSE(point.shown_by.empty()) << point.what;
    EXPECT_TRUE(names.insert(absl::StrCat(point.path, point.subject, point.what)).second)
        << point.path << " " << point.what;
    keys.insert(point.shown_by.begin(), point.shown_by.end());
  }
  EXPECT_GT(keys.size(), points.size() / 2);
  EXPECT_GT(points.size(), 20u);
}

TEST(CoveragePointsTest, EveryKindHasAName) {
  std::set<absl::string_view> names;
  for (const CoverageKind kind : kCoverageKinds) names.insert(NameOf(kind));
  EXPECT_THAT(names,
              UnorderedElementsAre("verdicts", "overrides", "waves", "triggers", "transitions"));
}

}  // namespace
}  // namespace sluice
