#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAreArray;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// The rows of the document's tables, without heads and rules, cell by cell.
std::vector<std::vector<std::string>> Rows() {
  std::ifstream file("docs/reasons.md");
  EXPECT_TRUE(file.is_open());
  std::vector<std::vector<std::string>> rows;
  std::string line;
  while (std::getline(file, line)) {
    if (!absl::StartsWith(line, "|")) continue;
    if (absl::StartsWith(line, "| Reason |") || absl::StartsWith(line, "|---")) continue;
    std::vector<std::string> cells;
    for (const absl::string_view cell : absl::StrSplit(line, '|')) {
      cells.emplace_back(absl::StripAsciiWhitespace(cell));
    }
    rows.push_back(cells);
  }
  return rows;
}

TEST(ReasonsDocTest, HasOneRowForEachReasonInTheOrderOfTheEnum) {
  std::vector<std::string> expected;
  const google::protobuf::EnumDescriptor& reasons = *v1::Reason_descriptor();
  for (int i = 0; i < reasons.value_count(); ++i) {
    if (reasons.value(i)->number() == v1::REASON_UNSPECIFIED) continue;
    expected.push_back("`" + reasons.value(i)->name() + "`");
  }
  std::vector<std::string> documented;
  for (const std::vector<std::string>& row : Rows()) documented.push_back(row.at(1));
  EXPECT_THAT(documented, ElementsAreArray(expected));
}

TEST(ReasonsDocTest, EachRowHasAMeaningWithItsClauseAVerdictAndWhatClearsIt) {
  for (const std::vector<std::string>& row : Rows()) {
    ASSERT_EQ(row.size(), 6u) << row.at(1);  // Four cells between bars.
    EXPECT_THAT(row[2], MatchesRegex(".*\\[[A-Z][0-9]+a?.*")) << row[1];
    EXPECT_THAT(row[3],
                AnyOf(StartsWith("CLEAR"), StartsWith("UNKNOWN"), StartsWith("INVALID"),
                      StartsWith("BLOCKING"), StartsWith("passed over"), StartsWith("none")))
        << row[1];
    EXPECT_FALSE(row[4].empty()) << row[1];
  }
}

}  // namespace
}  // namespace sluice
