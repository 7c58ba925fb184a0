#include "sluice/blockers/time_window.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/stretch.h"
#include "sluice/calendar/window_set.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kHour = absl::Hours(1);

// Zero() is 2027-01-15T08:00:00Z, a Friday.
constexpr char kFixed[] = "absolute { start { seconds: 1800000000 } end { seconds: 1800007200 } }";

std::vector<std::string> FaultsOf(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  const TimeWindow window = ParseTimeWindow(FromText<v1::TimeWindow>(text), root, errors);
  EXPECT_TRUE(window.windows.has_value() || !errors.empty());
  return FaultsIn(errors);
}

// With one window of the kind given in `text`.
std::vector<std::string> WindowFaults(const std::string& text) {
  return FaultsOf(
      absl::StrCat("allow { windows { ", text, " } } no_min_remaining {} in_flight: STOP"));
}

TimeWindow Parsed(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  TimeWindow window = ParseTimeWindow(FromText<v1::TimeWindow>(text), root, errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  return window;
}

// Without organisation facts, where windows are no calendars.
Judgement Check(const TimeWindow& window, absl::Duration expected_duration, absl::Time now) {
  const World world;
  return Check(window, world.subject(), expected_duration, now);
}

std::vector<Step> Steps(const TimeWindow& window, absl::Duration from,
                        absl::Duration expected_duration = absl::ZeroDuration()) {
  return StepsOf([&](absl::Time now) { return Check(window, expected_duration, now); }, from);
}

TEST(ParseTimeWindowTest, NothingFails) {
  EXPECT_THAT(FaultsOf(""),
              ElementsAre(" MISSING", "no_min_remaining MISSING", "in_flight MISSING"));
}

TEST(ParseTimeWindowTest, ChoicesFail) {
  EXPECT_THAT(FaultsOf("allow {} no_min_remaining {} in_flight: STOP"),
              ElementsAre("allow.windows MISSING"));
  EXPECT_THAT(FaultsOf("allow_always {} min_remaining {} in_flight: STOP"),
              ElementsAre("min_remaining INVALID_VALUE"));
  v1::TimeWindow proto =
      FromText<v1::TimeWindow>("allow_always {} no_min_remaining {} in_flight: STOP");
  proto.set_in_flight(static_cast<v1::TimeWindow::InFlight>(3));
  const FieldPath root;
  FieldErrors errors;
  ParseTimeWindow(proto, root, errors);
  EXPECT_THAT(FaultsIn(errors), ElementsAre("in_flight INVALID_VALUE"));
}

TEST(ParseTimeWindowTest, ReadsTheChoices) {
  const TimeWindow stop = Parsed("allow_always {} no_min_remaining {} in_flight: STOP");
  EXPECT_FALSE(stop.finish_wave);
  EXPECT_EQ(stop.runway, Runway::kNone);
  EXPECT_THAT(stop.zones, IsEmpty());
  const TimeWindow finish =
      Parsed("allow_always {} min_remaining { seconds: 5 } in_flight: FINISH_WAVE");
  EXPECT_TRUE(finish.finish_wave);
  EXPECT_EQ(finish.runway, Runway::kDuration);
  EXPECT_EQ(finish.min_remaining, absl::Seconds(5));
  EXPECT_EQ(Parsed("allow_always {} expected_duration {} in_flight: STOP").runway,
            Runway::kExpectedDuration);
}

TEST(ParseTimeWindowTest, TooManyWindowsFail) {
  const auto with = [](size_t allow, size_t deny) {
    std::string text = "no_min_remaining {} in_flight: STOP allow {";
    for (size_t i = 0; i < allow; ++i) absl::StrAppend(&text, "windows { ", kFixed, " } ");
    text += "}";
    for (size_t i = 0; i < deny; ++i) absl::StrAppend(&text, "deny { ", kFixed, " } ");
    return FaultsOf(text);
  };
  EXPECT_THAT(with(kMaxWindows, 0), IsEmpty());
  EXPECT_THAT(with(kMaxWindows + 1, 0), ElementsAre("allow.windows TOO_LARGE"));
  EXPECT_THAT(with(1, kMaxWindows + 1), ElementsAre("deny TOO_LARGE"));
  EXPECT_THAT(with(kMaxWindows, 1), ElementsAre(" TOO_LARGE"));
}

TEST(ParseTimeWindowTest, EveryFaultAtOnce) {
  EXPECT_THAT(FaultsOf("allow { windows {} windows { absolute {} } } deny { cron {} }"),
              ElementsAre("allow.windows[0] MISSING", "allow.windows[1].absolute.start MISSING",
                          "allow.windows[1].absolute.end MISSING", "deny[0].cron.time_zone MISSING",
                          "deny[0].cron.start MISSING", "deny[0].cron.elapsed MISSING",
                          "no_min_remaining MISSING", "in_flight MISSING"));
}

TEST(ParseWindowTest, NthWeekdayFails) {
  const std::string prefix = "allow.windows[0].nth_weekday.";
  EXPECT_THAT(
      WindowFaults("nth_weekday {}"),
      ElementsAre(prefix + "time_zone MISSING", prefix + "nth MISSING", prefix + "weekday MISSING",
                  prefix + "months MISSING", prefix + "hours MISSING"));
  const auto faults = [](const std::string& text) {
    return WindowFaults(absl::StrCat("nth_weekday { time_zone: 'UTC' weekday: FRIDAY ", text,
                                     " hours { start: '09:00' end: '17:00' } }"));
  };
  for (const char* text : {"nth: 1 months: 1", "nth: 5 months: [1, 12] offset_days: 31",
                           "nth: -1 months: 2 offset_days: -31"}) {
    EXPECT_THAT(faults(text), IsEmpty()) << text;
  }
  EXPECT_THAT(faults("nth: 6 months: 1"), ElementsAre(prefix + "nth INVALID_VALUE"));
  EXPECT_THAT(faults("nth: -2 months: 1"), ElementsAre(prefix + "nth INVALID_VALUE"));
  EXPECT_THAT(faults("nth: 1 months: [0, 13]"),
              ElementsAre(prefix + "months[0] INVALID_VALUE", prefix + "months[1] INVALID_VALUE"));
  EXPECT_THAT(faults("nth: 1 months: [7, 7]"), ElementsAre(prefix + "months[1] DUPLICATE"));
  EXPECT_THAT(faults("nth: 1 months: 1 offset_days: 32"),
              ElementsAre(prefix + "offset_days INVALID_VALUE"));
  EXPECT_THAT(faults("nth: 1 months: 1 offset_days: -32"),
              ElementsAre(prefix + "offset_days INVALID_VALUE"));
}

TEST(ParseWindowTest, CronFails) {
  const std::string prefix = "allow.windows[0].cron.";
  EXPECT_THAT(WindowFaults("cron {}"),
              ElementsAre(prefix + "time_zone MISSING", prefix + "start MISSING",
                          prefix + "elapsed MISSING"));
  const auto faults = [](const std::string& start, const std::string& elapsed) {
    return WindowFaults(
        absl::StrCat("cron { time_zone: 'UTC' start: '", start, "' elapsed { ", elapsed, " } }"));
  };
  EXPECT_THAT(faults("0 9 * * 1", "nanos: 1"), IsEmpty());
  EXPECT_THAT(faults("0 9 * * 1", "seconds: 2678400"), IsEmpty());
  EXPECT_THAT(faults("0 9 * * 1", "seconds: 2678400 nanos: 1"),
              ElementsAre(prefix + "elapsed INVALID_VALUE"));
  EXPECT_THAT(faults("0 9 * * 1", ""), ElementsAre(prefix + "elapsed INVALID_VALUE"));
  EXPECT_THAT(faults("0 9 * *", "seconds: 1"), ElementsAre(prefix + "start INVALID_VALUE"));
  EXPECT_THAT(faults("0 9 30 2 *", "seconds: 1"), ElementsAre(prefix + "start INVALID_VALUE"));
}

TEST(ParseWindowTest, CalendarFails) {
  const std::string prefix = "allow.windows[0].calendar.";
  EXPECT_THAT(WindowFaults("calendar {}"),
              ElementsAre(prefix + "calendar MISSING", prefix + "max_age MISSING"));
  EXPECT_THAT(WindowFaults("calendar { calendar: 'a b' max_age {} }"),
              ElementsAre(prefix + "calendar INVALID_VALUE", prefix + "max_age INVALID_VALUE"));
  EXPECT_THAT(WindowFaults("calendar { calendar: 'a' max_age { seconds: 1 } }"), IsEmpty());
}

TEST(ParseWindowTest, AbsoluteFails) {
  const auto faults = [](const std::string& text) {
    return WindowFaults(absl::StrCat("absolute { ", text, " }"));
  };
  const std::string prefix = "allow.windows[0].absolute.";
  EXPECT_THAT(faults("start { seconds: 5 } end { seconds: 5 nanos: 1 }"), IsEmpty());
  EXPECT_THAT(faults("start { seconds: 5 } end { seconds: 5 }"),
              ElementsAre(prefix + "end INVALID_VALUE"));
  EXPECT_THAT(faults("start { seconds: 5 } end { seconds: 4 }"),
              ElementsAre(prefix + "end INVALID_VALUE"));
  EXPECT_THAT(faults("start { nanos: -1 } end { seconds: 253402300800 }"),
              ElementsAre(prefix + "start INVALID_VALUE", prefix + "end INVALID_VALUE"));
}

constexpr char kHours[] = "hours { start: '09:00' end: '17:00' }";

TEST(ParseWindowTest, WeeklyFails) {
  const auto faults = [](const std::string& text) {
    return WindowFaults(absl::StrCat("weekly { ", text, " }"));
  };
  const std::string prefix = "allow.windows[0].weekly.";
  EXPECT_THAT(faults(absl::StrCat("time_zone: 'Europe/Berlin' days: [MONDAY, SUNDAY] ", kHours)),
              IsEmpty());
  EXPECT_THAT(faults(""), ElementsAre(prefix + "time_zone MISSING", prefix + "days MISSING",
                                      prefix + "hours MISSING"));
  EXPECT_THAT(faults(absl::StrCat("time_zone: 'Europe/Atlantis' days: MONDAY ", kHours)),
              ElementsAre(prefix + "time_zone INVALID_VALUE"));
  EXPECT_THAT(faults(absl::StrCat("time_zone: 'localtime' days: MONDAY ", kHours)),
              ElementsAre(prefix + "time_zone INVALID_VALUE"));
  EXPECT_THAT(faults(absl::StrCat("time_zone: 'UTC' days: [MONDAY, TUESDAY, MONDAY] ", kHours)),
              ElementsAre(prefix + "days[2] DUPLICATE"));
  EXPECT_THAT(faults(absl::StrCat("time_zone: 'UTC' days: WEEKDAY_UNSPECIFIED ", kHours)),
              ElementsAre(prefix + "days[0] INVALID_VALUE"));
  v1::TimeWindow proto = FromText<v1::TimeWindow>(
      "allow { windows { weekly { time_zone: 'UTC' days: MONDAY hours { "
      "start: '09:00' end: '17:00' } } } } no_min_remaining {} in_flight: STOP");
  auto* days = proto.mutable_allow()->mutable_windows(0)->mutable_weekly();
  days->set_days(0, static_cast<v1::Weekday>(8));
  const FieldPath root;
  FieldErrors errors;
  ParseTimeWindow(proto, root, errors);
  EXPECT_THAT(FaultsIn(errors), ElementsAre(prefix + "days[0] INVALID_VALUE"));
}

TEST(ParseWindowTest, HoursFail) {
  const auto faults = [](const std::string& text) {
    return WindowFaults(
        absl::StrCat("weekly { time_zone: 'UTC' days: MONDAY hours { ", text, " } }"));
  };
  const std::string prefix = "allow.windows[0].weekly.hours";
  EXPECT_THAT(faults("start: '00:00' end: '24:00'"), IsEmpty());
  EXPECT_THAT(faults("start: '22:00' end: '06:00'"), IsEmpty());
  EXPECT_THAT(faults("start: '22:00' elapsed { seconds: 2678400 }"), IsEmpty());
  EXPECT_THAT(faults(""), ElementsAre(prefix + ".start MISSING", prefix + " MISSING"));
  EXPECT_THAT(faults("start: '24:00' end: '24:01'"),
              ElementsAre(prefix + ".start INVALID_VALUE", prefix + ".end INVALID_VALUE"));
  EXPECT_THAT(faults("start: '9:00' end: ''"),
              ElementsAre(prefix + ".start INVALID_VALUE", prefix + ".end MISSING"));
  EXPECT_THAT(faults("start: '09:00' elapsed {}"), ElementsAre(prefix + ".elapsed INVALID_VALUE"));
  EXPECT_THAT(faults("start: '09:00' elapsed { seconds: 2678400 nanos: 1 }"),
              ElementsAre(prefix + ".elapsed INVALID_VALUE"));
}

TEST(ParseWindowTest, YearlyFails) {
  const auto faults = [](const std::string& text) {
    return WindowFaults(absl::StrCat("yearly { time_zone: 'UTC' ", text, " ", kHours, " }"));
  };
  const std::string prefix = "allow.windows[0].yearly.";
  EXPECT_THAT(faults("first_day: '12-20' last_day: '01-05'"), IsEmpty());
  EXPECT_THAT(faults(""), ElementsAre(prefix + "first_day MISSING", prefix + "last_day MISSING"));
  EXPECT_THAT(faults("first_day: '02-29' last_day: '02-30'"),
              ElementsAre(prefix + "first_day INVALID_VALUE", prefix + "last_day INVALID_VALUE"));
  EXPECT_THAT(faults("first_day: '2-1' last_day: '13-01'"),
              ElementsAre(prefix + "first_day INVALID_VALUE", prefix + "last_day INVALID_VALUE"));
}

TEST(ParseWindowTest, DatesFail) {
  const auto faults = [](const std::string& text) {
    return WindowFaults(absl::StrCat("dates { time_zone: 'UTC' ", text, " ", kHours, " }"));
  };
  const std::string prefix = "allow.windows[0].dates.";
  EXPECT_THAT(faults("dates: ['2028-02-29', '2027-01-01']"), IsEmpty());
  EXPECT_THAT(faults(""), ElementsAre(prefix + "dates MISSING"));
  EXPECT_THAT(faults("dates: ['2027-02-29', '2027-01-01', '2027-01-01', '']"),
              ElementsAre(prefix + "dates[0] INVALID_VALUE", prefix + "dates[2] DUPLICATE",
                          prefix + "dates[3] INVALID_VALUE"));
  std::string many;
  for (int i = 0; i < 4097; ++i) many += "dates: '2027-01-01' ";
  EXPECT_THAT(faults(many), ElementsAre(prefix + "dates TOO_LARGE"));
}

TEST(ParseTimeWindowTest, KeepsEachZoneOnce) {
  const TimeWindow window =
      Parsed(absl::StrCat("allow { windows { weekly { time_zone: 'UTC' days: MONDAY ", kHours,
                          " } } windows { weekly { time_zone: 'UTC' days: TUESDAY ", kHours,
                          " } } } deny { dates { time_zone: 'Europe/Berlin' dates: '2027-01-01' ",
                          kHours, " } } no_min_remaining {} in_flight: STOP"));
  ASSERT_EQ(window.zones.size(), 2u);
  EXPECT_EQ(window.zones[0].name(), "UTC");
  EXPECT_EQ(window.zones[1].name(), "Europe/Berlin");
}

TEST(TimeWindowTest, WithoutAParseItNeverOpens) {
  EXPECT_THAT(Steps(TimeWindow(), absl::ZeroDuration()),
              ElementsAre(Blocking(absl::ZeroDuration(), v1::NEVER_OPENS)));
  TimeWindow no_runway = Parsed("allow_always {} no_min_remaining {} in_flight: STOP");
  no_runway.runway = Runway::kUnset;
  EXPECT_EQ(Check(no_runway, absl::ZeroDuration(), Zero()).verdict, Verdict::kBlocking);
}

TEST(TimeWindowTest, AlwaysNeverChanges) {
  const TimeWindow window = Parsed("allow_always {} no_min_remaining {} in_flight: STOP");
  EXPECT_THAT(Steps(window, absl::ZeroDuration()), ElementsAre(Clear(absl::ZeroDuration())));
  EXPECT_FALSE(Check(window, absl::ZeroDuration(), Zero()).evidence.until.has_value());
}

TEST(TimeWindowTest, OpensAtItsStartAndClosesAtItsEnd) {
  const TimeWindow window = Parsed(
      absl::StrCat("allow { windows { ", kFixed, " } } no_min_remaining {} in_flight: STOP"));
  EXPECT_THAT(Steps(window, -kHour),
              ElementsAre(Blocking(-kHour, v1::OUTSIDE_ALLOW), Clear(absl::ZeroDuration()),
                          Blocking(2 * kHour, v1::NEVER_OPENS)));
  EXPECT_EQ(Check(window, {}, Zero() - kHour).evidence.until, Zero());
  EXPECT_EQ(Check(window, {}, Zero()).evidence.until, Zero() + 2 * kHour);
}

TEST(TimeWindowTest, DenyWins) {
  const TimeWindow window = Parsed(
      absl::StrCat("allow_always {} deny { ", kFixed, " } no_min_remaining {} in_flight: STOP"));
  EXPECT_THAT(
      Steps(window, -kHour),
      ElementsAre(Clear(-kHour), Blocking(absl::ZeroDuration(), v1::IN_DENY), Clear(2 * kHour)));
}

TEST(TimeWindowTest, ExactlyTheRunwayIsEnough) {
  const std::string deny = absl::StrCat("allow_always {} in_flight: STOP deny { ", kFixed, " } ");
  const TimeWindow window = Parsed(deny + "min_remaining { seconds: 600 }");
  const std::vector<Step> steps = Steps(window, -kHour);
  EXPECT_THAT(steps, ElementsAre(Clear(-kHour),
                                 Blocking(-absl::Minutes(10) + kNanosecond, v1::RUNWAY_SHORT),
                                 Blocking(absl::ZeroDuration(), v1::IN_DENY), Clear(2 * kHour)));
  // What the rollout is expected to need counts where the policy says so, and only there.
  const TimeWindow expected = Parsed(deny + "expected_duration {}");
  EXPECT_EQ(Steps(expected, -kHour, absl::Minutes(10)), steps);
  EXPECT_EQ(Steps(window, -kHour, absl::Hours(5)), steps);
}

TEST(TimeWindowTest, AnEndlessOrImpossibleRunwayNeverOpens) {
  const TimeWindow window = Parsed(
      absl::StrCat("allow { windows { ", kFixed, " } } expected_duration {} in_flight: STOP"));
  EXPECT_EQ(Check(window, absl::InfiniteDuration(), Zero()).reason, v1::NEVER_OPENS);
  EXPECT_EQ(Check(window, -absl::InfiniteDuration(), Zero()).reason, v1::NEVER_OPENS);
  EXPECT_EQ(Check(window, -kNanosecond, Zero()).reason, v1::NEVER_OPENS);
  EXPECT_EQ(Check(window, 2 * kHour, Zero()).reason, v1::ALL_CLEAR);
  EXPECT_EQ(Check(window, 2 * kHour + kNanosecond, Zero()).reason, v1::NEVER_OPENS);
}

TEST(TimeWindowTest, EachKindOpensWhenItSays) {
  const auto clear_at = [](const std::string& kind, absl::Duration at) {
    const TimeWindow window = Parsed(
        absl::StrCat("allow { windows { ", kind, " } } no_min_remaining {} in_flight: STOP"));
    return Check(window, {}, Zero() + at).verdict == Verdict::kClear;
  };
  // 09:00 in Berlin is 08:00 UTC in January.
  const std::string weekly =
      "weekly { time_zone: 'Europe/Berlin' days: FRIDAY hours { start: '09:00' end: '10:00' } }";
  EXPECT_FALSE(clear_at(weekly, -kNanosecond));
  EXPECT_TRUE(clear_at(weekly, {}));
  EXPECT_FALSE(clear_at(weekly, kHour));
  EXPECT_TRUE(clear_at(weekly, absl::Hours(24 * 7)));
  EXPECT_FALSE(clear_at(weekly, absl::Hours(24)));
  const std::string sundays =
      "weekly { time_zone: 'UTC' days: SUNDAY hours { start: '08:00' end: '09:00' } }";
  EXPECT_TRUE(clear_at(sundays, absl::Hours(48)));
  const std::string yearly =
      "yearly { time_zone: 'UTC' first_day: '01-15' last_day: '01-16' hours { start: '08:00' "
      "elapsed { seconds: 60 } } }";
  EXPECT_FALSE(clear_at(yearly, -kNanosecond));
  EXPECT_TRUE(clear_at(yearly, {}));
  EXPECT_FALSE(clear_at(yearly, absl::Minutes(1)));
  EXPECT_TRUE(clear_at(yearly, absl::Hours(24)));
  EXPECT_FALSE(clear_at(yearly, absl::Hours(48)));
  const std::string dates =
      "dates { time_zone: 'UTC' dates: '2027-01-15' hours { start: '08:00' end: '24:00' } }";
  EXPECT_FALSE(clear_at(dates, -kNanosecond));
  EXPECT_TRUE(clear_at(dates, {}));
  EXPECT_TRUE(clear_at(dates, absl::Hours(16) - kNanosecond));
  EXPECT_FALSE(clear_at(dates, absl::Hours(16)));
}

// Two calendars, of which `freeze` lasts from one to two hours and `gala` from two to three.
struct Calendars : World {
  Calendars() {
    organisation.present = true;
    organisation.id = "org";
    organisation.epoch = 3;
    for (const int hour : {1, 2}) {
      const Instant begin = ToInstant(Zero() + hour * kHour);
      organisation.calendars[hour == 1 ? "freeze" : "gala"] = {Zero() - kHour,
                                                               {{begin, begin + Length{3600, 0}}}};
    }
  }

  std::vector<Step> Steps(const std::string& text, absl::Duration from) {
    snapshot.organisation = std::make_shared<OrganisationData>(organisation);
    const TimeWindow window = Parsed(text);
    return StepsOf([&](absl::Time now) { return Check(window, subject(), {}, now); }, from);
  }

  OrganisationData organisation;
};

constexpr char kDenyBoth[] =
    "allow_always {} no_min_remaining {} in_flight: STOP "
    "deny { calendar { calendar: 'freeze' max_age { seconds: 36000 } } } "
    "deny { calendar { calendar: 'gala' max_age { seconds: 72000 } } }";

TEST(CalendarWindowTest, DeniesUntilItIsStale) {
  Calendars world;
  EXPECT_THAT(world.Steps(kDenyBoth, {}),
              ElementsAre(Clear({}), Blocking(kHour, v1::IN_DENY), Clear(3 * kHour),
                          Unknown(9 * kHour, v1::STALE)));
}

TEST(CalendarWindowTest, AllowsBesideAWindow) {
  Calendars world;
  EXPECT_THAT(
      world.Steps("allow { windows { absolute { start { seconds: 1800010800 } end { seconds: "
                  "1800014400 } } } windows { calendar { calendar: 'gala' max_age { seconds: 36000 "
                  "} } } } no_min_remaining {} in_flight: STOP",
                  {}),
      ElementsAre(Blocking({}, v1::OUTSIDE_ALLOW), Clear(2 * kHour),
                  Blocking(4 * kHour, v1::NEVER_OPENS), Unknown(9 * kHour, v1::STALE)));
}

TEST(CalendarWindowTest, FromTheFuture) {
  Calendars world;
  world.organisation.calendars["gala"].observed_at = Zero() + kHour;
  EXPECT_THAT(
      world.Steps(kDenyBoth, {}),
      ElementsAre(Invalid({}, v1::FROM_THE_FUTURE), Clear(kHour - kSkew),
                  Blocking(kHour, v1::IN_DENY), Clear(3 * kHour), Unknown(9 * kHour, v1::STALE)));
}

TEST(CalendarWindowTest, WhatCannotBeUsedHolds) {
  Calendars world;
  world.organisation.calendars.erase("gala");
  EXPECT_THAT(world.Steps(kDenyBoth, {}), ElementsAre(Unknown({}, v1::CALENDAR_ABSENT)));
  Calendars faulty;
  faulty.organisation.fault = v1::STATE_CUT;
  EXPECT_THAT(faulty.Steps(kDenyBoth, {}), ElementsAre(Invalid({}, v1::STATE_CUT)));
  Calendars absent;
  absent.organisation.present = false;
  EXPECT_THAT(absent.Steps(kDenyBoth, {}), ElementsAre(Unknown({}, v1::CALENDAR_ABSENT)));
  Calendars older;
  older.snapshot.lists_seen["org"] = 4;
  EXPECT_THAT(older.Steps(kDenyBoth, {}), ElementsAre(Unknown({}, v1::ORGANISATION_WENT_BACK)));
  older.snapshot.lists_seen["org"] = 3;
  EXPECT_EQ(older.Steps(kDenyBoth, {}).size(), 4u);
}

TEST(CalendarWindowTest, CountsAsAWindow) {
  const auto with = [](size_t windows, size_t calendars) {
    std::string text = "no_min_remaining {} in_flight: STOP allow {";
    for (size_t i = 0; i < windows; ++i) absl::StrAppend(&text, "windows { ", kFixed, " } ");
    text += "}";
    for (size_t i = 0; i < calendars; ++i) {
      text += "deny { calendar { calendar: 'a' max_age { seconds: 1 } } } ";
    }
    return FaultsOf(text);
  };
  EXPECT_THAT(with(kMaxWindows - 1, 1), IsEmpty());
  EXPECT_THAT(with(kMaxWindows, 1), ElementsAre(" TOO_LARGE"));
}

TEST(CalendarTest, WithoutAnOrganisationThereIsNone) {
  World world;
  world.snapshot.organisation = nullptr;
  const TimeWindow window = Parsed(kDenyBoth);
  const Judgement judgement = Check(window, world.subject(), {}, Zero());
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reason, v1::CALENDAR_ABSENT);
}

// Sixteen days a month at each of `hours`, for 400 years.
TEST(ParseTimeWindowTest, WindowsThatTakeTooMuchTogetherFail) {
  const auto faults = [](int hours) {
    std::string text = "allow_always {} no_min_remaining {} in_flight: STOP";
    for (int hour = 0; hour < hours; ++hour) {
      absl::StrAppend(&text, " deny { cron { time_zone: 'UTC' start: '0 ", hour,
                      " 1-31/2 * *' elapsed { seconds: 60 } } }");
    }
    return FaultsOf(text);
  };
  EXPECT_THAT(faults(1), IsEmpty());
  EXPECT_THAT(faults(6), ElementsAre(" TOO_LARGE"));
}

}  // namespace
}  // namespace sluice
