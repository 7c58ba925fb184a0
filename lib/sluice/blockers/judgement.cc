#include "sluice/blockers/judgement.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"

namespace sluice {

Judgement Judged(Verdict verdict, Reason reason) {
  Judgement judgement;
  judgement.verdict = verdict;
  judgement.reason = reason;
  return judgement;
}

Judgement JudgeSubject(const Subject& subject) {
  if (subject.artifact == nullptr) return Judged(Verdict::kUnknown, v1::NO_SUBJECT);
  if (subject.artifact->fault == v1::ALL_CLEAR) return Judged(Verdict::kClear, v1::ALL_CLEAR);
  Judgement judgement = Judged(Verdict::kInvalid, subject.artifact->fault);
  judgement.evidence.subject = subject.artifact->digest_text;
  return judgement;
}

Judgement JudgeAge(const Subject& subject, absl::Time oldest, absl::Time newest,
                   absl::Duration max_age, absl::Time now) {
  if (now < subject.VisibleFrom(newest)) {
    Judgement judgement = Judged(Verdict::kInvalid, v1::FROM_THE_FUTURE);
    judgement.changes_at = subject.VisibleFrom(newest);
    judgement.evidence.at = newest;
    return judgement;
  }
  const absl::Time stale_at = Later(oldest, max_age);
  const bool is_stale = now >= stale_at;
  Judgement judgement =
      is_stale ? Judged(Verdict::kUnknown, v1::STALE) : Judged(Verdict::kClear, v1::ALL_CLEAR);
  if (!is_stale) judgement.changes_at = stale_at;
  judgement.evidence.at = oldest;
  return judgement;
}

void NameSubjects(absl::Span<const absl::string_view> names, Evidence& evidence) {
  if (names.empty()) return;
  const size_t shown = std::min(names.size(), kMaxSubjects);
  evidence.subject = names.front();
  evidence.subjects.assign(names.begin(), names.begin() + shown);
  evidence.total = names.size();
}

}  // namespace sluice
