#include "sluice/record/report_events.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/internal/checked_time.h"
#include "sluice/record/content.h"
#include "sluice/record/fact_checks.h"
#include "sluice/record/lookup.h"

namespace sluice {
namespace {

using google::protobuf::RepeatedPtrField;

absl::Status Refuse(absl::string_view why) { return absl::FailedPreconditionError(why); }

// An instant that was checked.
absl::Time At(const google::protobuf::Timestamp& timestamp) { return *ReadTime(timestamp); }

// Puts `report` in the place of the record of the same key, unless that `is_newer`.
template <typename Record, typename Match, typename IsNewer>
absl::Status Replace(const Record& report, RepeatedPtrField<Record>* records, const Match& match,
                     void (*check)(const FieldPath&, const Record&, FieldErrors&),
                     const IsNewer& is_newer) {
  const absl::StatusOr<const Record*> known = FindValidRecord(*records, match, check);
  if (!known.ok()) return known.status();
  if (*known != nullptr && is_newer(**known)) return absl::OkStatus();
  return PutRecord(report, records, match);
}

int64_t NewestRun(const v1::SyntheticRuns& runs) {
  if (runs.finished_at_ms().empty()) return std::numeric_limits<int64_t>::min();
  return runs.finished_at_ms(runs.finished_at_ms_size() - 1);
}

// The report with what is known of the alarm's past since `before`, which may be null.
v1::AlarmReport WithPast(v1::AlarmReport report, const v1::AlarmReport* before) {
  if (!report.has_history_from()) {
    const bool goes_on = before != nullptr && before->state() == report.state() &&
                         At(report.since()) <= At(before->observed_at());
    if (!goes_on) {
      *report.mutable_history_from() = report.since();
    } else {
      *report.mutable_history_from() =
          before->has_history_from() ? before->history_from() : before->since();
    }
  }
  const auto remember = [&](const google::protobuf::Timestamp& alarm) {
    if (!report.has_last_alarm_at() || At(report.last_alarm_at()) < At(alarm)) {
      *report.mutable_last_alarm_at() = alarm;
    }
  };
  if (report.state() == v1::AlarmReport::ALARM) remember(report.since());
  if (before != nullptr && before->has_last_alarm_at()) remember(before->last_alarm_at());
  if (before != nullptr && before->state() == v1::AlarmReport::ALARM) remember(before->since());
  return report;
}

}  // namespace

void CheckEvent(const FieldPath& path, const v1::ArtifactBuilt& event, FieldErrors& errors) {
  if (!event.has_artifact()) return errors.Missing(path.Field("artifact"));
  CheckArtifact(path.Field("artifact"), event.artifact(), errors);
}

void CheckEvent(const FieldPath& path, const v1::CheckReported& event, FieldErrors& errors) {
  if (!event.has_check()) return errors.Missing(path.Field("check"));
  CheckRun(path.Field("check"), event.check(), errors);
}

void CheckEvent(const FieldPath& path, const v1::AlarmReported& event, FieldErrors& errors) {
  if (!event.has_alarm()) return errors.Missing(path.Field("alarm"));
  CheckAlarmReport(path.Field("alarm"), event.alarm(), errors);
}

void CheckEvent(const FieldPath& path, const v1::SeriesReported& event, FieldErrors& errors) {
  if (!event.has_series()) return errors.Missing(path.Field("series"));
  CheckSeries(path.Field("series"), event.series(), errors);
}

void CheckEvent(const FieldPath& path, const v1::CountsReported& event, FieldErrors& errors) {
  if (!event.has_counts()) return errors.Missing(path.Field("counts"));
  CheckCellCounts(path.Field("counts"), event.counts(), errors);
}

void CheckEvent(const FieldPath& path, const v1::BaselineReported& event, FieldErrors& errors) {
  if (!event.has_baseline()) return errors.Missing(path.Field("baseline"));
  CheckBaseline(path.Field("baseline"), event.baseline(), errors);
}

void CheckEvent(const FieldPath& path, const v1::MeasurementReported& event, FieldErrors& errors) {
  if (!event.has_measurement()) return errors.Missing(path.Field("measurement"));
  CheckMeasurement(path.Field("measurement"), event.measurement(), errors);
}

void CheckEvent(const FieldPath& path, const v1::SyntheticRunsReported& event,
                FieldErrors& errors) {
  if (!event.has_runs()) return errors.Missing(path.Field("runs"));
  CheckSyntheticRuns(path.Field("runs"), event.runs(), errors);
}

void CheckEvent(const FieldPath& path, const v1::EnvironmentObserved& event, FieldErrors& errors) {
  if (!event.has_environment()) return errors.Missing(path.Field("environment"));
  CheckEnvironment(path.Field("environment"), event.environment(), errors);
}

void CheckEvent(const FieldPath& path, const v1::TrafficObserved& event, FieldErrors& errors) {
  if (!event.has_sample()) return errors.Missing(path.Field("sample"));
  CheckTrafficSample(path.Field("sample"), event.sample(), errors);
}

void CheckEvent(const FieldPath& path, const v1::ListObserved& event, FieldErrors& errors) {
  if (!event.has_list()) return errors.Missing(path.Field("list"));
  CheckListSeen(path.Field("list"), event.list(), errors);
}

absl::Status ApplyEvent(const v1::ArtifactBuilt& event, const Occasion&, v1::PipelineState* state) {
  const v1::Artifact& artifact = event.artifact();
  const auto is_same = [&](const v1::Artifact& a) { return a.digest() == artifact.digest(); };
  const absl::StatusOr<const v1::Artifact*> known = FindRecord(state->artifacts(), is_same);
  if (!known.ok()) return known.status();
  if (*known != nullptr) {
    if (Content(**known) == Content(artifact)) return absl::OkStatus();
    return Refuse("the artifact is recorded with other content");
  }
  if (std::any_of(state->artifacts().begin(), state->artifacts().end(),
                  [&](const v1::Artifact& a) { return a.sequence() == artifact.sequence(); })) {
    return Refuse("another artifact has that sequence");
  }
  return PutRecord(artifact, state->mutable_artifacts(), is_same);
}

absl::Status ApplyEvent(const v1::CheckReported& event, const Occasion&, v1::PipelineState* state) {
  const v1::Check& run = event.check();
  const auto is_same = [&](const v1::Check& c) {
    return c.check() == run.check() && c.artifact() == run.artifact() && c.run() == run.run();
  };
  const absl::StatusOr<const v1::Check*> known =
      FindValidRecord(state->checks(), is_same, CheckRun);
  if (!known.ok()) return known.status();
  if (*known != nullptr) {
    if (Content(**known) == Content(run)) return absl::OkStatus();
    if ((*known)->outcome() != v1::Check::RUNNING) return Refuse("the run has finished");
    if ((*known)->stage() != run.stage() || (*known)->cell() != run.cell() ||
        At((*known)->started_at()) != At(run.started_at())) {
      return Refuse("the run began at another time or place");
    }
  }
  return PutRecord(run, state->mutable_checks(), is_same);
}

absl::Status ApplyEvent(const v1::AlarmReported& event, const Occasion&, v1::PipelineState* state) {
  const v1::AlarmReport& report = event.alarm();
  const auto is_same = [&](const v1::AlarmReport& a) {
    return a.alarm() == report.alarm() && a.cell() == report.cell() &&
           a.region() == report.region();
  };
  const absl::StatusOr<const v1::AlarmReport*> known =
      FindValidRecord(state->alarms(), is_same, CheckAlarmReport);
  if (!known.ok()) return known.status();
  if (*known != nullptr && At(report.observed_at()) < At((*known)->observed_at())) {
    return absl::OkStatus();
  }
  return PutRecord(WithPast(report, *known), state->mutable_alarms(), is_same);
}

absl::Status ApplyEvent(const v1::SeriesReported& event, const Occasion&,
                        v1::PipelineState* state) {
  const v1::Series& report = event.series();
  return Replace(
      report, state->mutable_series(),
      [&](const v1::Series& s) {
        return s.series() == report.series() && s.cell() == report.cell() &&
               s.region() == report.region();
      },
      CheckSeries,
      [&](const v1::Series& known) {
        return At(known.reported_through()) > At(report.reported_through());
      });
}

absl::Status ApplyEvent(const v1::CountsReported& event, const Occasion&,
                        v1::PipelineState* state) {
  const v1::CellCounts& report = event.counts();
  return Replace(
      report, state->mutable_counts(),
      [&](const v1::CellCounts& c) {
        return c.counts() == report.counts() && c.stage() == report.stage();
      },
      CheckCellCounts,
      [&](const v1::CellCounts& known) {
        return At(known.reported_through()) > At(report.reported_through());
      });
}

absl::Status ApplyEvent(const v1::BaselineReported& event, const Occasion&,
                        v1::PipelineState* state) {
  const v1::Baseline& report = event.baseline();
  return Replace(
      report, state->mutable_baselines(),
      [&](const v1::Baseline& b) {
        return b.counts() == report.counts() && b.stage() == report.stage();
      },
      CheckBaseline,
      [&](const v1::Baseline& known) {
        return At(known.observed_at()) > At(report.observed_at());
      });
}

absl::Status ApplyEvent(const v1::MeasurementReported& event, const Occasion&,
                        v1::PipelineState* state) {
  const v1::Measurement& report = event.measurement();
  const auto is_same = [&](const v1::Measurement& m) {
    return m.measurement() == report.measurement() && m.artifact() == report.artifact() &&
           m.cell() == report.cell() && m.run() == report.run();
  };
  const absl::StatusOr<const v1::Measurement*> known = FindRecord(state->measurements(), is_same);
  if (!known.ok()) return known.status();
  if (*known == nullptr) return PutRecord(report, state->mutable_measurements(), is_same);
  if (Content(**known) == Content(report)) return absl::OkStatus();
  return Refuse("the measurement is recorded with other content");
}

absl::Status ApplyEvent(const v1::SyntheticRunsReported& event, const Occasion&,
                        v1::PipelineState* state) {
  const v1::SyntheticRuns& report = event.runs();
  return Replace(
      report, state->mutable_synthetic_runs(),
      [&](const v1::SyntheticRuns& r) {
        return r.stage() == report.stage() && r.api() == report.api();
      },
      CheckSyntheticRuns,
      [&](const v1::SyntheticRuns& known) { return NewestRun(known) > NewestRun(report); });
}

absl::Status ApplyEvent(const v1::EnvironmentObserved& event, const Occasion&,
                        v1::PipelineState* state) {
  const v1::Environment& report = event.environment();
  return Replace(
      report, state->mutable_environments(),
      [&](const v1::Environment& e) { return e.stage() == report.stage(); }, CheckEnvironment,
      [&](const v1::Environment& known) {
        return At(known.observed_at()) > At(report.observed_at());
      });
}

absl::Status ApplyEvent(const v1::TrafficObserved& event, const Occasion&,
                        v1::PipelineState* state) {
  const v1::TrafficSample& report = event.sample();
  return Replace(
      report, state->mutable_traffic_samples(),
      [&](const v1::TrafficSample& t) { return t.stage() == report.stage(); }, CheckTrafficSample,
      [&](const v1::TrafficSample& known) {
        return At(known.observed_at()) > At(report.observed_at());
      });
}

absl::Status ApplyEvent(const v1::ListObserved& event, const Occasion&, v1::PipelineState* state) {
  const v1::ListSeen& report = event.list();
  return Replace(
      report, state->mutable_lists_seen(),
      [&](const v1::ListSeen& l) { return l.list() == report.list(); }, CheckListSeen,
      [&](const v1::ListSeen& known) { return known.epoch() > report.epoch(); });
}

}  // namespace sluice
