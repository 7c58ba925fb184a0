// docs/lint.md: it is what `sluice lint --rules` prints, each example is found by its rule alone,
// and what is to be written instead, like the policies to start from, by none.

#include "sluice/lint/lint.h"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "sluice/known_bad.h"
#include "sluice/lint/known_bad_shares.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1710748800);  // 2024-03-18T08:00:00Z

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <typename Message>
Message ReadText(const std::string& text) {
  Message message;
  const absl::Status status = ReadMessage(text, Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << status << "\n" << text;
  return message;
}

// A section of the page: a rule's id, its example and what to write instead.
struct Section {
  std::string id;
  std::vector<std::string> blocks;
};

std::vector<Section> SectionsOf(const std::string& page) {
  std::vector<Section> sections;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    if (absl::StartsWith(line, "## ")) sections.push_back({std::string(line.substr(3)), {}});
    if (line == "```") {
      inside = false;
    } else if (inside) {
      absl::StrAppend(&sections.back().blocks.back(), line, "\n");
    } else if (line == "```textproto") {
      inside = true;
      sections.back().blocks.emplace_back();
    }
  }
  return sections;
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

// The pipeline of the demo, its state, and lists whose corpus is two artifacts, one with the
// package of the page.
class LintPageTest : public ::testing::Test {
 protected:
  static constexpr char kDemo[] = "docs/examples/region-waves/";

  LintPageTest()
      : state_(ReadText<v1::PipelineState>(ReadFile(absl::StrCat(kDemo, "state.textproto")))),
        snapshot_(Snapshot::Load(state_, organisation_)) {}

  // The rules that find something in what the block says.
  std::vector<std::string> FoundIn(const std::string& block) {
    auto policy = ReadText<v1::PipelinePolicy>(ReadFile(absl::StrCat(kDemo, "policy.textproto")));
    auto list = ReadText<v1::KnownBadList>(ReadFile(absl::StrCat(kDemo, "known_bad.textproto")));
    v1::Stage* stage = policy.mutable_stages(policy.stages_size() - 1);
    if (absl::StartsWith(block, "# in: policy\n")) {
      const auto part = ReadText<v1::PipelinePolicy>(block);
      if (part.blockers_size() > 0) policy.clear_blockers();
      Put(part, &policy);
    } else if (absl::StartsWith(block, "# in: stage\n")) {
      Put(ReadText<v1::Stage>(block), stage);
    } else if (absl::StartsWith(block, "# in: rollout\n")) {
      Put(ReadText<v1::RolloutPolicy>(block), stage->mutable_rollout());
    } else if (absl::StartsWith(block, "# in: list\n")) {
      list.clear_entries();
      list.MergeFrom(ReadText<v1::KnownBadList>(block));
      list.set_entry_count(static_cast<uint64_t>(list.entries_size()));
      policy.mutable_blockers(0)->mutable_known_bad()->set_min_entries(1);
    } else {
      ADD_FAILURE() << "does not say what it is in:\n" << block;
    }
    const absl::StatusOr<Policy> compiled = Policy::Compile(policy);
    EXPECT_TRUE(compiled.ok()) << compiled.status() << "\n" << block;
    const absl::StatusOr<KnownBadList> built = KnownBadList::Build(list);
    EXPECT_TRUE(built.ok()) << built.status() << "\n" << block;
    if (!compiled.ok() || !built.ok()) return {};

    KnownBadShares shares;
    KnownBadQuestion artifact;
    EXPECT_TRUE(shares.Add(*built, artifact, kNow).ok());
    artifact.components.add_components()->set_package_url("pkg:npm/event-stream@4.0.1");
    EXPECT_TRUE(shares.Add(*built, artifact, kNow).ok());
    LintOptions options;
    options.snapshot = &snapshot_;
    options.known_bad.push_back({&*built, &shares});
    options.max_share_percent = 49;
    std::vector<std::string> rules;
    for (const LintFinding& finding : Lint(*compiled, options, kNow)) {
      if (rules.empty() || rules.back() != finding.rule) rules.emplace_back(finding.rule);
    }
    return rules;
  }

  const v1::PipelineState state_;
  const Organisation organisation_;
  const Snapshot snapshot_;
};

TEST_F(LintPageTest, IsWhatTheRulesSay) {
  EXPECT_EQ(ReadFile("docs/lint.md"), LintPage())
      << "to write it again: sluice lint --rules > docs/lint.md";
}

TEST_F(LintPageTest, EachExampleIsFoundByItsRuleAlone) {
  const std::vector<Section> sections = SectionsOf(ReadFile("docs/lint.md"));
  ASSERT_EQ(sections.size(), LintRules().size());
  for (size_t i = 0; i < sections.size(); ++i) {
    EXPECT_EQ(sections[i].id, LintRules()[i].id);
    ASSERT_EQ(sections[i].blocks.size(), 2u) << sections[i].id;
    EXPECT_EQ(FoundIn(sections[i].blocks[0]), std::vector<std::string>{sections[i].id});
    EXPECT_EQ(FoundIn(sections[i].blocks[1]), std::vector<std::string>{}) << sections[i].id;
  }
}

TEST(LintStartersTest, PoliciesToStartFromAreClean) {
  for (const std::string folder :
       {"batch-worker", "library", "region-cells", "region-waves", "single-service", "smallest"}) {
    const std::string path = absl::StrCat("docs/examples/", folder, "/");
    const auto policy =
        ReadText<v1::PipelinePolicy>(ReadFile(absl::StrCat(path, "policy.textproto")));
    const auto state = ReadText<v1::PipelineState>(ReadFile(absl::StrCat(path, "state.textproto")));
    const absl::StatusOr<Policy> compiled = Policy::Compile(policy);
    ASSERT_TRUE(compiled.ok()) << compiled.status();
    const Organisation organisation;
    const Snapshot snapshot = Snapshot::Load(state, organisation);
    LintOptions options;
    options.snapshot = &snapshot;
    for (const LintFinding& finding : Lint(*compiled, options, kNow)) {
      ADD_FAILURE() << folder << ": " << finding.path << ": " << finding.message << " ["
                    << finding.rule << "]";
    }
  }
}

}  // namespace
}  // namespace sluice
