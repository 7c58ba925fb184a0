#ifndef SLUICE_INTERCHANGE_INVENTORY_H_
#define SLUICE_INTERCHANGE_INVENTORY_H_

#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/artifact.pb.h"

namespace sluice {

// What becomes of a component without package URL and SHA-256 digest, which no list can be held
// against. An inventory without it says less than the truth. The artifact itself is left out in any
// case.
enum class Uncheckable {
  kRefuse = 0,  // It is malformed.
  kLeaveOut,    // It is left out and counted.
};

// What becomes of a bill of materials that says that it lacks components. What is missing matches
// no list, so that a list of components made of it says less than the truth.
enum class IncompleteInventory {
  kRefuse = 0,
  kAccept,  // Its components are taken, and what it says is noted.
};

struct InventoryOptions {
  ImportOptions import;
  Uncheckable uncheckable = Uncheckable::kRefuse;
  IncompleteInventory incomplete = IncompleteInventory::kRefuse;
};

// Collects the components of an artifact from bills of materials.
class InventoryBuilder {
 public:
  struct Found {
    std::string kind;                  // What the report calls it, such as `components`.
    std::string where;                 // Its place in the input.
    std::string name;                  // For people.
    std::vector<std::string> urls;     // Package URLs as they are written; one component each.
    std::vector<std::string> digests;  // `sha256:<hex>`.
    bool is_artifact = false;          // The artifact that the inventory is of, no part of it.
  };

  // Continues with the components of `list`, so that an inventory can come in several files. Both
  // must outlive the builder.
  InventoryBuilder(const InventoryOptions& options, const v1::ComponentList& list,
                   ImportReport& report);

  // Takes a component, or leaves it out, and counts it; the caller has counted it as read. A URL
  // that can't be read is taken as it is, so that the component holds releases.
  void Add(const Found& found);

  // Replaces `*list` by the components, in order, with their number. InvalidArgument, and `*list`
  // as it was, if an entry is malformed and the options do not let it pass, or if there is no
  // component at all: an empty inventory would match no list.
  absl::Status Finish(absl::string_view source, v1::ComponentList* list);

 private:
  void Take(v1::Component component, const Found& found, bool& repeated);

  const InventoryOptions& options_;
  ImportReport& report_;
  v1::ComponentList list_;
  absl::btree_set<std::string> seen_;  // Serialised components.
};

// `hex`, 64 hexadecimal digits of either case, as a digest; nothing if it is not that.
absl::optional<std::string> DigestOfHex(absl::string_view hex);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_INVENTORY_H_
