#ifndef SLUICE_TESTS_INTERCHANGE_IMPORTED_INVENTORY_H_
#define SLUICE_TESTS_INTERCHANGE_IMPORTED_INVENTORY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {

// SHA-256 of nothing.
inline constexpr absl::string_view kHex =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

inline InventoryOptions Options(bool keep_going = false,
                                Uncheckable uncheckable = Uncheckable::kRefuse) {
  InventoryOptions options;
  options.import.keep_going = keep_going;
  options.uncheckable = uncheckable;
  return options;
}

// What came of importing a bill of materials.
struct ImportedInventory {
  absl::Status status;
  std::vector<std::string> components;  // `url|digest|digest`.
  v1::ComponentList list;
  ImportReport report;
};

// Has `import`, which is ImportCycloneDx or alike, add what `bytes` hold to `list`; the report has
// to be complete.
template <typename Import>
ImportedInventory ImportInto(v1::ComponentList list, Import import, absl::string_view bytes,
                             const InventoryOptions& options) {
  ImportedInventory imported;
  imported.list = std::move(list);
  imported.status = import("x.json", bytes, options, &imported.list, imported.report);
  EXPECT_TRUE(imported.report.IsComplete());
  for (const v1::Component& component : imported.list.components()) {
    imported.components.push_back(component.package_url());
    for (const std::string& digest : component.digests()) {
      absl::StrAppend(&imported.components.back(), "|", digest);
    }
  }
  return imported;
}

}  // namespace sluice

#endif  // SLUICE_TESTS_INTERCHANGE_IMPORTED_INVENTORY_H_
