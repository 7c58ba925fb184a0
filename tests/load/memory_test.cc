#include "sluice/load/memory.h"

#include <cstdint>

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

TEST(MemoryTest, RemembersEpochs) {
  const v1::PipelineState state = ValidState();
  SnapshotData data;
  LoadMemory(state, data);
  EXPECT_EQ(data.lists_seen.size(), 1u);
  EXPECT_EQ(data.lists_seen.at("cves"), 7u);
}

TEST(MemoryTest, OfTwoEpochsTheHighestCountsAndThePipelineIsInvalid) {
  for (const int other : {6, 8}) {
    v1::PipelineState state = ValidState();
    state.add_lists_seen()->set_list("cves");
    state.mutable_lists_seen(1)->set_epoch(static_cast<uint64_t>(other));
    SnapshotData data;
    LoadMemory(state, data);
    EXPECT_EQ(data.lists_seen.at("cves"), other == 8 ? 8u : 7u);
    EXPECT_EQ(data.fault, v1::DUPLICATE_ID);
    EXPECT_EQ(data.fault_subject, "lists_seen[cves]");
  }
}

TEST(MemoryTest, EpochsAreComparedAsNumbers) {
  // Their bytes on the wire have the other order.
  v1::PipelineState state;
  for (const uint64_t epoch : {uint64_t{255}, uint64_t{256}}) {
    v1::ListSeen& seen = *state.add_lists_seen();
    seen.set_list("cves");
    seen.set_epoch(epoch);
  }
  SnapshotData data;
  LoadMemory(state, data);
  EXPECT_EQ(data.lists_seen.at("cves"), 256u);
}

TEST(MemoryTest, WhenEventsWereForgottenMustBeReadable) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_events_forgotten_before()->set_seconds(100); }),
              IsEmpty());
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_events_forgotten_before()->set_nanos(-1); }),
              ElementsAre("INVALID_DATA pipeline events_forgotten_before"));
}

TEST(MemoryTest, ListsSeenConcernThePipeline) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_lists_seen(0)->clear_list(); }),
              ElementsAre("INVALID_DATA pipeline lists_seen[]"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_lists_seen(0)->clear_epoch(); }),
              ElementsAre("INVALID_DATA pipeline lists_seen[cves]"));
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { *s.add_lists_seen() = s.lists_seen(0); }),
              IsEmpty());
}

TEST(MemoryTest, AppliedEventsConcernThePipeline) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_applied_events(0)->clear_id(); }),
              ElementsAre("INVALID_DATA pipeline applied_events[]"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_applied_events(0)->clear_digest(); }),
              ElementsAre("INVALID_DATA pipeline applied_events[e1]"));
  EXPECT_THAT(
      FaultsAfter([](v1::PipelineState& s) { *s.add_applied_events() = s.applied_events(0); }),
      IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                s.add_applied_events()->set_id("e1");
                s.mutable_applied_events(1)->set_digest(DigestOf('a'));
              }),
              ElementsAre("DUPLICATE_ID pipeline applied_events[e1]"));
}

}  // namespace
}  // namespace sluice
