#include "sluice/metrics/success_ratio.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/metrics/period_grid.h"

namespace sluice {
namespace {

constexpr int64_t kPartsPerMillion = 1000000;

bool IsPositiveSpan(absl::Duration duration) {
  return duration > absl::ZeroDuration() && duration <= absl::Hours(24) * 366 * 10000;
}

bool IsValid(const RunsRule& rule) {
  return IsPositiveSpan(rule.window) && IsPositiveSpan(rule.max_gap) && rule.min_runs >= 1 &&
         rule.min_ratio_ppm >= 0 && rule.min_ratio_ppm <= kPartsPerMillion;
}

bool IsValid(const RunsView& runs) {
  if (runs.finished_at.size() != runs.succeeded.size()) return false;
  if (!std::is_sorted(runs.finished_at.begin(), runs.finished_at.end())) return false;
  return runs.finished_at.empty() ||
         (IsCivilTime(runs.finished_at.front()) && IsCivilTime(runs.finished_at.back()));
}

// A window that slides forward over the runs.
class Sweep {
 public:
  Sweep(const RunsRule& rule, const RunsView& runs) : rule_(rule), runs_(runs) {}

  // Moves the window's end to `now`, which never decreases.
  void AdvanceTo(absl::Time now) {
    now_ = now;
    while (end_ < Size() && At(end_) <= now) {
      if (end_ > begin_ && LeavesGap(end_ - 1)) ++gaps_;
      if (runs_.succeeded[end_]) ++succeeded_;
      ++end_;
    }
    while (begin_ < end_ && now - At(begin_) >= rule_.window) {
      if (begin_ + 1 < end_ && LeavesGap(begin_)) --gaps_;
      if (runs_.succeeded[begin_]) --succeeded_;
      ++begin_;
    }
  }

  int64_t Runs() const { return end_ - begin_; }
  int64_t Succeeded() const { return succeeded_; }

  RunsReason Reason() const {
    if (Runs() < rule_.min_runs) return RunsReason::kTooFewRuns;
    if (HasGap()) return RunsReason::kGap;
    // No memory holds so many runs that this overflows.
    if (succeeded_ * kPartsPerMillion < Runs() * rule_.min_ratio_ppm) {
      return RunsReason::kBelowRatio;
    }
    return RunsReason::kNone;
  }

  // The first instant after the window's end at which the reason could differ: a run arrives or
  // leaves, or the gap before the first or after the last run ends or begins.
  absl::Time NextEvent() const {
    absl::Time next = absl::InfiniteFuture();
    const auto consider = [this, &next](absl::Time time) {
      if (time > now_ && time < next) next = time;
    };
    if (end_ < Size()) consider(At(end_));
    if (begin_ < end_) {
      consider(At(begin_) + rule_.window);
      consider(At(begin_) + rule_.window - rule_.max_gap);
      consider(At(end_ - 1) + rule_.max_gap);
    }
    return IsCivilTime(next) ? next : absl::InfiniteFuture();
  }

 private:
  int64_t Size() const { return static_cast<int64_t>(runs_.finished_at.size()); }
  absl::Time At(int64_t run) const { return runs_.finished_at[run]; }

  // Whether the newest run grows too old between `run` and the one after it.
  bool LeavesGap(int64_t run) const { return At(run + 1) - At(run) > rule_.max_gap; }

  // Requires a run in the window.
  bool HasGap() const {
    const absl::Duration before_first = rule_.window - (now_ - At(begin_));
    const absl::Duration after_last = now_ - At(end_ - 1);
    return gaps_ > 0 || before_first > rule_.max_gap || after_last >= rule_.max_gap;
  }

  const RunsRule& rule_;
  const RunsView& runs_;
  absl::Time now_ = absl::InfinitePast();

  // The runs in the window are [begin_, end_); gaps_ counts those of them that leave a gap before
  // the next one in the window.
  int64_t begin_ = 0;
  int64_t end_ = 0;
  int64_t succeeded_ = 0;
  int64_t gaps_ = 0;
};

// Of a rule and runs that are valid.
RunsVerdict VerdictFor(RunsReason reason) {
  if (reason == RunsReason::kNone) return RunsVerdict::kClear;
  if (reason == RunsReason::kBelowRatio) return RunsVerdict::kBlocking;
  return RunsVerdict::kUnknown;
}

}  // namespace

RunsFinding JudgeRuns(const RunsRule& rule, const RunsView& runs, absl::Time now) {
  RunsFinding finding;
  if (!IsValid(rule) || !IsValid(runs) || !IsCivilTime(now)) return finding;

  Sweep sweep(rule, runs);
  sweep.AdvanceTo(now);
  finding.reason = sweep.Reason();
  finding.verdict = VerdictFor(finding.reason);
  finding.runs = sweep.Runs();
  finding.succeeded = sweep.Succeeded();
  for (absl::Time next = sweep.NextEvent(); next < absl::InfiniteFuture();
       next = sweep.NextEvent()) {
    sweep.AdvanceTo(next);
    if (sweep.Reason() != finding.reason) {
      finding.changes_at = next;
      break;
    }
  }
  return finding;
}

}  // namespace sluice
