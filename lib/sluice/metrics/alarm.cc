#include "sluice/metrics/alarm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/metrics/series.h"

namespace sluice {
namespace {

// Judges one period after another. Constant time per period, amortised; no allocation.
class AlarmFold {
 public:
  // Begins with period `first`, as if all earlier ones were missing. `rule` is valid.
  AlarmFold(const AlarmRule& rule, absl::Span<const double> values, int64_t first)
      : rule_(rule), values_(values), first_(first), next_(first), oldest_recent_(first) {}

  // The state at the end of the next period.
  AlarmState Next() {
    Enter(next_);
    const int64_t left = next_ - rule_.evaluation_periods - kExtraEvaluationPeriods;
    if (left >= first_) Leave(left);
    ++next_;
    state_ = Judge();
    return state_;
  }

 private:
  bool IsReal(int64_t period) const {
    return period < static_cast<int64_t>(values_.size()) && !std::isnan(values_[period]);
  }

  int BreachCount(int64_t period) const { return Breaches(rule_, values_[period]) ? 1 : 0; }

  void Enter(int64_t period) {
    if (!IsReal(period)) return;
    const int breach = BreachCount(period);
    ++real_;
    breaching_ += breach;
    ++recent_;
    recent_breaching_ += breach;
    if (recent_ <= rule_.evaluation_periods) return;
    while (!IsReal(oldest_recent_)) ++oldest_recent_;
    recent_breaching_ -= BreachCount(oldest_recent_);
    ++oldest_recent_;
    --recent_;
  }

  void Leave(int64_t period) {
    if (!IsReal(period)) return;
    --real_;
    breaching_ -= BreachCount(period);
  }

  AlarmState Judge() const {
    const int needed = rule_.datapoints_to_alarm;
    const int missing = rule_.evaluation_periods - real_;
    if (missing <= 0) return AlarmIf(recent_breaching_ >= needed);
    const TreatMissing treat = rule_.treat_missing;
    if (treat == TreatMissing::kBreaching) return AlarmIf(breaching_ + missing >= needed);
    if (treat == TreatMissing::kNotBreaching) return AlarmIf(breaching_ >= needed);
    if (treat == TreatMissing::kIgnore) {
      if (breaching_ >= needed) return AlarmState::kAlarm;
      return breaching_ < real_ ? AlarmState::kOk : state_;
    }
    // kMissing: a rule that does not say is not valid.
    if (real_ == 0) return AlarmState::kInsufficientData;
    return AlarmIf(breaching_ >= needed || breaching_ == real_);
  }

  static AlarmState AlarmIf(bool alarm) { return alarm ? AlarmState::kAlarm : AlarmState::kOk; }

  const AlarmRule& rule_;
  const absl::Span<const double> values_;
  const int64_t first_;
  int64_t next_;
  AlarmState state_ = AlarmState::kInsufficientData;

  // Real points in the range, and those of them that breach.
  int real_ = 0;
  int breaching_ = 0;

  // The newest N real points, however far back: how many there are, how many of them breach, and a
  // period that is not after the oldest of them and after any real point before it.
  int recent_ = 0;
  int recent_breaching_ = 0;
  int64_t oldest_recent_;
};

// The first period whose range holds no value: from there on the state does not change.
int64_t SettledPeriod(const AlarmRule& rule, const SeriesView& series) {
  return static_cast<int64_t>(series.values.size()) + rule.evaluation_periods +
         kExtraEvaluationPeriods - 1;
}

// How many periods have to be judged to know the states of the first `judged`.
int64_t PeriodsToFold(const AlarmRule& rule, const SeriesView& series, int64_t judged) {
  return std::min(judged, SettledPeriod(rule, series) + 1);
}

// The period to begin with so that the states from period `count - 1` on come out right: only
// IGNORE looks beyond the range.
int64_t FirstToFold(const AlarmRule& rule, int64_t count) {
  if (rule.treat_missing == TreatMissing::kIgnore) return 0;
  return std::max<int64_t>(count - rule.evaluation_periods - kExtraEvaluationPeriods, 0);
}

absl::Time EndOfPeriod(const SeriesView& series, int64_t period) {
  return PeriodGrid::Make(series.start, series.period)->EndOf(period);
}

}  // namespace

AlarmState EvaluateAlarm(const AlarmRule& rule, const SeriesView& series, absl::Time now) {
  if (Validate(rule) != AlarmRuleProblem::kNone) return AlarmState::kInsufficientData;
  const int64_t count = PeriodsToFold(rule, series, JudgedPeriods(series, now));
  const int64_t first = FirstToFold(rule, count);
  AlarmFold fold(rule, series.values, first);
  AlarmState state = AlarmState::kInsufficientData;
  for (int64_t i = first; i < count; ++i) state = fold.Next();
  return state;
}

void FoldAlarm(const AlarmRule& rule, const SeriesView& series, absl::Time now,
               std::vector<AlarmState>* states) {
  states->clear();
  if (Validate(rule) != AlarmRuleProblem::kNone) return;
  const int64_t count = PeriodsToFold(rule, series, JudgedPeriods(series, now));
  states->reserve(count);
  AlarmFold fold(rule, series.values, 0);
  for (int64_t i = 0; i < count; ++i) states->push_back(fold.Next());
}

absl::Time AlarmChangesAt(const AlarmRule& rule, const SeriesView& series, absl::Time now) {
  if (Validate(rule) != AlarmRuleProblem::kNone) return absl::InfiniteFuture();
  const int64_t judged = JudgedPeriods(series, now);
  const int64_t reported = JudgedPeriods(series, absl::InfiniteFuture());
  const int64_t count = PeriodsToFold(rule, series, reported);
  const int64_t first = FirstToFold(rule, std::min(judged, count));
  AlarmFold fold(rule, series.values, first);
  AlarmState state = AlarmState::kInsufficientData;
  for (int64_t i = first; i < count; ++i) {
    const AlarmState next = fold.Next();
    if (i >= judged && next != state) return EndOfPeriod(series, i);
    state = next;
  }
  return absl::InfiniteFuture();
}

OkStretch OkSince(const AlarmRule& rule, const SeriesView& series, absl::Time now) {
  OkStretch stretch;
  if (Validate(rule) != AlarmRuleProblem::kNone) return stretch;
  const int64_t count = PeriodsToFold(rule, series, JudgedPeriods(series, now));
  constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  int64_t first_ok = kNone;
  AlarmFold fold(rule, series.values, 0);
  for (int64_t i = 0; i < count; ++i) {
    if (fold.Next() != AlarmState::kOk) {
      first_ok = kNone;
    } else if (first_ok == kNone) {
      first_ok = i;
    }
  }
  if (first_ok == kNone) return stretch;
  stretch.since = EndOfPeriod(series, first_ok);
  stretch.from_start = first_ok == 0;
  stretch.known_through = std::min(now, series.reported_through);
  return stretch;
}

}  // namespace sluice
