#include "sluice/calendar/window_timeline.h"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "sluice/calendar/civil.h"
#include "sluice/calendar/cron.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/zone.h"
#include "sluice/internal/never.h"

namespace sluice {
namespace {

// How the compilation goes: the days become a timeline of *readings*, that is of seconds as a wall
// clock counts them, which is outside or covered from midnight to midnight. Hours between local
// times cut it down to those readings that the window contains, and each segment of the zone shifts
// its readings to instants. Elapsed durations are laid from the instant of each start.

constexpr int64_t kDay = kSecondsPerDay;

// More than any window reaches beyond its opening day, and any wall clock is away from UTC.
constexpr int64_t kMargin = 60 * kDay;

absl::Status TooManyDays() { return absl::ResourceExhaustedError("days take too many spans"); }

// Days counted from 1970-01-01, which was a Thursday: [first, last].
struct DayRange {
  int64_t first;
  int64_t last;
};

// Bit i is the i-th day after a Thursday.
using WeekMask = std::bitset<7>;

int DayOfWeek(int64_t day) {
  const int64_t rest = day % 7;
  return static_cast<int>(rest < 0 ? rest + 7 : rest);
}

// Days from a Thursday to the next such weekday.
int AfterThursday(Weekday weekday) {
  return DayOfWeek(static_cast<int>(weekday) - static_cast<int>(Weekday::kThursday));
}

int64_t DayOf(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }

// Part of each day of a mask, as a pattern: [start, end) in seconds of the day.
WeekPattern PartOfDays(WeekMask mask, int64_t start, int64_t end, Coverage coverage) {
  std::vector<WeekPattern::Piece> pieces;
  for (int i = 0; i < 7; ++i) {
    if (!mask[i] || start >= end) continue;
    pieces.push_back({(i * kDay + start) * kNanosPerSecond, (i * kDay + end) * kNanosPerSecond});
  }
  return WeekPattern::Of(pieces, coverage);
}

// The days that a pattern of whole days covers.
WeekMask CoveredDays(const WeekPattern& pattern) {
  WeekMask mask;
  for (int i = 0; i < 7; ++i) {
    mask[i] = pattern.At(i * kDay * kNanosPerSecond) != Coverage::kOutside;
  }
  return mask;
}

// Whole days from ascending ranges, spelled out from day `lo` to day `hi`.
absl::StatusOr<Timeline> WholeDays(const std::vector<DayRange>& ranges, int64_t lo, int64_t hi,
                                   Coverage coverage) {
  TimelineBuilder builder(lo * kDay, hi * kDay);
  for (const DayRange& range : ranges) {
    builder.From(Instant{range.first * kDay, 0}, WeekPattern::Constant(coverage));
    builder.From(Instant{(range.last + 1) * kDay, 0}, WeekPattern::Constant(Coverage::kOutside));
  }
  return builder.Build();
}

// The opening days as readings of a wall clock.
struct DaysCompiler {
  Coverage coverage;

  // Years that repeat are spelled out once.
  static constexpr int kFirstYear = 1600;
  static constexpr int kYears = 400;

  absl::StatusOr<Timeline> operator()(const Weekly& weekly) const {
    WeekMask mask;
    for (int i = 0; i < 7; ++i) {
      if (weekly.on[i]) mask.set(AfterThursday(static_cast<Weekday>(i + 1)));
    }
    const int64_t lo = DayOf(absl::CivilDay(kFirstYear)) * kDay;
    TimelineBuilder builder(lo, lo + kSecondsPerCycle);
    builder.From(Instant{lo, 0}, PartOfDays(mask, 0, kDay, coverage));
    return builder.Build();
  }

  absl::StatusOr<Timeline> operator()(const YearlyRange& range) const {
    const bool wraps = std::make_pair(range.last.month, range.last.day) <
                       std::make_pair(range.first.month, range.first.day);
    std::vector<DayRange> ranges;
    for (int year = kFirstYear - 1; year <= kFirstYear + kYears; ++year) {
      ranges.push_back(
          {DayOf(absl::CivilDay(year, range.first.month, range.first.day)),
           DayOf(absl::CivilDay(year + (wraps ? 1 : 0), range.last.month, range.last.day))});
    }
    return EveryYear(ranges);
  }

  absl::StatusOr<Timeline> operator()(const Dates& dates) const {
    std::vector<DayRange> ranges;
    for (const Date& date : dates.on) ranges.push_back({DayNumber(date), DayNumber(date)});
    std::sort(ranges.begin(), ranges.end(),
              [](const DayRange& a, const DayRange& b) { return a.first < b.first; });
    constexpr int64_t kCycleDays = kSecondsPerCycle / kDay;
    return WholeDays(ranges, ranges.front().first - kCycleDays, ranges.back().last + 1 + kCycleDays,
                     coverage);
  }

  absl::StatusOr<Timeline> operator()(const NthWeekday& nth) const {
    std::vector<DayRange> ranges;
    for (int year = kFirstYear - 1; year <= kFirstYear + kYears; ++year) {
      for (int month = 1; month <= 12; ++month) {
        if (!nth.months[month - 1]) continue;
        const absl::CivilMonth here(year, month);
        const int64_t first = DayOf(absl::CivilDay(here));
        const int64_t next = DayOf(absl::CivilDay(here + 1));
        int64_t day = first + DayOfWeek(AfterThursday(nth.weekday) - first) + 7 * (nth.nth - 1);
        if (nth.nth == -1) day = next - 1 - DayOfWeek(next - 1 - AfterThursday(nth.weekday));
        if (day >= next) continue;  // No fifth one this month.
        ranges.push_back({day + nth.offset_days, day + nth.offset_days});
      }
    }
    return EveryYear(ranges);
  }

  absl::StatusOr<Timeline> EveryYear(const std::vector<DayRange>& ranges) const {
    return WholeDays(ranges, DayOf(absl::CivilDay(kFirstYear)),
                     DayOf(absl::CivilDay(kFirstYear + kYears)), coverage);
  }
};

// Readings on the days of a cron's months whose number is in `numbers` and whose weekday is in
// `weekdays`.
absl::StatusOr<Timeline> DaysOfMonths(const std::bitset<12>& months, const std::bitset<31>& numbers,
                                      const std::bitset<7>& weekdays, Coverage coverage) {
  WeekMask mask;
  for (int i = 0; i < 7; ++i) {
    if (weekdays[i]) mask.set(AfterThursday(static_cast<Weekday>(i + 1)));
  }
  constexpr int kFirst = DaysCompiler::kFirstYear;
  constexpr int kEnd = DaysCompiler::kFirstYear + DaysCompiler::kYears;
  TimelineBuilder builder(DayOf(absl::CivilDay(kFirst)) * kDay, DayOf(absl::CivilDay(kEnd)) * kDay);
  const uint32_t outside = builder.Add(WeekPattern::Constant(Coverage::kOutside));
  const uint32_t chosen = builder.Add(PartOfDays(mask, 0, kDay, coverage));
  for (absl::CivilMonth month(kFirst); month < absl::CivilMonth(kEnd); ++month) {
    if (!months[month.month() - 1]) continue;
    const int64_t first = DayOf(absl::CivilDay(month));
    const int64_t length = DayOf(absl::CivilDay(month + 1)) - first;
    for (int64_t i = 0; i < length; ++i) {
      if (!numbers[i]) continue;
      builder.From(Instant{(first + i) * kDay, 0}, chosen);
      builder.From(Instant{(first + i + 1) * kDay, 0}, outside);
    }
  }
  return builder.Build();
}

// The days of a cron as readings of a wall clock.
absl::StatusOr<Timeline> DaysOf(const Cron& cron, Coverage coverage) {
  if (!cron.either_day) return DaysOfMonths(cron.months, cron.days, cron.weekdays, coverage);
  const std::bitset<31> any_number = std::bitset<31>().set();
  const std::bitset<7> any_weekday = std::bitset<7>().set();
  const absl::StatusOr<Timeline> by_number =
      DaysOfMonths(cron.months, cron.days, any_weekday, coverage);
  // All days of the years that are spelled out take fewer spans than the limit.
  if (SLUICE_NEVER(!by_number.ok())) return TooManyDays();
  const absl::StatusOr<Timeline> by_weekday =
      DaysOfMonths(cron.months, any_number, cron.weekdays, coverage);
  // As above.
  if (SLUICE_NEVER(!by_weekday.ok())) return TooManyDays();
  return Timeline::Max(*by_number, *by_weekday);
}

// Calls `visit` with the spans of [lo, hi).
template <typename Visit>
void VisitAll(const Timeline& timeline, Visit visit) {
  timeline.VisitSpans(Instant{timeline.lo(), 0}, Instant{timeline.hi(), 0}, visit);
}

// The part [start, end) of every covered day, in seconds of the day, `days_later` days later.
absl::StatusOr<Timeline> PartOfEachDay(const Timeline& days, int64_t start, int64_t end,
                                       int64_t days_later, Coverage coverage) {
  const int64_t shift = days_later * kDay;
  TimelineBuilder builder(days.lo() + shift, days.hi() + shift);
  VisitAll(days, [&](const Timeline::Span& span) {
    builder.From(Instant{span.begin.second + shift, 0},
                 PartOfDays(CoveredDays(*span.pattern), start, end, coverage).Later(shift));
  });
  return builder.Build();
}

// The range that a timeline of instants spells out, given the one of readings and the zone.
struct Extent {
  Extent(const Timeline& readings, const Zone& zone) {
    lo = std::min(zone.constant_before(), readings.lo() + kSecondsPerCycle) - kMargin -
         kSecondsPerCycle;
    hi = std::max(zone.repeats_from(), readings.hi() - kSecondsPerCycle) + kMargin +
         kSecondsPerCycle;
  }

  int64_t lo;
  int64_t hi;
};

// The instants at which the wall clock of a zone shows a reading that is covered.
absl::StatusOr<Timeline> InstantsOf(const absl::StatusOr<Timeline>& readings, const Zone& zone) {
  // Parts of days take no more spans than two for each.
  if (SLUICE_NEVER(!readings.ok())) return TooManyDays();
  const Extent extent(*readings, zone);
  TimelineBuilder builder(extent.lo, extent.hi);
  std::map<std::pair<const WeekPattern*, int32_t>, uint32_t> shifted;
  zone.VisitSegments(extent.lo, extent.hi, [&](const Zone::Segment& segment) {
    const auto visit = [&](const Timeline::Span& span) {
      const auto added = shifted.emplace(std::make_pair(span.pattern, segment.offset), 0);
      if (added.second) added.first->second = builder.Add(span.pattern->Later(-segment.offset));
      builder.From(Instant{span.begin.second - segment.offset, span.begin.nano},
                   added.first->second);
    };
    readings->VisitSpans(Instant{segment.begin + segment.offset, 0},
                         Instant{segment.end + segment.offset, 0}, visit);
  });
  return builder.Build();
}

// Lays an elapsed duration from each start of a day's. Days come in ascending order, so that no
// start's stretch ends after a later one's.
class ElapsedLayer {
 public:
  // `starts` are seconds of the day, ascending, at least one.
  ElapsedLayer(const Extent& extent, const std::vector<int32_t>& starts, Length duration,
               Coverage coverage)
      : builder_(extent.lo, extent.hi),
        starts_(starts),
        duration_(duration),
        coverage_(coverage),
        outside_(builder_.Add(WeekPattern::Constant(Coverage::kOutside))),
        covered_(builder_.Add(WeekPattern::Constant(coverage))) {}

  // One start, at an instant.
  void Start(int64_t at) { Lay(at, at, covered_); }

  // All starts on the days of [range] that are in the mask, as a wall clock with this offset shows
  // them.
  void Starts(DayRange range, WeekMask mask, int32_t offset) {
    while (range.first <= range.last && !mask[DayOfWeek(range.first)]) ++range.first;
    while (range.first <= range.last && !mask[DayOfWeek(range.last)]) --range.last;
    if (range.first > range.last) return;
    if (range.first == range.last) mask = WeekMask().set(DayOfWeek(range.first));
    LaySome(range, mask, {0, starts_.size()}, offset);
  }

  // Those starts of a day that are readings in [from, to).
  void StartsWithin(int64_t day, int64_t from, int64_t to, int32_t offset) {
    const auto index = [&](int64_t reading) {
      return static_cast<size_t>(
          std::lower_bound(starts_.begin(), starts_.end(), reading - day * kDay) - starts_.begin());
    };
    const IndexRange some = {index(from), index(to)};
    if (some.begin >= some.end) return;
    LaySome({day, day}, WeekMask().set(DayOfWeek(day)), some, offset);
  }

  absl::StatusOr<Timeline> Build() {
    builder_.From(end_, outside_);
    return builder_.Build();
  }

 private:
  // The starts with these indices: [begin, end), at least one.
  struct IndexRange {
    size_t begin;
    size_t end;
  };

  void LaySome(DayRange range, WeekMask mask, IndexRange some, int32_t offset) {
    const int64_t first = range.first * kDay + starts_[some.begin] - offset;
    const int64_t last = range.last * kDay + starts_[some.end - 1] - offset;
    Lay(first, last, first == last ? covered_ : PatternOf(mask, some, offset));
  }

  // Covers the duration after each of these starts.
  uint32_t PatternOf(WeekMask mask, IndexRange some, int32_t offset) {
    const auto added = patterns_.emplace(
        std::make_tuple(mask.to_ulong(), some.begin, some.end, offset), uint32_t{0});
    if (!added.second) return added.first->second;
    std::vector<WeekPattern::Piece> pieces;
    for (int i = 0; i < 7; ++i) {
      if (!mask[i]) continue;
      for (size_t s = some.begin; s < some.end; ++s) {
        const int64_t begin = (i * kDay + starts_[s] - offset) * kNanosPerSecond;
        pieces.push_back({begin, begin + duration_.second * kNanosPerSecond + duration_.nano});
      }
    }
    return added.first->second = builder_.Add(WeekPattern::Of(pieces, coverage_));
  }

  // Follows `pattern`, which covers the duration after each of its starts, from the first of them
  // until the duration after the last.
  void Lay(int64_t first, int64_t last, uint32_t pattern) {
    const Instant begin = {first, 0};
    // If the stretch before reaches up to here, then so does its cover: it is shorter than this
    // one's.
    if (end_ < begin) builder_.From(end_, outside_);
    builder_.From(begin, pattern);
    end_ = Instant{last, 0} + duration_;
  }

  TimelineBuilder builder_;
  const std::vector<int32_t>& starts_;
  Length duration_;
  Coverage coverage_;
  uint32_t outside_;
  uint32_t covered_;
  std::map<std::tuple<unsigned long, size_t, size_t, int32_t>, uint32_t> patterns_;
  Instant end_ = {std::numeric_limits<int64_t>::min(), 0};
};

// The first day whose start is a reading at or after this one.
int64_t FirstStartFrom(int64_t reading, int32_t start) {
  int64_t day = (reading - start) / kDay;
  while (day * kDay + start < reading) ++day;  // The quotient was rounded towards zero.
  return day;
}

// Whether a day has a start that is a reading in [from, to). Its last start is at or after `from`.
bool HasStartWithin(const std::vector<int32_t>& starts, int64_t day, int64_t from, int64_t to) {
  const auto start = std::lower_bound(starts.begin(), starts.end(), from - day * kDay);
  return day * kDay + *start < to;
}

// `duration` from each of the starts of each day. They are seconds of the day, ascending, at least
// one.
absl::StatusOr<Timeline> CompileElapsed(const Timeline& days, const Zone& zone,
                                        const std::vector<int32_t>& starts, absl::Duration duration,
                                        Coverage coverage) {
  const Extent extent(days, zone);
  ElapsedLayer layer(extent, starts, ToLength(duration), coverage);
  const auto opens = [&](int64_t day) {
    return days.At(Instant{day * kDay, 0}) != Coverage::kOutside;
  };
  // All readings before this one have been shown, or skipped, in earlier segments.
  int64_t shown_to = std::numeric_limits<int64_t>::min();
  zone.VisitSegments(extent.lo - kMargin, extent.hi, [&](const Zone::Segment& segment) {
    const int64_t first_reading = segment.begin + segment.offset;
    const int64_t end_reading = segment.end + segment.offset;
    const bool is_first = shown_to == std::numeric_limits<int64_t>::min();

    if (!is_first && shown_to < first_reading) {
      // Readings were skipped: starts among them take effect now, unless their whole day was.
      for (int64_t day = FirstStartFrom(shown_to, starts.back());
           day * kDay + starts.front() < first_reading; ++day) {
        const bool day_is_skipped = shown_to <= day * kDay && (day + 1) * kDay <= first_reading;
        if (day_is_skipped || !opens(day)) continue;
        if (HasStartWithin(starts, day, shown_to, first_reading)) layer.Start(segment.begin);
      }
    }
    // Readings shown before are repeated: their starts have been. None may be left.
    const int64_t new_from = is_first ? first_reading : std::max(first_reading, shown_to);
    // Days of which all starts are shown, after and before one of which some may be.
    const int64_t first_day = FirstStartFrom(new_from, starts.front());
    const int64_t end_day = std::max(first_day, FirstStartFrom(end_reading, starts.back()));
    if (opens(first_day - 1)) {
      layer.StartsWithin(first_day - 1, new_from, end_reading, segment.offset);
    }
    days.VisitSpans(Instant{first_day * kDay, 0}, Instant{end_day * kDay, 0},
                    [&](const Timeline::Span& span) {
                      layer.Starts({span.begin.second / kDay, span.end.second / kDay - 1},
                                   CoveredDays(*span.pattern), segment.offset);
                    });
    if (opens(end_day)) layer.StartsWithin(end_day, new_from, end_reading, segment.offset);
    shown_to = is_first ? end_reading : std::max(shown_to, end_reading);
  });
  return layer.Build();
}

struct HoursCompiler {
  const Timeline& days;
  const Zone& zone;
  Coverage coverage;

  absl::StatusOr<Timeline> operator()(const LocalHours& hours) const {
    const int32_t start = hours.start.second_of_day;
    const int32_t end = hours.end.second_of_day;
    if (start < end) return InstantsOf(PartOfEachDay(days, start, end, 0, coverage), zone);
    const absl::StatusOr<Timeline> same_day = PartOfEachDay(days, start, kDay, 0, coverage);
    const absl::StatusOr<Timeline> next_day = PartOfEachDay(days, 0, end, 1, coverage);
    // Neither has more spans than the days.
    if (SLUICE_NEVER(!same_day.ok())) return TooManyDays();
    if (SLUICE_NEVER(!next_day.ok())) return TooManyDays();
    return InstantsOf(Timeline::Max(*same_day, *next_day), zone);
  }

  absl::StatusOr<Timeline> operator()(const WholeDay&) const { return InstantsOf(days, zone); }

  absl::StatusOr<Timeline> operator()(const Elapsed& elapsed) const {
    return CompileElapsed(days, zone, {elapsed.start.second_of_day}, elapsed.duration, coverage);
  }
};

struct WindowCompiler {
  Coverage coverage;

  absl::StatusOr<Timeline> operator()(const AbsoluteWindow& window) const {
    return Timeline::Of(ToInstant(window.start), ToInstant(window.end), coverage);
  }

  absl::StatusOr<Timeline> operator()(const CalendarWindow& window) const {
    const absl::StatusOr<Timeline> days = std::visit(DaysCompiler{coverage}, window.days);
    // Days take fewer spans than the limit.
    if (SLUICE_NEVER(!days.ok())) return TooManyDays();
    return std::visit(HoursCompiler{*days, window.zone, coverage}, window.hours);
  }

  absl::StatusOr<Timeline> operator()(const CronWindow& window) const {
    const absl::StatusOr<Timeline> days = DaysOf(window.start, coverage);
    // Days take fewer spans than the limit.
    if (SLUICE_NEVER(!days.ok())) return TooManyDays();
    return CompileElapsed(*days, window.zone, StartsOfDay(window.start), window.duration, coverage);
  }
};

}  // namespace

absl::StatusOr<Timeline> CompileWindow(const Window& window, Coverage coverage) {
  return std::visit(WindowCompiler{coverage}, window);
}

}  // namespace sluice
