#include "sluice/lint/lint.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

LintedPolicy WithTwoFindings() {
  LintedPolicy policy;
  policy.hygiene = "hygiene { checks: 'up' deadline { seconds: 60 } missing_is_failure: true }";
  policy.radius = "stage_cap_basis_points: 0";
  return policy;
}

TEST(LintTest, FindsInTheOrderOfTheRules) {
  EXPECT_EQ(Lint(WithTwoFindings()),
            Found({"missing-report-rolls-back stages[0].rollout.hygiene.missing_is_failure",
                   "cap-fits-no-cell stages[0].rollout.blast_radius.stage_cap_basis_points"}));
  EXPECT_EQ(Lint(LintedPolicy()), Found());
}

TEST(LintTest, ARuleIsDisabledById) {
  LintOptions options;
  options.disabled = {"missing-report-rolls-back", "no-such-rule"};
  EXPECT_EQ(Lint(WithTwoFindings(), options),
            Found({"cap-fits-no-cell stages[0].rollout.blast_radius.stage_cap_basis_points"}));
}

TEST(LintTest, EveryRuleIsDescribed) {
  std::set<absl::string_view> ids;
  const std::string page = LintPage();
  for (const LintRule& rule : LintRules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_EQ(rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos);
    EXPECT_FALSE(rule.title.empty()) << rule.id;
    EXPECT_TRUE(absl::StrContains(rule.why, "[")) << rule.id << " cites no clause";
    EXPECT_TRUE(absl::StartsWith(rule.example, "# in: ")) << rule.id;
    EXPECT_TRUE(absl::StartsWith(rule.instead, "# in: ")) << rule.id;
    EXPECT_TRUE(absl::StrContains(page, absl::StrCat("\n## ", rule.id, "\n"))) << rule.id;
  }
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
  }
}

}  // namespace
}  // namespace sluice
