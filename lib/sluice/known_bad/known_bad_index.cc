#include "sluice/known_bad/known_bad_index.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/entry_rows.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/list_image.h"

namespace sluice {
namespace {

// The artifact's own matches sort before those of its components, and positive ones before others.
auto Order(const KnownBadMatch& match) {
  return std::make_tuple(match.entry, static_cast<uint32_t>(match.component + 1), match.kind,
                         match.version_unknown);
}

bool Before(const KnownBadMatch& a, const KnownBadMatch& b) { return Order(a) < Order(b); }

// Whether `a` and `b` tell of the same, maybe one of them positively.
bool Same(const KnownBadMatch& a, const KnownBadMatch& b) {
  return a.entry == b.entry && a.component == b.component && a.kind == b.kind;
}

void KeepEachOnce(std::vector<KnownBadMatch>& matches) {
  absl::c_sort(matches, Before);
  matches.erase(std::unique(matches.begin(), matches.end(), Same), matches.end());
}

// Keeps each entry once; a positive match outweighs those of unknown version.
void KeepEachOnce(std::vector<KnownBadHit>& hits) {
  absl::c_sort(hits, [](const KnownBadHit& a, const KnownBadHit& b) {
    return std::tie(a.entry, a.version_unknown) < std::tie(b.entry, b.version_unknown);
  });
  const auto same = [](const KnownBadHit& a, const KnownBadHit& b) { return a.entry == b.entry; };
  hits.erase(std::unique(hits.begin(), hits.end(), same), hits.end());
}

}  // namespace

absl::StatusOr<KnownBadIndex> KnownBadIndex::Open(absl::string_view bytes) {
  absl::StatusOr<ListImage> image = ListImage::Open(bytes);
  if (!image.ok()) return image.status();
  if (!Fits(*image)) {
    return absl::InvalidArgumentError("was written wrong: its parts do not fit together");
  }
  return KnownBadIndex(*std::move(image));
}

KnownBadIndex KnownBadIndex::OpenWritten(absl::string_view bytes) {
  return KnownBadIndex(ListImage::OpenWritten(bytes));
}

bool KnownBadIndex::Fits(const ListImage& image) {
  return DigestTable::Fits(image.part(ListPart::kDigestBuckets),
                           image.part(ListPart::kDigestRows)) &&
         PackageTable::Fits(image.part(ListPart::kPackageBuckets),
                            image.part(ListPart::kPackageRows)) &&
         EntryRows::Fits(image.part(ListPart::kEntryRows), image.header().entry_count);
}

KnownBadIndex::KnownBadIndex(ListImage image)
    : header_(image.header()),
      digests_(image.part(ListPart::kDigestBuckets), image.part(ListPart::kDigestRows)),
      packages_(image.part(ListPart::kPackageBuckets), image.part(ListPart::kPackageRows),
                image.part(ListPart::kPackageRecords)),
      entries_(image.part(ListPart::kEntryRows), image.part(ListPart::kEvidence)) {
  bytes_ = std::move(image).TakeBytes();
}

bool KnownBadIndex::MatchDigests(absl::Span<const Digest> artifact,
                                 absl::Span<const Component> components, MatchSink sink) const {
  constexpr size_t kTogether = 64;
  std::array<const Digest*, kTogether> digests;
  std::array<uint32_t, kTogether> owners;
  size_t count = 0;
  bool readable = true;
  const auto ask = [&] {
    const auto found = [&](size_t i, uint32_t entry) {
      sink({entry,
            owners[i] == kNoComponent ? KnownBadMatchKind::kArtifactDigest
                                      : KnownBadMatchKind::kComponentDigest,
            owners[i], /*version_unknown=*/false});
    };
    readable &= digests_.Find(bytes_, absl::MakeConstSpan(digests.data(), count), found);
    count = 0;
  };
  const auto add = [&](const Digest& digest, uint32_t owner) {
    digests[count] = &digest;
    owners[count] = owner;
    if (++count == kTogether) ask();
  };
  for (const Digest& digest : artifact) add(digest, kNoComponent);
  for (uint32_t i = 0; i < components.size(); ++i) {
    for (const Digest& digest : components[i].digests) add(digest, i);
  }
  ask();
  return readable;
}

bool KnownBadIndex::MatchPackages(absl::Span<const Component> components, MatchSink sink) const {
  constexpr size_t kAhead = 8;
  if (packages_.package_count() == 0) return true;
  bool readable = true;
  for (uint32_t i = 0; i < components.size(); ++i) {
    if (i + kAhead < components.size()) packages_.Prefetch(bytes_, components[i + kAhead]);
    readable &= packages_.Find(bytes_, components[i], [&](KnownBadMatch match) {
      match.component = i;
      sink(match);
    });
  }
  return readable;
}

bool KnownBadIndex::ForEachMatch(absl::Span<const Digest> artifact,
                                 absl::Span<const Component> components, MatchSink sink) const {
  const bool digests_readable = MatchDigests(artifact, components, sink);
  return MatchPackages(components, sink) && digests_readable;
}

void KnownBadIndex::Find(absl::Span<const Digest> artifact, absl::Span<const Component> components,
                         KnownBadFindings* out) const {
  constexpr size_t kRoom = 1024;
  out->hits.clear();
  out->unchecked = static_cast<uint64_t>(absl::c_count_if(components, IsUnchecked));
  size_t room = kRoom;
  out->damaged = !ForEachMatch(artifact, components, [&](const KnownBadMatch& match) {
    out->hits.push_back({match.entry, match.version_unknown, {}});
    if (out->hits.size() < room) return;
    KeepEachOnce(out->hits);
    room = std::max(kRoom, 2 * out->hits.size());
  });
  KeepEachOnce(out->hits);
  const auto unreadable = [&](KnownBadHit& hit) { return !ReadEntry(hit.entry, &hit.in_force); };
  const auto kept = std::remove_if(out->hits.begin(), out->hits.end(), unreadable);
  out->damaged |= kept != out->hits.end();
  out->hits.erase(kept, out->hits.end());
}

void KnownBadIndex::List(absl::Span<const Digest> artifact, absl::Span<const Component> components,
                         size_t cap, absl::Time now, KnownBadMatches* out) const {
  std::vector<KnownBadMatch>& matches = out->matches;
  matches.clear();
  bool unreadable_entries = false;
  const bool readable = ForEachMatch(artifact, components, [&](const KnownBadMatch& match) {
    EntryInForce entry;
    if (!ReadEntry(match.entry, &entry)) {
      unreadable_entries = true;
    } else if (IsInForce(entry, now)) {
      matches.push_back(match);
    }
  });
  KeepEachOnce(matches);
  out->damaged = !readable || unreadable_entries;
  out->total = matches.size();
  if (matches.size() > cap) matches.resize(cap);
}

}  // namespace sluice
