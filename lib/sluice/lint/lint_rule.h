#ifndef SLUICE_LINT_LINT_RULE_H_
#define SLUICE_LINT_LINT_RULE_H_

#include "absl/strings/string_view.h"

namespace sluice {

// What people read about a rule. Texts are Markdown.
struct LintRule {
  absl::string_view id;     // In kebab-case, never changed.
  absl::string_view title;  // What is found, without a full stop.
  absl::string_view why;    // Why it matters, and what exactly is found.
  // A textproto that the rule finds, and one that says what is meant without it. The first line
  // names the message whose fields they show, such as `# in: stage`.
  absl::string_view example;
  absl::string_view instead;
};

}  // namespace sluice

#endif  // SLUICE_LINT_LINT_RULE_H_
