#ifndef SLUICE_EXPLAIN_EVIDENCE_REMEDIES_H_
#define SLUICE_EXPLAIN_EVIDENCE_REMEDIES_H_

#include "sluice/blockers/check.h"
#include "sluice/blockers/environment_parity.h"
#include "sluice/blockers/synthetic_traffic.h"
#include "sluice/blockers/traffic_isolation.h"
#include "sluice/explain/remedy.h"
#include "sluice/finding.h"

// What is reported about an artifact, a stage or its surroundings.
namespace sluice {

// Adds that the check passes, its numbers within bounds, as often as `finding` says it has to.
void AddCheckRemedies(const RemedyContext& context, const CheckRequirement& check,
                      const Finding& finding, Remedies* remedies);

// Adds that the check passes in the cell.
void AddHygieneRemedies(const RemedyContext& context, absl::string_view check,
                        absl::string_view cell, Remedies* remedies);

// Adds, of each API, that its synthetic traffic goes on without failures and without gaps, and the
// instant from which that is enough.
void AddSyntheticRemedies(const RemedyContext& context, const SyntheticTraffic& traffic,
                          Remedies* remedies);

// Adds, of each stage, that its environment is reported to be as the others' are.
void AddParityRemedies(const RemedyContext& context, const EnvironmentParity& parity,
                       Remedies* remedies);

// Adds that a sample shows traffic of the listed principals alone.
void AddIsolationRemedies(const RemedyContext& context, const TrafficIsolation& isolation,
                          Remedies* remedies);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_EVIDENCE_REMEDIES_H_
