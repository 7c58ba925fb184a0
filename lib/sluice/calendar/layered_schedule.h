// A schedule and, over it, stretches that are known only when it is asked.

#ifndef SLUICE_CALENDAR_LAYERED_SCHEDULE_H_
#define SLUICE_CALENDAR_LAYERED_SCHEDULE_H_

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/schedule.h"
#include "sluice/calendar/stretch.h"

namespace sluice {

// Lists of joined stretches that allow, and that deny, in addition to windows. Does not own them.
struct Overlay {
  using List = absl::Span<const Stretch>;
  absl::InlinedVector<List, 2> allow;
  absl::InlinedVector<List, 2> deny;

  bool empty() const { return allow.empty() && deny.empty(); }
};

// The greater coverage of a schedule and an overlay at each instant. A view of both. A step costs
// the logarithm of the lists; there are a few for each change of coverage that lies before the
// answer, and none for what the schedule can leave out by itself where no list allows.
class LayeredSchedule {
 public:
  LayeredSchedule(const Schedule& schedule, const Overlay& overlay)
      : schedule_(schedule), overlay_(overlay) {}

  // As Schedule::RunAt and Schedule::FirstAllowed.
  Schedule::Run RunAt(Instant instant, Instant horizon) const;
  Instant FirstAllowed(Instant from, Length length, Instant horizon) const;

 private:
  const Schedule& schedule_;
  const Overlay& overlay_;
};

}  // namespace sluice

#endif  // SLUICE_CALENDAR_LAYERED_SCHEDULE_H_
