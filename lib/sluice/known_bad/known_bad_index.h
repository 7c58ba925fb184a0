#ifndef SLUICE_KNOWN_BAD_KNOWN_BAD_INDEX_H_
#define SLUICE_KNOWN_BAD_KNOWN_BAD_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

// By what an entry matched.
enum class KnownBadMatchKind {
  kUnspecified = 0,
  kArtifactDigest,
  kComponentDigest,
  kExactUrl,  // Package URL with its version.
  kVersion,   // Package name and one of the versions named.
};

// The `component` of a match of the artifact itself.
inline constexpr uint32_t kNoComponent = std::numeric_limits<uint32_t>::max();

// One entry that concerns the artifact or one of its components.
struct KnownBadMatch {
  uint32_t entry = 0;  // Into KnownBadIndex::entries().
  KnownBadMatchKind kind = KnownBadMatchKind::kUnspecified;
  uint32_t component = kNoComponent;  // Into the components asked about.
  // The package is the entry's, but which version the component has is not known: it states none,
  // or its URL can't be read. Not a positive match; holds as UNKNOWN (VERSION_UNKNOWN).
  bool version_unknown = false;
};

// An entry that concerns the artifact at some time.
struct KnownBadHit {
  uint32_t entry = 0;  // Into KnownBadIndex::entries().
  // All of its matches are version_unknown.
  bool version_unknown = false;
};

// Everything of a list that can ever matter to one artifact.
struct KnownBadFindings {
  // Complete, each entry once, ascending. With the entries' [effective_from, withdrawn_at) it gives
  // the verdict at any instant and the exact instants at which it changes.
  std::vector<KnownBadHit> hits;
  // Components that could not be checked in full: the package URL is unreadable, or there is
  // neither URL nor digest. More than none holds as UNKNOWN, whatever `hits` says.
  uint64_t unchecked = 0;
};

// The matches in force at one instant.
struct KnownBadMatches {
  // The first ones by (advisory id, artifact before components, component, kind).
  std::vector<KnownBadMatch> matches;
  // How many there are, those left out included.
  uint64_t total = 0;
};

// The entries of one known-bad list, arranged for matching. Built once, then immutable: all const
// members may be called from several threads.
//
//   absl::StatusOr<KnownBadIndex> index = KnownBadIndex::Build(std::move(entries));
//   KnownBadFindings findings;
//   index->Find(artifact_digest, components, &findings);
//
// An entry matches
// - an artifact or a component that has one of its digests;
// - a component whose package URL has type, namespace, name and version of one of its exact URLs;
// - a component whose package URL has type, namespace and name of one of its packages, and one of
//   the package's versions, byte for byte in canonical form.
// For the last two, every qualifier and the subpath that the *entry* states must be equal in the
// component; what it does not state is free. So a shorter URL in an entry matches more, never less.
// Names are compared by SamePackage.
class KnownBadIndex {
 public:
  // An index that matches nothing.
  KnownBadIndex() = default;
  KnownBadIndex(KnownBadIndex&&) = default;
  KnownBadIndex& operator=(KnownBadIndex&&) = default;

  // The index of `entries`, whose order and exact duplicates do not matter. Package URLs are
  // normalised. Errors: kInvalidArgument with every fault by field path (`entries[3].digests: ...`,
  // numbered as given); kResourceExhausted beyond the limits in limits.h. Cost: n log n.
  static absl::StatusOr<KnownBadIndex> Build(std::vector<KnownBadEntry> entries);

  // Normalised, without exact duplicates, sorted by advisory id and then by content.
  absl::Span<const KnownBadEntry> entries() const { return entries_; }

  // Advisory ids that several entries of different content share, sorted. The entries all match; an
  // id's matches are INVALID, since the list contradicts itself.
  absl::Span<const std::string> conflicting_ids() const { return conflicting_ids_; }

  // Which entries concern `artifact` with `components`, at any time. Replaces `*out`. Allocates
  // nothing if no entry does. Cost: a look-up per digest and package URL.
  void Find(const Digest& artifact, absl::Span<const Component> components,
            KnownBadFindings* out) const;

  // How they do at `now`: at most `cap` matches, without duplicates. Replaces `*out`.
  void List(const Digest& artifact, absl::Span<const Component> components, size_t cap,
            absl::Time now, KnownBadMatches* out) const;

 private:
  // Hashes all of a digest: a list may hold any bytes, equal prefixes included.
  struct WholeDigestHash {
    size_t operator()(const Digest& digest) const;
  };
  // Hashes and compares what SamePackage compares.
  struct PackageHash {
    size_t operator()(const PackageUrl& url) const;
  };
  struct PackageEqual {
    bool operator()(const PackageUrl& a, const PackageUrl& b) const { return SamePackage(a, b); }
  };

  // Elements [begin, end) of one of the vectors below.
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  // What an entry states beyond type, namespace, name and version.
  struct Condition {
    std::vector<std::pair<std::string, std::string>> qualifiers;
    std::string subpath;

    bool operator<(const Condition& other) const {
      return std::tie(qualifiers, subpath) < std::tie(other.qualifiers, other.subpath);
    }
  };
  // A package, whatever its version, as one entry names it.
  struct Rule {
    uint32_t entry = 0;
    uint32_t condition = 0;  // Into conditions_.
    KnownBadMatchKind kind = KnownBadMatchKind::kUnspecified;

    bool operator==(const Rule& other) const {
      return entry == other.entry && condition == other.condition && kind == other.kind;
    }
    bool operator<(const Rule& other) const {
      return std::tie(entry, condition, kind) < std::tie(other.entry, other.condition, other.kind);
    }
  };
  struct VersionRule {
    std::string version;
    Rule rule;
  };
  struct PackageRules {
    Range versions;  // In version_rules_, sorted by version.
    Range any;       // In rules_.
  };
  class Builder;

  using MatchSink = absl::FunctionRef<void(const KnownBadMatch&)>;

  bool IsMet(uint32_t condition, const PackageUrl& url) const;
  void MatchDigest(const Digest& digest, KnownBadMatchKind kind, uint32_t component,
                   MatchSink sink) const;
  void MatchUrl(const Component& component, uint32_t number, MatchSink sink) const;
  // Calls `sink` for every match once, the artifact's first, then by component.
  void ForEachMatch(const Digest& artifact, absl::Span<const Component> components,
                    MatchSink sink) const;

  std::vector<KnownBadEntry> entries_;
  std::vector<std::string> conflicting_ids_;
  absl::flat_hash_map<Digest, Range, WholeDigestHash> digests_;  // Ranges of digest_entries_.
  std::vector<uint32_t> digest_entries_;
  absl::flat_hash_map<PackageUrl, PackageRules, PackageHash, PackageEqual> packages_;
  std::vector<VersionRule> version_rules_;
  std::vector<Rule> rules_;
  std::vector<Condition> conditions_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_KNOWN_BAD_INDEX_H_
