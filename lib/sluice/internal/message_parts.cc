#include "sluice/internal/message_parts.h"

#include <vector>

#include "absl/functional/function_ref.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "sluice/internal/map_entries.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool HoldsMessages(const FieldDescriptor& field) {
  return field.is_map() ? field.message_type()->map_value()->message_type() != nullptr
                        : field.message_type() != nullptr;
}

}  // namespace

void ForEachPart(const Message& message, absl::FunctionRef<void(const MessagePart& part)> visit) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!HoldsMessages(*field)) continue;
    if (field->is_map()) {
      for (const Message* entry : SortedMapEntries(message, *field)) {
        const FieldDescriptor* value = entry->GetDescriptor()->map_value();
        visit(MessagePart{*field, -1, entry, entry->GetReflection()->GetMessage(*entry, value)});
      }
    } else if (field->is_repeated()) {
      const int size = reflection.FieldSize(message, field);
      for (int i = 0; i < size; ++i) {
        visit(MessagePart{*field, i, nullptr, reflection.GetRepeatedMessage(message, field, i)});
      }
    } else {
      visit(MessagePart{*field, -1, nullptr, reflection.GetMessage(message, field)});
    }
  }
}

bool ForAllMessages(const Message& message, absl::FunctionRef<bool(const Message& message)> visit) {
  std::vector<const Message*> open = {&message};
  while (!open.empty()) {
    const Message& next = *open.back();
    open.pop_back();
    if (!visit(next)) return false;
    ForEachPart(next, [&open](const MessagePart& part) { open.push_back(&part.message); });
  }
  return true;
}

}  // namespace sluice
