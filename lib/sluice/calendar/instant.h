// Instants and lengths in whole nanoseconds, cheap to compare and to shift, for the calendar's own
// arithmetic. Everyone else uses absl::Time.

#ifndef SLUICE_CALENDAR_INSTANT_H_
#define SLUICE_CALENDAR_INSTANT_H_

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace sluice {

inline constexpr int64_t kNanosPerSecond = 1000000000;

// A length of time, normalised: 0 <= nano < 1e9, and negative ones have a negative second.
struct Length {
  int64_t second = 0;
  int64_t nano = 0;
};

// An instant as seconds since 1970-01-01T00:00:00Z, normalised: 0 <= nano < 1e9.
struct Instant {
  int64_t second = 0;
  int64_t nano = 0;
};

// Later than every instant: "never".
inline constexpr Instant kNever = {std::numeric_limits<int64_t>::max(), 0};

// Longer than every length.
inline constexpr Length kEndless = {std::numeric_limits<int64_t>::max(), 0};

constexpr bool operator==(Instant a, Instant b) { return a.second == b.second && a.nano == b.nano; }
constexpr bool operator!=(Instant a, Instant b) { return !(a == b); }
constexpr bool operator<(Instant a, Instant b) {
  return a.second != b.second ? a.second < b.second : a.nano < b.nano;
}
constexpr bool operator>(Instant a, Instant b) { return b < a; }
constexpr bool operator<=(Instant a, Instant b) { return !(b < a); }
constexpr bool operator>=(Instant a, Instant b) { return !(a < b); }

constexpr bool operator<(Length a, Length b) {
  return a.second != b.second ? a.second < b.second : a.nano < b.nano;
}
constexpr bool operator>(Length a, Length b) { return b < a; }

// Sums and differences carry between the fields; seconds must stay within 64 bits, which years
// 1..9999 and a few cycles of 400 years more do by far.
constexpr Instant operator+(Instant a, Length b) {
  const int64_t nano = a.nano + b.nano;
  return nano < kNanosPerSecond ? Instant{a.second + b.second, nano}
                                : Instant{a.second + b.second + 1, nano - kNanosPerSecond};
}
constexpr Instant operator-(Instant a, Length b) {
  const int64_t nano = a.nano - b.nano;
  return nano >= 0 ? Instant{a.second - b.second, nano}
                   : Instant{a.second - b.second - 1, nano + kNanosPerSecond};
}
constexpr Length operator-(Instant a, Instant b) {
  const int64_t nano = a.nano - b.nano;
  return nano >= 0 ? Length{a.second - b.second, nano}
                   : Length{a.second - b.second - 1, nano + kNanosPerSecond};
}

// A length given in nanoseconds, which must not be negative.
constexpr Length Nanos(int64_t nanos) {
  return Length{nanos / kNanosPerSecond, nanos % kNanosPerSecond};
}

// The first instant of year 1, and the first after year 9999. Between them lies what a record can
// hold; sums that reach the second are "never" to a host.
inline constexpr Instant kFirstInstant = {-62135596800, 0};
inline constexpr Instant kEndOfTime = {253402300800, 0};

// Whether a time lies in years 1..9999.
bool IsInstant(absl::Time time);

// The nanosecond that contains a finite time.
Instant ToInstant(absl::Time time);

// The shortest length in whole nanoseconds that is at least as long as a finite duration.
Length ToLength(absl::Duration duration);

// The time of an instant; kNever is absl::InfiniteFuture().
absl::Time ToTime(Instant instant);

}  // namespace sluice

#endif  // SLUICE_CALENDAR_INSTANT_H_
