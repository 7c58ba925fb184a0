#include "sluice/internal/strict_wire.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/message.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/message_path.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

enum class WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

// The wire type of one value of the field, not packed. Groups have none that is accepted.
bool HasWireType(const FieldDescriptor& field, WireType wire_type) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_BOOL:
    case FieldDescriptor::TYPE_ENUM:
      return wire_type == WireType::kVarint;
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return wire_type == WireType::kFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return wire_type == WireType::kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return wire_type == WireType::kLengthDelimited;
    case FieldDescriptor::TYPE_GROUP:
      return false;
  }
  return false;
}

// Whether parsing `value` into the field keeps all its bits.
bool FitsField(const FieldDescriptor& field, uint64_t value) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_ENUM: {
      // The two's complement of a negative number, extended to 64 bits, is the form on the wire.
      constexpr uint64_t kLowestNegative = ~uint64_t{0} << 31;
      return value <= uint64_t{std::numeric_limits<int32_t>::max()} || value >= kLowestNegative;
    }
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_SINT32:
      return value <= std::numeric_limits<uint32_t>::max();
    case FieldDescriptor::TYPE_BOOL:
      return value <= 1;
    default:
      return true;
  }
}

// The keys seen in one map field of one message.
struct MapKeys {
  const FieldDescriptor* field;
  absl::btree_set<absl::string_view> keys;  // A tree: hostile keys cannot make it slow.
};

// A key's bytes in a form that is equal for equal keys. All varints being minimal, the wire form
// will do, except that zero may also be left out.
absl::string_view KeyForm(const FieldDescriptor& key, absl::string_view value) {
  const bool is_string = key.type() == FieldDescriptor::TYPE_STRING;
  const bool is_zero = value.find_first_not_of('\0') == absl::string_view::npos;
  return !is_string && is_zero ? absl::string_view() : value;
}

// Walks the bytes once. Each step returns whether all is well; the first fault is kept.
class WireWalk {
 public:
  explicit WireWalk(absl::string_view bytes) : bytes_(bytes) {}

  absl::Status Check(const Descriptor& type) {
    absl::string_view key;
    WalkMessage(bytes_.size(), type, nullptr, 1, &key);
    return std::move(status_);
  }

 private:
  bool Fail(const PathStep* path, size_t offset, absl::string_view what,
            absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
    const std::string place = FormatPath(path);
    status_ = absl::Status(
        code, absl::StrCat(place, place.empty() ? "" : ": ", what, ", at byte ", offset));
    return false;
  }

  // Reads the fields in [pos_, end). If `type` is a map entry, `*map_key` becomes its key's form.
  bool WalkMessage(size_t end, const Descriptor& type, const PathStep* parent, int depth,
                   absl::string_view* map_key) {
    if (depth > kMaxMessageDepth) {
      return Fail(parent, pos_, "is nested too deeply", absl::StatusCode::kResourceExhausted);
    }
    const bool is_entry = type.options().map_entry();
    // How often each field occurred, by its index; a packed run counts its elements.
    absl::InlinedVector<int, 32> counts(static_cast<size_t>(type.field_count()), 0);
    absl::InlinedVector<const FieldDescriptor*, 8> members(
        static_cast<size_t>(type.oneof_decl_count()), nullptr);
    std::vector<MapKeys> maps;

    while (pos_ < end) {
      const size_t start = pos_;
      int number = 0;
      WireType wire_type = WireType::kVarint;
      if (!ReadTag(end, parent, &number, &wire_type)) return false;
      const FieldDescriptor* field = type.FindFieldByNumber(number);
      if (field == nullptr && type.FindExtensionRangeContainingNumber(number) != nullptr) {
        return Fail(parent, start, absl::StrCat("has extension field ", number));
      }
      const bool packed =
          field != nullptr && field->is_packable() && wire_type == WireType::kLengthDelimited;
      if (field == nullptr || !(packed || HasWireType(*field, wire_type))) {
        // Parsing keeps an unknown field of a message, but drops one of a map entry.
        if (is_entry) {
          return Fail(parent, start, absl::StrCat("has unknown field ", number, " in a map entry"));
        }
        if (!SkipValue(end, parent, wire_type)) return false;
        continue;
      }

      int& count = counts[static_cast<size_t>(field->index())];
      PathStep step{parent, field, field->is_repeated() ? count : -1};
      if (packed) {
        if (!WalkPacked(end, &step)) return false;
        count = step.index;
        continue;
      }
      if (!field->is_repeated()) {
        if (count > 0) return Fail(&step, start, "occurs twice");
        if (const OneofDescriptor* oneof = field->real_containing_oneof()) {
          const FieldDescriptor*& member = members[static_cast<size_t>(oneof->index())];
          if (member != nullptr) {
            return Fail(&step, start,
                        absl::StrCat("excludes `", member->name(), "`, which also occurs"));
          }
          member = field;
        }
      }
      ++count;
      absl::string_view value;
      absl::string_view entry_key;
      if (!WalkValue(end, wire_type, step, depth, &value, &entry_key)) return false;
      if (field->is_map() && !InsertKey(*field, entry_key, maps)) {
        return Fail(&step, start, "repeats a key");
      }
      if (is_entry && number == 1) *map_key = KeyForm(*field, value);
    }
    return true;
  }

  // Reads one value of a known field. `*value` becomes its bytes without the length.
  bool WalkValue(size_t end, WireType wire_type, const PathStep& step, int depth,
                 absl::string_view* value, absl::string_view* entry_key) {
    size_t start = pos_;
    switch (wire_type) {
      case WireType::kVarint: {
        uint64_t number = 0;
        if (!ReadVarint(end, &step, &number)) return false;
        if (!FitsField(*step.field, number)) {
          return Fail(&step, start, absl::StrCat(number, " does not fit its type"));
        }
        break;
      }
      case WireType::kFixed64:
        if (!Advance(end, &step, 8)) return false;
        break;
      case WireType::kFixed32:
        if (!Advance(end, &step, 4)) return false;
        break;
      case WireType::kLengthDelimited: {
        size_t value_end = 0;
        if (!ReadLength(end, &step, &value_end)) return false;
        start = pos_;
        if (step.field->type() == FieldDescriptor::TYPE_MESSAGE) {
          if (!WalkMessage(value_end, *step.field->message_type(), &step, depth + 1, entry_key)) {
            return false;
          }
        } else if (step.field->type() == FieldDescriptor::TYPE_STRING) {
          const size_t valid = ValidUtf8Prefix(bytes_.substr(pos_, value_end - pos_));
          if (pos_ + valid < value_end) {
            return Fail(&step, pos_ + valid, "is not valid UTF-8");
          }
        }
        pos_ = value_end;
        break;
      }
    }
    *value = bytes_.substr(start, pos_ - start);
    return true;
  }

  // Reads a run of packed numbers. The first has index step->index, which advances beyond the last.
  bool WalkPacked(size_t end, PathStep* step) {
    size_t run_end = 0;
    if (!ReadLength(end, step, &run_end)) return false;
    while (pos_ < run_end) {
      const size_t start = pos_;
      if (HasWireType(*step->field, WireType::kVarint)) {
        uint64_t number = 0;
        if (!ReadVarint(run_end, step, &number)) return false;
        if (!FitsField(*step->field, number)) {
          return Fail(step, start, absl::StrCat(number, " does not fit its type"));
        }
      } else if (!Advance(run_end, step, HasWireType(*step->field, WireType::kFixed64) ? 8 : 4)) {
        return false;
      }
      ++step->index;
    }
    return true;
  }

  // Whether `key` is the first of its kind in the map.
  static bool InsertKey(const FieldDescriptor& field, absl::string_view key,
                        std::vector<MapKeys>& maps) {
    for (MapKeys& map : maps) {
      if (map.field == &field) return map.keys.insert(key).second;
    }
    maps.push_back(MapKeys{&field, {key}});
    return true;
  }

  // Reads the value of an unknown field.
  bool SkipValue(size_t end, const PathStep* path, WireType wire_type) {
    switch (wire_type) {
      case WireType::kVarint: {
        uint64_t ignored = 0;
        return ReadVarint(end, path, &ignored);
      }
      case WireType::kFixed64:
        return Advance(end, path, 8);
      case WireType::kFixed32:
        return Advance(end, path, 4);
      case WireType::kLengthDelimited:
        return ReadLength(end, path, &pos_);
    }
    return Fail(path, pos_, "has an unsupported wire type");
  }

  bool ReadTag(size_t end, const PathStep* path, int* number, WireType* wire_type) {
    const size_t start = pos_;
    uint64_t tag = 0;
    if (!ReadVarint(end, path, &tag)) return false;
    if (tag >> 3 == 0 || tag >> 3 > uint64_t{FieldDescriptor::kMaxNumber}) {
      return Fail(path, start, absl::StrCat("has field number ", tag >> 3, ", out of range"));
    }
    *number = static_cast<int>(tag >> 3);
    switch (tag & 7) {
      case 0:
        *wire_type = WireType::kVarint;
        return true;
      case 1:
        *wire_type = WireType::kFixed64;
        return true;
      case 2:
        *wire_type = WireType::kLengthDelimited;
        return true;
      case 5:
        *wire_type = WireType::kFixed32;
        return true;
      default:
        return Fail(path, start, absl::StrCat("has unsupported wire type ", tag & 7));
    }
  }

  // Reads a length and sets `*value_end` to where the value it announces ends.
  bool ReadLength(size_t end, const PathStep* path, size_t* value_end) {
    const size_t start = pos_;
    uint64_t length = 0;
    if (!ReadVarint(end, path, &length)) return false;
    if (length > end - pos_) {
      return Fail(path, start, absl::StrCat("has length ", length, ", beyond the end"));
    }
    *value_end = pos_ + static_cast<size_t>(length);
    return true;
  }

  bool ReadVarint(size_t end, const PathStep* path, uint64_t* value) {
    const size_t start = pos_;
    *value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (pos_ == end) return Fail(path, start, "is cut short");
      const uint64_t byte = static_cast<uint8_t>(bytes_[pos_++]);
      if (shift == 63 && byte > 1) return Fail(path, start, "has a varint above 64 bits");
      *value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) return Fail(path, start, "has an over-long varint");
        return true;
      }
    }
    return Fail(path, start, "has a varint above 64 bits");
  }

  bool Advance(size_t end, const PathStep* path, size_t size) {
    if (size > end - pos_) return Fail(path, pos_, "is cut short");
    pos_ += size;
    return true;
  }

  const absl::string_view bytes_;
  size_t pos_ = 0;  // Never beyond the `end` of the message being walked.
  absl::Status status_;
};

}  // namespace

absl::Status CheckWire(absl::string_view bytes, const google::protobuf::Descriptor& type) {
  if (bytes.size() > kMaxInputBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("has ", bytes.size(), " bytes, more than ", kMaxInputBytes));
  }
  return WireWalk(bytes).Check(type);
}

absl::Status ReadBinary(absl::string_view bytes, google::protobuf::Message* message) {
  absl::Status status = CheckWire(bytes, *message->GetDescriptor());
  if (!status.ok()) {
    message->Clear();
    return status;
  }
  if (!message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    message->Clear();
    return absl::InvalidArgumentError("is not a message of its type");
  }
  if (!message->IsInitialized()) {
    const std::string missing = message->InitializationErrorString();
    message->Clear();
    return absl::InvalidArgumentError(absl::StrCat("lacks required fields: ", missing));
  }
  return absl::OkStatus();
}

}  // namespace sluice
