#ifndef SLUICE_LINT_KNOWN_BAD_RULE_H_
#define SLUICE_LINT_KNOWN_BAD_RULE_H_

#include "sluice/lint/lint_context.h"

namespace sluice {

// An advisory of a list that concerns more of a corpus than the options permit.
extern const LintCheck kKnownBadMatchesTooMuch;

}  // namespace sluice

#endif  // SLUICE_LINT_KNOWN_BAD_RULE_H_
