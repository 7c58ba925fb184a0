#include "sluice/rollout/show_plan.h"

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/decision.h"
#include "sluice/rollout/plan.h"
#include "sluice/rollout/roll_back.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {
namespace {

// Parts per million, rounded down. A total of zero is one of cells that can't be read.
uint32_t ShareOf(uint64_t weight, uint64_t total) {
  return total == 0 ? 0 : static_cast<uint32_t>(weight * 1'000'000 / total);
}

void AddWave(const PlanWave& wave, uint64_t total, v1::StagePlan* plan) {
  v1::StagePlan::Wave* out = plan->add_waves();
  out->set_wave(std::string(wave.id));
  uint64_t weight = 0;
  for (const PlanCell& cell : wave.cells) {
    out->add_cells(std::string(cell.view->cell->id));
    out->add_weights(cell.weight);
    out->add_shares_ppm(ShareOf(cell.weight, total));
    weight += cell.weight;
  }
  out->set_share_ppm(ShareOf(weight, total));
}

}  // namespace

v1::StagePlan ShowPlan(const PolicyData& policy, size_t stage_index, const SnapshotData& snapshot,
                       absl::Time now) {
  v1::StagePlan shown;
  shown.set_stage(policy.stages[stage_index].id);
  shown.set_fault(v1::ALL_CLEAR);
  if (!policy.stages[stage_index].deploys_cells) return shown;
  StageDecision unused;
  const StageContext context = MakeStageContext(policy, stage_index, snapshot, now, &unused);
  const Plan plan = context.active != nullptr ? RecordedPlan(context, *context.active)
                                              : NewPlan(context, FindUnproven(context));
  if (context.active != nullptr) shown.set_artifact(std::string(context.active->artifact));
  uint64_t total = 0;
  for (const uint64_t weight : WeightsOf(context, plan)) total += weight;
  shown.set_total_weight(total);
  for (const PlanWave& wave : plan.waves) AddWave(wave, total, &shown);
  shown.set_fault(plan.fault);
  shown.set_fault_subject(std::string(plan.fault_subject));
  return shown;
}

}  // namespace sluice
