#include "sluice/testing/read_yaml.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/descriptor.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/strict_json.h"
#include "sluice/internal/utf8.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What the parser calls the tag of a scalar without one: `?` unquoted, `!` in quotes.
constexpr char kPlain[] = "?";
constexpr char kQuoted[] = "!";

std::string JsonString(absl::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&json, "\\", std::string(1, c));
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", static_cast<int>(c));
    } else {
      json.push_back(c);
    }
  }
  json.push_back('"');
  return json;
}

// Writes JSON of what the parser finds, each token on the line on which it stands in the YAML.
// After the first error does nothing.
class JsonWriter : public YAML::EventHandler {
 public:
  explicit JsonWriter(const Descriptor& type) : type_(type) {}

  const absl::Status& status() const { return status_; }
  const std::string& json() const { return json_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) Fail(mark, "a second document begins here; there is one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!CheckAnchor(mark, anchor)) return;
    if (levels_.empty()) {
      Fail(mark, "the document is empty");
    } else if (ExpectsKey()) {
      Fail(mark, "a key is missing");
    } else {
      Fail(levels_.back().kind == Kind::kList ? mark : key_,
           "there is no value; leave it out, or write {}, [] or a text in quotes");
    }
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Fail(mark, "aliases are not read; write it out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (!CheckAnchor(mark, anchor) || !CheckTag(mark, tag)) return;
    if (ExpectsKey()) {
      Key(mark, value);
    } else {
      Scalar(mark, value, tag == kPlain);
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    if (!CheckAnchor(mark, anchor) || !CheckTag(mark, tag) || !CheckNoKey(mark)) return;
    if (levels_.empty() || levels_.back().field == nullptr ||
        !levels_.back().field->is_repeated() || levels_.back().field->is_map() ||
        levels_.back().kind == Kind::kList) {
      Fail(mark, absl::StrCat("a list, where there should be ", Wanted()));
      return;
    }
    Open(mark, '[', {Kind::kList, nullptr, levels_.back().field, {}, true});
  }

  void OnSequenceEnd() override { Close(']'); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    if (!CheckAnchor(mark, anchor) || !CheckTag(mark, tag) || !CheckNoKey(mark)) return;
    if (levels_.empty()) {
      Open(mark, '{', {Kind::kMessage, &type_, nullptr, {}, true});
      return;
    }
    const Level& level = levels_.back();
    if (level.kind == Kind::kMessage && level.field->is_map()) {
      Open(mark, '{', {Kind::kMap, nullptr, level.field->message_type()->map_value(), {}, true});
    } else if (TakesMessage()) {
      Open(mark, '{', {Kind::kMessage, level.field->message_type(), nullptr, {}, true});
    } else {
      Fail(mark, absl::StrCat("keys and values, where there should be ", Wanted()));
    }
  }

  void OnMapEnd() override { Close('}'); }

 private:
  enum class Kind { kMessage, kList, kMap };

  // What has been opened.
  struct Level {
    Kind kind;
    const Descriptor* type;        // Of a message.
    const FieldDescriptor* field;  // Of the value to come: the key's, the list's or the map's.
    std::set<std::string> keys;    // So far: of a message the fields' names.
    bool first;                    // Nothing was written inside.
    bool has_key = false;          // A value comes next, unless it is a list.
  };

  bool ExpectsKey() const {
    return !levels_.empty() && levels_.back().kind != Kind::kList && !levels_.back().has_key;
  }

  // Whether a message that is written as keys and values may come next.
  bool TakesMessage() const {
    const Level& level = levels_.back();
    return level.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
           level.field->message_type()->well_known_type() ==
               Descriptor::WELLKNOWNTYPE_UNSPECIFIED &&
           (level.kind != Kind::kMessage || !level.field->is_repeated());
  }

  // Whether a scalar may come next.
  bool TakesScalar() const {
    const Level& level = levels_.back();
    if (level.kind == Kind::kMessage && level.field->is_repeated()) return false;
    if (level.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
    const auto type = level.field->message_type()->well_known_type();
    return type == Descriptor::WELLKNOWNTYPE_TIMESTAMP ||
           type == Descriptor::WELLKNOWNTYPE_DURATION;
  }

  // What may come next, in words.
  std::string Wanted() const {
    if (levels_.empty()) return absl::StrCat("the fields of a ", type_.full_name());
    const Level& level = levels_.back();
    const std::string of = absl::StrCat(" of `", level.field->name(), "`");
    if (level.kind == Kind::kMessage && level.field->is_map()) return "keys and values" + of;
    if (level.kind == Kind::kMessage && level.field->is_repeated()) return "a list" + of;
    if (TakesMessage()) return "fields" + of;
    if (TakesScalar()) return "one value" + of;
    return absl::StrCat("nothing: `", level.field->name(), "` can't be written in YAML");
  }

  void Fail(const YAML::Mark& mark, absl::string_view what) {
    if (!status_.ok()) return;
    status_ =
        absl::InvalidArgumentError(absl::StrCat(mark.line + 1, ":", mark.column + 1, ": ", what));
  }

  bool CheckAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) Fail(mark, "anchors are not read; write it out");
    return status_.ok();
  }

  bool CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != kPlain && tag != kQuoted) {
      Fail(mark, absl::StrCat("tags such as `", tag, "` are not read: the field has a type"));
    }
    return status_.ok();
  }

  bool CheckNoKey(const YAML::Mark& mark) {
    if (ExpectsKey()) Fail(mark, "a key is a name or a text");
    return status_.ok();
  }

  // Writes a token on its line, behind a comma if it begins another element or member.
  void Write(const YAML::Mark& mark, absl::string_view token, bool begins) {
    if (begins && !levels_.empty()) {
      if (!levels_.back().first) json_.push_back(',');
      levels_.back().first = false;
    }
    for (; line_ < mark.line; ++line_) json_.push_back('\n');
    absl::StrAppend(&json_, token);
  }

  // Whether what comes next is an element rather than the value of a key.
  bool BeginsElement() const { return !levels_.empty() && levels_.back().kind == Kind::kList; }

  void ValueDone() {
    if (!levels_.empty()) levels_.back().has_key = false;
  }

  void Open(const YAML::Mark& mark, char bracket, Level level) {
    Write(mark, std::string(1, bracket), BeginsElement());
    levels_.push_back(std::move(level));
  }

  void Close(char bracket) {
    if (!status_.ok()) return;
    json_.push_back(bracket);
    levels_.pop_back();
    ValueDone();
  }

  void Key(const YAML::Mark& mark, const std::string& key) {
    Level& level = levels_.back();
    std::string name = key;
    if (level.kind == Kind::kMessage) {
      level.field = nullptr;
      for (int i = 0; i < level.type->field_count(); ++i) {
        const FieldDescriptor* field = level.type->field(i);
        if (field->name() == key || field->json_name() == key) level.field = field;
      }
      if (level.field == nullptr) {
        Fail(mark, absl::StrCat("unknown field `", key, "` of ", level.type->full_name()));
        return;
      }
      name = level.field->name();
    }
    if (!level.keys.insert(name).second) {
      Fail(mark, absl::StrCat("`", key, "` occurs twice"));
      return;
    }
    Write(mark, absl::StrCat(JsonString(name), ":"), /*begins=*/true);
    level.has_key = true;
    key_ = mark;
  }

  void Scalar(const YAML::Mark& mark, const std::string& value, bool plain) {
    if (levels_.empty() || !TakesScalar()) {
      Fail(mark, absl::StrCat("one value, where there should be ", Wanted()));
      return;
    }
    const FieldDescriptor& field = *levels_.back().field;
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL) {
      Write(mark, JsonString(value), BeginsElement());
    } else if (plain && (value == "true" || value == "false")) {
      Write(mark, value, BeginsElement());
    } else {
      Fail(mark, absl::StrCat("`", field.name(), "` is true or false, without quotes"));
      return;
    }
    ValueDone();
  }

  const Descriptor& type_;
  absl::Status status_;
  std::string json_;
  int line_ = 0;
  int documents_ = 0;
  YAML::Mark key_;  // Of the last key.
  std::vector<Level> levels_;
};

// An error of ReadJson without the column, which is that of the JSON.
absl::Status WithoutColumn(const absl::Status& status) {
  absl::string_view message = status.message();
  const size_t line = message.find(':');
  const size_t column = line == absl::string_view::npos ? line : message.find(':', line + 1);
  if (column == absl::string_view::npos || !absl::ascii_isdigit(message[0])) return status;
  return absl::Status(status.code(), absl::StrCat(message.substr(0, line), message.substr(column)));
}

}  // namespace

absl::Status ReadYaml(absl::string_view text, google::protobuf::Message* message) {
  message->Clear();
  if (text.size() > kMaxTextInputBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("has ", text.size(), " bytes, more than ", kMaxTextInputBytes));
  }
  const size_t valid = ValidUtf8Prefix(text);
  if (valid < text.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        1 + std::count(text.begin(), text.begin() + valid, '\n'), ": is not valid UTF-8"));
  }
  JsonWriter writer(*message->GetDescriptor());
  // Without the end of the document, which no quoted text may contain, the parser takes the end of
  // the input for the quote that closes a text.
  std::istringstream stream(absl::StrCat(text, absl::EndsWith(text, "\n") ? "" : "\n", "...\n"));
  try {
    YAML::Parser parser(stream);
    while (writer.status().ok() && parser.HandleNextDocument(writer)) {
    }
  } catch (const YAML::Exception& error) {
    if (!writer.status().ok()) return writer.status();
    return absl::InvalidArgumentError(
        absl::StrCat(error.mark.line + 1, ":", error.mark.column + 1, ": ", error.msg));
  }
  if (!writer.status().ok()) return writer.status();
  const absl::Status status = ReadJson(writer.json(), message);
  return status.ok() ? status : WithoutColumn(status);
}

}  // namespace sluice
