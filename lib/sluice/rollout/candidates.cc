#include "sluice/rollout/candidates.h"

#include <algorithm>
#include <limits>

#include "absl/types/variant.h"
#include "sluice/leaves.h"

namespace sluice {
namespace {

bool HasPassedAllBefore(const StageContext& context, absl::string_view artifact) {
  for (size_t i = 0; i < context.stage_index; ++i) {
    if (!HasPassed(context.snapshot, context.policy.stages[i].id, artifact)) return false;
  }
  return true;
}

// Its newest rollout here if that was abandoned or halted, else null.
const RolloutFacts* EndedRollout(const StageContext& context, absl::string_view artifact) {
  const RolloutFacts* newest = nullptr;
  for (const RolloutFacts& rollout : context.records.rollouts) {
    if (rollout.artifact == artifact) newest = &rollout;
  }
  if (newest == nullptr) return nullptr;
  const bool ended =
      newest->state == v1::Rollout::ABANDONED || newest->state == v1::Rollout::HALTED;
  return ended ? newest : nullptr;
}

// Whether a person has asked for the artifact since `ended`.
bool IsAskedForAgain(const StageContext& context, const RolloutFacts& ended) {
  for (const RetryFacts& retry : context.records.retry_requests) {
    if (retry.artifact == ended.artifact && retry.cell.empty() && retry.number > ended.number) {
      return true;
    }
  }
  for (const LatchFacts& latch : context.records.latches) {
    // Of one that is not released the number is 0.
    if (latch.artifact == ended.artifact && latch.released_number > ended.number) return true;
  }
  return false;
}

// Whether the artifact is newer than what the stage has, or the newest that a rollout left there
// which was ended: `RefusalOf` says whether a person has asked for that again.
bool IsNewEnough(const StageContext& context, const ArtifactFacts& artifact, uint64_t above,
                 uint64_t highest) {
  const uint64_t sequence = SequenceOf(artifact);
  if (sequence <= above || sequence < highest) return false;
  if (sequence > highest) return true;
  return EndedRollout(context, artifact.digest_text) != nullptr;
}

// Whether the newest run of a check that the stage asks for has FAILED, or one of those that
// started with it, and all of them can be used: such an artifact does not keep a queue waiting.
// Reads records alone, no instant.
bool HasFailedCheck(const StageContext& context, const ArtifactFacts& artifact) {
  for (const std::vector<Blocker>* blockers : {&context.policy.blockers, &context.rule.blockers}) {
    for (const Blocker& blocker : *blockers) {
      const auto* check = absl::get_if<CheckRequirement>(&blocker.kind);
      if (check == nullptr || !blocker.enforced) continue;
      absl::Time newest = absl::InfinitePast();
      bool failed = false;
      bool usable = true;
      for (const CheckRun& run : context.snapshot.Checks(artifact.digest_text, check->check)) {
        if (!run.cell.empty()) continue;
        if (check->bound_to_stage && run.stage != context.rule.id) continue;
        if (run.started_at > newest) {
          newest = run.started_at;
          failed = false;
          usable = true;
        }
        failed = failed || run.outcome == v1::Check::FAILED;
        usable = usable && run.fault == v1::ALL_CLEAR;
      }
      if (failed && usable) return true;
    }
  }
  return false;
}

// Whether a person's request to roll the artifact back stands: no new rollout brings it. The
// findings of requests are there.
bool IsAskedNotToCome(const StageContext& context, absl::string_view artifact) {
  for (const RollBackRequestFacts& request : context.records.roll_back_requests) {
    if (request.artifact != artifact) continue;
    for (const Finding& finding : context.out->findings) {
      if (finding.id == request.finding_id && Holds(finding)) return true;
    }
  }
  return false;
}

// Why the artifact is no candidate, or ALL_CLEAR.
Reason RefusalOf(const StageContext& context, const ArtifactFacts& artifact) {
  if (context.IsLatched(artifact.digest_text)) return v1::LATCHED;
  if (IsAskedNotToCome(context, artifact.digest_text)) return v1::ROLL_BACK_REQUESTED;
  const RolloutFacts* ended = EndedRollout(context, artifact.digest_text);
  if (ended != nullptr && !IsAskedForAgain(context, *ended)) return v1::ROLLOUT_ENDED;
  const Reason known_bad = KnownBadReason(context, artifact);
  // Whoever overrides a match learns why it still stands.
  if (known_bad != v1::ALL_CLEAR) AddOverrideFaults(context, &artifact);
  return known_bad;
}

// Why an artifact behind the chosen one is not it: what rules it out altogether comes first.
Reason ReasonBehind(const StageContext& context, const ArtifactFacts& artifact) {
  if (context.IsLatched(artifact.digest_text)) return v1::LATCHED;
  if (artifact.withdrawn) return v1::WITHDRAWN;
  return context.rule.queue ? v1::QUEUED : v1::SUPERSEDED;
}

void PassOver(const StageContext& context, const ArtifactFacts& artifact, Reason reason) {
  context.out->passed_over.push_back({artifact.digest_text, reason});
}

}  // namespace

uint64_t SequenceOf(const ArtifactFacts& artifact) {
  return artifact.sequence == 0 ? std::numeric_limits<uint64_t>::max() : artifact.sequence;
}

bool HasPassed(const SnapshotData& snapshot, absl::string_view stage, absl::string_view artifact) {
  const StageFacts* records = snapshot.Stage(stage);
  if (records == nullptr) return false;
  bool passed = false;
  for (const PassFacts& pass : records->passes) {
    if (pass.artifact != artifact) continue;
    if (pass.revoked) return false;
    passed = true;
  }
  return passed;
}

uint64_t HighestSequence(const StageContext& context) {
  uint64_t highest = context.records.sequence_floor;
  const auto consider = [&](absl::string_view digest) {
    if (context.IsLatched(digest)) return;
    const ArtifactFacts* artifact = context.snapshot.Artifact(digest);
    if (artifact != nullptr) highest = std::max(highest, SequenceOf(*artifact));
  };
  for (const CellView& view : context.cells) {
    // Where a cell is still on a latched artifact, what it was on before counts: going back to that
    // is for a roll back alone.
    for (auto it = view.deployments.rbegin(); it != view.deployments.rend(); ++it) {
      if (context.IsLatched(it->artifact)) continue;
      consider(it->artifact);
      break;
    }
  }
  for (const absl::string_view entered : context.records.entries) consider(entered);
  return highest;
}

const ArtifactFacts* ChooseCandidate(const StageContext& context, uint64_t above) {
  const uint64_t highest = HighestSequence(context);
  std::vector<const ArtifactFacts*> eligible;  // In the order in which they are preferred.
  for (const ArtifactFacts& artifact : context.snapshot.artifacts) {
    if (IsNewEnough(context, artifact, above, highest) &&
        HasPassedAllBefore(context, artifact.digest_text)) {
      eligible.push_back(&artifact);
    }
  }
  std::stable_sort(eligible.begin(), eligible.end(),
                   [&](const ArtifactFacts* a, const ArtifactFacts* b) {
                     return context.rule.queue ? SequenceOf(*a) < SequenceOf(*b)
                                               : SequenceOf(*a) > SequenceOf(*b);
                   });
  const ArtifactFacts* chosen = nullptr;
  for (const ArtifactFacts* artifact : eligible) {
    if (chosen != nullptr) {
      PassOver(context, *artifact, ReasonBehind(context, *artifact));
      continue;
    }
    const Reason refusal = RefusalOf(context, *artifact);
    if (refusal != v1::ALL_CLEAR) {
      PassOver(context, *artifact, refusal);
    } else if (context.rule.queue && HasFailedCheck(context, *artifact)) {
      PassOver(context, *artifact, v1::CHECK_FAILED);
    } else {
      chosen = artifact;
    }
  }
  return chosen;
}

const ArtifactFacts* CurrentArtifact(const StageContext& context) {
  const ArtifactFacts* current = nullptr;
  if (context.newest_complete != nullptr) {
    current = context.snapshot.Artifact(context.newest_complete->artifact);
  } else {
    for (const CellView& view : context.cells) {
      for (const DeploymentFacts& deployment : view.deployments) {
        if (deployment.direction != v1::Deployment::ADOPTED) continue;
        const ArtifactFacts* adopted = context.snapshot.Artifact(deployment.artifact);
        if (adopted == nullptr) continue;
        if (current == nullptr || SequenceOf(*adopted) > SequenceOf(*current)) current = adopted;
      }
    }
  }
  if (current == nullptr || RefusalOf(context, *current) != v1::ALL_CLEAR) return nullptr;
  return current;
}

}  // namespace sluice
