#ifndef SLUICE_TESTS_CONFORMANCE_OUTCOME_H_
#define SLUICE_TESTS_CONFORMANCE_OUTCOME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "sluice/decision.h"

namespace sluice {

// The outcome of a decision [G5] as one comparable text: every leaf's key, verdict, reason and
// effect, every action with its artifact and cells, every wanted record.
std::string OutcomeOf(const Decision& decision);

// A leaf's key and its (verdict, reason, effect).
std::string KeyOf(const StageDecision& stage, const Finding& finding);
std::string TripleOf(const Finding& finding);

// The triple of the leaf with this key, or empty: there is none.
std::string TripleAt(const Decision& decision, absl::string_view key);

}  // namespace sluice

#endif  // SLUICE_TESTS_CONFORMANCE_OUTCOME_H_
