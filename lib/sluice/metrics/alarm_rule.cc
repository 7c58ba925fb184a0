#include "sluice/metrics/alarm_rule.h"

#include <cmath>

namespace sluice {
namespace {

bool IsKnown(Comparison comparison) {
  switch (comparison) {
    case Comparison::kGreater:
    case Comparison::kGreaterOrEqual:
    case Comparison::kLess:
    case Comparison::kLessOrEqual:
    case Comparison::kOutsideBand:
      return true;
    case Comparison::kUnset:
      return false;
  }
  return false;
}

bool IsKnown(TreatMissing treat_missing) {
  switch (treat_missing) {
    case TreatMissing::kMissing:
    case TreatMissing::kIgnore:
    case TreatMissing::kBreaching:
    case TreatMissing::kNotBreaching:
      return true;
    case TreatMissing::kUnset:
      return false;
  }
  return false;
}

}  // namespace

AlarmRuleProblem Validate(const AlarmRule& rule) {
  if (!IsKnown(rule.comparison)) return AlarmRuleProblem::kComparison;
  if (rule.comparison == Comparison::kOutsideBand) {
    if (!std::isfinite(rule.low) || !std::isfinite(rule.high)) return AlarmRuleProblem::kThreshold;
    if (rule.low > rule.high) return AlarmRuleProblem::kBand;
  } else if (!std::isfinite(rule.threshold)) {
    return AlarmRuleProblem::kThreshold;
  }
  if (rule.evaluation_periods < 1 || rule.evaluation_periods > kMaxEvaluationPeriods) {
    return AlarmRuleProblem::kEvaluationPeriods;
  }
  if (rule.datapoints_to_alarm < 1 || rule.datapoints_to_alarm > rule.evaluation_periods) {
    return AlarmRuleProblem::kDatapointsToAlarm;
  }
  if (!IsKnown(rule.treat_missing)) return AlarmRuleProblem::kTreatMissing;
  return AlarmRuleProblem::kNone;
}

bool Breaches(const AlarmRule& rule, double value) {
  switch (rule.comparison) {
    case Comparison::kGreater:
      return value > rule.threshold;
    case Comparison::kGreaterOrEqual:
      return value >= rule.threshold;
    case Comparison::kLess:
      return value < rule.threshold;
    case Comparison::kLessOrEqual:
      return value <= rule.threshold;
    case Comparison::kOutsideBand:
      return value < rule.low || value > rule.high;
    case Comparison::kUnset:
      break;
  }
  return false;
}

}  // namespace sluice
