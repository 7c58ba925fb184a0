#include "sluice/explain/remedies.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/variant.h"
#include "sluice/explain/alarm_remedies.h"
#include "sluice/explain/evidence_remedies.h"
#include "sluice/explain/list_remedies.h"
#include "sluice/explain/organisation_remedies.h"
#include "sluice/explain/person_remedies.h"
#include "sluice/explain/rollout_remedies.h"
#include "sluice/explain/sentence.h"
#include "sluice/explain/stage_sentence.h"
#include "sluice/explain/time_helps.h"
#include "sluice/explain/wording.h"
#include "sluice/finding.h"
#include "sluice/leaves.h"

namespace sluice {
namespace {

// ---------------------------------------------------------------- Blockers

void AddBlockerRemedies(const RemedyContext& context, const Blocker& blocker,
                        const Finding& finding, Remedies* remedies);

// One case for each kind.
struct KindRemedies {
  const RemedyContext& context;
  const Finding& finding;
  Remedies* remedies;

  void operator()(const MetricAlarm& kind) const {
    AddAlarmRemedies(context, kind, "", "", remedies);
  }
  void operator()(const TimeWindow& kind) const {
    if (finding.reason == v1::FROM_THE_FUTURE) {
      AddTime(context, finding.changes_at, remedies);
    } else if (finding.evidence.until.has_value()) {
      AddTime(context, *finding.evidence.until, remedies);
    }
    const bool lacks_calendar = finding.reason == v1::CALENDAR_ABSENT ||
                                finding.reason == v1::STALE ||
                                finding.reason == v1::ORGANISATION_WENT_BACK;
    if (lacks_calendar) AddCalendarRemedies(context, kind, remedies);
  }
  void operator()(const KnownBadArtifact& kind) const {
    AddKnownBadRemedies(context, kind, finding, remedies);
  }
  void operator()(const CheckRequirement& kind) const {
    AddCheckRemedies(context, kind, finding, remedies);
  }
  void operator()(const SyntheticTraffic& kind) const {
    AddSyntheticRemedies(context, kind, remedies);
  }
  void operator()(const EnvironmentParity& kind) const {
    AddParityRemedies(context, kind, remedies);
  }
  void operator()(const TrafficIsolation& kind) const {
    AddIsolationRemedies(context, kind, remedies);
  }
  void operator()(const Approval& kind) const {
    AddApprovalRemedies(context, kind, finding, remedies);
  }
  // Whether it can be met but by time is the host's secret.
  void operator()(const HostCondition&) const {}
  void operator()(const Combination& kind) const {
    for (const Blocker& child : kind.children) {
      for (const Finding& said : finding.evidence.children) {
        if (said.id != child.id || said.verdict == Verdict::kClear) continue;
        AddBlockerRemedies(context, child, said, remedies);
      }
    }
  }
};

void AddBlockerRemedies(const RemedyContext& context, const Blocker& blocker,
                        const Finding& finding, Remedies* remedies) {
  // A combination is INVALID while a child is; the others' remedies do not help, but its own might.
  const bool is_combination = absl::holds_alternative<Combination>(blocker.kind);
  const bool is_usable = finding.verdict != Verdict::kInvalid ||
                         finding.reason == v1::FROM_THE_FUTURE || is_combination;
  if (is_usable) {
    absl::visit(KindRemedies{context, finding, remedies}, blocker.kind);
  }
  if (TimeHelps(finding.reason) && !absl::holds_alternative<TimeWindow>(blocker.kind)) {
    AddTime(context, finding.changes_at, remedies);
  }
  AddOverrideRemedies(context, blocker, finding, remedies);
}

// The blocker or pass criterion of the stage with this id; null: none.
const Blocker* FindBlocker(const RemedyContext& context, absl::string_view id) {
  std::vector<const std::vector<Blocker>*> all = {&context.policy().blockers};
  if (context.rule != nullptr) {
    all.push_back(&context.rule->blockers);
    all.push_back(&context.rule->pass_criteria);
    for (const WaveRule& wave : context.rule->rollout.waves) all.push_back(&wave.blockers);
  }
  for (const std::vector<Blocker>* blockers : all) {
    for (const Blocker& blocker : *blockers) {
      if (blocker.id == id) return &blocker;
    }
  }
  return nullptr;
}

// ---------------------------------------------------------------- Health

// Adds what ends a finding about a cell or wave that was deployed. False if it is of something
// else.
bool AddHealthRemedies(const RemedyContext& context, const Finding& finding, Remedies* remedies) {
  if (context.rule == nullptr || (finding.cell.empty() && finding.wave.empty())) return false;
  bool is_health = false;
  absl::string_view id = finding.id;
  const bool is_usable = finding.verdict != Verdict::kInvalid;
  if (id == kDeploymentId) {
    is_health = true;
    AddDeploymentRemedies(context, finding.cell, remedies);
    const bool may_retry =
        finding.reason == v1::DEPLOYMENT_FAILED || finding.reason == v1::DEPLOYMENT_ABANDONED;
    if (may_retry) AddRetryRemedies(context, finding.cell, remedies);
  } else if (id == kBakeId) {
    is_health = true;
    AddBakeRemedies(context, finding, remedies);
  } else if (absl::ConsumePrefix(&id, "@hygiene:")) {
    is_health = true;
    if (is_usable) AddHygieneRemedies(context, id, finding.cell, remedies);
  }
  for (const WatchedAlarm& watched : context.rule->rollout.watched) {
    if (watched.id != finding.id) continue;
    is_health = true;
    if (is_usable) AddWatchRemedies(context, watched, finding.cell, remedies);
  }
  for (const HealthCriterion& criterion : context.rule->rollout.criteria) {
    if (criterion.id != finding.id) continue;
    is_health = true;
    if (is_usable) AddCriterionRemedies(context, criterion, finding, remedies);
  }
  if (!is_health) return false;
  if (!finding.cell.empty()) AddAcceptRemedies(context, finding.cell, remedies);
  AddKeepRemedies(context, finding, remedies);
  return true;
}

// ---------------------------------------------------------------- Built-in rules

void AddBuiltInRemedies(const RemedyContext& context, const Finding& finding, Remedies* remedies) {
  absl::string_view id = finding.id;
  if (id == kEmergencyStopId) {
    if (finding.verdict != Verdict::kInvalid) AddEmergencyStopRemedies(context, remedies);
  } else if (absl::ConsumePrefix(&id, "@hold:")) {
    if (finding.verdict == Verdict::kInvalid) return;
    AddHoldRemedies(context, id, remedies);
    AddOrganisationHoldRemedies(context, id, remedies);
  } else if (id == kStartId) {
    AddStartRemedies(context, finding.wave, remedies);
  } else if (id == kUpstreamId) {
    AddLatchRemedies(context, remedies);
  } else if (id == kCellId && finding.reason == v1::NEW_CELL) {
    AddAdoptRemedies(context, finding.cell, remedies);
  } else if (id == kPlanId && finding.reason == v1::CELL_NOT_IN_WAVE) {
    AddRetireRemedies(context, finding.evidence.subject, remedies);
  } else if (id == kPlanId && finding.reason == v1::CELL_ABSENT) {
    AddPresenceRemedies(context, finding.evidence.subject, remedies);
  }
}

// ---------------------------------------------------------------- Obstacles

// Whether the finding is about a roll back, which holds nothing that moves forward.
bool IsRollBackBrake(const Finding& finding) {
  return finding.reason == v1::ROLL_BACK_HELD || finding.id == kRollBackId ||
         finding.id == kRollBackGapId;
}

bool IsRelevant(const RemedyContext& context, const Finding& finding) {
  const bool is_start = context.held.move == Move::kStart && finding.id == kStartId &&
                        finding.verdict != Verdict::kClear;
  // What people keep despite a trigger is not proven by that.
  const bool is_kept = !finding.cell.empty() && finding.effect == Effect::kLifted;
  if (!Holds(finding) && !is_start && !is_kept) return false;
  if (IsRollBackBrake(finding) || finding.id == kBakeDeadlineId) return false;
  // As soon as the held artifact is the candidate, it is the subject.
  if (finding.reason == v1::NO_SUBJECT && !context.held.artifact.empty()) return false;
  // Another artifact's deployment to a cell is waited for too.
  const bool is_of_another = !finding.artifact.empty() && finding.artifact != context.held.artifact;
  if (is_of_another && finding.id != kDeploymentId) return false;
  const bool is_criterion =
      context.rule != nullptr &&
      std::any_of(context.rule->pass_criteria.begin(), context.rule->pass_criteria.end(),
                  [&](const Blocker& criterion) { return criterion.id == finding.id; });
  if (context.held.move != Move::kPass) return !is_criterion;
  return is_criterion || finding.id == kStateId || finding.id == kClockId;
}

// Whether a cell of the held artifact's running rollout (or of one to come) waits for its first
// deployment.
bool HasUndeployedCell(const RemedyContext& context) {
  const StageFacts* records = context.facts.Stage(context.held.stage);
  if (records == nullptr) return true;
  const RolloutFacts* running = nullptr;
  for (const RolloutFacts& rollout : records->rollouts) {
    if (rollout.state == v1::Rollout::RUNNING) running = &rollout;
  }
  if (running == nullptr || running->artifact != context.held.artifact) return true;
  for (const WaveFacts& wave : running->waves) {
    for (const absl::string_view cell : wave.cells) {
      const CellFacts* facts = context.facts.Cell(cell);
      if (facts != nullptr && facts->retired) continue;
      const DeploymentFacts* newest = NewestDeployment(context, cell);
      if (newest == nullptr || newest->rollout != running->number) return true;
    }
  }
  return false;
}

// The first wave of the held artifact's running rollout that is not proven, if each of its cells
// has a deployment that may still be proven: then every finding about them has to end. Else empty.
absl::string_view WaveToProve(const RemedyContext& context) {
  const StageFacts* records = context.facts.Stage(context.held.stage);
  if (records == nullptr) return "";
  for (const RolloutFacts& rollout : records->rollouts) {
    if (rollout.state != v1::Rollout::RUNNING || rollout.artifact != context.held.artifact) {
      continue;
    }
    for (const WaveFacts& wave : rollout.waves) {
      bool all_proven = true;
      for (const absl::string_view cell : wave.cells) {
        const CellFacts* facts = context.facts.Cell(cell);
        if (facts != nullptr && facts->retired) continue;
        const DeploymentFacts* newest = NewestDeployment(context, cell);
        if (newest == nullptr || newest->rollout != rollout.number) return "";
        if (newest->proven) continue;
        if (newest->outcome == v1::Deployment::FAILED ||
            newest->outcome == v1::Deployment::ABANDONED) {
          return "";
        }
        all_proven = false;
      }
      if (!all_proven) return wave.id;
    }
  }
  return "";
}

void SortRemedies(Remedies* remedies) {
  std::stable_sort(remedies->begin(), remedies->end(),
                   [](const Remedy& a, const Remedy& b) { return a.kind < b.kind; });
}

void AddPassedOver(const RemedyContext& context, const StageDecision& stage,
                   std::vector<Obstacle>* obstacles) {
  for (const PassedOver& passed_over : stage.passed_over) {
    if (passed_over.artifact != context.held.artifact) continue;
    Obstacle obstacle;
    obstacle.sentence = PassedOverSentence(passed_over);
    obstacle.is_necessary = true;
    if (passed_over.reason == v1::LATCHED) {
      AddLatchRemedies(context, &obstacle.remedies);
    } else if (passed_over.reason == v1::ROLLOUT_ENDED) {
      AddRetryOfArtifact(context, &obstacle.remedies);
    } else if (passed_over.reason == v1::WAITS_FOR_ROLLOUT) {
      AddPreemptRemedies(context, &obstacle.remedies);
    } else if (passed_over.reason == v1::CHECK_FAILED && context.rule != nullptr) {
      for (const std::vector<Blocker>* blockers :
           {&context.policy().blockers, &context.rule->blockers}) {
        for (const Blocker& blocker : *blockers) {
          const auto* check = absl::get_if<CheckRequirement>(&blocker.kind);
          if (check == nullptr || !blocker.enforced) continue;
          AddCheckRemedies(context, *check, Finding(), &obstacle.remedies);
        }
      }
    } else if (passed_over.reason == v1::KNOWN_BAD_MATCH) {
      continue;  // The blocker's finding says it.
    }
    obstacles->push_back(std::move(obstacle));
  }
}

Obstacle ObstacleOf(const RemedyContext& context, const Finding& finding, bool is_necessary,
                    absl::string_view wave_to_prove) {
  Obstacle obstacle;
  obstacle.sentence = Sentence(finding);
  obstacle.is_necessary = is_necessary;
  const Blocker* blocker = FindBlocker(context, finding.id);
  if (blocker != nullptr) {
    AddBlockerRemedies(context, *blocker, finding, &obstacle.remedies);
  } else if (AddHealthRemedies(context, finding, &obstacle.remedies)) {
    obstacle.is_necessary = !wave_to_prove.empty() && finding.wave == wave_to_prove;
  } else {
    AddBuiltInRemedies(context, finding, &obstacle.remedies);
  }
  if (blocker == nullptr && TimeHelps(finding.reason)) {
    AddTime(context, finding.changes_at, &obstacle.remedies);
  }
  SortRemedies(&obstacle.remedies);
  return obstacle;
}

}  // namespace

std::vector<Obstacle> ObstaclesOf(const RemedyContext& context, const Decision& decision,
                                  size_t most, bool* cut) {
  std::vector<Obstacle> obstacles;
  const StageDecision* stage = decision.Stage(context.held.stage);
  if (stage == nullptr) return obstacles;
  const bool can_deploy = context.held.move != Move::kPass && HasUndeployedCell(context);
  const absl::string_view wave_to_prove = WaveToProve(context);
  std::vector<const Finding*> narrower;
  for (const Finding& finding : stage->findings) {
    if (!IsRelevant(context, finding)) continue;
    if (finding.wave.empty() && finding.cell.empty()) {
      const bool is_necessary = context.held.move == Move::kPass || can_deploy;
      obstacles.push_back(ObstacleOf(context, finding, is_necessary, wave_to_prove));
    } else {
      narrower.push_back(&finding);
    }
  }
  for (const Finding* finding : narrower) {
    if (most-- == 0) {
      *cut = true;
      break;
    }
    const bool is_necessary = context.held.move == Move::kPass;
    obstacles.push_back(ObstacleOf(context, *finding, is_necessary, wave_to_prove));
  }
  AddPassedOver(context, *stage, &obstacles);
  if (!stage->cells_without_room.empty() && context.held.move != Move::kPass) {
    Obstacle obstacle;
    obstacle.sentence =
        absl::StrCat("There is no room for ", QuoteList(stage->cells_without_room), ".");
    AddRoomRemedies(context, &obstacle.remedies);
    SortRemedies(&obstacle.remedies);
    obstacles.push_back(std::move(obstacle));
  }
  return obstacles;
}

}  // namespace sluice
