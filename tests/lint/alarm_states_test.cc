#include "sluice/lint/alarm_states.h"

#include <cmath>
#include <limits>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

AlarmRule RuleOf(Comparison comparison, double threshold) {
  AlarmRule rule;
  rule.comparison = comparison;
  rule.threshold = threshold;
  rule.evaluation_periods = rule.datapoints_to_alarm = 1;
  rule.treat_missing = TreatMissing::kMissing;
  return rule;
}

AlarmRule Band(double low, double high) {
  AlarmRule rule = RuleOf(Comparison::kOutsideBand, 0);
  rule.low = low;
  rule.high = high;
  return rule;
}

struct Case {
  AlarmRule rule;
  bool breach;
  bool good;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << static_cast<int>(c.rule.comparison) << " " << c.rule.threshold << " " << c.rule.low
             << " " << c.rule.high;
}

TEST(AlarmStatesTest, RatiosAreFromZeroToOne) {
  const double above_one = std::nextafter(1.0, 2.0);
  const double below_zero = -std::numeric_limits<double>::denorm_min();
  const double below_one = std::nextafter(1.0, 0.0);
  const double above_zero = std::numeric_limits<double>::denorm_min();
  for (const Case& c : {
           Case{RuleOf(Comparison::kGreater, 1), false, true},
           Case{RuleOf(Comparison::kGreater, below_one), true, true},
           Case{RuleOf(Comparison::kGreater, 0), true, true},
           Case{RuleOf(Comparison::kGreater, below_zero), true, false},
           Case{RuleOf(Comparison::kGreaterOrEqual, above_one), false, true},
           Case{RuleOf(Comparison::kGreaterOrEqual, 1), true, true},
           Case{RuleOf(Comparison::kGreaterOrEqual, 0), true, false},
           Case{RuleOf(Comparison::kGreaterOrEqual, above_zero), true, true},
           Case{RuleOf(Comparison::kLess, 0), false, true},
           Case{RuleOf(Comparison::kLess, above_zero), true, true},
           Case{RuleOf(Comparison::kLess, 1), true, true},
           Case{RuleOf(Comparison::kLess, above_one), true, false},
           Case{RuleOf(Comparison::kLessOrEqual, below_zero), false, true},
           Case{RuleOf(Comparison::kLessOrEqual, 0), true, true},
           Case{RuleOf(Comparison::kLessOrEqual, 1), true, false},
           Case{RuleOf(Comparison::kLessOrEqual, below_one), true, true},
           Case{Band(0, 1), false, true},
           Case{Band(above_zero, 1), true, true},
           Case{Band(0, below_one), true, true},
           Case{Band(0.5, 0.5), true, true},
           Case{Band(-2, -1), true, false},
           Case{Band(-2, 0), true, true},
           Case{Band(above_one, 3), true, false},
           Case{Band(1, 3), true, true},
       }) {
    EXPECT_EQ(SomeBreach(c.rule, kRatios), c.breach) << c;
    EXPECT_EQ(SomeAreGood(c.rule, kRatios), c.good) << c;
  }
}

TEST(AlarmStatesTest, OtherPointsAreFinite) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_FALSE(SomeBreach(RuleOf(Comparison::kGreater, most), kFiniteNumbers));
  EXPECT_TRUE(SomeBreach(RuleOf(Comparison::kGreaterOrEqual, most), kFiniteNumbers));
  EXPECT_FALSE(SomeAreGood(RuleOf(Comparison::kLessOrEqual, most), kFiniteNumbers));
  EXPECT_TRUE(SomeAreGood(RuleOf(Comparison::kLess, most), kFiniteNumbers));
}

MetricAlarm Leaf(Comparison comparison, double threshold, TreatMissing treat_missing) {
  AlarmRule rule = RuleOf(comparison, threshold);
  rule.treat_missing = treat_missing;
  return {RatioAlarm{"e", "r", 1, rule}, absl::Minutes(5), absl::ZeroDuration()};
}

MetricAlarm Composite(AlarmOperation operation, std::vector<MetricAlarm> alarms) {
  return {CompositeAlarm{operation, std::move(alarms)}, absl::ZeroDuration(), absl::ZeroDuration()};
}

bool Is(const MetricAlarm& alarm, bool can_alarm, bool can_be_ok) {
  const AlarmStates states = StatesOf(alarm);
  return states.alarm == can_alarm && states.ok == can_be_ok;
}

TEST(AlarmStatesTest, SilenceCountsAsItIsTreated) {
  for (const TreatMissing treatment : {TreatMissing::kMissing, TreatMissing::kIgnore}) {
    EXPECT_TRUE(Is(Leaf(Comparison::kGreater, 1, treatment), false, true));
    EXPECT_TRUE(Is(Leaf(Comparison::kGreaterOrEqual, 0, treatment), true, false));
  }
  EXPECT_TRUE(Is(Leaf(Comparison::kGreater, 1, TreatMissing::kBreaching), true, true));
  EXPECT_TRUE(Is(Leaf(Comparison::kGreaterOrEqual, 0, TreatMissing::kNotBreaching), true, true));
  // A roll back needs points that breach.
  EXPECT_FALSE(SomeBreach(Leaf(Comparison::kGreater, 1, TreatMissing::kBreaching)));
  const MetricAlarm observed = {ObservedAlarm{"x", false}, absl::Minutes(5), absl::ZeroDuration()};
  EXPECT_TRUE(Is(observed, true, true));
  EXPECT_TRUE(SomeBreach(observed));
}

TEST(AlarmStatesTest, CompositesFollowTheirAlarms) {
  const MetricAlarm never = Leaf(Comparison::kGreater, 1, TreatMissing::kMissing);
  const MetricAlarm always = Leaf(Comparison::kGreaterOrEqual, 0, TreatMissing::kMissing);
  const MetricAlarm either = Leaf(Comparison::kGreater, 0.5, TreatMissing::kMissing);
  EXPECT_TRUE(Is(Composite(AlarmOperation::kAll, {never, either}), false, true));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kAll, {always, either}), true, true));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kAll, {always, always}), true, false));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kAny, {always, either}), true, false));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kAny, {never, either}), true, true));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kAny, {never, never}), false, true));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kNegation, {never}), true, false));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kNegation, {always}), false, true));
  EXPECT_TRUE(Is(Composite(AlarmOperation::kNegation, {either}), true, true));
}

}  // namespace
}  // namespace sluice
