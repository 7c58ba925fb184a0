#include "tests/differential/draw_state.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sluice/v1/state.pb.h"
#include "tests/differential/ages.h"
#include "tests/differential/draw_policy.h"
#include "tests/differential/draw_records.h"
#include "tests/differential/names.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

class StateDraw {
 public:
  StateDraw(const v1::PipelinePolicy& policy, const std::string& fingerprint, absl::Time now,
            Draw* draw)
      : policy_(policy), fingerprint_(fingerprint), ages_(now, draw), draw_(*draw) {}

  v1::Inputs Make() && {
    v1::PipelineState& state = *inputs_.mutable_state();
    state.set_schema_version(1);
    state.set_pipeline(kPipelineName);
    state.set_revision(1000);
    *state.mutable_written_at() =
        ToTimestamp(draw_.Percent(95) ? ages_.now() - absl::Seconds(30) : ages_.Past());
    artifacts_ = static_cast<uint64_t>(draw_.Between(2, 5));
    good_ = draw_.Percent(40);
    AddArtifacts();
    AddCells();
    for (const v1::Stage& stage : policy_.stages()) {
      DrawRecords(policy_, stage, fingerprint_, artifacts_, &ages_, &draw_, &state);
    }
    AddAlarms();
    AddSeries();
    AddCounts();
    AddChecks();
    AddEvidence();
    AddPeople();
    AddOrganisation();
    AddLists();
    if (draw_.Percent(6)) Misfit();
    return std::move(inputs_);
  }

 private:
  // Makes the whole state one that does not fit the policy.
  void Misfit() {
    switch (draw_.Below(5)) {
      case 0:
        state().set_schema_version(2);
        return;
      case 1:
        state().set_pipeline("other");
        return;
      case 2:
        state().set_record_count(draw_.Below(3));
        return;
      case 3:
        state().mutable_artifacts()->DeleteSubrange(
            static_cast<int>(draw_.Below(static_cast<uint64_t>(state().artifacts_size()))), 1);
        return;
      default:
        for (v1::StageRecord& record : *state().mutable_stages()) record.set_stage("removed");
        state().mutable_stages()->DeleteSubrange(1, state().stages_size() - 1);
    }
  }

  v1::PipelineState& state() { return *inputs_.mutable_state(); }
  void Set(absl::Time time, google::protobuf::Timestamp* out) { *out = ToTimestamp(time); }
  std::string AnyArtifact() { return DigestOfArtifact(1 + draw_.Below(artifacts_)); }
  std::string AnyPackageUrl() {
    std::string url = draw_.Pick(PackageNames());
    absl::StrAppend(&url, "@", draw_.Pick(VersionNames()));
    return url;
  }
  // Mostly the newest, which is mostly what is asked about.
  std::string LikelyArtifact() {
    return draw_.Percent(75) ? DigestOfArtifact(artifacts_) : AnyArtifact();
  }
  std::string AnyStage() {
    return policy_
        .stages(static_cast<int>(draw_.Below(static_cast<uint64_t>(policy_.stages_size()))))
        .id();
  }

  void AddArtifacts() {
    for (uint64_t sequence = 1; sequence <= artifacts_; ++sequence) {
      v1::Artifact* artifact = state().add_artifacts();
      artifact->set_digest(DigestOfArtifact(sequence));
      artifact->set_sequence(sequence);
      if (draw_.Percent(70)) artifact->add_authors(draw_.Pick(PrincipalNames()));
      if (draw_.Percent(30)) Set(ages_.Before(ages_.Past()), artifact->mutable_built_at());
      if (draw_.Percent(15)) artifact->set_rollback_floor(1 + draw_.Below(sequence));
      if (draw_.Percent(75)) {
        v1::ComponentList* list = artifact->mutable_components();
        for (int i = draw_.Between(1, 2); i > 0; --i) {
          v1::Component* component = list->add_components();
          component->set_package_url(AnyPackageUrl());
          if (draw_.Percent(30)) component->add_digests(DigestOfArtifact(100 + draw_.Below(2)));
        }
        list->set_count(static_cast<uint32_t>(list->components_size()));
      }
    }
    if (draw_.Percent(6)) {
      v1::Withdrawal* withdrawal = state().add_withdrawals();
      withdrawal->set_artifact(LikelyArtifact());
      withdrawal->set_who("ann");
      withdrawal->set_why("bad");
      Set(ages_.Past(), withdrawal->mutable_at());
    }
  }

  void AddCells() {
    for (int i = 0; i < policy_.stages_size(); ++i) {
      if (!policy_.stages(i).has_rollout()) continue;
      std::vector<std::string> names = CellNames(i);
      if (draw_.Percent(5)) names.push_back(absl::StrCat("cell-", i + 1, "-9"));
      for (const std::string& name : names) {
        if (draw_.Percent(2)) continue;
        v1::Cell* cell = state().add_cells();
        cell->set_id(name);
        cell->set_stage(policy_.stages(i).id());
        if (draw_.Percent(98)) cell->set_region(draw_.Pick(RegionNames()));
        if (draw_.Percent(98)) cell->set_zone(draw_.Pick(ZoneNames()));
        cell->set_weight(static_cast<uint32_t>(draw_.Percent(70) ? 1 : draw_.Between(1, 5)));
        if (draw_.Percent(3)) {
          cell->mutable_retired()->set_who("ann");
          cell->mutable_retired()->set_why("gone");
          Set(ages_.Past(), cell->mutable_retired()->mutable_at());
        }
      }
    }
  }

  // ---------------------------------------------------------------- Signals

  v1::AlarmReport Alarm(const std::string& name, const std::string& cell,
                        const std::string& region) {
    v1::AlarmReport report;
    report.set_alarm(name);
    report.set_cell(cell);
    report.set_region(region);
    report.set_state(good_ || draw_.Percent(70) ? v1::AlarmReport::OK
                     : draw_.Percent(75)        ? v1::AlarmReport::ALARM
                                                : v1::AlarmReport::INSUFFICIENT_DATA);
    const absl::Time observed = good_ ? ages_.now() : ages_.Recent();
    const absl::Time since = good_ ? ages_.now() - absl::Hours(200) : ages_.Before(observed);
    Set(observed, report.mutable_observed_at());
    Set(since, report.mutable_since());
    if (!good_ && draw_.Percent(40)) {
      Set(ages_.Before(observed), report.mutable_last_alarm_at());
    }
    if (draw_.Percent(60)) Set(ages_.Before(since), report.mutable_history_from());
    return report;
  }

  v1::Series Series(const std::string& name, const std::string& cell, const std::string& region) {
    v1::Series series;
    series.set_series(name);
    series.set_cell(cell);
    series.set_region(region);
    const absl::Duration period = absl::Seconds(draw_.Percent(70) ? 60 : 30);
    *series.mutable_period() = ToMessage(period);
    const int count = !good_ && draw_.Percent(75) ? draw_.Between(0, 15) : 130;
    const absl::Time end =
        absl::FromUnixSeconds(absl::ToUnixSeconds(ages_.Recent()) / absl::ToInt64Seconds(period) *
                              absl::ToInt64Seconds(period));
    const absl::Time reported = draw_.Percent(70) ? end : end + absl::Seconds(draw_.Between(0, 60));
    Set(end - count * period, series.mutable_start());
    Set(reported, series.mutable_reported_through());
    const int bad = good_ || draw_.Percent(60) ? 0 : draw_.Percent(50) ? 20 : 60;
    const int missing = good_ || draw_.Percent(60) ? 0 : 30;
    for (int i = 0; i < count; ++i) {
      series.add_values(draw_.Percent(missing) ? std::numeric_limits<double>::quiet_NaN()
                        : draw_.Percent(bad)   ? 6
                                               : draw_.Between(1, 5));
    }
    return series;
  }

  void AddAlarms() {
    for (const std::string& name : AlarmNames()) {
      if (draw_.Percent(85)) *state().add_alarms() = Alarm(name, "", "");
      for (const v1::Cell& cell : state().cells()) {
        if (draw_.Percent(75)) *state().add_alarms() = Alarm(name, cell.id(), "");
      }
      for (const std::string& region : RegionNames()) {
        if (draw_.Percent(75)) *state().add_alarms() = Alarm(name, "", region);
      }
    }
  }

  void AddSeries() {
    for (const std::string& name : SeriesNames()) {
      if (draw_.Percent(85)) *state().add_series() = Series(name, "", "");
      for (const v1::Cell& cell : state().cells()) {
        if (draw_.Percent(75)) *state().add_series() = Series(name, cell.id(), "");
      }
      for (const std::string& region : RegionNames()) {
        if (draw_.Percent(75)) *state().add_series() = Series(name, "", region);
      }
    }
  }

  void AddCounts() {
    for (const v1::Stage& stage : policy_.stages()) {
      if (!stage.has_rollout() || draw_.Percent(10)) continue;
      v1::CellCounts counts;
      counts.set_counts(CountsNames()[0]);
      counts.set_stage(stage.id());
      const absl::Duration period = absl::Minutes(1);
      *counts.mutable_period() = ToMessage(period);
      const int periods = !good_ && draw_.Percent(60) ? draw_.Between(1, 15) : 130;
      const absl::Time end = absl::FromUnixSeconds(absl::ToUnixSeconds(ages_.Recent()) / 60 * 60);
      Set(end - periods * period, counts.mutable_start());
      Set(end, counts.mutable_reported_through());
      const int bad = good_ || draw_.Percent(50) ? 0 : draw_.Percent(50) ? 5 : 60;
      const int missing = good_ || draw_.Percent(80) ? 0 : 15;
      for (const v1::Cell& cell : state().cells()) {
        if (cell.stage() != stage.id() || draw_.Percent(4)) continue;
        counts.add_cells(cell.id());
        for (int i = 0; i < periods; ++i) {
          const int64_t requests = draw_.Percent(missing) ? -1 : draw_.Between(0, 20);
          counts.add_requests(requests);
          counts.add_errors(requests < 0         ? (draw_.Percent(80) ? -1 : 0)
                            : draw_.Percent(bad) ? draw_.Between(0, static_cast<int>(requests))
                                                 : 0);
        }
      }
      if (!counts.cells().empty()) *state().add_counts() = counts;
      if (draw_.Percent(50)) {
        v1::Baseline* baseline = state().add_baselines();
        baseline->set_counts(CountsNames()[0]);
        baseline->set_stage(stage.id());
        baseline->set_artifact(AnyArtifact());
        baseline->set_requests(draw_.Between(1, 40));
        baseline->set_errors(draw_.Between(0, static_cast<int>(baseline->requests())));
        Set(ages_.Recent(), baseline->mutable_observed_at());
      }
      for (const v1::Cell& cell : state().cells()) {
        if (cell.stage() != stage.id()) continue;
        for (int i = draw_.Between(0, 4); i > 0; --i) {
          v1::Measurement* measurement = state().add_measurements();
          measurement->set_measurement(MeasurementNames()[0]);
          measurement->set_artifact(LikelyArtifact());
          measurement->set_cell(cell.id());
          measurement->set_run(absl::StrCat("run-", state().measurements_size()));
          Set(ages_.Past(), measurement->mutable_measured_at());
          measurement->set_outcome(
              draw_.Percent(65) ? v1::Measurement::SUCCEEDED
                                : static_cast<v1::Measurement::Outcome>(draw_.Between(2, 4)));
          measurement->set_last(draw_.Percent(10));
        }
      }
    }
  }

  // ---------------------------------------------------------------- Evidence

  void AddCheck(const std::string& name, const std::string& artifact, const std::string& stage,
                const std::string& cell, absl::Time started) {
    v1::Check* check = state().add_checks();
    check->set_check(name);
    check->set_artifact(artifact);
    check->set_stage(stage);
    check->set_cell(cell);
    check->set_run(absl::StrCat("run-", state().checks_size()));
    Set(started, check->mutable_started_at());
    check->set_outcome(good_ || draw_.Percent(75)
                           ? v1::Check::PASSED
                           : static_cast<v1::Check::Outcome>(draw_.Between(1, 4)));
    if (check->outcome() != v1::Check::RUNNING) {
      Set(started + absl::Seconds(draw_.Between(0, 60)), check->mutable_finished_at());
    }
    if (draw_.Percent(80)) {
      (*check->mutable_numbers())["coverage"] = draw_.Pick<double>({0.4, 0.5, 0.7, 0.9, 0.95});
    }
  }

  void AddChecks() {
    for (uint64_t sequence = 1; sequence <= artifacts_; ++sequence) {
      for (const std::string& name : CheckNames()) {
        for (int i = draw_.Between(0, 2); i > 0; --i) {
          const std::string stage = draw_.Percent(60) ? AnyStage() : "";
          const absl::Time past = ages_.Past();
          AddCheck(name, DigestOfArtifact(sequence), stage, "",
                   past - absl::Minutes(draw_.Percent(90) ? 1 : 0));
        }
      }
    }
    // Hygiene: of what was deployed, after its end.
    const v1::PipelineState before = state();
    for (const v1::StageRecord& record : before.stages()) {
      for (const v1::Deployment& deployment : record.deployments()) {
        if (!deployment.has_ended_at()) continue;
        for (const std::string& name : HygieneNames()) {
          if (!good_ && draw_.Percent(20)) continue;
          const std::string stage = draw_.Percent(50) ? record.stage() : "";
          AddCheck(name, deployment.artifact(), stage, deployment.cell(),
                   ToTime(deployment.ended_at()) + absl::Seconds(draw_.Percent(90) ? 0 : -1));
        }
      }
    }
  }

  void AddEvidence() {
    for (const v1::Stage& stage : policy_.stages()) {
      for (const std::string& api : ApiNames()) {
        if (draw_.Percent(20)) continue;
        v1::SyntheticRuns* runs = state().add_synthetic_runs();
        runs->set_stage(stage.id());
        runs->set_api(api);
        absl::Time at = ages_.now() - absl::Minutes(draw_.Between(5, 25));
        const int good = draw_.Percent(70) ? 100 : 60;
        for (int i = draw_.Between(0, 12); i > 0; --i) {
          runs->add_finished_at_ms(absl::ToUnixMillis(at));
          runs->add_succeeded(draw_.Percent(good));
          at += absl::Minutes(draw_.Percent(85) ? draw_.Between(1, 3) : draw_.Between(3, 10));
          if (at > ages_.now()) break;
        }
      }
      if (draw_.Percent(85)) {
        v1::Environment* environment = state().add_environments();
        environment->set_stage(stage.id());
        Set(ages_.Recent(), environment->mutable_observed_at());
        for (const std::string& aspect : AspectNames()) {
          if (draw_.Percent(5)) continue;
          (*environment->mutable_aspects())[aspect] = draw_.Percent(90) ? "one" : "two";
        }
      }
      if (draw_.Percent(85)) {
        v1::TrafficSample* sample = state().add_traffic_samples();
        sample->set_stage(stage.id());
        Set(ages_.Recent(), sample->mutable_observed_at());
        sample->add_principals(PrincipalNames()[0]);
        sample->add_requests(draw_.Between(0, 20));
        if (draw_.Percent(30)) {
          sample->add_principals(PrincipalNames()[1]);
          sample->add_requests(draw_.Between(0, 5));
        }
      }
    }
  }

  // ---------------------------------------------------------------- People

  std::vector<std::string> BlockerIds() {
    std::vector<std::string> ids;
    const auto take = [&](const auto& blockers) {
      for (const v1::Blocker& blocker : blockers) ids.push_back(blocker.id());
    };
    take(policy_.blockers());
    for (const v1::Stage& stage : policy_.stages()) {
      take(stage.blockers());
      for (const v1::Wave& wave : stage.rollout().waves()) take(wave.blockers());
    }
    return ids;
  }

  std::vector<std::string> TriggerIds() {
    std::vector<std::string> ids = {"@deployment"};
    for (const v1::Stage& stage : policy_.stages()) {
      for (const std::string& check : stage.rollout().hygiene().checks()) ids.push_back(check);
      for (const auto& criterion : stage.rollout().health().criteria()) {
        ids.push_back(criterion.id());
      }
      for (const auto& watched : stage.rollout().health().watched_alarms()) {
        ids.push_back(watched.id());
      }
    }
    return ids;
  }

  void AddOverride(const std::vector<std::string>& blockers) {
    v1::Override* o = state().add_overrides();
    o->set_id(absl::StrCat("override-", state().overrides_size()));
    if (draw_.Percent(12)) {
      o->set_all_blockers(true);
      o->set_policy_fingerprint(draw_.Percent(70) ? fingerprint_ : kOtherFingerprint);
    } else {
      o->add_blockers(blockers.empty() || draw_.Percent(4) ? "no-such" : draw_.Pick(blockers));
      if (draw_.Percent(20) && !blockers.empty()) o->add_blockers(draw_.Pick(blockers));
    }
    if (draw_.Percent(30)) {
      o->add_keep_despite(draw_.Percent(60) || blockers.empty() ? draw_.Pick(TriggerIds())
                                                                : draw_.Pick(blockers));
      if (draw_.Percent(40)) {
        o->clear_blockers();
        o->clear_all_blockers();
        o->clear_policy_fingerprint();
      }
    }
    o->set_artifact(LikelyArtifact());
    o->add_stages(draw_.Percent(97) ? AnyStage() : "no-such");
    o->set_principal(draw_.Pick(PrincipalNames()));
    o->add_roles(draw_.Pick(RoleNames()));
    o->set_reason("because");
    const absl::Time granted = ages_.Past();
    Set(granted, o->mutable_granted_at());
    Set(draw_.Percent(70) ? ages_.now() + draw_.Pick(Timers()) : granted + draw_.Pick(Timers()),
        o->mutable_expires_at());
    if (draw_.Percent(10)) Set(ages_.Past(), o->mutable_revoked_at());
  }

  void AddApproval(const std::string& blocker) {
    v1::Approval* approval = state().add_approvals();
    approval->set_id(absl::StrCat("approval-", state().approvals_size()));
    approval->set_blocker(blocker);
    approval->set_artifact(LikelyArtifact());
    approval->set_stage(AnyStage());
    approval->set_principal(draw_.Pick(PrincipalNames()));
    approval->add_roles(draw_.Pick(RoleNames()));
    Set(ages_.Past(), approval->mutable_granted_at());
    if (draw_.Percent(40)) Set(ages_.Future(), approval->mutable_expires_at());
    if (draw_.Percent(50)) approval->set_policy_fingerprint(fingerprint_);
    if (draw_.Percent(10)) Set(ages_.Past(), approval->mutable_revoked_at());
  }

  // Adds approvals for every approval there is, children of combinations included.
  void AddApprovals(const google::protobuf::RepeatedPtrField<v1::Blocker>& blockers) {
    for (const v1::Blocker& blocker : blockers) {
      if (blocker.has_approval()) {
        for (int i = draw_.Between(0, 4); i > 0; --i) AddApproval(blocker.id());
      }
      AddApprovals(blocker.any_of().children());
      AddApprovals(blocker.all_of().children());
      AddApprovals(blocker.at_least().children());
    }
  }

  void SetHold(const std::string& id, v1::Hold* hold) {
    hold->set_id(id);
    hold->set_who("ann");
    hold->set_why("wait");
    Set(ages_.Past(), hold->mutable_placed_at());
    if (draw_.Percent(60)) Set(ages_.Future(), hold->mutable_expires_at());
    if (draw_.Percent(30)) Set(ages_.Past(), hold->mutable_released_at());
    hold->set_scope(static_cast<v1::Hold::Scope>(draw_.Between(1, 3)));
    if (hold->scope() != v1::Hold::PIPELINE) hold->set_stage(AnyStage());
    if (hold->scope() == v1::Hold::CELL && !state().cells().empty()) {
      const v1::Cell& cell =
          state().cells(static_cast<int>(draw_.Below(static_cast<uint64_t>(state().cells_size()))));
      hold->set_stage(cell.stage());
      hold->set_cell(cell.id());
    } else if (hold->scope() == v1::Hold::CELL) {
      hold->set_scope(v1::Hold::STAGE);
    }
  }

  void AddPeople() {
    const std::vector<std::string> blockers = BlockerIds();
    while (draw_.Percent(45) && state().overrides_size() < 4) AddOverride(blockers);
    AddApprovals(policy_.blockers());
    for (const v1::Stage& stage : policy_.stages()) {
      AddApprovals(stage.blockers());
      AddApprovals(stage.pass_criteria());
      for (const v1::Wave& wave : stage.rollout().waves()) AddApprovals(wave.blockers());
    }
    if (draw_.Percent(8)) SetHold("hold-1", state().add_holds());
    if (draw_.Percent(12)) {
      v1::RollBackHold* hold = state().add_roll_back_holds();
      hold->set_id("brake-1");
      hold->set_stage(AnyStage());
      hold->set_who("ann");
      hold->set_why("wait");
      const absl::Time placed = ages_.Past();
      Set(placed, hold->mutable_placed_at());
      Set(placed + draw_.Pick(Timers()), hold->mutable_expires_at());
      if (draw_.Percent(15)) Set(ages_.Past(), hold->mutable_released_at());
    }
  }

  // ---------------------------------------------------------------- Organisation and lists

  void AddOrganisation() {
    if (draw_.Percent(5)) return;
    v1::OrganisationFacts& facts = *inputs_.mutable_organisation();
    facts.set_schema_version(1);
    facts.set_id(kOrganisationName);
    facts.set_epoch(2);
    Set(ages_.Recent(), facts.mutable_observed_at());
    v1::EmergencyStop* stop = facts.mutable_emergency_stop();
    stop->set_state(draw_.Percent(93) ? v1::EmergencyStop::CLEAR : v1::EmergencyStop::STOPPED);
    Set(ages_.Recent(), stop->mutable_observed_at());
    for (const std::string& name : AlarmNames()) {
      if (draw_.Percent(80)) *facts.add_alarms() = Alarm(name, "", "");
    }
    for (const std::string& name : CalendarNames()) {
      if (draw_.Percent(10)) continue;
      v1::Calendar* calendar = facts.add_calendars();
      calendar->set_id(name);
      Set(ages_.Recent(), calendar->mutable_observed_at());
      int64_t at = absl::ToUnixSeconds(ages_.now()) - 7200;
      for (int i = draw_.Between(0, 3); i > 0; --i) {
        at += 60 * draw_.Between(1, 90);
        calendar->add_starts_s(at);
        at += 60 * draw_.Between(1, 90);
        calendar->add_ends_s(at);
      }
    }
    if (draw_.Percent(4)) {
      v1::Hold* hold = facts.add_holds();
      SetHold("hold-2", hold);
      hold->clear_stage();
      hold->clear_cell();
      if (draw_.Percent(50)) {
        hold->set_scope(v1::Hold::ORGANISATION);
      } else {
        hold->set_scope(v1::Hold::PIPELINE);
        hold->set_pipeline(draw_.Percent(70) ? kPipelineName : "other");
      }
    }
    if (draw_.Percent(10)) {
      v1::ListSeen* seen = state().add_lists_seen();
      seen->set_list(kOrganisationName);
      seen->set_epoch(static_cast<uint64_t>(draw_.Between(1, 3)));
    }
  }

  void AddRange(v1::AffectedPackage* package) {
    v1::VersionRange* range = package->add_ranges();
    range->set_introduced(draw_.Percent(40) ? "0" : draw_.Pick(VersionNames()));
    switch (draw_.Below(4)) {
      case 0:
        range->set_fixed(draw_.Pick(VersionNames()));
        break;
      case 1:
        range->set_last_affected(draw_.Pick(VersionNames()));
        break;
      case 2:
        range->set_limit(draw_.Percent(30) ? "*" : draw_.Pick(VersionNames()));
        break;
      default:
        break;
    }
  }

  v1::KnownBadEntry Entry(int number) {
    v1::KnownBadEntry entry;
    entry.set_id(absl::StrCat("advisory-", number));
    switch (draw_.Below(5)) {
      case 0:
        entry.add_digests(LikelyArtifact());
        break;
      case 1:
        entry.add_digests(DigestOfArtifact(100 + draw_.Below(3)));
        break;
      case 2:
        entry.add_package_urls(AnyPackageUrl());
        break;
      default: {
        v1::AffectedPackage* package = entry.add_packages();
        package->set_package_url(draw_.Pick(PackageNames()));
        if (draw_.Percent(30)) package->add_versions(draw_.Pick(VersionNames()));
        if (package->versions().empty() || draw_.Percent(40)) AddRange(package);
      }
    }
    if (draw_.Percent(20)) Set(ages_.Past(), entry.mutable_effective_from());
    if (draw_.Percent(10)) Set(ages_.Future(), entry.mutable_effective_from());
    if (draw_.Percent(20)) Set(ages_.Past(), entry.mutable_withdrawn_at());
    if (draw_.Percent(10)) Set(ages_.Future(), entry.mutable_withdrawn_at());
    return entry;
  }

  void AddLists() {
    for (const std::string& name : ListNames()) {
      if (draw_.Percent(6)) continue;
      v1::KnownBadList* list = inputs_.add_known_bad();
      list->set_id(name);
      list->set_epoch(2);
      Set(ages_.Recent(), list->mutable_verified_at());
      list->set_overridable(draw_.Percent(60));
      // One that matches nothing, so that the list is not too short.
      v1::KnownBadEntry* other = list->add_entries();
      other->set_id("advisory-0");
      other->add_digests(DigestOfArtifact(999));
      for (int i = draw_.Percent(50) ? 0 : draw_.Between(1, 2); i > 0; --i) {
        *list->add_entries() = Entry(list->entries_size());
      }
      list->set_entry_count(static_cast<uint64_t>(list->entries_size()));
      if (draw_.Percent(10)) {
        v1::ListSeen* seen = state().add_lists_seen();
        seen->set_list(name);
        seen->set_epoch(static_cast<uint64_t>(draw_.Between(1, 3)));
      }
    }
  }

  const v1::PipelinePolicy& policy_;
  const std::string& fingerprint_;
  Ages ages_;
  Draw& draw_;
  uint64_t artifacts_ = 0;
  bool good_ = false;  // All signals are healthy and reach far back.
  v1::Inputs inputs_;
};

}  // namespace

v1::Inputs DrawState(const v1::PipelinePolicy& policy, const std::string& fingerprint,
                     absl::Time now, Draw* draw) {
  return StateDraw(policy, fingerprint, now, draw).Make();
}

}  // namespace sluice
