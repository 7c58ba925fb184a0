#include "sluice/testing/coverage.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/testing/coverage_keys.h"

namespace sluice {
namespace {

// Whether a finding of this verdict and reason makes a stage roll back.
bool IsTrigger(const v1::Finding& finding) {
  if (finding.verdict() != v1::BLOCKING || finding.effect() != v1::HOLDS) return false;
  switch (finding.reason()) {
    case v1::ABOVE_BASELINE:
    case v1::ABOVE_BOUND:
    case v1::ALARM_SINCE_DEPLOYMENT:
    case v1::DEPLOYMENT_FAILED:
    case v1::HYGIENE_FAILED:
    case v1::HYGIENE_TIMED_OUT:
    case v1::KNOWN_BAD_MATCH:
    case v1::MEASUREMENT_FAILED:
    case v1::ROLL_BACK_REQUESTED:
    case v1::SERIES_BREACHED:
      return true;
    default:
      return false;
  }
}

bool IsHolding(const v1::Finding& finding) {
  return finding.verdict() != v1::CLEAR && finding.effect() == v1::HOLDS;
}

// What one expectation shows of one stage.
class Shown {
 public:
  Shown(const v1::Expectation& expected, const v1::StageDecision& stage,
        const v1::PipelineState& state)
      : expected_(expected), stage_(stage), state_(state) {}

  absl::btree_set<std::string> Keys() && {
    for (const v1::Finding& finding : stage_.findings()) {
      if (IsNamed(finding) || Decides(finding)) AddFinding(finding, finding.wave());
    }
    AddActions();
    AddWanted();
    for (const v1::PassedOver& passed_over : expected_.passed_over()) {
      keys_.insert(PassedOverKey(stage_.stage(), passed_over.reason()));
    }
    return std::move(keys_);
  }

 private:
  bool StatesAction() const { return expected_.action() != v1::StageDecision::ACTION_UNSPECIFIED; }
  bool StatesCells() const { return StatesAction() || !expected_.cells().empty(); }

  // Whether the expectation names the finding and says something of what it says.
  bool IsNamed(const v1::Finding& finding) const {
    return absl::c_any_of(expected_.findings(), [&](const v1::Finding& want) {
      const auto is = [](const std::string& a, const std::string& b) {
        return a.empty() || a == b;
      };
      const bool says = want.verdict() != v1::VERDICT_UNSPECIFIED ||
                        want.reason() != v1::REASON_UNSPECIFIED ||
                        want.effect() != v1::EFFECT_UNSPECIFIED;
      return says && want.id() == finding.id() && is(want.artifact(), finding.artifact()) &&
             is(want.wave(), finding.wave()) && is(want.cell(), finding.cell()) &&
             (want.verdict() == v1::VERDICT_UNSPECIFIED || want.verdict() == finding.verdict()) &&
             (want.reason() == v1::REASON_UNSPECIFIED || want.reason() == finding.reason()) &&
             (want.effect() == v1::EFFECT_UNSPECIFIED || want.effect() == finding.effect());
    });
  }

  bool Decides(const v1::Finding& finding) const {
    if (finding.verdict() == v1::CLEAR) return DecidesAsClear(finding);
    if (!StatesAction() || stage_.action() == v1::StageDecision::IDLE) return false;
    const bool rolls_back = stage_.action() == v1::StageDecision::ROLL_BACK;
    const auto counts = rolls_back ? IsTrigger : IsHolding;
    if (!counts(finding)) {
      // What is lifted lets a release through as what is clear does.
      return finding.effect() == v1::LIFTED && IsForward();
    }
    return absl::c_count_if(stage_.findings(), counts) == 1;
  }

  bool IsForward() const {
    return stage_.action() == v1::StageDecision::DEPLOY ||
           stage_.action() == v1::StageDecision::READY;
  }

  bool DecidesAsClear(const v1::Finding& finding) const {
    if (finding.cell().empty() && StatesCells() && IsForward()) {
      return finding.wave().empty() ||
             absl::c_any_of(stage_.actions(), [&](const v1::CellAction& action) {
               return action.wave() == finding.wave();
             });
    }
    return absl::c_any_of(stage_.wanted(), [&](const v1::WantedRecord& wanted) {
      if (expected_.wanted().empty() || wanted.artifact() != finding.artifact()) return false;
      switch (wanted.kind()) {
        case v1::WantedRecord::CELL_PROVEN:
          return wanted.cell() == finding.cell();
        case v1::WantedRecord::WAVE_PROVEN:
          return finding.cell().empty() && wanted.wave() == finding.wave();
        case v1::WantedRecord::PASSED:
          return finding.cell().empty() && finding.wave().empty();
        default:
          return false;
      }
    });
  }

  void AddFinding(const v1::Finding& finding, const std::string& wave) {
    const std::string& stage = stage_.stage();
    keys_.insert(FindingKey(stage, "", finding.id(), finding.verdict(), finding.reason()));
    keys_.insert(FindingKey(stage, wave, finding.id(), finding.verdict(), finding.reason()));
    if (finding.effect() == v1::LIFTED) {
      keys_.insert(finding.overrides().empty() ? FinishedWaveKey(stage, finding.id())
                                               : LiftedKey(stage, finding.id()));
    } else if (!finding.overrides().empty() && finding.still_needed() > 0) {
      keys_.insert(TooFewOverridesKey(stage, finding.id()));
    }
    AddOverride(finding);
    for (const v1::Finding& child : finding.evidence().children()) AddFinding(child, wave);
  }

  // If the finding is about an override that counts for nothing.
  void AddOverride(const v1::Finding& finding) {
    for (const v1::Override& o : state_.overrides()) {
      if (finding.id() != absl::StrCat("@override:", o.id())) continue;
      for (const std::string& blocker : o.blockers()) {
        keys_.insert(RefusedOverrideKey(stage_.stage(), blocker, finding.reason()));
      }
      for (const std::string& trigger : o.keep_despite()) {
        keys_.insert(RefusedOverrideKey(stage_.stage(), trigger, finding.reason()));
        keys_.insert(RefusedOverrideKey(stage_.stage(), absl::StrCat("@hygiene:", trigger),
                                        finding.reason()));
      }
    }
  }

  void AddActions() {
    const std::string& stage = stage_.stage();
    if (StatesCells()) {
      keys_.insert(ActionKey(stage, stage_.action()));
      for (const v1::CellAction& action : stage_.actions()) {
        if (!action.roll_back()) keys_.insert(WaveKey(stage, action.wave()));
      }
      if (RollsBackComplete()) keys_.insert(RollBackOfCompleteKey(stage));
      if (EndsRunningRollout()) keys_.insert(PreemptKey(stage));
    }
    const bool states_room = !expected_.cells().empty() || expected_.no_cells() || StatesAction();
    if (states_room && !stage_.cells_without_room().empty()) keys_.insert(NoRoomKey(stage));
  }

  // Whether the stage has a rollout in this phase that `matches`.
  template <typename Matches>
  bool HasRollout(v1::Rollout::State phase, Matches matches) const {
    return absl::c_any_of(state_.stages(), [&](const v1::StageRecord& records) {
      return records.stage() == stage_.stage() &&
             absl::c_any_of(records.rollouts(), [&](const v1::Rollout& rollout) {
               return rollout.state() == phase && matches(rollout.artifact());
             });
    });
  }

  bool RollsBackComplete() const {
    return stage_.action() == v1::StageDecision::ROLL_BACK &&
           HasRollout(v1::Rollout::COMPLETE,
                      [&](const std::string& artifact) { return artifact == stage_.artifact(); });
  }

  bool EndsRunningRollout() const {
    return IsForward() && HasRollout(v1::Rollout::RUNNING, [&](const std::string& artifact) {
             return artifact != stage_.artifact();
           });
  }

  void AddWanted() {
    if (expected_.wanted().empty()) return;
    for (const v1::WantedRecord& wanted : stage_.wanted()) {
      keys_.insert(WantedKey(stage_.stage(), "", wanted.kind()));
      const std::string wave = wanted.wave().empty() ? WaveOf(wanted.cell()) : wanted.wave();
      keys_.insert(WantedKey(stage_.stage(), wave, wanted.kind()));
    }
  }

  // The wave of a cell that is judged.
  std::string WaveOf(const std::string& cell) const {
    if (cell.empty()) return "";
    for (const v1::Finding& finding : stage_.findings()) {
      if (finding.cell() == cell && !finding.wave().empty()) return finding.wave();
    }
    return "";
  }

  const v1::Expectation& expected_;
  const v1::StageDecision& stage_;
  const v1::PipelineState& state_;
  absl::btree_set<std::string> keys_;
};

}  // namespace

PolicyCoverage::PolicyCoverage(const v1::PipelinePolicy& policy)
    : points_(CoveragePointsOf(policy)) {
  for (size_t i = 0; i < points_.size(); ++i) {
    for (const std::string& key : points_[i].shown_by) by_key_[key].push_back(static_cast<int>(i));
  }
}

std::vector<int> PolicyCoverage::ShownBy(const v1::Moment& moment, const Decision& decision,
                                         const v1::PipelineState& state) const {
  const v1::PipelineDecision message = ToProto(decision);
  absl::btree_set<int> shown;
  for (const v1::Expectation& expected : moment.expect()) {
    for (const v1::StageDecision& stage : message.stages()) {
      if (stage.stage() != expected.stage()) continue;
      for (const std::string& key : Shown(expected, stage, state).Keys()) {
        const auto points = by_key_.find(key);
        if (points != by_key_.end()) shown.insert(points->second.begin(), points->second.end());
      }
    }
  }
  return {shown.begin(), shown.end()};
}

}  // namespace sluice
