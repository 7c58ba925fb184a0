#ifndef SLUICE_ROLLOUT_CAPACITY_H_
#define SLUICE_ROLLOUT_CAPACITY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/finding.h"
#include "sluice/rollout/plan.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// Room for deployments of one stage: the caps of the stage, its groups and the pipeline, and
// parallel deployments [R2].
class Capacity {
 public:
  // `unproven` is parallel to context.cells; both outlive this.
  Capacity(const StageContext& context, const Plan& plan, const std::vector<bool>& unproven);

  // CLEAR unless the cell can never fit: it alone exceeds a cap (CELL_EXCEEDS_CAP), or does not say
  // to which group it belongs (INVALID_DATA).
  Judgement Judge(const CellView& view) const;

  // Takes room for a deployment, if there is any.
  bool Take(const CellView& view);

  // Weight of the cells that what was taken makes unproven.
  uint64_t taken_weight() const { return taken_weight_; }

 private:
  struct Cap {
    absl::string_view name;
    uint64_t basis_points = 0;
    uint64_t total = 0;
    uint64_t unproven = 0;

    // Weights are at most 10^6 and cells at most 10^6, so that the products fit.
    bool Fits(uint64_t weight) const { return weight * 10'000 <= basis_points * total; }
  };

  void AddStageCap();
  void AddPipelineCap();
  void AddGroupCaps();
  size_t IndexOf(const CellView& view) const {
    return static_cast<size_t>(&view - context_.cells.data());
  }

  const StageContext& context_;
  const std::vector<bool>& unproven_;
  std::vector<uint64_t> weights_;
  std::vector<Cap> caps_;
  size_t common_caps_ = 0;      // The first of `caps_`: of every cell.
  std::vector<size_t> groups_;  // The cap of each cell's group; empty: no group has one.
  uint64_t taken_weight_ = 0;
  int under_way_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_CAPACITY_H_
