// Civil readings as policies write them: times of day, days of the year, dates.
//
//   absl::optional<LocalTime> nine = ParseLocalTime("09:00");
//   absl::optional<LocalTime> end = ParseLocalTime("24:00", EndOfDay::kAccepted);
//   absl::optional<Date> freeze = ParseDate("2026-12-24");

#ifndef SLUICE_CALENDAR_CIVIL_H_
#define SLUICE_CALENDAR_CIVIL_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// A day of the week, numbered as ISO 8601 does. Zero is no day.
enum class Weekday {
  kUnknown = 0,
  kMonday,
  kTuesday,
  kWednesday,
  kThursday,
  kFriday,
  kSaturday,
  kSunday
};

// A reading of a wall clock, in seconds since 00:00: [0, 86400), or 86400 for 24:00 where an end is
// meant. The default is no reading and is refused wherever a window is checked.
struct LocalTime {
  int32_t second_of_day = -1;
};

// A day of every year. The default is no day.
struct MonthDay {
  int month = 0;  // 1..12
  int day = 0;    // 1..31
};

// A day of the proleptic Gregorian calendar. May hold an impossible one until it is checked.
struct Date {
  int year = 0;   // 1..9999
  int month = 0;  // 1..12
  int day = 0;    // 1..31
};

// Whether 24:00 is a reading: it is where a window ends, not where one starts.
enum class EndOfDay { kRefused, kAccepted };

inline constexpr int32_t kSecondsPerDay = 86400;

// Whether every year has this day. 02-29 is not one, so it bounds no yearly range.
bool IsInEveryYear(MonthDay day);

// Whether the calendar has this date, within the years 1..9999.
bool IsPossible(Date date);

// Days since 1970-01-01 of a possible date.
int64_t DayNumber(Date date);

// Reads "HH:MM" or "HH:MM:SS", two digits each, nothing around them. No leap second.
absl::optional<LocalTime> ParseLocalTime(absl::string_view text,
                                         EndOfDay end_of_day = EndOfDay::kRefused);

// Reads "MM-DD". 02-29 is read, as some year has it; 02-30 is not.
absl::optional<MonthDay> ParseMonthDay(absl::string_view text);

// Reads "YYYY-MM-DD", years 0001..9999, possible dates only.
absl::optional<Date> ParseDate(absl::string_view text);

}  // namespace sluice

#endif  // SLUICE_CALENDAR_CIVIL_H_
