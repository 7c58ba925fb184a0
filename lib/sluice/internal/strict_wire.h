#ifndef SLUICE_INTERNAL_STRICT_WIRE_H_
#define SLUICE_INTERNAL_STRICT_WIRE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {

// Whether `bytes` are a message of `type` that ordinary parsing reads without silently changing
// anything. Refused, each with field path and byte offset:
//
//   * a tag, length or value whose varint is longer than its number needs (an int32 or enum below
//     zero takes ten bytes: that is its one form), or that does not fit the field's type; a bool
//     other than 0 and 1;
//   * a second occurrence of a field that is not repeated, a second member of a oneof;
//   * two map entries of one key, an unknown field inside a map entry;
//   * a string that is not valid UTF-8;
//   * a value cut short, a length beyond the end, bytes that are no field;
//   * field number 0 or above 2^29 - 1, wire types 3, 4, 6 and 7 (groups included);
//   * a field in an extension range of `type`;
//   * nesting or size beyond limits.h (kResourceExhausted; all else is kInvalidArgument).
//
// The order of fields and map entries, packed or unpacked repeated numbers, and explicit defaults
// are free. Fields of unknown number and fields of known number but another wire type are let
// through when well-formed as such: parsing keeps them as unknown fields, and the caller judges
// their scope. Bytes fields, google.protobuf.Any included, are not looked into.
//
// The rules are those of https://protobuf.dev/programming-guides/encoding/, minus what that page
// lets a parser forgive. Never crashes; cost n log n in the bytes. Thread-safe.
absl::Status CheckWire(absl::string_view bytes, const google::protobuf::Descriptor& type);

// Replaces `*message` by what `bytes` say, if CheckWire accepts them; else clears it. A proto2
// message that lacks a required field is refused.
absl::Status ReadBinary(absl::string_view bytes, google::protobuf::Message* message);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_STRICT_WIRE_H_
