#ifndef SLUICE_LINT_FAILS_OPEN_H_
#define SLUICE_LINT_FAILS_OPEN_H_

#include "sluice/lint/lint_context.h"

// Rules about what a missing fact does.
namespace sluice {

// A treatment of what is missing that lets something through.
extern const LintCheck kFailsOpen;

// A hygiene report whose absence rolls back.
extern const LintCheck kMissingReportRollsBack;

}  // namespace sluice

#endif  // SLUICE_LINT_FAILS_OPEN_H_
