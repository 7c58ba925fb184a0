#include "sluice/known_bad.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kDigest[] =
    "sha256:0000000000000000000000000000000000000000000000000000000000000001";

v1::KnownBadList List() {
  v1::KnownBadList list;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        id: 'osv'
        epoch: 7
        entry_count: 2
        verified_at { seconds: 1800000000 nanos: 5 }
        overridable: true
        entries {
          id: 'GHSA-1'
          url: 'https://example.com/GHSA-1'
          reason: 'remote code execution'
          severity: CRITICAL
          digests: 'sha256:0000000000000000000000000000000000000000000000000000000000000001'
          added_at { seconds: 10 }
          effective_from { seconds: 20 }
          withdrawn_at { seconds: 30 }
          aliases: 'CVE-2027-1'
        }
        entries {
          id: 'GHSA-2'
          package_urls: 'pkg:npm/left-pad@1.3.0'
          packages {
            package_url: 'pkg:pypi/Django'
            versions: [ '1.11', '1.11', '1.12' ]
          }
        })pb",
      &list));
  return list;
}

// `path KIND` of each fault that a change of the list makes.
std::vector<std::string> Faults(const std::function<void(v1::KnownBadList&)>& change) {
  v1::KnownBadList list = List();
  change(list);
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(list);
  const v1::Faults listed = FaultsOf(built.status());
  std::vector<std::string> faults;
  for (const v1::Fault& fault : listed.faults()) {
    faults.push_back(absl::StrCat(fault.path(), " ", v1::Fault::Kind_Name(fault.kind())));
  }
  EXPECT_EQ(built.ok(), faults.empty()) << built.status();
  return faults;
}

TEST(KnownBadListTest, KeepsWhatTheListSays) {
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(List());
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->id(), "osv");
  EXPECT_EQ(list->epoch(), 7u);
  EXPECT_EQ(list->entry_count(), 2u);
  EXPECT_EQ(list->verified_at(), absl::FromUnixSeconds(1800000000) + absl::Nanoseconds(5));
  EXPECT_TRUE(list->overridable());
  ASSERT_EQ(list->index().entries().size(), 2u);
  const KnownBadEntry& first = list->index().entries()[0];
  EXPECT_EQ(first.advisory_id, "GHSA-1");
  EXPECT_EQ(first.url, "https://example.com/GHSA-1");
  EXPECT_EQ(first.reason, "remote code execution");
  EXPECT_EQ(first.severity, Severity::kCritical);
  EXPECT_EQ(first.added_at, absl::FromUnixSeconds(10));
  EXPECT_EQ(first.effective_from, absl::FromUnixSeconds(20));
  EXPECT_EQ(first.withdrawn_at, absl::FromUnixSeconds(30));
  EXPECT_THAT(first.aliases, ElementsAre("CVE-2027-1"));
  EXPECT_THAT(first.digests, ElementsAre(*ParseDigest(kDigest)));
  const KnownBadEntry& second = list->index().entries()[1];
  EXPECT_EQ(second.severity, Severity::kUnknown);
  EXPECT_EQ(second.effective_from, absl::InfinitePast());
  EXPECT_EQ(second.withdrawn_at, absl::InfiniteFuture());
  ASSERT_EQ(second.exact.size(), 1u);
  EXPECT_EQ(second.exact[0].name, "left-pad");
  ASSERT_EQ(second.packages.size(), 1u);
  EXPECT_EQ(second.packages[0].name.name, "django");
  EXPECT_THAT(second.packages[0].versions, ElementsAre("1.11", "1.12"));
}

TEST(KnownBadListTest, FindsWhatItLists) {
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(List());
  ASSERT_TRUE(list.ok()) << list.status();
  KnownBadFindings found;
  list->index().Find(*ParseDigest(kDigest), {}, &found);
  EXPECT_EQ(found.hits.size(), 1u);
  list->index().Find(Digest(), {MakeComponent("pkg:pypi/django@1.12", {})}, &found);
  EXPECT_EQ(found.hits.size(), 1u);
  list->index().Find(Digest(), {MakeComponent("pkg:pypi/django@1.13", {})}, &found);
  EXPECT_THAT(found.hits, IsEmpty());
}

TEST(KnownBadListTest, NothingFails) {
  EXPECT_THAT(
      Faults([](v1::KnownBadList& list) { list.Clear(); }),
      ElementsAre("id MISSING", "epoch MISSING", "entry_count MISSING", "verified_at MISSING"));
}

TEST(KnownBadListTest, HeaderFails) {
  EXPECT_THAT(Faults([](auto& list) { list.set_id("@osv"); }), ElementsAre("id INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& list) { list.set_epoch(0); }), ElementsAre("epoch MISSING"));
  EXPECT_THAT(Faults([](auto& list) { list.mutable_verified_at()->set_nanos(-1); }),
              ElementsAre("verified_at INVALID_VALUE"));
}

TEST(KnownBadListTest, ACutListFails) {
  EXPECT_THAT(Faults([](auto& list) { list.mutable_entries()->RemoveLast(); }),
              ElementsAre("entry_count INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& list) { list.clear_entries(); }),
              ElementsAre("entry_count INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& list) { list.set_entry_count(1); }),
              ElementsAre("entry_count INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& list) { list.clear_entry_count(); }),
              ElementsAre("entry_count MISSING"));
}

TEST(KnownBadListTest, EntryFails) {
  EXPECT_THAT(Faults([](auto& list) { list.mutable_entries(0)->clear_id(); }),
              ElementsAre("entries[0].id MISSING"));
  EXPECT_THAT(Faults([](auto& list) { list.mutable_entries(1)->set_id("a b"); }),
              ElementsAre("entries[1].id INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& list) { list.mutable_entries(0)->clear_digests(); }),
              ElementsAre("entries[0] MISSING"));
  EXPECT_THAT(Faults([](auto& list) {
                list.mutable_entries(0)->set_severity(static_cast<v1::KnownBadEntry::Severity>(9));
              }),
              ElementsAre("entries[0].severity INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& list) {
                list.mutable_entries(0)->set_url(std::string(kMaxText + 1, 'a'));
                list.mutable_entries(0)->set_reason(std::string(kMaxText + 1, 'a'));
              }),
              ElementsAre("entries[0].url TOO_LARGE", "entries[0].reason TOO_LARGE"));
  EXPECT_THAT(Faults([](auto& list) { list.mutable_entries(0)->add_aliases("?"); }),
              ElementsAre("entries[0].aliases[1] INVALID_VALUE"));
  EXPECT_THAT(
      Faults([](auto& list) {
        list.mutable_entries(0)->mutable_added_at()->set_nanos(-1);
        list.mutable_entries(0)->mutable_effective_from()->set_nanos(1000000000);
        list.mutable_entries(0)->mutable_withdrawn_at()->set_seconds(253402300800);
      }),
      ElementsAre("entries[0].added_at INVALID_VALUE", "entries[0].effective_from INVALID_VALUE",
                  "entries[0].withdrawn_at INVALID_VALUE"));
}

TEST(KnownBadListTest, DigestsFail) {
  EXPECT_THAT(
      Faults([](auto& list) {
        list.mutable_entries(0)->add_digests("sha256:00");
        list.mutable_entries(0)->add_digests("");
      }),
      ElementsAre("entries[0].digests[1] INVALID_VALUE", "entries[0].digests[2] INVALID_VALUE"));
}

TEST(KnownBadListTest, PackageUrlsFail) {
  EXPECT_THAT(Faults([](auto& list) {
                list.mutable_entries(1)->add_package_urls("left-pad");
                list.mutable_entries(1)->add_package_urls("pkg:npm/left-pad");
                list.mutable_entries(1)->add_package_urls(
                    absl::StrCat("pkg:npm/a@", std::string(5000, '1')));
              }),
              ElementsAre("entries[1].package_urls[1] INVALID_VALUE",
                          "entries[1].package_urls[2] INVALID_VALUE",
                          "entries[1].package_urls[3] TOO_LARGE"));
}

TEST(KnownBadListTest, PackagesFail) {
  EXPECT_THAT(Faults([](auto& list) { list.mutable_entries(1)->add_packages(); }),
              ElementsAre("entries[1].packages[1].package_url MISSING",
                          "entries[1].packages[1].versions MISSING"));
  EXPECT_THAT(
      Faults([](auto& list) {
        list.mutable_entries(1)->mutable_packages(0)->set_package_url("pkg:pypi/django@1.0");
      }),
      ElementsAre("entries[1].packages[0].package_url INVALID_VALUE"));
  EXPECT_THAT(Faults([](auto& list) {
                list.mutable_entries(1)->mutable_packages(0)->set_package_url("django");
              }),
              ElementsAre("entries[1].packages[0].package_url INVALID_VALUE"));
  EXPECT_THAT(
      Faults([](auto& list) { list.mutable_entries(1)->mutable_packages(0)->set_versions(1, ""); }),
      ElementsAre("entries[1].packages[0].versions[1] INVALID_VALUE"));
}

TEST(KnownBadListTest, RangesAreNotImplementedWhetherOrNotVersionsAreGiven) {
  v1::KnownBadList list = List();
  list.mutable_entries(1)->mutable_packages(0)->add_ranges()->set_introduced("0");
  const absl::Status status = KnownBadList::Build(list).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(Faults([&](auto& changed) { changed = list; }),
              ElementsAre("entries[1].packages[0].ranges UNIMPLEMENTED"));
  list.mutable_entries(1)->mutable_packages(0)->clear_versions();
  EXPECT_THAT(Faults([&](auto& changed) { changed = list; }),
              ElementsAre("entries[1].packages[0].ranges UNIMPLEMENTED"));
  list.set_epoch(0);
  EXPECT_EQ(KnownBadList::Build(list).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(KnownBadListTest, AnUnknownFieldFailsAtAnyDepth) {
  const auto add = [](google::protobuf::Message& message) {
    message.GetReflection()->MutableUnknownFields(&message)->AddVarint(99, 1);
  };
  EXPECT_THAT(Faults([&](auto& list) { add(list); }), ElementsAre(" UNKNOWN_FIELD"));
  EXPECT_THAT(Faults([&](auto& list) { add(*list.mutable_entries(1)->mutable_packages(0)); }),
              ElementsAre("entries[1].packages[0] UNKNOWN_FIELD"));
}

TEST(KnownBadListTest, ExactDuplicatesAreOneEntry) {
  v1::KnownBadList list = List();
  v1::KnownBadEntry* copy = list.add_entries();
  *copy = list.entries(1);
  copy->mutable_packages(0)->mutable_versions()->SwapElements(0, 2);
  list.set_entry_count(3);
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(list);
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_EQ(built->entry_count(), 2u);
}

TEST(KnownBadListTest, OneIdWithTwoContentsFails) {
  EXPECT_THAT(Faults([](auto& list) {
                v1::KnownBadEntry* other = list.add_entries();
                *other = list.entries(0);
                other->clear_withdrawn_at();
                list.set_entry_count(3);
              }),
              ElementsAre("entries[2].id DUPLICATE"));
}

TEST(KnownBadListTest, EveryFaultAtOnce) {
  EXPECT_THAT(Faults([](auto& list) {
                list.set_epoch(0);
                list.mutable_entries(0)->clear_id();
                list.mutable_entries(1)->mutable_packages(0)->add_ranges();
              }),
              ElementsAre("epoch MISSING", "entries[0].id MISSING",
                          "entries[1].packages[0].ranges UNIMPLEMENTED"));
}

TEST(KnownBadListTest, TheOrderOfEntriesMeansNothing) {
  v1::KnownBadList list = List();
  list.mutable_entries()->SwapElements(0, 1);
  const absl::StatusOr<KnownBadList> swapped = KnownBadList::Build(list);
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(List());
  ASSERT_TRUE(swapped.ok() && built.ok());
  EXPECT_EQ(swapped->index().entries(), built->index().entries());
}

}  // namespace
}  // namespace sluice
