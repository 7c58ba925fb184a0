#include "sluice/blockers/parse_alarm_rule.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/v1/policy.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::AlarmRule Rule() {
  return FromText<v1::AlarmRule>(R"pb(
    comparison: GREATER_THAN
    threshold: 5
    evaluation_periods: 3
    datapoints_to_alarm: 2
    treat_missing: MISSING)pb");
}

// The faults of a rule after a change.
std::vector<std::string> Faults(const std::function<void(v1::AlarmRule&)>& change) {
  v1::AlarmRule rule = Rule();
  change(rule);
  const FieldPath root;
  FieldErrors errors;
  const AlarmRule parsed = ParseAlarmRule(rule, root.Field("rule"), errors);
  // What has no fault is valid to those who use it.
  if (errors.empty()) {
    EXPECT_EQ(Validate(parsed), AlarmRuleProblem::kNone);
  }
  return FaultsIn(errors);
}

void SetBand(double low, double high, v1::AlarmRule& rule) {
  rule.set_comparison(v1::OUTSIDE_BAND);
  rule.set_lower_threshold(low);
  rule.set_threshold(high);
}

TEST(ParseAlarmRuleTest, ReadsEveryField) {
  const FieldPath root;
  FieldErrors errors;
  v1::AlarmRule proto = Rule();
  const AlarmRule rule = ParseAlarmRule(proto, root, errors);
  EXPECT_EQ(rule.comparison, Comparison::kGreater);
  EXPECT_EQ(rule.threshold, 5);
  EXPECT_EQ(rule.evaluation_periods, 3);
  EXPECT_EQ(rule.datapoints_to_alarm, 2);
  EXPECT_EQ(rule.treat_missing, TreatMissing::kMissing);
  SetBand(-1, 4, proto);
  const AlarmRule band = ParseAlarmRule(proto, root, errors);
  EXPECT_EQ(band.comparison, Comparison::kOutsideBand);
  EXPECT_EQ(band.low, -1);
  EXPECT_EQ(band.high, 4);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
}

TEST(ParseAlarmRuleTest, ReadsEveryChoice) {
  const FieldPath root;
  FieldErrors errors;
  v1::AlarmRule proto = Rule();
  const auto comparison = [&](v1::Comparison c) {
    proto.set_comparison(c);
    return ParseAlarmRule(proto, root, errors).comparison;
  };
  EXPECT_EQ(comparison(v1::GREATER_THAN), Comparison::kGreater);
  EXPECT_EQ(comparison(v1::GREATER_THAN_OR_EQUAL), Comparison::kGreaterOrEqual);
  EXPECT_EQ(comparison(v1::LESS_THAN), Comparison::kLess);
  EXPECT_EQ(comparison(v1::LESS_THAN_OR_EQUAL), Comparison::kLessOrEqual);
  const auto treat_missing = [&](v1::AlarmRule::TreatMissing t) {
    proto.set_treat_missing(t);
    return ParseAlarmRule(proto, root, errors).treat_missing;
  };
  EXPECT_EQ(treat_missing(v1::AlarmRule::MISSING), TreatMissing::kMissing);
  EXPECT_EQ(treat_missing(v1::AlarmRule::IGNORE), TreatMissing::kIgnore);
  EXPECT_EQ(treat_missing(v1::AlarmRule::BREACHING), TreatMissing::kBreaching);
  EXPECT_EQ(treat_missing(v1::AlarmRule::NOT_BREACHING), TreatMissing::kNotBreaching);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
}

TEST(ParseAlarmRuleTest, EverythingIsRequired) {
  const FieldPath root;
  FieldErrors errors;
  ParseAlarmRule(v1::AlarmRule(), root.Field("rule"), errors);
  EXPECT_THAT(FaultsIn(errors),
              ElementsAre("rule.comparison MISSING", "rule.threshold MISSING",
                          "rule.evaluation_periods MISSING", "rule.datapoints_to_alarm MISSING",
                          "rule.treat_missing MISSING"));
}

TEST(ParseAlarmRuleTest, ComparisonFails) {
  EXPECT_THAT(Faults([](auto& r) { r.set_comparison(static_cast<v1::Comparison>(6)); }),
              ElementsAre("rule.comparison INVALID_VALUE"));
}

TEST(ParseAlarmRuleTest, ThresholdFails) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(Faults([bad](auto& r) { r.set_threshold(bad); }),
                ElementsAre("rule.threshold INVALID_VALUE"));
    EXPECT_THAT(Faults([bad](auto& r) { SetBand(bad, 1, r); }),
                ElementsAre("rule.lower_threshold INVALID_VALUE"));
    EXPECT_THAT(Faults([bad](auto& r) { SetBand(1, bad, r); }),
                ElementsAre("rule.threshold INVALID_VALUE"));
  }
  EXPECT_THAT(Faults([](auto& r) { r.set_threshold(0); }), IsEmpty());
}

TEST(ParseAlarmRuleTest, LowerThresholdFails) {
  EXPECT_THAT(Faults([](auto& r) { r.set_lower_threshold(0); }),
              ElementsAre("rule.lower_threshold INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& r) { r.set_comparison(v1::OUTSIDE_BAND); }),
              ElementsAre("rule.lower_threshold MISSING"));
  EXPECT_THAT(Faults([](auto& r) { SetBand(1.5, 1, r); }),
              ElementsAre("rule.lower_threshold INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& r) { SetBand(1, 1, r); }), IsEmpty());
}

TEST(ParseAlarmRuleTest, PeriodsFail) {
  EXPECT_THAT(Faults([](auto& r) { r.set_evaluation_periods(1440); }), IsEmpty());
  EXPECT_THAT(Faults([](auto& r) { r.set_evaluation_periods(1441); }),
              ElementsAre("rule.evaluation_periods INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& r) { r.set_evaluation_periods(4294967295u); }),
              ElementsAre("rule.evaluation_periods INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& r) { r.set_datapoints_to_alarm(3); }), IsEmpty());
  EXPECT_THAT(Faults([](auto& r) { r.set_datapoints_to_alarm(4); }),
              ElementsAre("rule.datapoints_to_alarm INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& r) { r.set_datapoints_to_alarm(4294967295u); }),
              ElementsAre("rule.datapoints_to_alarm INVALID_VALUE"));
}

TEST(ParseAlarmRuleTest, TreatMissingFails) {
  EXPECT_THAT(
      Faults([](auto& r) { r.set_treat_missing(static_cast<v1::AlarmRule::TreatMissing>(5)); }),
      ElementsAre("rule.treat_missing INVALID_VALUE"));
}

}  // namespace
}  // namespace sluice
