#ifndef SLUICE_EXPLAIN_LIST_REMEDIES_H_
#define SLUICE_EXPLAIN_LIST_REMEDIES_H_

#include "sluice/blockers/known_bad_artifact.h"
#include "sluice/explain/remedy.h"
#include "sluice/finding.h"

// What the publishers of known-bad lists say.
namespace sluice {

// Adds, of a match or a version that can't be compared, that each entry behind it is withdrawn;
// else, of each list that the blocker names, that a newer copy of it is passed: verified then, with
// as many entries as are asked for, and of the highest epoch seen.
void AddKnownBadRemedies(const RemedyContext& context, const KnownBadArtifact& known_bad,
                         const Finding& finding, Remedies* remedies);

// A message that says about the state's artifacts what `list` does now, as that of a list in its
// own form is not known: its header, the entries that concern them, and others to make up the
// number, `most` at most.
v1::KnownBadList StandInFor(const KnownBadList& list, const v1::PipelineState& state,
                            absl::Time now, uint64_t most);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_LIST_REMEDIES_H_
