#include "sluice/blockers/interval.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace sluice {
namespace {

// The first of `joined` that ends after `now`.
absl::Span<const Interval>::const_iterator FirstEndingAfter(absl::Span<const Interval> joined,
                                                            absl::Time now) {
  return std::partition_point(joined.begin(), joined.end(),
                              [now](const Interval& interval) { return interval.until <= now; });
}

}  // namespace

void Join(std::vector<Interval>& intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.from < b.from; });
  std::vector<Interval> joined;
  for (const Interval& interval : intervals) {
    if (interval.from >= interval.until) continue;
    if (!joined.empty() && interval.from <= joined.back().until) {
      joined.back().until = std::max(joined.back().until, interval.until);
    } else {
      joined.push_back(interval);
    }
  }
  intervals = std::move(joined);
}

bool Contains(absl::Span<const Interval> joined, absl::Time now) {
  const auto at = FirstEndingAfter(joined, now);
  return at != joined.end() && at->from <= now;
}

absl::Time ContainsChangesAt(absl::Span<const Interval> joined, absl::Time now) {
  const auto at = FirstEndingAfter(joined, now);
  if (at == joined.end()) return absl::InfiniteFuture();
  return at->from <= now ? at->until : at->from;
}

}  // namespace sluice
