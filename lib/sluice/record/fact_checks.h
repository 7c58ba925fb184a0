#ifndef SLUICE_RECORD_FACT_CHECKS_H_
#define SLUICE_RECORD_FACT_CHECKS_H_

#include "sluice/internal/field_errors.h"
#include "sluice/v1/artifact.pb.h"
#include "sluice/v1/state.pb.h"

// What makes a fact unusable by itself, field by field: the same whether it stands in a state or
// arrives in an event. Unknown fields are for the caller to find.
namespace sluice {

void CheckArtifact(const FieldPath& path, const v1::Artifact& artifact, FieldErrors& errors);
void CheckCell(const FieldPath& path, const v1::Cell& cell, FieldErrors& errors);
void CheckRun(const FieldPath& path, const v1::Check& check, FieldErrors& errors);
void CheckAlarmReport(const FieldPath& path, const v1::AlarmReport& alarm, FieldErrors& errors);
void CheckSeries(const FieldPath& path, const v1::Series& series, FieldErrors& errors);
void CheckCellCounts(const FieldPath& path, const v1::CellCounts& counts, FieldErrors& errors);
void CheckBaseline(const FieldPath& path, const v1::Baseline& baseline, FieldErrors& errors);
void CheckMeasurement(const FieldPath& path, const v1::Measurement& measurement,
                      FieldErrors& errors);
void CheckApproval(const FieldPath& path, const v1::Approval& approval, FieldErrors& errors);
void CheckOverride(const FieldPath& path, const v1::Override& override, FieldErrors& errors);
// Of a pipeline's state: the scope ORGANISATION is a fault.
void CheckHold(const FieldPath& path, const v1::Hold& hold, FieldErrors& errors);
void CheckRollBackHold(const FieldPath& path, const v1::RollBackHold& hold, FieldErrors& errors);
void CheckWithdrawal(const FieldPath& path, const v1::Withdrawal& withdrawal, FieldErrors& errors);
void CheckListSeen(const FieldPath& path, const v1::ListSeen& list, FieldErrors& errors);
void CheckSyntheticRuns(const FieldPath& path, const v1::SyntheticRuns& runs, FieldErrors& errors);
void CheckEnvironment(const FieldPath& path, const v1::Environment& environment,
                      FieldErrors& errors);
void CheckTrafficSample(const FieldPath& path, const v1::TrafficSample& sample,
                        FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_RECORD_FACT_CHECKS_H_
