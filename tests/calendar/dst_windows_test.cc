// Weekly windows at clock changes: facts that others worked out from the tz database.

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/window_set.h"
#include "sluice/calendar/zone.h"
#include "tests/calendar/at.h"

namespace sluice {
namespace {

enum State { kClosed, kOpen };

struct Fact {
  std::string zone;
  std::string days;  // Monday first, '-' where it does not open.
  std::string start;
  std::string end;
  std::string instant;
  State state;              // At the instant.
  std::string next_change;  // To the other state.
};

std::ostream& operator<<(std::ostream& os, const Fact& fact) {
  return os << fact.zone << " " << fact.days << " " << fact.start << "-" << fact.end << " at "
            << fact.instant;
}

void Check(const Fact& fact) {
  Weekly weekly;
  for (size_t i = 0; i < 7; ++i) weekly.on[i] = fact.days.at(i) != '-';
  const absl::StatusOr<Zone> zone = Zone::Load(fact.zone);
  ASSERT_TRUE(zone.ok()) << zone.status();
  const auto start = ParseLocalTime(fact.start);
  const auto end = ParseLocalTime(fact.end, EndOfDay::kAccepted);
  ASSERT_TRUE(start.has_value() && end.has_value());
  const Window window = CalendarWindow{*zone, weekly, LocalHours{*start, *end}};
  ASSERT_TRUE(FindFaults(window).empty());

  // The same window, once to allow and once to deny.
  WindowRules allow;
  allow.allow = std::vector<Window>{window};
  WindowRules deny;
  deny.allow = AllowAlways{};
  deny.deny = {window};
  const absl::StatusOr<WindowSet> allowed = WindowSet::Compile(allow);
  const absl::StatusOr<WindowSet> denied = WindowSet::Compile(deny);
  ASSERT_TRUE(allowed.ok() && denied.ok());

  const absl::Time now = At(fact.instant);
  const absl::Time change = At(fact.next_change);
  const auto open = [&](absl::Time t) {
    const bool is_open = allowed->StateAt(t, absl::ZeroDuration()).reason == WindowReason::kOpen;
    EXPECT_EQ(is_open, denied->StateAt(t, absl::ZeroDuration()).reason == WindowReason::kInDeny);
    return is_open ? kOpen : kClosed;
  };
  EXPECT_EQ(open(now), fact.state);
  EXPECT_EQ(allowed->StateAt(now, absl::ZeroDuration()).changes_at, change);
  EXPECT_EQ(denied->StateAt(now, absl::ZeroDuration()).changes_at, change);
  EXPECT_EQ(open(change - absl::Nanoseconds(1)), fact.state);
  EXPECT_NE(open(change), fact.state);
}

const Fact kFacts[] = {
    {"Africa/Cairo", "MTWTFSS", "22:00", "00:30", "2010-04-29T22:00:00Z", kClosed,
     "2010-04-30T19:00:00Z"},
    {"Africa/Casablanca", "MTWTFSS", "02:30", "05:00", "2012-04-29T02:00:00Z", kOpen,
     "2012-04-29T04:00:00Z"},
    {"Africa/El_Aaiun", "MTWTF--", "09:00", "17:00", "2017-03-26T02:00:00Z", kClosed,
     "2017-03-27T08:00:00Z"},
    {"America/Asuncion", "----F--", "22:00", "06:00", "2018-03-25T03:00:00Z", kClosed,
     "2018-03-31T02:00:00Z"},
    {"America/Bogota", "MTWTFSS", "00:30", "03:00", "1992-05-03T04:59:59Z", kClosed,
     "1992-05-03T05:00:00Z"},
    {"America/Caracas", "MTWTFSS", "02:45", "05:00", "2007-12-09T04:00:00Z", kClosed,
     "2007-12-09T06:45:00Z"},
    {"America/Caracas", "MTWTFSS", "02:37", "02:45", "2007-12-09T07:15:00Z", kClosed,
     "2007-12-10T07:07:00Z"},
    {"America/Caracas", "MTWTFSS", "02:30", "03:00", "2016-05-01T06:59:59Z", kClosed,
     "2016-05-02T06:30:00Z"},
    {"America/Chicago", "MTWTFSS", "02:15", "02:30", "2005-04-03T07:59:59Z", kClosed,
     "2005-04-04T07:15:00Z"},
    {"America/Chicago", "MTWTFSS", "02:00", "03:00", "2005-04-03T10:00:00Z", kClosed,
     "2005-04-04T07:00:00Z"},
    {"America/Chicago", "------S", "00:00", "24:00", "2010-03-14T07:30:00Z", kOpen,
     "2010-03-15T05:00:00Z"},
    {"America/Denver", "-----S-", "22:00", "06:00", "2019-11-03T07:59:59Z", kOpen,
     "2019-11-03T13:00:00Z"},
    {"America/Denver", "MTWTFSS", "01:30", "04:00", "2019-11-03T08:30:00Z", kOpen,
     "2019-11-03T11:00:00Z"},
    {"America/Halifax", "MTWTFSS", "02:15", "02:30", "2005-04-03T05:30:00Z", kClosed,
     "2005-04-04T05:15:00Z"},
    {"America/Havana", "MTWTFSS", "00:15", "00:30", "2010-03-14T04:59:59Z", kClosed,
     "2010-03-15T04:15:00Z"},
    {"America/Los_Angeles", "MTWTFSS", "02:30", "05:00", "2005-04-03T10:30:00Z", kOpen,
     "2005-04-03T12:00:00Z"},
    {"America/Los_Angeles", "MTWTFSS", "23:00", "01:30", "2019-11-03T08:30:00Z", kClosed,
     "2019-11-03T09:00:00Z"},
    {"America/Los_Angeles", "MTWTFSS", "01:00", "02:00", "2024-11-03T11:00:00Z", kClosed,
     "2024-11-04T09:00:00Z"},
    {"America/Mexico_City", "MTWTFSS", "02:30", "05:00", "2019-04-07T07:30:00Z", kClosed,
     "2019-04-07T08:00:00Z"},
    {"America/New_York", "MTWTFSS", "00:30", "04:30", "2005-04-03T04:00:00Z", kClosed,
     "2005-04-03T05:30:00Z"},
    {"America/New_York", "-----S-", "22:00", "06:00", "2005-04-03T07:00:00Z", kOpen,
     "2005-04-03T10:00:00Z"},
    {"America/New_York", "MTWTFSS", "00:00", "02:30", "2015-03-08T06:30:00Z", kOpen,
     "2015-03-08T07:00:00Z"},
    {"America/New_York", "MTWTF--", "09:00", "17:00", "2015-03-08T06:59:59Z", kClosed,
     "2015-03-09T13:00:00Z"},
    {"America/New_York", "------S", "00:00", "24:00", "2019-11-03T05:59:59Z", kOpen,
     "2019-11-04T05:00:00Z"},
    {"America/New_York", "------S", "02:30", "04:00", "2024-03-10T06:59:59Z", kClosed,
     "2024-03-10T07:00:00Z"},
    {"America/New_York", "MTWTFSS", "01:15", "01:30", "2024-11-03T06:30:00Z", kClosed,
     "2024-11-04T06:15:00Z"},
    {"America/Nuuk", "----F--", "22:00", "06:00", "2019-03-30T22:00:00Z", kClosed,
     "2019-04-06T00:00:00Z"},
    {"America/Santiago", "------S", "00:00", "24:00", "2014-04-27T02:59:59Z", kClosed,
     "2014-04-27T04:00:00Z"},
    {"America/Sao_Paulo", "MTWTFSS", "21:30", "01:30", "2019-02-17T02:00:00Z", kOpen,
     "2019-02-17T04:30:00Z"},
    {"America/St_Johns", "MTWTF--", "09:00", "17:00", "2024-11-03T04:00:00Z", kClosed,
     "2024-11-04T12:30:00Z"},
    {"Antarctica/Troll", "MTWTFSS", "01:30", "02:00", "2008-03-30T00:00:00Z", kClosed,
     "2008-03-30T23:30:00Z"},
    {"Antarctica/Troll", "MTWTFSS", "02:00", "05:00", "2008-03-30T01:00:00Z", kOpen,
     "2008-03-30T03:00:00Z"},
    {"Antarctica/Troll", "------S", "00:00", "24:00", "2008-03-30T03:00:00Z", kOpen,
     "2008-03-30T22:00:00Z"},
    {"Antarctica/Troll", "MTWTFSS", "01:30", "02:00", "2012-10-28T01:00:00Z", kClosed,
     "2012-10-28T01:30:00Z"},
    {"Antarctica/Troll", "MTWTFSS", "23:30", "04:30", "2012-10-28T03:00:00Z", kOpen,
     "2012-10-28T04:30:00Z"},
    {"Antarctica/Troll", "MTWTFSS", "01:00", "03:00", "2016-10-30T02:00:00Z", kOpen,
     "2016-10-30T03:00:00Z"},
    {"Antarctica/Troll", "-----S-", "22:00", "06:00", "2021-03-28T01:00:00Z", kOpen,
     "2021-03-28T04:00:00Z"},
    {"Asia/Amman", "MTWTF--", "09:00", "17:00", "2018-03-29T21:30:00Z", kClosed,
     "2018-03-30T06:00:00Z"},
    {"Asia/Beirut", "MTWTFSS", "00:15", "00:30", "2015-03-28T21:59:59Z", kClosed,
     "2015-03-29T21:15:00Z"},
    {"Asia/Gaza", "-----S-", "00:00", "24:00", "2018-03-23T23:00:00Z", kOpen,
     "2018-03-24T21:00:00Z"},
    {"Asia/Jerusalem", "MTWTFSS", "02:30", "05:00", "2005-03-31T23:59:59Z", kClosed,
     "2005-04-01T00:00:00Z"},
    {"Asia/Kathmandu", "--W----", "00:00", "24:00", "1985-12-31T18:37:00Z", kOpen,
     "1986-01-01T18:15:00Z"},
    {"Asia/Kolkata", "----FS-", "18:00", "06:00", "2024-06-01T00:30:00Z", kClosed,
     "2024-06-01T12:30:00Z"},
    {"Asia/Pyongyang", "-----S-", "00:00", "24:00", "2015-08-14T14:59:59Z", kClosed,
     "2015-08-14T15:30:00Z"},
    {"Asia/Pyongyang", "MTWTFSS", "23:30", "00:00", "2015-08-14T17:00:00Z", kClosed,
     "2015-08-15T15:00:00Z"},
    {"Asia/Pyongyang", "---T---", "22:00", "06:00", "2018-05-04T14:59:59Z", kClosed,
     "2018-05-10T13:00:00Z"},
    {"Asia/Tehran", "MTWTFSS", "21:30", "01:30", "2017-09-21T20:00:00Z", kOpen,
     "2017-09-21T22:00:00Z"},
    {"Atlantic/Azores", "MTWTFSS", "22:30", "02:30", "2005-03-27T00:30:00Z", kOpen,
     "2005-03-27T02:30:00Z"},
    {"Australia/Adelaide", "MTWTFSS", "00:30", "04:30", "2010-04-03T16:29:59Z", kOpen,
     "2010-04-03T19:00:00Z"},
    {"Australia/Lord_Howe", "MTWTFSS", "23:30", "01:45", "2018-03-31T17:00:00Z", kClosed,
     "2018-04-01T13:00:00Z"},
    {"Australia/Sydney", "MTWTFSS", "00:00", "02:30", "2005-03-26T15:59:59Z", kClosed,
     "2005-03-26T16:00:00Z"},
    {"Europe/Berlin", "MTWTF--", "09:00", "17:00", "2005-03-26T22:00:00Z", kClosed,
     "2005-03-28T07:00:00Z"},
    {"Europe/Chisinau", "MTWTF--", "09:00", "17:00", "2005-03-26T23:59:59Z", kClosed,
     "2005-03-28T06:00:00Z"},
    {"Europe/Dublin", "MTWTFSS", "23:00", "01:30", "2005-03-27T01:00:00Z", kClosed,
     "2005-03-27T22:00:00Z"},
    {"Europe/Istanbul", "MTWTFSS", "01:30", "05:30", "2013-03-31T00:59:59Z", kOpen,
     "2013-03-31T02:30:00Z"},
    {"Europe/Kyiv", "MTWTFSS", "03:15", "03:30", "2005-03-27T01:00:00Z", kClosed,
     "2005-03-28T00:15:00Z"},
    {"Europe/Lisbon", "MTWTFSS", "01:00", "02:00", "2005-03-27T01:00:00Z", kClosed,
     "2005-03-28T00:00:00Z"},
    {"Europe/London", "MTWTF--", "09:00", "17:00", "2005-03-26T22:00:00Z", kClosed,
     "2005-03-28T08:00:00Z"},
    {"Europe/Moscow", "MTWTF--", "09:00", "17:00", "2009-03-28T22:59:59Z", kClosed,
     "2009-03-30T05:00:00Z"},
    {"Europe/Paris", "------S", "00:00", "24:00", "2010-03-28T00:59:59Z", kOpen,
     "2010-03-28T22:00:00Z"},
    {"Pacific/Fakaofo", "MTWTF--", "09:00", "17:00", "2011-12-29T23:00:00Z", kOpen,
     "2011-12-30T04:00:00Z"},
    {"Pacific/Fakaofo", "MTWTFSS", "22:00", "12:00", "2011-12-30T11:00:00Z", kOpen,
     "2011-12-30T23:00:00Z"},
    {"Pacific/Fakaofo", "----F--", "00:00", "24:00", "2011-12-30T13:00:00Z", kClosed,
     "2012-01-05T11:00:00Z"},
    {"Pacific/Norfolk", "MTWTF--", "09:00", "17:00", "2015-10-03T14:29:59Z", kClosed,
     "2015-10-04T22:00:00Z"},
};

class DstWindows : public testing::TestWithParam<Fact> {};

TEST_P(DstWindows, OpenAndChange) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Facts, DstWindows, testing::ValuesIn(kFacts));

// The whole collection, where it is at hand.
TEST(DstWindowsFile, OpenAndChange) {
  const char* folder = std::getenv("SLUICE_SHARED_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "SLUICE_SHARED_VECTORS is not set";
  std::ifstream file(absl::StrCat(folder, "/dst_windows.jsonl"));
  if (!file) GTEST_SKIP() << "no dst_windows.jsonl";
  const std::vector<std::string> days = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    google::protobuf::Struct row;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(line, &row).ok()) << line;
    const auto& input = row.fields().at("input").struct_value().fields();
    const auto& expected = row.fields().at("expected").struct_value().fields();
    Fact fact;
    fact.zone = input.at("time_zone").string_value();
    fact.days = "-------";
    for (const auto& value : input.at("weekdays").list_value().values()) {
      const auto day = std::find(days.begin(), days.end(), value.string_value());
      ASSERT_NE(day, days.end());
      fact.days[static_cast<size_t>(day - days.begin())] = 'x';
    }
    fact.start = input.at("start").string_value();
    fact.end = input.at("end").string_value();
    fact.instant = input.at("instant").string_value();
    fact.state = expected.at("open").bool_value() ? kOpen : kClosed;
    fact.next_change = expected.at("next_change").string_value();
    SCOPED_TRACE(row.fields().at("id").string_value());
    Check(fact);
  }
  EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace sluice
