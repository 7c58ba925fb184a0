#include "sluice/record.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using Code = absl::StatusCode;

class ApplyTest : public ::testing::Test {
 protected:
  v1::Event Built(int n) {
    v1::Event event = world.NewEvent();
    event.mutable_artifact_built()->mutable_artifact()->set_digest(D(n));
    event.mutable_artifact_built()->mutable_artifact()->set_sequence(static_cast<uint64_t>(n));
    return event;
  }
  v1::Event Added(const std::string& cell) {
    v1::Event event = world.NewEvent();
    event.mutable_cell_added()->mutable_cell()->set_id(cell);
    event.mutable_cell_added()->mutable_cell()->set_stage("prod");
    event.mutable_cell_added()->mutable_cell()->set_weight(10);
    return event;
  }

  World world;
};

// ---- The same event again.

TEST_F(ApplyTest, TheDigestOfAnEventIsKept) {
  const v1::Event event = Built(1);
  world.Must(event);
  ASSERT_EQ(world.state.applied_events_size(), 1);
  EXPECT_EQ(world.state.applied_events(0).id(), event.id());
  EXPECT_EQ(world.state.applied_events(0).digest().substr(0, 7), "sha256:");
  EXPECT_EQ(world.state.applied_events(0).digest().size(), 71u);
}

TEST_F(ApplyTest, TheSameEventAgainIsFineWhateverTheRevision) {
  const v1::Event event = Added("a");
  world.Must(event);
  world.AddCell("b");
  const std::string before = DeterministicBytes(world.state);
  EXPECT_TRUE(Apply(event, &world.state).ok());
  EXPECT_EQ(DeterministicBytes(world.state), before);
}

TEST_F(ApplyTest, TheSameIdWithOtherContentIsRefused) {
  v1::Event event = Built(1);
  world.Must(event);
  for (const auto& change : std::vector<std::function<void(v1::Event*)>>{
           [](v1::Event* e) { e->mutable_at()->set_nanos(1); },
           [](v1::Event* e) { e->set_expected_revision(7); },
           [](v1::Event* e) { e->mutable_artifact_built()->mutable_artifact()->set_name("x"); },
           [](v1::Event* e) {
             *e->mutable_list_observed()->mutable_list() =
                 Parse<v1::ListSeen>("list: 'cves' epoch: 1");
           }}) {
    v1::Event other = event;
    change(&other);
    const absl::Status status = world.Do(other);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_THAT(Paths(status), ElementsAre("id"));
  }
}

TEST_F(ApplyTest, TheOrderOfSetsIsNotContent) {
  v1::Event event = Built(1);
  event.mutable_artifact_built()->mutable_artifact()->add_authors("ann");
  event.mutable_artifact_built()->mutable_artifact()->add_authors("bob");
  world.Must(event);
  event.mutable_artifact_built()->mutable_artifact()->mutable_authors()->SwapElements(0, 1);
  EXPECT_TRUE(Apply(event, &world.state).ok());
}

TEST_F(ApplyTest, ARefusedEventIsNotRemembered) {
  const v1::Event event = Added("a");
  v1::Event early = event;
  early.set_expected_revision(9);
  EXPECT_EQ(world.Do(early).code(), Code::kAborted);
  EXPECT_EQ(world.state.applied_events_size(), 0);
  EXPECT_TRUE(world.Do(event).ok());
}

// ---- The revision.

// What is older may have been applied and forgotten [D2].
TEST_F(ApplyTest, FactsFromBeforeWhatIsRememberedAreRefused) {
  world.AddCell("a");
  const auto built_at = [&](int64_t seconds, int n) {
    v1::Event event = Built(n);
    *event.mutable_at() = At(seconds);
    v1::PipelineState state = world.state;
    return Apply(event, &state).code();
  };
  const int64_t from = world.now;
  EXPECT_EQ(built_at(from - 1, 1), Code::kOk);
  *world.state.mutable_events_forgotten_before() = At(from);
  EXPECT_EQ(built_at(from - 1, 1), Code::kFailedPrecondition);
  EXPECT_EQ(built_at(from, 1), Code::kOk);
  world.state.mutable_events_forgotten_before()->set_nanos(-1);
  EXPECT_EQ(built_at(from, 1), Code::kFailedPrecondition);
}

// The revision guards those.
TEST_F(ApplyTest, EventsThatChangeARolloutMayBeOlder) {
  world.AddCell("a");
  world.Build(1);
  *world.state.mutable_events_forgotten_before() = At(world.now + 100);
  EXPECT_TRUE(world.TryDeploy("a", 1, {{"one", {"a"}}}).ok());
}

TEST_F(ApplyTest, AnotherRevisionAborts) {
  world.AddCell("a");
  for (const uint64_t revision : {uint64_t{0}, uint64_t{2}}) {
    v1::Event event = Added("b");
    event.set_expected_revision(revision);
    EXPECT_EQ(world.Do(event).code(), Code::kAborted);
  }
  EXPECT_TRUE(world.Do(Added("b")).ok());
  EXPECT_EQ(world.state.revision(), 2u);
}

TEST_F(ApplyTest, OnlyEventsThatChangeARolloutNeedARevision) {
  v1::Event event = Added("a");
  event.clear_expected_revision();
  const absl::Status status = world.Do(event);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(Paths(status), ElementsAre("expected_revision"));
  v1::Event fact = Built(1);
  fact.clear_expected_revision();
  EXPECT_TRUE(world.Do(fact).ok());
  // A fact that has one is not held to it.
  fact = Built(2);
  fact.set_expected_revision(77);
  EXPECT_TRUE(world.Do(fact).ok());
  EXPECT_EQ(world.state.revision(), 0u);
}

TEST_F(ApplyTest, NothingFollowsTheLastRevision) {
  world.state.set_revision(std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(world.Do(Added("a")).code(), Code::kFailedPrecondition);
  EXPECT_TRUE(world.Do(Built(1)).ok());
}

// ---- The clock.

TEST_F(ApplyTest, TheStateWasWrittenAtTheLatestInstant) {
  v1::Event event = Built(1);
  event.mutable_at()->set_nanos(5);
  world.Must(event);
  EXPECT_EQ(DeterministicBytes(world.state.written_at()), DeterministicBytes(event.at()));
  for (const int nanos : {4, 5, 6}) {
    v1::Event next = Built(nanos);
    *next.mutable_at() = event.at();
    next.mutable_at()->set_nanos(nanos);
    world.Must(next);
    EXPECT_EQ(world.state.written_at().nanos(), std::max(nanos, 5));
  }
}

// ---- The state as a whole.

TEST_F(ApplyTest, AnUnknownSchemaIsRefused) {
  const v1::Event event = Built(1);
  World old = world;
  old.Must(event);
  for (const uint32_t version : {0u, 2u, 4294967295u}) {
    world.state.set_schema_version(version);
    EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
    // Not even an event that was applied.
    old.state.set_schema_version(version);
    EXPECT_EQ(Apply(event, &old.state).code(), Code::kFailedPrecondition);
  }
}

TEST_F(ApplyTest, AStateNeedsAPipeline) {
  for (const char* pipeline : {"", "a b"}) {
    world.state.set_pipeline(pipeline);
    EXPECT_EQ(world.Do(Built(1)).code(), Code::kFailedPrecondition);
  }
}

TEST_F(ApplyTest, AFullStateTakesNoEvent) {
  for (int i = 0; i < 1'000'000; ++i) world.state.add_applied_events();
  EXPECT_EQ(Apply(Built(1), &world.state).code(), Code::kResourceExhausted);
  world.state.mutable_applied_events()->RemoveLast();
  EXPECT_EQ(Apply(Built(1), &world.state).code(), Code::kOk);
}

TEST_F(ApplyTest, AFullListTakesNoRecord) {
  for (int i = 0; i < 1'000'000; ++i) world.state.add_withdrawals();
  v1::Event event = world.NewEvent();
  *event.mutable_artifact_withdrawn()->mutable_withdrawal() = Parse<v1::Withdrawal>(
      absl::StrCat("artifact: '", D(1), "' who: 'ann' why: 'x' at { seconds: 1 }"));
  EXPECT_EQ(Apply(event, &world.state).code(), Code::kResourceExhausted);
  EXPECT_EQ(world.state.applied_events_size(), 0);
  EXPECT_EQ(Apply(Built(1), &world.state).code(), Code::kOk);
}

// A state that lost something takes only what stops or undoes.
class CutStateTest : public RecordTest {
 protected:
  CutStateTest() {
    world.RollOut(1, TwoWaves());
    world.Deploy("a", 3, TwoWaves());
  }

  void ExpectOnlyStops() {
    const std::string before = DeterministicBytes(world.state);
    const auto code = [&](const v1::Event& event) { return Apply(event, &world.state).code(); };
    EXPECT_EQ(code(world.Forward("b", 4, {{"one", {"b"}}})), Code::kFailedPrecondition);
    EXPECT_EQ(code(world.RetryAsked(3)), Code::kFailedPrecondition);
    v1::Event end = world.NewEvent();
    end.mutable_list_observed()->mutable_list()->set_list("cves");
    end.mutable_list_observed()->mutable_list()->set_epoch(1);
    EXPECT_EQ(code(end), Code::kFailedPrecondition);
    EXPECT_EQ(DeterministicBytes(world.state), before);

    EXPECT_EQ(code(world.RollBackAsked(3)), Code::kOk);
    EXPECT_EQ(code(world.RollBack("a", 3, 1)), Code::kOk);
    EXPECT_EQ(code(world.Ended("a", v1::Deployment::SUCCEEDED)), Code::kOk);
    EXPECT_EQ(code(world.Wanted(v1::WantedRecord::ROLLED_BACK, 3)), Code::kOk);
    EXPECT_EQ(code(world.Forward("a", 4, TwoWaves())), Code::kFailedPrecondition);
  }
};

TEST_F(CutStateTest, OfWhichARecordIsMissing) {
  world.state.mutable_artifacts()->RemoveLast();
  ExpectOnlyStops();
}

TEST_F(CutStateTest, OfWhichTheCountIsTooLow) {
  world.state.set_record_count(0);
  ExpectOnlyStops();
}

TEST_F(CutStateTest, WithUnknownFields) {
  world.state.GetReflection()->MutableUnknownFields(&world.state)->AddVarint(1000, 1);
  ExpectOnlyStops();
}

TEST_F(CutStateTest, WrittenAtNoInstant) {
  world.state.mutable_written_at()->set_nanos(-1);
  ExpectOnlyStops();
  EXPECT_EQ(world.state.written_at().nanos(), -1);
}

TEST_F(CutStateTest, WithoutACountIsNotKnownToBeCut) {
  world.state.clear_record_count();
  v1::Event event = world.NewEvent();
  event.mutable_list_observed()->mutable_list()->set_list("cves");
  event.mutable_list_observed()->mutable_list()->set_epoch(1);
  world.Must(event);
}

// ---- Records of the touched stage.

class BrokenStageTest : public RecordTest {
 protected:
  BrokenStageTest() {
    world.RollOut(1, TwoWaves());
    world.Deploy("a", 3, TwoWaves());
    world.End("a");
    world.Prove("a", 3);
  }

  v1::Deployment* NewestOn(const std::string& cell) {
    v1::Deployment* newest = nullptr;
    for (v1::Deployment& d : *world.MutableStage()->mutable_deployments()) {
      if (d.cell() == cell && (newest == nullptr || d.number() > newest->number())) newest = &d;
    }
    return newest;
  }

  Code Forward() { return world.TryDeploy("b", 3, TwoWaves()).code(); }
  Code Back() { return world.TryRollBack("a", 3, 1).code(); }
};

TEST_F(BrokenStageTest, ABrokenDeploymentStopsItsCell) {
  NewestOn("b")->set_outcome(static_cast<v1::Deployment::Outcome>(99));
  EXPECT_EQ(Forward(), Code::kFailedPrecondition);
  EXPECT_EQ(Back(), Code::kOk);
}

TEST_F(BrokenStageTest, ABrokenDeploymentStopsTheWavesAfterItsOwn) {
  NewestOn("a")->mutable_proven()->clear_at();
  EXPECT_EQ(Forward(), Code::kFailedPrecondition);
  EXPECT_EQ(Back(), Code::kFailedPrecondition);
}

TEST_F(BrokenStageTest, ABrokenDeploymentOfALaterWaveStopsNoEarlierOne) {
  NewestOn("c")->clear_artifact();
  EXPECT_EQ(Forward(), Code::kOk);
}

TEST_F(BrokenStageTest, UnknownFieldsOfADeploymentStopItsCell) {
  v1::Deployment* newest = NewestOn("b");
  newest->GetReflection()->MutableUnknownFields(newest)->AddVarint(1000, 1);
  EXPECT_EQ(Forward(), Code::kFailedPrecondition);
  EXPECT_EQ(Back(), Code::kOk);
}

TEST_F(BrokenStageTest, UnknownFieldsOfTheStageStopItButNotARollBack) {
  v1::StageRecord* stage = world.MutableStage();
  stage->GetReflection()->MutableUnknownFields(stage)->AddVarint(1000, 1);
  EXPECT_EQ(Forward(), Code::kFailedPrecondition);
  EXPECT_EQ(Back(), Code::kOk);
}

TEST_F(BrokenStageTest, ABrokenRolloutStopsTheStageButNotTheRollBackOfAnother) {
  for (v1::Rollout& rollout : *world.MutableStage()->mutable_rollouts()) {
    if (rollout.artifact() == D(1)) rollout.clear_plan();
  }
  EXPECT_EQ(Forward(), Code::kFailedPrecondition);
  EXPECT_EQ(Back(), Code::kOk);
}

TEST_F(BrokenStageTest, ABrokenRolloutIsNotRolledBack) {
  for (v1::Rollout& rollout : *world.MutableStage()->mutable_rollouts()) {
    if (rollout.artifact() == D(3)) rollout.set_state(v1::Rollout::STATE_UNSPECIFIED);
  }
  EXPECT_EQ(Back(), Code::kFailedPrecondition);
}

TEST_F(BrokenStageTest, TwoRolloutsUnderWayStopTheStage) {
  for (v1::Rollout& rollout : *world.MutableStage()->mutable_rollouts()) {
    if (rollout.artifact() == D(1)) rollout.set_state(v1::Rollout::RUNNING);
  }
  EXPECT_EQ(Forward(), Code::kFailedPrecondition);
}

TEST_F(BrokenStageTest, ANumberThatNoRevisionGaveStops) {
  NewestOn("b")->set_number(world.state.revision() + 1);
  EXPECT_EQ(Forward(), Code::kFailedPrecondition);
  NewestOn("b")->set_number(world.state.revision());
  EXPECT_EQ(Forward(), Code::kOk);
}

TEST_F(BrokenStageTest, TwoDeploymentsOfOneNumberStopUnlessTheyAreTheSame) {
  *world.MutableStage()->add_deployments() = *NewestOn("b");
  World different = world;
  EXPECT_EQ(Forward(), Code::kOk);
  int of_b = 0;
  for (const v1::Deployment& d : world.Stage().deployments()) of_b += d.cell() == "b" ? 1 : 0;
  EXPECT_EQ(of_b, 2);
  v1::StageRecord* stage = different.MutableStage();
  stage->mutable_deployments(stage->deployments_size() - 1)->set_who("eve");
  EXPECT_EQ(different.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(BrokenStageTest, TwoRecordsOfTheStageStopUnlessTheyAreTheSame) {
  *world.state.add_stages() = world.state.stages(0);
  world.state.clear_record_count();
  World different = world;
  EXPECT_EQ(Forward(), Code::kOk);
  EXPECT_EQ(world.state.stages_size(), 1);
  v1::Pass* pass = different.state.mutable_stages(1)->add_passes();
  pass->set_artifact(D(1));
  *pass->mutable_at() = At(1);
  pass->set_policy_fingerprint(Fingerprint());
  EXPECT_EQ(different.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(BrokenStageTest, TwoRecordsOfACellOrArtifactStopUnlessTheyAreTheSame) {
  *world.state.add_cells() = world.state.cells(1);
  *world.state.add_artifacts() = world.state.artifacts(2);
  world.state.clear_record_count();
  World other_cell = world;
  World other_artifact = world;
  EXPECT_EQ(Forward(), Code::kOk);
  other_cell.state.mutable_cells(3)->set_weight(11);
  EXPECT_EQ(other_cell.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  other_artifact.state.mutable_artifacts(9)->set_sequence(11);
  EXPECT_EQ(other_artifact.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
}

TEST_F(BrokenStageTest, ABrokenArtifactOrCellStops) {
  World cell = world;
  cell.state.mutable_cells(1)->clear_weight();
  EXPECT_EQ(cell.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  World artifact = world;
  artifact.state.mutable_artifacts(2)->clear_sequence();
  EXPECT_EQ(artifact.TryDeploy("b", 3, TwoWaves()).code(), Code::kFailedPrecondition);
  // What is removed need not be readable.
  EXPECT_EQ(artifact.TryRollBack("a", 3, 1).code(), Code::kOk);
}

TEST_F(BrokenStageTest, RecordsOfAnotherStageDoNotMatter) {
  world.state.add_stages()->set_stage("test");
  world.state.mutable_stages(1)->add_rollouts();
  world.state.mutable_stages(1)->add_deployments();
  world.state.clear_record_count();
  // The invariants of `World` are not those of a broken stage.
  EXPECT_TRUE(Apply(world.Forward("b", 3, TwoWaves()), &world.state).ok());
}

// ---- Walks.

// Picks events at random, most of which are refused, and checks each by World::Do.
class Walk {
 public:
  explicit Walk(uint32_t seed) : random_(seed) {
    for (int n = 1; n <= kArtifacts; ++n) world.Build(n);
    for (const char* cell : {"a", "b", "c"}) world.AddCell(cell);
  }

  // Whether the event was applied.
  bool Step() { return world.Do(Pick()).ok(); }

  World world;

 private:
  static constexpr int kArtifacts = 12;

  int Number(size_t below) {
    return static_cast<int>(std::uniform_int_distribution<size_t>(0, below - 1)(random_));
  }
  int AnyArtifact() { return 1 + Number(kArtifacts + 1); }
  std::string AnyCell() { return std::string(1, "abcd"[Number(4)]); }

  Waves AnyPlan() {
    switch (Number(3)) {
      case 0:
        return {{"one", {"a"}}, {"rest", {"b", "c"}}};
      case 1:
        return {{"all", {"a", "b", "c"}}};
      default:
        return {{"@catch_up", {AnyCell()}}};
    }
  }

  // Guesses that let a walk get on: the artifact of that digest, or any.
  int ArtifactOf(const std::string& digest) {
    for (int n = 1; n <= kArtifacts; ++n) {
      if (digest == D(n)) return n;
    }
    return AnyArtifact();
  }
  int On(const std::string& cell) { return ArtifactOf(world.Newest(cell).artifact()); }
  int ProvenOn(const std::string& cell) {
    std::vector<int> proven;
    for (const v1::Deployment& deployment : world.Stage().deployments()) {
      if (deployment.cell() == cell && deployment.has_proven()) {
        proven.push_back(ArtifactOf(deployment.artifact()));
      }
    }
    return proven.empty() ? AnyArtifact() : proven[static_cast<size_t>(Number(proven.size()))];
  }
  const v1::Rollout& Active() {
    for (const v1::Rollout& rollout : world.Stage().rollouts()) {
      if (rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK) {
        return rollout;
      }
    }
    return v1::Rollout::default_instance();
  }
  Waves ActivePlan() {
    Waves waves;
    for (const v1::PlannedWave& wave : Active().plan().waves()) {
      waves.push_back({wave.id(), {wave.cells().begin(), wave.cells().end()}});
    }
    return waves.empty() ? AnyPlan() : waves;
  }

  v1::Event Pick() {
    const std::string cell = AnyCell();
    const int active = Number(8) == 0 ? AnyArtifact() : ArtifactOf(Active().artifact());
    switch (Number(16)) {
      case 0:
      case 1:
      case 2:
        return world.Forward(cell, active, ActivePlan());
      case 3:
        return world.Forward(cell, AnyArtifact(), AnyPlan());
      case 4:
      case 5:
      case 6:
        return world.Ended(cell, Number(6) != 0   ? v1::Deployment::SUCCEEDED
                                 : Number(2) == 0 ? v1::Deployment::FAILED
                                                  : v1::Deployment::ABANDONED);
      case 7:
      case 8:
        return world.Wanted(v1::WantedRecord::CELL_PROVEN, On(cell), cell);
      case 9:
        return Number(3) == 0 ? world.Wanted(v1::WantedRecord::WAVE_PROVEN, active, "", "one")
                              : world.Wanted(v1::WantedRecord::COMPLETE, active);
      case 10:
        return Number(2) == 0 ? world.Wanted(v1::WantedRecord::PASSED, AnyArtifact())
                              : world.Wanted(v1::WantedRecord::ROLLED_BACK, active);
      case 11:
        return Number(8) != 0
                   ? world.Wanted(v1::WantedRecord::ROLLED_BACK, active)
                   : world.Wanted(v1::WantedRecord::HALTED, active, "", "",
                                  Number(2) == 0 ? v1::NO_SAFE_TARGET : v1::ROLL_BACK_FAILED);
      case 12:
        return world.RollBack(cell, Number(4) == 0 ? active : On(cell), ProvenOn(cell));
      case 13:
        return Number(8) == 0 ? world.Abandoned(active) : world.Released(AnyArtifact());
      case 14:
        return Number(2) == 0 ? world.RetryAsked(AnyArtifact()) : world.RollBackAsked(On(cell));
      default:
        return Number(40) == 0 ? world.Retired("c") : world.RetryAsked(On(cell), cell, 2);
    }
  }

  std::mt19937 random_;
};

TEST(WalkTest, NoWalkCorruptsTheState) {
  std::map<v1::Rollout::State, int> reached;
  int applied = 0;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    Walk walk(seed);
    uint64_t revision = walk.world.state.revision();
    for (int step = 0; step < 300; ++step) {
      applied += walk.Step() ? 1 : 0;
      EXPECT_GE(walk.world.state.revision(), revision);
      revision = walk.world.state.revision();
      if (::testing::Test::HasFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
    for (const v1::Rollout& rollout : walk.world.Stage().rollouts()) ++reached[rollout.state()];
  }
  // The walks get somewhere.
  EXPECT_GT(applied, 500);
  for (const v1::Rollout::State state :
       {v1::Rollout::RUNNING, v1::Rollout::ROLLING_BACK, v1::Rollout::COMPLETE,
        v1::Rollout::ROLLED_BACK, v1::Rollout::HALTED, v1::Rollout::ABANDONED}) {
    EXPECT_GT(reached[state], 0) << v1::Rollout::State_Name(state);
  }
}

}  // namespace
}  // namespace sluice
