// Random windows in many zones, against the slow reference.

#include <algorithm>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/cron.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/layered_schedule.h"
#include "sluice/calendar/timeline.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/window_set.h"
#include "sluice/calendar/zone.h"
#include "tests/calendar/at.h"
#include "tests/calendar/reference_windows.h"

namespace sluice {
namespace {

constexpr const char* kZones[] = {
    "Africa/Abidjan",      "Africa/Cairo",
    "Africa/Casablanca",   "Africa/El_Aaiun",
    "Africa/Monrovia",     "America/Asuncion",
    "America/Caracas",     "America/Havana",
    "America/Juneau",      "America/New_York",
    "America/Nuuk",        "America/Santiago",
    "America/Sao_Paulo",   "America/Scoresbysund",
    "America/St_Johns",    "Antarctica/Casey",
    "Antarctica/Troll",    "Asia/Amman",
    "Asia/Beirut",         "Asia/Gaza",
    "Asia/Kathmandu",      "Asia/Kolkata",
    "Asia/Manila",         "Asia/Pyongyang",
    "Asia/Tehran",         "Asia/Tokyo",
    "Atlantic/Azores",     "Australia/Eucla",
    "Australia/Lord_Howe", "Australia/Sydney",
    "Europe/Amsterdam",    "Europe/Berlin",
    "Europe/Dublin",       "Europe/Istanbul",
    "Europe/Lisbon",       "Europe/London",
    "Europe/Moscow",       "Pacific/Apia",
    "Pacific/Auckland",    "Pacific/Chatham",
    "Pacific/Easter",      "Pacific/Fakaofo",
    "Pacific/Kiritimati",  "Pacific/Kwajalein",
    "Pacific/Norfolk",     "UTC",
};

constexpr absl::Duration kNano = absl::Nanoseconds(1);

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int64_t Between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }
  bool OneIn(int n) { return Between(1, n) == 1; }

  Zone AnyZone() { return *Zone::Load(kZones[Between(0, std::size(kZones) - 1)]); }

  // Near a transition of the zone, or anywhere.
  absl::Time AnyTime(const Zone& zone) {
    absl::TimeZone source;
    EXPECT_TRUE(absl::LoadTimeZone(zone.name(), &source));
    absl::Time t;
    switch (Between(0, 5)) {
      case 0:
        t = absl::FromUnixSeconds(Between(-62135596800, 253402300799));
        break;
      case 1:
        t = absl::FromUnixSeconds(Between(-2000000000, 4000000000));
        break;
      default: {
        t = absl::FromUnixSeconds(Between(-4000000000, OneIn(4) ? 200000000000 : 2500000000));
        absl::TimeZone::CivilTransition transition;
        if (source.NextTransition(t, &transition)) t = source.At(transition.to).trans;
        t += absl::Seconds(Between(-200000, 100000));
      }
    }
    if (OneIn(2)) t = absl::FromUnixSeconds(absl::ToUnixSeconds(t) / 900 * 900);
    t += kNano * Between(-1, 1);
    return std::clamp(t, absl::FromUnixSeconds(-62135596800),
                      absl::FromUnixSeconds(253402300800) - kNano);
  }

  LocalTime AnyReading(bool end) {
    const int64_t grain = OneIn(3) ? 60 : 1800;
    const int64_t last = end ? 86400 : 86400 - grain;
    if (OneIn(3)) return LocalTime{static_cast<int32_t>(Between(0, 8) * 1800)};
    return LocalTime{static_cast<int32_t>(Between(0, last / grain) * grain)};
  }

  Days AnyDays(absl::Time near) {
    const absl::CivilDay day = absl::ToCivilDay(near, absl::UTCTimeZone());
    switch (Between(0, 4)) {
      case 0: {
        YearlyRange range;
        range.first = {static_cast<int>(Between(1, 12)), static_cast<int>(Between(1, 28))};
        range.last = {static_cast<int>(Between(1, 12)), static_cast<int>(Between(1, 28))};
        if (OneIn(2)) range.first = {day.month(), std::min(day.day(), 28)};
        if (OneIn(2)) range.last = {day.month(), std::min(day.day(), 28)};
        return range;
      }
      case 1: {
        Dates dates;
        for (int i = 0; i < 3; ++i) {
          const absl::CivilDay date = day + Between(-5, 5);
          if (date.year() < 1 || date.year() > 9999) continue;
          dates.on.push_back({static_cast<int>(date.year()), date.month(), date.day()});
        }
        dates.on.push_back({static_cast<int>(std::clamp<int64_t>(day.year(), 1, 9999)), 6, 1});
        return dates;
      }
      case 2: {
        NthWeekday nth;
        nth.nth = static_cast<int>(OneIn(3) ? -1 : Between(1, 5));
        nth.weekday = static_cast<Weekday>(Between(1, 7));
        nth.months = std::bitset<12>(OneIn(2) ? 4095 : Between(1, 4095));
        nth.offset_days = OneIn(2) ? 0 : static_cast<int>(Between(-31, 31));
        return nth;
      }
      default:
        return Weekly{std::bitset<7>(OneIn(3) ? 127 : Between(1, 127))};
    }
  }

  Hours AnyHours() {
    switch (Between(0, 5)) {
      case 0:
        return WholeDay{};
      case 1:
      case 2: {
        Elapsed elapsed{AnyReading(false), absl::Minutes(Between(1, 300))};
        if (OneIn(4)) elapsed.duration = absl::Hours(Between(20, 31 * 24));
        if (OneIn(4)) elapsed.duration -= kNano * Between(1, 999);
        return elapsed;
      }
      default:
        return LocalHours{AnyReading(false), AnyReading(true)};
    }
  }

  // A few starts a day.
  Cron AnyCron() {
    Cron cron;
    for (int64_t i = Between(1, 3); i > 0; --i) {
      cron.minutes.set(static_cast<size_t>(OneIn(2) ? 0 : Between(0, 59)));
      cron.hours.set(static_cast<size_t>(OneIn(2) ? Between(0, 4) : Between(0, 23)));
    }
    cron.months = std::bitset<12>(OneIn(2) ? 4095 : Between(1, 4095));
    cron.days = std::bitset<31>(OneIn(2) ? 0x7fffffff : Between(1, 0x7fffffff));
    if (OneIn(4)) cron.days = std::bitset<31>().set(static_cast<size_t>(Between(0, 30)));
    cron.weekdays = std::bitset<7>(OneIn(2) ? 127 : Between(1, 127));
    cron.either_day = OneIn(3);
    return cron;
  }

  Window AnyWindow(const Zone& zone, absl::Time near) {
    if (OneIn(6)) {
      CronWindow window{OneIn(4) ? AnyZone() : zone, AnyCron(), absl::Minutes(Between(1, 300))};
      if (OneIn(6)) window.duration = absl::Hours(Between(20, 31 * 24));
      if (OneIn(4)) window.duration -= kNano * Between(1, 999);
      if (FindFaults(window).empty()) return window;
    }
    if (OneIn(8)) {
      const absl::Time start = near + absl::Seconds(Between(-400000, 400000)) + kNano;
      const absl::Time end = start + absl::Seconds(Between(1, 400000)) + kNano * Between(0, 9);
      AbsoluteWindow window{start, end};
      if (FindFaults(window).empty()) return window;
    }
    return CalendarWindow{OneIn(4) ? AnyZone() : zone, AnyDays(near), AnyHours()};
  }

  WindowRules AnyRules(const Zone& zone, absl::Time near) {
    WindowRules rules;
    if (OneIn(4)) {
      rules.allow = AllowAlways{};
    } else {
      std::vector<Window> allow;
      for (int64_t i = Between(1, 3); i > 0; --i) allow.push_back(AnyWindow(zone, near));
      rules.allow = allow;
    }
    for (int64_t i = Between(0, 2); i > 0; --i) rules.deny.push_back(AnyWindow(zone, near));
    return rules;
  }

  absl::Duration AnyRunway() {
    if (OneIn(3)) return absl::ZeroDuration();
    if (OneIn(5)) return absl::Hours(Between(1, 24 * 9)) + kNano * Between(-1, 1);
    return absl::Minutes(Between(1, 600)) + kNano * Between(-1, 1);
  }

 private:
  std::mt19937 random_;
};

// What the reference says from `t` on, as far as `until`.
struct Forecast {
  WindowReason reason = WindowReason::kNeverOpens;  // Only if an opening was seen.
  absl::Time changes_at = absl::InfiniteFuture();
  absl::Time opens_at = absl::InfiniteFuture();
  absl::Time closes_at = absl::InfinitePast();
};

Forecast ReferenceForecast(const WindowRules& rules, absl::Time t, absl::Duration runway,
                           absl::Time until) {
  const std::vector<absl::Time> candidates = ReferenceCandidates(rules, t, until);
  std::vector<std::pair<absl::Time, Coverage>> runs;
  for (absl::Time candidate : candidates) {
    const Coverage coverage = ReferenceCoverage(rules, candidate);
    if (runs.empty() || runs.back().second != coverage) runs.emplace_back(candidate, coverage);
  }
  Forecast forecast;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].second != Coverage::kAllowed) continue;
    const absl::Time end = i + 1 < runs.size() ? runs[i + 1].first : absl::InfiniteFuture();
    if (i == 0) forecast.closes_at = end;
    if (end - runs[i].first >= runway) {
      forecast.opens_at = runs[i].first;
      break;
    }
  }
  if (runs.size() > 1) forecast.changes_at = runs[1].first;
  switch (runs[0].second) {
    case Coverage::kOutside:
      forecast.reason = WindowReason::kOutsideAllow;
      break;
    case Coverage::kDenied:
      forecast.reason = WindowReason::kInDeny;
      break;
    case Coverage::kAllowed:
      forecast.reason = WindowReason::kRunwayShort;
      if (forecast.opens_at == t) {
        forecast.reason = WindowReason::kOpen;
        if (runway > absl::ZeroDuration()) forecast.changes_at += kNano - runway;
      }
      break;
  }
  return forecast;
}

TEST(WindowSetProperties, AgreeWithTheReference) {
  Generator any(20260726);
  int seen[5] = {};
  for (int i = 0; i < 500; ++i) {
    const Zone zone = any.AnyZone();
    const absl::Time t = any.AnyTime(zone);
    const WindowRules rules = any.AnyRules(zone, t);
    const absl::Duration runway = any.AnyRunway();
    const absl::StatusOr<WindowSet> windows = WindowSet::Compile(rules);
    ASSERT_TRUE(windows.ok()) << i << ": " << windows.status();

    const absl::Time until = t + absl::Hours(24 * (any.OneIn(40) ? 400 : 45));
    const absl::Time seen_until = until - absl::Hours(24 * 10);  // A runway is shorter than that.
    const Forecast expected = ReferenceForecast(rules, t, runway, until);
    const WindowState state = windows->StateAt(t, runway);
    const std::string where =
        absl::StrCat(i, " at ", absl::FormatTime(t, absl::UTCTimeZone()), " runway ",
                     absl::FormatDuration(runway), " in ", zone.name());
    ++seen[static_cast<int>(state.reason)];
    const auto same = [&](absl::Time got, absl::Time reference) {
      if (reference > seen_until || reference >= absl::FromUnixSeconds(253402300800)) {
        return got > seen_until || got == absl::InfiniteFuture();
      }
      return got == reference;
    };
    ASSERT_TRUE(same(state.opens_at, expected.opens_at))
        << where << ": " << state.opens_at << " " << expected.opens_at;
    ASSERT_TRUE(same(state.closes_at, expected.closes_at))
        << where << ": " << state.closes_at << " " << expected.closes_at;
    if (state.reason == WindowReason::kNeverOpens) {
      ASSERT_GT(expected.opens_at, seen_until) << where;
      continue;
    }
    ASSERT_EQ(static_cast<int>(state.reason), static_cast<int>(expected.reason)) << where;
    ASSERT_TRUE(same(state.changes_at, expected.changes_at))
        << where << ": " << state.changes_at << " " << expected.changes_at;
  }
  for (int count : seen) EXPECT_GT(count, 15);
}

// Takes the absolute windows out of `windows`.
std::vector<std::vector<Stretch>> TakeAbsolute(std::vector<Window>* windows) {
  std::vector<std::vector<Stretch>> lists;
  std::vector<Window> others;
  for (const Window& window : *windows) {
    if (const auto* absolute = std::get_if<AbsoluteWindow>(&window)) {
      lists.push_back({{ToInstant(absolute->start), ToInstant(absolute->end)}});
    } else {
      others.push_back(window);
    }
  }
  *windows = std::move(others);
  return lists;
}

// An overlay says what absolute windows would.
TEST(WindowSetProperties, OverlaysAreAbsoluteWindows) {
  Generator any(31);
  int seen[5] = {};
  for (int i = 0; i < 120; ++i) {
    const Zone zone = any.AnyZone();
    const absl::Time near = any.AnyTime(zone);
    WindowRules rules = any.AnyRules(zone, near);
    const auto more = [&] {
      const absl::Time start = near + absl::Seconds(any.Between(-400000, 900000));
      return AbsoluteWindow{start, start + absl::Seconds(any.Between(1, 400000))};
    };
    auto* allow = std::get_if<std::vector<Window>>(&rules.allow);
    for (int64_t n = any.Between(0, 4); n > 0; --n) rules.deny.push_back(more());
    for (int64_t n = any.Between(0, 4); n > 0 && allow != nullptr; --n) allow->push_back(more());
    bool sound = true;
    for (const Window& window : rules.deny) sound = sound && FindFaults(window).empty();
    for (size_t n = 0; allow != nullptr && n < allow->size(); ++n) {
      sound = sound && FindFaults((*allow)[n]).empty();
    }
    if (!sound) continue;
    const absl::StatusOr<WindowSet> whole = WindowSet::Compile(rules);
    ASSERT_TRUE(whole.ok()) << whole.status();

    const std::vector<std::vector<Stretch>> deny = TakeAbsolute(&rules.deny);
    std::vector<std::vector<Stretch>> allowed;
    if (allow != nullptr) allowed = TakeAbsolute(allow);
    rules.overlay_allows = !allowed.empty();
    Overlay overlay;
    for (const std::vector<Stretch>& list : allowed) overlay.allow.push_back(list);
    for (const std::vector<Stretch>& list : deny) overlay.deny.push_back(list);
    const absl::StatusOr<WindowSet> parts = WindowSet::Compile(rules);
    ASSERT_TRUE(parts.ok()) << parts.status();
    const absl::Duration runway = any.AnyRunway();
    for (int n = 0; n < 20; ++n) {
      const absl::Time t = near + absl::Seconds(any.Between(-500000, 1500000));
      const WindowState a = whole->StateAt(t, runway);
      const WindowState b = parts->StateAt(t, runway, overlay);
      ++seen[static_cast<int>(a.reason)];
      ASSERT_EQ(static_cast<int>(b.reason), static_cast<int>(a.reason)) << i << " " << t;
      ASSERT_EQ(b.changes_at, a.changes_at) << i << " " << t;
      ASSERT_EQ(b.opens_at, a.opens_at) << i << " " << t;
      ASSERT_EQ(b.closes_at, a.closes_at) << i << " " << t;
    }
  }
  for (int count : seen) EXPECT_GT(count, 50);
}

// A host that sleeps until changes_at sees every change, and sees it at its first nanosecond.
TEST(WindowSetProperties, ChangesAreExactBothWays) {
  Generator any(7);
  for (int i = 0; i < 150; ++i) {
    const Zone zone = any.AnyZone();
    absl::Time t = any.AnyTime(zone);
    const WindowRules rules = any.AnyRules(zone, t);
    const absl::Duration runway = any.AnyRunway();
    const absl::StatusOr<WindowSet> windows = WindowSet::Compile(rules);
    ASSERT_TRUE(windows.ok()) << windows.status();
    for (int step = 0; step < 30; ++step) {
      const WindowState state = windows->StateAt(t, runway);
      const Coverage coverage = ReferenceCoverage(rules, t);
      ASSERT_EQ(state.closes_at != absl::InfinitePast(), coverage == Coverage::kAllowed);
      if (state.reason == WindowReason::kInDeny) {
        ASSERT_EQ(coverage, Coverage::kDenied);
      } else if (state.reason == WindowReason::kOutsideAllow) {
        ASSERT_EQ(coverage, Coverage::kOutside);
      } else if (state.reason != WindowReason::kNeverOpens) {
        ASSERT_EQ(coverage, Coverage::kAllowed);
      }
      if (state.opens_at != absl::InfiniteFuture()) {
        ASSERT_EQ(windows->StateAt(state.opens_at, runway).reason, WindowReason::kOpen);
        if (state.opens_at > t) {
          ASSERT_NE(windows->StateAt(state.opens_at - kNano, runway).reason, WindowReason::kOpen);
        }
      }
      if (state.changes_at == absl::InfiniteFuture()) break;
      ASSERT_GT(state.changes_at, t);
      ASSERT_EQ(windows->StateAt(state.changes_at - kNano, runway).reason, state.reason);
      ASSERT_NE(windows->StateAt(state.changes_at, runway).reason, state.reason);
      const int64_t length =
          absl::ToInt64Seconds(std::min(state.changes_at - t, absl::Hours(24 * 365 * 90)));
      const absl::Time between = t + absl::Seconds(any.Between(0, length));
      if (between < state.changes_at) {
        ASSERT_EQ(windows->StateAt(between, runway).reason, state.reason);
      }
      t = state.changes_at;
    }
  }
}

// Every second around clock changes of all shapes.
TEST(WindowSetProperties, EverySecondAroundTransitions) {
  struct Case {
    const char* zone;
    const char* transition;
  };
  const Case cases[] = {
      {"America/New_York", "2026-03-08T07:00:00Z"},
      {"America/New_York", "2026-11-01T06:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
      {"Pacific/Apia", "2011-12-30T10:00:00Z"},
      {"America/Sao_Paulo", "2018-02-18T02:00:00Z"},
      {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
      {"Asia/Beirut", "2026-03-28T22:00:00Z"},
      {"Europe/Dublin", "2026-10-25T01:00:00Z"},
      {"America/Nuuk", "2026-03-29T01:00:00Z"},
      {"America/Nuuk", "2026-10-25T01:00:00Z"},
      {"America/Havana", "2026-11-01T05:00:00Z"},
      {"Pacific/Kwajalein", "1993-08-21T12:00:00Z"},
      {"Pacific/Kwajalein", "1969-09-30T13:00:00Z"},
      {"Antarctica/Troll", "2026-10-25T01:00:00Z"},
      {"Africa/Monrovia", "1972-01-07T00:44:30Z"},
  };
  Generator any(99);
  for (const Case& c : cases) {
    const Zone zone = *Zone::Load(c.zone);
    const absl::Time transition = At(c.transition);
    ASSERT_NE(zone.OffsetAt(absl::ToUnixSeconds(transition)),
              zone.OffsetAt(absl::ToUnixSeconds(transition) - 1))
        << c.zone << transition;
    for (int i = 0; i < 3; ++i) {
      const WindowRules rules = any.AnyRules(zone, transition);
      const absl::StatusOr<WindowSet> windows = WindowSet::Compile(rules);
      ASSERT_TRUE(windows.ok());
      for (int second = -2 * 3600; second < 2 * 3600; ++second) {
        const absl::Time t = transition + absl::Seconds(second);
        ASSERT_EQ(windows->StateAt(t, absl::ZeroDuration()).closes_at != absl::InfinitePast(),
                  ReferenceCoverage(rules, t) == Coverage::kAllowed)
            << c.zone << " " << t;
      }
    }
  }
}

}  // namespace
}  // namespace sluice
