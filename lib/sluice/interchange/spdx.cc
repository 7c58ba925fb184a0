#include "sluice/interchange/spdx.h"

#include "absl/strings/str_cat.h"
#include "sluice/interchange/inventory_document.h"
#include "sluice/interchange/json_document.h"

namespace sluice {
namespace {

constexpr InventoryEntryForm kPackage = {"packages",  "name",          "versionInfo", "checksums",
                                         "algorithm", "checksumValue", "SHA256"};
constexpr InventoryEntryForm kFile = {"files",     "fileName",      "versionInfo", "checksums",
                                      "algorithm", "checksumValue", "SHA256"};

// The type of a reference that is a package URL, short and in full.
constexpr absl::string_view kPurl = "purl";
constexpr absl::string_view kPurlInFull = "http://spdx.org/rdf/references/purl";

void ReadAll(const JsonValue& values, const InventoryEntryForm& form, InventoryDocument& document) {
  for (const JsonValue& value : values.elements) {
    document.ReadEntry(value, form, [&](JsonReader& json, InventoryBuilder::Found& found) {
      for (const JsonValue* reference : json.Elements(value, "externalRefs", JsonKind::kObject)) {
        const absl::string_view type = json.Text(*reference, "referenceType");
        if (type != kPurl && type != kPurlInFull) continue;
        const absl::string_view url = json.RequiredText(*reference, "referenceLocator");
        if (!url.empty()) found.urls.emplace_back(url);
      }
      document.ReadHashes(value, form, json, found);
    });
  }
}

// The error says why the document is not one that is read here.
absl::Status Read(const JsonValue& root, InventoryDocument& document) {
  JsonReader json;
  const absl::string_view version = json.Text(root, "spdxVersion");
  if (version != "SPDX-2.3" && version != "SPDX-2.2") {
    return document.Refused(
        absl::StrCat("`spdxVersion` should be SPDX-2.3, got `", Shown(version), "`"));
  }
  const JsonValue* packages = json.Member(root, kPackage.kind, JsonKind::kArray);
  const JsonValue* files = json.Member(root, kFile.kind, JsonKind::kArray);
  for (const JsonValue* linked : json.Elements(root, "externalDocumentRefs", JsonKind::kObject)) {
    document.Note(LeftOutReason::kLinkedBom, *linked, json.Text(*linked, "spdxDocument"));
  }
  if (!json.ok()) return document.Refused(json.Faults());
  if (packages != nullptr) ReadAll(*packages, kPackage, document);
  if (files != nullptr) ReadAll(*files, kFile, document);
  return absl::OkStatus();
}

}  // namespace

absl::Status ImportSpdx(absl::string_view source, absl::string_view bytes,
                        const InventoryOptions& options, v1::ComponentList* list,
                        ImportReport& report) {
  InventoryDocument document(source, options, list, report);
  return document.Import(bytes,
                         [&document](const JsonValue& root) { return Read(root, document); });
}

}  // namespace sluice
