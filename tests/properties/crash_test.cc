// Kills a host between any two of its steps, and changes what it knows between them.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/action_id.h"
#include "sluice/decision.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_wire.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "tests/properties/world.h"

namespace sluice {
namespace {

constexpr absl::Duration kDeployment = absl::Seconds(90);
constexpr int kRounds = 100;
constexpr int kNever = 1'000'000;

constexpr absl::string_view kPolicy = R"pb(
  id: "shop"
  profile: STANDARD_1
  without_emergency_stop: true
  stages {
    id: "prod"
    kind: PRODUCTION
    deploys: CELLS
    passes: ON_COMPLETION
    start: AUTOMATIC
    blockers {
      id: "bad"
      known_bad {
        lists: "advisories"
        max_age { seconds: 1000000 }
        min_entries: 1
        components: OPTIONAL
      }
    }
    rollout {
      waves { id: "one" cells: "c1" }
      waves {
        id: "two"
        cells: [ "c2", "c3" ]
      }
      blast_radius {
        no_stage_cap {}
        max_parallel: 2
      }
      deploy { max_time { seconds: 600 } }
      bake {
        min_time { seconds: 3600 }
        max_time { seconds: 36000 }
        time_only: true
      }
      no_hygiene {}
      roll_back {
        watch_for { seconds: 3600 }
        max_parallel: 2
        attempts: 2
      }
    }
  }
)pb";

constexpr absl::string_view kState = R"pb(
  schema_version: 1
  pipeline: "shop"
  written_at { seconds: 1000000 }
  artifacts {
    digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    sequence: 1
  }
  artifacts {
    digest: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    sequence: 2
  }
  cells { id: "c1" stage: "prod" weight: 1 }
  cells { id: "c2" stage: "prod" weight: 2 }
  cells { id: "c3" stage: "prod" weight: 2 }
)pb";

constexpr absl::string_view kList = R"pb(
  id: "advisories"
  epoch: 1
  entry_count: 1
  verified_at { seconds: 999000 }
  entries {
    id: "ADV-1"
    digests: "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
  }
)pb";

const char kOld[] = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const char kNew[] = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const char kOther[] = "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";

absl::Time Begin() { return absl::FromUnixSeconds(1000010); }

template <typename M>
M Parse(absl::string_view text) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &message));
  return message;
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(
      static_cast<int>((time - absl::FromUnixSeconds(timestamp.seconds())) / absl::Nanoseconds(1)));
  return timestamp;
}

v1::Event NewEvent(const std::string& id, absl::Time at, const v1::PipelineState& state) {
  v1::Event event;
  event.set_id(id);
  *event.mutable_at() = ToTimestamp(at);
  event.set_expected_revision(state.revision());
  return event;
}

// The event that says that `action` was begun.
v1::Event StartOf(const v1::StageDecision& stage, const v1::CellAction& action,
                  const Policy& policy, absl::Time at, const v1::PipelineState& state) {
  v1::Event event = NewEvent(absl::StrCat("start-", state.revision()), at, state);
  v1::DeploymentStarted* started = event.mutable_deployment_started();
  started->set_stage(stage.stage());
  *started->mutable_action() = action;
  started->set_policy_fingerprint(std::string(policy.fingerprint()));
  if (action.roll_back()) {
    started->set_removes(stage.artifact());
    *started->mutable_roll_back_cells() = stage.roll_back_cells();
  } else {
    *started->mutable_plan() = stage.plan();
  }
  return event;
}

// A state in which `cells` were found on the old artifact.
v1::PipelineState AdoptedState() {
  auto state = Parse<v1::PipelineState>(kState);
  for (const char* cell : {"c1", "c2", "c3"}) {
    v1::Event event = NewEvent(absl::StrCat("adopt-", cell), absl::FromUnixSeconds(1000000), state);
    v1::CellAdopted* adopted = event.mutable_cell_adopted();
    adopted->set_stage("prod");
    adopted->set_cell(cell);
    adopted->set_artifact(kOld);
    adopted->set_who("ann");
    const absl::Status status = Apply(event, &state);
    EXPECT_TRUE(status.ok()) << status;
  }
  return state;
}

// What deploys, and knows each action by its id: asked again for one it does nothing.
class Deployer {
 public:
  // When the action began: now, or at an earlier call.
  absl::Time Start(const std::string& id, const std::string& cell, const std::string& artifact,
                   absl::Time now) {
    const auto [run, is_new] = started_.emplace(id, now);
    if (is_new) ++deployments_[absl::StrCat(cell, " ", artifact)];
    return run->second;
  }

  // When the action began; null: it never did.
  const absl::Time* StartOf(const std::string& id) const {
    const auto run = started_.find(id);
    return run == started_.end() ? nullptr : &run->second;
  }

  const std::map<std::string, absl::Time>& started() const { return started_; }
  // How often a cell got an artifact.
  const std::map<std::string, int>& deployments() const { return deployments_; }

 private:
  std::map<std::string, absl::Time> started_;  // By action id.
  std::map<std::string, int> deployments_;     // By cell and artifact.
};

// What outlives a host.
struct Outside {
  std::string stored;  // The state's bytes.
  Deployer deployer;
  absl::Time now = Begin();
  absl::Time request_at = absl::InfiniteFuture();  // When a person wants the new artifact removed.
};

// What a host does first. One that acts first forgets, when killed, what it did, and relies on
// being told to do the very same again: it is right only as long as the decision stays as it was.
// One that writes first finds in the state what it may not have done.
enum class Order { kWriteThenAct, kActThenWrite };

// Follows the decisions until the rollout is over, or until it is killed.
class Host {
 public:
  Host(const Policy& policy, const World& world, Order order, Outside* outside, int steps)
      : policy_(policy), world_(world), order_(order), outside_(*outside), steps_(steps) {}

  // False: it was killed.
  bool Run() {
    if (!ReadBinary(outside_.stored, &state_).ok()) return Fail("the stored state is unreadable");
    for (int round = 0; round < kRounds; ++round) {
      if (!TakeRequest() || !TakeEnds()) return false;
      const v1::PipelineState seen = state_;
      const Snapshot snapshot = world_.Load(seen);
      const Decision decision = policy_.Decide(snapshot, outside_.now);
      const v1::PipelineDecision message = ToProto(decision);
      if (!Step()) return false;
      const v1::StageDecision& stage = message.stages(0);
      if (stage.action() == v1::StageDecision::IDLE) return true;
      for (const v1::WantedRecord& wanted : stage.wanted()) {
        if (!WriteDown(wanted)) return false;
      }
      if (stage.action() == v1::StageDecision::DEPLOY ||
          stage.action() == v1::StageDecision::ROLL_BACK) {
        for (const v1::CellAction& action : stage.actions()) {
          if (!Act(stage, action)) return false;
        }
      }
      if (state_.revision() == seen.revision()) Sleep(decision.valid_until);
    }
    return Fail("the rollout does not end");
  }

  int taken() const { return taken_; }

 private:
  static bool Fail(absl::string_view why) {
    ADD_FAILURE() << why;
    return true;
  }

  // Whether the host lives on.
  bool Step() { return ++taken_ <= steps_; }

  bool Admitted(const std::string& id) const {
    return policy_.Admit(id, world_.Load(state_), outside_.now);
  }

  // Applies and stores; the host may die between the two.
  bool Store(const v1::Event& event) {
    const absl::Status status = Apply(event, &state_);
    EXPECT_TRUE(status.ok()) << status << "\n" << event.DebugString();
    if (!Step()) return false;
    outside_.stored = state_.SerializeAsString();
    return Step();
  }

  bool WriteDown(const v1::WantedRecord& wanted) {
    if (!Admitted(wanted.id())) return true;
    if (!Step()) return false;
    v1::Event event = NewEvent(absl::StrCat("record-", state_.revision()), outside_.now, state_);
    event.mutable_recorded()->set_stage("prod");
    *event.mutable_recorded()->mutable_record() = wanted;
    event.mutable_recorded()->set_policy_fingerprint(std::string(policy_.fingerprint()));
    return Store(event);
  }

  bool Act(const v1::StageDecision& stage, const v1::CellAction& action) {
    if (!Admitted(action.id())) return true;
    if (!Step()) return false;
    absl::Time at = outside_.now;
    if (order_ == Order::kActThenWrite) {
      at = outside_.deployer.Start(action.id(), action.cell(), action.artifact(), at);
      if (!Step()) return false;
    }
    if (!Store(StartOf(stage, action, policy_, at, state_))) return false;
    if (order_ == Order::kActThenWrite) return true;
    outside_.deployer.Start(action.id(), action.cell(), action.artifact(), at);
    return Step();
  }

  // Writes the person's request down, once.
  bool TakeRequest() {
    if (outside_.now < outside_.request_at) return true;
    if (state_.stages(0).roll_back_requests_size() > 0) return true;
    v1::Event event = NewEvent("request", outside_.now, state_);
    event.mutable_roll_back_requested()->set_stage("prod");
    v1::RollBackRequest* request = event.mutable_roll_back_requested()->mutable_request();
    request->set_id("r");
    request->set_artifact(kNew);
    request->set_who("ann");
    request->set_why("customers call");
    *request->mutable_requested_at() = ToTimestamp(outside_.now);
    return Store(event);
  }

  // Asks the deployer about what is under way, and has it do what it does not know of.
  bool TakeEnds() {
    const v1::PipelineState seen = state_;
    for (const v1::Deployment& deployment : seen.stages(0).deployments()) {
      if (deployment.has_ended_at()) continue;
      const ActionDirection direction = deployment.direction() == v1::Deployment::ROLL_BACK
                                            ? ActionDirection::kRollBack
                                            : ActionDirection::kForward;
      const std::string id = ActionId("shop", "prod", deployment.cell(), deployment.artifact(),
                                      direction, deployment.attempt());
      const absl::Time* started = outside_.deployer.StartOf(id);
      if (started == nullptr) {
        if (order_ == Order::kActThenWrite) return Fail("written down, but not done");
        outside_.deployer.Start(id, deployment.cell(), deployment.artifact(), outside_.now);
        if (!Step()) return false;
        continue;
      }
      if (*started + kDeployment > outside_.now) continue;
      v1::Event event =
          NewEvent(absl::StrCat("end-", state_.revision()), *started + kDeployment, state_);
      event.mutable_deployment_ended()->set_stage("prod");
      event.mutable_deployment_ended()->set_cell(deployment.cell());
      event.mutable_deployment_ended()->set_action_id(id);
      event.mutable_deployment_ended()->set_outcome(v1::Deployment::SUCCEEDED);
      if (!Store(event)) return false;
    }
    return true;
  }

  // Until the decision changes, or the deployer is ready.
  void Sleep(absl::Time until) {
    for (const auto& run : outside_.deployer.started()) {
      const absl::Time end = run.second + kDeployment;
      if (end > outside_.now) until = std::min(until, end);
    }
    if (outside_.request_at > outside_.now) until = std::min(until, outside_.request_at);
    if (until == absl::InfiniteFuture()) {
      ADD_FAILURE() << "nothing will ever happen";
      return;
    }
    outside_.now = until;
  }

  const Policy& policy_;
  const World& world_;
  const Order order_;
  Outside& outside_;
  const int steps_;
  int taken_ = 0;
  v1::PipelineState state_;
};

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() : policy_(Policy::Compile(Parse<v1::PipelinePolicy>(kPolicy))) {
    EXPECT_TRUE(policy_.ok()) << FaultsOf(policy_.status()).DebugString();
    *lists_.Add() = Parse<v1::KnownBadList>(kList);
  }

  World MakeWorld() const { return World(nullptr, lists_); }

  // Runs hosts one after the other, each killed after its number of steps, and one to the end; each
  // begins `delay` after the death of the one before. Returns the steps of the last.
  int RunAll(Order order, const std::vector<int>& steps, absl::Duration delay, Outside* outside) {
    const World world = MakeWorld();
    outside->stored = AdoptedState().SerializeAsString();
    for (const int count : steps) {
      if (Host(*policy_, world, order, outside, count).Run()) return 0;
      outside->now += delay;
    }
    Host last(*policy_, world, order, outside, kNever);
    EXPECT_TRUE(last.Run());
    return last.taken();
  }

  // Every cell got the new artifact once, and the records say so.
  void CheckEnd(const Outside& outside) {
    v1::PipelineState state;
    ASSERT_TRUE(ReadBinary(outside.stored, &state).ok());
    ASSERT_EQ(state.stages(0).rollouts_size(), 1);
    EXPECT_EQ(state.stages(0).rollouts(0).state(), v1::Rollout::COMPLETE);
    ASSERT_EQ(state.stages(0).deployments_size(), 6);
    std::map<std::string, int> recorded;
    for (const v1::Deployment& deployment : state.stages(0).deployments()) {
      if (deployment.direction() == v1::Deployment::ADOPTED) continue;
      ++recorded[absl::StrCat(deployment.cell(), " ", deployment.artifact())];
      EXPECT_EQ(deployment.outcome(), v1::Deployment::SUCCEEDED);
      EXPECT_TRUE(deployment.has_proven());
    }
    const std::map<std::string, int> once = {{absl::StrCat("c1 ", kNew), 1},
                                             {absl::StrCat("c2 ", kNew), 1},
                                             {absl::StrCat("c3 ", kNew), 1}};
    EXPECT_EQ(recorded, once);
    EXPECT_EQ(outside.deployer.deployments(), once);
    EXPECT_EQ(outside.deployer.started().size(), 3u);
  }

  // Every cell that was to get the new artifact got the old one back, once, and the rollout is
  // over. A deployment that was under way then is recorded as abandoned; it may never have been
  // done.
  void CheckRolledBack(const Outside& outside) {
    v1::PipelineState state;
    ASSERT_TRUE(ReadBinary(outside.stored, &state).ok());
    ASSERT_EQ(state.stages(0).rollouts_size(), 1);
    EXPECT_EQ(state.stages(0).rollouts(0).state(), v1::Rollout::ROLLED_BACK);
    std::map<std::string, int> recorded;
    std::map<std::string, int> done;
    for (const v1::Deployment& deployment : state.stages(0).deployments()) {
      if (deployment.direction() == v1::Deployment::ADOPTED) continue;
      const std::string made = absl::StrCat(deployment.cell(), " ", deployment.artifact());
      ++recorded[made];
      if (deployment.outcome() == v1::Deployment::SUCCEEDED) {
        done[made] = 1;
      } else {
        EXPECT_EQ(deployment.outcome(), v1::Deployment::ABANDONED);
        EXPECT_EQ(deployment.direction(), v1::Deployment::FORWARD);
      }
    }
    EXPECT_EQ(recorded.count(absl::StrCat("c1 ", kNew)), 1u);
    for (const char* cell : {"c1", "c2", "c3"}) {
      EXPECT_EQ(recorded.count(absl::StrCat(cell, " ", kNew)),
                done.count(absl::StrCat(cell, " ", kOld)))
          << cell;
    }
    for (const auto& made : recorded) EXPECT_EQ(made.second, 1) << made.first;
    for (const auto& made : done) {
      EXPECT_EQ(outside.deployer.deployments().count(made.first), 1u) << made.first;
    }
    for (const auto& made : outside.deployer.deployments()) {
      EXPECT_EQ(made.second, 1) << made.first;
      EXPECT_EQ(recorded.count(made.first), 1u) << made.first;
    }
  }

  absl::StatusOr<Policy> policy_;
  google::protobuf::RepeatedPtrField<v1::KnownBadList> lists_;
};

TEST_F(CrashTest, UndisturbedRunEnds) {
  for (const Order order : {Order::kWriteThenAct, Order::kActThenWrite}) {
    Outside outside;
    EXPECT_GT(RunAll(order, {}, absl::ZeroDuration(), &outside), 30);
    CheckEnd(outside);
  }
}

TEST_F(CrashTest, KilledAfterEachStep) {
  for (const Order order : {Order::kWriteThenAct, Order::kActThenWrite}) {
    Outside undisturbed;
    const int steps = RunAll(order, {}, absl::ZeroDuration(), &undisturbed);
    for (const absl::Duration delay :
         {absl::ZeroDuration(), absl::Seconds(1), absl::Hours(1), absl::Hours(5)}) {
      for (int k = 0; k < steps; ++k) {
        SCOPED_TRACE(absl::StrCat("order ", static_cast<int>(order), ", killed after ", k,
                                  " steps, back after ", absl::FormatDuration(delay)));
        Outside outside;
        RunAll(order, {k}, delay, &outside);
        CheckEnd(outside);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_F(CrashTest, KilledTwice) {
  for (const Order order : {Order::kWriteThenAct, Order::kActThenWrite}) {
    Outside undisturbed;
    const int steps = RunAll(order, {}, absl::ZeroDuration(), &undisturbed);
    for (int k = 0; k < steps; ++k) {
      for (int l = 0; l < 8; ++l) {
        SCOPED_TRACE(absl::StrCat("order ", static_cast<int>(order), ", killed after ", k,
                                  " and after ", l, " steps"));
        Outside outside;
        RunAll(order, {k, l}, absl::Seconds(1), &outside);
        CheckEnd(outside);
        if (HasFailure()) return;
      }
    }
  }
}

// A person's request comes while a host is dead, or between any two rounds of one.
TEST_F(CrashTest, KilledWhileRollingBack) {
  const Order order = Order::kWriteThenAct;
  Outside undisturbed;
  RunAll(order, {}, absl::ZeroDuration(), &undisturbed);
  absl::Time last_start = absl::InfinitePast();
  for (const auto& run : undisturbed.deployer.started()) {
    last_start = std::max(last_start, run.second);
  }
  for (const absl::Duration into_second_wave :
       {absl::Seconds(-1), absl::ZeroDuration(), absl::Seconds(10), kDeployment + kDeployment}) {
    const absl::Time request_at = last_start + into_second_wave;
    Outside first;
    first.request_at = request_at;
    const int steps = RunAll(order, {}, absl::ZeroDuration(), &first);
    CheckRolledBack(first);
    for (const absl::Duration delay : {absl::ZeroDuration(), absl::Seconds(1), absl::Hours(1)}) {
      for (int k = 0; k < steps; ++k) {
        SCOPED_TRACE(absl::StrCat("requested ", absl::FormatDuration(into_second_wave),
                                  " into the second wave, killed after ", k, " steps, back after ",
                                  absl::FormatDuration(delay)));
        Outside outside;
        outside.request_at = request_at;
        RunAll(order, {k}, delay, &outside);
        CheckRolledBack(outside);
        if (HasFailure()) return;
      }
    }
  }
}

// The state with the first wave proven, so that the next decision is about two cells.
v1::PipelineState SecondWave(const Policy& policy, const World& world, absl::Time* now) {
  Outside outside;
  outside.stored = AdoptedState().SerializeAsString();
  for (int steps = 1;; ++steps) {
    v1::PipelineState state;
    if (!ReadBinary(outside.stored, &state).ok() || steps > kRounds) break;
    const Snapshot snapshot = world.Load(state);
    const Decision decision = policy.Decide(snapshot, outside.now);
    *now = outside.now;
    if (decision.stages[0].actions.size() == 2) return state;
    Outside fresh;
    fresh.stored = AdoptedState().SerializeAsString();
    if (Host(policy, world, Order::kWriteThenAct, &fresh, steps).Run()) break;
    outside = fresh;
  }
  ADD_FAILURE() << "no decision about two cells";
  return {};
}

TEST_F(CrashTest, BothActionsOfAWaveAreAdmitted) {
  const World world = MakeWorld();
  absl::Time now;
  v1::PipelineState state = SecondWave(*policy_, world, &now);
  const v1::PipelineState seen = state;
  const Snapshot snapshot = world.Load(seen);
  const v1::PipelineDecision decision = ToProto(policy_->Decide(snapshot, now));
  const v1::StageDecision& stage = decision.stages(0);
  ASSERT_EQ(stage.action(), v1::StageDecision::DEPLOY);
  ASSERT_EQ(stage.actions_size(), 2);
  for (const v1::CellAction& action : stage.actions()) {
    EXPECT_TRUE(policy_->Admit(action.id(), world.Load(state), now)) << action.cell();
    const absl::Status status = Apply(StartOf(stage, action, *policy_, now, state), &state);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_FALSE(policy_->Admit(action.id(), world.Load(state), now)) << action.cell();
  }
}

TEST_F(CrashTest, EntryAddedBeforeAdmitIsRefused) {
  const World world = MakeWorld();
  absl::Time now;
  v1::PipelineState state = SecondWave(*policy_, world, &now);
  const Snapshot snapshot = world.Load(state);
  const Decision decision = policy_->Decide(snapshot, now);
  ASSERT_EQ(decision.stages[0].actions.size(), 2u);
  std::vector<std::string> ids;
  for (const CellAction& action : decision.stages[0].actions) {
    ids.push_back(IdOf(decision, decision.stages[0], action));
  }
  for (const bool about_it : {false, true}) {
    google::protobuf::RepeatedPtrField<v1::KnownBadList> lists = lists_;
    lists[0].set_epoch(2);
    lists[0].set_entry_count(2);
    v1::KnownBadEntry* entry = lists[0].add_entries();
    entry->set_id("ADV-2");
    entry->add_digests(about_it ? kNew : kOther);
    const World later(nullptr, lists);
    ASSERT_TRUE(later.status().ok()) << later.status();
    for (const std::string& id : ids) {
      EXPECT_TRUE(policy_->Admit(id, world.Load(state), now));
      EXPECT_EQ(policy_->Admit(id, later.Load(state), now), !about_it) << id;
    }
  }
}

TEST_F(CrashTest, HundredReportsBeforeAdmitAreNoReasonToRefuse) {
  const World world = MakeWorld();
  absl::Time now;
  v1::PipelineState state = SecondWave(*policy_, world, &now);
  const v1::PipelineState seen = state;
  const Snapshot snapshot = world.Load(seen);
  const v1::PipelineDecision decision = ToProto(policy_->Decide(snapshot, now));
  const v1::StageDecision& stage = decision.stages(0);
  ASSERT_EQ(stage.actions_size(), 2);
  for (int i = 0; i < 100; ++i) {
    v1::Event event = NewEvent(absl::StrCat("report-", i), now + absl::Milliseconds(i), state);
    event.clear_expected_revision();
    v1::AlarmReport* alarm = event.mutable_alarm_reported()->mutable_alarm();
    alarm->set_alarm("errors");
    alarm->set_state(v1::AlarmReport::OK);
    *alarm->mutable_since() = ToTimestamp(now - absl::Hours(1));
    *alarm->mutable_observed_at() = ToTimestamp(now + absl::Milliseconds(i));
    const absl::Status status = Apply(event, &state);
    ASSERT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(state.alarms_size(), 1);
  EXPECT_EQ(state.revision(), seen.revision());
  const absl::Time later = now + absl::Seconds(1);
  for (const v1::CellAction& action : stage.actions()) {
    EXPECT_TRUE(policy_->Admit(action.id(), world.Load(state), later)) << action.cell();
  }
  v1::Event event = StartOf(stage, stage.actions(0), *policy_, later, seen);
  const absl::Status status = Apply(event, &state);
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace sluice
