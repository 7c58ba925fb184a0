#include "sluice/metrics/quiet.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/metrics/alarm.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/metrics/series.h"

namespace sluice {
namespace {

constexpr int64_t kNotFound = -1;

// The states at the ends of all reported periods, the constant tail not stored.
class States {
 public:
  States(const AlarmRule& rule, const SeriesView& series)
      : count_(JudgedPeriods(series, absl::InfiniteFuture())) {
    FoldAlarm(rule, series, absl::InfiniteFuture(), &stored_);
  }

  // Requires that `period` is reported.
  AlarmState At(int64_t period) const {
    return period < Stored() ? stored_[period] : stored_.back();
  }

  // The first period from `begin` on with `state`, or kNotFound. Requires begin >= 0.
  int64_t First(AlarmState state, int64_t begin) const {
    for (int64_t i = begin; i < Stored(); ++i) {
      if (stored_[i] == state) return i;
    }
    // Only a period beyond the stored ones can still have the last one's state.
    return begin < count_ && stored_.back() == state ? begin : kNotFound;
  }

  // The last period in [begin, end) with `state`, or kNotFound. Requires begin >= 0, end <= count.
  int64_t Last(AlarmState state, int64_t begin, int64_t end) const {
    if (std::max(begin, Stored()) < end && stored_.back() == state) return end - 1;
    for (int64_t i = std::min(end, Stored()) - 1; i >= begin; --i) {
      if (stored_[i] == state) return i;
    }
    return kNotFound;
  }

 private:
  int64_t Stored() const { return static_cast<int64_t>(stored_.size()); }

  int64_t count_;
  std::vector<AlarmState> stored_;  // Empty only if count_ is 0.
};

}  // namespace

Quiet QuietSince(const AlarmRule& rule, const SeriesView& series, absl::Time from,
                 bool pre_existing, absl::Time deployment_start, absl::Time now) {
  Quiet quiet;
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(series.start, series.period);
  if (Validate(rule) != AlarmRuleProblem::kNone || !grid.has_value() ||
      !IsCivilTime(series.reported_through) || !IsCivilTime(from) ||
      !IsCivilTime(deployment_start) || !IsCivilTime(now)) {
    return quiet;
  }
  const States states(rule, series);
  const int64_t judged = JudgedPeriods(series, now);
  quiet.judged_through = JudgedThrough(series, now);

  quiet.watch_from = from;
  if (pre_existing) {
    const int64_t first_ok = states.First(AlarmState::kOk, grid->EndedBy(deployment_start));
    if (first_ok == kNotFound || first_ok >= judged) {
      quiet.watch_from = absl::InfiniteFuture();
      if (first_ok != kNotFound) quiet.changes_at = grid->EndOf(first_ok);
      return quiet;
    }
    quiet.first_ok = grid->EndOf(first_ok);
    quiet.watch_from = std::max(from, *quiet.first_ok);
  }

  const int64_t watched = grid->EndedBy(quiet.watch_from);
  quiet.since = std::max(quiet.watch_from, series.start);
  const int64_t last_unknown = states.Last(AlarmState::kInsufficientData, watched, judged);
  if (last_unknown != kNotFound) quiet.since = std::max(quiet.since, grid->EndOf(last_unknown));

  const int64_t unjudged = std::max(watched, judged);
  const int64_t next_unknown = states.First(AlarmState::kInsufficientData, unjudged);
  if (next_unknown != kNotFound) quiet.changes_at = grid->EndOf(next_unknown);

  const int64_t first_alarm = states.First(AlarmState::kAlarm, watched);
  if (first_alarm != kNotFound) {
    const absl::Time end = grid->EndOf(first_alarm);
    if (first_alarm < judged) {
      quiet.first_alarm = end;
    } else {
      quiet.changes_at = std::min(quiet.changes_at, end);
    }
  }

  if (quiet.watch_from <= series.reported_through && watched > 0) {
    const AlarmState state = states.At(watched - 1);
    if (quiet.watch_from <= now) {
      quiet.state_at_watch_from = state;
    } else if (state != AlarmState::kInsufficientData) {
      quiet.changes_at = std::min(quiet.changes_at, quiet.watch_from);
    }
  }
  return quiet;
}

}  // namespace sluice
