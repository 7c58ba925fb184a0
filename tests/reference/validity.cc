#include "tests/reference/validity.h"

#include <cmath>
#include <cstdint>
#include <set>

namespace sluice {
namespace reference {
namespace {

using google::protobuf::Timestamp;

constexpr int64_t kLargestCount = int64_t{1} << 34;

v1::Reason Judge(const google::protobuf::Message& message, bool good) {
  if (HasUnknownFields(message)) return v1::UNKNOWN_FIELD;
  return good ? v1::ALL_CLEAR : v1::INVALID_DATA;
}

template <typename Message>
bool OptionalTime(const Message& message, bool has, const Timestamp& time) {
  static_cast<void>(message);
  return !has || IsValid(time);
}

bool EmptyOrIdentifier(const std::string& text) { return text.empty() || IsIdentifier(text); }

template <typename Texts>
bool AllIdentifiers(const Texts& texts) {
  for (const std::string& text : texts) {
    if (!IsIdentifier(text)) return false;
  }
  return true;
}

// 10 s, 20 s, 30 s or a multiple of 60 s.
bool IsPeriod(const google::protobuf::Duration& period) {
  if (!IsValid(period) || period.nanos() != 0 || period.seconds() <= 0) return false;
  return period.seconds() == 10 || period.seconds() == 20 || period.seconds() == 30 ||
         period.seconds() % 60 == 0;
}

bool IsAligned(const Timestamp& start, const google::protobuf::Duration& period) {
  return IsValid(start) && start.nanos() == 0 && start.seconds() % period.seconds() == 0;
}

bool IsGood(const v1::Artifact& artifact) {
  if (!IsDigest(artifact.digest()) || artifact.sequence() == 0) return false;
  if (!AllIdentifiers(artifact.authors())) return false;
  if (artifact.has_checked_in_at() && !IsValid(artifact.checked_in_at())) return false;
  if (artifact.has_built_at() && !IsValid(artifact.built_at())) return false;
  for (const v1::Component& component : artifact.components().components()) {
    if (component.package_url().empty() && component.digests().empty()) return false;
    for (const std::string& digest : component.digests()) {
      if (!IsDigest(digest)) return false;
    }
  }
  return true;
}

bool IsGood(const v1::Cell& cell) {
  if (!IsIdentifier(cell.id()) || !IsIdentifier(cell.stage())) return false;
  if (!EmptyOrIdentifier(cell.region()) || !EmptyOrIdentifier(cell.zone())) return false;
  if (cell.weight() < 1 || cell.weight() > 1000000) return false;
  return !cell.has_retired() || (!cell.retired().who().empty() && !cell.retired().why().empty() &&
                                 cell.retired().has_at() && IsValid(cell.retired().at()));
}

bool IsGood(const v1::Deployment& deployment) {
  const bool adopted = deployment.direction() == v1::Deployment::ADOPTED;
  if (deployment.number() == 0 || !IsIdentifier(deployment.cell())) return false;
  if (!IsDigest(deployment.artifact())) return false;
  if (deployment.direction() == v1::Deployment::DIRECTION_UNSPECIFIED ||
      !v1::Deployment::Direction_IsValid(deployment.direction()) ||
      !v1::Deployment::Outcome_IsValid(deployment.outcome())) {
    return false;
  }
  if (!adopted && (deployment.attempt() == 0 || deployment.rollout() == 0)) return false;
  if (!deployment.has_started_at() || !IsValid(deployment.started_at())) return false;
  const bool ended = deployment.outcome() != v1::Deployment::OUTCOME_UNSPECIFIED;
  if (ended != deployment.has_ended_at()) return false;
  if (ended && (!IsValid(deployment.ended_at()) ||
                ToTime(deployment.ended_at()) < ToTime(deployment.started_at()))) {
    return false;
  }
  if (deployment.has_proven() &&
      (!deployment.proven().has_at() || !IsValid(deployment.proven().at()) ||
       !IsDigest(deployment.proven().policy_fingerprint()))) {
    return false;
  }
  const v1::Acceptance& accepted = deployment.accepted();
  return !deployment.has_accepted() ||
         (!accepted.who().empty() && !accepted.roles().empty() && !accepted.why().empty() &&
          accepted.has_at() && IsValid(accepted.at()));
}

bool IsGood(const v1::Rollout& rollout) {
  if (rollout.number() == 0 || !IsDigest(rollout.artifact())) return false;
  if (rollout.state() == v1::Rollout::STATE_UNSPECIFIED ||
      !v1::Rollout::State_IsValid(rollout.state()) ||
      !v1::Rollout::HaltReason_IsValid(rollout.halt_reason())) {
    return false;
  }
  if (!rollout.has_started_at() || !IsValid(rollout.started_at())) return false;
  if (!OptionalTime(rollout, rollout.has_ended_at(), rollout.ended_at())) return false;
  if (!OptionalTime(rollout, rollout.has_completed_at(), rollout.completed_at())) return false;
  const bool terminal =
      rollout.state() != v1::Rollout::RUNNING && rollout.state() != v1::Rollout::ROLLING_BACK;
  if (terminal && !rollout.has_ended_at()) return false;
  if (rollout.state() == v1::Rollout::HALTED &&
      rollout.halt_reason() == v1::Rollout::HALT_REASON_UNSPECIFIED) {
    return false;
  }
  if (!AllIdentifiers(rollout.roll_back_cells())) return false;
  const v1::RolloutPlan& plan = rollout.plan();
  if (plan.waves().empty() || !IsDigest(plan.policy_fingerprint())) return false;
  std::set<std::string> ids;
  std::set<std::string> cells;
  for (const v1::PlannedWave& wave : plan.waves()) {
    if (wave.id().empty() || wave.cells().empty()) return false;
    if (wave.cells_size() != wave.weights_size()) return false;
    if (!ids.insert(wave.id()).second) return false;
    if (!OptionalTime(wave, wave.has_proven_at(), wave.proven_at())) return false;
    for (const std::string& cell : wave.cells()) {
      // [R1] A cell in two waves is INVALID.
      if (!IsIdentifier(cell) || !cells.insert(cell).second) return false;
    }
    for (const uint32_t weight : wave.weights()) {
      if (weight < 1 || weight > 1000000) return false;
    }
  }
  return true;
}

bool IsGood(const v1::Entry& entry) {
  return IsDigest(entry.artifact()) && entry.has_at() && IsValid(entry.at());
}

bool IsGood(const v1::Pass& pass) {
  return IsDigest(pass.artifact()) && pass.has_at() && IsValid(pass.at()) &&
         IsDigest(pass.policy_fingerprint()) &&
         OptionalTime(pass, pass.has_revoked_at(), pass.revoked_at());
}

bool IsGood(const v1::Latch& latch) {
  return IsDigest(latch.artifact()) && latch.has_at() && IsValid(latch.at()) &&
         (!latch.has_released() ||
          (!latch.released().who().empty() && !latch.released().why().empty() &&
           latch.released().has_at() && IsValid(latch.released().at())));
}

// START and PREEMPT requests.
template <typename Request>
bool IsGoodRequest(const Request& request) {
  return IsIdentifier(request.id()) && IsDigest(request.artifact()) && !request.who().empty() &&
         request.has_requested_at() && IsValid(request.requested_at()) &&
         request.has_expires_at() && IsValid(request.expires_at()) &&
         ToTime(request.requested_at()) < ToTime(request.expires_at());
}

bool IsGood(const v1::RollBackRequest& request) {
  return IsIdentifier(request.id()) && IsDigest(request.artifact()) &&
         AllIdentifiers(request.cells()) && !request.who().empty() && !request.why().empty() &&
         request.has_requested_at() && IsValid(request.requested_at());
}

bool IsGood(const v1::RetryRequest& request) {
  return IsIdentifier(request.id()) && IsDigest(request.artifact()) &&
         EmptyOrIdentifier(request.cell()) && (request.cell().empty() || request.attempt() > 0) &&
         !request.who().empty() && !request.why().empty() && request.has_requested_at() &&
         IsValid(request.requested_at()) && request.number() > 0;
}

// True if two elements differ and share what `key` gives.
template <typename Elements, typename Key>
bool AnyShared(const Elements& elements, const Key& key) {
  for (int i = 0; i < elements.size(); ++i) {
    for (int j = i + 1; j < elements.size(); ++j) {
      if (key(elements[i]) == key(elements[j])) return true;
    }
  }
  return false;
}

// All that happened in one stage but deployments, which are their cells'.
v1::Reason StageRecordFault(const Facts& facts, const v1::StageRecord& record) {
  v1::StageRecord without = record;
  without.clear_deployments();
  if (HasUnknownFields(without)) return v1::UNKNOWN_FIELD;
  if (!IsIdentifier(record.stage())) return v1::INVALID_DATA;
  bool good = true;
  bool future = false;
  int running = 0;
  for (const v1::Rollout& rollout : record.rollouts()) {
    good = good && IsGood(rollout);
    // [R9] A rollout that names an artifact which is not in the state: the pipeline.
    if (FindArtifact(facts, rollout.artifact()) == nullptr) return v1::ARTIFACT_ABSENT;
    running +=
        rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK;
    future = future || FromTheFuture(facts, rollout.started_at()) ||
             (rollout.has_ended_at() && FromTheFuture(facts, rollout.ended_at()));
  }
  if (running > 1) good = false;
  for (const v1::Deployment& deployment : record.deployments()) {
    good = good && IsIdentifier(deployment.cell());  // Else: nobody's.
  }
  for (const v1::Entry& entry : record.entries()) {
    good = good && IsGood(entry);
    future = future || FromTheFuture(facts, entry.at());
  }
  for (const v1::Pass& pass : record.passes()) {
    good = good && IsGood(pass);
    future = future || FromTheFuture(facts, pass.at());
  }
  for (const v1::Latch& latch : record.latches()) {
    good = good && IsGood(latch);
    future = future || FromTheFuture(facts, latch.at());
  }
  for (const v1::StartRequest& request : record.start_requests()) {
    good = good && IsGoodRequest(request);
  }
  for (const v1::PreemptRequest& request : record.preempt_requests()) {
    good = good && IsGoodRequest(request);
  }
  for (const v1::RollBackRequest& request : record.roll_back_requests()) {
    good = good && IsGood(request);
  }
  for (const v1::RetryRequest& request : record.retry_requests()) good = good && IsGood(request);
  if (!good) return v1::INVALID_DATA;
  const auto id = [](const auto& element) { return element.id(); };
  const auto number = [](const auto& element) { return element.number(); };
  if (AnyShared(record.rollouts(), number) || AnyShared(record.start_requests(), id) ||
      AnyShared(record.preempt_requests(), id) || AnyShared(record.roll_back_requests(), id) ||
      AnyShared(record.retry_requests(), id)) {
    return v1::DUPLICATE_ID;
  }
  return future ? v1::FROM_THE_FUTURE : v1::ALL_CLEAR;
}

bool HasIdentifiedHold(const v1::Hold& hold) { return IsIdentifier(hold.id()); }

}  // namespace

bool StateIsAnothers(const Facts& facts) {
  return facts.state.schema_version() > 1 || facts.state.pipeline() != facts.policy.id();
}

v1::Reason StateFault(const Facts& facts) {
  const v1::PipelineState& state = facts.state;
  if (state.schema_version() > 1) return v1::SCHEMA_TOO_NEW;
  if (state.schema_version() == 0 || !IsIdentifier(state.pipeline())) return v1::INVALID_DATA;
  if (state.pipeline() != facts.policy.id()) return v1::WRONG_PIPELINE;
  if (facts.state_cut) return v1::STATE_CUT;
  if (!state.GetReflection()->GetUnknownFields(state).empty()) return v1::UNKNOWN_FIELD;
  if (!state.has_written_at() || !IsValid(state.written_at())) return v1::INVALID_DATA;

  // Records that do not say what they are about.
  bool good = true;
  for (const v1::Artifact& artifact : state.artifacts()) good = good && IsDigest(artifact.digest());
  for (const v1::Cell& cell : state.cells()) {
    good = good && IsIdentifier(cell.id()) && IsIdentifier(cell.stage());
  }
  for (const v1::Check& check : state.checks()) {
    good = good && IsIdentifier(check.check()) && IsDigest(check.artifact());
  }
  for (const v1::AlarmReport& alarm : state.alarms()) {
    good = good && IsIdentifier(alarm.alarm()) && EmptyOrIdentifier(alarm.cell()) &&
           EmptyOrIdentifier(alarm.region());
  }
  for (const v1::Series& series : state.series()) {
    good = good && IsIdentifier(series.series()) && EmptyOrIdentifier(series.cell()) &&
           EmptyOrIdentifier(series.region());
  }
  for (const v1::CellCounts& counts : state.counts()) {
    good = good && IsIdentifier(counts.counts()) && IsIdentifier(counts.stage());
  }
  for (const v1::SyntheticRuns& runs : state.synthetic_runs()) {
    good = good && IsIdentifier(runs.stage()) && IsIdentifier(runs.api());
  }
  for (const v1::Environment& environment : state.environments()) {
    good = good && IsIdentifier(environment.stage());
  }
  for (const v1::TrafficSample& sample : state.traffic_samples()) {
    good = good && IsIdentifier(sample.stage());
  }
  for (const v1::Baseline& baseline : state.baselines()) {
    good = good && IsIdentifier(baseline.counts()) && IsIdentifier(baseline.stage());
  }
  for (const v1::Measurement& measurement : state.measurements()) {
    good = good && IsIdentifier(measurement.measurement()) && IsDigest(measurement.artifact()) &&
           IsIdentifier(measurement.cell());
  }
  for (const v1::Hold& hold : state.holds()) good = good && !HoldIsUnreadable(hold, false);
  // Records of no smaller scope.
  for (const v1::Withdrawal& withdrawal : state.withdrawals()) {
    if (HasUnknownFields(withdrawal)) return v1::UNKNOWN_FIELD;
    good = good && IsDigest(withdrawal.artifact()) && !withdrawal.who().empty() &&
           !withdrawal.why().empty() && withdrawal.has_at() && IsValid(withdrawal.at());
  }
  for (const v1::ListSeen& seen : state.lists_seen()) {
    if (HasUnknownFields(seen)) return v1::UNKNOWN_FIELD;
    good = good && IsIdentifier(seen.list());
  }
  for (const v1::AppliedEvent& event : state.applied_events()) {
    if (HasUnknownFields(event)) return v1::UNKNOWN_FIELD;
    good = good && IsIdentifier(event.id()) && IsDigest(event.digest()) &&
           OptionalTime(event, event.has_at(), event.at());
  }
  good = good &&
         OptionalTime(state, state.has_events_forgotten_before(), state.events_forgotten_before());
  if (!good) return v1::INVALID_DATA;
  if (AnyShared(state.stages(), [](const auto& record) { return record.stage(); }) ||
      AnyShared(state.applied_events(), [](const auto& event) { return event.id(); })) {
    return v1::DUPLICATE_ID;
  }
  v1::Reason worst = v1::ALL_CLEAR;
  for (const v1::StageRecord& record : state.stages()) {
    const v1::Reason fault = StageRecordFault(facts, record);
    if (fault != v1::ALL_CLEAR && (worst == v1::ALL_CLEAR || worst == v1::FROM_THE_FUTURE)) {
      worst = fault;
    }
  }
  return worst;
}

v1::Reason OrganisationFault(const Facts& facts) {
  if (!facts.organisation.has_value()) return v1::ALL_CLEAR;
  const v1::OrganisationFacts& organisation = *facts.organisation;
  if (organisation.schema_version() > 1) return v1::SCHEMA_TOO_NEW;
  if (organisation.schema_version() == 0 || !IsIdentifier(organisation.id())) {
    return v1::INVALID_DATA;
  }
  if (facts.organisation_cut) return v1::STATE_CUT;
  if (!organisation.GetReflection()->GetUnknownFields(organisation).empty()) {
    return v1::UNKNOWN_FIELD;
  }
  if (organisation.epoch() == 0 || !organisation.has_observed_at() ||
      !IsValid(organisation.observed_at())) {
    return v1::INVALID_DATA;
  }
  for (const v1::Hold& hold : organisation.holds()) {
    if (HoldIsUnreadable(hold, true)) return v1::INVALID_DATA;
  }
  for (const v1::AlarmReport& alarm : organisation.alarms()) {
    if (!IsIdentifier(alarm.alarm()) || !EmptyOrIdentifier(alarm.cell()) ||
        !EmptyOrIdentifier(alarm.region())) {
      return v1::INVALID_DATA;
    }
  }
  for (const v1::Calendar& calendar : organisation.calendars()) {
    if (HasUnknownFields(calendar)) return v1::UNKNOWN_FIELD;
    if (!IsIdentifier(calendar.id()) || !calendar.has_observed_at() ||
        !IsValid(calendar.observed_at()) || calendar.starts_s_size() != calendar.ends_s_size()) {
      return v1::INVALID_DATA;
    }
    for (int i = 0; i < calendar.starts_s_size(); ++i) {
      if (calendar.ends_s(i) <= calendar.starts_s(i)) return v1::INVALID_DATA;
      if (i > 0 && calendar.starts_s(i) < calendar.starts_s(i - 1)) return v1::INVALID_DATA;
      Timestamp start;
      start.set_seconds(calendar.starts_s(i));
      Timestamp end;
      end.set_seconds(calendar.ends_s(i));
      if (!IsValid(start) || !IsValid(end)) return v1::INVALID_DATA;
    }
  }
  if (AnyShared(organisation.calendars(), [](const auto& calendar) { return calendar.id(); })) {
    return v1::DUPLICATE_ID;
  }
  return FromTheFuture(facts, organisation.observed_at()) ? v1::FROM_THE_FUTURE : v1::ALL_CLEAR;
}

bool OrganisationWentBack(const Facts& facts) {
  if (!facts.organisation.has_value()) return false;
  for (const v1::ListSeen& seen : facts.state.lists_seen()) {
    if (seen.list() == facts.organisation->id() && facts.organisation->epoch() < seen.epoch()) {
      return true;
    }
  }
  return false;
}

v1::Reason ArtifactFault(const Facts& facts, absl::string_view digest) {
  const v1::Artifact* artifact = FindArtifact(facts, digest);
  if (artifact == nullptr) return v1::ARTIFACT_ABSENT;
  const v1::Reason fault = Judge(*artifact, IsGood(*artifact));
  if (fault != v1::ALL_CLEAR) return fault;
  if (artifact->has_components() &&
      artifact->components().count() !=
          static_cast<uint32_t>(artifact->components().components_size())) {
    return v1::STATE_CUT;
  }
  for (const v1::Artifact& other : facts.state.artifacts()) {
    if (&other == artifact) continue;
    // [I8] One digest, two contents; or one place in the order, two artifacts.
    if (other.digest() == digest || other.sequence() == artifact->sequence()) {
      return v1::DUPLICATE_ID;
    }
  }
  if (artifact->has_built_at() && FromTheFuture(facts, artifact->built_at())) {
    return v1::FROM_THE_FUTURE;
  }
  return v1::ALL_CLEAR;
}

v1::Reason DeploymentsFault(const Facts& facts, absl::string_view stage, absl::string_view cell) {
  v1::Reason fault = v1::ALL_CLEAR;
  bool future = false;
  for (const v1::Deployment& deployment : Record(facts, stage).deployments()) {
    if (deployment.cell() != cell) continue;
    if (fault == v1::ALL_CLEAR) fault = Judge(deployment, IsGood(deployment));
    if (fault == v1::ALL_CLEAR && FindArtifact(facts, deployment.artifact()) == nullptr) {
      fault = v1::ARTIFACT_ABSENT;  // [R9]
    }
    for (const v1::Deployment& other : Record(facts, stage).deployments()) {
      if (fault == v1::ALL_CLEAR && &other != &deployment &&
          other.number() == deployment.number()) {
        fault = v1::DUPLICATE_ID;
      }
    }
    future = future || FromTheFuture(facts, deployment.started_at()) ||
             (deployment.has_ended_at() && FromTheFuture(facts, deployment.ended_at()));
  }
  if (fault == v1::ALL_CLEAR && future) fault = v1::FROM_THE_FUTURE;
  return fault;
}

v1::Reason CellFault(const Facts& facts, absl::string_view stage, absl::string_view cell) {
  v1::Reason fault = v1::ALL_CLEAR;
  int records = 0;
  for (const v1::Cell& record : facts.state.cells()) {
    if (record.id() != cell) continue;
    ++records;
    if (fault == v1::ALL_CLEAR) fault = Judge(record, IsGood(record));
  }
  if (fault == v1::ALL_CLEAR && records > 1) fault = v1::DUPLICATE_ID;
  return fault == v1::ALL_CLEAR ? DeploymentsFault(facts, stage, cell) : fault;
}

v1::Reason CheckFault(const v1::Check& check) {
  bool good = IsIdentifier(check.check()) && IsDigest(check.artifact()) &&
              EmptyOrIdentifier(check.stage()) && EmptyOrIdentifier(check.cell()) &&
              IsIdentifier(check.run()) && check.has_started_at() && IsValid(check.started_at()) &&
              check.outcome() != v1::Check::OUTCOME_UNSPECIFIED &&
              v1::Check::Outcome_IsValid(check.outcome());
  const bool running = check.outcome() == v1::Check::RUNNING;
  if (running == check.has_finished_at()) good = false;
  if (good && !running &&
      (!IsValid(check.finished_at()) || ToTime(check.finished_at()) < ToTime(check.started_at()))) {
    good = false;
  }
  for (const auto& number : check.numbers()) {
    if (!std::isfinite(number.second)) good = false;
  }
  return Judge(check, good);
}

v1::Reason AlarmFault(const v1::AlarmReport& report) {
  bool good =
      IsIdentifier(report.alarm()) && report.state() != v1::AlarmReport::STATE_UNSPECIFIED &&
      v1::AlarmReport::State_IsValid(report.state()) && report.has_since() &&
      IsValid(report.since()) && report.has_observed_at() && IsValid(report.observed_at()) &&
      OptionalTime(report, report.has_last_alarm_at(), report.last_alarm_at()) &&
      OptionalTime(report, report.has_history_from(), report.history_from()) &&
      (report.cell().empty() || report.region().empty());
  if (good) {
    const absl::Time observed = ToTime(report.observed_at());
    good = ToTime(report.since()) <= observed &&
           (!report.has_last_alarm_at() || ToTime(report.last_alarm_at()) <= observed) &&
           (!report.has_history_from() || ToTime(report.history_from()) <= observed);
  }
  return Judge(report, good);
}

v1::Reason SeriesFault(const v1::Series& series) {
  bool good = IsIdentifier(series.series()) && IsPeriod(series.period()) && series.has_start() &&
              IsAligned(series.start(), series.period()) && series.has_reported_through() &&
              IsValid(series.reported_through()) &&
              (series.cell().empty() || series.region().empty());
  for (const double value : series.values()) {
    if (std::isinf(value)) good = false;  // [I6]
  }
  return Judge(series, good);
}

v1::Reason CountsFault(const v1::CellCounts& counts) {
  bool good = IsIdentifier(counts.counts()) && IsIdentifier(counts.stage()) &&
              IsPeriod(counts.period()) && counts.has_start() &&
              IsAligned(counts.start(), counts.period()) && counts.has_reported_through() &&
              IsValid(counts.reported_through()) && !counts.cells().empty() &&
              AllIdentifiers(counts.cells()) && counts.requests_size() == counts.errors_size() &&
              counts.requests_size() % std::max(1, counts.cells_size()) == 0;
  std::set<std::string> cells(counts.cells().begin(), counts.cells().end());
  good = good && static_cast<int>(cells.size()) == counts.cells_size();
  for (const int64_t count : counts.requests()) {
    if (count < -1 || count > kLargestCount) good = false;
  }
  for (const int64_t count : counts.errors()) {
    if (count < -1 || count > kLargestCount) good = false;
  }
  for (int i = 0; good && i < counts.requests_size(); ++i) {
    // [R5] Fewer requests than errors.
    if (counts.requests(i) >= 0 && counts.errors(i) > counts.requests(i)) good = false;
  }
  return Judge(counts, good);
}

v1::Reason BaselineFault(const v1::Baseline& baseline) {
  return Judge(baseline, IsIdentifier(baseline.counts()) && IsIdentifier(baseline.stage()) &&
                             IsDigest(baseline.artifact()) && baseline.requests() >= 1 &&
                             baseline.requests() <= kLargestCount && baseline.errors() >= 0 &&
                             baseline.errors() <= baseline.requests() &&
                             baseline.has_observed_at() && IsValid(baseline.observed_at()));
}

v1::Reason MeasurementFault(const v1::Measurement& measurement) {
  return Judge(measurement,
               IsIdentifier(measurement.measurement()) && IsDigest(measurement.artifact()) &&
                   IsIdentifier(measurement.cell()) && IsIdentifier(measurement.run()) &&
                   measurement.has_measured_at() && IsValid(measurement.measured_at()) &&
                   measurement.outcome() != v1::Measurement::OUTCOME_UNSPECIFIED &&
                   v1::Measurement::Outcome_IsValid(measurement.outcome()));
}

v1::Reason SyntheticRunsFault(const v1::SyntheticRuns& runs) {
  bool good = IsIdentifier(runs.stage()) && IsIdentifier(runs.api()) &&
              runs.finished_at_ms_size() == runs.succeeded_size();
  for (int i = 1; i < runs.finished_at_ms_size(); ++i) {
    if (runs.finished_at_ms(i) < runs.finished_at_ms(i - 1)) good = false;
  }
  for (const int64_t ms : runs.finished_at_ms()) {
    if (ms < -62135596800000 || ms > 253402300799999) good = false;
  }
  return Judge(runs, good);
}

v1::Reason EnvironmentFault(const v1::Environment& environment) {
  return Judge(environment, IsIdentifier(environment.stage()) && environment.has_observed_at() &&
                                IsValid(environment.observed_at()));
}

v1::Reason TrafficSampleFault(const v1::TrafficSample& sample) {
  bool good = IsIdentifier(sample.stage()) && sample.has_observed_at() &&
              IsValid(sample.observed_at()) && sample.principals_size() == sample.requests_size() &&
              AllIdentifiers(sample.principals());
  const std::set<std::string> principals(sample.principals().begin(), sample.principals().end());
  good = good && static_cast<int>(principals.size()) == sample.principals_size();
  for (const int64_t count : sample.requests()) {
    if (count < 0 || count > kLargestCount) good = false;
  }
  return Judge(sample, good);
}

v1::Reason ApprovalFault(const v1::Approval& approval) {
  return Judge(
      approval,
      IsIdentifier(approval.id()) && IsIdentifier(approval.blocker()) &&
          IsDigest(approval.artifact()) && IsIdentifier(approval.stage()) &&
          IsIdentifier(approval.principal()) && !approval.roles().empty() &&
          AllIdentifiers(approval.roles()) && approval.has_granted_at() &&
          IsValid(approval.granted_at()) &&
          (!approval.has_expires_at() ||
           (IsValid(approval.expires_at()) &&
            ToTime(approval.granted_at()) < ToTime(approval.expires_at()))) &&
          (approval.policy_fingerprint().empty() || IsDigest(approval.policy_fingerprint())) &&
          OptionalTime(approval, approval.has_revoked_at(), approval.revoked_at()));
}

v1::Reason OverrideFault(const v1::Override& override) {
  return Judge(override,
               IsIdentifier(override.id()) && AllIdentifiers(override.blockers()) &&
                   (!override.blockers().empty() || override.all_blockers() ||
                    !override.keep_despite().empty()) &&
                   (!override.all_blockers() || IsDigest(override.policy_fingerprint())) &&
                   IsDigest(override.artifact()) && !override.stages().empty() &&
                   AllIdentifiers(override.stages()) && IsIdentifier(override.principal()) &&
                   !override.roles().empty() && AllIdentifiers(override.roles()) &&
                   !override.reason().empty() && override.has_granted_at() &&
                   IsValid(override.granted_at()) && override.has_expires_at() &&
                   IsValid(override.expires_at()) &&
                   ToTime(override.granted_at()) < ToTime(override.expires_at()) &&
                   OptionalTime(override, override.has_revoked_at(), override.revoked_at()));
}

v1::Reason HoldFault(const v1::Hold& hold) {
  return Judge(hold, HasIdentifiedHold(hold) && !hold.who().empty() && !hold.why().empty() &&
                         hold.has_placed_at() && IsValid(hold.placed_at()) &&
                         (!hold.has_expires_at() ||
                          (IsValid(hold.expires_at()) &&
                           ToTime(hold.placed_at()) < ToTime(hold.expires_at()))) &&
                         OptionalTime(hold, hold.has_released_at(), hold.released_at()));
}

v1::Reason RollBackHoldFault(const v1::RollBackHold& hold) {
  return Judge(hold, IsIdentifier(hold.id()) && IsIdentifier(hold.stage()) && !hold.who().empty() &&
                         !hold.why().empty() && hold.has_placed_at() && IsValid(hold.placed_at()) &&
                         hold.has_expires_at() && IsValid(hold.expires_at()) &&
                         ToTime(hold.placed_at()) < ToTime(hold.expires_at()) &&
                         OptionalTime(hold, hold.has_released_at(), hold.released_at()));
}

v1::Reason ListFault(const v1::KnownBadList& list) {
  bool good = IsIdentifier(list.id()) && list.epoch() > 0 && list.has_verified_at() &&
              IsValid(list.verified_at());
  for (const v1::KnownBadEntry& entry : list.entries()) {
    good =
        good && IsIdentifier(entry.id()) &&
        (!entry.digests().empty() || !entry.package_urls().empty() || !entry.packages().empty()) &&
        v1::KnownBadEntry::Severity_IsValid(entry.severity()) &&
        OptionalTime(entry, entry.has_added_at(), entry.added_at()) &&
        OptionalTime(entry, entry.has_effective_from(), entry.effective_from()) &&
        OptionalTime(entry, entry.has_withdrawn_at(), entry.withdrawn_at());
    for (const std::string& digest : entry.digests()) good = good && IsDigest(digest);
    for (const v1::AffectedPackage& package : entry.packages()) {
      good = good && (!package.versions().empty() || !package.ranges().empty());
      for (const v1::VersionRange& range : package.ranges()) {
        good = good && !range.introduced().empty();
      }
    }
  }
  if (HasUnknownFields(list)) return v1::UNKNOWN_FIELD;
  if (!good) return v1::INVALID_DATA;
  if (AnyShared(list.entries(), [](const auto& entry) { return entry.id(); })) {
    return v1::DUPLICATE_ID;
  }
  return v1::ALL_CLEAR;
}

bool HoldIsUnreadable(const v1::Hold& hold, bool of_organisation) {
  if (!IsIdentifier(hold.id())) return true;
  switch (hold.scope()) {
    case v1::Hold::ORGANISATION:
      return !of_organisation;
    case v1::Hold::PIPELINE:
      return of_organisation && !IsIdentifier(hold.pipeline());
    case v1::Hold::STAGE:
      return (of_organisation && !IsIdentifier(hold.pipeline())) || !IsIdentifier(hold.stage());
    case v1::Hold::CELL:
      return (of_organisation && !IsIdentifier(hold.pipeline())) || !IsIdentifier(hold.stage()) ||
             !IsIdentifier(hold.cell());
    default:
      return true;
  }
}

}  // namespace reference
}  // namespace sluice
