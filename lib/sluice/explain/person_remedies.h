#ifndef SLUICE_EXPLAIN_PERSON_REMEDIES_H_
#define SLUICE_EXPLAIN_PERSON_REMEDIES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/blockers/approval.h"
#include "sluice/explain/remedy.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"

// What people do. They are invented, but for what they may do.
namespace sluice {

// Adds that as many more people approve as are missing.
void AddApprovalRemedies(const RemedyContext& context, const Approval& approval,
                         const Finding& finding, Remedies* remedies);

// Adds that as many more people override the blocker as `finding` still needs; nothing where no
// override would lift it. Of a known-bad match that rolls back they keep the artifact despite it
// [K5].
void AddOverrideRemedies(const RemedyContext& context, const Blocker& blocker,
                         const Finding& finding, Remedies* remedies);

// Adds that as many more people as `finding` still needs keep the artifact despite a trigger [O6].
void AddKeepRemedies(const RemedyContext& context, const Finding& finding, Remedies* remedies);

// Adds that the pipeline's hold with this id is released, if it is one.
void AddHoldRemedies(const RemedyContext& context, absl::string_view id, Remedies* remedies);

// Adds that a person accepts the cell as it is [R4].
void AddAcceptRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies);

// Adds that a person asks for the cell's deployment again [R9].
void AddRetryRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies);

// Adds that a person records what runs on a new cell: the newest artifact before the held one [S7].
void AddAdoptRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies);

// Adds that a person retires the cell, or says that it is there.
void AddRetireRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies);
void AddPresenceRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies);

// Adds that the held artifact's latches are released, in its stage and each earlier one.
void AddLatchRemedies(const RemedyContext& context, Remedies* remedies);

// Adds that a person asks for an artifact again whose rollout has ended [S2].
void AddRetryOfArtifact(const RemedyContext& context, Remedies* remedies);

// Adds that a person starts the held artifact, in the wave or as a whole [S4].
void AddStartRemedies(const RemedyContext& context, absl::string_view wave, Remedies* remedies);

// Adds that a person lets the held artifact end the running rollout, or abandons that [S3].
void AddPreemptRemedies(const RemedyContext& context, Remedies* remedies);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_PERSON_REMEDIES_H_
