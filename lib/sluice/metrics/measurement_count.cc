#include "sluice/metrics/measurement_count.h"

namespace sluice {
namespace {

bool IsReached(int64_t limit, int64_t count) { return limit >= 1 && count >= limit; }

}  // namespace

void MeasurementFold::Add(MeasurementOutcome outcome, bool last) {
  if (verdict_ != MeasurementVerdict::kMeasuring) return;
  const bool succeeded = outcome == MeasurementOutcome::kSucceeded;
  const bool failed = outcome == MeasurementOutcome::kFailed;
  const bool broke = outcome == MeasurementOutcome::kError;
  if (succeeded) ++successes_;
  if (failed) ++failures_;
  if (outcome == MeasurementOutcome::kInconclusive) ++inconclusive_;
  consecutive_successes_ = succeeded ? consecutive_successes_ + 1 : 0;
  consecutive_failures_ = failed ? consecutive_failures_ + 1 : 0;
  consecutive_errors_ = broke ? consecutive_errors_ + 1 : 0;
  verdict_ = Judge();
  if (!last || verdict_ != MeasurementVerdict::kMeasuring) return;
  verdict_ = limits_.clear_if_ended && successes_ > 0 ? MeasurementVerdict::kClear
                                                      : MeasurementVerdict::kEnded;
}

MeasurementVerdict MeasurementFold::Judge() const {
  if (IsReached(limits_.failures, failures_) ||
      IsReached(limits_.consecutive_failures, consecutive_failures_)) {
    return MeasurementVerdict::kFailed;
  }
  if (IsReached(limits_.inconclusive, inconclusive_)) return MeasurementVerdict::kInconclusive;
  if (IsReached(limits_.consecutive_errors, consecutive_errors_)) return MeasurementVerdict::kError;
  if (IsReached(limits_.consecutive_successes, consecutive_successes_) ||
      IsReached(limits_.count, made())) {
    return MeasurementVerdict::kClear;
  }
  return MeasurementVerdict::kMeasuring;
}

}  // namespace sluice
