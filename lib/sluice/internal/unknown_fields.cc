#include "sluice/internal/unknown_fields.h"

#include <deque>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "sluice/internal/map_entries.h"
#include "sluice/internal/message_parts.h"
#include "sluice/internal/message_path.h"

namespace sluice {
namespace {

using google::protobuf::Message;
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

bool HasUnknownFields(const Message& message) {
  return !ForAllMessages(message, [](const Message& m) { return OwnUnknownFields(m).empty(); });
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
