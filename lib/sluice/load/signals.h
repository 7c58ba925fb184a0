#ifndef SLUICE_LOAD_SIGNALS_H_
#define SLUICE_LOAD_SIGNALS_H_

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills in `alarms`. A report that can't be used carries the fault and says neither OK nor ALARM.
// The answer is what is wrong with reports of which it can't be read what they are about, or
// ALL_CLEAR.
Reason LoadAlarms(const google::protobuf::RepeatedPtrField<v1::AlarmReport>& reports,
                  absl::flat_hash_map<SignalKey, AlarmFacts>& alarms);

// The same for series; one that can't be used has no periods. Values are not copied.
Reason LoadSeries(const google::protobuf::RepeatedPtrField<v1::Series>& records,
                  absl::flat_hash_map<SignalKey, SeriesFacts>& series);

}  // namespace sluice

#endif  // SLUICE_LOAD_SIGNALS_H_
