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

// On or receiving what the rollout brought: its artifact or, where a newer rollout has reached the
// cell meanwhile, that one's [S3].
bool IsAffected(const Facts& facts, const v1::Stage& stage, const std::string& cell,
                const v1::Rollout& rollout) {
  const v1::Deployment* newest = Newest(facts, stage.id(), cell);
  if (newest == nullptr) return false;
  return newest->artifact() == rollout.artifact() ||
         (newest->direction() == v1::Deployment::FORWARD && newest->rollout() > rollout.number());
}

bool HasWaveCriteria(const v1::Stage& stage) {
  for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
    if (criterion.per() == v1::HealthCriterion::WAVE) return true;
  }
  return false;
}

// A wave's own criteria and deadline [R3a] [R4].
void AskWave(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
             const v1::PlannedCells& wave, bool earlier_proven, RolloutAnswer* answer) {
  if (!HasWaveCriteria(stage)) return;
  std::vector<Baked> baked;
  bool accepted = false;
  bool all_proven = true;
  bool all_succeeded = true;
  absl::Time last = absl::InfinitePast();
  for (const std::string& cell : wave.cells()) {
    if (IsRetired(facts, cell)) continue;
    const v1::Deployment* deployment = DeploymentOf(facts, stage.id(), rollout, cell);
    const bool there = deployment != nullptr && IsActive(facts, stage, cell);
    accepted = accepted || (there && deployment->has_accepted());
    all_proven =
        all_proven && there && IsProven(*deployment) && CellFault(facts, cell) == v1::ALL_CLEAR;
    if (there && deployment->outcome() == v1::Deployment::SUCCEEDED) {
      baked.push_back(StartOf(facts, stage, *deployment));
      last = std::max(last, ToTime(deployment->ended_at()));
    } else {
      all_succeeded = false;
    }
  }
  if (baked.empty()) return;
  const bool runs = rollout.state() == v1::Rollout::RUNNING;
  const bool settled = !runs || IsWaveProven(facts, stage, rollout, wave);
  bool all_clear = true;
  for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
    if (criterion.per() != v1::HealthCriterion::WAVE) continue;
    const Judgement judgement = JudgeCriterion(facts, stage, criterion, baked);
    all_clear = all_clear && judgement.clear();
    const bool unseen = runs && IsUnseen(judgement, accepted);
    answer->unseen = answer->unseen || (unseen && earlier_proven);
    Leaf leaf = MakeLeaf(criterion.id(), rollout.artifact(), wave.wave(), "", judgement,
                         settled && !unseen ? v1::NONE : v1::HOLDS);
    leaf.forward = false;
    if (judgement.verdict == v1::BLOCKING) {  // It has FAILED.
      const Lift keep = KeepOf(facts, stage, criterion.id(), rollout.artifact());
      leaf.finding.set_effect(keep.lifted ? v1::LIFTED : v1::HOLDS);
      for (const std::string& override : keep.overrides) leaf.finding.add_overrides(override);
      Trigger trigger;
      trigger.id = criterion.id();
      trigger.cells.assign(wave.cells().begin(), wave.cells().end());
      trigger.kept = keep.lifted;
      answer->triggers.push_back(trigger);
    }
    answer->leaves.push_back(leaf);
  }
  if (settled || !all_succeeded) return;
  if (all_proven && all_clear) answer->provable_waves.push_back(wave.wave());
  for (const Baked& cell : baked) {
    if (!IsProven(*cell.deployment)) return;  // The cells have deadlines of their own.
  }
  const absl::Duration max_time = ToDuration(BakeOf(stage, wave.wave()).max_time());
  const bool late = facts.now - last >= max_time;
  Leaf leaf = MakeLeaf("@bake_deadline", rollout.artifact(), wave.wave(), "",
                       late ? Blocking(v1::BAKE_TIMED_OUT) : Clear(), v1::HOLDS);
  leaf.forward = false;
  answer->leaves.push_back(leaf);
  answer->deadline_passed = answer->deadline_passed || late;
}

const v1::Rollout* RolloutOf(const Facts& facts, const v1::Stage& stage,
                             const std::string& artifact) {
  const v1::Rollout* newest = nullptr;
  for (const v1::Rollout& rollout : Record(facts, stage.id()).rollouts()) {
    if (rollout.artifact() == artifact &&
        (newest == nullptr || rollout.number() >= newest->number())) {
      newest = &rollout;
    }
  }
  return newest;
}

// [R6a] The cells that a trigger concerns, widened, and of these those that the rollout reached.
std::set<std::string> Widen(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                            const Trigger& trigger) {
  const v1::RollBackPolicy::Scope scope = stage.rollout().roll_back().scope();
  const std::vector<v1::PlannedCells> waves = RecordedPlan(rollout).waves;
  const auto wave_of = [&](const std::string& cell) {
    for (const v1::PlannedCells& wave : waves) {
      if (Contains(wave.cells(), cell)) return wave.wave();
    }
    return std::string();
  };
  std::set<std::string> affected;
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    if (IsAffected(facts, stage, cell, rollout)) affected.insert(cell);
  }
  std::set<std::string> cells;
  for (const std::string& cell : trigger.cells) {
    if (affected.count(cell) == 0) continue;
    for (const std::string& other : affected) {
      const bool added =
          scope == v1::RollBackPolicy::STAGE ||
          (scope == v1::RollBackPolicy::WAVE && wave_of(cell) == wave_of(other)) ||
          (scope == v1::RollBackPolicy::REGION && RegionOf(facts, cell) == RegionOf(facts, other));
      if (other == cell || added) cells.insert(other);
    }
  }
  return cells;
}

struct Target {
  std::string artifact;  // Empty: none.
  bool unchecked = false;
};

bool IsBelowFloorOf(const Facts& facts, const std::string& removed, const std::string& artifact) {
  const v1::Artifact* record = FindArtifact(facts, removed);
  return record != nullptr && record->has_rollback_floor() &&
         Sequence(facts, artifact) < record->rollback_floor();
}

// [R7] The newest artifact proven on the cell that nothing speaks against: newest is what was
// deployed last.
Target FindTarget(const Facts& facts, const v1::Stage& stage, const std::string& cell,
                  const v1::Rollout& rollout, RollBackAnswer* answer) {
  std::vector<const v1::Deployment*> deployments;
  for (const v1::Deployment& deployment : Record(facts, stage.id()).deployments()) {
    if (deployment.cell() == cell && IsProven(deployment)) deployments.push_back(&deployment);
  }
  std::sort(
      deployments.begin(), deployments.end(),
      [](const v1::Deployment* a, const v1::Deployment* b) { return a->number() > b->number(); });
  const v1::Deployment& newest = *Newest(facts, stage.id(), cell);
  const bool forward = newest.direction() == v1::Deployment::FORWARD;
  std::set<std::string> tried;
  for (const v1::Deployment* deployment : deployments) {
    const std::string& artifact = deployment->artifact();
    if (!tried.insert(artifact).second) continue;
    v1::Reason refused = v1::ALL_CLEAR;
    if (ArtifactFault(facts, artifact) != v1::ALL_CLEAR) {
      refused = ArtifactFault(facts, artifact);
    } else if (artifact == rollout.artifact() || (forward && artifact == newest.artifact())) {
      continue;  // The current one.
    } else if (IsLatched(facts, stage.id(), artifact)) {
      refused = v1::LATCHED;
    } else if (IsBelowFloorOf(facts, rollout.artifact(), artifact) ||
               (forward && IsBelowFloorOf(facts, newest.artifact(), artifact))) {
      refused = v1::BELOW_FLOOR;
    } else if (IsWithdrawn(facts, artifact)) {
      refused = v1::WITHDRAWN;
    } else {
      answer->targets.push_back(artifact);
      if (IsListed(facts, stage, artifact)) refused = v1::KNOWN_BAD_MATCH;
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
  const v1::Deployment* newest = Newest(facts, stage, cell);
  const bool is_its = newest != nullptr && newest->rollout() == rollout.number() &&
                      newest->direction() == v1::Deployment::FORWARD;
  return is_its ? newest : nullptr;
}

bool IsWaveProven(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                  const v1::PlannedCells& wave) {
  for (const v1::PlannedWave& recorded : rollout.plan().waves()) {
    if (recorded.id() == wave.wave() && recorded.has_proven_at() && IsValid(recorded.proven_at())) {
      return true;
    }
  }
  for (const std::string& cell : wave.cells()) {
    if (IsRetired(facts, cell)) continue;
    if (HasWaveCriteria(stage) || !IsActive(facts, stage, cell) ||
        CellFault(facts, cell) != v1::ALL_CLEAR) {
      return false;
    }
    const v1::Deployment* deployment = DeploymentOf(facts, stage.id(), rollout, cell);
    if (deployment == nullptr || !IsProven(*deployment)) return false;
  }
  return true;
}

RolloutAnswer AskRollout(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout) {
  RolloutAnswer answer;
  const Plan plan = RecordedPlan(rollout);
  std::vector<const v1::Deployment*> under_watch;
  for (const v1::PlannedCells& wave : plan.waves) {
    for (const std::string& cell : wave.cells()) {
      const v1::Deployment* deployment = DeploymentOf(facts, stage.id(), rollout, cell);
      if (IsActive(facts, stage, cell) && deployment != nullptr) under_watch.push_back(deployment);
    }
  }
  bool earlier_proven = true;  // Those before the wave, and the wave.
  for (const v1::PlannedCells& wave : plan.waves) {
    earlier_proven = earlier_proven && IsWaveProven(facts, stage, rollout, wave);
    for (const v1::Deployment* deployment : under_watch) {
      if (!Contains(wave.cells(), deployment->cell())) continue;
      const CellAnswer cell = AskCell(facts, stage, rollout, wave.wave(), *deployment);
      answer.leaves.insert(answer.leaves.end(), cell.leaves.begin(), cell.leaves.end());
      answer.deadline_passed = answer.deadline_passed || cell.deadline_passed;
      answer.needs_a_person = answer.needs_a_person || cell.needs_a_person;
      answer.unseen = answer.unseen || (cell.unseen && earlier_proven);
      if (cell.provable) answer.provable.emplace_back(wave.wave(), deployment->cell());
      for (size_t i = 0; i < cell.triggers.size(); ++i) {
        Trigger trigger = cell.triggers[i];
        if (cell.reach[i] != v1::WatchedAlarm::CELL) {
          // [R6a] The unproven cells within it or, if none, all that the rollout reached.
          const auto within = [&](bool only_unproven) {
            std::vector<std::string> cells;
            for (const std::string& other : ActiveCells(facts, stage.id())) {
              if (!IsAffected(facts, stage, other, rollout)) continue;
              if (only_unproven && IsProven(*Newest(facts, stage.id(), other))) continue;
              if (cell.reach[i] == v1::WatchedAlarm::REGION &&
                  RegionOf(facts, other) != RegionOf(facts, deployment->cell())) {
                continue;
              }
              cells.push_back(other);
            }
            return cells;
          };
          trigger.cells = within(true);
          if (trigger.cells.empty()) trigger.cells = within(false);
        }
        answer.triggers.push_back(trigger);
      }
    }
    AskWave(facts, stage, rollout, wave, earlier_proven, &answer);
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
    // [K5] Whoever overrides the match has said to keep it, too.
    trigger.kept = LiftOf(facts, blocker, rollout.artifact(), stage.id()).lifted &&
                   JudgeKnownBad(facts, blocker.known_bad(), rollout.artifact()).overridable;
    answer.triggers.push_back(trigger);
  }
  return answer;
}

bool WaitsForGap(const Facts& facts, const v1::Stage& stage) {
  if (!stage.rollout().roll_back().has_min_gap()) return false;
  const v1::StageRecord& record = Record(facts, stage.id());
  for (const v1::RollBackRequest& honoured : record.roll_back_requests()) {
    for (const v1::Deployment& deployment : record.deployments()) {
      if (honoured.honoured_by() != 0 && deployment.rollout() == honoured.honoured_by() &&
          deployment.direction() == v1::Deployment::ROLL_BACK &&
          facts.now - ToTime(deployment.started_at()) <
              ToDuration(stage.rollout().roll_back().min_gap())) {
        return true;
      }
    }
  }
  return false;
}

std::vector<Leaf> RollBackLeaves(const Facts& facts, const v1::Stage& stage,
                                 const v1::Deployment& deployment) {
  std::vector<Leaf> leaves;
  const auto add = [&](const std::string& id, const Judgement& judgement) {
    leaves.push_back(
        MakeLeaf(id, deployment.artifact(), "", deployment.cell(), judgement, v1::HOLDS));
    leaves.back().forward = false;
  };
  const bool late = facts.now - ToTime(deployment.started_at()) >=
                    ToDuration(stage.rollout().deploy().max_time());
  switch (deployment.outcome()) {
    case v1::Deployment::SUCCEEDED:
      add("@deployment", Clear());
      for (const std::string& check : stage.rollout().hygiene().checks()) {
        add("@hygiene:" + check, JudgeHygiene(facts, stage, deployment, check));
      }
      break;
    case v1::Deployment::FAILED:
      add("@deployment", Blocking(v1::DEPLOYMENT_FAILED));
      break;
    case v1::Deployment::ABANDONED:
      add("@deployment", Blocking(v1::DEPLOYMENT_ABANDONED));
      break;
    default:
      add("@deployment", late ? Blocking(v1::DEPLOY_STALLED) : Unknown(v1::DEPLOYING));
  }
  return leaves;
}

std::set<std::string> CellsOf(const Facts& facts, const v1::Stage& stage,
                              const v1::Rollout& rollout, const std::vector<Trigger>& triggers) {
  std::set<std::string> cells;
  for (const Trigger& trigger : triggers) {
    if (trigger.kept) continue;
    const std::set<std::string> of_one = Widen(facts, stage, rollout, trigger);
    cells.insert(of_one.begin(), of_one.end());
  }
  return cells;
}

std::vector<RollBackCause> Requests(const Facts& facts, const v1::Stage& stage) {
  const v1::StageRecord& record = Record(facts, stage.id());
  std::vector<const v1::RollBackRequest*> requests;
  for (const v1::RollBackRequest& request : record.roll_back_requests()) {
    if (Stands(facts, record, request) && !WaitsForGap(facts, stage)) requests.push_back(&request);
  }
  std::sort(
      requests.begin(), requests.end(),
      [](const v1::RollBackRequest* a, const v1::RollBackRequest* b) { return a->id() < b->id(); });
  std::vector<RollBackCause> causes;
  for (const v1::RollBackRequest* request : requests) {
    const v1::Rollout* rollout = RolloutOf(facts, stage, request->artifact());
    if (rollout == nullptr) continue;
    // [R4] Of one that has ended since, only what is still on its artifact.
    const bool current =
        rollout == Running(facts, stage.id()) || rollout == NewestComplete(facts, stage.id());
    RollBackCause cause;
    cause.rollout = rollout;
    for (const std::string& cell : ActiveCells(facts, stage.id())) {
      if (!request->cells().empty() && !Contains(request->cells(), cell)) continue;
      if (current ? IsAffected(facts, stage, cell, *rollout)
                  : IsOn(facts, stage, cell, rollout->artifact())) {
        cause.cells.insert(cell);
      }
    }
    if (!cause.cells.empty()) causes.push_back(cause);
  }
  return causes;
}

RollBackAnswer AskRollBack(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout,
                           const std::set<std::string>& concerned) {
  RollBackAnswer answer;
  const v1::StageRecord& record = Record(facts, stage.id());
  answer.rollout = &rollout;
  std::set<std::string> cells = concerned;
  cells.insert(rollout.roll_back_cells().begin(), rollout.roll_back_cells().end());
  answer.cells.assign(cells.begin(), cells.end());
  const bool brake = IsRollBackHeld(facts, stage);
  uint32_t under_way = 0;
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    const v1::Deployment* newest = Newest(facts, stage.id(), cell);
    under_way += newest != nullptr && newest->direction() == v1::Deployment::ROLL_BACK &&
                 IsUnderWay(*newest);
  }
  answer.all_done = true;
  for (const std::string& cell : answer.cells) {
    const v1::Deployment* newest = Newest(facts, stage.id(), cell);
    if (!IsActive(facts, stage, cell) || newest == nullptr) continue;
    const auto add = [&](const Judgement& judgement) {
      Leaf leaf = MakeLeaf("@roll_back", rollout.artifact(), "", cell, judgement, v1::HOLDS);
      leaf.forward = false;
      answer.leaves.push_back(leaf);
    };
    const bool going_back =
        newest->direction() == v1::Deployment::ROLL_BACK && newest->rollout() == rollout.number();
    if (going_back) {
      const std::vector<Leaf> leaves = RollBackLeaves(facts, stage, *newest);
      answer.leaves.insert(answer.leaves.end(), leaves.begin(), leaves.end());
    }
    if (going_back && newest->outcome() != v1::Deployment::FAILED &&
        newest->outcome() != v1::Deployment::ABANDONED) {
      // [R6b] It goes on by itself, unless it has stalled or its hygiene failed.
      bool waits = false;
      bool late = false;
      bool failed = false;
      for (const Leaf& leaf : RollBackLeaves(facts, stage, *newest)) {
        const v1::Reason reason = leaf.finding.reason();
        const bool timed_out = reason == v1::HYGIENE_TIMED_OUT;
        failed = failed || reason == v1::HYGIENE_FAILED ||
                 (timed_out && stage.rollout().hygiene().missing_is_failure());
        late = late || timed_out || reason == v1::DEPLOY_STALLED;
        waits = waits || leaf.finding.verdict() != v1::CLEAR;
      }
      if (!failed) {
        answer.all_done = answer.all_done && !waits;
        answer.held = answer.held || late;
        answer.moves = answer.moves || (waits && !late);
        continue;
      }
    } else if (!going_back && !IsAffected(facts, stage, cell, rollout)) {
      continue;  // It is elsewhere by now.
    }
    answer.all_done = false;
    // [G9] Trigger, cell and target records are each valid.
    if (CellFault(facts, cell) != v1::ALL_CLEAR) {
      add(Invalid(CellFault(facts, cell)));
      answer.held = true;
      continue;
    }
    uint32_t tried = 0;
    for (const v1::Deployment& deployment : record.deployments()) {
      tried += deployment.cell() == cell && !IsUnderWay(deployment) &&
               deployment.direction() == v1::Deployment::ROLL_BACK &&
               deployment.rollout() == rollout.number();
    }
    if (tried >= stage.rollout().roll_back().attempts()) {
      add(Blocking(v1::ROLL_BACK_FAILED));
      answer.stuck = v1::ROLL_BACK_FAILED;
      continue;
    }
    const Target target = FindTarget(facts, stage, cell, rollout, &answer);
    if (target.artifact.empty()) {
      add(Blocking(v1::NO_SAFE_TARGET));
      if (answer.stuck == v1::ALL_CLEAR) answer.stuck = v1::NO_SAFE_TARGET;
      continue;
    }
    if (brake) {
      answer.held = true;
      continue;
    }
    if (under_way >= stage.rollout().roll_back().max_parallel()) {
      answer.moves = true;
      continue;
    }
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
  for (const Leaf& leaf : BrakeLeaves(facts, stage)) {
    if (leaf.finding.reason() == v1::ROLL_BACK_HELD) return true;
  }
  return false;
}

std::vector<Leaf> RequestLeaves(const Facts& facts, const v1::Stage& stage) {
  std::vector<Leaf> leaves;
  const v1::StageRecord& record = Record(facts, stage.id());
  for (const v1::RollBackRequest& request : record.roll_back_requests()) {
    if (IsOverruled(record, request)) continue;
    Leaf leaf;
    if (FromTheFuture(facts, request.requested_at())) {
      leaf = MakeLeaf("@roll_back_request:" + request.id(), request.artifact(), "", "",
                      Invalid(v1::FROM_THE_FUTURE), v1::NONE);
    } else {
      leaf = MakeLeaf("@roll_back_request:" + request.id(), request.artifact(), "", "",
                      WaitsForGap(facts, stage) ? Unknown(v1::ROLL_BACK_GAP)
                                                : Blocking(v1::ROLL_BACK_REQUESTED),
                      v1::HOLDS);
    }
    leaf.only_cells.assign(request.cells().begin(), request.cells().end());
    leaves.push_back(leaf);
  }
  return leaves;
}

std::vector<Leaf> BrakeLeaves(const Facts& facts, const v1::Stage& stage) {
  std::vector<Leaf> leaves;
  for (const v1::RollBackHold& hold : facts.state.roll_back_holds()) {
    if (hold.stage() != stage.id()) continue;
    v1::Reason fault = RollBackHoldFault(hold);
    int of_id = 0;
    for (const v1::RollBackHold& other : facts.state.roll_back_holds()) {
      of_id += other.id() == hold.id();
    }
    if (fault == v1::ALL_CLEAR && of_id > 1) fault = v1::DUPLICATE_ID;
    const v1::RollBackPolicy& policy = stage.rollout().roll_back();
    const absl::Time placed_at = ToTime(hold.placed_at());
    absl::Time ends_at = ToTime(hold.expires_at());
    if (hold.has_released_at()) ends_at = std::min(ends_at, ToTime(hold.released_at()));
    if (fault == v1::ALL_CLEAR) {
      if (facts.now >= ends_at) continue;
      if (!policy.has_max_hold() ||
          ToTime(hold.expires_at()) - placed_at > ToDuration(policy.max_hold())) {
        fault = v1::OVERRIDE_TOO_LONG;
      } else if (ends_at <= placed_at) {
        continue;  // Released before it began.
      }
    }
    const std::string id = "@roll_back_hold:" + (IsIdentifier(hold.id()) ? hold.id() : "");
    Leaf leaf = MakeLeaf(id, "", "", "", Invalid(fault), v1::NONE);
    if (fault == v1::ALL_CLEAR) {
      leaf = MakeLeaf(id, "", "", "",
                      facts.now >= placed_at ? Blocking(v1::ROLL_BACK_HELD) : Clear(), v1::HOLDS);
    }
    leaf.forward = false;
    leaves.push_back(leaf);
  }
  return leaves;
}

}  // namespace reference
}  // namespace sluice
