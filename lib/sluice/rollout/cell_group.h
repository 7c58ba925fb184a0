#ifndef SLUICE_ROLLOUT_CELL_GROUP_H_
#define SLUICE_ROLLOUT_CELL_GROUP_H_

#include <utility>

#include "absl/strings/string_view.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"

namespace sluice {

// The region and the zone of a group; the zone of a whole region is empty.
using CellGroupKey = std::pair<absl::string_view, absl::string_view>;

// The group of the cell, which is not kNone: a zone is one of its region, so that equal names in
// two regions differ.
inline CellGroupKey GroupOf(const CellFacts& cell, CellGroup by) {
  return {cell.region, by == CellGroup::kZone ? cell.zone : absl::string_view()};
}

// Whether the cell's record says to which group it belongs: a zone is nothing without its region.
inline bool HasGroup(const CellFacts& cell, CellGroup by) {
  if (by == CellGroup::kNone) return true;
  return !cell.region.empty() && (by == CellGroup::kRegion || !cell.zone.empty());
}

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_CELL_GROUP_H_
