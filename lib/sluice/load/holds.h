#ifndef SLUICE_LOAD_HOLDS_H_
#define SLUICE_LOAD_HOLDS_H_

#include <vector>

#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in the holds of `data`, whose cells are loaded. A hold that can't be used carries the fault
// and is in force for ever; one of which it can't be read what it names concerns the pipeline.
void LoadHolds(const v1::PipelineState& state, SnapshotData& data);

// The same for the organisation's holds, which name a pipeline unless they hold all. The answer is
// what is wrong with those that can't be read, or ALL_CLEAR.
Reason LoadOrganisationHolds(const google::protobuf::RepeatedPtrField<v1::Hold>& records,
                             std::vector<HoldFacts>& holds);

// Fills in the roll back holds of `data`. One that can't be used carries the fault, is never in
// force, and concerns nothing else.
void LoadRollBackHolds(const v1::PipelineState& state, SnapshotData& data);

}  // namespace sluice

#endif  // SLUICE_LOAD_HOLDS_H_
