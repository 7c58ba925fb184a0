#include "sluice/interchange/inventory_document.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace sluice {

InventoryDocument::InventoryDocument(absl::string_view source, const InventoryOptions& options,
                                     v1::ComponentList* list, ImportReport& report)
    : source_(source), list_(list), report_(report), builder_(options, *list, report) {}

absl::Status InventoryDocument::Import(
    absl::string_view bytes, absl::FunctionRef<absl::Status(const JsonValue& root)> read) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(bytes);
  if (!document.ok()) return Refused(document.status().message());
  const absl::Status status = read(document->root());
  if (!status.ok()) return status;
  return builder_.Finish(source_, list_);
}

absl::Status InventoryDocument::Refused(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(Shown(source_), ": ", what));
}

std::string InventoryDocument::Where(const JsonValue& at) const {
  return absl::StrCat(source_, ": ", at.Path());
}

void InventoryDocument::Note(LeftOutReason reason, const JsonValue& at, absl::string_view what) {
  report_.AddLeftOutPart(reason, Where(at), what);
}

void InventoryDocument::ReadEntry(
    const JsonValue& value, const InventoryEntryForm& form,
    absl::FunctionRef<void(JsonReader& json, InventoryBuilder::Found& found)> read_more) {
  report_.AddRead(form.kind);
  if (value.kind != JsonKind::kObject) {
    report_.AddMalformed(form.kind, Where(value), "must be an object");
    return;
  }
  JsonReader json;
  InventoryBuilder::Found found;
  found.kind = std::string(form.kind);
  found.where = Where(value);
  found.name = absl::StrCat(json.Text(value, form.name), " ", json.Text(value, form.version));
  absl::StripAsciiWhitespace(&found.name);
  read_more(json, found);
  if (json.ok()) {
    builder_.Add(found);
  } else {
    report_.AddMalformed(form.kind, found.where,
                         absl::StrCat("`", Shown(found.name), "`: ", json.Faults()));
  }
}

void InventoryDocument::ReadHashes(const JsonValue& value, const InventoryEntryForm& form,
                                   JsonReader& json, InventoryBuilder::Found& found) {
  for (const JsonValue* hash : json.Elements(value, form.hashes, JsonKind::kObject)) {
    const absl::string_view algorithm = json.RequiredText(*hash, form.algorithm);
    const absl::string_view content = json.RequiredText(*hash, form.hash);
    if (algorithm.empty() || content.empty()) continue;
    if (algorithm != form.sha256) {
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

}  // namespace sluice
