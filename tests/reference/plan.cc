#include "tests/reference/plan.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/reference/blockers.h"
#include "tests/reference/cells.h"
#include "tests/reference/known_bad.h"
#include "tests/reference/overrides.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

uint32_t WeightOf(const Facts& facts, const std::string& cell) {
  const v1::Cell* record = FindCell(facts, cell);
  return record == nullptr ? 0 : std::min(record->weight(), kLargestWeight);
}

void AddWave(const Facts& facts, const std::string& id, const std::vector<std::string>& cells,
             Plan* plan) {
  if (cells.empty()) return;
  v1::PlannedCells wave;
  wave.set_wave(id);
  for (const std::string& cell : cells) {
    wave.add_cells(cell);
    wave.add_weights(WeightOf(facts, cell));
  }
  plan->waves.push_back(wave);
}

// A region, or a zone of a region; empty: the cell does not say.
std::string GroupOf(const Facts& facts, const std::string& cell,
                    v1::WaveGeneration::DisjointBy by) {
  const v1::Cell* record = FindCell(facts, cell);
  if (by == v1::WaveGeneration::NOTHING || record == nullptr) return cell;
  // What can't be read is no group.
  if (!IsIdentifier(record->region())) return "";
  if (by == v1::WaveGeneration::REGION) return record->region();
  return IsIdentifier(record->zone()) ? absl::StrCat(record->region(), " ", record->zone()) : "";
}

void GenerateWaves(const Facts& facts, const v1::WaveGeneration& generation, uint64_t total,
                   std::vector<std::string> cells, Plan* plan) {
  const auto exceeds = [&](uint64_t weight) {
    return weight * 10000 > generation.max_share_basis_points() * total;
  };
  // What can't be planned makes the plan INVALID; the others are planned all the same.
  std::vector<std::string> plannable;
  for (const std::string& cell : cells) {
    if (GroupOf(facts, cell, generation.disjoint_by()).empty()) {
      plan->fault = Invalid(v1::INVALID_DATA);
    } else {
      plannable.push_back(cell);
    }
  }
  cells = plannable;
  const auto drop_those_too_large = [&] {
    while (!cells.empty() && exceeds(WeightOf(facts, cells[0]))) {
      if (plan->fault.clear()) plan->fault = Invalid(v1::CELL_EXCEEDS_CAP);
      cells.erase(cells.begin());
    }
  };
  drop_those_too_large();
  uint64_t millionths = uint64_t{generation.first()} * 1000000;
  for (int n = 1; !cells.empty(); ++n) {
    if (n > 1000) {
      plan->fault = Invalid(v1::LIMIT_EXCEEDED);
      return;
    }
    if (n > 1 && n - 2 < generation.next_size()) {
      millionths = uint64_t{generation.next(n - 2)} * 1000000;
    } else if (n > 1) {
      millionths = std::min<uint64_t>(millionths * generation.growth_percent() / 100,
                                      uint64_t{1000000} * 1000000);
    }
    std::vector<std::string> wave;
    std::set<std::string> groups;
    uint64_t weight = 0;
    for (const std::string& cell : cells) {
      if (wave.size() >= millionths / 1000000) break;
      // The first cell left of each group.
      if (!groups.insert(GroupOf(facts, cell, generation.disjoint_by())).second) continue;
      if (exceeds(weight + WeightOf(facts, cell))) break;
      weight += WeightOf(facts, cell);
      wave.push_back(cell);
    }
    for (const std::string& cell : wave) {
      cells.erase(std::find(cells.begin(), cells.end(), cell));
    }
    AddWave(facts, absl::StrCat("wave-", n), wave, plan);
    drop_those_too_large();
  }
}

bool HasUnrevokedPass(const Facts& facts, absl::string_view stage, absl::string_view artifact) {
  bool passed = false;
  for (const v1::Pass& pass : Record(facts, stage).passes()) {
    if (pass.artifact() != artifact) continue;
    if (pass.has_revoked_at()) return false;
    passed = true;
  }
  return passed;
}

// [S1] [S6] Of every earlier stage that the policy has now.
bool PassedEarlierStages(const Facts& facts, const v1::Stage& stage, absl::string_view artifact) {
  for (const v1::Stage& earlier : facts.policy.stages()) {
    if (earlier.id() == stage.id()) return true;
    if (!HasUnrevokedPass(facts, earlier.id(), artifact)) return false;
  }
  return true;
}

const v1::Rollout* NewestRolloutOf(const Facts& facts, absl::string_view stage,
                                   absl::string_view artifact) {
  const v1::Rollout* newest = nullptr;
  for (const v1::Rollout& rollout : Record(facts, stage).rollouts()) {
    if (rollout.artifact() == artifact &&
        (newest == nullptr || rollout.number() >= newest->number())) {
      newest = &rollout;
    }
  }
  return newest;
}

// Its newest rollout here was given up: ABANDONED or HALTED.
bool HasEnded(const Facts& facts, absl::string_view stage, absl::string_view artifact) {
  const v1::Rollout* rollout = NewestRolloutOf(facts, stage, artifact);
  return rollout != nullptr &&
         (rollout->state() == v1::Rollout::ABANDONED || rollout->state() == v1::Rollout::HALTED);
}

// A person has asked for it since: RETRY without a cell, or the release of its latch.
bool IsAskedForAgain(const Facts& facts, absl::string_view stage, absl::string_view artifact) {
  const v1::Rollout* rollout = NewestRolloutOf(facts, stage, artifact);
  const v1::StageRecord& record = Record(facts, stage);
  if (rollout == nullptr) return false;
  for (const v1::RetryRequest& retry : record.retry_requests()) {
    if (retry.artifact() == artifact && retry.cell().empty() &&
        retry.number() > rollout->number()) {
      return true;
    }
  }
  for (const v1::Latch& latch : record.latches()) {
    if (latch.artifact() == artifact && latch.has_released() &&
        latch.released().number() > rollout->number()) {
      return true;
    }
  }
  return false;
}

// [S2] For a queue: the newest run of a check of its own that the stage enforces has FAILED.
bool HasFailedCheck(const Facts& facts, const v1::Stage& stage, absl::string_view artifact) {
  for (const Placed& placed : BlockersOf(facts, stage)) {
    if (!placed.wave.empty() || !placed.blocker->has_check() ||
        placed.blocker->enforcement() != v1::Blocker::ENFORCED) {
      continue;
    }
    if (HasNewestFailed(facts, placed.blocker->check(), stage.id(), artifact)) return true;
  }
  return false;
}

bool IsStandingRequestFor(const Facts& facts, absl::string_view stage, absl::string_view artifact) {
  const v1::StageRecord& record = Record(facts, stage);
  for (const v1::RollBackRequest& request : record.roll_back_requests()) {
    if (request.artifact() == artifact && Stands(facts, record, request)) return true;
  }
  return false;
}

}  // namespace

const v1::Rollout* Running(const Facts& facts, absl::string_view stage) {
  const v1::Rollout* running = nullptr;
  for (const v1::Rollout& rollout : Record(facts, stage).rollouts()) {
    const bool runs =
        rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK;
    if (runs && (running == nullptr || rollout.number() >= running->number())) running = &rollout;
  }
  return running;
}

const v1::Rollout* NewestComplete(const Facts& facts, absl::string_view stage) {
  const v1::Rollout* newest = nullptr;
  for (const v1::Rollout& rollout : Record(facts, stage).rollouts()) {
    if (rollout.state() == v1::Rollout::COMPLETE &&
        (newest == nullptr || rollout.number() >= newest->number())) {
      newest = &rollout;
    }
  }
  return newest;
}

Plan MakePlan(const Facts& facts, const v1::Stage& stage,
              const absl::optional<std::string>& catch_up) {
  Plan plan;
  const std::vector<std::string> active = ActiveCells(facts, stage.id());
  std::vector<std::string> unproven;
  std::vector<std::string> others;
  for (const std::string& cell : active) {
    if (catch_up.has_value()) {
      const v1::Deployment* newest = Newest(facts, stage.id(), cell);
      if (newest != nullptr && Sequence(facts, newest->artifact()) >= Sequence(facts, *catch_up)) {
        continue;  // Not behind.
      }
    }
    const bool first = !catch_up.has_value() && IsUnproven(facts, stage, cell);
    (first ? unproven : others).push_back(cell);
  }
  // [R2] Cells unproven at the start go first.
  AddWave(facts, "@unproven", unproven, &plan);
  if (catch_up.has_value()) {
    AddWave(facts, "@catch_up", others, &plan);
    return plan;
  }
  if (stage.rollout().has_wave_generation()) {
    uint64_t total = 0;
    for (const std::string& cell : active) total += WeightOf(facts, cell);
    GenerateWaves(facts, stage.rollout().wave_generation(), total, others, &plan);
    return plan;
  }
  std::set<std::string> listed;
  for (const v1::Wave& wave : stage.rollout().waves()) {
    std::vector<std::string> cells;
    for (const std::string& cell : wave.cells()) {
      listed.insert(cell);
      const v1::Cell* record = FindCell(facts, cell);
      if (record == nullptr || record->stage() != stage.id()) {
        if (plan.fault.clear()) plan.fault = Invalid(v1::CELL_ABSENT);
      } else if (Contains(others, cell)) {
        cells.push_back(cell);
      }
    }
    AddWave(facts, wave.id(), cells, &plan);
  }
  for (const std::string& cell : active) {
    if (listed.count(cell) == 0 && plan.fault.clear()) {
      plan.fault = Invalid(v1::CELL_NOT_IN_WAVE);
    }
  }
  return plan;
}

Plan RecordedPlan(const v1::Rollout& rollout) {
  Plan plan;
  for (const v1::PlannedWave& wave : rollout.plan().waves()) {
    v1::PlannedCells copy;
    copy.set_wave(wave.id());
    *copy.mutable_cells() = wave.cells();
    *copy.mutable_weights() = wave.weights();
    plan.waves.push_back(copy);
  }
  return plan;
}

std::string UnlatchedOn(const Facts& facts, absl::string_view stage, absl::string_view cell) {
  const v1::Deployment* newest = nullptr;
  for (const v1::Deployment& deployment : Record(facts, stage).deployments()) {
    if (deployment.cell() == cell && !IsLatched(facts, stage, deployment.artifact()) &&
        (newest == nullptr || deployment.number() >= newest->number())) {
      newest = &deployment;
    }
  }
  return newest == nullptr ? "" : newest->artifact();
}

bool IsKnownBad(const Facts& facts, const v1::Stage& stage, absl::string_view artifact) {
  if (IsWithdrawn(facts, artifact)) return true;
  for (const Placed& placed : BlockersOf(facts, stage)) {
    if (!placed.blocker->has_known_bad() ||
        placed.blocker->enforcement() != v1::Blocker::ENFORCED) {
      continue;
    }
    const KnownBadAnswer answer = JudgeKnownBad(facts, placed.blocker->known_bad(), artifact);
    const bool lifted =
        answer.overridable && LiftOf(facts, *placed.blocker, artifact, stage.id()).lifted;
    if (answer.match && !lifted) return true;
  }
  return false;
}

bool IsListed(const Facts& facts, const v1::Stage& stage, absl::string_view artifact) {
  for (const Placed& placed : BlockersOf(facts, stage)) {
    if (placed.blocker->has_known_bad() &&
        JudgeKnownBad(facts, placed.blocker->known_bad(), artifact).match) {
      return true;
    }
  }
  return false;
}

bool Stands(const Facts& facts, const v1::StageRecord& record, const v1::RollBackRequest& request) {
  return !IsOverruled(record, request) && !FromTheFuture(facts, request.requested_at());
}

bool IsOverruled(const v1::StageRecord& record, const v1::RollBackRequest& request) {
  if (request.honoured_by() != 0) return true;
  const absl::Time requested = ToTime(request.requested_at());
  for (const v1::Latch& latch : record.latches()) {
    if (latch.artifact() == request.artifact() && latch.has_released() &&
        ToTime(latch.released().at()) > requested) {
      return true;
    }
  }
  for (const v1::RetryRequest& retry : record.retry_requests()) {
    if (retry.artifact() == request.artifact() && retry.cell().empty() &&
        ToTime(retry.requested_at()) > requested) {
      return true;
    }
  }
  return false;
}

namespace {

// Why an artifact that is new enough is no candidate; ALL_CLEAR: it is one.
v1::Reason Refusal(const Facts& facts, const v1::Stage& stage, const std::string& digest,
                   Candidates* candidates) {
  if (IsLatched(facts, stage.id(), digest)) return v1::LATCHED;
  if (stage.deploys() == v1::Stage::CELLS && IsStandingRequestFor(facts, stage.id(), digest)) {
    return v1::ROLL_BACK_REQUESTED;
  }
  if (HasEnded(facts, stage.id(), digest) && !IsAskedForAgain(facts, stage.id(), digest)) {
    return v1::ROLLOUT_ENDED;
  }
  candidates->held_against_lists.push_back(digest);
  if (IsWithdrawn(facts, digest)) return v1::WITHDRAWN;
  return IsKnownBad(facts, stage, digest) ? v1::KNOWN_BAD_MATCH : v1::ALL_CLEAR;
}

// The current artifact [S2]; empty: none.
std::string CurrentArtifact(const Facts& facts, const v1::Stage& stage) {
  if (const v1::Rollout* complete = NewestComplete(facts, stage.id())) return complete->artifact();
  std::string current;
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    for (const v1::Deployment& deployment : Record(facts, stage.id()).deployments()) {
      if (deployment.cell() != cell || deployment.direction() != v1::Deployment::ADOPTED) continue;
      if (current.empty() || Sequence(facts, deployment.artifact()) > Sequence(facts, current)) {
        current = deployment.artifact();
      }
    }
  }
  return current;
}

}  // namespace

Candidates FindCandidates(const Facts& facts, const v1::Stage& stage) {
  Candidates candidates;
  const v1::StageRecord& record = Record(facts, stage.id());
  const v1::Rollout* running = Running(facts, stage.id());

  // No artifact below this sequence comes next, and at it only one that is asked for again.
  uint64_t highest = record.sequence_floor();
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    const std::string on = UnlatchedOn(facts, stage.id(), cell);
    if (!on.empty()) highest = std::max(highest, Sequence(facts, on));
  }
  for (const v1::Entry& entry : record.entries()) {
    if (IsLatched(facts, stage.id(), entry.artifact())) continue;
    highest = std::max(highest, Sequence(facts, entry.artifact()));
  }
  const uint64_t above = running == nullptr ? 0 : Sequence(facts, running->artifact());

  // In the order in which they are preferred.
  std::vector<std::string> eligible;
  for (const v1::Artifact& artifact : facts.state.artifacts()) {
    const std::string& digest = artifact.digest();
    if (!IsDigest(digest) || Contains(eligible, digest)) continue;
    const uint64_t sequence = Sequence(facts, digest);
    if (sequence <= above || sequence < highest) continue;
    if (sequence == highest && !HasEnded(facts, stage.id(), digest)) continue;
    if (PassedEarlierStages(facts, stage, digest)) eligible.push_back(digest);
  }
  const bool queue = stage.order() == v1::Stage::QUEUE;
  std::sort(eligible.begin(), eligible.end(), [&](const std::string& a, const std::string& b) {
    const uint64_t x = Sequence(facts, a);
    const uint64_t y = Sequence(facts, b);
    return x == y ? a < b : queue ? x < y : x > y;
  });
  const auto pass_over = [&](const std::string& artifact, v1::Reason reason) {
    v1::PassedOver passed_over;
    passed_over.set_artifact(artifact);
    passed_over.set_reason(reason);
    candidates.passed_over.push_back(passed_over);
  };
  for (const std::string& digest : eligible) {
    if (!candidates.artifact.empty()) {
      // Behind it, only what rules an artifact out altogether is said.
      if (IsLatched(facts, stage.id(), digest)) {
        pass_over(digest, v1::LATCHED);
      } else if (IsWithdrawn(facts, digest)) {
        pass_over(digest, v1::WITHDRAWN);
      } else {
        pass_over(digest, queue ? v1::QUEUED : v1::SUPERSEDED);
      }
      continue;
    }
    const v1::Reason refusal = Refusal(facts, stage, digest, &candidates);
    if (refusal != v1::ALL_CLEAR) {
      pass_over(digest, refusal);
    } else if (queue && HasFailedCheck(facts, stage, digest)) {
      pass_over(digest, v1::CHECK_FAILED);
    } else {
      candidates.artifact = digest;
    }
  }
  if (stage.deploys() != v1::Stage::CELLS || running != nullptr || !candidates.artifact.empty()) {
    return candidates;
  }
  // The current artifact, for cells that are new or behind it [S2].
  const std::string current = CurrentArtifact(facts, stage);
  if (current.empty() || FindArtifact(facts, current) == nullptr ||
      Refusal(facts, stage, current, &candidates) != v1::ALL_CLEAR ||
      MakePlan(facts, stage, current).waves.empty()) {
    return candidates;
  }
  candidates.artifact = current;
  candidates.catch_up = true;
  return candidates;
}

}  // namespace reference
}  // namespace sluice
