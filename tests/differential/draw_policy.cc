#include "tests/differential/draw_policy.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/differential/names.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

constexpr int kMaxCells = 4;

// Where a blocker is drawn, which says what it may be.
enum class Place { kPipeline, kStage, kWave, kCriterion, kChild };

class PolicyDraw {
 public:
  PolicyDraw(absl::Time middle, Draw* draw) : middle_(middle), draw_(*draw) {}

  v1::PipelinePolicy Make() && {
    policy_.set_id(kPipelineName);
    *policy_.mutable_max_clock_skew() = ToMessage(absl::Seconds(draw_.Percent(50) ? 0 : 60));
    if (draw_.Percent(40)) {
      SetTimer(policy_.mutable_emergency_stop()->mutable_max_age());
    } else {
      policy_.set_without_emergency_stop(true);
    }
    if (draw_.Percent(30)) *policy_.mutable_override_policy() = OverridePolicy();
    int stages = 1;
    if (draw_.Percent(40)) ++stages;
    if (draw_.Percent(10)) ++stages;
    for (int i = 0; i < stages; ++i) stage_names_.push_back(absl::StrCat("stage-", i + 1));
    AddBlockers(Place::kPipeline, 25, policy_.mutable_blockers());
    for (int i = 0; i < stages; ++i) AddStage(i, i + 1 == stages);
    if (draw_.Percent(80)) {
      policy_.mutable_no_pipeline_cap();
    } else {
      policy_.set_pipeline_cap_basis_points(static_cast<uint32_t>(draw_.Between(1, 10) * 1000));
    }
    return std::move(policy_);
  }

 private:
  absl::Duration Timer() { return draw_.Pick(Timers()); }
  void SetTimer(google::protobuf::Duration* duration) { *duration = ToMessage(Timer()); }
  uint32_t Small(int low, int high) { return static_cast<uint32_t>(draw_.Between(low, high)); }

  v1::OverridePolicy OverridePolicy() {
    v1::OverridePolicy policy;
    policy.add_roles(draw_.Pick(RoleNames()));
    policy.set_quorum(Small(1, 2));
    *policy.mutable_max_validity() = ToMessage(draw_.Percent(70) ? absl::Hours(24) : Timer());
    policy.set_author(draw_.Percent(50) ? v1::OverridePolicy::AUTHOR_MAY
                                        : v1::OverridePolicy::AUTHOR_MAY_NOT);
    return policy;
  }

  // One that is no looser than the policy's default.
  v1::OverridePolicy OwnOverridePolicy() {
    if (!policy_.has_override_policy()) return OverridePolicy();
    v1::OverridePolicy policy = policy_.override_policy();
    if (draw_.Percent(30)) policy.set_quorum(policy.quorum() + 1);
    if (draw_.Percent(30)) policy.set_author(v1::OverridePolicy::AUTHOR_MAY_NOT);
    return policy;
  }

  // ---------------------------------------------------------------- Blockers

  // Adds some, each next one with this chance.
  void AddBlockers(Place place, int percent,
                   google::protobuf::RepeatedPtrField<v1::Blocker>* blockers) {
    while (draw_.Percent(percent) && blockers->size() < 3) {
      *blockers->Add() = Blocker(place, 0);
    }
  }

  v1::Blocker Blocker(Place place, int depth) {
    v1::Blocker blocker;
    blocker.set_id(absl::StrCat("blocker-", ++blocker_count_));
    if (place != Place::kChild) {
      blocker.set_enforcement(draw_.Percent(85) ? v1::Blocker::ENFORCED : v1::Blocker::OBSERVED);
      if (place != Place::kCriterion) {
        if (draw_.Percent(50)) {
          *blocker.mutable_override_policy() = OwnOverridePolicy();
        } else {
          blocker.set_not_overridable(draw_.Percent(30));
        }
      }
    }
    SetKind(place, depth, &blocker);
    return blocker;
  }

  void SetKind(Place place, int depth, v1::Blocker* blocker) {
    const bool permits_known_bad = place == Place::kPipeline || place == Place::kStage;
    const bool permits_window = place != Place::kCriterion && !in_criterion_;
    switch (draw_.Below(11)) {
      case 0:
      case 1:
        *blocker->mutable_metric_alarm() = MetricAlarm(0, true);
        return;
      case 2:
      case 3:
        if (permits_window) {
          *blocker->mutable_time_window() = TimeWindow(place == Place::kChild);
          return;
        }
        break;
      case 4:
        if (permits_known_bad) {
          *blocker->mutable_known_bad() = KnownBad();
          return;
        }
        break;
      case 5:
        *blocker->mutable_synthetic_traffic() = SyntheticTraffic();
        return;
      case 6:
        if (stage_names_.size() > 1) {
          *blocker->mutable_environment_parity() = EnvironmentParity();
          return;
        }
        break;
      case 7:
        *blocker->mutable_traffic_isolation() = TrafficIsolation();
        return;
      case 8:
        *blocker->mutable_approval() = Approval();
        return;
      case 9:
        if (depth < 2) {
          SetCombination(place, depth, blocker);
          return;
        }
        break;
      default:
        break;
    }
    *blocker->mutable_check() = Check();
  }

  void SetCombination(Place place, int depth, v1::Blocker* blocker) {
    const bool was_in_criterion = in_criterion_;
    in_criterion_ = in_criterion_ || place == Place::kCriterion;
    v1::Combination combination;
    const int children = draw_.Between(1, 3);
    for (int i = 0; i < children; ++i) {
      *combination.add_children() = Blocker(Place::kChild, depth + 1);
    }
    in_criterion_ = was_in_criterion;
    switch (draw_.Below(3)) {
      case 0:
        *blocker->mutable_any_of() = combination;
        return;
      case 1:
        *blocker->mutable_all_of() = combination;
        return;
      default:
        combination.set_count(Small(1, children));
        *blocker->mutable_at_least() = combination;
    }
  }

  v1::AlarmRule AlarmRule() {
    v1::AlarmRule rule;
    rule.set_comparison(static_cast<v1::Comparison>(draw_.Between(1, 5)));
    rule.set_threshold(draw_.Percent(80) ? 5 : 3);
    if (rule.comparison() == v1::OUTSIDE_BAND) rule.set_lower_threshold(draw_.Between(0, 3));
    rule.set_evaluation_periods(Small(1, 4));
    rule.set_datapoints_to_alarm(Small(1, static_cast<int>(rule.evaluation_periods())));
    rule.set_treat_missing(static_cast<v1::AlarmRule::TreatMissing>(draw_.Between(1, 4)));
    return rule;
  }

  // `may_clear`: hysteresis is permitted.
  v1::MetricAlarm MetricAlarm(int depth, bool may_clear) {
    v1::MetricAlarm alarm;
    const uint64_t source = draw_.Below(depth < 2 ? 10 : 8);
    if (source < 4) {
      alarm.mutable_observed()->set_alarm(draw_.Pick(AlarmNames()));
      alarm.mutable_observed()->set_shared(shares_ || (depth == 0 && draw_.Percent(15)));
    } else if (source < 7 && !shares_) {
      alarm.mutable_computed()->set_series(draw_.Pick(SeriesNames()));
      *alarm.mutable_computed()->mutable_rule() = AlarmRule();
    } else if (source < 8 && !shares_) {
      alarm.mutable_ratio()->set_errors_series(SeriesNames()[0]);
      alarm.mutable_ratio()->set_requests_series(SeriesNames()[1]);
      alarm.mutable_ratio()->set_min_samples(Small(1, 5));
      *alarm.mutable_ratio()->mutable_rule() = AlarmRule();
      alarm.mutable_ratio()->mutable_rule()->set_threshold(0.5);
      if (alarm.ratio().rule().has_lower_threshold()) {
        alarm.mutable_ratio()->mutable_rule()->set_lower_threshold(0.25);
      }
    } else if (depth < 2) {
      return Composite(depth, may_clear);
    } else {
      alarm.mutable_observed()->set_alarm(draw_.Pick(AlarmNames()));
      alarm.mutable_observed()->set_shared(shares_);
    }
    SetTimer(alarm.mutable_max_age());
    if (depth == 0 && may_clear && draw_.Percent(20)) SetTimer(alarm.mutable_clear_for());
    return alarm;
  }

  v1::MetricAlarm Composite(int depth, bool may_clear) {
    v1::MetricAlarm alarm;
    v1::CompositeAlarm* composite = alarm.mutable_composite();
    if (draw_.Percent(20)) {
      *composite->mutable_negation() = MetricAlarm(depth + 1, false);
      return alarm;
    }
    v1::MetricAlarmList* list =
        draw_.Percent(50) ? composite->mutable_all() : composite->mutable_any();
    const int parts = draw_.Between(1, 3);
    for (int i = 0; i < parts; ++i) *list->add_alarms() = MetricAlarm(depth + 1, false);
    if (depth == 0 && may_clear && draw_.Percent(10)) SetTimer(alarm.mutable_clear_for());
    return alarm;
  }

  std::string LocalTime() {
    const int hour = draw_.Between(0, 23);
    return absl::StrFormat("%02d:%02d", hour, draw_.Percent(50) ? 0 : 30);
  }

  v1::Hours Hours() {
    v1::Hours hours;
    hours.set_start(LocalTime());
    if (draw_.Percent(30)) {
      *hours.mutable_elapsed() = ToMessage(absl::Hours(draw_.Between(1, 30)));
    } else {
      hours.set_end(draw_.Percent(20) ? "24:00" : LocalTime());
    }
    return hours;
  }

  std::string Zone() {
    return draw_.Pick<std::string>(
        {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"});
  }

  // `MM-DD` near the middle.
  std::string MonthDay(int days) {
    const absl::CivilDay day = absl::ToCivilDay(middle_, absl::UTCTimeZone()) + days;
    if (day.month() == 2 && day.day() == 29) return "02-28";
    return absl::StrFormat("%02d-%02d", day.month(), day.day());
  }

  v1::Window Window() {
    v1::Window window;
    switch (draw_.Below(7)) {
      case 0: {
        const absl::Time start = middle_ + draw_.Between(-4, 4) * Timer();
        *window.mutable_absolute()->mutable_start() = ToTimestamp(start);
        *window.mutable_absolute()->mutable_end() = ToTimestamp(start + Timer());
        break;
      }
      case 1: {
        v1::WeeklyWindow* weekly = window.mutable_weekly();
        weekly->set_time_zone(Zone());
        for (int day = 1; day <= 7; ++day) {
          if (draw_.Percent(60)) weekly->add_days(static_cast<v1::Weekday>(day));
        }
        if (weekly->days().empty()) weekly->add_days(v1::TUESDAY);
        *weekly->mutable_hours() = Hours();
        break;
      }
      case 2: {
        v1::YearlyWindow* yearly = window.mutable_yearly();
        yearly->set_time_zone(Zone());
        yearly->set_first_day(MonthDay(draw_.Between(-3, 3)));
        yearly->set_last_day(MonthDay(draw_.Between(-3, 3)));
        *yearly->mutable_hours() = Hours();
        break;
      }
      case 3: {
        v1::DatesWindow* dates = window.mutable_dates();
        dates->set_time_zone(Zone());
        for (int i = -1; i <= 1; ++i) {
          if (i != 0 && draw_.Percent(50)) continue;
          const absl::CivilDay day = absl::ToCivilDay(middle_, absl::UTCTimeZone()) + i;
          dates->add_dates(absl::FormatCivilTime(day));
        }
        *dates->mutable_hours() = Hours();
        break;
      }
      case 4: {
        v1::NthWeekdayWindow* nth = window.mutable_nth_weekday();
        nth->set_time_zone(Zone());
        nth->set_nth(draw_.Percent(20) ? -1 : draw_.Between(1, 5));
        nth->set_weekday(static_cast<v1::Weekday>(draw_.Between(1, 7)));
        for (uint32_t month = 1; month <= 12; ++month) {
          if (draw_.Percent(70)) nth->add_months(month);
        }
        if (nth->months().empty()) nth->add_months(11);
        nth->set_offset_days(draw_.Percent(60) ? 0 : draw_.Between(-2, 2));
        *nth->mutable_hours() = Hours();
        break;
      }
      case 5: {
        v1::CronWindow* cron = window.mutable_cron();
        cron->set_time_zone(Zone());
        cron->set_start(
            draw_.Pick<std::string>({"0 9 * * 1-5", "30 */2 * * *", "0 2 * * sun", "15 1-3 * * *",
                                     "0 0 1 * *", "0 12 29 2 *", "30 9 24 * tue"}));
        *cron->mutable_elapsed() = ToMessage(draw_.Percent(50) ? Timer() : absl::Hours(8));
        break;
      }
      default:
        window.mutable_calendar()->set_calendar(draw_.Pick(CalendarNames()));
        SetTimer(window.mutable_calendar()->mutable_max_age());
    }
    return window;
  }

  v1::TimeWindow TimeWindow(bool is_child) {
    v1::TimeWindow window;
    if (draw_.Percent(40)) {
      window.mutable_allow_always();
    } else {
      for (int i = draw_.Between(1, 2); i > 0; --i)
        *window.mutable_allow()->add_windows() = Window();
    }
    for (int i = draw_.Between(window.has_allow() ? 0 : 1, 2); i > 0; --i) {
      *window.add_deny() = Window();
    }
    switch (draw_.Below(4)) {
      case 0:
        SetTimer(window.mutable_min_remaining());
        break;
      case 1:
        window.mutable_expected_duration();
        break;
      default:
        window.mutable_no_min_remaining();
    }
    window.set_in_flight(!is_child && draw_.Percent(50) ? v1::TimeWindow::FINISH_WAVE
                                                        : v1::TimeWindow::STOP);
    return window;
  }

  v1::KnownBad KnownBad() {
    v1::KnownBad bad;
    bad.add_lists(ListNames()[0]);
    if (draw_.Percent(30)) bad.add_lists(ListNames()[1]);
    SetTimer(bad.mutable_max_age());
    bad.set_min_entries(Small(1, 2));
    bad.set_on_match_in_flight(draw_.Percent(50) ? v1::KnownBad::HALT : v1::KnownBad::ROLL_BACK);
    bad.set_components(draw_.Percent(50) ? v1::KnownBad::REQUIRED : v1::KnownBad::OPTIONAL);
    return bad;
  }

  v1::CheckRequirement Check() {
    v1::CheckRequirement check;
    check.set_check(draw_.Pick(CheckNames()));
    check.set_binds_to(draw_.Percent(60) ? v1::CheckRequirement::ARTIFACT
                                         : v1::CheckRequirement::ARTIFACT_AND_STAGE);
    if (draw_.Percent(30)) SetTimer(check.mutable_max_age());
    if (draw_.Percent(30)) {
      v1::NumberBound* bound = check.add_bounds();
      bound->set_number("coverage");
      if (draw_.Percent(70)) bound->set_at_least(0.5);
      if (!bound->has_at_least() || draw_.Percent(30)) bound->set_at_most(0.9);
    }
    if (draw_.Percent(25)) check.set_consecutive_passes(2);
    return check;
  }

  v1::SyntheticTraffic SyntheticTraffic() {
    v1::SyntheticTraffic traffic;
    traffic.add_apis(ApiNames()[0]);
    if (draw_.Percent(40)) traffic.add_apis(ApiNames()[1]);
    *traffic.mutable_window() = ToMessage(absl::Minutes(10));
    traffic.set_min_success_ppm(draw_.Percent(50) ? 1'000'000 : 500'000);
    traffic.set_min_runs(Small(1, 4));
    *traffic.mutable_max_gap() = ToMessage(absl::Minutes(draw_.Percent(50) ? 5 : 10));
    return traffic;
  }

  v1::EnvironmentParity EnvironmentParity() {
    v1::EnvironmentParity parity;
    parity.add_aspects(AspectNames()[0]);
    if (draw_.Percent(50)) parity.add_aspects(AspectNames()[1]);
    for (const std::string& stage : stage_names_) parity.add_stages(stage);
    SetTimer(parity.mutable_max_age());
    return parity;
  }

  v1::TrafficIsolation TrafficIsolation() {
    v1::TrafficIsolation isolation;
    isolation.add_principals(PrincipalNames()[0]);
    isolation.set_max_other_ppm(draw_.Percent(50) ? 0 : 250'000);
    isolation.set_min_requests(Small(1, 20));
    SetTimer(isolation.mutable_max_age());
    return isolation;
  }

  v1::ApprovalRequirement Approval() {
    v1::ApprovalRequirement approval;
    approval.set_quorum(Small(1, 2));
    approval.add_roles(draw_.Pick(RoleNames()));
    if (draw_.Percent(40)) SetTimer(approval.mutable_max_age());
    approval.set_bind_policy(draw_.Percent(15));
    approval.set_author(draw_.Percent(50) ? v1::ApprovalRequirement::AUTHOR_MAY
                                          : v1::ApprovalRequirement::AUTHOR_MAY_NOT);
    return approval;
  }

  // ---------------------------------------------------------------- Stages

  void AddStage(int index, bool last) {
    v1::Stage* stage = policy_.add_stages();
    stage->set_id(stage_names_[static_cast<size_t>(index)]);
    const bool deploys = last ? draw_.Percent(92) : draw_.Percent(50);
    const bool production = last || draw_.Percent(30);
    stage->set_kind(production ? v1::Stage::PRODUCTION : v1::Stage::TEST);
    stage->set_deploys(deploys ? v1::Stage::CELLS : v1::Stage::NOTHING);
    if (draw_.Percent(deploys ? 25 : 60)) {
      stage->set_passes(v1::Stage::CRITERIA);
      *stage->add_pass_criteria() = Blocker(Place::kCriterion, 0);
      AddBlockers(Place::kCriterion, 20, stage->mutable_pass_criteria());
    } else {
      stage->set_passes(v1::Stage::ON_COMPLETION);
    }
    AddBlockers(Place::kStage, 50, stage->mutable_blockers());
    stage->set_order(draw_.Percent(70) ? v1::Stage::SUPERSEDE : v1::Stage::QUEUE);
    stage->set_start(draw_.Percent(75) ? v1::Stage::AUTOMATIC : v1::Stage::MANUAL);
    if (stage->start() == v1::Stage::MANUAL) {
      stage->set_start_unit(deploys && draw_.Percent(50) ? v1::Stage::WAVE : v1::Stage::ROLLOUT);
    }
    stage->set_without_blockers(policy_.blockers().empty() && stage->blockers().empty());
    if (deploys) AddRollout(index, stage);
  }

  v1::Bake Bake() {
    v1::Bake bake;
    if (time_only_ || draw_.Percent(80)) SetTimer(bake.mutable_min_time());
    if (counts_ && (draw_.Percent(40) || !bake.has_min_time())) bake.set_min_requests(Small(1, 40));
    if (counts_ && draw_.Percent(40)) bake.set_min_data_points(Small(1, 8));
    if (!bake.has_min_time() && bake.min_requests() == 0) SetTimer(bake.mutable_min_time());
    *bake.mutable_max_time() = ToMessage(ToDuration(bake.min_time()) + Timer());
    bake.set_time_only(time_only_);
    return bake;
  }

  v1::ErrorRate ErrorRate() {
    v1::ErrorRate rate;
    rate.set_counts(CountsNames()[0]);
    rate.set_bound_ppm(draw_.Percent(20) ? 0 : Small(1, 5) * 100'000);
    rate.set_min_requests(Small(1, 20));
    rate.set_min_requests_to_fail(Small(1, 20));
    rate.set_confidence(static_cast<v1::Confidence>(draw_.Between(1, 4)));
    SetTimer(rate.mutable_max_age());
    return rate;
  }

  v1::BaselineRatio BaselineRatio(bool new_cells) {
    v1::BaselineRatio ratio;
    ratio.set_counts(CountsNames()[0]);
    ratio.set_max_ratio_ppm(Small(5, 20) * 100'000);
    if (new_cells || draw_.Percent(50)) ratio.set_bound_ppm(Small(0, 5) * 100'000);
    ratio.set_min_requests(Small(1, 20));
    ratio.set_min_requests_to_fail(Small(1, 20));
    ratio.set_confidence(static_cast<v1::Confidence>(draw_.Between(1, 4)));
    SetTimer(ratio.mutable_max_age());
    if (draw_.Percent(50)) SetTimer(ratio.mutable_recorded_max_age());
    return ratio;
  }

  v1::SeriesBound SeriesBound() {
    v1::SeriesBound bound;
    bound.set_series(draw_.Pick(SeriesNames()));
    bound.set_comparison(static_cast<v1::Comparison>(draw_.Between(1, 5)));
    bound.set_threshold(5);
    if (bound.comparison() == v1::OUTSIDE_BAND) bound.set_lower_threshold(1);
    SetTimer(bound.mutable_max_age());
    bound.set_evaluation_periods(Small(1, 3));
    bound.set_datapoints_to_fail(Small(1, static_cast<int>(bound.evaluation_periods())));
    return bound;
  }

  v1::MeasurementCount MeasurementCount() {
    v1::MeasurementCount count;
    count.set_measurement(MeasurementNames()[0]);
    count.set_failure_limit(Small(1, 2));
    if (draw_.Percent(30)) count.set_consecutive_failure_limit(1);
    count.set_inconclusive_limit(Small(1, 2));
    count.set_consecutive_error_limit(Small(1, 2));
    count.set_count(Small(1, 4));
    if (draw_.Percent(30))
      count.set_consecutive_success_limit(Small(1, static_cast<int>(count.count())));
    count.set_early_end(draw_.Percent(50) ? v1::MeasurementCount::UNKNOWN
                                          : v1::MeasurementCount::CLEAR);
    return count;
  }

  void AddHealth(bool new_cells, v1::Health* health) {
    if (counts_) {
      v1::HealthCriterion* criterion = health->add_criteria();
      criterion->set_id(absl::StrCat("criterion-", ++criterion_count_));
      criterion->set_per(draw_.Percent(65) ? v1::HealthCriterion::CELL : v1::HealthCriterion::WAVE);
      if (draw_.Percent(50)) {
        *criterion->mutable_error_rate() = ErrorRate();
      } else {
        *criterion->mutable_baseline_ratio() = BaselineRatio(new_cells);
      }
    }
    if (draw_.Percent(35)) {
      v1::HealthCriterion* criterion = health->add_criteria();
      criterion->set_id(absl::StrCat("criterion-", ++criterion_count_));
      criterion->set_per(v1::HealthCriterion::CELL);
      if (draw_.Percent(50)) {
        *criterion->mutable_series_bound() = SeriesBound();
      } else {
        *criterion->mutable_measurement_count() = MeasurementCount();
      }
    }
    const bool needs_alarm = health->criteria().empty();
    for (int i = draw_.Between(needs_alarm ? 1 : 0, 2); i > 0; --i) {
      v1::WatchedAlarm* watched = health->add_watched_alarms();
      watched->set_id(absl::StrCat("watched-", ++criterion_count_));
      *watched->mutable_alarm() = WatchedSource();
      watched->set_each(static_cast<v1::WatchedAlarm::Each>(draw_.Between(1, 3)));
    }
  }

  // An alarm that may be watched: no composite, not shared.
  v1::MetricAlarm WatchedSource() {
    v1::MetricAlarm alarm;
    do {
      alarm = MetricAlarm(2, false);
    } while (alarm.has_composite() || alarm.observed().shared());
    return alarm;
  }

  void AddWaves(const std::vector<std::string>& cells, v1::RolloutPolicy* rollout) {
    if (draw_.Percent(20)) {
      v1::WaveGeneration* waves = rollout->mutable_wave_generation();
      waves->set_first(Small(1, 2));
      waves->set_growth_percent(draw_.Percent(50) ? 100 : 150);
      waves->set_disjoint_by(static_cast<v1::WaveGeneration::DisjointBy>(draw_.Between(1, 3)));
      waves->set_max_share_basis_points(draw_.Percent(70) ? 10'000 : 5'000);
      if (draw_.Percent(20)) waves->add_next(Small(1, 2));
      return;
    }
    size_t next = 0;
    while (next < cells.size()) {
      v1::Wave* wave = rollout->add_waves();
      wave->set_id(absl::StrCat("wave-", rollout->waves_size()));
      const size_t count = std::min(cells.size() - next, 1 + draw_.Below(2));
      for (size_t i = 0; i < count; ++i) wave->add_cells(cells[next++]);
      if (draw_.Percent(20)) *wave->mutable_bake() = Bake();
      AddBlockers(Place::kWave, 10, wave->mutable_blockers());
    }
  }

  void AddRollout(int index, v1::Stage* stage) {
    v1::RolloutPolicy* rollout = stage->mutable_rollout();
    time_only_ = draw_.Percent(25);
    counts_ = !time_only_ && draw_.Percent(50);
    rollout->set_new_cell(draw_.Percent(50) ? v1::RolloutPolicy::HOLD
                                            : v1::RolloutPolicy::DEPLOY_WITHOUT_BASELINE);
    AddWaves(CellNames(index), rollout);
    v1::BlastRadius* radius = rollout->mutable_blast_radius();
    radius->set_max_parallel(Small(1, 3));
    if (draw_.Percent(60)) {
      radius->mutable_no_stage_cap();
    } else {
      radius->set_stage_cap_basis_points(Small(0, 10) * 1000);
    }
    if (draw_.Percent(80)) {
      radius->mutable_no_group_cap();
    } else {
      radius->mutable_group()->set_disjoint_by(draw_.Percent(50) ? v1::GroupCap::REGION
                                                                 : v1::GroupCap::ZONE);
      radius->mutable_group()->set_cap_basis_points(Small(0, 10) * 1000);
    }
    SetTimer(rollout->mutable_deploy()->mutable_max_time());
    *rollout->mutable_deploy()->mutable_expected_time() = ToMessage(absl::Minutes(1));
    *rollout->mutable_bake() = Bake();
    if (draw_.Percent(50)) {
      v1::Hygiene* hygiene = rollout->mutable_hygiene();
      hygiene->add_checks(HygieneNames()[0]);
      if (draw_.Percent(30)) hygiene->add_checks(HygieneNames()[1]);
      SetTimer(hygiene->mutable_deadline());
      hygiene->set_missing_is_failure(draw_.Percent(25));
    } else {
      rollout->mutable_no_hygiene();
    }
    if (!time_only_) {
      AddHealth(rollout->new_cell() == v1::RolloutPolicy::DEPLOY_WITHOUT_BASELINE,
                rollout->mutable_health());
    }
    v1::RollBackPolicy* back = rollout->mutable_roll_back();
    back->set_scope(static_cast<v1::RollBackPolicy::Scope>(draw_.Between(1, 4)));
    *back->mutable_watch_for() = ToMessage(draw_.Percent(40) ? absl::ZeroDuration() : Timer());
    back->set_max_parallel(Small(1, 3));
    back->set_attempts(Small(1, 2));
    if (draw_.Percent(40)) SetTimer(back->mutable_min_gap());
    if (draw_.Percent(30)) *back->mutable_keep_despite() = OverridePolicy();
    if (draw_.Percent(40)) SetTimer(back->mutable_max_hold());
    rollout->set_preempt(static_cast<v1::RolloutPolicy::Preempt>(draw_.Between(1, 3)));
  }

  const absl::Time middle_;
  Draw& draw_;
  v1::PipelinePolicy policy_;
  std::vector<std::string> stage_names_;
  bool in_criterion_ = false;
  bool shares_ = false;
  bool time_only_ = false;
  bool counts_ = false;
  int blocker_count_ = 0;
  int criterion_count_ = 0;
};

}  // namespace

v1::PipelinePolicy DrawPolicy(absl::Time middle, Draw* draw) {
  return PolicyDraw(middle, draw).Make();
}

std::vector<std::string> CellNames(int stage) {
  std::vector<std::string> names;
  for (int i = 1; i <= kMaxCells; ++i) names.push_back(absl::StrCat("cell-", stage + 1, "-", i));
  return names;
}

}  // namespace sluice
