#ifndef SLUICE_ROLLOUT_STAGE_CONTEXT_H_
#define SLUICE_ROLLOUT_STAGE_CONTEXT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/decision.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"

namespace sluice {

class PipelineLoad;

// A cell of the stage and its deployments, oldest first.
struct CellView {
  const CellFacts* cell = nullptr;
  absl::Span<const DeploymentFacts> deployments;

  // Null: a new cell.
  const DeploymentFacts* Newest() const {
    return deployments.empty() ? nullptr : &deployments.back();
  }
};

// Whether the deployment is under way.
inline bool IsUnderWay(const DeploymentFacts& deployment) {
  return deployment.outcome == v1::Deployment::OUTCOME_UNSPECIFIED;
}

// The attempt that the cell's next deployment of that kind is: 1 and the ended ones [R9].
uint32_t NextAttempt(const CellView& view, absl::string_view artifact,
                     v1::Deployment::Direction direction);

// One stage at one instant: its rule, its records joined with its cells, and where its findings go.
struct StageContext {
  const PolicyData& policy;
  const StageRule& rule;
  const SnapshotData& snapshot;
  const StageFacts& records;
  absl::Time now;
  StageDecision* out = nullptr;

  std::vector<CellView> cells;  // Not retired; sorted by id.

  // Artifacts latched here or in an earlier stage, and those latched in an earlier one; sorted.
  std::vector<absl::string_view> latched;
  std::vector<absl::string_view> latched_upstream;

  // The rollout that is RUNNING or ROLLING_BACK, and the newest that is COMPLETE; null: none.
  const RolloutFacts* active = nullptr;
  const RolloutFacts* newest_complete = nullptr;

  size_t stage_index = 0;        // In the policy.
  PipelineLoad* load = nullptr;  // Null: the pipeline has no cap.

  // Null: no such cell in this stage, or retired.
  const CellView* Cell(absl::string_view id) const;
  // Where the state has none: one that can't be used (ARTIFACT_ABSENT), whose sequence is unknown.
  const ArtifactFacts& ArtifactOf(absl::string_view digest) const;
  bool IsLatched(absl::string_view artifact) const;
  bool IsLatchedUpstream(absl::string_view artifact) const;
  Subject SubjectOf(const ArtifactFacts* artifact) const;
  void Add(Finding finding) const { out->findings.push_back(std::move(finding)); }
};

// Joins `records` (of the stage `rule` at `stage_index` of the policy) with the stage's cells.
StageContext MakeStageContext(const PolicyData& policy, size_t stage_index,
                              const SnapshotData& snapshot, absl::Time now, StageDecision* out);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_STAGE_CONTEXT_H_
