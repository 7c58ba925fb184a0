#include "tests/calendar/reference_windows.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <variant>

#include "sluice/calendar/cron.h"
#include "sluice/calendar/zone.h"

namespace sluice {
namespace {

absl::TimeZone ZoneOf(const Zone& of) {
  static auto* zones = new std::map<std::string, absl::TimeZone>();
  absl::TimeZone& zone = (*zones)[of.name()];
  if (zone == absl::TimeZone()) absl::LoadTimeZone(of.name(), &zone);
  return zone;
}

absl::TimeZone ZoneOf(const CalendarWindow& window) { return ZoneOf(window.zone); }

// 1 is Monday.
int IsoWeekday(absl::CivilDay day) { return static_cast<int>(absl::GetWeekday(day)) + 1; }

absl::CivilSecond SecondOf(absl::CivilDay day, int second) {
  return absl::CivilSecond(day) + second;
}

bool InHours(const CalendarWindow& window, const LocalHours& hours, absl::Time t) {
  const absl::CivilSecond reading = ZoneOf(window).At(t).cs;
  const absl::CivilDay today(reading);
  const int start = hours.start.second_of_day;
  const int end = hours.end.second_of_day;
  for (absl::CivilDay day : {today - 1, today}) {
    if (!ReferenceOpensOn(window.days, day)) continue;
    const absl::CivilSecond opens = SecondOf(day, start);
    const absl::CivilSecond closes = end > start ? SecondOf(day, end) : SecondOf(day + 1, end);
    if (opens <= reading && reading < closes) return true;
  }
  return false;
}

bool InElapsed(const CalendarWindow& window, const Elapsed& elapsed, absl::Time t) {
  const absl::TimeZone zone = ZoneOf(window);
  const absl::CivilDay today(zone.At(t).cs);
  const int days_back = static_cast<int>(elapsed.duration / absl::Hours(24)) + 3;
  for (int i = -2; i <= days_back; ++i) {
    const absl::CivilDay day = today - i;
    if (!ReferenceOpensOn(window.days, day)) continue;
    // A day that is skipped begins and ends at the same instant.
    if (absl::FromCivil(day, zone) == absl::FromCivil(day + 1, zone)) continue;
    const absl::Time start = absl::FromCivil(SecondOf(day, elapsed.start.second_of_day), zone);
    if (start <= t && t < start + elapsed.duration) return true;
  }
  return false;
}

bool StartsOn(const Cron& cron, absl::CivilDay day) {
  if (!cron.months[day.month() - 1]) return false;
  const bool number = cron.days[day.day() - 1];
  const bool weekday = cron.weekdays[IsoWeekday(day) - 1];
  return cron.either_day ? number || weekday : number && weekday;
}

// Calls `visit` with every start on the days from `first` to `last`.
template <typename Visit>
void VisitStarts(const CronWindow& window, absl::CivilDay first, absl::CivilDay last,
                 const Visit& visit) {
  const absl::TimeZone zone = ZoneOf(window.zone);
  for (absl::CivilDay day = first; day <= last; ++day) {
    if (!StartsOn(window.start, day)) continue;
    // A day that is skipped begins and ends at the same instant.
    if (absl::FromCivil(day, zone) == absl::FromCivil(day + 1, zone)) continue;
    for (int minute = 0; minute < 24 * 60; ++minute) {
      if (!window.start.hours[minute / 60] || !window.start.minutes[minute % 60]) continue;
      visit(absl::FromCivil(SecondOf(day, minute * 60), zone));
    }
  }
}

bool ContainsCron(const CronWindow& window, absl::Time t) {
  const absl::CivilDay today(ZoneOf(window.zone).At(t).cs);
  const int days_back = static_cast<int>(window.duration / absl::Hours(24)) + 3;
  bool contains = false;
  VisitStarts(window, today - days_back, today + 2, [&](absl::Time start) {
    contains = contains || (start <= t && t < start + window.duration);
  });
  return contains;
}

bool ContainsCalendar(const CalendarWindow& window, absl::Time t) {
  if (const auto* hours = std::get_if<LocalHours>(&window.hours)) return InHours(window, *hours, t);
  if (const auto* elapsed = std::get_if<Elapsed>(&window.hours)) {
    return InElapsed(window, *elapsed, t);
  }
  return ReferenceOpensOn(window.days, absl::CivilDay(ZoneOf(window).At(t).cs));
}

void AddReading(absl::CivilSecond reading, const absl::TimeZone& zone,
                std::set<absl::Time>* candidates) {
  const absl::TimeZone::TimeInfo info = zone.At(reading);
  candidates->insert(info.pre);
  candidates->insert(info.trans);
  candidates->insert(info.post);
}

void AddCandidates(const Window& any, absl::Time from, absl::Time to,
                   std::set<absl::Time>* candidates) {
  if (const auto* absolute = std::get_if<AbsoluteWindow>(&any)) {
    candidates->insert(absolute->start);
    candidates->insert(absolute->end);
    return;
  }
  if (const auto* cron = std::get_if<CronWindow>(&any)) {
    const absl::TimeZone zone = ZoneOf(cron->zone);
    VisitStarts(*cron, absl::CivilDay(zone.At(from).cs) - 35, absl::CivilDay(zone.At(to).cs) + 2,
                [&](absl::Time start) {
                  candidates->insert(start);
                  candidates->insert(start + cron->duration);
                });
    return;
  }
  const auto& window = std::get<CalendarWindow>(any);
  const absl::TimeZone zone = ZoneOf(window);
  const auto* hours = std::get_if<LocalHours>(&window.hours);
  const auto* elapsed = std::get_if<Elapsed>(&window.hours);
  const absl::CivilDay last = absl::CivilDay(zone.At(to).cs) + 2;
  for (absl::CivilDay day = absl::CivilDay(zone.At(from).cs) - 35; day <= last; ++day) {
    AddReading(absl::CivilSecond(day), zone, candidates);
    if (hours != nullptr) {
      AddReading(SecondOf(day, hours->start.second_of_day), zone, candidates);
      AddReading(SecondOf(day, hours->end.second_of_day), zone, candidates);
    }
    if (elapsed != nullptr) {
      const absl::Time start = absl::FromCivil(SecondOf(day, elapsed->start.second_of_day), zone);
      candidates->insert(start);
      candidates->insert(start + elapsed->duration);
    }
  }
  // Transitions, found by the change of the offset: no two lie within an hour of each other.
  for (absl::Time t = from - absl::Hours(1); t <= to; t += absl::Hours(1)) {
    const int offset = zone.At(t).offset;
    if (zone.At(t + absl::Hours(1)).offset == offset) continue;
    absl::Time before = t;
    absl::Time after = t + absl::Hours(1);
    while (after - before > absl::Seconds(1)) {
      const absl::Time middle = before + absl::Floor((after - before) / 2, absl::Seconds(1));
      (zone.At(middle).offset == offset ? before : after) = middle;
    }
    candidates->insert(absl::FromUnixSeconds(absl::ToUnixSeconds(after)));
    candidates->insert(absl::FromUnixSeconds(absl::ToUnixSeconds(before)));
  }
}

}  // namespace

bool ReferenceOpensOn(const Days& days, absl::CivilDay day) {
  if (const auto* weekly = std::get_if<Weekly>(&days)) return weekly->on[IsoWeekday(day) - 1];
  if (const auto* range = std::get_if<YearlyRange>(&days)) {
    const auto first = std::make_tuple(range->first.month, range->first.day);
    const auto last = std::make_tuple(range->last.month, range->last.day);
    const auto here = std::make_tuple(day.month(), day.day());
    return first <= last ? first <= here && here <= last : first <= here || here <= last;
  }
  if (const auto* dates = std::get_if<Dates>(&days)) {
    return std::any_of(dates->on.begin(), dates->on.end(), [&](const Date& date) {
      return absl::CivilDay(date.year, date.month, date.day) == day;
    });
  }
  const auto& nth = std::get<NthWeekday>(days);
  const absl::CivilDay base = day - nth.offset_days;
  if (!nth.months[base.month() - 1] || IsoWeekday(base) != static_cast<int>(nth.weekday)) {
    return false;
  }
  if (nth.nth == -1) return absl::CivilMonth(base) != absl::CivilMonth(base + 7);
  return (base.day() - 1) / 7 + 1 == nth.nth;
}

bool ReferenceContains(const Window& window, absl::Time t) {
  if (const auto* absolute = std::get_if<AbsoluteWindow>(&window)) {
    return absolute->start <= t && t < absolute->end;
  }
  if (const auto* cron = std::get_if<CronWindow>(&window)) return ContainsCron(*cron, t);
  return ContainsCalendar(std::get<CalendarWindow>(window), t);
}

Coverage ReferenceCoverage(const WindowRules& rules, absl::Time t) {
  const auto contains = [&](const Window& window) { return ReferenceContains(window, t); };
  if (std::any_of(rules.deny.begin(), rules.deny.end(), contains)) return Coverage::kDenied;
  const auto* allow = std::get_if<std::vector<Window>>(&rules.allow);
  if (allow == nullptr || std::any_of(allow->begin(), allow->end(), contains)) {
    return Coverage::kAllowed;
  }
  return Coverage::kOutside;
}

std::vector<absl::Time> ReferenceCandidates(const WindowRules& rules, absl::Time from,
                                            absl::Time to) {
  std::set<absl::Time> candidates = {from, to};
  if (const auto* allow = std::get_if<std::vector<Window>>(&rules.allow)) {
    for (const Window& window : *allow) AddCandidates(window, from, to, &candidates);
  }
  for (const Window& window : rules.deny) AddCandidates(window, from, to, &candidates);
  return std::vector<absl::Time>(candidates.lower_bound(from), candidates.upper_bound(to));
}

}  // namespace sluice
