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
constexpr size_t kEntryBytes = 4;
constexpr size_t kLineBytes = 32;
constexpr size_t kTagsAt = 8;
constexpr size_t kTags = kLineBytes - kTagsAt;
constexpr size_t kTagByte = 8;  // Of the digest; those before it choose the bucket.
constexpr size_t kRowsPerBucket = 15;
constexpr size_t kProbesTogether = 64;

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

// The rows in ascending order: first dealt out to the buckets, then sorted there.
std::vector<DigestRow> Sorted(std::vector<DigestRow> rows, uint64_t bucket_count) {
  std::vector<size_t> begins(bucket_count + 1, 0);
  for (const DigestRow& row : rows) ++begins[BucketOf(row.digest, bucket_count) + 1];
  for (size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  std::vector<DigestRow> sorted(rows.size());
  std::vector<size_t> next(begins.begin(), begins.end() - 1);
  for (const DigestRow& row : rows) sorted[next[BucketOf(row.digest, bucket_count)]++] = row;
  for (size_t i = 0; i < bucket_count; ++i) {
    std::sort(sorted.data() + begins[i], sorted.data() + begins[i + 1], Before);
  }
  sorted.erase(std::unique(sorted.begin(), sorted.end(), Same), sorted.end());
  return sorted;
}

std::string WriteBuckets(const std::vector<DigestRow>& rows, uint64_t bucket_count) {
  std::string lines;
  lines.reserve(bucket_count * kLineBytes);
  size_t row = 0;
  for (uint64_t bucket = 0; bucket < bucket_count; ++bucket) {
    const size_t first = row;
    std::array<char, kTags> tags{};
    for (; row < rows.size() && BucketOf(rows[row].digest, bucket_count) == bucket; ++row) {
      if (row - first < kTags)
        tags[row - first] = static_cast<char>(rows[row].digest.bytes[kTagByte]);
    }
    AppendLittleEndian(static_cast<uint32_t>(first), lines);
    AppendLittleEndian(static_cast<uint32_t>(row - first), lines);
    lines.append(tags.data(), tags.size());
  }
  return lines;
}

// A bit for each of the eight bytes of `word`, the first lowest: set if it is `byte`, and sometimes
// if a byte before it is.
uint64_t BytesLike(uint64_t word, uint8_t byte) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x8080808080808080;
  const uint64_t differs = word ^ (kOnes * byte);
  const uint64_t zeros = (differs - kOnes) & ~differs & kHigh;
  return zeros == 0 ? 0 : ((zeros >> 7) * 0x0102040810204080) >> 56;
}

}  // namespace

DigestTable::Columns DigestTable::Write(std::vector<DigestRow> rows) {
  const uint64_t bucket_count = rows.size() / kRowsPerBucket + 1;
  rows = Sorted(std::move(rows), bucket_count);
  Columns columns;
  columns.buckets = WriteBuckets(rows, bucket_count);
  columns.digests.reserve(rows.size() * kDigestBytes);
  columns.entries.reserve(rows.size() * kEntryBytes);
  for (const DigestRow& row : rows) {
    columns.digests.append(reinterpret_cast<const char*>(row.digest.bytes.data()), kDigestBytes);
    AppendLittleEndian(row.entry, columns.entries);
  }
  return columns;
}

bool DigestTable::Fits(const Section& buckets, const Section& digests, const Section& entries) {
  if (buckets.length % kLineBytes != 0 || digests.length % kDigestBytes != 0) return false;
  const uint64_t rows = digests.length / kDigestBytes;
  return entries.length % kEntryBytes == 0 && entries.length / kEntryBytes == rows &&
         rows <= UINT32_MAX && buckets.length / kLineBytes <= UINT32_MAX &&
         (rows == 0 || buckets.length > 0);
}

DigestTable::DigestTable(const Section& buckets, const Section& digests, const Section& entries)
    : buckets_(buckets),
      digests_(digests),
      entries_(entries),
      bucket_count_(buckets.length / kLineBytes),
      row_count_(digests.length / kDigestBytes) {}

// What the line of a digest's bucket says. ReadLine sets all of it.
struct DigestTable::Probe {
  bool readable;
  uint32_t first;
  uint32_t count;
  // A bit for each row, from the first: it may be the digest's. Only if all rows have a tag.
  uint64_t candidates;
};

uint64_t DigestTable::LineOf(const Digest& digest) const {
  return buckets_.offset + BucketOf(digest, bucket_count_) * kLineBytes;
}

bool DigestTable::ReadLine(const CheckedBytes& bytes, const Digest& digest, Probe& probe) const {
  probe.readable = false;
  probe.candidates = 0;
  absl::string_view line;
  if (!bytes.Read(LineOf(digest), kLineBytes, &line)) return false;
  probe.first = LoadLittleEndian<uint32_t>(line.data());
  probe.count = LoadLittleEndian<uint32_t>(line.data() + 4);
  if (probe.first > row_count_ || probe.count > row_count_ - probe.first) return false;
  probe.readable = true;
  if (probe.count > kTags) return true;
  for (size_t i = 0; i < kTags; i += 8) {
    const uint64_t tags = LoadLittleEndian<uint64_t>(line.data() + kTagsAt + i);
    probe.candidates |= BytesLike(tags, digest.bytes[kTagByte]) << i;
  }
  probe.candidates &= (uint64_t{1} << probe.count) - 1;
  return true;
}

bool DigestTable::ReadDigest(const CheckedBytes& bytes, uint64_t row,
                             absl::string_view* out) const {
  return bytes.Read(digests_.offset + row * kDigestBytes, kDigestBytes, out);
}

bool DigestTable::ReadEntry(const CheckedBytes& bytes, uint64_t row, uint32_t* entry) const {
  absl::string_view number;
  if (!bytes.Read(entries_.offset + row * kEntryBytes, kEntryBytes, &number)) return false;
  *entry = LoadLittleEndian<uint32_t>(number.data());
  return true;
}

bool DigestTable::ReadRows(const CheckedBytes& bytes, const Digest& digest, const Probe& probe,
                           absl::FunctionRef<void(uint32_t)> found) const {
  bool readable = true;
  for (uint64_t rest = probe.candidates; rest != 0; rest &= rest - 1) {
    const uint64_t row = uint64_t{probe.first} + static_cast<uint64_t>(absl::countr_zero(rest));
    absl::string_view listed;
    uint32_t entry;
    if (!ReadDigest(bytes, row, &listed)) {
      readable = false;
    } else if (std::memcmp(listed.data(), digest.bytes.data(), kDigestBytes) == 0) {
      if (ReadEntry(bytes, row, &entry)) {
        found(entry);
      } else {
        readable = false;
      }
    }
  }
  return readable;
}

bool DigestTable::SearchRows(const CheckedBytes& bytes, const Digest& digest, const Probe& probe,
                             absl::FunctionRef<void(uint32_t)> found) const {
  const uint64_t end = uint64_t{probe.first} + probe.count;
  uint64_t row = probe.first;
  absl::string_view listed;
  for (uint64_t after = end; row < after;) {
    const uint64_t middle = row + (after - row) / 2;
    if (!ReadDigest(bytes, middle, &listed)) return false;
    if (std::memcmp(listed.data(), digest.bytes.data(), kDigestBytes) < 0) {
      row = middle + 1;
    } else {
      after = middle;
    }
  }
  for (; row < end; ++row) {
    uint32_t entry;
    if (!ReadDigest(bytes, row, &listed)) return false;
    if (std::memcmp(listed.data(), digest.bytes.data(), kDigestBytes) != 0) return true;
    if (!ReadEntry(bytes, row, &entry)) return false;
    found(entry);
  }
  return true;
}

bool DigestTable::Find(const CheckedBytes& bytes, absl::Span<const Digest* const> digests,
                       absl::FunctionRef<void(size_t, uint32_t)> found) const {
  if (row_count_ == 0) return true;
  bool readable = true;
  std::array<Probe, kProbesTogether> probes;
  for (size_t begin = 0; begin < digests.size(); begin += kProbesTogether) {
    const size_t count = std::min(kProbesTogether, digests.size() - begin);
    for (size_t i = 0; i < count; ++i) bytes.Prefetch(LineOf(*digests[begin + i]));
    for (size_t i = 0; i < count; ++i) {
      Probe& probe = probes[i];
      if (!ReadLine(bytes, *digests[begin + i], probe)) readable = false;
      if (probe.candidates == 0) continue;
      const uint64_t row =
          uint64_t{probe.first} + static_cast<uint64_t>(absl::countr_zero(probe.candidates));
      bytes.Prefetch(digests_.offset + row * kDigestBytes);
      bytes.Prefetch(entries_.offset + row * kEntryBytes);
    }
    for (size_t i = 0; i < count; ++i) {
      if (!probes[i].readable || (probes[i].candidates == 0 && probes[i].count <= kTags)) continue;
      const auto report = [&](uint32_t entry) { found(begin + i, entry); };
      const bool tagged = probes[i].count <= kTags;
      const Digest& digest = *digests[begin + i];
      if (!(tagged ? ReadRows(bytes, digest, probes[i], report)
                   : SearchRows(bytes, digest, probes[i], report))) {
        readable = false;
      }
    }
  }
  return readable;
}

}  // namespace sluice
