#ifndef SLUICE_BLOCKERS_APPROVAL_H_
#define SLUICE_BLOCKERS_APPROVAL_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Holds until enough people approved the artifact for the stage [P1].
struct Approval {
  std::string id;                                     // Of the blocker; set by the caller of Parse.
  int quorum = 0;                                     // Distinct principals, 1 to kMaxQuorum.
  std::vector<std::string> roles;                     // Sorted.
  absl::Duration max_age = absl::InfiniteDuration();  // Infinite: no limit.
  bool bind_policy = false;
  bool author_may = false;
};

// Adds every fault to `errors`; the result is used only if there are none.
Approval ParseApproval(const v1::ApprovalRequirement& proto, const FieldPath& path,
                       FieldErrors& errors);

// CLEAR with approvals of enough distinct principals in force, else UNKNOWN (APPROVALS_MISSING);
// UNKNOWN (AUTHOR_UNKNOWN) where authors may not approve and none is recorded. An approval that
// can't be used, is by somebody without the role, or is not in force yet counts for nothing. n log
// n in the approvals of this artifact, stage and blocker.
Judgement Check(const Approval& blocker, const Subject& subject, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_APPROVAL_H_
