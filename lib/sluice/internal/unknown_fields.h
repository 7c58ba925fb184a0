#ifndef SLUICE_INTERNAL_UNKNOWN_FIELDS_H_
#define SLUICE_INTERNAL_UNKNOWN_FIELDS_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace sluice {

// Whether `message` or any message inside it, in repeated fields and map values too, holds a field
// its type does not know. Such a field came from a newer writer or with the wrong wire type; what
// it meant to restrict is not known. Bytes fields, google.protobuf.Any included, are not looked
// into. Cost: linear in the number of messages inside; no recursion. Thread-safe among readers.
bool HasUnknownFields(const google::protobuf::Message& message);

// Calls `report` for each unknown field that HasUnknownFields speaks of, with the path of the
// message that holds it (empty: `message` itself) and the field's number. The order is that of
// field numbers, elements and map keys, a message before its parts; unknown fields of one message
// come in the order they arrived in.
void ListUnknownFields(const google::protobuf::Message& message,
                       absl::FunctionRef<void(absl::string_view path, int field_number)> report);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_UNKNOWN_FIELDS_H_
