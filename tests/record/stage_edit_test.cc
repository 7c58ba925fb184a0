#include "sluice/record/stage_edit.h"

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "sluice/internal/limits.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

// Two rollouts of one cell each: 1 is of artifact 1 to `a`, 2 of artifact 2 to `b`.
v1::PipelineState SoundState() {
  v1::PipelineState state;
  state.set_revision(9);
  v1::StageRecord* stage = state.add_stages();
  stage->set_stage("prod");
  for (int n = 1; n <= 2; ++n) {
    v1::Rollout* rollout = stage->add_rollouts();
    rollout->set_number(static_cast<uint64_t>(n));
    rollout->set_artifact(D(n));
    rollout->set_state(v1::Rollout::COMPLETE);
    *rollout->mutable_started_at() = At(n);
    *rollout->mutable_ended_at() = At(n + 4);
    rollout->mutable_plan()->set_policy_fingerprint(Fingerprint());
    v1::PlannedWave* wave = rollout->mutable_plan()->add_waves();
    wave->set_id("one");
    wave->add_cells(n == 1 ? "a" : "b");
    wave->add_weights(1);
    v1::Deployment* deployment = stage->add_deployments();
    deployment->set_number(static_cast<uint64_t>(n));
    deployment->set_cell(n == 1 ? "a" : "b");
    deployment->set_artifact(D(n));
    deployment->set_direction(v1::Deployment::FORWARD);
    deployment->set_attempt(1);
    deployment->set_rollout(static_cast<uint64_t>(n));
    *deployment->mutable_started_at() = At(n);
  }
  return state;
}

absl::StatusCode Opened(const v1::PipelineState& state, const StageScope& scope) {
  return StageEdit::Open(state, "prod", scope).status().code();
}

using Edit = std::function<void(v1::StageRecord*)>;

// What is unusable about artifact 1: the first lacks something, the second has an unknown field.
std::vector<Edit> UnusableRecords() {
  std::vector<Edit> edits;
  const auto add = [&](const auto& adder) {
    edits.push_back([adder](v1::StageRecord* r) { adder(r)->set_artifact(D(1)); });
  };
  add([](v1::StageRecord* r) { return r->add_entries(); });
  add([](v1::StageRecord* r) { return r->add_passes(); });
  add([](v1::StageRecord* r) { return r->add_latches(); });
  add([](v1::StageRecord* r) { return r->add_start_requests(); });
  add([](v1::StageRecord* r) { return r->add_preempt_requests(); });
  add([](v1::StageRecord* r) { return r->add_roll_back_requests(); });
  add([](v1::StageRecord* r) { return r->add_retry_requests(); });
  edits.push_back([](v1::StageRecord* r) { r->mutable_rollouts(0)->clear_state(); });
  edits.push_back([](v1::StageRecord* r) {
    v1::Rollout* rollout = r->mutable_rollouts(0);
    rollout->GetReflection()->MutableUnknownFields(rollout)->AddVarint(999, 1);
  });
  return edits;
}

TEST(StageEditTest, AnUnusableRecordOfAnArtifactStopsWhatTouchesThat) {
  ASSERT_EQ(Opened(SoundState(), StageScope::Forward("a")), absl::StatusCode::kOk);
  int which = 0;
  for (const Edit& edit : UnusableRecords()) {
    SCOPED_TRACE(which++);
    v1::PipelineState state = SoundState();
    edit(state.mutable_stages(0));
    EXPECT_EQ(Opened(state, StageScope::Forward("b")), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Opened(state, StageScope::Of("b", D(1))), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Opened(state, StageScope::Of("b", D(2))), absl::StatusCode::kOk);
  }
}

TEST(StageEditTest, AnUnusableDeploymentStopsWhatTouchesItsCell) {
  v1::PipelineState state = SoundState();
  state.mutable_stages(0)->mutable_deployments(0)->clear_artifact();
  EXPECT_EQ(Opened(state, StageScope::Forward("a")), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Opened(state, StageScope::Of("a", "")), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Opened(state, StageScope::Forward("b")), absl::StatusCode::kOk);
  EXPECT_EQ(Opened(state, StageScope::Forward("")), absl::StatusCode::kOk);
}

// Whichever of two that contradict each other is touched.
TEST(StageEditTest, OneNumberIsOneRecord) {
  v1::PipelineState state = SoundState();
  state.mutable_stages(0)->mutable_rollouts(1)->set_number(1);
  EXPECT_EQ(Opened(state, StageScope::Of("", D(1))), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Opened(state, StageScope::Of("", D(2))), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Opened(state, StageScope::Of("", D(3))), absl::StatusCode::kOk);
}

TEST(StageEditTest, OneNumberIsOneDeployment) {
  v1::PipelineState state = SoundState();
  state.mutable_stages(0)->mutable_deployments(1)->set_number(1);
  EXPECT_EQ(Opened(state, StageScope::Of("a", "")), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Opened(state, StageScope::Of("b", "")), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Opened(state, StageScope::Of("c", "")), absl::StatusCode::kOk);
}

TEST(StageEditTest, NoNumberIsAboveTheRevision) {
  v1::PipelineState state = SoundState();
  state.mutable_stages(0)->mutable_rollouts(0)->set_number(10);
  EXPECT_EQ(Opened(state, StageScope::Of("", D(1))), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Opened(state, StageScope::Of("", D(2))), absl::StatusCode::kOk);
}

TEST(StageEditTest, AnExactDuplicateIsDropped) {
  v1::PipelineState state = SoundState();
  *state.mutable_stages(0)->add_rollouts() = state.stages(0).rollouts(0);
  absl::StatusOr<StageEdit> edit = StageEdit::Open(state, "prod", StageScope::Forward("a"));
  ASSERT_TRUE(edit.ok()) << edit.status();
  EXPECT_EQ(edit->record().rollouts_size(), 2);
}

TEST(StageEditTest, NothingIsPutBackThatIsTooLong) {
  const v1::PipelineState before = SoundState();
  for (const int room : {0, 1}) {
    v1::PipelineState state = before;
    absl::StatusOr<StageEdit> edit = StageEdit::Open(state, "prod", StageScope::Forward("a"));
    ASSERT_TRUE(edit.ok()) << edit.status();
    while (edit->record().entries_size() <= kMaxRecords - room) edit->record().add_entries();
    EXPECT_EQ(edit->Commit(&state).code(),
              room == 0 ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kOk);
    EXPECT_EQ(state.stages(0).entries_size(), room == 0 ? 0 : kMaxRecords);
  }
}

TEST(StageEditTest, APassThatWasRevokedIsNone) {
  v1::PipelineState state = SoundState();
  v1::Pass* pass = state.mutable_stages(0)->add_passes();
  pass->set_artifact(D(1));
  *pass->mutable_at() = At(5);
  pass->set_policy_fingerprint(Fingerprint());
  absl::StatusOr<StageEdit> edit = StageEdit::Open(state, "prod", StageScope::Forward(""));
  ASSERT_TRUE(edit.ok()) << edit.status();
  EXPECT_TRUE(edit->HasUnrevokedPass(D(1)));
  EXPECT_FALSE(edit->HasUnrevokedPass(D(2)));
  edit->Latch(D(1), At(6));
  EXPECT_FALSE(edit->HasUnrevokedPass(D(1)));
  EXPECT_TRUE(edit->IsLatched(D(1)));
}

TEST(StageEditTest, AReleaseThatCantBeReadReleasesNothing) {
  v1::PipelineState state = SoundState();
  v1::Latch* latch = state.mutable_stages(0)->add_latches();
  latch->set_artifact(D(1));
  *latch->mutable_at() = At(5);
  latch->mutable_released()->set_who("ann");
  latch->mutable_released()->set_why("fixed");
  *latch->mutable_released()->mutable_at() = At(6);
  const auto is_latched = [&] {
    const auto edit = StageEdit::Open(state, "prod", StageScope::Of("", D(2)));
    return !edit.ok() || edit->IsLatched(D(1));
  };
  EXPECT_FALSE(is_latched());
  latch->mutable_released()
      ->GetReflection()
      ->MutableUnknownFields(latch->mutable_released())
      ->AddVarint(999, 1);
  EXPECT_TRUE(is_latched());
}

TEST(StageEditTest, TheLaterTime) {
  const google::protobuf::Timestamp early = At(1);
  const google::protobuf::Timestamp late = At(2);
  google::protobuf::Timestamp unreadable;
  unreadable.set_nanos(-1);
  EXPECT_EQ(&LaterOf(early, late), &late);
  EXPECT_EQ(&LaterOf(late, early), &late);
  EXPECT_EQ(&LaterOf(early, unreadable), &early);
  EXPECT_EQ(&LaterOf(unreadable, early), &early);
  const google::protobuf::Timestamp same = early;
  EXPECT_EQ(&LaterOf(early, same), &early);
  EXPECT_EQ(&LaterOf(unreadable, unreadable), &unreadable);
}

}  // namespace
}  // namespace sluice
