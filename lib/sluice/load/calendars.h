#ifndef SLUICE_LOAD_CALENDARS_H_
#define SLUICE_LOAD_CALENDARS_H_

#include "google/protobuf/repeated_field.h"
#include "sluice/finding.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What is wrong with the organisation's calendars, or ALL_CLEAR. Linear, but for sorting.
Reason CheckCalendars(const google::protobuf::RepeatedPtrField<v1::Calendar>& calendars);

}  // namespace sluice

#endif  // SLUICE_LOAD_CALENDARS_H_
