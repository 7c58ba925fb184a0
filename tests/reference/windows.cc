#include "tests/reference/windows.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

constexpr int kDaysOfSearch = 400 * 366;
// Of a window that is the same in each year that begins on the same weekday and is as long: such a
// year comes within 40 years.
constexpr int kDaysOfPeriodicSearch = 45 * 366;
// Of a window that is the same week after week but for the changes of clocks, of which each year
// has the same.
constexpr int kDaysOfWeeklySearch = 3 * 366;
// Elapsed times are at most 31 days long.
constexpr int kDaysBack = 33;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  absl::LoadTimeZone(name, &zone);  // The policy's compilation has refused unknown ones.
  return zone;
}

int Number(absl::string_view text) {
  int number = 0;
  static_cast<void>(absl::SimpleAtoi(text, &number));
  return number;
}

// Seconds of a day, of `HH:MM` or `HH:MM:SS`; 24:00 is the day's end.
int SecondsOfDay(const std::string& text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  int seconds = 0;
  for (const int unit : {0, 1, 2}) {
    seconds = seconds * 60 + (size_t(unit) < parts.size() ? Number(parts[unit]) : 0);
  }
  return seconds;
}

absl::CivilDay Date(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '-');
  return absl::CivilDay(Number(parts[0]), Number(parts[1]), Number(parts[2]));
}

v1::Weekday WeekdayOf(absl::CivilDay day) {
  switch (absl::GetWeekday(day)) {
    case absl::Weekday::monday:
      return v1::MONDAY;
    case absl::Weekday::tuesday:
      return v1::TUESDAY;
    case absl::Weekday::wednesday:
      return v1::WEDNESDAY;
    case absl::Weekday::thursday:
      return v1::THURSDAY;
    case absl::Weekday::friday:
      return v1::FRIDAY;
    case absl::Weekday::saturday:
      return v1::SATURDAY;
    case absl::Weekday::sunday:
      return v1::SUNDAY;
  }
  return v1::WEEKDAY_UNSPECIFIED;
}

// [T2] A fifth weekday is that of months that have five.
bool IsNthWeekday(const v1::NthWeekdayWindow& window, absl::CivilDay day) {
  if (WeekdayOf(day) != window.weekday() || !Contains(window.months(), uint32_t(day.month()))) {
    return false;
  }
  if (window.nth() == -1) return absl::CivilMonth(day + 7) != absl::CivilMonth(day);
  return (day.day() - 1) / 7 + 1 == window.nth();
}

// What the windows with hours have in common: the days on which they open.
struct Daily {
  absl::TimeZone zone;
  const v1::Hours* hours = nullptr;
};

bool OpensOn(const v1::Window& window, absl::CivilDay day) {
  switch (window.kind_case()) {
    case v1::Window::kWeekly:
      return Contains(window.weekly().days(), WeekdayOf(day));
    case v1::Window::kYearly: {
      const std::vector<std::string> first = absl::StrSplit(window.yearly().first_day(), '-');
      const std::vector<std::string> last = absl::StrSplit(window.yearly().last_day(), '-');
      const int from = Number(first[0]) * 100 + Number(first[1]);
      const int to = Number(last[0]) * 100 + Number(last[1]);
      const int at = day.month() * 100 + day.day();
      return from <= to ? from <= at && at <= to : from <= at || at <= to;
    }
    case v1::Window::kDates:
      for (const std::string& date : window.dates().dates()) {
        if (Date(date) == day) return true;
      }
      return false;
    case v1::Window::kNthWeekday:
      return IsNthWeekday(window.nth_weekday(), day - window.nth_weekday().offset_days());
    default:
      return false;
  }
}

// True: the window has hours.
bool GetDaily(const v1::Window& window, Daily* daily) {
  switch (window.kind_case()) {
    case v1::Window::kWeekly:
      *daily = {Zone(window.weekly().time_zone()), &window.weekly().hours()};
      return true;
    case v1::Window::kYearly:
      *daily = {Zone(window.yearly().time_zone()), &window.yearly().hours()};
      return true;
    case v1::Window::kDates:
      *daily = {Zone(window.dates().time_zone()), &window.dates().hours()};
      return true;
    case v1::Window::kNthWeekday:
      *daily = {Zone(window.nth_weekday().time_zone()), &window.nth_weekday().hours()};
      return true;
    default:
      return false;
  }
}

// The instant at which an elapsed time begins: at the transition in a skipped hour, at the first
// pass of a repeated one. False: the zone skipped the whole day.
bool ElapsedStart(absl::TimeZone zone, absl::CivilSecond civil, absl::Time* start) {
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) {
    const absl::CivilDay day(civil);
    const auto midnight = zone.At(absl::CivilSecond(day));
    const auto last = zone.At(absl::CivilSecond(day + 1) - 1);
    if (midnight.kind == absl::TimeZone::TimeInfo::SKIPPED &&
        last.kind == absl::TimeZone::TimeInfo::SKIPPED) {
      return false;
    }
    *start = info.trans;
  } else {
    *start = info.pre;
  }
  return true;
}

// Hours that end at a local time, in seconds since the day's start.
struct LocalHours {
  explicit LocalHours(const v1::Hours& hours)
      : from(SecondsOfDay(hours.start())), to(SecondsOfDay(hours.end())) {
    if (to <= from) to += 24 * 3600;  // Of the next day.
  }

  int from;
  int to;
};

bool CronItemMatches(absl::string_view item, int value, int lowest, int highest, bool weekday,
                     const std::vector<std::string>& names) {
  int step = 1;
  const std::vector<std::string> halves = absl::StrSplit(item, '/');
  if (halves.size() > 1) step = Number(halves[1]);
  const auto parse = [&](const std::string& text) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (absl::AsciiStrToLower(text) == names[i]) return int(i) + lowest;
    }
    return Number(text);
  };
  int from = lowest;
  int to = highest;
  if (halves[0] != "*") {
    const std::vector<std::string> bounds = absl::StrSplit(halves[0], '-');
    from = parse(bounds[0]);
    to = bounds.size() > 1 ? parse(bounds[1]) : from;
  }
  for (int i = from; i <= to; i += step) {
    if (i == value || (weekday && i % 7 == value)) return true;
  }
  return false;
}

bool CronFieldMatches(absl::string_view field, int value, int lowest, int highest,
                      bool weekday = false, const std::vector<std::string>& names = {}) {
  for (const absl::string_view item : absl::StrSplit(field, ',')) {
    if (CronItemMatches(item, value, lowest, highest, weekday, names)) return true;
  }
  return false;
}

// The local times of one day at which the window starts.
std::vector<absl::CivilSecond> FindCronStarts(const v1::CronWindow& window, absl::CivilDay day) {
  const std::vector<std::string> fields =
      absl::StrSplit(window.start(), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  const int weekday = static_cast<int>(WeekdayOf(day)) % 7;  // Sunday is 0.
  const bool of_month = CronFieldMatches(fields[2], day.day(), 1, 31);
  const bool of_week = CronFieldMatches(fields[4], weekday, 0, 6, true,
                                        {"sun", "mon", "tue", "wed", "thu", "fri", "sat"});
  const bool month = CronFieldMatches(
      fields[3], day.month(), 1, 12, false,
      {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
  // Both restricted: either matches.
  const bool either = fields[2] != "*" && fields[4] != "*";
  std::vector<absl::CivilSecond> starts;
  if (!month || !(either ? of_month || of_week : of_month && of_week)) return starts;
  for (int hour = 0; hour < 24; ++hour) {
    if (!CronFieldMatches(fields[1], hour, 0, 23)) continue;
    for (int minute = 0; minute < 60; ++minute) {
      if (!CronFieldMatches(fields[0], minute, 0, 59)) continue;
      starts.push_back(absl::CivilSecond(day) + hour * 3600 + minute * 60);
    }
  }
  return starts;
}

// The same, remembered: it is asked for each instant of a search.
const std::vector<absl::CivilSecond>& CronStarts(const v1::CronWindow& window, absl::CivilDay day) {
  using Key = std::pair<std::string, absl::CivilDay>;
  static auto* const known = new std::map<Key, std::vector<absl::CivilSecond>>();
  const Key key(window.start(), day);
  const auto found = known->find(key);
  if (found != known->end()) return found->second;
  return known->emplace(key, FindCronStarts(window, day)).first->second;
}

const v1::Calendar* FindCalendar(const Facts& facts, const std::string& id) {
  if (!facts.organisation.has_value()) return nullptr;
  for (const v1::Calendar& calendar : facts.organisation->calendars()) {
    if (calendar.id() == id) return &calendar;
  }
  return nullptr;
}

bool ContainsInstant(const Facts& facts, const v1::Window& window, absl::Time time) {
  Daily daily;
  if (GetDaily(window, &daily)) {
    // [T3] The civil reading lies in the interval of a day it opened on.
    const absl::CivilSecond reading = absl::ToCivilSecond(time, daily.zone);
    const bool elapsed = daily.hours->until_case() == v1::Hours::kElapsed;
    const LocalHours hours(*daily.hours);
    for (int back = -2; back <= (elapsed ? kDaysBack : 2); ++back) {
      const absl::CivilDay day = absl::CivilDay(reading) - back;
      if (!OpensOn(window, day)) continue;
      if (!elapsed) {
        const absl::CivilSecond midnight(day);
        if (midnight + hours.from <= reading && reading < midnight + hours.to) return true;
        continue;
      }
      absl::Time start;
      const absl::CivilSecond civil = absl::CivilSecond(day) + hours.from;
      if (ElapsedStart(daily.zone, civil, &start) && start <= time &&
          time < start + ToDuration(daily.hours->elapsed())) {
        return true;
      }
    }
    return false;
  }
  switch (window.kind_case()) {
    case v1::Window::kAbsolute:
      return ToTime(window.absolute().start()) <= time && time < ToTime(window.absolute().end());
    case v1::Window::kCron: {
      const absl::TimeZone zone = Zone(window.cron().time_zone());
      const absl::CivilDay today(absl::ToCivilSecond(time, zone));
      const absl::Duration elapsed = ToDuration(window.cron().elapsed());
      for (int back = -2; back <= elapsed / absl::Hours(24) + 3; ++back) {
        for (const absl::CivilSecond civil : CronStarts(window.cron(), today - back)) {
          absl::Time start;
          if (ElapsedStart(zone, civil, &start) && start <= time && time < start + elapsed) {
            return true;
          }
        }
      }
      return false;
    }
    case v1::Window::kCalendar: {
      const v1::Calendar* calendar = FindCalendar(facts, window.calendar().calendar());
      if (calendar == nullptr) return false;
      for (int i = 0; i < calendar->starts_s_size(); ++i) {
        if (absl::FromUnixSeconds(calendar->starts_s(i)) <= time &&
            time < absl::FromUnixSeconds(calendar->ends_s(i))) {
          return true;
        }
      }
      return false;
    }
    default:
      return false;
  }
}

void AddLocal(absl::TimeZone zone, absl::CivilSecond civil, std::vector<absl::Time>* instants) {
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  instants->push_back(info.pre);
  instants->push_back(info.trans);
  instants->push_back(info.post);
}

void AddTransitions(absl::TimeZone zone, absl::Time from, absl::Time to,
                    std::vector<absl::Time>* instants) {
  absl::TimeZone::CivilTransition transition;
  while (from < to && zone.NextTransition(from, &transition)) {
    // The clocks go forward over `from`, or back to `to`.
    absl::TimeZone::TimeInfo info = zone.At(transition.from);
    if (info.kind != absl::TimeZone::TimeInfo::SKIPPED) info = zone.At(transition.to);
    const absl::Time next = std::max(info.trans, from + absl::Seconds(1));
    instants->push_back(next);
    from = next;
  }
}

// Instants at which the window might open or close, some of which are in [from, to).
void AddChanges(const Facts& facts, const v1::Window& window, absl::Time from, absl::Time to,
                std::vector<absl::Time>* instants) {
  Daily daily;
  if (GetDaily(window, &daily)) {
    const bool elapsed = daily.hours->until_case() == v1::Hours::kElapsed;
    const LocalHours hours(*daily.hours);
    const absl::CivilDay last = absl::CivilDay(absl::ToCivilSecond(to, daily.zone)) + 2;
    for (absl::CivilDay day =
             absl::CivilDay(absl::ToCivilSecond(from, daily.zone)) - (elapsed ? kDaysBack : 2);
         day <= last; ++day) {
      if (!OpensOn(window, day)) continue;
      if (elapsed) {
        absl::Time start;
        const absl::CivilSecond civil = absl::CivilSecond(day) + hours.from;
        if (!ElapsedStart(daily.zone, civil, &start)) continue;
        instants->push_back(start);
        instants->push_back(start + ToDuration(daily.hours->elapsed()));
      } else {
        AddLocal(daily.zone, absl::CivilSecond(day) + hours.from, instants);
        AddLocal(daily.zone, absl::CivilSecond(day) + hours.to, instants);
      }
    }
    AddTransitions(daily.zone, from, to, instants);
    return;
  }
  switch (window.kind_case()) {
    case v1::Window::kAbsolute:
      instants->push_back(ToTime(window.absolute().start()));
      instants->push_back(ToTime(window.absolute().end()));
      return;
    case v1::Window::kCron: {
      const absl::TimeZone zone = Zone(window.cron().time_zone());
      const absl::Duration elapsed = ToDuration(window.cron().elapsed());
      const absl::CivilDay last = absl::CivilDay(absl::ToCivilSecond(to, zone)) + 2;
      for (absl::CivilDay day = absl::CivilDay(absl::ToCivilSecond(from, zone)) - kDaysBack;
           day <= last; ++day) {
        for (const absl::CivilSecond civil : CronStarts(window.cron(), day)) {
          absl::Time start;
          if (!ElapsedStart(zone, civil, &start)) continue;
          instants->push_back(start);
          instants->push_back(start + elapsed);
        }
      }
      return;
    }
    case v1::Window::kCalendar: {
      const v1::Calendar* calendar = FindCalendar(facts, window.calendar().calendar());
      if (calendar == nullptr) return;
      for (const int64_t start : calendar->starts_s()) {
        instants->push_back(absl::FromUnixSeconds(start));
      }
      for (const int64_t end : calendar->ends_s()) instants->push_back(absl::FromUnixSeconds(end));
      return;
    }
    default:
      return;
  }
}

bool InAny(const Facts& facts, const google::protobuf::RepeatedPtrField<v1::Window>& windows,
           absl::Time time) {
  for (const v1::Window& window : windows) {
    if (ContainsInstant(facts, window, time)) return true;
  }
  return false;
}

// [T1]
bool IsAllowed(const Facts& facts, const v1::TimeWindow& window, absl::Time time) {
  return window.allowed_case() == v1::TimeWindow::kAllowAlways ||
         InAny(facts, window.allow().windows(), time);
}

bool IsOpen(const Facts& facts, const v1::TimeWindow& window, absl::Time time) {
  return IsAllowed(facts, window, time) && !InAny(facts, window.deny(), time);
}

std::vector<v1::Window> PartsOf(const v1::TimeWindow& window) {
  std::vector<v1::Window> parts(window.allow().windows().begin(), window.allow().windows().end());
  parts.insert(parts.end(), window.deny().begin(), window.deny().end());
  return parts;
}

// Whether the window says nothing of months and days of them.
bool IsWeekly(const v1::TimeWindow& window) {
  for (const v1::Window& part : PartsOf(window)) {
    if (part.has_yearly() || part.has_nth_weekday()) return false;
    if (!part.has_cron()) continue;
    const std::vector<std::string> fields =
        absl::StrSplit(part.cron().start(), absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (fields[2] != "*" || fields[3] != "*") return false;
  }
  return true;
}

// All that the window's openings follow from but the instant.
std::string ContentOf(const Facts& facts, const v1::TimeWindow& window) {
  std::string content = window.SerializeAsString();
  for (const v1::Window& part : PartsOf(window)) {
    if (!part.has_calendar()) continue;
    const v1::Calendar* calendar = FindCalendar(facts, part.calendar().calendar());
    if (calendar != nullptr) content += calendar->SerializeAsString();
  }
  return content;
}

// An instant after which the window is the same week after week, month after month or year after
// year: nothing in it is of one date only.
absl::Time PeriodicFrom(const Facts& facts, const v1::TimeWindow& window) {
  absl::Time from = absl::InfinitePast();
  for (const v1::Window& part : PartsOf(window)) {
    if (part.has_absolute()) from = std::max(from, ToTime(part.absolute().end()));
    for (const std::string& date : part.dates().dates()) {
      const absl::CivilDay last = Date(date) + kDaysBack;
      from = std::max(from, absl::FromCivil(last, Zone(part.dates().time_zone())));
    }
    if (!part.has_calendar()) continue;
    const v1::Calendar* calendar = FindCalendar(facts, part.calendar().calendar());
    if (calendar == nullptr) continue;
    for (const int64_t end : calendar->ends_s()) {
      from = std::max(from, absl::FromUnixSeconds(end));
    }
  }
  return from;
}

// The first instant after `from` at which it is open for at least `runway`, `from` included; the
// infinite future if there is none within 400 years.
absl::Time FindOpening(const Facts& facts, const v1::TimeWindow& window, absl::Time from,
                       absl::Duration runway) {
  absl::Time open_since = IsOpen(facts, window, from) ? from : absl::InfiniteFuture();
  if (open_since == from && runway == absl::ZeroDuration()) return from;
  // Day by day at first, for most answers are near; then month by month.
  const absl::Duration periodic =
      absl::Hours(24) * (IsWeekly(window) ? kDaysOfWeeklySearch : kDaysOfPeriodicSearch);
  const absl::Time end = std::min(Plus(from, absl::Hours(24) * kDaysOfSearch),
                                  Plus(std::max(from, PeriodicFrom(facts, window)), periodic));
  absl::Time chunk = from;
  for (int step = 0; chunk < end; ++step) {
    const absl::Time next = chunk + absl::Hours(24) * (step < 7 ? 1 : 30);
    std::vector<absl::Time> instants;
    for (const v1::Window& part : window.allow().windows()) {
      AddChanges(facts, part, chunk, next, &instants);
    }
    for (const v1::Window& part : window.deny()) AddChanges(facts, part, chunk, next, &instants);
    instants.push_back(next);
    std::sort(instants.begin(), instants.end());
    absl::Time previous = chunk;
    for (const absl::Time time : instants) {
      if (time <= previous || time > next) continue;
      previous = time;
      const bool open = IsOpen(facts, window, time);
      if (open && open_since == absl::InfiniteFuture()) {
        open_since = time;
        if (runway == absl::ZeroDuration()) return time;
      } else if (open_since != absl::InfiniteFuture() && time - open_since >= runway) {
        return open_since;
      } else if (!open && open_since != absl::InfiniteFuture()) {
        open_since = absl::InfiniteFuture();
      }
    }
    chunk = next;
  }
  const bool long_enough = open_since != absl::InfiniteFuture() && chunk - open_since >= runway;
  return long_enough ? open_since : absl::InfiniteFuture();
}

// The same, remembered: an answer is that of every instant from `from` to it.
absl::Time FirstOpening(const Facts& facts, const v1::TimeWindow& window, absl::Time from,
                        absl::Duration runway) {
  if (PeriodicFrom(facts, window) - from > absl::Hours(24 * 366)) {
    return FindOpening(facts, window, from, runway);
  }
  using Span = std::pair<absl::Time, absl::Time>;
  static auto* const known = new std::map<std::string, std::map<absl::Duration, Span>>();
  std::map<absl::Duration, Span>& answers = (*known)[ContentOf(facts, window)];
  // What is never open for less is never open for so long.
  for (const auto& [shorter, answer] : answers) {
    const bool never = answer.second == absl::InfiniteFuture();
    if (shorter <= runway && never && answer.first <= from) return absl::InfiniteFuture();
  }
  const auto found = answers.emplace(runway, Span(absl::InfiniteFuture(), absl::InfinitePast()));
  Span& answer = found.first->second;
  if (from < answer.first || from > answer.second) {
    // From long before what is asked next.
    const absl::Time early = from - absl::Hours(24 * 60);
    answer = {early, FindOpening(facts, window, early, runway)};
    if (answer.second < from) answer = {from, FindOpening(facts, window, from, runway)};
  }
  return answer.second;
}

// Every calendar that the window reads [T2].
Judgement JudgeCalendars(const Facts& facts, const v1::TimeWindow& window) {
  Judgement worst = Clear();
  std::vector<const v1::Window*> parts;
  for (const v1::Window& part : window.allow().windows()) parts.push_back(&part);
  for (const v1::Window& part : window.deny()) parts.push_back(&part);
  for (const v1::Window* part : parts) {
    if (part->kind_case() != v1::Window::kCalendar) continue;
    const v1::Calendar* calendar = FindCalendar(facts, part->calendar().calendar());
    Judgement judgement = Clear();
    if (facts.organisation_fault != v1::ALL_CLEAR) {
      judgement = Invalid(facts.organisation_fault);
    } else if (OrganisationWentBack(facts)) {
      judgement = Unknown(v1::ORGANISATION_WENT_BACK);
    } else if (calendar == nullptr) {
      judgement = Unknown(v1::CALENDAR_ABSENT);
    } else if (FromTheFuture(facts, calendar->observed_at())) {
      judgement = Invalid(v1::FROM_THE_FUTURE);
    } else if (IsStale(facts, calendar->observed_at(), part->calendar().max_age())) {
      judgement = Unknown(v1::STALE);
    }
    worst = Worse(worst, judgement);
  }
  return worst;
}

}  // namespace

Judgement JudgeWindow(const Facts& facts, const v1::TimeWindow& window,
                      absl::Duration expected_duration) {
  const Judgement calendars = JudgeCalendars(facts, window);
  if (!calendars.clear()) return calendars;
  absl::Duration runway = absl::ZeroDuration();
  if (window.runway_case() == v1::TimeWindow::kMinRemaining) {
    runway = ToDuration(window.min_remaining());
  } else if (window.runway_case() == v1::TimeWindow::kExpectedDuration) {
    runway = expected_duration;
  }
  const absl::Time opening = FirstOpening(facts, window, facts.now, runway);
  if (opening == facts.now) return Clear();
  if (opening == absl::InfiniteFuture()) return Blocking(v1::NEVER_OPENS);
  if (InAny(facts, window.deny(), facts.now)) return Blocking(v1::IN_DENY);
  if (!IsAllowed(facts, window, facts.now)) return Blocking(v1::OUTSIDE_ALLOW);
  return Blocking(v1::RUNWAY_SHORT);
}

}  // namespace reference
}  // namespace sluice
