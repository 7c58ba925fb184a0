// The package-url specification's own cases, where the host of this test has them.

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "sluice/known_bad/package_url.h"
#include "tests/known_bad/vector_rows.h"

namespace sluice {

std::ostream& operator<<(std::ostream& out, const PackageUrl& url) {
  return out << url.Canonical();
}

namespace {

using ::google::protobuf::Struct;

PackageUrl PartsOf(const Struct& components) {
  PackageUrl parts;
  parts.type = Text(components, "type");
  parts.namespace_ = Text(components, "namespace");
  parts.name = Text(components, "name");
  parts.version = Text(components, "version");
  const Struct qualifiers = Get(components, "qualifiers").struct_value();
  for (const auto& [key, value] : qualifiers.fields()) {
    parts.qualifiers.emplace_back(key, value.string_value());
  }
  parts.subpath = Text(components, "subpath");
  std::sort(parts.qualifiers.begin(), parts.qualifiers.end());
  return parts;
}

bool IsKnownKind(absl::string_view kind) {
  return kind == "purl_parse" || kind == "purl_build" || kind == "purl_validate";
}

absl::StatusOr<PackageUrl> Answer(const VectorRow& row) {
  return row.kind == "purl_build"
             ? MakePackageUrl(PartsOf(Get(row.input, "components").struct_value()))
             : ParsePackageUrl(Text(row.input, "purl"));
}

TEST(PackageUrlVectors, AllHold) {
  const char* folder = std::getenv("SLUICE_SHARED_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "SLUICE_SHARED_VECTORS is not set";
  const std::vector<VectorRow> rows = ReadVectorRows(absl::StrCat(folder, "/purl.jsonl"));
  EXPECT_GT(rows.size(), 100);
  for (const VectorRow& row : rows) {
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
      EXPECT_EQ(url->Canonical(), Text(row.expected, "output"));
    }
  }
}

}  // namespace
}  // namespace sluice
