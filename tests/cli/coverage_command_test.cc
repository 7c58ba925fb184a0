#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"
#include "tests/cli/run_sluice.h"

namespace sluice {
namespace {

constexpr char kPolicy[] = R"(id: "shop" profile: STANDARD_1 without_emergency_stop: true
stages {
  id: "build" kind: BUILD deploys: NOTHING passes: CRITERIA start: AUTOMATIC
  without_blockers: true
  pass_criteria { id: "built" check { check: "build" binds_to: ARTIFACT } }
}
)";

constexpr char kState[] = R"(
schema_version: 1 pipeline: "shop" written_at { seconds: 1795512600 }
artifacts { digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" sequence: 1 }
)";

constexpr char kDeploys[] = R"(policy_file: "policy.textproto" state_file: "state.textproto"
cases { name: "takes" moments { now { seconds: 1795512600 }
  expect { stage: "build" action: DEPLOY } } }
)";

class CoverageCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    EnterFolder();
    Write("policy.textproto", kPolicy);
    Write("state.textproto", kState);
    Write("a_test.textproto", kDeploys);
  }

  static void Write(const std::string& name, const std::string& text) {
    std::ofstream(name, std::ios::binary) << text;
  }

  // Runs `sluice test` of the folder.
  static CliResult Test(std::vector<std::string> words) {
    words.insert(words.begin(), {"test", "."});
    return RunSluiceAt(&absl::UnixEpoch, words);
  }
};

TEST_F(CoverageCommandTest, IsPrintedBeforeTheTotals) {
  const CliResult result = Test({"--coverage"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.out,
            "coverage of policy.textproto: 1 of 6, 16.6 %\n"
            "  verdicts     0 of 3\n"
            "  transitions  1 of 3\n"
            "not shown by any case:\n"
            "  policy.textproto:5: stages[0].pass_criteria[0]: built\n"
            "    CLEAR, ALL_CLEAR\n"
            "    UNKNOWN, CHECK_ABSENT\n"
            "    BLOCKING, CHECK_FAILED\n"
            "  policy.textproto:3: stages[0].passes: build\n"
            "    passes an artifact on\n"
            "  policy.textproto:2: stages[0].order: build\n"
            "    passes over a superseded artifact\n"
            "\n"
            "1 passed, 0 failed\n");
}

TEST_F(CoverageCommandTest, SuitesOfOnePolicyAreCountedTogether) {
  std::filesystem::create_directories("more");
  Write("more/b_test.textproto", R"(policy_file: "../policy.textproto"
      state_file: "../state.textproto"
      cases { name: "superseded"
        edits { path: "state.artifacts" add: "{ digest: 'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' sequence: 2 }" }
        moments { now { seconds: 1795512600 }
                  expect { stage: "build" passed_over { reason: SUPERSEDED } } } })");
  const CliResult result = Test({"--coverage"});
  EXPECT_TRUE(absl::StartsWith(result.out, "coverage of policy.textproto: 2 of 6, 33.3 %\n"))
      << result.out;
}

TEST_F(CoverageCommandTest, TooLittleExitsWithEleven) {
  CliResult result = Test({"--min-coverage", "16.6"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out, "1 passed, 0 failed\n");
  result = Test({"--min-coverage", "17"});
  EXPECT_EQ(result.code, kExitHold);
  EXPECT_EQ(result.err,
            "sluice: policy.textproto: coverage is 1 of 6, 16.6 %, below what --min-coverage asks "
            "for\n");
}

TEST_F(CoverageCommandTest, WithoutACaseNothingIsCovered) {
  const CliResult result = Test({"--min-coverage", "1", "--filter", "none*"});
  EXPECT_EQ(result.code, kExitHold);
  EXPECT_EQ(result.err, "sluice: no policy was covered by a case\n");
}

TEST_F(CoverageCommandTest, APercentageIsANumber) {
  for (const char* text : {"all", "-1", "100.5", "nan", ""}) {
    const CliResult result = Test({"--min-coverage", text});
    EXPECT_EQ(result.code, kExitBadInput) << text;
    EXPECT_EQ(
        result.err,
        absl::StrCat("sluice: `--min-coverage` is a percentage from 0 to 100, got `", text, "`\n"));
  }
}

TEST_F(CoverageCommandTest, ThePageIsWritten) {
  EXPECT_EQ(Test({"--coverage-html", "page.html"}).code, kExitOk);
  const std::string page = ReadFile("page.html");
  EXPECT_TRUE(absl::StartsWith(page, "<!DOCTYPE html>"));
  EXPECT_TRUE(absl::StrContains(page, "build: takes an artifact in \u2014 takes"));
  EXPECT_TRUE(absl::StrContains(page, "pass_criteria { id: &quot;built&quot;"));
  const CliResult result = Test({"--coverage-html", "nowhere/page.html"});
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_EQ(result.err, "sluice: nowhere/page.html: can't be written\n");
}

TEST_F(CoverageCommandTest, APolicyInASuiteIsOfThatSuite) {
  std::filesystem::remove("a_test.textproto");
  Write("b_test.textproto",
        absl::StrCat("base {\npolicy {\n", kPolicy, "}\nstate {\n", kState, "} }\n",
                     "bases { name: \"other\" inputs { policy {", kPolicy, "} state {", kState,
                     "} } }\n",
                     R"(cases { name: "takes" moments { now { seconds: 1795512600 }
                          expect { stage: "build" action: DEPLOY } } }
                        cases { name: "other" base: "other" moments { now { seconds: 1795512600 }
                          expect { stage: "build" no_wanted: true } } })"));
  const CliResult result = Test({"--coverage"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_TRUE(absl::StrContains(result.out, "coverage of b_test.textproto: 1 of 6, 16.6 %\n"));
  EXPECT_TRUE(
      absl::StrContains(result.out, "coverage of b_test.textproto, base `other`: 0 of 6, 0.0 %\n"));
  EXPECT_TRUE(absl::StrContains(result.out, "  b_test.textproto:7: stages[0].pass_criteria[0]"))
      << result.out;
}

}  // namespace
}  // namespace sluice
