#include "sluice/cli/coverage_report.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/cli/coverage_page.h"

namespace sluice {
namespace {

PointReport Point(CoverageKind kind, const std::string& path, const std::string& what,
                  absl::optional<int> line, std::vector<std::string> cases) {
  return {{kind, path, "it", what, {"key"}}, line, std::move(cases)};
}

CoverageReport Report() {
  CoverageReport report;
  report.name = "policy.textproto";
  report.path = "policy.textproto";
  report.source = "first\nsecond <&>\n\n";
  report.points = {
      Point(CoverageKind::kVerdict, "stages[0]", "CLEAR, ALL_CLEAR", 1, {"a", "b", "c", "d"}),
      Point(CoverageKind::kVerdict, "stages[0]", "UNKNOWN, STALE", 1, {}),
      Point(CoverageKind::kVerdict, "stages[0]", "UNKNOWN, NO_DATA", 1, {}),
      Point(CoverageKind::kWave, "stages[0].waves[0]", "deployed", 2, {}),
      Point(CoverageKind::kTransition, "elsewhere", "deploys", absl::nullopt, {"<b>"}),
  };
  return report;
}

TEST(CoverageReportTest, SaysHowMuchAndWhatIsMissing) {
  EXPECT_EQ(RenderCoverage(Report()),
            "coverage of policy.textproto: 2 of 5, 40.0 %\n"
            "  verdicts     1 of 3\n"
            "  waves        0 of 1\n"
            "  transitions  1 of 1\n"
            "not shown by any case:\n"
            "  policy.textproto:1: stages[0]: it\n"
            "    UNKNOWN, STALE\n"
            "    UNKNOWN, NO_DATA\n"
            "  policy.textproto:2: stages[0].waves[0]: it\n"
            "    deployed\n");
}

TEST(CoverageReportTest, NothingIsMissing) {
  CoverageReport report;
  report.name = "p.json";
  report.points = {Point(CoverageKind::kTrigger, "stages[0]", "x", absl::nullopt, {"a"})};
  EXPECT_EQ(RenderCoverage(report), "coverage of p.json: 1 of 1, 100.0 %\n  triggers     1 of 1\n");
}

TEST(CoverageReportTest, APercentageIsRoundedDown) {
  EXPECT_EQ(Shown(CoverageTotals{9999, 10000}), "9999 of 10000, 99.9 %");
  EXPECT_EQ(Shown(CoverageTotals{2, 3}), "2 of 3, 66.6 %");
}

TEST(CoverageReportTest, ReachIsExact) {
  EXPECT_TRUE((CoverageTotals{4, 5}.Reach(80)));
  EXPECT_FALSE((CoverageTotals{4, 5}.Reach(80.1)));
  EXPECT_FALSE((CoverageTotals{9999, 10000}.Reach(100)));
  EXPECT_TRUE((CoverageTotals{10000, 10000}.Reach(100)));
  EXPECT_TRUE((CoverageTotals{0, 5}.Reach(0)));
}

TEST(CoveragePageTest, ShowsEachPointBelowItsLine) {
  const std::string page = RenderCoveragePage({Report()});
  const size_t first = page.find("<code>first</code>");
  const size_t clear = page.find("\u2713 it: CLEAR, ALL_CLEAR \u2014 a, b, c and 1 more");
  const size_t stale = page.find("\u2717 it: UNKNOWN, STALE \u2014 no case");
  const size_t second = page.find("<code>second &lt;&amp;&gt;</code>");
  const size_t deployed = page.find("\u2717 it: deployed");
  ASSERT_NE(first, std::string::npos);
  EXPECT_LT(first, clear);
  EXPECT_LT(clear, stale);
  EXPECT_LT(stale, second);
  EXPECT_LT(second, deployed);
  EXPECT_NE(deployed, std::string::npos);
  EXPECT_TRUE(absl::StrContains(page, "<li class=\"some\"><span class=\"number\">1</span>"));
  EXPECT_TRUE(absl::StrContains(page, "<li class=\"none\"><span class=\"number\">2</span>"));
  EXPECT_TRUE(absl::StrContains(page, "<li><span class=\"number\">3</span>"));
}

TEST(CoveragePageTest, EscapesWhatUsersWrote) {
  const std::string page = RenderCoveragePage({Report()});
  EXPECT_TRUE(absl::StrContains(page, "deploys \u2014 &lt;b&gt;"));
  EXPECT_FALSE(absl::StrContains(page, "<b>"));
  CoverageReport odd;
  odd.name = "\"<script>\x01\xff";
  const std::string odd_page = RenderCoveragePage({odd});
  EXPECT_FALSE(absl::StrContains(odd_page, "<script"));
  EXPECT_TRUE(absl::StrContains(odd_page, "<h2>&quot;&lt;script&gt;\ufffd\ufffd</h2>"));
}

TEST(CoveragePageTest, NeedsNothingElse) {
  const std::string page = RenderCoveragePage({Report()});
  for (const char* outside : {"http:", "https:", "src=", "href=", "@import", "url("}) {
    EXPECT_FALSE(absl::StrContains(page, outside)) << outside;
  }
}

TEST(CoveragePageTest, WithoutASourceThePointsAreListed) {
  CoverageReport report = Report();
  report.source.clear();
  const std::string page = RenderCoveragePage({report});
  EXPECT_FALSE(absl::StrContains(page, "<code>"));
  EXPECT_TRUE(absl::StrContains(page, "\u2717 it: deployed"));
}

}  // namespace
}  // namespace sluice
