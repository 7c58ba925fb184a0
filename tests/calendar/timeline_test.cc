#include "sluice/calendar/timeline.h"

#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/week_pattern.h"
#include "sluice/calendar/zone.h"

namespace sluice {
namespace {

constexpr int64_t kDay = 86400;
constexpr int64_t kWeek = 7 * kDay;

Instant Second(int64_t second) { return Instant{second, 0}; }

// The first hour of every day.
WeekPattern FirstHours(Coverage coverage) {
  std::vector<WeekPattern::Piece> pieces;
  for (int i = 0; i < 7; ++i) {
    pieces.push_back({i * kDay * kNanosPerSecond, (i * kDay + 3600) * kNanosPerSecond});
  }
  return WeekPattern::Of(pieces, coverage);
}

TEST(Timeline, OnePieceExactly) {
  const Timeline timeline = Timeline::Of({10, 1}, {20, 5}, Coverage::kDenied);
  EXPECT_EQ(timeline.At({10, 0}), Coverage::kOutside);
  EXPECT_EQ(timeline.At({10, 1}), Coverage::kDenied);
  EXPECT_EQ(timeline.At({20, 4}), Coverage::kDenied);
  EXPECT_EQ(timeline.At({20, 5}), Coverage::kOutside);
  for (int64_t cycles : {-7, -1, 1, 7}) {
    EXPECT_EQ(timeline.At(Second(15 + cycles * kSecondsPerCycle)), Coverage::kOutside) << cycles;
  }
}

TEST(Timeline, RepeatsBeforeAndAfterWhatIsSpelledOut) {
  TimelineBuilder builder(0, 2 * kSecondsPerCycle);
  builder.From(Second(100), WeekPattern::Constant(Coverage::kAllowed));
  builder.From(Second(200), WeekPattern::Constant(Coverage::kOutside));
  builder.From(Second(kSecondsPerCycle + 300), WeekPattern::Constant(Coverage::kAllowed));
  builder.From(Second(kSecondsPerCycle + 400), WeekPattern::Constant(Coverage::kOutside));
  const Timeline timeline = *builder.Build();
  for (int64_t cycle : {-3, -1, 0}) {
    EXPECT_EQ(timeline.At(Second(cycle * kSecondsPerCycle + 150)), Coverage::kAllowed) << cycle;
    EXPECT_EQ(timeline.At(Second(cycle * kSecondsPerCycle + 350)), Coverage::kOutside) << cycle;
  }
  for (int64_t cycle : {1, 2, 3, 9}) {
    EXPECT_EQ(timeline.At(Second(cycle * kSecondsPerCycle + 150)), Coverage::kOutside) << cycle;
    EXPECT_EQ(timeline.At(Second(cycle * kSecondsPerCycle + 350)), Coverage::kAllowed) << cycle;
  }
  // A walk and a visit cross the seams.
  int allowed = 0;
  Timeline::Walk walk(timeline, Second(-2 * kSecondsPerCycle), kNever);
  for (; walk.begin() < Second(4 * kSecondsPerCycle); walk.Next()) {
    EXPECT_LT(walk.begin(), walk.end());
    EXPECT_EQ(walk.coverage(), timeline.At(walk.begin()));
    if (walk.coverage() == Coverage::kAllowed) ++allowed;
  }
  EXPECT_EQ(allowed, 6);
  Instant end = Second(-2 * kSecondsPerCycle);
  timeline.VisitSpans(end, Second(4 * kSecondsPerCycle), [&](const Timeline::Span& span) {
    EXPECT_EQ(span.begin, end);
    EXPECT_EQ(span.pattern->At(0), timeline.At(span.begin));
    end = span.end;
  });
  EXPECT_EQ(end, Second(4 * kSecondsPerCycle));
}

TEST(Timeline, SpanThatBeginsWhereTheFirstCycleEnds) {
  TimelineBuilder builder(0, 2 * kSecondsPerCycle);
  builder.From(Second(kSecondsPerCycle), WeekPattern::Constant(Coverage::kAllowed));
  const Timeline timeline = *builder.Build();
  // It belongs to what follows the seam: before it, the first cycle repeats without it.
  Timeline::Walk walk(timeline, Second(-2 * kSecondsPerCycle), kNever);
  for (int64_t cycle = -2; cycle < 4; ++cycle) {
    EXPECT_EQ(walk.begin(), Second(cycle * kSecondsPerCycle));
    EXPECT_EQ(walk.end(), Second((cycle + 1) * kSecondsPerCycle));
    EXPECT_EQ(walk.coverage(), cycle < 1 ? Coverage::kOutside : Coverage::kAllowed);
    walk.Next();
  }
}

TEST(Timeline, MaxOfAPieceAndAWeek) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  builder.From(Second(0), FirstHours(Coverage::kAllowed));
  const Timeline weekly = *builder.Build();
  const Timeline piece = Timeline::Of({1800, 1}, {3 * kDay, 0}, Coverage::kDenied);
  const Timeline both = *Timeline::Max(weekly, piece);
  EXPECT_EQ(both.At({1800, 0}), Coverage::kAllowed);
  EXPECT_EQ(both.At({1800, 1}), Coverage::kDenied);
  EXPECT_EQ(both.At({2 * kDay, 0}), Coverage::kDenied);
  EXPECT_EQ(both.At({3 * kDay - 1, 999999999}), Coverage::kDenied);
  EXPECT_EQ(both.At({3 * kDay, 0}), Coverage::kAllowed);
  EXPECT_EQ(both.At({3 * kDay + 3600, 0}), Coverage::kOutside);
  EXPECT_EQ(both.span_count(), 3u);
}

TEST(Timeline, EqualNeighboursAreOneSpan) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  builder.From(Second(10), WeekPattern::Constant(Coverage::kAllowed));
  builder.From(Second(20), WeekPattern::Constant(Coverage::kOutside));
  builder.From(Second(20), WeekPattern::Constant(Coverage::kAllowed));
  builder.From(Second(30), WeekPattern::Constant(Coverage::kOutside));
  EXPECT_EQ(builder.Build()->span_count(), 3u);
}

TEST(Timeline, LongestAllowed) {
  EXPECT_LT(Timeline::Constant(Coverage::kOutside).LongestAllowed(), Length{});
  EXPECT_LT(Timeline::Constant(Coverage::kDenied).LongestAllowed(), Length{});
  EXPECT_FALSE(Timeline::Constant(Coverage::kAllowed).LongestAllowed() < kEndless);
  EXPECT_EQ(Timeline::Of({5, 0}, {90, 7}, Coverage::kAllowed).LongestAllowed().second, 85);
  TimelineBuilder builder(0, kSecondsPerCycle);
  builder.From(Second(0), FirstHours(Coverage::kAllowed));
  // Joins the last hour of one pattern to the first of the next.
  builder.From(Second(9 * kDay + 1800), WeekPattern::Constant(Coverage::kAllowed));
  builder.From(Second(10 * kDay), FirstHours(Coverage::kAllowed));
  EXPECT_EQ(builder.Build()->LongestAllowed().second, kDay + 3600);
}

TEST(TimelineWalk, SkipsTheWeeksOfAPattern) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  builder.From(Second(0), FirstHours(Coverage::kAllowed));
  builder.From(Second(100 * kWeek + 5), WeekPattern::Constant(Coverage::kOutside));
  const Timeline timeline = *builder.Build();
  Timeline::Walk walk(timeline, Second(7200), kNever);
  EXPECT_FALSE(walk.SkipRunsShorterThan({3600, 0}));
  EXPECT_EQ(walk.begin(), Second(7200));
  EXPECT_TRUE(walk.SkipRunsShorterThan({3600, 1}));
  EXPECT_EQ(walk.begin(), Second(99 * kWeek + 5));
  EXPECT_FALSE(walk.SkipRunsShorterThan({3600, 1}));
}

TEST(TimelineWalk, EndsWithItsPart) {
  const Timeline timeline = Timeline::Constant(Coverage::kAllowed);
  Timeline::Walk walk(timeline, {5, 5}, {7, 7});
  EXPECT_EQ(walk.begin(), (Instant{5, 5}));
  EXPECT_EQ(walk.end(), (Instant{7, 7}));
}

TEST(TimelineBuilder, HasALimitOfSpans) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  for (size_t i = 1; i <= TimelineBuilder::kMaxSpans && !builder.exhausted(); ++i) {
    builder.From(Second(static_cast<int64_t>(i)),
                 WeekPattern::Constant(i % 2 == 0 ? Coverage::kDenied : Coverage::kAllowed));
  }
  EXPECT_TRUE(builder.exhausted());
  // It takes nothing more.
  builder.From(Second(0), WeekPattern::Constant(Coverage::kOutside));
  EXPECT_EQ(builder.Build().status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(TimelineBuilder, TakesNothingAfterItsEnd) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  builder.From(Second(kSecondsPerCycle), WeekPattern::Constant(Coverage::kAllowed));
  const Timeline timeline = *builder.Build();
  EXPECT_EQ(timeline.span_count(), 1u);
  EXPECT_EQ(timeline.At(Second(kSecondsPerCycle)), Coverage::kOutside);
}

TEST(Timeline, AnEmptyRangeHasNoSpans) {
  const Timeline timeline = Timeline::Of({10, 0}, {20, 0}, Coverage::kDenied);
  int spans = 0;
  const auto visit = [&](const Timeline::Span&) { ++spans; };
  timeline.VisitSpans(Second(15), Second(15), visit);
  timeline.VisitSpans(Second(16), Second(15), visit);
  EXPECT_EQ(spans, 0);
  timeline.VisitSpans(Second(15), Second(16), visit);
  EXPECT_EQ(spans, 1);
}

TEST(TimelineBuilder, HasALimitOfSteps) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  std::vector<WeekPattern::Piece> pieces;
  for (int i = 0; i < 10000; ++i) pieces.push_back({10 * i + 1, 10 * i + 2});
  for (int i = 0; i < 60 && !builder.exhausted(); ++i) {
    pieces[0].end = pieces[0].begin + 1 + i % 3;
    pieces[1].end = pieces[1].begin + 1 + i / 3 % 5;
    pieces[2].end = pieces[2].begin + 1 + i / 15;
    builder.Add(WeekPattern::Of(pieces, Coverage::kAllowed));
  }
  EXPECT_TRUE(builder.exhausted());
  EXPECT_EQ(builder.Build().status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace sluice
