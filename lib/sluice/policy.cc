#include "sluice/policy.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/types/optional.h"
#include "sluice/action_id.h"
#include "sluice/facts.h"
#include "sluice/leaves.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/decide_stage.h"
#include "sluice/rollout/pipeline_load.h"
#include "sluice/rollout/show_plan.h"

namespace sluice {
namespace {

auto KeyOf(const Finding& f) { return std::tie(f.id, f.artifact, f.wave, f.cell); }

// Sorts by key. Where a finding was made more than once, the one with the stronger effect stays.
void SortFindings(std::vector<Finding>* findings) {
  std::stable_sort(findings->begin(), findings->end(), [](const Finding& a, const Finding& b) {
    if (KeyOf(a) != KeyOf(b)) return KeyOf(a) < KeyOf(b);
    return a.effect < b.effect;
  });
  findings->erase(
      std::unique(findings->begin(), findings->end(),
                  [](const Finding& a, const Finding& b) { return KeyOf(a) == KeyOf(b); }),
      findings->end());
}

void SortPassedOver(std::vector<PassedOver>* passed_over) {
  const auto key = [](const PassedOver& p) { return std::make_pair(p.artifact, p.reason); };
  std::sort(passed_over->begin(), passed_over->end(),
            [&](const PassedOver& a, const PassedOver& b) { return key(a) < key(b); });
  passed_over->erase(
      std::unique(passed_over->begin(), passed_over->end(),
                  [&](const PassedOver& a, const PassedOver& b) { return key(a) == key(b); }),
      passed_over->end());
}

// Why nothing at all may be done, or ALL_CLEAR.
Reason RefusalOf(const PolicyData& policy, const SnapshotData& snapshot) {
  if (snapshot.refusal != v1::ALL_CLEAR) return snapshot.refusal;
  // A name that can't be read is the state's fault; one that can and is another's says enough.
  if (!snapshot.pipeline.empty() && snapshot.pipeline != policy.id) return v1::WRONG_PIPELINE;
  return v1::ALL_CLEAR;
}

void Clear(StageDecision* stage) {
  stage->stage = "";
  stage->action = Action::kHold;
  stage->artifact = "";
  stage->actions.clear();
  stage->findings.clear();
  stage->wanted.clear();
  stage->passed_over.clear();
  stage->plan.clear();
  stage->roll_back_cells.clear();
  stage->cells_without_room.clear();
  stage->halts_running = false;
}

bool IsOfPolicy(const PolicyData& policy, absl::string_view stage) {
  return std::any_of(policy.stages.begin(), policy.stages.end(),
                     [&](const StageRule& rule) { return rule.id == stage; });
}

bool HasActiveRollout(const StageFacts& stage) {
  return std::any_of(stage.rollouts.begin(), stage.rollouts.end(), [](const RolloutFacts& r) {
    return r.state == v1::Rollout::RUNNING || r.state == v1::Rollout::ROLLING_BACK;
  });
}

}  // namespace

Decision Policy::Decide(const Snapshot& snapshot, absl::Time now) const {
  Decision decision;
  Decide(snapshot, now, &decision);
  return decision;
}

void Policy::Decide(const Snapshot& snapshot, absl::Time now, Decision* decision) const {
  const SnapshotData& facts = snapshot.data();
  const PolicyData& policy = *data_;
  // All at once: what a host finds after an exception is not the old answer.
  for (StageDecision& stage : decision->stages) Clear(&stage);
  decision->pipeline = policy.id;
  decision->now = now;
  decision->policy_fingerprint = policy.fingerprint;
  decision->zone_hash = policy.zone_hash;
  decision->state_revision = facts.revision;
  decision->organisation_epoch = facts.organisation->epoch;
  decision->lists.clear();
  for (const KnownBadList* list : facts.known_bad) {
    decision->lists.push_back({list->id(), list->epoch()});
  }

  const Reason refusal = RefusalOf(policy, facts);
  size_t count = 0;
  const auto next_stage = [&](absl::string_view id) {
    if (decision->stages.size() == count) decision->stages.emplace_back();
    StageDecision* stage = &decision->stages[count++];
    stage->stage = id;
    return stage;
  };
  absl::optional<PipelineLoad> load;
  if (policy.pipeline_cap_basis_points.has_value() && refusal == v1::ALL_CLEAR) {
    load.emplace(policy, facts, now);
  }
  for (size_t i = 0; i < policy.stages.size(); ++i) {
    StageDecision* stage = next_stage(policy.stages[i].id);
    if (refusal == v1::ALL_CLEAR) {
      DecideStage(policy, i, facts, now, load.has_value() ? &*load : nullptr, stage);
    } else {
      stage->findings.push_back(MakeFinding(kStateId, Judged(Verdict::kInvalid, refusal)));
    }
  }
  for (const StageFacts& records : facts.stages) {
    if (IsOfPolicy(policy, records.id) || !HasActiveRollout(records)) continue;
    next_stage(records.id)
        ->findings.push_back(MakeFinding(kStageId, Judged(Verdict::kBlocking, v1::STAGE_REMOVED)));
  }
  decision->stages.resize(count);

  decision->valid_until = absl::InfiniteFuture();
  for (StageDecision& stage : decision->stages) {
    SortFindings(&stage.findings);
    SortPassedOver(&stage.passed_over);
    for (const Finding& finding : stage.findings) {
      decision->valid_until = std::min(decision->valid_until, finding.changes_at);
    }
  }
}

bool Policy::Admit(absl::string_view action_id, const Snapshot& snapshot, absl::Time now) const {
  const Decision decision = Decide(snapshot, now);
  for (const StageDecision& stage : decision.stages) {
    if (stage.action == Action::kRollBack || stage.action == Action::kDeploy) {
      for (const CellAction& action : stage.actions) {
        if (IdOf(decision, stage, action) == action_id) return true;
      }
    }
    for (const WantedRecord& wanted : stage.wanted) {
      if (IdOf(decision, stage, wanted) == action_id) return true;
    }
  }
  return false;
}

absl::optional<v1::StagePlan> Policy::PlanOf(const Snapshot& snapshot, absl::string_view stage,
                                             absl::Time now) const {
  const PolicyData& policy = *data_;
  for (size_t i = 0; i < policy.stages.size(); ++i) {
    if (policy.stages[i].id != stage) continue;
    const Reason refusal = RefusalOf(policy, snapshot.data());
    if (refusal == v1::ALL_CLEAR) return ShowPlan(policy, i, snapshot.data(), now);
    v1::StagePlan plan;
    plan.set_stage(policy.stages[i].id);
    plan.set_fault(refusal);
    return plan;
  }
  return absl::nullopt;
}

absl::string_view Policy::fingerprint() const { return data_->fingerprint; }

absl::string_view Policy::zone_hash() const { return data_->zone_hash; }

const v1::PipelinePolicy& Policy::effective() const { return *effective_; }

const std::vector<FilledChoice>& Policy::filled_choices() const { return filled_; }

}  // namespace sluice
