#ifndef SLUICE_TESTS_WIRE_WIRE_RECORD_H_
#define SLUICE_TESTS_WIRE_WIRE_RECORD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {

// A message as it was written once.
struct WireSample {
  std::string type;   // Full name.
  std::string bytes;  // Its wire form.
  std::string text;   // What the bytes say: text format on one line.
};

// What is kept of a .proto file: what each declaration said, and messages.
struct WireRecord {
  // `sluice.v1.Artifact.digest = 1 string` of a field, `sluice.v1.Reason.STALE = 4` of an
  // enumerator.
  std::vector<std::string> declarations;
  std::vector<WireSample> samples;
};

// As a file: one line a declaration, two a sample. Lines that begin with `#` are comments.
std::string FormatWireRecord(const WireRecord& record);
absl::StatusOr<WireRecord> ParseWireRecord(absl::string_view text);

// How what was written under `records` is read wrongly by the declarations of `pool`: each
// declaration that is not there as it was, and each sample that does not say what it said. A field
// or enumerator that was removed is none, if its number and its name are reserved; samples that
// hold one are then read but not compared. Empty: nothing is wrong.
std::vector<std::string> Incompatibilities(const std::vector<WireRecord>& records,
                                           const google::protobuf::DescriptorPool& pool,
                                           google::protobuf::MessageFactory* factory);

// What `file` declares and `records` lack: declarations, and a sample for each field that no
// compared sample of its message sets. Adding it to them completes them.
WireRecord Additions(const std::vector<WireRecord>& records,
                     const google::protobuf::FileDescriptor& file,
                     google::protobuf::MessageFactory* factory);

}  // namespace sluice

#endif  // SLUICE_TESTS_WIRE_WIRE_RECORD_H_
