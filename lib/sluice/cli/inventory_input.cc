#include "sluice/cli/inventory_input.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "sluice/interchange/cyclonedx.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/interchange/spdx.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {

absl::Status ImportInventory(absl::string_view source, absl::string_view bytes,
                             const InventoryOptions& options, v1::ComponentList* list,
                             ImportReport& report) {
  return absl::StrContains(bytes, "\"spdxVersion\"")
             ? ImportSpdx(source, bytes, options, list, report)
             : ImportCycloneDx(source, bytes, options, list, report);
}

}  // namespace sluice
