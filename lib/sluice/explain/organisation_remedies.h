#ifndef SLUICE_EXPLAIN_ORGANISATION_REMEDIES_H_
#define SLUICE_EXPLAIN_ORGANISATION_REMEDIES_H_

#include "absl/strings/string_view.h"
#include "sluice/blockers/time_window.h"
#include "sluice/explain/remedy.h"

// What the organisation's facts and the publishers of known-bad lists say.
namespace sluice {

// Adds to `edits` what makes facts of the organisation usable at `at` at all: they are there,
// observed then, and have not gone back.
void FreshenOrganisation(const Situation& base, absl::Time at, std::vector<v1::Edit>* edits);

// Adds that the newest of the organisation's facts say that there is no emergency stop.
void AddEmergencyStopRemedies(const RemedyContext& context, Remedies* remedies);

// Adds that the organisation's hold with this id is released, if it is one.
void AddOrganisationHoldRemedies(const RemedyContext& context, absl::string_view id,
                                 Remedies* remedies);

// Adds, of each calendar that the window reads, that it is observed then; of one that is absent,
// that it has the instant of the decision, or of one that denies, nothing.
void AddCalendarRemedies(const RemedyContext& context, const TimeWindow& window,
                         Remedies* remedies);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_ORGANISATION_REMEDIES_H_
