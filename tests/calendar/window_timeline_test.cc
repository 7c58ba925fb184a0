// Where windows begin and end, on days on which clocks and calendars do something.

#include "sluice/calendar/window_timeline.h"

#include <bitset>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/timeline.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/zone.h"
#include "tests/calendar/at.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kEveryDay = 127;

// The stretches of a window within [from, to), as "begin/end" in UTC.
std::vector<std::string> Pieces(const Window& window, absl::string_view from,
                                absl::string_view to) {
  EXPECT_TRUE(FindFaults(window).empty());
  const Timeline timeline = *CompileWindow(window, Coverage::kAllowed);
  std::vector<std::pair<Instant, Instant>> pieces;
  const Instant end = ToInstant(At(to));
  Timeline::Walk walk(timeline, ToInstant(At(from)), end);
  while (true) {
    if (walk.coverage() == Coverage::kAllowed) {
      if (pieces.empty() || pieces.back().second != walk.begin()) {
        pieces.emplace_back(walk.begin(), walk.end());
      }
      pieces.back().second = walk.end();
    }
    if (walk.end() == end) break;
    walk.Next();
  }
  std::vector<std::string> texts;
  for (const auto& piece : pieces) {
    const auto text = [](Instant instant) {
      return absl::FormatTime("%E4Y-%m-%d %H:%M:%E*S", ToTime(instant), absl::UTCTimeZone());
    };
    texts.push_back(text(piece.first) + "/" + text(piece.second));
  }
  return texts;
}

CalendarWindow On(absl::string_view zone, Days days, absl::string_view start,
                  absl::string_view end) {
  return CalendarWindow{
      *Zone::Load(zone), days,
      LocalHours{*ParseLocalTime(start), *ParseLocalTime(end, EndOfDay::kAccepted)}};
}

CalendarWindow Daily(absl::string_view zone, absl::string_view start, absl::string_view end) {
  return On(zone, Weekly{std::bitset<7>(kEveryDay)}, start, end);
}

CalendarWindow For(absl::string_view zone, Days days, absl::string_view start,
                   absl::Duration duration) {
  return CalendarWindow{*Zone::Load(zone), days, Elapsed{*ParseLocalTime(start), duration}};
}

CalendarWindow Whole(absl::string_view zone, Days days) {
  return CalendarWindow{*Zone::Load(zone), days, WholeDay{}};
}

Dates OnDate(absl::string_view date) { return Dates{{*ParseDate(date)}}; }

TEST(LocalHours, BothPassesOfARepeatedHour) {
  // 2026-11-01: 02:00 EDT becomes 01:00 EST at 06:00Z.
  EXPECT_THAT(Pieces(Daily("America/New_York", "01:15", "01:30"), "2026-11-01T00:00:00Z",
                     "2026-11-02T00:00:00Z"),
              ElementsAre("2026-11-01 05:15:00/2026-11-01 05:30:00",
                          "2026-11-01 06:15:00/2026-11-01 06:30:00"));
  EXPECT_THAT(Pieces(Daily("America/New_York", "01:30", "02:00"), "2026-11-01T00:00:00Z",
                     "2026-11-02T00:00:00Z"),
              ElementsAre("2026-11-01 05:30:00/2026-11-01 06:00:00",
                          "2026-11-01 06:30:00/2026-11-01 07:00:00"));
  EXPECT_THAT(Pieces(Daily("America/New_York", "01:00", "02:00"), "2026-11-01T00:00:00Z",
                     "2026-11-02T00:00:00Z"),
              ElementsAre("2026-11-01 05:00:00/2026-11-01 07:00:00"));
}

TEST(LocalHours, BoundsInASkippedHour) {
  // 2026-03-08: 02:00 EST becomes 03:00 EDT at 07:00Z.
  EXPECT_THAT(Pieces(Daily("America/New_York", "02:30", "04:00"), "2026-03-08T00:00:00Z",
                     "2026-03-09T00:00:00Z"),
              ElementsAre("2026-03-08 07:00:00/2026-03-08 08:00:00"));
  EXPECT_THAT(Pieces(Daily("America/New_York", "01:00", "02:30"), "2026-03-08T00:00:00Z",
                     "2026-03-09T00:00:00Z"),
              ElementsAre("2026-03-08 06:00:00/2026-03-08 07:00:00"));
  EXPECT_THAT(Pieces(Daily("America/New_York", "02:00", "03:00"), "2026-03-08T00:00:00Z",
                     "2026-03-09T00:00:00Z"),
              IsEmpty());
}

TEST(LocalHours, HalfAnHourOnLordHowe) {
  // 2026-04-05: 02:00 becomes 01:30 at 15:00Z the day before.
  EXPECT_THAT(Pieces(Daily("Australia/Lord_Howe", "01:45", "01:50"), "2026-04-04T12:00:00Z",
                     "2026-04-05T00:00:00Z"),
              ElementsAre("2026-04-04 14:45:00/2026-04-04 14:50:00",
                          "2026-04-04 15:15:00/2026-04-04 15:20:00"));
  // 2026-10-04: 02:00 becomes 02:30 at 15:30Z the day before.
  EXPECT_THAT(Pieces(Daily("Australia/Lord_Howe", "02:15", "02:45"), "2026-10-03T12:00:00Z",
                     "2026-10-04T00:00:00Z"),
              ElementsAre("2026-10-03 15:30:00/2026-10-03 15:45:00"));
}

TEST(LocalHours, RepeatAcrossMidnightIsTwoPiecesOfOneDay) {
  // St John's, 2010-11-07: 00:01 NDT becomes 23:01 NST of the 6th at 02:31Z.
  EXPECT_THAT(Pieces(On("America/St_Johns", OnDate("2010-11-07"), "00:00", "06:00"),
                     "2010-11-06T00:00:00Z", "2010-11-08T00:00:00Z"),
              ElementsAre("2010-11-07 02:30:00/2010-11-07 02:31:00",
                          "2010-11-07 03:30:00/2010-11-07 09:30:00"));
  EXPECT_THAT(Pieces(Whole("America/St_Johns", OnDate("2010-11-06")), "2010-11-05T00:00:00Z",
                     "2010-11-08T00:00:00Z"),
              ElementsAre("2010-11-06 02:30:00/2010-11-07 02:30:00",
                          "2010-11-07 02:31:00/2010-11-07 03:30:00"));
  // A window from the 6th into the 7th contains both minutes, once each.
  EXPECT_THAT(Pieces(On("America/St_Johns", OnDate("2010-11-06"), "23:30", "00:30"),
                     "2010-11-05T00:00:00Z", "2010-11-08T00:00:00Z"),
              ElementsAre("2010-11-07 02:00:00/2010-11-07 02:31:00",
                          "2010-11-07 03:00:00/2010-11-07 04:00:00"));
}

TEST(LocalHours, TransitionsAtMidnight) {
  // Sao Paulo, 2018-11-04: 00:00 becomes 01:00 at 03:00Z; 2018-02-18: 00:00 becomes 23:00 at
  // 02:00Z.
  EXPECT_THAT(Pieces(Whole("America/Sao_Paulo", OnDate("2018-11-04")), "2018-11-03T00:00:00Z",
                     "2018-11-06T00:00:00Z"),
              ElementsAre("2018-11-04 03:00:00/2018-11-05 02:00:00"));
  EXPECT_THAT(Pieces(Whole("America/Sao_Paulo", OnDate("2018-02-17")), "2018-02-16T00:00:00Z",
                     "2018-02-20T00:00:00Z"),
              ElementsAre("2018-02-17 02:00:00/2018-02-18 03:00:00"));
  // Beirut, 2026-03-29: 00:00 becomes 01:00.
  EXPECT_THAT(Pieces(Daily("Asia/Beirut", "23:30", "00:30"), "2026-03-28T12:00:00Z",
                     "2026-03-29T12:00:00Z"),
              ElementsAre("2026-03-28 21:30:00/2026-03-28 22:00:00"));
}

TEST(LocalHours, NegativeSavingInDublin) {
  EXPECT_THAT(Pieces(Daily("Europe/Dublin", "01:30", "02:30"), "2026-10-25T00:00:00Z",
                     "2026-10-26T00:00:00Z"),
              ElementsAre("2026-10-25 00:30:00/2026-10-25 01:00:00",
                          "2026-10-25 01:30:00/2026-10-25 02:30:00"));
}

TEST(LocalHours, ASkippedDayDoesNotOccur) {
  EXPECT_THAT(Pieces(Whole("Pacific/Apia", OnDate("2011-12-30")), "2011-12-28T00:00:00Z",
                     "2012-01-02T00:00:00Z"),
              IsEmpty());
  // 20:00 on the 29th to 04:00 on the 30th: the transition, at 10:00Z, ends it.
  EXPECT_THAT(Pieces(On("Pacific/Apia", OnDate("2011-12-29"), "20:00", "04:00"),
                     "2011-12-28T00:00:00Z", "2012-01-02T00:00:00Z"),
              ElementsAre("2011-12-30 06:00:00/2011-12-30 10:00:00"));
  // 20:00 on the 30th to 04:00 on the 31st starts at the transition.
  EXPECT_THAT(Pieces(On("Pacific/Apia", OnDate("2011-12-30"), "20:00", "04:00"),
                     "2011-12-28T00:00:00Z", "2012-01-02T00:00:00Z"),
              ElementsAre("2011-12-30 10:00:00/2011-12-30 14:00:00"));
}

TEST(LocalHours, EndNotAfterStartBelongsToTheNextDay) {
  EXPECT_THAT(Pieces(On("UTC", OnDate("2026-12-31"), "22:00", "06:00"), "2026-12-30T00:00:00Z",
                     "2027-01-03T00:00:00Z"),
              ElementsAre("2026-12-31 22:00:00/2027-01-01 06:00:00"));
  EXPECT_THAT(Pieces(On("UTC", OnDate("2026-12-31"), "09:00", "09:00"), "2026-12-30T00:00:00Z",
                     "2027-01-03T00:00:00Z"),
              ElementsAre("2026-12-31 09:00:00/2027-01-01 09:00:00"));
  EXPECT_THAT(Pieces(On("UTC", OnDate("2026-12-31"), "09:00", "24:00"), "2026-12-30T00:00:00Z",
                     "2027-01-03T00:00:00Z"),
              ElementsAre("2026-12-31 09:00:00/2027-01-01 00:00:00"));
  EXPECT_THAT(Pieces(On("UTC", OnDate("2026-12-31"), "09:00", "00:00"), "2026-12-30T00:00:00Z",
                     "2027-01-03T00:00:00Z"),
              ElementsAre("2026-12-31 09:00:00/2027-01-01 00:00:00"));
}

TEST(LocalHours, LocalMeanTime) {
  // Manila read 15:56:08 behind UTC until it left out the last day of 1844.
  EXPECT_THAT(Pieces(On("Asia/Manila", OnDate("1844-12-30"), "20:00", "04:00"),
                     "1844-12-29T00:00:00Z", "1845-01-03T00:00:00Z"),
              ElementsAre("1844-12-31 11:56:08/1844-12-31 15:56:08"));
  EXPECT_THAT(Pieces(Whole("Asia/Manila", OnDate("1844-12-31")), "1844-12-29T00:00:00Z",
                     "1845-01-03T00:00:00Z"),
              IsEmpty());
}

TEST(Elapsed, EndsByTheStopwatch) {
  EXPECT_THAT(Pieces(For("America/New_York", OnDate("2026-03-08"), "01:00", absl::Hours(4)),
                     "2026-03-07T00:00:00Z", "2026-03-10T00:00:00Z"),
              ElementsAre("2026-03-08 06:00:00/2026-03-08 10:00:00"));
  EXPECT_THAT(Pieces(For("America/New_York", OnDate("2026-11-01"), "00:30",
                         absl::Hours(4) + absl::Nanoseconds(5)),
                     "2026-10-31T00:00:00Z", "2026-11-03T00:00:00Z"),
              ElementsAre("2026-11-01 04:30:00/2026-11-01 08:30:00.000000005"));
}

TEST(Elapsed, StartInASkippedHourIsTheTransition) {
  EXPECT_THAT(Pieces(For("America/New_York", OnDate("2026-03-08"), "02:30", absl::Hours(1)),
                     "2026-03-07T00:00:00Z", "2026-03-10T00:00:00Z"),
              ElementsAre("2026-03-08 07:00:00/2026-03-08 08:00:00"));
  // Nuuk skips the last hour of Saturday, 2026-03-28.
  EXPECT_THAT(Pieces(For("America/Nuuk", OnDate("2026-03-28"), "23:30", absl::Hours(1)),
                     "2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z"),
              ElementsAre("2026-03-29 01:00:00/2026-03-29 02:00:00"));
}

TEST(Elapsed, StartInARepeatedHourIsItsFirstPass) {
  EXPECT_THAT(Pieces(For("America/New_York", OnDate("2026-11-01"), "01:30", absl::Minutes(10)),
                     "2026-10-31T00:00:00Z", "2026-11-03T00:00:00Z"),
              ElementsAre("2026-11-01 05:30:00/2026-11-01 05:40:00"));
  // 00:00 of the 7th comes twice in St John's, 23:30 of the 6th too.
  EXPECT_THAT(
      Pieces(For("America/St_Johns", Weekly{std::bitset<7>(kEveryDay)}, "00:00", absl::Minutes(5)),
             "2010-11-07T00:00:00Z", "2010-11-08T00:00:00Z"),
      ElementsAre("2010-11-07 02:30:00/2010-11-07 02:35:00"));
  EXPECT_THAT(
      Pieces(For("America/St_Johns", Weekly{std::bitset<7>(kEveryDay)}, "23:30", absl::Minutes(5)),
             "2010-11-06T12:00:00Z", "2010-11-07T12:00:00Z"),
      ElementsAre("2010-11-07 02:00:00/2010-11-07 02:05:00"));
}

TEST(Elapsed, OfASkippedDayDoesNotOccur) {
  EXPECT_THAT(Pieces(For("Pacific/Apia", OnDate("2011-12-30"), "12:00", absl::Hours(48)),
                     "2011-12-28T00:00:00Z", "2012-01-05T00:00:00Z"),
              IsEmpty());
}

TEST(Elapsed, LongOnesOverlap) {
  EXPECT_THAT(
      Pieces(For("Europe/Berlin", Weekly{std::bitset<7>(kEveryDay)}, "10:00", absl::Hours(24)),
             "2026-10-20T00:00:00Z", "2026-10-30T00:00:00Z"),
      // The day of 25 hours leaves one.
      ElementsAre("2026-10-20 00:00:00/2026-10-25 08:00:00",
                  "2026-10-25 09:00:00/2026-10-30 00:00:00"));
  EXPECT_THAT(
      Pieces(For("Europe/Berlin", Weekly{std::bitset<7>(1)}, "10:00", absl::Hours(7 * 24 + 1)),
             "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"),
      ElementsAre("0001-01-01 00:00:00/9999-12-31 00:00:00"));
  EXPECT_THAT(
      Pieces(For("UTC", Dates{{{2026, 1, 5}, {2026, 1, 1}, {2026, 3, 1}}}, "10:00", kMaxElapsed),
             "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
      ElementsAre("2026-01-01 10:00:00/2026-02-05 10:00:00",
                  "2026-03-01 10:00:00/2026-04-01 10:00:00"));
}

TEST(WeeklyDays, MondayIsBitZero) {
  // 2026-07-27 is a Monday.
  EXPECT_THAT(Pieces(On("UTC", Weekly{std::bitset<7>(1)}, "09:00", "17:00"), "2026-07-20T10:00:00Z",
                     "2026-08-03T10:00:00Z"),
              ElementsAre("2026-07-20 10:00:00/2026-07-20 17:00:00",
                          "2026-07-27 09:00:00/2026-07-27 17:00:00",
                          "2026-08-03 09:00:00/2026-08-03 10:00:00"));
  EXPECT_THAT(Pieces(Whole("UTC", Weekly{std::bitset<7>(64)}), "2026-07-20T00:00:00Z",
                     "2026-07-28T00:00:00Z"),
              ElementsAre("2026-07-26 00:00:00/2026-07-27 00:00:00"));
}

TEST(YearlyRange, IncludesBothEndsAndTheLeapDay) {
  EXPECT_THAT(Pieces(Whole("UTC", YearlyRange{{2, 28}, {3, 1}}), "2023-01-01T00:00:00Z",
                     "2025-01-01T00:00:00Z"),
              ElementsAre("2023-02-28 00:00:00/2023-03-02 00:00:00",
                          "2024-02-28 00:00:00/2024-03-02 00:00:00"));
  EXPECT_THAT(Pieces(Whole("UTC", YearlyRange{{7, 4}, {7, 4}}), "2023-01-01T00:00:00Z",
                     "2024-01-01T00:00:00Z"),
              ElementsAre("2023-07-04 00:00:00/2023-07-05 00:00:00"));
}

TEST(YearlyRange, WrapsOverTheYearEnd) {
  EXPECT_THAT(Pieces(Whole("UTC", YearlyRange{{12, 20}, {1, 5}}), "2025-12-31T00:00:00Z",
                     "2026-12-31T00:00:00Z"),
              ElementsAre("2025-12-31 00:00:00/2026-01-06 00:00:00",
                          "2026-12-20 00:00:00/2026-12-31 00:00:00"));
  // All but no day: for ever.
  EXPECT_THAT(Pieces(Whole("UTC", YearlyRange{{6, 15}, {6, 14}}), "0001-01-01T00:00:00Z",
                     "9999-12-31T00:00:00Z"),
              ElementsAre("0001-01-01 00:00:00/9999-12-31 00:00:00"));
  // The last of them is the opening day of a night that ends on the 6th.
  EXPECT_THAT(Pieces(On("UTC", YearlyRange{{1, 4}, {1, 5}}, "22:00", "06:00"),
                     "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"),
              ElementsAre("2026-01-04 22:00:00/2026-01-05 06:00:00",
                          "2026-01-05 22:00:00/2026-01-06 06:00:00"));
}

TEST(NthWeekday, FirstToLast) {
  const std::bitset<12> march(1 << 2);
  const auto in_march = [&](int nth, Weekday weekday, int offset) {
    return Pieces(Whole("UTC", NthWeekday{nth, weekday, march, offset}), "2026-01-01T00:00:00Z",
                  "2026-12-31T00:00:00Z");
  };
  // March 2026 begins on a Sunday and ends on a Tuesday.
  EXPECT_THAT(in_march(1, Weekday::kSunday, 0),
              ElementsAre("2026-03-01 00:00:00/2026-03-02 00:00:00"));
  EXPECT_THAT(in_march(1, Weekday::kSaturday, 0),
              ElementsAre("2026-03-07 00:00:00/2026-03-08 00:00:00"));
  EXPECT_THAT(in_march(2, Weekday::kTuesday, 0),
              ElementsAre("2026-03-10 00:00:00/2026-03-11 00:00:00"));
  EXPECT_THAT(in_march(5, Weekday::kTuesday, 0),
              ElementsAre("2026-03-31 00:00:00/2026-04-01 00:00:00"));
  EXPECT_THAT(in_march(5, Weekday::kWednesday, 0), IsEmpty());
  EXPECT_THAT(in_march(-1, Weekday::kTuesday, 0),
              ElementsAre("2026-03-31 00:00:00/2026-04-01 00:00:00"));
  EXPECT_THAT(in_march(-1, Weekday::kWednesday, 0),
              ElementsAre("2026-03-25 00:00:00/2026-03-26 00:00:00"));
  EXPECT_THAT(in_march(1, Weekday::kSunday, -31),
              ElementsAre("2026-01-29 00:00:00/2026-01-30 00:00:00"));
  EXPECT_THAT(in_march(-1, Weekday::kTuesday, 31),
              ElementsAre("2026-05-01 00:00:00/2026-05-02 00:00:00"));
}

TEST(NthWeekday, FifthInFebruaryIsRare) {
  const Window window = Whole("UTC", NthWeekday{5, Weekday::kSunday, std::bitset<12>(1 << 1), 0});
  EXPECT_THAT(Pieces(window, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
              ElementsAre("2004-02-29 00:00:00/2004-03-01 00:00:00",
                          "2032-02-29 00:00:00/2032-03-01 00:00:00",
                          "2060-02-29 00:00:00/2060-03-01 00:00:00",
                          "2088-02-29 00:00:00/2088-03-01 00:00:00"));
}

TEST(Dates, AtBothEndsOfTime) {
  EXPECT_THAT(Pieces(On("Pacific/Kiritimati", Dates{{{1, 1, 1}, {9999, 12, 31}}}, "12:00", "12:00"),
                     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
              ElementsAre("0001-01-01 22:29:20/0001-01-02 22:29:20",
                          "9999-12-30 22:00:00/9999-12-31 22:00:00"));
}

TEST(AbsoluteWindow, IsWhatItSays) {
  EXPECT_THAT(
      Pieces(AbsoluteWindow{At("2026-01-01T00:00:00.000000001Z"), At("2026-01-02T00:00:00Z")},
             "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
      ElementsAre("2026-01-01 00:00:00.000000001/2026-01-02 00:00:00"));
}

}  // namespace
}  // namespace sluice
