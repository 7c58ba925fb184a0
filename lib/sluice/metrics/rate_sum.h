#ifndef SLUICE_METRICS_RATE_SUM_H_
#define SLUICE_METRICS_RATE_SUM_H_

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace sluice {

// Spells "no data point" in a column of counts.
inline constexpr int64_t kMissingCount = -1;

// Requests and errors over an interval.
struct RateSum {
  // Whether every count read is kMissingCount or in 0 to kMaxCount, no period has more errors than
  // requests, the sums are at most kMaxCount, and start, period and interval are well formed. If
  // not, the other members are zero.
  bool valid = false;

  // Whether every whole period within the interval has both counts, and there is at least one
  // period. What is not complete shows nothing: neither a failure [R5] nor, as the missing periods
  // may hold the errors, that all is well.
  bool complete = false;

  int64_t requests = 0;
  int64_t errors = 0;
  int64_t data_points = 0;  // Periods within the interval that have both counts.
};

// The sum over the periods that lie wholly within [from, to): those that start at or after `from`
// and end at or before `to`. A period that lacks one of its two counts adds neither, so that
// unreported errors never make a rate look better.
//
// Both columns hold one count for each period from `start` on, oldest first, and are equally long;
// `start` and `period` are as in SeriesView. A period before `start` or after the last count has no
// counts. `to` should not be later than both now and the counts' reported_through. Linear in the
// periods of the interval.
RateSum SumRate(absl::Time start, absl::Duration period, absl::Span<const int64_t> requests,
                absl::Span<const int64_t> errors, absl::Time from, absl::Time to);

}  // namespace sluice

#endif  // SLUICE_METRICS_RATE_SUM_H_
