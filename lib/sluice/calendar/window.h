// A time window as a policy states it: a stretch between two instants, hours of a wall clock on
// days of a calendar, or a time from each start that a cron expression names.
//
//   CalendarWindow nights{*Zone::Load("Europe/Berlin"), Weekly{}, LocalHours{}};
//   std::get<Weekly>(nights.days).on.set(0);  // Monday
//   std::get<LocalHours>(nights.hours) = {*ParseLocalTime("22:00"), *ParseLocalTime("06:00")};
//   std::vector<WindowFault> faults = FindFaults(nights);  // None: fit for a WindowSet.

#ifndef SLUICE_CALENDAR_WINDOW_H_
#define SLUICE_CALENDAR_WINDOW_H_

#include <bitset>
#include <cstddef>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/cron.h"
#include "sluice/calendar/zone.h"
#include "sluice/internal/limits.h"

namespace sluice {

// The instants of [start, end). Both lie within years 1..9999 and are whole nanoseconds.
struct AbsoluteWindow {
  absl::Time start = absl::InfiniteFuture();
  absl::Time end = absl::InfinitePast();
};

// Opens on these days of every week. Bit 0 is Monday; at least one is set.
struct Weekly {
  std::bitset<7> on;
};

// Opens on every day from `first` to `last` of every year, both included. A `last` before `first`
// is in the next year. Neither is 02-29, which most years do not have; a range around it includes
// it.
struct YearlyRange {
  MonthDay first;
  MonthDay last;
};

// Opens on these dates: at least one, in any order.
struct Dates {
  std::vector<Date> on;
};

// Opens `offset_days` after the nth such weekday of a month; not at all in a month without an nth.
// {2, kTuesday, ..., +1} is the day after the second Tuesday, Wednesday or not the second
// Wednesday.
struct NthWeekday {
  int nth = 0;                          // 1..5, or -1 for the last.
  Weekday weekday = Weekday::kUnknown;  // A day.
  std::bitset<12> months;               // Bit 0 is January; at least one is set.
  int offset_days = 0;                  // -31..31
};

// The days on which a window opens, by the wall clock of its zone. A day that a zone skipped as a
// whole (Pacific/Apia, 2011-12-30) opens nothing. The default opens on no day and is refused.
using Days = std::variant<Weekly, YearlyRange, Dates, NthWeekday>;

// From `start` on the opening day until `end`, or until `end` on the next day if that is not after
// `start` on the same. Consists of the instants at which the wall clock *shows* such a time: both
// passes of a repeated hour, so it may close at a transition and open again; none of a skipped one,
// so a bound that was skipped takes effect at the transition.
struct LocalHours {
  LocalTime start;  // Before 24:00.
  LocalTime end;    // 24:00 at the latest.
};

// All of the opening day: 00:00 to 24:00, whatever its true length.
struct WholeDay {};

// From `start` on the opening day, for `duration` by a stopwatch. A start that was skipped takes
// effect at the transition; one that is repeated, at its first pass only.
struct Elapsed {
  LocalTime start;          // Before 24:00.
  absl::Duration duration;  // In (0, kMaxElapsed], whole nanoseconds.
};

// When a window is open on a day on which it opens. The default is no hours and is refused.
using Hours = std::variant<LocalHours, WholeDay, Elapsed>;

struct CalendarWindow {
  Zone zone;
  Days days;
  Hours hours;
};

// From each start for `duration` by a stopwatch, as Elapsed: a start that was skipped takes effect
// at the transition, with all others of the same gap; one that is repeated, at its first pass only.
struct CronWindow {
  Zone zone;
  Cron start;
  absl::Duration duration;  // In (0, kMaxElapsed], whole nanoseconds.
};

// The default is an empty stretch and is refused.
using Window = std::variant<AbsoluteWindow, CalendarWindow, CronWindow>;

// What is wrong with a part of a window.
enum class WindowProblem {
  kUnknown = 0,
  kEmpty,          // Nothing is chosen where at least one must be.
  kImpossible,     // No such date, day of the year, weekday or time of day.
  kOutOfRange,     // Outside the stated range, or finer than a nanosecond.
  kNotAfterStart,  // The end of an absolute window is not after its start.
  kTooMany,        // More than the stated limit.
};

// The part of a window that is wrong.
enum class WindowField {
  kUnknown = 0,
  kStart,       // AbsoluteWindow, LocalHours, Elapsed, CronWindow
  kEnd,         // AbsoluteWindow, LocalHours
  kDuration,    // Elapsed, CronWindow
  kWeekdays,    // Weekly
  kFirst,       // YearlyRange
  kLast,        // YearlyRange
  kDates,       // Dates; `index` names the date, if the fault is one date's.
  kNth,         // NthWeekday
  kWeekday,     // NthWeekday
  kMonths,      // NthWeekday
  kOffsetDays,  // NthWeekday
};

struct WindowFault {
  WindowProblem problem = WindowProblem::kUnknown;
  WindowField field = WindowField::kUnknown;
  int index = -1;  // Of a date within Dates; else -1.
};

bool operator==(const WindowFault& a, const WindowFault& b);

// Everything that is wrong with a window, in the order of its fields; empty if it is sound.
std::vector<WindowFault> FindFaults(const Window& window);

}  // namespace sluice

#endif  // SLUICE_CALENDAR_WINDOW_H_
