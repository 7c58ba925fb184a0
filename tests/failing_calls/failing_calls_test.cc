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
    absl::StatusOr<Policy> compiled = absl::CancelledError();
    LetFail(
        name_ + ": Compile", [&] { compiled = Compile(); },
        [&]() -> std::string {
          if (!compiled.ok()) return "";
          const Snapshot snapshot = world_.Load(inputs_.state());
          return AddsNothing(compiled->Decide(snapshot, now_));
        });
  }

  // Load, Decide and what Admit says of every action.
  void CheckDecide() const {
    std::string wrong;
    LetFail(
        name_ + ": Load and Decide",
        [&] {
          const World world(inputs_.has_organisation() ? &inputs_.organisation() : nullptr,
                            inputs_.known_bad());
          const Snapshot snapshot = world.Load(inputs_.state());
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

  absl::StatusOr<Policy> Compile() const {
    CompileOptions options;
    options.host_kinds = KindsForCases();
    return inputs_.has_baseline() ? Policy::Compile(inputs_.baseline(), inputs_.policy(), options)
                                  : Policy::Compile(inputs_.policy(), options);
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

// The first moment of every conformance case, before its events.
void AddConformanceCases(Cases* cases) {
  for (const std::string& file : SuiteFiles()) {
    v1::TestSuite suite;
    ASSERT_TRUE(ReadFile(file, &suite).ok()) << file;
    for (const v1::TestCase& test : suite.cases()) {
      if (test.moments().empty()) continue;
      v1::Inputs inputs = suite.base();
      for (const v1::NamedInputs& base : suite.bases()) {
        if (base.name() == test.base()) inputs = base.inputs();
      }
      for (const v1::Edit& edit : test.edits()) ASSERT_TRUE(ApplyEdit(edit, &inputs).ok());
      const v1::Moment& moment = test.moments(0);
      auto made = FailingCase::Of(test.name(), inputs,
                                  *ReadTime(moment.now()) + absl::Nanoseconds(moment.nanos()));
      ASSERT_NE(made, nullptr) << test.name();
      cases->push_back(std::move(made));
    }
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
TEST_F(FailingCallsTest, LoadDecideAndAdmit) { Check(&FailingCase::CheckDecide); }
TEST_F(FailingCallsTest, Lists) { Check(&FailingCase::CheckLists); }

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

// A copy of the state that takes each event of a walk whole or not at all.
class Follower {
 public:
  explicit Follower(uint64_t seed) : walk_(seed, OptionsOf()), state_(walk_.ledger().state()) {
    const auto record = walk_.ledger().on_write;
    walk_.ledger().on_write = [this, record](const v1::Event& event, const absl::Status& status) {
      record(event, status);
      Follow(event, status);
    };
    walk_.on_step = [this] { CompactNow(); };
  }

  void Run() {
    walk_.Trouble();
    walk_.Heal();
    EXPECT_TRUE(walk_.ok()) << walk_.Report();
  }

 private:
  static WalkOptions OptionsOf() {
    WalkOptions options;
    options.scenario.min_cells = 2;
    options.scenario.max_cells = 6;
    return options;
  }

  void LetChangeFail(const std::string& name,
                     const std::function<absl::Status(v1::PipelineState*)>& change) {
    if (::testing::Test::HasFailure()) return;
    v1::PipelineState changed = state_;
    absl::Status status = change(&changed);
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
  }

  void Follow(const v1::Event& event, const absl::Status& status) {
    LetChangeFail(absl::StrCat("Apply of ", event.ShortDebugString()),
                  [&](v1::PipelineState* state) { return Apply(event, state); });
    EXPECT_EQ(Apply(event, &state_).code(), status.code()) << event.ShortDebugString();
  }

  void CompactNow() {
    constexpr int kEvery = 20;
    if (++steps_ % kEvery != 0) return;
    LetChangeFail("Compact", [&](v1::PipelineState* state) {
      return Compact(walk_.policy(), walk_.clock(), state);
    });
  }

  Walk walk_;
  v1::PipelineState state_;
  int steps_ = 0;
};

TEST_F(FailingCallsTest, ApplyAndCompact) {
  for (uint64_t seed = 1; seed <= walks && !HasFailure(); ++seed) Follower(seed).Run();
}

// Runs after the others.
TEST_F(FailingCallsTest, EverySite) {
  if (::testing::GTEST_FLAG(filter) != "*") GTEST_SKIP() << "some tests were left out";
  size_t failures = 0;
  for (const std::string& site : AllSites()) {
    const auto failed = FailedSites().find(site);
    EXPECT_NE(failed, FailedSites().end()) << "never failed: " << site;
    if (failed != FailedSites().end()) failures += failed->second;
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
