#include "sluice/blockers/approval.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/interval.h"
#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {
namespace {

using ApprovalKey = std::tuple<absl::string_view, absl::string_view, absl::string_view>;

ApprovalKey KeyOf(const ApprovalFacts& approval) {
  return {approval.artifact, approval.stage, approval.blocker};
}

absl::Span<const ApprovalFacts> ApprovalsFor(const Approval& blocker, const Subject& subject) {
  const std::vector<ApprovalFacts>& all = subject.snapshot.approvals;
  const ApprovalKey key(subject.artifact->digest_text, subject.stage, blocker.id);
  const auto begin = std::lower_bound(
      all.begin(), all.end(), key,
      [](const ApprovalFacts& approval, const ApprovalKey& k) { return KeyOf(approval) < k; });
  const auto end = std::upper_bound(
      begin, all.end(), key,
      [](const ApprovalKey& k, const ApprovalFacts& approval) { return k < KeyOf(approval); });
  return absl::MakeConstSpan(all).subspan(begin - all.begin(), end - begin);
}

bool HasRole(const Approval& blocker, const ApprovalFacts& approval) {
  return std::any_of(approval.roles.begin(), approval.roles.end(), [&](absl::string_view role) {
    return std::binary_search(blocker.roles.begin(), blocker.roles.end(), role);
  });
}

bool IsByAuthor(const Subject& subject, const ApprovalFacts& approval) {
  const std::vector<absl::string_view>& authors = subject.artifact->authors;
  return std::binary_search(authors.begin(), authors.end(), approval.principal);
}

// Whether the approval counts while it is in force.
bool Counts(const Approval& blocker, const Subject& subject, const ApprovalFacts& approval) {
  if (approval.fault != v1::ALL_CLEAR || approval.principal.empty()) return false;
  if (!HasRole(blocker, approval)) return false;
  if (!blocker.author_may && IsByAuthor(subject, approval)) return false;
  return !blocker.bind_policy || (!approval.policy_fingerprint.empty() &&
                                  approval.policy_fingerprint == subject.policy_fingerprint);
}

struct PrincipalInterval {
  absl::string_view principal;
  Interval in_force;
};

// When approvals of each principal are in force, sorted by principal; each principal's are joined.
std::vector<PrincipalInterval> InForce(const Approval& blocker, const Subject& subject) {
  std::vector<PrincipalInterval> approvals;
  for (const ApprovalFacts& approval : ApprovalsFor(blocker, subject)) {
    if (!Counts(blocker, subject, approval)) continue;
    const absl::Time until =
        std::min(approval.expires_at, Later(approval.granted_at, blocker.max_age));
    approvals.push_back({approval.principal, {approval.granted_at, until}});
  }
  std::stable_sort(approvals.begin(), approvals.end(),
                   [](const PrincipalInterval& a, const PrincipalInterval& b) {
                     return a.principal < b.principal;
                   });
  std::vector<PrincipalInterval> joined;
  std::vector<Interval> of_one;
  for (size_t i = 0; i < approvals.size(); ++i) {
    of_one.push_back(approvals[i].in_force);
    const bool is_last =
        i + 1 == approvals.size() || approvals[i + 1].principal != approvals[i].principal;
    if (!is_last) continue;
    Join(of_one);
    for (const Interval& interval : of_one) joined.push_back({approvals[i].principal, interval});
    of_one.clear();
  }
  return joined;
}

// The first instant after `now` at which it differs whether `quorum` principals are in force, of
// whom there are `count` at `now`.
absl::Time QuorumChangesAt(const std::vector<PrincipalInterval>& approvals, int64_t count,
                           int64_t quorum, absl::Time now) {
  std::vector<std::pair<absl::Time, int>> steps;
  for (const PrincipalInterval& approval : approvals) {
    if (approval.in_force.from > now) steps.emplace_back(approval.in_force.from, 1);
    if (approval.in_force.until > now) steps.emplace_back(approval.in_force.until, -1);
  }
  std::sort(steps.begin(), steps.end());
  const bool was_met = count >= quorum;
  for (size_t i = 0; i < steps.size(); ++i) {
    count += steps[i].second;
    const bool is_last = i + 1 == steps.size() || steps[i + 1].first != steps[i].first;
    if (is_last && (count >= quorum) != was_met) return steps[i].first;
  }
  return absl::InfiniteFuture();
}

}  // namespace

Approval ParseApproval(const v1::ApprovalRequirement& proto, const FieldPath& path,
                       FieldErrors& errors) {
  Approval blocker;
  blocker.quorum =
      static_cast<int>(ReadCount(proto.quorum(), kMaxQuorum, path.Field("quorum"), errors));
  blocker.roles = ReadIdentifiers(proto.roles(), path, "roles", errors);
  if (proto.has_max_age()) {
    blocker.max_age = ReadPositive(proto.max_age(), path.Field("max_age"), errors);
  }
  blocker.bind_policy = proto.bind_policy();
  ReadChoice(proto.author(), v1::ApprovalRequirement::Author_IsValid, path.Field("author"), errors);
  blocker.author_may = proto.author() == v1::ApprovalRequirement::AUTHOR_MAY;
  return blocker;
}

Judgement Check(const Approval& blocker, const Subject& subject, absl::Time now) {
  Judgement about_subject = JudgeSubject(subject);
  if (about_subject.verdict != Verdict::kClear) return about_subject;
  if (!blocker.author_may && subject.artifact->authors.empty()) {
    return Judged(Verdict::kUnknown, v1::AUTHOR_UNKNOWN);
  }
  const std::vector<PrincipalInterval> approvals = InForce(blocker, subject);
  std::vector<absl::string_view> principals;
  for (const PrincipalInterval& approval : approvals) {
    if (approval.in_force.from <= now && now < approval.in_force.until) {
      principals.push_back(approval.principal);
    }
  }
  const auto count = static_cast<int64_t>(principals.size());
  // A quorum of none is no quorum.
  const bool is_met = blocker.quorum >= 1 && count >= blocker.quorum;
  Judgement judgement = is_met ? Judged(Verdict::kClear, v1::ALL_CLEAR)
                               : Judged(Verdict::kUnknown, v1::APPROVALS_MISSING);
  if (blocker.quorum >= 1) {
    judgement.changes_at = QuorumChangesAt(approvals, count, blocker.quorum, now);
  }
  judgement.evidence.count = count;
  judgement.evidence.needed = blocker.quorum;
  NameSubjects(principals, judgement.evidence);
  return judgement;
}

}  // namespace sluice
