#include "sluice/rollout/watch.h"

#include <algorithm>

#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "sluice/internal/checked_time.h"
#include "sluice/metrics/alarm.h"
#include "sluice/metrics/quiet.h"
#include "sluice/metrics/strict_evidence.h"

namespace sluice {
namespace {

absl::string_view CellKey(const WatchedAlarm& watched, const CellFacts& cell) {
  return watched.each == WatchEach::kCell ? cell.id : absl::string_view();
}

absl::string_view RegionKey(const WatchedAlarm& watched, const CellFacts& cell) {
  return watched.each == WatchEach::kRegion ? cell.region : absl::string_view();
}

WatchedSignal::State Is(Verdict verdict, Reason reason) {
  WatchedSignal::State state;
  state.verdict = verdict;
  state.reason = reason;
  return state;
}

// Whether the alarm was in ALARM when the deployment started, or can't be shown not to have been.
bool IsPreExisting(const AlarmRule& rule, const SeriesView& view, absl::Time start, absl::Time t) {
  if (!CoversBefore(view, start, rule.evaluation_periods + kExtraEvaluationPeriods)) return true;
  return EvaluateAlarm(rule, view, std::min(start, t)) == AlarmState::kAlarm;
}

// What a computed alarm that is `now_in` says of a deployment that has ended.
WatchedSignal::State AfterDeployment(const Quiet& quiet, AlarmState now_in) {
  if (quiet.watch_from == absl::InfiniteFuture()) {
    return now_in == AlarmState::kAlarm ? Is(Verdict::kBlocking, v1::PRE_EXISTING_ALARM)
                                        : Is(Verdict::kUnknown, v1::NO_DATA);
  }
  if (quiet.first_alarm.has_value()) return Is(Verdict::kBlocking, v1::ALARM_DURING_BAKE);
  switch (now_in) {
    case AlarmState::kInsufficientData:
      return Is(Verdict::kUnknown, v1::NO_DATA);
    case AlarmState::kAlarm:
      return Is(Verdict::kBlocking, v1::IN_ALARM);
    case AlarmState::kOk:
      break;
  }
  WatchedSignal::State state = Is(Verdict::kClear, v1::ALL_CLEAR);
  state.quiet_since = quiet.since;
  state.known_through = quiet.judged_through;
  return state;
}

}  // namespace

WatchedSignal::WatchedSignal(const WatchedAlarm& watched, const Subject& subject,
                             const CellFacts& cell, const DeploymentFacts& deployment,
                             bool first_deployment)
    : watched_(&watched),
      deployment_(&deployment),
      max_clock_skew_(subject.max_clock_skew),
      own_series_(watched.each == WatchEach::kCell),
      first_deployment_(first_deployment) {
  if (watched.each == WatchEach::kRegion && cell.region.empty()) return;  // Of no region: no data.
  const absl::string_view cell_key = CellKey(watched, cell);
  const absl::string_view region_key = RegionKey(watched, cell);
  if (const auto* observed = absl::get_if<ObservedAlarm>(&watched.alarm.source)) {
    report_ = FindReport(*observed, subject, cell_key, region_key);
  } else {
    points_ = FindPoints(watched.alarm, subject, cell_key, region_key);
  }
}

WatchedSignal::State WatchedSignal::At(absl::Time t) const {
  if (IsNewCellSeries()) return Is(Verdict::kUnknown, v1::NEW_CELL_SERIES);
  return absl::holds_alternative<ObservedAlarm>(watched_->alarm.source) ? ObservedAt(t)
                                                                        : ComputedAt(t);
}

WatchedSignal::State WatchedSignal::ObservedAt(absl::Time t) const {
  if (report_ == nullptr) return Is(Verdict::kUnknown, v1::NO_DATA);
  if (report_->fault != v1::ALL_CLEAR) return Is(Verdict::kInvalid, report_->fault);
  if (t < report_->observed_at - max_clock_skew_) {
    return Is(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  }
  const bool in_alarm = report_->state == v1::AlarmReport::ALARM;
  absl::Time from = deployment_->started_at;
  if (own_series_ && first_deployment_) from = deployment_->ended_at;
  if ((in_alarm && report_->since >= from) || report_->last_alarm_at >= from) {
    return Is(Verdict::kBlocking, v1::ALARM_SINCE_DEPLOYMENT);
  }
  // What was before the report's history is not known to have been OK.
  const absl::Time ok_from = std::max(report_->since, report_->history_from);
  const bool is_ok = report_->state == v1::AlarmReport::OK;
  State state;
  if (in_alarm) {
    state = Is(Verdict::kBlocking, v1::PRE_EXISTING_ALARM);
    state.failure_from = absl::InfiniteFuture();
  } else if (is_ok) {
    state = Is(Verdict::kClear, v1::ALL_CLEAR);
    state.failure_from = ok_from;
  } else {
    state = Is(Verdict::kUnknown, v1::NO_DATA);
  }
  if (t >= Later(report_->observed_at, watched_->alarm.max_age)) {
    state.verdict = Verdict::kUnknown;
    state.reason = v1::STALE;
  } else if (is_ok) {
    state.quiet_since = ok_from;
    state.known_through = report_->observed_at;
  }
  return state;
}

WatchedSignal::State WatchedSignal::ComputedAt(absl::Time t) const {
  if (points_.fault != v1::ALL_CLEAR) return Is(points_.verdict, points_.fault);
  const SeriesView view = points_.View();
  const AlarmRule& rule = *points_.rule;
  if (t < points_.newest_report - max_clock_skew_) {
    return Is(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  }
  const bool stale = t >= Later(view.reported_through, watched_->alarm.max_age);
  const bool pre_existing =
      !(own_series_ && first_deployment_) && IsPreExisting(rule, view, deployment_->started_at, t);
  if (IsUnderWay(*deployment_)) {
    if (stale) return Is(Verdict::kUnknown, v1::STALE);
    switch (EvaluateAlarm(rule, view, t)) {
      case AlarmState::kOk:
        return Is(Verdict::kClear, v1::ALL_CLEAR);
      case AlarmState::kAlarm:
        return Is(Verdict::kBlocking, pre_existing ? v1::PRE_EXISTING_ALARM : v1::IN_ALARM);
      case AlarmState::kInsufficientData:
        return Is(Verdict::kUnknown, v1::NO_DATA);
    }
  }
  const Quiet quiet =
      QuietSince(rule, view, deployment_->ended_at, pre_existing, deployment_->started_at, t);
  State state;
  if (quiet.watch_from != absl::InfiniteFuture() &&
      FirstStrictBreach(rule, view, quiet.watch_from, t).has_value()) {
    state = Is(Verdict::kBlocking, v1::ALARM_SINCE_DEPLOYMENT);
  } else if (stale) {
    state = Is(Verdict::kUnknown, v1::STALE);
  } else {
    state = AfterDeployment(quiet, EvaluateAlarm(rule, view, t));
  }
  state.failure_from = quiet.watch_from;
  return state;
}

void WatchedSignal::AddInstants(Instants* instants) const {
  if (report_ != nullptr) {
    instants->Add(report_->observed_at - max_clock_skew_);
    instants->Add(Later(report_->observed_at, watched_->alarm.max_age));
  }
  if (points_.rule == nullptr || points_.fault != v1::ALL_CLEAR) return;
  const SeriesView view = points_.View();
  instants->Add(points_.newest_report - max_clock_skew_);
  instants->Add(Later(view.reported_through, watched_->alarm.max_age));
  AddPeriodEnds(view.start, view.period, view.reported_through, max_clock_skew_, instants);
}

}  // namespace sluice
