#include "sluice/simulate/healthy_value.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/metrics/alarm_rule.h"

namespace sluice {
namespace {

AlarmRule RuleOf(Comparison comparison, double threshold, double low = 0) {
  AlarmRule rule;
  rule.comparison = comparison;
  rule.threshold = rule.high = threshold;
  rule.low = low;
  return rule;
}

TEST(HealthyValueTest, TheNewestThatDoesNotBreach) {
  const AlarmRule rule = RuleOf(Comparison::kGreater, 10);
  const std::vector<double> known = {3, 4, 11, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(HealthyValue({&rule}, known), 4);
  EXPECT_EQ(HealthyValue({}, known), 11);
}

TEST(HealthyValueTest, NothingKnown) {
  for (const AlarmRule& rule :
       {RuleOf(Comparison::kGreater, 10), RuleOf(Comparison::kGreater, -10),
        RuleOf(Comparison::kGreaterOrEqual, -10), RuleOf(Comparison::kLess, 10),
        RuleOf(Comparison::kLessOrEqual, 10), RuleOf(Comparison::kOutsideBand, 7, 5)}) {
    const absl::optional<double> value = HealthyValue({&rule}, {});
    ASSERT_TRUE(value.has_value());
    EXPECT_FALSE(Breaches(rule, *value));
  }
  const AlarmRule above = RuleOf(Comparison::kLess, 10);
  const AlarmRule below = RuleOf(Comparison::kGreater, 20);
  const AlarmRule contrary = RuleOf(Comparison::kGreater, 5);
  EXPECT_EQ(HealthyValue({&above, &below}, {}), 10);
  EXPECT_EQ(HealthyValue({&above, &contrary}, {}), absl::nullopt);
}

TEST(HealthyValueTest, Errors) {
  const AlarmRule few = RuleOf(Comparison::kGreater, 0.01);
  EXPECT_EQ(HealthyErrors({}, {{100, &few}}), 0);
  // A share that must not be low.
  const AlarmRule many = RuleOf(Comparison::kLess, 0.5);
  const absl::optional<double> errors = HealthyErrors({}, {{100, &many}});
  ASSERT_TRUE(errors.has_value());
  EXPECT_GE(*errors, 50);
  EXPECT_LE(*errors, 100);
  EXPECT_EQ(HealthyErrors({}, {{100, &many}, {100, &few}}), absl::nullopt);
}

}  // namespace
}  // namespace sluice
