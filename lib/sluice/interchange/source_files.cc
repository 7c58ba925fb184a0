#include "sluice/interchange/source_files.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archive.h"
#include "archive_entry.h"
#include "zlib.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

using TakeDocument = absl::FunctionRef<absl::Status(const SourceDocument&)>;

constexpr absl::string_view kFiles = "input files";
constexpr size_t kPieceBytes = size_t{1} << 20;

absl::Status Bad(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(Shown(name), ": ", what));
}

bool IsJsonName(absl::string_view name) { return absl::EndsWithIgnoreCase(name, ".json"); }

bool IsArchiveName(absl::string_view name) {
  return absl::EndsWithIgnoreCase(name, ".tar.gz") || absl::EndsWithIgnoreCase(name, ".tgz") ||
         absl::EndsWithIgnoreCase(name, ".zip");
}

double Fraction(uint64_t done, uint64_t total) {
  if (total == 0 || done >= total) return 1;
  return static_cast<double>(done) / static_cast<double>(total);
}

// Counts what is read against the limits.
class Budget {
 public:
  explicit Budget(const SourceLimits& limits) : limits_(limits) {}

  absl::Status AddDocument(absl::string_view name) {
    if (++documents_ <= limits_.max_documents) return absl::OkStatus();
    return Exhausted(name,
                     absl::StrCat("must be one of at most ", limits_.max_documents, " files"));
  }

  // `in_document`: of the bytes of the present document so far, if it is taken.
  absl::Status AddBytes(absl::string_view name, uint64_t bytes, uint64_t in_document) {
    total_ += bytes;
    if (in_document > limits_.max_document_bytes) {
      return Exhausted(name,
                       absl::StrCat("must have at most ", limits_.max_document_bytes, " bytes"));
    }
    if (total_ > limits_.max_total_bytes) {
      return Exhausted(
          name, absl::StrCat("makes the input larger than ", limits_.max_total_bytes, " bytes"));
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Exhausted(absl::string_view name, absl::string_view what) {
    return absl::ResourceExhaustedError(absl::StrCat(Shown(name), ": ", what));
  }

  const SourceLimits& limits_;
  uint64_t documents_ = 0;
  uint64_t total_ = 0;
};

absl::StatusOr<std::string> ReadWhole(const std::string& path, Budget& budget) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Bad(path, "can't be opened");
  std::string bytes;
  while (in) {
    const size_t before = bytes.size();
    bytes.resize(before + kPieceBytes);
    in.read(&bytes[before], static_cast<std::streamsize>(kPieceBytes));
    const auto got = static_cast<size_t>(in.gcount());
    bytes.resize(before + got);
    const absl::Status status = budget.AddBytes(path, got, bytes.size());
    if (!status.ok()) return status;
  }
  if (in.bad()) return Bad(path, "can't be read");
  return bytes;
}

absl::Status ReadOneFile(const std::string& path, Budget& budget, TakeDocument take) {
  const absl::StatusOr<std::string> bytes = ReadWhole(path, budget);
  if (!bytes.ok()) return bytes.status();
  return take({path, *bytes, 1});
}

absl::Status ReadDirectory(const std::string& path, Budget& budget, ImportReport& report,
                           TakeDocument take) {
  std::error_code error;
  std::vector<std::pair<std::string, uint64_t>> files;  // With their sizes.
  std::vector<std::pair<std::string, LeftOutReason>> left_out;
  uint64_t total = 0;
  auto at = fs::recursive_directory_iterator(path, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().string();
    if (at->is_directory(error) && !at->is_symlink(error)) continue;
    const absl::Status counted = budget.AddDocument(name);
    if (!counted.ok()) return counted;
    if (!at->is_regular_file(error)) {
      // What can't be looked at, as a link that leads nowhere, is no file.
      error.clear();
      left_out.emplace_back(name, LeftOutReason::kNotAFile);
    } else if (!IsJsonName(name)) {
      left_out.emplace_back(name, LeftOutReason::kNotJson);
    } else {
      const uint64_t size = at->file_size(error);
      if (error) break;
      files.emplace_back(name, size);
      total += size;
    }
  }
  if (error) return Bad(path, error.message());
  std::sort(files.begin(), files.end());
  std::sort(left_out.begin(), left_out.end());
  for (const auto& [name, reason] : left_out) {
    report.AddRead(kFiles);
    report.AddLeftOut(kFiles, reason, name, "");
  }
  if (files.empty()) return Bad(path, "has no file that ends in .json");
  uint64_t done = 0;
  for (const auto& [name, size] : files) {
    const absl::StatusOr<std::string> bytes = ReadWhole(name, budget);
    if (!bytes.ok()) return bytes.status();
    done += size;
    report.AddRead(kFiles);
    report.AddTaken(kFiles);
    const absl::Status status = take({name, *bytes, Fraction(done, total)});
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// A file that gzip made, unpacked as it is read. zlib compares the check sums, which libarchive
// does not.
class GzipFile {
 public:
  explicit GzipFile(const std::string& path)
      : file_(gzopen(path.c_str(), "rb")), block_(kPieceBytes, '\0') {}
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;
  ~GzipFile() {
    if (file_ != nullptr) gzclose_r(file_);
  }

  bool IsOpen() const { return file_ != nullptr; }

  // The next bytes, none at the end.
  absl::StatusOr<absl::string_view> Read() {
    const int got = gzread(file_, &block_[0], static_cast<unsigned>(block_.size()));
    int code = Z_OK;
    gzerror(file_, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      return absl::InvalidArgumentError("it is cut or damaged");
    }
    if (gzdirect(file_) != 0) return absl::InvalidArgumentError("it is not made by gzip");
    return absl::string_view(block_).substr(0, static_cast<size_t>(got));
  }

  // How many bytes of the file itself have been read.
  uint64_t Position() const {
    const auto position = gzoffset(file_);
    return position < 0 ? 0 : static_cast<uint64_t>(position);
  }

 private:
  gzFile file_;
  std::string block_;
};

la_ssize_t ReadForArchive(struct archive* opened, void* gzip, const void** block) {
  const absl::StatusOr<absl::string_view> bytes = static_cast<GzipFile*>(gzip)->Read();
  if (!bytes.ok()) {
    archive_set_error(opened, EINVAL, "%s", std::string(bytes.status().message()).c_str());
    return -1;
  }
  *block = bytes->data();
  return static_cast<la_ssize_t>(bytes->size());
}

struct CloseArchive {
  void operator()(struct archive* opened) const { archive_read_free(opened); }
};
using Archive = std::unique_ptr<struct archive, CloseArchive>;

absl::Status Damaged(const std::string& path, const Archive& opened) {
  const char* text = archive_error_string(opened.get());
  return Bad(path, absl::StrCat("can't be read as an archive: ",
                                Shown(text == nullptr ? "unknown error" : text)));
}

// `gzip` is what the bytes come from; null for a file that is no tar.
absl::StatusOr<Archive> OpenArchive(const std::string& path, GzipFile* gzip) {
  Archive opened(archive_read_new());
  if (opened == nullptr) return absl::ResourceExhaustedError("no memory for an archive");
  int code = ARCHIVE_OK;
  if (gzip != nullptr) {
    code = archive_read_support_format_tar(opened.get());
    if (code == ARCHIVE_OK) {
      code = archive_read_open(opened.get(), gzip, nullptr, ReadForArchive, nullptr);
    }
  } else {
    code = archive_read_support_format_zip(opened.get());
    if (code == ARCHIVE_OK) {
      code = archive_read_open_filename(opened.get(), path.c_str(), 64 * 1024);
    }
  }
  if (code != ARCHIVE_OK) return Damaged(path, opened);
  return opened;
}

// Reads what follows the last member, so that the whole file is checked.
absl::Status ReadRest(const std::string& path, GzipFile& gzip, Budget& budget) {
  for (;;) {
    const absl::StatusOr<absl::string_view> bytes = gzip.Read();
    if (!bytes.ok()) return Bad(path, bytes.status().message());
    if (bytes->empty()) return absl::OkStatus();
    const absl::Status status = budget.AddBytes(path, bytes->size(), 0);
    if (!status.ok()) return status;
  }
}

std::string NameOf(struct archive_entry* entry) {
  // One of the two fails where the locale has no UTF-8.
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return name == nullptr ? std::string() : std::string(name);
}

// The bytes of the present entry; they are counted but not kept unless `keep`.
absl::StatusOr<std::string> ReadEntry(const std::string& path, const std::string& name,
                                      const Archive& opened, bool keep, Budget& budget) {
  std::string bytes;
  const void* block = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  int64_t at = 0;
  for (;;) {
    const int code = archive_read_data_block(opened.get(), &block, &size, &offset);
    if (code == ARCHIVE_EOF) return bytes;
    if (code != ARCHIVE_OK) return Damaged(path, opened);
    // A sparse file has holes, which stand for zeros and are no part of any document.
    if (offset != at) return Bad(name, "is a sparse file");
    at += static_cast<int64_t>(size);
    const absl::Status status =
        budget.AddBytes(name, size, keep ? bytes.size() + size : uint64_t{0});
    if (!status.ok()) return status;
    if (keep) bytes.append(static_cast<const char*>(block), size);
  }
}

absl::Status ReadArchive(const std::string& path, Budget& budget, ImportReport& report,
                         TakeDocument take) {
  std::error_code error;
  const uint64_t total = fs::file_size(path, error);
  if (error) return Bad(path, error.message());
  std::unique_ptr<GzipFile> gzip;
  if (!absl::EndsWithIgnoreCase(path, ".zip")) {
    gzip = std::make_unique<GzipFile>(path);
    if (!gzip->IsOpen()) return Bad(path, "can't be opened");
  }
  absl::StatusOr<Archive> opened = OpenArchive(path, gzip.get());
  if (!opened.ok()) return opened.status();
  uint64_t taken = 0;
  double progress = 0;
  for (;;) {
    struct archive_entry* entry = nullptr;
    const int code = archive_read_next_header(opened->get(), &entry);
    if (code == ARCHIVE_EOF) break;
    // A warning is about what is of no use here, such as owners; a name that can't be converted is
    // empty.
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return Damaged(path, *opened);
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    const std::string name = absl::StrCat(path, ":", NameOf(entry));
    const absl::Status counted = budget.AddDocument(name);
    if (!counted.ok()) return counted;
    if (archive_entry_is_encrypted(entry)) return Bad(name, "is encrypted");
    const bool is_file =
        archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
    const bool keep = is_file && IsJsonName(name);
    const absl::StatusOr<std::string> bytes = ReadEntry(path, name, *opened, keep, budget);
    if (!bytes.ok()) return bytes.status();
    report.AddRead(kFiles);
    if (!keep) {
      report.AddLeftOut(kFiles, is_file ? LeftOutReason::kNotJson : LeftOutReason::kNotAFile, name,
                        "");
      continue;
    }
    ++taken;
    report.AddTaken(kFiles);
    const uint64_t done = gzip != nullptr
                              ? gzip->Position()
                              : static_cast<uint64_t>(archive_filter_bytes(opened->get(), -1));
    progress = std::max(progress, Fraction(done, total));
    const absl::Status status = take({name, *bytes, progress});
    if (!status.ok()) return status;
  }
  if (gzip != nullptr) {
    const absl::Status status = ReadRest(path, *gzip, budget);
    if (!status.ok()) return status;
  }
  if (taken == 0) return Bad(path, "has no file that ends in .json");
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadSourceDocuments(const std::string& path, const SourceLimits& limits,
                                 ImportReport& report, TakeDocument take) {
  std::error_code error;
  const fs::file_status found = fs::status(path, error);
  if (!fs::exists(found)) return Bad(path, error ? error.message() : "does not exist");
  Budget budget(limits);
  if (fs::is_directory(found)) return ReadDirectory(path, budget, report, take);
  if (!fs::is_regular_file(found)) return Bad(path, "is no regular file");
  if (IsArchiveName(path)) return ReadArchive(path, budget, report, take);
  return ReadOneFile(path, budget, take);
}

absl::Status ReadSourceInPieces(
    const std::string& path,
    absl::FunctionRef<absl::Status(absl::string_view piece, double progress)> take) {
  std::error_code error;
  const uint64_t total = fs::file_size(path, error);
  if (error) return Bad(path, error.message());
  std::ifstream in(path, std::ios::binary);
  if (!in) return Bad(path, "can't be opened");
  std::string piece(kPieceBytes, '\0');
  uint64_t done = 0;
  while (in) {
    in.read(&piece[0], static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<size_t>(in.gcount());
    if (got == 0) break;
    done += got;
    const absl::Status status =
        take(absl::string_view(piece).substr(0, got), Fraction(done, total));
    if (!status.ok()) return status;
  }
  if (in.bad()) return Bad(path, "can't be read");
  return absl::OkStatus();
}

}  // namespace sluice
