#include "sluice/internal/canonical.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "sluice/internal/map_entries.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

constexpr int kVarint = 0;
constexpr int kFixed64 = 1;
constexpr int kLengthDelimited = 2;
constexpr int kStartGroup = 3;
constexpr int kEndGroup = 4;
constexpr int kFixed32 = 5;

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  out.push_back(static_cast<char>(value));
}

void AppendTag(int number, int wire_type, std::string& out) {
  AppendVarint(static_cast<uint64_t>(number) << 3 | static_cast<uint64_t>(wire_type), out);
}

void AppendFixed32(uint32_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

void AppendFixed64(uint64_t value, std::string& out) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

void AppendLengthDelimited(absl::string_view value, std::string& out) {
  AppendVarint(value.size(), out);
  out.append(value.data(), value.size());
}

uint64_t Bits(double value) {
  if (std::isnan(value)) return 0x7ff8000000000000;
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

uint32_t Bits(float value) {
  if (std::isnan(value)) return 0x7fc00000;
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

void AppendInt32(FieldDescriptor::Type type, int32_t value, std::string& out) {
  const uint32_t bits = static_cast<uint32_t>(value);
  if (type == FieldDescriptor::TYPE_SFIXED32) {
    AppendFixed32(bits, out);
  } else if (type == FieldDescriptor::TYPE_SINT32) {
    AppendVarint(value < 0 ? ~bits << 1 | 1 : bits << 1, out);
  } else {
    AppendVarint(static_cast<uint64_t>(int64_t{value}), out);
  }
}

void AppendInt64(FieldDescriptor::Type type, int64_t value, std::string& out) {
  const uint64_t bits = static_cast<uint64_t>(value);
  if (type == FieldDescriptor::TYPE_SFIXED64) {
    AppendFixed64(bits, out);
  } else if (type == FieldDescriptor::TYPE_SINT64) {
    AppendVarint(value < 0 ? ~bits << 1 | 1 : bits << 1, out);
  } else {
    AppendVarint(bits, out);
  }
}

int WireTypeOf(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return kFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return kLengthDelimited;
    default:
      return kVarint;
  }
}

// The singular string field `id` of the field's element type, or null.
const FieldDescriptor* IdOf(const FieldDescriptor& field) {
  if (field.message_type() == nullptr) return nullptr;
  const FieldDescriptor* id = field.message_type()->FindFieldByName("id");
  return id != nullptr && !id->is_repeated() && id->type() == FieldDescriptor::TYPE_STRING
             ? id
             : nullptr;
}

// One element of a repeated field: what it is sorted by in a set, first `id`, then `bytes`.
struct Element {
  std::string id;
  std::string bytes;  // Without tag and length.

  friend bool operator<(const Element& a, const Element& b) {
    return a.id != b.id ? a.id < b.id : a.bytes < b.bytes;
  }
  friend bool operator==(const Element& a, const Element& b) {
    return a.id == b.id && a.bytes == b.bytes;
  }
};

class Writer {
 public:
  // Null: no field is a set.
  explicit Writer(const CanonicalOptions* options) : options_(options) {}

  void WriteMessage(const Message& message, std::string& out) const {
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    if (message.GetDescriptor()->options().map_entry()) {
      fields = {message.GetDescriptor()->map_key(), message.GetDescriptor()->map_value()};
    } else {
      reflection.ListFields(message, &fields);  // Ascending by number.
    }
    for (const FieldDescriptor* field : fields) {
      if (field->is_map()) {
        for (const Message* entry : SortedMapEntries(message, *field)) {
          std::string bytes;
          WriteMessage(*entry, bytes);
          AppendTag(field->number(), kLengthDelimited, out);
          AppendLengthDelimited(bytes, out);
        }
      } else if (field->is_repeated()) {
        WriteRepeated(message, *field, out);
      } else {
        AppendTag(field->number(), WireTypeOf(*field), out);
        const std::string bytes = ValueBytes(message, *field, -1);
        AppendValue(*field, bytes, out);
      }
    }
    WriteUnknown(reflection.GetUnknownFields(message), out);
  }

 private:
  // Appends a value's bytes, after their length where the wire has one.
  static void AppendValue(const FieldDescriptor& field, absl::string_view bytes, std::string& out) {
    if (WireTypeOf(field) == kLengthDelimited) {
      AppendLengthDelimited(bytes, out);
    } else {
      out.append(bytes.data(), bytes.size());
    }
  }

  bool IsSet(const FieldDescriptor& field) const {
    if (options_ == nullptr) return false;
    if (options_->set_fields.contains(field.full_name())) return true;
    return IdOf(field) != nullptr && !options_->ordered_fields.contains(field.full_name());
  }

  void WriteRepeated(const Message& message, const FieldDescriptor& field, std::string& out) const {
    const Reflection& reflection = *message.GetReflection();
    const FieldDescriptor* id = IdOf(field);
    const int size = reflection.FieldSize(message, &field);
    std::vector<Element> elements(static_cast<size_t>(size));
    for (int i = 0; i < size; ++i) {
      Element& element = elements[static_cast<size_t>(i)];
      element.bytes = ValueBytes(message, field, i);
      if (id != nullptr) {
        const Message& inner = reflection.GetRepeatedMessage(message, &field, i);
        element.id = inner.GetReflection()->GetString(inner, id);
      }
    }
    if (IsSet(field)) {
      std::sort(elements.begin(), elements.end());
      elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
    }
    if (field.is_packable()) {
      std::string run;
      for (const Element& element : elements) run += element.bytes;
      AppendTag(field.number(), kLengthDelimited, out);
      AppendLengthDelimited(run, out);
      return;
    }
    for (const Element& element : elements) {
      AppendTag(field.number(), WireTypeOf(field), out);
      AppendValue(field, element.bytes, out);
    }
  }

  // The bytes of element `index` of the field, or of the field if it is not repeated.
  std::string ValueBytes(const Message& m, const FieldDescriptor& field, int index) const {
    const FieldDescriptor* f = &field;
    const Reflection& r = *m.GetReflection();
    const bool repeated = field.is_repeated();
    std::string out;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        AppendInt32(field.type(), repeated ? r.GetRepeatedInt32(m, f, index) : r.GetInt32(m, f),
                    out);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        AppendInt32(field.type(),
                    repeated ? r.GetRepeatedEnumValue(m, f, index) : r.GetEnumValue(m, f), out);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        AppendInt64(field.type(), repeated ? r.GetRepeatedInt64(m, f, index) : r.GetInt64(m, f),
                    out);
        break;
      case FieldDescriptor::CPPTYPE_UINT32: {
        const uint32_t value = repeated ? r.GetRepeatedUInt32(m, f, index) : r.GetUInt32(m, f);
        if (field.type() == FieldDescriptor::TYPE_FIXED32) {
          AppendFixed32(value, out);
        } else {
          AppendVarint(value, out);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const uint64_t value = repeated ? r.GetRepeatedUInt64(m, f, index) : r.GetUInt64(m, f);
        if (field.type() == FieldDescriptor::TYPE_FIXED64) {
          AppendFixed64(value, out);
        } else {
          AppendVarint(value, out);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        AppendVarint((repeated ? r.GetRepeatedBool(m, f, index) : r.GetBool(m, f)) ? 1 : 0, out);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        AppendFixed64(Bits(repeated ? r.GetRepeatedDouble(m, f, index) : r.GetDouble(m, f)), out);
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        AppendFixed32(Bits(repeated ? r.GetRepeatedFloat(m, f, index) : r.GetFloat(m, f)), out);
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        return repeated ? r.GetRepeatedString(m, f, index) : r.GetString(m, f);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        WriteMessage(repeated ? r.GetRepeatedMessage(m, f, index) : r.GetMessage(m, f), out);
        break;
    }
    return out;
  }

  static void WriteUnknownField(const UnknownField& field, std::string& out) {
    switch (field.type()) {
      case UnknownField::TYPE_VARINT:
        AppendTag(field.number(), kVarint, out);
        AppendVarint(field.varint(), out);
        break;
      case UnknownField::TYPE_FIXED32:
        AppendTag(field.number(), kFixed32, out);
        AppendFixed32(field.fixed32(), out);
        break;
      case UnknownField::TYPE_FIXED64:
        AppendTag(field.number(), kFixed64, out);
        AppendFixed64(field.fixed64(), out);
        break;
      case UnknownField::TYPE_LENGTH_DELIMITED:
        AppendTag(field.number(), kLengthDelimited, out);
        AppendLengthDelimited(field.length_delimited(), out);
        break;
      case UnknownField::TYPE_GROUP:
        AppendTag(field.number(), kStartGroup, out);
        WriteUnknown(field.group(), out);
        AppendTag(field.number(), kEndGroup, out);
        break;
    }
  }

  static void WriteUnknown(const UnknownFieldSet& unknown, std::string& out) {
    std::vector<const UnknownField*> fields;
    for (int i = 0; i < unknown.field_count(); ++i) fields.push_back(&unknown.field(i));
    std::stable_sort(
        fields.begin(), fields.end(),
        [](const UnknownField* a, const UnknownField* b) { return a->number() < b->number(); });
    for (const UnknownField* field : fields) WriteUnknownField(*field, out);
  }

  const CanonicalOptions* const options_;
};

}  // namespace

std::string CanonicalBytes(const Message& message, const CanonicalOptions& options) {
  std::string out;
  Writer(&options).WriteMessage(message, out);
  return out;
}

std::string DeterministicBytes(const Message& message) {
  std::string out;
  Writer(nullptr).WriteMessage(message, out);
  return out;
}

}  // namespace sluice
