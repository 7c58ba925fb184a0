#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/policy.h"
#include "sluice/reader.h"

namespace sluice {
namespace {

template <typename Message>
Message Text(absl::string_view text) {
  Message message;
  const absl::Status status = ReadMessage(text, Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << status << "\n" << text;
  return message;
}

constexpr char kPolicy[] = R"(
    id: "shop" profile: STANDARD_1
    emergency_stop { max_age { seconds: 300 } }
    override_policy { roles: "lead" quorum: 2 max_validity { seconds: 3600 } author: AUTHOR_MAY_NOT }
    stages {
      id: "test" kind: TEST deploys: NOTHING passes: ON_COMPLETION start: AUTOMATIC
      without_blockers: true
    }
    stages {
      id: "prod" kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC
      without_blockers: true
      rollout {
        waves { id: "one" cells: "c1" }
        waves {
          id: "two" cells: "c2"
          bake { min_time { seconds: 7200 } min_requests: 100 min_data_points: 10
                 max_time { seconds: 36000 } }
        }
        blast_radius { stage_cap_basis_points: 2000 max_parallel: 2 }
        deploy { max_time { seconds: 600 } }
        bake { min_time { seconds: 3600 } min_requests: 100 min_data_points: 10
               max_time { seconds: 36000 } }
        hygiene { checks: "serving" deadline { seconds: 600 } }
        health {
          criteria {
            id: "errors" per: CELL
            error_rate { counts: "requests" bound_ppm: 1000 min_requests: 100
                         min_requests_to_fail: 100 confidence: PERCENT_99
                         max_age { seconds: 600 } }
          }
        }
        roll_back {
          watch_for { seconds: 3600 } max_parallel: 2 attempts: 2
          keep_despite { roles: "lead" quorum: 2 max_validity { seconds: 3600 }
                         author: AUTHOR_MAY_NOT }
        }
      }
    }
)";

constexpr char kBaseline[] = R"(
    id: "company"
    blockers {
      id: "advisories" enforcement: ENFORCED
      known_bad { lists: "cve" max_age { seconds: 86400 } min_entries: 10
                  on_match_in_flight: HALT components: OPTIONAL }
    }
    stages {
      kind: PRODUCTION
      blockers {
        id: "freeze" enforcement: ENFORCED
        override_policy { roles: [ "lead", "director" ] quorum: 1
                          max_validity { seconds: 86400 } author: AUTHOR_MAY_NOT }
        time_window {
          allow_always {}
          deny { absolute { start { seconds: 1000000 } end { seconds: 2000000 } } }
          no_min_remaining {} in_flight: FINISH_WAVE
        }
      }
      bake { min_time { seconds: 3600 } min_requests: 100 min_data_points: 10 }
      stage_cap_basis_points: 2000
      max_parallel: 2
      requires_hygiene: true
      requires_health: true
      min_watch_for { seconds: 3600 }
    }
    override_limit { roles: [ "lead", "director" ] min_quorum: 2 max_validity { seconds: 3600 }
                     author_may_not: true }
    max_emergency_stop_age { seconds: 300 }
    max_clock_skew { seconds: 60 }
)";

// Replaces `from`, which must be there, in `text`.
std::string With(const std::string& text, absl::string_view from, absl::string_view to) {
  EXPECT_NE(text.find(std::string(from)), std::string::npos) << from;
  return absl::StrReplaceAll(text, {{from, to}});
}

absl::StatusOr<Policy> CompileText(const std::string& baseline, const std::string& policy) {
  return Policy::Compile(Text<v1::BaselinePolicy>(baseline), Text<v1::PipelinePolicy>(policy));
}

// The paths of all faults, in order of appearance.
std::vector<std::string> FaultPaths(const std::string& baseline, const std::string& policy) {
  const absl::StatusOr<Policy> compiled = CompileText(baseline, policy);
  const v1::Faults faults = FaultsOf(compiled.status());
  std::vector<std::string> paths;
  for (const v1::Fault& fault : faults.faults()) {
    paths.push_back(fault.path());
  }
  return paths;
}

using Paths = std::vector<std::string>;

TEST(BaselineTest, AddsItsBlockers) {
  const absl::StatusOr<Policy> policy = CompileText(kBaseline, kPolicy);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const v1::PipelinePolicy& effective = policy->effective();
  ASSERT_EQ(effective.blockers_size(), 1);
  EXPECT_EQ(effective.blockers(0).id(), "advisories");
  EXPECT_TRUE(effective.blockers(0).not_overridable());
  EXPECT_EQ(effective.stages(0).blockers_size(), 0);
  ASSERT_EQ(effective.stages(1).blockers_size(), 1);
  EXPECT_EQ(effective.stages(1).blockers(0).id(), "freeze.prod");
}

TEST(BaselineTest, TheTighterOverridePolicyCounts) {
  const Policy with_default = *CompileText(kBaseline, kPolicy);
  EXPECT_FALSE(with_default.effective().stages(1).blockers(0).has_override_policy());
  const std::string looser_default =
      With(With(kBaseline, "min_quorum: 2", ""),
           "quorum: 1\n                          max_validity { seconds: 86400 }",
           "quorum: 3\n                          max_validity { seconds: 60 }");
  const std::string wider = With(kPolicy, "override_policy { roles: \"lead\"",
                                 "override_policy { roles: [\"lead\", \"director\"]");
  const absl::StatusOr<Policy> with_own = CompileText(looser_default, wider);
  ASSERT_TRUE(with_own.ok()) << with_own.status();
  EXPECT_EQ(with_own->effective().stages(1).blockers(0).override_policy().quorum(), 3u);
  EXPECT_EQ(FaultPaths(looser_default, kPolicy), Paths{"override_policy"});
}

TEST(BaselineTest, IsPartOfTheFingerprint) {
  const Policy alone = *Policy::Compile(Text<v1::PipelinePolicy>(kPolicy));
  const Policy under = *CompileText(kBaseline, kPolicy);
  EXPECT_NE(alone.fingerprint(), under.fingerprint());
}

TEST(BaselineTest, AskingForNothingChangesNothing) {
  const Policy alone = *Policy::Compile(Text<v1::PipelinePolicy>(kPolicy));
  const Policy under = *CompileText("id: \"company\"", kPolicy);
  EXPECT_EQ(alone.fingerprint(), under.fingerprint());
}

// Each policy permits a little more than the baseline, in one place.
TEST(BaselineTest, EachWeakeningIsAFaultAtItsPath) {
  const std::string rollout = "stages[1].rollout.";
  const std::vector<std::pair<std::pair<std::string, std::string>, Paths>> cases = {
      {{"emergency_stop { max_age { seconds: 300 } }",
        "emergency_stop { max_age { seconds: 301 } }"},
       {"emergency_stop.max_age"}},
      {{"emergency_stop { max_age { seconds: 300 } }", "without_emergency_stop: true"},
       {"without_emergency_stop"}},
      {{"id: \"shop\"", "id: \"shop\" max_clock_skew { seconds: 60 nanos: 1 }"},
       {"max_clock_skew"}},
      {{"override_policy { roles: \"lead\"", "override_policy { roles: [\"lead\", \"intern\"]"},
       {"override_policy.roles", "override_policy"}},
      {{"override_policy { roles: \"lead\" quorum: 2",
        "override_policy { roles: \"lead\" quorum: 1"},
       {"override_policy.quorum"}},
      {{"keep_despite { roles: \"lead\" quorum: 2", "keep_despite { roles: \"lead\" quorum: 1"},
       {rollout + "roll_back.keep_despite.quorum"}},
      {{"stage_cap_basis_points: 2000", "stage_cap_basis_points: 2001"},
       {rollout + "blast_radius.stage_cap_basis_points"}},
      {{"stage_cap_basis_points: 2000", "no_stage_cap {}"},
       {rollout + "blast_radius.no_stage_cap"}},
      {{"2000 max_parallel: 2", "2000 max_parallel: 3"}, {rollout + "blast_radius.max_parallel"}},
      {{"bake { min_time { seconds: 3600 } min_requests: 100",
        "bake { min_time { seconds: 3599 nanos: 999999999 } min_requests: 100"},
       {rollout + "bake.min_time"}},
      {{"bake { min_time { seconds: 3600 } min_requests: 100", "bake { min_requests: 100"},
       {rollout + "bake.min_time"}},
      {{"seconds: 7200 } min_requests: 100", "seconds: 7200 } min_requests: 99"},
       {rollout + "waves[1].bake.min_requests"}},
      {{"seconds: 7200 } min_requests: 100 min_data_points: 10",
        "seconds: 7200 } min_requests: 100 min_data_points: 9"},
       {rollout + "waves[1].bake.min_data_points"}},
      {{"hygiene { checks: \"serving\" deadline { seconds: 600 } }", "no_hygiene {}"},
       {rollout + "no_hygiene"}},
      {{"watch_for { seconds: 3600 }", "watch_for { seconds: 3599 }"},
       {rollout + "roll_back.watch_for"}},
  };
  for (const auto& [change, paths] : cases) {
    EXPECT_EQ(FaultPaths(kBaseline, With(kPolicy, change.first, change.second)), paths)
        << change.second;
  }
}

TEST(BaselineTest, FaultsNameTheBaselinesPathToo) {
  const absl::StatusOr<Policy> compiled = CompileText(
      kBaseline, With(kPolicy, "stage_cap_basis_points: 2000", "stage_cap_basis_points: 2001"));
  const v1::Faults faults = FaultsOf(compiled.status());
  ASSERT_EQ(faults.faults_size(), 1);
  EXPECT_NE(faults.faults(0).message().find("`baseline.stages[0].stage_cap_basis_points`"),
            std::string::npos);
}

TEST(BaselineTest, TighterIsTaken) {
  std::string policy = kPolicy;
  policy = With(policy, "stage_cap_basis_points: 2000", "stage_cap_basis_points: 1999");
  policy = With(policy, "watch_for { seconds: 3600 }", "watch_for { seconds: 3601 }");
  policy = With(policy, "bake { min_time { seconds: 3600 }", "bake { min_time { seconds: 3601 }");
  policy = With(policy, "emergency_stop { max_age { seconds: 300 } }",
                "emergency_stop { max_age { seconds: 299 } }");
  EXPECT_EQ(FaultPaths(kBaseline, policy), Paths());
}

// The policy states a blocker of the baseline itself.
std::string WithOwnBlockers(const std::string& pipeline, const std::string& production) {
  std::string policy = absl::StrCat(kPolicy, pipeline.empty() ? "" : "blockers {", pipeline,
                                    pipeline.empty() ? "" : "}");
  if (!pipeline.empty()) policy = With(policy, "without_blockers: true", "");
  if (!production.empty()) {
    policy = With(policy, "kind: PRODUCTION",
                  absl::StrCat("kind: PRODUCTION blockers {", production, "}"));
    policy = absl::StrReplaceAll(policy,
                                 {{"start: AUTOMATIC\n      without_blockers: true\n      rollout",
                                   "start: AUTOMATIC\n      rollout"}});
  }
  return policy;
}

constexpr char kOwnAdvisories[] = R"(
    id: "advisories" not_overridable: true
    known_bad { lists: "cve" max_age { seconds: 86400 } min_entries: 10
                on_match_in_flight: HALT components: OPTIONAL })";

TEST(BaselineTest, OwnBlockerTakesThePlaceOfTheBaselines) {
  const std::string tighter =
      With(With(With(With(kOwnAdvisories, "seconds: 86400", "seconds: 3600"), "min_entries: 10",
                     "min_entries: 11"),
                "lists: \"cve\"", "lists: [ \"own\", \"cve\" ]"),
           "components: OPTIONAL", "components: REQUIRED description: \"ours\"");
  // `description` belongs to the blocker.
  const std::string own = With(tighter, " description: \"ours\" }", " } description: \"ours\"");
  const absl::StatusOr<Policy> policy = CompileText(kBaseline, WithOwnBlockers(own, ""));
  ASSERT_TRUE(policy.ok()) << policy.status();
  ASSERT_EQ(policy->effective().blockers_size(), 1);
  EXPECT_EQ(policy->effective().blockers(0).known_bad().lists_size(), 2);
}

TEST(BaselineTest, OwnBlockerMayNotBeLooser) {
  const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> cases = {
      {{"seconds: 86400", "seconds: 86401"}, "known_bad.max_age"},
      {{"min_entries: 10", "min_entries: 9"}, "known_bad.min_entries"},
      {{"lists: \"cve\"", "lists: \"own\""}, "known_bad.lists"},
      {{"HALT", "ROLL_BACK"}, "known_bad.on_match_in_flight"},
      {{"not_overridable: true", "enforcement: OBSERVED not_overridable: true"}, "enforcement"},
  };
  for (const auto& [change, path] : cases) {
    const std::string own = With(kOwnAdvisories, change.first, change.second);
    EXPECT_EQ(FaultPaths(kBaseline, WithOwnBlockers(own, "")), Paths{"blockers[0]." + path})
        << change.second;
  }
}

TEST(BaselineTest, OwnBlockerMayNotBecomeOverridable) {
  const std::string own = With(kOwnAdvisories, "not_overridable: true", "");
  EXPECT_EQ(FaultPaths(kBaseline, WithOwnBlockers(own, "")),
            (Paths{"blockers[0].override_policy", "blockers[0].not_overridable"}));
}

TEST(BaselineTest, OwnBlockerOfAnotherKindIsAFault) {
  const std::string own =
      "id: \"advisories\" not_overridable: true check { check: \"unit\" binds_to: ARTIFACT }";
  EXPECT_EQ(FaultPaths(kBaseline, WithOwnBlockers(own, "")),
            (Paths{"blockers[0].known_bad", "blockers[0].check"}));
}

constexpr char kOwnFreeze[] = R"(
    id: "freeze.prod"
    time_window {
      allow { windows { absolute { start { seconds: 0 } end { seconds: 9000000 } } } }
      deny { absolute { start { seconds: 3000000 } end { seconds: 4000000 } } }
      deny { absolute { start { seconds: 1000000 } end { seconds: 2000000 } } }
      min_remaining { seconds: 60 } in_flight: STOP
    })";

TEST(BaselineTest, OwnWindowMayOpenLess) {
  EXPECT_EQ(FaultPaths(kBaseline, WithOwnBlockers("", kOwnFreeze)), Paths());
}

TEST(BaselineTest, OwnWindowMayNotDropADeny) {
  const std::string own = With(
      kOwnFreeze, "deny { absolute { start { seconds: 1000000 } end { seconds: 2000000 } } }", "");
  EXPECT_EQ(FaultPaths(kBaseline, WithOwnBlockers("", own)),
            Paths{"stages[1].blockers[0].time_window.deny"});
}

TEST(BaselineTest, ItsOwnFaultsHaveItsPath) {
  EXPECT_EQ(FaultPaths(With(kBaseline, "id: \"company\"", ""), kPolicy), Paths{"baseline.id"});
  EXPECT_EQ(FaultPaths(With(kBaseline, "kind: PRODUCTION", ""), kPolicy),
            Paths{"baseline.stages[0].kind"});
  EXPECT_EQ(
      FaultPaths(With(kBaseline, "stage_cap_basis_points: 2000", "stage_cap_basis_points: 10001"),
                 kPolicy),
      Paths{"baseline.stages[0].stage_cap_basis_points"});
  EXPECT_EQ(FaultPaths(With(kBaseline, "min_quorum: 2", "none: true"), kPolicy),
            Paths{"baseline.override_limit.none"});
  EXPECT_EQ(
      FaultPaths(With(kBaseline, "id: \"advisories\" enforcement: ENFORCED", "id: \"advisories\""),
                 kPolicy),
      Paths{"baseline.blockers[0].enforcement"});
  EXPECT_EQ(FaultPaths(absl::StrCat(kBaseline, "stages { kind: PRODUCTION }"), kPolicy),
            Paths{"baseline.stages[1].kind"});
}

TEST(BaselineTest, NoOverridesAtAll) {
  const std::string none = With(
      kBaseline,
      "override_limit { roles: [ \"lead\", \"director\" ] min_quorum: 2 max_validity { seconds: "
      "3600 }\n                     author_may_not: true }",
      "override_limit { none: true }");
  EXPECT_EQ(FaultPaths(none, kPolicy),
            (Paths{"override_policy", "stages[1].rollout.roll_back.keep_despite"}));
}

}  // namespace
}  // namespace sluice
