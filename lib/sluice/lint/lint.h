// What is probably a mistake in a policy that compiles.
//
//   const sluice::LintOptions options;
//   for (const sluice::LintFinding& finding : sluice::Lint(policy, options, now)) {
//     Print(finding.path, finding.message, finding.rule);
//   }
//
// docs/lint.md describes every rule.

#ifndef SLUICE_LINT_LINT_H_
#define SLUICE_LINT_LINT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/lint/lint_options.h"
#include "sluice/lint/lint_rule.h"
#include "sluice/policy.h"

namespace sluice {

struct LintFinding {
  absl::string_view rule;  // A rule's id.
  std::string path;        // In `policy.effective()`, such as `stages[2].blockers[0].time_window`.
  std::string message;     // One line, without a full stop.
};

// Everything that the rules find, in the order of the rules and, of one rule, of the policy.
// Windows are looked at from `now`, which lies in the years 1 to 9999, to the end of the options'
// horizon. Pure; some milliseconds, mostly for windows that open often and never together.
std::vector<LintFinding> Lint(const Policy& policy, const LintOptions& options, absl::Time now);

// All rules.
const std::vector<LintRule>& LintRules();

// The rules as a page for people, in Markdown: docs/lint.md.
std::string LintPage();

}  // namespace sluice

#endif  // SLUICE_LINT_LINT_H_
