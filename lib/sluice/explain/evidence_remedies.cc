#include "sluice/explain/evidence_remedies.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"
#include "sluice/metrics/success_ratio.h"

namespace sluice {
namespace {

// Runs of synthetic traffic that a remedy reports at most.
constexpr int64_t kMostRuns = 20'000;

// A run that passes, begun and ended at `at` or, if the check has run later than that, then.
v1::Check PassedRun(const RemedyContext& context, absl::string_view check, absl::string_view run,
                    absl::Time at) {
  for (const v1::Check& known : context.base.state->checks()) {
    if (known.check() != check || known.artifact() != context.held.artifact) continue;
    const absl::optional<absl::Time> started = ReadTime(known.started_at());
    if (started.has_value() && *started >= at) at = *started + absl::Seconds(1);
  }
  if (context.artifact != nullptr) at = std::max(at, context.artifact->built_at);
  v1::Check passed;
  passed.set_check(std::string(check));
  passed.set_artifact(context.held.artifact);
  passed.set_run(absl::StrCat(context.prefix, "-", run));
  passed.set_outcome(v1::Check::PASSED);
  *passed.mutable_started_at() = WriteTime(at);
  *passed.mutable_finished_at() = WriteTime(at);
  return passed;
}

// How many more runs have to pass.
int RunsNeeded(const CheckRequirement& check, const Finding& finding) {
  if (finding.reason == v1::STALE) return 1;
  if (finding.reason != v1::TOO_FEW_PASSES) return check.consecutive_passes;
  return std::max(1, check.consecutive_passes - static_cast<int>(*finding.evidence.count));
}

}  // namespace

void AddCheckRemedies(const RemedyContext& context, const CheckRequirement& check,
                      const Finding& finding, Remedies* remedies) {
  if (context.artifact == nullptr) return;
  const int runs = RunsNeeded(check, finding);
  Remedy remedy;
  remedy.key = absl::StrCat("check|", check.check, "|", runs);
  std::string sentence = absl::StrCat("check ", Quote(check.check),
                                      check.bound_to_stage ? " of this stage" : "", " passes");
  if (runs > 1) absl::StrAppend(&sentence, " ", runs, " times in a row");
  std::vector<v1::Check> passed;
  for (int i = 1; i <= runs; ++i) {
    passed.push_back(PassedRun(context, check.check, absl::StrCat("run-", i), context.base.now));
    passed.back().set_stage(context.held.stage);
    for (const NumberBound& bound : check.bounds) {
      (*passed.back().mutable_numbers())[bound.number] =
          std::isfinite(bound.at_least) ? bound.at_least : bound.at_most;
    }
  }
  for (const NumberBound& bound : check.bounds) {
    absl::StrAppend(&sentence, &bound == &check.bounds.front() ? ", with " : " and ",
                    Quote(bound.number));
    if (std::isfinite(bound.at_least)) {
      absl::StrAppend(&sentence, " at least ", Number(bound.at_least));
    }
    if (std::isfinite(bound.at_most)) {
      absl::StrAppend(&sentence, std::isfinite(bound.at_least) ? " and" : "", " at most ",
                      Number(bound.at_most));
    }
  }
  remedy.make = [=](absl::Time at) {
    Change change;
    change.sentence = sentence;
    for (v1::Check run : passed) {
      // Ended as late as everything else in the set, so that it is as fresh.
      const absl::Time started = *ReadTime(run.started_at());
      *run.mutable_started_at() = WriteTime(std::max(started, at));
      *run.mutable_finished_at() = run.started_at();
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      *event.mutable_check_reported()->mutable_check() = std::move(run);
    }
    return change;
  };
  remedies->push_back(std::move(remedy));
}

void AddHygieneRemedies(const RemedyContext& context, absl::string_view check,
                        absl::string_view cell, Remedies* remedies) {
  Remedy remedy;
  remedy.key = absl::StrCat("hygiene|", check, "|", cell);
  const std::string sentence =
      absl::StrCat("check ", Quote(check), " of cell ", Quote(cell), " passes");
  v1::Check passed = PassedRun(context, check, ShortNameOfCell(context, cell), context.base.now);
  passed.set_cell(std::string(cell));
  passed.set_stage(context.held.stage);
  remedy.make = [=](absl::Time at) {
    Change change;
    change.sentence = sentence;
    v1::Event& event = change.events.emplace_back();
    *event.mutable_at() = WriteTime(at);
    v1::Check run = passed;
    *run.mutable_started_at() = WriteTime(std::max(at, *ReadTime(run.started_at())));
    *run.mutable_finished_at() = run.started_at();
    *event.mutable_check_reported()->mutable_check() = std::move(run);
    return change;
  };
  remedies->push_back(std::move(remedy));
}

// ---------------------------------------------------------------- Synthetic traffic

namespace {

struct Runs {
  std::vector<absl::Time> finished_at;
  std::vector<uint8_t> succeeded;
};

// The known runs, and from the newest of them (or the start of the window) to `at` a successful one
// every `step`, so that the last is at `at`.
Runs Continued(const SyntheticFacts* known, const SyntheticTraffic& traffic, absl::Duration step,
               absl::Time at) {
  Runs runs;
  absl::Time from = at - traffic.window;
  if (known != nullptr) {
    runs.finished_at = known->finished_at;
    runs.succeeded = known->succeeded;
    if (!runs.finished_at.empty()) from = std::max(from, runs.finished_at.back());
  }
  std::vector<absl::Time> more;
  for (absl::Time t = at; t > from && static_cast<int64_t>(more.size()) < kMostRuns; t -= step) {
    more.push_back(t);
  }
  for (auto t = more.rbegin(); t != more.rend(); ++t) {
    runs.finished_at.push_back(*t);
    runs.succeeded.push_back(1);
  }
  return runs;
}

bool IsClear(const SyntheticTraffic& traffic, const Runs& runs, absl::Time at) {
  RunsRule rule;
  rule.window = traffic.window;
  rule.min_ratio_ppm = traffic.min_success_ppm;
  rule.min_runs = traffic.min_runs;
  rule.max_gap = traffic.max_gap;
  const absl::InlinedVector<bool, 64> succeeded(runs.succeeded.begin(), runs.succeeded.end());
  return JudgeRuns(rule, RunsView{runs.finished_at, succeeded}, at).reason == RunsReason::kNone;
}

// When runs have left the window by which it is not clear now.
absl::Time ClearFrom(const SyntheticFacts* known, const SyntheticTraffic& traffic,
                     absl::Duration step, absl::Time now) {
  std::vector<absl::Time> instants = {now, now + step, Later(now, traffic.window)};
  if (known != nullptr) {
    for (const absl::Time finished : known->finished_at) {
      for (const absl::Time t :
           {Later(finished, traffic.window), Later(finished, traffic.window - traffic.max_gap)}) {
        if (t > now && t < Later(now, traffic.window)) instants.push_back(t);
      }
    }
  }
  std::sort(instants.begin(), instants.end());
  for (const absl::Time t : instants) {
    if (IsClear(traffic, Continued(known, traffic, step, t), t)) return t;
  }
  return absl::InfiniteFuture();
}

}  // namespace

void AddSyntheticRemedies(const RemedyContext& context, const SyntheticTraffic& traffic,
                          Remedies* remedies) {
  const absl::Duration step =
      std::max(absl::Trunc(std::min(traffic.max_gap / 2, traffic.window / (traffic.min_runs + 1)),
                           absl::Milliseconds(1)),
               absl::Milliseconds(1));
  for (const std::string& api : traffic.apis) {
    // Those of the base: a set that reports the API's runs goes on from there.
    const v1::SyntheticRuns* record = nullptr;
    for (const v1::SyntheticRuns& runs : context.base.state->synthetic_runs()) {
      if (runs.stage() == context.held.stage && runs.api() == api) record = &runs;
    }
    SyntheticFacts known;
    if (record != nullptr) {
      if (record->succeeded_size() != record->finished_at_ms_size()) continue;
      for (int i = 0; i < record->finished_at_ms_size(); ++i) {
        known.finished_at.push_back(absl::FromUnixMillis(record->finished_at_ms(i)));
        known.succeeded.push_back(record->succeeded(i) ? 1 : 0);
      }
    }
    Remedy remedy;
    remedy.key = absl::StrCat("synthetic|", api);
    const std::string sentence =
        absl::StrCat("synthetic traffic of API ", Quote(api), " goes on without failures or gaps");
    remedy.make = [=, stage = context.held.stage](absl::Time at) {
      Change change;
      change.sentence = sentence;
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      v1::SyntheticRuns* reported = event.mutable_synthetic_runs_reported()->mutable_runs();
      reported->set_stage(stage);
      reported->set_api(api);
      const Runs runs = Continued(&known, traffic, step, at);
      for (size_t i = 0; i < runs.finished_at.size(); ++i) {
        reported->add_finished_at_ms(absl::ToUnixMillis(runs.finished_at[i]));
        reported->add_succeeded(runs.succeeded[i] != 0);
      }
      return change;
    };
    remedies->push_back(std::move(remedy));
    AddTime(context, ClearFrom(&known, traffic, step, context.now), remedies);
  }
}

// ---------------------------------------------------------------- Surroundings

namespace {

const v1::Environment* FindEnvironment(const RemedyContext& context, absl::string_view stage) {
  for (const v1::Environment& environment : context.base.state->environments()) {
    if (environment.stage() == stage) return &environment;
  }
  return nullptr;
}

// What most of the other stages report of the aspect; else what the stage itself does; else a word.
std::string ValueOfOthers(const RemedyContext& context, const EnvironmentParity& parity,
                          const std::string& stage, const std::string& aspect) {
  std::map<std::string, int> votes;
  std::string own;
  for (const std::string& other : parity.stages) {
    const v1::Environment* environment = FindEnvironment(context, other);
    if (environment == nullptr) continue;
    const auto found = environment->aspects().find(aspect);
    if (found == environment->aspects().end() || found->second.empty()) continue;
    if (other == stage) {
      own = found->second;
    } else {
      ++votes[found->second];
    }
  }
  if (votes.empty()) return own.empty() ? context.prefix : own;
  return std::max_element(votes.begin(), votes.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace

void AddParityRemedies(const RemedyContext& context, const EnvironmentParity& parity,
                       Remedies* remedies) {
  for (const std::string& stage : parity.stages) {
    v1::Environment reported;
    const v1::Environment* known = FindEnvironment(context, stage);
    if (known != nullptr) reported = *known;
    reported.set_stage(stage);
    for (const std::string& aspect : parity.aspects) {
      (*reported.mutable_aspects())[aspect] = ValueOfOthers(context, parity, stage, aspect);
    }
    std::vector<absl::string_view> aspects(parity.aspects.begin(), parity.aspects.end());
    const std::string sentence = absl::StrCat("the environment of stage ", Quote(stage),
                                              " is reported with the others' ", QuoteList(aspects));
    Remedy remedy;
    remedy.key = absl::StrCat("environment|", stage, "|", QuoteList(aspects));
    remedy.make = [=](absl::Time at) {
      Change change;
      change.sentence = sentence;
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      v1::Environment* environment = event.mutable_environment_observed()->mutable_environment();
      *environment = reported;
      *environment->mutable_observed_at() = WriteTime(at);
      return change;
    };
    remedies->push_back(std::move(remedy));
  }
}

void AddIsolationRemedies(const RemedyContext& context, const TrafficIsolation& isolation,
                          Remedies* remedies) {
  Remedy remedy;
  const std::string principal = isolation.principals.front();
  const auto requests = static_cast<int64_t>(isolation.min_requests);
  remedy.key = absl::StrCat("traffic|", principal, "|", requests);
  const std::string sentence = absl::StrCat(
      "a sample of at least ", Counted(isolation.min_requests, "request"), " of stage ",
      Quote(context.held.stage), " has them from listed principals alone");
  remedy.make = [=, stage = context.held.stage](absl::Time at) {
    Change change;
    change.sentence = sentence;
    v1::Event& event = change.events.emplace_back();
    *event.mutable_at() = WriteTime(at);
    v1::TrafficSample* sample = event.mutable_traffic_observed()->mutable_sample();
    sample->set_stage(stage);
    *sample->mutable_observed_at() = WriteTime(at);
    sample->add_principals(principal);
    sample->add_requests(requests);
    return change;
  };
  remedies->push_back(std::move(remedy));
}

}  // namespace sluice
