// Stretches of time that are stated one by one.

#ifndef SLUICE_CALENDAR_STRETCH_H_
#define SLUICE_CALENDAR_STRETCH_H_

#include <vector>

#include "sluice/calendar/instant.h"

namespace sluice {

// The instants of [begin, end).
struct Stretch {
  Instant begin;
  Instant end;
};

// Makes stretches that ascend by their begin the fewest that contain the same instants: none of
// them empty, no two touching. Linear.
void JoinStretches(std::vector<Stretch>& stretches);

}  // namespace sluice

#endif  // SLUICE_CALENDAR_STRETCH_H_
