#ifndef SLUICE_LOAD_RECORD_READER_H_
#define SLUICE_LOAD_RECORD_READER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/finding.h"

namespace sluice {

// Whether `message` itself has fields that this library does not know; not what is inside it.
bool HasOwnUnknownFields(const google::protobuf::Message& message);

// Reads the fields of one record of a state and keeps what is wrong with them: INVALID_DATA for a
// field that is absent, malformed or contradicts another, LIMIT_EXCEEDED for one that is too long,
// UNKNOWN_FIELD for one that this library does not know.
//
// Text that can't be used reads as empty, so that nothing else is ever made of it.
class RecordReader {
 public:
  // For fields that are no record of their own.
  RecordReader() = default;
  // Looks for unknown fields in `record` and everything inside it.
  explicit RecordReader(const google::protobuf::Message& record);

  // ALL_CLEAR: everything read so far can be used.
  Reason fault() const { return fault_; }
  bool ok() const { return fault_ == v1::ALL_CLEAR; }

  void Note(Reason reason) { NoteFault(fault_, reason); }
  // The record is invalid unless `condition` holds.
  void Require(bool condition);
  // The record is beyond the limits unless a repeated field of `size` elements is within them.
  void LimitElements(int size);

  // An identifier, or `text` empty and a fault.
  absl::string_view Identifier(absl::string_view text);
  // The same, where empty means unset.
  absl::string_view OptionalIdentifier(absl::string_view text);
  // The id of a wave: an identifier, or one of those that no policy lists (`@unproven`, `@added`,
  // `@catch_up`).
  absl::string_view WaveId(absl::string_view text);
  // The text of a digest, or empty and a fault.
  absl::string_view DigestText(absl::string_view text);
  absl::string_view OptionalDigestText(absl::string_view text);
  // A free text: UTF-8 of limited length, not empty.
  absl::string_view Text(absl::string_view text);
  absl::string_view OptionalText(absl::string_view text);

  // An instant; `otherwise` and a fault if it is unset or malformed.
  absl::Time Instant(bool is_set, const google::protobuf::Timestamp& timestamp,
                     absl::Time otherwise);
  // An instant; `otherwise` if it is unset or malformed, a fault only if it is malformed.
  absl::Time OptionalInstant(bool is_set, const google::protobuf::Timestamp& timestamp,
                             absl::Time otherwise);

  // A set of identifiers, sorted, each once. Those that are malformed are left out, with a fault.
  std::vector<absl::string_view> Identifiers(
      const google::protobuf::RepeatedPtrField<std::string>& texts);

 private:
  Reason fault_ = v1::ALL_CLEAR;
};

}  // namespace sluice

#endif  // SLUICE_LOAD_RECORD_READER_H_
