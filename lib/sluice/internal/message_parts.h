#ifndef SLUICE_INTERNAL_MESSAGE_PARTS_H_
#define SLUICE_INTERNAL_MESSAGE_PARTS_H_

#include "absl/functional/function_ref.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {

// A message directly inside another.
struct MessagePart {
  const google::protobuf::FieldDescriptor& field;  // The field that holds it.
  int index;                                       // Its position if the field is a list, else -1.
  const google::protobuf::Message* entry;  // The entry it is the value of if the field is a map.
  const google::protobuf::Message& message;
};

// Calls `visit` with each message directly inside `message`, by field number, then by position or
// ascending map key. Thread-safe among readers.
void ForEachPart(const google::protobuf::Message& message,
                 absl::FunctionRef<void(const MessagePart& part)> visit);

// Calls `visit` with `message` and every message inside it, at any depth, until it returns false.
// Returns whether it never did. The order is not specified. No recursion.
bool ForAllMessages(const google::protobuf::Message& message,
                    absl::FunctionRef<bool(const google::protobuf::Message& message)> visit);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_MESSAGE_PARTS_H_
