#include "sluice/interchange/spdx.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "sluice/interchange/json_document.h"

namespace sluice {
namespace {

constexpr absl::string_view kPackages = "packages";
constexpr absl::string_view kFiles = "files";

// The type of a reference that is a package URL, short and in full.
constexpr absl::string_view kPurl = "purl";
constexpr absl::string_view kPurlInFull = "http://spdx.org/rdf/references/purl";

class DocumentReader {
 public:
  DocumentReader(absl::string_view source, ImportReport& report, InventoryBuilder& builder)
      : source_(source), report_(report), builder_(builder) {}

  // The error says why the document is not one that is read here.
  absl::Status Read(const JsonValue& root) {
    JsonReader json;
    const absl::string_view version = json.Text(root, "spdxVersion");
    if (version != "SPDX-2.3" && version != "SPDX-2.2") {
      return Refused(absl::StrCat("`spdxVersion` should be SPDX-2.3, got `", Shown(version), "`"));
    }
    const JsonValue* packages = json.Member(root, kPackages, JsonKind::kArray);
    const JsonValue* files = json.Member(root, kFiles, JsonKind::kArray);
    for (const JsonValue* linked : json.Elements(root, "externalDocumentRefs", JsonKind::kObject)) {
      Note(LeftOutReason::kLinkedBom, *linked, json.Text(*linked, "spdxDocument"));
    }
    if (!json.ok()) return Refused(json.Faults());
    if (packages != nullptr) ReadAll(*packages, kPackages, "name");
    if (files != nullptr) ReadAll(*files, kFiles, "fileName");
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

  void ReadAll(const JsonValue& values, absl::string_view kind, absl::string_view name) {
    for (const JsonValue& value : values.elements) ReadOne(value, kind, name);
  }

  void ReadOne(const JsonValue& value, absl::string_view kind, absl::string_view name) {
    report_.AddRead(kind);
    if (value.kind != JsonKind::kObject) {
      report_.AddMalformed(kind, Where(value), "must be an object");
      return;
    }
    JsonReader json;
    InventoryBuilder::Found found;
    found.kind = std::string(kind);
    found.where = Where(value);
    found.name = absl::StrCat(json.Text(value, name), " ", json.Text(value, "versionInfo"));
    absl::StripAsciiWhitespace(&found.name);
    for (const JsonValue* reference : json.Elements(value, "externalRefs", JsonKind::kObject)) {
      const absl::string_view type = json.Text(*reference, "referenceType");
      if (type != kPurl && type != kPurlInFull) continue;
      const absl::string_view url = json.RequiredText(*reference, "referenceLocator");
      if (!url.empty()) found.urls.emplace_back(url);
    }
    ReadChecksums(value, json, found);
    if (json.ok()) {
      builder_.Add(found);
    } else {
      report_.AddMalformed(kind, found.where,
                           absl::StrCat("`", Shown(found.name), "`: ", json.Faults()));
    }
  }

  void ReadChecksums(const JsonValue& value, JsonReader& json, InventoryBuilder::Found& found) {
    for (const JsonValue* checksum : json.Elements(value, "checksums", JsonKind::kObject)) {
      const absl::string_view algorithm = json.RequiredText(*checksum, "algorithm");
      const absl::string_view content = json.RequiredText(*checksum, "checksumValue");
      if (algorithm.empty() || content.empty()) continue;
      if (algorithm != "SHA256") {
        Note(LeftOutReason::kOtherHash, *checksum, algorithm);
        continue;
      }
      absl::optional<std::string> digest = DigestOfHex(content);
      if (digest.has_value()) {
        found.digests.push_back(*std::move(digest));
      } else {
        json.AddFault(*checksum, "must be 64 hexadecimal digits");
      }
    }
  }

  const absl::string_view source_;
  ImportReport& report_;
  InventoryBuilder& builder_;
};

}  // namespace

absl::Status ImportSpdx(absl::string_view source, absl::string_view bytes,
                        const InventoryOptions& options, v1::ComponentList* list,
                        ImportReport& report) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(bytes);
  if (!document.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Shown(source), ": ", document.status().message()));
  }
  InventoryBuilder builder(options, *list, report);
  DocumentReader reader(source, report, builder);
  const absl::Status read = reader.Read(document->root());
  if (!read.ok()) return read;
  return builder.Finish(source, list);
}

}  // namespace sluice
