#include "sluice/interchange/cyclonedx.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "sluice/interchange/inventory_document.h"
#include "sluice/interchange/json_document.h"

namespace sluice {
namespace {

constexpr absl::string_view kComponents = "components";
constexpr absl::string_view kServices = "services";

constexpr InventoryEntryForm kComponent = {kComponents, "name",    "version", "hashes",
                                           "alg",       "content", "SHA-256"};

constexpr absl::string_view kVersions[] = {"1.2", "1.3", "1.4", "1.5", "1.6"};

class BomReader {
 public:
  BomReader(const InventoryOptions& options, InventoryDocument& document, ImportReport& report)
      : options_(options), document_(document), report_(report) {}

  // The error says why the document is no bill of materials that is read here.
  absl::Status Read(const JsonValue& root) {
    JsonReader json;
    if (json.Text(root, "bomFormat") != "CycloneDX") {
      return document_.Refused("should have `bomFormat` CycloneDX");
    }
    const absl::string_view version = json.Text(root, "specVersion");
    if (!absl::c_linear_search(kVersions, version)) {
      return document_.Refused(
          absl::StrCat("`specVersion` should be 1.2 to 1.6, got `", Shown(version), "`"));
    }
    const JsonValue* metadata = json.Member(root, "metadata", JsonKind::kObject);
    const JsonValue* about =
        metadata == nullptr ? nullptr : json.Member(*metadata, "component", JsonKind::kObject);
    const JsonValue* components = json.Member(root, kComponents, JsonKind::kArray);
    const JsonValue* services = json.Member(root, kServices, JsonKind::kArray);
    ReadCompositions(root, json);
    NoteLinkedBoms(root, json);
    if (!json.ok()) return document_.Refused(json.Faults());
    if (about != nullptr) ReadComponent(*about, /*is_artifact=*/true);
    if (components != nullptr) ReadComponents(*components);
    if (services != nullptr) ReadServices(*services);
    return absl::OkStatus();
  }

 private:
  // Reads what the bill says of its own completeness.
  void ReadCompositions(const JsonValue& root, JsonReader& json) {
    for (const JsonValue* composition : json.Elements(root, "compositions", JsonKind::kObject)) {
      const absl::string_view aggregate = json.Text(*composition, "aggregate");
      if (aggregate == "complete") continue;
      if (!absl::StartsWithIgnoreCase(aggregate, "incomplete")) {
        document_.Note(LeftOutReason::kCompletenessUnknown, *composition, aggregate);
      } else if (options_.incomplete == IncompleteInventory::kAccept) {
        document_.Note(LeftOutReason::kIncompleteInventory, *composition, aggregate);
      } else {
        json.AddFault(*composition,
                      absl::StrCat("`", Shown(aggregate), "` says that components are missing"));
      }
    }
  }

  void NoteLinkedBoms(const JsonValue& value, JsonReader& json) {
    for (const JsonValue* reference :
         json.Elements(value, "externalReferences", JsonKind::kObject)) {
      if (json.Text(*reference, "type") == "bom") {
        document_.Note(LeftOutReason::kLinkedBom, *reference, json.Text(*reference, "url"));
      }
    }
  }

  void ReadComponents(const JsonValue& components) {
    for (const JsonValue& component : components.elements)
      ReadComponent(component, /*is_artifact=*/false);
  }

  void ReadComponent(const JsonValue& value, bool is_artifact) {
    const JsonValue* inner = nullptr;
    document_.ReadEntry(value, kComponent, [&](JsonReader& json, InventoryBuilder::Found& found) {
      found.is_artifact = is_artifact;
      const absl::string_view purl = json.Text(value, "purl");
      if (!purl.empty()) found.urls.emplace_back(purl);
      document_.ReadHashes(value, kComponent, json, found);
      NoteLinkedBoms(value, json);
      inner = json.Member(value, kComponents, JsonKind::kArray);
    });
    if (inner != nullptr) ReadComponents(*inner);
  }

  void ReadServices(const JsonValue& services) {
    for (const JsonValue& service : services.elements) {
      report_.AddRead(kServices);
      const JsonValue* name = service.Find("name");
      report_.AddLeftOut(kServices, LeftOutReason::kService, document_.Where(service),
                         name == nullptr ? "" : name->text);
      if (const JsonValue* inner = service.Find(kServices)) ReadServices(*inner);
    }
  }

  const InventoryOptions& options_;
  InventoryDocument& document_;
  ImportReport& report_;
};

}  // namespace

absl::Status ImportCycloneDx(absl::string_view source, absl::string_view bytes,
                             const InventoryOptions& options, v1::ComponentList* list,
                             ImportReport& report) {
  InventoryDocument document(source, options, list, report);
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(absl::StripPrefix(bytes, "\xef\xbb\xbf")),
                       "<")) {
    return document.Refused("is XML; CycloneDX is read in its JSON form only");
  }
  BomReader reader(options, document, report);
  return document.Import(bytes, [&reader](const JsonValue& root) { return reader.Read(root); });
}

}  // namespace sluice
