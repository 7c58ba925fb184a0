#ifndef SLUICE_TESTS_KNOWN_BAD_VECTOR_ROWS_H_
#define SLUICE_TESTS_KNOWN_BAD_VECTOR_ROWS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace sluice {

// One case of a file of other systems' cases.
struct VectorRow {
  std::string id;
  std::string kind;
  google::protobuf::Struct input;
  google::protobuf::Struct expected;
};

// The cases of the file at `path`, one JSON object a line. What can't be read fails the test.
std::vector<VectorRow> ReadVectorRows(const std::string& path);

// The member `key` of `fields`; null if it has none.
google::protobuf::Value Get(const google::protobuf::Struct& fields, absl::string_view key);

// The text `key` of `fields`; empty if it has none.
std::string Text(const google::protobuf::Struct& fields, absl::string_view key);

}  // namespace sluice

#endif  // SLUICE_TESTS_KNOWN_BAD_VECTOR_ROWS_H_
