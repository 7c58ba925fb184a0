#include "sluice/known_bad.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
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
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/known_bad/package_url.h"
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

std::vector<Digest> ReadDigests(const v1::KnownBadEntry& proto, const FieldPath& parent,
                                FieldErrors& errors) {
  std::vector<Digest> digests;
  for (int i = 0; i < proto.digests_size(); ++i) {
    const absl::optional<Digest> digest = ParseDigest(proto.digests(i));
    if (digest.has_value()) {
      digests.push_back(*digest);
    } else {
      errors.Add(parent.Element("digests", i), v1::Fault::INVALID_VALUE, "must be a digest");
    }
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

KnownBadPackage ReadPackage(const v1::AffectedPackage& proto, const FieldPath& path,
                            FieldErrors& errors) {
  KnownBadPackage package;
  package.name = ReadPackageName(proto.package_url(), path.Field("package_url"), errors);
  if (proto.versions().empty() && proto.ranges().empty()) errors.Missing(path.Field("versions"));
  if (!proto.ranges().empty()) {
    errors.Add(path.Field("ranges"), v1::Fault::UNIMPLEMENTED, "is not implemented");
  }
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
  entry.digests = ReadDigests(proto, path, errors);
  entry.exact = ReadExactUrls(proto, path, errors);
  for (int i = 0; i < proto.packages_size(); ++i) {
    entry.packages.push_back(ReadPackage(proto.packages(i), path.Element("packages", i), errors));
  }
  SortAndDeduplicate(entry.packages);
  return entry;
}

// Faults of entries that have the id of an earlier one and other content [I8].
void FindConflicts(const std::vector<KnownBadEntry>& entries, const FieldPath& parent,
                   FieldErrors& errors) {
  absl::flat_hash_map<absl::string_view, size_t> first_with_id;
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto inserted = first_with_id.emplace(entries[i].advisory_id, i);
    if (inserted.second || entries[i].advisory_id.empty()) continue;
    if (entries[i] == entries[inserted.first->second]) continue;
    errors.Add(parent.Element("entries", static_cast<int>(i)).Field("id"), v1::Fault::DUPLICATE,
               "is that of another entry");
  }
}

std::vector<KnownBadEntry> ReadEntries(const v1::KnownBadList& list, const FieldPath& root,
                                       FieldErrors& errors) {
  std::vector<KnownBadEntry> entries;
  if (static_cast<size_t>(list.entries_size()) > kMaxKnownBadEntries) {
    errors.Add(root.Field("entries"), v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxKnownBadEntries, " elements"));
    return entries;
  }
  entries.reserve(static_cast<size_t>(list.entries_size()));
  for (int i = 0; i < list.entries_size(); ++i) {
    entries.push_back(ReadEntry(list.entries(i), root.Element("entries", i), errors));
  }
  FindConflicts(entries, root, errors);
  return entries;
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

}  // namespace

absl::StatusOr<KnownBadList> KnownBadList::Build(const v1::KnownBadList& list) {
  FieldErrors errors;
  const FieldPath root;
  ListUnknownFields(list, [&](absl::string_view path, int number) {
    errors.Add(root.Field(path), v1::Fault::UNKNOWN_FIELD,
               absl::StrCat("has an unknown field, number ", number));
  });
  KnownBadList built;
  built.id_ = ReadId(list.id(), root.Field("id"), errors);
  built.epoch_ = list.epoch();
  if (list.epoch() == 0) errors.Missing(root.Field("epoch"));
  CheckEntryCount(list, root.Field("entry_count"), errors);
  if (list.has_verified_at()) {
    built.verified_at_ =
        ReadInstant(list.verified_at(), absl::InfiniteFuture(), root.Field("verified_at"), errors);
  } else {
    errors.Missing(root.Field("verified_at"));
  }
  built.overridable_ = list.overridable();
  std::vector<KnownBadEntry> entries = ReadEntries(list, root, errors);
  if (!errors.empty()) return errors.ToStatus();

  absl::StatusOr<KnownBadIndex> index = KnownBadIndex::Build(std::move(entries));
  if (!index.ok()) {
    errors.Add(
        root.Field("entries"),
        absl::IsResourceExhausted(index.status()) ? v1::Fault::TOO_LARGE : v1::Fault::INVALID_VALUE,
        index.status().message());
    return errors.ToStatus();
  }
  built.index_ = *std::move(index);
  // Exact duplicates do not make a list longer.
  built.entry_count_ = built.index_.entries().size();
  return built;
}

}  // namespace sluice
