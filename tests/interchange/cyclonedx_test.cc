#include "sluice/interchange/cyclonedx.h"

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/interchange/source_files.h"
#include "sluice/v1/artifact.pb.h"
#include "tests/interchange/imported_inventory.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::string_view kDigest =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string Bom(absl::string_view members, absl::string_view version = "1.5") {
  return absl::StrCat(R"({"bomFormat": "CycloneDX", "specVersion": ")", version, "\"",
                      members.empty() ? "" : ",", members, "}");
}

ImportedInventory Import(absl::string_view bytes, const InventoryOptions& options = {},
                         v1::ComponentList list = {}) {
  return ImportInto(std::move(list), &ImportCycloneDx, bytes, options);
}

TEST(CycloneDx, NestedAndFlatComponents) {
  const ImportedInventory imported = Import(Bom(absl::StrCat(R"(
      "metadata": {"tools": [{"name": "no part of it", "purl": "pkg:npm/tool@1"}],
                   "component": {"name": "app", "purl": "pkg:npm/app@1",
                                 "components": [{"name": "inner", "purl": "pkg:npm/inner@1"}]}},
      "components": [
        {"type": "library", "name": "a", "purl": "pkg:npm/a@1", "scope": "excluded",
         "hashes": [{"alg": "SHA-256", "content": ")",
                                                             absl::AsciiStrToUpper(kHex), R"("}],
         "components": [{"name": "b", "purl": "pkg:npm/b@2",
                         "components": [{"name": "c", "purl": "pkg:npm/c@3"}]}],
         "pedigree": {"ancestors": [{"purl": "pkg:npm/ancestor@1"}]}},
        {"type": "file", "name": "f", "hashes": [{"alg": "SHA-256", "content": ")",
                                                             kHex, R"("}]}])")));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_THAT(imported.components,
              ElementsAre("pkg:npm/app@1", "pkg:npm/inner@1", absl::StrCat("pkg:npm/a@1|", kDigest),
                          "pkg:npm/b@2", "pkg:npm/c@3", absl::StrCat("|", kDigest)));
  EXPECT_EQ(imported.list.count(), 6);
  EXPECT_EQ(imported.report.CountsOf("components").taken, 6);
}

TEST(CycloneDx, Versions) {
  constexpr absl::string_view kOne = R"("components": [{"purl": "pkg:npm/a@1"}])";
  for (const char* version : {"1.2", "1.3", "1.4", "1.5", "1.6"}) {
    EXPECT_TRUE(Import(Bom(kOne, version)).status.ok()) << version;
  }
  for (const char* version : {"1.0", "1.1", "1.7", "2.0", "", "1.20"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Import(Bom(kOne, version), Options(true)).status))
        << version;
  }
}

TEST(CycloneDx, EqualComponentsAreTakenOnce) {
  const ImportedInventory imported = Import(Bom(R"("components": [
      {"bom-ref": "1", "purl": "pkg:npm/a@1"}, {"bom-ref": "1", "purl": "pkg:npm/a@1"}])"));
  EXPECT_THAT(imported.components, ElementsAre("pkg:npm/a@1"));
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kRepeated), 1);
}

TEST(CycloneDx, AnInventoryInSeveralFiles) {
  const ImportedInventory first = Import(Bom(R"("components": [{"purl": "pkg:npm/a@1"}])"));
  const ImportedInventory second = Import(
      Bom(R"("components": [{"purl": "pkg:npm/a@1"}, {"purl": "pkg:npm/b@1"}])"), {}, first.list);
  EXPECT_THAT(second.components, ElementsAre("pkg:npm/a@1", "pkg:npm/b@1"));
  EXPECT_EQ(second.list.count(), 2);
}

TEST(CycloneDx, AnUnreadableUrlIsKeptAndHolds) {
  const ImportedInventory imported = Import(Bom(R"("components": [{"purl": "no url"}])"));
  ASSERT_TRUE(imported.status.ok());
  EXPECT_THAT(imported.components, ElementsAre("no url"));
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kUnreadableUrlHolds), 1);
}

TEST(CycloneDx, WhatCantBeCheckedIsAStatedChoice) {
  const std::string bom = Bom(R"("components": [{"purl": "pkg:npm/a@1"},
      {"name": "unknown", "version": "7", "hashes": [{"alg": "SHA-1", "content": "ab"}]}])");
  const ImportedInventory refused = Import(bom);
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status));
  EXPECT_THAT(std::string(refused.status.message()),
              HasSubstr("x.json: components[1]: `unknown 7`"));
  EXPECT_TRUE(refused.components.empty());

  const ImportedInventory left_out = Import(bom, Options(false, Uncheckable::kLeaveOut));
  EXPECT_TRUE(left_out.status.ok());
  EXPECT_THAT(left_out.components, ElementsAre("pkg:npm/a@1"));
  EXPECT_EQ(left_out.report.LeftOutFor(LeftOutReason::kUncheckable), 1);
  EXPECT_EQ(left_out.report.LeftOutFor(LeftOutReason::kOtherHash), 1);

  const ImportedInventory listed = Import(bom, Options(true));
  EXPECT_TRUE(listed.status.ok());
  EXPECT_EQ(listed.report.malformed().total, 1);
}

TEST(CycloneDx, TheArtifactItselfNeedNotBeChecked) {
  constexpr absl::string_view kAbout = R"("metadata": {"component": {"type": "application",
      "name": "app", "version": "1", "hashes": [{"alg": "SHA-1", "content": "ab"}],
      "components": [)";
  const auto bom = [kAbout](absl::string_view nested) {
    return Bom(absl::StrCat(kAbout, nested, R"(]}}, "components": [{"purl": "pkg:npm/a@1"}])"));
  };
  for (const Uncheckable uncheckable : {Uncheckable::kRefuse, Uncheckable::kLeaveOut}) {
    const ImportedInventory imported =
        Import(bom(R"({"purl": "pkg:npm/inner@1"})"), Options(false, uncheckable));
    EXPECT_TRUE(imported.status.ok()) << imported.status;
    EXPECT_THAT(imported.components, ElementsAre("pkg:npm/inner@1", "pkg:npm/a@1"));
    EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kArtifactItself), 1);
    EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kUncheckable), 0);
  }
  // What is nested in it is no other component than any.
  const ImportedInventory refused = Import(bom(R"({"name": "inner"})"));
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status));
  EXPECT_THAT(std::string(refused.status.message()),
              HasSubstr("metadata.component.components[0]: `inner`"));
  EXPECT_EQ(refused.report.malformed().total, 1);
  // Neither is a malformed one let pass, nor a bill of nothing else.
  EXPECT_TRUE(
      absl::IsInvalidArgument(Import(Bom(R"("metadata": {"component": {"name": "app", "purl": 7}},
                    "components": [{"purl": "pkg:npm/a@1"}])"))
                                  .status));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Import(Bom(R"("metadata": {"component": {"name": "app"}}, "components": [])")).status));
}

TEST(CycloneDx, WhatIsNoted) {
  const ImportedInventory imported = Import(Bom(R"(
      "components": [{"purl": "pkg:npm/a@1",
                      "externalReferences": [{"type": "bom", "url": "https://b.example"}]}],
      "services": [{"name": "s", "services": [{"name": "t"}]}, {}],
      "compositions": [{"aggregate": "complete"}, {"aggregate": "unknown"},
                       {"aggregate": "not_specified"}, {}],
      "externalReferences": [{"type": "vcs", "url": "x"}, {"type": "bom", "url": "y"}])"));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kService), 3);
  EXPECT_EQ(imported.report.CountsOf("services").left_out, 3);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kLinkedBom), 2);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kCompletenessUnknown), 3);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kIncompleteInventory), 0);
}

TEST(CycloneDx, ABillThatLacksComponentsIsNotTakenForAWholeOne) {
  for (const char* aggregate :
       {"incomplete", "incomplete_first_party_only", "incomplete_first_party_proprietary_only",
        "incomplete_first_party_opensource_only", "incomplete_third_party_only",
        "incomplete_third_party_proprietary_only", "incomplete_third_party_opensource_only",
        "INCOMPLETE"}) {
    const std::string bom = Bom(absl::StrCat(R"("components": [{"purl": "pkg:npm/a@1"}],
        "compositions": [{"aggregate": "complete"}, {"aggregate": ")",
                                             aggregate, R"("}, {"aggregate": "incomplete"}])"));
    for (const bool keep_going : {false, true}) {
      const ImportedInventory refused = Import(bom, Options(keep_going, Uncheckable::kLeaveOut));
      EXPECT_TRUE(absl::IsInvalidArgument(refused.status)) << aggregate;
      EXPECT_THAT(std::string(refused.status.message()),
                  HasSubstr(absl::StrCat("x.json: compositions[1]: `", aggregate, "` ")));
      EXPECT_THAT(std::string(refused.status.message()), HasSubstr("(and 1 more)"));
      EXPECT_TRUE(refused.components.empty());
    }
    InventoryOptions accepting;
    accepting.incomplete = IncompleteInventory::kAccept;
    const ImportedInventory accepted = Import(bom, accepting);
    EXPECT_TRUE(accepted.status.ok()) << accepted.status;
    EXPECT_THAT(accepted.components, ElementsAre("pkg:npm/a@1"));
    EXPECT_EQ(accepted.report.LeftOutFor(LeftOutReason::kIncompleteInventory), 2);
  }
}

TEST(CycloneDx, WhatIsNoBomIsRefusedWhateverTheOptions) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"", "not JSON"},
      {"\xef\xbb\xbf <?xml version=\"1.0\"?><bom/>", "is XML"},
      {"[]", "bomFormat"},
      {R"({"specVersion": "1.5"})", "bomFormat"},
      {R"({"bomFormat": "CycloneDX"})", "specVersion"},
      {R"({"spdxVersion": "SPDX-2.3"})", "bomFormat"},
      {Bom(""), "no component"},
      {Bom(R"("components": [])"), "no component"},
      {Bom(R"("components": {})"), "components: must be an array"},
      {Bom(R"("metadata": 1)"), "metadata: must be an object"},
      {Bom(R"("metadata": {"component": "app"})"), "metadata.component: must be an object"},
      {Bom(R"("services": 1)"), "services: must be an array"},
      {Bom(R"("compositions": [1])"), "compositions[0]"},
      {Bom(R"("components": [], "components": [])"), "twice"},
  };
  for (const auto& [bom, what] : cases) {
    for (const bool keep_going : {false, true}) {
      const ImportedInventory imported = Import(bom, Options(keep_going));
      EXPECT_TRUE(absl::IsInvalidArgument(imported.status)) << bom;
      EXPECT_TRUE(absl::StrContains(imported.status.message(), what))
          << imported.status << " should say " << what;
    }
  }
}

TEST(CycloneDx, MalformedComponentsFail) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"7", "components[0]: must be an object"},
      {R"({"purl": 7})", "components[0].purl"},
      {R"({"name": []})", "components[0].name"},
      {R"({"purl": "pkg:npm/x@1", "hashes": {}})", "components[0].hashes"},
      {R"({"purl": "pkg:npm/x@1", "hashes": [7]})", "components[0].hashes[0]"},
      {R"({"purl": "pkg:npm/x@1", "hashes": [{"alg": "SHA-256"}]})", "components[0].hashes[0]"},
      {R"({"purl": "pkg:npm/x@1", "hashes": [{"content": "ab"}]})", "components[0].hashes[0]"},
      {R"({"purl": "pkg:npm/x@1", "hashes": [{"alg": "SHA-256", "content": "ab"}]})",
       "64 hexadecimal digits"},
      {R"({"purl": "pkg:npm/x@1", "components": {}})", "components[0].components"},
      {R"({"name": "x"})", "neither a package URL nor"},
  };
  for (const auto& [component, what] : cases) {
    const std::string bom =
        Bom(absl::StrCat(R"("components": [)", component, R"(, {"purl": "pkg:npm/good@1"}])"));
    const ImportedInventory strict = Import(bom);
    EXPECT_TRUE(absl::IsInvalidArgument(strict.status)) << component;
    EXPECT_TRUE(absl::StrContains(strict.status.message(), what)) << strict.status;
    EXPECT_TRUE(strict.components.empty());
    const ImportedInventory lenient = Import(bom, Options(true));
    EXPECT_TRUE(lenient.status.ok()) << lenient.status;
    EXPECT_THAT(lenient.components, ElementsAre("pkg:npm/good@1"));
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
}

// Components within a malformed one are read all the same.
TEST(CycloneDx, MalformedComponentsDontHideOthers) {
  const ImportedInventory imported =
      Import(Bom(R"("components": [{"purl": 7, "components": [{"purl": "pkg:npm/inner@1"}]}])"),
             Options(true));
  EXPECT_THAT(imported.components, ElementsAre("pkg:npm/inner@1"));
}

TEST(CycloneDx, DamagedBomsLoseNothingUntold) {
  const std::string whole = Bom(R"("components": [{"name": "a", "purl": "pkg:npm/a@1"},
      {"name": "b", "hashes": [{"alg": "MD5", "content": "ab"}]},
      {"name": "c", "purl": "pkg:npm/c@1", "components": [{"purl": "pkg:npm/d@1"}]}])");
  std::mt19937 random(3);
  int taken = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = whole;
    for (int i = 0, edits = 1 + static_cast<int>(random() % 2); i < edits; ++i) {
      const size_t at = random() % damaged.size();
      if (random() % 2 == 0) {
        damaged[at] = static_cast<char>(random() % 128);
      } else {
        damaged.erase(at, 1 + random() % 4);
      }
    }
    const ImportedInventory imported = Import(damaged, Options(true));
    const ImportCounts counts = imported.report.CountsOf("components");
    if (!imported.status.ok()) continue;
    ++taken;
    ASSERT_EQ(counts.taken, imported.components.size()) << damaged;
    ASSERT_EQ(imported.list.count(), imported.components.size());
  }
  EXPECT_GT(taken, 1000);
}

TEST(CycloneDx, ProtonBridge) {
  const char* folder = std::getenv("SLUICE_SHARED_DATA");
  if (folder == nullptr) {
    GTEST_SKIP() << "SLUICE_SHARED_DATA names no folder with proton-bridge-v1.6.3.cdx.json";
  }
  ImportedInventory imported;
  const absl::Status read =
      ReadSourceDocuments(absl::StrCat(folder, "/proton-bridge-v1.6.3.cdx.json"), SourceLimits(),
                          imported.report, [&](const SourceDocument& document) {
                            imported = Import(document.bytes);
                            return imported.status;
                          });
  ASSERT_TRUE(read.ok()) << read;
  for (const std::string& line : RenderImportReport(imported.report)) std::cout << line << "\n";
  // The modules and the application itself.
  EXPECT_EQ(imported.list.count(), 202);
  EXPECT_EQ(imported.report.CountsOf("components").taken, 202);
}

}  // namespace
}  // namespace sluice
