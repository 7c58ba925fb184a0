#include "sluice/blockers/host_condition.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/judgement.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

// The answer, or nothing if there was an exception. The one place of the library that catches.
absl::optional<HostAnswer> Ask(const HostKind& judge, const HostQuestion& question) {
  try {
    return judge(question);
  } catch (...) {
    return absl::nullopt;
  }
}

bool IsText(absl::string_view text) { return text.size() <= kMaxHostText && IsValidUtf8(text); }

bool IsUsable(const HostAnswer& answer, absl::Time now) {
  switch (answer.verdict) {
    case Verdict::kUnknown:
    case Verdict::kInvalid:
    case Verdict::kBlocking:
      if (answer.reason.empty()) return false;
      break;
    case Verdict::kClear:
      break;
    default:
      return false;
  }
  if (!answer.changes_at.has_value() || *answer.changes_at <= now) return false;
  return IsText(answer.reason) && answer.notes.size() <= kMaxHostNotes &&
         std::all_of(answer.notes.begin(), answer.notes.end(), IsText);
}

}  // namespace

HostCondition ParseHostCondition(const v1::HostCondition& proto, const HostKinds& kinds,
                                 const FieldPath& path, FieldErrors& errors) {
  HostCondition condition;
  const FieldPath type_url = path.Field("type_url");
  condition.type_url = ReadName(proto.type_url(), type_url, errors);
  condition.configuration = proto.configuration();
  if (condition.type_url.empty()) return condition;
  const auto kind = kinds.find(condition.type_url);
  if (kind != kinds.end() && kind->second != nullptr) {
    condition.judge = kind->second;
  } else {
    errors.Add(type_url, v1::Fault::INVALID_VALUE,
               absl::StrCat("names no kind that the host registered: `", condition.type_url, "`"));
  }
  return condition;
}

Judgement Check(const HostCondition& condition, const Subject& subject, absl::Time now) {
  Judgement judgement = JudgeSubject(subject);
  if (judgement.verdict != Verdict::kClear) return judgement;
  const HostQuestion question{condition.configuration, subject.stage, subject.artifact->digest_text,
                              now};
  absl::optional<HostAnswer> answer = Ask(condition.judge, question);
  if (!answer.has_value() || !IsUsable(*answer, now)) {
    judgement = Judged(Verdict::kInvalid, v1::HOST_FAULT);
    judgement.evidence.subject = condition.type_url;
    return judgement;
  }
  judgement = Judged(answer->verdict,
                     answer->verdict == Verdict::kClear ? v1::ALL_CLEAR : v1::HOST_CONDITION);
  // Never, if it is beyond the year 9999.
  judgement.changes_at = Later(*answer->changes_at, absl::ZeroDuration());
  judgement.evidence.subject = condition.type_url;
  judgement.evidence.host = std::make_shared<const HostWords>(
      HostWords{std::move(answer->reason), std::move(answer->notes)});
  return judgement;
}

}  // namespace sluice
