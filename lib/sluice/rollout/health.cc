#include "sluice/rollout/health.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/types/optional.h"
#include "sluice/blockers/horizon.h"
#include "sluice/internal/checked_time.h"
#include "sluice/leaves.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/rate_sum.h"
#include "sluice/overrides.h"
#include "sluice/rollout/watch.h"

namespace sluice {
namespace {

using Signals = absl::InlinedVector<WatchedSignal, 4>;

bool IsFirstDeployment(const CellView& view) { return view.deployments.size() == 1; }

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
  Instants instants(context.now);
  instants.Add(deadline);
  for (const CheckRun& run : runs) {
    if (!counts(run) || run.fault != v1::ALL_CLEAR) continue;
    instants.Add(run.started_at - skew);
    if (run.finished_at != absl::InfiniteFuture()) instants.Add(run.finished_at - skew);
  }
  return JudgeWithHorizon(instants, [&](absl::Time t) {
    const CheckRun* newest = nullptr;
    bool failed = false;
    for (const CheckRun& run : runs) {
      if (!counts(run)) continue;
      if (run.fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, run.fault);
      if (t < run.started_at - skew ||
          (run.finished_at != absl::InfiniteFuture() && t < run.finished_at - skew)) {
        return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
      }
      // Among runs that started together the worst decides.
      const bool tied = newest != nullptr && newest->started_at == run.started_at;
      failed = (tied && failed) || run.outcome == v1::Check::FAILED;
      if (!tied || newest->outcome == v1::Check::PASSED) newest = &run;
    }
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
    case v1::ABOVE_BOUND:
      return true;
    case v1::HYGIENE_TIMED_OUT:
      return context.rule.rollout.hygiene.missing_is_failure;
    default:
      return false;
  }
}

// Keeps, counts or mutes a health finding, then adds it.
void AddHealth(const StageContext& context, Finding finding, const ArtifactFacts& artifact,
               bool only_watched, const Trigger& trigger, std::vector<Trigger>* triggers) {
  finding.artifact = artifact.digest_text;
  if (finding.verdict == Verdict::kBlocking && IsTrigger(context, finding.reason)) {
    const Lift lift = KeepDespite(context.policy, context.rule.rollout.roll_back, finding.id,
                                  context.SubjectOf(&artifact), context.now);
    finding.overrides = lift.overrides;
    finding.still_needed = lift.still_needed;
    finding.changes_at = std::min(finding.changes_at, lift.changes_at);
    if (lift.lifted) {
      finding.effect = Effect::kLifted;
    } else {
      triggers->push_back(trigger);
    }
  } else if (only_watched) {
    finding.effect = Effect::kNone;
  } else if (finding.reason == v1::NEW_CELL_SERIES) {
    finding.effect = Effect::kObserved;
  }
  context.Add(std::move(finding));
}

// From when the bake counts [R3]; InfiniteFuture: not yet.
absl::Time BakeStart(const DeploymentFacts& deployment, const Signals& signals, absl::Time t) {
  absl::Time start = deployment.ended_at;
  for (const WatchedSignal& signal : signals) start = std::max(start, signal.At(t).quiet_since);
  return start;
}

// From when counts can show a failure: as the bake, but a signal that says nothing delays nothing.
// Only an alarm that was there before the deployment excuses what happens meanwhile.
absl::Time FailureStart(const DeploymentFacts& deployment, const Signals& signals, absl::Time t) {
  absl::Time start = deployment.ended_at;
  for (const WatchedSignal& signal : signals) {
    const WatchedSignal::State state = signal.At(t);
    if (state.verdict == Verdict::kClear || state.reason == v1::PRE_EXISTING_ALARM) {
      start = std::max(start, state.quiet_since);
    }
  }
  return start;
}

const CountsFacts* FindCounts(const StageContext& context, const ErrorRateCriterion& criterion) {
  const auto found = context.snapshot.counts.find(
      std::make_pair<absl::string_view, absl::string_view>(criterion.counts, context.rule.id));
  return found == context.snapshot.counts.end() ? nullptr : &found->second;
}

// Requests and errors of a cell over the whole periods in [from, to).
RateSum SumCell(const CountsFacts& counts, absl::string_view cell, absl::Time from, absl::Time to) {
  const auto row = counts.cells.find(cell);
  if (row == counts.cells.end()) return {};
  const size_t first = row->second * counts.periods;
  return SumRate(counts.start, counts.period, counts.requests.subspan(first, counts.periods),
                 counts.errors.subspan(first, counts.periods), from, to);
}

// One cell of a criterion's sum.
struct CountedCell {
  const DeployedCell* cell;
  Signals signals;
};

// The cells' sum over the whole periods in [from(cell), to); nothing if a cell has no counts or no
// start yet.
template <typename From>
absl::optional<RateSum> SumCells(const CountsFacts& counts, absl::Span<const CountedCell> cells,
                                 const From& from, absl::Time t, absl::Time to) {
  RateSum sum;
  sum.valid = true;
  sum.complete = true;
  for (const CountedCell& counted : cells) {
    const absl::Time start = from(*counted.cell->deployment, counted.signals, t);
    if (start == absl::InfiniteFuture()) return absl::nullopt;
    if (!counts.cells.contains(counted.cell->view->cell->id)) return absl::nullopt;
    const RateSum one = SumCell(counts, counted.cell->view->cell->id, start, to);
    sum.valid = sum.valid && one.valid;
    sum.complete = sum.complete && one.complete;
    sum.requests += one.requests;
    sum.errors += one.errors;
  }
  sum.valid = sum.valid && AreCounts(sum.requests, sum.errors);
  return sum;
}

void AddCountInstants(const StageContext& context, const CountsFacts& counts,
                      absl::Duration max_age, Instants* instants) {
  instants->Add(counts.reported_through - context.policy.max_clock_skew);
  instants->Add(Later(counts.reported_through, max_age));
  AddPeriodEnds(counts.start, counts.period, counts.reported_through, context.policy.max_clock_skew,
                instants);
}

// An error rate over the cells in sum, at `t` [R5].
Judgement JudgeRateAt(const StageContext& context, const ErrorRateCriterion& criterion,
                      const CountsFacts* counts, absl::Span<const CountedCell> cells,
                      absl::Time t) {
  if (counts == nullptr) return Judged(Verdict::kUnknown, v1::NO_DATA);
  if (counts->fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, counts->fault);
  if (t < counts->reported_through - context.policy.max_clock_skew) {
    return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  }
  const absl::Time to = std::min(t, counts->reported_through);
  const absl::optional<RateSum> failure = SumCells(*counts, cells, FailureStart, t, to);
  const absl::optional<RateSum> proof = SumCells(*counts, cells, BakeStart, t, to);
  if (!failure.has_value()) return Judged(Verdict::kUnknown, v1::NO_DATA);
  if (!failure->valid) return Judged(Verdict::kInvalid, v1::INVALID_DATA);
  const auto judge = [&](const RateSum& sum) {
    return JudgeRate(sum.requests, sum.errors, criterion.bound_ppm, criterion.min_requests,
                     criterion.min_requests_to_fail, criterion.confidence);
  };
  const bool failed = failure->complete && judge(*failure) == RateVerdict::kFailed;
  const RateSum& sum = failed || !proof.has_value() ? *failure : *proof;
  Judgement judgement;
  if (failed) {
    judgement = Judged(Verdict::kBlocking, v1::ABOVE_BOUND);
  } else if (t >= Later(counts->reported_through, criterion.max_age)) {
    judgement = Judged(Verdict::kUnknown, v1::STALE);
  } else if (!proof.has_value()) {
    judgement = Judged(Verdict::kUnknown, v1::NOT_QUIET);
  } else if (!sum.complete) {
    judgement = Judged(Verdict::kUnknown, v1::NOT_COVERED);
  } else if (judge(sum) == RateVerdict::kClear) {
    judgement = Judged(Verdict::kClear, v1::ALL_CLEAR);
  } else if (sum.requests < criterion.min_requests) {
    judgement = Judged(Verdict::kUnknown, v1::TOO_FEW_REQUESTS);
  } else {
    judgement = Judged(Verdict::kUnknown, v1::INCONCLUSIVE);
  }
  judgement.evidence.count = sum.requests;
  judgement.evidence.needed = criterion.min_requests;
  if (sum.requests > 0) {
    judgement.evidence.value = static_cast<double>(sum.errors) / static_cast<double>(sum.requests);
  }
  judgement.evidence.threshold = static_cast<double>(criterion.bound_ppm) / kMaxRatePpm;
  return judgement;
}

Judgement JudgeRateCriterion(const StageContext& context, const ErrorRateCriterion& criterion,
                             absl::Span<const CountedCell> cells) {
  const CountsFacts* counts = FindCounts(context, criterion);
  Instants instants(context.now);
  for (const CountedCell& counted : cells) {
    for (const WatchedSignal& signal : counted.signals) signal.AddInstants(&instants);
  }
  if (counts != nullptr && counts->fault == v1::ALL_CLEAR) {
    AddCountInstants(context, *counts, criterion.max_age, &instants);
  }
  return JudgeWithHorizon(
      instants, [&](absl::Time t) { return JudgeRateAt(context, criterion, counts, cells, t); });
}

// Whether every error rate criterion's counts of the cell show what the bake asks for.
Judgement JudgeBakeCounts(const StageContext& context, const DeployedCell& cell, absl::Time from,
                          absl::Time t) {
  for (const ErrorRateCriterion& criterion : context.rule.rollout.criteria) {
    const CountsFacts* counts = FindCounts(context, criterion);
    if (counts == nullptr || counts->fault != v1::ALL_CLEAR) {
      return Judged(Verdict::kUnknown, v1::NO_DATA);
    }
    const absl::Time to = std::min(t, counts->reported_through);
    if (counts->reported_through < from + cell.bake->min_time) {
      return Judged(Verdict::kUnknown, v1::NOT_COVERED);
    }
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

Judgement JudgeBakeAt(const StageContext& context, const DeployedCell& cell, const Signals& signals,
                      absl::Time t) {
  const absl::Time from = BakeStart(*cell.deployment, signals, t);
  if (from == absl::InfiniteFuture()) return Judged(Verdict::kUnknown, v1::NOT_QUIET);
  const absl::Time until = Later(from, cell.bake->min_time);
  Judgement judgement;
  if (t < until) {
    judgement = Judged(Verdict::kUnknown, v1::BAKING);
  } else {
    judgement = JudgeBakeCounts(context, cell, from, t);
    for (const WatchedSignal& signal : signals) {
      if (signal.At(t).known_through < until)
        judgement = Judged(Verdict::kUnknown, v1::NOT_COVERED);
    }
  }
  judgement.evidence.at = from;
  if (until != absl::InfiniteFuture()) judgement.evidence.until = until;
  return judgement;
}

Judgement JudgeBake(const StageContext& context, const DeployedCell& cell, const Signals& signals) {
  Instants sources(context.now);
  for (const WatchedSignal& signal : signals) signal.AddInstants(&sources);
  for (const ErrorRateCriterion& criterion : context.rule.rollout.criteria) {
    const CountsFacts* counts = FindCounts(context, criterion);
    if (counts != nullptr && counts->fault == v1::ALL_CLEAR) {
      AddCountInstants(context, *counts, criterion.max_age, &sources);
    }
  }
  // The bake's own timer runs from a start that the sources may move.
  Instants instants(context.now);
  const auto add_timer = [&](absl::Time t) {
    const absl::Time from = BakeStart(*cell.deployment, signals, t);
    if (from != absl::InfiniteFuture()) instants.Add(Later(from, cell.bake->min_time));
  };
  add_timer(context.now);
  for (const absl::Time t : sources.Sorted()) {
    instants.Add(t);
    add_timer(t);
  }
  return JudgeWithHorizon(instants,
                          [&](absl::Time t) { return JudgeBakeAt(context, cell, signals, t); });
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

Signals SignalsOf(const StageContext& context, const DeployedCell& cell) {
  Signals signals;
  for (const WatchedAlarm& watched : context.rule.rollout.watched) {
    signals.emplace_back(watched, context.SubjectOf(nullptr), *cell.view->cell, *cell.deployment,
                         IsFirstDeployment(*cell.view));
  }
  return signals;
}

Finding InCell(Finding finding, const DeployedCell& cell) {
  finding.wave = cell.wave;
  finding.cell = cell.view->cell->id;
  return finding;
}

}  // namespace

CellHealth JudgeCell(const StageContext& context, const DeployedCell& cell,
                     const ArtifactFacts& artifact, bool only_watched,
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
  const auto add = [&](absl::string_view id, Judgement judgement) {
    health.shows_proof = health.shows_proof && judgement.verdict == Verdict::kClear;
    AddHealth(context, InCell(MakeFinding(id, std::move(judgement)), cell), artifact, only_watched,
              trigger, triggers);
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
  const Signals signals = SignalsOf(context, cell);
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
  const CountedCell counted[] = {{&cell, signals}};
  for (const ErrorRateCriterion& criterion : rule.criteria) {
    if (!criterion.per_wave) add(criterion.id, JudgeRateCriterion(context, criterion, counted));
  }
  if (only_watched) return health;
  add(kBakeId, JudgeBake(context, cell, signals));
  Judgement deadline = JudgeBakeDeadline(context, cell);
  if (deadline.verdict != Verdict::kClear) health.deadline_passed = true;
  AddHealth(context, InCell(MakeFinding(kBakeDeadlineId, std::move(deadline)), cell), artifact,
            only_watched, trigger, triggers);
  return health;
}

bool JudgeWave(const StageContext& context, absl::string_view wave,
               const std::vector<DeployedCell>& cells, size_t cell_count,
               const ArtifactFacts& artifact, bool only_watched, std::vector<Trigger>* triggers) {
  std::vector<CountedCell> counted;
  for (const DeployedCell& cell : cells) {
    if (cell.deployment->outcome == v1::Deployment::SUCCEEDED) {
      counted.push_back({&cell, SignalsOf(context, cell)});
    }
  }
  bool all_clear = counted.size() == cell_count;
  if (counted.empty()) return false;
  Trigger trigger;
  trigger.breadth = TriggerBreadth::kWave;
  trigger.wave = wave;
  for (const ErrorRateCriterion& criterion : context.rule.rollout.criteria) {
    if (!criterion.per_wave) continue;
    Finding finding = MakeFinding(criterion.id, JudgeRateCriterion(context, criterion, counted));
    finding.wave = wave;
    all_clear = all_clear && finding.verdict == Verdict::kClear;
    AddHealth(context, std::move(finding), artifact, only_watched, trigger, triggers);
  }
  return all_clear;
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
