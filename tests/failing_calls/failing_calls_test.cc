// Makes one call after the other fail of all those inside the library that return a status, and
// looks at what comes of it: never an action that was not there, another message, or half an event.
//
// `--samples=N`: as many calls of each function are made to fail wherever it is called, beside the
// first and the last of each place in the code. `--walks=N`, `--generated=N`: more inputs.

#include "tests/failing_calls/failing_calls.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/compact.h"
#include "sluice/decision.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/strict_json.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"
#include "sluice/testing/edit.h"
#include "sluice/v1/testing.pb.h"
#include "tests/conformance/host_kinds.h"
#include "tests/differential/generated_case.h"
#include "tests/properties/world.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"
#include "tests/rollout/walk.h"

namespace sluice {
namespace {

uint64_t samples = 2;
uint64_t walks = 3;
uint64_t generated = 20;

std::vector<std::string>& SuiteFiles() {
  static auto* const files = new std::vector<std::string>;
  return *files;
}

// Which of the calls that were listed are to fail: the first and the last of each site, until it
// has failed often, and some of all.
std::set<size_t> Chosen(const std::vector<const char*>& calls) {
  constexpr size_t kOften = 20;
  std::set<size_t> chosen;
  std::set<std::string> first;
  std::set<std::string> last;
  const auto choose = [&](size_t i, std::set<std::string>* seen) {
    const auto failed = FailedSites().find(calls[i]);
    if (failed != FailedSites().end() && failed->second >= kOften) return;
    if (seen->insert(calls[i]).second) chosen.insert(i);
  };
  for (size_t i = 0; i < calls.size(); ++i) choose(i, &first);
  for (size_t i = calls.size(); i > 0; --i) choose(i - 1, &last);
  const size_t step = std::max<size_t>(1, calls.size() / std::max<size_t>(1, samples));
  for (size_t i = step / 2; i < calls.size(); i += step) chosen.insert(i);
  return chosen;
}

// Makes calls inside `call` fail, one at a time. `check` says what is wrong after each.
void LetFail(const std::string& name, const std::function<void()>& call,
             const std::function<std::string()>& check) {
  const std::vector<const char*> calls = CallsOf(call);
  for (const size_t index : Chosen(calls)) {
    ASSERT_TRUE(CallWithFailure(call, index)) << name << " makes other calls each time";
    ASSERT_EQ(check(), "") << name << " without call " << index << ", " << calls[index];
  }
}

// Stage, cell and artifact of what is to be done, forward or back.
std::set<std::string> ActionsOf(const Decision& decision) {
  std::set<std::string> actions;
  for (const StageDecision& stage : decision.stages) {
    if (stage.action != Action::kDeploy && stage.action != Action::kRollBack) continue;
    for (const CellAction& action : stage.actions) {
      actions.insert(
          absl::StrCat(stage.stage, " ", action.cell, " ", action.artifact, " ", action.roll_back));
    }
  }
  return actions;
}

CompileOptions OptionsOf() {
  CompileOptions options;
  options.host_kinds = KindsForCases();
  return options;
}

// Inputs, an instant, and what is decided of them when nothing fails.
class FailingCase {
 public:
  // Null: the policy does not compile.
  static std::unique_ptr<FailingCase> Of(std::string name, const v1::Inputs& inputs,
                                         absl::Time now) {
    std::unique_ptr<FailingCase> made(new FailingCase(std::move(name), inputs, now));
    absl::StatusOr<Policy> policy = made->Compile();
    if (!policy.ok()) return nullptr;
    made->policy_.emplace(*std::move(policy));
    const Snapshot snapshot = made->world_.Load(made->inputs_.state());
    made->actions_ = ActionsOf(made->policy_->Decide(snapshot, now));
    return made;
  }

  bool acts() const { return !actions_.empty(); }
  const v1::Inputs& inputs() const { return inputs_; }
  const std::string& name() const { return name_; }

  void CheckCompile() const {
    LetCompileFail("Compile", [&] { return Compile(); });
  }

  // Under a baseline that asks for nothing.
  void CheckCompileUnderBaseline() const {
    LetCompileFail("Compile under a baseline", [&] {
      return Policy::Compile(v1::BaselinePolicy(), inputs_.policy(), OptionsOf());
    });
  }

  // Load, Decide and what Admit says of every action.
  void CheckDecide() const {
    std::string wrong;
    LetFail(
        name_ + ": Load and Decide",
        [&] {
          const Snapshot snapshot = world_.Load(inputs_.state());
          wrong = AddsNothing(policy_->Decide(snapshot, now_));
        },
        [&] { return wrong; });
    const Snapshot snapshot = world_.Load(inputs_.state());
    const v1::PipelineDecision decision = ToProto(policy_->Decide(snapshot, now_));
    std::string id;
    for (const v1::StageDecision& stage : decision.stages()) {
      for (const v1::CellAction& action : stage.actions()) id = action.id();
    }
    const bool admitted = policy_->Admit(id, snapshot, now_);
    LetFail(
        name_ + ": Load and Admit",
        [&] {
          const Snapshot loaded = world_.Load(inputs_.state());
          wrong = policy_->Admit(id, loaded, now_) && !admitted ? "admits" : "";
        },
        [&] { return wrong; });
  }

  void CheckLists() const {
    for (const v1::KnownBadList& message : inputs_.known_bad()) {
      absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
      ASSERT_TRUE(list.ok());
      const std::string bytes(list->file_form());
      const auto is_other = [&]() -> std::string {
        return list.ok() && list->file_form() != bytes ? "another list" : "";
      };
      LetFail(
          name_ + ": Build", [&] { list = KnownBadList::Build(message); }, is_other);
      LetFail(
          name_ + ": Open", [&] { list = KnownBadList::Open(bytes); }, is_other);
      list = KnownBadList::Build(message);
      ASSERT_TRUE(list.ok());
      bool verified = false;
      LetFail(
          name_ + ": Verify", [&] { verified = list->Verify().ok(); },
          [&]() -> std::string {
            return verified ? "is as written though nobody could tell" : "";
          });
      for (const v1::Artifact& artifact : inputs_.state().artifacts()) CheckQuery(*list, artifact);
    }
  }

 private:
  FailingCase(std::string name, const v1::Inputs& inputs, absl::Time now)
      : name_(std::move(name)),
        inputs_(inputs),
        now_(now),
        world_(inputs_.has_organisation() ? &inputs_.organisation() : nullptr,
               inputs_.known_bad()) {}

  absl::StatusOr<Policy> Compile() const { return Policy::Compile(inputs_.policy(), OptionsOf()); }

  void LetCompileFail(const char* what,
                      const std::function<absl::StatusOr<Policy>()>& compile) const {
    absl::StatusOr<Policy> compiled = absl::CancelledError();
    LetFail(
        absl::StrCat(name_, ": ", what), [&] { compiled = compile(); },
        [&]() -> std::string {
          if (!compiled.ok()) return "";
          const Snapshot snapshot = world_.Load(inputs_.state());
          return AddsNothing(compiled->Decide(snapshot, now_));
        });
  }

  std::string AddsNothing(const Decision& decision) const {
    for (const std::string& action : ActionsOf(decision)) {
      if (actions_.count(action) == 0) return "adds " + action;
    }
    return "";
  }

  // A question that can't be answered as before has an error, or more that could not be checked.
  void CheckQuery(const KnownBadList& list, const v1::Artifact& artifact) const {
    KnownBadQuestion question;
    question.digests = {artifact.digest()};
    question.components = artifact.components();
    const absl::StatusOr<KnownBadAnswers> before = list.Query(question, now_, 100);
    if (!before.ok()) return;
    absl::StatusOr<KnownBadAnswers> answers = absl::CancelledError();
    LetFail(
        name_ + ": Query", [&] { answers = list.Query(question, now_, 100); },
        [&]() -> std::string {
          if (!answers.ok()) return "";
          return answers->total + answers->unchecked < before->total + before->unchecked
                     ? "finds less"
                     : "";
        });
  }

  const std::string name_;
  const v1::Inputs inputs_;
  const absl::Time now_;
  const World world_;
  absl::optional<Policy> policy_;
  std::set<std::string> actions_;
};

using Cases = std::vector<std::unique_ptr<FailingCase>>;

// A conformance case, with its edits made.
struct EditedCase {
  v1::TestCase test;
  v1::Inputs inputs;
};

std::vector<EditedCase> EditedCases() {
  std::vector<EditedCase> cases;
  for (const std::string& file : SuiteFiles()) {
    v1::TestSuite suite;
    EXPECT_TRUE(ReadFile(file, &suite).ok()) << file;
    for (const v1::TestCase& test : suite.cases()) {
      EditedCase edited{test, suite.base()};
      for (const v1::NamedInputs& base : suite.bases()) {
        if (base.name() == test.base()) edited.inputs = base.inputs();
      }
      for (const v1::Edit& edit : test.edits()) {
        EXPECT_TRUE(ApplyEdit(edit, &edited.inputs).ok()) << test.name();
      }
      cases.push_back(std::move(edited));
    }
  }
  EXPECT_FALSE(cases.empty());
  return cases;
}

// The first moment of every conformance case, before its events.
void AddConformanceCases(Cases* cases) {
  for (const EditedCase& edited : EditedCases()) {
    if (edited.test.moments().empty()) continue;
    const v1::Moment& moment = edited.test.moments(0);
    auto made = FailingCase::Of(edited.test.name(), edited.inputs,
                                *ReadTime(moment.now()) + absl::Nanoseconds(moment.nanos()));
    ASSERT_NE(made, nullptr) << edited.test.name();
    cases->push_back(std::move(made));
  }
}

void AddGeneratedCases(Cases* cases) {
  for (uint64_t seed = 1; seed <= generated; ++seed) {
    Draw draw(seed);
    const absl::optional<GeneratedPolicy> policy = GeneratePolicy(&draw);
    if (!policy.has_value()) continue;
    const GeneratedCase one = GenerateCase(*policy, 3, &draw);
    for (const absl::Time now : one.nows) {
      auto made = FailingCase::Of(absl::StrCat("seed ", seed), one.inputs, now);
      if (made != nullptr) cases->push_back(std::move(made));
    }
  }
}

class FailingCallsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    cases_ = new Cases;
    AddConformanceCases(cases_);
    AddGeneratedCases(cases_);
    size_t acting = 0;
    for (const auto& one : *cases_) acting += one->acts();
    std::cout << cases_->size() << " cases, " << acting << " with actions\n";
    EXPECT_GT(acting, cases_->size() / 4);
  }

  static void TearDownTestSuite() { delete cases_; }

  void Check(void (FailingCase::*check)() const) {
    for (const auto& one : *cases_) {
      (one.get()->*check)();
      if (HasFailure()) return;
    }
  }

  static Cases* cases_;
};

Cases* FailingCallsTest::cases_ = nullptr;

TEST_F(FailingCallsTest, Compile) { Check(&FailingCase::CheckCompile); }
TEST_F(FailingCallsTest, CompileUnderBaseline) { Check(&FailingCase::CheckCompileUnderBaseline); }
TEST_F(FailingCallsTest, LoadDecideAndAdmit) { Check(&FailingCase::CheckDecide); }
TEST_F(FailingCallsTest, Lists) { Check(&FailingCase::CheckLists); }

// A policy with faults has no form in which it decides.
TEST_F(FailingCallsTest, CompileFaults) {
  for (const EditedCase& edited : EditedCases()) {
    if (edited.test.faults().empty()) continue;
    absl::StatusOr<Policy> compiled = absl::CancelledError();
    LetFail(
        edited.test.name() + ": Compile",
        [&] { compiled = Policy::Compile(edited.inputs.policy(), OptionsOf()); },
        [&]() -> std::string { return compiled.ok() ? "compiles" : ""; });
    if (HasFailure()) return;
  }
}

// What is read is what was written, or nothing.
TEST_F(FailingCallsTest, Read) {
  constexpr size_t kEvery = 40;
  for (size_t i = 0; i < cases_->size(); i += kEvery) {
    const FailingCase& one = *(*cases_)[i];
    const std::string bytes = DeterministicBytes(one.inputs());
    std::string text;
    ASSERT_TRUE(google::protobuf::TextFormat::PrintToString(one.inputs(), &text));
    absl::StatusOr<std::string> json = WriteJson(one.inputs(), JsonStyle::kOneLine);
    if (!json.ok()) continue;  // A damaged state has what JSON can't say.
    const std::pair<Format, std::string> forms[] = {
        {Format::kBinary, bytes}, {Format::kTextproto, text}, {Format::kJson, *json}};
    for (const auto& [format, written] : forms) {
      v1::Inputs message;
      absl::Status status;
      LetFail(
          one.name() + ": ReadMessage",
          [&, format = format, &written = written] {
            message.Clear();
            status = ReadMessage(written, format, &message);
          },
          [&]() -> std::string {
            if (!status.ok()) return message.ByteSizeLong() > 0 ? "an error, and a message" : "";
            return DeterministicBytes(message) == bytes ? "" : "another message";
          });
    }
    const std::string written = *json;
    LetFail(
        one.name() + ": WriteJson", [&] { json = WriteJson(one.inputs(), JsonStyle::kOneLine); },
        [&]() -> std::string { return json.ok() && *json != written ? "other text" : ""; });
    if (HasFailure()) return;
  }
}

// A state that takes each event whole or not at all.
class Applier {
 public:
  explicit Applier(v1::PipelineState state) : state_(std::move(state)) {}

  const v1::PipelineState& state() const { return state_; }

  // Makes the change, after failing to in many ways.
  absl::Status Change(const std::string& name,
                      const std::function<absl::Status(v1::PipelineState*)>& change) {
    v1::PipelineState changed = state_;
    absl::Status status = change(&changed);
    const absl::Status without_failure = status;
    const std::string before = DeterministicBytes(state_);
    const std::string after = DeterministicBytes(changed);
    LetFail(
        name,
        [&] {
          changed = state_;
          status = change(&changed);
        },
        [&]() -> std::string {
          if (DeterministicBytes(changed) == (status.ok() ? after : before)) return "";
          return absl::StrCat("another state, and ", status.ToString());
        });
    changed = state_;
    EXPECT_EQ(change(&changed).code(), without_failure.code()) << name;
    state_ = std::move(changed);
    return without_failure;
  }

  // Applies the event, then something much like it, which is refused more often than not.
  absl::Status Apply(const v1::Event& event) {
    const auto apply = [this](const v1::Event& one) {
      return Change(absl::StrCat("Apply of ", one.ShortDebugString()),
                    [&](v1::PipelineState* state) { return sluice::Apply(one, state); });
    };
    absl::Status status = apply(event);
    const v1::PipelineState before = state_;
    v1::Event like = event;
    if (++events_ % 2 == 0) {
      like.set_id(absl::StrCat(event.id(), "-again"));
    } else {
      like.mutable_at()->set_seconds(event.at().seconds() + 1);
    }
    if (like.has_expected_revision()) like.set_expected_revision(state_.revision());
    static_cast<void>(apply(like));
    state_ = before;
    return status;
  }

 private:
  v1::PipelineState state_;
  int events_ = 0;
};

// Kinds of events that neither walks nor conformance cases have. CLOCK is in seconds.
constexpr const char* kReports[] = {
    "approval_granted { approval { id: 'x' blocker: 'go' artifact: 'ARTIFACT' stage: 'STAGE' "
    "principal: 'ann' roles: 'lead' granted_at { seconds: CLOCK } } }",
    "approval_revoked { approval: 'x' }",
    "override_granted { override { id: 'y' blockers: 'go' artifact: 'ARTIFACT' stages: 'STAGE' "
    "principal: 'ann' roles: 'lead' reason: 'outage' granted_at { seconds: CLOCK } "
    "expires_at { seconds: 4000000000 } } }",
    "override_revoked { override: 'y' }",
    "roll_back_hold_placed { hold { id: 'z' stage: 'STAGE' who: 'ann' why: 'inventory' "
    "placed_at { seconds: CLOCK } expires_at { seconds: 4000000000 } } }",
    "roll_back_hold_released { hold: 'z' }",
    "baseline_reported { baseline { counts: 'http' stage: 'STAGE' artifact: 'ARTIFACT' "
    "requests: 100 errors: 1 observed_at { seconds: CLOCK } } }",
    "measurement_reported { measurement { measurement: 'm' artifact: 'ARTIFACT' cell: 'CELL' "
    "run: '1' measured_at { seconds: CLOCK } outcome: FAILED } }",
    "synthetic_runs_reported { runs { stage: 'STAGE' api: 'login' finished_at_ms: [1000, 2000] "
    "succeeded: [true, true] } }",
    "environment_observed { environment { stage: 'STAGE' observed_at { seconds: CLOCK } "
    "aspects { key: 'kernel' value: '5' } } }",
    "traffic_observed { sample { stage: 'STAGE' observed_at { seconds: CLOCK } "
    "principals: 'robot' requests: 5 } }",
};

// Follows a walk.
class Follower {
 public:
  explicit Follower(uint64_t seed)
      : walk_(seed, SmallPipeline()), applier_(walk_.ledger().state()) {
    const auto record = walk_.ledger().on_write;
    walk_.ledger().on_write = [this, record](const v1::Event& event, const absl::Status& status) {
      record(event, status);
      EXPECT_EQ(applier_.Apply(event).code(), status.code()) << event.ShortDebugString();
    };
    walk_.on_step = [this] { CompactNow(); };
  }

  void Run() {
    walk_.Trouble();
    walk_.Heal();
    EXPECT_TRUE(walk_.ok()) << walk_.Report();
    Report();
  }

 private:
  static WalkOptions SmallPipeline() {
    WalkOptions options;
    options.scenario.min_cells = 2;
    options.scenario.max_cells = 6;
    return options;
  }

  void CompactNow() {
    constexpr int kEvery = 20;
    if (++steps_ % kEvery != 0) return;
    EXPECT_TRUE(applier_
                    .Change("Compact",
                            [&](v1::PipelineState* state) {
                              return Compact(walk_.policy(), walk_.clock(), state);
                            })
                    .ok());
  }

  void Report() {
    const v1::PipelineState& state = applier_.state();
    ASSERT_GT(state.artifacts_size(), 0);
    ASSERT_GT(state.cells_size(), 0);
    int events = 0;
    for (const char* report : kReports) {
      v1::Event event;
      ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
          absl::StrReplaceAll(report,
                              {{"ARTIFACT", state.artifacts(0).digest()},
                               {"STAGE", state.cells(0).stage()},
                               {"CELL", state.cells(0).id()},
                               {"CLOCK", absl::StrCat(absl::ToUnixSeconds(walk_.clock()))}}),
          &event))
          << report;
      event.set_id(absl::StrCat("report-", ++events));
      event.mutable_at()->set_seconds(absl::ToUnixSeconds(walk_.clock()));
      const absl::Status status = applier_.Apply(event);
      EXPECT_TRUE(status.ok()) << status << ": " << report;
    }
  }

  Walk walk_;
  Applier applier_;
  int steps_ = 0;
};

TEST_F(FailingCallsTest, WalksAndCompact) {
  for (uint64_t seed = 1; seed <= walks && !HasFailure(); ++seed) Follower(seed).Run();
}

TEST_F(FailingCallsTest, Events) {
  for (const EditedCase& edited : EditedCases()) {
    Applier applier(edited.inputs.state());
    for (const v1::Moment& moment : edited.test.moments()) {
      for (const v1::Event& event : moment.events()) EXPECT_TRUE(applier.Apply(event).ok());
    }
    if (HasFailure()) return;
  }
}

// Runs after the others.
TEST_F(FailingCallsTest, EverySite) {
  if (::testing::GTEST_FLAG(filter) != "*") GTEST_SKIP() << "some tests were left out";
  size_t failures = 0;
  for (const std::string& site : AllSites()) {
    EXPECT_EQ(FailedSites().count(site), 1u) << "never failed: " << site;
    if (FailedSites().count(site) > 0) failures += FailedSites().at(site);
  }
  std::cout << AllSites().size() << " functions, " << failures << " failures\n";
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::samples = sluice::NumberArgument(argc, argv, "samples", sluice::samples);
  sluice::walks = sluice::NumberArgument(argc, argv, "walks", sluice::walks);
  sluice::generated = sluice::NumberArgument(argc, argv, "generated", sluice::generated);
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') sluice::SuiteFiles().push_back(argv[i]);
  }
  return RUN_ALL_TESTS();
}
