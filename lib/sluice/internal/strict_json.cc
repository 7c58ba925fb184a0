#include "sluice/internal/strict_json.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/json_cursor.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/message_parts.h"
#include "sluice/internal/message_path.h"
#include "sluice/internal/strict_wire.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

constexpr char kTypeUrlPrefix[] = "type.googleapis.com";

// Whether `text` is an integer within the range of T, without fraction or exponent.
template <typename T>
bool FitsInteger(absl::string_view text) {
  T value;
  // The number grammar keeps out the spaces, plus signs and leading zeros that SimpleAtoi takes.
  return IsJsonNumber(text) && absl::SimpleAtoi(text, &value);
}

// Whether `text` is an integer that fits the field, which is of an integer type.
bool FitsIntegerField(const FieldDescriptor& field, absl::string_view text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return FitsInteger<int32_t>(text);
    case FieldDescriptor::CPPTYPE_INT64:
      return FitsInteger<int64_t>(text);
    case FieldDescriptor::CPPTYPE_UINT32:
      return FitsInteger<uint32_t>(text);
    default:
      return FitsInteger<uint64_t>(text);
  }
}

// Whether `text` is a number within [-limit, limit].
bool FitsFloating(absl::string_view text, double limit) {
  double value;
  return IsJsonNumber(text) && absl::SimpleAtod(text, &value) && std::abs(value) <= limit;
}

// Whether `text` is base64 in the standard or the URL-safe alphabet, padded or not, without stray
// bits at its end.
bool IsBase64(absl::string_view text) {
  const bool padded = absl::EndsWith(text, "=");
  const size_t length = text.size();
  if (padded && length % 4 != 0) return false;
  absl::ConsumeSuffix(&text, "=");
  absl::ConsumeSuffix(&text, "=");
  if (padded && length - text.size() != (4 - text.size() % 4) % 4) return false;
  bool standard = false;
  bool url_safe = false;
  for (const char c : text) {
    standard = standard || c == '+' || c == '/';
    url_safe = url_safe || c == '-' || c == '_';
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '/' && c != '-' &&
        c != '_') {
      return false;
    }
  }
  if (standard && url_safe) return false;
  switch (text.size() % 4) {
    case 1:
      return false;
    case 2:  // The last digit carries two bits: the others are zero.
      return absl::StrContains("AQgw", text.substr(text.size() - 1));
    case 3:  // Four bits.
      return absl::StrContains("AEIMQUYcgkosw048", text.substr(text.size() - 1));
    default:
      return true;
  }
}

// Takes from `text` its digits, which must be at least `least` and at most `most`.
bool TakeDigits(absl::string_view& text, size_t least, size_t most) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[count]))) {
    ++count;
  }
  text.remove_prefix(count);
  return count >= least && count <= most;
}

// Takes from `text` a number of `digits` digits and then `mark`.
bool TakePart(absl::string_view& text, size_t digits, absl::string_view mark, int* value) {
  const absl::string_view start = text;
  return TakeDigits(text, digits, digits) && absl::SimpleAtoi(start.substr(0, digits), value) &&
         absl::ConsumePrefix(&text, mark);
}

// Whether `text` is an instant in the form of RFC 3339, within years 1..9999 UTC.
bool IsTimestamp(absl::string_view text) {
  int year, month, day, hour, minute, second;
  if (!TakePart(text, 4, "-", &year) || !TakePart(text, 2, "-", &month) ||
      !TakePart(text, 2, "T", &day) || !TakePart(text, 2, ":", &hour) ||
      !TakePart(text, 2, ":", &minute) || !TakePart(text, 2, "", &second)) {
    return false;
  }
  if (absl::ConsumePrefix(&text, ".") && !TakeDigits(text, 1, 9)) return false;
  int offset_hours = 0;
  int offset_minutes = 0;
  bool west = false;
  if (!absl::ConsumePrefix(&text, "Z")) {
    west = absl::ConsumePrefix(&text, "-");
    if (!west && !absl::ConsumePrefix(&text, "+")) return false;
    if (!TakePart(text, 2, ":", &offset_hours) || !TakePart(text, 2, "", &offset_minutes)) {
      return false;
    }
  }
  if (!text.empty() || offset_hours > 23 || offset_minutes > 59) return false;
  const absl::CivilSecond local(year, month, day, hour, minute, second);
  if (local.month() != month || local.day() != day || local.hour() != hour ||
      local.minute() != minute || local.second() != second) {
    return false;  // There is no such time, and it was carried over into the next unit.
  }
  const int offset = (offset_hours * 60 + offset_minutes) * 60;
  const absl::CivilSecond utc = west ? local + offset : local - offset;
  return utc.year() >= 1 && utc.year() <= 9999;
}

constexpr int64_t kMaxDurationSeconds = 315'576'000'000;  // Of google.protobuf.Duration.

// Whether `text` is a duration: seconds, up to nine digits of fraction, `s`.
bool IsDuration(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  const absl::string_view start = text;
  if (!TakeDigits(text, 1, 12)) return false;
  int64_t seconds;
  if (!absl::SimpleAtoi(start.substr(0, start.size() - text.size()), &seconds) ||
      seconds > kMaxDurationSeconds) {
    return false;
  }
  if (absl::ConsumePrefix(&text, ".") && !TakeDigits(text, 1, 9)) return false;
  return text == "s";
}

// Whether `message` is no timestamp or duration, or one within its range.
bool HasWritableTime(const Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  const bool is_timestamp = type.well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP;
  if (!is_timestamp && type.well_known_type() != Descriptor::WELLKNOWNTYPE_DURATION) return true;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const int64_t seconds = reflection.GetInt64(message, type.FindFieldByNumber(1));
  const int32_t nanos = reflection.GetInt32(message, type.FindFieldByNumber(2));
  if (is_timestamp) {
    google::protobuf::Timestamp timestamp;
    timestamp.set_seconds(seconds);
    timestamp.set_nanos(nanos);
    return ReadTime(timestamp).has_value();
  }
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return ReadDuration(duration).has_value();
}

// Whether messages of the type are written other than as an object of their fields.
bool HasOwnForm(const Descriptor& type) {
  return type.well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

// The field that `key` names, in either spelling; or null.
const FieldDescriptor* FindField(const Descriptor& type, const std::string& key) {
  if (const FieldDescriptor* field = type.FindFieldByName(key)) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == key) return type.field(i);
  }
  return nullptr;
}

// The fields and oneofs that occurred in one message.
struct Occurred {
  explicit Occurred(const Descriptor& type)
      : fields(static_cast<size_t>(type.field_count()), false),
        members(static_cast<size_t>(type.oneof_decl_count()), nullptr) {}

  std::vector<bool> fields;                     // By index.
  std::vector<const FieldDescriptor*> members;  // By index of the oneof.
};

// Walks the text once, along with the type it is to be read as. Each step returns whether all is
// well; the first fault is kept. `depth` is the level of the message at hand.
class JsonWalk {
 public:
  explicit JsonWalk(absl::string_view text) : text_(text), cursor_(text) {}

  absl::Status Check(const Descriptor& type) {
    if (WalkMessage(type, nullptr, 1) && !cursor_.AtEnd()) Unexpected(nullptr, "the end");
    return std::move(status_);
  }

 private:
  using Member = absl::FunctionRef<bool(const std::string& key, size_t key_at)>;
  using Element = absl::FunctionRef<bool(int index)>;

  bool Fail(const PathStep* path, size_t offset, absl::string_view what,
            absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
    const std::string place = FormatPath(path);
    status_ = absl::Status(code, absl::StrCat(LineAndColumn(text_, offset), ": ", place,
                                              place.empty() ? "" : ": ", what));
    return false;
  }

  bool Unexpected(const PathStep* path, absl::string_view expected) {
    return Fail(path, cursor_.position(), absl::StrCat("expected ", expected));
  }

  bool CheckDepth(const PathStep* path, int depth) {
    if (depth <= kMaxMessageDepth) return true;
    return Fail(path, cursor_.position(), "is nested too deeply",
                absl::StatusCode::kResourceExhausted);
  }

  bool WalkObject(const PathStep* path, Member member) {
    if (!cursor_.TakeMark('{')) return Unexpected(path, "an object");
    if (cursor_.TakeMark('}')) return true;
    std::string key;
    do {
      cursor_.Peek();
      const size_t key_at = cursor_.position();
      if (!cursor_.TakeString(&key)) return Unexpected(path, "a quoted name");
      if (!cursor_.TakeMark(':')) return Unexpected(path, "`:`");
      if (!member(key, key_at)) return false;
    } while (cursor_.TakeMark(','));
    return cursor_.TakeMark('}') || Unexpected(path, "`,` or `}`");
  }

  bool WalkArray(const PathStep* path, Element element) {
    if (!cursor_.TakeMark('[')) return Unexpected(path, "a list");
    if (cursor_.TakeMark(']')) return true;
    int index = 0;
    do {
      if (!element(index++)) return false;
    } while (cursor_.TakeMark(','));
    return cursor_.TakeMark(']') || Unexpected(path, "`,` or `]`");
  }

  bool WalkFields(const Descriptor& type, const PathStep* path, int depth) {
    Occurred occurred(type);
    return WalkObject(path, [&](const std::string& key, size_t key_at) {
      return WalkMember(type, key, key_at, path, depth, occurred);
    });
  }

  bool WalkMember(const Descriptor& type, const std::string& key, size_t key_at,
                  const PathStep* parent, int depth, Occurred& occurred) {
    const FieldDescriptor* field = FindField(type, key);
    if (field == nullptr) return Fail(parent, key_at, absl::StrCat("unknown field `", key, "`"));
    const PathStep step{parent, field};
    const size_t index = static_cast<size_t>(field->index());
    if (occurred.fields[index]) return Fail(&step, key_at, "occurs twice");
    occurred.fields[index] = true;
    if (const OneofDescriptor* oneof = field->real_containing_oneof()) {
      const FieldDescriptor*& member = occurred.members[static_cast<size_t>(oneof->index())];
      if (member != nullptr) {
        return Fail(&step, key_at,
                    absl::StrCat("excludes `", member->name(), "`, which also occurs"));
      }
      member = field;
    }
    if (cursor_.TakeWord("null")) return true;
    if (field->is_map()) return WalkMap(step, depth);
    if (!field->is_repeated()) return WalkValue(*field, step, depth);
    return WalkArray(&step, [&](int i) {
      return WalkValue(*field, PathStep{parent, field, i}, depth);
    });
  }

  bool WalkMap(const PathStep& map, int depth) {
    const FieldDescriptor& key_field = *map.field->message_type()->map_key();
    const FieldDescriptor& value_field = *map.field->message_type()->map_value();
    absl::btree_set<std::string> keys;
    return WalkObject(&map, [&](const std::string& key, size_t key_at) {
      const PathStep step{map.parent, map.field, -1, key};
      if (!CheckDepth(&step, depth + 1)) return false;
      if (!IsKey(key_field, key)) return Fail(&step, key_at, "is not a key of its type");
      if (!keys.insert(key).second) return Fail(&step, key_at, "repeats a key");
      return WalkValue(value_field, step, depth + 1);
    });
  }

  // Whether `key` is a map key in the one form it has.
  static bool IsKey(const FieldDescriptor& field, absl::string_view key) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return true;
      case FieldDescriptor::CPPTYPE_BOOL:
        return key == "true" || key == "false";
      default:
        return key != "-0" && FitsIntegerField(field, key);
    }
  }

  // One value of `field`: its own, an element's or a map value. `step` says where it stands.
  bool WalkValue(const FieldDescriptor& field, const PathStep& step, int depth) {
    cursor_.Peek();
    const size_t at = cursor_.position();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return WalkMessage(*field.message_type(), &step, depth + 1);
      case FieldDescriptor::CPPTYPE_ENUM:
        return WalkEnum(*field.enum_type(), &step);
      case FieldDescriptor::CPPTYPE_BOOL:
        return cursor_.TakeWord("true") || cursor_.TakeWord("false") ||
               Unexpected(&step, "`true` or `false`");
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string value;
        if (!cursor_.TakeString(&value)) return Unexpected(&step, "a string");
        if (field.type() == FieldDescriptor::TYPE_BYTES && !IsBase64(value)) {
          return Fail(&step, at, "is not base64");
        }
        return true;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT: {
        std::string value;
        bool quoted;
        if (!TakeNumber(&step, &value, &quoted)) return false;
        if (quoted && (value == "NaN" || value == "Infinity" || value == "-Infinity")) return true;
        const double limit = field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT
                                 ? double{std::numeric_limits<float>::max()}
                                 : std::numeric_limits<double>::max();
        return FitsFloating(value, limit) || Fail(&step, at, "is not a number of its type");
      }
      default: {
        std::string value;
        bool quoted;
        if (!TakeNumber(&step, &value, &quoted)) return false;
        return FitsIntegerField(field, value) || Fail(&step, at, "is not an integer of its type");
      }
    }
  }

  // Takes a number or a string that may hold one.
  bool TakeNumber(const PathStep* path, std::string* value, bool* quoted) {
    *quoted = cursor_.Peek() == '"';
    if (*quoted) return cursor_.TakeString(value) || Unexpected(path, "a number");
    absl::string_view token;
    if (!cursor_.TakeNumber(&token)) return Unexpected(path, "a number");
    *value = std::string(token);
    return true;
  }

  bool WalkEnum(const EnumDescriptor& type, const PathStep* path) {
    const size_t at = cursor_.position();
    std::string text;
    bool quoted;
    if (!TakeNumber(path, &text, &quoted)) return false;
    const EnumValueDescriptor* value = nullptr;
    int32_t number = 0;
    if (quoted) {
      value = type.FindValueByName(text);
    } else if (absl::SimpleAtoi(text, &number)) {
      value = type.FindValueByNumber(number);
    }
    return value != nullptr || Fail(path, at, absl::StrCat("unknown enum value `", text, "`"));
  }

  bool WalkMessage(const Descriptor& type, const PathStep* path, int depth) {
    if (!CheckDepth(path, depth)) return false;
    cursor_.Peek();
    const size_t at = cursor_.position();
    switch (type.well_known_type()) {
      case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
        return WalkFields(type, path, depth);
      case Descriptor::WELLKNOWNTYPE_DOUBLEVALUE:
      case Descriptor::WELLKNOWNTYPE_FLOATVALUE:
      case Descriptor::WELLKNOWNTYPE_INT64VALUE:
      case Descriptor::WELLKNOWNTYPE_UINT64VALUE:
      case Descriptor::WELLKNOWNTYPE_INT32VALUE:
      case Descriptor::WELLKNOWNTYPE_UINT32VALUE:
      case Descriptor::WELLKNOWNTYPE_STRINGVALUE:
      case Descriptor::WELLKNOWNTYPE_BYTESVALUE:
      case Descriptor::WELLKNOWNTYPE_BOOLVALUE:
        return WalkValue(*type.field(0), path == nullptr ? PathStep{nullptr, type.field(0)} : *path,
                         depth);
      case Descriptor::WELLKNOWNTYPE_TIMESTAMP: {
        std::string value;
        if (!cursor_.TakeString(&value)) return Unexpected(path, "a quoted timestamp");
        return IsTimestamp(value) || Fail(path, at, "is not a timestamp");
      }
      case Descriptor::WELLKNOWNTYPE_DURATION: {
        std::string value;
        if (!cursor_.TakeString(&value)) return Unexpected(path, "a quoted duration");
        return IsDuration(value) || Fail(path, at, "is not a duration");
      }
      case Descriptor::WELLKNOWNTYPE_FIELDMASK: {
        std::string value;
        return cursor_.TakeString(&value) || Unexpected(path, "a quoted field mask");
      }
      case Descriptor::WELLKNOWNTYPE_ANY:
        return WalkAny(type, path, depth);
      case Descriptor::WELLKNOWNTYPE_STRUCT:
        return WalkStruct(path, depth);
      case Descriptor::WELLKNOWNTYPE_LISTVALUE:
        return WalkArray(path, [&](int) { return WalkFreeForm(path, depth + 1); });
      case Descriptor::WELLKNOWNTYPE_VALUE:
        return WalkFreeForm(path, depth);
      case Descriptor::__WELLKNOWNTYPE__DO_NOT_USE__ADD_DEFAULT_INSTEAD__:
        break;
    }
    return Fail(path, at, "has a type that is not supported");
  }

  // google.protobuf.Struct.
  bool WalkStruct(const PathStep* path, int depth) {
    absl::btree_set<std::string> keys;
    return WalkObject(path, [&](const std::string& key, size_t key_at) {
      if (!keys.insert(key).second) return Fail(path, key_at, "repeats a key");
      return WalkFreeForm(path, depth + 2);  // The map entry and the Value in it.
    });
  }

  // google.protobuf.Value.
  bool WalkFreeForm(const PathStep* path, int depth) {
    if (!CheckDepth(path, depth)) return false;
    switch (cursor_.Peek()) {
      case '{':
        return CheckDepth(path, depth + 1) && WalkStruct(path, depth + 1);
      case '[':
        return CheckDepth(path, depth + 1) &&
               WalkArray(path, [&](int) { return WalkFreeForm(path, depth + 2); });
      case '"': {
        std::string ignored;
        return cursor_.TakeString(&ignored) || Unexpected(path, "a string");
      }
      default: {
        if (cursor_.TakeWord("null") || cursor_.TakeWord("true") || cursor_.TakeWord("false")) {
          return true;
        }
        const size_t at = cursor_.position();
        absl::string_view number;
        if (!cursor_.TakeNumber(&number)) return Unexpected(path, "a value");
        return FitsFloating(number, std::numeric_limits<double>::max()) ||
               Fail(path, at, "is not a number of its type");
      }
    }
  }

  bool WalkAny(const Descriptor& any, const PathStep* path, int depth) {
    const Descriptor* type = nullptr;
    std::unique_ptr<Occurred> occurred;  // Of `type`, or of the form of types that have their own.
    bool has_value = false;
    size_t end_at = 0;
    const bool walked = WalkObject(path, [&](const std::string& key, size_t key_at) {
      end_at = key_at;
      if (type == nullptr) {
        if (key != "@type") return Fail(path, key_at, "must start with `@type`");
        type = TakeType(any, path);
        if (type == nullptr) return false;
        occurred = std::make_unique<Occurred>(*type);
        return true;
      }
      if (!HasOwnForm(*type)) return WalkMember(*type, key, key_at, path, depth + 1, *occurred);
      if (key != "value") return Fail(path, key_at, absl::StrCat("unknown field `", key, "`"));
      if (has_value) return Fail(path, key_at, "has two values");
      has_value = true;
      return WalkMessage(*type, path, depth + 1);
    });
    if (!walked) return false;
    if (type == nullptr || !HasOwnForm(*type) || has_value) return true;
    return Fail(path, end_at, "lacks a `value`");
  }

  // Takes a type URL and finds the type among those that `any` belongs to; null: refused.
  const Descriptor* TakeType(const Descriptor& any, const PathStep* path) {
    cursor_.Peek();
    const size_t at = cursor_.position();
    std::string url;
    if (!cursor_.TakeString(&url)) {
      Unexpected(path, "a type URL");
      return nullptr;
    }
    absl::string_view name = url;
    const Descriptor* type = nullptr;
    if (absl::ConsumePrefix(&name, absl::StrCat(kTypeUrlPrefix, "/"))) {
      type = any.file()->pool()->FindMessageTypeByName(std::string(name));
    }
    if (type == nullptr) Fail(path, at, absl::StrCat("unknown type `", url, "`"));
    return type;
  }

  const absl::string_view text_;
  JsonCursor cursor_;
  absl::Status status_;
};

absl::Status CheckJson(absl::string_view text, const Descriptor& type) {
  if (text.size() > kMaxInputBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("has ", text.size(), " bytes, more than ", kMaxInputBytes));
  }
  const size_t valid = ValidUtf8Prefix(text);
  if (valid < text.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(LineAndColumn(text, valid), ": is not valid UTF-8"));
  }
  return JsonWalk(text).Check(type);
}

std::unique_ptr<google::protobuf::util::TypeResolver> ResolverOf(const Descriptor& type) {
  return std::unique_ptr<google::protobuf::util::TypeResolver>(
      google::protobuf::util::NewTypeResolverForDescriptorPool(kTypeUrlPrefix,
                                                               type.file()->pool()));
}

std::string TypeUrl(const Descriptor& type) {
  return absl::StrCat(kTypeUrlPrefix, "/", type.full_name());
}

absl::string_view View(google::protobuf::StringPiece piece) {
  return absl::string_view(piece.data(), piece.size());
}

}  // namespace

absl::Status ReadJson(absl::string_view text, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  message->Clear();
  const absl::Status status = CheckJson(text, type);
  if (!status.ok()) return status;
  std::string bytes;
  const auto converted = google::protobuf::util::JsonToBinaryString(
      ResolverOf(type).get(), TypeUrl(type),
      google::protobuf::StringPiece(text.data(), text.size()), &bytes);
  if (!converted.ok()) {
    return absl::InvalidArgumentError(View(converted.message()));
  }
  return ReadBinary(bytes, message);
}

absl::StatusOr<std::string> WriteJson(const Message& message, JsonStyle style) {
  const Descriptor& type = *message.GetDescriptor();
  if (HasUnknownFields(message)) return absl::InvalidArgumentError("has unknown fields");
  const std::string bytes = DeterministicBytes(message);
  const absl::Status status = CheckWire(bytes, type);
  if (!status.ok()) return status;
  // The converter would find these too, but it logs.
  if (!ForAllMessages(message, HasWritableTime)) {
    return absl::InvalidArgumentError("has a timestamp or duration out of range");
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = style == JsonStyle::kIndented;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto converted = google::protobuf::util::BinaryToJsonString(
      ResolverOf(type).get(), TypeUrl(type), bytes, &text, options);
  if (!converted.ok()) return absl::InvalidArgumentError(View(converted.message()));
  return text;
}

}  // namespace sluice
