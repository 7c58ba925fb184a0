// Instants that were worked out by hand. Each stage deploys `b` to cells that run `a`; a deployment
// takes ten minutes, a bake an hour unless a case says otherwise.

#include "sluice/simulate/healthy_future.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kA[] = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kB[] = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

// Blockers and a start of the stage `prod`, and its rollout's parts.
struct Stage {
  std::string blockers = "without_blockers: true";
  std::string start = "start: AUTOMATIC";
  std::string waves = R"(waves { id: "w1" cells: "x" } waves { id: "w2" cells: "y" })";
  std::string deploy = "max_time { seconds: 1800 } expected_time { seconds: 600 }";
  std::string bake = "min_time { seconds: 3600 } max_time { seconds: 86400 } time_only: true";
  std::string health = "no_hygiene {}";
  std::string max_parallel = "1";
  std::string id = "prod";
};

std::string StageText(const Stage& stage) {
  return absl::StrCat("stages { id: '", stage.id,
                      "' kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION ", stage.start, "\n",
                      stage.blockers, "\n rollout { ", stage.waves,
                      " blast_radius { no_stage_cap {} max_parallel: ", stage.max_parallel,
                      " } deploy { ", stage.deploy, " } bake { ", stage.bake, " } ", stage.health,
                      " roll_back { watch_for { seconds: 0 } max_parallel: 1 attempts: 1 } } }\n");
}

std::string PolicyText(const std::string& stages,
                       absl::string_view rest = "without_emergency_stop: true") {
  return absl::StrCat("id: 'shop' profile: STANDARD_1 ", rest, "\n", stages);
}

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  const absl::Status status = ReadMessage(text, Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << status << "\n" << text;
  return message;
}

absl::Time At(absl::string_view text) {
  absl::Time instant;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &instant, &error)) << error;
  return instant;
}

std::string Seconds(absl::string_view instant) {
  return absl::StrCat("{ seconds: ", absl::ToUnixSeconds(At(instant)), " }");
}

// Cells of the stage, running `a`; `b` was built.
v1::PipelineState StateWith(const std::vector<std::string>& cells, const std::string& more = "",
                            const std::string& stage = "prod") {
  std::string text = absl::StrCat(
      "schema_version: 1 pipeline: 'shop' revision: 100 written_at { seconds: 1700000000 }\n",
      "artifacts { digest: '", kA, "' sequence: 1 }\nartifacts { digest: '", kB,
      "' sequence: 2 authors: 'kim' }\n");
  std::string deployments;
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrAppend(&text, "cells { id: '", cells[i], "' stage: '", stage, "' weight: 1 }\n");
    absl::StrAppend(&deployments, "deployments { number: ", i + 1, " cell: '", cells[i],
                    "' artifact: '", kA,
                    "' direction: ADOPTED started_at { seconds: 1700000000 } ended_at { seconds: "
                    "1700000000 } outcome: SUCCEEDED who: 'ann' }\n");
  }
  absl::StrAppend(&text, "stages { stage: '", stage, "' ", deployments, " }\n", more);
  return Parse<v1::PipelineState>(text);
}

HealthyFuture Foretell(const std::string& policy_text, const v1::PipelineState& state,
                       absl::string_view now, const v1::OrganisationFacts* organisation = nullptr,
                       const HealthyFutureOptions& options = {}) {
  const absl::StatusOr<Policy> policy = Policy::Compile(Parse<v1::PipelinePolicy>(policy_text));
  EXPECT_TRUE(policy.ok()) << policy.status();
  if (!policy.ok()) return {};
  return PlayHealthyFuture(*policy, {state, organisation, {}}, At(now), options);
}

std::string Show(const absl::optional<absl::Time>& at) {
  return at.has_value() ? absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", *at, absl::UTCTimeZone())
                        : "never";
}

std::string Show(const WaitingFor& waiting) {
  return absl::StrCat(waiting.stage, waiting.wave.empty() ? "" : ".", waiting.wave, " ", waiting.id,
                      " ", v1::Reason_Name(waiting.reason));
}

std::vector<std::string> Show(const std::vector<Wait>& waits) {
  std::vector<std::string> shown;
  for (const Wait& wait : waits) {
    shown.push_back(absl::StrCat(absl::FormatDuration(wait.duration), " ", Show(wait.waiting_for)));
  }
  return shown;
}

std::vector<std::string> Show(const std::vector<WaitingFor>& waiting) {
  std::vector<std::string> shown;
  for (const WaitingFor& one : waiting) shown.push_back(Show(one));
  return shown;
}

// `first cell, complete, passed`.
std::string Instants(const StageFuture& stage) {
  return absl::StrCat(Show(stage.first_cell), " ", Show(stage.complete), " ", Show(stage.passed));
}

TEST(HealthyFutureTest, TwoWavesBakedByTime) {
  // x 10:00 to 10:10, proven 11:10; y to 11:20, proven 12:20.
  const HealthyFuture future =
      Foretell(PolicyText(StageText({})), StateWith({"x", "y"}), "2026-11-24T10:00:00Z");
  ASSERT_EQ(future.stages.size(), 1u);
  const StageFuture& stage = future.stages[0];
  EXPECT_EQ(stage.outcome, StageOutcome::kPasses);
  EXPECT_EQ(stage.artifact, kB);
  EXPECT_EQ(Instants(stage), "2026-11-24T10:00:00Z 2026-11-24T12:20:00Z 2026-11-24T12:20:00Z");
  EXPECT_THAT(Show(stage.waits), ElementsAre("1h prod.w1 @bake BAKING", "1h prod.w2 @bake BAKING",
                                             "10m prod.w1 @deployment DEPLOYING",
                                             "10m prod.w2 @deployment DEPLOYING"));
  EXPECT_THAT(stage.stopped_by, IsEmpty());
  ASSERT_TRUE(future.last_cell.has_value());
  EXPECT_EQ(future.last_cell->cell, "y");
  EXPECT_EQ(Show(future.last_cell->at), "2026-11-24T11:20:00Z");
  EXPECT_THAT(future.assumed_over, IsEmpty());
  EXPECT_TRUE(stage.deployment_time_is_stated);
  EXPECT_EQ(stage.deployment_time, absl::Minutes(10));
}

TEST(HealthyFutureTest, OneCellAtATime) {
  // Ends at 10:10, 10:20, 10:30; the last is proven at 11:30. While z waits for its turn, y's
  // deployment and x's bake are what is under way.
  Stage stage;
  stage.waves = R"(waves { id: "w1" cells: ["x", "y", "z"] })";
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y", "z"}), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(future.stages[0].complete), "2026-11-24T11:30:00Z");
  EXPECT_THAT(Show(future.stages[0].waits),
              ElementsAre("1h20m prod.w1 @bake BAKING", "30m prod.w1 @deployment DEPLOYING"));
}

TEST(HealthyFutureTest, WithoutAnExpectedTimeADeploymentTakesAsLongAsTheNewest) {
  Stage stage;
  stage.deploy = "max_time { seconds: 1800 }";
  v1::PipelineState state = StateWith({"x", "y"});
  const HealthyFuture slow = Foretell(PolicyText(StageText(stage)), state, "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(slow.stages[0].complete), "2026-11-24T13:00:00Z");
  EXPECT_FALSE(slow.stages[0].deployment_time_is_stated);
  // x has `b` already, proven, in the running rollout: that took 300 s.
  const std::string rollout = absl::StrCat(
      "rollouts { number: 50 artifact: '", kB, "' state: RUNNING started_at ",
      Seconds("2026-11-24T08:00:00Z"), " plan { policy_fingerprint: '", kA,
      "' waves { id: 'w1' cells: 'x' weights: 1 proven_at ", Seconds("2026-11-24T09:05:00Z"),
      "} waves { id: 'w2' cells: 'y' weights: 1 } } } deployments { number: 51 cell: 'x' artifact: "
      "'",
      kB, "' direction: FORWARD attempt: 1 rollout: 50 outcome: SUCCEEDED started_at ",
      Seconds("2026-11-24T08:00:00Z"), " ended_at ", Seconds("2026-11-24T08:05:00Z"),
      " proven { policy_fingerprint: '", kA, "' at ", Seconds("2026-11-24T09:05:00Z"), " } }");
  *state.mutable_stages(0)->mutable_rollouts() = Parse<v1::StageRecord>(rollout).rollouts();
  *state.mutable_stages(0)->add_deployments() = Parse<v1::StageRecord>(rollout).deployments(0);
  const HealthyFuture quick = Foretell(PolicyText(StageText(stage)), state, "2026-11-24T10:00:00Z");
  // The first cell was before now; y 10:00 to 10:05, proven 11:05.
  EXPECT_EQ(Instants(quick.stages[0]),
            "2026-11-24T08:00:00Z 2026-11-24T11:05:00Z 2026-11-24T11:05:00Z");
}

std::string Window(absl::string_view hours) {
  return absl::StrCat(
      "blockers { id: 'hours' time_window { allow { windows { weekly { time_zone: 'Europe/Berlin' "
      "days: SUNDAY hours { ",
      hours, " } } } } } }");
}

TEST(HealthyFutureTest, WindowThatOpensInASkippedHour) {
  // On 29 March 2026 the clocks go from 02:00 to 03:00 at 01:00 UTC: 02:30 takes effect then. 05:00
  // is 03:00 UTC. x 01:00 to 01:10, proven 02:10; y to 02:20, proven 03:20.
  Stage stage;
  stage.blockers = Window("start: '02:30' end: '05:00'");
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y"}), "2026-03-28T21:00:00Z");
  EXPECT_EQ(Instants(future.stages[0]),
            "2026-03-29T01:00:00Z 2026-03-29T03:20:00Z 2026-03-29T03:20:00Z");
  EXPECT_EQ(Show(future.stages[0].waits[0].waiting_for), "prod hours OUTSIDE_ALLOW");
  EXPECT_EQ(future.stages[0].waits[0].duration, absl::Hours(4));
}

TEST(HealthyFutureTest, WindowThatClosesBetweenTheWaves) {
  // 04:00 is 02:00 UTC, before x is proven at 02:10. The next one opens on 5 April at 02:30, now
  // 00:30 UTC: y to 00:40, proven 01:40. From 02:10 on 29 March that is 6 days 22:20, and four
  // hours before it.
  Stage stage;
  stage.blockers = Window("start: '02:30' end: '04:00'");
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y"}), "2026-03-28T21:00:00Z");
  EXPECT_EQ(Show(future.stages[0].complete), "2026-04-05T01:40:00Z");
  EXPECT_EQ(Show(future.stages[0].waits[0].waiting_for), "prod hours OUTSIDE_ALLOW");
  EXPECT_EQ(future.stages[0].waits[0].duration, absl::Hours(4 + 6 * 24 + 22) + absl::Minutes(20));
}

TEST(HealthyFutureTest, Freeze) {
  Stage stage;
  stage.blockers = absl::StrCat(
      "blockers { id: 'freeze' time_window { allow_always {} deny { absolute { start ",
      Seconds("2026-12-20T00:00:00Z"), " end ", Seconds("2027-01-04T00:00:00Z"), " } } } }");
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y"}), "2026-12-24T00:00:00Z");
  EXPECT_EQ(Instants(future.stages[0]),
            "2027-01-04T00:00:00Z 2027-01-04T02:20:00Z 2027-01-04T02:20:00Z");
  EXPECT_EQ(Show(future.stages[0].waits[0].waiting_for), "prod freeze IN_DENY");
  EXPECT_EQ(future.stages[0].waits[0].duration, absl::Hours(11 * 24));
}

// Ten requests a minute to each cell, reported through 10:00.
v1::PipelineState WithCounts(v1::PipelineState state) {
  v1::CellCounts* counts = state.add_counts();
  counts->set_counts("requests");
  counts->set_stage("prod");
  counts->mutable_start()->set_seconds(absl::ToUnixSeconds(At("2026-11-24T09:57:00Z")));
  counts->mutable_period()->set_seconds(60);
  counts->mutable_reported_through()->set_seconds(absl::ToUnixSeconds(At("2026-11-24T10:00:00Z")));
  for (const v1::Cell& cell : state.cells()) counts->add_cells(cell.id());
  for (int i = 0; i < 3 * state.cells_size(); ++i) {
    counts->add_requests(9 + i % 3);  // Ten on average.
    counts->add_errors(i % 3 == 0 ? 1 : 0);
  }
  return state;
}

Stage BakedByCounts() {
  Stage stage;
  stage.waves = R"(waves { id: "w1" cells: "x" })";
  stage.bake = "min_requests: 100 max_time { seconds: 86400 }";
  stage.health = R"(no_hygiene {} health { criteria { id: "errors" per: CELL error_rate {
      counts: "requests" bound_ppm: 10000 min_requests: 50 min_requests_to_fail: 50
      confidence: PERCENT_99 max_age { seconds: 300 } } } })";
  return stage;
}

TEST(HealthyFutureTest, BakedByCountsAtTheRateLastSeen) {
  // Deployed at 10:10; ten periods of ten requests later it is 10:20.
  Stage stage = BakedByCounts();
  const HealthyFuture even =
      Foretell(PolicyText(StageText(stage)), WithCounts(StateWith({"x"})), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(even.stages[0].complete), "2026-11-24T10:20:00Z");
  // Deployed at 10:10:30: the period that begins at 10:11 is the first whole one.
  stage.deploy = "max_time { seconds: 1800 } expected_time { seconds: 630 }";
  const HealthyFuture odd =
      Foretell(PolicyText(StageText(stage)), WithCounts(StateWith({"x"})), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(odd.stages[0].complete), "2026-11-24T10:21:00Z");
  // The first period is there at 10:12. The criterion needs only fifty requests: 10:16.
  EXPECT_THAT(
      Show(odd.stages[0].waits),
      ElementsAre("10m30s prod.w1 @bake TOO_FEW_REQUESTS", "10m30s prod.w1 @deployment DEPLOYING",
                  "4m prod.w1 errors TOO_FEW_REQUESTS", "1m30s prod.w1 errors NOT_COVERED"));
}

TEST(HealthyFutureTest, LookingAheadLeavesNoReportFromTheFuture) {
  // As before, with a watched alarm; the bake waits for the ten periods alone.
  Stage stage = BakedByCounts();
  stage.health.replace(stage.health.rfind('}'), 1,
                       "watched_alarms { id: 'w' each: STAGE alarm { observed { alarm: 'load' } "
                       "max_age { seconds: 300 } } } }");
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), WithCounts(StateWith({"x"})), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(future.stages[0].complete), "2026-11-24T10:20:00Z");
  EXPECT_THAT(Show(future.stages[0].waits),
              ElementsAre("10m prod.w1 @bake TOO_FEW_REQUESTS", "10m prod.w1 @deployment DEPLOYING",
                          "4m prod.w1 errors TOO_FEW_REQUESTS", "1m prod.w1 errors NOT_COVERED"));
}

TEST(HealthyFutureTest, NothingCountedIsEnoughByTheMinimalTime) {
  // An hour has at least 59 whole periods, and enough comes in 59 of them: ready after the hour.
  Stage stage = BakedByCounts();
  stage.bake = "min_time { seconds: 3600 } min_requests: 100000 max_time { seconds: 86400 }";
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x"}), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(future.stages[0].complete), "2026-11-24T11:10:00Z");
}

TEST(HealthyFutureTest, NoRequestsNeverBake) {
  Stage stage = BakedByCounts();
  v1::PipelineState state = WithCounts(StateWith({"x"}));
  for (int i = 0; i < 3; ++i) {
    state.mutable_counts(0)->set_requests(i, 0);
    state.mutable_counts(0)->set_errors(i, 0);
  }
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), state, "2026-11-24T10:00:00Z");
  EXPECT_EQ(future.stages[0].outcome, StageOutcome::kStops);
  EXPECT_EQ(Instants(future.stages[0]), "2026-11-24T10:00:00Z never never");
  EXPECT_THAT(Show(future.stages[0].stopped_by),
              ElementsAre("prod.w1 @bake TOO_FEW_REQUESTS", "prod.w1 @bake_deadline BAKE_TIMED_OUT",
                          "prod.w1 errors TOO_FEW_REQUESTS"));
  EXPECT_FALSE(future.last_cell.has_value());
}

TEST(HealthyFutureTest, AManualStageWaitsForItsStart) {
  Stage stage;
  stage.start = "start: MANUAL start_unit: ROLLOUT";
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y"}), "2026-11-24T10:00:00Z");
  EXPECT_EQ(future.stages[0].outcome, StageOutcome::kStops);
  EXPECT_EQ(Instants(future.stages[0]), "never never never");
  EXPECT_THAT(Show(future.stages[0].stopped_by), ElementsAre("prod @start AWAITING_START"));
  EXPECT_LT(future.decisions, 20);
}

std::string Alarm(absl::string_view more) {
  return absl::StrCat(
      "blockers { id: 'calm' metric_alarm { observed { alarm: 'load' } max_age { seconds: 300 } ",
      more, " } }");
}

std::string Report(absl::string_view state, absl::string_view since) {
  return absl::StrCat("alarms { alarm: 'load' state: ", state, " since ", Seconds(since),
                      " observed_at ", Seconds("2026-11-24T09:59:00Z"), " }");
}

TEST(HealthyFutureTest, AnAlarmThatHasToBeOkForAWhile) {
  Stage stage;
  stage.blockers = Alarm("clear_for { seconds: 1800 }");
  const HealthyFuture was_ok =
      Foretell(PolicyText(StageText(stage)),
               StateWith({"x", "y"}, Report("OK", "2026-11-24T09:50:00Z")), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(was_ok.stages[0].first_cell), "2026-11-24T10:20:00Z");
  EXPECT_EQ(Show(was_ok.stages[0].waits[2].waiting_for), "prod calm NOT_CLEAR_LONG_ENOUGH");
  EXPECT_EQ(was_ok.stages[0].waits[2].duration, absl::Minutes(20));
  // In ALARM until now: OK from now on.
  const HealthyFuture alarmed = Foretell(
      PolicyText(StageText(stage)), StateWith({"x", "y"}, Report("ALARM", "2026-11-24T09:50:00Z")),
      "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(alarmed.stages[0].first_cell), "2026-11-24T10:30:00Z");
  EXPECT_THAT(alarmed.assumed_over, IsEmpty());
}

TEST(HealthyFutureTest, SaysWhichAlarmsAreAssumedToEnd) {
  Stage stage;
  stage.blockers = Alarm("");
  const HealthyFuture future = Foretell(
      PolicyText(StageText(stage)), StateWith({"x", "y"}, Report("ALARM", "2026-11-24T09:50:00Z")),
      "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(future.stages[0].first_cell), "2026-11-24T10:00:00Z");
  EXPECT_THAT(Show(future.assumed_over), ElementsAre("prod calm IN_ALARM"));
}

TEST(HealthyFutureTest, AnApprovalThatExpiresBeforeTheWindowOpens) {
  // Granted at 09:00 for two hours; the window opens at 12:00 on Sunday in Berlin, 11:00 UTC.
  Stage stage;
  stage.blockers = absl::StrCat(Window("start: '12:00' end: '24:00'"),
                                "blockers { id: 'approved' approval { quorum: 1 roles: 'owner' "
                                "max_age { seconds: 7200 } author: AUTHOR_MAY_NOT } }");
  const auto state = [](absl::string_view granted) {
    return StateWith({"x", "y"},
                     absl::StrCat("approvals { id: 'p1' blocker: 'approved' artifact: '", kB,
                                  "' stage: 'prod' principal: 'lee' roles: 'owner' granted_at ",
                                  Seconds(granted), " }"));
  };
  const std::string policy = PolicyText(StageText(stage));
  // At 11:00 exactly it counts no more; a second later it would.
  const HealthyFuture late =
      Foretell(policy, state("2026-11-29T09:00:00Z"), "2026-11-29T10:00:00Z");
  EXPECT_EQ(late.stages[0].outcome, StageOutcome::kStops);
  EXPECT_EQ(Instants(late.stages[0]), "never never never");
  EXPECT_THAT(Show(late.stages[0].stopped_by), ElementsAre("prod approved APPROVALS_MISSING"));
  EXPECT_THAT(Show(late.stages[0].waits), ElementsAre("1h prod hours OUTSIDE_ALLOW"));
  const HealthyFuture in_time =
      Foretell(policy, state("2026-11-29T09:00:01Z"), "2026-11-29T10:00:00Z");
  EXPECT_EQ(Instants(in_time.stages[0]), "2026-11-29T11:00:00Z never never");
}

TEST(HealthyFutureTest, AHoldEndsByTimeOrNotAtAll) {
  const auto hold = [](const std::string& more) {
    return absl::StrCat("holds { id: 'h' scope: STAGE stage: 'prod' who: 'ann' why: 'x' placed_at ",
                        Seconds("2026-11-24T09:00:00Z"), more, " }");
  };
  const HealthyFuture ends = Foretell(
      PolicyText(StageText({})),
      StateWith({"x", "y"}, hold(absl::StrCat(" expires_at ", Seconds("2026-11-24T15:30:00Z")))),
      "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(ends.stages[0].first_cell), "2026-11-24T15:30:00Z");
  EXPECT_EQ(Show(ends.stages[0].waits[0].waiting_for), "prod @hold:h HELD");
  const HealthyFuture stays =
      Foretell(PolicyText(StageText({})), StateWith({"x", "y"}, hold("")), "2026-11-24T10:00:00Z");
  EXPECT_EQ(stays.stages[0].outcome, StageOutcome::kStops);
  EXPECT_THAT(Show(stays.stages[0].stopped_by), ElementsAre("prod @hold:h HELD"));
}

TEST(HealthyFutureTest, AnEmergencyStopStays) {
  const std::string policy =
      PolicyText(StageText({}), "emergency_stop { max_age { seconds: 900 } }");
  auto facts = Parse<v1::OrganisationFacts>(absl::StrCat(
      "schema_version: 1 id: 'acme' epoch: 1 observed_at ", Seconds("2026-11-24T09:00:00Z"),
      " emergency_stop { state: CLEAR observed_at ", Seconds("2026-11-24T09:00:00Z"), " }"));
  const v1::PipelineState state = StateWith({"x", "y"});
  // An hour old, and looked at again.
  const HealthyFuture clear = Foretell(policy, state, "2026-11-24T10:00:00Z", &facts);
  EXPECT_EQ(Show(clear.stages[0].complete), "2026-11-24T12:20:00Z");
  EXPECT_THAT(Show(clear.assumed_over), ElementsAre("prod @emergency_stop STALE"));
  facts.mutable_emergency_stop()->set_state(v1::EmergencyStop::STOPPED);
  const HealthyFuture stopped = Foretell(policy, state, "2026-11-24T10:00:00Z", &facts);
  EXPECT_THAT(Show(stopped.stages[0].stopped_by),
              ElementsAre("prod @emergency_stop EMERGENCY_STOP"));
  EXPECT_LT(stopped.decisions, 20);
  const HealthyFuture unknown = Foretell(policy, state, "2026-11-24T10:00:00Z");
  EXPECT_THAT(Show(unknown.stages[0].stopped_by),
              ElementsAre("prod @emergency_stop EMERGENCY_STOP_UNKNOWN"));
}

TEST(HealthyFutureTest, WhatFailedRollsBack) {
  v1::PipelineState state = StateWith({"x", "y"});
  const std::string rollout = absl::StrCat(
      "rollouts { number: 50 artifact: '", kB, "' state: RUNNING started_at ",
      Seconds("2026-11-24T09:00:00Z"), " plan { policy_fingerprint: '", kA,
      "' waves { id: 'w1' cells: 'x' weights: 1 } waves { id: 'w2' cells: 'y' weights: 1 } } } "
      "deployments { number: 51 cell: 'x' artifact: '",
      kB, "' direction: FORWARD attempt: 1 rollout: 50 outcome: FAILED started_at ",
      Seconds("2026-11-24T09:00:00Z"), " ended_at ", Seconds("2026-11-24T09:05:00Z"), " }");
  *state.mutable_stages(0)->mutable_rollouts() = Parse<v1::StageRecord>(rollout).rollouts();
  *state.mutable_stages(0)->add_deployments() = Parse<v1::StageRecord>(rollout).deployments(0);
  const HealthyFuture future = Foretell(PolicyText(StageText({})), state, "2026-11-24T10:00:00Z");
  EXPECT_EQ(future.stages[0].outcome, StageOutcome::kRollsBack);
  EXPECT_EQ(future.stages[0].artifact, kB);
  EXPECT_THAT(Show(future.stages[0].stopped_by),
              ElementsAre("prod.w1 @deployment DEPLOYMENT_FAILED"));
  EXPECT_EQ(Instants(future.stages[0]), "2026-11-24T09:00:00Z never never");
}

TEST(HealthyFutureTest, WaitsInEarlierStagesAreWaits) {
  // `test` enters and passes at once, for its check passes as soon as it is asked for. `pre` takes
  // 70 minutes for its one cell; then `prod` the 140 of the two.
  const std::string test =
      "stages { id: 'test' kind: TEST deploys: NOTHING passes: CRITERIA start: AUTOMATIC "
      "without_blockers: true pass_criteria { id: 'tested' check { check: 'tests' binds_to: "
      "ARTIFACT_AND_STAGE consecutive_passes: 2 bounds { number: 'coverage' at_least: 0.8 } } } }";
  Stage pre;
  pre.id = "pre";
  pre.waves = R"(waves { id: "w0" cells: "p" })";
  v1::PipelineState state = StateWith({"x", "y"});
  state.MergeFrom(StateWith({"p"}, "", "pre"));
  state.mutable_artifacts()->DeleteSubrange(2, 2);
  const HealthyFuture future = Foretell(
      PolicyText(absl::StrCat(test, StageText(pre), StageText({}))), state, "2026-11-24T10:00:00Z");
  ASSERT_EQ(future.stages.size(), 3u);
  for (const StageFuture& stage : future.stages) EXPECT_EQ(stage.artifact, kB) << stage.stage;
  EXPECT_EQ(Instants(future.stages[0]), "never 2026-11-24T10:00:00Z 2026-11-24T10:00:00Z");
  EXPECT_EQ(Instants(future.stages[1]),
            "2026-11-24T10:00:00Z 2026-11-24T11:10:00Z 2026-11-24T11:10:00Z");
  EXPECT_EQ(Instants(future.stages[2]),
            "2026-11-24T11:10:00Z 2026-11-24T13:30:00Z 2026-11-24T13:30:00Z");
  EXPECT_THAT(
      Show(future.stages[2].waits),
      ElementsAre("1h pre.w0 @bake BAKING", "1h prod.w1 @bake BAKING", "1h prod.w2 @bake BAKING",
                  "10m pre.w0 @deployment DEPLOYING", "10m prod.w1 @deployment DEPLOYING",
                  "10m prod.w2 @deployment DEPLOYING"));
}

TEST(HealthyFutureTest, ACheckThatFailedHasFailed) {
  Stage stage;
  stage.blockers = "blockers { id: 'tested' check { check: 'tests' binds_to: ARTIFACT } }";
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)),
               StateWith({"x", "y"}, absl::StrCat("checks { check: 'tests' artifact: '", kB,
                                                  "' run: '1' outcome: FAILED started_at ",
                                                  Seconds("2026-11-24T08:00:00Z"), " finished_at ",
                                                  Seconds("2026-11-24T08:00:00Z"), " }")),
               "2026-11-24T10:00:00Z");
  EXPECT_THAT(Show(future.stages[0].stopped_by), ElementsAre("prod tested CHECK_FAILED"));
  // One that never ran passes.
  const HealthyFuture absent =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y"}), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(absent.stages[0].complete), "2026-11-24T12:20:00Z");
  EXPECT_THAT(Show(absent.assumed_over), ElementsAre("prod tested CHECK_ABSENT"));
}

TEST(HealthyFutureTest, HygieneAndMeasurementsTakeNoTime) {
  Stage stage;
  stage.bake = "min_time { seconds: 3600 } max_time { seconds: 86400 }";
  stage.health = R"(hygiene { checks: "up" deadline { seconds: 60 } } health { criteria { id: "m"
      per: CELL measurement_count { measurement: "probe" failure_limit: 1 inconclusive_limit: 2
      consecutive_error_limit: 2 count: 20 early_end: UNKNOWN } } })";
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y"}), "2026-11-24T10:00:00Z");
  EXPECT_EQ(Show(future.stages[0].complete), "2026-11-24T12:20:00Z");
}

TEST(HealthyFutureTest, WhatIsTooFarIsNotForetold) {
  Stage stage;
  stage.blockers = absl::StrCat(
      "blockers { id: 'freeze' time_window { allow_always {} deny { absolute { start ",
      Seconds("2026-01-01T00:00:00Z"), " end ", Seconds("2027-01-01T00:00:00Z"), " } } } }");
  const std::string policy = PolicyText(StageText(stage));
  HealthyFutureOptions options;
  options.horizon = absl::Hours(24 * 30);
  const HealthyFuture far =
      Foretell(policy, StateWith({"x", "y"}), "2026-11-24T00:00:00Z", nullptr, options);
  EXPECT_EQ(far.stages[0].outcome, StageOutcome::kTooFar);
  EXPECT_EQ(Instants(far.stages[0]), "never never never");
  options.horizon = absl::Hours(24 * 40);
  const HealthyFuture near =
      Foretell(policy, StateWith({"x", "y"}), "2026-11-24T00:00:00Z", nullptr, options);
  EXPECT_EQ(near.stages[0].outcome, StageOutcome::kPasses);
  options.max_decisions = 5;
  const HealthyFuture cut =
      Foretell(policy, StateWith({"x", "y"}), "2026-11-24T00:00:00Z", nullptr, options);
  EXPECT_EQ(cut.stages[0].outcome, StageOutcome::kTooFar);
}

TEST(HealthyFutureTest, ALongBakeIsNotAnEnd) {
  Stage stage;
  stage.bake = "min_time { seconds: 5184000 } max_time { seconds: 6000000 } time_only: true";
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), StateWith({"x", "y"}), "2026-11-24T00:00:00Z");
  EXPECT_EQ(future.stages[0].complete, future.now + 2 * (absl::Hours(60 * 24) + absl::Minutes(10)));
}

TEST(HealthyFutureTest, WhatIsHeldForGoodIsNotPlayedToTheHorizon) {
  // y never had a deployment: a person has to adopt it. The window opens every Sunday.
  Stage stage;
  stage.waves = R"(waves { id: "w1" cells: ["x", "y"] })";
  stage.blockers = Window("start: '12:00' end: '13:00'");
  v1::PipelineState state = StateWith({"x", "y"});
  state.mutable_stages(0)->mutable_deployments()->RemoveLast();
  const HealthyFuture future =
      Foretell(PolicyText(StageText(stage)), state, "2026-11-24T10:00:00Z");
  EXPECT_EQ(future.stages[0].outcome, StageOutcome::kStops);
  EXPECT_EQ(Instants(future.stages[0]), "2026-11-29T11:00:00Z never never");
  EXPECT_THAT(Show(future.stages[0].stopped_by), ElementsAre("prod @cell NEW_CELL"));
  EXPECT_LT(future.decisions, 60);
}

TEST(HealthyFutureTest, NothingToCome) {
  v1::PipelineState state = StateWith({"x", "y"});
  state.mutable_artifacts()->RemoveLast();
  const HealthyFuture future = Foretell(PolicyText(StageText({})), state, "2026-11-24T10:00:00Z");
  EXPECT_EQ(future.stages[0].outcome, StageOutcome::kNothingToCome);
  EXPECT_EQ(future.stages[0].artifact, "");
}

TEST(HealthyFutureTest, AListIsComparedAgainAndAgain) {
  // A year before: stale by then, but for being compared again. An entry comes into force in time.
  const std::string policy_text = PolicyText(
      StageText({}),
      "without_emergency_stop: true blockers { id: 'bad' known_bad { lists: 'l' max_age { seconds: "
      "3600 } min_entries: 1 components: OPTIONAL } }");
  const absl::StatusOr<Policy> policy = Policy::Compile(Parse<v1::PipelinePolicy>(
      std::string(policy_text).replace(policy_text.find("without_blockers: true"), 22, "")));
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto list = [&](absl::string_view from) {
    return *KnownBadList::Build(Parse<v1::KnownBadList>(absl::StrCat(
        "id: 'l' epoch: 1 entry_count: 1 verified_at ", Seconds("2025-11-24T10:00:00Z"),
        " entries { id: 'e' digests: '", kB, "' effective_from ", Seconds(from), " }")));
  };
  const v1::PipelineState state = StateWith({"x", "y"});
  const auto complete = [&](const KnownBadList& known_bad) {
    return Show(
        PlayHealthyFuture(*policy, {state, nullptr, {&known_bad}}, At("2026-11-24T10:00:00Z"))
            .stages[0]
            .complete);
  };
  EXPECT_EQ(complete(list("2026-11-24T12:20:01Z")), "2026-11-24T12:20:00Z");
  EXPECT_EQ(complete(list("2026-11-24T12:20:00Z")), "never");
  // In force before y: the rollout stands still for good.
  const KnownBadList sooner = list("2026-11-24T11:00:00Z");
  const HealthyFuture halted =
      PlayHealthyFuture(*policy, {state, nullptr, {&sooner}}, At("2026-11-24T10:00:00Z"));
  EXPECT_EQ(halted.stages[0].outcome, StageOutcome::kStops);
  EXPECT_THAT(Show(halted.stages[0].stopped_by), ElementsAre("prod bad KNOWN_BAD_MATCH"));
}

}  // namespace
}  // namespace sluice
