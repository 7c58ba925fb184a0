#include "sluice/record/fact_checks.h"

#include <cmath>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/record/field_checks.h"

namespace sluice {
namespace {

constexpr int64_t kFirstMillisecond = -62'135'596'800'000;  // 0001-01-01T00:00:00Z.
constexpr int64_t kLastMillisecond = 253'402'300'799'999;   // The last of the year 9999.

void Invalid(const FieldPath& path, absl::string_view message, FieldErrors& errors) {
  errors.Add(path, v1::Fault::INVALID_VALUE, message);
}

// Adds a fault if a column or list is longer than `limit`; false then.
bool CheckSize(const FieldPath& path, int size, int limit, FieldErrors& errors) {
  if (size <= limit) return true;
  errors.Add(path, v1::Fault::TOO_LARGE, "has too many elements");
  return false;
}

// Keys of a map: text, or identifiers of nothing.
template <typename Map>
void CheckKeys(const FieldPath& path, const Map& map, FieldErrors& errors) {
  for (const auto& entry : map) CheckText(path, entry.first, Presence::kRequired, errors);
}

void CheckComponents(const FieldPath& path, const v1::ComponentList& list, FieldErrors& errors) {
  if (static_cast<int64_t>(list.count()) != list.components_size()) {
    Invalid(path.Field("count"), "must be the number of components", errors);
  }
  if (!CheckSize(path.Field("components"), list.components_size(), kMaxRecords, errors)) return;
  for (int i = 0; i < list.components_size(); ++i) {
    const v1::Component& component = list.components(i);
    const FieldPath element = path.Element("components", i);
    if (component.package_url().empty() && component.digests().empty()) errors.Missing(element);
    CheckText(element.Field("package_url"), component.package_url(), Presence::kOptional, errors);
    for (int j = 0; j < component.digests_size(); ++j) {
      CheckDigest(element.Element("digests", j), component.digests(j), Presence::kRequired, errors);
    }
  }
}

// One cell, one region, or everything.
void CheckCellOrRegion(const FieldPath& path, absl::string_view cell, absl::string_view region,
                       FieldErrors& errors) {
  CheckIdentifier(path.Field("cell"), cell, Presence::kOptional, errors);
  CheckIdentifier(path.Field("region"), region, Presence::kOptional, errors);
  if (!cell.empty() && !region.empty()) {
    Invalid(path.Field("region"), "must not be set together with `cell`", errors);
  }
}

// What is wrong with the periods of a series or of counts: `start`, `period` and `reported_through`
// of `report`, and that `periods` of them are within what was reported.
template <typename Report>
void CheckPeriods(const FieldPath& path, const Report& report, int64_t periods,
                  FieldErrors& errors) {
  const absl::optional<absl::Time> start = CheckTime(path.Field("start"), report.has_start(),
                                                     report.start(), Presence::kRequired, errors);
  const absl::optional<absl::Time> through =
      CheckTime(path.Field("reported_through"), report.has_reported_through(),
                report.reported_through(), Presence::kRequired, errors);
  const absl::Duration period = ReadDuration(report.period()).value_or(absl::ZeroDuration());
  if (!report.has_period()) {
    errors.Missing(path.Field("period"));
  } else if (!IsMetricPeriod(period)) {
    Invalid(path.Field("period"), "must be 10 s, 20 s, 30 s or a multiple of 60 s", errors);
  } else if (start.has_value()) {
    const absl::optional<PeriodGrid> grid = PeriodGrid::Make(*start, period);
    if (!grid.has_value()) {
      Invalid(path.Field("start"), "must be a multiple of the period since 1970", errors);
    } else if (periods > grid->Capacity()) {
      errors.Add(path, v1::Fault::TOO_LARGE, "must end by the year 9999");
    } else if (periods > 0 && through.has_value() && grid->StartOf(periods - 1) >= *through) {
      Invalid(path.Field("reported_through"), "must be after the start of the last period", errors);
    }
  }
}

// Adds the first fault of a column; a column is long.
void CheckCounts(const FieldPath& parent, absl::string_view name,
                 const google::protobuf::RepeatedField<int64_t>& values, int64_t least,
                 FieldErrors& errors) {
  for (int i = 0; i < values.size(); ++i) {
    if (values[i] >= least && values[i] <= kMaxCount) continue;
    Invalid(parent.Element(name, i), "must be a count of at most 2^34", errors);
    return;
  }
}

}  // namespace

void CheckArtifact(const FieldPath& path, const v1::Artifact& artifact, FieldErrors& errors) {
  CheckDigest(path.Field("digest"), artifact.digest(), Presence::kRequired, errors);
  CheckText(path.Field("name"), artifact.name(), Presence::kOptional, errors);
  CheckText(path.Field("version"), artifact.version(), Presence::kOptional, errors);
  if (artifact.sequence() == 0) errors.Missing(path.Field("sequence"));
  CheckText(path.Field("source_revision"), artifact.source_revision(), Presence::kOptional, errors);
  CheckIdentifiers(path, "authors", artifact.authors(), Presence::kOptional, Repeats::kFree,
                   errors);
  CheckTime(path.Field("checked_in_at"), artifact.has_checked_in_at(), artifact.checked_in_at(),
            Presence::kOptional, errors);
  CheckTime(path.Field("built_at"), artifact.has_built_at(), artifact.built_at(),
            Presence::kOptional, errors);
  if (artifact.has_components()) {
    CheckComponents(path.Field("components"), artifact.components(), errors);
  }
  CheckKeys(path.Field("annotations"), artifact.annotations(), errors);
}

void CheckCell(const FieldPath& path, const v1::Cell& cell, FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), cell.id(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("stage"), cell.stage(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("region"), cell.region(), Presence::kOptional, errors);
  CheckIdentifier(path.Field("zone"), cell.zone(), Presence::kOptional, errors);
  if (cell.weight() == 0) {
    errors.Missing(path.Field("weight"));
  } else if (cell.weight() > kMaxWeight) {
    errors.Add(path.Field("weight"), v1::Fault::TOO_LARGE, "must be at most 1000000");
  }
  if (cell.has_retired()) {
    const FieldPath retired = path.Field("retired");
    CheckText(retired.Field("who"), cell.retired().who(), Presence::kRequired, errors);
    CheckText(retired.Field("why"), cell.retired().why(), Presence::kRequired, errors);
    CheckTime(retired.Field("at"), cell.retired().has_at(), cell.retired().at(),
              Presence::kRequired, errors);
  }
  CheckKeys(path.Field("annotations"), cell.annotations(), errors);
}

void CheckRun(const FieldPath& path, const v1::Check& check, FieldErrors& errors) {
  CheckIdentifier(path.Field("check"), check.check(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), check.artifact(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("stage"), check.stage(), Presence::kOptional, errors);
  CheckIdentifier(path.Field("cell"), check.cell(), Presence::kOptional, errors);
  CheckIdentifier(path.Field("run"), check.run(), Presence::kRequired, errors);
  const absl::optional<absl::Time> started =
      CheckTime(path.Field("started_at"), check.has_started_at(), check.started_at(),
                Presence::kRequired, errors);
  const bool running = check.outcome() == v1::Check::RUNNING;
  const absl::optional<absl::Time> finished =
      CheckTime(path.Field("finished_at"), check.has_finished_at(), check.finished_at(),
                running ? Presence::kOptional : Presence::kRequired, errors);
  CheckNotBefore(path.Field("finished_at"), finished, started, errors);
  if (running) CheckEmpty(path.Field("finished_at"), !check.has_finished_at(), errors);
  if (check.outcome() == v1::Check::OUTCOME_UNSPECIFIED) {
    errors.Missing(path.Field("outcome"));
  } else if (!v1::Check::Outcome_IsValid(check.outcome())) {
    Invalid(path.Field("outcome"), "is not a known outcome", errors);
  }
  CheckKeys(path.Field("numbers"), check.numbers(), errors);
  for (const auto& number : check.numbers()) {
    if (!std::isfinite(number.second)) Invalid(path.Field("numbers"), "must be finite", errors);
  }
  CheckKeys(path.Field("annotations"), check.annotations(), errors);
}

void CheckAlarmReport(const FieldPath& path, const v1::AlarmReport& alarm, FieldErrors& errors) {
  CheckIdentifier(path.Field("alarm"), alarm.alarm(), Presence::kRequired, errors);
  CheckCellOrRegion(path, alarm.cell(), alarm.region(), errors);
  if (alarm.state() == v1::AlarmReport::STATE_UNSPECIFIED) {
    errors.Missing(path.Field("state"));
  } else if (!v1::AlarmReport::State_IsValid(alarm.state())) {
    Invalid(path.Field("state"), "is not a known state", errors);
  }
  const absl::optional<absl::Time> since =
      CheckTime(path.Field("since"), alarm.has_since(), alarm.since(), Presence::kRequired, errors);
  const absl::optional<absl::Time> observed =
      CheckTime(path.Field("observed_at"), alarm.has_observed_at(), alarm.observed_at(),
                Presence::kRequired, errors);
  const absl::optional<absl::Time> last_alarm =
      CheckTime(path.Field("last_alarm_at"), alarm.has_last_alarm_at(), alarm.last_alarm_at(),
                Presence::kOptional, errors);
  const absl::optional<absl::Time> history =
      CheckTime(path.Field("history_from"), alarm.has_history_from(), alarm.history_from(),
                Presence::kOptional, errors);
  CheckNotBefore(path.Field("since"), observed, since, errors);
  CheckNotBefore(path.Field("last_alarm_at"), observed, last_alarm, errors);
  CheckNotBefore(path.Field("history_from"), observed, history, errors);
}

void CheckSeries(const FieldPath& path, const v1::Series& series, FieldErrors& errors) {
  CheckIdentifier(path.Field("series"), series.series(), Presence::kRequired, errors);
  CheckCellOrRegion(path, series.cell(), series.region(), errors);
  CheckPeriods(path, series, series.values_size(), errors);
  if (!CheckSize(path.Field("values"), series.values_size(), kMaxValues, errors)) return;
  for (int i = 0; i < series.values_size(); ++i) {
    if (std::isinf(series.values(i))) {
      Invalid(path.Element("values", i), "must be finite or NaN", errors);
      return;
    }
  }
}

void CheckCellCounts(const FieldPath& path, const v1::CellCounts& counts, FieldErrors& errors) {
  CheckIdentifier(path.Field("counts"), counts.counts(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("stage"), counts.stage(), Presence::kRequired, errors);
  CheckPeriods(path, counts,
               counts.cells().empty() ? 0 : counts.requests_size() / counts.cells_size(), errors);
  CheckIdentifiers(path, "cells", counts.cells(), Presence::kRequired, Repeats::kFault, errors);
  if (!CheckSize(path.Field("requests"), counts.requests_size(), kMaxValues, errors)) return;
  if (counts.errors_size() != counts.requests_size()) {
    Invalid(path.Field("errors"), "must have as many elements as `requests`", errors);
    return;
  }
  if (counts.cells_size() > 0 && counts.requests_size() % counts.cells_size() != 0) {
    Invalid(path.Field("requests"), "must have as many elements for each cell", errors);
  }
  CheckCounts(path, "requests", counts.requests(), -1, errors);
  CheckCounts(path, "errors", counts.errors(), -1, errors);
  for (int i = 0; i < counts.errors_size(); ++i) {
    if (counts.requests(i) >= 0 && counts.errors(i) > counts.requests(i)) {
      Invalid(path.Element("errors", i), "must be at most the requests", errors);
      return;
    }
  }
}

void CheckBaseline(const FieldPath& path, const v1::Baseline& baseline, FieldErrors& errors) {
  CheckIdentifier(path.Field("counts"), baseline.counts(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("stage"), baseline.stage(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), baseline.artifact(), Presence::kRequired, errors);
  if (baseline.requests() == 0) {
    errors.Missing(path.Field("requests"));
  } else if (baseline.requests() < 0 || baseline.requests() > kMaxCount) {
    Invalid(path.Field("requests"), "must be a count of at most 2^34", errors);
  } else if (!AreCounts(baseline.requests(), baseline.errors())) {
    Invalid(path.Field("errors"), "must be 0 to the requests", errors);
  }
  CheckTime(path.Field("observed_at"), baseline.has_observed_at(), baseline.observed_at(),
            Presence::kRequired, errors);
}

void CheckMeasurement(const FieldPath& path, const v1::Measurement& measurement,
                      FieldErrors& errors) {
  CheckIdentifier(path.Field("measurement"), measurement.measurement(), Presence::kRequired,
                  errors);
  CheckDigest(path.Field("artifact"), measurement.artifact(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("cell"), measurement.cell(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("run"), measurement.run(), Presence::kRequired, errors);
  CheckTime(path.Field("measured_at"), measurement.has_measured_at(), measurement.measured_at(),
            Presence::kRequired, errors);
  if (measurement.outcome() == v1::Measurement::OUTCOME_UNSPECIFIED) {
    errors.Missing(path.Field("outcome"));
  } else if (!v1::Measurement::Outcome_IsValid(measurement.outcome())) {
    Invalid(path.Field("outcome"), "is not a known outcome", errors);
  }
}

void CheckApproval(const FieldPath& path, const v1::Approval& approval, FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), approval.id(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("blocker"), approval.blocker(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), approval.artifact(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("stage"), approval.stage(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("principal"), approval.principal(), Presence::kRequired, errors);
  CheckIdentifiers(path, "roles", approval.roles(), Presence::kRequired, Repeats::kFree, errors);
  const absl::optional<absl::Time> granted =
      CheckTime(path.Field("granted_at"), approval.has_granted_at(), approval.granted_at(),
                Presence::kRequired, errors);
  const absl::optional<absl::Time> expires =
      CheckTime(path.Field("expires_at"), approval.has_expires_at(), approval.expires_at(),
                Presence::kOptional, errors);
  CheckAfter(path.Field("expires_at"), expires, granted, errors);
  CheckDigest(path.Field("policy_fingerprint"), approval.policy_fingerprint(), Presence::kOptional,
              errors);
  CheckTime(path.Field("revoked_at"), approval.has_revoked_at(), approval.revoked_at(),
            Presence::kOptional, errors);
}

void CheckOverride(const FieldPath& path, const v1::Override& override, FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), override.id(), Presence::kRequired, errors);
  const bool needs_blockers = !override.all_blockers() && override.keep_despite().empty();
  CheckIdentifiers(path, "blockers", override.blockers(),
                   needs_blockers ? Presence::kRequired : Presence::kOptional, Repeats::kFree,
                   errors);
  CheckDigest(path.Field("policy_fingerprint"), override.policy_fingerprint(),
              override.all_blockers() ? Presence::kRequired : Presence::kOptional, errors);
  CheckDigest(path.Field("artifact"), override.artifact(), Presence::kRequired, errors);
  CheckIdentifiers(path, "stages", override.stages(), Presence::kRequired, Repeats::kFree, errors);
  CheckIdentifier(path.Field("principal"), override.principal(), Presence::kRequired, errors);
  CheckIdentifiers(path, "roles", override.roles(), Presence::kRequired, Repeats::kFree, errors);
  CheckText(path.Field("reason"), override.reason(), Presence::kRequired, errors);
  const absl::optional<absl::Time> granted =
      CheckTime(path.Field("granted_at"), override.has_granted_at(), override.granted_at(),
                Presence::kRequired, errors);
  const absl::optional<absl::Time> expires =
      CheckTime(path.Field("expires_at"), override.has_expires_at(), override.expires_at(),
                Presence::kRequired, errors);
  CheckAfter(path.Field("expires_at"), expires, granted, errors);
  CheckTime(path.Field("revoked_at"), override.has_revoked_at(), override.revoked_at(),
            Presence::kOptional, errors);
  for (int i = 0; i < override.keep_despite_size(); ++i) {
    if (override.keep_despite(i) == "@deployment") continue;
    CheckIdentifier(path.Element("keep_despite", i), override.keep_despite(i), Presence::kRequired,
                    errors);
  }
}

void CheckHold(const FieldPath& path, const v1::Hold& hold, FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), hold.id(), Presence::kRequired, errors);
  const bool names_cell = hold.scope() == v1::Hold::CELL;
  const bool names_stage = names_cell || hold.scope() == v1::Hold::STAGE;
  if (hold.scope() == v1::Hold::SCOPE_UNSPECIFIED) {
    errors.Missing(path.Field("scope"));
  } else if (!names_stage && hold.scope() != v1::Hold::PIPELINE) {
    Invalid(path.Field("scope"), "must be PIPELINE, STAGE or CELL", errors);
  } else {
    if (!names_stage) CheckEmpty(path.Field("stage"), hold.stage().empty(), errors);
    if (!names_cell) CheckEmpty(path.Field("cell"), hold.cell().empty(), errors);
  }
  CheckEmpty(path.Field("pipeline"), hold.pipeline().empty(), errors);
  CheckIdentifier(path.Field("stage"), hold.stage(),
                  names_stage ? Presence::kRequired : Presence::kOptional, errors);
  CheckIdentifier(path.Field("cell"), hold.cell(),
                  names_cell ? Presence::kRequired : Presence::kOptional, errors);
  CheckText(path.Field("who"), hold.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), hold.why(), Presence::kRequired, errors);
  const absl::optional<absl::Time> placed = CheckTime(
      path.Field("placed_at"), hold.has_placed_at(), hold.placed_at(), Presence::kRequired, errors);
  const absl::optional<absl::Time> expires =
      CheckTime(path.Field("expires_at"), hold.has_expires_at(), hold.expires_at(),
                Presence::kOptional, errors);
  CheckAfter(path.Field("expires_at"), expires, placed, errors);
  CheckTime(path.Field("released_at"), hold.has_released_at(), hold.released_at(),
            Presence::kOptional, errors);
}

void CheckRollBackHold(const FieldPath& path, const v1::RollBackHold& hold, FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), hold.id(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("stage"), hold.stage(), Presence::kRequired, errors);
  CheckText(path.Field("who"), hold.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), hold.why(), Presence::kRequired, errors);
  const absl::optional<absl::Time> placed = CheckTime(
      path.Field("placed_at"), hold.has_placed_at(), hold.placed_at(), Presence::kRequired, errors);
  const absl::optional<absl::Time> expires =
      CheckTime(path.Field("expires_at"), hold.has_expires_at(), hold.expires_at(),
                Presence::kRequired, errors);
  CheckAfter(path.Field("expires_at"), expires, placed, errors);
  CheckTime(path.Field("released_at"), hold.has_released_at(), hold.released_at(),
            Presence::kOptional, errors);
}

void CheckWithdrawal(const FieldPath& path, const v1::Withdrawal& withdrawal, FieldErrors& errors) {
  CheckDigest(path.Field("artifact"), withdrawal.artifact(), Presence::kRequired, errors);
  CheckText(path.Field("who"), withdrawal.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), withdrawal.why(), Presence::kRequired, errors);
  CheckTime(path.Field("at"), withdrawal.has_at(), withdrawal.at(), Presence::kRequired, errors);
}

void CheckListSeen(const FieldPath& path, const v1::ListSeen& list, FieldErrors& errors) {
  CheckIdentifier(path.Field("list"), list.list(), Presence::kRequired, errors);
  if (list.epoch() == 0) errors.Missing(path.Field("epoch"));
}

void CheckSyntheticRuns(const FieldPath& path, const v1::SyntheticRuns& runs, FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), runs.stage(), Presence::kRequired, errors);
  CheckText(path.Field("api"), runs.api(), Presence::kRequired, errors);
  if (!CheckSize(path.Field("finished_at_ms"), runs.finished_at_ms_size(), kMaxValues, errors)) {
    return;
  }
  if (runs.succeeded_size() != runs.finished_at_ms_size()) {
    Invalid(path.Field("succeeded"), "must have as many elements as `finished_at_ms`", errors);
  }
  for (int i = 0; i < runs.finished_at_ms_size(); ++i) {
    const int64_t at = runs.finished_at_ms(i);
    if (at < kFirstMillisecond || at > kLastMillisecond) {
      Invalid(path.Element("finished_at_ms", i), "must lie in the years 1 to 9999", errors);
      return;
    }
    if (i > 0 && at < runs.finished_at_ms(i - 1)) {
      Invalid(path.Element("finished_at_ms", i), "must not be before the one before it", errors);
      return;
    }
  }
}

void CheckEnvironment(const FieldPath& path, const v1::Environment& environment,
                      FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), environment.stage(), Presence::kRequired, errors);
  CheckTime(path.Field("observed_at"), environment.has_observed_at(), environment.observed_at(),
            Presence::kRequired, errors);
  CheckKeys(path.Field("aspects"), environment.aspects(), errors);
  for (const auto& aspect : environment.aspects()) {
    CheckText(path.Field("aspects"), aspect.second, Presence::kRequired, errors);
  }
}

void CheckTrafficSample(const FieldPath& path, const v1::TrafficSample& sample,
                        FieldErrors& errors) {
  CheckIdentifier(path.Field("stage"), sample.stage(), Presence::kRequired, errors);
  CheckTime(path.Field("observed_at"), sample.has_observed_at(), sample.observed_at(),
            Presence::kRequired, errors);
  absl::flat_hash_set<absl::string_view> principals;
  for (int i = 0; i < sample.principals_size(); ++i) {
    const FieldPath principal = path.Element("principals", i);
    CheckText(principal, sample.principals(i), Presence::kRequired, errors);
    if (!principals.insert(sample.principals(i)).second) {
      errors.Add(principal, v1::Fault::DUPLICATE, "is named twice");
    }
  }
  if (sample.requests_size() != sample.principals_size()) {
    Invalid(path.Field("requests"), "must have as many elements as `principals`", errors);
  }
  CheckCounts(path, "requests", sample.requests(), 0, errors);
}

}  // namespace sluice
