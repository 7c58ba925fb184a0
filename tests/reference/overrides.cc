#include "tests/reference/overrides.h"

#include <algorithm>
#include <set>

#include "tests/reference/known_bad.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

// Null: nobody may override it [O2].
const v1::OverridePolicy* PolicyOf(const Facts& facts, const v1::Blocker& blocker) {
  if (blocker.not_overridable()) return nullptr;
  if (blocker.has_override_policy()) return &blocker.override_policy();
  return facts.policy.has_override_policy() ? &facts.policy.override_policy() : nullptr;
}

// Whom and for how long the policy permits.
v1::Reason Permits(const Facts& facts, const v1::OverridePolicy& policy,
                   const v1::Override& override) {
  if (ToTime(override.expires_at()) - ToTime(override.granted_at()) >
      ToDuration(policy.max_validity())) {
    return v1::OVERRIDE_TOO_LONG;
  }
  bool has_role = false;
  for (const std::string& role : override.roles()) {
    has_role = has_role || Contains(policy.roles(), role);
  }
  if (!has_role) return v1::OVERRIDE_ROLE_MISSING;
  if (policy.author() == v1::OverridePolicy::AUTHOR_MAY) return v1::ALL_CLEAR;
  const v1::Artifact* artifact = FindArtifact(facts, override.artifact());
  if (artifact == nullptr || artifact->authors().empty()) return v1::AUTHOR_UNKNOWN;
  return Contains(artifact->authors(), override.principal()) ? v1::OVERRIDE_BY_AUTHOR
                                                             : v1::ALL_CLEAR;
}

// Every trigger that the policy has, in whichever stage.
std::set<std::string> Triggers(const Facts& facts) {
  std::set<std::string> triggers;
  for (const v1::Stage& stage : facts.policy.stages()) {
    for (const Placed& placed : BlockersOf(facts, stage)) {
      if (placed.blocker->has_known_bad()) triggers.insert(placed.blocker->id());
    }
    if (!stage.has_rollout()) continue;
    triggers.insert("@deployment");
    for (const std::string& check : stage.rollout().hygiene().checks()) triggers.insert(check);
    for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
      triggers.insert(criterion.id());
    }
    for (const v1::WatchedAlarm& alarm : stage.rollout().health().watched_alarms()) {
      triggers.insert(alarm.id());
    }
  }
  return triggers;
}

// [K5]
bool WouldRollBack(const v1::Blocker& blocker, const v1::Override& override) {
  return blocker.has_known_bad() &&
         blocker.known_bad().on_match_in_flight() == v1::KnownBad::ROLL_BACK &&
         !Contains(override.keep_despite(), blocker.id());
}

// Why the override does not count for the blocker, or ALL_CLEAR.
v1::Reason ReasonFor(const Facts& facts, const v1::Blocker& blocker, const v1::Override& override) {
  const v1::OverridePolicy* policy = PolicyOf(facts, blocker);
  if (policy == nullptr) return v1::OVERRIDE_NOT_ALLOWED;
  const v1::Reason reason = Permits(facts, *policy, override);
  if (reason != v1::ALL_CLEAR) return reason;
  return WouldRollBack(blocker, override) ? v1::WOULD_ROLL_BACK : v1::ALL_CLEAR;
}

const v1::Blocker* FindBlocker(const Facts& facts, absl::string_view id) {
  for (const v1::Stage& stage : facts.policy.stages()) {
    for (const Placed& placed : BlockersOf(facts, stage)) {
      if (placed.blocker->id() == id) return placed.blocker;
    }
  }
  return nullptr;
}

std::set<std::string> Sorted(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

bool NamesUnknownStage(const Facts& facts, const v1::Override& override) {
  for (const std::string& stage : override.stages()) {
    if (IsIdentifier(stage) && FindStage(facts, stage) == nullptr) return true;
  }
  return false;
}

bool InForce(const Facts& facts, const v1::Override& override) {
  return facts.now >= ToTime(override.granted_at()) && facts.now < ToTime(override.expires_at()) &&
         !(override.has_revoked_at() && facts.now >= ToTime(override.revoked_at()));
}

Lift Count(const std::vector<const v1::Override*>& overrides, uint32_t quorum) {
  Lift lift;
  std::set<std::string> principals;
  for (const v1::Override* override : overrides) {
    principals.insert(override->principal());
    lift.overrides.push_back(override->id());
  }
  std::sort(lift.overrides.begin(), lift.overrides.end());
  lift.lifted = principals.size() >= quorum;
  return lift;
}

bool SharesId(const Facts& facts, const v1::Override& override) {
  int count = 0;
  for (const v1::Override& other : facts.state.overrides()) count += other.id() == override.id();
  return count > 1;
}

v1::Finding UnusableFinding(const std::string& kind, const std::string& id,
                            const std::string& artifact, v1::Reason reason) {
  v1::Finding finding;
  finding.set_id(kind + (IsIdentifier(id) ? id : ""));
  if (IsDigest(artifact)) finding.set_artifact(artifact);
  finding.set_verdict(v1::INVALID);
  finding.set_reason(reason);
  finding.set_effect(v1::NONE);
  return finding;
}

}  // namespace

std::vector<Placed> BlockersOf(const Facts& facts, const v1::Stage& stage) {
  std::vector<Placed> placed;
  for (const v1::Blocker& blocker : facts.policy.blockers()) placed.push_back({&blocker, ""});
  for (const v1::Blocker& blocker : stage.blockers()) placed.push_back({&blocker, ""});
  for (const v1::Wave& wave : stage.rollout().waves()) {
    for (const v1::Blocker& blocker : wave.blockers()) placed.push_back({&blocker, wave.id()});
  }
  return placed;
}

v1::Reason OverrideReason(const Facts& facts, const v1::Override& override,
                          const v1::Stage& stage) {
  if (OverrideFault(override) != v1::ALL_CLEAR) return OverrideFault(override);
  if (SharesId(facts, override)) return v1::DUPLICATE_ID;
  if (override.all_blockers() && override.policy_fingerprint() != facts.policy_fingerprint) {
    return v1::OVERRIDE_OTHER_POLICY;
  }
  if (NamesUnknownStage(facts, override)) return v1::OVERRIDE_UNKNOWN_STAGE;
  // What it names in so many words, in the order of ids; ALL_BLOCKERS is asked blocker by blocker.
  for (const std::string& id : Sorted(override.blockers())) {
    const v1::Blocker* blocker = FindBlocker(facts, id);
    if (blocker == nullptr) return v1::OVERRIDE_UNKNOWN_BLOCKER;
    const v1::Reason reason = ReasonFor(facts, *blocker, override);
    if (reason != v1::ALL_CLEAR) return reason;
  }
  for (const std::string& trigger : Sorted(override.keep_despite())) {
    if (Triggers(facts).count(trigger) == 0) return v1::OVERRIDE_UNKNOWN_BLOCKER;
    const v1::RollBackPolicy& policy = stage.rollout().roll_back();
    if (!policy.has_keep_despite()) return v1::OVERRIDE_NOT_ALLOWED;
    const v1::Reason reason = Permits(facts, policy.keep_despite(), override);
    if (reason != v1::ALL_CLEAR) return reason;
  }
  return v1::ALL_CLEAR;
}

Lift LiftOf(const Facts& facts, const v1::Blocker& blocker, absl::string_view artifact,
            absl::string_view stage) {
  const v1::OverridePolicy* policy = PolicyOf(facts, blocker);
  if (policy == nullptr) return {};
  std::vector<const v1::Override*> counting;
  for (const v1::Override& override : facts.state.overrides()) {
    if (override.artifact() != artifact || !Contains(override.stages(), stage)) continue;
    if (!override.all_blockers() && !Contains(override.blockers(), blocker.id())) continue;
    if (OverrideReason(facts, override, *FindStage(facts, stage)) != v1::ALL_CLEAR ||
        ReasonFor(facts, blocker, override) != v1::ALL_CLEAR || !InForce(facts, override)) {
      continue;
    }
    counting.push_back(&override);
  }
  return Count(counting, policy->quorum());
}

Lift KeepOf(const Facts& facts, const v1::Stage& stage, absl::string_view trigger,
            absl::string_view artifact) {
  if (!stage.rollout().roll_back().has_keep_despite()) return {};
  std::vector<const v1::Override*> counting;
  for (const v1::Override& override : facts.state.overrides()) {
    if (override.artifact() != artifact || !Contains(override.stages(), stage.id())) continue;
    if (!Contains(override.keep_despite(), trigger)) continue;
    if (OverrideReason(facts, override, stage) != v1::ALL_CLEAR || !InForce(facts, override)) {
      continue;
    }
    counting.push_back(&override);
  }
  return Count(counting, stage.rollout().roll_back().keep_despite().quorum());
}

std::vector<v1::Finding> UnusableOf(const Facts& facts, const v1::Stage& stage,
                                    absl::string_view artifact) {
  std::vector<v1::Finding> findings;
  if (FindArtifact(facts, artifact) == nullptr) return findings;
  for (const v1::Override& override : facts.state.overrides()) {
    if (override.artifact() != artifact || !Contains(override.stages(), stage.id())) continue;
    const v1::Reason reason = OverrideReason(facts, override, stage);
    if (reason == v1::ALL_CLEAR) continue;
    findings.push_back(UnusableFinding("@override:", override.id(), override.artifact(), reason));
  }
  return findings;
}

std::vector<v1::Finding> Unusable(const Facts& facts, const v1::Stage& stage) {
  std::vector<v1::Finding> findings;
  for (const v1::Override& override : facts.state.overrides()) {
    v1::Reason reason = OverrideFault(override);
    if (reason == v1::ALL_CLEAR && SharesId(facts, override)) reason = v1::DUPLICATE_ID;
    bool readable_stage = false;
    for (const std::string& id : override.stages()) {
      readable_stage = readable_stage || IsIdentifier(id);
    }
    const bool unreadable = !IsDigest(override.artifact()) || !readable_stage;
    if (reason == v1::ALL_CLEAR || !unreadable) {
      // What names a stage that there is not is reported in the first.
      if (!NamesUnknownStage(facts, override) || stage.id() != facts.policy.stages(0).id()) {
        continue;
      }
      reason = v1::OVERRIDE_UNKNOWN_STAGE;
    }
    findings.push_back(UnusableFinding("@override:", override.id(), override.artifact(), reason));
  }
  for (const v1::Approval& approval : facts.state.approvals()) {
    v1::Reason reason = ApprovalFault(approval);
    int of_id = 0;
    for (const v1::Approval& other : facts.state.approvals()) of_id += other.id() == approval.id();
    if (reason == v1::ALL_CLEAR && of_id > 1) reason = v1::DUPLICATE_ID;
    if (reason == v1::ALL_CLEAR) continue;
    if (IsIdentifier(approval.stage()) && approval.stage() != stage.id()) continue;
    findings.push_back(UnusableFinding("@approval:", approval.id(), approval.artifact(), reason));
  }
  return findings;
}

}  // namespace reference
}  // namespace sluice
