#include "sluice/rollout/measurement_criterion.h"

#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/metrics/measurement_count.h"

namespace sluice {
namespace {

absl::Span<const MeasurementFacts> MeasurementsOf(const StageContext& context,
                                                  const MeasurementCriterion& criterion,
                                                  const DeployedCell& cell) {
  return context.snapshot.Measurements(cell.deployment->artifact, criterion.measurement,
                                       cell.deployment->cell);
}

MeasurementOutcome OutcomeOf(const MeasurementFacts& measurement) {
  switch (measurement.outcome) {
    case v1::Measurement::SUCCEEDED:
      return MeasurementOutcome::kSucceeded;
    case v1::Measurement::FAILED:
      return MeasurementOutcome::kFailed;
    case v1::Measurement::INCONCLUSIVE:
      return MeasurementOutcome::kInconclusive;
    default:
      return MeasurementOutcome::kError;
  }
}

Judgement Say(Verdict verdict, Reason reason, int64_t count, int64_t needed) {
  Judgement judgement = Judged(verdict, reason);
  judgement.evidence.count = count;
  judgement.evidence.needed = needed;
  return judgement;
}

Judgement JudgeFold(const MeasurementFold& fold, const MeasurementLimits& limits) {
  switch (fold.verdict()) {
    case MeasurementVerdict::kMeasuring:
      return Say(Verdict::kUnknown, v1::MEASURING, fold.made(), limits.count);
    case MeasurementVerdict::kClear:
      return Say(Verdict::kClear, v1::ALL_CLEAR, fold.made(), limits.count);
    case MeasurementVerdict::kFailed:
      if (fold.failures() < limits.failures) {
        return Say(Verdict::kBlocking, v1::MEASUREMENT_FAILED, fold.consecutive_failures(),
                   limits.consecutive_failures);
      }
      return Say(Verdict::kBlocking, v1::MEASUREMENT_FAILED, fold.failures(), limits.failures);
    case MeasurementVerdict::kInconclusive:
      return Say(Verdict::kUnknown, v1::MEASUREMENT_INCONCLUSIVE, fold.inconclusive(),
                 limits.inconclusive);
    case MeasurementVerdict::kError:
      return Say(Verdict::kUnknown, v1::MEASUREMENT_ERROR, fold.consecutive_errors(),
                 limits.consecutive_errors);
    case MeasurementVerdict::kEnded:
      break;
  }
  return Say(Verdict::kUnknown, v1::MEASUREMENT_ENDED, fold.made(), limits.count);
}

}  // namespace

Judgement JudgeAt(const StageContext& context, const MeasurementCriterion& criterion,
                  absl::Span<const JudgedCell> cells, absl::Time t) {
  const JudgedCell& judged = cells.front();
  const absl::Time from = FailureStart(judged, t);
  MeasurementFold fold(criterion.limits);
  bool any = false;
  Reason fault = v1::ALL_CLEAR;
  bool from_the_future = false;
  for (const MeasurementFacts& measurement : MeasurementsOf(context, criterion, *judged.cell)) {
    if (measurement.fault != v1::ALL_CLEAR) {
      NoteFault(fault, measurement.fault);
      continue;
    }
    if (t < measurement.measured_at - context.policy.max_clock_skew) from_the_future = true;
    if (measurement.measured_at < from) continue;
    any = true;
    fold.Add(OutcomeOf(measurement), measurement.last);
  }
  if (fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, fault);
  if (from_the_future) return Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
  if (from == absl::InfiniteFuture()) return Judged(Verdict::kUnknown, v1::NOT_QUIET);
  if (!any) return Judged(Verdict::kUnknown, v1::NO_DATA);
  Judgement judgement = JudgeFold(fold, criterion.limits);
  judgement.evidence.subject = criterion.measurement;
  return judgement;
}

void AddInstants(const StageContext& context, const MeasurementCriterion& criterion,
                 absl::Span<const JudgedCell> cells, Instants* instants) {
  for (const MeasurementFacts& measurement :
       MeasurementsOf(context, criterion, *cells.front().cell)) {
    if (measurement.fault != v1::ALL_CLEAR) continue;
    instants->Add(measurement.measured_at - context.policy.max_clock_skew);
  }
}

}  // namespace sluice
