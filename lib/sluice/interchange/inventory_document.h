#ifndef SLUICE_INTERCHANGE_INVENTORY_DOCUMENT_H_
#define SLUICE_INTERCHANGE_INVENTORY_DOCUMENT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/interchange/json_document.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {

// What a format of bills of materials calls the members of an entry that may become a component.
struct InventoryEntryForm {
  absl::string_view kind;  // What the report calls such entries.
  absl::string_view name;
  absl::string_view version;
  absl::string_view hashes;  // An array of objects of the two members that follow.
  absl::string_view algorithm;
  absl::string_view hash;
  absl::string_view sha256;  // What the format calls SHA-256.
};

// A bill of materials in JSON: what is the same to read in every format.
class InventoryDocument {
 public:
  // Adds to `*list`, which has to outlive this object, as have the other arguments.
  InventoryDocument(absl::string_view source, const InventoryOptions& options,
                    v1::ComponentList* list, ImportReport& report);

  // Has `read` read what `bytes` hold, then sets the list. InvalidArgument, and the list as it was,
  // if the bytes are not JSON, if `read` fails, or for the reasons of InventoryBuilder::Finish.
  absl::Status Import(absl::string_view bytes,
                      absl::FunctionRef<absl::Status(const JsonValue& root)> read);

  // The error that the document is not one that is read here, because of `what`.
  absl::Status Refused(absl::string_view what) const;

  // The place of `at` in the input.
  std::string Where(const JsonValue& at) const;

  void Note(LeftOutReason reason, const JsonValue& at, absl::string_view what);

  // Counts an entry and takes what is found of it. `read_more` finds what the form does not say;
  // name and version are found before.
  void ReadEntry(
      const JsonValue& value, const InventoryEntryForm& form,
      absl::FunctionRef<void(JsonReader& json, InventoryBuilder::Found& found)> read_more);

  // Adds the SHA-256 digests of an entry to `found` and notes its other hashes.
  void ReadHashes(const JsonValue& value, const InventoryEntryForm& form, JsonReader& json,
                  InventoryBuilder::Found& found);

 private:
  const absl::string_view source_;
  v1::ComponentList* const list_;
  ImportReport& report_;
  InventoryBuilder builder_;
};

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_INVENTORY_DOCUMENT_H_
