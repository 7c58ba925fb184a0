#include "sluice/known_bad/known_bad_index.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/list_writer.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/version_order.h"

namespace sluice {

bool operator==(const KnownBadMatch& a, const KnownBadMatch& b) {
  return a.entry == b.entry && a.kind == b.kind && a.component == b.component &&
         a.version_unknown == b.version_unknown;
}

std::ostream& operator<<(std::ostream& out, const KnownBadMatch& match) {
  return out << "{entry " << match.entry << ", kind " << static_cast<int>(match.kind)
             << ", component " << match.component << (match.version_unknown ? ", unknown}" : "}");
}

bool operator==(const KnownBadHit& a, const KnownBadHit& b) {
  return a.entry == b.entry && a.version_unknown == b.version_unknown;
}

std::ostream& operator<<(std::ostream& out, const KnownBadHit& hit) {
  return out << "{entry " << hit.entry << (hit.version_unknown ? ", unknown}" : "}");
}

namespace {

using Kind = KnownBadMatchKind;
using Matches = std::vector<KnownBadMatch>;
using Hits = std::vector<KnownBadHit>;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const absl::Duration kTick = absl::Nanoseconds(1);

Digest DigestOf(uint8_t value) {
  Digest digest;
  digest.bytes.fill(value);
  return digest;
}

const Digest kArtifact = DigestOf(0xAA);

PackageUrl Url(absl::string_view text) { return *ParsePackageUrl(text); }

KnownBadEntry Entry(std::string id) {
  KnownBadEntry entry;
  entry.advisory_id = std::move(id);
  return entry;
}

KnownBadEntry DigestEntry(std::string id, std::vector<Digest> digests) {
  KnownBadEntry entry = Entry(std::move(id));
  entry.digests = std::move(digests);
  return entry;
}

KnownBadEntry ExactEntry(std::string id, absl::string_view url) {
  KnownBadEntry entry = Entry(std::move(id));
  entry.exact = {Url(url)};
  return entry;
}

KnownBadEntry PackageEntry(std::string id, absl::string_view name,
                           std::vector<std::string> versions) {
  KnownBadEntry entry = Entry(std::move(id));
  entry.packages = {{Url(name), std::move(versions), {}}};
  return entry;
}

KnownBadEntry RangeEntry(std::string id, absl::string_view name, KnownBadRange range) {
  KnownBadEntry entry = Entry(std::move(id));
  entry.packages = {{Url(name), {}, {std::move(range)}}};
  return entry;
}

Component UrlComponent(absl::string_view url) { return MakeComponent(url, {}); }

template <typename T>
void SortAndDeduplicate(std::vector<T>& set) {
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
}

// A list of entries in any order, written and opened again.
class ListOf {
 public:
  explicit ListOf(std::vector<KnownBadEntry> entries) : entries_(std::move(entries)) {
    for (KnownBadEntry& entry : entries_) {
      SortAndDeduplicate(entry.digests);
      SortAndDeduplicate(entry.exact);
      for (KnownBadPackage& package : entry.packages) SortAndDeduplicate(package.versions);
      SortAndDeduplicate(entry.packages);
    }
    SortAndDeduplicate(entries_);
    if (entries_.empty()) return;
    ListSize size;
    size.entries = entries_.size();
    for (const KnownBadEntry& entry : entries_) size.digests += entry.digests.size();
    ListWriter writer(size);
    for (const KnownBadEntry& entry : entries_) writer.Add(entry);
    ListHeader header;
    header.id = "list";
    header.epoch = 1;
    header.verified_at = kNow;
    bytes_ = absl::make_unique<const std::string>(writer.Finish(header).view());
    absl::StatusOr<KnownBadIndex> opened = KnownBadIndex::Open(*bytes_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) index_ = *std::move(opened);
  }

  const std::vector<KnownBadEntry>& entries() const { return entries_; }
  const std::string& bytes() const { return *bytes_; }
  const KnownBadIndex& index() const { return index_; }
  void Find(const Digest& artifact, absl::Span<const Component> components,
            KnownBadFindings* out) const {
    index_.Find(absl::MakeConstSpan(&artifact, 1), components, out);
  }
  void List(const Digest& artifact, absl::Span<const Component> components, size_t cap,
            absl::Time now, KnownBadMatches* out) const {
    index_.List(absl::MakeConstSpan(&artifact, 1), components, cap, now, out);
  }

 private:
  std::vector<KnownBadEntry> entries_;
  std::unique_ptr<const std::string> bytes_;
  KnownBadIndex index_;
};

ListOf Index(std::vector<KnownBadEntry> entries) { return ListOf(std::move(entries)); }

Matches List(const ListOf& index, absl::Span<const Component> components, absl::Time now = kNow) {
  KnownBadMatches out;
  index.List(kArtifact, components, 1000, now, &out);
  EXPECT_EQ(out.total, out.matches.size());
  EXPECT_FALSE(out.damaged);
  return out.matches;
}

KnownBadFindings Find(const ListOf& index, absl::Span<const Component> components) {
  KnownBadFindings out;
  index.Find(kArtifact, components, &out);
  EXPECT_FALSE(out.damaged);
  return out;
}

// Whether the entry has a positive match, a match of unknown version, or none.
enum class Answer { kNone, kUnknown, kPositive };

std::ostream& operator<<(std::ostream& out, Answer answer) {
  return out << (answer == Answer::kNone      ? "none"
                 : answer == Answer::kUnknown ? "unknown"
                                              : "positive");
}

Answer Ask(const KnownBadEntry& entry, const Component& component) {
  const KnownBadFindings findings = Find(Index({entry}), {component});
  if (findings.hits.empty()) return Answer::kNone;
  return findings.hits[0].version_unknown ? Answer::kUnknown : Answer::kPositive;
}

Answer AskExact(absl::string_view entry, absl::string_view component) {
  return Ask(ExactEntry("A-1", entry), UrlComponent(component));
}

Answer AskPackage(absl::string_view name, std::vector<std::string> versions,
                  absl::string_view component) {
  return Ask(PackageEntry("A-1", name, std::move(versions)), UrlComponent(component));
}

TEST(KnownBadIndex, EmptyMatchesNothing) {
  const std::vector<Component> components = {UrlComponent("pkg:npm/foo@1"),
                                             MakeComponent("", {DigestOf(1)})};
  const ListOf index = Index({});
  EXPECT_EQ(Find(index, components).hits, Hits{});
  EXPECT_EQ(List(index, components), Matches{});
  EXPECT_EQ(index.index().entry_count(), 0);
  EXPECT_TRUE(index.index().Verify());
}

TEST(KnownBadIndex, ArtifactDigest) {
  const ListOf index = Index({DigestEntry("A-1", {kArtifact})});
  EXPECT_EQ(List(index, {}), Matches({{0, Kind::kArtifactDigest, kNoComponent, false}}));
  EXPECT_EQ(Find(index, {}).hits, Hits({{0, false, {}}}));
}

TEST(KnownBadIndex, ComponentDigest) {
  const ListOf index = Index({DigestEntry("A-1", {DigestOf(1), DigestOf(2)})});
  const std::vector<Component> components = {
      MakeComponent("", {DigestOf(3)}), MakeComponent("", {DigestOf(3), DigestOf(2)}),
      MakeComponent("", {DigestOf(1), DigestOf(2), DigestOf(1)})};
  EXPECT_EQ(List(index, components), Matches({{0, Kind::kComponentDigest, 1, false},
                                              {0, Kind::kComponentDigest, 2, false}}));
}

TEST(KnownBadIndex, DigestsDifferInEveryByte) {
  Digest bad = DigestOf(1);
  const ListOf index = Index({DigestEntry("A-1", {bad})});
  for (size_t i = 0; i < bad.bytes.size(); ++i) {
    Digest other = bad;
    other.bytes[i] ^= 1;
    EXPECT_EQ(List(index, {MakeComponent("", {other})}), Matches{}) << i;
  }
}

TEST(KnownBadIndex, ExactUrl) {
  EXPECT_EQ(AskExact("pkg:npm/foo@1.0", "pkg:npm/foo@1.0"), Answer::kPositive);
  EXPECT_EQ(AskExact("pkg:npm/foo@1.0", "pkg:NPM/Foo@1.0"), Answer::kPositive);
  EXPECT_EQ(AskExact("pkg:npm/foo@1.0", "pkg:npm/foo@1.0.0"), Answer::kNone);
  EXPECT_EQ(AskExact("pkg:npm/foo@1.0", "pkg:npm/foo@1"), Answer::kNone);
  EXPECT_EQ(AskExact("pkg:npm/foo@1.0", "pkg:npm/foos@1.0"), Answer::kNone);
  EXPECT_EQ(AskExact("pkg:npm/foo@1.0", "pkg:npm/%40s/foo@1.0"), Answer::kNone);
  EXPECT_EQ(AskExact("pkg:npm/foo@1.0", "pkg:cargo/foo@1.0"), Answer::kNone);
  EXPECT_EQ(AskExact("pkg:cargo/foo@1.0a", "pkg:cargo/foo@1.0A"), Answer::kNone);
  EXPECT_EQ(AskExact("pkg:pypi/foo@1.0a", "pkg:pypi/Foo@1.0A"), Answer::kPositive);
  EXPECT_EQ(AskExact("pkg:nuget/Foo.Bar@1", "pkg:nuget/foo.bar@1"), Answer::kPositive);
}

TEST(KnownBadIndex, LongNamesThatDifferLate) {
  const std::string name(200, 'a');
  const std::string exact = absl::StrCat("pkg:npm/", name, "@1");
  EXPECT_EQ(AskExact(exact, exact), Answer::kPositive);
  for (size_t at : {31, 32, 33, 63, 64, 199}) {
    std::string other = name;
    other[at] = 'b';
    EXPECT_EQ(AskExact(exact, absl::StrCat("pkg:npm/", other, "@1")), Answer::kNone) << at;
  }
}

TEST(KnownBadIndex, NamedVersions) {
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1", "2"}, "pkg:npm/foo@1"), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1", "2"}, "pkg:npm/foo@2"), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"2", "1", "2"}, "pkg:npm/foo@2"), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1", "3"}, "pkg:npm/foo@2"), Answer::kNone);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1", "3"}, "pkg:npm/foo@0"), Answer::kNone);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1", "3"}, "pkg:npm/foo@4"), Answer::kNone);
  EXPECT_EQ(AskPackage("pkg:pypi/foo", {"1.0RC1"}, "pkg:pypi/foo@1.0rc1"), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1"}, "pkg:npm/bar@1"), Answer::kNone);
}

TEST(KnownBadIndex, ListedVersionsAreThoseTheEcosystemHoldsEqual) {
  EXPECT_EQ(AskPackage("pkg:golang/example.org/a", {"1.2.3"}, "pkg:golang/example.org/a@v1.2.3"),
            Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:pypi/foo", {"1.0", "3"}, "pkg:pypi/foo@1.0.0"), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:pypi/foo", {"1.0", "3"}, "pkg:pypi/foo@2"), Answer::kNone);
  // An exact URL means its very bytes.
  EXPECT_EQ(AskExact("pkg:golang/example.org/a@v1.2.3", "pkg:golang/example.org/a@1.2.3"),
            Answer::kNone);
  // Versions without a place in the order are listed too.
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"nightly", "1.0.0", "edge"}, "pkg:npm/foo@edge"),
            Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"nightly", "1.0.0", "edge"}, "pkg:npm/foo@1.0.0"),
            Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"nightly", "1.0.0", "edge"}, "pkg:npm/foo@main"),
            Answer::kNone);
  EXPECT_EQ(AskPackage("pkg:composer/a/foo", {"1.0"}, "pkg:composer/a/foo@1.0.0"), Answer::kNone);
}

TEST(KnownBadIndex, Ranges) {
  const auto ask = [](absl::string_view name, KnownBadRange range, absl::string_view component) {
    return Ask(RangeEntry("A-1", name, std::move(range)), UrlComponent(component));
  };
  const KnownBadRange fixed = {"1.2.0", VersionRange::Until::kFixed, "1.4.0"};
  EXPECT_EQ(ask("pkg:npm/foo", fixed, "pkg:npm/foo@1.1.9"), Answer::kNone);
  EXPECT_EQ(ask("pkg:npm/foo", fixed, "pkg:npm/foo@1.2.0"), Answer::kPositive);
  EXPECT_EQ(ask("pkg:npm/foo", fixed, "pkg:npm/foo@1.4.0-rc.1"), Answer::kPositive);
  EXPECT_EQ(ask("pkg:npm/foo", fixed, "pkg:npm/foo@1.4.0"), Answer::kNone);
  EXPECT_EQ(ask("pkg:npm/foo", fixed, "pkg:npm/foo@latest"), Answer::kUnknown);
  EXPECT_EQ(ask("pkg:npm/foo", fixed, "pkg:npm/foo"), Answer::kUnknown);
  EXPECT_EQ(ask("pkg:npm/foo", fixed, "pkg:npm/bar@latest"), Answer::kNone);
  const KnownBadRange last = {"0", VersionRange::Until::kLastAffected, "2"};
  EXPECT_EQ(ask("pkg:gem/foo", last, "pkg:gem/foo@2"), Answer::kPositive);
  EXPECT_EQ(ask("pkg:gem/foo", last, "pkg:gem/foo@2.0.1"), Answer::kNone);
  const KnownBadRange for_ever = {"0", VersionRange::Until::kNever, ""};
  EXPECT_EQ(ask("pkg:npm/foo", for_ever, "pkg:npm/foo@99.0.0"), Answer::kPositive);
  // No order is known for these.
  EXPECT_EQ(ask("pkg:composer/a/foo", for_ever, "pkg:composer/a/foo@1"), Answer::kUnknown);
  EXPECT_EQ(ask("pkg:composer/a/foo", for_ever, "pkg:composer/a/bar@1"), Answer::kNone);
  // Qualifiers narrow a range as they do a version.
  EXPECT_EQ(ask("pkg:npm/foo?a=b", for_ever, "pkg:npm/foo@1.0.0"), Answer::kNone);
  EXPECT_EQ(ask("pkg:npm/foo?a=b", for_ever, "pkg:npm/foo@1.0.0?a=b"), Answer::kPositive);
}

TEST(KnownBadIndex, AnEpochIsAQualifierOfAnRpmPackage) {
  const auto ask = [](absl::string_view component) {
    const KnownBadRange fixed = {"0", VersionRange::Until::kFixed, "1:3.0.7-18.el9"};
    return Ask(RangeEntry("A-1", "pkg:rpm/redhat/openssl", fixed), UrlComponent(component));
  };
  EXPECT_EQ(ask("pkg:rpm/redhat/openssl@3.0.7-18.el9"), Answer::kPositive);
  EXPECT_EQ(ask("pkg:rpm/redhat/openssl@3.0.7-18.el9?epoch=1"), Answer::kNone);
  EXPECT_EQ(ask("pkg:rpm/redhat/openssl@3.0.7-17.el9?epoch=1"), Answer::kPositive);
}

TEST(KnownBadIndex, AListedVersionOutweighsARangeThatCanNotBeRead) {
  KnownBadEntry entry = PackageEntry("A-1", "pkg:composer/a/foo", {"1"});
  entry.packages[0].ranges = {{"0", VersionRange::Until::kFixed, "2"}};
  EXPECT_EQ(Ask(entry, UrlComponent("pkg:composer/a/foo@1")), Answer::kPositive);
  EXPECT_EQ(Ask(entry, UrlComponent("pkg:composer/a/foo@3")), Answer::kUnknown);
}

TEST(KnownBadIndex, KindsAreTold) {
  KnownBadEntry entry = PackageEntry("A-1", "pkg:npm/foo", {"1"});
  entry.exact = {Url("pkg:npm/foo@1")};
  entry.digests = {DigestOf(1), kArtifact};
  EXPECT_EQ(List(Index({entry}), {MakeComponent("pkg:npm/foo@1", {DigestOf(1)})}),
            Matches({{0, Kind::kArtifactDigest, kNoComponent, false},
                     {0, Kind::kComponentDigest, 0, false},
                     {0, Kind::kExactUrl, 0, false},
                     {0, Kind::kPackage, 0, false}}));
}

TEST(KnownBadIndex, WhatTheEntryStatesIsRequired) {
  const absl::string_view stated = "pkg:deb/debian/curl@1?arch=x86#lib";
  EXPECT_EQ(AskExact(stated, "pkg:deb/debian/curl@1?arch=x86#lib"), Answer::kPositive);
  EXPECT_EQ(AskExact(stated, "pkg:deb/debian/curl@1?arch=x86&distro=sid#lib"), Answer::kPositive);
  EXPECT_EQ(AskExact(stated, "pkg:deb/debian/curl@1?arch=arm#lib"), Answer::kNone);
  EXPECT_EQ(AskExact(stated, "pkg:deb/debian/curl@1?distro=sid#lib"), Answer::kNone);
  EXPECT_EQ(AskExact(stated, "pkg:deb/debian/curl@1#lib"), Answer::kNone);
  EXPECT_EQ(AskExact(stated, "pkg:deb/debian/curl@1?arch=x86"), Answer::kNone);
  EXPECT_EQ(AskExact(stated, "pkg:deb/debian/curl@1?arch=x86#lib/a"), Answer::kNone);
}

TEST(KnownBadIndex, WhatTheEntryDoesNotStateIsFree) {
  const absl::string_view component = "pkg:deb/debian/curl@1?arch=x86&distro=sid#lib";
  EXPECT_EQ(AskExact("pkg:deb/debian/curl@1", component), Answer::kPositive);
  EXPECT_EQ(AskExact("pkg:deb/debian/curl@1?arch=x86", component), Answer::kPositive);
  EXPECT_EQ(AskExact("pkg:deb/debian/curl@1?distro=sid", component), Answer::kPositive);
  EXPECT_EQ(AskExact("pkg:deb/debian/curl@1#lib", component), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:deb/debian/curl", {"1"}, component), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:deb/debian/curl?arch=x86", {"1"}, component), Answer::kPositive);
  EXPECT_EQ(AskPackage("pkg:deb/debian/curl?arch=arm", {"1"}, component), Answer::kNone);
}

TEST(KnownBadIndex, ComponentWithoutVersionIsUnknown) {
  EXPECT_EQ(AskExact("pkg:npm/foo@1", "pkg:npm/foo"), Answer::kUnknown);
  EXPECT_EQ(AskExact("pkg:npm/foo@1", "pkg:npm/foo@"), Answer::kUnknown);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1"}, "pkg:npm/foo"), Answer::kUnknown);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1"}, "pkg:npm/bar"), Answer::kNone);
  EXPECT_EQ(AskExact("pkg:npm/foo@1?a=b", "pkg:npm/foo?a=b"), Answer::kUnknown);
  EXPECT_EQ(AskExact("pkg:npm/foo@1?a=b", "pkg:npm/foo?a=c"), Answer::kNone);
}

TEST(KnownBadIndex, UnreadableUrlIsUnknownWhateverElseItSays) {
  EXPECT_EQ(AskExact("pkg:npm/foo@1?a=b", "pkg:npm/foo@1?a=c&a=d"), Answer::kUnknown);
  EXPECT_EQ(AskExact("pkg:npm/foo@1", "pkg:npm/foo@2%"), Answer::kUnknown);
  EXPECT_EQ(AskExact("pkg:npm/foo@1", "pkg:npm/foo@1 "), Answer::kUnknown);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1"}, "pkg:npm/foo@1?A=b"), Answer::kUnknown);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1"}, "pkg:npm/bar@1?A=b"), Answer::kNone);
  EXPECT_EQ(AskPackage("pkg:npm/foo", {"1"}, "foo@1"), Answer::kNone);
}

TEST(KnownBadIndex, UnknownVersionIsToldPerKindOnce) {
  KnownBadEntry entry = PackageEntry("A-1", "pkg:npm/foo", {"1", "2", "3"});
  entry.exact = {Url("pkg:npm/foo@1"), Url("pkg:npm/foo@1?a=b"), Url("pkg:npm/foo@4")};
  EXPECT_EQ(List(Index({entry}), {UrlComponent("pkg:npm/foo?a=b")}),
            Matches({{0, Kind::kExactUrl, 0, true}, {0, Kind::kPackage, 0, true}}));
}

TEST(KnownBadIndex, PositiveOutweighsUnknown) {
  const ListOf index = Index({PackageEntry("A-1", "pkg:npm/foo", {"1"})});
  const Component unknown = UrlComponent("pkg:npm/foo");
  const Component positive = UrlComponent("pkg:npm/foo@1");
  EXPECT_EQ(Find(index, {unknown}).hits, Hits({{0, true, {}}}));
  EXPECT_EQ(Find(index, {unknown, positive}).hits, Hits({{0, false, {}}}));
  EXPECT_EQ(Find(index, {positive, unknown}).hits, Hits({{0, false, {}}}));
}

TEST(KnownBadIndex, CountsWhatCouldNotBeChecked) {
  const ListOf index = Index({});
  EXPECT_EQ(Find(index, {}).unchecked, 0);
  EXPECT_EQ(Find(index, {UrlComponent("pkg:npm/foo@1")}).unchecked, 0);
  EXPECT_EQ(Find(index, {UrlComponent("pkg:npm/foo")}).unchecked, 0);
  EXPECT_EQ(Find(index, {MakeComponent("", {DigestOf(1)})}).unchecked, 0);
  EXPECT_EQ(Find(index, {MakeComponent("", {})}).unchecked, 1);
  EXPECT_EQ(Find(index, {UrlComponent("foo")}).unchecked, 1);
  EXPECT_EQ(Find(index, {MakeComponent("pkg:npm/foo?A", {DigestOf(1)}), Component()}).unchecked, 2);
}

TEST(KnownBadIndex, ListsWhatIsInForce) {
  KnownBadEntry entry = DigestEntry("A-1", {kArtifact});
  entry.effective_from = kNow;
  entry.withdrawn_at = kNow + absl::Seconds(1);
  const ListOf index = Index({entry});
  const Matches match = {{0, Kind::kArtifactDigest, kNoComponent, false}};
  EXPECT_EQ(List(index, {}, kNow - kTick), Matches{});
  EXPECT_EQ(List(index, {}, kNow), match);
  EXPECT_EQ(List(index, {}, kNow + absl::Seconds(1) - kTick), match);
  EXPECT_EQ(List(index, {}, kNow + absl::Seconds(1)), Matches{});
  // Find tells of it at any time, with the interval.
  ASSERT_EQ(Find(index, {}).hits, Hits({{0, false, {}}}));
  EXPECT_EQ(Find(index, {}).hits[0].in_force.advisory_id, "A-1");
  EXPECT_EQ(Find(index, {}).hits[0].in_force.effective_from, kNow);
  EXPECT_EQ(Find(index, {}).hits[0].in_force.withdrawn_at, kNow + absl::Seconds(1));
}

TEST(KnownBadIndex, MatchesAreInOrder) {
  const ListOf index =
      Index({DigestEntry("B-1", {kArtifact, DigestOf(1)}), ExactEntry("A-1", "pkg:npm/foo@1"),
             DigestEntry("A-2", {DigestOf(1)})});
  const std::vector<Component> components = {MakeComponent("pkg:npm/foo", {DigestOf(1)}),
                                             MakeComponent("pkg:npm/foo@1", {DigestOf(1)})};
  ASSERT_EQ(index.entries().size(), 3);
  EXPECT_EQ(index.entries()[0].advisory_id, "A-1");
  EXPECT_EQ(index.entries()[1].advisory_id, "A-2");
  EXPECT_EQ(index.entries()[2].advisory_id, "B-1");
  EXPECT_EQ(List(index, components), Matches({{0, Kind::kExactUrl, 0, true},
                                              {0, Kind::kExactUrl, 1, false},
                                              {1, Kind::kComponentDigest, 0, false},
                                              {1, Kind::kComponentDigest, 1, false},
                                              {2, Kind::kArtifactDigest, kNoComponent, false},
                                              {2, Kind::kComponentDigest, 0, false},
                                              {2, Kind::kComponentDigest, 1, false}}));
}

TEST(KnownBadIndex, CapKeepsTheFirstAndTheTotal) {
  std::vector<KnownBadEntry> entries;
  for (int i = 0; i < 50; ++i) {
    entries.push_back(DigestEntry(absl::StrCat("A-", 100 + i), {DigestOf(1)}));
  }
  const ListOf index = Index(std::move(entries));
  const std::vector<Component> components(40, MakeComponent("", {DigestOf(1)}));
  KnownBadMatches all;
  index.List(kArtifact, components, 1'000'000, kNow, &all);
  ASSERT_EQ(all.matches.size(), 2000);
  for (size_t cap : {size_t{0}, size_t{1}, size_t{31}, size_t{32}, size_t{33}, size_t{1999},
                     size_t{2000}, size_t{2001}, SIZE_MAX}) {
    KnownBadMatches some;
    index.List(kArtifact, components, cap, kNow, &some);
    EXPECT_EQ(some.total, 2000) << cap;
    const size_t kept = std::min<size_t>(cap, 2000);
    EXPECT_EQ(some.matches, Matches(all.matches.begin(), all.matches.begin() + kept)) << cap;
  }
}

TEST(KnownBadIndex, HitsStayCompleteWhenThereAreMany) {
  std::vector<KnownBadEntry> entries;
  for (int i = 0; i < 700; ++i) {
    entries.push_back(DigestEntry(absl::StrCat("A-", 1000 + i), {DigestOf(1)}));
  }
  const ListOf index = Index(std::move(entries));
  const std::vector<Component> components(30, MakeComponent("", {DigestOf(1)}));
  const KnownBadFindings findings = Find(index, components);
  ASSERT_EQ(findings.hits.size(), 700);
  EXPECT_LE(findings.hits.capacity(), 4096) << "memory must be bounded by the number of entries";
  for (uint32_t i = 0; i < 700; ++i) EXPECT_EQ(findings.hits[i], (KnownBadHit{i, false, {}}));
}

TEST(KnownBadIndex, OutputIsReplaced) {
  const ListOf index = Index({DigestEntry("A-1", {kArtifact})});
  KnownBadFindings findings;
  findings.hits = Hits(3);
  findings.unchecked = 7;
  index.Find(DigestOf(9), {}, &findings);
  EXPECT_EQ(findings.hits, Hits{});
  EXPECT_EQ(findings.unchecked, 0);
  KnownBadMatches matches;
  matches.matches = Matches(3);
  matches.total = 7;
  index.List(DigestOf(9), {}, 10, kNow, &matches);
  EXPECT_EQ(matches.matches, Matches{});
  EXPECT_EQ(matches.total, 0);
}

// A slow second opinion: every entry against every component, by the words of the clause.
class Reference {
 public:
  explicit Reference(absl::Span<const KnownBadEntry> entries) : entries_(entries) {}

  Matches All(const Digest& artifact, absl::Span<const Component> components) const {
    std::set<std::tuple<uint32_t, uint32_t, Kind, bool>> found;
    for (uint32_t e = 0; e < entries_.size(); ++e) {
      for (const Digest& digest : entries_[e].digests) {
        if (digest == artifact) found.insert({e, 0, Kind::kArtifactDigest, false});
      }
      for (uint32_t c = 0; c < components.size(); ++c) AddComponent(e, c, components[c], found);
    }
    Matches matches;
    for (const auto& [entry, place, kind, unknown] : found) {
      if (unknown && found.count({entry, place, kind, false}) > 0) continue;
      matches.push_back({entry, kind, place == 0 ? kNoComponent : place - 1, unknown});
    }
    return matches;
  }

 private:
  template <typename Set>
  void AddComponent(uint32_t e, uint32_t c, const Component& component, Set& found) const {
    const KnownBadEntry& entry = entries_[e];
    for (const Digest& digest : component.digests) {
      for (const Digest& bad : entry.digests) {
        if (digest == bad) found.insert({e, c + 1, Kind::kComponentDigest, false});
      }
    }
    for (const PackageUrl& url : entry.exact) {
      AddUrl(e, c, component, url, url.version, Kind::kExactUrl, found);
    }
    for (const KnownBadPackage& package : entry.packages) {
      for (const std::string& version : package.versions) {
        AddUrl(e, c, component, package.name, version, Kind::kPackage, found);
      }
      for (const KnownBadRange& range : package.ranges) {
        for (const std::string version : {"0", "1", "2"}) {
          // Only npm has an order here, in which these versions are their values.
          const bool npm = package.name.type == "npm";
          const bool within = version >= range.introduced && version < range.until_version;
          if (npm && !within && component.url_is == ComponentUrl::kReadable &&
              !component.url.version.empty()) {
            continue;
          }
          AddUrl(e, c, component, package.name, version, Kind::kPackage, found, !npm);
        }
      }
    }
  }

  template <typename Set>
  void AddUrl(uint32_t e, uint32_t c, const Component& component, const PackageUrl& bad,
              const std::string& version, Kind kind, Set& found, bool unordered = false) const {
    if (component.url_is == ComponentUrl::kAbsent) return;
    const PackageUrl& url = component.url;
    if (url.type != bad.type || url.namespace_ != bad.namespace_) return;
    if (url.type == "nuget" ? !absl::EqualsIgnoreCase(url.name, bad.name) : url.name != bad.name) {
      return;
    }
    if (component.url_is == ComponentUrl::kUnreadable) {
      found.insert({e, c + 1, kind, true});
      return;
    }
    for (const auto& qualifier : bad.qualifiers) {
      if (std::count(url.qualifiers.begin(), url.qualifiers.end(), qualifier) == 0) return;
    }
    if (!bad.subpath.empty() && bad.subpath != url.subpath) return;
    if (url.version.empty() || url.version == version) {
      found.insert({e, c + 1, kind, url.version.empty() || unordered});
    }
  }

  absl::Span<const KnownBadEntry> entries_;
};

// Small alphabets, so that much coincides.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  uint32_t Pick(uint32_t n) { return random_() % n; }

  Digest RandomDigest() { return Pick(4) == 0 ? kArtifact : DigestOf(Pick(5)); }

  std::string Version() { return absl::StrCat(Pick(3)); }

  std::string Url(bool with_version) {
    constexpr absl::string_view kTypes[] = {"generic", "nuget", "npm"};
    std::string url = absl::StrCat("pkg:", kTypes[Pick(3)], "/", Pick(2) ? "A" : "a");
    if (with_version) absl::StrAppend(&url, "@", Version());
    if (Pick(3) == 0) absl::StrAppend(&url, "?k=", Pick(2), Pick(2) ? "&l=1" : "");
    if (Pick(4) == 0) absl::StrAppend(&url, "#s", Pick(2));
    return url;
  }

  KnownBadEntry RandomEntry() {
    KnownBadEntry entry = Entry(absl::StrCat("A-", Pick(8)));
    for (uint32_t n = Pick(3); n > 0; --n) entry.digests.push_back(RandomDigest());
    for (uint32_t n = Pick(3); n > 0; --n) entry.exact.push_back(sluice::Url(Url(true)));
    for (uint32_t n = Pick(3); n > 0; --n) {
      KnownBadPackage package{sluice::Url(Url(false)), {Version()}, {}};
      if (Pick(2)) package.versions.push_back(Version());
      if (Pick(2)) package.ranges = {{Version(), VersionRange::Until::kFixed, Version()}};
      entry.packages.push_back(std::move(package));
    }
    if (entry.exact.empty() && entry.packages.empty()) entry.digests.push_back(RandomDigest());
    return entry;
  }

  Component RandomComponent() {
    std::vector<Digest> digests;
    for (uint32_t n = Pick(3); n > 0; --n) digests.push_back(RandomDigest());
    if (Pick(5) == 0) return MakeComponent("", std::move(digests));
    return MakeComponent(Url(Pick(4) != 0) + (Pick(6) == 0 ? " " : ""), std::move(digests));
  }

  template <typename T>
  void Shuffle(std::vector<T>& items) {
    std::shuffle(items.begin(), items.end(), random_);
  }

 private:
  std::mt19937 random_;
};

TEST(KnownBadIndex, AgreesWithTheReference) {
  std::map<std::pair<Kind, bool>, int> reached;
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    Generator generator(seed);
    std::vector<KnownBadEntry> entries;
    for (uint32_t n = generator.Pick(6); n > 0; --n) entries.push_back(generator.RandomEntry());
    std::vector<Component> components;
    for (uint32_t n = generator.Pick(5); n > 0; --n) {
      components.push_back(generator.RandomComponent());
    }
    const ListOf index = Index(entries);
    const Matches expected = Reference(index.entries()).All(kArtifact, components);
    ASSERT_EQ(List(index, components), expected);
    for (const KnownBadMatch& match : expected) ++reached[{match.kind, match.version_unknown}];

    std::map<uint32_t, bool> hits;
    for (const KnownBadMatch& match : expected) {
      const auto [hit, inserted] = hits.emplace(match.entry, match.version_unknown);
      if (!inserted) hit->second = hit->second && match.version_unknown;
    }
    Hits expected_hits;
    for (const auto& [entry, unknown] : hits) expected_hits.push_back({entry, unknown, {}});
    ASSERT_EQ(Find(index, components).hits, expected_hits);

    // Neither order nor duplicates of the entries matter.
    if (!entries.empty()) entries.push_back(entries[generator.Pick(entries.size())]);
    generator.Shuffle(entries);
    const ListOf again = Index(entries);
    ASSERT_EQ(List(again, components), expected);
    ASSERT_TRUE(entries.empty() || again.bytes() == index.bytes());
  }
  EXPECT_EQ(reached.size(), 6);
}

// A shorter URL in an entry matches all that the longer one does.
TEST(KnownBadIndex, WideningAnEntryNeverLosesAMatch) {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    Generator generator(seed);
    const PackageUrl narrow = sluice::Url(generator.Url(true));
    PackageUrl wide = narrow;
    if (generator.Pick(2)) wide.subpath.clear();
    if (!wide.qualifiers.empty()) wide.qualifiers.pop_back();
    KnownBadEntry narrow_entry = Entry("A-1");
    narrow_entry.exact = {narrow};
    KnownBadEntry wide_entry = Entry("A-1");
    wide_entry.exact = {wide};
    const Component component = generator.RandomComponent();
    EXPECT_LE(Ask(narrow_entry, component), Ask(wide_entry, component)) << seed;
  }
}

}  // namespace
}  // namespace sluice
