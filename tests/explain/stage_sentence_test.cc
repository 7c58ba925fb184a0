#include "sluice/explain/stage_sentence.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/finding.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::string_view kNew =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr absl::string_view kOld =
    "sha256:fedcba98765432100123456789abcdef0123456789abcdef0123456789abcdef";

void ExpectIsASentence(const std::string& sentence) {
  SCOPED_TRACE(sentence);
  ASSERT_GT(sentence.size(), 10u);
  EXPECT_LE(sentence.size(), 3000u);
  EXPECT_TRUE(absl::ascii_isupper(sentence.front()));
  EXPECT_TRUE(absl::EndsWith(sentence, "."));
  EXPECT_THAT(sentence, AllOf(Not(HasSubstr("\n")), Not(HasSubstr("  ")), Not(HasSubstr(" ."))));
}

CellAction ActionOn(absl::string_view cell, absl::string_view artifact, absl::string_view wave) {
  CellAction action;
  action.cell = cell;
  action.artifact = artifact;
  action.wave = wave;
  action.roll_back = wave.empty();
  return action;
}

StageDecision StageOf(Action action) {
  StageDecision stage;
  stage.stage = "production";
  stage.action = action;
  stage.artifact = kNew;
  return stage;
}

Finding Held(absl::string_view id, Effect effect = Effect::kHolds) {
  Finding finding;
  finding.id = id;
  finding.effect = effect;
  return finding;
}

TEST(PassedOverSentenceTest, NamesTheArtifactForEveryReason) {
  const google::protobuf::EnumDescriptor& reasons = *v1::Reason_descriptor();
  for (int i = 0; i < reasons.value_count(); ++i) {
    const auto reason = static_cast<Reason>(reasons.value(i)->number());
    ExpectIsASentence(PassedOverSentence({kNew, reason}));
  }
  for (const Reason reason :
       {v1::SUPERSEDED, v1::QUEUED, v1::LATCHED, v1::ROLLOUT_ENDED, v1::WAITS_FOR_ROLLOUT,
        v1::CHECK_FAILED, v1::KNOWN_BAD_MATCH, v1::WITHDRAWN, v1::ARTIFACT_ABSENT, v1::BELOW_FLOOR,
        v1::INVALID_DATA, v1::DUPLICATE_ID, v1::LIMIT_EXCEEDED, v1::STATE_CUT, v1::UNKNOWN_FIELD,
        v1::REASON_UNSPECIFIED}) {
    EXPECT_THAT(PassedOverSentence({kNew, reason}), HasSubstr("sha256:0123456789ab"))
        << v1::Reason_Name(reason);
  }
}

TEST(WantedSentenceTest, NamesWhatIsRecorded) {
  WantedRecord wanted;
  wanted.artifact = kNew;
  wanted.wave = "first-region";
  wanted.cell = "eu-1";
  wanted.reason = v1::NO_SAFE_TARGET;
  const google::protobuf::EnumDescriptor& kinds = *v1::WantedRecord::Kind_descriptor();
  for (int i = 0; i < kinds.value_count(); ++i) {
    wanted.kind = static_cast<v1::WantedRecord::Kind>(kinds.value(i)->number());
    ExpectIsASentence(WantedSentence(wanted));
    EXPECT_THAT(WantedSentence(wanted), HasSubstr("sha256:0123456789ab"));
  }
  wanted.kind = v1::WantedRecord::CELL_PROVEN;
  EXPECT_THAT(WantedSentence(wanted), AllOf(HasSubstr("`eu-1`"), HasSubstr("`first-region`")));
  wanted.kind = v1::WantedRecord::WAVE_PROVEN;
  EXPECT_THAT(WantedSentence(wanted), AllOf(Not(HasSubstr("`eu-1`")), HasSubstr("`first-region`")));
  wanted.kind = v1::WantedRecord::HALTED;
  EXPECT_THAT(WantedSentence(wanted), HasSubstr("NO_SAFE_TARGET"));
}

TEST(WantedSentenceTest, SurvivesUnknownEnumerators) {
  WantedRecord wanted;
  ExpectIsASentence(WantedSentence(wanted));
  wanted.kind = v1::WantedRecord::HALTED;
  wanted.reason = static_cast<Reason>(12345);
  ExpectIsASentence(WantedSentence(wanted));
  wanted.kind = static_cast<v1::WantedRecord::Kind>(std::numeric_limits<int>::max());
  ExpectIsASentence(WantedSentence(wanted));
}

TEST(ActionSentenceTest, EveryActionReadsWellWithoutAnythingElse) {
  for (const Action action : {Action::kHold, Action::kRollBack, Action::kWait, Action::kDeploy,
                              Action::kReady, Action::kIdle}) {
    StageDecision stage;
    stage.action = action;
    ExpectIsASentence(ActionSentence(stage));
    EXPECT_THAT(ActionSentence(StageOf(action)),
                HasSubstr(std::string(action == Action::kRollBack ? "ROLL_BACK"
                                      : action == Action::kHold   ? "HOLD"
                                      : action == Action::kWait   ? "WAIT"
                                      : action == Action::kDeploy ? "DEPLOY"
                                      : action == Action::kReady  ? "READY"
                                                                  : "IDLE")));
  }
}

TEST(ActionSentenceTest, DeployNamesCellsAndTheirWave) {
  StageDecision stage = StageOf(Action::kDeploy);
  stage.actions = {ActionOn("eu-1", kNew, "first-region"), ActionOn("eu-2", kNew, "first-region")};
  EXPECT_THAT(ActionSentence(stage),
              AllOf(HasSubstr("2 cells"), HasSubstr("`first-region`"), HasSubstr("`eu-1`"),
                    HasSubstr("`eu-2`"), HasSubstr("sha256:0123456789ab")));
  stage.actions.push_back(ActionOn("us-1", kNew, "second-region"));
  EXPECT_THAT(ActionSentence(stage), Not(HasSubstr("region")));
}

TEST(ActionSentenceTest, DeployListsUpToThreeCells) {
  StageDecision stage = StageOf(Action::kDeploy);
  for (const absl::string_view cell : {"c1", "c2", "c3", "c4", "c5"}) {
    stage.actions.push_back(ActionOn(cell, kNew, "all"));
  }
  EXPECT_THAT(ActionSentence(stage), AllOf(HasSubstr("5 cells"), HasSubstr("`c3`"),
                                           Not(HasSubstr("`c4`")), HasSubstr("2 more")));
}

TEST(ActionSentenceTest, DeployWithoutCellEntersTheStage) {
  for (const Action action : {Action::kDeploy, Action::kReady}) {
    StageDecision stage = StageOf(action);
    stage.actions = {ActionOn("", kNew, "")};
    EXPECT_THAT(ActionSentence(stage), AllOf(HasSubstr("`production`"), Not(HasSubstr("cell"))));
  }
}

TEST(ActionSentenceTest, DeployThatEndsARolloutSaysSo) {
  StageDecision stage = StageOf(Action::kDeploy);
  stage.actions = {ActionOn("eu-1", kNew, "all")};
  EXPECT_THAT(ActionSentence(stage), Not(HasSubstr("HALTED")));
  stage.halts_running = true;
  EXPECT_THAT(ActionSentence(stage), HasSubstr("HALTED"));
}

TEST(ActionSentenceTest, RollBackNamesWhatGoesAndWhatComes) {
  StageDecision stage = StageOf(Action::kRollBack);
  stage.actions = {ActionOn("eu-1", kOld, ""), ActionOn("eu-2", kOld, "")};
  const std::string checked = ActionSentence(stage);
  EXPECT_THAT(checked, AllOf(HasSubstr("sha256:0123456789ab"), HasSubstr("sha256:fedcba987654"),
                             HasSubstr("`eu-1`"), HasSubstr("`eu-2`")));
  stage.actions[1].target_unchecked = true;
  EXPECT_GT(ActionSentence(stage).size(), checked.size());
  stage.actions[1].artifact = kNew;
  EXPECT_THAT(ActionSentence(stage), Not(HasSubstr("sha256:fedcba987654")));
}

TEST(ActionSentenceTest, HoldAndWaitNameEachRuleThatIsNotClearOnce) {
  for (const Action action : {Action::kHold, Action::kWait}) {
    StageDecision stage = StageOf(action);
    stage.findings = {Held("@bake"), Held("checkout-5xx"), Held("checkout-5xx"),
                      Held("observed", Effect::kObserved), Held("lifted", Effect::kLifted)};
    EXPECT_THAT(ActionSentence(stage), AllOf(HasSubstr("`@bake` and `checkout-5xx`"),
                                             Not(HasSubstr("observed")), Not(HasSubstr("lifted"))));
  }
}

// An example in full.
TEST(ActionSentenceTest, Golden) {
  StageDecision stage = StageOf(Action::kDeploy);
  stage.actions = {ActionOn("eu-1", kNew, "first-region"), ActionOn("eu-2", kNew, "first-region")};
  EXPECT_EQ(ActionSentence(stage),
            "DEPLOY sha256:0123456789ab to 2 cells of wave `first-region`: `eu-1` and `eu-2`.");
}

}  // namespace
}  // namespace sluice
