#ifndef SLUICE_LINT_OVERRIDE_RULE_H_
#define SLUICE_LINT_OVERRIDE_RULE_H_

#include "sluice/lint/lint_context.h"

namespace sluice {

// A PRODUCTION stage of which one person may override every blocker.
extern const LintCheck kOverrideLiftsEverything;

}  // namespace sluice

#endif  // SLUICE_LINT_OVERRIDE_RULE_H_
