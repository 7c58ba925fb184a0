#include "sluice/rollout/health.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "absl/types/variant.h"
#include "sluice/blockers/horizon.h"
#include "sluice/internal/checked_time.h"
#include "sluice/leaves.h"
#include "sluice/metrics/rate_sum.h"
#include "sluice/metrics/series.h"
#include "sluice/overrides.h"
#include "sluice/rollout/counts.h"
#include "sluice/rollout/criterion.h"
#include "sluice/rollout/series_criterion.h"

namespace sluice {
namespace {

// The deployment itself, its deadline included [R4].
Judgement JudgeDeployment(const StageContext& context, const DeploymentFacts& deployment) {
  const absl::Time deadline = Later(deployment.started_at, context.rule.rollout.deploy_max_time);
  Instants instants(context.now);
  instants.Add(deadline);
  Judgement judgement = JudgeWithHorizon(instants, [&](absl::Time t) {
    switch (deployment.outcome) {
      case v1::Deployment::SUCCEEDED:
        return Judged(Verdict::kClear, v1::ALL_CLEAR);
      case v1::Deployment::FAILED:
        return Judged(Verdict::kBlocking, v1::DEPLOYMENT_FAILED);
      case v1::Deployment::ABANDONED:
        return Judged(Verdict::kBlocking, v1::DEPLOYMENT_ABANDONED);
      default:
        return t >= deadline ? Judged(Verdict::kBlocking, v1::DEPLOY_STALLED)
                             : Judged(Verdict::kUnknown, v1::DEPLOYING);
    }
  });
  judgement.evidence.at = deployment.started_at;
  if (IsUnderWay(deployment) && deadline != absl::InfiniteFuture()) {
    judgement.evidence.until = deadline;
  }
  return judgement;
}

// One hygiene check of a cell after its deployment's end [C2].
Judgement JudgeHygiene(const StageContext& context, const HygieneCheck& check,
                       const DeploymentFacts& deployment) {
  const HygieneRule& rule = context.rule.rollout.hygiene;
  const absl::Duration skew = context.policy.max_clock_skew;
  const absl::Time deadline = Later(deployment.ended_at, rule.deadline);
  const auto counts = [&](const CheckRun& run) {
    return run.cell == deployment.cell &&
           (run.fault != v1::ALL_CLEAR || run.started_at >= deployment.ended_at);
  };
  const absl::Span<const CheckRun> runs = context.snapshot.Checks(deployment.artifact, check.check);
  Reason fault = v1::ALL_CLEAR;
  Instants instants(context.now);
  instants.Add(deadline);
  for (const CheckRun& run : runs) {
    if (!counts(run)) continue;
    NoteFault(fault, run.fault);
    instants.Add(run.started_at - skew);
    if (run.finished_at != absl::InfiniteFuture()) instants.Add(run.finished_at - skew);
  }
  if (fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, fault);
  return JudgeWithHorizon(instants, [&](absl::Time t) {
    const CheckRun* newest = nullptr;
    bool failed = false;
    bool from_the_future = false;
    for (const CheckRun& run : runs) {
      if (!counts(run)) continue;
      if (t < run.started_at - skew ||
          (run.finished_at != absl::InfiniteFuture() && t < run.finished_at - skew)) {
        from_the_future = true;
      }
      // Among runs that started together the worst decides.
      const bool tied = newest != nullptr && newest->started_at == run.started_at;
      failed = (tied && failed) || run.outcome == v1::Check::FAILED;
      if (!tied || newest->outcome == v1::Check::PASSED) newest = &run;
    }
    if (from_the_future) return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
    if (failed) return Judged(Verdict::kBlocking, v1::HYGIENE_FAILED);
    if (newest != nullptr && newest->outcome == v1::Check::PASSED) {
      return Judged(Verdict::kClear, v1::ALL_CLEAR);
    }
    return t >= deadline ? Judged(Verdict::kBlocking, v1::HYGIENE_TIMED_OUT)
                         : Judged(Verdict::kUnknown, v1::HYGIENE_WAITING);
  });
}

bool IsTrigger(const StageContext& context, Reason reason) {
  switch (reason) {
    case v1::DEPLOYMENT_FAILED:
    case v1::HYGIENE_FAILED:
    case v1::ALARM_SINCE_DEPLOYMENT:
    case v1::ABOVE_BASELINE:
    case v1::ABOVE_BOUND:
    case v1::MEASUREMENT_FAILED:
    case v1::SERIES_BREACHED:
      return true;
    case v1::HYGIENE_TIMED_OUT:
      return context.rule.rollout.hygiene.missing_is_failure;
    default:
      return false;
  }
}

// What `keep_despite` calls the trigger behind a finding: a hygiene check by its own name.
absl::string_view TriggerOf(absl::string_view finding_id) {
  absl::ConsumePrefix(&finding_id, "@hygiene:");
  return finding_id;
}

// Whether the leaf says that a failure would not be seen. Where a person accepted what it is about,
// that stands in for reports that are missing, not for records that can't be read.
bool IsUnseen(const Finding& finding, bool accepted) {
  if (finding.verdict == Verdict::kInvalid) return true;
  return !accepted && (finding.reason == v1::NO_DATA || finding.reason == v1::STALE);
}

// Takes the leaves of one cell or wave: counts, keeps or mutes each, then adds it.
class HealthLeaves {
 public:
  HealthLeaves(const StageContext& context, const ArtifactFacts& artifact,
               LookedAtFor looked_at_for, bool accepted, std::vector<Trigger>* triggers)
      : context_(context),
        artifact_(artifact),
        looked_at_for_(looked_at_for),
        accepted_(accepted),
        triggers_(*triggers) {}

  // Adds a leaf that is evidence of `trigger` where its reason is one.
  void Add(Finding finding, const Trigger& trigger) {
    finding.artifact = artifact_.digest_text;
    if (finding.verdict == Verdict::kBlocking && IsTrigger(context_, finding.reason)) {
      AddTrigger(trigger, &finding);
    } else if (looked_at_for_ != LookedAtFor::kRollBack && IsUnseen(finding, accepted_)) {
      unseen_ = true;
    } else if (looked_at_for_ != LookedAtFor::kProof) {
      finding.effect = Effect::kNone;
    } else if (finding.reason == v1::NEW_CELL_SERIES) {
      finding.effect = Effect::kObserved;
    }
    context_.Add(std::move(finding));
  }

  bool unseen() const { return unseen_; }

 private:
  void AddTrigger(const Trigger& trigger, Finding* finding) {
    const Lift lift =
        KeepDespite(context_.policy, context_.rule.rollout.roll_back, TriggerOf(finding->id),
                    context_.SubjectOf(&artifact_), context_.now);
    finding->overrides = lift.overrides;
    finding->still_needed = lift.still_needed;
    finding->changes_at = std::min(finding->changes_at, lift.changes_at);
    if (lift.lifted) {
      finding->effect = Effect::kLifted;
    } else {
      triggers_.push_back(trigger);
    }
  }

  const StageContext& context_;
  const ArtifactFacts& artifact_;
  const LookedAtFor looked_at_for_;
  const bool accepted_;
  std::vector<Trigger>& triggers_;
  bool unseen_ = false;
};

// Whether the counts and series of the cell that the criteria read show what the bake asks for.
// What can't be used is no data.
Judgement JudgeBakeData(const StageContext& context, const DeployedCell& cell, absl::Time from,
                        absl::Time t) {
  const absl::Time until = Later(from, cell.bake->min_time);
  for (const HealthCriterion& criterion : context.rule.rollout.criteria) {
    if (const auto* bound = absl::get_if<SeriesBoundCriterion>(&criterion.kind)) {
      const SeriesFacts* series = FindSeries(context, *bound, cell);
      if (series == nullptr || series->fault != v1::ALL_CLEAR ||
          t < series->view.reported_through - context.policy.max_clock_skew) {
        return Judged(Verdict::kUnknown, v1::NO_DATA);
      }
      if (JudgedThrough(series->view, t) < until) {
        return Judged(Verdict::kUnknown, v1::NOT_COVERED);
      }
    }
    const ErrorRateCriterion* rate = RateOf(criterion);
    if (rate == nullptr) continue;
    const CountsFacts* counts = FindCounts(context, *rate);
    if (RefuseCounts(context, counts, t).has_value()) {
      return Judged(Verdict::kUnknown, v1::NO_DATA);
    }
    const absl::Time to = std::min(t, counts->reported_through);
    if (counts->reported_through < until) return Judged(Verdict::kUnknown, v1::NOT_COVERED);
    const RateSum sum = SumCell(*counts, cell.view->cell->id, from, to);
    Judgement judgement;
    if (sum.requests < cell.bake->min_requests) {
      judgement = Judged(Verdict::kUnknown, v1::TOO_FEW_REQUESTS);
      judgement.evidence.count = sum.requests;
      judgement.evidence.needed = cell.bake->min_requests;
      return judgement;
    }
    if (sum.data_points < cell.bake->min_data_points) {
      judgement = Judged(Verdict::kUnknown, v1::TOO_FEW_DATA_POINTS);
      judgement.evidence.count = sum.data_points;
      judgement.evidence.needed = cell.bake->min_data_points;
      return judgement;
    }
  }
  return Judged(Verdict::kClear, v1::ALL_CLEAR);
}

Judgement JudgeBakeAt(const StageContext& context, const JudgedCell& judged, absl::Time t) {
  const DeployedCell& cell = *judged.cell;
  const absl::Time from = BakeStart(judged, t);
  if (from == absl::InfiniteFuture()) return Judged(Verdict::kUnknown, v1::NOT_QUIET);
  const absl::Time until = Later(from, cell.bake->min_time);
  Judgement judgement;
  if (t < until) {
    judgement = Judged(Verdict::kUnknown, v1::BAKING);
  } else {
    judgement = JudgeBakeData(context, cell, from, t);
    for (const WatchedSignal& signal : judged.signals) {
      if (signal.At(t).known_through < until)
        judgement = Judged(Verdict::kUnknown, v1::NOT_COVERED);
    }
  }
  judgement.evidence.at = from;
  if (until != absl::InfiniteFuture()) judgement.evidence.until = until;
  return judgement;
}

Judgement JudgeBake(const StageContext& context, const JudgedCell& judged) {
  const absl::Span<const JudgedCell> cells = absl::MakeConstSpan(&judged, 1);
  Instants sources(context.now);
  AddStartInstants(cells, &sources);
  for (const HealthCriterion& criterion : context.rule.rollout.criteria) {
    AddCriterionInstants(context, criterion, cells, &sources);
  }
  // The bake's own timer runs from a start that the sources may move.
  Instants instants(context.now);
  const auto add_timer = [&](absl::Time t) {
    const absl::Time from = BakeStart(judged, t);
    if (from != absl::InfiniteFuture()) instants.Add(Later(from, judged.cell->bake->min_time));
  };
  add_timer(context.now);
  for (const absl::Time t : sources.Sorted()) {
    instants.Add(t);
    add_timer(t);
  }
  return JudgeWithHorizon(instants, [&](absl::Time t) { return JudgeBakeAt(context, judged, t); });
}

Judgement JudgeBakeDeadline(const StageContext& context, const DeployedCell& cell) {
  const absl::Time deadline = Later(cell.deployment->ended_at, cell.bake->max_time);
  Instants instants(context.now);
  instants.Add(deadline);
  Judgement judgement = JudgeWithHorizon(instants, [&](absl::Time t) {
    return t >= deadline ? Judged(Verdict::kBlocking, v1::BAKE_TIMED_OUT)
                         : Judged(Verdict::kClear, v1::ALL_CLEAR);
  });
  judgement.evidence.at = cell.deployment->ended_at;
  if (deadline != absl::InfiniteFuture()) judgement.evidence.until = deadline;
  return judgement;
}

Finding InCell(Finding finding, const DeployedCell& cell) {
  finding.wave = cell.wave;
  finding.cell = cell.view->cell->id;
  return finding;
}

}  // namespace

CellHealth JudgeCell(const StageContext& context, const DeployedCell& cell,
                     const ArtifactFacts& artifact, LookedAtFor looked_at_for,
                     std::vector<Trigger>* triggers) {
  const RolloutRule& rule = context.rule.rollout;
  const DeploymentFacts& deployment = *cell.deployment;
  const bool ended = !IsUnderWay(deployment);
  const bool succeeded = deployment.outcome == v1::Deployment::SUCCEEDED;
  CellHealth health;
  health.shows_proof = succeeded && cell.view->cell->fault == v1::ALL_CLEAR;
  Trigger trigger;
  trigger.cell = cell.view->cell->id;
  trigger.wave = cell.wave;
  HealthLeaves leaves(context, artifact, looked_at_for, deployment.accepted, triggers);
  const auto add = [&](absl::string_view id, Judgement judgement) {
    health.shows_proof = health.shows_proof && judgement.verdict == Verdict::kClear;
    leaves.Add(InCell(MakeFinding(id, std::move(judgement)), cell), trigger);
    health.unseen = leaves.unseen();
  };

  Judgement of_deployment = JudgeDeployment(context, deployment);
  health.deadline_passed = of_deployment.reason == v1::DEPLOY_STALLED;
  health.needs_person = ended && !succeeded;
  add(kDeploymentId, std::move(of_deployment));
  if (succeeded) {
    for (const HygieneCheck& check : rule.hygiene.checks) {
      Judgement judgement = JudgeHygiene(context, check, deployment);
      if (judgement.reason == v1::HYGIENE_TIMED_OUT) health.deadline_passed = true;
      add(check.finding_id, std::move(judgement));
    }
  }
  const JudgedCell judged{&cell, SignalsOf(context, cell)};
  const Signals& signals = judged.signals;
  for (size_t i = 0; i < signals.size(); ++i) {
    const WatchedAlarm& watched = rule.watched[i];
    trigger.breadth =
        watched.each == WatchEach::kCell ? TriggerBreadth::kCell : TriggerBreadth::kWide;
    trigger.region =
        watched.each == WatchEach::kRegion ? cell.view->cell->region : absl::string_view();
    Instants instants(context.now);
    signals[i].AddInstants(&instants);
    add(watched.id, JudgeWithHorizon(instants, [&](absl::Time t) {
          const WatchedSignal::State state = signals[i].At(t);
          Judgement judgement = Judged(state.verdict, state.reason);
          if (state.quiet_since != absl::InfiniteFuture()) {
            judgement.evidence.at = state.quiet_since;
          }
          return judgement;
        }));
  }
  trigger.breadth = TriggerBreadth::kCell;
  trigger.region = absl::string_view();
  if (!succeeded) return health;
  for (const HealthCriterion& criterion : rule.criteria) {
    if (criterion.per_wave) continue;
    add(criterion.id, JudgeCriterion(context, criterion, absl::MakeConstSpan(&judged, 1)));
  }
  if (looked_at_for != LookedAtFor::kProof) return health;
  add(kBakeId, JudgeBake(context, judged));
  Judgement deadline = JudgeBakeDeadline(context, cell);
  if (deadline.verdict != Verdict::kClear) health.deadline_passed = true;
  // A deadline that has passed is no lack of proof.
  leaves.Add(InCell(MakeFinding(kBakeDeadlineId, std::move(deadline)), cell), trigger);
  return health;
}

WaveHealth JudgeWave(const StageContext& context, absl::string_view wave,
                     const std::vector<DeployedCell>& cells, size_t cell_count,
                     const ArtifactFacts& artifact, LookedAtFor looked_at_for,
                     std::vector<Trigger>* triggers) {
  std::vector<JudgedCell> judged;
  bool accepted = false;
  for (const DeployedCell& cell : cells) {
    accepted = accepted || cell.deployment->accepted;
    if (cell.deployment->outcome == v1::Deployment::SUCCEEDED) {
      judged.push_back({&cell, SignalsOf(context, cell)});
    }
  }
  WaveHealth health;
  health.all_clear = judged.size() == cell_count;
  if (judged.empty()) return {};
  Trigger trigger;
  trigger.breadth = TriggerBreadth::kWave;
  trigger.wave = wave;
  HealthLeaves leaves(context, artifact, looked_at_for, accepted, triggers);
  bool has_criteria = false;
  for (const HealthCriterion& criterion : context.rule.rollout.criteria) {
    if (!criterion.per_wave) continue;
    has_criteria = true;
    Finding finding = MakeFinding(criterion.id, JudgeCriterion(context, criterion, judged));
    finding.wave = wave;
    health.all_clear = health.all_clear && finding.verdict == Verdict::kClear;
    leaves.Add(std::move(finding), trigger);
  }
  health.unseen = leaves.unseen();
  const bool cells_proven = judged.size() == cell_count &&
                            std::all_of(cells.begin(), cells.end(),
                                        [](const auto& cell) { return cell.deployment->proven; });
  if (!has_criteria || looked_at_for != LookedAtFor::kProof || !cells_proven) return health;
  // The cells have no deadline any more; what the wave as a whole still has to show has theirs.
  const DeployedCell& last = *std::max_element(
      cells.begin(), cells.end(),
      [](const auto& a, const auto& b) { return a.deployment->ended_at < b.deployment->ended_at; });
  Judgement deadline = JudgeBakeDeadline(context, last);
  health.deadline_passed = deadline.verdict != Verdict::kClear;
  Finding finding = MakeFinding(kBakeDeadlineId, std::move(deadline));
  finding.wave = wave;
  leaves.Add(std::move(finding), trigger);
  return health;
}

Finding DeploymentFinding(const StageContext& context, const CellView& view,
                          const DeploymentFacts& deployment) {
  Finding finding = MakeFinding(kDeploymentId, JudgeDeployment(context, deployment));
  finding.artifact = deployment.artifact;
  finding.cell = view.cell->id;
  return finding;
}

RollBackStep JudgeRollBack(const StageContext& context, const CellView& view) {
  const DeploymentFacts& deployment = *view.Newest();
  const auto add = [&](absl::string_view id, Judgement judgement) {
    Finding finding = MakeFinding(id, std::move(judgement));
    finding.artifact = deployment.artifact;
    finding.cell = view.cell->id;
    context.Add(std::move(finding));
  };
  Finding of_deployment = DeploymentFinding(context, view, deployment);
  const bool stalled = of_deployment.reason == v1::DEPLOY_STALLED;
  context.Add(std::move(of_deployment));
  if (IsUnderWay(deployment)) return stalled ? RollBackStep::kStalled : RollBackStep::kUnderWay;
  if (deployment.outcome != v1::Deployment::SUCCEEDED) return RollBackStep::kFailed;
  RollBackStep step = RollBackStep::kDone;
  for (const HygieneCheck& check : context.rule.rollout.hygiene.checks) {
    Judgement judgement = JudgeHygiene(context, check, deployment);
    const bool failed =
        judgement.verdict == Verdict::kBlocking && IsTrigger(context, judgement.reason);
    if (failed) {
      step = RollBackStep::kFailed;
    } else if (judgement.reason == v1::HYGIENE_TIMED_OUT && step != RollBackStep::kFailed) {
      step = RollBackStep::kStalled;
    } else if (judgement.verdict != Verdict::kClear && step == RollBackStep::kDone) {
      step = RollBackStep::kAwaitsHygiene;
    }
    add(check.finding_id, std::move(judgement));
  }
  return step;
}

}  // namespace sluice
