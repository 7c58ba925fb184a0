#ifndef SLUICE_METRICS_STRICT_EVIDENCE_H_
#define SLUICE_METRICS_STRICT_EVIDENCE_H_

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"

namespace sluice {

// When the series first proved, by real data points alone, that something is wrong since `from`:
// the end of the earliest period at which datapoints_to_alarm real breaching points lie within
// evaluation_periods consecutive periods that all start at or after `from`. nullopt if that has not
// happened by `now`.
//
// This is what a roll back needs. Missing points never breach here, points from before `from` never
// count, and the alarm's own state plays no part; so an outage of monitoring can never produce it.
// It counts as soon as the breaching points are there, even while fewer than evaluation_periods
// periods have been reported since `from`: no later point can take it back.
//
// A period that began before `from` is not evidence, even by a nanosecond. Periods that cannot be
// judged at `now` are not read. The answer never changes once it is there, and is that for `now` =
// InfiniteFuture if that is at or before `now`: so the first instant at which this differs is
// FirstStrictBreach(rule, series, from, InfiniteFuture) where that is after `now`, and never
// otherwise. nullopt with an invalid rule or series frame. Linear in the values.
absl::optional<absl::Time> FirstStrictBreach(const AlarmRule& rule, const SeriesView& series,
                                             absl::Time from, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_METRICS_STRICT_EVIDENCE_H_
