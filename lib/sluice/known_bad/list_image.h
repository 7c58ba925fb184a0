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
  kDigestBuckets = 0,
  kDigestRows,
  kPackageBuckets,
  kPackageRows,
  kPackageRecords,
  kEntryRows,
  kEvidence,
};
inline constexpr size_t kListParts = 7;

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
  using Parts = std::array<std::string, kListParts>;

  // The bytes of a list.
  static std::string Write(const ListHeader& header, const Parts& parts);

  // The list in `bytes`, which must outlive it and stay as they are. Errors: kInvalidArgument for
  // what is no list, has been cut or changed, or has another version. Cost: of hashing the
  // checksums, a thousandth of `bytes`.
  static absl::StatusOr<ListImage> Open(absl::string_view bytes);
  // As Open, for what Write has just returned: no block is checked.
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
  std::array<Section, kListParts> parts_;
  std::array<std::string, kListParts> digests_;  // SHA-256 of each part's checksums.
  CheckedBytes bytes_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_LIST_IMAGE_H_
