#include "sluice/record/rollout_progress.h"

#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

// Two deployments to `a` and one to `b`, all of which can be read.
v1::StageRecord ThreeDeployments() {
  v1::StageRecord record;
  uint64_t number = 0;
  for (const char* cell : {"a", "a", "b"}) {
    v1::Deployment* deployment = record.add_deployments();
    deployment->set_number(++number);
    deployment->set_cell(cell);
    deployment->set_artifact(D(1));
    deployment->set_direction(v1::Deployment::FORWARD);
    deployment->set_attempt(1);
    deployment->set_rollout(1);
    *deployment->mutable_started_at() = At(10);
  }
  return record;
}

TEST(NewestDeploymentsTest, TheHighestNumberOfACellWhereverItStands) {
  v1::StageRecord record = ThreeDeployments();
  EXPECT_EQ(NewestDeployments(record).size(), 2u);
  EXPECT_EQ(NewestDeployments(record).at("a"), &record.deployments(1));
  EXPECT_EQ(NewestDeployments(record).at("b"), &record.deployments(2));
  record.mutable_deployments()->SwapElements(0, 1);
  EXPECT_EQ(NewestDeployments(record).at("a")->number(), 2u);
}

// Whichever of the cell's deployments it is.
TEST(NewestDeploymentsTest, ACellWithADeploymentThatCantBeReadHasNone) {
  for (const int place : {0, 1}) {
    v1::StageRecord malformed = ThreeDeployments();
    malformed.mutable_deployments(place)->clear_started_at();
    EXPECT_EQ(NewestDeployments(malformed).at("a"), nullptr) << place;
    EXPECT_NE(NewestDeployments(malformed).at("b"), nullptr) << place;
    v1::StageRecord newer = ThreeDeployments();
    v1::Deployment* deployment = newer.mutable_deployments(place);
    deployment->GetReflection()->MutableUnknownFields(deployment)->AddVarint(999, 1);
    EXPECT_EQ(NewestDeployments(newer).at("a"), nullptr) << place;
    EXPECT_NE(NewestDeployments(newer).at("b"), nullptr) << place;
  }
}

// A third under another number makes neither of them right.
TEST(NewestDeploymentsTest, ACellWithTwoOfOneNumberHasNone) {
  v1::StageRecord record = ThreeDeployments();
  record.mutable_deployments(1)->set_number(1);
  EXPECT_EQ(NewestDeployments(record).at("a"), nullptr);
  *record.add_deployments() = record.deployments(0);
  record.mutable_deployments(3)->set_number(9);
  EXPECT_EQ(NewestDeployments(record).at("a"), nullptr);
}

TEST(WaveOfTest, TheFirstWaveWithTheCell) {
  v1::RolloutPlan plan;
  EXPECT_EQ(WaveOf(plan, "a"), -1);
  plan.add_waves()->add_cells("a");
  plan.add_waves()->add_cells("b");
  EXPECT_EQ(WaveOf(plan, "a"), 0);
  EXPECT_EQ(WaveOf(plan, "b"), 1);
  EXPECT_EQ(WaveOf(plan, "c"), -1);
}

}  // namespace
}  // namespace sluice
