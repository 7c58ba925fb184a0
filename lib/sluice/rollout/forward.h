#ifndef SLUICE_ROLLOUT_FORWARD_H_
#define SLUICE_ROLLOUT_FORWARD_H_

#include <vector>

#include "sluice/decision.h"
#include "sluice/facts.h"
#include "sluice/rollout/plan.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// What may move forward with one artifact [R8].
struct Forward {
  std::vector<CellAction> deploy;  // The NEXT cells that nothing holds and that fit.
  bool held = false;               // A leaf that holds applies to a NEXT cell.
  bool has_next = false;           // There are NEXT cells.
  bool stalled = false;            // A NEXT cell is taken by a deployment past its deadline.
  bool needs_start = false;        // A person has to start it [S4].
};

// Judges every blocker of the pipeline, the stage and the plan's waves for `artifact` and finds the
// cells that may be deployed next. `unproven` is parallel to context.cells. Adds the findings.
Forward JudgeForward(const StageContext& context, const ArtifactFacts& artifact, const Plan& plan,
                     const std::vector<bool>& unproven);

// The same for entering a stage that deploys nothing.
Forward JudgeEntry(const StageContext& context, const ArtifactFacts& artifact);

// Judges the blockers without a subject, so that each is reported.
void JudgeWithoutSubject(const StageContext& context);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_FORWARD_H_
