#ifndef SLUICE_SIMULATE_SIGNAL_NEEDS_H_
#define SLUICE_SIMULATE_SIGNAL_NEEDS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/policy_data.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Names an alarm report or a series: of one cell, one region, or everything (both empty).
struct SignalName {
  std::string id;
  std::string cell;
  std::string region;

  friend bool operator<(const SignalName& a, const SignalName& b) {
    return std::tie(a.id, a.cell, a.region) < std::tie(b.id, b.cell, b.region);
  }
};

// How an alarm that the host's monitoring evaluates is read.
struct AlarmNeed {
  bool as_it_is = false;  // Under a negation OK is not the better news.
  std::vector<absl::Duration> clear_for;
};

// A ratio that a series is the errors or the requests of.
struct RatioNeed {
  SignalName errors;
  SignalName requests;
  int64_t min_samples = 0;
  const AlarmRule* rule = nullptr;

  friend bool operator<(const RatioNeed& a, const RatioNeed& b) {
    return std::tie(a.errors, a.requests, a.min_samples, a.rule) <
           std::tie(b.errors, b.requests, b.min_samples, b.rule);
  }
};

// What a policy reads of one stage's counts.
struct CountsNeed {
  // For each bake: the most requests that a cell needs, and the time it takes; zero: not stated.
  std::vector<std::pair<int64_t, absl::Duration>> bakes;
};

struct SyntheticNeed {
  absl::Duration window;                              // The longest that is looked at.
  absl::Duration spacing = absl::InfiniteDuration();  // Close enough for every blocker.
};

struct TrafficNeed {
  std::vector<std::string> principals;  // Sorted: listed by every blocker that reads the sample.
  uint64_t min_requests = 0;
};

struct ParityNeed {
  std::vector<std::string> aspects;
  std::vector<std::string> stages;
};

// Every signal that a policy reads, by name. Rules point into the policy.
struct SignalNeeds {
  std::map<SignalName, AlarmNeed> alarms;
  std::map<SignalName, AlarmNeed> shared_alarms;
  std::map<SignalName, std::vector<const AlarmRule*>> series;
  std::set<RatioNeed> ratios;
  std::map<std::pair<std::string, std::string>, CountsNeed> counts;        // By (counts, stage).
  std::map<std::pair<std::string, std::string>, SyntheticNeed> synthetic;  // By (stage, api).
  std::map<std::string, TrafficNeed> traffic;                              // By stage.
  std::vector<ParityNeed> parity;
  // By check, the numbers within every blocker's bounds.
  std::map<std::string, std::map<std::string, NumberBound>> checks;
  // How long reports count: those of signals, of the emergency stop and of lists.
  std::set<absl::Duration> max_ages;
  absl::Duration longest_clear_for;
  int most_periods = 0;         // The most that an alarm looks back over.
  absl::Duration longest_bake;  // The longest `max_time`.
};

// What `policy` reads of the cells in `state` that are not retired.
SignalNeeds NeedsOf(const PolicyData& policy, const v1::PipelineState& state);

}  // namespace sluice

#endif  // SLUICE_SIMULATE_SIGNAL_NEEDS_H_
