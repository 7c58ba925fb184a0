// The C++ of docs/testing-policies.md: every block of it stands here, and what it says is so.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"
#include "sluice/testing/build_state.h"
#include "sluice/testing/matchers.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace {

using namespace sluice;  // As a host has it that writes tests.

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Words with one space between them: how lines are broken and indented does not matter.
std::string Flat(const std::string& text) {
  return absl::StrJoin(absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
}

TEST(TestingPoliciesCodeTest, EveryBlockStandsHere) {
  const std::string source = Flat(ReadFile("tests/docs/testing_policies_code_test.cc"));
  const std::vector<std::string> parts =
      absl::StrSplit(ReadFile("docs/testing-policies.md"), "```c++\n");
  ASSERT_EQ(parts.size(), 3u);
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string block = parts[i].substr(0, parts[i].find("```"));
    EXPECT_TRUE(absl::StrContains(source, Flat(block))) << block;
  }
}

TEST(TestingPoliciesCodeTest, TheBlocks) {
  const absl::Time noon = absl::FromUnixSeconds(1795514400);  // 11:00 on a Tuesday in Berlin.
  const absl::Time night = noon + absl::Hours(12);
  v1::PipelinePolicy message;
  ASSERT_TRUE(
      ReadMessage(ReadFile("docs/examples/smallest/policy.textproto"), Format::kTextproto, &message)
          .ok());
  const absl::StatusOr<Policy> policy = Policy::Compile(message);
  ASSERT_TRUE(policy.ok()) << policy.status();

  using namespace sluice::given;
  const v1::PipelineState state = State("checkout", noon)
                                      .Has(Cell("one-box").InStage("production").Weight(2))
                                      .Has(Cell("eu").InStage("production").Weight(49))
                                      .Has(Cell("us").InStage("production").Weight(49))
                                      .Has(Artifact("version-1").Sequence(1))
                                      .Has(Artifact("version-2").Sequence(2))
                                      .Runs("one-box", "version-1")
                                      .Runs("eu", "version-1")
                                      .Runs("us", "version-1")
                                      .Reports(AlarmOk("checkout-5xx", noon))
                                      .Build();
  const v1::OrganisationFacts facts = OrganisationFacts("acme", noon).IsNotStopped(noon).Build();

  const Snapshot snapshot = Snapshot::Load(state, Organisation::Load(facts));
  EXPECT_THAT(policy->Decide(snapshot, noon), InStage("production", Deploys({"one-box"})));
  EXPECT_THAT(policy->Decide(snapshot, night), InStage("production", IsHeldBy("release-days")));

  v1::PipelineState unreported = state;
  unreported.clear_alarms();
  unreported.clear_record_count();
  const Snapshot unknown = Snapshot::Load(unreported, Organisation::Load(facts));
  EXPECT_THAT(policy->Decide(unknown, noon), InStage("production", IsHeldBy("errors")));
}

}  // namespace
