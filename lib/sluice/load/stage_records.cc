#include "sluice/load/stage_records.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/identifier.h"
#include "sluice/load/deployments.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_count.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/requests.h"
#include "sluice/load/rollouts.h"
#include "sluice/load/stage_log.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

void LoadStageRecords(const v1::PipelineState& state, SnapshotData& data) {
  data.stages.reserve(static_cast<size_t>(state.stages_size()));
  for (const auto& [record, conflict] : OneRecordPerKey(
           state.stages(),
           [](const v1::StageRecord& stage) { return absl::string_view(stage.stage()); })) {
    if (!IsIdentifier(record->stage())) {
      FaultPipeline(data, v1::INVALID_DATA, "stages");
      continue;
    }
    const std::string subject = absl::StrCat("stages[", record->stage(), "]");
    if (conflict) FaultPipeline(data, v1::DUPLICATE_ID, subject);
    if (HasOwnUnknownFields(*record)) FaultPipeline(data, v1::UNKNOWN_FIELD, subject);
    if (!OversizedField(*record).empty()) FaultPipeline(data, v1::LIMIT_EXCEEDED, subject);
    data.stages.emplace_back();
    StageFacts& stage = data.stages.back();
    stage.id = record->stage();
    stage.sequence_floor = record->sequence_floor();
    LoadRollouts(*record, data, stage);
    LoadDeployments(*record, data, stage);
    LoadStageLog(*record, data, stage);
    LoadRequests(*record, data, stage);
  }
}

}  // namespace sluice
