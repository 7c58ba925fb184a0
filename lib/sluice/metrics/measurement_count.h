#ifndef SLUICE_METRICS_MEASUREMENT_COUNT_H_
#define SLUICE_METRICS_MEASUREMENT_COUNT_H_

#include <cstdint>

namespace sluice {

// The largest limit on measurements that a policy may state.
inline constexpr int64_t kMaxMeasurements = 100'000;

// What one measurement said.
enum class MeasurementOutcome : uint8_t {
  kError = 0,  // It broke, and says nothing.
  kSucceeded,
  kFailed,
  kInconclusive,
};

// When a row of measurements is decided.
struct MeasurementLimits {
  int64_t failures = 0;               // FAILED at this many; at least 1.
  int64_t consecutive_failures = 0;   // FAILED at this many; 0: no limit.
  int64_t inconclusive = 0;           // UNKNOWN at this many; at least 1.
  int64_t consecutive_errors = 0;     // UNKNOWN at this many; at least 1.
  int64_t consecutive_successes = 0;  // CLEAR at this many; 0: no early success.
  int64_t count = 0;                  // CLEAR at this many, errors apart; at least 1.
  bool clear_if_ended = false;        // Whether an early end is CLEAR.
};

// What a row of measurements says.
enum class MeasurementVerdict : uint8_t {
  kMeasuring = 0,  // No limit reached: more are needed.
  kClear,
  kFailed,
  kInconclusive,  // Too many were inconclusive.
  kError,         // Too many in a row broke.
  kEnded,         // The last was made, and that is not enough.
};

// Takes measurements in order. The first limit that is reached decides; nothing later changes that.
//
// An outcome of any other kind ends a row of consecutive ones, an error included, so that a
// monitoring outage never makes two failures consecutive. Errors count only against their own
// limit. Limits below 1 that must not be are never reached.
class MeasurementFold {
 public:
  explicit MeasurementFold(const MeasurementLimits& limits) : limits_(limits) {}

  // `last`: no more will follow.
  void Add(MeasurementOutcome outcome, bool last);

  MeasurementVerdict verdict() const { return verdict_; }
  int64_t made() const { return successes_ + failures_ + inconclusive_; }
  int64_t failures() const { return failures_; }
  int64_t consecutive_failures() const { return consecutive_failures_; }
  int64_t inconclusive() const { return inconclusive_; }
  int64_t consecutive_errors() const { return consecutive_errors_; }

 private:
  MeasurementVerdict Judge() const;

  MeasurementLimits limits_;
  MeasurementVerdict verdict_ = MeasurementVerdict::kMeasuring;
  int64_t successes_ = 0;
  int64_t failures_ = 0;
  int64_t inconclusive_ = 0;
  int64_t consecutive_successes_ = 0;
  int64_t consecutive_failures_ = 0;
  int64_t consecutive_errors_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_METRICS_MEASUREMENT_COUNT_H_
