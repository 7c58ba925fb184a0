// [A1] to [A8]: what an alarm says, and what it said at each period of its series.
#ifndef TESTS_REFERENCE_ALARMS_H_
#define TESTS_REFERENCE_ALARMS_H_

#include <cmath>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

// Of what an alarm or series is: one cell, one region, or, with both empty, everything.
struct Of {
  std::string cell;
  std::string region;
};

// The points of a computed or ratio alarm on one grid: point p is of [start + p * period, ...).
struct Points {
  absl::Time start;
  absl::Duration period;
  absl::Time reported_through;
  std::vector<double> values;  // NaN: none.

  absl::Time EndOf(int64_t p) const { return start + period * (p + 1); }
  absl::Time StartOf(int64_t p) const { return start + period * p; }
  // NaN outside the values.
  double At(int64_t p) const {
    return p < 0 || p >= static_cast<int64_t>(values.size()) ? std::nan("") : values[p];
  }
  // [A2] The newest period wholly at or before `time`; -1: none.
  int64_t Newest(absl::Time time) const;
};

enum class AlarmState { kInsufficientData, kOk, kAlarm };

// Whether a report, series or two of them can be used; CLEAR is followed by what is in it.
Judgement FindReport(const Facts& facts, const v1::ObservedAlarm& alarm, const Of& of,
                     v1::AlarmReport* report);
Judgement FindSeries(const Facts& facts, const std::string& id, const Of& of, Points* points);
// Of a computed or ratio alarm.
Judgement FindPoints(const Facts& facts, const v1::MetricAlarm& alarm, const Of& of,
                     Points* points);
const v1::AlarmRule& RuleOf(const v1::MetricAlarm& alarm);

bool Breaches(v1::Comparison comparison, double threshold, double lower_threshold, double value);
bool Breaches(const v1::AlarmRule& rule, double value);
// [A3a] The state at each period from 0 to `last`.
std::vector<AlarmState> States(const v1::AlarmRule& rule, const Points& points, int64_t last);

// A blocker's.
Judgement JudgeAlarm(const Facts& facts, const v1::MetricAlarm& alarm);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_ALARMS_H_
