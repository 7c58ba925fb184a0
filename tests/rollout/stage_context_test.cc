#include "sluice/rollout/stage_context.h"

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"

namespace sluice {
namespace {

DeploymentFacts DeploymentOf(absl::string_view artifact, v1::Deployment::Direction direction,
                             v1::Deployment::Outcome outcome) {
  DeploymentFacts facts;
  facts.artifact = artifact;
  facts.direction = direction;
  facts.outcome = outcome;
  return facts;
}

uint32_t NextForward(const std::vector<DeploymentFacts>& deployments) {
  CellView view;
  view.deployments = deployments;
  return NextAttempt(view, "a", v1::Deployment::FORWARD);
}

TEST(NextAttemptTest, IsOneAndTheEndedDeploymentsOfThatKind) {
  const DeploymentFacts failed = DeploymentOf("a", v1::Deployment::FORWARD, v1::Deployment::FAILED);
  EXPECT_EQ(NextForward({}), 1u);
  EXPECT_EQ(NextForward({failed}), 2u);
  EXPECT_EQ(NextForward({failed, failed}), 3u);
  EXPECT_EQ(
      NextForward({DeploymentOf("a", v1::Deployment::FORWARD, v1::Deployment::SUCCEEDED), failed}),
      3u);
}

TEST(NextAttemptTest, LeavesOutWhatIsUnderWay) {
  EXPECT_EQ(NextForward(
                {DeploymentOf("a", v1::Deployment::FORWARD, v1::Deployment::OUTCOME_UNSPECIFIED)}),
            1u);
}

TEST(NextAttemptTest, LeavesOutOtherArtifactsAndDirections) {
  EXPECT_EQ(NextForward({DeploymentOf("b", v1::Deployment::FORWARD, v1::Deployment::FAILED)}), 1u);
  const std::vector<DeploymentFacts> rolled_back = {
      DeploymentOf("a", v1::Deployment::ROLL_BACK, v1::Deployment::SUCCEEDED)};
  EXPECT_EQ(NextForward(rolled_back), 1u);
  CellView view;
  view.deployments = rolled_back;
  EXPECT_EQ(NextAttempt(view, "a", v1::Deployment::ROLL_BACK), 2u);
}

}  // namespace
}  // namespace sluice
