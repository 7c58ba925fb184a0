#include "sluice/calendar/instant.h"

#include <ctime>

namespace sluice {

bool IsInstant(absl::Time time) {
  return ToTime(kFirstInstant) <= time && time < ToTime(kEndOfTime);
}

Instant ToInstant(absl::Time time) {
  const timespec ts = absl::ToTimespec(time);
  return Instant{ts.tv_sec, ts.tv_nsec};
}

Length ToLength(absl::Duration duration) {
  const timespec ts = absl::ToTimespec(absl::Ceil(duration, absl::Nanoseconds(1)));
  return Length{ts.tv_sec, ts.tv_nsec};
}

absl::Time ToTime(Instant instant) {
  if (instant == kNever) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(instant.second) + absl::Nanoseconds(instant.nano);
}

}  // namespace sluice
