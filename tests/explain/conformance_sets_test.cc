// Explains every stage of every conformance case and of the example policies that does not move,
// and holds each set of changes against Policy::Decide.

#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "sluice/compile/visit_blockers.h"
#include "sluice/explain/smallest_changes.h"
#include "sluice/explain/stage_sentence.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_text.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"
#include "sluice/testing/edit.h"
#include "sluice/v1/testing.pb.h"
#include "tests/conformance/host_kinds.h"
#include "tests/explain/replay.h"

namespace sluice {
namespace {

std::vector<std::string>& SuiteFiles() {
  static auto* const files = new std::vector<std::string>;
  return *files;
}

bool& Verbose() {
  static bool verbose = false;
  return verbose;
}

// What all situations together came to.
struct Tally {
  int situations = 0;
  int holds = 0;            // Whose stage HOLDs.
  int holds_with_sets = 0;  // Of these.
  int sets = 0;
  int with_more = 0;
  int unexplained = 0;  // Without a set, a record to be mended, or an end of the budget.
  std::map<size_t, int> sets_by_size;
  std::set<std::string> kinds;  // Of blockers that hold in a situation with a set.
};

// The kind of a blocker, and of an alarm its source.
std::string KindOf(const v1::Blocker& blocker) {
  const auto* kind = v1::Blocker::descriptor()->FindFieldByNumber(blocker.kind_case());
  if (!blocker.has_metric_alarm()) return kind->name();
  return v1::MetricAlarm::descriptor()
      ->FindFieldByNumber(blocker.metric_alarm().source_case())
      ->name();
}

void NoteKinds(const Policy& policy, const StageDecision& stage, Tally* tally) {
  VisitBlockers(policy.effective(),
                [&](const v1::Blocker& blocker, const FieldPath&, const BlockerPlace&) {
                  for (const Finding& finding : stage.findings) {
                    if (finding.id != blocker.id() || !Holds(finding)) continue;
                    if (finding.verdict != Verdict::kInvalid) tally->kinds.insert(KindOf(blocker));
                  }
                });
}

v1::Inputs InputsOf(const v1::TestSuite& suite, const v1::TestCase& test) {
  v1::Inputs inputs = suite.base();
  for (const v1::NamedInputs& named : suite.bases()) {
    if (named.name() == test.base()) inputs = named.inputs();
  }
  for (const v1::Edit& edit : test.edits()) EXPECT_TRUE(ApplyEdit(edit, &inputs).ok());
  return inputs;
}

void ExplainMoment(const std::string& name, const Policy& policy, const v1::Inputs& inputs,
                   absl::Time now, Tally* tally) {
  std::vector<std::unique_ptr<KnownBadList>> lists;
  Situation situation{&policy,
                      &inputs.state(),
                      inputs.has_organisation() ? &inputs.organisation() : nullptr,
                      {},
                      now};
  LoadOptions options;
  for (const v1::KnownBadList& message : inputs.known_bad()) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
    ASSERT_TRUE(list.ok());
    lists.push_back(std::make_unique<KnownBadList>(*std::move(list)));
    situation.known_bad.push_back({lists.back().get(), &message});
    options.known_bad.push_back(lists.back().get());
  }
  const Organisation organisation =
      inputs.has_organisation() ? Organisation::Load(inputs.organisation()) : Organisation();
  const Snapshot snapshot = Snapshot::Load(inputs.state(), organisation, options);
  const Decision decision = policy.Decide(snapshot, now);
  for (const HeldArtifact& held : FindHeld(policy, snapshot, decision)) {
    SearchLimits limits;
    limits.decisions = 300;
    limits.sets = 5;
    const SmallestChangesResult result = SmallestChanges(situation, held, limits);
    const StageDecision& stage = *decision.Stage(held.stage);
    ++tally->situations;
    const bool holds = stage.action == Action::kHold;
    tally->holds += holds;
    if (!result.sets.empty()) NoteKinds(policy, stage, tally);
    tally->holds_with_sets += holds && !result.sets.empty();
    tally->sets += static_cast<int>(result.sets.size());
    tally->with_more += result.has_more;
    if (result.sets.empty() && result.without_remedy.empty()) {
      ++tally->unexplained;
      std::cout << name << ": " << held.stage << " has no set: " << ActionSentence(stage) << " ("
                << result.decisions << ")\n";
    }
    if (result.sets.empty() && Verbose()) {
      std::cout << name << ": " << ActionSentence(stage) << " (" << result.decisions << ")\n";
      for (const std::string& sentence : result.without_remedy) {
        std::cout << "  - " << sentence << "\n";
      }
    }
    for (const ChangeSet& set : result.sets) {
      ++tally->sets_by_size[set.changes.size()];
      std::string shown;
      for (const Change& change : set.changes) {
        absl::StrAppend(&shown, "  ", ChangeKindName(change.kind), ": ", change.sentence, "\n");
      }
      if (Verbose()) std::cout << ActionSentence(stage) << "\n" << shown;
      EXPECT_EQ(FaultOfSet(policy, inputs, now, held, set), "") << ActionSentence(stage) << "\n"
                                                                << shown;
    }
  }
}

void ExplainCase(const v1::TestSuite& suite, const v1::TestCase& test, Tally* tally) {
  SCOPED_TRACE(test.name());
  v1::Inputs inputs = InputsOf(suite, test);
  CompileOptions options;
  options.host_kinds = KindsForCases();
  const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy(), options);
  if (!policy.ok()) return;
  for (const v1::Moment& moment : test.moments()) {
    for (const v1::Event& event : moment.events()) {
      ASSERT_TRUE(Apply(event, inputs.mutable_state()).ok());
    }
    ExplainMoment(test.name(), *policy, inputs,
                  *ReadTime(moment.now()) + absl::Nanoseconds(moment.nanos()), tally);
  }
}

std::string ReadFile(const std::string& file) {
  std::ifstream stream(file);
  EXPECT_TRUE(stream.good()) << file;
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(ExampleSetsTest, EverySetMovesAndNoPartOfItDoes) {
  Tally tally;
  for (const char* name :
       {"batch-worker", "library", "region-cells", "single-service", "smallest"}) {
    v1::Inputs inputs;
    const std::string folder = absl::StrCat("docs/examples/", name, "/");
    ASSERT_TRUE(
        ReadTextproto(ReadFile(folder + "policy.textproto"), inputs.mutable_policy(), nullptr)
            .ok());
    ASSERT_TRUE(
        ReadTextproto(ReadFile(folder + "state.textproto"), inputs.mutable_state(), nullptr).ok());
    const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy());
    ASSERT_TRUE(policy.ok());
    for (const int minutes : {1, 6, 90, 600, 3000, 10000}) {
      ExplainMoment(name, *policy, inputs,
                    *ReadTime(inputs.state().written_at()) + absl::Minutes(minutes), &tally);
    }
  }
  EXPECT_GE(tally.holds, 20);
  EXPECT_EQ(tally.holds_with_sets, tally.holds);
}

TEST(ConformanceSetsTest, EverySetMovesAndNoPartOfItDoes) {
  Tally tally;
  for (const std::string& file : SuiteFiles()) {
    SCOPED_TRACE(file);
    v1::TestSuite suite;
    ASSERT_TRUE(ReadTextproto(ReadFile(file), &suite, nullptr).ok());
    for (const v1::TestCase& test : suite.cases()) {
      if (Verbose()) std::cout << "== " << file << " " << test.name() << "\n";
      ExplainCase(suite, test, &tally);
    }
  }
  std::cout << tally.situations << " situations, " << tally.holds << " of them HOLD, "
            << tally.holds_with_sets << " of these with a set; " << tally.sets << " sets, "
            << tally.with_more << " searches with more, " << tally.unexplained
            << " neither with a set nor with what has no remedy\n";
  for (const auto& [size, count] : tally.sets_by_size) {
    std::cout << "  " << count << " of " << size << "\n";
  }
  // What holds without a set is INVALID, or has no remedy; both are the fewer.
  EXPECT_GT(tally.holds_with_sets, 2 * (tally.holds - tally.holds_with_sets));
  EXPECT_EQ(tally.unexplained, 0);
  for (const char* kind : {"observed", "computed", "ratio", "composite", "time_window", "known_bad",
                           "check", "synthetic_traffic", "environment_parity", "traffic_isolation",
                           "approval", "any_of", "all_of", "at_least", "host"}) {
    EXPECT_EQ(tally.kinds.count(kind), 1u) << "no blocker of this kind has a set: " << kind;
  }
}

}  // namespace
}  // namespace sluice

// Arguments: the suites' files; --verbose shows every set.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--verbose") {
      sluice::Verbose() = true;
    } else {
      sluice::SuiteFiles().push_back(argv[i]);
    }
  }
  return RUN_ALL_TESTS();
}
