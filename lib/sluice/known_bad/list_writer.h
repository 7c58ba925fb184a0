#ifndef SLUICE_KNOWN_BAD_LIST_WRITER_H_
#define SLUICE_KNOWN_BAD_LIST_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "sluice/known_bad/digest_table.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/package_table.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// How much a list has, of all entries together.
struct ListSize {
  size_t entries = 0;
  size_t digests = 0;
  size_t packages = 0;    // Exact URLs included.
  size_t text_bytes = 0;  // Of all texts but digests.
};

// Writes a known-bad list as bytes, entry by entry. Nearly all is written where it stays, so that a
// large list takes little more memory than its bytes.
//
//   ListWriter writer(SizeOf(entries));
//   for (const KnownBadEntry& entry : entries) writer.Add(entry);
//   const ListBytes bytes = writer.Finish(header);
class ListWriter {
 public:
  // For at most so many entries and digests; packages and texts are an estimate.
  explicit ListWriter(const ListSize& size);

  // Adds an entry: normalised, its sets sorted and each element once; ids ascend from call to call.
  // Cost: linear in the entry.
  void Add(const KnownBadEntry& entry);

  // The bytes of the list, see ListImage, with the number of entries added. The same entries give
  // the same bytes. Cost: n log n in all that was added. Call it once.
  ListBytes Finish(ListHeader header);

 private:
  absl::Span<DigestRow> DigestRows();

  ListImageWriter image_;
  size_t digest_count_ = 0;
  uint32_t entry_count_ = 0;
  v1::KnownBadEntry scratch_;
  std::string row_;
  size_t evidence_begin_ = 0;
  PackageTableWriter packages_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_LIST_WRITER_H_
