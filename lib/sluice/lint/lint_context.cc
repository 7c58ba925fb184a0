#include "sluice/lint/lint_context.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/types/variant.h"
#include "sluice/facts.h"

namespace sluice {

LintContext::LintContext(const Policy& policy, const LintOptions& options, absl::Time now)
    : policy_(policy), options_(options), now_(now) {
  Index(data().blockers);
  for (const StageRule& stage : data().stages) {
    Index(stage.blockers);
    Index(stage.pass_criteria);
    for (const WaveRule& wave : stage.rollout.waves) Index(wave.blockers);
  }
}

void LintContext::Index(const std::vector<Blocker>& blockers) {
  for (const Blocker& blocker : blockers) {
    compiled_.emplace(blocker.id, &blocker);
    const auto* combination = absl::get_if<Combination>(&blocker.kind);
    if (combination != nullptr) Index(combination->children);
  }
}

void LintContext::VisitBlockers(BlockerFinder find) const {
  sluice::VisitBlockers(
      proto(), [&](const v1::Blocker& blocker, const FieldPath& path, const BlockerPlace& place) {
        find(blocker, *compiled_.at(blocker.id()), path, place);
      });
}

void LintContext::VisitRollouts(RolloutFinder find) const {
  const FieldPath root;
  for (int s = 0; s < proto().stages_size(); ++s) {
    const StageRule& stage = data().stages[static_cast<size_t>(s)];
    if (!stage.deploys_cells) continue;
    const FieldPath path = root.Element("stages", s);
    find(stage, proto().stages(s).rollout(), path, path.Field("rollout"));
  }
}

void LintContext::VisitBakes(BakeFinder find) const {
  VisitRollouts([&](const StageRule& stage, const v1::RolloutPolicy& proto, const FieldPath&,
                    const FieldPath& path) {
    if (proto.has_bake()) find(stage, stage.rollout.bake, path.Field("bake"));
    for (int w = 0; w < proto.waves_size(); ++w) {
      if (!proto.waves(w).has_bake()) continue;
      const FieldPath wave = path.Element("waves", w);
      find(stage, stage.rollout.waves[static_cast<size_t>(w)].bake, wave.Field("bake"));
    }
  });
}

absl::optional<absl::Duration> LintContext::PeriodOfSeries(absl::string_view series) const {
  absl::optional<absl::Duration> longest;
  if (options_.snapshot == nullptr) return longest;
  for (const auto& [key, facts] : options_.snapshot->data().series) {
    if (key.id != series || facts.fault != v1::ALL_CLEAR) continue;
    longest = std::max(longest.value_or(facts.view.period), facts.view.period);
  }
  return longest;
}

absl::optional<absl::Duration> LintContext::PeriodOfCounts(absl::string_view counts,
                                                           absl::string_view stage) const {
  if (options_.snapshot == nullptr) return absl::nullopt;
  const auto& all = options_.snapshot->data().counts;
  const auto found = all.find(std::make_pair(counts, stage));
  if (found == all.end() || found->second.fault != v1::ALL_CLEAR) return absl::nullopt;
  return found->second.period;
}

}  // namespace sluice
