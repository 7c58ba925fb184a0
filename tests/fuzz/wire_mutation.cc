#include "tests/fuzz/wire_mutation.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace sluice {
namespace {

// One field as it stands in the bytes.
struct Field {
  std::string tag;
  int wire_type = 0;
  std::string value;  // With its length, if it has one.
};

bool TakeVarint(absl::string_view* bytes, uint64_t* number, std::string* text) {
  *number = 0;
  for (size_t i = 0; i < bytes->size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>((*bytes)[i]);
    *number |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      *text = std::string(bytes->substr(0, i + 1));
      bytes->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool TakeField(absl::string_view* bytes, Field* field) {
  uint64_t tag = 0;
  if (!TakeVarint(bytes, &tag, &field->tag)) return false;
  field->wire_type = static_cast<int>(tag & 7);
  uint64_t number = 0;
  switch (field->wire_type) {
    case 0:
      return TakeVarint(bytes, &number, &field->value);
    case 1:
    case 5: {
      const size_t size = field->wire_type == 1 ? 8 : 4;
      if (bytes->size() < size) return false;
      field->value = std::string(bytes->substr(0, size));
      bytes->remove_prefix(size);
      return true;
    }
    case 2: {
      std::string length;
      if (!TakeVarint(bytes, &number, &length) || number > bytes->size()) return false;
      field->value = absl::StrCat(length, bytes->substr(0, number));
      bytes->remove_prefix(number);
      return true;
    }
    default:
      return false;
  }
}

std::string Varint(uint64_t number) {
  std::string text;
  while (number >= 0x80) {
    text.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  text.push_back(static_cast<char>(number));
  return text;
}

// The same number in more bytes.
std::string LongVarint(std::string varint) {
  varint.back() = static_cast<char>(varint.back() | 0x80);
  return varint + std::string(1, '\0');
}

std::string Join(const std::vector<Field>& fields) {
  std::string bytes;
  for (const Field& field : fields) absl::StrAppend(&bytes, field.tag, field.value);
  return bytes;
}

// A field of a message inside, mutated.
std::string MutateInside(const std::string& value, Draw* draw) {
  absl::string_view rest = value;
  uint64_t length = 0;
  std::string text;
  if (!TakeVarint(&rest, &length, &text)) return value;
  const std::string inside = MutateWire(rest, draw);
  return absl::StrCat(Varint(inside.size()), inside);
}

}  // namespace

std::string MutateWire(absl::string_view bytes, Draw* draw) {
  std::vector<Field> fields;
  absl::string_view rest = bytes;
  while (!rest.empty()) {
    Field field;
    if (!TakeField(&rest, &field)) break;
    fields.push_back(std::move(field));
  }
  if (fields.empty()) return std::string(bytes.substr(0, draw->Below(bytes.size() + 1)));
  const size_t index = draw->Below(fields.size());
  Field& field = fields[index];
  if (field.wire_type == 2 && draw->Percent(60)) {
    field.value = MutateInside(field.value, draw);
    return Join(fields);
  }
  switch (draw->Below(7)) {
    case 0:
      fields.push_back(Field(field));
      break;
    case 1:
      std::swap(field, fields[draw->Below(fields.size())]);
      break;
    case 2:
      if (field.wire_type == 0) field.value = LongVarint(field.value);
      break;
    case 3:
      field.tag = LongVarint(field.tag);
      break;
    case 4:
      if (field.wire_type == 0) {
        field.value = Varint((uint64_t{1} << (draw->Percent(50) ? 32 : 63)) + draw->Below(4));
      }
      break;
    case 5:
      field.tag[0] = static_cast<char>(field.tag[0] ^ (1 << draw->Below(3)));
      break;
    default: {
      std::string joined = Join(fields);
      joined.resize(draw->Below(joined.size() + 1));
      return joined;
    }
  }
  return Join(fields);
}

}  // namespace sluice
