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
  return record == nullptr ? 0 : record->weight();
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
  if (by == v1::WaveGeneration::REGION || record->region().empty()) return record->region();
  return record->zone().empty() ? "" : absl::StrCat(record->region(), " ", record->zone());
}

void GenerateWaves(const Facts& facts, const v1::WaveGeneration& generation, uint64_t total,
                   std::vector<std::string> cells, Plan* plan) {
  const auto exceeds = [&](uint64_t weight) {
    return weight * 10000 > generation.max_share_basis_points() * total;
  };
  for (const std::string& cell : cells) {
    if (exceeds(WeightOf(facts, cell))) plan->fault = Invalid(v1::CELL_EXCEEDS_CAP);
    if (GroupOf(facts, cell, generation.disjoint_by()).empty()) {
      plan->fault = Invalid(v1::INVALID_DATA);
    }
    if (!plan->fault.clear()) return;
  }
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
  }
}

bool HasUnrevokedPass(const Facts& facts, absl::string_view stage, absl::string_view artifact) {
  for (const v1::Pass& pass : Record(facts, stage).passes()) {
    if (pass.artifact() == artifact && !pass.has_revoked_at()) return true;
  }
  return false;
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
        (newest == nullptr || rollout.number() > newest->number())) {
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
    if (!placed.blocker->has_check() || placed.blocker->enforcement() != v1::Blocker::ENFORCED) {
      continue;
    }
    if (JudgeBlocker(facts, *placed.blocker, stage.id(), artifact, absl::ZeroDuration()).reason ==
        v1::CHECK_FAILED) {
      return true;
    }
  }
  return false;
}

// [S2a] What the queue of a stage that deploys nothing waits for.
bool QueueIsTaken(const Facts& facts, const v1::Stage& stage) {
  for (const v1::Entry& entry : Record(facts, stage.id()).entries()) {
    bool out =
        IsWithdrawn(facts, entry.artifact()) || IsLatched(facts, stage.id(), entry.artifact());
    for (const v1::Pass& pass : Record(facts, stage.id()).passes()) {
      out = out || pass.artifact() == entry.artifact();
    }
    for (const v1::Blocker& criterion : stage.pass_criteria()) {
      out =
          out || JudgeBlocker(facts, criterion, stage.id(), entry.artifact(), absl::ZeroDuration())
                         .verdict == v1::BLOCKING;
    }
    if (!out) return true;
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
    if (runs && (running == nullptr || rollout.number() > running->number())) running = &rollout;
  }
  return running;
}

const v1::Rollout* NewestComplete(const Facts& facts, absl::string_view stage) {
  const v1::Rollout* newest = nullptr;
  for (const v1::Rollout& rollout : Record(facts, stage).rollouts()) {
    if (rollout.state() == v1::Rollout::COMPLETE &&
        (newest == nullptr || rollout.number() > newest->number())) {
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
    (IsUnproven(facts, stage, cell) ? unproven : others).push_back(cell);
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

Plan RecordedPlan(const Facts& facts, const v1::Stage& stage, const v1::Rollout& rollout) {
  Plan plan;
  std::set<std::string> planned;
  for (const v1::PlannedWave& wave : rollout.plan().waves()) {
    v1::PlannedCells copy;
    copy.set_wave(wave.id());
    *copy.mutable_cells() = wave.cells();
    *copy.mutable_weights() = wave.weights();
    plan.waves.push_back(copy);
    planned.insert(wave.cells().begin(), wave.cells().end());
  }
  std::vector<std::string> added;
  for (const std::string& cell : ActiveCells(facts, stage.id())) {
    if (planned.count(cell) == 0) added.push_back(cell);
  }
  if (!added.empty() && !plan.waves.empty() && plan.waves.back().wave() == "@added") {
    for (const std::string& cell : added) {
      plan.waves.back().add_cells(cell);
      plan.waves.back().add_weights(WeightOf(facts, cell));
    }
  } else {
    AddWave(facts, "@added", added, &plan);
  }
  return plan;
}

std::string UnlatchedOn(const Facts& facts, absl::string_view stage, absl::string_view cell) {
  const v1::Deployment* newest = nullptr;
  for (const v1::Deployment& deployment : Record(facts, stage).deployments()) {
    if (deployment.cell() == cell && !IsLatched(facts, stage, deployment.artifact()) &&
        (newest == nullptr || deployment.number() > newest->number())) {
      newest = &deployment;
    }
  }
  return newest == nullptr ? "" : newest->artifact();
}

bool IsKnownBad(const Facts& facts, const v1::Stage& stage, absl::string_view artifact) {
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
  if (request.honoured_by() != 0 || FromTheFuture(facts, request.requested_at())) return false;
  const absl::Time requested = ToTime(request.requested_at());
  for (const v1::Latch& latch : record.latches()) {
    if (latch.artifact() == request.artifact() && latch.has_released() &&
        ToTime(latch.released().at()) > requested) {
      return false;
    }
  }
  for (const v1::RetryRequest& retry : record.retry_requests()) {
    if (retry.artifact() == request.artifact() && retry.cell().empty() &&
        ToTime(retry.requested_at()) > requested) {
      return false;
    }
  }
  return true;
}

Candidates FindCandidates(const Facts& facts, const v1::Stage& stage) {
  Candidates candidates;
  const bool deploys = stage.deploys() == v1::Stage::CELLS;
  const v1::StageRecord& record = Record(facts, stage.id());
  const v1::Rollout* running = Running(facts, stage.id());
  const std::vector<std::string> cells = ActiveCells(facts, stage.id());
  if (deploys && cells.empty()) return candidates;  // [R8]

  // No artifact at or below this sequence comes next.
  uint64_t highest = 0;
  for (const std::string& cell : cells) {
    const std::string on = deploys ? UnlatchedOn(facts, stage.id(), cell) : "";
    if (!on.empty()) highest = std::max(highest, Sequence(facts, on));
  }
  if (!deploys) {
    for (const v1::Entry& entry : record.entries()) {
      highest = std::max(highest, Sequence(facts, entry.artifact()));
    }
  }
  if (running != nullptr) highest = std::max(highest, Sequence(facts, running->artifact()));
  const uint64_t floor = std::max(highest, record.sequence_floor());

  std::vector<std::string> eligible;
  const auto pass_over = [&](const std::string& artifact, v1::Reason reason) {
    v1::PassedOver passed_over;
    passed_over.set_artifact(artifact);
    passed_over.set_reason(reason);
    candidates.passed_over.push_back(passed_over);
  };
  std::set<std::string> looked_at;
  for (const v1::Artifact& artifact : facts.state.artifacts()) {
    const std::string& digest = artifact.digest();
    if (!IsDigest(digest) || !looked_at.insert(digest).second) continue;
    if (running != nullptr && running->artifact() == digest) continue;
    const uint64_t sequence = Sequence(facts, digest);
    const bool ended = deploys && HasEnded(facts, stage.id(), digest);
    const bool asked = IsAskedForAgain(facts, stage.id(), digest);
    const bool equal =
        sequence == highest && ended && sequence > record.sequence_floor() && running == nullptr;
    if (sequence <= floor && !equal) continue;
    if (!PassedEarlierStages(facts, stage, digest)) continue;
    if (IsWithdrawn(facts, digest)) {
      pass_over(digest, v1::WITHDRAWN);
    } else if (IsKnownBad(facts, stage, digest)) {
      pass_over(digest, v1::KNOWN_BAD_MATCH);
    } else if (IsLatched(facts, stage.id(), digest)) {
      pass_over(digest, v1::LATCHED);
    } else if (IsStandingRequestFor(facts, stage.id(), digest)) {
      pass_over(digest, v1::ROLL_BACK_REQUESTED);
    } else if (ended && !asked) {
      pass_over(digest, v1::ROLLOUT_ENDED);
    } else {
      eligible.push_back(digest);
    }
  }
  std::sort(eligible.begin(), eligible.end(), [&](const std::string& a, const std::string& b) {
    const uint64_t x = Sequence(facts, a);
    const uint64_t y = Sequence(facts, b);
    return x != y ? x < y : a > b;
  });
  if (stage.order() == v1::Stage::QUEUE) {
    const bool taken = !deploys && QueueIsTaken(facts, stage);
    for (const std::string& digest : eligible) {
      if (HasFailedCheck(facts, stage, digest)) {
        pass_over(digest, v1::CHECK_FAILED);
      } else if (taken) {
        if (candidates.waits_for_queue.empty()) candidates.waits_for_queue = digest;
        pass_over(digest, v1::WAITS_FOR_ROLLOUT);
      } else if (candidates.artifact.empty()) {
        candidates.artifact = digest;
      } else {
        pass_over(digest, v1::QUEUED);
      }
    }
  } else {
    for (const std::string& digest : eligible) {
      if (digest == eligible.back()) {
        candidates.artifact = digest;
      } else {
        pass_over(digest, v1::SUPERSEDED);
      }
    }
  }
  if (!deploys || running != nullptr || !candidates.artifact.empty()) return candidates;

  // The current artifact, for cells that are new or behind it [S2].
  std::string current;
  if (const v1::Rollout* complete = NewestComplete(facts, stage.id())) {
    current = complete->artifact();
  } else {
    for (const v1::Deployment& deployment : record.deployments()) {
      if (deployment.direction() == v1::Deployment::ADOPTED &&
          (current.empty() || Sequence(facts, deployment.artifact()) > Sequence(facts, current))) {
        current = deployment.artifact();
      }
    }
  }
  candidates.current = current;
  if (current.empty() || FindArtifact(facts, current) == nullptr ||
      IsLatched(facts, stage.id(), current) || IsWithdrawn(facts, current) ||
      IsKnownBad(facts, stage, current) || IsStandingRequestFor(facts, stage.id(), current)) {
    return candidates;
  }
  if (MakePlan(facts, stage, current).waves.empty()) return candidates;
  candidates.artifact = current;
  candidates.catch_up = true;
  return candidates;
}

}  // namespace reference
}  // namespace sluice
