#include "sluice/interchange/icalendar.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

// The year 2026.
IcalendarOptions Options(bool keep_going = false) {
  IcalendarOptions options;
  options.import.keep_going = keep_going;
  options.from = At("2026-01-01T00:00:00Z");
  options.until = At("2027-01-01T00:00:00Z");
  return options;
}

std::string Calendar(absl::string_view components) {
  return absl::StrReplaceAll(absl::StrCat("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n",
                                          components, "END:VCALENDAR\n"),
                             {{"\n", "\r\n"}});
}

// An event with these lines.
std::string Event(absl::string_view lines, absl::string_view uid = "u1") {
  return absl::StrCat("BEGIN:VEVENT\nUID:", uid, "\nDTSTAMP:20260101T000000Z\nSUMMARY:s\n", lines,
                      "\nEND:VEVENT\n");
}

struct Imported {
  absl::Status status;
  std::vector<v1::Window> windows;
  ImportReport report;

  // `MM-DDTHH:MM..MM-DDTHH:MM` in UTC of each.
  std::vector<std::string> Written() const {
    std::vector<std::string> texts;
    const auto text = [](const google::protobuf::Timestamp& time) {
      return absl::FormatTime("%m-%dT%H:%M", absl::FromUnixSeconds(time.seconds()),
                              absl::UTCTimeZone());
    };
    for (const v1::Window& window : windows) {
      texts.push_back(
          absl::StrCat(text(window.absolute().start()), "..", text(window.absolute().end())));
    }
    return texts;
  }
};

Imported Import(const std::string& bytes, const IcalendarOptions& options = Options()) {
  Imported imported;
  imported.status = ImportIcalendar("x.ics", bytes, options, &imported.windows, imported.report);
  EXPECT_TRUE(imported.report.IsComplete());
  return imported;
}

// The windows of one event.
std::vector<std::string> Windows(absl::string_view lines,
                                 const IcalendarOptions& options = Options()) {
  const Imported imported = Import(Calendar(Event(lines)), options);
  EXPECT_TRUE(imported.status.ok()) << imported.status;
  return imported.Written();
}

TEST(Icalendar, OneEvent) {
  const Imported imported = Import(
      Calendar(Event("DTSTART:20260301T100000Z\nDTEND:20260301T113000Z\nDESCRIPTION:long\n  er")));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_THAT(imported.Written(), ElementsAre("03-01T10:00..03-01T11:30"));
  EXPECT_EQ(imported.windows[0].description(), "s");
  EXPECT_EQ(imported.report.CountsOf("events").taken, 1);
}

TEST(Icalendar, LengthsAndZones) {
  EXPECT_THAT(Windows("DTSTART:20260301T100000Z\nDURATION:PT90M"),
              ElementsAre("03-01T10:00..03-01T11:30"));
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260301T100000\n"
                      "DTEND;TZID=America/New_York:20260301T100000"),
              ElementsAre("03-01T09:00..03-01T15:00"));
  EXPECT_THAT(Windows("DTSTART;TZID=\"Europe/Berlin\":20260701T100000\nDURATION:P1DT1H"),
              ElementsAre("07-01T08:00..07-02T09:00"));
  IcalendarOptions options = Options();
  options.zone = "Europe/Berlin";
  EXPECT_THAT(Windows("DTSTART:20260301T100000\nDURATION:PT1H", options),
              ElementsAre("03-01T09:00..03-01T10:00"));
  EXPECT_THAT(Windows("DTSTART;VALUE=DATE:20260301", options),
              ElementsAre("02-28T23:00..03-01T23:00"));
  EXPECT_THAT(Windows("DTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260303", options),
              ElementsAre("02-28T23:00..03-02T23:00"));
  EXPECT_THAT(Windows("DTSTART;VALUE=DATE:20260301\nDURATION:P1W", options),
              ElementsAre("02-28T23:00..03-07T23:00"));
  options.zones["W. Europe Standard Time"] = "Europe/Berlin";
  EXPECT_THAT(
      Windows("DTSTART;TZID=W. Europe Standard Time:20260301T100000\nDURATION:PT1H", options),
      ElementsAre("03-01T09:00..03-01T10:00"));
}

TEST(Icalendar, ClockChanges) {
  // Forward on 29 March at 02:00, back on 25 October at 03:00.
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260329T023000\nDURATION:PT1H"),
              ElementsAre("03-29T01:30..03-29T02:30"));
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20261025T023000\nDURATION:PT1H"),
              ElementsAre("10-25T00:30..10-25T01:30"));
  // A calendar day has 23 or 25 hours, 24 hours have 24.
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260328T120000\nDURATION:P1D"),
              ElementsAre("03-28T11:00..03-29T10:00"));
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260328T120000\nDURATION:PT24H"),
              ElementsAre("03-28T11:00..03-29T11:00"));
  IcalendarOptions options = Options();
  options.zone = "Europe/Berlin";
  EXPECT_THAT(Windows("DTSTART;VALUE=DATE:20261025", options),
              ElementsAre("10-24T22:00..10-25T23:00"));
  // Recurs at the same local time; by DTEND exactly as long.
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260328T220000\n"
                      "DTEND;TZID=Europe/Berlin:20260329T040000\nRRULE:FREQ=DAILY;COUNT=2"),
              ElementsAre("03-28T21:00..03-29T02:00", "03-29T20:00..03-30T01:00"));
}

TEST(Icalendar, Rules) {
  EXPECT_THAT(Windows("DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3"),
              ElementsAre("01-01T10:00..01-01T11:00", "01-08T10:00..01-08T11:00",
                          "01-15T10:00..01-15T11:00"));
  EXPECT_THAT(Windows("DTSTART:20260106T100000Z\nDURATION:PT1H\n"
                      "RRULE:FREQ=MONTHLY;BYDAY=1TU;UNTIL=20260303T100000Z"),
              ElementsAre("01-06T10:00..01-06T11:00", "02-03T10:00..02-03T11:00",
                          "03-03T10:00..03-03T11:00"));
  // UNTIL in UTC counts in UTC: 10:00 in Berlin is 09:00 there.
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260105T100000\nDURATION:PT1H\n"
                      "RRULE:FREQ=DAILY;UNTIL=20260106T090000Z")
                  .size(),
              2);
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260105T100000\nDURATION:PT1H\n"
                      "RRULE:FREQ=DAILY;UNTIL=20260106T085959Z")
                  .size(),
              1);
  IcalendarOptions options = Options();
  options.zone = "UTC";
  EXPECT_THAT(Windows("DTSTART;VALUE=DATE:20260102\nRRULE:FREQ=DAILY;UNTIL=20260103", options),
              ElementsAre("01-02T00:00..01-03T00:00", "01-03T00:00..01-04T00:00"));
  // Years before what is asked for.
  EXPECT_THAT(Windows("DTSTART:20001225T000000Z\nDURATION:P1D\nRRULE:FREQ=YEARLY"),
              ElementsAre("12-25T00:00..12-26T00:00"));
}

TEST(Icalendar, DatesBesideRules) {
  EXPECT_THAT(Windows("DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n"
                      "EXDATE:20260102T100000Z,20260103T100000Z\nRDATE:20260110T120000Z\n"
                      "RDATE;VALUE=PERIOD:20260111T100000Z/20260111T103000Z,20260112T100000Z/PT5M"),
              ElementsAre("01-01T10:00..01-01T11:00", "01-04T10:00..01-04T11:00",
                          "01-10T12:00..01-10T13:00", "01-11T10:00..01-11T10:30",
                          "01-12T10:00..01-12T10:05"));
  EXPECT_THAT(Windows("DTSTART;TZID=Europe/Berlin:20260101T100000\nDURATION:PT1H\n"
                      "RRULE:FREQ=DAILY;COUNT=2\nEXDATE;TZID=Europe/Berlin:20260101T100000"),
              ElementsAre("01-02T09:00..01-02T10:00"));
}

TEST(Icalendar, OverridesTakeThePlaceOfOccurrences) {
  const std::string series =
      Event("DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3");
  const std::string moved =
      Event("RECURRENCE-ID:20260102T100000Z\nDTSTART:20260102T150000Z\nDURATION:PT2H");
  const std::string cancelled = Event(
      "RECURRENCE-ID:20260103T100000Z\nDTSTART:20260103T100000Z\nDURATION:PT1H\n"
      "STATUS:CANCELLED");
  for (const std::string& text :
       {absl::StrCat(series, moved, cancelled), absl::StrCat(cancelled, moved, series)}) {
    const Imported imported = Import(Calendar(text));
    ASSERT_TRUE(imported.status.ok()) << imported.status;
    EXPECT_THAT(imported.Written(),
                ElementsAre("01-01T10:00..01-01T11:00", "01-02T15:00..01-02T17:00"));
    EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kCancelled), 1);
    EXPECT_EQ(imported.report.CountsOf("events").taken, 2);
  }
}

TEST(Icalendar, WhatIsLeftOut) {
  const std::string lines = "DTSTART:20260301T100000Z\nDTEND:20260301T113000Z";
  const Imported imported = Import(Calendar(absl::StrCat(
      Event(absl::StrCat(lines, "\nSTATUS:CANCELLED"), "a"),
      Event(absl::StrCat(lines, "\nTRANSP:TRANSPARENT"), "b"),
      Event("DTSTART:20260301T100000Z", "c"),
      Event("DTSTART:20260301T100000Z\nDTEND:20260301T100000Z", "d"),
      Event("DTSTART:20200301T100000Z\nDTEND:20200301T110000Z", "e"),
      Event(absl::StrCat(lines, "\nSEQUENCE:1"), "f"),
      Event(absl::StrCat(lines, "\nSEQUENCE:2"), "f"), Event(lines, "g"), Event(lines, "g"),
      Event(absl::StrCat(lines, "\nRRULE:FREQ=YEARLY"), "h"), "BEGIN:VTODO\nUID:t\nEND:VTODO\n",
      "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
      "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n")));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  const std::pair<LeftOutReason, uint64_t> expected[] = {{LeftOutReason::kCancelled, 1},
                                                         {LeftOutReason::kTransparent, 1},
                                                         {LeftOutReason::kNoLength, 2},
                                                         {LeftOutReason::kOutsideHorizon, 1},
                                                         {LeftOutReason::kSuperseded, 1},
                                                         {LeftOutReason::kRepeated, 1},
                                                         {LeftOutReason::kGoesOn, 1},
                                                         {LeftOutReason::kNotAnEvent, 1},
                                                         {LeftOutReason::kTimeZoneDefinition, 1}};
  for (const auto& [reason, count] : expected) {
    EXPECT_EQ(imported.report.LeftOutFor(reason), count) << LeftOutReasonName(reason);
  }
  // By default what does not block time counts too.
  EXPECT_EQ(imported.report.CountsOf("events").taken, 4);
  IcalendarOptions options = Options();
  options.transparent = TransparentEvents::kLeaveOut;
  EXPECT_THAT(Windows(absl::StrCat(lines, "\nTRANSP:TRANSPARENT"), options), IsEmpty());
}

TEST(Icalendar, TheHorizonIsHalfOpen) {
  EXPECT_THAT(Windows("DTSTART:20251231T230000Z\nDTEND:20260101T000000Z"), IsEmpty());
  EXPECT_THAT(Windows("DTSTART:20251231T230000Z\nDTEND:20260101T000001Z").size(), 1);
  EXPECT_THAT(Windows("DTSTART:20261231T235959Z\nDURATION:PT1H").size(), 1);
  EXPECT_THAT(Windows("DTSTART:20270101T000000Z\nDURATION:PT1H"), IsEmpty());
}

TEST(Icalendar, AlarmsWithinEventsAreNoEvents) {
  EXPECT_THAT(Windows("DTSTART:20260301T100000Z\nDTEND:20260301T113000Z\nBEGIN:VALARM\n"
                      "ACTION:AUDIO\nTRIGGER:-PT15M\nDURATION:PT5M\nREPEAT:2\nEND:VALARM"),
              ElementsAre("03-01T10:00..03-01T11:30"));
}

TEST(Icalendar, WhatIsNoCalendarIsRefusedWhateverTheOptions) {
  const std::string event = Event("DTSTART:20260301T100000Z\nDTEND:20260301T113000Z");
  const std::string whole = Calendar(event);
  const std::pair<std::string, absl::string_view> cases[] = {
      {"", "is no calendar"},
      {"nonsense", "is no calendar"},
      {event, "is no calendar"},
      {whole.substr(0, whole.size() / 2), "is cut"},
      {absl::StrReplaceAll(whole, {{"END:VEVENT\r\n", ""}}), "should be END:VEVENT"},
      {absl::StrReplaceAll(whole, {{"END:VCALENDAR\r\n", ""}}), "is cut"},
      {absl::StrCat(whole, "SUMMARY:after\r\n"), "is no calendar"},
      {absl::StrReplaceAll(whole, {{"VERSION:2.0", "VERSION:1.0"}}), "VERSION should be 2.0"},
      {absl::StrReplaceAll(whole, {{"VERSION:2.0\r\n", ""}}), "has no VERSION"},
      {absl::StrReplaceAll(whole, {{"PRODID", "METHOD:CANCEL\r\nPRODID"}}), "METHOD:CANCEL"},
      {absl::StrReplaceAll(whole, {{"PRODID", "CALSCALE:CHINESE\r\nPRODID"}}), "CALSCALE"},
      {absl::StrReplaceAll(whole, {{"BEGIN:VEVENT", "BIN:VEVENT"}}), "belongs into an event"},
      {absl::StrReplaceAll(whole, {{"END:VEVENT", "BEGIN:VEVENT"}}), "an event begins within"},
      {absl::StrCat(whole, "\xff"), "UTF-8"},
      {absl::StrCat(whole, std::string(1, '\0')), "UTF-8"},
  };
  for (const auto& [bytes, what] : cases) {
    for (const bool keep_going : {false, true}) {
      const Imported imported = Import(bytes, Options(keep_going));
      EXPECT_TRUE(absl::IsInvalidArgument(imported.status)) << bytes;
      EXPECT_TRUE(absl::StrContains(imported.status.message(), what)) << imported.status;
    }
  }
}

TEST(Icalendar, OptionsThatCantBeAreRefused) {
  IcalendarOptions options = Options(true);
  options.until = options.from;
  EXPECT_TRUE(absl::IsInvalidArgument(Import(Calendar(""), options).status));
  EXPECT_TRUE(absl::IsInvalidArgument(Import(Calendar(""), IcalendarOptions()).status));
  options = Options(true);
  options.until = absl::InfiniteFuture();
  EXPECT_TRUE(absl::IsInvalidArgument(Import(Calendar(""), options).status));
}

TEST(Icalendar, TooManyWindowsAreRefused) {
  IcalendarOptions options = Options(true);
  options.max_windows = 10;
  const std::string calendar =
      Calendar(Event("DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=11"));
  EXPECT_TRUE(absl::IsResourceExhausted(Import(calendar, options).status));
  options.max_windows = 11;
  EXPECT_TRUE(Import(calendar, options).status.ok());
}

TEST(Icalendar, MalformedEventsFail) {
  const std::string start = "DTSTART:20260301T100000Z\n";
  const std::string hour = absl::StrCat(start, "DURATION:PT1H");
  const std::pair<std::string, absl::string_view> cases[] = {
      {"DTEND:20260301T113000Z", "needs DTSTART"},
      {absl::StrCat(start, "DTEND:20260301T093000Z"), "must end after it starts"},
      {absl::StrCat(start, "DTEND;VALUE=DATE:20260302"), "must be a day or a time"},
      {absl::StrCat(hour, "\nDTEND:20260301T113000Z"), "both DTEND and DURATION"},
      {absl::StrCat(start, "DURATION:-PT1H"), "must be positive"},
      {absl::StrCat(start, "DURATION:P99999W"), "lasts too long"},
      {absl::StrCat(hour, "\nDTSTART:20260302T100000Z"), "DTSTART twice"},
      {"DTSTART:20260230T100000Z\nDURATION:PT1H", ""},
      {"DTSTART:20260301T250000Z\nDURATION:PT1H", ""},
      {"DTSTART:yesterday\nDURATION:PT1H", ""},
      {absl::StrCat(start, "DURATION:one hour"), ""},
      {"DTSTART:20260301T100000\nDURATION:PT1H", "no zone is given"},
      {"DTSTART;VALUE=DATE:20260301", "no zone is given"},
      {"DTSTART;TZID=Mars/Olympus:20260301T100000\nDURATION:PT1H", "unknown zone `Mars/Olympus`"},
      {"DTSTART;TZID=localtime:20260301T100000\nDURATION:PT1H", "unknown zone"},
      {"DTSTART;TZID=Europe/Berlin:20260301T100000Z\nDURATION:PT1H", "in UTC with a TZID"},
      {"DTSTART;VALUE=DATE;TZID=Europe/Berlin:20260301", "a day with a TZID"},
      {absl::StrCat(hour, "\nRRULE:FREQ=MINUTELY;COUNT=3"), "by the hour"},
      {absl::StrCat(hour, "\nRRULE:FREQ=SECONDLY;COUNT=3"), "by the hour"},
      {absl::StrCat(hour, "\nRRULE:FREQ=FORTNIGHTLY"), ""},
      {absl::StrCat(hour, "\nRRULE:nonsense"), ""},
      {absl::StrCat(hour, "\nRRULE:FREQ=WEEKLY;BYDAY=MO"), "does not begin with DTSTART"},
      {"DTSTART:18000101T100000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY", "too often"},
      {absl::StrCat(hour, "\nEXRULE:FREQ=DAILY"), "EXRULE"},
      {absl::StrCat(hour, "\nEXDATE;VALUE=DATE:20260301"), "EXDATE must be a day or a time"},
      {absl::StrCat(hour, "\nRDATE;VALUE=DATE:20260301"), "RDATE must be a day or a time"},
      {absl::StrCat(hour, "\nRDATE;VALUE=PERIOD:20260301T100000Z/20260301T090000Z"),
       "RDATE must end after it starts"},
      {absl::StrCat(hour, "\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260301T100000Z"), "RANGE"},
      {absl::StrCat(hour, "\nRECURRENCE-ID:20260301T100000Z\nRRULE:FREQ=DAILY"),
       "both RECURRENCE-ID and a recurrence"},
      {absl::StrCat(hour, "\nSTATUS:MAYBE"), ""},
      {absl::StrCat(hour, "\nTRANSP:HALF"), ""},
  };
  const std::string good = Event("DTSTART:20260401T100000Z\nDURATION:PT1H", "good");
  for (const auto& [lines, what] : cases) {
    SCOPED_TRACE(lines);
    const std::string calendar = Calendar(absl::StrCat(Event(lines), good));
    const Imported strict = Import(calendar);
    EXPECT_TRUE(absl::IsInvalidArgument(strict.status)) << strict.status;
    EXPECT_TRUE(absl::StrContains(strict.status.message(), what)) << strict.status;
    EXPECT_TRUE(absl::StrContains(strict.status.message(), "x.ics: line 4")) << strict.status;
    EXPECT_THAT(strict.windows, IsEmpty());
    const Imported lenient = Import(calendar, Options(true));
    EXPECT_TRUE(lenient.status.ok()) << lenient.status;
    EXPECT_THAT(lenient.Written(), ElementsAre("04-01T10:00..04-01T11:00"));
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
}

TEST(Icalendar, EventsThatContradictEachOther) {
  const std::string hour = "DTSTART:20260301T100000Z\nDURATION:PT1H";
  const Imported imported =
      Import(Calendar(absl::StrCat(Event(hour), Event(absl::StrCat(hour, "\nSTATUS:TENTATIVE")))));
  EXPECT_TRUE(absl::StrContains(imported.status.message(), "of the same SEQUENCE"))
      << imported.status;
  const std::string without = absl::StrReplaceAll(Event(hour), {{"UID:u1\n", ""}});
  EXPECT_TRUE(absl::StrContains(Import(Calendar(without)).status.message(), "needs UID"));
}

TEST(Icalendar, DamagedCalendarsLoseNothingUntold) {
  const std::string whole = Calendar(absl::StrCat(
      Event("DTSTART;TZID=Europe/Berlin:20260105T100000\nDURATION:PT1H\n"
            "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=2;COUNT=5\n"
            "EXDATE;TZID=Europe/Berlin:20260106T100000\nRDATE:20260110T120000Z",
            "a"),
      Event("DTSTART:20260301T100000Z\nDTEND:20260301T113000Z\nRRULE:FREQ=YEARLY;BYMONTH=3;"
            "BYSETPOS=1;BYDAY=SU",
            "b")));
  std::mt19937 random(8);
  int taken = 0;
  int malformed = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = whole;
    for (int i = 0, edits = 1 + static_cast<int>(random() % 3); i < edits; ++i) {
      const size_t at = random() % damaged.size();
      switch (random() % 3) {
        case 0:
          damaged[at] = static_cast<char>(1 + random() % 127);
          break;
        case 1:
          damaged.erase(at, 1 + random() % 3);
          break;
        default:
          damaged.insert(at, 1, "0123456789;:,=-TZ"[random() % 17]);
      }
    }
    const Imported imported = Import(damaged, Options(true));
    if (!imported.status.ok()) continue;
    const ImportCounts counts = imported.report.CountsOf("events");
    // Two events that run into one another are one malformed event.
    const uint64_t all = counts.read + imported.report.CountsOf("components").read;
    ASSERT_TRUE(all == 2 || (all == 1 && counts.malformed == 1)) << damaged;
    taken += static_cast<int>(counts.taken);
    malformed += static_cast<int>(counts.malformed);
  }
  EXPECT_GT(taken, 1000);
  EXPECT_GT(malformed, 500);
}

TEST(CalendarOf, WindowsThatMeetAreOne) {
  const Imported imported =
      Import(Calendar(absl::StrCat(Event("DTSTART:20260101T100000Z\nDURATION:PT1H", "a"),
                                   Event("DTSTART:20260101T110000Z\nDURATION:PT1H", "b"),
                                   Event("DTSTART:20260101T113000Z\nDURATION:PT10M", "c"),
                                   Event("DTSTART:20260101T130000Z\nDURATION:PT1H", "d"))));
  const v1::Calendar calendar = CalendarOf(imported.windows);
  ASSERT_EQ(calendar.starts_s_size(), 2);
  ASSERT_EQ(calendar.ends_s_size(), 2);
  EXPECT_EQ(calendar.ends_s(0) - calendar.starts_s(0), 7200);
  EXPECT_EQ(calendar.starts_s(1) - calendar.ends_s(0), 3600);
}

}  // namespace
}  // namespace sluice
