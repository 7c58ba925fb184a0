#include "tests/rollout/host.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "sluice/action_id.h"
#include "sluice/record.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

// More rounds than anything takes at one instant.
constexpr int kRounds = 10'000;

bool IsUnderWay(const v1::PipelineState& state, const std::string& id) {
  for (const v1::StageRecord& stage : state.stages()) {
    for (const v1::Deployment& d : stage.deployments()) {
      if (d.has_ended_at()) continue;
      const bool back = d.direction() == v1::Deployment::ROLL_BACK;
      if (ActionId(state.pipeline(), stage.stage(), d.cell(), d.artifact(),
                   back ? ActionDirection::kRollBack : ActionDirection::kForward,
                   d.attempt()) == id) {
        return true;
      }
    }
  }
  return false;
}

// Whether both say the same, whatever revision they expect.
bool SameEvent(v1::Event a, v1::Event b) {
  a.clear_expected_revision();
  b.clear_expected_revision();
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

bool ChangesRollout(const v1::Event& event) {
  const int number = event.kind_case();
  return number >= 10 && number <= 39;
}

}  // namespace

absl::Status Ledger::Write(v1::Event event, absl::Time at) {
  if (event.id().empty()) event.set_id(absl::StrCat("e", ++last_event_));
  if (!event.has_at()) *event.mutable_at() = ToTimestamp(at);
  if (ChangesRollout(event) && !event.has_expected_revision()) {
    event.set_expected_revision(state_.revision());
  }
  const absl::Status status = Apply(event, &state_);
  if (status.ok()) ++version_;
  if (on_write) on_write(event, status);
  return status;
}

Knowledge::Knowledge(const v1::KnownBadList& new_list, const v1::OrganisationFacts& new_facts,
                     const Knowledge* before)
    : list_message(new_list), facts(new_facts), organisation(Organisation::Load(facts)) {
  if (before != nullptr &&
      before->list_message.SerializeAsString() == list_message.SerializeAsString()) {
    list = before->list;
    return;
  }
  absl::StatusOr<KnownBadList> built = KnownBadList::Build(list_message);
  if (built.ok()) list = std::make_shared<KnownBadList>(*std::move(built));
}

Snapshot Knowledge::Load(const v1::PipelineState& state) const {
  LoadOptions options;
  if (list != nullptr) options.known_bad = {list.get()};
  return Snapshot::Load(state, organisation, options);
}

void Host::Fail(const std::string& why) {
  if (failure_.empty()) failure_ = absl::StrCat(name_, ": ", why);
}

void Host::Trace(const std::string& line) {
  if (shared_.trace) shared_.trace(absl::StrCat(name_, " ", line));
}

void Host::Kill() {
  to_do_.clear();
  phase_ = Phase::kLook;
}

bool Host::Step(absl::Time clock, absl::Time real) {
  switch (phase_) {
    case Phase::kLook:
      Look(clock, real);
      phase_ = Phase::kAsk;
      return true;
    case Phase::kAsk:
      if (!to_do_.empty()) {
        Ask(clock);
        return true;
      }
      phase_ = Phase::kLook;
      return acted_;
    case Phase::kWrite:
      Write(clock);
      return true;
    case Phase::kTell:
      Tell(real);
      return true;
  }
  return false;
}

void Host::Run(absl::Time clock, absl::Time real) {
  Kill();
  for (int i = 0; i < kRounds && failure_.empty(); ++i) {
    if (!Step(clock, real)) return;
  }
  Fail("there is always more to do");
}

// Asks the deployer about what is under way, and has it do what it does not know of.
void Host::TakeEnds(absl::Time clock, absl::Time real) {
  std::vector<v1::Event> ends;
  for (const v1::StageRecord& stage : shared_.ledger->state().stages()) {
    for (const v1::Deployment& d : stage.deployments()) {
      if (d.has_ended_at()) continue;
      const bool back = d.direction() == v1::Deployment::ROLL_BACK;
      const std::string id =
          ActionId(shared_.ledger->state().pipeline(), stage.stage(), d.cell(), d.artifact(),
                   back ? ActionDirection::kRollBack : ActionDirection::kForward, d.attempt());
      const auto run = shared_.outside->runs().find(id);
      if (run == shared_.outside->runs().end()) {
        shared_.outside->Start(id, stage.stage(), d.cell(), d.artifact(), back, real);
        continue;
      }
      if (run->second.end > real) continue;
      v1::Event event;
      // When it ended, by the host's clock.
      *event.mutable_at() =
          ToTimestamp(std::max(clock - (real - run->second.end), ToTime(d.started_at())));
      v1::DeploymentEnded* ended = event.mutable_deployment_ended();
      ended->set_stage(stage.stage());
      ended->set_cell(d.cell());
      ended->set_action_id(id);
      ended->set_outcome(run->second.outcome);
      ends.push_back(std::move(event));
    }
  }
  for (v1::Event& event : ends) {
    const std::string id = event.deployment_ended().action_id();
    const absl::Status status = shared_.ledger->Write(std::move(event), clock);
    // A clock that went back has to catch up first.
    if (!status.ok() && clock < ToTime(shared_.ledger->state().written_at())) continue;
    if (!status.ok()) Fail(absl::StrCat("end of ", id, ": ", status.ToString()));
    Trace(absl::StrCat("end ", id));
    acted_ = true;
  }
}

void Host::Look(absl::Time clock, absl::Time real) {
  acted_ = false;
  TakeEnds(clock, real);
  Decide(clock);
}

void Host::Decide(absl::Time clock) {
  policy_ = shared_.policy;
  knowledge_ = std::make_unique<Knowledge>(shared_.outside->list(), *shared_.outside->facts(),
                                           knowledge_.get());
  const Snapshot snapshot = knowledge_->Load(shared_.ledger->state());
  const Decision decision = policy_->Decide(snapshot, clock);
  valid_until_ = decision.valid_until;
  if (valid_until_ <= clock) Fail("valid_until is not after now");
  to_do_.clear();
  stages_.clear();
  for (const StageDecision& stage : decision.stages) {
    for (const Finding& finding : stage.findings) {
      const bool broken = finding.id == "@state" && finding.reason != v1::FROM_THE_FUTURE;
      if (broken) Fail(absl::StrCat("unreadable state: ", v1::Reason_Name(finding.reason)));
    }
    StageView view;
    for (const Finding& finding : stage.findings) {
      if (!Holds(finding)) continue;
      absl::StrAppend(&view.holding, " ", finding.id, "/", finding.artifact, "/", finding.wave, "/",
                      finding.cell, "/", v1::Reason_Name(finding.reason));
    }
    view.stage = std::string(stage.stage);
    view.action = stage.action;
    view.artifact = std::string(stage.artifact);
    if (!stage.actions.empty()) view.wave = std::string(stage.actions[0].wave);
    for (const PassedOver& passed_over : stage.passed_over) {
      if (passed_over.reason == v1::ROLLOUT_ENDED) view.ended.emplace(passed_over.artifact);
    }
    stages_.push_back(std::move(view));
    Plan(decision, stage);
  }
}

// What a decision asks for, as the events that write it down.
void Host::Plan(const Decision& decision, const StageDecision& stage) {
  for (const WantedRecord& wanted : stage.wanted) {
    ToDo item;
    item.id = IdOf(decision, stage, wanted);
    v1::Recorded* recorded = item.event.mutable_recorded();
    recorded->set_stage(std::string(stage.stage));
    recorded->set_policy_fingerprint(std::string(decision.policy_fingerprint));
    v1::WantedRecord* record = recorded->mutable_record();
    record->set_id(item.id);
    record->set_kind(wanted.kind);
    record->set_artifact(std::string(wanted.artifact));
    record->set_wave(std::string(wanted.wave));
    record->set_cell(std::string(wanted.cell));
    record->set_reason(wanted.reason);
    to_do_.push_back(std::move(item));
  }
  if (stage.action != Action::kDeploy && stage.action != Action::kRollBack) return;
  if (stage.action == Action::kRollBack) Trace(absl::StrCat("because of", stages_.back().holding));
  v1::StageDecision message;
  message.set_stage(std::string(stage.stage));
  message.set_artifact(std::string(stage.artifact));
  for (const PlannedCells& wave : stage.plan) {
    v1::PlannedCells* planned = message.add_plan();
    planned->set_wave(std::string(wave.wave));
    for (const absl::string_view cell : wave.cells) planned->add_cells(std::string(cell));
    for (const uint32_t weight : wave.weights) planned->add_weights(weight);
  }
  for (const CellAction& action : stage.actions) {
    ToDo item;
    item.id = IdOf(decision, stage, action);
    item.stage = message;
    v1::CellAction* act = item.stage.add_actions();
    act->set_id(item.id);
    act->set_cell(std::string(action.cell));
    act->set_artifact(std::string(action.artifact));
    act->set_roll_back(action.roll_back);
    act->set_attempt(action.attempt);
    act->set_wave(std::string(action.wave));
    act->set_target_unchecked(action.target_unchecked);
    if (action.cell.empty()) {
      v1::Entered* entered = item.event.mutable_entered();
      entered->set_stage(message.stage());
      entered->set_artifact(act->artifact());
      entered->set_action_id(item.id);
    } else {
      v1::DeploymentStarted* started = item.event.mutable_deployment_started();
      started->set_stage(message.stage());
      *started->mutable_action() = *act;
      started->set_policy_fingerprint(std::string(decision.policy_fingerprint));
      if (action.roll_back) {
        started->set_removes(message.artifact());
        for (const absl::string_view cell : stage.roll_back_cells) {
          started->add_roll_back_cells(std::string(cell));
        }
      } else {
        *started->mutable_plan() = message.plan();
        started->set_halts_previous(stage.halts_running);
      }
    }
    to_do_.push_back(std::move(item));
  }
}

void Host::Ask(absl::Time clock) {
  ToDo& item = to_do_.front();
  // Just before acting it reads everything again.
  const Knowledge now(shared_.outside->list(), *shared_.outside->facts(), knowledge_.get());
  const Snapshot snapshot = now.Load(shared_.ledger->state());
  if (!policy_->Admit(item.id, snapshot, clock)) {
    to_do_.pop_front();
    return;
  }
  if (shared_.checker != nullptr && item.stage.actions_size() > 0) {
    shared_.checker->Admitted(
        {policy_->effective(), shared_.ledger->state(), now.facts, now.list_message, clock},
        item.stage, item.stage.actions(0));
  }
  item.event.set_expected_revision(shared_.ledger->state().revision());
  asked_version_ = shared_.ledger->version();
  phase_ = Phase::kWrite;
}

void Host::Write(absl::Time clock) {
  const ToDo& item = to_do_.front();
  const bool unchanged = asked_version_ == shared_.ledger->version();
  const absl::Status status = shared_.ledger->Write(item.event, clock);
  phase_ = Phase::kAsk;
  if (!status.ok()) {
    // What stands in the same state is never refused, unless it says more than its id, such as a
    // wave of a plan that another host's has taken the place of, and is decided otherwise now.
    const ToDo refused = item;
    Decide(clock);
    const bool stands = std::any_of(to_do_.begin(), to_do_.end(), [&](const ToDo& anew) {
      return anew.id == refused.id && SameEvent(anew.event, refused.event);
    });
    if (unchanged && stands) Fail(absl::StrCat("refused ", refused.id, ": ", status.ToString()));
    return;
  }
  acted_ = true;
  Trace(absl::StrCat("did ", item.id));
  if (item.event.has_deployment_started()) {
    phase_ = Phase::kTell;
    return;
  }
  to_do_.pop_front();
}

void Host::Tell(absl::Time real) {
  const ToDo item = std::move(to_do_.front());
  to_do_.pop_front();
  phase_ = Phase::kAsk;
  if (!IsUnderWay(shared_.ledger->state(), item.id)) return;
  const v1::CellAction& action = item.event.deployment_started().action();
  shared_.outside->Start(item.id, item.event.deployment_started().stage(), action.cell(),
                         action.artifact(), action.roll_back(), real);
}

}  // namespace sluice
