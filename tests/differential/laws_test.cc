// Section 8 of docs/semantics.md over policies, states and instants from seeds.
//
//   bazel run -c opt //tests/differential:laws_test -- --policies=100000 --seed=1

#include "tests/differential/laws.h"

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/differential/generated_case.h"
#include "tests/differential/shrink.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"

namespace sluice {
namespace {

uint64_t policies = 500;
uint64_t first_seed = 1;

std::string Text(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

// Inputs and instants from seeds, one after another.
template <typename Visit>
void ForEachCase(uint64_t count, Visit visit) {
  for (uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    Draw draw(seed);
    const absl::optional<GeneratedPolicy> policy = GeneratePolicy(&draw);
    if (!policy.has_value()) continue;
    const GeneratedCase generated = GenerateCase(*policy, 1, &draw);
    if (!visit(seed, generated.inputs, generated.nows[0])) return;
  }
}

// The decision that does nothing whatever is known.
v1::PipelineDecision BlockEverything(const v1::Inputs& inputs, absl::Time) {
  v1::PipelineDecision decision;
  for (const v1::Stage& stage : inputs.policy().stages()) {
    v1::StageDecision* held = decision.add_stages();
    held->set_stage(stage.id());
    held->set_action(v1::StageDecision::HOLD);
  }
  return decision;
}

// The decision that deploys the newest artifact whatever else is known.
v1::PipelineDecision IgnoreEverything(const v1::Inputs& inputs, absl::Time) {
  v1::PipelineDecision decision;
  for (const v1::Stage& stage : inputs.policy().stages()) {
    v1::StageDecision* deployed = decision.add_stages();
    deployed->set_stage(stage.id());
    deployed->set_action(v1::StageDecision::DEPLOY);
    uint64_t newest = 0;
    for (const v1::Artifact& artifact : inputs.state().artifacts()) {
      if (artifact.sequence() < newest) continue;
      newest = artifact.sequence();
      deployed->set_artifact(artifact.digest());
    }
    deployed->add_actions()->set_artifact(deployed->artifact());
  }
  return decision;
}

// The decision that takes silence for good news: what is not known holds nothing.
v1::PipelineDecision IgnoreWhatIsUnknown(const v1::Inputs& inputs, absl::Time now) {
  v1::PipelineDecision decision = DecideByLibrary(inputs, now);
  for (v1::StageDecision& stage : *decision.mutable_stages()) {
    bool blocked = false;
    for (const v1::Finding& finding : stage.findings()) {
      blocked = blocked || finding.verdict() == v1::BLOCKING;
    }
    if (blocked || stage.artifact().empty() || stage.action() != v1::StageDecision::HOLD) continue;
    stage.set_action(v1::StageDecision::DEPLOY);
    stage.add_actions()->set_artifact(stage.artifact());
  }
  return decision;
}

class LawsTest : public ::testing::TestWithParam<size_t> {};

TEST_P(LawsTest, Holds) {
  const Law& law = Laws()[GetParam()];
  ForEachCase(policies, [&](uint64_t seed, const v1::Inputs& inputs, absl::Time now) {
    const auto violations = [&](const v1::Inputs& candidate) {
      Draw draw(seed);
      return law.violations(&DecideByLibrary, candidate, now, &draw);
    };
    if (violations(inputs).empty()) return true;
    const v1::Inputs smallest = Shrink(
        inputs, [&](const v1::Inputs& candidate) { return !violations(candidate).empty(); }, 3000);
    ADD_FAILURE() << "seed " << seed << " at " << now << "\n"
                  << absl::StrJoin(violations(smallest), "\n") << "\n"
                  << Text(smallest);
    return false;
  });
}

INSTANTIATE_TEST_SUITE_P(Section8, LawsTest, ::testing::Range(size_t{0}, Laws().size()),
                         [](const auto& info) { return Laws()[info.param].name; });

// How many of the laws a decider breaks within a few hundred cases.
size_t Broken(const Decider& decide) {
  size_t broken = 0;
  for (const Law& law : Laws()) {
    bool breaks = false;
    ForEachCase(300, [&](uint64_t seed, const v1::Inputs& inputs, absl::Time now) {
      Draw draw(seed);
      breaks = !law.violations(decide, inputs, now, &draw).empty();
      return !breaks;
    });
    broken += breaks;
  }
  return broken;
}

size_t Deployments(const Decider& decide) {
  size_t deployments = 0;
  ForEachCase(300, [&](uint64_t, const v1::Inputs& inputs, absl::Time now) {
    const v1::PipelineDecision decision = decide(inputs, now);
    for (const v1::StageDecision& stage : decision.stages()) {
      deployments += stage.action() == v1::StageDecision::DEPLOY;
    }
    return true;
  });
  return deployments;
}

TEST(LivenessTest, WhatIsHealthyDeploys) {
  EXPECT_GT(Deployments(&DecideByLibrary), 15u);
  EXPECT_EQ(Deployments(&BlockEverything), 0u);
}

TEST(MutantsTest, WhoeverIgnoresFactsBreaksLaws) {
  EXPECT_GE(Broken(&IgnoreEverything), 2u);
  EXPECT_GE(Broken(&IgnoreWhatIsUnknown), 2u);
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::policies = sluice::NumberArgument(argc, argv, "policies", sluice::policies);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  return RUN_ALL_TESTS();
}
