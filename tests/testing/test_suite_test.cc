#include "sluice/testing/test_suite.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/host_kind.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_text.h"
#include "sluice/known_bad.h"
#include "sluice/testing/edit.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {
namespace {

using Outcome = CaseResult::Outcome;

// 2026-11-24T09:30:00Z is 1795512600. At that instant `b` may go to both cells.
constexpr char kInputs[] = R"(
  policy {
    id: "shop" profile: STANDARD_1 without_emergency_stop: true
    stages {
      id: "prod" kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC
      blockers { id: "errors" metric_alarm { observed { alarm: "5xx" } max_age { seconds: 300 } } }
      rollout {
        waves { id: "all" cells: [ "eu", "us" ] }
        blast_radius { no_stage_cap {} max_parallel: 2 }
        deploy { max_time { seconds: 600 } }
        bake { min_time { seconds: 3600 } max_time { seconds: 36000 } time_only: true }
        no_hygiene {}
        roll_back { watch_for { seconds: 0 } max_parallel: 2 attempts: 2 }
      }
    }
  }
  state {
    schema_version: 1 pipeline: "shop" written_at { seconds: 1795512600 }
    artifacts { digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" sequence: 1 }
    artifacts { digest: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" sequence: 2 }
    cells { id: "eu" stage: "prod" weight: 1 }
    cells { id: "us" stage: "prod" weight: 1 }
    stages {
      stage: "prod"
      deployments { number: 1 cell: "eu" artifact: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" direction: ADOPTED started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 } outcome: SUCCEEDED who: "ann" }
      deployments { number: 2 cell: "us" artifact: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" direction: ADOPTED started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 } outcome: SUCCEEDED who: "ann" }
    }
    alarms { alarm: "5xx" state: OK since { seconds: 1795000000 } observed_at { seconds: 1795512600 } }
  }
)";

constexpr char kNow[] = "now { seconds: 1795512600 }";
constexpr char kDeploys[] = "expect { stage: \"prod\" action: DEPLOY cells: [ \"eu\", \"us\" ] }";

std::string Case(absl::string_view text) {
  return absl::StrCat("cases { name: \"one\" ", text, " }\n");
}

// A case of one moment with the given edits and expectations.
std::string Case(absl::string_view edits, absl::string_view expectations) {
  return Case(absl::StrCat(edits, " moments { ", kNow, " ", expectations, " }"));
}

v1::TestSuite SuiteOf(absl::string_view text) {
  v1::TestSuite suite;
  const absl::Status status =
      ReadTextproto(absl::StrCat("base {", kInputs, "}\n", text), &suite, nullptr);
  EXPECT_TRUE(status.ok()) << status << "\n" << text;
  return suite;
}

// The result of the last case of the suite.
CaseResult RunLast(const v1::TestSuite& suite, SuiteOptions options = {}) {
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite, std::move(options));
  EXPECT_TRUE(runner.ok()) << FaultsOf(runner.status()).DebugString();
  if (!runner.ok()) return {};
  return runner->RunCase(suite.cases_size() - 1);
}

CaseResult RunLast(absl::string_view text) { return RunLast(SuiteOf(text)); }

void ExpectPasses(absl::string_view text) {
  const CaseResult result = RunLast(text);
  EXPECT_EQ(result.outcome, Outcome::kPassed) << text;
  for (const MomentResult& moment : result.moments) {
    for (const Mismatch& mismatch : moment.mismatches) {
      ADD_FAILURE() << mismatch.what << "\n" << mismatch.expected << "\n" << mismatch.actual;
    }
  }
  for (const CaseFault& fault : result.faults) ADD_FAILURE() << fault.path << ": " << fault.what;
}

// The one mismatch is about `what`.
void ExpectFails(absl::string_view text, absl::string_view what) {
  const CaseResult result = RunLast(text);
  EXPECT_EQ(result.outcome, Outcome::kFailed) << text;
  EXPECT_TRUE(result.faults.empty());
  ASSERT_EQ(result.moments.size(), 1u);
  ASSERT_EQ(result.moments[0].mismatches.size(), 1u) << text;
  EXPECT_EQ(result.moments[0].mismatches[0].what, what) << text;
}

void ExpectBroken(absl::string_view text, absl::string_view path, absl::string_view what) {
  const CaseResult result = RunLast(text);
  EXPECT_EQ(result.outcome, Outcome::kBroken) << text;
  ASSERT_EQ(result.faults.size(), 1u) << text;
  EXPECT_EQ(result.faults[0].path, path);
  EXPECT_TRUE(absl::StrContains(result.faults[0].what, what)) << result.faults[0].what;
}

// The suite has exactly the faults at `paths`, sorted.
void ExpectFaults(const v1::TestSuite& suite, const std::vector<std::string>& paths) {
  const absl::Status status = CheckSuite(suite);
  EXPECT_EQ(status.ok(), paths.empty());
  std::vector<std::string> have;
  const v1::Faults faults = FaultsOf(status);
  for (const v1::Fault& fault : faults.faults()) have.push_back(fault.path());
  EXPECT_EQ(have, paths) << faults.DebugString();
  EXPECT_EQ(SuiteRunner::Prepare(suite).ok(), paths.empty());
}

void ExpectFaults(absl::string_view text, const std::vector<std::string>& paths) {
  ExpectFaults(SuiteOf(text), paths);
}

TEST(CheckSuiteTest, GoodSuite) {
  ExpectFaults("", {});
  ExpectFaults(Case("", kDeploys), {});
  ExpectFaults(Case("faults { path: \"id\" }"), {});
}

TEST(CheckSuiteTest, NamesAreThereAndUnique) {
  ExpectFaults("cases { faults { path: \"id\" } }", {"cases[0].name"});
  ExpectFaults(Case("", kDeploys) + Case("", kDeploys), {"cases[1].name"});
  ExpectFaults("bases { name: \"a\" } bases { name: \"a\" } bases {}",
               {"bases[1].name", "bases[2].name"});
}

TEST(CheckSuiteTest, ABaseThatIsNamedExists) {
  ExpectFaults("bases { name: \"other\" inputs {} }" + Case("base: \"other\"", kDeploys), {});
  ExpectFaults("bases { name: \"other\" inputs {} }" + Case("base: \"otter\"", kDeploys),
               {"cases[0].base"});
}

TEST(CheckSuiteTest, ACaseThatAssertsNothingIsAnError) {
  ExpectFaults(Case(""), {"cases[0]"});
  ExpectFaults(Case("edits { path: \"state\" clear: true }"), {"cases[0]"});
  ExpectFaults(Case(absl::StrCat("moments { ", kNow, " events { id: \"e\" } }")), {"cases[0]"});
  ExpectFaults(Case(absl::StrCat("moments { ", kNow, " }")), {"cases[0].moments[0]", "cases[0]"});
  ExpectFaults(Case("", "expect { stage: \"prod\" }"), {"cases[0].moments[0].expect[0]"});
  ExpectFaults(Case("", "expect { stage: \"prod\" findings {} }"),
               {"cases[0].moments[0].expect[0].findings[0]"});
  ExpectFaults(Case("", "expect { stage: \"prod\" wanted {} }"),
               {"cases[0].moments[0].expect[0].wanted[0]"});
  ExpectFaults(Case("", "expect { stage: \"prod\" passed_over {} }"),
               {"cases[0].moments[0].expect[0].passed_over[0]"});
  ExpectFaults(Case("", "expect { stage: \"prod\" absent: \"\" }"),
               {"cases[0].moments[0].expect[0].absent[0]"});
  ExpectFaults(Case("faults {}"), {"cases[0].faults[0]"});
}

TEST(CheckSuiteTest, AMomentWithEventsAloneIsATimeline) {
  ExpectFaults(Case(absl::StrCat("moments { ", kNow, " events { id: \"e\" } } moments { ", kNow,
                                 kDeploys, " }")),
               {});
}

TEST(CheckSuiteTest, ExpectationsNameTheirStage) {
  ExpectFaults(Case("", "expect { action: HOLD }"), {"cases[0].moments[0].expect[0].stage"});
}

TEST(CheckSuiteTest, ContradictionsAreFaults) {
  ExpectFaults(Case("", "expect { stage: \"prod\" no_cells: true cells: \"eu\" }"),
               {"cases[0].moments[0].expect[0].no_cells"});
  ExpectFaults(Case("", "expect { stage: \"prod\" no_wanted: true wanted { cell: \"eu\" } }"),
               {"cases[0].moments[0].expect[0].no_wanted"});
  ExpectFaults(Case("", "never_changes: true valid_until { seconds: 1 }"),
               {"cases[0].moments[0].never_changes"});
  ExpectFaults(Case("faults { path: \"id\" }", kDeploys), {"cases[0].faults"});
}

TEST(CheckSuiteTest, MomentsAreInOrder) {
  ExpectFaults(Case("moments { never_changes: true }"), {"cases[0].moments[0].now"});
  ExpectFaults(Case("moments { now { nanos: -1 } never_changes: true }"),
               {"cases[0].moments[0].now"});
  ExpectFaults(Case("", "valid_until { nanos: -1 }"), {"cases[0].moments[0].valid_until"});
  const std::string ten = "moments { now { seconds: 10 } never_changes: true }";
  ExpectFaults(Case(ten + ten), {});
  ExpectFaults(Case(ten + "moments { now { seconds: 9 } never_changes: true }"),
               {"cases[0].moments[1].now"});
  ExpectFaults(Case(ten + "moments { now { seconds: 10 } nanos: -1 never_changes: true }"),
               {"cases[0].moments[1].now"});
}

TEST(CheckSuiteTest, AllFaultsAreTold) {
  ExpectFaults(Case("base: \"x\"") + Case("", "expect { cells: \"a\" no_cells: true }"),
               {"cases[0].base", "cases[0]", "cases[1].name", "cases[1].moments[0].expect[0].stage",
                "cases[1].moments[0].expect[0].no_cells"});
}

TEST(SuiteRunnerTest, FilesThatWereNotReadAreFaults) {
  v1::TestSuite suite = SuiteOf(Case("", kDeploys));
  suite.set_policy_file("p");
  suite.set_baseline_file("b");
  suite.set_state_file("s");
  suite.set_organisation_file("o");
  suite.add_known_bad_files("k");
  EXPECT_TRUE(CheckSuite(suite).ok());
  EXPECT_EQ(FaultsOf(SuiteRunner::Prepare(suite).status()).faults_size(), 5);
}

TEST(SuiteRunnerTest, ListsThatCannotBeBuiltAreFaults) {
  v1::TestSuite suite = SuiteOf(Case("", kDeploys));
  suite.mutable_base()->add_known_bad();
  const v1::Faults faults = FaultsOf(SuiteRunner::Prepare(suite).status());
  ASSERT_FALSE(faults.faults().empty());
  EXPECT_TRUE(absl::StartsWith(faults.faults(0).path(), "base.known_bad[0]."))
      << faults.DebugString();
}

TEST(SuiteRunnerTest, PassesAndFails) {
  ExpectPasses(Case("", kDeploys));
  ExpectFails(Case("", "expect { stage: \"prod\" action: HOLD }"), "action");
  ExpectFails(Case("", "expect { stage: \"prod\" cells: \"eu\" }"), "cells");
}

TEST(SuiteRunnerTest, EditsOfTheState) {
  const std::string alarm = "edits { path: \"state.alarms[0].state\" set: \"ALARM\" }";
  ExpectPasses(Case(alarm,
                    "expect { stage: \"prod\" action: HOLD no_cells: true findings { id: "
                    "\"errors\" verdict: BLOCKING reason: IN_ALARM } }"));
  ExpectFails(Case(alarm, "expect { stage: \"prod\" action: DEPLOY }"), "action");
}

TEST(SuiteRunnerTest, EditsOfThePolicy) {
  ExpectPasses(Case(
      "edits { path: \"policy.stages[0].blockers[0].enforcement\" set: \"OBSERVED\" }"
      "edits { path: \"state.alarms[0].state\" set: \"ALARM\" }",
      "expect { stage: \"prod\" action: DEPLOY findings { id: \"errors\" effect: OBSERVED } }"));
}

TEST(SuiteRunnerTest, EditsOfTheOrganisation) {
  const std::string stop =
      "edits { path: \"policy.without_emergency_stop\" clear: true } edits { path: "
      "\"policy.emergency_stop\" set: \"{ max_age { seconds: 900 } }\" }";
  ExpectPasses(Case(stop, "expect { stage: \"prod\" action: HOLD }"));
  ExpectPasses(
      Case(stop + "edits { path: \"organisation\" set: \"{ schema_version: 1 id: 'acme' "
                  "epoch: 1 observed_at { seconds: 1795512600 } emergency_stop { state: CLEAR "
                  "observed_at { seconds: 1795512600 } } }\" }",
           kDeploys));
}

// An edit after which the policy asks a known-bad list.
constexpr char kAsksList[] =
    "edits { path: \"policy.stages[0].blockers\" add: \"{ id: 'cve' known_bad { lists: "
    "'advisories' max_age { seconds: 3600 } min_entries: 1 on_match_in_flight: HALT components: "
    "OPTIONAL } }\" }";

// A list of the digest that has the letter throughout.
std::string ListOf(char letter) {
  return absl::StrCat(
      "{ id: 'advisories' epoch: 5 entry_count: 1 verified_at { seconds: 1795512000 } entries { "
      "id: 'ADV-1' digests: 'sha256:",
      std::string(64, letter), "' } }");
}

constexpr char kNothingGoesForList[] =
    "expect { stage: \"prod\" no_cells: true findings { id: \"cve\" ";

TEST(SuiteRunnerTest, EditsOfTheLists) {
  const auto with = [](char letter) {
    return absl::StrCat(kAsksList, "edits { path: \"known_bad\" add: \"", ListOf(letter), "\" }");
  };
  ExpectPasses(Case(kAsksList, absl::StrCat(kNothingGoesForList, "reason: LIST_ABSENT } }")));
  ExpectPasses(Case(with('b'), absl::StrCat(kNothingGoesForList, "reason: KNOWN_BAD_MATCH } }")));
  ExpectPasses(Case(with('c'), kDeploys));
}

TEST(SuiteRunnerTest, ListsOfTheBase) {
  const std::string listed =
      Case(kAsksList, absl::StrCat(kNothingGoesForList, "reason: KNOWN_BAD_MATCH } }"));
  v1::TestSuite suite = SuiteOf(listed);
  EXPECT_TRUE(ReadTextproto(ListOf('b').substr(2, ListOf('b').size() - 4),
                            suite.mutable_base()->add_known_bad(), nullptr)
                  .ok());
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kPassed);
  v1::Edit* edit = suite.mutable_cases(0)->add_edits();
  edit->set_path("known_bad[0].entries[0].digests[0]");
  edit->set_set(absl::StrCat("'sha256:", std::string(64, 'c'), "'"));
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kFailed);
}

TEST(SuiteRunnerTest, ListsBesideTheSuite) {
  v1::KnownBadList message;
  EXPECT_TRUE(ReadTextproto(ListOf('c').substr(2, ListOf('c').size() - 4), &message, nullptr).ok());
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
  ASSERT_TRUE(list.ok()) << list.status();
  SuiteOptions options;
  options.known_bad = {&*list};
  const v1::TestSuite suite = SuiteOf(Case(kAsksList, kDeploys));
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kFailed);
  EXPECT_EQ(RunLast(suite, options).outcome, Outcome::kPassed);
}

TEST(SuiteRunnerTest, KindsOfTheHost) {
  const v1::TestSuite suite = SuiteOf(
      Case("edits { path: \"policy.stages[0].blockers\" add: \"{ id: 'moon' host { type_url: "
           "'example.com/moon' } }\" }",
           "expect { stage: \"prod\" action: HOLD }"));
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kBroken);
  SuiteOptions options;
  options.compile.host_kinds["example.com/moon"] = [](const HostQuestion&) {
    HostAnswer answer;
    answer.verdict = Verdict::kBlocking;
    answer.reason = "full";
    answer.changes_at = absl::InfiniteFuture();
    return answer;
  };
  EXPECT_EQ(RunLast(suite, options).outcome, Outcome::kPassed);
}

TEST(SuiteRunnerTest, ABaseIsChosenByName) {
  v1::TestSuite suite = SuiteOf(Case("base: \"other\"", "expect { stage: \"prod\" action: HOLD }"));
  v1::NamedInputs* other = suite.add_bases();
  other->set_name("other");
  *other->mutable_inputs() = suite.base();
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kFailed);
  other->mutable_inputs()->mutable_state()->mutable_alarms(0)->set_state(v1::AlarmReport::ALARM);
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kPassed);
  suite.mutable_cases(0)->clear_base();
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kFailed);
}

TEST(SuiteRunnerTest, CasesDoNotSeeEachOthersEdits) {
  const v1::TestSuite suite =
      SuiteOf(Case("edits { path: \"state.alarms[0].state\" set: \"ALARM\" }",
                   "expect { stage: \"prod\" action: HOLD }") +
              absl::StrCat("cases { name: \"two\" moments { ", kNow, kDeploys, " } }"));
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  ASSERT_TRUE(runner.ok());
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(runner->RunCase(0).outcome, Outcome::kPassed);
    EXPECT_EQ(runner->RunCase(1).outcome, Outcome::kPassed);
  }
}

constexpr char kAlarmReported[] =
    "events { id: \"e1\" at { seconds: 1795512700 } alarm_reported { alarm { alarm: \"5xx\" state: "
    "ALARM since { seconds: 1795512700 } observed_at { seconds: 1795512700 } } } } ";

TEST(SuiteRunnerTest, Timelines) {
  const auto timeline = [](absl::string_view last) {
    return Case(absl::StrCat("moments { ", kNow, " ", kDeploys, " } moments { now { seconds: ",
                             "1795512700 } ", kAlarmReported, " } moments { now { seconds: ",
                             "1795512701 } expect { stage: \"prod\" action: ", last, " } }"));
  };
  ExpectPasses(timeline("HOLD"));
  const CaseResult result = RunLast(timeline("DEPLOY"));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  ASSERT_EQ(result.moments.size(), 1u);
  EXPECT_EQ(result.moments[0].moment, 2);
  EXPECT_EQ(result.moments[0].now, absl::FromUnixSeconds(1795512701));
}

TEST(SuiteRunnerTest, EventsLeaveTheBaseAlone) {
  const v1::TestSuite suite =
      SuiteOf(Case(absl::StrCat("moments { now { seconds: 1795512700 } ", kAlarmReported,
                                "expect { stage: \"prod\" action: HOLD } }")) +
              absl::StrCat("cases { name: \"two\" moments { ", kNow, kDeploys, " } }"));
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  ASSERT_TRUE(runner.ok());
  EXPECT_EQ(runner->RunCase(0).outcome, Outcome::kPassed);
  EXPECT_EQ(runner->RunCase(1).outcome, Outcome::kPassed);
  EXPECT_EQ(runner->RunCase(0).outcome, Outcome::kPassed);
}

TEST(SuiteRunnerTest, EveryMomentThatFailsIsTold) {
  const std::string holds = "expect { stage: \"prod\" action: HOLD }";
  const CaseResult result =
      RunLast(Case(absl::StrCat("moments { ", kNow, " ", holds, " } moments { ", kNow, " nanos: 1 ",
                                kDeploys, " } moments { ", kNow, " nanos: 2 ", holds, " }")));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  ASSERT_EQ(result.moments.size(), 2u);
  EXPECT_EQ(result.moments[1].moment, 2);
  EXPECT_EQ(result.moments[1].now, absl::FromUnixSeconds(1795512600) + absl::Nanoseconds(2));
}

TEST(SuiteRunnerTest, ExplainsTheStagesThatDiffer) {
  const CaseResult result = RunLast(Case("edits { path: \"state.alarms[0].state\" set: \"ALARM\" }",
                                         "expect { stage: \"prod\" action: DEPLOY }"));
  ASSERT_EQ(result.moments.size(), 1u);
  ASSERT_EQ(result.moments[0].explanation.size(), 1u);
  const StageExplanation& explanation = result.moments[0].explanation[0];
  EXPECT_EQ(explanation.stage, "prod");
  ASSERT_GE(explanation.lines.size(), 2u);
  EXPECT_EQ(explanation.lines[0].mark, ' ');
  EXPECT_EQ(explanation.lines[1].mark, '!');
  EXPECT_TRUE(absl::StrContains(explanation.lines[1].sentence, "5xx"));
}

TEST(SuiteRunnerTest, ExplainsAFindingThatWasAskedFor) {
  const auto marks = [](const CaseResult& result) {
    std::string text;
    for (const MomentResult& moment : result.moments) {
      for (const StageExplanation& stage : moment.explanation) {
        for (const ExplanationLine& line : stage.lines) text.push_back(line.mark);
      }
    }
    return text;
  };
  EXPECT_FALSE(
      absl::StrContains(marks(RunLast(Case("", "expect { stage: \"prod\" action: HOLD }"))), "-"));
  EXPECT_TRUE(absl::StrContains(
      marks(RunLast(
          Case("", "expect { stage: \"prod\" findings { id: \"errors\" verdict: BLOCKING } }"))),
      "-"));
}

TEST(SuiteRunnerTest, ExplainsEveryStageIfTheDecisionDiffers) {
  const CaseResult result = RunLast(Case("", "never_changes: true"));
  ASSERT_EQ(result.moments.size(), 1u);
  EXPECT_EQ(result.moments[0].explanation.size(), 1u);
}

TEST(SuiteRunnerTest, ExpectedFaults) {
  const std::string edit = "edits { path: \"policy.stages[0].blockers[0].id\" clear: true }";
  ExpectPasses(Case(edit + "faults { path: \"stages[0].blockers[0].id\" kind: MISSING }"));
  ExpectFails(Case(edit + "faults { path: \"stages[0].blockers[0].id\" kind: DUPLICATE }"),
              "faults");
  ExpectFails(Case("faults { path: \"stages[0].blockers[0].id\" }"), "faults");
  const CaseResult result = RunLast(Case("faults { path: \"id\" }"));
  ASSERT_EQ(result.moments.size(), 1u);
  EXPECT_FALSE(result.moments[0].now.has_value());
}

TEST(SuiteRunnerTest, BrokenEdits) {
  ExpectBroken(Case("edits { path: \"state.revision\" set: \"1\" } edits { path: \"state.x\" set: "
                    "\"1\" }",
                    kDeploys),
               "cases[0].edits[1]", "no field `x`");
}

TEST(SuiteRunnerTest, RefusedEvents) {
  ExpectBroken(Case(absl::StrCat("moments { ", kNow, " events { id: \"e\" } ", kDeploys, " }")),
               "cases[0].moments[0].events[0]", "is refused");
}

TEST(SuiteRunnerTest, PoliciesThatDoNotCompile) {
  ExpectBroken(Case("edits { path: \"policy.stages[0].blockers[0].id\" clear: true }", kDeploys),
               "cases[0]", "its edited policy: stages[0].blockers[0].id: ");
  v1::TestSuite suite = SuiteOf(Case("", kDeploys));
  suite.mutable_base()->mutable_policy()->clear_id();
  suite.mutable_base()->mutable_policy()->mutable_stages(0)->clear_id();
  const CaseResult result = RunLast(suite);
  EXPECT_EQ(result.outcome, Outcome::kBroken);
  ASSERT_EQ(result.faults.size(), 2u);
  EXPECT_EQ(result.faults[0].path, "base.policy.id");
  EXPECT_EQ(result.faults[1].path, "base.policy.stages[0].id");
}

// An edit that adds a baseline, which asks for a blocker.
constexpr char kMondays[] =
    "edits { path: \"baseline\" set: \"{ id: 'company' blockers { id: 'mondays' enforcement: "
    "ENFORCED "
    "override_policy { roles: 'lead' quorum: 1 max_validity { seconds: 60 } author: AUTHOR_MAY } "
    "time_window { allow { windows { weekly { time_zone: 'UTC' days: MONDAY hours { start: '09:00' "
    "end: '16:00' } } } } no_min_remaining {} in_flight: FINISH_WAVE } } }\" }";

constexpr char kNotOnTuesday[] =
    "expect { stage: \"prod\" action: HOLD findings { id: \"mondays\" reason: OUTSIDE_ALLOW } }";

// The suite, whose base has the baseline that the edit adds.
v1::TestSuite WithBaseline(v1::TestSuite suite) {
  const v1::TestCase edits = SuiteOf(Case(kMondays)).cases(0);
  EXPECT_TRUE(ApplyEdit(edits.edits(0), suite.mutable_base()).ok());
  return suite;
}

TEST(SuiteRunnerTest, EditsOfTheBaseline) {
  ExpectPasses(Case(kMondays, kNotOnTuesday));
  ExpectPasses(
      Case(absl::StrCat(kMondays, "edits { path: \"baseline.blockers\" clear: true }"), kDeploys));
  ExpectPasses(Case(absl::StrCat(kMondays,
                                 "edits { path: \"baseline.stages\" add: \"{ kind: "
                                 "PRODUCTION requires_hygiene: true }\" }"
                                 "faults { path: \"stages[0].rollout.no_hygiene\" }")));
  ExpectPasses(Case(absl::StrCat(kMondays,
                                 "edits { path: \"baseline.id\" clear: true }"
                                 "faults { path: \"baseline.id\" kind: MISSING }")));
  ExpectBroken(
      Case(absl::StrCat(kMondays, "edits { path: \"baseline.id\" clear: true }"), kDeploys),
      "cases[0]", "its policy under the edited baseline: baseline.id: ");
}

TEST(SuiteRunnerTest, BaselineOfTheBase) {
  // The second case must not get the first one's policy, nor the third one the second one's.
  const v1::TestSuite suite = WithBaseline(
      SuiteOf(Case("", kNotOnTuesday) +
              absl::StrCat("cases { name: \"without\" edits { path: \"baseline\" clear: true } "
                           "moments { ",
                           kNow, kDeploys, " } } cases { name: \"again\" moments { ", kNow,
                           kNotOnTuesday, " } }")));
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  ASSERT_TRUE(runner.ok());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(runner->RunCase(i).outcome, Outcome::kPassed) << i;
}

TEST(SuiteRunnerTest, BaselinesThatDoNotCompile) {
  v1::TestSuite suite = WithBaseline(SuiteOf(Case("", kNotOnTuesday)));
  suite.mutable_base()->mutable_baseline()->clear_id();
  suite.mutable_base()->mutable_policy()->clear_id();
  const CaseResult result = RunLast(suite);
  EXPECT_EQ(result.outcome, Outcome::kBroken);
  std::vector<std::string> paths;
  for (const CaseFault& fault : result.faults) paths.push_back(fault.path);
  EXPECT_THAT(paths, testing::UnorderedElementsAre("base.policy.id", "base.baseline.id"));
}

TEST(SuiteRunnerTest, MissingPartsOfTheBase) {
  ExpectBroken(Case("edits { path: \"policy\" clear: true }", kDeploys), "cases[0]", "no policy");
  ExpectBroken(Case("edits { path: \"state\" clear: true }", kDeploys), "cases[0]", "no state");
  v1::TestSuite suite = SuiteOf(Case("", kDeploys));
  suite.mutable_base()->clear_state();
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kBroken);
  suite.mutable_base()->clear_policy();
  EXPECT_EQ(RunLast(suite).outcome, Outcome::kBroken);
}

TEST(SuiteRunnerTest, BrokenListsOfACase) {
  ExpectBroken(Case("edits { path: \"known_bad\" add: \"{}\" }", kDeploys), "cases[0]",
               "its edited lists: ");
}

// All of a result.
std::string TextOf(const CaseResult& result) {
  std::string text = absl::StrCat("outcome ", static_cast<int>(result.outcome), "\n");
  for (const CaseFault& fault : result.faults) {
    absl::StrAppend(&text, fault.path, ": ", fault.what, "\n");
  }
  for (const MomentResult& moment : result.moments) {
    absl::StrAppend(&text, moment.moment, " ",
                    absl::FormatTime(moment.now.value_or(absl::InfinitePast())), "\n");
    for (const Mismatch& mismatch : moment.mismatches) {
      absl::StrAppend(&text, mismatch.stage, " ", mismatch.what, "\n- ", mismatch.expected, "\n+ ",
                      mismatch.actual, "\n");
    }
    for (const StageExplanation& stage : moment.explanation) {
      absl::StrAppend(&text, stage.stage, "\n");
      for (const ExplanationLine& line : stage.lines) {
        absl::StrAppend(&text, std::string(1, line.mark), line.depth, " ", line.sentence, "\n");
      }
    }
  }
  return text;
}

TEST(SuiteRunnerTest, ThreadsGetTheSameAnswers) {
  std::string text;
  for (int i = 0; i < 64; ++i) {
    absl::StrAppend(&text, "cases { name: \"c", i, "\" ",
                    i % 2 == 0 ? "edits { path: \"state.alarms[0].state\" set: \"ALARM\" } " : "",
                    i % 3 == 0 ? "edits { path: \"policy.stages[0].blockers[0].enforcement\" set: "
                                 "\"OBSERVED\" } "
                               : "",
                    "moments { ", kNow, " ", kDeploys, " } }\n");
  }
  const v1::TestSuite suite = SuiteOf(text);
  const absl::StatusOr<SuiteRunner> alone = SuiteRunner::Prepare(suite);
  ASSERT_TRUE(alone.ok());
  std::vector<std::string> expected;
  for (int i = 0; i < 64; ++i) {
    const CaseResult result = alone->RunCase(i);
    const bool in_alarm = i % 2 == 0 && i % 3 != 0;
    EXPECT_EQ(result.outcome, in_alarm ? Outcome::kFailed : Outcome::kPassed) << i;
    expected.push_back(TextOf(result));
  }
  // No policy is compiled yet, so that all threads begin by compiling.
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  ASSERT_TRUE(runner.ok());
  constexpr int kThreads = 8;
  std::vector<std::vector<std::string>> texts(kThreads, std::vector<std::string>(64));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 64; ++i) {
        const int index = (i + 5 * t) % 64;
        texts[static_cast<size_t>(t)][static_cast<size_t>(index)] = TextOf(runner->RunCase(index));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<std::string>& text : texts) EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace sluice
