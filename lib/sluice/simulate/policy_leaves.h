#ifndef SLUICE_SIMULATE_POLICY_LEAVES_H_
#define SLUICE_SIMULATE_POLICY_LEAVES_H_

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"

namespace sluice {

// What the ids of findings stand for in a policy, which must outlive it.
class PolicyLeaves {
 public:
  explicit PolicyLeaves(const PolicyData& policy);

  // Null: the finding is of no such part. Children of combinations are blockers too.
  const Blocker* BlockerOf(absl::string_view id) const;
  const HealthCriterion* CriterionOf(absl::string_view id) const;
  const WatchedAlarm* WatchedOf(absl::string_view id) const;
  bool IsPassCriterion(absl::string_view id) const { return pass_criteria_.contains(id); }

  // Whether it judges a deployed cell or wave: deployment, hygiene, bake or health.
  bool IsOfDeployed(absl::string_view id) const;

 private:
  void Add(const Blocker& blocker);

  absl::flat_hash_map<absl::string_view, const Blocker*> blockers_;
  absl::flat_hash_map<absl::string_view, const HealthCriterion*> criteria_;
  absl::flat_hash_map<absl::string_view, const WatchedAlarm*> watched_;
  absl::flat_hash_set<absl::string_view> pass_criteria_;
};

}  // namespace sluice

#endif  // SLUICE_SIMULATE_POLICY_LEAVES_H_
