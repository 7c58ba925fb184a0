#include "sluice/metrics/ratio_series.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/metrics/series.h"

namespace sluice {
namespace {

bool AnyNegative(absl::Span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return value < 0; });
}

// The values of `series` from `start` on, which is a period's start at or after the series' own.
absl::Span<const double> ValuesFrom(const SeriesView& series, absl::Time start) {
  const int64_t skipped = PeriodGrid::Make(series.start, series.period)->FirstStartingAt(start);
  if (skipped >= static_cast<int64_t>(series.values.size())) return {};
  return series.values.subspan(skipped);
}

}  // namespace

RatioProblem RatioPoints(const SeriesView& errors, const SeriesView& requests, int64_t min_samples,
                         RatioSeries* ratio) {
  if (Validate(errors) != SeriesProblem::kNone) return RatioProblem::kErrors;
  if (Validate(requests) != SeriesProblem::kNone) return RatioProblem::kRequests;
  if (min_samples < 1 || min_samples > kMaxCount) return RatioProblem::kMinSamples;
  if (errors.period != requests.period) return RatioProblem::kPeriodsDiffer;
  if (AnyNegative(errors.values) || AnyNegative(requests.values)) return RatioProblem::kNegative;

  RatioSeries result;
  result.start = std::max(errors.start, requests.start);
  result.period = errors.period;
  result.reported_through = std::min(errors.reported_through, requests.reported_through);
  const absl::Span<const double> error_values = ValuesFrom(errors, result.start);
  const absl::Span<const double> request_values = ValuesFrom(requests, result.start);
  // No series has a value for a period that starts after its report, so neither does the ratio.
  const size_t common = std::min(error_values.size(), request_values.size());
  result.values.reserve(common);
  for (size_t i = 0; i < common; ++i) {
    // False where either is NaN.
    if (error_values[i] > request_values[i]) return RatioProblem::kErrorsAboveRequests;
    const bool enough =
        !std::isnan(error_values[i]) && request_values[i] >= static_cast<double>(min_samples);
    result.values.push_back(enough ? error_values[i] / request_values[i]
                                   : std::numeric_limits<double>::quiet_NaN());
  }
  *ratio = std::move(result);
  return RatioProblem::kNone;
}

}  // namespace sluice
