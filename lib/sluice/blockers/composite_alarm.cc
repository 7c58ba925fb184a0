#include "sluice/blockers/composite_alarm.h"

#include <algorithm>

namespace sluice {
namespace {

bool HasOne(absl::Span<const AlarmVerdict> alarms, Verdict verdict) {
  return std::any_of(alarms.begin(), alarms.end(),
                     [&](const AlarmVerdict& alarm) { return alarm.verdict == verdict; });
}

// In Kleene's logic, none being INVALID.
Verdict Combine(AlarmOperation operation, absl::Span<const AlarmVerdict> alarms) {
  switch (operation) {
    case AlarmOperation::kAll:
      if (HasOne(alarms, Verdict::kClear)) return Verdict::kClear;
      return HasOne(alarms, Verdict::kUnknown) ? Verdict::kUnknown : Verdict::kBlocking;
    case AlarmOperation::kAny:
      if (HasOne(alarms, Verdict::kBlocking)) return Verdict::kBlocking;
      return HasOne(alarms, Verdict::kUnknown) ? Verdict::kUnknown : Verdict::kClear;
    case AlarmOperation::kNegation:
      if (HasOne(alarms, Verdict::kUnknown)) return Verdict::kUnknown;
      return HasOne(alarms, Verdict::kClear) ? Verdict::kBlocking : Verdict::kClear;
    case AlarmOperation::kUnset:
      break;
  }
  return Verdict::kUnknown;
}

// Where a reason stands among those of a verdict: the first is given.
int Rank(AlarmOperation operation, Verdict verdict, Reason reason) {
  switch (verdict) {
    case Verdict::kBlocking:
      return (reason == v1::IN_ALARM) == (operation == AlarmOperation::kAll) ? 1 : 0;
    case Verdict::kUnknown:
      return reason == v1::STALE ? 0 : reason == v1::HISTORY_TOO_SHORT ? 2 : 1;
    default:
      return reason;
  }
}

}  // namespace

AlarmVerdict CombineAlarms(AlarmOperation operation, absl::Span<const AlarmVerdict> alarms) {
  AlarmVerdict combined;
  if (alarms.empty()) return combined;
  combined.verdict =
      HasOne(alarms, Verdict::kInvalid) ? Verdict::kInvalid : Combine(operation, alarms);
  if (combined.verdict == Verdict::kClear) {
    combined.reason = v1::ALL_CLEAR;
    return combined;
  }
  const bool is_negated =
      operation == AlarmOperation::kNegation && combined.verdict == Verdict::kBlocking;
  const AlarmVerdict* first = nullptr;
  for (const AlarmVerdict& alarm : alarms) {
    if (alarm.verdict != combined.verdict && !is_negated) continue;
    combined.names.insert(combined.names.end(), alarm.names.begin(), alarm.names.end());
    if (first == nullptr || Rank(operation, combined.verdict, alarm.reason) <
                                Rank(operation, combined.verdict, first->reason)) {
      first = &alarm;
    }
  }
  combined.reason = is_negated || first == nullptr ? v1::IN_ALARM : first->reason;
  std::sort(combined.names.begin(), combined.names.end());
  combined.names.erase(std::unique(combined.names.begin(), combined.names.end()),
                       combined.names.end());
  return combined;
}

}  // namespace sluice
