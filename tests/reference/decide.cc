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
  const v1::EmergencyStop& stop = facts.organisation->emergency_stop();
  if (stop.state() == v1::EmergencyStop::STOPPED) return Blocking(v1::EMERGENCY_STOP);
  if (OrganisationFault(facts) != v1::ALL_CLEAR) return Invalid(OrganisationFault(facts));
  if (OrganisationWentBack(facts)) return Unknown(v1::ORGANISATION_WENT_BACK);
  if (!facts.organisation->has_emergency_stop()) return Unknown(v1::EMERGENCY_STOP_UNKNOWN);
  if (HasUnknownFields(stop)) return Invalid(v1::UNKNOWN_FIELD);
  if (stop.state() != v1::EmergencyStop::CLEAR || !stop.has_observed_at() ||
      !IsValid(stop.observed_at())) {
    return Invalid(v1::INVALID_DATA);
  }
  if (FromTheFuture(facts, stop.observed_at())) return Invalid(v1::FROM_THE_FUTURE);
  const google::protobuf::Duration& max_age = facts.policy.emergency_stop().max_age();
  if (IsStale(facts, stop.observed_at(), max_age) ||
      IsStale(facts, facts.organisation->observed_at(), max_age)) {
    return Unknown(v1::STALE);
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
    int of_id = 0;
    for (const v1::Hold& other : holds) of_id += other.id() == hold.id();
    Judgement judgement = Blocking(v1::HELD);
    if (HoldFault(hold) != v1::ALL_CLEAR) {
      judgement = Invalid(HoldFault(hold));
    } else if (of_id > 1) {
      judgement = Invalid(v1::DUPLICATE_ID);
    } else if ((hold.has_expires_at() && facts.now >= ToTime(hold.expires_at())) ||
               (hold.has_released_at() && facts.now >= ToTime(hold.released_at()))) {
      continue;
    } else if (facts.now < ToTime(hold.placed_at())) {
      judgement = Clear();  // A timer is a leaf [G5].
    }
    leaves->push_back(MakeLeaf("@hold:" + hold.id(), "", "",
                               hold.scope() == v1::Hold::CELL ? hold.cell() : "", judgement,
                               v1::HOLDS));
  }
}

bool ClockWentBack(const Facts& facts) {
  return facts.state.has_written_at() && IsValid(facts.state.written_at()) &&
         FromTheFuture(facts, facts.state.written_at());
}

std::vector<Leaf> StageLeaves(const Facts& facts, const std::string& stage) {
  std::vector<Leaf> leaves;
  if (StateFault(facts) != v1::ALL_CLEAR) {
    leaves.push_back(MakeLeaf("@state", "", "", "", Invalid(StateFault(facts)), v1::HOLDS));
  }
  if (ClockWentBack(facts)) {
    leaves.push_back(MakeLeaf("@clock", "", "", "", Blocking(v1::CLOCK_REGRESSION), v1::HOLDS));
  }
  if (OrganisationFault(facts) != v1::ALL_CLEAR) {
    leaves.push_back(
        MakeLeaf("@organisation", "", "", "", Invalid(OrganisationFault(facts)), v1::HOLDS));
  } else if (OrganisationWentBack(facts)) {
    leaves.push_back(
        MakeLeaf("@organisation", "", "", "", Unknown(v1::ORGANISATION_WENT_BACK), v1::HOLDS));
  }
  if (!facts.policy.without_emergency_stop()) {
    leaves.push_back(MakeLeaf("@emergency_stop", "", "", "", JudgeStop(facts), v1::HOLDS));
  }
  AddHolds(facts, stage, false, &leaves);
  if (facts.organisation.has_value()) AddHolds(facts, stage, true, &leaves);
  for (const v1::Finding& finding : Unusable(facts, stage)) {
    Leaf leaf;
    leaf.finding = finding;
    leaves.push_back(leaf);
  }
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
  for (const std::string& override : lift.overrides) leaf.finding.add_overrides(override);
  const bool finishes = blocker.has_time_window() && wave_has_started && may_lift &&
                        blocker.time_window().in_flight() == v1::TimeWindow::FINISH_WAVE;  // [T5]
  if (blocker.enforcement() == v1::Blocker::OBSERVED) {
    leaf.finding.set_effect(v1::OBSERVED);
  } else if (lift.lifted || finishes) {
    leaf.finding.set_effect(v1::LIFTED);
  }
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
  bool held = false;             // A leaf holds a cell that is next, or a deadline has passed.
  bool waits_for_start = false;  // READY instead of DEPLOY [S4].
  bool complete = false;         // All waves are proven.
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
  return record == nullptr ? 0 : record->weight();
}

std::string GroupOf(const Facts& facts, const std::string& cell, v1::GroupCap::DisjointBy by) {
  const v1::Cell* record = FindCell(facts, cell);
  if (record == nullptr || record->region().empty()) return "";
  if (by == v1::GroupCap::REGION) return record->region();
  return record->zone().empty() ? "" : absl::StrCat(record->region(), " ", record->zone());
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
  if (IsUnproven(facts, stage, next.cell)) return room;  // It adds nothing.
  const auto check = [&](const Load& load, uint64_t cap) {
    if (!load.FitsAlone(next.weight, cap)) room.alone = Invalid(v1::CELL_EXCEEDS_CAP);
    if (!load.Fits(next.weight, cap)) room.fits = false;
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

// [T4] For every wave not proven, a deployment and the longest bake.
absl::Duration ExpectedDuration(const v1::Stage& stage, const std::vector<WaveState>& waves) {
  absl::Duration sum;
  for (const WaveState& wave : waves) {
    if (wave.proven) continue;
    absl::Duration longest;
    for (const std::string& cell : wave.plan.cells()) {
      longest = std::max(longest, ToDuration(BakeOf(stage, wave.plan.wave(), cell).min_time()));
    }
    sum += ToDuration(stage.rollout().deploy().expected_time()) + longest;
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
        wave.started = wave.started || DeploymentOf(facts, stage.id(), *rollout, cell) != nullptr;
      }
    }
    waves.push_back(wave);
  }
  return waves;
}

// Every blocker once in its scope; a window once for each started wave not proven, and for the next
// [G4] [T5].
void AddBlockers(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                 const std::vector<WaveState>& waves, std::vector<Leaf>* leaves) {
  const absl::Duration expected = ExpectedDuration(stage, waves);
  for (const Placed& placed : BlockersOf(facts, stage)) {
    const v1::Blocker& blocker = *placed.blocker;
    const WaveState* own = nullptr;
    for (const WaveState& wave : waves) {
      if (wave.plan.wave() == placed.wave) own = &wave;
    }
    if (!blocker.has_time_window() || waves.empty()) {
      if (own != nullptr && own->proven) continue;
      leaves->push_back(BlockerLeaf(facts, stage, blocker, artifact, placed.wave, false, expected));
      continue;
    }
    bool had_next = false;
    for (const WaveState& wave : waves) {
      if (wave.proven || (!wave.started && had_next)) continue;
      had_next = had_next || !wave.started;
      if (!placed.wave.empty() && placed.wave != wave.plan.wave()) continue;
      leaves->push_back(
          BlockerLeaf(facts, stage, blocker, artifact, wave.plan.wave(), wave.started, expected));
    }
  }
}

void AddArtifact(const Facts& facts, const std::string& artifact, std::vector<Leaf>* leaves) {
  Judgement judgement = Clear();
  if (ArtifactFault(facts, artifact) != v1::ALL_CLEAR) {
    judgement = Invalid(ArtifactFault(facts, artifact));
  } else if (IsWithdrawn(facts, artifact)) {
    judgement = Blocking(v1::WITHDRAWN);
  }
  if (!judgement.clear()) {
    leaves->push_back(MakeLeaf("@artifact", artifact, "", "", judgement, v1::HOLDS));
  }
}

// `rollout` is null for one that has not started. `wide` are the leaves of the whole stage.
Forward JudgeForward(const Facts& facts, const v1::Stage& stage, const std::string& artifact,
                     const v1::Rollout* rollout, const Plan& plan, const std::vector<Leaf>& wide,
                     const Permitted& permitted) {
  Forward forward;
  forward.plan = plan.waves;
  const std::vector<WaveState> waves = WavesOf(facts, stage, rollout, plan);
  AddArtifact(facts, artifact, &forward.leaves);
  AddBlockers(facts, stage, artifact, waves, &forward.leaves);
  if (!plan.fault.clear()) {
    forward.leaves.push_back(MakeLeaf("@plan", artifact, "", "", plan.fault, v1::HOLDS));
  }

  // The cells still to be deployed, wave by wave; the first wave that is not proven is next.
  std::vector<Next> weights;
  std::vector<std::vector<Next>> by_wave;
  bool any_proven = rollout == nullptr;
  bool late_elsewhere = false;
  for (const WaveState& wave : waves) {
    std::vector<Next> cells;
    for (int i = 0; i < wave.plan.cells_size(); ++i) {
      Next next;
      next.wave = wave.plan.wave();
      next.cell = wave.plan.cells(i);
      next.weight = wave.plan.weights(i);
      weights.push_back(next);
      const v1::Deployment* deployment =
          rollout == nullptr ? nullptr : DeploymentOf(facts, stage.id(), *rollout, next.cell);
      if (deployment != nullptr && IsProven(*deployment)) any_proven = true;
      const v1::Cell* cell = FindCell(facts, next.cell);
      if (wave.proven || IsRetired(facts, next.cell)) continue;
      if (cell == nullptr) {
        // [R1] Absent without being retired.
        forward.leaves.push_back(
            MakeLeaf("@plan", artifact, wave.plan.wave(), "", Invalid(v1::CELL_ABSENT), v1::HOLDS));
        continue;
      }
      const v1::Reason fault = CellFault(facts, stage.id(), next.cell);
      if (fault != v1::ALL_CLEAR) {
        forward.leaves.push_back(
            MakeLeaf("@cell", artifact, wave.plan.wave(), next.cell, Invalid(fault), v1::HOLDS));
        cells.push_back(next);
        continue;
      }
      const v1::Deployment* newest = Newest(facts, stage.id(), next.cell);
      // [R9]
      for (const v1::Deployment& other : Record(facts, stage.id()).deployments()) {
        next.attempt += other.cell() == next.cell && other.artifact() == artifact &&
                        other.direction() == v1::Deployment::FORWARD && !IsUnderWay(other);
      }
      if (deployment != nullptr && (deployment == newest || IsProven(*deployment))) {
        const bool ended_badly = deployment->outcome() == v1::Deployment::FAILED ||
                                 deployment->outcome() == v1::Deployment::ABANDONED;
        bool retry = false;
        for (const v1::RetryRequest& request : Record(facts, stage.id()).retry_requests()) {
          retry = retry || (request.artifact() == artifact && request.cell() == next.cell &&
                            request.attempt() == next.attempt);
        }
        if (!ended_badly || !retry || IsProven(*deployment)) continue;
      }
      if (newest != nullptr && IsUnderWay(*newest)) {
        // [R9] Of an earlier rollout.
        const bool late = facts.now - ToTime(newest->started_at()) >=
                          ToDuration(stage.rollout().deploy().max_time());
        Leaf leaf =
            MakeLeaf("@deployment", artifact, wave.plan.wave(), next.cell,
                     late ? Blocking(v1::DEPLOY_STALLED) : Unknown(v1::DEPLOYING), v1::HOLDS);
        leaf.forward = false;
        forward.leaves.push_back(leaf);
        late_elsewhere = late_elsewhere || late;
        continue;
      }
      if (newest == nullptr && stage.rollout().new_cell() == v1::RolloutPolicy::HOLD) {
        forward.leaves.push_back(MakeLeaf("@cell", artifact, wave.plan.wave(), next.cell,
                                          Blocking(v1::NEW_CELL), v1::HOLDS));
      }
      const std::string on = UnlatchedOn(facts, stage.id(), next.cell);
      if (!on.empty() && Sequence(facts, on) > Sequence(facts, artifact)) {
        forward.leaves.push_back(MakeLeaf("@cell", artifact, wave.plan.wave(), next.cell,
                                          Blocking(v1::NEWER_ON_CELL), v1::HOLDS));
      }
      cells.push_back(next);
    }
    by_wave.push_back(cells);
  }
  for (const std::vector<Next>& cells : by_wave) {
    for (const Next& next : cells) {
      const Room room = RoomFor(facts, stage, next, {}, weights);
      if (!room.alone.clear()) {
        forward.leaves.push_back(
            MakeLeaf("@cap", artifact, next.wave, next.cell, room.alone, v1::HOLDS));
      }
    }
  }

  std::vector<Next> next_cells;
  bool next_has_started = false;
  bool waits_for_absent = false;
  size_t current = 0;
  while (current < waves.size() && waves[current].proven) ++current;
  forward.complete = current == waves.size() && any_proven;
  if (current < waves.size()) {
    next_cells = by_wave[current];
    next_has_started = waves[current].started;
    // [R8] A planned cell that is absent holds its wave: only a person can bring it back.
    for (const std::string& cell : waves[current].plan.cells()) {
      waits_for_absent = waits_for_absent || FindCell(facts, cell) == nullptr;
    }
  } else if (!any_proven) {
    // [R3a] "All" of nothing shows nothing.
    forward.leaves.push_back(
        MakeLeaf("@plan", artifact, "", "", Invalid(v1::CELL_ABSENT), v1::HOLDS));
    forward.held = true;
  }
  forward.held = forward.held || waits_for_absent || late_elsewhere ||
                 (rollout == nullptr && !plan.fault.clear());

  // [S4]
  if (stage.start() == v1::Stage::MANUAL && !next_cells.empty()) {
    const bool per_wave = stage.start_unit() == v1::Stage::WAVE;
    const std::string& wave = next_cells[0].wave;
    if (per_wave ? !next_has_started : rollout == nullptr) {
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
    if (HoldsAny(wide, artifact, next) || HoldsAny(forward.leaves, artifact, next)) {
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
      : facts_(facts),
        stage_(stage),
        permitted_(*permitted),
        wide_(StageLeaves(facts, stage.id())) {
    decision_.set_stage(stage.id());
    sound_ = StateFault(facts) == v1::ALL_CLEAR && !ClockWentBack(facts);
  }

  v1::StageDecision Decide() {
    if (stage_.deploys() == v1::Stage::NOTHING) {
      DecideEntry();
    } else {
      DecideCells();
    }
    DecidePass();
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
  // Adds findings; of one key the worst stays.
  void Report(const std::vector<Leaf>& leaves) {
    for (const Leaf& leaf : leaves) {
      bool known = false;
      for (v1::Finding& finding : *decision_.mutable_findings()) {
        if (finding.id() != leaf.finding.id() || finding.artifact() != leaf.finding.artifact() ||
            finding.wave() != leaf.finding.wave() || finding.cell() != leaf.finding.cell()) {
          continue;
        }
        known = true;
        const Judgement old = {finding.verdict(), finding.reason()};
        const Judgement worse = Worse(old, {leaf.finding.verdict(), leaf.finding.reason()});
        if (worse.verdict != old.verdict || worse.reason != old.reason) finding = leaf.finding;
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

  // Names what was looked at. What a list rules out has a leaf, for time may let it in again [G5].
  void Name(const Candidates& candidates) {
    for (const v1::PassedOver& entry : candidates.passed_over) {
      PassOver(entry.artifact(), entry.reason());
      if (entry.reason() == v1::KNOWN_BAD_MATCH) ReportLists(entry.artifact());
    }
  }

  void ReportLists(const std::string& artifact) {
    for (const Placed& placed : BlockersOf(facts_, stage_)) {
      if (!placed.blocker->has_known_bad()) continue;
      Report({BlockerLeaf(facts_, stage_, *placed.blocker, artifact, placed.wave, false,
                          absl::ZeroDuration())});
    }
  }

  // [S2a]
  void DecideEntry() {
    const Candidates candidates = FindCandidates(facts_, stage_);
    Name(candidates);
    const std::string& artifact = candidates.artifact;
    std::vector<Leaf> leaves;
    if (!artifact.empty()) AddArtifact(facts_, artifact, &leaves);
    AddBlockers(facts_, stage_, artifact, {}, &leaves);
    if (artifact.empty()) {
      const bool waits = !candidates.waits_for_queue.empty();
      Take(waits ? v1::StageDecision::WAIT : v1::StageDecision::IDLE, candidates.waits_for_queue);
      Report(leaves);
      return;
    }
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

  // [S1] What the pass is about, and whether it is wanted.
  void DecidePass() {
    const v1::StageRecord& record = Record(facts_, stage_.id());
    std::string artifact;
    absl::Time since = absl::InfinitePast();
    if (stage_.deploys() == v1::Stage::CELLS) {
      if (const v1::Rollout* complete = NewestComplete(facts_, stage_.id())) {
        artifact = complete->artifact();
        since =
            ToTime(complete->has_completed_at() ? complete->completed_at() : complete->ended_at());
      }
    } else {
      for (const v1::Entry& entry : record.entries()) {
        if (artifact.empty() || Sequence(facts_, entry.artifact()) > Sequence(facts_, artifact)) {
          artifact = entry.artifact();
        }
      }
    }
    for (const v1::Pass& pass : record.passes()) {
      if (pass.artifact() != artifact) continue;
      // A pass that was revoked before the rollout completed does not stand against it.
      if (!pass.has_revoked_at() || ToTime(pass.revoked_at()) >= since) {
        artifact.clear();
        break;
      }
    }
    bool passes = !artifact.empty();
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
      }
      leaves.push_back(leaf);
    }
    Report(leaves);
    // What is being rolled back does not pass.
    if (decision_.action() == v1::StageDecision::ROLL_BACK && decision_.artifact() == artifact) {
      passes = false;
    }
    if (!passes || !sound_ || ArtifactFault(facts_, artifact) != v1::ALL_CLEAR) return;
    Want(v1::WantedRecord::PASSED, artifact, "", "", v1::ALL_CLEAR);
  }

  // The rollouts that may have to be rolled back, in the order in which they are asked.
  std::vector<const v1::Rollout*> Watched() {
    std::vector<const v1::Rollout*> rollouts;
    const v1::Rollout* running = Running(facts_, stage_.id());
    if (running != nullptr) rollouts.push_back(running);
    if (running != nullptr && running->state() == v1::Rollout::ROLLING_BACK) return rollouts;
    std::vector<const v1::Rollout*> ended;
    for (const v1::Rollout& rollout : Record(facts_, stage_.id()).rollouts()) {
      if (&rollout != running) ended.push_back(&rollout);
    }
    std::sort(ended.begin(), ended.end(),
              [](const v1::Rollout* a, const v1::Rollout* b) { return a->number() > b->number(); });
    rollouts.insert(rollouts.end(), ended.begin(), ended.end());
    return rollouts;
  }

  // [S3] A COMPLETE rollout within its watch.
  bool IsWatched(const v1::Rollout& rollout) {
    return rollout.state() == v1::Rollout::COMPLETE &&
           facts_.now < Plus(ToTime(rollout.ended_at()),
                             ToDuration(stage_.rollout().roll_back().watch_for()));
  }

  bool IsHalted(const std::string& artifact) {
    for (const Placed& placed : BlockersOf(facts_, stage_)) {
      const v1::Blocker& blocker = *placed.blocker;
      if (!blocker.has_known_bad() || blocker.enforcement() != v1::Blocker::ENFORCED ||
          blocker.known_bad().on_match_in_flight() != v1::KnownBad::HALT) {
        continue;
      }
      const KnownBadAnswer answer = JudgeKnownBad(facts_, blocker.known_bad(), artifact);
      const bool lifted =
          answer.overridable && LiftOf(facts_, blocker, artifact, stage_.id()).lifted;
      if (answer.match && !lifted) return true;
    }
    return false;
  }

  bool IsLatchedUpstream(const std::string& artifact) {
    for (const v1::Stage& earlier : facts_.policy.stages()) {
      if (earlier.id() == stage_.id()) return false;
      if (IsLatched(facts_, earlier.id(), artifact)) return true;
    }
    return false;
  }

  void DecideCells() {
    const std::vector<Leaf> requests = RequestLeaves(facts_, stage_);
    wide_.insert(wide_.end(), requests.begin(), requests.end());
    const v1::Rollout* running = Running(facts_, stage_.id());
    const Candidates candidates = FindCandidates(facts_, stage_);
    Name(candidates);

    // Roll back comes first [R8].
    RollBackAnswer back;
    RolloutAnswer asked;  // What the running rollout's cells say.
    for (const v1::Rollout* rollout : Watched()) {
      RolloutAnswer answer;
      if (rollout == running || IsWatched(*rollout)) {
        answer = AskRollout(facts_, stage_, *rollout);
        Report(answer.leaves);
      }
      if (rollout == running) asked = answer;
      if (IsWatched(*rollout)) {
        Report(
            {MakeLeaf("@watch", rollout->artifact(), "", "", {v1::CLEAR, v1::WATCHING}, v1::NONE)});
      }
      RollBackAnswer one = AskRollBack(facts_, stage_, *rollout, answer.triggers);
      if (one.rollout == nullptr) continue;
      if (StateIsAnothers(facts_)) {  // [I1] No action at all.
        one.steps.clear();
        one.held = true;
      }
      Report(one.leaves);
      for (const v1::PassedOver& entry : one.passed_over) {
        PassOver(entry.artifact(), entry.reason());
      }
      for (const std::string& target : one.targets) ReportLists(target);
      if (back.rollout == nullptr || (back.steps.empty() && back.rollout != running)) back = one;
    }
    const bool rolling_back = running != nullptr && running->state() == v1::Rollout::ROLLING_BACK;

    if (rolling_back || running != nullptr) {
      DecideRunning(*running, candidates, asked, back);
    } else {
      DecideIdle(candidates, back);
    }
  }

  // True: the decision is a roll back, or that nothing but one may happen.
  bool TakeRollBack(const RollBackAnswer& back, const v1::Rollout* running) {
    if (back.rollout == nullptr) return false;
    if (StateIsAnothers(facts_)) {
      Take(v1::StageDecision::HOLD, back.rollout->artifact());
      return true;
    }
    const std::string& artifact = back.rollout->artifact();
    const bool begun = back.rollout->state() == v1::Rollout::ROLLING_BACK;
    if (!back.steps.empty()) {
      Take(v1::StageDecision::ROLL_BACK, artifact);
      for (const v1::CellAction& step : back.steps) *decision_.add_actions() = step;
      for (const std::string& cell : back.cells) decision_.add_roll_back_cells(cell);
      return true;
    }
    if (begun && back.all_done) {
      Take(v1::StageDecision::WAIT, artifact);
      Want(v1::WantedRecord::ROLLED_BACK, artifact, "", "", v1::ALL_CLEAR);
      return true;
    }
    // [R7] What has ended and can't be rolled back stands in nobody's way.
    if (!begun && back.rollout != running) return false;
    const bool stuck = back.stuck != v1::ALL_CLEAR && !back.moves;
    if (stuck && (back.stuck == v1::NO_SAFE_TARGET || back.stuck == v1::ROLL_BACK_FAILED)) {
      Want(v1::WantedRecord::HALTED, artifact, "", "", back.stuck);
    }
    // [R6b] WAIT only with nothing but steps under way.
    const bool waits = back.moves && !back.held && !back.late && back.stuck == v1::ALL_CLEAR;
    Take(waits ? v1::StageDecision::WAIT : v1::StageDecision::HOLD, artifact);
    return true;
  }

  void DecideRunning(const v1::Rollout& running, const Candidates& candidates,
                     const RolloutAnswer& asked, const RollBackAnswer& back) {
    const std::string& artifact = running.artifact();
    const Plan plan = RecordedPlan(facts_, stage_, running);
    Forward forward = JudgeForward(facts_, stage_, artifact, &running, plan, wide_, permitted_);
    const bool halted = IsHalted(artifact);
    const bool withdrawn = IsWithdrawn(facts_, artifact);
    const bool upstream = IsLatchedUpstream(artifact);
    if (upstream) {
      forward.leaves.push_back(
          MakeLeaf("@upstream", artifact, "", "", Blocking(v1::UPSTREAM_ROLLED_BACK), v1::HOLDS));
    }
    const bool runs = running.state() == v1::Rollout::RUNNING;
    if (runs && sound_) {
      for (const auto& wave_and_cell : asked.provable) {
        if (!Contains(back.cells, wave_and_cell.second)) {
          Want(v1::WantedRecord::CELL_PROVEN, artifact, wave_and_cell.first, wave_and_cell.second,
               v1::ALL_CLEAR);
        }
      }
      for (const std::string& wave : asked.provable_waves) {
        Want(v1::WantedRecord::WAVE_PROVEN, artifact, wave, "", v1::ALL_CLEAR);
      }
      if (forward.complete && back.rollout == nullptr && !halted && !withdrawn) {
        Want(v1::WantedRecord::COMPLETE, artifact, "", "", v1::ALL_CLEAR);
      }
    }
    if (TakeRollBack(back, &running)) {
      Report(forward.leaves);
      if (!candidates.artifact.empty()) PassOver(candidates.artifact, v1::WAITS_FOR_ROLLOUT);
      return;
    }
    const bool stands_still = halted || withdrawn || upstream;
    const bool held = stands_still || forward.held || asked.deadline_passed || asked.needs_a_person;
    if (runs && withdrawn) {
      Want(v1::WantedRecord::HALTED, artifact, "", "", v1::WITHDRAWN);
    }
    if (!stands_still && !forward.actions.empty()) {
      TakeForward(forward, artifact);
    } else {
      Take(held ? v1::StageDecision::HOLD : v1::StageDecision::WAIT, artifact);
      if (!stands_still) NameWithoutRoom(forward);
    }
    Report(forward.leaves);
    if (!candidates.artifact.empty()) Preempt(running, candidates, halted || withdrawn);
  }

  // [S3] [K4] A newer candidate may end a held rollout.
  void Preempt(const v1::Rollout& running, const Candidates& candidates, bool bad) {
    const std::string& candidate = candidates.artifact;
    const v1::RolloutPolicy::Preempt preempt = stage_.rollout().preempt();
    if (preempt == v1::RolloutPolicy::NEVER && !bad) {
      PassOver(candidate, v1::WAITS_FOR_ROLLOUT);
      return;
    }
    const Plan plan = MakePlan(facts_, stage_, absl::nullopt);
    Forward forward = JudgeForward(facts_, stage_, candidate, nullptr, plan, wide_, permitted_);
    bool may = true;
    if (preempt == v1::RolloutPolicy::BY_REQUEST && !bad) {
      may = false;
      for (const v1::PreemptRequest& request : Record(facts_, stage_.id()).preempt_requests()) {
        may = may ||
              (request.artifact() == candidate && facts_.now >= ToTime(request.requested_at()) &&
               facts_.now < ToTime(request.expires_at()));
      }
      forward.leaves.push_back(MakeLeaf("@preempt", candidate, "", "",
                                        may ? Clear() : Unknown(v1::AWAITING_START), v1::NONE));
    }
    Report(forward.leaves);
    if (!may || forward.actions.empty() || decision_.action() != v1::StageDecision::HOLD) {
      PassOver(candidate, v1::WAITS_FOR_ROLLOUT);
      return;
    }
    decision_.clear_cells_without_room();
    TakeForward(forward, candidate);
    decision_.set_halts_running(bad);
    v1::Reason reason = v1::SUPERSEDED;
    if (bad) {
      reason = IsWithdrawn(facts_, running.artifact()) ? v1::WITHDRAWN : v1::KNOWN_BAD_MATCH;
    }
    PassOver(running.artifact(), reason);
  }

  void DecideIdle(const Candidates& candidates, const RollBackAnswer& back) {
    // What was rolled out last, if its stage is not on its way to something else.
    if (const v1::Rollout* complete = NewestComplete(facts_, stage_.id())) {
      const std::string& artifact = complete->artifact();
      bool any_on = false;
      for (const std::string& cell : ActiveCells(facts_, stage_.id())) {
        const v1::Deployment* newest = Newest(facts_, stage_.id(), cell);
        any_on = any_on || (newest != nullptr && newest->artifact() == artifact);
      }
      if (any_on && IsLatchedUpstream(artifact)) {
        Report({MakeLeaf("@upstream", artifact, "", "", Blocking(v1::UPSTREAM_ROLLED_BACK),
                         v1::NONE)});
      }
    }
    // [K4] A finding, no action; but what is ruled out is offered to no cell that is behind.
    if (!candidates.current.empty() && candidates.current != candidates.artifact) {
      ReportLists(candidates.current);
    }
    if (TakeRollBack(back, nullptr)) {
      std::vector<Leaf> leaves;
      AddBlockers(facts_, stage_, candidates.artifact, {}, &leaves);
      Report(leaves);
      return;
    }
    if (candidates.artifact.empty()) {
      const Plan plan = MakePlan(facts_, stage_, absl::nullopt);
      std::vector<Leaf> leaves;
      AddBlockers(facts_, stage_, "", WavesOf(facts_, stage_, nullptr, plan), &leaves);
      Report(leaves);
      const bool stuck = back.rollout != nullptr && (back.held || back.stuck != v1::ALL_CLEAR);
      Take(stuck                     ? v1::StageDecision::HOLD
           : back.rollout != nullptr ? v1::StageDecision::WAIT
                                     : v1::StageDecision::IDLE,
           back.rollout != nullptr ? back.rollout->artifact() : "");
      return;
    }
    const std::string& artifact = candidates.artifact;
    absl::optional<std::string> catch_up;
    if (candidates.catch_up) catch_up = artifact;
    const Plan plan = MakePlan(facts_, stage_, catch_up);
    const Forward forward =
        JudgeForward(facts_, stage_, artifact, nullptr, plan, wide_, permitted_);
    if (!forward.actions.empty()) {
      TakeForward(forward, artifact);
    } else {
      Take(forward.held ? v1::StageDecision::HOLD : v1::StageDecision::WAIT, artifact);
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
v1::StageDecision DecideRemoved(const Facts& facts, const std::string& stage) {
  v1::StageDecision decision;
  decision.set_stage(stage);
  decision.set_action(v1::StageDecision::HOLD);
  for (const Leaf& leaf : StageLeaves(facts, stage)) *decision.add_findings() = leaf.finding;
  *decision.add_findings() =
      MakeLeaf("@stage", "", "", "", Blocking(v1::STAGE_REMOVED), v1::HOLDS).finding;
  return decision;
}

}  // namespace

v1::PipelineDecision Decide(const World& world) {
  Facts facts;
  facts.policy = world.policy;
  facts.policy_fingerprint = world.policy_fingerprint;
  facts.now = world.now;
  facts.state = world.state;
  facts.state_cut =
      world.state.has_record_count() && world.state.record_count() != CountRecords(world.state);
  RemoveDuplicates(&facts.state);
  if (world.organisation != nullptr) {
    facts.organisation = *world.organisation;
    facts.organisation_cut =
        world.organisation->has_record_count() &&
        world.organisation->record_count() != CountRecords(*world.organisation);
    RemoveDuplicates(&*facts.organisation);
  }
  for (const v1::KnownBadList* list : world.lists) {
    bool known = false;
    for (const v1::KnownBadList& other : facts.lists) known = known || Same(other, *list);
    if (!known) facts.lists.push_back(*list);
  }

  v1::PipelineDecision decision;
  decision.set_pipeline(facts.policy.id());
  Permitted permitted;
  for (const v1::Stage& stage : facts.policy.stages()) {
    *decision.add_stages() = StageDecider(facts, stage, &permitted).Decide();
  }
  for (const v1::StageRecord& record : facts.state.stages()) {
    const v1::Rollout* running = Running(facts, record.stage());
    if (FindStage(facts, record.stage()) == nullptr && running != nullptr) {
      *decision.add_stages() = DecideRemoved(facts, record.stage());
    }
  }
  return decision;
}

}  // namespace reference
}  // namespace sluice
