#include "sluice/testing/coverage_points.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "sluice/compile/visit_blockers.h"
#include "sluice/internal/field_errors.h"
#include "sluice/testing/coverage_keys.h"

namespace sluice {
namespace {

// A finding that can be.
struct Verdicted {
  v1::Verdict verdict;
  v1::Reason reason;
};

constexpr Verdicted kAllClear = {v1::CLEAR, v1::ALL_CLEAR};

// ---------------------------------------------------------------- What each kind can say

// An alarm's: fields of composites are those of their parts.
void AddAlarm(const v1::MetricAlarm& alarm, std::vector<Verdicted>* says) {
  if (alarm.has_composite()) {
    const v1::CompositeAlarm& composite = alarm.composite();
    if (composite.has_negation()) AddAlarm(composite.negation(), says);
    for (const v1::MetricAlarm& part : composite.all().alarms()) AddAlarm(part, says);
    for (const v1::MetricAlarm& part : composite.any().alarms()) AddAlarm(part, says);
  } else {
    says->push_back({v1::BLOCKING, v1::IN_ALARM});
    says->push_back({v1::UNKNOWN, v1::NO_DATA});
  }
  if (alarm.has_max_age()) says->push_back({v1::UNKNOWN, v1::STALE});
  if (alarm.has_clear_for()) {
    says->push_back({v1::BLOCKING, v1::NOT_CLEAR_LONG_ENOUGH});
    says->push_back({v1::UNKNOWN, v1::HISTORY_TOO_SHORT});
  }
}

bool ReadsCalendar(const v1::TimeWindow& window) {
  const auto is_calendar = [](const v1::Window& part) { return part.has_calendar(); };
  return absl::c_any_of(window.allow().windows(), is_calendar) ||
         absl::c_any_of(window.deny(), is_calendar);
}

void AddWindow(const v1::TimeWindow& window, std::vector<Verdicted>* says) {
  if (window.has_allow()) says->push_back({v1::BLOCKING, v1::OUTSIDE_ALLOW});
  if (!window.deny().empty()) says->push_back({v1::BLOCKING, v1::IN_DENY});
  if (window.has_min_remaining() || window.has_expected_duration()) {
    says->push_back({v1::BLOCKING, v1::RUNWAY_SHORT});
  }
  if (ReadsCalendar(window)) {
    says->push_back({v1::UNKNOWN, v1::CALENDAR_ABSENT});
    says->push_back({v1::UNKNOWN, v1::STALE});
  }
}

void AddKnownBad(const v1::KnownBad& known_bad, std::vector<Verdicted>* says) {
  says->push_back({v1::BLOCKING, v1::KNOWN_BAD_MATCH});
  says->push_back({v1::UNKNOWN, v1::LIST_ABSENT});
  says->push_back({v1::UNKNOWN, v1::STALE});
  if (known_bad.min_entries() > 0) says->push_back({v1::UNKNOWN, v1::LIST_TOO_SHORT});
  if (known_bad.components() == v1::KnownBad::REQUIRED) {
    says->push_back({v1::UNKNOWN, v1::COMPONENTS_UNKNOWN});
  }
}

void AddCheck(const v1::CheckRequirement& check, std::vector<Verdicted>* says) {
  says->push_back({v1::UNKNOWN, v1::CHECK_ABSENT});
  says->push_back({v1::BLOCKING, v1::CHECK_FAILED});
  if (check.has_max_age()) says->push_back({v1::UNKNOWN, v1::STALE});
  if (!check.bounds().empty()) {
    says->push_back({v1::UNKNOWN, v1::NUMBER_MISSING});
    says->push_back({v1::BLOCKING, v1::OUT_OF_BOUNDS});
  }
  if (check.consecutive_passes() > 1) says->push_back({v1::UNKNOWN, v1::TOO_FEW_PASSES});
}

void AddApproval(const v1::ApprovalRequirement& approval, std::vector<Verdicted>* says) {
  says->push_back({v1::UNKNOWN, v1::APPROVALS_MISSING});
  if (approval.author() == v1::ApprovalRequirement::AUTHOR_MAY_NOT) {
    says->push_back({v1::UNKNOWN, v1::AUTHOR_UNKNOWN});
  }
}

std::vector<Verdicted> SaidBy(const v1::Blocker& blocker);

// A combination's that is CLEAR if `needed` children are. It is BLOCKING only if enough of them can
// be, which an approval never is, and UNKNOWN only if one can be, which hours of the week never
// are.
void AddCombination(const v1::Combination& combination, int needed, std::vector<Verdicted>* says) {
  const auto count_of = [&](v1::Verdict verdict) {
    return absl::c_count_if(combination.children(), [&](const v1::Blocker& child) {
      return absl::c_any_of(SaidBy(child),
                            [&](const Verdicted& said) { return said.verdict == verdict; });
    });
  };
  if (combination.children_size() - count_of(v1::BLOCKING) < needed) {
    says->push_back({v1::BLOCKING, v1::TOO_FEW_CHILDREN_CLEAR});
  }
  if (count_of(v1::UNKNOWN) > 0) says->push_back({v1::UNKNOWN, v1::CHILDREN_UNKNOWN});
}

// What a blocker can say by the fields that it sets, each once, CLEAR first.
std::vector<Verdicted> SaidBy(const v1::Blocker& blocker) {
  std::vector<Verdicted> says = {kAllClear};
  switch (blocker.kind_case()) {
    case v1::Blocker::kMetricAlarm:
      AddAlarm(blocker.metric_alarm(), &says);
      break;
    case v1::Blocker::kTimeWindow:
      AddWindow(blocker.time_window(), &says);
      break;
    case v1::Blocker::kKnownBad:
      AddKnownBad(blocker.known_bad(), &says);
      break;
    case v1::Blocker::kCheck:
      AddCheck(blocker.check(), &says);
      break;
    case v1::Blocker::kSyntheticTraffic:
      says.push_back({v1::UNKNOWN, v1::NO_DATA});
      says.push_back({v1::UNKNOWN, v1::TOO_FEW_RUNS});
      says.push_back({v1::UNKNOWN, v1::RUN_GAP});
      says.push_back({v1::BLOCKING, v1::BELOW_SUCCESS_RATIO});
      break;
    case v1::Blocker::kEnvironmentParity:
      says.push_back({v1::UNKNOWN, v1::ASPECT_MISSING});
      says.push_back({v1::UNKNOWN, v1::STALE});
      says.push_back({v1::BLOCKING, v1::ASPECT_DIFFERS});
      break;
    case v1::Blocker::kTrafficIsolation:
      says.push_back({v1::UNKNOWN, v1::NO_DATA});
      says.push_back({v1::UNKNOWN, v1::STALE});
      says.push_back({v1::UNKNOWN, v1::TOO_FEW_REQUESTS});
      says.push_back({v1::BLOCKING, v1::FOREIGN_TRAFFIC});
      break;
    case v1::Blocker::kApproval:
      AddApproval(blocker.approval(), &says);
      break;
    case v1::Blocker::kAnyOf:
      AddCombination(blocker.any_of(), 1, &says);
      break;
    case v1::Blocker::kAllOf:
      AddCombination(blocker.all_of(), blocker.all_of().children_size(), &says);
      break;
    case v1::Blocker::kAtLeast:
      AddCombination(blocker.at_least(), static_cast<int>(blocker.at_least().count()), &says);
      break;
    case v1::Blocker::kHost:
      says.push_back({v1::BLOCKING, v1::HOST_CONDITION});
      break;
    case v1::Blocker::KIND_NOT_SET:
      break;
  }
  return says;
}

std::vector<Verdicted> SaidBy(const v1::HealthCriterion& criterion) {
  switch (criterion.kind_case()) {
    case v1::HealthCriterion::kErrorRate:
      return {kAllClear,
              {v1::UNKNOWN, v1::TOO_FEW_REQUESTS},
              {v1::UNKNOWN, v1::STALE},
              {v1::UNKNOWN, v1::INCONCLUSIVE}};
    case v1::HealthCriterion::kBaselineRatio:
      return {kAllClear,
              {v1::UNKNOWN, v1::TOO_FEW_REQUESTS},
              {v1::UNKNOWN, v1::STALE},
              {v1::UNKNOWN, v1::INCONCLUSIVE}};
    case v1::HealthCriterion::kSeriesBound:
      return {kAllClear, {v1::UNKNOWN, v1::POINTS_BREACHED}, {v1::UNKNOWN, v1::STALE}};
    case v1::HealthCriterion::kMeasurementCount:
      return {kAllClear, {v1::UNKNOWN, v1::MEASURING}};
    case v1::HealthCriterion::KIND_NOT_SET:
      return {};
  }
  return {};
}

// Why a criterion rolls back.
std::vector<v1::Reason> TriggersOf(const v1::HealthCriterion& criterion) {
  switch (criterion.kind_case()) {
    case v1::HealthCriterion::kErrorRate:
      return {v1::ABOVE_BOUND};
    case v1::HealthCriterion::kBaselineRatio:
      if (criterion.baseline_ratio().has_bound_ppm()) return {v1::ABOVE_BASELINE, v1::ABOVE_BOUND};
      return {v1::ABOVE_BASELINE};
    case v1::HealthCriterion::kSeriesBound:
      return {v1::SERIES_BREACHED};
    case v1::HealthCriterion::kMeasurementCount:
      return {v1::MEASUREMENT_FAILED};
    case v1::HealthCriterion::KIND_NOT_SET:
      return {};
  }
  return {};
}

std::string Said(const Verdicted& said) {
  return absl::StrCat(v1::Verdict_Name(said.verdict), ", ", v1::Reason_Name(said.reason));
}

// ---------------------------------------------------------------- The walk

// Blockers, or triggers, that one override policy is about.
struct Overridden {
  std::vector<std::string> stages;
  std::vector<std::string> ids;
};

class PointList {
 public:
  explicit PointList(const v1::PipelinePolicy& policy) : policy_(policy) {}

  std::vector<CoveragePoint> Make() && {
    AddEmergencyStop();
    VisitBlockers(policy_, [&](const v1::Blocker& blocker, const FieldPath& path,
                               const BlockerPlace& place) { AddBlocker(blocker, path, place); });
    AddOverridePolicy(policy_.override_policy(), FieldPath().Field("override_policy"),
                      "the policy's default", by_default_);
    for (int i = 0; i < policy_.stages_size(); ++i) {
      AddStage(policy_.stages(i), FieldPath().Element("stages", i));
    }
    return std::move(points_);
  }

 private:
  void Add(CoverageKind kind, const FieldPath& path, absl::string_view subject, std::string what,
           std::vector<std::string> shown_by) {
    if (shown_by.empty()) return;
    points_.push_back(
        {kind, path.ToString(), std::string(subject), std::move(what), std::move(shown_by)});
  }

  void AddFinding(CoverageKind kind, const FieldPath& path, absl::string_view subject,
                  const std::vector<std::string>& stages, absl::string_view wave,
                  absl::string_view id, const Verdicted& said) {
    std::vector<std::string> keys;
    for (const std::string& stage : stages) {
      keys.push_back(FindingKey(stage, wave, id, said.verdict, said.reason));
    }
    Add(kind, path, subject, Said(said), std::move(keys));
  }

  void AddEmergencyStop() {
    if (!policy_.has_emergency_stop()) return;
    for (const Verdicted& said :
         {Verdicted{v1::BLOCKING, v1::EMERGENCY_STOP},
          Verdicted{v1::UNKNOWN, v1::EMERGENCY_STOP_UNKNOWN}, Verdicted{v1::UNKNOWN, v1::STALE}}) {
      AddFinding(CoverageKind::kVerdict, FieldPath().Field("emergency_stop"), "emergency stop",
                 Stages(), "", "@emergency_stop", said);
    }
  }

  std::vector<std::string> Stages() const {
    std::vector<std::string> stages;
    for (const v1::Stage& stage : policy_.stages()) stages.push_back(stage.id());
    return stages;
  }

  // The stages in which a blocker that stands there has findings.
  std::vector<std::string> StagesOf(const BlockerPlace& place) const {
    return place.stage < 0 ? Stages() : std::vector<std::string>{policy_.stages(place.stage).id()};
  }

  std::string WaveOf(const BlockerPlace& place) const {
    if (place.wave < 0) return "";
    return policy_.stages(place.stage).rollout().waves(place.wave).id();
  }

  void AddBlocker(const v1::Blocker& blocker, const FieldPath& path, const BlockerPlace& place) {
    const std::vector<std::string> stages = StagesOf(place);
    for (const Verdicted& said : SaidBy(blocker)) {
      if (said.reason == v1::KNOWN_BAD_MATCH) {
        AddMatch(blocker, path, stages);
      } else {
        AddFinding(CoverageKind::kVerdict, path, blocker.id(), stages, WaveOf(place), blocker.id(),
                   said);
      }
    }
    if (blocker.time_window().in_flight() == v1::TimeWindow::FINISH_WAVE) {
      std::vector<std::string> keys;
      for (const std::string& stage : stages) keys.push_back(FinishedWaveKey(stage, blocker.id()));
      Add(CoverageKind::kVerdict, path, blocker.id(), "a started wave is finished",
          std::move(keys));
    }
    if (place.is_criterion || place.depth > 0) return;
    AddOverrides(blocker, path, stages);
  }

  // A match of a candidate, and of what is in rollout.
  void AddMatch(const v1::Blocker& blocker, const FieldPath& path,
                const std::vector<std::string>& stages) {
    std::vector<std::string> keys;
    std::vector<std::string> in_flight;
    for (const v1::Stage& stage : policy_.stages()) {
      if (!absl::c_linear_search(stages, stage.id())) continue;
      const std::string& id = stage.id();
      keys.push_back(PassedOverKey(id, v1::KNOWN_BAD_MATCH));
      keys.push_back(FindingKey(id, "", blocker.id(), v1::BLOCKING, v1::KNOWN_BAD_MATCH));
      if (stage.has_rollout()) {
        in_flight.push_back(FindingKey(id, "", blocker.id(), v1::BLOCKING, v1::KNOWN_BAD_MATCH));
      }
    }
    Add(CoverageKind::kVerdict, path, blocker.id(), Said({v1::BLOCKING, v1::KNOWN_BAD_MATCH}),
        std::move(keys));
    Add(CoverageKind::kTrigger, path, blocker.id(), "a match of what is being deployed",
        std::move(in_flight));
  }

  void AddOverrides(const v1::Blocker& blocker, const FieldPath& path,
                    const std::vector<std::string>& stages) {
    std::vector<std::string> refused;
    std::vector<std::string> lifted;
    for (const std::string& stage : stages) {
      refused.push_back(RefusedOverrideKey(stage, blocker.id(), v1::OVERRIDE_NOT_ALLOWED));
      lifted.push_back(LiftedKey(stage, blocker.id()));
    }
    const bool has_own = blocker.has_override_policy();
    if (blocker.not_overridable() || (!has_own && !policy_.has_override_policy())) {
      Add(CoverageKind::kOverride, path, blocker.id(), "an override counts for nothing",
          std::move(refused));
      return;
    }
    Add(CoverageKind::kOverride, path, blocker.id(), "overridden", std::move(lifted));
    if (has_own) {
      AddOverridePolicy(blocker.override_policy(), path.Field("override_policy"), blocker.id(),
                        {stages, {blocker.id()}});
    } else {
      by_default_.stages = Stages();
      by_default_.ids.push_back(blocker.id());
    }
  }

  // The ways in which overrides of any of these are not enough.
  void AddOverridePolicy(const v1::OverridePolicy& policy, const FieldPath& path,
                         absl::string_view subject, const Overridden& overridden) {
    const auto add = [&](std::string what, auto key_of) {
      std::vector<std::string> keys;
      for (const std::string& stage : overridden.stages) {
        for (const std::string& id : overridden.ids) keys.push_back(key_of(stage, id));
      }
      Add(CoverageKind::kOverride, path, subject, std::move(what), std::move(keys));
    };
    const auto refused = [](v1::Reason reason) {
      return [reason](const std::string& stage, const std::string& id) {
        return RefusedOverrideKey(stage, id, reason);
      };
    };
    if (policy.quorum() > 1) {
      add("overridden by too few", [](const std::string& stage, const std::string& id) {
        return TooFewOverridesKey(stage, id);
      });
    }
    add("overridden by another role", refused(v1::OVERRIDE_ROLE_MISSING));
    add("overridden for too long", refused(v1::OVERRIDE_TOO_LONG));
    if (policy.author() == v1::OverridePolicy::AUTHOR_MAY_NOT) {
      add("overridden by an author", refused(v1::OVERRIDE_BY_AUTHOR));
    }
  }

  void AddStage(const v1::Stage& stage, const FieldPath& path) {
    AddTransitions(stage, path);
    if (!stage.has_rollout()) return;
    AddWaves(stage, path.Field("rollout"));
    AddHealth(stage, path.Field("rollout"));
    AddRollBack(stage, path.Field("rollout"));
  }

  void AddTransition(const v1::Stage& stage, const FieldPath& path, std::string what,
                     std::string key) {
    Add(CoverageKind::kTransition, path, stage.id(), std::move(what), {std::move(key)});
  }

  void AddTransitions(const v1::Stage& stage, const FieldPath& path) {
    const std::string& id = stage.id();
    const bool deploys = stage.has_rollout();
    if (stage.start() == v1::Stage::MANUAL) {
      AddTransition(stage, path.Field("start"), "waits for a person to start it",
                    ActionKey(id, v1::StageDecision::READY));
    }
    AddTransition(stage, path, deploys ? "deploys" : "takes an artifact in",
                  ActionKey(id, v1::StageDecision::DEPLOY));
    if (deploys) {
      AddTransition(stage, path, "completes a rollout",
                    WantedKey(id, "", v1::WantedRecord::COMPLETE));
    }
    AddTransition(stage, path.Field("passes"), "passes an artifact on",
                  WantedKey(id, "", v1::WantedRecord::PASSED));
    AddTransition(
        stage, path.Field("order"),
        stage.order() == v1::Stage::QUEUE ? "leaves a newer artifact in the queue"
                                          : "passes over a superseded artifact",
        PassedOverKey(id, stage.order() == v1::Stage::QUEUE ? v1::QUEUED : v1::SUPERSEDED));
    if (deploys) AddRolloutTransitions(stage, path.Field("rollout"));
  }

  void AddRolloutTransitions(const v1::Stage& stage, const FieldPath& path) {
    const v1::RolloutPolicy& rollout = stage.rollout();
    const std::string& id = stage.id();
    if (rollout.preempt() == v1::RolloutPolicy::NEVER) {
      AddTransition(stage, path.Field("preempt"), "lets a newer artifact wait",
                    PassedOverKey(id, v1::WAITS_FOR_ROLLOUT));
    } else {
      AddTransition(stage, path.Field("preempt"), "ends a held rollout for a newer artifact",
                    PreemptKey(id));
    }
    if (rollout.new_cell() == v1::RolloutPolicy::HOLD) {
      AddFinding(CoverageKind::kTransition, path.Field("new_cell"), id, {id}, "", "@cell",
                 {v1::BLOCKING, v1::NEW_CELL});
    }
    AddTransition(stage, path.Field("blast_radius"), "leaves out cells that there is no room for",
                  NoRoomKey(id));
    AddFinding(CoverageKind::kTransition, path.Field("deploy"), id, {id}, "", "@deployment",
               {v1::BLOCKING, v1::DEPLOY_STALLED});
  }

  // Of a bake, in the waves that have it; without names: in any.
  void AddBake(const v1::Stage& stage, const v1::Bake& bake, const FieldPath& path,
               const std::vector<std::string>& waves) {
    const auto add = [&](absl::string_view id, const Verdicted& said) {
      std::vector<std::string> keys;
      for (const std::string& wave : waves) {
        keys.push_back(FindingKey(stage.id(), wave, id, said.verdict, said.reason));
      }
      Add(CoverageKind::kWave, path, waves.size() == 1 && !waves[0].empty() ? waves[0] : stage.id(),
          Said(said), std::move(keys));
    };
    if (bake.has_min_time()) add("@bake", {v1::UNKNOWN, v1::BAKING});
    if (bake.min_requests() > 0) add("@bake", {v1::UNKNOWN, v1::TOO_FEW_REQUESTS});
    if (bake.min_data_points() > 0) add("@bake", {v1::UNKNOWN, v1::TOO_FEW_DATA_POINTS});
    if (bake.has_max_time()) add("@bake_deadline", {v1::BLOCKING, v1::BAKE_TIMED_OUT});
  }

  void AddWaves(const v1::Stage& stage, const FieldPath& path) {
    const v1::RolloutPolicy& rollout = stage.rollout();
    std::vector<std::string> with_rollouts_bake;
    for (const v1::Wave& wave : rollout.waves()) {
      if (!wave.has_bake()) with_rollouts_bake.push_back(wave.id());
    }
    if (rollout.has_wave_generation()) with_rollouts_bake = {""};
    AddBake(stage, rollout.bake(), path.Field("bake"), with_rollouts_bake);
    for (int i = 0; i < rollout.waves_size(); ++i) {
      const v1::Wave& wave = rollout.waves(i);
      const FieldPath wave_path = path.Element("waves", i);
      Add(CoverageKind::kWave, wave_path, wave.id(), "deployed", {WaveKey(stage.id(), wave.id())});
      Add(CoverageKind::kWave, wave_path, wave.id(), "proven",
          {WantedKey(stage.id(), wave.id(), v1::WantedRecord::CELL_PROVEN),
           WantedKey(stage.id(), wave.id(), v1::WantedRecord::WAVE_PROVEN)});
      if (wave.has_bake()) AddBake(stage, wave.bake(), wave_path.Field("bake"), {wave.id()});
    }
    if (!rollout.has_wave_generation()) return;
    const FieldPath generation = path.Field("wave_generation");
    for (const char* wave : {"wave-1", "wave-2"}) {
      Add(CoverageKind::kWave, generation, wave, "deployed", {WaveKey(stage.id(), wave)});
      Add(CoverageKind::kWave, generation, wave, "proven",
          {WantedKey(stage.id(), wave, v1::WantedRecord::CELL_PROVEN),
           WantedKey(stage.id(), wave, v1::WantedRecord::WAVE_PROVEN)});
    }
  }

  void AddTrigger(const v1::Stage& stage, const FieldPath& path, absl::string_view subject,
                  absl::string_view id, v1::Reason reason) {
    AddFinding(CoverageKind::kTrigger, path, subject, {stage.id()}, "", id, {v1::BLOCKING, reason});
  }

  void AddHealth(const v1::Stage& stage, const FieldPath& path) {
    const v1::RolloutPolicy& rollout = stage.rollout();
    const FieldPath hygiene = path.Field("hygiene");
    for (int i = 0; i < rollout.hygiene().checks_size(); ++i) {
      const std::string& check = rollout.hygiene().checks(i);
      const std::string id = absl::StrCat("@hygiene:", check);
      const FieldPath check_path = hygiene.Element("checks", i);
      AddTrigger(stage, check_path, check, id, v1::HYGIENE_FAILED);
      AddTrigger(stage, check_path, check, id, v1::HYGIENE_TIMED_OUT);
    }
    const FieldPath health = path.Field("health");
    for (int i = 0; i < rollout.health().criteria_size(); ++i) {
      const v1::HealthCriterion& criterion = rollout.health().criteria(i);
      const FieldPath criterion_path = health.Element("criteria", i);
      for (const Verdicted& said : SaidBy(criterion)) {
        AddFinding(CoverageKind::kVerdict, criterion_path, criterion.id(), {stage.id()}, "",
                   criterion.id(), said);
      }
      for (const v1::Reason reason : TriggersOf(criterion)) {
        AddTrigger(stage, criterion_path, criterion.id(), criterion.id(), reason);
      }
    }
    for (int i = 0; i < rollout.health().watched_alarms_size(); ++i) {
      const v1::WatchedAlarm& watched = rollout.health().watched_alarms(i);
      const FieldPath watched_path = health.Element("watched_alarms", i);
      std::vector<Verdicted> says = {kAllClear, {v1::UNKNOWN, v1::NO_DATA}};
      if (watched.alarm().has_max_age()) says.push_back({v1::UNKNOWN, v1::STALE});
      says.push_back({v1::BLOCKING, v1::PRE_EXISTING_ALARM});
      for (const Verdicted& said : says) {
        AddFinding(CoverageKind::kVerdict, watched_path, watched.id(), {stage.id()}, "",
                   watched.id(), said);
      }
      AddTrigger(stage, watched_path, watched.id(), watched.id(), v1::ALARM_SINCE_DEPLOYMENT);
    }
  }

  void AddRollBack(const v1::Stage& stage, const FieldPath& path) {
    const v1::RollBackPolicy& roll_back = stage.rollout().roll_back();
    const FieldPath roll_back_path = path.Field("roll_back");
    const std::string& id = stage.id();
    AddTrigger(stage, path.Field("deploy"), id, "@deployment", v1::DEPLOYMENT_FAILED);
    AddTransition(stage, roll_back_path, "rolls back", ActionKey(id, v1::StageDecision::ROLL_BACK));
    AddTransition(stage, roll_back_path, "ends a roll back",
                  WantedKey(id, "", v1::WantedRecord::ROLLED_BACK));
    if (roll_back.watch_for().seconds() > 0 || roll_back.watch_for().nanos() > 0) {
      AddTransition(stage, roll_back_path.Field("watch_for"), "rolls back what was complete",
                    RollBackOfCompleteKey(id));
    }
    AddFinding(CoverageKind::kTransition, roll_back_path.Field("attempts"), id, {id}, "",
               "@roll_back", {v1::BLOCKING, v1::ROLL_BACK_FAILED});
    if (!roll_back.has_keep_despite()) return;
    Overridden kept = {{id}, TriggerIds(stage.rollout())};
    std::vector<std::string> keys;
    for (const std::string& trigger : kept.ids) keys.push_back(LiftedKey(id, trigger));
    Add(CoverageKind::kOverride, roll_back_path.Field("keep_despite"), id, "kept despite a trigger",
        std::move(keys));
    AddOverridePolicy(roll_back.keep_despite(), roll_back_path.Field("keep_despite"), id, kept);
  }

  // Findings of what rolls a rollout back.
  static std::vector<std::string> TriggerIds(const v1::RolloutPolicy& rollout) {
    std::vector<std::string> ids = {"@deployment"};
    for (const std::string& check : rollout.hygiene().checks()) {
      ids.push_back(absl::StrCat("@hygiene:", check));
    }
    for (const v1::HealthCriterion& criterion : rollout.health().criteria()) {
      ids.push_back(criterion.id());
    }
    for (const v1::WatchedAlarm& watched : rollout.health().watched_alarms()) {
      ids.push_back(watched.id());
    }
    return ids;
  }

  const v1::PipelinePolicy& policy_;
  Overridden by_default_;  // Blockers that the policy's default is about.
  std::vector<CoveragePoint> points_;
};

}  // namespace

absl::string_view NameOf(CoverageKind kind) {
  switch (kind) {
    case CoverageKind::kVerdict:
      return "verdicts";
    case CoverageKind::kOverride:
      return "overrides";
    case CoverageKind::kWave:
      return "waves";
    case CoverageKind::kTrigger:
      return "triggers";
    case CoverageKind::kTransition:
      return "transitions";
  }
  return "";
}

std::vector<CoveragePoint> CoveragePointsOf(const v1::PipelinePolicy& policy) {
  // Composites of many alarms say the same of each.
  absl::flat_hash_set<std::string> known;
  std::vector<CoveragePoint> distinct;
  for (CoveragePoint& point : PointList(policy).Make()) {
    if (!known.insert(absl::StrCat(point.path, "|", point.subject, "|", point.what)).second)
      continue;
    distinct.push_back(std::move(point));
  }
  return distinct;
}

}  // namespace sluice
