#include "sluice/load/holds.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/sort_distinct.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// A name that the hold's scope needs; false and a fault if it can't be read.
bool ReadName(bool is_needed, absl::string_view text, RecordReader& reader,
              absl::string_view& name) {
  if (!is_needed) {
    reader.Require(text.empty());
    return true;
  }
  name = reader.Identifier(text);
  return !name.empty();
}

// What the hold names; false and a fault if it can't be read.
bool ReadScope(const v1::Hold& hold, bool of_organisation, RecordReader& reader, HoldFacts& facts) {
  const v1::Hold::Scope scope = hold.scope();
  const bool has_scope = v1::Hold::Scope_IsValid(scope) && scope != v1::Hold::SCOPE_UNSPECIFIED &&
                         (of_organisation || scope != v1::Hold::ORGANISATION);
  reader.Require(has_scope);
  if (!has_scope) return false;
  facts.scope = scope;
  const bool needs_pipeline = of_organisation && scope != v1::Hold::ORGANISATION;
  const bool needs_stage = scope == v1::Hold::STAGE || scope == v1::Hold::CELL;
  const bool needs_cell = scope == v1::Hold::CELL;
  const bool has_pipeline = ReadName(needs_pipeline, hold.pipeline(), reader, facts.pipeline);
  const bool has_stage = ReadName(needs_stage, hold.stage(), reader, facts.stage);
  const bool has_cell = ReadName(needs_cell, hold.cell(), reader, facts.cell);
  return has_pipeline && has_stage && has_cell;
}

// Since when, until when, by whom.
void ReadTerms(const v1::Hold& hold, RecordReader& reader, HoldFacts& facts) {
  facts.who = reader.Text(hold.who());
  reader.Text(hold.why());
  facts.placed_at = reader.Instant(hold.has_placed_at(), hold.placed_at(), absl::InfinitePast());
  const absl::Time expires_at =
      reader.OptionalInstant(hold.has_expires_at(), hold.expires_at(), absl::InfiniteFuture());
  reader.Require(expires_at > facts.placed_at);
  facts.ends_at = std::min(
      expires_at,
      reader.OptionalInstant(hold.has_released_at(), hold.released_at(), absl::InfiniteFuture()));
}

// Whether it could be read what the hold names.
bool ReadHold(const v1::Hold& hold, bool of_organisation, RecordReader& reader, HoldFacts& facts) {
  facts.id = reader.Identifier(hold.id());
  facts.finding_id = absl::StrCat("@hold:", facts.id);
  const bool is_readable = ReadScope(hold, of_organisation, reader, facts);
  ReadTerms(hold, reader, facts);
  return is_readable;
}

void AddHold(HoldFacts facts, Reason fault, std::vector<HoldFacts>& holds) {
  facts.fault = fault;
  if (fault != v1::ALL_CLEAR) {
    facts.placed_at = absl::InfinitePast();
    facts.ends_at = absl::InfiniteFuture();
  }
  holds.push_back(std::move(facts));
}

// Holds that share an id contradict each other, but hold whatever any of them names.
void SortHolds(std::vector<HoldFacts>& holds) {
  std::stable_sort(holds.begin(), holds.end(), [](const HoldFacts& a, const HoldFacts& b) {
    return std::tie(a.id, a.scope, a.pipeline, a.stage, a.cell, a.fault) <
           std::tie(b.id, b.scope, b.pipeline, b.stage, b.cell, b.fault);
  });
  holds.erase(std::unique(holds.begin(), holds.end(),
                          [](const HoldFacts& a, const HoldFacts& b) {
                            return std::tie(a.id, a.scope, a.pipeline, a.stage, a.cell) ==
                                   std::tie(b.id, b.scope, b.pipeline, b.stage, b.cell);
                          }),
              holds.end());
}

absl::string_view IdOf(const v1::Hold& hold) { return hold.id(); }

}  // namespace

void LoadHolds(const v1::PipelineState& state, SnapshotData& data) {
  data.holds.reserve(static_cast<size_t>(state.holds_size()));
  for (const auto& [hold, conflict] : DistinctRecords(state.holds(), IdOf)) {
    RecordReader reader(*hold);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    HoldFacts facts;
    const bool is_readable = ReadHold(*hold, false, reader, facts);
    const CellFacts* cell = data.Cell(facts.cell);
    const bool is_elsewhere = cell != nullptr && cell->stage != facts.stage;
    reader.Require(!is_elsewhere);
    if (!is_readable || is_elsewhere) {
      FaultPipeline(data, reader.fault(), absl::StrCat("holds[", facts.id, "]"));
    }
    if (is_readable) AddHold(std::move(facts), reader.fault(), data.holds);
  }
  SortHolds(data.holds);
}

Reason LoadOrganisationHolds(const google::protobuf::RepeatedPtrField<v1::Hold>& records,
                             std::vector<HoldFacts>& holds) {
  Reason unreadable = v1::ALL_CLEAR;
  holds.reserve(static_cast<size_t>(records.size()));
  for (const auto& [hold, conflict] : DistinctRecords(records, IdOf)) {
    RecordReader reader(*hold);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    HoldFacts facts;
    if (ReadHold(*hold, true, reader, facts)) {
      AddHold(std::move(facts), reader.fault(), holds);
    } else {
      NoteFault(unreadable, reader.fault());
    }
  }
  SortHolds(holds);
  return unreadable;
}

void LoadRollBackHolds(const v1::PipelineState& state, SnapshotData& data) {
  data.roll_back_holds.reserve(static_cast<size_t>(state.roll_back_holds_size()));
  for (const auto& [hold, conflict] : OneRecordPerKey(
           state.roll_back_holds(),
           [](const v1::RollBackHold& record) { return absl::string_view(record.id()); })) {
    RecordReader reader(*hold);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    RollBackHoldFacts facts;
    facts.id = reader.Identifier(hold->id());
    facts.finding_id = absl::StrCat("@roll_back_hold:", facts.id);
    facts.stage = reader.Identifier(hold->stage());
    facts.who = reader.Text(hold->who());
    reader.Text(hold->why());
    facts.placed_at =
        reader.Instant(hold->has_placed_at(), hold->placed_at(), absl::InfiniteFuture());
    facts.expires_at =
        reader.Instant(hold->has_expires_at(), hold->expires_at(), absl::InfinitePast());
    reader.Require(facts.expires_at > facts.placed_at);
    facts.ends_at = std::min(facts.expires_at,
                             reader.OptionalInstant(hold->has_released_at(), hold->released_at(),
                                                    absl::InfiniteFuture()));
    facts.fault = reader.fault();
    if (!reader.ok()) {
      facts.placed_at = absl::InfiniteFuture();
      facts.expires_at = absl::InfinitePast();
      facts.ends_at = absl::InfinitePast();
    }
    data.roll_back_holds.push_back(std::move(facts));
  }
  // Stable: sorted by what their ids say, readable or not.
  std::stable_sort(
      data.roll_back_holds.begin(), data.roll_back_holds.end(),
      [](const RollBackHoldFacts& a, const RollBackHoldFacts& b) { return a.id < b.id; });
}

}  // namespace sluice
