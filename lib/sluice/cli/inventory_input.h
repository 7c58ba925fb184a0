#ifndef SLUICE_CLI_INVENTORY_INPUT_H_
#define SLUICE_CLI_INVENTORY_INPUT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {

// ImportSpdx for a document that says it is SPDX, else ImportCycloneDx.
absl::Status ImportInventory(absl::string_view source, absl::string_view bytes,
                             const InventoryOptions& options, v1::ComponentList* list,
                             ImportReport& report);

}  // namespace sluice

#endif  // SLUICE_CLI_INVENTORY_INPUT_H_
