#include "sluice/metrics/series.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/metrics/period_grid.h"

namespace sluice {

SeriesProblem Validate(const SeriesView& series) {
  if (!IsCivilTime(series.start)) return SeriesProblem::kStart;
  if (!IsCivilTime(series.reported_through)) return SeriesProblem::kReportedThrough;
  if (!IsMetricPeriod(series.period)) return SeriesProblem::kPeriod;
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(series.start, series.period);
  if (!grid.has_value()) return SeriesProblem::kAlignment;
  if (series.values.size() > static_cast<uint64_t>(grid->Capacity())) {
    return SeriesProblem::kTooLong;
  }
  const int64_t count = static_cast<int64_t>(series.values.size());
  if (count > 0 && grid->StartOf(count - 1) >= series.reported_through) {
    return SeriesProblem::kBeyondReport;
  }
  for (const double value : series.values) {
    if (std::isinf(value)) return SeriesProblem::kInfinite;
  }
  return SeriesProblem::kNone;
}

int64_t JudgedPeriods(const SeriesView& series, absl::Time now) {
  if (!IsCivilTime(series.reported_through)) return 0;
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(series.start, series.period);
  return grid.has_value() ? grid->EndedBy(std::min(now, series.reported_through)) : 0;
}

absl::Time JudgedThrough(const SeriesView& series, absl::Time now) {
  const int64_t judged = JudgedPeriods(series, now);
  if (judged == 0) return absl::InfinitePast();
  return PeriodGrid::Make(series.start, series.period)->StartOf(judged);
}

bool CoversBefore(const SeriesView& series, absl::Time time, int64_t periods) {
  if (periods <= 0 || !IsCivilTime(time) || !IsCivilTime(series.reported_through)) return false;
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(series.start, series.period);
  if (!grid.has_value()) return false;
  const int64_t ended = grid->EndedBy(time);
  return ended >= periods && ended <= grid->EndedBy(series.reported_through);
}

}  // namespace sluice
