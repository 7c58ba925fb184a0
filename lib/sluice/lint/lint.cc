#include "sluice/lint/lint.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sluice/internal/field_errors.h"
#include "sluice/lint/cap_rules.h"
#include "sluice/lint/fails_open.h"
#include "sluice/lint/known_bad_rule.h"
#include "sluice/lint/lint_context.h"
#include "sluice/lint/never_clears.h"
#include "sluice/lint/never_holds.h"
#include "sluice/lint/override_rule.h"
#include "sluice/lint/significance_rule.h"
#include "sluice/lint/watching_rules.h"
#include "sluice/lint/window_rules.h"

namespace sluice {
namespace {

constexpr const LintCheck* kChecks[] = {
    &kWindowNeverOpens,         &kWindowTooShort,
    &kWindowsNeverOpenTogether, &kBlockerNeverHolds,
    &kStageEnforcesNothing,     &kBlockerNeverClears,
    &kOverrideLiftsEverything,  &kProductionUnwatched,
    &kBakeShorterThanDetection, &kBakeAlwaysTimesOut,
    &kHealthNeverFails,         &kHealthNeverClears,
    &kSignificanceUnreachable,  &kFailsOpen,
    &kMissingReportRollsBack,   &kCapFitsNoCell,
    &kCellExceedsCap,           &kKnownBadMatchesTooMuch,
};

constexpr absl::string_view kIntroduction = R"(# What `sluice lint` finds

`sluice check` says whether a policy can be used, `sluice lint` what in it is
probably not meant:

```sh
sluice lint policy.textproto --state state.textproto --now 2026-11-24T10:00:00Z
```

It prints one finding a line, wrapped, with the field and the rule, and exits
with 11 if there is any. `--disable RULE` leaves a rule out. `sluice lint
--rules` prints this page. A finding is a fact about the policy, not a guess:
what depends on something that is not given is taken at its best.

Each example names the message whose fields it shows, and is part of [the
pipeline of the demo](examples/region-waves/policy.textproto). Tests lint all of
them: what is to be written instead is clean.
)";

}  // namespace

std::vector<LintFinding> Lint(const Policy& policy, const LintOptions& options, absl::Time now) {
  const LintContext context(policy, options, now);
  std::vector<LintFinding> findings;
  for (const LintCheck* check : kChecks) {
    const bool disabled = std::find(options.disabled.begin(), options.disabled.end(),
                                    check->rule.id) != options.disabled.end();
    if (disabled) continue;
    check->find(context, [&](const FieldPath& path, std::string message) {
      findings.push_back({check->rule.id, path.ToString(), std::move(message)});
    });
  }
  return findings;
}

const std::vector<LintRule>& LintRules() {
  static const auto* const rules = [] {
    auto* all = new std::vector<LintRule>;
    for (const LintCheck* check : kChecks) all->push_back(check->rule);
    return all;
  }();
  return *rules;
}

std::string LintPage() {
  std::string page(kIntroduction);
  for (const LintRule& rule : LintRules()) {
    absl::StrAppend(&page, "\n## ", rule.id, "\n\n**", rule.title, ".**\n\n", rule.why,
                    "\n\n```textproto\n", rule.example, "```\n\nInstead:\n\n```textproto\n",
                    rule.instead, "```\n");
  }
  return page;
}

}  // namespace sluice
