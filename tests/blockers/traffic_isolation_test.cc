#include "sluice/blockers/traffic_isolation.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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
    "principals: ['tests', 'ops team'] max_other_ppm: 10000 min_requests: 100 max_age { seconds: "
    "3600 }";

std::vector<std::string> FaultsOf(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  ParseTrafficIsolation(FromText<v1::TrafficIsolation>(text), root, errors);
  return FaultsIn(errors);
}

struct Traffic : World {
  explicit Traffic(std::vector<std::pair<std::string, int64_t>> requests) {
    for (const auto& [principal, count] : requests) {
      sample.add_principals(principal);
      sample.add_requests(count);
    }
    TrafficFacts& facts = snapshot.traffic["prod"];
    facts.observed_at = Zero();
    facts.record = &sample;
  }
  Judgement JudgeAt(absl::Duration at, const std::string& text = kBlocker) const {
    const FieldPath root;
    FieldErrors errors;
    const TrafficIsolation blocker =
        ParseTrafficIsolation(FromText<v1::TrafficIsolation>(text), root, errors);
    EXPECT_THAT(FaultsIn(errors), IsEmpty());
    return Check(blocker, subject(), Zero() + at);
  }
  Reason reason() const { return JudgeAt({}).reason; }
  std::vector<Step> Steps(absl::Duration from) const {
    return StepsOf([&](absl::Time now) { return JudgeAt(now - Zero()); }, from);
  }

  v1::TrafficSample sample;
};

TEST(ParseTrafficIsolationTest, NothingFails) {
  EXPECT_THAT(FaultsOf(""), ElementsAre("principals MISSING", "max_other_ppm MISSING",
                                        "min_requests MISSING", "max_age MISSING"));
}

TEST(ParseTrafficIsolationTest, EachFieldFails) {
  EXPECT_THAT(
      FaultsOf("principals: ['a', 'a', ''] max_other_ppm: 1000001 min_requests: 1 max_age {}"),
      ElementsAre("principals[1] DUPLICATE", "principals[2] MISSING", "max_other_ppm INVALID_VALUE",
                  "max_age INVALID_VALUE"));
  EXPECT_THAT(FaultsOf("principals: 'a' max_other_ppm: 0 min_requests: 1 max_age { nanos: 1 }"),
              IsEmpty());
  EXPECT_THAT(
      FaultsOf("principals: 'a' max_other_ppm: 1000000 min_requests: 1 max_age { nanos: 1 }"),
      IsEmpty());
}

TEST(TrafficIsolationTest, ClearWhileFresh) {
  const Traffic world({{"tests", 99}, {"ops team", 900}});
  EXPECT_THAT(world.Steps(-kHour), ElementsAre(Invalid(-kHour, v1::FROM_THE_FUTURE), Clear(-kSkew),
                                               Unknown(kHour, v1::STALE)));
}

TEST(TrafficIsolationTest, TheShareItselfIsFine) {
  EXPECT_EQ(Traffic({{"tests", 99}, {"x", 1}}).reason(), v1::ALL_CLEAR);
  EXPECT_EQ(Traffic({{"tests", 98}, {"x", 1}, {"y", 1}}).reason(), v1::FOREIGN_TRAFFIC);
  // One request in 17 thousand million more than the share.
  const int64_t most = int64_t{1} << 34;
  const int64_t share = most / 99;
  EXPECT_EQ(Traffic({{"tests", most}, {"x", share}}).reason(), v1::ALL_CLEAR);
  EXPECT_EQ(Traffic({{"tests", most}, {"x", share + 1}}).reason(), v1::FOREIGN_TRAFFIC);
}

TEST(TrafficIsolationTest, NoShareMeansNone) {
  constexpr char kNone[] =
      "principals: 'tests' max_other_ppm: 0 min_requests: 1 max_age { seconds: 3600 }";
  EXPECT_EQ(Traffic({{"tests", 1000}, {"x", 0}}).JudgeAt({}, kNone).reason, v1::ALL_CLEAR);
  EXPECT_EQ(Traffic({{"tests", 1000}, {"x", 1}}).JudgeAt({}, kNone).reason, v1::FOREIGN_TRAFFIC);
}

TEST(TrafficIsolationTest, TooFewRequestsSayNothing) {
  EXPECT_EQ(Traffic({{"tests", 100}}).reason(), v1::ALL_CLEAR);
  const Judgement judgement = Traffic({{"tests", 99}}).JudgeAt({});
  EXPECT_EQ(judgement.reason, v1::TOO_FEW_REQUESTS);
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.evidence.count, 99);
  EXPECT_EQ(judgement.evidence.needed, 100);
  EXPECT_EQ(Traffic({{"x", 99}}).reason(), v1::TOO_FEW_REQUESTS);
  EXPECT_EQ(Traffic({}).reason(), v1::TOO_FEW_REQUESTS);
}

TEST(TrafficIsolationTest, NoSampleOfThisStageIsNoData) {
  Traffic world({{"tests", 1000}});
  const TrafficFacts sample = world.snapshot.traffic["prod"];
  world.snapshot.traffic.erase("prod");
  world.snapshot.traffic["beta"] = sample;
  EXPECT_THAT(world.Steps({}), ElementsAre(Unknown({}, v1::NO_DATA)));
}

TEST(TrafficIsolationTest, ABrokenSampleIsInvalidForEver) {
  Traffic world({{"tests", 1000}});
  world.snapshot.traffic["prod"].fault = v1::UNKNOWN_FIELD;
  EXPECT_THAT(world.Steps(-kHour), ElementsAre(Invalid(-kHour, v1::UNKNOWN_FIELD)));
  EXPECT_EQ(Traffic({{"tests", -1}}).reason(), v1::INVALID_DATA);
  EXPECT_EQ(Traffic({{"tests", (int64_t{1} << 34) + 1}}).reason(), v1::INVALID_DATA);
  Traffic uneven({{"tests", 1000}});
  uneven.sample.add_principals("x");
  EXPECT_EQ(uneven.reason(), v1::INVALID_DATA);
}

TEST(TrafficIsolationTest, NamesWhoDoesNotBelong) {
  const Traffic world({{"z", 50}, {"tests", 50}, {"a", 50}, {"idle", 0}});
  const Judgement judgement = world.JudgeAt({});
  EXPECT_EQ(judgement.verdict, Verdict::kBlocking);
  EXPECT_THAT(judgement.evidence.subjects, ElementsAre("a", "z"));
  EXPECT_EQ(judgement.evidence.total, 2u);
  EXPECT_EQ(judgement.evidence.threshold, 0.01);
}

TEST(TrafficIsolationTest, WithoutARecordItIsInvalid) {
  Traffic world({{"tests", 1000}});
  EXPECT_EQ(world.reason(), v1::ALL_CLEAR);
  world.snapshot.traffic["prod"].record = nullptr;
  EXPECT_THAT(world.Steps({}), ElementsAre(Invalid({}, v1::INVALID_DATA)));
}

}  // namespace
}  // namespace sluice
