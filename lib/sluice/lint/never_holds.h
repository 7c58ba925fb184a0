#ifndef SLUICE_LINT_NEVER_HOLDS_H_
#define SLUICE_LINT_NEVER_HOLDS_H_

#include "sluice/lint/lint_context.h"

// Rules about what looks like a safeguard and is none.
namespace sluice {

// A window that never closes, an alarm that is never in ALARM, a traffic share that none exceeds.
extern const LintCheck kBlockerNeverHolds;

// A stage of which every blocker is OBSERVED.
extern const LintCheck kStageEnforcesNothing;

// A watched alarm or criterion that no data can make a failure.
extern const LintCheck kHealthNeverFails;

}  // namespace sluice

#endif  // SLUICE_LINT_NEVER_HOLDS_H_
