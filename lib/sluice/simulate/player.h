#ifndef SLUICE_SIMULATE_PLAYER_H_
#define SLUICE_SIMULATE_PLAYER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/decision.h"
#include "sluice/policy.h"
#include "sluice/simulate/asked_evidence.h"
#include "sluice/simulate/healthy_facts.h"
#include "sluice/simulate/host_events.h"
#include "sluice/simulate/policy_leaves.h"
#include "sluice/snapshot.h"
#include "sluice/v1/event.pb.h"

namespace sluice {

// How long deployments to a stage take.
struct DeploymentTime {
  absl::Duration time;
  bool is_stated = false;  // By the policy.
};

// A host of one pipeline in a world where all is well, from instant to instant.
class Player {
 public:
  // `facts` are healthy from `now` on, and `policy` must outlive this object.
  Player(const Policy& policy, HealthyFacts facts, absl::Time now);

  // Begins the roll backs of `decision`, which was made about the facts as they were.
  void RollBack(const Decision& decision);
  // Reports healthy signals, and what is asked for, until nothing more is; acts on nothing.
  void Report();
  // Does all there is to do now.
  void Act();
  // The next instant at which something happens, at most `limit`; InfiniteFuture: none does.
  absl::Time Next(absl::Time limit);
  // Goes to `t`, at which deployments may end.
  void GoTo(absl::Time t);

  absl::Time now() const { return now_; }
  // The newest one, about `state` as it was then; it did nothing that is left to do.
  const Decision& decision() const { return decision_; }
  const v1::PipelineState& state() const { return facts_.state(); }
  const PolicyLeaves& leaves() const { return leaves_; }
  const HealthyFacts& facts() const { return facts_; }
  const std::map<std::string, DeploymentTime>& deployment_times() const { return times_; }
  int decisions() const { return decisions_; }
  // Counts what was written down.
  uint64_t events() const { return events_; }
  bool HasDeploymentUnderWay() const;

 private:
  struct Ending {
    absl::Time at;
    v1::Event event;
  };

  void Look();
  bool Write(v1::Event event);
  // Admits and writes what the decision wants; false: nothing of it was done.
  bool DoAll();
  std::vector<Ending> Endings() const;
  std::string Outcome() const;
  bool ChangesBy(absl::Time t, const std::string& outcome);
  absl::Time FirstChange(absl::Time limit);
  void Forget();

  const Policy& policy_;
  HealthyFacts facts_;
  const PolicyLeaves leaves_;
  AskedEvidence evidence_;
  const absl::Time begin_;
  absl::Time now_;
  std::map<std::string, DeploymentTime> times_;
  std::unique_ptr<Snapshot> snapshot_;
  Decision decision_;
  uint64_t events_ = 0;
  int decisions_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_SIMULATE_PLAYER_H_
