#ifndef SLUICE_SIMULATE_WAITING_H_
#define SLUICE_SIMULATE_WAITING_H_

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/decision.h"
#include "sluice/finding.h"
#include "sluice/simulate/policy_leaves.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What an artifact waits for in a stage.
struct WaitingFor {
  std::string stage;
  std::string wave;  // Of what judges deployed cells: their wave. Else empty.
  // Of the finding; empty: no finding, the artifact is passed over for `reason` or, without one,
  // the stage has no room for it.
  std::string id;
  Reason reason = v1::REASON_UNSPECIFIED;

  friend bool operator==(const WaitingFor& a, const WaitingFor& b) {
    return std::tie(a.id, a.stage, a.wave, a.reason) == std::tie(b.id, b.stage, b.wave, b.reason);
  }
  friend bool operator<(const WaitingFor& a, const WaitingFor& b) {
    return std::tie(a.id, a.stage, a.wave, a.reason) < std::tie(b.id, b.stage, b.wave, b.reason);
  }
};

// The rollout of the stage that is RUNNING or ROLLING_BACK, or null.
const v1::Rollout* ActiveRollout(const v1::StageRecord* record);

// The record of a stage, or null.
const v1::StageRecord* RecordOf(const v1::PipelineState& state, absl::string_view stage);

// What `artifact` waits for in the stage of a decision about `state`, sorted, each once:
// - while cells of its rollout are next, or the first cells of a new one: the findings that hold
//   these;
// - else, what the deployed cells have not shown yet or, after the last of them, the pass criteria;
// - where another artifact is in the way, what that one waits for.
std::vector<WaitingFor> WaitsFor(const StageDecision& stage, absl::string_view artifact,
                                 const v1::PipelineState& state, const PolicyLeaves& leaves);

}  // namespace sluice

#endif  // SLUICE_SIMULATE_WAITING_H_
