#include "sluice/metrics/rate_sum.h"

#include <algorithm>

#include "absl/types/optional.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/period_grid.h"

namespace sluice {
namespace {

bool IsCount(int64_t count) { return count >= kMissingCount && count <= kMaxCount; }

}  // namespace

RateSum SumRate(absl::Time start, absl::Duration period, absl::Span<const int64_t> requests,
                absl::Span<const int64_t> errors, absl::Time from, absl::Time to) {
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(start, period);
  if (!grid.has_value() || !IsCivilTime(from) || !IsCivilTime(to)) return {};
  if (requests.size() != errors.size()) return {};
  if (requests.size() > static_cast<uint64_t>(grid->Capacity())) return {};

  // Period indices, the end excluded; before the start they are negative.
  const int64_t begin = grid->FirstStartingAt(from);
  const int64_t end = grid->EndIndex(to);
  const int64_t first = std::max<int64_t>(begin, 0);
  const int64_t last = std::min(end, static_cast<int64_t>(requests.size()));
  RateSum sum;
  for (int64_t i = first; i < last; ++i) {
    const int64_t n = requests[static_cast<size_t>(i)];
    const int64_t e = errors[static_cast<size_t>(i)];
    if (!IsCount(n) || !IsCount(e)) return {};
    if (n == kMissingCount || e == kMissingCount) continue;
    if (e > n) return {};
    sum.requests += n;
    sum.errors += e;
    if (sum.requests > kMaxCount) return {};
    ++sum.data_points;
  }
  sum.valid = true;
  sum.complete = begin < end && sum.data_points == end - begin;
  return sum;
}

}  // namespace sluice
