// Drives whole rollouts at random and holds every step against what must always be true.
//
// A failure names its seed; `--gtest_filter=*ManyCells` or `*/0`, `--seed=SEED --walks=1` runs that
// walk alone, `--walks=N` more of them from there on.

#include "tests/rollout/walk.h"

#include <cstdint>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/rollout/arguments.h"

namespace sluice {
namespace {

// Of one batch.
uint64_t walks = 200;
uint64_t first_seed = 1;

void RunWalks(uint64_t count, uint64_t seed, const WalkOptions& options,
              std::map<std::string, int>* seen) {
  for (uint64_t i = 0; i < count; ++i) {
    Walk walk(seed + i, options);
    walk.Trouble();
    walk.Heal();
    for (const auto& [what, times] : walk.checker().seen()) (*seen)[what] += times;
    ASSERT_TRUE(walk.ok()) << "seed " << seed + i << ", " << walk.Report();
  }
}

// One batch of walks: batches run side by side.
class SmallPipelinesTest : public testing::TestWithParam<uint64_t> {};

TEST_P(SmallPipelinesTest, Walks) {
  WalkOptions options;
  options.scenario.min_cells = 2;
  options.scenario.max_cells = 6;
  std::map<std::string, int> seen;
  RunWalks(walks, first_seed + GetParam() * walks, options, &seen);
  for (const char* what :
       {"forward", "roll back", "latch", "release", "stage cap", "group cap", "pipeline cap",
        "CELL_PROVEN", "WAVE_PROVEN", "COMPLETE", "PASSED", "HALTED", "ROLLED_BACK"}) {
    RecordProperty(what, seen[what]);
    if (walks < 200) continue;
    EXPECT_GT(seen[what], static_cast<int>(walks / 50)) << what;
  }
}

INSTANTIATE_TEST_SUITE_P(Batches, SmallPipelinesTest, testing::Range(uint64_t{0}, uint64_t{10}));

TEST(WalkTest, ManyCells) {
  WalkOptions options;
  options.scenario.min_cells = 100;
  options.scenario.max_cells = 300;
  options.scenario.max_stages = 1;
  options.steps = 60;
  std::map<std::string, int> seen;
  RunWalks((walks + 49) / 50, first_seed, options, &seen);
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::walks = sluice::NumberArgument(argc, argv, "walks", sluice::walks);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  return RUN_ALL_TESTS();
}
