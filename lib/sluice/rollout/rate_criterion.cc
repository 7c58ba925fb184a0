#include "sluice/rollout/rate_criterion.h"

#include <algorithm>

#include "absl/types/optional.h"
#include "sluice/blockers/judgement.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/rate_sum.h"
#include "sluice/rollout/counts.h"

namespace sluice {
namespace {

// The cells' sum over the whole periods in [start(cell), to); nothing if a cell has no counts or no
// start yet.
template <typename Start>
absl::optional<RateSum> SumCells(const CountsFacts& counts, absl::Span<const JudgedCell> cells,
                                 const Start& start, absl::Time to) {
  RateSum sum = EmptySum();
  for (const JudgedCell& judged : cells) {
    const absl::Time from = start(judged);
    if (from == absl::InfiniteFuture()) return absl::nullopt;
    if (!counts.cells.contains(judged.cell->view->cell->id)) return absl::nullopt;
    AddSum(SumCell(counts, judged.cell->view->cell->id, from, to), &sum);
  }
  return sum;
}

}  // namespace

Judgement JudgeAt(const StageContext& context, const ErrorRateCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t) {
  const CountsFacts* counts = FindCounts(context, criterion);
  if (const absl::optional<Judgement> refused = RefuseCounts(context, counts, t)) return *refused;
  const absl::Time to = std::min(t, counts->reported_through);
  const absl::optional<RateSum> failure = SumCells(
      *counts, cells, [&](const JudgedCell& cell) { return FailureStart(cell, t); }, to);
  const absl::optional<RateSum> proof = SumCells(
      *counts, cells, [&](const JudgedCell& cell) { return BakeStart(cell, t); }, to);
  if (!failure.has_value()) return Judged(Verdict::kUnknown, v1::NO_DATA);
  if (!failure->valid) return Judged(Verdict::kInvalid, v1::INVALID_DATA);
  const auto judge = [&](const RateSum& sum) {
    return JudgeRate(sum.requests, sum.errors, criterion.bound_ppm, criterion.min_requests,
                     criterion.min_requests_to_fail, criterion.confidence);
  };
  const bool failed = failure->complete && judge(*failure) == RateVerdict::kFailed;
  RateSum sum = *failure;
  if (!failed && proof.has_value()) sum = *proof;
  Judgement judgement;
  if (failed) {
    judgement = Judged(Verdict::kBlocking, v1::ABOVE_BOUND);
  } else if (AreStale(*counts, criterion.max_age, t)) {
    judgement = Judged(Verdict::kUnknown, v1::STALE);
  } else if (!proof.has_value()) {
    judgement = Judged(Verdict::kUnknown, v1::NOT_QUIET);
  } else if (!sum.complete) {
    judgement = Judged(Verdict::kUnknown, v1::NOT_COVERED);
  } else if (judge(sum) == RateVerdict::kClear) {
    judgement = Judged(Verdict::kClear, v1::ALL_CLEAR);
  } else if (sum.requests < criterion.min_requests) {
    judgement = Judged(Verdict::kUnknown, v1::TOO_FEW_REQUESTS);
  } else {
    judgement = Judged(Verdict::kUnknown, v1::INCONCLUSIVE);
  }
  judgement.evidence.count = sum.requests;
  judgement.evidence.needed = criterion.min_requests;
  if (sum.requests > 0) {
    judgement.evidence.value = static_cast<double>(sum.errors) / static_cast<double>(sum.requests);
  }
  judgement.evidence.threshold = static_cast<double>(criterion.bound_ppm) / kMaxRatePpm;
  return judgement;
}

void AddInstants(const StageContext& context, const ErrorRateCriterion& criterion,
                 absl::Span<const JudgedCell>, Instants* instants) {
  AddCountInstants(context, FindCounts(context, criterion), criterion.max_age, instants);
}

}  // namespace sluice
