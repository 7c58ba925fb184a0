#include "tests/reference/cells.h"

#include <algorithm>

#include "tests/reference/alarms.h"
#include "tests/reference/blockers.h"
#include "tests/reference/overrides.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

// [S7] No deployment of the cell came before it.
bool IsFirstEver(const Facts& facts, const v1::Stage& stage, const v1::Deployment& deployment) {
  int of_cell = 0;
  for (const v1::Deployment& other : Record(facts, stage.id()).deployments()) {
    of_cell += other.cell() == deployment.cell();
  }
  return of_cell == 1;
}

// What a watched alarm says of one deployment.
struct Watched {
  Judgement judgement;
  bool trigger = false;
  bool new_cell = false;  // NEW_CELL_SERIES: observed only.
  // The first instant from which on it is known to be quiet, if later than the deployment's end.
  absl::Time quiet_from = absl::InfinitePast();
  // Until when an alarm from before the deployment lasted: no failure counts before.
  absl::Time failure_from = absl::InfinitePast();
  absl::Time reported_through = absl::InfinitePast();
};

Of WhatOf(const Facts& facts, const v1::WatchedAlarm& alarm, const std::string& cell) {
  if (alarm.each() == v1::WatchedAlarm::CELL) return {cell, ""};
  const v1::Cell* record = FindCell(facts, cell);
  if (alarm.each() == v1::WatchedAlarm::REGION) {
    return {"", record == nullptr ? "" : record->region()};
  }
  return {};
}

// [R6] Observed. `since` is the deployment's start, or what stands for it in a new cell.
Watched WatchObserved(const Facts& facts, const v1::MetricAlarm& alarm, const Of& of,
                      absl::Time since) {
  Watched watched;
  v1::AlarmReport report;
  watched.judgement = FindReport(facts, alarm.observed(), of, &report);
  if (!watched.judgement.clear()) return watched;
  const absl::Time began = ToTime(report.since());
  const bool in_alarm = report.state() == v1::AlarmReport::ALARM;
  const bool raised_since = report.has_last_alarm_at() && ToTime(report.last_alarm_at()) >= since;
  const bool pre_existing = in_alarm && began < since && !raised_since;
  const bool stale = IsStale(facts, report.observed_at(), alarm.max_age());
  watched.reported_through = ToTime(report.observed_at());
  const bool quiet = report.state() == v1::AlarmReport::OK;
  // What was before the state began was not OK, or is not known.
  watched.quiet_from = began;
  if (report.has_history_from()) {
    watched.quiet_from = std::max(began, ToTime(report.history_from()));
  }
  if (pre_existing) watched.failure_from = absl::InfiniteFuture();
  // What was before is not known to have been OK.
  if (quiet && !raised_since) watched.failure_from = watched.quiet_from;
  if ((in_alarm && began >= since) || raised_since) {
    watched.trigger = true;
    watched.judgement = Blocking(v1::ALARM_SINCE_DEPLOYMENT);
  } else if (stale) {
    watched.judgement = Unknown(v1::STALE);
  } else if (pre_existing) {
    watched.judgement = Blocking(v1::PRE_EXISTING_ALARM);
  } else {
    watched.judgement = quiet ? Clear() : Unknown(v1::NO_DATA);
  }
  return watched;
}

// [R6] Computed, and ratios. `ended` is the infinite future while the deployment is under way;
// `first`: it is a new cell's, and the alarm is on the cell's own series.
Watched WatchComputed(const Facts& facts, const v1::MetricAlarm& alarm, const Of& of,
                      absl::Time since, absl::Time ended, bool first) {
  Watched watched;
  Points points;
  watched.judgement = FindPoints(facts, alarm, of, &points);
  if (!watched.judgement.clear()) return watched;
  const v1::AlarmRule& rule = RuleOf(alarm);
  const int64_t last = points.Newest(std::min(facts.now, points.reported_through));
  const std::vector<AlarmState> states = States(rule, points, last);
  const AlarmState state = states.empty() ? AlarmState::kInsufficientData : states.back();
  const bool stale = facts.now - points.reported_through >= ToDuration(alarm.max_age());
  watched.reported_through = last < 0 ? absl::InfinitePast() : points.EndOf(last);

  // In ALARM at the start, or not known not to be: pre-existing until OK since. What the series of
  // a new cell said before its first deployment ended means nothing [S7].
  const int64_t at_start = std::min(points.Newest(since), last);
  const bool in_alarm_before = !first && at_start >= 0 && states[at_start] == AlarmState::kAlarm;
  const int64_t covered_from = static_cast<int64_t>(rule.evaluation_periods()) + 2;
  const bool covered = points.Newest(since) + 1 >= covered_from &&
                       points.Newest(since) <= points.Newest(points.reported_through);
  bool pre_existing = in_alarm_before || (!first && !covered);
  if (ended == absl::InfiniteFuture()) {  // Under way.
    if (stale) {
      watched.judgement = Unknown(v1::STALE);
    } else if (state == AlarmState::kAlarm) {
      watched.judgement = Blocking(pre_existing ? v1::PRE_EXISTING_ALARM : v1::IN_ALARM);
    } else {
      watched.judgement = state == AlarmState::kOk ? Clear() : Unknown(v1::NO_DATA);
    }
    return watched;
  }
  absl::Time good_from = ended;
  if (pre_existing) {
    good_from = absl::InfiniteFuture();
    for (int64_t p = std::max<int64_t>(0, points.Newest(since) + 1); p <= last; ++p) {
      if (states[p] != AlarmState::kOk) continue;
      pre_existing = false;
      good_from = std::max(ended, points.EndOf(p));
      break;
    }
    watched.failure_from = good_from;
  }
  // M real breaching points within N consecutive periods, all after the end.
  if (!pre_existing) {
    for (int64_t p = 0; p <= last; ++p) {
      uint32_t breaches = 0;
      for (int64_t i = p; i <= last && i < p + rule.evaluation_periods(); ++i) {
        if (points.StartOf(i) >= good_from && !std::isnan(points.At(i))) {
          breaches += Breaches(rule, points.At(i));
        }
      }
      watched.trigger = watched.trigger || breaches >= rule.datapoints_to_alarm();
    }
  }
  // [R3] From then on there is no period that is absent or INSUFFICIENT_DATA, and no ALARM.
  watched.quiet_from = std::max(good_from, points.start);
  bool alarm_since = false;
  for (int64_t p = 0; p <= last; ++p) {
    if (states[p] == AlarmState::kInsufficientData) {
      watched.quiet_from = std::max(watched.quiet_from, points.EndOf(p));
    }
    // Only a period that ends after it tells what was after it.
    if (states[p] == AlarmState::kAlarm && points.EndOf(p) > good_from) alarm_since = true;
  }
  if (watched.trigger) {
    watched.judgement = Blocking(v1::ALARM_SINCE_DEPLOYMENT);
  } else if (stale) {
    watched.judgement = Unknown(v1::STALE);
  } else if (pre_existing) {
    watched.judgement =
        state == AlarmState::kAlarm ? Blocking(v1::PRE_EXISTING_ALARM) : Unknown(v1::NO_DATA);
  } else if (alarm_since) {
    watched.judgement = Blocking(v1::ALARM_DURING_BAKE);
  } else {
    watched.judgement = state == AlarmState::kOk ? Clear() : Unknown(v1::NO_DATA);
    if (state == AlarmState::kAlarm) watched.judgement = Blocking(v1::IN_ALARM);
  }
  return watched;
}

Watched Watch(const Facts& facts, const v1::Stage& stage, const v1::WatchedAlarm& alarm,
              const v1::Deployment& deployment) {
  const absl::Time ended =
      deployment.has_ended_at() ? ToTime(deployment.ended_at()) : absl::InfiniteFuture();
  absl::Time since = ToTime(deployment.started_at());
  const bool first =
      alarm.each() == v1::WatchedAlarm::CELL && IsFirstEver(facts, stage, deployment);
  if (first) {
    if (!deployment.has_ended_at()) {
      Watched watched;
      watched.judgement = Unknown(v1::NEW_CELL_SERIES);
      watched.new_cell = true;
      return watched;
    }
    since = ended;
  }
  const Of of = WhatOf(facts, alarm, deployment.cell());
  if (alarm.each() == v1::WatchedAlarm::REGION && of.region.empty()) {
    Watched watched;  // A cell that does not say its region has no report.
    watched.judgement = Unknown(v1::NO_DATA);
    return watched;
  }
  return alarm.alarm().has_observed()
             ? WatchObserved(facts, alarm.alarm(), of, since)
             : WatchComputed(facts, alarm.alarm(), of, since, ended, first);
}

bool IsFailure(const Judgement& judgement) {
  switch (judgement.reason) {
    case v1::ABOVE_BOUND:
    case v1::ABOVE_BASELINE:
    case v1::SERIES_BREACHED:
    case v1::MEASUREMENT_FAILED:
      return judgement.verdict == v1::BLOCKING;
    default:
      return false;
  }
}

// [R3]
Judgement JudgeBake(const Facts& facts, const v1::Stage& stage, const v1::Bake& bake,
                    const v1::Deployment& deployment, const Baked& baked) {
  const absl::Duration min_time =
      bake.has_min_time() ? ToDuration(bake.min_time()) : absl::ZeroDuration();
  absl::Time reported = absl::InfiniteFuture();
  bool quiet = true;
  for (const v1::WatchedAlarm& alarm : stage.rollout().health().watched_alarms()) {
    const Watched watched = Watch(facts, stage, alarm, deployment);
    quiet = quiet && watched.judgement.clear();
    reported = std::min(reported, watched.reported_through);
  }
  if (!quiet) return Unknown(v1::NOT_QUIET);
  const absl::Time until = baked.proof_from + min_time;
  if (facts.now < until) return Unknown(v1::BAKING);
  if (reported < until) return Unknown(v1::NOT_COVERED);
  for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
    const Seen seen = SeenBy(facts, stage, criterion, baked);
    if (!seen.has_reports) continue;
    if (!seen.usable) return Unknown(v1::NO_DATA);
    if (seen.reported_through < until) return Unknown(v1::NOT_COVERED);
    if (!seen.has_counts) continue;
    if (seen.requests < static_cast<int64_t>(bake.min_requests())) {
      return Unknown(v1::TOO_FEW_REQUESTS);
    }
    if (seen.periods < bake.min_data_points()) return Unknown(v1::TOO_FEW_DATA_POINTS);
  }
  return Clear();
}

}  // namespace

Leaf MakeLeaf(const std::string& id, absl::string_view artifact, absl::string_view wave,
              absl::string_view cell, const Judgement& judgement, v1::Effect effect) {
  Leaf leaf;
  leaf.finding.set_id(id);
  // What can't be read is no name.
  if (IsDigest(artifact)) leaf.finding.set_artifact(std::string(artifact));
  if (IsIdentifier(wave) || (!wave.empty() && wave[0] == '@'))
    leaf.finding.set_wave(std::string(wave));
  if (IsIdentifier(cell)) leaf.finding.set_cell(std::string(cell));
  leaf.finding.set_verdict(judgement.verdict);
  leaf.finding.set_reason(judgement.reason);
  leaf.finding.set_effect(judgement.clear() ? v1::NONE : effect);
  return leaf;
}

std::vector<std::string> ActiveCells(const Facts& facts, absl::string_view stage) {
  std::vector<std::string> cells;
  for (const v1::Cell& cell : facts.state.cells()) {
    if (IsIdentifier(cell.id()) && cell.stage() == stage && !IsRetired(facts, cell.id()) &&
        !Contains(cells, cell.id())) {
      cells.push_back(cell.id());
    }
  }
  std::sort(cells.begin(), cells.end());
  return cells;
}

const v1::Deployment* Newest(const Facts& facts, absl::string_view stage, absl::string_view cell) {
  const v1::Deployment* newest = nullptr;
  for (const v1::Deployment& deployment : Record(facts, stage).deployments()) {
    if (deployment.cell() == cell &&
        (newest == nullptr || deployment.number() >= newest->number())) {
      newest = &deployment;
    }
  }
  return newest;
}

bool IsUnderWay(const v1::Deployment& deployment) {
  return deployment.outcome() == v1::Deployment::OUTCOME_UNSPECIFIED;
}

bool IsProven(const v1::Deployment& deployment) {
  return deployment.direction() == v1::Deployment::ADOPTED || deployment.has_proven() ||
         deployment.has_accepted();
}

bool IsUnproven(const Facts& facts, const v1::Stage& stage, absl::string_view cell) {
  const v1::Deployment* newest = Newest(facts, stage.id(), cell);
  if (newest == nullptr) return false;  // New.
  if (IsProven(*newest)) return false;
  if (newest->direction() != v1::Deployment::ROLL_BACK) return true;
  // A roll back that ended with hygiene PASSED, as was recorded or as it is now.
  for (const v1::Rollout& rollout : Record(facts, stage.id()).rollouts()) {
    if (rollout.number() == newest->rollout() && rollout.state() == v1::Rollout::ROLLED_BACK) {
      return false;
    }
  }
  return newest->outcome() != v1::Deployment::SUCCEEDED ||
         !JudgeAllHygiene(facts, stage, *newest).clear();
}

bool IsLatched(const Facts& facts, absl::string_view stage, absl::string_view artifact) {
  for (const v1::Stage& earlier : facts.policy.stages()) {
    for (const v1::Latch& latch : Record(facts, earlier.id()).latches()) {
      if (latch.artifact() == artifact && !latch.has_released()) return true;
    }
    if (earlier.id() == stage) return false;
  }
  return false;
}

Judgement JudgeHygiene(const Facts& facts, const v1::Stage& stage, const v1::Deployment& deployment,
                       const std::string& check) {
  const absl::Time ended = ToTime(deployment.ended_at());
  const Judgement run =
      JudgeHygieneRun(facts, check, deployment.artifact(), deployment.cell(), ended);
  if (run.verdict != v1::UNKNOWN) return run;
  const bool late = facts.now - ended >= ToDuration(stage.rollout().hygiene().deadline());
  return late ? Blocking(v1::HYGIENE_TIMED_OUT) : run;
}

Judgement JudgeAllHygiene(const Facts& facts, const v1::Stage& stage,
                          const v1::Deployment& deployment) {
  Judgement judgement = Clear();
  for (const std::string& check : stage.rollout().hygiene().checks()) {
    const Judgement one = JudgeHygiene(facts, stage, deployment, check);
    if (one.reason == v1::HYGIENE_FAILED) return one;
    judgement = Worse(judgement, one);
  }
  return judgement;
}

v1::Bake BakeOf(const v1::Stage& stage, absl::string_view wave) {
  const v1::RolloutPolicy& policy = stage.rollout();
  for (const v1::Wave& candidate : policy.waves()) {
    if (candidate.id() == wave) return candidate.has_bake() ? candidate.bake() : policy.bake();
  }
  // A wave that the policy does not list: the rollout's, else of each limit the largest.
  if (policy.has_bake() || policy.waves().empty()) return policy.bake();
  v1::Bake longest = policy.waves(0).bake();
  for (const v1::Wave& candidate : policy.waves()) {
    const v1::Bake& bake = candidate.bake();
    if (ToDuration(bake.min_time()) > ToDuration(longest.min_time())) {
      *longest.mutable_min_time() = bake.min_time();
    }
    if (ToDuration(bake.max_time()) > ToDuration(longest.max_time())) {
      *longest.mutable_max_time() = bake.max_time();
    }
    longest.set_min_requests(std::max(longest.min_requests(), bake.min_requests()));
    longest.set_min_data_points(std::max(longest.min_data_points(), bake.min_data_points()));
  }
  return longest;
}

Baked StartOf(const Facts& facts, const v1::Stage& stage, const v1::Deployment& deployment) {
  Baked baked;
  baked.deployment = &deployment;
  baked.proof_from = baked.failure_from = ToTime(deployment.ended_at());
  for (const v1::WatchedAlarm& alarm : stage.rollout().health().watched_alarms()) {
    const Watched watched = Watch(facts, stage, alarm, deployment);
    baked.proof_from =
        std::max(baked.proof_from, watched.judgement.clear() ? watched.quiet_from
                                                             : absl::InfiniteFuture());  // Not yet.
    baked.failure_from = std::max(baked.failure_from, watched.failure_from);
  }
  return baked;
}

bool IsUnseen(const Judgement& judgement, bool accepted) {
  if (judgement.verdict == v1::INVALID) return true;
  return !accepted && (judgement.reason == v1::NO_DATA || judgement.reason == v1::STALE);
}

CellAnswer AskCell(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                   const std::string& wave, const v1::Deployment& deployment) {
  CellAnswer answer;
  const std::string& cell = deployment.cell();
  const std::string& artifact = rollout.artifact();
  const bool runs = rollout.state() == v1::Rollout::RUNNING;
  // What it lacks holds nothing any more: it is watched only.
  const bool settled = IsProven(deployment) || !runs;
  bool all_clear = true;
  const auto add = [&](const std::string& id, const Judgement& judgement, bool trigger,
                       const std::string& trigger_id, v1::WatchedAlarm::Each each,
                       v1::Effect effect) {
    const bool unseen = runs && IsUnseen(judgement, deployment.has_accepted());
    answer.unseen = answer.unseen || unseen;
    Leaf leaf =
        MakeLeaf(id, artifact, wave, cell, judgement, settled && !unseen ? v1::NONE : effect);
    leaf.forward = false;
    if (trigger) {
      const Lift keep = KeepOf(facts, stage, trigger_id, artifact);
      leaf.finding.set_effect(keep.lifted ? v1::LIFTED : v1::HOLDS);
      for (const std::string& override : keep.overrides) leaf.finding.add_overrides(override);
      Trigger found;
      found.id = trigger_id;
      found.cells = {cell};
      found.kept = keep.lifted;
      answer.triggers.push_back(found);
      answer.reach.push_back(each);
    }
    all_clear = all_clear && judgement.clear();
    answer.leaves.push_back(leaf);
  };
  const auto plain = [&](const std::string& id, const Judgement& judgement, bool trigger) {
    add(id, judgement, trigger, id, v1::WatchedAlarm::CELL, v1::HOLDS);
  };

  // [R4]
  Judgement deployed = Clear();
  bool failed = false;
  switch (deployment.outcome()) {
    case v1::Deployment::SUCCEEDED:
      break;
    case v1::Deployment::FAILED:
      deployed = Blocking(v1::DEPLOYMENT_FAILED);
      failed = true;
      answer.needs_a_person = !settled;
      break;
    case v1::Deployment::ABANDONED:
      deployed = Blocking(v1::DEPLOYMENT_ABANDONED);
      answer.needs_a_person = !settled;
      break;
    default: {
      const bool late = facts.now - ToTime(deployment.started_at()) >=
                        ToDuration(stage.rollout().deploy().max_time());
      deployed = late ? Blocking(v1::DEPLOY_STALLED) : Unknown(v1::DEPLOYING);
      answer.deadline_passed = late && !settled;
    }
  }
  plain("@deployment", deployed, failed);

  // [R6] Watched from the deployment's start.
  for (const v1::WatchedAlarm& alarm : stage.rollout().health().watched_alarms()) {
    const Watched watched = Watch(facts, stage, alarm, deployment);
    add(alarm.id(), watched.judgement, watched.trigger, alarm.id(), alarm.each(),
        watched.new_cell ? v1::OBSERVED : v1::HOLDS);
  }
  if (deployment.outcome() != v1::Deployment::SUCCEEDED) return answer;

  for (const std::string& check : stage.rollout().hygiene().checks()) {
    const Judgement judgement = JudgeHygiene(facts, stage, deployment, check);
    const bool timed_out = judgement.reason == v1::HYGIENE_TIMED_OUT;
    const bool hygiene_failed = judgement.reason == v1::HYGIENE_FAILED;
    const bool missing_fails = timed_out && stage.rollout().hygiene().missing_is_failure();
    add("@hygiene:" + check, judgement, hygiene_failed || missing_fails, check,
        v1::WatchedAlarm::CELL, v1::HOLDS);
    answer.deadline_passed = answer.deadline_passed || (timed_out && !settled);
  }
  const Baked baked = StartOf(facts, stage, deployment);
  for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
    if (criterion.per() != v1::HealthCriterion::CELL) continue;
    const Judgement judgement = JudgeCriterion(facts, stage, criterion, {baked});
    plain(criterion.id(), judgement, IsFailure(judgement));
  }
  if (settled) return answer;
  const v1::Bake bake = BakeOf(stage, wave);
  plain("@bake", JudgeBake(facts, stage, bake, deployment, baked), false);
  answer.provable = all_clear && CellFault(facts, cell) == v1::ALL_CLEAR;
  const bool late = facts.now - ToTime(deployment.ended_at()) >= ToDuration(bake.max_time());
  plain("@bake_deadline", late ? Blocking(v1::BAKE_TIMED_OUT) : Clear(), false);
  answer.deadline_passed = answer.deadline_passed || late;
  return answer;
}

}  // namespace reference
}  // namespace sluice
