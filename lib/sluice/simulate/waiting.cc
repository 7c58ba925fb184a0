#include "sluice/simulate/waiting.h"

#include <algorithm>
#include <set>

#include "sluice/leaves.h"

namespace sluice {
namespace {

bool IsRetired(const v1::PipelineState& state, absl::string_view cell) {
  return std::any_of(state.cells().begin(), state.cells().end(),
                     [&](const v1::Cell& c) { return c.id() == cell && c.has_retired(); });
}

// The first wave of a running rollout that is not proven.
struct CurrentWave {
  std::string id;
  std::set<std::string> next;  // Its cells that wait for their deployment.
};

CurrentWave FindCurrentWave(const v1::PipelineState& state, const v1::StageRecord& record,
                            const v1::Rollout& rollout) {
  std::set<std::string> deployed;
  for (const v1::Deployment& deployment : record.deployments()) {
    if (deployment.rollout() == rollout.number()) deployed.insert(deployment.cell());
  }
  for (const v1::PlannedWave& wave : rollout.plan().waves()) {
    if (wave.has_proven_at()) continue;
    CurrentWave current;
    current.id = wave.id();
    bool is_there = false;
    for (const std::string& cell : wave.cells()) {
      if (IsRetired(state, cell)) continue;
      is_there = true;
      if (deployed.count(cell) == 0) current.next.insert(cell);
    }
    if (is_there) return current;
  }
  return {};
}

class Gatherer {
 public:
  Gatherer(const StageDecision& stage, const PolicyLeaves& leaves)
      : stage_(stage), leaves_(leaves) {}

  // Adds the findings that hold and that `is_meant`.
  template <typename Predicate>
  void Add(const Predicate& is_meant) {
    for (const Finding& finding : stage_.findings) {
      if (!Holds(finding) || !is_meant(finding)) continue;
      WaitingFor waiting;
      waiting.stage = std::string(stage_.stage);
      if (leaves_.IsOfDeployed(finding.id)) waiting.wave = std::string(finding.wave);
      waiting.id = std::string(finding.id);
      waiting.reason = finding.reason;
      found_.insert(std::move(waiting));
    }
  }

  // Adds the start that a person has to ask for.
  void AddStart() {
    for (const Finding& finding : stage_.findings) {
      if (finding.id != kStartId || finding.verdict == Verdict::kClear) continue;
      found_.insert({std::string(stage_.stage), "", std::string(finding.id), finding.reason});
    }
  }

  bool empty() const { return found_.empty(); }

  std::vector<WaitingFor> Take() const { return {found_.begin(), found_.end()}; }

 private:
  const StageDecision& stage_;
  const PolicyLeaves& leaves_;
  std::set<WaitingFor> found_;
};

}  // namespace

const v1::StageRecord* RecordOf(const v1::PipelineState& state, absl::string_view stage) {
  for (const v1::StageRecord& record : state.stages()) {
    if (record.stage() == stage) return &record;
  }
  return nullptr;
}

const v1::Rollout* ActiveRollout(const v1::StageRecord* record) {
  if (record == nullptr) return nullptr;
  for (const v1::Rollout& rollout : record->rollouts()) {
    if (rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK) {
      return &rollout;
    }
  }
  return nullptr;
}

std::vector<WaitingFor> WaitsFor(const StageDecision& stage, absl::string_view artifact,
                                 const v1::PipelineState& state, const PolicyLeaves& leaves) {
  Gatherer gatherer(stage, leaves);
  const v1::StageRecord* record = RecordOf(state, stage.stage);
  const v1::Rollout* active = ActiveRollout(record);
  const absl::string_view subject =
      active != nullptr ? absl::string_view(active->artifact()) : stage.artifact;
  const auto is_of_subject = [&](const Finding& finding) {
    return (finding.artifact.empty() || finding.artifact == subject) &&
           !leaves.IsPassCriterion(finding.id);
  };
  if (active != nullptr && active->state() == v1::Rollout::RUNNING) {
    const CurrentWave wave = FindCurrentWave(state, *record, *active);
    if (!wave.next.empty()) {
      gatherer.Add([&](const Finding& finding) {
        if (!is_of_subject(finding)) return false;
        if (!finding.cell.empty()) return wave.next.count(std::string(finding.cell)) > 0;
        if (leaves.IsOfDeployed(finding.id)) return false;
        return finding.wave.empty() || finding.wave == wave.id;
      });
      if (stage.action == Action::kReady) gatherer.AddStart();
    }
    // Nothing holds them: they wait for what is under way.
    if (gatherer.empty()) {
      gatherer.Add([&](const Finding& finding) {
        return is_of_subject(finding) && leaves.IsOfDeployed(finding.id);
      });
    }
    if (gatherer.empty()) gatherer.Add(is_of_subject);
  } else if (active != nullptr) {
    gatherer.Add([&](const Finding& finding) {
      return leaves.IsOfDeployed(finding.id) || finding.id == kRollBackId;
    });
  } else if (!subject.empty()) {
    gatherer.Add(is_of_subject);
    if (stage.action == Action::kReady) gatherer.AddStart();
  }
  if (gatherer.empty()) {
    gatherer.Add([&](const Finding& finding) {
      return leaves.IsPassCriterion(finding.id) && finding.reason != v1::NO_SUBJECT;
    });
  }
  if (!gatherer.empty()) return gatherer.Take();
  WaitingFor nothing;
  nothing.stage = std::string(stage.stage);
  for (const PassedOver& passed_over : stage.passed_over) {
    if (passed_over.artifact == artifact) nothing.reason = passed_over.reason;
  }
  return {nothing};
}

}  // namespace sluice
