#include "sluice/load/signals.h"

#include <cstddef>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/record_reader.h"
#include "sluice/metrics/series.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using Key = std::tuple<absl::string_view, absl::string_view, absl::string_view>;

Key KeyOf(absl::string_view id, absl::string_view cell, absl::string_view region) {
  return {id, cell, region};
}

// What a report or series is about, or nothing and a fault: it is about one cell, one region or
// everything.
absl::optional<SignalKey> ReadKey(absl::string_view id, absl::string_view cell,
                                  absl::string_view region, RecordReader& reader) {
  const SignalKey key{reader.Identifier(id), reader.OptionalIdentifier(cell),
                      reader.OptionalIdentifier(region)};
  const bool names_one = cell.empty() || region.empty();
  reader.Require(names_one);
  const bool is_readable = !key.id.empty() && key.cell == cell && key.region == region;
  if (!is_readable || !names_one) return absl::nullopt;
  return key;
}

AlarmFacts ReadAlarm(const v1::AlarmReport& report, RecordReader& reader) {
  AlarmFacts facts;
  reader.Require(v1::AlarmReport::State_IsValid(report.state()) &&
                 report.state() != v1::AlarmReport::STATE_UNSPECIFIED);
  facts.state = report.state();
  facts.since = reader.Instant(report.has_since(), report.since(), absl::InfiniteFuture());
  facts.observed_at =
      reader.Instant(report.has_observed_at(), report.observed_at(), absl::InfinitePast());
  facts.last_alarm_at = reader.OptionalInstant(report.has_last_alarm_at(), report.last_alarm_at(),
                                               absl::InfinitePast());
  facts.history_from =
      reader.OptionalInstant(report.has_history_from(), report.history_from(), facts.since);
  reader.Require(facts.since <= facts.observed_at);
  reader.Require(facts.last_alarm_at <= facts.observed_at);
  reader.Require(facts.history_from <= facts.observed_at);
  return facts;
}

// A report from which nothing follows: neither that it was quiet nor that it was not.
AlarmFacts UnusableAlarm(Reason fault) {
  AlarmFacts facts;
  facts.since = absl::InfiniteFuture();
  facts.observed_at = absl::InfinitePast();
  facts.history_from = absl::InfiniteFuture();
  facts.fault = fault;
  return facts;
}

SeriesView ReadSeries(const v1::Series& series, RecordReader& reader) {
  SeriesView view;
  view.start = reader.Instant(series.has_start(), series.start(), absl::InfinitePast());
  view.reported_through = reader.Instant(series.has_reported_through(), series.reported_through(),
                                         absl::InfinitePast());
  view.period = ReadDuration(series.period()).value_or(absl::ZeroDuration());
  view.values =
      absl::MakeConstSpan(series.values().data(), static_cast<size_t>(series.values_size()));
  if (series.values_size() > kMaxValues) {
    reader.Note(v1::LIMIT_EXCEEDED);
  } else {
    reader.Require(Validate(view) == SeriesProblem::kNone);
  }
  return view;
}

}  // namespace

Reason LoadAlarms(const google::protobuf::RepeatedPtrField<v1::AlarmReport>& reports,
                  absl::flat_hash_map<SignalKey, AlarmFacts>& alarms) {
  Reason unreadable = v1::ALL_CLEAR;
  alarms.reserve(static_cast<size_t>(reports.size()));
  for (const auto& [report, conflict] : OneRecordPerKey(reports, [](const v1::AlarmReport& r) {
         return KeyOf(r.alarm(), r.cell(), r.region());
       })) {
    RecordReader reader(*report);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::optional<SignalKey> key =
        ReadKey(report->alarm(), report->cell(), report->region(), reader);
    const AlarmFacts facts = ReadAlarm(*report, reader);
    if (!key.has_value()) {
      NoteFault(unreadable, reader.fault());
      continue;
    }
    alarms.emplace(*key, reader.ok() ? facts : UnusableAlarm(reader.fault()));
  }
  return unreadable;
}

Reason LoadSeries(const google::protobuf::RepeatedPtrField<v1::Series>& records,
                  absl::flat_hash_map<SignalKey, SeriesFacts>& series) {
  Reason unreadable = v1::ALL_CLEAR;
  series.reserve(static_cast<size_t>(records.size()));
  for (const auto& [record, conflict] : OneRecordPerKey(
           records, [](const v1::Series& r) { return KeyOf(r.series(), r.cell(), r.region()); })) {
    RecordReader reader(*record);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::optional<SignalKey> key =
        ReadKey(record->series(), record->cell(), record->region(), reader);
    const SeriesView view = ReadSeries(*record, reader);
    if (!key.has_value()) {
      NoteFault(unreadable, reader.fault());
      continue;
    }
    SeriesFacts facts;
    if (reader.ok()) facts.view = view;
    facts.fault = reader.fault();
    series.emplace(*key, facts);
  }
  return unreadable;
}

}  // namespace sluice
