#include "sluice/policy.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/internal/canonical.h"
#include "sluice/organisation.h"
#include "sluice/snapshot.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

v1::PipelinePolicy TwoStages() {
  return Parse<v1::PipelinePolicy>(R"pb(
    id: "shop"
    profile: STANDARD_1
    without_emergency_stop: true
    stages {
      id: "gate"
      kind: TEST
      deploys: NOTHING
      passes: ON_COMPLETION
      start: AUTOMATIC
      without_blockers: true
    }
    stages {
      id: "prod"
      kind: PRODUCTION
      deploys: CELLS
      passes: ON_COMPLETION
      start: AUTOMATIC
      without_blockers: true
      rollout {
        waves { id: "one" cells: "c1" }
        blast_radius {
          no_stage_cap {}
          max_parallel: 1
        }
        deploy { max_time { seconds: 600 } }
        bake {
          min_time { seconds: 3600 }
          max_time { seconds: 36000 }
          time_only: true
        }
        no_hygiene {}
        roll_back {
          watch_for { seconds: 3600 }
          max_parallel: 1
          attempts: 2
        }
      }
    })pb");
}

Policy Compiled(const v1::PipelinePolicy& message) {
  absl::StatusOr<Policy> policy = Policy::Compile(message);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *std::move(policy);
}

std::string Digest(char digit) { return "sha256:" + std::string(64, digit); }

// A new artifact before the first stage.
v1::PipelineState NewArtifact() {
  v1::PipelineState state = Parse<v1::PipelineState>(R"pb(
    schema_version: 1
    pipeline: "shop"
    revision: 9
    written_at { seconds: 1000 }
    cells { id: "c1" stage: "prod" weight: 1 })pb");
  v1::Artifact* artifact = state.add_artifacts();
  artifact->set_digest(Digest('a'));
  artifact->set_sequence(1);
  return state;
}

// A rollout of it that is being rolled back: much is found and shown.
v1::PipelineState RollingBack() {
  v1::PipelineState state = NewArtifact();
  v1::StageRecord* stage = state.add_stages();
  stage->set_stage("prod");
  v1::Rollout* rollout = stage->add_rollouts();
  rollout->set_number(2);
  rollout->set_artifact(Digest('a'));
  rollout->set_state(v1::Rollout::ROLLING_BACK);
  rollout->mutable_started_at()->set_seconds(900);
  rollout->add_roll_back_cells("c1");
  rollout->mutable_plan()->set_policy_fingerprint(Digest('f'));
  v1::PlannedWave* wave = rollout->mutable_plan()->add_waves();
  wave->set_id("one");
  wave->add_cells("c1");
  wave->add_weights(1);
  v1::Deployment* deployment = stage->add_deployments();
  deployment->set_number(2);
  deployment->set_cell("c1");
  deployment->set_artifact(Digest('a'));
  deployment->set_direction(v1::Deployment::FORWARD);
  deployment->set_attempt(1);
  deployment->set_rollout(2);
  deployment->mutable_started_at()->set_seconds(900);
  return state;
}

// Whatever was decided into an object before, the next answer is what a new one would hold.
TEST(PolicyTest, AnObjectThatIsUsedAgainHoldsTheSameDecision) {
  v1::PipelinePolicy one_stage = TwoStages();
  one_stage.mutable_stages()->RemoveLast();
  v1::PipelineState too_new = RollingBack();
  too_new.set_schema_version(1'000'000);
  const std::vector<Policy> policies = {Compiled(TwoStages()), Compiled(one_stage)};
  const std::vector<v1::PipelineState> states = {NewArtifact(), RollingBack(), too_new};
  const absl::Time now = absl::FromUnixSeconds(1000);
  Decision reused;
  for (const Policy& before : policies) {
    for (const v1::PipelineState& state_before : states) {
      const Snapshot snapshot_before = Snapshot::Load(state_before, Organisation());
      for (const Policy& policy : policies) {
        for (const v1::PipelineState& state : states) {
          const Snapshot snapshot = Snapshot::Load(state, Organisation());
          before.Decide(snapshot_before, now, &reused);
          policy.Decide(snapshot, now, &reused);
          EXPECT_EQ(ToProto(reused).DebugString(),
                    ToProto(policy.Decide(snapshot, now)).DebugString());
        }
      }
    }
  }
}

// The rollout of a stage that the policy lacks is shown as long as it is under way.
TEST(PolicyTest, AStageThatIsGoneHoldsWhileItsRolloutIsUnderWay) {
  v1::PipelinePolicy one_stage = TwoStages();
  one_stage.mutable_stages()->RemoveLast();
  const Policy policy = Compiled(one_stage);
  const auto shows_prod = [&](v1::Rollout::State rollout_state) {
    v1::PipelineState state = RollingBack();
    state.mutable_stages(0)->mutable_rollouts(0)->set_state(rollout_state);
    if (rollout_state == v1::Rollout::ABANDONED) {
      state.mutable_stages(0)->mutable_rollouts(0)->mutable_ended_at()->set_seconds(950);
    }
    const Snapshot snapshot = Snapshot::Load(state, Organisation());
    const Decision decision = policy.Decide(snapshot, absl::FromUnixSeconds(1000));
    const StageDecision* prod = decision.Stage("prod");
    return prod != nullptr && prod->action == Action::kHold;
  };
  EXPECT_TRUE(shows_prod(v1::Rollout::RUNNING));
  EXPECT_TRUE(shows_prod(v1::Rollout::ROLLING_BACK));
  EXPECT_FALSE(shows_prod(v1::Rollout::ABANDONED));
}

TEST(PolicyTest, SaysWhatItsProfileFilledIn) {
  const v1::PipelinePolicy message = TwoStages();
  const Policy policy = Compiled(message);
  ASSERT_FALSE(policy.filled_choices().empty());
  EXPECT_NE(DeterministicBytes(policy.effective()), DeterministicBytes(message));
  EXPECT_EQ(policy.effective().id(), "shop");
  // Filled in, there is nothing left to fill in.
  const Policy again = Compiled(policy.effective());
  EXPECT_TRUE(again.filled_choices().empty());
  EXPECT_EQ(DeterministicBytes(again.effective()), DeterministicBytes(policy.effective()));
  EXPECT_EQ(again.fingerprint(), policy.fingerprint());
}

}  // namespace
}  // namespace sluice
