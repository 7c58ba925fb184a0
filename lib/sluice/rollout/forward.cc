#include "sluice/rollout/forward.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/types/variant.h"
#include "sluice/blockers/horizon.h"
#include "sluice/leaves.h"
#include "sluice/rollout/candidates.h"
#include "sluice/rollout/capacity.h"
#include "sluice/rollout/health.h"
#include "sluice/rollout/roll_back.h"

namespace sluice {
namespace {

// What the leaves hold, by scope. Findings pass through on their way to the decision.
class Holding {
 public:
  explicit Holding(const StageContext& context) : context_(context) {
    // The stage's guards are there already; none of them names an artifact.
    for (const Finding& finding : context.out->findings) {
      if (finding.artifact.empty() && !IsRollBackBrake(finding)) Note(finding);
    }
  }

  void Add(Finding finding) {
    Note(finding);
    context_.Add(std::move(finding));
  }

  // As Add, and an invalid record of one cell holds its whole wave [I2].
  void AddForWave(Finding finding) {
    waves_.insert(finding.wave);
    Add(std::move(finding));
  }

  // Adds what people ask to have rolled back: it is not deployed any further meanwhile. Their
  // findings are there.
  void AddRequests(absl::string_view artifact) {
    for (const RollBackRequestFacts& request : context_.records.roll_back_requests) {
      if (request.artifact != artifact || !Stands(context_, request)) continue;
      const bool holds = std::any_of(context_.out->findings.begin(), context_.out->findings.end(),
                                     [&](const Finding& finding) {
                                       return finding.id == request.finding_id && Holds(finding);
                                     });
      if (!holds) continue;
      if (request.cells.empty()) stage_ = true;
      cells_.insert(request.cells.begin(), request.cells.end());
    }
  }

  bool Applies(absl::string_view wave, absl::string_view cell) const {
    return stage_ || waves_.contains(wave) || cells_.contains(cell);
  }

 private:
  // A ROLL_BACK_HOLD is a brake on roll back alone.
  static bool IsRollBackBrake(const Finding& finding) {
    return finding.reason == v1::ROLL_BACK_HELD;
  }

  void Note(const Finding& finding) {
    if (!Holds(finding)) return;
    if (!finding.cell.empty()) {
      cells_.insert(finding.cell);
    } else if (!finding.wave.empty()) {
      waves_.insert(finding.wave);
    } else {
      stage_ = true;
    }
  }

  const StageContext& context_;
  bool stage_ = false;
  absl::flat_hash_set<absl::string_view> waves_;
  absl::flat_hash_set<absl::string_view> cells_;
};

bool IsStarted(const Plan& plan, const PlanWave& wave) {
  return std::any_of(wave.cells.begin(), wave.cells.end(), [&](const PlanCell& cell) {
    return DeploymentIn(*cell.view, plan.rollout) != nullptr;
  });
}

// The started waves that are not proven, and the next one.
struct AskedWave {
  const PlanWave* wave;
  bool started;
};

std::vector<AskedWave> WavesToAsk(const StageContext& context, const Plan& plan) {
  std::vector<AskedWave> asked;
  for (const PlanWave& wave : plan.waves) {
    if (IsProven(context, plan, wave)) continue;
    const bool started = IsStarted(plan, wave);
    asked.push_back({&wave, started});
    if (!started) break;
  }
  return asked;
}

void JudgeForWaves(const StageContext& context, const ArtifactFacts& artifact, const Plan& plan,
                   const std::vector<AskedWave>& asked, Holding* holding) {
  WindowQuestion question;
  question.expected_duration = ExpectedDuration(context, plan);
  for (const std::vector<Blocker>* blockers : {&context.policy.blockers, &context.rule.blockers}) {
    for (const Blocker& blocker : *blockers) {
      if (!absl::holds_alternative<TimeWindow>(blocker.kind)) {
        question.wave_started = false;
        holding->Add(JudgeBlocker(context, blocker, &artifact, question));
        continue;
      }
      for (const AskedWave& wave : asked) {
        question.wave_started = wave.started;
        Finding finding = JudgeBlocker(context, blocker, &artifact, question);
        finding.wave = wave.wave->id;
        holding->Add(std::move(finding));
      }
    }
  }
  for (const AskedWave& wave : asked) {
    if (wave.wave->rule == nullptr) continue;
    question.wave_started = wave.started;
    for (const Blocker& blocker : wave.wave->rule->blockers) {
      Finding finding = JudgeBlocker(context, blocker, &artifact, question);
      finding.wave = wave.wave->id;
      holding->Add(std::move(finding));
    }
  }
}

// The artifact's own record.
void JudgeArtifact(const StageContext& context, const ArtifactFacts& artifact, bool is_running,
                   Holding* holding) {
  const auto add = [&](absl::string_view id, Judgement judgement) {
    Finding finding = MakeFinding(id, std::move(judgement));
    finding.artifact = artifact.digest_text;
    holding->Add(std::move(finding));
  };
  const absl::Time visible = artifact.built_at - context.policy.max_clock_skew;
  if (artifact.withdrawn) {
    add(kArtifactId, Judged(Verdict::kBlocking, v1::WITHDRAWN));
  } else if (artifact.fault != v1::ALL_CLEAR) {
    add(kArtifactId, Judged(Verdict::kInvalid, artifact.fault));
  } else if (context.now < visible) {
    Judgement judgement = Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
    judgement.changes_at = visible;
    add(kArtifactId, std::move(judgement));
  }
  if (is_running && context.IsLatchedUpstream(artifact.digest_text)) {
    add(kUpstreamId, Judged(Verdict::kBlocking, v1::UPSTREAM_ROLLED_BACK));
  } else if (is_running && context.IsLatched(artifact.digest_text)) {
    add(kUpstreamId, Judged(Verdict::kBlocking, v1::LATCHED));
  }
}

// The cell's record; a deployment from the future is INVALID until then. What the cell has may be
// newer than the artifact: an older one overtakes only what was rolled back [S2].
Judgement JudgeCellRecord(const StageContext& context, const CellView& view,
                          const ArtifactFacts& artifact) {
  if (view.cell->fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, view.cell->fault);
  const DeploymentFacts* newest = view.Newest();
  if (newest == nullptr) {
    return context.rule.rollout.deploy_new_cells ? Judged(Verdict::kClear, v1::ALL_CLEAR)
                                                 : Judged(Verdict::kBlocking, v1::NEW_CELL);
  }
  absl::Time visible = newest->started_at;
  if (!IsUnderWay(*newest)) visible = std::max(visible, newest->ended_at);
  visible -= context.policy.max_clock_skew;
  Judgement judgement = Judged(Verdict::kClear, v1::ALL_CLEAR);
  if (context.now < visible) {
    judgement = Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
    judgement.changes_at = visible;
  } else if (!context.IsLatched(newest->artifact) &&
             SequenceOf(context.ArtifactOf(newest->artifact)) > SequenceOf(artifact)) {
    judgement = Judged(Verdict::kBlocking, v1::NEWER_ON_CELL);
  }
  return judgement;
}

void JudgeCells(const StageContext& context, const ArtifactFacts& artifact,
                const std::vector<AskedWave>& asked, Holding* holding) {
  for (const AskedWave& wave : asked) {
    if (!wave.wave->absent_cell.empty()) {
      Judgement judgement = Judged(Verdict::kInvalid, v1::CELL_ABSENT);
      judgement.evidence.subject = wave.wave->absent_cell;
      Finding finding = MakeFinding(kPlanId, std::move(judgement));
      finding.artifact = artifact.digest_text;
      finding.wave = wave.wave->id;
      holding->Add(std::move(finding));
    }
    for (const PlanCell& cell : wave.wave->cells) {
      Finding finding = MakeFinding(kCellId, JudgeCellRecord(context, *cell.view, artifact));
      if (finding.verdict == Verdict::kClear) continue;
      finding.artifact = artifact.digest_text;
      finding.wave = wave.wave->id;
      finding.cell = cell.view->cell->id;
      if (finding.verdict == Verdict::kInvalid) {
        holding->AddForWave(std::move(finding));
      } else {
        holding->Add(std::move(finding));
      }
    }
  }
}

bool IsRetryRequested(const StageContext& context, const CellView& view,
                      const DeploymentFacts& failed) {
  const uint32_t next = NextAttempt(view, failed.artifact, v1::Deployment::FORWARD);
  return std::any_of(context.records.retry_requests.begin(), context.records.retry_requests.end(),
                     [&](const RetryFacts& retry) {
                       return retry.cell == view.cell->id && retry.artifact == failed.artifact &&
                              retry.attempt == next;
                     });
}

// Whether the cell waits for this rollout's deployment.
bool IsNext(const StageContext& context, const Plan& plan, const CellView& view) {
  const DeploymentFacts* deployment = DeploymentIn(view, plan.rollout);
  if (deployment == nullptr) return true;
  const bool failed = deployment->outcome == v1::Deployment::FAILED ||
                      deployment->outcome == v1::Deployment::ABANDONED;
  return failed && !deployment->proven && IsRetryRequested(context, view, *deployment);
}

// A person's request to start, if one is in force [S4].
Judgement JudgeStart(const StageContext& context, const ArtifactFacts& artifact,
                     absl::string_view wave) {
  const auto concerns = [&](const RequestFacts& request) {
    return request.artifact == artifact.digest_text &&
           (!context.rule.start_per_wave || request.wave == wave);
  };
  Instants instants(context.now);
  for (const RequestFacts& request : context.records.start_requests) {
    if (!concerns(request)) continue;
    instants.Add(request.requested_at);
    instants.Add(request.expires_at);
  }
  return JudgeWithHorizon(instants, [&](absl::Time t) {
    for (const RequestFacts& request : context.records.start_requests) {
      if (concerns(request) && t >= request.requested_at && t < request.expires_at) {
        return Judged(Verdict::kClear, v1::ALL_CLEAR);
      }
    }
    return Judged(Verdict::kUnknown, v1::AWAITING_START);
  });
}

// Adds the leaf of the start; true if a person still has to ask.
bool NeedsStart(const StageContext& context, const ArtifactFacts& artifact,
                absl::string_view wave) {
  Finding finding = MakeFinding(kStartId, JudgeStart(context, artifact, wave));
  finding.artifact = artifact.digest_text;
  if (context.rule.start_per_wave) finding.wave = wave;
  finding.effect = Effect::kNone;
  const bool needs = finding.verdict != Verdict::kClear;
  context.Add(std::move(finding));
  return needs;
}

}  // namespace

Forward JudgeForward(const StageContext& context, const ArtifactFacts& artifact, const Plan& plan,
                     const std::vector<bool>& unproven, bool unseen) {
  Forward forward;
  Holding holding(context);
  const std::vector<AskedWave> asked = WavesToAsk(context, plan);
  holding.AddRequests(artifact.digest_text);
  JudgeArtifact(context, artifact, plan.rollout != nullptr, &holding);
  if (plan.fault != v1::ALL_CLEAR) {
    Judgement judgement = Judged(Verdict::kInvalid, plan.fault);
    judgement.evidence.subject = plan.fault_subject;
    Finding finding = MakeFinding(kPlanId, std::move(judgement));
    finding.artifact = artifact.digest_text;
    holding.Add(std::move(finding));
  }
  JudgeForWaves(context, artifact, plan, asked, &holding);
  JudgeCells(context, artifact, asked, &holding);
  AddOverrideFaults(context, &artifact);
  forward.held = plan.fault != v1::ALL_CLEAR;
  if (asked.empty()) return forward;

  // The first wave that is not proven is the only one that may be deployed to.
  const PlanWave& wave = *asked.front().wave;
  // Nothing but a person brings an absent cell back.
  if (!wave.absent_cell.empty()) forward.held = true;
  Capacity capacity(context, plan, unproven);
  for (const PlanCell& cell : wave.cells) {
    if (!IsNext(context, plan, *cell.view)) continue;
    const absl::string_view id = cell.view->cell->id;
    forward.has_next = true;
    Judgement room = capacity.Judge(*cell.view);
    if (room.verdict != Verdict::kClear) {
      Finding finding = MakeFinding(kCapId, std::move(room));
      finding.artifact = artifact.digest_text;
      finding.wave = wave.id;
      finding.cell = id;
      holding.Add(std::move(finding));
    }
    const DeploymentFacts* newest = cell.view->Newest();
    if (newest != nullptr && IsUnderWay(*newest)) {
      Finding finding = DeploymentFinding(context, *cell.view, *newest);
      forward.stalled = forward.stalled || finding.reason == v1::DEPLOY_STALLED;
      context.Add(std::move(finding));
      continue;
    }
    if (unseen || holding.Applies(wave.id, id)) {
      forward.held = true;
      continue;
    }
    if (!capacity.Take(*cell.view)) {
      forward.without_room.push_back(id);
      continue;
    }
    CellAction action;
    action.cell = id;
    action.artifact = artifact.digest_text;
    action.wave = wave.id;
    action.attempt = NextAttempt(*cell.view, artifact.digest_text, v1::Deployment::FORWARD);
    forward.deploy.push_back(action);
  }
  forward.newly_unproven = capacity.taken_weight();
  const bool starts =
      plan.rollout == nullptr || (context.rule.start_per_wave && !asked.front().started);
  if (context.rule.manual && starts && forward.has_next) {
    forward.needs_start = NeedsStart(context, artifact, wave.id);
  }
  return forward;
}

Forward JudgeEntry(const StageContext& context, const ArtifactFacts& artifact) {
  Forward forward;
  forward.has_next = true;
  Holding holding(context);
  JudgeArtifact(context, artifact, false, &holding);
  for (const std::vector<Blocker>* blockers : {&context.policy.blockers, &context.rule.blockers}) {
    for (const Blocker& blocker : *blockers) {
      holding.Add(JudgeBlocker(context, blocker, &artifact));
    }
  }
  AddOverrideFaults(context, &artifact);
  if (context.rule.manual) forward.needs_start = NeedsStart(context, artifact, "");
  if (holding.Applies("", "")) {
    forward.held = true;
    return forward;
  }
  CellAction action;
  action.artifact = artifact.digest_text;
  action.attempt = 1;
  forward.deploy.push_back(action);
  return forward;
}

void JudgeStageBlockers(const StageContext& context, const ArtifactFacts* subject) {
  for (const std::vector<Blocker>* blockers : {&context.policy.blockers, &context.rule.blockers}) {
    for (const Blocker& blocker : *blockers) context.Add(JudgeBlocker(context, blocker, subject));
  }
}

}  // namespace sluice
