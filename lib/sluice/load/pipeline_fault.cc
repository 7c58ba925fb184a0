#include "sluice/load/pipeline_fault.h"

#include <string>
#include <utility>

#include "sluice/facts.h"
#include "sluice/finding.h"

namespace sluice {

void FaultPipeline(SnapshotData& data, Reason reason, std::string subject) {
  if (reason == v1::ALL_CLEAR) return;
  const bool is_first = data.fault == v1::ALL_CLEAR || reason < data.fault ||
                        (reason == data.fault && subject < data.fault_subject);
  if (!is_first) return;
  data.fault = reason;
  data.fault_subject = std::move(subject);
}

}  // namespace sluice
