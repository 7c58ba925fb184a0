#include "driver.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "docs/examples/region-waves/files.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"

namespace sluice {
namespace {

constexpr absl::Duration kDeployment = absl::Minutes(10);
constexpr absl::Duration kUntilServing = absl::Minutes(1);
constexpr absl::Duration kReports = absl::Minutes(10);

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(timestamp.seconds()))));
  return timestamp;
}

// What a report is about, if the monitoring repeats reports of its kind; else empty.
std::string MonitoredSubject(const v1::Event& event) {
  switch (event.kind_case()) {
    case v1::Event::kAlarmReported:
      return absl::StrCat("alarm ", event.alarm_reported().alarm().alarm(), " ",
                          event.alarm_reported().alarm().cell());
    case v1::Event::kEnvironmentObserved:
      return absl::StrCat("environment ", event.environment_observed().environment().stage());
    case v1::Event::kTrafficObserved:
      return absl::StrCat("traffic ", event.traffic_observed().sample().stage());
    case v1::Event::kSyntheticRunsReported:
      return absl::StrCat("runs ", event.synthetic_runs_reported().runs().api());
    default:
      return "";
  }
}

// `report`, made anew `later` than it was.
v1::Event Repeated(v1::Event report, absl::Duration later) {
  const auto shift = [later](google::protobuf::Timestamp* at) {
    *at = ToTimestamp(ToTime(*at) + later);
  };
  if (report.has_alarm_reported()) {
    shift(report.mutable_alarm_reported()->mutable_alarm()->mutable_observed_at());
  } else if (report.has_environment_observed()) {
    shift(report.mutable_environment_observed()->mutable_environment()->mutable_observed_at());
  } else if (report.has_traffic_observed()) {
    shift(report.mutable_traffic_observed()->mutable_sample()->mutable_observed_at());
  } else if (report.has_synthetic_runs_reported()) {
    auto* runs = report.mutable_synthetic_runs_reported()->mutable_runs();
    for (int64_t& at : *runs->mutable_finished_at_ms()) at += absl::ToInt64Milliseconds(later);
  }
  return report;
}

class Host {
 public:
  Host(const Example& example, Policy policy, const std::function<void(const Decision&)>& see)
      : policy_(std::move(policy)),
        state_(example.state),
        facts_(example.organisation),
        lists_(example.lists),
        see_(see) {
    Schedule(example.monitoring);
    for (const v1::TestCase& story : example.stories) Schedule(story);
  }

  absl::Status Run() {
    absl::Time now = events_.begin()->first;
    const absl::Time end = events_.rbegin()->first;
    while (now <= end) {
      absl::Status status = TakeEvents(now);
      absl::Time valid_until = absl::InfiniteFuture();
      if (status.ok()) status = Act(now, &valid_until);
      if (!status.ok()) return status;
      now = std::min({valid_until, next_report_, NextEvent(now)});
    }
    return absl::OkStatus();
  }

 private:
  struct Report {
    absl::Time first;
    v1::Event event;
  };

  void Schedule(const v1::TestCase& story) {
    for (const v1::Moment& moment : story.moments()) {
      for (const v1::Event& event : moment.events()) {
        events_.emplace(ToTime(moment.now()), event);
      }
    }
  }

  absl::Time NextEvent(absl::Time now) const {
    const auto next = events_.upper_bound(now);
    return next == events_.end() ? absl::InfiniteFuture() : next->first;
  }

  // Writes an event down, filling in what every event needs.
  absl::Status Record(v1::Event event, absl::Time now) {
    event.set_id(absl::StrCat("event-", ++event_number_));
    *event.mutable_at() = ToTimestamp(now);
    event.set_expected_revision(state_.revision());
    const absl::Status status = Apply(event, &state_);
    // Ids of events are remembered so that a repeated one changes nothing; this host repeats none.
    state_.clear_applied_events();
    state_.clear_record_count();
    return status;
  }

  // What has happened by `now`: scripted events, ends of deployments, and what the monitoring says.
  absl::Status TakeEvents(absl::Time now) {
    const auto due = events_.equal_range(now);
    for (auto event = due.first; event != due.second; ++event) {
      const std::string subject = MonitoredSubject(event->second);
      if (!subject.empty()) reports_[subject] = {now, event->second};
      const absl::Status status = Record(event->second, now);
      if (!status.ok()) return status;
    }
    if (now < next_report_) return absl::OkStatus();
    next_report_ = now + kReports;
    *facts_.mutable_observed_at() = ToTimestamp(now);
    *facts_.mutable_emergency_stop()->mutable_observed_at() = ToTimestamp(now);
    for (const auto& [subject, report] : reports_) {
      const absl::Status status = Record(Repeated(report.event, now - report.first), now);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // The publisher's newest copy of the list, compared just now.
  absl::StatusOr<KnownBadList> List(absl::Time now) const {
    const v1::KnownBadList* newest = &lists_.front();
    for (const v1::KnownBadList& list : lists_) {
      if (ToTime(list.verified_at()) <= now) newest = &list;
    }
    v1::KnownBadList list = *newest;
    *list.mutable_verified_at() = ToTimestamp(now);
    return KnownBadList::Build(list);
  }

  // Does what there is to do at `now`, until nothing is left.
  absl::Status Act(absl::Time now, absl::Time* valid_until) {
    const absl::StatusOr<KnownBadList> list = List(now);
    if (!list.ok()) return list.status();
    LoadOptions options;
    options.known_bad = {&*list};
    const Organisation organisation = Organisation::Load(facts_);
    for (bool acted = true; acted;) {
      acted = false;
      const v1::PipelineState before = state_;
      const Snapshot seen = Snapshot::Load(before, organisation, options);
      const Decision decision = policy_.Decide(seen, now);
      see_(decision);
      *valid_until = decision.valid_until;
      for (const auto& [id, event] : ToDo(decision)) {
        const Snapshot snapshot = Snapshot::Load(state_, organisation, options);
        if (!policy_.Admit(id, snapshot, now)) continue;
        const absl::Status status = Record(event, now);
        if (!status.ok()) return status;
        if (event.has_deployment_started()) ScheduleEnd(event.deployment_started(), id, now);
        acted = true;
      }
    }
    return absl::OkStatus();
  }

  // What a decision asks for, as the events that write it down, by the id to ask Admit for.
  std::vector<std::pair<std::string, v1::Event>> ToDo(const Decision& decision) const {
    std::vector<std::pair<std::string, v1::Event>> to_do;
    const v1::PipelineDecision message = ToProto(decision);
    for (const v1::StageDecision& stage : message.stages()) {
      for (const v1::WantedRecord& wanted : stage.wanted()) {
        v1::Event event;
        auto* recorded = event.mutable_recorded();
        recorded->set_stage(stage.stage());
        *recorded->mutable_record() = wanted;
        recorded->set_policy_fingerprint(std::string(policy_.fingerprint()));
        to_do.emplace_back(wanted.id(), std::move(event));
      }
      if (stage.action() == v1::StageDecision::READY) continue;  // A person starts it.
      for (const v1::CellAction& action : stage.actions()) {
        to_do.emplace_back(action.id(), Started(stage, action));
      }
    }
    return to_do;
  }

  v1::Event Started(const v1::StageDecision& stage, const v1::CellAction& action) const {
    v1::Event event;
    if (action.cell().empty()) {
      auto* entered = event.mutable_entered();
      entered->set_stage(stage.stage());
      entered->set_artifact(action.artifact());
      entered->set_action_id(action.id());
      return event;
    }
    auto* started = event.mutable_deployment_started();
    started->set_stage(stage.stage());
    *started->mutable_action() = action;
    started->set_policy_fingerprint(std::string(policy_.fingerprint()));
    if (action.roll_back()) {
      started->set_removes(stage.artifact());
      *started->mutable_roll_back_cells() = stage.roll_back_cells();
    } else {
      *started->mutable_plan() = stage.plan();
      started->set_halts_previous(stage.halts_running());
    }
    return event;
  }

  // The deployer's reports to come: the end of the deployment, and the checks of its hygiene.
  void ScheduleEnd(const v1::DeploymentStarted& started, const std::string& id, absl::Time now) {
    const absl::Time end = now + kDeployment;
    v1::Event event;
    auto* ended = event.mutable_deployment_ended();
    ended->set_stage(started.stage());
    ended->set_cell(started.action().cell());
    ended->set_action_id(id);
    ended->set_outcome(v1::Deployment::SUCCEEDED);
    events_.emplace(end, event);
    for (const v1::Stage& stage : policy_.effective().stages()) {
      if (stage.id() != started.stage()) continue;
      for (const std::string& name : stage.rollout().hygiene().checks()) {
        v1::Event serving;
        auto* check = serving.mutable_check_reported()->mutable_check();
        check->set_check(name);
        check->set_artifact(started.action().artifact());
        check->set_stage(started.stage());
        check->set_cell(started.action().cell());
        check->set_run(absl::StrCat(name, "-", ++run_number_));
        *check->mutable_started_at() = ToTimestamp(end);
        *check->mutable_finished_at() = ToTimestamp(end + kUntilServing);
        check->set_outcome(v1::Check::PASSED);
        events_.emplace(end + kUntilServing, serving);
      }
    }
  }

  const Policy policy_;
  v1::PipelineState state_;
  v1::OrganisationFacts facts_;
  const std::vector<v1::KnownBadList> lists_;
  const std::function<void(const Decision&)>& see_;
  std::multimap<absl::Time, v1::Event> events_;  // In order of time, then of arrival.
  std::map<std::string, Report> reports_;        // By subject.
  absl::Time next_report_ = absl::InfinitePast();
  int event_number_ = 0;
  int run_number_ = 0;
};

absl::Status ReadFile(absl::string_view text, google::protobuf::Message* message) {
  return ReadMessage(text, Format::kTextproto, message);
}

}  // namespace

absl::StatusOr<Example> ReadExample() {
  Example example;
  example.lists.resize(2);
  example.stories.resize(3);
  const std::vector<std::pair<absl::string_view, google::protobuf::Message*>> files = {
      {kPolicyText, &example.policy},
      {kOrganisationText, &example.organisation},
      {kStateText, &example.state},
      {kKnownBadText, &example.lists[0]},
      {kKnownBadUpdateText, &example.lists[1]},
      {kMonitoringText, &example.monitoring},
      {kEvents42Text, &example.stories[0]},
      {kEvents43Text, &example.stories[1]},
      {kEvents44Text, &example.stories[2]},
  };
  for (const auto& [text, message] : files) {
    const absl::Status status = ReadFile(text, message);
    if (!status.ok()) return status;
  }
  return example;
}

absl::Status RunExample(const Example& example, const std::function<void(const Decision&)>& see) {
  absl::StatusOr<Policy> policy = Policy::Compile(example.policy);
  if (!policy.ok()) return policy.status();
  return Host(example, *std::move(policy), see).Run();
}

}  // namespace sluice
