#include "tests/lint/lint_policy.h"

#include <deque>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "sluice/lint/lint.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

std::string ToText(const LintedPolicy& policy) {
  return absl::StrCat("id: 'shop' profile: STANDARD_1 without_emergency_stop: true\n",
                      policy.policy, "\nstages { id: 'stage' kind: ", policy.kind,
                      " deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC\n", policy.stage,
                      "\nrollout {\n", policy.waves, "\nblast_radius { max_parallel: 1 ",
                      policy.radius, " }\ndeploy { ", policy.deploy, " }\nbake { ", policy.bake,
                      " }\n", policy.hygiene, "\n", policy.health,
                      "\nroll_back { watch_for { seconds: 0 } max_parallel: 1 attempts: 1 } } }\n");
}

std::vector<LintFinding> FindingsIn(const LintedPolicy& policy, const LintOptions& options) {
  v1::PipelinePolicy message;
  const std::string text = ToText(policy);
  const absl::Status read = ReadMessage(text, Format::kTextproto, &message);
  EXPECT_TRUE(read.ok()) << read << "\n" << text;
  const absl::StatusOr<Policy> compiled = Policy::Compile(message);
  EXPECT_TRUE(compiled.ok()) << compiled.status() << "\n" << text;
  if (!compiled.ok()) return {};
  return Lint(*compiled, options, LintNow());
}

}  // namespace

absl::Time LintNow() { return absl::FromUnixSeconds(1795428000); }

std::vector<std::string> Lint(const LintedPolicy& policy, const LintOptions& options) {
  std::vector<std::string> found;
  for (const LintFinding& finding : FindingsIn(policy, options)) {
    found.push_back(absl::StrCat(finding.rule, " ", finding.path));
  }
  return found;
}

std::vector<std::string> MessagesOf(absl::string_view rule, const LintedPolicy& policy,
                                    const LintOptions& options) {
  std::vector<std::string> messages;
  for (const LintFinding& finding : FindingsIn(policy, options)) {
    if (finding.rule == rule) messages.push_back(finding.message);
  }
  return messages;
}

std::string Rule(absl::string_view comparison, absl::string_view threshold,
                 absl::string_view treat_missing) {
  return absl::Substitute(
      "rule { comparison: $0 threshold: $1 evaluation_periods: 3 datapoints_to_alarm: 2 "
      "treat_missing: $2 }",
      comparison, threshold, treat_missing);
}

std::string Computed(absl::string_view rule) {
  return absl::Substitute("computed { series: 's' $0 } max_age { seconds: 300 }", rule);
}

std::string Ratio(absl::string_view rule) {
  return absl::Substitute(
      "ratio { errors_series: 'e' requests_series: 'r' min_samples: 10 $0 } "
      "max_age { seconds: 300 }",
      rule);
}

std::string AlarmBlocker(absl::string_view alarm) {
  return absl::Substitute("blockers { id: 'alarm' metric_alarm { $0 } }", alarm);
}

std::string WatchesAlarm(absl::string_view alarm) {
  return absl::Substitute("health { watched_alarms { id: 'watched' each: CELL alarm { $0 } } }",
                          alarm);
}

std::string WeeklyWindow(absl::string_view days, absl::string_view end) {
  return absl::Substitute(
      "{ weekly { time_zone: 'UTC' days: [ $0 ] hours { start: '09:00' end: '$1' } } }", days, end);
}

const Snapshot* SnapshotWith(absl::string_view fields) {
  // To the end of the program, for what points into them.
  static auto* const states = new std::deque<v1::PipelineState>;
  static auto* const snapshots = new std::deque<Snapshot>;
  static const Organisation* const organisation = new Organisation;
  v1::PipelineState& state = states->emplace_back();
  const std::string text = absl::StrCat(
      "schema_version: 1 pipeline: 'shop' written_at { seconds: 1795428000 } ", fields);
  const absl::Status read = ReadMessage(text, Format::kTextproto, &state);
  EXPECT_TRUE(read.ok()) << read << "\n" << text;
  return &snapshots->emplace_back(Snapshot::Load(state, *organisation));
}

}  // namespace sluice
