#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/blockers/parse_alarm_rule.h"
#include "sluice/compile/compile_parts.h"
#include "sluice/metrics/baseline_ratio.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/measurement_count.h"

namespace sluice {
namespace {

Confidence ConfidenceOf(v1::Confidence confidence) {
  switch (confidence) {
    case v1::PERCENT_90:
      return Confidence::k90;
    case v1::PERCENT_95:
      return Confidence::k95;
    case v1::PERCENT_99:
      return Confidence::k99;
    case v1::PERCENT_99_9:
      return Confidence::k999;
    default:
      return Confidence::kUnset;
  }
}

// The fields that rates have in common.
template <typename Proto>
void CompileRate(const Proto& proto, const FieldPath& path, FieldErrors& errors,
                 ErrorRateCriterion* rate) {
  rate->counts = proto.counts();
  RequireIdentifier(proto.counts(), path.Field("counts"), errors);
  if (proto.bound_ppm() > kMaxRatePpm) {
    errors.Add(path.Field("bound_ppm"), v1::Fault::TOO_LARGE,
               absl::StrCat("is at most ", kMaxRatePpm));
  }
  rate->bound_ppm = proto.bound_ppm();
  rate->min_requests =
      RequireCount(proto.min_requests(), kMaxCount, path.Field("min_requests"), errors);
  rate->min_requests_to_fail = RequireCount(proto.min_requests_to_fail(), kMaxCount,
                                            path.Field("min_requests_to_fail"), errors);
  RequireChoice(proto.confidence(), v1::Confidence_IsValid(proto.confidence()),
                path.Field("confidence"), errors);
  rate->confidence = ConfidenceOf(proto.confidence());
  rate->max_age =
      RequirePositive(proto.has_max_age(), proto.max_age(), path.Field("max_age"), errors);
}

ErrorRateCriterion CompileErrorRate(const v1::ErrorRate& proto, const FieldPath& path,
                                    FieldErrors& errors) {
  ErrorRateCriterion criterion;
  if (!proto.has_bound_ppm()) errors.Missing(path.Field("bound_ppm"));
  CompileRate(proto, path, errors, &criterion);
  return criterion;
}

BaselineRatioCriterion CompileBaselineRatio(const v1::BaselineRatio& proto, bool without_baseline,
                                            const FieldPath& path, FieldErrors& errors) {
  BaselineRatioCriterion criterion;
  CompileRate(proto, path, errors, &criterion.rate);
  criterion.has_bound = proto.has_bound_ppm();
  if (without_baseline && !proto.has_bound_ppm()) {
    errors.Add(path.Field("bound_ppm"), v1::Fault::MISSING,
               "is required by `new_cell: DEPLOY_WITHOUT_BASELINE`");
  }
  criterion.max_ratio_ppm =
      RequireCount(proto.max_ratio_ppm(), kMaxRatioPpm, path.Field("max_ratio_ppm"), errors);
  if (proto.has_recorded_max_age()) {
    criterion.recorded_max_age =
        RequirePositive(true, proto.recorded_max_age(), path.Field("recorded_max_age"), errors);
  }
  return criterion;
}

SeriesBoundCriterion CompileSeriesBound(const v1::SeriesBound& proto, const FieldPath& path,
                                        FieldErrors& errors) {
  SeriesBoundCriterion criterion;
  criterion.series = proto.series();
  RequireIdentifier(proto.series(), path.Field("series"), errors);
  v1::AlarmRule rule;
  rule.set_comparison(proto.comparison());
  if (proto.has_threshold()) rule.set_threshold(proto.threshold());
  if (proto.has_lower_threshold()) rule.set_lower_threshold(proto.lower_threshold());
  rule.set_evaluation_periods(proto.evaluation_periods());
  rule.set_treat_missing(v1::AlarmRule::MISSING);
  // The one field with another name has its faults below.
  rule.set_datapoints_to_alarm(1);
  criterion.rule = ParseAlarmRule(rule, path, errors);
  const FieldPath to_fail = path.Field("datapoints_to_fail");
  criterion.rule.datapoints_to_alarm = static_cast<int>(
      RequireCount(proto.datapoints_to_fail(), kMaxEvaluationPeriods, to_fail, errors));
  if (proto.evaluation_periods() >= 1 && proto.datapoints_to_fail() <= kMaxEvaluationPeriods &&
      proto.datapoints_to_fail() > proto.evaluation_periods()) {
    errors.Add(to_fail, v1::Fault::INVALID_VALUE, "must be at most `evaluation_periods`");
  }
  criterion.max_age =
      RequirePositive(proto.has_max_age(), proto.max_age(), path.Field("max_age"), errors);
  return criterion;
}

// A limit that may be left out and, if not, is at most that of `whole`.
int64_t OptionalLimit(uint32_t value, uint32_t whole, absl::string_view whole_name,
                      const FieldPath& path, FieldErrors& errors) {
  if (value == 0) return 0;
  const int64_t limit = RequireCount(value, kMaxMeasurements, path, errors);
  if (whole > 0 && value <= kMaxMeasurements && value > whole) {
    errors.Add(path, v1::Fault::INVALID_VALUE, absl::StrCat("must be at most `", whole_name, "`"));
  }
  return limit;
}

MeasurementCriterion CompileMeasurementCount(const v1::MeasurementCount& proto,
                                             const FieldPath& path, FieldErrors& errors) {
  MeasurementCriterion criterion;
  criterion.measurement = proto.measurement();
  RequireIdentifier(proto.measurement(), path.Field("measurement"), errors);
  const auto require = [&](uint32_t value, const char* field) {
    return RequireCount(value, kMaxMeasurements, path.Field(field), errors);
  };
  MeasurementLimits& limits = criterion.limits;
  limits.failures = require(proto.failure_limit(), "failure_limit");
  limits.inconclusive = require(proto.inconclusive_limit(), "inconclusive_limit");
  limits.consecutive_errors = require(proto.consecutive_error_limit(), "consecutive_error_limit");
  limits.count = require(proto.count(), "count");
  limits.consecutive_failures =
      OptionalLimit(proto.consecutive_failure_limit(), proto.failure_limit(), "failure_limit",
                    path.Field("consecutive_failure_limit"), errors);
  limits.consecutive_successes =
      OptionalLimit(proto.consecutive_success_limit(), proto.count(), "count",
                    path.Field("consecutive_success_limit"), errors);
  RequireChoice(proto.early_end(), v1::MeasurementCount::EarlyEnd_IsValid(proto.early_end()),
                path.Field("early_end"), errors);
  limits.clear_if_ended = proto.early_end() == v1::MeasurementCount::CLEAR;
  return criterion;
}

// Faults for what has no sum.
void RequirePerCell(const v1::HealthCriterion& proto, const FieldPath& path, FieldErrors& errors) {
  if (proto.per() != v1::HealthCriterion::WAVE) return;
  errors.Add(path.Field("per"), v1::Fault::INVALID_VALUE, "must be CELL: there is nothing to sum");
}

void CompileCriterion(const v1::HealthCriterion& proto, bool without_baseline,
                      const FieldPath& path, CompileScope& scope, RolloutRule* rule) {
  FieldErrors& errors = scope.errors;
  scope.TakeId(proto.id(), path.Field("id"));
  RequireChoice(proto.per(), v1::HealthCriterion::Per_IsValid(proto.per()), path.Field("per"),
                errors);
  HealthCriterion criterion;
  criterion.id = proto.id();
  criterion.per_wave = proto.per() == v1::HealthCriterion::WAVE;
  switch (proto.kind_case()) {
    case v1::HealthCriterion::kErrorRate:
      criterion.kind = CompileErrorRate(proto.error_rate(), path.Field("error_rate"), errors);
      break;
    case v1::HealthCriterion::kBaselineRatio:
      criterion.kind = CompileBaselineRatio(proto.baseline_ratio(), without_baseline,
                                            path.Field("baseline_ratio"), errors);
      break;
    case v1::HealthCriterion::kSeriesBound:
      RequirePerCell(proto, path, errors);
      criterion.kind = CompileSeriesBound(proto.series_bound(), path.Field("series_bound"), errors);
      break;
    case v1::HealthCriterion::kMeasurementCount:
      RequirePerCell(proto, path, errors);
      criterion.kind = CompileMeasurementCount(proto.measurement_count(),
                                               path.Field("measurement_count"), errors);
      break;
    case v1::HealthCriterion::KIND_NOT_SET:
      errors.Add(path, v1::Fault::MISSING, "needs a kind, such as `error_rate`");
      return;
  }
  rule->criteria.push_back(std::move(criterion));
}

void CompileWatchedAlarm(const v1::WatchedAlarm& proto, const FieldPath& path, CompileScope& scope,
                         RolloutRule* rule) {
  FieldErrors& errors = scope.errors;
  WatchedAlarm watched;
  watched.id = proto.id();
  scope.TakeId(proto.id(), path.Field("id"));
  if (proto.has_alarm()) {
    const FieldPath alarm = path.Field("alarm");
    watched.alarm = ParseMetricAlarm(proto.alarm(), alarm, errors);
    if (proto.alarm().has_composite()) {
      errors.Add(alarm.Field("composite"), v1::Fault::INVALID_VALUE,
                 "can't be watched: a roll back needs the evidence of one alarm");
    }
    if (proto.alarm().has_clear_for()) {
      errors.Add(alarm.Field("clear_for"), v1::Fault::INVALID_VALUE,
                 "is for blockers: a watched alarm is to be quiet for the whole bake");
    }
  } else {
    errors.Missing(path.Field("alarm"));
  }
  RequireChoice(proto.each(), v1::WatchedAlarm::Each_IsValid(proto.each()), path.Field("each"),
                errors);
  watched.each = proto.each() == v1::WatchedAlarm::STAGE    ? WatchEach::kStage
                 : proto.each() == v1::WatchedAlarm::REGION ? WatchEach::kRegion
                                                            : WatchEach::kCell;
  rule->watched.push_back(std::move(watched));
}

}  // namespace

void CompileHealth(const v1::RolloutPolicy& rollout, const FieldPath& parent, CompileScope& scope,
                   RolloutRule* rule) {
  if (!rollout.has_health()) return;
  const FieldPath path = parent.Field("health");
  const v1::Health& proto = rollout.health();
  if (proto.criteria().empty() && proto.watched_alarms().empty()) {
    scope.errors.Add(path, v1::Fault::MISSING, "needs `criteria` or `watched_alarms`");
  }
  const bool without_baseline = rollout.new_cell() == v1::RolloutPolicy::DEPLOY_WITHOUT_BASELINE;
  for (int i = 0; i < proto.criteria_size(); ++i) {
    CompileCriterion(proto.criteria(i), without_baseline, path.Element("criteria", i), scope, rule);
  }
  for (int i = 0; i < proto.watched_alarms_size(); ++i) {
    CompileWatchedAlarm(proto.watched_alarms(i), path.Element("watched_alarms", i), scope, rule);
  }
}

}  // namespace sluice
