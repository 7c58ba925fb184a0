#include "sluice/simulate/signal_needs.h"

#include <algorithm>
#include <iterator>

#include "absl/types/variant.h"

namespace sluice {
namespace {

class Collector {
 public:
  Collector(const PolicyData& policy, const v1::PipelineState& state)
      : policy_(policy), state_(state) {}

  SignalNeeds Collect() {
    if (policy_.emergency_stop_max_age.has_value()) {
      needs_.max_ages.insert(*policy_.emergency_stop_max_age);
    }
    for (const StageRule& stage : policy_.stages) {
      for (const Blocker& blocker : policy_.blockers) AddBlocker(blocker, stage);
      for (const Blocker& blocker : stage.blockers) AddBlocker(blocker, stage);
      for (const Blocker& criterion : stage.pass_criteria) AddBlocker(criterion, stage);
      if (stage.deploys_cells) AddRollout(stage);
    }
    return std::move(needs_);
  }

 private:
  void AddBlocker(const Blocker& blocker, const StageRule& stage) {
    if (const auto* alarm = absl::get_if<MetricAlarm>(&blocker.kind)) {
      AddAlarm(*alarm, {"", "", ""}, false);
    } else if (const auto* check = absl::get_if<CheckRequirement>(&blocker.kind)) {
      AddCheck(*check);
    } else if (const auto* runs = absl::get_if<SyntheticTraffic>(&blocker.kind)) {
      AddRuns(*runs, stage.id);
    } else if (const auto* parity = absl::get_if<EnvironmentParity>(&blocker.kind)) {
      needs_.parity.push_back({parity->aspects, parity->stages});
      needs_.max_ages.insert(parity->max_age);
    } else if (const auto* isolation = absl::get_if<TrafficIsolation>(&blocker.kind)) {
      AddTraffic(*isolation, stage.id);
    } else if (const auto* known_bad = absl::get_if<KnownBadArtifact>(&blocker.kind)) {
      needs_.max_ages.insert(known_bad->max_age);
    } else if (const auto* combination = absl::get_if<Combination>(&blocker.kind)) {
      for (const Blocker& child : combination->children) AddBlocker(child, stage);
    }
  }

  // `key` has the cell or region that is meant, and no id.
  void AddAlarm(const MetricAlarm& alarm, SignalName key, bool negated) {
    if (alarm.max_age > absl::ZeroDuration()) needs_.max_ages.insert(alarm.max_age);
    needs_.longest_clear_for = std::max(needs_.longest_clear_for, alarm.clear_for);
    if (const auto* observed = absl::get_if<ObservedAlarm>(&alarm.source)) {
      key.id = observed->alarm;
      AlarmNeed& need = (observed->shared ? needs_.shared_alarms : needs_.alarms)[key];
      need.as_it_is = need.as_it_is || negated;
      if (alarm.clear_for > absl::ZeroDuration()) need.clear_for.push_back(alarm.clear_for);
    } else if (const auto* computed = absl::get_if<ComputedAlarm>(&alarm.source)) {
      key.id = computed->series;
      AddSeries(key, negated ? nullptr : &computed->rule);
    } else if (const auto* ratio = absl::get_if<RatioAlarm>(&alarm.source)) {
      RatioNeed need;
      need.errors = need.requests = key;
      need.errors.id = ratio->errors_series;
      need.requests.id = ratio->requests_series;
      need.min_samples = ratio->min_samples;
      AddSeries(need.errors, nullptr);
      AddSeries(need.requests, nullptr);
      NotePeriods(ratio->rule);
      if (negated) return;
      need.rule = &ratio->rule;
      needs_.ratios.insert(std::move(need));
    } else if (const auto* composite = absl::get_if<CompositeAlarm>(&alarm.source)) {
      const bool turns = composite->operation == AlarmOperation::kNegation;
      for (const MetricAlarm& part : composite->alarms) AddAlarm(part, key, negated || turns);
    }
  }

  void NotePeriods(const AlarmRule& rule) {
    needs_.most_periods = std::max(needs_.most_periods, rule.evaluation_periods);
  }

  void AddSeries(const SignalName& key, const AlarmRule* rule) {
    std::vector<const AlarmRule*>& rules = needs_.series[key];
    if (rule == nullptr) return;
    NotePeriods(*rule);
    if (std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.push_back(rule);
  }

  void AddCheck(const CheckRequirement& check) {
    std::map<std::string, NumberBound>& numbers = needs_.checks[check.check];
    for (const NumberBound& bound : check.bounds) {
      const auto [known, is_new] = numbers.try_emplace(bound.number, bound);
      if (is_new) continue;
      known->second.at_least = std::max(known->second.at_least, bound.at_least);
      known->second.at_most = std::min(known->second.at_most, bound.at_most);
    }
  }

  void AddRuns(const SyntheticTraffic& runs, const std::string& stage) {
    for (const std::string& api : runs.apis) {
      SyntheticNeed& need = needs_.synthetic[{stage, api}];
      need.window = std::max(need.window, runs.window);
      const absl::Duration spacing =
          std::min(runs.max_gap / 2, runs.window / (static_cast<int64_t>(runs.min_runs) + 1));
      need.spacing = std::min(need.spacing, spacing);
    }
  }

  void AddTraffic(const TrafficIsolation& isolation, const std::string& stage) {
    needs_.max_ages.insert(isolation.max_age);
    const auto [known, is_new] = needs_.traffic.try_emplace(stage);
    TrafficNeed& need = known->second;
    need.min_requests = std::max(need.min_requests, isolation.min_requests);
    if (is_new) {
      need.principals = isolation.principals;
      return;
    }
    std::vector<std::string> both;
    std::set_intersection(need.principals.begin(), need.principals.end(),
                          isolation.principals.begin(), isolation.principals.end(),
                          std::back_inserter(both));
    // No traffic belongs there by both: one of them holds whatever comes.
    if (!both.empty()) need.principals = std::move(both);
  }

  void AddRollout(const StageRule& stage) {
    for (const WaveRule& wave : stage.rollout.waves) {
      for (const Blocker& blocker : wave.blockers) AddBlocker(blocker, stage);
    }
    for (const v1::Cell& cell : state_.cells()) {
      if (cell.stage() == stage.id && !cell.has_retired()) AddCell(stage.rollout, cell);
    }
    for (const HealthCriterion& criterion : stage.rollout.criteria) {
      if (const ErrorRateCriterion* rate = RateOf(criterion)) AddCounts(stage, *rate);
      if (const auto* bound = absl::get_if<SeriesBoundCriterion>(&criterion.kind)) {
        needs_.max_ages.insert(bound->max_age);
      }
    }
    needs_.longest_bake = std::max(needs_.longest_bake, stage.rollout.bake.max_time);
    for (const WaveRule& wave : stage.rollout.waves) {
      needs_.longest_bake = std::max(needs_.longest_bake, wave.bake.max_time);
    }
  }

  void AddCell(const RolloutRule& rollout, const v1::Cell& cell) {
    for (const WatchedAlarm& watched : rollout.watched) {
      SignalName key;
      if (watched.each == WatchEach::kCell) key.cell = cell.id();
      if (watched.each == WatchEach::kRegion) {
        if (cell.region().empty()) continue;
        key.region = cell.region();
      }
      AddAlarm(watched.alarm, key, false);
    }
    for (const HealthCriterion& criterion : rollout.criteria) {
      const auto* bound = absl::get_if<SeriesBoundCriterion>(&criterion.kind);
      if (bound != nullptr) AddSeries({bound->series, cell.id(), ""}, &bound->rule);
    }
  }

  void AddCounts(const StageRule& stage, const ErrorRateCriterion& rate) {
    needs_.max_ages.insert(rate.max_age);
    CountsNeed& need = needs_.counts[{rate.counts, stage.id}];
    const auto add = [&](const Bake& bake) {
      need.bakes.emplace_back(std::max(bake.min_requests, rate.min_requests), bake.min_time);
    };
    add(stage.rollout.bake);
    for (const WaveRule& wave : stage.rollout.waves) add(wave.bake);
  }

  const PolicyData& policy_;
  const v1::PipelineState& state_;
  SignalNeeds needs_;
};

}  // namespace

SignalNeeds NeedsOf(const PolicyData& policy, const v1::PipelineState& state) {
  return Collector(policy, state).Collect();
}

}  // namespace sluice
