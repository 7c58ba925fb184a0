#include "sluice/rollout/decide_stage.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/types/variant.h"
#include "sluice/blockers/horizon.h"
#include "sluice/internal/checked_time.h"
#include "sluice/leaves.h"
#include "sluice/rollout/candidates.h"
#include "sluice/rollout/forward.h"
#include "sluice/rollout/health.h"
#include "sluice/rollout/plan.h"
#include "sluice/rollout/roll_back.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {
namespace {

// What the health of one rollout adds up to.
struct RolloutHealth {
  std::vector<Trigger> triggers;
  bool deadline_passed = false;
  bool needs_person = false;
  bool unseen = false;  // In a wave before the first that is not proven.
};

bool HasFinding(const StageContext& context, absl::string_view id) {
  return std::any_of(context.out->findings.begin(), context.out->findings.end(),
                     [&](const Finding& finding) { return finding.id == id; });
}

// With an unreadable state or a clock that went back nothing is recorded as good.
bool MayRecord(const StageContext& context) {
  return !HasFinding(context, kStateId) && !HasFinding(context, kClockId);
}

void Want(const StageContext& context, v1::WantedRecord::Kind kind, absl::string_view artifact,
          absl::string_view wave = "", absl::string_view cell = "",
          Reason reason = v1::REASON_UNSPECIFIED) {
  context.out->wanted.push_back({kind, artifact, wave, cell, reason});
}

// Judges every cell and wave that the plan's rollout has deployed to, and wants the records that
// they have earned.
RolloutHealth JudgeHealth(const StageContext& context, const ArtifactFacts& artifact,
                          const Plan& plan) {
  RolloutHealth health;
  const bool running = plan.rollout->state == v1::Rollout::RUNNING;
  const bool may_record = MayRecord(context) && running;
  const auto looked_at_for = [&](bool proven) {
    if (!running) return LookedAtFor::kRollBack;
    return proven ? LookedAtFor::kLaterWaves : LookedAtFor::kProof;
  };
  bool earlier_proven = true;
  for (const PlanWave& wave : plan.waves) {
    std::vector<DeployedCell> deployed;
    bool all_proven = wave.absent_cell.empty();
    for (const PlanCell& cell : wave.cells) {
      const DeploymentFacts* deployment = DeploymentIn(*cell.view, plan.rollout);
      all_proven = all_proven && cell.view->cell->fault == v1::ALL_CLEAR && deployment != nullptr &&
                   deployment->proven;
      if (deployment != nullptr) {
        deployed.push_back({cell.view, deployment, wave.id, wave.bake});
      }
    }
    const bool wave_proven = IsProven(context, plan, wave);
    earlier_proven = earlier_proven && wave_proven;
    for (const DeployedCell& cell : deployed) {
      const LookedAtFor purpose = looked_at_for(cell.deployment->proven);
      const CellHealth of_cell = JudgeCell(context, cell, artifact, purpose, &health.triggers);
      health.unseen = health.unseen || (earlier_proven && of_cell.unseen);
      if (purpose != LookedAtFor::kProof) continue;
      health.deadline_passed = health.deadline_passed || of_cell.deadline_passed;
      health.needs_person = health.needs_person || of_cell.needs_person;
      if (of_cell.shows_proof && may_record) {
        Want(context, v1::WantedRecord::CELL_PROVEN, artifact.digest_text, wave.id,
             cell.view->cell->id);
      }
    }
    const WaveHealth of_wave = JudgeWave(context, wave.id, deployed, wave.cells.size(), artifact,
                                         looked_at_for(wave_proven), &health.triggers);
    health.unseen = health.unseen || (earlier_proven && of_wave.unseen);
    health.deadline_passed = health.deadline_passed || of_wave.deadline_passed;
    if (all_proven && of_wave.all_clear && may_record && !wave_proven) {
      Want(context, v1::WantedRecord::WAVE_PROVEN, artifact.digest_text, wave.id);
    }
  }
  return health;
}

// Adds the triggers of a positive known-bad match that the policy rolls back on [K4].
void AddKnownBadTriggers(const StageContext& context, const ArtifactFacts& artifact,
                         std::vector<Trigger>* triggers) {
  for (const std::vector<Blocker>* blockers : {&context.policy.blockers, &context.rule.blockers}) {
    for (const Blocker& blocker : *blockers) {
      const auto* known_bad = absl::get_if<KnownBadArtifact>(&blocker.kind);
      if (known_bad == nullptr || !known_bad->roll_back_on_match) continue;
      const Finding finding = JudgeBlocker(context, blocker, &artifact);
      if (finding.verdict == Verdict::kBlocking && Holds(finding)) {
        // Every cell on or receiving the artifact, whatever the scope [R6a].
        for (const CellView& view : context.cells) {
          Trigger trigger;
          trigger.cell = view.cell->id;
          triggers->push_back(trigger);
        }
      }
      context.Add(finding);
    }
  }
}

// Whether the rollout is COMPLETE and still watched. Adds the leaf of the watch.
bool IsWatched(const StageContext& context, const RolloutFacts& rollout) {
  const absl::Time until = Later(rollout.completed_at, context.rule.rollout.roll_back.watch_for);
  if (context.now >= until) return false;
  Judgement judgement = Judged(Verdict::kClear, v1::WATCHING);
  judgement.evidence.at = rollout.completed_at;
  judgement.changes_at = until;
  Finding finding = MakeFinding(kWatchId, std::move(judgement));
  finding.artifact = rollout.artifact;
  context.Add(std::move(finding));
  return true;
}

// What there is cause to roll back, in the order in which it is looked at; where a roll back has
// begun, that alone.
std::vector<RollBackCause> FindCauses(const StageContext& context, const RolloutHealth& of_active,
                                      const RolloutHealth& of_complete) {
  const std::vector<RollBackCause> requests = FindRequests(context);
  std::vector<RollBackCause> causes;
  const auto add = [&](const RolloutFacts* rollout, const RolloutHealth& health, bool begun) {
    if (rollout == nullptr) return;
    std::vector<absl::string_view> cells = CellsToRollBack(context, *rollout, health.triggers);
    if (begun || !cells.empty()) causes.push_back({rollout, std::move(cells)});
  };
  const bool begun =
      context.active != nullptr && context.active->state == v1::Rollout::ROLLING_BACK;
  if (!begun) add(context.newest_complete, of_complete, false);
  add(context.active, of_active, begun);
  for (const RollBackCause& request : requests) {
    const auto of_rollout =
        std::find_if(causes.begin(), causes.end(),
                     [&](const RollBackCause& cause) { return cause.rollout == request.rollout; });
    if (of_rollout != causes.end()) {
      AddCells(request.cells, &*of_rollout);
    } else if (!begun) {
      causes.push_back(request);
    }
  }
  return causes;
}

// Rolls back if there is cause to; true if that settles the stage's action.
bool RollBackIfNeeded(const StageContext& context, const RolloutHealth& of_active,
                      const RolloutHealth& of_complete) {
  for (const RollBackCause& cause : FindCauses(context, of_active, of_complete)) {
    const RollBackPlan plan = PlanRollBack(context, *cause.rollout, cause.cells);
    const bool is_active = cause.rollout == context.active;
    if (plan.has_steps) {
      context.out->action = Action::kRollBack;
      return true;
    }
    if (is_active || plan.under_way) {
      context.out->action = is_active && plan.held ? Action::kHold : Action::kWait;
      return true;
    }
    // A rollout that has ended and can't be rolled back stands neither in a newer one's way nor in
    // that of what else is to be rolled back.
    context.out->artifact = "";
    context.out->roll_back_cells.clear();
  }
  return false;
}

void Take(const StageContext& context, const ArtifactFacts& artifact, const Plan& plan,
          Forward forward) {
  StageDecision& out = *context.out;
  out.action = forward.needs_start ? Action::kReady : Action::kDeploy;
  out.artifact = artifact.digest_text;
  out.actions = std::move(forward.deploy);
  out.cells_without_room = std::move(forward.without_room);
  const bool takes_room = context.load != nullptr && out.action == Action::kDeploy;
  if (takes_room) context.load->Take(context.stage_index, forward.newly_unproven);
  out.plan.clear();
  for (const PlanWave& wave : plan.waves) {
    if (wave.cells.empty()) continue;  // All retired since.
    PlannedCells planned;
    planned.wave = wave.id;
    for (const PlanCell& cell : wave.cells) {
      planned.cells.push_back(cell.view->cell->id);
      planned.weights.push_back(cell.weight);
    }
    out.plan.push_back(std::move(planned));
  }
}

// Whether a request to end the running rollout for `artifact` is in force. Adds its leaf.
bool IsPreemptRequested(const StageContext& context, const ArtifactFacts& artifact) {
  Instants instants(context.now);
  for (const RequestFacts& request : context.records.preempt_requests) {
    if (request.artifact != artifact.digest_text) continue;
    instants.Add(request.requested_at);
    instants.Add(request.expires_at);
  }
  Finding finding = MakeFinding(
      kPreemptId, JudgeWithHorizon(instants, [&](absl::Time t) {
        for (const RequestFacts& r : context.records.preempt_requests) {
          if (r.artifact == artifact.digest_text && t >= r.requested_at && t < r.expires_at) {
            return Judged(Verdict::kClear, v1::ALL_CLEAR);
          }
        }
        return Judged(Verdict::kUnknown, v1::AWAITING_START);
      }));
  finding.artifact = artifact.digest_text;
  finding.effect = Effect::kNone;
  const bool requested = finding.verdict == Verdict::kClear;
  context.Add(std::move(finding));
  return requested;
}

void PassOver(const StageContext& context, const ArtifactFacts& artifact, Reason reason) {
  context.out->passed_over.push_back({artifact.digest_text, reason});
}

// With a rollout RUNNING: its next cells or, where that is held and the policy lets it, a newer
// candidate's [S3].
void MoveRunning(const StageContext& context, const ArtifactFacts& artifact, const Plan& plan,
                 const RolloutHealth& health, const std::vector<bool>& unproven) {
  StageDecision& out = *context.out;
  Forward forward = JudgeForward(context, artifact, plan, unproven, health.unseen);
  const Reason bad = KnownBadReason(context, artifact);
  const bool known_bad = bad != v1::ALL_CLEAR;
  if (known_bad) forward.deploy.clear();
  const bool all_proven =
      std::all_of(plan.waves.begin(), plan.waves.end(),
                  [&](const PlanWave& wave) { return IsProven(context, plan, wave); });
  const bool proves_nothing = all_proven && !HasProvenCell(context, *plan.rollout);
  if (artifact.withdrawn) {
    Want(context, v1::WantedRecord::HALTED, artifact.digest_text, "", "", v1::WITHDRAWN);
  } else if (proves_nothing) {
    Finding finding = MakeFinding(kPlanId, Judged(Verdict::kInvalid, v1::CELL_ABSENT));
    finding.artifact = artifact.digest_text;
    context.Add(std::move(finding));
  } else if (all_proven && !known_bad && MayRecord(context)) {
    Want(context, v1::WantedRecord::COMPLETE, artifact.digest_text);
  }
  const bool held =
      forward.deploy.empty() &&
      (forward.held || forward.stalled || health.deadline_passed || health.needs_person ||
       known_bad || proves_nothing || context.IsLatchedUpstream(artifact.digest_text));

  const ArtifactFacts* candidate = ChooseCandidate(context, SequenceOf(artifact));
  if (candidate != nullptr) {
    const Preempt preempt = context.rule.rollout.preempt;
    const bool requested =
        preempt == Preempt::kByRequest && IsPreemptRequested(context, *candidate);
    const bool allowed = known_bad || preempt == Preempt::kWhenHeld || requested;
    if (known_bad || preempt != Preempt::kNever) {
      const Plan next = NewPlan(context, unproven);
      Forward of_candidate = JudgeForward(context, *candidate, next, unproven, false);
      if (allowed && held && !of_candidate.deploy.empty()) {
        Take(context, *candidate, next, std::move(of_candidate));
        out.halts_running = known_bad;
        PassOver(context, artifact, known_bad ? bad : v1::SUPERSEDED);
        return;
      }
    }
    PassOver(context, *candidate, v1::WAITS_FOR_ROLLOUT);
  }
  out.artifact = artifact.digest_text;
  if (!forward.deploy.empty()) {
    Take(context, artifact, plan, std::move(forward));
  } else {
    out.cells_without_room = std::move(forward.without_room);
    out.action = held ? Action::kHold : Action::kWait;
  }
}

// Cells that are new, on a lower sequence than the current artifact, or on what the state does not
// have: those are INVALID, and hold.
std::vector<const CellView*> LaggingCells(const StageContext& context,
                                          const ArtifactFacts& current) {
  std::vector<const CellView*> lagging;
  for (const CellView& view : context.cells) {
    const DeploymentFacts* newest = view.Newest();
    if (newest == nullptr) {
      lagging.push_back(&view);
      continue;
    }
    const ArtifactFacts* on = context.snapshot.Artifact(newest->artifact);
    if (on == nullptr || SequenceOf(*on) < SequenceOf(current)) lagging.push_back(&view);
  }
  return lagging;
}

void MoveWith(const StageContext& context, const ArtifactFacts& artifact, const Plan& plan,
              Forward forward) {
  if (!forward.deploy.empty()) {
    Take(context, artifact, plan, std::move(forward));
    return;
  }
  context.out->artifact = artifact.digest_text;
  context.out->cells_without_room = std::move(forward.without_room);
  context.out->action = forward.held || forward.stalled ? Action::kHold : Action::kWait;
}

void StayIdle(const StageContext& context) {
  JudgeStageBlockers(context, nullptr);
  context.out->action = context.out->wanted.empty() ? Action::kIdle : Action::kWait;
}

// With no rollout running: the candidate, else the current artifact for cells behind it.
void MoveNew(const StageContext& context, const std::vector<bool>& unproven) {
  const ArtifactFacts* candidate = ChooseCandidate(context, 0);
  if (candidate != nullptr) {
    const Plan plan = NewPlan(context, unproven);
    const bool has_cells = !plan.waves.empty() || plan.fault != v1::ALL_CLEAR;
    if (has_cells) {
      MoveWith(context, *candidate, plan, JudgeForward(context, *candidate, plan, unproven, false));
    } else {
      PassOver(context, *candidate, v1::CELL_ABSENT);
      StayIdle(context);
    }
    return;
  }
  const ArtifactFacts* current = CurrentArtifact(context);
  const std::vector<const CellView*> lagging =
      current == nullptr ? std::vector<const CellView*>() : LaggingCells(context, *current);
  if (lagging.empty()) {
    StayIdle(context);
    return;
  }
  const Plan plan = CatchUpPlan(context, lagging);
  MoveWith(context, *current, plan, JudgeForward(context, *current, plan, unproven, false));
}

// The artifact whose pass is awaited [G4]: of the newest COMPLETE rollout or, where nothing is
// deployed, the newest that entered; null: none.
const ArtifactFacts* AwaitsPass(const StageContext& context) {
  const ArtifactFacts* artifact = nullptr;
  if (context.rule.deploys_cells) {
    if (context.newest_complete == nullptr) return nullptr;
    artifact = context.snapshot.Artifact(context.newest_complete->artifact);
  } else {
    for (const absl::string_view entered : context.records.entries) {
      const ArtifactFacts* candidate = context.snapshot.Artifact(entered);
      if (candidate == nullptr) continue;
      if (artifact == nullptr || SequenceOf(*candidate) > SequenceOf(*artifact)) {
        artifact = candidate;
      }
    }
  }
  if (artifact == nullptr || context.IsLatched(artifact->digest_text)) return nullptr;
  for (const PassFacts& pass : context.records.passes) {
    if (pass.artifact != artifact->digest_text) continue;
    // A pass that was revoked before the newest rollout completed is not that rollout's.
    const bool of_earlier = context.rule.deploys_cells && pass.revoked &&
                            pass.revoked_at < context.newest_complete->completed_at;
    if (!of_earlier) return nullptr;
  }
  return artifact;
}

// Judges the pass criteria [S1]. True if the artifact can no longer pass by waiting: a check
// FAILED.
bool JudgePass(const StageContext& context, const ArtifactFacts& artifact) {
  bool clear = MayRecord(context) && artifact.fault == v1::ALL_CLEAR && !artifact.withdrawn;
  bool failed = artifact.withdrawn;
  for (const Blocker& criterion : context.rule.pass_criteria) {
    Finding finding = JudgeBlocker(context, criterion, &artifact);
    const bool holds = Holds(finding);
    if (holds) clear = false;
    if (holds && finding.verdict == Verdict::kBlocking) failed = true;
    context.Add(std::move(finding));
  }
  if (clear) Want(context, v1::WantedRecord::PASSED, artifact.digest_text);
  return failed;
}

void DecideEntry(const StageContext& context, const ArtifactFacts* awaiting, bool failed) {
  const ArtifactFacts* candidate = ChooseCandidate(context, 0);
  // A queue takes one artifact at a time; one that has failed or been latched no longer counts.
  const bool occupied = context.rule.queue && awaiting != nullptr && !failed;
  if (candidate == nullptr || occupied) {
    if (candidate != nullptr) PassOver(context, *candidate, v1::WAITS_FOR_ROLLOUT);
    JudgeStageBlockers(context, nullptr);
    const bool waits = candidate != nullptr || !context.out->wanted.empty();
    context.out->action = waits ? Action::kWait : Action::kIdle;
    return;
  }
  MoveWith(context, *candidate, Plan(), JudgeEntry(context, *candidate));
}

void DecideCells(const StageContext& context) {
  const std::vector<bool> unproven = FindUnproven(context);
  RolloutHealth of_complete;
  if (context.newest_complete != nullptr) {
    const ArtifactFacts* complete = context.snapshot.Artifact(context.newest_complete->artifact);
    if (complete != nullptr) {
      KnownBadReason(context, *complete);
      if (IsWatched(context, *context.newest_complete)) {
        of_complete =
            JudgeHealth(context, *complete, RecordedPlan(context, *context.newest_complete));
      }
      if (context.IsLatchedUpstream(complete->digest_text)) {
        Finding finding =
            MakeFinding(kUpstreamId, Judged(Verdict::kBlocking, v1::UPSTREAM_ROLLED_BACK));
        finding.artifact = complete->digest_text;
        finding.effect = Effect::kNone;
        context.Add(std::move(finding));
      }
    }
  }
  RolloutHealth of_active;
  const ArtifactFacts* running = nullptr;
  Plan plan;
  if (context.active != nullptr) {
    running = context.snapshot.Artifact(context.active->artifact);
    plan = RecordedPlan(context, *context.active);
    if (running != nullptr) {
      // While some cells are rolled back the others are still watched [R6].
      of_active = JudgeHealth(context, *running, plan);
      AddKnownBadTriggers(context, *running, &of_active.triggers);
    }
  }
  if (RollBackIfNeeded(context, of_active, of_complete)) {
    // Nothing is recorded as good while its rollout is being rolled back.
    std::vector<WantedRecord>& wanted = context.out->wanted;
    wanted.erase(std::remove_if(wanted.begin(), wanted.end(),
                                [](const WantedRecord& record) {
                                  return record.kind != v1::WantedRecord::HALTED &&
                                         record.kind != v1::WantedRecord::ROLLED_BACK;
                                }),
                 wanted.end());
    JudgeStageBlockers(context, running);
    AddOverrideFaults(context, context.snapshot.Artifact(context.out->artifact));
    return;
  }
  if (const ArtifactFacts* awaiting = AwaitsPass(context)) JudgePass(context, *awaiting);
  if (running != nullptr) {
    MoveRunning(context, *running, plan, of_active, unproven);
  } else if (context.active == nullptr) {
    MoveNew(context, unproven);
  }
  // A rollout of an artifact that is not in the state: its fault is the pipeline's, and it holds.
}

}  // namespace

void DecideStage(const PolicyData& policy, size_t stage_index, const SnapshotData& snapshot,
                 absl::Time now, PipelineLoad* load, StageDecision* out) {
  StageContext context = MakeStageContext(policy, stage_index, snapshot, now, out);
  context.load = load;
  AddGuards(context);
  if (context.rule.deploys_cells) {
    DecideCells(context);
    return;
  }
  const ArtifactFacts* awaiting = AwaitsPass(context);
  const bool failed = awaiting != nullptr && JudgePass(context, *awaiting);
  DecideEntry(context, awaiting, failed);
}

}  // namespace sluice
