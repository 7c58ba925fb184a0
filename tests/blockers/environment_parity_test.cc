#include "sluice/blockers/environment_parity.h"

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kHour = absl::Hours(1);
constexpr char kBlocker[] =
    "aspects: ['kernel', 'config'] stages: ['prod', 'beta'] max_age { seconds: 3600 }";

std::vector<std::string> FaultsOf(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  ParseEnvironmentParity(FromText<v1::EnvironmentParity>(text), root, errors);
  return FaultsIn(errors);
}

EnvironmentParity Parsed() {
  const FieldPath root;
  FieldErrors errors;
  EnvironmentParity blocker =
      ParseEnvironmentParity(FromText<v1::EnvironmentParity>(kBlocker), root, errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  return blocker;
}

struct Environments : World {
  EnvironmentFacts& Add(absl::string_view stage, const std::string& aspects) {
    EnvironmentFacts& facts = snapshot.environments[stage];
    facts.observed_at = Zero();
    facts.record = &records.emplace_back(FromText<v1::Environment>(aspects));
    return facts;
  }
  Judgement JudgeAt(absl::Duration at) const { return Check(blocker, subject(), Zero() + at); }
  std::vector<Step> Steps(absl::Duration from) const {
    return StepsOf([&](absl::Time now) { return JudgeAt(now - Zero()); }, from);
  }

  const EnvironmentParity blocker = Parsed();
  std::deque<v1::Environment> records;
};

constexpr char kSame[] =
    "aspects { key: 'kernel' value: '6.1' } aspects { key: 'config' value: 'c1' }";
constexpr char kOtherKernel[] =
    "aspects { key: 'kernel' value: '6.2' } aspects { key: 'config' value: 'c1' }";

TEST(ParseEnvironmentParityTest, NothingFails) {
  EXPECT_THAT(FaultsOf(""), ElementsAre("aspects MISSING", "stages MISSING", "max_age MISSING"));
}

TEST(ParseEnvironmentParityTest, EachFieldFails) {
  EXPECT_THAT(FaultsOf("aspects: ['a', 'a'] stages: ['x', 'x'] max_age {}"),
              ElementsAre("aspects[1] DUPLICATE", "stages[1] DUPLICATE", "max_age INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("aspects: '' stages: 'x' max_age { seconds: 1 }"),
              ElementsAre("aspects[0] MISSING", "stages INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("aspects: 'a b' stages: ['x y', 'z'] max_age { seconds: 1 }"),
              ElementsAre("stages[0] INVALID_VALUE"));
}

TEST(EnvironmentParityTest, EqualAndFreshIsClear) {
  Environments world;
  world.Add("prod", kSame);
  world.Add("beta", kSame).observed_at = Zero() - absl::Minutes(30);
  EXPECT_THAT(world.Steps(-kHour), ElementsAre(Invalid(-kHour, v1::FROM_THE_FUTURE), Clear(-kSkew),
                                               Unknown(absl::Minutes(30), v1::STALE)));
}

TEST(EnvironmentParityTest, ADifferenceBlocks) {
  Environments world;
  world.Add("prod", kSame);
  world.Add("beta", kOtherKernel);
  EXPECT_THAT(world.Steps({}),
              ElementsAre(Blocking({}, v1::ASPECT_DIFFERS), Unknown(kHour, v1::STALE)));
  EXPECT_THAT(world.JudgeAt({}).evidence.subjects, ElementsAre("kernel"));
  EXPECT_EQ(world.JudgeAt({}).evidence.total, 1u);
}

TEST(EnvironmentParityTest, AspectsThatAreNotNamedMayDiffer) {
  Environments world;
  world.Add("prod", std::string(kSame) + " aspects { key: 'x' value: '1' }");
  world.Add("beta", kSame);
  EXPECT_EQ(world.JudgeAt({}).reason, v1::ALL_CLEAR);
}

TEST(EnvironmentParityTest, AMissingOrEmptyAspectIsUnknownEvenIfAnotherDiffers) {
  Environments world;
  world.Add("prod", kSame);
  world.Add("beta", "aspects { key: 'kernel' value: '6.2' }");
  EXPECT_EQ(world.JudgeAt({}).reason, v1::ASPECT_MISSING);
  EXPECT_EQ(world.JudgeAt({}).verdict, Verdict::kUnknown);
  EXPECT_THAT(world.JudgeAt({}).evidence.subjects, ElementsAre("config"));
  // Two that are empty are not equal.
  world.Add("prod", "aspects { key: 'kernel' value: '6.1' } aspects { key: 'config' value: '' }");
  world.Add("beta", "aspects { key: 'kernel' value: '6.1' } aspects { key: 'config' value: '' }");
  EXPECT_EQ(world.JudgeAt({}).reason, v1::ASPECT_MISSING);
}

TEST(EnvironmentParityTest, AStageWithoutARecordIsNoData) {
  Environments world;
  EXPECT_EQ(world.JudgeAt({}).reason, v1::NO_DATA);
  world.Add("prod", kSame);
  EXPECT_THAT(world.Steps(-kHour),
              ElementsAre(Invalid(-kHour, v1::FROM_THE_FUTURE), Unknown(-kSkew, v1::NO_DATA)));
  EXPECT_EQ(world.JudgeAt({}).evidence.subject, "beta");
}

TEST(EnvironmentParityTest, ABrokenRecordIsInvalidForEver) {
  Environments world;
  world.Add("prod", kSame);
  world.Add("beta", kSame).fault = v1::UNKNOWN_FIELD;
  EXPECT_THAT(world.Steps(-kHour), ElementsAre(Invalid(-kHour, v1::UNKNOWN_FIELD)));
  world.snapshot.environments["prod"].fault = v1::INVALID_DATA;
  EXPECT_EQ(world.JudgeAt({}).reason, v1::INVALID_DATA);
  world.snapshot.environments.erase("beta");
  EXPECT_EQ(world.JudgeAt({}).reason, v1::INVALID_DATA);
}

TEST(EnvironmentParityTest, WithoutARecordItIsInvalid) {
  Environments world;
  world.Add("prod", kSame);
  world.Add("beta", kSame).record = nullptr;
  EXPECT_THAT(world.Steps({}), ElementsAre(Invalid({}, v1::INVALID_DATA)));
  EXPECT_EQ(world.JudgeAt({}).evidence.subject, "beta");
}

}  // namespace
}  // namespace sluice
