#ifndef SLUICE_EXPLAIN_ROLLOUT_REMEDIES_H_
#define SLUICE_EXPLAIN_ROLLOUT_REMEDIES_H_

#include "absl/strings/string_view.h"
#include "sluice/explain/remedy.h"
#include "sluice/finding.h"
#include "sluice/policy_data.h"

// What proves a cell and what makes room for another.
namespace sluice {

// Adds that the cell's deployment ends with success.
void AddDeploymentRemedies(const RemedyContext& context, absl::string_view cell,
                           Remedies* remedies);

// Adds what makes the watched alarm OK for the cell.
void AddWatchRemedies(const RemedyContext& context, const WatchedAlarm& watched,
                      absl::string_view cell, Remedies* remedies);

// Adds what clears the criterion for the finding's cell, or its wave.
void AddCriterionRemedies(const RemedyContext& context, const HealthCriterion& criterion,
                          const Finding& finding, Remedies* remedies);

// Adds what ends the bake of the finding's cell.
void AddBakeRemedies(const RemedyContext& context, const Finding& finding, Remedies* remedies);

// Adds what frees room: that deployments end, and that unproven cells are accepted.
void AddRoomRemedies(const RemedyContext& context, Remedies* remedies);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_ROLLOUT_REMEDIES_H_
