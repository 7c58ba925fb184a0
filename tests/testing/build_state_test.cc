#include "sluice/testing/build_state.h"

#include <deque>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"
#include "sluice/testing/matchers.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename Message>
Message ReadFile(const std::string& path) {
  std::ifstream file(absl::StrCat("docs/examples/", path), std::ios::binary);
  Message message;
  const absl::Status status = ReadMessage(std::string(std::istreambuf_iterator<char>(file), {}),
                                          Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << path << ": " << status;
  return message;
}

Policy CompileFile(const std::string& path) {
  const absl::StatusOr<Policy> policy = Policy::Compile(ReadFile<v1::PipelinePolicy>(path));
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

// What is decided of a pipeline in a state, at an instant.
struct World {
  World(Policy policy, absl::Time now) : policy(std::move(policy)), now(now) {}

  // The decision in that state, which refers to what is kept here.
  Decision Decide(const given::State& state) {
    states.push_back(state.Build());
    organisation = Organisation::Load(facts);
    snapshots.push_back(Snapshot::Load(states.back(), organisation, load));
    return policy.Decide(snapshots.back(), now);
  }

  Policy policy;
  absl::Time now;
  v1::OrganisationFacts facts;
  LoadOptions load;
  Organisation organisation;
  std::deque<v1::PipelineState> states;
  std::deque<Snapshot> snapshots;
};

// ---------------------------------------------------------------- Under example policies

using Sentences = std::vector<std::pair<std::string, std::function<void(given::State*)>>>;

given::State Tell(const given::State& start, const Sentences& sentences, size_t without) {
  given::State state = start;
  for (size_t i = 0; i < sentences.size(); ++i) {
    if (i != without) sentences[i].second(&state);
  }
  return state;
}

// With all sentences the stage deploys to these cells. Without any of them either the state can't
// be built or nothing is deployed.
void ExpectEachSentenceIsNeeded(World* world, const given::State& start, const Sentences& sentences,
                                const std::vector<std::string>& cells) {
  const size_t none = sentences.size();
  EXPECT_THAT(world->Decide(Tell(start, sentences, none)), InStage("production", Deploys(cells)));
  for (size_t i = 0; i < sentences.size(); ++i) {
    const given::State state = Tell(start, sentences, i);
    if (!state.TryBuild().ok()) continue;
    EXPECT_THAT(world->Decide(state), InStage("production", Not(Deploys())))
        << "without " << sentences[i].first;
  }
}

// 2026-11-24T10:00:00Z, a Tuesday.
const absl::Time kTuesday = absl::FromUnixSeconds(1795514400);

World Smallest() {
  World world(CompileFile("smallest/policy.textproto"), kTuesday);
  world.facts = given::OrganisationFacts("acme", kTuesday).IsNotStopped(kTuesday).Build();
  return world;
}

// A state in which the smallest policy deploys version 2 to one box.
given::State Healthy() {
  return given::State("checkout", kTuesday)
      .Has(given::Cell("one-box").InStage("production").Weight(2))
      .Has(given::Cell("eu").InStage("production").Weight(49))
      .Has(given::Cell("us").InStage("production").Weight(49))
      .Has(given::Artifact("v1").Sequence(1))
      .Has(given::Artifact("v2").Sequence(2))
      .Runs("one-box", "v1")
      .Runs("eu", "v1")
      .Runs("us", "v1")
      .Reports(given::AlarmOk("checkout-5xx", kTuesday - absl::Seconds(30)));
}

TEST(BuildStateTest, SmallestPolicyDeploysAndNeedsEachSentence) {
  World world = Smallest();
  const auto cell = [](const char* id, uint32_t weight) {
    return std::make_pair(absl::StrCat("cell ", id), [=](given::State* state) {
      state->Has(given::Cell(id).InStage("production").Weight(weight));
    });
  };
  const Sentences sentences = {
      cell("one-box", 2),
      cell("eu", 49),
      cell("us", 49),
      {"v1", [](given::State* s) { s->Has(given::Artifact("v1").Sequence(1)); }},
      {"v2", [](given::State* s) { s->Has(given::Artifact("v2").Sequence(2)); }},
      {"alarm",
       [](given::State* s) {
         s->Reports(given::AlarmOk("checkout-5xx", kTuesday - absl::Seconds(30)));
       }},
      {"runs", [](given::State* s) { s->Runs("one-box", "v1").Runs("eu", "v1").Runs("us", "v1"); }},
  };
  ExpectEachSentenceIsNeeded(&world, given::State("checkout", kTuesday), sentences, {"one-box"});
}

TEST(BuildStateTest, OrganisationFactsAreNeeded) {
  World world = Smallest();
  EXPECT_THAT(world.Decide(Healthy()), InStage("production", Deploys({"one-box"})));
  world.facts = given::OrganisationFacts("acme", kTuesday).Build();
  EXPECT_THAT(world.Decide(Healthy()), InStage("production", Holds()));
  world.facts =
      given::OrganisationFacts("acme", kTuesday).IsStopped("ann", "fire", kTuesday).Build();
  EXPECT_THAT(world.Decide(Healthy()), InStage("production", Holds()));
  world.facts = given::OrganisationFacts("acme", kTuesday)
                    .IsNotStopped(kTuesday)
                    .Has(given::Hold::OfOrganisation().By("ann").Because("fire").From(kTuesday))
                    .Build();
  EXPECT_THAT(world.Decide(Healthy()), InStage("production", Holds()));
  world.facts = given::OrganisationFacts("acme", kTuesday)
                    .IsNotStopped(kTuesday)
                    .Has(given::Hold::OfPipeline("other").By("ann").Because("fire").From(kTuesday))
                    .Build();
  EXPECT_THAT(world.Decide(Healthy()), InStage("production", Deploys({"one-box"})));
}

// 2024-03-18T11:00:00Z, a Monday.
const absl::Time kMonday = absl::FromUnixSeconds(1710759600);

constexpr const char* kRegions[] = {"eu-west", "eu-north", "us-east", "ap-south", "us-west"};

struct RegionWaves : World {
  RegionWaves() : World(CompileFile("region-waves/policy.textproto"), kMonday) {
    facts = given::OrganisationFacts("acme", kMonday).IsNotStopped(kMonday).Build();
    v1::KnownBadList message = ReadFile<v1::KnownBadList>("region-waves/known_bad.textproto");
    absl::StatusOr<KnownBadList> built = KnownBadList::Build(message);
    EXPECT_TRUE(built.ok()) << built.status();
    list = std::make_unique<KnownBadList>(*std::move(built));
    load.known_bad = {list.get()};
  }

  std::unique_ptr<KnownBadList> list;
};

Sentences OfRegionWaves() {
  Sentences sentences = {
      {"one-box",
       [](given::State* s) {
         s->Has(given::Cell("one-box").InStage("production").InRegion("eu-west").Weight(1));
       }},
      {"build-41", [](given::State* s) { s->Has(given::Artifact("build-41").Sequence(41)); }},
      {"build-42",
       [](given::State* s) {
         s->Has(given::Artifact("build-42")
                    .Sequence(42)
                    .BuiltAt(kMonday - absl::Hours(3))
                    .WrittenBy("alice")
                    .Contains("pkg:maven/org.apache.logging.log4j/log4j-core@2.23.1")
                    .Passed("build", kMonday - absl::Hours(3))
                    .Passed("test", kMonday - absl::Hours(2))
                    .Passed("pre-production", kMonday - absl::Hours(1)));
       }},
      {"one-box runs", [](given::State* s) { s->Runs("one-box", "build-41"); }},
      {"high-severity",
       [](given::State* s) { s->Reports(given::AlarmOk("high-severity", kMonday)); }},
      {"approval",
       [](given::State* s) {
         s->Has(given::Approval("approval")
                    .Of("build-42")
                    .InStage("production")
                    .By("bob", {"release-manager"})
                    .From(kMonday));
       }},
  };
  for (const char* region : kRegions) {
    sentences.push_back({region, [region](given::State* s) {
                           s->Has(given::Cell(region)
                                      .InStage("production")
                                      .InRegion(region)
                                      .Weight(std::string(region) == "eu-west" ? 19 : 20))
                               .Runs(region, "build-41")
                               .Reports(given::AlarmOk("failed-orders", kMonday).OfCell(region));
                         }});
  }
  return sentences;
}

TEST(BuildStateTest, RegionWavesDeployAndNeedEachSentence) {
  RegionWaves world;
  ExpectEachSentenceIsNeeded(&world, given::State("checkout", kMonday), OfRegionWaves(),
                             {"one-box"});
}

TEST(BuildStateTest, RolloutUnderWay) {
  RegionWaves world;
  const Sentences sentences = OfRegionWaves();
  given::State state = Tell(given::State("checkout", kMonday), sentences, sentences.size());
  state.RollsOut("build-42", "production",
                 {{"one-box", {"one-box"}},
                  {"first-region", {"eu-west"}},
                  {"two-regions", {"eu-north", "us-east"}},
                  {"last-regions", {"ap-south", "us-west"}}});
  const absl::Time start = kMonday - absl::Hours(2);
  state.Reports(given::AlarmOk("failed-orders", kMonday).OfCell("one-box").Since(start));
  given::State deploying = state;
  deploying.IsDeploying("one-box", "build-42", start);
  EXPECT_THAT(world.Decide(deploying), InStage("production", Not(Deploys())));
  given::State failed = state;
  failed.FailedToDeploy("one-box", "build-42", start, start + absl::Minutes(5));
  EXPECT_THAT(world.Decide(failed), InStage("production", RollsBack({"one-box"})));
  state.Deployed("one-box", "build-42", start, start + absl::Minutes(5));
  EXPECT_THAT(world.Decide(state), InStage("production", Not(Deploys())));
  given::State in_alarm = state;
  in_alarm.Reports(given::InAlarm("failed-orders", kMonday + absl::Seconds(1)).OfCell("one-box"));
  EXPECT_THAT(world.Decide(in_alarm), InStage("production", RollsBack({"one-box"})));
  given::State accepted = state;
  accepted.Accepted("one-box", "eve", {"release-manager"}, "looks good", kMonday);
  EXPECT_THAT(world.Decide(accepted), InStage("production", Deploys({"eu-west"})));
  state.Proved("one-box", "build-42", kMonday);
  EXPECT_THAT(world.Decide(state), InStage("production", Deploys({"eu-west"})));
}

// ---------------------------------------------------------------- What is written

TEST(BuildStateTest, DigestsOfNames) {
  EXPECT_EQ(given::DigestOf("abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(given::DigestOf(given::DigestOf("abc")), given::DigestOf("abc"));
  EXPECT_EQ(Healthy().Build().artifacts(1).digest(), given::DigestOf("v2"));
}

TEST(BuildStateTest, NothingIsThereThatIsNotSaid) {
  const v1::PipelineState state = given::State("shop", kTuesday).Build();
  EXPECT_EQ(state.ShortDebugString(),
            "schema_version: 1 pipeline: \"shop\" written_at { seconds: 1795514400 }");
}

TEST(BuildStateTest, TheOrderOfDeclarationsIsFree) {
  const v1::PipelineState state = given::State("shop", kTuesday)
                                      .Runs("eu", "v1")
                                      .Has(given::Artifact("v1").Sequence(1))
                                      .Has(given::Cell("eu").InStage("prod").Weight(1))
                                      .Build();
  EXPECT_EQ(state.stages(0).deployments(0).artifact(), given::DigestOf("v1"));
  EXPECT_EQ(state.stages(0).deployments(0).direction(), v1::Deployment::ADOPTED);
  EXPECT_EQ(state.revision(), 2u);
}

TEST(BuildStateTest, ReportsAreWritten) {
  const v1::PipelineState state =
      Healthy()
          .Reports(given::InAlarm("a", kTuesday).Since(kTuesday - absl::Hours(1)).OfRegion("eu"))
          .Reports(given::InsufficientData("b", kTuesday))
          .Reports(given::CheckPassed("serving", "v2", kTuesday)
                       .StartedAt(kTuesday - absl::Minutes(5))
                       .OnCell("eu")
                       .Measured("coverage", 0.5))
          .Reports(given::CheckRunning("load", "v2", kTuesday).InStage("production").Run("r7"))
          .Reports(given::CheckBroke("load", "v1", kTuesday))
          .Reports(given::Series("latency", kTuesday - absl::Minutes(2), absl::Minutes(1))
                       .Values({1, std::numeric_limits<double>::quiet_NaN()})
                       .OfCell("eu"))
          .Reports(
              given::Counts("orders", "production", kTuesday - absl::Minutes(2), absl::Minutes(1))
                  .OfCell("eu", {10, 20}, {1, -1})
                  .OfCell("us", {30, 40}, {3, 4})
                  .ReportedThrough(kTuesday + absl::Minutes(1)))
          .HasSeen("advisories", 7)
          .Withdrew("v1", "ann", "leaks", kTuesday)
          .Build();
  EXPECT_EQ(state.alarms(1).region(), "eu");
  EXPECT_EQ(state.alarms(1).state(), v1::AlarmReport::ALARM);
  EXPECT_EQ(state.alarms(1).since().seconds(), 1795514400 - 3600);
  EXPECT_EQ(state.alarms(2).since().seconds(), 1795514400);
  ASSERT_EQ(state.checks_size(), 3);
  EXPECT_EQ(state.checks(0).stage(), "production");
  EXPECT_EQ(state.checks(0).cell(), "eu");
  EXPECT_EQ(state.checks(0).started_at().seconds(), 1795514400 - 300);
  EXPECT_EQ(state.checks(0).finished_at().seconds(), 1795514400);
  EXPECT_EQ(state.checks(0).numbers().at("coverage"), 0.5);
  EXPECT_EQ(state.checks(1).run(), "r7");
  EXPECT_FALSE(state.checks(1).has_finished_at());
  EXPECT_EQ(state.checks(2).outcome(), v1::Check::ERROR);
  EXPECT_EQ(state.series(0).values_size(), 2);
  EXPECT_EQ(state.series(0).reported_through().seconds(), 1795514400);
  EXPECT_EQ(state.counts(0).ShortDebugString(),
            "counts: \"orders\" stage: \"production\" start { seconds: 1795514280 } period { "
            "seconds: 60 } reported_through { seconds: 1795514460 } cells: \"eu\" cells: \"us\" "
            "requests: 10 requests: 20 requests: 30 requests: 40 errors: 1 errors: -1 errors: 3 "
            "errors: 4");
  EXPECT_EQ(state.lists_seen(0).epoch(), 7u);
  EXPECT_EQ(state.withdrawals(0).artifact(), given::DigestOf("v1"));
}

TEST(BuildStateTest, WhatPeopleDoIsWritten) {
  const absl::Time later = kTuesday + absl::Hours(1);
  const v1::PipelineState state =
      Healthy()
          .Has(given::Override({"errors"})
                   .Of("v2")
                   .InStages({"production"})
                   .By("ann", {"lead"})
                   .Because("known noise")
                   .From(kTuesday)
                   .Until(later)
                   .KeepsDespite("new-errors"))
          .Has(given::Hold::OfCell("eu").By("ann").Because("disk").From(kTuesday).Until(later))
          .Has(given::Hold::OfStage("production").By("ann").Because("disk").From(kTuesday))
          .Has(given::Hold::OfPipeline().By("ann").Because("disk").From(kTuesday))
          .Has(given::RollBackHold("production")
                   .By("ann")
                   .Because("look first")
                   .From(kTuesday)
                   .Until(later))
          .Requests(given::Request::ToStart("v2")
                        .InStage("production")
                        .OfWave("one-box")
                        .By("ann")
                        .From(kTuesday)
                        .Until(later))
          .Requests(given::Request::ToPreemptWith("v2")
                        .InStage("production")
                        .By("ann")
                        .From(kTuesday)
                        .Until(later))
          .Retired("us", "ann", "moved", kTuesday)
          .Build();
  EXPECT_EQ(state.overrides(0).artifact(), given::DigestOf("v2"));
  EXPECT_EQ(state.overrides(0).keep_despite(0), "new-errors");
  EXPECT_EQ(state.holds(0).stage(), "production");
  EXPECT_EQ(state.holds(0).cell(), "eu");
  EXPECT_EQ(state.holds_size(), 3);
  EXPECT_EQ(state.roll_back_holds(0).expires_at().seconds(), 1795518000);
  EXPECT_EQ(state.stages(0).start_requests(0).wave(), "one-box");
  EXPECT_EQ(state.stages(0).preempt_requests(0).artifact(), given::DigestOf("v2"));
  EXPECT_TRUE(state.cells(2).has_retired());
}

TEST(BuildStateTest, RequestsOfRolloutsAreWritten) {
  given::State state = Healthy();
  state.RollsOut("v2", "production", {{"one-box", {"one-box"}}, {"regions", {"eu", "us"}}})
      .FailedToDeploy("one-box", "v2", kTuesday, kTuesday)
      .Requests(given::Request::ToRetry("v2")
                    .InStage("production")
                    .OnCell("one-box")
                    .Attempt(2)
                    .By("ann")
                    .Because("a hiccup")
                    .From(kTuesday))
      .Deployed("one-box", "v2", kTuesday, kTuesday)
      .Requests(given::Request::ToRollBack("v2")
                    .InStage("production")
                    .OnCell("one-box")
                    .By("ann")
                    .Because("complaints")
                    .From(kTuesday));
  const v1::PipelineState built = state.Build();
  const v1::StageRecord& record = built.stages(0);
  EXPECT_EQ(record.retry_requests(0).attempt(), 2u);
  EXPECT_EQ(record.deployments(4).attempt(), 2u);
  EXPECT_EQ(record.rollouts(0).plan().waves(1).weights(1), 49u);
  EXPECT_EQ(record.roll_back_requests(0).cells(0), "one-box");
}

TEST(BuildStateTest, OtherEventsHappenInTheirPlace) {
  v1::Event event;
  event.mutable_rollout_abandoned()->set_stage("production");
  event.mutable_rollout_abandoned()->set_artifact(given::DigestOf("v2"));
  event.mutable_rollout_abandoned()->set_who("ann");
  event.mutable_rollout_abandoned()->set_why("no");
  const v1::PipelineState state =
      Healthy()
          .RollsOut("v2", "production", {{"one-box", {"one-box"}}, {"regions", {"eu", "us"}}})
          .Deployed("one-box", "v2", kTuesday, kTuesday)
          .Happened(event)
          .Build();
  EXPECT_EQ(state.stages(0).rollouts(0).state(), v1::Rollout::ABANDONED);
}

TEST(BuildStateTest, RolloutsComplete) {
  const v1::PipelineState state = Healthy()
                                      .UnderPolicy(given::DigestOf("policy"))
                                      .RollsOut("v2", "production", {{"one-box", {"one-box"}}})
                                      .Deployed("one-box", "v2", kTuesday, kTuesday)
                                      .Proved("one-box", "v2", kTuesday)
                                      .ProvedWave("production", "v2", "one-box", kTuesday)
                                      .Completed("production", "v2", kTuesday)
                                      .Build();
  const v1::Rollout& rollout = state.stages(0).rollouts(0);
  EXPECT_EQ(rollout.state(), v1::Rollout::COMPLETE);
  EXPECT_TRUE(rollout.plan().waves(0).has_proven_at());
  EXPECT_EQ(rollout.plan().policy_fingerprint(), given::DigestOf("policy"));
  EXPECT_EQ(state.stages(0).deployments(3).proven().policy_fingerprint(),
            given::DigestOf("policy"));
}

// ---------------------------------------------------------------- What can't be said

void ExpectFault(const given::State& state, const std::string& fault) {
  const absl::StatusOr<v1::PipelineState> built = state.TryBuild();
  EXPECT_EQ(built.status().code(), absl::StatusCode::kInvalidArgument) << fault;
  EXPECT_THAT(std::string(built.status().message()), HasSubstr(fault));
  EXPECT_FALSE(absl::StrContains(built.status().message(), "\n")) << built.status();
}

TEST(BuildStateTest, UndeclaredNamesAreFaults) {
  ExpectFault(Healthy().Runs("ap", "v1"), "Runs(\"ap\", \"v1\"): there is no cell `ap`");
  ExpectFault(Healthy().Reports(given::CheckPassed("build", "v3", kTuesday)),
              "there is no artifact `v3`");
  ExpectFault(Healthy().Reports(given::AlarmOk("a", kTuesday).OfCell("ap")), "no cell `ap`");
  ExpectFault(Healthy().Has(given::Hold::OfCell("ap").By("a").Because("b").From(kTuesday)),
              "no cell `ap`");
  ExpectFault(Healthy().Has(given::Approval("go").InStage("p").By("ann", {"lead"}).From(kTuesday)),
              "names no artifact");
  ExpectFault(Healthy().Withdrew("v3", "ann", "leaks", kTuesday), "no artifact `v3`");
}

TEST(BuildStateTest, WhatIsRequiredIsAFault) {
  ExpectFault(Healthy().Has(given::Cell("ap").InStage("production")), "weight");
  ExpectFault(Healthy().Has(given::Cell("ap").Weight(1)), "stage");
  ExpectFault(Healthy().Has(given::Artifact("v3")), "sequence");
  ExpectFault(Healthy().Has(given::Approval("go").Of("v2").InStage("p").By("ann", {"lead"})),
              "granted_at");
  ExpectFault(Healthy().Has(given::Hold::OfStage("p").By("ann").From(kTuesday)), "why");
  ExpectFault(Healthy().Has(given::Hold::OfOrganisation().By("a").Because("b").From(kTuesday)),
              "scope");
  ExpectFault(Healthy().Requests(
                  given::Request::ToStart("v2").InStage("production").By("ann").From(kTuesday)),
              "expires_at");
}

TEST(BuildStateTest, ContradictionsAreFaults) {
  ExpectFault(Healthy().Runs("eu", "v2"), "the cell has had a deployment");
  ExpectFault(Healthy().Has(given::Cell("eu").InStage("production").Weight(1)),
              "Cell(\"eu\"): is there twice");
  ExpectFault(Healthy().Has(given::Artifact("v1").Sequence(9)), "Artifact(\"v1\"): is there twice");
  ExpectFault(
      Healthy().Has(given::Artifact("v3").Sequence(3).Passed("p", kTuesday).Passed("p", kTuesday)),
      "passed `p` twice");
  ExpectFault(Healthy().Reports(given::AlarmOk("checkout-5xx", kTuesday - absl::Minutes(1))),
              "changes nothing");
  ExpectFault(Healthy().Proved("eu", "v2", kTuesday), "no rollout of the artifact runs");
  ExpectFault(Healthy().Deployed("eu", "v2", kTuesday, kTuesday),
              "Deployed(\"eu\", \"v2\"): no RollsOut of `v2` plans the cell");
  ExpectFault(Healthy().RollsOut("v2", "production", {{"w", {"eu"}}}), "no deployment begins it");
  ExpectFault(
      Healthy().Reports(
          given::Counts("c", "production", kTuesday, absl::Minutes(1)).OfCell("eu", {1, 2}, {0})),
      "one of both for each period");
}

TEST(BuildStateTest, WhatCanNotBeWrittenIsAFault) {
  ExpectFault(Healthy().Has(given::Artifact("v3").Sequence(3).Passed("", kTuesday)),
              "passed no stage");
  ExpectFault(Healthy().Has(given::Artifact("v3").Sequence(3).Passed("p", absl::InfiniteFuture())),
              "at no instant");
  ExpectFault(given::State("shop", absl::InfinitePast()), "is written at no instant");
  ExpectFault(Healthy().Reports(given::AlarmOk("a", absl::InfiniteFuture()).Since(kTuesday)),
              "observed_at");
}

TEST(BuildStateTest, EveryFaultIsTold) {
  const absl::StatusOr<v1::PipelineState> built =
      Healthy().Runs("eu", "v2").Runs("ap", "v3").TryBuild();
  EXPECT_EQ(built.status().message(),
            "Runs(\"eu\", \"v2\"): the cell has had a deployment\n"
            "Runs(\"ap\", \"v3\"): there is no artifact `v3`\n"
            "Runs(\"ap\", \"v3\"): there is no cell `ap`");
}

TEST(BuildStateTest, BuildFailsTheTestAndGivesAStateThatReleasesNothing) {
  World world = Smallest();
  Decision decision;
  EXPECT_NONFATAL_FAILURE(decision = world.Decide(Healthy().Runs("eu", "v2")),
                          "the cell has had a deployment");
  EXPECT_THAT(decision, InStage("production", Not(Deploys())));
  EXPECT_NONFATAL_FAILURE(
      given::OrganisationFacts("acme", kTuesday).Has(given::Hold::OfStage("p")).Build(),
      "Hold: is of the organisation");
}

TEST(BuildStateTest, FaultsOfOrganisationFacts) {
  const auto fault = [](const given::OrganisationFacts& facts) {
    return std::string(facts.TryBuild().status().message());
  };
  const auto acme = [] { return given::OrganisationFacts("acme", kTuesday); };
  EXPECT_THAT(fault(acme().IsNotStopped(kTuesday).IsStopped("ann", "fire", kTuesday)),
              HasSubstr("IsStopped"));
  EXPECT_THAT(fault(acme().Has(given::Hold::OfOrganisation().By("ann").From(kTuesday))),
              HasSubstr("needs By, Because and From"));
  EXPECT_THAT(
      fault(acme().Reports(given::AlarmOk("a", kTuesday)).Reports(given::InAlarm("a", kTuesday))),
      HasSubstr("AlarmReport(\"a\"): is there twice"));
  EXPECT_THAT(fault(acme().HasCalendar("c", kTuesday, {{kTuesday, kTuesday}})),
              HasSubstr("intervals ascend"));
  EXPECT_EQ(acme()
                .Epoch(3)
                .HasCalendar("c", kTuesday, {{kTuesday, kTuesday + absl::Hours(1)}})
                .Build()
                .ShortDebugString(),
            "schema_version: 1 id: \"acme\" epoch: 3 observed_at { seconds: 1795514400 } calendars "
            "{ id: \"c\" observed_at { seconds: 1795514400 } starts_s: 1795514400 ends_s: "
            "1795518000 }");
}

}  // namespace
}  // namespace sluice
