#include "sluice/calendar/civil.h"

#include <string>

#include "gtest/gtest.h"

namespace sluice {
namespace {

int Seconds(absl::string_view text, EndOfDay end_of_day = EndOfDay::kRefused) {
  const auto time = ParseLocalTime(text, end_of_day);
  return time.has_value() ? time->second_of_day : -1;
}

TEST(ParseLocalTime, ReadsBothForms) {
  EXPECT_EQ(Seconds("00:00"), 0);
  EXPECT_EQ(Seconds("09:30"), 34200);
  EXPECT_EQ(Seconds("23:59"), 86340);
  EXPECT_EQ(Seconds("23:59:59"), 86399);
  EXPECT_EQ(Seconds("00:00:01"), 1);
}

TEST(ParseLocalTime, Has2400OnlyWhereAnEndIsMeant) {
  EXPECT_EQ(Seconds("24:00"), -1);
  EXPECT_EQ(Seconds("24:00:00"), -1);
  EXPECT_EQ(Seconds("24:00", EndOfDay::kAccepted), 86400);
  EXPECT_EQ(Seconds("24:00:00", EndOfDay::kAccepted), 86400);
  EXPECT_EQ(Seconds("24:00:01", EndOfDay::kAccepted), -1);
  EXPECT_EQ(Seconds("24:01", EndOfDay::kAccepted), -1);
}

TEST(ParseLocalTime, RefusesEverythingElse) {
  for (const char* text :
       {"",           "9:00",   "09:0",   "0900",    "09-00",    "25:00", "09:60",
        "09:00:60",   "09:00:", " 09:00", "09:00 ",  "+9:00",    "-1:00", "09:00Z",
        "09:00:00.0", "09.00",  "0x:00",  "09:00:0", "09:00x00", "٠٩:00"}) {
    EXPECT_EQ(Seconds(text, EndOfDay::kAccepted), -1) << text;
  }
  EXPECT_EQ(Seconds(absl::string_view("09:0\0", 5)), -1);
}

TEST(ParseMonthDay, ReadsDaysThatSomeYearHas) {
  const auto day = ParseMonthDay("12-24");
  ASSERT_TRUE(day.has_value());
  EXPECT_EQ(day->month, 12);
  EXPECT_EQ(day->day, 24);
  EXPECT_TRUE(ParseMonthDay("02-29").has_value());
  for (const char* text : {"", "02-30", "04-31", "13-01", "00-01", "01-00", "1-01", "01-1", "01/01",
                           "--01-01", "01-01 ", "-1-01"}) {
    EXPECT_FALSE(ParseMonthDay(text).has_value()) << text;
  }
}

TEST(ParseDate, ReadsPossibleDatesOnly) {
  const auto date = ParseDate("2026-12-24");
  ASSERT_TRUE(date.has_value());
  EXPECT_EQ(date->year, 2026);
  EXPECT_EQ(date->month, 12);
  EXPECT_EQ(date->day, 24);
  for (const char* text : {"0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29"}) {
    EXPECT_TRUE(ParseDate(text).has_value()) << text;
  }
  for (const char* text : {"", "2026-02-30", "2026-02-29", "1900-02-29", "0000-01-01", "2026-13-01",
                           "2026-00-01", "2026-01-00", "2026-1-1", "26-01-01", "2026-01-01T",
                           "10000-01-1", "-026-01-01", "2026/01/01", "2026-01-32", "2026-04-31"}) {
    EXPECT_FALSE(ParseDate(text).has_value()) << text;
  }
}

TEST(IsInEveryYear, LeapDayIsNot) {
  EXPECT_TRUE(IsInEveryYear({2, 28}));
  EXPECT_FALSE(IsInEveryYear({2, 29}));
  EXPECT_TRUE(IsInEveryYear({12, 31}));
  EXPECT_FALSE(IsInEveryYear({12, 32}));
  EXPECT_FALSE(IsInEveryYear({}));
}

TEST(IsPossible, OfHostileNumbers) {
  EXPECT_FALSE(IsPossible({}));
  EXPECT_FALSE(IsPossible({10000, 1, 1}));
  EXPECT_FALSE(IsPossible({2026, -2147483647 - 1, 2147483647}));
}

TEST(DayNumber, CountsFrom1970) {
  EXPECT_EQ(DayNumber({1970, 1, 1}), 0);
  EXPECT_EQ(DayNumber({1969, 12, 31}), -1);
  EXPECT_EQ(DayNumber({2000, 3, 1}), 11017);
}

TEST(ParseDate, NeedsBothSeparators) {
  EXPECT_TRUE(ParseDate("2026-12-24").has_value());
  EXPECT_FALSE(ParseDate("2026x12-24").has_value());
  EXPECT_FALSE(ParseDate("2026-12x24").has_value());
}

}  // namespace
}  // namespace sluice
