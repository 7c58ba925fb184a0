#ifndef SLUICE_ROLLOUT_HEALTH_H_
#define SLUICE_ROLLOUT_HEALTH_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/rollout/deployed_cell.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// What a trigger is about: one cell, a wave, or everything in the alarm's scope [R6a].
enum class TriggerBreadth : uint8_t { kCell, kWave, kWide };

// Strict evidence that an artifact fails, not kept by an override.
struct Trigger {
  TriggerBreadth breadth = TriggerBreadth::kCell;
  absl::string_view cell;  // Where it was seen; of kWave: empty.
  absl::string_view wave;
  absl::string_view region;  // Of kWide: set if the alarm is of one region.
};

// What the health of a cell or a wave is looked at for. A trigger counts in each of them.
enum class LookedAtFor : uint8_t {
  kProof,       // It is not proven: whatever is not CLEAR holds.
  kLaterWaves,  // It is proven and its rollout RUNNING: what can no longer be seen holds [R8].
  kRollBack,    // Its rollout is no longer RUNNING: what is not a trigger has no effect.
};

// What the leaves of one deployed cell add up to.
struct CellHealth {
  bool shows_proof = false;      // Everything [R3] asks for is there.
  bool deadline_passed = false;  // One of the deadlines of [R4] or [C2].
  bool needs_person = false;     // Its deployment failed or was abandoned.
  bool unseen = false;           // Whether it fails can't be seen: reports that are missing,
                                 // stale or unreadable.
};

// Judges one deployed cell: deployment, hygiene, watched alarms, criteria and, for proof, bake and
// deadlines. Adds the findings to the context and the triggers to `triggers`.
CellHealth JudgeCell(const StageContext& context, const DeployedCell& cell,
                     const ArtifactFacts& artifact, LookedAtFor looked_at_for,
                     std::vector<Trigger>* triggers);

// What the wave as a whole shows.
struct WaveHealth {
  bool all_clear = false;        // Every criterion, over all cells of the wave.
  bool deadline_passed = false;  // Its cells are proven, and it is not in time.
  bool unseen = false;           // As of a cell.
};

// Judges the criteria of one wave of `cell_count` cells over those deployed and, for proof, its
// deadline.
WaveHealth JudgeWave(const StageContext& context, absl::string_view wave,
                     const std::vector<DeployedCell>& cells, size_t cell_count,
                     const ArtifactFacts& artifact, LookedAtFor looked_at_for,
                     std::vector<Trigger>* triggers);

// The finding of a deployment's end or deadline [R4].
Finding DeploymentFinding(const StageContext& context, const CellView& view,
                          const DeploymentFacts& deployment);

// What has become of a roll back's own deployment.
enum class RollBackStep : uint8_t { kUnderWay, kAwaitsHygiene, kStalled, kFailed, kDone };

// Judges the newest deployment of a cell, which is a ROLL_BACK, by its end and its hygiene. Adds
// the findings.
RollBackStep JudgeRollBack(const StageContext& context, const CellView& view);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_HEALTH_H_
