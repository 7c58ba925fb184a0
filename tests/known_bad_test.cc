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
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/known_bad/known_bad_match.h"
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
  ASSERT_EQ(list->index().entry_count(), 2u);
  v1::KnownBadEntry entry;
  uint64_t digests;
  uint64_t hash;
  ASSERT_TRUE(list->index().ReadEvidence(0, &entry, &digests, &hash));
  EXPECT_EQ(digests, 1u);
  v1::KnownBadEntry first = List().entries(0);
  first.clear_digests();
  EXPECT_EQ(entry.SerializeAsString(), first.SerializeAsString());
  ASSERT_TRUE(list->index().ReadEvidence(1, &entry, &digests, &hash));
  EXPECT_EQ(digests, 0u);
  v1::KnownBadEntry second = List().entries(1);
  second.mutable_packages(0)->set_package_url("pkg:pypi/django");
  second.mutable_packages(0)->mutable_versions()->SwapElements(0, 2);
  second.mutable_packages(0)->mutable_versions()->RemoveLast();
  second.mutable_packages(0)->mutable_versions()->SwapElements(0, 1);
  EXPECT_EQ(entry.SerializeAsString(), second.SerializeAsString());
}

TEST(KnownBadListTest, FindsWhatItLists) {
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(List());
  ASSERT_TRUE(list.ok()) << list.status();
  KnownBadFindings found;
  list->index().Find({*ParseDigest(kDigest)}, {}, &found);
  EXPECT_EQ(found.hits.size(), 1u);
  list->index().Find({Digest()}, {MakeComponent("pkg:pypi/django@1.12", {})}, &found);
  EXPECT_EQ(found.hits.size(), 1u);
  list->index().Find({Digest()}, {MakeComponent("pkg:pypi/django@1.13", {})}, &found);
  EXPECT_THAT(found.hits, IsEmpty());
}

TEST(KnownBadListTest, VerifiedAnew) {
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(List());
  ASSERT_TRUE(built.ok()) << built.status();
  const std::string file(built->file_form());
  const absl::StatusOr<KnownBadList> opened = KnownBadList::Open(file);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const absl::Time later = absl::FromUnixSeconds(1900000000);
  for (const KnownBadList* list : {&*built, &*opened}) {
    const KnownBadList anew = list->VerifiedAt(later);
    EXPECT_EQ(anew.verified_at(), later);
    EXPECT_EQ(list->verified_at(), absl::FromUnixSeconds(1800000000) + absl::Nanoseconds(5));
    EXPECT_EQ(anew.id(), "osv");
    EXPECT_EQ(anew.epoch(), 7u);
    EXPECT_EQ(anew.entry_count(), 2u);
    EXPECT_TRUE(anew.overridable());
    KnownBadFindings found;
    anew.index().Find({*ParseDigest(kDigest)}, {}, &found);
    EXPECT_EQ(found.hits.size(), 1u);
    EXPECT_EQ(anew.VerifiedAt(list->verified_at()).verified_at(), list->verified_at());
  }
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

TEST(KnownBadListTest, RangesFail) {
  const auto faults = [](const std::function<void(v1::VersionRange&)>& change) {
    return Faults([&change](v1::KnownBadList& list) {
      change(*list.mutable_entries(1)->mutable_packages(0)->add_ranges());
    });
  };
  EXPECT_THAT(faults([](auto&) {}),
              ElementsAre("entries[1].packages[0].ranges[0].introduced MISSING"));
  EXPECT_THAT(faults([](auto& range) {
                range.set_introduced("0");
                range.set_fixed("");
              }),
              ElementsAre("entries[1].packages[0].ranges[0].fixed MISSING"));
  EXPECT_THAT(faults([](auto& range) {
                range.set_introduced("0");
                range.set_last_affected("");
              }),
              ElementsAre("entries[1].packages[0].ranges[0].last_affected MISSING"));
  EXPECT_THAT(faults([](auto& range) {
                range.set_introduced(std::string(5000, '1'));
                range.set_limit(std::string(4096, '1'));
              }),
              ElementsAre("entries[1].packages[0].ranges[0].introduced TOO_LARGE"));
  EXPECT_THAT(faults([](auto& range) {
                range.set_introduced("whatever that is");
                range.set_limit("*");
              }),
              IsEmpty());
}

TEST(KnownBadListTest, RangesAloneWillDo) {
  v1::KnownBadList message = List();
  v1::AffectedPackage& package = *message.mutable_entries(1)->mutable_packages(0);
  package.clear_versions();
  v1::VersionRange& range = *package.add_ranges();
  range.set_introduced("1.2");
  range.set_last_affected("1.4");
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
  ASSERT_TRUE(list.ok()) << list.status();
  KnownBadFindings found;
  list->index().Find({}, {MakeComponent("pkg:pypi/django@1.4.0", {})}, &found);
  EXPECT_EQ(found.hits.size(), 1u);
  list->index().Find({}, {MakeComponent("pkg:pypi/django@1.4.1", {})}, &found);
  EXPECT_THAT(found.hits, IsEmpty());
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
                          "entries[1].packages[0].ranges[0].introduced MISSING"));
}

TEST(KnownBadListTest, TheOrderOfEntriesMeansNothing) {
  v1::KnownBadList list = List();
  list.mutable_entries()->SwapElements(0, 1);
  const absl::StatusOr<KnownBadList> swapped = KnownBadList::Build(list);
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(List());
  ASSERT_TRUE(swapped.ok() && built.ok());
  EXPECT_EQ(swapped->file_form(), built->file_form());
}

TEST(KnownBadListTest, ItsFileFormIsTheSameList) {
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(List());
  ASSERT_TRUE(built.ok()) << built.status();
  const std::string file(built->file_form());
  const absl::StatusOr<KnownBadList> opened = KnownBadList::Open(file);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->id(), built->id());
  EXPECT_EQ(opened->epoch(), built->epoch());
  EXPECT_EQ(opened->entry_count(), built->entry_count());
  EXPECT_EQ(opened->verified_at(), built->verified_at());
  EXPECT_EQ(opened->overridable(), built->overridable());
  EXPECT_EQ(opened->file_form(), built->file_form());
  EXPECT_TRUE(opened->Verify().ok());
  KnownBadFindings found;
  opened->index().Find({*ParseDigest(kDigest)}, {}, &found);
  EXPECT_EQ(found.hits.size(), 1u);
}

TEST(KnownBadListTest, ACutOrForeignFileIsRefused) {
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(List());
  ASSERT_TRUE(built.ok()) << built.status();
  const absl::string_view file = built->file_form();
  for (const absl::string_view bytes :
       {absl::string_view(), file.substr(0, 100), file.substr(0, file.size() - 1),
        absl::string_view("{\"id\": \"osv\"}")}) {
    EXPECT_EQ(KnownBadList::Open(bytes).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

// Whatever byte of a file is changed: it is refused, or its damage told, or the byte is of no
// meaning to the question and the answer stands.
TEST(KnownBadListTest, NoChangedByteHidesAMatch) {
  const absl::StatusOr<KnownBadList> built = KnownBadList::Build(List());
  ASSERT_TRUE(built.ok()) << built.status();
  const std::string file(built->file_form());
  int told = 0;
  for (size_t at = 0; at < file.size(); at += 7) {
    std::string changed = file;
    changed[at] ^= 0x21;
    const absl::StatusOr<KnownBadList> opened = KnownBadList::Open(changed);
    if (!opened.ok()) continue;
    KnownBadFindings found;
    opened->index().Find({*ParseDigest(kDigest)}, {MakeComponent("pkg:pypi/django@1.12", {})},
                         &found);
    ASSERT_TRUE(found.damaged || found.hits.size() == 2u) << at;
    ASSERT_EQ(opened->Verify().code(), absl::StatusCode::kDataLoss) << at;
    told += found.damaged ? 1 : 0;
  }
  EXPECT_GT(told, 100);
}

TEST(KnownBadListTest, QueryTellsTheEvidence) {
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(List());
  ASSERT_TRUE(list.ok()) << list.status();
  KnownBadQuestion question;
  question.digests = {kDigest};
  question.components.add_components()->set_package_url("pkg:npm/left-pad");
  question.components.add_components()->set_package_url("pkg:pypi/django@1.12");
  question.components.add_components()->set_package_url("nonsense");
  const absl::Time now = absl::FromUnixSeconds(25);
  const absl::StatusOr<KnownBadAnswers> answers = list->Query(question, now, 10);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_EQ(answers->total, 3u);
  EXPECT_EQ(answers->unchecked, 1u);
  ASSERT_EQ(answers->answers.size(), 3u);
  EXPECT_EQ(answers->answers[0].component, kNoComponent);
  EXPECT_EQ(answers->answers[0].kind, KnownBadMatchKind::kArtifactDigest);
  EXPECT_EQ(answers->answers[0].entry.id(), "GHSA-1");
  EXPECT_EQ(answers->answers[0].entry.reason(), "remote code execution");
  EXPECT_EQ(answers->answers[1].component, 0u);
  EXPECT_EQ(answers->answers[1].kind, KnownBadMatchKind::kExactUrl);
  EXPECT_TRUE(answers->answers[1].version_unknown);
  EXPECT_EQ(answers->answers[2].component, 1u);
  EXPECT_EQ(answers->answers[2].kind, KnownBadMatchKind::kPackage);
  EXPECT_FALSE(answers->answers[2].version_unknown);
  EXPECT_EQ(answers->answers[2].entry.id(), "GHSA-2");
  // Bounded, with the total; and only what is in force.
  EXPECT_EQ(list->Query(question, now, 1)->answers.size(), 1u);
  EXPECT_EQ(list->Query(question, now, 1)->total, 3u);
  EXPECT_EQ(list->Query(question, absl::FromUnixSeconds(30), 10)->total, 2u);
}

TEST(KnownBadListTest, QueryRefusesMalformedDigests) {
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(List());
  ASSERT_TRUE(list.ok()) << list.status();
  KnownBadQuestion question;
  question.digests = {"sha256:00"};
  question.components.add_components()->add_digests("md5:00");
  const absl::Status status = list->Query(question, absl::UnixEpoch(), 10).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FaultsOf(status).faults_size(), 2);
}

}  // namespace
}  // namespace sluice
