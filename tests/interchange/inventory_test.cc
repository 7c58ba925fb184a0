#include "sluice/interchange/inventory.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {
namespace {

const std::string Hex(char digit) { return std::string(64, digit); }

TEST(Inventory, DigestsAreASet) {
  ImportReport report;
  const InventoryOptions options;
  v1::ComponentList list;
  InventoryBuilder builder(options, list, report);
  report.AddRead("a", 3);
  const std::string a = absl::StrCat("sha256:", Hex('a'));
  const std::string b = absl::StrCat("sha256:", Hex('b'));
  builder.Add({"a", "1", "", {"pkg:npm/a@1", "pkg:npm/b@1"}, {b, a, b}});
  builder.Add({"a", "2", "", {"pkg:npm/a@1"}, {a, b}});
  // Taken if anything of it is new.
  builder.Add({"a", "3", "", {"pkg:npm/a@1", "pkg:npm/c@1"}, {a, b}});
  ASSERT_TRUE(builder.Finish("x", &list).ok());
  EXPECT_EQ(list.count(), 3);
  EXPECT_EQ(list.components_size(), 3);
  EXPECT_EQ(list.components(0).digests_size(), 2);
  EXPECT_EQ(report.CountsOf("a").taken, 2);
  EXPECT_EQ(report.CountsOf("a").left_out, 1);
}

TEST(Inventory, NothingIsLeftAsItWasOnFailure) {
  ImportReport report;
  const InventoryOptions options;
  v1::ComponentList list;
  list.set_count(1);
  list.add_components()->set_package_url("pkg:npm/before@1");
  InventoryBuilder builder(options, list, report);
  builder.Add({"a", "1", "", {"pkg:npm/a@1"}, {}});
  builder.Add({"a", "2", "nothing", {}, {}});
  EXPECT_TRUE(absl::IsInvalidArgument(builder.Finish("x", &list)));
  EXPECT_EQ(list.components_size(), 1);
}

TEST(DigestOfHex, BothCases) {
  EXPECT_EQ(DigestOfHex(Hex('A')), absl::StrCat("sha256:", Hex('a')));
  EXPECT_FALSE(DigestOfHex(Hex('g')).has_value());
  EXPECT_FALSE(DigestOfHex("ab").has_value());
  EXPECT_FALSE(DigestOfHex(absl::StrCat(Hex('a'), "0")).has_value());
  EXPECT_FALSE(DigestOfHex(absl::StrCat("sha256:", Hex('a'))).has_value());
}

}  // namespace
}  // namespace sluice
