#ifndef SLUICE_TESTS_ROLLOUT_OUTSIDE_H_
#define SLUICE_TESTS_ROLLOUT_OUTSIDE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/rollout/draw.h"
#include "tests/rollout/scenario.h"

namespace sluice {

// What an artifact does to the cells that run it.
enum class Quality { kGood, kFailsToDeploy, kNeverStarts, kAlarms, kErrs };

// One thing that the deployer was asked to do.
struct Run {
  std::string stage;
  std::string cell;
  std::string artifact;
  absl::Time end;  // InfiniteFuture: it hangs.
  v1::Deployment::Outcome outcome = v1::Deployment::SUCCEEDED;
  int asked = 0;  // How often; it is done once.
};

// Everything around a pipeline: builds, what deploys, the cells, monitoring, the known-bad list and
// the organisation. It is the same for the same seed and the same actions at the same instants,
// however often a host looks.
class Outside {
 public:
  Outside(const Scenario& scenario, uint64_t seed);

  // Builds the next artifact. Its checks are reported later.
  v1::Event Build(Quality quality, absl::Time now);
  uint64_t last_sequence() const { return last_sequence_; }
  Quality QualityOf(const std::string& digest) const;

  // Deploys, unless it was asked for the same action before.
  void Start(const std::string& id, const std::string& stage, const std::string& cell,
             const std::string& artifact, bool roll_back, absl::Time now);
  const std::map<std::string, Run>& runs() const { return runs_; }
  // Lets go of what ended before, so that a long story stays small.
  void ForgetRuns(absl::Time before);

  // What was there before the pipeline.
  void Place(const std::string& cell, const std::string& artifact);
  void AddCell(const v1::Cell& cell);
  void RetireCell(const std::string& cell);

  // What is reported at or before `now` and was not yet, oldest first, at the instants of `Due`.
  std::vector<v1::Event> Reports(absl::Time now);
  absl::Time NextReport() const;
  // The next end of a run after `now`.
  absl::Time NextEnd(absl::Time now) const;

  // Puts an artifact on the list, one way or another.
  void MarkBad(const std::string& artifact, absl::Time effective_from);
  // Takes everything off again.
  void ClearList();
  const v1::KnownBadList& list() const { return list_; }
  v1::OrganisationFacts* facts() { return &facts_; }

  // From now on nothing flaps, hangs or fails but for what the artifacts do.
  void Calm() { calm_ = true; }
  // From now on nothing flaps, hangs or fails; the artifacts that did no longer do.
  void Heal();

 private:
  struct Alarm {
    v1::AlarmReport::State state = v1::AlarmReport::OK;
    absl::Time since;
    absl::Time until = absl::InfinitePast();  // Of a flap.
    v1::AlarmReport::State flap = v1::AlarmReport::OK;
    std::deque<double> values;  // Of the series of that key, oldest first.
  };
  struct Site {
    v1::Cell cell;
    std::string artifact;
    absl::Time since;
    std::deque<int64_t> requests;
    std::deque<int64_t> errors;
  };

  bool IsAlarming(const Site& place, absl::Time now) const;
  void Settle(absl::Time now);
  void Tick(absl::Time now, std::vector<v1::Event>* events);
  void ReportSignal(const std::string& id, bool computed, const std::string& cell,
                    const std::string& region, bool alarming, absl::Time now,
                    std::vector<v1::Event>* events);
  void ReportWatched(const v1::Stage& stage, absl::Time now, std::vector<v1::Event>* events);
  void ReportCounts(const v1::Stage& stage, absl::Time now, std::vector<v1::Event>* events);
  void ScheduleCheck(const std::string& check, const std::string& artifact,
                     const std::string& stage, const std::string& cell, v1::Check::Outcome outcome,
                     absl::Time at);

  const v1::PipelinePolicy policy_;  // Of the start: what is monitored.
  const absl::Time begin_;
  const absl::Duration unit_;
  const absl::Duration tick_;
  const uint64_t seed_;
  Draw noise_;
  bool calm_ = false;
  uint64_t last_sequence_ = 0;
  std::map<std::string, Quality> qualities_;
  std::map<std::string, Run> runs_;  // By action id.
  std::map<std::string, bool> settled_;
  std::map<std::string, Site> cells_;
  std::map<std::string, Alarm> alarms_;
  std::multimap<absl::Time, v1::Event> due_;
  absl::Time next_tick_;
  absl::Time counts_from_;
  int check_number_ = 0;
  v1::KnownBadList list_;
  v1::OrganisationFacts facts_;
};

}  // namespace sluice

#endif  // SLUICE_TESTS_ROLLOUT_OUTSIDE_H_
