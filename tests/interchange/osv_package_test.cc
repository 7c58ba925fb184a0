#include "sluice/interchange/osv_package.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {
namespace {

struct Case {
  std::string ecosystem;
  std::string name;
  std::string urls;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.ecosystem << " " << c.name;
}

class OsvPackageCase : public ::testing::TestWithParam<Case> {};

TEST_P(OsvPackageCase, Urls) {
  const absl::StatusOr<OsvPackage> package = OsvPackageOf(GetParam().ecosystem, GetParam().name);
  ASSERT_TRUE(package.ok()) << package.status();
  const std::string urls =
      absl::StrJoin(package->urls, " ",
                    [](std::string* out, const PackageUrl& url) { out->append(url.Canonical()); });
  EXPECT_EQ(urls, GetParam().urls);
}

INSTANTIATE_TEST_SUITE_P(
    All, OsvPackageCase,
    ::testing::Values(
        Case{"Go", "github.com/Coder/coder/v2", "pkg:golang/github.com/coder/coder/v2"},
        Case{"Go", "tailscale.com", "pkg:golang/tailscale.com"},
        Case{"Go", "stdlib", "pkg:golang/std pkg:golang/stdlib"},
        Case{"Go", "toolchain", "pkg:golang/toolchain"},
        Case{"Kubernetes", "k8s.io/api", "pkg:golang/k8s.io/api"},
        Case{"npm", "lodash", "pkg:npm/lodash"}, Case{"npm", "@a/b", "pkg:npm/%40a/b"},
        Case{"PyPI", "Some_Name", "pkg:pypi/some-name"},
        Case{"Maven", "org.a:b", "pkg:maven/org.a/b"},
        Case{"Maven:https://m.example", "org.a:b", "pkg:maven/org.a/b"},
        Case{"crates.io", "serde", "pkg:cargo/serde"}, Case{"RubyGems", "rails", "pkg:gem/rails"},
        Case{"NuGet", "A.B", "pkg:nuget/A.B"}, Case{"Packagist", "a/b", "pkg:composer/a/b"},
        Case{"Packagist:https://packages.drupal.org/8", "drupal/x", "pkg:composer/drupal/x"},
        Case{"Hex", "phoenix", "pkg:hex/phoenix"}, Case{"Pub", "http", "pkg:pub/http"},
        Case{"Hackage", "a", "pkg:hackage/a"}, Case{"CRAN", "A", "pkg:cran/A"},
        Case{"ConanCenter", "zlib", "pkg:conan/zlib"}, Case{"opam", "x", "pkg:opam/x"},
        Case{"SwiftURL", "https://github.com/apple/swift-nio.git",
             "pkg:swift/github.com/apple/swift-nio"},
        Case{"SwiftURL", "github.com/apple/swift-nio", "pkg:swift/github.com/apple/swift-nio"},
        Case{"GitHub Actions", "actions/checkout",
             "pkg:github/actions/checkout pkg:githubactions/actions/checkout"},
        Case{"GitHub Actions", "a/b/c/d", "pkg:github/a/b pkg:githubactions/a/b"},
        Case{"VSCode", "ms-python.python", "pkg:vscode-extension/ms-python/python"},
        Case{"Bitnami", "wordpress", "pkg:bitnami/wordpress"},
        Case{"OSS-Fuzz", "libpng", "pkg:generic/libpng"},
        Case{"Debian", "openssl", "pkg:deb/debian/openssl"},
        Case{"Debian:12", "openssl", "pkg:deb/debian/openssl"},
        Case{"Ubuntu:Pro:18.04:LTS", "linux", "pkg:deb/ubuntu/linux"},
        Case{"Alpine:v3.16", "curl", "pkg:apk/alpine/curl"},
        Case{"Wolfi", "curl", "pkg:apk/wolfi/curl"},
        Case{"Red Hat:rhel_aus:8.4::appstream", "kernel",
             "pkg:rpm/redhat/kernel pkg:rpm/rhel/kernel"},
        Case{"Rocky Linux:9", "a", "pkg:rpm/rocky/a pkg:rpm/rocky-linux/a"},
        Case{"AlmaLinux:9", "a", "pkg:rpm/alma/a pkg:rpm/almalinux/a"},
        Case{"SUSE:Linux", "a", "pkg:rpm/sles/a pkg:rpm/suse/a"},
        Case{"openSUSE:Leap 15", "a", "pkg:rpm/opensuse/a"},
        Case{"Mageia:9", "a", "pkg:rpm/mageia/a"},
        // No package URLs are known for these; letter case counts.
        Case{"Android", "x", ""}, Case{"Linux", "Kernel", ""}, Case{"go", "x", ""},
        Case{"", "x", ""}));

TEST(OsvPackage, WhatIsWidened) {
  EXPECT_TRUE(OsvPackageOf("Debian:12", "a")->release_widened);
  EXPECT_FALSE(OsvPackageOf("Debian", "a")->release_widened);
  EXPECT_TRUE(OsvPackageOf("Debian", "a")->is_source);
  EXPECT_FALSE(OsvPackageOf("Wolfi", "a")->is_source);
  EXPECT_TRUE(OsvPackageOf("Maven:https://m.example", "a:b")->repository_widened);
  EXPECT_FALSE(OsvPackageOf("Maven:https://m.example", "a:b")->release_widened);
  EXPECT_FALSE(OsvPackageOf("Maven", "a:b")->repository_widened);
}

TEST(OsvPackage, NamesThatAnEcosystemCantHaveFail) {
  for (const auto& [ecosystem, name] :
       std::vector<std::pair<std::string, std::string>>{{"Maven", "no-colon"},
                                                        {"Packagist", "no-slash"},
                                                        {"npm", "@scope/"},
                                                        {"Go", ""},
                                                        {"PyPI", "a\nb"},
                                                        {"GitHub Actions", "no-owner"},
                                                        {"VSCode", "nodot"}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(OsvPackageOf(ecosystem, name).status()))
        << ecosystem << " " << name;
  }
}

}  // namespace
}  // namespace sluice
