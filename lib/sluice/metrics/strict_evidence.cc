#include "sluice/metrics/strict_evidence.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/metrics/series.h"

namespace sluice {

absl::optional<absl::Time> FirstStrictBreach(const AlarmRule& rule, const SeriesView& series,
                                             absl::Time from, absl::Time now) {
  if (Validate(rule) != AlarmRuleProblem::kNone || !IsCivilTime(from)) return absl::nullopt;
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(series.start, series.period);
  if (!grid.has_value()) return absl::nullopt;
  const int64_t first = std::max<int64_t>(grid->FirstStartingAt(from), 0);
  const int64_t count =
      std::min<int64_t>(JudgedPeriods(series, now), static_cast<int64_t>(series.values.size()));
  int breaching = 0;
  for (int64_t i = first; i < count; ++i) {
    const int64_t left = i - rule.evaluation_periods;
    if (left >= first && Breaches(rule, series.values[left])) --breaching;
    if (Breaches(rule, series.values[i])) ++breaching;
    if (breaching >= rule.datapoints_to_alarm) return grid->EndOf(i);
  }
  return absl::nullopt;
}

}  // namespace sluice
