#include "sluice/simulate/next_instant.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "sluice/leaves.h"

namespace sluice {
namespace {

// How the leaf behind a finding changes while everything is healthy.
enum class Kind {
  kTimer,   // At its own instants.
  kLists,   // At those of entries: lists do not grow stale.
  kSignal,  // By reports: once clear it stays so.
  kRuns,    // The same, by runs of synthetic traffic.
  kBake,    // By its timer and by reports.
};

Kind KindOf(const Blocker& blocker) {
  if (absl::holds_alternative<KnownBadArtifact>(blocker.kind)) return Kind::kLists;
  if (absl::holds_alternative<SyntheticTraffic>(blocker.kind)) return Kind::kRuns;
  if (absl::holds_alternative<MetricAlarm>(blocker.kind) ||
      absl::holds_alternative<EnvironmentParity>(blocker.kind) ||
      absl::holds_alternative<TrafficIsolation>(blocker.kind)) {
    return Kind::kSignal;
  }
  return Kind::kTimer;
}

Kind KindOf(absl::string_view id, const PolicyLeaves& leaves) {
  if (id == kBakeId) return Kind::kBake;
  if (id == kEmergencyStopId) return Kind::kSignal;
  if (leaves.WatchedOf(id) != nullptr) return Kind::kSignal;
  if (leaves.CriterionOf(id) != nullptr) return Kind::kSignal;
  if (const Blocker* blocker = leaves.BlockerOf(id)) return KindOf(*blocker);
  return Kind::kTimer;
}

class Finder {
 public:
  Finder(const Decision& decision, const HealthyFacts& facts, const PolicyLeaves& leaves)
      : now_(decision.now), facts_(facts), leaves_(leaves) {}

  void Look(const Finding& finding) {
    for (const Finding& child : finding.evidence.children) Look(child);
    // What the children say is all that a combination says, but for overrides.
    const bool is_combination = !finding.evidence.children.empty();
    if (is_combination && finding.overrides.empty() && finding.verdict == Verdict::kClear) return;
    switch (KindOf(finding.id, leaves_)) {
      case Kind::kTimer:
        if (!is_combination || !IsStaleInstant(finding)) Consider(finding.changes_at);
        return;
      case Kind::kLists:
        if (!IsStaleInstant(finding)) Consider(finding.changes_at);
        Consider(facts_.NextListChange(now_));
        return;
      case Kind::kRuns:
        if (finding.verdict == Verdict::kClear) return;
        Consider(finding.changes_at);
        if (finding.verdict != Verdict::kInvalid) Consider(facts_.NextRun(now_));
        return;
      case Kind::kSignal:
        if (finding.verdict == Verdict::kClear) return;
        if (!IsStaleInstant(finding)) Consider(finding.changes_at);
        Consider(facts_.NextClear(now_));
        next_.waits_for_periods = true;
        return;
      case Kind::kBake:
        if (finding.verdict == Verdict::kClear) return;
        // Its `changes_at` may be that of a report that grows stale; its own timer is this.
        if (finding.evidence.until.has_value()) Consider(*finding.evidence.until);
        next_.waits_for_periods = true;
        return;
    }
  }

  const NextInstants& next() const { return next_; }

 private:
  void Consider(absl::Time t) {
    if (t > now_) next_.timer = std::min(next_.timer, t);
  }

  // Whether all that is due is that reports made now would be too old.
  bool IsStaleInstant(const Finding& finding) const {
    return finding.overrides.empty() && finding.changes_at != absl::InfiniteFuture() &&
           facts_.needs().max_ages.count(finding.changes_at - now_) > 0;
  }

  const absl::Time now_;
  const HealthyFacts& facts_;
  const PolicyLeaves& leaves_;
  NextInstants next_;
};

bool IsStuck(const StageDecision& stage, const Decision& decision, const HealthyFacts& facts,
             const PolicyLeaves& leaves) {
  if (!stage.wanted.empty()) return false;
  switch (stage.action) {
    case Action::kIdle:
      // A pass may still be awaited.
      return std::none_of(stage.findings.begin(), stage.findings.end(), [&](const Finding& f) {
        if (!Holds(f) || !leaves.IsPassCriterion(f.id) || f.reason == v1::NO_SUBJECT) return false;
        const Blocker* blocker = leaves.BlockerOf(f.id);
        return f.changes_at != absl::InfiniteFuture() || KindOf(*blocker) != Kind::kTimer;
      });
    case Action::kReady:
      return std::any_of(stage.findings.begin(), stage.findings.end(), [](const Finding& f) {
        return f.id == kStartId && f.verdict != Verdict::kClear &&
               f.changes_at == absl::InfiniteFuture();
      });
    case Action::kHold:
      break;
    default:
      return false;
  }
  // A newer candidate may end what is held.
  for (const PassedOver& passed_over : stage.passed_over) {
    if (passed_over.reason == v1::WAITS_FOR_ROLLOUT) return false;
  }
  bool held = false;
  for (const Finding& finding : stage.findings) {
    if (Holds(finding) && leaves.IsOfDeployed(finding.id)) return false;
    if (!finding.cell.empty() || leaves.IsPassCriterion(finding.id)) continue;
    held = held || HoldsForGood(finding, decision, facts, leaves);
  }
  return held;
}

}  // namespace

bool HoldsForGood(const Finding& finding, const Decision& decision, const HealthyFacts& facts,
                  const PolicyLeaves& leaves) {
  if (!Holds(finding)) return false;
  if (finding.id == kEmergencyStopId) {
    return finding.verdict == Verdict::kBlocking ||
           facts.needs().max_ages.count(finding.changes_at - decision.now) == 0;
  }
  if (finding.changes_at != absl::InfiniteFuture()) return false;
  const Kind kind = KindOf(finding.id, leaves);
  return kind == Kind::kTimer || kind == Kind::kLists;
}

bool WaitsForReports(const Finding& finding, const PolicyLeaves& leaves) {
  const Kind kind = KindOf(finding.id, leaves);
  return Holds(finding) && kind != Kind::kTimer && kind != Kind::kLists;
}

NextInstants NextInstantsOf(const Decision& decision, const HealthyFacts& facts,
                            const PolicyLeaves& leaves) {
  Finder finder(decision, facts, leaves);
  for (const StageDecision& stage : decision.stages) {
    for (const Finding& finding : stage.findings) finder.Look(finding);
  }
  return finder.next();
}

bool IsStuck(const Decision& decision, const HealthyFacts& facts, const PolicyLeaves& leaves) {
  return std::all_of(decision.stages.begin(), decision.stages.end(),
                     [&](const auto& stage) { return IsStuck(stage, decision, facts, leaves); });
}

}  // namespace sluice
