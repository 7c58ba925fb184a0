#include "sluice/rollout/roll_back.h"

#include <algorithm>
#include <utility>

#include "absl/types/variant.h"
#include "sluice/blockers/horizon.h"
#include "sluice/internal/checked_time.h"
#include "sluice/leaves.h"
#include "sluice/overrides.h"

namespace sluice {
namespace {

bool Contains(const std::vector<absl::string_view>& sorted, absl::string_view value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

void SortDistinct(std::vector<absl::string_view>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

// Whether the cell is on or receiving the rollout's artifact.
bool IsOn(const CellView& view, const RolloutFacts& rollout) {
  return view.Newest() != nullptr && view.Newest()->artifact == rollout.artifact;
}

// Whether the cell is on or receiving what the rollout brought: its artifact or, on a cell that a
// newer rollout has reached meanwhile, that one's.
bool IsAffected(const CellView& view, const RolloutFacts& rollout) {
  const DeploymentFacts* newest = view.Newest();
  if (newest == nullptr) return false;
  if (newest->artifact == rollout.artifact) return true;
  return newest->direction == v1::Deployment::FORWARD && newest->rollout > rollout.number;
}

absl::string_view WaveOf(const RolloutFacts& rollout, absl::string_view cell) {
  for (const WaveFacts& wave : rollout.waves) {
    if (std::find(wave.cells.begin(), wave.cells.end(), cell) != wave.cells.end()) return wave.id;
  }
  return "";
}

// Unproven cells of the rollout that a wide trigger is about or, if there are none, all of its
// cells there.
std::vector<const CellView*> CellsOfWideTrigger(const StageContext& context,
                                                const RolloutFacts& rollout,
                                                const Trigger& trigger) {
  std::vector<const CellView*> all;
  std::vector<const CellView*> unproven;
  for (const CellView& view : context.cells) {
    if (!IsAffected(view, rollout)) continue;
    if (!trigger.region.empty() && view.cell->region != trigger.region) continue;
    all.push_back(&view);
    if (!view.Newest()->proven) unproven.push_back(&view);
  }
  return unproven.empty() ? all : unproven;
}

std::vector<const CellView*> CellsOf(const StageContext& context, const RolloutFacts& rollout,
                                     const Trigger& trigger) {
  if (trigger.breadth == TriggerBreadth::kWide) {
    return CellsOfWideTrigger(context, rollout, trigger);
  }
  std::vector<const CellView*> cells;
  for (const CellView& view : context.cells) {
    if (!IsAffected(view, rollout)) continue;
    const bool concerned = trigger.breadth == TriggerBreadth::kCell
                               ? view.cell->id == trigger.cell
                               : WaveOf(rollout, view.cell->id) == trigger.wave;
    if (concerned) cells.push_back(&view);
  }
  return cells;
}

// Whether the policy's scope adds `other` because `concerned` is rolled back.
bool ScopeAdds(const StageContext& context, const RolloutFacts& rollout, const CellView& concerned,
               const CellView& other) {
  switch (context.rule.rollout.roll_back.scope) {
    case RollBackScope::kCell:
      return false;
    case RollBackScope::kWave:
      return WaveOf(rollout, concerned.cell->id) == WaveOf(rollout, other.cell->id);
    case RollBackScope::kStage:
      return true;
    case RollBackScope::kRegion:
      break;
  }
  return concerned.cell->region == other.cell->region;
}

// A roll back target, or why there is none.
struct Target {
  const ArtifactFacts* artifact = nullptr;
  bool unchecked = false;
};

// Why the artifact is no target for what `rollout` leaves, or ALL_CLEAR [R7].
Reason RefusalOf(const StageContext& context, const RolloutFacts& rollout, const CellView& view,
                 const ArtifactFacts& artifact) {
  if (artifact.fault != v1::ALL_CLEAR) return artifact.fault;
  if (artifact.digest_text == rollout.artifact) return v1::CURRENT;
  const DeploymentFacts& newest = *view.Newest();
  const bool forward = newest.direction == v1::Deployment::FORWARD;
  if (forward && newest.artifact == artifact.digest_text) return v1::CURRENT;
  if (context.IsLatched(artifact.digest_text)) return v1::LATCHED;
  uint64_t floor = context.ArtifactOf(rollout.artifact).rollback_floor;
  if (forward) floor = std::max(floor, context.ArtifactOf(newest.artifact).rollback_floor);
  if (artifact.sequence < floor) return v1::BELOW_FLOOR;
  if (artifact.withdrawn) return v1::WITHDRAWN;
  return v1::ALL_CLEAR;
}

// Compares a target with every known-bad list that guards the stage; overrides do not help it [K4].
// Every blocker is reported; the reason is the first that refuses.
Reason CheckLists(const StageContext& context, const ArtifactFacts& artifact, bool* unchecked) {
  Reason refusal = v1::ALL_CLEAR;
  for (const std::vector<Blocker>* blockers : {&context.policy.blockers, &context.rule.blockers}) {
    for (const Blocker& blocker : *blockers) {
      if (!absl::holds_alternative<KnownBadArtifact>(blocker.kind)) continue;
      Finding finding = JudgeBlocker(context, blocker, &artifact);
      const Verdict verdict = finding.verdict;
      const Reason reason = finding.reason;
      context.Add(std::move(finding));
      if (verdict == Verdict::kBlocking) {
        if (refusal == v1::ALL_CLEAR) refusal = reason;
      } else if (verdict != Verdict::kClear) {
        *unchecked = true;
      }
    }
  }
  return refusal;
}

Target FindTarget(const StageContext& context, const RolloutFacts& rollout, const CellView& view) {
  std::vector<absl::string_view> tried;
  for (auto it = view.deployments.rbegin(); it != view.deployments.rend(); ++it) {
    if (!it->proven) continue;  // As is what can't be used.
    if (std::find(tried.begin(), tried.end(), it->artifact) != tried.end()) continue;
    tried.push_back(it->artifact);
    const ArtifactFacts& artifact = context.ArtifactOf(it->artifact);
    Target target;
    target.artifact = &artifact;
    Reason refusal = RefusalOf(context, rollout, view, artifact);
    if (refusal == v1::ALL_CLEAR) refusal = CheckLists(context, artifact, &target.unchecked);
    if (refusal == v1::ALL_CLEAR) return target;
    if (refusal != v1::CURRENT) context.out->passed_over.push_back({it->artifact, refusal});
  }
  return {};
}

// Roll backs of this rollout on the cell that have ended.
int TriesOf(const CellView& view, const RolloutFacts& rollout) {
  return static_cast<int>(std::count_if(view.deployments.begin(), view.deployments.end(),
                                        [&](const DeploymentFacts& d) {
                                          return d.direction == v1::Deployment::ROLL_BACK &&
                                                 d.rollout == rollout.number && !IsUnderWay(d);
                                        }));
}

bool IsRollBackOf(const DeploymentFacts& deployment, const RolloutFacts& rollout) {
  return deployment.direction == v1::Deployment::ROLL_BACK && deployment.rollout == rollout.number;
}

void AddStuck(const StageContext& context, const RolloutFacts& rollout, const CellView& view,
              Verdict verdict, Reason reason) {
  Finding finding = MakeFinding(kRollBackId, Judged(verdict, reason));
  finding.artifact = rollout.artifact;
  finding.cell = view.cell->id;
  context.Add(std::move(finding));
}

// Adds the leaf of every ROLL_BACK_HOLD of the stage; true if one is in force.
bool IsHeld(const StageContext& context) {
  bool held = false;
  for (const RollBackHoldFacts& hold : context.snapshot.roll_back_holds) {
    if (hold.stage != context.rule.id) continue;
    const bool too_long =
        hold.fault == v1::ALL_CLEAR &&
        hold.expires_at - hold.placed_at > context.rule.rollout.roll_back.max_hold;
    if (hold.fault != v1::ALL_CLEAR || too_long) {
      if (too_long && context.now >= hold.ends_at) continue;
      Judgement judgement =
          Judged(Verdict::kInvalid, too_long ? v1::OVERRIDE_TOO_LONG : hold.fault);
      if (too_long) judgement.changes_at = hold.ends_at;
      Finding finding = MakeFinding(hold.finding_id, std::move(judgement));
      finding.effect = Effect::kNone;
      context.Add(std::move(finding));
      continue;
    }
    Instants instants(context.now);
    instants.Add(hold.placed_at);
    instants.Add(hold.ends_at);
    Judgement judgement = JudgeWithHorizon(instants, [&](absl::Time t) {
      const bool in_force = t >= hold.placed_at && t < hold.ends_at;
      return in_force ? Judged(Verdict::kBlocking, v1::ROLL_BACK_HELD)
                      : Judged(Verdict::kClear, v1::ALL_CLEAR);
    });
    if (judgement.verdict == Verdict::kClear && judgement.changes_at == absl::InfiniteFuture()) {
      continue;
    }
    judgement.evidence.subject = hold.who;
    judgement.evidence.until = hold.ends_at;
    held = held || judgement.verdict == Verdict::kBlocking;
    context.Add(MakeFinding(hold.finding_id, std::move(judgement)));
  }
  return held;
}

void Want(const StageContext& context, const RolloutFacts& rollout, v1::WantedRecord::Kind kind,
          Reason reason) {
  WantedRecord wanted;
  wanted.kind = kind;
  wanted.artifact = rollout.artifact;
  wanted.reason = reason;
  context.out->wanted.push_back(wanted);
}

int RollBacksUnderWay(const StageContext& context) {
  return static_cast<int>(
      std::count_if(context.cells.begin(), context.cells.end(), [](const CellView& view) {
        const DeploymentFacts* newest = view.Newest();
        return newest != nullptr && newest->direction == v1::Deployment::ROLL_BACK &&
               IsUnderWay(*newest);
      }));
}

// What one cell of the set needs.
enum class Need : uint8_t { kNothing, kToWait, kStalled, kStep, kRetry };

Need NeedOf(const StageContext& context, const RolloutFacts& rollout, const CellView& view) {
  const DeploymentFacts& newest = *view.Newest();
  if (!IsRollBackOf(newest, rollout)) {
    return IsAffected(view, rollout) ? Need::kStep : Need::kNothing;
  }
  switch (JudgeRollBack(context, view)) {
    case RollBackStep::kDone:
      return Need::kNothing;
    case RollBackStep::kUnderWay:
    case RollBackStep::kAwaitsHygiene:
      return Need::kToWait;
    case RollBackStep::kFailed:
      return Need::kRetry;
    case RollBackStep::kStalled:
      break;
  }
  return Need::kStalled;
}

}  // namespace

std::vector<bool> FindUnproven(const StageContext& context) {
  std::vector<bool> unproven(context.cells.size());
  for (size_t i = 0; i < context.cells.size(); ++i) {
    const CellView& view = context.cells[i];
    const DeploymentFacts* newest = view.Newest();
    if (newest == nullptr || newest->proven) continue;
    unproven[i] = true;
    if (newest->direction != v1::Deployment::ROLL_BACK) continue;
    const auto rollout =
        std::find_if(context.records.rollouts.begin(), context.records.rollouts.end(),
                     [&](const RolloutFacts& r) { return r.number == newest->rollout; });
    const bool settled =
        rollout != context.records.rollouts.end() && rollout->state == v1::Rollout::ROLLED_BACK;
    unproven[i] = !settled && JudgeRollBack(context, view) != RollBackStep::kDone;
  }
  return unproven;
}

std::vector<absl::string_view> CellsToRollBack(const StageContext& context,
                                               const RolloutFacts& rollout,
                                               const std::vector<Trigger>& triggers) {
  std::vector<absl::string_view> cells;
  for (const Trigger& trigger : triggers) {
    for (const CellView* concerned : CellsOf(context, rollout, trigger)) {
      cells.push_back(concerned->cell->id);
      for (const CellView& other : context.cells) {
        if (IsAffected(other, rollout) && ScopeAdds(context, rollout, *concerned, other)) {
          cells.push_back(other.cell->id);
        }
      }
    }
  }
  SortDistinct(&cells);
  return cells;
}

RollBackPlan PlanRollBack(const StageContext& context, const RolloutFacts& rollout,
                          const std::vector<absl::string_view>& cells) {
  const RollBackRule& rule = context.rule.rollout.roll_back;
  StageDecision& out = *context.out;
  out.artifact = rollout.artifact;
  out.roll_back_cells = cells;
  out.roll_back_cells.insert(out.roll_back_cells.end(), rollout.roll_back_cells.begin(),
                             rollout.roll_back_cells.end());
  SortDistinct(&out.roll_back_cells);

  RollBackPlan plan;
  plan.rollout = &rollout;
  const bool hold = IsHeld(context);
  int capacity = rule.max_parallel - RollBacksUnderWay(context);
  bool all_done = true;
  Reason stuck = v1::ALL_CLEAR;
  for (const absl::string_view id : out.roll_back_cells) {
    const CellView* view = context.Cell(id);
    if (view == nullptr || view->Newest() == nullptr) continue;  // Retired, or gone.
    const Need need = NeedOf(context, rollout, *view);
    if (need == Need::kNothing) continue;
    all_done = false;
    if (need == Need::kToWait) {
      plan.under_way = true;
      continue;
    }
    if (need == Need::kStalled) {
      plan.held = true;
      continue;
    }
    if (view->cell->fault != v1::ALL_CLEAR) {
      AddStuck(context, rollout, *view, Verdict::kInvalid, view->cell->fault);
      plan.held = true;
      continue;
    }
    if (TriesOf(*view, rollout) >= rule.attempts) {
      AddStuck(context, rollout, *view, Verdict::kBlocking, v1::ROLL_BACK_FAILED);
      stuck = v1::ROLL_BACK_FAILED;
      continue;
    }
    const Target target = FindTarget(context, rollout, *view);
    if (target.artifact == nullptr) {
      AddStuck(context, rollout, *view, Verdict::kBlocking, v1::NO_SAFE_TARGET);
      if (stuck == v1::ALL_CLEAR) stuck = v1::NO_SAFE_TARGET;
      continue;
    }
    if (hold) {
      plan.held = true;
      continue;
    }
    if (capacity <= 0) {
      plan.under_way = true;
      continue;
    }
    --capacity;
    CellAction action;
    action.cell = id;
    action.artifact = target.artifact->digest_text;
    action.roll_back = true;
    action.attempt = NextAttempt(*view, action.artifact, v1::Deployment::ROLL_BACK);
    action.target_unchecked = target.unchecked;
    out.actions.push_back(action);
    plan.has_steps = true;
  }
  const bool active =
      rollout.state == v1::Rollout::RUNNING || rollout.state == v1::Rollout::ROLLING_BACK;
  if (all_done && rollout.state == v1::Rollout::ROLLING_BACK) {
    Want(context, rollout, v1::WantedRecord::ROLLED_BACK, v1::REASON_UNSPECIFIED);
  }
  if (stuck != v1::ALL_CLEAR) {
    if (active && !plan.has_steps && !plan.under_way && !plan.held) {
      Want(context, rollout, v1::WantedRecord::HALTED, stuck);
    }
    plan.held = true;
  }
  return plan;
}

std::vector<RollBackCause> FindRequests(const StageContext& context) {
  const RollBackRule& rule = context.rule.rollout.roll_back;
  std::vector<RollBackCause> found;
  // When the newest requested roll back began.
  absl::Time last = absl::InfinitePast();
  for (const RollBackRequestFacts& request : context.records.roll_back_requests) {
    if (request.honoured_by == 0) continue;
    for (const DeploymentFacts& deployment : context.records.deployments) {
      if (deployment.direction == v1::Deployment::ROLL_BACK &&
          deployment.rollout == request.honoured_by) {
        last = std::max(last, deployment.started_at);
      }
    }
  }
  for (const RollBackRequestFacts& request : context.records.roll_back_requests) {
    if (!Stands(context, request)) continue;
    const RolloutFacts* rollout = nullptr;
    for (const RolloutFacts& candidate : context.records.rollouts) {
      if (candidate.artifact == request.artifact) rollout = &candidate;
    }
    // Of a rollout that has ended since, only the cells that are still on its artifact: what newer
    // ones brought to the others is not what was asked about.
    const bool is_current =
        rollout != nullptr && (rollout == context.active || rollout == context.newest_complete);
    std::vector<absl::string_view> cells;
    for (const CellView& view : context.cells) {
      if (rollout == nullptr) break;
      if (!request.cells.empty() && !Contains(request.cells, view.cell->id)) continue;
      if (is_current ? IsAffected(view, *rollout) : IsOn(view, *rollout)) {
        cells.push_back(view.cell->id);
      }
    }
    const absl::Time visible = request.requested_at - context.policy.max_clock_skew;
    const bool has_gap = rule.min_gap != absl::ZeroDuration() && last != absl::InfinitePast();
    const absl::Time after_gap = has_gap ? Later(last, rule.min_gap) : absl::InfinitePast();
    Instants instants(context.now);
    instants.Add(visible);
    if (has_gap) instants.Add(after_gap);
    Finding finding = MakeFinding(request.finding_id, JudgeWithHorizon(instants, [&](absl::Time t) {
                                    if (t < visible)
                                      return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
                                    if (t < after_gap)
                                      return Judged(Verdict::kUnknown, v1::ROLL_BACK_GAP);
                                    return Judged(Verdict::kBlocking, v1::ROLL_BACK_REQUESTED);
                                  }));
    finding.artifact = request.artifact;
    finding.evidence.subject = request.id;
    if (finding.verdict == Verdict::kInvalid) finding.effect = Effect::kNone;
    if (finding.verdict == Verdict::kBlocking && !cells.empty()) {
      auto of_rollout = std::find_if(found.begin(), found.end(), [&](const RollBackCause& cause) {
        return cause.rollout == rollout;
      });
      if (of_rollout == found.end()) of_rollout = found.insert(found.end(), {rollout, {}});
      AddCells(cells, &*of_rollout);
    }
    context.Add(std::move(finding));
  }
  return found;
}

void AddCells(const std::vector<absl::string_view>& cells, RollBackCause* cause) {
  cause->cells.insert(cause->cells.end(), cells.begin(), cells.end());
  SortDistinct(&cause->cells);
}

bool Stands(const StageContext& context, const RollBackRequestFacts& request) {
  if (request.honoured_by != 0) return false;
  const auto overrules = [&](absl::string_view artifact, absl::Time at) {
    return artifact == request.artifact && at > request.requested_at;
  };
  return std::none_of(context.records.latches.begin(), context.records.latches.end(),
                      [&](const LatchFacts& latch) {
                        return latch.released && overrules(latch.artifact, latch.released_at);
                      }) &&
         std::none_of(context.records.retry_requests.begin(), context.records.retry_requests.end(),
                      [&](const RetryFacts& retry) {
                        return retry.cell.empty() && overrules(retry.artifact, retry.requested_at);
                      });
}

}  // namespace sluice
