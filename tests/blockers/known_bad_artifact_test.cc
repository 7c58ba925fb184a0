#include "sluice/blockers/known_bad_artifact.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/component.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kHour = absl::Hours(1);
constexpr char kOneList[] =
    "lists: 'osv' max_age { seconds: 3600 } min_entries: 1 on_match_in_flight: HALT components: "
    "OPTIONAL";
constexpr char kTwoLists[] =
    "lists: ['osv', 'ours'] max_age { seconds: 3600 } min_entries: 1 on_match_in_flight: HALT "
    "components: OPTIONAL";

std::vector<std::string> FaultsOf(const v1::KnownBad& proto) {
  const FieldPath root;
  FieldErrors errors;
  ParseKnownBadArtifact(proto, root, errors);
  return FaultsIn(errors);
}

KnownBadArtifact Parsed(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  KnownBadArtifact blocker = ParseKnownBadArtifact(FromText<v1::KnownBad>(text), root, errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  return blocker;
}

// A list of one entry that matches nothing, verified at Zero().
v1::KnownBadList List(const std::string& id) {
  v1::KnownBadList list;
  list.set_id(id);
  list.set_epoch(5);
  *list.mutable_verified_at() = WriteTime(Zero());
  v1::KnownBadEntry* entry = list.add_entries();
  entry->set_id("OTHER-1");
  entry->add_digests(kOtherArtifact);
  return list;
}

v1::KnownBadEntry& AddMatch(const std::string& id, v1::KnownBadList& list) {
  v1::KnownBadEntry* entry = list.add_entries();
  entry->set_id(id);
  entry->add_digests(kArtifact);
  return *entry;
}

struct Lists : World {
  void Add(v1::KnownBadList list) {
    list.set_entry_count(static_cast<uint64_t>(list.entries_size()));
    absl::StatusOr<KnownBadList> built = KnownBadList::Build(list);
    ASSERT_TRUE(built.ok()) << built.status();
    Add(*std::move(built));
  }
  // Adds the list in the form of a file of which the bytes of kOtherArtifact are not as written.
  void AddDamaged(v1::KnownBadList list) {
    list.set_entry_count(static_cast<uint64_t>(list.entries_size()));
    const absl::StatusOr<KnownBadList> built = KnownBadList::Build(list);
    ASSERT_TRUE(built.ok()) << built.status();
    files.emplace_back(built->file_form());
    const Digest other = *ParseDigest(kOtherArtifact);
    const size_t at = files.back().find(std::string(other.bytes.begin(), other.bytes.end()));
    ASSERT_NE(at, std::string::npos);
    files.back()[at] ^= 1;
    absl::StatusOr<KnownBadList> opened = KnownBadList::Open(files.back());
    ASSERT_TRUE(opened.ok()) << opened.status();
    Add(*std::move(opened));
  }
  void Add(KnownBadList list) {
    lists.push_back(std::make_unique<KnownBadList>(std::move(list)));
    snapshot.known_bad.push_back(lists.back().get());
    std::sort(snapshot.known_bad.begin(), snapshot.known_bad.end(),
              [](const KnownBadList* a, const KnownBadList* b) { return a->id() < b->id(); });
  }
  void AddComponent(absl::string_view url) {
    artifact.has_components = true;
    artifact.components.push_back(MakeComponent(url, {}));
  }
  Judgement JudgeAt(absl::Duration at, const std::string& blocker = kOneList) const {
    kept.push_back(Parsed(blocker));
    return Check(kept.back(), subject(), Zero() + at);
  }
  Reason reason(const std::string& blocker = kOneList) const { return JudgeAt({}, blocker).reason; }
  std::vector<Step> Steps(absl::Duration from, const std::string& text = kOneList) const {
    const KnownBadArtifact blocker = Parsed(text);
    return StepsOf([&](absl::Time now) { return Check(blocker, subject(), now); }, from);
  }

  std::deque<std::string> files;  // What opened lists point into.
  std::vector<std::unique_ptr<KnownBadList>> lists;

  // What judgements point into.
  mutable std::deque<KnownBadArtifact> kept;
};

TEST(ParseKnownBadArtifactTest, NothingFails) {
  EXPECT_THAT(FaultsOf({}), ElementsAre("lists MISSING", "max_age MISSING", "min_entries MISSING",
                                        "on_match_in_flight MISSING", "components MISSING"));
}

TEST(ParseKnownBadArtifactTest, EachFieldFails) {
  v1::KnownBad proto =
      FromText<v1::KnownBad>("lists: ['a', 'a', ' '] max_age {} min_entries: 18446744073709551615");
  proto.set_on_match_in_flight(static_cast<v1::KnownBad::OnMatchInFlight>(3));
  proto.set_components(static_cast<v1::KnownBad::Components>(-1));
  EXPECT_THAT(FaultsOf(proto),
              ElementsAre("lists[1] DUPLICATE", "lists[2] INVALID_VALUE", "max_age INVALID_VALUE",
                          "on_match_in_flight INVALID_VALUE", "components INVALID_VALUE"));
}

TEST(ParseKnownBadArtifactTest, ReadsEveryField) {
  const KnownBadArtifact one = Parsed(kTwoLists);
  EXPECT_THAT(one.lists, ElementsAre("osv", "ours"));
  EXPECT_EQ(one.max_age, kHour);
  EXPECT_EQ(one.min_entries, 1u);
  EXPECT_FALSE(one.roll_back_on_match);
  EXPECT_FALSE(one.components_required);
  const KnownBadArtifact other = Parsed(
      "lists: 'a' max_age { seconds: 1 } min_entries: 7 on_match_in_flight: ROLL_BACK components: "
      "REQUIRED");
  EXPECT_EQ(other.min_entries, 7u);
  EXPECT_TRUE(other.roll_back_on_match);
  EXPECT_TRUE(other.components_required);
}

TEST(KnownBadArtifactTest, WithoutAnArtifactThereIsNoSubject) {
  Lists world;
  EXPECT_EQ(Check(Parsed(kOneList), world.no_subject(), Zero()).reason, v1::NO_SUBJECT);
  EXPECT_FALSE(MatchIsOverridable(Parsed(kOneList), world.no_subject(), Zero()));
  EXPECT_EQ(MatchIsOverridableChangesAt(Parsed(kOneList), world.no_subject(), Zero()),
            absl::InfiniteFuture());
}

TEST(KnownBadArtifactTest, AnInvalidArtifactIsInvalidBeforeAnythingElse) {
  Lists world;
  world.artifact.fault = v1::INVALID_DATA;
  world.artifact.withdrawn = true;
  EXPECT_THAT(world.Steps({}), ElementsAre(Invalid({}, v1::INVALID_DATA)));
}

TEST(KnownBadArtifactTest, AWithdrawnArtifactIsBlockedWhateverTheListsAre) {
  Lists world;
  world.artifact.withdrawn = true;
  EXPECT_THAT(world.Steps({}), ElementsAre(Blocking({}, v1::WITHDRAWN)));
  v1::KnownBadList list = List("osv");
  list.set_overridable(true);
  AddMatch("A-1", list);
  world.Add(list);
  EXPECT_EQ(world.reason(), v1::WITHDRAWN);
  EXPECT_FALSE(MatchIsOverridable(Parsed(kOneList), world.subject(), Zero()));
}

TEST(KnownBadArtifactTest, ClearWhileTheListIsFresh) {
  Lists world;
  world.Add(List("osv"));
  EXPECT_THAT(world.Steps(-kHour), ElementsAre(Invalid(-kHour, v1::FROM_THE_FUTURE), Clear(-kSkew),
                                               Unknown(kHour, v1::STALE)));
}

TEST(KnownBadArtifactTest, AMatchBlocksHoweverOldTheListIs) {
  Lists world;
  v1::KnownBadList list = List("osv");
  AddMatch("A-1", list);
  world.Add(list);
  EXPECT_THAT(world.Steps(-kHour), ElementsAre(Blocking(-kHour, v1::KNOWN_BAD_MATCH)));
}

TEST(KnownBadArtifactTest, AnEntryIsInForceFromItsEffectToItsWithdrawal) {
  Lists world;
  v1::KnownBadList list = List("osv");
  v1::KnownBadEntry& entry = AddMatch("A-1", list);
  *entry.mutable_effective_from() = WriteTime(Zero() + absl::Minutes(10));
  *entry.mutable_withdrawn_at() = WriteTime(Zero() + absl::Minutes(20));
  world.Add(list);
  EXPECT_THAT(world.Steps({}),
              ElementsAre(Clear({}), Blocking(absl::Minutes(10), v1::KNOWN_BAD_MATCH),
                          Clear(absl::Minutes(20)), Unknown(kHour, v1::STALE)));
}

TEST(KnownBadArtifactTest, EntriesThatTakeOverAreOneStretch) {
  Lists world;
  v1::KnownBadList list = List("osv");
  *AddMatch("A-1", list).mutable_withdrawn_at() = WriteTime(Zero() + absl::Minutes(20));
  world.Add(list);
  v1::KnownBadList other = List("ours");
  v1::KnownBadEntry& entry = AddMatch("B-1", other);
  *entry.mutable_effective_from() = WriteTime(Zero() + absl::Minutes(20));
  *entry.mutable_withdrawn_at() = WriteTime(Zero() + absl::Minutes(90));
  world.Add(other);
  EXPECT_THAT(world.Steps({}, kTwoLists), ElementsAre(Blocking({}, v1::KNOWN_BAD_MATCH),
                                                      Unknown(absl::Minutes(90), v1::STALE)));
}

TEST(KnownBadArtifactTest, TheOrderOfWhatIsNotKnown) {
  // Everything is wrong; then one thing after the other is put right.
  const std::string strict =
      "lists: ['osv', 'ours'] max_age { seconds: 3600 } min_entries: 2 on_match_in_flight: HALT "
      "components: REQUIRED";
  Lists world;
  world.snapshot.lists_seen["osv"] = 6;
  world.Add(List("osv"));
  EXPECT_EQ(world.JudgeAt(2 * kHour, strict).reason, v1::LIST_ABSENT);
  EXPECT_EQ(world.JudgeAt(2 * kHour, strict).evidence.subject, "ours");
  world.Add(List("ours"));
  EXPECT_EQ(world.JudgeAt(2 * kHour, strict).reason, v1::LIST_WENT_BACK);
  world.snapshot.lists_seen["osv"] = 5;
  EXPECT_EQ(world.JudgeAt(2 * kHour, strict).reason, v1::LIST_TOO_SHORT);
  std::string enough = strict;
  enough.replace(enough.find("min_entries: 2"), 14, "min_entries: 1");
  EXPECT_EQ(world.JudgeAt(2 * kHour, enough).reason, v1::STALE);
  EXPECT_EQ(world.JudgeAt({}, enough).reason, v1::COMPONENTS_UNKNOWN);
  world.AddComponent("not a url");
  EXPECT_EQ(world.JudgeAt({}, enough).reason, v1::VERSION_UNKNOWN);
  world.artifact.components.clear();
  EXPECT_EQ(world.JudgeAt({}, enough).reason, v1::ALL_CLEAR);
  EXPECT_EQ(world.JudgeAt({}, enough).verdict, Verdict::kClear);
}

TEST(KnownBadArtifactTest, AListFromTheFutureIsInvalidEvenIfAnotherIsAbsent) {
  Lists world;
  world.Add(List("osv"));
  EXPECT_THAT(world.Steps(-kHour, kTwoLists),
              ElementsAre(Invalid(-kHour, v1::FROM_THE_FUTURE), Unknown(-kSkew, v1::LIST_ABSENT)));
}

TEST(KnownBadArtifactTest, EachListHasItsOwnAge) {
  Lists world;
  v1::KnownBadList older = List("osv");
  *older.mutable_verified_at() = WriteTime(Zero() - absl::Minutes(30));
  world.Add(older);
  world.Add(List("ours"));
  EXPECT_THAT(world.Steps(-kHour, kTwoLists),
              ElementsAre(Invalid(-kHour, v1::FROM_THE_FUTURE), Clear(-kSkew),
                          Unknown(absl::Minutes(30), v1::STALE)));
}

TEST(KnownBadArtifactTest, AnEpochThatWasSeenIsFine) {
  Lists world;
  world.Add(List("osv"));
  world.snapshot.lists_seen["osv"] = 5;
  EXPECT_EQ(world.reason(), v1::ALL_CLEAR);
  world.snapshot.lists_seen["osv"] = 6;
  const Judgement judgement = world.JudgeAt({});
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.evidence.count, 5);
  EXPECT_EQ(judgement.evidence.needed, 6);
}

TEST(KnownBadArtifactTest, ListsThatThePolicyDoesNotNameDoNotMatch) {
  Lists world;
  v1::KnownBadList other = List("ours");
  AddMatch("B-1", other);
  world.Add(other);
  world.Add(List("osv"));
  EXPECT_EQ(world.reason(), v1::ALL_CLEAR);
  EXPECT_EQ(world.reason(kTwoLists), v1::KNOWN_BAD_MATCH);
}

TEST(KnownBadArtifactTest, ComponentsMatchByUrlAndVersion) {
  v1::KnownBadList list = List("osv");
  v1::KnownBadEntry* entry = list.add_entries();
  entry->set_id("PY-1");
  v1::AffectedPackage* package = entry->add_packages();
  package->set_package_url("pkg:pypi/django");
  package->add_versions("1.11");
  const auto reason = [&](absl::string_view url) {
    Lists world;
    world.Add(list);
    world.AddComponent(url);
    return world.reason();
  };
  EXPECT_EQ(reason("pkg:pypi/Django@1.11"), v1::KNOWN_BAD_MATCH);
  EXPECT_EQ(reason("pkg:pypi/django@1.12"), v1::ALL_CLEAR);
  EXPECT_EQ(reason("pkg:pypi/django"), v1::VERSION_UNKNOWN);
  EXPECT_EQ(reason("pkg:pypi/flask"), v1::ALL_CLEAR);
}

TEST(KnownBadArtifactTest, AnUnknownVersionHoldsAsLongAsItsEntryIsInForce) {
  v1::KnownBadList list = List("osv");
  v1::KnownBadEntry* entry = list.add_entries();
  entry->set_id("PY-1");
  entry->add_package_urls("pkg:pypi/django@1.11");
  *entry->mutable_effective_from() = WriteTime(Zero() + absl::Minutes(10));
  *entry->mutable_withdrawn_at() = WriteTime(Zero() + absl::Minutes(20));
  Lists world;
  world.Add(list);
  world.AddComponent("pkg:pypi/django");
  EXPECT_THAT(world.Steps({}),
              ElementsAre(Clear({}), Unknown(absl::Minutes(10), v1::VERSION_UNKNOWN),
                          Clear(absl::Minutes(20)), Unknown(kHour, v1::STALE)));
  EXPECT_THAT(world.JudgeAt(absl::Minutes(10)).evidence.subjects, ElementsAre("PY-1"));
}

TEST(KnownBadArtifactTest, NamesTheAdvisoriesInForceEachOnce) {
  Lists world;
  v1::KnownBadList osv = List("osv");
  AddMatch("C-1", osv);
  AddMatch("A-1", osv);
  *AddMatch("D-1", osv).mutable_withdrawn_at() = WriteTime(Zero());
  world.Add(osv);
  v1::KnownBadList ours = List("ours");
  AddMatch("A-1", ours);
  AddMatch("B-1", ours);
  world.Add(ours);
  const Judgement judgement = world.JudgeAt({}, kTwoLists);
  EXPECT_THAT(judgement.evidence.subjects, ElementsAre("A-1", "B-1", "C-1"));
  EXPECT_EQ(judgement.evidence.subject, "A-1");
  EXPECT_EQ(judgement.evidence.total, 3u);
}

TEST(KnownBadArtifactTest, NamesNoMoreThanTheLimitAndCountsAll) {
  Lists world;
  v1::KnownBadList list = List("osv");
  for (size_t i = 0; i < kMaxSubjects + 5; ++i) AddMatch(absl::StrCat("A-", 100 + i), list);
  world.Add(list);
  const Judgement judgement = world.JudgeAt({});
  EXPECT_EQ(judgement.evidence.subjects.size(), kMaxSubjects);
  EXPECT_EQ(judgement.evidence.subjects[0], "A-100");
  EXPECT_EQ(judgement.evidence.total, kMaxSubjects + 5);
}

TEST(KnownBadArtifactTest, ManyFutureEntriesAreNoBurden) {
  Lists world;
  v1::KnownBadList list = List("osv");
  for (int i = 0; i < 20000; ++i) {
    v1::KnownBadEntry& entry = AddMatch(absl::StrCat("A-", i), list);
    *entry.mutable_effective_from() = WriteTime(Zero() + 2 * kHour + absl::Seconds(2 * i));
    *entry.mutable_withdrawn_at() = WriteTime(Zero() + 2 * kHour + absl::Seconds(2 * i + 1));
  }
  world.Add(list);
  EXPECT_EQ(world.JudgeAt({}).changes_at, Zero() + kHour);
  EXPECT_EQ(world.JudgeAt(kHour).changes_at, Zero() + 2 * kHour);
}

TEST(KnownBadArtifactTest, ADamagedListIsInvalidHoweverFreshItIs) {
  Lists world;
  world.AddDamaged(List("osv"));
  EXPECT_THAT(world.Steps(-kHour), ElementsAre(Invalid(-kHour, v1::INVALID_DATA)));
  EXPECT_EQ(world.JudgeAt({}).evidence.subject, "osv");
}

TEST(KnownBadArtifactTest, AMatchOfAnotherListBlocksBesideADamagedOne) {
  Lists world;
  world.AddDamaged(List("osv"));
  world.Add(List("ours"));
  EXPECT_EQ(world.reason(kTwoLists), v1::INVALID_DATA);
  Lists matched;
  matched.AddDamaged(List("osv"));
  v1::KnownBadList ours = List("ours");
  AddMatch("B-1", ours);
  matched.Add(ours);
  EXPECT_THAT(matched.Steps({}, kTwoLists), ElementsAre(Blocking({}, v1::KNOWN_BAD_MATCH)));
}

// What a damaged list would forbid can't be told.
TEST(MatchIsOverridableTest, NotBesideADamagedList) {
  v1::KnownBadList ours = List("ours");
  ours.set_overridable(true);
  AddMatch("B-1", ours);
  Lists whole;
  whole.Add(List("osv"));
  whole.Add(ours);
  EXPECT_TRUE(MatchIsOverridable(Parsed(kTwoLists), whole.subject(), Zero()));
  Lists damaged;
  damaged.AddDamaged(List("osv"));
  damaged.Add(ours);
  EXPECT_FALSE(MatchIsOverridable(Parsed(kTwoLists), damaged.subject(), Zero()));
}

TEST(MatchIsOverridableTest, OnlyIfEveryListThatMatchesSaysSo) {
  Lists world;
  v1::KnownBadList osv = List("osv");
  osv.set_overridable(true);
  AddMatch("A-1", osv);
  world.Add(osv);
  v1::KnownBadList ours = List("ours");
  v1::KnownBadEntry& entry = AddMatch("B-1", ours);
  *entry.mutable_effective_from() = WriteTime(Zero() + absl::Minutes(10));
  *entry.mutable_withdrawn_at() = WriteTime(Zero() + absl::Minutes(20));
  world.Add(ours);
  const KnownBadArtifact blocker = Parsed(kTwoLists);
  const auto overridable = [&](absl::Duration at) {
    return MatchIsOverridable(blocker, world.subject(), Zero() + at);
  };
  const auto changes_at = [&](absl::Duration at) {
    return MatchIsOverridableChangesAt(blocker, world.subject(), Zero() + at);
  };
  EXPECT_TRUE(overridable(absl::Minutes(10) - kNanosecond));
  EXPECT_FALSE(overridable(absl::Minutes(10)));
  EXPECT_FALSE(overridable(absl::Minutes(20) - kNanosecond));
  EXPECT_TRUE(overridable(absl::Minutes(20)));
  EXPECT_EQ(changes_at({}), Zero() + absl::Minutes(10));
  EXPECT_EQ(changes_at(absl::Minutes(10)), Zero() + absl::Minutes(20));
  EXPECT_EQ(changes_at(absl::Minutes(20)), absl::InfiniteFuture());
  // The verdict is the same all the while.
  EXPECT_THAT(world.Steps({}, kTwoLists), ElementsAre(Blocking({}, v1::KNOWN_BAD_MATCH)));
  // Of the one list alone it may.
  EXPECT_TRUE(MatchIsOverridable(Parsed(kOneList), world.subject(), Zero() + absl::Minutes(10)));
}

TEST(KnownBadArtifactTest, NamesWhatMatchesBesideAnUnknownVersion) {
  v1::KnownBadList list = List("osv");
  *AddMatch("A-1", list).mutable_withdrawn_at() = WriteTime(Zero() + absl::Minutes(10));
  v1::KnownBadEntry* entry = list.add_entries();
  entry->set_id("PY-1");
  entry->add_package_urls("pkg:pypi/django@1.11");
  Lists world;
  world.Add(list);
  world.AddComponent("pkg:pypi/django");
  EXPECT_EQ(world.JudgeAt({}).reason, v1::KNOWN_BAD_MATCH);
  EXPECT_THAT(world.JudgeAt({}).evidence.subjects, ElementsAre("A-1"));
  EXPECT_EQ(world.JudgeAt(absl::Minutes(10)).reason, v1::VERSION_UNKNOWN);
  EXPECT_THAT(world.JudgeAt(absl::Minutes(10)).evidence.subjects, ElementsAre("PY-1"));
}

}  // namespace
}  // namespace sluice
