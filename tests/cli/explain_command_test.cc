#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"
#include "sluice/internal/strict_json.h"
#include "tests/cli/run_sluice.h"

namespace sluice {
namespace {

// A stage that is open on one Thursday, and one that deploys nothing.
constexpr char kPolicy[] = R"(
id: "shop"
profile: STANDARD_1
without_emergency_stop: true
stages {
  id: "test" kind: TEST deploys: NOTHING passes: ON_COMPLETION start: AUTOMATIC
  blockers { id: "unit" check { check: "unit" binds_to: ARTIFACT } }
}
stages {
  id: "prod" kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC
  blockers {
    id: "hours"
    time_window { allow { windows { dates {
      time_zone: "UTC" dates: "2026-11-26" hours { start: "09:00" end: "11:00" } } } } }
  }
  blockers {
    id: "errors"
    metric_alarm { observed { alarm: "latency-of-every-request" } max_age { seconds: 300 } }
    override_policy { roles: "sre" quorum: 2 max_validity { seconds: 3600 } author: AUTHOR_MAY }
  }
  rollout {
    waves { id: "all" cells: [ "eu" ] }
    blast_radius { no_stage_cap {} max_parallel: 2 }
    deploy { max_time { seconds: 600 } }
    bake { min_time { seconds: 3600 } max_time { seconds: 36000 } time_only: true }
    no_hygiene {}
    roll_back { watch_for { seconds: 0 } max_parallel: 2 attempts: 2 }
  }
}
)";

constexpr char kState[] = R"(
schema_version: 1 pipeline: "shop" revision: 2 written_at { seconds: 1795431600 }
artifacts { digest: "DIGEST_A" sequence: 1 }
artifacts { digest: "DIGEST_B" sequence: 2 }
artifacts { digest: "DIGEST_C" sequence: 3 }
cells { id: "eu" stage: "prod" weight: 1 }
stages {
  stage: "test"
  entries { artifact: "DIGEST_B" at { seconds: 1795000000 } }
  passes { artifact: "DIGEST_B" at { seconds: 1795000000 } policy_fingerprint: "DIGEST_A" }
}
stages {
  stage: "prod"
  deployments {
    number: 1 cell: "eu" artifact: "DIGEST_A" direction: ADOPTED outcome: SUCCEEDED who: "alice"
    started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 }
  }
}
)";

absl::Time FixedClock() { return absl::FromUnixSeconds(1795431600); }  // 2026-11-23T11:00:00Z

CliResult RunSluice(const std::vector<std::string>& words) {
  return RunSluiceAt(&FixedClock, words);
}

std::string Write(const std::string& name, const std::string& text) {
  return WriteFile(name,
                   absl::StrReplaceAll(text, {{"DIGEST_A", "sha256:" + std::string(64, 'a')},
                                              {"DIGEST_B", "sha256:" + std::string(64, 'b')},
                                              {"DIGEST_C", "sha256:" + std::string(64, 'c')}}));
}

CliResult ExplainIt(std::vector<std::string> more = {}, const std::string& state = kState) {
  more.insert(more.begin(), {"explain", "--policy", Write("policy.textproto", kPolicy), "--state",
                             Write("state.textproto", state)});
  return RunSluice(more);
}

TEST(ExplainCommandTest, SaysWhatWouldLetEachStageMove) {
  const CliResult result = ExplainIt();
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.err, "");
  const size_t instants = result.out.find("\nFrom ");
  ASSERT_NE(instants, std::string::npos) << result.out;
  EXPECT_EQ(result.out.substr(0, instants),
            "shop at 2026-11-23T11:00:00Z, the same until 2026-11-26T09:00:00Z (70h) unless a\n"
            "  fact changes.\n"
            "\n"
            "test: HOLD\n"
            "  HOLD sha256:cccccccccccc in stage `test`; not clear: `unit`.\n"
            "  ! Condition `unit` has no run for artifact sha256:cccccccccccc.\n"
            "\n"
            "  It would move with:\n"
            "    1. check `unit` passes\n"
            "\n"
            "prod: HOLD\n"
            "  HOLD sha256:bbbbbbbbbbbb in stage `prod`; not clear: `errors` and `hours`.\n"
            "  ! Condition `errors` has no data on `latency-of-every-request`; 2 overrides\n"
            "    would lift it.\n"
            "  ! Window `hours` is closed for wave `all`; it opens at 2026-11-26T09:00:00Z.\n"
            "\n"
            "  It would move with any one of:\n"
            "    1. at 2026-11-26T09:00:00Z\n"
            "       and alarm `latency-of-every-request` is reported OK\n"
            "    2. at 2026-11-26T09:00:00Z\n"
            "       and override of `errors` by 2 principals with role `sre`\n");
  EXPECT_TRUE(absl::StartsWith(
      result.out.substr(instants),
      "\nFrom 2026-11-23T11:00:00Z, if all signals stay healthy and nobody does anything:\n"
      "\n"
      "test: sha256:cccccccccccc, complete 2026-11-23T11:00:00Z\n"))
      << result.out;
}

TEST(ExplainCommandTest, ExplainsOneStageAtAnotherInstant) {
  const CliResult result = ExplainIt({"--stage", "prod", "--now", "2026-11-26T10:00:00Z"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_FALSE(absl::StrContains(result.out, "\ntest:")) << result.out;
  EXPECT_TRUE(absl::StrContains(result.out,
                                "  It would move with any one of:\n"
                                "    1. alarm `latency-of-every-request` is reported OK\n"
                                "    2. override of `errors` by 2 principals with role `sre`\n"))
      << result.out;
}

TEST(ExplainCommandTest, SaysWhatHasToBeSeenTo) {
  const CliResult cut = ExplainIt({"--stage", "prod"}, absl::StrCat(kState, "record_count: 99"));
  EXPECT_EQ(cut.code, kExitOk) << cut.err;
  EXPECT_TRUE(
      absl::StrContains(cut.out,
                        "  It would move with no change that is known of. See to:\n"
                        "    - The record behind `@state` (`record_count`) is cut short.\n"))
      << cut.out;
  const CliResult foreign =
      ExplainIt({"--stage", "prod"},
                absl::StrReplaceAll(kState, {{"pipeline: \"shop\"", "pipeline: \"x\""}}));
  EXPECT_EQ(foreign.code, kExitOk) << foreign.err;
  EXPECT_TRUE(absl::StrContains(foreign.out,
                                "  Nothing moves here whatever is reported or done. See to:\n"
                                "    - The state is of another pipeline.\n"))
      << foreign.out;
}

// The events of a set, applied to the state file's state, and decided over again.
TEST(ExplainCommandTest, JsonHasTheEventsThatMakeASet) {
  const CliResult result =
      ExplainIt({"--stage", "prod", "--now", "2026-11-26T10:00:00Z", "--format", "json"});
  ASSERT_EQ(result.code, kExitOk) << result.err;
  google::protobuf::Struct all;
  ASSERT_TRUE(ReadJson(result.out, &all).ok()) << result.out;
  const auto& stage = all.fields().at("stages").list_value().values(0).struct_value().fields();
  EXPECT_EQ(stage.at("stage").string_value(), "prod");
  EXPECT_EQ(stage.at("action").string_value(), "HOLD");
  EXPECT_EQ(stage.at("holds").list_value().values_size(), 1);
  const auto& artifact = stage.at("artifacts").list_value().values(0).struct_value().fields();
  EXPECT_EQ(artifact.at("artifact").string_value(), "sha256:" + std::string(64, 'b'));
  EXPECT_EQ(artifact.at("move").string_value(), "forward");
  EXPECT_FALSE(artifact.at("has_more").bool_value());
  const auto& sets = artifact.at("sets").list_value();
  ASSERT_EQ(sets.values_size(), 2);
  for (const google::protobuf::Value& set : sets.values()) {
    const auto& fields = set.struct_value().fields();
    EXPECT_EQ(fields.at("now").string_value(), "2026-11-26T10:00:00Z");
    std::vector<std::string> words = {"apply", "--state", Write("state.textproto", kState),
                                      "--output", Write("after.textproto", "")};
    int number = 0;
    for (const google::protobuf::Value& change : fields.at("changes").list_value().values()) {
      for (const google::protobuf::Value& event :
           change.struct_value().fields().at("events").list_value().values()) {
        std::string json;
        ASSERT_TRUE(google::protobuf::util::MessageToJsonString(event, &json).ok());
        words.push_back("--event");
        words.push_back(Write(absl::StrCat("event", ++number, ".json"), json));
      }
    }
    EXPECT_GT(number, 0);
    const CliResult applied = RunSluice(words);
    ASSERT_EQ(applied.code, kExitOk) << applied.err;
    const CliResult decided =
        RunSluice({"decide", "--policy", Write("policy.textproto", kPolicy), "--state", words[4],
                   "--stage", "prod", "--now", "2026-11-26T10:00:00Z"});
    EXPECT_EQ(decided.code, kExitOk) << decided.out << decided.err;
  }
}

TEST(ExplainCommandTest, TextIsAtMostEightyColumnsWide) {
  for (const std::string& text : {ExplainIt().out, RunSluice({"explain", "--help"}).out}) {
    EXPECT_FALSE(text.empty());
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

TEST(ExplainCommandTest, BadInputIsSaidInOneLine) {
  struct Bad {
    CliResult result;
    const char* what;
  };
  const std::vector<Bad> all = {
      {ExplainIt({"--format", "yaml"}), "`--format` is text or json"},
      {ExplainIt({"--stage", "nowhere"}), "no stage `nowhere`"},
      {ExplainIt({"--now", "tomorrow"}), "is not an instant"},
      {ExplainIt({"more"}), "explain takes flags alone"},
      {RunSluice({"explain"}), "needs --policy FILE"},
      {RunSluice({"explain", "--policy", Write("policy.textproto", kPolicy)}),
       "needs --state FILE"},
      {RunSluice({"explain", "--policy", Write("bad.textproto", "id: ''")}), "bad.textproto"},
  };
  for (const Bad& bad : all) {
    EXPECT_EQ(bad.result.code, kExitBadInput) << bad.what;
    EXPECT_EQ(bad.result.out, "");
    EXPECT_TRUE(absl::StrContains(bad.result.err, bad.what)) << bad.result.err;
  }
}

}  // namespace
}  // namespace sluice
