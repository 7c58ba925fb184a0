#include "sluice/known_bad.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/list_writer.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/version_order.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

template <typename T>
void SortAndDeduplicate(std::vector<T>& set) {
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
}

std::string ReadId(const std::string& id, const FieldPath& path, FieldErrors& errors) {
  if (id.empty()) {
    errors.Missing(path);
  } else if (!IsIdentifier(id)) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must be an identifier");
  }
  return id;
}

std::string ReadText(const std::string& text, const FieldPath& path, FieldErrors& errors) {
  if (text.size() > kMaxText) {
    errors.Add(path, v1::Fault::TOO_LARGE, absl::StrCat("must have at most ", kMaxText, " bytes"));
  }
  return text;
}

// An instant, or `otherwise` if it is not one.
absl::Time ReadInstant(const google::protobuf::Timestamp& timestamp, absl::Time otherwise,
                       const FieldPath& path, FieldErrors& errors) {
  const absl::optional<absl::Time> instant = ReadTime(timestamp);
  if (!instant.has_value()) errors.Add(path, v1::Fault::INVALID_VALUE, "is not an instant");
  return instant.value_or(otherwise);
}

Severity ReadSeverity(v1::KnownBadEntry::Severity severity, const FieldPath& path,
                      FieldErrors& errors) {
  switch (severity) {
    case v1::KnownBadEntry::SEVERITY_UNSPECIFIED:
      return Severity::kUnknown;
    case v1::KnownBadEntry::LOW:
      return Severity::kLow;
    case v1::KnownBadEntry::MEDIUM:
      return Severity::kModerate;
    case v1::KnownBadEntry::HIGH:
      return Severity::kHigh;
    case v1::KnownBadEntry::CRITICAL:
      return Severity::kCritical;
    default:
      errors.Add(path, v1::Fault::INVALID_VALUE, absl::StrCat("is unknown: ", severity));
      return Severity::kUnknown;
  }
}

// A package URL, or nothing and a fault.
absl::optional<PackageUrl> ReadUrl(absl::StatusOr<PackageUrl> url, const FieldPath& path,
                                   FieldErrors& errors) {
  if (url.ok()) return *std::move(url);
  errors.Add(
      path,
      absl::IsResourceExhausted(url.status()) ? v1::Fault::TOO_LARGE : v1::Fault::INVALID_VALUE,
      url.status().message());
  return absl::nullopt;
}

template <typename Texts>
std::vector<Digest> ReadDigests(const Texts& texts, const FieldPath& parent, FieldErrors& errors) {
  std::vector<Digest> digests;
  digests.reserve(static_cast<size_t>(texts.size()));
  int i = 0;
  for (const std::string& text : texts) {
    const absl::optional<Digest> digest = ParseDigest(text);
    if (digest.has_value()) {
      digests.push_back(*digest);
    } else {
      errors.Add(parent.Element("digests", i), v1::Fault::INVALID_VALUE, "must be a digest");
    }
    ++i;
  }
  SortAndDeduplicate(digests);
  return digests;
}

std::vector<PackageUrl> ReadExactUrls(const v1::KnownBadEntry& proto, const FieldPath& parent,
                                      FieldErrors& errors) {
  std::vector<PackageUrl> urls;
  for (int i = 0; i < proto.package_urls_size(); ++i) {
    const FieldPath path = parent.Element("package_urls", i);
    absl::optional<PackageUrl> url = ReadUrl(ParsePackageUrl(proto.package_urls(i)), path, errors);
    if (!url.has_value()) continue;
    if (url->version.empty()) {
      errors.Add(path, v1::Fault::INVALID_VALUE, "must have a version");
    }
    urls.push_back(*std::move(url));
  }
  SortAndDeduplicate(urls);
  return urls;
}

// The name of a package; the default and a fault if it can't be used.
PackageUrl ReadPackageName(const std::string& text, const FieldPath& path, FieldErrors& errors) {
  if (text.empty()) {
    errors.Missing(path);
    return {};
  }
  absl::optional<PackageUrl> url = ReadUrl(ParsePackageUrl(text), path, errors);
  if (!url.has_value()) return {};
  if (!url->version.empty()) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must not have a version");
    return {};
  }
  return *std::move(url);
}

std::string ReadBound(const std::string& version, const FieldPath& path, FieldErrors& errors) {
  if (version.empty()) {
    errors.Missing(path);
  } else if (version.size() > kMaxPackageUrlBytes) {
    errors.Add(path, v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxPackageUrlBytes, " bytes"));
  }
  return version;
}

KnownBadRange ReadRange(const v1::VersionRange& proto, const FieldPath& path, FieldErrors& errors) {
  KnownBadRange range;
  range.introduced = ReadBound(proto.introduced(), path.Field("introduced"), errors);
  switch (proto.until_case()) {
    case v1::VersionRange::UNTIL_NOT_SET:
      break;
    case v1::VersionRange::kFixed:
      range.until = VersionRange::Until::kFixed;
      range.until_version = ReadBound(proto.fixed(), path.Field("fixed"), errors);
      break;
    case v1::VersionRange::kLastAffected:
      range.until = VersionRange::Until::kLastAffected;
      range.until_version = ReadBound(proto.last_affected(), path.Field("last_affected"), errors);
      break;
    case v1::VersionRange::kLimit:
      range.until = VersionRange::Until::kLimit;
      range.until_version = ReadBound(proto.limit(), path.Field("limit"), errors);
      break;
  }
  return range;
}

KnownBadPackage ReadPackage(const v1::AffectedPackage& proto, const FieldPath& path,
                            FieldErrors& errors) {
  KnownBadPackage package;
  package.name = ReadPackageName(proto.package_url(), path.Field("package_url"), errors);
  if (proto.versions().empty() && proto.ranges().empty()) errors.Missing(path.Field("versions"));
  for (int i = 0; i < proto.ranges_size(); ++i) {
    package.ranges.push_back(ReadRange(proto.ranges(i), path.Element("ranges", i), errors));
  }
  SortAndDeduplicate(package.ranges);
  for (int i = 0; i < proto.versions_size(); ++i) {
    const FieldPath version_path = path.Element("versions", i);
    if (proto.versions(i).empty()) {
      errors.Add(version_path, v1::Fault::INVALID_VALUE, "must not be empty");
      continue;
    }
    if (package.name.name.empty()) continue;
    // As the version of a URL, so that it has the same spelling as a component's.
    PackageUrl url = package.name;
    url.version = proto.versions(i);
    absl::optional<PackageUrl> normal =
        ReadUrl(MakePackageUrl(std::move(url)), version_path, errors);
    if (normal.has_value()) package.versions.push_back(std::move(normal->version));
  }
  SortAndDeduplicate(package.versions);
  return package;
}

KnownBadEntry ReadEntry(const v1::KnownBadEntry& proto, const FieldPath& path,
                        FieldErrors& errors) {
  KnownBadEntry entry;
  entry.advisory_id = ReadId(proto.id(), path.Field("id"), errors);
  entry.url = ReadText(proto.url(), path.Field("url"), errors);
  entry.reason = ReadText(proto.reason(), path.Field("reason"), errors);
  entry.severity = ReadSeverity(proto.severity(), path.Field("severity"), errors);
  if (proto.has_added_at()) {
    entry.added_at = ReadInstant(proto.added_at(), entry.added_at, path.Field("added_at"), errors);
  }
  if (proto.has_effective_from()) {
    entry.effective_from = ReadInstant(proto.effective_from(), entry.effective_from,
                                       path.Field("effective_from"), errors);
  }
  if (proto.has_withdrawn_at()) {
    entry.withdrawn_at =
        ReadInstant(proto.withdrawn_at(), entry.withdrawn_at, path.Field("withdrawn_at"), errors);
  }
  for (int i = 0; i < proto.aliases_size(); ++i) {
    entry.aliases.push_back(ReadId(proto.aliases(i), path.Element("aliases", i), errors));
  }
  SortAndDeduplicate(entry.aliases);
  if (proto.digests().empty() && proto.package_urls().empty() && proto.packages().empty()) {
    errors.Add(path, v1::Fault::MISSING, "needs a digest, a package URL or a package");
  }
  entry.digests = ReadDigests(proto.digests(), path, errors);
  entry.exact = ReadExactUrls(proto, path, errors);
  for (int i = 0; i < proto.packages_size(); ++i) {
    entry.packages.push_back(ReadPackage(proto.packages(i), path.Element("packages", i), errors));
  }
  SortAndDeduplicate(entry.packages);
  return entry;
}

// How much there is to index.
struct IndexSize : ListSize {
  size_t patterns = 0;  // Digests, package URLs, packages, versions and ranges.
};

void AddPackage(const v1::AffectedPackage& package, IndexSize& size) {
  size.packages += 1;
  size.patterns += 1 + static_cast<size_t>(package.versions_size() + package.ranges_size());
  size.text_bytes += package.package_url().size();
  for (const std::string& version : package.versions()) size.text_bytes += version.size();
  for (const v1::VersionRange& range : package.ranges()) size.text_bytes += range.ByteSizeLong();
}

IndexSize SizeOf(const v1::KnownBadList& list) {
  IndexSize size;
  size.entries = static_cast<size_t>(list.entries_size());
  for (const v1::KnownBadEntry& entry : list.entries()) {
    size.digests += static_cast<size_t>(entry.digests_size());
    size.packages += static_cast<size_t>(entry.package_urls_size());
    size.patterns += static_cast<size_t>(entry.package_urls_size());
    size.text_bytes += entry.id().size() + entry.url().size() + entry.reason().size();
    for (const std::string& alias : entry.aliases()) size.text_bytes += alias.size();
    for (const std::string& url : entry.package_urls()) size.text_bytes += url.size();
    for (const v1::AffectedPackage& package : entry.packages()) AddPackage(package, size);
  }
  size.patterns += size.digests;
  return size;
}

// Whether the list can be indexed; a fault if it is too much.
bool IsWithinLimits(const IndexSize& size, const FieldPath& path, FieldErrors& errors) {
  if (size.entries > kMaxKnownBadEntries) {
    errors.Add(path, v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxKnownBadEntries, " elements"));
  } else if (size.patterns > kMaxKnownBadPatterns) {
    errors.Add(path, v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxKnownBadPatterns,
                            " digests, package URLs, packages, versions and ranges"));
  } else if (size.text_bytes > kMaxKnownBadTextBytes) {
    errors.Add(path, v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxKnownBadTextBytes, " bytes of text"));
  } else {
    return true;
  }
  return false;
}

// The numbers of the entries in ascending order of their ids, equal ones by number.
std::vector<int> ById(const v1::KnownBadList& list) {
  std::vector<int> order(static_cast<size_t>(list.entries_size()));
  std::iota(order.begin(), order.end(), 0);
  const auto before = [&list](int a, int b) {
    const int by_id = list.entries(a).id().compare(list.entries(b).id());
    return by_id != 0 ? by_id < 0 : a < b;
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) {
    std::sort(order.begin(), order.end(), before);
  }
  return order;
}

// The entries in the order of ids, without exact duplicates. An entry that has the id of an earlier
// one and other content is a fault [I8].
void WriteEntries(const v1::KnownBadList& list, const FieldPath& root, ListWriter& writer,
                  FieldErrors& errors) {
  const v1::KnownBadEntry* previous = &v1::KnownBadEntry::default_instance();
  for (const int i : ById(list)) {
    const FieldPath path = root.Element("entries", i);
    const KnownBadEntry entry = ReadEntry(list.entries(i), path, errors);
    if (!entry.advisory_id.empty() && entry.advisory_id == previous->id()) {
      FieldErrors told;  // When it was read first.
      if (!(entry == ReadEntry(*previous, path, told))) {
        errors.Add(path.Field("id"), v1::Fault::DUPLICATE, "is that of another entry");
      }
      continue;
    }
    if (errors.empty()) writer.Add(entry);
    previous = &list.entries(i);
  }
}

void CheckEntryCount(const v1::KnownBadList& list, const FieldPath& path, FieldErrors& errors) {
  if (list.entry_count() == 0) {
    errors.Missing(path);
  } else if (list.entry_count() != static_cast<uint64_t>(list.entries_size())) {
    errors.Add(path, v1::Fault::INVALID_VALUE,
               absl::StrCat("should be ", list.entries_size(), ", the number of `entries`, got ",
                            list.entry_count()));
  }
}

// All of the message but its entries.
ListHeader ReadHeader(const v1::KnownBadList& list, const FieldPath& root, FieldErrors& errors) {
  ListHeader header;
  header.id = ReadId(list.id(), root.Field("id"), errors);
  header.epoch = list.epoch();
  if (list.epoch() == 0) errors.Missing(root.Field("epoch"));
  CheckEntryCount(list, root.Field("entry_count"), errors);
  if (list.has_verified_at()) {
    header.verified_at =
        ReadInstant(list.verified_at(), absl::InfiniteFuture(), root.Field("verified_at"), errors);
  } else {
    errors.Missing(root.Field("verified_at"));
  }
  header.overridable = list.overridable();
  return header;
}

absl::Status Damaged() { return absl::DataLossError("the list's bytes are not as written"); }

}  // namespace

absl::StatusOr<KnownBadList> KnownBadList::Build(const v1::KnownBadList& list) {
  FieldErrors errors;
  const FieldPath root;
  // Asking whether there are any is cheaper than asking where.
  if (HasUnknownFields(list)) {
    ListUnknownFields(list, [&](absl::string_view path, int number) {
      errors.Add(root.Field(path), v1::Fault::UNKNOWN_FIELD,
                 absl::StrCat("has an unknown field, number ", number));
    });
  }
  ListHeader header = ReadHeader(list, root, errors);
  const IndexSize size = SizeOf(list);
  const bool fits = IsWithinLimits(size, root.Field("entries"), errors);
  ListWriter writer(fits ? ListSize(size) : ListSize());
  if (fits) WriteEntries(list, root, writer, errors);
  if (!errors.empty()) return errors.ToStatus();
  KnownBadList built;
  built.built_ = absl::make_unique<const ListBytes>(writer.Finish(std::move(header)));
  built.bytes_ = built.built_->view();
  built.index_ = KnownBadIndex::OpenWritten(built.bytes_);
  built.verified_at_ = built.index_.header().verified_at;
  return built;
}

absl::StatusOr<KnownBadList> KnownBadList::Open(absl::string_view bytes) {
  absl::StatusOr<KnownBadIndex> index = KnownBadIndex::Open(bytes);
  if (!index.ok()) return index.status();
  KnownBadList opened;
  opened.bytes_ = bytes;
  opened.index_ = *std::move(index);
  opened.verified_at_ = opened.index_.header().verified_at;
  return opened;
}

KnownBadList KnownBadList::VerifiedAt(absl::Time verified_at) const {
  KnownBadList copy;
  copy.bytes_ = bytes_;
  copy.verified_at_ = verified_at;
  if (built_ != nullptr) {
    copy.index_ = KnownBadIndex::OpenWritten(bytes_);
    return copy;
  }
  // What was opened before opens again. If the bytes are no longer what they were, the copy is of
  // no list.
  absl::StatusOr<KnownBadIndex> index = KnownBadIndex::Open(bytes_);
  if (index.ok()) copy.index_ = *std::move(index);
  return copy;
}

absl::Status KnownBadList::Verify() const { return index_.Verify() ? absl::OkStatus() : Damaged(); }

absl::StatusOr<KnownBadAnswers> KnownBadList::Query(const KnownBadQuestion& question,
                                                    absl::Time now, size_t limit) const {
  FieldErrors errors;
  const FieldPath root;
  const std::vector<Digest> digests = ReadDigests(question.digests, root, errors);
  std::vector<Component> components;
  for (int i = 0; i < question.components.components_size(); ++i) {
    const v1::Component& component = question.components.components(i);
    const FieldPath path = root.Element("components", i);
    components.push_back(
        MakeComponent(component.package_url(), ReadDigests(component.digests(), path, errors)));
  }
  if (!errors.empty()) return errors.ToStatus();

  KnownBadMatches matches;
  index_.List(digests, components, limit, now, &matches);
  KnownBadAnswers answers;
  answers.total = matches.total;
  answers.unchecked =
      static_cast<uint64_t>(std::count_if(components.begin(), components.end(), IsUnchecked));
  bool readable = !matches.damaged;
  for (const KnownBadMatch& match : matches.matches) {
    KnownBadAnswer& answer = answers.answers.emplace_back();
    answer.component = match.component;
    answer.kind = match.kind;
    answer.version_unknown = match.version_unknown;
    uint64_t digest_count;
    uint64_t digest_hash;
    readable &= index_.ReadEvidence(match.entry, &answer.entry, &digest_count, &digest_hash);
  }
  if (!readable) return Damaged();
  return answers;
}

}  // namespace sluice
