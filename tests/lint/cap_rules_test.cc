#include "sluice/lint/cap_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

// Cells of 10 % and 20 % in one region and of 30 % and 40 % in another; one that is gone.
LintOptions WithCells() {
  LintOptions options;
  options.snapshot = SnapshotWith(R"(
      cells { id: 'a' stage: 'stage' region: 'eu' weight: 1 }
      cells { id: 'b' stage: 'stage' region: 'eu' weight: 2 }
      cells { id: 'c' stage: 'stage' region: 'us' weight: 3 }
      cells { id: 'd' stage: 'stage' region: 'us' weight: 4 }
      cells { id: 'e' stage: 'stage' region: 'us' weight: 90
              retired { who: 'kim' why: 'old' at { seconds: 1795000000 } } }
      cells { id: 'f' stage: 'elsewhere' weight: 90 })");
  return options;
}

Found LintRadius(absl::string_view radius, const LintOptions& options) {
  LintedPolicy policy;
  policy.radius = std::string(radius);
  return Lint(policy, options);
}

TEST(CapRulesTest, AStagesCapToTheHundredthOfAPercent) {
  const auto lint = [](int cap) {
    return LintRadius(absl::StrCat("stage_cap_basis_points: ", cap), WithCells());
  };
  const std::string path = "stages[0].rollout.blast_radius.stage_cap_basis_points";
  EXPECT_EQ(lint(4000), Found());
  EXPECT_EQ(lint(3999), Found({"cell-exceeds-cap " + path}));
  EXPECT_EQ(lint(1000), Found({"cell-exceeds-cap " + path}));
  EXPECT_EQ(lint(999), Found({"cap-fits-no-cell " + path}));
  EXPECT_EQ(lint(0), Found({"cap-fits-no-cell " + path}));
}

TEST(CapRulesTest, WithoutCellsZeroAloneIsFound) {
  EXPECT_EQ(LintRadius("stage_cap_basis_points: 1", {}), Found());
  EXPECT_EQ(LintRadius("stage_cap_basis_points: 0", {}),
            Found({"cap-fits-no-cell stages[0].rollout.blast_radius.stage_cap_basis_points"}));
}

TEST(CapRulesTest, AGroupsCapIsOfItsCells) {
  const auto lint = [](int cap, const LintOptions& options) {
    return LintRadius(
        absl::StrCat("no_stage_cap {} group { disjoint_by: REGION cap_basis_points: ", cap, " }"),
        options);
  };
  const std::string path = "stages[0].rollout.blast_radius.group.cap_basis_points";
  // 1/3 and 2/3 of one region, 3/7 and 4/7 of the other.
  EXPECT_EQ(lint(6667, WithCells()), Found());
  EXPECT_EQ(lint(6666, WithCells()), Found({"cell-exceeds-cap " + path}));
  EXPECT_EQ(lint(5714, WithCells()),
            Found({"cell-exceeds-cap " + path, "cell-exceeds-cap " + path}));
  EXPECT_EQ(lint(4285, WithCells()),
            Found({"cap-fits-no-cell " + path, "cell-exceeds-cap " + path}));
  EXPECT_EQ(lint(0, {}), Found({"cap-fits-no-cell " + path}));
}

TEST(CapRulesTest, ThePipelinesCapIsOfProduction) {
  const auto lint = [](int cap, absl::string_view kind) {
    LintedPolicy policy;
    policy.policy = absl::StrCat("pipeline_cap_basis_points: ", cap);
    policy.kind = std::string(kind);
    return Lint(policy, WithCells());
  };
  EXPECT_EQ(lint(4000, "PRODUCTION"), Found());
  EXPECT_EQ(lint(3999, "PRODUCTION"), Found({"cell-exceeds-cap pipeline_cap_basis_points"}));
  EXPECT_EQ(lint(999, "PRODUCTION"), Found({"cap-fits-no-cell pipeline_cap_basis_points"}));
  EXPECT_EQ(lint(999, "TEST"), Found());
}

TEST(CapRulesTest, AGeneratedWavesShare) {
  const auto lint = [](int share) {
    LintedPolicy policy;
    policy.waves = absl::StrCat(
        "wave_generation { first: 1 growth_percent: 100 disjoint_by: NOTHING "
        "max_share_basis_points: ",
        share, " }");
    return Lint(policy, WithCells());
  };
  const std::string path = "stages[0].rollout.wave_generation.max_share_basis_points";
  EXPECT_EQ(lint(4000), Found());
  EXPECT_EQ(lint(3999), Found({"cell-exceeds-cap " + path}));
}

}  // namespace
}  // namespace sluice
