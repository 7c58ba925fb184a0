#ifndef SLUICE_EXPLAIN_SMALLEST_CHANGES_H_
#define SLUICE_EXPLAIN_SMALLEST_CHANGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/explain/change.h"
#include "sluice/explain/held_artifact.h"
#include "sluice/explain/situation.h"

namespace sluice {

// How far SmallestChanges looks.
struct SearchLimits {
  int decisions = 1000;  // Made at most, on top of those that the first set found takes.
  // The same for the state's records, deployments included, that are copied for these decisions; at
  // least 20 decisions are made all the same.
  int64_t records = 200'000;
  int sets = 10;  // Reported at most.
  int size = 24;  // Changes of one set at most.
};

// What would let an artifact move.
struct SmallestChangesResult {
  // Sorted by size, then by the kinds of their changes, then by their sentences. With an empty set
  // alone: nothing has to change but what the decision wants recorded.
  std::vector<ChangeSet> sets;
  // Whether there may be more sets than these.
  bool has_more = false;
  // What no change that was thought of ends, in sentences: a record that has to be mended, an
  // artifact that was withdrawn. Without any set, this says why, unless the search ended early.
  std::vector<std::string> without_remedy;
  int decisions = 0;  // Made.
};

// The smallest sets of changes with which `held` (of FindHeld) moves:
//
//   const std::vector<HeldArtifact> held = FindHeld(*policy, snapshot, decision);
//   const SmallestChangesResult result = SmallestChanges(situation, held[0]);
//   for (const ChangeSet& set : result.sets) { ... }
//
// Each set was verified: with its changes made, in their order, and with the records written that
// the decision wants in the stage (a cell is proven, a rollout complete, ...), as a host would,
// `Policy::Decide` lets the artifact move. With no proper subset of them it does; of a set of more
// than six changes only the subsets that lack a single one were tried. Where the decision is made
// later, everything else is as reported then, so that what would be stale by then has to be
// reported again.
//
// Changes are proposed for each finding that holds, by its blocker and its reason; what else might
// help is not thought of. Sets that hit every finding once are looked for first, in the order of
// their size.
//
// Pure and deterministic. Cost: that of the decisions, with a copy of the state each.
SmallestChangesResult SmallestChanges(const Situation& situation, const HeldArtifact& held,
                                      const SearchLimits& limits = {});

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_SMALLEST_CHANGES_H_
