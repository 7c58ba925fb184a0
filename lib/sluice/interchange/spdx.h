#ifndef SLUICE_INTERCHANGE_SPDX_H_
#define SLUICE_INTERCHANGE_SPDX_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {

// Adds the packages and files of an SPDX document to `list` (https://spdx.github.io/spdx-spec/v2.3,
// JSON, SPDX-2.3 or SPDX-2.2, which writes the members read here the same way).
//
// A package is taken with its package URLs (external references of type `purl`, of any category)
// and SHA256 checksums, one component for each URL; a file with its SHA256 checksums. Relationships
// are not judged: what a document lists counts, be it a test or a build tool. Other checksums and
// references to further documents are listed in `report`, where the kinds are `packages` and
// `files`.
//
// InvalidArgument, and `list` as it was, if the document is not of that form, whatever the options;
// if an entry is malformed and the options do not let it pass; if there is no component. SPDX asks
// files for a SHA1 only: files without SHA256 are uncheckable, see InventoryOptions.
absl::Status ImportSpdx(absl::string_view source, absl::string_view bytes,
                        const InventoryOptions& options, v1::ComponentList* list,
                        ImportReport& report);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_SPDX_H_
