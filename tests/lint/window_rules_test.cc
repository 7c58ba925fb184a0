#include "sluice/lint/window_rules.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

std::string Window(absl::string_view id, absl::string_view fields) {
  return absl::Substitute("blockers { id: '$0' time_window { $1 } }", id, fields);
}

std::string Allow(absl::string_view days, absl::string_view end = "17:00") {
  return absl::StrCat("allow { windows ", WeeklyWindow(days, end), " }");
}

std::string Absolute(int64_t start, int64_t end) {
  return absl::Substitute("{ absolute { start { seconds: $0 } end { seconds: $1 } } }", start, end);
}

LintedPolicy WithStage(const std::string& blockers) {
  LintedPolicy policy;
  policy.stage = blockers;
  return policy;
}

constexpr int64_t kNow = 1795428000;

TEST(WindowNeverOpensTest, LooksFromNowToTheHorizon) {
  LintOptions options;
  options.window_horizon = absl::Seconds(1000);
  const auto lint = [&](int64_t start, int64_t end) {
    return Lint(WithStage(Window("w", absl::StrCat("allow { windows ", Absolute(start, end), "}"))),
                options);
  };
  const Found found = {"window-never-opens stages[0].blockers[0].time_window"};
  EXPECT_EQ(lint(kNow - 10, kNow), found);
  EXPECT_EQ(lint(kNow - 10, kNow + 1), Found());
  EXPECT_EQ(lint(kNow + 999, kNow + 2000), Found());
  EXPECT_EQ(lint(kNow + 1000, kNow + 2000), found);
}

TEST(WindowNeverOpensTest, WhatIsDeniedDoesNotOpen) {
  const auto deny = [](absl::string_view days) {
    return absl::StrCat("deny ", WeeklyWindow(days));
  };
  const Found found = {"window-never-opens stages[0].blockers[0].time_window"};
  EXPECT_EQ(Lint(WithStage(Window("w", absl::StrCat(Allow("MONDAY"), deny("MONDAY"))))), found);
  EXPECT_EQ(Lint(WithStage(Window("w", absl::StrCat(Allow("MONDAY"), deny("TUESDAY"))))), Found());
  EXPECT_EQ(Lint(WithStage(Window("w", absl::StrCat(Allow("MONDAY", "17:01"), deny("MONDAY"))))),
            Found());
}

TEST(WindowNeverOpensTest, CalendarsAreTakenAtTheirBest) {
  const std::string calendar = "{ calendar { calendar: 'c' max_age { seconds: 60 } } }";
  const std::string always = "deny " + Absolute(0, 253402300799);
  const auto lint = [](const std::string& fields) { return Lint(WithStage(Window("w", fields))); };
  EXPECT_EQ(lint(absl::StrCat("allow { windows ", calendar, "}")), Found());
  EXPECT_EQ(lint(absl::StrCat("allow_always {} deny ", calendar)), Found());
  EXPECT_EQ(lint(absl::StrCat("allow { windows ", calendar, "} ", always)),
            Found({"window-never-opens stages[0].blockers[0].time_window"}));
}

TEST(WindowTooShortTest, ExactlyAsLongIsEnough) {
  const auto lint = [](int seconds) {
    return Lint(WithStage(Window(
        "w", absl::StrCat(Allow("MONDAY, TUESDAY"), "min_remaining { seconds: ", seconds, " }"))));
  };
  EXPECT_EQ(lint(8 * 3600), Found());
  EXPECT_EQ(lint(8 * 3600 + 1),
            Found({"window-too-short stages[0].blockers[0].time_window.min_remaining"}));
}

TEST(WindowTooShortTest, AdjacentWindowsAreOneOpening) {
  const std::string both = absl::StrCat(
      "allow { windows ", WeeklyWindow("MONDAY"),
      " windows { weekly { time_zone: 'UTC' days: MONDAY hours { start: '17:00' end: '18:00' } } }"
      " } min_remaining { seconds: 32400 }");
  EXPECT_EQ(Lint(WithStage(Window("w", both))), Found());
}

TEST(WindowTooShortTest, SumsWhatARolloutNeeds) {
  // Two waves of 10 minutes and an hour each.
  const auto lint = [](absl::string_view end) {
    return Lint(WithStage(Window("w", absl::StrCat(Allow("MONDAY", end), "expected_duration {}"))));
  };
  EXPECT_EQ(lint("11:20"), Found());
  EXPECT_EQ(lint("11:19:59"),
            Found({"window-too-short stages[0].blockers[0].time_window.expected_duration"}));
}

TEST(WindowTooShortTest, AWaveNeedsWhatIsLeft) {
  const auto lint = [](absl::string_view end) {
    LintedPolicy policy;
    policy.waves =
        absl::StrCat("waves { id: 'one' cells: 'a' } waves { id: 'two' cells: 'b' ",
                     Window("w", absl::StrCat(Allow("MONDAY", end), "expected_duration {}")),
                     " bake { min_time { seconds: 1200 } max_time { seconds: 9000 } } }");
    return Lint(policy);
  };
  EXPECT_EQ(lint("09:30"), Found());
  EXPECT_EQ(lint("09:29"), Found({"window-too-short stages[0].rollout.waves[1].blockers[0]."
                                  "time_window.expected_duration"}));
}

TEST(WindowTooShortTest, GeneratedWavesAreThoseOfTheCells) {
  LintedPolicy policy =
      WithStage(Window("w", absl::StrCat(Allow("MONDAY", "11:00"), "expected_duration {}")));
  policy.waves =
      "wave_generation { first: 1 growth_percent: 100 disjoint_by: NOTHING "
      "max_share_basis_points: 10000 }";
  EXPECT_EQ(Lint(policy), Found());
  LintOptions options;
  options.snapshot = SnapshotWith("cells { id: 'a' stage: 'stage' weight: 1 }");
  EXPECT_EQ(Lint(policy, options), Found());
  options.snapshot = SnapshotWith(
      "cells { id: 'a' stage: 'stage' weight: 1 } cells { id: 'b' stage: 'stage' weight: 1 }");
  EXPECT_EQ(Lint(policy, options),
            Found({"window-too-short stages[0].blockers[0].time_window.expected_duration"}));
}

TEST(WindowsNeverOpenTogetherTest, OneInstantIsEnough) {
  const auto lint = [](const std::string& other) {
    LintedPolicy policy = WithStage(Window("stage-window", Allow("TUESDAY")));
    policy.policy = Window("pipeline-window", other);
    return Lint(policy);
  };
  const auto until_nine = [](absl::string_view end) {
    return absl::Substitute(
        "allow { windows { weekly { time_zone: 'UTC' days: TUESDAY "
        "hours { start: '08:00' end: '$0' } } } }",
        end);
  };
  const Found found = {"windows-never-open-together stages[0]"};
  EXPECT_EQ(lint(Allow("MONDAY")), found);
  EXPECT_EQ(lint(Allow("MONDAY, TUESDAY")), Found());
  EXPECT_EQ(lint(until_nine("09:00")), found);
  EXPECT_EQ(lint(until_nine("09:00:01")), Found());
}

TEST(WindowsNeverOpenTogetherTest, EachRunwayCounts) {
  const auto lint = [](int seconds) {
    return Lint(WithStage(absl::StrCat(
        Window("a",
               absl::StrCat(Allow("MONDAY", "12:00"), "min_remaining { seconds: ", seconds, " }")),
        Window("b",
               "allow { windows { weekly { time_zone: 'UTC' days: MONDAY "
               "hours { start: '11:00' end: '17:00' } } } }"))));
  };
  EXPECT_EQ(lint(3600), Found());
  EXPECT_EQ(lint(3601), Found({"windows-never-open-together stages[0]"}));
}

TEST(WindowsNeverOpenTogetherTest, AWaveWithItsStageAndPipeline) {
  const auto lint = [](absl::string_view days, absl::string_view enforcement) {
    LintedPolicy policy = WithStage(Window("stage-window", Allow("MONDAY, TUESDAY")));
    policy.policy = Window("pipeline-window", Allow("TUESDAY, WEDNESDAY"));
    policy.waves = absl::StrCat(
        "waves { id: 'one' cells: 'a' } waves { id: 'two' cells: 'b' blockers { id: 'wave-window' ",
        "enforcement: ", enforcement, " time_window { ", Allow(days), "} } }");
    return Lint(policy);
  };
  EXPECT_EQ(lint("TUESDAY", "ENFORCED"), Found());
  EXPECT_EQ(lint("MONDAY, WEDNESDAY", "ENFORCED"),
            Found({"windows-never-open-together stages[0].rollout.waves[1]"}));
  EXPECT_EQ(lint("MONDAY, WEDNESDAY", "OBSERVED"), Found());
}

TEST(WindowsNeverOpenTogetherTest, ChildrenCountWhereAllAreNeeded) {
  const auto lint = [](absl::string_view combination) {
    return Lint(WithStage(
        absl::Substitute("blockers { id: 'both' $0 { children { id: 'a' time_window { $1 } } "
                         "children { id: 'b' time_window { $2 } } } }",
                         combination, Allow("MONDAY"), Allow("TUESDAY"))));
  };
  EXPECT_EQ(lint("all_of"), Found({"windows-never-open-together stages[0]"}));
  EXPECT_EQ(lint("any_of"), Found());
}

}  // namespace
}  // namespace sluice
