#include "sluice/lint/significance_rule.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "sluice/metrics/baseline_ratio.h"
#include "sluice/metrics/error_rate.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

LintedPolicy WithRate(int bound, int to_fail, absl::string_view confidence) {
  LintedPolicy policy;
  policy.health = absl::Substitute(
      "health { criteria { id: 'c' per: CELL error_rate { counts: 'c' bound_ppm: $0 "
      "min_requests: 1000 min_requests_to_fail: $1 confidence: $2 max_age { seconds: 60 } } } }",
      bound, to_fail, confidence);
  return policy;
}

LintedPolicy WithRatio(int ratio, int to_fail, absl::string_view more = "") {
  LintedPolicy policy;
  policy.health = absl::Substitute(
      "health { criteria { id: 'c' per: CELL baseline_ratio { counts: 'c' max_ratio_ppm: $0 "
      "min_requests: 1000 min_requests_to_fail: $1 confidence: PERCENT_99 $2 "
      "max_age { seconds: 60 } } } }",
      ratio, to_fail, more);
  return policy;
}

constexpr char kOfRate[] =
    "significance-unreachable "
    "stages[0].rollout.health.criteria[0].error_rate.min_requests_to_fail";
constexpr char kOfRatio[] =
    "significance-unreachable "
    "stages[0].rollout.health.criteria[0].baseline_ratio.min_requests_to_fail";

TEST(SignificanceUnreachableTest, TurnsWhereTheCriterionDoes) {
  ASSERT_FALSE(ExceedsSignificantly(2, 2, 50000, Confidence::k999));
  ASSERT_TRUE(ExceedsSignificantly(3, 3, 50000, Confidence::k999));
  EXPECT_EQ(Lint(WithRate(50000, 2, "PERCENT_99_9")), Found({kOfRate}));
  EXPECT_EQ(Lint(WithRate(50000, 3, "PERCENT_99_9")), Found());
  EXPECT_EQ(MessagesOf("significance-unreachable", WithRate(50000, 2, "PERCENT_99_9")),
            Found({"is 2, and 2 errors of 2 requests are not significant; from 3 on they are"}));
  // One error against no permitted one is enough.
  EXPECT_EQ(Lint(WithRate(0, 1, "PERCENT_99_9")), Found());
}

TEST(SignificanceUnreachableTest, TheConfidenceCounts) {
  EXPECT_EQ(Lint(WithRate(50000, 1, "PERCENT_95")), Found());
  EXPECT_EQ(Lint(WithRate(50001, 1, "PERCENT_95")), Found({kOfRate}));
  EXPECT_EQ(Lint(WithRate(50001, 1, "PERCENT_90")), Found());
}

TEST(SignificanceUnreachableTest, WhatNeverFailsIsFoundOnce) {
  EXPECT_EQ(Lint(WithRate(1000000, 1, "PERCENT_95")),
            Found({"health-never-fails stages[0].rollout.health.criteria[0]"}));
  const Found messages = MessagesOf("significance-unreachable", WithRate(999999, 1, "PERCENT_95"));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0], "is 1, and 1 errors of 1 requests are not significant; nor are 100000");
}

TEST(SignificanceUnreachableTest, ARatioIsComparedWithAGoodBaseline) {
  const auto is_significant = [](int requests) {
    return ExceedsRatioSignificantly({requests, requests}, {requests, 0}, 1000000, Confidence::k99);
  };
  int fewest = 1;
  while (!is_significant(fewest)) ++fewest;
  ASSERT_GT(fewest, 1);
  EXPECT_EQ(Lint(WithRatio(1000000, fewest)), Found());
  EXPECT_EQ(Lint(WithRatio(1000000, fewest - 1)), Found({kOfRatio}));
}

TEST(SignificanceUnreachableTest, ABoundInsteadOfABaselineCountsToo) {
  EXPECT_EQ(Lint(WithRatio(1000000, 20, "bound_ppm: 1000")), Found());
  EXPECT_EQ(Lint(WithRatio(1000000, 20, "bound_ppm: 900000")), Found({kOfRatio}));
}

}  // namespace
}  // namespace sluice
