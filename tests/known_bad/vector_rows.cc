#include "tests/known_bad/vector_rows.h"

#include <fstream>

#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace sluice {

using ::google::protobuf::Struct;
using ::google::protobuf::Value;

std::vector<VectorRow> ReadVectorRows(const std::string& path) {
  std::vector<VectorRow> rows;
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  for (std::string line; std::getline(file, line);) {
    Struct row;
    const auto status = google::protobuf::util::JsonStringToMessage(line, &row);
    EXPECT_TRUE(status.ok()) << line;
    rows.push_back({Text(row, "id"), Text(row, "kind"), Get(row, "input").struct_value(),
                    Get(row, "expected").struct_value()});
  }
  return rows;
}

Value Get(const Struct& fields, absl::string_view key) {
  const auto found = fields.fields().find(std::string(key));
  return found == fields.fields().end() ? Value() : found->second;
}

std::string Text(const Struct& fields, absl::string_view key) {
  return Get(fields, key).string_value();
}

}  // namespace sluice
