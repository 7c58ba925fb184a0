#include "sluice/blockers/synthetic_traffic.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/metrics/success_ratio.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {
namespace {

constexpr uint32_t kPartsPerMillion = 1'000'000;

// One API's runs, and what they say at the instant looked at.
struct ApiRuns {
  absl::string_view api;
  const SyntheticFacts* facts = nullptr;
  absl::InlinedVector<bool, 64> succeeded;
  Judgement judgement;
};

RunsRule RuleOf(const SyntheticTraffic& blocker) {
  RunsRule rule;
  rule.window = blocker.window;
  rule.min_ratio_ppm = blocker.min_success_ppm;
  rule.min_runs = blocker.min_runs;
  rule.max_gap = blocker.max_gap;
  return rule;
}

Judgement ToJudgement(RunsReason reason) {
  switch (reason) {
    case RunsReason::kTooFewRuns:
      return Judged(Verdict::kUnknown, v1::TOO_FEW_RUNS);
    case RunsReason::kGap:
      return Judged(Verdict::kUnknown, v1::RUN_GAP);
    case RunsReason::kBelowRatio:
      return Judged(Verdict::kBlocking, v1::BELOW_SUCCESS_RATIO);
    case RunsReason::kNone:
      return Judged(Verdict::kClear, v1::ALL_CLEAR);
    case RunsReason::kInvalid:
      break;
  }
  return Judged(Verdict::kInvalid, v1::INVALID_DATA);
}

Judgement JudgeApi(const SyntheticTraffic& blocker, const Subject& subject, const ApiRuns& runs,
                   absl::Time now) {
  if (runs.facts == nullptr) return Judged(Verdict::kUnknown, v1::NO_DATA);
  if (runs.facts->fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, runs.facts->fault);
  if (!runs.facts->finished_at.empty()) {
    const absl::Time newest = runs.facts->finished_at.back();
    Judgement age = JudgeAge(subject, newest, newest, absl::InfiniteDuration(), now);
    if (age.verdict != Verdict::kClear) return age;
  }
  const RunsFinding finding =
      JudgeRuns(RuleOf(blocker), RunsView{runs.facts->finished_at, runs.succeeded}, now);
  Judgement judgement = ToJudgement(finding.reason);
  judgement.changes_at = finding.changes_at;
  if (finding.reason == RunsReason::kTooFewRuns) {
    judgement.evidence.count = finding.runs;
    judgement.evidence.needed = blocker.min_runs;
  } else if (finding.runs > 0) {
    judgement.evidence.value =
        static_cast<double>(finding.succeeded) / static_cast<double>(finding.runs);
    judgement.evidence.threshold = static_cast<double>(blocker.min_success_ppm) / kPartsPerMillion;
    judgement.evidence.count = finding.runs;
  }
  return judgement;
}

// How grave a judgement is: of two, the higher one decides.
int Rank(const Judgement& judgement) {
  switch (judgement.verdict) {
    case Verdict::kUnknown:
      return judgement.reason == v1::NO_DATA ? 4 : judgement.reason == v1::TOO_FEW_RUNS ? 3 : 2;
    case Verdict::kBlocking:
      return 1;
    case Verdict::kClear:
      return 0;
    case Verdict::kInvalid:
      break;
  }
  // The lowest-numbered reason first, whatever the order of the APIs.
  return 1'000'000 - static_cast<int>(judgement.reason);
}

const ApiRuns& Gravest(const std::vector<ApiRuns>& apis) {
  return *std::max_element(apis.begin(), apis.end(), [](const ApiRuns& a, const ApiRuns& b) {
    return Rank(a.judgement) < Rank(b.judgement);
  });
}

std::vector<ApiRuns> JudgeAll(const SyntheticTraffic& blocker, const Subject& subject,
                              absl::Time now) {
  std::vector<ApiRuns> apis;
  for (const std::string& api : blocker.apis) {
    ApiRuns& runs = apis.emplace_back();
    runs.api = api;
    const auto found = subject.snapshot.synthetic.find(std::make_pair(subject.stage, runs.api));
    if (found != subject.snapshot.synthetic.end()) {
      runs.facts = &found->second;
      runs.succeeded.assign(runs.facts->succeeded.begin(), runs.facts->succeeded.end());
    }
    runs.judgement = JudgeApi(blocker, subject, runs, now);
  }
  return apis;
}

// The first instant at which the gravest judgement is another one. Goes from one change of an API
// to the next, and judges again only the APIs that change.
absl::Time GravestChangesAt(const SyntheticTraffic& blocker, const Subject& subject,
                            std::vector<ApiRuns> apis) {
  const Verdict verdict = Gravest(apis).judgement.verdict;
  const Reason reason = Gravest(apis).judgement.reason;
  while (true) {
    absl::Time next = absl::InfiniteFuture();
    for (const ApiRuns& runs : apis) next = std::min(next, runs.judgement.changes_at);
    if (next == absl::InfiniteFuture()) return next;
    for (ApiRuns& runs : apis) {
      if (runs.judgement.changes_at == next) {
        runs.judgement = JudgeApi(blocker, subject, runs, next);
      }
    }
    const Judgement& gravest = Gravest(apis).judgement;
    if (gravest.verdict != verdict || gravest.reason != reason) return next;
  }
}

}  // namespace

SyntheticTraffic ParseSyntheticTraffic(const v1::SyntheticTraffic& proto, const FieldPath& path,
                                       FieldErrors& errors) {
  SyntheticTraffic blocker;
  blocker.apis = ReadNames(proto.apis(), path, "apis", errors);
  blocker.window =
      ReadRequiredPositive(proto.has_window(), proto.window(), path.Field("window"), errors);
  blocker.min_success_ppm = static_cast<uint32_t>(
      ReadCount(proto.min_success_ppm(), kPartsPerMillion, path.Field("min_success_ppm"), errors));
  blocker.min_runs = static_cast<uint32_t>(ReadCount(
      proto.min_runs(), std::numeric_limits<uint32_t>::max(), path.Field("min_runs"), errors));
  const FieldPath max_gap_path = path.Field("max_gap");
  blocker.max_gap =
      ReadRequiredPositive(proto.has_max_gap(), proto.max_gap(), max_gap_path, errors);
  if (blocker.window > absl::ZeroDuration() && blocker.max_gap > blocker.window) {
    errors.Add(max_gap_path, v1::Fault::INVALID_VALUE, "must be at most `window`");
  }
  return blocker;
}

Judgement Check(const SyntheticTraffic& blocker, const Subject& subject, absl::Time now) {
  std::vector<ApiRuns> apis = JudgeAll(blocker, subject, now);
  if (apis.empty()) return Judged(Verdict::kUnknown, v1::NO_DATA);
  const ApiRuns& gravest = Gravest(apis);
  Judgement judgement = gravest.judgement;
  judgement.evidence.subject = gravest.api;
  // Of one API alone it is known already.
  if (apis.size() > 1) judgement.changes_at = GravestChangesAt(blocker, subject, std::move(apis));
  return judgement;
}

}  // namespace sluice
