#include "sluice/load/requests.h"

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
StageFacts LoadAfter(v1::PipelineState& state, const Change& change) {
  state = ValidState();
  change(*state.mutable_stages(0));
  SnapshotData data;
  StageFacts stage;
  stage.id = "prod";
  LoadRequests(state.stages(0), data, stage);
  return stage;
}

TEST(RequestsTest, ReadsEveryField) {
  v1::PipelineState state;
  const StageFacts stage = LoadAfter(state, [](auto&) {});
  ASSERT_EQ(stage.start_requests.size(), 1u);
  EXPECT_EQ(stage.start_requests[0].artifact, DigestOf('b'));
  EXPECT_EQ(stage.start_requests[0].wave, "first");
  EXPECT_EQ(stage.start_requests[0].who, "ann");
  EXPECT_EQ(stage.start_requests[0].requested_at, absl::FromUnixSeconds(4000));
  EXPECT_EQ(stage.start_requests[0].expires_at, absl::FromUnixSeconds(5000));
  ASSERT_EQ(stage.preempt_requests.size(), 1u);
  EXPECT_EQ(stage.preempt_requests[0].artifact, DigestOf('c'));
  EXPECT_EQ(stage.preempt_requests[0].wave, "");
  ASSERT_EQ(stage.roll_back_requests.size(), 1u);
  EXPECT_EQ(stage.roll_back_requests[0].id, "r1");
  EXPECT_THAT(stage.roll_back_requests[0].cells, ElementsAre("eu", "us"));
  EXPECT_EQ(stage.roll_back_requests[0].requested_at, absl::FromUnixSeconds(4400));
  EXPECT_EQ(stage.roll_back_requests[0].honoured_by, 30u);
  ASSERT_EQ(stage.retry_requests.size(), 1u);
  EXPECT_EQ(stage.retry_requests[0].cell, "us");
  EXPECT_EQ(stage.retry_requests[0].attempt, 2u);
  EXPECT_EQ(stage.retry_requests[0].number, 33u);
}

TEST(RequestsTest, AnInvalidOneGrantsNothing) {
  const auto clear_who = [](v1::StageRecord& s) {
    s.mutable_start_requests(0)->clear_who();
    s.mutable_preempt_requests(0)->clear_who();
    s.mutable_roll_back_requests(0)->clear_who();
    s.mutable_retry_requests(0)->clear_who();
  };
  v1::PipelineState state;
  const StageFacts stage = LoadAfter(state, clear_who);
  EXPECT_THAT(stage.start_requests, IsEmpty());
  EXPECT_THAT(stage.preempt_requests, IsEmpty());
  EXPECT_THAT(stage.roll_back_requests, IsEmpty());
  EXPECT_THAT(stage.retry_requests, IsEmpty());
}

TEST(RequestsTest, AnInvalidOneConcernsThePipeline) {
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_start_requests(0)->clear_artifact(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].start_requests[s1]"));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_preempt_requests(0)->clear_artifact(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].preempt_requests[p1]"));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_roll_back_requests(0)->clear_why(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].roll_back_requests[r1]"));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_retry_requests(0)->clear_number(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].retry_requests[t1]"));
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_retry_requests(0)->clear_id(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].retry_requests[]"));
}

TEST(RequestsTest, ARollBackOfUnreadableCellsIsNotOneOfAll) {
  const auto change = [](v1::StageRecord& s) {
    s.mutable_roll_back_requests(0)->clear_cells();
    s.mutable_roll_back_requests(0)->add_cells("");
  };
  v1::PipelineState state;
  EXPECT_THAT(LoadAfter(state, change).roll_back_requests, IsEmpty());
}

TEST(RequestsTest, ARequestExpiresAfterItWasMade) {
  EXPECT_THAT(FaultsAfterProd([](auto& s) {
                s.mutable_start_requests(0)->mutable_expires_at()->set_seconds(4000);
              }),
              ElementsAre("INVALID_DATA pipeline stages[prod].start_requests[s1]"));
  EXPECT_THAT(FaultsAfterProd([](auto& s) {
                s.mutable_start_requests(0)->mutable_expires_at()->set_seconds(4000);
                s.mutable_start_requests(0)->mutable_expires_at()->set_nanos(1);
              }),
              IsEmpty());
}

TEST(RequestsTest, Waves) {
  const auto wave = [](const char* id) {
    return FaultsAfterProd([&](auto& s) { s.mutable_start_requests(0)->set_wave(id); });
  };
  EXPECT_THAT(wave(""), IsEmpty());
  EXPECT_THAT(wave("@catch_up"), IsEmpty());
  EXPECT_THAT(wave("@other"), ElementsAre("INVALID_DATA pipeline stages[prod].start_requests[s1]"));
}

TEST(RequestsTest, ARetryOfACellNamesTheAttempt) {
  EXPECT_THAT(FaultsAfterProd([](auto& s) { s.mutable_retry_requests(0)->clear_attempt(); }),
              ElementsAre("INVALID_DATA pipeline stages[prod].retry_requests[t1]"));
  EXPECT_THAT(FaultsAfterProd([](auto& s) {
                s.mutable_retry_requests(0)->clear_attempt();
                s.mutable_retry_requests(0)->clear_cell();
              }),
              IsEmpty());
}

TEST(RequestsTest, IdsAreUniqueInTheStage) {
  EXPECT_THAT(
      FaultsAfterProd([](v1::StageRecord& s) { *s.add_start_requests() = s.start_requests(0); }),
      IsEmpty());
  EXPECT_THAT(FaultsAfterProd([](v1::StageRecord& s) {
                *s.add_start_requests() = s.start_requests(0);
                s.mutable_start_requests(1)->set_who("bob");
              }),
              ElementsAre("DUPLICATE_ID pipeline stages[prod].start_requests[s1]"));
}

}  // namespace
}  // namespace sluice
