#include "sluice/interchange/spdx.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "tests/interchange/imported_inventory.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;

std::string Document(absl::string_view members, absl::string_view version = "SPDX-2.3") {
  return absl::StrCat(R"({"spdxVersion": ")", version, "\"", members.empty() ? "" : ",", members,
                      "}");
}

// A package with one URL.
constexpr absl::string_view kGood = R"({"name": "good", "externalRefs": [
    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
     "referenceLocator": "pkg:npm/good@1"}]})";

ImportedInventory Import(absl::string_view bytes, const InventoryOptions& options = {}) {
  return ImportInto({}, &ImportSpdx, bytes, options);
}

TEST(Spdx, PackagesAndFiles) {
  const ImportedInventory imported = Import(Document(absl::StrCat(R"("packages": [
      {"name": "a", "versionInfo": "1",
       "checksums": [{"algorithm": "SHA256", "checksumValue": ")",
                                                                  kHex, R"("},
                     {"algorithm": "SHA1", "checksumValue": "ab"}],
       "externalRefs": [
         {"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl",
          "referenceLocator": "pkg:npm/a@1"},
         {"referenceCategory": "OTHER", "referenceType": "http://spdx.org/rdf/references/purl",
          "referenceLocator": "pkg:github/o/a@1"},
         {"referenceCategory": "SECURITY", "referenceType": "cpe23Type",
          "referenceLocator": "cpe:2.3:a:b:c"}]}],
      "files": [{"fileName": "./f", "checksums": [{"algorithm": "SHA256", "checksumValue": ")",
                                                                  kHex, R"("}]}],
      "externalDocumentRefs": [{"externalDocumentId": "DocumentRef-x", "spdxDocument": "u"}])")));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_THAT(imported.components, ElementsAre(absl::StrCat("pkg:npm/a@1|sha256:", kHex),
                                               absl::StrCat("pkg:github/o/a@1|sha256:", kHex),
                                               absl::StrCat("|sha256:", kHex)));
  EXPECT_EQ(imported.list.count(), 3);
  EXPECT_EQ(imported.report.CountsOf("packages").taken, 1);
  EXPECT_EQ(imported.report.CountsOf("files").taken, 1);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kOtherHash), 1);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kLinkedBom), 1);
}

TEST(Spdx, Versions) {
  const std::string packages = absl::StrCat(R"("packages": [)", kGood, "]");
  EXPECT_TRUE(Import(Document(packages, "SPDX-2.3")).status.ok());
  EXPECT_TRUE(Import(Document(packages, "SPDX-2.2")).status.ok());
  for (const char* version : {"SPDX-2.1", "SPDX-3.0", "", "2.3"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Import(Document(packages, version)).status)) << version;
  }
}

TEST(Spdx, FilesWithoutSha256AreAStatedChoice) {
  const std::string document =
      Document(absl::StrCat(R"("packages": [)", kGood,
                            R"(], "files": [{"fileName": "f", "checksums": [{"algorithm": "SHA1",
                                                       "checksumValue": "ab"}]}])"));
  EXPECT_TRUE(absl::IsInvalidArgument(Import(document).status));
  const ImportedInventory left_out = Import(document, Options(false, Uncheckable::kLeaveOut));
  EXPECT_TRUE(left_out.status.ok());
  EXPECT_EQ(left_out.report.LeftOutFor(LeftOutReason::kUncheckable), 1);
  EXPECT_THAT(left_out.components, ElementsAre("pkg:npm/good@1"));
}

TEST(Spdx, WhatIsNoDocumentIsRefusedWhateverTheOptions) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"", "not JSON"},
      {"SPDXVersion: SPDX-2.3", "not JSON"},
      {"[]", "spdxVersion"},
      {R"({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"})", "spdxVersion"},
      {R"({"bomFormat": "CycloneDX"})", "spdxVersion"},
      {Document(""), "no component"},
      {Document(R"("packages": {})"), "packages: must be an array"},
      {Document(R"("files": "x")"), "files: must be an array"},
  };
  for (const auto& [document, what] : cases) {
    for (const bool keep_going : {false, true}) {
      const ImportedInventory imported = Import(document, Options(keep_going));
      EXPECT_TRUE(absl::IsInvalidArgument(imported.status)) << document;
      EXPECT_TRUE(absl::StrContains(imported.status.message(), what)) << imported.status;
    }
  }
}

TEST(Spdx, MalformedPackagesFail) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"7", "packages[0]: must be an object"},
      {R"({"name": 7})", "packages[0].name"},
      {R"({"externalRefs": {}})", "packages[0].externalRefs"},
      {R"({"externalRefs": [{"referenceType": "purl"}]})", "referenceLocator"},
      {R"({"checksums": [{"algorithm": "SHA256", "checksumValue": "xyz"}]})", "64 hexadecimal"},
      {R"({"checksums": [{"algorithm": "SHA256"}]})", "checksumValue"},
      {R"({"checksums": [{"checksumValue": "x"}]})", "algorithm"},
      {R"({"name": "nothing"})", "neither a package URL nor"},
  };
  for (const auto& [package, what] : cases) {
    const std::string document =
        Document(absl::StrCat(R"("packages": [)", package, ",", kGood, "]"));
    const ImportedInventory strict = Import(document);
    EXPECT_TRUE(absl::IsInvalidArgument(strict.status)) << package;
    EXPECT_TRUE(absl::StrContains(strict.status.message(), what)) << strict.status;
    const ImportedInventory lenient = Import(document, Options(true));
    EXPECT_TRUE(lenient.status.ok()) << lenient.status;
    EXPECT_THAT(lenient.components, ElementsAre("pkg:npm/good@1"));
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
}

}  // namespace
}  // namespace sluice
