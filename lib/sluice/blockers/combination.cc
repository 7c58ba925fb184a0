#include "sluice/blockers/combination.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sluice/blockers/judgement.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

// Verdict and reason of a combination; how many children have which.
struct Answer {
  Verdict verdict = Verdict::kUnknown;
  Reason reason = v1::CHILDREN_UNKNOWN;
  size_t clear = 0;
};

bool IsSame(const Answer& a, const Answer& b) {
  return a.verdict == b.verdict && a.reason == b.reason;
}

// What follows from what the children say, the two-valued ones saying `instead` if that is set.
Answer Combine(size_t needed, const std::vector<CombinedChild>& children,
               const std::vector<Judgement>& judgements, const Verdict* instead) {
  size_t unknown = 0;
  bool has_invalid = false;
  bool lacks_subject = false;
  Answer answer;
  for (size_t i = 0; i < children.size(); ++i) {
    const bool is_replaced = instead != nullptr && children[i].is_two_valued;
    switch (is_replaced ? *instead : judgements[i].verdict) {
      case Verdict::kInvalid:
        has_invalid = true;
        break;
      case Verdict::kUnknown:
        ++unknown;
        lacks_subject = lacks_subject || judgements[i].reason == v1::NO_SUBJECT;
        break;
      case Verdict::kClear:
        ++answer.clear;
        break;
      case Verdict::kBlocking:
        break;
    }
  }
  if (has_invalid) {
    answer.verdict = Verdict::kInvalid;
    answer.reason = v1::CHILD_INVALID;
  } else if (lacks_subject) {
    answer.reason = v1::NO_SUBJECT;
  } else if (answer.clear >= needed) {
    answer.verdict = Verdict::kClear;
    answer.reason = v1::ALL_CLEAR;
  } else if (answer.clear + unknown < needed) {
    answer.verdict = Verdict::kBlocking;
    answer.reason = v1::TOO_FEW_CHILDREN_CLEAR;
  }
  return answer;
}

// Whether two-valued children make no difference to the answer, whatever they say.
bool IsSettled(size_t needed, const std::vector<CombinedChild>& children,
               const std::vector<Judgement>& judgements) {
  const Verdict clear = Verdict::kClear;
  const Verdict blocking = Verdict::kBlocking;
  return IsSame(Combine(needed, children, judgements, &clear),
                Combine(needed, children, judgements, &blocking));
}

// The first later instant at which a child that matters changes.
absl::Time NextChange(size_t needed, const std::vector<CombinedChild>& children,
                      const std::vector<Judgement>& judgements) {
  const bool is_settled = IsSettled(needed, children, judgements);
  absl::Time next = absl::InfiniteFuture();
  for (size_t i = 0; i < children.size(); ++i) {
    if (is_settled && children[i].is_two_valued) continue;
    next = std::min(next, judgements[i].changes_at);
  }
  return next;
}

Finding ChildFinding(absl::string_view id, Judgement judgement) {
  Finding finding;
  finding.id = id;
  finding.verdict = judgement.verdict;
  finding.reason = judgement.reason;
  finding.effect = Effect::kNone;
  finding.changes_at = judgement.changes_at;
  finding.evidence = std::move(judgement.evidence);
  return finding;
}

}  // namespace

Judgement CheckCombination(size_t needed, const std::vector<CombinedChild>& children,
                           absl::FunctionRef<Judgement(size_t, absl::Time)> judge, absl::Time now) {
  std::vector<Judgement> judgements;
  for (size_t i = 0; i < children.size(); ++i) judgements.push_back(judge(i, now));
  const Answer answer = Combine(needed, children, judgements, nullptr);

  Judgement judgement = Judged(answer.verdict, answer.reason);
  judgement.evidence.count = static_cast<int64_t>(answer.clear);
  judgement.evidence.needed = static_cast<int64_t>(needed);
  std::vector<absl::string_view> in_the_way;
  for (size_t i = 0; i < children.size(); ++i) {
    if (judgements[i].verdict != Verdict::kClear) in_the_way.push_back(children[i].id);
    judgement.evidence.children.push_back(ChildFinding(children[i].id, judgements[i]));
  }
  NameSubjects(in_the_way, judgement.evidence);

  for (int step = 0; step < kMaxCombinationSteps; ++step) {
    const absl::Time next = NextChange(needed, children, judgements);
    judgement.changes_at = next;
    if (next == absl::InfiniteFuture()) break;
    for (size_t i = 0; i < children.size(); ++i) {
      if (judgements[i].changes_at <= next) judgements[i] = judge(i, next);
    }
    if (!IsSame(Combine(needed, children, judgements, nullptr), answer)) break;
  }
  return judgement;
}

}  // namespace sluice
