#ifndef SLUICE_OVERRIDES_H_
#define SLUICE_OVERRIDES_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"

namespace sluice {

// Whether overrides lift one thing at one instant [O1]-[O5].
struct Lift {
  bool lifted = false;
  absl::InlinedVector<absl::string_view, 1> overrides;  // In force and counting, by id.
  uint32_t still_needed = 0;                            // Distinct principals.
  absl::Time changes_at = absl::InfiniteFuture();       // The first instant `lifted` differs.
};

// Whether `blocker` is lifted for the subject's artifact and stage.
Lift LiftBlocker(const PolicyData& policy, const Blocker& blocker, const Subject& subject,
                 absl::Time now);

// Whether the trigger with this id is kept from rolling the subject's artifact back [O6].
Lift KeepDespite(const PolicyData& policy, const RollBackRule& rule, absl::string_view trigger,
                 const Subject& subject, absl::Time now);

// Why the override lifts nothing in the subject's stage, whatever the instant; ALL_CLEAR: it may.
// `rule` is the stage's.
Reason FaultOf(const OverrideFacts& override_facts, const PolicyData& policy, const StageRule& rule,
               const Subject& subject);

// Whether the override names a stage that the policy does not have.
bool NamesUnknownStage(const OverrideFacts& override_facts, const PolicyData& policy);

// The overrides of one artifact that name the subject's stage, sorted by id.
absl::InlinedVector<const OverrideFacts*, 4> OverridesFor(const Subject& subject);

}  // namespace sluice

#endif  // SLUICE_OVERRIDES_H_
