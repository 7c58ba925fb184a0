#include "sluice/simulate/policy_leaves.h"

#include "absl/strings/match.h"
#include "absl/types/variant.h"
#include "sluice/leaves.h"

namespace sluice {
namespace {

template <typename Map>
typename Map::mapped_type FindOrNull(const Map& map, absl::string_view id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

PolicyLeaves::PolicyLeaves(const PolicyData& policy) {
  for (const Blocker& blocker : policy.blockers) Add(blocker);
  for (const StageRule& stage : policy.stages) {
    for (const Blocker& blocker : stage.blockers) Add(blocker);
    for (const Blocker& criterion : stage.pass_criteria) {
      Add(criterion);
      pass_criteria_.insert(criterion.id);
    }
    for (const WaveRule& wave : stage.rollout.waves) {
      for (const Blocker& blocker : wave.blockers) Add(blocker);
    }
    for (const HealthCriterion& criterion : stage.rollout.criteria) {
      criteria_.emplace(criterion.id, &criterion);
    }
    for (const WatchedAlarm& watched : stage.rollout.watched) {
      watched_.emplace(watched.id, &watched);
    }
  }
}

void PolicyLeaves::Add(const Blocker& blocker) {
  blockers_.emplace(blocker.id, &blocker);
  if (const auto* combination = absl::get_if<Combination>(&blocker.kind)) {
    for (const Blocker& child : combination->children) Add(child);
  }
}

const Blocker* PolicyLeaves::BlockerOf(absl::string_view id) const {
  return FindOrNull(blockers_, id);
}

const HealthCriterion* PolicyLeaves::CriterionOf(absl::string_view id) const {
  return FindOrNull(criteria_, id);
}

const WatchedAlarm* PolicyLeaves::WatchedOf(absl::string_view id) const {
  return FindOrNull(watched_, id);
}

bool PolicyLeaves::IsOfDeployed(absl::string_view id) const {
  return id == kDeploymentId || id == kBakeId || id == kBakeDeadlineId ||
         absl::StartsWith(id, "@hygiene:") || criteria_.contains(id) || watched_.contains(id);
}

}  // namespace sluice
