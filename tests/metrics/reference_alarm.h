#ifndef SLUICE_TESTS_METRICS_REFERENCE_ALARM_H_
#define SLUICE_TESTS_METRICS_REFERENCE_ALARM_H_

#include <cstdint>
#include <ostream>
#include <vector>

#include "absl/time/time.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"

namespace sluice {

// For test messages.
std::ostream& operator<<(std::ostream& out, AlarmState state);

// The slow reading of the alarm rules, clause by clause: the states at the ends of all periods of
// `series` that have ended by `now` and are reported. Every period collects its range anew.
std::vector<AlarmState> ReferenceFold(const AlarmRule& rule, const SeriesView& series,
                                      absl::Time now);

// A number from a small fixed generator, the same on every platform.
class TestRandom {
 public:
  explicit TestRandom(uint64_t seed) : state_(seed * 2 + 1) {}

  // 0 to `bound` - 1.
  int64_t Below(int64_t bound);

 private:
  uint64_t state_;
};

// A random valid rule with small N, threshold 1 and comparison >=, so that 1 breaches and 0 does
// not.
AlarmRule RandomRule(TestRandom* random);

// Up to `most` values: 0, 1 or NaN, in random proportions.
std::vector<double> RandomValues(TestRandom* random, int64_t most);

}  // namespace sluice

#endif  // SLUICE_TESTS_METRICS_REFERENCE_ALARM_H_
