#include "tests/reference/validity.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>

namespace sluice {
namespace reference {
namespace {

using google::protobuf::Timestamp;

constexpr int64_t kLargestCount = int64_t{1} << 34;
constexpr size_t kLongestIdentifier = 128;
constexpr int64_t kLastSecond = 253402300799;

// [I2] Of several faults of one record the reason with the lowest number is named.
void Note(v1::Reason* fault, v1::Reason reason) {
  if (reason == v1::ALL_CLEAR) return;
  if (*fault == v1::ALL_CLEAR || reason < *fault) *fault = reason;
}

// Cuts every text to the length of the longest identifier.
void Shorten(google::protobuf::Message* message) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection->FieldSize(*message, field) : 0;
    if (field->is_map()) continue;
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) Shorten(reflection->MutableMessage(message, field));
      for (int i = 0; i < size; ++i) {
        Shorten(reflection->MutableRepeatedMessage(message, field, i));
      }
    }
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
    if (!field->is_repeated()) {
      const std::string text = reflection->GetString(*message, field);
      reflection->SetString(message, field, text.substr(0, kLongestIdentifier));
    }
    for (int i = 0; i < size; ++i) {
      const std::string text = reflection->GetRepeatedString(*message, field, i);
      reflection->SetRepeatedString(message, field, i, text.substr(0, kLongestIdentifier));
    }
  }
}

// A record that would be good if its identifiers were shorter has exceeded a limit.
template <typename Message, typename Good>
v1::Reason Judge(const Message& message, const Good& is_good) {
  v1::Reason fault = v1::ALL_CLEAR;
  if (HasUnknownFields(message)) fault = v1::UNKNOWN_FIELD;
  if (is_good(message)) return fault;
  Message shorter = message;
  Shorten(&shorter);
  return is_good(shorter) ? v1::LIMIT_EXCEEDED : v1::INVALID_DATA;
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

bool AreTriggers(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  for (const std::string& text : texts) {
    if (text != "@deployment" && !IsIdentifier(text)) return false;
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
  if (cell.weight() < 1) return false;
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
  if (adopted && ended && deployment.outcome() != v1::Deployment::SUCCEEDED) return false;
  const bool succeeded = adopted || deployment.outcome() == v1::Deployment::SUCCEEDED;
  if (deployment.has_proven() &&
      (!succeeded || !deployment.proven().has_at() || !IsValid(deployment.proven().at()) ||
       !IsDigest(deployment.proven().policy_fingerprint()))) {
    return false;
  }
  const v1::Acceptance& accepted = deployment.accepted();
  return !deployment.has_accepted() ||
         (!accepted.who().empty() && !accepted.roles().empty() &&
          AllIdentifiers(accepted.roles()) && !accepted.why().empty() && accepted.has_at() &&
          IsValid(accepted.at()));
}

bool IsWaveId(const std::string& text) {
  return text == "@unproven" || text == "@added" || text == "@catch_up" || IsIdentifier(text);
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
  const absl::Time started = ToTime(rollout.started_at());
  if (rollout.has_ended_at() && ToTime(rollout.ended_at()) < started) return false;
  if (rollout.has_completed_at() && ToTime(rollout.completed_at()) < started) return false;
  const bool running = rollout.state() == v1::Rollout::RUNNING;
  const bool rolling_back = rollout.state() == v1::Rollout::ROLLING_BACK;
  if (running && rollout.has_ended_at()) return false;
  if (!running && !rolling_back && !rollout.has_ended_at()) return false;
  if (rolling_back && rollout.roll_back_cells().empty()) return false;
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
    if (!IsWaveId(wave.id()) || wave.cells().empty()) return false;
    if (wave.cells_size() != wave.weights_size()) return false;
    if (!ids.insert(wave.id()).second) return false;
    if (!OptionalTime(wave, wave.has_proven_at(), wave.proven_at())) return false;
    for (const std::string& cell : wave.cells()) {
      // [R1] A cell in two waves is INVALID.
      if (!IsIdentifier(cell) || !cells.insert(cell).second) return false;
    }
    for (const uint32_t weight : wave.weights()) {
      if (weight < 1) return false;
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

bool IsGood(const v1::StartRequest& request) {
  return IsGoodRequest(request) && (request.wave().empty() || IsWaveId(request.wave()));
}

bool IsGood(const v1::PreemptRequest& request) { return IsGoodRequest(request); }

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

bool IsGood(const v1::Withdrawal& withdrawal) {
  return IsDigest(withdrawal.artifact()) && !withdrawal.who().empty() &&
         !withdrawal.why().empty() && withdrawal.has_at() && IsValid(withdrawal.at());
}

bool IsGood(const v1::ListSeen& seen) { return IsIdentifier(seen.list()) && seen.epoch() > 0; }

bool IsGood(const v1::AppliedEvent& event) {
  return IsIdentifier(event.id()) && IsDigest(event.digest()) &&
         OptionalTime(event, event.has_at(), event.at());
}

template <typename Record>
v1::Reason FaultOf(const Record& record) {
  return Judge(record, [](const Record& r) { return IsGood(r); });
}

// [I8] Of those that share what `key` gives only the first, by content, is looked at.
template <typename Elements, typename Element, typename Key>
bool IsFirst(const Elements& elements, const Element& element, const Key& key) {
  return std::none_of(elements.begin(), elements.end(), [&](const Element& other) {
    return key(other) == key(element) && other.SerializeAsString() < element.SerializeAsString();
  });
}

// The faults of the elements, and whether any two share an id.
template <typename Elements>
v1::Reason FaultOfRequests(const Elements& elements) {
  v1::Reason fault = v1::ALL_CLEAR;
  const auto id = [](const auto& element) { return element.id(); };
  for (const auto& element : elements) {
    if (IsFirst(elements, element, id)) Note(&fault, FaultOf(element));
  }
  if (AnyShared(elements, id)) Note(&fault, v1::DUPLICATE_ID);
  return fault;
}

bool IsElsewhere(const Facts& facts, absl::string_view stage, absl::string_view cell) {
  const v1::Cell* record = FindCell(facts, cell);
  return record != nullptr && record->stage() != stage;
}

v1::Reason RolloutFault(const Facts& facts, const std::string& stage, const v1::Rollout& rollout) {
  v1::Reason fault = FaultOf(rollout);
  // [R9] A rollout that names an artifact which is not in the state: the pipeline.
  if (IsDigest(rollout.artifact()) && FindArtifact(facts, rollout.artifact()) == nullptr) {
    Note(&fault, v1::ARTIFACT_ABSENT);
  }
  for (const v1::PlannedWave& wave : rollout.plan().waves()) {
    for (const std::string& cell : wave.cells()) {
      if (IsElsewhere(facts, stage, cell)) Note(&fault, v1::INVALID_DATA);
    }
    for (const uint32_t weight : wave.weights()) {
      if (weight > kLargestWeight) Note(&fault, v1::LIMIT_EXCEEDED);
    }
  }
  for (const std::string& cell : rollout.roll_back_cells()) {
    if (IsElsewhere(facts, stage, cell)) Note(&fault, v1::INVALID_DATA);
  }
  return fault;
}

// The deployment's own; a number that two share is of neither.
v1::Reason DeploymentFault(const Facts& facts, const v1::StageRecord& record,
                           const v1::Deployment& deployment) {
  v1::Reason fault = FaultOf(deployment);
  if (IsDigest(deployment.artifact()) && FindArtifact(facts, deployment.artifact()) == nullptr) {
    Note(&fault, v1::ARTIFACT_ABSENT);  // [R9]
  }
  const v1::Cell* cell = FindCell(facts, deployment.cell());
  if (cell == nullptr || cell->stage() != record.stage()) Note(&fault, v1::INVALID_DATA);
  for (const v1::Deployment& other : record.deployments()) {
    if (&other != &deployment && other.number() == deployment.number() && other.number() > 0) {
      Note(&fault, v1::DUPLICATE_ID);
    }
  }
  return fault;
}

// All that happened in one stage but deployments of its cells, which are the cells'.
v1::Reason StageRecordFault(const Facts& facts, const v1::StageRecord& record) {
  if (!IsIdentifier(record.stage())) return v1::INVALID_DATA;
  v1::Reason fault = v1::ALL_CLEAR;
  if (!record.GetReflection()->GetUnknownFields(record).empty()) Note(&fault, v1::UNKNOWN_FIELD);
  int running = 0;
  for (const v1::Rollout& rollout : record.rollouts()) {
    Note(&fault, RolloutFault(facts, record.stage(), rollout));
    running +=
        rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK;
  }
  if (running > 1) Note(&fault, v1::INVALID_DATA);
  if (AnyShared(record.rollouts(), [](const auto& rollout) { return rollout.number(); })) {
    Note(&fault, v1::DUPLICATE_ID);
  }
  for (const v1::Deployment& deployment : record.deployments()) {
    bool shares = false;
    for (const v1::Deployment& other : record.deployments()) {
      shares = shares || (&other != &deployment && other.number() == deployment.number());
    }
    // Nobody's, or one of two.
    if (FindCell(facts, deployment.cell()) == nullptr || (shares && deployment.number() > 0)) {
      Note(&fault, DeploymentFault(facts, record, deployment));
    }
  }
  for (const v1::Entry& entry : record.entries()) Note(&fault, FaultOf(entry));
  for (const v1::Pass& pass : record.passes()) {
    Note(&fault, FaultOf(pass));
    for (const v1::Pass& other : record.passes()) {
      const bool contradicts = other.artifact() == pass.artifact() && IsDigest(pass.artifact()) &&
                               (other.has_revoked_at() != pass.has_revoked_at() ||
                                ToTime(other.revoked_at()) != ToTime(pass.revoked_at()));
      if (contradicts) Note(&fault, v1::DUPLICATE_ID);
    }
  }
  for (const v1::Latch& latch : record.latches()) Note(&fault, FaultOf(latch));
  Note(&fault, FaultOfRequests(record.start_requests()));
  Note(&fault, FaultOfRequests(record.preempt_requests()));
  Note(&fault, FaultOfRequests(record.roll_back_requests()));
  Note(&fault, FaultOfRequests(record.retry_requests()));
  return fault;
}

v1::Reason CellRecordFault(const Facts& facts, absl::string_view cell) {
  v1::Reason fault = v1::ALL_CLEAR;
  int records = 0;
  for (const v1::Cell& record : facts.state.cells()) {
    if (record.id() != cell) continue;
    ++records;
    Note(&fault, FaultOf(record));
    if (record.weight() > kLargestWeight) Note(&fault, v1::LIMIT_EXCEEDED);
  }
  if (records > 1) Note(&fault, v1::DUPLICATE_ID);
  return fault;
}

// What `keys` says of each element; INVALID_DATA if it says no for one, or LIMIT_EXCEEDED.
template <typename Elements, typename Keys>
v1::Reason UnreadableFault(const Elements& elements, const Keys& keys) {
  v1::Reason fault = v1::ALL_CLEAR;
  for (const auto& element : elements) {
    if (!keys(element)) Note(&fault, Judge(element, keys));
  }
  return fault;
}

template <typename Signal>
bool IsAboutOne(const std::string& id, const Signal& signal) {
  return IsIdentifier(id) && EmptyOrIdentifier(signal.cell()) &&
         EmptyOrIdentifier(signal.region()) && (signal.cell().empty() || signal.region().empty());
}

v1::Reason UnreadableAlarms(const google::protobuf::RepeatedPtrField<v1::AlarmReport>& alarms) {
  v1::Reason fault = v1::ALL_CLEAR;
  for (const v1::AlarmReport& alarm : alarms) {
    if (IsAboutOne(alarm.alarm(), alarm)) continue;
    Note(&fault, AlarmFault(alarm));
    for (const v1::AlarmReport& other : alarms) {
      if (&other != &alarm && other.alarm() == alarm.alarm() && other.cell() == alarm.cell() &&
          other.region() == alarm.region()) {
        Note(&fault, v1::DUPLICATE_ID);
      }
    }
  }
  return fault;
}

}  // namespace

bool StateIsAnothers(const Facts& facts) {
  return facts.state.schema_version() > 1 ||
         (IsIdentifier(facts.state.pipeline()) && facts.state.pipeline() != facts.policy.id());
}

v1::Reason StateFault(const Facts& facts) {
  const v1::PipelineState& state = facts.state;
  if (state.schema_version() > 1) return v1::SCHEMA_TOO_NEW;
  if (StateIsAnothers(facts)) return v1::WRONG_PIPELINE;
  v1::Reason fault = v1::ALL_CLEAR;
  if (state.schema_version() == 0) Note(&fault, v1::INVALID_DATA);
  if (!IsIdentifier(state.pipeline())) {
    Note(&fault,
         state.pipeline().size() > kLongestIdentifier ? v1::LIMIT_EXCEEDED : v1::INVALID_DATA);
  }
  if (facts.state_cut) Note(&fault, v1::STATE_CUT);
  if (!state.GetReflection()->GetUnknownFields(state).empty()) Note(&fault, v1::UNKNOWN_FIELD);
  if (!state.has_written_at() || !IsValid(state.written_at())) Note(&fault, v1::INVALID_DATA);
  if (HasUnknownFields(state.written_at())) Note(&fault, v1::UNKNOWN_FIELD);
  if (state.has_events_forgotten_before() && !IsValid(state.events_forgotten_before())) {
    Note(&fault, v1::INVALID_DATA);
  }

  // Records that do not say what they are about.
  for (const v1::Artifact& artifact : state.artifacts()) {
    if (!IsDigest(artifact.digest())) Note(&fault, v1::INVALID_DATA);
  }
  for (const v1::Cell& cell : state.cells()) {
    if (!IsIdentifier(cell.id()) || !IsIdentifier(cell.stage())) {
      Note(&fault, CellRecordFault(facts, cell.id()));
    }
    for (const v1::Cell& other : state.cells()) {
      if (other.id() == cell.id() && other.stage() != cell.stage()) {
        Note(&fault, v1::DUPLICATE_ID);
      }
    }
  }
  for (const v1::Check& check : state.checks()) {
    if (!IsIdentifier(check.check()) || !IsDigest(check.artifact()) ||
        !EmptyOrIdentifier(check.stage()) || !EmptyOrIdentifier(check.cell())) {
      Note(&fault, Judge(check, [](const v1::Check& c) {
        return IsIdentifier(c.check()) && IsDigest(c.artifact()) && EmptyOrIdentifier(c.stage()) &&
               EmptyOrIdentifier(c.cell());
      }));
    }
  }
  Note(&fault, UnreadableAlarms(state.alarms()));
  for (const v1::Series& series : state.series()) {
    if (!IsAboutOne(series.series(), series)) Note(&fault, SeriesFault(series));
  }
  for (const v1::CellCounts& counts : state.counts()) {
    if (!IsIdentifier(counts.counts()) || !IsIdentifier(counts.stage())) {
      Note(&fault, CountsFault(counts));
    }
  }
  for (const v1::SyntheticRuns& runs : state.synthetic_runs()) {
    if (!IsIdentifier(runs.stage()) || runs.api().empty()) Note(&fault, SyntheticRunsFault(runs));
  }
  for (const v1::Environment& environment : state.environments()) {
    if (!IsIdentifier(environment.stage())) Note(&fault, EnvironmentFault(environment));
  }
  for (const v1::TrafficSample& sample : state.traffic_samples()) {
    if (!IsIdentifier(sample.stage())) Note(&fault, TrafficSampleFault(sample));
  }
  for (const v1::Baseline& baseline : state.baselines()) {
    if (!IsIdentifier(baseline.counts()) || !IsIdentifier(baseline.stage())) {
      Note(&fault, BaselineFault(baseline));
    }
  }
  Note(&fault, UnreadableFault(state.measurements(), [](const v1::Measurement& measurement) {
    return IsIdentifier(measurement.measurement()) && IsDigest(measurement.artifact()) &&
           IsIdentifier(measurement.cell());
  }));
  for (const v1::Hold& hold : state.holds()) {
    // [I2] What it names can't be read, or is of another stage.
    if (HoldIsUnreadable(hold, false) ||
        (hold.scope() == v1::Hold::CELL && IsElsewhere(facts, hold.stage(), hold.cell()))) {
      v1::Reason of_hold = HoldFault(facts, hold, false);
      Note(&fault, of_hold == v1::ALL_CLEAR ? v1::INVALID_DATA : of_hold);
    }
  }
  // Records of no smaller scope.
  for (const v1::Withdrawal& withdrawal : state.withdrawals()) Note(&fault, FaultOf(withdrawal));
  for (const v1::ListSeen& seen : state.lists_seen()) Note(&fault, FaultOf(seen));
  for (const v1::AppliedEvent& event : state.applied_events()) Note(&fault, FaultOf(event));
  if (AnyShared(state.lists_seen(), [](const auto& seen) { return seen.list(); }) ||
      AnyShared(state.applied_events(), [](const auto& event) { return event.id(); })) {
    Note(&fault, v1::DUPLICATE_ID);
  }
  for (size_t i = 0; i < facts.lists.size(); ++i) {
    for (size_t j = i + 1; j < facts.lists.size(); ++j) {
      if (facts.lists[i].id() == facts.lists[j].id()) Note(&fault, v1::DUPLICATE_ID);
    }
  }
  Note(&fault, facts.records_fault);
  return fault;
}

v1::Reason OrganisationFault(const Facts& facts) {
  if (!facts.organisation.has_value()) return v1::ALL_CLEAR;
  const v1::OrganisationFacts& organisation = *facts.organisation;
  if (organisation.schema_version() > 1) return v1::SCHEMA_TOO_NEW;
  v1::Reason fault = v1::ALL_CLEAR;
  if (organisation.schema_version() == 0) Note(&fault, v1::INVALID_DATA);
  if (!IsIdentifier(organisation.id())) {
    Note(&fault,
         organisation.id().size() > kLongestIdentifier ? v1::LIMIT_EXCEEDED : v1::INVALID_DATA);
  }
  if (facts.organisation_cut) Note(&fault, v1::STATE_CUT);
  if (!organisation.GetReflection()->GetUnknownFields(organisation).empty() ||
      HasUnknownFields(organisation.observed_at())) {
    Note(&fault, v1::UNKNOWN_FIELD);
  }
  if (organisation.epoch() == 0 || !organisation.has_observed_at() ||
      !IsValid(organisation.observed_at())) {
    Note(&fault, v1::INVALID_DATA);
  }
  if (organisation.has_emergency_stop()) {
    Note(&fault, Judge(organisation.emergency_stop(), [](const v1::EmergencyStop& stop) {
      return v1::EmergencyStop::State_IsValid(stop.state()) &&
             stop.state() != v1::EmergencyStop::STATE_UNSPECIFIED && stop.has_observed_at() &&
             IsValid(stop.observed_at());
    }));
  }
  for (const v1::Hold& hold : organisation.holds()) {
    if (HoldIsUnreadable(hold, true)) Note(&fault, HoldFault(facts, hold, true));
  }
  Note(&fault, UnreadableAlarms(organisation.alarms()));
  for (const v1::Calendar& calendar : organisation.calendars()) {
    if (!IsFirst(organisation.calendars(), calendar, [](const auto& c) { return c.id(); }))
      continue;
    Note(&fault, Judge(calendar, [](const v1::Calendar& c) {
      if (!IsIdentifier(c.id()) || !c.has_observed_at() || !IsValid(c.observed_at()) ||
          c.starts_s_size() != c.ends_s_size()) {
        return false;
      }
      for (int i = 0; i < c.starts_s_size(); ++i) {
        if (c.ends_s(i) <= c.starts_s(i)) return false;
        if (i > 0 && c.starts_s(i) < c.starts_s(i - 1)) return false;
        Timestamp start;
        start.set_seconds(c.starts_s(i));
        Timestamp end;
        end.set_seconds(c.ends_s(i));
        if (!IsValid(start) || !IsValid(end)) return false;
      }
      return true;
    }));
  }
  if (AnyShared(organisation.calendars(), [](const auto& calendar) { return calendar.id(); })) {
    Note(&fault, v1::DUPLICATE_ID);
  }
  return fault;
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
  if (FindArtifact(facts, digest) == nullptr) return v1::ARTIFACT_ABSENT;
  v1::Reason fault = v1::ALL_CLEAR;
  for (const v1::Artifact& artifact : facts.state.artifacts()) {
    if (artifact.digest() != digest) {
      // [I8] One place in the order, two artifacts.
      const bool shares = IsDigest(artifact.digest()) &&
                          Sequence(facts, artifact.digest()) == Sequence(facts, digest);
      if (shares) Note(&fault, v1::DUPLICATE_ID);
      continue;
    }
    if (&artifact != FindArtifact(facts, digest)) Note(&fault, v1::DUPLICATE_ID);
    Note(&fault, FaultOf(artifact));
    if (artifact.has_components() &&
        artifact.components().count() !=
            static_cast<uint32_t>(artifact.components().components_size())) {
      Note(&fault, v1::STATE_CUT);
    }
  }
  return fault;
}

v1::Reason CellFault(const Facts& facts, absl::string_view cell) {
  v1::Reason fault = CellRecordFault(facts, cell);
  const auto of_deployments = facts.deployment_faults.find(std::string(cell));
  if (of_deployments != facts.deployment_faults.end()) Note(&fault, of_deployments->second);
  return fault;
}

namespace {

template <typename Requests>
void RemoveUnusable(Requests* requests) {
  Requests usable;
  for (const auto& request : *requests) {
    int of_id = 0;
    for (const auto& other : *requests) of_id += other.id() == request.id();
    if (of_id == 1 && FaultOf(request) == v1::ALL_CLEAR) *usable.Add() = request;
  }
  *requests = usable;
}

// A pass that can't be used is none, a release that can't be used releases nothing.
void WithdrawClaims(v1::StageRecord* record) {
  for (v1::Pass& pass : *record->mutable_passes()) {
    if (FaultOf(pass) != v1::ALL_CLEAR && !pass.has_revoked_at()) {
      pass.mutable_revoked_at()->set_seconds(kLastSecond);
    }
  }
  for (v1::Latch& latch : *record->mutable_latches()) {
    if (FaultOf(latch) != v1::ALL_CLEAR) latch.clear_released();
  }
  RemoveUnusable(record->mutable_start_requests());
  RemoveUnusable(record->mutable_preempt_requests());
  RemoveUnusable(record->mutable_roll_back_requests());
  RemoveUnusable(record->mutable_retry_requests());
}

}  // namespace

void WithdrawClaims(Facts* facts) {
  google::protobuf::RepeatedPtrField<v1::StageRecord> records;
  const auto stage = [](const v1::StageRecord& record) { return record.stage(); };
  if (AnyShared(facts->state.stages(), stage)) facts->records_fault = v1::DUPLICATE_ID;
  for (const v1::StageRecord& record : facts->state.stages()) {
    if (IsFirst(facts->state.stages(), record, stage)) *records.Add() = record;
  }
  *facts->state.mutable_stages() = records;
  std::vector<v1::Deployment*> unusable;
  for (v1::StageRecord& record : *facts->state.mutable_stages()) {
    if (!IsIdentifier(record.stage())) continue;  // Of no stage: the pipeline's.
    for (v1::Deployment& deployment : *record.mutable_deployments()) {
      const v1::Reason fault = DeploymentFault(*facts, record, deployment);
      if (fault != v1::ALL_CLEAR) {
        Note(&facts->deployment_faults.emplace(deployment.cell(), v1::ALL_CLEAR).first->second,
             fault);
        unusable.push_back(&deployment);
      } else if (deployment.direction() == v1::Deployment::ADOPTED) {
        // What a cell was adopted with has succeeded.
        deployment.set_outcome(v1::Deployment::SUCCEEDED);
        if (!deployment.has_ended_at()) *deployment.mutable_ended_at() = deployment.started_at();
      }
    }
  }
  // Those without a cell of their own, and pairs, are the pipeline's.
  for (const v1::StageRecord& record : facts->state.stages()) {
    Note(&facts->records_fault, StageRecordFault(*facts, record));
  }
  for (v1::StageRecord& record : *facts->state.mutable_stages()) WithdrawClaims(&record);
  for (v1::Deployment* deployment : unusable) {
    if (deployment->direction() == v1::Deployment::ADOPTED) {
      deployment->set_direction(v1::Deployment::DIRECTION_UNSPECIFIED);
    }
    if (!deployment->has_started_at() || !IsValid(deployment->started_at())) {
      deployment->mutable_started_at()->set_seconds(kLastSecond);
    }
    deployment->clear_ended_at();
    deployment->clear_outcome();
    deployment->clear_proven();
    deployment->clear_accepted();
  }
}

v1::Reason CheckFault(const v1::Check& record) {
  return Judge(record, [](const v1::Check& check) {
    bool good = IsIdentifier(check.check()) && IsDigest(check.artifact()) &&
                EmptyOrIdentifier(check.stage()) && EmptyOrIdentifier(check.cell()) &&
                IsIdentifier(check.run()) && check.has_started_at() &&
                IsValid(check.started_at()) && check.outcome() != v1::Check::OUTCOME_UNSPECIFIED &&
                v1::Check::Outcome_IsValid(check.outcome());
    const bool running = check.outcome() == v1::Check::RUNNING;
    if (running == check.has_finished_at()) good = false;
    if (good && !running &&
        (!IsValid(check.finished_at()) ||
         ToTime(check.finished_at()) < ToTime(check.started_at()))) {
      good = false;
    }
    for (const auto& number : check.numbers()) {
      if (number.first.empty() || !std::isfinite(number.second)) good = false;
    }
    return good;
  });
}

v1::Reason AlarmFault(const v1::AlarmReport& record) {
  return Judge(record, [](const v1::AlarmReport& report) {
    bool good =
        IsIdentifier(report.alarm()) && report.state() != v1::AlarmReport::STATE_UNSPECIFIED &&
        v1::AlarmReport::State_IsValid(report.state()) && report.has_since() &&
        IsValid(report.since()) && report.has_observed_at() && IsValid(report.observed_at()) &&
        OptionalTime(report, report.has_last_alarm_at(), report.last_alarm_at()) &&
        OptionalTime(report, report.has_history_from(), report.history_from()) &&
        EmptyOrIdentifier(report.cell()) && EmptyOrIdentifier(report.region()) &&
        (report.cell().empty() || report.region().empty());
    if (good) {
      const absl::Time observed = ToTime(report.observed_at());
      good = ToTime(report.since()) <= observed &&
             (!report.has_last_alarm_at() || ToTime(report.last_alarm_at()) <= observed) &&
             (!report.has_history_from() || ToTime(report.history_from()) <= observed);
    }
    return good;
  });
}

v1::Reason SeriesFault(const v1::Series& record) {
  return Judge(record, [](const v1::Series& series) {
    bool good = IsIdentifier(series.series()) && IsPeriod(series.period()) && series.has_start() &&
                IsAligned(series.start(), series.period()) && series.has_reported_through() &&
                IsValid(series.reported_through()) && EmptyOrIdentifier(series.cell()) &&
                EmptyOrIdentifier(series.region()) &&
                (series.cell().empty() || series.region().empty());
    if (good && series.values_size() > 0) {
      // The newest point begins before what was reported ends.
      good = ToTime(series.start()) + ToDuration(series.period()) * (series.values_size() - 1) <
             ToTime(series.reported_through());
    }
    for (const double value : series.values()) {
      if (std::isinf(value)) good = false;  // [I6]
    }
    return good;
  });
}

v1::Reason CountsFault(const v1::CellCounts& record) {
  return Judge(record, [](const v1::CellCounts& counts) {
    bool good = IsIdentifier(counts.counts()) && IsIdentifier(counts.stage()) &&
                IsPeriod(counts.period()) && counts.has_start() &&
                IsAligned(counts.start(), counts.period()) && counts.has_reported_through() &&
                IsValid(counts.reported_through()) && !counts.cells().empty() &&
                AllIdentifiers(counts.cells()) && counts.requests_size() == counts.errors_size() &&
                counts.requests_size() % std::max(1, counts.cells_size()) == 0;
    std::set<std::string> cells(counts.cells().begin(), counts.cells().end());
    good = good && static_cast<int>(cells.size()) == counts.cells_size();
    const int periods = counts.requests_size() / std::max(1, counts.cells_size());
    if (good && periods > 0) {
      good = ToTime(counts.start()) + ToDuration(counts.period()) * (periods - 1) <
             ToTime(counts.reported_through());
    }
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
    return good;
  });
}

v1::Reason BaselineFault(const v1::Baseline& record) {
  return Judge(record, [](const v1::Baseline& baseline) {
    return IsIdentifier(baseline.counts()) && IsIdentifier(baseline.stage()) &&
           IsDigest(baseline.artifact()) && baseline.requests() >= 1 &&
           baseline.requests() <= kLargestCount && baseline.errors() >= 0 &&
           baseline.errors() <= baseline.requests() && baseline.has_observed_at() &&
           IsValid(baseline.observed_at());
  });
}

v1::Reason MeasurementFault(const v1::Measurement& record) {
  return Judge(record, [](const v1::Measurement& measurement) {
    return IsIdentifier(measurement.measurement()) && IsDigest(measurement.artifact()) &&
           IsIdentifier(measurement.cell()) && IsIdentifier(measurement.run()) &&
           measurement.has_measured_at() && IsValid(measurement.measured_at()) &&
           measurement.outcome() != v1::Measurement::OUTCOME_UNSPECIFIED &&
           v1::Measurement::Outcome_IsValid(measurement.outcome());
  });
}

v1::Reason SyntheticRunsFault(const v1::SyntheticRuns& record) {
  return Judge(record, [](const v1::SyntheticRuns& runs) {
    bool good = IsIdentifier(runs.stage()) && !runs.api().empty() &&
                runs.finished_at_ms_size() == runs.succeeded_size();
    for (int i = 1; i < runs.finished_at_ms_size(); ++i) {
      if (runs.finished_at_ms(i) < runs.finished_at_ms(i - 1)) good = false;
    }
    for (const int64_t ms : runs.finished_at_ms()) {
      if (ms < -62135596800000 || ms > 253402300799999) good = false;
    }
    return good;
  });
}

v1::Reason EnvironmentFault(const v1::Environment& record) {
  return Judge(record, [](const v1::Environment& environment) {
    for (const auto& aspect : environment.aspects()) {
      if (aspect.first.empty() || aspect.second.empty()) return false;
    }
    return IsIdentifier(environment.stage()) && environment.has_observed_at() &&
           IsValid(environment.observed_at());
  });
}

v1::Reason TrafficSampleFault(const v1::TrafficSample& record) {
  return Judge(record, [](const v1::TrafficSample& sample) {
    bool good =
        IsIdentifier(sample.stage()) && sample.has_observed_at() && IsValid(sample.observed_at()) &&
        sample.principals_size() == sample.requests_size() && !Contains(sample.principals(), "");
    const std::set<std::string> principals(sample.principals().begin(), sample.principals().end());
    good = good && static_cast<int>(principals.size()) == sample.principals_size();
    for (const int64_t count : sample.requests()) {
      if (count < 0 || count > kLargestCount) good = false;
    }
    return good;
  });
}

v1::Reason ApprovalFault(const v1::Approval& record) {
  return Judge(record, [](const v1::Approval& approval) {
    return IsIdentifier(approval.id()) && IsIdentifier(approval.blocker()) &&
           IsDigest(approval.artifact()) && IsIdentifier(approval.stage()) &&
           IsIdentifier(approval.principal()) && !approval.roles().empty() &&
           AllIdentifiers(approval.roles()) && approval.has_granted_at() &&
           IsValid(approval.granted_at()) &&
           (!approval.has_expires_at() ||
            (IsValid(approval.expires_at()) &&
             ToTime(approval.granted_at()) < ToTime(approval.expires_at()))) &&
           (approval.policy_fingerprint().empty() || IsDigest(approval.policy_fingerprint())) &&
           OptionalTime(approval, approval.has_revoked_at(), approval.revoked_at());
  });
}

v1::Reason OverrideFault(const v1::Override& record) {
  return Judge(record, [](const v1::Override& override) {
    return IsIdentifier(override.id()) && AllIdentifiers(override.blockers()) &&
           AreTriggers(override.keep_despite()) &&
           (override.policy_fingerprint().empty() || IsDigest(override.policy_fingerprint())) &&
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
           OptionalTime(override, override.has_revoked_at(), override.revoked_at());
  });
}

v1::Reason HoldFault(const Facts& facts, const v1::Hold& hold, bool of_organisation) {
  const bool elsewhere = !of_organisation && hold.scope() == v1::Hold::CELL &&
                         IsElsewhere(facts, hold.stage(), hold.cell());
  v1::Reason fault = Judge(hold, [&](const v1::Hold& h) {
    // It names what its scope needs, and nothing else.
    const bool of_pipeline = of_organisation && h.scope() != v1::Hold::ORGANISATION;
    const bool of_stage = h.scope() == v1::Hold::STAGE || h.scope() == v1::Hold::CELL;
    return !elsewhere && !HoldIsUnreadable(h, of_organisation) && IsIdentifier(h.id()) &&
           (of_pipeline || h.pipeline().empty()) && (of_stage || h.stage().empty()) &&
           (h.scope() == v1::Hold::CELL || h.cell().empty()) && !h.who().empty() &&
           !h.why().empty() && h.has_placed_at() && IsValid(h.placed_at()) &&
           (!h.has_expires_at() ||
            (IsValid(h.expires_at()) && ToTime(h.placed_at()) < ToTime(h.expires_at()))) &&
           OptionalTime(h, h.has_released_at(), h.released_at());
  });
  int of_id = 0;
  for (const v1::Hold& other :
       of_organisation ? facts.organisation->holds() : facts.state.holds()) {
    of_id += other.id() == hold.id();
  }
  if (of_id > 1) Note(&fault, v1::DUPLICATE_ID);
  return fault;
}

v1::Reason RollBackHoldFault(const v1::RollBackHold& record) {
  return Judge(record, [](const v1::RollBackHold& hold) {
    return IsIdentifier(hold.id()) && IsIdentifier(hold.stage()) && !hold.who().empty() &&
           !hold.why().empty() && hold.has_placed_at() && IsValid(hold.placed_at()) &&
           hold.has_expires_at() && IsValid(hold.expires_at()) &&
           ToTime(hold.placed_at()) < ToTime(hold.expires_at()) &&
           OptionalTime(hold, hold.has_released_at(), hold.released_at());
  });
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
