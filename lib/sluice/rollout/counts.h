#ifndef SLUICE_ROLLOUT_COUNTS_H_
#define SLUICE_ROLLOUT_COUNTS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/blockers/horizon.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/metrics/rate_sum.h"
#include "sluice/policy_data.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// The counts that the criterion names; null: none.
const CountsFacts* FindCounts(const StageContext& context, const ErrorRateCriterion& criterion);

// Requests and errors of a cell over the whole periods in [from, to). Not complete if the cell has
// no counts.
RateSum SumCell(const CountsFacts& counts, absl::string_view cell, absl::Time from, absl::Time to);

// Adds `more` to `sum`: valid and complete only if both are.
void AddSum(const RateSum& more, RateSum* sum);

// A sum of nothing, to add to.
RateSum EmptySum();

// Why nothing can be judged by the counts at `t`, whatever they say: NO_DATA, a fault or
// FROM_THE_FUTURE.
absl::optional<Judgement> RefuseCounts(const StageContext& context, const CountsFacts* counts,
                                       absl::Time t);

// Whether the counts are older than `max_age` at `t`.
bool AreStale(const CountsFacts& counts, absl::Duration max_age, absl::Time t);

// Notes the instants at which what the counts say may differ.
void AddCountInstants(const StageContext& context, const CountsFacts* counts,
                      absl::Duration max_age, Instants* instants);

}  // namespace sluice

#endif  // SLUICE_ROLLOUT_COUNTS_H_
