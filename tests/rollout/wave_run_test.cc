// A rollout of generated waves from its first deployment to its end, through the public interface.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"
#include "sluice/v1/event.pb.h"

namespace sluice {
namespace {

constexpr char kPolicy[] = R"pb(
  id: "shop"
  profile: STANDARD_1
  without_emergency_stop: true
  stages {
    id: "prod"
    kind: PRODUCTION
    deploys: CELLS
    passes: ON_COMPLETION
    start: AUTOMATIC
    without_blockers: true
    rollout {
      blast_radius {
        no_stage_cap {}
        max_parallel: 3
      }
      deploy { max_time { seconds: 600 } }
      bake {
        min_time { seconds: 3600 }
        max_time { seconds: 36000 }
        time_only: true
      }
      no_hygiene {}
      roll_back {
        watch_for { seconds: 0 }
        max_parallel: 1
        attempts: 1
      }
    }
  }
)pb";

std::string DigestOf(char digit) { return absl::StrCat("sha256:", std::string(64, digit)); }

// A host that does what is decided, one thing at a time, and an hour's bake in one step.
class Host {
 public:
  Host(const std::string& generation, const std::vector<v1::Cell>& cells) {
    v1::PipelinePolicy policy;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kPolicy, &policy));
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        generation, policy.mutable_stages(0)->mutable_rollout()->mutable_wave_generation()));
    auto compiled = Policy::Compile(policy);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    policy_ = std::make_unique<Policy>(*std::move(compiled));
    state_.set_schema_version(1);
    state_.set_pipeline("shop");
    state_.mutable_written_at()->set_seconds(1000000);
    for (const char digit : {'a', 'b'}) {
      v1::Event event;
      event.mutable_artifact_built()->mutable_artifact()->set_digest(DigestOf(digit));
      event.mutable_artifact_built()->mutable_artifact()->set_sequence(
          static_cast<uint64_t>(digit - 'a' + 1));
      Do(event);
    }
    for (const v1::Cell& cell : cells) {
      regions_[cell.id()] = cell.region();
      v1::Event event;
      *event.mutable_cell_added()->mutable_cell() = cell;
      Do(event);
      event.Clear();
      event.mutable_cell_adopted()->set_stage("prod");
      event.mutable_cell_adopted()->set_cell(cell.id());
      event.mutable_cell_adopted()->set_artifact(DigestOf('a'));
      event.mutable_cell_adopted()->set_who("ann");
      Do(event);
    }
  }

  v1::StagePlan Plan() const {
    return policy_->PlanOf(Snapshot::Load(state_, Organisation()), "prod", now_).value();
  }

  absl::optional<v1::StagePlan> PlanOf(const v1::PipelineState& state,
                                       const std::string& stage) const {
    return policy_->PlanOf(Snapshot::Load(state, Organisation()), stage, now_);
  }

  // Starts the first deployment that is decided.
  void StartFirst() {
    Start(ToProto(policy_->Decide(Snapshot::Load(state_, Organisation()), now_)).stages(0));
  }

  // Runs until there is nothing to do; true if the rollout is then COMPLETE.
  bool Run() {
    for (int step = 0; step < 1000; ++step) {
      const Snapshot snapshot = Snapshot::Load(state_, Organisation());
      const v1::StageDecision stage = ToProto(policy_->Decide(snapshot, now_)).stages(0);
      if (stage.wanted_size() > 0) {
        Record(stage.wanted(0));
      } else if (stage.action() == v1::StageDecision::DEPLOY) {
        Start(stage);
      } else if (!under_way_.empty()) {
        End();
      } else if (stage.action() == v1::StageDecision::WAIT) {
        now_ += absl::Hours(1);
      } else {
        break;
      }
    }
    return state_.stages(0).rollouts(0).state() == v1::Rollout::COMPLETE;
  }

  const v1::RolloutPlan& RecordedPlan() const { return state_.stages(0).rollouts(0).plan(); }

 private:
  void Do(v1::Event event) {
    event.set_id(absl::StrCat("e", ++events_));
    event.mutable_at()->set_seconds(absl::ToUnixSeconds(now_));
    event.set_expected_revision(state_.revision());
    const absl::Status status = Apply(event, &state_);
    ASSERT_TRUE(status.ok()) << status << event.ShortDebugString();
    ExpectNoTwoOfARegion();
  }

  void Record(const v1::WantedRecord& wanted) {
    v1::Event event;
    event.mutable_recorded()->set_stage("prod");
    *event.mutable_recorded()->mutable_record() = wanted;
    event.mutable_recorded()->set_policy_fingerprint(std::string(policy_->fingerprint()));
    Do(event);
  }

  void Start(const v1::StageDecision& stage) {
    v1::Event event;
    v1::DeploymentStarted& started = *event.mutable_deployment_started();
    started.set_stage("prod");
    *started.mutable_action() = stage.actions(0);
    *started.mutable_plan() = stage.plan();
    started.set_policy_fingerprint(std::string(policy_->fingerprint()));
    under_way_.push_back(stage.actions(0));
    Do(event);
  }

  void End() {
    v1::Event event;
    event.mutable_deployment_ended()->set_stage("prod");
    event.mutable_deployment_ended()->set_cell(under_way_.front().cell());
    event.mutable_deployment_ended()->set_action_id(under_way_.front().id());
    event.mutable_deployment_ended()->set_outcome(v1::Deployment::SUCCEEDED);
    under_way_.erase(under_way_.begin());
    Do(event);
  }

  // The rule that the run is about: never two unproven cells of one region.
  void ExpectNoTwoOfARegion() {
    std::set<std::string> unproven;
    for (const v1::StageRecord& stage : state_.stages()) {
      for (const v1::Deployment& deployment : stage.deployments()) {
        if (deployment.direction() != v1::Deployment::FORWARD || deployment.has_proven()) continue;
        EXPECT_TRUE(unproven.insert(regions_[deployment.cell()]).second) << deployment.cell();
      }
    }
  }

  std::unique_ptr<Policy> policy_;
  v1::PipelineState state_;
  absl::Time now_ = absl::FromUnixSeconds(1000000);
  std::map<std::string, std::string> regions_;
  std::vector<v1::CellAction> under_way_;
  int events_ = 0;
};

v1::Cell CellOf(const std::string& id, const std::string& region, uint32_t weight = 1) {
  v1::Cell cell;
  cell.set_id(id);
  cell.set_stage("prod");
  cell.set_region(region);
  cell.set_weight(weight);
  return cell;
}

void ExpectSame(const v1::RolloutPlan& recorded, const v1::StagePlan& shown) {
  ASSERT_EQ(recorded.waves_size(), shown.waves_size());
  for (int i = 0; i < recorded.waves_size(); ++i) {
    const v1::PlannedWave& wave = recorded.waves(i);
    EXPECT_EQ(wave.id(), shown.waves(i).wave());
    EXPECT_EQ(
        std::vector<std::string>(wave.cells().begin(), wave.cells().end()),
        std::vector<std::string>(shown.waves(i).cells().begin(), shown.waves(i).cells().end()));
    EXPECT_EQ(
        std::vector<uint32_t>(wave.weights().begin(), wave.weights().end()),
        std::vector<uint32_t>(shown.waves(i).weights().begin(), shown.waves(i).weights().end()));
  }
}

TEST(WaveRunTest, FortyCellsInEightRegionsRunToTheEnd) {
  std::vector<v1::Cell> cells;
  for (int i = 0; i < 40; ++i) {
    cells.push_back(CellOf(absl::StrCat("c", 10 + i), absl::StrCat("r", i / 5)));
  }
  Host host("first: 1 growth_percent: 200 disjoint_by: REGION max_share_basis_points: 10000",
            cells);
  const v1::StagePlan before = host.Plan();
  EXPECT_EQ(before.fault(), v1::ALL_CLEAR);
  EXPECT_EQ(before.artifact(), "");
  EXPECT_EQ(before.total_weight(), 40u);
  EXPECT_EQ(before.waves(1).share_ppm(), 50'000u);
  EXPECT_EQ(before.waves(1).shares_ppm(0), 25'000u);
  ASSERT_TRUE(host.Run());
  ExpectSame(host.RecordedPlan(), before);
}

TEST(WaveRunTest, APlanIsShownAsFarAsThereIsOne) {
  Host host("first: 1 growth_percent: 100 disjoint_by: REGION max_share_basis_points: 10000",
            {CellOf("a", "r", 2), CellOf("b", "r", 1)});
  EXPECT_EQ(host.Plan().waves_size(), 2);
  EXPECT_EQ(host.Plan().waves(0).share_ppm(), 666'666u);
  EXPECT_FALSE(host.PlanOf(v1::PipelineState(), "other").has_value());
  // A state that can't be decided on has no plan either.
  v1::PipelineState other;
  other.set_schema_version(1);
  other.set_pipeline("other");
  other.mutable_written_at()->set_seconds(1);
  EXPECT_EQ(host.PlanOf(other, "prod")->fault(), v1::WRONG_PIPELINE);
  EXPECT_EQ(host.PlanOf(other, "prod")->waves_size(), 0);
  other.set_schema_version(1000);
  EXPECT_EQ(host.PlanOf(other, "prod")->fault(), v1::SCHEMA_TOO_NEW);
}

TEST(WaveRunTest, CellsWithoutWeightHaveNoShare) {
  Host host("first: 1 growth_percent: 100 disjoint_by: REGION max_share_basis_points: 10000",
            {CellOf("a", "r")});
  v1::PipelineState state;
  state.set_schema_version(1);
  state.set_pipeline("shop");
  state.mutable_written_at()->set_seconds(1);
  *state.add_cells() = CellOf("a", "r", 0);
  const v1::StagePlan plan = host.PlanOf(state, "prod").value();
  EXPECT_EQ(plan.total_weight(), 0u);
  ASSERT_EQ(plan.waves_size(), 1);
  EXPECT_EQ(plan.waves(0).share_ppm(), 0u);
  ASSERT_EQ(plan.waves(0).shares_ppm_size(), 1);
  EXPECT_EQ(plan.waves(0).shares_ppm(0), 0u);
}

TEST(WaveRunTest, AStageThatDeploysNothingHasAnEmptyPlan) {
  v1::PipelinePolicy policy;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        id: "shop"
        profile: STANDARD_1
        without_emergency_stop: true
        stages {
          id: "test"
          kind: TEST
          deploys: NOTHING
          passes: ON_COMPLETION
          start: AUTOMATIC
          without_blockers: true
        }
      )pb",
      &policy));
  const auto compiled = Policy::Compile(policy);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  v1::PipelineState state;
  state.set_schema_version(1);
  state.set_pipeline("shop");
  state.mutable_written_at()->set_seconds(1);
  *state.add_cells() = CellOf("a", "r");
  state.mutable_cells(0)->set_stage("test");
  const v1::StagePlan plan =
      compiled->PlanOf(Snapshot::Load(state, Organisation()), "test", absl::FromUnixSeconds(2))
          .value();
  EXPECT_EQ(plan.stage(), "test");
  EXPECT_EQ(plan.fault(), v1::ALL_CLEAR);
  EXPECT_EQ(plan.waves_size(), 0);
  EXPECT_EQ(plan.total_weight(), 0u);
}

TEST(WaveRunTest, ARunningRolloutShowsWhatWasRecorded) {
  Host host("first: 1 growth_percent: 100 disjoint_by: REGION max_share_basis_points: 10000",
            {CellOf("a", "r", 2), CellOf("b", "r", 1)});
  const v1::StagePlan before = host.Plan();
  host.StartFirst();
  const v1::StagePlan running = host.Plan();
  EXPECT_EQ(running.artifact(), DigestOf('b'));
  ExpectSame(host.RecordedPlan(), before);
  ExpectSame(host.RecordedPlan(), running);
}

TEST(WaveRunTest, OneBoxAndThenRegionsRunToTheEnd) {
  std::vector<v1::Cell> cells;
  for (int i = 0; i < 38; ++i) {
    cells.push_back(CellOf(absl::StrCat("c", 10 + i), absl::StrCat("r", i)));
  }
  Host host(
      "first: 1 next: [ 1, 3, 12 ] growth_percent: 200 disjoint_by: REGION "
      "max_share_basis_points: 10000",
      cells);
  const v1::StagePlan before = host.Plan();
  ASSERT_EQ(before.waves_size(), 5);
  const int sizes[] = {1, 1, 3, 12, 21};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(before.waves(i).cells_size(), sizes[i]);
  ASSERT_TRUE(host.Run());
  ExpectSame(host.RecordedPlan(), before);
}

}  // namespace
}  // namespace sluice
