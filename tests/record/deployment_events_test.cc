#include "sluice/record/deployment_events.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using Code = absl::StatusCode;

class DeploymentEventsTest : public RecordTest {};

// ---- Starting a rollout.

TEST_F(DeploymentEventsTest, TheFirstDeploymentStartsTheRollout) {
  world.Deploy("a", 3, TwoWaves());
  const v1::Rollout rollout = world.Rollout(3);
  EXPECT_EQ(rollout.number(), world.state.revision());
  EXPECT_EQ(rollout.state(), v1::Rollout::RUNNING);
  EXPECT_EQ(rollout.started_at().seconds(), world.now);
  ASSERT_EQ(rollout.plan().waves_size(), 2);
  EXPECT_EQ(rollout.plan().policy_fingerprint(), Fingerprint());
  EXPECT_EQ(rollout.plan().waves(1).id(), "rest");
  EXPECT_THAT(rollout.plan().waves(1).cells(), ElementsAre("b", "c"));
  EXPECT_THAT(rollout.plan().waves(1).weights(), ElementsAre(10, 10));
  const v1::Deployment deployment = world.Newest("a");
  EXPECT_EQ(deployment.number(), world.state.revision());
  EXPECT_EQ(deployment.artifact(), D(3));
  EXPECT_EQ(deployment.direction(), v1::Deployment::FORWARD);
  EXPECT_EQ(deployment.attempt(), 1u);
  EXPECT_EQ(deployment.rollout(), rollout.number());
  EXPECT_EQ(deployment.started_at().seconds(), world.now);
  EXPECT_FALSE(deployment.has_ended_at());
}

TEST_F(DeploymentEventsTest, ARolloutNeedsAPlan) {
  v1::Event event = world.Forward("a", 3, TwoWaves());
  event.mutable_deployment_started()->clear_plan();
  const absl::Status status = world.Do(event);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(Paths(status), ElementsAre("deployment_started.plan"));
}

TEST_F(DeploymentEventsTest, ARolloutBeginsInItsFirstWave) {
  EXPECT_EQ(world.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  v1::Event event = world.Forward("b", 3, TwoWaves());
  event.mutable_deployment_started()->mutable_action()->set_wave("one");
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.TryDeploy("b", 3, {{"one", {"b"}}}).ok());
}

TEST_F(DeploymentEventsTest, TheActionNamesTheWaveOfThePlan) {
  v1::Event event = world.Forward("a", 3, TwoWaves());
  event.mutable_deployment_started()->mutable_action()->set_wave("rest");
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, ThePlanNamesCellsOfTheStage) {
  world.AddCell("t", "test");
  world.Must(world.Retired("c"));
  EXPECT_EQ(world.TryDeploy("a", 3, {{"one", {"a"}}, {"rest", {"x"}}}).code(),
            Code::kFailedPrecondition);
  EXPECT_EQ(world.TryDeploy("a", 3, {{"one", {"a"}}, {"rest", {"t"}}}).code(),
            Code::kFailedPrecondition);
  EXPECT_EQ(world.TryDeploy("a", 3, {{"one", {"a"}}, {"rest", {"c"}}}).code(),
            Code::kFailedPrecondition);
  EXPECT_TRUE(world.TryDeploy("a", 3, {{"one", {"a"}}, {"rest", {"b"}}}).ok());
}

TEST_F(DeploymentEventsTest, ThePlanNamesNoCellThatCantBeRead) {
  world.state.mutable_cells(1)->set_region("e u");
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.TryDeploy("a", 3, {{"one", {"a"}}, {"rest", {"c"}}}).ok());
}

TEST_F(DeploymentEventsTest, ThePlanHasTheWeightsOfTheCells) {
  v1::Event event = world.Forward("a", 3, TwoWaves());
  event.mutable_deployment_started()->mutable_plan(1)->set_weights(1, 11);
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, TheCellIsInTheStageAndNotRetired) {
  world.AddCell("t", "test");
  world.Must(world.Retired("c"));
  EXPECT_EQ(world.TryDeploy("t", 3, {{"one", {"t"}}}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.TryDeploy("c", 3, {{"one", {"c"}}}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.TryDeploy("x", 3, {{"one", {"x"}}}).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, TheArtifactIsRecorded) {
  EXPECT_EQ(world.TryDeploy("a", 10, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, AWithdrawnArtifactIsNotDeployed) {
  world.Withdraw(3);
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, ALatchedArtifactIsNotDeployedUntilReleased) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 2, TwoWaves());
  world.StartRollBack("a", 2, 1);
  world.End("a");
  world.Must(world.Wanted(v1::WantedRecord::ROLLED_BACK, 2));
  EXPECT_EQ(world.TryDeploy("a", 2, TwoWaves()).code(), Code::kFailedPrecondition);
  world.Must(world.Released(2));
  EXPECT_TRUE(world.TryDeploy("a", 2, TwoWaves()).ok());
}

TEST_F(DeploymentEventsTest, TheIdNamesTheAction) {
  for (const char* wrong : {"none", "shop|prod|a"}) {
    v1::Event event = world.Forward("a", 3, TwoWaves());
    event.mutable_deployment_started()->mutable_action()->set_id(wrong);
    const absl::Status status = world.Do(event);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_THAT(Paths(status), ElementsAre("deployment_started.action.id"));
  }
}

TEST_F(DeploymentEventsTest, TheAttemptIsTheNext) {
  for (const uint32_t attempt : {2u, 4294967295u}) {
    v1::Event event = world.Forward("a", 3, TwoWaves());
    v1::CellAction* action = event.mutable_deployment_started()->mutable_action();
    action->set_attempt(attempt);
    action->set_id(ActionId("shop", "prod", "a", D(3), ActionDirection::kForward, attempt));
    EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
  }
}

// ---- Going on.

TEST_F(DeploymentEventsTest, OneDeploymentAtATimeOnACell) {
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  // Nor one of another artifact.
  EXPECT_EQ(world.TryDeploy("a", 4, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, WavesComeInOrder) {
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  world.End("a");
  EXPECT_EQ(world.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  world.Prove("a", 3);
  EXPECT_TRUE(world.TryDeploy("b", 3, TwoWaves()).ok());
  EXPECT_TRUE(world.TryDeploy("c", 3, TwoWaves()).ok());
  EXPECT_EQ(world.Stage().rollouts_size(), 1);
}

TEST_F(DeploymentEventsTest, AnAcceptedOrRetiredCellDoesNotHoldTheNextWave) {
  world.Deploy("a", 3, {{"one", {"a", "b"}}, {"rest", {"c"}}});
  world.End("a", v1::Deployment::FAILED);
  world.Must(world.Accepted("a"));
  EXPECT_EQ(world.TryDeploy("c", 3, {{"rest", {"c"}}}).code(), Code::kFailedPrecondition);
  world.Must(world.Retired("b"));
  EXPECT_TRUE(world.TryDeploy("c", 3, {{"rest", {"c"}}}).ok());
}

TEST_F(DeploymentEventsTest, AWaveThatSaysProvenDoesNotHideACellThatIsNot) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  v1::PlannedWave* wave =
      world.MutableStage()->mutable_rollouts(0)->mutable_plan()->mutable_waves(0);
  *wave->mutable_proven_at() = At(world.now);
  EXPECT_EQ(world.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, TheCellIsInThePlanInThatWave) {
  world.AddCell("d");
  world.DeployAndProve("a", 3, TwoWaves());
  EXPECT_EQ(world.TryDeploy("d", 3, {{"rest", {"d"}}}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.TryDeploy("b", 3, {{"one", {"b"}}}).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, ACellIsDeployedOnceInARollout) {
  world.DeployAndProve("a", 3, TwoWaves());
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, AFailedDeploymentIsTriedAgainWhenAsked) {
  for (const v1::Deployment::Outcome outcome :
       {v1::Deployment::FAILED, v1::Deployment::ABANDONED}) {
    World fresh = world;
    fresh.Deploy("a", 3, TwoWaves());
    fresh.End("a", outcome);
    EXPECT_EQ(fresh.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
    fresh.Must(fresh.RetryAsked(3, "a", 2));
    EXPECT_TRUE(fresh.TryDeploy("a", 3, TwoWaves()).ok());
    EXPECT_EQ(fresh.Newest("a").attempt(), 2u);
    // The request was for that attempt alone.
    fresh.End("a", outcome);
    EXPECT_EQ(fresh.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  }
}

// ---- Taking the place of another rollout.

TEST_F(DeploymentEventsTest, ANewerArtifactEndsARunningRollout) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  world.Deploy("a", 4, TwoWaves());
  const v1::Rollout ended = world.Rollout(3);
  EXPECT_EQ(ended.state(), v1::Rollout::ABANDONED);
  EXPECT_EQ(ended.why(), "preempted");
  EXPECT_EQ(ended.ended_by(), "");
  EXPECT_EQ(ended.ended_at().seconds(), world.now);
  EXPECT_EQ(world.Rollout(4).state(), v1::Rollout::RUNNING);
}

TEST_F(DeploymentEventsTest, AKnownBadRolloutIsHaltedInstead) {
  world.Deploy("b", 3, {{"one", {"b"}}});
  v1::Event event = world.Forward("a", 4, TwoWaves());
  event.mutable_deployment_started()->set_halts_previous(true);
  world.Must(event);
  EXPECT_EQ(world.Rollout(3).state(), v1::Rollout::HALTED);
  EXPECT_EQ(world.Rollout(3).halt_reason(), v1::Rollout::KNOWN_BAD);
  // What is under way stays so.
  EXPECT_FALSE(world.Newest("b").has_ended_at());
}

TEST_F(DeploymentEventsTest, AnOlderArtifactDoesNotEndARunningRollout) {
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.TryDeploy("b", 2, {{"one", {"b"}}}).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, NothingEndsARolloutThatRollsBack) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a");
  EXPECT_EQ(world.TryDeploy("a", 4, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, AnEndedRolloutStartsAgainOnlyWhenAsked) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  world.Must(world.Abandoned(3));
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  world.Must(world.RetryAsked(3));
  EXPECT_TRUE(world.TryDeploy("a", 3, TwoWaves()).ok());
  EXPECT_EQ(world.Newest("a").attempt(), 2u);
  // The request is spent.
  world.End("a");
  world.Must(world.Abandoned(3));
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, AHaltedRolloutStartsAgainOnlyWhenAsked) {
  world.Deploy("b", 3, {{"one", {"b"}}});
  world.End("b");
  v1::Event event = world.Forward("a", 4, TwoWaves());
  event.mutable_deployment_started()->set_halts_previous(true);
  world.Must(event);
  world.Must(world.Abandoned(4));
  ASSERT_EQ(world.Rollout(3).state(), v1::Rollout::HALTED);
  EXPECT_EQ(world.TryDeploy("b", 3, {{"one", {"b"}}}).code(), Code::kFailedPrecondition);
  world.Must(world.RetryAsked(3));
  EXPECT_TRUE(world.TryDeploy("b", 3, {{"one", {"b"}}}).ok());
}

TEST_F(DeploymentEventsTest, ARequestForOneCellStartsNoRollout) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a", v1::Deployment::FAILED);
  world.Must(world.Abandoned(3));
  world.Must(world.RetryAsked(3, "a", 2));
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, AReleaseFromBeforeTheRolloutStartsNoOther) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a");
  world.Must(world.Wanted(v1::WantedRecord::ROLLED_BACK, 3));
  world.Must(world.Released(3));
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  world.Must(world.Abandoned(3));
  EXPECT_EQ(world.TryDeploy("a", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  world.Must(world.RetryAsked(3));
  EXPECT_TRUE(world.TryDeploy("a", 3, TwoWaves()).ok());
}

TEST_F(DeploymentEventsTest, WhatRunsIsOvertakenOnlyIfItsPlaceIsKnown) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  World unknown = world;
  unknown.state.mutable_artifacts()->DeleteSubrange(2, 1);
  unknown.state.clear_record_count();
  EXPECT_EQ(unknown.TryDeploy("a", 4, TwoWaves()).code(), Code::kFailedPrecondition);
  EXPECT_EQ(unknown.Rollout(3).state(), v1::Rollout::RUNNING);
  EXPECT_TRUE(world.TryDeploy("a", 4, TwoWaves()).ok());
}

TEST_F(DeploymentEventsTest, ACompleteArtifactMayBeRolledOutAgain) {
  world.RollOut(3, {{"one", {"a", "b"}}});
  EXPECT_TRUE(world.TryDeploy("c", 3, {{"@catch_up", {"c"}}}).ok());
  EXPECT_EQ(world.Rollout(3).plan().waves(0).id(), "@catch_up");
}

// ---- Rolling back.

class RollBackTest : public DeploymentEventsTest {
 protected:
  RollBackTest() { world.RollOut(1, TwoWaves()); }
};

TEST_F(RollBackTest, TheFirstStepTurnsTheRolloutBack) {
  world.DeployAndProve("a", 3, TwoWaves());
  world.Deploy("b", 3, TwoWaves());
  world.StartRollBack("b", 3, 1, {"b", "a"});
  const v1::Rollout rollout = world.Rollout(3);
  EXPECT_EQ(rollout.state(), v1::Rollout::ROLLING_BACK);
  EXPECT_FALSE(rollout.has_completed_at());
  EXPECT_THAT(rollout.roll_back_cells(), ElementsAre("a", "b"));
  EXPECT_TRUE(world.IsLatched(3));
  EXPECT_EQ(world.Stage().latches_size(), 1);
  EXPECT_EQ(world.Stage().latches(0).at().seconds(), world.now);
  const v1::Deployment step = world.Newest("b");
  EXPECT_EQ(step.direction(), v1::Deployment::ROLL_BACK);
  EXPECT_EQ(step.artifact(), D(1));
  EXPECT_EQ(step.rollout(), rollout.number());
  EXPECT_EQ(step.attempt(), 1u);
  // What was under way has ended.
  const v1::Deployment& forward = world.Stage().deployments(world.Stage().deployments_size() - 2);
  EXPECT_EQ(forward.outcome(), v1::Deployment::ABANDONED);
  EXPECT_EQ(forward.ended_at().seconds(), world.now);
}

TEST_F(RollBackTest, LaterStepsAddTheirCells) {
  world.DeployAndProve("a", 3, TwoWaves());
  world.DeployAndProve("b", 3, TwoWaves());
  world.Deploy("c", 3, TwoWaves());
  world.StartRollBack("b", 3, 1, {"b"});
  world.StartRollBack("a", 3, 1, {"a", "b"});
  EXPECT_THAT(world.Rollout(3).roll_back_cells(), ElementsAre("a", "b"));
  EXPECT_EQ(world.Stage().latches_size(), 1);
}

TEST_F(RollBackTest, ACompleteRolloutKeepsWhenItWasCompleted) {
  world.RollOut(3, TwoWaves());
  const int64_t completed = world.now;
  world.Must(world.Wanted(v1::WantedRecord::PASSED, 3));
  world.StartRollBack("a", 3, 1);
  const v1::Rollout rollout = world.Rollout(3);
  EXPECT_EQ(rollout.state(), v1::Rollout::ROLLING_BACK);
  EXPECT_FALSE(rollout.has_ended_at());
  EXPECT_EQ(rollout.completed_at().seconds(), completed);
  ASSERT_EQ(world.Stage().passes_size(), 1);
  EXPECT_EQ(world.Stage().passes(0).revoked_at().seconds(), world.now);
}

TEST_F(RollBackTest, ARolloutThatDoesNotSayWhenItWasCompletedWasWhenItEnded) {
  world.RollOut(3, TwoWaves());
  for (v1::Rollout& rollout : *world.MutableStage()->mutable_rollouts()) {
    rollout.clear_completed_at();
    *rollout.mutable_ended_at() = At(world.now - 5);
  }
  world.StartRollBack("a", 3, 1);
  EXPECT_FALSE(world.Rollout(3).has_ended_at());
  EXPECT_EQ(world.Rollout(3).completed_at().seconds(), world.now - 6);
}

TEST_F(RollBackTest, ANewerRunningRolloutIsAbandonedAndItsCellsMayBeIncluded) {
  world.RollOut(3, TwoWaves());
  world.Deploy("a", 4, TwoWaves());
  world.StartRollBack("b", 3, 1, {"a", "b", "c"});
  EXPECT_EQ(world.Rollout(4).state(), v1::Rollout::ABANDONED);
  EXPECT_FALSE(world.IsLatched(4));
  EXPECT_FALSE(world.Newest("a").has_ended_at());
  world.StartRollBack("a", 3, 1, {"a", "b", "c"});
  EXPECT_EQ(world.Newest("a").artifact(), D(1));
  EXPECT_EQ(world.Newest("a").rollout(), world.Rollout(3).number());
}

TEST_F(RollBackTest, OneRolloutIsRolledBackAtATime) {
  world.RollOut(3, TwoWaves());
  world.DeployAndProve("a", 4, TwoWaves());
  world.StartRollBack("a", 4, 3);
  EXPECT_EQ(world.TryRollBack("b", 3, 1).code(), Code::kFailedPrecondition);
  world.End("a");
  world.Must(world.Wanted(v1::WantedRecord::ROLLED_BACK, 4));
  EXPECT_TRUE(world.TryRollBack("b", 3, 1).ok());
}

TEST_F(RollBackTest, OneRollBackAtATimeOnACell) {
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  EXPECT_EQ(world.TryRollBack("a", 3, 1).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, AFailedStepIsTriedAgain) {
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a", v1::Deployment::FAILED);
  EXPECT_TRUE(world.TryRollBack("a", 3, 1).ok());
  EXPECT_EQ(world.Newest("a").attempt(), 2u);
  // So is one that ended but was found wanting.
  world.End("a");
  EXPECT_TRUE(world.TryRollBack("a", 3, 1).ok());
}

TEST_F(RollBackTest, WhatIsRemovedIsOnTheCell) {
  world.RollOut(2, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.TryRollBack("b", 3, 1).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.TryRollBack("a", 4, 1).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.TryRollBack("x", 3, 1).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, TheTargetWasProvenOnTheCell) {
  world.AddCell("d");
  world.Deploy("d", 3, {{"one", {"d"}}});
  EXPECT_EQ(world.TryRollBack("d", 3, 1).code(), Code::kFailedPrecondition);
  world.Must(world.Abandoned(3));
  world.Deploy("a", 4, TwoWaves());
  world.End("a");
  world.Deploy("a", 5, TwoWaves());
  EXPECT_EQ(world.TryRollBack("a", 5, 4).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.TryRollBack("a", 5, 1).ok());
}

TEST_F(RollBackTest, AnAdoptedOrAcceptedArtifactIsATarget) {
  world.AddCell("d");
  world.AddCell("e");
  world.Must(world.Adopted("d", 2));
  world.Deploy("d", 3, {{"one", {"d"}}});
  EXPECT_TRUE(world.TryRollBack("d", 3, 2).ok());
  world.End("d");
  world.Must(world.Wanted(v1::WantedRecord::ROLLED_BACK, 3));
  world.Deploy("e", 4, {{"one", {"e"}}});
  world.End("e", v1::Deployment::FAILED);
  world.Must(world.Accepted("e"));
  world.Deploy("e", 5, {{"one", {"e"}}});
  EXPECT_TRUE(world.TryRollBack("e", 5, 4).ok());
}

TEST_F(RollBackTest, TheTargetIsNotWhatIsRemoved) {
  world.RollOut(3, TwoWaves());
  EXPECT_EQ(world.TryRollBack("a", 3, 3).code(), Code::kFailedPrecondition);
  // Nor where a newer rollout has reached the cell since.
  world.DeployAndProve("a", 4, TwoWaves());
  EXPECT_EQ(world.TryRollBack("a", 3, 3).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, TheTargetIsNotWhatTheCellIsOn) {
  world.RollOut(3, TwoWaves());
  world.DeployAndProve("a", 4, TwoWaves());
  EXPECT_EQ(world.TryRollBack("a", 3, 4).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, TheTargetIsNotWithdrawnNorLatched) {
  world.RollOut(2, TwoWaves());
  world.RollOut(3, TwoWaves());
  world.Deploy("a", 4, TwoWaves());
  world.Withdraw(3);
  EXPECT_EQ(world.TryRollBack("a", 4, 3).code(), Code::kFailedPrecondition);
  v1::Latch* latch = world.MutableStage()->add_latches();
  latch->set_artifact(D(2));
  *latch->mutable_at() = At(world.now);
  EXPECT_EQ(world.TryRollBack("a", 4, 2).code(), Code::kFailedPrecondition);
  // A release that can't be read does not count.
  latch->mutable_released()->set_who("ann");
  EXPECT_EQ(world.TryRollBack("a", 4, 2).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.TryRollBack("a", 4, 1).ok());
}

TEST_F(RollBackTest, TheTargetIsNotBelowTheFloor) {
  world.RollOut(2, TwoWaves());
  world.Deploy("a", 4, TwoWaves());
  for (v1::Artifact& artifact : *world.state.mutable_artifacts()) {
    if (artifact.digest() == D(4)) artifact.set_rollback_floor(2);
  }
  EXPECT_EQ(world.TryRollBack("a", 4, 1).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.TryRollBack("a", 4, 2).ok());
}

TEST_F(RollBackTest, ARolledBackRolloutIsNotRolledBackAgain) {
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a");
  world.Must(world.Wanted(v1::WantedRecord::ROLLED_BACK, 3));
  EXPECT_EQ(world.TryRollBack("a", 3, 1).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, TheOtherCellsOfARolledBackRolloutFollowWhenAsked) {
  world.RollOut(3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a");
  world.Must(world.Wanted(v1::WantedRecord::ROLLED_BACK, 3));
  EXPECT_EQ(world.TryRollBack("b", 3, 1).code(), Code::kFailedPrecondition);
  world.Must(world.RollBackAsked(3));
  world.StartRollBack("b", 3, 1);
  EXPECT_EQ(world.Rollout(3).state(), v1::Rollout::ROLLING_BACK);
  EXPECT_THAT(world.Rollout(3).roll_back_cells(), ElementsAre("a", "b"));
}

TEST_F(RollBackTest, AnAdoptedCellIsNotRolledBackFromAnotherArtifact) {
  world.AddCell("d");
  world.Must(world.Adopted("d", 2));
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.TryRollBack("d", 3, 2).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, AnEndedRolloutIsRolledBackWhenAsked) {
  world.DeployAndProve("a", 3, TwoWaves());
  world.Must(world.Abandoned(3));
  EXPECT_EQ(world.TryRollBack("a", 3, 1).code(), Code::kFailedPrecondition);
  world.Must(world.RollBackAsked(3));
  world.StartRollBack("a", 3, 1);
  const v1::Rollout rollout = world.Rollout(3);
  EXPECT_EQ(rollout.state(), v1::Rollout::ROLLING_BACK);
  EXPECT_EQ(rollout.ended_by(), "");
  EXPECT_EQ(rollout.why(), "");
  EXPECT_EQ(world.Stage().roll_back_requests(0).honoured_by(), rollout.number());
}

TEST_F(RollBackTest, ARequestIsHonouredOnce) {
  world.DeployAndProve("a", 3, TwoWaves());
  world.Must(world.Abandoned(3));
  world.Must(world.RollBackAsked(3));
  world.StartRollBack("a", 3, 1);
  world.Must(world.Abandoned(3));
  world.End("a", v1::Deployment::FAILED);
  EXPECT_EQ(world.TryRollBack("a", 3, 1).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, TheSetNamesCellsOfTheStage) {
  world.AddCell("t", "test");
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.TryRollBack("a", 3, 1, {"a", "t"}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.TryRollBack("a", 3, 1, {"a", "x"}).code(), Code::kFailedPrecondition);
}

TEST_F(RollBackTest, AnEarlierClockDoesNotStopIt) {
  world.Deploy("a", 3, TwoWaves());
  v1::Event event = world.RollBack("a", 3, 1);
  *event.mutable_at() = At(world.now - 1000);
  world.Must(event);
  const v1::StageRecord& stage = world.Stage();
  const v1::Deployment& forward = stage.deployments(stage.deployments_size() - 2);
  EXPECT_EQ(forward.ended_at().seconds(), forward.started_at().seconds());
}

// ---- Ends.

TEST_F(DeploymentEventsTest, AnEndIsRecorded) {
  for (const v1::Deployment::Outcome outcome :
       {v1::Deployment::SUCCEEDED, v1::Deployment::FAILED, v1::Deployment::ABANDONED}) {
    World fresh = world;
    fresh.Deploy("a", 3, TwoWaves());
    fresh.End("a", outcome);
    EXPECT_EQ(fresh.Newest("a").outcome(), outcome);
    EXPECT_EQ(fresh.Newest("a").ended_at().seconds(), fresh.now);
    EXPECT_EQ(fresh.Newest("a").who(), outcome == v1::Deployment::ABANDONED ? "ann" : "");
    EXPECT_EQ(fresh.Do(fresh.Ended("a", outcome)).code(), Code::kFailedPrecondition);
  }
}

TEST_F(DeploymentEventsTest, AnEndNamesWhatIsUnderWay) {
  world.Deploy("a", 3, TwoWaves());
  v1::Event event = world.Ended("a", v1::Deployment::SUCCEEDED);
  event.mutable_deployment_ended()->set_cell("b");
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
  event = world.Ended("a", v1::Deployment::SUCCEEDED);
  event.mutable_deployment_ended()->set_stage("test");
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
  event = world.Ended("a", v1::Deployment::SUCCEEDED);
  event.mutable_deployment_ended()->set_action_id(
      ActionId("shop", "prod", "a", D(3), ActionDirection::kForward, 2));
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, AnEndIsNotBeforeTheStart) {
  world.Deploy("a", 3, TwoWaves());
  v1::Event event = world.Ended("a", v1::Deployment::SUCCEEDED);
  *event.mutable_at() = world.Newest("a").started_at();
  event.mutable_at()->set_seconds(event.at().seconds() - 1);
  event.mutable_at()->set_nanos(999'999'999);
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
  *event.mutable_at() = world.Newest("a").started_at();
  EXPECT_TRUE(world.Do(event).ok());
}

TEST_F(DeploymentEventsTest, AnEndReportedLateAfterARollBackIsRefused) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  v1::Event late = world.Ended("a", v1::Deployment::SUCCEEDED);
  world.StartRollBack("a", 3, 1);
  late.set_expected_revision(world.state.revision());
  *late.mutable_at() = At(++world.now);
  EXPECT_EQ(world.Do(late).code(), Code::kFailedPrecondition);
}

TEST_F(DeploymentEventsTest, NothingIsEndedWhereACellsDeploymentsCantBeRead) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  World damaged = world;
  damaged.MutableStage()->mutable_deployments(0)->clear_started_at();
  EXPECT_EQ(damaged.Do(damaged.Ended("a", v1::Deployment::SUCCEEDED)).code(),
            Code::kFailedPrecondition);
  EXPECT_FALSE(damaged.Newest("a").has_ended_at());
  // Those of another cell do not matter.
  for (v1::Deployment& d : *world.MutableStage()->mutable_deployments()) {
    if (d.cell() == "b") d.clear_started_at();
  }
  world.End("a");
}

// ---- Entering.

class EnteredTest : public RecordTest {
 protected:
  v1::Event Enter(int n, const std::string& stage = "build") {
    v1::Event event = world.NewEvent();
    event.mutable_entered()->set_stage(stage);
    event.mutable_entered()->set_artifact(D(n));
    event.mutable_entered()->set_action_id(
        ActionId("shop", stage, "", D(n), ActionDirection::kEnter, 1));
    return event;
  }
};

TEST_F(EnteredTest, IsRecorded) {
  world.Must(Enter(3));
  ASSERT_EQ(world.Stage("build").entries_size(), 1);
  EXPECT_EQ(world.Stage("build").entries(0).artifact(), D(3));
  EXPECT_EQ(world.Stage("build").entries(0).at().seconds(), world.now);
}

TEST_F(EnteredTest, HappensOnceAndNeverToAnOlderArtifact) {
  world.Must(Enter(3));
  EXPECT_EQ(world.Do(Enter(3)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(Enter(2)).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.Do(Enter(4)).ok());
}

TEST_F(EnteredTest, NeedsARecordedArtifactThatStands) {
  EXPECT_EQ(world.Do(Enter(10)).code(), Code::kFailedPrecondition);
  world.Withdraw(3);
  EXPECT_EQ(world.Do(Enter(3)).code(), Code::kFailedPrecondition);
  world.Must(Enter(2));
  v1::Latch* latch = world.MutableStage("build")->add_latches();
  latch->set_artifact(D(4));
  *latch->mutable_at() = At(1);
  EXPECT_EQ(world.Do(Enter(4)).code(), Code::kFailedPrecondition);
}

TEST_F(EnteredTest, IsNotOfAStageThatDeploys) {
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.Do(Enter(4, "prod")).code(), Code::kFailedPrecondition);
  // Nor where a rollout is all that is left of it.
  world.MutableStage()->clear_deployments();
  EXPECT_EQ(world.Do(Enter(4, "prod")).code(), Code::kFailedPrecondition);
  world.MutableStage()->clear_rollouts();
  EXPECT_TRUE(world.Do(Enter(4, "prod")).ok());
}

TEST_F(EnteredTest, IsNotOfAStageThatCantBeRead) {
  world.Must(Enter(3));
  world.MutableStage("build")->mutable_entries(0)->clear_at();
  EXPECT_EQ(world.Do(Enter(4)).code(), Code::kFailedPrecondition);
}

TEST_F(EnteredTest, TheIdNamesTheAction) {
  v1::Event event = Enter(3);
  event.mutable_entered()->set_action_id("none");
  const absl::Status status = world.Do(event);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(Paths(status), ElementsAre("entered.action_id"));
}

}  // namespace
}  // namespace sluice
