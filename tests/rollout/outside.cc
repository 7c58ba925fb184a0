#include "tests/rollout/outside.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

// Periods that monitoring remembers.
constexpr size_t kPeriods = 40;

template <typename T>
void PushBounded(T value, std::deque<T>* values) {
  values->push_back(value);
  if (values->size() > kPeriods) values->pop_front();
}

}  // namespace

Outside::Outside(const Scenario& scenario, uint64_t seed)
    : policy_(scenario.policy),
      begin_(scenario.begin),
      unit_(scenario.unit),
      tick_(scenario.tick),
      seed_(seed),
      noise_(seed),
      next_tick_(scenario.begin),
      counts_from_(scenario.begin - scenario.tick),
      list_(scenario.list),
      facts_(scenario.facts) {
  for (const v1::Cell& cell : scenario.state.cells()) AddCell(cell);
}

void Outside::Heal() {
  calm_ = true;
  qualities_.clear();
}

void Outside::AddCell(const v1::Cell& cell) { cells_[cell.id()].cell = cell; }

void Outside::RetireCell(const std::string& cell) { cells_.erase(cell); }

void Outside::Place(const std::string& cell, const std::string& artifact) {
  cells_[cell].artifact = artifact;
  cells_[cell].since = begin_ - absl::Hours(1000);
}

Quality Outside::QualityOf(const std::string& digest) const {
  const auto quality = qualities_.find(digest);
  return quality == qualities_.end() ? Quality::kGood : quality->second;
}

void Outside::ScheduleCheck(const std::string& check, const std::string& artifact,
                            const std::string& stage, const std::string& cell,
                            v1::Check::Outcome outcome, absl::Time at) {
  v1::Event event;
  v1::Check* run = event.mutable_check_reported()->mutable_check();
  run->set_check(check);
  run->set_artifact(artifact);
  run->set_stage(stage);
  run->set_cell(cell);
  run->set_run(absl::StrCat("run-", ++check_number_));
  *run->mutable_started_at() = ToTimestamp(at - absl::Seconds(1));
  *run->mutable_finished_at() = ToTimestamp(at);
  run->set_outcome(outcome);
  due_.emplace(at, std::move(event));
}

v1::Event Outside::Build(Quality quality, absl::Time now) {
  const uint64_t sequence = ++last_sequence_;
  const std::string digest = DigestOf(sequence);
  qualities_[digest] = quality;
  v1::Event event;
  v1::Artifact* artifact = event.mutable_artifact_built()->mutable_artifact();
  artifact->set_digest(digest);
  artifact->set_sequence(sequence);
  artifact->add_authors("bob");
  *artifact->mutable_built_at() = ToTimestamp(now);
  v1::Component* component = artifact->mutable_components()->add_components();
  component->set_package_url(absl::StrCat("pkg:generic/app@", sequence));
  component->add_digests(DigestOf(10'000 + sequence));
  artifact->mutable_components()->set_count(1);
  if (Hash(seed_, absl::StrCat("floor", sequence)) % 10 == 0 && sequence > 2) {
    artifact->set_rollback_floor(sequence - 2);
  }
  // Two runs of each check, so that a policy that asks for two in a row is content.
  const bool breaks = !calm_ && Hash(seed_, absl::StrCat("unit", sequence)) % 10 == 0;
  ScheduleCheck(kBuildCheck, digest, "", "", v1::Check::PASSED, now + absl::Seconds(2));
  ScheduleCheck(kBuildCheck, digest, "", "", breaks ? v1::Check::FAILED : v1::Check::PASSED,
                now + absl::Seconds(4));
  if (breaks) {
    ScheduleCheck(kBuildCheck, digest, "", "", v1::Check::PASSED, now + unit_);
    ScheduleCheck(kBuildCheck, digest, "", "", v1::Check::PASSED, now + 2 * unit_);
  }
  for (const v1::Stage& stage : policy_.stages()) {
    if (stage.passes() != v1::Stage::CRITERIA) continue;
    ScheduleCheck(kPassCheck, digest, stage.id(), "", v1::Check::PASSED, now + unit_);
  }
  return event;
}

void Outside::Start(const std::string& id, const std::string& stage, const std::string& cell,
                    const std::string& artifact, bool roll_back, absl::Time now) {
  Run& run = runs_[id];
  if (++run.asked > 1) return;
  run.stage = stage;
  run.cell = cell;
  run.artifact = artifact;
  const uint64_t luck = Hash(seed_, id);
  const absl::Duration shortest = std::max(absl::Seconds(1), unit_ / 10);
  run.end = now + shortest +
            absl::Seconds(static_cast<int64_t>(luck % (absl::ToInt64Seconds(unit_) / 2)));
  const bool bad = !roll_back && QualityOf(artifact) == Quality::kFailsToDeploy;
  if (bad || (!calm_ && (luck >> 20) % 30 == 0)) run.outcome = v1::Deployment::FAILED;
  if (!calm_ && (luck >> 40) % 40 == 0) run.end = absl::InfiniteFuture();
}

void Outside::ForgetRuns(absl::Time before) {
  for (auto run = runs_.begin(); run != runs_.end();) {
    const bool old = run->second.end < before && settled_.count(run->first) > 0;
    if (old) settled_.erase(run->first);
    run = old ? runs_.erase(run) : std::next(run);
  }
  const uint64_t keep = last_sequence_ > 50 ? last_sequence_ - 50 : 0;
  for (uint64_t i = keep > 50 ? keep - 50 : 1; i < keep; ++i) qualities_.erase(DigestOf(i));
}

// Lets what ended by `now` take hold, and has its hygiene reported.
void Outside::Settle(absl::Time now) {
  for (const auto& [id, run] : runs_) {
    if (run.end > now || settled_.count(id) > 0) continue;
    settled_[id] = true;
    const auto place = cells_.find(run.cell);
    if (place == cells_.end()) continue;
    place->second.artifact = run.artifact;
    place->second.since = run.end;
    if (run.outcome != v1::Deployment::SUCCEEDED) continue;
    const bool starts = QualityOf(run.artifact) != Quality::kNeverStarts;
    const absl::Time at = run.end + std::max(absl::Seconds(2), unit_ / 10);
    ScheduleCheck(kHygieneCheck, run.artifact, run.stage, run.cell,
                  starts ? v1::Check::PASSED : v1::Check::FAILED, at);
  }
}

bool Outside::IsAlarming(const Site& place, absl::Time now) const {
  if (QualityOf(place.artifact) != Quality::kAlarms) return false;
  const uint64_t wait = Hash(seed_, absl::StrCat(place.cell.id(), place.artifact));
  return now >=
         place.since + absl::Seconds(static_cast<int64_t>(wait % absl::ToInt64Seconds(unit_)));
}

// One alarm or series of one key.
void Outside::ReportSignal(const std::string& id, bool computed, const std::string& cell,
                           const std::string& region, bool alarming, absl::Time now,
                           std::vector<v1::Event>* events) {
  const auto [entry, is_new] = alarms_.try_emplace(absl::StrCat(id, "|", cell, "|", region));
  Alarm& alarm = entry->second;
  if (is_new) alarm.since = begin_ - absl::Hours(1000);
  if (!calm_ && noise_.PerMille(8)) {
    alarm.until = now + noise_.Between(1, 4) * tick_;
    alarm.flap = noise_.Percent(60) ? v1::AlarmReport::ALARM : v1::AlarmReport::INSUFFICIENT_DATA;
  }
  v1::AlarmReport::State state = alarming ? v1::AlarmReport::ALARM : v1::AlarmReport::OK;
  if (!calm_ && now < alarm.until) state = alarm.flap;
  if (state != alarm.state) {
    alarm.state = state;
    alarm.since = now;
  }
  v1::Event event;
  if (!computed) {
    v1::AlarmReport* report = event.mutable_alarm_reported()->mutable_alarm();
    report->set_alarm(id);
    report->set_cell(cell);
    report->set_region(region);
    report->set_state(state);
    *report->mutable_since() = ToTimestamp(alarm.since);
    *report->mutable_observed_at() = ToTimestamp(now);
    events->push_back(std::move(event));
    return;
  }
  const double value = state == v1::AlarmReport::OK      ? 10
                       : state == v1::AlarmReport::ALARM ? 1000
                                                         : std::numeric_limits<double>::quiet_NaN();
  while (alarm.values.size() < 10) alarm.values.push_back(10);
  PushBounded(value, &alarm.values);
  v1::Series* series = event.mutable_series_reported()->mutable_series();
  series->set_series(id);
  series->set_cell(cell);
  series->set_region(region);
  *series->mutable_period() = ToMessage(tick_);
  *series->mutable_start() = ToTimestamp(now - static_cast<int64_t>(alarm.values.size()) * tick_);
  for (const double v : alarm.values) series->add_values(v);
  *series->mutable_reported_through() = ToTimestamp(now);
  events->push_back(std::move(event));
}

void Outside::ReportWatched(const v1::Stage& stage, absl::Time now,
                            std::vector<v1::Event>* events) {
  for (const v1::WatchedAlarm& watched : stage.rollout().health().watched_alarms()) {
    const bool computed = watched.alarm().has_computed();
    const std::string id =
        computed ? watched.alarm().computed().series() : watched.alarm().observed().alarm();
    std::map<std::string, bool> regions;
    bool any = false;
    for (const auto& [name, place] : cells_) {
      if (place.cell.stage() != stage.id()) continue;
      const bool alarming = IsAlarming(place, now);
      any = any || alarming;
      bool& of_region = regions[place.cell.region()];
      of_region = of_region || alarming;
      if (watched.each() == v1::WatchedAlarm::CELL) {
        ReportSignal(id, computed, name, "", alarming, now, events);
      }
    }
    if (watched.each() == v1::WatchedAlarm::STAGE) {
      ReportSignal(id, computed, "", "", any, now, events);
    }
    if (watched.each() != v1::WatchedAlarm::REGION) continue;
    for (const auto& [region, alarming] : regions) {
      ReportSignal(id, computed, "", region, alarming, now, events);
    }
  }
}

void Outside::ReportCounts(const v1::Stage& stage, absl::Time now, std::vector<v1::Event>* events) {
  if (stage.rollout().health().criteria().empty()) return;
  v1::Event event;
  v1::CellCounts* counts = event.mutable_counts_reported()->mutable_counts();
  counts->set_counts(kCounts);
  counts->set_stage(stage.id());
  *counts->mutable_period() = ToMessage(tick_);
  *counts->mutable_reported_through() = ToTimestamp(now);
  *counts->mutable_start() = ToTimestamp(now - static_cast<int64_t>(kPeriods) * tick_);
  for (auto& [name, place] : cells_) {
    if (place.cell.stage() != stage.id()) continue;
    const bool errs = QualityOf(place.artifact) == Quality::kErrs;
    const bool missing = !calm_ && noise_.PerMille(5);
    int64_t requests =
        20 + static_cast<int64_t>(Hash(seed_, absl::StrCat(name, absl::ToUnixSeconds(now))) % 50);
    int64_t errors = errs ? requests / 3 : 0;
    if (missing) requests = errors = -1;
    while (place.requests.size() < kPeriods) {
      place.requests.push_back(0);
      place.errors.push_back(0);
    }
    PushBounded(requests, &place.requests);
    PushBounded(errors, &place.errors);
    counts->add_cells(name);
    for (const int64_t r : place.requests) counts->add_requests(r);
    for (const int64_t e : place.errors) counts->add_errors(e);
  }
  if (!counts->cells().empty()) events->push_back(std::move(event));
}

void Outside::Tick(absl::Time now, std::vector<v1::Event>* events) {
  ReportSignal(kBlockingAlarm, false, "", "", false, now, events);
  ReportSignal(kBlockingSeries, true, "", "", false, now, events);
  for (const v1::Stage& stage : policy_.stages()) {
    if (stage.deploys() != v1::Stage::CELLS) continue;
    ReportWatched(stage, now, events);
    ReportCounts(stage, now, events);
  }
  *list_.mutable_verified_at() = ToTimestamp(now);
  *facts_.mutable_observed_at() = ToTimestamp(now);
  *facts_.mutable_emergency_stop()->mutable_observed_at() = ToTimestamp(now);
}

std::vector<v1::Event> Outside::Reports(absl::Time now) {
  std::vector<v1::Event> events;
  for (;;) {
    Settle(std::min(now, next_tick_));
    const absl::Time check = due_.empty() ? absl::InfiniteFuture() : due_.begin()->first;
    if (std::min(check, next_tick_) > now) break;
    if (check <= next_tick_) {
      events.push_back(std::move(due_.begin()->second));
      due_.erase(due_.begin());
    } else {
      Tick(next_tick_, &events);
      next_tick_ += tick_;
    }
  }
  Settle(now);
  while (!due_.empty() && due_.begin()->first <= now) {
    events.push_back(std::move(due_.begin()->second));
    due_.erase(due_.begin());
  }
  return events;
}

absl::Time Outside::NextReport() const {
  return due_.empty() ? next_tick_ : std::min(next_tick_, due_.begin()->first);
}

absl::Time Outside::NextEnd(absl::Time now) const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& run : runs_) {
    if (run.second.end > now) next = std::min(next, run.second.end);
  }
  return next;
}

void Outside::MarkBad(const std::string& artifact, absl::Time effective_from) {
  v1::KnownBadEntry* entry = list_.add_entries();
  list_.set_epoch(list_.epoch() + 1);
  list_.set_entry_count(list_.entries_size());
  entry->set_id(absl::StrCat("ADV-", list_.epoch()));
  *entry->mutable_effective_from() = ToTimestamp(effective_from);
  uint64_t sequence = 1;
  while (DigestOf(sequence) != artifact && sequence < last_sequence_) ++sequence;
  switch (Hash(seed_, entry->id()) % 3) {
    case 0:
      entry->add_digests(artifact);
      break;
    case 1:
      entry->add_digests(DigestOf(10'000 + sequence));
      break;
    default:
      entry->add_package_urls(absl::StrCat("pkg:generic/app@", sequence));
      break;
  }
}

void Outside::ClearList() {
  list_.set_epoch(list_.epoch() + 1);
  list_.mutable_entries()->DeleteSubrange(1, list_.entries_size() - 1);
  list_.set_entry_count(1);
}

}  // namespace sluice
