// Runs every case of the suites beside this file: see sluice/v1/testing.proto for their form.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_text.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"
#include "sluice/testing/agreement.h"
#include "sluice/testing/edit.h"
#include "sluice/testing/test_suite.h"
#include "sluice/v1/testing.pb.h"
#include "tests/conformance/host_kinds.h"
#include "tests/conformance/laws.h"
#include "tests/conformance/outcome.h"

namespace sluice {
namespace {

// What all cases together have reached.
struct Reached {
  std::set<std::string> clauses;
  std::set<std::string> reasons;
  std::set<std::string> actions;
};

Reached& AllReached() {
  static Reached* const reached = new Reached;
  return *reached;
}

// Fails the running test with each of `mismatches`.
void Fail(const std::vector<Mismatch>& mismatches, const std::string& shown) {
  for (const Mismatch& mismatch : mismatches) {
    ADD_FAILURE() << "stage `" << mismatch.stage << "`: " << mismatch.what << "\nexpected "
                  << mismatch.expected << "\nactual   " << mismatch.actual << "\nin\n"
                  << shown;
  }
}

void Note(const v1::PipelineDecision& decision) {
  for (const v1::StageDecision& stage : decision.stages()) {
    AllReached().actions.insert(v1::StageDecision::Action_Name(stage.action()));
    for (const v1::Finding& f : stage.findings()) {
      AllReached().reasons.insert(v1::Reason_Name(f.reason()));
    }
    for (const v1::PassedOver& p : stage.passed_over()) {
      AllReached().reasons.insert(v1::Reason_Name(p.reason()));
    }
    for (const v1::WantedRecord& w : stage.wanted()) {
      if (w.reason() != 0) AllReached().reasons.insert(v1::Reason_Name(w.reason()));
    }
  }
}

// What a policy decides over, rebuilt at every moment.
struct World {
  explicit World(const v1::Inputs& in) : inputs(in) {
    for (const v1::KnownBadList& message : inputs.known_bad()) {
      absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
      EXPECT_TRUE(list.ok()) << list.status();
      if (list.ok()) lists.push_back(std::make_unique<KnownBadList>(*std::move(list)));
    }
    organisation =
        inputs.has_organisation() ? Organisation::Load(inputs.organisation()) : Organisation();
  }

  Snapshot Load(const v1::PipelineState& state) const {
    LoadOptions options;
    for (const auto& list : lists) options.known_bad.push_back(list.get());
    return Snapshot::Load(state, organisation, options);
  }

  const v1::Inputs& inputs;
  std::vector<std::unique_ptr<KnownBadList>> lists;
  Organisation organisation;
};

void CheckMoment(const v1::Moment& moment, const Policy& policy, const World& world,
                 v1::PipelineState* state, int index) {
  SCOPED_TRACE(absl::StrCat("moments[", index, "]"));
  for (const v1::Event& event : moment.events()) {
    const absl::Status status = Apply(event, state);
    ASSERT_TRUE(status.ok()) << status << "\n" << event.DebugString();
  }
  const absl::optional<absl::Time> instant = ReadTime(moment.now());
  ASSERT_TRUE(moment.has_now() && instant.has_value());
  const absl::Time now = *instant + absl::Nanoseconds(moment.nanos());
  const Snapshot snapshot = world.Load(*state);
  const Decision decision = policy.Decide(snapshot, now);
  const v1::PipelineDecision message = ToProto(decision);
  Note(message);
  EXPECT_TRUE(AssertsSomething(moment)) << "asserts nothing";
  Fail(Disagreements(moment, decision), message.DebugString());
  CheckDecisionLaws(policy, snapshot, now, static_cast<uint64_t>(index) + 1);
  const v1::PipelineState shuffled = Shuffled(*state, 7);
  EXPECT_EQ(OutcomeOf(policy.Decide(world.Load(shuffled), now)), OutcomeOf(decision));
}

class ConformanceCase : public ::testing::Test {
 public:
  ConformanceCase(const v1::TestSuite* suite, const v1::TestCase* test)
      : suite_(suite), test_(test) {}

  void TestBody() override {
    v1::Inputs inputs = suite_->base();
    if (!test_->base().empty()) {
      const auto named =
          std::find_if(suite_->bases().begin(), suite_->bases().end(),
                       [&](const v1::NamedInputs& base) { return base.name() == test_->base(); });
      ASSERT_NE(named, suite_->bases().end()) << test_->base();
      inputs = named->inputs();
    }
    EXPECT_FALSE(test_->description().empty());
    EXPECT_GT(test_->clauses_size(), 0);
    for (const v1::Edit& edit : test_->edits()) {
      const absl::Status status = ApplyEdit(edit, &inputs);
      ASSERT_TRUE(status.ok()) << status;
    }
    for (const std::string& clause : test_->clauses()) AllReached().clauses.insert(clause);
    CompileOptions options;
    options.host_kinds = KindsForCases();
    const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy(), options);
    if (test_->faults_size() > 0) {
      EXPECT_EQ(test_->moments_size(), 0);
      for (const v1::Fault& fault : test_->faults()) {
        EXPECT_NE(fault.kind(), v1::Fault::KIND_UNSPECIFIED) << fault.path();
      }
      Fail(Disagreements(*test_, FaultsOf(policy.status())), policy.status().ToString());
      return;
    }
    ASSERT_TRUE(policy.ok()) << policy.status() << "\n" << FaultsOf(policy.status()).DebugString();
    ASSERT_GT(test_->moments_size(), 0) << "asserts nothing";
    const World world(inputs);
    v1::PipelineState state = inputs.state();
    for (int i = 0; i < test_->moments_size(); ++i) {
      CheckMoment(test_->moments(i), *policy, world, &state, i);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  const v1::TestSuite* suite_;
  const v1::TestCase* test_;
};

// Runs after all cases.
class ReachTest : public ::testing::Test {
 public:
  void TestBody() override {
    // A part of the cases, chosen with a filter, reaches a part of the clauses.
    if (::testing::GTEST_FLAG(filter) != "*") return;
    for (const char* clause :
         {"I1",  "I2",  "I5", "I7", "I8", "I9", "A1", "A2", "A3", "A3a", "A4", "A5", "A6", "A7",
          "A8",  "T1",  "T2", "T3", "T4", "T5", "T6", "K1", "K2", "K3",  "K4", "K5", "C1", "C2",
          "C3",  "C4",  "C5", "P1", "H1", "X1", "X2", "O1", "O2", "O3",  "O4", "O5", "O6", "S1",
          "S2",  "S2a", "S3", "S4", "S6", "S7", "R1", "R2", "R3", "R3a", "R4", "R5", "R6", "R6a",
          "R6b", "R7",  "R8", "R9", "G2", "G3", "G4", "G5", "G8", "G9"}) {
      EXPECT_EQ(AllReached().clauses.count(clause), 1u) << "no case names " << clause;
    }
    for (const char* action : {"ROLL_BACK", "HOLD", "WAIT", "DEPLOY", "READY", "IDLE"}) {
      EXPECT_EQ(AllReached().actions.count(action), 1u) << "no case reaches " << action;
    }
    const google::protobuf::EnumDescriptor* reasons = v1::Reason_descriptor();
    for (int i = 0; i < reasons->value_count(); ++i) {
      if (AllReached().reasons.count(reasons->value(i)->name()) == 0) {
        std::cout << "no case reaches " << reasons->value(i)->name() << "\n";
      }
    }
  }
};

// A suite that the registered tests keep, to the end of the program.
v1::TestSuite* NewSuite() {
  static auto* const suites = new std::vector<std::unique_ptr<v1::TestSuite>>;
  suites->push_back(std::make_unique<v1::TestSuite>());
  return suites->back().get();
}

bool Register(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  v1::TestSuite* const suite = NewSuite();
  const absl::Status status = ReadTextproto(text.str(), suite, nullptr);
  if (!status.ok() || suite->cases().empty()) {
    std::cerr << file << ": " << status << ", " << suite->cases_size() << " cases\n";
    return false;
  }
  const v1::Faults faults = FaultsOf(CheckSuite(*suite));
  for (const v1::Fault& fault : faults.faults()) {
    // Here a host's clock may go back between two moments; each is checked when it is run.
    if (absl::EndsWith(fault.path(), "].now")) continue;
    std::cerr << file << ": " << fault.path() << ": " << fault.message() << "\n";
    return false;
  }
  std::string name = file.substr(file.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  for (const v1::TestCase& test : suite->cases()) {
    const v1::TestCase* pointer = &test;
    ::testing::RegisterTest(
        name.c_str(), absl::StrReplaceAll(test.name(), {{" ", "_"}}).c_str(), nullptr, nullptr,
        file.c_str(), __LINE__,
        [suite, pointer]() -> ::testing::Test* { return new ConformanceCase(suite, pointer); });
  }
  return true;
}

}  // namespace
}  // namespace sluice

// Arguments: the suites' files.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc < 2) return 1;
  for (int i = 1; i < argc; ++i) {
    if (!sluice::Register(argv[i])) return 1;
  }
  ::testing::RegisterTest("zz_reach", "all_clauses_and_actions", nullptr, nullptr, __FILE__,
                          __LINE__, []() -> ::testing::Test* { return new sluice::ReachTest; });
  return RUN_ALL_TESTS();
}
