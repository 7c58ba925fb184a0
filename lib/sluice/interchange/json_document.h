#ifndef SLUICE_INTERCHANGE_JSON_DOCUMENT_H_
#define SLUICE_INTERCHANGE_JSON_DOCUMENT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace sluice {

enum class JsonKind { kNull = 0, kBool, kNumber, kText, kArray, kObject };

// A value in a JSON document. Lives as long as the document.
struct JsonValue {
  JsonKind kind = JsonKind::kNull;
  bool is_true = false;               // Of a bool.
  std::string text;                   // Of a text; of a number, as it is written or its digits.
  std::vector<JsonValue> elements;    // Of an array; of an object, the members' values.
  std::vector<std::string> names;     // Of an object: names of the members, each once.
  const JsonValue* parent = nullptr;  // Null for the outermost value.

  // The member of that name, or null if there is none or this is no object.
  const JsonValue* Find(absl::string_view name) const;

  // How to get here from the outermost value, such as `affected[0].package.name`; empty for that
  // value itself. Names that are not plain words are quoted.
  std::string Path() const;
};

// A JSON text that was read strictly: RFC 8259, UTF-8, no member twice, nesting at most
// kMaxJsonDepth deep, no number beyond the range of a double.
class JsonDocument {
 public:
  static constexpr int kMaxJsonDepth = 100;

  // InvalidArgument with the line and column, or the path, of the first fault.
  static absl::StatusOr<JsonDocument> Parse(absl::string_view text);

  const JsonValue& root() const { return *root_; }

 private:
  std::unique_ptr<const JsonValue> root_;
};

// Reads the members of one entry and collects what is wrong with them. A member that is `null` is
// absent; unknown members are the caller's to look for.
class JsonReader {
 public:
  // The member of that kind; null if it is absent or, which is a fault, of another kind.
  const JsonValue* Member(const JsonValue& object, absl::string_view name, JsonKind kind);
  // The text, empty if absent.
  absl::string_view Text(const JsonValue& object, absl::string_view name);
  // The text, which has to be there and not empty; empty and a fault otherwise.
  absl::string_view RequiredText(const JsonValue& object, absl::string_view name);
  // The elements, all of that kind; those of another kind are faults and absent.
  std::vector<const JsonValue*> Elements(const JsonValue& object, absl::string_view name,
                                         JsonKind kind);
  // The instant, written as RFC 3339.
  absl::optional<absl::Time> Instant(const JsonValue& object, absl::string_view name);

  void AddFault(const JsonValue& at, absl::string_view what);

  bool ok() const { return faults_ == 0; }
  // The first fault with its path and how many more there are: `affected[0].ranges: must be an
  // array (and 1 more)`.
  std::string Faults() const;

 private:
  size_t faults_ = 0;
  std::string first_;
};

// The instant written as `text` by RFC 3339, in the years 1 to 9999.
absl::optional<absl::Time> ParseInstantText(absl::string_view text);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_JSON_DOCUMENT_H_
