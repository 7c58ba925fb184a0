#include "sluice/explain/sentence.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/internal/utf8.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::string_view kDigest =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr absl::string_view kShortDigest = "sha256:0123456789ab";

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

Finding FindingOf(Reason reason, absl::string_view id = "checkout-5xx") {
  Finding finding;
  finding.id = id;
  finding.reason = reason;
  return finding;
}

// As much as a finding can say.
Finding FullFinding(Reason reason) {
  Finding finding = FindingOf(reason);
  finding.artifact = kDigest;
  finding.wave = "first-region";
  finding.cell = "eu-1";
  finding.verdict = Verdict::kBlocking;
  finding.changes_at = At("2026-11-23T13:00:00Z");
  finding.evidence.value = 0.0125;
  finding.evidence.threshold = 0.01;
  finding.evidence.count = 4000;
  finding.evidence.needed = 5000;
  finding.evidence.at = At("2026-11-23T10:00:00Z");
  finding.evidence.until = At("2026-11-23T12:00:00Z");
  finding.evidence.subject = "CheckoutErrors";
  finding.evidence.subjects = {"CheckoutErrors", "PaymentErrors"};
  finding.evidence.total = 2;
  return finding;
}

// A sentence on one line, whatever it says.
void ExpectIsASentence(const std::string& sentence) {
  SCOPED_TRACE(sentence);
  ASSERT_GT(sentence.size(), 10u);
  EXPECT_LE(sentence.size(), 3000u);
  EXPECT_TRUE(IsValidUtf8(sentence));
  EXPECT_TRUE(absl::ascii_isupper(sentence.front()));
  EXPECT_TRUE(absl::EndsWith(sentence, "."));
  for (const absl::string_view slip :
       {"\n", "\r", "\t", "  ", " .", " ,", " ;", ",,", "``", "infinite"}) {
    EXPECT_THAT(sentence, Not(HasSubstr(std::string(slip))));
  }
}

std::vector<Reason> AllReasons() {
  std::vector<Reason> reasons;
  const google::protobuf::EnumDescriptor& descriptor = *v1::Reason_descriptor();
  for (int i = 0; i < descriptor.value_count(); ++i) {
    reasons.push_back(static_cast<Reason>(descriptor.value(i)->number()));
  }
  return reasons;
}

std::string NameOf(const testing::TestParamInfo<Reason>& info) {
  return v1::Reason_Name(info.param);
}

class EveryReasonTest : public testing::TestWithParam<Reason> {};

TEST_P(EveryReasonTest, ReadsWellWithoutEvidence) {
  const std::string sentence = Sentence(FindingOf(GetParam()));
  ExpectIsASentence(sentence);
  EXPECT_THAT(sentence, HasSubstr("`checkout-5xx`"));
}

TEST_P(EveryReasonTest, ReadsWellWithAllEvidence) {
  const std::string sentence = Sentence(FullFinding(GetParam()));
  ExpectIsASentence(sentence);
  EXPECT_LE(sentence.size(), 200u) << sentence;
  EXPECT_THAT(sentence, HasSubstr("`checkout-5xx`"));
}

TEST_P(EveryReasonTest, ReadsWellWithoutAnId) {
  ExpectIsASentence(Sentence(FindingOf(GetParam(), "")));
}

TEST_P(EveryReasonTest, ReadsWellForABuiltInRule) {
  Finding finding = FullFinding(GetParam());
  finding.id = "@bake";
  ExpectIsASentence(Sentence(finding));
}

TEST_P(EveryReasonTest, SaysWhichOverridesLiftIt) {
  Finding finding = FullFinding(GetParam());
  finding.effect = Effect::kLifted;
  finding.overrides = {"urgent-fix", "urgent-fix-2"};
  const std::string sentence = Sentence(finding);
  ExpectIsASentence(sentence);
  EXPECT_THAT(sentence, AllOf(HasSubstr("`urgent-fix`"), HasSubstr("`urgent-fix-2`")));
}

TEST_P(EveryReasonTest, SaysMoreIfOnlyObserved) {
  Finding finding = FullFinding(GetParam());
  const std::string holds = Sentence(finding);
  finding.effect = Effect::kObserved;
  const std::string observed = Sentence(finding);
  ExpectIsASentence(observed);
  EXPECT_GT(observed.size(), holds.size());
}

TEST_P(EveryReasonTest, SurvivesHostileFields) {
  const std::string hostile(5000, '\xFF');
  Finding finding = FullFinding(GetParam());
  finding.id = hostile;
  finding.artifact = hostile;
  finding.wave = hostile;
  finding.cell = "a\n`b`";
  finding.evidence.subject = hostile;
  finding.evidence.subjects = {hostile, hostile, hostile, hostile};
  finding.evidence.total = std::numeric_limits<uint64_t>::max();
  finding.evidence.value = std::numeric_limits<double>::quiet_NaN();
  finding.evidence.threshold = -std::numeric_limits<double>::infinity();
  finding.evidence.count = std::numeric_limits<int64_t>::min();
  finding.evidence.needed = std::numeric_limits<int64_t>::max();
  finding.evidence.at = absl::InfinitePast();
  finding.evidence.until = absl::InfiniteFuture();
  finding.changes_at = absl::InfinitePast();
  finding.effect = Effect::kLifted;
  finding.overrides = {hostile, hostile, hostile, hostile};
  finding.still_needed = std::numeric_limits<uint32_t>::max();
  const std::string sentence = Sentence(finding);
  ExpectIsASentence(sentence);
  EXPECT_THAT(sentence, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf%"))));
}

INSTANTIATE_TEST_SUITE_P(All, EveryReasonTest, testing::ValuesIn(AllReasons()), NameOf);

TEST(SentenceTest, UnknownReasonsStillReadWell) {
  for (const int number :
       {-1, 12345, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    const std::string sentence = Sentence(FindingOf(static_cast<Reason>(number)));
    ExpectIsASentence(sentence);
    EXPECT_THAT(sentence, HasSubstr("`checkout-5xx`"));
  }
}

TEST(SentenceTest, ADefaultFindingReadsWell) { ExpectIsASentence(Sentence(Finding())); }

TEST(SentenceTest, NamesCellElseWave) {
  Finding finding = FindingOf(v1::NO_DATA);
  finding.wave = "first-region";
  EXPECT_THAT(Sentence(finding), HasSubstr("wave `first-region`"));
  finding.cell = "eu-1";
  EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("cell `eu-1`"), Not(HasSubstr("wave"))));
}

TEST(SentenceTest, ShortensDigests) {
  Finding finding = FindingOf(v1::WITHDRAWN);
  finding.artifact = kDigest;
  EXPECT_THAT(Sentence(finding),
              AllOf(HasSubstr(std::string(kShortDigest)), Not(HasSubstr(std::string(kDigest)))));
}

TEST(SentenceTest, DoesNotNameASubjectThatIsTheFindingItself) {
  Finding finding = FindingOf(v1::NO_DATA);
  const std::string without = Sentence(finding);
  finding.evidence.subject = "checkout-5xx";
  EXPECT_EQ(Sentence(finding), without);
  finding.evidence.subject = "CheckoutErrors";
  EXPECT_THAT(Sentence(finding), HasSubstr("`CheckoutErrors`"));
}

TEST(SentenceTest, ListsUpToThreeSubjects) {
  Finding finding = FindingOf(v1::KNOWN_BAD_MATCH);
  finding.evidence.subject = "ADV-1";
  EXPECT_THAT(Sentence(finding), HasSubstr("`ADV-1`"));
  finding.evidence.subjects = {"ADV-1", "ADV-2", "ADV-3", "ADV-4"};
  finding.evidence.total = 40;
  EXPECT_THAT(Sentence(finding),
              AllOf(HasSubstr("`ADV-3`"), Not(HasSubstr("`ADV-4`")), HasSubstr("37 more")));
}

TEST(SentenceTest, ClearSaysUntilWhen) {
  Finding finding = FindingOf(v1::ALL_CLEAR);
  finding.verdict = Verdict::kClear;
  finding.effect = Effect::kNone;
  EXPECT_THAT(Sentence(finding), Not(HasSubstr("until")));
  finding.changes_at = At("2026-11-23T12:00:00.25Z");
  EXPECT_THAT(Sentence(finding), HasSubstr("until 2026-11-23T12:00:00.25Z"));
}

TEST(SentenceTest, AReportedAlarmHasAStartAndAComputedOneAValue) {
  Finding finding = FindingOf(v1::IN_ALARM);
  finding.evidence.at = At("2026-11-23T10:00:00Z");
  EXPECT_THAT(Sentence(finding), HasSubstr("since 2026-11-23T10:00:00Z"));
  finding.evidence.threshold = 5;
  EXPECT_THAT(Sentence(finding), Not(HasSubstr("2026")));
  finding.evidence.value = 7.25;
  EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("7.25"), HasSubstr("5"), Not(HasSubstr("2026"))));
}

TEST(SentenceTest, NoDataOfAComputedAlarmHasNoStart) {
  Finding finding = FindingOf(v1::NO_DATA);
  finding.evidence.at = At("2026-11-23T10:00:00Z");
  EXPECT_THAT(Sentence(finding), HasSubstr("2026-11-23T10:00:00Z"));
  finding.evidence.threshold = 5;
  EXPECT_THAT(Sentence(finding), Not(HasSubstr("2026")));
}

TEST(SentenceTest, AClosedWindowSaysWhenItOpens) {
  for (const Reason reason : {v1::IN_DENY, v1::OUTSIDE_ALLOW, v1::RUNWAY_SHORT}) {
    Finding finding = FindingOf(reason, "business-hours");
    EXPECT_THAT(Sentence(finding), Not(HasSubstr("opens")));
    finding.evidence.until = At("2026-11-23T08:00:00Z");
    EXPECT_THAT(Sentence(finding), HasSubstr("opens at 2026-11-23T08:00:00Z"));
  }
}

TEST(SentenceTest, RatiosAreInPercent) {
  for (const Reason reason :
       {v1::ABOVE_BOUND, v1::INCONCLUSIVE, v1::BELOW_SUCCESS_RATIO, v1::FOREIGN_TRAFFIC}) {
    Finding finding = FindingOf(reason);
    finding.evidence.value = 0.025;
    finding.evidence.threshold = 0.01;
    finding.evidence.count = 4000;
    EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("2.5%"), HasSubstr(" 1%"), HasSubstr("4000")));
  }
}

TEST(SentenceTest, CountsSayHowManyOfHowMany) {
  for (const Reason reason : {v1::TOO_FEW_PASSES, v1::TOO_FEW_RUNS, v1::TOO_FEW_REQUESTS,
                              v1::APPROVALS_MISSING, v1::TOO_FEW_DATA_POINTS}) {
    Finding finding = FindingOf(reason);
    finding.evidence.count = 2;
    EXPECT_THAT(Sentence(finding), Not(HasSubstr("2")));
    finding.evidence.needed = 10;
    EXPECT_THAT(Sentence(finding), HasSubstr("2 of 10"));
  }
}

TEST(SentenceTest, ANumberIsBelowOrAboveItsBound) {
  Finding finding = FindingOf(v1::OUT_OF_BOUNDS);
  finding.evidence.subject = "line_coverage";
  finding.evidence.value = 0.75;
  finding.evidence.threshold = 0.8;
  EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("`line_coverage`"), HasSubstr("0.75"),
                                       HasSubstr("below"), HasSubstr("0.8")));
  finding.evidence.threshold = 0.5;
  EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("above"), Not(HasSubstr("below"))));
}

TEST(SentenceTest, ListsSayWhatTheyHaveAndNeed) {
  for (const Reason reason : {v1::LIST_TOO_SHORT, v1::LIST_WENT_BACK}) {
    Finding finding = FindingOf(reason);
    finding.evidence.subject = "advisories";
    EXPECT_THAT(Sentence(finding), HasSubstr("`advisories`"));
    finding.evidence.count = 4;
    finding.evidence.needed = 7;
    EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("4"), HasSubstr("7")));
  }
}

TEST(SentenceTest, ABakeOverMidnightNamesBothDays) {
  Finding finding = FindingOf(v1::BAKING, "@bake");
  finding.evidence.at = At("2026-11-23T23:00:00Z");
  finding.evidence.until = At("2026-11-23T23:59:59.999999999Z");
  EXPECT_THAT(Sentence(finding), HasSubstr("since 23:00:00Z"));
  finding.evidence.until = At("2026-11-24T00:00:00Z");
  EXPECT_THAT(Sentence(finding), HasSubstr("since 2026-11-23T23:00:00Z"));
  finding.evidence.until.reset();
  EXPECT_THAT(Sentence(finding), HasSubstr("since 2026-11-23T23:00:00Z"));
}

TEST(SentenceTest, APlansFaultNamesTheCell) {
  for (const Reason reason : {v1::CELL_NOT_IN_WAVE, v1::CELL_ABSENT}) {
    Finding finding = FindingOf(reason, "@plan");
    finding.evidence.subject = "eu-9";
    EXPECT_THAT(Sentence(finding), HasSubstr("`eu-9`"));
  }
}

TEST(SentenceTest, AnAbsentArtifactIsNotTheOneJudged) {
  Finding finding = FindingOf(v1::ARTIFACT_ABSENT, "@cell");
  finding.artifact = kDigest;
  EXPECT_THAT(Sentence(finding), Not(HasSubstr(std::string(kShortDigest))));
  finding.id = "";
  EXPECT_THAT(Sentence(finding), HasSubstr(std::string(kShortDigest)));
}

TEST(SentenceTest, ARollBackWithoutTargetIsOfACellOrOfARequest) {
  Finding finding = FindingOf(v1::NO_SAFE_TARGET, "@roll_back");
  finding.cell = "eu-1";
  EXPECT_THAT(Sentence(finding), HasSubstr("`eu-1`"));
  finding.cell = "";
  finding.evidence.subject = "request-7";
  EXPECT_THAT(Sentence(finding), HasSubstr("`request-7`"));
}

TEST(SentenceTest, SaysHowManyOverridesAreNeeded) {
  Finding finding = FindingOf(v1::IN_ALARM);
  EXPECT_THAT(Sentence(finding), Not(HasSubstr("override")));
  finding.still_needed = 2;
  EXPECT_THAT(Sentence(finding), HasSubstr("2 overrides"));
  finding.still_needed = 1;
  EXPECT_THAT(Sentence(finding), HasSubstr("1 override "));
  finding.overrides = {"urgent-fix"};
  EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("`urgent-fix`"), HasSubstr("1 more override ")));
}

TEST(SentenceTest, AWindowIsLiftedForAStartedWaveWithoutOverrides) {
  Finding finding = FindingOf(v1::OUTSIDE_ALLOW);
  finding.effect = Effect::kLifted;
  EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("wave"), Not(HasSubstr("override"))));
}

TEST(SentenceTest, WithoutEffectSaysSoUnlessItIsClear) {
  Finding finding = FindingOf(v1::UPSTREAM_ROLLED_BACK, "@upstream");
  finding.verdict = Verdict::kBlocking;
  const std::string holds = Sentence(finding);
  finding.effect = Effect::kNone;
  EXPECT_GT(Sentence(finding).size(), holds.size());

  Finding clear = FindingOf(v1::WATCHING, "@watch");
  clear.verdict = Verdict::kClear;
  const std::string holds_clear = Sentence(clear);
  clear.effect = Effect::kNone;
  EXPECT_EQ(Sentence(clear), holds_clear);
}

// It has the effect that DEPLOY is READY.
TEST(SentenceTest, AnAwaitedStartIsNotWithoutEffect) {
  Finding finding = FindingOf(v1::AWAITING_START, "@start");
  const std::string holds = Sentence(finding);
  finding.effect = Effect::kNone;
  EXPECT_EQ(Sentence(finding), holds);
}

// Examples in full: what people read. Change them freely, but read them aloud first.
struct Golden {
  const char* name;
  Finding finding;
  const char* sentence;
};

std::ostream& operator<<(std::ostream& out, const Golden& golden) { return out << golden.name; }

std::vector<Golden> Goldens() {
  std::vector<Golden> goldens;
  {
    Finding f = FindingOf(v1::IN_ALARM);
    f.verdict = Verdict::kBlocking;
    f.evidence.at = At("2026-11-23T10:00:00Z");
    f.still_needed = 1;
    goldens.push_back({"Alarm", f,
                       "Alarm `checkout-5xx` has been in ALARM since 2026-11-23T10:00:00Z; "
                       "1 override would lift it."});
  }
  {
    Finding f = FindingOf(v1::BAKING, "@bake");
    f.cell = "eu-1";
    f.evidence.at = At("2026-11-23T11:00:00Z");
    f.evidence.until = At("2026-11-23T12:00:00Z");
    goldens.push_back(
        {"Bake", f, "Cell `eu-1` bakes until 2026-11-23T12:00:00Z (since 11:00:00Z)."});
  }
  {
    Finding f = FindingOf(v1::OUTSIDE_ALLOW, "business-hours");
    f.wave = "first-region";
    f.verdict = Verdict::kBlocking;
    f.effect = Effect::kObserved;
    f.evidence.until = At("2026-11-24T08:00:00Z");
    goldens.push_back({"Window", f,
                       "Window `business-hours` is closed for wave `first-region`; it opens at "
                       "2026-11-24T08:00:00Z; only observed."});
  }
  {
    Finding f = FindingOf(v1::KNOWN_BAD_MATCH, "known-bad");
    f.artifact = kDigest;
    f.verdict = Verdict::kBlocking;
    f.effect = Effect::kLifted;
    f.evidence.subjects = {"ADV-1", "ADV-2"};
    f.overrides = {"urgent-fix"};
    goldens.push_back({"KnownBad", f,
                       "Artifact sha256:0123456789ab is known to be bad: `ADV-1` and `ADV-2` "
                       "(`known-bad`); lifted by `urgent-fix`."});
  }
  {
    Finding f = FindingOf(v1::ABOVE_BOUND, "errors-per-cell");
    f.cell = "eu-1";
    f.verdict = Verdict::kBlocking;
    f.evidence.value = 0.0251;
    f.evidence.threshold = 0.01;
    f.evidence.count = 4000;
    goldens.push_back(
        {"ErrorRate", f,
         "Condition `errors-per-cell` for cell `eu-1` counts an error rate of 2.51% in 4000 "
         "requests, above the bound of 1%."});
  }
  {
    Finding f = FindingOf(v1::APPROVALS_MISSING, "two-people");
    f.evidence.count = 1;
    f.evidence.needed = 2;
    f.evidence.subject = "alice";
    goldens.push_back({"Approval", f, "Condition `two-people` has 1 of 2 approvals, by `alice`."});
  }
  {
    Finding f = FindingOf(v1::DEPLOY_STALLED, "@deployment");
    f.cell = "eu-1";
    f.evidence.at = At("2026-11-23T10:00:00Z");
    f.evidence.until = At("2026-11-23T11:00:00Z");
    goldens.push_back({"Stalled", f,
                       "The deployment of cell `eu-1`, started at 2026-11-23T10:00:00Z, has no "
                       "reported end and was due by 2026-11-23T11:00:00Z."});
  }
  {
    Finding f = FindingOf(v1::OVERRIDE_BY_AUTHOR, "@override:urgent-fix");
    f.artifact = kDigest;
    f.verdict = Verdict::kInvalid;
    f.effect = Effect::kNone;
    f.evidence.subject = "alice";
    goldens.push_back({"Override", f,
                       "Override `@override:urgent-fix` of `alice` is by an author of artifact "
                       "sha256:0123456789ab; this has no effect."});
  }
  return goldens;
}

class GoldenTest : public testing::TestWithParam<Golden> {};

TEST_P(GoldenTest, Reads) { EXPECT_EQ(Sentence(GetParam().finding), GetParam().sentence); }

INSTANTIATE_TEST_SUITE_P(All, GoldenTest, testing::ValuesIn(Goldens()),
                         [](const testing::TestParamInfo<Golden>& info) {
                           return std::string(info.param.name);
                         });

TEST(SentenceTest, QuotesTheHost) {
  Finding finding = FindingOf(v1::HOST_CONDITION);
  EXPECT_THAT(Sentence(finding), HasSubstr("checkout-5xx"));
  finding.evidence.host = std::make_shared<const HostWords>(HostWords{"no\nticket", {}});
  EXPECT_THAT(Sentence(finding), AllOf(HasSubstr("no?ticket"), Not(HasSubstr("\n"))));
}

TEST(SentenceTest, AChildSaysNothingOfItsEffect) {
  Finding child = FindingOf(v1::HELD);
  child.verdict = Verdict::kBlocking;
  child.effect = Effect::kHolds;
  const std::string said = Sentence(child);
  child.effect = Effect::kNone;
  EXPECT_EQ(ChildSentence(child), said);
  EXPECT_NE(Sentence(child), said);
}

}  // namespace
}  // namespace sluice
