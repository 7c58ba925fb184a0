#include "sluice/simulate/asked_evidence.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "sluice/internal/checked_time.h"

namespace sluice {
namespace {

// Runs and measurements that were made up.
constexpr char kRunPrefix[] = "healthy-future-";

// Whether a run that passes is what a check's finding waits for.
bool AsksForRun(const Finding& finding) {
  switch (finding.reason) {
    case v1::CHECK_ABSENT:
    case v1::CHECK_RUNNING:
    case v1::CHECK_ERROR:
    case v1::NUMBER_MISSING:
    case v1::TOO_FEW_PASSES:
    case v1::STALE:
      return finding.verdict == Verdict::kUnknown;
    default:
      return false;
  }
}

double Within(const NumberBound& bound) {
  if (std::isfinite(bound.at_least)) return bound.at_least;
  return std::isfinite(bound.at_most) ? bound.at_most : 0;
}

}  // namespace

bool AskedEvidence::IsNew(const std::string& question, absl::Time t) {
  if (t != asked_at_) {
    asked_.clear();
    asked_at_ = t;
  }
  return asked_.insert(question).second;
}

void AskedEvidence::AddRun(const v1::Check& like, absl::Time t, v1::PipelineState* state) {
  v1::Check* run = state->add_checks();
  *run = like;
  run->set_run(absl::StrCat(kRunPrefix, ++runs_));
  *run->mutable_started_at() = WriteTime(t);
  *run->mutable_finished_at() = WriteTime(t);
  run->set_outcome(v1::Check::PASSED);
}

bool AskedEvidence::AnswerCheck(const StageDecision& stage, const CheckRequirement& check,
                                const Finding& finding, absl::string_view artifact, absl::Time t,
                                v1::PipelineState* state) {
  const std::string in_stage = check.bound_to_stage ? std::string(stage.stage) : "";
  if (!IsNew(absl::StrCat(check.check, "|", artifact, "|", in_stage), t)) return false;
  v1::Check passed;
  passed.set_check(check.check);
  passed.set_artifact(std::string(artifact));
  passed.set_stage(in_stage);
  const auto numbers = needs_.checks.find(check.check);
  if (numbers != needs_.checks.end()) {
    for (const auto& [name, bound] : numbers->second) {
      (*passed.mutable_numbers())[name] = Within(bound);
    }
  }
  // A run that is under way ends well.
  for (v1::Check& run : *state->mutable_checks()) {
    const bool is_meant = run.check() == check.check && run.artifact() == artifact &&
                          run.cell().empty() && (in_stage.empty() || run.stage() == in_stage);
    if (!is_meant || run.outcome() != v1::Check::RUNNING) continue;
    const absl::optional<absl::Time> started = ReadTime(run.started_at());
    if (!started.has_value()) continue;
    run.set_outcome(v1::Check::PASSED);
    *run.mutable_finished_at() = WriteTime(std::max(t, *started));
    *run.mutable_numbers() = passed.numbers();
  }
  int64_t more = finding.reason == v1::CHECK_RUNNING ? 0 : 1;
  if (finding.reason == v1::TOO_FEW_PASSES) {
    more = finding.evidence.needed.value_or(1) - finding.evidence.count.value_or(0);
  } else if (more > 0) {
    more = check.consecutive_passes;
  }
  for (; more > 0; --more) AddRun(passed, t, state);
  return true;
}

bool AskedEvidence::AnswerHygiene(const StageDecision& stage, const Finding& finding, absl::Time t,
                                  v1::PipelineState* state) {
  absl::string_view check = finding.id;
  if (!absl::ConsumePrefix(&check, "@hygiene:")) return false;
  if (finding.reason != v1::HYGIENE_WAITING && finding.reason != v1::HYGIENE_TIMED_OUT) {
    return false;
  }
  if (!IsNew(absl::StrCat(check, "|", finding.artifact, "|", finding.cell), t)) return false;
  for (v1::Check& run : *state->mutable_checks()) {
    if (run.check() != check || run.artifact() != finding.artifact || run.cell() != finding.cell ||
        run.outcome() != v1::Check::RUNNING) {
      continue;
    }
    const absl::optional<absl::Time> started = ReadTime(run.started_at());
    if (!started.has_value()) continue;
    run.set_outcome(v1::Check::PASSED);
    *run.mutable_finished_at() = WriteTime(std::max(t, *started));
  }
  v1::Check passed;
  passed.set_check(std::string(check));
  passed.set_artifact(std::string(finding.artifact));
  passed.set_stage(std::string(stage.stage));
  passed.set_cell(std::string(finding.cell));
  AddRun(passed, t, state);
  return true;
}

bool AskedEvidence::AnswerMeasurement(const MeasurementCriterion& criterion, const Finding& finding,
                                      absl::Time t, v1::PipelineState* state) {
  if (finding.reason != v1::NO_DATA && finding.reason != v1::MEASURING) return false;
  if (!IsNew(absl::StrCat(criterion.measurement, "||", finding.artifact, "|", finding.cell), t)) {
    return false;
  }
  const MeasurementLimits& limits = criterion.limits;
  int64_t successes = limits.count;
  if (limits.consecutive_successes > 0) {
    successes = std::min(successes, limits.consecutive_successes);
  }
  for (; successes > 0; --successes) {
    v1::Measurement* measurement = state->add_measurements();
    measurement->set_measurement(criterion.measurement);
    measurement->set_artifact(std::string(finding.artifact));
    measurement->set_cell(std::string(finding.cell));
    measurement->set_run(absl::StrCat(kRunPrefix, ++runs_));
    *measurement->mutable_measured_at() = WriteTime(t);
    measurement->set_outcome(v1::Measurement::SUCCEEDED);
  }
  return true;
}

bool AskedEvidence::AnswerFinding(const StageDecision& stage, const Finding& finding,
                                  absl::string_view artifact, absl::Time t,
                                  v1::PipelineState* state) {
  if (finding.verdict == Verdict::kClear || artifact.empty()) return false;
  bool answered = false;
  for (const Finding& child : finding.evidence.children) {
    answered = AnswerFinding(stage, child, artifact, t, state) || answered;
  }
  if (const Blocker* blocker = leaves_.BlockerOf(finding.id)) {
    const auto* check = absl::get_if<CheckRequirement>(&blocker->kind);
    if (check == nullptr || !AsksForRun(finding)) return answered;
    return AnswerCheck(stage, *check, finding, artifact, t, state) || answered;
  }
  if (const HealthCriterion* criterion = leaves_.CriterionOf(finding.id)) {
    const auto* measurement = absl::get_if<MeasurementCriterion>(&criterion->kind);
    return measurement != nullptr && AnswerMeasurement(*measurement, finding, t, state);
  }
  return AnswerHygiene(stage, finding, t, state);
}

bool AskedEvidence::Answer(const Decision& decision, absl::Time t, v1::PipelineState* state) {
  bool answered = false;
  for (const StageDecision& stage : decision.stages) {
    for (const Finding& finding : stage.findings) {
      answered = AnswerFinding(stage, finding, finding.artifact, t, state) || answered;
    }
  }
  return answered;
}

}  // namespace sluice
