#ifndef SLUICE_INTERCHANGE_SOURCE_FILES_H_
#define SLUICE_INTERCHANGE_SOURCE_FILES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sluice/interchange/import_report.h"

namespace sluice {

// How large an input may be. Beyond a limit the answer is ResourceExhausted, never a shorter input.
struct SourceLimits {
  size_t max_document_bytes = size_t{256} << 20;
  // Of all documents of one input together, unpacked; what is left out counts too.
  uint64_t max_total_bytes = uint64_t{8} << 30;
  uint64_t max_documents = 10'000'000;
};

// One document of an input. Both texts live only as long as the call.
struct SourceDocument {
  // The path of the file and, after a `:`, the name within an archive. As it is, not shortened.
  absl::string_view name;
  absl::string_view bytes;
  // How much of the input has been read, this document included: 0 to 1, never falling.
  double progress = 0;
};

// Calls `take` with every JSON document of what `path` names, in an order that depends on the names
// and contents alone:
// - a directory: the files below it that end in `.json`, sorted by path. Links to files are
//   followed, links to directories are not;
// - a file that ends in `.tar.gz`, `.tgz` or `.zip`: the files in it that end in `.json`, in its
//   order. Nothing is written, so a name in an archive leads nowhere;
// - any other file: that one, whatever its name.
// What is left out of a directory or an archive is listed in `report` as an entry of kind `input
// files`.
//
// Stops at the first error of `take` and returns it. InvalidArgument for what can't be read, an
// archive that is cut or damaged, and a directory or archive without a document.
absl::Status ReadSourceDocuments(const std::string& path, const SourceLimits& limits,
                                 ImportReport& report,
                                 absl::FunctionRef<absl::Status(const SourceDocument&)> take);

// Calls `take` with the bytes of a file of any size piece by piece, in order. `progress` as above.
absl::Status ReadSourceInPieces(
    const std::string& path,
    absl::FunctionRef<absl::Status(absl::string_view piece, double progress)> take);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_SOURCE_FILES_H_
