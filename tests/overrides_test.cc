#include "sluice/overrides.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

constexpr char kArtifact[] = "sha256:a";

// A policy of one stage whose trigger @deployment may be overridden, and an override that does.
class OverridesTest : public ::testing::Test {
 protected:
  OverridesTest() {
    OverrideRule rule;
    rule.roles = {"lead"};
    rule.quorum = 1;
    rule.max_validity = absl::Hours(1);
    rule.author_may = true;
    policy.stages.resize(1);
    policy.stages[0].id = "prod";
    policy.stages[0].rollout.roll_back.keep_despite = rule;
    policy.trigger_ids.insert("@deployment");
    artifact.digest_text = kArtifact;
    snapshot.overrides.resize(1);
    OverrideFacts& facts = snapshot.overrides[0];
    facts.id = "o";
    facts.artifact = kArtifact;
    facts.stages = {"prod"};
    facts.principal = "ann";
    facts.roles = {"lead"};
    facts.keep_despite = {"@deployment"};
    facts.granted_at = absl::FromUnixSeconds(0);
    facts.expires_at = facts.ends_at = absl::FromUnixSeconds(100);
  }

  Subject Of(const ArtifactFacts* of) const {
    return {snapshot, policy.fingerprint, absl::ZeroDuration(), "prod", of};
  }
  bool Keeps(const RollBackRule& rule, const ArtifactFacts* of) const {
    return KeepDespite(policy, rule, "@deployment", Of(of), absl::FromUnixSeconds(50)).lifted;
  }

  PolicyData policy;
  ArtifactFacts artifact;
  SnapshotData snapshot;
};

TEST_F(OverridesTest, AreOfOneArtifact) {
  ASSERT_EQ(OverridesFor(Of(&artifact)).size(), 1u);
  EXPECT_EQ(OverridesFor(Of(&artifact))[0], &snapshot.overrides[0]);
  ArtifactFacts other;
  other.digest_text = "sha256:b";
  EXPECT_TRUE(OverridesFor(Of(&other)).empty());
  EXPECT_TRUE(OverridesFor(Of(nullptr)).empty());
}

TEST_F(OverridesTest, NothingIsKeptWithoutAnArtifactOrARule) {
  const RollBackRule& rule = policy.stages[0].rollout.roll_back;
  EXPECT_TRUE(Keeps(rule, &artifact));
  EXPECT_FALSE(Keeps(rule, nullptr));
  EXPECT_FALSE(Keeps(RollBackRule(), &artifact));
}

}  // namespace
}  // namespace sluice
