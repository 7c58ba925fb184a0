#ifndef SLUICE_BLOCKERS_METRIC_ALARM_H_
#define SLUICE_BLOCKERS_METRIC_ALARM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "sluice/blockers/composite_alarm.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/ratio_series.h"
#include "sluice/metrics/series.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

struct ObservedAlarm {
  std::string alarm;
  bool shared = false;
};
struct ComputedAlarm {
  std::string series;
  AlarmRule rule;
};
struct RatioAlarm {
  std::string errors_series;
  std::string requests_series;
  int64_t min_samples = 0;
  AlarmRule rule;
};

struct MetricAlarm;
struct CompositeAlarm {
  AlarmOperation operation = AlarmOperation::kUnset;
  std::vector<MetricAlarm> alarms;  // At least one; of a negation, one.
};

// Holds while an alarm is not OK [A1]-[A8].
struct MetricAlarm {
  absl::variant<ObservedAlarm, ComputedAlarm, RatioAlarm, CompositeAlarm> source;
  absl::Duration max_age;    // Positive; of a composite, zero: its alarms have theirs.
  absl::Duration clear_for;  // Zero: not asked for.
};

// Adds every fault to `errors`; the result is used only if there are none.
MetricAlarm ParseMetricAlarm(const v1::MetricAlarm& proto, const FieldPath& path,
                             FieldErrors& errors);

// In what follows `cell` and `region` name whose report or series is meant; both empty:
// everything's.

// UNKNOWN without data, without enough, without enough of a history, or STALE; INVALID; BLOCKING
// (IN_ALARM, or NOT_CLEAR_LONG_ENOUGH as long as `clear_for` asks [A7]); or CLEAR. Age is looked at
// before the state [A5]. Allocates for a ratio, a composite and `clear_for` only. Linear in the
// series; where a report lies in the future, within the permitted skew, times its periods there.
Judgement Check(const MetricAlarm& alarm, const Subject& subject, absl::string_view cell,
                absl::string_view region, absl::Time now);

// The report of an alarm that the host's monitoring evaluates; null: none.
const AlarmFacts* FindReport(const ObservedAlarm& alarm, const Subject& subject,
                             absl::string_view cell, absl::string_view region);

// What a computed alarm or a ratio is judged by.
struct AlarmPoints {
  // ALL_CLEAR with kClear: there are points. Else why not: INVALID, or UNKNOWN (NO_DATA).
  Verdict verdict = Verdict::kUnknown;
  Reason fault = v1::NO_DATA;
  const AlarmRule* rule = nullptr;  // The alarm's; null for an observed one.
  // The latest `reported_through` of the series read: while it is from the future, all of it is
  // INVALID.
  absl::Time newest_report = absl::InfinitePast();
  const SeriesFacts* series = nullptr;  // Of a computed alarm.
  RatioSeries ratio;                    // Of a ratio.

  // The points; of this object and the snapshot, which must outlive it.
  SeriesView View() const { return series != nullptr ? series->view : ratio.View(); }
};

// The points of a computed alarm or a ratio; none of others. Two series of a ratio must have the
// same start and period.
AlarmPoints FindPoints(const MetricAlarm& alarm, const Subject& subject, absl::string_view cell,
                       absl::string_view region);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_METRIC_ALARM_H_
