#include "sluice/testing/build_state.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/action_id.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/sha256.h"
#include "sluice/record.h"
#include "sluice/schema_version.h"

namespace sluice::given {
namespace {

using google::protobuf::Timestamp;

// What was said, for people: `Name("a", "b")`.
std::string Call(absl::string_view name, const std::vector<absl::string_view>& arguments) {
  return absl::StrCat(name, "(",
                      absl::StrJoin(arguments, ", ",
                                    [](std::string* out, absl::string_view argument) {
                                      absl::StrAppend(out, "\"", argument, "\"");
                                    }),
                      ")");
}

// Whether it lies in the years 1 to 9999.
bool CanBeWritten(absl::Time time) {
  return time >= absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone()) &&
         time < absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
}

// An instant that can't be written stays unset, and so is refused where one is required.
template <typename Set>
void SetTime(absl::Time time, const Set& set) {
  if (CanBeWritten(time)) set(WriteTime(time));
}

google::protobuf::Duration WriteDuration(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

template <typename List>
void AddAll(const std::vector<std::string>& values, List* list) {
  for (const std::string& value : values) list->Add(std::string(value));
}

// The stage that the cell belongs to, or nothing.
std::string StageOf(const v1::PipelineState& state, absl::string_view cell) {
  for (const v1::Cell& known : state.cells()) {
    if (known.id() == cell) return known.stage();
  }
  return "";
}

uint32_t WeightOf(const v1::PipelineState& state, absl::string_view cell) {
  for (const v1::Cell& known : state.cells()) {
    if (known.id() == cell) return known.weight();
  }
  return 0;
}

// How many deployments of the artifact to the cell have started.
uint32_t Attempts(const v1::PipelineState& state, absl::string_view cell,
                  absl::string_view digest) {
  uint32_t attempts = 0;
  for (const v1::StageRecord& stage : state.stages()) {
    for (const v1::Deployment& deployment : stage.deployments()) {
      if (deployment.cell() == cell && deployment.artifact() == digest &&
          deployment.direction() == v1::Deployment::FORWARD) {
        ++attempts;
      }
    }
  }
  return attempts;
}

v1::StageRecord* RecordOf(const std::string& stage, v1::PipelineState* state) {
  for (v1::StageRecord& record : *state->mutable_stages()) {
    if (record.stage() == stage) return &record;
  }
  v1::StageRecord* record = state->add_stages();
  record->set_stage(stage);
  return record;
}

// What a decision can read of the state.
std::string Content(v1::PipelineState state) {
  state.clear_applied_events();
  state.clear_record_count();
  state.clear_revision();
  state.clear_written_at();
  return DeterministicBytes(state);
}

template <typename Message>
absl::StatusOr<Message> Built(const Message& message, const std::vector<std::string>& faults) {
  if (faults.empty()) return message;
  return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
}

template <typename Message>
Message OrFailTest(absl::StatusOr<Message> built) {
  if (built.ok()) return *std::move(built);
  ADD_FAILURE() << built.status().message();
  return Message();
}

}  // namespace

std::string DigestOf(absl::string_view artifact) {
  if (ParseDigest(artifact).has_value()) return std::string(artifact);
  return FormatDigest({Sha256::Hash(artifact)});
}

// ---------------------------------------------------------------- Cells and artifacts

Cell& Cell::InStage(absl::string_view stage) {
  cell_.set_stage(std::string(stage));
  return *this;
}

Cell& Cell::InRegion(absl::string_view region) {
  cell_.set_region(std::string(region));
  return *this;
}

Cell& Cell::InZone(absl::string_view zone) {
  cell_.set_zone(std::string(zone));
  return *this;
}

Cell& Cell::Weight(uint32_t weight) {
  cell_.set_weight(weight);
  return *this;
}

Artifact::Artifact(absl::string_view name) : name_(name) {
  artifact_.set_digest(DigestOf(name));
  artifact_.set_name(name_);
}

Artifact& Artifact::Sequence(uint64_t sequence) {
  artifact_.set_sequence(sequence);
  return *this;
}

Artifact& Artifact::BuiltAt(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *artifact_.mutable_built_at() = std::move(t); });
  return *this;
}

Artifact& Artifact::CheckedInAt(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *artifact_.mutable_checked_in_at() = std::move(t); });
  return *this;
}

Artifact& Artifact::RollBackFloor(uint64_t sequence) {
  artifact_.set_rollback_floor(sequence);
  return *this;
}

Artifact& Artifact::WrittenBy(absl::string_view author) {
  artifact_.add_authors(std::string(author));
  return *this;
}

Artifact& Artifact::Contains(absl::string_view package_url) {
  v1::ComponentList* components = artifact_.mutable_components();
  components->add_components()->set_package_url(std::string(package_url));
  components->set_count(static_cast<uint32_t>(components->components_size()));
  return *this;
}

Artifact& Artifact::ContainsNothing() {
  artifact_.mutable_components();
  return *this;
}

Artifact& Artifact::Passed(absl::string_view stage, absl::Time at) {
  passes_.emplace_back(std::string(stage), at);
  return *this;
}

// ---------------------------------------------------------------- Reports

AlarmReport::AlarmReport(absl::string_view alarm, v1::AlarmReport::State state,
                         absl::Time observed_at) {
  report_.set_alarm(std::string(alarm));
  report_.set_state(state);
  SetTime(observed_at, [&](Timestamp t) { *report_.mutable_observed_at() = std::move(t); });
  Since(observed_at);
}

AlarmReport& AlarmReport::Since(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *report_.mutable_since() = std::move(t); });
  return *this;
}

AlarmReport& AlarmReport::OfCell(absl::string_view cell) {
  report_.set_cell(std::string(cell));
  return *this;
}

AlarmReport& AlarmReport::OfRegion(absl::string_view region) {
  report_.set_region(std::string(region));
  return *this;
}

AlarmReport AlarmOk(absl::string_view alarm, absl::Time observed_at) {
  return AlarmReport(alarm, v1::AlarmReport::OK, observed_at);
}

AlarmReport InAlarm(absl::string_view alarm, absl::Time observed_at) {
  return AlarmReport(alarm, v1::AlarmReport::ALARM, observed_at);
}

AlarmReport InsufficientData(absl::string_view alarm, absl::Time observed_at) {
  return AlarmReport(alarm, v1::AlarmReport::INSUFFICIENT_DATA, observed_at);
}

CheckRun::CheckRun(absl::string_view check, absl::string_view artifact, v1::Check::Outcome outcome,
                   absl::Time at)
    : artifact_(artifact) {
  check_.set_check(std::string(check));
  check_.set_artifact(DigestOf(artifact));
  check_.set_outcome(outcome);
  StartedAt(at);
  if (outcome == v1::Check::RUNNING) return;
  SetTime(at, [&](Timestamp t) { *check_.mutable_finished_at() = std::move(t); });
}

CheckRun& CheckRun::StartedAt(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *check_.mutable_started_at() = std::move(t); });
  return *this;
}

CheckRun& CheckRun::InStage(absl::string_view stage) {
  check_.set_stage(std::string(stage));
  return *this;
}

CheckRun& CheckRun::OnCell(absl::string_view cell) {
  check_.set_cell(std::string(cell));
  return *this;
}

CheckRun& CheckRun::Measured(absl::string_view number, double value) {
  (*check_.mutable_numbers())[std::string(number)] = value;
  return *this;
}

CheckRun& CheckRun::Run(absl::string_view id) {
  check_.set_run(std::string(id));
  return *this;
}

CheckRun CheckPassed(absl::string_view check, absl::string_view artifact, absl::Time finished_at) {
  return CheckRun(check, artifact, v1::Check::PASSED, finished_at);
}

CheckRun CheckFailed(absl::string_view check, absl::string_view artifact, absl::Time finished_at) {
  return CheckRun(check, artifact, v1::Check::FAILED, finished_at);
}

CheckRun CheckBroke(absl::string_view check, absl::string_view artifact, absl::Time finished_at) {
  return CheckRun(check, artifact, v1::Check::ERROR, finished_at);
}

CheckRun CheckRunning(absl::string_view check, absl::string_view artifact, absl::Time started_at) {
  return CheckRun(check, artifact, v1::Check::RUNNING, started_at);
}

Series::Series(absl::string_view series, absl::Time start, absl::Duration period) : end_(start) {
  series_.set_series(std::string(series));
  SetTime(start, [&](Timestamp t) { *series_.mutable_start() = std::move(t); });
  *series_.mutable_period() = WriteDuration(period);
}

Series& Series::Values(const std::vector<double>& values) {
  for (const double value : values) series_.add_values(value);
  const absl::Duration period = ReadDuration(series_.period()).value_or(absl::ZeroDuration());
  end_ += period * static_cast<int64_t>(values.size());
  return *this;
}

Series& Series::ReportedThrough(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *series_.mutable_reported_through() = std::move(t); });
  return *this;
}

Series& Series::OfCell(absl::string_view cell) {
  series_.set_cell(std::string(cell));
  return *this;
}

Series& Series::OfRegion(absl::string_view region) {
  series_.set_region(std::string(region));
  return *this;
}

Counts::Counts(absl::string_view counts, absl::string_view stage, absl::Time start,
               absl::Duration period)
    : start_(start), period_(period) {
  counts_.set_counts(std::string(counts));
  counts_.set_stage(std::string(stage));
  SetTime(start, [&](Timestamp t) { *counts_.mutable_start() = std::move(t); });
  *counts_.mutable_period() = WriteDuration(period);
}

Counts& Counts::OfCell(absl::string_view cell, const std::vector<int64_t>& requests,
                       const std::vector<int64_t>& errors) {
  const int cells = counts_.cells_size();
  const size_t periods =
      cells == 0 ? requests.size() : static_cast<size_t>(counts_.requests_size() / cells);
  if (requests.size() != periods || errors.size() != periods) {
    fault_ = absl::StrCat("cell `", cell, "` does not have one of both for each period");
    return *this;
  }
  counts_.add_cells(std::string(cell));
  for (const int64_t value : requests) counts_.add_requests(value);
  for (const int64_t value : errors) counts_.add_errors(value);
  return *this;
}

Counts& Counts::ReportedThrough(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *counts_.mutable_reported_through() = std::move(t); });
  return *this;
}

// ---------------------------------------------------------------- What people do

Approval& Approval::Of(absl::string_view artifact) {
  artifact_ = std::string(artifact);
  approval_.set_artifact(DigestOf(artifact));
  return *this;
}

Approval& Approval::InStage(absl::string_view stage) {
  approval_.set_stage(std::string(stage));
  return *this;
}

Approval& Approval::By(absl::string_view principal, const std::vector<std::string>& roles) {
  approval_.set_principal(std::string(principal));
  AddAll(roles, approval_.mutable_roles());
  return *this;
}

Approval& Approval::From(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *approval_.mutable_granted_at() = std::move(t); });
  return *this;
}

Approval& Approval::Until(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *approval_.mutable_expires_at() = std::move(t); });
  return *this;
}

Approval& Approval::UnderPolicy(absl::string_view fingerprint) {
  approval_.set_policy_fingerprint(std::string(fingerprint));
  return *this;
}

Override::Override(const std::vector<std::string>& blockers) {
  AddAll(blockers, override_.mutable_blockers());
}

Override& Override::Of(absl::string_view artifact) {
  artifact_ = std::string(artifact);
  override_.set_artifact(DigestOf(artifact));
  return *this;
}

Override& Override::InStages(const std::vector<std::string>& stages) {
  AddAll(stages, override_.mutable_stages());
  return *this;
}

Override& Override::By(absl::string_view principal, const std::vector<std::string>& roles) {
  override_.set_principal(std::string(principal));
  AddAll(roles, override_.mutable_roles());
  return *this;
}

Override& Override::Because(absl::string_view reason) {
  override_.set_reason(std::string(reason));
  return *this;
}

Override& Override::From(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *override_.mutable_granted_at() = std::move(t); });
  return *this;
}

Override& Override::Until(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *override_.mutable_expires_at() = std::move(t); });
  return *this;
}

Override& Override::AllBlockersOf(absl::string_view policy_fingerprint) {
  override_.set_all_blockers(true);
  override_.set_policy_fingerprint(std::string(policy_fingerprint));
  return *this;
}

Override& Override::KeepsDespite(absl::string_view trigger) {
  override_.add_keep_despite(std::string(trigger));
  return *this;
}

Hold Hold::OfOrganisation() {
  Hold hold;
  hold.hold_.set_scope(v1::Hold::ORGANISATION);
  return hold;
}

Hold Hold::OfPipeline(absl::string_view pipeline) {
  Hold hold = OfPipeline();
  hold.hold_.set_pipeline(std::string(pipeline));
  return hold;
}

Hold Hold::OfPipeline() {
  Hold hold;
  hold.hold_.set_scope(v1::Hold::PIPELINE);
  return hold;
}

Hold Hold::OfStage(absl::string_view stage) {
  Hold hold;
  hold.hold_.set_scope(v1::Hold::STAGE);
  hold.hold_.set_stage(std::string(stage));
  return hold;
}

Hold Hold::OfCell(absl::string_view cell) {
  Hold hold;
  hold.hold_.set_scope(v1::Hold::CELL);
  hold.hold_.set_cell(std::string(cell));
  return hold;
}

Hold& Hold::By(absl::string_view person) {
  hold_.set_who(std::string(person));
  return *this;
}

Hold& Hold::Because(absl::string_view why) {
  hold_.set_why(std::string(why));
  return *this;
}

Hold& Hold::From(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *hold_.mutable_placed_at() = std::move(t); });
  return *this;
}

Hold& Hold::Until(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *hold_.mutable_expires_at() = std::move(t); });
  return *this;
}

RollBackHold& RollBackHold::By(absl::string_view person) {
  hold_.set_who(std::string(person));
  return *this;
}

RollBackHold& RollBackHold::Because(absl::string_view why) {
  hold_.set_why(std::string(why));
  return *this;
}

RollBackHold& RollBackHold::From(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *hold_.mutable_placed_at() = std::move(t); });
  return *this;
}

RollBackHold& RollBackHold::Until(absl::Time time) {
  SetTime(time, [&](Timestamp t) { *hold_.mutable_expires_at() = std::move(t); });
  return *this;
}

Request::Request(Kind kind, absl::string_view artifact) : kind_(kind), artifact_(artifact) {}

Request Request::ToStart(absl::string_view artifact) { return Request(Kind::kStart, artifact); }

Request Request::ToPreemptWith(absl::string_view artifact) {
  return Request(Kind::kPreempt, artifact);
}

Request Request::ToRollBack(absl::string_view artifact) {
  return Request(Kind::kRollBack, artifact);
}

Request Request::ToRetry(absl::string_view artifact) { return Request(Kind::kRetry, artifact); }

Request& Request::InStage(absl::string_view stage) {
  stage_ = std::string(stage);
  return *this;
}

Request& Request::OfWave(absl::string_view wave) {
  wave_ = std::string(wave);
  return *this;
}

Request& Request::OnCell(absl::string_view cell) {
  cells_.emplace_back(cell);
  return *this;
}

Request& Request::Attempt(uint32_t attempt) {
  attempt_ = attempt;
  return *this;
}

Request& Request::By(absl::string_view person) {
  who_ = std::string(person);
  return *this;
}

Request& Request::Because(absl::string_view why) {
  why_ = std::string(why);
  return *this;
}

Request& Request::From(absl::Time time) {
  from_ = time;
  return *this;
}

Request& Request::Until(absl::Time time) {
  until_ = time;
  return *this;
}

// ---------------------------------------------------------------- The state

State::State(absl::string_view pipeline, absl::Time written_at)
    : pipeline_(pipeline), written_at_(written_at), policy_fingerprint_(DigestOf("no policy")) {}

State& State::UnderPolicy(absl::string_view fingerprint) {
  policy_fingerprint_ = std::string(fingerprint);
  return *this;
}

State& State::Say(Sentence sentence) {
  others_.push_back(std::move(sentence));
  return *this;
}

std::string State::NextId(absl::string_view kind) { return absl::StrCat(kind, "-", ++ids_); }

State& State::Has(const Cell& cell) {
  cells_.push_back({Call("Cell", {cell.cell_.id()}),
                    {},
                    {cell.cell_.id()},
                    written_at_,
                    [cell = cell.cell_](const State&, const v1::PipelineState&, v1::Event* event) {
                      *event->mutable_cell_added()->mutable_cell() = cell;
                    },
                    ""});
  return *this;
}

State& State::Has(const Artifact& artifact) {
  artifacts_.push_back(
      {Call("Artifact", {artifact.name_}),
       {artifact.name_},
       {},
       written_at_,
       [artifact = artifact.artifact_](const State&, const v1::PipelineState&, v1::Event* event) {
         *event->mutable_artifact_built()->mutable_artifact() = artifact;
       },
       ""});
  for (const auto& [stage, at] : artifact.passes_) passes_.push_back({artifact.name_, stage, at});
  return *this;
}

State& State::Has(const Approval& approval) {
  v1::Approval granted = approval.approval_;
  granted.set_id(NextId("approval"));
  return Say({Call("Approval", {granted.blocker()}),
              {approval.artifact_},
              {},
              written_at_,
              [granted](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_approval_granted()->mutable_approval() = granted;
              },
              ""});
}

State& State::Has(const Override& override) {
  v1::Override granted = override.override_;
  granted.set_id(NextId("override"));
  return Say({Call("Override", {absl::StrJoin(granted.blockers(), ", ")}),
              {override.artifact_},
              {},
              written_at_,
              [granted](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_override_granted()->mutable_override() = granted;
              },
              ""});
}

State& State::Has(const Hold& hold) {
  v1::Hold placed = hold.hold_;
  placed.set_id(NextId("hold"));
  std::vector<std::string> cells;
  if (placed.scope() == v1::Hold::CELL) cells.push_back(placed.cell());
  return Say({Call("Hold", {placed.stage().empty() ? placed.cell() : placed.stage()}),
              {},
              cells,
              written_at_,
              [placed](const State&, const v1::PipelineState& state, v1::Event* event) {
                v1::Hold* written = event->mutable_hold_placed()->mutable_hold();
                *written = placed;
                if (!placed.cell().empty()) written->set_stage(StageOf(state, placed.cell()));
              },
              ""});
}

State& State::Has(const RollBackHold& hold) {
  v1::RollBackHold placed = hold.hold_;
  placed.set_id(NextId("roll-back-hold"));
  return Say({Call("RollBackHold", {placed.stage()}),
              {},
              {},
              written_at_,
              [placed](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_roll_back_hold_placed()->mutable_hold() = placed;
              },
              ""});
}

State& State::Retired(absl::string_view cell, absl::string_view who, absl::string_view why,
                      absl::Time at) {
  v1::CellRetired retired;
  retired.set_cell(std::string(cell));
  retired.set_who(std::string(who));
  retired.set_why(std::string(why));
  return Say({Call("Retired", {cell}),
              {},
              {retired.cell()},
              at,
              [retired](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_cell_retired() = retired;
              },
              ""});
}

State& State::Withdrew(absl::string_view artifact, absl::string_view who, absl::string_view why,
                       absl::Time at) {
  v1::Withdrawal withdrawal;
  withdrawal.set_artifact(DigestOf(artifact));
  withdrawal.set_who(std::string(who));
  withdrawal.set_why(std::string(why));
  SetTime(at, [&](Timestamp t) { *withdrawal.mutable_at() = std::move(t); });
  return Say({Call("Withdrew", {artifact}),
              {std::string(artifact)},
              {},
              at,
              [withdrawal](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_artifact_withdrawn()->mutable_withdrawal() = withdrawal;
              },
              ""});
}

State& State::HasSeen(absl::string_view list, uint64_t epoch) {
  v1::ListSeen seen;
  seen.set_list(std::string(list));
  seen.set_epoch(epoch);
  return Say({Call("HasSeen", {list}),
              {},
              {},
              written_at_,
              [seen](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_list_observed()->mutable_list() = seen;
              },
              ""});
}

// ---- What cells are on.

State& State::Runs(absl::string_view cell, absl::string_view artifact) {
  return Runs(cell, artifact, written_at_);
}

State& State::Runs(absl::string_view cell, absl::string_view artifact, absl::Time since) {
  v1::CellAdopted adopted;
  adopted.set_cell(std::string(cell));
  adopted.set_artifact(DigestOf(artifact));
  adopted.set_who("somebody");
  return Say({Call("Runs", {cell, artifact}),
              {std::string(artifact)},
              {adopted.cell()},
              since,
              [adopted](const State&, const v1::PipelineState& state, v1::Event* event) {
                *event->mutable_cell_adopted() = adopted;
                event->mutable_cell_adopted()->set_stage(StageOf(state, adopted.cell()));
              },
              ""});
}

State& State::RollsOut(absl::string_view artifact, absl::string_view stage,
                       std::vector<Wave> plan) {
  plans_.push_back({std::string(artifact), std::string(stage), std::move(plan)});
  return *this;
}

const std::vector<Wave>* State::PlanOf(absl::string_view artifact, absl::string_view stage) const {
  for (const Plan& plan : plans_) {
    if (plan.artifact == artifact && plan.stage == stage) return &plan.waves;
  }
  return nullptr;
}

State& State::Start(std::string said, absl::string_view cell, absl::string_view artifact,
                    absl::Time at) {
  const std::string on(cell);
  const std::string name(artifact);
  const auto write = [on, name](const State& told, const v1::PipelineState& state,
                                v1::Event* event) {
    v1::DeploymentStarted* started = event->mutable_deployment_started();
    started->set_stage(StageOf(state, on));
    started->set_policy_fingerprint(told.policy_fingerprint_);
    v1::CellAction* action = started->mutable_action();
    action->set_cell(on);
    action->set_artifact(DigestOf(name));
    action->set_attempt(Attempts(state, on, action->artifact()) + 1);
    action->set_id(ActionId(state.pipeline(), started->stage(), on, action->artifact(),
                            ActionDirection::kForward, action->attempt()));
    const std::vector<Wave>* plan = told.PlanOf(name, started->stage());
    if (plan == nullptr) return;
    for (const Wave& wave : *plan) {
      v1::PlannedCells* planned = started->add_plan();
      planned->set_wave(wave.id);
      for (const std::string& each : wave.cells) {
        planned->add_cells(each);
        planned->add_weights(WeightOf(state, each));
        if (each == on) action->set_wave(wave.id);
      }
    }
  };
  return Say({std::move(said), {name}, {on}, at, write, ""});
}

State& State::End(std::string said, absl::string_view cell, absl::string_view artifact,
                  v1::Deployment::Outcome outcome, absl::Time at) {
  const std::string on(cell);
  const std::string name(artifact);
  const auto write = [on, name, outcome](const State&, const v1::PipelineState& state,
                                         v1::Event* event) {
    v1::DeploymentEnded* ended = event->mutable_deployment_ended();
    ended->set_stage(StageOf(state, on));
    ended->set_cell(on);
    ended->set_outcome(outcome);
    const std::string digest = DigestOf(name);
    ended->set_action_id(ActionId(state.pipeline(), ended->stage(), on, digest,
                                  ActionDirection::kForward, Attempts(state, on, digest)));
  };
  return Say({std::move(said), {name}, {on}, at, write, ""});
}

State& State::IsDeploying(absl::string_view cell, absl::string_view artifact,
                          absl::Time started_at) {
  return Start(Call("IsDeploying", {cell, artifact}), cell, artifact, started_at);
}

State& State::Deployed(absl::string_view cell, absl::string_view artifact, absl::Time started_at,
                       absl::Time ended_at) {
  const std::string said = Call("Deployed", {cell, artifact});
  Start(said, cell, artifact, started_at);
  return End(said, cell, artifact, v1::Deployment::SUCCEEDED, ended_at);
}

State& State::FailedToDeploy(absl::string_view cell, absl::string_view artifact,
                             absl::Time started_at, absl::Time ended_at) {
  const std::string said = Call("FailedToDeploy", {cell, artifact});
  Start(said, cell, artifact, started_at);
  return End(said, cell, artifact, v1::Deployment::FAILED, ended_at);
}

State& State::Record(std::string said, v1::WantedRecord::Kind kind, absl::string_view stage,
                     absl::string_view cell, absl::string_view artifact, absl::string_view wave,
                     absl::Time at) {
  v1::WantedRecord wanted;
  wanted.set_kind(kind);
  wanted.set_artifact(DigestOf(artifact));
  wanted.set_cell(std::string(cell));
  wanted.set_wave(std::string(wave));
  std::vector<std::string> cells;
  if (!cell.empty()) cells.emplace_back(cell);
  const auto write = [wanted, in = std::string(stage)](
                         const State& told, const v1::PipelineState& state, v1::Event* event) {
    v1::Recorded* recorded = event->mutable_recorded();
    recorded->set_stage(in.empty() ? StageOf(state, wanted.cell()) : in);
    recorded->set_policy_fingerprint(told.policy_fingerprint_);
    *recorded->mutable_record() = wanted;
    recorded->mutable_record()->set_id(RecordId(state.pipeline(), recorded->stage(), wanted.cell(),
                                                wanted.artifact(), wanted.kind(), wanted.wave()));
  };
  return Say({std::move(said), {std::string(artifact)}, cells, at, write, ""});
}

State& State::Proved(absl::string_view cell, absl::string_view artifact, absl::Time at) {
  return Record(Call("Proved", {cell, artifact}), v1::WantedRecord::CELL_PROVEN, "", cell, artifact,
                "", at);
}

State& State::Accepted(absl::string_view cell, absl::string_view who,
                       const std::vector<std::string>& roles, absl::string_view why,
                       absl::Time at) {
  v1::CellAccepted accepted;
  accepted.set_cell(std::string(cell));
  accepted.set_who(std::string(who));
  AddAll(roles, accepted.mutable_roles());
  accepted.set_why(std::string(why));
  return Say({Call("Accepted", {cell}),
              {},
              {accepted.cell()},
              at,
              [accepted](const State&, const v1::PipelineState& state, v1::Event* event) {
                *event->mutable_cell_accepted() = accepted;
                event->mutable_cell_accepted()->set_stage(StageOf(state, accepted.cell()));
              },
              ""});
}

State& State::ProvedWave(absl::string_view stage, absl::string_view artifact,
                         absl::string_view wave, absl::Time at) {
  return Record(Call("ProvedWave", {stage, artifact, wave}), v1::WantedRecord::WAVE_PROVEN, stage,
                "", artifact, wave, at);
}

State& State::Completed(absl::string_view stage, absl::string_view artifact, absl::Time at) {
  return Record(Call("Completed", {stage, artifact}), v1::WantedRecord::COMPLETE, stage, "",
                artifact, "", at);
}

// ---- What was reported.

namespace {

std::vector<std::string> CellIfAny(const std::string& cell) {
  return cell.empty() ? std::vector<std::string>() : std::vector<std::string>{cell};
}

}  // namespace

State& State::Reports(const AlarmReport& alarm) {
  return Say({Call("AlarmReport", {alarm.report_.alarm()}),
              {},
              CellIfAny(alarm.report_.cell()),
              written_at_,
              [report = alarm.report_](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_alarm_reported()->mutable_alarm() = report;
              },
              ""});
}

State& State::Reports(const CheckRun& check) {
  v1::Check reported = check.check_;
  if (reported.run().empty()) reported.set_run(NextId("run"));
  return Say({Call("CheckRun", {reported.check(), check.artifact_}),
              {check.artifact_},
              CellIfAny(reported.cell()),
              written_at_,
              [reported](const State&, const v1::PipelineState& state, v1::Event* event) {
                v1::Check* written = event->mutable_check_reported()->mutable_check();
                *written = reported;
                if (!reported.cell().empty() && reported.stage().empty()) {
                  written->set_stage(StageOf(state, reported.cell()));
                }
              },
              ""});
}

State& State::Reports(const Series& series) {
  Series whole = series;
  if (!whole.series_.has_reported_through()) whole.ReportedThrough(whole.end_);
  return Say({Call("Series", {whole.series_.series()}),
              {},
              CellIfAny(whole.series_.cell()),
              written_at_,
              [reported = whole.series_](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_series_reported()->mutable_series() = reported;
              },
              ""});
}

State& State::Reports(const Counts& counts) {
  Counts whole = counts;
  const int cells = whole.counts_.cells_size();
  if (!whole.counts_.has_reported_through() && cells > 0) {
    whole.ReportedThrough(whole.start_ + whole.period_ * (whole.counts_.requests_size() / cells));
  }
  return Say({Call("Counts", {whole.counts_.counts()}),
              {},
              {whole.counts_.cells().begin(), whole.counts_.cells().end()},
              written_at_,
              [reported = whole.counts_](const State&, const v1::PipelineState&, v1::Event* event) {
                *event->mutable_counts_reported()->mutable_counts() = reported;
              },
              whole.fault_});
}

State& State::Reports(const v1::Baseline& baseline) {
  v1::Event event;
  *event.mutable_baseline_reported()->mutable_baseline() = baseline;
  return Happened(std::move(event));
}

State& State::Reports(const v1::Environment& environment) {
  v1::Event event;
  *event.mutable_environment_observed()->mutable_environment() = environment;
  return Happened(std::move(event));
}

State& State::Reports(const v1::Measurement& measurement) {
  v1::Event event;
  *event.mutable_measurement_reported()->mutable_measurement() = measurement;
  return Happened(std::move(event));
}

State& State::Reports(const v1::SyntheticRuns& runs) {
  v1::Event event;
  *event.mutable_synthetic_runs_reported()->mutable_runs() = runs;
  return Happened(std::move(event));
}

State& State::Reports(const v1::TrafficSample& sample) {
  v1::Event event;
  *event.mutable_traffic_observed()->mutable_sample() = sample;
  return Happened(std::move(event));
}

// ---- What was asked for.

namespace {

// What all four kinds of requests have.
template <typename Kind>
v1::Event* Fill(const std::string& id, const std::string& artifact, const std::string& stage,
                const std::string& who, absl::Time from, Kind* kind, v1::Event* event) {
  kind->set_stage(stage);
  auto* request = kind->mutable_request();
  request->set_id(id);
  request->set_artifact(DigestOf(artifact));
  request->set_who(who);
  SetTime(from, [&](Timestamp t) { *request->mutable_requested_at() = std::move(t); });
  return event;
}

}  // namespace

State& State::Requests(const Request& request) {
  v1::Event event;
  const std::string id = NextId("request");
  const auto fill = [&](auto* kind) {
    Fill(id, request.artifact_, request.stage_, request.who_, request.from_, kind, &event);
    return kind->mutable_request();
  };
  const auto expire = [&](auto* asked) {
    SetTime(request.until_, [&](Timestamp t) { *asked->mutable_expires_at() = std::move(t); });
  };
  std::string said;
  std::string fault;
  switch (request.kind_) {
    case Request::Kind::kStart: {
      said = "Request::ToStart";
      v1::StartRequest* asked = fill(event.mutable_start_requested());
      asked->set_wave(request.wave_);
      expire(asked);
      break;
    }
    case Request::Kind::kPreempt:
      said = "Request::ToPreemptWith";
      expire(fill(event.mutable_preempt_requested()));
      break;
    case Request::Kind::kRollBack: {
      said = "Request::ToRollBack";
      v1::RollBackRequest* asked = fill(event.mutable_roll_back_requested());
      asked->set_why(request.why_);
      AddAll(request.cells_, asked->mutable_cells());
      break;
    }
    case Request::Kind::kRetry: {
      said = "Request::ToRetry";
      v1::RetryRequest* asked = fill(event.mutable_retry_requested());
      asked->set_why(request.why_);
      asked->set_attempt(request.attempt_);
      if (!request.cells_.empty()) asked->set_cell(request.cells_.back());
      if (request.cells_.size() > 1) fault = "a retry is of one cell";
      break;
    }
    case Request::Kind::kUnknown:
      fault = "asks for nothing";
      break;
  }
  return Say({Call(said, {request.artifact_}),
              {request.artifact_},
              request.cells_,
              request.from_,
              [event](const State&, const v1::PipelineState&, v1::Event* out) { *out = event; },
              fault});
}

State& State::Happened(v1::Event event) {
  const google::protobuf::OneofDescriptor* kinds = v1::Event::descriptor()->FindOneofByName("kind");
  const google::protobuf::FieldDescriptor* kind =
      event.GetReflection()->GetOneofFieldDescriptor(event, kinds);
  const std::string said = Call("Happened", {kind == nullptr ? "" : kind->name()});
  return Say({said,
              {},
              {},
              written_at_,
              [event](const State&, const v1::PipelineState&, v1::Event* out) { *out = event; },
              ""});
}

// ---- All of it.

std::vector<std::string> State::Undeclared(const Sentence& sentence) const {
  std::vector<std::string> faults;
  if (!sentence.fault.empty()) faults.push_back(sentence.fault);
  const auto is_declared = [](const std::vector<Sentence>& declarations, const std::string& digest,
                              bool is_cell) {
    return std::any_of(declarations.begin(), declarations.end(), [&](const Sentence& declaration) {
      return is_cell ? declaration.cells[0] == digest
                     : DigestOf(declaration.artifacts[0]) == digest;
    });
  };
  for (const std::string& artifact : sentence.artifacts) {
    if (artifact.empty()) {
      faults.push_back("names no artifact");
    } else if (!is_declared(artifacts_, DigestOf(artifact), false)) {
      faults.push_back(absl::StrCat("there is no artifact `", artifact, "`"));
    }
  }
  for (const std::string& cell : sentence.cells) {
    if (!is_declared(cells_, cell, true)) {
      faults.push_back(absl::StrCat("there is no cell `", cell, "`"));
    }
  }
  return faults;
}

std::vector<std::string> State::Tell(const Sentence& sentence, int number,
                                     v1::PipelineState* state) const {
  std::vector<std::string> faults = Undeclared(sentence);
  if (!faults.empty()) return faults;
  v1::Event event;
  sentence.write(*this, *state, &event);
  // An event of the caller's own names no artifact here, and needs a plan only to begin one.
  if (event.has_deployment_started() && !sentence.artifacts.empty() &&
      event.deployment_started().action().wave().empty()) {
    return {absl::StrCat("no RollsOut of `", sentence.artifacts[0], "` plans the cell")};
  }
  if (event.id().empty()) event.set_id(absl::StrCat("given-", number));
  if (!event.has_at()) {
    SetTime(sentence.at, [&](Timestamp t) { *event.mutable_at() = std::move(t); });
  }
  constexpr int kFirstFact = 40;
  if (event.kind_case() < kFirstFact && !event.has_expected_revision()) {
    event.set_expected_revision(state->revision());
  }
  const std::string before = Content(*state);
  const absl::Status status = Apply(event, state);
  if (!status.ok()) return {std::string(status.message())};
  if (Content(*state) == before) {
    return {"changes nothing: the same, or a later report, was said before"};
  }
  return {};
}

absl::StatusOr<v1::PipelineState> State::TryBuild() const {
  v1::PipelineState state;
  state.set_schema_version(kSchemaVersion);
  state.set_pipeline(pipeline_);
  SetTime(written_at_, [&](Timestamp t) { *state.mutable_written_at() = std::move(t); });
  std::vector<std::string> faults;
  const auto fault = [&](absl::string_view said, absl::string_view what) {
    faults.push_back(absl::StrCat(said, ": ", what));
  };
  if (!CanBeWritten(written_at_)) fault(Call("State", {pipeline_}), "is written at no instant");
  // Before the first event, which counts the records.
  std::set<std::pair<std::string, std::string>> passed;
  for (const Pass& pass : passes_) {
    if (!passed.emplace(pass.artifact, pass.stage).second) {
      fault(Call("Artifact", {pass.artifact}), absl::StrCat("passed `", pass.stage, "` twice"));
      continue;
    }
    if (pass.stage.empty() || !CanBeWritten(pass.at)) {
      fault(Call("Artifact", {pass.artifact}), "passed no stage, or at no instant");
      continue;
    }
    v1::Pass* record = RecordOf(pass.stage, &state)->add_passes();
    record->set_artifact(DigestOf(pass.artifact));
    SetTime(pass.at, [&](Timestamp t) { *record->mutable_at() = std::move(t); });
    record->set_policy_fingerprint(policy_fingerprint_);
  }
  int number = 0;
  std::set<std::string> declared;
  std::string refused;
  for (const std::vector<Sentence>* sentences : {&cells_, &artifacts_, &others_}) {
    for (const Sentence& sentence : *sentences) {
      if (sentences != &others_ && !declared.insert(sentence.said).second) {
        fault(sentence.said, "is there twice");
        continue;
      }
      // The end of a deployment that could not start.
      if (sentence.said == refused) continue;
      refused.clear();
      for (const std::string& what : Tell(sentence, ++number, &state)) {
        fault(sentence.said, what);
        refused = sentence.said;
      }
    }
  }
  for (const Plan& plan : plans_) {
    const std::string digest = DigestOf(plan.artifact);
    const v1::StageRecord* record = RecordOf(plan.stage, &state);
    if (std::none_of(record->rollouts().begin(), record->rollouts().end(),
                     [&](const v1::Rollout& rollout) { return rollout.artifact() == digest; })) {
      fault(Call("RollsOut", {plan.artifact, plan.stage}), "no deployment begins it");
    }
  }
  return Built(state, faults);
}

v1::PipelineState State::Build() const { return OrFailTest(TryBuild()); }

// ---------------------------------------------------------------- Organisation facts

OrganisationFacts::OrganisationFacts(absl::string_view id, absl::Time observed_at) {
  facts_.set_schema_version(kSchemaVersion);
  facts_.set_id(std::string(id));
  facts_.set_epoch(1);
  SetTime(observed_at, [&](Timestamp t) { *facts_.mutable_observed_at() = std::move(t); });
}

OrganisationFacts& OrganisationFacts::Epoch(uint64_t epoch) {
  facts_.set_epoch(epoch);
  return *this;
}

OrganisationFacts& OrganisationFacts::IsNotStopped(absl::Time observed_at) {
  if (facts_.has_emergency_stop()) faults_.push_back("IsNotStopped: the stop was spoken of before");
  v1::EmergencyStop* stop = facts_.mutable_emergency_stop();
  stop->set_state(v1::EmergencyStop::CLEAR);
  SetTime(observed_at, [&](Timestamp t) { *stop->mutable_observed_at() = std::move(t); });
  return *this;
}

OrganisationFacts& OrganisationFacts::IsStopped(absl::string_view who, absl::string_view why,
                                                absl::Time observed_at) {
  if (facts_.has_emergency_stop()) faults_.push_back("IsStopped: the stop was spoken of before");
  v1::EmergencyStop* stop = facts_.mutable_emergency_stop();
  stop->set_state(v1::EmergencyStop::STOPPED);
  stop->set_who(std::string(who));
  stop->set_why(std::string(why));
  SetTime(observed_at, [&](Timestamp t) { *stop->mutable_observed_at() = std::move(t); });
  return *this;
}

OrganisationFacts& OrganisationFacts::Has(const Hold& hold) {
  v1::Hold* placed = facts_.add_holds();
  *placed = hold.hold_;
  placed->set_id(absl::StrCat("hold-", facts_.holds_size()));
  const bool of_pipeline = placed->scope() == v1::Hold::PIPELINE && !placed->pipeline().empty();
  if (!of_pipeline && placed->scope() != v1::Hold::ORGANISATION) {
    faults_.push_back("Hold: is of the organisation, or of a pipeline by name");
  }
  if (placed->who().empty() || placed->why().empty() || !placed->has_placed_at()) {
    faults_.push_back("Hold: needs By, Because and From");
  }
  return *this;
}

OrganisationFacts& OrganisationFacts::HasCalendar(
    absl::string_view id, absl::Time observed_at,
    const std::vector<std::pair<absl::Time, absl::Time>>& intervals) {
  for (const v1::Calendar& known : facts_.calendars()) {
    if (known.id() == id) faults_.push_back(Call("HasCalendar", {id}) + ": is there twice");
  }
  v1::Calendar* calendar = facts_.add_calendars();
  calendar->set_id(std::string(id));
  SetTime(observed_at, [&](Timestamp t) { *calendar->mutable_observed_at() = std::move(t); });
  absl::Time last = absl::InfinitePast();
  for (const auto& [start, end] : intervals) {
    if (start < last || end <= start) {
      faults_.push_back(Call("HasCalendar", {id}) + ": intervals ascend, and end after they start");
    }
    last = end;
    calendar->add_starts_s(absl::ToUnixSeconds(start));
    calendar->add_ends_s(absl::ToUnixSeconds(end));
  }
  return *this;
}

OrganisationFacts& OrganisationFacts::Reports(const AlarmReport& alarm) {
  const v1::AlarmReport& report = alarm.report_;
  for (const v1::AlarmReport& known : facts_.alarms()) {
    if (known.alarm() == report.alarm() && known.cell() == report.cell() &&
        known.region() == report.region()) {
      faults_.push_back(Call("AlarmReport", {report.alarm()}) + ": is there twice");
    }
  }
  *facts_.add_alarms() = report;
  return *this;
}

absl::StatusOr<v1::OrganisationFacts> OrganisationFacts::TryBuild() const {
  return Built(facts_, faults_);
}

v1::OrganisationFacts OrganisationFacts::Build() const { return OrFailTest(TryBuild()); }

}  // namespace sluice::given
