#include "sluice/rollout/generate_waves.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "sluice/internal/limits.h"
#include "sluice/rollout/cell_group.h"

namespace sluice {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr size_t kNoCell = static_cast<size_t>(-1);

// How many cells each wave may have, one after the other.
class WaveSizes {
 public:
  explicit WaveSizes(const WaveGeneration& rule) : rule_(rule) {}

  int64_t Next() {
    if (given_ < rule_.sizes.size()) {
      millionths_ = rule_.sizes[given_++] * kMillion;
    } else {
      // At most 10^12 times 10^5. Fractions of a cell are kept, so that 150 % of 1 gets anywhere.
      millionths_ = std::min(millionths_ * rule_.growth_percent / 100, kMaxRecords * kMillion);
    }
    return millionths_ / kMillion;
  }

 private:
  const WaveGeneration& rule_;
  size_t given_ = 0;
  int64_t millionths_ = 0;
};

// Cells left to be planned: of each group the first. Cells are named by their indices.
class CellsLeft {
 public:
  CellsLeft(CellGroup by, absl::Span<const CellView* const> cells) : next_(cells.size(), kNoCell) {
    absl::flat_hash_map<CellGroupKey, size_t> last;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!HasGroup(*cells[i]->cell, by)) continue;
      if (by != CellGroup::kNone) {
        const auto [known, is_first] = last.try_emplace(GroupOf(*cells[i]->cell, by), i);
        if (!is_first) {
          next_[known->second] = i;
          known->second = i;
          continue;
        }
      }
      firsts_.insert(i);
    }
  }

  std::set<size_t>& firsts() { return firsts_; }

  // Lets the group of a cell that is no longer left offer its next one.
  void OfferAfter(size_t cell) {
    if (next_[cell] != kNoCell) firsts_.insert(next_[cell]);
  }

 private:
  std::set<size_t> firsts_;
  std::vector<size_t> next_;  // The next cell of the same group.
};

}  // namespace

GeneratedWaves GenerateWaves(const WaveGeneration& rule, absl::Span<const CellView* const> cells,
                             uint64_t total_weight) {
  GeneratedWaves generated;
  const auto fault = [&](Reason reason, const CellView& cell) {
    if (generated.fault != v1::ALL_CLEAR) return;
    generated.fault = reason;
    generated.fault_subject = cell.cell->id;
  };
  for (const CellView* cell : cells) {
    if (!HasGroup(*cell->cell, rule.disjoint_by)) fault(v1::INVALID_DATA, *cell);
  }
  // Weights are at most 10^6 and cells at most 10^6, so that the products fit.
  const uint64_t most = uint64_t{rule.max_share_basis_points} * total_weight;
  WaveSizes sizes(rule);
  CellsLeft left(rule.disjoint_by, cells);
  std::set<size_t>& firsts = left.firsts();
  while (!firsts.empty()) {
    const CellView& first = *cells[*firsts.begin()];
    if (uint64_t{first.cell->weight} * 10'000 > most) {
      fault(v1::CELL_EXCEEDS_CAP, first);
      left.OfferAfter(*firsts.begin());
      firsts.erase(firsts.begin());
      continue;
    }
    if (generated.waves.size() == rule.ids.size()) {
      fault(v1::LIMIT_EXCEEDED, first);
      break;
    }
    const size_t size = static_cast<size_t>(sizes.Next());
    std::vector<size_t> taken;
    uint64_t weight = 0;
    while (!firsts.empty() && taken.size() < size) {
      const size_t cell = *firsts.begin();
      weight += cells[cell]->cell->weight;
      if (weight * 10'000 > most) break;
      taken.push_back(cell);
      firsts.erase(firsts.begin());
    }
    generated.waves.emplace_back();
    for (const size_t cell : taken) {
      generated.waves.back().push_back(cells[cell]);
      left.OfferAfter(cell);
    }
  }
  return generated;
}

}  // namespace sluice
