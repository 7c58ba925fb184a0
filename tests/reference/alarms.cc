#include "tests/reference/alarms.h"

#include <algorithm>

#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

// [A3] One evaluation, of the range that ends with period `last`.
AlarmState Evaluate(const v1::AlarmRule& rule, const Points& points, int64_t last,
                    AlarmState previous) {
  const int n = rule.evaluation_periods();
  const int m = rule.datapoints_to_alarm();
  std::vector<double> real;  // Newest first.
  for (int64_t p = last; p > last - (n + 2); --p) {
    if (!std::isnan(points.At(p))) real.push_back(points.At(p));
  }
  const auto breaching = [&](size_t count) {
    int breaches = 0;
    for (size_t i = 0; i < count; ++i) breaches += Breaches(rule, real[i]);
    return breaches;
  };
  // 1. The newest N real points decide.
  if (static_cast<int>(real.size()) >= n) {
    return breaching(n) >= m ? AlarmState::kAlarm : AlarmState::kOk;
  }
  const v1::AlarmRule::TreatMissing missing = rule.treat_missing();
  // 2. No real point.
  if (real.empty()) {
    switch (missing) {
      case v1::AlarmRule::IGNORE:
        return previous;
      case v1::AlarmRule::BREACHING:
        return AlarmState::kAlarm;
      case v1::AlarmRule::NOT_BREACHING:
        return AlarmState::kOk;
      default:
        return AlarmState::kInsufficientData;
    }
  }
  // 3. The shortfall is filled.
  if (missing == v1::AlarmRule::BREACHING || missing == v1::AlarmRule::NOT_BREACHING) {
    const int filled = missing == v1::AlarmRule::BREACHING ? n - static_cast<int>(real.size()) : 0;
    return breaching(real.size()) + filled >= m ? AlarmState::kAlarm : AlarmState::kOk;
  }
  // 4. MISSING, IGNORE.
  if (breaching(real.size()) >= m) return AlarmState::kAlarm;
  if (breaching(real.size()) < static_cast<int>(real.size())) return AlarmState::kOk;
  return missing == v1::AlarmRule::MISSING ? AlarmState::kAlarm : previous;
}

Judgement JudgeObserved(const Facts& facts, const v1::MetricAlarm& alarm,
                        const absl::optional<absl::Duration>& clear_for) {
  v1::AlarmReport report;
  const Judgement found = FindReport(facts, alarm.observed(), Of{}, &report);
  if (!found.clear()) return found;
  if (IsStale(facts, report.observed_at(), alarm.max_age())) return Unknown(v1::STALE);  // [A5]
  if (report.state() == v1::AlarmReport::ALARM) return Blocking(v1::IN_ALARM);
  if (report.state() == v1::AlarmReport::INSUFFICIENT_DATA) return Unknown(v1::NO_DATA);
  if (!clear_for.has_value()) return Clear();
  const absl::Time observed = ToTime(report.observed_at());
  absl::Time since = ToTime(report.since());
  if (report.has_last_alarm_at()) since = std::max(since, ToTime(report.last_alarm_at()));
  if (observed - since < *clear_for) return Blocking(v1::NOT_CLEAR_LONG_ENOUGH);
  const absl::Time history =
      ToTime(report.has_history_from() ? report.history_from() : report.since());
  return observed - history < *clear_for ? Unknown(v1::HISTORY_TOO_SHORT) : Clear();
}

Judgement JudgePoints(const Facts& facts, const v1::MetricAlarm& alarm,
                      const absl::optional<absl::Duration>& clear_for) {
  Points points;
  const Judgement found = FindPoints(facts, alarm, Of{}, &points);
  if (!found.clear()) return found;
  if (facts.now - points.reported_through >= ToDuration(alarm.max_age())) {
    return Unknown(v1::STALE);
  }
  const absl::Time to = std::min(facts.now, points.reported_through);
  const int64_t last = points.Newest(to);
  const std::vector<AlarmState> states = States(RuleOf(alarm), points, last);
  const AlarmState state = states.empty() ? AlarmState::kInsufficientData : states.back();
  if (state == AlarmState::kAlarm) return Blocking(v1::IN_ALARM);
  if (state == AlarmState::kInsufficientData) return Unknown(v1::NO_DATA);
  if (!clear_for.has_value()) return Clear();
  int64_t first = last;
  while (first > 0 && states[first - 1] == AlarmState::kOk) --first;
  // It became OK when the first period of the run had ended.
  const absl::Time since = points.EndOf(first);
  if (to - since >= *clear_for) return Clear();
  return first == 0 ? Unknown(v1::HISTORY_TOO_SHORT) : Blocking(v1::NOT_CLEAR_LONG_ENOUGH);
}

Judgement Judge(const Facts& facts, const v1::MetricAlarm& alarm,
                const absl::optional<absl::Duration>& clear_for);

// The first of `reasons` that one of the judgements with the verdict has; else that of the first.
Judgement Pick(const std::vector<Judgement>& judgements, v1::Verdict verdict,
               const std::vector<v1::Reason>& reasons) {
  for (const v1::Reason reason : reasons) {
    for (const Judgement& judgement : judgements) {
      if (judgement.verdict == verdict && judgement.reason == reason) return judgement;
    }
  }
  for (const Judgement& judgement : judgements) {
    if (judgement.verdict == verdict) return judgement;
  }
  return {};
}

// [A6]
Judgement JudgeComposite(const Facts& facts, const v1::CompositeAlarm& composite,
                         const absl::optional<absl::Duration>& clear_for) {
  if (composite.operation_case() == v1::CompositeAlarm::kNegation) {
    const Judgement judgement = Judge(facts, composite.negation(), absl::nullopt);
    if (judgement.verdict == v1::CLEAR) return Blocking(v1::IN_ALARM);
    if (judgement.verdict == v1::BLOCKING) return Clear();
    return judgement;
  }
  const bool any = composite.operation_case() == v1::CompositeAlarm::kAny;
  std::vector<Judgement> judgements;
  for (const v1::MetricAlarm& alarm : any ? composite.any().alarms() : composite.all().alarms()) {
    judgements.push_back(Judge(facts, alarm, clear_for));
  }
  const auto count = [&](v1::Verdict verdict) {
    int sum = 0;
    for (const Judgement& judgement : judgements) sum += judgement.verdict == verdict;
    return sum;
  };
  const int size = static_cast<int>(judgements.size());
  if (count(v1::INVALID) > 0) {
    v1::Reason lowest = v1::INVALID_DATA;
    bool first = true;
    for (const Judgement& judgement : judgements) {
      if (judgement.verdict != v1::INVALID) continue;
      lowest = first ? judgement.reason : std::min(lowest, judgement.reason);
      first = false;
    }
    return Pick(judgements, v1::INVALID, {lowest});
  }
  const bool blocking = any ? count(v1::BLOCKING) > 0 : count(v1::BLOCKING) == size;
  const bool clear = any ? count(v1::CLEAR) == size : count(v1::CLEAR) > 0;
  // `any` is in ALARM with one of its alarms, `all` only with every one of them.
  if (blocking && any) return Pick(judgements, v1::BLOCKING, {v1::IN_ALARM});
  if (blocking) return Pick(judgements, v1::BLOCKING, {v1::NOT_CLEAR_LONG_ENOUGH});
  if (clear) return Clear();
  return Pick(judgements, v1::UNKNOWN, {v1::STALE, v1::NO_DATA, v1::HISTORY_TOO_SHORT});
}

Judgement Judge(const Facts& facts, const v1::MetricAlarm& alarm,
                const absl::optional<absl::Duration>& clear_for) {
  switch (alarm.source_case()) {
    case v1::MetricAlarm::kObserved:
      return JudgeObserved(facts, alarm, clear_for);
    case v1::MetricAlarm::kComposite:
      return JudgeComposite(facts, alarm.composite(), clear_for);
    default:
      return JudgePoints(facts, alarm, clear_for);
  }
}

}  // namespace

int64_t Points::Newest(absl::Time time) const {
  if (time < EndOf(0)) return -1;
  absl::Duration rest;
  return absl::IDivDuration(time - start, period, &rest) - 1;
}

Judgement FindReport(const Facts& facts, const v1::ObservedAlarm& alarm, const Of& of,
                     v1::AlarmReport* report) {
  if (alarm.shared() && !facts.organisation.has_value()) return Unknown(v1::NO_DATA);
  const auto is_it = [&](const v1::AlarmReport& candidate) {
    return candidate.alarm() == alarm.alarm() && candidate.cell() == of.cell &&
           candidate.region() == of.region;
  };
  const v1::AlarmReport* one = nullptr;
  const Judgement found =
      FindOne(alarm.shared() ? facts.organisation->alarms() : facts.state.alarms(), is_it,
              AlarmFault, &one);
  if (!found.clear()) return found;
  *report = *one;
  if (FromTheFuture(facts, report->observed_at())) return Invalid(v1::FROM_THE_FUTURE);
  return Clear();
}

namespace {

// The same, be it from the future.
Judgement ReadSeries(const Facts& facts, const std::string& id, const Of& of, Points* points) {
  const auto is_it = [&](const v1::Series& candidate) {
    return candidate.series() == id && candidate.cell() == of.cell &&
           candidate.region() == of.region;
  };
  const v1::Series* series = nullptr;
  const Judgement found = FindOne(facts.state.series(), is_it, SeriesFault, &series);
  if (!found.clear()) return found;
  points->start = ToTime(series->start());
  points->period = ToDuration(series->period());
  points->reported_through = ToTime(series->reported_through());
  points->values.assign(series->values().begin(), series->values().end());
  return Clear();
}

bool IsFromTheFuture(const Facts& facts, const Points& points) {
  return points.reported_through - facts.now > Skew(facts);
}

}  // namespace

Judgement FindSeries(const Facts& facts, const std::string& id, const Of& of, Points* points) {
  const Judgement found = ReadSeries(facts, id, of, points);
  if (!found.clear()) return found;
  return IsFromTheFuture(facts, *points) ? Invalid(v1::FROM_THE_FUTURE) : Clear();
}

Judgement FindPoints(const Facts& facts, const v1::MetricAlarm& alarm, const Of& of,
                     Points* points) {
  if (alarm.source_case() == v1::MetricAlarm::kComputed) {
    return FindSeries(facts, alarm.computed().series(), of, points);
  }
  // [A4]
  Points errors;
  Points requests;
  const Judgement worse = Worse(ReadSeries(facts, alarm.ratio().errors_series(), of, &errors),
                                ReadSeries(facts, alarm.ratio().requests_series(), of, &requests));
  if (!worse.clear()) return worse;
  if (errors.period != requests.period || errors.start != requests.start) {
    return Invalid(v1::INVALID_DATA);
  }
  points->period = errors.period;
  points->start = errors.start;
  points->reported_through = std::min(errors.reported_through, requests.reported_through);
  const size_t size = std::max(errors.values.size(), requests.values.size());
  for (size_t p = 0; p < size; ++p) {
    const double n = requests.At(p);
    const double e = errors.At(p);
    if (n < 0 || e < 0 || e > n) return Invalid(v1::INVALID_DATA);
    const bool enough = !std::isnan(n) && n >= static_cast<double>(alarm.ratio().min_samples());
    points->values.push_back(enough ? e / n : std::nan(""));
  }
  if (IsFromTheFuture(facts, errors) || IsFromTheFuture(facts, requests)) {
    return Invalid(v1::FROM_THE_FUTURE);
  }
  return Clear();
}

const v1::AlarmRule& RuleOf(const v1::MetricAlarm& alarm) {
  return alarm.source_case() == v1::MetricAlarm::kComputed ? alarm.computed().rule()
                                                           : alarm.ratio().rule();
}

bool Breaches(v1::Comparison comparison, double threshold, double lower_threshold, double value) {
  switch (comparison) {
    case v1::GREATER_THAN:
      return value > threshold;
    case v1::GREATER_THAN_OR_EQUAL:
      return value >= threshold;
    case v1::LESS_THAN:
      return value < threshold;
    case v1::LESS_THAN_OR_EQUAL:
      return value <= threshold;
    default:
      return value < lower_threshold || value > threshold;
  }
}

bool Breaches(const v1::AlarmRule& rule, double value) {
  return Breaches(rule.comparison(), rule.threshold(), rule.lower_threshold(), value);
}

std::vector<AlarmState> States(const v1::AlarmRule& rule, const Points& points, int64_t last) {
  std::vector<AlarmState> states;
  AlarmState state = AlarmState::kInsufficientData;
  for (int64_t p = 0; p <= last; ++p) {
    state = Evaluate(rule, points, p, state);
    states.push_back(state);
  }
  return states;
}

Judgement JudgeAlarm(const Facts& facts, const v1::MetricAlarm& alarm) {
  absl::optional<absl::Duration> clear_for;
  if (alarm.has_clear_for()) clear_for = ToDuration(alarm.clear_for());
  return Judge(facts, alarm, clear_for);
}

}  // namespace reference
}  // namespace sluice
