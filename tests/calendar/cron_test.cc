#include "sluice/calendar/cron.h"

#include <bitset>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/window_set.h"
#include "sluice/calendar/zone.h"
#include "tests/calendar/at.h"

namespace sluice {
namespace {

using testing::ElementsAre;

// The values whose bit is set, the first bit being `first`.
template <size_t n>
std::vector<int> Values(const std::bitset<n>& set, int first) {
  std::vector<int> values;
  for (size_t i = 0; i < n; ++i) {
    if (set[i]) values.push_back(static_cast<int>(i) + first);
  }
  return values;
}

Cron Parsed(const std::string& text) {
  const absl::StatusOr<Cron> cron = ParseCron(text);
  EXPECT_TRUE(cron.ok()) << cron.status();
  return cron.ok() ? *cron : Cron();
}

bool IsRefused(const std::string& text) {
  return ParseCron(text).status().code() == absl::StatusCode::kInvalidArgument;
}

TEST(ParseCron, ReadsEveryForm) {
  const Cron cron = Parsed("5,10-12,40-59/7 */6 1,31 jan,6-8 *");
  EXPECT_THAT(Values(cron.minutes, 0), ElementsAre(5, 10, 11, 12, 40, 47, 54));
  EXPECT_THAT(Values(cron.hours, 0), ElementsAre(0, 6, 12, 18));
  EXPECT_THAT(Values(cron.days, 1), ElementsAre(1, 31));
  EXPECT_THAT(Values(cron.months, 1), ElementsAre(1, 6, 7, 8));
  EXPECT_TRUE(cron.weekdays.all());
  EXPECT_FALSE(cron.either_day);
}

TEST(ParseCron, WeekdaysBeginWithSunday) {
  const auto days = [](const std::string& text) {
    return Values(Parsed("0 0 * * " + text).weekdays, 1);  // 7 is Sunday.
  };
  EXPECT_THAT(days("0"), ElementsAre(7));
  EXPECT_THAT(days("7"), ElementsAre(7));
  EXPECT_THAT(days("1"), ElementsAre(1));
  EXPECT_THAT(days("sun"), ElementsAre(7));
  EXPECT_THAT(days("Mon-FRI"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(days("5-7"), ElementsAre(5, 6, 7));
  EXPECT_THAT(days("sun-tue"), ElementsAre(1, 2, 7));
  EXPECT_THAT(days("*/2"), ElementsAre(2, 4, 6, 7));
}

TEST(ParseCron, FieldsHaveBounds) {
  EXPECT_TRUE(ParseCron("59 23 31 12 7").ok());
  for (const char* text : {"60 0 * * *", "0 24 * * *", "0 0 0 * *", "0 0 32 * *", "0 0 * 0 *",
                           "0 0 * 13 *", "0 0 * * 8"}) {
    EXPECT_TRUE(IsRefused(text)) << text;
  }
}

TEST(ParseCron, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"",
                           " ",
                           "0 0 * *",
                           "0 0 * * * *",
                           " 0 0 * * *",
                           "0 0 * * * ",
                           "0\t0 * * *",
                           "@daily",
                           "0 0 ? * *",
                           "0 0 L * *",
                           "0 0 15W * *",
                           "0 0 * * 5#2",
                           "-1 0 * * *",
                           "+1 0 * * *",
                           "000 0 * * *",
                           "0x1 0 * * *",
                           "1.5 0 * * *",
                           "a 0 * * *",
                           "0, 0 * * *",
                           ",0 0 * * *",
                           "0,,1 0 * * *",
                           "5-4 0 * * *",
                           "1- 0 * * *",
                           "-5 0 * * *",
                           "1-2-3 0 * * *",
                           "*/0 0 * * *",
                           "*/60 0 * * *",
                           "*/ 0 * * *",
                           "1/5 0 * * *",
                           "*-5 0 * * *",
                           "** 0 * * *",
                           "0 0 * january *",
                           "0 0 * * fri-mon",
                           "0 0 * * mond",
                           "0 0 mon * *",
                           "0 0 * mon *"}) {
    EXPECT_TRUE(IsRefused(text)) << text;
  }
  EXPECT_TRUE(IsRefused(std::string("0 0 * * *\0", 10)));
  EXPECT_TRUE(ParseCron("0  0   * * *").ok());
}

TEST(ParseCron, BothDayFieldsMakeEitherMatch) {
  EXPECT_TRUE(Parsed("0 0 13 * 5").either_day);
  EXPECT_FALSE(Parsed("0 0 13 * *").either_day);
  EXPECT_FALSE(Parsed("0 0 * * 5").either_day);
  // All days are named, and so either matches.
  EXPECT_TRUE(Parsed("0 0 1-31 * 5").either_day);
}

TEST(ParseCron, AStepOverAllBesideAnotherDayFieldIsRefused) {
  EXPECT_TRUE(IsRefused("0 0 */2 * 5"));
  EXPECT_TRUE(IsRefused("0 0 13 * */2"));
  EXPECT_TRUE(IsRefused("0 0 */1 * 5"));
  EXPECT_TRUE(IsRefused("0 0 1,*/2 * 5"));
  EXPECT_TRUE(IsRefused("0 0 */2,* * 5"));
  EXPECT_TRUE(ParseCron("0 0 1,* * 5").ok());
  EXPECT_TRUE(ParseCron("0 0 */2 * *").ok());
  EXPECT_TRUE(ParseCron("0 0 * * */2").ok());
  EXPECT_TRUE(ParseCron("0 0 1-31/2 * 5").ok());
}

TEST(ParseCron, StartsThatNeverComeAreRefused) {
  EXPECT_TRUE(IsRefused("0 0 30 2 *"));
  EXPECT_TRUE(IsRefused("0 0 31 2,4,6,9,11 *"));
  EXPECT_TRUE(ParseCron("0 0 29 2 *").ok());
  EXPECT_TRUE(ParseCron("0 0 31 4,5 *").ok());
  // Its Fridays do.
  EXPECT_TRUE(ParseCron("0 0 30 2 5").ok());
}

TEST(ParseCron, NamesTheField) {
  EXPECT_TRUE(absl::StartsWith(ParseCron("0 99 * * *").status().message(), "hour"));
  EXPECT_TRUE(absl::StartsWith(ParseCron("0 0 * * x").status().message(), "day of week"));
}

TEST(EverStarts, TheDefaultDoesNot) {
  EXPECT_FALSE(EverStarts(Cron()));
  EXPECT_THAT(StartsOfDay(Parsed("0,30 0,23 * * *")), ElementsAre(0, 1800, 82800, 84600));
}

// The starts of what is open from `from` on, an hour each.
std::vector<std::string> Openings(const std::string& text, const std::string& zone, absl::Time from,
                                  int count, absl::Duration duration = absl::Hours(1)) {
  WindowRules rules;
  rules.allow = std::vector<Window>{CronWindow{*Zone::Load(zone), Parsed(text), duration}};
  const WindowSet windows = *WindowSet::Compile(rules);
  std::vector<std::string> openings;
  for (absl::Time t = from; count > 0; --count) {
    WindowState state = windows.StateAt(t, absl::ZeroDuration());
    if (state.reason == WindowReason::kOpen) state = windows.StateAt(state.closes_at, {});
    t = state.opens_at;
    if (t == absl::InfiniteFuture()) break;
    EXPECT_NE(windows.StateAt(t - absl::Nanoseconds(1), {}).reason, WindowReason::kOpen);
    const WindowState open = windows.StateAt(t, absl::ZeroDuration());
    EXPECT_EQ(open.reason, WindowReason::kOpen);
    openings.push_back(absl::FormatTime("%Y-%m-%d %H:%M", t, absl::UTCTimeZone()) + " " +
                       absl::FormatDuration(open.closes_at - t));
  }
  return openings;
}

TEST(CronWindow, EitherDayFieldOpens) {
  // 1 November 2026 is a Sunday.
  EXPECT_THAT(Openings("0 9 13 * tue", "UTC", At("2026-11-01T00:00:00Z"), 4),
              ElementsAre("2026-11-03 09:00 1h", "2026-11-10 09:00 1h", "2026-11-13 09:00 1h",
                          "2026-11-17 09:00 1h"));
}

TEST(CronWindow, LeapDayIsFoundAcross1900And2100) {
  EXPECT_THAT(Openings("0 0 29 2 *", "UTC", At("2096-03-01T00:00:00Z"), 2),
              ElementsAre("2104-02-29 00:00 1h", "2108-02-29 00:00 1h"));
}

TEST(CronWindow, ASkippedStartIsTheTransitionAndOnce) {
  // 02:00 to 03:00 is skipped on 8 March 2026: four starts of it, one opening.
  EXPECT_THAT(Openings("0,15,30,45 2 * * *", "America/New_York", At("2026-03-08T00:00:00Z"), 2,
                       absl::Minutes(10)),
              ElementsAre("2026-03-08 07:00 10m", "2026-03-09 06:00 10m"));
}

TEST(CronWindow, ARepeatedStartIsItsFirstPass) {
  // 01:00 to 02:00 is shown twice on 1 November 2026.
  EXPECT_THAT(
      Openings("30 1 * * *", "America/New_York", At("2026-11-01T00:00:00Z"), 2, absl::Minutes(10)),
      ElementsAre("2026-11-01 05:30 10m", "2026-11-02 06:30 10m"));
  // Hourly, there is a gap of an hour in it.
  EXPECT_THAT(
      Openings("0 * * * *", "America/New_York", At("2026-11-01T04:30:00Z"), 3, absl::Minutes(10)),
      ElementsAre("2026-11-01 05:00 10m", "2026-11-01 07:00 10m", "2026-11-01 08:00 10m"));
}

TEST(CronWindow, OverlappingOnesAreOneWindow) {
  EXPECT_THAT(Openings("0,30 9-11 * * 1", "UTC", At("2026-11-01T00:00:00Z"), 1),
              ElementsAre("2026-11-02 09:00 3h30m"));
  // Adjacent ones leave no gap, a nanosecond less does.
  EXPECT_THAT(Openings("0 9,10 * * 1", "UTC", At("2026-11-01T00:00:00Z"), 1),
              ElementsAre("2026-11-02 09:00 2h"));
  EXPECT_EQ(Openings("0 9,10 * * 1", "UTC", At("2026-11-01T00:00:00Z"), 2,
                     absl::Hours(1) - absl::Nanoseconds(1))
                .size(),
            2u);
}

TEST(CronWindow, EveryMinuteOfEveryDayCompiles) {
  WindowRules rules;
  rules.allow = std::vector<Window>{
      CronWindow{*Zone::Load("America/New_York"), Parsed("* * * * *"), absl::Seconds(30)}};
  const absl::StatusOr<WindowSet> windows = WindowSet::Compile(rules);
  ASSERT_TRUE(windows.ok()) << windows.status();
  const absl::Time minute = At("2026-11-01T12:34:00Z");
  EXPECT_EQ(windows->StateAt(minute, {}).closes_at, minute + absl::Seconds(30));
  EXPECT_EQ(windows->StateAt(minute + absl::Seconds(30), {}).opens_at, minute + absl::Minutes(1));
}

TEST(EverStarts, NeedsSomethingOfEachField) {
  Cron cron = Parsed("0 0 1 1 *");
  EXPECT_TRUE(EverStarts(cron));
  Cron other = cron;
  other.minutes.reset();
  EXPECT_FALSE(EverStarts(other));
  other = cron;
  other.hours.reset();
  EXPECT_FALSE(EverStarts(other));
  other = cron;
  other.months.reset();
  EXPECT_FALSE(EverStarts(other));
  other = cron;
  other.weekdays.reset();
  EXPECT_FALSE(EverStarts(other));
}

TEST(EverStarts, EitherDayFieldIsEnoughWhereEitherMatches) {
  Cron cron = Parsed("0 0 1 1 5");
  ASSERT_TRUE(cron.either_day);
  Cron other = cron;
  other.weekdays.reset();
  EXPECT_TRUE(EverStarts(other));
  other.days.reset();
  EXPECT_FALSE(EverStarts(other));
  other = cron;
  other.days.reset();
  EXPECT_TRUE(EverStarts(other));
}

TEST(CronWindow, ASkippedHourBringsNoStartThatIsLater) {
  // At 01:00Z the clock of Berlin goes from 02:00 to 03:00. Neither start is among what is skipped.
  EXPECT_THAT(Openings("0 1,23 * * *", "Europe/Berlin", At("2026-03-28T23:30:00Z"), 3),
              ElementsAre("2026-03-29 00:00 1h", "2026-03-29 21:00 1h", "2026-03-29 23:00 1h"));
}

}  // namespace
}  // namespace sluice
