#ifndef SLUICE_BLOCKERS_HORIZON_H_
#define SLUICE_BLOCKERS_HORIZON_H_

#include <algorithm>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "sluice/finding.h"

namespace sluice {

// Instants after `now` at which a judgement may differ.
class Instants {
 public:
  explicit Instants(absl::Time now) : now_(now) {}

  absl::Time now() const { return now_; }

  // Notes `time` unless it is not after now or is InfiniteFuture ("never").
  void Add(absl::Time time) {
    if (time > now_ && time < absl::InfiniteFuture()) times_.push_back(time);
  }

  // Ascending, each once.
  const absl::InlinedVector<absl::Time, 8>& Sorted() {
    std::sort(times_.begin(), times_.end());
    times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
    return times_;
  }

 private:
  absl::Time now_;
  absl::InlinedVector<absl::Time, 8> times_;
};

// Notes the ends of the periods that a report through `reported_through`, made with clocks that may
// differ by `max_clock_skew`, can still bring to light: at most an hour of them. `start` is aligned
// to `period`, both valid.
inline void AddPeriodEnds(absl::Time start, absl::Duration period, absl::Time reported_through,
                          absl::Duration max_clock_skew, Instants* instants) {
  const absl::Time from = std::max(instants->now(), reported_through - max_clock_skew);
  if (from >= reported_through) return;
  absl::Duration past_period;
  const int64_t periods = absl::IDivDuration(from - start, period, &past_period);
  absl::Time end = start + period * periods;
  for (; end <= reported_through; end += period) instants->Add(end);
}

// The judgement at `instants.now()` with an exact `changes_at`: `judge(t)` is asked at now and then
// at each noted instant, ascending, until verdict or reason differ [G5a]. Between two noted
// instants `judge` must not change.
template <typename JudgeAt>
Judgement JudgeWithHorizon(Instants& instants, const JudgeAt& judge) {
  Judgement now = judge(instants.now());
  now.changes_at = absl::InfiniteFuture();
  for (const absl::Time t : instants.Sorted()) {
    const Judgement then = judge(t);
    if (then.verdict != now.verdict || then.reason != now.reason) {
      now.changes_at = t;
      break;
    }
  }
  return now;
}

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_HORIZON_H_
