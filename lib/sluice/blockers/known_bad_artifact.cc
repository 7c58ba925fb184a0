#include "sluice/blockers/known_bad_artifact.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/horizon.h"
#include "sluice/blockers/interval.h"
#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/entry_rows.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {
namespace {

int64_t ToInt64(uint64_t count) {
  return static_cast<int64_t>(std::min<uint64_t>(count, std::numeric_limits<int64_t>::max()));
}

// A list that the policy names, and which of its entries concern the artifact.
struct ListFindings {
  const KnownBadList* list = nullptr;
  KnownBadFindings findings;
};
using AllFindings = absl::InlinedVector<ListFindings, 2>;

// Those of the lists that are there.
AllFindings FindAll(const KnownBadArtifact& blocker, const Subject& subject) {
  AllFindings all;
  for (const std::string& id : blocker.lists) {
    const KnownBadList* list = subject.snapshot.List(id);
    if (list == nullptr) continue;
    ListFindings& added = all.emplace_back();
    added.list = list;
    list->index().Find(absl::MakeConstSpan(&subject.artifact->digest, 1),
                       subject.artifact->components, &added.findings);
  }
  return all;
}

// When entries that match are in force, joined: positively, or with an unknown version.
std::vector<Interval> InForce(const AllFindings& all, bool version_unknown,
                              bool (*counts)(const KnownBadList&)) {
  std::vector<Interval> intervals;
  for (const ListFindings& found : all) {
    if (!counts(*found.list)) continue;
    for (const KnownBadHit& hit : found.findings.hits) {
      if (hit.version_unknown != version_unknown) continue;
      intervals.push_back({hit.in_force.effective_from, hit.in_force.withdrawn_at});
    }
  }
  Join(intervals);
  return intervals;
}

bool AnyList(const KnownBadList&) { return true; }
bool IsFinal(const KnownBadList& list) { return !list.overridable(); }

// Ids of the advisories that match at `now`, sorted, each once.
std::vector<absl::string_view> Advisories(const AllFindings& all, bool version_unknown,
                                          absl::Time now) {
  std::vector<absl::string_view> ids;
  for (const ListFindings& found : all) {
    for (const KnownBadHit& hit : found.findings.hits) {
      if (hit.version_unknown == version_unknown && IsInForce(hit.in_force, now)) {
        ids.push_back(hit.in_force.advisory_id);
      }
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Judgement AboutList(Verdict verdict, Reason reason, absl::string_view list) {
  Judgement judgement = Judged(verdict, reason);
  judgement.evidence.subject = list;
  return judgement;
}

// INVALID_DATA, LIST_ABSENT, LIST_WENT_BACK or LIST_TOO_SHORT, of the first list by id; CLEAR if
// none is.
Judgement JudgeLists(const KnownBadArtifact& blocker, const Subject& subject,
                     const AllFindings& all) {
  const SnapshotData& snapshot = subject.snapshot;
  for (const ListFindings& found : all) {
    if (found.findings.damaged) {
      return AboutList(Verdict::kInvalid, v1::INVALID_DATA, found.list->id());
    }
  }
  for (const std::string& id : blocker.lists) {
    if (snapshot.List(id) == nullptr) return AboutList(Verdict::kUnknown, v1::LIST_ABSENT, id);
  }
  for (const std::string& id : blocker.lists) {
    const auto seen = snapshot.lists_seen.find(id);
    const uint64_t epoch = snapshot.List(id)->epoch();
    if (seen == snapshot.lists_seen.end() || epoch >= seen->second) continue;
    Judgement judgement = AboutList(Verdict::kUnknown, v1::LIST_WENT_BACK, id);
    judgement.evidence.count = ToInt64(epoch);
    judgement.evidence.needed = ToInt64(seen->second);
    return judgement;
  }
  for (const std::string& id : blocker.lists) {
    const uint64_t entries = snapshot.List(id)->entry_count();
    if (entries >= blocker.min_entries) continue;
    Judgement judgement = AboutList(Verdict::kUnknown, v1::LIST_TOO_SHORT, id);
    judgement.evidence.count = ToInt64(entries);
    judgement.evidence.needed = ToInt64(blocker.min_entries);
    return judgement;
  }
  return Judged(Verdict::kClear, v1::ALL_CLEAR);
}

// The list that was verified first or last.
const KnownBadList& OldestOf(const AllFindings& all) {
  return *std::min_element(all.begin(), all.end(),
                           [](const ListFindings& a, const ListFindings& b) {
                             return a.list->verified_at() < b.list->verified_at();
                           })
              ->list;
}
const KnownBadList& NewestOf(const AllFindings& all) {
  return *std::max_element(all.begin(), all.end(),
                           [](const ListFindings& a, const ListFindings& b) {
                             return a.list->verified_at() < b.list->verified_at();
                           })
              ->list;
}

Judgement JudgeVerification(const KnownBadArtifact& blocker, const Subject& subject,
                            const AllFindings& all, absl::Time now) {
  if (all.empty()) return Judged(Verdict::kClear, v1::ALL_CLEAR);
  const KnownBadList& oldest = OldestOf(all);
  const KnownBadList& newest = NewestOf(all);
  Judgement judgement =
      JudgeAge(subject, oldest.verified_at(), newest.verified_at(), blocker.max_age, now);
  judgement.evidence.subject = judgement.verdict == Verdict::kInvalid ? newest.id() : oldest.id();
  return judgement;
}

// Everything that the verdict at any instant is made of.
struct Case {
  const KnownBadArtifact& blocker;
  const Subject& subject;
  AllFindings all;
  std::vector<Interval> matches;
  std::vector<Interval> versions_unknown;
  Judgement lists;
  bool components_unknown = false;
  bool any_unchecked = false;
};

Case MakeCase(const KnownBadArtifact& blocker, const Subject& subject) {
  AllFindings all = FindAll(blocker, subject);
  std::vector<Interval> matches = InForce(all, /*version_unknown=*/false, AnyList);
  std::vector<Interval> versions_unknown = InForce(all, /*version_unknown=*/true, AnyList);
  const bool any_unchecked = std::any_of(
      all.begin(), all.end(), [](const ListFindings& f) { return f.findings.unchecked > 0; });
  const Judgement lists = JudgeLists(blocker, subject, all);
  return Case{blocker,
              subject,
              std::move(all),
              std::move(matches),
              std::move(versions_unknown),
              lists,
              blocker.components_required && !subject.artifact->has_components,
              any_unchecked};
}

// All but the advisories' names.
Judgement JudgeAt(const Case& c, absl::Time t) {
  if (Contains(c.matches, t)) return Judged(Verdict::kBlocking, v1::KNOWN_BAD_MATCH);
  if (c.lists.verdict == Verdict::kInvalid) return c.lists;
  Judgement verification = JudgeVerification(c.blocker, c.subject, c.all, t);
  if (verification.verdict == Verdict::kInvalid) return verification;
  if (c.lists.verdict != Verdict::kClear) return c.lists;
  if (verification.verdict != Verdict::kClear) return verification;
  if (c.components_unknown) return Judged(Verdict::kUnknown, v1::COMPONENTS_UNKNOWN);
  if (c.any_unchecked || Contains(c.versions_unknown, t)) {
    return Judged(Verdict::kUnknown, v1::VERSION_UNKNOWN);
  }
  return verification;
}

void AddInstants(const std::vector<Interval>& intervals, Instants& instants) {
  for (const Interval& interval : intervals) {
    instants.Add(interval.from);
    instants.Add(interval.until);
  }
}

// What a damaged list would forbid can't be told.
bool AnyDamaged(const AllFindings& all) {
  return std::any_of(all.begin(), all.end(),
                     [](const ListFindings& found) { return found.findings.damaged; });
}

bool CanBeMatched(const Subject& subject) {
  return JudgeSubject(subject).verdict == Verdict::kClear && !subject.artifact->withdrawn;
}

}  // namespace

KnownBadArtifact ParseKnownBadArtifact(const v1::KnownBad& proto, const FieldPath& path,
                                       FieldErrors& errors) {
  KnownBadArtifact blocker;
  blocker.lists = ReadIdentifiers(proto.lists(), path, "lists", errors);
  blocker.max_age =
      ReadRequiredPositive(proto.has_max_age(), proto.max_age(), path.Field("max_age"), errors);
  blocker.min_entries = ReadCount(proto.min_entries(), std::numeric_limits<uint64_t>::max(),
                                  path.Field("min_entries"), errors);
  ReadChoice(proto.on_match_in_flight(), v1::KnownBad::OnMatchInFlight_IsValid,
             path.Field("on_match_in_flight"), errors);
  blocker.roll_back_on_match = proto.on_match_in_flight() == v1::KnownBad::ROLL_BACK;
  ReadChoice(proto.components(), v1::KnownBad::Components_IsValid, path.Field("components"),
             errors);
  blocker.components_required = proto.components() != v1::KnownBad::OPTIONAL;
  return blocker;
}

Judgement Check(const KnownBadArtifact& blocker, const Subject& subject, absl::Time now) {
  Judgement about_subject = JudgeSubject(subject);
  if (about_subject.verdict != Verdict::kClear) return about_subject;
  if (subject.artifact->withdrawn) {
    Judgement judgement = Judged(Verdict::kBlocking, v1::WITHDRAWN);
    judgement.evidence.subject = subject.artifact->digest_text;
    return judgement;
  }
  const Case c = MakeCase(blocker, subject);
  Instants instants(now);
  AddInstants(c.matches, instants);
  AddInstants(c.versions_unknown, instants);
  for (const ListFindings& found : c.all) {
    instants.Add(subject.VisibleFrom(found.list->verified_at()));
    instants.Add(Later(found.list->verified_at(), blocker.max_age));
  }
  Judgement judgement = JudgeWithHorizon(instants, [&c](absl::Time t) { return JudgeAt(c, t); });
  if (judgement.reason == v1::KNOWN_BAD_MATCH || judgement.reason == v1::VERSION_UNKNOWN) {
    NameSubjects(Advisories(c.all, judgement.reason == v1::VERSION_UNKNOWN, now),
                 judgement.evidence);
  }
  return judgement;
}

bool MatchIsOverridable(const KnownBadArtifact& blocker, const Subject& subject, absl::Time now) {
  if (!CanBeMatched(subject)) return false;
  const AllFindings all = FindAll(blocker, subject);
  if (AnyDamaged(all)) return false;
  return !Contains(InForce(all, /*version_unknown=*/false, IsFinal), now);
}

absl::Time MatchIsOverridableChangesAt(const KnownBadArtifact& blocker, const Subject& subject,
                                       absl::Time now) {
  if (!CanBeMatched(subject)) return absl::InfiniteFuture();
  return ContainsChangesAt(InForce(FindAll(blocker, subject), /*version_unknown=*/false, IsFinal),
                           now);
}

}  // namespace sluice
