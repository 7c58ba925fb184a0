// [R1] to [R6] What each cell of a stage is on, what it has shown, and what it says of a rollout.
#ifndef TESTS_REFERENCE_CELLS_H_
#define TESTS_REFERENCE_CELLS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/reference/facts.h"
#include "tests/reference/health.h"

namespace sluice {
namespace reference {

// One finding, and which forward deployments it may hold.
struct Leaf {
  v1::Finding finding;
  // False: it is about what has been deployed, and holds later waves alone [R8].
  bool forward = true;
  // Not empty: of the cells that its key contains, only these.
  std::vector<std::string> only_cells;
};

Leaf MakeLeaf(const std::string& id, absl::string_view artifact, absl::string_view wave,
              absl::string_view cell, const Judgement& judgement, v1::Effect effect);

// The stage's cells that are not retired, sorted.
std::vector<std::string> ActiveCells(const Facts& facts, absl::string_view stage);
// The cell's deployment with the highest number; null: none ever.
const v1::Deployment* Newest(const Facts& facts, absl::string_view stage, absl::string_view cell);
bool IsUnderWay(const v1::Deployment& deployment);
// By record, by a person's acceptance, or adopted.
bool IsProven(const v1::Deployment& deployment);
// [R2]
bool IsUnproven(const Facts& facts, const v1::Stage& stage, absl::string_view cell);
// [R6b] [S1] Here or in an earlier stage, not released.
bool IsLatched(const Facts& facts, absl::string_view stage, absl::string_view artifact);

// [C2] Of a deployment that succeeded. CLEAR where the stage has no hygiene.
Judgement JudgeHygiene(const Facts& facts, const v1::Stage& stage, const v1::Deployment& deployment,
                       const std::string& check);
// Every check of it.
Judgement JudgeAllHygiene(const Facts& facts, const v1::Stage& stage,
                          const v1::Deployment& deployment);

// The bake of a cell in a wave of a plan, by the policy as it is now [S6].
v1::Bake BakeOf(const v1::Stage& stage, absl::string_view wave);

// Why cells are to be rolled back [R6].
struct Trigger {
  std::string id;
  std::vector<std::string> cells;  // Those it is about [R6a].
  bool kept = false;               // [O6]
};

// [R8] A leaf of health by which a failure would not be seen. A person who accepted what it is
// about answers for reports that are missing or old, not for records that can't be read.
bool IsUnseen(const Judgement& judgement, bool accepted);

// What a deployed cell says of the rollout that deployed it.
struct CellAnswer {
  std::vector<Leaf> leaves;
  std::vector<Trigger> triggers;              // `cells` is empty for alarms of wider scope.
  std::vector<v1::WatchedAlarm::Each> reach;  // One each: CELL but for those.
  bool provable = false;                      // Everything is there for CELL_PROVEN [R3].
  bool deadline_passed = false;               // [R4]
  bool needs_a_person = false;                // A deployment that FAILED or was ABANDONED [R8].
  bool unseen = false;                        // Of a rollout that runs: any leaf is.
};
// `deployment` is the cell's newest, FORWARD, of a rollout that runs or is watched.
CellAnswer AskCell(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                   const std::string& wave, const v1::Deployment& deployment);

// Where the counts of a deployment that succeeded begin [R3].
Baked StartOf(const Facts& facts, const v1::Stage& stage, const v1::Deployment& deployment);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_CELLS_H_
