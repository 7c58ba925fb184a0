#include "tests/rollout/walk.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sluice/compact.h"
#include "sluice/internal/field_errors.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

constexpr size_t kTrace = 80;
constexpr int kHealing = 1500;  // Rounds, and some for each cell.

const v1::Stage* FindStage(const v1::PipelinePolicy& policy, absl::string_view id) {
  for (const v1::Stage& stage : policy.stages()) {
    if (stage.id() == id) return &stage;
  }
  return nullptr;
}

const v1::Deployment* NewestDeployment(const v1::StageRecord& record, const std::string& cell) {
  const v1::Deployment* newest = nullptr;
  for (const v1::Deployment& d : record.deployments()) {
    if (d.cell() != cell) continue;
    if (newest == nullptr || newest->number() < d.number()) newest = &d;
  }
  return newest;
}

bool HasFailed(const v1::Deployment& d) {
  return d.outcome() == v1::Deployment::FAILED || d.outcome() == v1::Deployment::ABANDONED;
}

uint32_t NextAttempt(const v1::StageRecord& record, const v1::Deployment& failed) {
  uint32_t ended = 0;
  for (const v1::Deployment& d : record.deployments()) {
    if (d.cell() == failed.cell() && d.artifact() == failed.artifact() &&
        d.direction() == v1::Deployment::FORWARD && d.has_ended_at()) {
      ++ended;
    }
  }
  return ended + 1;
}

v1::Rollout* Active(v1::StageRecord* record) {
  for (v1::Rollout& rollout : *record->mutable_rollouts()) {
    if (rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK) {
      return &rollout;
    }
  }
  return nullptr;
}

}  // namespace

Walk::Walk(uint64_t seed, const WalkOptions& options)
    : options_(options),
      draw_(seed),
      scenario_(MakeScenario(options.scenario, &draw_)),
      policy_message_(scenario_.policy),
      ledger_(scenario_.state),
      outside_(scenario_, seed),
      real_(scenario_.begin) {
  shared_.ledger = &ledger_;
  shared_.outside = &outside_;
  shared_.checker = &checker_;
  shared_.trace = [this](const std::string& line) { Note(line); };
  ledger_.on_write = [this](const v1::Event& event, const absl::Status& status) {
    if (status.ok()) checker_.Applied(event, ledger_.state());
  };
  UsePolicy(policy_message_);
  if (!ok()) return;
  hosts_.push_back(std::make_unique<Host>(&shared_, "a"));
  if (options.two_hosts) hosts_.push_back(std::make_unique<Host>(&shared_, "b"));
  Adopt();
}

void Walk::Note(const std::string& line) {
  trace_.push_back(absl::StrCat(step_, " ", absl::FormatDuration(real_ - scenario_.begin), " ",
                                absl::FormatDuration(skew_), " ", line));
  if (trace_.size() > kTrace) trace_.pop_front();
}

void Walk::Fail(const std::string& why) {
  if (failure_.empty()) failure_ = absl::StrCat("step ", step_, ": ", why);
}

std::string Walk::Report() const {
  return absl::StrCat(failure_, "\n", absl::StrJoin(trace_, "\n"), "\n",
                      shared_.policy == nullptr ? "" : policy_message_.ShortDebugString());
}

void Walk::UsePolicy(const v1::PipelinePolicy& policy) {
  absl::StatusOr<Policy> compiled = Policy::Compile(policy);
  if (!compiled.ok()) {
    return Fail(absl::StrCat("policy: ", FaultsOf(compiled.status()).ShortDebugString()));
  }
  policy_message_ = policy;
  shared_.policy = std::make_shared<const Policy>(*std::move(compiled));
}

// The first artifact runs everywhere before the pipeline begins.
void Walk::Adopt() {
  v1::Event built = outside_.Build(Quality::kGood, real_);
  Write(built);
  for (const v1::Cell& cell : scenario_.state.cells()) {
    v1::Event event;
    v1::CellAdopted* adopted = event.mutable_cell_adopted();
    adopted->set_stage(cell.stage());
    adopted->set_cell(cell.id());
    adopted->set_artifact(DigestOf(1));
    adopted->set_who("ann");
    if (!Write(event)) Fail("can't adopt");
    outside_.Place(cell.id(), DigestOf(1));
  }
}

bool Walk::Write(v1::Event event) {
  const absl::Status status = ledger_.Write(std::move(event), clock());
  if (absl::IsInvalidArgument(status)) {
    Fail(absl::StrCat(status.ToString(), " ", FaultsOf(status).ShortDebugString()));
  }
  return status.ok();
}

void Walk::Check() {
  checker_.State(ledger_.state());
  if (!checker_.failures().empty()) Fail(checker_.failures().front());
  for (const auto& host : hosts_) {
    if (!host->failure().empty()) Fail(host->failure());
  }
}

const v1::StageRecord* Walk::RecordOf(const std::string& stage) const {
  for (const v1::StageRecord& record : ledger_.state().stages()) {
    if (record.stage() == stage) return &record;
  }
  return nullptr;
}

std::string Walk::AnyArtifact() {
  const uint64_t last = outside_.last_sequence();
  const uint64_t back = draw_.Below(std::min<uint64_t>(last, 4));
  return DigestOf(last - back);
}

// Reports arrive, or get lost, or come late, or come again.
void Walk::Deliver() {
  for (v1::Event& event : outside_.Reports(real_)) {
    if (draw_.Percent(4)) {
      lost_.push_back(std::move(event));
      continue;
    }
    if (draw_.Percent(4)) {
      late_.push_back(std::move(event));
      continue;
    }
    if (draw_.Percent(4)) {
      event.set_id(absl::StrCat("again-", ++request_));
      event.mutable_at()->CopyFrom(ToTimestamp(clock()));
      Write(event);
      const std::string before = ledger_.state().SerializeAsString();
      if (!Write(event) || ledger_.state().SerializeAsString() != before) {
        Fail("a repeated report changes something");
      }
      continue;
    }
    Write(std::move(event));
  }
  while (!late_.empty() && draw_.Percent(30)) {
    Write(std::move(late_.back()));
    late_.pop_back();
  }
}

void Walk::Advance() {
  const absl::Duration unit = scenario_.unit;
  absl::Time next = real_ + absl::Seconds(1);
  switch (draw_.Below(6)) {
    case 0:
      break;
    case 1:
      next = real_ + draw_.Seconds(absl::Seconds(1), unit);
      break;
    case 2:
    case 3:
      next = std::min(outside_.NextReport(), outside_.NextEnd(real_));
      break;
    case 4:
      next = hosts_[0]->valid_until() - skew_;
      break;
    default:
      next = draw_.Percent(10) ? real_ + draw_.Between(1, 30) * unit : outside_.NextEnd(real_);
      break;
  }
  // To a whole second, and not past what would be seen on the way.
  if (next > real_ + 40 * unit) next = outside_.NextReport();
  const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(next));
  real_ = std::max(whole, real_ + absl::Seconds(draw_.Below(2)));
  if (options_.clock_steps && draw_.PerMille(15)) {
    skew_ = draw_.Percent(50) ? absl::ZeroDuration()
                              : draw_.Seconds(absl::ZeroDuration(), 2 * unit) - unit;
    Note("clock step");
  }
}

void Walk::RunHosts() {
  for (int i = draw_.Between(1, 14); i > 0 && ok(); --i) {
    Host& host = *hosts_[draw_.Below(hosts_.size())];
    host.Step(clock(), real_);
    if (draw_.PerMille(15)) {
      Note("kill");
      host.Kill();
    }
    if (draw_.PerMille(10)) Meddle();  // Between any two steps.
  }
  if (draw_.Percent(40)) hosts_[0]->Run(clock(), real_);
}

void Walk::BuildSome() {
  const int kind = draw_.Between(0, 9);
  const Quality quality = kind < 5    ? Quality::kGood
                          : kind == 5 ? Quality::kFailsToDeploy
                          : kind == 6 ? Quality::kNeverStarts
                          : kind < 9  ? Quality::kAlarms
                                      : Quality::kErrs;
  v1::Event event = outside_.Build(quality, real_);
  const std::string digest = event.artifact_built().artifact().digest();
  Note(absl::StrCat("build ", outside_.last_sequence(), " quality ", static_cast<int>(quality)));
  Write(std::move(event));
  if (draw_.Percent(80)) Approve(digest);
}

void Walk::Approve(const std::string& artifact) {
  for (const v1::Stage& stage : policy_message_.stages()) {
    for (const v1::Blocker& blocker : stage.blockers()) {
      if (!blocker.has_approval()) continue;
      for (const char* principal : {"ann", "eve"}) {
        v1::Event event;
        v1::Approval* approval = event.mutable_approval_granted()->mutable_approval();
        approval->set_id(absl::StrCat("approval-", ++request_));
        approval->set_blocker(blocker.id());
        approval->set_artifact(artifact);
        approval->set_stage(stage.id());
        approval->set_principal(principal);
        approval->add_roles(kRole);
        *approval->mutable_granted_at() = ToTimestamp(clock());
        approval->set_policy_fingerprint(std::string(shared_.policy->fingerprint()));
        Write(std::move(event));
      }
    }
  }
}

void Walk::Edit() {
  v1::PipelinePolicy policy = policy_message_;
  EditPolicy(scenario_.unit, &draw_, &policy);
  Note("edit");
  UsePolicy(policy);
}

void Walk::CompactNow() {
  CompactOptions options;
  options.roll_back_targets = 3;
  options.remember_reports_for = absl::Minutes(1);
  options.remember_events_for = absl::Hours(2);
  const absl::Status status = Compact(*shared_.policy, clock(), ledger_.mutable_state(), options);
  if (!status.ok()) Fail(absl::StrCat("compact: ", status.ToString()));
  const std::string once = ledger_.state().SerializeAsString();
  if (!Compact(*shared_.policy, clock(), ledger_.mutable_state(), options).ok() ||
      ledger_.state().SerializeAsString() != once) {
    Fail("compacting again changes something");
  }
  Note("compact");
}

// What people do with what runs.
void Walk::MeddleWithRollout(const v1::Stage& rule) {
  const v1::StageRecord* record = RecordOf(rule.id());
  const std::string id = absl::StrCat("request-", ++request_);
  v1::Event event;
  switch (draw_.Below(8)) {
    case 0: {
      v1::RollBackRequest* request = event.mutable_roll_back_requested()->mutable_request();
      event.mutable_roll_back_requested()->set_stage(rule.id());
      request->set_id(id);
      request->set_artifact(AnyArtifact());
      request->set_who("ann");
      request->set_why("customers call");
      *request->mutable_requested_at() = ToTimestamp(clock());
      break;
    }
    case 1: {
      v1::RolloutAbandoned* abandoned = event.mutable_rollout_abandoned();
      abandoned->set_stage(rule.id());
      abandoned->set_artifact(AnyArtifact());
      abandoned->set_who("ann");
      abandoned->set_why("not now");
      break;
    }
    case 2: {
      v1::LatchReleased* released = event.mutable_latch_released();
      released->set_stage(rule.id());
      released->set_artifact(AnyArtifact());
      released->set_who("ann");
      released->set_why("mended outside");
      break;
    }
    case 3: {
      if (record == nullptr) return;
      v1::RetryRequest* request = event.mutable_retry_requested()->mutable_request();
      event.mutable_retry_requested()->set_stage(rule.id());
      request->set_id(id);
      request->set_artifact(AnyArtifact());
      request->set_who("ann");
      request->set_why("once more");
      *request->mutable_requested_at() = ToTimestamp(clock());
      for (const v1::Deployment& d : record->deployments()) {
        if (!HasFailed(d) || d.direction() != v1::Deployment::FORWARD) continue;
        if (draw_.Percent(40)) continue;
        request->set_artifact(d.artifact());
        request->set_cell(d.cell());
        request->set_attempt(NextAttempt(*record, d));
      }
      break;
    }
    case 4: {
      if (record == nullptr || record->deployments().empty()) return;
      v1::CellAccepted* accepted = event.mutable_cell_accepted();
      accepted->set_stage(rule.id());
      accepted->set_cell(
          record->deployments(static_cast<int>(draw_.Below(record->deployments_size()))).cell());
      accepted->set_who("ann");
      accepted->add_roles(kRole);
      accepted->set_why("good enough");
      break;
    }
    case 5: {
      v1::StartRequest* request = event.mutable_start_requested()->mutable_request();
      event.mutable_start_requested()->set_stage(rule.id());
      request->set_id(id);
      request->set_artifact(AnyArtifact());
      if (rule.start_unit() == v1::Stage::WAVE) request->set_wave("w1");
      request->set_who("ann");
      *request->mutable_requested_at() = ToTimestamp(clock());
      *request->mutable_expires_at() = ToTimestamp(clock() + 20 * scenario_.unit);
      break;
    }
    case 6: {
      v1::PreemptRequest* request = event.mutable_preempt_requested()->mutable_request();
      event.mutable_preempt_requested()->set_stage(rule.id());
      request->set_id(id);
      request->set_artifact(AnyArtifact());
      request->set_who("ann");
      *request->mutable_requested_at() = ToTimestamp(clock());
      *request->mutable_expires_at() = ToTimestamp(clock() + 5 * scenario_.unit);
      break;
    }
    default: {
      // Somebody says that a deployment is over.
      if (record == nullptr) return;
      for (const v1::Deployment& d : record->deployments()) {
        if (d.has_ended_at() || d.direction() != v1::Deployment::FORWARD) continue;
        v1::DeploymentEnded* ended = event.mutable_deployment_ended();
        ended->set_stage(rule.id());
        ended->set_cell(d.cell());
        ended->set_action_id(absl::StrCat(kPipeline, "|", rule.id(), "|", d.cell(), "|",
                                          d.artifact(), "|forward|", d.attempt()));
        ended->set_outcome(draw_.Percent(50) ? v1::Deployment::ABANDONED
                                             : v1::Deployment::SUCCEEDED);
        ended->set_who("ann");
        break;
      }
      if (!event.has_deployment_ended()) return;
    }
  }
  const int kind = event.kind_case();
  if (Write(std::move(event))) Note(absl::StrCat("person ", kind, " in ", rule.id()));
}

// Cells join and leave.
void Walk::MeddleWithCells(const v1::Stage& rule) {
  if (!rule.has_rollout()) return;
  const std::vector<std::string> live = LiveCells(rule.id());
  if (draw_.Percent(50) && live.size() > 2) {
    v1::Event event;
    event.mutable_cell_retired()->set_cell(draw_.Pick(live));
    event.mutable_cell_retired()->set_who("ann");
    event.mutable_cell_retired()->set_why("moved");
    const std::string cell = event.cell_retired().cell();
    if (!Write(std::move(event))) return;
    outside_.RetireCell(cell);
    Note(absl::StrCat("retire ", cell));
    return;
  }
  const std::string id = absl::StrCat(rule.id(), "n", ++request_);
  v1::Event event;
  *event.mutable_cell_added()->mutable_cell() = MakeCell(rule.id(), id, &draw_);
  const v1::Cell cell = event.cell_added().cell();
  if (!Write(std::move(event))) return;
  outside_.AddCell(cell);
  Note(absl::StrCat("add ", id));
  v1::PipelinePolicy policy = policy_message_;
  for (v1::Stage& stage : *policy.mutable_stages()) {
    if (stage.id() != rule.id()) continue;
    if (!stage.rollout().waves().empty()) {
      const int wave = static_cast<int>(draw_.Below(stage.rollout().waves_size()));
      stage.mutable_rollout()->mutable_waves(wave)->add_cells(id);
    }
    // Room for the new cell by itself.
    v1::BlastRadius* radius = stage.mutable_rollout()->mutable_blast_radius();
    if (radius->has_stage_cap_basis_points()) {
      radius->set_stage_cap_basis_points(
          std::min<uint32_t>(10'000, radius->stage_cap_basis_points() + 2'000));
    }
  }
  UsePolicy(policy);
  if (draw_.Percent(50)) {
    v1::Event adopt;
    v1::CellAdopted* adopted = adopt.mutable_cell_adopted();
    adopted->set_stage(rule.id());
    adopted->set_cell(id);
    // What some cell is on now: older artifacts may be forgotten.
    const v1::StageRecord* record = RecordOf(rule.id());
    if (record == nullptr || live.empty()) return;
    const v1::Deployment* other = NewestDeployment(*record, draw_.Pick(live));
    if (other == nullptr) return;
    adopted->set_artifact(other->artifact());
    adopted->set_who("ann");
    const std::string artifact = adopted->artifact();
    if (!Write(std::move(adopt))) return;
    outside_.Place(id, artifact);
    Note(absl::StrCat("adopt ", id, " on ", artifact));
  }
}

void Walk::MeddleWithArtifacts(const v1::Stage& rule) {
  const std::string artifact = AnyArtifact();
  v1::Event event;
  switch (draw_.Below(6)) {
    case 0:
    case 1:
      Note(absl::StrCat("known-bad ...", artifact.substr(artifact.size() - 3)));
      outside_.MarkBad(artifact,
                       real_ + (draw_.Percent(50) ? absl::ZeroDuration()
                                                  : draw_.Between(0, 5) * scenario_.unit));
      return;
    case 2:
      outside_.ClearList();
      return;
    case 3: {
      if (!draw_.Percent(20)) return;
      v1::Withdrawal* withdrawal = event.mutable_artifact_withdrawn()->mutable_withdrawal();
      withdrawal->set_artifact(artifact);
      withdrawal->set_who("bob");
      withdrawal->set_why("leaks");
      *withdrawal->mutable_at() = ToTimestamp(clock());
      break;
    }
    case 4: {
      v1::Override* override = event.mutable_override_granted()->mutable_override();
      override->set_id(absl::StrCat("override-", ++request_));
      override->set_artifact(artifact);
      override->add_stages(rule.id());
      override->set_principal("ann");
      override->add_roles(kRole);
      override->set_reason("urgent");
      *override->mutable_granted_at() = ToTimestamp(clock());
      *override->mutable_expires_at() = ToTimestamp(clock() + 10 * scenario_.unit);
      for (const v1::Blocker& blocker : rule.blockers()) override->add_blockers(blocker.id());
      for (const v1::Blocker& blocker : policy_message_.blockers()) {
        override->add_blockers(blocker.id());
      }
      if (override->blockers().empty()) return;
      break;
    }
    default: {
      v1::ListSeen* seen = event.mutable_list_observed()->mutable_list();
      seen->set_list(kList);
      seen->set_epoch(outside_.list().epoch());
      break;
    }
  }
  const int kind = event.kind_case();
  if (Write(std::move(event))) Note(absl::StrCat("artifact event ", kind));
}

void Walk::MeddleWithStops(const v1::Stage& rule) {
  v1::Event event;
  const v1::PipelineState& state = ledger_.state();
  switch (draw_.Below(5)) {
    case 0: {
      v1::Hold* hold = event.mutable_hold_placed()->mutable_hold();
      hold->set_id(absl::StrCat("hold-", ++request_));
      hold->set_scope(static_cast<v1::Hold::Scope>(draw_.Between(1, 3)));
      if (hold->scope() != v1::Hold::PIPELINE) hold->set_stage(rule.id());
      if (hold->scope() == v1::Hold::CELL) {
        const std::vector<std::string> cells = LiveCells(rule.id());
        if (cells.empty()) return;
        hold->set_cell(draw_.Pick(cells));
      }
      hold->set_who("ann");
      hold->set_why("looking");
      *hold->mutable_placed_at() = ToTimestamp(clock());
      if (draw_.Percent(60)) {
        *hold->mutable_expires_at() = ToTimestamp(clock() + draw_.Between(1, 6) * scenario_.unit);
      }
      break;
    }
    case 1:
    case 2:
      if (state.holds().empty()) return;
      event.mutable_hold_released()->set_hold(
          state.holds(static_cast<int>(draw_.Below(state.holds_size()))).id());
      break;
    case 3: {
      v1::EmergencyStop* stop = outside_.facts()->mutable_emergency_stop();
      const bool stopped = stop->state() == v1::EmergencyStop::STOPPED;
      if (!stopped && !draw_.Percent(40)) return;
      stop->set_state(stopped ? v1::EmergencyStop::CLEAR : v1::EmergencyStop::STOPPED);
      outside_.facts()->set_epoch(outside_.facts()->epoch() + 1);
      Note("emergency stop changes");
      return;
    }
    default: {
      v1::RollBackHold* hold = event.mutable_roll_back_hold_placed()->mutable_hold();
      hold->set_id(absl::StrCat("brake-", ++request_));
      hold->set_stage(rule.id());
      hold->set_who("ann");
      hold->set_why("worse before");
      *hold->mutable_placed_at() = ToTimestamp(clock());
      *hold->mutable_expires_at() = ToTimestamp(clock() + 5 * scenario_.unit);
      break;
    }
  }
  const int kind = event.kind_case();
  if (Write(std::move(event))) Note(absl::StrCat("stop event ", kind));
}

void Walk::Meddle() {
  const v1::Stage& rule =
      policy_message_.stages(static_cast<int>(draw_.Below(policy_message_.stages_size())));
  const v1::Stage copy = rule;
  switch (draw_.Below(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return MeddleWithRollout(copy);
    case 4:
      return MeddleWithCells(copy);
    case 5:
    case 6:
      return MeddleWithArtifacts(copy);
    case 7:
      return MeddleWithStops(copy);
    case 8:
      return BuildSome();
    default:
      return Edit();
  }
}

void Walk::Stumble() {
  ++step_;
  Advance();
  Deliver();
  if (draw_.Percent(12)) Meddle();
  if (draw_.Percent(step_ == 1 ? 100 : 4)) BuildSome();
  if (options_.compact && draw_.Percent(20)) CompactNow();
  RunHosts();
  Check();
  if (on_step) on_step();
}

void Walk::Trouble() {
  for (int i = 0; i < options_.steps && ok(); ++i) Stumble();
}

// Everything that is wrong is put right.
void Walk::Recover() {
  real_ = std::max(real_, real_ + skew_) + 2 * scenario_.unit;
  skew_ = absl::ZeroDuration();
  outside_.Heal();
  outside_.ClearList();
  outside_.facts()->mutable_emergency_stop()->set_state(v1::EmergencyStop::CLEAR);
  outside_.facts()->set_epoch(outside_.facts()->epoch() + 1);
  const v1::PipelineState before = ledger_.state();
  for (const v1::Hold& hold : before.holds()) {
    v1::Event event;
    event.mutable_hold_released()->set_hold(hold.id());
    Write(std::move(event));
  }
  for (const v1::RollBackHold& hold : before.roll_back_holds()) {
    v1::Event event;
    event.mutable_roll_back_hold_released()->set_hold(hold.id());
    Write(std::move(event));
  }
  MakeRoom();
  for (v1::Event& event : lost_) {
    if (event.has_check_reported()) Write(std::move(event));
  }
  for (v1::Event& event : late_) Write(std::move(event));
  lost_.clear();
  late_.clear();
}

// Cells have come and gone: each must fit under every cap by itself.
void Walk::MakeRoom() {
  v1::PipelinePolicy policy = policy_message_;
  // Hundreds of cells are not healed four at a time.
  const bool many = ledger_.state().cells_size() > 50;
  const auto room = [&](uint32_t now, uint32_t least) {
    return many ? 10'000 : std::max(now, least);
  };
  for (v1::Stage& stage : *policy.mutable_stages()) {
    if (!stage.has_rollout()) continue;
    v1::BlastRadius* radius = stage.mutable_rollout()->mutable_blast_radius();
    if (many) radius->set_max_parallel(100);
    std::vector<v1::Cell> cells;
    for (const v1::Cell& cell : ledger_.state().cells()) {
      if (cell.stage() == stage.id() && !cell.has_retired()) cells.push_back(cell);
    }
    if (radius->has_stage_cap_basis_points()) {
      radius->set_stage_cap_basis_points(room(radius->stage_cap_basis_points(), LeastCap(cells)));
    }
    if (radius->has_group()) {
      v1::GroupCap* group = radius->mutable_group();
      group->set_cap_basis_points(
          room(group->cap_basis_points(), LeastGroupCap(cells, group->disjoint_by())));
    }
  }
  // What later stages were left with takes up the pipeline's room until the newest gets there.
  if (policy.has_pipeline_cap_basis_points()) policy.set_pipeline_cap_basis_points(10'000);
  UsePolicy(policy);
}

std::vector<std::string> Walk::LiveCells(const std::string& stage) const {
  std::vector<std::string> live;
  for (const v1::Cell& cell : ledger_.state().cells()) {
    if (cell.stage() == stage && !cell.has_retired()) live.push_back(cell.id());
  }
  return live;
}

// A person who does what the decision asks for.
void Walk::Help(const StageView& view, const std::string& newest) {
  const v1::Stage* rule = FindStage(policy_message_, view.stage);
  const v1::StageRecord* stored = RecordOf(view.stage);
  if (view.action == Action::kReady) {
    v1::Event event;
    v1::StartRequest* request = event.mutable_start_requested()->mutable_request();
    event.mutable_start_requested()->set_stage(view.stage);
    request->set_id(absl::StrCat("request-", ++request_));
    request->set_artifact(view.artifact);
    if (rule->start_unit() == v1::Stage::WAVE) request->set_wave(view.wave);
    request->set_who("ann");
    *request->mutable_requested_at() = ToTimestamp(clock());
    *request->mutable_expires_at() = ToTimestamp(clock() + 10 * scenario_.unit);
    if (!Write(std::move(event))) Fail("can't start what is ready");
  }
  if (stored == nullptr) return;
  v1::StageRecord record = *stored;
  // What hangs is given up.
  for (const v1::Deployment& d : record.deployments()) {
    if (d.has_ended_at()) continue;
    const bool back = d.direction() == v1::Deployment::ROLL_BACK;
    const std::string id =
        absl::StrCat(kPipeline, "|", view.stage, "|", d.cell(), "|", d.artifact(),
                     back ? "|roll_back|" : "|forward|", d.attempt());
    const auto run = outside_.runs().find(id);
    if (run == outside_.runs().end() || run->second.end != absl::InfiniteFuture()) continue;
    v1::Event event;
    v1::DeploymentEnded* ended = event.mutable_deployment_ended();
    ended->set_stage(view.stage);
    ended->set_cell(d.cell());
    ended->set_action_id(id);
    ended->set_outcome(v1::Deployment::ABANDONED);
    ended->set_who("ann");
    if (!Write(std::move(event))) Fail("can't give up what hangs");
  }
  v1::Rollout* active = Active(&record);
  const bool stuck =
      active != nullptr &&
      (view.action == Action::kHold || real_ - ToTime(active->started_at()) > 60 * scenario_.unit);
  if (stuck && active->artifact() != newest) {
    v1::Event event;
    v1::RolloutAbandoned* abandoned = event.mutable_rollout_abandoned();
    abandoned->set_stage(view.stage);
    abandoned->set_artifact(active->artifact());
    abandoned->set_who("ann");
    abandoned->set_why("there is a newer one");
    if (!Write(std::move(event))) Fail("can't abandon what is held");
    Note(absl::StrCat("abandon in ", view.stage));
  }
  // The roll back of an older artifact ends the rollout of a newer one, which people then ask for
  // again.
  if (active == nullptr && view.ended.count(newest) > 0) {
    v1::Event event;
    v1::RetryRequest* request = event.mutable_retry_requested()->mutable_request();
    event.mutable_retry_requested()->set_stage(view.stage);
    request->set_id(absl::StrCat("request-", ++request_));
    request->set_artifact(newest);
    request->set_who("ann");
    request->set_why("the older one is gone");
    *request->mutable_requested_at() = ToTimestamp(clock());
    if (!Write(std::move(event))) Fail("can't ask again for what was ended");
    Note(absl::StrCat("ask again in ", view.stage));
  }
  if (rule->rollout().new_cell() == v1::RolloutPolicy::HOLD) AdoptNewCells(view.stage, record);
}

// As in another cell, or on the first artifact: what a new cell is found on is no way round the
// waves.
void Walk::AdoptNewCells(const std::string& stage, const v1::StageRecord& record) {
  const v1::PipelineState before = ledger_.state();
  for (const v1::Cell& cell : before.cells()) {
    if (cell.stage() != stage || cell.has_retired()) continue;
    if (NewestDeployment(record, cell.id()) != nullptr) continue;
    v1::Event event;
    v1::CellAdopted* adopted = event.mutable_cell_adopted();
    adopted->set_stage(stage);
    adopted->set_cell(cell.id());
    adopted->set_artifact(before.artifacts(0).digest());
    for (const v1::Deployment& d : record.deployments()) adopted->set_artifact(d.artifact());
    adopted->set_who("ann");
    outside_.Place(cell.id(), adopted->artifact());
    if (!Write(std::move(event))) Fail("can't adopt a new cell");
  }
}

bool Walk::IsEverywhere(const std::string& artifact) const {
  for (const v1::Stage& rule : policy_message_.stages()) {
    const v1::StageRecord* record = RecordOf(rule.id());
    if (record == nullptr) return false;
    if (std::none_of(record->passes().begin(), record->passes().end(), [&](const v1::Pass& pass) {
          return pass.artifact() == artifact && !pass.has_revoked_at();
        })) {
      return false;
    }
  }
  for (const v1::Cell& cell : ledger_.state().cells()) {
    if (cell.has_retired()) continue;
    const v1::StageRecord* record = RecordOf(cell.stage());
    const v1::Deployment* newest =
        record == nullptr ? nullptr : NewestDeployment(*record, cell.id());
    if (newest == nullptr || newest->artifact() != artifact) return false;
    if (!newest->has_proven() && newest->direction() != v1::Deployment::ADOPTED) return false;
  }
  return true;
}

void Walk::Heal() {
  if (!ok()) return;
  Recover();
  Note("healed");
  Write(outside_.Build(Quality::kGood, real_));
  const std::string newest = DigestOf(outside_.last_sequence());
  const int rounds = kHealing + 50 * ledger_.state().cells_size();
  for (int i = 0; i < rounds && ok(); ++i) {
    ++step_;
    for (v1::Event& event : outside_.Reports(real_)) Write(std::move(event));
    if (i == 0) Approve(newest);
    if (i == 0) hosts_.back()->Run(clock(), real_);
    hosts_[0]->Run(clock(), real_);
    Check();
    if (IsEverywhere(newest)) return;
    const uint64_t before = ledger_.version();
    for (const StageView& view : std::vector<StageView>(hosts_[0]->stages())) Help(view, newest);
    // Older ones in a queue come first, and want to be approved as well.
    if (i == 0) {
      const v1::PipelineState state = ledger_.state();
      for (const v1::Artifact& artifact : state.artifacts()) {
        if (artifact.digest() != newest) Approve(artifact.digest());
      }
    }
    if (ledger_.version() != before) hosts_[0]->Run(clock(), real_);
    if (options_.compact && i % 15 == 14) CompactNow();
    const absl::Time next =
        std::min({hosts_[0]->valid_until(), outside_.NextReport(), outside_.NextEnd(real_)});
    real_ = std::max(next, real_ + absl::Nanoseconds(1));
    if (on_step) on_step();
  }
  if (!ok()) return;
  std::string where;
  for (const StageView& view : hosts_[0]->stages()) {
    absl::StrAppend(&where, " ", view.stage, " ", ActionName(view.action), " ", view.artifact,
                    view.holding);
  }
  Fail(absl::StrCat("healthy, and yet not everywhere:", where));
}

}  // namespace sluice
