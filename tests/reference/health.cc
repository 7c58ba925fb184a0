#include "tests/reference/health.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/numeric/int128.h"
#include "tests/reference/alarms.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

using absl::int128;

// ---------------------------------------------------------------- Counts

constexpr int64_t kMostRequests = int64_t{1} << 34;

struct Sum {
  bool gap = false;
  int64_t requests = 0;
  int64_t errors = 0;
  int64_t periods = 0;
};

Judgement FindCounts(const Facts& facts, const v1::Stage& stage, const std::string& id,
                     v1::CellCounts* counts) {
  const auto is_it = [&](const v1::CellCounts& candidate) {
    return candidate.counts() == id && candidate.stage() == stage.id();
  };
  const v1::CellCounts* one = nullptr;
  const Judgement found = FindOne(facts.state.counts(), is_it, CountsFault, &one);
  if (!found.clear()) return found;
  *counts = *one;
  if (FromTheFuture(facts, counts->reported_through())) return Invalid(v1::FROM_THE_FUTURE);
  return Clear();
}

bool HasCell(const v1::CellCounts& counts, const std::string& cell) {
  return Contains(counts.cells(), cell);
}

// Of whole periods that start at or after `since` and have been reported.
Sum SumOf(const Facts& facts, const v1::CellCounts& counts, const std::vector<std::string>& cells,
          absl::Time since) {
  Sum sum;
  const absl::Time to = std::min(facts.now, ToTime(counts.reported_through()));
  const absl::Duration period = ToDuration(counts.period());
  const absl::Time start = ToTime(counts.start());
  const int64_t periods = counts.requests_size() / counts.cells_size();
  absl::Duration rest;
  int64_t p = absl::IDivDuration(since - start, period, &rest);
  if (rest > absl::ZeroDuration()) ++p;
  sum.gap = start + period * (p + 1) > to;  // Not one whole period.
  for (; start + period * (p + 1) <= to; ++p) {
    bool data = true;
    for (const std::string& cell : cells) {
      const int c = static_cast<int>(std::find(counts.cells().begin(), counts.cells().end(), cell) -
                                     counts.cells().begin());
      if (p < 0 || p >= periods || c == counts.cells_size() ||
          counts.requests(c * periods + p) < 0 || counts.errors(c * periods + p) < 0) {
        sum.gap = true;
        data = false;
        continue;
      }
      sum.requests += counts.requests(c * periods + p);
      sum.errors += counts.errors(c * periods + p);
    }
    sum.periods += data;
  }
  return sum;
}

// ---------------------------------------------------------------- Rates

std::vector<std::string> CellsOf(const std::vector<Baked>& judged) {
  std::vector<std::string> cells;
  for (const Baked& cell : judged) cells.push_back(cell.deployment->cell());
  return cells;
}

// With a baseline the counts of a wave are those since the latest start of its cells [R5].
absl::Time ProofFrom(const std::vector<Baked>& judged) {
  absl::Time from = absl::InfinitePast();
  for (const Baked& cell : judged) from = std::max(from, cell.proof_from);
  return from;
}

absl::Time FailureFrom(const std::vector<Baked>& judged) {
  absl::Time from = absl::InfinitePast();
  for (const Baked& cell : judged) from = std::max(from, cell.failure_from);
  return from;
}

// Without one each cell's since its own.
Sum SumOfEach(const Facts& facts, const v1::CellCounts& counts, const std::vector<Baked>& judged,
              absl::Time Baked::*from) {
  Sum all;
  for (const Baked& cell : judged) {
    const Sum sum = SumOf(facts, counts, {cell.deployment->cell()}, cell.*from);
    all.gap = all.gap || sum.gap;
    all.requests += sum.requests;
    all.errors += sum.errors;
  }
  return all;
}

bool CanFail(const Sum& sum, uint64_t needed) {
  return !sum.gap && sum.requests >= static_cast<int64_t>(needed);
}

// What is not FAILED, from the sum since q.
Judgement JudgeProof(const Sum& sum, uint64_t needed, int64_t bound_ppm) {
  if (sum.gap) return Unknown(v1::NOT_COVERED);
  if (sum.requests < static_cast<int64_t>(needed)) return Unknown(v1::TOO_FEW_REQUESTS);
  const bool within = int128(sum.errors) * 1000000 <= int128(sum.requests) * bound_ppm;
  return within ? Clear() : Unknown(v1::INCONCLUSIVE);
}

Judgement JudgeErrorRate(const Facts& facts, const v1::Stage& stage, const v1::ErrorRate& rate,
                         const std::vector<Baked>& judged) {
  v1::CellCounts counts;
  const Judgement found = FindCounts(facts, stage, rate.counts(), &counts);
  if (!found.clear()) return found;
  const std::vector<std::string> cells = CellsOf(judged);
  for (const std::string& cell : cells) {
    if (!HasCell(counts, cell)) return Unknown(v1::NO_DATA);
  }
  if (FailureFrom(judged) == absl::InfiniteFuture()) return Unknown(v1::NO_DATA);
  const Sum failure = SumOfEach(facts, counts, judged, &Baked::failure_from);
  if (failure.requests > kMostRequests) return Invalid(v1::INVALID_DATA);
  if (CanFail(failure, rate.min_requests_to_fail()) &&
      IsSignificant(failure.requests, failure.errors, rate.bound_ppm(), rate.confidence())) {
    return Blocking(v1::ABOVE_BOUND);
  }
  if (IsStale(facts, counts.reported_through(), rate.max_age())) return Unknown(v1::STALE);
  if (ProofFrom(judged) == absl::InfiniteFuture()) return Unknown(v1::NOT_QUIET);
  return JudgeProof(SumOfEach(facts, counts, judged, &Baked::proof_from), rate.min_requests(),
                    rate.bound_ppm());
}

// ---------------------------------------------------------------- Baselines

bool IsProvenThere(const v1::Deployment& deployment) {
  return deployment.direction() == v1::Deployment::ADOPTED || deployment.has_proven() ||
         deployment.has_accepted();
}

// The newest other artifact that the cell was proven on; empty: none.
std::string PreviousArtifact(const Facts& facts, const v1::Stage& stage,
                             const v1::Deployment& deployment) {
  const v1::Deployment* previous = nullptr;
  for (const v1::Deployment& other : Record(facts, stage.id()).deployments()) {
    if (other.cell() != deployment.cell() || other.number() >= deployment.number() ||
        other.artifact() == deployment.artifact() || !IsProvenThere(other)) {
      continue;
    }
    if (previous == nullptr || other.number() > previous->number()) previous = &other;
  }
  return previous == nullptr ? "" : previous->artifact();
}

// Cells that have served the artifact since the judged cells' deployments ended, and before.
std::vector<std::string> BaselineCells(const Facts& facts, const v1::Stage& stage,
                                       const std::string& artifact,
                                       const std::vector<Baked>& judged) {
  std::vector<std::string> cells;
  const v1::StageRecord& record = Record(facts, stage.id());
  for (const v1::Cell& cell : facts.state.cells()) {
    if (cell.stage() != stage.id() || IsRetired(facts, cell.id())) continue;
    if (CellFault(facts, cell.id()) != v1::ALL_CLEAR) continue;
    const v1::Deployment* newest = nullptr;
    for (const v1::Deployment& deployment : record.deployments()) {
      if (deployment.cell() == cell.id() &&
          (newest == nullptr || deployment.number() >= newest->number())) {
        newest = &deployment;
      }
    }
    if (newest == nullptr || newest->artifact() != artifact || !newest->has_ended_at()) continue;
    bool settled = IsProvenThere(*newest);
    for (const v1::Rollout& rollout : record.rollouts()) {
      if (newest->direction() == v1::Deployment::ROLL_BACK &&
          rollout.number() == newest->rollout() && rollout.state() == v1::Rollout::ROLLED_BACK) {
        settled = true;
      }
    }
    bool in_time = true;
    for (const Baked& other : judged) {
      if (ToTime(newest->ended_at()) > ToTime(other.deployment->ended_at())) in_time = false;
    }
    if (settled && in_time) cells.push_back(cell.id());
  }
  return cells;
}

Judgement FindBaseline(const Facts& facts, const v1::Stage& stage, const std::string& counts,
                       const std::string& artifact, v1::Baseline* baseline) {
  const auto is_it = [&](const v1::Baseline& candidate) {
    return candidate.counts() == counts && candidate.stage() == stage.id();
  };
  const v1::Baseline* one = nullptr;
  const Judgement found = FindOne(facts.state.baselines(), is_it, BaselineFault, &one);
  if (found.verdict == v1::INVALID) return found;
  if (one == nullptr || one->artifact() != artifact) return Unknown(v1::NO_BASELINE);
  *baseline = *one;
  if (FromTheFuture(facts, baseline->observed_at())) return Invalid(v1::FROM_THE_FUTURE);
  return Clear();
}

bool IsSignificantRatio(const Sum& judged, const Sum& base, const v1::BaselineRatio& ratio) {
  if (!CanFail(judged, ratio.min_requests_to_fail()) ||
      !CanFail(base, ratio.min_requests_to_fail())) {
    return false;
  }
  const int128 weighted = int128(judged.requests) * ratio.max_ratio_ppm();
  const int128 all = weighted + int128(base.requests) * 1000000;
  const int128 bound = (weighted * 1000000 + all - 1) / all;
  const int64_t errors = judged.errors + base.errors;
  if (errors > kMostRequests) return false;
  return IsSignificant(errors, judged.errors, static_cast<int64_t>(bound), ratio.confidence());
}

Judgement JudgeRatio(const Facts& facts, const v1::Stage& stage, const v1::BaselineRatio& ratio,
                     const std::vector<Baked>& judged) {
  v1::CellCounts counts;
  const Judgement found = FindCounts(facts, stage, ratio.counts(), &counts);
  if (!found.clear()) return found;
  const std::vector<std::string> cells = CellsOf(judged);
  std::set<std::string> previous;
  for (const Baked& cell : judged) {
    previous.insert(PreviousArtifact(facts, stage, *cell.deployment));
  }
  const bool one = previous.size() == 1 && !previous.begin()->empty();
  const bool all_new = previous.size() == 1 && previous.begin()->empty();
  if (FailureFrom(judged) == absl::InfiniteFuture()) return Unknown(v1::NO_DATA);
  const Sum failure = SumOf(facts, counts, cells, FailureFrom(judged));
  if (failure.requests > kMostRequests) return Invalid(v1::INVALID_DATA);
  const bool stale = IsStale(facts, counts.reported_through(), ratio.max_age());
  const bool not_quiet = ProofFrom(judged) == absl::InfiniteFuture();

  std::vector<std::string> baseline_cells;
  if (one) baseline_cells = BaselineCells(facts, stage, *previous.begin(), judged);
  v1::Baseline recorded;
  Judgement record = Unknown(v1::NO_BASELINE);
  if (one && baseline_cells.empty() && ratio.has_recorded_max_age()) {
    record = FindBaseline(facts, stage, ratio.counts(), *previous.begin(), &recorded);
    if (record.clear() && IsStale(facts, recorded.observed_at(), ratio.recorded_max_age())) {
      record = Unknown(v1::STALE);
    }
  }
  if (record.verdict == v1::INVALID) return record;
  if (!baseline_cells.empty() || record.clear()) {
    Sum base_failure;
    base_failure.requests = recorded.requests();
    base_failure.errors = recorded.errors();
    Sum base_proof = base_failure;
    if (!baseline_cells.empty()) {
      base_failure = SumOf(facts, counts, baseline_cells, FailureFrom(judged));
      if (base_failure.requests > kMostRequests) return Invalid(v1::INVALID_DATA);
    }
    if (IsSignificantRatio(failure, base_failure, ratio)) return Blocking(v1::ABOVE_BASELINE);
    if (stale) return Unknown(v1::STALE);
    if (not_quiet) return Unknown(v1::NOT_QUIET);
    const Sum proof = SumOf(facts, counts, cells, ProofFrom(judged));
    if (!baseline_cells.empty()) {
      base_proof = SumOf(facts, counts, baseline_cells, ProofFrom(judged));
    }
    if (proof.gap || base_proof.gap) return Unknown(v1::NOT_COVERED);
    const int64_t needed = static_cast<int64_t>(ratio.min_requests());
    if (proof.requests < needed || base_proof.requests < needed) {
      return Unknown(v1::TOO_FEW_REQUESTS);
    }
    const bool within = int128(proof.errors) * base_proof.requests * 1000000 <=
                        int128(base_proof.errors) * proof.requests * ratio.max_ratio_ppm();
    return within ? Clear() : Unknown(v1::INCONCLUSIVE);
  }
  const bool no_baseline = record.reason == v1::NO_BASELINE;
  const bool no_record_could_say_otherwise =
      previous.size() > 1 || all_new || !ratio.has_recorded_max_age();
  if (no_baseline && ratio.has_bound_ppm() && no_record_could_say_otherwise &&
      CanFail(failure, ratio.min_requests_to_fail()) &&
      IsSignificant(failure.requests, failure.errors, ratio.bound_ppm(), ratio.confidence())) {
    return Blocking(v1::ABOVE_BOUND);
  }
  if (stale) return Unknown(v1::STALE);
  if (not_quiet) return Unknown(v1::NOT_QUIET);
  if (!no_baseline || !ratio.has_bound_ppm()) return record;
  return JudgeProof(SumOf(facts, counts, cells, ProofFrom(judged)), ratio.min_requests(),
                    ratio.bound_ppm());
}

// ---------------------------------------------------------------- Series, measurements

Judgement JudgeSeriesBound(const Facts& facts, const v1::SeriesBound& bound, const Baked& cell) {
  Points points;
  const Judgement found =
      FindSeries(facts, bound.series(), Of{cell.deployment->cell(), ""}, &points);
  if (!found.clear()) return found;
  const auto breaches = [&](int64_t p) {
    const double value = points.At(p);
    return !std::isnan(value) &&
           Breaches(bound.comparison(), bound.threshold(), bound.lower_threshold(), value);
  };
  const int64_t last = points.Newest(std::min(facts.now, points.reported_through));
  for (int64_t p = 0; p <= last; ++p) {
    uint32_t count = 0;
    for (int64_t i = p; i <= last && i < p + bound.evaluation_periods(); ++i) {
      if (points.StartOf(i) >= cell.failure_from) count += breaches(i);
    }
    if (count >= bound.datapoints_to_fail()) return Blocking(v1::SERIES_BREACHED);
  }
  if (facts.now - points.reported_through >= ToDuration(bound.max_age())) {
    return Unknown(v1::STALE);
  }
  if (cell.proof_from == absl::InfiniteFuture()) return Unknown(v1::NOT_QUIET);
  bool any = false;
  // A whole period before the series begins.
  bool missing = points.start - points.period >= cell.proof_from;
  bool breached = false;
  for (int64_t p = 0; p <= last; ++p) {
    if (points.StartOf(p) < cell.proof_from) continue;
    any = true;
    missing = missing || std::isnan(points.At(p));
    breached = breached || breaches(p);
  }
  if (breached) return Unknown(v1::POINTS_BREACHED);
  return any && !missing ? Clear() : Unknown(v1::NOT_COVERED);
}

Judgement JudgeMeasurements(const Facts& facts, const v1::MeasurementCount& limits,
                            const Baked& cell) {
  std::vector<const v1::Measurement*> made;
  std::set<std::string> runs;
  // [I2] Of several faults the reason with the lowest number.
  v1::Reason fault = v1::ALL_CLEAR;
  bool future = false;
  const auto note = [&](v1::Reason reason) {
    if (fault == v1::ALL_CLEAR || reason < fault) fault = reason;
  };
  for (const v1::Measurement& measurement : facts.state.measurements()) {
    if (measurement.measurement() != limits.measurement() ||
        measurement.artifact() != cell.deployment->artifact() ||
        measurement.cell() != cell.deployment->cell()) {
      continue;
    }
    const v1::Reason own = MeasurementFault(measurement);
    if (own != v1::ALL_CLEAR) note(own);
    if (!runs.insert(measurement.run()).second) note(v1::DUPLICATE_ID);
    future = future || FromTheFuture(facts, measurement.measured_at());
    if (ToTime(measurement.measured_at()) >= cell.failure_from) made.push_back(&measurement);
  }
  if (fault != v1::ALL_CLEAR) return Invalid(fault);
  if (future) return Invalid(v1::FROM_THE_FUTURE);
  if (cell.failure_from == absl::InfiniteFuture()) return Unknown(v1::NOT_QUIET);
  if (made.empty()) return Unknown(v1::NO_DATA);
  std::sort(made.begin(), made.end(), [](const v1::Measurement* a, const v1::Measurement* b) {
    const absl::Time x = ToTime(a->measured_at());
    const absl::Time y = ToTime(b->measured_at());
    return x != y ? x < y : a->run() < b->run();
  });
  uint32_t failures = 0, failures_in_a_row = 0, inconclusive = 0, errors_in_a_row = 0;
  uint32_t successes = 0, successes_in_a_row = 0, count = 0;
  for (const v1::Measurement* measurement : made) {
    const v1::Measurement::Outcome outcome = measurement->outcome();
    const auto row = [&](uint32_t so_far, v1::Measurement::Outcome kind) {
      return outcome == kind ? so_far + 1 : 0;
    };
    failures += outcome == v1::Measurement::FAILED;
    inconclusive += outcome == v1::Measurement::INCONCLUSIVE;
    successes += outcome == v1::Measurement::SUCCEEDED;
    count += outcome != v1::Measurement::ERROR;
    failures_in_a_row = row(failures_in_a_row, v1::Measurement::FAILED);
    errors_in_a_row = row(errors_in_a_row, v1::Measurement::ERROR);
    successes_in_a_row = row(successes_in_a_row, v1::Measurement::SUCCEEDED);
    const auto reached = [](uint32_t number, uint32_t limit) {
      return limit > 0 && number >= limit;
    };
    if (reached(failures, limits.failure_limit()) ||
        reached(failures_in_a_row, limits.consecutive_failure_limit())) {
      return Blocking(v1::MEASUREMENT_FAILED);
    }
    if (reached(inconclusive, limits.inconclusive_limit())) {
      return Unknown(v1::MEASUREMENT_INCONCLUSIVE);
    }
    if (reached(errors_in_a_row, limits.consecutive_error_limit())) {
      return Unknown(v1::MEASUREMENT_ERROR);
    }
    if (reached(successes_in_a_row, limits.consecutive_success_limit()) ||
        reached(count, limits.count())) {
      return Clear();
    }
    if (measurement->last()) {
      return limits.early_end() == v1::MeasurementCount::CLEAR && successes > 0
                 ? Clear()
                 : Unknown(v1::MEASUREMENT_ENDED);
    }
  }
  return Unknown(v1::MEASURING);
}

}  // namespace

bool IsSignificant(int64_t requests, int64_t errors, int64_t bound_ppm, v1::Confidence confidence) {
  // Lower confidence limits of a Poisson mean, in millionths, for 1 to 10 events.
  static constexpr int64_t kLimits[4][10] = {
      {100000, 531811, 1102065, 1744769, 2432591, 3151898, 3894766, 4656118, 5432468, 6221304},
      {50000, 355361, 817691, 1366318, 1970149, 2613014, 3285315, 3980822, 4695227, 5425405},
      {10000, 148554, 436045, 823248, 1279106, 1785284, 2330212, 2906106, 3507455, 4130199},
      {1000, 45402, 190533, 428552, 739371, 1107104, 1520336, 1970813, 2452424, 2960520}};
  static constexpr int64_t kZ[4] = {1643, 2706, 5412, 9550};
  static constexpr int64_t kC[4] = {11, 29, 74, 143};
  const int c = static_cast<int>(confidence) - 1;
  if (c < 0 || c > 3 || requests <= 0 || errors <= 0) return false;
  const int128 mean = int128(requests) * bound_ppm;
  if (mean <= kLimits[c][std::min<int64_t>(errors, 10) - 1]) return true;
  const int128 excess = int128(50) * (int128(2000000) * errors - 1000000 - 2 * mean) -
                        int128(kC[c]) * std::max<int64_t>(0, 1000000 - 2 * bound_ppm);
  return excess > 0 && excess * excess > int128(10) * kZ[c] * mean * (1000000 - bound_ppm);
}

Judgement JudgeCriterion(const Facts& facts, const v1::Stage& stage,
                         const v1::HealthCriterion& criterion, const std::vector<Baked>& judged) {
  switch (criterion.kind_case()) {
    case v1::HealthCriterion::kErrorRate:
      return JudgeErrorRate(facts, stage, criterion.error_rate(), judged);
    case v1::HealthCriterion::kBaselineRatio:
      return JudgeRatio(facts, stage, criterion.baseline_ratio(), judged);
    case v1::HealthCriterion::kSeriesBound:
      return JudgeSeriesBound(facts, criterion.series_bound(), judged[0]);
    case v1::HealthCriterion::kMeasurementCount:
      return JudgeMeasurements(facts, criterion.measurement_count(), judged[0]);
    default:
      return {};
  }
}

Seen SeenBy(const Facts& facts, const v1::Stage& stage, const v1::HealthCriterion& criterion,
            const Baked& cell) {
  Seen seen;
  if (criterion.has_series_bound()) {
    Points points;
    seen.has_reports = true;
    if (FindSeries(facts, criterion.series_bound().series(), Of{cell.deployment->cell(), ""},
                   &points)
            .clear()) {
      const int64_t last = points.Newest(std::min(facts.now, points.reported_through));
      seen.usable = true;
      seen.reported_through = last < 0 ? absl::InfinitePast() : points.EndOf(last);
    }
  } else if (criterion.has_error_rate() || criterion.has_baseline_ratio()) {
    v1::CellCounts counts;
    seen.has_reports = true;
    seen.has_counts = true;
    const std::string& id = criterion.has_error_rate() ? criterion.error_rate().counts()
                                                       : criterion.baseline_ratio().counts();
    if (FindCounts(facts, stage, id, &counts).clear()) {
      const Sum sum = SumOf(facts, counts, {cell.deployment->cell()}, cell.proof_from);
      seen.usable = true;
      seen.reported_through = ToTime(counts.reported_through());
      if (sum.requests > kMostRequests) return seen;
      seen.requests = sum.requests;
      seen.periods = sum.periods;
    }
  }
  return seen;
}

}  // namespace reference
}  // namespace sluice
