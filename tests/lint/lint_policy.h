#ifndef TESTS_LINT_LINT_POLICY_H_
#define TESTS_LINT_LINT_POLICY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/lint/lint_options.h"

namespace sluice {

// A policy to lint, which no rule finds anything in, with what a test adds to its parts.
struct LintedPolicy {
  std::string policy;  // Fields of the policy.
  std::string stage = "blockers { id: 'tested' check { check: 't' binds_to: ARTIFACT } }";
  std::string kind = "PRODUCTION";
  std::string waves = "waves { id: 'one' cells: 'a' } waves { id: 'two' cells: [ 'b', 'c' ] }";
  std::string radius = "no_stage_cap {}";
  std::string deploy = "max_time { seconds: 1800 } expected_time { seconds: 600 }";
  std::string bake = "min_time { seconds: 3600 } max_time { seconds: 86400 }";
  std::string hygiene = "no_hygiene {}";
  std::string health = R"(health { watched_alarms { id: 'watched' each: CELL
      alarm { observed { alarm: 'x' } max_age { seconds: 300 } } } })";
};

// 2026-11-23T10:00:00Z, a Monday.
absl::Time LintNow();

// What is found in it, one `rule path` each. Faults of the policy fail the test.
std::vector<std::string> Lint(const LintedPolicy& policy, const LintOptions& options = {});

// The messages of one rule.
std::vector<std::string> MessagesOf(absl::string_view rule, const LintedPolicy& policy,
                                    const LintOptions& options = {});

// An alarm rule that alarms at 2 of 3 points.
std::string Rule(absl::string_view comparison, absl::string_view threshold,
                 absl::string_view treat_missing = "MISSING");

// The fields of a computed alarm, and of a ratio, with such a rule.
std::string Computed(absl::string_view rule);
std::string Ratio(absl::string_view rule);

// A blocker that is such an alarm, and a health that watches it in each cell.
std::string AlarmBlocker(absl::string_view alarm);
std::string WatchesAlarm(absl::string_view alarm);

// A window on days such as `MONDAY, TUESDAY` from 09:00 to `end`, UTC.
std::string WeeklyWindow(absl::string_view days, absl::string_view end = "17:00");

// A state of the policy's pipeline with more of its fields; lives until the test program ends.
const Snapshot* SnapshotWith(absl::string_view fields);

}  // namespace sluice

#endif  // TESTS_LINT_LINT_POLICY_H_
