#include "sluice/calendar/window_set.h"

#include <algorithm>

#include "absl/status/status.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/layered_schedule.h"
#include "sluice/calendar/timeline.h"
#include "sluice/calendar/week_pattern.h"
#include "sluice/calendar/window_timeline.h"
#include "sluice/calendar/zone.h"

namespace sluice {
namespace {

constexpr Length kNanosecond = {0, 1};
constexpr Length kSearch = {kSecondsPerCycle, 0};
constexpr Length kLongestRunway = {kSecondsPerCycle, 1};

// Whether a window is open for a limited time only, never again after that.
bool HappensOnce(const Window& window) {
  const auto* calendar = std::get_if<CalendarWindow>(&window);
  return std::holds_alternative<AbsoluteWindow>(window) ||
         (calendar != nullptr && std::holds_alternative<Dates>(calendar->days));
}

// What the windows say, gathered one by one.
struct Gathered {
  Timeline recurring;
  Timeline once = Timeline::Constant(Coverage::kOutside);

  absl::Status Add(const std::vector<Window>& windows, Coverage coverage) {
    for (const Window& window : windows) {
      if (!FindFaults(window).empty()) return absl::InvalidArgumentError("a window has faults");
      const absl::StatusOr<Timeline> added = CompileWindow(window, coverage);
      if (!added.ok()) return added.status();
      Timeline& target = HappensOnce(window) ? once : recurring;
      absl::StatusOr<Timeline> both = Timeline::Max(target, *added);
      if (!both.ok()) return both.status();
      target = *std::move(both);
    }
    return absl::OkStatus();
  }
};

// The time to report for an instant: never, if it is later than `last` or year 9999.
absl::Time Reported(Instant instant, Instant last) {
  if (instant > last || instant >= kEndOfTime) return absl::InfiniteFuture();
  return ToTime(instant);
}

// What a Schedule or a LayeredSchedule says.
template <typename AnySchedule>
WindowState StateOf(const AnySchedule& schedule, absl::Time t, absl::Duration min_remaining) {
  WindowState state;
  if (!IsInstant(t) || min_remaining < absl::ZeroDuration()) return state;
  const Instant now = ToInstant(t);
  const Length runway = std::min(ToLength(min_remaining), kLongestRunway);
  const Instant last = now + kSearch;
  // An opening that is out of reach today is within reach one day: it is looked for further on.
  const Instant horizon = last + kSearch;

  const Schedule::Run run = schedule.RunAt(now, horizon);
  const bool is_allowed = run.coverage == Coverage::kAllowed;
  if (is_allowed) state.closes_at = Reported(run.end, last);

  if (is_allowed && run.end >= now + runway) {
    // Exactly the runway left is enough, so that a nanosecond later it is not.
    const Instant changes = run.end == kNever   ? kNever
                            : runway > Length{} ? run.end - runway + kNanosecond
                                                : run.end;
    state.reason = WindowReason::kOpen;
    state.opens_at = t;
    state.changes_at = Reported(changes, last);
    return state;
  }

  const Instant opens = schedule.FirstAllowed(is_allowed ? run.end : now, runway, horizon);
  if (opens > last) {
    if (opens != kNever) state.changes_at = Reported(opens - kSearch, last);
    return state;
  }
  state.opens_at = Reported(opens, last);
  state.changes_at = Reported(run.end, last);  // At `opens` at the latest.
  switch (run.coverage) {
    case Coverage::kDenied:
      state.reason = WindowReason::kInDeny;
      break;
    case Coverage::kOutside:
      state.reason = WindowReason::kOutsideAllow;
      break;
    case Coverage::kAllowed:
      state.reason = WindowReason::kRunwayShort;
      break;
  }
  return state;
}

}  // namespace

absl::StatusOr<WindowSet> WindowSet::Compile(const WindowRules& rules) {
  const auto* allow = std::get_if<std::vector<Window>>(&rules.allow);
  if (allow != nullptr && allow->empty() && !rules.overlay_allows) {
    return absl::InvalidArgumentError("no allow window, and not AllowAlways either");
  }
  if ((allow != nullptr ? allow->size() : 0) + rules.deny.size() > kMaxWindows) {
    return absl::ResourceExhaustedError("too many windows");
  }
  Gathered gathered{Timeline::Constant(allow == nullptr ? Coverage::kAllowed : Coverage::kOutside)};
  if (allow != nullptr) {
    const absl::Status status = gathered.Add(*allow, Coverage::kAllowed);
    if (!status.ok()) return status;
  }
  const absl::Status status = gathered.Add(rules.deny, Coverage::kDenied);
  if (!status.ok()) return status;
  absl::StatusOr<Schedule> schedule = Schedule::Of(std::move(gathered.recurring), gathered.once);
  if (!schedule.ok()) return schedule.status();
  return WindowSet(*std::move(schedule));
}

WindowState WindowSet::StateAt(absl::Time t, absl::Duration min_remaining,
                               const Overlay& overlay) const {
  if (overlay.empty()) return StateOf(schedule_, t, min_remaining);
  return StateOf(LayeredSchedule(schedule_, overlay), t, min_remaining);
}

}  // namespace sluice
