#include "tests/exhaustion/every_state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

constexpr char kOld[] = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kNew[] = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
constexpr uint64_t kRollout = 5;

// A Thursday morning in Berlin; the window closes at 12:00 there.
const absl::Time kNoon = absl::FromUnixSeconds(1795086000);
const absl::Time kStaleAt = kNoon + absl::Minutes(5);
const absl::Time kReported =
    kStaleAt - absl::Minutes(10);  // Of every alarm; that is how old they may be.
const absl::Time kBaked = kReported;
const absl::Time kDeployed = kBaked - absl::Hours(1);  // That is how long a bake takes.
const absl::Time kStarted = kDeployed - absl::Minutes(2);
const absl::Time kLongAgo = kStarted - absl::Hours(48);

// Takes one of `values` from what is left of a number.
uint64_t Take(uint64_t values, uint64_t* number) {
  const uint64_t taken = *number % values;
  *number /= values;
  return taken;
}

enum class CellPhase { kNone, kOld, kDeploying, kBaking, kProven, kFailed, kRolledBack };
constexpr uint64_t kCellPhases = 7;

enum class AlarmPhase { kAbsent, kOk, kPreExisting, kSince, kInsufficient };
constexpr uint64_t kAlarmPhases = 5;

enum class RolloutPhase { kNone, kRunning, kRollingBack, kComplete };
constexpr uint64_t kRolloutPhases = 4;

enum class Overriding { kNothing, kAlarm, kWindow, kAlarmTooLate, kTrigger };
constexpr int kOverridings = 5;

// The pairs of overrides: order means nothing.
std::vector<std::pair<Overriding, Overriding>> Pairs() {
  std::vector<std::pair<Overriding, Overriding>> pairs;
  for (int a = 0; a < kOverridings; ++a) {
    for (int b = a; b < kOverridings; ++b) {
      pairs.emplace_back(static_cast<Overriding>(a), static_cast<Overriding>(b));
    }
  }
  return pairs;
}

std::string CellName(int cell) { return absl::StrCat("c", cell + 1); }

v1::Deployment* AddDeployment(int cell, const char* artifact, v1::Deployment::Direction direction,
                              absl::Time started, v1::StageRecord* record) {
  v1::Deployment* deployment = record->add_deployments();
  deployment->set_number(static_cast<uint64_t>(record->deployments_size()));
  deployment->set_cell(CellName(cell));
  deployment->set_artifact(artifact);
  deployment->set_direction(direction);
  *deployment->mutable_started_at() = ToTimestamp(started);
  if (direction != v1::Deployment::ADOPTED) {
    deployment->set_attempt(1);
    deployment->set_rollout(kRollout);
  }
  return deployment;
}

void End(absl::Time at, v1::Deployment::Outcome outcome, v1::Deployment* deployment) {
  *deployment->mutable_ended_at() = ToTimestamp(at);
  deployment->set_outcome(outcome);
}

void AddCell(int cell, CellPhase phase, absl::string_view fingerprint, v1::StageRecord* record) {
  if (phase == CellPhase::kNone) return;
  v1::Deployment* old =
      AddDeployment(cell, kOld, v1::Deployment::ADOPTED, kLongAgo + absl::Minutes(cell), record);
  End(kLongAgo + absl::Minutes(cell), v1::Deployment::SUCCEEDED, old);
  old->set_who("ann");
  if (phase == CellPhase::kOld) return;
  v1::Deployment* forward = AddDeployment(cell, kNew, v1::Deployment::FORWARD, kStarted, record);
  switch (phase) {
    case CellPhase::kNone:
    case CellPhase::kOld:
    case CellPhase::kDeploying:
      return;
    case CellPhase::kBaking:
      End(kDeployed, v1::Deployment::SUCCEEDED, forward);
      return;
    case CellPhase::kProven:
      End(kDeployed, v1::Deployment::SUCCEEDED, forward);
      *forward->mutable_proven()->mutable_at() = ToTimestamp(kDeployed + absl::Minutes(1));
      forward->mutable_proven()->set_policy_fingerprint(std::string(fingerprint));
      return;
    case CellPhase::kFailed:
      End(kDeployed, v1::Deployment::FAILED, forward);
      return;
    case CellPhase::kRolledBack:
      End(kDeployed, v1::Deployment::SUCCEEDED, forward);
      End(kDeployed + absl::Minutes(3), v1::Deployment::SUCCEEDED,
          AddDeployment(cell, kOld, v1::Deployment::ROLL_BACK, kDeployed + absl::Minutes(2),
                        record));
      return;
  }
}

void AddAlarm(const std::string& alarm, const std::string& cell, AlarmPhase phase,
              v1::PipelineState* state) {
  if (phase == AlarmPhase::kAbsent) return;
  v1::AlarmReport* report = state->add_alarms();
  report->set_alarm(alarm);
  report->set_cell(cell);
  *report->mutable_observed_at() = ToTimestamp(kReported);
  *report->mutable_history_from() = ToTimestamp(kLongAgo);
  absl::Time since = kLongAgo;
  switch (phase) {
    case AlarmPhase::kAbsent:
    case AlarmPhase::kOk:
      report->set_state(v1::AlarmReport::OK);
      break;
    case AlarmPhase::kPreExisting:
      report->set_state(v1::AlarmReport::ALARM);
      since = kStarted - absl::Nanoseconds(1);
      break;
    case AlarmPhase::kSince:
      report->set_state(v1::AlarmReport::ALARM);
      since = kStarted;
      break;
    case AlarmPhase::kInsufficient:
      report->set_state(v1::AlarmReport::INSUFFICIENT_DATA);
      break;
  }
  *report->mutable_since() = ToTimestamp(since);
}

void AddOverride(Overriding what, v1::PipelineState* state) {
  if (what == Overriding::kNothing) return;
  v1::Override* lifting = state->add_overrides();
  lifting->set_id(absl::StrCat("override-", state->overrides_size()));
  lifting->set_artifact(kNew);
  lifting->add_stages("prod");
  lifting->set_principal("ann");
  lifting->add_roles("lead");
  lifting->set_reason("known");
  *lifting->mutable_granted_at() = ToTimestamp(kStarted);
  *lifting->mutable_expires_at() = ToTimestamp(kNoon);
  switch (what) {
    case Overriding::kNothing:
      return;
    case Overriding::kAlarm:
      lifting->add_blockers("errors");
      return;
    case Overriding::kWindow:
      lifting->add_blockers("hours");
      return;
    case Overriding::kAlarmTooLate:
      lifting->add_blockers("errors");
      *lifting->mutable_expires_at() = ToTimestamp(kBaked);
      return;
    case Overriding::kTrigger:
      lifting->add_keep_despite("latency");
      return;
  }
}

void AddRollout(int cells, RolloutPhase phase, absl::string_view fingerprint,
                v1::StageRecord* record) {
  if (phase == RolloutPhase::kNone) return;
  v1::Rollout* rollout = record->add_rollouts();
  rollout->set_number(kRollout);
  rollout->set_artifact(kNew);
  *rollout->mutable_started_at() = ToTimestamp(kStarted - absl::Minutes(1));
  rollout->mutable_plan()->set_policy_fingerprint(std::string(fingerprint));
  for (int cell = 0; cell < cells; ++cell) {
    if (cell < 2) rollout->mutable_plan()->add_waves()->set_id(cell == 0 ? "one" : "two");
    v1::PlannedWave* wave =
        rollout->mutable_plan()->mutable_waves(rollout->plan().waves_size() - 1);
    wave->add_cells(CellName(cell));
    wave->add_weights(1);
  }
  switch (phase) {
    case RolloutPhase::kNone:
      return;
    case RolloutPhase::kRunning:
      rollout->set_state(v1::Rollout::RUNNING);
      return;
    case RolloutPhase::kRollingBack:
      rollout->set_state(v1::Rollout::ROLLING_BACK);
      for (int cell = 0; cell < cells; ++cell) rollout->add_roll_back_cells(CellName(cell));
      return;
    case RolloutPhase::kComplete:
      rollout->set_state(v1::Rollout::COMPLETE);
      *rollout->mutable_ended_at() = ToTimestamp(kDeployed + absl::Minutes(5));
      return;
  }
}

}  // namespace

v1::PipelinePolicy SmallPolicy(int cells) {
  constexpr char kLifts[] =
      "override_policy { roles: 'lead' quorum: 1 max_validity { seconds: 86400 } author: "
      "AUTHOR_MAY }";
  std::string waves = "waves { id: 'one' cells: 'c1' }";
  if (cells > 1) absl::StrAppend(&waves, " waves { id: 'two' cells: 'c2'");
  if (cells > 2) absl::StrAppend(&waves, " cells: 'c3'");
  if (cells > 1) absl::StrAppend(&waves, " }");
  v1::PipelinePolicy policy;
  const std::string text = absl::StrCat(
      "id: 'shop' profile: STANDARD_1 without_emergency_stop: true max_clock_skew {} "
      "stages { id: 'prod' kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC "
      "blockers { id: 'errors' ",
      kLifts,
      " metric_alarm { observed { alarm: 'errors' } max_age { seconds: 600 } } } "
      "blockers { id: 'hours' ",
      kLifts,
      " time_window { allow { windows { weekly { time_zone: 'Europe/Berlin' days: THURSDAY "
      "hours { start: '08:00' end: '12:00' } } } } no_min_remaining {} in_flight: STOP } } "
      "rollout { ",
      waves,
      " blast_radius { no_stage_cap {} max_parallel: 2 } deploy { max_time { seconds: 7200 } } "
      "bake { min_time { seconds: 3600 } max_time { seconds: 36000 } } no_hygiene {} "
      "health { watched_alarms { id: 'latency' each: CELL alarm { observed { alarm: 'latency' } "
      "max_age { seconds: 600 } } } } "
      "roll_back { scope: WAVE watch_for { seconds: 36000 } max_parallel: 1 attempts: 1 "
      "keep_despite { roles: 'lead' quorum: 1 max_validity { seconds: 86400 } author: AUTHOR_MAY } "
      "} "
      "} }");
  google::protobuf::TextFormat::ParseFromString(text, &policy);
  return policy;
}

uint64_t CountOfStates(int cells) {
  uint64_t count = kRolloutPhases * kAlarmPhases * Pairs().size();
  for (int cell = 0; cell < cells; ++cell) count *= kCellPhases * kAlarmPhases;
  return count;
}

v1::PipelineState StateOf(int cells, uint64_t number, absl::string_view fingerprint) {
  static const auto* const kPairs = new std::vector<std::pair<Overriding, Overriding>>(Pairs());
  v1::PipelineState state;
  state.set_schema_version(1);
  state.set_pipeline("shop");
  state.set_revision(7);
  *state.mutable_written_at() = ToTimestamp(kDeployed + absl::Minutes(5));
  uint64_t sequence = 0;
  for (const char* digest : {kOld, kNew}) {
    v1::Artifact* artifact = state.add_artifacts();
    artifact->set_digest(digest);
    artifact->set_sequence(++sequence);
  }
  v1::StageRecord* record = state.add_stages();
  record->set_stage("prod");
  for (int cell = 0; cell < cells; ++cell) {
    v1::Cell* cell_record = state.add_cells();
    cell_record->set_id(CellName(cell));
    cell_record->set_stage("prod");
    cell_record->set_region("eu");
    cell_record->set_weight(1);
    AddCell(cell, static_cast<CellPhase>(Take(kCellPhases, &number)), fingerprint, record);
    AddAlarm("latency", CellName(cell), static_cast<AlarmPhase>(Take(kAlarmPhases, &number)),
             &state);
  }
  AddAlarm("errors", "", static_cast<AlarmPhase>(Take(kAlarmPhases, &number)), &state);
  AddRollout(cells, static_cast<RolloutPhase>(Take(kRolloutPhases, &number)), fingerprint, record);
  const auto& [first, second] = (*kPairs)[number];
  AddOverride(first, &state);
  AddOverride(second, &state);
  return state;
}

std::vector<absl::Time> InstantsOfStates() {
  const absl::Duration nanosecond = absl::Nanoseconds(1);
  return {kBaked - nanosecond, kBaked, kNoon - nanosecond, kNoon, kStaleAt};
}

}  // namespace sluice
