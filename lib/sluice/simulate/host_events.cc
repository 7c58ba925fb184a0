#include "sluice/simulate/host_events.h"

#include <utility>

namespace sluice {
namespace {

HostEvent Record(const Decision& decision, const v1::StageDecision& stage,
                 const v1::WantedRecord& wanted) {
  HostEvent item;
  item.id = wanted.id();
  v1::Recorded* recorded = item.event.mutable_recorded();
  recorded->set_stage(stage.stage());
  *recorded->mutable_record() = wanted;
  recorded->set_policy_fingerprint(std::string(decision.policy_fingerprint));
  return item;
}

HostEvent Start(const Decision& decision, const v1::StageDecision& stage,
                const v1::CellAction& action) {
  HostEvent item;
  item.id = action.id();
  if (action.cell().empty()) {
    v1::Entered* entered = item.event.mutable_entered();
    entered->set_stage(stage.stage());
    entered->set_artifact(action.artifact());
    entered->set_action_id(action.id());
    return item;
  }
  v1::DeploymentStarted* started = item.event.mutable_deployment_started();
  started->set_stage(stage.stage());
  *started->mutable_action() = action;
  started->set_policy_fingerprint(std::string(decision.policy_fingerprint));
  if (action.roll_back()) {
    started->set_removes(stage.artifact());
    *started->mutable_roll_back_cells() = stage.roll_back_cells();
  } else {
    *started->mutable_plan() = stage.plan();
    started->set_halts_previous(stage.halts_running());
  }
  return item;
}

}  // namespace

std::vector<HostEvent> HostEventsOf(const Decision& decision) {
  std::vector<HostEvent> events;
  for (const StageDecision& stage : decision.stages) {
    // The parts of the message that are needed, without a sentence for every finding.
    Decision part;
    part.pipeline = decision.pipeline;
    part.now = decision.now;
    part.valid_until = decision.valid_until;
    part.stages.push_back(stage);
    part.stages.back().findings.clear();
    const bool acts = stage.action == Action::kDeploy || stage.action == Action::kRollBack;
    if (!acts && stage.wanted.empty()) continue;
    const v1::PipelineDecision message = ToProto(part);
    const v1::StageDecision& of_stage = message.stages(0);
    for (const v1::WantedRecord& wanted : of_stage.wanted()) {
      events.push_back(Record(decision, of_stage, wanted));
    }
    if (!acts) continue;
    for (const v1::CellAction& action : of_stage.actions()) {
      events.push_back(Start(decision, of_stage, action));
    }
  }
  return events;
}

}  // namespace sluice
