// When a policy's time windows let a release go on: what they say at an instant, and until when.
//
//   WindowRules rules;
//   rules.allow = std::vector<Window>{office_hours};
//   rules.deny = {december};
//   absl::StatusOr<WindowSet> windows = WindowSet::Compile(rules);
//   if (!windows.ok()) return windows.status();
//   WindowState state = windows->StateAt(now, absl::Hours(1));
//   if (state.reason == WindowReason::kOpen) ...  // and at least an hour remains
//   else ...  // it is again at state.opens_at

#ifndef SLUICE_CALENDAR_WINDOW_SET_H_
#define SLUICE_CALENDAR_WINDOW_SET_H_

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "sluice/calendar/layered_schedule.h"
#include "sluice/calendar/schedule.h"
#include "sluice/calendar/window.h"
#include "sluice/internal/limits.h"

namespace sluice {

// Every instant is allowed that is not denied.
struct AllowAlways {};

// Windows as a policy combines them: open iff allowed and no deny window contains the instant.
struct WindowRules {
  // At least one window, or AllowAlways in so many words. The default is refused.
  std::variant<std::vector<Window>, AllowAlways> allow;
  std::vector<Window> deny;
  // Whether an overlay is going to allow instants, so that there may be no window that does.
  bool overlay_allows = false;
};

// Why a release may not go on: the first that applies, in this order; kOpen if none does.
enum class WindowReason {
  kNeverOpens =
      0,    // It is not open, with enough time remaining, at any instant of the next 400 years.
  kInDeny,  // A deny window contains the instant.
  kOutsideAllow,  // No allow window contains it.
  kRunwayShort,   // It is open, but closes too soon.
  kOpen,
};

// What a set of windows says at an instant `t`. Instants that lie more than 400 years after `t`, or
// after year 9999, are reported as absl::InfiniteFuture(): never.
struct WindowState {
  WindowReason reason = WindowReason::kNeverOpens;

  // The first instant after `t` at which `reason` is another one, the runway unchanged.
  absl::Time changes_at = absl::InfiniteFuture();

  // The first instant from `t` on at which `reason` is kOpen: `t` itself if it is now.
  absl::Time opens_at = absl::InfiniteFuture();

  // When it is open by the clock, runway or not: the end of the open interval around `t`, adjacent
  // windows merged. Otherwise absl::InfinitePast().
  absl::Time closes_at = absl::InfinitePast();
};

// A set of windows, compiled. Immutable and safe to share between threads.
//
// Costs: compiling takes some milliseconds and the result some 20 KB for weekly windows in one
// zone; yearly and monthly ones, and each further zone, add to both (a monthly one some 400 KB; a
// cron that starts every few minutes takes up to a second). StateAt takes well under a microsecond
// and allocates nothing; in the worst case, a set whose last opening is past or lies centuries
// ahead, it is a fraction of a millisecond.
class WindowSet {
 public:
  // InvalidArgument if there is no allow window where one is needed or a window has faults
  // (FindFaults names them). ResourceExhausted if there are more than kMaxWindows, or if they take
  // more spans of time to describe than TimelineBuilder allows.
  static absl::StatusOr<WindowSet> Compile(const WindowRules& rules);

  // What the windows say at `t`, if a release needs `min_remaining` until they close: exactly that
  // much is enough. A runway longer than 400 years is one of just over 400, which only an open
  // interval satisfies that does not end within them.
  //
  // Total: for a `t` outside years 1..9999, or a negative runway, nothing is known to open and the
  // answer is kNeverOpens without any instant. Nanoseconds are the finest there is: `t` is
  // rounded down to them, the runway up.
  //
  // With an overlay, its lists count as windows of their kind. Each change of coverage before the
  // answer then costs the logarithm of the lists.
  WindowState StateAt(absl::Time t, absl::Duration min_remaining,
                      const Overlay& overlay = {}) const;

 private:
  explicit WindowSet(Schedule schedule) : schedule_(std::move(schedule)) {}

  Schedule schedule_;
};

}  // namespace sluice

#endif  // SLUICE_CALENDAR_WINDOW_SET_H_
