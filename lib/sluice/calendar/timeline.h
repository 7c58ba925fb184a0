// What windows say about every instant, compiled: a week's pattern for each span of time in which
// it repeats.

#ifndef SLUICE_CALENDAR_TIMELINE_H_
#define SLUICE_CALENDAR_TIMELINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/week_pattern.h"

namespace sluice {

// Coverage as a function of all time. Immutable; queries are pure, allocate nothing and may run on
// any number of threads.
//
// Zones and the Gregorian calendar repeat after 400 years, dates and absolute windows do not: spans
// are spelled out over [lo, hi), before it the first 400 years of that range repeat, after it the
// last 400. Instants may be up to 100,000 years from 1970.
//
// "Time" is that of UTC, or the readings of a wall clock counted as if it showed UTC: the algebra
// is the same, and windows are written in the second and asked for in the first.
class Timeline {
 public:
  class Walk;

  // A stretch that follows one pattern.
  struct Span {
    Instant begin;
    Instant end;
    const WeekPattern* pattern;  // The timeline's own: the same pointer iff the same pattern.
  };

  // Nothing but `coverage`, for ever.
  static Timeline Constant(Coverage coverage);

  // `coverage` on [begin, end), with begin < end; kOutside elsewhere.
  static Timeline Of(Instant begin, Instant end, Coverage coverage);

  // The greater coverage of two timelines at each instant. ResourceExhausted if that takes more
  // than TimelineBuilder's limits.
  static absl::StatusOr<Timeline> Max(const Timeline& a, const Timeline& b);

  Coverage At(Instant instant) const;

  // Calls `visit` with the spans of [from, to) in order, cut to that range.
  void VisitSpans(Instant from, Instant to, absl::FunctionRef<void(const Span&)> visit) const;

  int64_t lo() const { return lo_; }
  int64_t hi() const { return hi_; }

  // A length that no run of kAllowed exceeds, and some run has, unless its pattern is followed for
  // less than a week: kEndless if one is longer than 400 years, negative if there is none. Looks at
  // all spans.
  Length LongestAllowed() const;

  // How many spans are stored.
  size_t span_count() const;

 private:
  friend class TimelineBuilder;

  // A span begins here and lasts until the next one begins, or until `hi`.
  struct Start {
    int64_t second;
    int32_t nano;
    uint32_t pattern;  // Index into `patterns_`.

    Instant begin() const { return Instant{second, nano}; }
  };

  // Where an instant is found: within the span `index`, `shift` seconds away, until `end`.
  struct Place {
    size_t index;
    int64_t shift;
    Instant end;
  };

  Timeline() = default;

  Place Find(Instant instant) const;
  Place Next(const Place& place) const;
  Instant EndOfSpan(size_t index, int64_t shift) const;
  const WeekPattern& PatternOf(const Place& place) const {
    return patterns_[starts_[place.index].pattern];
  }

  int64_t lo_ = 0;
  int64_t hi_ = 0;             // At least 400 years after `lo_`.
  std::vector<Start> starts_;  // Ascending; the first is at `lo_`, none at or after `hi_`.
  std::vector<WeekPattern> patterns_;
  size_t step_count_ = 0;
};

// Goes through a part of a timeline in stretches of equal coverage. Two in a row may have the same.
class Timeline::Walk {
 public:
  // Starts with the stretch that contains `from`, cut off before it, and ends before `until`, which
  // is later. The timeline must outlive the walk.
  Walk(const Timeline& timeline, Instant from, Instant until);

  // The stretch: never empty.
  Instant begin() const { return begin_; }
  Instant end() const { return end_; }
  Coverage coverage() const { return coverage_; }

  // Goes to the next stretch. Not to be called when `end` is `until`.
  void Next();

  // To be called when the coverage is not kAllowed: leaves out stretches as long as they are known
  // to be part of no run of kAllowed of this length or longer. False if there is none to leave out.
  // Steps over a week's pattern at once, however long it is followed.
  bool SkipRunsShorterThan(Length length);

 private:
  const WeekPattern& pattern() const { return timeline_->PatternOf(place_); }

  void Enter();
  void EnterStep(int64_t position);

  const Timeline* timeline_;
  Instant until_;
  Instant begin_;
  Instant end_;
  Coverage coverage_;
  Place place_;  // Of the span that is followed.
  size_t step_;  // Of its pattern.
};

// Builds a Timeline from front to back.
class TimelineBuilder {
 public:
  // Far above any sensible set of windows, yet no more than some 16 MB.
  static constexpr size_t kMaxSpans = size_t{1} << 19;
  static constexpr size_t kMaxSteps = size_t{1} << 20;

  // Spells out [lo, hi), which must be at least 400 years. The caller vouches that coverage before
  // `lo` + 400 years and that from `hi` - 400 years on repeats.
  TimelineBuilder(int64_t lo, int64_t hi);

  // Takes a pattern, if it is a new one, and names it for From.
  uint32_t Add(const WeekPattern& pattern);

  // From `begin` on, a pattern. Calls come in ascending order of `begin`; of two with the same, the
  // later counts. Before the first: kOutside.
  void From(Instant begin, uint32_t pattern);
  void From(Instant begin, const WeekPattern& pattern) { From(begin, Add(pattern)); }

  // Whether a limit was passed, after which nothing more is taken.
  bool exhausted() const { return exhausted_; }

  // The timeline, once; ResourceExhausted if a limit was passed.
  absl::StatusOr<Timeline> Build();

 private:
  friend class Timeline;

  // The timeline, once, of what passes no limit.
  Timeline Finish();

  Timeline timeline_;
  std::map<WeekPattern, uint32_t> indices_;
  bool exhausted_ = false;
};

}  // namespace sluice

#endif  // SLUICE_CALENDAR_TIMELINE_H_
