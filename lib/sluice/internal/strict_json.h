#ifndef SLUICE_INTERNAL_STRICT_JSON_H_
#define SLUICE_INTERNAL_STRICT_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace sluice {

// Replaces `*message` by what `text` says in the JSON form of Protocol Buffers
// (https://protobuf.dev/programming-guides/json/); on an error clears it and says where, as
// `line:column: field path: what`. A field may be named as in the proto file or in lowerCamelCase.
//
// Stricter than that form, so that nothing that was written is lost or taken for something else:
//
//   * the text is JSON by RFC 8259 in valid UTF-8, with nothing after it;
//   * no field, map key or member of a oneof twice, in either spelling, `null` included;
//   * no unknown fields, no enum values without a name, by name or number;
//   * `null` leaves a field unset; inside lists and maps only google.protobuf.Value may be `null`;
//   * a repeated field is written as a list; booleans and strings as such; integers, quoted or
//     not, without fraction and exponent and within their type; other numbers finite or, quoted,
//     "NaN", "Infinity", "-Infinity"; map keys in their shortest form;
//   * timestamps as RFC 3339 within years 1..9999, with at most nine digits of fraction;
//   * google.protobuf.Any with "@type" as its first member;
//   * no nesting and no size beyond limits.h (kResourceExhausted; all else is
//     kInvalidArgument). What can be read can also be read by ReadBinary.
//
// Never crashes. Cost: n log n in the text. Thread-safe.
absl::Status ReadJson(absl::string_view text, google::protobuf::Message* message);

enum class JsonStyle { kOneLine, kIndented };

// The JSON form of `message`: names as in the proto file, fields at their defaults left out, maps
// ascending by key. Equal messages give equal text. What that form cannot say is an error: unknown
// fields, invalid UTF-8, times out of range. ReadJson reads the text back, unless an enum has a
// value without a name or a google.protobuf.Value holds a number that is not finite.
absl::StatusOr<std::string> WriteJson(const google::protobuf::Message& message, JsonStyle style);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_STRICT_JSON_H_
