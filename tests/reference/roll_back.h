// [R6] to [R7] What has failed, which cells go back, and to what.
#ifndef TESTS_REFERENCE_ROLL_BACK_H_
#define TESTS_REFERENCE_ROLL_BACK_H_

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
};
RolloutAnswer AskRollout(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout);

// [R3a] Its cells' records say so and, where it has criteria of its own, its own record.
bool IsWaveProven(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                  const v1::PlannedCells& wave);
// The cell's newest forward deployment of the rollout; null: none.
const v1::Deployment* DeploymentOf(const Facts& facts, absl::string_view stage,
                                   const v1::Rollout& rollout, absl::string_view cell);

struct RollBackAnswer {
  const v1::Rollout* rollout = nullptr;  // Null: nothing is rolled back.
  std::vector<std::string> cells;        // All of them, done or not, sorted.
  std::vector<v1::CellAction> steps;
  std::vector<v1::PassedOver> passed_over;  // Targets that were refused.
  std::vector<std::string> targets;         // All that were looked at.
  std::vector<Leaf> leaves;
  bool all_done = false;
  bool moves = false;                // Something is under way or waited for.
  bool late = false;                 // A deadline has passed.
  bool held = false;                 // ROLL_BACK_HOLD.
  bool kept = false;                 // A step is prevented by keep_despite.
  v1::Reason stuck = v1::ALL_CLEAR;  // NO_SAFE_TARGET, ROLL_BACK_FAILED, or an INVALID cell's.
};
// One rollout's, given what it said of itself.
RollBackAnswer AskRollBack(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                           const std::vector<Trigger>& triggers);

// The requests and holds about roll back of the stage.
std::vector<Leaf> RequestLeaves(const Facts& facts, const v1::Stage& stage);
bool IsRollBackHeld(const Facts& facts, const v1::Stage& stage);

// [R7] A standing request that waits for the gap.
bool WaitsForGap(const Facts& facts, const v1::Stage& stage, const v1::RollBackRequest& request);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_ROLL_BACK_H_
