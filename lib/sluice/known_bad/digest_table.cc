#include "sluice/known_bad/digest_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/numeric/bits.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/little_endian.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/section.h"

namespace sluice {
namespace {

constexpr size_t kDigestBytes = 32;
constexpr size_t kRowBytes = sizeof(DigestRow);
constexpr size_t kLineBytes = 64;
constexpr size_t kTags = 37;
constexpr size_t kTagsAt = 8;                    // In a line: the low byte of each tag.
constexpr size_t kHighBitsAt = kTagsAt + kTags;  // The four bits above it, two tags to a byte.
static_assert(kHighBitsAt + (kTags + 1) / 2 == kLineBytes, "a line has no gaps");
constexpr size_t kTagByte = 8;  // Of the digest; those before it choose the bucket.
constexpr size_t kRowsPerBucket = 22;
constexpr size_t kFewRows = 32;  // That are sorted by comparing them.
constexpr size_t kTogether = 64;

// The bucket of a digest: its first four bytes as a fraction of all buckets, so that ascending
// digests have ascending buckets.
uint64_t BucketOf(const Digest& digest, uint64_t bucket_count) {
  const uint64_t prefix = (uint64_t{digest.bytes[0]} << 24) | (uint64_t{digest.bytes[1]} << 16) |
                          (uint64_t{digest.bytes[2]} << 8) | uint64_t{digest.bytes[3]};
  return (prefix * bucket_count) >> 32;
}

bool Before(const DigestRow& a, const DigestRow& b) {
  const int order = std::memcmp(a.digest.bytes.data(), b.digest.bytes.data(), kDigestBytes);
  return order != 0 ? order < 0 : a.entry < b.entry;
}

bool Same(const DigestRow& a, const DigestRow& b) {
  return a.digest == b.digest && a.entry == b.entry;
}

// Sorts rows that agree in the first `depth` bytes, in place: by American flag sort (McIlroy,
// Bostic and McIlroy, "Engineering radix sort", 1993), which deals them out by one byte after the
// other.
void Sort(absl::Span<DigestRow> rows, size_t depth) {
  if (rows.size() < kFewRows || depth == kDigestBytes) {
    std::sort(rows.begin(), rows.end(), Before);
    return;
  }
  std::array<uint32_t, 256> next{};  // Of each value: where the next row with it belongs.
  std::array<uint32_t, 256> ends{};
  for (const DigestRow& row : rows) ++ends[row.digest.bytes[depth]];
  for (size_t i = 1; i < ends.size(); ++i) {
    next[i] = ends[i - 1];
    ends[i] += next[i];
  }
  for (size_t value = 0; value < next.size(); ++value) {
    while (next[value] < ends[value]) {
      DigestRow& row = rows[next[value]];
      const uint8_t home = row.digest.bytes[depth];
      if (home != value) std::swap(row, rows[next[home]]);
      ++next[home];
    }
  }
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    Sort(rows.subspan(begin, end - begin), depth + 1);
    begin = end;
  }
}

// The four bits of a digest's tag above the lowest eight.
unsigned HighBits(const Digest& digest) { return digest.bytes[kTagByte + 1] & 0xFu; }

// A bit for each of the eight bytes of `word`, the first lowest: set if it is `byte`, and sometimes
// if a byte before it is.
uint64_t BytesLike(uint64_t word, uint8_t byte) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x8080808080808080;
  const uint64_t differs = word ^ (kOnes * byte);
  const uint64_t zeros = (differs - kOnes) & ~differs & kHigh;
  return zeros == 0 ? 0 : ((zeros >> 7) * 0x0102040810204080) >> 56;
}

bool IsOf(absl::string_view row, const Digest& digest) {
  return std::memcmp(row.data(), digest.bytes.data(), kDigestBytes) == 0;
}

uint32_t EntryOf(absl::string_view row) {
  return LoadLittleEndian<uint32_t>(row.data() + kDigestBytes);
}

}  // namespace

size_t DigestTable::Arrange(absl::Span<DigestRow> rows) {
  Sort(rows, /*depth=*/0);
  const auto end = std::unique(rows.begin(), rows.end(), Same);
  std::for_each(rows.begin(), end, [](DigestRow& row) { row.entry = ToLittleEndian(row.entry); });
  return static_cast<size_t>(end - rows.begin());
}

void DigestTable::AppendBuckets(absl::Span<const DigestRow> rows, std::string& buckets) {
  const uint64_t bucket_count = rows.size() / kRowsPerBucket + 1;
  buckets.reserve(buckets.size() + bucket_count * kLineBytes);
  size_t row = 0;
  for (uint64_t bucket = 0; bucket < bucket_count; ++bucket) {
    const size_t first = row;
    std::array<char, kLineBytes - kTagsAt> tags{};
    for (; row < rows.size() && BucketOf(rows[row].digest, bucket_count) == bucket; ++row) {
      const size_t i = row - first;
      if (i >= kTags) continue;
      const Digest& digest = rows[row].digest;
      tags[i] = static_cast<char>(digest.bytes[kTagByte]);
      char& high = tags[kTags + i / 2];
      high = static_cast<char>(high | (HighBits(digest) << (i % 2 * 4)));
    }
    AppendLittleEndian(static_cast<uint32_t>(first), buckets);
    AppendLittleEndian(static_cast<uint32_t>(row - first), buckets);
    buckets.append(tags.data(), tags.size());
  }
}

bool DigestTable::Fits(const Section& buckets, const Section& rows) {
  if (buckets.length % kLineBytes != 0 || rows.length % kRowBytes != 0) return false;
  const uint64_t row_count = rows.length / kRowBytes;
  return row_count <= UINT32_MAX && buckets.length / kLineBytes <= UINT32_MAX &&
         (row_count == 0 || buckets.length > 0);
}

DigestTable::DigestTable(const Section& buckets, const Section& rows)
    : buckets_(buckets),
      rows_(rows),
      bucket_count_(buckets.length / kLineBytes),
      row_count_(rows.length / kRowBytes) {}

// Rows of a bucket that may be a digest's.
struct DigestTable::Rows {
  size_t asked;  // The number of the digest.
  uint64_t first;
  uint64_t count;
  // A bit for each row, from the first. Unless all rows have a tag: of no meaning.
  uint64_t candidates;
};

uint64_t DigestTable::LineOf(const Digest& digest) const {
  return buckets_.offset + BucketOf(digest, bucket_count_) * kLineBytes;
}

bool DigestTable::ReadLine(const CheckedBytes& bytes, uint64_t line_at, const Digest& digest,
                           Rows& rows) const {
  absl::string_view line;
  if (!bytes.Read(line_at, kLineBytes, &line)) return false;
  rows.first = LoadLittleEndian<uint32_t>(line.data());
  rows.count = LoadLittleEndian<uint32_t>(line.data() + 4);
  if (rows.first + rows.count > row_count_) return false;
  rows.candidates = 0;
  if (rows.count > kTags) return true;
  uint64_t alike = 0;
  for (size_t i = 0; i < kTags; i += 8) {
    const uint64_t tags = LoadLittleEndian<uint64_t>(line.data() + kTagsAt + i);
    alike |= BytesLike(tags, digest.bytes[kTagByte]) << i;
  }
  alike &= (uint64_t{1} << rows.count) - 1;
  for (; alike != 0; alike &= alike - 1) {
    const auto i = static_cast<size_t>(absl::countr_zero(alike));
    const unsigned high = static_cast<unsigned char>(line[kHighBitsAt + i / 2]) >> (i % 2 * 4);
    if ((high & 0xF) == HighBits(digest)) rows.candidates |= alike & (~alike + 1);
  }
  return true;
}

bool DigestTable::ReadRow(const CheckedBytes& bytes, uint64_t row, absl::string_view* out) const {
  return bytes.Read(rows_.offset + row * kRowBytes, kRowBytes, out);
}

bool DigestTable::CompareRows(const CheckedBytes& bytes, const Digest& digest, const Rows& rows,
                              absl::FunctionRef<void(size_t, uint32_t)> found) const {
  bool readable = true;
  for (uint64_t rest = rows.candidates; rest != 0; rest &= rest - 1) {
    absl::string_view row;
    if (!ReadRow(bytes, rows.first + static_cast<uint64_t>(absl::countr_zero(rest)), &row)) {
      readable = false;
    } else if (IsOf(row, digest)) {
      found(rows.asked, EntryOf(row));
    }
  }
  return readable;
}

bool DigestTable::SearchRows(const CheckedBytes& bytes, const Digest& digest, const Rows& rows,
                             absl::FunctionRef<void(size_t, uint32_t)> found) const {
  const uint64_t end = rows.first + rows.count;
  uint64_t at = rows.first;
  absl::string_view row;
  for (uint64_t after = end; at < after;) {
    const uint64_t middle = at + (after - at) / 2;
    if (!ReadRow(bytes, middle, &row)) return false;
    if (std::memcmp(row.data(), digest.bytes.data(), kDigestBytes) < 0) {
      at = middle + 1;
    } else {
      after = middle;
    }
  }
  for (; at < end; ++at) {
    if (!ReadRow(bytes, at, &row)) return false;
    if (!IsOf(row, digest)) return true;
    found(rows.asked, EntryOf(row));
  }
  return true;
}

bool DigestTable::Find(const CheckedBytes& bytes, absl::Span<const Digest* const> digests,
                       absl::FunctionRef<void(size_t, uint32_t)> found) const {
  if (row_count_ == 0) return true;
  bool readable = true;
  std::array<uint64_t, kTogether> lines;
  std::array<Rows, kTogether> pending;
  for (size_t begin = 0; begin < digests.size(); begin += kTogether) {
    const size_t count = std::min(kTogether, digests.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      lines[i] = LineOf(*digests[begin + i]);
      bytes.Prefetch(lines[i]);
    }
    size_t pending_count = 0;
    for (size_t i = 0; i < count; ++i) {
      Rows& rows = pending[pending_count];
      rows.asked = begin + i;
      if (!ReadLine(bytes, lines[i], *digests[begin + i], rows)) {
        readable = false;
      } else if (rows.candidates != 0) {
        const uint64_t row = rows.first + static_cast<uint64_t>(absl::countr_zero(rows.candidates));
        bytes.Prefetch(rows_.offset + row * kRowBytes);
        bytes.Prefetch(rows_.offset + (row + 1) * kRowBytes - 1);
        ++pending_count;
      } else if (rows.count > kTags) {
        ++pending_count;
      }
    }
    for (size_t i = 0; i < pending_count; ++i) {
      const Rows& rows = pending[i];
      const Digest& digest = *digests[rows.asked];
      readable &= rows.count > kTags ? SearchRows(bytes, digest, rows, found)
                                     : CompareRows(bytes, digest, rows, found);
    }
  }
  return readable;
}

}  // namespace sluice
