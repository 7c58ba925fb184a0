#include "sluice/load/cells.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// Whether the cell is gone: only a complete record says so.
bool IsRetired(const v1::Cell& cell, RecordReader& reader) {
  if (!cell.has_retired()) return false;
  const v1::Retirement& retired = cell.retired();
  const Reason before = reader.fault();
  reader.Text(retired.who());
  reader.Text(retired.why());
  reader.Instant(retired.has_at(), retired.at(), absl::InfinitePast());
  return before == v1::ALL_CLEAR && reader.ok();
}

CellFacts ReadCell(const v1::Cell& cell, bool conflict) {
  RecordReader reader(cell);
  if (conflict) reader.Note(v1::DUPLICATE_ID);
  CellFacts facts;
  facts.id = reader.Identifier(cell.id());
  facts.stage = reader.Identifier(cell.stage());
  facts.region = reader.OptionalIdentifier(cell.region());
  facts.zone = reader.OptionalIdentifier(cell.zone());
  reader.Require(cell.weight() > 0);
  if (cell.weight() > kMaxWeight) reader.Note(v1::LIMIT_EXCEEDED);
  // Of an invalid record too, so that sums of weights stay within what can be added.
  facts.weight = std::min(cell.weight(), kMaxWeight);
  facts.retired = IsRetired(cell, reader);
  facts.fault = reader.fault();
  return facts;
}

}  // namespace

void LoadCells(const v1::PipelineState& state, SnapshotData& data) {
  data.cells.reserve(static_cast<size_t>(state.cells_size()));
  // Adjacent records with the same id differ.
  for (const auto& [cell, conflict] : DistinctRecords(
           state.cells(), [](const v1::Cell& record) { return absl::string_view(record.id()); })) {
    const CellFacts facts = ReadCell(*cell, conflict);
    if (facts.id.empty() || facts.stage.empty()) {
      FaultPipeline(data, facts.fault, absl::StrCat("cells[", facts.id, "]"));
    }
    if (facts.id.empty()) continue;
    const bool is_first = data.cells.empty() || data.cells.back().id != facts.id;
    if (is_first) {
      data.cells.push_back(facts);
      continue;
    }
    NoteFault(data.cells.back().fault, facts.fault);
    if (data.cells.back().stage != facts.stage) {
      FaultPipeline(data, v1::DUPLICATE_ID, absl::StrCat("cells[", facts.id, "]"));
    }
  }
  data.cell_by_id.reserve(data.cells.size());
  for (const CellFacts& cell : data.cells) data.cell_by_id.emplace(cell.id, &cell);
}

CellFacts* MutableCell(SnapshotData& data, absl::string_view id) {
  const auto found = data.cell_by_id.find(id);
  if (found == data.cell_by_id.end()) return nullptr;
  return &data.cells[static_cast<size_t>(found->second - data.cells.data())];
}

}  // namespace sluice
