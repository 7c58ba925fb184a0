#ifndef SLUICE_METRICS_SUCCESS_RATIO_H_
#define SLUICE_METRICS_SUCCESS_RATIO_H_

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace sluice {

// The runs of one synthetic test, as two columns of equal length. Does not own them.
struct RunsView {
  absl::Span<const absl::Time> finished_at;  // Ascending; equal instants are fine.
  absl::Span<const bool> succeeded;
};

// What synthetic traffic has to show over the trailing window.
struct RunsRule {
  absl::Duration window;       // Positive, at most 10,000 years.
  int64_t min_ratio_ppm = -1;  // 0 to 1,000,000: the least share of runs that succeed.
  int64_t min_runs = 0;        // At least 1.
  absl::Duration max_gap;      // Positive, at most 10,000 years.
};

enum class RunsVerdict {
  kUnknown = 0,
  kClear,
  kBlocking,
  kInvalid,
};

// The obstacle: the first that applies, in this order. Whether the runs tell enough is asked before
// what they tell.
enum class RunsReason {
  kInvalid = 0,  // INVALID: a malformed rule, columns or now.
  kTooFewRuns,   // UNKNOWN: fewer than min_runs in the window.
  kGap,          // UNKNOWN: somewhere in the window, no run for max_gap.
  kBelowRatio,   // BLOCKING: succeeded x 1,000,000 < runs x min_ratio_ppm.
  kNone,         // CLEAR.
};

struct RunsFinding {
  RunsVerdict verdict = RunsVerdict::kInvalid;
  RunsReason reason = RunsReason::kInvalid;
  int64_t runs = 0;       // In the window.
  int64_t succeeded = 0;  // Of these.

  // The first instant after `now` at which verdict or reason differs if no further run is reported.
  // InfiniteFuture: never, or not before year 10,000.
  absl::Time changes_at = absl::InfiniteFuture();
};

// Judges the runs in the window (now - window, now]. A run that finished exactly `window` ago is
// out; a run later than `now` is not there yet, and counts from its own instant on.
//
// There is a gap if at some instant of the window the newest run, or the window's start if no run
// is in the window by then, is `max_gap` old or older. So runs exactly `max_gap` apart leave no
// gap, because the next is there when the first reaches that age; but the last run makes one as
// soon as it is `max_gap` old.
//
// Linear in the runs; no allocation.
RunsFinding JudgeRuns(const RunsRule& rule, const RunsView& runs, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_METRICS_SUCCESS_RATIO_H_
