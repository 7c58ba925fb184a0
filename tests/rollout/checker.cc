#include "tests/rollout/checker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/rollout/scenario.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

const v1::Stage* FindStage(const v1::PipelinePolicy& policy, absl::string_view id) {
  for (const v1::Stage& stage : policy.stages()) {
    if (stage.id() == id) return &stage;
  }
  return nullptr;
}

const v1::StageRecord& RecordOf(const v1::PipelineState& state, absl::string_view id) {
  for (const v1::StageRecord& stage : state.stages()) {
    if (stage.stage() == id) return stage;
  }
  return v1::StageRecord::default_instance();
}

const v1::Artifact* FindArtifact(const v1::PipelineState& state, absl::string_view digest) {
  for (const v1::Artifact& artifact : state.artifacts()) {
    if (artifact.digest() == digest) return &artifact;
  }
  return nullptr;
}

std::map<std::string, const v1::Deployment*> NewestOf(const v1::StageRecord& record) {
  std::map<std::string, const v1::Deployment*> newest;
  for (const v1::Deployment& deployment : record.deployments()) {
    const v1::Deployment*& of_cell = newest[deployment.cell()];
    if (of_cell == nullptr || of_cell->number() < deployment.number()) of_cell = &deployment;
  }
  return newest;
}

bool IsProven(const v1::Deployment& deployment) {
  return deployment.direction() == v1::Deployment::ADOPTED || deployment.has_proven() ||
         deployment.has_accepted();
}

const v1::Rollout* Running(const v1::StageRecord& record, const std::string& artifact) {
  for (const v1::Rollout& rollout : record.rollouts()) {
    if (rollout.artifact() == artifact && rollout.state() == v1::Rollout::RUNNING) return &rollout;
  }
  return nullptr;
}

const v1::Rollout* NewestRollout(const v1::StageRecord& record, const std::string& artifact) {
  const v1::Rollout* newest = nullptr;
  for (const v1::Rollout& rollout : record.rollouts()) {
    if (rollout.artifact() != artifact) continue;
    if (newest == nullptr || newest->number() < rollout.number()) newest = &rollout;
  }
  return newest;
}

// Whether the list names the artifact at `now`.
bool IsListed(const v1::KnownBadList& list, const v1::Artifact& artifact, absl::Time now) {
  for (const v1::KnownBadEntry& entry : list.entries()) {
    if (entry.has_effective_from() && now < ToTime(entry.effective_from())) continue;
    if (entry.has_withdrawn_at() && now >= ToTime(entry.withdrawn_at())) continue;
    for (const std::string& digest : entry.digests()) {
      if (digest == artifact.digest()) return true;
      for (const v1::Component& component : artifact.components().components()) {
        const auto& digests = component.digests();
        if (std::find(digests.begin(), digests.end(), digest) != digests.end()) return true;
      }
    }
    for (const std::string& url : entry.package_urls()) {
      for (const v1::Component& component : artifact.components().components()) {
        if (component.package_url() == url) return true;
      }
    }
  }
  return false;
}

// Whether an override that may count for the blocker is in force.
bool IsOverridden(const Seen& seen, const v1::Stage& rule, const std::string& blocker,
                  const std::string& artifact) {
  for (const v1::Override& override : seen.state.overrides()) {
    if (override.artifact() != artifact || override.has_revoked_at()) continue;
    if (seen.now < ToTime(override.granted_at()) || seen.now >= ToTime(override.expires_at())) {
      continue;
    }
    const auto& ids = override.blockers();
    const auto& stages = override.stages();
    if (std::find(ids.begin(), ids.end(), blocker) != ids.end() &&
        std::find(stages.begin(), stages.end(), rule.id()) != stages.end()) {
      return true;
    }
  }
  return false;
}

const v1::KnownBad* KnownBadOf(const v1::PipelinePolicy& policy) {
  for (const v1::Blocker& blocker : policy.blockers()) {
    if (blocker.has_known_bad()) return &blocker.known_bad();
  }
  return nullptr;
}

bool IsAlarmOk(const Seen& seen, const v1::MetricAlarm& alarm) {
  if (!alarm.has_observed()) return true;  // Computed ones have reference tests of their own.
  for (const v1::AlarmReport& report : seen.state.alarms()) {
    if (report.alarm() != alarm.observed().alarm()) continue;
    if (!report.cell().empty() || !report.region().empty()) continue;
    return report.state() == v1::AlarmReport::OK &&
           seen.now - ToTime(report.observed_at()) < ToDuration(alarm.max_age());
  }
  return false;
}

bool IsCheckPassed(const Seen& seen, const v1::CheckRequirement& check, const v1::Stage& rule,
                   const std::string& artifact) {
  const v1::Check* newest = nullptr;
  for (const v1::Check& run : seen.state.checks()) {
    if (run.check() != check.check() || run.artifact() != artifact || !run.cell().empty()) continue;
    if (check.binds_to() == v1::CheckRequirement::ARTIFACT_AND_STAGE && run.stage() != rule.id()) {
      continue;
    }
    if (newest == nullptr || ToTime(run.started_at()) > ToTime(newest->started_at())) newest = &run;
  }
  return newest != nullptr && newest->outcome() == v1::Check::PASSED;
}

bool IsApproved(const Seen& seen, const std::string& blocker, const v1::ApprovalRequirement& rule,
                const v1::Stage& stage, const std::string& artifact) {
  std::set<std::string> principals;
  for (const v1::Approval& approval : seen.state.approvals()) {
    if (approval.blocker() != blocker || approval.artifact() != artifact) continue;
    if (approval.stage() != stage.id() || seen.now < ToTime(approval.granted_at())) continue;
    if (approval.has_revoked_at() && seen.now >= ToTime(approval.revoked_at())) continue;
    principals.insert(approval.principal());
  }
  return principals.size() >= rule.quorum();
}

bool IsDenied(const Seen& seen, const v1::TimeWindow& window) {
  return std::any_of(window.deny().begin(), window.deny().end(), [&](const v1::Window& deny) {
    return seen.now >= ToTime(deny.absolute().start()) && seen.now < ToTime(deny.absolute().end());
  });
}

// Whether a cell of the rollout's wave was deployed to.
bool IsStarted(const v1::StageRecord& record, const v1::Rollout& rollout,
               const std::string& wave_id) {
  for (const v1::PlannedWave& wave : rollout.plan().waves()) {
    if (wave.id() != wave_id) continue;
    for (const v1::Deployment& deployment : record.deployments()) {
      const auto& cells = wave.cells();
      if (deployment.rollout() == rollout.number() &&
          std::find(cells.begin(), cells.end(), deployment.cell()) != cells.end()) {
        return true;
      }
    }
  }
  return false;
}

bool IsHeld(const v1::Hold& hold, absl::Time now) {
  if (now < ToTime(hold.placed_at())) return false;
  if (hold.has_released_at() && now >= ToTime(hold.released_at())) return false;
  return !hold.has_expires_at() || now < ToTime(hold.expires_at());
}

// Whether a cell that was rolled back has shown all that is asked of it.
bool IsBack(const v1::PipelineState& state, const v1::Stage& rule, const v1::StageRecord& record,
            const v1::Deployment& deployment) {
  for (const v1::Rollout& rollout : record.rollouts()) {
    if (rollout.number() == deployment.rollout() && rollout.state() == v1::Rollout::ROLLED_BACK) {
      return true;
    }
  }
  if (deployment.outcome() != v1::Deployment::SUCCEEDED) return false;
  for (const std::string& check : rule.rollout().hygiene().checks()) {
    const v1::Check* newest = nullptr;
    for (const v1::Check& run : state.checks()) {
      if (run.check() != check || run.cell() != deployment.cell()) continue;
      if (run.artifact() != deployment.artifact()) continue;
      if (ToTime(run.started_at()) < ToTime(deployment.ended_at())) continue;
      if (newest == nullptr || ToTime(run.started_at()) > ToTime(newest->started_at())) {
        newest = &run;
      }
    }
    if (newest == nullptr || newest->outcome() != v1::Check::PASSED) return false;
  }
  return true;
}

}  // namespace

void Checker::Fail(absl::string_view law, const std::string& what) {
  failures_.push_back(absl::StrCat(law, ": ", what));
}

bool Checker::IsLatched(const v1::PipelinePolicy& policy, absl::string_view stage,
                        const std::string& artifact) const {
  for (const v1::Stage& rule : policy.stages()) {
    if (latched_.count({rule.id(), artifact}) > 0) return true;
    if (rule.id() == stage) return false;
  }
  return false;
}

void Checker::Admitted(const Seen& seen, const v1::StageDecision& stage,
                       const v1::CellAction& action) {
  if (action.roll_back()) {
    RollBack(seen, stage, action);
  } else {
    Forward(seen, stage, action);
  }
}

void Checker::Forward(const Seen& seen, const v1::StageDecision& stage,
                      const v1::CellAction& action) {
  ++seen_["forward"];
  const v1::Stage* rule = FindStage(seen.policy, stage.stage());
  if (rule == nullptr) return Fail("stage", absl::StrCat(stage.stage(), " is not in the policy"));
  const v1::Artifact* artifact = FindArtifact(seen.state, action.artifact());
  if (artifact == nullptr) return Fail("artifact", action.id());
  if (IsLatched(seen.policy, stage.stage(), action.artifact())) Fail("latch", action.id());
  if (withdrawn_.count(action.artifact()) > 0) Fail("withdrawn", action.id());
  Blockers(seen, *rule, action);
  Stops(seen, *rule, action);
  if (rule->deploys() != v1::Stage::CELLS) return;
  Order(seen, *rule, action);
  Radius(seen, *rule, stage, action);
}

void Checker::Blockers(const Seen& seen, const v1::Stage& rule, const v1::CellAction& action) {
  const v1::StageRecord& record = RecordOf(seen.state, rule.id());
  const v1::Rollout* running = Running(record, action.artifact());
  const auto judge = [&](const v1::Blocker& blocker) {
    if (blocker.enforcement() != v1::Blocker::ENFORCED) return;
    bool clear = true;
    if (blocker.has_known_bad()) {
      const v1::Artifact* artifact = FindArtifact(seen.state, action.artifact());
      clear = !IsListed(seen.list, *artifact, seen.now);
      if (!clear && seen.list.overridable()) {
        clear = IsOverridden(seen, rule, blocker.id(), action.artifact());
      }
      if (!clear) Fail("known-bad", action.id());
      return;
    }
    if (blocker.has_metric_alarm()) clear = IsAlarmOk(seen, blocker.metric_alarm());
    if (blocker.has_check()) clear = IsCheckPassed(seen, blocker.check(), rule, action.artifact());
    if (blocker.has_approval()) {
      clear = IsApproved(seen, blocker.id(), blocker.approval(), rule, action.artifact());
    }
    if (blocker.has_time_window()) {
      const bool finishes = blocker.time_window().in_flight() == v1::TimeWindow::FINISH_WAVE &&
                            running != nullptr && IsStarted(record, *running, action.wave());
      clear = finishes || !IsDenied(seen, blocker.time_window());
    }
    if (!clear && !IsOverridden(seen, rule, blocker.id(), action.artifact())) {
      Fail("blocker", absl::StrCat(blocker.id(), " of ", action.id()));
    }
  };
  for (const v1::Blocker& blocker : seen.policy.blockers()) judge(blocker);
  for (const v1::Blocker& blocker : rule.blockers()) judge(blocker);
  for (const v1::Wave& wave : rule.rollout().waves()) {
    if (wave.id() != action.wave()) continue;
    for (const v1::Blocker& blocker : wave.blockers()) judge(blocker);
  }
}

void Checker::Stops(const Seen& seen, const v1::Stage& rule, const v1::CellAction& action) {
  if (seen.policy.has_emergency_stop()) {
    const v1::EmergencyStop& stop = seen.facts.emergency_stop();
    if (stop.state() != v1::EmergencyStop::CLEAR ||
        seen.now - ToTime(stop.observed_at()) >=
            ToDuration(seen.policy.emergency_stop().max_age())) {
      Fail("emergency stop", action.id());
    }
  }
  for (const v1::Hold& hold : seen.state.holds()) {
    const bool concerned = hold.scope() == v1::Hold::PIPELINE ||
                           (hold.scope() == v1::Hold::STAGE && hold.stage() == rule.id()) ||
                           (hold.scope() == v1::Hold::CELL && hold.cell() == action.cell());
    if (concerned && IsHeld(hold, seen.now)) Fail("hold", action.id());
  }
}

void Checker::Order(const Seen& seen, const v1::Stage& rule, const v1::CellAction& action) {
  const v1::StageRecord& record = RecordOf(seen.state, rule.id());
  const auto newest = NewestOf(record);
  const v1::Rollout* running = Running(record, action.artifact());
  // What a stage has already does not pass the earlier ones again.
  const bool catches_up = action.wave() == "@catch_up";
  if (running == nullptr && !catches_up) {
    for (const v1::Stage& earlier : seen.policy.stages()) {
      if (earlier.id() == rule.id()) break;
      const auto& passes = RecordOf(seen.state, earlier.id()).passes();
      if (std::none_of(passes.begin(), passes.end(), [&](const v1::Pass& pass) {
            return pass.artifact() == action.artifact() && !pass.has_revoked_at();
          })) {
        Fail("passes", absl::StrCat(action.id(), " without ", earlier.id()));
      }
    }
  } else if (running != nullptr) {
    std::set<std::string> retired;
    for (const v1::Cell& cell : seen.state.cells()) {
      if (cell.has_retired()) retired.insert(cell.id());
    }
    for (const v1::PlannedWave& wave : running->plan().waves()) {
      const auto& cells = wave.cells();
      if (std::find(cells.begin(), cells.end(), action.cell()) != cells.end()) break;
      for (const std::string& cell : cells) {
        if (retired.count(cell) > 0) continue;
        const auto of_cell = newest.find(cell);
        const v1::Deployment* d = of_cell == newest.end() ? nullptr : of_cell->second;
        const bool settled =
            d != nullptr && IsProven(*d) && d->artifact() == action.artifact() &&
            (d->direction() == v1::Deployment::ADOPTED || d->rollout() == running->number());
        if (!settled) Fail("waves", absl::StrCat(action.id(), " before ", cell));
      }
    }
  }
  // Forward is never to something older, unless what is there was rolled back.
  const auto there = newest.find(action.cell());
  if (there == newest.end()) return;
  const v1::Artifact* old = FindArtifact(seen.state, there->second->artifact());
  const v1::Artifact* artifact = FindArtifact(seen.state, action.artifact());
  if (old != nullptr && artifact->sequence() < old->sequence() &&
      !IsLatched(seen.policy, rule.id(), old->digest())) {
    Fail("overtakes", action.id());
  }
}

// What each cell of the stage weighs, whether it is unproven, and how many are being deployed to.
Checker::StageLoad Checker::LoadOf(const Seen& seen, const v1::Stage& rule,
                                   const std::map<std::string, uint64_t>& planned) {
  const v1::StageRecord& record = RecordOf(seen.state, rule.id());
  const auto newest = NewestOf(record);
  StageLoad load;
  for (const v1::Cell& cell : seen.state.cells()) {
    if (cell.stage() != rule.id() || cell.has_retired()) continue;
    CellLoad& of_cell = load.cells[cell.id()];
    const auto plan = planned.find(cell.id());
    of_cell.weight = plan == planned.end() ? cell.weight() : plan->second;
    of_cell.cell = cell;
    const auto deployment = newest.find(cell.id());
    if (deployment == newest.end()) continue;
    const v1::Deployment& d = *deployment->second;
    if (d.direction() == v1::Deployment::FORWARD && !d.has_ended_at()) ++load.under_way;
    const bool back =
        d.direction() == v1::Deployment::ROLL_BACK && IsBack(seen.state, rule, record, d);
    of_cell.unproven = !IsProven(d) && !back;
  }
  return load;
}

void Checker::Under(const std::string& cap_name, uint32_t cap, const std::vector<CellLoad>& cells,
                    const v1::CellAction& action) {
  ++seen_[cap_name];
  uint64_t total = 0;
  uint64_t unproven = 0;
  for (const CellLoad& cell : cells) {
    total += cell.weight;
    if (cell.unproven || cell.cell.id() == action.cell()) unproven += cell.weight;
  }
  if (unproven * 10'000 > uint64_t{cap} * total) {
    Fail(cap_name,
         absl::StrCat(action.id(), ": ", unproven, " of ", total, " unproven, cap ", cap));
  }
}

void Checker::Radius(const Seen& seen, const v1::Stage& rule, const v1::StageDecision& stage,
                     const v1::CellAction& action) {
  std::map<std::string, uint64_t> planned;
  for (const v1::PlannedCells& wave : stage.plan()) {
    for (int i = 0; i < wave.cells_size(); ++i) planned[wave.cells(i)] = wave.weights(i);
  }
  const StageLoad load = LoadOf(seen, rule, planned);
  const v1::BlastRadius& radius = rule.rollout().blast_radius();
  if (load.under_way + 1 > radius.max_parallel()) Fail("max_parallel", action.id());
  const CellLoad& of_cell = load.cells.at(action.cell());
  if (of_cell.unproven) return;
  std::vector<CellLoad> all;
  std::vector<CellLoad> group;
  for (const auto& [id, cell] : load.cells) {
    all.push_back(cell);
    if (!radius.has_group()) continue;
    const auto by = radius.group().disjoint_by();
    if (GroupOf(cell.cell, by) == GroupOf(of_cell.cell, by)) group.push_back(cell);
  }
  if (radius.has_stage_cap_basis_points()) {
    Under("stage cap", radius.stage_cap_basis_points(), all, action);
  }
  if (radius.has_group()) Under("group cap", radius.group().cap_basis_points(), group, action);
  if (rule.kind() != v1::Stage::PRODUCTION || !seen.policy.has_pipeline_cap_basis_points()) return;
  for (const v1::Stage& other : seen.policy.stages()) {
    if (other.id() == rule.id() || other.kind() != v1::Stage::PRODUCTION) continue;
    std::map<std::string, uint64_t> recorded;
    for (const v1::Rollout& rollout : RecordOf(seen.state, other.id()).rollouts()) {
      if (rollout.state() != v1::Rollout::RUNNING && rollout.state() != v1::Rollout::ROLLING_BACK) {
        continue;
      }
      for (const v1::PlannedWave& wave : rollout.plan().waves()) {
        for (int i = 0; i < wave.cells_size(); ++i) recorded[wave.cells(i)] = wave.weights(i);
      }
    }
    for (const auto& [id, cell] : LoadOf(seen, other, recorded).cells) all.push_back(cell);
  }
  Under("pipeline cap", seen.policy.pipeline_cap_basis_points(), all, action);
}

bool Checker::HasEvidence(const Seen& seen, const v1::Stage& rule, const v1::Rollout& rollout) {
  if (requested_.count({rule.id(), rollout.artifact()}) > 0) return true;
  if (failed_.count({rule.id(), rollout.artifact()}) > 0) return true;
  if (rule.rollout().hygiene().missing_is_failure()) return true;
  const v1::KnownBad* known_bad = KnownBadOf(seen.policy);
  const v1::Artifact* artifact = FindArtifact(seen.state, rollout.artifact());
  if (known_bad != nullptr && known_bad->on_match_in_flight() == v1::KnownBad::ROLL_BACK &&
      artifact != nullptr &&
      (withdrawn_.count(rollout.artifact()) > 0 || IsListed(seen.list, *artifact, seen.now))) {
    return true;
  }
  const auto signalled = [&](const std::string& id) {
    const auto last = last_signal_.find(id);
    return last != last_signal_.end() && last->second >= ToTime(rollout.started_at());
  };
  for (const v1::WatchedAlarm& watched : rule.rollout().health().watched_alarms()) {
    if (signalled(watched.alarm().observed().alarm())) return true;
    if (signalled(watched.alarm().computed().series())) return true;
  }
  return !rule.rollout().health().criteria().empty() && signalled(absl::StrCat("@", rule.id()));
}

void Checker::RollBack(const Seen& seen, const v1::StageDecision& stage,
                       const v1::CellAction& action) {
  ++seen_["roll back"];
  const v1::Stage* rule = FindStage(seen.policy, stage.stage());
  const v1::Artifact* target = FindArtifact(seen.state, action.artifact());
  if (rule == nullptr || target == nullptr) return Fail("roll back", action.id());
  if (KnownBadOf(seen.policy) != nullptr && IsListed(seen.list, *target, seen.now)) {
    Fail("target known-bad", action.id());
  }
  if (withdrawn_.count(action.artifact()) > 0) Fail("target withdrawn", action.id());
  if (IsLatched(seen.policy, stage.stage(), action.artifact())) Fail("target latched", action.id());
  if (action.artifact() == stage.artifact()) Fail("target current", action.id());
  if (proven_.count(absl::StrCat(stage.stage(), " ", action.cell(), " ", action.artifact())) == 0) {
    Fail("target unproven", action.id());
  }
  const v1::Artifact* removed = FindArtifact(seen.state, stage.artifact());
  if (removed != nullptr && target->sequence() < removed->rollback_floor()) {
    Fail("target below floor", action.id());
  }
  const v1::StageRecord& record = RecordOf(seen.state, stage.stage());
  const v1::Rollout* rollout = NewestRollout(record, stage.artifact());
  if (rollout == nullptr) return Fail("roll back of nothing", action.id());
  if (rollout->state() == v1::Rollout::ROLLING_BACK) return;
  if (!HasEvidence(seen, *rule, *rollout)) Fail("roll back without evidence", action.id());
}

// Reports come late and again: the newest signal counts, whenever it is told of.
void Checker::Signal(const std::string& id, absl::Time at) {
  absl::Time& last = last_signal_.try_emplace(id, absl::InfinitePast()).first->second;
  last = std::max(last, at);
}

void Checker::Applied(const v1::Event& event, const v1::PipelineState& state) {
  switch (event.kind_case()) {
    case v1::Event::kDeploymentStarted: {
      const v1::DeploymentStarted& started = event.deployment_started();
      if (!started_.insert(started.action().id()).second) {
        Fail("recorded twice", started.action().id());
      }
      artifact_of_[started.action().id()] = {started.stage(), started.action().artifact()};
      if (!started.action().roll_back()) break;
      if (latched_.insert({started.stage(), started.removes()}).second) ++seen_["latch"];
      const v1::Rollout* rollout =
          NewestRollout(RecordOf(state, started.stage()), started.removes());
      if (rollout == nullptr || rollout->state() != v1::Rollout::ROLLING_BACK) {
        Fail("not rolling back", started.action().id());
      }
      break;
    }
    case v1::Event::kDeploymentEnded:
      if (event.deployment_ended().outcome() == v1::Deployment::FAILED) {
        failed_.insert(artifact_of_[event.deployment_ended().action_id()]);
      }
      break;
    case v1::Event::kRecorded: {
      const v1::WantedRecord& record = event.recorded().record();
      ++seen_[v1::WantedRecord::Kind_Name(record.kind())];
      if (record.kind() == v1::WantedRecord::HALTED && record.reason() == v1::NO_SAFE_TARGET) {
        latched_.insert({event.recorded().stage(), record.artifact()});
      }
      if (record.kind() == v1::WantedRecord::CELL_PROVEN) {
        proven_.insert(
            absl::StrCat(event.recorded().stage(), " ", record.cell(), " ", record.artifact()));
      }
      break;
    }
    case v1::Event::kCellAdopted:
      proven_.insert(absl::StrCat(event.cell_adopted().stage(), " ", event.cell_adopted().cell(),
                                  " ", event.cell_adopted().artifact()));
      break;
    case v1::Event::kCellAccepted: {
      const auto newest = NewestOf(RecordOf(state, event.cell_accepted().stage()));
      proven_.insert(absl::StrCat(event.cell_accepted().stage(), " ", event.cell_accepted().cell(),
                                  " ", newest.at(event.cell_accepted().cell())->artifact()));
      break;
    }
    case v1::Event::kLatchReleased:
      latched_.erase({event.latch_released().stage(), event.latch_released().artifact()});
      ++seen_["release"];
      break;
    case v1::Event::kArtifactWithdrawn:
      withdrawn_.insert(event.artifact_withdrawn().withdrawal().artifact());
      break;
    case v1::Event::kRollBackRequested:
      requested_.insert(
          {event.roll_back_requested().stage(), event.roll_back_requested().request().artifact()});
      break;
    case v1::Event::kCheckReported:
      if (!event.check_reported().check().cell().empty() &&
          event.check_reported().check().outcome() == v1::Check::FAILED) {
        failed_.insert(
            {event.check_reported().check().stage(), event.check_reported().check().artifact()});
      }
      break;
    case v1::Event::kAlarmReported:
      if (event.alarm_reported().alarm().state() == v1::AlarmReport::ALARM) {
        Signal(event.alarm_reported().alarm().alarm(),
               ToTime(event.alarm_reported().alarm().observed_at()));
      }
      break;
    case v1::Event::kSeriesReported: {
      const v1::Series& series = event.series_reported().series();
      for (int i = 0; i < series.values_size(); ++i) {
        if (!(series.values(i) > 100)) continue;
        Signal(series.series(), ToTime(series.start()) + (i + 1) * ToDuration(series.period()));
      }
      break;
    }
    case v1::Event::kCountsReported: {
      const v1::CellCounts& counts = event.counts_reported().counts();
      const int periods = counts.errors_size() / std::max(1, counts.cells_size());
      for (int i = 0; i < counts.errors_size(); ++i) {
        if (counts.errors(i) <= 0) continue;
        Signal(absl::StrCat("@", counts.stage()),
               ToTime(counts.start()) + (i % periods + 1) * ToDuration(counts.period()));
      }
      break;
    }
    default:
      break;
  }
}

void Checker::State(const v1::PipelineState& state) {
  for (const v1::StageRecord& stage : state.stages()) {
    int active = 0;
    for (const v1::Rollout& rollout : stage.rollouts()) {
      if (rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK) {
        ++active;
      }
    }
    if (active > 1) Fail("one rollout a stage", stage.stage());
    std::set<std::string> under_way;
    for (const v1::Deployment& deployment : stage.deployments()) {
      if (deployment.has_ended_at()) continue;
      if (!under_way.insert(deployment.cell()).second) {
        Fail("one deployment a cell", deployment.cell());
      }
    }
  }
}

}  // namespace sluice
