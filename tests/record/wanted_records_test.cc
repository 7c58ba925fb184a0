#include "sluice/record/wanted_records.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using Code = absl::StatusCode;
using Kind = v1::WantedRecord;

class WantedRecordsTest : public RecordTest {
 protected:
  Code Try(v1::WantedRecord::Kind kind, int n, absl::string_view cell = "",
           absl::string_view wave = "", v1::Reason reason = v1::REASON_UNSPECIFIED) {
    return world.Do(world.Wanted(kind, n, cell, wave, reason)).code();
  }
};

TEST_F(WantedRecordsTest, TheIdNamesTheRecord) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  v1::Event event = world.Wanted(Kind::CELL_PROVEN, 3, "a");
  event.mutable_recorded()->mutable_record()->set_id("none");
  const absl::Status status = world.Do(event);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(Paths(status), ElementsAre("recorded.record.id"));
}

// ---- CELL_PROVEN.

TEST_F(WantedRecordsTest, ACellIsProvenOnce) {
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a"), Code::kFailedPrecondition);  // Under way.
  world.End("a");
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a", "rest"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a", "one"), Code::kOk);
  EXPECT_EQ(world.Newest("a").proven().at().seconds(), world.now);
  EXPECT_EQ(world.Newest("a").proven().policy_fingerprint(), Fingerprint());
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a"), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, OnlyASuccessfulDeploymentIsProven) {
  for (const v1::Deployment::Outcome outcome :
       {v1::Deployment::FAILED, v1::Deployment::ABANDONED}) {
    World fresh = world;
    fresh.Deploy("a", 3, TwoWaves());
    fresh.End("a", outcome);
    EXPECT_EQ(fresh.Do(fresh.Wanted(Kind::CELL_PROVEN, 3, "a")).code(), Code::kFailedPrecondition);
  }
}

TEST_F(WantedRecordsTest, OnlyWhatTheRunningRolloutDeployedIsProven) {
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a"), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 2, "a"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "b"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "x"), Code::kFailedPrecondition);
  world.Must(world.Abandoned(3));
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a"), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, ADeploymentOfAnEarlierRolloutIsNotProven) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  world.Must(world.Abandoned(3));
  world.Must(world.RetryAsked(3));
  world.Deploy("b", 3, {{"one", {"b"}}, {"rest", {"a"}}});
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a"), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, ARetiredCellIsNotProven) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  world.Must(world.Retired("a"));
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a"), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, ABrokenRecordOfAnotherCellDoesNotMatter) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  for (v1::Deployment& d : *world.MutableStage()->mutable_deployments()) {
    if (d.cell() == "b") d.clear_started_at();
  }
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "a"), Code::kOk);
}

TEST_F(WantedRecordsTest, ACellThatThePlanDoesNotHaveIsNotProven) {
  world.Deploy("a", 3, {{"one", {"a", "b"}}});
  world.Deploy("b", 3, {{"one", {"a", "b"}}});
  world.End("b");
  World unplanned = world;
  v1::PlannedWave* wave =
      unplanned.MutableStage()->mutable_rollouts(0)->mutable_plan()->mutable_waves(0);
  wave->mutable_cells()->RemoveLast();
  wave->mutable_weights()->RemoveLast();
  EXPECT_EQ(unplanned.Do(unplanned.Wanted(Kind::CELL_PROVEN, 3, "b")).code(),
            Code::kFailedPrecondition);
  EXPECT_FALSE(unplanned.Newest("b").has_proven());
  EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, "b"), Code::kOk);
}

TEST_F(WantedRecordsTest, ACellThatTheRolloutHasNotReachedIsNotProven) {
  world.RollOut(1, TwoWaves());
  world.AddCell("d");
  world.DeployAndProve("a", 3, {{"one", {"a"}}, {"rest", {"b", "d"}}});
  world.Must(world.Adopted("d", 3));
  // One is on another artifact, the other has this one by a person's word.
  for (const char* cell : {"b", "d"}) {
    EXPECT_EQ(Try(Kind::CELL_PROVEN, 3, cell), Code::kFailedPrecondition);
  }
  EXPECT_FALSE(world.Newest("d").has_proven());
}

// ---- WAVE_PROVEN.

TEST_F(WantedRecordsTest, AWaveIsProvenOnceWhenItsCellsAre) {
  world.DeployAndProve("a", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "one"), Code::kOk);
  EXPECT_EQ(world.Rollout(3).plan().waves(0).proven_at().seconds(), world.now);
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "one"), Code::kFailedPrecondition);
  world.DeployAndProve("b", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "rest"), Code::kFailedPrecondition);
  world.Deploy("c", 3, TwoWaves());
  world.End("c");
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "rest"), Code::kFailedPrecondition);
  world.Prove("c", 3);
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "rest"), Code::kOk);
}

TEST_F(WantedRecordsTest, OnlyAWaveOfTheRunningRolloutIsProven) {
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "one"), Code::kFailedPrecondition);
  world.DeployAndProve("a", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "two"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 2, "", "one"), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, ACellThatIsGoneWithoutAWordKeepsItsWaveUnproven) {
  world.DeployAndProve("a", 3, TwoWaves());
  world.state.mutable_cells()->DeleteSubrange(0, 1);
  world.state.clear_record_count();
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "one"), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, ABrokenRecordOfACellKeepsItsWaveUnproven) {
  world.RollOut(1, TwoWaves());
  world.DeployAndProve("a", 3, TwoWaves());
  for (v1::Deployment& d : *world.MutableStage()->mutable_deployments()) {
    if (d.cell() == "a" && d.artifact() == D(1)) d.clear_started_at();
  }
  EXPECT_EQ(Try(Kind::WAVE_PROVEN, 3, "", "one"), Code::kFailedPrecondition);
}

// ---- COMPLETE.

TEST_F(WantedRecordsTest, ARolloutIsCompleteWhenItsWavesAreProven) {
  EXPECT_EQ(Try(Kind::COMPLETE, 3), Code::kFailedPrecondition);
  world.DeployAndProve("a", 3, TwoWaves());
  world.DeployAndProve("b", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::COMPLETE, 3), Code::kFailedPrecondition);
  world.DeployAndProve("c", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::COMPLETE, 2), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::COMPLETE, 3), Code::kOk);
  EXPECT_EQ(world.Rollout(3).state(), v1::Rollout::COMPLETE);
  EXPECT_EQ(world.Rollout(3).ended_at().seconds(), world.now);
  EXPECT_EQ(world.Rollout(3).completed_at().seconds(), world.now);
  EXPECT_EQ(Try(Kind::COMPLETE, 3), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, RetiredCellsDoNotMakeARolloutCompleteAlone) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  for (const char* cell : {"a", "b", "c"}) world.Must(world.Retired(cell));
  EXPECT_EQ(Try(Kind::COMPLETE, 3), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, ARolloutWhoseProvenCellRetiredIsComplete) {
  world.DeployAndProve("a", 3, TwoWaves());
  for (const char* cell : {"a", "b", "c"}) world.Must(world.Retired(cell));
  EXPECT_EQ(Try(Kind::COMPLETE, 3), Code::kOk);
}

TEST_F(WantedRecordsTest, ACellAdoptedOnTheArtifactIsSettledOneOnAnotherIsNot) {
  for (const int adopted : {3, 2}) {
    World fresh = world;
    fresh.AddCell("d");
    fresh.DeployAndProve("a", 3, {{"one", {"a"}}, {"rest", {"d"}}});
    fresh.Must(fresh.Adopted("d", adopted));
    EXPECT_EQ(fresh.Do(fresh.Wanted(Kind::COMPLETE, 3)).code(),
              adopted == 3 ? Code::kOk : Code::kFailedPrecondition);
  }
}

// ---- PASSED.

TEST_F(WantedRecordsTest, ACompleteArtifactPassesOnce) {
  world.Deploy("a", 3, {{"one", {"a"}}});
  world.End("a");
  world.Prove("a", 3);
  EXPECT_EQ(Try(Kind::PASSED, 3), Code::kFailedPrecondition);
  world.Must(world.Wanted(Kind::COMPLETE, 3));
  EXPECT_EQ(Try(Kind::PASSED, 2), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::PASSED, 3), Code::kOk);
  ASSERT_EQ(world.Stage().passes_size(), 1);
  EXPECT_EQ(world.Stage().passes(0).artifact(), D(3));
  EXPECT_EQ(world.Stage().passes(0).at().seconds(), world.now);
  EXPECT_EQ(world.Stage().passes(0).policy_fingerprint(), Fingerprint());
  EXPECT_EQ(Try(Kind::PASSED, 3), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, AnEnteredArtifactPasses) {
  v1::Event enter = world.NewEvent();
  enter.mutable_entered()->set_stage("build");
  enter.mutable_entered()->set_artifact(D(3));
  enter.mutable_entered()->set_action_id(
      ActionId("shop", "build", "", D(3), ActionDirection::kEnter, 1));
  world.Must(enter);
  const auto passed = [&](int n) {
    return world.Wanted(Kind::PASSED, n, "", "", v1::REASON_UNSPECIFIED, "build");
  };
  EXPECT_EQ(world.Do(passed(2)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(passed(3)).code(), Code::kOk);
}

TEST_F(WantedRecordsTest, ARevokedPassIsReplacedAfterAnotherRollout) {
  world.RollOut(1, TwoWaves());
  world.RollOut(3, TwoWaves());
  world.Must(world.Wanted(Kind::PASSED, 3));
  world.StartRollBack("a", 3, 1);
  world.End("a");
  world.Must(world.Wanted(Kind::ROLLED_BACK, 3));
  EXPECT_EQ(Try(Kind::PASSED, 3), Code::kFailedPrecondition);
  world.Must(world.Released(3));
  EXPECT_EQ(Try(Kind::PASSED, 3), Code::kFailedPrecondition);
  world.RollOut(3, TwoWaves());
  EXPECT_EQ(Try(Kind::PASSED, 3), Code::kOk);
  ASSERT_EQ(world.Stage().passes_size(), 1);
  EXPECT_FALSE(world.Stage().passes(0).has_revoked_at());
  EXPECT_EQ(world.Stage().passes(0).at().seconds(), world.now);
}

TEST_F(WantedRecordsTest, ALatchedArtifactDoesNotPass) {
  world.RollOut(3, TwoWaves());
  v1::Latch* latch = world.MutableStage()->add_latches();
  latch->set_artifact(D(3));
  *latch->mutable_at() = At(1);
  EXPECT_EQ(Try(Kind::PASSED, 3), Code::kFailedPrecondition);
}

// ---- HALTED.

TEST_F(WantedRecordsTest, AWithdrawnArtifactIsHalted) {
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::WITHDRAWN), Code::kFailedPrecondition);
  world.Withdraw(3);
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::WITHDRAWN), Code::kOk);
  EXPECT_EQ(world.Rollout(3).state(), v1::Rollout::HALTED);
  EXPECT_EQ(world.Rollout(3).halt_reason(), v1::Rollout::WITHDRAWN);
  EXPECT_EQ(world.Rollout(3).ended_at().seconds(), world.now);
  EXPECT_FALSE(world.IsLatched(3));
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::WITHDRAWN), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, AWithdrawalDoesNotStopARollBack) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.Withdraw(3);
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::WITHDRAWN), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, WithoutASafeTargetTheArtifactIsLatched) {
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::NO_SAFE_TARGET), Code::kOk);
  EXPECT_EQ(world.Rollout(3).halt_reason(), v1::Rollout::NO_SAFE_TARGET);
  EXPECT_TRUE(world.IsLatched(3));
}

TEST_F(WantedRecordsTest, ARollBackThatFailedIsHalted) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::ROLL_BACK_FAILED), Code::kFailedPrecondition);
  world.StartRollBack("a", 3, 1);
  world.End("a", v1::Deployment::FAILED);
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::ROLL_BACK_FAILED), Code::kOk);
  EXPECT_EQ(world.Rollout(3).halt_reason(), v1::Rollout::ROLL_BACK_FAILED);
}

TEST_F(WantedRecordsTest, WhatIsNotUnderWayIsNotHalted) {
  world.RollOut(3, TwoWaves());
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::NO_SAFE_TARGET), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::HALTED, 2, "", "", v1::NO_SAFE_TARGET), Code::kFailedPrecondition);
}

// ---- ROLLED_BACK.

TEST_F(WantedRecordsTest, ARolloutIsRolledBackWhenEveryCellOfItsSetIs) {
  world.RollOut(1, TwoWaves());
  world.RollOut(3, TwoWaves());
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kFailedPrecondition);
  world.StartRollBack("a", 3, 1, {"a", "b"});
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kFailedPrecondition);
  world.End("a");
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kFailedPrecondition);
  world.StartRollBack("b", 3, 1, {"a", "b"});
  world.End("b", v1::Deployment::FAILED);
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kFailedPrecondition);
  world.StartRollBack("b", 3, 1, {"a", "b"});
  world.End("b");
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kOk);
  EXPECT_EQ(world.Rollout(3).state(), v1::Rollout::ROLLED_BACK);
  EXPECT_EQ(world.Rollout(3).ended_at().seconds(), world.now);
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kFailedPrecondition);
  // The cells are proven on nothing newer.
  EXPECT_FALSE(world.Newest("a").has_proven());
}

TEST_F(WantedRecordsTest, AnAbandonedRollBackIsNotRolledBack) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a");
  world.Must(world.Abandoned(3));
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kFailedPrecondition);
}

TEST_F(WantedRecordsTest, ARollBackOfUnknownCellsIsNotDone) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a");
  World without_cells = world;
  for (v1::Rollout& rollout : *without_cells.MutableStage()->mutable_rollouts()) {
    rollout.clear_roll_back_cells();
  }
  EXPECT_EQ(without_cells.Do(without_cells.Wanted(Kind::ROLLED_BACK, 3)).code(),
            Code::kFailedPrecondition);
  World without_cell = world;
  without_cell.state.mutable_cells()->DeleteSubrange(0, 1);
  without_cell.state.clear_record_count();
  EXPECT_EQ(without_cell.Do(without_cell.Wanted(Kind::ROLLED_BACK, 3)).code(),
            Code::kFailedPrecondition);
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kOk);
}

TEST_F(WantedRecordsTest, ARollBackOfWhatCantBeReadIsNotDone) {
  world.RollOut(1, TwoWaves());
  world.RollOut(3, TwoWaves());
  world.AddCell("d");
  world.StartRollBack("a", 3, 1, {"a", "b"});
  world.End("a");
  world.StartRollBack("b", 3, 1, {"a", "b"});
  world.End("b");
  const auto rolled_back = [](World* w) { return w->Do(w->Wanted(Kind::ROLLED_BACK, 3)).code(); };
  World unreadable_cell = world;
  unreadable_cell.state.mutable_cells(1)->set_region("e u");
  EXPECT_EQ(rolled_back(&unreadable_cell), Code::kFailedPrecondition);
  World unreadable_deployment = world;
  for (v1::Deployment& d : *unreadable_deployment.MutableStage()->mutable_deployments()) {
    if (d.cell() == "b") d.clear_started_at();
  }
  EXPECT_EQ(rolled_back(&unreadable_deployment), Code::kFailedPrecondition);
  // Nothing is known to have been deployed there.
  World without_deployment = world;
  for (v1::Rollout& rollout : *without_deployment.MutableStage()->mutable_rollouts()) {
    if (rollout.artifact() == D(3)) rollout.add_roll_back_cells("d");
  }
  EXPECT_EQ(rolled_back(&without_deployment), Code::kFailedPrecondition);
  EXPECT_EQ(rolled_back(&world), Code::kOk);
}

TEST_F(WantedRecordsTest, ARetiredCellNeedsNoRollBack) {
  world.RollOut(1, TwoWaves());
  world.RollOut(3, TwoWaves());
  world.StartRollBack("a", 3, 1, {"a", "b"});
  world.End("a");
  world.Must(world.Retired("b"));
  EXPECT_EQ(Try(Kind::ROLLED_BACK, 3), Code::kOk);
}

// ---- What is no record, and records that can't be used.

// Though no event that says so comes past the check of its fields.
TEST_F(WantedRecordsTest, WhatIsNoRecordChangesNothing) {
  world.Deploy("a", 3, TwoWaves());
  const std::string before = DeterministicBytes(world.state);
  const auto at = At(world.now);
  for (const v1::Event& event : {world.Wanted(Kind::KIND_UNSPECIFIED, 3),
                                 world.Wanted(Kind::HALTED, 3, "", "", v1::BAKING)}) {
    EXPECT_EQ(ApplyEvent(event.recorded(), {at, world.state.revision() + 1}, &world.state).code(),
              Code::kFailedPrecondition);
    EXPECT_EQ(DeterministicBytes(world.state), before);
  }
}

TEST_F(WantedRecordsTest, WhatCantBeReadOfAnArtifactStopsItsRecords) {
  world.Deploy("a", 3, TwoWaves());
  World damaged = world;
  damaged.MutableStage()->add_entries()->set_artifact(D(3));
  EXPECT_EQ(damaged.Do(damaged.Wanted(Kind::HALTED, 3, "", "", v1::NO_SAFE_TARGET)).code(),
            Code::kFailedPrecondition);
  EXPECT_EQ(damaged.Rollout(3).state(), v1::Rollout::RUNNING);
  // That of another stops no halt.
  world.MutableStage()->add_entries()->set_artifact(D(2));
  EXPECT_EQ(Try(Kind::HALTED, 3, "", "", v1::NO_SAFE_TARGET), Code::kOk);
}

}  // namespace
}  // namespace sluice
