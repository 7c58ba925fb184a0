#include "sluice/load/record_count.h"

#include <cstdint>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

// The number of elements of the field at `index` in `message`'s type; 0 if it is not a list.
int Elements(const google::protobuf::Message& message, int index) {
  const google::protobuf::FieldDescriptor* field = message.GetDescriptor()->field(index);
  if (!field->is_repeated() || field->is_map()) return 0;
  return message.GetReflection()->FieldSize(message, field);
}

}  // namespace

uint64_t RecordCount(const google::protobuf::Message& message) {
  uint64_t count = 0;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    count += static_cast<uint64_t>(Elements(message, i));
  }
  return count;
}

absl::string_view OversizedField(const google::protobuf::Message& message) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    if (Elements(message, i) > kMaxRecords) return message.GetDescriptor()->field(i)->name();
  }
  return "";
}

}  // namespace sluice
