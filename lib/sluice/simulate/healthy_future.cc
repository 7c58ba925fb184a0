#include "sluice/simulate/healthy_future.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "sluice/decision.h"
#include "sluice/facts.h"
#include "sluice/internal/checked_time.h"
#include "sluice/organisation.h"
#include "sluice/simulate/healthy_facts.h"
#include "sluice/simulate/next_instant.h"
#include "sluice/simulate/player.h"
#include "sluice/snapshot.h"

namespace sluice {
namespace {

// How long to go on where nothing happens any more and everything is held for good: windows may
// still open for other cells.
constexpr absl::Duration kPatience = absl::Hours(35 * 24);

uint64_t SequenceOf(const v1::PipelineState& state, absl::string_view digest) {
  for (const v1::Artifact& artifact : state.artifacts()) {
    if (artifact.digest() == digest) return artifact.sequence();
  }
  return 0;
}

// When the artifact passed the stage, if that was not revoked.
absl::optional<absl::Time> PassedAt(const v1::PipelineState& state, absl::string_view stage,
                                    absl::string_view artifact) {
  absl::optional<absl::Time> at;
  const v1::StageRecord* record = RecordOf(state, stage);
  if (record == nullptr) return at;
  for (const v1::Pass& pass : record->passes()) {
    if (pass.artifact() != artifact) continue;
    if (pass.has_revoked_at()) return absl::nullopt;
    at = ReadTime(pass.at());
  }
  return at;
}

// The artifact's newest rollout in the stage, or null.
const v1::Rollout* RolloutOf(const v1::StageRecord& record, absl::string_view artifact) {
  const v1::Rollout* newest = nullptr;
  for (const v1::Rollout& rollout : record.rollouts()) {
    if (rollout.artifact() != artifact) continue;
    if (newest == nullptr || rollout.number() > newest->number()) newest = &rollout;
  }
  return newest;
}

// Which artifact a stage is about now; empty: none.
std::string ArtifactOf(const StageDecision& stage, const PolicyLeaves& leaves) {
  if (!stage.artifact.empty()) return std::string(stage.artifact);
  for (const WantedRecord& wanted : stage.wanted) return std::string(wanted.artifact);
  for (const Finding& finding : stage.findings) {
    if (leaves.IsPassCriterion(finding.id) && !finding.artifact.empty()) {
      return std::string(finding.artifact);
    }
  }
  return "";
}

// What holds, whatever it is about.
std::set<WaitingFor> HoldsIn(const Decision& decision, const PolicyLeaves& leaves) {
  std::set<WaitingFor> holds;
  for (const StageDecision& stage : decision.stages) {
    for (const Finding& finding : stage.findings) {
      if (!Holds(finding) || finding.reason == v1::NO_SUBJECT) continue;
      const bool of_deployed = leaves.IsOfDeployed(finding.id);
      holds.insert({std::string(stage.stage), of_deployed ? std::string(finding.wave) : "",
                    std::string(finding.id), finding.reason});
    }
  }
  return holds;
}

// What has failed in a stage that rolls back.
std::vector<WaitingFor> FailuresIn(const StageDecision& stage, const PolicyLeaves& leaves) {
  std::set<WaitingFor> failures;
  for (const Finding& finding : stage.findings) {
    const bool is_told = leaves.IsOfDeployed(finding.id) || finding.artifact == stage.artifact;
    if (!Holds(finding) || finding.verdict != Verdict::kBlocking || !is_told) continue;
    const bool of_deployed = leaves.IsOfDeployed(finding.id);
    failures.insert({std::string(stage.stage), of_deployed ? std::string(finding.wave) : "",
                     std::string(finding.id), finding.reason});
  }
  return {failures.begin(), failures.end()};
}

class Play {
 public:
  Play(const Policy& policy, const PresentFacts& present, absl::Time now,
       const HealthyFutureOptions& options)
      : policy_(policy),
        options_(options),
        end_(Later(now, options.horizon)),
        player_(policy,
                HealthyFacts(policy.data(), present.state, present.organisation, present.known_bad,
                             now),
                now),
        last_event_(now) {
    future_.now = now;
    Begin(present);
  }

  HealthyFuture Run() {
    while (!IsSettled()) {
      if (IsStuck(player_.decision(), player_.facts(), player_.leaves()) &&
          !player_.HasDeploymentUnderWay()) {
        break;
      }
      const absl::Time next = player_.Next(end_);
      if (next == absl::InfiniteFuture()) {
        signals_may_clear_ = false;
        break;
      }
      if (next >= end_ || player_.decisions() >= options_.max_decisions) {
        too_far_ = true;
        break;
      }
      if (next - last_event_ > kPatience && IsAllHeldForGood()) break;
      NoteWaits(next - player_.now());
      const uint64_t events = player_.events();
      player_.GoTo(next);
      player_.Report();
      player_.Act();
      if (player_.events() != events) last_event_ = next;
    }
    Finish();
    return std::move(future_);
  }

 private:
  void Begin(const PresentFacts& present) {
    const Organisation organisation = present.organisation == nullptr
                                          ? Organisation()
                                          : Organisation::Load(*present.organisation);
    const Snapshot snapshot = Snapshot::Load(present.state, organisation, {present.known_bad});
    const Decision as_it_is = policy_.Decide(snapshot, future_.now);
    const std::set<WaitingFor> held = HoldsIn(as_it_is, player_.leaves());
    for (const StageRule& rule : policy_.data().stages) {
      StageFuture stage;
      stage.stage = rule.id;
      const auto time = player_.deployment_times().find(rule.id);
      if (time != player_.deployment_times().end()) {
        stage.deployment_time = time->second.time;
        stage.deployment_time_is_stated = time->second.is_stated;
      }
      const StageDecision* decision = as_it_is.Stage(rule.id);
      const v1::Rollout* active = ActiveRollout(RecordOf(present.state, rule.id));
      const bool goes_back = decision->action == Action::kRollBack ||
                             (active != nullptr && active->state() == v1::Rollout::ROLLING_BACK);
      if (goes_back) {
        stage.outcome = StageOutcome::kRollsBack;
        stage.artifact =
            decision->artifact.empty() ? active->artifact() : std::string(decision->artifact);
        stage.stopped_by = FailuresIn(*decision, player_.leaves());
      }
      future_.stages.push_back(std::move(stage));
    }
    player_.RollBack(as_it_is);
    player_.GoTo(future_.now);
    player_.Report();
    const std::set<WaitingFor> still_held = HoldsIn(player_.decision(), player_.leaves());
    const auto is_of_bake = [&](const WaitingFor& w) { return w.reason == v1::BAKING; };
    for (const WaitingFor& waiting : held) {
      // What goes on for another reason goes on.
      const bool goes_on =
          std::any_of(still_held.begin(), still_held.end(), [&](const WaitingFor& other) {
            return other.id == waiting.id && other.stage == waiting.stage &&
                   other.wave == waiting.wave;
          });
      if (!goes_on && !is_of_bake(waiting)) future_.assumed_over.push_back(waiting);
    }
    ChooseArtifacts();
    waits_.resize(future_.stages.size());
    player_.Act();
  }

  void ChooseArtifacts() {
    std::string newest;
    uint64_t newest_sequence = 0;
    for (StageFuture& stage : future_.stages) {
      if (stage.artifact.empty()) {
        stage.artifact = ArtifactOf(*player_.decision().Stage(stage.stage), player_.leaves());
      }
      if (stage.artifact.empty()) stage.artifact = newest;
      const uint64_t sequence = SequenceOf(player_.state(), stage.artifact);
      if (!stage.artifact.empty() && sequence >= newest_sequence) {
        newest = stage.artifact;
        newest_sequence = sequence;
      }
    }
  }

  // Whether the artifact is all over the stage and has passed.
  bool IsThere(const StageFuture& stage) const {
    if (!PassedAt(player_.state(), stage.stage, stage.artifact).has_value()) return false;
    const v1::Rollout* active = ActiveRollout(RecordOf(player_.state(), stage.stage));
    return active == nullptr || active->artifact() != stage.artifact;
  }

  bool IsSettled() const {
    return std::all_of(future_.stages.begin(), future_.stages.end(), [&](const auto& stage) {
      return stage.artifact.empty() || stage.outcome == StageOutcome::kRollsBack || IsThere(stage);
    });
  }

  // The first stage, at most `last`, that the artifact has not passed.
  const StageDecision& WaitsIn(size_t last) const {
    const std::string& artifact = future_.stages[last].artifact;
    size_t i = 0;
    while (i < last && PassedAt(player_.state(), future_.stages[i].stage, artifact).has_value()) {
      ++i;
    }
    return *player_.decision().Stage(future_.stages[i].stage);
  }

  std::vector<WaitingFor> WaitsOf(size_t stage) const {
    return WaitsFor(WaitsIn(stage), future_.stages[stage].artifact, player_.state(),
                    player_.leaves());
  }

  void NoteWaits(absl::Duration duration) {
    for (size_t i = 0; i < future_.stages.size(); ++i) {
      const StageFuture& stage = future_.stages[i];
      if (stage.artifact.empty() || IsThere(stage)) continue;
      for (const WaitingFor& waiting : WaitsOf(i)) waits_[i][waiting] += duration;
    }
  }

  // What of that no instant ends, and no report either if reports may still come.
  std::vector<WaitingFor> HeldForGoodBy(size_t stage) const {
    const StageDecision& decision = WaitsIn(stage);
    std::vector<WaitingFor> for_good;
    for (const WaitingFor& waiting : WaitsOf(stage)) {
      const bool stays = std::any_of(
          decision.findings.begin(), decision.findings.end(), [&](const Finding& finding) {
            if (finding.id != waiting.id || finding.reason != waiting.reason) return false;
            if (HoldsForGood(finding, player_.decision(), player_.facts(), player_.leaves())) {
              return true;
            }
            return !signals_may_clear_ && WaitsForReports(finding, player_.leaves());
          });
      if (stays) for_good.push_back(waiting);
    }
    return for_good;
  }

  // Whether each artifact on its way is held so.
  bool IsAllHeldForGood() const {
    for (size_t i = 0; i < future_.stages.size(); ++i) {
      const StageFuture& stage = future_.stages[i];
      const bool is_on_its_way =
          !stage.artifact.empty() && stage.outcome != StageOutcome::kRollsBack && !IsThere(stage);
      if (is_on_its_way && HeldForGoodBy(i).empty()) return false;
    }
    return true;
  }

  void FillInstants(StageFuture* stage) const {
    const v1::StageRecord* record = RecordOf(player_.state(), stage->stage);
    if (record == nullptr) return;
    stage->passed = PassedAt(player_.state(), stage->stage, stage->artifact);
    for (const v1::Entry& entry : record->entries()) {
      if (entry.artifact() == stage->artifact) stage->complete = ReadTime(entry.at());
    }
    const v1::Rollout* rollout = RolloutOf(*record, stage->artifact);
    if (rollout == nullptr) return;
    absl::optional<CellInstant> last;
    for (const v1::Deployment& deployment : record->deployments()) {
      if (deployment.rollout() != rollout->number() ||
          deployment.direction() != v1::Deployment::FORWARD) {
        continue;
      }
      const absl::optional<absl::Time> start = ReadTime(deployment.started_at());
      if (start.has_value() && (!stage->first_cell.has_value() || *start < *stage->first_cell)) {
        stage->first_cell = start;
      }
      const absl::optional<absl::Time> end =
          deployment.has_ended_at() ? ReadTime(deployment.ended_at()) : absl::nullopt;
      if (end.has_value() && (!last.has_value() || *end >= last->at)) {
        last = CellInstant{stage->stage, deployment.cell(), *end};
      }
    }
    if (rollout->state() != v1::Rollout::COMPLETE) return;
    stage->complete = ReadTime(rollout->ended_at());
    stage->last_cell = std::move(last);
  }

  StageOutcome OutcomeOf(size_t index) const {
    const StageFuture& stage = future_.stages[index];
    if (stage.artifact.empty()) return StageOutcome::kNothingToCome;
    if (stage.outcome == StageOutcome::kRollsBack) return stage.outcome;
    if (IsThere(stage)) return StageOutcome::kPasses;
    const v1::StageRecord* record = RecordOf(player_.state(), stage.stage);
    const v1::Rollout* rollout = record == nullptr ? nullptr : RolloutOf(*record, stage.artifact);
    if (rollout != nullptr && (rollout->state() == v1::Rollout::ROLLING_BACK ||
                               rollout->state() == v1::Rollout::ROLLED_BACK)) {
      return StageOutcome::kRollsBack;
    }
    const bool may_move = too_far_ && HeldForGoodBy(index).empty();
    return may_move ? StageOutcome::kTooFar : StageOutcome::kStops;
  }

  void Finish() {
    for (size_t i = 0; i < future_.stages.size(); ++i) {
      StageFuture& stage = future_.stages[i];
      stage.outcome = OutcomeOf(i);
      if (stage.artifact.empty()) continue;
      FillInstants(&stage);
      const bool is_stopped =
          stage.outcome == StageOutcome::kStops || stage.outcome == StageOutcome::kRollsBack;
      if (is_stopped && stage.stopped_by.empty()) stage.stopped_by = HeldForGoodBy(i);
      // Everything might end, and still nothing moves.
      if (is_stopped && stage.stopped_by.empty()) stage.stopped_by = WaitsOf(i);
      for (const auto& [waiting, duration] : waits_[i]) stage.waits.push_back({waiting, duration});
      // The map is sorted by id.
      std::stable_sort(stage.waits.begin(), stage.waits.end(),
                       [](const Wait& a, const Wait& b) { return a.duration > b.duration; });
    }
    for (auto stage = future_.stages.rbegin(); stage != future_.stages.rend(); ++stage) {
      if (player_.deployment_times().count(stage->stage) == 0) continue;
      if (stage->outcome == StageOutcome::kPasses) future_.last_cell = stage->last_cell;
      break;
    }
    future_.decisions = player_.decisions();
  }

  const Policy& policy_;
  const HealthyFutureOptions options_;
  const absl::Time end_;
  Player player_;
  absl::Time last_event_;
  HealthyFuture future_;
  std::vector<std::map<WaitingFor, absl::Duration>> waits_;
  bool too_far_ = false;
  bool signals_may_clear_ = true;  // Until reports have come in vain for long.
};

}  // namespace

HealthyFuture PlayHealthyFuture(const Policy& policy, const PresentFacts& facts, absl::Time now,
                                const HealthyFutureOptions& options) {
  return Play(policy, facts, now, options).Run();
}

absl::string_view StageOutcomeName(StageOutcome outcome) {
  switch (outcome) {
    case StageOutcome::kNothingToCome:
      return "NOTHING_TO_COME";
    case StageOutcome::kPasses:
      return "PASSES";
    case StageOutcome::kStops:
      return "STOPS";
    case StageOutcome::kRollsBack:
      return "ROLLS_BACK";
    case StageOutcome::kTooFar:
      return "TOO_FAR";
  }
  return "UNKNOWN";
}

}  // namespace sluice
