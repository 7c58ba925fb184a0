#include "sluice/interchange/list_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/known_bad.h"

namespace sluice {
namespace {

absl::Status Failed(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
}

absl::Status FailedCall(const std::string& path, absl::string_view call) {
  return Failed(path, absl::StrCat(call, ": ", std::strerror(errno)));
}

// An open file, closed at the end.
class File {
 public:
  File(const std::string& path, int flags)
      : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  // The number of bytes, of a regular file that is not empty.
  absl::StatusOr<size_t> Size(const std::string& path) const {
    struct stat about;
    if (fstat(descriptor_, &about) != 0) return FailedCall(path, "can't be asked for its size");
    if (!S_ISREG(about.st_mode)) return Failed(path, "is not a file");
    if (about.st_size <= 0) return Failed(path, "is empty");
    return static_cast<size_t>(about.st_size);
  }

 private:
  const int descriptor_;
};

bool WriteAll(int descriptor, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::StatusOr<ListFile> ListFile::Map(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return FailedCall(path, "can't be opened");
  const absl::StatusOr<size_t> size = file.Size(path);
  if (!size.ok()) return size.status();
  ListFile mapped;
  void* const bytes = mmap(nullptr, *size, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  if (bytes == MAP_FAILED) return FailedCall(path, "can't be mapped");
  mapped.mapped_ = bytes;
  mapped.mapped_bytes_ = *size;
  absl::Status status =
      mapped.Open(path, absl::string_view(static_cast<const char*>(bytes), *size));
  if (!status.ok()) return status;
  return mapped;
}

absl::StatusOr<ListFile> ListFile::Read(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return FailedCall(path, "can't be opened");
  const absl::StatusOr<size_t> size = file.Size(path);
  if (!size.ok()) return size.status();
  auto bytes = absl::make_unique<std::string>(*size, '\0');
  size_t filled = 0;
  while (filled < bytes->size()) {
    const ssize_t count = read(file.descriptor(), &(*bytes)[filled], bytes->size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailedCall(path, "can't be read");
    if (count == 0) break;  // Became shorter; the list's own length tells.
    filled += static_cast<size_t>(count);
  }
  bytes->resize(filled);
  ListFile read;
  read.read_ = std::move(bytes);
  absl::Status status = read.Open(path, *read.read_);
  if (!status.ok()) return status;
  return read;
}

absl::Status ListFile::Open(const std::string& path, absl::string_view bytes) {
  absl::StatusOr<KnownBadList> list = KnownBadList::Open(bytes);
  if (!list.ok()) return Failed(path, list.status().message());
  list_ = absl::make_unique<const KnownBadList>(*std::move(list));
  return absl::OkStatus();
}

ListFile::ListFile(ListFile&& other) noexcept { *this = std::move(other); }

ListFile& ListFile::operator=(ListFile&& other) noexcept {
  if (this == &other) return *this;
  Unmap();
  mapped_ = std::exchange(other.mapped_, nullptr);
  mapped_bytes_ = std::exchange(other.mapped_bytes_, 0);
  read_ = std::move(other.read_);
  list_ = std::move(other.list_);
  return *this;
}

ListFile::~ListFile() { Unmap(); }

void ListFile::Unmap() {
  list_.reset();
  if (mapped_ != nullptr) munmap(mapped_, mapped_bytes_);
  mapped_ = nullptr;
}

bool IsListFile(absl::string_view bytes) { return absl::StartsWith(bytes, "sluiceKB"); }

absl::Status WriteListFile(const KnownBadList& list, const std::string& path) {
  const std::string beside = absl::StrCat(path, ".", getpid(), ".new");
  {
    const File file(beside, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) return FailedCall(beside, "can't be made");
    if (!WriteAll(file.descriptor(), list.file_form()) || fsync(file.descriptor()) != 0) {
      absl::Status status = FailedCall(beside, "can't be written");
      unlink(beside.c_str());
      return status;
    }
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) {
    absl::Status status = FailedCall(path, "can't be replaced");
    unlink(beside.c_str());
    return status;
  }
  return absl::OkStatus();
}

}  // namespace sluice
