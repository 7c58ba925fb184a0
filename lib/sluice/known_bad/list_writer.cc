#include "sluice/known_bad/list_writer.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/digest_table.h"
#include "sluice/known_bad/entry_rows.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/package_table.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {
namespace {

// What a list will have at most in bytes, about: room that is not needed costs nothing.
size_t BytesOf(const ListSize& size) {
  return 4 * (size.digests * sizeof(DigestRow) + size.entries * EntryRows::kRowBytes) / 3 +
         4 * size.text_bytes + 128 * (size.entries + size.packages) + (size_t{1} << 16);
}

}  // namespace

ListWriter::ListWriter(const ListSize& size) : image_(BytesOf(size)) {
  image_.Begin(ListPart::kDigestRows, size.digests * sizeof(DigestRow));
  image_.Begin(ListPart::kEntryRows, size.entries * EntryRows::kRowBytes);
  image_.Begin(ListPart::kEvidence);
  evidence_begin_ = image_.end().size();
  packages_.Reserve(size.packages, size.text_bytes);
}

// The rows of digests lie in the image as they lie in memory.
absl::Span<DigestRow> ListWriter::DigestRows() {
  const absl::Span<char> bytes = image_.Part(ListPart::kDigestRows);
  return absl::MakeSpan(reinterpret_cast<DigestRow*>(bytes.data()),
                        bytes.size() / sizeof(DigestRow));
}

void ListWriter::Add(const KnownBadEntry& entry) {
  row_.clear();
  AppendEntry(entry, evidence_begin_, scratch_, row_, image_.end());
  std::copy(row_.begin(), row_.end(),
            image_.Part(ListPart::kEntryRows).subspan(entry_count_ * EntryRows::kRowBytes).begin());
  const absl::Span<DigestRow> rows = DigestRows();
  for (const Digest& digest : entry.digests) rows[digest_count_++] = {digest, entry_count_};
  for (const PackageUrl& url : entry.exact) {
    packages_.Add(entry_count_, KnownBadMatchKind::kExactUrl, url, {url.version}, {});
  }
  for (const KnownBadPackage& package : entry.packages) {
    packages_.Add(entry_count_, KnownBadMatchKind::kPackage, package.name, package.versions,
                  package.ranges);
  }
  ++entry_count_;
}

ListBytes ListWriter::Finish(ListHeader header) {
  header.entry_count = entry_count_;
  const size_t digest_count = DigestTable::Arrange(DigestRows().first(digest_count_));
  image_.Begin(ListPart::kDigestBuckets);
  image_.Cut(ListPart::kDigestRows, digest_count * sizeof(DigestRow));
  image_.Cut(ListPart::kEntryRows, entry_count_ * EntryRows::kRowBytes);
  std::string buckets;
  DigestTable::AppendBuckets(DigestRows(), buckets);
  image_.end() += buckets;
  image_.Begin(ListPart::kPackageRecords);
  const PackageTableWriter::Columns packages = packages_.Finish(image_.end());
  image_.Begin(ListPart::kPackageBuckets);
  image_.end() += packages.buckets;
  image_.Begin(ListPart::kPackageRows);
  image_.end() += packages.rows;
  return image_.Finish(header);
}

}  // namespace sluice
