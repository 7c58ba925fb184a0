#ifndef SLUICE_ROLLOUT_CANDIDATES_H_
#define SLUICE_ROLLOUT_CANDIDATES_H_

#include <cstdint>

#include "sluice/facts.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// The artifact's place in the build order. One whose sequence can't be read is taken for the
// newest, so that it is neither skipped in favour of an older one nor overtaken by one [I2].
uint64_t SequenceOf(const ArtifactFacts& artifact);

// The artifact that may move into the stage next [S2], or null. `above`: its sequence must be
// higher than this as well. Adds the known-bad findings it looked at, and what it passed over.
const ArtifactFacts* ChooseCandidate(const StageContext& context, uint64_t above);

// The highest sequence in the stage: of what its cells are on or receiving (where that is latched,
// were on before), or of what entered it, latched artifacts aside. Zero: none.
uint64_t HighestSequence(const StageContext& context);

// The stage's current artifact: what new and lagging cells are offered [S2]; null: none. Adds the
// known-bad findings it looked at.
const ArtifactFacts* CurrentArtifact(const StageContext& context);

// Whether the artifact has an unrevoked pass of the stage with this id.
bool HasPassed(const SnapshotData& snapshot, absl::string_view stage, absl::string_view artifact);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_CANDIDATES_H_
