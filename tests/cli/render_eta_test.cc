#include "sluice/cli/render_eta.h"

#include <string>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/simulate/healthy_future.h"

namespace sluice {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'514'400);  // 2026-11-24T10:00:00Z

HealthyFuture MakeFuture() {
  HealthyFuture future;
  future.now = kNow;
  const std::string digest = "sha256:" + std::string(64, 'b');
  StageFuture staging;
  staging.stage = "staging";
  staging.artifact = digest;
  staging.outcome = StageOutcome::kPasses;
  staging.first_cell = kNow - absl::Hours(1);
  staging.complete = kNow + absl::Hours(1);
  staging.passed = kNow + absl::Hours(2);
  staging.last_cell = CellInstant{"staging", "s", kNow};
  staging.deployment_time = absl::Minutes(30);
  staging.waits = {{{"staging", "w", "@bake", v1::BAKING}, absl::Hours(1)},
                   {{"staging", "", "tests", v1::CHECK_ABSENT}, absl::Minutes(1)}};
  future.stages.push_back(staging);
  StageFuture production;
  production.stage = "production";
  production.artifact = digest;
  production.outcome = StageOutcome::kStops;
  production.deployment_time = absl::Minutes(10);
  production.deployment_time_is_stated = true;
  production.waits = {{{"production", "", "business-hours", v1::OUTSIDE_ALLOW},
                       absl::Hours(18) + absl::Minutes(20)},
                      {{"staging", "w", "@bake", v1::BAKING}, absl::Hours(1)}};
  production.stopped_by = {{"production", "", "@start", v1::AWAITING_START},
                           {"production", "", "approved", v1::APPROVALS_MISSING}};
  future.stages.push_back(production);
  StageFuture failed;
  failed.stage = "other";
  failed.artifact = digest;
  failed.outcome = StageOutcome::kRollsBack;
  failed.stopped_by = {{"other", "w1", "@deployment", v1::DEPLOYMENT_FAILED}};
  future.stages.push_back(failed);
  StageFuture nothing;
  nothing.stage = "last";
  future.stages.push_back(nothing);
  future.assumed_over = {{"production", "", "calm", v1::IN_ALARM}};
  return future;
}

TEST(RenderEtaTest, TextForPeople) {
  EXPECT_EQ(RenderEta(MakeFuture()),
            R"(From 2026-11-24T10:00:00Z, if all signals stay healthy and nobody does anything:

staging: sha256:bbbbbbbbbbbb, first cell 2026-11-24T09:00:00Z, complete
  2026-11-24T11:00:00Z, passes 2026-11-24T12:00:00Z
  waits 1 h for the bake of `w`, 1 min for `tests` (CHECK_ABSENT)
  - a deployment is taken to need 30 min; `deploy.expected_time` would say

production: sha256:bbbbbbbbbbbb, does not pass
  waits 18 h 20 min for `business-hours` (OUTSIDE_ALLOW), 1 h for the bake of
  `w` in `staging`
  ! stopped by a person to start it (AWAITING_START), `approved`
    (APPROVALS_MISSING)

other: sha256:bbbbbbbbbbbb, is rolled back
  ! because of deployments to `w1` (DEPLOYMENT_FAILED)

last: nothing is on its way

Taken to end at once: `calm` (IN_ALARM) in `production`
)");
}

TEST(RenderEtaTest, OneStage) {
  const std::string text = RenderEta(MakeFuture(), "last");
  EXPECT_EQ(text.find("production"), std::string::npos);
  EXPECT_NE(text.find("\nlast: "), std::string::npos);
}

TEST(RenderEtaTest, NoLineIsLong) {
  const std::string text = RenderEta(MakeFuture());
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(RenderEtaTest, Json) {
  HealthyFuture future = MakeFuture();
  future.stages.resize(2);
  future.last_cell = CellInstant{"production", "y", kNow};
  const std::string digest = "sha256:" + std::string(64, 'b');
  EXPECT_EQ(
      EtaToJson(future),
      "{\"now\":\"2026-11-24T10:00:00Z\",\"stages\":["
      "{\"stage\":\"staging\",\"outcome\":\"PASSES\",\"artifact\":\"" +
          digest +
          "\",\"first_cell\":\"2026-11-24T09:00:00Z\",\"last_cell\":{\"stage\":\"staging\","
          "\"cell\":"
          "\"s\",\"at\":\"2026-11-24T10:00:00Z\"},\"complete\":\"2026-11-24T11:00:00Z\","
          "\"passed\":\"2026-11-24T12:00:00Z\",\"waits\":[{\"stage\":\"staging\",\"wave\":\"w\","
          "\"id\":\"@bake\",\"reason\":\"BAKING\",\"seconds\":3600},{\"stage\":\"staging\",\"id\":"
          "\"tests\",\"reason\":\"CHECK_ABSENT\",\"seconds\":60}],\"stopped_by\":[],"
          "\"deployment_seconds\":1800,\"deployment_time_is_stated\":false},"
          "{\"stage\":\"production\",\"outcome\":\"STOPS\",\"artifact\":\"" +
          digest +
          "\",\"waits\":[{\"stage\":\"production\",\"id\":\"business-hours\",\"reason\":"
          "\"OUTSIDE_ALLOW\",\"seconds\":66000},{\"stage\":\"staging\",\"wave\":\"w\",\"id\":"
          "\"@bake\",\"reason\":\"BAKING\",\"seconds\":3600}],\"stopped_by\":[{\"stage\":"
          "\"production\",\"id\":\"@start\",\"reason\":\"AWAITING_START\"},{\"stage\":"
          "\"production\",\"id\":\"approved\",\"reason\":\"APPROVALS_MISSING\"}],"
          "\"deployment_seconds\":600,\"deployment_time_is_stated\":true}],\"last_cell\":{"
          "\"stage\":"
          "\"production\",\"cell\":\"y\",\"at\":\"2026-11-24T10:00:00Z\"},\"assumed_over\":["
          "{\"stage\":\"production\",\"id\":\"calm\",\"reason\":\"IN_ALARM\"}]}");
}

TEST(RenderEtaTest, OnlyTheLongestWaits) {
  HealthyFuture future = MakeFuture();
  future.stages.resize(1);
  future.stages[0].waits.assign(8, {{"staging", "", "tests", v1::CHECK_ABSENT}, absl::Hours(1)});
  const std::string text = RenderEta(future);
  EXPECT_NE(text.find("and at most as long for 2\n  others"), std::string::npos) << text;
}

TEST(RenderEtaTest, Durations) {
  EXPECT_EQ(RenderDuration(absl::ZeroDuration()), "0 s");
  EXPECT_EQ(RenderDuration(absl::Milliseconds(1500)), "1.5 s");
  EXPECT_EQ(RenderDuration(absl::Seconds(90)), "1 min 30 s");
  EXPECT_EQ(RenderDuration(absl::Hours(1) + absl::Seconds(1)), "1 h");
  EXPECT_EQ(RenderDuration(absl::Hours(24 * 3 + 2) + absl::Minutes(5)), "3 d 2 h 5 min");
}

}  // namespace
}  // namespace sluice
