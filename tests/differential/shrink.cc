#include "tests/differential/shrink.h"

#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A field, or one of its elements, by the way from the root.
struct Step {
  const FieldDescriptor* field;
  int index;  // -1: the field as a whole.
};
using Path = std::vector<Step>;

void Collect(const Message& message, const Path& path, std::vector<Path>* paths) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    Path here = path;
    here.push_back({field, -1});
    paths->push_back(here);
    const bool is_message =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map();
    if (!field->is_repeated()) {
      if (is_message) Collect(reflection.GetMessage(message, field), here, paths);
      continue;
    }
    if (!is_message && field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    for (int i = reflection.FieldSize(message, field) - 1; i >= 0; --i) {
      here.back().index = i;
      paths->push_back(here);
      if (is_message) Collect(reflection.GetRepeatedMessage(message, field, i), here, paths);
    }
  }
}

// Removes what the path leads to; false if it no longer leads anywhere.
bool Remove(const Path& path, Message* message) {
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const Reflection& reflection = *message->GetReflection();
    const Step& step = path[i];
    if (step.index < 0) {
      if (!reflection.HasField(*message, step.field)) return false;
      message = reflection.MutableMessage(message, step.field);
    } else {
      if (step.index >= reflection.FieldSize(*message, step.field)) return false;
      message = reflection.MutableRepeatedMessage(message, step.field, step.index);
    }
  }
  const Reflection& reflection = *message->GetReflection();
  const Step& last = path.back();
  if (last.index < 0) {
    reflection.ClearField(message, last.field);
    return true;
  }
  const int size = reflection.FieldSize(*message, last.field);
  if (last.index >= size) return false;
  for (int i = last.index; i + 1 < size; ++i) {
    reflection.SwapElements(message, last.field, i, i + 1);
  }
  reflection.RemoveLast(message, last.field);
  return true;
}

}  // namespace

v1::Inputs Shrink(v1::Inputs inputs, const std::function<bool(const v1::Inputs&)>& is_bad,
                  int max_tries) {
  int tries = 0;
  bool smaller = true;
  while (smaller && tries < max_tries) {
    smaller = false;
    std::vector<Path> paths;
    Collect(inputs, {}, &paths);
    for (const Path& path : paths) {
      if (tries >= max_tries) break;
      v1::Inputs candidate = inputs;
      if (!Remove(path, &candidate)) continue;
      if (candidate.ByteSizeLong() >= inputs.ByteSizeLong()) continue;
      ++tries;
      if (!is_bad(candidate)) continue;
      inputs = std::move(candidate);
      smaller = true;
    }
  }
  return inputs;
}

}  // namespace sluice
