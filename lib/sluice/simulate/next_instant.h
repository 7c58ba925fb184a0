#ifndef SLUICE_SIMULATE_NEXT_INSTANT_H_
#define SLUICE_SIMULATE_NEXT_INSTANT_H_

#include "absl/time/time.h"
#include "sluice/decision.h"
#include "sluice/simulate/healthy_facts.h"
#include "sluice/simulate/policy_leaves.h"

namespace sluice {

// When a decision over healthy facts may be another one.
struct NextInstants {
  // The first instant after now at which a leaf may differ that does not wait for more reports.
  // Healthy signals do not grow stale, for they are reported again. InfiniteFuture: none.
  absl::Time timer = absl::InfiniteFuture();
  // Some signal may become clear at the end of a period, however late that is reported.
  bool waits_for_periods = false;
};

// Of a decision made at `decision.now` over `facts`, reported at that instant.
NextInstants NextInstantsOf(const Decision& decision, const HealthyFacts& facts,
                            const PolicyLeaves& leaves);

// Whether no instant and no healthy report will move any stage on: each is idle, waits for a person
// to start it, or is held by something that time does not end. False where that can't be told.
bool IsStuck(const Decision& decision, const HealthyFacts& facts, const PolicyLeaves& leaves);

// Whether a finding of `decision` holds until a person or a fact that is no signal changes that.
bool HoldsForGood(const Finding& finding, const Decision& decision, const HealthyFacts& facts,
                  const PolicyLeaves& leaves);

// Whether it is about a signal or a bake, so that reports alone may clear it.
bool WaitsForReports(const Finding& finding, const PolicyLeaves& leaves);

}  // namespace sluice

#endif  // SLUICE_SIMULATE_NEXT_INSTANT_H_
