// The tests of the demo's policy notice what is changed in it: each edit of policy_edits.textproto
// makes at least one of their cases fail.
//
//   policy_edits_test EDITS SUITE...

#include <cstddef>
#include <deque>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

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

std::string edits_path;
std::vector<std::string> suite_paths;

// Whether a case of the suite ends so; a broken one shows nothing.
bool HasCase(const v1::TestSuite& suite, CaseResult::Outcome outcome) {
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return false;
  for (int i = 0; i < suite.cases_size(); ++i) {
    if (runner->RunCase(i).outcome == outcome) return true;
  }
  return false;
}

// Whether a case of the suites fails once the edits are made in their policy. Begins with the suite
// `*first`, and makes it the one that noticed: edits of one stage follow one another.
bool IsNoticed(const v1::TestCase& edited, const std::deque<SuiteFile>& files, size_t* first) {
  for (size_t i = 0; i < files.size(); ++i) {
    const size_t index = (*first + i) % files.size();
    v1::TestSuite suite = files[index].suite();
    for (const v1::Edit& edit : edited.edits()) {
      const absl::Status made = ApplyEdit(edit, suite.mutable_base());
      EXPECT_TRUE(made.ok()) << made;
    }
    const absl::StatusOr<Policy> policy = Policy::Compile(suite.base().policy());
    EXPECT_TRUE(policy.ok()) << policy.status();
    if (!policy.ok()) return false;
    if (HasCase(suite, CaseResult::Outcome::kFailed)) {
      *first = index;
      return true;
    }
  }
  return false;
}

TEST(PolicyEditsTest, EachIsNoticed) {
  std::deque<SuiteFile> files;
  for (const std::string& path : suite_paths) {
    files.emplace_back(path, /*coverage=*/false, Arguments(), std::cin);
    ASSERT_TRUE(files.back().faults().empty()) << files.back().faults()[0];
    ASSERT_FALSE(HasCase(files.back().suite(), CaseResult::Outcome::kFailed)) << path;
    ASSERT_FALSE(HasCase(files.back().suite(), CaseResult::Outcome::kBroken)) << path;
  }
  std::ifstream stream(edits_path);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  v1::TestSuite edits;
  const absl::Status read = ReadTextproto(text, &edits, nullptr);
  ASSERT_TRUE(read.ok()) << read;
  ASSERT_GE(edits.cases_size(), 100);
  size_t first = 0;
  for (const v1::TestCase& edited : edits.cases()) {
    EXPECT_TRUE(IsNoticed(edited, files, &first)) << edited.name();
  }
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc < 3) return 1;
  sluice::edits_path = argv[1];
  sluice::suite_paths.assign(argv + 2, argv + argc);
  return RUN_ALL_TESTS();
}
