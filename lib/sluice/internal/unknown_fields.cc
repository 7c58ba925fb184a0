#include "sluice/internal/unknown_fields.h"

#include <deque>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "sluice/internal/map_entries.h"
#include "sluice/internal/message_parts.h"
#include "sluice/internal/message_path.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownFieldSet;

const UnknownFieldSet& OwnUnknownFields(const Message& message) {
  return message.GetReflection()->GetUnknownFields(message);
}

// A message on the way.
struct Place {
  const Message* message = nullptr;
  PathStep step;    // The field is null for the outermost message.
  std::string key;  // What step.key refers to.
};

}  // namespace

// Looks at message fields alone: Load asks this of every record of a state.
bool HasUnknownFields(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field.is_map()) {
      // Entries keep no unknown fields; their values may, if they are messages.
      const FieldDescriptor& value = *field.message_type()->map_value();
      if (value.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      return !ForAllMessages(message, [](const Message& m) { return OwnUnknownFields(m).empty(); });
    }
    if (field.is_repeated()) {
      const int size = reflection.FieldSize(message, &field);
      for (int j = 0; j < size; ++j) {
        if (HasUnknownFields(reflection.GetRepeatedMessage(message, &field, j))) return true;
      }
    } else if (reflection.HasField(message, &field) &&
               HasUnknownFields(reflection.GetMessage(message, &field))) {
      return true;
    }
  }
  return false;
}

void ListUnknownFields(const Message& message,
                       absl::FunctionRef<void(absl::string_view path, int field_number)> report) {
  std::deque<Place> places(1);  // Each stays where it is, so that steps can point to it.
  places.front().message = &message;
  std::vector<const Place*> open = {&places.front()};
  std::vector<const Place*> inside;
  while (!open.empty()) {
    const Place& place = *open.back();
    open.pop_back();
    const PathStep* step = place.step.field == nullptr ? nullptr : &place.step;
    const UnknownFieldSet& unknown = OwnUnknownFields(*place.message);
    if (!unknown.empty()) {
      const std::string path = FormatPath(step);
      for (int i = 0; i < unknown.field_count(); ++i) report(path, unknown.field(i).number());
    }
    inside.clear();
    ForEachPart(*place.message, [&](const MessagePart& part) {
      places.push_back(Place{&part.message, PathStep{step, &part.field, part.index}, ""});
      if (part.entry != nullptr) {
        places.back().key = MapKeyText(*part.entry);
        places.back().step.key = places.back().key;
      }
      inside.push_back(&places.back());
    });
    open.insert(open.end(), inside.rbegin(), inside.rend());
  }
}

}  // namespace sluice
