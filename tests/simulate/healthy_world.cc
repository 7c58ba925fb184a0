#include "tests/simulate/healthy_world.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sluice/action_id.h"
#include "sluice/compile/visit_blockers.h"
#include "sluice/decision.h"
#include "sluice/organisation.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

Policy CompileOrDie(const v1::PipelinePolicy& rules) {
  absl::StatusOr<Policy> policy = Policy::Compile(rules);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *std::move(policy);
}

// How many whole periods from `start` on have ended by `t`.
int64_t Ended(absl::Time start, absl::Duration period, absl::Time t) {
  return t < start ? 0 : (t - start) / period;
}

}  // namespace

HealthyWorld::HealthyWorld(const v1::PipelinePolicy& policy, const v1::PipelineState& state,
                           const v1::OrganisationFacts* organisation,
                           const std::vector<v1::KnownBadList>& lists, absl::Time begin)
    : policy_(CompileOrDie(policy)),
      rules_(policy_.effective()),
      state_(state),
      lists_(lists),
      begin_(begin),
      next_look_(begin) {
  if (organisation != nullptr) organisation_ = *organisation;
  state_.clear_record_count();
  for (const v1::Stage& stage : rules_.stages()) {
    absl::Duration time = ToDuration(stage.rollout().deploy().max_time());
    uint64_t newest = 0;
    for (const v1::StageRecord& record : state.stages()) {
      if (record.stage() != stage.id()) continue;
      for (const v1::Deployment& d : record.deployments()) {
        if (d.direction() != v1::Deployment::FORWARD || d.number() < newest) continue;
        if (d.outcome() != v1::Deployment::SUCCEEDED) continue;
        if (ToTime(d.ended_at()) <= ToTime(d.started_at())) continue;
        newest = d.number();
        time = ToTime(d.ended_at()) - ToTime(d.started_at());
      }
    }
    if (stage.rollout().deploy().has_expected_time()) {
      time = ToDuration(stage.rollout().deploy().expected_time());
    }
    deployment_times_[stage.id()] = time;
  }
}

template <typename Function>
auto HealthyWorld::WithSnapshot(const Function& function) const {
  std::vector<KnownBadList> built;
  for (const v1::KnownBadList& list : lists_) built.push_back(*KnownBadList::Build(list));
  LoadOptions options;
  for (const KnownBadList& list : built) options.known_bad.push_back(&list);
  const Organisation organisation =
      organisation_.has_value() ? Organisation::Load(*organisation_) : Organisation();
  return function(Snapshot::Load(state_, organisation, options));
}

void HealthyWorld::ReportAlarm(const v1::MetricAlarm& alarm, const std::string& cell,
                               const std::string& region, absl::Time t) {
  if (alarm.has_computed()) {
    ReportSeries(alarm.computed().series(), cell, region, alarm.computed().rule().threshold(), t);
    return;
  }
  ASSERT_TRUE(alarm.has_observed());
  v1::Event event;
  event.set_id(absl::StrCat("world-", ++number_));
  *event.mutable_at() = ToTimestamp(t);
  v1::AlarmReport* report = event.mutable_alarm_reported()->mutable_alarm();
  report->set_alarm(alarm.observed().alarm());
  report->set_cell(cell);
  report->set_region(region);
  report->set_state(v1::AlarmReport::OK);
  *report->mutable_since() = ToTimestamp(t);
  for (const v1::AlarmReport& known : state_.alarms()) {
    if (known.alarm() != report->alarm() || known.cell() != cell || known.region() != region) {
      continue;
    }
    if (known.state() == v1::AlarmReport::OK) *report->mutable_since() = known.since();
  }
  *report->mutable_observed_at() = ToTimestamp(t);
  ASSERT_TRUE(Apply(event, &state_).ok());
}

void HealthyWorld::ReportSeries(const std::string& id, const std::string& cell,
                                const std::string& region, double threshold, absl::Time t) {
  v1::Series* series = nullptr;
  for (v1::Series& known : *state_.mutable_series()) {
    if (known.series() == id && known.cell() == cell && known.region() == region) series = &known;
  }
  if (series == nullptr) {
    series = state_.add_series();
    series->set_series(id);
    series->set_cell(cell);
    series->set_region(region);
    const int64_t minute = absl::ToUnixSeconds(t) / 60 * 60;
    series->mutable_start()->set_seconds(minute);
    series->mutable_period()->set_seconds(60);
    *series->mutable_reported_through() = series->start();
  }
  const absl::Time start = ToTime(series->start());
  const absl::Duration period = ToDuration(series->period());
  double good = 0;
  for (int i = series->values_size() - 1; i >= 0; --i) {
    if (series->values(i) > threshold || std::isnan(series->values(i))) continue;
    good = series->values(i);
    break;
  }
  const int64_t known = Ended(start, period, ToTime(series->reported_through()));
  while (series->values_size() < known) {
    series->add_values(std::numeric_limits<double>::quiet_NaN());
  }
  while (series->values_size() < Ended(start, period, t)) series->add_values(good);
  *series->mutable_reported_through() = ToTimestamp(t);
}

void HealthyWorld::ReportCounts(const std::string& id, const v1::Stage& stage, absl::Time t) {
  v1::CellCounts* counts = nullptr;
  for (v1::CellCounts& known : *state_.mutable_counts()) {
    if (known.counts() == id && known.stage() == stage.id()) counts = &known;
  }
  if (counts == nullptr) {
    counts = state_.add_counts();
    counts->set_counts(id);
    counts->set_stage(stage.id());
    counts->mutable_start()->set_seconds(absl::ToUnixSeconds(t) / 60 * 60);
    counts->mutable_period()->set_seconds(60);
    *counts->mutable_reported_through() = counts->start();
  }
  const absl::Time start = ToTime(counts->start());
  const absl::Duration period = ToDuration(counts->period());
  std::map<std::string, std::pair<std::vector<int64_t>, std::vector<int64_t>>> rows;
  const int64_t known =
      counts->cells_size() == 0 ? 0 : counts->requests_size() / counts->cells_size();
  for (int c = 0; c < counts->cells_size(); ++c) {
    auto& [requests, errors] = rows[counts->cells(c)];
    for (int64_t p = 0; p < known; ++p) {
      requests.push_back(counts->requests(static_cast<int>(c * known + p)));
      errors.push_back(counts->errors(static_cast<int>(c * known + p)));
    }
  }
  for (const v1::Cell& cell : state_.cells()) {
    if (cell.stage() != stage.id() || cell.has_retired()) continue;
    auto& [requests, errors] = rows[cell.id()];
    requests.resize(static_cast<size_t>(known), -1);
    errors.resize(static_cast<size_t>(known), -1);
  }
  const int64_t asked = Ended(start, period, ToTime(counts->reported_through()));
  const int64_t now = std::max(known, Ended(start, period, t));
  counts->clear_cells();
  counts->clear_requests();
  counts->clear_errors();
  for (auto& [cell, columns] : rows) {
    auto& [requests, errors] = columns;
    const std::string key = absl::StrCat(id, "|", stage.id(), "|", cell);
    // As many as in the newest 60 periods with data on average; else enough by `min_time`.
    if (rates_.count(key) == 0) {
      std::vector<int64_t> seen;
      for (size_t p = requests.size(); p > 0 && seen.size() < 60; --p) {
        if (requests[p - 1] >= 0) seen.push_back(requests[p - 1]);
      }
      if (seen.empty()) {
        int64_t enough = 1;
        int64_t least = 0;
        for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
          least = std::max<int64_t>(least, criterion.error_rate().min_requests());
        }
        std::vector<v1::Bake> bakes = {stage.rollout().bake()};
        for (const v1::Wave& wave : stage.rollout().waves()) {
          if (wave.has_bake()) bakes.push_back(wave.bake());
        }
        for (const v1::Bake& bake : bakes) {
          const int64_t periods = std::max<int64_t>(ToDuration(bake.min_time()) / period - 1, 1);
          const int64_t needed =
              std::max<int64_t>(static_cast<int64_t>(bake.min_requests()), least);
          enough = std::max(enough, (needed + periods - 1) / periods);
        }
        seen.push_back(enough);
      }
      rates_[key] = seen;
    }
    const std::vector<int64_t>& seen = rates_[key];
    int64_t sum = 0;
    for (const int64_t n : seen) sum += n;
    const int64_t size = static_cast<int64_t>(seen.size());
    while (static_cast<int64_t>(requests.size()) < now) {
      const bool is_gap = static_cast<int64_t>(requests.size()) < asked && told_.count(key) == 0;
      const int64_t k = is_gap ? 0 : told_[key]++;
      requests.push_back(is_gap ? -1 : (k + 1) * sum / size - k * sum / size);
      errors.push_back(is_gap ? -1 : 0);
    }
    counts->add_cells(cell);
    for (const int64_t n : requests) counts->add_requests(n);
    for (const int64_t n : errors) counts->add_errors(n);
  }
  *counts->mutable_reported_through() = ToTimestamp(t);
}

void HealthyWorld::ReportRuns(const v1::SyntheticTraffic& traffic, const std::string& stage,
                              absl::Time t) {
  const absl::Duration window = ToDuration(traffic.window());
  const absl::Duration spacing =
      absl::Trunc(std::min(ToDuration(traffic.max_gap()) / 2,
                           window / static_cast<int64_t>(traffic.min_runs() + 1)),
                  absl::Milliseconds(1));
  for (const std::string& api : traffic.apis()) {
    v1::SyntheticRuns* runs = nullptr;
    for (v1::SyntheticRuns& known : *state_.mutable_synthetic_runs()) {
      if (known.stage() == stage && known.api() == api) runs = &known;
    }
    if (runs == nullptr) {
      runs = state_.add_synthetic_runs();
      runs->set_stage(stage);
      runs->set_api(api);
    }
    for (;;) {
      const int size = runs->finished_at_ms_size();
      const absl::Time next =
          size == 0 ? t : absl::FromUnixMillis(runs->finished_at_ms(size - 1)) + spacing;
      if (next > t) break;
      runs->add_finished_at_ms(absl::ToUnixMillis(next));
      runs->add_succeeded(true);
    }
  }
}

void HealthyWorld::Report(absl::Time t) {
  VisitBlockers(rules_,
                [&](const v1::Blocker& blocker, const FieldPath&, const BlockerPlace& place) {
                  const std::string stage = place.stage < 0 ? "" : rules_.stages(place.stage).id();
                  if (blocker.has_metric_alarm()) ReportAlarm(blocker.metric_alarm(), "", "", t);
                  if (blocker.has_synthetic_traffic())
                    ReportRuns(blocker.synthetic_traffic(), stage, t);
                });
  for (const v1::Stage& stage : rules_.stages()) {
    for (const v1::WatchedAlarm& watched : stage.rollout().health().watched_alarms()) {
      std::set<std::pair<std::string, std::string>> keys;
      for (const v1::Cell& cell : state_.cells()) {
        if (cell.stage() != stage.id() || cell.has_retired()) continue;
        keys.emplace(watched.each() == v1::WatchedAlarm::CELL ? cell.id() : "",
                     watched.each() == v1::WatchedAlarm::REGION ? cell.region() : "");
      }
      for (const auto& [cell, region] : keys) ReportAlarm(watched.alarm(), cell, region, t);
    }
    for (const v1::HealthCriterion& criterion : stage.rollout().health().criteria()) {
      ReportCounts(criterion.error_rate().counts(), stage, t);
    }
  }
  for (v1::Environment& environment : *state_.mutable_environments()) {
    *environment.mutable_observed_at() = ToTimestamp(t);
  }
  for (v1::TrafficSample& sample : *state_.mutable_traffic_samples()) {
    *sample.mutable_observed_at() = ToTimestamp(t);
  }
  for (v1::KnownBadList& list : lists_) *list.mutable_verified_at() = ToTimestamp(t);
  state_.clear_applied_events();
  state_.clear_record_count();
  if (!organisation_.has_value()) return;
  *organisation_->mutable_observed_at() = ToTimestamp(t);
  *organisation_->mutable_emergency_stop()->mutable_observed_at() = ToTimestamp(t);
}

void HealthyWorld::EndDeployments(absl::Time t) {
  std::vector<v1::Event> ends;
  for (const v1::StageRecord& stage : state_.stages()) {
    for (const v1::Deployment& d : stage.deployments()) {
      if (d.has_ended_at()) continue;
      if (t < ToTime(d.started_at()) + deployment_times_.at(stage.stage())) continue;
      v1::Event event;
      v1::DeploymentEnded* ended = event.mutable_deployment_ended();
      ended->set_stage(stage.stage());
      ended->set_cell(d.cell());
      ended->set_action_id(ActionId(state_.pipeline(), stage.stage(), d.cell(), d.artifact(),
                                    d.direction() == v1::Deployment::ROLL_BACK
                                        ? ActionDirection::kRollBack
                                        : ActionDirection::kForward,
                                    d.attempt()));
      ended->set_outcome(v1::Deployment::SUCCEEDED);
      ends.push_back(std::move(event));
    }
  }
  for (v1::Event& event : ends) DoOne("", std::move(event), t);
}

// Gives what checks and hygiene ask for; one run of each a round.
bool HealthyWorld::Answer(const v1::PipelineDecision& decision, absl::Time t) {
  bool answered = false;
  for (const v1::StageDecision& stage : decision.stages()) {
    for (const v1::Finding& finding : stage.findings()) {
      v1::Check run;
      run.set_stage(stage.stage());
      run.set_artifact(finding.artifact());
      switch (finding.reason()) {
        case v1::CHECK_ABSENT:
        case v1::TOO_FEW_PASSES:
        case v1::CHECK_ERROR:
        case v1::STALE:
          VisitBlockers(rules_,
                        [&](const v1::Blocker& blocker, const FieldPath&, const BlockerPlace&) {
                          if (!blocker.has_check() || blocker.id() != finding.id()) return;
                          run.set_check(blocker.check().check());
                          for (const v1::NumberBound& bound : blocker.check().bounds()) {
                            (*run.mutable_numbers())[bound.number()] =
                                bound.has_at_least() ? bound.at_least() : bound.at_most();
                          }
                        });
          break;
        case v1::HYGIENE_WAITING:
        case v1::HYGIENE_TIMED_OUT:
          run.set_check(finding.id().substr(finding.id().find(':') + 1));
          run.set_cell(finding.cell());
          break;
        default:
          break;
      }
      if (run.check().empty() || run.artifact().empty()) continue;
      run.set_run(absl::StrCat("world-", ++number_));
      run.set_outcome(v1::Check::PASSED);
      *run.mutable_started_at() = ToTimestamp(t);
      *run.mutable_finished_at() = ToTimestamp(t);
      *state_.add_checks() = run;
      answered = true;
    }
  }
  return answered;
}

bool HealthyWorld::DoOne(const std::string& id, v1::Event event, absl::Time t) {
  if (!id.empty() && !WithSnapshot([&](const Snapshot& s) { return policy_.Admit(id, s, t); })) {
    return false;
  }
  event.set_id(absl::StrCat("world-", ++number_));
  *event.mutable_at() = ToTimestamp(t);
  event.set_expected_revision(state_.revision());
  const absl::Status status = Apply(event, &state_);
  EXPECT_TRUE(status.ok()) << status << "\n" << event.DebugString();
  state_.clear_applied_events();
  state_.clear_record_count();
  return status.ok();
}

bool HealthyWorld::Do(const v1::PipelineDecision& decision, absl::Time t) {
  bool did = false;
  const std::string& fingerprint = decision.provenance().policy_fingerprint();
  for (const v1::StageDecision& stage : decision.stages()) {
    for (const v1::WantedRecord& wanted : stage.wanted()) {
      v1::Event event;
      event.mutable_recorded()->set_stage(stage.stage());
      *event.mutable_recorded()->mutable_record() = wanted;
      event.mutable_recorded()->set_policy_fingerprint(fingerprint);
      did = DoOne(wanted.id(), event, t) || did;
    }
    if (stage.action() != v1::StageDecision::DEPLOY) continue;
    for (const v1::CellAction& action : stage.actions()) {
      v1::Event event;
      if (action.cell().empty()) {
        event.mutable_entered()->set_stage(stage.stage());
        event.mutable_entered()->set_artifact(action.artifact());
        event.mutable_entered()->set_action_id(action.id());
      } else {
        v1::DeploymentStarted* started = event.mutable_deployment_started();
        started->set_stage(stage.stage());
        *started->mutable_action() = action;
        started->set_policy_fingerprint(fingerprint);
        *started->mutable_plan() = stage.plan();
        started->set_halts_previous(stage.halts_running());
      }
      did = DoOne(action.id(), event, t) || did;
    }
  }
  return did;
}

void HealthyWorld::Look(absl::Time t) {
  EndDeployments(t);
  Report(t);
  for (;;) {
    const v1::PipelineDecision decision =
        WithSnapshot([&](const Snapshot& s) { return ToProto(policy_.Decide(s, t)); });
    if (Answer(decision, t)) continue;
    if (!Do(decision, t)) return;
    // Deployments that were just begun may be about new cells.
    Report(t);
  }
}

void HealthyWorld::Run(absl::Duration step, absl::Time end) {
  for (; next_look_ <= end; next_look_ += step) Look(next_look_);
}

StageStory HealthyWorld::StoryOf(const std::string& stage, const std::string& artifact) const {
  StageStory story;
  for (const v1::StageRecord& record : state_.stages()) {
    if (record.stage() != stage) continue;
    for (const v1::Pass& pass : record.passes()) {
      if (pass.artifact() == artifact && !pass.has_revoked_at()) story.passed = ToTime(pass.at());
    }
    for (const v1::Entry& entry : record.entries()) {
      if (entry.artifact() == artifact) story.complete = ToTime(entry.at());
    }
    const v1::Rollout* newest = nullptr;
    for (const v1::Rollout& rollout : record.rollouts()) {
      if (rollout.artifact() == artifact) newest = &rollout;
    }
    if (newest == nullptr) continue;
    const bool complete = newest->state() == v1::Rollout::COMPLETE;
    if (complete) story.complete = ToTime(newest->ended_at());
    for (const v1::Deployment& d : record.deployments()) {
      if (d.rollout() != newest->number() || d.direction() != v1::Deployment::FORWARD) continue;
      const absl::Time start = ToTime(d.started_at());
      story.first_cell = std::min(story.first_cell.value_or(start), start);
      if (!complete) continue;
      const absl::Time over = ToTime(d.ended_at());
      story.last_cell = std::max(story.last_cell.value_or(over), over);
    }
  }
  return story;
}

}  // namespace sluice
