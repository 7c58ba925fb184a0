#include "sluice/known_bad/list_writer.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "sluice/internal/digest.h"
#include "sluice/known_bad/digest_table.h"
#include "sluice/known_bad/entry_rows.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/package_table.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

void ListWriter::Add(const KnownBadEntry& entry) {
  AppendEntry(entry, rows_, evidence_);
  for (const Digest& digest : entry.digests) digests_.push_back({digest, entry_count_});
  for (const PackageUrl& url : entry.exact) {
    packages_.Add(entry_count_, KnownBadMatchKind::kExactUrl, url, {url.version}, {});
  }
  for (const KnownBadPackage& package : entry.packages) {
    packages_.Add(entry_count_, KnownBadMatchKind::kPackage, package.name, package.versions,
                  package.ranges);
  }
  ++entry_count_;
}

std::string ListWriter::Finish(ListHeader header) {
  header.entry_count = entry_count_;
  ListImage::Parts parts;
  const auto part = [&parts](ListPart which) -> std::string& {
    return parts[static_cast<size_t>(which)];
  };
  DigestTable::Columns digests = DigestTable::Write(std::move(digests_));
  part(ListPart::kDigestBuckets) = std::move(digests.buckets);
  part(ListPart::kDigestRows) = std::move(digests.rows);
  PackageTableWriter::Columns packages = packages_.Finish();
  part(ListPart::kPackageBuckets) = std::move(packages.buckets);
  part(ListPart::kPackageRows) = std::move(packages.rows);
  part(ListPart::kPackageRecords) = std::move(packages.records);
  part(ListPart::kEntryRows) = std::move(rows_);
  part(ListPart::kEvidence) = std::move(evidence_);
  return ListImage::Write(header, parts);
}

}  // namespace sluice
