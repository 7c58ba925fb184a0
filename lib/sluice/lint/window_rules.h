#ifndef SLUICE_LINT_WINDOW_RULES_H_
#define SLUICE_LINT_WINDOW_RULES_H_

#include "sluice/lint/lint_context.h"

// Rules about when time windows open. Calendars of the organisation, which a policy does not
// contain, are taken to be as favourable as they can be: none denies, and each allows always.
namespace sluice {

// A window that is open at no instant of the horizon.
extern const LintCheck kWindowNeverOpens;

// A window of which no opening in the horizon lasts as long as it asks for itself.
extern const LintCheck kWindowTooShort;

// Windows that must all be open and never are together in the horizon.
extern const LintCheck kWindowsNeverOpenTogether;

}  // namespace sluice

#endif  // SLUICE_LINT_WINDOW_RULES_H_
