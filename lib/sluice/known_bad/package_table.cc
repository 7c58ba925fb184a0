#include "sluice/known_bad/package_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sluice/internal/little_endian.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/package_hash.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/section.h"
#include "sluice/known_bad/version_order.h"

namespace sluice {
namespace {

constexpr size_t kNumber = 4;  // Bytes of one number.
constexpr size_t kRowBytes = 24;
constexpr uint64_t kRowsPerBucket = 4;
// Numbers that a record, one of its rules, versions and ranges have.
constexpr size_t kHeaderNumbers = 7;
constexpr size_t kRuleNumbers = 4;
constexpr size_t kVersionNumbers = 3;
constexpr size_t kRangeNumbers = 6;

uint64_t BucketOf(uint64_t hash, uint64_t bucket_count) {
  return ((hash >> 32) * bucket_count) >> 32;
}

// The qualifiers and the subpath of `url` as one text: each key and each value followed by a zero
// byte, which neither has, and then the subpath.
std::string ConditionOf(const PackageUrl& url) {
  std::string condition;
  for (const auto& [key, value] : url.qualifiers) {
    condition.append(key).push_back('\0');
    condition.append(value).push_back('\0');
  }
  return condition.append(url.subpath);
}

// Takes the text before the next zero byte off `rest`; false if there is none.
bool TakeText(absl::string_view& rest, absl::string_view& text) {
  const size_t end = rest.find('\0');
  if (end == absl::string_view::npos) return false;
  text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return true;
}

bool IsMet(absl::string_view condition, const PackageUrl& url) {
  absl::string_view key;
  absl::string_view value;
  while (TakeText(condition, key)) {
    if (!TakeText(condition, value) || url.Qualifier(key) != value) return false;
  }
  return condition.empty() || condition == url.subpath;
}

// A record as it lies in the table. Every member function is total, whatever the bytes are: what
// points outside the record is empty.
class Record {
 public:
  struct Rule {
    uint32_t entry = 0;
    KnownBadMatchKind kind = KnownBadMatchKind::kUnspecified;
    absl::string_view condition;
  };

  // False if `bytes` is no record.
  bool Parse(absl::string_view bytes) {
    if (bytes.size() < kHeaderNumbers * kNumber) return false;
    bytes_ = bytes;
    for (size_t i = 0; i < kHeaderNumbers; ++i) header_[i] = Number(i * kNumber);
    rules_at_ = kHeaderNumbers * kNumber;
    versions_at_ = rules_at_ + uint64_t{rule_count()} * kRuleNumbers * kNumber;
    ranges_at_ = versions_at_ + uint64_t{version_count()} * kVersionNumbers * kNumber;
    texts_at_ = ranges_at_ + uint64_t{range_count()} * kRangeNumbers * kNumber;
    return texts_at_ <= bytes.size();
  }

  bool IsOf(const PackageUrl& url) const {
    const uint64_t name_at = uint64_t{header_[0]} + header_[1];
    return SamePackage(
        PackageName{Text(0, header_[0]), Text(header_[0], header_[1]), Text(name_at, header_[2])},
        NameOf(url));
  }

  uint32_t rule_count() const { return header_[3]; }
  uint32_t version_count() const { return header_[4]; }
  uint32_t range_count() const { return header_[5]; }
  // Versions up to here ascend in the ecosystem's order, the rest by their bytes: those of exact
  // URLs and those that it does not order.
  uint32_t ordered_count() const { return header_[6]; }

  Rule RuleAt(uint32_t i) const {
    if (i >= rule_count()) return {};
    const uint64_t at = rules_at_ + uint64_t{i} * kRuleNumbers * kNumber;
    return {Number(at), static_cast<KnownBadMatchKind>(Number(at + kNumber)),
            TextAt(at + 2 * kNumber)};
  }
  absl::string_view VersionAt(uint32_t i) const { return TextAt(VersionPlace(i) + kNumber); }
  uint32_t RuleOfVersion(uint32_t i) const { return Number(VersionPlace(i)); }
  VersionRange RangeAt(uint32_t i) const {
    const uint64_t at = RangePlace(i);
    return {TextAt(at + kNumber), static_cast<VersionRange::Until>(Number(at + 3 * kNumber)),
            TextAt(at + 4 * kNumber)};
  }
  uint32_t RuleOfRange(uint32_t i) const { return Number(RangePlace(i)); }

 private:
  uint64_t VersionPlace(uint32_t i) const {
    return versions_at_ + uint64_t{i} * kVersionNumbers * kNumber;
  }
  uint64_t RangePlace(uint32_t i) const {
    return ranges_at_ + uint64_t{i} * kRangeNumbers * kNumber;
  }
  // Within the numbers, which Parse has found to be there.
  uint32_t Number(uint64_t at) const { return LoadLittleEndian<uint32_t>(bytes_.data() + at); }
  absl::string_view TextAt(uint64_t at) const { return Text(Number(at), Number(at + kNumber)); }
  absl::string_view Text(uint64_t at, uint64_t length) const {
    const absl::string_view texts = bytes_.substr(texts_at_);
    if (at > texts.size() || length > texts.size() - at) return {};
    return texts.substr(at, length);
  }

  absl::string_view bytes_;
  uint32_t header_[kHeaderNumbers] = {};
  uint64_t rules_at_ = 0;
  uint64_t versions_at_ = 0;
  uint64_t ranges_at_ = 0;
  uint64_t texts_at_ = 0;
};

using MatchSink = absl::FunctionRef<void(const KnownBadMatch&)>;

// The version of a component as its ecosystem orders it: that of an RPM package has its epoch in a
// qualifier of the URL.
class AskedVersion {
 public:
  explicit AskedVersion(const PackageUrl& url) : version_(url.version) {
    if (OrderOfPackageUrlType(url.type) != VersionOrder::kRpm) return;
    const absl::string_view epoch = url.Qualifier("epoch");
    if (epoch.empty()) return;
    with_epoch_ = absl::StrCat(epoch, ":", url.version);
    version_ = with_epoch_;
  }
  AskedVersion(const AskedVersion&) = delete;
  AskedVersion& operator=(const AskedVersion&) = delete;

  absl::string_view text() const { return version_; }

 private:
  std::string with_epoch_;
  absl::string_view version_;
};

void Report(const Record::Rule& rule, bool version_unknown, MatchSink found) {
  found({rule.entry, rule.kind, kNoComponent, version_unknown});
}

// Every rule of the package, since the component's version can't be told.
void ReportAll(const Record& record, const Component& component, MatchSink found) {
  for (uint32_t i = 0; i < record.rule_count(); ++i) {
    const Record::Rule rule = record.RuleAt(i);
    // What an unreadable URL says of qualifiers is not to be trusted.
    if (component.url_is == ComponentUrl::kReadable && !IsMet(rule.condition, component.url)) {
      continue;
    }
    Report(rule, /*version_unknown=*/true, found);
  }
}

// Calls `found` for the rules of the versions in [at, end) that are `url`'s, by an order in which
// they ascend: `compare(listed)` is negative for those before it.
void ReportEqual(const Record& record, const PackageUrl& url, uint32_t at, uint32_t end,
                 absl::FunctionRef<int(absl::string_view)> compare, MatchSink found) {
  for (uint32_t after = end; at < after;) {
    const uint32_t middle = at + (after - at) / 2;
    if (compare(record.VersionAt(middle)) < 0) {
      at = middle + 1;
    } else {
      after = middle;
    }
  }
  for (; at < end && compare(record.VersionAt(at)) == 0; ++at) {
    const Record::Rule rule = record.RuleAt(record.RuleOfVersion(at));
    if (IsMet(rule.condition, url)) Report(rule, /*version_unknown=*/false, found);
  }
}

// The versions of a package are the component's where the ecosystem holds them equal, however they
// are written. Those that it does not order, and those of exact URLs, are so byte for byte.
void ReportListed(const Record& record, VersionOrder order, const PackageUrl& url,
                  absl::string_view version, MatchSink found) {
  const uint32_t ordered = std::min(record.ordered_count(), record.version_count());
  if (IsOrderable(order, version)) {
    const auto by_order = [&](absl::string_view listed) {
      return CompareVersions(order, listed, version).value_or(0);
    };
    ReportEqual(record, url, 0, ordered, by_order, found);
  }
  const auto by_bytes = [&](absl::string_view listed) { return listed.compare(url.version); };
  ReportEqual(record, url, ordered, record.version_count(), by_bytes, found);
}

void ReportRanges(const Record& record, VersionOrder order, const PackageUrl& url,
                  absl::string_view version, MatchSink found) {
  for (uint32_t i = 0; i < record.range_count(); ++i) {
    const InRange in = Contains(order, record.RangeAt(i), version);
    if (in == InRange::kNo) continue;
    const Record::Rule rule = record.RuleAt(record.RuleOfRange(i));
    if (IsMet(rule.condition, url)) Report(rule, in == InRange::kUnknown, found);
  }
}

// The texts of a rule as PackageTableWriter keeps them: each after its length, those of versions
// and ranges after their number.
struct RuleTexts {
  PackageName name;
  absl::string_view condition;
  std::vector<absl::string_view> versions;
  std::vector<VersionRange> ranges;
};

void AppendNumber(size_t number, std::string& out) {
  AppendLittleEndian(static_cast<uint32_t>(number), out);
}

void AppendText(absl::string_view text, std::string& out) {
  AppendNumber(text.size(), out);
  out.append(text.data(), text.size());
}

void AppendRule(const PackageUrl& url, absl::Span<const std::string> versions,
                absl::Span<const KnownBadRange> ranges, std::string& out) {
  AppendText(url.type, out);
  AppendText(url.namespace_, out);
  AppendText(url.name, out);
  AppendText(ConditionOf(url), out);
  AppendNumber(versions.size(), out);
  for (const std::string& version : versions) AppendText(version, out);
  AppendNumber(ranges.size(), out);
  for (const KnownBadRange& range : ranges) {
    AppendText(range.introduced, out);
    AppendNumber(static_cast<size_t>(range.until), out);
    AppendText(range.until_version, out);
  }
}

uint32_t TakeNumber(absl::string_view& rest) {
  const uint32_t number = LoadLittleEndian<uint32_t>(rest.data());
  rest.remove_prefix(sizeof(number));
  return number;
}

absl::string_view TakeCounted(absl::string_view& rest) {
  const uint32_t length = TakeNumber(rest);
  const absl::string_view text = rest.substr(0, length);
  rest.remove_prefix(length);
  return text;
}

PackageName TakeName(absl::string_view& rest) {
  PackageName name;
  name.type = TakeCounted(rest);
  name.namespace_ = TakeCounted(rest);
  name.name = TakeCounted(rest);
  return name;
}

// Reads what AppendRule wrote, into memory that is used again.
void ReadRule(absl::string_view rest, RuleTexts& rule) {
  rule.name = TakeName(rest);
  rule.condition = TakeCounted(rest);
  rule.versions.resize(TakeNumber(rest));
  for (absl::string_view& version : rule.versions) version = TakeCounted(rest);
  rule.ranges.resize(TakeNumber(rest));
  for (VersionRange& range : rule.ranges) {
    range.introduced = TakeCounted(rest);
    range.until = static_cast<VersionRange::Until>(TakeNumber(rest));
    range.until_version = TakeCounted(rest);
  }
}

// A version that a rule lists, and whether it is compared by the ecosystem's order.
struct ListedVersion {
  absl::string_view version;
  uint32_t rule = 0;
  bool ordered = false;
};

// Sorts as Record::ordered_count says, which it returns.
uint32_t SortVersions(VersionOrder order, std::vector<ListedVersion>& versions) {
  std::sort(versions.begin(), versions.end(), [&](const ListedVersion& a, const ListedVersion& b) {
    if (a.ordered != b.ordered) return a.ordered;
    if (a.ordered) {
      const int by_order = CompareVersions(order, a.version, b.version).value_or(0);
      if (by_order != 0) return by_order < 0;
    }
    return std::tie(a.version, a.rule) < std::tie(b.version, b.rule);
  });
  return static_cast<uint32_t>(std::count_if(versions.begin(), versions.end(),
                                             [](const ListedVersion& v) { return v.ordered; }));
}

// Writes the records of packages, one after the other, in memory that is used again.
class RecordWriter {
 public:
  struct Rule {
    uint32_t entry = 0;
    KnownBadMatchKind kind = KnownBadMatchKind::kUnspecified;
    RuleTexts texts;
  };

  // Appends the record of a package to `out`; `rules` are all of it.
  void Append(absl::Span<const Rule> rules, std::string& out) {
    header_.clear();
    numbers_.clear();
    texts_.clear();
    const PackageName& name = rules[0].texts.name;
    for (const absl::string_view text : {name.type, name.namespace_, name.name}) {
      AppendNumber(text.size(), header_);
      texts_.append(text.data(), text.size());
    }
    uint32_t range_count = 0;
    for (const Rule& rule : rules) {
      AppendLittleEndian(rule.entry, numbers_);
      AppendLittleEndian(static_cast<uint32_t>(rule.kind), numbers_);
      AddText(rule.texts.condition);
      range_count += static_cast<uint32_t>(rule.texts.ranges.size());
    }
    const uint32_t ordered_count = AddVersions(rules);
    for (uint32_t i = 0; i < rules.size(); ++i) {
      for (const VersionRange& range : rules[i].texts.ranges) {
        AppendLittleEndian(i, numbers_);
        AddText(range.introduced);
        AppendLittleEndian(static_cast<uint32_t>(range.until), numbers_);
        AddText(range.until_version);
      }
    }
    AppendNumber(rules.size(), header_);
    AppendNumber(versions_.size(), header_);
    AppendLittleEndian(range_count, header_);
    AppendLittleEndian(ordered_count, header_);
    out.append(header_).append(numbers_).append(texts_);
  }

 private:
  // Adds the text, and where it is among the texts.
  void AddText(absl::string_view text) {
    AppendNumber(texts_.size(), numbers_);
    AppendNumber(text.size(), numbers_);
    texts_.append(text.data(), text.size());
  }

  // Adds all versions, and returns how many of them have an order.
  uint32_t AddVersions(absl::Span<const Rule> rules) {
    const VersionOrder order = OrderOfPackageUrlType(rules[0].texts.name.type);
    versions_.clear();
    for (uint32_t i = 0; i < rules.size(); ++i) {
      for (const absl::string_view version : rules[i].texts.versions) {
        const bool ordered =
            rules[i].kind == KnownBadMatchKind::kPackage && IsOrderable(order, version);
        versions_.push_back({version, i, ordered});
      }
    }
    const uint32_t ordered_count = SortVersions(order, versions_);
    for (const ListedVersion& listed : versions_) {
      AppendLittleEndian(listed.rule, numbers_);
      AddText(listed.version);
    }
    return ordered_count;
  }

  std::string header_;
  std::string numbers_;
  std::string texts_;
  std::vector<ListedVersion> versions_;
};

// Puts the rules of the first one's package in front, and returns how many there are: packages
// whose hashes collide are rare, but not the same.
size_t BringTogether(absl::Span<RecordWriter::Rule> rules) {
  const PackageName name = rules[0].texts.name;
  const auto end = std::stable_partition(
      rules.begin(), rules.end(),
      [&name](const RecordWriter::Rule& rule) { return SamePackage(rule.texts.name, name); });
  return static_cast<size_t>(end - rules.begin());
}

}  // namespace

void PackageTableWriter::Reserve(size_t rules, size_t text_bytes) {
  rules_.reserve(rules);
  texts_.reserve(text_bytes);
}

void PackageTableWriter::Add(uint32_t entry, KnownBadMatchKind kind, const PackageUrl& url,
                             absl::Span<const std::string> versions,
                             absl::Span<const KnownBadRange> ranges) {
  rules_.push_back({PackageHash(url), texts_.size(), entry, kind});
  AppendRule(url, versions, ranges, texts_);
}

PackageTableWriter::Columns PackageTableWriter::Finish(std::string& records) {
  std::sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) {
    return std::tie(a.hash, a.at) < std::tie(b.hash, b.at);
  });
  Columns columns;
  const uint64_t first = records.size();
  std::vector<uint64_t> hashes;
  std::vector<RecordWriter::Rule> alike;  // Rules of one hash, at the start.
  RecordWriter record;
  for (size_t begin = 0; begin < rules_.size();) {
    size_t count = 0;
    for (; begin + count < rules_.size(); ++count) {
      const Rule& rule = rules_[begin + count];
      if (rule.hash != rules_[begin].hash) break;
      if (alike.size() == count) alike.emplace_back();
      alike[count].entry = rule.entry;
      alike[count].kind = rule.kind;
      ReadRule(absl::string_view(texts_).substr(rule.at), alike[count].texts);
    }
    const uint64_t hash = rules_[begin].hash;
    begin += count;
    for (absl::Span<RecordWriter::Rule> rest = absl::MakeSpan(alike).first(count); !rest.empty();) {
      const size_t of_first = BringTogether(rest);
      hashes.push_back(hash);
      const uint64_t at = records.size();
      record.Append(rest.first(of_first), records);
      AppendLittleEndian(hash, columns.rows);
      AppendLittleEndian(at - first, columns.rows);
      AppendLittleEndian(uint64_t{records.size()} - at, columns.rows);
      rest.remove_prefix(of_first);
    }
  }
  const uint64_t bucket_count = hashes.size() / kRowsPerBucket + 1;
  size_t row = 0;
  for (uint64_t bucket = 0; bucket < bucket_count; ++bucket) {
    while (row < hashes.size() && BucketOf(hashes[row], bucket_count) < bucket) ++row;
    AppendNumber(row, columns.buckets);
  }
  AppendNumber(hashes.size(), columns.buckets);
  return columns;
}

bool PackageTable::Fits(const Section& buckets, const Section& rows) {
  return buckets.length >= 2 * kNumber && buckets.length % kNumber == 0 &&
         buckets.length / kNumber <= UINT32_MAX && rows.length % kRowBytes == 0 &&
         rows.length / kRowBytes <= UINT32_MAX;
}

PackageTable::PackageTable(const Section& buckets, const Section& rows, const Section& records)
    : buckets_(buckets),
      rows_(rows),
      records_(records),
      bucket_count_(buckets.length / kNumber - 1),
      row_count_(rows.length / kRowBytes) {}

uint64_t PackageTable::BucketAt(uint64_t hash) const {
  return buckets_.offset + BucketOf(hash, bucket_count_) * kNumber;
}

void PackageTable::Prefetch(const CheckedBytes& bytes, const Component& component) const {
  if (row_count_ > 0) bytes.Prefetch(BucketAt(component.package_hash));
}

bool PackageTable::Find(const CheckedBytes& bytes, const Component& component,
                        MatchSink found) const {
  if (row_count_ == 0 || component.url_is == ComponentUrl::kAbsent || component.url.name.empty()) {
    return true;
  }
  absl::string_view bounds;
  if (!bytes.Read(BucketAt(component.package_hash), 2 * kNumber, &bounds)) return false;
  const uint64_t begin = LoadLittleEndian<uint32_t>(bounds.data());
  const uint64_t end = LoadLittleEndian<uint32_t>(bounds.data() + kNumber);
  if (begin > end || end > row_count_) return false;
  bool readable = true;
  for (uint64_t row = begin; row < end; ++row) {
    absl::string_view numbers;
    if (!bytes.Read(rows_.offset + row * kRowBytes, kRowBytes, &numbers)) {
      readable = false;
      continue;
    }
    if (LoadLittleEndian<uint64_t>(numbers.data()) != component.package_hash) continue;
    const uint64_t at = LoadLittleEndian<uint64_t>(numbers.data() + 8);
    const uint64_t length = LoadLittleEndian<uint64_t>(numbers.data() + 16);
    absl::string_view stored;
    Record record;
    if (at > records_.length || length > records_.length - at ||
        !bytes.Read(records_.offset + at, length, &stored) || !record.Parse(stored)) {
      readable = false;
      continue;
    }
    if (!record.IsOf(component.url)) continue;
    if (component.url_is != ComponentUrl::kReadable || component.url.version.empty()) {
      ReportAll(record, component, found);
    } else {
      const VersionOrder order = OrderOfPackageUrlType(component.url.type);
      const AskedVersion version(component.url);
      ReportListed(record, order, component.url, version.text(), found);
      ReportRanges(record, order, component.url, version.text(), found);
    }
  }
  return readable;
}

}  // namespace sluice
