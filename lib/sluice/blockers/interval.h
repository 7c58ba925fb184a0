#ifndef SLUICE_BLOCKERS_INTERVAL_H_
#define SLUICE_BLOCKERS_INTERVAL_H_

#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace sluice {

// The instants of [from, until).
struct Interval {
  absl::Time from;
  absl::Time until;
};

// Makes `intervals` the fewest that contain the same instants: ascending, no two of them touching,
// none empty. n log n.
void Join(std::vector<Interval>& intervals);

// Whether `now` is in one of `joined`.
bool Contains(absl::Span<const Interval> joined, absl::Time now);

// The first instant after `now` at which Contains differs; InfiniteFuture: never.
absl::Time ContainsChangesAt(absl::Span<const Interval> joined, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_INTERVAL_H_
