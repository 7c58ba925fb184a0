#include "sluice/overrides.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/types/variant.h"
#include "sluice/blockers/horizon.h"

namespace sluice {
namespace {

bool Contains(const std::vector<absl::string_view>& sorted, absl::string_view value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

bool HasRole(const std::vector<absl::string_view>& roles, const OverrideRule& rule) {
  return std::any_of(rule.roles.begin(), rule.roles.end(),
                     [&](const std::string& role) { return Contains(roles, role); });
}

// Why `rule` does not let this override count, or ALL_CLEAR.
Reason FaultUnder(const OverrideRule& rule, const OverrideFacts& o, const ArtifactFacts& artifact) {
  if (o.expires_at - o.granted_at > rule.max_validity) return v1::OVERRIDE_TOO_LONG;
  if (!HasRole(o.roles, rule)) return v1::OVERRIDE_ROLE_MISSING;
  if (!rule.author_may) {
    if (artifact.authors.empty()) return v1::AUTHOR_UNKNOWN;
    if (Contains(artifact.authors, o.principal)) return v1::OVERRIDE_BY_AUTHOR;
  }
  return v1::ALL_CLEAR;
}

bool IsInForce(const OverrideFacts& o, absl::Time t) { return o.granted_at <= t && t < o.ends_at; }

using Counting = absl::InlinedVector<const OverrideFacts*, 4>;

uint32_t DistinctPrincipals(const Counting& counting, absl::Time t) {
  absl::InlinedVector<absl::string_view, 4> principals;
  for (const OverrideFacts* o : counting) {
    if (IsInForce(*o, t)) principals.push_back(o->principal);
  }
  std::sort(principals.begin(), principals.end());
  return static_cast<uint32_t>(std::unique(principals.begin(), principals.end()) -
                               principals.begin());
}

Lift QuorumOf(const Counting& counting, const OverrideRule& rule, absl::Time now) {
  const auto quorum = static_cast<uint32_t>(rule.quorum);
  Lift lift;
  const uint32_t present = DistinctPrincipals(counting, now);
  lift.lifted = present >= quorum;
  lift.still_needed = lift.lifted ? 0 : quorum - present;
  Instants instants(now);
  for (const OverrideFacts* o : counting) {
    if (IsInForce(*o, now)) lift.overrides.push_back(o->id);
    instants.Add(o->granted_at);
    instants.Add(o->ends_at);
  }
  for (const absl::Time t : instants.Sorted()) {
    if ((DistinctPrincipals(counting, t) >= quorum) != lift.lifted) {
      lift.changes_at = t;
      break;
    }
  }
  return lift;
}

bool WouldRollBack(const Blocker& blocker, const OverrideFacts& o) {
  const auto* known_bad = absl::get_if<KnownBadArtifact>(&blocker.kind);
  return known_bad != nullptr && known_bad->roll_back_on_match &&
         !Contains(o.keep_despite, blocker.id);
}

// Why this override does not lift `blocker`, or ALL_CLEAR.
Reason FaultFor(const Blocker& blocker, const OverrideFacts& o, const ArtifactFacts& artifact) {
  if (!blocker.override_rule.has_value()) return v1::OVERRIDE_NOT_ALLOWED;
  const Reason fault = FaultUnder(*blocker.override_rule, o, artifact);
  if (fault != v1::ALL_CLEAR) return fault;
  return WouldRollBack(blocker, o) ? v1::WOULD_ROLL_BACK : v1::ALL_CLEAR;
}

const StageRule* FindStage(const PolicyData& policy, absl::string_view id) {
  for (const StageRule& stage : policy.stages) {
    if (stage.id == id) return &stage;
  }
  return nullptr;
}

}  // namespace

bool NamesUnknownStage(const OverrideFacts& o, const PolicyData& policy) {
  return std::any_of(o.stages.begin(), o.stages.end(),
                     [&](absl::string_view stage) { return FindStage(policy, stage) == nullptr; });
}

absl::InlinedVector<const OverrideFacts*, 4> OverridesFor(const Subject& subject) {
  Counting found;
  if (subject.artifact == nullptr) return found;
  const std::vector<OverrideFacts>& all = subject.snapshot.overrides;
  const absl::string_view digest = subject.artifact->digest_text;
  auto it =
      std::lower_bound(all.begin(), all.end(), digest,
                       [](const OverrideFacts& a, absl::string_view b) { return a.artifact < b; });
  for (; it != all.end() && it->artifact == digest; ++it) {
    if (Contains(it->stages, subject.stage)) found.push_back(&*it);
  }
  return found;
}

Reason FaultOf(const OverrideFacts& o, const PolicyData& policy, const StageRule& rule,
               const Subject& subject) {
  if (o.fault != v1::ALL_CLEAR) return o.fault;
  if (o.all_blockers && o.policy_fingerprint != policy.fingerprint) {
    return v1::OVERRIDE_OTHER_POLICY;
  }
  if (NamesUnknownStage(o, policy)) return v1::OVERRIDE_UNKNOWN_STAGE;
  for (const absl::string_view id : o.blockers) {
    const auto found = policy.blocker_by_id.find(id);
    if (found == policy.blocker_by_id.end()) return v1::OVERRIDE_UNKNOWN_BLOCKER;
    const Reason fault = FaultFor(*found->second, o, *subject.artifact);
    if (fault != v1::ALL_CLEAR) return fault;
  }
  for (const absl::string_view trigger : o.keep_despite) {
    if (!policy.trigger_ids.contains(trigger)) return v1::OVERRIDE_UNKNOWN_BLOCKER;
    if (!rule.rollout.roll_back.keep_despite.has_value()) return v1::OVERRIDE_NOT_ALLOWED;
    const Reason fault = FaultUnder(*rule.rollout.roll_back.keep_despite, o, *subject.artifact);
    if (fault != v1::ALL_CLEAR) return fault;
  }
  return v1::ALL_CLEAR;
}

Lift LiftBlocker(const PolicyData& policy, const Blocker& blocker, const Subject& subject,
                 absl::Time now) {
  if (subject.artifact == nullptr || !blocker.override_rule.has_value()) return {};
  const StageRule* rule = FindStage(policy, subject.stage);
  Counting counting;
  for (const OverrideFacts* o : OverridesFor(subject)) {
    if (!o->all_blockers && !Contains(o->blockers, blocker.id)) continue;
    if (FaultOf(*o, policy, *rule, subject) != v1::ALL_CLEAR) continue;
    if (FaultFor(blocker, *o, *subject.artifact) != v1::ALL_CLEAR) continue;
    counting.push_back(o);
  }
  return QuorumOf(counting, *blocker.override_rule, now);
}

Lift KeepDespite(const PolicyData& policy, const RollBackRule& rule, absl::string_view trigger,
                 const Subject& subject, absl::Time now) {
  if (subject.artifact == nullptr || !rule.keep_despite.has_value()) return {};
  const StageRule* stage = FindStage(policy, subject.stage);
  Counting counting;
  for (const OverrideFacts* o : OverridesFor(subject)) {
    if (!Contains(o->keep_despite, trigger)) continue;
    if (FaultOf(*o, policy, *stage, subject) != v1::ALL_CLEAR) continue;
    counting.push_back(o);
  }
  return QuorumOf(counting, *rule.keep_despite, now);
}

}  // namespace sluice
