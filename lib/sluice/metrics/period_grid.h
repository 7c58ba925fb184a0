#ifndef SLUICE_METRICS_PERIOD_GRID_H_
#define SLUICE_METRICS_PERIOD_GRID_H_

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace sluice {

// Whether `time` lies in years 1 to 9999, the range of a protobuf Timestamp. Infinities do not.
bool IsCivilTime(absl::Time time);

// Whether `period` is 10, 20 or 30 seconds or a positive multiple of 60 seconds, and within the
// range of a protobuf Duration.
bool IsMetricPeriod(absl::Duration period);

// The periods of a metric: equal, adjacent, half-open intervals whose bounds are multiples of their
// length since the Unix epoch. Index 0 is the period that begins at the grid's start; periods
// before it have negative indices.
//
// All arithmetic is in whole seconds and cannot overflow: instants are brought into years 1 to 9999
// first, infinities included. Immutable, so safe to share between threads.
class PeriodGrid {
 public:
  // The grid that counts from `start`; nullopt unless `start` is a civil time and a multiple of
  // `period`, and `period` is a metric period.
  static absl::optional<PeriodGrid> Make(absl::Time start, absl::Duration period);

  // How many of the periods 0, 1, 2, ... end at or before `time`: the index of the first that ends
  // after it. Never negative.
  int64_t EndedBy(absl::Time time) const;

  // The index of the last period that ends at or before `time`, plus one. Negative or zero where
  // `time` is before the end of period 0.
  int64_t EndIndex(absl::Time time) const;

  // The index of the first period that starts at or after `time`; negative before the start.
  int64_t FirstStartingAt(absl::Time time) const;

  // The first instant of period `index`, which is also the first after period `index - 1`.
  // InfiniteFuture when that is beyond year 9999, InfinitePast when it is before year 1.
  absl::Time StartOf(int64_t index) const;

  // The first instant after period `index`, at which the period counts as ended. Bounds as StartOf.
  absl::Time EndOf(int64_t index) const;

  // How many periods fit between the start and the end of year 9999.
  int64_t Capacity() const;

 private:
  PeriodGrid(int64_t start, int64_t period) : start_(start), period_(period) {}

  int64_t start_;   // Unix seconds.
  int64_t period_;  // Seconds, positive.
};

}  // namespace sluice

#endif  // SLUICE_METRICS_PERIOD_GRID_H_
