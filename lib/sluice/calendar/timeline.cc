#include "sluice/calendar/timeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "sluice/calendar/zone.h"

namespace sluice {
namespace {

constexpr Length kWeek = {WeekPattern::kWeekSeconds, 0};
constexpr Length kCycle = {kSecondsPerCycle, 0};
constexpr Length kNoRun = {-1, 0};

// The position of an instant in the week of a pattern.
int64_t PositionInWeek(Instant instant) {
  int64_t second = instant.second % WeekPattern::kWeekSeconds;
  if (second < 0) second += WeekPattern::kWeekSeconds;
  return second * kNanosPerSecond + instant.nano;
}

}  // namespace

Timeline::Walk::Walk(const Timeline& timeline, Instant from, Instant until)
    : timeline_(&timeline), until_(until), begin_(from), place_(timeline.Find(from)) {
  Enter();
}

void Timeline::Walk::Next() {
  begin_ = end_;
  if (begin_ == place_.end) {
    place_ = timeline_->Next(place_);
    Enter();
    return;
  }
  step_ = step_ + 1 < pattern().steps().size() ? step_ + 1 : 0;
  EnterStep(pattern().steps()[step_].nano);
}

bool Timeline::Walk::SkipRunsShorterThan(Length length) {
  if (pattern().constant() || !(pattern().longest_allowed() < length)) return false;
  // Not all of a week is allowed, so that the run which reaches the end of the span, and may go on
  // beyond it, starts after this. A run that is cut here lies wholly within the span.
  const Instant last_week = std::min(place_.end, until_) - kWeek;
  if (last_week <= begin_) return false;
  begin_ = last_week;
  Enter();
  return true;
}

// Finds the step of the span that contains `begin_`.
void Timeline::Walk::Enter() {
  if (pattern().constant()) {
    step_ = 0;
    coverage_ = pattern().steps()[0].coverage;
    end_ = std::min(place_.end, until_);
    return;
  }
  const int64_t position = PositionInWeek(begin_);
  step_ = pattern().StepAt(position);
  EnterStep(position);
}

// Takes up the step `step_` at a position of the week.
void Timeline::Walk::EnterStep(int64_t position) {
  const std::vector<WeekPattern::Step>& steps = pattern().steps();
  const int64_t next = step_ + 1 < steps.size() ? steps[step_ + 1].nano : WeekPattern::kWeekNanos;
  coverage_ = steps[step_].coverage;
  end_ = std::min({begin_ + Nanos(next - position), place_.end, until_});
}

Timeline Timeline::Constant(Coverage coverage) {
  TimelineBuilder builder(0, kSecondsPerCycle);
  builder.From(Instant{0, 0}, WeekPattern::Constant(coverage));
  return builder.Finish();
}

Timeline Timeline::Of(Instant begin, Instant end, Coverage coverage) {
  TimelineBuilder builder(begin.second - kSecondsPerCycle, end.second + 1 + kSecondsPerCycle);
  builder.From(begin, WeekPattern::Constant(coverage));
  builder.From(end, WeekPattern::Constant(Coverage::kOutside));
  return builder.Finish();
}

absl::StatusOr<Timeline> Timeline::Max(const Timeline& a, const Timeline& b) {
  const int64_t lo = std::min(a.lo_, b.lo_);
  const int64_t hi = std::max(a.hi_, b.hi_);
  std::vector<Span> of_a;
  std::vector<Span> of_b;
  a.VisitSpans(Instant{lo, 0}, Instant{hi, 0}, [&](const Span& span) { of_a.push_back(span); });
  b.VisitSpans(Instant{lo, 0}, Instant{hi, 0}, [&](const Span& span) { of_b.push_back(span); });

  TimelineBuilder builder(lo, hi);
  // The same two patterns meet again and again.
  absl::flat_hash_map<std::pair<const WeekPattern*, const WeekPattern*>, uint32_t> met;
  // Both end at `hi`.
  for (size_t i = 0, j = 0; i < of_a.size() && !builder.exhausted();) {
    const auto added = met.try_emplace({of_a[i].pattern, of_b[j].pattern});
    if (added.second) {
      added.first->second = builder.Add(WeekPattern::Max(*of_a[i].pattern, *of_b[j].pattern));
    }
    builder.From(std::max(of_a[i].begin, of_b[j].begin), added.first->second);
    const Instant end = std::min(of_a[i].end, of_b[j].end);
    if (of_a[i].end == end) ++i;
    if (of_b[j].end == end) ++j;
  }
  return builder.Build();
}

size_t Timeline::span_count() const { return starts_.size(); }

Coverage Timeline::At(Instant instant) const {
  const Place place = Find(instant);
  const WeekPattern& pattern = PatternOf(place);
  return pattern.constant() ? pattern.steps()[0].coverage : pattern.At(PositionInWeek(instant));
}

void Timeline::VisitSpans(Instant from, Instant to,
                          absl::FunctionRef<void(const Span&)> visit) const {
  if (from >= to) return;
  Place place = Find(from);
  while (place.end < to) {
    visit(Span{from, place.end, &PatternOf(place)});
    from = place.end;
    place = Next(place);
  }
  visit(Span{from, to, &PatternOf(place)});
}

Timeline::Place Timeline::Find(Instant instant) const {
  int64_t shift = 0;
  if (instant.second < lo_) {
    shift = -((lo_ - instant.second + kSecondsPerCycle - 1) / kSecondsPerCycle) * kSecondsPerCycle;
  } else if (instant.second >= hi_) {
    shift = ((instant.second - hi_) / kSecondsPerCycle + 1) * kSecondsPerCycle;
  }
  const Instant stored = {instant.second - shift, instant.nano};
  const auto after =
      std::upper_bound(starts_.begin(), starts_.end(), stored,
                       [](Instant value, const Start& start) { return value < start.begin(); });
  const size_t index = static_cast<size_t>(std::distance(starts_.begin(), after)) - 1;
  return Place{index, shift, EndOfSpan(index, shift)};
}

// Where the end of a place is found.
Timeline::Place Timeline::Next(const Place& place) const {
  const size_t index = place.index + 1;
  const bool is_stored = index < starts_.size() &&
                         place.end.second - place.shift == starts_[index].second &&
                         place.end.nano == starts_[index].nano;
  if (!is_stored || place.shift < 0) return Find(place.end);
  return Place{index, place.shift, EndOfSpan(index, place.shift)};
}

Instant Timeline::EndOfSpan(size_t index, int64_t shift) const {
  Instant end = index + 1 < starts_.size() ? starts_[index + 1].begin() : Instant{hi_, 0};
  if (shift < 0) end = std::min(end, Instant{lo_ + kSecondsPerCycle, 0});
  return Instant{end.second + shift, end.nano};
}

Length Timeline::LongestAllowed() const {
  // Both cycles that repeat are seen, and each of their ends.
  const Instant end = {hi_ + kSecondsPerCycle, 0};
  Length longest = kNoRun;
  for (const WeekPattern& pattern : patterns_) {
    if (pattern.constant() || !(pattern.longest_allowed() > Length{})) continue;
    longest = std::max(longest, pattern.longest_allowed());
  }
  Walk walk(*this, Instant{lo_ - kSecondsPerCycle, 0}, kNever);
  while (walk.begin() < end) {
    if (walk.coverage() != Coverage::kAllowed) {
      // Runs within a span are as long as its pattern has them: seen above.
      if (!walk.SkipRunsShorterThan(kEndless)) walk.Next();
      continue;
    }
    const Instant start = walk.begin();
    while (walk.coverage() == Coverage::kAllowed) {
      walk.Next();
      if (walk.begin() - start > kCycle) return kEndless;
    }
    longest = std::max(longest, walk.begin() - start);
  }
  return longest;
}

TimelineBuilder::TimelineBuilder(int64_t lo, int64_t hi) {
  timeline_.lo_ = lo;
  timeline_.hi_ = hi;
  From(Instant{lo, 0}, WeekPattern::Constant(Coverage::kOutside));
}

uint32_t TimelineBuilder::Add(const WeekPattern& pattern) {
  const auto added = indices_.emplace(pattern, static_cast<uint32_t>(timeline_.patterns_.size()));
  if (added.second) {
    timeline_.patterns_.push_back(pattern);
    timeline_.step_count_ += pattern.steps().size();
    if (timeline_.step_count_ > kMaxSteps) exhausted_ = true;
  }
  return added.first->second;
}

void TimelineBuilder::From(Instant begin, uint32_t pattern) {
  if (exhausted_ || begin.second >= timeline_.hi_) return;
  begin = std::max(begin, Instant{timeline_.lo_, 0});
  std::vector<Timeline::Start>& starts = timeline_.starts_;
  while (!starts.empty() && starts.back().begin() >= begin) starts.pop_back();
  if (!starts.empty() && starts.back().pattern == pattern) return;
  starts.push_back(Timeline::Start{begin.second, static_cast<int32_t>(begin.nano), pattern});
  if (starts.size() > kMaxSpans) exhausted_ = true;
}

absl::StatusOr<Timeline> TimelineBuilder::Build() {
  if (exhausted_) return absl::ResourceExhaustedError("windows take too many spans");
  return Finish();
}

Timeline TimelineBuilder::Finish() {
  timeline_.starts_.shrink_to_fit();
  timeline_.patterns_.shrink_to_fit();
  return std::move(timeline_);
}

}  // namespace sluice
