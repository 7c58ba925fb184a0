#include "sluice/known_bad/known_bad_index.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {
namespace {

template <typename T>
void SortAndDeduplicate(std::vector<T>& set) {
  absl::c_sort(set);
  set.erase(std::unique(set.begin(), set.end()), set.end());
}

// Collects faults; of very many it keeps the first ones and counts the rest.
class Faults {
 public:
  void Add(std::string path, absl::string_view what) {
    ++count_;
    if (shown_.size() < kShown) shown_.push_back(absl::StrCat(path, ": ", what));
  }

  absl::Status ToStatus() const {
    if (count_ == 0) return absl::OkStatus();
    std::string text = absl::StrJoin(shown_, "\n");
    if (count_ > shown_.size()) {
      absl::StrAppend(&text, "\n(and ", count_ - shown_.size(), " more)");
    }
    return absl::InvalidArgumentError(text);
  }

 private:
  static constexpr size_t kShown = 100;
  std::vector<std::string> shown_;
  size_t count_ = 0;
};

// Normalises `url` in place; false and a fault if it is invalid.
bool Normalize(PackageUrl& url, const std::string& path, Faults& faults) {
  absl::StatusOr<PackageUrl> normal = MakePackageUrl(url);
  if (!normal.ok()) {
    faults.Add(path, normal.status().message());
    return false;
  }
  url = *std::move(normal);
  return true;
}

void NormalizePackage(KnownBadPackage& package, const std::string& path, Faults& faults) {
  if (!package.name.version.empty()) faults.Add(path + ".name", "must not have a version");
  if (!Normalize(package.name, path + ".name", faults)) return;
  if (package.versions.empty()) faults.Add(path + ".versions", "is required");
  for (size_t i = 0; i < package.versions.size(); ++i) {
    const std::string version_path = absl::StrCat(path, ".versions[", i, "]");
    PackageUrl url = package.name;
    url.version = package.versions[i];
    if (url.version.empty()) faults.Add(version_path, "must not be empty");
    if (Normalize(url, version_path, faults)) package.versions[i] = url.version;
  }
  SortAndDeduplicate(package.versions);
}

void NormalizeEntry(KnownBadEntry& entry, const std::string& path, Faults& faults) {
  if (!IsIdentifier(entry.advisory_id)) {
    faults.Add(path + ".advisory_id", "must be an identifier");
  }
  if (entry.digests.empty() && entry.exact.empty() && entry.packages.empty()) {
    faults.Add(path, "must have a digest, an exact package URL or a package");
  }
  for (size_t i = 0; i < entry.exact.size(); ++i) {
    const std::string exact_path = absl::StrCat(path, ".exact[", i, "]");
    if (entry.exact[i].version.empty()) faults.Add(exact_path, "must have a version");
    Normalize(entry.exact[i], exact_path, faults);
  }
  for (size_t i = 0; i < entry.packages.size(); ++i) {
    NormalizePackage(entry.packages[i], absl::StrCat(path, ".packages[", i, "]"), faults);
  }
  SortAndDeduplicate(entry.aliases);
  SortAndDeduplicate(entry.digests);
  SortAndDeduplicate(entry.exact);
  SortAndDeduplicate(entry.packages);
}

size_t PatternCount(const KnownBadEntry& entry) {
  size_t count = entry.digests.size() + entry.exact.size() + entry.packages.size();
  for (const KnownBadPackage& package : entry.packages) count += package.versions.size();
  return count;
}

// The name of a package alone.
PackageUrl NameOf(const PackageUrl& url) {
  PackageUrl name;
  name.type = url.type;
  name.namespace_ = url.namespace_;
  name.name = url.name;
  return name;
}

// The artifact's own matches sort before those of its components.
auto Order(const KnownBadMatch& match) {
  return std::make_tuple(match.entry, static_cast<uint32_t>(match.component + 1), match.kind,
                         match.version_unknown);
}

bool Before(const KnownBadMatch& a, const KnownBadMatch& b) { return Order(a) < Order(b); }
bool Same(const KnownBadMatch& a, const KnownBadMatch& b) { return Order(a) == Order(b); }

// Keeps each entry once; a positive match outweighs those of unknown version.
void Compact(std::vector<KnownBadHit>& hits) {
  absl::c_sort(hits, [](const KnownBadHit& a, const KnownBadHit& b) {
    return std::tie(a.entry, a.version_unknown) < std::tie(b.entry, b.version_unknown);
  });
  const auto same = [](const KnownBadHit& a, const KnownBadHit& b) { return a.entry == b.entry; };
  hits.erase(std::unique(hits.begin(), hits.end(), same), hits.end());
}

bool IsUnchecked(const Component& component) {
  switch (component.url_is) {
    case ComponentUrl::kUnreadable:
      return true;
    case ComponentUrl::kAbsent:
      return component.digests.empty();
    case ComponentUrl::kReadable:
      return false;
  }
  return true;
}

}  // namespace

size_t KnownBadIndex::WholeDigestHash::operator()(const Digest& digest) const {
  return absl::Hash<std::array<uint8_t, 32>>()(digest.bytes);
}

size_t KnownBadIndex::PackageHash::operator()(const PackageUrl& url) const {
  // Folds the case of every name, piece by piece: an equal hash for names that SamePackage may hold
  // equal, without a copy of the name.
  size_t hash = absl::HashOf(url.type, url.namespace_, url.name.size());
  std::array<char, 32> piece;
  for (size_t at = 0; at < url.name.size(); at += piece.size()) {
    const absl::string_view rest = absl::string_view(url.name).substr(at, piece.size());
    std::transform(rest.begin(), rest.end(), piece.begin(),
                   [](char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); });
    hash = absl::HashOf(hash, absl::string_view(piece.data(), rest.size()));
  }
  return hash;
}

// Turns normalised entries into the tables of an index.
class KnownBadIndex::Builder {
 public:
  explicit Builder(KnownBadIndex& index) : index_(index) {}

  void Build() {
    InternCondition({}, "");
    for (uint32_t i = 0; i < index_.entries_.size(); ++i) AddEntry(i);
    StoreDigests();
    StorePackages();
  }

 private:
  struct PackageLists {
    PackageUrl name;
    std::vector<VersionRule> versions;
    std::vector<Rule> any;
  };

  uint32_t InternCondition(std::vector<std::pair<std::string, std::string>> qualifiers,
                           std::string subpath) {
    Condition condition{std::move(qualifiers), std::move(subpath)};
    const auto [found, inserted] = condition_numbers_.emplace(
        std::move(condition), static_cast<uint32_t>(index_.conditions_.size()));
    if (inserted) index_.conditions_.push_back(found->first);
    return found->second;
  }

  void AddEntry(uint32_t number) {
    const KnownBadEntry& entry = index_.entries_[number];
    for (const Digest& digest : entry.digests) digests_.emplace_back(digest, number);
    for (const PackageUrl& url : entry.exact) {
      AddVersions(number, url, {url.version}, KnownBadMatchKind::kExactUrl);
    }
    for (const KnownBadPackage& package : entry.packages) {
      AddVersions(number, package.name, package.versions, KnownBadMatchKind::kVersion);
    }
  }

  void AddVersions(uint32_t entry, const PackageUrl& url, const std::vector<std::string>& versions,
                   KnownBadMatchKind kind) {
    const Rule rule{entry, InternCondition(url.qualifiers, url.subpath), kind};
    const auto [found, inserted] = package_numbers_.try_emplace(NameOf(url), packages_.size());
    if (inserted) packages_.push_back({found->first, {}, {}});
    PackageLists& lists = packages_[found->second];
    lists.any.push_back(rule);
    for (const std::string& version : versions) lists.versions.push_back({version, rule});
  }

  void StoreDigests() {
    SortAndDeduplicate(digests_);
    index_.digest_entries_.reserve(digests_.size());
    for (const auto& [digest, entry] : digests_) {
      const uint32_t at = static_cast<uint32_t>(index_.digest_entries_.size());
      Range& range = index_.digests_.try_emplace(digest, Range{at, at}).first->second;
      index_.digest_entries_.push_back(entry);
      range.end = at + 1;
    }
  }

  void StorePackages() {
    index_.packages_.reserve(packages_.size());
    for (PackageLists& lists : packages_) {
      const PackageRules rules = StoreLists(lists);
      index_.packages_.emplace(std::move(lists.name), rules);
    }
  }

  PackageRules StoreLists(PackageLists& lists) {
    SortAndDeduplicate(lists.any);
    absl::c_sort(lists.versions, [](const VersionRule& a, const VersionRule& b) {
      return std::tie(a.version, a.rule) < std::tie(b.version, b.rule);
    });
    PackageRules rules;
    rules.any = Append(lists.any, index_.rules_);
    rules.versions = Append(lists.versions, index_.version_rules_);
    return rules;
  }

  template <typename T>
  static Range Append(std::vector<T>& from, std::vector<T>& to) {
    const uint32_t begin = static_cast<uint32_t>(to.size());
    std::move(from.begin(), from.end(), std::back_inserter(to));
    return {begin, static_cast<uint32_t>(to.size())};
  }

  KnownBadIndex& index_;
  std::vector<std::pair<Digest, uint32_t>> digests_;
  std::map<Condition, uint32_t> condition_numbers_;
  absl::flat_hash_map<PackageUrl, size_t, PackageHash, PackageEqual> package_numbers_;
  std::vector<PackageLists> packages_;
};

absl::StatusOr<KnownBadIndex> KnownBadIndex::Build(std::vector<KnownBadEntry> entries) {
  if (entries.size() > kMaxKnownBadEntries) {
    return absl::ResourceExhaustedError(
        absl::StrCat("entries: must be at most ", kMaxKnownBadEntries));
  }
  size_t patterns = 0;
  for (const KnownBadEntry& entry : entries) patterns += PatternCount(entry);
  if (patterns > kMaxKnownBadPatterns) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "entries: must have at most ", kMaxKnownBadPatterns, " digests, packages and versions"));
  }
  Faults faults;
  for (size_t i = 0; i < entries.size(); ++i) {
    NormalizeEntry(entries[i], absl::StrCat("entries[", i, "]"), faults);
  }
  if (absl::Status status = faults.ToStatus(); !status.ok()) return status;

  SortAndDeduplicate(entries);
  KnownBadIndex index;
  index.entries_ = std::move(entries);
  for (size_t i = 1; i < index.entries_.size(); ++i) {
    const std::string& id = index.entries_[i].advisory_id;
    if (index.entries_[i - 1].advisory_id == id) index.conflicting_ids_.push_back(id);
  }
  SortAndDeduplicate(index.conflicting_ids_);
  Builder(index).Build();
  return index;
}

bool KnownBadIndex::IsMet(uint32_t condition, const PackageUrl& url) const {
  const Condition& stated = conditions_[condition];
  if (!stated.subpath.empty() && stated.subpath != url.subpath) return false;
  return absl::c_all_of(stated.qualifiers, [&url](const auto& qualifier) {
    return url.Qualifier(qualifier.first) == qualifier.second;
  });
}

void KnownBadIndex::MatchDigest(const Digest& digest, KnownBadMatchKind kind, uint32_t component,
                                MatchSink sink) const {
  const auto found = digests_.find(digest);
  if (found == digests_.end()) return;
  for (uint32_t i = found->second.begin; i < found->second.end; ++i) {
    sink({digest_entries_[i], kind, component, /*version_unknown=*/false});
  }
}

void KnownBadIndex::MatchUrl(const Component& component, uint32_t number, MatchSink sink) const {
  if (component.url_is == ComponentUrl::kAbsent || component.url.name.empty()) return;
  const auto found = packages_.find(component.url);
  if (found == packages_.end()) return;
  const PackageRules& package = found->second;
  const bool readable = component.url_is == ComponentUrl::kReadable;
  if (!readable || component.url.version.empty()) {
    for (uint32_t i = package.any.begin; i < package.any.end; ++i) {
      const Rule& rule = rules_[i];
      if (readable && !IsMet(rule.condition, component.url)) continue;
      sink({rule.entry, rule.kind, number, /*version_unknown=*/true});
    }
    return;
  }
  const auto end = version_rules_.begin() + package.versions.end;
  auto at =
      std::lower_bound(version_rules_.begin() + package.versions.begin, end, component.url.version,
                       [](const VersionRule& candidate, const std::string& version) {
                         return candidate.version < version;
                       });
  for (; at != end && at->version == component.url.version; ++at) {
    if (!IsMet(at->rule.condition, component.url)) continue;
    sink({at->rule.entry, at->rule.kind, number, /*version_unknown=*/false});
  }
}

void KnownBadIndex::ForEachMatch(const Digest& artifact, absl::Span<const Component> components,
                                 MatchSink sink) const {
  MatchDigest(artifact, KnownBadMatchKind::kArtifactDigest, kNoComponent, sink);
  absl::InlinedVector<KnownBadMatch, 8> found;
  const auto collect = [&found](const KnownBadMatch& match) { found.push_back(match); };
  for (uint32_t i = 0; i < components.size(); ++i) {
    found.clear();
    for (const Digest& digest : components[i].digests) {
      MatchDigest(digest, KnownBadMatchKind::kComponentDigest, i, collect);
    }
    MatchUrl(components[i], i, collect);
    absl::c_sort(found, Before);
    found.erase(std::unique(found.begin(), found.end(), Same), found.end());
    for (const KnownBadMatch& match : found) sink(match);
  }
}

void KnownBadIndex::Find(const Digest& artifact, absl::Span<const Component> components,
                         KnownBadFindings* out) const {
  constexpr size_t kRoom = 1024;
  out->hits.clear();
  out->unchecked = static_cast<uint64_t>(absl::c_count_if(components, IsUnchecked));
  size_t room = kRoom;
  ForEachMatch(artifact, components, [&](const KnownBadMatch& match) {
    out->hits.push_back({match.entry, match.version_unknown});
    if (out->hits.size() < room) return;
    Compact(out->hits);
    room = std::max(kRoom, 2 * out->hits.size());
  });
  Compact(out->hits);
}

void KnownBadIndex::List(const Digest& artifact, absl::Span<const Component> components, size_t cap,
                         absl::Time now, KnownBadMatches* out) const {
  constexpr size_t kRoom = 64;
  std::vector<KnownBadMatch>& matches = out->matches;
  matches.clear();
  out->total = 0;
  ForEachMatch(artifact, components, [&](const KnownBadMatch& match) {
    if (!IsInForce(entries_[match.entry], now)) return;
    ++out->total;
    matches.push_back(match);
    // Lets go of the last ones now and then, so that memory is bounded by `cap`.
    if (matches.size() / 2 < cap || matches.size() < kRoom) return;
    std::nth_element(matches.begin(), matches.begin() + cap, matches.end(), Before);
    matches.resize(cap);
  });
  absl::c_sort(matches, Before);
  if (matches.size() > cap) matches.resize(cap);
}

}  // namespace sluice
