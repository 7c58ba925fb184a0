#include "sluice/rollout/baseline_criterion.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/internal/checked_time.h"
#include "sluice/metrics/baseline_ratio.h"
#include "sluice/metrics/rate_sum.h"
#include "sluice/rollout/counts.h"

namespace sluice {
namespace {

// What the cell was proven on before this deployment; empty: nothing.
absl::string_view PreviousArtifact(const DeployedCell& cell) {
  const absl::Span<const DeploymentFacts> deployments = cell.view->deployments;
  for (auto it = deployments.rbegin(); it != deployments.rend(); ++it) {
    if (it->proven && it->artifact != cell.deployment->artifact) return it->artifact;
  }
  return "";
}

// The same of all cells; empty if they differ.
absl::string_view PreviousArtifact(absl::Span<const JudgedCell> cells) {
  const absl::string_view first = PreviousArtifact(*cells.front().cell);
  for (const JudgedCell& judged : cells) {
    if (PreviousArtifact(*judged.cell) != first) return "";
  }
  return first;
}

// Whether the cell runs what its newest deployment brought, and nothing is being found out about
// it.
bool IsSettled(const StageContext& context, const DeploymentFacts& newest) {
  // Nor has what can't be used succeeded.
  if (newest.outcome != v1::Deployment::SUCCEEDED) return false;
  if (newest.proven) return true;
  if (newest.direction != v1::Deployment::ROLL_BACK) return false;
  for (const RolloutFacts& rollout : context.records.rollouts) {
    if (rollout.number == newest.rollout) return rollout.state == v1::Rollout::ROLLED_BACK;
  }
  return false;
}

// The cells to compare with: settled on `artifact` since before the judged cells' deployments
// ended.
std::vector<const CellView*> BaselineCells(const StageContext& context, absl::string_view artifact,
                                           absl::Span<const JudgedCell> cells) {
  absl::Time since = absl::InfinitePast();
  for (const JudgedCell& judged : cells) {
    since = std::max(since, judged.cell->deployment->ended_at);
  }
  std::vector<const CellView*> found;
  for (const CellView& view : context.cells) {
    const DeploymentFacts* newest = view.Newest();
    if (newest == nullptr || newest->artifact != artifact || newest->ended_at > since) continue;
    if (view.cell->fault == v1::ALL_CLEAR && IsSettled(context, *newest)) found.push_back(&view);
  }
  return found;
}

// A baseline, or what is wrong with it. With neither sum nor problem there is none.
struct Baseline {
  absl::optional<RateSum> sum;
  Verdict verdict = Verdict::kUnknown;  // Of the problem.
  Reason problem = v1::ALL_CLEAR;
};

Baseline Problem(Verdict verdict, Reason reason) {
  Baseline baseline;
  baseline.verdict = verdict;
  baseline.problem = reason;
  return baseline;
}

const BaselineFacts* FindRecord(const StageContext& context,
                                const BaselineRatioCriterion& criterion) {
  if (criterion.recorded_max_age == absl::ZeroDuration()) return nullptr;
  const auto found = context.snapshot.baselines.find(
      std::make_pair<absl::string_view, absl::string_view>(criterion.rate.counts, context.rule.id));
  return found == context.snapshot.baselines.end() ? nullptr : &found->second;
}

Baseline RecordedBaseline(const StageContext& context, const BaselineRatioCriterion& criterion,
                          absl::string_view artifact, absl::Time t) {
  const BaselineFacts* record = FindRecord(context, criterion);
  if (record == nullptr) return {};
  if (record->fault != v1::ALL_CLEAR) return Problem(Verdict::kInvalid, record->fault);
  if (record->artifact != artifact) return {};
  if (t < record->observed_at - context.policy.max_clock_skew) {
    return Problem(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  }
  if (t >= Later(record->observed_at, criterion.recorded_max_age)) {
    return Problem(Verdict::kUnknown, v1::STALE);
  }
  RateSum sum = EmptySum();
  sum.requests = record->requests;
  sum.errors = record->errors;
  Baseline baseline;
  baseline.sum = sum;
  return baseline;
}

// What the cells' counts over one interval are worth.
struct Assessment {
  RateVerdict rate = RateVerdict::kUnknown;
  Verdict verdict = Verdict::kUnknown;  // Where `rate` is unknown, with the reason.
  Reason reason = v1::NO_BASELINE;      // Of the failure, where `rate` is that.
  Reason no_proof = v1::INCONCLUSIVE;   // Why a complete sum that is not clear proves nothing.
  RateSum sum;
  absl::optional<double> threshold;
};

class Assessor {
 public:
  Assessor(const StageContext& context, const BaselineRatioCriterion& criterion,
           absl::Span<const JudgedCell> cells, const CountsFacts& counts, absl::Time t)
      : context_(context),
        criterion_(criterion),
        cells_(cells),
        counts_(counts),
        t_(t),
        previous_(PreviousArtifact(cells)) {
    if (!previous_.empty()) baseline_cells_ = BaselineCells(context, previous_, cells);
  }

  // Over the whole periods in [from, to).
  Assessment Assess(absl::Time from, absl::Time to) const {
    Assessment assessment;
    assessment.sum = EmptySum();
    for (const JudgedCell& judged : cells_) {
      AddSum(SumCell(counts_, judged.cell->view->cell->id, from, to), &assessment.sum);
    }
    if (!assessment.sum.valid) return Say(Verdict::kInvalid, v1::INVALID_DATA, assessment);
    const Baseline baseline = FindBaseline(from, to);
    if (baseline.problem != v1::ALL_CLEAR) {
      return Say(baseline.verdict, baseline.problem, assessment);
    }
    if (baseline.sum.has_value()) return AssessRatio(*baseline.sum, assessment);
    if (criterion_.has_bound) return AssessBound(assessment);
    return Say(Verdict::kUnknown, v1::NO_BASELINE, assessment);
  }

 private:
  static Assessment Say(Verdict verdict, Reason reason, Assessment assessment) {
    assessment.verdict = verdict;
    assessment.reason = reason;
    return assessment;
  }

  Baseline FindBaseline(absl::Time from, absl::Time to) const {
    if (previous_.empty()) return {};
    if (baseline_cells_.empty()) return RecordedBaseline(context_, criterion_, previous_, t_);
    RateSum sum = EmptySum();
    for (const CellView* view : baseline_cells_) {
      AddSum(SumCell(counts_, view->cell->id, from, to), &sum);
    }
    if (!sum.valid) return Problem(Verdict::kInvalid, v1::INVALID_DATA);
    if (!sum.complete) return Problem(Verdict::kUnknown, v1::NOT_COVERED);
    Baseline baseline;
    baseline.sum = sum;
    return baseline;
  }

  // The reason why a complete sum of `fewest` requests shows nothing.
  Reason WhyUnknown(int64_t fewest) const {
    return fewest < criterion_.rate.min_requests ? v1::TOO_FEW_REQUESTS : v1::INCONCLUSIVE;
  }

  Assessment AssessRatio(const RateSum& baseline, Assessment assessment) const {
    const RateSum& sum = assessment.sum;
    if (baseline.requests > 0) {
      assessment.threshold = static_cast<double>(criterion_.max_ratio_ppm) / kMaxRatePpm *
                             static_cast<double>(baseline.errors) /
                             static_cast<double>(baseline.requests);
    }
    if (!sum.complete) return Say(Verdict::kUnknown, v1::NOT_COVERED, assessment);
    assessment.rate = JudgeRatio({sum.requests, sum.errors}, {baseline.requests, baseline.errors},
                                 criterion_.max_ratio_ppm, criterion_.rate.min_requests,
                                 criterion_.rate.min_requests_to_fail, criterion_.rate.confidence);
    assessment.no_proof = WhyUnknown(std::min(sum.requests, baseline.requests));
    if (assessment.rate == RateVerdict::kFailed) {
      return Say(Verdict::kBlocking, v1::ABOVE_BASELINE, assessment);
    }
    return Say(Verdict::kUnknown, assessment.no_proof, assessment);
  }

  Assessment AssessBound(Assessment assessment) const {
    const RateSum& sum = assessment.sum;
    const ErrorRateCriterion& rate = criterion_.rate;
    assessment.threshold = static_cast<double>(rate.bound_ppm) / kMaxRatePpm;
    if (!sum.complete) return Say(Verdict::kUnknown, v1::NOT_COVERED, assessment);
    assessment.rate = JudgeRate(sum.requests, sum.errors, rate.bound_ppm, rate.min_requests,
                                rate.min_requests_to_fail, rate.confidence);
    assessment.no_proof = WhyUnknown(sum.requests);
    if (assessment.rate == RateVerdict::kFailed && MayFailByBound()) {
      return Say(Verdict::kBlocking, v1::ABOVE_BOUND, assessment);
    }
    if (assessment.rate == RateVerdict::kFailed) assessment.rate = RateVerdict::kUnknown;
    return Say(Verdict::kUnknown, assessment.no_proof, assessment);
  }

  // Where a recorded baseline might be there and is not, the bound never fails anything: a report
  // that got lost must not roll back [G3].
  bool MayFailByBound() const {
    return previous_.empty() || criterion_.recorded_max_age == absl::ZeroDuration();
  }

  const StageContext& context_;
  const BaselineRatioCriterion& criterion_;
  absl::Span<const JudgedCell> cells_;
  const CountsFacts& counts_;
  absl::Time t_;
  absl::string_view previous_;
  std::vector<const CellView*> baseline_cells_;
};

Judgement WithEvidence(Judgement judgement, const Assessment& assessment,
                       const ErrorRateCriterion& rate) {
  const RateSum& sum = assessment.sum;
  judgement.evidence.count = sum.requests;
  judgement.evidence.needed = rate.min_requests;
  if (sum.requests > 0) {
    judgement.evidence.value = static_cast<double>(sum.errors) / static_cast<double>(sum.requests);
  }
  judgement.evidence.threshold = assessment.threshold;
  return judgement;
}

}  // namespace

Judgement JudgeAt(const StageContext& context, const BaselineRatioCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t) {
  const CountsFacts* counts = FindCounts(context, criterion.rate);
  if (const absl::optional<Judgement> refused = RefuseCounts(context, counts, t)) return *refused;
  const absl::Time to = std::min(t, counts->reported_through);
  const absl::Time failure_start = FailureStart(cells, t);
  if (failure_start == absl::InfiniteFuture()) return Judged(Verdict::kUnknown, v1::NO_DATA);
  const Assessor assessor(context, criterion, cells, *counts, t);
  const Assessment failure = assessor.Assess(failure_start, to);
  if (failure.rate == RateVerdict::kFailed || failure.verdict == Verdict::kInvalid) {
    return WithEvidence(Judged(failure.verdict, failure.reason), failure, criterion.rate);
  }
  if (AreStale(*counts, criterion.rate.max_age, t)) {
    return WithEvidence(Judged(Verdict::kUnknown, v1::STALE), failure, criterion.rate);
  }
  const absl::Time bake_start = BakeStart(cells, t);
  if (bake_start == absl::InfiniteFuture()) {
    return WithEvidence(Judged(Verdict::kUnknown, v1::NOT_QUIET), failure, criterion.rate);
  }
  const Assessment proof = assessor.Assess(bake_start, to);
  if (proof.rate == RateVerdict::kClear) {
    return WithEvidence(Judged(Verdict::kClear, v1::ALL_CLEAR), proof, criterion.rate);
  }
  // Counts from a later start alone roll nothing back.
  const Reason reason = proof.rate == RateVerdict::kFailed ? proof.no_proof : proof.reason;
  return WithEvidence(Judged(Verdict::kUnknown, reason), proof, criterion.rate);
}

void AddInstants(const StageContext& context, const BaselineRatioCriterion& criterion,
                 absl::Span<const JudgedCell>, Instants* instants) {
  AddCountInstants(context, FindCounts(context, criterion.rate), criterion.rate.max_age, instants);
  const BaselineFacts* record = FindRecord(context, criterion);
  if (record == nullptr || record->fault != v1::ALL_CLEAR) return;
  instants->Add(record->observed_at - context.policy.max_clock_skew);
  instants->Add(Later(record->observed_at, criterion.recorded_max_age));
}

}  // namespace sluice
