#include "sluice/testing/coverage.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_text.h"
#include "sluice/testing/test_suite.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

// 2026-11-24T09:30:00Z, a Tuesday, is 1795512600. At that instant `b` may go to `eu`.
constexpr char kBase[] = R"(
base {
  policy {
    id: "shop" profile: STANDARD_1 emergency_stop { max_age { seconds: 600 } }
    stages {
      id: "prod" kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC
      blockers {
        id: "errors" metric_alarm { observed { alarm: "5xx" } max_age { seconds: 300 } }
        override_policy { roles: "lead" quorum: 2 max_validity { seconds: 3600 } author: AUTHOR_MAY }
      }
      blockers {
        id: "days" not_overridable: true
        time_window { allow { windows { weekly { time_zone: "UTC" days: TUESDAY
          hours { start: "09:00" end: "17:00" } } } } no_min_remaining {} in_flight: FINISH_WAVE }
      }
      rollout {
        waves { id: "first" cells: "eu" }
        waves { id: "second" cells: "us" }
        blast_radius { no_stage_cap {} max_parallel: 2 }
        deploy { max_time { seconds: 600 } }
        bake { min_time { seconds: 3600 } max_time { seconds: 36000 } time_only: true }
        no_hygiene {}
        roll_back { watch_for { seconds: 3600 } max_parallel: 2 attempts: 2 }
      }
    }
  }
  organisation { schema_version: 1 id: "org" epoch: 1 observed_at { seconds: 1795512600 }
    emergency_stop { state: CLEAR observed_at { seconds: 1795512600 } } }
  state {
    schema_version: 1 pipeline: "shop" written_at { seconds: 1795512600 }
    artifacts { digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" sequence: 1 }
    artifacts { digest: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" sequence: 2 }
    cells { id: "eu" stage: "prod" weight: 1 }
    cells { id: "us" stage: "prod" weight: 1 }
    stages {
      stage: "prod"
      deployments { number: 1 cell: "eu" artifact: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" direction: ADOPTED started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 } outcome: SUCCEEDED who: "ann" }
      deployments { number: 2 cell: "us" artifact: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" direction: ADOPTED started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 } outcome: SUCCEEDED who: "ann" }
    }
    alarms { alarm: "5xx" state: OK since { seconds: 1795000000 } observed_at { seconds: 1795512600 } }
  }
}
)";

constexpr char kInAlarm[] = R"(edits { path: "state.alarms[0].state" set: "ALARM" } )";
// Wednesday, with everything else as fresh.
constexpr char kWednesday[] = R"(
  edits { path: "state.alarms[0].observed_at" set: "{ seconds: 1795599000 }" }
  edits { path: "organisation.observed_at" set: "{ seconds: 1795599000 }" }
  edits { path: "organisation.emergency_stop.observed_at" set: "{ seconds: 1795599000 }" } )";
constexpr char kNow[] = "now { seconds: 1795512600 } ";
constexpr char kTomorrow[] = "now { seconds: 1795599000 } ";

// Why a case failed.
std::string WhyOf(const CaseResult& result) {
  std::string why;
  for (const MomentResult& moment : result.moments) {
    for (const StageExplanation& stage : moment.explanation) {
      for (const ExplanationLine& line : stage.lines) absl::StrAppend(&why, line.sentence, "\n");
    }
  }
  return why;
}

// What the case shows, as `SUBJECT: WHAT`; the case has these edits and this moment.
std::vector<std::string> ShownBy(absl::string_view edits, absl::string_view moment,
                                 CaseResult::Outcome outcome = CaseResult::Outcome::kPassed) {
  v1::TestSuite suite;
  const absl::Status status = ReadTextproto(
      absl::StrCat(kBase, "cases { name: \"one\" ", edits, " moments { ", moment, " } }"), &suite,
      nullptr);
  EXPECT_TRUE(status.ok()) << status;
  SuiteOptions options;
  options.coverage = true;
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite, std::move(options));
  EXPECT_TRUE(runner.ok()) << FaultsOf(runner.status()).DebugString();
  if (!runner.ok() || suite.cases().empty()) return {};
  const CaseResult result = runner->RunCase(0);
  EXPECT_EQ(result.outcome, outcome) << WhyOf(result);
  for (const CaseFault& fault : result.faults) ADD_FAILURE() << fault.path << ": " << fault.what;
  std::vector<std::string> shown;
  EXPECT_TRUE(std::is_sorted(result.shown.begin(), result.shown.end()));
  for (const int index : result.shown) {
    const CoveragePoint& point = runner->CoverageOf("")->points()[static_cast<size_t>(index)];
    shown.push_back(absl::StrCat(point.subject, ": ", point.what));
  }
  return shown;
}

TEST(PolicyCoverageTest, ADeploymentShowsThatEverythingWasClear) {
  EXPECT_THAT(ShownBy("", absl::StrCat(kNow, R"(expect { stage: "prod" action: DEPLOY })")),
              ::testing::UnorderedElementsAre("errors: CLEAR, ALL_CLEAR", "days: CLEAR, ALL_CLEAR",
                                              "prod: deploys", "first: deployed"));
}

TEST(PolicyCoverageTest, CellsShowTheDeploymentToo) {
  EXPECT_THAT(ShownBy("", absl::StrCat(kNow, R"(expect { stage: "prod" cells: "eu" })")),
              IsSupersetOf({"errors: CLEAR, ALL_CLEAR", "first: deployed"}));
}

TEST(PolicyCoverageTest, WhatIsNotStatedShowsNothing) {
  EXPECT_THAT(ShownBy("", absl::StrCat(kNow, R"(expect { stage: "prod" no_wanted: true })")),
              IsEmpty());
}

TEST(PolicyCoverageTest, TheOnlyOneThatHoldsIsShownByTheAction) {
  EXPECT_THAT(ShownBy(kInAlarm, absl::StrCat(kNow, R"(expect { stage: "prod" action: HOLD })")),
              ::testing::UnorderedElementsAre("errors: BLOCKING, IN_ALARM"));
}

TEST(PolicyCoverageTest, OneOfTwoThatHoldIsShownOnlyByItsName) {
  const std::string edits = absl::StrCat(
      kInAlarm, kWednesday,
      R"(edits { path: "state.alarms[0].observed_at" set: "{ seconds: 1795599000 }" })");
  EXPECT_THAT(ShownBy(edits, absl::StrCat(kTomorrow, R"(expect { stage: "prod" action: HOLD })")),
              IsEmpty());
  EXPECT_THAT(ShownBy(edits, absl::StrCat(kTomorrow, R"(expect { stage: "prod" action: HOLD
                  findings { id: "days" reason: OUTSIDE_ALLOW } })")),
              ::testing::UnorderedElementsAre("days: BLOCKING, OUTSIDE_ALLOW"));
}

TEST(PolicyCoverageTest, ANameAloneShowsNothing) {
  const std::string edits = absl::StrCat(kInAlarm, kWednesday);
  EXPECT_THAT(ShownBy(edits, absl::StrCat(kTomorrow,
                                          R"(expect { stage: "prod" findings { id: "days" } })")),
              IsEmpty());
}

TEST(PolicyCoverageTest, ACaseThatFailsShowsNothing) {
  EXPECT_THAT(ShownBy("", absl::StrCat(kNow, R"(expect { stage: "prod" action: HOLD })"),
                      CaseResult::Outcome::kFailed),
              IsEmpty());
}

TEST(PolicyCoverageTest, ACaseOfAnotherPolicyShowsNothing) {
  EXPECT_THAT(ShownBy(R"(edits { path: "policy.description" set: "'other'" })",
                      absl::StrCat(kNow, R"(expect { stage: "prod" action: DEPLOY })")),
              IsEmpty());
}

TEST(PolicyCoverageTest, OverridesShowThatTheyLiftAndThatTheyAreTooFew) {
  constexpr char kOne[] =
      R"(edits { path: "state.overrides" add: "{ id: 'o1' blockers: 'errors' artifact: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' stages: 'prod' principal: 'bob' roles: 'lead' reason: 'r' granted_at { seconds: 1795512000 } expires_at { seconds: 1795513000 } }" } )";
  constexpr char kOther[] =
      R"(edits { path: "state.overrides" add: "{ id: 'o2' blockers: 'errors' artifact: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' stages: 'prod' principal: 'cat' roles: 'lead' reason: 'r' granted_at { seconds: 1795512000 } expires_at { seconds: 1795513000 } }" } )";
  const std::string hold = absl::StrCat(kNow, R"(expect { stage: "prod" action: HOLD })");
  const std::string deploy = absl::StrCat(kNow, R"(expect { stage: "prod" action: DEPLOY })");
  EXPECT_THAT(ShownBy(absl::StrCat(kInAlarm, kOne), hold),
              ::testing::UnorderedElementsAre("errors: BLOCKING, IN_ALARM",
                                              "errors: overridden by too few"));
  EXPECT_THAT(ShownBy(absl::StrCat(kInAlarm, kOne, kOther), deploy),
              IsSupersetOf({"errors: overridden", "days: CLEAR, ALL_CLEAR", "first: deployed"}));
}

TEST(PolicyCoverageTest, AnOverrideThatCountsForNothingIsShownByItsName) {
  constexpr char kWrongRole[] =
      R"(edits { path: "state.overrides" add: "{ id: 'o1' blockers: 'errors' principal: 'bob' roles: 'cook' reason: 'r' stages: 'prod' artifact: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' granted_at { seconds: 1795512000 } expires_at { seconds: 1795513000 } }" } )";
  EXPECT_THAT(ShownBy(absl::StrCat(kInAlarm, kWrongRole), absl::StrCat(kNow, R"(
                expect { stage: "prod" findings { id: "@override:o1" reason: OVERRIDE_ROLE_MISSING } })")),
              ::testing::UnorderedElementsAre("errors: overridden by another role"));
}

// `b` was deployed to `eu` an hour and more ago.
constexpr char kBaked[] =
    R"(edits { path: "state.stages[0].rollouts" add: "{ number: 1 state: RUNNING artifact: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' started_at { seconds: 1795508000 } plan { waves { id: 'first' cells: 'eu' weights: 1 } waves { id: 'second' cells: 'us' weights: 1 } policy_fingerprint: 'sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' } }" }
  edits { path: "state.stages[0].deployments" add: "{ number: 3 cell: 'eu' rollout: 1 direction: FORWARD artifact: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' attempt: 1 started_at { seconds: 1795508000 } ended_at { seconds: 1795508500 } outcome: SUCCEEDED }" } )";

TEST(PolicyCoverageTest, WantedRecordsShowTheWaveThatIsProven) {
  EXPECT_THAT(ShownBy(kBaked, absl::StrCat(kNow, R"(
                expect { stage: "prod" wanted { kind: CELL_PROVEN cell: "eu" } })")),
              Contains("first: proven"));
}

TEST(PolicyCoverageTest, ABakeIsShownByWaiting) {
  const std::string baking =
      absl::StrCat(kBaked, R"(edits { path: "state.stages[0].deployments[2].ended_at"
                         set: "{ seconds: 1795512000 }" } )");
  EXPECT_THAT(ShownBy(baking, absl::StrCat(kNow, R"(expect { stage: "prod" action: WAIT })")),
              AllOf(Contains("prod: UNKNOWN, BAKING"), Not(Contains("prod: deploys"))));
}

TEST(PolicyCoverageTest, APersonsRequestRollsBack) {
  constexpr char kRequest[] =
      R"(edits { path: "state.stages[0].roll_back_requests" add: "{ id: 'r1' artifact: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' who: 'ann' why: 'x' requested_at { seconds: 1795512500 } }" } )";
  EXPECT_THAT(ShownBy(absl::StrCat(kBaked, kRequest), absl::StrCat(kNow, R"(
                expect { stage: "prod" action: ROLL_BACK cells: "eu" })")),
              ::testing::UnorderedElementsAre("prod: rolls back"));
}

TEST(PolicyCoverageTest, NothingIsCountedUnlessAskedFor) {
  v1::TestSuite suite;
  ASSERT_TRUE(ReadTextproto(absl::StrCat(kBase, R"(cases { name: "one" moments { )", kNow,
                                         R"(expect { stage: "prod" action: DEPLOY } } })"),
                            &suite, nullptr)
                  .ok());
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  ASSERT_TRUE(runner.ok());
  EXPECT_EQ(runner->CoverageOf(""), nullptr);
  const CaseResult result = runner->RunCase(0);
  EXPECT_EQ(result.outcome, CaseResult::Outcome::kPassed);
  EXPECT_THAT(result.shown, IsEmpty());
}

}  // namespace
}  // namespace sluice
