#ifndef SLUICE_METRICS_RATIO_SERIES_H_
#define SLUICE_METRICS_RATIO_SERIES_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "sluice/metrics/series.h"

namespace sluice {

// A series that owns its values.
struct RatioSeries {
  absl::Time start;
  absl::Duration period;
  std::vector<double> values;
  absl::Time reported_through;

  // A view of this object, which must outlive the view and stay unchanged.
  SeriesView View() const { return {start, period, values, reported_through}; }
};

// Why two series have no ratio.
enum class RatioProblem {
  kUnchecked = 0,
  kNone,
  kErrors,               // The series of errors has a problem of its own.
  kRequests,             // The series of requests has a problem of its own.
  kMinSamples,           // min_samples is not in 1 to kMaxCount.
  kPeriodsDiffer,        // The two series have different periods.
  kNegative,             // A count is negative.
  kErrorsAboveRequests,  // More errors than requests in some period.
};

// Sets `*ratio` to errors divided by requests, period by period, and returns kNone; otherwise
// leaves
// `*ratio` as it was and returns the first problem in the order of the enumerators.
//
// A period has a ratio only if both series have a data point for it and there are at least
// `min_samples` requests; otherwise it is a missing point. The ratio begins where the later of the
// two series begins, and is reported as far as both are. Linear in the values.
RatioProblem RatioPoints(const SeriesView& errors, const SeriesView& requests, int64_t min_samples,
                         RatioSeries* ratio);

}  // namespace sluice

#endif  // SLUICE_METRICS_RATIO_SERIES_H_
