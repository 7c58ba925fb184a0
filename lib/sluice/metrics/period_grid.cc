#include "sluice/metrics/period_grid.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace sluice {
namespace {

constexpr int64_t kFirstSecond = -62135596800;      // 0001-01-01T00:00:00Z
constexpr int64_t kAfterLastSecond = 253402300800;  // 10000-01-01T00:00:00Z
constexpr int64_t kLongestDuration = 315576000000;  // 10000 years, protobuf's limit

// The last whole second at or before `time`, within the civil range.
int64_t FloorSecond(absl::Time time) {
  return std::min(std::max(absl::ToUnixSeconds(time), kFirstSecond), kAfterLastSecond);
}

// The first whole second at or after `time`, within the civil range.
int64_t CeilSecond(absl::Time time) {
  const int64_t floor = FloorSecond(time);
  return floor < kAfterLastSecond && absl::FromUnixSeconds(floor) < time ? floor + 1 : floor;
}

int64_t FloorDivide(int64_t value, int64_t divisor) {
  const int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

}  // namespace

bool IsCivilTime(absl::Time time) {
  return time >= absl::FromUnixSeconds(kFirstSecond) &&
         time < absl::FromUnixSeconds(kAfterLastSecond);
}

bool IsMetricPeriod(absl::Duration period) {
  if (period <= absl::ZeroDuration() || period > absl::Seconds(kLongestDuration)) return false;
  const int64_t seconds = absl::ToInt64Seconds(period);
  if (absl::Seconds(seconds) != period) return false;
  return seconds == 10 || seconds == 20 || seconds == 30 || seconds % 60 == 0;
}

absl::optional<PeriodGrid> PeriodGrid::Make(absl::Time start, absl::Duration period) {
  if (!IsCivilTime(start) || !IsMetricPeriod(period)) return absl::nullopt;
  const int64_t start_second = absl::ToUnixSeconds(start);
  const int64_t period_seconds = absl::ToInt64Seconds(period);
  if (absl::FromUnixSeconds(start_second) != start) return absl::nullopt;
  if (start_second % period_seconds != 0) return absl::nullopt;
  return PeriodGrid(start_second, period_seconds);
}

int64_t PeriodGrid::EndedBy(absl::Time time) const { return std::max<int64_t>(EndIndex(time), 0); }

int64_t PeriodGrid::EndIndex(absl::Time time) const {
  return FloorDivide(FloorSecond(time) - start_, period_);
}

int64_t PeriodGrid::FirstStartingAt(absl::Time time) const {
  return -FloorDivide(start_ - CeilSecond(time), period_);
}

absl::Time PeriodGrid::StartOf(int64_t index) const {
  if (index > (kAfterLastSecond - 1 - start_) / period_) return absl::InfiniteFuture();
  if (index < (kFirstSecond - start_) / period_) return absl::InfinitePast();
  return absl::FromUnixSeconds(start_ + index * period_);
}

absl::Time PeriodGrid::EndOf(int64_t index) const {
  // An index so large that one more would overflow is far beyond year 9999.
  return index >= Capacity() ? absl::InfiniteFuture() : StartOf(index + 1);
}

int64_t PeriodGrid::Capacity() const { return (kAfterLastSecond - start_) / period_; }

}  // namespace sluice
