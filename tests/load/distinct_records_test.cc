#include "sluice/load/distinct_records.h"

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

absl::string_view IdOf(const v1::Hold& hold) { return hold.id(); }

void Add(v1::PipelineState& state, const char* id, const char* why) {
  v1::Hold& hold = *state.add_holds();
  hold.set_id(id);
  hold.set_why(why);
}

TEST(DistinctRecordsTest, NoneOfNone) {
  EXPECT_TRUE(DistinctRecords(v1::PipelineState().holds(), IdOf).empty());
  EXPECT_TRUE(OneRecordPerKey(v1::PipelineState().holds(), IdOf).empty());
}

TEST(DistinctRecordsTest, SortedWithoutDuplicates) {
  v1::PipelineState state;
  Add(state, "b", "x");
  Add(state, "a", "x");
  Add(state, "b", "x");
  const auto distinct = DistinctRecords(state.holds(), IdOf);
  ASSERT_EQ(distinct.size(), 2u);
  EXPECT_EQ(distinct[0].record->id(), "a");
  EXPECT_EQ(distinct[1].record->id(), "b");
  EXPECT_FALSE(distinct[0].conflict);
  EXPECT_FALSE(distinct[1].conflict);
}

TEST(DistinctRecordsTest, DifferentContentOfOneKeyIsAConflict) {
  v1::PipelineState state;
  Add(state, "b", "y");
  Add(state, "a", "x");
  Add(state, "b", "x");
  Add(state, "b", "y");
  const auto distinct = DistinctRecords(state.holds(), IdOf);
  ASSERT_EQ(distinct.size(), 3u);
  EXPECT_FALSE(distinct[0].conflict);
  EXPECT_EQ(distinct[1].record->why(), "x");
  EXPECT_TRUE(distinct[1].conflict);
  EXPECT_EQ(distinct[2].record->why(), "y");
  EXPECT_TRUE(distinct[2].conflict);
  const auto one = OneRecordPerKey(state.holds(), IdOf);
  ASSERT_EQ(one.size(), 2u);
  EXPECT_EQ(one[1].record->why(), "x");
  EXPECT_TRUE(one[1].conflict);
}

TEST(RecordContentTest, TheOrderOfASetIsNoContent) {
  v1::Override a;
  a.add_blockers("x");
  a.add_blockers("y");
  v1::Override b;
  b.add_blockers("y");
  b.add_blockers("x");
  b.add_blockers("y");
  EXPECT_EQ(RecordContent(a), RecordContent(b));
  b.add_blockers("z");
  EXPECT_NE(RecordContent(a), RecordContent(b));
}

TEST(RecordContentTest, TheOrderOfAColumnIsContent) {
  v1::Series a;
  a.add_values(1);
  a.add_values(2);
  v1::Series b;
  b.add_values(2);
  b.add_values(1);
  EXPECT_NE(RecordContent(a), RecordContent(b));
}

}  // namespace
}  // namespace sluice
