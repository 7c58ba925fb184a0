#include "sluice/internal/checked_time.h"

#include <cstdint>

namespace sluice {
namespace {

constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z.
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z.
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

}  // namespace

absl::optional<absl::Time> ReadTime(const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() < kFirstSecond || timestamp.seconds() > kLastSecond) return absl::nullopt;
  if (timestamp.nanos() < 0 || timestamp.nanos() >= kNanosPerSecond) return absl::nullopt;
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

absl::optional<absl::Duration> ReadDuration(const google::protobuf::Duration& duration) {
  const int64_t seconds = duration.seconds();
  const int64_t nanos = duration.nanos();
  if (seconds < -kMaxDurationSeconds || seconds > kMaxDurationSeconds) return absl::nullopt;
  if (nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond) return absl::nullopt;
  if ((seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) return absl::nullopt;
  return absl::Seconds(seconds) + absl::Nanoseconds(nanos);
}

google::protobuf::Timestamp WriteTime(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

absl::Time Later(absl::Time time, absl::Duration duration) {
  const absl::Time sum = time + duration;
  if (sum >= absl::FromUnixSeconds(kLastSecond + 1)) return absl::InfiniteFuture();
  return sum;
}

}  // namespace sluice
