#include "sluice/interchange/import_report.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

TEST(ImportReport, CountsByKind) {
  ImportReport report;
  report.AddRead("a", 3);
  report.AddTaken("a");
  EXPECT_FALSE(report.IsComplete());
  report.AddLeftOut("a", LeftOutReason::kRepeated, "x", "");
  report.AddMalformed("a", "y", "wrong");
  EXPECT_TRUE(report.IsComplete());
  report.AddLeftOutPart(LeftOutReason::kRepeated, "z", "");
  EXPECT_TRUE(report.IsComplete());
  EXPECT_EQ(report.CountsOf("a").read, 3);
  EXPECT_EQ(report.CountsOf("b").read, 0);
  EXPECT_EQ(report.LeftOutFor(LeftOutReason::kRepeated), 2);
  EXPECT_EQ(report.left_out().size(), 2);
  EXPECT_TRUE(report.left_out().begin()->first.whole);
}

TEST(ImportReport, KeepsTheFirstPlacesAndCountsAll) {
  ImportReport report;
  for (int i = 0; i < 1000; ++i) {
    report.AddRead("a", 2);
    report.AddMalformed("a", absl::StrCat("m", i), "wrong");
    report.AddLeftOut("a", LeftOutReason::kService, absl::StrCat("l", i), "");
  }
  EXPECT_EQ(report.malformed().total, 1000);
  EXPECT_EQ(report.malformed().places.size(), ImportReport::kMaxPlaces);
  EXPECT_EQ(report.malformed().places[0].where, "m0");
  EXPECT_EQ(report.left_out().begin()->second.total, 1000);
  EXPECT_EQ(report.left_out().begin()->second.places.size(), ImportReport::kMaxPlaces);
}

TEST(ImportReport, MalformedEntriesFailUnlessAskedOtherwise) {
  ImportReport report;
  EXPECT_TRUE(report.ToStatus({}).ok());
  report.AddLeftOut("a", LeftOutReason::kService, "l", "");
  EXPECT_TRUE(report.ToStatus({}).ok());
  for (int i = 0; i < 110; ++i) report.AddMalformed("a", absl::StrCat("m", i), "wrong");
  const absl::Status status = report.ToStatus({});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_TRUE(absl::StartsWith(status.message(), "m0: wrong\nm1: wrong\n"));
  EXPECT_TRUE(absl::EndsWith(status.message(), "\nand 10 more"));
  ImportOptions options;
  options.keep_going = true;
  EXPECT_TRUE(report.ToStatus(options).ok());
}

TEST(ImportReport, LinesFitATerminal) {
  ImportReport report;
  report.AddRead("advisories", 210);
  for (int i = 0; i < 105; ++i) {
    report.AddLeftOut("advisories", LeftOutReason::kNothingToMatch,
                      absl::StrCat("some/path/of/a/file/", i, ".json: affected[0].package"),
                      "a name of some length, with words");
    report.AddMalformed("advisories", absl::StrCat(i), "wrong");
  }
  const std::vector<std::string> lines = RenderImportReport(report);
  for (const std::string& line : lines) EXPECT_LE(line.size(), 80) << line;
  const std::string text = absl::StrJoin(lines, "\n");
  EXPECT_TRUE(absl::StartsWith(text, "advisories: 210 read, 0 taken, 105 left out, 105 malformed"));
  EXPECT_TRUE(absl::StrContains(text, "\nNOTHING_TO_MATCH: 105 left out"));
  EXPECT_TRUE(absl::StrContains(text, "and 5 more"));
}

TEST(ImportReport, NotesShowAFewPlaces) {
  ImportReport report;
  for (int i = 0; i < 9; ++i) {
    report.AddLeftOutPart(LeftOutReason::kNotRated, absl::StrCat("a", i, ".json: "), "A-1");
  }
  const std::string text = absl::StrJoin(RenderImportReport(report), "\n");
  EXPECT_TRUE(absl::StrContains(text, "NOT_RATED: 9 noted")) << text;
  EXPECT_TRUE(absl::StrContains(text, "    a2.json: A-1\n    and 6 more")) << text;
}

TEST(ImportReport, EveryReasonHasItsOwnName) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(LeftOutReason::kTimeZoneDefinition); ++i) {
    const auto reason = static_cast<LeftOutReason>(i);
    EXPECT_FALSE(LeftOutReasonText(reason).empty());
    for (const std::string& other : names) EXPECT_NE(other, LeftOutReasonName(reason));
    names.emplace_back(LeftOutReasonName(reason));
  }
}

TEST(Shown, EscapesAndShortens) {
  EXPECT_EQ(Shown("plain \xc3\xa4"), "plain \xc3\xa4");
  EXPECT_EQ(Shown("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(Shown("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(Shown(std::string(300, 'x')), absl::StrCat(std::string(200, 'x'), "..."));
  // Not in the middle of a character.
  EXPECT_EQ(Shown(absl::StrCat(std::string(199, 'x'), "\xc3\xa4tail")),
            absl::StrCat(std::string(199, 'x'), "..."));
}

}  // namespace
}  // namespace sluice
