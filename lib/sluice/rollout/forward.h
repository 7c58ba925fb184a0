#ifndef SLUICE_ROLLOUT_FORWARD_H_
#define SLUICE_ROLLOUT_FORWARD_H_

#include <cstdint>
#include <vector>

#include "sluice/decision.h"
#include "sluice/facts.h"
#include "sluice/rollout/plan.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// What may move forward with one artifact [R8].
struct Forward {
  std::vector<CellAction> deploy;               // The NEXT cells that nothing holds and that fit.
  std::vector<absl::string_view> without_room;  // The NEXT cells that nothing holds and that don't.
  uint64_t newly_unproven = 0;                  // Weight of the cells that `deploy` makes unproven.
  bool held = false;                            // A leaf that holds applies to a NEXT cell.
  bool has_next = false;                        // There are NEXT cells.
  bool stalled = false;      // A NEXT cell is taken by a deployment past its deadline.
  bool needs_start = false;  // A person has to start it [S4].
};

// Judges every blocker of the pipeline, the stage and the plan's waves for `artifact` and finds the
// cells that may be deployed next. `unproven` is parallel to context.cells. `unseen`: of an earlier
// wave it can't be seen whether it fails, which holds the next. Adds the findings.
Forward JudgeForward(const StageContext& context, const ArtifactFacts& artifact, const Plan& plan,
                     const std::vector<bool>& unproven, bool unseen);

// The same for entering a stage that deploys nothing.
Forward JudgeEntry(const StageContext& context, const ArtifactFacts& artifact);

// Judges the pipeline's and the stage's blockers where nothing moves forward, so that each is
// reported. A null `subject`: there is none (NO_SUBJECT).
void JudgeStageBlockers(const StageContext& context, const ArtifactFacts* subject);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_FORWARD_H_
