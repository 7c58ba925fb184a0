#ifndef SLUICE_EXPLAIN_ALARM_REMEDIES_H_
#define SLUICE_EXPLAIN_ALARM_REMEDIES_H_

#include "absl/strings/string_view.h"
#include "sluice/blockers/metric_alarm.h"
#include "sluice/explain/remedy.h"

namespace sluice {

// Adds what may make an alarm OK: that it is reported OK, or that its series are reported through
// the instant of the decision with points that do not breach; and the instant from which that is
// enough. Of a composite, the same of each of its alarms; within a negation, that it is in ALARM.
// `cell` and `region` name whose report or series is meant.
void AddAlarmRemedies(const RemedyContext& context, const MetricAlarm& alarm,
                      absl::string_view cell, absl::string_view region, Remedies* remedies);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_ALARM_REMEDIES_H_
