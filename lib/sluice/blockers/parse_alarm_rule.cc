#include "sluice/blockers/parse_alarm_rule.h"

#include <cmath>

#include "absl/types/optional.h"
#include "sluice/blockers/fields.h"
#include "sluice/internal/field_errors.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {
namespace {

Comparison ToComparison(v1::Comparison comparison) {
  switch (comparison) {
    case v1::GREATER_THAN:
      return Comparison::kGreater;
    case v1::GREATER_THAN_OR_EQUAL:
      return Comparison::kGreaterOrEqual;
    case v1::LESS_THAN:
      return Comparison::kLess;
    case v1::LESS_THAN_OR_EQUAL:
      return Comparison::kLessOrEqual;
    case v1::OUTSIDE_BAND:
      return Comparison::kOutsideBand;
    default:
      return Comparison::kUnset;
  }
}

TreatMissing ToTreatMissing(v1::AlarmRule::TreatMissing treat_missing) {
  switch (treat_missing) {
    case v1::AlarmRule::MISSING:
      return TreatMissing::kMissing;
    case v1::AlarmRule::IGNORE:
      return TreatMissing::kIgnore;
    case v1::AlarmRule::BREACHING:
      return TreatMissing::kBreaching;
    case v1::AlarmRule::NOT_BREACHING:
      return TreatMissing::kNotBreaching;
    default:
      return TreatMissing::kUnset;
  }
}

// A finite number, or nothing and a fault.
absl::optional<double> ReadFinite(bool is_set, double value, const FieldPath& path,
                                  FieldErrors& errors) {
  if (!is_set) {
    errors.Missing(path);
    return absl::nullopt;
  }
  if (std::isfinite(value)) return value;
  errors.Add(path, v1::Fault::INVALID_VALUE, "must be finite");
  return absl::nullopt;
}

}  // namespace

AlarmRule ParseAlarmRule(const v1::AlarmRule& proto, const FieldPath& path, FieldErrors& errors) {
  AlarmRule rule;
  ReadChoice(proto.comparison(), v1::Comparison_IsValid, path.Field("comparison"), errors);
  rule.comparison = ToComparison(proto.comparison());

  const absl::optional<double> threshold =
      ReadFinite(proto.has_threshold(), proto.threshold(), path.Field("threshold"), errors);
  rule.threshold = rule.high = threshold.value_or(0);
  const FieldPath lower_path = path.Field("lower_threshold");
  if (rule.comparison == Comparison::kOutsideBand) {
    const absl::optional<double> lower =
        ReadFinite(proto.has_lower_threshold(), proto.lower_threshold(), lower_path, errors);
    rule.low = lower.value_or(0);
    if (lower.has_value() && threshold.has_value() && *lower > *threshold) {
      errors.Add(lower_path, v1::Fault::INVALID_VALUE, "must be at most `threshold`");
    }
  } else if (proto.has_lower_threshold()) {
    errors.Add(lower_path, v1::Fault::INVALID_VALUE, "is for `OUTSIDE_BAND` only");
  }

  rule.evaluation_periods = static_cast<int>(ReadCount(
      proto.evaluation_periods(), kMaxEvaluationPeriods, path.Field("evaluation_periods"), errors));
  const FieldPath to_alarm_path = path.Field("datapoints_to_alarm");
  rule.datapoints_to_alarm = static_cast<int>(
      ReadCount(proto.datapoints_to_alarm(), kMaxEvaluationPeriods, to_alarm_path, errors));
  if (proto.evaluation_periods() >= 1 && proto.datapoints_to_alarm() <= kMaxEvaluationPeriods &&
      proto.datapoints_to_alarm() > proto.evaluation_periods()) {
    errors.Add(to_alarm_path, v1::Fault::INVALID_VALUE, "must be at most `evaluation_periods`");
  }

  ReadChoice(proto.treat_missing(), v1::AlarmRule::TreatMissing_IsValid,
             path.Field("treat_missing"), errors);
  rule.treat_missing = ToTreatMissing(proto.treat_missing());
  return rule;
}

}  // namespace sluice
