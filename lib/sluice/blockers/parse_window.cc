#include "sluice/blockers/parse_window.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/blockers/fields.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/cron.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/zone.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {
namespace {

absl::optional<absl::Time> ReadInstant(bool is_set, const google::protobuf::Timestamp& timestamp,
                                       const FieldPath& path, FieldErrors& errors) {
  if (!is_set) {
    errors.Missing(path);
    return absl::nullopt;
  }
  const absl::optional<absl::Time> instant = ReadTime(timestamp);
  if (!instant.has_value()) errors.Add(path, v1::Fault::INVALID_VALUE, "is not an instant");
  return instant;
}

AbsoluteWindow ParseAbsolute(const v1::AbsoluteWindow& proto, const FieldPath& path,
                             FieldErrors& errors) {
  const absl::optional<absl::Time> start =
      ReadInstant(proto.has_start(), proto.start(), path.Field("start"), errors);
  const absl::optional<absl::Time> end =
      ReadInstant(proto.has_end(), proto.end(), path.Field("end"), errors);
  if (!start.has_value() || !end.has_value()) return {};
  if (*end <= *start) {
    errors.Add(path.Field("end"), v1::Fault::INVALID_VALUE, "must be after `start`");
  }
  return {*start, *end};
}

absl::optional<Zone> ReadZone(const std::string& name, const FieldPath& path,
                              std::vector<Zone>& zones, FieldErrors& errors) {
  if (name.empty()) {
    errors.Missing(path);
    return absl::nullopt;
  }
  for (const Zone& zone : zones) {
    if (zone.name() == name) return zone;
  }
  absl::StatusOr<Zone> zone = Zone::Load(name);
  if (!zone.ok()) {
    errors.Add(path, v1::Fault::INVALID_VALUE, zone.status().message());
    return absl::nullopt;
  }
  zones.push_back(*zone);
  return *std::move(zone);
}

LocalTime ReadLocalTime(const std::string& text, EndOfDay end_of_day, const FieldPath& path,
                        FieldErrors& errors) {
  if (text.empty()) {
    errors.Missing(path);
    return {};
  }
  const absl::optional<LocalTime> time = ParseLocalTime(text, end_of_day);
  if (!time.has_value()) {
    errors.Add(path, v1::Fault::INVALID_VALUE, absl::StrCat("is not a time of day: `", text, "`"));
  }
  return time.value_or(LocalTime());
}

Hours ParseHours(bool is_set, const v1::Hours& proto, const FieldPath& path, FieldErrors& errors) {
  if (!is_set) {
    errors.Missing(path);
    return {};
  }
  const LocalTime start =
      ReadLocalTime(proto.start(), EndOfDay::kRefused, path.Field("start"), errors);
  switch (proto.until_case()) {
    case v1::Hours::kEnd:
      return LocalHours{start,
                        ReadLocalTime(proto.end(), EndOfDay::kAccepted, path.Field("end"), errors)};
    case v1::Hours::kElapsed: {
      const FieldPath elapsed_path = path.Field("elapsed");
      const absl::Duration elapsed = ReadPositive(proto.elapsed(), elapsed_path, errors);
      if (elapsed > kMaxElapsed) {
        errors.Add(elapsed_path, v1::Fault::INVALID_VALUE,
                   absl::StrCat("must be at most ", absl::FormatDuration(kMaxElapsed)));
      }
      return Elapsed{start, elapsed};
    }
    case v1::Hours::UNTIL_NOT_SET:
      break;
  }
  errors.Add(path, v1::Fault::MISSING, "needs `end` or `elapsed`");
  return {};
}

Weekly ParseDays(const v1::WeeklyWindow& proto, const FieldPath& path, FieldErrors& errors) {
  Weekly weekly;
  if (proto.days().empty()) errors.Missing(path.Field("days"));
  for (int i = 0; i < proto.days_size(); ++i) {
    const FieldPath day_path = path.Element("days", i);
    const v1::Weekday day = proto.days(i);
    if (day == v1::WEEKDAY_UNSPECIFIED || !v1::Weekday_IsValid(day)) {
      errors.Add(day_path, v1::Fault::INVALID_VALUE, absl::StrCat("is unknown: ", day));
      continue;
    }
    const size_t bit = static_cast<size_t>(day) - v1::MONDAY;
    if (weekly.on.test(bit)) errors.Add(day_path, v1::Fault::DUPLICATE, "is there twice");
    weekly.on.set(bit);
  }
  return weekly;
}

MonthDay ReadMonthDay(const std::string& text, const FieldPath& path, FieldErrors& errors) {
  if (text.empty()) {
    errors.Missing(path);
    return {};
  }
  const absl::optional<MonthDay> day = ParseMonthDay(text);
  if (!day.has_value() || !IsInEveryYear(*day)) {
    errors.Add(path, v1::Fault::INVALID_VALUE,
               absl::StrCat("is not a day of every year: `", text, "`"));
  }
  return day.value_or(MonthDay());
}

YearlyRange ParseDays(const v1::YearlyWindow& proto, const FieldPath& path, FieldErrors& errors) {
  return {ReadMonthDay(proto.first_day(), path.Field("first_day"), errors),
          ReadMonthDay(proto.last_day(), path.Field("last_day"), errors)};
}

Dates ParseDays(const v1::DatesWindow& proto, const FieldPath& path, FieldErrors& errors) {
  Dates dates;
  if (proto.dates().empty()) errors.Missing(path.Field("dates"));
  if (static_cast<size_t>(proto.dates_size()) > kMaxDates) {
    errors.Add(path.Field("dates"), v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxDates, " elements"));
    return dates;
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < proto.dates_size(); ++i) {
    const FieldPath date_path = path.Element("dates", i);
    const absl::optional<Date> date = ParseDate(proto.dates(i));
    if (!date.has_value()) {
      errors.Add(date_path, v1::Fault::INVALID_VALUE,
                 absl::StrCat("is not a date: `", proto.dates(i), "`"));
    } else if (!seen.insert(proto.dates(i)).second) {
      errors.Add(date_path, v1::Fault::DUPLICATE, "is there twice");
    } else {
      dates.on.push_back(*date);
    }
  }
  return dates;
}

NthWeekday ParseDays(const v1::NthWeekdayWindow& proto, const FieldPath& path,
                     FieldErrors& errors) {
  NthWeekday days;
  days.nth = proto.nth();
  if (proto.nth() == 0) {
    errors.Missing(path.Field("nth"));
  } else if (proto.nth() != -1 && (proto.nth() < 1 || proto.nth() > 5)) {
    errors.Add(path.Field("nth"), v1::Fault::INVALID_VALUE,
               absl::StrCat("must be 1 to 5, or -1 for the last, got ", proto.nth()));
  }
  if (ReadChoice(proto.weekday(), v1::Weekday_IsValid, path.Field("weekday"), errors)) {
    days.weekday = static_cast<Weekday>(proto.weekday());  // Both number them as ISO 8601 does.
  }
  if (proto.months().empty()) errors.Missing(path.Field("months"));
  for (int i = 0; i < proto.months_size(); ++i) {
    const FieldPath month_path = path.Element("months", i);
    const uint32_t month = proto.months(i);
    if (month < 1 || month > 12) {
      errors.Add(month_path, v1::Fault::INVALID_VALUE,
                 absl::StrCat("must be 1 to 12, got ", month));
      continue;
    }
    if (days.months.test(month - 1)) errors.Add(month_path, v1::Fault::DUPLICATE, "is there twice");
    days.months.set(month - 1);
  }
  days.offset_days = proto.offset_days();
  if (proto.offset_days() < -31 || proto.offset_days() > 31) {
    errors.Add(path.Field("offset_days"), v1::Fault::INVALID_VALUE,
               absl::StrCat("must be -31 to 31, got ", proto.offset_days()));
  }
  return days;
}

absl::optional<Window> ParseCronWindow(const v1::CronWindow& proto, const FieldPath& path,
                                       std::vector<Zone>& zones, FieldErrors& errors) {
  absl::optional<Zone> zone = ReadZone(proto.time_zone(), path.Field("time_zone"), zones, errors);
  absl::StatusOr<Cron> start = ParseCron(proto.start());
  if (proto.start().empty()) {
    errors.Missing(path.Field("start"));
  } else if (!start.ok()) {
    errors.Add(path.Field("start"), v1::Fault::INVALID_VALUE, start.status().message());
  }
  const FieldPath elapsed_path = path.Field("elapsed");
  const absl::Duration elapsed =
      ReadRequiredPositive(proto.has_elapsed(), proto.elapsed(), elapsed_path, errors);
  if (elapsed > kMaxElapsed) {
    errors.Add(elapsed_path, v1::Fault::INVALID_VALUE,
               absl::StrCat("must be at most ", absl::FormatDuration(kMaxElapsed)));
  }
  if (!zone.has_value() || !start.ok()) return absl::nullopt;
  return CronWindow{*std::move(zone), *std::move(start), elapsed};
}

// Of any of the four kinds with a zone, days and hours.
template <typename Proto>
absl::optional<Window> ParseCalendar(const Proto& proto, const FieldPath& path,
                                     std::vector<Zone>& zones, FieldErrors& errors) {
  absl::optional<Zone> zone = ReadZone(proto.time_zone(), path.Field("time_zone"), zones, errors);
  Days days = ParseDays(proto, path, errors);
  const Hours hours = ParseHours(proto.has_hours(), proto.hours(), path.Field("hours"), errors);
  if (!zone.has_value()) return absl::nullopt;
  return CalendarWindow{*std::move(zone), std::move(days), hours};
}

absl::optional<Window> ParseKind(const v1::Window& proto, const FieldPath& path,
                                 std::vector<Zone>& zones, FieldErrors& errors) {
  switch (proto.kind_case()) {
    case v1::Window::kAbsolute:
      return ParseAbsolute(proto.absolute(), path.Field("absolute"), errors);
    case v1::Window::kWeekly:
      return ParseCalendar(proto.weekly(), path.Field("weekly"), zones, errors);
    case v1::Window::kYearly:
      return ParseCalendar(proto.yearly(), path.Field("yearly"), zones, errors);
    case v1::Window::kDates:
      return ParseCalendar(proto.dates(), path.Field("dates"), zones, errors);
    case v1::Window::kNthWeekday:
      return ParseCalendar(proto.nth_weekday(), path.Field("nth_weekday"), zones, errors);
    case v1::Window::kCron:
      return ParseCronWindow(proto.cron(), path.Field("cron"), zones, errors);
    case v1::Window::kCalendar:
      break;  // No window of a time of day: the caller's.
    case v1::Window::KIND_NOT_SET:
      errors.Add(path, v1::Fault::MISSING, "needs a kind, such as `weekly`");
      break;
  }
  return absl::nullopt;
}

}  // namespace

absl::optional<Window> ParseWindow(const v1::Window& proto, const FieldPath& path,
                                   std::vector<Zone>& zones, FieldErrors& errors) {
  const size_t faults_before = errors.size();
  absl::optional<Window> window = ParseKind(proto, path, zones, errors);
  if (errors.size() > faults_before) return absl::nullopt;
  return window;
}

}  // namespace sluice
