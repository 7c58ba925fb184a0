#include "sluice/load/stage_records.h"

#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(StageRecordsTest, TheStageMustBeReadable) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_stages(1)->clear_stage(); }),
              ElementsAre("INVALID_DATA pipeline stages"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_stages(1)->set_stage("-"); }),
              ElementsAre("INVALID_DATA pipeline stages"));
}

TEST(StageRecordsTest, OneRecordEach) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { *s.add_stages() = s.stages(0); }), IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_stages() = s.stages(0);
                s.mutable_stages(2)->mutable_deployments()->SwapElements(0, 2);
              }),
              IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { s.add_stages()->set_stage("test"); }),
              ElementsAre("DUPLICATE_ID pipeline stages[test]"));
}

TEST(StageRecordsTest, TooManyElementsExceedTheLimit) {
  const auto with = [](int entries) {
    return FaultsAfterProd([&](v1::StageRecord& stage) {
      while (stage.entries_size() < entries) *stage.add_entries() = stage.entries(0);
    });
  };
  EXPECT_THAT(with(kMaxRecords), IsEmpty());
  EXPECT_THAT(with(kMaxRecords + 1), ElementsAre("LIMIT_EXCEEDED pipeline stages[prod]"));
}

TEST(StageRecordsTest, UnknownFieldsOfItsOwnConcernThePipeline) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                v1::StageRecord& stage = *s.mutable_stages(1);
                stage.GetReflection()->MutableUnknownFields(&stage)->AddVarint(99, 1);
              }),
              ElementsAre("UNKNOWN_FIELD pipeline stages[test]"));
}

TEST(StageRecordsTest, UnknownFieldsInsideKeepTheirScope) {
  EXPECT_THAT(FaultsAfterProd([](v1::StageRecord& stage) {
                v1::Deployment& deployment = *stage.mutable_deployments(2);
                deployment.GetReflection()->MutableUnknownFields(&deployment)->AddVarint(99, 1);
              }),
              ElementsAre("UNKNOWN_FIELD cell us", "UNKNOWN_FIELD deployment prod us 32"));
}

}  // namespace
}  // namespace sluice
