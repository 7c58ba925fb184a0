#include "sluice/blockers/metric_alarm.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "sluice/blockers/composite_alarm.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/horizon.h"
#include "sluice/blockers/judgement.h"
#include "sluice/blockers/parse_alarm_rule.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
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

// Of an alarm that is OK: whether it has been so for long enough, as far as its report tells. What
// is known of no state at all is no more than unknown.
void RequireClearFor(const AlarmFacts& report, absl::Duration clear_for, Judgement* judgement) {
  const absl::Time not_ok_until = std::max(report.since, report.last_alarm_at);
  if (report.observed_at - not_ok_until < clear_for) {
    judgement->verdict = Verdict::kBlocking;
    judgement->reason = v1::NOT_CLEAR_LONG_ENOUGH;
    judgement->evidence.at = not_ok_until;
  } else if (report.observed_at - report.history_from < clear_for) {
    judgement->verdict = Verdict::kUnknown;
    judgement->reason = v1::HISTORY_TOO_SHORT;
    judgement->evidence.at = report.history_from;
  }
}

Judgement JudgeReport(const AlarmFacts& report, absl::Duration max_age, absl::Duration clear_for,
                      const Subject& subject, absl::Time now) {
  if (report.fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, report.fault);
  Judgement judgement = JudgeAge(subject, report.observed_at, report.observed_at, max_age, now);
  if (judgement.verdict != Verdict::kClear) return judgement;
  switch (report.state) {
    case v1::AlarmReport::OK:
      RequireClearFor(report, clear_for, &judgement);
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

// The same of a computed alarm, at `now`.
void RequireClearFor(const AlarmRule& rule, const SeriesView& view, absl::Duration clear_for,
                     absl::Time now, Judgement* judgement) {
  const OkStretch stretch = OkSince(rule, view, now);
  if (stretch.known_through - stretch.since >= clear_for) return;
  judgement->verdict = stretch.from_start ? Verdict::kUnknown : Verdict::kBlocking;
  judgement->reason = stretch.from_start ? v1::HISTORY_TOO_SHORT : v1::NOT_CLEAR_LONG_ENOUGH;
  judgement->evidence.at = stretch.since;
}

// `changes_at` is that of an alarm without `clear_for`.
Judgement JudgePoints(const AlarmPoints& points, absl::Duration max_age, absl::Duration clear_for,
                      const Subject& subject, absl::Time now) {
  if (points.fault != v1::ALL_CLEAR) return Judged(points.verdict, points.fault);
  const SeriesView view = points.View();
  const AlarmRule& rule = *points.rule;
  Judgement judgement =
      JudgeAge(subject, view.reported_through, points.newest_report, max_age, now);
  if (judgement.verdict != Verdict::kClear) return judgement;
  switch (EvaluateAlarm(rule, view, now)) {
    case AlarmState::kOk:
      if (clear_for > absl::ZeroDuration()) {
        RequireClearFor(rule, view, clear_for, now, &judgement);
      }
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

// One alarm of a composite that is none itself, or the alarm itself, with what it is judged by.
struct Leaf {
  const MetricAlarm* alarm;
  const AlarmFacts* report = nullptr;  // Of an observed alarm.
  AlarmPoints points;                  // Of others.
  absl::string_view name;              // What people call the source.
};

using Leaves = absl::InlinedVector<Leaf, 1>;

struct Place {
  const Subject& subject;
  absl::string_view cell;
  absl::string_view region;
};

void AddLeaves(const MetricAlarm& alarm, const Place& place, Leaves* leaves) {
  if (const auto* composite = absl::get_if<CompositeAlarm>(&alarm.source)) {
    for (const MetricAlarm& part : composite->alarms) AddLeaves(part, place, leaves);
    return;
  }
  Leaf leaf{&alarm, nullptr, FindPoints(alarm, place.subject, place.cell, place.region), ""};
  if (const auto* observed = absl::get_if<ObservedAlarm>(&alarm.source)) {
    leaf.report = FindReport(*observed, place.subject, place.cell, place.region);
    leaf.name = observed->alarm;
  }
  if (const auto* computed = absl::get_if<ComputedAlarm>(&alarm.source)) {
    leaf.name = computed->series;
  }
  if (const auto* ratio = absl::get_if<RatioAlarm>(&alarm.source)) leaf.name = ratio->errors_series;
  leaves->push_back(std::move(leaf));
}

Judgement JudgeLeaf(const Leaf& leaf, absl::Duration clear_for, const Subject& subject,
                    absl::Time t) {
  Judgement judgement = Judged(Verdict::kUnknown, v1::NO_DATA);
  const absl::Duration max_age = leaf.alarm->max_age;
  if (!absl::holds_alternative<ObservedAlarm>(leaf.alarm->source)) {
    judgement = JudgePoints(leaf.points, max_age, clear_for, subject, t);
  } else if (leaf.report != nullptr) {
    judgement = JudgeReport(*leaf.report, max_age, clear_for, subject, t);
  }
  judgement.evidence.subject = leaf.name;
  return judgement;
}

// Notes every instant at which JudgeLeaf may differ.
void AddInstants(const Leaf& leaf, absl::Duration clear_for, const Subject& subject,
                 Instants* instants) {
  const absl::Duration max_age = leaf.alarm->max_age;
  if (leaf.report != nullptr) {
    instants->Add(subject.VisibleFrom(leaf.report->observed_at));
    instants->Add(Later(leaf.report->observed_at, max_age));
  }
  if (leaf.points.rule == nullptr || leaf.points.fault != v1::ALL_CLEAR) return;
  const SeriesView view = leaf.points.View();
  instants->Add(subject.VisibleFrom(leaf.points.newest_report));
  instants->Add(Later(view.reported_through, max_age));
  AddPeriodEnds(view.start, view.period, view.reported_through, subject.max_clock_skew, instants);
  if (clear_for == absl::ZeroDuration() || view.reported_through <= instants->now()) return;
  // An alarm may have been OK for long enough at a later instant that the report reaches: it is OK
  // since the end of a period.
  const absl::Time from = std::max(instants->now(), subject.VisibleFrom(leaf.points.newest_report));
  instants->Add(Later(OkSince(*leaf.points.rule, view, from).since, clear_for));
  Instants ends(instants->now());
  AddPeriodEnds(view.start, view.period, view.reported_through, subject.max_clock_skew, &ends);
  for (const absl::Time end : ends.Sorted()) instants->Add(Later(end, clear_for));
}

// Judges an alarm whose leaves begin at `*leaf`, which is moved behind them.
AlarmVerdict JudgeTree(const MetricAlarm& alarm, absl::Duration clear_for, const Subject& subject,
                       absl::Time t, const Leaf** leaf) {
  if (const auto* composite = absl::get_if<CompositeAlarm>(&alarm.source)) {
    std::vector<AlarmVerdict> parts;
    for (const MetricAlarm& part : composite->alarms) {
      parts.push_back(JudgeTree(part, clear_for, subject, t, leaf));
    }
    return CombineAlarms(composite->operation, parts);
  }
  const Judgement judgement = JudgeLeaf(**leaf, clear_for, subject, t);
  ++*leaf;
  return {judgement.verdict, judgement.reason, {judgement.evidence.subject}};
}

Judgement CheckComposite(const MetricAlarm& alarm, const Leaves& leaves, const Subject& subject,
                         Instants& instants) {
  return JudgeWithHorizon(instants, [&](absl::Time t) {
    const Leaf* leaf = leaves.data();
    const AlarmVerdict verdict = JudgeTree(alarm, alarm.clear_for, subject, t, &leaf);
    Judgement judgement = Judged(verdict.verdict, verdict.reason);
    NameSubjects(verdict.names, judgement.evidence);
    return judgement;
  });
}

MetricAlarm ParseAlarm(const v1::MetricAlarm& proto, int depth, const FieldPath& path,
                       FieldErrors& errors);

std::vector<MetricAlarm> ParseParts(const v1::MetricAlarmList& proto, int depth,
                                    const FieldPath& path, FieldErrors& errors) {
  std::vector<MetricAlarm> parts;
  if (proto.alarms().empty()) errors.Missing(path.Field("alarms"));
  if (proto.alarms_size() > kMaxCompositeAlarms) {
    errors.Add(path.Field("alarms"), v1::Fault::TOO_LARGE,
               absl::StrCat("are at most ", kMaxCompositeAlarms, ", got ", proto.alarms_size()));
    return parts;
  }
  for (int i = 0; i < proto.alarms_size(); ++i) {
    parts.push_back(ParseAlarm(proto.alarms(i), depth, path.Element("alarms", i), errors));
  }
  return parts;
}

CompositeAlarm ParseComposite(const v1::CompositeAlarm& proto, int depth, const FieldPath& path,
                              FieldErrors& errors) {
  CompositeAlarm composite;
  if (depth > kMaxAlarmDepth) {
    errors.Add(path, v1::Fault::TOO_LARGE,
               absl::StrCat("is nested more than ", kMaxAlarmDepth, " deep"));
    return composite;
  }
  switch (proto.operation_case()) {
    case v1::CompositeAlarm::kAll:
      composite.operation = AlarmOperation::kAll;
      composite.alarms = ParseParts(proto.all(), depth, path.Field("all"), errors);
      break;
    case v1::CompositeAlarm::kAny:
      composite.operation = AlarmOperation::kAny;
      composite.alarms = ParseParts(proto.any(), depth, path.Field("any"), errors);
      break;
    case v1::CompositeAlarm::kNegation:
      composite.operation = AlarmOperation::kNegation;
      composite.alarms.push_back(
          ParseAlarm(proto.negation(), depth, path.Field("negation"), errors));
      break;
    case v1::CompositeAlarm::OPERATION_NOT_SET:
      errors.Add(path, v1::Fault::MISSING, "needs `all`, `any` or `negation`");
      break;
  }
  return composite;
}

// An alarm at this depth: 0, unless it is part of a composite.
MetricAlarm ParseAlarm(const v1::MetricAlarm& proto, int depth, const FieldPath& path,
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
      alarm.source = ParseComposite(proto.composite(), depth + 1, path.Field("composite"), errors);
      break;
    case v1::MetricAlarm::SOURCE_NOT_SET:
      errors.Add(path, v1::Fault::MISSING, "needs `observed`, `computed`, `ratio` or `composite`");
      break;
  }
  if (!proto.has_composite()) {
    alarm.max_age =
        ReadRequiredPositive(proto.has_max_age(), proto.max_age(), path.Field("max_age"), errors);
  } else if (proto.has_max_age()) {
    errors.Add(path.Field("max_age"), v1::Fault::INVALID_VALUE,
               "is for the alarms of a composite, not for itself");
  }
  if (proto.has_clear_for() && depth > 0) {
    errors.Add(path.Field("clear_for"), v1::Fault::INVALID_VALUE,
               "is for a whole composite, not for its alarms");
  } else if (proto.has_clear_for()) {
    alarm.clear_for = ReadPositive(proto.clear_for(), path.Field("clear_for"), errors);
  }
  return alarm;
}

// What the alarms of a composite have in common or must not have.
struct Parts {
  int leaves = 0;
  bool has_shared = false;
  bool has_own = false;
  bool has_negation = false;

  void Add(const MetricAlarm& alarm) {
    if (const auto* composite = absl::get_if<CompositeAlarm>(&alarm.source)) {
      has_negation = has_negation || composite->operation == AlarmOperation::kNegation;
      for (const MetricAlarm& part : composite->alarms) Add(part);
      return;
    }
    const auto* observed = absl::get_if<ObservedAlarm>(&alarm.source);
    const bool is_shared = observed != nullptr && observed->shared;
    ++leaves;
    has_shared = has_shared || is_shared;
    has_own = has_own || !is_shared;
  }
};

void CheckParts(const MetricAlarm& alarm, const FieldPath& path, FieldErrors& errors) {
  if (!absl::holds_alternative<CompositeAlarm>(alarm.source)) return;
  Parts parts;
  parts.Add(alarm);
  if (parts.leaves > kMaxCompositeAlarms) {
    errors.Add(path.Field("composite"), v1::Fault::TOO_LARGE,
               absl::StrCat("has at most ", kMaxCompositeAlarms, " alarms, got ", parts.leaves));
  }
  if (parts.has_shared && parts.has_own) {
    errors.Add(path.Field("composite"), v1::Fault::INVALID_VALUE,
               "mixes the organisation's shared alarms with the pipeline's own");
  }
  if (parts.has_negation && alarm.clear_for > absl::ZeroDuration()) {
    errors.Add(path.Field("clear_for"), v1::Fault::INVALID_VALUE,
               "needs to know how long alarms have been OK, which a negation does not tell");
  }
}

}  // namespace

MetricAlarm ParseMetricAlarm(const v1::MetricAlarm& proto, const FieldPath& path,
                             FieldErrors& errors) {
  const size_t faults_before = errors.size();
  MetricAlarm alarm = ParseAlarm(proto, 0, path, errors);
  if (errors.size() == faults_before) CheckParts(alarm, path, errors);
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
  Leaves leaves;
  AddLeaves(alarm, {subject, cell, region}, &leaves);
  const bool is_composite = absl::holds_alternative<CompositeAlarm>(alarm.source);
  if (!is_composite && alarm.clear_for == absl::ZeroDuration()) {
    return JudgeLeaf(leaves.front(), alarm.clear_for, subject, now);
  }
  Instants instants(now);
  for (const Leaf& leaf : leaves) AddInstants(leaf, alarm.clear_for, subject, &instants);
  if (is_composite) return CheckComposite(alarm, leaves, subject, instants);
  return JudgeWithHorizon(instants, [&](absl::Time t) {
    return JudgeLeaf(leaves.front(), alarm.clear_for, subject, t);
  });
}

}  // namespace sluice
