// When each stage of a pipeline would be done if all signals stayed healthy and no person did
// anything, and what it would wait for until then.
//
//   const sluice::HealthyFuture future = sluice::PlayHealthyFuture(policy, {state}, now);
//   for (const sluice::StageFuture& stage : future.stages) {
//     if (stage.complete.has_value()) Print(stage.stage, *stage.complete);
//   }
//
// The pipeline is played forward with `Policy::Decide`, as by a host that acts at once. Assumed is
// (docs/eta.md has all of it):
// - every alarm is OK, every series goes on without a breach, requests go on at the rate last seen
//   and without errors; each is reported all the time, a series and counts at the end of every
//   period. What is not healthy at `now` is so from then on; what failed before has failed;
// - a check, a hygiene check or a measurement that a decision asks for succeeds at once;
// - a deployment takes `deploy.expected_time`, else as long as the stage's newest one did, else
//   `deploy.max_time`, and succeeds;
// - lists, calendars and organisation facts are looked at again all the time and stay the same;
// - nobody approves, overrides, starts, retries, releases or builds anything. What people have done
//   before expires when it does.

#ifndef SLUICE_SIMULATE_HEALTHY_FUTURE_H_
#define SLUICE_SIMULATE_HEALTHY_FUTURE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/simulate/waiting.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What is known at the beginning. None of it is changed, all of it must outlive the call.
struct PresentFacts {
  const v1::PipelineState& state;
  const v1::OrganisationFacts* organisation = nullptr;  // Null: none.
  std::vector<const KnownBadList*> known_bad = {};
};

struct HealthyFutureOptions {
  // How far ahead to look.
  absl::Duration horizon = absl::Hours(400 * 24);
  // At most so many decisions are made.
  int max_decisions = 100'000;
};

// How long an artifact waits for something; other things may be waited for at the same time.
struct Wait {
  WaitingFor waiting_for;
  absl::Duration duration;
};

enum class StageOutcome {
  kNothingToCome = 0,  // No artifact is on its way there.
  kPasses,             // The artifact gets there and passes.
  kStops,              // It does not, without a person or a change of facts.
  kRollsBack,          // Something has failed: it is being rolled back.
  kTooFar,             // Not within the horizon or the number of decisions.
};

// A cell and when the deployment to it ends.
struct CellInstant {
  std::string stage;
  std::string cell;
  absl::Time at;
};

struct StageFuture {
  std::string stage;
  // The artifact that the stage is about now: of its running rollout, its candidate, or what awaits
  // its pass there; else the newest of those that earlier stages are about. Empty: none.
  std::string artifact;
  StageOutcome outcome = StageOutcome::kNothingToCome;

  // Of the artifact's newest rollout there; may lie before now. Unset: it does not come to that.
  absl::optional<absl::Time> first_cell;  // Its first deployment starts.
  absl::optional<CellInstant> last_cell;  // Its last deployment ends; set once it is complete.
  absl::optional<absl::Time> complete;    // COMPLETE; where nothing is deployed: entered.
  absl::optional<absl::Time> passed;

  // How the time from now until `passed` (or until nothing moves any more) divides: the longest
  // wait first, equal ones by id. Waits in earlier stages are among them. They overlap, so their
  // sum may be longer.
  std::vector<Wait> waits;
  // What keeps the artifact from passing, sorted; of kRollsBack: what has failed. May be in an
  // earlier stage. Empty of the other outcomes.
  std::vector<WaitingFor> stopped_by;

  // How long a deployment is assumed to take, and whether the policy says so.
  absl::Duration deployment_time;
  bool deployment_time_is_stated = false;
};

struct HealthyFuture {
  absl::Time now;
  std::vector<StageFuture> stages;  // As in the policy.
  // The last cell of the last stage that deploys to cells, if the artifact gets to all of them.
  absl::optional<CellInstant> last_cell;
  // What holds by the facts as they are and is assumed to end at once, because it is about signals.
  std::vector<WaitingFor> assumed_over;
  int decisions = 0;  // How many it took.
};

// Total: any state gets an answer; `now` lies in the years 1 to 9999. Pure. Cost: a decision for
// every instant at which something happens, and some for every bake that waits for counts.
HealthyFuture PlayHealthyFuture(const Policy& policy, const PresentFacts& facts, absl::Time now,
                                const HealthyFutureOptions& options = {});

// `PASSES`, `STOPS` and so on.
absl::string_view StageOutcomeName(StageOutcome outcome);

}  // namespace sluice

#endif  // SLUICE_SIMULATE_HEALTHY_FUTURE_H_
