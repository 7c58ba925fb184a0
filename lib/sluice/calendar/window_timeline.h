// Compiles one window into the timeline of the instants that it contains.

#ifndef SLUICE_CALENDAR_WINDOW_TIMELINE_H_
#define SLUICE_CALENDAR_WINDOW_TIMELINE_H_

#include "absl/status/statusor.h"
#include "sluice/calendar/timeline.h"
#include "sluice/calendar/week_pattern.h"
#include "sluice/calendar/window.h"

namespace sluice {

// `coverage` at every instant that the window contains, kOutside elsewhere. The window must be free
// of faults (FindFaults). Takes up to a millisecond; for use while a policy is compiled.
absl::StatusOr<Timeline> CompileWindow(const Window& window, Coverage coverage);

}  // namespace sluice

#endif  // SLUICE_CALENDAR_WINDOW_TIMELINE_H_
