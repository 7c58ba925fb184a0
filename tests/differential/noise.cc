#include "tests/differential/noise.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

// Every message inside `message` and itself.
void Collect(Message* message, std::vector<Message*>* all) {
  all->push_back(message);
  const Reflection& reflection = *message->GetReflection();
  for (const FieldDescriptor* field : SetFields(*message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      Collect(reflection.MutableMessage(message, field), all);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      Collect(reflection.MutableRepeatedMessage(message, field, i), all);
    }
  }
}

void DamageRepeated(const FieldDescriptor& field, Draw* draw, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const int size = reflection.FieldSize(*message, &field);
  const int index = static_cast<int>(draw->Below(static_cast<uint64_t>(size)));
  if (draw->Percent(40)) {
    reflection.SwapElements(message, &field, index, size - 1);
    reflection.RemoveLast(message, &field);
    return;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_map()) {
    Message* copy = reflection.AddMessage(message, &field);
    copy->CopyFrom(reflection.GetRepeatedMessage(*message, &field, index));
    if (draw->Percent(60)) AddNoise(draw, copy);
    return;
  }
  reflection.SwapElements(message, &field, index,
                          static_cast<int>(draw->Below(static_cast<uint64_t>(size))));
}

void DamageSingular(const FieldDescriptor& field, Draw* draw, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const int64_t nudge = draw->Percent(50) ? 1 : -1;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.SetEnumValue(message, &field, draw->Percent(40) ? 99 : draw->Between(0, 4));
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.SetString(message, &field,
                           draw->Pick<std::string>(
                               {"", " ", "cell-1-1", "a b", "sha256:00", std::string(300, 'x')}));
      return;
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto beside = static_cast<uint64_t>(reflection.GetInt64(*message, &field)) +
                          static_cast<uint64_t>(nudge);
      const std::vector<int64_t> values = {static_cast<int64_t>(beside), 0,
                                           std::numeric_limits<int64_t>::max(), -1};
      reflection.SetInt64(message, &field, draw->Pick(values));
      return;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.SetInt32(message, &field, draw->Percent(50) ? 1'000'000'000 : -1);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection.SetUInt32(message, &field,
                           draw->Percent(70) ? static_cast<uint32_t>(draw->Between(0, 3))
                                             : std::numeric_limits<uint32_t>::max());
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection.SetUInt64(message, &field, static_cast<uint64_t>(draw->Between(0, 12)));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(message, &field, !reflection.GetBool(*message, &field));
      return;
    default:
      reflection.ClearField(message, &field);
  }
}

}  // namespace

void AddNoise(Draw* draw, Message* message) {
  std::vector<Message*> all;
  Collect(message, &all);
  Message* damaged = all[draw->Below(all.size())];
  if (draw->Percent(4)) {
    damaged->GetReflection()->MutableUnknownFields(damaged)->AddVarint(12345, 1);
    return;
  }
  const std::vector<const FieldDescriptor*> fields = SetFields(*damaged);
  if (fields.empty()) return;
  const FieldDescriptor& field = *draw->Pick(fields);
  if (field.is_repeated()) {
    DamageRepeated(field, draw, damaged);
  } else if (draw->Percent(30) || field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    damaged->GetReflection()->ClearField(damaged, &field);
  } else {
    DamageSingular(field, draw, damaged);
  }
}

void DamageChoice(Draw* draw, Message* message) {
  std::vector<Message*> all;
  Collect(message, &all);
  std::vector<std::pair<Message*, const FieldDescriptor*>> choices;
  for (Message* part : all) {
    for (const FieldDescriptor* field : SetFields(*part)) {
      const bool is_choice =
          field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM && !field->is_repeated();
      if (is_choice) choices.emplace_back(part, field);
    }
  }
  if (choices.empty()) return;
  const auto& [part, field] = draw->Pick(choices);
  part->GetReflection()->SetEnumValue(part, field, 99);
}

}  // namespace sluice
