#include "sluice/metrics/alarm_rule.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

AlarmRule ValidRule() {
  AlarmRule rule;
  rule.comparison = Comparison::kGreater;
  rule.threshold = 1;
  rule.evaluation_periods = 3;
  rule.datapoints_to_alarm = 2;
  rule.treat_missing = TreatMissing::kMissing;
  return rule;
}

TEST(ValidateAlarmRule, AcceptsTheBounds) {
  AlarmRule rule = ValidRule();
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kNone);
  rule.evaluation_periods = rule.datapoints_to_alarm = 1;
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kNone);
  rule.evaluation_periods = rule.datapoints_to_alarm = kMaxEvaluationPeriods;
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kNone);
}

TEST(ValidateAlarmRule, DefaultFails) { EXPECT_NE(Validate(AlarmRule()), AlarmRuleProblem::kNone); }

TEST(ValidateAlarmRule, ComparisonFails) {
  AlarmRule rule = ValidRule();
  rule.comparison = Comparison::kUnset;
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kComparison);
  rule.comparison = static_cast<Comparison>(99);
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kComparison);
}

TEST(ValidateAlarmRule, ThresholdFails) {
  for (const double bad : {kNaN, kInfinity, -kInfinity}) {
    AlarmRule rule = ValidRule();
    rule.threshold = bad;
    EXPECT_EQ(Validate(rule), AlarmRuleProblem::kThreshold);
    rule = ValidRule();
    rule.comparison = Comparison::kOutsideBand;
    rule.low = bad;
    EXPECT_EQ(Validate(rule), AlarmRuleProblem::kThreshold);
    rule.low = 0;
    rule.high = bad;
    EXPECT_EQ(Validate(rule), AlarmRuleProblem::kThreshold);
  }
}

TEST(ValidateAlarmRule, BandFails) {
  AlarmRule rule = ValidRule();
  rule.comparison = Comparison::kOutsideBand;
  rule.low = rule.high = 2;
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kNone);
  rule.low = 2.5;
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kBand);
}

TEST(ValidateAlarmRule, EvaluationPeriodsFails) {
  for (const int bad : {std::numeric_limits<int>::min(), -1, 0, kMaxEvaluationPeriods + 1,
                        std::numeric_limits<int>::max()}) {
    AlarmRule rule = ValidRule();
    rule.evaluation_periods = bad;
    EXPECT_EQ(Validate(rule), AlarmRuleProblem::kEvaluationPeriods) << bad;
  }
}

TEST(ValidateAlarmRule, DatapointsToAlarmFails) {
  for (const int bad : {std::numeric_limits<int>::min(), -1, 0, 4}) {
    AlarmRule rule = ValidRule();
    rule.datapoints_to_alarm = bad;
    EXPECT_EQ(Validate(rule), AlarmRuleProblem::kDatapointsToAlarm) << bad;
  }
}

TEST(ValidateAlarmRule, TreatMissingFails) {
  AlarmRule rule = ValidRule();
  rule.treat_missing = TreatMissing::kUnset;
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kTreatMissing);
  rule.treat_missing = static_cast<TreatMissing>(77);
  EXPECT_EQ(Validate(rule), AlarmRuleProblem::kTreatMissing);
}

struct ComparisonCase {
  Comparison comparison;
  double value;
  bool breaches;
};

TEST(Breaches, ComparesWithTheThresholdOnTheRight) {
  // Threshold 3, band [2, 3].
  const double below = std::nextafter(3.0, 0.0);
  const double above = std::nextafter(3.0, 4.0);
  const ComparisonCase cases[] = {
      {Comparison::kGreater, below, false},
      {Comparison::kGreater, 3, false},
      {Comparison::kGreater, above, true},
      {Comparison::kGreaterOrEqual, below, false},
      {Comparison::kGreaterOrEqual, 3, true},
      {Comparison::kGreaterOrEqual, above, true},
      {Comparison::kLess, below, true},
      {Comparison::kLess, 3, false},
      {Comparison::kLess, above, false},
      {Comparison::kLessOrEqual, below, true},
      {Comparison::kLessOrEqual, 3, true},
      {Comparison::kLessOrEqual, above, false},
      {Comparison::kLessOrEqual, 4, false},
      {Comparison::kOutsideBand, std::nextafter(2.0, 0.0), true},
      {Comparison::kOutsideBand, 2, false},
      {Comparison::kOutsideBand, 2.5, false},
      {Comparison::kOutsideBand, 3, false},
      {Comparison::kOutsideBand, above, true},
      {Comparison::kUnset, 3, false},
  };
  for (const ComparisonCase& c : cases) {
    AlarmRule rule = ValidRule();
    rule.comparison = c.comparison;
    rule.threshold = 3;
    rule.low = 2;
    rule.high = 3;
    EXPECT_EQ(Breaches(rule, c.value), c.breaches)
        << static_cast<int>(c.comparison) << " " << c.value;
    EXPECT_FALSE(Breaches(rule, kNaN));
  }
}

TEST(Breaches, TreatsNegativeZeroAsZero) {
  AlarmRule rule = ValidRule();
  rule.threshold = 0;
  EXPECT_FALSE(Breaches(rule, -0.0));
  rule.comparison = Comparison::kLess;
  EXPECT_FALSE(Breaches(rule, -0.0));
}

}  // namespace
}  // namespace sluice
