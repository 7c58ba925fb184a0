// [R6] to [R7] What has failed, which cells go back, and to what.
#ifndef TESTS_REFERENCE_ROLL_BACK_H_
#define TESTS_REFERENCE_ROLL_BACK_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/reference/cells.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

// What a rollout's deployed cells and waves say of it.
struct RolloutAnswer {
  std::vector<Leaf> leaves;
  std::vector<Trigger> triggers;
  std::vector<std::pair<std::string, std::string>> provable;  // Wave and cell.
  std::vector<std::string> provable_waves;
  bool deadline_passed = false;
  bool needs_a_person = false;
  bool unseen = false;  // [R8] In a wave before the first that is not proven.
};
RolloutAnswer AskRollout(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout);

// [R3a] Its cells' records say so and, where it has criteria of its own, its own record.
bool IsWaveProven(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                  const v1::PlannedCells& wave);
// The cell's newest deployment, if it is a forward one of the rollout; else null.
const v1::Deployment* DeploymentOf(const Facts& facts, absl::string_view stage,
                                   const v1::Rollout& rollout, absl::string_view cell);

// A rollout, and the cells that something asks to have rolled back from what it brought.
struct RollBackCause {
  const v1::Rollout* rollout = nullptr;
  std::set<std::string> cells;
};
// [R6a] What the triggers that nobody keeps concern.
std::set<std::string> CellsOf(const Facts& facts, const v1::Stage& stage,
                              const v1::Rollout& rollout, const std::vector<Trigger>& triggers);
// [R4] What people ask for now, in the order of the requests' ids.
std::vector<RollBackCause> Requests(const Facts& facts, const v1::Stage& stage);

struct RollBackAnswer {
  const v1::Rollout* rollout = nullptr;  // Null: nothing is rolled back.
  std::vector<std::string> cells;        // All of them, done or not, sorted.
  std::vector<v1::CellAction> steps;
  std::vector<v1::PassedOver> passed_over;  // Targets that were refused.
  std::vector<std::string> targets;         // Those that known-bad lists were asked about.
  std::vector<Leaf> leaves;
  bool all_done = false;
  bool moves = false;                // Something is under way or waits for its turn.
  bool held = false;                 // By a ROLL_BACK_HOLD, an INVALID or a stalled cell.
  v1::Reason stuck = v1::ALL_CLEAR;  // NO_SAFE_TARGET or ROLL_BACK_FAILED.
};
// Of the cells, and of those that the rollout recorded.
RollBackAnswer AskRollBack(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                           const std::set<std::string>& concerned);

// What a roll back's own deployment says.
std::vector<Leaf> RollBackLeaves(const Facts& facts, const v1::Stage& stage,
                                 const v1::Deployment& deployment);

// The requests for roll back of the stage.
std::vector<Leaf> RequestLeaves(const Facts& facts, const v1::Stage& stage);
// The holds on roll back; of interest while there is something to roll back.
std::vector<Leaf> BrakeLeaves(const Facts& facts, const v1::Stage& stage);
bool IsRollBackHeld(const Facts& facts, const v1::Stage& stage);

// [R7] A roll back that a person asked for began less than the gap ago.
bool WaitsForGap(const Facts& facts, const v1::Stage& stage);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_ROLL_BACK_H_
