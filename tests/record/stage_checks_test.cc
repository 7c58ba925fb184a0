#include "sluice/record/stage_checks.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/record/world.h"

namespace sluice {
namespace {

template <typename Record>
struct Broken {
  std::string path;  // Of the one fault.
  std::function<void(Record*)> edit;
};

// A sound record has no fault, and each of `broken` makes of it one with a fault where it says.
template <typename Record>
void ExpectFaults(const Record& sound, void (*check)(const FieldPath&, const Record&, FieldErrors&),
                  const std::vector<Broken<Record>>& broken) {
  FieldErrors none;
  check(FieldPath(), sound, none);
  EXPECT_TRUE(none.empty()) << none.faults().ShortDebugString();
  for (const Broken<Record>& one : broken) {
    Record record = sound;
    one.edit(&record);
    FieldErrors errors;
    check(FieldPath(), record, errors);
    std::vector<std::string> paths;
    for (const v1::Fault& fault : errors.faults().faults()) paths.push_back(fault.path());
    EXPECT_EQ(paths, std::vector<std::string>{one.path}) << record.ShortDebugString();
  }
}

v1::Rollout SoundRollout(v1::Rollout::State state) {
  v1::Rollout rollout;
  rollout.set_number(1);
  rollout.set_artifact(D(1));
  rollout.set_state(state);
  *rollout.mutable_started_at() = At(1);
  rollout.mutable_plan()->set_policy_fingerprint(Fingerprint());
  v1::PlannedWave* wave = rollout.mutable_plan()->add_waves();
  wave->set_id("one");
  wave->add_cells("a");
  wave->add_weights(1);
  return rollout;
}

TEST(StageChecksTest, ARolloutUnderWay) {
  ExpectFaults<v1::Rollout>(
      SoundRollout(v1::Rollout::RUNNING), CheckRollout,
      {
          {"number", [](auto* r) { r->clear_number(); }},
          {"artifact", [](auto* r) { r->set_artifact("sha256:0"); }},
          {"plan.waves", [](auto* r) { r->mutable_plan()->clear_waves(); }},
          {"plan.waves[0].id", [](auto* r) { r->mutable_plan()->mutable_waves(0)->clear_id(); }},
          {"plan.waves[0].cells[1]",
           [](auto* r) {
             r->mutable_plan()->mutable_waves(0)->add_cells("a");
             r->mutable_plan()->mutable_waves(0)->add_weights(1);
           }},
          {"plan.waves[0].weights",
           [](auto* r) { r->mutable_plan()->mutable_waves(0)->add_weights(1); }},
          {"plan.waves[0].proven_at",
           [](auto* r) {
             r->mutable_plan()->mutable_waves(0)->mutable_proven_at()->set_nanos(-1);
           }},
          {"plan.policy_fingerprint",
           [](auto* r) { r->mutable_plan()->clear_policy_fingerprint(); }},
          {"started_at", [](auto* r) { r->clear_started_at(); }},
          {"ended_at", [](auto* r) { r->mutable_ended_at()->set_nanos(-1); }},
          {"completed_at", [](auto* r) { r->mutable_completed_at()->set_nanos(-1); }},
          {"roll_back_cells[0]", [](auto* r) { r->add_roll_back_cells("a b"); }},
          {"halt_reason",
           [](auto* r) { r->set_halt_reason(static_cast<v1::Rollout::HaltReason>(99)); }},
      });
}

TEST(StageChecksTest, ARolloutThatEnded) {
  v1::Rollout halted = SoundRollout(v1::Rollout::HALTED);
  *halted.mutable_ended_at() = At(2);
  halted.set_halt_reason(v1::Rollout::NO_SAFE_TARGET);
  ExpectFaults<v1::Rollout>(
      halted, CheckRollout,
      {
          {"state", [](auto* r) { r->clear_state(); }},
          {"state", [](auto* r) { r->set_state(static_cast<v1::Rollout::State>(99)); }},
          {"ended_at", [](auto* r) { r->clear_ended_at(); }},
          {"halt_reason", [](auto* r) { r->clear_halt_reason(); }},
          {"halt_reason",
           [](auto* r) { r->set_halt_reason(static_cast<v1::Rollout::HaltReason>(99)); }},
      });
}

TEST(StageChecksTest, ADeployment) {
  v1::Deployment sound;
  sound.set_number(2);
  sound.set_cell("a");
  sound.set_artifact(D(1));
  sound.set_direction(v1::Deployment::FORWARD);
  sound.set_attempt(1);
  sound.set_rollout(1);
  *sound.mutable_started_at() = At(1);
  ExpectFaults<v1::Deployment>(
      sound, CheckDeployment,
      {
          {"number", [](auto* d) { d->clear_number(); }},
          {"cell", [](auto* d) { d->set_cell("a b"); }},
          {"artifact", [](auto* d) { d->clear_artifact(); }},
          {"direction", [](auto* d) { d->clear_direction(); }},
          {"direction",
           [](auto* d) { d->set_direction(static_cast<v1::Deployment::Direction>(99)); }},
          {"attempt", [](auto* d) { d->clear_attempt(); }},
          {"rollout", [](auto* d) { d->clear_rollout(); }},
          {"started_at", [](auto* d) { d->clear_started_at(); }},
          {"outcome", [](auto* d) { *d->mutable_ended_at() = At(2); }},
          {"outcome", [](auto* d) { d->set_outcome(v1::Deployment::SUCCEEDED); }},
      });
  *sound.mutable_ended_at() = At(1);
  sound.set_outcome(v1::Deployment::SUCCEEDED);
  *sound.mutable_proven()->mutable_at() = At(2);
  sound.mutable_proven()->set_policy_fingerprint(Fingerprint());
  *sound.mutable_accepted()->mutable_at() = At(2);
  sound.mutable_accepted()->set_who("ann");
  sound.mutable_accepted()->add_roles("lead");
  sound.mutable_accepted()->set_why("looked at it");
  ExpectFaults<v1::Deployment>(
      sound, CheckDeployment,
      {
          {"ended_at", [](auto* d) { d->mutable_ended_at()->set_nanos(-1); }},
          {"ended_at", [](auto* d) { *d->mutable_ended_at() = At(0); }},
          {"outcome", [](auto* d) { d->set_outcome(static_cast<v1::Deployment::Outcome>(99)); }},
          {"proven.at", [](auto* d) { d->mutable_proven()->clear_at(); }},
          {"proven.policy_fingerprint",
           [](auto* d) { d->mutable_proven()->clear_policy_fingerprint(); }},
          {"accepted.who", [](auto* d) { d->mutable_accepted()->clear_who(); }},
          {"accepted.roles", [](auto* d) { d->mutable_accepted()->clear_roles(); }},
          {"accepted.why", [](auto* d) { d->mutable_accepted()->clear_why(); }},
          {"accepted.at", [](auto* d) { d->mutable_accepted()->clear_at(); }},
      });
}

TEST(StageChecksTest, AnAdoptionIsNoAttemptOfARollout) {
  v1::Deployment adopted;
  adopted.set_number(2);
  adopted.set_cell("a");
  adopted.set_artifact(D(1));
  adopted.set_direction(v1::Deployment::ADOPTED);
  *adopted.mutable_started_at() = At(1);
  *adopted.mutable_ended_at() = At(1);
  adopted.set_outcome(v1::Deployment::SUCCEEDED);
  ExpectFaults<v1::Deployment>(adopted, CheckDeployment, {});
}

TEST(StageChecksTest, ARetryOfACellHasAnAttempt) {
  v1::RetryRequest sound;
  sound.set_id("again");
  sound.set_artifact(D(1));
  sound.set_who("ann");
  sound.set_why("now");
  *sound.mutable_requested_at() = At(1);
  ExpectFaults<v1::RetryRequest>(sound, CheckRetryRequest,
                                 {
                                     {"attempt", [](auto* r) { r->set_attempt(1); }},
                                     {"attempt", [](auto* r) { r->set_cell("a"); }},
                                     {"id", [](auto* r) { r->clear_id(); }},
                                     {"artifact", [](auto* r) { r->clear_artifact(); }},
                                     {"who", [](auto* r) { r->clear_who(); }},
                                     {"why", [](auto* r) { r->clear_why(); }},
                                     {"requested_at", [](auto* r) { r->clear_requested_at(); }},
                                 });
}

TEST(StageChecksTest, AReleaseIsWhole) {
  v1::Latch sound;
  sound.set_artifact(D(1));
  *sound.mutable_at() = At(1);
  ExpectFaults<v1::Latch>(sound, CheckLatch, {{"at", [](auto* l) { l->clear_at(); }}});
  sound.mutable_released()->set_who("ann");
  sound.mutable_released()->set_why("fixed");
  *sound.mutable_released()->mutable_at() = At(2);
  ExpectFaults<v1::Latch>(sound, CheckLatch,
                          {
                              {"released.who", [](auto* l) { l->mutable_released()->clear_who(); }},
                              {"released.why", [](auto* l) { l->mutable_released()->clear_why(); }},
                              {"released.at", [](auto* l) { l->mutable_released()->clear_at(); }},
                          });
}

}  // namespace
}  // namespace sluice
