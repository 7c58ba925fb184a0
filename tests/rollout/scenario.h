#ifndef SLUICE_TESTS_ROLLOUT_SCENARIO_H_
#define SLUICE_TESTS_ROLLOUT_SCENARIO_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/rollout/draw.h"

namespace sluice {

struct ScenarioOptions {
  int min_cells = 2;  // In each stage with cells.
  int max_cells = 12;
  int max_stages = 3;
  // A bake is a few of these, a deployment less than one; a third of it is a period of a series.
  absl::Duration unit = absl::Minutes(6);
  // Only what is the same whenever a host looks: no MANUAL stage.
  bool automatic = false;
};

// Names that every scenario uses.
constexpr char kPipeline[] = "shop";
constexpr char kList[] = "advisories";
constexpr char kHygieneCheck[] = "started";
constexpr char kBuildCheck[] = "unit";
constexpr char kPassCheck[] = "endurance";
constexpr char kBlockingAlarm[] = "load";
constexpr char kBlockingSeries[] = "queue";
constexpr char kWatchedAlarm[] = "errors";
constexpr char kWatchedSeries[] = "latency";
constexpr char kCounts[] = "requests";
constexpr char kRole[] = "sre";

// A pipeline: what it asks for and where it runs, nothing deployed yet.
struct Scenario {
  v1::PipelinePolicy policy;
  v1::PipelineState state;  // Cells, no artifact.
  v1::OrganisationFacts facts;
  v1::KnownBadList list;
  absl::Time begin;
  absl::Duration unit;
  absl::Duration tick;  // Between reports of the monitoring.
};

// One of many: 1 to 3 stages, cells over regions and zones, and a choice of everything that a
// policy may ask for.
Scenario MakeScenario(const ScenarioOptions& options, Draw* draw);

// Changes numbers of the policy, as its owners do while rollouts run.
void EditPolicy(absl::Duration unit, Draw* draw, v1::PipelinePolicy* policy);

// A new cell of a stage, not in any wave.
v1::Cell MakeCell(const std::string& stage, const std::string& id, Draw* draw);

// The cells of all PRODUCTION stages that are not retired.
std::vector<v1::Cell> ProductionCells(const v1::PipelinePolicy& policy,
                                      const v1::PipelineState& state);

// The least share, in basis points, that has room for each of the cells by itself; 0 without cells.
uint32_t LeastCap(const std::vector<v1::Cell>& cells);
// The same where each region or zone counts by itself.
uint32_t LeastGroupCap(const std::vector<v1::Cell>& cells, v1::GroupCap::DisjointBy by);
// The region of the cell, or that and its zone.
std::string GroupOf(const v1::Cell& cell, v1::GroupCap::DisjointBy by);

// The digest of the artifact with this sequence.
std::string DigestOf(uint64_t sequence);

}  // namespace sluice

#endif  // SLUICE_TESTS_ROLLOUT_SCENARIO_H_
