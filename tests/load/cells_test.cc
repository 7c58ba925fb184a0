#include "sluice/load/cells.h"

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

// A state with the cells of ValidState() alone, changed.
template <typename Change>
SnapshotData LoadAfter(v1::PipelineState& state, const Change& change) {
  state = ValidState();
  change(state);
  SnapshotData data;
  LoadCells(state, data);
  return data;
}

TEST(CellsTest, ReadsEveryField) {
  v1::PipelineState state;
  const SnapshotData data = LoadAfter(state, [](auto&) {});
  ASSERT_EQ(data.cells.size(), 4u);
  const CellFacts& eu = data.cells[0];
  EXPECT_EQ(eu.id, "eu");
  EXPECT_EQ(eu.stage, "prod");
  EXPECT_EQ(eu.region, "eu-1");
  EXPECT_EQ(eu.zone, "eu-1a");
  EXPECT_EQ(eu.weight, 10u);
  EXPECT_FALSE(eu.retired);
  EXPECT_EQ(data.cells[1].id, "old");
  EXPECT_TRUE(data.cells[1].retired);
}

TEST(CellsTest, Weights) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_cells(0)->set_weight(0); }),
              ElementsAre("INVALID_DATA cell eu"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_cells(0)->set_weight(1'000'000); }), IsEmpty());
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_cells(0)->set_weight(1'000'001); }),
              ElementsAre("LIMIT_EXCEEDED cell eu"));
}

TEST(CellsTest, AnInvalidRetirementRetiresNothing) {
  for (int missing = 0; missing < 3; ++missing) {
    v1::PipelineState state;
    const SnapshotData data = LoadAfter(state, [&](v1::PipelineState& s) {
      v1::Retirement& retired = *s.mutable_cells(1)->mutable_retired();
      if (missing == 0) retired.clear_who();
      if (missing == 1) retired.clear_why();
      if (missing == 2) retired.clear_at();
    });
    EXPECT_FALSE(data.Cell("old")->retired) << missing;
    EXPECT_EQ(data.Cell("old")->fault, v1::INVALID_DATA) << missing;
    EXPECT_EQ(data.fault, v1::ALL_CLEAR) << missing;
  }
}

TEST(CellsTest, WithoutIdOrStageItConcernsThePipeline) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_cells(1)->clear_id(); }),
              ElementsAre("INVALID_DATA pipeline cells[]"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_cells(1)->set_id("a b"); }),
              ElementsAre("INVALID_DATA pipeline cells[]"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_cells(1)->clear_stage(); }),
              ElementsAre("INVALID_DATA cell old", "INVALID_DATA pipeline cells[old]"));
}

TEST(CellsTest, OneIdWithTwoContentsIsTheCells) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_cells() = s.cells(3);
                s.mutable_cells(4)->set_weight(2);
              }),
              ElementsAre("DUPLICATE_ID cell t1"));
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { *s.add_cells() = s.cells(3); }), IsEmpty());
}

TEST(CellsTest, OneIdInTwoStagesConcernsThePipelineToo) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_cells() = s.cells(3);
                s.mutable_cells(4)->set_stage("other");
              }),
              ElementsAre("DUPLICATE_ID cell t1", "DUPLICATE_ID pipeline cells[t1]"));
}

TEST(CellsTest, MutableCellFindsWhatCellFinds) {
  v1::PipelineState state;
  SnapshotData data = LoadAfter(state, [](auto&) {});
  EXPECT_EQ(MutableCell(data, "us"), data.Cell("us"));
  EXPECT_NE(MutableCell(data, "us"), nullptr);
  EXPECT_EQ(MutableCell(data, "none"), nullptr);
}

}  // namespace
}  // namespace sluice
