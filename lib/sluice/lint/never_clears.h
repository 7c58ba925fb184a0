#ifndef SLUICE_LINT_NEVER_CLEARS_H_
#define SLUICE_LINT_NEVER_CLEARS_H_

#include "sluice/lint/lint_context.h"

// Rules about conditions that nothing can satisfy.
namespace sluice {

// A blocker or pass criterion that nothing can make CLEAR. See window-never-opens for windows.
extern const LintCheck kBlockerNeverClears;

// A watched alarm that is never OK, or a series of which every point breaches.
extern const LintCheck kHealthNeverClears;

// A bake that asks for more data points than there can be before `max_time`.
extern const LintCheck kBakeAlwaysTimesOut;

}  // namespace sluice

#endif  // SLUICE_LINT_NEVER_CLEARS_H_
