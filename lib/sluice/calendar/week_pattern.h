// What a set of windows says in the course of one week that repeats.

#ifndef SLUICE_CALENDAR_WEEK_PATTERN_H_
#define SLUICE_CALENDAR_WEEK_PATTERN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sluice/calendar/instant.h"

namespace sluice {

// What windows say about an instant. A greater value wins where two windows meet.
enum class Coverage : uint8_t {
  kOutside = 0,  // No window contains it.
  kAllowed = 1,  // A window that allows contains it.
  kDenied = 2,   // A window that denies contains it.
};

// Coverage as a function of the position in a week that repeats for ever. Positions are nanoseconds
// since the last Thursday 00:00, as 1970-01-01 was a Thursday: a count of seconds since then,
// modulo 604800, is a position without more ado.
class WeekPattern {
 public:
  static constexpr int64_t kWeekSeconds = 7 * 86400;
  static constexpr int64_t kWeekNanos = kWeekSeconds * kNanosPerSecond;

  // From `nano` until the next step, or the end of the week, the coverage is `coverage`. Packed:
  // patterns are most of what a compiled set of windows in many zones weighs.
  struct Step {
    int64_t nano : 56;
    Coverage coverage : 8;
  };

  // A stretch of the repeating week, in nanoseconds; may begin before 0 and end after the week.
  struct Piece {
    int64_t begin;
    int64_t end;  // After `begin`.
  };

  static WeekPattern Constant(Coverage coverage);

  // `coverage` within any of the pieces, kOutside elsewhere. Pieces may overlap, in any order.
  static WeekPattern Of(const std::vector<Piece>& pieces, Coverage coverage);

  // The greater coverage of two patterns at each position.
  static WeekPattern Max(const WeekPattern& a, const WeekPattern& b);

  // The same pattern, `seconds` later (earlier, if negative).
  WeekPattern Later(int64_t seconds) const;

  Coverage At(int64_t nano) const { return steps_[StepAt(nano)].coverage; }

  // Index of the step that contains a position in [0, kWeekNanos).
  size_t StepAt(int64_t nano) const;

  // Steps in order, the first at 0, neighbours different; only the last and the first may be equal.
  // Never empty. Two patterns are the same function iff their steps are equal.
  const std::vector<Step>& steps() const { return steps_; }

  bool constant() const { return steps_.size() == 1; }

  // The longest stretch of kAllowed, across the end of the week too: kEndless if nothing else is
  // there, zero if it is never allowed.
  Length longest_allowed() const { return longest_allowed_; }

 private:
  // Steps in order, the first at 0; neighbours may be equal.
  explicit WeekPattern(const std::vector<Step>& steps);

  std::vector<Step> steps_;
  Length longest_allowed_;
};

// Orders patterns by their steps, for use as a key.
bool operator<(const WeekPattern& a, const WeekPattern& b);

}  // namespace sluice

#endif  // SLUICE_CALENDAR_WEEK_PATTERN_H_
