#include "sluice/record/person_events.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

using Code = absl::StatusCode;

class PersonEventsTest : public RecordTest {};

TEST_F(PersonEventsTest, ARolloutIsAbandoned) {
  EXPECT_EQ(world.Do(world.Abandoned(3)).code(), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.Do(world.Abandoned(2)).code(), Code::kFailedPrecondition);
  world.Must(world.Abandoned(3));
  EXPECT_EQ(world.Rollout(3).state(), v1::Rollout::ABANDONED);
  EXPECT_EQ(world.Rollout(3).ended_by(), "ann");
  EXPECT_EQ(world.Rollout(3).why(), "enough");
  EXPECT_EQ(world.Rollout(3).ended_at().seconds(), world.now);
  EXPECT_FALSE(world.Newest("a").has_ended_at());
  EXPECT_EQ(world.Do(world.Abandoned(3)).code(), Code::kFailedPrecondition);
}

TEST_F(PersonEventsTest, ARollBackIsAbandonedAndStaysLatched) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.Must(world.Abandoned(3));
  EXPECT_EQ(world.Rollout(3).state(), v1::Rollout::ABANDONED);
  EXPECT_TRUE(world.IsLatched(3));
}

TEST_F(PersonEventsTest, ACompleteRolloutIsNotAbandoned) {
  world.RollOut(3, TwoWaves());
  EXPECT_EQ(world.Do(world.Abandoned(3)).code(), Code::kFailedPrecondition);
}

TEST_F(PersonEventsTest, ACellIsAcceptedOnceItsDeploymentEnded) {
  EXPECT_EQ(world.Do(world.Accepted("a")).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(world.Accepted("x")).code(), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.Do(world.Accepted("a")).code(), Code::kFailedPrecondition);
  world.End("a");
  world.Must(world.Accepted("a"));
  const v1::Acceptance accepted = world.Newest("a").accepted();
  EXPECT_EQ(accepted.who(), "ann");
  EXPECT_EQ(accepted.why(), "looked at it");
  ASSERT_EQ(accepted.roles_size(), 1);
  EXPECT_EQ(accepted.roles(0), "lead");
  EXPECT_EQ(accepted.at().seconds(), world.now);
  EXPECT_EQ(world.Do(world.Accepted("a")).code(), Code::kFailedPrecondition);
}

TEST_F(PersonEventsTest, WhatIsProvenAdoptedOrRolledBackIsNotAccepted) {
  world.RollOut(1, TwoWaves());
  EXPECT_EQ(world.Do(world.Accepted("a")).code(), Code::kFailedPrecondition);
  world.AddCell("d");
  world.Must(world.Adopted("d", 2));
  EXPECT_EQ(world.Do(world.Accepted("d")).code(), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  world.End("a");
  EXPECT_EQ(world.Do(world.Accepted("a")).code(), Code::kFailedPrecondition);
}

TEST_F(PersonEventsTest, ALatchIsReleasedByNameOnce) {
  EXPECT_EQ(world.Do(world.Released(3)).code(), Code::kFailedPrecondition);
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  EXPECT_EQ(world.Do(world.Released(2)).code(), Code::kFailedPrecondition);
  world.Must(world.Released(3));
  EXPECT_FALSE(world.IsLatched(3));
  const v1::LatchRelease released = world.Stage().latches(0).released();
  EXPECT_EQ(released.who(), "ann");
  EXPECT_EQ(released.why(), "fixed");
  EXPECT_EQ(released.at().seconds(), world.now);
  EXPECT_EQ(released.number(), world.state.revision());
  EXPECT_EQ(world.Do(world.Released(3)).code(), Code::kFailedPrecondition);
  // Another step latches it again.
  world.End("a", v1::Deployment::FAILED);
  world.StartRollBack("a", 3, 1);
  EXPECT_TRUE(world.IsLatched(3));
  ASSERT_EQ(world.Stage().latches_size(), 2);
  // Its release leaves the earlier one as it was.
  world.Must(world.Released(3));
  EXPECT_FALSE(world.IsLatched(3));
  EXPECT_EQ(DeterministicBytes(world.Stage().latches(0).released()), DeterministicBytes(released));
  EXPECT_EQ(world.Stage().latches(1).released().number(), world.state.revision());
}

// ---- Requests.

v1::Event StartAsked(World* world, const std::string& id, int n) {
  v1::Event event = world->NewEvent();
  event.mutable_start_requested()->set_stage("prod");
  v1::StartRequest* request = event.mutable_start_requested()->mutable_request();
  request->set_id(id);
  request->set_artifact(D(n));
  request->set_wave("one");
  request->set_who("ann");
  *request->mutable_requested_at() = At(100);
  *request->mutable_expires_at() = At(200);
  return event;
}

v1::Event PreemptAsked(World* world, const std::string& id, int n) {
  v1::Event event = world->NewEvent();
  event.mutable_preempt_requested()->set_stage("prod");
  v1::PreemptRequest* request = event.mutable_preempt_requested()->mutable_request();
  request->set_id(id);
  request->set_artifact(D(n));
  request->set_who("ann");
  *request->mutable_requested_at() = At(100);
  *request->mutable_expires_at() = At(200);
  return event;
}

TEST_F(PersonEventsTest, AStartRequestIsKept) {
  world.Must(StartAsked(&world, "s", 3));
  ASSERT_EQ(world.Stage().start_requests_size(), 1);
  EXPECT_EQ(world.Stage().start_requests(0).wave(), "one");
  EXPECT_EQ(world.Do(StartAsked(&world, "s", 3)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(StartAsked(&world, "s", 4)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(StartAsked(&world, "t", 10)).code(), Code::kFailedPrecondition);
  world.Must(StartAsked(&world, "t", 4));
  EXPECT_EQ(world.Stage().start_requests_size(), 2);
}

TEST_F(PersonEventsTest, APreemptRequestIsKept) {
  world.Must(PreemptAsked(&world, "s", 3));
  ASSERT_EQ(world.Stage().preempt_requests_size(), 1);
  EXPECT_EQ(world.Stage().preempt_requests(0).artifact(), D(3));
  EXPECT_EQ(world.Do(PreemptAsked(&world, "s", 3)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(PreemptAsked(&world, "t", 10)).code(), Code::kFailedPrecondition);
}

TEST_F(PersonEventsTest, ARollBackIsAskedForOfWhatHadARollout) {
  EXPECT_EQ(world.Do(world.RollBackAsked(3)).code(), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  world.Must(world.RollBackAsked(3));
}

TEST_F(PersonEventsTest, ARollBackRequestIsKept) {
  world.Deploy("a", 3, TwoWaves());
  v1::Event event = world.RollBackAsked(3);
  event.mutable_roll_back_requested()->mutable_request()->add_cells("x");
  EXPECT_EQ(world.Do(event).code(), Code::kFailedPrecondition);
  event.mutable_roll_back_requested()->mutable_request()->set_cells(0, "a");
  world.Must(event);
  ASSERT_EQ(world.Stage().roll_back_requests_size(), 1);
  EXPECT_EQ(world.Stage().roll_back_requests(0).cells(0), "a");
  v1::Event same_id = world.RollBackAsked(3);
  same_id.mutable_roll_back_requested()->mutable_request()->set_id(
      event.roll_back_requested().request().id());
  EXPECT_EQ(world.Do(same_id).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(world.RollBackAsked(10)).code(), Code::kFailedPrecondition);
}

TEST_F(PersonEventsTest, ARollBackIsAskedForWhateverTheArtifactsRecordSays) {
  world.Deploy("a", 3, TwoWaves());
  for (v1::Artifact& artifact : *world.state.mutable_artifacts()) {
    if (artifact.digest() == D(3)) artifact.clear_sequence();
  }
  world.Must(world.RollBackAsked(3));
}

TEST_F(PersonEventsTest, ARetryIsOfTheNextAttemptAtWhatFailed) {
  EXPECT_EQ(world.Do(world.RetryAsked(3, "a", 1)).code(), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.Do(world.RetryAsked(3, "a", 2)).code(), Code::kFailedPrecondition);
  world.End("a", v1::Deployment::FAILED);
  EXPECT_EQ(world.Do(world.RetryAsked(3, "a", 1)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(world.RetryAsked(3, "a", 3)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Do(world.RetryAsked(3, "b", 1)).code(), Code::kFailedPrecondition);
  world.Must(world.RetryAsked(3, "a", 2));
  EXPECT_EQ(world.Stage().retry_requests(0).number(), world.state.revision());
}

TEST_F(PersonEventsTest, WhatSucceededIsNotRetried) {
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  EXPECT_EQ(world.Do(world.RetryAsked(3, "a", 2)).code(), Code::kFailedPrecondition);
}

TEST_F(PersonEventsTest, ARolloutIsRetriedOnceAbandonedOrHalted) {
  EXPECT_EQ(world.Do(world.RetryAsked(3)).code(), Code::kFailedPrecondition);
  world.Deploy("a", 3, TwoWaves());
  EXPECT_EQ(world.Do(world.RetryAsked(3)).code(), Code::kFailedPrecondition);
  World halted = world;
  halted.Must(halted.Wanted(v1::WantedRecord::HALTED, 3, "", "", v1::NO_SAFE_TARGET));
  halted.Must(halted.RetryAsked(3));
  world.Must(world.Abandoned(3));
  world.Must(world.RetryAsked(3));
}

TEST_F(PersonEventsTest, ARetryHasAnIdOfItsOwn) {
  world.Deploy("a", 3, TwoWaves());
  world.Must(world.Abandoned(3));
  v1::Event first = world.RetryAsked(3);
  world.Must(first);
  v1::Event second = world.RetryAsked(3);
  second.mutable_retry_requested()->mutable_request()->set_id(
      first.retry_requested().request().id());
  EXPECT_EQ(world.Do(second).code(), Code::kFailedPrecondition);
  EXPECT_EQ(world.Stage().retry_requests_size(), 1);
}

// ---- Records that can't be used.

// Applies what `make` says, which must be taken, and again after `damage`, which must refuse it.
void ExpectRefusedAfter(const World& world, const std::function<v1::Event(World*)>& make,
                        const std::function<void(v1::StageRecord*)>& damage) {
  World sound = world;
  const v1::Event event = make(&sound);
  World damaged = sound;
  damage(damaged.MutableStage());
  EXPECT_EQ(damaged.Do(event).code(), Code::kFailedPrecondition) << event.ShortDebugString();
  sound.Must(event);
}

TEST_F(PersonEventsTest, WhatCantBeReadOfAnArtifactStopsWhatIsSaidOfIt) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.StartRollBack("a", 3, 1);
  const std::vector<std::function<v1::Event(World*)>> all = {
      [](World* w) { return w->Abandoned(3); },
      [](World* w) { return w->Released(3); },
      [](World* w) { return w->RollBackAsked(3); },
      [](World* w) { return StartAsked(w, "s", 3); },
      [](World* w) { return PreemptAsked(w, "s", 3); },
      [](World* w) {
        w->Must(w->Abandoned(3));
        return w->RetryAsked(3);
      },
  };
  for (const auto& make : all) {
    ExpectRefusedAfter(world, make,
                       [](v1::StageRecord* stage) { stage->add_entries()->set_artifact(D(3)); });
  }
}

TEST_F(PersonEventsTest, WhatCantBeReadOfACellStopsItsAcceptance) {
  world.RollOut(1, TwoWaves());
  world.Deploy("a", 3, TwoWaves());
  world.End("a");
  ExpectRefusedAfter(
      world, [](World* w) { return w->Accepted("a"); },
      [](v1::StageRecord* stage) { stage->mutable_deployments(0)->clear_started_at(); });
}

}  // namespace
}  // namespace sluice
