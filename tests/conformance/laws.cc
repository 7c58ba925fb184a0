#include "tests/conformance/laws.h"

#include <algorithm>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "tests/conformance/outcome.h"

namespace sluice {
namespace {

constexpr int kInstants = 20;
constexpr absl::Duration kTick = absl::Nanoseconds(1);

void CheckLeaves(const Policy& policy, const Snapshot& snapshot, const Decision& decision) {
  for (const StageDecision& stage : decision.stages) {
    for (const Finding& finding : stage.findings) {
      if (finding.changes_at == absl::InfiniteFuture()) continue;
      const std::string key = KeyOf(stage, finding);
      const Decision before = policy.Decide(snapshot, finding.changes_at - kTick);
      const Decision at = policy.Decide(snapshot, finding.changes_at);
      ASSERT_GT(finding.changes_at, decision.now) << key;
      // Another leaf may have changed meanwhile what is judged at all; then this one is gone.
      const std::string triple = TripleAt(before, key);
      if (triple.empty() && finding.changes_at != decision.valid_until) continue;
      EXPECT_EQ(triple, TripleOf(finding)) << key << " before " << finding.changes_at;
      EXPECT_NE(TripleAt(at, key), TripleOf(finding)) << key << " at " << finding.changes_at;
    }
  }
}

void CheckHorizon(const Policy& policy, const Snapshot& snapshot, const Decision& decision,
                  uint64_t seed) {
  const std::string outcome = OutcomeOf(decision);
  std::mt19937_64 random(seed);
  const absl::Time end = decision.valid_until;
  const absl::Duration length =
      end == absl::InfiniteFuture() ? absl::Hours(24 * 3650) : end - decision.now;
  for (int i = 0; i < kInstants; ++i) {
    const absl::Duration into = length * (static_cast<double>(random() % 1'000'000) / 1e6);
    // Rounding may bring the last ticks to the end itself.
    const absl::Time t = decision.now + std::min(absl::Floor(into, kTick), length - kTick);
    EXPECT_EQ(OutcomeOf(policy.Decide(snapshot, t)), outcome) << t;
  }
  if (end == absl::InfiniteFuture()) return;
  EXPECT_EQ(OutcomeOf(policy.Decide(snapshot, end - kTick)), outcome) << end;
  EXPECT_NE(OutcomeOf(policy.Decide(snapshot, end)), outcome) << end;
}

void CheckAdmit(const Policy& policy, const Snapshot& snapshot, const Decision& decision) {
  for (const StageDecision& stage : decision.stages) {
    const bool acts = stage.action == Action::kDeploy || stage.action == Action::kRollBack;
    for (const CellAction& action : stage.actions) {
      const std::string id = IdOf(decision, stage, action);
      EXPECT_EQ(policy.Admit(id, snapshot, decision.now), acts) << id;
      EXPECT_FALSE(policy.Admit(id + "0", snapshot, decision.now)) << id;
    }
    for (const WantedRecord& wanted : stage.wanted) {
      EXPECT_TRUE(policy.Admit(IdOf(decision, stage, wanted), snapshot, decision.now));
    }
  }
}

template <typename Field>
void ShuffleField(Field* field, std::mt19937_64* random) {
  for (int i = field->size() - 1; i > 0; --i) {
    field->SwapElements(i, static_cast<int>((*random)() % static_cast<uint64_t>(i + 1)));
  }
}

}  // namespace

void CheckDecisionLaws(const Policy& policy, const Snapshot& snapshot, absl::Time now,
                       uint64_t seed) {
  const Decision decision = policy.Decide(snapshot, now);
  CheckLeaves(policy, snapshot, decision);
  CheckHorizon(policy, snapshot, decision, seed);
  CheckAdmit(policy, snapshot, decision);
  EXPECT_EQ(ToProto(policy.Decide(snapshot, now)).SerializeAsString(),
            ToProto(decision).SerializeAsString());
}

v1::PipelineState Shuffled(const v1::PipelineState& state, uint64_t seed) {
  v1::PipelineState shuffled = state;
  std::mt19937_64 random(seed);
  ShuffleField(shuffled.mutable_artifacts(), &random);
  ShuffleField(shuffled.mutable_cells(), &random);
  ShuffleField(shuffled.mutable_stages(), &random);
  ShuffleField(shuffled.mutable_checks(), &random);
  ShuffleField(shuffled.mutable_alarms(), &random);
  ShuffleField(shuffled.mutable_series(), &random);
  ShuffleField(shuffled.mutable_measurements(), &random);
  ShuffleField(shuffled.mutable_approvals(), &random);
  ShuffleField(shuffled.mutable_overrides(), &random);
  ShuffleField(shuffled.mutable_holds(), &random);
  ShuffleField(shuffled.mutable_roll_back_holds(), &random);
  ShuffleField(shuffled.mutable_withdrawals(), &random);
  ShuffleField(shuffled.mutable_lists_seen(), &random);
  for (v1::StageRecord& stage : *shuffled.mutable_stages()) {
    ShuffleField(stage.mutable_rollouts(), &random);
    ShuffleField(stage.mutable_deployments(), &random);
    ShuffleField(stage.mutable_entries(), &random);
    ShuffleField(stage.mutable_passes(), &random);
    ShuffleField(stage.mutable_latches(), &random);
    ShuffleField(stage.mutable_start_requests(), &random);
    ShuffleField(stage.mutable_retry_requests(), &random);
  }
  return shuffled;
}

}  // namespace sluice
