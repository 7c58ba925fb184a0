#include "tests/reference/blockers.h"

#include <algorithm>
#include <set>

#include "absl/numeric/int128.h"
#include "tests/reference/alarms.h"
#include "tests/reference/known_bad.h"
#include "tests/reference/validity.h"
#include "tests/reference/windows.h"

namespace sluice {
namespace reference {
namespace {

v1::Reason RunFault(const Facts& facts, const v1::Check& run) {
  v1::Reason fault = CheckFault(run);
  const v1::Artifact* record = FindArtifact(facts, run.artifact());
  // [C1] Finished before the artifact was built.
  if (run.has_finished_at() && record != nullptr && record->has_built_at() &&
      IsValid(record->built_at()) && ToTime(run.finished_at()) < ToTime(record->built_at())) {
    fault = v1::INVALID_DATA;
  }
  int of_id = 0;
  for (const v1::Check& other : facts.state.checks()) {
    of_id += other.check() == run.check() && other.artifact() == run.artifact() &&
             other.run() == run.run();
  }
  return fault == v1::ALL_CLEAR && of_id > 1 ? v1::DUPLICATE_ID : fault;
}

// Every run that is looked at must be usable [I2].
Judgement JudgeRuns(const Facts& facts, const std::vector<const v1::Check*>& runs) {
  v1::Reason fault = v1::ALL_CLEAR;
  bool future = false;
  for (const v1::Check* run : runs) {
    const v1::Reason of_run = RunFault(facts, *run);
    if (of_run != v1::ALL_CLEAR && (fault == v1::ALL_CLEAR || of_run < fault)) fault = of_run;
    future = future || FromTheFuture(facts, run->started_at()) ||
             (run->has_finished_at() && FromTheFuture(facts, run->finished_at()));
  }
  if (fault != v1::ALL_CLEAR) return Invalid(fault);
  return future ? Invalid(v1::FROM_THE_FUTURE) : Clear();
}

// [C1] What one run says.
Judgement JudgeRun(const v1::CheckRequirement& requirement, const v1::Check& run) {
  switch (run.outcome()) {
    case v1::Check::PASSED:
      break;
    case v1::Check::FAILED:
      return Blocking(v1::CHECK_FAILED);
    case v1::Check::ERROR:
      return Unknown(v1::CHECK_ERROR);
    default:
      return Unknown(v1::CHECK_RUNNING);
  }
  Judgement judgement = Clear();
  for (const v1::NumberBound& bound : requirement.bounds()) {
    const auto number = run.numbers().find(bound.number());
    if (number == run.numbers().end()) {
      judgement = Worse(judgement, Unknown(v1::NUMBER_MISSING));
    } else if ((bound.has_at_least() && number->second < bound.at_least()) ||
               (bound.has_at_most() && number->second > bound.at_most())) {
      judgement = Worse(judgement, Blocking(v1::OUT_OF_BOUNDS));
    }
  }
  return judgement;
}

int Badness(const v1::Check& run) {
  switch (run.outcome()) {
    case v1::Check::FAILED:
      return 3;
    case v1::Check::ERROR:
      return 2;
    case v1::Check::RUNNING:
      return 1;
    default:
      return 0;
  }
}

// In doubt, of the newest run.
absl::Time StartOf(const v1::Check& run) {
  const bool known = run.has_started_at() && IsValid(run.started_at());
  return known ? ToTime(run.started_at()) : absl::InfiniteFuture();
}

// Newest first; of runs started together the worst first, then by id.
void Sort(std::vector<const v1::Check*>* runs) {
  std::sort(runs->begin(), runs->end(), [](const v1::Check* left, const v1::Check* right) {
    const absl::Time a = StartOf(*left);
    const absl::Time b = StartOf(*right);
    if (a != b) return a > b;
    if (Badness(*left) != Badness(*right)) return Badness(*left) > Badness(*right);
    return left->run() > right->run();
  });
}

Judgement JudgeCheck(const Facts& facts, const v1::CheckRequirement& requirement,
                     absl::string_view stage, absl::string_view artifact) {
  std::vector<const v1::Check*> runs;
  for (const v1::Check& run : facts.state.checks()) {
    if (run.check() != requirement.check() || run.artifact() != artifact) continue;
    if (IsIdentifier(run.cell())) continue;  // Hygiene.
    // In doubt about one that can't be used, it is looked at.
    const bool may_be = run.stage() == stage ||
                        (!IsIdentifier(run.stage()) && RunFault(facts, run) != v1::ALL_CLEAR);
    if (requirement.binds_to() == v1::CheckRequirement::ARTIFACT_AND_STAGE && !may_be) continue;
    runs.push_back(&run);
  }
  if (runs.empty()) return Unknown(v1::CHECK_ABSENT);
  const Judgement usable = JudgeRuns(facts, runs);
  if (!usable.clear()) return usable;
  Sort(&runs);
  // All that started with the newest count, and the worst of them decides.
  Judgement judgement = Clear();
  bool stale = false;
  for (const v1::Check* run : runs) {
    if (ToTime(run->started_at()) != ToTime(runs[0]->started_at())) break;
    judgement = Worse(judgement, JudgeRun(requirement, *run));
    if (requirement.has_max_age() && run->has_finished_at()) {
      stale = stale || IsStale(facts, run->finished_at(), requirement.max_age());
    }
  }
  if (!judgement.clear()) return judgement;
  const size_t passes = std::max(1u, requirement.consecutive_passes());
  for (size_t i = 0; i < passes; ++i) {
    if (i >= runs.size() || !JudgeRun(requirement, *runs[i]).clear()) {
      return Unknown(v1::TOO_FEW_PASSES);
    }
  }
  return stale ? Unknown(v1::STALE) : Clear();
}

// [C3]
Judgement JudgeApi(const Facts& facts, const v1::SyntheticTraffic& traffic, absl::string_view stage,
                   const std::string& api) {
  const auto is_it = [&](const v1::SyntheticRuns& candidate) {
    return candidate.stage() == stage && candidate.api() == api;
  };
  const v1::SyntheticRuns* runs = nullptr;
  const Judgement one = FindOne(facts.state.synthetic_runs(), is_it, SyntheticRunsFault, &runs);
  if (!one.clear()) return one;
  // The window begins just after `from`, as what is as old as the window is no longer in it.
  const absl::Time from = facts.now - ToDuration(traffic.window());
  const absl::Duration max_gap = ToDuration(traffic.max_gap());
  absl::Time previous = from;
  bool gap = false;
  int64_t count = 0;
  int64_t good = 0;
  for (int i = 0; i < runs->finished_at_ms_size(); ++i) {
    const absl::Time at = absl::FromUnixMillis(runs->finished_at_ms(i));
    if (at - facts.now > Skew(facts)) return Invalid(v1::FROM_THE_FUTURE);
    if (at <= from || at > facts.now) continue;
    ++count;
    good += runs->succeeded(i);
    gap = gap || at - previous > max_gap;
    previous = at;
  }
  gap = gap || facts.now - previous >= max_gap;
  if (count < traffic.min_runs()) return Unknown(v1::TOO_FEW_RUNS);
  if (gap) return Unknown(v1::RUN_GAP);
  if (absl::int128(good) * 1000000 < absl::int128(traffic.min_success_ppm()) * count) {
    return Blocking(v1::BELOW_SUCCESS_RATIO);
  }
  return Clear();
}

// Of several APIs: INVALID before UNKNOWN before BLOCKING, and within these as listed here.
Judgement JudgeApis(const Facts& facts, const v1::SyntheticTraffic& traffic,
                    absl::string_view stage) {
  std::vector<Judgement> judgements;
  Judgement invalid = Clear();
  for (const std::string& api : traffic.apis()) {
    const Judgement one = JudgeApi(facts, traffic, stage, api);
    judgements.push_back(one);
    if (one.verdict == v1::INVALID && (invalid.clear() || one.reason < invalid.reason)) {
      invalid = one;
    }
  }
  if (!invalid.clear()) return invalid;
  for (const v1::Reason reason :
       {v1::NO_DATA, v1::TOO_FEW_RUNS, v1::RUN_GAP, v1::BELOW_SUCCESS_RATIO}) {
    for (const Judgement& judgement : judgements) {
      if (judgement.reason == reason) return judgement;
    }
  }
  return Clear();
}

// [C4]
Judgement JudgeParity(const Facts& facts, const v1::EnvironmentParity& parity) {
  v1::Reason fault = v1::ALL_CLEAR;
  bool future = false;
  bool absent = false;
  bool stale = false;
  std::vector<const v1::Environment*> environments;
  for (const std::string& stage : parity.stages()) {
    const auto is_it = [&](const v1::Environment& candidate) { return candidate.stage() == stage; };
    const v1::Environment* environment = nullptr;
    const Judgement one =
        FindOne(facts.state.environments(), is_it, EnvironmentFault, &environment);
    absent = absent || environment == nullptr;
    if (environment == nullptr) continue;
    if (one.verdict == v1::INVALID && (fault == v1::ALL_CLEAR || one.reason < fault)) {
      fault = one.reason;
    }
    future = future || FromTheFuture(facts, environment->observed_at());
    stale = stale || IsStale(facts, environment->observed_at(), parity.max_age());
    environments.push_back(environment);
  }
  if (fault != v1::ALL_CLEAR) return Invalid(fault);
  if (future) return Invalid(v1::FROM_THE_FUTURE);
  if (absent) return Unknown(v1::NO_DATA);
  if (stale) return Unknown(v1::STALE);
  // An aspect that is missing somewhere may differ: that is said first.
  bool missing = false;
  bool different = false;
  for (const std::string& aspect : parity.aspects()) {
    std::set<std::string> values;
    for (const v1::Environment* environment : environments) {
      const auto value = environment->aspects().find(aspect);
      values.insert(value == environment->aspects().end() ? "" : value->second);
    }
    missing = missing || values.count("") > 0;
    different = different || values.size() > 1;
  }
  if (missing) return Unknown(v1::ASPECT_MISSING);
  return different ? Blocking(v1::ASPECT_DIFFERS) : Clear();
}

// [C5]
Judgement JudgeIsolation(const Facts& facts, const v1::TrafficIsolation& isolation,
                         absl::string_view stage) {
  const auto is_it = [&](const v1::TrafficSample& candidate) { return candidate.stage() == stage; };
  const v1::TrafficSample* sample = nullptr;
  const Judgement one = FindOne(facts.state.traffic_samples(), is_it, TrafficSampleFault, &sample);
  if (!one.clear()) return one;
  if (FromTheFuture(facts, sample->observed_at())) return Invalid(v1::FROM_THE_FUTURE);
  if (IsStale(facts, sample->observed_at(), isolation.max_age())) return Unknown(v1::STALE);
  absl::int128 all = 0;
  absl::int128 other = 0;
  for (int i = 0; i < sample->principals_size(); ++i) {
    all += sample->requests(i);
    if (!Contains(isolation.principals(), sample->principals(i))) other += sample->requests(i);
  }
  if (all < isolation.min_requests()) return Unknown(v1::TOO_FEW_REQUESTS);
  if (other * 1000000 > all * isolation.max_other_ppm()) return Blocking(v1::FOREIGN_TRAFFIC);
  return Clear();
}

// [P1] `blocker` is the id that people approve, a child's of a combination.
Judgement JudgeApproval(const Facts& facts, const v1::ApprovalRequirement& requirement,
                        const std::string& blocker, absl::string_view stage,
                        absl::string_view artifact) {
  const v1::Artifact* record = FindArtifact(facts, artifact);
  const bool authors_may = requirement.author() == v1::ApprovalRequirement::AUTHOR_MAY;
  if (!authors_may && record->authors().empty()) return Unknown(v1::AUTHOR_UNKNOWN);
  std::set<std::string> principals;
  for (const v1::Approval& approval : facts.state.approvals()) {
    if (ApprovalFault(approval) != v1::ALL_CLEAR) continue;
    if (approval.blocker() != blocker || approval.artifact() != artifact ||
        approval.stage() != stage) {
      continue;
    }
    int of_id = 0;
    for (const v1::Approval& other : facts.state.approvals()) of_id += other.id() == approval.id();
    if (of_id > 1) continue;  // [I8]
    const absl::Time granted = ToTime(approval.granted_at());
    if (facts.now < granted) continue;
    if (approval.has_expires_at() && facts.now >= ToTime(approval.expires_at())) continue;
    if (approval.has_revoked_at() && facts.now >= ToTime(approval.revoked_at())) continue;
    if (requirement.has_max_age() && facts.now - granted >= ToDuration(requirement.max_age())) {
      continue;
    }
    if (requirement.bind_policy() && approval.policy_fingerprint() != facts.policy_fingerprint) {
      continue;
    }
    if (!authors_may && Contains(record->authors(), approval.principal())) continue;
    for (const std::string& role : approval.roles()) {
      if (Contains(requirement.roles(), role)) principals.insert(approval.principal());
    }
  }
  return principals.size() >= requirement.quorum() ? Clear() : Unknown(v1::APPROVALS_MISSING);
}

const v1::Combination* CombinationOf(const v1::Blocker& blocker) {
  switch (blocker.kind_case()) {
    case v1::Blocker::kAnyOf:
      return &blocker.any_of();
    case v1::Blocker::kAllOf:
      return &blocker.all_of();
    case v1::Blocker::kAtLeast:
      return &blocker.at_least();
    default:
      return nullptr;
  }
}

// [X1]
Judgement JudgeCombination(const Facts& facts, const v1::Blocker& blocker, absl::string_view stage,
                           absl::string_view artifact, absl::Duration expected_duration) {
  const v1::Combination& combination = *CombinationOf(blocker);
  int needed = combination.children_size();
  if (blocker.has_any_of()) needed = 1;
  if (blocker.has_at_least()) needed = combination.count();
  int clear = 0;
  int unknown = 0;
  bool invalid = false;
  for (const v1::Blocker& child : combination.children()) {
    const Judgement judgement = JudgeBlocker(facts, child, stage, artifact, expected_duration);
    clear += judgement.verdict == v1::CLEAR;
    unknown += judgement.verdict == v1::UNKNOWN;
    invalid = invalid || judgement.verdict == v1::INVALID;
  }
  if (invalid) return Invalid(v1::CHILD_INVALID);
  if (artifact.empty() && IsAboutArtifacts(blocker)) return Unknown(v1::NO_SUBJECT);
  if (clear >= needed) return Clear();
  if (clear + unknown < needed) return Blocking(v1::TOO_FEW_CHILDREN_CLEAR);
  return Unknown(v1::CHILDREN_UNKNOWN);
}

}  // namespace

bool IsAboutArtifacts(const v1::Blocker& blocker) {
  const v1::Combination* combination = CombinationOf(blocker);
  if (combination != nullptr) {
    for (const v1::Blocker& child : combination->children()) {
      if (IsAboutArtifacts(child)) return true;
    }
    return false;
  }
  return blocker.has_known_bad() || blocker.has_check() || blocker.has_approval() ||
         blocker.has_host();
}

Judgement JudgeBlocker(const Facts& facts, const v1::Blocker& blocker, absl::string_view stage,
                       absl::string_view artifact, absl::Duration expected_duration) {
  if (CombinationOf(blocker) != nullptr) {
    return JudgeCombination(facts, blocker, stage, artifact, expected_duration);
  }
  if (IsAboutArtifacts(blocker)) {
    if (artifact.empty()) return Unknown(v1::NO_SUBJECT);
    // [I2] Nothing is shown about an artifact whose record can't be used.
    if (ArtifactFault(facts, artifact) != v1::ALL_CLEAR) {
      return Invalid(ArtifactFault(facts, artifact));
    }
  }
  switch (blocker.kind_case()) {
    case v1::Blocker::kMetricAlarm:
      return JudgeAlarm(facts, blocker.metric_alarm());
    case v1::Blocker::kTimeWindow:
      return JudgeWindow(facts, blocker.time_window(), expected_duration);
    case v1::Blocker::kKnownBad:
      return JudgeKnownBad(facts, blocker.known_bad(), artifact).judgement;
    case v1::Blocker::kCheck:
      return JudgeCheck(facts, blocker.check(), stage, artifact);
    case v1::Blocker::kSyntheticTraffic: {
      return JudgeApis(facts, blocker.synthetic_traffic(), stage);
    }
    case v1::Blocker::kEnvironmentParity:
      return JudgeParity(facts, blocker.environment_parity());
    case v1::Blocker::kTrafficIsolation:
      return JudgeIsolation(facts, blocker.traffic_isolation(), stage);
    case v1::Blocker::kApproval:
      return JudgeApproval(facts, blocker.approval(), blocker.id(), stage, artifact);
    default:
      return Invalid(v1::HOST_FAULT);  // Kinds of the host's own are not modelled.
  }
}

bool HasNewestFailed(const Facts& facts, const v1::CheckRequirement& requirement,
                     absl::string_view stage, absl::string_view artifact) {
  std::vector<const v1::Check*> runs;
  for (const v1::Check& run : facts.state.checks()) {
    if (run.check() != requirement.check() || run.artifact() != artifact || !run.cell().empty() ||
        (requirement.binds_to() == v1::CheckRequirement::ARTIFACT_AND_STAGE &&
         run.stage() != stage)) {
      continue;
    }
    runs.push_back(&run);
  }
  if (runs.empty()) return false;
  Sort(&runs);
  // All that started with the newest, as in [C1].
  bool failed = false;
  for (const v1::Check* run : runs) {
    if (StartOf(*run) != StartOf(*runs[0])) break;
    if (RunFault(facts, *run) != v1::ALL_CLEAR) return false;
    failed = failed || run->outcome() == v1::Check::FAILED;
  }
  return failed;
}

Judgement JudgeHygieneRun(const Facts& facts, absl::string_view check, absl::string_view artifact,
                          absl::string_view cell, absl::Time since) {
  std::vector<const v1::Check*> runs;
  for (const v1::Check& run : facts.state.checks()) {
    if (run.check() == check && run.artifact() == artifact && run.cell() == cell &&
        (RunFault(facts, run) != v1::ALL_CLEAR || ToTime(run.started_at()) >= since)) {
      runs.push_back(&run);
    }
  }
  const Judgement usable = JudgeRuns(facts, runs);
  if (!usable.clear()) return usable;
  if (runs.empty()) return Unknown(v1::HYGIENE_WAITING);
  Sort(&runs);
  if (runs[0]->outcome() == v1::Check::PASSED) return Clear();
  if (runs[0]->outcome() == v1::Check::FAILED) return Blocking(v1::HYGIENE_FAILED);
  return Unknown(v1::HYGIENE_WAITING);
}

}  // namespace reference
}  // namespace sluice
