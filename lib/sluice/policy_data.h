#ifndef SLUICE_POLICY_DATA_H_
#define SLUICE_POLICY_DATA_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "sluice/blockers/approval.h"
#include "sluice/blockers/check.h"
#include "sluice/blockers/environment_parity.h"
#include "sluice/blockers/host_condition.h"
#include "sluice/blockers/known_bad_artifact.h"
#include "sluice/blockers/metric_alarm.h"
#include "sluice/blockers/synthetic_traffic.h"
#include "sluice/blockers/time_window.h"
#include "sluice/blockers/traffic_isolation.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/measurement_count.h"

// The native form of a policy: what Compile makes and Decide reads. Every choice is made, every
// bound checked.
namespace sluice {

// Who may override.
struct OverrideRule {
  std::vector<std::string> roles;  // Sorted, at least one.
  int quorum = 0;
  absl::Duration max_validity;
  bool author_may = false;
};

struct Blocker;

// Blockers of which `needed` must be CLEAR.
struct Combination {
  size_t needed = 0;              // At least 1, at most as many as there are children.
  std::vector<Blocker> children;  // Sorted by id; enforced, without an override rule.
};

using BlockerKind =
    absl::variant<MetricAlarm, TimeWindow, KnownBadArtifact, CheckRequirement, SyntheticTraffic,
                  EnvironmentParity, TrafficIsolation, Approval, Combination, HostCondition>;

struct Blocker {
  std::string id;
  bool enforced = true;
  absl::optional<OverrideRule> override_rule;  // Unset: not overridable.
  BlockerKind kind;
};

// What a cell must show before it is proven [R3].
struct Bake {
  absl::Duration min_time;      // Zero: not asked for.
  int64_t min_requests = 0;     // Zero: not asked for.
  int64_t min_data_points = 0;  // Zero: not asked for.
  absl::Duration max_time;
};

struct WaveRule {
  std::string id;
  std::vector<std::string> cells;
  std::vector<Blocker> blockers;
  Bake bake;  // The wave's own, else the rollout's.
};

struct HygieneCheck {
  std::string check;
  std::string finding_id;  // `@hygiene:` and the check.
};

struct HygieneRule {
  std::vector<HygieneCheck> checks;  // Sorted; empty: NONE.
  absl::Duration deadline;
  bool missing_is_failure = false;
};

struct ErrorRateCriterion {
  std::string counts;
  int64_t bound_ppm = 0;
  int64_t min_requests = 0;
  int64_t min_requests_to_fail = 0;
  Confidence confidence = Confidence::kUnset;
  absl::Duration max_age;
};

struct BaselineRatioCriterion {
  // The counts, the minima and what is permitted without a baseline.
  ErrorRateCriterion rate;
  bool has_bound = false;  // Whether `rate.bound_ppm` is to be used.
  int64_t max_ratio_ppm = 0;
  absl::Duration recorded_max_age;  // Zero: no recorded baseline is used.
};

struct SeriesBoundCriterion {
  std::string series;
  AlarmRule rule;  // Which points breach, and how many of how many are a failure.
  absl::Duration max_age;
};

struct MeasurementCriterion {
  std::string measurement;
  MeasurementLimits limits;
};

using CriterionKind = absl::variant<ErrorRateCriterion, BaselineRatioCriterion,
                                    SeriesBoundCriterion, MeasurementCriterion>;

struct HealthCriterion {
  std::string id;
  bool per_wave = false;
  CriterionKind kind;
};

// The criterion's counts and minima; null of a kind without them.
inline const ErrorRateCriterion* RateOf(const HealthCriterion& criterion) {
  if (const auto* ratio = absl::get_if<BaselineRatioCriterion>(&criterion.kind)) {
    return &ratio->rate;
  }
  return absl::get_if<ErrorRateCriterion>(&criterion.kind);
}

enum class WatchEach : uint8_t { kCell, kRegion, kStage };

struct WatchedAlarm {
  std::string id;
  MetricAlarm alarm;
  WatchEach each = WatchEach::kCell;
};

// What cells may have in common.
enum class CellGroup : uint8_t { kNone, kRegion, kZone };

enum class RollBackScope : uint8_t { kCell, kWave, kRegion, kStage };

struct RollBackRule {
  RollBackScope scope = RollBackScope::kStage;
  absl::Duration watch_for;
  int max_parallel = 0;
  int attempts = 0;
  absl::Duration min_gap;                     // Zero: none.
  absl::optional<OverrideRule> keep_despite;  // Unset: nobody may keep.
  absl::Duration max_hold;                    // Zero: no ROLL_BACK_HOLD is obeyed.
};

enum class Preempt : uint8_t { kNever, kWhenHeld, kByRequest };

// How waves are made from the stage's cells.
struct WaveGeneration {
  std::vector<int64_t> sizes;  // Most cells of the first waves; at least one element.
  int64_t growth_percent = 100;
  CellGroup disjoint_by = CellGroup::kNone;
  uint32_t max_share_basis_points = 0;
  std::vector<std::string> ids;  // Of the waves: as many as there may be.
};

struct GroupCap {
  CellGroup by = CellGroup::kNone;
  uint32_t basis_points = 0;
};

struct RolloutRule {
  std::vector<WaveRule> waves;
  absl::optional<WaveGeneration> generation;  // Set: instead of `waves`.
  Bake
      bake;  // For cells in no wave of the policy's; the longest of all where the rollout has none.
  absl::optional<uint32_t> stage_cap_basis_points;  // Unset: NONE.
  absl::optional<GroupCap> group_cap;               // Unset: NONE.
  int max_parallel = 0;
  absl::Duration deploy_max_time;
  absl::Duration deploy_expected_time;
  HygieneRule hygiene;
  std::vector<HealthCriterion> criteria;
  std::vector<WatchedAlarm> watched;
  RollBackRule roll_back;
  Preempt preempt = Preempt::kNever;
  bool deploy_new_cells = false;
};

struct StageRule {
  std::string id;
  v1::Stage::Kind kind = v1::Stage::KIND_UNSPECIFIED;
  bool deploys_cells = false;
  bool passes_on_completion = false;
  std::vector<Blocker> blockers;
  std::vector<Blocker> pass_criteria;
  bool queue = false;
  bool manual = false;
  bool start_per_wave = false;
  RolloutRule rollout;  // Where cells are deployed.
};

struct PolicyData {
  std::string id;
  std::vector<StageRule> stages;
  std::vector<Blocker> blockers;
  absl::optional<absl::Duration> emergency_stop_max_age;  // Unset: not obeyed.
  absl::Duration max_clock_skew;
  absl::optional<uint32_t> pipeline_cap_basis_points;  // Unset: NONE.
  std::string fingerprint;                             // An OCI digest.
  std::string zone_hash;                               // An OCI digest.
  // What overrides may name: every blocker but pass criteria. Points into the vectors above.
  absl::flat_hash_map<absl::string_view, const Blocker*> blocker_by_id;
  // What `keep_despite` may name.
  absl::flat_hash_set<std::string> trigger_ids;
};

}  // namespace sluice

#endif  // SLUICE_POLICY_DATA_H_
