#include "sluice/testing/matchers.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/finding.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

Finding MakeFinding(Verdict verdict, Effect effect) {
  Finding finding;
  finding.id = "freeze";
  finding.verdict = verdict;
  finding.effect = effect;
  finding.reason = verdict == Verdict::kClear ? v1::ALL_CLEAR : v1::OUTSIDE_ALLOW;
  return finding;
}

StageDecision Deploying() {
  StageDecision stage;
  stage.stage = "production";
  stage.action = Action::kDeploy;
  stage.artifact = "sha256:aa";
  for (const char* cell : {"us-1", "eu-1"}) {
    CellAction action;
    action.cell = cell;
    stage.actions.push_back(action);
  }
  stage.findings = {MakeFinding(Verdict::kClear, Effect::kHolds)};
  return stage;
}

StageDecision Held(Effect effect = Effect::kHolds) {
  StageDecision stage;
  stage.stage = "production";
  stage.action = Action::kHold;
  stage.findings = {MakeFinding(Verdict::kBlocking, effect)};
  return stage;
}

Decision Of(const StageDecision& stage) {
  Decision decision;
  decision.pipeline = "shop";
  decision.now = kNow;
  decision.valid_until = kNow + absl::Minutes(5);
  decision.stages = {stage};
  return decision;
}

TEST(MatchersTest, DeploysExactlyTheseCells) {
  EXPECT_THAT(Deploying(), Deploys());
  EXPECT_THAT(Deploying(), Deploys({"eu-1", "us-1"}));
  EXPECT_THAT(Deploying(), Not(Deploys({"eu-1"})));
  EXPECT_THAT(Deploying(), Not(Deploys({"eu-1", "us-1", "us-2"})));
  EXPECT_THAT(Held(), Not(Deploys()));
}

TEST(MatchersTest, OtherActions) {
  StageDecision stage = Deploying();
  stage.action = Action::kRollBack;
  EXPECT_THAT(stage, RollsBack());
  EXPECT_THAT(stage, RollsBack({"us-1", "eu-1"}));
  EXPECT_THAT(stage, Not(RollsBack({"eu-1"})));
  EXPECT_THAT(stage, Not(Deploys()));
  stage.action = Action::kReady;
  EXPECT_THAT(stage, IsReady({"us-1", "eu-1"}));
  EXPECT_THAT(stage, Not(IsReady({"us-1"})));
  EXPECT_THAT(Held(), Not(IsReady()));
}

TEST(MatchersTest, RestsWithoutAnAction) {
  StageDecision stage = Held();
  EXPECT_THAT(stage, Holds());
  EXPECT_THAT(stage, Not(Waits()));
  stage.action = Action::kWait;
  EXPECT_THAT(stage, Waits());
  EXPECT_THAT(stage, Not(IsIdle()));
  stage.action = Action::kIdle;
  EXPECT_THAT(stage, IsIdle());
  EXPECT_THAT(stage, Not(Holds()));
  stage.action = Action::kHold;
  stage.actions = Deploying().actions;
  EXPECT_THAT(stage, Not(Holds()));
}

TEST(MatchersTest, IsHeldByAFindingThatHolds) {
  EXPECT_THAT(Held(), IsHeldBy("freeze"));
  EXPECT_THAT(Held(), IsHeldBy("freeze", v1::OUTSIDE_ALLOW));
  EXPECT_THAT(Held(), Not(IsHeldBy("freeze", v1::IN_DENY)));
  EXPECT_THAT(Held(), Not(IsHeldBy("thaw")));
  EXPECT_THAT(Held(Effect::kLifted), Not(IsHeldBy("freeze")));
  EXPECT_THAT(Held(Effect::kObserved), Not(IsHeldBy("freeze")));
  StageDecision partly = Deploying();
  partly.findings = Held().findings;
  EXPECT_THAT(partly, Not(IsHeldBy("freeze"))) << "something moves";
}

TEST(MatchersTest, IsClearOfWhatIsThereAndDoesNotHold) {
  EXPECT_THAT(Deploying(), IsClearOf("freeze"));
  EXPECT_THAT(Held(Effect::kLifted), IsClearOf("freeze"));
  EXPECT_THAT(Held(), Not(IsClearOf("freeze")));
  EXPECT_THAT(Held(Effect::kObserved), Not(IsClearOf("freeze")));
  EXPECT_THAT(Deploying(), Not(IsClearOf("thaw"))) << "nothing was asked";
}

TEST(MatchersTest, OfADecision) {
  EXPECT_THAT(Of(Deploying()), InStage("production", Deploys()));
  EXPECT_THAT(Of(Held()), Not(InStage("production", Deploys())));
  EXPECT_THAT(Of(Deploying()), Not(InStage("test", Deploys())));
  EXPECT_THAT(Of(Held()), ValidUntil(kNow + absl::Minutes(5)));
  EXPECT_THAT(Of(Held()), Not(ValidUntil(kNow + absl::Minutes(5) + absl::Nanoseconds(1))));
  EXPECT_THAT(Of(Held()), Not(ValidUntil(kNow + absl::Minutes(5) - absl::Nanoseconds(1))));
  EXPECT_THAT(Of(Held()), Not(ValidUntil(absl::InfiniteFuture())));
}

// A failure is read by people: it says what was expected, and why the stage is as it is.
TEST(MatchersTest, ExplainThemselves) {
  EXPECT_EQ(
      ::testing::DescribeMatcher<const Decision&>(InStage("production", Deploys({"us-1", "eu-1"}))),
      "stage `production` DEPLOY with exactly eu-1, us-1");
  EXPECT_EQ(::testing::DescribeMatcher<const StageDecision&>(IsHeldBy("freeze", v1::OUTSIDE_ALLOW)),
            "is held by `freeze` for OUTSIDE_ALLOW");
  const std::string shown = ::testing::PrintToString(Of(Held()));
  EXPECT_THAT(shown, HasSubstr("shop at 1970-01-12T13:46:40+00:00"));
  EXPECT_THAT(shown, HasSubstr("production: HOLD"));
  EXPECT_THAT(shown, HasSubstr("! Window `freeze` is closed"));
}

}  // namespace
}  // namespace sluice
