#include "sluice/load/rollouts.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using Texts = absl::flat_hash_set<absl::string_view>;

bool IsActive(v1::Rollout::State state) {
  return state == v1::Rollout::RUNNING || state == v1::Rollout::ROLLING_BACK;
}

// A cell that is known belongs to the rollout's stage.
void RequireCellOf(absl::string_view stage, absl::string_view id, const SnapshotData& data,
                   RecordReader& reader) {
  const CellFacts* cell = data.Cell(id);
  reader.Require(cell == nullptr || cell->stage == stage);
}

// Cells that have been planned are added to `planned`.
WaveFacts ReadWave(const v1::PlannedWave& wave, absl::string_view stage, const SnapshotData& data,
                   Texts& planned, RecordReader& reader) {
  WaveFacts facts;
  facts.id = reader.WaveId(wave.id());
  reader.LimitElements(wave.cells_size());
  reader.Require(wave.cells_size() > 0);
  reader.Require(wave.cells_size() == wave.weights_size());
  facts.cells.reserve(static_cast<size_t>(wave.cells_size()));
  facts.weights.reserve(static_cast<size_t>(wave.cells_size()));
  for (int i = 0; i < wave.cells_size(); ++i) {
    const absl::string_view cell = reader.Identifier(wave.cells(i));
    const uint32_t weight = i < wave.weights_size() ? wave.weights(i) : 0;
    reader.Require(weight > 0);
    if (weight > kMaxWeight) reader.Note(v1::LIMIT_EXCEEDED);
    if (cell.empty()) continue;
    RequireCellOf(stage, cell, data, reader);
    reader.Require(planned.insert(cell).second);
    facts.cells.push_back(cell);
    facts.weights.push_back(weight);
  }
  const absl::Time proven_at =
      reader.OptionalInstant(wave.has_proven_at(), wave.proven_at(), absl::InfiniteFuture());
  facts.proven = proven_at != absl::InfiniteFuture();
  return facts;
}

std::vector<WaveFacts> ReadPlan(const v1::Rollout& rollout, absl::string_view stage,
                                const SnapshotData& data, RecordReader& reader) {
  const v1::RolloutPlan& plan = rollout.plan();
  reader.LimitElements(plan.waves_size());
  reader.Require(plan.waves_size() > 0);
  reader.DigestText(plan.policy_fingerprint());
  std::vector<WaveFacts> waves;
  waves.reserve(static_cast<size_t>(plan.waves_size()));
  Texts ids;
  Texts planned;
  for (const v1::PlannedWave& wave : plan.waves()) {
    waves.push_back(ReadWave(wave, stage, data, planned, reader));
    reader.Require(ids.insert(waves.back().id).second);
  }
  return waves;
}

v1::Rollout::State ReadState(const v1::Rollout& rollout, RecordReader& reader) {
  const bool is_known = v1::Rollout::State_IsValid(rollout.state()) &&
                        rollout.state() != v1::Rollout::STATE_UNSPECIFIED;
  reader.Require(is_known);
  reader.Require(v1::Rollout::HaltReason_IsValid(rollout.halt_reason()));
  return is_known ? rollout.state() : v1::Rollout::STATE_UNSPECIFIED;
}

// The end of the rollout, InfiniteFuture if there is none.
absl::Time ReadEnd(const v1::Rollout& rollout, absl::Time started_at, RecordReader& reader) {
  const absl::Time ended_at =
      reader.OptionalInstant(rollout.has_ended_at(), rollout.ended_at(), absl::InfiniteFuture());
  if (rollout.has_ended_at()) {
    reader.Require(ended_at >= started_at);
    reader.Require(rollout.state() != v1::Rollout::RUNNING);
  } else {
    reader.Require(IsActive(rollout.state()));
  }
  return ended_at;
}

RolloutFacts ReadRollout(const v1::Rollout& rollout, absl::string_view stage,
                         const SnapshotData& data, RecordReader& reader) {
  RolloutFacts facts;
  reader.Require(rollout.number() > 0);
  facts.number = rollout.number();
  facts.artifact = reader.DigestText(rollout.artifact());
  if (!facts.artifact.empty() && data.Artifact(facts.artifact) == nullptr) {
    reader.Note(v1::ARTIFACT_ABSENT);
  }
  facts.state = ReadState(rollout, reader);
  facts.waves = ReadPlan(rollout, stage, data, reader);
  facts.started_at =
      reader.Instant(rollout.has_started_at(), rollout.started_at(), absl::InfiniteFuture());
  const absl::Time ended_at = ReadEnd(rollout, facts.started_at, reader);
  facts.completed_at = reader.OptionalInstant(
      rollout.has_completed_at(), rollout.completed_at(),
      facts.state == v1::Rollout::COMPLETE ? ended_at : absl::InfiniteFuture());
  if (rollout.has_completed_at()) reader.Require(facts.completed_at >= facts.started_at);
  facts.roll_back_cells = reader.Identifiers(rollout.roll_back_cells());
  for (const absl::string_view cell : facts.roll_back_cells) {
    RequireCellOf(stage, cell, data, reader);
  }
  if (facts.state == v1::Rollout::ROLLING_BACK) reader.Require(!facts.roll_back_cells.empty());
  if (facts.state == v1::Rollout::HALTED) {
    reader.Require(rollout.halt_reason() != v1::Rollout::HALT_REASON_UNSPECIFIED);
  }
  reader.OptionalText(rollout.ended_by());
  reader.OptionalText(rollout.why());
  return facts;
}

}  // namespace

void LoadRollouts(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage) {
  stage.rollouts.reserve(static_cast<size_t>(record.rollouts_size()));
  size_t active = 0;
  for (const auto& [rollout, conflict] :
       DistinctRecords(record.rollouts(), [](const v1::Rollout& r) { return r.number(); })) {
    RecordReader reader(*rollout);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    stage.rollouts.push_back(ReadRollout(*rollout, stage.id, data, reader));
    const RolloutFacts& facts = stage.rollouts.back();
    if (IsActive(facts.state)) ++active;
    if (active > 1) reader.Require(!IsActive(facts.state));
    if (!reader.ok()) {
      FaultPipeline(data, reader.fault(),
                    absl::StrCat("stages[", stage.id, "].rollouts[", facts.number, "]"));
    }
  }
}

}  // namespace sluice
