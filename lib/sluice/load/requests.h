#ifndef SLUICE_LOAD_REQUESTS_H_
#define SLUICE_LOAD_REQUESTS_H_

#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in what people asked for in `stage` from its record: starts, preemptions, roll backs,
// retries, sorted, each once. A request that can't be used grants nothing: it is left out and
// concerns the pipeline.
void LoadRequests(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage);

}  // namespace sluice

#endif  // SLUICE_LOAD_REQUESTS_H_
