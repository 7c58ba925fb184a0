#include "sluice/rollout/stage_context.h"

#include <algorithm>

namespace sluice {
namespace {

const StageFacts& NoRecords() {
  static const StageFacts* const kNone = new StageFacts;
  return *kNone;
}

const ArtifactFacts& NoArtifact() {
  static const ArtifactFacts* const kNone = [] {
    auto* none = new ArtifactFacts;
    none->fault = v1::ARTIFACT_ABSENT;
    return none;
  }();
  return *kNone;
}

bool Contains(const std::vector<absl::string_view>& sorted, absl::string_view value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

void SortDistinct(std::vector<absl::string_view>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

void AddUnreleasedLatches(const StageFacts& records, std::vector<absl::string_view>* artifacts) {
  for (const LatchFacts& latch : records.latches) {
    if (!latch.released) artifacts->push_back(latch.artifact);
  }
}

absl::Span<const DeploymentFacts> DeploymentsOf(const StageFacts& records, absl::string_view cell) {
  const auto range = std::equal_range(records.deployments.begin(), records.deployments.end(), cell,
                                      [](const auto& a, const auto& b) {
                                        struct Key {
                                          static absl::string_view Of(const DeploymentFacts& d) {
                                            return d.cell;
                                          }
                                          static absl::string_view Of(absl::string_view id) {
                                            return id;
                                          }
                                        };
                                        return Key::Of(a) < Key::Of(b);
                                      });
  return absl::MakeConstSpan(records.deployments)
      .subspan(static_cast<size_t>(range.first - records.deployments.begin()),
               static_cast<size_t>(range.second - range.first));
}

}  // namespace

uint32_t NextAttempt(const CellView& view, absl::string_view artifact,
                     v1::Deployment::Direction direction) {
  uint32_t next = 1;
  for (const DeploymentFacts& deployment : view.deployments) {
    if (deployment.artifact == artifact && deployment.direction == direction &&
        !IsUnderWay(deployment)) {
      ++next;
    }
  }
  return next;
}

const CellView* StageContext::Cell(absl::string_view id) const {
  const auto it =
      std::lower_bound(cells.begin(), cells.end(), id,
                       [](const CellView& a, absl::string_view b) { return a.cell->id < b; });
  return it != cells.end() && it->cell->id == id ? &*it : nullptr;
}

const ArtifactFacts& StageContext::ArtifactOf(absl::string_view digest) const {
  const ArtifactFacts* artifact = snapshot.Artifact(digest);
  if (artifact == nullptr) return NoArtifact();
  return *artifact;
}

bool StageContext::IsLatched(absl::string_view artifact) const {
  return Contains(latched, artifact);
}

bool StageContext::IsLatchedUpstream(absl::string_view artifact) const {
  return Contains(latched_upstream, artifact);
}

Subject StageContext::SubjectOf(const ArtifactFacts* artifact) const {
  return {snapshot, policy.fingerprint, policy.max_clock_skew, rule.id, artifact};
}

StageContext MakeStageContext(const PolicyData& policy, size_t stage_index,
                              const SnapshotData& snapshot, absl::Time now, StageDecision* out) {
  const StageRule& rule = policy.stages[stage_index];
  const StageFacts* records = snapshot.Stage(rule.id);
  StageContext context{policy, rule,    snapshot, records == nullptr ? NoRecords() : *records,
                       now,    out,     {},       {},
                       {},     nullptr, nullptr,  stage_index,
                       nullptr};
  for (const CellFacts& cell : snapshot.cells) {
    if (cell.stage == rule.id && !cell.retired) {
      context.cells.push_back({&cell, DeploymentsOf(context.records, cell.id)});
    }
  }
  for (size_t i = 0; i < stage_index; ++i) {
    const StageFacts* earlier = snapshot.Stage(policy.stages[i].id);
    if (earlier != nullptr) AddUnreleasedLatches(*earlier, &context.latched_upstream);
  }
  SortDistinct(&context.latched_upstream);
  context.latched = context.latched_upstream;
  AddUnreleasedLatches(context.records, &context.latched);
  SortDistinct(&context.latched);
  for (const RolloutFacts& rollout : context.records.rollouts) {
    if (rollout.state == v1::Rollout::RUNNING || rollout.state == v1::Rollout::ROLLING_BACK) {
      context.active = &rollout;
    }
    if (rollout.state == v1::Rollout::COMPLETE) context.newest_complete = &rollout;
  }
  return context;
}

}  // namespace sluice
