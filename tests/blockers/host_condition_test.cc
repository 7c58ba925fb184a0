#include "sluice/blockers/host_condition.h"

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/host_kind.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/policy.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kUrl[] = "example.com/kind";

HostAnswer Blocks() { return {Verdict::kBlocking, "not yet", {"a note"}, absl::InfiniteFuture()}; }

std::vector<std::string> FaultsOf(const std::string& text, const HostKinds& kinds) {
  FieldErrors errors;
  ParseHostCondition(FromText<v1::HostCondition>(text), kinds, FieldPath(), errors);
  return FaultsIn(errors);
}

HostCondition ConditionOf(const HostKind& kind) {
  FieldErrors errors;
  HostCondition condition =
      ParseHostCondition(FromText<v1::HostCondition>(absl::StrCat(
                             "type_url: '", kUrl, "' configuration { type_url: 't' value: 'v' }")),
                         {{kUrl, kind}}, FieldPath(), errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  return condition;
}

// What is made of one answer.
Judgement Of(const HostAnswer& answer) {
  const World world;
  return Check(ConditionOf([&](const HostQuestion&) { return answer; }), world.subject(), Zero());
}

void ExpectFault(const HostAnswer& answer) {
  const Judgement judgement = Of(answer);
  EXPECT_EQ(judgement.verdict, Verdict::kInvalid);
  EXPECT_EQ(judgement.reason, v1::HOST_FAULT);
  EXPECT_EQ(judgement.changes_at, absl::InfiniteFuture());
  EXPECT_EQ(judgement.evidence.host, nullptr);
}

TEST(ParseHostConditionTest, KindsMustBeRegistered) {
  const HostKinds kinds = {{kUrl, [](const HostQuestion&) { return Blocks(); }}, {"null", nullptr}};
  EXPECT_THAT(FaultsOf("", kinds), ElementsAre("type_url MISSING"));
  EXPECT_THAT(FaultsOf("type_url: 'example.com/kinds'", kinds),
              ElementsAre("type_url INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("type_url: 'null'", kinds), ElementsAre("type_url INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("type_url: 'example.com/kind'", {}), ElementsAre("type_url INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("type_url: 'example.com/kind'", kinds), IsEmpty());
}

TEST(HostConditionTest, IsAskedAboutTheSubject) {
  const World world;
  const HostCondition condition = ConditionOf([](const HostQuestion& question) {
    EXPECT_EQ(question.configuration.value(), "v");
    EXPECT_EQ(question.stage, "prod");
    EXPECT_EQ(question.artifact, kArtifact);
    EXPECT_EQ(question.now, Zero());
    return Blocks();
  });
  const Judgement judgement = Check(condition, world.subject(), Zero());
  EXPECT_EQ(judgement.verdict, Verdict::kBlocking);
  EXPECT_EQ(judgement.reason, v1::HOST_CONDITION);
  EXPECT_EQ(judgement.evidence.subject, kUrl);
  ASSERT_NE(judgement.evidence.host, nullptr);
  EXPECT_EQ(judgement.evidence.host->reason, "not yet");
  EXPECT_THAT(judgement.evidence.host->notes, ElementsAre("a note"));
}

TEST(HostConditionTest, IsNotAskedWithoutAnArtifact) {
  const World world;
  const HostCondition condition = ConditionOf([](const HostQuestion&) {
    ADD_FAILURE() << "asked";
    return Blocks();
  });
  EXPECT_EQ(Check(condition, world.no_subject(), Zero()).reason, v1::NO_SUBJECT);
  World broken;
  broken.artifact.fault = v1::INVALID_DATA;
  EXPECT_EQ(Check(condition, broken.subject(), Zero()).verdict, Verdict::kInvalid);
}

TEST(HostConditionTest, EachVerdict) {
  HostAnswer answer = Blocks();
  answer.verdict = Verdict::kUnknown;
  EXPECT_EQ(Of(answer).verdict, Verdict::kUnknown);
  EXPECT_EQ(Of(answer).reason, v1::HOST_CONDITION);
  answer.verdict = Verdict::kInvalid;
  EXPECT_EQ(Of(answer).verdict, Verdict::kInvalid);
  EXPECT_EQ(Of(answer).reason, v1::HOST_CONDITION);
  answer.verdict = Verdict::kClear;
  EXPECT_EQ(Of(answer).verdict, Verdict::kClear);
  EXPECT_EQ(Of(answer).reason, v1::ALL_CLEAR);
  answer.verdict = static_cast<Verdict>(4);
  ExpectFault(answer);
  ExpectFault(HostAnswer());
}

TEST(HostConditionTest, ChangesAtIsRequiredAndLater) {
  HostAnswer answer = Blocks();
  answer.changes_at = absl::nullopt;
  ExpectFault(answer);
  answer.changes_at = Zero() - kNanosecond;
  ExpectFault(answer);
  answer.changes_at = Zero();
  ExpectFault(answer);
  answer.changes_at = absl::InfinitePast();
  ExpectFault(answer);
  answer.changes_at = Zero() + kNanosecond;
  EXPECT_EQ(Of(answer).changes_at, Zero() + kNanosecond);
  answer.changes_at = absl::InfiniteFuture();
  EXPECT_EQ(Of(answer).changes_at, absl::InfiniteFuture());
  // After year 9999.
  answer.changes_at = absl::FromUnixSeconds(253402300800);
  EXPECT_EQ(Of(answer).changes_at, absl::InfiniteFuture());
}

TEST(HostConditionTest, WordsHaveLimits) {
  HostAnswer answer = Blocks();
  answer.reason.clear();
  ExpectFault(answer);
  answer.verdict = Verdict::kClear;
  EXPECT_EQ(Of(answer).verdict, Verdict::kClear);
  answer = Blocks();
  answer.reason = std::string(kMaxHostText, 'x');
  EXPECT_EQ(Of(answer).reason, v1::HOST_CONDITION);
  answer.reason += "x";
  ExpectFault(answer);
  answer = Blocks();
  answer.reason = "\xff";
  ExpectFault(answer);
  answer = Blocks();
  answer.notes.assign(kMaxHostNotes, std::string(kMaxHostText, 'x'));
  EXPECT_EQ(Of(answer).reason, v1::HOST_CONDITION);
  answer.notes.back() += "x";
  ExpectFault(answer);
  answer.notes.assign(kMaxHostNotes + 1, "x");
  ExpectFault(answer);
  answer.notes = {"\xc3"};
  ExpectFault(answer);
}

TEST(HostConditionTest, ExceptionsHold) {
  const World world;
  for (const HostKind& kind :
       {HostKind([](const HostQuestion&) -> HostAnswer { throw std::runtime_error("why"); }),
        HostKind([](const HostQuestion&) -> HostAnswer { throw 1; }),
        HostKind([](const HostQuestion&) -> HostAnswer { throw std::bad_alloc(); })}) {
    const Judgement judgement = Check(ConditionOf(kind), world.subject(), Zero());
    EXPECT_EQ(judgement.verdict, Verdict::kInvalid);
    EXPECT_EQ(judgement.reason, v1::HOST_FAULT);
  }
}

TEST(HostConditionTest, ChangesWhenItSays) {
  const World world;
  const HostCondition condition = ConditionOf([](const HostQuestion& question) {
    HostAnswer answer = Blocks();
    const absl::Time from = Zero() + absl::Minutes(5);
    if (question.now < from) {
      answer.changes_at = from;
    } else {
      answer.verdict = Verdict::kClear;
    }
    return answer;
  });
  EXPECT_THAT(StepsOf([&](absl::Time now) { return Check(condition, world.subject(), now); }, {}),
              ElementsAre(Blocking({}, v1::HOST_CONDITION), Clear(absl::Minutes(5))));
}

}  // namespace
}  // namespace sluice
