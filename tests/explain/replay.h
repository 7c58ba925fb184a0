#ifndef SLUICE_TESTS_EXPLAIN_REPLAY_H_
#define SLUICE_TESTS_EXPLAIN_REPLAY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/explain/change.h"
#include "sluice/explain/held_artifact.h"
#include "sluice/policy.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// Whether the artifact moves once the changes at these places of `changes` are made in `inputs`: by
// Apply, ApplyEdit and Policy::Decide alone, as the page on explanations says that a host would do
// it. False too if one of them can't be made.
bool MovesWith(const Policy& policy, const v1::Inputs& inputs, absl::Time now,
               const HeldArtifact& held, const std::vector<Change>& changes,
               const std::vector<size_t>& places);

// What is wrong with a set of changes: it does not move the artifact, or a proper part of it does.
// Empty: nothing. Tries all parts of sets of at most six changes, else those that lack one.
std::string FaultOfSet(const Policy& policy, const v1::Inputs& inputs, absl::Time now,
                       const HeldArtifact& held, const ChangeSet& set);

}  // namespace sluice

#endif  // SLUICE_TESTS_EXPLAIN_REPLAY_H_
