#include "tests/wire/make_samples.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

constexpr int kDepth = 2;

bool IsTime(const Descriptor& type) {
  return type.full_name() == "google.protobuf.Timestamp" ||
         type.full_name() == "google.protobuf.Duration";
}

// The numbers are chosen so that a field that changed its type can't hold them: too big for a
// smaller one, below zero where that can be said, no UTF-8 in bytes.
class Filler {
 public:
  // `member`: which member of the oneofs of the outermost message is set.
  explicit Filler(int member) : member_(member) {}

  void Fill(int depth, Message* message) {
    const Descriptor& type = *message->GetDescriptor();
    if (IsTime(type)) return FillTime(message);
    if (type.full_name() == "google.protobuf.Any") return FillAny(message);
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const OneofDescriptor* oneof = field.real_containing_oneof();
      if (oneof != nullptr && oneof->field(Member(*oneof, depth)) != &field) continue;
      if (depth >= kDepth && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
          !IsTime(*field.message_type())) {
        continue;
      }
      Set(field, depth, message);
    }
  }

 private:
  uint32_t Next() { return ++count_; }

  // Further in, oneofs take what is next.
  int Member(const OneofDescriptor& oneof, int depth) const {
    return (depth == 0 ? member_ : static_cast<int>(count_)) % oneof.field_count();
  }

  void FillTime(Message* message) {
    const Reflection& reflection = *message->GetReflection();
    const Descriptor& type = *message->GetDescriptor();
    reflection.SetInt64(message, type.FindFieldByNumber(1), 1'700'000'000 + Next());
    reflection.SetInt32(message, type.FindFieldByNumber(2), static_cast<int32_t>(Next()));
  }

  void FillAny(Message* message) {
    const Reflection& reflection = *message->GetReflection();
    const Descriptor& type = *message->GetDescriptor();
    reflection.SetString(message, type.FindFieldByNumber(1),
                         absl::StrCat("example.com/kind", Next()));
    reflection.SetString(message, type.FindFieldByNumber(2), Bytes());
  }

  void Set(const FieldDescriptor& field, int depth, Message* message) {
    const Reflection& reflection = *message->GetReflection();
    if (!field.is_repeated()) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        return Fill(depth + 1, reflection.MutableMessage(message, &field));
      }
      return SetValue(field, message);
    }
    for (int i = 0; i < 2; ++i) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Fill(depth + 1, reflection.AddMessage(message, &field));
      } else {
        AddValue(field, message);
      }
    }
  }

  int64_t Int64() { return -(int64_t{1} << 40) - Next(); }
  uint64_t UInt64() { return (uint64_t{1} << 63) + Next(); }
  int32_t Int32() { return -static_cast<int32_t>(Next()); }
  uint32_t UInt32() { return 0xF0000000u + Next(); }
  double Double() { return Next() + 0.5; }
  std::string Text() { return absl::StrCat("t", Next(), "\xc3\xa9"); }
  std::string Bytes() { return absl::StrCat("b", Next(), "\xff"); }

  int Enumerator(const EnumDescriptor& type) {
    const int others = std::max(type.value_count() - 1, 1);
    const EnumValueDescriptor& value =
        *type.value((1 + static_cast<int>(Next()) % others) % type.value_count());
    return value.number();
  }

  std::string String(const FieldDescriptor& field) {
    return field.type() == FieldDescriptor::TYPE_BYTES ? Bytes() : Text();
  }

  void SetValue(const FieldDescriptor& field, Message* message) {
    const Reflection& reflection = *message->GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(message, &field, Int32());
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.SetInt64(message, &field, Int64());
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection.SetUInt32(message, &field, UInt32());
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.SetUInt64(message, &field, UInt64());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.SetDouble(message, &field, Double());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection.SetFloat(message, &field, static_cast<float>(Double()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(message, &field, true);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnumValue(message, &field, Enumerator(*field.enum_type()));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.SetString(message, &field, String(field));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return;
    }
  }

  void AddValue(const FieldDescriptor& field, Message* message) {
    const Reflection& reflection = *message->GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.AddInt32(message, &field, Int32());
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.AddInt64(message, &field, Int64());
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection.AddUInt32(message, &field, UInt32());
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.AddUInt64(message, &field, UInt64());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.AddDouble(message, &field, Double());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection.AddFloat(message, &field, static_cast<float>(Double()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.AddBool(message, &field, true);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.AddEnumValue(message, &field, Enumerator(*field.enum_type()));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.AddString(message, &field, String(field));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return;
    }
  }

  const int member_;
  uint32_t count_ = 0;
};

}  // namespace

std::vector<std::unique_ptr<Message>> MakeSamples(const Descriptor& type,
                                                  google::protobuf::MessageFactory* factory) {
  int count = 1;
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    count = std::max(count, type.oneof_decl(i)->field_count());
  }
  std::vector<std::unique_ptr<Message>> samples;
  for (int member = 0; member < count; ++member) {
    samples.emplace_back(factory->GetPrototype(&type)->New());
    Filler(member).Fill(0, samples.back().get());
  }
  return samples;
}

}  // namespace sluice
