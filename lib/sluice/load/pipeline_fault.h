#ifndef SLUICE_LOAD_PIPELINE_FAULT_H_
#define SLUICE_LOAD_PIPELINE_FAULT_H_

#include <string>

#include "sluice/facts.h"
#include "sluice/finding.h"

namespace sluice {

// Notes in `data` that the record named `subject` can't be used and concerns the whole pipeline;
// ALL_CLEAR changes nothing. Of several the one with the lowest (reason, subject) stays, so that
// the order in which they are found does not matter.
void FaultPipeline(SnapshotData& data, Reason reason, std::string subject);

}  // namespace sluice

#endif  // SLUICE_LOAD_PIPELINE_FAULT_H_
