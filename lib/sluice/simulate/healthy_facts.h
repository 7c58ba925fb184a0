#ifndef SLUICE_SIMULATE_HEALTHY_FACTS_H_
#define SLUICE_SIMULATE_HEALTHY_FACTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/known_bad.h"
#include "sluice/policy_data.h"
#include "sluice/simulate/healthy_series.h"
#include "sluice/simulate/signal_needs.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// The facts of a pipeline in which every signal is healthy from one instant on, and reported at
// every later one. Works on copies. docs/eta.md says what is assumed of each kind.
//
// A record that can't be read stays as it is, and so does whatever is not a signal: artifacts,
// cells, rollouts, checks, approvals, overrides, holds, the emergency stop, lists.
class HealthyFacts {
 public:
  // From `now` on. `organisation` may be null: there are no facts of it. `known_bad` must outlive
  // this object.
  HealthyFacts(const PolicyData& policy, const v1::PipelineState& state,
               const v1::OrganisationFacts* organisation,
               const std::vector<const KnownBadList*>& known_bad, absl::Time now);

  // Brings every report to `t`, at least `now` and any number of times, earlier ones included.
  void ReportAt(absl::Time t);

  // Forgets what was reported for periods that start before `t`: they were healthy.
  void ForgetBefore(absl::Time t);

  // What is known now. The snapshot is of this object, until the next change of it.
  Snapshot Load() const;

  const v1::PipelineState& state() const { return state_; }
  v1::PipelineState* mutable_state() { return &state_; }
  const SignalNeeds& needs() const { return needs_; }

  // Periods end at multiples of it since 1970; zero: there is no series and there are no counts.
  absl::Duration period() const { return period_; }
  absl::Duration longest_period() const { return longest_period_; }
  // Whether the state says that something of it is missing. Its `record_count` is wrong for good;
  // of any other state it is left out.
  bool is_cut() const { return is_cut_; }
  // The next run of synthetic traffic after `t`; InfiniteFuture: there is none.
  absl::Time NextRun(absl::Time t) const;
  // The first instant after `t` at which an observed alarm has been OK for as long as is asked.
  absl::Time NextClear(absl::Time t) const;
  // The next instant after `t` at which an entry of a list that concerns an artifact comes into
  // force or is withdrawn.
  absl::Time NextListChange(absl::Time t) const;

 private:
  // An element of a list that is observed again and again.
  struct Observed {
    int index = 0;
    absl::Time known;  // When it was observed before; it is never observed earlier.
  };

  struct Runs {
    v1::SyntheticRuns record;
    absl::Time first;  // Of the healthy runs; the others follow at equal distances.
    absl::Duration spacing;
    absl::Duration window;
    int index = 0;
  };

  void PrepareLists();
  void PrepareAlarms(const std::map<SignalName, AlarmNeed>& needs, bool shared, absl::Time now);
  void PrepareSeries(absl::Time now);
  void PrepareCounts(absl::Time now);
  void PrepareRuns(absl::Time now);
  void PrepareTraffic();
  void PrepareParity();
  int SeriesIndex(const SignalName& name, absl::Duration period, absl::Time now);
  double HealthyRequests(const SignalName& name) const;
  void NotePeriod(absl::Duration period);
  void ReportRuns(const Runs& runs, absl::Time t);

  const std::vector<const KnownBadList*> known_bad_;
  v1::PipelineState state_;
  bool has_organisation_;
  v1::OrganisationFacts organisation_;
  std::vector<KnownBadList> lists_;
  std::set<absl::Time> list_changes_;
  const SignalNeeds needs_;
  absl::Duration period_;
  absl::Duration longest_period_;
  bool is_cut_ = false;

  // Indices into the lists of the state or of the organisation facts.
  std::vector<Observed> alarms_;
  std::vector<Observed> shared_alarms_;
  std::vector<std::pair<int, HealthySeries>> series_;
  std::vector<std::pair<int, HealthyCounts>> counts_;
  std::vector<Runs> runs_;
  std::vector<Observed> traffic_;
  std::vector<Observed> environments_;
  std::vector<Observed> calendars_;
  // Nothing: that can't be read, and stays as it is.
  absl::optional<absl::Time> organisation_observed_at_;
  absl::optional<absl::Time> emergency_observed_at_;
};

}  // namespace sluice

#endif  // SLUICE_SIMULATE_HEALTHY_FACTS_H_
