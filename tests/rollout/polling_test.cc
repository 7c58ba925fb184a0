// A host that sleeps until a decision changes or a fact arrives does the same at the same instants
// as one that asks every second [G5].

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/policy.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"
#include "tests/rollout/host.h"
#include "tests/rollout/outside.h"
#include "tests/rollout/scenario.h"

namespace sluice {
namespace {

uint64_t rollouts = 1000;
uint64_t first_seed = 1;

enum class Way { kSleep, kPoll };

// What was written down, and when, reports aside.
using Diary = std::vector<std::string>;

struct Story {
  Diary diary;
  std::string failure;
  int looks = 0;
};

// One pipeline from adoption on, with a build now and then; the same for both hosts.
Story Tell(uint64_t seed, Way way) {
  Story story;
  Draw draw(seed);
  ScenarioOptions options;
  options.min_cells = 1;
  options.max_cells = 3;
  options.max_stages = 2;
  options.unit = absl::Seconds(30);
  options.automatic = true;
  const Scenario scenario = MakeScenario(options, &draw);
  absl::StatusOr<Policy> policy = Policy::Compile(scenario.policy);
  if (!policy.ok()) {
    story.failure = FaultsOf(policy.status()).ShortDebugString();
    return story;
  }
  Ledger ledger(scenario.state);
  Outside outside(scenario, seed);
  Checker checker;
  Shared shared;
  shared.ledger = &ledger;
  shared.outside = &outside;
  shared.checker = &checker;
  shared.policy = std::make_shared<const Policy>(*std::move(policy));
  absl::Time now = scenario.begin;
  ledger.on_write = [&](const v1::Event& event, const absl::Status& status) {
    if (status.ok()) checker.Applied(event, ledger.state());
  };
  shared.trace = [&](const std::string& line) {
    story.diary.push_back(
        absl::StrCat(absl::ToUnixSeconds(now) - absl::ToUnixSeconds(scenario.begin), " ", line));
  };
  // Builds, at instants of their own.
  std::vector<std::pair<absl::Time, Quality>> builds = {{scenario.begin, Quality::kGood}};
  for (int i = draw.Between(1, 3); i > 0; --i) {
    const Quality quality =
        draw.Percent(60) ? Quality::kGood : static_cast<Quality>(draw.Between(1, 4));
    builds.emplace_back(scenario.begin + draw.Seconds(absl::Seconds(1), 8 * scenario.unit),
                        quality);
  }
  std::sort(builds.begin() + 1, builds.end());
  size_t built = 0;
  const absl::Time end = scenario.begin + 14 * scenario.unit;
  Host host(&shared, "");
  while (now <= end && story.failure.empty()) {
    while (built < builds.size() && builds[built].first <= now) {
      const v1::Event event = outside.Build(builds[built].second, now);
      EXPECT_TRUE(ledger.Write(event, now).ok());
      if (++built > 1) continue;
      for (const v1::Cell& cell : scenario.state.cells()) {
        v1::Event adopt;
        adopt.mutable_cell_adopted()->set_stage(cell.stage());
        adopt.mutable_cell_adopted()->set_cell(cell.id());
        adopt.mutable_cell_adopted()->set_artifact(DigestOf(1));
        adopt.mutable_cell_adopted()->set_who("ann");
        EXPECT_TRUE(ledger.Write(adopt, now).ok());
        outside.Place(cell.id(), DigestOf(1));
      }
    }
    for (v1::Event& event : outside.Reports(now)) {
      EXPECT_TRUE(ledger.Write(std::move(event), now).ok());
    }
    ++story.looks;
    host.Run(now, now);
    story.failure = host.failure();
    if (!checker.failures().empty()) story.failure = checker.failures().front();
    if (way == Way::kPoll) {
      now += absl::Seconds(1);
      continue;
    }
    absl::Time next = std::min({host.valid_until(), outside.NextReport(), outside.NextEnd(now)});
    if (built < builds.size()) next = std::min(next, builds[built].first);
    EXPECT_GT(next, now);
    now = next;
  }
  return story;
}

TEST(PollingTest, SleepingHostActsAtTheSameInstants) {
  int64_t asleep = 0;
  int64_t polled = 0;
  size_t lines = 0;
  for (uint64_t seed = first_seed; seed < first_seed + rollouts; ++seed) {
    const Story sleeps = Tell(seed, Way::kSleep);
    const Story polls = Tell(seed, Way::kPoll);
    ASSERT_EQ(sleeps.failure, "") << "seed " << seed;
    ASSERT_EQ(polls.failure, "") << "seed " << seed;
    ASSERT_EQ(sleeps.diary, polls.diary) << "seed " << seed;
    asleep += sleeps.looks;
    polled += polls.looks;
    lines += sleeps.diary.size();
  }
  EXPECT_LT(asleep * 3, polled);
  EXPECT_GT(lines, rollouts * 5);
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::rollouts = sluice::NumberArgument(argc, argv, "walks", sluice::rollouts);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  return RUN_ALL_TESTS();
}
