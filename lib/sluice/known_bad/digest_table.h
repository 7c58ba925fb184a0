#ifndef SLUICE_KNOWN_BAD_DIGEST_TABLE_H_
#define SLUICE_KNOWN_BAD_DIGEST_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/section.h"

namespace sluice {

// That an entry of a list names a digest.
struct DigestRow {
  Digest digest;
  uint32_t entry = 0;
};
static_assert(sizeof(DigestRow) == 36 && std::is_trivially_copyable<DigestRow>::value,
              "rows are stored as they lie in memory");

// Which entries of a known-bad list name a digest.
//
// Two columns. `rows` has 36 bytes for each row, in ascending order: the digest and the entry.
// `buckets` divides the rows evenly by the digests' first four bytes; the line of a bucket has 64
// bytes: the number of its first row and of its rows, four bytes each, and for each of its first 37
// rows a tag of twelve bits of the digest: first the ninth bytes, then the low halves of the tenth,
// the first of two lowest. So a digest that is not there costs one cache line, and one that is
// there two or three. A bucket with more rows, one in a thousand, is searched by halves.
class DigestTable {
 public:
  // Puts `rows`, fewer than 2^32, into the order in which they are stored, and returns how many are
  // left at the start without duplicates. Cost: linear, and no memory.
  static size_t Arrange(absl::Span<DigestRow> rows);
  // Appends the other column, of arranged rows. Cost: linear.
  static void AppendBuckets(absl::Span<const DigestRow> rows, std::string& buckets);

  // A table without rows.
  DigestTable() = default;
  // Whether the lengths of the columns fit together; a table may only be asked if they do.
  static bool Fits(const Section& buckets, const Section& rows);
  DigestTable(const Section& buckets, const Section& rows);

  uint64_t row_count() const { return row_count_; }
  uint64_t size_bytes() const { return buckets_.length + rows_.length; }

  // Calls `found(i, entry)` for each entry that names `*digests[i]`. False if parts of the table
  // that had to be read are damaged; then some calls may be missing. Cost: of a look-up for each,
  // whose waits for memory overlap. No allocation.
  bool Find(const CheckedBytes& bytes, absl::Span<const Digest* const> digests,
            absl::FunctionRef<void(size_t, uint32_t)> found) const;

 private:
  struct Rows;

  uint64_t LineOf(const Digest& digest) const;
  bool ReadLine(const CheckedBytes& bytes, uint64_t line_at, const Digest& digest,
                Rows& rows) const;
  bool ReadRow(const CheckedBytes& bytes, uint64_t row, absl::string_view* out) const;
  bool CompareRows(const CheckedBytes& bytes, const Digest& digest, const Rows& rows,
                   absl::FunctionRef<void(size_t, uint32_t)> found) const;
  bool SearchRows(const CheckedBytes& bytes, const Digest& digest, const Rows& rows,
                  absl::FunctionRef<void(size_t, uint32_t)> found) const;

  Section buckets_;
  Section rows_;
  uint64_t bucket_count_ = 0;
  uint64_t row_count_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_DIGEST_TABLE_H_
