#ifndef SLUICE_LINT_LINT_CONTEXT_H_
#define SLUICE_LINT_LINT_CONTEXT_H_

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/compile/visit_blockers.h"
#include "sluice/internal/field_errors.h"
#include "sluice/lint/lint_options.h"
#include "sluice/lint/lint_rule.h"
#include "sluice/policy.h"
#include "sluice/policy_data.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// What every rule looks at: a policy in both its forms, and what is known beside it. The arguments
// of the constructor must outlive it.
class LintContext {
 public:
  using BlockerFinder = absl::FunctionRef<void(const v1::Blocker& proto, const Blocker& blocker,
                                               const FieldPath& path, const BlockerPlace& place)>;
  using RolloutFinder =
      absl::FunctionRef<void(const StageRule& stage, const v1::RolloutPolicy& proto,
                             const FieldPath& stage_path, const FieldPath& rollout_path)>;
  using BakeFinder =
      absl::FunctionRef<void(const StageRule& stage, const Bake& bake, const FieldPath& path)>;

  LintContext(const Policy& policy, const LintOptions& options, absl::Time now);

  const Policy& policy() const { return policy_; }
  const v1::PipelinePolicy& proto() const { return policy_.effective(); }
  const PolicyData& data() const { return policy_.data(); }
  const LintOptions& options() const { return options_; }
  absl::Time now() const { return now_; }

  // Every blocker and pass criterion with its compiled form, children of combinations included.
  void VisitBlockers(BlockerFinder find) const;

  // Every stage that deploys to cells.
  void VisitRollouts(RolloutFinder find) const;

  // Every bake that is stated, a rollout's before those of its waves.
  void VisitBakes(BakeFinder find) const;

  // The longest period that the state has of a series, or of the counts of a stage; nullopt if it
  // has none.
  absl::optional<absl::Duration> PeriodOfSeries(absl::string_view series) const;
  absl::optional<absl::Duration> PeriodOfCounts(absl::string_view counts,
                                                absl::string_view stage) const;

 private:
  void Index(const std::vector<Blocker>& blockers);

  const Policy& policy_;
  const LintOptions& options_;
  absl::Time now_;
  absl::flat_hash_map<absl::string_view, const Blocker*> compiled_;  // By id.
};

// Takes what a rule finds, and where; the message is one line without a full stop.
using LintReport = absl::FunctionRef<void(const FieldPath& path, std::string message)>;

// A rule: what people read about it, and how it finds.
struct LintCheck {
  LintRule rule;
  void (*find)(const LintContext& context, LintReport report);
};

// The shortest period that a series or counts can have.
inline constexpr absl::Duration kShortestPeriod = absl::Seconds(10);

}  // namespace sluice

#endif  // SLUICE_LINT_LINT_CONTEXT_H_
