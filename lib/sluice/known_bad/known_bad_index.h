#ifndef SLUICE_KNOWN_BAD_KNOWN_BAD_INDEX_H_
#define SLUICE_KNOWN_BAD_KNOWN_BAD_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/digest_table.h"
#include "sluice/known_bad/entry_rows.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/package_table.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// An entry that concerns the artifact at some time.
struct KnownBadHit {
  uint32_t entry = 0;
  // All of its matches are version_unknown.
  bool version_unknown = false;
  EntryInForce in_force;  // Its advisory and when it is in force.
};

// Everything of a list that can ever matter to one artifact.
struct KnownBadFindings {
  // Complete unless `damaged`, each entry once, ascending. With the entries' [effective_from,
  // withdrawn_at) it gives the verdict at any instant and the exact instants at which it changes.
  std::vector<KnownBadHit> hits;
  // Components that could not be checked in full: the package URL is unreadable, or there is
  // neither URL nor digest. More than none holds as UNKNOWN, whatever `hits` says.
  uint64_t unchecked = 0;
  // Bytes of the list that had to be read are not what was written. Holds as INVALID.
  bool damaged = false;
};

// The matches in force at one instant.
struct KnownBadMatches {
  // The first ones by (advisory id, artifact before components, component, kind).
  std::vector<KnownBadMatch> matches;
  // How many there are, those left out included.
  uint64_t total = 0;
  bool damaged = false;  // As in KnownBadFindings; then some may be missing.
};

// The entries of one known-bad list, arranged for matching, read where they lie in the list's
// bytes. All const members may be called from several threads.
//
//   absl::StatusOr<KnownBadIndex> index = KnownBadIndex::Open(bytes);
//   KnownBadFindings findings;
//   index->Find(artifact_digests, components, &findings);
//
// An entry matches
// - an artifact or a component that has one of its digests;
// - a component whose package URL has type, namespace, name and version of one of its exact URLs;
// - a component whose package URL has type, namespace and name of one of its packages, and one of
//   the package's versions or a version in one of its ranges.
// For the last two, every qualifier and the subpath that the *entry* states must be equal in the
// component; what it does not state is free. So a shorter URL in an entry matches more, never less.
// Names are compared by SamePackage. Versions of exact URLs are compared byte for byte in canonical
// form, those of packages by VersionOrder where that has a place for them.
class KnownBadIndex {
 public:
  // An index that matches nothing.
  KnownBadIndex() = default;
  KnownBadIndex(KnownBadIndex&&) = default;
  KnownBadIndex& operator=(KnownBadIndex&&) = default;

  // The list in `bytes`, which must outlive it and stay as they are. Errors as of ListImage::Open.
  // Cost: of hashing a thousandth of `bytes`.
  static absl::StatusOr<KnownBadIndex> Open(absl::string_view bytes);
  // As Open, of what ListWriter has just written.
  static KnownBadIndex OpenWritten(absl::string_view bytes);

  uint32_t entry_count() const { return entries_.entry_count(); }
  const ListHeader& header() const { return header_; }
  uint64_t digest_count() const { return digests_.row_count(); }
  // Of the columns that digests are looked up in.
  uint64_t digest_bytes() const { return digests_.size_bytes(); }
  uint64_t package_count() const { return packages_.package_count(); }

  // Which entries concern an artifact that has any of `artifact` as its digest, and `components`,
  // at any time. Replaces `*out`. Allocates nothing if no entry does. Cost: a look-up per digest
  // and package URL, whose waits for memory overlap.
  void Find(absl::Span<const Digest> artifact, absl::Span<const Component> components,
            KnownBadFindings* out) const;

  // How they do at `now`: at most `cap` matches, without duplicates. Replaces `*out`.
  void List(absl::Span<const Digest> artifact, absl::Span<const Component> components, size_t cap,
            absl::Time now, KnownBadMatches* out) const;

  // As EntryRows.
  bool ReadEntry(uint32_t entry, EntryInForce* out) const {
    return entries_.Read(bytes_, entry, out);
  }
  bool ReadEvidence(uint32_t entry, v1::KnownBadEntry* out, uint64_t* digest_count,
                    uint64_t* digest_hash) const {
    return entries_.ReadEvidence(bytes_, entry, out, digest_count, digest_hash);
  }

  // Whether all bytes are as they were written. Cost: linear in them.
  bool Verify() const { return bytes_.Verify(); }

 private:
  using MatchSink = absl::FunctionRef<void(const KnownBadMatch&)>;

  explicit KnownBadIndex(ListImage image);
  static bool Fits(const ListImage& image);

  // Calls `sink` for every match, some of them more than once. False if damaged.
  bool ForEachMatch(absl::Span<const Digest> artifact, absl::Span<const Component> components,
                    MatchSink sink) const;
  bool MatchDigests(absl::Span<const Digest> artifact, absl::Span<const Component> components,
                    MatchSink sink) const;
  bool MatchPackages(absl::Span<const Component> components, MatchSink sink) const;

  ListHeader header_;
  CheckedBytes bytes_;
  DigestTable digests_;
  PackageTable packages_;
  EntryRows entries_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_KNOWN_BAD_INDEX_H_
