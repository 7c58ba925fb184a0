#ifndef SLUICE_INTERNAL_CHECKED_TIME_H_
#define SLUICE_INTERNAL_CHECKED_TIME_H_

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace sluice {

// The instant a message spells, or nothing if it is not one: seconds outside the years 1 to 9999,
// or nanos outside 0 to 999,999,999 [I5].
absl::optional<absl::Time> ReadTime(const google::protobuf::Timestamp& timestamp);

// The length a message spells, or nothing if it is not one: outside protobuf's range of about
// 10,000 years, nanos of another sign than the seconds [I5].
absl::optional<absl::Duration> ReadDuration(const google::protobuf::Duration& duration);

// `time` as a message; it must lie in the years 1 to 9999.
google::protobuf::Timestamp WriteTime(absl::Time time);

// `time` + `duration`, or InfiniteFuture ("never") beyond the year 9999 [G5a].
absl::Time Later(absl::Time time, absl::Duration duration);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_CHECKED_TIME_H_
