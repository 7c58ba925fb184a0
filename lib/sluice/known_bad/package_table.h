#ifndef SLUICE_KNOWN_BAD_PACKAGE_TABLE_H_
#define SLUICE_KNOWN_BAD_PACKAGE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/section.h"

namespace sluice {

// Collects what the entries of a known-bad list say of packages, and writes it as the columns that
// PackageTable reads.
class PackageTableWriter {
 public:
  struct Columns {
    std::string buckets;
    std::string rows;
  };

  // Makes room for so many rules with so many bytes of text, which may be more in the end.
  void Reserve(size_t rules, size_t text_bytes);

  // That `entry` concerns the package of `url` where it has one of `versions` or a version in one
  // of `ranges`, and the qualifiers and the subpath of `url`. Everything is normalised.
  void Add(uint32_t entry, KnownBadMatchKind kind, const PackageUrl& url,
           absl::Span<const std::string> versions, absl::Span<const KnownBadRange> ranges);

  // Appends the third column to `records` and returns the others. Cost: n log n.
  Columns Finish(std::string& records);

 private:
  // A rule, but for its texts, which begin in `texts_` at `at`.
  struct Rule {
    uint64_t hash = 0;
    uint64_t at = 0;
    uint32_t entry = 0;
    KnownBadMatchKind kind = KnownBadMatchKind::kUnspecified;
  };

  std::vector<Rule> rules_;
  std::string texts_;
};

// What the entries of a known-bad list say of packages.
//
// Three columns. `records` has one record for each package: its name, the rules of entries, the
// versions they list in ascending order, and their ranges. `rows` has 24 bytes for each
// record, in ascending order of PackageHash: that hash, and where the record begins and ends.
// `buckets` has, for each of as many even parts of the hash's values as there are buckets, four
// bytes: the number of its first row, and last the number of rows. All numbers have their least
// significant byte first.
class PackageTable {
 public:
  // A table without packages.
  PackageTable() = default;
  // Whether the lengths of the columns fit together; a table may only be asked if they do.
  static bool Fits(const Section& buckets, const Section& rows);
  PackageTable(const Section& buckets, const Section& rows, const Section& records);

  uint64_t package_count() const { return row_count_; }

  // Calls `found` for each entry that concerns `component` by its package URL, with the component's
  // number left open; the same entry may come several times. False if parts of the table that had
  // to be read are damaged; then some calls may be missing. Cost: a look-up, and of a package that
  // is there a search by halves of the versions listed and a comparison with each range.
  bool Find(const CheckedBytes& bytes, const Component& component,
            absl::FunctionRef<void(const KnownBadMatch&)> found) const;

  // Asks the processor to fetch what Find reads first.
  void Prefetch(const CheckedBytes& bytes, const Component& component) const;

 private:
  uint64_t BucketAt(uint64_t hash) const;

  Section buckets_;
  Section rows_;
  Section records_;
  uint64_t bucket_count_ = 0;
  uint64_t row_count_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_PACKAGE_TABLE_H_
