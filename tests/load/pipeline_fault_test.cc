#include "sluice/load/pipeline_fault.h"

#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"

namespace sluice {
namespace {

TEST(FaultPipelineTest, TheLowestReasonAndSubjectStay) {
  SnapshotData data;
  FaultPipeline(data, v1::ALL_CLEAR, "a");
  EXPECT_EQ(data.fault, v1::ALL_CLEAR);
  EXPECT_EQ(data.fault_subject, "");
  FaultPipeline(data, v1::UNKNOWN_FIELD, "c");
  EXPECT_EQ(data.fault, v1::UNKNOWN_FIELD);
  EXPECT_EQ(data.fault_subject, "c");
  FaultPipeline(data, v1::DUPLICATE_ID, "a");
  EXPECT_EQ(data.fault, v1::UNKNOWN_FIELD);
  FaultPipeline(data, v1::UNKNOWN_FIELD, "b");
  EXPECT_EQ(data.fault_subject, "b");
  FaultPipeline(data, v1::UNKNOWN_FIELD, "c");
  EXPECT_EQ(data.fault_subject, "b");
  FaultPipeline(data, v1::INVALID_DATA, "z");
  EXPECT_EQ(data.fault, v1::INVALID_DATA);
  EXPECT_EQ(data.fault_subject, "z");
}

}  // namespace
}  // namespace sluice
