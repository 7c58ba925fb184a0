#ifndef SLUICE_TESTS_ROLLOUT_CHECKER_H_
#define SLUICE_TESTS_ROLLOUT_CHECKER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What a host had before it when an action was admitted.
struct Seen {
  const v1::PipelinePolicy& policy;
  const v1::PipelineState& state;
  const v1::OrganisationFacts& facts;
  const v1::KnownBadList& list;
  absl::Time now;
};

// Holds whole rollouts against what must be true of every one, from the messages and from its own
// memory of the events; it shares no code with what decides.
class Checker {
 public:
  // An action of this stage's decision was admitted.
  void Admitted(const Seen& seen, const v1::StageDecision& stage, const v1::CellAction& action);
  // The event changed the state, which is now `state`.
  void Applied(const v1::Event& event, const v1::PipelineState& state);
  // What every state must be.
  void State(const v1::PipelineState& state);

  // Whether an artifact was rolled back in the stage or an earlier one, and not released.
  bool IsLatched(const v1::PipelinePolicy& policy, absl::string_view stage,
                 const std::string& artifact) const;

  const std::vector<std::string>& failures() const { return failures_; }
  // How often each kind of thing was seen, so that a test can tell that it saw any.
  const std::map<std::string, int>& seen() const { return seen_; }

 private:
  using StageArtifact = std::pair<std::string, std::string>;
  struct CellLoad {
    v1::Cell cell;
    uint64_t weight = 0;
    bool unproven = false;
  };
  struct StageLoad {
    std::map<std::string, CellLoad> cells;  // By id.
    uint32_t under_way = 0;
  };

  void Fail(absl::string_view law, const std::string& what);
  void Forward(const Seen& seen, const v1::StageDecision& stage, const v1::CellAction& action);
  void Blockers(const Seen& seen, const v1::Stage& rule, const v1::CellAction& action);
  void Stops(const Seen& seen, const v1::Stage& rule, const v1::CellAction& action);
  void Order(const Seen& seen, const v1::Stage& rule, const v1::CellAction& action);
  StageLoad LoadOf(const Seen& seen, const v1::Stage& rule,
                   const std::map<std::string, uint64_t>& planned);
  void Under(const std::string& cap_name, uint32_t cap, const std::vector<CellLoad>& cells,
             const v1::CellAction& action);
  void Radius(const Seen& seen, const v1::Stage& rule, const v1::StageDecision& stage,
              const v1::CellAction& action);
  void RollBack(const Seen& seen, const v1::StageDecision& stage, const v1::CellAction& action);
  void Signal(const std::string& id, absl::Time at);
  bool HasEvidence(const Seen& seen, const v1::Stage& rule, const v1::Rollout& rollout);

  std::vector<std::string> failures_;
  std::map<std::string, int> seen_;
  std::set<std::string> started_;                     // Action ids.
  std::map<std::string, StageArtifact> artifact_of_;  // By action id.
  std::set<StageArtifact> latched_;
  std::set<std::string> withdrawn_;
  std::set<std::string> proven_;    // "stage cell artifact".
  std::set<StageArtifact> failed_;  // Evidence.
  std::set<StageArtifact> requested_;
  std::map<std::string, absl::Time> last_signal_;  // By alarm, series or counts and stage.
};

}  // namespace sluice

#endif  // SLUICE_TESTS_ROLLOUT_CHECKER_H_
