#include "sluice/rollout/counts.h"

#include <utility>

#include "sluice/blockers/judgement.h"
#include "sluice/internal/checked_time.h"
#include "sluice/metrics/error_rate.h"

namespace sluice {

const CountsFacts* FindCounts(const StageContext& context, const ErrorRateCriterion& criterion) {
  const auto found = context.snapshot.counts.find(
      std::make_pair<absl::string_view, absl::string_view>(criterion.counts, context.rule.id));
  return found == context.snapshot.counts.end() ? nullptr : &found->second;
}

RateSum SumCell(const CountsFacts& counts, absl::string_view cell, absl::Time from, absl::Time to) {
  const auto row = counts.cells.find(cell);
  if (row == counts.cells.end()) {
    RateSum none = EmptySum();
    none.complete = false;
    return none;
  }
  const size_t first = row->second * counts.periods;
  return SumRate(counts.start, counts.period, counts.requests.subspan(first, counts.periods),
                 counts.errors.subspan(first, counts.periods), from, to);
}

void AddSum(const RateSum& more, RateSum* sum) {
  sum->valid = sum->valid && more.valid;
  sum->complete = sum->complete && more.complete;
  sum->requests += more.requests;
  sum->errors += more.errors;
  sum->valid = sum->valid && AreCounts(sum->requests, sum->errors);
}

RateSum EmptySum() {
  RateSum sum;
  sum.valid = true;
  sum.complete = true;
  return sum;
}

absl::optional<Judgement> RefuseCounts(const StageContext& context, const CountsFacts* counts,
                                       absl::Time t) {
  if (counts == nullptr) return Judged(Verdict::kUnknown, v1::NO_DATA);
  if (counts->fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, counts->fault);
  if (t < counts->reported_through - context.policy.max_clock_skew) {
    return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  }
  return absl::nullopt;
}

bool AreStale(const CountsFacts& counts, absl::Duration max_age, absl::Time t) {
  return t >= Later(counts.reported_through, max_age);
}

void AddCountInstants(const StageContext& context, const CountsFacts* counts,
                      absl::Duration max_age, Instants* instants) {
  if (counts == nullptr || counts->fault != v1::ALL_CLEAR) return;
  instants->Add(counts->reported_through - context.policy.max_clock_skew);
  instants->Add(Later(counts->reported_through, max_age));
  AddPeriodEnds(counts->start, counts->period, counts->reported_through,
                context.policy.max_clock_skew, instants);
}

}  // namespace sluice
