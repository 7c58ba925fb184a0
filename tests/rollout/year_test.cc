// A year of a 40-cell pipeline: with `Compact` its state stays small, and what is decided from it
// is as much in the last month as in the second.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/compact.h"
#include "sluice/internal/field_errors.h"
#include "sluice/policy.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/host.h"
#include "tests/rollout/outside.h"
#include "tests/rollout/scenario.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

constexpr int kCells = 40;
constexpr size_t kMostBytes = 256 * 1024;

uint64_t days = 365;

constexpr absl::string_view kPolicy = R"pb(
  id: "shop"
  profile: STANDARD_1
  without_emergency_stop: true
  blockers {
    id: "known-bad"
    known_bad {
      lists: "advisories"
      max_age { seconds: 86400 }
      min_entries: 1
    }
  }
  stages {
    id: "test"
    kind: TEST
    deploys: NOTHING
    passes: CRITERIA
    start: AUTOMATIC
    pass_criteria {
      id: "endures"
      enforcement: ENFORCED
      check { check: "endurance" binds_to: ARTIFACT_AND_STAGE }
    }
  }
  stages {
    id: "prod"
    kind: PRODUCTION
    deploys: CELLS
    passes: ON_COMPLETION
    start: AUTOMATIC
    blockers {
      id: "built"
      check { check: "unit" binds_to: ARTIFACT }
    }
    rollout {
      blast_radius { stage_cap_basis_points: 5000 max_parallel: 20 }
      deploy { max_time { seconds: 14400 } }
      bake {
        min_time { seconds: 3600 }
        max_time { seconds: 36000 }
      }
      hygiene {
        checks: "started"
        deadline { seconds: 18000 }
      }
      health {
        watched_alarms {
          id: "watched"
          each: CELL
          alarm {
            observed { alarm: "errors" }
            max_age { seconds: 36000 }
          }
        }
      }
      roll_back {
        watch_for { seconds: 7200 }
        max_parallel: 40
        attempts: 3
      }
    }
  }
)pb";

Scenario YearScenario() {
  Scenario scenario;
  scenario.begin = absl::FromUnixSeconds(1'767'225'600);
  scenario.unit = absl::Hours(1);
  scenario.tick = absl::Hours(2);
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(std::string(kPolicy), &scenario.policy));
  v1::RolloutPolicy* rollout = scenario.policy.mutable_stages(1)->mutable_rollout();
  // 1, 3, 12 and 24 cells.
  int next = 0;
  for (const int count : {1, 3, 12, 24}) {
    v1::Wave* wave = rollout->add_waves();
    wave->set_id(absl::StrCat("w", count));
    for (int i = 0; i < count; ++i) {
      v1::Cell* cell = scenario.state.add_cells();
      cell->set_id(absl::StrCat("c", ++next));
      cell->set_stage("prod");
      cell->set_region(absl::StrCat("r", next % 8));
      cell->set_weight(1);
      wave->add_cells(cell->id());
    }
  }
  scenario.state.set_schema_version(1);
  scenario.state.set_pipeline(kPipeline);
  scenario.state.set_record_count(kCells);
  *scenario.state.mutable_written_at() = ToTimestamp(scenario.begin);
  scenario.facts.set_schema_version(1);
  scenario.facts.set_id("acme");
  scenario.facts.set_epoch(1);
  scenario.facts.mutable_emergency_stop()->set_state(v1::EmergencyStop::CLEAR);
  scenario.list.set_id(kList);
  scenario.list.set_epoch(1);
  scenario.list.set_entry_count(1);
  scenario.list.add_entries()->set_id("ADV-0");
  scenario.list.mutable_entries(0)->add_digests(DigestOf(1'000'000));
  return scenario;
}

struct Month {
  size_t most_bytes = 0;
  uint64_t most_records = 0;
  size_t most_findings = 0;  // Over all stages.
};

TEST(YearTest, StateAndDecisionStaySmall) {
  const Scenario scenario = YearScenario();
  absl::StatusOr<Policy> policy = Policy::Compile(scenario.policy);
  ASSERT_TRUE(policy.ok()) << FaultsOf(policy.status()).DebugString();
  Ledger ledger(scenario.state);
  Outside outside(scenario, 1);
  outside.Calm();
  Checker checker;
  Shared shared;
  shared.ledger = &ledger;
  shared.outside = &outside;
  shared.checker = &checker;
  shared.policy = std::make_shared<const Policy>(*policy);
  ledger.on_write = [&](const v1::Event& event, const absl::Status& status) {
    if (status.ok()) checker.Applied(event, ledger.state());
  };
  absl::Time now = scenario.begin;
  ASSERT_TRUE(ledger.Write(outside.Build(Quality::kGood, now), now).ok());
  for (const v1::Cell& cell : scenario.state.cells()) {
    v1::Event adopt;
    adopt.mutable_cell_adopted()->set_stage(cell.stage());
    adopt.mutable_cell_adopted()->set_cell(cell.id());
    adopt.mutable_cell_adopted()->set_artifact(DigestOf(1));
    adopt.mutable_cell_adopted()->set_who("ann");
    ASSERT_TRUE(ledger.Write(adopt, now).ok());
    outside.Place(cell.id(), DigestOf(1));
  }
  Host host(&shared, "host");
  std::vector<Month> months;
  absl::Time next_compaction = now;
  int complete = 0;
  for (uint64_t day = 0; day < days; ++day) {
    if (day % 30 == 0) months.emplace_back();
    // Every third day; one in five is bad and is rolled back.
    if (day % 3 == 0) {
      const Quality quality = day % 15 == 12 ? Quality::kAlarms : Quality::kGood;
      ASSERT_TRUE(ledger.Write(outside.Build(quality, now), now).ok());
    }
    const absl::Time end = now + absl::Hours(24);
    while (now < end) {
      for (v1::Event& event : outside.Reports(now)) {
        ASSERT_TRUE(ledger.Write(std::move(event), now).ok());
      }
      host.Run(now, now);
      ASSERT_EQ(host.failure(), "");
      now += absl::Hours(2);
      if (now < next_compaction) continue;
      next_compaction = now + absl::Hours(4);
      months.back().most_bytes = std::max(months.back().most_bytes, ledger.state().ByteSizeLong());
      ASSERT_TRUE(Compact(*policy, now, ledger.mutable_state()).ok());
    }
    ASSERT_TRUE(checker.failures().empty()) << checker.failures().front();
    outside.ForgetRuns(now - absl::Hours(48));
    Month& month = months.back();
    month.most_records = std::max(month.most_records, ledger.state().record_count());
    Knowledge knowledge(outside.list(), *outside.facts());
    const Snapshot snapshot = knowledge.Load(ledger.state());
    const Decision decision = policy->Decide(snapshot, now);
    size_t findings = 0;
    for (const StageDecision& stage : decision.stages) {
      findings += stage.findings.size();
      if (stage.action == Action::kIdle) ++complete;
    }
    month.most_findings = std::max(month.most_findings, findings);
  }
  for (size_t i = 0; i < months.size(); ++i) {
    EXPECT_LT(months[i].most_bytes, kMostBytes) << "month " << i + 1;
    RecordProperty(absl::StrCat("bytes", i + 1), static_cast<int>(months[i].most_bytes));
  }
  EXPECT_GT(complete, static_cast<int>(days));
  EXPECT_GT(checker.seen().at("COMPLETE"), static_cast<int>(days / 5));
  EXPECT_GT(checker.seen().at("ROLLED_BACK"), static_cast<int>(days / 40));
  if (months.size() < 4) return;
  const Month& early = months[1];
  const Month& late = months[months.size() - 2];
  EXPECT_LE(late.most_records * 10, early.most_records * 11);
  EXPECT_LE(late.most_bytes * 10, early.most_bytes * 11);
  EXPECT_LE(late.most_findings * 10, early.most_findings * 11);
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::days = sluice::NumberArgument(argc, argv, "days", sluice::days);
  return RUN_ALL_TESTS();
}
