#include "tests/reference/roll_back.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/reference/blockers.h"
#include "tests/reference/known_bad.h"
#include "tests/reference/overrides.h"
#include "tests/reference/plan.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

bool IsActive(const Facts& facts, const v1::Stage& stage, const std::string& cell) {
  return Contains(ActiveCells(facts, stage.id()), cell);
}

std::string RegionOf(const Facts& facts, const std::string& cell) {
  const v1::Cell* record = FindCell(facts, cell);
  return record == nullptr ? "" : record->region();
}

// On or receiving it: the cell's newest deployment brought it, however that ended.
bool IsOn(const Facts& facts, const v1::Stage& stage, const std::string& cell,
          const std::string& artifact) {
  const v1::Deployment* newest = Newest(facts, stage.id(), cell);
  return newest != nullptr && newest->artifact() == artifact;
}

bool HasWaveCriteria(const v1::Stage& stage) {
  for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
    if (criterion.per() == v1::HealthCriterion::WAVE) return true;
  }
  return false;
}

// A wave's own criteria and deadline [R3a] [R4].
void AskWave(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
             const v1::PlannedCells& wave, RolloutAnswer* answer) {
  if (!HasWaveCriteria(stage)) return;
  std::vector<Baked> baked;
  std::vector<std::string> cells;
  bool all_proven = true;
  bool any = false;
  absl::Time last = absl::InfinitePast();
  for (const std::string& cell : wave.cells()) {
    const v1::Cell* record = FindCell(facts, cell);
    if (IsRetired(facts, cell)) continue;
    const v1::Deployment* deployment = DeploymentOf(facts, stage.id(), rollout, cell);
    const bool proven = record != nullptr && deployment != nullptr && IsProven(*deployment) &&
                        CellFault(facts, stage.id(), cell) == v1::ALL_CLEAR;
    all_proven = all_proven && proven;
    if (deployment == nullptr || deployment != Newest(facts, stage.id(), cell)) continue;
    any = true;
    if (CellFault(facts, stage.id(), cell) != v1::ALL_CLEAR) continue;
    cells.push_back(cell);
    if (deployment->has_ended_at()) last = std::max(last, ToTime(deployment->ended_at()));
    if (deployment->outcome() == v1::Deployment::SUCCEEDED) {
      baked.push_back(StartOf(facts, stage, *deployment));
    }
  }
  if (!any || baked.empty()) return;
  const bool runs =
      rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK;
  const bool settled = !runs || IsWaveProven(facts, stage, rollout, wave);
  bool all_clear = true;
  for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
    if (criterion.per() != v1::HealthCriterion::WAVE) continue;
    const Judgement judgement = JudgeCriterion(facts, stage, criterion, baked);
    all_clear = all_clear && judgement.clear();
    Leaf leaf = MakeLeaf(criterion.id(), rollout.artifact(), wave.wave(), "", judgement,
                         settled ? v1::NONE : v1::HOLDS);
    leaf.forward = false;
    if (judgement.verdict == v1::BLOCKING) {
      const Lift keep = KeepOf(facts, stage, criterion.id(), rollout.artifact());
      leaf.finding.set_effect(keep.lifted ? v1::LIFTED : v1::HOLDS);
      for (const std::string& override : keep.overrides) leaf.finding.add_overrides(override);
      Trigger trigger;
      trigger.id = criterion.id();
      trigger.cells = cells;
      trigger.kept = keep.lifted;
      answer->triggers.push_back(trigger);
    }
    answer->leaves.push_back(leaf);
  }
  if (settled || !all_proven) return;
  if (all_clear) answer->provable_waves.push_back(wave.wave());
  absl::Duration max_time;
  for (const std::string& cell : wave.cells()) {
    max_time = std::max(max_time, ToDuration(BakeOf(stage, wave.wave(), cell).max_time()));
  }
  const bool late = facts.now - last >= max_time;
  Leaf leaf = MakeLeaf("@bake_deadline", rollout.artifact(), wave.wave(), "",
                       late ? Blocking(v1::BAKE_TIMED_OUT) : Clear(), v1::HOLDS);
  leaf.forward = false;
  answer->leaves.push_back(leaf);
  answer->deadline_passed = answer->deadline_passed || late;
}

// [R7] The earliest step that honoured a request.
absl::Time HonouredAt(const v1::StageRecord& record, const v1::RollBackRequest& request) {
  absl::Time first = absl::InfinitePast();
  for (const v1::Deployment& deployment : record.deployments()) {
    if (deployment.direction() != v1::Deployment::ROLL_BACK ||
        deployment.rollout() != request.honoured_by()) {
      continue;
    }
    const absl::Time started = ToTime(deployment.started_at());
    if (started < ToTime(request.requested_at())) continue;
    if (first == absl::InfinitePast() || started < first) first = started;
  }
  return first;
}

const v1::Rollout* RolloutOf(const Facts& facts, const v1::Stage& stage,
                             const std::string& artifact) {
  const v1::Rollout* newest = nullptr;
  for (const v1::Rollout& rollout : Record(facts, stage.id()).rollouts()) {
    if (rollout.artifact() == artifact &&
        (newest == nullptr || rollout.number() > newest->number())) {
      newest = &rollout;
    }
  }
  return newest;
}

// [R6a] A trigger's cells, widened.
std::set<std::string> Widen(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                            const Trigger& trigger) {
  std::set<std::string> cells(trigger.cells.begin(), trigger.cells.end());
  const std::vector<std::string> active = ActiveCells(facts, stage.id());
  const v1::RollBackPolicy::Scope scope = stage.rollout().roll_back().scope();
  if (trigger.every_cell || scope == v1::RollBackPolicy::STAGE) {
    cells.insert(active.begin(), active.end());
  } else if (scope == v1::RollBackPolicy::REGION) {
    for (const std::string& cell : trigger.cells) {
      for (const std::string& other : active) {
        if (!RegionOf(facts, cell).empty() && RegionOf(facts, other) == RegionOf(facts, cell)) {
          cells.insert(other);
        }
      }
    }
  } else if (scope == v1::RollBackPolicy::WAVE) {
    for (const v1::PlannedCells& wave : RecordedPlan(facts, stage, rollout).waves) {
      for (const std::string& cell : trigger.cells) {
        if (Contains(wave.cells(), cell)) cells.insert(wave.cells().begin(), wave.cells().end());
      }
    }
  }
  return cells;
}

struct Target {
  std::string artifact;  // Empty: none.
  bool unchecked = false;
};

// [R7] The newest artifact proven on the cell that nothing speaks against.
Target FindTarget(const Facts& facts, const v1::Stage& stage, const std::string& cell,
                  const v1::Rollout& rollout, RollBackAnswer* answer) {
  std::vector<std::string> proven;
  for (const v1::Deployment& deployment : Record(facts, stage.id()).deployments()) {
    if (deployment.cell() == cell && IsProven(deployment) &&
        !Contains(proven, deployment.artifact())) {
      proven.push_back(deployment.artifact());
    }
  }
  std::sort(proven.begin(), proven.end(), [&](const std::string& a, const std::string& b) {
    const uint64_t x = Sequence(facts, a);
    const uint64_t y = Sequence(facts, b);
    return x != y ? x > y : a > b;
  });
  const std::string& current = Newest(facts, stage.id(), cell)->artifact();
  const bool returns = Newest(facts, stage.id(), cell)->direction() == v1::Deployment::ROLL_BACK;
  for (const std::string& artifact : proven) {
    if (artifact == rollout.artifact() || (artifact == current && !returns)) continue;  // CURRENT
    v1::Reason refused = v1::ALL_CLEAR;
    if (!Contains(answer->targets, artifact)) answer->targets.push_back(artifact);
    const v1::Artifact* removed = FindArtifact(facts, rollout.artifact());
    if (IsListed(facts, stage, artifact)) {
      refused = v1::KNOWN_BAD_MATCH;
    } else if (IsWithdrawn(facts, artifact)) {
      refused = v1::WITHDRAWN;
    } else if (IsLatched(facts, stage.id(), artifact)) {
      refused = v1::LATCHED;
    } else if (ArtifactFault(facts, artifact) != v1::ALL_CLEAR) {
      refused = ArtifactFault(facts, artifact);
    } else if (removed != nullptr && removed->has_rollback_floor() &&
               Sequence(facts, artifact) < removed->rollback_floor()) {
      refused = v1::BELOW_FLOOR;
    }
    if (refused == v1::ALL_CLEAR) {
      Target target;
      target.artifact = artifact;
      for (const Placed& placed : BlockersOf(facts, stage)) {
        if (placed.blocker->has_known_bad() &&
            !JudgeKnownBad(facts, placed.blocker->known_bad(), artifact).judgement.clear()) {
          target.unchecked = true;
        }
      }
      return target;
    }
    v1::PassedOver entry;
    entry.set_artifact(artifact);
    entry.set_reason(refused);
    answer->passed_over.push_back(entry);
  }
  return {};
}

}  // namespace

const v1::Deployment* DeploymentOf(const Facts& facts, absl::string_view stage,
                                   const v1::Rollout& rollout, absl::string_view cell) {
  const v1::Deployment* newest = nullptr;
  for (const v1::Deployment& deployment : Record(facts, stage).deployments()) {
    if (deployment.cell() == cell && deployment.rollout() == rollout.number() &&
        deployment.direction() == v1::Deployment::FORWARD &&
        (newest == nullptr || deployment.number() > newest->number())) {
      newest = &deployment;
    }
  }
  return newest;
}

bool IsWaveProven(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                  const v1::PlannedCells& wave) {
  for (const v1::PlannedWave& recorded : rollout.plan().waves()) {
    if (recorded.id() == wave.wave() && recorded.has_proven_at()) return true;
  }
  if (HasWaveCriteria(stage)) {
    for (const std::string& cell : wave.cells()) {
      if (!IsRetired(facts, cell)) return false;
    }
    return true;  // All its cells are gone.
  }
  for (const std::string& cell : wave.cells()) {
    const v1::Cell* record = FindCell(facts, cell);
    if (IsRetired(facts, cell)) continue;
    if (record == nullptr || CellFault(facts, stage.id(), cell) != v1::ALL_CLEAR) return false;
    const v1::Deployment* deployment = DeploymentOf(facts, stage.id(), rollout, cell);
    if (deployment == nullptr || !IsProven(*deployment)) return false;
  }
  return true;
}

RolloutAnswer AskRollout(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout) {
  RolloutAnswer answer;
  const Plan plan = RecordedPlan(facts, stage, rollout);
  std::vector<const v1::Deployment*> under_watch;
  for (const v1::PlannedCells& wave : plan.waves) {
    for (const std::string& cell : wave.cells()) {
      const v1::Deployment* newest = Newest(facts, stage.id(), cell);
      if (!IsActive(facts, stage, cell) || newest == nullptr ||
          newest != DeploymentOf(facts, stage.id(), rollout, cell) ||
          CellFault(facts, stage.id(), cell) != v1::ALL_CLEAR) {
        continue;
      }
      under_watch.push_back(newest);
    }
  }
  for (const v1::PlannedCells& wave : plan.waves) {
    for (const v1::Deployment* deployment : under_watch) {
      if (!Contains(wave.cells(), deployment->cell())) continue;
      const CellAnswer cell = AskCell(facts, stage, rollout, wave.wave(), *deployment);
      answer.leaves.insert(answer.leaves.end(), cell.leaves.begin(), cell.leaves.end());
      answer.deadline_passed = answer.deadline_passed || cell.deadline_passed;
      answer.needs_a_person = answer.needs_a_person || cell.needs_a_person;
      if (cell.provable) answer.provable.emplace_back(wave.wave(), deployment->cell());
      for (size_t i = 0; i < cell.triggers.size(); ++i) {
        Trigger trigger = cell.triggers[i];
        if (cell.reach[i] != v1::WatchedAlarm::CELL) {
          // [R6a] The rollout's unproven cells within it or, if none, all under watch.
          const auto within = [&](bool only_unproven) {
            std::vector<std::string> cells;
            for (const v1::Deployment* other : under_watch) {
              if (only_unproven && IsProven(*other)) continue;
              if (cell.reach[i] == v1::WatchedAlarm::REGION &&
                  RegionOf(facts, other->cell()) != RegionOf(facts, deployment->cell())) {
                continue;
              }
              cells.push_back(other->cell());
            }
            return cells;
          };
          trigger.cells = within(true);
          if (trigger.cells.empty()) trigger.cells = within(false);
        }
        answer.triggers.push_back(trigger);
      }
    }
    AskWave(facts, stage, rollout, wave, &answer);
  }
  // [K4] On a COMPLETE one: no action.
  if (rollout.state() == v1::Rollout::COMPLETE) return answer;
  for (const Placed& placed : BlockersOf(facts, stage)) {
    const v1::Blocker& blocker = *placed.blocker;
    if (!blocker.has_known_bad() || blocker.enforcement() != v1::Blocker::ENFORCED ||
        blocker.known_bad().on_match_in_flight() != v1::KnownBad::ROLL_BACK) {
      continue;
    }
    if (!JudgeKnownBad(facts, blocker.known_bad(), rollout.artifact()).match) continue;
    Trigger trigger;
    trigger.id = blocker.id();
    trigger.cells = ActiveCells(facts, stage.id());
    trigger.kept = KeepOf(facts, stage, blocker.id(), rollout.artifact()).lifted;
    trigger.every_cell = true;
    answer.triggers.push_back(trigger);
  }
  return answer;
}

bool WaitsForGap(const Facts& facts, const v1::Stage& stage, const v1::RollBackRequest& request) {
  if (!stage.rollout().roll_back().has_min_gap()) return false;
  const v1::StageRecord& record = Record(facts, stage.id());
  for (const v1::RollBackRequest& other : record.roll_back_requests()) {
    if (other.honoured_by() == 0 || other.id() == request.id()) continue;
    const absl::Time at = HonouredAt(record, other);
    if (at != absl::InfinitePast() &&
        facts.now - at < ToDuration(stage.rollout().roll_back().min_gap())) {
      return true;
    }
  }
  return false;
}

RollBackAnswer AskRollBack(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                           const std::vector<Trigger>& triggers) {
  RollBackAnswer answer;
  const v1::StageRecord& record = Record(facts, stage.id());
  const std::string& artifact = rollout.artifact();
  const v1::Rollout* running = Running(facts, stage.id());
  const v1::Rollout* complete = NewestComplete(facts, stage.id());
  const bool begun = rollout.state() == v1::Rollout::ROLLING_BACK;
  const bool runs = running == &rollout;
  // [S3] A newer rollout that runs is ended first, and its cells in scope go back as well.
  const bool takes_newer = !runs && running != nullptr && complete == &rollout;

  std::set<std::string> concerned;
  for (const Trigger& trigger : triggers) {
    if (trigger.kept) continue;
    const std::set<std::string> cells = Widen(facts, stage, rollout, trigger);
    concerned.insert(cells.begin(), cells.end());
  }
  for (const v1::RollBackRequest& request : record.roll_back_requests()) {
    if (request.artifact() != artifact || !Stands(facts, record, request) ||
        WaitsForGap(facts, stage, request)) {
      continue;
    }
    if (RolloutOf(facts, stage, artifact) != &rollout) continue;
    for (const std::string& cell : ActiveCells(facts, stage.id())) {
      if (request.cells().empty() || Contains(request.cells(), cell)) concerned.insert(cell);
    }
  }
  std::set<std::string> cells;
  for (const std::string& cell : concerned) {
    if (!IsActive(facts, stage, cell)) continue;
    const bool on_newer = takes_newer && IsOn(facts, stage, cell, running->artifact());
    if (IsOn(facts, stage, cell, artifact) || on_newer) cells.insert(cell);
  }
  if (begun) {
    for (const std::string& cell : rollout.roll_back_cells()) {
      if (IsActive(facts, stage, cell)) cells.insert(cell);
    }
  }
  if (cells.empty() && !begun) return answer;
  for (const std::string& cell : rollout.roll_back_cells()) {  // Those done before.
    const v1::Deployment* newest = Newest(facts, stage.id(), cell);
    if (IsActive(facts, stage, cell) && newest != nullptr &&
        newest->direction() == v1::Deployment::ROLL_BACK && newest->rollout() == rollout.number()) {
      cells.insert(cell);
    }
  }
  answer.rollout = &rollout;
  answer.cells.assign(cells.begin(), cells.end());
  answer.held = IsRollBackHeld(facts, stage);

  uint32_t under_way = 0;
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    const v1::Deployment* newest = Newest(facts, stage.id(), cell);
    under_way += newest != nullptr && newest->direction() == v1::Deployment::ROLL_BACK &&
                 IsUnderWay(*newest);
  }
  answer.all_done = true;
  for (const std::string& cell : answer.cells) {
    // A deployment's leaves are about what it brings, the others about what is removed.
    std::string about = artifact;
    const auto add = [&](const std::string& id, const Judgement& judgement) {
      Leaf leaf = MakeLeaf(id, about, "", cell, judgement, v1::HOLDS);
      leaf.forward = false;
      answer.leaves.push_back(leaf);
    };
    // [G9] Trigger, cell and target records are each valid.
    if (CellFault(facts, stage.id(), cell) != v1::ALL_CLEAR) {
      add("@roll_back", Invalid(CellFault(facts, stage.id(), cell)));
      answer.all_done = false;
      if (answer.stuck == v1::ALL_CLEAR) answer.stuck = v1::INVALID_DATA;
      continue;
    }
    const v1::Deployment* newest = Newest(facts, stage.id(), cell);
    const bool going_back =
        newest->direction() == v1::Deployment::ROLL_BACK && newest->rollout() == rollout.number();
    uint32_t tried = 0;
    if (going_back) {
      about = newest->artifact();
      for (const v1::Deployment& deployment : record.deployments()) {
        tried += deployment.cell() == cell && !IsUnderWay(deployment) &&
                 deployment.direction() == v1::Deployment::ROLL_BACK &&
                 deployment.rollout() == rollout.number();
      }
      if (IsUnderWay(*newest)) {
        const bool late = facts.now - ToTime(newest->started_at()) >=
                          ToDuration(stage.rollout().deploy().max_time());
        add("@deployment", late ? Blocking(v1::DEPLOY_STALLED) : Unknown(v1::DEPLOYING));
        answer.late = answer.late || late;
        answer.moves = true;
        answer.all_done = false;
        continue;
      }
      if (newest->outcome() == v1::Deployment::SUCCEEDED) {
        add("@deployment", Clear());
        bool again = false;
        bool waits = false;
        for (const std::string& check : stage.rollout().hygiene().checks()) {
          const Judgement judgement = JudgeHygiene(facts, stage, *newest, check);
          add("@hygiene:" + check, judgement);
          const bool timed_out = judgement.reason == v1::HYGIENE_TIMED_OUT;
          again = again || judgement.reason == v1::HYGIENE_FAILED ||
                  (timed_out && stage.rollout().hygiene().missing_is_failure());
          waits = waits || !judgement.clear();
          answer.late = answer.late || timed_out;
        }
        if (!again) {
          if (waits) answer.moves = true;
          if (waits) answer.all_done = false;
          continue;
        }
      } else {
        add("@deployment",
            Blocking(newest->outcome() == v1::Deployment::FAILED ? v1::DEPLOYMENT_FAILED
                                                                 : v1::DEPLOYMENT_ABANDONED));
      }
    } else {
      const bool on_newer = takes_newer && IsOn(facts, stage, cell, running->artifact());
      if (!IsOn(facts, stage, cell, artifact) && !on_newer) continue;  // It is elsewhere by now.
    }
    about = artifact;
    answer.all_done = false;
    if (tried >= stage.rollout().roll_back().attempts()) {
      add("@roll_back", Blocking(v1::ROLL_BACK_FAILED));
      if (answer.stuck != v1::NO_SAFE_TARGET) answer.stuck = v1::ROLL_BACK_FAILED;
      continue;
    }
    // [R6b] [O6] Every trigger that still stands about the cell is kept.
    bool any = false;
    bool all_kept = true;
    for (const Trigger& trigger : triggers) {
      if (Widen(facts, stage, rollout, trigger).count(cell) == 0) continue;
      any = true;
      all_kept = all_kept && trigger.kept;
    }
    if (any && all_kept && concerned.count(cell) == 0) {
      answer.kept = true;
      continue;
    }
    const Target target = FindTarget(facts, stage, cell, rollout, &answer);
    if (target.artifact.empty()) {
      add("@roll_back", Blocking(v1::NO_SAFE_TARGET));
      answer.stuck = v1::NO_SAFE_TARGET;
      continue;
    }
    answer.moves = true;
    if (answer.held || under_way >= stage.rollout().roll_back().max_parallel()) continue;
    ++under_way;
    v1::CellAction step;
    uint32_t attempt = 1;
    for (const v1::Deployment& deployment : record.deployments()) {
      attempt += deployment.cell() == cell && deployment.artifact() == target.artifact &&
                 deployment.direction() == v1::Deployment::ROLL_BACK && !IsUnderWay(deployment);
    }
    step.set_id(absl::StrCat(facts.policy.id(), "|", stage.id(), "|", cell, "|", target.artifact,
                             "|roll_back|", attempt));
    step.set_cell(cell);
    step.set_artifact(target.artifact);
    step.set_roll_back(true);
    step.set_attempt(attempt);
    step.set_target_unchecked(target.unchecked);
    answer.steps.push_back(step);
  }
  return answer;
}

bool IsRollBackHeld(const Facts& facts, const v1::Stage& stage) {
  for (const Leaf& leaf : RequestLeaves(facts, stage)) {
    if (leaf.finding.reason() == v1::ROLL_BACK_HELD) return true;
  }
  return false;
}

std::vector<Leaf> RequestLeaves(const Facts& facts, const v1::Stage& stage) {
  std::vector<Leaf> leaves;
  const v1::StageRecord& record = Record(facts, stage.id());
  for (const v1::RollBackRequest& request : record.roll_back_requests()) {
    if (FromTheFuture(facts, request.requested_at())) {
      leaves.push_back(MakeLeaf("@roll_back_request:" + request.id(), request.artifact(), "", "",
                                Invalid(v1::FROM_THE_FUTURE), v1::NONE));
      continue;
    }
    if (!Stands(facts, record, request)) continue;
    Judgement judgement = Blocking(v1::ROLL_BACK_REQUESTED);
    v1::Effect effect = v1::HOLDS;
    bool any_on = false;
    for (const std::string& cell : ActiveCells(facts, stage.id())) {
      any_on = any_on || IsOn(facts, stage, cell, request.artifact());
    }
    if (any_on && RolloutOf(facts, stage, request.artifact()) == nullptr) {
      judgement = Invalid(v1::NO_SAFE_TARGET);
      effect = v1::NONE;
    } else if (WaitsForGap(facts, stage, request)) {
      judgement = Unknown(v1::ROLL_BACK_GAP);
    }
    Leaf leaf = MakeLeaf("@roll_back_request:" + request.id(), request.artifact(), "", "",
                         judgement, effect);
    leaf.only_cells.assign(request.cells().begin(), request.cells().end());
    leaves.push_back(leaf);
  }
  for (const v1::RollBackHold& hold : facts.state.roll_back_holds()) {
    if (IsIdentifier(hold.stage()) && hold.stage() != stage.id()) continue;
    v1::Reason fault = RollBackHoldFault(hold);
    int of_id = 0;
    for (const v1::RollBackHold& other : facts.state.roll_back_holds()) {
      of_id += other.id() == hold.id();
    }
    if (fault == v1::ALL_CLEAR && of_id > 1) fault = v1::DUPLICATE_ID;
    const v1::RollBackPolicy& policy = stage.rollout().roll_back();
    if (fault == v1::ALL_CLEAR) {
      if (facts.now >= ToTime(hold.expires_at()) ||
          (hold.has_released_at() && facts.now >= ToTime(hold.released_at()))) {
        continue;
      }
      if (!policy.has_max_hold() ||
          ToTime(hold.expires_at()) - ToTime(hold.placed_at()) > ToDuration(policy.max_hold())) {
        fault = v1::OVERRIDE_TOO_LONG;
      }
    }
    Leaf leaf;
    if (fault != v1::ALL_CLEAR) {
      leaf = MakeLeaf("@roll_back_hold:" + hold.id(), "", "", "", Invalid(fault), v1::NONE);
    } else {
      const bool held = facts.now >= ToTime(hold.placed_at());
      leaf = MakeLeaf("@roll_back_hold:" + hold.id(), "", "", "",
                      held ? Blocking(v1::ROLL_BACK_HELD) : Clear(), v1::HOLDS);
    }
    leaf.forward = false;
    leaves.push_back(leaf);
  }
  return leaves;
}

}  // namespace reference
}  // namespace sluice
