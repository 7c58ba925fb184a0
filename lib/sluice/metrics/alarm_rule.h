#ifndef SLUICE_METRICS_ALARM_RULE_H_
#define SLUICE_METRICS_ALARM_RULE_H_

#include "sluice/internal/limits.h"

namespace sluice {

// What an alarm says of its metric.
enum class AlarmState : unsigned char {
  kInsufficientData = 0,  // Too little data to say.
  kOk,
  kAlarm,
};

// Which data points breach.
enum class Comparison {
  kUnset = 0,
  kGreater,         // value > threshold
  kGreaterOrEqual,  // value >= threshold
  kLess,            // value < threshold
  kLessOrEqual,     // value <= threshold
  kOutsideBand,     // value < low or value > high: both bounds are inside
};

// What a missing data point stands for.
enum class TreatMissing {
  kUnset = 0,
  kMissing,       // Nothing: with no point at all the alarm has INSUFFICIENT_DATA.
  kIgnore,        // The state stays what it was.
  kBreaching,     // A point that breaches.
  kNotBreaching,  // A point that does not breach.
};

// How many periods beyond evaluation_periods are searched for real points when some are missing.
inline constexpr int kExtraEvaluationPeriods = 2;

// When a metric is in alarm: `datapoints_to_alarm` of `evaluation_periods` data points breach.
struct AlarmRule {
  Comparison comparison = Comparison::kUnset;
  double threshold = 0;         // Read by all comparisons but kOutsideBand.
  double low = 0;               // Read by kOutsideBand only; at most `high`.
  double high = 0;              // Read by kOutsideBand only.
  int evaluation_periods = 0;   // N: 1 to kMaxEvaluationPeriods.
  int datapoints_to_alarm = 0;  // M: 1 to N.
  TreatMissing treat_missing = TreatMissing::kUnset;
};

// What is wrong with a rule.
enum class AlarmRuleProblem {
  kUnchecked = 0,
  kNone,
  kComparison,         // Unset or unknown.
  kThreshold,          // A bound that is read is NaN or infinite.
  kBand,               // `low` is above `high`.
  kEvaluationPeriods,  // Outside 1 to kMaxEvaluationPeriods.
  kDatapointsToAlarm,  // Outside 1 to evaluation_periods.
  kTreatMissing,       // Unset or unknown.
};

// The first problem of `rule` in the order of the enumerators, or kNone.
AlarmRuleProblem Validate(const AlarmRule& rule);

// Whether the data point `value` breaches. NaN, which is no data point, does not.
bool Breaches(const AlarmRule& rule, double value);

}  // namespace sluice

#endif  // SLUICE_METRICS_ALARM_RULE_H_
