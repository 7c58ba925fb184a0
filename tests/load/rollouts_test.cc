#include "sluice/load/rollouts.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Faults after a change to the rollout that is HALTED.
template <typename Change>
FaultTexts Halted(const Change& change) {
  return FaultsAfterProd([&](v1::StageRecord& stage) { change(*stage.mutable_rollouts(0)); });
}

// The same of the one that is RUNNING.
template <typename Change>
FaultTexts Running(const Change& change) {
  return FaultsAfterProd([&](v1::StageRecord& stage) { change(*stage.mutable_rollouts(1)); });
}

constexpr char kHaltedIsInvalid[] = "INVALID_DATA pipeline stages[prod].rollouts[20]";
constexpr char kRunningIsInvalid[] = "INVALID_DATA pipeline stages[prod].rollouts[30]";

StageFacts Load(const v1::StageRecord& record) {
  SnapshotData data;
  StageFacts stage;
  stage.id = "prod";
  LoadRollouts(record, data, stage);
  return stage;
}

TEST(RolloutsTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  const StageFacts stage = Load(state.stages(0));
  ASSERT_EQ(stage.rollouts.size(), 2u);
  const RolloutFacts& halted = stage.rollouts[0];
  EXPECT_EQ(halted.number, 20u);
  EXPECT_EQ(halted.artifact, DigestOf('a'));
  EXPECT_EQ(halted.state, v1::Rollout::HALTED);
  EXPECT_EQ(halted.started_at, absl::FromUnixSeconds(2000));
  EXPECT_EQ(halted.completed_at, absl::FromUnixSeconds(2900));
  EXPECT_THAT(halted.roll_back_cells, ElementsAre("eu", "us"));
  ASSERT_EQ(halted.waves.size(), 1u);
  EXPECT_EQ(halted.waves[0].id, "@unproven");
  EXPECT_TRUE(halted.waves[0].proven);
  const RolloutFacts& running = stage.rollouts[1];
  EXPECT_EQ(running.completed_at, absl::InfiniteFuture());
  ASSERT_EQ(running.waves.size(), 2u);
  EXPECT_THAT(running.waves[1].cells, ElementsAre("us", "gone"));
  EXPECT_THAT(running.waves[1].weights, ElementsAre(20u, 1u));
  EXPECT_FALSE(running.waves[1].proven);
}

TEST(RolloutsTest, ACompleteOneWasCompletedAtItsEnd) {
  v1::PipelineState state = ValidState();
  v1::Rollout& rollout = *state.mutable_stages(0)->mutable_rollouts(0);
  rollout.set_state(v1::Rollout::COMPLETE);
  rollout.clear_completed_at();
  EXPECT_EQ(Load(state.stages(0)).rollouts[0].completed_at, absl::FromUnixSeconds(3000));
}

TEST(RolloutsTest, RequiredFieldsConcernThePipeline) {
  EXPECT_THAT(Running([](auto& r) { r.clear_artifact(); }), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(Running([](auto& r) { r.clear_state(); }), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(Running([](auto& r) { r.set_state(static_cast<v1::Rollout::State>(7)); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(Running([](auto& r) { r.clear_plan(); }), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(Running([](auto& r) { r.clear_started_at(); }), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(Running([](auto& r) { r.clear_number(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].rollouts[0]"));
}

TEST(RolloutsTest, AnInvalidOneStaysInTheList) {
  v1::PipelineState state = ValidState();
  state.mutable_stages(0)->mutable_rollouts(1)->set_state(static_cast<v1::Rollout::State>(7));
  const StageFacts stage = Load(state.stages(0));
  ASSERT_EQ(stage.rollouts.size(), 2u);
  EXPECT_EQ(stage.rollouts[1].state, v1::Rollout::STATE_UNSPECIFIED);
}

TEST(RolloutsTest, AnEndGoesWithATerminalState) {
  EXPECT_THAT(Halted([](auto& r) { r.clear_ended_at(); }), ElementsAre(kHaltedIsInvalid));
  EXPECT_THAT(Running([](auto& r) { r.mutable_ended_at()->set_seconds(5000); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(Halted([](auto& r) { *r.mutable_ended_at() = r.started_at(); }), IsEmpty());
  EXPECT_THAT(Halted([](auto& r) {
                r.mutable_ended_at()->set_seconds(1999);
                r.mutable_ended_at()->set_nanos(999'999'999);
              }),
              ElementsAre(kHaltedIsInvalid));
}

TEST(RolloutsTest, AHaltHasAReason) {
  EXPECT_THAT(Halted([](auto& r) { r.clear_halt_reason(); }), ElementsAre(kHaltedIsInvalid));
  EXPECT_THAT(Halted([](auto& r) { r.set_halt_reason(static_cast<v1::Rollout::HaltReason>(9)); }),
              ElementsAre(kHaltedIsInvalid));
}

TEST(RolloutsTest, ARollBackNamesCells) {
  const auto rolling_back = [](std::vector<std::string> cells) {
    return Running([&](v1::Rollout& r) {
      r.set_state(v1::Rollout::ROLLING_BACK);
      for (const std::string& cell : cells) r.add_roll_back_cells(cell);
    });
  };
  EXPECT_THAT(rolling_back({"eu"}), IsEmpty());
  EXPECT_THAT(rolling_back({}), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(rolling_back({"a b"}), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(rolling_back({"t1"}), ElementsAre(kRunningIsInvalid));
}

TEST(RolloutsTest, Plans) {
  const auto plan = [](const std::function<void(v1::RolloutPlan&)>& change) {
    return Running([&](v1::Rollout& r) { change(*r.mutable_plan()); });
  };
  EXPECT_THAT(plan([](auto& p) { p.clear_waves(); }), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.clear_policy_fingerprint(); }), ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->clear_id(); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_id("@other"); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_id("@added"); }), IsEmpty());
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_id("@catch_up"); }), IsEmpty());
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_id("second"); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) {
                p.mutable_waves(0)->clear_cells();
                p.mutable_waves(0)->clear_weights();
              }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->clear_weights(); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->add_weights(1); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_weights(0, 0); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_weights(0, 1'000'000); }), IsEmpty());
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_weights(0, 1'000'001); }),
              ElementsAre("LIMIT_EXCEEDED pipeline stages[prod].rollouts[30]"));
  // In two waves, twice in one, and of another stage.
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_cells(0, "us"); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(1)->set_cells(1, "us"); }),
              ElementsAre(kRunningIsInvalid));
  EXPECT_THAT(plan([](auto& p) { p.mutable_waves(0)->set_cells(0, "t1"); }),
              ElementsAre(kRunningIsInvalid));
}

TEST(RolloutsTest, TheArtifactIsInTheState) {
  EXPECT_THAT(Running([](auto& r) { r.set_artifact(DigestOf('d')); }),
              ElementsAre("ARTIFACT_ABSENT pipeline stages[prod].rollouts[30]"));
}

TEST(RolloutsTest, NumbersAreUnique) {
  EXPECT_THAT(FaultsAfterProd([](v1::StageRecord& s) { *s.add_rollouts() = s.rollouts(0); }),
              IsEmpty());
  EXPECT_THAT(FaultsAfterProd([](v1::StageRecord& s) {
                *s.add_rollouts() = s.rollouts(0);
                s.mutable_rollouts(2)->set_why("other");
              }),
              ElementsAre("DUPLICATE_ID pipeline stages[prod].rollouts[20]"));
}

TEST(RolloutsTest, OnlyOneIsActive) {
  for (const v1::Rollout::State state : {v1::Rollout::RUNNING, v1::Rollout::ROLLING_BACK}) {
    EXPECT_THAT(FaultsAfterProd([&](v1::StageRecord& s) {
                  *s.add_rollouts() = s.rollouts(1);
                  s.mutable_rollouts(2)->set_number(31);
                  s.mutable_rollouts(2)->set_state(state);
                  s.mutable_rollouts(2)->add_roll_back_cells("eu");
                }),
                ElementsAre("INVALID_DATA pipeline stages[prod].rollouts[31]"));
  }
}

}  // namespace
}  // namespace sluice
