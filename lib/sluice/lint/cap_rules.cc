#include "sluice/lint/cap_rules.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/explain/wording.h"
#include "sluice/facts.h"
#include "sluice/internal/limits.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/cell_group.h"

namespace sluice {
namespace {

// A cap and the cells that share what it permits.
struct Cap {
  uint32_t basis_points = 0;
  std::vector<const CellFacts*> cells;
};

using CapFinder = absl::FunctionRef<void(const Cap& cap, const FieldPath& path)>;

// The cells of a stage whose records can be used.
std::vector<const CellFacts*> CellsOf(const LintContext& context, absl::string_view stage) {
  std::vector<const CellFacts*> cells;
  if (context.options().snapshot == nullptr) return cells;
  for (const CellFacts& cell : context.options().snapshot->data().cells) {
    if (cell.stage == stage && !cell.retired && cell.fault == v1::ALL_CLEAR) {
      cells.push_back(&cell);
    }
  }
  return cells;
}

// Visits each group's share of the group cap; the cap alone if no group is known.
void VisitGroups(const GroupCap& rule, const std::vector<const CellFacts*>& cells,
                 const FieldPath& path, CapFinder find) {
  std::map<CellGroupKey, Cap> groups;
  for (const CellFacts* cell : cells) {
    if (HasGroup(*cell, rule.by)) groups[GroupOf(*cell, rule.by)].cells.push_back(cell);
  }
  if (groups.empty()) groups[CellGroupKey()];
  for (auto& [key, cap] : groups) {
    cap.basis_points = rule.basis_points;
    find(cap, path);
  }
}

void VisitCaps(const LintContext& context, CapFinder find) {
  const FieldPath root;
  std::vector<const CellFacts*> production;
  context.VisitRollouts([&](const StageRule& stage, const v1::RolloutPolicy&, const FieldPath&,
                            const FieldPath& rollout) {
    const std::vector<const CellFacts*> cells = CellsOf(context, stage.id);
    if (stage.kind == v1::Stage::PRODUCTION) {
      production.insert(production.end(), cells.begin(), cells.end());
    }
    const FieldPath radius = rollout.Field("blast_radius");
    if (stage.rollout.stage_cap_basis_points.has_value()) {
      find({*stage.rollout.stage_cap_basis_points, cells}, radius.Field("stage_cap_basis_points"));
    }
    if (stage.rollout.group_cap.has_value()) {
      const FieldPath group = radius.Field("group");
      VisitGroups(*stage.rollout.group_cap, cells, group.Field("cap_basis_points"), find);
    }
    if (stage.rollout.generation.has_value()) {
      const FieldPath generation = rollout.Field("wave_generation");
      find({stage.rollout.generation->max_share_basis_points, cells},
           generation.Field("max_share_basis_points"));
    }
  });
  if (context.data().pipeline_cap_basis_points.has_value()) {
    find({*context.data().pipeline_cap_basis_points, production},
         root.Field("pipeline_cap_basis_points"));
  }
}

// The cells that alone are more than the cap permits, by id as the state has them.
std::vector<absl::string_view> Exceeding(const Cap& cap) {
  uint64_t total = 0;
  for (const CellFacts* cell : cap.cells) total += cell->weight;
  std::vector<absl::string_view> exceeding;
  for (const CellFacts* cell : cap.cells) {
    if (uint64_t{cell->weight} * kMaxBasisPoints > cap.basis_points * total) {
      exceeding.push_back(cell->id);
    }
  }
  return exceeding;
}

std::string Say(const Cap& cap) { return absl::StrCat("is ", Percent(cap.basis_points / 10000.0)); }

void FindFitsNone(const LintContext& context, LintReport report) {
  VisitCaps(context, [&](const Cap& cap, const FieldPath& path) {
    if (cap.basis_points == 0) {
      report(path, "is 0, which permits nothing");
      return;
    }
    const std::vector<absl::string_view> exceeding = Exceeding(cap);
    if (cap.cells.empty() || exceeding.size() < cap.cells.size()) return;
    report(path, absl::StrCat(Say(cap), ", less than each of ", QuoteList(exceeding), " alone"));
  });
}

void FindExceeding(const LintContext& context, LintReport report) {
  VisitCaps(context, [&](const Cap& cap, const FieldPath& path) {
    const std::vector<absl::string_view> exceeding = Exceeding(cap);
    if (cap.basis_points == 0 || exceeding.empty() || exceeding.size() == cap.cells.size()) return;
    report(path, absl::StrCat(Say(cap), ", less than ", QuoteList(exceeding), " alone"));
  });
}

}  // namespace

const LintCheck kCapFitsNoCell = {
    {"cap-fits-no-cell", "A cap that no cell fits",
     R"(Nothing is ever deployed: each cell alone is more than the cap of the stage, of
its region or zone, of the pipeline, or of a generated wave permits [R2].
Compared with the cells of `--state`; a cap of 0 is found without.)",
     R"(# in: policy
pipeline_cap_basis_points: 50
)",
     R"(# in: policy
pipeline_cap_basis_points: 5000
)"},
    &FindFitsNone};

const LintCheck kCellExceedsCap = {
    {"cell-exceeds-cap", "A cap that a cell does not fit",
     R"(The rollout reaches that cell and stays there for ever, INVALID
(CELL_EXCEEDS_CAP) [R2]: alone it is more than the cap permits. Compared with
the cells of `--state`.)",
     R"(# in: rollout
blast_radius { stage_cap_basis_points: 1500 max_parallel: 2 }
)",
     R"(# in: rollout
blast_radius { stage_cap_basis_points: 2000 max_parallel: 2 }
)"},
    &FindExceeding};

}  // namespace sluice
