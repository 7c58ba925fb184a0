#ifndef SLUICE_LINT_CAP_RULES_H_
#define SLUICE_LINT_CAP_RULES_H_

#include "sluice/lint/lint_context.h"

// Rules about caps, which compare them with the cells of a state [R2].
namespace sluice {

// A cap that none of the cells under it fits; without a state, one of zero.
extern const LintCheck kCapFitsNoCell;

// A cap that some of the cells under it do not fit.
extern const LintCheck kCellExceedsCap;

}  // namespace sluice

#endif  // SLUICE_LINT_CAP_RULES_H_
