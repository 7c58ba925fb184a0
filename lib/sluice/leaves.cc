#include "sluice/leaves.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/types/variant.h"
#include "sluice/blockers/combination.h"
#include "sluice/blockers/horizon.h"
#include "sluice/internal/checked_time.h"
#include "sluice/overrides.h"

namespace sluice {
namespace {

// The combination as CheckCombination asks for it; adds the kinds that are none to `leaves`.
CombinedBlocker Combined(absl::string_view id, const Combination& kind,
                         std::vector<const BlockerKind*>& leaves) {
  CombinedBlocker combined{id, kind.needed, {}, false};
  for (const Blocker& child : kind.children) {
    if (const auto* inner = absl::get_if<Combination>(&child.kind)) {
      combined.children.push_back(Combined(child.id, *inner, leaves));
      continue;
    }
    const auto* window = absl::get_if<TimeWindow>(&child.kind);
    const bool is_two_valued = window != nullptr && window->calendars.empty();
    combined.children.push_back({child.id, 0, {}, is_two_valued});
    leaves.push_back(&child.kind);
  }
  return combined;
}

// One case for each kind.
struct KindCheck {
  const Subject& subject;
  absl::Duration expected_duration;
  absl::Time now;

  Judgement operator()(const MetricAlarm& kind) const { return Check(kind, subject, "", "", now); }
  Judgement operator()(const TimeWindow& kind) const {
    return Check(kind, subject, expected_duration, now);
  }
  Judgement operator()(const KnownBadArtifact& kind) const { return Check(kind, subject, now); }
  Judgement operator()(const CheckRequirement& kind) const { return Check(kind, subject, now); }
  Judgement operator()(const SyntheticTraffic& kind) const { return Check(kind, subject, now); }
  Judgement operator()(const EnvironmentParity& kind) const { return Check(kind, subject, now); }
  Judgement operator()(const TrafficIsolation& kind) const { return Check(kind, subject, now); }
  Judgement operator()(const Approval& kind) const { return Check(kind, subject, now); }
  Judgement operator()(const HostCondition& kind) const { return Check(kind, subject, now); }
  Judgement operator()(const Combination& kind) const {
    std::vector<const BlockerKind*> leaves;
    const CombinedBlocker combination = Combined("", kind, leaves);
    const auto judge = [&](size_t leaf, absl::Time t) {
      return absl::visit(KindCheck{subject, expected_duration, t}, *leaves[leaf]);
    };
    return CheckCombination(combination, judge, now);
  }
};

// A known-bad match is overridable only while every list that matches says so [K5].
struct Overridable {
  bool now = true;
  absl::Time changes_at = absl::InfiniteFuture();
};

Overridable IsOverridable(const StageContext& context, const Blocker& blocker,
                          const Subject& subject, const Finding& finding) {
  const auto* known_bad = absl::get_if<KnownBadArtifact>(&blocker.kind);
  if (known_bad == nullptr || finding.verdict != Verdict::kBlocking) return {};
  return {MatchIsOverridable(*known_bad, subject, context.now),
          MatchIsOverridableChangesAt(*known_bad, subject, context.now)};
}

void ApplyLift(const StageContext& context, const Blocker& blocker, const Subject& subject,
               Finding* finding) {
  const Overridable overridable = IsOverridable(context, blocker, subject, *finding);
  const Lift lift = LiftBlocker(context.policy, blocker, subject, context.now);
  if (overridable.now) {
    if (lift.lifted) finding->effect = Effect::kLifted;
    finding->overrides = lift.overrides;
    finding->still_needed = lift.still_needed;
    finding->changes_at = std::min(finding->changes_at, lift.changes_at);
  }
  // Where matches in several lists come and go, the effect may change at each of these instants.
  if (lift.lifted) finding->changes_at = std::min(finding->changes_at, overridable.changes_at);
}

bool FinishesWave(const Blocker& blocker) {
  const auto* window = absl::get_if<TimeWindow>(&blocker.kind);
  return window != nullptr && window->finish_wave;
}

// In force on [placed_at, ends_at) [H1].
void AddHold(const StageContext& context, const HoldFacts& hold) {
  if (hold.fault != v1::ALL_CLEAR) {
    Finding finding = MakeFinding(hold.finding_id, Judged(Verdict::kInvalid, hold.fault));
    if (hold.scope == v1::Hold::CELL) finding.cell = hold.cell;
    context.Add(std::move(finding));
    return;
  }
  Instants instants(context.now);
  instants.Add(hold.placed_at);
  instants.Add(hold.ends_at);
  Judgement judgement = JudgeWithHorizon(instants, [&](absl::Time t) {
    if (t >= hold.placed_at && t < hold.ends_at) return Judged(Verdict::kBlocking, v1::HELD);
    return Judged(Verdict::kClear, v1::ALL_CLEAR);
  });
  if (judgement.verdict == Verdict::kClear && judgement.changes_at == absl::InfiniteFuture()) {
    return;
  }
  judgement.evidence.subject = hold.who;
  judgement.evidence.at = hold.placed_at;
  if (hold.ends_at != absl::InfiniteFuture()) judgement.evidence.until = hold.ends_at;
  Finding finding = MakeFinding(hold.finding_id, std::move(judgement));
  if (hold.scope == v1::Hold::CELL) finding.cell = hold.cell;
  context.Add(std::move(finding));
}

bool Concerns(const HoldFacts& hold, const StageContext& context) {
  if (!hold.pipeline.empty() && hold.pipeline != context.policy.id) return false;
  switch (hold.scope) {
    case v1::Hold::STAGE:
      return hold.stage == context.rule.id;
    case v1::Hold::CELL:
      return hold.stage == context.rule.id && context.Cell(hold.cell) != nullptr;
    default:
      return true;
  }
}

// Whether a newer epoch of the organisation's facts has been seen.
bool OrganisationWentBack(const StageContext& context) {
  const OrganisationData& organisation = *context.snapshot.organisation;
  const auto seen = context.snapshot.lists_seen.find(organisation.id);
  return seen != context.snapshot.lists_seen.end() && organisation.epoch < seen->second;
}

Judgement JudgeEmergencyStop(const StageContext& context, absl::Duration max_age, absl::Time t) {
  const OrganisationData& organisation = *context.snapshot.organisation;
  Judgement judgement = Judged(Verdict::kUnknown, v1::EMERGENCY_STOP_UNKNOWN);
  if (!organisation.present) return judgement;
  judgement.evidence.at = organisation.emergency_observed_at;
  if (organisation.fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, organisation.fault);
  if (OrganisationWentBack(context)) {
    judgement.reason = v1::ORGANISATION_WENT_BACK;
    return judgement;
  }
  if (organisation.emergency == v1::EmergencyStop::STOPPED) {
    judgement.verdict = Verdict::kBlocking;
    judgement.reason = v1::EMERGENCY_STOP;
    return judgement;
  }
  const absl::Time observed =
      std::max(organisation.emergency_observed_at, organisation.observed_at);
  if (t < observed - context.policy.max_clock_skew) {
    return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  }
  if (organisation.emergency != v1::EmergencyStop::CLEAR) return judgement;
  const absl::Time oldest = std::min(organisation.emergency_observed_at, organisation.observed_at);
  if (t >= Later(oldest, max_age)) {
    judgement.reason = v1::STALE;
    judgement.evidence.at = oldest;
    return judgement;
  }
  judgement.verdict = Verdict::kClear;
  judgement.reason = v1::ALL_CLEAR;
  return judgement;
}

// The organisation's facts where no emergency stop is obeyed: holds, calendars and shared alarms
// are read from them all the same.
void AddOrganisation(const StageContext& context) {
  const OrganisationData& organisation = *context.snapshot.organisation;
  if (!organisation.present) return;
  const absl::Time visible = organisation.observed_at - context.policy.max_clock_skew;
  Judgement judgement = Judged(Verdict::kClear, v1::ALL_CLEAR);
  if (organisation.fault != v1::ALL_CLEAR) {
    judgement = Judged(Verdict::kInvalid, organisation.fault);
  } else if (OrganisationWentBack(context)) {
    judgement = Judged(Verdict::kUnknown, v1::ORGANISATION_WENT_BACK);
    judgement.evidence.at = organisation.observed_at;
  } else if (context.now < visible) {
    judgement = Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
    judgement.evidence.at = organisation.observed_at;
    judgement.changes_at = visible;
  }
  if (judgement.verdict != Verdict::kClear) {
    context.Add(MakeFinding(kOrganisationId, std::move(judgement)));
  }
}

void AddEmergencyStop(const StageContext& context) {
  if (!context.policy.emergency_stop_max_age.has_value()) {
    AddOrganisation(context);
    return;
  }
  const absl::Duration max_age = *context.policy.emergency_stop_max_age;
  const OrganisationData& organisation = *context.snapshot.organisation;
  Instants instants(context.now);
  if (organisation.present) {
    for (const absl::Time observed :
         {organisation.emergency_observed_at, organisation.observed_at}) {
      instants.Add(observed - context.policy.max_clock_skew);
      instants.Add(Later(observed, max_age));
    }
  }
  context.Add(MakeFinding(kEmergencyStopId, JudgeWithHorizon(instants, [&](absl::Time t) {
                            return JudgeEmergencyStop(context, max_age, t);
                          })));
}

void AddClock(const StageContext& context) {
  // Without `written_at` the whole state is INVALID.
  if (context.snapshot.written_at == absl::InfiniteFuture()) return;
  const absl::Time earliest = context.snapshot.written_at - context.policy.max_clock_skew;
  if (context.now >= earliest) return;
  Judgement judgement = Judged(Verdict::kBlocking, v1::CLOCK_REGRESSION);
  judgement.evidence.at = context.snapshot.written_at;
  judgement.changes_at = earliest;
  context.Add(MakeFinding(kClockId, std::move(judgement)));
}

void AddPermissionFault(const StageContext& context, absl::string_view id,
                        absl::string_view artifact, absl::string_view principal, Reason fault) {
  Judgement judgement = Judged(Verdict::kInvalid, fault);
  judgement.evidence.subject = principal;
  Finding finding = MakeFinding(id, std::move(judgement));
  finding.artifact = artifact;
  finding.effect = Effect::kNone;
  context.Add(std::move(finding));
}

// Reports approvals and overrides that are of no artifact or no stage, so that no stage's subject
// would ever show them [I2], [I9]: in every stage that they may have been meant for.
void AddStrayPermissions(const StageContext& context) {
  for (const ApprovalFacts& approval : context.snapshot.approvals) {
    if (approval.fault == v1::ALL_CLEAR) continue;
    if (!approval.stage.empty() && approval.stage != context.rule.id) continue;
    AddPermissionFault(context, approval.finding_id, approval.artifact, approval.principal,
                       approval.fault);
  }
  for (const OverrideFacts& o : context.snapshot.overrides) {
    const bool unreadable = o.artifact.empty() || o.stages.empty();
    if (o.fault != v1::ALL_CLEAR && unreadable) {
      AddPermissionFault(context, o.finding_id, o.artifact, o.principal, o.fault);
    } else if (context.stage_index == 0 && NamesUnknownStage(o, context.policy)) {
      AddPermissionFault(context, o.finding_id, o.artifact, o.principal,
                         v1::OVERRIDE_UNKNOWN_STAGE);
    }
  }
}

}  // namespace

Finding MakeFinding(absl::string_view id, Judgement judgement) {
  Finding finding;
  finding.id = id;
  finding.verdict = judgement.verdict;
  finding.reason = judgement.reason;
  finding.effect = judgement.verdict == Verdict::kClear ? Effect::kNone : Effect::kHolds;
  finding.changes_at = judgement.changes_at;
  finding.evidence = std::move(judgement.evidence);
  return finding;
}

Finding JudgeBlocker(const StageContext& context, const Blocker& blocker,
                     const ArtifactFacts* artifact, const WindowQuestion& question) {
  const Subject subject = context.SubjectOf(artifact);
  Finding finding = MakeFinding(
      blocker.id,
      absl::visit(KindCheck{subject, question.expected_duration, context.now}, blocker.kind));
  if (artifact != nullptr) finding.artifact = artifact->digest_text;
  if (finding.verdict == Verdict::kClear) return finding;
  if (!blocker.enforced) {
    finding.effect = Effect::kObserved;
  } else if (question.wave_started && FinishesWave(blocker)) {
    finding.effect = Effect::kLifted;
  } else if (finding.verdict != Verdict::kInvalid) {
    ApplyLift(context, blocker, subject, &finding);
  }
  return finding;
}

void AddGuards(const StageContext& context) {
  if (context.snapshot.fault != v1::ALL_CLEAR) {
    Judgement judgement = Judged(Verdict::kInvalid, context.snapshot.fault);
    judgement.evidence.subject = context.snapshot.fault_subject;
    context.Add(MakeFinding(kStateId, std::move(judgement)));
  }
  AddClock(context);
  AddEmergencyStop(context);
  for (const HoldFacts& hold : context.snapshot.holds) {
    if (Concerns(hold, context)) AddHold(context, hold);
  }
  for (const HoldFacts& hold : context.snapshot.organisation->holds) {
    if (Concerns(hold, context)) AddHold(context, hold);
  }
  AddStrayPermissions(context);
}

void AddOverrideFaults(const StageContext& context, const ArtifactFacts* artifact) {
  const Subject subject = context.SubjectOf(artifact);
  for (const OverrideFacts* o : OverridesFor(subject)) {
    const Reason fault = FaultOf(*o, context.policy, context.rule, subject);
    if (fault == v1::ALL_CLEAR) continue;
    AddPermissionFault(context, o->finding_id, artifact->digest_text, o->principal, fault);
  }
}

Reason KnownBadReason(const StageContext& context, const ArtifactFacts& artifact) {
  if (artifact.withdrawn) return v1::WITHDRAWN;
  Reason reason = v1::ALL_CLEAR;
  for (const std::vector<Blocker>* blockers : {&context.policy.blockers, &context.rule.blockers}) {
    for (const Blocker& blocker : *blockers) {
      if (!absl::holds_alternative<KnownBadArtifact>(blocker.kind)) continue;
      Finding finding = JudgeBlocker(context, blocker, &artifact);
      if (Holds(finding) && finding.verdict == Verdict::kBlocking) reason = finding.reason;
      context.Add(std::move(finding));
    }
  }
  return reason;
}

}  // namespace sluice
