#include "sluice/load/record_reader.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/internal/utf8.h"
#include "sluice/load/sort_distinct.h"

namespace sluice {

bool HasOwnUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

RecordReader::RecordReader(const google::protobuf::Message& record) {
  if (HasUnknownFields(record)) Note(v1::UNKNOWN_FIELD);
}

void RecordReader::Require(bool condition) {
  if (!condition) Note(v1::INVALID_DATA);
}

void RecordReader::LimitElements(int size) {
  if (size > kMaxRecords) Note(v1::LIMIT_EXCEEDED);
}

absl::string_view RecordReader::Identifier(absl::string_view text) {
  if (IsIdentifier(text)) return text;
  Note(text.size() > kMaxIdentifier ? v1::LIMIT_EXCEEDED : v1::INVALID_DATA);
  return "";
}

absl::string_view RecordReader::OptionalIdentifier(absl::string_view text) {
  return text.empty() ? text : Identifier(text);
}

absl::string_view RecordReader::WaveId(absl::string_view text) {
  if (text == "@unproven" || text == "@added" || text == "@catch_up") return text;
  return Identifier(text);
}

absl::string_view RecordReader::DigestText(absl::string_view text) {
  if (ParseDigest(text).has_value()) return text;
  Note(v1::INVALID_DATA);
  return "";
}

absl::string_view RecordReader::OptionalDigestText(absl::string_view text) {
  return text.empty() ? text : DigestText(text);
}

absl::string_view RecordReader::Text(absl::string_view text) {
  Require(!text.empty());
  return OptionalText(text);
}

absl::string_view RecordReader::OptionalText(absl::string_view text) {
  if (text.size() > kMaxText) {
    Note(v1::LIMIT_EXCEEDED);
    return "";
  }
  if (!IsValidUtf8(text)) {
    Note(v1::INVALID_DATA);
    return "";
  }
  return text;
}

absl::Time RecordReader::Instant(bool is_set, const google::protobuf::Timestamp& timestamp,
                                 absl::Time otherwise) {
  Require(is_set);
  return OptionalInstant(is_set, timestamp, otherwise);
}

absl::Time RecordReader::OptionalInstant(bool is_set, const google::protobuf::Timestamp& timestamp,
                                         absl::Time otherwise) {
  if (!is_set) return otherwise;
  const absl::optional<absl::Time> time = ReadTime(timestamp);
  Require(time.has_value());
  return time.value_or(otherwise);
}

std::vector<absl::string_view> RecordReader::Identifiers(
    const google::protobuf::RepeatedPtrField<std::string>& texts) {
  LimitElements(texts.size());
  std::vector<absl::string_view> identifiers;
  identifiers.reserve(static_cast<size_t>(texts.size()));
  for (const std::string& text : texts) {
    const absl::string_view identifier = Identifier(text);
    if (!identifier.empty()) identifiers.push_back(identifier);
  }
  SortDistinct(identifiers);
  return identifiers;
}

}  // namespace sluice
