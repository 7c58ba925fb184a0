#ifndef SLUICE_METRICS_QUIET_H_
#define SLUICE_METRICS_QUIET_H_

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"

namespace sluice {

// A watched alarm's record since a deployment: from when a bake may count it, and whether it has
// been in ALARM since.
//
// The alarm's state is a step function: a period's state holds from the period's end (included) to
// the next period's end (excluded). "After t" below means a period that ends strictly after t; one
// that ends exactly at t has decided the state at t.
//
//        deployment_start      from               since
//   ----------|-----------------|-------------------|--------------> now
//     ALARM   |  ALARM     OK   |  no data          | OK  OK  OK
//          pre-existing     ^ first_ok              ^ the bake counts from here
struct Quiet {
  // The instant the bake counts from. The latest of `watch_from`, the series' start (every period
  // before it is absent), and the end of the last INSUFFICIENT_DATA period after `watch_from`.
  // InfiniteFuture while `watch_from` is.
  absl::Time since = absl::InfiniteFuture();

  // The later of `from` and, for a pre-existing alarm, `first_ok`. InfiniteFuture for a
  // pre-existing alarm that has not been OK yet.
  absl::Time watch_from = absl::InfiniteFuture();

  // For a pre-existing alarm: the end of the first period after `deployment_start` at which it was
  // OK.
  absl::optional<absl::Time> first_ok;

  // The end of the first period after `watch_from` at which the alarm was in ALARM. A failure: no
  // later stretch without data takes it back.
  absl::optional<absl::Time> first_alarm;

  // The state at the instant `watch_from` itself. INSUFFICIENT_DATA as long as that instant is
  // after `now` or `reported_through`, and if no period had ended by then. ALARM here without
  // `first_alarm`: the alarm went off during the deployment and was back to OK at the next period.
  AlarmState state_at_watch_from = AlarmState::kInsufficientData;

  // The end of the newest period that could be judged; InfinitePast if none. The series covers
  // [since, since + d] once this is at or after `since` + d.
  absl::Time judged_through = absl::InfinitePast();

  // The first instant after `now`, at most `reported_through`, at which any member above other than
  // `judged_through` differs, the series unchanged. InfiniteFuture if there is none.
  absl::Time changes_at = absl::InfiniteFuture();
};

// The record at `now` of an alarm watched for a deployment that ran from `deployment_start` to
// `from`. `pre_existing` says that the alarm was in ALARM when the deployment started, or that the
// series does not reach back far enough to tell.
//
// Only periods that can be judged at `now` are read. With an invalid rule or series frame, or an
// instant outside years 1 to 9999, the answer is a default Quiet: never quiet. Linear in the
// series.
Quiet QuietSince(const AlarmRule& rule, const SeriesView& series, absl::Time from,
                 bool pre_existing, absl::Time deployment_start, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_METRICS_QUIET_H_
