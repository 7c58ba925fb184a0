#include "sluice/calendar/schedule.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "sluice/calendar/zone.h"
#include "sluice/internal/never.h"

namespace sluice {
namespace {

constexpr Instant kBeforeAll = {std::numeric_limits<int64_t>::min(), 0};

}  // namespace

// Goes through a schedule as Timeline::Walk goes through a timeline, without end.
class Schedule::Walk {
 public:
  Walk(const Schedule& schedule, Instant from)
      : schedule_(schedule),
        phase_(schedule.PhaseAt(from)),
        end_of_phase_(schedule.EndOfPhase(phase_)),
        walk_(schedule.TimelineOf(phase_), from, end_of_phase_) {}

  Instant begin() const { return walk_.begin(); }
  Instant end() const { return walk_.end(); }
  Coverage coverage() const { return walk_.coverage(); }

  void Next() {
    if (walk_.end() == end_of_phase_) {
      GoTo(end_of_phase_);
    } else {
      walk_.Next();
    }
  }

  // As Timeline::Walk, and over a whole phase at once if it has no run that long. In the last phase
  // there is then none to come, and `never` says so.
  bool SkipRunsShorterThan(Length length) {
    const Length longest = schedule_.LongestAllowed(phase_);
    if (longest < length) {
      if (end_of_phase_ == kNever) {
        never_ = true;
        return true;
      }
      // The run that reaches the end of the phase, and may go on beyond it, starts no earlier.
      const Instant start = end_of_phase_ - std::max(longest, Length{});
      if (start > begin()) {
        GoTo(start);
        return true;
      }
    }
    return walk_.SkipRunsShorterThan(length);
  }

  // Whether no run as long as was asked for follows any more.
  bool never() const { return never_; }

 private:
  void GoTo(Instant instant) {
    if (instant == end_of_phase_) {
      ++phase_;
      end_of_phase_ = schedule_.EndOfPhase(phase_);
    }
    walk_ = Timeline::Walk(schedule_.TimelineOf(phase_), instant, end_of_phase_);
  }

  const Schedule& schedule_;
  size_t phase_;
  Instant end_of_phase_;
  Timeline::Walk walk_;
  bool never_ = false;
};

absl::StatusOr<Schedule> Schedule::Of(Timeline recurring, const Timeline& once) {
  Schedule schedule;
  schedule.phases_.push_back(Phase{kBeforeAll, Coverage::kOutside});
  // Only what does not repeat can be anything but kOutside.
  const Instant first = {once.lo() + kSecondsPerCycle, 0};
  const Instant last = {once.hi() - kSecondsPerCycle, 0};
  bool allows = false;
  if (first < last) {
    Timeline::Walk walk(once, first, kNever);
    for (; walk.begin() <= last; walk.Next()) {
      allows = allows || walk.coverage() == Coverage::kAllowed;
      if (walk.coverage() == schedule.phases_.back().floor) continue;
      schedule.phases_.push_back(Phase{walk.begin(), walk.coverage()});
    }
  }
  Timeline allowed = Timeline::Constant(Coverage::kAllowed);
  if (allows) {
    absl::StatusOr<Timeline> both = Timeline::Max(recurring, allowed);
    // It has no more spans than `recurring`, which spells out all of the constant's years.
    if (SLUICE_NEVER(!both.ok())) return absl::ResourceExhaustedError("too many spans");
    allowed = *std::move(both);
  }
  schedule.timelines_.push_back(std::move(recurring));
  schedule.timelines_.push_back(std::move(allowed));
  schedule.timelines_.push_back(Timeline::Constant(Coverage::kDenied));
  for (const Timeline& timeline : schedule.timelines_) {
    schedule.longest_allowed_.push_back(timeline.LongestAllowed());
  }
  return schedule;
}

Schedule::Run Schedule::RunAt(Instant instant, Instant horizon) const {
  Walk walk(*this, instant);
  const Coverage coverage = walk.coverage();
  while (walk.end() <= horizon) {
    walk.Next();
    if (walk.coverage() != coverage) return Run{coverage, walk.begin()};
  }
  return Run{coverage, kNever};
}

Instant Schedule::FirstAllowed(Instant from, Length length, Instant horizon) const {
  Walk walk(*this, from);
  while (walk.begin() <= horizon && !walk.never()) {
    if (walk.coverage() != Coverage::kAllowed) {
      if (!walk.SkipRunsShorterThan(length)) walk.Next();
      continue;
    }
    const Instant start = walk.begin();
    while (walk.coverage() == Coverage::kAllowed) {
      if (walk.end() >= start + length) return start;
      walk.Next();
    }
  }
  return kNever;
}

size_t Schedule::PhaseAt(Instant instant) const {
  const auto after =
      std::upper_bound(phases_.begin(), phases_.end(), instant,
                       [](Instant value, const Phase& phase) { return value < phase.begin; });
  return static_cast<size_t>(std::distance(phases_.begin(), after)) - 1;
}

Instant Schedule::EndOfPhase(size_t phase) const {
  return phase + 1 < phases_.size() ? phases_[phase + 1].begin : kNever;
}

const Timeline& Schedule::TimelineOf(size_t phase) const {
  return timelines_[static_cast<size_t>(phases_[phase].floor)];
}

Length Schedule::LongestAllowed(size_t phase) const {
  return longest_allowed_[static_cast<size_t>(phases_[phase].floor)];
}

}  // namespace sluice
