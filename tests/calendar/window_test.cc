#include "sluice/calendar/window.h"

#include <ostream>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/cron.h"
#include "sluice/calendar/zone.h"
#include "tests/calendar/at.h"

namespace sluice {

std::ostream& operator<<(std::ostream& os, const WindowFault& fault) {
  return os << "{problem " << static_cast<int>(fault.problem) << ", field "
            << static_cast<int>(fault.field) << ", index " << fault.index << "}";
}

namespace {

using Faults = std::vector<WindowFault>;

constexpr absl::Duration kNano = absl::Nanoseconds(1);

Faults Of(Days days, Hours hours) {
  return FindFaults(CalendarWindow{*Zone::Load("UTC"), days, hours});
}

Faults OfDays(Days days) { return Of(days, WholeDay{}); }

Faults OfHours(Hours hours) { return Of(Weekly{std::bitset<7>(1)}, hours); }

TEST(FindFaults, DefaultsAreRefused) {
  EXPECT_EQ(FindFaults(Window()), (Faults{{WindowProblem::kOutOfRange, WindowField::kStart},
                                          {WindowProblem::kOutOfRange, WindowField::kEnd}}));
  EXPECT_EQ(Of({}, {}), (Faults{{WindowProblem::kEmpty, WindowField::kWeekdays},
                                {WindowProblem::kImpossible, WindowField::kStart},
                                {WindowProblem::kImpossible, WindowField::kEnd}}));
}

TEST(FindFaults, OfAbsoluteWindows) {
  const absl::Time first = At("0001-01-01T00:00:00Z");
  const absl::Time last = At("9999-12-31T23:59:59.999999999Z");
  EXPECT_EQ(FindFaults(AbsoluteWindow{first, last}), Faults());
  EXPECT_EQ(FindFaults(AbsoluteWindow{first, first + kNano}), Faults());
  EXPECT_EQ(FindFaults(AbsoluteWindow{first, first}),
            (Faults{{WindowProblem::kNotAfterStart, WindowField::kEnd}}));
  EXPECT_EQ(FindFaults(AbsoluteWindow{first + kNano, first}),
            (Faults{{WindowProblem::kNotAfterStart, WindowField::kEnd}}));
  EXPECT_EQ(FindFaults(AbsoluteWindow{first - kNano, last}),
            (Faults{{WindowProblem::kOutOfRange, WindowField::kStart}}));
  EXPECT_EQ(FindFaults(AbsoluteWindow{first, last + kNano}),
            (Faults{{WindowProblem::kOutOfRange, WindowField::kEnd}}));
  EXPECT_EQ(FindFaults(AbsoluteWindow{first + kNano / 2, last}),
            (Faults{{WindowProblem::kOutOfRange, WindowField::kStart}}));
}

TEST(FindFaults, OfYearlyRanges) {
  EXPECT_EQ(OfDays(YearlyRange{{12, 20}, {1, 5}}), Faults());
  EXPECT_EQ(OfDays(YearlyRange{{2, 28}, {2, 28}}), Faults());
  EXPECT_EQ(OfDays(YearlyRange{{2, 29}, {3, 1}}),
            (Faults{{WindowProblem::kImpossible, WindowField::kFirst}}));
  EXPECT_EQ(OfDays(YearlyRange{{2, 1}, {2, 29}}),
            (Faults{{WindowProblem::kImpossible, WindowField::kLast}}));
  EXPECT_EQ(OfDays(YearlyRange{}), (Faults{{WindowProblem::kImpossible, WindowField::kFirst},
                                           {WindowProblem::kImpossible, WindowField::kLast}}));
  EXPECT_EQ(OfDays(YearlyRange{{13, 1}, {4, 31}}).size(), 2u);
}

TEST(FindFaults, OfDates) {
  EXPECT_EQ(OfDays(Dates{{{2026, 12, 24}, {2024, 2, 29}, {2026, 12, 24}}}), Faults());
  EXPECT_EQ(OfDays(Dates{}), (Faults{{WindowProblem::kEmpty, WindowField::kDates}}));
  EXPECT_EQ(OfDays(Dates{{{2026, 2, 30}, {2026, 1, 1}, {0, 1, 1}}}),
            (Faults{{WindowProblem::kImpossible, WindowField::kDates, 0},
                    {WindowProblem::kImpossible, WindowField::kDates, 2}}));
  Dates many;
  many.on.resize(kMaxDates, Date{2026, 1, 1});
  EXPECT_EQ(OfDays(many), Faults());
  many.on.push_back(Date{});
  EXPECT_EQ(OfDays(many), (Faults{{WindowProblem::kTooMany, WindowField::kDates}}));
}

TEST(FindFaults, OfNthWeekdays) {
  const std::bitset<12> all(4095);
  for (int nth : {-1, 1, 5}) {
    EXPECT_EQ(OfDays(NthWeekday{nth, Weekday::kMonday, all, 0}), Faults());
  }
  for (int nth : {-2, 0, 6}) {
    EXPECT_EQ(OfDays(NthWeekday{nth, Weekday::kMonday, all, 0}),
              (Faults{{WindowProblem::kOutOfRange, WindowField::kNth}}));
  }
  for (int offset : {-31, 31}) {
    EXPECT_EQ(OfDays(NthWeekday{1, Weekday::kSunday, all, offset}), Faults());
  }
  for (int offset : {-32, 32}) {
    EXPECT_EQ(OfDays(NthWeekday{1, Weekday::kSunday, all, offset}),
              (Faults{{WindowProblem::kOutOfRange, WindowField::kOffsetDays}}));
  }
  EXPECT_EQ(OfDays(NthWeekday{}), (Faults{{WindowProblem::kOutOfRange, WindowField::kNth},
                                          {WindowProblem::kImpossible, WindowField::kWeekday},
                                          {WindowProblem::kEmpty, WindowField::kMonths}}));
  EXPECT_EQ(OfDays(NthWeekday{1, static_cast<Weekday>(8), all, 0}),
            (Faults{{WindowProblem::kImpossible, WindowField::kWeekday}}));
}

TEST(FindFaults, OfLocalHours) {
  EXPECT_EQ(OfHours(LocalHours{{0}, {86400}}), Faults());
  EXPECT_EQ(OfHours(LocalHours{{86399}, {0}}), Faults());
  EXPECT_EQ(OfHours(LocalHours{{86400}, {86400}}),
            (Faults{{WindowProblem::kImpossible, WindowField::kStart}}));
  EXPECT_EQ(OfHours(LocalHours{{-1}, {86401}}),
            (Faults{{WindowProblem::kImpossible, WindowField::kStart},
                    {WindowProblem::kImpossible, WindowField::kEnd}}));
}

TEST(FindFaults, OfElapsed) {
  EXPECT_EQ(OfHours(Elapsed{{0}, kNano}), Faults());
  EXPECT_EQ(OfHours(Elapsed{{86399}, kMaxElapsed}), Faults());
  const Faults out_of_range = {{WindowProblem::kOutOfRange, WindowField::kDuration}};
  for (absl::Duration duration : {absl::ZeroDuration(), -kNano, kMaxElapsed + kNano, kNano / 2,
                                  absl::InfiniteDuration(), -absl::InfiniteDuration()}) {
    EXPECT_EQ(OfHours(Elapsed{{0}, duration}), out_of_range) << duration;
  }
  EXPECT_EQ(OfHours(Elapsed{}), (Faults{{WindowProblem::kImpossible, WindowField::kStart},
                                        {WindowProblem::kOutOfRange, WindowField::kDuration}}));
}

TEST(FindFaults, OfCrons) {
  const absl::StatusOr<Cron> cron = ParseCron("0 0 1 1 *");
  ASSERT_TRUE(cron.ok());
  const Zone utc = *Zone::Load("UTC");
  EXPECT_EQ(FindFaults(CronWindow{utc, *cron, kNano}), Faults());
  EXPECT_EQ(FindFaults(CronWindow{utc, Cron(), kNano}),
            (Faults{{WindowProblem::kImpossible, WindowField::kStart}}));
  EXPECT_EQ(FindFaults(CronWindow{utc, *cron, {}}),
            (Faults{{WindowProblem::kOutOfRange, WindowField::kDuration}}));
}

}  // namespace
}  // namespace sluice
