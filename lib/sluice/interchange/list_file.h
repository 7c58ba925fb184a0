#ifndef SLUICE_INTERCHANGE_LIST_FILE_H_
#define SLUICE_INTERCHANGE_LIST_FILE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/known_bad.h"

namespace sluice {

// A known-bad list in a file, in the form that KnownBadList::file_form has.
//
//   absl::StatusOr<ListFile> file = ListFile::Map("/var/lib/lists/advisories.kb");
//   Snapshot snapshot = Snapshot::Load(state, organisation, {{&file->list()}});
//
// A file is replaced by renaming another one over it, as WriteListFile does: who has the old one
// open keeps it, whole, until this object goes. A file that is written over or made shorter in
// place changes under a map: what changed is told as damage if it had not been read before, else it
// may be taken as it now is, and a read behind the new end kills the process (SIGBUS). Where files
// can't be trusted to be replaced by renaming, as on some network file systems, use Read.
class ListFile {
 public:
  // Maps the file: nothing is read but the header and the checksums, memory is shared with other
  // processes that map it. Errors: InvalidArgument, naming the path, for what can't be opened or is
  // no list, or a cut or changed one.
  static absl::StatusOr<ListFile> Map(const std::string& path);

  // Reads all of the file into memory. Errors as of Map.
  static absl::StatusOr<ListFile> Read(const std::string& path);

  ListFile(ListFile&& other) noexcept;
  ListFile& operator=(ListFile&& other) noexcept;
  ~ListFile();

  // Lives as long as this object, also when that is moved.
  const KnownBadList& list() const { return *list_; }

 private:
  ListFile() = default;

  absl::Status Open(const std::string& path, absl::string_view bytes);
  void Unmap();

  void* mapped_ = nullptr;
  size_t mapped_bytes_ = 0;
  std::unique_ptr<const std::string> read_;
  std::unique_ptr<const KnownBadList> list_;
};

// Whether `bytes`, the first ones of a file, are those of a list in file form.
bool IsListFile(absl::string_view bytes);

// Writes `list` to a new file beside `path`, sees to it that it is stored, and renames it to
// `path`, so that whoever opens `path` finds the old list or the new one, whole. Errors:
// InvalidArgument, naming the path; then `path` is as it was.
absl::Status WriteListFile(const KnownBadList& list, const std::string& path);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_LIST_FILE_H_
