// The package-url specification's own cases, where the host of this test has them.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

std::ostream& operator<<(std::ostream& out, const PackageUrl& url) {
  return out << url.Canonical();
}

namespace {

using ::google::protobuf::Struct;
using ::google::protobuf::Value;

struct Row {
  std::string id;
  std::string kind;
  Struct input;
  Struct expected;
};

// The member `key` of `fields`; null if it has none.
Value Get(const Struct& fields, absl::string_view key) {
  const auto found = fields.fields().find(std::string(key));
  return found == fields.fields().end() ? Value() : found->second;
}

std::vector<Row> ReadRows(const std::string& path) {
  std::vector<Row> rows;
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  for (std::string line; std::getline(file, line);) {
    Struct row;
    const auto status = google::protobuf::util::JsonStringToMessage(line, &row);
    EXPECT_TRUE(status.ok()) << line;
    rows.push_back({Get(row, "id").string_value(), Get(row, "kind").string_value(),
                    Get(row, "input").struct_value(), Get(row, "expected").struct_value()});
  }
  return rows;
}

PackageUrl PartsOf(const Struct& components) {
  PackageUrl parts;
  parts.type = Get(components, "type").string_value();
  parts.namespace_ = Get(components, "namespace").string_value();
  parts.name = Get(components, "name").string_value();
  parts.version = Get(components, "version").string_value();
  const Struct qualifiers = Get(components, "qualifiers").struct_value();
  for (const auto& [key, value] : qualifiers.fields()) {
    parts.qualifiers.emplace_back(key, value.string_value());
  }
  parts.subpath = Get(components, "subpath").string_value();
  std::sort(parts.qualifiers.begin(), parts.qualifiers.end());
  return parts;
}

bool IsKnownKind(absl::string_view kind) {
  return kind == "purl_parse" || kind == "purl_build" || kind == "purl_validate";
}

absl::StatusOr<PackageUrl> Answer(const Row& row) {
  return row.kind == "purl_build"
             ? MakePackageUrl(PartsOf(Get(row.input, "components").struct_value()))
             : ParsePackageUrl(Get(row.input, "purl").string_value());
}

TEST(PackageUrlVectors, AllHold) {
  const char* folder = std::getenv("SLUICE_SHARED_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "SLUICE_SHARED_VECTORS is not set";
  const std::vector<Row> rows = ReadRows(absl::StrCat(folder, "/purl.jsonl"));
  EXPECT_GT(rows.size(), 100);
  for (const Row& row : rows) {
    SCOPED_TRACE(row.id);
    ASSERT_TRUE(IsKnownKind(row.kind)) << row.kind;
    const absl::StatusOr<PackageUrl> url = Answer(row);
    if (Get(row.expected, "fails").bool_value()) {
      EXPECT_FALSE(url.ok()) << *url;
      continue;
    }
    ASSERT_TRUE(url.ok()) << url.status();
    if (row.kind == "purl_parse") {
      EXPECT_EQ(*url, PartsOf(Get(row.expected, "output").struct_value()));
    } else {
      EXPECT_EQ(url->Canonical(), Get(row.expected, "output").string_value());
    }
  }
}

}  // namespace
}  // namespace sluice
