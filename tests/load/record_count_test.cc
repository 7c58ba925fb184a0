#include "sluice/load/record_count.h"

#include "gtest/gtest.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

TEST(RecordCountTest, CountsElementsOfListsButNotWhatIsInside) {
  v1::PipelineState state;
  EXPECT_EQ(RecordCount(state), 0u);
  state.set_pipeline("shop");
  state.mutable_written_at()->set_seconds(1);
  (*state.mutable_annotations())["k"] = "v";
  EXPECT_EQ(RecordCount(state), 0u);
  state.add_cells();
  state.add_cells();
  state.add_stages()->add_rollouts();
  EXPECT_EQ(RecordCount(state), 3u);
}

TEST(RecordCountTest, OversizedFieldNamesTheFirst) {
  v1::CellCounts counts;
  EXPECT_EQ(OversizedField(counts), "");
  counts.mutable_errors()->Resize(kMaxRecords + 1, 0);
  EXPECT_EQ(OversizedField(counts), "errors");
  counts.mutable_requests()->Resize(kMaxRecords, 0);
  EXPECT_EQ(OversizedField(counts), "errors");
  counts.add_requests(0);
  EXPECT_EQ(OversizedField(counts), "requests");
}

}  // namespace
}  // namespace sluice
