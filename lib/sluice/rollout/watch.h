#ifndef SLUICE_ROLLOUT_WATCH_H_
#define SLUICE_ROLLOUT_WATCH_H_

#include "absl/time/time.h"
#include "sluice/blockers/horizon.h"
#include "sluice/blockers/metric_alarm.h"
#include "sluice/facts.h"
#include "sluice/metrics/ratio_series.h"
#include "sluice/metrics/series.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// A watched alarm as seen from one deployment: its report or series, looked up once.
class WatchedSignal {
 public:
  // What the signal says at one instant.
  struct State {
    Verdict verdict = Verdict::kUnknown;
    // ALARM_SINCE_DEPLOYMENT is strict evidence [R6], and the only trigger.
    Reason reason = v1::NO_DATA;
    // From when the bake may count the alarm as quiet [R3]; InfiniteFuture: not yet.
    absl::Time quiet_since = absl::InfiniteFuture();
    // From when a failure counts: an alarm that was there before the deployment explains those
    // before it was OK. InfiniteFuture: not yet.
    absl::Time failure_from = absl::InfinitePast();
    // The instant up to which that is known.
    absl::Time known_through = absl::InfinitePast();
  };

  // `first_deployment`: the cell never had another, so that an alarm on its own series means
  // nothing before the deployment ends [S7].
  WatchedSignal(const WatchedAlarm& watched, const Subject& subject, const CellFacts& cell,
                const DeploymentFacts& deployment, bool first_deployment);

  State At(absl::Time t) const;

  // Notes the instants at which `At` may differ.
  void AddInstants(Instants* instants) const;

 private:
  State ObservedAt(absl::Time t) const;
  State ComputedAt(absl::Time t) const;
  bool IsNewCellSeries() const {
    return own_series_ && first_deployment_ && IsUnderWay(*deployment_);
  }

  const WatchedAlarm* watched_;
  const DeploymentFacts* deployment_;
  absl::Duration max_clock_skew_;
  bool own_series_;
  bool first_deployment_;
  const AlarmFacts* report_ = nullptr;  // Of an observed alarm; null: none.
  AlarmPoints points_;                  // Of a computed one.
};

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_WATCH_H_
