#ifndef SLUICE_LINT_ALARM_STATES_H_
#define SLUICE_LINT_ALARM_STATES_H_

#include "sluice/blockers/metric_alarm.h"
#include "sluice/metrics/alarm_rule.h"

namespace sluice {

// Every value that a data point of some kind can have.
struct Domain {
  double low;
  double high;
};

// Of a computed alarm, and of a ratio.
extern const Domain kFiniteNumbers;
extern const Domain kRatios;

// Whether some data point breaches, and whether some data point does not.
bool SomeBreach(const AlarmRule& rule, const Domain& domain);
bool SomeAreGood(const AlarmRule& rule, const Domain& domain);

// Whether some data points breach, of an alarm that is no composite; true of an observed one.
bool SomeBreach(const MetricAlarm& alarm);

// Which states an alarm can be in, whatever is reported. Of a composite, each of its alarms is
// taken to be free of the others.
struct AlarmStates {
  bool alarm = true;
  bool ok = true;
};
AlarmStates StatesOf(const MetricAlarm& alarm);

}  // namespace sluice

#endif  // SLUICE_LINT_ALARM_STATES_H_
