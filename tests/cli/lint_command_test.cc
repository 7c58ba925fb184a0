#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"
#include "sluice/internal/strict_json.h"
#include "sluice/lint/lint.h"
#include "tests/cli/run_sluice.h"

namespace sluice {
namespace {

// Clean but for MORE, and for the cap in a state with one cell.
constexpr char kPolicy[] = R"(
id: "shop"
profile: STANDARD_1
without_emergency_stop: true
stages {
  id: "prod" kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC
  blockers { id: "known-bad" known_bad { lists: "l" max_age { seconds: 60 } min_entries: 1 } }
  MORE
  rollout {
    waves { id: "all" cells: [ "eu" ] }
    blast_radius { stage_cap_basis_points: 5000 max_parallel: 2 }
    deploy { max_time { seconds: 600 } }
    bake { min_time { seconds: 3600 } max_time { seconds: 36000 } }
    no_hygiene {}
    health { watched_alarms { id: "errors" each: CELL
        alarm { observed { alarm: "5xx" } max_age { seconds: 300 } } } }
    roll_back { watch_for { seconds: 0 } max_parallel: 2 attempts: 2 }
  }
}
)";

// Open on one Monday, until 2026-11-23T11:00:00Z.
constexpr char kWindow[] = R"(
  blockers { id: "window" time_window { allow { windows { dates {
      time_zone: "UTC" dates: "2026-11-23" hours { start: "09:00" end: "11:00" } } } } } }
)";

constexpr char kList[] = R"(
id: "l" epoch: 1 entry_count: 1 verified_at { seconds: 1795000000 }
entries { id: "EX-1" package_urls: "pkg:npm/a@1.0.0" }
)";

constexpr char kSbom[] = R"({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
    {"type": "library", "name": "a", "purl": "pkg:npm/PACKAGE@1.0.0"}]})";

absl::Time FixedClock() { return absl::FromUnixSeconds(1795431600); }  // 2026-11-23T11:00:00Z

CliResult RunSluice(const std::vector<std::string>& words) {
  return RunSluiceAt(&FixedClock, words);
}

std::string PolicyFile(const std::string& more = "") {
  return WriteFile("policy.textproto", absl::StrReplaceAll(kPolicy, {{"MORE", more}}));
}

std::string StateFile(const std::string& pipeline = "shop") {
  return WriteFile("state.textproto", absl::StrCat("schema_version: 1 pipeline: '", pipeline,
                                                   "' written_at { seconds: 1795431600 } "
                                                   "cells { id: 'eu' stage: 'prod' weight: 1 }"));
}

CliResult LintIt(const std::string& policy, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"lint", policy});
  return RunSluice(more);
}

void ExpectBadInput(const std::vector<std::string>& words, absl::string_view what) {
  const CliResult result = RunSluice(words);
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  EXPECT_TRUE(absl::StrContains(result.err, what)) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST(LintCommandTest, SaysNothingOfACleanPolicy) {
  const CliResult result = LintIt(PolicyFile());
  EXPECT_EQ(result.code, kExitOk) << result.out << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "");
}

TEST(LintCommandTest, PrintsFieldMessageAndRule) {
  const CliResult result = LintIt(PolicyFile(kWindow), {"--now", "2026-11-23T11:00:00Z"});
  EXPECT_EQ(result.code, kExitHold) << result.err;
  EXPECT_EQ(result.out,
            "stages[0].blockers[1].time_window: is open at no instant between\n"
            "  2026-11-23T11:00:00Z and 2027-11-24T11:00:00Z [window-never-opens]\n");
  EXPECT_EQ(LintIt(PolicyFile(kWindow), {"--now", "2026-11-23T10:59:59Z"}).code, kExitOk);
  EXPECT_EQ(LintIt(PolicyFile(kWindow)).code, kExitHold) << "the clock's instant";
}

TEST(LintCommandTest, TextIsAtMostEightyColumnsWide) {
  for (const std::string& text : {LintIt(PolicyFile(kWindow), {"--state", StateFile()}).out,
                                  RunSluice({"lint", "--help"}).out}) {
    EXPECT_FALSE(text.empty());
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

TEST(LintCommandTest, ARuleIsDisabled) {
  EXPECT_EQ(LintIt(PolicyFile(kWindow), {"--disable", "window-never-opens"}).code, kExitOk);
  EXPECT_EQ(LintIt(PolicyFile(kWindow), {"--disable", "window-too-short"}).code, kExitHold);
  ExpectBadInput({"lint", PolicyFile(), "--disable", "window-never-open"}, "`window-never-open`");
}

TEST(LintCommandTest, JsonIsAListOfFindings) {
  const CliResult result = LintIt(PolicyFile(kWindow), {"--format", "json"});
  EXPECT_EQ(result.code, kExitHold);
  google::protobuf::ListValue list;
  ASSERT_TRUE(ReadJson(result.out, &list).ok()) << result.out;
  ASSERT_EQ(list.values_size(), 1);
  const auto& fields = list.values(0).struct_value().fields();
  EXPECT_EQ(fields.at("rule").string_value(), "window-never-opens");
  EXPECT_EQ(fields.at("path").string_value(), "stages[0].blockers[1].time_window");
  EXPECT_FALSE(fields.at("message").string_value().empty());
  const CliResult clean = LintIt(PolicyFile(), {"--format", "json"});
  EXPECT_EQ(clean.code, kExitOk);
  EXPECT_EQ(clean.out, "[]\n");
}

TEST(LintCommandTest, CellsAreThoseOfTheState) {
  const CliResult result = LintIt(PolicyFile(), {"--state", StateFile()});
  EXPECT_EQ(result.code, kExitHold);
  EXPECT_TRUE(absl::StrContains(result.out, "[cap-fits-no-cell]")) << result.out;
  ExpectBadInput({"lint", PolicyFile(), "--state", StateFile("other")}, "`other`");
}

TEST(LintCommandTest, BlockersOfTheBaselineAreLintedToo) {
  const std::string baseline =
      WriteFile("baseline.textproto",
                "id: 'company' blockers { id: 'shut' enforcement: ENFORCED time_window { allow { "
                "windows { dates { time_zone: 'UTC' dates: '2020-01-01' hours { start: '00:00' "
                "end: '24:00' } } } } no_min_remaining {} in_flight: STOP } }");
  const CliResult result = LintIt(PolicyFile(), {"--baseline", baseline});
  EXPECT_EQ(result.code, kExitHold) << result.err;
  EXPECT_TRUE(absl::StartsWith(result.out, "blockers[0].time_window: ")) << result.out;
}

TEST(LintCommandTest, AKnownBadListOverACorpus) {
  const std::string list = WriteFile("list.textproto", kList);
  const std::string listed = WriteFile("a.json", absl::StrReplaceAll(kSbom, {{"PACKAGE", "a"}}));
  const std::string other = WriteFile("b.json", absl::StrReplaceAll(kSbom, {{"PACKAGE", "b"}}));
  const auto lint = [&](const std::string& share) {
    return LintIt(PolicyFile(),
                  {"--known-bad", list, "--sbom", listed, "--sbom", other, "--max-share", share});
  };
  EXPECT_EQ(lint("50").code, kExitOk) << lint("50").out << lint("50").err;
  const CliResult found = lint("49.9%");
  EXPECT_EQ(found.code, kExitHold);
  EXPECT_TRUE(absl::StrContains(found.out, "[known-bad-matches-too-much]")) << found.out;
  EXPECT_EQ(LintIt(PolicyFile(), {"--known-bad", list}).code, kExitOk);
  ExpectBadInput({"lint", PolicyFile(), "--known-bad", list, "--sbom", listed}, "--max-share");
  ExpectBadInput({"lint", PolicyFile(), "--known-bad", list, "--max-share", "5"}, "--sbom");
  ExpectBadInput({"lint", PolicyFile(), "--sbom", listed, "--max-share", "5"}, "--known-bad");
  ExpectBadInput(
      {"lint", PolicyFile(), "--known-bad", list, "--sbom", listed, "--max-share", "100"},
      "--max-share");
}

TEST(LintCommandTest, RulesAreDescribed) {
  const CliResult result = RunSluice({"lint", "--rules"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.out, LintPage());
}

TEST(LintCommandTest, RefusesBadInput) {
  ExpectBadInput({"lint"}, "POLICY");
  ExpectBadInput({"lint", PolicyFile(), "more"}, "POLICY");
  ExpectBadInput({"lint", "no-such-file.textproto"}, "no-such-file.textproto");
  ExpectBadInput(
      {"lint", WriteFile("fault.textproto",
                         absl::StrReplaceAll(kPolicy, {{"MORE", ""}, {"kind: PRODUCTION", ""}}))},
      "stages[0].kind");
  ExpectBadInput({"lint", PolicyFile(), "--format", "xml"}, "xml");
  ExpectBadInput({"lint", PolicyFile(), "--now", "noon"}, "noon");
}

}  // namespace
}  // namespace sluice
