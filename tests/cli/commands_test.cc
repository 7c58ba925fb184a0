#include "sluice/cli/commands.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "sluice/internal/strict_json.h"
#include "tests/cli/run_sluice.h"

namespace sluice {
namespace {

constexpr char kNow[] = "2026-11-24T09:30:00Z";

constexpr char kPolicy[] = R"(
id: "shop"
profile: STANDARD_1
without_emergency_stop: true
stages {
  id: "prod" kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: START_CHOICE
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
artifacts { digest: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" sequence: NEWEST }
cells { id: "eu" stage: "prod" weight: 1 }
cells { id: "us" stage: "prod" weight: 1 }
stages {
  stage: "prod"
  deployments { number: 1 cell: "eu" artifact: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" direction: ADOPTED started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 } outcome: SUCCEEDED who: "ann" }
  deployments { number: 2 cell: "us" artifact: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" direction: ADOPTED started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 } outcome: SUCCEEDED who: "ann" }
}
alarms { alarm: "5xx" state: ALARM_STATE since { seconds: 1795000000 } observed_at { seconds: 1795512600 } }
)";

absl::Time FixedClock() { return absl::FromUnixSeconds(1795512600); }

CliResult RunSluice(const std::vector<std::string>& words, const std::string& input = "",
                    bool colour = false) {
  return RunSluiceAt(&FixedClock, words, input, colour);
}

std::string PolicyFile(const std::string& start = "AUTOMATIC") {
  return WriteFile("policy.textproto", absl::StrReplaceAll(kPolicy, {{"START_CHOICE", start}}));
}

std::string StateFile(const std::string& alarm = "OK", const std::string& newest = "2") {
  return WriteFile("state.textproto",
                   absl::StrReplaceAll(kState, {{"ALARM_STATE", alarm}, {"NEWEST", newest}}));
}

std::vector<std::string> DecideWords(std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"decide",    "--policy", PolicyFile(), "--state",
                                    StateFile(), "--now",    kNow};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool IsOneLine(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

void ExpectBadInput(const std::vector<std::string>& words, const std::string& input = "") {
  const CliResult result = RunSluice(words, input);
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_TRUE(IsOneLine(result.err)) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST(CliTest, DeploysWithExitZero) {
  const CliResult result = RunSluice(DecideWords());
  EXPECT_EQ(result.code, kExitOk) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(absl::StrContains(result.out, "prod: DEPLOY")) << result.out;
}

TEST(CliTest, ClockIsAskedWithoutNow) {
  const CliResult result =
      RunSluice({"decide", "--policy", PolicyFile(), "--state", StateFile(), "--format", "json"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_TRUE(absl::StrContains(result.out, "2026-11-24T09:30:00Z")) << result.out;
}

TEST(CliTest, HoldExitsWithEleven) {
  const std::string policy = PolicyFile();
  const std::string state = StateFile("ALARM");
  EXPECT_EQ(RunSluice({"decide", "--policy", policy, "--state", state, "--now", kNow}).code,
            kExitHold);
  EXPECT_EQ(
      RunSluice({"decide", "--policy", policy, "--state", state, "--now", kNow, "--exit-zero"})
          .code,
      kExitOk);
}

TEST(CliTest, IdleExitsWithThirteen) {
  const std::string state =
      WriteFile("idle.textproto", absl::StrReplaceAll(kState, {{"ALARM_STATE", "OK"},
                                                               {"sequence: NEWEST", "sequence: 2"},
                                                               {"sequence: 1", "sequence: 3"}}));
  EXPECT_EQ(RunSluice({"decide", "--policy", PolicyFile(), "--state", state, "--now", kNow}).code,
            kExitIdle);
}

TEST(CliTest, ReadyExitsWithTwelve) {
  const std::string policy = PolicyFile("MANUAL start_unit: ROLLOUT");
  EXPECT_EQ(RunSluice({"decide", "--policy", policy, "--state", StateFile(), "--now", kNow}).code,
            kExitReady);
}

TEST(CliTest, WaitAndRollBackExitWithTheirCodes) {
  constexpr char kRunning[] = R"(
    rollouts { number: 3 artifact: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" state: RUNNING started_at { seconds: 1795512000 }
      plan { policy_fingerprint: "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" waves { id: "all" cells: "eu" cells: "us" weights: 1 weights: 1 } } }
    deployments { number: 3 cell: "eu" artifact: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" direction: FORWARD attempt: 1 rollout: 3 started_at { seconds: 1795512000 } EU_END }
    deployments { number: 4 cell: "us" artifact: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" direction: FORWARD attempt: 1 rollout: 3 started_at { seconds: 1795512000 } ended_at { seconds: 1795512100 } outcome: SUCCEEDED }
  })";
  const auto with = [&](const std::string& end) {
    std::string state = absl::StrReplaceAll(kState, {{"ALARM_STATE", "OK"}, {"NEWEST", "2"}});
    state = absl::StrReplaceAll(
        state, {{"who: \"ann\" }\n}", absl::StrCat("who: \"ann\" }\n", kRunning)}});
    return WriteFile("running.textproto", absl::StrReplaceAll(state, {{"EU_END", end}}));
  };
  const std::string policy = PolicyFile();
  const std::string succeeded = with("ended_at { seconds: 1795512100 } outcome: SUCCEEDED");
  EXPECT_EQ(RunSluice({"decide", "--policy", policy, "--state", succeeded, "--now", kNow}).code,
            kExitWait);
  const std::string failed = with("ended_at { seconds: 1795512100 } outcome: FAILED");
  EXPECT_EQ(RunSluice({"decide", "--policy", policy, "--state", failed, "--now", kNow}).code,
            kExitRollBack);
}

TEST(CliTest, TextIsAtMostEightyColumnsWide) {
  for (const char* alarm : {"OK", "ALARM"}) {
    const CliResult result = RunSluice(
        {"decide", "--policy", PolicyFile(), "--state", StateFile(alarm), "--now", kNow, "--all"});
    for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
  for (const Command& command : Commands()) {
    std::vector<std::string> words = absl::StrSplit(command.name, ' ');
    words.push_back("--help");
    const CliResult result = RunSluice(words);
    EXPECT_EQ(result.code, kExitOk);
    for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

TEST(CliTest, ColourOnlyWhereAskedFor) {
  EXPECT_FALSE(absl::StrContains(RunSluice(DecideWords()).out, "\x1b["));
  EXPECT_TRUE(absl::StrContains(RunSluice(DecideWords(), "", true).out, "\x1b["));
}

TEST(CliTest, BadInputIsOneLineAndExitTwo) {
  const std::string policy = PolicyFile();
  const std::string state = StateFile();
  const std::string directory = std::getenv("TEST_TMPDIR");
  ExpectBadInput({"decode"});
  ExpectBadInput({"decide", "--polcy", policy});
  ExpectBadInput({"decide", "--policy"});
  ExpectBadInput({"decide", "--policy", policy, "--policy", policy, "--state", state});
  ExpectBadInput({"decide", "--state", state});
  ExpectBadInput({"decide", "--policy", policy});
  ExpectBadInput({"decide", "--policy", "absent.textproto", "--state", state});
  ExpectBadInput({"decide", "--policy", directory, "--state", state});
  ExpectBadInput({"decide", "--policy", WriteFile("empty.textproto", ""), "--state", state});
  ExpectBadInput({"decide", "--policy", policy, "--state",
                  WriteFile("junk.pb", std::string("\x00\xff\x80\x01junk", 8))});
  ExpectBadInput({"decide", "--policy", policy, "--state", WriteFile("junk.txt", "x")});
  ExpectBadInput({"decide", "--policy", policy, "--state", state, "--now", "yesterday"});
  ExpectBadInput(
      {"decide", "--policy", policy, "--state", state, "--stage", "none", "--now", kNow});
  ExpectBadInput({"decide", "--policy", policy, "--state", state, "--format", "xml"});
  ExpectBadInput({"decide", "stray", "--policy", policy, "--state", state});
  ExpectBadInput({"decide", "--stream", "stray"});
  ExpectBadInput({"admit", "stray", "--action", "a", "--policy", policy, "--state", state});
  ExpectBadInput({"check"});
  ExpectBadInput({"apply", "--state", state});
  ExpectBadInput({"admit", "--policy", policy, "--state", state});
  ExpectBadInput({"compact", "--policy", policy});
  ExpectBadInput({"compact", "--state", state});
  ExpectBadInput({"certify", "--policy", policy, "--state", state});
  ExpectBadInput({"certify", "--state", state, "--now", kNow});
}

TEST(CliTest, CheckNamesFileAndLineOfEveryFault) {
  const std::string path = WriteFile(
      "faults.textproto", "id: \"shop\"\nprofile: STANDARD_1\nstages {\n  id: \"a\"\n}\n");
  const CliResult result = RunSluice({"check", path});
  EXPECT_EQ(result.code, kExitBadInput);
  EXPECT_TRUE(absl::StrContains(result.err, absl::StrCat(path, ":3: stages[0].kind")))
      << result.err;
  EXPECT_TRUE(absl::StrContains(result.err, "emergency_stop")) << result.err;
}

TEST(CliTest, CheckShowsWhatTheProfileChose) {
  const CliResult result = RunSluice({"check", PolicyFile()});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_TRUE(absl::StrContains(result.out, "stages[0].rollout.preempt: WHEN_HELD")) << result.out;
}

TEST(CliTest, CheckNamesWhatWeakensTheBaseline) {
  const std::string strict =
      WriteFile("strict.textproto",
                "id: \"company\" stages { kind: PRODUCTION bake { min_time { seconds: 3601 } } }");
  const CliResult refused = RunSluice({"check", PolicyFile(), "--baseline", strict});
  EXPECT_EQ(refused.code, kExitBadInput);
  EXPECT_TRUE(absl::StrContains(refused.err, "stages[0].rollout.bake.min_time")) << refused.err;
  EXPECT_TRUE(absl::StrContains(refused.err, "baseline.stages[0].bake.min_time")) << refused.err;
  const std::string met =
      WriteFile("met.textproto",
                "id: \"company\" stages { kind: PRODUCTION bake { min_time { seconds: 3600 } } }");
  EXPECT_EQ(RunSluice({"check", PolicyFile(), "--baseline", met}).code, kExitOk);
  ExpectBadInput(DecideWords({"--baseline", strict}));
}

TEST(CliTest, CompactKeepsTheDecision) {
  const std::string policy = PolicyFile();
  const std::string old_hold =
      "holds { id: \"h\" scope: PIPELINE who: \"ann\" why: \"x\" placed_at { seconds: 1 } "
      "expires_at { seconds: 2 } }";
  const std::string state =
      WriteFile("grown.textproto",
                absl::StrCat(absl::StrReplaceAll(kState, {{"ALARM_STATE", "OK"}, {"NEWEST", "2"}}),
                             old_hold));
  const CliResult compacted =
      RunSluice({"compact", "--policy", policy, "--state", state, "--now", kNow});
  EXPECT_EQ(compacted.code, kExitOk) << compacted.err;
  EXPECT_FALSE(absl::StrContains(compacted.out, "holds"));
  const std::string small = WriteFile("small.textproto", compacted.out);
  const auto decide = [&](const std::string& path) {
    return RunSluice({"decide", "--policy", policy, "--state", path, "--now", kNow, "--all"}).out;
  };
  EXPECT_EQ(decide(small), decide(state));
}

TEST(CliTest, CompactRefusesWhatCannotBeRead) {
  const std::string state =
      WriteFile("unreadable.textproto",
                absl::StrReplaceAll(
                    kState, {{"ALARM_STATE", "OK"}, {"NEWEST", "2"}, {"direction: ADOPTED", ""}}));
  ExpectBadInput({"compact", "--policy", PolicyFile(), "--state", state, "--now", kNow});
}

TEST(CliTest, CertifyDependsOnWhatIsDecided) {
  const std::string policy = PolicyFile();
  const auto certify = [&](const std::string& state, const std::string& now) {
    return RunSluice({"certify", "--policy", policy, "--state", state, "--now", now});
  };
  const CliResult one = certify(StateFile(), kNow);
  EXPECT_EQ(one.code, kExitOk) << one.err;
  EXPECT_TRUE(absl::StartsWith(one.out, "sha256:"));
  EXPECT_TRUE(IsOneLine(one.out));
  EXPECT_EQ(certify(StateFile(), kNow).out, one.out);
  EXPECT_NE(certify(StateFile(), "2026-11-24T09:30:01Z").out, one.out);
  EXPECT_NE(certify(StateFile("ALARM"), kNow).out, one.out);
}

TEST(CliTest, InitPrintsAPolicyThatCompilesInTwentyFiveLines) {
  const CliResult init = RunSluice({"init"});
  EXPECT_EQ(init.code, kExitOk);
  const std::vector<std::string> lines = absl::StrSplit(init.out, '\n', absl::SkipEmpty());
  EXPECT_LE(lines.size(), 25u);
  const CliResult check = RunSluice({"check", "-"}, init.out);
  EXPECT_EQ(check.code, kExitOk) << check.err;
}

TEST(CliTest, ApplyWritesTheNewStateAndAdmitRefusesWhatNoLongerStands) {
  const std::string policy = PolicyFile();
  const std::string state = StateFile();
  const std::string id =
      "shop|prod|eu|sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb|"
      "forward|1";
  EXPECT_EQ(
      RunSluice({"admit", "--policy", policy, "--state", state, "--now", kNow, "--action", id}).out,
      "admitted\n");
  const std::string hold = WriteFile("hold.textproto", R"(
    id: "e1" at { seconds: 1795512600 }
    hold_placed { hold { id: "h1" scope: PIPELINE who: "ann" why: "a visit" placed_at { seconds: 1795512600 } } })");
  const CliResult applied = RunSluice({"apply", "--state", state, "--event", hold});
  EXPECT_EQ(applied.code, kExitOk) << applied.err;
  const std::string held = WriteFile("held.textproto", applied.out);
  const CliResult refused =
      RunSluice({"admit", "--policy", policy, "--state", held, "--now", kNow, "--action", id});
  EXPECT_EQ(refused.out, "refused\n");
  EXPECT_EQ(refused.code, kExitHold);
  ExpectBadInput({"apply", "--state", state, "--event", WriteFile("bad.textproto", "id: \"e2\"")});
}

// One line of a stream, with the messages as JSON.
std::string StreamLine(const std::string& parts) {
  return absl::StrCat("{", parts, parts.empty() ? "" : ", ", "\"now\": \"", kNow, "\"}\n");
}

TEST(CliTest, StreamGoesOnAfterABadLine) {
  const std::string policy =
      R"("policy": {"id": "p", "profile": "STANDARD_1", "without_emergency_stop": true, "stages": [{"id": "s", "kind": "BUILD", "deploys": "NOTHING", "passes": "ON_COMPLETION", "start": "AUTOMATIC", "without_blockers": true}]})";
  const std::string state =
      R"("state": {"schema_version": 1, "pipeline": "p", "written_at": "2026-11-24T09:00:00Z"})";
  const CliResult result =
      RunSluice({"decide", "--stream"}, absl::StrCat(StreamLine(""), "not json\n\n",
                                                     StreamLine(absl::StrCat(policy, ", ", state)),
                                                     StreamLine("\"sate\": {}"), StreamLine("")));
  EXPECT_EQ(result.code, kExitOk);
  const std::vector<std::string> lines = absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 5u) << result.out;
  for (const size_t bad : {0u, 1u, 3u}) {
    EXPECT_TRUE(absl::StartsWith(lines[bad], "{\"error\":")) << lines[bad];
  }
  EXPECT_EQ(lines[2], lines[4]);
  EXPECT_TRUE(absl::StrContains(lines[2], "\"IDLE\"")) << lines[2];
}

TEST(CliTest, JsonOutputIsJson) {
  const CliResult result = RunSluice(DecideWords({"--format", "json"}));
  EXPECT_TRUE(absl::EndsWith(result.out, "\n}\n")) << result.out;
  google::protobuf::Struct json;
  EXPECT_TRUE(ReadJson(result.out, &json).ok());
  EXPECT_EQ(json.fields().at("pipeline").string_value(), "shop");
}

std::vector<std::string> PlanWords(std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"plan",      "--policy", PolicyFile(), "--state",
                                    StateFile(), "--now",    kNow};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(CliTest, PlanShowsTheWavesOfTheNextRollout) {
  const CliResult result = RunSluice(PlanWords());
  EXPECT_EQ(result.code, kExitOk) << result.err;
  for (const char* part : {"prod", "all", "eu", "us", "100.00%", "50.00%"}) {
    EXPECT_TRUE(absl::StrContains(result.out, part)) << part << result.out;
  }
  for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
  }
  EXPECT_EQ(RunSluice(PlanWords({"--stage", "prod"})).out, result.out);
}

TEST(CliTest, PlanAsJson) {
  const CliResult result = RunSluice(PlanWords({"--format", "json"}));
  EXPECT_TRUE(absl::EndsWith(result.out, "\n}\n")) << result.out;
  google::protobuf::Struct json;
  ASSERT_TRUE(ReadJson(result.out, &json).ok()) << result.out;
  EXPECT_EQ(json.fields().at("stage").string_value(), "prod");
  const auto& wave = json.fields().at("waves").list_value().values(0).struct_value().fields();
  EXPECT_EQ(wave.at("wave").string_value(), "all");
  EXPECT_EQ(wave.at("cells").list_value().values_size(), 2);
}

TEST(CliTest, PlanWithAFaultExitsWithHold) {
  const std::string state =
      WriteFile("extra.textproto",
                absl::StrCat(absl::StrReplaceAll(kState, {{"ALARM_STATE", "OK"}, {"NEWEST", "2"}}),
                             "cells { id: \"ap\" stage: \"prod\" weight: 1 }\n"));
  const CliResult result =
      RunSluice({"plan", "--policy", PolicyFile(), "--state", state, "--now", kNow});
  EXPECT_EQ(result.code, kExitHold);
  EXPECT_TRUE(absl::StrContains(result.out, "CELL_NOT_IN_WAVE")) << result.out;
}

TEST(CliTest, PlanRefusesBadInput) {
  ExpectBadInput({"plan"});
  ExpectBadInput({"plan", "--policy", PolicyFile()});
  ExpectBadInput(PlanWords({"--stage", "other"}));
  ExpectBadInput(PlanWords({"--format", "textproto"}));
  ExpectBadInput(PlanWords({"more"}));
}

TEST(CliTest, HelpAndVersionExitZero) {
  EXPECT_EQ(RunSluice({"--help"}).code, kExitOk);
  EXPECT_EQ(RunSluice({"--version"}).code, kExitOk);
  EXPECT_EQ(RunSluice({}).code, kExitBadInput);
}

}  // namespace
}  // namespace sluice
