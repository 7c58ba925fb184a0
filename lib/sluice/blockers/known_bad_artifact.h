#ifndef SLUICE_BLOCKERS_KNOWN_BAD_ARTIFACT_H_
#define SLUICE_BLOCKERS_KNOWN_BAD_ARTIFACT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Holds an artifact that a known-bad list names [K1]-[K5].
struct KnownBadArtifact {
  std::vector<std::string> lists;  // Sorted.
  absl::Duration max_age;
  uint64_t min_entries = 0;
  bool roll_back_on_match = false;  // on_match_in_flight is ROLL_BACK.
  bool components_required = true;
};

// Adds every fault to `errors`; the result is used only if there are none.
KnownBadArtifact ParseKnownBadArtifact(const v1::KnownBad& proto, const FieldPath& path,
                                       FieldErrors& errors);

// The first that applies:
//   INVALID of the artifact's record; BLOCKING: WITHDRAWN, or KNOWN_BAD_MATCH for a positive match
//   in any list, however old or short that is; INVALID (INVALID_DATA) if a list is damaged where it
//   was read; INVALID (FROM_THE_FUTURE) while a list was verified later than now; UNKNOWN:
//   LIST_ABSENT, LIST_WENT_BACK, LIST_TOO_SHORT, STALE, COMPONENTS_UNKNOWN, VERSION_UNKNOWN; CLEAR.
// BLOCKING exactly for a positive match; the evidence then names the advisories.
Judgement Check(const KnownBadArtifact& blocker, const Subject& subject, absl::Time now);

// Whether every list that positively matches the subject at `now` may be overridden; false for a
// withdrawn artifact, an invalid one, or none.
bool MatchIsOverridable(const KnownBadArtifact& blocker, const Subject& subject, absl::Time now);

// The first instant after `now` at which MatchIsOverridable differs, which may be one at which
// Check does not; InfiniteFuture: never.
absl::Time MatchIsOverridableChangesAt(const KnownBadArtifact& blocker, const Subject& subject,
                                       absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_KNOWN_BAD_ARTIFACT_H_
