#include "sluice/interchange/json_document.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "sluice/interchange/import_report.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/json_cursor.h"

namespace sluice {
namespace {

// Objects with more members look for repeated names by sorting.
constexpr size_t kFewMembers = 16;

constexpr int kNumberOutOfRange = 406;  // The parser's number for it.

bool IsWord(absl::string_view name) {
  return !name.empty() && absl::c_all_of(name, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
}

absl::string_view NameOf(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return "true or false";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kText:
      return "a text";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kObject:
      return "an object";
  }
  return "";
}

bool HasRepeatedName(const std::vector<std::string>& names) {
  if (names.size() <= kFewMembers) {
    for (size_t i = 1; i < names.size(); ++i) {
      if (std::find(names.begin(), names.begin() + static_cast<ptrdiff_t>(i), names[i]) !=
          names.begin() + static_cast<ptrdiff_t>(i)) {
        return true;
      }
    }
    return false;
  }
  std::vector<absl::string_view> sorted(names.begin(), names.end());
  absl::c_sort(sorted);
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

// Tells every value of the tree which one it is in.
void SetParents(JsonValue& value) {
  for (JsonValue& element : value.elements) {
    element.parent = &value;
    SetParents(element);
  }
}

// Builds the tree from the parser's calls; each returns false at the first fault.
class Builder {
 public:
  using Json = nlohmann::json;

  explicit Builder(absl::string_view text) : text_(text) {}

  bool null() { return Add(Make(JsonKind::kNull)); }
  bool boolean(bool is_true) {
    JsonValue value = Make(JsonKind::kBool);
    value.is_true = is_true;
    return Add(std::move(value));
  }
  bool number_integer(int64_t number) { return AddNumber(absl::StrCat(number)); }
  bool number_unsigned(uint64_t number) { return AddNumber(absl::StrCat(number)); }
  bool number_float(double /*number*/, const std::string& written) { return AddNumber(written); }
  bool string(std::string& text) {
    JsonValue value = Make(JsonKind::kText);
    value.text = std::move(text);
    return Add(std::move(value));
  }
  bool binary(Json::binary_t& /*bytes*/) { return Fail("is not JSON"); }
  bool start_object(size_t /*size*/) { return Open(JsonKind::kObject); }
  bool key(std::string& name) {
    open_.back().names.push_back(std::move(name));
    return true;
  }
  bool end_object() {
    if (HasRepeatedName(open_.back().names)) return Fail("has a member twice");
    return Close();
  }
  bool start_array(size_t /*size*/) { return Open(JsonKind::kArray); }
  bool end_array() { return Close(); }
  bool parse_error(size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) {
    return FailAt(position, error.id == kNumberOutOfRange ? "has a number out of range"
                                                          : "is not JSON in UTF-8");
  }

  JsonValue& root() { return root_; }
  const std::string& fault() const { return fault_; }

 private:
  static JsonValue Make(JsonKind kind) {
    JsonValue value;
    value.kind = kind;
    return value;
  }

  bool Fail(absl::string_view what) {
    // The path of what is being read.
    std::string path;
    for (size_t i = 0; i + 1 < open_.size(); ++i) {
      const JsonValue& value = open_[i];
      if (value.kind == JsonKind::kArray) {
        absl::StrAppend(&path, "[", value.elements.size(), "]");
      } else {
        absl::StrAppend(&path, path.empty() ? "" : ".", value.names.back());
      }
    }
    fault_ = absl::StrCat(Shown(path), path.empty() ? "" : ": ", what);
    return false;
  }

  // The parser counts the bytes it has taken.
  bool FailAt(size_t position, absl::string_view what) {
    const size_t offset = std::min(position == 0 ? 0 : position - 1, text_.size());
    fault_ = absl::StrCat("line ", LineAndColumn(text_, offset), ": ", what);
    return false;
  }

  bool AddNumber(std::string written) {
    JsonValue value = Make(JsonKind::kNumber);
    value.text = std::move(written);
    return Add(std::move(value));
  }

  bool Add(JsonValue value) {
    (open_.empty() ? root_ : open_.back().elements.emplace_back()) = std::move(value);
    return true;
  }

  bool Open(JsonKind kind) {
    if (open_.size() >= JsonDocument::kMaxJsonDepth) return Fail("is nested too deeply");
    open_.push_back(Make(kind));
    return true;
  }

  bool Close() {
    JsonValue value = std::move(open_.back());
    open_.pop_back();
    return Add(std::move(value));
  }

  absl::string_view text_;
  std::vector<JsonValue> open_;
  JsonValue root_;
  std::string fault_;
};

}  // namespace

const JsonValue* JsonValue::Find(absl::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return nullptr;
  return &elements[static_cast<size_t>(found - names.begin())];
}

std::string JsonValue::Path() const {
  std::vector<std::string> steps;
  for (const JsonValue* value = this; value->parent != nullptr; value = value->parent) {
    const auto index = static_cast<size_t>(value - value->parent->elements.data());
    if (value->parent->kind == JsonKind::kArray) {
      steps.push_back(absl::StrCat("[", index, "]"));
    } else if (const std::string& name = value->parent->names[index]; IsWord(name)) {
      steps.push_back(absl::StrCat(".", name));
    } else {
      steps.push_back(absl::StrCat("[\"", Shown(name), "\"]"));
    }
  }
  std::string path;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) path.append(*step);
  if (!path.empty() && path.front() == '.') path.erase(0, 1);
  return path;
}

absl::StatusOr<JsonDocument> JsonDocument::Parse(absl::string_view text) {
  Builder builder(text);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return absl::InvalidArgumentError(builder.fault());
  }
  auto root = std::make_unique<JsonValue>(std::move(builder.root()));
  SetParents(*root);
  JsonDocument document;
  document.root_ = std::move(root);
  return document;
}

const JsonValue* JsonReader::Member(const JsonValue& object, absl::string_view name,
                                    JsonKind kind) {
  const JsonValue* member = object.Find(name);
  if (member == nullptr || member->kind == JsonKind::kNull) return nullptr;
  if (member->kind == kind) return member;
  AddFault(*member, absl::StrCat("must be ", NameOf(kind)));
  return nullptr;
}

absl::string_view JsonReader::Text(const JsonValue& object, absl::string_view name) {
  const JsonValue* member = Member(object, name, JsonKind::kText);
  return member == nullptr ? absl::string_view() : absl::string_view(member->text);
}

absl::string_view JsonReader::RequiredText(const JsonValue& object, absl::string_view name) {
  const size_t before = faults_;
  const absl::string_view text = Text(object, name);
  if (text.empty() && faults_ == before) {
    AddFault(object, absl::StrCat("needs the member `", name, "`"));
  }
  return text;
}

std::vector<const JsonValue*> JsonReader::Elements(const JsonValue& object, absl::string_view name,
                                                   JsonKind kind) {
  std::vector<const JsonValue*> elements;
  const JsonValue* array = Member(object, name, JsonKind::kArray);
  if (array == nullptr) return elements;
  elements.reserve(array->elements.size());
  for (const JsonValue& element : array->elements) {
    if (element.kind == kind) {
      elements.push_back(&element);
    } else {
      AddFault(element, absl::StrCat("must be ", NameOf(kind)));
    }
  }
  return elements;
}

absl::optional<absl::Time> JsonReader::Instant(const JsonValue& object, absl::string_view name) {
  const JsonValue* member = Member(object, name, JsonKind::kText);
  if (member == nullptr) return absl::nullopt;
  const absl::optional<absl::Time> instant = ParseInstantText(member->text);
  if (!instant.has_value()) {
    AddFault(*member, absl::StrCat("must be an instant such as 2026-11-23T10:00:00Z, got `",
                                   Shown(member->text), "`"));
  }
  return instant;
}

void JsonReader::AddFault(const JsonValue& at, absl::string_view what) {
  if (faults_++ > 0) return;
  const std::string path = at.Path();
  first_ = absl::StrCat(path, path.empty() ? "" : ": ", what);
}

std::string JsonReader::Faults() const {
  if (faults_ <= 1) return first_;
  return absl::StrCat(first_, " (and ", faults_ - 1, " more)");
}

absl::optional<absl::Time> ParseInstantText(absl::string_view text) {
  // Abseil reads more than RFC 3339 has: spaces around, signs, short years, words for infinity.
  constexpr absl::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size()) return absl::nullopt;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const char c =
        kShape[i] == 'T' ? absl::ascii_toupper(static_cast<unsigned char>(text[i])) : text[i];
    const bool fits =
        kShape[i] == 'd' ? absl::ascii_isdigit(static_cast<unsigned char>(c)) : c == kShape[i];
    if (!fits) return absl::nullopt;
  }
  absl::Time instant;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, absl::AsciiStrToUpper(text), &instant, &error)) {
    return absl::nullopt;
  }
  if (absl::ascii_isspace(static_cast<unsigned char>(text.back()))) return absl::nullopt;
  // Checks the years.
  return ReadTime(WriteTime(instant));
}

}  // namespace sluice
