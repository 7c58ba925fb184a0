#ifndef SLUICE_BLOCKERS_COMPOSITE_ALARM_H_
#define SLUICE_BLOCKERS_COMPOSITE_ALARM_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sluice/finding.h"

namespace sluice {

// How a composite alarm follows from its alarms [A6].
enum class AlarmOperation : uint8_t {
  kUnset = 0,
  kAll,       // In ALARM while all of them are.
  kAny,       // In ALARM while one of them is.
  kNegation,  // In ALARM while its one alarm is OK.
};

// What one alarm says: BLOCKING is ALARM, CLEAR is OK.
struct AlarmVerdict {
  Verdict verdict = Verdict::kUnknown;
  Reason reason = v1::NO_DATA;
  // What people call the alarms that are why, if it is not CLEAR.
  std::vector<absl::string_view> names;
};

// What the composite says, in Kleene's logic, an INVALID alarm making it INVALID. Its reason is
// that of the alarms that decide: IN_ALARM before NOT_CLEAR_LONG_ENOUGH where one is enough, after
// it where all are needed; STALE before NO_DATA before HISTORY_TOO_SHORT; of INVALID ones the
// lowest. Names are sorted, each once.
AlarmVerdict CombineAlarms(AlarmOperation operation, absl::Span<const AlarmVerdict> alarms);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_COMPOSITE_ALARM_H_
