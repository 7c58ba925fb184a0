#include "sluice/blockers/synthetic_traffic.h"

#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kMinute = absl::Minutes(1);

// Two of the runs of ten minutes, one every three minutes, half of them good.
constexpr char kOne[] =
    "apis: 'GET /a' window { seconds: 600 } min_success_ppm: 500000 min_runs: 2 max_gap { "
    "seconds: 180 }";
constexpr char kTwo[] =
    "apis: ['GET /b', 'GET /a'] window { seconds: 600 } min_success_ppm: 500000 min_runs: 2 "
    "max_gap { seconds: 180 }";

std::vector<std::string> FaultsOf(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  ParseSyntheticTraffic(FromText<v1::SyntheticTraffic>(text), root, errors);
  return FaultsIn(errors);
}

SyntheticTraffic Parsed(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  SyntheticTraffic blocker =
      ParseSyntheticTraffic(FromText<v1::SyntheticTraffic>(text), root, errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  return blocker;
}

struct Traffic : World {
  SyntheticFacts& Of(absl::string_view api, absl::string_view stage = "prod") {
    return snapshot.synthetic[std::make_pair(stage, api)];
  }
  // Adds a run a minute, from `first` to `last` minutes after Zero().
  void Fill(absl::string_view api, int first, int last, bool succeeded = true) {
    for (int i = first; i <= last; ++i) {
      Of(api).finished_at.push_back(Zero() + kMinute * i);
      Of(api).succeeded.push_back(succeeded ? 1 : 0);
    }
  }
  Judgement JudgeAt(absl::Duration at, const std::string& text = kOne) const {
    kept.push_back(Parsed(text));
    return Check(kept.back(), subject(), Zero() + at);
  }
  std::vector<Step> Steps(absl::Duration from, const std::string& text = kOne) const {
    const SyntheticTraffic blocker = Parsed(text);
    return StepsOf([&](absl::Time now) { return Check(blocker, subject(), now); }, from);
  }

  // What judgements point into.
  mutable std::deque<SyntheticTraffic> kept;
};

TEST(ParseSyntheticTrafficTest, NothingFails) {
  EXPECT_THAT(FaultsOf(""), ElementsAre("apis MISSING", "window MISSING", "min_success_ppm MISSING",
                                        "min_runs MISSING", "max_gap MISSING"));
}

TEST(ParseSyntheticTrafficTest, EachFieldFails) {
  EXPECT_THAT(FaultsOf("apis: ['a', 'a', ''] window {} min_success_ppm: 1000001 min_runs: "
                       "4294967295 max_gap { seconds: -1 }"),
              ElementsAre("apis[1] DUPLICATE", "apis[2] MISSING", "window INVALID_VALUE",
                          "min_success_ppm INVALID_VALUE", "max_gap INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("apis: 'a' window { seconds: 5 } min_success_ppm: 1000000 min_runs: 1 "
                       "max_gap { seconds: 5 }"),
              IsEmpty());
  EXPECT_THAT(FaultsOf("apis: 'a' window { seconds: 5 } min_success_ppm: 1 min_runs: 1 max_gap { "
                       "seconds: 5 nanos: 1 }"),
              ElementsAre("max_gap INVALID_VALUE"));
}

TEST(ParseSyntheticTrafficTest, ReadsEveryField) {
  const SyntheticTraffic blocker = Parsed(kTwo);
  EXPECT_THAT(blocker.apis, ElementsAre("GET /a", "GET /b"));
  EXPECT_EQ(blocker.window, absl::Minutes(10));
  EXPECT_EQ(blocker.min_success_ppm, 500000u);
  EXPECT_EQ(blocker.min_runs, 2u);
  EXPECT_EQ(blocker.max_gap, absl::Minutes(3));
}

TEST(SyntheticTrafficTest, NoSeriesIsNoData) {
  Traffic world;
  world.Of("GET /a", "beta");
  EXPECT_THAT(world.Steps({}), ElementsAre(Unknown({}, v1::NO_DATA)));
  EXPECT_EQ(world.JudgeAt({}).evidence.subject, "GET /a");
}

TEST(SyntheticTrafficTest, ABrokenRecordIsInvalidForEver) {
  Traffic world;
  world.Fill("GET /a", -10, 0);
  world.Of("GET /a").fault = v1::INVALID_DATA;
  EXPECT_THAT(world.Steps({}), ElementsAre(Invalid({}, v1::INVALID_DATA)));
}

TEST(SyntheticTrafficTest, RunsThatStopBecomeAGapAndThenTooFew) {
  Traffic world;
  world.Fill("GET /a", -20, 0);
  EXPECT_THAT(world.Steps({}), ElementsAre(Clear({}), Unknown(absl::Minutes(3), v1::RUN_GAP),
                                           Unknown(absl::Minutes(9), v1::TOO_FEW_RUNS)));
}

TEST(SyntheticTrafficTest, FailuresBlock) {
  Traffic world;
  world.Fill("GET /a", -20, -5, false);
  world.Fill("GET /a", -4, 0, true);
  // At -10 and +0 minutes: five of ten, which is enough; a moment earlier the window is the same.
  EXPECT_EQ(world.JudgeAt({}).reason, v1::ALL_CLEAR);
  EXPECT_EQ(world.JudgeAt(-kNanosecond).reason, v1::BELOW_SUCCESS_RATIO);
  EXPECT_EQ(world.JudgeAt(-kNanosecond).verdict, Verdict::kBlocking);
  EXPECT_EQ(world.JudgeAt({}).evidence.value, 0.5);
  EXPECT_EQ(world.JudgeAt({}).evidence.threshold, 0.5);
}

TEST(SyntheticTrafficTest, RunsFromTheFutureAreInvalidUntilTheyAreVisible) {
  Traffic world;
  world.Fill("GET /a", -20, 5);
  EXPECT_THAT(world.Steps({}),
              ElementsAre(Invalid({}, v1::FROM_THE_FUTURE), Clear(absl::Minutes(4)),
                          Unknown(absl::Minutes(8), v1::RUN_GAP),
                          Unknown(absl::Minutes(14), v1::TOO_FEW_RUNS)));
}

TEST(SyntheticTrafficTest, TheGravestApiSpeaks) {
  Traffic world;
  world.Fill("GET /a", -20, 0);
  EXPECT_EQ(world.JudgeAt({}, kTwo).reason, v1::NO_DATA);
  EXPECT_EQ(world.JudgeAt({}, kTwo).evidence.subject, "GET /b");
  world.Fill("GET /b", -20, 0, false);
  EXPECT_EQ(world.JudgeAt({}, kTwo).reason, v1::BELOW_SUCCESS_RATIO);
  world.Of("GET /b").fault = v1::DUPLICATE_ID;
  EXPECT_EQ(world.JudgeAt({}, kTwo).reason, v1::DUPLICATE_ID);
  world.Of("GET /a").fault = v1::INVALID_DATA;
  EXPECT_EQ(world.JudgeAt({}, kTwo).reason, v1::INVALID_DATA);
}

TEST(SyntheticTrafficTest, UnknownComesBeforeBlocking) {
  Traffic world;
  world.Fill("GET /a", -20, 0, false);
  world.Fill("GET /b", -20, -5);
  EXPECT_EQ(world.JudgeAt({}, kTwo).reason, v1::RUN_GAP);
}

TEST(SyntheticTrafficTest, TheHorizonOfSeveralApisIsExact) {
  Traffic world;
  world.Fill("GET /a", -20, 0);
  world.Fill("GET /b", -20, -1);
  EXPECT_THAT(world.Steps({}, kTwo), ElementsAre(Clear({}), Unknown(absl::Minutes(2), v1::RUN_GAP),
                                                 Unknown(absl::Minutes(8), v1::TOO_FEW_RUNS)));
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    Traffic any;
    for (const absl::string_view api : {"GET /a", "GET /b"}) {
      for (int i = -14; i <= 1; ++i) {
        if (random() % 3 > 0) any.Fill(api, i, i, random() % 2 == 0);
      }
    }
    any.Steps(-kMinute, kTwo);  // Fails the test where it is not.
  }
}

TEST(SyntheticTrafficTest, RunsThatMakeNoSenseAreInvalid) {
  Traffic world;
  world.Fill("GET /a", -10, 0);
  EXPECT_EQ(world.JudgeAt({}).reason, v1::ALL_CLEAR);
  world.Of("GET /a").succeeded.pop_back();
  EXPECT_THAT(world.Steps({}), ElementsAre(Invalid({}, v1::INVALID_DATA)));
  EXPECT_FALSE(world.JudgeAt({}).evidence.value.has_value());
}

TEST(SyntheticTrafficTest, WithoutApisThereIsNoData) {
  const World world;
  SyntheticTraffic blocker = Parsed(kOne);
  blocker.apis.clear();
  EXPECT_EQ(Check(blocker, world.subject(), Zero()).reason, v1::NO_DATA);
  EXPECT_EQ(Check(blocker, world.subject(), Zero()).verdict, Verdict::kUnknown);
}

}  // namespace
}  // namespace sluice
