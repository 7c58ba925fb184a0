// The tests of the demo's policy notice what is changed in it: each edit of policy_edits.textproto
// makes at least one of their cases fail.
//
//   policy_edits_test SUITE EDITS

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "sluice/cli/arguments.h"
#include "sluice/cli/suite_file.h"
#include "sluice/internal/strict_text.h"
#include "sluice/policy.h"
#include "sluice/testing/edit.h"
#include "sluice/testing/test_suite.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {
namespace {

std::string suite_path;
std::string edits_path;

// How many cases of the suite end so; a broken one shows nothing.
int Count(const v1::TestSuite& suite, CaseResult::Outcome outcome) {
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return 0;
  int count = 0;
  for (int i = 0; i < suite.cases_size(); ++i) {
    if (runner->RunCase(i).outcome == outcome) ++count;
  }
  return count;
}

TEST(PolicyEditsTest, EachIsNoticed) {
  const SuiteFile file(suite_path, Arguments(), std::cin);
  ASSERT_TRUE(file.faults().empty()) << file.faults()[0];
  ASSERT_EQ(Count(file.suite(), CaseResult::Outcome::kPassed), file.suite().cases_size());
  std::ifstream stream(edits_path);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  v1::TestSuite edits;
  const absl::Status read = ReadTextproto(text, &edits, nullptr);
  ASSERT_TRUE(read.ok()) << read;
  ASSERT_GE(edits.cases_size(), 30);
  for (const v1::TestCase& edited : edits.cases()) {
    SCOPED_TRACE(edited.name());
    v1::TestSuite suite = file.suite();
    for (const v1::Edit& edit : edited.edits()) {
      const absl::Status made = ApplyEdit(edit, suite.mutable_base());
      ASSERT_TRUE(made.ok()) << made;
    }
    const absl::StatusOr<Policy> policy = Policy::Compile(suite.base().policy());
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_GT(Count(suite, CaseResult::Outcome::kFailed), 0);
  }
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc != 3) return 1;
  sluice::suite_path = argv[1];
  sluice::edits_path = argv[2];
  return RUN_ALL_TESTS();
}
