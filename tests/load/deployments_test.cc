#include "sluice/load/deployments.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/load/artifacts.h"
#include "sluice/load/cells.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Faults after a change to the forward deployment of cell `eu`.
template <typename Change>
FaultTexts Forward(const Change& change) {
  return FaultsAfterProd([&](v1::StageRecord& stage) { change(*stage.mutable_deployments(0)); });
}

// The same of the one that cell `eu` was adopted with.
template <typename Change>
FaultTexts Adopted(const Change& change) {
  return FaultsAfterProd([&](v1::StageRecord& stage) { change(*stage.mutable_deployments(1)); });
}

// Matches the faults of an invalid deployment: its own and its cell's.
auto InvalidEu(int number) {
  return ElementsAre("INVALID_DATA cell eu",
                     absl::StrCat("INVALID_DATA deployment prod eu ", number));
}

StageFacts Load(const v1::PipelineState& state) {
  SnapshotData data;
  LoadArtifacts(state, data);
  LoadCells(state, data);
  StageFacts stage;
  stage.id = "prod";
  LoadDeployments(state.stages(0), data, stage);
  return stage;
}

TEST(DeploymentsTest, ReadsEveryFieldSortedByCellAndNumber) {
  const v1::PipelineState state = ValidState();
  const StageFacts stage = Load(state);
  ASSERT_EQ(stage.deployments.size(), 3u);
  const DeploymentFacts& adopted = stage.deployments[0];
  EXPECT_EQ(adopted.number, 10u);
  EXPECT_EQ(adopted.direction, v1::Deployment::ADOPTED);
  EXPECT_TRUE(adopted.proven);
  EXPECT_FALSE(adopted.accepted);
  const DeploymentFacts& forward = stage.deployments[1];
  EXPECT_EQ(forward.number, 31u);
  EXPECT_EQ(forward.cell, "eu");
  EXPECT_EQ(forward.artifact, DigestOf('b'));
  EXPECT_EQ(forward.attempt, 1u);
  EXPECT_EQ(forward.rollout, 30u);
  EXPECT_EQ(forward.started_at, absl::FromUnixSeconds(4000));
  EXPECT_EQ(forward.ended_at, absl::FromUnixSeconds(4100));
  EXPECT_EQ(forward.outcome, v1::Deployment::SUCCEEDED);
  EXPECT_TRUE(forward.proven);
  EXPECT_TRUE(forward.accepted);
  const DeploymentFacts& under_way = stage.deployments[2];
  EXPECT_EQ(under_way.cell, "us");
  EXPECT_EQ(under_way.ended_at, absl::InfiniteFuture());
  EXPECT_EQ(under_way.outcome, v1::Deployment::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(under_way.proven);
}

TEST(DeploymentsTest, TheCellGoesBeforeTheNumber) {
  v1::PipelineState state = ValidState();
  state.mutable_stages(0)->mutable_deployments(2)->set_number(5);
  const StageFacts stage = Load(state);
  ASSERT_EQ(stage.deployments.size(), 3u);
  EXPECT_EQ(stage.deployments[1].number, 31u);
  EXPECT_EQ(stage.deployments[2].cell, "us");
}

TEST(DeploymentsTest, AnAdoptedOneHasSucceededWhenItStarted) {
  const v1::PipelineState state = ValidState();
  const DeploymentFacts adopted = Load(state).deployments[0];
  EXPECT_EQ(adopted.outcome, v1::Deployment::SUCCEEDED);
  EXPECT_EQ(adopted.ended_at, absl::FromUnixSeconds(1000));
  EXPECT_THAT(Adopted([](auto& d) {
                d.set_outcome(v1::Deployment::SUCCEEDED);
                d.mutable_ended_at()->set_seconds(1001);
              }),
              IsEmpty());
  EXPECT_THAT(Adopted([](auto& d) {
                d.set_outcome(v1::Deployment::FAILED);
                d.mutable_ended_at()->set_seconds(1001);
              }),
              InvalidEu(10));
}

TEST(DeploymentsTest, AnInvalidOneIsItsCells) {
  EXPECT_THAT(Forward([](auto& d) { d.clear_artifact(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.clear_direction(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.set_direction(static_cast<v1::Deployment::Direction>(4)); }),
              InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.clear_attempt(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.clear_rollout(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.clear_started_at(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.set_who("\xff"); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.clear_number(); }), InvalidEu(0));
}

TEST(DeploymentsTest, AnInvalidOneProvesNothingAndHasNotEnded) {
  v1::PipelineState state = ValidState();
  state.mutable_stages(0)->mutable_deployments(0)->clear_attempt();
  const DeploymentFacts forward = Load(state).deployments[1];
  EXPECT_EQ(forward.number, 31u);
  EXPECT_EQ(forward.artifact, DigestOf('b'));
  EXPECT_FALSE(forward.proven);
  EXPECT_FALSE(forward.accepted);
  EXPECT_EQ(forward.outcome, v1::Deployment::OUTCOME_UNSPECIFIED);
  EXPECT_EQ(forward.ended_at, absl::InfiniteFuture());
}

TEST(DeploymentsTest, EndAndOutcomeGoTogether) {
  EXPECT_THAT(Forward([](auto& d) { d.clear_ended_at(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.clear_outcome(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.set_outcome(static_cast<v1::Deployment::Outcome>(4)); }),
              InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { *d.mutable_ended_at() = d.started_at(); }), IsEmpty());
  EXPECT_THAT(Forward([](auto& d) {
                d.mutable_ended_at()->set_seconds(3999);
                d.mutable_ended_at()->set_nanos(999'999'999);
              }),
              InvalidEu(31));
}

TEST(DeploymentsTest, Proof) {
  EXPECT_THAT(Forward([](auto& d) { d.mutable_proven()->clear_at(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.mutable_proven()->clear_policy_fingerprint(); }),
              InvalidEu(31));
  // What has not succeeded was never proven, but may have been accepted.
  EXPECT_THAT(Forward([](auto& d) { d.set_outcome(v1::Deployment::FAILED); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) {
                d.set_outcome(v1::Deployment::FAILED);
                d.clear_proven();
              }),
              IsEmpty());
}

TEST(DeploymentsTest, Acceptance) {
  EXPECT_THAT(Forward([](auto& d) { d.mutable_accepted()->clear_who(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.mutable_accepted()->clear_why(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.mutable_accepted()->clear_at(); }), InvalidEu(31));
  EXPECT_THAT(Forward([](auto& d) { d.mutable_accepted()->clear_roles(); }), InvalidEu(31));
}

TEST(DeploymentsTest, TheCellIsKnownAndInThisStage) {
  EXPECT_THAT(Forward([](auto& d) { d.clear_cell(); }),
              ElementsAre("INVALID_DATA deployment prod  31",
                          "INVALID_DATA pipeline stages[prod].deployments[31]"));
  EXPECT_THAT(Forward([](auto& d) { d.set_cell("nowhere"); }),
              ElementsAre("INVALID_DATA deployment prod nowhere 31",
                          "INVALID_DATA pipeline stages[prod].deployments[31]"));
  EXPECT_THAT(Forward([](auto& d) { d.set_cell("t1"); }),
              ElementsAre("INVALID_DATA cell t1", "INVALID_DATA deployment prod t1 31"));
}

TEST(DeploymentsTest, TheArtifactIsInTheState) {
  EXPECT_THAT(Forward([](auto& d) { d.set_artifact(DigestOf('d')); }),
              ElementsAre("ARTIFACT_ABSENT cell eu", "ARTIFACT_ABSENT deployment prod eu 31"));
}

TEST(DeploymentsTest, NumbersAreUniqueInTheStage) {
  EXPECT_THAT(FaultsAfterProd([](v1::StageRecord& s) { *s.add_deployments() = s.deployments(0); }),
              IsEmpty());
  EXPECT_THAT(
      FaultsAfterProd([](v1::StageRecord& s) { s.mutable_deployments(2)->set_number(31); }),
      ElementsAre("DUPLICATE_ID cell eu", "DUPLICATE_ID cell us",
                  "DUPLICATE_ID deployment prod eu 31", "DUPLICATE_ID deployment prod us 31",
                  "DUPLICATE_ID pipeline stages[prod].deployments[31]"));
}

TEST(DeploymentsTest, MissingNumbersDoNotContradictEachOther) {
  EXPECT_THAT(
      FaultsAfterProd([](v1::StageRecord& s) {
        s.mutable_deployments(0)->clear_number();
        s.mutable_deployments(2)->clear_number();
      }),
      ElementsAre("INVALID_DATA cell eu", "INVALID_DATA cell us",
                  "INVALID_DATA deployment prod eu 0", "INVALID_DATA deployment prod us 0"));
}

}  // namespace
}  // namespace sluice
