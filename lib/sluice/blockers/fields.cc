#include "sluice/blockers/fields.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

using Reader = std::string (*)(absl::string_view text, const FieldPath& path, FieldErrors& errors);

// The elements of the field `name`, each read by `read`, sorted.
std::vector<std::string> ReadSet(const google::protobuf::RepeatedPtrField<std::string>& texts,
                                 const FieldPath& parent, absl::string_view name, Reader read,
                                 FieldErrors& errors) {
  std::vector<std::string> elements;
  if (texts.empty()) errors.Missing(parent.Field(name));
  if (texts.size() > kMaxElementsInPolicy) {
    errors.Add(parent.Field(name), v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxElementsInPolicy, " elements"));
    return elements;
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < texts.size(); ++i) {
    const FieldPath path = parent.Element(name, i);
    if (!seen.insert(texts[i]).second) {
      errors.Add(path, v1::Fault::DUPLICATE, "is there twice");
      continue;
    }
    elements.push_back(read(texts[i], path, errors));
  }
  std::sort(elements.begin(), elements.end());
  return elements;
}

}  // namespace

std::string ReadIdentifier(absl::string_view text, const FieldPath& path, FieldErrors& errors) {
  if (text.empty()) {
    errors.Missing(path);
  } else if (!IsIdentifier(text)) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must be an identifier");
  }
  return std::string(text);
}

std::string ReadName(absl::string_view text, const FieldPath& path, FieldErrors& errors) {
  if (text.empty()) {
    errors.Missing(path);
  } else if (text.size() > kMaxText) {
    errors.Add(path, v1::Fault::TOO_LARGE, absl::StrCat("must have at most ", kMaxText, " bytes"));
  }
  return std::string(text);
}

std::vector<std::string> ReadIdentifiers(
    const google::protobuf::RepeatedPtrField<std::string>& texts, const FieldPath& parent,
    absl::string_view name, FieldErrors& errors) {
  return ReadSet(texts, parent, name, ReadIdentifier, errors);
}

std::vector<std::string> ReadNames(const google::protobuf::RepeatedPtrField<std::string>& texts,
                                   const FieldPath& parent, absl::string_view name,
                                   FieldErrors& errors) {
  return ReadSet(texts, parent, name, ReadName, errors);
}

absl::Duration ReadPositive(const google::protobuf::Duration& duration, const FieldPath& path,
                            FieldErrors& errors) {
  const absl::optional<absl::Duration> length = ReadDuration(duration);
  if (!length.has_value()) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "is not a duration");
    return absl::ZeroDuration();
  }
  if (*length <= absl::ZeroDuration()) {
    errors.Add(path, v1::Fault::INVALID_VALUE,
               absl::StrCat("must be positive, got ", absl::FormatDuration(*length)));
  }
  return *length;
}

absl::Duration ReadRequiredPositive(bool is_set, const google::protobuf::Duration& duration,
                                    const FieldPath& path, FieldErrors& errors) {
  if (is_set) return ReadPositive(duration, path, errors);
  errors.Missing(path);
  return absl::ZeroDuration();
}

uint64_t ReadCount(uint64_t count, uint64_t max, const FieldPath& path, FieldErrors& errors) {
  if (count == 0) {
    errors.Missing(path);
  } else if (count > max) {
    errors.Add(path, v1::Fault::INVALID_VALUE,
               absl::StrCat("must be at most ", max, ", got ", count));
  }
  return count;
}

bool ReadChoice(int value, bool (*is_valid)(int), const FieldPath& path, FieldErrors& errors) {
  if (value == 0) {
    errors.Missing(path);
    return false;
  }
  if (is_valid(value)) return true;
  errors.Add(path, v1::Fault::INVALID_VALUE, absl::StrCat("is unknown: ", value));
  return false;
}

}  // namespace sluice
