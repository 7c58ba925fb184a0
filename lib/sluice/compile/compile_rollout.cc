#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "sluice/compile/compile_parts.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/metrics/error_rate.h"

namespace sluice {
namespace {

Bake CompileBake(const v1::Bake& proto, bool has_counts, bool has_health, const FieldPath& path,
                 FieldErrors& errors) {
  Bake bake;
  if (!proto.has_min_time() && proto.min_requests() == 0 && proto.min_data_points() == 0) {
    errors.Add(path, v1::Fault::MISSING,
               "needs one of `min_time`, `min_requests` and `min_data_points`");
  }
  if (proto.has_min_time()) {
    bake.min_time = RequirePositive(true, proto.min_time(), path.Field("min_time"), errors);
  }
  if (proto.min_requests() > 0) {
    bake.min_requests =
        RequireCount(proto.min_requests(), kMaxCount, path.Field("min_requests"), errors);
  }
  if (proto.min_data_points() > 0) {
    bake.min_data_points = RequireCount(proto.min_data_points(), kMaxDataPoints,
                                        path.Field("min_data_points"), errors);
  }
  if (!has_counts && proto.min_requests() > 0) {
    errors.Add(path.Field("min_requests"), v1::Fault::INVALID_VALUE,
               "needs an error rate or baseline ratio, whose counts it reads");
  }
  if (!has_counts && proto.min_data_points() > 0) {
    errors.Add(path.Field("min_data_points"), v1::Fault::INVALID_VALUE,
               "needs an error rate or baseline ratio, whose counts it reads");
  }
  bake.max_time =
      RequirePositive(proto.has_max_time(), proto.max_time(), path.Field("max_time"), errors);
  if (proto.has_max_time() && bake.max_time <= bake.min_time) {
    errors.Add(path.Field("max_time"), v1::Fault::INVALID_VALUE, "must be longer than `min_time`");
  }
  if (proto.time_only() && has_health) {
    errors.Add(path.Field("time_only"), v1::Fault::INVALID_VALUE,
               "contradicts the rollout's `health`");
  }
  if (proto.time_only() && !proto.has_min_time()) {
    errors.Missing(path.Field("min_time"));
  }
  if (!proto.time_only() && !has_health) {
    errors.Add(path, v1::Fault::MISSING, "needs `time_only`, or the rollout a `health`");
  }
  return bake;
}

Bake Longest(const std::vector<WaveRule>& waves) {
  Bake longest;
  for (const WaveRule& wave : waves) {
    longest.min_time = std::max(longest.min_time, wave.bake.min_time);
    longest.min_requests = std::max(longest.min_requests, wave.bake.min_requests);
    longest.min_data_points = std::max(longest.min_data_points, wave.bake.min_data_points);
    longest.max_time = std::max(longest.max_time, wave.bake.max_time);
  }
  return longest;
}

WaveGeneration CompileWaveGeneration(const v1::WaveGeneration& proto, const FieldPath& path,
                                     FieldErrors& errors) {
  WaveGeneration rule;
  rule.sizes.push_back(RequireCount(proto.first(), kMaxRecords, path.Field("first"), errors));
  for (int i = 0; i < proto.next_size(); ++i) {
    rule.sizes.push_back(RequireCount(proto.next(i), kMaxRecords, path.Element("next", i), errors));
  }
  if (proto.next_size() >= kMaxGeneratedWaves) {
    errors.Add(path.Field("next"), v1::Fault::TOO_LARGE,
               absl::StrCat("has at most ", kMaxGeneratedWaves - 1, " elements"));
  }
  const FieldPath growth = path.Field("growth_percent");
  rule.growth_percent = RequireCount(proto.growth_percent(), kMaxGrowthPercent, growth, errors);
  if (proto.growth_percent() >= 1 && proto.growth_percent() < 100) {
    errors.Add(growth, v1::Fault::INVALID_VALUE, "is at least 100: waves do not shrink");
  }
  RequireChoice(proto.disjoint_by(), v1::WaveGeneration::DisjointBy_IsValid(proto.disjoint_by()),
                path.Field("disjoint_by"), errors);
  rule.disjoint_by = proto.disjoint_by() == v1::WaveGeneration::REGION ? CellGroup::kRegion
                     : proto.disjoint_by() == v1::WaveGeneration::ZONE ? CellGroup::kZone
                                                                       : CellGroup::kNone;
  const FieldPath share = path.Field("max_share_basis_points");
  if (proto.max_share_basis_points() == 0) errors.Missing(share);
  LimitBasisPoints(proto.max_share_basis_points(), share, errors);
  rule.max_share_basis_points = proto.max_share_basis_points();
  for (int i = 1; i <= kMaxGeneratedWaves; ++i) rule.ids.push_back(absl::StrCat("wave-", i));
  return rule;
}

GroupCap CompileGroupCap(const v1::GroupCap& proto, const FieldPath& path, FieldErrors& errors) {
  GroupCap cap;
  RequireChoice(proto.disjoint_by(), v1::GroupCap::DisjointBy_IsValid(proto.disjoint_by()),
                path.Field("disjoint_by"), errors);
  cap.by = proto.disjoint_by() == v1::GroupCap::ZONE ? CellGroup::kZone : CellGroup::kRegion;
  const FieldPath points = path.Field("cap_basis_points");
  if (!proto.has_cap_basis_points()) errors.Missing(points);
  LimitBasisPoints(proto.cap_basis_points(), points, errors);
  cap.basis_points = proto.cap_basis_points();
  return cap;
}

void CompileWaves(const v1::RolloutPolicy& proto, bool has_counts, bool has_health,
                  const FieldPath& path, CompileScope& scope, RolloutRule* rule) {
  FieldErrors& errors = scope.errors;
  if (proto.has_wave_generation()) {
    rule->generation =
        CompileWaveGeneration(proto.wave_generation(), path.Field("wave_generation"), errors);
  }
  if (proto.waves().empty() && !proto.has_wave_generation()) errors.Missing(path.Field("waves"));
  if (!proto.waves().empty() && proto.has_wave_generation()) {
    errors.Add(path.Field("wave_generation"), v1::Fault::INVALID_VALUE, "contradicts `waves`");
  }
  absl::flat_hash_set<std::string> ids;
  absl::flat_hash_set<std::string> cells;
  bool all_bake = !proto.waves().empty();
  for (int i = 0; i < proto.waves_size(); ++i) {
    const v1::Wave& wave = proto.waves(i);
    const FieldPath wave_path = path.Element("waves", i);
    WaveRule wave_rule;
    wave_rule.id = wave.id();
    RequireIdentifier(wave.id(), wave_path.Field("id"), errors);
    if (!wave.id().empty() && !ids.insert(wave.id()).second) {
      errors.Add(wave_path.Field("id"), v1::Fault::DUPLICATE,
                 absl::StrCat("`", wave.id(), "` is used twice"));
    }
    if (wave.cells().empty()) errors.Missing(wave_path.Field("cells"));
    for (int c = 0; c < wave.cells_size(); ++c) {
      const FieldPath cell_path = wave_path.Element("cells", c);
      RequireIdentifier(wave.cells(c), cell_path, errors);
      if (!cells.insert(wave.cells(c)).second) {
        errors.Add(cell_path, v1::Fault::DUPLICATE,
                   absl::StrCat("`", wave.cells(c), "` is in a wave already"));
      }
      wave_rule.cells.push_back(wave.cells(c));
    }
    for (int b = 0; b < wave.blockers_size(); ++b) {
      if (!wave.blockers(b).has_known_bad()) continue;
      scope.errors.Add(wave_path.Element("blockers", b).Field("known_bad"),
                       v1::Fault::INVALID_VALUE,
                       "is for the stage or the pipeline: a match also rules out candidates and "
                       "targets");
    }
    wave_rule.blockers = CompileBlockers(wave.blockers(), false, wave_path, "blockers", scope);
    if (wave.has_bake()) {
      wave_rule.bake =
          CompileBake(wave.bake(), has_counts, has_health, wave_path.Field("bake"), errors);
    } else {
      all_bake = false;
    }
    rule->waves.push_back(std::move(wave_rule));
  }
  if (proto.has_bake()) {
    rule->bake = CompileBake(proto.bake(), has_counts, has_health, path.Field("bake"), errors);
  } else if (all_bake) {
    rule->bake = Longest(rule->waves);
  } else {
    errors.Missing(path.Field("bake"));
  }
  for (int i = 0; i < proto.waves_size(); ++i) {
    if (!proto.waves(i).has_bake()) rule->waves[static_cast<size_t>(i)].bake = rule->bake;
  }
}

void CompileBlastRadius(const v1::RolloutPolicy& rollout, const FieldPath& parent,
                        FieldErrors& errors, RolloutRule* rule) {
  const FieldPath path = parent.Field("blast_radius");
  if (!rollout.has_blast_radius()) {
    errors.Missing(path);
    return;
  }
  const v1::BlastRadius& proto = rollout.blast_radius();
  switch (proto.stage_cap_case()) {
    case v1::BlastRadius::kNoStageCap:
      break;
    case v1::BlastRadius::kStageCapBasisPoints:
      rule->stage_cap_basis_points = proto.stage_cap_basis_points();
      LimitBasisPoints(proto.stage_cap_basis_points(), path.Field("stage_cap_basis_points"),
                       errors);
      break;
    case v1::BlastRadius::STAGE_CAP_NOT_SET:
      errors.Missing(path.Field("stage_cap_basis_points"));
      break;
  }
  switch (proto.group_cap_case()) {
    case v1::BlastRadius::kNoGroupCap:
      break;
    case v1::BlastRadius::kGroup:
      rule->group_cap = CompileGroupCap(proto.group(), path.Field("group"), errors);
      break;
    case v1::BlastRadius::GROUP_CAP_NOT_SET:
      errors.Missing(path.Field("no_group_cap"));
      break;
  }
  rule->max_parallel = static_cast<int>(
      RequireCount(proto.max_parallel(), kMaxRecords, path.Field("max_parallel"), errors));
}

void CompileDeploy(const v1::RolloutPolicy& rollout, const FieldPath& parent, FieldErrors& errors,
                   RolloutRule* rule) {
  const FieldPath path = parent.Field("deploy");
  if (!rollout.has_deploy()) {
    errors.Missing(path);
    return;
  }
  const v1::DeployPolicy& proto = rollout.deploy();
  rule->deploy_max_time =
      RequirePositive(proto.has_max_time(), proto.max_time(), path.Field("max_time"), errors);
  if (!proto.has_expected_time()) return;
  rule->deploy_expected_time =
      RequirePositive(true, proto.expected_time(), path.Field("expected_time"), errors);
  if (rule->deploy_max_time > absl::ZeroDuration() &&
      rule->deploy_expected_time > rule->deploy_max_time) {
    errors.Add(path.Field("expected_time"), v1::Fault::INVALID_VALUE, "must be at most `max_time`");
  }
}

void CompileHygiene(const v1::RolloutPolicy& rollout, const FieldPath& parent, FieldErrors& errors,
                    HygieneRule* rule) {
  const FieldPath path = parent.Field("hygiene");
  if (rollout.has_no_hygiene()) return;
  if (!rollout.has_hygiene()) {
    errors.Missing(path);
    return;
  }
  const v1::Hygiene& proto = rollout.hygiene();
  if (proto.checks().empty()) errors.Missing(path.Field("checks"));
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < proto.checks_size(); ++i) {
    const FieldPath check_path = path.Element("checks", i);
    RequireIdentifier(proto.checks(i), check_path, errors);
    if (!seen.insert(proto.checks(i)).second) {
      errors.Add(check_path, v1::Fault::DUPLICATE,
                 absl::StrCat("`", proto.checks(i), "` is there twice"));
    }
    rule->checks.push_back({proto.checks(i), absl::StrCat("@hygiene:", proto.checks(i))});
  }
  std::sort(rule->checks.begin(), rule->checks.end(),
            [](const HygieneCheck& a, const HygieneCheck& b) { return a.check < b.check; });
  rule->deadline =
      RequirePositive(proto.has_deadline(), proto.deadline(), path.Field("deadline"), errors);
  rule->missing_is_failure = proto.missing_is_failure();
}

RollBackScope ScopeOf(v1::RollBackPolicy::Scope scope) {
  switch (scope) {
    case v1::RollBackPolicy::CELL:
      return RollBackScope::kCell;
    case v1::RollBackPolicy::WAVE:
      return RollBackScope::kWave;
    case v1::RollBackPolicy::REGION:
      return RollBackScope::kRegion;
    default:
      return RollBackScope::kStage;
  }
}

void CompileRollBack(const v1::RolloutPolicy& rollout, const FieldPath& parent, FieldErrors& errors,
                     RollBackRule* rule) {
  const FieldPath path = parent.Field("roll_back");
  if (!rollout.has_roll_back()) {
    errors.Missing(path);
    return;
  }
  const v1::RollBackPolicy& proto = rollout.roll_back();
  RequireChoice(proto.scope(), v1::RollBackPolicy::Scope_IsValid(proto.scope()),
                path.Field("scope"), errors);
  rule->scope = ScopeOf(proto.scope());
  const FieldPath watch_path = path.Field("watch_for");
  if (!proto.has_watch_for()) {
    errors.Missing(watch_path);
  } else {
    const absl::optional<absl::Duration> watch_for = ReadDuration(proto.watch_for());
    if (!watch_for.has_value() || *watch_for < absl::ZeroDuration()) {
      errors.Add(watch_path, v1::Fault::INVALID_VALUE, "must be a duration of 0 s or more");
    } else {
      rule->watch_for = *watch_for;
    }
  }
  rule->max_parallel = static_cast<int>(
      RequireCount(proto.max_parallel(), kMaxRecords, path.Field("max_parallel"), errors));
  rule->attempts = static_cast<int>(
      RequireCount(proto.attempts(), kMaxRollBackAttempts, path.Field("attempts"), errors));
  if (proto.has_min_gap()) {
    rule->min_gap = RequirePositive(true, proto.min_gap(), path.Field("min_gap"), errors);
  }
  if (proto.has_keep_despite()) {
    rule->keep_despite =
        CompileOverridePolicy(proto.keep_despite(), path.Field("keep_despite"), errors);
  }
  if (proto.has_max_hold()) {
    rule->max_hold = RequirePositive(true, proto.max_hold(), path.Field("max_hold"), errors);
  }
}

}  // namespace

RolloutRule CompileRollout(const v1::RolloutPolicy& proto, const FieldPath& path,
                           CompileScope& scope) {
  FieldErrors& errors = scope.errors;
  RolloutRule rule;
  CompileHealth(proto, path, scope, &rule);
  const bool has_counts =
      std::any_of(rule.criteria.begin(), rule.criteria.end(),
                  [](const HealthCriterion& criterion) { return RateOf(criterion) != nullptr; });
  CompileWaves(proto, has_counts, proto.has_health(), path, scope, &rule);
  CompileBlastRadius(proto, path, errors, &rule);
  CompileDeploy(proto, path, errors, &rule);
  CompileHygiene(proto, path, errors, &rule.hygiene);
  CompileRollBack(proto, path, errors, &rule.roll_back);
  RequireChoice(proto.preempt(), v1::RolloutPolicy::Preempt_IsValid(proto.preempt()),
                path.Field("preempt"), errors);
  rule.preempt = proto.preempt() == v1::RolloutPolicy::WHEN_HELD    ? Preempt::kWhenHeld
                 : proto.preempt() == v1::RolloutPolicy::BY_REQUEST ? Preempt::kByRequest
                                                                    : Preempt::kNever;
  RequireChoice(proto.new_cell(), v1::RolloutPolicy::NewCell_IsValid(proto.new_cell()),
                path.Field("new_cell"), errors);
  rule.deploy_new_cells = proto.new_cell() == v1::RolloutPolicy::DEPLOY_WITHOUT_BASELINE;
  return rule;
}

}  // namespace sluice
