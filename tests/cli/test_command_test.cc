#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"
#include "sluice/known_bad.h"
#include "sluice/reader.h"
#include "tests/cli/run_sluice.h"

namespace sluice {
namespace {

constexpr char kPolicy[] = R"(
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
)";

constexpr char kState[] = R"(
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
)";

constexpr char kFiles[] = "policy_file: \"policy.textproto\"\nstate_file: \"state.textproto\"\n";

CliResult RunSluice(const std::vector<std::string>& words, const std::string& input = "") {
  return RunSluiceAt(&absl::UnixEpoch, words, input);
}

// A case that expects an action at the instant at which DEPLOY is right.
std::string Case(const std::string& name, const std::string& action) {
  return absl::StrCat("cases { name: \"", name,
                      "\" moments { now { seconds: 1795512600 } expect { stage: \"prod\" action: ",
                      action, " } } }\n");
}

// A folder of files, empty at first but for the policy and the state.
class TestCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = EnterFolder();
    Write("policy.textproto", kPolicy);
    Write("state.textproto", kState);
  }

  std::string Path(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = Path(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // Runs `sluice test` of the folder, in which the test runs; files are shown without the `./`.
  CliResult Test(std::vector<std::string> words = {}) const {
    words.insert(words.begin(), {"test", "."});
    CliResult result = RunSluice(words);
    result.out = absl::StrReplaceAll(result.out, {{"./", ""}});
    result.err = absl::StrReplaceAll(result.err, {{"./", ""}});
    return result;
  }

  // The suite alone gives exit code 2 and exactly these lines on standard error.
  void ExpectBad(const std::string& suite, const std::vector<std::string>& lines) const {
    Write("shop_test.textproto", suite);
    const CliResult result = Test();
    EXPECT_EQ(result.code, kExitBadInput) << suite;
    std::string expected;
    for (const std::string& line : lines) absl::StrAppend(&expected, "sluice: ", line, "\n");
    EXPECT_EQ(result.err, expected);
  }

  std::string folder_;
};

TEST_F(TestCommandTest, AllPassed) {
  Write("shop_test.textproto", absl::StrCat(kFiles, Case("a", "DEPLOY"), Case("b", "DEPLOY")));
  const CliResult result = Test();
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.out, "2 passed, 0 failed\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(TestCommandTest, AFailureExitsWithElevenAndShowsBothSidesAndWhy) {
  Write("shop_test.textproto",
        absl::StrCat(kFiles, Case("good", "DEPLOY"),
                     "cases { name: \"holds\" description: \"It holds.\" moments { now { seconds: "
                     "1795512600 } expect { stage: \"prod\" action: HOLD cells: \"eu\" } } }"));
  const CliResult result = Test();
  EXPECT_EQ(result.code, kExitHold);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out.substr(0, result.out.find("  why")),
            "shop_test.textproto: holds\n"
            "  It holds.\n"
            "  at 2026-11-24T09:30:00Z, stage `prod` (- expected, + actual)\n"
            "    - action HOLD\n"
            "    + action DEPLOY\n"
            "    - cells \"eu\"\n"
            "    + cells \"eu\", \"us\"\n");
  EXPECT_TRUE(absl::StrContains(result.out, "  why it is so:\n    prod: DEPLOY sha256:"))
      << result.out;
  EXPECT_TRUE(absl::EndsWith(result.out, "\n\n1 passed, 1 failed\n")) << result.out;
}

TEST_F(TestCommandTest, PlainJsonSuites) {
  const auto suite = [](const std::string& action) {
    return absl::StrCat(
        R"({"policy_file": "policy.textproto", "state_file": "state.textproto", "cases": [{"name":
            "a", "moments": [{"now": "2026-11-24T09:30:00Z", "expect": [{"stage": "prod",
            "action": ")",
        action, R"("}]}]}]})");
  };
  Write("shop_test.json", suite("DEPLOY"));
  EXPECT_EQ(Test().code, kExitOk);
  Write("shop_test.json", suite("HOLD"));
  EXPECT_EQ(Test().code, kExitHold);
  Write("shop_test.json", suite("PAUSE"));
  const CliResult result = Test();
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_TRUE(absl::StartsWith(result.err, "sluice: shop_test.json: 3:")) << result.err;
}

TEST_F(TestCommandTest, YamlSuites) {
  const auto suite = [](const std::string& action) {
    return absl::StrCat(
        "policy_file: policy.textproto\nstate_file: state.textproto\ncases:\n- name: no\n  "
        "moments:\n"
        "  - now: 2026-11-24T09:30:00Z\n    expect:\n    - {stage: prod, action: ",
        action, "}\n");
  };
  for (const char* name : {"shop_test.yaml", "shop.yml"}) {
    Write(name, suite("DEPLOY"));
    EXPECT_EQ(RunSluice({"test", name, "--verbose"}).out,
              absl::StrCat("passed ", name, ": no\n1 passed, 0 failed\n"));
    Write(name, suite("HOLD"));
    EXPECT_EQ(RunSluice({"test", name}).code, kExitHold);
    Write(name, suite("PAUSE"));
    const CliResult result = RunSluice({"test", name});
    EXPECT_EQ(result.code, kExitBadInput);
    EXPECT_EQ(result.err, absl::StrCat("sluice: ", name,
                                       ": 8: cases[0].moments[0].expect[0].action: unknown enum "
                                       "value `PAUSE`\n"));
  }
  EXPECT_EQ(Test().out, "0 passed, 0 failed, 1 file not run\n");
  EXPECT_EQ(RunSluice({"test", "shop.yml", "--input-format", "json"}).code, kExitBadInput);
}

TEST_F(TestCommandTest, FoldersAreSearchedInOrder) {
  Write("b/z_test.textproto", absl::StrReplaceAll(absl::StrCat(kFiles, Case("z", "DEPLOY")),
                                                  {{"_file: \"", "_file: \"../"}}));
  Write("b_test.textproto", absl::StrCat(kFiles, Case("b", "DEPLOY")));
  Write("a_test.textproto", absl::StrCat(kFiles, Case("a", "DEPLOY")));
  Write("test.textproto", "no suite");
  Write("c_test.pb", "no suite");
  Write("c_test.textproto.bak", "no suite");
  std::filesystem::create_directories(Path("folder_test.textproto"));
  const CliResult result = Test({"--verbose"});
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out,
            "passed a_test.textproto: a\n"
            "passed b/z_test.textproto: z\n"
            "passed b_test.textproto: b\n"
            "3 passed, 0 failed\n");
}

TEST_F(TestCommandTest, AFileMayHaveAnyNameAndIsRunOnce) {
  const std::string path = Write("cases.txtpb", absl::StrCat(kFiles, Case("a", "DEPLOY")));
  EXPECT_EQ(RunSluice({"test", path, Path("../AFileMayHaveAnyNameAndIsRunOnce/cases.txtpb")}).out,
            "1 passed, 0 failed\n");
}

TEST_F(TestCommandTest, AFileIsRunOnceHoweverItIsSpelled) {
  Write("shop_test.textproto", absl::StrCat(kFiles, Case("a", "DEPLOY")));
  const char* const spellings[] = {"shop_test.textproto", "./shop_test.textproto",
                                   ".//shop_test.textproto", "x/../shop_test.textproto", "."};
  for (const char* first : spellings) {
    for (const char* second : spellings) {
      if (absl::StartsWith(first, "x/")) continue;  // There is no `x` to be read by way of.
      EXPECT_EQ(RunSluice({"test", first, second}).out, "1 passed, 0 failed\n")
          << first << " and " << second;
    }
  }
  Write("other_test.textproto", absl::StrCat(kFiles, Case("a", "DEPLOY")));
  EXPECT_EQ(RunSluice({"test", "shop_test.textproto", "./other_test.textproto"}).out,
            "2 passed, 0 failed\n");
}

TEST_F(TestCommandTest, StandardInput) {
  const CliResult result = RunSluice(
      {"test", "-"},
      absl::StrCat("base { policy {", kPolicy, "} state {", kState, "} }", Case("a", "HOLD")));
  EXPECT_EQ(result.code, kExitHold) << result.err;
  EXPECT_TRUE(absl::StartsWith(result.out, "-: a\n")) << result.out;
}

TEST_F(TestCommandTest, Filter) {
  Write("shop_test.textproto",
        absl::StrCat(kFiles, Case("freeze on friday", "HOLD"), Case("monday", "DEPLOY")));
  EXPECT_EQ(Test({"--filter", "mon*"}).code, kExitOk);
  EXPECT_EQ(Test({"--filter", "*friday"}).code, kExitHold);
  EXPECT_EQ(Test({"--filter", "?onday"}).out, "1 passed, 0 failed\n");
  EXPECT_EQ(Test({"--filter", "day"}).out, "0 passed, 0 failed\n");
}

TEST_F(TestCommandTest, FailOnEmpty) {
  EXPECT_EQ(Test().code, kExitOk);
  const CliResult result = Test({"--fail-on-empty"});
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_EQ(result.err, "sluice: no case was run\n");
  Write("shop_test.textproto", absl::StrCat(kFiles, Case("a", "DEPLOY")));
  EXPECT_EQ(Test({"--fail-on-empty"}).code, kExitOk);
  EXPECT_EQ(Test({"--fail-on-empty", "--filter", "b"}).code, kExitBadInput);
}

TEST_F(TestCommandTest, OutputIsTheSameWhateverTheJobs) {
  std::string suite = kFiles;
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&suite, Case(absl::StrCat("case ", i), i % 3 == 0 ? "HOLD" : "DEPLOY"));
  }
  Write("a_test.textproto", suite);
  Write("b_test.textproto", suite);
  const CliResult one = Test({"--jobs", "1", "--verbose"});
  EXPECT_EQ(one.code, kExitHold);
  EXPECT_TRUE(absl::EndsWith(one.out, "\n52 passed, 28 failed\n")) << one.out;
  for (const char* jobs : {"2", "7", "256"}) {
    EXPECT_EQ(Test({"--jobs", jobs, "--verbose"}).out, one.out) << jobs;
  }
}

TEST_F(TestCommandTest, BadArguments) {
  EXPECT_EQ(RunSluice({"test"}).code, kExitBadInput);
  EXPECT_EQ(Test({"--frobnicate"}).code, kExitBadInput);
  for (const char* jobs : {"0", "-1", "257", "x", ""}) {
    const CliResult result = Test({"--jobs", jobs});
    EXPECT_EQ(result.code, kExitBadInput) << jobs;
    EXPECT_TRUE(absl::StrContains(result.err, "--jobs")) << result.err;
  }
}

TEST_F(TestCommandTest, HelpNamesTheFilesAndTheExitCodes) {
  const CliResult result = RunSluice({"test", "--help"});
  EXPECT_EQ(result.code, kExitOk);
  for (const char* part : {"*_test.textproto", "*_test.json", "*_test.yaml", "--filter",
                           "--fail-on-empty", "--jobs", "--junit", "--verbose", "11", "2"}) {
    EXPECT_TRUE(absl::StrContains(result.out, part)) << part;
  }
}

TEST_F(TestCommandTest, UnreadableFilesAreTold) {
  const CliResult missing = RunSluice({"test", Path("nobody_test.textproto")});
  EXPECT_EQ(missing.code, kExitBadInput);
  EXPECT_EQ(missing.err, absl::StrCat("sluice: ", Path("nobody_test.textproto"),
                                      ": No such file or directory\n"));
  EXPECT_EQ(missing.out, "0 passed, 0 failed, 1 file not run\n");
  for (const char* name : {"nosuch", "no/such", "nosuch.yaml"}) {
    EXPECT_EQ(RunSluice({"test", name}).err,
              absl::StrCat("sluice: ", name, ": No such file or directory\n"));
  }
  Write("cases", absl::StrCat(kFiles, Case("a", "DEPLOY")));
  EXPECT_EQ(RunSluice({"test", "cases"}).err,
            "sluice: cases: its name tells no format; give --input-format textproto, json or "
            "binary\n");
  EXPECT_EQ(RunSluice({"test", "cases", "--input-format", "textproto"}).code, kExitOk);
  ExpectBad("", {"shop_test.textproto: is empty"});
  ASSERT_EQ(symlink("nowhere", Path("link_test.textproto").c_str()), 0);
  const CliResult link = RunSluice({"test", Path("link_test.textproto")});
  EXPECT_EQ(link.code, kExitBadInput);
}

TEST_F(TestCommandTest, BrokenSuitesAreToldWithTheirPlaces) {
  ExpectBad(absl::StrCat(kFiles, "casse {}\nother: 1\n"),
            {"shop_test.textproto: 3:1: unknown field `casse`",
             "shop_test.textproto: 4:1: unknown field `other`"});
  ExpectBad(absl::StrCat(kFiles, "cases {\n  name: \"a\"\n  base: \"b\"\n}\n", Case("a", "HOLD")),
            {"shop_test.textproto:5: cases[0].base: there is no base `b`",
             "shop_test.textproto:3: cases[0]: asserts nothing: it has neither moments nor faults",
             "shop_test.textproto:7: cases[1].name: `a` is taken"});
}

TEST_F(TestCommandTest, FilesOfTheBaseAreToldWithTheirPlaces) {
  ExpectBad(absl::StrCat("state_file: \"state.textproto\"\npolicy_file: \"nobody.textproto\"\n",
                         Case("a", "DEPLOY")),
            {"shop_test.textproto:2: policy_file: nobody.textproto: No such file or directory"});
  Write("bad.textproto", "schema_version: 1\nspeed: 9\n");
  ExpectBad(absl::StrCat("state_file: \"bad.textproto\"\npolicy_file: \"policy.textproto\"\n"
                         "organisation_file: \"bad.textproto\"\nknown_bad_files: [\n"
                         "\"bad.textproto\", \"\" ]\n",
                         Case("a", "DEPLOY")),
            {"shop_test.textproto:1: state_file: bad.textproto: 2:1: unknown field `speed`",
             "shop_test.textproto:3: organisation_file: bad.textproto: 2:1: unknown field `speed`",
             "shop_test.textproto:5: known_bad_files[0]: bad.textproto: 1:1: unknown field "
             "`schema_version`",
             "shop_test.textproto:5: known_bad_files[0]: bad.textproto: 2:1: unknown field `speed`",
             "shop_test.textproto:5: known_bad_files[1]: names no file"});
}

TEST_F(TestCommandTest, APartIsInTheSuiteOrInAFile) {
  ExpectBad(absl::StrCat(kFiles,
                         "organisation_file: \"o\"\nknown_bad_files: \"k\"\nbaseline_file: "
                         "\"b\"\nbase { policy {} baseline {} state {} organisation {} known_bad { "
                         "id: 'l' epoch: 1 entry_count: 1 "
                         "verified_at {} entries { id: 'e' package_urls: 'pkg:npm/left@1' } } }\n",
                         Case("a", "DEPLOY")),
            {"shop_test.textproto:1: policy_file: is given, and the part is in `base` too",
             "shop_test.textproto:5: baseline_file: is given, and the part is in `base` too",
             "shop_test.textproto:2: state_file: is given, and the part is in `base` too",
             "shop_test.textproto:3: organisation_file: is given, and the part is in `base` too",
             "shop_test.textproto:4: known_bad_files: are given, and lists are in `base` too"});
}

TEST_F(TestCommandTest, FaultsOfThePolicyAreToldOnceAtTheirPlaceInItsFile) {
  Write("policy.textproto",
        absl::StrReplaceAll(kPolicy, {{"alarm: \"5xx\"", ""}, {"attempts: 2", ""}}));
  Write("shop_test.textproto", absl::StrCat(kFiles, Case("a", "DEPLOY"), Case("b", "DEPLOY")));
  const CliResult result = Test({"--verbose"});
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_EQ(result.err,
            "sluice: policy.textproto:5: stages[0].blockers[0].metric_alarm.observed.alarm: is "
            "required\n"
            "sluice: policy.textproto:12: stages[0].rollout.roll_back.attempts: is required\n");
  EXPECT_EQ(result.out,
            "broken shop_test.textproto: a\nbroken shop_test.textproto: b\n"
            "0 passed, 0 failed, 2 broken\n");
}

TEST_F(TestCommandTest, BaselinesFromFiles) {
  constexpr char kBaseline[] =
      "id: \"company\"\nstages {\n  kind: PRODUCTION\n  max_parallel: 2\n}\n";
  Write("company.textproto", kBaseline);
  const std::string suite = absl::StrCat(kFiles, "baseline_file: \"company.textproto\"\n",
                                         Case("a", "DEPLOY"), Case("b", "DEPLOY"));
  Write("shop_test.textproto", suite);
  EXPECT_EQ(Test().out, "2 passed, 0 failed\n");
  Write("company.textproto", absl::StrReplaceAll(kBaseline, {{"parallel: 2", "parallel: 1"}}));
  ExpectBad(suite, {"policy.textproto:8: stages[0].rollout.blast_radius.max_parallel: permits more "
                    "than `baseline.stages[0].max_parallel`"});
  Write("company.textproto", absl::StrReplaceAll(kBaseline, {{"PRODUCTION", "KIND_UNSPECIFIED"}}));
  ExpectBad(suite, {"company.textproto:3: stages[0].kind: is required"});
  Write("company.textproto", "speed: 9\n");
  ExpectBad(suite, {"shop_test.textproto:3: baseline_file: company.textproto: 1:1: unknown field "
                    "`speed`"});
}

TEST_F(TestCommandTest, FaultsOfAPolicyInTheSuite) {
  ExpectBad(absl::StrCat("state_file: \"state.textproto\"\nbase {\n  policy {\n",
                         absl::StrReplaceAll(kPolicy, {{"attempts: 2", ""}}), "  }\n}\n",
                         Case("a", "DEPLOY")),
            {"shop_test.textproto:15: base.policy.stages[0].rollout.roll_back.attempts: is "
             "required"});
}

TEST_F(TestCommandTest, BrokenCasesAreToldAndTheOthersRun) {
  Write("shop_test.textproto",
        absl::StrCat(kFiles, Case("good", "DEPLOY"), Case("bad", "HOLD"),
                     "cases {\n  name: \"typo\"\n  edits { path: \"state.alarm\" clear: true }\n"
                     "  moments { now { seconds: 1 } never_changes: true }\n}\n"));
  const CliResult result = Test();
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_TRUE(
      absl::StartsWith(result.err,
                       "sluice: shop_test.textproto:7: cases[2].edits[0]: case `typo`: edit "
                       "of `state.alarm`: "))
      << result.err;
  EXPECT_TRUE(absl::EndsWith(result.out, "1 passed, 1 failed, 1 broken\n")) << result.out;
}

TEST_F(TestCommandTest, OrganisationAndListsFromFiles) {
  constexpr char kList[] =
      "id: 'advisories' epoch: 5 entry_count: 1 verified_at { seconds: 1795512000 } entries { id: "
      "'ADV-1' digests: "
      "'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' }";
  Write("list.textproto", kList);
  v1::KnownBadList message;
  ASSERT_TRUE(ReadMessage(kList, Format::kTextproto, &message).ok());
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
  ASSERT_TRUE(list.ok());
  Write("list.kb", std::string(list->file_form()));
  Write("organisation.textproto",
        "schema_version: 1 id: 'acme' epoch: 1 observed_at { seconds: 1795512600 } "
        "emergency_stop { state: CLEAR observed_at { seconds: 1795512600 } }");
  constexpr char kAsks[] =
      "edits { path: 'policy.without_emergency_stop' clear: true } edits { path: "
      "'policy.emergency_stop' set: '{ max_age { seconds: 900 } }' }"
      "edits { path: 'policy.stages[0].blockers' add: \"{ id: 'cve' known_bad { lists: "
      "'advisories' max_age { seconds: 3600 } min_entries: 1 on_match_in_flight: HALT components: "
      "OPTIONAL } }\" }";
  for (const char* file : {"list.textproto", "list.kb"}) {
    Write(
        "shop_test.textproto",
        absl::StrCat(kFiles, "organisation_file: 'organisation.textproto' known_bad_files: '", file,
                     "' cases { name: 'listed' ", kAsks,
                     "moments { now { seconds: 1795512600 } expect { stage: 'prod' no_cells: true "
                     "findings { id: 'cve' reason: KNOWN_BAD_MATCH } } } }"));
    const CliResult result = Test();
    EXPECT_EQ(result.code, kExitOk) << file << "\n" << result.out << result.err;
  }
}

TEST_F(TestCommandTest, LinesHaveAtMostEightyColumns) {
  const std::string name(300, 'n');
  Write("shop_test.textproto",
        absl::StrCat(kFiles, "cases { name: \"", name,
                     " \\033[31m\\302\\233 \\342\\200\\256\" description: \"", std::string(30, 'd'),
                     " ", name,
                     "\" moments { now { seconds: 1795512600 } expect { stage: \"prod\" artifact: "
                     "\"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc\" "
                     "cells: \"",
                     name, "\" findings { id: \"", name,
                     "\" } absent: \"errors\" wanted "
                     "{ cell: \"",
                     name, "\" } } expect { stage: \"", name,
                     "\" action: HOLD } valid_until {} } }"));
  const CliResult result = RunSluice({"test", Path("shop_test.textproto"), "--verbose"});
  EXPECT_EQ(result.code, kExitHold) << result.err;
  for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
  }
  EXPECT_FALSE(absl::StrContains(result.out, "\xc2\x9b"));
  EXPECT_FALSE(absl::StrContains(result.out, "\xe2\x80\xae"));
}

TEST_F(TestCommandTest, JunitIsWritten) {
  Write("shop_test.textproto", absl::StrCat(kFiles, Case("a", "DEPLOY")));
  EXPECT_EQ(Test({"--junit", Path("out.xml")}).code, kExitOk);
  std::ifstream stream(Path("out.xml"));
  std::stringstream text;
  text << stream.rdbuf();
  EXPECT_TRUE(absl::StartsWith(text.str(), "<?xml")) << text.str();
  EXPECT_TRUE(absl::StrContains(text.str(), "tests=\"1\" failures=\"0\" errors=\"0\""));
  const CliResult result = Test({"--junit", "nowhere/out.xml"});
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_EQ(result.err, "sluice: nowhere/out.xml: can't be written\n");
}

}  // namespace
}  // namespace sluice
