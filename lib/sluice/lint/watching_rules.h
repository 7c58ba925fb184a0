#ifndef SLUICE_LINT_WATCHING_RULES_H_
#define SLUICE_LINT_WATCHING_RULES_H_

#include "sluice/lint/lint_context.h"

// Rules about what is watched while an artifact rolls out, and for how long.
namespace sluice {

// A PRODUCTION stage that watches nothing.
extern const LintCheck kProductionUnwatched;

// A bake that can end before a watched alarm can tell of a failure.
extern const LintCheck kBakeShorterThanDetection;

}  // namespace sluice

#endif  // SLUICE_LINT_WATCHING_RULES_H_
