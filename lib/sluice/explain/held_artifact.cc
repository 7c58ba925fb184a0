#include "sluice/explain/held_artifact.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

const RolloutFacts* ActiveRollout(const SnapshotData& facts, absl::string_view stage) {
  const StageFacts* records = facts.Stage(stage);
  if (records == nullptr) return nullptr;
  for (const RolloutFacts& rollout : records->rollouts) {
    if (rollout.state == v1::Rollout::RUNNING || rollout.state == v1::Rollout::ROLLING_BACK) {
      return &rollout;
    }
  }
  return nullptr;
}

// Whether an artifact that was passed over for this can become the candidate again.
bool CanEnd(Reason reason) {
  return reason != v1::SUPERSEDED && reason != v1::QUEUED && reason != v1::BELOW_FLOOR &&
         reason != v1::CURRENT;
}

// The newest artifact that was passed over for a reason that `is_meant`; empty: none.
template <typename Pred>
std::string NewestPassedOver(const SnapshotData& facts, const StageDecision& stage, Pred is_meant) {
  std::string newest;
  uint64_t highest = 0;
  for (const PassedOver& passed_over : stage.passed_over) {
    const ArtifactFacts* artifact = facts.Artifact(passed_over.artifact);
    if (artifact == nullptr || !is_meant(passed_over.reason)) continue;
    if (!newest.empty() && artifact->sequence <= highest) continue;
    newest = std::string(passed_over.artifact);
    highest = artifact->sequence;
  }
  return newest;
}

bool HasFindingThatHolds(const StageDecision& stage) {
  return std::any_of(stage.findings.begin(), stage.findings.end(),
                     [](const Finding& finding) { return Holds(finding); });
}

void AddForward(const SnapshotData& facts, const StageDecision& stage,
                std::vector<HeldArtifact>* held) {
  const std::string id(stage.stage);
  const RolloutFacts* active = ActiveRollout(facts, stage.stage);
  if (active != nullptr && active->state == v1::Rollout::ROLLING_BACK) return;
  if (stage.action == Action::kReady) {
    held->push_back({id, std::string(stage.artifact), Move::kStart});
    return;
  }
  if (stage.action == Action::kDeploy) return;
  // What was complete and is rolled back has nowhere to move.
  const bool is_forward = stage.action != Action::kRollBack ||
                          (active != nullptr && active->artifact == stage.artifact);
  if (!stage.artifact.empty()) {
    if (is_forward) held->push_back({id, std::string(stage.artifact), Move::kForward});
    return;
  }
  const std::string passed_over = NewestPassedOver(facts, stage, CanEnd);
  if (!passed_over.empty()) {
    held->push_back({id, passed_over, Move::kForward});
  } else if (stage.action == Action::kHold && HasFindingThatHolds(stage)) {
    held->push_back({id, "", Move::kForward});
  }
}

// The artifact that a pass criterion holds; empty: none.
std::string AwaitsPass(const PolicyData& policy, const StageDecision& stage) {
  const auto rule = std::find_if(policy.stages.begin(), policy.stages.end(),
                                 [&](const StageRule& s) { return s.id == stage.stage; });
  if (rule == policy.stages.end()) return "";
  for (const Finding& finding : stage.findings) {
    const bool is_criterion =
        std::any_of(rule->pass_criteria.begin(), rule->pass_criteria.end(),
                    [&](const Blocker& criterion) { return criterion.id == finding.id; });
    if (is_criterion && Holds(finding)) return std::string(finding.artifact);
  }
  return "";
}

}  // namespace

std::vector<HeldArtifact> FindHeld(const Policy& policy, const Snapshot& snapshot,
                                   const Decision& decision) {
  const SnapshotData& facts = snapshot.data();
  std::vector<HeldArtifact> held;
  for (const StageDecision& stage : decision.stages) {
    AddForward(facts, stage, &held);
    const std::string id(stage.stage);
    if (stage.action == Action::kHold && ActiveRollout(facts, stage.stage) != nullptr) {
      const std::string waits = NewestPassedOver(
          facts, stage, [](Reason reason) { return reason == v1::WAITS_FOR_ROLLOUT; });
      if (!waits.empty()) held.push_back({id, waits, Move::kForward});
    }
    const std::string awaits_pass = AwaitsPass(policy.data(), stage);
    if (!awaits_pass.empty()) held.push_back({id, awaits_pass, Move::kPass});
  }
  return held;
}

bool Moves(const HeldArtifact& held, const Decision& decision) {
  const StageDecision* stage = decision.Stage(held.stage);
  if (stage == nullptr || held.artifact.empty()) return false;
  const auto wants = [&](v1::WantedRecord::Kind kind) {
    return std::any_of(stage->wanted.begin(), stage->wanted.end(), [&](const WantedRecord& wanted) {
      return wanted.kind == kind && wanted.artifact == held.artifact;
    });
  };
  const bool is_of_it = stage->artifact == held.artifact && !stage->actions.empty();
  switch (held.move) {
    case Move::kForward:
      return (is_of_it && (stage->action == Action::kDeploy || stage->action == Action::kReady)) ||
             wants(v1::WantedRecord::COMPLETE);
    case Move::kStart:
      return is_of_it && stage->action == Action::kDeploy;
    case Move::kPass:
      return wants(v1::WantedRecord::PASSED);
  }
  return false;
}

}  // namespace sluice
