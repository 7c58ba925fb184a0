#ifndef SLUICE_INTERCHANGE_CYCLONEDX_H_
#define SLUICE_INTERCHANGE_CYCLONEDX_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {

// Adds the components of a CycloneDX bill of materials to `list` (https://cyclonedx.org, JSON,
// specVersion 1.2 to 1.6).
//
//   v1::ComponentList list;
//   ImportReport report;
//   absl::Status status = ImportCycloneDx("app.cdx.json", bytes, options, &list, report);
//
// Components are taken at any depth, whatever their type and scope, with package URL and SHA-256
// hashes; so is the artifact that the bill is about (`metadata.component`), because a list may name
// it; if it has neither, it is left out whatever the options, as the components are what it is made
// of. Equal ones are taken once. Services, other hashes and links to further bills are listed in
// `report`; ancestors of a component (`pedigree`) and the tools that made the bill are no part of
// the artifact.
//
// A composition whose `aggregate` is `incomplete` or begins so says that components are missing:
// such a bill is refused unless the options accept it. Other ones than `complete`, such as
// `unknown`, are listed in `report`.
//
// InvalidArgument, and `list` as it was, if the document is not such a bill, whatever the options;
// if it says that components are missing and the options do not accept that; if an entry is
// malformed and the options do not let it pass; if there is no component.
absl::Status ImportCycloneDx(absl::string_view source, absl::string_view bytes,
                             const InventoryOptions& options, v1::ComponentList* list,
                             ImportReport& report);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_CYCLONEDX_H_
