#include "sluice/blockers/metric_alarm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/judgement.h"
#include "sluice/blockers/parse_alarm_rule.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/metrics/alarm.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/ratio_series.h"
#include "sluice/metrics/series.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

AlarmRule ReadRule(bool is_set, const v1::AlarmRule& rule, const FieldPath& path,
                   FieldErrors& errors) {
  if (is_set) return ParseAlarmRule(rule, path, errors);
  errors.Missing(path);
  return {};
}

ObservedAlarm ParseObserved(const v1::ObservedAlarm& proto, const FieldPath& path,
                            FieldErrors& errors) {
  return {ReadIdentifier(proto.alarm(), path.Field("alarm"), errors), proto.shared()};
}

ComputedAlarm ParseComputed(const v1::ComputedAlarm& proto, const FieldPath& path,
                            FieldErrors& errors) {
  ComputedAlarm alarm;
  alarm.series = ReadIdentifier(proto.series(), path.Field("series"), errors);
  alarm.rule = ReadRule(proto.has_rule(), proto.rule(), path.Field("rule"), errors);
  return alarm;
}

RatioAlarm ParseRatio(const v1::RatioAlarm& proto, const FieldPath& path, FieldErrors& errors) {
  RatioAlarm alarm;
  alarm.errors_series = ReadIdentifier(proto.errors_series(), path.Field("errors_series"), errors);
  alarm.requests_series =
      ReadIdentifier(proto.requests_series(), path.Field("requests_series"), errors);
  if (!alarm.errors_series.empty() && alarm.errors_series == alarm.requests_series) {
    errors.Add(path.Field("requests_series"), v1::Fault::DUPLICATE,
               "must be another series than `errors_series`");
  }
  alarm.min_samples = static_cast<int64_t>(
      ReadCount(proto.min_samples(), kMaxCount, path.Field("min_samples"), errors));
  alarm.rule = ReadRule(proto.has_rule(), proto.rule(), path.Field("rule"), errors);
  return alarm;
}

const SeriesFacts* FindSeries(const Subject& subject, absl::string_view id, absl::string_view cell,
                              absl::string_view region) {
  const auto found = subject.snapshot.series.find(SignalKey{id, cell, region});
  return found == subject.snapshot.series.end() ? nullptr : &found->second;
}

AlarmPoints Without(const AlarmRule& rule, Verdict verdict, Reason fault) {
  AlarmPoints points;
  points.verdict = verdict;
  points.fault = fault;
  points.rule = &rule;
  return points;
}

AlarmPoints PointsOf(const ComputedAlarm& alarm, const SeriesFacts* series) {
  if (series == nullptr) return Without(alarm.rule, Verdict::kUnknown, v1::NO_DATA);
  if (series->fault != v1::ALL_CLEAR) return Without(alarm.rule, Verdict::kInvalid, series->fault);
  AlarmPoints points = Without(alarm.rule, Verdict::kClear, v1::ALL_CLEAR);
  points.newest_report = series->view.reported_through;
  points.series = series;
  return points;
}

AlarmPoints PointsOf(const RatioAlarm& alarm, const SeriesFacts* errors,
                     const SeriesFacts* requests) {
  for (const SeriesFacts* series : {errors, requests}) {
    if (series != nullptr && series->fault != v1::ALL_CLEAR) {
      return Without(alarm.rule, Verdict::kInvalid, series->fault);
    }
  }
  if (errors == nullptr || requests == nullptr) {
    return Without(alarm.rule, Verdict::kUnknown, v1::NO_DATA);
  }
  AlarmPoints points = Without(alarm.rule, Verdict::kClear, v1::ALL_CLEAR);
  if (errors->view.start != requests->view.start ||
      RatioPoints(errors->view, requests->view, alarm.min_samples, &points.ratio) !=
          RatioProblem::kNone) {
    return Without(alarm.rule, Verdict::kInvalid, v1::INVALID_DATA);
  }
  points.newest_report = std::max(errors->view.reported_through, requests->view.reported_through);
  return points;
}

Judgement JudgeReport(const AlarmFacts& report, absl::Duration max_age, const Subject& subject,
                      absl::Time now) {
  if (report.fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, report.fault);
  Judgement judgement = JudgeAge(subject, report.observed_at, report.observed_at, max_age, now);
  if (judgement.verdict != Verdict::kClear) return judgement;
  switch (report.state) {
    case v1::AlarmReport::OK:
      return judgement;
    case v1::AlarmReport::ALARM:
      judgement.verdict = Verdict::kBlocking;
      judgement.reason = v1::IN_ALARM;
      judgement.evidence.at = report.since;
      return judgement;
    case v1::AlarmReport::INSUFFICIENT_DATA:
      judgement.verdict = Verdict::kUnknown;
      judgement.reason = v1::NO_DATA;
      judgement.evidence.at = report.since;
      return judgement;
    default:
      return Judged(Verdict::kInvalid, v1::INVALID_DATA);
  }
}

// The newest data point that the alarm looks at.
absl::optional<double> NewestPoint(const AlarmRule& rule, const SeriesView& view, absl::Time now) {
  const int64_t judged = JudgedPeriods(view, now);
  const int64_t range = rule.evaluation_periods + kExtraEvaluationPeriods;
  int64_t period = std::min<int64_t>(judged, static_cast<int64_t>(view.values.size())) - 1;
  for (; period >= std::max<int64_t>(judged - range, 0); --period) {
    if (!std::isnan(view.values[period])) return view.values[period];
  }
  return absl::nullopt;
}

// The bound that `value` is compared with.
double ThresholdFor(const AlarmRule& rule, absl::optional<double> value) {
  if (rule.comparison != Comparison::kOutsideBand) return rule.threshold;
  return value.has_value() && *value < rule.low ? rule.low : rule.high;
}

Judgement JudgePoints(const AlarmPoints& points, absl::Duration max_age, const Subject& subject,
                      absl::Time now) {
  if (points.fault != v1::ALL_CLEAR) return Judged(points.verdict, points.fault);
  const SeriesView view = points.View();
  const AlarmRule& rule = *points.rule;
  Judgement judgement =
      JudgeAge(subject, view.reported_through, points.newest_report, max_age, now);
  if (judgement.verdict != Verdict::kClear) return judgement;
  switch (EvaluateAlarm(rule, view, now)) {
    case AlarmState::kOk:
      break;
    case AlarmState::kAlarm:
      judgement.verdict = Verdict::kBlocking;
      judgement.reason = v1::IN_ALARM;
      break;
    case AlarmState::kInsufficientData:
      judgement.verdict = Verdict::kUnknown;
      judgement.reason = v1::NO_DATA;
      break;
  }
  // Nothing is known after the report, so nothing but its age changes.
  if (view.reported_through > now) {
    judgement.changes_at = std::min(judgement.changes_at, AlarmChangesAt(rule, view, now));
  }
  judgement.evidence.value = NewestPoint(rule, view, now);
  judgement.evidence.threshold = ThresholdFor(rule, judgement.evidence.value);
  return judgement;
}

// What people call the source.
struct NameOf {
  absl::string_view operator()(const ObservedAlarm& alarm) const { return alarm.alarm; }
  absl::string_view operator()(const ComputedAlarm& alarm) const { return alarm.series; }
  absl::string_view operator()(const RatioAlarm& alarm) const { return alarm.errors_series; }
};

}  // namespace

MetricAlarm ParseMetricAlarm(const v1::MetricAlarm& proto, const FieldPath& path,
                             FieldErrors& errors) {
  MetricAlarm alarm;
  switch (proto.source_case()) {
    case v1::MetricAlarm::kObserved:
      alarm.source = ParseObserved(proto.observed(), path.Field("observed"), errors);
      break;
    case v1::MetricAlarm::kComputed:
      alarm.source = ParseComputed(proto.computed(), path.Field("computed"), errors);
      break;
    case v1::MetricAlarm::kRatio:
      alarm.source = ParseRatio(proto.ratio(), path.Field("ratio"), errors);
      break;
    case v1::MetricAlarm::kComposite:
      errors.Add(path.Field("composite"), v1::Fault::UNIMPLEMENTED, "is not implemented");
      break;
    case v1::MetricAlarm::SOURCE_NOT_SET:
      errors.Add(path, v1::Fault::MISSING, "needs `observed`, `computed` or `ratio`");
      break;
  }
  alarm.max_age =
      ReadRequiredPositive(proto.has_max_age(), proto.max_age(), path.Field("max_age"), errors);
  if (proto.has_clear_for()) {
    errors.Add(path.Field("clear_for"), v1::Fault::UNIMPLEMENTED, "is not implemented");
  }
  return alarm;
}

const AlarmFacts* FindReport(const ObservedAlarm& alarm, const Subject& subject,
                             absl::string_view cell, absl::string_view region) {
  const OrganisationData* organisation = subject.snapshot.organisation.get();
  if (alarm.shared && (organisation == nullptr || !organisation->present)) return nullptr;
  const auto& reports = alarm.shared ? organisation->alarms : subject.snapshot.alarms;
  const auto found = reports.find(SignalKey{alarm.alarm, cell, region});
  return found == reports.end() ? nullptr : &found->second;
}

AlarmPoints FindPoints(const MetricAlarm& alarm, const Subject& subject, absl::string_view cell,
                       absl::string_view region) {
  if (const auto* computed = absl::get_if<ComputedAlarm>(&alarm.source)) {
    return PointsOf(*computed, FindSeries(subject, computed->series, cell, region));
  }
  if (const auto* ratio = absl::get_if<RatioAlarm>(&alarm.source)) {
    return PointsOf(*ratio, FindSeries(subject, ratio->errors_series, cell, region),
                    FindSeries(subject, ratio->requests_series, cell, region));
  }
  return {};
}

Judgement Check(const MetricAlarm& alarm, const Subject& subject, absl::string_view cell,
                absl::string_view region, absl::Time now) {
  Judgement judgement = Judged(Verdict::kUnknown, v1::NO_DATA);
  if (const auto* observed = absl::get_if<ObservedAlarm>(&alarm.source)) {
    const AlarmFacts* report = FindReport(*observed, subject, cell, region);
    if (report != nullptr) judgement = JudgeReport(*report, alarm.max_age, subject, now);
  } else {
    judgement = JudgePoints(FindPoints(alarm, subject, cell, region), alarm.max_age, subject, now);
  }
  judgement.evidence.subject = absl::visit(NameOf(), alarm.source);
  return judgement;
}

}  // namespace sluice
