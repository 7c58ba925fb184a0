#ifndef SLUICE_KNOWN_BAD_LIST_WRITER_H_
#define SLUICE_KNOWN_BAD_LIST_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sluice/known_bad/digest_table.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/package_table.h"

namespace sluice {

// Writes a known-bad list as bytes, entry by entry.
//
//   ListWriter writer;
//   for (const KnownBadEntry& entry : entries) writer.Add(entry);
//   const std::string bytes = writer.Finish(header);
class ListWriter {
 public:
  // Makes room for so many digests of all entries together.
  void ReserveDigests(size_t count) { digests_.reserve(count); }

  // Adds an entry: normalised, its sets sorted and each element once; ids ascend from call to call.
  // Cost: linear in the entry.
  void Add(const KnownBadEntry& entry);

  uint64_t entry_count() const { return entry_count_; }

  // The bytes of the list, see ListImage, with the number of entries added. The same entries give
  // the same bytes. Cost: n log n in all that was added. Call it once.
  std::string Finish(ListHeader header);

 private:
  uint32_t entry_count_ = 0;
  std::string rows_;
  std::string evidence_;
  std::vector<DigestRow> digests_;
  PackageTableWriter packages_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_LIST_WRITER_H_
