#include "sluice/rollout/plan.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "sluice/internal/checked_time.h"
#include "sluice/leaves.h"
#include "sluice/rollout/generate_waves.h"

namespace sluice {
namespace {

const WaveRule* RuleOf(const StageContext& context, absl::string_view wave) {
  for (const WaveRule& rule : context.rule.rollout.waves) {
    if (rule.id == wave) return &rule;
  }
  return nullptr;
}

PlanWave WaveNamed(const StageContext& context, absl::string_view id) {
  PlanWave wave;
  wave.id = id;
  wave.rule = RuleOf(context, id);
  wave.bake = wave.rule == nullptr ? &context.rule.rollout.bake : &wave.rule->bake;
  return wave;
}

void Fault(Plan* plan, Reason reason, absl::string_view subject) {
  if (plan->fault != v1::ALL_CLEAR) return;
  plan->fault = reason;
  plan->fault_subject = subject;
}

bool HasWaveCriterion(const StageContext& context) {
  const std::vector<HealthCriterion>& criteria = context.rule.rollout.criteria;
  return std::any_of(criteria.begin(), criteria.end(),
                     [](const HealthCriterion& c) { return c.per_wave; });
}

void AddListedWaves(const StageContext& context, const std::vector<bool>& unproven, Plan* plan) {
  absl::flat_hash_set<absl::string_view> listed;
  for (const WaveRule& rule : context.rule.rollout.waves) {
    PlanWave wave = WaveNamed(context, rule.id);
    for (const std::string& id : rule.cells) {
      listed.insert(id);
      const CellView* view = context.Cell(id);
      if (view == nullptr) {
        const CellFacts* cell = context.snapshot.Cell(id);
        const bool retired = cell != nullptr && cell->retired && cell->stage == context.rule.id;
        if (!retired) Fault(plan, v1::CELL_ABSENT, id);
      } else if (!unproven[static_cast<size_t>(view - context.cells.data())]) {
        wave.cells.push_back({view, view->cell->weight});
      }
    }
    if (!wave.cells.empty()) plan->waves.push_back(std::move(wave));
  }
  for (const CellView& view : context.cells) {
    if (!listed.contains(view.cell->id)) Fault(plan, v1::CELL_NOT_IN_WAVE, view.cell->id);
  }
}

void AddGeneratedWaves(const StageContext& context, const std::vector<bool>& unproven, Plan* plan) {
  const WaveGeneration& rule = *context.rule.rollout.generation;
  uint64_t total = 0;
  std::vector<const CellView*> cells;
  for (size_t i = 0; i < context.cells.size(); ++i) {
    total += context.cells[i].cell->weight;
    if (!unproven[i]) cells.push_back(&context.cells[i]);
  }
  const GeneratedWaves generated = GenerateWaves(rule, cells, total);
  for (size_t i = 0; i < generated.waves.size(); ++i) {
    PlanWave wave = WaveNamed(context, rule.ids[i]);
    for (const CellView* view : generated.waves[i]) {
      wave.cells.push_back({view, view->cell->weight});
    }
    plan->waves.push_back(std::move(wave));
  }
  if (generated.fault != v1::ALL_CLEAR) Fault(plan, generated.fault, generated.fault_subject);
}

}  // namespace

Plan RecordedPlan(const StageContext& context, const RolloutFacts& rollout) {
  Plan plan;
  plan.rollout = &rollout;
  for (const WaveFacts& recorded : rollout.waves) {
    PlanWave wave = WaveNamed(context, recorded.id);
    wave.recorded_proven = recorded.proven;
    for (size_t i = 0; i < recorded.cells.size(); ++i) {
      const CellView* view = context.Cell(recorded.cells[i]);
      if (view != nullptr) {
        wave.cells.push_back({view, recorded.weights[i]});
        continue;
      }
      const CellFacts* cell = context.snapshot.Cell(recorded.cells[i]);
      if (cell == nullptr || !cell->retired) wave.absent_cell = recorded.cells[i];
    }
    plan.waves.push_back(std::move(wave));
  }
  return plan;
}

Plan NewPlan(const StageContext& context, const std::vector<bool>& unproven) {
  Plan plan;
  PlanWave first = WaveNamed(context, kUnprovenWave);
  for (size_t i = 0; i < context.cells.size(); ++i) {
    if (unproven[i]) first.cells.push_back({&context.cells[i], context.cells[i].cell->weight});
  }
  if (!first.cells.empty()) plan.waves.push_back(std::move(first));
  if (context.rule.rollout.generation.has_value()) {
    AddGeneratedWaves(context, unproven, &plan);
  } else {
    AddListedWaves(context, unproven, &plan);
  }
  return plan;
}
std::vector<uint64_t> WeightsOf(const StageContext& context, const Plan& plan) {
  std::vector<uint64_t> weights;
  for (const CellView& view : context.cells) weights.push_back(view.cell->weight);
  for (const PlanWave& wave : plan.waves) {
    for (const PlanCell& cell : wave.cells) {
      weights[static_cast<size_t>(cell.view - context.cells.data())] = cell.weight;
    }
  }
  return weights;
}

Plan CatchUpPlan(const StageContext& context, const std::vector<const CellView*>& cells) {
  Plan plan;
  PlanWave wave = WaveNamed(context, kCatchUpWave);
  for (const CellView* view : cells) wave.cells.push_back({view, view->cell->weight});
  plan.waves.push_back(std::move(wave));
  return plan;
}

absl::Duration ExpectedDuration(const StageContext& context, const Plan& plan) {
  absl::Duration expected;
  for (const PlanWave& wave : plan.waves) {
    if (IsProven(context, plan, wave)) continue;
    expected += context.rule.rollout.deploy_expected_time + wave.bake->min_time;
  }
  return expected;
}

const DeploymentFacts* DeploymentIn(const CellView& view, const RolloutFacts* rollout) {
  const DeploymentFacts* newest = view.Newest();
  if (newest == nullptr || rollout == nullptr) return nullptr;
  if (newest->rollout != rollout->number) return nullptr;
  return newest->direction == v1::Deployment::FORWARD ? newest : nullptr;
}

bool HasProvenCell(const StageContext& context, const RolloutFacts& rollout) {
  return std::any_of(context.records.deployments.begin(), context.records.deployments.end(),
                     [&](const DeploymentFacts& deployment) {
                       return deployment.rollout == rollout.number && deployment.proven &&
                              deployment.direction == v1::Deployment::FORWARD;
                     });
}

bool IsProven(const StageContext& context, const Plan& plan, const PlanWave& wave) {
  if (plan.rollout == nullptr) return false;
  if (wave.recorded_proven) return true;
  if (!wave.absent_cell.empty()) return false;
  if (wave.cells.empty()) return true;
  if (HasWaveCriterion(context)) return false;
  return std::all_of(wave.cells.begin(), wave.cells.end(), [&](const PlanCell& cell) {
    const DeploymentFacts* deployment = DeploymentIn(*cell.view, plan.rollout);
    // What can't be used proves nothing [I2].
    return cell.view->cell->fault == v1::ALL_CLEAR && deployment != nullptr && deployment->proven;
  });
}

}  // namespace sluice
