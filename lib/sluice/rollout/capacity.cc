#include "sluice/rollout/capacity.h"

#include <map>

#include "sluice/blockers/judgement.h"
#include "sluice/rollout/cell_group.h"
#include "sluice/rollout/pipeline_load.h"

namespace sluice {

Capacity::Capacity(const StageContext& context, const Plan& plan, const std::vector<bool>& unproven)
    : context_(context), unproven_(unproven), weights_(WeightsOf(context, plan)) {
  AddStageCap();
  AddPipelineCap();
  common_caps_ = caps_.size();
  AddGroupCaps();
  for (const CellView& view : context.cells) {
    const DeploymentFacts* newest = view.Newest();
    if (newest != nullptr && newest->direction == v1::Deployment::FORWARD && IsUnderWay(*newest)) {
      ++under_way_;
    }
  }
}

void Capacity::AddStageCap() {
  if (!context_.rule.rollout.stage_cap_basis_points.has_value()) return;
  Cap cap;
  cap.name = context_.rule.id;
  cap.basis_points = *context_.rule.rollout.stage_cap_basis_points;
  for (size_t i = 0; i < weights_.size(); ++i) {
    cap.total += weights_[i];
    if (unproven_[i]) cap.unproven += weights_[i];
  }
  caps_.push_back(cap);
}

void Capacity::AddPipelineCap() {
  if (context_.load == nullptr || context_.rule.kind != v1::Stage::PRODUCTION) return;
  const CellLoad others = context_.load->Others(context_.stage_index);
  Cap cap;
  cap.name = context_.policy.id;
  cap.basis_points = *context_.policy.pipeline_cap_basis_points;
  cap.total = others.total;
  cap.unproven = others.unproven;
  for (size_t i = 0; i < weights_.size(); ++i) {
    cap.total += weights_[i];
    if (unproven_[i]) cap.unproven += weights_[i];
  }
  caps_.push_back(cap);
}

void Capacity::AddGroupCaps() {
  if (!context_.rule.rollout.group_cap.has_value()) return;
  const GroupCap& group_cap = *context_.rule.rollout.group_cap;
  std::map<CellGroupKey, size_t> known;
  for (size_t i = 0; i < weights_.size(); ++i) {
    const CellFacts& cell = *context_.cells[i].cell;
    const CellGroupKey key = GroupOf(cell, group_cap.by);
    const auto [group, is_new] = known.try_emplace(key, caps_.size());
    if (is_new) {
      Cap cap;
      cap.name = group_cap.by == CellGroup::kZone ? cell.zone : cell.region;
      cap.basis_points = group_cap.basis_points;
      caps_.push_back(cap);
    }
    Cap& cap = caps_[group->second];
    cap.total += weights_[i];
    if (unproven_[i]) cap.unproven += weights_[i];
    groups_.push_back(group->second);
  }
}

Judgement Capacity::Judge(const CellView& view) const {
  const size_t index = IndexOf(view);
  if (!groups_.empty() && !HasGroup(*view.cell, context_.rule.rollout.group_cap->by)) {
    return Judged(Verdict::kInvalid, v1::INVALID_DATA);
  }
  for (size_t i = 0; i < caps_.size(); ++i) {
    const bool applies = i < common_caps_ || groups_[index] == i;
    const Cap& cap = caps_[i];
    if (!applies || cap.Fits(weights_[index])) continue;
    Judgement judgement = Judged(Verdict::kInvalid, v1::CELL_EXCEEDS_CAP);
    judgement.evidence.subject = cap.name;
    judgement.evidence.value =
        static_cast<double>(weights_[index]) / static_cast<double>(cap.total);
    judgement.evidence.threshold = static_cast<double>(cap.basis_points) / 10'000;
    return judgement;
  }
  return Judged(Verdict::kClear, v1::ALL_CLEAR);
}

bool Capacity::Take(const CellView& view) {
  const size_t index = IndexOf(view);
  const uint64_t more = unproven_[index] ? 0 : weights_[index];
  if (under_way_ >= context_.rule.rollout.max_parallel) return false;
  std::vector<Cap*> applying;
  for (size_t i = 0; i < common_caps_; ++i) applying.push_back(&caps_[i]);
  if (!groups_.empty()) applying.push_back(&caps_[groups_[index]]);
  for (const Cap* cap : applying) {
    if (more > 0 && !cap->Fits(cap->unproven + more)) return false;
  }
  for (Cap* cap : applying) cap->unproven += more;
  taken_weight_ += more;
  ++under_way_;
  return true;
}

}  // namespace sluice
