#include "sluice/explain/rollout_remedies.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/variant.h"
#include "sluice/action_id.h"
#include "sluice/explain/alarm_remedies.h"
#include "sluice/explain/person_remedies.h"
#include "sluice/explain/series_report.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

// Requests of a cell in a period that nobody counted yet: enough to tell what rates are.
constexpr int64_t kManyRequests = 1'000'000;

constexpr absl::Duration kPeriodOfNew = absl::Minutes(1);

// When the newest deployment of the cell ended; InfiniteFuture: it has not.
absl::Time EndOf(const RemedyContext& context, absl::string_view cell) {
  const DeploymentFacts* deployment = NewestDeployment(context, cell);
  return deployment == nullptr ? absl::InfiniteFuture() : deployment->ended_at;
}

// The stage's cells whose newest deployment brought the held artifact.
std::vector<absl::string_view> CellsOnIt(const RemedyContext& context) {
  std::vector<absl::string_view> cells;
  for (const CellFacts& cell : context.facts.cells) {
    if (cell.stage != context.held.stage || cell.retired) continue;
    const DeploymentFacts* newest = NewestDeployment(context, cell.id);
    if (newest != nullptr && newest->artifact == context.held.artifact) cells.push_back(cell.id);
  }
  return cells;
}

// The end of the first whole period that begins at or after `from`.
absl::Time EndOfFirstPeriod(absl::Time from, absl::Duration period) {
  if (from == absl::InfiniteFuture()) return from;
  return Later(AlignedUp(from, period), period);
}

// ---------------------------------------------------------------- Counts

const v1::CellCounts* FindCountsRecord(const RemedyContext& context, absl::string_view id) {
  for (const v1::CellCounts& counts : context.base.state->counts()) {
    if (counts.counts() == id && counts.stage() == context.held.stage) return &counts;
  }
  return nullptr;
}

bool AreInvalid(const RemedyContext& context, absl::string_view id) {
  const auto found = context.facts.counts.find({id, absl::string_view(context.held.stage)});
  return found != context.facts.counts.end() && found->second.fault != v1::ALL_CLEAR;
}

// The counts with many requests in every period that nobody counted, up to `at`: without errors in
// the cells `good`, with a few in all others.
v1::CellCounts ExtendedCounts(const v1::CellCounts* known, const v1::CellCounts& key,
                              const std::vector<std::string>& good, absl::Time from, absl::Time at,
                              int64_t requests) {
  v1::CellCounts counts = key;
  absl::Duration period = kPeriodOfNew;
  absl::Time start = AlignedDown(std::min(from, at), period);
  int64_t known_periods = 0;
  if (known != nullptr) {
    counts.mutable_cells()->CopyFrom(known->cells());
    for (const std::string& cell : key.cells()) {
      const auto& cells = counts.cells();
      if (std::find(cells.begin(), cells.end(), cell) == cells.end()) counts.add_cells(cell);
    }
    period = *ReadDuration(known->period());
    start = *ReadTime(known->start());
    at = std::max(at, *ReadTime(known->reported_through()));
    known_periods = known->requests_size() / std::max(known->cells_size(), 1);
  }
  *counts.mutable_start() = WriteTime(start);
  counts.mutable_period()->set_seconds(absl::ToInt64Seconds(period));
  *counts.mutable_reported_through() = WriteTime(at);
  absl::Duration rest;
  const int64_t periods = std::max(
      known_periods, absl::IDivDuration(std::max(at - start, absl::ZeroDuration()), period, &rest));
  for (int c = 0; c < counts.cells_size(); ++c) {
    const bool is_good = std::find(good.begin(), good.end(), counts.cells(c)) != good.end();
    for (int64_t p = 0; p < periods; ++p) {
      int64_t of_period = -1;
      int64_t errors = -1;
      if (known != nullptr && c < known->cells_size() && p < known_periods) {
        const int index = static_cast<int>(c * known_periods + p);
        of_period = known->requests(index);
        errors = known->errors(index);
      }
      if (of_period < 0 || errors < 0) {
        of_period = requests;
        errors = is_good ? 0 : requests / 10'000;
      }
      counts.add_requests(of_period);
      counts.add_errors(errors);
    }
  }
  return counts;
}

// How many requests of a period make up for the errors that are known, and are enough by
// themselves.
int64_t RequestsFor(const RemedyContext& context) {
  int64_t requests = kManyRequests;
  if (context.rule == nullptr) return requests;
  for (const HealthCriterion& criterion : context.rule->rollout.criteria) {
    const ErrorRateCriterion* rate = RateOf(criterion);
    if (rate != nullptr) requests = std::max(requests, rate->min_requests);
  }
  requests = std::max(requests, context.rule->rollout.bake.min_requests);
  for (const WaveRule& wave : context.rule->rollout.waves) {
    requests = std::max(requests, wave.bake.min_requests);
  }
  return std::min<int64_t>(requests, kMaxCount);
}

void AddCounts(const RemedyContext& context, const ErrorRateCriterion& rate, absl::Time needed_from,
               Remedies* remedies) {
  if (AreInvalid(context, rate.counts)) return;
  const v1::CellCounts* known = FindCountsRecord(context, rate.counts);
  v1::CellCounts key;
  key.set_counts(rate.counts);
  key.set_stage(context.held.stage);
  std::vector<std::string> good;
  for (const absl::string_view cell : CellsOnIt(context)) good.emplace_back(cell);
  for (const CellFacts& cell : context.facts.cells) {
    if (cell.stage == context.held.stage && !cell.retired) key.add_cells(std::string(cell.id));
  }
  const absl::Time from = std::min(FirstStart(context), context.base.now);
  const int64_t requests = RequestsFor(context);
  Remedy remedy;
  remedy.key = absl::StrCat("counts|", rate.counts);
  const std::string sentence = absl::StrCat("counts ", Quote(rate.counts),
                                            " are reported up to then, without gaps and "
                                            "without errors on the artifact");
  remedy.make = [=](absl::Time at) {
    Change change;
    change.sentence = sentence;
    v1::Event& event = change.events.emplace_back();
    *event.mutable_at() = WriteTime(at);
    *event.mutable_counts_reported()->mutable_counts() =
        ExtendedCounts(known, key, good, from, at, requests);
    return change;
  };
  remedies->push_back(std::move(remedy));
  const absl::Duration period = known == nullptr ? kPeriodOfNew : *ReadDuration(known->period());
  AddTime(context, EndOfFirstPeriod(needed_from, period), remedies);
}

// That the counts of the artifact before it are known.
void AddBaseline(const RemedyContext& context, const BaselineRatioCriterion& ratio,
                 absl::string_view cell, Remedies* remedies) {
  if (ratio.recorded_max_age == absl::ZeroDuration()) return;
  const StageFacts* records = context.facts.Stage(context.held.stage);
  std::string previous;
  uint64_t newest = 0;
  for (const DeploymentFacts& deployment : records->deployments) {
    if ((!cell.empty() && deployment.cell != cell) || !deployment.proven) continue;
    if (deployment.artifact == context.held.artifact || deployment.number < newest) continue;
    previous = std::string(deployment.artifact);
    newest = deployment.number;
  }
  if (previous.empty()) return;
  Remedy remedy;
  remedy.key = absl::StrCat("baseline|", ratio.rate.counts);
  const std::string sentence = absl::StrCat("a baseline of counts ", Quote(ratio.rate.counts),
                                            " is reported for artifact ", ShortDigest(previous));
  const int64_t requests =
      std::max({kManyRequests, ratio.rate.min_requests, ratio.rate.min_requests_to_fail});
  remedy.make = [=, id = ratio.rate.counts, stage = context.held.stage](absl::Time at) {
    Change change;
    change.sentence = sentence;
    v1::Event& event = change.events.emplace_back();
    *event.mutable_at() = WriteTime(at);
    v1::Baseline* baseline = event.mutable_baseline_reported()->mutable_baseline();
    baseline->set_counts(id);
    baseline->set_stage(stage);
    baseline->set_artifact(previous);
    baseline->set_requests(requests);
    baseline->set_errors(requests / 1000);
    *baseline->mutable_observed_at() = WriteTime(at);
    return change;
  };
  remedies->push_back(std::move(remedy));
}

// ---------------------------------------------------------------- Series and measurements

void AddSeriesBound(const RemedyContext& context, const SeriesBoundCriterion& bound,
                    absl::string_view cell, absl::Time needed_from, Remedies* remedies) {
  const auto found = context.facts.series.find(SignalKey{bound.series, cell, ""});
  if (found != context.facts.series.end() && found->second.fault != v1::ALL_CLEAR) return;
  constexpr double kLargest = std::numeric_limits<double>::max();
  const absl::optional<double> value = ValueThat(false, bound.rule, -kLargest, kLargest);
  if (!value.has_value()) return;
  const v1::Series* known = FindSeriesRecord(context.base.state->series(), bound.series, cell, "");
  v1::Series key;
  key.set_series(bound.series);
  key.set_cell(std::string(cell));
  const absl::Time from = std::min(FirstStart(context), context.base.now);
  Remedy remedy;
  remedy.key = absl::StrCat("bound|", bound.series, "|", cell);
  const std::string sentence =
      absl::StrCat("series ", Quote(bound.series), OfPlace(cell, ""),
                   " is reported up to then, with every point within its bound");
  remedy.make = [=](absl::Time at) {
    Change change;
    change.sentence = sentence;
    v1::Event& event = change.events.emplace_back();
    *event.mutable_at() = WriteTime(at);
    *event.mutable_series_reported()->mutable_series() = Extended(known, key, from, at, *value);
    return change;
  };
  remedies->push_back(std::move(remedy));
  const absl::Duration period = known == nullptr ? kPeriodOfNew : *ReadDuration(known->period());
  AddTime(context, EndOfFirstPeriod(needed_from, period), remedies);
}

void AddMeasurements(const RemedyContext& context, const MeasurementCriterion& criterion,
                     const Finding& finding, Remedies* remedies) {
  if (finding.reason != v1::MEASURING && finding.reason != v1::NO_DATA) return;
  int64_t count = criterion.limits.count - finding.evidence.count.value_or(0);
  if (criterion.limits.consecutive_successes > 0) {
    count = std::min(count, criterion.limits.consecutive_successes);
  }
  constexpr int64_t kMost = 1000;
  if (count > kMost) return;
  Remedy remedy;
  const std::string& id = criterion.measurement;
  const std::string cell(finding.cell);
  remedy.key = absl::StrCat("measurement|", id, "|", cell, "|", count);
  const std::string sentence =
      absl::StrCat("measurement ", Quote(id), OfPlace(cell, ""), " succeeds ",
                   count == 1 ? "once" : absl::StrCat(count, " times"),
                   finding.evidence.count.value_or(0) > 0 ? " more" : "");
  const std::string run = absl::StrCat(context.prefix, "-", ShortNameOfCell(context, cell), "-");
  remedy.make = [=, artifact = context.held.artifact](absl::Time at) {
    Change change;
    change.sentence = sentence;
    for (int64_t i = 1; i <= count; ++i) {
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      v1::Measurement* made = event.mutable_measurement_reported()->mutable_measurement();
      made->set_measurement(id);
      made->set_artifact(artifact);
      made->set_cell(cell);
      made->set_run(absl::StrCat(run, i));
      *made->mutable_measured_at() = WriteTime(at);
      made->set_outcome(v1::Measurement::SUCCEEDED);
    }
    return change;
  };
  remedies->push_back(std::move(remedy));
}

// Whether cells of `stage` take room from those of the held artifact's stage.
bool SharesRoom(const RemedyContext& context, absl::string_view stage) {
  if (stage == context.held.stage) return true;
  if (!context.policy().pipeline_cap_basis_points.has_value()) return false;
  const auto& stages = context.policy().stages;
  return std::any_of(stages.begin(), stages.end(), [&](const StageRule& rule) {
    return rule.id == stage && rule.kind == v1::Stage::PRODUCTION;
  });
}

}  // namespace

void AddDeploymentRemedies(const RemedyContext& context, absl::string_view cell,
                           Remedies* remedies) {
  const DeploymentFacts* deployment = NewestDeployment(context, cell);
  if (deployment == nullptr || deployment->outcome != v1::Deployment::OUTCOME_UNSPECIFIED ||
      deployment->direction != v1::Deployment::FORWARD || deployment->fault != v1::ALL_CLEAR) {
    return;
  }
  const std::string stage(context.facts.Cell(cell)->stage);
  const std::string action =
      ActionId(context.base.state->pipeline(), stage, cell, deployment->artifact,
               ActionDirection::kForward, deployment->attempt);
  const absl::Time ended = std::max(context.base.now, deployment->started_at);
  Remedy remedy;
  remedy.key = absl::StrCat("ended|", cell);
  remedy.phase = 0;
  remedy.make = [=, cell = std::string(cell)](absl::Time) {
    Change change;
    change.sentence = absl::StrCat("the deployment to cell ", Quote(cell), " ends with success at ",
                                   Instant(ended));
    v1::Event& event = change.events.emplace_back();
    *event.mutable_at() = WriteTime(ended);
    v1::DeploymentEnded* reported = event.mutable_deployment_ended();
    reported->set_stage(stage);
    reported->set_cell(cell);
    reported->set_action_id(action);
    reported->set_outcome(v1::Deployment::SUCCEEDED);
    return change;
  };
  remedies->push_back(std::move(remedy));
}

void AddWatchRemedies(const RemedyContext& context, const WatchedAlarm& watched,
                      absl::string_view cell, Remedies* remedies) {
  const CellFacts* facts = context.facts.Cell(cell);
  if (facts == nullptr) return;
  const bool of_cell = watched.each == WatchEach::kCell;
  const bool of_region = watched.each == WatchEach::kRegion;
  if (of_region && facts->region.empty()) return;
  AddAlarmRemedies(context, watched.alarm, of_cell ? facts->id : absl::string_view(),
                   of_region ? facts->region : absl::string_view(), remedies);
}

void AddCriterionRemedies(const RemedyContext& context, const HealthCriterion& criterion,
                          const Finding& finding, Remedies* remedies) {
  absl::Time from = absl::InfinitePast();
  for (const absl::string_view cell : CellsOnIt(context)) {
    if (!finding.cell.empty() && cell != finding.cell) continue;
    from = std::max(from, EndOf(context, cell));
  }
  if (const ErrorRateCriterion* rate = RateOf(criterion)) {
    AddCounts(context, *rate, from, remedies);
  }
  if (const auto* ratio = absl::get_if<BaselineRatioCriterion>(&criterion.kind)) {
    AddBaseline(context, *ratio, finding.cell, remedies);
  }
  if (const auto* bound = absl::get_if<SeriesBoundCriterion>(&criterion.kind)) {
    AddSeriesBound(context, *bound, finding.cell, from, remedies);
  }
  if (const auto* measurement = absl::get_if<MeasurementCriterion>(&criterion.kind)) {
    AddMeasurements(context, *measurement, finding, remedies);
  }
}

void AddBakeRemedies(const RemedyContext& context, const Finding& finding, Remedies* remedies) {
  if (context.rule == nullptr) return;
  const RolloutRule& rule = context.rule->rollout;
  if (finding.evidence.until.has_value()) AddTime(context, *finding.evidence.until, remedies);
  if (finding.reason == v1::BAKING) return;
  for (const WatchedAlarm& watched : rule.watched) {
    AddWatchRemedies(context, watched, finding.cell, remedies);
  }
  for (const HealthCriterion& criterion : rule.criteria) {
    if (absl::holds_alternative<MeasurementCriterion>(criterion.kind)) continue;
    AddCriterionRemedies(context, criterion, finding, remedies);
  }
  if (!finding.evidence.until.has_value()) return;
  // Series reach the end of a bake with the end of a whole period.
  for (const HealthCriterion& criterion : rule.criteria) {
    if (!absl::holds_alternative<SeriesBoundCriterion>(criterion.kind)) continue;
    AddTime(context, AlignedUp(*finding.evidence.until, kPeriodOfNew), remedies);
  }
  for (const v1::Series& series : context.base.state->series()) {
    const absl::optional<absl::Duration> period = ReadDuration(series.period());
    if (period.has_value() && *period > absl::ZeroDuration()) {
      AddTime(context, AlignedUp(*finding.evidence.until, *period), remedies);
    }
  }
}

void AddRoomRemedies(const RemedyContext& context, Remedies* remedies) {
  for (const CellFacts& cell : context.facts.cells) {
    if (cell.retired || !SharesRoom(context, cell.stage)) continue;
    const DeploymentFacts* newest = NewestDeployment(context, cell.id);
    if (newest == nullptr || newest->proven || newest->direction != v1::Deployment::FORWARD) {
      continue;
    }
    AddDeploymentRemedies(context, cell.id, remedies);
    AddAcceptRemedies(context, cell.id, remedies);
  }
}

}  // namespace sluice
