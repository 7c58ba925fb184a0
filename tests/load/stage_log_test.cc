#include "sluice/load/stage_log.h"

#include <string>

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

std::string Invalid(const std::string& list) {
  return "INVALID_DATA pipeline stages[prod]." + list + "[" + DigestOf('a') + "]";
}

template <typename Change>
StageFacts LoadAfter(v1::PipelineState& state, const Change& change) {
  state = ValidState();
  change(*state.mutable_stages(0));
  SnapshotData data;
  StageFacts stage;
  stage.id = "prod";
  LoadStageLog(state.stages(0), data, stage);
  return stage;
}

TEST(StageLogTest, ReadsEveryField) {
  v1::PipelineState state;
  const StageFacts stage = LoadAfter(state, [](auto&) {});
  EXPECT_THAT(stage.entries, ElementsAre(DigestOf('a')));
  ASSERT_EQ(stage.passes.size(), 1u);
  EXPECT_EQ(stage.passes[0].artifact, DigestOf('a'));
  EXPECT_TRUE(stage.passes[0].revoked);
  ASSERT_EQ(stage.latches.size(), 1u);
  EXPECT_EQ(stage.latches[0].artifact, DigestOf('a'));
  EXPECT_TRUE(stage.latches[0].released);
  EXPECT_EQ(stage.latches[0].released_number, 9u);
}

TEST(StageLogTest, EntriesConcernThePipeline) {
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_entries(0)->clear_at(); }),
              ElementsAre(Invalid("entries")));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_entries(0)->clear_artifact(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].entries[]"));
}

TEST(StageLogTest, PassesConcernThePipeline) {
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_passes(0)->clear_at(); }),
              ElementsAre(Invalid("passes")));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_passes(0)->clear_policy_fingerprint(); }),
              ElementsAre(Invalid("passes")));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_passes(0)->clear_artifact(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].passes[]"));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_passes(0)->clear_revoked_at(); }), IsEmpty());
}

TEST(StageLogTest, AMalformedPassIsNone) {
  v1::PipelineState state;
  const StageFacts stage = LoadAfter(state, [](v1::StageRecord& s) {
    s.mutable_passes(0)->clear_revoked_at();
    s.mutable_passes(0)->clear_at();
  });
  ASSERT_EQ(stage.passes.size(), 1u);
  EXPECT_TRUE(stage.passes[0].revoked);
}

TEST(StageLogTest, AContradictedPassIsNone) {
  const auto contradict = [](v1::StageRecord& s) {
    *s.add_passes() = s.passes(0);
    s.mutable_passes(1)->clear_revoked_at();
  };
  EXPECT_THAT(FaultsAfterProd(contradict),
              ElementsAre("DUPLICATE_ID pipeline stages[prod].passes[" + DigestOf('a') + "]"));
  v1::PipelineState state;
  const StageFacts stage = LoadAfter(state, contradict);
  for (const PassFacts& pass : stage.passes) EXPECT_TRUE(pass.revoked);
}

TEST(StageLogTest, LatchesConcernThePipeline) {
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_latches(0)->clear_at(); }),
              ElementsAre(Invalid("latches")));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_latches(0)->clear_artifact(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].latches[]"));
}

TEST(StageLogTest, AMalformedReleaseReleasesNothing) {
  for (int missing = 0; missing < 3; ++missing) {
    v1::PipelineState state;
    const auto clear = [&](v1::StageRecord& s) {
      v1::LatchRelease& released = *s.mutable_latches(0)->mutable_released();
      if (missing == 0) released.clear_who();
      if (missing == 1) released.clear_why();
      if (missing == 2) released.clear_at();
    };
    EXPECT_FALSE(LoadAfter(state, clear).latches[0].released) << missing;
    EXPECT_THAT(FaultsAfterProd(clear), ElementsAre(Invalid("latches"))) << missing;
  }
}

TEST(StageLogTest, SortedEachOnce) {
  v1::PipelineState state;
  const StageFacts stage = LoadAfter(state, [](v1::StageRecord& s) {
    *s.add_passes() = s.passes(0);
    s.mutable_passes(1)->mutable_at()->set_seconds(601);
    *s.add_passes() = s.passes(0);
    s.mutable_passes(2)->set_artifact(DigestOf('0'));
    s.mutable_passes(2)->clear_revoked_at();
    *s.add_latches() = s.latches(0);
    s.mutable_latches(1)->clear_released();
    *s.add_entries() = s.entries(0);
    s.mutable_entries(1)->mutable_at()->set_seconds(501);
  });
  ASSERT_EQ(stage.passes.size(), 2u);
  EXPECT_FALSE(stage.passes[0].revoked);
  EXPECT_TRUE(stage.passes[1].revoked);
  ASSERT_EQ(stage.latches.size(), 2u);
  EXPECT_FALSE(stage.latches[0].released);
  EXPECT_EQ(stage.entries.size(), 1u);
}

}  // namespace
}  // namespace sluice
