// Each policy to start from: it compiles, its README's command prints what the README says, and the
// state that deploys holds once one fact is taken away.

#include <fstream>
#include <functional>
#include <iterator>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"
#include "sluice/decision.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

struct Fact {
  std::string what;
  std::function<void(v1::PipelineState*)> take_away;
};

struct Starter {
  std::string folder;
  std::string stage;
  std::vector<std::string> cells;
  // The first instant at which the decision of the README's is another.
  std::string valid_until;
  std::vector<Fact> facts;
};

std::ostream& operator<<(std::ostream& out, const Starter& starter) {
  return out << starter.folder;
}

template <typename List>
void RemoveAt(List* list, int index) {
  ASSERT_LT(index, list->size());
  list->DeleteSubrange(index, 1);
}

const Fact kNoCheck = {"check", [](v1::PipelineState* s) { RemoveAt(s->mutable_checks(), 0); }};
const Fact kNoAlarm = {"alarm", [](v1::PipelineState* s) { RemoveAt(s->mutable_alarms(), 0); }};
const Fact kNoSeries = {"series", [](v1::PipelineState* s) { RemoveAt(s->mutable_series(), 0); }};
const Fact kNoApproval = {"approval",
                          [](v1::PipelineState* s) { RemoveAt(s->mutable_approvals(), 0); }};
const Fact kNoOtherApproval = {"the other approval",
                               [](v1::PipelineState* s) { RemoveAt(s->mutable_approvals(), 1); }};
const Fact kNoAuthor = {"author",
                        [](v1::PipelineState* s) { s->mutable_artifacts(1)->clear_authors(); }};
const Fact kApprovedByAuthor = {"somebody else's approval", [](v1::PipelineState* s) {
                                  s->mutable_approvals(0)->set_principal("kim");
                                }};
const Fact kNoNumber = {"number",
                        [](v1::PipelineState* s) { s->mutable_checks(0)->clear_numbers(); }};
const Fact kNoCell = {"cell", [](v1::PipelineState* s) { RemoveAt(s->mutable_cells(), 0); }};
const Fact kNotAdopted = {"what the first cell runs", [](v1::PipelineState* s) {
                            RemoveAt(s->mutable_stages(0)->mutable_deployments(), 0);
                          }};

std::vector<Starter> Starters() {
  return {
      {"single-service",
       "production",
       {"host-1"},
       "2026-11-24T10:05:00Z",
       {kNoCheck, kNoAlarm, kNoCell, kNotAdopted}},
      {"region-cells",
       "production",
       {"eu-canary"},
       "2026-11-24T10:10:00Z",
       {kNoApproval, kApprovedByAuthor, kNoAuthor, kNoAlarm, kNoCell, kNotAdopted}},
      {"batch-worker",
       "production",
       {"worker-1"},
       "2026-11-24T10:15:00Z",
       {kNoCheck, kNoNumber, kNoSeries, kNoCell, kNotAdopted}},
      // An entry names no cell.
      {"library",
       "publish",
       {""},
       "2026-11-24T16:00:00Z",
       {kNoApproval, kNoOtherApproval, kApprovedByAuthor, kNoAuthor}},
  };
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <typename Message>
Message ReadText(const std::string& path) {
  Message message;
  const absl::Status status = ReadMessage(ReadFile(path), Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << status << "\n" << path;
  return message;
}

absl::Time ParseInstant(absl::string_view text) {
  absl::Time instant;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &instant, &error)) << error;
  return instant;
}

// The text of the one fenced block of a language.
std::string Block(const std::string& page, absl::string_view language) {
  std::vector<std::string> parts = absl::StrSplit(page, absl::StrCat("```", language, "\n"));
  EXPECT_EQ(parts.size(), 2u) << language;
  return parts.back().substr(0, parts.back().find("```"));
}

// The words after `--` of the README's command, as a shell in the checkout would pass them.
std::vector<std::string> Words(const std::string& command) {
  const std::string line =
      absl::StrReplaceAll(command, {{"\\\n", " "}, {"\n", " "}, {"$PWD/", ""}});
  const size_t dashes = line.find(" -- ");
  EXPECT_NE(dashes, std::string::npos) << line;
  return absl::StrSplit(line.substr(dashes + 4), ' ', absl::SkipEmpty());
}

class StarterPolicyTest : public ::testing::TestWithParam<Starter> {
 protected:
  StarterPolicyTest()
      : folder_(absl::StrCat("docs/examples/", GetParam().folder, "/")),
        readme_(ReadFile(absl::StrCat(folder_, "README.md"))),
        state_(ReadText<v1::PipelineState>(absl::StrCat(folder_, "state.textproto"))),
        policy_(Policy::Compile(
            ReadText<v1::PipelinePolicy>(absl::StrCat(folder_, "policy.textproto")))) {}

  void SetUp() override {
    ASSERT_TRUE(policy_.ok()) << policy_.status();
    const std::vector<std::string> words = Words(Block(readme_, "sh"));
    ASSERT_GE(words.size(), 2u);
    ASSERT_EQ(words[words.size() - 2], "--now");
    now_ = ParseInstant(words.back());
  }

  Decision DecideAt(const v1::PipelineState& state, absl::Time now) {
    snapshot_.emplace(Snapshot::Load(state, organisation_));
    return policy_->Decide(*snapshot_, now);
  }

  const std::string folder_;
  const std::string readme_;
  const v1::PipelineState state_;
  const absl::StatusOr<Policy> policy_;
  const Organisation organisation_;
  absl::optional<Snapshot> snapshot_;  // Of the newest decision, which reads it.
  absl::Time now_;
};

TEST_P(StarterPolicyTest, TheCommandPrintsWhatTheReadmeSays) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const Environment environment{in, out, err, false, [] { return absl::InfinitePast(); }};
  EXPECT_EQ(RunCli(Words(Block(readme_, "sh")), environment), 0);
  EXPECT_EQ(out.str(), Block(readme_, "text"));
  EXPECT_EQ(err.str(), "");
}

TEST_P(StarterPolicyTest, DeploysWhileNothingIsMissing) {
  const absl::Time until = ParseInstant(GetParam().valid_until);
  for (const absl::Time now : {now_, until - absl::Nanoseconds(1)}) {
    const Decision decision = DecideAt(state_, now);
    const StageDecision* stage = decision.Stage(GetParam().stage);
    ASSERT_NE(stage, nullptr);
    EXPECT_EQ(stage->action, Action::kDeploy) << now;
    std::vector<std::string> cells;
    for (const CellAction& action : stage->actions) cells.emplace_back(action.cell);
    EXPECT_EQ(cells, GetParam().cells) << now;
    EXPECT_EQ(decision.valid_until, until);
  }
  const Decision decision = DecideAt(state_, until);
  EXPECT_EQ(decision.Stage(GetParam().stage)->action, Action::kHold);
  EXPECT_TRUE(decision.Stage(GetParam().stage)->actions.empty());
}

TEST_P(StarterPolicyTest, HoldsWithoutAnyOneFact) {
  ASSERT_FALSE(GetParam().facts.empty());
  for (const Fact& fact : GetParam().facts) {
    v1::PipelineState state = state_;
    fact.take_away(&state);
    const Decision decision = DecideAt(state, now_);
    const StageDecision* stage = decision.Stage(GetParam().stage);
    ASSERT_NE(stage, nullptr);
    EXPECT_EQ(stage->action, Action::kHold) << fact.what;
    EXPECT_TRUE(stage->actions.empty()) << fact.what;
  }
}

INSTANTIATE_TEST_SUITE_P(Starters, StarterPolicyTest, ::testing::ValuesIn(Starters()),
                         [](const ::testing::TestParamInfo<Starter>& info) {
                           return absl::StrReplaceAll(info.param.folder, {{"-", "_"}});
                         });

TEST(LibraryTest, WhatWasNotTestedIsNotPublished) {
  const auto rules = ReadText<v1::PipelinePolicy>("docs/examples/library/policy.textproto");
  auto state = ReadText<v1::PipelineState>("docs/examples/library/state.textproto");
  ASSERT_EQ(state.stages(1).stage(), "test");
  RemoveAt(state.mutable_stages(1)->mutable_passes(), 1);
  const absl::StatusOr<Policy> policy = Policy::Compile(rules);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const Organisation organisation;
  const Snapshot snapshot = Snapshot::Load(state, organisation);
  const Decision decision = policy->Decide(snapshot, ParseInstant("2026-11-24T10:01:00Z"));
  EXPECT_EQ(decision.Stage("publish")->action, Action::kIdle);
  EXPECT_TRUE(decision.Stage("publish")->actions.empty());
}

}  // namespace
}  // namespace sluice
