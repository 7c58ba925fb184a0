#include "sluice/known_bad/package_url_type.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr absl::string_view kKnown[] = {"alpm",
                                        "apk",
                                        "bazel",
                                        "bitbucket",
                                        "bitnami",
                                        "brew",
                                        "cargo",
                                        "chrome-extension",
                                        "cocoapods",
                                        "composer",
                                        "conan",
                                        "conda",
                                        "cpan",
                                        "cran",
                                        "deb",
                                        "docker",
                                        "gem",
                                        "generic",
                                        "git",
                                        "github",
                                        "golang",
                                        "hackage",
                                        "hex",
                                        "huggingface",
                                        "julia",
                                        "luarocks",
                                        "maven",
                                        "mlflow",
                                        "npm",
                                        "nuget",
                                        "oci",
                                        "opam",
                                        "otp",
                                        "pub",
                                        "pypi",
                                        "qpkg",
                                        "rpm",
                                        "swid",
                                        "swift",
                                        "vcpkg",
                                        "vscode-extension",
                                        "yocto"};

// Also shows that the table is sorted: an entry out of order would not be found.
TEST(PackageUrlType, FindsEveryKnownType) {
  for (absl::string_view type : kKnown) EXPECT_EQ(RulesOfPackageUrlType(type).type, type);
}

TEST(PackageUrlType, UnknownTypesAddNothing) {
  for (absl::string_view type : {"", "a", "npn", "npmx", "np", "zzz", "NPM", "yoctp"}) {
    const PackageUrlType& rules = RulesOfPackageUrlType(type);
    EXPECT_EQ(rules.type, "") << type;
    EXPECT_EQ(rules.namespace_rule, NamespaceRule::kOptional) << type;
    EXPECT_EQ(rules.namespace_case, LetterCase::kKept) << type;
    EXPECT_EQ(rules.name_case, LetterCase::kKept) << type;
    EXPECT_EQ(rules.version_case, LetterCase::kKept) << type;
    EXPECT_EQ(rules.spell_name, nullptr) << type;
    EXPECT_EQ(rules.is_version, nullptr) << type;
    EXPECT_EQ(rules.required_qualifier, "") << type;
  }
}

TEST(PackageUrlType, ChromeExtensionVersionsAreOneToFourNumbers) {
  const auto is_version = RulesOfPackageUrlType("chrome-extension").is_version;
  for (absl::string_view version : {"0", "1", "1.2", "1.2.3", "1.2.3.4", "007.10"}) {
    EXPECT_TRUE(is_version(version)) << version;
  }
  for (absl::string_view version :
       {"", ".", "1.", ".1", "1..2", "1.2.3.4.5", "1.2.3-beta", "1a", "a", "1 ", "-1"}) {
    EXPECT_FALSE(is_version(version)) << version;
  }
}

TEST(PackageUrlType, ChromeExtensionNamesAre32LettersFromAToP) {
  const auto spell = RulesOfPackageUrlType("chrome-extension").spell_name;
  const auto accepts = [&spell](std::string name) { return spell(name); };
  EXPECT_TRUE(accepts("abcdefghijklmnopabcdefghijklmnop"));
  EXPECT_FALSE(accepts("abcdefghijklmnopabcdefghijklmno"));
  EXPECT_FALSE(accepts("abcdefghijklmnopabcdefghijklmnopa"));
  EXPECT_FALSE(accepts("abcdefghijklmnopabcdefghijklmnoq"));
  EXPECT_FALSE(accepts("4bcdefghijklmnopabcdefghijklmnop"));
}

TEST(PackageUrlType, OnlyDatabricksLowersMlflowNames) {
  EXPECT_TRUE(
      RepositoryLowersNames("mlflow", "https://adb-1.2.azuredatabricks.net/api/2.0/mlflow"));
  EXPECT_TRUE(RepositoryLowersNames("mlflow", "https://dbc-1.cloud.databricks.com:443/api"));
  EXPECT_TRUE(RepositoryLowersNames("mlflow", "1.2.gcp.DataBricks.com"));
  EXPECT_FALSE(RepositoryLowersNames("mlflow", ""));
  EXPECT_FALSE(RepositoryLowersNames("mlflow", "https://westus2.api.azureml.ms/x/databricks.com"));
  EXPECT_FALSE(RepositoryLowersNames("mlflow", "https://databricks.com.example.org/"));
  EXPECT_FALSE(RepositoryLowersNames("mlflow", "https://notdatabricks.com/"));
  EXPECT_FALSE(RepositoryLowersNames("generic", "https://dbc-1.cloud.databricks.com/"));
}

}  // namespace
}  // namespace sluice
