#include "sluice/load/permissions.h"

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Change>
FaultTexts Approval(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_approvals(0)); });
}

// Faults after a change to the override that names blockers.
template <typename Change>
FaultTexts Named(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_overrides(0)); });
}

// The same of the one that names all blockers.
template <typename Change>
FaultTexts All(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_overrides(1)); });
}

constexpr char kInvalidApproval[] = "INVALID_DATA approval ap1";
constexpr char kInvalidNamed[] = "INVALID_DATA override ov1";
constexpr char kInvalidAll[] = "INVALID_DATA override ov2";

SnapshotData Load(const v1::PipelineState& state) {
  SnapshotData data;
  LoadPermissions(state, data);
  return data;
}

TEST(PermissionsTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  const SnapshotData data = Load(state);
  ASSERT_EQ(data.approvals.size(), 1u);
  const ApprovalFacts& approval = data.approvals[0];
  EXPECT_EQ(approval.id, "ap1");
  EXPECT_EQ(approval.blocker, "review");
  EXPECT_EQ(approval.artifact, DigestOf('b'));
  EXPECT_EQ(approval.stage, "prod");
  EXPECT_EQ(approval.principal, "ann");
  EXPECT_THAT(approval.roles, ElementsAre("dev", "sre"));
  EXPECT_EQ(approval.granted_at, absl::FromUnixSeconds(4000));
  EXPECT_EQ(approval.expires_at, absl::FromUnixSeconds(8000));
  EXPECT_EQ(approval.policy_fingerprint, DigestOf('f'));
  ASSERT_EQ(data.overrides.size(), 2u);
  const OverrideFacts& named = data.overrides[0];
  EXPECT_EQ(named.id, "ov1");
  EXPECT_THAT(named.blockers, ElementsAre("alarm", "window"));
  EXPECT_FALSE(named.all_blockers);
  EXPECT_EQ(named.artifact, DigestOf('b'));
  EXPECT_THAT(named.stages, ElementsAre("prod", "test"));
  EXPECT_EQ(named.principal, "ann");
  EXPECT_THAT(named.roles, ElementsAre("dev", "sre"));
  EXPECT_EQ(named.granted_at, absl::FromUnixSeconds(4000));
  EXPECT_EQ(named.expires_at, absl::FromUnixSeconds(9000));
  EXPECT_EQ(named.ends_at, absl::FromUnixSeconds(8000));
  EXPECT_THAT(named.keep_despite, ElementsAre("@deployment", "latency"));
  EXPECT_TRUE(data.overrides[1].all_blockers);
  EXPECT_EQ(data.overrides[1].ends_at, absl::FromUnixSeconds(9000));
}

TEST(PermissionsTest, AnApprovalWithoutExpiryCountsUntilRevoked) {
  v1::PipelineState state = ValidState();
  state.mutable_approvals(0)->clear_expires_at();
  EXPECT_EQ(Load(state).approvals[0].expires_at, absl::FromUnixSeconds(8000));
  state.mutable_approvals(0)->clear_revoked_at();
  EXPECT_EQ(Load(state).approvals[0].expires_at, absl::InfiniteFuture());
}

TEST(PermissionsTest, AnInvalidApprovalIsItsOwnAffair) {
  EXPECT_THAT(Approval([](auto& a) { a.clear_id(); }), ElementsAre("INVALID_DATA approval "));
  EXPECT_THAT(Approval([](auto& a) { a.clear_blocker(); }), ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.clear_artifact(); }), ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.clear_stage(); }), ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.clear_principal(); }), ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.clear_roles(); }), ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.set_roles(0, ""); }), ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.clear_granted_at(); }), ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.set_policy_fingerprint("f"); }),
              ElementsAre(kInvalidApproval));
  EXPECT_THAT(Approval([](auto& a) { a.mutable_revoked_at()->set_nanos(-1); }),
              ElementsAre(kInvalidApproval));
}

TEST(PermissionsTest, AnApprovalExpiresAfterItIsGranted) {
  const auto expires = [](int nanos) {
    return Approval([&](v1::Approval& a) {
      a.mutable_expires_at()->set_seconds(4000);
      a.mutable_expires_at()->set_nanos(nanos);
    });
  };
  EXPECT_THAT(expires(0), ElementsAre(kInvalidApproval));
  EXPECT_THAT(expires(1), IsEmpty());
}

TEST(PermissionsTest, AnInvalidOneIsNeverInForce) {
  v1::PipelineState state = ValidState();
  state.mutable_approvals(0)->clear_principal();
  state.mutable_overrides(0)->clear_principal();
  const SnapshotData data = Load(state);
  EXPECT_EQ(data.approvals[0].granted_at, absl::InfiniteFuture());
  EXPECT_EQ(data.approvals[0].expires_at, absl::InfinitePast());
  EXPECT_EQ(data.overrides[0].granted_at, absl::InfiniteFuture());
  EXPECT_EQ(data.overrides[0].ends_at, absl::InfinitePast());
}

TEST(PermissionsTest, AnInvalidOverrideIsItsOwnAffair) {
  EXPECT_THAT(Named([](auto& o) { o.clear_id(); }), ElementsAre("INVALID_DATA override "));
  EXPECT_THAT(Named([](auto& o) { o.clear_artifact(); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.clear_stages(); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.clear_principal(); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.clear_roles(); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.clear_reason(); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.clear_granted_at(); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.clear_expires_at(); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.set_blockers(0, "a b"); }), ElementsAre(kInvalidNamed));
  EXPECT_THAT(Named([](auto& o) { o.set_stages(0, "a b"); }), ElementsAre(kInvalidNamed));
}

TEST(PermissionsTest, AnOverrideSaysWhatItLifts) {
  EXPECT_THAT(Named([](auto& o) { o.clear_blockers(); }), IsEmpty());
  EXPECT_THAT(Named([](auto& o) { o.clear_keep_despite(); }), IsEmpty());
  EXPECT_THAT(Named([](auto& o) {
                o.clear_blockers();
                o.clear_keep_despite();
              }),
              ElementsAre(kInvalidNamed));
  EXPECT_THAT(All([](auto& o) { o.clear_all_blockers(); }), ElementsAre(kInvalidAll));
}

TEST(PermissionsTest, AllBlockersAreThoseOfOnePolicy) {
  EXPECT_THAT(All([](auto& o) { o.clear_policy_fingerprint(); }), ElementsAre(kInvalidAll));
  EXPECT_THAT(Named([](auto& o) { o.clear_policy_fingerprint(); }), IsEmpty());
  EXPECT_THAT(Named([](auto& o) { o.set_policy_fingerprint("f"); }), ElementsAre(kInvalidNamed));
}

TEST(PermissionsTest, OnlyDeploymentsAreABuiltInTrigger) {
  EXPECT_THAT(Named([](auto& o) { o.set_keep_despite(0, "@other"); }), ElementsAre(kInvalidNamed));
}

TEST(PermissionsTest, AnOverrideExpiresAfterItIsGranted) {
  const auto expires = [](int nanos) {
    return Named([&](v1::Override& o) {
      o.mutable_expires_at()->set_seconds(4000);
      o.mutable_expires_at()->set_nanos(nanos);
    });
  };
  EXPECT_THAT(expires(0), ElementsAre(kInvalidNamed));
  EXPECT_THAT(expires(1), IsEmpty());
}

TEST(PermissionsTest, IdsAreUnique) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_overrides() = s.overrides(0);
                *s.add_approvals() = s.approvals(0);
                s.mutable_overrides(2)->mutable_blockers()->SwapElements(0, 1);
              }),
              IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_overrides() = s.overrides(0);
                *s.add_approvals() = s.approvals(0);
                s.mutable_overrides(2)->set_reason("other");
                s.mutable_approvals(1)->set_principal("bob");
              }),
              ElementsAre("DUPLICATE_ID approval ap1", "DUPLICATE_ID override ov1"));
}

TEST(PermissionsTest, SortedByWhatTheyAreAbout) {
  v1::PipelineState state = ValidState();
  *state.add_overrides() = state.overrides(0);
  state.mutable_overrides(2)->set_id("zz");
  state.mutable_overrides(2)->set_artifact(DigestOf('a'));
  *state.add_approvals() = state.approvals(0);
  state.mutable_approvals(1)->set_id("zz");
  state.mutable_approvals(1)->set_stage("alpha");
  const SnapshotData data = Load(state);
  EXPECT_EQ(data.overrides[0].id, "zz");
  EXPECT_EQ(data.approvals[0].id, "zz");
}

}  // namespace
}  // namespace sluice
