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
  if (ArtifactFault(facts, override.artifact()) != v1::ALL_CLEAR || artifact->authors().empty()) {
    return v1::AUTHOR_UNKNOWN;
  }
  return Contains(artifact->authors(), override.principal()) ? v1::OVERRIDE_BY_AUTHOR
                                                             : v1::ALL_CLEAR;
}

// Every trigger that the stage has.
std::set<std::string> TriggersOf(const Facts& facts, const v1::Stage& stage) {
  std::set<std::string> triggers;
  if (!stage.has_rollout()) return triggers;
  triggers.insert("@deployment");
  for (const std::string& check : stage.rollout().hygiene().checks()) triggers.insert(check);
  for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
    triggers.insert(criterion.id());
  }
  for (const v1::WatchedAlarm& alarm : stage.rollout().health().watched_alarms()) {
    triggers.insert(alarm.id());
  }
  for (const Placed& placed : BlockersOf(facts, stage)) {
    if (placed.blocker->has_known_bad()) triggers.insert(placed.blocker->id());
  }
  return triggers;
}

// [K5]
bool WouldRollBack(const v1::Blocker& blocker, const v1::Override& override) {
  return blocker.has_known_bad() &&
         blocker.known_bad().on_match_in_flight() == v1::KnownBad::ROLL_BACK &&
         !Contains(override.keep_despite(), blocker.id());
}

std::vector<const v1::Blocker*> AllBlockers(const Facts& facts) {
  std::vector<const v1::Blocker*> blockers;
  for (const v1::Stage& stage : facts.policy.stages()) {
    for (const Placed& placed : BlockersOf(facts, stage)) {
      if (!Contains(blockers, placed.blocker)) blockers.push_back(placed.blocker);
    }
  }
  return blockers;
}

bool IsPassCriterion(const Facts& facts, absl::string_view id) {
  for (const v1::Stage& stage : facts.policy.stages()) {
    for (const v1::Blocker& criterion : stage.pass_criteria()) {
      if (criterion.id() == id) return true;
    }
  }
  return false;
}

v1::Reason KeepReason(const Facts& facts, const v1::Override& override) {
  for (const std::string& trigger : override.keep_despite()) {
    bool known = false;
    for (const std::string& id : override.stages()) {
      const v1::Stage* stage = FindStage(facts, id);
      if (stage == nullptr || TriggersOf(facts, *stage).count(trigger) == 0) continue;
      known = true;
      if (!stage->rollout().roll_back().has_keep_despite()) return v1::OVERRIDE_NOT_ALLOWED;
      const v1::Reason reason =
          Permits(facts, stage->rollout().roll_back().keep_despite(), override);
      if (reason != v1::ALL_CLEAR) return reason;
    }
    if (!known) return v1::OVERRIDE_UNKNOWN_BLOCKER;
  }
  return v1::ALL_CLEAR;
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

v1::Reason OverrideReason(const Facts& facts, const v1::Override& override) {
  if (OverrideFault(override) != v1::ALL_CLEAR) return OverrideFault(override);
  if (SharesId(facts, override)) return v1::DUPLICATE_ID;
  for (const std::string& stage : override.stages()) {
    if (FindStage(facts, stage) == nullptr) return v1::OVERRIDE_UNKNOWN_STAGE;
  }
  if (override.all_blockers() && override.policy_fingerprint() != facts.policy_fingerprint) {
    return v1::OVERRIDE_OTHER_POLICY;
  }
  const std::vector<const v1::Blocker*> blockers = AllBlockers(facts);
  for (const std::string& id : override.blockers()) {
    const v1::Blocker* named = nullptr;
    for (const v1::Blocker* blocker : blockers) {
      if (blocker->id() == id) named = blocker;
    }
    if (named == nullptr) {
      return IsPassCriterion(facts, id) ? v1::OVERRIDE_NOT_ALLOWED : v1::OVERRIDE_UNKNOWN_BLOCKER;
    }
  }
  for (const v1::Blocker* blocker : blockers) {
    const bool named = Contains(override.blockers(), blocker->id());
    if (!named && !override.all_blockers()) continue;
    const v1::OverridePolicy* policy = PolicyOf(facts, *blocker);
    if (policy == nullptr) {
      if (named) return v1::OVERRIDE_NOT_ALLOWED;
      continue;
    }
    const v1::Reason reason = Permits(facts, *policy, override);
    if (named && reason != v1::ALL_CLEAR) return reason;
    if (reason == v1::ALL_CLEAR && WouldRollBack(*blocker, override)) return v1::WOULD_ROLL_BACK;
  }
  return KeepReason(facts, override);
}

Lift LiftOf(const Facts& facts, const v1::Blocker& blocker, absl::string_view artifact,
            absl::string_view stage) {
  const v1::OverridePolicy* policy = PolicyOf(facts, blocker);
  if (policy == nullptr) return {};
  std::vector<const v1::Override*> counting;
  for (const v1::Override& override : facts.state.overrides()) {
    if (OverrideReason(facts, override) != v1::ALL_CLEAR || !InForce(facts, override)) continue;
    if (override.artifact() != artifact || !Contains(override.stages(), stage)) continue;
    if (!override.all_blockers() && !Contains(override.blockers(), blocker.id())) continue;
    if (Permits(facts, *policy, override) != v1::ALL_CLEAR) continue;
    counting.push_back(&override);
  }
  return Count(counting, policy->quorum());
}

Lift KeepOf(const Facts& facts, const v1::Stage& stage, absl::string_view trigger,
            absl::string_view artifact) {
  if (!stage.rollout().roll_back().has_keep_despite()) return {};
  std::vector<const v1::Override*> counting;
  for (const v1::Override& override : facts.state.overrides()) {
    if (OverrideReason(facts, override) != v1::ALL_CLEAR || !InForce(facts, override)) continue;
    if (override.artifact() != artifact || !Contains(override.stages(), stage.id())) continue;
    if (!Contains(override.keep_despite(), trigger)) continue;
    counting.push_back(&override);
  }
  return Count(counting, stage.rollout().roll_back().keep_despite().quorum());
}

std::vector<v1::Finding> Unusable(const Facts& facts, absl::string_view stage) {
  std::vector<v1::Finding> findings;
  const auto add = [&](const std::string& id, const std::string& artifact, v1::Reason reason) {
    v1::Finding finding;
    finding.set_id(id);
    if (IsDigest(artifact)) finding.set_artifact(artifact);
    finding.set_verdict(v1::INVALID);
    finding.set_reason(reason);
    finding.set_effect(v1::NONE);
    findings.push_back(finding);
  };
  for (const v1::Override& override : facts.state.overrides()) {
    const v1::Reason reason = OverrideReason(facts, override);
    if (reason == v1::ALL_CLEAR) continue;
    // It is of no interest once it would have ended.
    if (override.has_expires_at() && IsValid(override.expires_at()) &&
        OverrideFault(override) == v1::ALL_CLEAR) {
      if (facts.now >= ToTime(override.expires_at())) continue;
      if (override.has_revoked_at() && facts.now >= ToTime(override.revoked_at())) continue;
    }
    bool known = false;
    for (const std::string& id : override.stages()) known = known || FindStage(facts, id);
    // It may have been meant for any stage, if it names none that can be read; one that names what
    // there is not is reported in the first.
    const bool anywhere = override.stages().empty();
    const bool first =
        (reason == v1::OVERRIDE_UNKNOWN_STAGE || !known) && stage == facts.policy.stages(0).id();
    if (!anywhere && !first && !Contains(override.stages(), stage)) continue;
    add("@override:" + override.id(), override.artifact(), reason);
  }
  for (const v1::Approval& approval : facts.state.approvals()) {
    v1::Reason reason = ApprovalFault(approval);
    int of_id = 0;
    for (const v1::Approval& other : facts.state.approvals()) of_id += other.id() == approval.id();
    if (reason == v1::ALL_CLEAR && of_id > 1) reason = v1::DUPLICATE_ID;
    if (reason == v1::ALL_CLEAR) continue;
    if (FindStage(facts, approval.stage()) != nullptr && approval.stage() != stage) continue;
    add("@approval:" + approval.id(), approval.artifact(), reason);
  }
  return findings;
}

}  // namespace reference
}  // namespace sluice
