#ifndef SLUICE_EXPLAIN_HELD_ARTIFACT_H_
#define SLUICE_EXPLAIN_HELD_ARTIFACT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/decision.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"

namespace sluice {

// What it means that an artifact moves.
enum class Move : uint8_t {
  // The stage's decision is a DEPLOY or READY of it (in a stage that deploys nothing: of its entry)
  // or, of a running rollout that has nothing left to deploy, wants it recorded as COMPLETE.
  kForward = 0,
  // The decision is READY now, and becomes a DEPLOY.
  kStart,
  // The decision wants it recorded as PASSED.
  kPass,
};

// An artifact that does not move in a stage.
struct HeldArtifact {
  std::string stage;
  // Its digest; empty: the stage can't even tell which artifact is next, as the state can't be
  // used, or the policy no longer has the stage.
  std::string artifact;
  Move move = Move::kForward;
};

// Which artifacts `decision` (of `policy` over `snapshot`) holds, in the order of its stages. Of
// one stage: the artifact of its running rollout, of its candidate, or the newest one that was
// passed over for something that can end; then a candidate that waits for a held rollout; then the
// artifact whose pass is held. None of a stage that deploys, is idle, or is being rolled back.
std::vector<HeldArtifact> FindHeld(const Policy& policy, const Snapshot& snapshot,
                                   const Decision& decision);

// Whether `decision` lets it move.
bool Moves(const HeldArtifact& held, const Decision& decision);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_HELD_ARTIFACT_H_
