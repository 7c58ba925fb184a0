#ifndef SLUICE_BLOCKERS_JUDGEMENT_H_
#define SLUICE_BLOCKERS_JUDGEMENT_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/facts.h"
#include "sluice/finding.h"

namespace sluice {

// A judgement that no instant changes, without evidence.
Judgement Judged(Verdict verdict, Reason reason);

// What stands in the way of any judgement about the subject's artifact: NO_SUBJECT, or a record
// that can't be used. CLEAR if nothing does.
Judgement JudgeSubject(const Subject& subject);

// What the ages of observations say, the oldest made at `oldest` and the newest at `newest`:
// INVALID (FROM_THE_FUTURE) while one is later than `now` plus the permitted skew; else UNKNOWN
// (STALE) once one is `max_age` old; else CLEAR. `changes_at` is that of this verdict; `at` is the
// instant meant.
Judgement JudgeAge(const Subject& subject, absl::Time oldest, absl::Time newest,
                   absl::Duration max_age, absl::Time now);

// Puts `names`, sorted and each once, into the evidence: the first as its subject, and as many as
// kMaxSubjects permits.
void NameSubjects(absl::Span<const absl::string_view> names, Evidence& evidence);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_JUDGEMENT_H_
