#include "sluice/calendar/civil.h"

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"

namespace sluice {
namespace {

constexpr int kSomeLeapYear = 2000;

// The value of `count` digits from `begin` on, or -1 where one is no digit.
int Digits(absl::string_view text, size_t begin, size_t count) {
  int value = 0;
  for (char c : text.substr(begin, count)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool Between(int low, int value, int high) { return low <= value && value <= high; }

}  // namespace

bool IsPossible(Date date) {
  if (!Between(1, date.year, 9999) || !Between(1, date.month, 12) || !Between(1, date.day, 31)) {
    return false;
  }
  // CivilDay carries 02-30 over into March.
  return absl::CivilDay(date.year, date.month, date.day).month() == date.month;
}

bool IsInEveryYear(MonthDay day) { return IsPossible(Date{kSomeLeapYear + 1, day.month, day.day}); }

int64_t DayNumber(Date date) {
  return absl::CivilDay(date.year, date.month, date.day) - absl::CivilDay(1970, 1, 1);
}

absl::optional<LocalTime> ParseLocalTime(absl::string_view text, EndOfDay end_of_day) {
  const bool has_seconds = text.size() == 8;
  if (!has_seconds && text.size() != 5) return absl::nullopt;
  if (text[2] != ':' || (has_seconds && text[5] != ':')) return absl::nullopt;
  const int hour = Digits(text, 0, 2);
  const int minute = Digits(text, 3, 2);
  const int second = has_seconds ? Digits(text, 6, 2) : 0;
  if (!Between(0, hour, 24) || !Between(0, minute, 59) || !Between(0, second, 59)) {
    return absl::nullopt;
  }
  const LocalTime time{hour * 3600 + minute * 60 + second};
  const int32_t last = end_of_day == EndOfDay::kAccepted ? kSecondsPerDay : kSecondsPerDay - 1;
  if (time.second_of_day > last) return absl::nullopt;
  return time;
}

absl::optional<MonthDay> ParseMonthDay(absl::string_view text) {
  if (text.size() != 5 || text[2] != '-') return absl::nullopt;
  const MonthDay day{Digits(text, 0, 2), Digits(text, 3, 2)};
  if (!IsPossible(Date{kSomeLeapYear, day.month, day.day})) return absl::nullopt;
  return day;
}

absl::optional<Date> ParseDate(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return absl::nullopt;
  const Date date{Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2)};
  if (!IsPossible(date)) return absl::nullopt;
  return date;
}

}  // namespace sluice
