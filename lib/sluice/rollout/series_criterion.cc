#include "sluice/rollout/series_criterion.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/types/optional.h"
#include "sluice/blockers/judgement.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/never.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/metrics/series.h"
#include "sluice/metrics/strict_evidence.h"

namespace sluice {
namespace {

// The points of the whole periods from one instant on.
struct Points {
  int64_t periods = 0;
  int64_t real = 0;
  int64_t breaching = 0;
  absl::optional<double> telling;  // The newest that breaches, else the newest.
};

Points PointsSince(const AlarmRule& rule, const SeriesView& view, absl::Time from, absl::Time t) {
  Points points;
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(view.start, view.period);
  // A series without a grid is INVALID already. Without points nothing is covered.
  if (SLUICE_NEVER(!grid.has_value())) return points;
  const int64_t begin = grid->FirstStartingAt(from);
  const int64_t end = JudgedPeriods(view, t);
  points.periods = std::max<int64_t>(end - begin, 0);
  const int64_t last = std::min<int64_t>(end, static_cast<int64_t>(view.values.size()));
  for (int64_t i = std::max<int64_t>(begin, 0); i < last; ++i) {
    const double value = view.values[static_cast<size_t>(i)];
    if (std::isnan(value)) continue;
    ++points.real;
    const bool breaches = Breaches(rule, value);
    if (breaches) ++points.breaching;
    if (breaches || points.breaching == 0) points.telling = value;
  }
  return points;
}

// The bound that `value` is on the wrong side of, or nearest to.
double BoundFor(const AlarmRule& rule, double value) {
  if (rule.comparison != Comparison::kOutsideBand) return rule.threshold;
  return value < rule.low ? rule.low : rule.high;
}

}  // namespace

const SeriesFacts* FindSeries(const StageContext& context, const SeriesBoundCriterion& criterion,
                              const DeployedCell& cell) {
  const auto found =
      context.snapshot.series.find(SignalKey{criterion.series, cell.view->cell->id, ""});
  return found == context.snapshot.series.end() ? nullptr : &found->second;
}

Judgement JudgeAt(const StageContext& context, const SeriesBoundCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t) {
  const JudgedCell& judged = cells.front();
  const SeriesFacts* series = FindSeries(context, criterion, *judged.cell);
  if (series == nullptr) return Judged(Verdict::kUnknown, v1::NO_DATA);
  if (series->fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, series->fault);
  const SeriesView& view = series->view;
  if (t < view.reported_through - context.policy.max_clock_skew) {
    return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  }
  const absl::Time failure_start = FailureStart(judged, t);
  const absl::Time bake_start = BakeStart(judged, t);
  const bool failed = failure_start != absl::InfiniteFuture() &&
                      FirstStrictBreach(criterion.rule, view, failure_start, t).has_value();
  const absl::Time from = failed ? failure_start : bake_start;
  Points points;
  if (from != absl::InfiniteFuture()) points = PointsSince(criterion.rule, view, from, t);
  Judgement judgement;
  if (failed) {
    judgement = Judged(Verdict::kBlocking, v1::SERIES_BREACHED);
  } else if (t >= Later(view.reported_through, criterion.max_age)) {
    judgement = Judged(Verdict::kUnknown, v1::STALE);
  } else if (from == absl::InfiniteFuture()) {
    judgement = Judged(Verdict::kUnknown, v1::NOT_QUIET);
  } else if (points.breaching > 0) {
    judgement = Judged(Verdict::kUnknown, v1::POINTS_BREACHED);
  } else if (points.periods == 0 || points.real < points.periods) {
    judgement = Judged(Verdict::kUnknown, v1::NOT_COVERED);
  } else {
    judgement = Judged(Verdict::kClear, v1::ALL_CLEAR);
  }
  const bool breached = points.breaching > 0;
  judgement.evidence.count = breached ? points.breaching : points.real;
  judgement.evidence.needed = breached ? criterion.rule.datapoints_to_alarm : points.periods;
  judgement.evidence.subject = criterion.series;
  if (points.telling.has_value()) {
    judgement.evidence.value = *points.telling;
    judgement.evidence.threshold = BoundFor(criterion.rule, *points.telling);
  }
  return judgement;
}

void AddInstants(const StageContext& context, const SeriesBoundCriterion& criterion,
                 absl::Span<const JudgedCell> cells, Instants* instants) {
  const SeriesFacts* series = FindSeries(context, criterion, *cells.front().cell);
  if (series == nullptr || series->fault != v1::ALL_CLEAR) return;
  const SeriesView& view = series->view;
  instants->Add(view.reported_through - context.policy.max_clock_skew);
  instants->Add(Later(view.reported_through, criterion.max_age));
  AddPeriodEnds(view.start, view.period, view.reported_through, context.policy.max_clock_skew,
                instants);
}

}  // namespace sluice
