#ifndef SLUICE_KNOWN_BAD_LIST_IMAGE_H_
#define SLUICE_KNOWN_BAD_LIST_IMAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/section.h"

namespace sluice {

// What a known-bad list says of itself.
struct ListHeader {
  std::string id;
  uint64_t epoch = 0;
  uint64_t entry_count = 0;
  absl::Time verified_at = absl::InfiniteFuture();
  bool overridable = false;
};

// The parts of a list's bytes, in their order.
enum class ListPart : size_t {
  kDigestRows = 0,
  kEntryRows,
  kEvidence,
  kDigestBuckets,
  kPackageRecords,
  kPackageBuckets,
  kPackageRows,
};
inline constexpr size_t kListParts = 7;

// Where the parts lie, from the end of the header's block on.
using ListSections = std::array<Section, kListParts>;

// The bytes of a list in a string, aligned as well as in a mapped file where memory does not move,
// so that no line of a table lies in two cache lines.
class ListBytes {
 public:
  ListBytes(std::string buffer, size_t begin) : buffer_(std::move(buffer)), begin_(begin) {}

  // Into this, wherever it is moved.
  absl::string_view view() const { return absl::string_view(buffer_).substr(begin_); }

 private:
  std::string buffer_;
  size_t begin_;
};

// Writes a known-bad list as bytes, part after part, each where it stays: a list may have
// gigabytes.
//
//   ListImageWriter image(1'000'000);
//   image.Begin(ListPart::kDigestRows, rows.size() * kRowBytes);
//   Fill(image.Part(ListPart::kDigestRows));
//   ...
//   image.Begin(ListPart::kPackageRows);
//   image.end() += package_rows;
//   const ListBytes bytes = image.Finish(header);
class ListImageWriter {
 public:
  // Makes room for so many bytes, which may be more or less in the end.
  explicit ListImageWriter(size_t expected_bytes);

  // Begins the next part, with `length` zeros. Every part is begun once, in their order.
  void Begin(ListPart part, size_t length = 0);
  // The bytes of a part, up to the next change.
  absl::Span<char> Part(ListPart part);
  // The part begun last grows by what is appended to this.
  std::string& end() { return image_; }
  // Drops what a part has after its first `length` bytes. Cost: linear in the parts after it,
  // unless there is nothing to drop.
  void Cut(ListPart part, size_t length);

  // The bytes of the list. Call it once, last.
  ListBytes Finish(const ListHeader& header);

 private:
  void EndPart();
  void FillBlock();

  std::string image_;
  size_t begin_ = 0;        // Of the header in `image_`.
  size_t parts_begin_ = 0;  // After the header.
  ListSections parts_;
  size_t begun_ = 0;
};

// A known-bad list as bytes, the same in memory and in a file.
//
// One block of CheckedBytes::kBlockBytes with the header, then the parts, each from a block's start
// and filled up with zeros, then the checksums of the blocks of all parts. The header has, least
// significant bytes first: eight bytes `sluiceKB`; the version of this form, 1 (four bytes) and
// four zeros; the number of bytes of all; epoch and number of entries, eight bytes each;
// `verified_at` in seconds of Unix time (eight bytes) and nanoseconds (four); whether it is
// overridable (four bytes); for each part its offset and length, eight bytes each, and the SHA-256
// of its blocks' checksums; the identifier's length (four bytes) and bytes, and zeros; last in the
// block, the SHA-256 of what is before.
//
// So the header stands for every byte, and each is held against it before it is believed: what is
// above when the list is opened, and a block of a part when it is first read.
class ListImage {
 public:
  // The list in `bytes`, which must outlive it and stay as they are. Errors: kInvalidArgument for
  // what is no list, has been cut or changed, or has another version. Cost: of hashing the
  // checksums, a thousandth of `bytes`.
  static absl::StatusOr<ListImage> Open(absl::string_view bytes);
  // As Open, for what ListImageWriter has just returned: no block is checked.
  static ListImage OpenWritten(absl::string_view bytes);

  const ListHeader& header() const { return header_; }
  // The parts, which `part` tells where to find.
  CheckedBytes TakeBytes() && { return std::move(bytes_); }
  const Section& part(ListPart part) const { return parts_[static_cast<size_t>(part)]; }

 private:
  ListImage() = default;

  // Reads what the header says; an empty message if all is well.
  absl::string_view ReadHeader(absl::string_view bytes);
  bool ChecksumsAreRight(absl::string_view bytes) const;

  ListHeader header_;
  ListSections parts_;
  std::array<std::string, kListParts> digests_;  // SHA-256 of each part's checksums.
  CheckedBytes bytes_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_LIST_IMAGE_H_
