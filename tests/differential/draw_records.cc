#include "tests/differential/draw_records.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/differential/names.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

class RecordDraw {
 public:
  RecordDraw(const v1::PipelinePolicy& policy, const v1::Stage& stage,
             const std::string& fingerprint, uint64_t artifacts, Ages* ages, Draw* draw,
             v1::PipelineState* state)
      : policy_(policy),
        stage_(stage),
        fingerprint_(fingerprint),
        artifacts_(artifacts),
        ages_(*ages),
        draw_(*draw),
        record_(*state->add_stages()) {
    record_.set_stage(stage.id());
    for (const v1::Cell& cell : state->cells()) {
      if (cell.stage() == stage.id()) cells_.push_back(cell);
    }
  }

  void Make() && {
    AddPasses();
    if (stage_.has_rollout()) {
      AddHistory();
      if (draw_.Percent(80)) AddCurrentRollout();
      AddCellRequests();
    } else {
      AddEntries();
    }
    AddLatches();
    AddRequests();
    if (draw_.Percent(3)) record_.set_sequence_floor(1 + draw_.Below(artifacts_));
  }

 private:
  void Set(absl::Time time, google::protobuf::Timestamp* out) { *out = ToTimestamp(time); }
  std::string AnyArtifact() { return DigestOfArtifact(1 + draw_.Below(artifacts_)); }
  uint64_t NextNumber() { return ++number_; }

  bool IsLast() const { return policy_.stages().rbegin()->id() == stage_.id(); }

  // Most artifacts passed the stages before the last one.
  void AddPasses() {
    for (uint64_t sequence = 1; sequence <= artifacts_; ++sequence) {
      if (!draw_.Percent(IsLast() ? 15 : 70)) continue;
      v1::Pass* pass = record_.add_passes();
      pass->set_artifact(DigestOfArtifact(sequence));
      const absl::Time at = ages_.Past();
      Set(at, pass->mutable_at());
      pass->set_policy_fingerprint(draw_.Percent(80) ? fingerprint_ : kOtherFingerprint);
      if (draw_.Percent(6)) Set(at + draw_.Pick(Timers()), pass->mutable_revoked_at());
    }
  }

  void AddEntries() {
    uint64_t sequence = 0;
    absl::Time at = ages_.Before(ages_.now() - absl::Hours(2));
    while (draw_.Percent(65) && sequence < artifacts_) {
      sequence += 1 + draw_.Below(2);
      if (sequence > artifacts_) break;
      v1::Entry* entry = record_.add_entries();
      entry->set_artifact(DigestOfArtifact(sequence));
      Set(at, entry->mutable_at());
      at = std::min(ages_.now(), at + draw_.Pick(Timers()));
    }
  }

  // ---------------------------------------------------------------- Deployments

  v1::Deployment* AddDeployment(const std::string& cell, const std::string& artifact,
                                v1::Deployment::Direction direction, uint64_t rollout,
                                absl::Time started) {
    v1::Deployment* deployment = record_.add_deployments();
    deployment->set_number(NextNumber());
    deployment->set_cell(cell);
    deployment->set_artifact(artifact);
    deployment->set_direction(direction);
    if (direction != v1::Deployment::ADOPTED) {
      deployment->set_rollout(rollout);
      uint32_t attempt = 1;
      for (const v1::Deployment& other : record_.deployments()) {
        attempt += &other != deployment && other.cell() == cell && other.artifact() == artifact &&
                   other.direction() == direction;
      }
      deployment->set_attempt(attempt);
    }
    Set(started, deployment->mutable_started_at());
    return deployment;
  }

  void End(absl::Time at, v1::Deployment::Outcome outcome, v1::Deployment* deployment) {
    Set(std::max(at, ToTime(deployment->started_at())), deployment->mutable_ended_at());
    deployment->set_outcome(outcome);
  }

  void Prove(absl::Time at, v1::Deployment* deployment) {
    if (draw_.Percent(90)) {
      Set(at, deployment->mutable_proven()->mutable_at());
      deployment->mutable_proven()->set_policy_fingerprint(fingerprint_);
      return;
    }
    v1::Acceptance* accepted = deployment->mutable_accepted();
    accepted->set_who("ann");
    accepted->add_roles("sre");
    accepted->set_why("fine");
    Set(at, accepted->mutable_at());
  }

  // What ran before: adopted, and then perhaps a rollout that was completed.
  void AddHistory() {
    const absl::Time adopted = ages_.now() - absl::Hours(240);
    for (const v1::Cell& cell : cells_) {
      if (draw_.Percent(4)) continue;
      v1::Deployment* deployment =
          AddDeployment(cell.id(), DigestOfArtifact(1), v1::Deployment::ADOPTED, 0, adopted);
      deployment->set_who("ann");
      End(adopted, v1::Deployment::SUCCEEDED, deployment);
    }
    if (artifacts_ < 3 || cells_.empty() || !draw_.Percent(40)) return;
    AddFinishedRollout(2, ages_.now() - absl::Hours(48));
  }

  std::vector<v1::PlannedWave> PlanOf() {
    std::vector<v1::PlannedWave> waves;
    const auto add = [&](const std::string& id, const std::vector<std::string>& names) {
      v1::PlannedWave wave;
      wave.set_id(id);
      for (const std::string& name : names) {
        for (const v1::Cell& cell : cells_) {
          if (cell.id() != name || (cell.has_retired() && draw_.Percent(80))) continue;
          wave.add_cells(name);
          wave.add_weights(cell.weight());
        }
      }
      if (!wave.cells().empty()) waves.push_back(wave);
    };
    if (stage_.rollout().has_wave_generation()) {
      for (size_t i = 0; i < cells_.size(); ++i) {
        add(absl::StrCat("wave-", i + 1), {cells_[i].id()});
      }
    }
    for (const v1::Wave& wave : stage_.rollout().waves()) {
      add(wave.id(), {wave.cells().begin(), wave.cells().end()});
    }
    if (draw_.Percent(5) && waves.size() > 1) waves.back().set_id("@added");
    if (draw_.Percent(5) && waves.size() > 1) waves.front().set_id("@unproven");
    return waves;
  }

  v1::Rollout* AddRollout(const std::string& artifact, v1::Rollout::State state,
                          const std::vector<v1::PlannedWave>& waves, absl::Time started) {
    v1::Rollout* rollout = record_.add_rollouts();
    rollout->set_number(NextNumber());
    rollout->set_artifact(artifact);
    rollout->set_state(state);
    for (const v1::PlannedWave& wave : waves) *rollout->mutable_plan()->add_waves() = wave;
    rollout->mutable_plan()->set_policy_fingerprint(draw_.Percent(80) ? fingerprint_
                                                                      : kOtherFingerprint);
    Set(started, rollout->mutable_started_at());
    return rollout;
  }

  void AddFinishedRollout(uint64_t sequence, absl::Time started) {
    const std::vector<v1::PlannedWave> waves = PlanOf();
    if (waves.empty()) return;
    v1::Rollout* rollout =
        AddRollout(DigestOfArtifact(sequence), v1::Rollout::COMPLETE, waves, started);
    for (v1::PlannedWave& wave : *rollout->mutable_plan()->mutable_waves()) {
      for (const std::string& cell : wave.cells()) {
        v1::Deployment* deployment = AddDeployment(
            cell, rollout->artifact(), v1::Deployment::FORWARD, rollout->number(), started);
        End(started + absl::Minutes(1), v1::Deployment::SUCCEEDED, deployment);
        Prove(started + absl::Minutes(30), deployment);
      }
      if (HasWaveCriteria()) Set(started + absl::Minutes(31), wave.mutable_proven_at());
    }
    Set(started + absl::Hours(1), rollout->mutable_ended_at());
    number_ = std::max(number_, rollout->number());
  }

  bool HasWaveCriteria() const {
    const auto& criteria = stage_.rollout().health().criteria();
    return std::any_of(criteria.begin(), criteria.end(), [](const v1::HealthCriterion& criterion) {
      return criterion.per() == v1::HealthCriterion::WAVE;
    });
  }

  v1::Rollout::State AnyState() {
    switch (draw_.Below(12)) {
      case 0:
      case 1:
        return v1::Rollout::COMPLETE;
      case 2:
      case 3:
        return v1::Rollout::ROLLING_BACK;
      case 4:
        return v1::Rollout::ROLLED_BACK;
      case 5:
        return v1::Rollout::HALTED;
      case 6:
        return v1::Rollout::ABANDONED;
      default:
        return v1::Rollout::RUNNING;
    }
  }

  void AddCurrentRollout() {
    const std::vector<v1::PlannedWave> waves = PlanOf();
    if (waves.empty()) return;
    const v1::Rollout::State state = AnyState();
    const absl::Time started = ages_.Before(ages_.Past());
    // Mostly there is nothing newer.
    const uint64_t sequence = draw_.Percent(65) ? artifacts_ : 1 + draw_.Below(artifacts_);
    v1::Rollout* rollout = AddRollout(DigestOfArtifact(sequence), state, waves, started);
    const size_t reached =
        state == v1::Rollout::COMPLETE ? waves.size() : draw_.Below(waves.size());
    for (size_t i = 0; i < waves.size() && i <= reached; ++i) {
      v1::PlannedWave* wave = rollout->mutable_plan()->mutable_waves(static_cast<int>(i));
      const bool proven = i < reached || state == v1::Rollout::COMPLETE || draw_.Percent(15);
      for (const std::string& cell : wave->cells()) DeployTo(*rollout, cell, proven, started);
      if (proven && HasWaveCriteria() && draw_.Percent(i == reached ? 40 : 90)) {
        Set(ages_.Past(), wave->mutable_proven_at());
      }
    }
    Finish(rollout);
  }

  // A forward deployment of the rollout, in any phase but mostly proven where it should be.
  void DeployTo(const v1::Rollout& rollout, const std::string& cell, bool proven,
                absl::Time rollout_started) {
    if (!proven && draw_.Percent(35)) return;
    const absl::Time started = std::max(rollout_started, ages_.Past());
    v1::Deployment* deployment =
        AddDeployment(cell, rollout.artifact(), v1::Deployment::FORWARD, rollout.number(), started);
    if (!proven && draw_.Percent(20)) return;
    const absl::Time ended = std::max(started, std::min(ages_.now(), ages_.Past()));
    const bool succeeded = proven || draw_.Percent(85);
    End(ended,
        succeeded           ? v1::Deployment::SUCCEEDED
        : draw_.Percent(70) ? v1::Deployment::FAILED
                            : v1::Deployment::ABANDONED,
        deployment);
    if (succeeded && (proven ? draw_.Percent(96) : draw_.Percent(15))) {
      Prove(std::max(ended, std::min(ages_.now(), ages_.Past())), deployment);
    }
  }

  // What a rollout's phase asks for beside its forward deployments.
  void Finish(v1::Rollout* rollout) {
    switch (rollout->state()) {
      case v1::Rollout::COMPLETE:
        Set(ages_.Past(), rollout->mutable_ended_at());
        return;
      case v1::Rollout::HALTED:
        rollout->set_halt_reason(static_cast<v1::Rollout::HaltReason>(draw_.Between(1, 4)));
        Set(ages_.Past(), rollout->mutable_ended_at());
        return;
      case v1::Rollout::ABANDONED:
        Set(ages_.Past(), rollout->mutable_ended_at());
        rollout->set_ended_by("ann");
        rollout->set_why("other");
        return;
      case v1::Rollout::ROLLING_BACK:
      case v1::Rollout::ROLLED_BACK:
        RollBack(rollout);
        return;
      default:
        return;
    }
  }

  void RollBack(v1::Rollout* rollout) {
    const bool done = rollout->state() == v1::Rollout::ROLLED_BACK;
    std::vector<std::string> cells;
    for (const v1::Deployment& deployment : record_.deployments()) {
      if (deployment.rollout() == rollout->number()) cells.push_back(deployment.cell());
    }
    const absl::Time began = std::max(ToTime(rollout->started_at()), ages_.Past());
    for (const std::string& cell : cells) {
      if (draw_.Percent(15)) continue;
      rollout->add_roll_back_cells(cell);
      if (!done && draw_.Percent(50)) continue;
      v1::Deployment* deployment = AddDeployment(
          cell, DigestOfArtifact(1), v1::Deployment::ROLL_BACK, rollout->number(), began);
      if (!done && draw_.Percent(35)) continue;
      End(std::max(began, ages_.Past()),
          done || draw_.Percent(75) ? v1::Deployment::SUCCEEDED : v1::Deployment::FAILED,
          deployment);
    }
    if (rollout->roll_back_cells().empty() && !cells.empty()) {
      rollout->add_roll_back_cells(cells.front());
    }
    v1::Latch* latch = record_.add_latches();
    latch->set_artifact(rollout->artifact());
    Set(began, latch->mutable_at());
    if (done) {
      Set(ages_.Past(), rollout->mutable_ended_at());
      if (draw_.Percent(20)) Release(latch);
    }
    if (draw_.Percent(20)) Set(began, rollout->mutable_completed_at());
  }

  void Release(v1::Latch* latch) {
    latch->mutable_released()->set_who("ann");
    latch->mutable_released()->set_why("mended");
    Set(ages_.Past(), latch->mutable_released()->mutable_at());
    latch->mutable_released()->set_number(NextNumber());
  }

  // ---------------------------------------------------------------- People

  void AddLatches() {
    if (!draw_.Percent(7)) return;
    const std::string artifact = AnyArtifact();
    for (const v1::Latch& other : record_.latches()) {
      if (other.artifact() == artifact) return;
    }
    v1::Latch* latch = record_.add_latches();
    latch->set_artifact(artifact);
    Set(ages_.Past(), latch->mutable_at());
    if (draw_.Percent(40)) Release(latch);
  }

  void AddRequests() {
    if (stage_.start() == v1::Stage::MANUAL) {
      for (int i = draw_.Between(0, 2); i > 0; --i) {
        v1::StartRequest* request = record_.add_start_requests();
        request->set_id(absl::StrCat("start-", i));
        request->set_artifact(draw_.Percent(80) ? DigestOfArtifact(artifacts_) : AnyArtifact());
        if (stage_.start_unit() == v1::Stage::WAVE) {
          request->set_wave(absl::StrCat("wave-", draw_.Between(1, 3)));
        }
        request->set_who("ann");
        Set(ages_.Past(), request->mutable_requested_at());
        Set(ages_.Future(), request->mutable_expires_at());
      }
    }
    if (draw_.Percent(12)) {
      v1::PreemptRequest* request = record_.add_preempt_requests();
      request->set_id("preempt-1");
      request->set_artifact(DigestOfArtifact(artifacts_));
      request->set_who("ann");
      Set(ages_.Past(), request->mutable_requested_at());
      Set(ages_.Future(), request->mutable_expires_at());
    }
  }

  void AddCellRequests() {
    if (draw_.Percent(12)) {
      v1::RollBackRequest* request = record_.add_roll_back_requests();
      request->set_id("back-1");
      request->set_artifact(record_.rollouts().empty() ? AnyArtifact()
                                                       : record_.rollouts().rbegin()->artifact());
      if (draw_.Percent(40) && !cells_.empty()) request->add_cells(draw_.Pick(cells_).id());
      request->set_who("ann");
      request->set_why("slow");
      Set(ages_.Past(), request->mutable_requested_at());
      if (draw_.Percent(25) && !record_.rollouts().empty()) {
        request->set_honoured_by(record_.rollouts().rbegin()->number());
      }
      if (draw_.Percent(30)) {
        v1::RollBackRequest* earlier = record_.add_roll_back_requests();
        *earlier = record_.roll_back_requests(0);
        earlier->set_id("back-2");
        Set(ages_.Past(), earlier->mutable_requested_at());
        if (!record_.rollouts().empty()) earlier->set_honoured_by(record_.rollouts(0).number());
      }
    }
    if (draw_.Percent(10)) {
      v1::RetryRequest* request = record_.add_retry_requests();
      request->set_id("retry-1");
      request->set_artifact(record_.rollouts().empty() ? AnyArtifact()
                                                       : record_.rollouts().rbegin()->artifact());
      if (draw_.Percent(60) && !cells_.empty()) {
        request->set_cell(draw_.Pick(cells_).id());
        request->set_attempt(static_cast<uint32_t>(draw_.Between(1, 3)));
      }
      request->set_who("ann");
      request->set_why("again");
      Set(ages_.Past(), request->mutable_requested_at());
      request->set_number(NextNumber());
    }
  }

  const v1::PipelinePolicy& policy_;
  const v1::Stage& stage_;
  const std::string& fingerprint_;
  const uint64_t artifacts_;
  Ages& ages_;
  Draw& draw_;
  v1::StageRecord& record_;
  std::vector<v1::Cell> cells_;
  uint64_t number_ = 0;
};

}  // namespace

void DrawRecords(const v1::PipelinePolicy& policy, const v1::Stage& stage,
                 const std::string& fingerprint, uint64_t artifacts, Ages* ages, Draw* draw,
                 v1::PipelineState* state) {
  RecordDraw(policy, stage, fingerprint, artifacts, ages, draw, state).Make();
}

}  // namespace sluice
