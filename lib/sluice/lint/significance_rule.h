#ifndef SLUICE_LINT_SIGNIFICANCE_RULE_H_
#define SLUICE_LINT_SIGNIFICANCE_RULE_H_

#include "sluice/lint/lint_context.h"

namespace sluice {

// A `min_requests_to_fail` at which not even failures alone are significant.
extern const LintCheck kSignificanceUnreachable;

}  // namespace sluice

#endif  // SLUICE_LINT_SIGNIFICANCE_RULE_H_
