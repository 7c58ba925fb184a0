#include "sluice/blockers/check.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// Overwrites `bound` with a finite `value`.
void ReadBound(double value, const FieldPath& path, double& bound, FieldErrors& errors) {
  if (std::isfinite(value)) {
    bound = value;
  } else {
    errors.Add(path, v1::Fault::INVALID_VALUE, "must be finite");
  }
}

NumberBound ParseBound(const v1::NumberBound& proto, const FieldPath& path, FieldErrors& errors) {
  NumberBound bound;
  bound.number = ReadName(proto.number(), path.Field("number"), errors);
  const FieldPath at_most_path = path.Field("at_most");
  if (!proto.has_at_least() && !proto.has_at_most()) {
    errors.Add(path, v1::Fault::MISSING, "needs `at_least` or `at_most`");
  }
  if (proto.has_at_least()) {
    ReadBound(proto.at_least(), path.Field("at_least"), bound.at_least, errors);
  }
  if (proto.has_at_most()) ReadBound(proto.at_most(), at_most_path, bound.at_most, errors);
  if (bound.at_least > bound.at_most) {
    errors.Add(at_most_path, v1::Fault::INVALID_VALUE, "must not be below `at_least`");
  }
  return bound;
}

std::vector<NumberBound> ParseBounds(const v1::CheckRequirement& proto, const FieldPath& parent,
                                     FieldErrors& errors) {
  std::vector<NumberBound> bounds;
  if (proto.bounds_size() > kMaxElementsInPolicy) {
    errors.Add(parent.Field("bounds"), v1::Fault::TOO_LARGE, "has too many elements");
    return bounds;
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < proto.bounds_size(); ++i) {
    const FieldPath path = parent.Element("bounds", i);
    bounds.push_back(ParseBound(proto.bounds(i), path, errors));
    const std::string& number = proto.bounds(i).number();
    if (!number.empty() && !seen.insert(number).second) {
      errors.Add(path.Field("number"), v1::Fault::DUPLICATE, "is bounded twice");
    }
  }
  std::sort(bounds.begin(), bounds.end(),
            [](const NumberBound& a, const NumberBound& b) { return a.number < b.number; });
  return bounds;
}

// Whether the run is one that this blocker looks at. In doubt about a broken record, it is.
bool IsInScope(const CheckRequirement& blocker, const Subject& subject, const CheckRun& run) {
  if (!run.cell.empty()) return false;
  if (!blocker.bound_to_stage || run.stage == subject.stage) return true;
  return run.fault != v1::ALL_CLEAR && run.stage.empty();
}

Judgement About(const CheckRun& run, Verdict verdict, Reason reason) {
  Judgement judgement = Judged(verdict, reason);
  judgement.evidence.subject = run.run;
  judgement.evidence.at = run.outcome == v1::Check::RUNNING ? run.started_at : run.finished_at;
  return judgement;
}

Judgement JudgeNumber(const NumberBound& bound, const CheckRun& run) {
  if (run.record == nullptr) return About(run, Verdict::kUnknown, v1::NUMBER_MISSING);
  const auto found = run.record->numbers().find(bound.number);
  Judgement judgement = About(run, Verdict::kClear, v1::ALL_CLEAR);
  if (found == run.record->numbers().end()) {
    judgement = About(run, Verdict::kUnknown, v1::NUMBER_MISSING);
    judgement.evidence.subject = bound.number;
    return judgement;
  }
  const double value = found->second;
  if (!std::isfinite(value)) return About(run, Verdict::kInvalid, v1::INVALID_DATA);
  if (value >= bound.at_least && value <= bound.at_most) return judgement;
  judgement = About(run, Verdict::kBlocking, v1::OUT_OF_BOUNDS);
  judgement.evidence.subject = bound.number;
  judgement.evidence.value = value;
  judgement.evidence.threshold = value < bound.at_least ? bound.at_least : bound.at_most;
  return judgement;
}

// How bad a reason is: of two, the higher one decides.
int Rank(const Judgement& judgement) {
  if (judgement.verdict == Verdict::kInvalid) return 6;
  switch (judgement.reason) {
    case v1::CHECK_FAILED:
      return 5;
    case v1::OUT_OF_BOUNDS:
      return 4;
    case v1::CHECK_ERROR:
      return 3;
    case v1::CHECK_RUNNING:
      return 2;
    case v1::NUMBER_MISSING:
      return 1;
    default:
      return 0;
  }
}

void KeepWorse(Judgement other, Judgement& judgement) {
  if (Rank(other) > Rank(judgement)) judgement = std::move(other);
}

// What one run says by itself, whatever its age.
Judgement JudgeRun(const CheckRequirement& blocker, const CheckRun& run) {
  switch (run.outcome) {
    case v1::Check::RUNNING:
      return About(run, Verdict::kUnknown, v1::CHECK_RUNNING);
    case v1::Check::ERROR:
      return About(run, Verdict::kUnknown, v1::CHECK_ERROR);
    case v1::Check::FAILED:
      return About(run, Verdict::kBlocking, v1::CHECK_FAILED);
    case v1::Check::PASSED:
      break;
    default:
      return About(run, Verdict::kInvalid, v1::INVALID_DATA);
  }
  Judgement judgement = About(run, Verdict::kClear, v1::ALL_CLEAR);
  for (const NumberBound& bound : blocker.bounds) KeepWorse(JudgeNumber(bound, run), judgement);
  return judgement;
}

// The runs in scope that started at one instant.
struct Tie {
  Judgement judgement;                         // The worst.
  absl::Time oldest = absl::InfiniteFuture();  // The first of their ends.
  int runs = 0;
};

// Removes the newest tie from the end of `runs`; `runs` is 0 in the answer if there is none.
Tie TakeNewest(const CheckRequirement& blocker, const Subject& subject,
               absl::Span<const CheckRun>& runs) {
  Tie tie;
  absl::Time started_at;
  for (; !runs.empty(); runs.remove_suffix(1)) {
    const CheckRun& run = runs.back();
    if (!IsInScope(blocker, subject, run)) continue;
    if (tie.runs > 0 && run.started_at != started_at) break;
    Judgement judgement = JudgeRun(blocker, run);
    if (tie.runs == 0) {
      started_at = run.started_at;
      tie.judgement = std::move(judgement);
    } else {
      KeepWorse(std::move(judgement), tie.judgement);
    }
    tie.oldest = std::min(tie.oldest, run.finished_at);
    ++tie.runs;
  }
  return tie;
}

// INVALID if a run can't be used or is from the future; else CLEAR.
Judgement JudgeRecords(const CheckRequirement& blocker, const Subject& subject,
                       absl::Span<const CheckRun> runs, absl::Time now) {
  Judgement judgement = Judged(Verdict::kClear, v1::ALL_CLEAR);
  absl::Time newest = absl::InfinitePast();
  for (const CheckRun& run : runs) {
    if (!IsInScope(blocker, subject, run)) continue;
    if (run.fault == v1::ALL_CLEAR) {
      newest = std::max(newest, run.started_at);
      if (run.outcome != v1::Check::RUNNING) newest = std::max(newest, run.finished_at);
    } else if (judgement.verdict == Verdict::kClear || run.fault < judgement.reason) {
      judgement = Judged(Verdict::kInvalid, run.fault);
      judgement.evidence.subject = run.run;
    }
  }
  if (judgement.verdict != Verdict::kClear || newest == absl::InfinitePast()) return judgement;
  return JudgeAge(subject, newest, newest, absl::InfiniteDuration(), now);
}

}  // namespace

CheckRequirement ParseCheckRequirement(const v1::CheckRequirement& proto, const FieldPath& path,
                                       FieldErrors& errors) {
  CheckRequirement blocker;
  blocker.check = ReadIdentifier(proto.check(), path.Field("check"), errors);
  ReadChoice(proto.binds_to(), v1::CheckRequirement::BindsTo_IsValid, path.Field("binds_to"),
             errors);
  blocker.bound_to_stage = proto.binds_to() != v1::CheckRequirement::ARTIFACT;
  if (proto.has_max_age()) {
    blocker.max_age = ReadPositive(proto.max_age(), path.Field("max_age"), errors);
  }
  blocker.bounds = ParseBounds(proto, path, errors);
  if (proto.consecutive_passes() != 0) {
    blocker.consecutive_passes =
        static_cast<int>(ReadCount(proto.consecutive_passes(), kMaxConsecutivePasses,
                                   path.Field("consecutive_passes"), errors));
  }
  return blocker;
}

Judgement Check(const CheckRequirement& blocker, const Subject& subject, absl::Time now) {
  Judgement about_subject = JudgeSubject(subject);
  if (about_subject.verdict != Verdict::kClear) return about_subject;
  absl::Span<const CheckRun> runs =
      subject.snapshot.Checks(subject.artifact->digest_text, blocker.check);
  Judgement about_records = JudgeRecords(blocker, subject, runs, now);
  if (about_records.verdict != Verdict::kClear) return about_records;

  Tie newest = TakeNewest(blocker, subject, runs);
  if (newest.runs == 0) return Judged(Verdict::kUnknown, v1::CHECK_ABSENT);
  if (newest.judgement.verdict != Verdict::kClear) return std::move(newest.judgement);

  int passes = newest.runs;
  while (passes < blocker.consecutive_passes) {
    const Tie older = TakeNewest(blocker, subject, runs);
    if (older.runs == 0 || older.judgement.verdict != Verdict::kClear) break;
    passes += older.runs;
  }
  if (passes < blocker.consecutive_passes) {
    newest.judgement.verdict = Verdict::kUnknown;
    newest.judgement.reason = v1::TOO_FEW_PASSES;
    newest.judgement.evidence.count = passes;
    newest.judgement.evidence.needed = blocker.consecutive_passes;
    return std::move(newest.judgement);
  }
  Judgement judgement = JudgeAge(subject, newest.oldest, newest.oldest, blocker.max_age, now);
  judgement.evidence.subject = newest.judgement.evidence.subject;
  return judgement;
}

}  // namespace sluice
