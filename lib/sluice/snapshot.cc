#include "sluice/snapshot.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/known_bad.h"
#include "sluice/load/artifacts.h"
#include "sluice/load/baselines.h"
#include "sluice/load/cell_counts.h"
#include "sluice/load/cells.h"
#include "sluice/load/checks.h"
#include "sluice/load/holds.h"
#include "sluice/load/measurements.h"
#include "sluice/load/memory.h"
#include "sluice/load/observations.h"
#include "sluice/load/permissions.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_count.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/signals.h"
#include "sluice/load/stage_records.h"
#include "sluice/organisation.h"
#include "sluice/schema_version.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// The fields that a state has once.
void LoadHeader(const v1::PipelineState& state, const LoadOptions& options, SnapshotData& data) {
  if (state.schema_version() > kSchemaVersion) {
    data.refusal = v1::SCHEMA_TOO_NEW;
  } else if (state.revision() < options.min_revision) {
    data.refusal = v1::STATE_WENT_BACK;
  }
  if (state.schema_version() == 0) FaultPipeline(data, v1::INVALID_DATA, "schema_version");

  RecordReader id;
  data.pipeline = id.Identifier(state.pipeline());
  FaultPipeline(data, id.fault(), "pipeline");

  RecordReader written(state.written_at());
  data.written_at =
      written.Instant(state.has_written_at(), state.written_at(), absl::InfiniteFuture());
  FaultPipeline(data, written.fault(), "written_at");

  data.revision = state.revision();
  if (HasOwnUnknownFields(state)) FaultPipeline(data, v1::UNKNOWN_FIELD, "state");
  if (state.has_record_count() && state.record_count() != RecordCount(state)) {
    FaultPipeline(data, v1::STATE_CUT, "record_count");
  }
  const absl::string_view oversized = OversizedField(state);
  if (!oversized.empty()) FaultPipeline(data, v1::LIMIT_EXCEEDED, std::string(oversized));
}

// Two different lists of one id contradict each other.
void LoadLists(const LoadOptions& options, SnapshotData& data) {
  for (const KnownBadList* list : options.known_bad) {
    if (list != nullptr) data.known_bad.push_back(list);
  }
  const auto order = [](const KnownBadList* list) {
    return std::make_tuple(list->id(), list->epoch(), list->verified_at(), list->entry_count(),
                           list->overridable());
  };
  std::sort(data.known_bad.begin(), data.known_bad.end(),
            [&](const KnownBadList* a, const KnownBadList* b) { return order(a) < order(b); });
  data.known_bad.erase(std::unique(data.known_bad.begin(), data.known_bad.end()),
                       data.known_bad.end());
  for (size_t i = 1; i < data.known_bad.size(); ++i) {
    if (data.known_bad[i]->id() != data.known_bad[i - 1]->id()) continue;
    FaultPipeline(data, v1::DUPLICATE_ID, absl::StrCat("known_bad[", data.known_bad[i]->id(), "]"));
  }
}

}  // namespace

Snapshot Snapshot::Load(const v1::PipelineState& state, const Organisation& organisation,
                        const LoadOptions& options) {
  auto data = std::make_shared<SnapshotData>();
  data->organisation = organisation.data() != nullptr ? organisation.data() : Organisation().data();
  LoadLists(options, *data);
  LoadHeader(state, options, *data);
  LoadArtifacts(state, *data);
  LoadCells(state, *data);
  LoadStageRecords(state, *data);
  LoadChecks(state, *data);
  FaultPipeline(*data, LoadAlarms(state.alarms(), data->alarms), "alarms");
  FaultPipeline(*data, LoadSeries(state.series(), data->series), "series");
  LoadCellCounts(state, *data);
  LoadBaselines(state, *data);
  LoadMeasurements(state, *data);
  LoadObservations(state, *data);
  LoadPermissions(state, *data);
  LoadHolds(state, *data);
  LoadRollBackHolds(state, *data);
  LoadMemory(state, *data);
  return Snapshot(std::move(data));
}

}  // namespace sluice
