#ifndef SLUICE_TESTS_RECORD_WORLD_H_
#define SLUICE_TESTS_RECORD_WORLD_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/action_id.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/field_errors.h"
#include "sluice/record.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// The digest of the artifact of sequence `n`, which is 1 to 15.
inline std::string D(int n) {
  return absl::StrCat("sha256:", std::string(64, "0123456789abcdef"[n]));
}

// A policy's fingerprint.
inline std::string Fingerprint() { return D(0); }

inline google::protobuf::Timestamp At(int64_t seconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  return timestamp;
}

template <typename Message>
Message Parse(absl::string_view text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &message)) << text;
  return message;
}

// The paths of the faults of a refusal.
inline std::vector<std::string> Paths(const absl::Status& status) {
  std::vector<std::string> paths;
  const v1::Faults faults = FaultsOf(status);
  for (const v1::Fault& fault : faults.faults()) paths.push_back(fault.path());
  return paths;
}

using Waves = std::vector<std::pair<std::string, std::vector<std::string>>>;

// A pipeline's state and a clock that ticks with every event. Every event is checked for what holds
// of all: an error changes nothing; success keeps the count, the clock, the revision and the
// invariants, and the same event again changes nothing.
class World {
 public:
  World() {
    state.set_schema_version(1);
    state.set_pipeline("shop");
  }

  v1::PipelineState state;
  int64_t now = 1'000'000;

  // An event that lacks its kind only.
  v1::Event NewEvent() {
    v1::Event event;
    event.set_id(absl::StrCat("e", ++events_));
    *event.mutable_at() = At(++now);
    event.set_expected_revision(state.revision());
    return event;
  }

  absl::Status Do(const v1::Event& event) {
    const v1::PipelineState before = state;
    const absl::Status status = Apply(event, &state);
    if (!status.ok()) {
      EXPECT_EQ(DeterministicBytes(state), DeterministicBytes(before)) << "changed by an error";
      return status;
    }
    const bool is_fact = event.kind_case() >= 40;
    EXPECT_EQ(state.revision(), before.revision() + (is_fact ? 0 : 1));
    CheckInvariants();
    const std::string bytes = DeterministicBytes(state);
    EXPECT_TRUE(Apply(event, &state).ok());
    EXPECT_EQ(DeterministicBytes(state), bytes) << "changed by the same event again";
    return status;
  }

  void CheckInvariants() {
    uint64_t count = 0;
    for (const int size :
         {state.artifacts_size(), state.cells_size(), state.stages_size(), state.checks_size(),
          state.alarms_size(), state.series_size(), state.counts_size(), state.approvals_size(),
          state.overrides_size(), state.holds_size(), state.roll_back_holds_size(),
          state.withdrawals_size(), state.lists_seen_size(), state.synthetic_runs_size(),
          state.environments_size(), state.traffic_samples_size(), state.applied_events_size(),
          state.baselines_size(), state.measurements_size()}) {
      count += static_cast<uint64_t>(size);
    }
    EXPECT_EQ(state.record_count(), count);
    for (const v1::StageRecord& stage : state.stages()) {
      int active = 0;
      for (const v1::Rollout& rollout : stage.rollouts()) {
        const bool is_active =
            rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK;
        active += is_active ? 1 : 0;
        EXPECT_EQ(rollout.has_ended_at(), !is_active);
      }
      EXPECT_LE(active, 1);
      std::map<std::pair<std::string, int>, int> under_way;
      for (const v1::Deployment& deployment : stage.deployments()) {
        if (deployment.has_ended_at()) continue;
        EXPECT_EQ((++under_way[{deployment.cell(), deployment.direction()}]), 1);
      }
    }
  }

  // ---- Events by what they say. Each fails the test unless `Try...` is in its name.

  void Must(const v1::Event& event) {
    const absl::Status status = Do(event);
    EXPECT_TRUE(status.ok()) << status << "\n" << event.ShortDebugString();
  }

  absl::Status TryBuild(int n) {
    v1::Event event = NewEvent();
    event.mutable_artifact_built()->mutable_artifact()->set_digest(D(n));
    event.mutable_artifact_built()->mutable_artifact()->set_sequence(static_cast<uint64_t>(n));
    return Do(event);
  }
  void Build(int n) { EXPECT_TRUE(TryBuild(n).ok()); }

  absl::Status TryAddCell(absl::string_view cell, absl::string_view stage = "prod",
                          uint32_t weight = 10) {
    v1::Event event = NewEvent();
    v1::Cell* added = event.mutable_cell_added()->mutable_cell();
    added->set_id(std::string(cell));
    added->set_stage(std::string(stage));
    added->set_weight(weight);
    return Do(event);
  }
  void AddCell(absl::string_view cell, absl::string_view stage = "prod", uint32_t weight = 10) {
    EXPECT_TRUE(TryAddCell(cell, stage, weight).ok());
  }

  uint32_t NextAttempt(absl::string_view cell, int n, v1::Deployment::Direction direction) const {
    uint32_t attempt = 1;
    for (const v1::Deployment& d : Stage().deployments()) {
      attempt +=
          d.cell() == cell && d.artifact() == D(n) && d.direction() == direction && d.has_ended_at()
              ? 1
              : 0;
    }
    return attempt;
  }

  // The start of a forward deployment; the wave is that of the plan with the cell.
  v1::Event Forward(absl::string_view cell, int n, const Waves& plan) {
    v1::Event event = NewEvent();
    v1::DeploymentStarted* started = event.mutable_deployment_started();
    started->set_stage("prod");
    started->set_policy_fingerprint(Fingerprint());
    v1::CellAction* action = started->mutable_action();
    action->set_cell(std::string(cell));
    action->set_artifact(D(n));
    action->set_attempt(NextAttempt(cell, n, v1::Deployment::FORWARD));
    action->set_id(
        ActionId("shop", "prod", cell, D(n), ActionDirection::kForward, action->attempt()));
    for (const auto& [wave, cells] : plan) {
      v1::PlannedCells* planned = started->add_plan();
      planned->set_wave(wave);
      for (const std::string& id : cells) {
        if (id == cell) action->set_wave(wave);
        planned->add_cells(id);
        planned->add_weights(10);
      }
    }
    return event;
  }
  void Deploy(absl::string_view cell, int n, const Waves& plan) { Must(Forward(cell, n, plan)); }
  absl::Status TryDeploy(absl::string_view cell, int n, const Waves& plan) {
    return Do(Forward(cell, n, plan));
  }

  v1::Event RollBack(absl::string_view cell, int removes, int target,
                     std::vector<std::string> cells = {}) {
    if (cells.empty()) cells.push_back(std::string(cell));
    v1::Event event = NewEvent();
    v1::DeploymentStarted* started = event.mutable_deployment_started();
    started->set_stage("prod");
    started->set_policy_fingerprint(Fingerprint());
    started->set_removes(D(removes));
    for (const std::string& id : cells) started->add_roll_back_cells(id);
    v1::CellAction* action = started->mutable_action();
    action->set_roll_back(true);
    action->set_cell(std::string(cell));
    action->set_artifact(D(target));
    action->set_attempt(NextAttempt(cell, target, v1::Deployment::ROLL_BACK));
    action->set_id(
        ActionId("shop", "prod", cell, D(target), ActionDirection::kRollBack, action->attempt()));
    return event;
  }
  void StartRollBack(absl::string_view cell, int removes, int target,
                     std::vector<std::string> cells = {}) {
    Must(RollBack(cell, removes, target, std::move(cells)));
  }
  absl::Status TryRollBack(absl::string_view cell, int removes, int target,
                           std::vector<std::string> cells = {}) {
    return Do(RollBack(cell, removes, target, std::move(cells)));
  }

  // The end of the deployment that is under way on the cell, or of none.
  v1::Event Ended(absl::string_view cell, v1::Deployment::Outcome outcome) {
    v1::Event event = NewEvent();
    v1::DeploymentEnded* ended = event.mutable_deployment_ended();
    ended->set_stage("prod");
    ended->set_cell(std::string(cell));
    ended->set_outcome(outcome);
    ended->set_action_id("none");
    if (outcome == v1::Deployment::ABANDONED) ended->set_who("ann");
    for (const v1::Deployment& d : Stage().deployments()) {
      if (d.cell() != cell || d.has_ended_at()) continue;
      ended->set_action_id(ActionId("shop", "prod", cell, d.artifact(),
                                    d.direction() == v1::Deployment::ROLL_BACK
                                        ? ActionDirection::kRollBack
                                        : ActionDirection::kForward,
                                    d.attempt()));
    }
    return event;
  }
  void End(absl::string_view cell, v1::Deployment::Outcome outcome = v1::Deployment::SUCCEEDED) {
    Must(Ended(cell, outcome));
  }

  v1::Event Wanted(v1::WantedRecord::Kind kind, int n, absl::string_view cell = "",
                   absl::string_view wave = "", v1::Reason reason = v1::REASON_UNSPECIFIED,
                   absl::string_view stage = "prod") {
    v1::Event event = NewEvent();
    v1::Recorded* recorded = event.mutable_recorded();
    recorded->set_stage(std::string(stage));
    recorded->set_policy_fingerprint(Fingerprint());
    v1::WantedRecord* record = recorded->mutable_record();
    record->set_kind(kind);
    record->set_artifact(D(n));
    record->set_cell(std::string(cell));
    record->set_wave(std::string(wave));
    record->set_reason(reason);
    record->set_id(RecordId("shop", stage, cell, D(n), kind, wave));
    return event;
  }
  void Prove(absl::string_view cell, int n) {
    Must(Wanted(v1::WantedRecord::CELL_PROVEN, n, cell));
  }

  // Deploys, ends and proves.
  void DeployAndProve(absl::string_view cell, int n, const Waves& plan) {
    Deploy(cell, n, plan);
    End(cell);
    Prove(cell, n);
  }
  // A whole rollout, recorded as COMPLETE.
  void RollOut(int n, const Waves& plan) {
    for (const auto& [wave, cells] : plan) {
      for (const std::string& cell : cells) DeployAndProve(cell, n, plan);
    }
    Must(Wanted(v1::WantedRecord::COMPLETE, n));
  }

  void Withdraw(int n) {
    v1::Event event = NewEvent();
    v1::Withdrawal* withdrawal = event.mutable_artifact_withdrawn()->mutable_withdrawal();
    withdrawal->set_artifact(D(n));
    withdrawal->set_who("ann");
    withdrawal->set_why("bad");
    *withdrawal->mutable_at() = At(now);
    Must(event);
  }

  v1::Event Adopted(absl::string_view cell, int n) {
    v1::Event event = NewEvent();
    event.mutable_cell_adopted()->set_stage("prod");
    event.mutable_cell_adopted()->set_cell(std::string(cell));
    event.mutable_cell_adopted()->set_artifact(D(n));
    event.mutable_cell_adopted()->set_who("ann");
    return event;
  }

  v1::Event Accepted(absl::string_view cell) {
    v1::Event event = NewEvent();
    event.mutable_cell_accepted()->set_stage("prod");
    event.mutable_cell_accepted()->set_cell(std::string(cell));
    event.mutable_cell_accepted()->set_who("ann");
    event.mutable_cell_accepted()->add_roles("lead");
    event.mutable_cell_accepted()->set_why("looked at it");
    return event;
  }

  v1::Event Retired(absl::string_view cell) {
    v1::Event event = NewEvent();
    event.mutable_cell_retired()->set_cell(std::string(cell));
    event.mutable_cell_retired()->set_who("ann");
    event.mutable_cell_retired()->set_why("moved");
    return event;
  }

  v1::Event Abandoned(int n) {
    v1::Event event = NewEvent();
    event.mutable_rollout_abandoned()->set_stage("prod");
    event.mutable_rollout_abandoned()->set_artifact(D(n));
    event.mutable_rollout_abandoned()->set_who("ann");
    event.mutable_rollout_abandoned()->set_why("enough");
    return event;
  }

  v1::Event Released(int n) {
    v1::Event event = NewEvent();
    event.mutable_latch_released()->set_stage("prod");
    event.mutable_latch_released()->set_artifact(D(n));
    event.mutable_latch_released()->set_who("ann");
    event.mutable_latch_released()->set_why("fixed");
    return event;
  }

  v1::Event RollBackAsked(int n) {
    v1::Event event = NewEvent();
    event.mutable_roll_back_requested()->set_stage("prod");
    v1::RollBackRequest* request = event.mutable_roll_back_requested()->mutable_request();
    request->set_id(absl::StrCat("r", events_));
    request->set_artifact(D(n));
    request->set_who("ann");
    request->set_why("slow");
    *request->mutable_requested_at() = At(now);
    return event;
  }

  // `cell` empty: for the rollout.
  v1::Event RetryAsked(int n, absl::string_view cell = "", uint32_t attempt = 0) {
    v1::Event event = NewEvent();
    event.mutable_retry_requested()->set_stage("prod");
    v1::RetryRequest* request = event.mutable_retry_requested()->mutable_request();
    request->set_id(absl::StrCat("t", events_));
    request->set_artifact(D(n));
    request->set_cell(std::string(cell));
    request->set_attempt(attempt);
    request->set_who("ann");
    request->set_why("again");
    *request->mutable_requested_at() = At(now);
    return event;
  }

  // ---- What is recorded.

  const v1::StageRecord& Stage(absl::string_view id = "prod") const {
    for (const v1::StageRecord& stage : state.stages()) {
      if (stage.stage() == id) return stage;
    }
    return v1::StageRecord::default_instance();
  }
  v1::StageRecord* MutableStage(absl::string_view id = "prod") {
    for (v1::StageRecord& stage : *state.mutable_stages()) {
      if (stage.stage() == id) return &stage;
    }
    return nullptr;
  }
  // The newest rollout of the artifact.
  v1::Rollout Rollout(int n) const {
    v1::Rollout newest;
    for (const v1::Rollout& rollout : Stage().rollouts()) {
      if (rollout.artifact() == D(n) && rollout.number() > newest.number()) newest = rollout;
    }
    return newest;
  }
  // The newest deployment of the cell.
  v1::Deployment Newest(absl::string_view cell) const {
    v1::Deployment newest;
    for (const v1::Deployment& deployment : Stage().deployments()) {
      if (deployment.cell() == cell && deployment.number() > newest.number()) newest = deployment;
    }
    return newest;
  }
  bool IsLatched(int n) const {
    for (const v1::Latch& latch : Stage().latches()) {
      if (latch.artifact() == D(n) && !latch.has_released()) return true;
    }
    return false;
  }

 private:
  int events_ = 0;
};

// Two waves of one cell and of two, each of weight 10, and artifacts 1 to 9.
inline const Waves& TwoWaves() {
  static const Waves* const waves = new Waves{{"one", {"a"}}, {"rest", {"b", "c"}}};
  return *waves;
}

class RecordTest : public ::testing::Test {
 protected:
  RecordTest() {
    for (int n = 1; n <= 9; ++n) world.Build(n);
    for (const char* cell : {"a", "b", "c"}) world.AddCell(cell);
  }

  World world;
};

}  // namespace sluice

#endif  // SLUICE_TESTS_RECORD_WORLD_H_
