#include "tests/rollout/scenario.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

// In basis points.
constexpr int kWholeStage = 10'000;

// Long enough that only a fault of the monitoring makes reports stale.
absl::Duration MaxAge(const Scenario& scenario) { return 5 * scenario.tick; }

void AllowOverride(Draw* draw, v1::OverridePolicy* policy) {
  policy->add_roles(kRole);
  policy->set_quorum(1);
  *policy->mutable_max_validity() = ToMessage(absl::Hours(24));
  policy->set_author(draw->Percent(50) ? v1::OverridePolicy::AUTHOR_MAY
                                       : v1::OverridePolicy::AUTHOR_MAY_NOT);
}

v1::Blocker NewBlocker(const std::string& id, Draw* draw) {
  v1::Blocker blocker;
  blocker.set_id(id);
  blocker.set_enforcement(draw->Percent(90) ? v1::Blocker::ENFORCED : v1::Blocker::OBSERVED);
  if (draw->Percent(50)) AllowOverride(draw, blocker.mutable_override_policy());
  return blocker;
}

v1::Blocker KnownBadBlocker(Draw* draw) {
  v1::Blocker blocker = NewBlocker("known-bad", draw);
  blocker.set_enforcement(v1::Blocker::ENFORCED);
  v1::KnownBad* bad = blocker.mutable_known_bad();
  bad->add_lists(kList);
  *bad->mutable_max_age() = ToMessage(absl::Hours(24));
  bad->set_min_entries(1);
  bad->set_on_match_in_flight(draw->Percent(50) ? v1::KnownBad::HALT : v1::KnownBad::ROLL_BACK);
  bad->set_components(draw->Percent(50) ? v1::KnownBad::REQUIRED : v1::KnownBad::OPTIONAL);
  return blocker;
}

v1::Blocker AlarmBlocker(const std::string& id, const Scenario& scenario, Draw* draw) {
  v1::Blocker blocker = NewBlocker(id, draw);
  v1::MetricAlarm* alarm = blocker.mutable_metric_alarm();
  *alarm->mutable_max_age() = ToMessage(MaxAge(scenario));
  if (draw->Percent(60)) {
    alarm->mutable_observed()->set_alarm(kBlockingAlarm);
    return blocker;
  }
  alarm->mutable_computed()->set_series(kBlockingSeries);
  v1::AlarmRule* rule = alarm->mutable_computed()->mutable_rule();
  rule->set_comparison(v1::GREATER_THAN);
  rule->set_threshold(100);
  rule->set_evaluation_periods(draw->Between(1, 3));
  rule->set_datapoints_to_alarm(1);
  rule->set_treat_missing(static_cast<v1::AlarmRule::TreatMissing>(draw->Between(1, 4)));
  return blocker;
}

v1::Blocker WindowBlocker(const Scenario& scenario, Draw* draw) {
  v1::Blocker blocker = NewBlocker("freeze", draw);
  v1::TimeWindow* window = blocker.mutable_time_window();
  window->mutable_allow_always();
  absl::Time start = scenario.begin;
  for (int i = draw->Between(1, 3); i > 0; --i) {
    start += draw->Between(1, 8) * scenario.unit;
    v1::AbsoluteWindow* deny = window->add_deny()->mutable_absolute();
    *deny->mutable_start() = ToTimestamp(start);
    start += draw->Between(1, 4) * scenario.unit;
    *deny->mutable_end() = ToTimestamp(start);
  }
  if (draw->Percent(30)) {
    window->mutable_expected_duration();
  } else if (draw->Percent(50)) {
    *window->mutable_min_remaining() = ToMessage(scenario.unit);
  } else {
    window->mutable_no_min_remaining();
  }
  window->set_in_flight(draw->Percent(50) ? v1::TimeWindow::FINISH_WAVE : v1::TimeWindow::STOP);
  return blocker;
}

v1::Blocker CheckBlocker(const std::string& check, Draw* draw) {
  v1::Blocker blocker = NewBlocker(absl::StrCat("check-", check), draw);
  blocker.mutable_check()->set_check(check);
  blocker.mutable_check()->set_binds_to(v1::CheckRequirement::ARTIFACT);
  if (draw->Percent(20)) blocker.mutable_check()->set_consecutive_passes(2);
  return blocker;
}

v1::Blocker ApprovalBlocker(Draw* draw) {
  v1::Blocker blocker = NewBlocker("approval", draw);
  v1::ApprovalRequirement* approval = blocker.mutable_approval();
  approval->set_quorum(draw->Between(1, 2));
  approval->add_roles(kRole);
  approval->set_bind_policy(draw->Percent(20));
  approval->set_author(v1::ApprovalRequirement::AUTHOR_MAY);
  return blocker;
}

void AddBlockers(const Scenario& scenario, bool production, Draw* draw, v1::Stage* stage) {
  if (draw->Percent(50)) *stage->add_blockers() = CheckBlocker(kBuildCheck, draw);
  if (draw->Percent(30)) *stage->add_blockers() = AlarmBlocker("calm", scenario, draw);
  if (draw->Percent(30)) *stage->add_blockers() = WindowBlocker(scenario, draw);
  if (production && draw->Percent(20)) *stage->add_blockers() = ApprovalBlocker(draw);
  // Ids are unique in the policy.
  for (v1::Blocker& blocker : *stage->mutable_blockers()) {
    blocker.set_id(absl::StrCat(stage->id(), "-", blocker.id()));
  }
}

v1::Bake NewBake(const Scenario& scenario, bool time_only, bool counts, Draw* draw) {
  v1::Bake bake;
  *bake.mutable_min_time() = ToMessage(draw->Between(1, 3) * scenario.unit);
  if (counts && draw->Percent(40)) bake.set_min_requests(draw->Between(10, 200));
  if (counts && draw->Percent(40)) bake.set_min_data_points(draw->Between(1, 3));
  *bake.mutable_max_time() = ToMessage(20 * scenario.unit);
  bake.set_time_only(time_only);
  return bake;
}

void AddHealth(const Scenario& scenario, const std::string& stage, bool counts, Draw* draw,
               v1::Health* health) {
  if (counts) {
    v1::HealthCriterion* criterion = health->add_criteria();
    criterion->set_id(absl::StrCat(stage, "-error-rate"));
    criterion->set_per(draw->Percent(70) ? v1::HealthCriterion::CELL : v1::HealthCriterion::WAVE);
    v1::ErrorRate* rate = criterion->mutable_error_rate();
    rate->set_counts(kCounts);
    rate->set_bound_ppm(20'000);
    rate->set_min_requests(draw->Between(1, 100));
    rate->set_min_requests_to_fail(draw->Between(10, 100));
    rate->set_confidence(static_cast<v1::Confidence>(draw->Between(1, 4)));
    *rate->mutable_max_age() = ToMessage(MaxAge(scenario));
  }
  if (counts && draw->Percent(50)) return;
  v1::WatchedAlarm* watched = health->add_watched_alarms();
  watched->set_id(absl::StrCat(stage, "-watched"));
  watched->set_each(static_cast<v1::WatchedAlarm::Each>(draw->Between(1, 3)));
  v1::MetricAlarm* alarm = watched->mutable_alarm();
  *alarm->mutable_max_age() = ToMessage(MaxAge(scenario));
  if (draw->Percent(70)) {
    alarm->mutable_observed()->set_alarm(absl::StrCat(kWatchedAlarm, "-", stage));
    return;
  }
  alarm->mutable_computed()->set_series(absl::StrCat(kWatchedSeries, "-", stage));
  v1::AlarmRule* rule = alarm->mutable_computed()->mutable_rule();
  rule->set_comparison(v1::GREATER_THAN);
  rule->set_threshold(100);
  rule->set_evaluation_periods(draw->Between(1, 3));
  rule->set_datapoints_to_alarm(1);
  rule->set_treat_missing(static_cast<v1::AlarmRule::TreatMissing>(draw->Between(1, 4)));
}

void AddWaves(const Scenario& scenario, const std::vector<std::string>& cells, bool time_only,
              bool counts, Draw* draw, v1::Stage* stage) {
  size_t next = 0;
  while (next < cells.size()) {
    v1::Wave* wave = stage->mutable_rollout()->add_waves();
    wave->set_id(absl::StrCat("w", stage->rollout().waves_size()));
    const size_t left = cells.size() - next;
    const size_t count = std::min(left, 1 + static_cast<size_t>(draw->Below(1 + left * 2 / 3)));
    for (size_t i = 0; i < count; ++i) wave->add_cells(cells[next++]);
    if (draw->Percent(15)) *wave->mutable_bake() = NewBake(scenario, time_only, counts, draw);
    if (draw->Percent(10)) {
      *wave->add_blockers() =
          AlarmBlocker(absl::StrCat(stage->id(), "-", wave->id(), "-calm"), scenario, draw);
    }
  }
}

void GenerateWaves(Draw* draw, v1::WaveGeneration* waves) {
  waves->set_first(draw->Between(1, 3));
  waves->set_growth_percent(draw->Between(100, 400));
  waves->set_disjoint_by(static_cast<v1::WaveGeneration::DisjointBy>(draw->Between(1, 3)));
  waves->set_max_share_basis_points(10'000);
}

void AddCap(const std::vector<v1::Cell>& cells, Draw* draw, v1::BlastRadius* radius) {
  radius->set_max_parallel(draw->Between(1, 4));
  if (draw->Percent(30)) {
    radius->mutable_no_stage_cap();
  } else {
    radius->set_stage_cap_basis_points(
        draw->Between(static_cast<int>(LeastCap(cells)), kWholeStage));
  }
  if (draw->Percent(70)) {
    radius->mutable_no_group_cap();
    return;
  }
  v1::GroupCap* group = radius->mutable_group();
  group->set_disjoint_by(draw->Percent(50) ? v1::GroupCap::REGION : v1::GroupCap::ZONE);
  group->set_cap_basis_points(
      draw->Between(static_cast<int>(LeastGroupCap(cells, group->disjoint_by())), kWholeStage));
}

void AddRollout(const Scenario& scenario, const std::vector<v1::Cell>& cells, Draw* draw,
                v1::Stage* stage) {
  v1::RolloutPolicy* rollout = stage->mutable_rollout();
  const bool time_only = draw->Percent(25);
  const bool counts = !time_only && draw->Percent(40);
  std::vector<std::string> ids;
  for (const v1::Cell& cell : cells) ids.push_back(cell.id());
  if (draw->Percent(20)) {
    GenerateWaves(draw, rollout->mutable_wave_generation());
  } else {
    AddWaves(scenario, ids, time_only, counts, draw, stage);
  }
  AddCap(cells, draw, rollout->mutable_blast_radius());
  *rollout->mutable_deploy()->mutable_max_time() = ToMessage(4 * scenario.unit);
  *rollout->mutable_deploy()->mutable_expected_time() = ToMessage(scenario.unit);
  *rollout->mutable_bake() = NewBake(scenario, time_only, counts, draw);
  if (draw->Percent(60)) {
    v1::Hygiene* hygiene = rollout->mutable_hygiene();
    hygiene->add_checks(kHygieneCheck);
    *hygiene->mutable_deadline() = ToMessage(2 * scenario.unit);
    hygiene->set_missing_is_failure(draw->Percent(20));
  } else {
    rollout->mutable_no_hygiene();
  }
  if (!time_only) AddHealth(scenario, stage->id(), counts, draw, rollout->mutable_health());
  v1::RollBackPolicy* back = rollout->mutable_roll_back();
  back->set_scope(static_cast<v1::RollBackPolicy::Scope>(draw->Between(1, 4)));
  *back->mutable_watch_for() = ToMessage(draw->Between(0, 4) * scenario.unit);
  back->set_max_parallel(draw->Between(1, 4));
  back->set_attempts(draw->Between(1, 3));
  if (draw->Percent(20)) *back->mutable_min_gap() = ToMessage(2 * scenario.unit);
  if (draw->Percent(20)) AllowOverride(draw, back->mutable_keep_despite());
  if (draw->Percent(40)) *back->mutable_max_hold() = ToMessage(10 * scenario.unit);
  rollout->set_preempt(static_cast<v1::RolloutPolicy::Preempt>(draw->Between(1, 3)));
  rollout->set_new_cell(draw->Percent(50) ? v1::RolloutPolicy::HOLD
                                          : v1::RolloutPolicy::DEPLOY_WITHOUT_BASELINE);
}

void AddCriteria(v1::Stage* stage, Draw* draw) {
  if (draw->Percent(60)) {
    stage->set_passes(v1::Stage::ON_COMPLETION);
    return;
  }
  stage->set_passes(v1::Stage::CRITERIA);
  v1::Blocker* criterion = stage->add_pass_criteria();
  criterion->set_id(absl::StrCat(stage->id(), "-passes"));
  criterion->set_enforcement(v1::Blocker::ENFORCED);
  criterion->mutable_check()->set_check(kPassCheck);
  criterion->mutable_check()->set_binds_to(v1::CheckRequirement::ARTIFACT_AND_STAGE);
}

void AddStage(const ScenarioOptions& options, int index, int count, Draw* draw,
              Scenario* scenario) {
  const bool last = index + 1 == count;
  v1::Stage* stage = scenario->policy.add_stages();
  stage->set_id(absl::StrCat("s", index + 1));
  const bool production = last || draw->Percent(30);
  stage->set_kind(production ? v1::Stage::PRODUCTION : v1::Stage::PRE_PRODUCTION);
  const bool deploys = production || draw->Percent(60);
  stage->set_deploys(deploys ? v1::Stage::CELLS : v1::Stage::NOTHING);
  AddCriteria(stage, draw);
  stage->set_order(draw->Percent(70) ? v1::Stage::SUPERSEDE : v1::Stage::QUEUE);
  const bool manual = !options.automatic && draw->Percent(20);
  stage->set_start(manual ? v1::Stage::MANUAL : v1::Stage::AUTOMATIC);
  if (manual) {
    stage->set_start_unit(deploys && draw->Percent(50) ? v1::Stage::WAVE : v1::Stage::ROLLOUT);
  }
  AddBlockers(*scenario, production, draw, stage);
  if (!deploys) return;
  std::vector<v1::Cell> cells;
  for (int i = draw->Between(options.min_cells, options.max_cells); i > 0; --i) {
    cells.push_back(MakeCell(stage->id(), absl::StrCat(stage->id(), "c", cells.size() + 1), draw));
    *scenario->state.add_cells() = cells.back();
  }
  AddRollout(*scenario, cells, draw, stage);
}

}  // namespace

std::vector<v1::Cell> ProductionCells(const v1::PipelinePolicy& policy,
                                      const v1::PipelineState& state) {
  std::vector<v1::Cell> cells;
  for (const v1::Stage& stage : policy.stages()) {
    if (stage.kind() != v1::Stage::PRODUCTION) continue;
    for (const v1::Cell& cell : state.cells()) {
      if (cell.stage() == stage.id() && !cell.has_retired()) cells.push_back(cell);
    }
  }
  return cells;
}

uint32_t LeastCap(const std::vector<v1::Cell>& cells) {
  uint64_t total = 0;
  uint64_t heaviest = 0;
  for (const v1::Cell& cell : cells) {
    total += cell.weight();
    heaviest = std::max<uint64_t>(heaviest, cell.weight());
  }
  return total == 0 ? 0 : static_cast<uint32_t>((heaviest * kWholeStage + total - 1) / total);
}

std::string GroupOf(const v1::Cell& cell, v1::GroupCap::DisjointBy by) {
  return by == v1::GroupCap::REGION ? cell.region() : absl::StrCat(cell.region(), "/", cell.zone());
}

uint32_t LeastGroupCap(const std::vector<v1::Cell>& cells, v1::GroupCap::DisjointBy by) {
  std::map<std::string, std::vector<v1::Cell>> groups;
  for (const v1::Cell& cell : cells) groups[GroupOf(cell, by)].push_back(cell);
  uint32_t least = 0;
  for (const auto& [name, group] : groups) least = std::max(least, LeastCap(group));
  return least;
}

std::string DigestOf(uint64_t sequence) { return absl::StrFormat("sha256:%064x", sequence); }

v1::Cell MakeCell(const std::string& stage, const std::string& id, Draw* draw) {
  v1::Cell cell;
  cell.set_id(id);
  cell.set_stage(stage);
  cell.set_region(absl::StrCat("r", draw->Between(1, 3)));
  cell.set_zone(absl::StrCat(cell.region(), "z", draw->Between(1, 2)));
  cell.set_weight(draw->Between(1, 10));
  return cell;
}

Scenario MakeScenario(const ScenarioOptions& options, Draw* draw) {
  Scenario scenario;
  scenario.begin = absl::FromUnixSeconds(1'767'225'600);  // A multiple of every period.
  scenario.unit = options.unit;
  scenario.tick = std::max(absl::Seconds(10), options.unit / 3);
  v1::PipelinePolicy& policy = scenario.policy;
  policy.set_id(kPipeline);
  *policy.mutable_max_clock_skew() = ToMessage(absl::Seconds(draw->Between(0, 60)));
  if (draw->Percent(50)) {
    *policy.mutable_emergency_stop()->mutable_max_age() = ToMessage(MaxAge(scenario));
  } else {
    policy.set_without_emergency_stop(true);
  }
  if (draw->Percent(60)) *policy.add_blockers() = KnownBadBlocker(draw);
  if (draw->Percent(20)) *policy.add_blockers() = AlarmBlocker("quiet", scenario, draw);
  scenario.state.set_schema_version(1);
  scenario.state.set_pipeline(kPipeline);
  *scenario.state.mutable_written_at() = ToTimestamp(scenario.begin);
  scenario.state.set_record_count(0);
  const int count = draw->Between(1, options.max_stages);
  for (int i = 0; i < count; ++i) AddStage(options, i, count, draw, &scenario);
  scenario.state.set_record_count(scenario.state.cells_size());
  if (draw->Percent(70)) {
    policy.mutable_no_pipeline_cap();
  } else {
    const uint32_t least = LeastCap(ProductionCells(policy, scenario.state));
    policy.set_pipeline_cap_basis_points(draw->Between(static_cast<int>(least), kWholeStage));
  }
  for (v1::Stage& stage : *policy.mutable_stages()) {
    stage.set_without_blockers(policy.blockers().empty() && stage.blockers().empty());
  }
  scenario.facts.set_schema_version(1);
  scenario.facts.set_id("acme");
  scenario.facts.set_epoch(1);
  scenario.facts.mutable_emergency_stop()->set_state(v1::EmergencyStop::CLEAR);
  scenario.list.set_id(kList);
  scenario.list.set_epoch(1);
  scenario.list.set_entry_count(1);
  v1::KnownBadEntry* entry = scenario.list.add_entries();
  entry->set_id("ADV-0");
  entry->add_digests(DigestOf(1'000'000));
  return scenario;
}

void EditPolicy(absl::Duration unit, Draw* draw, v1::PipelinePolicy* policy) {
  const int index = draw->Between(0, policy->stages_size() - 1);
  v1::Stage* stage = policy->mutable_stages(index);
  if (stage->has_rollout()) {
    v1::RolloutPolicy* rollout = stage->mutable_rollout();
    rollout->mutable_blast_radius()->set_max_parallel(draw->Between(1, 4));
    *rollout->mutable_bake()->mutable_min_time() = ToMessage(draw->Between(1, 3) * unit);
    rollout->mutable_roll_back()->set_scope(
        static_cast<v1::RollBackPolicy::Scope>(draw->Between(1, 4)));
    rollout->set_preempt(static_cast<v1::RolloutPolicy::Preempt>(draw->Between(1, 3)));
    if (rollout->blast_radius().has_stage_cap_basis_points() && draw->Percent(50)) {
      const int now = static_cast<int>(rollout->blast_radius().stage_cap_basis_points());
      rollout->mutable_blast_radius()->set_stage_cap_basis_points(draw->Between(now, 10'000));
    }
    // Two neighbouring waves trade their first cells.
    if (rollout->waves_size() >= 2 && draw->Percent(50)) {
      const int wave = draw->Between(0, rollout->waves_size() - 2);
      std::string* first = rollout->mutable_waves(wave)->mutable_cells(0);
      first->swap(*rollout->mutable_waves(wave + 1)->mutable_cells(0));
    }
  } else {
    stage->set_order(draw->Percent(50) ? v1::Stage::SUPERSEDE : v1::Stage::QUEUE);
  }
}

}  // namespace sluice
