#include "sluice/load/baselines.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Change>
FaultTexts Baseline(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_baselines(0)); });
}

constexpr char kInvalid[] = "INVALID_DATA baseline requests/prod";

TEST(BaselinesTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  SnapshotData data;
  LoadBaselines(state, data);
  const BaselineFacts& baseline =
      data.baselines.at(std::make_pair(absl::string_view("requests"), absl::string_view("prod")));
  EXPECT_EQ(baseline.fault, v1::ALL_CLEAR);
  EXPECT_EQ(baseline.artifact, DigestOf('a'));
  EXPECT_EQ(baseline.requests, 1000);
  EXPECT_EQ(baseline.errors, 3);
  EXPECT_EQ(baseline.observed_at, absl::FromUnixSeconds(4000));
}

TEST(BaselinesTest, InvalidOnesCarryTheFault) {
  EXPECT_THAT(Baseline([](auto& b) { b.clear_artifact(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Baseline([](auto& b) { b.set_artifact("sha256:0"); }), ElementsAre(kInvalid));
  EXPECT_THAT(Baseline([](auto& b) { b.clear_observed_at(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Baseline([](auto& b) { b.set_requests(0); }), ElementsAre(kInvalid));
  EXPECT_THAT(Baseline([](auto& b) { b.set_requests(2); }), ElementsAre(kInvalid));
  EXPECT_THAT(Baseline([](auto& b) { b.set_requests((int64_t{1} << 34) + 1); }),
              ElementsAre(kInvalid));
  EXPECT_THAT(Baseline([](auto& b) { b.set_errors(-1); }), ElementsAre(kInvalid));
  EXPECT_THAT(Baseline([](auto& b) { b.set_errors(0); }), IsEmpty());
  EXPECT_THAT(Baseline([](auto& b) { b.set_errors(1000); }), IsEmpty());
  EXPECT_THAT(Baseline([](auto& b) { b.set_errors(1001); }), ElementsAre(kInvalid));
}

TEST(BaselinesTest, WithoutAKeyItConcernsThePipeline) {
  EXPECT_THAT(Baseline([](auto& b) { b.clear_counts(); }),
              ElementsAre("INVALID_DATA pipeline baselines[]"));
  EXPECT_THAT(Baseline([](auto& b) { b.clear_stage(); }),
              ElementsAre("INVALID_DATA pipeline baselines[requests]"));
}

TEST(BaselinesTest, TwoThatDifferContradictEachOther) {
  EXPECT_THAT(
      FaultsAfter([](v1::PipelineState& state) { *state.add_baselines() = state.baselines(0); }),
      IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& state) {
                *state.add_baselines() = state.baselines(0);
                state.mutable_baselines(1)->set_errors(4);
              }),
              ElementsAre("DUPLICATE_ID baseline requests/prod"));
}

}  // namespace
}  // namespace sluice
