#include "sluice/blockers/environment_parity.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using Environments = absl::InlinedVector<const EnvironmentFacts*, 4>;

// The value of an aspect; empty: it has none.
absl::string_view ValueOf(const EnvironmentFacts& environment, const std::string& aspect) {
  const auto found = environment.record->aspects().find(aspect);
  return found == environment.record->aspects().end() ? absl::string_view() : found->second;
}

bool IsMissing(const Environments& environments, const std::string& aspect) {
  return std::any_of(
      environments.begin(), environments.end(),
      [&](const EnvironmentFacts* environment) { return ValueOf(*environment, aspect).empty(); });
}

bool Differs(const Environments& environments, const std::string& aspect) {
  const absl::string_view first = ValueOf(*environments.front(), aspect);
  return std::any_of(
      environments.begin(), environments.end(),
      [&](const EnvironmentFacts* environment) { return ValueOf(*environment, aspect) != first; });
}

Judgement AboutAspects(Verdict verdict, Reason reason,
                       absl::Span<const absl::string_view> aspects) {
  Judgement judgement = Judged(verdict, reason);
  NameSubjects(aspects, judgement.evidence);
  return judgement;
}

// Whatever the age of the records.
Judgement Compare(const EnvironmentParity& blocker, const Environments& environments) {
  std::vector<absl::string_view> missing;
  std::vector<absl::string_view> different;
  for (const std::string& aspect : blocker.aspects) {
    if (IsMissing(environments, aspect)) {
      missing.push_back(aspect);
    } else if (Differs(environments, aspect)) {
      different.push_back(aspect);
    }
  }
  if (!missing.empty()) return AboutAspects(Verdict::kUnknown, v1::ASPECT_MISSING, missing);
  if (!different.empty()) return AboutAspects(Verdict::kBlocking, v1::ASPECT_DIFFERS, different);
  return Judged(Verdict::kClear, v1::ALL_CLEAR);
}

}  // namespace

EnvironmentParity ParseEnvironmentParity(const v1::EnvironmentParity& proto, const FieldPath& path,
                                         FieldErrors& errors) {
  EnvironmentParity blocker;
  blocker.aspects = ReadNames(proto.aspects(), path, "aspects", errors);
  blocker.stages = ReadIdentifiers(proto.stages(), path, "stages", errors);
  if (proto.stages_size() == 1) {
    errors.Add(path.Field("stages"), v1::Fault::INVALID_VALUE, "must have at least two elements");
  }
  blocker.max_age =
      ReadRequiredPositive(proto.has_max_age(), proto.max_age(), path.Field("max_age"), errors);
  return blocker;
}

Judgement Check(const EnvironmentParity& blocker, const Subject& subject, absl::Time now) {
  Environments environments;
  Judgement invalid = Judged(Verdict::kClear, v1::ALL_CLEAR);
  Judgement absent = Judged(Verdict::kClear, v1::ALL_CLEAR);
  absl::Time oldest = absl::InfiniteFuture();
  absl::Time newest = absl::InfinitePast();
  for (const std::string& stage : blocker.stages) {
    const auto found = subject.snapshot.environments.find(stage);
    if (found == subject.snapshot.environments.end()) {
      if (absent.verdict != Verdict::kClear) continue;
      absent = Judged(Verdict::kUnknown, v1::NO_DATA);
      absent.evidence.subject = stage;
      continue;
    }
    const EnvironmentFacts& environment = found->second;
    if (environment.fault != v1::ALL_CLEAR || environment.record == nullptr) {
      const Reason fault =
          environment.fault != v1::ALL_CLEAR ? environment.fault : v1::INVALID_DATA;
      if (invalid.verdict != Verdict::kClear && invalid.reason <= fault) continue;
      invalid = Judged(Verdict::kInvalid, fault);
      invalid.evidence.subject = stage;
      continue;
    }
    oldest = std::min(oldest, environment.observed_at);
    newest = std::max(newest, environment.observed_at);
    environments.push_back(&environment);
  }
  if (invalid.verdict != Verdict::kClear) return invalid;
  if (environments.empty()) return Judged(Verdict::kUnknown, v1::NO_DATA);
  Judgement age = JudgeAge(subject, oldest, newest, blocker.max_age, now);
  if (age.verdict == Verdict::kInvalid) return age;
  if (absent.verdict != Verdict::kClear) return absent;
  if (age.verdict != Verdict::kClear) return age;
  Judgement judgement = Compare(blocker, environments);
  judgement.changes_at = age.changes_at;
  judgement.evidence.at = age.evidence.at;
  return judgement;
}

}  // namespace sluice
