#include "sluice/explain/alarm_remedies.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "sluice/explain/organisation_remedies.h"
#include "sluice/explain/series_report.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"
#include "sluice/metrics/alarm.h"
#include "sluice/metrics/ratio_series.h"

namespace sluice {
namespace {

// Which report or series of an alarm is meant, and what it has to say.
struct Wanted {
  absl::string_view cell;
  absl::string_view region;
  bool ok = true;  // Else ALARM.
  absl::Duration clear_for;
};

absl::string_view StateWord(const Wanted& wanted) { return wanted.ok ? "OK" : "in ALARM"; }

// From when on new series and reports have to be known.
absl::Time KnownFrom(const RemedyContext& context, const Wanted& wanted, absl::Time at) {
  return std::min(at - wanted.clear_for, FirstStart(context));
}

bool IsTime(const google::protobuf::Timestamp& time) { return ReadTime(time).has_value(); }

// Whether there is a series of that key that can't be read.
bool IsInvalid(const RemedyContext& context, absl::string_view id, const Wanted& wanted) {
  const auto found = context.facts.series.find(SignalKey{id, wanted.cell, wanted.region});
  return found != context.facts.series.end() && found->second.fault != v1::ALL_CLEAR;
}

// ---------------------------------------------------------------- Observed alarms

const v1::AlarmReport* FindReport(
    const google::protobuf::RepeatedPtrField<v1::AlarmReport>& reports, absl::string_view id,
    const Wanted& wanted, int* index) {
  for (int i = 0; i < reports.size(); ++i) {
    const v1::AlarmReport& report = reports[i];
    if (report.alarm() != id || report.cell() != wanted.cell || report.region() != wanted.region) {
      continue;
    }
    *index = i;
    return &report;
  }
  return nullptr;
}

v1::AlarmReport NextReport(const v1::AlarmReport* known, absl::string_view id, const Wanted& wanted,
                           absl::Time known_from, absl::Time at) {
  v1::AlarmReport report;
  report.set_alarm(std::string(id));
  report.set_cell(std::string(wanted.cell));
  report.set_region(std::string(wanted.region));
  report.set_state(wanted.ok ? v1::AlarmReport::OK : v1::AlarmReport::ALARM);
  absl::Time since = std::min(known_from, at);
  if (known != nullptr) {
    const bool goes_on = known->state() == report.state();
    since = *ReadTime(goes_on ? known->since() : known->observed_at());
    at = std::max(at, *ReadTime(known->observed_at()));
    if (known->has_last_alarm_at()) *report.mutable_last_alarm_at() = known->last_alarm_at();
  }
  *report.mutable_since() = WriteTime(since);
  *report.mutable_history_from() = report.since();
  *report.mutable_observed_at() = WriteTime(at);
  return report;
}

// When a report that says OK has done so for long enough.
absl::Time ClearFrom(const v1::AlarmReport& known, absl::Duration clear_for) {
  if (known.state() != v1::AlarmReport::OK) return Later(*ReadTime(known.observed_at()), clear_for);
  absl::Time not_ok_until = *ReadTime(known.since());
  if (known.has_last_alarm_at()) {
    not_ok_until = std::max(not_ok_until, *ReadTime(known.last_alarm_at()));
  }
  return Later(not_ok_until, clear_for);
}

void AddReport(const RemedyContext& context, const ObservedAlarm& alarm, const Wanted& wanted,
               Remedies* remedies) {
  const v1::OrganisationFacts* facts = context.base.organisation;
  int index = -1;
  const v1::AlarmReport* known = nullptr;
  if (!alarm.shared) {
    known = FindReport(context.base.state->alarms(), alarm.alarm, wanted, &index);
  } else if (facts != nullptr) {
    known = FindReport(facts->alarms(), alarm.alarm, wanted, &index);
  }
  // What can't be read has to be mended first.
  if (known != nullptr && (!IsTime(known->since()) || !IsTime(known->observed_at()) ||
                           (known->has_last_alarm_at() && !IsTime(known->last_alarm_at())))) {
    return;
  }
  Remedy remedy;
  remedy.key = absl::StrCat("alarm|", alarm.shared, "|", alarm.alarm, "|", wanted.cell, "|",
                            wanted.region, "|", wanted.ok);
  const bool tells_since = known == nullptr && wanted.clear_for > absl::ZeroDuration();
  const std::string sentence = absl::StrCat(
      alarm.shared ? "shared alarm " : "alarm ", Quote(alarm.alarm),
      OfPlace(wanted.cell, wanted.region), " is reported ", StateWord(wanted),
      tells_since ? absl::StrCat(" for ", absl::FormatDuration(wanted.clear_for)) : "");
  const absl::Time started = FirstStart(context);
  const Situation* base = &context.base;
  remedy.make = [=, id = alarm.alarm, shared = alarm.shared, cell = std::string(wanted.cell),
                 region = std::string(wanted.region), ok = wanted.ok,
                 clear_for = wanted.clear_for](absl::Time at) {
    Change change;
    change.sentence = sentence;
    const Wanted place{cell, region, ok, clear_for};
    const v1::AlarmReport report =
        NextReport(known, id, place, std::min(at - clear_for, started), at);
    if (!shared) {
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      *event.mutable_alarm_reported()->mutable_alarm() = report;
      return change;
    }
    if (base->organisation == nullptr) FreshenOrganisation(*base, at, &change.edits);
    if (known != nullptr) {
      change.edits.push_back(
          SetEdit(absl::StrCat("organisation.alarms[", index, "]"), EditText(report)));
    } else {
      change.edits.push_back(AddEdit("organisation.alarms", EditText(report)));
    }
    return change;
  };
  remedies->push_back(std::move(remedy));
  if (known != nullptr && wanted.ok && wanted.clear_for > absl::ZeroDuration()) {
    AddTime(context, ClearFrom(*known, wanted.clear_for), remedies);
  }
}

// ---------------------------------------------------------------- Computed alarms

// How far ahead an alarm is looked at: until nothing of today is in its range.
absl::Duration LookAhead(const AlarmRule& rule, absl::Duration period, absl::Duration clear_for) {
  return (rule.evaluation_periods + kExtraEvaluationPeriods + 1) * period + clear_for;
}

// The first instant, `now` or the end of a later period, at which the alarm of `view` is as wanted.
absl::Time FirstAsWanted(const AlarmRule& rule, const SeriesView& view, const Wanted& wanted,
                         absl::Time now) {
  const AlarmState state = wanted.ok ? AlarmState::kOk : AlarmState::kAlarm;
  absl::Time t = now;
  while (t <= view.reported_through) {
    if (EvaluateAlarm(rule, view, t) == state) {
      if (!wanted.ok || wanted.clear_for == absl::ZeroDuration()) return t;
      const OkStretch stretch = OkSince(rule, view, t);
      if (stretch.known_through - stretch.since >= wanted.clear_for) return t;
      t = std::max(t, stretch.since + wanted.clear_for);
      if (t > view.reported_through) break;
      if (EvaluateAlarm(rule, view, t) == state) return t;
    }
    t = AlignedDown(t, view.period) + view.period;
  }
  return absl::InfiniteFuture();
}

v1::Series KeyOf(absl::string_view id, const Wanted& wanted) {
  v1::Series key;
  key.set_series(std::string(id));
  key.set_cell(std::string(wanted.cell));
  key.set_region(std::string(wanted.region));
  return key;
}

// A series that is to be reported, and the value of its new periods.
struct Extension {
  const v1::Series* known;  // Null: none.
  v1::Series key;
  double value;
};

// From when a new series has points: what a watch and `clear_for` look back to, and the range.
absl::Time StartOfNew(const RemedyContext& context, const AlarmRule& rule, const Wanted& wanted,
                      absl::Time at) {
  return KnownFrom(context, wanted, at) - LookAhead(rule, absl::Minutes(1), absl::ZeroDuration());
}

void AddExtensions(const RemedyContext& context, const AlarmRule& rule, const Wanted& wanted,
                   const std::vector<Extension>& extensions, const std::string& sentence,
                   Remedies* remedies) {
  Remedy remedy;
  remedy.key = "series";
  for (const Extension& extension : extensions) {
    absl::StrAppend(&remedy.key, "|", extension.key.series(), "|", wanted.cell, "|", wanted.region,
                    "|", extension.value);
  }
  const absl::Time from = StartOfNew(context, rule, wanted, context.base.now);
  remedy.make = [=](absl::Time at) {
    Change change;
    change.sentence = sentence;
    for (const Extension& extension : extensions) {
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      *event.mutable_series_reported()->mutable_series() =
          Extended(extension.known, extension.key, from, at, extension.value);
    }
    return change;
  };
  remedies->push_back(std::move(remedy));
}

// When the alarm would be as wanted if the series were extended far enough; the view of `points`,
// whatever these are made of, is asked for.
template <typename MakePoints>
void AddWhenAsWanted(const RemedyContext& context, const AlarmRule& rule, const Wanted& wanted,
                     const std::vector<Extension>& extensions, absl::Duration period,
                     const MakePoints& make_points, Remedies* remedies) {
  const absl::Time until = Later(context.now, LookAhead(rule, period, wanted.clear_for) + period);
  if (until == absl::InfiniteFuture()) return;
  const absl::Time from = StartOfNew(context, rule, wanted, context.base.now);
  std::vector<v1::Series> extended;
  for (const Extension& extension : extensions) {
    extended.push_back(Extended(extension.known, extension.key, from, until, extension.value));
  }
  RatioSeries points;
  if (!make_points(extended, &points)) return;
  AddTime(context, FirstAsWanted(rule, points.View(), wanted, context.now), remedies);
}

void AddSeries(const RemedyContext& context, const ComputedAlarm& alarm, const Wanted& wanted,
               Remedies* remedies) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  const absl::optional<double> value = ValueThat(!wanted.ok, alarm.rule, -kLargest, kLargest);
  if (!value.has_value() || IsInvalid(context, alarm.series, wanted)) return;
  const Extension extension{
      FindSeriesRecord(context.base.state->series(), alarm.series, wanted.cell, wanted.region),
      KeyOf(alarm.series, wanted), *value};
  const std::string sentence =
      absl::StrCat("series ", Quote(alarm.series), OfPlace(wanted.cell, wanted.region),
                   " is reported up to then, with points that keep its alarm ", StateWord(wanted));
  AddExtensions(context, alarm.rule, wanted, {extension}, sentence, remedies);
  const absl::Duration period =
      extension.known == nullptr ? absl::Minutes(1) : *ReadDuration(extension.known->period());
  AddWhenAsWanted(
      context, alarm.rule, wanted, {extension}, period,
      [](const std::vector<v1::Series>& extended, RatioSeries* points) {
        const SeriesView view = ViewOf(extended[0]);
        *points = {view.start,
                   view.period,
                   {view.values.begin(), view.values.end()},
                   view.reported_through};
        return true;
      },
      remedies);
}

void AddRatio(const RemedyContext& context, const RatioAlarm& alarm, const Wanted& wanted,
              Remedies* remedies) {
  const absl::optional<double> value = ValueThat(!wanted.ok, alarm.rule, 0, 1);
  if (!value.has_value() || IsInvalid(context, alarm.errors_series, wanted) ||
      IsInvalid(context, alarm.requests_series, wanted)) {
    return;
  }
  const double requests = static_cast<double>(std::max<int64_t>(alarm.min_samples, 1'000'000));
  double errors = std::round(requests * *value);
  if (Breaches(alarm.rule, errors / requests) == wanted.ok) errors = requests * *value;
  const auto find = [&](absl::string_view id) {
    return FindSeriesRecord(context.base.state->series(), id, wanted.cell, wanted.region);
  };
  std::vector<Extension> extensions = {
      {find(alarm.errors_series), KeyOf(alarm.errors_series, wanted), errors},
      {find(alarm.requests_series), KeyOf(alarm.requests_series, wanted), requests}};
  // Of one that is not there, the periods are those of the other.
  for (size_t i = 0; i < 2; ++i) {
    const v1::Series* other = extensions[1 - i].known;
    if (extensions[i].known != nullptr || other == nullptr) continue;
    *extensions[i].key.mutable_start() = other->start();
    *extensions[i].key.mutable_period() = other->period();
  }
  const std::string sentence = absl::StrCat(
      "series ", Quote(alarm.errors_series), " and ", Quote(alarm.requests_series),
      OfPlace(wanted.cell, wanted.region),
      " are reported up to then, with a ratio that keeps their alarm ", StateWord(wanted));
  AddExtensions(context, alarm.rule, wanted, extensions, sentence, remedies);
  const v1::Series* known =
      extensions[0].known != nullptr ? extensions[0].known : extensions[1].known;
  const absl::Duration period =
      known == nullptr ? absl::Minutes(1) : *ReadDuration(known->period());
  AddWhenAsWanted(
      context, alarm.rule, wanted, extensions, period,
      [&](const std::vector<v1::Series>& extended, RatioSeries* points) {
        return RatioPoints(ViewOf(extended[0]), ViewOf(extended[1]), alarm.min_samples, points) ==
               RatioProblem::kNone;
      },
      remedies);
}

void Add(const RemedyContext& context, const MetricAlarm& alarm, const Wanted& wanted,
         Remedies* remedies) {
  if (const auto* observed = absl::get_if<ObservedAlarm>(&alarm.source)) {
    AddReport(context, *observed, wanted, remedies);
  } else if (const auto* computed = absl::get_if<ComputedAlarm>(&alarm.source)) {
    AddSeries(context, *computed, wanted, remedies);
  } else if (const auto* ratio = absl::get_if<RatioAlarm>(&alarm.source)) {
    AddRatio(context, *ratio, wanted, remedies);
  } else if (const auto* composite = absl::get_if<CompositeAlarm>(&alarm.source)) {
    Wanted of_each = wanted;
    if (composite->operation == AlarmOperation::kNegation) of_each.ok = !of_each.ok;
    for (const MetricAlarm& each : composite->alarms) Add(context, each, of_each, remedies);
  }
}

}  // namespace

void AddAlarmRemedies(const RemedyContext& context, const MetricAlarm& alarm,
                      absl::string_view cell, absl::string_view region, Remedies* remedies) {
  Add(context, alarm, {cell, region, true, alarm.clear_for}, remedies);
}

}  // namespace sluice
