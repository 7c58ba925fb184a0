#ifndef SLUICE_METRICS_SERIES_H_
#define SLUICE_METRICS_SERIES_H_

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace sluice {

// The data points of one metric: a value for each period from `start` on.
//
// Three kinds of period carry no value, and they differ. A period is *missing* if the host asked
// for it and there was none: its value is NaN, or it lies beyond `values` but ends at or before
// `reported_through`. It is *absent* if it lies before `start`: nobody asked. It is *not reported*
// if it ends after `reported_through`: nothing is known of it yet, whatever `values` says.
//
// Does not own `values`, which must outlive it.
struct SeriesView {
  absl::Time start;                 // A multiple of `period` since the Unix epoch.
  absl::Duration period;            // 10, 20 or 30 s, or a multiple of 60 s.
  absl::Span<const double> values;  // Oldest first; NaN where there is no data point.
  absl::Time reported_through;      // The host asked for every period that ends by then.
};

// What is wrong with a series.
enum class SeriesProblem {
  kUnchecked = 0,
  kNone,
  kStart,            // `start` is not in years 1 to 9999.
  kReportedThrough,  // `reported_through` is not in years 1 to 9999.
  kPeriod,           // `period` is none of those permitted.
  kAlignment,        // `start` is not a multiple of `period`.
  kTooLong,          // The values reach beyond year 9999.
  kBeyondReport,     // A value for a period that starts at or after `reported_through`.
  kInfinite,         // A value is infinite.
};

// The first problem of `series` in the order of the enumerators, or kNone. Linear in the values.
//
// Every other function over a series may be called on one with problems: it then answers that
// nothing is known, except that an infinite value is compared like any other. Validate once, when
// loading.
SeriesProblem Validate(const SeriesView& series);

// How many periods of `series`, counted from its start, end at or before both `now` and
// `reported_through`: those that can be judged at `now`. 0 if the series' frame is invalid.
int64_t JudgedPeriods(const SeriesView& series, absl::Time now);

// The end of the newest period of `series` that can be judged at `now`; InfinitePast if there is
// none.
absl::Time JudgedThrough(const SeriesView& series, absl::Time now);

// Whether the newest `periods` whole periods that end at or before `time` all belong to the series
// and are reported. A missing data point is covered; an absent or unreported period is not. False
// unless `periods` is positive and `time` is in years 1 to 9999.
bool CoversBefore(const SeriesView& series, absl::Time time, int64_t periods);

}  // namespace sluice

#endif  // SLUICE_METRICS_SERIES_H_
