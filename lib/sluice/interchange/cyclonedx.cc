#include "sluice/interchange/cyclonedx.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "sluice/interchange/json_document.h"

namespace sluice {
namespace {

constexpr absl::string_view kComponents = "components";
constexpr absl::string_view kServices = "services";

constexpr absl::string_view kVersions[] = {"1.2", "1.3", "1.4", "1.5", "1.6"};

class BomReader {
 public:
  BomReader(absl::string_view source, ImportReport& report, InventoryBuilder& builder)
      : source_(source), report_(report), builder_(builder) {}

  // The error says why the document is no bill of materials that is read here.
  absl::Status Read(const JsonValue& root) {
    JsonReader json;
    if (json.Text(root, "bomFormat") != "CycloneDX") {
      return Refused("should have `bomFormat` CycloneDX");
    }
    const absl::string_view version = json.Text(root, "specVersion");
    if (!absl::c_linear_search(kVersions, version)) {
      return Refused(
          absl::StrCat("`specVersion` should be 1.2 to 1.6, got `", Shown(version), "`"));
    }
    const JsonValue* metadata = json.Member(root, "metadata", JsonKind::kObject);
    const JsonValue* about =
        metadata == nullptr ? nullptr : json.Member(*metadata, "component", JsonKind::kObject);
    const JsonValue* components = json.Member(root, kComponents, JsonKind::kArray);
    const JsonValue* services = json.Member(root, kServices, JsonKind::kArray);
    for (const JsonValue* composition : json.Elements(root, "compositions", JsonKind::kObject)) {
      const absl::string_view aggregate = json.Text(*composition, "aggregate");
      if (aggregate != "complete") {
        Note(LeftOutReason::kIncompleteInventory, *composition, aggregate);
      }
    }
    NoteLinkedBoms(root, json);
    if (!json.ok()) return Refused(json.Faults());
    if (about != nullptr) ReadComponent(*about);
    if (components != nullptr) ReadComponents(*components);
    if (services != nullptr) ReadServices(*services);
    return absl::OkStatus();
  }

 private:
  absl::Status Refused(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(Shown(source_), ": ", what));
  }

  std::string Where(const JsonValue& at) const { return absl::StrCat(source_, ": ", at.Path()); }

  void Note(LeftOutReason reason, const JsonValue& at, absl::string_view what) {
    report_.AddLeftOutPart(reason, Where(at), what);
  }

  void NoteLinkedBoms(const JsonValue& value, JsonReader& json) {
    for (const JsonValue* reference :
         json.Elements(value, "externalReferences", JsonKind::kObject)) {
      if (json.Text(*reference, "type") == "bom") {
        Note(LeftOutReason::kLinkedBom, *reference, json.Text(*reference, "url"));
      }
    }
  }

  void ReadComponents(const JsonValue& components) {
    for (const JsonValue& component : components.elements) ReadComponent(component);
  }

  void ReadComponent(const JsonValue& value) {
    report_.AddRead(kComponents);
    if (value.kind != JsonKind::kObject) {
      report_.AddMalformed(kComponents, Where(value), "must be an object");
      return;
    }
    JsonReader json;
    InventoryBuilder::Found found;
    found.kind = std::string(kComponents);
    found.where = Where(value);
    found.name = absl::StrCat(json.Text(value, "name"), " ", json.Text(value, "version"));
    absl::StripAsciiWhitespace(&found.name);
    const absl::string_view purl = json.Text(value, "purl");
    if (!purl.empty()) found.urls.emplace_back(purl);
    ReadHashes(value, json, found);
    NoteLinkedBoms(value, json);
    const JsonValue* inner = json.Member(value, kComponents, JsonKind::kArray);
    if (json.ok()) {
      builder_.Add(found);
    } else {
      report_.AddMalformed(kComponents, found.where,
                           absl::StrCat("`", Shown(found.name), "`: ", json.Faults()));
    }
    if (inner != nullptr) ReadComponents(*inner);
  }

  void ReadHashes(const JsonValue& value, JsonReader& json, InventoryBuilder::Found& found) {
    for (const JsonValue* hash : json.Elements(value, "hashes", JsonKind::kObject)) {
      const absl::string_view algorithm = json.RequiredText(*hash, "alg");
      const absl::string_view content = json.RequiredText(*hash, "content");
      if (algorithm.empty() || content.empty()) continue;
      if (algorithm != "SHA-256") {
        Note(LeftOutReason::kOtherHash, *hash, algorithm);
        continue;
      }
      absl::optional<std::string> digest = DigestOfHex(content);
      if (digest.has_value()) {
        found.digests.push_back(*std::move(digest));
      } else {
        json.AddFault(*hash, "must be 64 hexadecimal digits");
      }
    }
  }

  void ReadServices(const JsonValue& services) {
    for (const JsonValue& service : services.elements) {
      report_.AddRead(kServices);
      const JsonValue* name = service.Find("name");
      report_.AddLeftOut(kServices, LeftOutReason::kService, Where(service),
                         name == nullptr ? "" : name->text);
      if (const JsonValue* inner = service.Find(kServices)) ReadServices(*inner);
    }
  }

  const absl::string_view source_;
  ImportReport& report_;
  InventoryBuilder& builder_;
};

}  // namespace

absl::Status ImportCycloneDx(absl::string_view source, absl::string_view bytes,
                             const InventoryOptions& options, v1::ComponentList* list,
                             ImportReport& report) {
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(absl::StripPrefix(bytes, "\xef\xbb\xbf")),
                       "<")) {
    return absl::InvalidArgumentError(
        absl::StrCat(Shown(source), ": is XML; CycloneDX is read in its JSON form only"));
  }
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(bytes);
  if (!document.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Shown(source), ": ", document.status().message()));
  }
  InventoryBuilder builder(options, *list, report);
  BomReader reader(source, report, builder);
  const absl::Status read = reader.Read(document->root());
  if (!read.ok()) return read;
  return builder.Finish(source, list);
}

}  // namespace sluice
