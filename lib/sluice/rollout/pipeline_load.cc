#include "sluice/rollout/pipeline_load.h"

#include "sluice/decision.h"
#include "sluice/rollout/plan.h"
#include "sluice/rollout/roll_back.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {
namespace {

CellLoad LoadOf(const StageContext& context) {
  const Plan plan = context.active == nullptr ? Plan() : RecordedPlan(context, *context.active);
  const std::vector<uint64_t> weights = WeightsOf(context, plan);
  const std::vector<bool> unproven = FindUnproven(context);
  CellLoad load;
  for (size_t i = 0; i < weights.size(); ++i) {
    load.total += weights[i];
    if (unproven[i]) load.unproven += weights[i];
  }
  return load;
}

}  // namespace

PipelineLoad::PipelineLoad(const PolicyData& policy, const SnapshotData& snapshot, absl::Time now)
    : stages_(policy.stages.size()) {
  for (size_t i = 0; i < policy.stages.size(); ++i) {
    if (policy.stages[i].kind != v1::Stage::PRODUCTION || !policy.stages[i].deploys_cells) continue;
    // The stage's own decision has the findings that come of this.
    StageDecision unused;
    stages_[i] = LoadOf(MakeStageContext(policy, i, snapshot, now, &unused));
  }
}

CellLoad PipelineLoad::Others(size_t stage_index) const {
  CellLoad others;
  for (size_t i = 0; i < stages_.size(); ++i) {
    if (i == stage_index || !stages_[i].has_value()) continue;
    others.total += stages_[i]->total;
    others.unproven += stages_[i]->unproven;
  }
  return others;
}

void PipelineLoad::Take(size_t stage_index, uint64_t weight) {
  absl::optional<CellLoad>& load = stages_[stage_index];
  if (load.has_value()) load->unproven += weight;
}

}  // namespace sluice
