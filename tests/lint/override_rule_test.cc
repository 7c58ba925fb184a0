#include "sluice/lint/override_rule.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

const Found kFound = {"override-lifts-everything stages[0]"};

std::string Override(absl::string_view roles, int quorum) {
  return absl::Substitute(
      "override_policy { roles: [ $0 ] quorum: $1 max_validity { seconds: 60 } "
      "author: AUTHOR_MAY_NOT }",
      roles, quorum);
}

std::string Check(absl::string_view id, absl::string_view more) {
  return absl::Substitute("blockers { id: '$0' check { check: 't' binds_to: ARTIFACT } $1 }", id,
                          more);
}

TEST(OverrideLiftsEverythingTest, OneRoleAtEveryBlocker) {
  const auto lint = [](absl::string_view pipeline, absl::string_view stage,
                       absl::string_view wave) {
    LintedPolicy policy;
    policy.policy = Check("p", pipeline);
    policy.stage = Check("s", stage);
    policy.waves = absl::StrCat("waves { id: 'one' cells: 'a' ", Check("w", wave), "}");
    return Lint(policy);
  };
  const std::string one = Override("'a', 'b'", 1);
  EXPECT_EQ(lint(one, one, one), kFound);
  EXPECT_EQ(lint(one, one, Override("'b', 'c'", 1)), kFound);
  EXPECT_EQ(lint(Override("'a'", 1), one, Override("'b', 'c'", 1)), Found());
  EXPECT_EQ(lint(Override("'a'", 2), one, one), Found());
  EXPECT_EQ(lint(one, Override("'a'", 2), one), Found());
  EXPECT_EQ(lint(one, one, Override("'a'", 2)), Found());
  EXPECT_EQ(lint(one, "", one), Found());
  // What holds nothing protects nothing.
  EXPECT_EQ(lint(one, "enforcement: OBSERVED", one), kFound);
}

TEST(OverrideLiftsEverythingTest, ThePolicysOwnCountsForBlockersWithoutOne) {
  LintedPolicy policy;
  policy.policy = Override("'a'", 1);
  EXPECT_EQ(Lint(policy), kFound);
  policy.policy = Override("'a'", 2);
  EXPECT_EQ(Lint(policy), Found());
  policy.policy = Override("'a'", 1);
  policy.stage = absl::StrCat(Check("x", ""), Check("y", "not_overridable: true"));
  EXPECT_EQ(Lint(policy), Found());
}

TEST(OverrideLiftsEverythingTest, KnownBadListsSayThemselves) {
  const std::string known_bad =
      "blockers { id: 'k' known_bad { lists: 'l' max_age { seconds: 60 } min_entries: 1 } }";
  LintedPolicy policy;
  policy.policy = Override("'a'", 1);
  policy.stage = known_bad;
  EXPECT_EQ(Lint(policy), Found());
  policy.stage = absl::StrCat(known_bad, Check("x", ""));
  EXPECT_EQ(Lint(policy), kFound);
}

TEST(OverrideLiftsEverythingTest, IsAboutProductionAlone) {
  LintedPolicy policy;
  policy.policy = Override("'a'", 1);
  policy.kind = "TEST";
  EXPECT_EQ(Lint(policy), Found());
}

}  // namespace
}  // namespace sluice
