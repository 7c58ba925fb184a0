#ifndef SLUICE_BLOCKERS_TIME_WINDOW_H_
#define SLUICE_BLOCKERS_TIME_WINDOW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/calendar/window_set.h"
#include "sluice/calendar/zone.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

enum class Runway : uint8_t { kUnset = 0, kNone, kDuration, kExpectedDuration };

// A window that consists of a calendar's intervals.
struct CalendarReference {
  std::string calendar;
  absl::Duration max_age;  // Positive.
  bool denies = false;
};

// Holds outside its open set [T1]-[T7].
struct TimeWindow {
  absl::optional<WindowSet> windows;         // Set by a successful parse.
  std::vector<Zone> zones;                   // That the windows use, each once [T7].
  std::vector<CalendarReference> calendars;  // Of the organisation, beside the windows.
  Runway runway = Runway::kUnset;
  absl::Duration min_remaining;  // Of kDuration: positive.
  bool finish_wave = false;      // in_flight is FINISH_WAVE.
};

// Adds every fault to `errors`; the result is used only if there are none. Loads time zones.
TimeWindow ParseTimeWindow(const v1::TimeWindow& proto, const FieldPath& path, FieldErrors& errors);

// CLEAR while it is open for as long as the runway asks, exactly as long included; else BLOCKING:
// NEVER_OPENS, IN_DENY, OUTSIDE_ALLOW or RUNWAY_SHORT, the first that applies [T6]. `until` is when
// it closes or opens. Before that, of a calendar that it needs: INVALID; UNKNOWN if it is absent
// (CALENDAR_ABSENT), STALE, or of facts that went back. `expected_duration` is what the rollout
// still needs, for Runway::kExpectedDuration.
Judgement Check(const TimeWindow& window, const Subject& subject, absl::Duration expected_duration,
                absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_TIME_WINDOW_H_
