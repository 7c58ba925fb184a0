// Holds the reference model against the conformance cases: both are made from docs/semantics.md,
// and neither from the other.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "sluice/testing/edit.h"
#include "sluice/v1/testing.pb.h"
#include "tests/reference/decide.h"

namespace sluice {
namespace reference {
namespace {

// Cases that disagree with the model, and why. One that agrees fails the test.
const std::map<std::string, std::string>& Disagreements() {
  static const auto* const disagreements = new std::map<std::string, std::string>{};
  return *disagreements;
}

// Why the model can't judge a case; empty: it can.
std::string Unjudged(const v1::TestCase& test, const v1::Inputs& inputs) {
  if (!test.faults().empty()) return "is about Compile";
  if (absl::StrContains(inputs.policy().ShortDebugString(), "type_url:")) {
    return "has a kind of the host's own";
  }
  for (const v1::KnownBadList& list : inputs.known_bad()) {
    for (const v1::KnownBadEntry& entry : list.entries()) {
      for (const v1::AffectedPackage& package : entry.packages()) {
        for (const char* type : {"pkg:pypi/", "pkg:maven/", "pkg:rpm/", "pkg:gem/"}) {
          if (absl::StartsWith(package.package_url(), type)) {
            return absl::StrCat("has a list in the order of ", type);
          }
        }
        if (package.package_url() == "pkg:golang/stdlib") {
          return "has versions of Go's own library";
        }
      }
    }
  }
  return "";
}

v1::PipelineDecision Ask(const v1::PipelinePolicy& policy, const std::string& fingerprint,
                         const v1::Inputs& inputs, absl::Time now) {
  World world{policy,
              inputs.state(),
              inputs.has_organisation() ? &inputs.organisation() : nullptr,
              {},
              fingerprint};
  for (const v1::KnownBadList& list : inputs.known_bad()) world.lists.push_back(&list);
  return Model(world).Decide(now);
}

bool Meets(const v1::Finding& expected, const v1::Finding& finding) {
  return (expected.id() == finding.id()) &&
         (expected.artifact().empty() || expected.artifact() == finding.artifact()) &&
         (expected.wave().empty() || expected.wave() == finding.wave()) &&
         (expected.cell().empty() || expected.cell() == finding.cell()) &&
         (expected.verdict() == v1::VERDICT_UNSPECIFIED ||
          expected.verdict() == finding.verdict()) &&
         (expected.reason() == v1::REASON_UNSPECIFIED || expected.reason() == finding.reason()) &&
         (expected.effect() == v1::EFFECT_UNSPECIFIED || expected.effect() == finding.effect());
}

bool Meets(const v1::WantedRecord& expected, const v1::WantedRecord& record) {
  return expected.kind() == record.kind() &&
         (expected.artifact().empty() || expected.artifact() == record.artifact()) &&
         (expected.wave().empty() || expected.wave() == record.wave()) &&
         (expected.cell().empty() || expected.cell() == record.cell()) &&
         (expected.reason() == v1::REASON_UNSPECIFIED || expected.reason() == record.reason()) &&
         (expected.id().empty() || expected.id() == record.id());
}

// What of the expectation the decision does not meet; empty: nothing.
std::string Compare(const v1::Expectation& expected, const v1::StageDecision& decision) {
  std::string wrong;
  const auto say = [&](const auto&... text) { absl::StrAppend(&wrong, text..., "\n"); };
  if (expected.action() != v1::StageDecision::ACTION_UNSPECIFIED &&
      expected.action() != decision.action()) {
    say("action should be ", v1::StageDecision::Action_Name(expected.action()));
  }
  if (!expected.artifact().empty() && expected.artifact() != decision.artifact()) {
    say("artifact should be ", expected.artifact());
  }
  std::multiset<std::string> cells;
  for (const v1::CellAction& action : decision.actions()) cells.insert(action.cell());
  const std::multiset<std::string> wanted_cells(expected.cells().begin(), expected.cells().end());
  if (!expected.cells().empty() && cells != wanted_cells) {
    say("cells should be those of ", expected.ShortDebugString());
  }
  if (expected.no_cells() && !cells.empty()) say("there should be no cells");
  for (const v1::Finding& finding : expected.findings()) {
    bool met = false;
    for (const v1::Finding& other : decision.findings()) met = met || Meets(finding, other);
    if (!met) say("there should be a finding ", finding.ShortDebugString());
  }
  for (const std::string& id : expected.absent()) {
    for (const v1::Finding& finding : decision.findings()) {
      if (finding.id() == id) say("there should be no finding ", finding.ShortDebugString());
    }
  }
  for (const v1::WantedRecord& record : expected.wanted()) {
    bool met = false;
    for (const v1::WantedRecord& other : decision.wanted()) met = met || Meets(record, other);
    if (!met) say("should want ", record.ShortDebugString());
  }
  if (!expected.wanted().empty() && expected.wanted_size() != decision.wanted_size()) {
    say("should want ", expected.wanted_size(), " records");
  }
  if (expected.no_wanted() && !decision.wanted().empty()) say("should want no record");
  for (const v1::PassedOver& entry : expected.passed_over()) {
    bool met = false;
    for (const v1::PassedOver& other : decision.passed_over()) {
      met = met || (entry.artifact() == other.artifact() && entry.reason() == other.reason());
    }
    if (!met) say("should pass over ", entry.ShortDebugString());
  }
  return wrong;
}

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// What is wrong with the model's answers to a case; empty: nothing. `unjudged` says why there are
// none.
std::string RunCase(const v1::TestCase& test, v1::Inputs inputs, std::string* unjudged) {
  for (const v1::Edit& edit : test.edits()) {
    const absl::Status status = ApplyEdit(edit, &inputs);
    if (!status.ok()) return std::string(status.message());
  }
  *unjudged = Unjudged(test, inputs);
  if (!unjudged->empty()) return "";
  const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy());
  if (!policy.ok()) return std::string(policy.status().message());
  const std::string fingerprint(policy->fingerprint());
  std::string wrong;
  for (const v1::Moment& moment : test.moments()) {
    for (const v1::Event& event : moment.events()) {
      const absl::Status status = Apply(event, inputs.mutable_state());
      if (!status.ok()) return absl::StrCat(wrong, status.message());
    }
    const absl::Time now = ToTime(moment.now()) + absl::Nanoseconds(moment.nanos());
    const v1::PipelineDecision decision = Ask(policy->effective(), fingerprint, inputs, now);
    for (const v1::Expectation& expected : moment.expect()) {
      bool found = false;
      for (const v1::StageDecision& stage : decision.stages()) {
        if (stage.stage() != expected.stage()) continue;
        found = true;
        const std::string difference = Compare(expected, stage);
        if (!difference.empty()) {
          absl::StrAppend(&wrong, "at ", moment.now().seconds(), " ", moment.nanos(), " in ",
                          expected.stage(), ":\n", difference, "but is ", stage.DebugString());
        }
      }
      if (!found) absl::StrAppend(&wrong, "no stage ", expected.stage(), "\n");
    }
    if (!moment.has_valid_until()) continue;
    const absl::Time until = ToTime(moment.valid_until());
    const v1::PipelineDecision last =
        Ask(policy->effective(), fingerprint, inputs, until - absl::Nanoseconds(1));
    const v1::PipelineDecision next = Ask(policy->effective(), fingerprint, inputs, until);
    const std::string same = decision.SerializeAsString();
    if (last.SerializeAsString() != same) {
      absl::StrAppend(&wrong, "at ", moment.now().seconds(), " ", moment.nanos(),
                      ": changes before ", moment.valid_until().seconds(), ", from\n",
                      decision.DebugString(), "to\n", last.DebugString());
    }
    if (next.SerializeAsString() == same) {
      absl::StrAppend(&wrong, "at ", moment.now().seconds(), " ", moment.nanos(),
                      ": does not change at ", moment.valid_until().seconds(), "\n",
                      decision.DebugString());
    }
  }
  return wrong;
}

class SuiteTest : public ::testing::Test {
 public:
  explicit SuiteTest(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    std::ifstream file(path_);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    v1::TestSuite suite;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &suite)) << path_;
    int judged = 0;
    for (const v1::TestCase& test : suite.cases()) {
      v1::Inputs inputs = suite.base();
      for (const v1::NamedInputs& base : suite.bases()) {
        if (base.name() == test.base() && !test.base().empty()) inputs = base.inputs();
      }
      std::string unjudged;
      const std::string wrong = RunCase(test, inputs, &unjudged);
      if (!unjudged.empty()) {
        std::cout << "not judged: " << test.name() << " " << unjudged << "\n";
        continue;
      }
      ++judged;
      const auto disagreement = Disagreements().find(test.name());
      if (disagreement == Disagreements().end()) {
        EXPECT_EQ(wrong, "") << test.name() << ": " << test.description();
      } else {
        EXPECT_NE(wrong, "") << test.name() << " agrees, and is listed: " << disagreement->second;
      }
    }
    std::cout << judged << " cases judged\n";
  }

 private:
  std::string path_;
};

}  // namespace
}  // namespace reference
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    const std::string name = path.substr(path.rfind('/') + 1);
    ::testing::RegisterTest("Suite", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [path] { return new sluice::reference::SuiteTest(path); });
  }
  return RUN_ALL_TESTS();
}
