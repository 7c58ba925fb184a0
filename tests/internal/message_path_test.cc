#include "sluice/internal/message_path.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

const google::protobuf::FieldDescriptor* Field(const char* name) {
  return internal_test::Everything::descriptor()->FindFieldByName(name);
}

TEST(MessagePath, JoinsSteps) {
  EXPECT_EQ(FormatPath(nullptr), "");
  const PathStep children{nullptr, Field("children"), 2};
  EXPECT_EQ(FormatPath(&children), "children[2]");
  const PathStep leaves{&children, Field("leaves"), 0};
  const PathStep id{&leaves, internal_test::Leaf::descriptor()->FindFieldByName("id")};
  EXPECT_EQ(FormatPath(&id), "children[2].leaves[0].id");
}

TEST(MessagePath, KeysAreEscapedAndCut) {
  const std::string hostile = "a\"]\n\xff";
  const PathStep entry{nullptr, Field("annotations"), 3, hostile};
  EXPECT_EQ(FormatPath(&entry), "annotations[\"a\\\"]\\n\\377\"]");
  const std::string exact(64, 'k');
  const PathStep just{nullptr, Field("annotations"), -1, exact};
  EXPECT_EQ(FormatPath(&just), absl::StrCat("annotations[\"", exact, "\"]"));
  const std::string longer(65, 'k');
  const PathStep beyond{nullptr, Field("annotations"), -1, longer};
  EXPECT_EQ(FormatPath(&beyond), absl::StrCat("annotations[\"", exact, "...\"]"));
}

}  // namespace
}  // namespace sluice
