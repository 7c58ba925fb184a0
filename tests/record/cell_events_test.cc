#include "sluice/record/cell_events.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/internal/limits.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using Code = absl::StatusCode;

class CellEventsTest : public RecordTest {};

TEST_F(CellEventsTest, ACellIsAdded) {
  v1::Event event = world.NewEvent();
  *event.mutable_cell_added()->mutable_cell() = Parse<v1::Cell>(
      R"(id: "d" stage: "prod" region: "eu" zone: "eu-1" weight: 1000000
         annotations { key: "rack" value: "\xff" })");
  world.Must(event);
  EXPECT_EQ(DeterministicBytes(world.state.cells(3)),
            DeterministicBytes(event.cell_added().cell()));
}

TEST_F(CellEventsTest, ACellIsReweightedButStaysInItsStage) {
  EXPECT_EQ(world.TryAddCell("a", "test", 20).code(), Code::kFailedPrecondition);
  world.AddCell("a", "prod", 20);
  EXPECT_EQ(world.state.cells_size(), 3);
  EXPECT_EQ(world.state.cells(0).weight(), 20u);
}

TEST_F(CellEventsTest, TheRunningRolloutKeepsTheWeightItPlanned) {
  world.Deploy("a", 3, TwoWaves());
  world.AddCell("a", "prod", 20);
  EXPECT_THAT(world.Rollout(3).plan().waves(0).weights(), ElementsAre(10));
  EXPECT_EQ(world.Rollout(3).plan().waves_size(), 2);
}

TEST_F(CellEventsTest, ANewCellJoinsTheLastWaveOfTheRunningRollout) {
  world.Deploy("a", 3, TwoWaves());
  world.AddCell("d", "prod", 30);
  world.AddCell("e", "prod", 40);
  world.AddCell("f", "test", 50);
  const v1::RolloutPlan plan = world.Rollout(3).plan();
  ASSERT_EQ(plan.waves_size(), 3);
  EXPECT_EQ(plan.waves(2).id(), "@added");
  EXPECT_THAT(plan.waves(2).cells(), ElementsAre("d", "e"));
  EXPECT_THAT(plan.waves(2).weights(), ElementsAre(30, 40));
}

TEST_F(CellEventsTest, AProvenAddedWaveIsUnprovenByAnotherCell) {
  world.AddCell("d");
  world.DeployAndProve("a", 3, {{"one", {"a"}}});
  world.AddCell("e");
  world.DeployAndProve("e", 3, {{"@added", {"e"}}});
  world.Must(world.Wanted(v1::WantedRecord::WAVE_PROVEN, 3, "", "@added"));
  ASSERT_TRUE(world.Rollout(3).plan().waves(1).has_proven_at());
  world.AddCell("f");
  EXPECT_FALSE(world.Rollout(3).plan().waves(1).has_proven_at());
  EXPECT_EQ(world.Do(world.Wanted(v1::WantedRecord::COMPLETE, 3)).code(),
            Code::kFailedPrecondition);
  EXPECT_TRUE(world.TryDeploy("f", 3, {{"@added", {"f"}}}).ok());
}

TEST_F(CellEventsTest, ACellThatThePlanAlreadyHasIsNotNew) {
  world.Deploy("a", 3, TwoWaves());
  world.state.mutable_cells()->RemoveLast();
  world.state.clear_record_count();
  EXPECT_EQ(world.TryAddCell("c").code(), Code::kFailedPrecondition);
}

TEST_F(CellEventsTest, ANewCellJoinsNoRolloutThatDoesNotRun) {
  world.RollOut(1, TwoWaves());
  world.AddCell("d");
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.AddCell("e");
  EXPECT_EQ(world.Rollout(1).plan().waves_size(), 2);
  EXPECT_EQ(world.Rollout(3).plan().waves_size(), 2);
}

TEST_F(CellEventsTest, ACellIsRetiredOnce) {
  EXPECT_EQ(world.Do(world.Retired("x")).code(), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  world.Must(world.Retired("a"));
  EXPECT_EQ(world.state.cells(0).retired().who(), "ann");
  EXPECT_EQ(world.state.cells(0).retired().why(), "moved");
  EXPECT_EQ(world.state.cells(0).retired().at().seconds(), world.now);
  EXPECT_EQ(world.Do(world.Retired("a")).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.TryAddCell("a").code(), Code::kFailedPrecondition);
}

TEST_F(CellEventsTest, ACellWhoseRecordCantBeReadIsNotChanged) {
  world.state.mutable_cells(0)->set_region("e u");
  EXPECT_EQ(world.TryAddCell("a", "prod", 20).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.state.cells(0).weight(), 10u);
  EXPECT_EQ(world.Do(world.Retired("a")).code(), Code::kFailedPrecondition);
}

// Which rollout runs can't be told then, and so not whether the cell joins it.
TEST_F(CellEventsTest, NoCellIsAddedToAStageThatCantBeRead) {
  world.Deploy("a", 3, TwoWaves());
  World damaged = world;
  damaged.MutableStage()->mutable_rollouts(0)->clear_started_at();
  EXPECT_EQ(damaged.TryAddCell("d").code(), Code::kFailedPrecondition);
  EXPECT_TRUE(damaged.TryAddCell("t", "test").ok());
  EXPECT_TRUE(world.TryAddCell("d").ok());
}

// The rollout plans no cell that there is no room for.
TEST_F(CellEventsTest, ACellThatFindsNoRoomJoinsNoRollout) {
  world.Deploy("a", 3, TwoWaves());
  v1::PipelineState state = world.state;
  while (state.cells_size() < kMaxRecords) state.add_cells();
  const v1::StageRecord before = world.Stage();
  v1::CellAdded event;
  event.mutable_cell()->set_id("d");
  event.mutable_cell()->set_stage("prod");
  event.mutable_cell()->set_weight(10);
  const auto at = At(world.now);
  EXPECT_EQ(ApplyEvent(event, {at, state.revision() + 1}, &state).code(), Code::kResourceExhausted);
  EXPECT_EQ(state.cells_size(), kMaxRecords);
  EXPECT_EQ(DeterministicBytes(state.stages(0)), DeterministicBytes(before));
  state.mutable_cells()->RemoveLast();
  EXPECT_TRUE(ApplyEvent(event, {at, state.revision() + 1}, &state).ok());
  EXPECT_EQ(state.stages(0).rollouts(0).plan().waves(2).cells(0), "d");
}

// What stands after the duplicate keeps its order.
TEST_F(CellEventsTest, AnExactDuplicateOfACellGoesWithItsReplacement) {
  *world.state.add_cells() = world.state.cells(0);
  world.state.mutable_cells()->SwapElements(1, 3);  // a, a, c, b.
  world.state.clear_record_count();
  world.AddCell("a", "prod", 20);
  ASSERT_EQ(world.state.cells_size(), 3);
  EXPECT_EQ(world.state.cells(0).weight(), 20u);
  EXPECT_EQ(world.state.cells(1).id(), "c");
  EXPECT_EQ(world.state.cells(2).id(), "b");
}

TEST_F(CellEventsTest, ACellWithADeploymentThatCantBeReadIsNotAdopted) {
  world.Deploy("b", 3, {{"one", {"b"}}});
  v1::Deployment* deployment = world.MutableStage()->mutable_deployments(0);
  deployment->set_cell("a");
  deployment->clear_started_at();
  EXPECT_EQ(world.Do(world.Adopted("a", 2)).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.Do(world.Adopted("c", 2)).ok());
}

TEST_F(CellEventsTest, ANewCellIsAdopted) {
  world.Must(world.Adopted("a", 2));
  const v1::Deployment deployment = world.Newest("a");
  EXPECT_EQ(deployment.number(), world.state.revision());
  EXPECT_EQ(deployment.direction(), v1::Deployment::ADOPTED);
  EXPECT_EQ(deployment.artifact(), D(2));
  EXPECT_EQ(deployment.outcome(), v1::Deployment::SUCCEEDED);
  EXPECT_EQ(deployment.started_at().seconds(), world.now);
  EXPECT_EQ(deployment.ended_at().seconds(), world.now);
  EXPECT_EQ(deployment.who(), "ann");
}

TEST_F(CellEventsTest, ACellThatHadADeploymentIsNotAdopted) {
  world.Must(world.Adopted("a", 2));
  EXPECT_EQ(world.Do(world.Adopted("a", 2)).code(), Code::kFailedPrecondition);
  world.Deploy("b", 3, {{"one", {"b"}}});
  EXPECT_EQ(world.Do(world.Adopted("b", 2)).code(), Code::kFailedPrecondition);
}

TEST_F(CellEventsTest, OnlyACellOfTheStageAndARecordedArtifactAreAdopted) {
  world.AddCell("t", "test");
  world.Must(world.Retired("b"));
  EXPECT_EQ(world.Do(world.Adopted("t", 2)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(world.Adopted("x", 2)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(world.Adopted("b", 2)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(world.Adopted("a", 10)).code(), Code::kFailedPrecondition);
}

}  // namespace
}  // namespace sluice
