#ifndef SLUICE_LOAD_CALENDARS_H_
#define SLUICE_LOAD_CALENDARS_H_

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Fills `out` with the organisation's calendars. What is wrong with them, or ALL_CLEAR: only then
// may they be used. Linear, but for sorting them by id.
Reason LoadCalendars(const google::protobuf::RepeatedPtrField<v1::Calendar>& calendars,
                     absl::flat_hash_map<absl::string_view, CalendarFacts>& out);

}  // namespace sluice

#endif  // SLUICE_LOAD_CALENDARS_H_
