// What is foretold is what happens: a host that asks again and again, in a world where all is well,
// sees every stage done at the instants that PlayHealthyFuture says, and at none if it says none.

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/record.h"
#include "sluice/simulate/healthy_future.h"
#include "sluice/v1/testing.pb.h"
#include "tests/rollout/draw.h"
#include "tests/rollout/host.h"
#include "tests/rollout/outside.h"
#include "tests/rollout/scenario.h"
#include "tests/rollout/times.h"
#include "tests/simulate/healthy_world.h"

namespace sluice {
namespace {

struct Given {
  v1::PipelinePolicy policy;
  v1::PipelineState state;
  absl::optional<v1::OrganisationFacts> organisation;
  std::vector<v1::KnownBadList> lists;
  absl::Time now;
};

std::string Show(const absl::optional<absl::Time>& at) {
  return at.has_value() ? absl::FormatTime(*at, absl::UTCTimeZone()) : "never";
}

HealthyFuture Foretell(const Given& given) {
  const absl::StatusOr<Policy> policy = Policy::Compile(given.policy);
  EXPECT_TRUE(policy.ok()) << policy.status();
  std::vector<KnownBadList> built;
  for (const v1::KnownBadList& list : given.lists) built.push_back(*KnownBadList::Build(list));
  PresentFacts facts{given.state};
  if (given.organisation.has_value()) facts.organisation = &*given.organisation;
  for (const KnownBadList& list : built) facts.known_bad.push_back(&list);
  const std::string before = given.state.SerializeAsString();
  HealthyFuture future = PlayHealthyFuture(*policy, facts, given.now);
  EXPECT_EQ(given.state.SerializeAsString(), before);
  return future;
}

// The last instant that is foretold.
absl::Time LastOf(const HealthyFuture& future) {
  absl::Time last = future.now;
  for (const StageFuture& stage : future.stages) {
    for (const auto& at : {stage.first_cell, stage.complete, stage.passed}) {
      last = std::max(last, at.value_or(last));
    }
  }
  return last;
}

void ExpectItHappens(const Given& given, const HealthyFuture& future, absl::Duration step,
                     absl::Time end) {
  HealthyWorld world(given.policy, given.state,
                     given.organisation.has_value() ? &*given.organisation : nullptr, given.lists,
                     given.now);
  world.Run(step, end);
  for (const StageFuture& stage : future.stages) {
    if (stage.artifact.empty()) continue;
    const StageStory story = world.StoryOf(stage.stage, stage.artifact);
    EXPECT_EQ(Show(stage.first_cell), Show(story.first_cell)) << stage.stage;
    EXPECT_EQ(Show(stage.complete), Show(story.complete)) << stage.stage;
    EXPECT_EQ(Show(stage.passed), Show(story.passed)) << stage.stage;
    EXPECT_EQ(Show(stage.last_cell.has_value() ? absl::optional<absl::Time>(stage.last_cell->at)
                                               : absl::nullopt),
              Show(story.last_cell))
        << stage.stage;
    EXPECT_EQ(stage.outcome == StageOutcome::kPasses, story.passed.has_value()) << stage.stage;
  }
}

// ---------------------------------------------------------------- Examples

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <typename Message>
Message ReadText(const std::string& path) {
  Message message;
  const absl::Status status = ReadMessage(ReadFile(path), Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << status << "\n" << path;
  return message;
}

struct ExampleCase {
  std::string folder;
  absl::Time now;
  // Polling is exact if every instant is a multiple of it.
  absl::Duration step;
  bool has_organisation = false;
};

std::ostream& operator<<(std::ostream& out, const ExampleCase& example) {
  return out << example.folder;
}

class ExampleTest : public ::testing::TestWithParam<ExampleCase> {};

TEST_P(ExampleTest, HappensAsForetold) {
  const std::string folder = absl::StrCat("docs/examples/", GetParam().folder, "/");
  Given given;
  given.policy = ReadText<v1::PipelinePolicy>(folder + "policy.textproto");
  given.state = ReadText<v1::PipelineState>(folder + "state.textproto");
  given.now = GetParam().now;
  if (GetParam().has_organisation) {
    given.organisation = ReadText<v1::OrganisationFacts>(folder + "organisation.textproto");
  }
  const HealthyFuture future = Foretell(given);
  ASSERT_FALSE(future.stages.empty());
  const StageFuture& last = future.stages.back();
  EXPECT_EQ(StageOutcomeName(last.outcome), "PASSES");
  ASSERT_TRUE(last.passed.has_value());
  ExpectItHappens(given, future, GetParam().step, LastOf(future));
}

const absl::Time kTuesday = absl::FromUnixSeconds(1'795'514'460);  // 2026-11-24T10:01:00Z

INSTANTIATE_TEST_SUITE_P(
    Examples, ExampleTest,
    ::testing::Values(ExampleCase{"single-service", kTuesday, absl::Minutes(1)},
                      ExampleCase{"region-cells", kTuesday, absl::Minutes(1)},
                      ExampleCase{"batch-worker", kTuesday, absl::Minutes(1)},
                      ExampleCase{"library", kTuesday, absl::Minutes(1)},
                      ExampleCase{"smallest", kTuesday, absl::Minutes(1), true}),
    [](const ::testing::TestParamInfo<ExampleCase>& info) {
      return absl::StrReplaceAll(info.param.folder, {{"-", "_"}});
    });

// The demo's version 42, built on Monday morning, with an approval from the start.
TEST(RegionWavesTest, HappensAsForetold) {
  const std::string folder = "docs/examples/region-waves/";
  Given given;
  given.policy = ReadText<v1::PipelinePolicy>(folder + "policy.textproto");
  given.state = ReadText<v1::PipelineState>(folder + "state.textproto");
  given.organisation = ReadText<v1::OrganisationFacts>(folder + "organisation.textproto");
  given.lists = {ReadText<v1::KnownBadList>(folder + "known_bad.textproto")};
  given.now = absl::FromUnixSeconds(1'710'748'800);  // Monday 2024-03-18T08:00:00Z
  const auto monitoring = ReadText<v1::TestCase>(folder + "monitoring.textproto");
  const auto story = ReadText<v1::TestCase>(folder + "events-42.textproto");
  std::vector<v1::Event> events;
  for (const v1::Moment& moment : monitoring.moments()) {
    events.insert(events.end(), moment.events().begin(), moment.events().end());
  }
  for (const v1::Moment& moment : story.moments()) {
    for (const v1::Event& event : moment.events()) {
      if (event.has_artifact_built() || event.has_approval_granted()) events.push_back(event);
    }
  }
  int number = 0;
  for (v1::Event& event : events) {
    event.set_id(absl::StrCat("given-", ++number));
    *event.mutable_at() = ToTimestamp(given.now);
    if (event.has_approval_granted()) {
      *event.mutable_approval_granted()->mutable_approval()->mutable_granted_at() =
          ToTimestamp(given.now);
    }
    const absl::Status status = Apply(event, &given.state);
    ASSERT_TRUE(status.ok()) << status;
  }
  const HealthyFuture future = Foretell(given);
  // No `expected_time`, so a deployment takes 30 min. Pre-production: deployed at 08:30, baked at
  // 09:00 UTC. Production from 09:00 UTC (10:00 in Berlin): one-box deployed 09:30, baked 10:30;
  // eu-west 11:00, twelve hours later 23:00, out of hours until 08:00 UTC on Tuesday; two regions
  // 08:30, 10:30; the last two 11:00, 15:00.
  const StageFuture& production = future.stages.back();
  EXPECT_EQ(Show(production.first_cell), Show(given.now + absl::Hours(1)));
  EXPECT_EQ(Show(production.complete), Show(given.now + absl::Hours(31)));
  ASSERT_TRUE(future.last_cell.has_value());
  EXPECT_EQ(Show(future.last_cell->at), Show(given.now + absl::Hours(27)));
  ExpectItHappens(given, future, absl::Minutes(10), LastOf(future));
}

// ---------------------------------------------------------------- Scenarios

// A pipeline that has run for a while without trouble, in the middle of what it does.
Given MakeGiven(uint64_t seed) {
  Draw draw(seed);
  ScenarioOptions options;
  options.min_cells = 1;
  options.max_cells = 4;
  options.max_stages = 2;
  options.unit = absl::Seconds(30);
  const Scenario scenario = MakeScenario(options, &draw);
  Given given;
  given.policy = scenario.policy;
  Ledger ledger(scenario.state);
  Outside outside(scenario, seed);
  outside.Calm();
  Shared shared;
  shared.ledger = &ledger;
  shared.outside = &outside;
  absl::StatusOr<Policy> policy = Policy::Compile(scenario.policy);
  EXPECT_TRUE(policy.ok()) << policy.status();
  shared.policy = std::make_shared<const Policy>(*std::move(policy));
  Host host(&shared, "");
  absl::Time now = scenario.begin;
  EXPECT_TRUE(ledger.Write(outside.Build(Quality::kGood, now), now).ok());
  for (const v1::Cell& cell : scenario.state.cells()) {
    v1::Event adopt;
    adopt.mutable_cell_adopted()->set_stage(cell.stage());
    adopt.mutable_cell_adopted()->set_cell(cell.id());
    adopt.mutable_cell_adopted()->set_artifact(DigestOf(1));
    adopt.mutable_cell_adopted()->set_who("ann");
    EXPECT_TRUE(ledger.Write(adopt, now).ok());
    outside.Place(cell.id(), DigestOf(1));
  }
  const absl::Time build = now + draw.Seconds(absl::Seconds(1), 3 * scenario.unit);
  const absl::Time end = build + draw.Seconds(absl::Seconds(0), 10 * scenario.unit);
  bool built = false;
  while (now < end) {
    if (!built && now >= build) {
      built = true;
      EXPECT_TRUE(ledger.Write(outside.Build(Quality::kGood, now), now).ok());
    }
    for (v1::Event& event : outside.Reports(now)) {
      EXPECT_TRUE(ledger.Write(std::move(event), now).ok());
    }
    host.Run(now, now);
    EXPECT_EQ(host.failure(), "");
    absl::Time next = std::min({host.valid_until(), outside.NextReport(), outside.NextEnd(now)});
    if (!built) next = std::min(next, build);
    now = std::min(next, end);
  }
  if (draw.Percent(30)) {
    v1::Event event;
    v1::Hold* hold = event.mutable_hold_placed()->mutable_hold();
    hold->set_id("wait");
    hold->set_scope(v1::Hold::STAGE);
    hold->set_stage(scenario.policy.stages().rbegin()->id());
    hold->set_who("ann");
    hold->set_why("to see");
    *hold->mutable_placed_at() = ToTimestamp(end);
    *hold->mutable_expires_at() =
        ToTimestamp(end + draw.Seconds(absl::Seconds(1), 6 * scenario.unit));
    EXPECT_TRUE(ledger.Write(event, end).ok());
  }
  given.state = ledger.state();
  given.organisation = *outside.facts();
  given.lists = {outside.list()};
  given.now = end;
  return given;
}

class ScenarioTest : public ::testing::TestWithParam<int> {};

TEST_P(ScenarioTest, HappensAsForetold) {
  const Given given = MakeGiven(static_cast<uint64_t>(GetParam()));
  const HealthyFuture future = Foretell(given);
  const bool all_pass =
      std::all_of(future.stages.begin(), future.stages.end(), [](const StageFuture& stage) {
        return stage.artifact.empty() || stage.outcome == StageOutcome::kPasses;
      });
  for (const StageFuture& stage : future.stages) {
    EXPECT_NE(stage.outcome, StageOutcome::kRollsBack);
    EXPECT_NE(stage.outcome, StageOutcome::kTooFar);
    EXPECT_EQ(stage.outcome == StageOutcome::kStops, !stage.stopped_by.empty());
  }
  // What is said never to happen does not happen in 25 minutes either.
  const absl::Time end = LastOf(future) + (all_pass ? absl::ZeroDuration() : absl::Minutes(25));
  ExpectItHappens(given, future, absl::Seconds(1), end);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ScenarioTest, ::testing::Range(1, 41));

// The scenarios are of many kinds.
TEST(ScenarioTest, ReachesEveryOutcome) {
  int passes = 0;
  int stops = 0;
  int nothing = 0;
  int later = 0;
  for (int seed = 1; seed <= 40; ++seed) {
    const HealthyFuture future = Foretell(MakeGiven(static_cast<uint64_t>(seed)));
    for (const StageFuture& stage : future.stages) {
      passes += stage.outcome == StageOutcome::kPasses;
      stops += stage.outcome == StageOutcome::kStops;
      nothing += stage.outcome == StageOutcome::kNothingToCome;
      later += stage.passed.has_value() && *stage.passed > future.now;
    }
  }
  EXPECT_GE(passes, 10);
  EXPECT_GE(stops, 5);
  EXPECT_GE(nothing, 2);
  EXPECT_GE(later, 10);
}

}  // namespace
}  // namespace sluice
