#include "sluice/load/cell_counts.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/metrics/rate_sum.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using Column = google::protobuf::RepeatedField<int64_t>;

absl::Span<const int64_t> SpanOf(const Column& column) {
  return absl::MakeConstSpan(column.data(), static_cast<size_t>(column.size()));
}

bool IsCount(int64_t count) { return count >= kMissingCount && count <= kMaxCount; }

// Whether both columns hold counts only, with no more errors than requests.
bool AreCounts(absl::Span<const int64_t> requests, absl::Span<const int64_t> errors) {
  for (size_t i = 0; i < requests.size(); ++i) {
    if (!IsCount(requests[i]) || !IsCount(errors[i])) return false;
    if (requests[i] != kMissingCount && errors[i] > requests[i]) return false;
  }
  return true;
}

// Whether the columns, if they have that many periods, end by what was reported.
bool IsWithinReport(const CountsFacts& facts) {
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(facts.start, facts.period);
  if (!grid.has_value() || facts.periods > static_cast<uint64_t>(grid->Capacity())) return false;
  if (facts.periods == 0) return true;
  return grid->StartOf(static_cast<int64_t>(facts.periods) - 1) < facts.reported_through;
}

void ReadCells(const v1::CellCounts& counts, RecordReader& reader, CountsFacts& facts) {
  reader.LimitElements(counts.cells_size());
  reader.Require(counts.cells_size() > 0);
  facts.cells.reserve(static_cast<size_t>(counts.cells_size()));
  for (int i = 0; i < counts.cells_size(); ++i) {
    const absl::string_view cell = reader.Identifier(counts.cells(i));
    reader.Require(facts.cells.emplace(cell, static_cast<size_t>(i)).second);
  }
}

CountsFacts ReadCounts(const v1::CellCounts& counts, RecordReader& reader) {
  CountsFacts facts;
  facts.start = reader.Instant(counts.has_start(), counts.start(), absl::InfinitePast());
  facts.reported_through = reader.Instant(counts.has_reported_through(), counts.reported_through(),
                                          absl::InfinitePast());
  facts.period = ReadDuration(counts.period()).value_or(absl::ZeroDuration());
  ReadCells(counts, reader, facts);
  reader.Require(counts.requests_size() == counts.errors_size());
  if (counts.requests_size() > kMaxValues || counts.errors_size() > kMaxValues) {
    reader.Note(v1::LIMIT_EXCEEDED);
  }
  if (!reader.ok()) return facts;
  reader.Require(counts.requests_size() % counts.cells_size() == 0);
  facts.periods = static_cast<size_t>(counts.requests_size() / counts.cells_size());
  facts.requests = SpanOf(counts.requests());
  facts.errors = SpanOf(counts.errors());
  reader.Require(AreCounts(facts.requests, facts.errors));
  reader.Require(IsWithinReport(facts));
  return facts;
}

}  // namespace

void LoadCellCounts(const v1::PipelineState& state, SnapshotData& data) {
  data.counts.reserve(static_cast<size_t>(state.counts_size()));
  for (const auto& [counts, conflict] :
       OneRecordPerKey(state.counts(), [](const v1::CellCounts& record) {
         return std::make_pair(absl::string_view(record.counts()),
                               absl::string_view(record.stage()));
       })) {
    RecordReader reader(*counts);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view id = reader.Identifier(counts->counts());
    const absl::string_view stage = reader.Identifier(counts->stage());
    CountsFacts facts = ReadCounts(*counts, reader);
    if (id.empty() || stage.empty()) {
      FaultPipeline(data, reader.fault(), absl::StrCat("counts[", id, "]"));
      continue;
    }
    if (!reader.ok()) facts = CountsFacts();
    facts.fault = reader.fault();
    data.counts.emplace(std::make_pair(id, stage), std::move(facts));
  }
}

}  // namespace sluice
