#include "sluice/known_bad/package_hash.h"

#include <cstdint>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {
namespace {

uint64_t HashOf(absl::string_view url) { return PackageHash(*ParsePackageUrl(url)); }

TEST(PackageHashTest, EqualForAllUrlsOfAPackage) {
  EXPECT_EQ(HashOf("pkg:npm/foo@1?a=b#c"), HashOf("pkg:npm/foo"));
  EXPECT_EQ(HashOf("pkg:nuget/Newtonsoft.Json@1"), HashOf("pkg:nuget/newtonsoft.json"));
}

TEST(PackageHashTest, PartsAreNotRunTogether) {
  EXPECT_NE(HashOf("pkg:npm/foo"), HashOf("pkg:npm/fooo"));
  EXPECT_NE(HashOf("pkg:npm/foo"), HashOf("pkg:gem/foo"));
  EXPECT_NE(HashOf("pkg:golang/a/bc"), HashOf("pkg:golang/ab/c"));
  EXPECT_NE(HashOf("pkg:golang/a/b"), HashOf("pkg:golang/ab"));
}

// Lists on disk depend on it. Worked out with another implementation of FNV-1a.
TEST(PackageHashTest, NeverChanges) {
  EXPECT_EQ(HashOf("pkg:npm/foo"), 0xc8761c6a95bb6dae);
  EXPECT_EQ(HashOf("pkg:maven/org.example/Lib@1"), 0x9dd4320ed5fb8033);
}

}  // namespace
}  // namespace sluice
