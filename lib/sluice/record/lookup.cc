#include "sluice/record/lookup.h"

#include <algorithm>

#include "sluice/record/fact_checks.h"

namespace sluice {

absl::StatusOr<const v1::Artifact*> FindArtifact(const v1::PipelineState& state,
                                                 absl::string_view digest) {
  absl::StatusOr<const v1::Artifact*> artifact = FindValidRecord(
      state.artifacts(), [&](const v1::Artifact& a) { return a.digest() == digest; },
      CheckArtifact);
  if (artifact.ok() && *artifact == nullptr) {
    return absl::FailedPreconditionError("the artifact is not recorded");
  }
  return artifact;
}

absl::StatusOr<const v1::Cell*> FindCell(const v1::PipelineState& state, absl::string_view id) {
  absl::StatusOr<const v1::Cell*> cell = FindValidRecord(
      state.cells(), [&](const v1::Cell& c) { return c.id() == id; }, CheckCell);
  if (cell.ok() && *cell == nullptr) {
    return absl::FailedPreconditionError("the cell is not recorded");
  }
  return cell;
}

absl::StatusOr<const v1::Cell*> FindCellInStage(const v1::PipelineState& state,
                                                absl::string_view stage, absl::string_view id) {
  absl::StatusOr<const v1::Cell*> cell = FindCell(state, id);
  if (!cell.ok()) return cell;
  if ((*cell)->stage() != stage) {
    return absl::FailedPreconditionError("the cell belongs to another stage");
  }
  if ((*cell)->has_retired()) return absl::FailedPreconditionError("the cell is retired");
  return cell;
}

absl::flat_hash_map<absl::string_view, const v1::Cell*> CellsOf(const v1::PipelineState& state,
                                                                absl::string_view stage) {
  absl::flat_hash_map<absl::string_view, const v1::Cell*> cells;
  for (const v1::Cell& cell : state.cells()) {
    const auto inserted = cells.try_emplace(cell.id(), &cell);
    const v1::Cell*& known = inserted.first->second;
    FieldErrors errors;
    CheckCell(FieldPath(), cell, errors);
    if (!errors.empty() || HasUnknownFields(cell) ||
        (!inserted.second && (known == nullptr || Content(*known) != Content(cell)))) {
      known = nullptr;
    }
  }
  absl::erase_if(cells, [&](const auto& entry) {
    return entry.second != nullptr && entry.second->stage() != stage;
  });
  return cells;
}

bool IsWithdrawn(const v1::PipelineState& state, absl::string_view artifact) {
  return std::any_of(state.withdrawals().begin(), state.withdrawals().end(),
                     [&](const v1::Withdrawal& w) { return w.artifact() == artifact; });
}

}  // namespace sluice
