#include "sluice/record/grant_events.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

using Code = absl::StatusCode;

class GrantEventsTest : public ::testing::Test {
 protected:
  // Applies an event whose kind is given as text.
  Code Try(absl::string_view kind) {
    v1::Event event = world.NewEvent();
    event.clear_expected_revision();
    event.MergeFrom(Parse<v1::Event>(kind));
    return world.Do(event).code();
  }

  World world;
};

std::string Approval(absl::string_view id, absl::string_view principal) {
  return absl::StrCat("approval_granted { approval { id: '", id, "' blocker: 'go' artifact: '",
                      D(1), "' stage: 'prod' principal: '", principal,
                      "' roles: 'lead' roles: 'sre' granted_at { seconds: 10 } } }");
}

TEST_F(GrantEventsTest, AnApprovalIsGrantedAndRevokedOnce) {
  EXPECT_EQ(Try("approval_revoked { approval: 'x' }"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Approval("x", "ann")), Code::kOk);
  EXPECT_EQ(Try(Approval("x", "ann")), Code::kOk);
  EXPECT_EQ(Try(Approval("x", "bob")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Approval("y", "bob")), Code::kOk);
  EXPECT_EQ(world.state.approvals_size(), 2);
  EXPECT_EQ(Try("approval_revoked { approval: 'x' }"), Code::kOk);
  EXPECT_EQ(world.state.approvals(0).revoked_at().seconds(), world.now);
  EXPECT_FALSE(world.state.approvals(1).has_revoked_at());
  EXPECT_EQ(Try("approval_revoked { approval: 'x' }"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Approval("x", "ann")), Code::kFailedPrecondition);
}

std::string Override(absl::string_view id, absl::string_view blocker) {
  return absl::StrCat("override_granted { override { id: '", id, "' blockers: '", blocker,
                      "' artifact: '", D(1), "' stages: 'prod' principal: 'ann' roles: 'lead' ",
                      "reason: 'outage' granted_at { seconds: 10 } expires_at { seconds: 20 } } }");
}

TEST_F(GrantEventsTest, AnOverrideIsGrantedAndRevokedOnce) {
  EXPECT_EQ(Try("override_revoked { override: 'x' }"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Override("x", "alarms")), Code::kOk);
  EXPECT_EQ(Try(Override("x", "alarms")), Code::kOk);
  EXPECT_EQ(Try(Override("x", "window")), Code::kFailedPrecondition);
  EXPECT_EQ(world.state.overrides_size(), 1);
  EXPECT_EQ(Try("override_revoked { override: 'x' }"), Code::kOk);
  EXPECT_EQ(world.state.overrides(0).revoked_at().seconds(), world.now);
  EXPECT_EQ(Try("override_revoked { override: 'x' }"), Code::kFailedPrecondition);
}

std::string Hold(absl::string_view id, absl::string_view scope) {
  return absl::StrCat("hold_placed { hold { id: '", id, "' ", scope,
                      " who: 'ann' why: 'inventory' placed_at { seconds: 10 } } }");
}

TEST_F(GrantEventsTest, AHoldIsPlacedAndReleasedOnce) {
  EXPECT_EQ(Try("hold_released { hold: 'x' }"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Hold("x", "scope: PIPELINE")), Code::kOk);
  EXPECT_EQ(Try(Hold("x", "scope: PIPELINE")), Code::kOk);
  EXPECT_EQ(Try(Hold("x", "scope: STAGE stage: 'prod'")), Code::kFailedPrecondition);
  EXPECT_EQ(world.state.holds_size(), 1);
  EXPECT_EQ(Try("hold_released { hold: 'x' }"), Code::kOk);
  EXPECT_EQ(world.state.holds(0).released_at().seconds(), world.now);
  EXPECT_EQ(Try("hold_released { hold: 'x' }"), Code::kFailedPrecondition);
}

TEST_F(GrantEventsTest, AHoldOfACellNamesOneOfTheStage) {
  world.AddCell("a");
  EXPECT_EQ(Try(Hold("x", "scope: CELL stage: 'prod' cell: 'b'")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Hold("x", "scope: CELL stage: 'test' cell: 'a'")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(Hold("x", "scope: CELL stage: 'prod' cell: 'a'")), Code::kOk);
}

TEST_F(GrantEventsTest, ARollBackHoldIsPlacedAndReleasedOnce) {
  const auto hold = [](absl::string_view stage) {
    return absl::StrCat("roll_back_hold_placed { hold { id: 'x' stage: '", stage,
                        "' who: 'ann' why: 'look' placed_at { seconds: 10 } expires_at { ",
                        "seconds: 20 } } }");
  };
  EXPECT_EQ(Try("roll_back_hold_released { hold: 'x' }"), Code::kFailedPrecondition);
  EXPECT_EQ(Try(hold("prod")), Code::kOk);
  EXPECT_EQ(Try(hold("prod")), Code::kOk);
  EXPECT_EQ(Try(hold("test")), Code::kFailedPrecondition);
  EXPECT_EQ(Try("roll_back_hold_released { hold: 'x' }"), Code::kOk);
  EXPECT_EQ(world.state.roll_back_holds(0).released_at().seconds(), world.now);
  EXPECT_EQ(Try("roll_back_hold_released { hold: 'x' }"), Code::kFailedPrecondition);
}

TEST_F(GrantEventsTest, AnArtifactIsWithdrawnRecordedOrNot) {
  const auto withdrawn = [](int n, absl::string_view why) {
    return absl::StrCat("artifact_withdrawn { withdrawal { artifact: '", D(n),
                        "' who: 'ann' why: '", why, "' at { seconds: 10 } } }");
  };
  EXPECT_EQ(Try(withdrawn(1, "bad")), Code::kOk);
  EXPECT_EQ(Try(withdrawn(1, "bad")), Code::kOk);
  EXPECT_EQ(Try(withdrawn(1, "worse")), Code::kFailedPrecondition);
  EXPECT_EQ(Try(withdrawn(2, "bad")), Code::kOk);
  EXPECT_EQ(world.state.withdrawals_size(), 2);
}

TEST_F(GrantEventsTest, RecordsThatContradictEachOtherAreLeftAsTheyAre) {
  ASSERT_EQ(Try(Hold("x", "scope: PIPELINE")), Code::kOk);
  *world.state.add_holds() = world.state.holds(0);
  world.state.clear_record_count();
  World with_duplicate = world;
  world.state.mutable_holds(1)->set_who("bob");
  EXPECT_EQ(Try(Hold("x", "scope: PIPELINE")), Code::kFailedPrecondition);
  EXPECT_EQ(Try("hold_released { hold: 'x' }"), Code::kFailedPrecondition);
  EXPECT_FALSE(world.state.holds(0).has_released_at());
  // The very same twice is one.
  world = with_duplicate;
  EXPECT_EQ(Try(Hold("x", "scope: PIPELINE")), Code::kOk);
  EXPECT_EQ(Try("hold_released { hold: 'x' }"), Code::kOk);
  EXPECT_EQ(world.state.holds_size(), 1);
}

}  // namespace
}  // namespace sluice
