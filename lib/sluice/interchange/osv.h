#ifndef SLUICE_INTERCHANGE_OSV_H_
#define SLUICE_INTERCHANGE_OSV_H_

#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Makes a known-bad list of advisories in the format of the OSV schema, version 1
// (https://ossf.github.io/osv-schema/), one JSON document each.
//
//   ImportReport report;
//   OsvImporter importer(options, report);
//   importer.Add("GO-2024-3228.json", bytes);  // For each document.
//   v1::KnownBadList list;
//   absl::Status status = importer.Finish(&list);
//
// An entry matches at least what its advisory does. In particular:
// - Packages are matched as wholes: Go's `imports`, which name the affected packages and symbols of
//   a module, and all else in `ecosystem_specific` and `database_specific` is not judged.
// - Ecosystem and name become package URLs (osv_package.h), without the release of a distribution;
//   a `purl` that names another package is matched too, without its version and qualifiers.
// - Ranges of commits are left out beside versions. A package with nothing else is matched from and
//   to these commits, which no version can be compared with, so it is UNKNOWN and holds; where any
//   two texts can be compared, it is matched in all versions.
// - A package without ranges and versions is matched in all versions.
// - A withdrawn advisory is in force until then.
//
// An advisory that is in the input twice is taken once. If the two differ in what they match or
// say, the one with the older `modified`, or else the later one, is malformed.
//
// Cost: linear in the input; the list is held in memory.
class OsvImporter {
 public:
  // `report` must outlive the importer. Entries are of kind `advisories`.
  OsvImporter(const ImportOptions& options, ImportReport& report);

  // Reads one document. `source` says where it is from.
  void Add(absl::string_view source, absl::string_view bytes);

  // Appends the entries to `list`, sorted by id, and sets its `entry_count`; its other fields are
  // the caller's. InvalidArgument with the malformed advisories, by place, unless the options let
  // them pass; then `list` is as it was.
  absl::Status Finish(v1::KnownBadList* list);

 private:
  struct Advisory {
    v1::KnownBadEntry entry;
    absl::Time modified;
    std::string source;
  };

  void Keep(Advisory advisory);

  const ImportOptions options_;
  ImportReport& report_;
  absl::btree_map<std::string, Advisory> advisories_;  // By id.
};

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_OSV_H_
