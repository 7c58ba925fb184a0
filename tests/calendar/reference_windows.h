// A slow second opinion on time windows: reads absl's wall clock at one instant and decides from
// what it shows.

#ifndef SLUICE_TESTS_CALENDAR_REFERENCE_WINDOWS_H_
#define SLUICE_TESTS_CALENDAR_REFERENCE_WINDOWS_H_

#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "sluice/calendar/week_pattern.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/window_set.h"

namespace sluice {

// Whether a window opens on a day.
bool ReferenceOpensOn(const Days& days, absl::CivilDay day);

// Whether a window contains an instant.
bool ReferenceContains(const Window& window, absl::Time t);

// What a set of windows says about an instant.
Coverage ReferenceCoverage(const WindowRules& rules, absl::Time t);

// Instants of [from, to], ascending, among which are all at which the coverage changes.
std::vector<absl::Time> ReferenceCandidates(const WindowRules& rules, absl::Time from,
                                            absl::Time to);

}  // namespace sluice

#endif  // SLUICE_TESTS_CALENDAR_REFERENCE_WINDOWS_H_
