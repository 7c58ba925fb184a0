#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "sluice/host_kind.h"
#include "sluice/internal/field_errors.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"

namespace sluice {
namespace {

constexpr char kSmallest[] = "docs/examples/smallest/";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The text of each fenced block of a language.
std::vector<std::string> Blocks(const std::string& page, absl::string_view language) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(ReadFile(page), '\n')) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().append(std::string(line)).append("\n");
    } else if (line == absl::StrCat("```", language)) {
      inside = true;
      blocks.emplace_back();
    }
  }
  return blocks;
}

// Without indentation.
std::string Flat(absl::string_view text) {
  std::vector<absl::string_view> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    lines.push_back(absl::StripAsciiWhitespace(line));
  }
  return absl::StrJoin(lines, "\n");
}

template <typename Message>
Message ReadText(const std::string& text) {
  Message message;
  const absl::Status status = ReadMessage(text, Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << status << "\n" << text;
  return message;
}

// Puts what `part` sets into `whole`: adds elements to lists, replaces everything else.
void Put(const google::protobuf::Message& part, google::protobuf::Message* whole) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  part.GetReflection()->ListFields(part, &fields);
  for (const auto* field : fields) {
    if (!field->is_repeated()) whole->GetReflection()->ClearField(whole, field);
  }
  whole->MergeFrom(part);
}

TEST(ReadmeTest, ShowsTheFiles) {
  const std::vector<std::string> policies = Blocks("README.md", "textproto");
  ASSERT_EQ(policies.size(), 1u);
  EXPECT_EQ(policies[0], ReadFile(absl::StrCat(kSmallest, "policy.textproto")));
  const std::vector<std::string> programs = Blocks("README.md", "cpp");
  ASSERT_EQ(programs.size(), 1u);
  EXPECT_EQ(programs[0], ReadFile("docs/examples/host/main.cc"));
}

TEST(SmallestPolicyTest, DeploysToTheOneBox) {
  const auto policy =
      ReadText<v1::PipelinePolicy>(ReadFile(absl::StrCat(kSmallest, "policy.textproto")));
  const auto state =
      ReadText<v1::PipelineState>(ReadFile(absl::StrCat(kSmallest, "state.textproto")));
  const auto facts =
      ReadText<v1::OrganisationFacts>(ReadFile(absl::StrCat(kSmallest, "organisation.textproto")));
  const absl::StatusOr<Policy> compiled = Policy::Compile(policy);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  const Organisation organisation = Organisation::Load(facts);
  const Snapshot snapshot = Snapshot::Load(state, organisation);
  const Decision decision = compiled->Decide(snapshot, absl::FromUnixSeconds(1795514460));
  ASSERT_EQ(decision.stages.size(), 1u);
  EXPECT_EQ(decision.stages[0].action, Action::kDeploy);
  ASSERT_EQ(decision.stages[0].actions.size(), 1u);
  EXPECT_EQ(decision.stages[0].actions[0].cell, "one-box");
  EXPECT_EQ(decision.valid_until, absl::FromUnixSeconds(1795514700));
}

TEST(SmallestPolicyTest, EachLineIsNeeded) {
  std::vector<std::string> lines =
      absl::StrSplit(ReadFile(absl::StrCat(kSmallest, "policy.textproto")), '\n');
  ASSERT_EQ(lines.back(), "");
  lines.pop_back();
  EXPECT_LE(lines.size(), 25u);
  for (size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> rest = lines;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    v1::PipelinePolicy policy;
    const absl::Status read = ReadMessage(absl::StrJoin(rest, "\n"), Format::kTextproto, &policy);
    if (!read.ok()) {
      EXPECT_FALSE(absl::StrContains(read.message(), "\n")) << lines[i] << "\n" << read;
      continue;
    }
    const absl::StatusOr<Policy> compiled = Policy::Compile(policy);
    EXPECT_EQ(FaultsOf(compiled.status()).faults_size(), 1) << lines[i];
  }
}

TEST(PoliciesTest, EveryExampleCompiles) {
  const auto base =
      ReadText<v1::PipelinePolicy>(ReadFile("docs/examples/region-waves/policy.textproto"));
  const std::vector<std::string> blocks = Blocks("docs/policies.md", "textproto");
  EXPECT_GE(blocks.size(), 12u);
  for (const std::string& block : blocks) {
    v1::PipelinePolicy policy = base;
    v1::Stage* stage = policy.mutable_stages(policy.stages_size() - 1);
    if (absl::StartsWith(block, "# in: policy\n")) {
      Put(ReadText<v1::PipelinePolicy>(block), &policy);
    } else if (absl::StartsWith(block, "# in: stage\n")) {
      Put(ReadText<v1::Stage>(block), stage);
    } else if (absl::StartsWith(block, "# in: rollout\n")) {
      const auto rollout = ReadText<v1::RolloutPolicy>(block);
      // Waves are listed or generated, not both.
      if (rollout.has_wave_generation()) stage->mutable_rollout()->clear_waves();
      Put(rollout, stage->mutable_rollout());
    } else if (absl::StartsWith(block, "# in: baseline\n")) {
      const auto baseline = ReadText<v1::BaselinePolicy>(block);
      const absl::StatusOr<Policy> under = Policy::Compile(baseline, policy);
      EXPECT_TRUE(under.ok()) << under.status() << "\n" << block;
    } else {
      ADD_FAILURE() << "does not say what it is in:\n" << block;
    }
    CompileOptions options;
    options.host_kinds["example.com/change-ticket"] = [](const HostQuestion&) {
      return HostAnswer();
    };
    const absl::StatusOr<Policy> compiled = Policy::Compile(policy, options);
    EXPECT_TRUE(compiled.ok()) << compiled.status() << "\n" << block;
  }
}

TEST(EmbeddingTest, ShowsTheDemosHost) {
  const std::string driver = Flat(ReadFile("docs/examples/region-waves/driver.cc"));
  const std::vector<std::string> blocks = Blocks("docs/embedding.md", "cpp");
  EXPECT_EQ(blocks.size(), 2u);
  for (const std::string& block : blocks) {
    EXPECT_TRUE(absl::StrContains(driver, Flat(block))) << block;
  }
}

}  // namespace
}  // namespace sluice
