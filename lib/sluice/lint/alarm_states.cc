#include "sluice/lint/alarm_states.h"

#include <algorithm>
#include <limits>

#include "absl/types/variant.h"
#include "sluice/blockers/composite_alarm.h"

namespace sluice {
namespace {

AlarmStates StatesOf(const AlarmRule& rule, const Domain& domain) {
  AlarmStates states;
  states.alarm = rule.treat_missing == TreatMissing::kBreaching || SomeBreach(rule, domain);
  states.ok = rule.treat_missing == TreatMissing::kNotBreaching || SomeAreGood(rule, domain);
  return states;
}

AlarmStates StatesOf(const CompositeAlarm& composite) {
  AlarmStates all{true, false};
  AlarmStates any{false, true};
  for (const MetricAlarm& part : composite.alarms) {
    const AlarmStates states = StatesOf(part);
    if (composite.operation == AlarmOperation::kNegation) return {states.ok, states.alarm};
    all = {all.alarm && states.alarm, all.ok || states.ok};
    any = {any.alarm || states.alarm, any.ok && states.ok};
  }
  return composite.operation == AlarmOperation::kAll ? all : any;
}

}  // namespace

const Domain kFiniteNumbers = {std::numeric_limits<double>::lowest(),
                               std::numeric_limits<double>::max()};
const Domain kRatios = {0, 1};

bool SomeBreach(const AlarmRule& rule, const Domain& domain) {
  return Breaches(rule, domain.low) || Breaches(rule, domain.high);
}

bool SomeAreGood(const AlarmRule& rule, const Domain& domain) {
  return !Breaches(rule, domain.low) || !Breaches(rule, domain.high) ||
         !Breaches(rule, std::clamp(rule.low, domain.low, domain.high));
}

bool SomeBreach(const MetricAlarm& alarm) {
  if (const auto* computed = absl::get_if<ComputedAlarm>(&alarm.source)) {
    return SomeBreach(computed->rule, kFiniteNumbers);
  }
  const auto* ratio = absl::get_if<RatioAlarm>(&alarm.source);
  return ratio == nullptr || SomeBreach(ratio->rule, kRatios);
}

AlarmStates StatesOf(const MetricAlarm& alarm) {
  if (const auto* computed = absl::get_if<ComputedAlarm>(&alarm.source)) {
    return StatesOf(computed->rule, kFiniteNumbers);
  }
  if (const auto* ratio = absl::get_if<RatioAlarm>(&alarm.source)) {
    return StatesOf(ratio->rule, kRatios);
  }
  const auto* composite = absl::get_if<CompositeAlarm>(&alarm.source);
  return composite == nullptr ? AlarmStates() : StatesOf(*composite);
}

}  // namespace sluice
