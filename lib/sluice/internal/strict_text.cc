#include "sluice/internal/strict_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/json_cursor.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/message_path.h"
#include "sluice/internal/source_map.h"
#include "sluice/internal/strict_wire.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::io::Tokenizer;

constexpr absl::string_view kTypeUrlPrefix = "type.googleapis.com/";
constexpr size_t kMaxReportedErrors = 100;

// Gathers errors from whoever finds them. Lines and columns come in counted from 0.
class TextErrors : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!full()) errors_.push_back(Error{line + 1, column + 1, message});
  }

  // Whether no more errors are taken.
  bool full() const { return errors_.size() >= kMaxReportedErrors; }
  bool empty() const { return errors_.empty(); }

  // Says that a limit was the reason to stop.
  void set_limit_exceeded() { limit_exceeded_ = true; }

  // All errors, in the order of their places. Not empty.
  absl::Status ToStatus() const {
    std::vector<Error> sorted = errors_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Error& a, const Error& b) {
      return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    std::string message;
    for (const Error& error : sorted) {
      absl::StrAppend(&message, message.empty() ? "" : "\n", error.line, ":", error.column, ": ",
                      error.message);
    }
    return absl::Status(
        limit_exceeded_ ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kInvalidArgument,
        message);
  }

 private:
  struct Error {
    int line;
    int column;
    std::string message;
  };

  std::vector<Error> errors_;
  bool limit_exceeded_ = false;
};

// Reads a number token, decimal or hexadecimal, of at most `max`.
bool ParseMagnitude(const std::string& token, uint64_t max, uint64_t* value) {
  const bool octal = token.size() > 1 && token[0] == '0' && absl::ascii_isdigit(token[1]);
  return !octal && Tokenizer::ParseInteger(token, max, value);
}

// The largest magnitude of an integer of the field's type with that sign.
uint64_t LargestMagnitude(const FieldDescriptor& field, bool negative) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_ENUM:
      return uint64_t{std::numeric_limits<int32_t>::max()} + (negative ? 1 : 0);
    case FieldDescriptor::CPPTYPE_INT64:
      return uint64_t{std::numeric_limits<int64_t>::max()} + (negative ? 1 : 0);
    case FieldDescriptor::CPPTYPE_UINT32:
      return negative ? 0 : uint64_t{std::numeric_limits<uint32_t>::max()};
    default:
      return negative ? 0 : std::numeric_limits<uint64_t>::max();
  }
}

// Whether a string token has an octal escape that does not fit a byte.
bool HasWideOctalEscape(absl::string_view token) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  for (size_t i = 0; i + 1 < token.size(); ++i) {
    if (token[i] != '\\') continue;
    ++i;  // The escaped character, which may be a backslash.
    if (token[i] >= '4' && token[i] <= '7' && i + 2 < token.size() && is_octal(token[i + 1]) &&
        is_octal(token[i + 2])) {
      return true;
    }
  }
  return false;
}

// Whether a token is `inf` or `nan`, in any of the spellings that the text format has for them.
bool IsNotFinite(absl::string_view token) {
  return absl::EqualsIgnoreCase(token, "inf") || absl::EqualsIgnoreCase(token, "infinity") ||
         absl::EqualsIgnoreCase(token, "nan");
}

// Whether a number token is decimal and at most `limit`.
bool FitsFloating(const Tokenizer::Token& token, double limit) {
  absl::string_view text = token.text;
  if (token.type == Tokenizer::TYPE_FLOAT) {
    if (!absl::ConsumeSuffix(&text, "f")) absl::ConsumeSuffix(&text, "F");
  } else if (!IsJsonNumber(text)) {
    return false;  // Octal or hexadecimal.
  }
  double value;
  return absl::SimpleAtod(text, &value) && value <= limit;
}

// Walks the text once, along with the type it is to be read as. A step returns false where the text
// cannot be followed any further; other faults are noted and passed over.
class TextWalk {
 public:
  TextWalk(absl::string_view text, TextErrors& errors, SourceMap& map)
      : stream_(text.data(), static_cast<int>(text.size())),
        tokens_(&stream_, &errors),
        errors_(errors),
        map_(map) {
    tokens_.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
    tokens_.set_allow_f_after_float(true);
    tokens_.Next();
  }

  void Walk(const Descriptor& type) {
    std::string ignored;
    WalkFields(type, "", Place{nullptr, SourceMap::kRoot, 1}, &ignored);
  }

 private:
  // A message being read: its path, its place in the source map and its level of nesting.
  struct Place {
    const PathStep* path;
    SourceMap::Node node;
    int depth;
  };

  // What occurred in one message.
  struct Occurred {
    explicit Occurred(const Descriptor& type)
        : counts(static_cast<size_t>(type.field_count()), 0),
          members(static_cast<size_t>(type.oneof_decl_count()), nullptr) {}

    std::vector<int> counts;                                  // By the field's index.
    std::vector<const FieldDescriptor*> members;              // By the oneof's index.
    absl::btree_map<int, absl::btree_set<std::string>> keys;  // Of maps, by the field's index.
  };

  bool LooksAt(absl::string_view text) { return tokens_.current().text == text; }
  bool LooksAt(Tokenizer::TokenType type) { return tokens_.current().type == type; }
  bool AtEnd() { return LooksAt(Tokenizer::TYPE_END); }
  bool AtCloser() { return LooksAt("}") || LooksAt(">") || LooksAt("]"); }

  bool TryTake(absl::string_view text) {
    if (!LooksAt(text)) return false;
    tokens_.Next();
    return true;
  }

  // Notes a fault at `token`.
  void Note(const PathStep* path, const Tokenizer::Token& token, absl::string_view what) {
    const std::string place = FormatPath(path);
    errors_.AddError(token.line, token.column,
                     absl::StrCat(place, place.empty() ? "" : ": ", what));
  }

  // Notes that the text cannot be followed beyond the current token.
  bool Unexpected(const PathStep* path, absl::string_view expected) {
    Note(path, tokens_.current(), absl::StrCat("expected ", expected));
    return false;
  }

  // Notes that the current token is no value for the field, and passes over the value.
  bool WrongValue(const PathStep* path, absl::string_view expected) {
    Unexpected(path, expected);
    return !AtEnd() && !AtCloser() && SkipValue(path);
  }

  // Passes over a value of any kind and what it contains.
  bool SkipValue(const PathStep* path) {
    TryTake(":");
    if (LooksAt(Tokenizer::TYPE_STRING)) {
      while (LooksAt(Tokenizer::TYPE_STRING)) tokens_.Next();
      return true;
    }
    TryTake("-");
    int open = 0;
    do {
      if (AtEnd() || (open == 0 && AtCloser())) return Unexpected(path, "a value");
      if (LooksAt("{") || LooksAt("<") || LooksAt("[")) ++open;
      if (AtCloser()) --open;
      tokens_.Next();
    } while (open > 0);
    return true;
  }

  // Reads the fields of a message up to `closer`, or to the end of the text if that is empty. If
  // `type` is a map entry and its key occurs, `*map_key` becomes that, equal for equal keys.
  bool WalkFields(const Descriptor& type, absl::string_view closer, const Place& place,
                  std::string* map_key) {
    Occurred occurred(type);
    while (!errors_.full()) {
      if (closer.empty() ? AtEnd() : TryTake(closer)) return true;
      if (AtEnd()) return Unexpected(place.path, absl::StrCat("`", closer, "`"));
      if (!WalkField(type, place, occurred, map_key)) return false;
      if (!TryTake(",")) TryTake(";");
    }
    return false;
  }

  bool WalkField(const Descriptor& type, const Place& place, Occurred& occurred,
                 std::string* map_key) {
    const Tokenizer::Token name = tokens_.current();
    if (LooksAt("[")) return WalkBracketed(type, place, occurred);
    if (!LooksAt(Tokenizer::TYPE_IDENTIFIER)) return Unexpected(place.path, "a field name");
    tokens_.Next();
    const FieldDescriptor* field = type.FindFieldByName(name.text);
    if (field == nullptr || field->type() == FieldDescriptor::TYPE_GROUP) {
      Note(place.path, name, absl::StrCat("unknown field `", name.text, "`"));
      return SkipValue(place.path);
    }
    if (!field->is_repeated()) NoteIfExcluded(*field, name, place.path, occurred);
    if (!TryTake(":") && field->message_type() == nullptr) {
      const PathStep step{place.path, field};
      return Unexpected(&step, "`:`");
    }
    if (!field->is_repeated() || !LooksAt("[")) {
      return WalkElement(*field, name, /*in_list=*/false, place, occurred, map_key);
    }
    tokens_.Next();
    if (TryTake("]")) return true;
    do {
      const Tokenizer::Token first = tokens_.current();
      if (!WalkElement(*field, first, /*in_list=*/true, place, occurred, map_key)) return false;
    } while (!errors_.full() && TryTake(","));
    const PathStep step{place.path, field};
    return TryTake("]") || Unexpected(&step, "`,` or `]`");
  }

  // Notes if another field, or the same before, leaves no room for the singular `field`.
  void NoteIfExcluded(const FieldDescriptor& field, const Tokenizer::Token& name,
                      const PathStep* parent, Occurred& occurred) {
    const PathStep step{parent, &field};
    if (occurred.counts[static_cast<size_t>(field.index())] > 0) {
      Note(&step, name, "occurs twice");
    }
    const OneofDescriptor* oneof = field.real_containing_oneof();
    if (oneof == nullptr) return;
    const FieldDescriptor*& member = occurred.members[static_cast<size_t>(oneof->index())];
    if (member == nullptr) {
      member = &field;
    } else if (member != &field) {
      Note(&step, name, absl::StrCat("excludes `", member->name(), "`, which also occurs"));
    }
  }

  // Reads one value of the field, which in the source map stands at `token`.
  bool WalkElement(const FieldDescriptor& field, const Tokenizer::Token& token, bool in_list,
                   const Place& place, Occurred& occurred, std::string* map_key) {
    const int count = occurred.counts[static_cast<size_t>(field.index())]++;
    const PathStep step{place.path, &field, field.is_repeated() ? count : -1};
    const SourceMap::Node node = map_.Add(place.node, field.name(), step.index, token.line + 1);
    if (field.message_type() == nullptr) {
      std::string value;
      if (!WalkScalar(field, step, in_list, &value)) return false;
      if (field.number() == 1) *map_key = value;
      return true;
    }
    const bool is_string_map =
        field.is_map() && field.message_type()->map_key()->type() == FieldDescriptor::TYPE_STRING;
    std::string entry_key = is_string_map ? "" : "0";
    if (!WalkMessage(*field.message_type(), Place{&step, node, place.depth + 1}, &entry_key)) {
      return false;
    }
    if (field.is_map() && !occurred.keys[field.index()].insert(entry_key).second) {
      Note(&step, token, "repeats a key");
    }
    return true;
  }

  // Reads a message in its braces.
  bool WalkMessage(const Descriptor& type, const Place& place, std::string* map_key) {
    if (place.depth > kMaxMessageDepth) {
      Note(place.path, tokens_.current(), "is nested too deeply");
      errors_.set_limit_exceeded();
      return false;
    }
    if (TryTake("{")) return WalkFields(type, "}", place, map_key);
    if (TryTake("<")) return WalkFields(type, ">", place, map_key);
    return WrongValue(place.path, "`{`");
  }

  // Reads a name in brackets and what follows it: the content of a google.protobuf.Any, or an
  // extension, which is refused.
  bool WalkBracketed(const Descriptor& type, const Place& place, Occurred& occurred) {
    const Tokenizer::Token start = tokens_.current();
    std::string name;
    tokens_.Next();
    while (!TryTake("]")) {
      if (!LooksAt(Tokenizer::TYPE_IDENTIFIER) && !LooksAt(".") && !LooksAt("/") && !LooksAt("-")) {
        return Unexpected(place.path, "`]`");
      }
      name += tokens_.current().text;
      tokens_.Next();
    }
    const Descriptor* content = nullptr;
    absl::string_view type_name = name;
    if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_ANY &&
        absl::ConsumePrefix(&type_name, kTypeUrlPrefix)) {
      content = type.file()->pool()->FindMessageTypeByName(std::string(type_name));
    }
    if (content == nullptr) {
      Note(place.path, start, absl::StrCat("unknown type or extension `", name, "`"));
      return SkipValue(place.path);
    }
    // It stands for both fields of the Any.
    for (int& count : occurred.counts) {
      if (count++ > 0) Note(place.path, start, "occurs twice");
    }
    TryTake(":");
    std::string ignored;
    return WalkMessage(*content, Place{place.path, place.node, place.depth + 1}, &ignored);
  }

  // Reads a value that is not a message; `*value` becomes what it says, equal for equal values, if
  // it can be a map key.
  bool WalkScalar(const FieldDescriptor& field, const PathStep& step, bool in_list,
                  std::string* value) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return WalkString(field, step, in_list, value);
      case FieldDescriptor::CPPTYPE_BOOL:
        *value = LooksAt("true") ? "1" : "0";
        return TryTake("true") || TryTake("false") || WrongValue(&step, "`true` or `false`");
      case FieldDescriptor::CPPTYPE_ENUM:
        return WalkEnum(field, step);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return WalkFloating(step, std::numeric_limits<double>::max());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return WalkFloating(step, double{std::numeric_limits<float>::max()});
      default:
        return WalkInteger(field, step, value);
    }
  }

  bool WalkString(const FieldDescriptor& field, const PathStep& step, bool in_list,
                  std::string* value) {
    if (!LooksAt(Tokenizer::TYPE_STRING)) return WrongValue(&step, "a string");
    const Tokenizer::Token first = tokens_.current();
    value->clear();
    for (int i = 0; LooksAt(Tokenizer::TYPE_STRING); ++i) {
      if (in_list && i > 0) Note(&step, tokens_.current(), "expected `,` between strings");
      if (HasWideOctalEscape(tokens_.current().text)) {
        Note(&step, tokens_.current(), "has an octal escape above \\377");
      }
      Tokenizer::ParseStringAppend(tokens_.current().text, value);
      tokens_.Next();
    }
    if (field.type() == FieldDescriptor::TYPE_STRING && !IsValidUtf8(*value)) {
      Note(&step, first, "is not valid UTF-8");
    }
    return true;
  }

  bool WalkEnum(const FieldDescriptor& field, const PathStep& step) {
    const EnumDescriptor& type = *field.enum_type();
    const Tokenizer::Token token = tokens_.current();
    if (LooksAt(Tokenizer::TYPE_IDENTIFIER)) {
      tokens_.Next();
      if (type.FindValueByName(token.text) == nullptr) {
        Note(&step, token, absl::StrCat("unknown enum value `", token.text, "`"));
      }
      return true;
    }
    std::string number;
    if (!WalkInteger(field, step, &number)) return false;
    int32_t value;
    if (!number.empty() &&
        (!absl::SimpleAtoi(number, &value) || type.FindValueByNumber(value) == nullptr)) {
      Note(&step, token, absl::StrCat("unknown enum value `", number, "`"));
    }
    return true;
  }

  // Sets `*value` to the number in decimal; empty: a fault was noted.
  bool WalkInteger(const FieldDescriptor& field, const PathStep& step, std::string* value) {
    value->clear();
    const Tokenizer::Token start = tokens_.current();
    const bool negative = TryTake("-");
    if (!LooksAt(Tokenizer::TYPE_INTEGER)) return WrongValue(&step, "an integer");
    uint64_t magnitude;
    if (ParseMagnitude(tokens_.current().text, LargestMagnitude(field, negative), &magnitude)) {
      *value = absl::StrCat(negative && magnitude > 0 ? "-" : "", magnitude);
    } else {
      Note(&step, start, "is not a decimal or hexadecimal integer of its type");
    }
    tokens_.Next();
    return true;
  }

  bool WalkFloating(const PathStep& step, double limit) {
    const Tokenizer::Token start = tokens_.current();
    TryTake("-");
    const Tokenizer::Token& token = tokens_.current();
    const bool is_number =
        token.type == Tokenizer::TYPE_INTEGER || token.type == Tokenizer::TYPE_FLOAT;
    const bool is_word = token.type == Tokenizer::TYPE_IDENTIFIER && IsNotFinite(token.text);
    if (!is_number && !is_word) return WrongValue(&step, "a number");
    if (is_number && !FitsFloating(token, limit)) {
      Note(&step, start, "is not a decimal number of its type");
    }
    tokens_.Next();
    return true;
  }

  google::protobuf::io::ArrayInputStream stream_;
  Tokenizer tokens_;
  TextErrors& errors_;
  SourceMap& map_;
};

}  // namespace

absl::Status ReadTextproto(absl::string_view text, Message* message, SourceMap* map) {
  message->Clear();
  SourceMap unused;
  SourceMap& places = map == nullptr ? unused : *map;
  places.Start();
  if (text.size() > kMaxTextInputBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("has ", text.size(), " bytes, more than ", kMaxTextInputBytes));
  }
  const size_t valid = ValidUtf8Prefix(text);
  if (valid < text.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(LineAndColumn(text, valid), ": is not valid UTF-8"));
  }
  TextErrors errors;
  TextWalk(text, errors, places).Walk(*message->GetDescriptor());
  if (!errors.empty()) return errors.ToStatus();

  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  absl::Status status;
  if (!parser.Parse(&stream, message) || !errors.empty()) {
    status = errors.empty() ? absl::InvalidArgumentError("is not a message of its type")
                            : errors.ToStatus();
  } else {
    status = CheckWire(DeterministicBytes(*message), *message->GetDescriptor());
  }
  if (!status.ok()) message->Clear();
  return status;
}

}  // namespace sluice
