#include "sluice/record/lookup.h"

#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

v1::Cell* AddCell(v1::PipelineState* state, const char* id, const char* stage) {
  v1::Cell* cell = state->add_cells();
  cell->set_id(id);
  cell->set_stage(stage);
  cell->set_weight(1);
  return cell;
}

v1::PipelineState CellsOfTwoStages() {
  v1::PipelineState state;
  AddCell(&state, "a", "prod");
  AddCell(&state, "b", "prod");
  AddCell(&state, "t", "test");
  return state;
}

TEST(CellsOfTest, TheCellsOfTheStage) {
  const v1::PipelineState state = CellsOfTwoStages();
  const auto cells = CellsOf(state, "prod");
  EXPECT_EQ(cells.size(), 2);
  EXPECT_EQ(cells.at("a"), &state.cells(0));
  EXPECT_EQ(cells.at("b"), &state.cells(1));
}

// A cell that can't be read may be of any stage.
TEST(CellsOfTest, ACellThatCantBeReadIsNull) {
  v1::PipelineState state = CellsOfTwoStages();
  state.mutable_cells(2)->set_region("e u");
  const auto cells = CellsOf(state, "prod");
  EXPECT_EQ(cells.size(), 3);
  EXPECT_NE(cells.at("a"), nullptr);
  EXPECT_EQ(cells.at("t"), nullptr);
}

TEST(CellsOfTest, ACellWithAFieldThatIsNotKnownIsNull) {
  v1::PipelineState state = CellsOfTwoStages();
  v1::Cell* cell = state.mutable_cells(0);
  cell->GetReflection()->MutableUnknownFields(cell)->AddVarint(999, 1);
  EXPECT_EQ(CellsOf(state, "prod").at("a"), nullptr);
  EXPECT_NE(CellsOf(state, "prod").at("b"), nullptr);
}

TEST(CellsOfTest, TwoThatDifferAreNull) {
  v1::PipelineState state = CellsOfTwoStages();
  AddCell(&state, "a", "prod")->set_weight(2);
  EXPECT_EQ(CellsOf(state, "prod").at("a"), nullptr);
  // A third that equals the first makes neither of them right.
  AddCell(&state, "a", "prod");
  EXPECT_EQ(CellsOf(state, "prod").at("a"), nullptr);
}

TEST(CellsOfTest, AnExactDuplicateIsTheSameCell) {
  v1::PipelineState state = CellsOfTwoStages();
  AddCell(&state, "a", "prod");
  ASSERT_NE(CellsOf(state, "prod").at("a"), nullptr);
  EXPECT_EQ(CellsOf(state, "prod").at("a")->weight(), 1);
}

TEST(RemoveRecordsTest, TheOthersKeepTheirOrder) {
  v1::PipelineState state = CellsOfTwoStages();
  RemoveRecords(state.mutable_cells(), [](const v1::Cell& cell) { return cell.id() == "a"; });
  ASSERT_EQ(state.cells_size(), 2);
  EXPECT_EQ(state.cells(0).id(), "b");
  EXPECT_EQ(state.cells(1).id(), "t");
}

}  // namespace
}  // namespace sluice
