// What windows that recur and windows that happen once say together about every instant.

#ifndef SLUICE_CALENDAR_SCHEDULE_H_
#define SLUICE_CALENDAR_SCHEDULE_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/timeline.h"
#include "sluice/calendar/week_pattern.h"

namespace sluice {

// The greater coverage of two timelines at each instant: one that recurs for ever, and one that is
// kOutside but for a limited time. They are kept apart, so that a date in year 9999 does not make
// every week until then be spelled out. Immutable; queries are pure and allocate nothing.
class Schedule {
 public:
  // `once` must be kOutside from some instant on and before some other. ResourceExhausted as
  // Timeline::Max.
  static absl::StatusOr<Schedule> Of(Timeline recurring, const Timeline& once);

  // A stretch of one coverage, and the first instant after it.
  struct Run {
    Coverage coverage;
    Instant end;
  };

  // The run that contains an instant, its end kNever if that is after `horizon`.
  Run RunAt(Instant instant, Instant horizon) const;

  // The first instant from `from` to `horizon`, both included, from which on it is kAllowed for at
  // least `length` (for an instant, if that is zero); kNever if there is none. A few steps for each
  // span in between.
  Instant FirstAllowed(Instant from, Length length, Instant horizon) const;

 private:
  class Walk;

  // From `begin` until the next phase, `once` says `floor`: nothing less counts.
  struct Phase {
    Instant begin;
    Coverage floor;
  };

  Schedule() = default;

  // The phase that contains an instant.
  size_t PhaseAt(Instant instant) const;
  Instant EndOfPhase(size_t phase) const;
  const Timeline& TimelineOf(size_t phase) const;
  Length LongestAllowed(size_t phase) const;

  std::vector<Phase> phases_;  // Ascending; the first begins before all instants.

  // By floor: the greater of it and what recurs, and its LongestAllowed.
  std::vector<Timeline> timelines_;
  std::vector<Length> longest_allowed_;
};

}  // namespace sluice

#endif  // SLUICE_CALENDAR_SCHEDULE_H_
