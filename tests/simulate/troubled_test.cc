// Whatever state a pipeline is in: there is an answer, it is the same for equal states, and nothing
// of the caller's is touched.

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/cli/render_eta.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/simulate/healthy_future.h"
#include "sluice/v1/state.pb.h"
#include "tests/rollout/walk.h"

namespace sluice {
namespace {

// Duplicates the last element of each list and reverses it: that means nothing.
template <typename Records>
void Shuffle(Records* records) {
  if (records->empty()) return;
  *records->Add() = records->Get(records->size() - 1);
  std::reverse(records->begin(), records->end());
}

v1::PipelineState Shuffled(v1::PipelineState state) {
  state.clear_record_count();
  Shuffle(state.mutable_artifacts());
  Shuffle(state.mutable_cells());
  Shuffle(state.mutable_checks());
  Shuffle(state.mutable_alarms());
  Shuffle(state.mutable_series());
  Shuffle(state.mutable_counts());
  Shuffle(state.mutable_approvals());
  Shuffle(state.mutable_overrides());
  Shuffle(state.mutable_holds());
  return state;
}

TEST(TroubledTest, AnyStateHasAnAnswer) {
  std::set<absl::string_view> outcomes;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    WalkOptions options;
    options.steps = 40;
    options.scenario.max_cells = 5;
    Walk walk(seed, options);
    walk.Trouble();
    ASSERT_TRUE(walk.ok()) << walk.Report();
    const absl::StatusOr<KnownBadList> list = KnownBadList::Build(walk.outside().list());
    ASSERT_TRUE(list.ok()) << list.status();
    const v1::PipelineState state = walk.ledger().state();
    const v1::OrganisationFacts facts = *walk.outside().facts();
    const HealthyFuture future =
        PlayHealthyFuture(walk.policy(), {state, &facts, {&*list}}, walk.clock());
    EXPECT_EQ(state.SerializeAsString(), walk.ledger().state().SerializeAsString());
    EXPECT_EQ(facts.SerializeAsString(), walk.outside().facts()->SerializeAsString());
    for (const StageFuture& stage : future.stages) {
      outcomes.insert(StageOutcomeName(stage.outcome));
      EXPECT_NE(StageOutcomeName(stage.outcome), "TOO_FAR") << seed << " " << stage.stage;
    }
    EXPECT_LT(future.decisions, 5000) << seed;
    const v1::PipelineState shuffled = Shuffled(state);
    EXPECT_EQ(
        EtaToJson(PlayHealthyFuture(walk.policy(), {shuffled, &facts, {&*list}}, walk.clock())),
        EtaToJson(future))
        << seed;
  }
  EXPECT_EQ(outcomes,
            (std::set<absl::string_view>{"NOTHING_TO_COME", "PASSES", "ROLLS_BACK", "STOPS"}));
}

TEST(TroubledTest, NoStateHasAnAnswer) {
  Walk walk(1, WalkOptions());
  for (const absl::Time now : {walk.clock(), absl::FromUnixSeconds(-62'000'000'000),
                               absl::FromUnixSeconds(253'402'300'799)}) {
    const HealthyFuture future = PlayHealthyFuture(walk.policy(), {v1::PipelineState()}, now);
    for (const StageFuture& stage : future.stages) {
      EXPECT_EQ(stage.outcome, StageOutcome::kNothingToCome);
    }
  }
}

}  // namespace
}  // namespace sluice
