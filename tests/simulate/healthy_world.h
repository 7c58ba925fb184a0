#ifndef SLUICE_TESTS_SIMULATE_HEALTHY_WORLD_H_
#define SLUICE_TESTS_SIMULATE_HEALTHY_WORLD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What became of an artifact in a stage.
struct StageStory {
  absl::optional<absl::Time> first_cell;
  absl::optional<absl::Time> last_cell;
  absl::optional<absl::Time> complete;
  absl::optional<absl::Time> passed;
};

// A host that asks again and again, in a world that follows docs/eta.md as literally as possible:
// at each look every report is made anew. It handles the kinds of signals that the examples and the
// scenarios have.
class HealthyWorld {
 public:
  HealthyWorld(const v1::PipelinePolicy& policy, const v1::PipelineState& state,
               const v1::OrganisationFacts* organisation,
               const std::vector<v1::KnownBadList>& lists, absl::Time begin);

  // Looks every `step` from the newest look on, the first time at the beginning, until `end`.
  void Run(absl::Duration step, absl::Time end);

  StageStory StoryOf(const std::string& stage, const std::string& artifact) const;
  const v1::PipelineState& state() const { return state_; }

 private:
  void Look(absl::Time t);
  void Report(absl::Time t);
  void ReportAlarm(const v1::MetricAlarm& alarm, const std::string& cell, const std::string& region,
                   absl::Time t);
  void ReportSeries(const std::string& id, const std::string& cell, const std::string& region,
                    double threshold, absl::Time t);
  void ReportCounts(const std::string& id, const v1::Stage& stage, absl::Time t);
  void ReportRuns(const v1::SyntheticTraffic& traffic, const std::string& stage, absl::Time t);
  void EndDeployments(absl::Time t);
  bool Answer(const v1::PipelineDecision& decision, absl::Time t);
  bool Do(const v1::PipelineDecision& decision, absl::Time t);
  bool DoOne(const std::string& id, v1::Event event, absl::Time t);
  template <typename Function>
  auto WithSnapshot(const Function& function) const;

  const Policy policy_;
  const v1::PipelinePolicy rules_;
  v1::PipelineState state_;
  absl::optional<v1::OrganisationFacts> organisation_;
  std::vector<v1::KnownBadList> lists_;
  const absl::Time begin_;
  absl::Time next_look_;
  std::map<std::string, absl::Duration> deployment_times_;  // By stage.
  std::map<std::string, std::vector<int64_t>> rates_;       // By counts, stage and cell.
  std::map<std::string, int64_t> told_;                     // Periods of a cell made up.
  int number_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_TESTS_SIMULATE_HEALTHY_WORLD_H_
