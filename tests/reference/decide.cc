#include "tests/reference/decide.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/reference/blockers.h"
#include "tests/reference/cells.h"
#include "tests/reference/facts.h"
#include "tests/reference/known_bad.h"
#include "tests/reference/overrides.h"
#include "tests/reference/plan.h"
#include "tests/reference/roll_back.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

// Deployments that the same decision has permitted already, of stages before this one [R2].
struct Permitted {
  std::set<std::string> cells;
};

// ---------------------------------------------------------------- Leaves of the whole stage

Judgement JudgeStop(const Facts& facts) {
  if (!facts.organisation.has_value()) return Unknown(v1::EMERGENCY_STOP_UNKNOWN);
  if (facts.organisation_fault != v1::ALL_CLEAR) return Invalid(facts.organisation_fault);
  if (OrganisationWentBack(facts)) return Unknown(v1::ORGANISATION_WENT_BACK);
  const v1::EmergencyStop& stop = facts.organisation->emergency_stop();
  if (stop.state() == v1::EmergencyStop::STOPPED) return Blocking(v1::EMERGENCY_STOP);
  if (FromTheFuture(facts, facts.organisation->observed_at()) ||
      (facts.organisation->has_emergency_stop() && FromTheFuture(facts, stop.observed_at()))) {
    return Invalid(v1::FROM_THE_FUTURE);
  }
  if (!facts.organisation->has_emergency_stop()) return Unknown(v1::EMERGENCY_STOP_UNKNOWN);
  const google::protobuf::Duration& max_age = facts.policy.emergency_stop().max_age();
  if (IsStale(facts, stop.observed_at(), max_age) ||
      IsStale(facts, facts.organisation->observed_at(), max_age)) {
    return Unknown(v1::STALE);
  }
  return Clear();
}

// The organisation's facts, where no emergency stop is obeyed that would say so.
Judgement JudgeOrganisation(const Facts& facts) {
  if (!facts.organisation.has_value()) return Clear();
  if (facts.organisation_fault != v1::ALL_CLEAR) return Invalid(facts.organisation_fault);
  if (OrganisationWentBack(facts)) return Unknown(v1::ORGANISATION_WENT_BACK);
  if (FromTheFuture(facts, facts.organisation->observed_at())) {
    return Invalid(v1::FROM_THE_FUTURE);
  }
  return Clear();
}

// [H1] Of the state, or of the organisation.
void AddHolds(const Facts& facts, const std::string& stage, bool of_organisation,
              std::vector<Leaf>* leaves) {
  const auto& holds = of_organisation ? facts.organisation->holds() : facts.state.holds();
  for (const v1::Hold& hold : holds) {
    if (HoldIsUnreadable(hold, of_organisation)) continue;  // `@state` or `@organisation` says so.
    if (of_organisation && hold.scope() != v1::Hold::ORGANISATION &&
        hold.pipeline() != facts.policy.id()) {
      continue;
    }
    const bool of_stage = hold.scope() == v1::Hold::STAGE || hold.scope() == v1::Hold::CELL;
    if (of_stage && hold.stage() != stage) continue;
    if (hold.scope() == v1::Hold::CELL && !Contains(ActiveCells(facts, stage), hold.cell())) {
      continue;  // There is no such cell to hold.
    }
    Judgement judgement = Blocking(v1::HELD);
    if (HoldFault(facts, hold, of_organisation) != v1::ALL_CLEAR) {
      judgement = Invalid(HoldFault(facts, hold, of_organisation));
    } else {
      absl::Time ends_at = absl::InfiniteFuture();
      if (hold.has_expires_at()) ends_at = ToTime(hold.expires_at());
      if (hold.has_released_at()) ends_at = std::min(ends_at, ToTime(hold.released_at()));
      if (facts.now >= ends_at || ends_at <= ToTime(hold.placed_at())) continue;
      // A timer is a leaf [G5].
      if (facts.now < ToTime(hold.placed_at())) judgement = Clear();
    }
    leaves->push_back(MakeLeaf("@hold:" + (IsIdentifier(hold.id()) ? hold.id() : ""), "", "",
                               hold.scope() == v1::Hold::CELL ? hold.cell() : "", judgement,
                               v1::HOLDS));
  }
}

bool ClockWentBack(const Facts& facts) {
  return facts.state.has_written_at() && IsValid(facts.state.written_at()) &&
         FromTheFuture(facts, facts.state.written_at());
}

Leaf ToLeaf(const v1::Finding& finding) {
  Leaf leaf;
  leaf.finding = finding;
  return leaf;
}

// The overrides of the artifact that lift nothing.
void AddUnusable(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                 std::vector<Leaf>* leaves) {
  for (const v1::Finding& finding : UnusableOf(facts, stage, artifact)) {
    leaves->push_back(ToLeaf(finding));
  }
}

std::vector<Leaf> StageLeaves(const Facts& facts, const v1::Stage& stage) {
  std::vector<Leaf> leaves;
  if (facts.state_fault != v1::ALL_CLEAR) {
    leaves.push_back(MakeLeaf("@state", "", "", "", Invalid(facts.state_fault), v1::HOLDS));
  }
  if (ClockWentBack(facts)) {
    leaves.push_back(MakeLeaf("@clock", "", "", "", Blocking(v1::CLOCK_REGRESSION), v1::HOLDS));
  }
  const Judgement organisation = JudgeOrganisation(facts);
  if (facts.policy.without_emergency_stop() && !organisation.clear()) {
    leaves.push_back(MakeLeaf("@organisation", "", "", "", organisation, v1::HOLDS));
  }
  if (!facts.policy.without_emergency_stop()) {
    leaves.push_back(MakeLeaf("@emergency_stop", "", "", "", JudgeStop(facts), v1::HOLDS));
  }
  AddHolds(facts, stage.id(), false, &leaves);
  if (facts.organisation.has_value()) AddHolds(facts, stage.id(), true, &leaves);
  for (const v1::Finding& finding : Unusable(facts, stage)) leaves.push_back(ToLeaf(finding));
  return leaves;
}

// ---------------------------------------------------------------- Blockers

Leaf BlockerLeaf(const Facts& facts, const v1::Stage& stage, const v1::Blocker& blocker,
                 const std::string& artifact, const std::string& wave, bool wave_has_started,
                 absl::Duration expected_duration) {
  const Judgement judgement = JudgeBlocker(facts, blocker, stage.id(), artifact, expected_duration);
  Leaf leaf = MakeLeaf(blocker.id(), artifact, wave, "", judgement, v1::HOLDS);
  if (judgement.clear()) return leaf;
  const bool may_lift = judgement.verdict != v1::INVALID && !artifact.empty();  // [O4]
  Lift lift;
  if (may_lift) lift = LiftOf(facts, blocker, artifact, stage.id());
  if (blocker.has_known_bad() && judgement.verdict == v1::BLOCKING &&
      !JudgeKnownBad(facts, blocker.known_bad(), artifact).overridable) {
    lift = {};  // [K5]
  }
  const bool enforced = blocker.enforcement() != v1::Blocker::OBSERVED;
  // Whatever it says: at worst it is closed, and that would be lifted.
  const bool finishes = blocker.has_time_window() && wave_has_started &&
                        blocker.time_window().in_flight() == v1::TimeWindow::FINISH_WAVE;  // [T5]
  if (!enforced) {
    leaf.finding.set_effect(v1::OBSERVED);
  } else if (lift.lifted || finishes) {
    leaf.finding.set_effect(v1::LIFTED);
  }
  if (!enforced || finishes) return leaf;
  for (const std::string& override : lift.overrides) leaf.finding.add_overrides(override);
  return leaf;
}

// ---------------------------------------------------------------- A rollout, running or not yet

struct WaveState {
  v1::PlannedCells plan;
  bool started = false;
  bool proven = false;
};

struct Next {
  std::string wave;
  std::string cell;
  uint32_t weight = 0;
  uint32_t attempt = 1;
};

struct Forward {
  std::vector<Leaf> leaves;
  std::vector<v1::CellAction> actions;  // What may be deployed now.
  std::vector<std::string> without_room;
  std::vector<v1::PlannedCells> plan;
  std::set<std::string> held_waves;  // With an INVALID cell.
  bool held = false;                 // A leaf holds a cell that is next.
  bool late_elsewhere = false;       // A deployment that a cell waits for has stalled.
  bool waits_for_start = false;      // READY instead of DEPLOY [S4].
  bool complete = false;             // All waves are proven.
};

bool Applies(const Leaf& leaf, const std::string& artifact, const Next& next) {
  const v1::Finding& finding = leaf.finding;
  return leaf.forward && finding.effect() == v1::HOLDS &&
         (finding.artifact().empty() || finding.artifact() == artifact) &&
         (finding.wave().empty() || finding.wave() == next.wave) &&
         (finding.cell().empty() || finding.cell() == next.cell) &&
         (leaf.only_cells.empty() || Contains(leaf.only_cells, next.cell));
}

bool HoldsAny(const std::vector<Leaf>& leaves, const std::string& artifact, const Next& next) {
  for (const Leaf& leaf : leaves) {
    if (Applies(leaf, artifact, next)) return true;
  }
  return false;
}

bool IsStartRequested(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                      const std::string& wave) {
  for (const v1::StartRequest& request : Record(facts, stage.id()).start_requests()) {
    if (request.artifact() == artifact &&
        (stage.start_unit() != v1::Stage::WAVE || request.wave() == wave) &&
        facts.now >= ToTime(request.requested_at()) && facts.now < ToTime(request.expires_at())) {
      return true;
    }
  }
  return false;
}

// What a cell counts for: as the running rollout recorded it, else as it is [R1].
uint32_t Weight(const Facts& facts, const std::string& stage, const std::string& cell) {
  if (const v1::Rollout* running = Running(facts, stage)) {
    for (const v1::PlannedWave& wave : running->plan().waves()) {
      for (int i = 0; i < wave.cells_size() && i < wave.weights_size(); ++i) {
        if (wave.cells(i) == cell) return wave.weights(i);
      }
    }
  }
  const v1::Cell* record = FindCell(facts, cell);
  return record == nullptr ? 0 : std::min(record->weight(), kLargestWeight);
}

std::string GroupOf(const Facts& facts, const std::string& cell, v1::GroupCap::DisjointBy by) {
  const v1::Cell* record = FindCell(facts, cell);
  if (record == nullptr || !IsIdentifier(record->region())) return "";
  if (by == v1::GroupCap::REGION) return record->region();
  return !IsIdentifier(record->zone()) ? "" : absl::StrCat(record->region(), " ", record->zone());
}

struct Load {
  uint64_t unproven = 0;
  uint64_t total = 0;

  bool Fits(uint64_t weight, uint64_t cap) const {
    return (unproven + weight) * 10000 <= cap * total;
  }
  bool FitsAlone(uint64_t weight, uint64_t cap) const { return weight * 10000 <= cap * total; }
};

// Of the cells of a stage that `group` (empty: all) has.
Load LoadOf(const Facts& facts, const v1::Stage& stage, const std::string& group,
            const Permitted& permitted, const std::vector<Next>& weights) {
  Load load;
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    if (!group.empty() &&
        GroupOf(facts, cell, stage.rollout().blast_radius().group().disjoint_by()) != group) {
      continue;
    }
    uint64_t weight = Weight(facts, stage.id(), cell);
    for (const Next& next : weights) {
      if (next.cell == cell) weight = next.weight;
    }
    load.total += weight;
    if (IsUnproven(facts, stage, cell) || permitted.cells.count(cell) > 0) {
      load.unproven += weight;
    }
  }
  return load;
}

// The caps of [R2], for one cell of a stage: whether it fits by itself, and beside the others.
struct Room {
  Judgement alone = Clear();
  bool fits = true;
};
Room RoomFor(const Facts& facts, const v1::Stage& stage, const Next& next,
             const Permitted& permitted, const std::vector<Next>& weights) {
  Room room;
  const bool adds = !IsUnproven(facts, stage, next.cell);
  const auto check = [&](const Load& load, uint64_t cap) {
    if (!load.FitsAlone(next.weight, cap)) room.alone = Invalid(v1::CELL_EXCEEDS_CAP);
    if (adds && !load.Fits(next.weight, cap)) room.fits = false;
  };
  const v1::BlastRadius& radius = stage.rollout().blast_radius();
  if (radius.has_stage_cap_basis_points()) {
    check(LoadOf(facts, stage, "", permitted, weights), radius.stage_cap_basis_points());
  }
  if (radius.has_group()) {
    const std::string group = GroupOf(facts, next.cell, radius.group().disjoint_by());
    if (group.empty()) {
      room.alone = Invalid(v1::INVALID_DATA);
      room.fits = false;
      return room;
    }
    check(LoadOf(facts, stage, group, permitted, weights), radius.group().cap_basis_points());
  }
  if (facts.policy.pipeline_cap_case() == v1::PipelinePolicy::kPipelineCapBasisPoints &&
      stage.kind() == v1::Stage::PRODUCTION) {
    Load all;
    for (const v1::Stage& other : facts.policy.stages()) {
      if (other.kind() != v1::Stage::PRODUCTION || other.deploys() != v1::Stage::CELLS) continue;
      const Load load = LoadOf(facts, other, "", permitted,
                               other.id() == stage.id() ? weights : std::vector<Next>{});
      all.unproven += load.unproven;
      all.total += load.total;
    }
    check(all, facts.policy.pipeline_cap_basis_points());
  }
  return room;
}

// [T4] For every wave not proven, a deployment and its bake.
absl::Duration ExpectedDuration(const v1::Stage& stage, const std::vector<WaveState>& waves) {
  absl::Duration sum;
  for (const WaveState& wave : waves) {
    if (wave.proven) continue;
    sum += ToDuration(stage.rollout().deploy().expected_time()) +
           ToDuration(BakeOf(stage, wave.plan.wave()).min_time());
  }
  return sum;
}

std::vector<WaveState> WavesOf(const Facts& facts, const v1::Stage& stage,
                               const v1::Rollout* rollout, const Plan& plan) {
  std::vector<WaveState> waves;
  for (const v1::PlannedCells& planned : plan.waves) {
    WaveState wave;
    wave.plan = planned;
    if (rollout != nullptr) {
      wave.proven = IsWaveProven(facts, stage, *rollout, planned);
      for (const std::string& cell : planned.cells()) {
        wave.started = wave.started || (Contains(ActiveCells(facts, stage.id()), cell) &&
                                        DeploymentOf(facts, stage.id(), *rollout, cell) != nullptr);
      }
    }
    waves.push_back(wave);
  }
  return waves;
}

// Waves that are asked about: those that have started and are not proven, and the next one.
std::vector<WaveState> Asked(const std::vector<WaveState>& waves) {
  std::vector<WaveState> asked;
  for (const WaveState& wave : waves) {
    if (wave.proven) continue;
    asked.push_back(wave);
    if (!wave.started) break;
  }
  return asked;
}

// Every blocker of the pipeline and the stage once; a window, and a wave's own blockers, once for
// each wave that is asked about [G4] [T5].
void AddBlockers(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                 const std::vector<WaveState>& waves, std::vector<Leaf>* leaves) {
  const absl::Duration expected = ExpectedDuration(stage, waves);
  for (const Placed& placed : BlockersOf(facts, stage)) {
    const v1::Blocker& blocker = *placed.blocker;
    if (placed.wave.empty() && !blocker.has_time_window()) {
      leaves->push_back(BlockerLeaf(facts, stage, blocker, artifact, "", false, expected));
      continue;
    }
    for (const WaveState& wave : Asked(waves)) {
      if (!placed.wave.empty() && placed.wave != wave.plan.wave()) continue;
      leaves->push_back(
          BlockerLeaf(facts, stage, blocker, artifact, wave.plan.wave(), wave.started, expected));
    }
  }
}

// Where there is no rollout to go on with: blockers of the pipeline and the stage, each once.
void AddStageBlockers(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                      std::vector<Leaf>* leaves) {
  for (const Placed& placed : BlockersOf(facts, stage)) {
    if (!placed.wave.empty()) continue;
    leaves->push_back(
        BlockerLeaf(facts, stage, *placed.blocker, artifact, "", false, absl::ZeroDuration()));
  }
}

bool IsLatchedUpstream(const Facts& facts, const v1::Stage& stage, absl::string_view artifact) {
  for (const v1::Stage& earlier : facts.policy.stages()) {
    if (earlier.id() == stage.id()) return false;
    if (IsLatched(facts, earlier.id(), artifact)) return true;
  }
  return false;
}

void AddArtifact(const Facts& facts, const std::string& artifact, std::vector<Leaf>* leaves) {
  const v1::Artifact* record = FindArtifact(facts, artifact);
  Judgement judgement = Clear();
  if (IsWithdrawn(facts, artifact)) {
    judgement = Blocking(v1::WITHDRAWN);
  } else if (ArtifactFault(facts, artifact) != v1::ALL_CLEAR) {
    judgement = Invalid(ArtifactFault(facts, artifact));
  } else if (record->has_built_at() && FromTheFuture(facts, record->built_at())) {
    judgement = Invalid(v1::FROM_THE_FUTURE);
  }
  if (!judgement.clear()) {
    leaves->push_back(MakeLeaf("@artifact", artifact, "", "", judgement, v1::HOLDS));
  }
}

// What a cell's records say against deploying to it. INVALID is so for its whole wave [I2].
Judgement JudgeCellRecord(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                          const std::string& cell) {
  if (CellFault(facts, cell) != v1::ALL_CLEAR) return Invalid(CellFault(facts, cell));
  const v1::Deployment* newest = Newest(facts, stage.id(), cell);
  if (newest == nullptr) {
    const bool hold = stage.rollout().new_cell() == v1::RolloutPolicy::HOLD;
    return hold ? Blocking(v1::NEW_CELL) : Clear();
  }
  if (FromTheFuture(facts, newest->started_at()) ||
      (newest->has_ended_at() && FromTheFuture(facts, newest->ended_at()))) {
    return Invalid(v1::FROM_THE_FUTURE);
  }
  const bool newer = !IsLatched(facts, stage.id(), newest->artifact()) &&
                     Sequence(facts, newest->artifact()) > Sequence(facts, artifact);
  return newer ? Blocking(v1::NEWER_ON_CELL) : Clear();
}

bool IsRetryRequested(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                      const Next& next) {
  for (const v1::RetryRequest& request : Record(facts, stage.id()).retry_requests()) {
    if (request.artifact() == artifact && request.cell() == next.cell &&
        request.attempt() == next.attempt) {
      return true;
    }
  }
  return false;
}

// A cell of the rollout was ever proven.
bool ProvedAny(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout) {
  for (const v1::Deployment& deployment : Record(facts, stage.id()).deployments()) {
    if (deployment.rollout() == rollout.number() &&
        deployment.direction() == v1::Deployment::FORWARD && IsProven(deployment)) {
      return true;
    }
  }
  return false;
}

// `rollout` is null for one that has not started. `wide` are the leaves of the whole stage.
// `unseen`: an earlier wave's health can't be seen [R8].
Forward JudgeForward(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                     const v1::Rollout* rollout, const Plan& plan, const std::vector<Leaf>& wide,
                     const Permitted& permitted, bool unseen) {
  Forward forward;
  const std::vector<WaveState> waves = WavesOf(facts, stage, rollout, plan);
  const std::vector<WaveState> asked = Asked(waves);
  std::vector<Next> weights;
  for (const WaveState& wave : waves) {
    v1::PlannedCells there;  // Without those retired since.
    there.set_wave(wave.plan.wave());
    for (int i = 0; i < wave.plan.cells_size(); ++i) {
      Next next;
      next.wave = wave.plan.wave();
      next.cell = wave.plan.cells(i);
      next.weight = i < wave.plan.weights_size() ? wave.plan.weights(i) : 0;
      weights.push_back(next);
      if (!Contains(ActiveCells(facts, stage.id()), next.cell)) continue;
      there.add_cells(next.cell);
      there.add_weights(next.weight);
    }
    if (!there.cells().empty()) forward.plan.push_back(there);
  }
  AddArtifact(facts, artifact, &forward.leaves);
  AddUnusable(facts, stage, artifact, &forward.leaves);
  AddBlockers(facts, stage, artifact, waves, &forward.leaves);
  if (rollout != nullptr && IsLatched(facts, stage.id(), artifact)) {
    const bool upstream = IsLatchedUpstream(facts, stage, artifact);
    forward.leaves.push_back(MakeLeaf("@upstream", artifact, "", "",
                                      Blocking(upstream ? v1::UPSTREAM_ROLLED_BACK : v1::LATCHED),
                                      v1::HOLDS));
  }
  if (!plan.fault.clear()) {
    forward.leaves.push_back(MakeLeaf("@plan", artifact, "", "", plan.fault, v1::HOLDS));
    forward.held = true;
  }
  for (const WaveState& wave : asked) {
    for (const std::string& cell : wave.plan.cells()) {
      if (IsRetired(facts, cell)) continue;
      if (!Contains(ActiveCells(facts, stage.id()), cell)) {
        // [R1] Absent without being retired.
        forward.leaves.push_back(
            MakeLeaf("@plan", artifact, wave.plan.wave(), "", Invalid(v1::CELL_ABSENT), v1::HOLDS));
        // [R8] It holds its wave: only a person can bring it back.
        if (wave.plan.wave() == asked[0].plan.wave()) forward.held = true;
        continue;
      }
      const Judgement record = JudgeCellRecord(facts, stage, artifact, cell);
      if (record.clear()) continue;
      forward.leaves.push_back(
          MakeLeaf("@cell", artifact, wave.plan.wave(), cell, record, v1::HOLDS));
      if (record.verdict == v1::INVALID) forward.held_waves.insert(wave.plan.wave());
    }
  }
  if (asked.empty()) {
    forward.complete = rollout != nullptr && ProvedAny(facts, stage, *rollout);
    if (rollout != nullptr && !forward.complete) {
      // [R3a] "All" of nothing shows nothing.
      forward.leaves.push_back(
          MakeLeaf("@plan", artifact, "", "", Invalid(v1::CELL_ABSENT), v1::HOLDS));
      forward.held = true;
    }
    return forward;
  }

  // The first wave that is not proven is next: those of its cells that wait for a deployment.
  std::vector<Next> next_cells;
  bool any_next = false;
  for (Next next : weights) {
    if (next.wave != asked[0].plan.wave()) continue;
    if (!Contains(ActiveCells(facts, stage.id()), next.cell)) continue;
    for (const v1::Deployment& other : Record(facts, stage.id()).deployments()) {  // [R9]
      next.attempt += other.cell() == next.cell && other.artifact() == artifact &&
                      other.direction() == v1::Deployment::FORWARD && !IsUnderWay(other);
    }
    const v1::Deployment* deployment =
        rollout == nullptr ? nullptr : DeploymentOf(facts, stage.id(), *rollout, next.cell);
    if (deployment != nullptr) {
      const bool ended_badly = deployment->outcome() == v1::Deployment::FAILED ||
                               deployment->outcome() == v1::Deployment::ABANDONED;
      if (!ended_badly || IsProven(*deployment) ||
          !IsRetryRequested(facts, stage, artifact, next)) {
        continue;
      }
    }
    any_next = true;
    const Room room = RoomFor(facts, stage, next, {}, weights);
    if (!room.alone.clear()) {
      forward.leaves.push_back(
          MakeLeaf("@cap", artifact, next.wave, next.cell, room.alone, v1::HOLDS));
    }
    const v1::Deployment* newest = Newest(facts, stage.id(), next.cell);
    if (newest != nullptr && IsUnderWay(*newest)) {
      // [R9] Of an earlier rollout, or a roll back.
      const bool late = facts.now - ToTime(newest->started_at()) >=
                        ToDuration(stage.rollout().deploy().max_time());
      Leaf leaf = MakeLeaf("@deployment", newest->artifact(), "", next.cell,
                           late ? Blocking(v1::DEPLOY_STALLED) : Unknown(v1::DEPLOYING), v1::HOLDS);
      leaf.forward = false;
      forward.leaves.push_back(leaf);
      forward.late_elsewhere = forward.late_elsewhere || late;
      continue;
    }
    next_cells.push_back(next);
  }

  // [S4]
  if (stage.start() == v1::Stage::MANUAL && any_next) {
    const bool per_wave = stage.start_unit() == v1::Stage::WAVE;
    const std::string& wave = asked[0].plan.wave();
    if (rollout == nullptr || (per_wave && !asked[0].started)) {
      const bool requested = IsStartRequested(facts, stage, artifact, wave);
      forward.waits_for_start = !requested;
      forward.leaves.push_back(MakeLeaf("@start", artifact, per_wave ? wave : "", "",
                                        requested ? Clear() : Unknown(v1::AWAITING_START),
                                        v1::NONE));
    }
  }

  // [R8]
  uint32_t under_way = 0;
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    for (const v1::Deployment& deployment : Record(facts, stage.id()).deployments()) {
      if (deployment.cell() == cell && deployment.direction() == v1::Deployment::FORWARD &&
          IsUnderWay(deployment) && &deployment == Newest(facts, stage.id(), cell)) {
        ++under_way;
      }
    }
  }
  Permitted so_far = permitted;
  for (const Next& next : next_cells) {
    if (unseen || forward.held_waves.count(next.wave) > 0 || HoldsAny(wide, artifact, next) ||
        HoldsAny(forward.leaves, artifact, next)) {
      forward.held = true;
      continue;
    }
    if (under_way >= stage.rollout().blast_radius().max_parallel() ||
        !RoomFor(facts, stage, next, so_far, weights).fits) {
      forward.without_room.push_back(next.cell);
      continue;
    }
    ++under_way;
    so_far.cells.insert(next.cell);
    v1::CellAction action;
    action.set_id(absl::StrCat(facts.policy.id(), "|", stage.id(), "|", next.cell, "|", artifact,
                               "|forward|", next.attempt));
    action.set_cell(next.cell);
    action.set_artifact(artifact);
    action.set_attempt(next.attempt);
    action.set_wave(next.wave);
    forward.actions.push_back(action);
  }
  return forward;
}

// ---------------------------------------------------------------- Decisions

class StageDecider {
 public:
  StageDecider(const Facts& facts, const v1::Stage& stage, Permitted* permitted)
      : facts_(facts), stage_(stage), permitted_(*permitted), wide_(StageLeaves(facts, stage)) {
    decision_.set_stage(stage.id());
    sound_ = facts.state_fault == v1::ALL_CLEAR && !ClockWentBack(facts);
  }

  v1::StageDecision Decide() {
    if (StateIsAnothers(facts_)) {  // [I1] No action at all.
      decision_.set_action(v1::StageDecision::HOLD);
      Report({MakeLeaf("@state", "", "", "", Invalid(facts_.state_fault), v1::HOLDS)});
      return decision_;
    }
    if (stage_.deploys() == v1::Stage::NOTHING) {
      const bool awaits = DecidePass();
      DecideEntry(awaits);
    } else {
      DecideCells();
    }
    for (const v1::WantedRecord& record : wanted_) *decision_.add_wanted() = record;
    if (decision_.action() == v1::StageDecision::IDLE && !wanted_.empty()) {
      decision_.set_action(v1::StageDecision::WAIT);
    }
    if (decision_.action() == v1::StageDecision::DEPLOY) {
      for (const v1::CellAction& action : decision_.actions()) {
        permitted_.cells.insert(action.cell());
      }
    }
    Report(wide_);
    return decision_;
  }

 private:
  // Adds findings; of one key that with the strongest effect stays.
  void Report(const std::vector<Leaf>& leaves) {
    for (const Leaf& leaf : leaves) {
      bool known = false;
      for (v1::Finding& finding : *decision_.mutable_findings()) {
        if (finding.id() != leaf.finding.id() || finding.artifact() != leaf.finding.artifact() ||
            finding.wave() != leaf.finding.wave() || finding.cell() != leaf.finding.cell()) {
          continue;
        }
        known = true;
        // HOLDS before LIFTED before OBSERVED before NONE.
        if (leaf.finding.effect() < finding.effect()) finding = leaf.finding;
      }
      if (!known) *decision_.add_findings() = leaf.finding;
    }
    std::sort(decision_.mutable_findings()->begin(), decision_.mutable_findings()->end(),
              [](const v1::Finding& a, const v1::Finding& b) {
                return std::tie(a.id(), a.artifact(), a.wave(), a.cell()) <
                       std::tie(b.id(), b.artifact(), b.wave(), b.cell());
              });
  }

  void Want(v1::WantedRecord::Kind kind, const std::string& artifact, const std::string& wave,
            const std::string& cell, v1::Reason reason) {
    v1::WantedRecord record;
    record.set_kind(kind);
    record.set_artifact(artifact);
    record.set_wave(wave);
    record.set_cell(cell);
    if (reason != v1::ALL_CLEAR) record.set_reason(reason);
    record.set_id(absl::StrCat(facts_.policy.id(), "|", stage_.id(), "|", cell, "|", artifact,
                               "|record|", v1::WantedRecord::Kind_Name(kind), "|", wave));
    wanted_.push_back(record);
  }

  void Take(v1::StageDecision::Action action, const std::string& artifact) {
    decision_.set_action(action);
    decision_.set_artifact(artifact);
  }

  void TakeForward(const Forward& forward, const std::string& artifact) {
    Take(forward.waits_for_start ? v1::StageDecision::READY : v1::StageDecision::DEPLOY, artifact);
    for (const v1::CellAction& action : forward.actions) *decision_.add_actions() = action;
    for (const v1::PlannedCells& wave : forward.plan) *decision_.add_plan() = wave;
    NameWithoutRoom(forward);
  }

  void NameWithoutRoom(const Forward& forward) {
    for (const std::string& cell : forward.without_room) decision_.add_cells_without_room(cell);
  }

  void PassOver(const std::string& artifact, v1::Reason reason) {
    for (const v1::PassedOver& entry : decision_.passed_over()) {
      if (entry.artifact() == artifact && entry.reason() == reason) return;
    }
    v1::PassedOver* entry = decision_.add_passed_over();
    entry->set_artifact(artifact);
    entry->set_reason(reason);
  }

  // Names what was looked at, and what the lists said of it, for time may change that [G5].
  void Name(const Candidates& candidates) {
    for (const v1::PassedOver& entry : candidates.passed_over) {
      PassOver(entry.artifact(), entry.reason());
    }
    for (const std::string& artifact : candidates.held_against_lists) {
      if (!IsWithdrawn(facts_, artifact)) ReportLists(artifact);
      // Whoever overrides a match learns why it still stands.
      if (IsKnownBad(facts_, stage_, artifact)) ReportUnusable(artifact);
    }
  }

  void ReportUnusable(const std::string& artifact) {
    std::vector<Leaf> leaves;
    AddUnusable(facts_, stage_, artifact, &leaves);
    Report(leaves);
  }

  void ReportLists(const std::string& artifact) {
    for (const Placed& placed : BlockersOf(facts_, stage_)) {
      if (!placed.blocker->has_known_bad() || !placed.wave.empty()) continue;
      Report({BlockerLeaf(facts_, stage_, *placed.blocker, artifact, "", false,
                          absl::ZeroDuration())});
    }
  }

  // [S2a] `awaits`: what entered last may still pass.
  void DecideEntry(bool awaits) {
    const Candidates candidates = FindCandidates(facts_, stage_);
    Name(candidates);
    const std::string& artifact = candidates.artifact;
    std::vector<Leaf> leaves;
    if (artifact.empty() || (stage_.order() == v1::Stage::QUEUE && awaits)) {
      if (!artifact.empty()) PassOver(artifact, v1::WAITS_FOR_ROLLOUT);
      AddStageBlockers(facts_, stage_, "", &leaves);
      Take(artifact.empty() ? v1::StageDecision::IDLE : v1::StageDecision::WAIT, "");
      Report(leaves);
      return;
    }
    AddArtifact(facts_, artifact, &leaves);
    AddUnusable(facts_, stage_, artifact, &leaves);
    AddStageBlockers(facts_, stage_, artifact, &leaves);
    bool waits_for_start = false;
    if (stage_.start() == v1::Stage::MANUAL) {
      waits_for_start = !IsStartRequested(facts_, stage_, artifact, "");
      leaves.push_back(MakeLeaf("@start", artifact, "", "",
                                waits_for_start ? Unknown(v1::AWAITING_START) : Clear(), v1::NONE));
    }
    if (HoldsAny(wide_, artifact, {}) || HoldsAny(leaves, artifact, {})) {
      Take(v1::StageDecision::HOLD, artifact);
    } else {
      Take(waits_for_start ? v1::StageDecision::READY : v1::StageDecision::DEPLOY, artifact);
      v1::CellAction* action = decision_.add_actions();
      action->set_id(
          absl::StrCat(facts_.policy.id(), "|", stage_.id(), "||", artifact, "|enter|1"));
      action->set_artifact(artifact);
      action->set_attempt(1);
    }
    Report(leaves);
  }

  // What awaits its pass [G4]; empty: nothing.
  std::string AwaitsPass() {
    const v1::StageRecord& record = Record(facts_, stage_.id());
    std::string artifact;
    absl::Time since = absl::InfiniteFuture();
    if (stage_.deploys() == v1::Stage::CELLS) {
      if (const v1::Rollout* complete = NewestComplete(facts_, stage_.id())) {
        artifact = complete->artifact();
        since = CompletedAt(*complete);
      }
    } else {
      for (const v1::Entry& entry : record.entries()) {
        if (FindArtifact(facts_, entry.artifact()) == nullptr) continue;
        if (artifact.empty() || Sequence(facts_, entry.artifact()) > Sequence(facts_, artifact)) {
          artifact = entry.artifact();
        }
      }
    }
    if (FindArtifact(facts_, artifact) == nullptr || IsLatched(facts_, stage_.id(), artifact)) {
      return "";
    }
    for (const v1::Pass& pass : record.passes()) {
      if (pass.artifact() != artifact) continue;
      // A pass that was revoked before the rollout completed does not stand against it.
      const bool of_earlier = stage_.deploys() == v1::Stage::CELLS && pass.has_revoked_at() &&
                              ToTime(pass.revoked_at()) < since;
      if (!of_earlier) return "";
    }
    return artifact;
  }

  // [S1] Whether the pass is wanted. True: something awaits it, and may still get it.
  bool DecidePass() {
    const std::string artifact = AwaitsPass();
    if (artifact.empty()) return false;
    bool passes = !IsWithdrawn(facts_, artifact);
    bool may_pass = passes;
    std::vector<Leaf> leaves;
    for (const v1::Blocker& criterion : stage_.pass_criteria()) {
      const Judgement judgement =
          JudgeBlocker(facts_, criterion, stage_.id(), artifact, absl::ZeroDuration());
      Leaf leaf = MakeLeaf(criterion.id(), artifact, "", "", judgement, v1::HOLDS);
      leaf.forward = false;
      if (!judgement.clear() && criterion.enforcement() == v1::Blocker::OBSERVED) {
        leaf.finding.set_effect(v1::OBSERVED);
      } else {
        passes = passes && judgement.clear();
        may_pass = may_pass && judgement.verdict != v1::BLOCKING;
      }
      leaves.push_back(leaf);
    }
    Report(leaves);
    if (passes && sound_ && ArtifactFault(facts_, artifact) == v1::ALL_CLEAR) {
      Want(v1::WantedRecord::PASSED, artifact, "", "", v1::ALL_CLEAR);
    }
    return may_pass;
  }

  // One that can't be read is not over.
  static absl::Time CompletedAt(const v1::Rollout& rollout) {
    const google::protobuf::Timestamp& at =
        rollout.has_completed_at() ? rollout.completed_at() : rollout.ended_at();
    const bool is_there = rollout.has_completed_at() || rollout.has_ended_at();
    return is_there && IsValid(at) ? ToTime(at) : absl::InfiniteFuture();
  }

  // [S3] The newest COMPLETE rollout within its watch.
  bool IsWatched(const v1::Rollout& rollout) {
    return facts_.now <
           Plus(CompletedAt(rollout), ToDuration(stage_.rollout().roll_back().watch_for()));
  }

  bool IsHere(const v1::Rollout* rollout) {
    return rollout != nullptr && FindArtifact(facts_, rollout->artifact()) != nullptr;
  }

  void DecideCells() {
    const std::vector<Leaf> requests = RequestLeaves(facts_, stage_);
    wide_.insert(wide_.end(), requests.begin(), requests.end());
    const v1::Rollout* running = Running(facts_, stage_.id());
    const v1::Rollout* complete = NewestComplete(facts_, stage_.id());
    // [R2] A roll back that has not been settled counts as unproven by what its hygiene says.
    for (const std::string& cell : ActiveCells(facts_, stage_.id())) {
      const v1::Deployment* newest = Newest(facts_, stage_.id(), cell);
      if (newest == nullptr || newest->direction() != v1::Deployment::ROLL_BACK ||
          IsProven(*newest) || IsSettled(*newest)) {
        continue;
      }
      Report(RollBackLeaves(facts_, stage_, *newest));
    }
    RolloutAnswer of_complete;
    if (IsHere(complete)) {
      const std::string& artifact = complete->artifact();
      if (!IsWithdrawn(facts_, artifact)) ReportLists(artifact);
      if (IsWatched(*complete)) {
        of_complete = AskRollout(facts_, stage_, *complete);
        Report(of_complete.leaves);
        Report({MakeLeaf("@watch", artifact, "", "", {v1::CLEAR, v1::WATCHING}, v1::NONE)});
      }
      if (IsLatchedUpstream(facts_, stage_, artifact)) {
        Report({MakeLeaf("@upstream", artifact, "", "", Blocking(v1::UPSTREAM_ROLLED_BACK),
                         v1::NONE)});
      }
    }
    RolloutAnswer of_running;
    if (IsHere(running)) {
      of_running = AskRollout(facts_, stage_, *running);
      Report(of_running.leaves);
    }
    if (RollBack(of_complete, of_running)) return;
    DecidePass();
    if (IsHere(running)) {
      DecideRunning(*running, of_running);
    } else if (running == nullptr) {
      DecideIdle();
    } else {
      Take(v1::StageDecision::HOLD, "");
    }
  }

  bool IsSettled(const v1::Deployment& deployment) {
    for (const v1::Rollout& rollout : Record(facts_, stage_.id()).rollouts()) {
      if (rollout.number() == deployment.rollout()) {
        return rollout.state() == v1::Rollout::ROLLED_BACK;
      }
    }
    return false;
  }

  // Roll back comes first [R8]: one that has begun; else what fails of the newest complete rollout,
  // then of the running one, then what people ask for. True: that settles the action.
  bool RollBack(const RolloutAnswer& of_complete, const RolloutAnswer& of_running) {
    const v1::Rollout* running = Running(facts_, stage_.id());
    const v1::Rollout* complete = NewestComplete(facts_, stage_.id());
    const bool begun = running != nullptr && running->state() == v1::Rollout::ROLLING_BACK;
    std::vector<RollBackCause> causes;
    if (!begun && complete != nullptr) {
      causes.push_back({complete, CellsOf(facts_, stage_, *complete, of_complete.triggers)});
    }
    if (running != nullptr) {
      causes.push_back({running, CellsOf(facts_, stage_, *running, of_running.triggers)});
    }
    std::vector<RollBackCause> all;
    for (const RollBackCause& cause : causes) {
      if (begun || !cause.cells.empty()) all.push_back(cause);
    }
    for (const RollBackCause& request : Requests(facts_, stage_)) {
      bool known = false;
      for (RollBackCause& cause : all) {
        if (cause.rollout != request.rollout) continue;
        known = true;
        cause.cells.insert(request.cells.begin(), request.cells.end());
      }
      if (!known && !begun) all.push_back(request);
    }
    for (const RollBackCause& cause : all) {
      if (TakeRollBack(AskRollBack(facts_, stage_, *cause.rollout, cause.cells), running)) {
        return true;
      }
    }
    return false;
  }

  bool TakeRollBack(const RollBackAnswer& back, const v1::Rollout* running) {
    // What can't be read is not shown.
    const std::string artifact =
        IsDigest(back.rollout->artifact()) ? back.rollout->artifact() : std::string();
    Report(BrakeLeaves(facts_, stage_));
    Report(back.leaves);
    for (const v1::PassedOver& entry : back.passed_over) PassOver(entry.artifact(), entry.reason());
    for (const std::string& target : back.targets) ReportLists(target);
    const bool begun = back.rollout->state() == v1::Rollout::ROLLING_BACK;
    const bool runs = back.rollout == running;
    if (begun && back.all_done) {
      Want(v1::WantedRecord::ROLLED_BACK, artifact, "", "", v1::ALL_CLEAR);
    }
    const bool stuck = back.stuck != v1::ALL_CLEAR;
    if (stuck && runs && back.steps.empty() && !back.moves && !back.held) {
      Want(v1::WantedRecord::HALTED, artifact, "", "", back.stuck);
    }
    // [R7] What has ended and can't be rolled back stands in nobody's way.
    if (back.steps.empty() && !runs && !back.moves) return false;
    if (!back.steps.empty()) {
      Take(v1::StageDecision::ROLL_BACK, artifact);
      for (const v1::CellAction& step : back.steps) *decision_.add_actions() = step;
    } else {
      // [R6b] WAIT only with nothing but steps under way.
      const bool held = runs && (back.held || stuck);
      Take(held ? v1::StageDecision::HOLD : v1::StageDecision::WAIT, artifact);
    }
    for (const std::string& cell : back.cells) decision_.add_roll_back_cells(cell);
    // [G4] Its subject is the running rollout's artifact; what blocks it brakes nothing.
    std::vector<Leaf> leaves;
    AddStageBlockers(facts_, stage_, IsHere(running) ? running->artifact() : "", &leaves);
    AddUnusable(facts_, stage_, artifact, &leaves);
    Report(leaves);
    return true;
  }

  void DecideRunning(const v1::Rollout& running, const RolloutAnswer& asked) {
    const std::string& artifact = running.artifact();
    Forward forward = JudgeForward(facts_, stage_, artifact, &running, RecordedPlan(running), wide_,
                                   permitted_, asked.unseen);
    const bool withdrawn = IsWithdrawn(facts_, artifact);
    const bool bad = IsKnownBad(facts_, stage_, artifact);
    if (!withdrawn) ReportLists(artifact);
    if (sound_) {
      for (const auto& wave_and_cell : asked.provable) {
        Want(v1::WantedRecord::CELL_PROVEN, artifact, wave_and_cell.first, wave_and_cell.second,
             v1::ALL_CLEAR);
      }
      for (const std::string& wave : asked.provable_waves) {
        Want(v1::WantedRecord::WAVE_PROVEN, artifact, wave, "", v1::ALL_CLEAR);
      }
      if (forward.complete && !bad) {
        Want(v1::WantedRecord::COMPLETE, artifact, "", "", v1::ALL_CLEAR);
      }
    }
    if (withdrawn) Want(v1::WantedRecord::HALTED, artifact, "", "", v1::WITHDRAWN);
    const bool held = forward.actions.empty() &&
                      (bad || IsLatchedUpstream(facts_, stage_, artifact) || forward.held ||
                       forward.late_elsewhere || asked.deadline_passed || asked.needs_a_person);
    const Candidates candidates = FindCandidates(facts_, stage_);
    Name(candidates);
    Report(forward.leaves);
    if (!candidates.artifact.empty() && Preempt(running, candidates.artifact, bad, held)) return;
    if (!bad && !forward.actions.empty()) {
      TakeForward(forward, artifact);
    } else {
      Take(held ? v1::StageDecision::HOLD : v1::StageDecision::WAIT, artifact);
      NameWithoutRoom(forward);
    }
  }

  // [S3] [K4] A newer candidate may end a held rollout. True: it does.
  bool Preempt(const v1::Rollout& running, const std::string& candidate, bool bad, bool held) {
    const v1::RolloutPolicy::Preempt preempt = stage_.rollout().preempt();
    bool may = bad || preempt == v1::RolloutPolicy::WHEN_HELD;
    if (preempt == v1::RolloutPolicy::BY_REQUEST) {
      bool requested = false;
      for (const v1::PreemptRequest& request : Record(facts_, stage_.id()).preempt_requests()) {
        requested = requested || (request.artifact() == candidate &&
                                  facts_.now >= ToTime(request.requested_at()) &&
                                  facts_.now < ToTime(request.expires_at()));
      }
      may = may || requested;
      Report({MakeLeaf("@preempt", candidate, "", "",
                       requested ? Clear() : Unknown(v1::AWAITING_START), v1::NONE)});
    }
    if (bad || preempt != v1::RolloutPolicy::NEVER) {
      const Plan plan = MakePlan(facts_, stage_, absl::nullopt);
      Forward forward =
          JudgeForward(facts_, stage_, candidate, nullptr, plan, wide_, permitted_, false);
      Report(forward.leaves);
      if (may && held && !forward.actions.empty()) {
        TakeForward(forward, candidate);
        decision_.set_halts_running(bad);
        v1::Reason reason = v1::SUPERSEDED;
        if (bad) {
          reason = IsWithdrawn(facts_, running.artifact()) ? v1::WITHDRAWN : v1::KNOWN_BAD_MATCH;
        }
        PassOver(running.artifact(), reason);
        return true;
      }
    }
    PassOver(candidate, v1::WAITS_FOR_ROLLOUT);
    return false;
  }

  void DecideIdle() {
    const Candidates candidates = FindCandidates(facts_, stage_);
    Name(candidates);
    const std::string& artifact = candidates.artifact;
    absl::optional<std::string> catch_up;
    if (candidates.catch_up) catch_up = artifact;
    const Plan plan = MakePlan(facts_, stage_, catch_up);
    if (artifact.empty() || (plan.waves.empty() && plan.fault.clear())) {
      if (!artifact.empty()) PassOver(artifact, v1::CELL_ABSENT);
      std::vector<Leaf> leaves;
      AddStageBlockers(facts_, stage_, "", &leaves);
      Report(leaves);
      Take(v1::StageDecision::IDLE, "");
      return;
    }
    const Forward forward =
        JudgeForward(facts_, stage_, artifact, nullptr, plan, wide_, permitted_, false);
    if (!forward.actions.empty()) {
      TakeForward(forward, artifact);
    } else {
      const bool held = forward.held || forward.late_elsewhere;
      Take(held ? v1::StageDecision::HOLD : v1::StageDecision::WAIT, artifact);
      NameWithoutRoom(forward);
    }
    Report(forward.leaves);
  }

  const Facts& facts_;
  const v1::Stage& stage_;
  Permitted& permitted_;
  std::vector<Leaf> wide_;
  bool sound_ = false;  // The state can be read and the clock did not go back.
  v1::StageDecision decision_;
  std::vector<v1::WantedRecord> wanted_;
};

// [S6]
v1::StageDecision DecideRemoved(const std::string& stage) {
  v1::StageDecision decision;
  decision.set_stage(stage);
  decision.set_action(v1::StageDecision::HOLD);
  *decision.add_findings() =
      MakeLeaf("@stage", "", "", "", Blocking(v1::STAGE_REMOVED), v1::HOLDS).finding;
  return decision;
}

}  // namespace

Model::Model(const World& world) {
  facts_.policy = world.policy;
  facts_.policy_fingerprint = world.policy_fingerprint;
  facts_.state = world.state;
  facts_.state_cut =
      world.state.has_record_count() && world.state.record_count() != CountRecords(world.state);
  RemoveDuplicates(&facts_.state);
  Arrange(&facts_.state);
  if (world.organisation != nullptr) {
    facts_.organisation = *world.organisation;
    facts_.organisation_cut =
        world.organisation->has_record_count() &&
        world.organisation->record_count() != CountRecords(*world.organisation);
    RemoveDuplicates(&*facts_.organisation);
    Arrange(&*facts_.organisation);
  }
  for (const v1::KnownBadList* list : world.lists) {
    bool known = false;
    for (const v1::KnownBadList& other : facts_.lists) known = known || Same(other, *list);
    if (!known) facts_.lists.push_back(*list);
  }

  WithdrawClaims(&facts_);
  facts_.state_fault = StateFault(facts_);
  facts_.organisation_fault = OrganisationFault(facts_);
}

v1::PipelineDecision Model::Decide(absl::Time now) {
  facts_.now = now;
  v1::PipelineDecision decision;
  decision.set_pipeline(facts_.policy.id());
  Permitted permitted;
  for (const v1::Stage& stage : facts_.policy.stages()) {
    *decision.add_stages() = StageDecider(facts_, stage, &permitted).Decide();
  }
  for (const v1::StageRecord& record : facts_.state.stages()) {
    const v1::Rollout* running = Running(facts_, record.stage());
    if (FindStage(facts_, record.stage()) == nullptr && running != nullptr &&
        IsIdentifier(record.stage())) {
      *decision.add_stages() = DecideRemoved(record.stage());
    }
  }
  return decision;
}

}  // namespace reference
}  // namespace sluice
