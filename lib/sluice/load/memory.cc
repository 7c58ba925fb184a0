#include "sluice/load/memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

void LoadListsSeen(const v1::PipelineState& state, SnapshotData& data) {
  data.lists_seen.reserve(static_cast<size_t>(state.lists_seen_size()));
  for (const auto& [seen, conflict] : DistinctRecords(
           state.lists_seen(),
           [](const v1::ListSeen& record) { return absl::string_view(record.list()); })) {
    RecordReader reader(*seen);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view list = reader.Identifier(seen->list());
    reader.Require(seen->epoch() > 0);
    if (!list.empty()) {
      uint64_t& epoch = data.lists_seen[list];
      epoch = std::max(epoch, seen->epoch());
    }
    if (!reader.ok()) {
      FaultPipeline(data, reader.fault(), absl::StrCat("lists_seen[", list, "]"));
    }
  }
}

void CheckAppliedEvents(const v1::PipelineState& state, SnapshotData& data) {
  for (const auto& [event, conflict] : OneRecordPerKey(
           state.applied_events(),
           [](const v1::AppliedEvent& record) { return absl::string_view(record.id()); })) {
    RecordReader reader(*event);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view id = reader.Identifier(event->id());
    reader.DigestText(event->digest());
    reader.OptionalInstant(event->has_at(), event->at(), absl::InfinitePast());
    if (!reader.ok()) {
      FaultPipeline(data, reader.fault(), absl::StrCat("applied_events[", id, "]"));
    }
  }
}

}  // namespace

void LoadMemory(const v1::PipelineState& state, SnapshotData& data) {
  if (state.has_events_forgotten_before() &&
      !ReadTime(state.events_forgotten_before()).has_value()) {
    FaultPipeline(data, v1::INVALID_DATA, "events_forgotten_before");
  }
  LoadListsSeen(state, data);
  CheckAppliedEvents(state, data);
}

}  // namespace sluice
