#include "sluice/calendar/schedule.h"

#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/timeline.h"
#include "sluice/calendar/week_pattern.h"
#include "sluice/calendar/zone.h"

namespace sluice {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 86400;
constexpr Length kMoment = {0, 1};

Instant Second(int64_t second) { return Instant{second, 0}; }

// Allowed in the first hour of every Thursday, and what is said once.
Schedule Thursdays(const Timeline& once) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  builder.From(Second(0), WeekPattern::Of({{0, kHour * kNanosPerSecond}}, Coverage::kAllowed));
  return *Schedule::Of(*builder.Build(), once);
}

Timeline Nothing() { return Timeline::Constant(Coverage::kOutside); }

TEST(Schedule, RecursWithoutExceptions) {
  const Schedule schedule = Thursdays(Nothing());
  const Schedule::Run run = schedule.RunAt(Second(5), kEndOfTime);
  EXPECT_EQ(run.coverage, Coverage::kAllowed);
  EXPECT_EQ(run.end, Second(kHour));
  EXPECT_EQ(schedule.RunAt(Second(kHour), kEndOfTime).end, Second(7 * kDay));
  EXPECT_EQ(schedule.RunAt(Second(kHour), Second(7 * kDay)).end, Second(7 * kDay));
  EXPECT_EQ(schedule.RunAt(Second(kHour), Second(7 * kDay) - kMoment).end, kNever);
}

TEST(Schedule, FirstAllowedOfExactLength) {
  const Schedule schedule = Thursdays(Nothing());
  const Length hour = {kHour, 0};
  EXPECT_EQ(schedule.FirstAllowed(Second(0), hour, kEndOfTime), Second(0));
  EXPECT_EQ(schedule.FirstAllowed({0, 1}, hour, kEndOfTime), Second(7 * kDay));
  EXPECT_EQ(schedule.FirstAllowed(Second(0), {kHour, 1}, kEndOfTime), kNever);
  EXPECT_EQ(schedule.FirstAllowed({0, 1}, {}, kEndOfTime), (Instant{0, 1}));
  EXPECT_EQ(schedule.FirstAllowed(Second(kHour), {}, Second(7 * kDay)), Second(7 * kDay));
  EXPECT_EQ(schedule.FirstAllowed(Second(kHour), {}, Second(7 * kDay) - kMoment), kNever);
}

TEST(Schedule, AnExceptionJoinsWhatRecurs) {
  const Schedule schedule = Thursdays(Timeline::Of({kHour, 0}, {3 * kHour, 7}, Coverage::kAllowed));
  EXPECT_EQ(schedule.RunAt(Second(0), kEndOfTime).end, (Instant{3 * kHour, 7}));
  EXPECT_EQ(schedule.FirstAllowed(Second(0), {3 * kHour, 7}, kEndOfTime), Second(0));
  EXPECT_EQ(schedule.FirstAllowed(Second(-9 * kDay), {3 * kHour, 7}, kEndOfTime), Second(0));
  EXPECT_EQ(schedule.FirstAllowed(Second(0), {3 * kHour, 8}, kEndOfTime), kNever);
  EXPECT_EQ(schedule.FirstAllowed(Second(1), {3 * kHour, 7}, kEndOfTime), kNever);
}

TEST(Schedule, AnExceptionDenies) {
  const Schedule schedule = Thursdays(Timeline::Of({0, 1}, {14 * kDay, 0}, Coverage::kDenied));
  EXPECT_EQ(schedule.RunAt(Second(0), kEndOfTime).end, (Instant{0, 1}));
  EXPECT_EQ(schedule.RunAt({0, 1}, kEndOfTime).coverage, Coverage::kDenied);
  EXPECT_EQ(schedule.RunAt({0, 1}, kEndOfTime).end, Second(14 * kDay));
  EXPECT_EQ(schedule.FirstAllowed({0, 1}, {}, kEndOfTime), Second(14 * kDay));
}

TEST(Schedule, ExceptionsFarApart) {
  const Timeline early = Timeline::Of(kFirstInstant, kFirstInstant + kMoment, Coverage::kAllowed);
  const Timeline late = Timeline::Of(kEndOfTime - kMoment, kEndOfTime, Coverage::kAllowed);
  const Schedule schedule =
      *Schedule::Of(Timeline::Constant(Coverage::kOutside), *Timeline::Max(early, late));
  EXPECT_EQ(schedule.FirstAllowed(kFirstInstant, kMoment, kEndOfTime), kFirstInstant);
  EXPECT_EQ(schedule.FirstAllowed(kFirstInstant + kMoment, kMoment, kEndOfTime),
            kEndOfTime - kMoment);
  EXPECT_EQ(schedule.FirstAllowed(kEndOfTime, kMoment, kEndOfTime), kNever);
}

}  // namespace
}  // namespace sluice
