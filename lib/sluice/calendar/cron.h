// When a cron expression of five fields starts something, by a wall clock.
//
//   absl::StatusOr<Cron> nights = ParseCron("30 22 * * mon-fri");
//   if (!nights.ok()) return nights.status();

#ifndef SLUICE_CALENDAR_CRON_H_
#define SLUICE_CALENDAR_CRON_H_

#include <bitset>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice {

// Starts at every chosen minute of every chosen hour of every chosen day. The default never starts.
struct Cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<31> days;     // Of a month; bit 0 is the first.
  std::bitset<12> months;   // Bit 0 is January.
  std::bitset<7> weekdays;  // Bit 0 is Monday.
  // A day is chosen if its month is and either its number or its weekday; else both must be.
  bool either_day = false;
};

// Reads minute, hour, day of month, month and day of week, separated by spaces, nothing around
// them. Each is a list, separated by commas, of `*`, `a`, `a-b`, `*/n` and `a-b/n`. Numbers have
// one or two digits; months may be `jan` to `dec`, weekdays `sun` to `sat`, in any case; weekday 7
// is Sunday, as is 0.
//
// As POSIX has it, a day matches either day field if neither is `*`. Implementations differ over a
// `*/n` beside such a field, so it is refused there. InvalidArgument, with a message that begins
// with the field's name; also for starts that never come, such as 30 February.
absl::StatusOr<Cron> ParseCron(absl::string_view text);

// Whether there is any start in 400 years.
bool EverStarts(const Cron& cron);

// The starts on a chosen day, in seconds since 00:00, ascending.
std::vector<int32_t> StartsOfDay(const Cron& cron);

}  // namespace sluice

#endif  // SLUICE_CALENDAR_CRON_H_
