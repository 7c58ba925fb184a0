#include "sluice/rollout/generate_waves.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

WaveGeneration Rule(std::vector<int64_t> sizes, int64_t growth_percent,
                    CellGroup by = CellGroup::kNone, uint32_t max_share = 10'000) {
  WaveGeneration rule;
  rule.sizes = std::move(sizes);
  rule.growth_percent = growth_percent;
  rule.disjoint_by = by;
  rule.max_share_basis_points = max_share;
  for (int i = 1; i <= kMaxGeneratedWaves; ++i) rule.ids.push_back(absl::StrCat("wave-", i));
  return rule;
}

// Cells sorted by id, that own what they say.
class Cells {
 public:
  void Add(const std::string& id, const std::string& region, uint32_t weight = 1,
           const std::string& zone = "") {
    CellFacts facts;
    facts.id = Keep(id);
    facts.region = Keep(region);
    facts.zone = Keep(zone);
    facts.weight = weight;
    total_ += weight;
    facts_.push_back(facts);
    views_.push_back({&facts_.back(), {}});
    pointers_.push_back(&views_.back());
    std::sort(pointers_.begin(), pointers_.end(),
              [](const CellView* a, const CellView* b) { return a->cell->id < b->cell->id; });
  }

  GeneratedWaves Generate(const WaveGeneration& rule) const {
    return GenerateWaves(rule, pointers_, total_);
  }

  // The ids of each wave's cells.
  std::vector<std::string> Waves(const WaveGeneration& rule) const {
    std::vector<std::string> waves;
    for (const std::vector<const CellView*>& wave : Generate(rule).waves) {
      waves.push_back(absl::StrJoin(wave, " ", [](std::string* out, const CellView* view) {
        absl::StrAppend(out, view->cell->id);
      }));
    }
    return waves;
  }

  std::vector<size_t> Sizes(const WaveGeneration& rule) const {
    std::vector<size_t> sizes;
    for (const auto& wave : Generate(rule).waves) sizes.push_back(wave.size());
    return sizes;
  }

 private:
  absl::string_view Keep(const std::string& text) {
    texts_.push_back(text);
    return texts_.back();
  }

  std::deque<std::string> texts_;
  std::deque<CellFacts> facts_;
  std::deque<CellView> views_;
  std::vector<const CellView*> pointers_;
  uint64_t total_ = 0;
};

Cells Many(int count) {
  Cells cells;
  for (int i = 0; i < count; ++i) {
    cells.Add(absl::StrCat("c", 100 + i), absl::StrCat("r", 100 + i));
  }
  return cells;
}

TEST(GenerateWavesTest, GrowsByItsFactor) {
  EXPECT_THAT(Many(20).Sizes(Rule({1}, 200)), ElementsAre(1, 2, 4, 8, 5));
  EXPECT_THAT(Many(20).Sizes(Rule({3}, 100)), ElementsAre(3, 3, 3, 3, 3, 3, 2));
  // Only the product is rounded: 1, 1.5, 2.25, 3.375, 5.0625.
  EXPECT_THAT(Many(20).Sizes(Rule({1}, 150)), ElementsAre(1, 1, 2, 3, 5, 7, 1));
  EXPECT_THAT(Many(3).Sizes(Rule({1000000}, 100000)), ElementsAre(3));
  EXPECT_THAT(Many(0).Sizes(Rule({1}, 200)), IsEmpty());
}

TEST(GenerateWavesTest, OneBoxAndThenRegionByRegion) {
  EXPECT_THAT(Many(38).Sizes(Rule({1, 1, 3, 12}, 200)), ElementsAre(1, 1, 3, 12, 21));
}

TEST(GenerateWavesTest, TakesCellsInTheOrderOfTheirIds) {
  Cells cells;
  for (const char* id : {"d", "b", "e", "a", "c"}) cells.Add(id, "r");
  EXPECT_THAT(cells.Waves(Rule({2}, 100)), ElementsAre("a b", "c d", "e"));
}

TEST(GenerateWavesTest, NoTwoCellsOfAWaveShareTheGroup) {
  Cells cells;
  cells.Add("a1", "a", 1, "x");
  cells.Add("a2", "a", 1, "y");
  cells.Add("a3", "a", 1, "y");
  cells.Add("b1", "b", 1, "x");
  EXPECT_THAT(cells.Waves(Rule({10}, 100, CellGroup::kRegion)), ElementsAre("a1 b1", "a2", "a3"));
  // Zones of equal names in two regions are two zones.
  EXPECT_THAT(cells.Waves(Rule({10}, 100, CellGroup::kZone)), ElementsAre("a1 a2 b1", "a3"));
  EXPECT_THAT(cells.Waves(Rule({10}, 100)), ElementsAre("a1 a2 a3 b1"));
}

TEST(GenerateWavesTest, FortyCellsInEightRegions) {
  Cells cells;
  for (int i = 0; i < 40; ++i) {
    cells.Add(absl::StrCat("c", 10 + i), absl::StrCat("r", i / 5), 1, absl::StrCat("z", i % 5));
  }
  const WaveGeneration rule = Rule({1}, 200, CellGroup::kRegion);
  EXPECT_THAT(cells.Sizes(rule), ElementsAre(1, 2, 4, 8, 8, 7, 6, 4));
  std::set<absl::string_view> all;
  for (const auto& wave : cells.Generate(rule).waves) {
    std::set<absl::string_view> regions;
    for (const CellView* view : wave) {
      EXPECT_TRUE(regions.insert(view->cell->region).second);
      EXPECT_TRUE(all.insert(view->cell->id).second);
    }
  }
  EXPECT_EQ(all.size(), 40u);
}

TEST(GenerateWavesTest, AWaveEndsBeforeTheCellThatExceedsItsShare) {
  Cells cells;
  cells.Add("a", "r", 2);
  cells.Add("b", "r", 3);
  cells.Add("c", "r", 1);
  cells.Add("d", "r", 4);
  // Of ten. At half a, b fit exactly; d with c too.
  EXPECT_THAT(cells.Waves(Rule({10}, 100, CellGroup::kNone, 5000)), ElementsAre("a b", "c d"));
  EXPECT_THAT(cells.Waves(Rule({10}, 100, CellGroup::kNone, 4999)), ElementsAre("a", "b c", "d"));
  EXPECT_EQ(cells.Generate(Rule({10}, 100, CellGroup::kNone, 4000)).fault, v1::ALL_CLEAR);
  const GeneratedWaves exceeded = cells.Generate(Rule({10}, 100, CellGroup::kNone, 3999));
  EXPECT_EQ(exceeded.fault, v1::CELL_EXCEEDS_CAP);
  EXPECT_EQ(exceeded.fault_subject, "d");
}

TEST(GenerateWavesTest, ACellWithoutItsGroupIsAFault) {
  Cells cells;
  cells.Add("a", "r");
  cells.Add("b", "");
  EXPECT_EQ(cells.Generate(Rule({1}, 100)).fault, v1::ALL_CLEAR);
  const GeneratedWaves generated = cells.Generate(Rule({1}, 100, CellGroup::kRegion));
  EXPECT_EQ(generated.fault, v1::INVALID_DATA);
  EXPECT_EQ(generated.fault_subject, "b");
  EXPECT_EQ(cells.Generate(Rule({1}, 100, CellGroup::kZone)).fault_subject, "a");
}

TEST(GenerateWavesTest, MoreWavesThanThereMayBeAreAFault) {
  EXPECT_EQ(Many(kMaxGeneratedWaves).Generate(Rule({1}, 100)).fault, v1::ALL_CLEAR);
  const GeneratedWaves generated = Many(kMaxGeneratedWaves + 1).Generate(Rule({1}, 100));
  EXPECT_EQ(generated.fault, v1::LIMIT_EXCEEDED);
  EXPECT_EQ(generated.waves.size(), static_cast<size_t>(kMaxGeneratedWaves));
}

}  // namespace
}  // namespace sluice
