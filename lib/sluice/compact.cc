#include "sluice/compact.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/never.h"
#include "sluice/load/record_count.h"
#include "sluice/organisation.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/stage_context.h"
#include "sluice/snapshot.h"
#include "sluice/v1/event.pb.h"

namespace sluice {
namespace {

using google::protobuf::RepeatedPtrField;
using Names = absl::flat_hash_set<std::string>;

// Event kinds that report what was observed: an older one never takes the place of a newer one.
bool IsReport(uint32_t kind) {
  switch (kind) {
    case v1::Event::kAlarmReported:
    case v1::Event::kSeriesReported:
    case v1::Event::kCountsReported:
    case v1::Event::kBaselineReported:
    case v1::Event::kSyntheticRunsReported:
    case v1::Event::kEnvironmentObserved:
    case v1::Event::kTrafficObserved:
    case v1::Event::kListObserved:
      return true;
    default:
      return false;
  }
}

// Removes the elements that `keep` refuses.
template <typename Record, typename Keep>
void Filter(RepeatedPtrField<Record>* records, const Keep& keep) {
  records->erase(std::remove_if(records->begin(), records->end(),
                                [&](const Record& record) { return !keep(record); }),
                 records->end());
}

// What can't be read; empty: everything can.
std::string Unreadable(const SnapshotData& data, const PolicyData& policy) {
  if (data.refusal != v1::ALL_CLEAR) return v1::Reason_Name(data.refusal);
  if (data.fault != v1::ALL_CLEAR) return data.fault_subject;
  if (data.pipeline != policy.id) return "the state of another pipeline";
  for (const ArtifactFacts& artifact : data.artifacts) {
    if (artifact.fault != v1::ALL_CLEAR) return absl::StrCat("artifact ", artifact.digest_text);
  }
  for (const CellFacts& cell : data.cells) {
    if (cell.fault != v1::ALL_CLEAR) return absl::StrCat("cell ", cell.id);
  }
  for (const StageFacts& stage : data.stages) {
    for (const DeploymentFacts& deployment : stage.deployments) {
      // What is wrong with it was noted about its cell too, or about all.
      if (SLUICE_NEVER(deployment.fault != v1::ALL_CLEAR)) {
        return absl::StrCat("a deployment to ", deployment.cell);
      }
    }
  }
  return "";
}

// What one stage still needs of its history.
struct StageNeeds {
  absl::flat_hash_set<std::pair<std::string, std::string>> deployed;  // (cell, artifact)
  Names entered;                                                      // Artifacts.
  Names passed;                                                       // Artifacts.
  absl::flat_hash_set<uint64_t> rollouts;                             // Numbers.
  uint64_t sequence_floor = 0;  // The highest that was dropped, and what was before.
};

class History {
 public:
  History(const PolicyData& policy, const SnapshotData& data, absl::Time now,
          const CompactOptions& options)
      : policy_(policy), data_(data), now_(now), options_(options) {
    for (size_t i = 0; i < policy.stages.size(); ++i) AddStage(i);
    for (size_t i = 0; i < policy.stages.size(); ++i) AddCandidates(i);
    for (const StageFacts& stage : data.stages) {
      if (Needs(stage.id) == nullptr) AddOtherStage(stage);
    }
  }

  // Null for a stage that the policy does not have: all of its history stays.
  const StageNeeds* Needs(absl::string_view stage) const {
    const auto needs = needs_.find(stage);
    return needs == needs_.end() ? nullptr : &needs->second;
  }

  bool KeepsArtifact(absl::string_view digest) const { return artifacts_.contains(digest); }

 private:
  uint64_t SequenceOf(absl::string_view digest) const {
    const ArtifactFacts* artifact = data_.Artifact(digest);
    return artifact == nullptr ? 0 : artifact->sequence;
  }

  void AddStage(size_t index) {
    StageDecision unused;
    const StageContext context = MakeStageContext(policy_, index, data_, now_, &unused);
    StageNeeds& needs = needs_[context.rule.id];
    needs.sequence_floor = context.records.sequence_floor;
    for (const PassFacts& pass : context.records.passes) {
      if (!pass.revoked) needs.passed.insert(std::string(pass.artifact));
    }
    for (const CellView& view : context.cells) AddCell(context, view, &needs);
    AddEntries(context, &needs);
    for (const RolloutFacts* rollout : {context.active, context.newest_complete}) {
      if (rollout == nullptr) continue;
      needs.rollouts.insert(rollout->number);
      artifacts_.insert(std::string(rollout->artifact));
    }
    AddRecentRollBacks(context, &needs);
    AddUnderWay(context, &needs);
    for (const RolloutFacts& rollout : context.records.rollouts) {
      if (needs.rollouts.contains(rollout.number)) artifacts_.insert(std::string(rollout.artifact));
    }
  }

  // The newest deployments of a cell down to the last of its roll back targets, and every
  // deployment of the artifacts among them.
  void AddCell(const StageContext& context, const CellView& view, StageNeeds* needs) {
    if (view.deployments.empty()) return;
    std::vector<absl::string_view> targets;
    size_t first = view.deployments.size();
    const size_t enough = static_cast<size_t>(std::max(2, options_.roll_back_targets));
    while (first > 0 && targets.size() < enough) {
      --first;
      const DeploymentFacts& deployment = view.deployments[first];
      if (!deployment.proven || context.IsLatched(deployment.artifact)) continue;
      if (std::find(targets.begin(), targets.end(), deployment.artifact) == targets.end()) {
        targets.push_back(deployment.artifact);
      }
    }
    for (size_t i = first; i < view.deployments.size(); ++i) {
      const DeploymentFacts& deployment = view.deployments[i];
      needs->deployed.emplace(deployment.cell, deployment.artifact);
      artifacts_.insert(std::string(deployment.artifact));
    }
    needs->rollouts.insert(view.Newest()->rollout);
    for (size_t i = 0; i < first; ++i) {
      const DeploymentFacts& deployment = view.deployments[i];
      const bool stays = needs->deployed.contains(
          std::make_pair(std::string(deployment.cell), std::string(deployment.artifact)));
      if (!stays && !context.IsLatched(deployment.artifact)) {
        needs->sequence_floor = std::max(needs->sequence_floor, SequenceOf(deployment.artifact));
      }
    }
  }

  void AddEntries(const StageContext& context, StageNeeds* needs) {
    std::vector<absl::string_view> entries = context.records.entries;
    std::sort(entries.begin(), entries.end(), [&](absl::string_view a, absl::string_view b) {
      return SequenceOf(a) > SequenceOf(b);
    });
    const size_t enough = static_cast<size_t>(std::max(2, options_.roll_back_targets));
    size_t unlatched = 0;
    for (const absl::string_view entry : entries) {
      if (unlatched < enough) {
        needs->entered.insert(std::string(entry));
        artifacts_.insert(std::string(entry));
        if (!context.IsLatched(entry)) ++unlatched;
      } else if (!context.IsLatched(entry)) {
        needs->sequence_floor = std::max(needs->sequence_floor, SequenceOf(entry));
      }
    }
  }

  // What people asked to be rolled back, as long as it spaces the next such request.
  void AddRecentRollBacks(const StageContext& context, StageNeeds* needs) {
    for (const DeploymentFacts& deployment : context.records.deployments) {
      if (deployment.direction != v1::Deployment::ROLL_BACK) continue;
      if (Later(deployment.started_at, context.rule.rollout.roll_back.min_gap) <= now_) continue;
      needs->deployed.emplace(deployment.cell, deployment.artifact);
      needs->rollouts.insert(deployment.rollout);
      artifacts_.insert(std::string(deployment.artifact));
    }
  }

  // Deployments whose end is still to be reported, those to retired cells included.
  void AddUnderWay(const StageContext& context, StageNeeds* needs) {
    for (const DeploymentFacts& deployment : context.records.deployments) {
      if (!IsUnderWay(deployment)) continue;
      needs->deployed.emplace(deployment.cell, deployment.artifact);
      needs->rollouts.insert(deployment.rollout);
      artifacts_.insert(std::string(deployment.artifact));
    }
  }

  // Artifacts that can still become a candidate of the stage.
  void AddCandidates(size_t index) {
    for (const ArtifactFacts& artifact : data_.artifacts) {
      bool possible = true;
      for (size_t s = 0; s <= index && possible; ++s) {
        const StageNeeds& needs = needs_[policy_.stages[s].id];
        const bool dead = artifact.sequence <= needs.sequence_floor;
        possible = !dead || (s < index && needs.passed.contains(artifact.digest_text));
      }
      if (possible) artifacts_.insert(std::string(artifact.digest_text));
    }
  }

  // A stage that the policy does not have: nothing that it names may be absent.
  void AddOtherStage(const StageFacts& stage) {
    for (const DeploymentFacts& deployment : stage.deployments) {
      artifacts_.insert(std::string(deployment.artifact));
    }
    for (const RolloutFacts& rollout : stage.rollouts) {
      artifacts_.insert(std::string(rollout.artifact));
    }
    for (const absl::string_view entry : stage.entries) artifacts_.insert(std::string(entry));
    for (const PassFacts& pass : stage.passes) artifacts_.insert(std::string(pass.artifact));
  }

  const PolicyData& policy_;
  const SnapshotData& data_;
  const absl::Time now_;
  const CompactOptions& options_;
  absl::flat_hash_map<std::string, StageNeeds> needs_;
  Names artifacts_;
};

// The instant of a message that was found readable.
absl::Time At(const google::protobuf::Timestamp& timestamp) {
  return ReadTime(timestamp).value_or(absl::InfiniteFuture());
}

void CompactStage(const History& history, absl::Time now, v1::StageRecord* stage) {
  const StageNeeds* needs = history.Needs(stage->stage());
  if (needs == nullptr) return;
  const auto keeps = [&](const std::string& artifact) { return history.KeepsArtifact(artifact); };
  Filter(stage->mutable_deployments(), [&](const v1::Deployment& d) {
    return needs->deployed.contains(std::make_pair(d.cell(), d.artifact()));
  });
  Filter(stage->mutable_entries(),
         [&](const v1::Entry& entry) { return needs->entered.contains(entry.artifact()); });

  // Of each artifact that stays its newest rollout here, and those that others refer to.
  absl::flat_hash_map<std::string, uint64_t> newest;
  for (const v1::Rollout& rollout : stage->rollouts()) {
    uint64_t& number = newest[rollout.artifact()];
    number = std::max(number, rollout.number());
  }
  Filter(stage->mutable_rollouts(), [&](const v1::Rollout& rollout) {
    return needs->rollouts.contains(rollout.number()) ||
           (keeps(rollout.artifact()) && newest[rollout.artifact()] == rollout.number());
  });
  Filter(stage->mutable_passes(), [&](const v1::Pass& p) { return keeps(p.artifact()); });
  Filter(stage->mutable_latches(), [&](const v1::Latch& l) { return keeps(l.artifact()); });
  Filter(stage->mutable_start_requests(), [&](const v1::StartRequest& request) {
    return keeps(request.artifact()) && At(request.expires_at()) > now;
  });
  Filter(stage->mutable_preempt_requests(), [&](const v1::PreemptRequest& request) {
    return keeps(request.artifact()) && At(request.expires_at()) > now;
  });
  Filter(stage->mutable_roll_back_requests(), [&](const v1::RollBackRequest& request) {
    return request.honoured_by() == 0 || needs->rollouts.contains(request.honoured_by());
  });
  Filter(stage->mutable_retry_requests(),
         [&](const v1::RetryRequest& request) { return keeps(request.artifact()); });
  stage->set_sequence_floor(needs->sequence_floor);
}

// How many runs of a check any blocker of the policy looks at.
class RunsNeeded {
 public:
  explicit RunsNeeded(const PolicyData& policy) {
    Note(policy.blockers);
    for (const StageRule& stage : policy.stages) {
      Note(stage.blockers);
      Note(stage.pass_criteria);
      for (const WaveRule& wave : stage.rollout.waves) Note(wave.blockers);
    }
  }

  size_t Of(absl::string_view check) const {
    const auto runs = runs_.find(check);
    return runs == runs_.end() ? 1 : runs->second;
  }

 private:
  void Note(const std::vector<Blocker>& blockers) {
    for (const Blocker& blocker : blockers) {
      const auto* combination = absl::get_if<Combination>(&blocker.kind);
      if (combination != nullptr) Note(combination->children);
      const auto* check = absl::get_if<CheckRequirement>(&blocker.kind);
      if (check == nullptr) continue;
      size_t& runs = runs_.try_emplace(check->check, 1).first->second;
      runs = std::max(runs, static_cast<size_t>(check->consecutive_passes));
    }
  }

  absl::flat_hash_map<std::string, size_t> runs_;
};

// When the newest deployment to the cell began; InfinitePast: there is none.
absl::Time NewestStart(const SnapshotData& data, absl::string_view cell) {
  const CellFacts* facts = data.Cell(cell);
  const StageFacts* stage = facts == nullptr ? nullptr : data.Stage(facts->stage);
  if (stage == nullptr) return absl::InfinitePast();
  const auto after = std::upper_bound(
      stage->deployments.begin(), stage->deployments.end(), cell,
      [](absl::string_view id, const DeploymentFacts& deployment) { return id < deployment.cell; });
  if (after == stage->deployments.begin() || std::prev(after)->cell != cell) {
    return absl::InfinitePast();
  }
  return std::prev(after)->started_at;
}

// The runs of checks that no blocker and no cell looks at any more.
absl::flat_hash_set<const v1::Check*> IdleRuns(const PolicyData& policy, const SnapshotData& data,
                                               const History& history, absl::Time now) {
  const RunsNeeded needed(policy);
  absl::flat_hash_set<const v1::Check*> idle;
  // By artifact, check and stage: the newest runs, in the order of `data.checks` from the back.
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, bool> readable;
  for (const CheckRun& run : data.checks) {
    const bool visible = run.fault == v1::ALL_CLEAR && run.started_at <= now &&
                         (run.finished_at <= now || run.finished_at == absl::InfiniteFuture());
    bool& all = readable.try_emplace({run.artifact, run.check}, true).first->second;
    all = all && visible;
  }
  struct Seen {
    size_t runs = 0;
    absl::Time last = absl::InfiniteFuture();
  };
  absl::flat_hash_map<std::string, Seen> seen;
  const auto is_needed = [&](std::string key, const CheckRun& run) {
    Seen& group = seen[std::move(key)];
    if (group.runs >= needed.Of(run.check) && run.started_at < group.last) return false;
    ++group.runs;
    group.last = run.started_at;
    return true;
  };
  for (auto run = data.checks.rbegin(); run != data.checks.rend(); ++run) {
    if (!history.KeepsArtifact(run->artifact)) {
      idle.insert(run->record);
      continue;
    }
    if (!readable[{run->artifact, run->check}]) continue;
    if (!run->cell.empty()) {
      if (run->started_at < NewestStart(data, run->cell)) idle.insert(run->record);
      continue;
    }
    const std::string key = absl::StrCat(run->artifact, "|", run->check);
    const bool anywhere = is_needed(key, *run);
    const bool here = is_needed(absl::StrCat(key, "|", run->stage), *run);
    if (!anywhere && !here) idle.insert(run->record);
  }
  return idle;
}

// Cells that are retired and that neither the policy nor a plan or deployment that stays names.
Names IdleCells(const PolicyData& policy, const v1::PipelineState& state) {
  Names named;
  for (const StageRule& stage : policy.stages) {
    for (const WaveRule& wave : stage.rollout.waves) {
      named.insert(wave.cells.begin(), wave.cells.end());
    }
  }
  for (const v1::StageRecord& stage : state.stages()) {
    for (const v1::Rollout& rollout : stage.rollouts()) {
      for (const v1::PlannedWave& wave : rollout.plan().waves()) {
        named.insert(wave.cells().begin(), wave.cells().end());
      }
    }
    for (const v1::Deployment& deployment : stage.deployments()) named.insert(deployment.cell());
  }
  Names idle;
  for (const v1::Cell& cell : state.cells()) {
    if (cell.has_retired() && !named.contains(cell.id())) idle.insert(cell.id());
  }
  return idle;
}

void ForgetEvents(absl::Time now, const CompactOptions& options, v1::PipelineState* state) {
  const absl::Time events_from = now - options.remember_events_for;
  const absl::Time reports_from = now - options.remember_reports_for;
  Filter(state->mutable_applied_events(), [&](const v1::AppliedEvent& event) {
    if (!event.has_at()) return true;
    return At(event.at()) >= (IsReport(event.kind()) ? reports_from : events_from);
  });
  const absl::Time before = state->has_events_forgotten_before()
                                ? At(state->events_forgotten_before())
                                : absl::InfinitePast();
  if (events_from > before && events_from >= absl::FromUnixSeconds(0)) {
    *state->mutable_events_forgotten_before() = WriteTime(events_from);
  }
}

}  // namespace

absl::Status Compact(const Policy& policy, absl::Time now, v1::PipelineState* state,
                     const CompactOptions& options) {
  const v1::PipelineState before = *state;
  const Organisation nothing;
  const Snapshot snapshot = Snapshot::Load(before, nothing);
  const SnapshotData& data = snapshot.data();
  if (const std::string unreadable = Unreadable(data, policy.data()); !unreadable.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("can't be read: ", unreadable));
  }
  const History history(policy.data(), data, now, options);

  // Runs are found by their place: `before` and `state` have the same elements.
  const absl::flat_hash_set<const v1::Check*> idle = IdleRuns(policy.data(), data, history, now);
  int place = 0;
  Filter(state->mutable_checks(),
         [&](const v1::Check&) { return !idle.contains(&before.checks(place++)); });
  for (v1::StageRecord& stage : *state->mutable_stages()) CompactStage(history, now, &stage);
  const auto keeps = [&](const std::string& artifact) { return history.KeepsArtifact(artifact); };
  Filter(state->mutable_artifacts(), [&](const v1::Artifact& a) { return keeps(a.digest()); });
  Filter(state->mutable_measurements(), [&](const v1::Measurement& measurement) {
    return keeps(measurement.artifact()) &&
           At(measurement.measured_at()) >= NewestStart(data, measurement.cell());
  });
  Filter(state->mutable_approvals(), [&](const v1::Approval& a) { return keeps(a.artifact()); });
  Filter(state->mutable_overrides(), [&](const v1::Override& o) { return keeps(o.artifact()); });
  Names ended;
  for (const HoldFacts& hold : data.holds) {
    if (hold.fault == v1::ALL_CLEAR && hold.ends_at <= now) ended.insert(std::string(hold.id));
  }
  Filter(state->mutable_holds(), [&](const v1::Hold& hold) { return !ended.contains(hold.id()); });
  Names braked;
  for (const RollBackHoldFacts& hold : data.roll_back_holds) {
    if (hold.fault == v1::ALL_CLEAR && hold.ends_at <= now) braked.insert(std::string(hold.id));
  }
  Filter(state->mutable_roll_back_holds(),
         [&](const v1::RollBackHold& hold) { return !braked.contains(hold.id()); });
  const Names idle_cells = IdleCells(policy.data(), *state);
  Filter(state->mutable_cells(),
         [&](const v1::Cell& cell) { return !idle_cells.contains(cell.id()); });
  ForgetEvents(now, options, state);
  if (state->has_record_count()) state->set_record_count(RecordCount(*state));
  return absl::OkStatus();
}

}  // namespace sluice
