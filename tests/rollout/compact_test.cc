// What `Compact` drops changes no decision, now or later [D3]: two copies of one pipeline's state
// see the same events, one is compacted at random instants, and every outcome is the same.

#include "sluice/compact.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "tests/conformance/outcome.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"
#include "tests/rollout/host.h"
#include "tests/rollout/walk.h"

namespace sluice {
namespace {

uint64_t walks = 40;
uint64_t first_seed = 1;

bool IsOfPerson(const v1::Event& event) {
  switch (event.kind_case()) {
    case v1::Event::kHoldReleased:
    case v1::Event::kRollBackHoldReleased:
    case v1::Event::kRetryRequested:
    case v1::Event::kRollBackRequested:
    case v1::Event::kStartRequested:
    case v1::Event::kPreemptRequested:
    case v1::Event::kLatchReleased:
      return true;
    default:
      return false;
  }
}

// A walk, and a copy of its state that is compacted now and then.
class Pair {
 public:
  Pair(uint64_t seed, const WalkOptions& options)
      : walk_(seed, options), draw_(seed + 7), small_(walk_.ledger().state()) {
    const auto record = walk_.ledger().on_write;
    walk_.ledger().on_write = [this, record](const v1::Event& event, const absl::Status& status) {
      record(event, status);
      const absl::Status here = Apply(event, &small_);
      if (here.code() == status.code()) return;
      // What a person says of something that is long over may find it gone; that changes nothing.
      if (status.ok() && absl::IsFailedPrecondition(here) && IsOfPerson(event)) {
        small_.set_revision(walk_.ledger().state().revision());
        // A request about an artifact that is gone has a finding, without effect, where it is not.
        if (event.has_roll_back_requested()) parted_ = true;
        return;
      }
      // A target beyond those that are kept.
      if (event.deployment_started().action().roll_back() && IsForgotten(event)) {
        parted_ = true;
        return;
      }
      Fail(absl::StrCat("event ", event.ShortDebugString(), "\n", status.ToString(),
                        "\ncompacted: ", here.ToString()));
    };
    walk_.on_step = [this] { Compare(); };
  }

  void Run() {
    walk_.Trouble();
    walk_.Heal();
    if (!walk_.ok()) Fail(walk_.Report());
  }

  const std::string& failure() const { return failure_; }
  std::string Report() const { return walk_.Report(); }
  uint64_t dropped() const { return dropped_; }
  bool parted() const { return parted_; }

 private:
  void Fail(const std::string& why) {
    if (failure_.empty() && !parted_) failure_ = why;
  }

  // Whether nothing is known of the roll back's target on its cell.
  bool IsForgotten(const v1::Event& event) const {
    const v1::CellAction& action = event.deployment_started().action();
    for (const v1::StageRecord& stage : small_.stages()) {
      for (const v1::Deployment& d : stage.deployments()) {
        if (d.cell() == action.cell() && d.artifact() == action.artifact()) return false;
      }
    }
    return true;
  }

  void CompactNow() {
    const uint64_t before = small_.record_count();
    CompactOptions options;
    options.roll_back_targets = 3;
    options.remember_reports_for = absl::Minutes(10);
    const absl::Status status = Compact(walk_.policy(), walk_.clock(), &small_, options);
    if (!status.ok()) return Fail(status.ToString());
    dropped_ += before - small_.record_count();
    const std::string once = small_.SerializeAsString();
    const absl::Status again = Compact(walk_.policy(), walk_.clock(), &small_, options);
    if (!again.ok() || small_.SerializeAsString() != once) Fail("compacting again drops more");
  }

  void Compare() {
    if (parted_ || !failure_.empty()) return;
    if (draw_.Percent(15)) CompactNow();
    // Remembered events are no part of any outcome: without them the copy that stays whole is
    // faster.
    v1::PipelineState* whole = walk_.ledger().mutable_state();
    whole->set_record_count(whole->record_count() - whole->applied_events_size());
    whole->clear_applied_events();
    Knowledge knowledge(walk_.outside().list(), *walk_.outside().facts());
    const Snapshot full = knowledge.Load(walk_.ledger().state());
    const Snapshot small = knowledge.Load(small_);
    absl::Time now = walk_.clock();
    for (int i = 0; i < 3; ++i) {
      const Decision of_full = walk_.policy().Decide(full, now);
      const Decision of_small = walk_.policy().Decide(small, now);
      const std::string expected = OutcomeOf(of_full);
      const std::string found = OutcomeOf(of_small);
      if (expected != found) {
        // The one thing that may be missed: roll back targets beyond those that are kept.
        if (absl::StrContains(found, "NO_SAFE_TARGET") &&
            !absl::StrContains(expected, "NO_SAFE_TARGET")) {
          parted_ = true;
          return;
        }
        return Fail(absl::StrCat("look ", i, "\n", expected, "compacted:\n", found));
      }
      if (of_full.valid_until != of_small.valid_until) return Fail("another valid_until");
      now = draw_.Percent(60) && of_full.valid_until < absl::InfiniteFuture()
                ? of_full.valid_until
                : now + absl::Seconds(draw_.Below(100'000));
    }
  }

  Walk walk_;
  Draw draw_;
  v1::PipelineState small_;
  std::string failure_;
  uint64_t dropped_ = 0;
  bool parted_ = false;
};

TEST(CompactTest, ChangesNoOutcome) {
  WalkOptions options;
  options.scenario.min_cells = 1;
  options.scenario.max_cells = 4;
  options.clock_steps = false;
  options.compact = false;
  options.two_hosts = false;
  options.steps = 150;
  uint64_t dropped = 0;
  uint64_t parted = 0;
  for (uint64_t seed = first_seed; seed < first_seed + walks; ++seed) {
    Pair pair(seed, options);
    pair.Run();
    dropped += pair.dropped();
    if (pair.parted()) ++parted;
    ASSERT_EQ(pair.failure(), "") << "seed " << seed << "\n" << pair.Report();
  }
  EXPECT_GT(dropped, walks * 20);
  EXPECT_LT(parted, walks / 2 + 1);
}

std::string DigestAt(uint64_t sequence) { return absl::StrFormat("sha256:%064d", sequence); }

v1::Event Built(uint64_t sequence) {
  v1::Event event;
  event.set_id(absl::StrCat("built-", sequence));
  event.mutable_at()->set_seconds(1000);
  v1::Artifact* artifact = event.mutable_artifact_built()->mutable_artifact();
  artifact->set_digest(DigestAt(sequence));
  artifact->set_sequence(sequence);
  return event;
}

// What was entered before, and is dropped, still rules out what is older, also once all that was
// kept is latched.
TEST(CompactTest, RemembersTheHighestSequenceThatItDrops) {
  v1::PipelinePolicy message;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(id: "shop"
           profile: STANDARD_1
           without_emergency_stop: true
           stages {
             id: "test"
             kind: TEST
             deploys: NOTHING
             passes: CRITERIA
             start: AUTOMATIC
             without_blockers: true
             pass_criteria {
               id: "unit"
               check { check: "unit" binds_to: ARTIFACT }
             }
           })pb",
      &message));
  const absl::StatusOr<Policy> policy = Policy::Compile(message);
  ASSERT_TRUE(policy.ok()) << policy.status();
  v1::PipelineState whole;
  whole.set_schema_version(1);
  whole.set_pipeline("shop");
  whole.mutable_written_at()->set_seconds(1000);
  whole.add_stages()->set_stage("test");
  for (const uint64_t sequence : {10, 20, 30}) {
    const v1::Event event = Built(sequence);
    *whole.add_artifacts() = event.artifact_built().artifact();
    v1::Entry* entry = whole.mutable_stages(0)->add_entries();
    entry->set_artifact(DigestAt(sequence));
    entry->mutable_at()->set_seconds(900);
  }
  const absl::Time now = absl::FromUnixSeconds(1001);
  v1::PipelineState small = whole;
  CompactOptions options;
  options.roll_back_targets = 2;
  ASSERT_TRUE(Compact(*policy, now, &small, options).ok());
  ASSERT_EQ(small.stages(0).entries_size(), 2);
  for (v1::PipelineState* state : {&whole, &small}) {
    for (const uint64_t sequence : {20, 30}) {
      v1::Latch* latch = state->mutable_stages(0)->add_latches();
      latch->set_artifact(DigestAt(sequence));
      latch->mutable_at()->set_seconds(950);
    }
    state->clear_record_count();
    ASSERT_TRUE(Apply(Built(5), state).ok());
    EXPECT_EQ(policy->Decide(Snapshot::Load(*state, Organisation()), now).stages[0].action,
              Action::kIdle);
    ASSERT_TRUE(Apply(Built(11), state).ok());
    EXPECT_EQ(policy->Decide(Snapshot::Load(*state, Organisation()), now).stages[0].action,
              Action::kDeploy);
  }
}

// ---- What is dropped and what stays, record by record.

constexpr int64_t kNow = 1'000'000;

google::protobuf::Timestamp Seconds(int64_t seconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  return timestamp;
}

// A pipeline of a stage without cells and one with cells `c1` and `c2`. A blocker inside another
// looks at 3 runs of `soak`; requested roll backs are 1000 s apart.
constexpr char kTwoStages[] = R"pb(
  id: "shop"
  profile: STANDARD_1
  without_emergency_stop: true
  stages {
    id: "test"
    kind: TEST
    deploys: NOTHING
    passes: CRITERIA
    start: AUTOMATIC
    without_blockers: true
    pass_criteria {
      id: "unit"
      check { check: "unit" binds_to: ARTIFACT }
    }
  }
  stages {
    id: "prod"
    kind: PRODUCTION
    deploys: CELLS
    passes: ON_COMPLETION
    start: AUTOMATIC
    blockers {
      id: "either"
      any_of {
        children {
          id: "soaked"
          check { check: "soak" binds_to: ARTIFACT consecutive_passes: 3 }
        }
        children {
          id: "hours"
          time_window { allow_always {} }
        }
      }
    }
    rollout {
      waves { id: "one" cells: "c1" }
      waves { id: "two" cells: "c2" }
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
        scope: CELL
        watch_for { seconds: 3600 }
        max_parallel: 1
        attempts: 2
        min_gap { seconds: 1000 }
      }
    }
  })pb";

class CompactedTest : public ::testing::Test {
 protected:
  CompactedTest() {
    v1::PipelinePolicy message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kTwoStages, &message));
    absl::StatusOr<Policy> compiled = Policy::Compile(message);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    policy = *std::move(compiled);
    state.set_schema_version(1);
    state.set_pipeline("shop");
    state.set_revision(100);
    *state.mutable_written_at() = Seconds(kNow - 10);
    for (uint64_t sequence = 1; sequence <= 9; ++sequence) {
      v1::Artifact* artifact = state.add_artifacts();
      artifact->set_digest(DigestAt(sequence));
      artifact->set_sequence(sequence);
    }
    for (const char* id : {"c1", "c2"}) AddCell(id, "prod");
    state.add_stages()->set_stage("test");
    state.add_stages()->set_stage("prod");
    options.roll_back_targets = 2;
  }

  v1::Cell* AddCell(const std::string& id, const std::string& stage) {
    v1::Cell* cell = state.add_cells();
    cell->set_id(id);
    cell->set_stage(stage);
    cell->set_weight(1);
    return cell;
  }
  static void Retire(v1::Cell* cell) {
    cell->mutable_retired()->set_who("ann");
    cell->mutable_retired()->set_why("moved");
    *cell->mutable_retired()->mutable_at() = Seconds(kNow - 20);
  }

  v1::StageRecord* Test() { return state.mutable_stages(0); }
  v1::StageRecord* Prod() { return state.mutable_stages(1); }

  // A deployment that succeeded, 10 s after it began, and is proven.
  v1::Deployment* AddDeployment(v1::StageRecord* stage, uint64_t number, const std::string& cell,
                                uint64_t artifact) {
    v1::Deployment* deployment = stage->add_deployments();
    deployment->set_number(number);
    deployment->set_cell(cell);
    deployment->set_artifact(DigestAt(artifact));
    deployment->set_direction(v1::Deployment::FORWARD);
    deployment->set_attempt(1);
    deployment->set_rollout(number);
    *deployment->mutable_started_at() =
        Seconds(kNow - 100'000 + static_cast<int64_t>(number) * 100);
    *deployment->mutable_ended_at() = Seconds(deployment->started_at().seconds() + 10);
    deployment->set_outcome(v1::Deployment::SUCCEEDED);
    *deployment->mutable_proven()->mutable_at() = deployment->ended_at();
    deployment->mutable_proven()->set_policy_fingerprint(DigestAt(0));
    return deployment;
  }

  // One that was completed.
  v1::Rollout* AddRollout(v1::StageRecord* stage, uint64_t number, uint64_t artifact,
                          const std::string& cell = "c1") {
    v1::Rollout* rollout = stage->add_rollouts();
    rollout->set_number(number);
    rollout->set_artifact(DigestAt(artifact));
    rollout->set_state(v1::Rollout::COMPLETE);
    *rollout->mutable_started_at() = Seconds(kNow - 100'000);
    *rollout->mutable_ended_at() = Seconds(kNow - 50'000);
    *rollout->mutable_completed_at() = rollout->ended_at();
    rollout->mutable_plan()->set_policy_fingerprint(DigestAt(0));
    v1::PlannedWave* wave = rollout->mutable_plan()->add_waves();
    wave->set_id("one");
    wave->add_cells(cell);
    wave->add_weights(1);
    return rollout;
  }

  // A run that passed in 5 s.
  v1::Check* AddRun(const std::string& check, uint64_t artifact, const std::string& run,
                    int64_t started) {
    v1::Check* added = state.add_checks();
    added->set_check(check);
    added->set_artifact(DigestAt(artifact));
    added->set_run(run);
    *added->mutable_started_at() = Seconds(started);
    *added->mutable_finished_at() = Seconds(started + 5);
    added->set_outcome(v1::Check::PASSED);
    return added;
  }

  // What is left of the state; compacted again it stays, and it decides the same.
  v1::PipelineState Compacted(absl::Time now = absl::FromUnixSeconds(kNow)) {
    v1::PipelineState small = state;
    const absl::Status status = Compact(*policy, now, &small, options);
    EXPECT_TRUE(status.ok()) << status;
    const std::string once = small.SerializeAsString();
    const absl::Status again = Compact(*policy, now, &small, options);
    EXPECT_TRUE(again.ok()) << again;
    EXPECT_EQ(small.SerializeAsString(), once);
    const Snapshot full = Snapshot::Load(state, Organisation());
    const Snapshot left = Snapshot::Load(small, Organisation());
    EXPECT_EQ(OutcomeOf(policy->Decide(full, now)), OutcomeOf(policy->Decide(left, now)));
    return small;
  }

  absl::optional<Policy> policy;
  v1::PipelineState state;
  CompactOptions options;
};

// The sequences of the artifacts that are named.
template <typename Records>
std::vector<uint64_t> SequencesOf(const Records& records) {
  std::vector<uint64_t> sequences;
  for (const auto& record : records) {
    uint64_t sequence = 0;
    EXPECT_TRUE(absl::SimpleAtoi(record.artifact().substr(7), &sequence));
    sequences.push_back(sequence);
  }
  return sequences;
}

template <typename Records>
std::vector<std::string> IdsOf(const Records& records) {
  std::vector<std::string> ids;
  for (const auto& record : records) ids.push_back(record.id());
  return ids;
}

template <typename Records>
std::vector<std::string> RunsOf(const Records& records) {
  std::vector<std::string> runs;
  for (const auto& record : records) runs.push_back(record.run());
  return runs;
}

template <typename Records>
std::vector<uint64_t> NumbersOf(const Records& records) {
  std::vector<uint64_t> numbers;
  for (const auto& record : records) numbers.push_back(record.number());
  return numbers;
}

std::vector<uint64_t> ArtifactsOf(const v1::PipelineState& state) {
  std::vector<uint64_t> sequences;
  for (const v1::Artifact& artifact : state.artifacts()) sequences.push_back(artifact.sequence());
  return sequences;
}

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

// Reports for an hour, until one nanosecond before it has gone by; everything else for a week.
TEST_F(CompactedTest, EventsAreForgottenByTheirKind) {
  const std::set<std::string> reports = {
      "alarm_reported",          "series_reported",      "counts_reported",  "baseline_reported",
      "synthetic_runs_reported", "environment_observed", "traffic_observed", "list_observed"};
  std::set<std::string> names;
  const google::protobuf::OneofDescriptor* kinds = v1::Event::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* kind = kinds->field(i);
    const auto add = [&](const char* name, absl::Time at, bool stays) {
      v1::AppliedEvent* event = state.add_applied_events();
      event->set_id(absl::StrCat(kind->name(), ".", name));
      event->set_digest(DigestAt(0));
      event->set_kind(static_cast<uint32_t>(kind->number()));
      event->mutable_at()->set_seconds(absl::ToUnixSeconds(at));
      event->mutable_at()->set_nanos(static_cast<int32_t>(
          (at - absl::FromUnixSeconds(absl::ToUnixSeconds(at))) / absl::Nanoseconds(1)));
      if (stays) names.insert(event->id());
    };
    const absl::Time now = absl::FromUnixSeconds(kNow);
    const bool is_report = reports.count(kind->name()) > 0;
    add("hour", now - absl::Hours(1), true);
    add("above_hour", now - absl::Hours(1) - absl::Nanoseconds(1), !is_report);
    add("week", now - absl::Hours(7 * 24), !is_report);
    add("above_week", now - absl::Hours(7 * 24) - absl::Nanoseconds(1), false);
  }
  v1::AppliedEvent* undated = state.add_applied_events();
  undated->set_id("undated");
  undated->set_digest(DigestAt(0));
  names.insert("undated");
  const v1::PipelineState small = Compacted();
  EXPECT_THAT(IdsOf(small.applied_events()), UnorderedElementsAreArray(names));
  EXPECT_EQ(small.events_forgotten_before().seconds(), kNow - 7 * 24 * 3600);
}

// Entries down to the second that is not latched; of the others the highest that was not.
TEST_F(CompactedTest, LatchedEntriesAreNoneOfThoseThatStay) {
  for (const uint64_t sequence : {4, 5, 6, 7, 8, 9}) {
    v1::Entry* entry = Test()->add_entries();
    entry->set_artifact(DigestAt(sequence));
    *entry->mutable_at() = Seconds(kNow - 100);
    if (sequence % 2 == 0) continue;
    v1::Latch* latch = Test()->add_latches();
    latch->set_artifact(DigestAt(sequence));
    *latch->mutable_at() = Seconds(kNow - 50);
  }
  // Of one that is not recorded nobody knows when it was built.
  v1::Entry* unknown = Test()->add_entries();
  unknown->set_artifact(DigestAt(99));
  *unknown->mutable_at() = Seconds(kNow - 100);
  const v1::PipelineState small = Compacted();
  EXPECT_THAT(SequencesOf(small.stages(0).entries()), ElementsAre(6, 7, 8, 9));
  EXPECT_EQ(small.stages(0).sequence_floor(), 4u);
  EXPECT_THAT(ArtifactsOf(small), ElementsAre(5, 6, 7, 8, 9));
  EXPECT_THAT(SequencesOf(small.stages(0).latches()), ElementsAre(5, 7, 9));
}

// An artifact below the floor of a stage may still come to the next one, if it has passed.
TEST_F(CompactedTest, WhatHasPassedStaysForTheNextStage) {
  Test()->set_sequence_floor(5);
  for (const uint64_t sequence : {3, 4}) {
    v1::Pass* pass = Test()->add_passes();
    pass->set_artifact(DigestAt(sequence));
    pass->set_policy_fingerprint(DigestAt(0));
    *pass->mutable_at() = Seconds(kNow - 100);
    if (sequence == 3) *pass->mutable_revoked_at() = Seconds(kNow - 50);
  }
  const v1::PipelineState small = Compacted();
  EXPECT_THAT(ArtifactsOf(small), ElementsAre(4, 6, 7, 8, 9));
  EXPECT_THAT(SequencesOf(small.stages(0).passes()), ElementsAre(4));
}

// Another deployment of a target is not another target.
TEST_F(CompactedTest, ACellKeepsDistinctTargets) {
  Test()->set_sequence_floor(1);
  AddDeployment(Prod(), 11, "c1", 1);
  AddDeployment(Prod(), 12, "c1", 2);
  AddDeployment(Prod(), 13, "c1", 3);
  AddDeployment(Prod(), 14, "c1", 3)->set_attempt(2);
  const v1::PipelineState small = Compacted();
  EXPECT_THAT(NumbersOf(small.stages(1).deployments()), ElementsAre(12, 13, 14));
  EXPECT_EQ(small.stages(1).sequence_floor(), 1u);
  EXPECT_THAT(ArtifactsOf(small), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
}

// While it spaces the next, and no longer.
TEST_F(CompactedTest, ARecentRollBackStays) {
  AddDeployment(Prod(), 11, "c1", 1);
  v1::Deployment* back = AddDeployment(Prod(), 12, "c1", 1);
  back->set_direction(v1::Deployment::ROLL_BACK);
  back->set_rollout(10);
  back->clear_proven();
  *back->mutable_started_at() = Seconds(kNow - 1000);
  *back->mutable_ended_at() = Seconds(kNow - 990);
  for (const uint64_t number : {13, 14}) {
    v1::Deployment* forward = AddDeployment(Prod(), number, "c1", number - 5);
    *forward->mutable_started_at() = Seconds(kNow - 900);
    *forward->mutable_ended_at() = Seconds(kNow - 890);
  }
  AddRollout(Prod(), 10, 2)->set_state(v1::Rollout::ROLLED_BACK);
  v1::PipelineState small = Compacted(absl::FromUnixSeconds(kNow) - absl::Nanoseconds(1));
  // The artifact's other deployments to the cell stay with it.
  EXPECT_THAT(NumbersOf(small.stages(1).deployments()), ElementsAre(11, 12, 13, 14));
  EXPECT_THAT(NumbersOf(small.stages(1).rollouts()), ElementsAre(10));
  EXPECT_THAT(ArtifactsOf(small), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  small = Compacted();
  EXPECT_THAT(NumbersOf(small.stages(1).deployments()), ElementsAre(13, 14));
  EXPECT_THAT(NumbersOf(small.stages(1).rollouts()), ElementsAre(10));
}

// Of each artifact that stays the newest, and those that deployments belong to.
TEST_F(CompactedTest, RolloutsThatNothingNamesAreDropped) {
  AddDeployment(Prod(), 20, "c1", 8)->set_rollout(12);
  AddDeployment(Prod(), 21, "c1", 9)->set_rollout(14);
  Test()->set_sequence_floor(5);
  Prod()->set_sequence_floor(5);
  for (const auto& [number, artifact] :
       {std::pair<uint64_t, uint64_t>(10, 1), std::pair<uint64_t, uint64_t>(11, 9),
        std::pair<uint64_t, uint64_t>(12, 8), std::pair<uint64_t, uint64_t>(13, 9),
        std::pair<uint64_t, uint64_t>(14, 9), std::pair<uint64_t, uint64_t>(15, 9)}) {
    v1::Rollout* rollout = AddRollout(Prod(), number, artifact);
    if (number == 15) continue;
    rollout->set_state(v1::Rollout::ABANDONED);
    rollout->clear_completed_at();
  }
  const v1::PipelineState small = Compacted();
  EXPECT_THAT(NumbersOf(small.stages(1).rollouts()), ElementsAre(12, 14, 15));
  EXPECT_THAT(ArtifactsOf(small), ElementsAre(6, 7, 8, 9));
}

TEST_F(CompactedTest, RequestsStayUntilTheyEnd) {
  Test()->set_sequence_floor(5);
  Prod()->set_sequence_floor(5);
  const auto add = [&](auto* request, const std::string& id, uint64_t artifact, int64_t expires) {
    request->set_id(id);
    request->set_artifact(DigestAt(artifact));
    request->set_who("ann");
    *request->mutable_requested_at() = Seconds(kNow - 100);
    *request->mutable_expires_at() = Seconds(expires);
  };
  add(Prod()->add_start_requests(), "ended", 9, kNow);
  add(Prod()->add_start_requests(), "goes_on", 9, kNow + 1);
  add(Prod()->add_start_requests(), "of_what_is_dropped", 1, kNow + 1);
  add(Prod()->add_preempt_requests(), "ended", 9, kNow);
  add(Prod()->add_preempt_requests(), "goes_on", 9, kNow + 1);
  add(Prod()->add_preempt_requests(), "of_what_is_dropped", 1, kNow + 1);
  const v1::PipelineState small = Compacted();
  EXPECT_THAT(IdsOf(small.stages(1).start_requests()), ElementsAre("goes_on"));
  EXPECT_THAT(IdsOf(small.stages(1).preempt_requests()), ElementsAre("goes_on"));
}

// As many runs as a blocker looks at, the newest, one by default; also of each stage.
TEST_F(CompactedTest, RunsThatNobodyLooksAtAreDropped) {
  Test()->set_sequence_floor(5);
  Prod()->set_sequence_floor(5);
  for (int i = 1; i <= 5; ++i) AddRun("soak", 9, absl::StrCat("soak", i), kNow - 100 + i);
  AddRun("soak", 1, "dropped", kNow - 50);
  AddRun("unit", 9, "oldest_of_prod", kNow - 90)->set_stage("prod");
  AddRun("unit", 9, "of_prod", kNow - 80)->set_stage("prod");
  AddRun("unit", 9, "newest", kNow - 70)->set_stage("test");
  // One that goes on counts as the newest.
  AddRun("unit", 8, "finished", kNow - 90);
  v1::Check* running = AddRun("unit", 8, "running", kNow - 80);
  running->set_outcome(v1::Check::RUNNING);
  running->clear_finished_at();
  EXPECT_THAT(RunsOf(Compacted().checks()),
              ElementsAre("soak3", "soak4", "soak5", "of_prod", "newest", "running"));
}

// Where a run can't be read yet, or at all, none of its kind is dropped.
TEST_F(CompactedTest, RunsStayBesideOneThatCantBeRead) {
  const std::function<void(v1::Check*)> edits[] = {
      [](v1::Check* run) { run->clear_run(); },
      [](v1::Check* run) {
        *run->mutable_started_at() = Seconds(kNow + 1);
        *run->mutable_finished_at() = Seconds(kNow + 2);
      },
      [](v1::Check* run) { *run->mutable_finished_at() = Seconds(kNow + 1); },
  };
  for (const auto& edit : edits) {
    state.clear_checks();
    AddRun("unit", 9, "old", kNow - 90);
    AddRun("unit", 9, "new", kNow - 80);
    ASSERT_THAT(RunsOf(Compacted().checks()), ElementsAre("new"));
    edit(AddRun("unit", 9, "last", kNow - 10));
    EXPECT_EQ(Compacted().checks_size(), 3);
  }
}

// Runs and measurements on a cell, from the start of what is deployed there.
TEST_F(CompactedTest, WhatWasSeenOfACellBeforeItsNewestDeploymentIsDropped) {
  Test()->set_sequence_floor(5);
  Prod()->set_sequence_floor(5);
  AddCell("b1", "prod");
  AddCell("o1", "other");
  const int64_t started = AddDeployment(Prod(), 11, "c1", 9)->started_at().seconds();
  AddDeployment(Prod(), 12, "c2", 8);
  const auto measure = [&](const std::string& run, const std::string& cell, uint64_t artifact,
                           int64_t at) {
    v1::Measurement* measurement = state.add_measurements();
    measurement->set_measurement("m");
    measurement->set_artifact(DigestAt(artifact));
    measurement->set_cell(cell);
    measurement->set_run(run);
    *measurement->mutable_measured_at() = Seconds(at);
    measurement->set_outcome(v1::Measurement::SUCCEEDED);
    v1::Check* check = AddRun("hygiene", artifact, run, at);
    check->set_cell(cell);
  };
  measure("before", "c1", 9, started - 1);
  measure("from_then_on", "c1", 9, started);
  measure("of_what_is_dropped", "c1", 1, started);
  // Where nothing was deployed, or nothing is known of the cell, they stay.
  measure("undeployed", "b1", 9, 1);
  measure("of_a_stage_without_records", "o1", 9, 1);
  measure("unknown", "x1", 9, 1);
  const v1::PipelineState small = Compacted();
  const auto left =
      ElementsAre("from_then_on", "undeployed", "of_a_stage_without_records", "unknown");
  EXPECT_THAT(RunsOf(small.measurements()), left);
  EXPECT_THAT(RunsOf(small.checks()), left);
}

// A hold that can't be read has no end.
TEST_F(CompactedTest, HoldsThatHaveEndedAreDropped) {
  const auto add = [](auto* hold, const char* id, int64_t expires) {
    hold->set_id(id);
    hold->set_stage("prod");
    hold->set_who("ann");
    hold->set_why("look");
    *hold->mutable_placed_at() = Seconds(kNow - 100);
    *hold->mutable_expires_at() = Seconds(expires);
  };
  for (v1::Hold* hold : {state.add_holds(), state.add_holds(), state.add_holds()}) {
    hold->set_scope(v1::Hold::STAGE);
  }
  add(state.mutable_holds(0), "ended", kNow);
  add(state.mutable_holds(1), "goes_on", kNow + 1);
  add(state.mutable_holds(2), "unreadable", kNow);
  state.mutable_holds(2)->clear_why();
  add(state.add_roll_back_holds(), "ended", kNow);
  add(state.add_roll_back_holds(), "goes_on", kNow + 1);
  add(state.add_roll_back_holds(), "unreadable", kNow);
  state.mutable_roll_back_holds(2)->clear_why();
  const v1::PipelineState small = Compacted();
  EXPECT_THAT(IdsOf(small.holds()), ElementsAre("goes_on", "unreadable"));
  EXPECT_THAT(IdsOf(small.roll_back_holds()), ElementsAre("goes_on", "unreadable"));
}

TEST_F(CompactedTest, RetiredCellsThatNothingNamesAreDropped) {
  Retire(state.mutable_cells(1));  // The policy's second wave has it.
  for (const char* id : {"deployed", "gone", "planned"}) Retire(AddCell(id, "prod"));
  v1::Deployment* under_way = AddDeployment(Prod(), 11, "deployed", 9);
  under_way->clear_ended_at();
  under_way->clear_outcome();
  under_way->clear_proven();
  AddRollout(Prod(), 10, 9, "planned");
  AddCell("new", "prod");
  EXPECT_THAT(IdsOf(Compacted().cells()), ElementsAre("c1", "c2", "deployed", "planned", "new"));
}

// The stage may come back; till then nothing in it is touched, nor what it names.
TEST_F(CompactedTest, AStageThatThePolicyDoesNotHaveKeepsItsHistory) {
  Test()->set_sequence_floor(8);
  AddCell("o1", "other");
  v1::StageRecord* other = state.add_stages();
  other->set_stage("other");
  other->set_sequence_floor(1);
  AddRollout(other, 10, 2, "o1");
  AddRollout(other, 11, 3, "o1");
  AddRollout(other, 12, 4, "o1");
  AddDeployment(other, 11, "o1", 3);
  AddDeployment(other, 12, "o1", 4);
  AddDeployment(other, 13, "o1", 5);
  AddDeployment(other, 14, "o1", 6);
  v1::Entry* entry = other->add_entries();
  entry->set_artifact(DigestAt(7));
  *entry->mutable_at() = Seconds(kNow - 100);
  v1::Pass* pass = other->add_passes();
  pass->set_artifact(DigestAt(8));
  pass->set_policy_fingerprint(DigestAt(0));
  *pass->mutable_at() = Seconds(kNow - 100);
  const v1::PipelineState small = Compacted();
  EXPECT_EQ(small.stages(2).SerializeAsString(), state.stages(2).SerializeAsString());
  EXPECT_THAT(ArtifactsOf(small), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
}

// Nothing is dropped from what can't be read.
TEST(CompactTest, RefusesWhatIsUnreadable) {
  WalkOptions options;
  options.compact = false;
  Walk walk(first_seed, options);
  walk.Trouble();
  ASSERT_TRUE(walk.ok()) << walk.Report();
  const v1::PipelineState good = walk.ledger().state();
  const std::function<void(v1::PipelineState*)> edits[] = {
      [](v1::PipelineState* state) { state->set_record_count(state->record_count() + 1); },
      [](v1::PipelineState* state) { state->set_schema_version(1'000); },
      [](v1::PipelineState* state) { state->set_pipeline("another"); },
      [](v1::PipelineState* state) { state->clear_written_at(); },
      [](v1::PipelineState* state) { state->mutable_artifacts(0)->set_sequence(0); },
      [](v1::PipelineState* state) { state->mutable_cells(0)->set_weight(0); },
      [](v1::PipelineState* state) {
        state->mutable_stages(0)->mutable_deployments(0)->clear_started_at();
      },
      [](v1::PipelineState* state) {
        state->mutable_stages(0)->mutable_deployments(0)->set_number(0);
      },
      [](v1::PipelineState* state) {
        state->mutable_cells(0)
            ->GetReflection()
            ->MutableUnknownFields(state->mutable_cells(0))
            ->AddVarint(1000, 1);
      },
  };
  int number = 0;
  for (const auto& edit : edits) {
    SCOPED_TRACE(++number);
    v1::PipelineState state = good;
    edit(&state);
    const std::string before = state.SerializeAsString();
    const absl::Status status = Compact(walk.policy(), walk.clock(), &state);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_EQ(state.SerializeAsString(), before);
  }
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::walks = sluice::NumberArgument(argc, argv, "walks", sluice::walks);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  return RUN_ALL_TESTS();
}
