#include "sluice/calendar/layered_schedule.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/schedule.h"
#include "sluice/calendar/stretch.h"
#include "sluice/calendar/timeline.h"
#include "sluice/calendar/week_pattern.h"

namespace sluice {
namespace {

constexpr Instant kFar = {1000000, 0};

// Allowed on [100, 200), in a schedule that says nothing else.
Schedule Hundred() {
  return *Schedule::Of(Timeline::Constant(Coverage::kOutside),
                       Timeline::Of({100, 0}, {200, 0}, Coverage::kAllowed));
}

// Seconds from the instant; -1: never.
int64_t EndAt(const LayeredSchedule& layered, int64_t at) {
  const Schedule::Run run = layered.RunAt({at, 0}, kFar);
  return run.end == kNever ? -1 : run.end.second;
}

int64_t First(const LayeredSchedule& layered, int64_t from, int64_t length) {
  const Instant first = layered.FirstAllowed({from, 0}, {length, 0}, kFar);
  return first == kNever ? -1 : first.second;
}

TEST(LayeredSchedule, DenyWinsOverAllowAndSchedule) {
  const Schedule schedule = Hundred();
  const std::vector<Stretch> allow = {{{150, 0}, {300, 0}}};
  const std::vector<Stretch> deny = {{{120, 0}, {160, 0}}};
  const Overlay overlay = {{allow}, {deny}};
  const LayeredSchedule layered(schedule, overlay);
  const auto coverage = [&](int64_t at) { return layered.RunAt({at, 0}, kFar).coverage; };
  EXPECT_EQ(coverage(99), Coverage::kOutside);
  EXPECT_EQ(coverage(100), Coverage::kAllowed);
  EXPECT_EQ(coverage(119), Coverage::kAllowed);
  EXPECT_EQ(coverage(120), Coverage::kDenied);
  EXPECT_EQ(coverage(159), Coverage::kDenied);
  EXPECT_EQ(coverage(160), Coverage::kAllowed);
  EXPECT_EQ(coverage(299), Coverage::kAllowed);
  EXPECT_EQ(coverage(300), Coverage::kOutside);
  EXPECT_EQ(EndAt(layered, 0), 100);
  EXPECT_EQ(EndAt(layered, 100), 120);
  EXPECT_EQ(EndAt(layered, 120), 160);
  // From the schedule into the list, without a gap.
  EXPECT_EQ(EndAt(layered, 160), 300);
  EXPECT_EQ(EndAt(layered, 300), -1);
}

TEST(LayeredSchedule, FindsTheFirstOpeningThatIsLongEnough) {
  const Schedule schedule = Hundred();
  const std::vector<Stretch> allow = {{{200, 0}, {210, 0}}, {{500, 0}, {900, 0}}};
  const std::vector<Stretch> deny = {{{110, 0}, {120, 0}}};
  const Overlay overlay = {{allow}, {deny}};
  const LayeredSchedule layered(schedule, overlay);
  EXPECT_EQ(First(layered, 0, 0), 100);
  EXPECT_EQ(First(layered, 0, 10), 100);
  EXPECT_EQ(First(layered, 0, 11), 120);
  // 120 to 200 of the schedule and ten seconds more of the list.
  EXPECT_EQ(First(layered, 0, 90), 120);
  EXPECT_EQ(First(layered, 0, 91), 500);
  EXPECT_EQ(First(layered, 0, 400), 500);
  EXPECT_EQ(First(layered, 0, 401), -1);
  EXPECT_EQ(First(layered, 899, 1), 899);
  EXPECT_EQ(First(layered, 900, 0), -1);
}

TEST(LayeredSchedule, ListsOverlap) {
  const Schedule schedule = Hundred();
  const std::vector<Stretch> one = {{{300, 0}, {400, 0}}};
  const std::vector<Stretch> other = {{{350, 0}, {500, 0}}};
  const Overlay allow = {{one, other}, {}};
  EXPECT_EQ(EndAt(LayeredSchedule(schedule, allow), 300), 500);
  const Overlay deny = {{}, {one, other}};
  EXPECT_EQ(EndAt(LayeredSchedule(schedule, deny), 300), 500);
}

TEST(LayeredSchedule, TheLatestEndOfListsThatOverlapCounts) {
  const Schedule schedule = Hundred();
  const std::vector<Stretch> shorter = {{{300, 0}, {400, 0}}};
  const std::vector<Stretch> longer = {{{310, 0}, {500, 0}}};
  for (const Overlay& overlay : {Overlay{{}, {shorter, longer}}, Overlay{{}, {longer, shorter}}}) {
    EXPECT_EQ(EndAt(LayeredSchedule(schedule, overlay), 350), 500);
  }
}

TEST(LayeredSchedule, NoListAllowsWhatTheScheduleDenies) {
  const Schedule schedule = *Schedule::Of(Timeline::Constant(Coverage::kOutside),
                                          Timeline::Of({100, 0}, {200, 0}, Coverage::kDenied));
  const std::vector<Stretch> allow = {{{50, 0}, {300, 0}}};
  const Overlay overlay = {{allow}, {}};
  const LayeredSchedule layered(schedule, overlay);
  const auto coverage = [&](int64_t at) { return layered.RunAt({at, 0}, kFar).coverage; };
  EXPECT_EQ(coverage(99), Coverage::kAllowed);
  EXPECT_EQ(coverage(100), Coverage::kDenied);
  EXPECT_EQ(coverage(199), Coverage::kDenied);
  EXPECT_EQ(coverage(200), Coverage::kAllowed);
  EXPECT_EQ(EndAt(layered, 100), 200);
}

}  // namespace
}  // namespace sluice
