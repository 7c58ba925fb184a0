#include "sluice/blockers/check.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kMinute = absl::Minutes(1);

std::vector<std::string> FaultsOf(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  ParseCheckRequirement(FromText<v1::CheckRequirement>(text), root, errors);
  return FaultsIn(errors);
}

CheckRequirement Parsed(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  CheckRequirement blocker =
      ParseCheckRequirement(FromText<v1::CheckRequirement>(text), root, errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  return blocker;
}

// Runs of checks about kArtifact.
struct Runs : World {
  // A run that started and, but for RUNNING, ended so long after Zero().
  CheckRun& Add(absl::string_view run, v1::Check::Outcome outcome, absl::Duration started,
                absl::Duration ended) {
    CheckRun added;
    added.check = "unit";
    added.artifact = kArtifact;
    added.run = run;
    added.outcome = outcome;
    added.started_at = Zero() + started;
    added.finished_at = outcome == v1::Check::RUNNING ? absl::InfiniteFuture() : Zero() + ended;
    added.record = &records.emplace_back();
    snapshot.checks.push_back(added);
    return snapshot.checks.back();
  }
  CheckRun& Add(absl::string_view run, v1::Check::Outcome outcome, absl::Duration at) {
    return Add(run, outcome, at, at);
  }
  void SetNumber(const std::string& number, double value) {
    (*records.back().mutable_numbers())[number] = value;
  }

  Judgement JudgeAt(const CheckRequirement& blocker, absl::Time now) {
    std::stable_sort(snapshot.checks.begin(), snapshot.checks.end(),
                     [](const CheckRun& a, const CheckRun& b) {
                       return std::tie(a.artifact, a.check, a.started_at, a.run) <
                              std::tie(b.artifact, b.check, b.started_at, b.run);
                     });
    return Check(blocker, subject(), now);
  }
  Reason reason(const std::string& blocker = "check: 'unit' binds_to: ARTIFACT") {
    return JudgeAt(Parsed(blocker), Zero()).reason;
  }
  std::vector<Step> Steps(const std::string& text, absl::Duration from) {
    const CheckRequirement blocker = Parsed(text);
    return StepsOf([&](absl::Time now) { return JudgeAt(blocker, now); }, from);
  }

  std::deque<v1::Check> records;
};

constexpr char kAnyRun[] = "check: 'unit' binds_to: ARTIFACT";
constexpr char kFresh[] = "check: 'unit' binds_to: ARTIFACT max_age { seconds: 600 }";
constexpr char kThree[] = "check: 'unit' binds_to: ARTIFACT consecutive_passes: 3";

TEST(ParseCheckRequirementTest, NothingFails) {
  EXPECT_THAT(FaultsOf(""), ElementsAre("check MISSING", "binds_to MISSING"));
}

TEST(ParseCheckRequirementTest, ReadsEveryField) {
  const CheckRequirement blocker = Parsed(
      "check: 'unit' binds_to: ARTIFACT_AND_STAGE max_age { seconds: 5 } bounds { number: 'b' "
      "at_most: 2 } bounds { number: 'a' at_least: 1 } consecutive_passes: 100");
  EXPECT_EQ(blocker.check, "unit");
  EXPECT_TRUE(blocker.bound_to_stage);
  EXPECT_EQ(blocker.max_age, absl::Seconds(5));
  ASSERT_EQ(blocker.bounds.size(), 2u);
  EXPECT_EQ(blocker.bounds[0].number, "a");
  EXPECT_EQ(blocker.bounds[0].at_least, 1);
  EXPECT_EQ(blocker.bounds[0].at_most, std::numeric_limits<double>::infinity());
  EXPECT_EQ(blocker.bounds[1].at_least, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(blocker.bounds[1].at_most, 2);
  EXPECT_EQ(blocker.consecutive_passes, 100);
  const CheckRequirement least = Parsed(kAnyRun);
  EXPECT_FALSE(least.bound_to_stage);
  EXPECT_EQ(least.max_age, absl::InfiniteDuration());
  EXPECT_EQ(least.consecutive_passes, 1);
}

TEST(ParseCheckRequirementTest, EachFieldFails) {
  EXPECT_THAT(FaultsOf("check: 'a b' binds_to: ARTIFACT max_age {} consecutive_passes: 101"),
              ElementsAre("check INVALID_VALUE", "max_age INVALID_VALUE",
                          "consecutive_passes INVALID_VALUE"));
  v1::CheckRequirement proto = FromText<v1::CheckRequirement>(kAnyRun);
  proto.set_binds_to(static_cast<v1::CheckRequirement::BindsTo>(3));
  const FieldPath root;
  FieldErrors errors;
  ParseCheckRequirement(proto, root, errors);
  EXPECT_THAT(FaultsIn(errors), ElementsAre("binds_to INVALID_VALUE"));
}

TEST(ParseCheckRequirementTest, BoundsFail) {
  const auto faults = [](const std::string& bounds) {
    return FaultsOf(absl::StrCat(kAnyRun, " ", bounds));
  };
  EXPECT_THAT(faults("bounds {}"), ElementsAre("bounds[0].number MISSING", "bounds[0] MISSING"));
  EXPECT_THAT(faults("bounds { number: 'a' at_least: nan at_most: inf }"),
              ElementsAre("bounds[0].at_least INVALID_VALUE", "bounds[0].at_most INVALID_VALUE"));
  EXPECT_THAT(faults("bounds { number: 'a' at_least: -inf }"),
              ElementsAre("bounds[0].at_least INVALID_VALUE"));
  EXPECT_THAT(faults("bounds { number: 'a' at_least: 2 at_most: 2 }"), IsEmpty());
  EXPECT_THAT(faults("bounds { number: 'a' at_least: 2 at_most: 1.9 }"),
              ElementsAre("bounds[0].at_most INVALID_VALUE"));
  EXPECT_THAT(faults("bounds { number: 'a' at_least: 0 } bounds { number: 'a' at_most: 1 }"),
              ElementsAre("bounds[1].number DUPLICATE"));
}

TEST(CheckTest, WithoutAnArtifactThereIsNoSubject) {
  World world;
  EXPECT_EQ(Check(Parsed(kAnyRun), world.no_subject(), Zero()).reason, v1::NO_SUBJECT);
  world.artifact.fault = v1::INVALID_DATA;
  EXPECT_EQ(Check(Parsed(kAnyRun), world.subject(), Zero()).verdict, Verdict::kInvalid);
}

TEST(CheckTest, NoneIsAbsent) {
  Runs runs;
  EXPECT_THAT(runs.Steps(kFresh, {}), ElementsAre(Unknown({}, v1::CHECK_ABSENT)));
  CheckRun& other_check = runs.Add("1", v1::Check::PASSED, {});
  other_check.check = "lint";
  CheckRun& other_artifact = runs.Add("2", v1::Check::PASSED, {});
  other_artifact.artifact = kOtherArtifact;
  EXPECT_EQ(runs.reason(), v1::CHECK_ABSENT);
}

TEST(CheckTest, EachOutcome) {
  const auto steps = [](v1::Check::Outcome outcome) {
    Runs runs;
    runs.Add("1", outcome, {});
    return runs.Steps(kAnyRun, -kMinute);
  };
  EXPECT_THAT(steps(v1::Check::PASSED), ElementsAre(Clear(-kMinute)));
  EXPECT_THAT(steps(v1::Check::FAILED), ElementsAre(Blocking(-kMinute, v1::CHECK_FAILED)));
  EXPECT_THAT(steps(v1::Check::ERROR), ElementsAre(Unknown(-kMinute, v1::CHECK_ERROR)));
  EXPECT_THAT(steps(v1::Check::RUNNING), ElementsAre(Unknown(-kMinute, v1::CHECK_RUNNING)));
  EXPECT_THAT(steps(v1::Check::OUTCOME_UNSPECIFIED),
              ElementsAre(Invalid(-kMinute, v1::INVALID_DATA)));
  EXPECT_THAT(steps(static_cast<v1::Check::Outcome>(5)),
              ElementsAre(Invalid(-kMinute, v1::INVALID_DATA)));
}

TEST(CheckTest, TheNewestStartedDecidesWhateverEndedLast) {
  Runs runs;
  runs.Add("9", v1::Check::PASSED, -absl::Minutes(9), -absl::Minutes(1));
  runs.Add("1", v1::Check::FAILED, -absl::Minutes(8), -absl::Minutes(5));
  EXPECT_EQ(runs.reason(), v1::CHECK_FAILED);
  runs.Add("0", v1::Check::RUNNING, -absl::Minutes(7));
  EXPECT_EQ(runs.reason(), v1::CHECK_RUNNING);
  runs.Add("00", v1::Check::PASSED, -absl::Minutes(7) + kNanosecond);
  EXPECT_EQ(runs.reason(), v1::ALL_CLEAR);
}

TEST(CheckTest, OfATieTheWorstDecidesWhateverTheirNames) {
  for (const bool reversed : {false, true}) {
    Runs runs;
    const std::vector<absl::string_view> names = {"a", "b", "c", "d", "e"};
    const auto name = [&](size_t i) { return reversed ? names[4 - i] : names[i]; };
    const std::string bounded =
        "check: 'unit' binds_to: ARTIFACT bounds { number: 'n' at_most: 1 }";
    runs.Add(name(0), v1::Check::PASSED, {});
    runs.SetNumber("n", 1);
    EXPECT_EQ(runs.reason(bounded), v1::ALL_CLEAR);
    runs.Add(name(1), v1::Check::RUNNING, {});
    runs.SetNumber("n", 1);
    EXPECT_EQ(runs.reason(bounded), v1::CHECK_RUNNING);
    runs.Add(name(2), v1::Check::ERROR, {});
    EXPECT_EQ(runs.reason(bounded), v1::CHECK_ERROR);
    runs.Add(name(3), v1::Check::PASSED, {});
    runs.SetNumber("n", 2);
    EXPECT_EQ(runs.reason(bounded), v1::OUT_OF_BOUNDS);
    runs.Add(name(4), v1::Check::FAILED, {});
    EXPECT_EQ(runs.reason(bounded), v1::CHECK_FAILED);
  }
}

TEST(CheckTest, AgeTakesAwayClearAlone) {
  Runs passed;
  passed.Add("1", v1::Check::PASSED, -kMinute, {});
  EXPECT_THAT(passed.Steps(kFresh, {}),
              ElementsAre(Clear({}), Unknown(absl::Minutes(10), v1::STALE)));
  Runs failed;
  failed.Add("1", v1::Check::FAILED, -kMinute, {});
  EXPECT_THAT(failed.Steps(kFresh, {}), ElementsAre(Blocking({}, v1::CHECK_FAILED)));
}

TEST(CheckTest, OfATieTheFirstToEndIsTheFirstToBeStale) {
  Runs runs;
  runs.Add("1", v1::Check::PASSED, -absl::Minutes(5), {});
  runs.Add("2", v1::Check::PASSED, -absl::Minutes(5), -kMinute);
  EXPECT_THAT(runs.Steps(kFresh, {}), ElementsAre(Clear({}), Unknown(absl::Minutes(9), v1::STALE)));
}

TEST(CheckTest, OlderRunsDoNotAge) {
  Runs runs;
  for (int i = 0; i < 3; ++i) {
    runs.Add(std::vector<absl::string_view>{"1", "2", "3"}[i], v1::Check::PASSED,
             -absl::Hours(24 * (2 - i)));
  }
  EXPECT_THAT(runs.Steps(absl::StrCat(kThree, " max_age { seconds: 600 }"), {}),
              ElementsAre(Clear({}), Unknown(absl::Minutes(10), v1::STALE)));
}

TEST(CheckTest, RunsFromTheFutureAreInvalidUntilTheyAreVisible) {
  Runs started;
  started.Add("1", v1::Check::PASSED, -absl::Hours(1));
  started.Add("2", v1::Check::RUNNING, absl::Minutes(5));
  EXPECT_THAT(started.Steps(kAnyRun, {}),
              ElementsAre(Invalid({}, v1::FROM_THE_FUTURE),
                          Unknown(absl::Minutes(5) - kSkew, v1::CHECK_RUNNING)));
  Runs ended;
  ended.Add("1", v1::Check::PASSED, -absl::Hours(1), absl::Minutes(5));
  ended.Add("2", v1::Check::PASSED, {});
  EXPECT_THAT(ended.Steps(kAnyRun, {}),
              ElementsAre(Invalid({}, v1::FROM_THE_FUTURE), Clear(absl::Minutes(5) - kSkew)));
}

TEST(CheckTest, AnInvalidRunIsNeverSkipped) {
  Runs runs;
  CheckRun& broken = runs.Add("1", v1::Check::PASSED, -absl::Hours(5));
  broken.fault = v1::UNKNOWN_FIELD;
  runs.Add("2", v1::Check::PASSED, {});
  EXPECT_THAT(runs.Steps(kFresh, {}), ElementsAre(Invalid({}, v1::UNKNOWN_FIELD)));
  // Of several faults the lowest-numbered one, whatever the order.
  runs.Add("0", v1::Check::PASSED, -absl::Hours(6)).fault = v1::INVALID_DATA;
  EXPECT_EQ(runs.reason(), v1::INVALID_DATA);
}

TEST(CheckTest, RunsOfCellsAreHygiene) {
  Runs runs;
  runs.Add("1", v1::Check::PASSED, {}).cell = "eu-1";
  EXPECT_EQ(runs.reason(), v1::CHECK_ABSENT);
  CheckRun& broken = runs.Add("2", v1::Check::FAILED, {});
  broken.cell = "eu-1";
  broken.fault = v1::INVALID_DATA;
  EXPECT_EQ(runs.reason(), v1::CHECK_ABSENT);
}

TEST(CheckTest, BoundToTheStage) {
  constexpr char kStage[] = "check: 'unit' binds_to: ARTIFACT_AND_STAGE";
  Runs runs;
  runs.Add("1", v1::Check::PASSED, {}).stage = "beta";
  runs.Add("2", v1::Check::PASSED, kMinute);
  EXPECT_EQ(runs.reason(kStage), v1::CHECK_ABSENT);
  EXPECT_EQ(runs.reason(), v1::ALL_CLEAR);
  runs.Add("3", v1::Check::FAILED, -kMinute).stage = "prod";
  EXPECT_EQ(runs.reason(kStage), v1::CHECK_FAILED);
  EXPECT_EQ(runs.reason(), v1::ALL_CLEAR);
  // A broken run elsewhere is none of ours; one that may have lost its stage is.
  CheckRun& elsewhere = runs.Add("4", v1::Check::PASSED, {});
  elsewhere.stage = "beta";
  elsewhere.fault = v1::INVALID_DATA;
  EXPECT_EQ(runs.reason(kStage), v1::CHECK_FAILED);
  runs.Add("5", v1::Check::PASSED, {}).fault = v1::INVALID_DATA;
  EXPECT_EQ(runs.reason(kStage), v1::INVALID_DATA);
}

TEST(CheckTest, BoundsIncludeTheirEnds) {
  const auto reason = [](double value) {
    Runs runs;
    runs.Add("1", v1::Check::PASSED, {});
    runs.SetNumber("n", value);
    return runs.reason(
        "check: 'unit' binds_to: ARTIFACT bounds { number: 'n' at_least: 0.5 at_most: 2 }");
  };
  EXPECT_EQ(reason(0.5), v1::ALL_CLEAR);
  EXPECT_EQ(reason(2), v1::ALL_CLEAR);
  EXPECT_EQ(reason(std::nextafter(0.5, 0)), v1::OUT_OF_BOUNDS);
  EXPECT_EQ(reason(std::nextafter(2, 3)), v1::OUT_OF_BOUNDS);
  EXPECT_EQ(reason(std::numeric_limits<double>::quiet_NaN()), v1::INVALID_DATA);
  EXPECT_EQ(reason(std::numeric_limits<double>::infinity()), v1::INVALID_DATA);
}

TEST(CheckTest, AMissingNumberIsUnknownAndOutOfBoundsIsWorse) {
  Runs runs;
  runs.Add("1", v1::Check::PASSED, {});
  runs.SetNumber("a", 9);
  EXPECT_EQ(runs.reason("check: 'unit' binds_to: ARTIFACT bounds { number: 'b' at_most: 1 }"),
            v1::NUMBER_MISSING);
  EXPECT_EQ(runs.reason("check: 'unit' binds_to: ARTIFACT bounds { number: 'b' at_most: 1 } "
                        "bounds { number: 'a' at_most: 1 }"),
            v1::OUT_OF_BOUNDS);
  // At least one bound reaches infinity, yet the number is finite.
  EXPECT_EQ(runs.reason("check: 'unit' binds_to: ARTIFACT bounds { number: 'a' at_least: 1 }"),
            v1::ALL_CLEAR);
}

TEST(CheckTest, ConsecutivePasses) {
  Runs runs;
  runs.Add("1", v1::Check::PASSED, -absl::Minutes(1));
  EXPECT_EQ(runs.reason(kThree), v1::TOO_FEW_PASSES);
  runs.Add("2", v1::Check::PASSED, -absl::Minutes(2));
  EXPECT_EQ(runs.reason(kThree), v1::TOO_FEW_PASSES);
  runs.Add("3", v1::Check::FAILED, -absl::Minutes(3));
  EXPECT_EQ(runs.reason(kThree), v1::TOO_FEW_PASSES);
  runs.Add("4", v1::Check::PASSED, -absl::Minutes(4));
  EXPECT_EQ(runs.reason(kThree), v1::TOO_FEW_PASSES);
  const Judgement judgement = runs.JudgeAt(Parsed(kThree), Zero());
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.evidence.count, 2);
  EXPECT_EQ(judgement.evidence.needed, 3);
  runs.Add("5", v1::Check::PASSED, {});
  EXPECT_EQ(runs.reason(kThree), v1::ALL_CLEAR);
  runs.Add("6", v1::Check::FAILED, kMinute);
  EXPECT_EQ(runs.reason(kThree), v1::CHECK_FAILED);
}

TEST(CheckTest, ATieWithAFailureEndsTheRunOfPasses) {
  for (const absl::string_view failed : {"0", "9"}) {
    Runs runs;
    runs.Add("1", v1::Check::PASSED, {});
    runs.Add("2", v1::Check::PASSED, -kMinute);
    runs.Add("3", v1::Check::PASSED, -absl::Minutes(2));
    EXPECT_EQ(runs.reason(kThree), v1::ALL_CLEAR);
    runs.Add(failed, v1::Check::FAILED, -absl::Minutes(2));
    EXPECT_EQ(runs.reason(kThree), v1::TOO_FEW_PASSES);
  }
}

TEST(CheckTest, PassesOutOfBoundsAreNone) {
  constexpr char kBounded[] =
      "check: 'unit' binds_to: ARTIFACT consecutive_passes: 2 bounds { number: 'n' at_most: 1 }";
  Runs runs;
  runs.Add("1", v1::Check::PASSED, {});
  runs.SetNumber("n", 1);
  runs.Add("2", v1::Check::PASSED, -kMinute);
  runs.SetNumber("n", 2);
  EXPECT_EQ(runs.reason(kBounded), v1::TOO_FEW_PASSES);
}

TEST(CheckTest, Evidence) {
  Runs runs;
  runs.Add("r7", v1::Check::PASSED, -kMinute, {});
  runs.SetNumber("n", 3);
  const CheckRequirement bounded =
      Parsed("check: 'unit' binds_to: ARTIFACT bounds { number: 'n' at_most: 1 }");
  const Judgement failed = runs.JudgeAt(bounded, Zero());
  EXPECT_EQ(failed.evidence.subject, "n");
  EXPECT_EQ(failed.evidence.value, 3);
  EXPECT_EQ(failed.evidence.threshold, 1);
  const CheckRequirement fresh = Parsed(kFresh);
  const Judgement passed = runs.JudgeAt(fresh, Zero());
  EXPECT_EQ(passed.evidence.subject, "r7");
  EXPECT_EQ(passed.evidence.at, Zero());
}

TEST(ParseCheckRequirementTest, TooManyBoundsFail) {
  v1::CheckRequirement proto = FromText<v1::CheckRequirement>(kAnyRun);
  for (int i = 0; i <= kMaxElementsInPolicy; ++i) {
    v1::NumberBound* bound = proto.add_bounds();
    bound->set_number(absl::StrCat("n", i));
    bound->set_at_least(1);
  }
  const auto faults = [&] {
    const FieldPath root;
    FieldErrors errors;
    ParseCheckRequirement(proto, root, errors);
    return FaultsIn(errors);
  };
  EXPECT_THAT(faults(), ElementsAre("bounds TOO_LARGE"));
  proto.mutable_bounds()->RemoveLast();
  EXPECT_THAT(faults(), IsEmpty());
}

TEST(CheckTest, ARunWithoutARecordHasNoNumbers) {
  Runs world;
  world.Add("1", v1::Check::PASSED, {}).record = nullptr;
  EXPECT_EQ(world.reason(), v1::ALL_CLEAR);
  EXPECT_EQ(world.reason("check: 'unit' binds_to: ARTIFACT bounds { number: 'n' at_least: 1 }"),
            v1::NUMBER_MISSING);
}

TEST(CheckTest, OfSeveralInvalidRunsTheLowestReasonIsNamed) {
  static_assert(v1::INVALID_DATA < v1::DUPLICATE_ID, "");
  for (const bool lowest_first : {false, true}) {
    Runs world;
    world.Add("1", v1::Check::PASSED, {}).fault =
        lowest_first ? v1::INVALID_DATA : v1::DUPLICATE_ID;
    world.Add("2", v1::Check::PASSED, {}).fault =
        lowest_first ? v1::DUPLICATE_ID : v1::INVALID_DATA;
    const Judgement judgement = world.JudgeAt(Parsed(kAnyRun), Zero());
    EXPECT_EQ(judgement.verdict, Verdict::kInvalid);
    EXPECT_EQ(judgement.reason, v1::INVALID_DATA);
    EXPECT_EQ(judgement.evidence.subject, lowest_first ? "1" : "2");
  }
}

}  // namespace
}  // namespace sluice
