#include "sluice/simulate/healthy_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "sluice/facts.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/load/record_count.h"
#include "sluice/organisation.h"
#include "sluice/record/content.h"
#include "sluice/simulate/healthy_value.h"

namespace sluice {
namespace {

// No more runs than this are made up in the longest window.
constexpr int64_t kMaxRunsInWindow = 100'000;

// What an aspect that no environment has is said to be everywhere.
constexpr char kSameEverywhere[] = "same";

SignalKey KeyOf(const SignalName& name) { return {name.id, name.cell, name.region}; }

template <typename Record>
bool IsOf(const Record& record, const std::string& id, const SignalName& name) {
  return id == name.id && record.cell() == name.cell && record.region() == name.region;
}

// When a record was observed; the first instant there is if that can't be read.
template <typename Record>
absl::Time KnownAt(const Record& record) {
  return ReadTime(record.observed_at()).value_or(absl::InfinitePast());
}

// Whether the snapshot has a usable record of that key, or none.
template <typename Map, typename Key>
bool IsUsable(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() || found->second.fault == v1::ALL_CLEAR;
}

// Whether the frame of a series or of counts can be read.
template <typename Record>
bool HasPeriods(const Record& record) {
  const absl::optional<absl::Time> start = ReadTime(record.start());
  const absl::optional<absl::Duration> period = ReadDuration(record.period());
  return start.has_value() && period.has_value() &&
         ReadTime(record.reported_through()).has_value() &&
         PeriodGrid::Make(*start, *period).has_value();
}

// Leaves one of exact duplicates, which mean nothing.
template <typename Record>
void KeepEachOnce(google::protobuf::RepeatedPtrField<Record>* records) {
  std::set<std::string> seen;
  int kept = 0;
  for (int i = 0; i < records->size(); ++i) {
    if (!seen.insert(Content(records->Get(i))).second) continue;
    if (kept != i) records->SwapElements(kept, i);
    ++kept;
  }
  records->DeleteSubrange(kept, records->size() - kept);
}

// Takes the count of records away; one that differs goes on to differ. True: it does.
template <typename Message>
bool DropCount(Message* message) {
  const bool is_cut =
      message->has_record_count() && message->record_count() != RecordCount(*message);
  if (is_cut) {
    message->set_record_count(std::numeric_limits<uint64_t>::max());
  } else {
    message->clear_record_count();
  }
  return is_cut;
}

absl::Time StartOfPeriod(absl::Time t) {
  const int64_t period = absl::ToInt64Seconds(kAssumedPeriod);
  const int64_t seconds = absl::ToUnixSeconds(t);
  return absl::FromUnixSeconds(seconds - ((seconds % period) + period) % period);
}

}  // namespace

HealthyFacts::HealthyFacts(const PolicyData& policy, const v1::PipelineState& state,
                           const v1::OrganisationFacts* organisation,
                           const std::vector<const KnownBadList*>& known_bad, absl::Time now)
    : known_bad_(known_bad),
      state_(state),
      has_organisation_(organisation != nullptr),
      needs_(NeedsOf(policy, state)) {
  if (has_organisation_) organisation_ = *organisation;
  is_cut_ = DropCount(&state_);
  DropCount(&organisation_);
  KeepEachOnce(organisation_.mutable_alarms());
  KeepEachOnce(organisation_.mutable_calendars());
  KeepEachOnce(state_.mutable_alarms());
  KeepEachOnce(state_.mutable_series());
  KeepEachOnce(state_.mutable_counts());
  KeepEachOnce(state_.mutable_synthetic_runs());
  KeepEachOnce(state_.mutable_traffic_samples());
  KeepEachOnce(state_.mutable_environments());
  PrepareLists();
  PrepareAlarms(needs_.alarms, false, now);
  if (has_organisation_) PrepareAlarms(needs_.shared_alarms, true, now);
  PrepareSeries(now);
  PrepareCounts(now);
  PrepareRuns(now);
  PrepareTraffic();
  PrepareParity();
  if (organisation_.has_observed_at()) {
    organisation_observed_at_ = ReadTime(organisation_.observed_at());
  }
  if (organisation_.emergency_stop().has_observed_at()) {
    emergency_observed_at_ = ReadTime(organisation_.emergency_stop().observed_at());
  }
  for (int i = 0; i < organisation_.calendars_size(); ++i) {
    const absl::Time known = KnownAt(organisation_.calendars(i));
    if (known != absl::InfinitePast()) calendars_.push_back({i, known});
  }
}

void HealthyFacts::NotePeriod(absl::Duration period) {
  period_ = absl::Seconds(std::gcd(absl::ToInt64Seconds(period_), absl::ToInt64Seconds(period)));
  longest_period_ = std::max(longest_period_, period);
}

void HealthyFacts::PrepareLists() {
  const Snapshot snapshot = Snapshot::Load(state_, Organisation());
  KnownBadFindings found;
  for (const KnownBadList* list : known_bad_) {
    lists_.push_back(list->VerifiedAt(list->verified_at()));
    for (const ArtifactFacts& artifact : snapshot.data().artifacts) {
      list->index().Find(absl::MakeConstSpan(&artifact.digest, 1), artifact.components, &found);
      for (const KnownBadHit& hit : found.hits) {
        list_changes_.insert(hit.in_force.effective_from);
        list_changes_.insert(hit.in_force.withdrawn_at);
      }
    }
  }
}

absl::Time HealthyFacts::NextListChange(absl::Time t) const {
  const auto next = list_changes_.upper_bound(t);
  return next == list_changes_.end() ? absl::InfiniteFuture() : *next;
}

// An alarm that is not OK, or that nobody has reported, is OK since `now`.
void HealthyFacts::PrepareAlarms(const std::map<SignalName, AlarmNeed>& needs, bool shared,
                                 absl::Time now) {
  const Organisation organisation = Organisation::Load(organisation_);
  const Snapshot snapshot = Snapshot::Load(state_, organisation);
  const auto& facts = shared ? organisation.data()->alarms : snapshot.data().alarms;
  auto* records = shared ? organisation_.mutable_alarms() : state_.mutable_alarms();
  for (const auto& [name, need] : needs) {
    if (!IsUsable(facts, KeyOf(name))) continue;
    int index = 0;
    while (index < records->size() &&
           !IsOf(records->Get(index), records->Get(index).alarm(), name)) {
      ++index;
    }
    if (index == records->size()) {
      if (need.as_it_is) continue;
      v1::AlarmReport* report = records->Add();
      report->set_alarm(name.id);
      report->set_cell(name.cell);
      report->set_region(name.region);
      *report->mutable_observed_at() = WriteTime(now);
    }
    v1::AlarmReport* report = records->Mutable(index);
    if (report->state() != v1::AlarmReport::OK && !need.as_it_is) {
      if (report->state() == v1::AlarmReport::ALARM) {
        const absl::optional<absl::Time> before =
            report->has_last_alarm_at() ? ReadTime(report->last_alarm_at()) : absl::nullopt;
        const absl::optional<absl::Time> since = ReadTime(report->since());
        if (since.has_value() && (!before.has_value() || *before < *since)) {
          *report->mutable_last_alarm_at() = report->since();
        }
      }
      report->set_state(v1::AlarmReport::OK);
      // Of a report from the future it is OK since then.
      const absl::Time from = std::max(now, ReadTime(report->observed_at()).value_or(now));
      *report->mutable_since() = WriteTime(from);
      *report->mutable_history_from() = WriteTime(from);
      *report->mutable_observed_at() = WriteTime(from);
    }
    (shared ? shared_alarms_ : alarms_).push_back({index, KnownAt(*report)});
  }
}

// The series of that name, made if there is none; -1 if it can't be used.
int HealthyFacts::SeriesIndex(const SignalName& name, absl::Duration period, absl::Time now) {
  for (int i = 0; i < state_.series_size(); ++i) {
    if (IsOf(state_.series(i), state_.series(i).series(), name)) return i;
  }
  v1::Series* series = state_.add_series();
  series->set_series(name.id);
  series->set_cell(name.cell);
  series->set_region(name.region);
  *series->mutable_start() = WriteTime(StartOfPeriod(now));
  series->mutable_period()->set_seconds(absl::ToInt64Seconds(period));
  *series->mutable_reported_through() = series->start();
  return state_.series_size() - 1;
}

// As many requests as were newest seen, if that is enough for every ratio.
double HealthyFacts::HealthyRequests(const SignalName& name) const {
  int64_t least = 1;
  for (const RatioNeed& ratio : needs_.ratios) {
    const bool is_same = !(ratio.requests < name) && !(name < ratio.requests);
    if (is_same) least = std::max(least, ratio.min_samples);
  }
  for (const v1::Series& series : state_.series()) {
    if (!IsOf(series, series.series(), name)) continue;
    for (int i = series.values_size() - 1; i >= 0; --i) {
      if (series.values(i) >= static_cast<double>(least)) return series.values(i);
    }
  }
  return static_cast<double>(least);
}

void HealthyFacts::PrepareSeries(absl::Time now) {
  const auto same = [](const SignalName& a, const SignalName& b) { return !(a < b) && !(b < a); };
  const Snapshot snapshot = Snapshot::Load(state_, Organisation());
  std::vector<SignalName> usable;
  for (const auto& need : needs_.series) {
    if (IsUsable(snapshot.data().series, KeyOf(need.first))) usable.push_back(need.first);
  }
  for (const SignalName& name : usable) {
    const std::vector<const AlarmRule*>& rules = needs_.series.at(name);
    std::vector<RatioRule> as_errors;
    bool is_requests = false;
    absl::Duration period = kAssumedPeriod;
    for (const RatioNeed& ratio : needs_.ratios) {
      is_requests = is_requests || same(ratio.requests, name);
      if (same(ratio.errors, name)) {
        as_errors.push_back({HealthyRequests(ratio.requests), ratio.rule});
      }
      // Both series of a ratio have one period.
      const SignalName& other = same(ratio.errors, name) ? ratio.requests : ratio.errors;
      if (!same(ratio.errors, name) && !same(ratio.requests, name)) continue;
      for (const v1::Series& series : state_.series()) {
        if (!IsOf(series, series.series(), other)) continue;
        period = ReadDuration(series.period()).value_or(period);
      }
    }
    const int index = SeriesIndex(name, period, now);
    const v1::Series& record = state_.series(index);
    if (!HasPeriods(record)) continue;
    absl::optional<double> value;
    if (!as_errors.empty()) {
      value = HealthyErrors(rules, as_errors);
    } else if (is_requests) {
      value = HealthyRequests(name);
    } else {
      value = HealthyValue(rules, absl::MakeConstSpan(record.values().data(),
                                                      static_cast<size_t>(record.values_size())));
    }
    if (!value.has_value()) continue;
    series_.emplace_back(index, HealthySeries(record, *value));
    NotePeriod(series_.back().second.period());
  }
}

void HealthyFacts::PrepareCounts(absl::Time now) {
  const Snapshot snapshot = Snapshot::Load(state_, Organisation());
  std::vector<std::pair<std::string, std::string>> usable;
  for (const auto& [key, need] : needs_.counts) {
    const std::pair<absl::string_view, absl::string_view> name(key.first, key.second);
    if (IsUsable(snapshot.data().counts, name)) usable.push_back(key);
  }
  for (const auto& key : usable) {
    std::vector<std::string> cells;
    for (const v1::Cell& cell : state_.cells()) {
      if (cell.stage() == key.second && !cell.has_retired()) cells.push_back(cell.id());
    }
    int index = 0;
    while (index < state_.counts_size() && (state_.counts(index).counts() != key.first ||
                                            state_.counts(index).stage() != key.second)) {
      ++index;
    }
    if (index == state_.counts_size()) {
      if (cells.empty()) continue;
      v1::CellCounts* counts = state_.add_counts();
      counts->set_counts(key.first);
      counts->set_stage(key.second);
      *counts->mutable_start() = WriteTime(StartOfPeriod(now));
      counts->mutable_period()->set_seconds(absl::ToInt64Seconds(kAssumedPeriod));
      *counts->mutable_reported_through() = counts->start();
    }
    const v1::CellCounts& record = state_.counts(index);
    if (!HasPeriods(record) || record.requests_size() != record.errors_size()) continue;
    counts_.emplace_back(index, HealthyCounts(state_.counts(index), cells, needs_.counts.at(key)));
    NotePeriod(counts_.back().second.period());
  }
}

void HealthyFacts::PrepareRuns(absl::Time now) {
  const Snapshot snapshot = Snapshot::Load(state_, Organisation());
  std::vector<std::pair<std::string, std::string>> usable;
  for (const auto& [key, need] : needs_.synthetic) {
    const std::pair<absl::string_view, absl::string_view> name(key.first, key.second);
    if (IsUsable(snapshot.data().synthetic, name)) usable.push_back(key);
  }
  for (const auto& key : usable) {
    const SyntheticNeed& need = needs_.synthetic.at(key);
    Runs runs;
    runs.window = need.window;
    runs.spacing = std::max({absl::Trunc(need.spacing, absl::Milliseconds(1)),
                             absl::Milliseconds(1), need.window / kMaxRunsInWindow});
    while (runs.index < state_.synthetic_runs_size() &&
           (state_.synthetic_runs(runs.index).stage() != key.first ||
            state_.synthetic_runs(runs.index).api() != key.second)) {
      ++runs.index;
    }
    if (runs.index == state_.synthetic_runs_size()) {
      v1::SyntheticRuns* record = state_.add_synthetic_runs();
      record->set_stage(key.first);
      record->set_api(key.second);
    }
    runs.record = state_.synthetic_runs(runs.index);
    const int known = runs.record.finished_at_ms_size();
    runs.first = known == 0
                     ? absl::FromUnixMillis(absl::ToUnixMillis(now))
                     : absl::FromUnixMillis(runs.record.finished_at_ms(known - 1)) + runs.spacing;
    runs_.push_back(std::move(runs));
  }
}

void HealthyFacts::PrepareTraffic() {
  const Snapshot snapshot = Snapshot::Load(state_, Organisation());
  std::vector<std::string> usable;
  for (const auto& [stage, need] : needs_.traffic) {
    if (IsUsable(snapshot.data().traffic, absl::string_view(stage))) usable.push_back(stage);
  }
  for (const std::string& stage : usable) {
    int index = 0;
    while (index < state_.traffic_samples_size() &&
           state_.traffic_samples(index).stage() != stage) {
      ++index;
    }
    v1::TrafficSample* sample = index < state_.traffic_samples_size()
                                    ? state_.mutable_traffic_samples(index)
                                    : state_.add_traffic_samples();
    const TrafficNeed& need = needs_.traffic.at(stage);
    sample->set_stage(stage);
    sample->clear_principals();
    sample->clear_requests();
    sample->add_principals(need.principals.front());
    sample->add_requests(static_cast<int64_t>(std::min<uint64_t>(need.min_requests, kMaxCount)));
    traffic_.push_back({index, KnownAt(*sample)});
  }
}

void HealthyFacts::PrepareParity() {
  const Snapshot snapshot = Snapshot::Load(state_, Organisation());
  std::vector<std::string> stages;
  for (const ParityNeed& need : needs_.parity) {
    for (const std::string& stage : need.stages) {
      if (IsUsable(snapshot.data().environments, absl::string_view(stage))) {
        stages.push_back(stage);
      }
    }
  }
  std::sort(stages.begin(), stages.end());
  stages.erase(std::unique(stages.begin(), stages.end()), stages.end());
  std::map<std::string, int> index_of;
  for (const std::string& stage : stages) {
    int index = 0;
    while (index < state_.environments_size() && state_.environments(index).stage() != stage) {
      ++index;
    }
    if (index == state_.environments_size()) state_.add_environments()->set_stage(stage);
    index_of[stage] = index;
    environments_.push_back({index, KnownAt(state_.environments(index))});
  }
  for (const ParityNeed& need : needs_.parity) {
    for (const std::string& aspect : need.aspects) {
      std::string value = kSameEverywhere;
      for (auto stage = need.stages.rbegin(); stage != need.stages.rend(); ++stage) {
        const auto index = index_of.find(*stage);
        if (index == index_of.end()) continue;
        const auto& aspects = state_.environments(index->second).aspects();
        const auto known = aspects.find(aspect);
        if (known != aspects.end() && !known->second.empty()) value = known->second;
      }
      for (const std::string& stage : need.stages) {
        const auto index = index_of.find(stage);
        if (index == index_of.end()) continue;
        (*state_.mutable_environments(index->second)->mutable_aspects())[aspect] = value;
      }
    }
  }
}

// The runs of the window before `t`, and one more, so that what is left out is never looked at.
void HealthyFacts::ReportRuns(const Runs& runs, absl::Time t) {
  v1::SyntheticRuns* out = state_.mutable_synthetic_runs(runs.index);
  out->clear_finished_at_ms();
  out->clear_succeeded();
  const absl::Time from = t - runs.window - runs.spacing;
  for (int i = 0; i < runs.record.finished_at_ms_size(); ++i) {
    if (absl::FromUnixMillis(runs.record.finished_at_ms(i)) < from) continue;
    out->add_finished_at_ms(runs.record.finished_at_ms(i));
    out->add_succeeded(runs.record.succeeded(i));
  }
  absl::Time run = runs.first;
  if (run < from) run += runs.spacing * ((from - run) / runs.spacing);
  for (; run <= t; run += runs.spacing) {
    out->add_finished_at_ms(absl::ToUnixMillis(run));
    out->add_succeeded(true);
  }
}

void HealthyFacts::ReportAt(absl::Time t) {
  const auto observe = [t](const std::vector<Observed>& observed, auto* records) {
    for (const Observed& one : observed) {
      *records->Mutable(one.index)->mutable_observed_at() = WriteTime(std::max(one.known, t));
    }
  };
  observe(alarms_, state_.mutable_alarms());
  observe(traffic_, state_.mutable_traffic_samples());
  observe(environments_, state_.mutable_environments());
  observe(shared_alarms_, organisation_.mutable_alarms());
  observe(calendars_, organisation_.mutable_calendars());
  for (const auto& [i, series] : series_) series.ReportAt(t, state_.mutable_series(i));
  for (const auto& [i, counts] : counts_) counts.ReportAt(t, state_.mutable_counts(i));
  for (const Runs& runs : runs_) ReportRuns(runs, t);
  lists_.clear();
  for (const KnownBadList* list : known_bad_) {
    lists_.push_back(list->VerifiedAt(std::max(list->verified_at(), t)));
  }
  if (organisation_observed_at_.has_value()) {
    *organisation_.mutable_observed_at() = WriteTime(std::max(*organisation_observed_at_, t));
  }
  if (emergency_observed_at_.has_value()) {
    *organisation_.mutable_emergency_stop()->mutable_observed_at() =
        WriteTime(std::max(*emergency_observed_at_, t));
  }
}

void HealthyFacts::ForgetBefore(absl::Time t) {
  for (auto& [i, series] : series_) series.ForgetBefore(t, state_.mutable_series(i));
  for (auto& [i, counts] : counts_) counts.ForgetBefore(t);
}

Snapshot HealthyFacts::Load() const {
  LoadOptions options;
  for (const KnownBadList& list : lists_) options.known_bad.push_back(&list);
  return Snapshot::Load(
      state_, has_organisation_ ? Organisation::Load(organisation_) : Organisation(), options);
}

absl::Time HealthyFacts::NextRun(absl::Time t) const {
  absl::Time next = absl::InfiniteFuture();
  for (const Runs& runs : runs_) {
    absl::Time run = runs.first;
    if (run <= t) run += runs.spacing * ((t - run) / runs.spacing + 1);
    next = std::min(next, run);
  }
  return next;
}

absl::Time HealthyFacts::NextClear(absl::Time t) const {
  absl::Time next = absl::InfiniteFuture();
  const auto consider = [&](const google::protobuf::Timestamp& from, absl::Duration clear_for) {
    const absl::optional<absl::Time> start = ReadTime(from);
    if (!start.has_value()) return;
    const absl::Time at = Later(*start, clear_for);
    if (at > t) next = std::min(next, at);
  };
  const auto consider_all = [&](const std::map<SignalName, AlarmNeed>& needs, const auto& records) {
    for (const v1::AlarmReport& report : records) {
      const auto need = needs.find({report.alarm(), report.cell(), report.region()});
      if (need == needs.end()) continue;
      for (const absl::Duration clear_for : need->second.clear_for) {
        consider(report.since(), clear_for);
        if (report.has_last_alarm_at()) consider(report.last_alarm_at(), clear_for);
        if (report.has_history_from()) consider(report.history_from(), clear_for);
      }
    }
  };
  consider_all(needs_.alarms, state_.alarms());
  consider_all(needs_.shared_alarms, organisation_.alarms());
  return next;
}

}  // namespace sluice
