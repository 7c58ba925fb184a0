#include "sluice/calendar/window_set.h"

#include <algorithm>
#include <bitset>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/cron.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/zone.h"
#include "tests/calendar/at.h"

namespace sluice {

std::ostream& operator<<(std::ostream& os, WindowReason reason) {
  return os << static_cast<int>(reason);
}

namespace {

constexpr absl::Duration kNano = absl::Nanoseconds(1);
constexpr absl::Duration kNone = absl::ZeroDuration();
constexpr absl::Duration k400Years = absl::Hours(24 * 146097);

Window Piece(absl::string_view start, absl::string_view end) {
  return AbsoluteWindow{At(start), At(end)};
}

// Local hours on the days that are not '-', Monday first.
Window Hours(absl::string_view zone, absl::string_view days, absl::string_view start,
             absl::string_view end) {
  Weekly weekly;
  for (size_t i = 0; i < 7; ++i) weekly.on[i] = days[i] != '-';
  return CalendarWindow{
      *Zone::Load(zone), weekly,
      LocalHours{*ParseLocalTime(start), *ParseLocalTime(end, EndOfDay::kAccepted)}};
}

WindowSet Allow(std::vector<Window> allow, std::vector<Window> deny = {}) {
  WindowRules rules;
  rules.allow = std::move(allow);
  rules.deny = std::move(deny);
  return *WindowSet::Compile(rules);
}

WindowSet AlwaysBut(std::vector<Window> deny) {
  WindowRules rules;
  rules.allow = AllowAlways{};
  rules.deny = std::move(deny);
  return *WindowSet::Compile(rules);
}

// An hour, far from any other.
WindowSet OneHour() { return Allow({Piece("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z")}); }

TEST(WindowSetCompile, AllowIsARequiredChoice) {
  EXPECT_EQ(WindowSet::Compile({}).status().code(), absl::StatusCode::kInvalidArgument);
  WindowRules only_deny;
  only_deny.deny = {Piece("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z")};
  EXPECT_EQ(WindowSet::Compile(only_deny).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(WindowSetCompile, RefusesFaultyWindows) {
  WindowRules rules;
  rules.allow = std::vector<Window>{Window()};
  EXPECT_EQ(WindowSet::Compile(rules).status().code(), absl::StatusCode::kInvalidArgument);
  rules.allow = AllowAlways{};
  rules.deny = {Piece("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"), Window()};
  EXPECT_EQ(WindowSet::Compile(rules).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(WindowSetCompile, HasALimitOfWindows) {
  WindowRules rules;
  rules.allow = std::vector<Window>(kMaxWindows / 2, Hours("UTC", "MTWTFSS", "09:00", "10:00"));
  rules.deny = std::vector<Window>(kMaxWindows / 2, Hours("UTC", "MTWTFSS", "11:00", "12:00"));
  EXPECT_TRUE(WindowSet::Compile(rules).ok());
  rules.deny.push_back(rules.deny[0]);
  EXPECT_EQ(WindowSet::Compile(rules).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(WindowSet, HalfOpen) {
  const WindowSet windows = OneHour();
  const absl::Time opens = At("2026-01-01T10:00:00Z");
  const absl::Time closes = At("2026-01-01T11:00:00Z");

  const WindowState before = windows.StateAt(opens - kNano, kNone);
  EXPECT_EQ(before.reason, WindowReason::kOutsideAllow);
  EXPECT_EQ(before.changes_at, opens);
  EXPECT_EQ(before.opens_at, opens);
  EXPECT_EQ(before.closes_at, absl::InfinitePast());

  for (absl::Time t : {opens, opens + kNano, closes - kNano}) {
    const WindowState state = windows.StateAt(t, kNone);
    EXPECT_EQ(state.reason, WindowReason::kOpen) << t;
    EXPECT_EQ(state.changes_at, closes) << t;
    EXPECT_EQ(state.opens_at, t) << t;
    EXPECT_EQ(state.closes_at, closes) << t;
  }

  const WindowState after = windows.StateAt(closes, kNone);
  EXPECT_EQ(after.reason, WindowReason::kNeverOpens);
  EXPECT_EQ(after.changes_at, absl::InfiniteFuture());
  EXPECT_EQ(after.opens_at, absl::InfiniteFuture());
  EXPECT_EQ(after.closes_at, absl::InfinitePast());
}

TEST(WindowSet, ExactlyTheRunwayLeftIsEnough) {
  const WindowSet windows = Allow({Piece("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"),
                                   Piece("2026-01-02T10:00:00Z", "2026-01-02T11:00:00Z")});
  const absl::Duration runway = absl::Minutes(20);
  const absl::Time last = At("2026-01-01T10:40:00Z");
  const absl::Time closes = At("2026-01-01T11:00:00Z");
  for (absl::Time t : {last - kNano, last}) {
    EXPECT_EQ(windows.StateAt(t, runway).reason, WindowReason::kOpen);
    EXPECT_EQ(windows.StateAt(t, runway).changes_at, last + kNano);
  }
  for (absl::Time t : {last + kNano, closes - kNano}) {
    const WindowState state = windows.StateAt(t, runway);
    EXPECT_EQ(state.reason, WindowReason::kRunwayShort);
    EXPECT_EQ(state.changes_at, closes);
    EXPECT_EQ(state.opens_at, At("2026-01-02T10:00:00Z"));
    EXPECT_EQ(state.closes_at, closes);
  }
  EXPECT_EQ(windows.StateAt(closes, runway).reason, WindowReason::kOutsideAllow);
}

TEST(WindowSet, RunwayOfTheWholeWindow) {
  const WindowSet windows = Allow({Hours("UTC", "MTWTFSS", "09:00", "17:00")});
  const absl::Time opens = At("2026-01-01T09:00:00Z");
  EXPECT_EQ(windows.StateAt(opens, absl::Hours(8)).reason, WindowReason::kOpen);
  EXPECT_EQ(windows.StateAt(opens, absl::Hours(8)).changes_at, opens + kNano);
  EXPECT_EQ(windows.StateAt(opens + kNano, absl::Hours(8)).reason, WindowReason::kRunwayShort);
  EXPECT_EQ(windows.StateAt(opens + kNano, absl::Hours(8)).opens_at, At("2026-01-02T09:00:00Z"));
  const WindowState longer = windows.StateAt(opens, absl::Hours(8) + kNano);
  EXPECT_EQ(longer.reason, WindowReason::kNeverOpens);
  EXPECT_EQ(longer.changes_at, absl::InfiniteFuture());
  EXPECT_EQ(longer.closes_at, At("2026-01-01T17:00:00Z"));
}

TEST(WindowSet, OnlyTheLongNightIsLongEnough) {
  // A night of 8 hours has 9 when clocks go back.
  const WindowSet windows = Allow({Hours("Europe/Berlin", "MTWTFSS", "22:00", "06:00")});
  const WindowState state =
      windows.StateAt(At("2026-01-01T00:00:00Z"), absl::Hours(8) + absl::Minutes(30));
  EXPECT_EQ(state.reason, WindowReason::kRunwayShort);
  EXPECT_EQ(state.opens_at, At("2026-10-24T20:00:00Z"));
}

TEST(WindowSet, RunwayIsMeasuredOnTheMergedSet) {
  const WindowSet adjacent =
      Allow({Hours("UTC", "MTWTFSS", "09:00", "12:00"), Hours("UTC", "MTWTFSS", "12:00", "17:00"),
             Piece("2026-01-01T17:00:00Z", "2026-01-01T18:00:00Z")});
  const WindowState state = adjacent.StateAt(At("2026-01-01T09:00:00Z"), absl::Hours(9));
  EXPECT_EQ(state.reason, WindowReason::kOpen);
  EXPECT_EQ(state.closes_at, At("2026-01-01T18:00:00Z"));

  const WindowSet cut = Allow({Hours("UTC", "MTWTFSS", "09:00", "17:00")},
                              {Piece("2026-01-01T12:00:00Z", "2026-01-01T12:00:00.000000001Z")});
  const WindowState before = cut.StateAt(At("2026-01-01T09:00:00Z"), absl::Hours(4));
  EXPECT_EQ(before.reason, WindowReason::kRunwayShort);
  EXPECT_EQ(before.closes_at, At("2026-01-01T12:00:00Z"));
  EXPECT_EQ(before.opens_at, At("2026-01-01T12:00:00.000000001Z"));
}

TEST(WindowSet, AllWeekByTwoWindowsIsAlways) {
  const WindowSet windows = Allow({Hours("Europe/Berlin", "MTWTF--", "00:00", "24:00"),
                                   Hours("Europe/Berlin", "-----SS", "00:00", "24:00")});
  const WindowState state = windows.StateAt(At("2026-01-01T00:00:00Z"), absl::Hours(24 * 365));
  EXPECT_EQ(state.reason, WindowReason::kOpen);
  EXPECT_EQ(state.changes_at, absl::InfiniteFuture());
  EXPECT_EQ(state.closes_at, absl::InfiniteFuture());
}

TEST(WindowSet, DenyComesBeforeOutsideAllow) {
  const WindowSet windows = Allow({Hours("UTC", "MTWTFSS", "09:00", "17:00")},
                                  {Piece("2026-01-01T16:00:00Z", "2026-01-01T18:00:00Z"),
                                   Piece("2026-01-01T20:00:00Z", "2026-01-01T21:00:00Z")});
  struct Row {
    const char* from;
    const char* until;
    WindowReason reason;
  };
  for (const Row& row : std::vector<Row>{
           {"2026-01-01T09:00:00Z", "2026-01-01T16:00:00Z", WindowReason::kOpen},
           {"2026-01-01T16:00:00Z", "2026-01-01T18:00:00Z", WindowReason::kInDeny},
           {"2026-01-01T18:00:00Z", "2026-01-01T20:00:00Z", WindowReason::kOutsideAllow},
           {"2026-01-01T20:00:00Z", "2026-01-01T21:00:00Z", WindowReason::kInDeny},
           {"2026-01-01T21:00:00Z", "2026-01-02T09:00:00Z", WindowReason::kOutsideAllow}}) {
    for (absl::Time t : {At(row.from), At(row.until) - kNano}) {
      const WindowState state = windows.StateAt(t, kNone);
      EXPECT_EQ(state.reason, row.reason) << t;
      EXPECT_EQ(state.changes_at, At(row.until)) << t;
      EXPECT_EQ(state.opens_at, row.reason == WindowReason::kOpen ? t : At("2026-01-02T09:00:00Z"));
    }
  }
}

TEST(WindowSet, NeverOpensComesFirst) {
  const WindowSet windows = Allow({Hours("America/New_York", "MTWTF--", "09:00", "17:00")},
                                  {Hours("America/New_York", "MTWTFSS", "08:00", "18:00")});
  for (const char* t : {"2026-01-01T00:00:00Z", "2026-01-01T15:00:00Z", "0001-01-01T00:00:00Z",
                        "9999-12-31T00:00:00Z"}) {
    const WindowState state = windows.StateAt(At(t), kNone);
    EXPECT_EQ(state.reason, WindowReason::kNeverOpens) << t;
    EXPECT_EQ(state.changes_at, absl::InfiniteFuture()) << t;
    EXPECT_EQ(state.opens_at, absl::InfiniteFuture()) << t;
    EXPECT_EQ(state.closes_at, absl::InfinitePast()) << t;
  }
}

TEST(WindowSet, TheSearchEnds400YearsOn) {
  const WindowSet windows = Allow({Piece("2500-01-01T00:00:00Z", "2500-01-01T01:00:00Z")});
  const absl::Time opens = At("2500-01-01T00:00:00Z");
  const absl::Time in_reach = opens - k400Years;  // 2100-01-01
  EXPECT_EQ(in_reach, At("2100-01-01T00:00:00Z"));

  const WindowState before = windows.StateAt(in_reach - kNano, kNone);
  EXPECT_EQ(before.reason, WindowReason::kNeverOpens);
  EXPECT_EQ(before.changes_at, in_reach);
  EXPECT_EQ(before.opens_at, absl::InfiniteFuture());
  EXPECT_EQ(windows.StateAt(At("2026-01-01T00:00:00Z"), kNone).changes_at, in_reach);

  const WindowState then = windows.StateAt(in_reach, kNone);
  EXPECT_EQ(then.reason, WindowReason::kOutsideAllow);
  EXPECT_EQ(then.changes_at, opens);
  EXPECT_EQ(then.opens_at, opens);
}

TEST(WindowSet, AClosing400YearsOnIsNever) {
  const WindowSet windows = AlwaysBut({Piece("2500-01-01T00:00:00Z", "2600-01-01T00:00:00Z")});
  const absl::Time closes = At("2500-01-01T00:00:00Z");
  const absl::Time in_reach = closes - k400Years;
  EXPECT_EQ(windows.StateAt(in_reach - kNano, kNone).closes_at, absl::InfiniteFuture());
  EXPECT_EQ(windows.StateAt(in_reach - kNano, kNone).changes_at, absl::InfiniteFuture());
  EXPECT_EQ(windows.StateAt(in_reach, kNone).closes_at, closes);
  EXPECT_EQ(windows.StateAt(in_reach, kNone).changes_at, closes);
  // With a runway the change comes within reach sooner than the closing does.
  const absl::Duration hour = absl::Hours(1);
  const WindowState state = windows.StateAt(in_reach - hour + kNano, hour);
  EXPECT_EQ(state.changes_at, closes - hour + kNano);
  EXPECT_EQ(state.closes_at, absl::InfiniteFuture());
}

TEST(WindowSet, EndlessRunwayNeeds400Years) {
  const WindowSet windows = AlwaysBut({Piece("2500-01-01T00:00:00Z", "2600-01-01T00:00:00Z")});
  const absl::Time in_reach = At("2500-01-01T00:00:00Z") - k400Years;
  for (absl::Duration runway : {absl::InfiniteDuration(), k400Years * 20, k400Years + kNano}) {
    EXPECT_EQ(windows.StateAt(in_reach - kNano, runway).reason, WindowReason::kOpen);
    EXPECT_EQ(windows.StateAt(in_reach - kNano, runway).changes_at, in_reach);
    // It is endless again from 2600 on, which is more than 400 years later.
    EXPECT_EQ(windows.StateAt(in_reach, runway).reason, WindowReason::kNeverOpens);
  }
  EXPECT_EQ(windows.StateAt(in_reach, k400Years).reason, WindowReason::kOpen);
}

TEST(WindowSet, AlwaysIsAlways) {
  const WindowSet windows = AlwaysBut({});
  for (const char* text : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"}) {
    const WindowState state = windows.StateAt(At(text), absl::InfiniteDuration());
    EXPECT_EQ(state.reason, WindowReason::kOpen);
    EXPECT_EQ(state.changes_at, absl::InfiniteFuture());
    EXPECT_EQ(state.opens_at, At(text));
    EXPECT_EQ(state.closes_at, absl::InfiniteFuture());
  }
}

TEST(WindowSet, InstantsAfterYear9999AreNever) {
  const WindowSet windows = Allow({Hours("UTC", "MTWTFSS", "12:00", "13:00")});
  const absl::Time noon = At("9999-12-31T12:00:00Z");
  EXPECT_EQ(windows.StateAt(noon, kNone).closes_at, At("9999-12-31T13:00:00Z"));
  const WindowState after = windows.StateAt(At("9999-12-31T13:00:00Z"), kNone);
  EXPECT_EQ(after.reason, WindowReason::kOutsideAllow);
  EXPECT_EQ(after.changes_at, absl::InfiniteFuture());
  EXPECT_EQ(after.opens_at, absl::InfiniteFuture());
}

TEST(WindowSet, NothingIsKnownOutsideOfTime) {
  const WindowSet windows = AlwaysBut({});
  for (absl::Time t :
       {absl::InfinitePast(), absl::InfiniteFuture(), At("0001-01-01T00:00:00Z") - kNano,
        At("9999-12-31T23:59:59.999999999Z") + kNano}) {
    const WindowState state = windows.StateAt(t, kNone);
    EXPECT_EQ(state.reason, WindowReason::kNeverOpens);
    EXPECT_EQ(state.changes_at, absl::InfiniteFuture());
    EXPECT_EQ(state.opens_at, absl::InfiniteFuture());
    EXPECT_EQ(state.closes_at, absl::InfinitePast());
  }
  EXPECT_EQ(windows.StateAt(At("2026-01-01T00:00:00Z"), -kNano).reason, WindowReason::kNeverOpens);
  EXPECT_EQ(windows.StateAt(At("2026-01-01T00:00:00Z"), -absl::InfiniteDuration()).reason,
            WindowReason::kNeverOpens);
}

TEST(WindowSet, SubNanosecondsRoundToWholeOnes) {
  const WindowSet windows = OneHour();
  const absl::Time last = At("2026-01-01T10:40:00Z");
  EXPECT_EQ(windows.StateAt(last, absl::Minutes(20) + kNano / 4).reason, WindowReason::kNeverOpens);
  const WindowState state = windows.StateAt(last + kNano / 4, absl::Minutes(20));
  EXPECT_EQ(state.reason, WindowReason::kOpen);
  EXPECT_EQ(state.changes_at, last + kNano);
}

TEST(WindowSet, WideningADenyNeverOpens) {
  const std::vector<Window> allow = {Hours("Europe/Dublin", "MTWTF--", "09:00", "17:00")};
  const WindowSet narrow = Allow(allow, {Hours("Europe/Dublin", "MTWTFSS", "12:00", "13:00")});
  const WindowSet wide = Allow(allow, {Hours("Europe/Dublin", "MTWTFSS", "11:00", "14:00")});
  for (int i = 0; i < 24 * 60; ++i) {
    const absl::Time t = At("2026-10-20T00:00:00Z") + absl::Minutes(10 * i);
    if (wide.StateAt(t, kNone).reason == WindowReason::kOpen) {
      EXPECT_EQ(narrow.StateAt(t, kNone).reason, WindowReason::kOpen) << t;
    }
  }
}

// Order and exact duplicates change nothing.
TEST(WindowSet, IsASet) {
  const std::vector<Window> allow = {Hours("Europe/Dublin", "MTWTF--", "09:00", "17:00"),
                                     Hours("Asia/Tokyo", "MTWTF--", "09:00", "17:00")};
  const std::vector<Window> deny = {Hours("UTC", "-T-----", "03:00", "12:00"),
                                    Piece("2026-10-25T00:00:00Z", "2026-10-28T00:00:00Z")};
  const WindowSet one = Allow(allow, deny);
  const WindowSet other = Allow({allow[1], allow[0], allow[1]}, {deny[1], deny[0], deny[1]});
  for (int i = 0; i < 24 * 60; ++i) {
    const absl::Time t = At("2026-10-20T00:00:00Z") + absl::Minutes(10 * i);
    const WindowState a = one.StateAt(t, absl::Hours(2));
    const WindowState b = other.StateAt(t, absl::Hours(2));
    EXPECT_EQ(a.reason, b.reason);
    EXPECT_EQ(a.changes_at, b.changes_at);
    EXPECT_EQ(a.opens_at, b.opens_at);
    EXPECT_EQ(a.closes_at, b.closes_at);
  }
}

TEST(WindowSet, FarDatesAndMonthlyWindowsTogether) {
  WindowRules rules;
  rules.allow = std::vector<Window>{Piece("2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z")};
  for (int nth = 1; nth <= 4; ++nth) {
    rules.deny.push_back(
        CalendarWindow{*Zone::Load("America/New_York"),
                       NthWeekday{nth, Weekday::kTuesday, std::bitset<12>(4095), 0}, WholeDay{}});
  }
  const absl::StatusOr<WindowSet> windows = WindowSet::Compile(rules);
  ASSERT_TRUE(windows.ok()) << windows.status();
  const WindowState state = windows->StateAt(At("9998-12-31T00:00:00Z"), absl::Hours(24 * 7));
  EXPECT_EQ(state.reason, WindowReason::kRunwayShort);
  const WindowState before = windows->StateAt(At("2025-12-31T00:00:00Z"), kNone);
  EXPECT_EQ(before.opens_at, At("2026-01-01T00:00:00Z"));
}

TEST(WindowSet, LookedForInTheLastHoursBeforeAnAbsoluteWindow) {
  const WindowSet windows = Allow({Hours("UTC", "MTWTFSS", "09:00", "10:00")},
                                  {Piece("2026-01-07T11:00:00Z", "2026-01-07T12:00:00Z")});
  const absl::Time before = At("2026-01-07T10:30:00Z");
  EXPECT_EQ(windows.StateAt(before, absl::Hours(1)).opens_at, At("2026-01-08T09:00:00Z"));
  EXPECT_EQ(windows.StateAt(before, absl::Hours(2)).opens_at, absl::InfiniteFuture());
  EXPECT_EQ(windows.StateAt(before, absl::Hours(2)).reason, WindowReason::kNeverOpens);
}

TEST(WindowSet, RunwayBetweenDeniesThatEndWithinASecond) {
  const absl::StatusOr<Cron> monthly = ParseCron("0 0 1 * *");
  ASSERT_TRUE(monthly.ok());
  const WindowSet windows =
      AlwaysBut({CronWindow{*Zone::Load("UTC"), *monthly, absl::Milliseconds(500)}});
  const absl::Time denied = At("2026-01-01T00:00:00Z");
  const absl::Duration longest = absl::Hours(31 * 24) - absl::Milliseconds(500);
  EXPECT_EQ(windows.StateAt(denied, longest).reason, WindowReason::kInDeny);
  EXPECT_EQ(windows.StateAt(denied, longest).opens_at, denied + absl::Milliseconds(500));
  EXPECT_EQ(windows.StateAt(denied, longest + kNano).reason, WindowReason::kNeverOpens);
}

}  // namespace
}  // namespace sluice
