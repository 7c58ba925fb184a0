#include "sluice/decision.h"

#include <cstdint>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {
namespace {

TEST(DecisionTest, AStageIsFoundByItsId) {
  Decision decision;
  EXPECT_EQ(decision.Stage("prod"), nullptr);
  decision.stages.resize(2);
  decision.stages[0].stage = "test";
  decision.stages[1].stage = "prod";
  EXPECT_EQ(decision.Stage("test"), &decision.stages[0]);
  EXPECT_EQ(decision.Stage("prod"), &decision.stages[1]);
  EXPECT_EQ(decision.Stage("pro"), nullptr);
}

TEST(DecisionTest, NamesOfActions) {
  EXPECT_EQ(ActionName(Action::kHold), "HOLD");
  EXPECT_EQ(ActionName(Action::kRollBack), "ROLL_BACK");
  EXPECT_EQ(ActionName(Action::kWait), "WAIT");
  EXPECT_EQ(ActionName(Action::kDeploy), "DEPLOY");
  EXPECT_EQ(ActionName(Action::kReady), "READY");
  EXPECT_EQ(ActionName(Action::kIdle), "IDLE");
}

// A value that no enumerator has, as of memory that was overwritten, lets nothing through.
TEST(DecisionTest, WhatIsNoActionVerdictOrEffectHolds) {
  constexpr uint8_t kNone = 99;
  EXPECT_EQ(ActionName(static_cast<Action>(kNone)), "HOLD");
  Decision decision;
  decision.stages.resize(1);
  decision.stages[0].action = static_cast<Action>(kNone);
  decision.stages[0].findings.resize(1);
  Finding& finding = decision.stages[0].findings[0];
  finding.verdict = static_cast<Verdict>(kNone);
  finding.effect = static_cast<Effect>(kNone);
  const v1::PipelineDecision proto = ToProto(decision);
  EXPECT_EQ(proto.stages(0).action(), v1::StageDecision::HOLD);
  EXPECT_EQ(proto.stages(0).findings(0).verdict(), v1::UNKNOWN);
  EXPECT_EQ(proto.stages(0).findings(0).effect(), v1::HOLDS);
}

TEST(DecisionTest, InstantsThatNeverComeStayUnset) {
  Decision decision;
  decision.stages.resize(1);
  decision.stages[0].findings.resize(1);
  Finding& finding = decision.stages[0].findings[0];
  for (const absl::Time never : {absl::InfinitePast(), absl::InfiniteFuture()}) {
    decision.now = never;
    decision.valid_until = never;
    finding.changes_at = never;
    finding.evidence.count = 1;
    finding.evidence.at = never;
    finding.evidence.until = never;
    const v1::PipelineDecision proto = ToProto(decision);
    EXPECT_FALSE(proto.has_now());
    EXPECT_FALSE(proto.has_valid_until());
    EXPECT_FALSE(proto.stages(0).findings(0).has_changes_at());
    ASSERT_TRUE(proto.stages(0).findings(0).has_evidence());
    EXPECT_FALSE(proto.stages(0).findings(0).evidence().has_at());
    EXPECT_FALSE(proto.stages(0).findings(0).evidence().has_until());
  }
  decision.now = decision.valid_until = absl::FromUnixSeconds(1);
  finding.changes_at = absl::FromUnixSeconds(2);
  finding.evidence.at = absl::FromUnixSeconds(3);
  finding.evidence.until = absl::FromUnixSeconds(4);
  const v1::PipelineDecision proto = ToProto(decision);
  EXPECT_EQ(proto.now().seconds(), 1);
  EXPECT_EQ(proto.valid_until().seconds(), 1);
  EXPECT_EQ(proto.stages(0).findings(0).changes_at().seconds(), 2);
  EXPECT_EQ(proto.stages(0).findings(0).evidence().at().seconds(), 3);
  EXPECT_EQ(proto.stages(0).findings(0).evidence().until().seconds(), 4);
}

}  // namespace
}  // namespace sluice
