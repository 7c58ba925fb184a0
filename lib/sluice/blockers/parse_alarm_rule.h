#ifndef SLUICE_BLOCKERS_PARSE_ALARM_RULE_H_
#define SLUICE_BLOCKERS_PARSE_ALARM_RULE_H_

#include "sluice/internal/field_errors.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Adds every fault to `errors`; the result, which is then valid, is used only if there are none.
AlarmRule ParseAlarmRule(const v1::AlarmRule& proto, const FieldPath& path, FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_PARSE_ALARM_RULE_H_
