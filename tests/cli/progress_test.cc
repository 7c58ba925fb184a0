#include "sluice/cli/progress.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/cli/environment.h"

namespace sluice {
namespace {

// Seconds since the start, which the test sets.
double elapsed = 0;

absl::Time Clock() { return absl::UnixEpoch() + absl::Seconds(elapsed); }

// What is on the terminal after `fractions` were shown, one each `step` seconds, before and after
// the end.
std::string Drawn(bool terminal, double step, int count) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const Environment environment{in, out, err, /*colour=*/false, &Clock, terminal};
  elapsed = 0;
  {
    Progress progress("reading", environment);
    for (int i = 1; i <= count; ++i) {
      elapsed += step;
      progress.Show(static_cast<double>(i) / count);
    }
  }
  EXPECT_EQ(out.str(), "");
  return err.str();
}

TEST(ProgressTest, NothingWithinASecond) { EXPECT_EQ(Drawn(true, 0.009, 100), ""); }

TEST(ProgressTest, NothingWithoutATerminal) { EXPECT_EQ(Drawn(false, 1, 100), ""); }

TEST(ProgressTest, GrowsAndIsGoneAtTheEnd) {
  const std::string drawn = Drawn(true, 0.5, 10);
  EXPECT_TRUE(
      absl::StrContains(drawn, "reading    [########                                ]  20 %"))
      << drawn;
  EXPECT_TRUE(absl::StrContains(drawn, "100 %")) << drawn;
  EXPECT_TRUE(absl::EndsWith(drawn, "\r\033[K")) << "the line is empty at the end";
  for (const absl::string_view line : absl::StrSplit(drawn, '\r')) EXPECT_LT(line.size(), 80u);
}

TEST(ProgressTest, AtMostTenTimesASecond) {
  const std::string drawn = Drawn(true, 0.001, 3000);
  const std::vector<std::string> lines = absl::StrSplit(drawn, '\r');
  EXPECT_GT(lines.size(), 15u);
  EXPECT_LT(lines.size(), 25u);
}

}  // namespace
}  // namespace sluice
