// What the generator reaches: without this, agreement would say little.

#include "tests/differential/generated_case.h"

#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/snapshot.h"
#include "sluice/v1/decision.pb.h"
#include "tests/rollout/arguments.h"

namespace sluice {
namespace {

uint64_t policies = 6000;
uint64_t first_seed = 1;
bool print = false;

bool IsNeverDrawn(v1::Reason reason) {
  switch (reason) {
    case v1::STATE_WENT_BACK:  // Asks for a `min_revision` of the host's.
    case v1::HOST_CONDITION:   // No host's kinds are drawn.
    case v1::HOST_FAULT:
    case v1::CURRENT:  // Never listed.
      return true;
    default:
      return false;
  }
}

// Once in some thousand policies.
bool IsRare(v1::Reason reason) {
  return reason == v1::ABOVE_BASELINE || reason == v1::ROLL_BACK_GAP ||
         reason == v1::MEASUREMENT_INCONCLUSIVE;
}

TEST(GeneratedCaseTest, ReachesEverything) {
  std::map<std::string, int> seen;
  uint64_t compiled = 0;
  for (uint64_t seed = first_seed; seed < first_seed + policies; ++seed) {
    Draw draw(seed);
    const absl::optional<GeneratedPolicy> policy = GeneratePolicy(&draw);
    if (!policy.has_value()) continue;
    ++compiled;
    const GeneratedCase generated = GenerateCase(*policy, 3, &draw);
    std::vector<KnownBadList> lists;
    for (const v1::KnownBadList& message : generated.inputs.known_bad()) {
      lists.push_back(*KnownBadList::Build(message));
    }
    LoadOptions options;
    for (const KnownBadList& list : lists) options.known_bad.push_back(&list);
    const Organisation organisation = generated.inputs.has_organisation()
                                          ? Organisation::Load(generated.inputs.organisation())
                                          : Organisation();
    const Snapshot snapshot = Snapshot::Load(generated.inputs.state(), organisation, options);
    for (const absl::Time now : generated.nows) {
      const v1::PipelineDecision decision = ToProto(policy->policy.Decide(snapshot, now));
      for (const v1::StageDecision& stage : decision.stages()) {
        ++seen[absl::StrCat("action ", v1::StageDecision::Action_Name(stage.action()))];
        for (const v1::Finding& finding : stage.findings()) {
          ++seen[absl::StrCat("verdict ", v1::Verdict_Name(finding.verdict()))];
          ++seen[absl::StrCat("effect ", v1::Effect_Name(finding.effect()))];
          ++seen[absl::StrCat("reason ", v1::Reason_Name(finding.reason()))];
        }
        for (const v1::WantedRecord& wanted : stage.wanted()) {
          ++seen[absl::StrCat("wanted ", v1::WantedRecord::Kind_Name(wanted.kind()))];
        }
        for (const v1::PassedOver& passed_over : stage.passed_over()) {
          ++seen[absl::StrCat("passed over ", v1::Reason_Name(passed_over.reason()))];
        }
      }
    }
  }
  if (print) {
    for (const auto& [what, times] : seen) std::cout << times << "\t" << what << "\n";
    std::cout << compiled << " of " << policies << " policies compile\n";
  }
  if (policies < 6000) return;  // Too few to say anything.
  EXPECT_GT(compiled * 100, policies * 95);
  const auto expect_seen = [&](const std::string& what) { EXPECT_GT(seen[what], 0) << what; };
  for (int i = 1; i < v1::StageDecision::Action_ARRAYSIZE; ++i) {
    expect_seen("action " +
                v1::StageDecision::Action_Name(static_cast<v1::StageDecision::Action>(i)));
  }
  for (int i = 1; i < v1::Verdict_ARRAYSIZE; ++i) {
    expect_seen("verdict " + v1::Verdict_Name(static_cast<v1::Verdict>(i)));
  }
  for (int i = 1; i < v1::Effect_ARRAYSIZE; ++i) {
    expect_seen("effect " + v1::Effect_Name(static_cast<v1::Effect>(i)));
  }
  for (int i = 1; i < v1::WantedRecord::Kind_ARRAYSIZE; ++i) {
    expect_seen("wanted " + v1::WantedRecord::Kind_Name(static_cast<v1::WantedRecord::Kind>(i)));
  }
  for (int i = 1; i < v1::Reason_ARRAYSIZE; ++i) {
    const auto reason = static_cast<v1::Reason>(i);
    if (!v1::Reason_IsValid(i) || IsNeverDrawn(reason)) continue;
    if (IsRare(reason) && policies < 60000) continue;
    EXPECT_GT(
        seen["reason " + v1::Reason_Name(reason)] + seen["passed over " + v1::Reason_Name(reason)],
        0)
        << v1::Reason_Name(reason);
  }
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::policies = sluice::NumberArgument(argc, argv, "policies", sluice::policies);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  sluice::print = sluice::NumberArgument(argc, argv, "print", 0) != 0;
  return RUN_ALL_TESTS();
}
