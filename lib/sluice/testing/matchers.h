#ifndef SLUICE_TESTING_MATCHERS_H_
#define SLUICE_TESTING_MATCHERS_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "sluice/decision.h"
#include "sluice/finding.h"

// GoogleTest matchers of decisions, for hosts' tests:
//
//   const Decision decision = policy->Decide(snapshot, now);
//   EXPECT_THAT(decision, InStage("production", Deploys({"eu-1", "eu-2"})));
//   EXPECT_THAT(decision, InStage("production", IsHeldBy("freeze", v1::OUTSIDE_ALLOW)));
//   EXPECT_THAT(decision, ValidUntil(now + absl::Minutes(5)));
//
// A mismatch says in sentences why the stage is as it is.
namespace sluice {

using StageMatcher = ::testing::Matcher<const StageDecision&>;
using DecisionMatcher = ::testing::Matcher<const Decision&>;

// The decision has the stage, and it matches.
DecisionMatcher InStage(absl::string_view stage, const StageMatcher& matcher);

// The decision's horizon; absl::InfiniteFuture(): it changes with facts only.
DecisionMatcher ValidUntil(absl::Time time);

// DEPLOY to exactly these cells, in any order; without cells, of a stage that deploys nothing:
// DEPLOY at all.
StageMatcher Deploys(std::vector<std::string> cells = {});
// The same of ROLL_BACK; without cells: of any.
StageMatcher RollsBack(std::vector<std::string> cells = {});
// READY: a person has to start what these cells would get; without cells: any.
StageMatcher IsReady(std::vector<std::string> cells = {});

// HOLD, WAIT or IDLE, without any action.
StageMatcher Holds();
StageMatcher Waits();
StageMatcher IsIdle();

// Nothing is deployed, and a finding with this id holds, for this reason if it is given.
StageMatcher IsHeldBy(absl::string_view finding_id);
StageMatcher IsHeldBy(absl::string_view finding_id, Reason reason);

// A finding with this id is CLEAR, or does not count because it was overridden.
StageMatcher IsClearOf(absl::string_view finding_id);

// What GoogleTest prints of them.
void PrintTo(const StageDecision& stage, std::ostream* out);
void PrintTo(const Decision& decision, std::ostream* out);

}  // namespace sluice

#endif  // SLUICE_TESTING_MATCHERS_H_
