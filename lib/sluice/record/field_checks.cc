#include "sluice/record/field_checks.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

// Whether there is text to look at; adds the fault if it is missing.
bool Given(const FieldPath& path, absl::string_view text, Presence presence, FieldErrors& errors) {
  if (!text.empty()) return true;
  if (presence == Presence::kRequired) errors.Missing(path);
  return false;
}

}  // namespace

absl::Status FieldFault(absl::string_view path, v1::Fault::Kind kind, absl::string_view message) {
  FieldErrors errors;
  errors.Add(FieldPath().Field(path), kind, message);
  return errors.ToStatus();
}

void CheckIdentifier(const FieldPath& path, absl::string_view text, Presence presence,
                     FieldErrors& errors) {
  if (!Given(path, text, presence, errors) || IsIdentifier(text)) return;
  errors.Add(path, v1::Fault::INVALID_VALUE, "must be an identifier");
}

void CheckWaveId(const FieldPath& path, absl::string_view text, Presence presence,
                 FieldErrors& errors) {
  if (text == "@unproven" || text == "@added" || text == "@catch_up") return;
  CheckIdentifier(path, text, presence, errors);
}

void CheckDigest(const FieldPath& path, absl::string_view text, Presence presence,
                 FieldErrors& errors) {
  if (!Given(path, text, presence, errors) || ParseDigest(text).has_value()) return;
  errors.Add(path, v1::Fault::INVALID_VALUE,
             "must be `sha256:` and 64 lower-case hexadecimal digits");
}

void CheckText(const FieldPath& path, absl::string_view text, Presence presence,
               FieldErrors& errors) {
  if (!Given(path, text, presence, errors)) return;
  if (text.size() > kMaxText) {
    errors.Add(path, v1::Fault::TOO_LARGE, "is longer than 65536 bytes");
  } else if (!IsValidUtf8(text)) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must be valid UTF-8");
  }
}

void CheckEmpty(const FieldPath& path, bool empty, FieldErrors& errors) {
  if (!empty) errors.Add(path, v1::Fault::INVALID_VALUE, "must not be set here");
}

absl::optional<absl::Time> CheckTime(const FieldPath& path, bool present,
                                     const google::protobuf::Timestamp& timestamp,
                                     Presence presence, FieldErrors& errors) {
  if (!present) {
    if (presence == Presence::kRequired) errors.Missing(path);
    return absl::nullopt;
  }
  const absl::optional<absl::Time> time = ReadTime(timestamp);
  if (!time.has_value()) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must be an instant in the years 1 to 9999");
  }
  return time;
}

void CheckNotBefore(const FieldPath& path, const absl::optional<absl::Time>& later,
                    const absl::optional<absl::Time>& earlier, FieldErrors& errors) {
  if (later.has_value() && earlier.has_value() && *later < *earlier) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must not be before what it follows");
  }
}

void CheckAfter(const FieldPath& path, const absl::optional<absl::Time>& later,
                const absl::optional<absl::Time>& earlier, FieldErrors& errors) {
  if (later.has_value() && earlier.has_value() && *later <= *earlier) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must be after the start");
  }
}

void CheckIdentifiers(const FieldPath& parent, absl::string_view name,
                      const google::protobuf::RepeatedPtrField<std::string>& elements,
                      Presence presence, Repeats repeats, FieldErrors& errors) {
  if (elements.empty() && presence == Presence::kRequired) errors.Missing(parent.Field(name));
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < elements.size(); ++i) {
    const FieldPath path = parent.Element(name, i);
    CheckIdentifier(path, elements[i], Presence::kRequired, errors);
    if (repeats == Repeats::kFault && !seen.insert(elements[i]).second) {
      errors.Add(path, v1::Fault::DUPLICATE, "is named twice");
    }
  }
}

}  // namespace sluice
