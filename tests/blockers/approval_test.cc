#include "sluice/blockers/approval.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kHour = absl::Hours(1);

Approval Parsed(const std::string& text) {
  const FieldPath root;
  FieldErrors errors;
  Approval blocker = ParseApproval(FromText<v1::ApprovalRequirement>(text), root, errors);
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  blocker.id = "sign-off";
  return blocker;
}

constexpr char kOne[] = "quorum: 1 roles: 'lead' author: AUTHOR_MAY_NOT";
constexpr char kTwo[] = "quorum: 2 roles: ['sre', 'lead'] author: AUTHOR_MAY_NOT";

// Approvals of kArtifact for stage `prod`, in force on [0 h, 2 h).
struct Approvals : World {
  ApprovalFacts& Add(absl::string_view id, absl::string_view principal) {
    ApprovalFacts approval;
    approval.id = id;
    approval.blocker = "sign-off";
    approval.artifact = kArtifact;
    approval.stage = "prod";
    approval.principal = principal;
    approval.roles = {"lead"};
    approval.granted_at = Zero();
    approval.expires_at = Zero() + 2 * kHour;
    snapshot.approvals.push_back(approval);
    return snapshot.approvals.back();
  }
  Judgement JudgeAt(const Approval& blocker, absl::Time now) {
    std::sort(snapshot.approvals.begin(), snapshot.approvals.end(),
              [](const ApprovalFacts& a, const ApprovalFacts& b) {
                return std::tie(a.artifact, a.stage, a.blocker, a.id) <
                       std::tie(b.artifact, b.stage, b.blocker, b.id);
              });
    return Check(blocker, subject(), now);
  }
  Reason reason(const std::string& blocker) { return JudgeAt(Parsed(blocker), Zero()).reason; }
  std::vector<Step> Steps(const std::string& text, absl::Duration from) {
    const Approval blocker = Parsed(text);
    return StepsOf([&](absl::Time now) { return JudgeAt(blocker, now); }, from);
  }
};

std::vector<std::string> FaultsOf(const v1::ApprovalRequirement& proto) {
  const FieldPath root;
  FieldErrors errors;
  ParseApproval(proto, root, errors);
  return FaultsIn(errors);
}

TEST(ParseApprovalTest, NothingFails) {
  EXPECT_THAT(FaultsOf({}), ElementsAre("quorum MISSING", "roles MISSING", "author MISSING"));
}

TEST(ParseApprovalTest, EachFieldFails) {
  v1::ApprovalRequirement proto = FromText<v1::ApprovalRequirement>(
      "quorum: 17 roles: ['a', '', 'a', '?'] max_age { nanos: -1 } author: AUTHOR_MAY");
  EXPECT_THAT(FaultsOf(proto),
              ElementsAre("quorum INVALID_VALUE", "roles[1] MISSING", "roles[2] DUPLICATE",
                          "roles[3] INVALID_VALUE", "max_age INVALID_VALUE"));
  proto = FromText<v1::ApprovalRequirement>("quorum: 16 roles: 'a'");
  proto.set_author(static_cast<v1::ApprovalRequirement::Author>(3));
  EXPECT_THAT(FaultsOf(proto), ElementsAre("author INVALID_VALUE"));
}

TEST(ParseApprovalTest, ReadsEveryField) {
  const Approval blocker = Parsed(
      "quorum: 3 roles: ['sre', 'lead'] max_age { seconds: 5 } bind_policy: true author: "
      "AUTHOR_MAY");
  EXPECT_EQ(blocker.quorum, 3);
  EXPECT_THAT(blocker.roles, ElementsAre("lead", "sre"));
  EXPECT_EQ(blocker.max_age, absl::Seconds(5));
  EXPECT_TRUE(blocker.bind_policy);
  EXPECT_TRUE(blocker.author_may);
  const Approval least = Parsed(kOne);
  EXPECT_EQ(least.max_age, absl::InfiniteDuration());
  EXPECT_FALSE(least.bind_policy);
  EXPECT_FALSE(least.author_may);
}

TEST(ApprovalTest, WithoutAnArtifactThereIsNoSubject) {
  Approvals world;
  EXPECT_EQ(Check(Parsed(kOne), world.no_subject(), Zero()).reason, v1::NO_SUBJECT);
  world.artifact.fault = v1::INVALID_DATA;
  EXPECT_EQ(Check(Parsed(kOne), world.subject(), Zero()).verdict, Verdict::kInvalid);
}

TEST(ApprovalTest, InForceFromItsGrantToItsEnd) {
  Approvals world;
  EXPECT_THAT(world.Steps(kOne, {}), ElementsAre(Unknown({}, v1::APPROVALS_MISSING)));
  world.Add("1", "bob");
  EXPECT_THAT(world.Steps(kOne, -kHour),
              ElementsAre(Unknown(-kHour, v1::APPROVALS_MISSING), Clear({}),
                          Unknown(2 * kHour, v1::APPROVALS_MISSING)));
}

TEST(ApprovalTest, AgeCountsFromTheGrant) {
  Approvals world;
  world.Add("1", "bob");
  EXPECT_THAT(
      world.Steps("quorum: 1 roles: 'lead' author: AUTHOR_MAY max_age { seconds: 3600 }", {}),
      ElementsAre(Clear({}), Unknown(kHour, v1::APPROVALS_MISSING)));
  EXPECT_THAT(
      world.Steps("quorum: 1 roles: 'lead' author: AUTHOR_MAY max_age { seconds: 36000 }", {}),
      ElementsAre(Clear({}), Unknown(2 * kHour, v1::APPROVALS_MISSING)));
}

TEST(ApprovalTest, AnEndlessOneStaysInForce) {
  Approvals world;
  world.Add("1", "bob").expires_at = absl::InfiniteFuture();
  EXPECT_THAT(world.Steps(kOne, {}), ElementsAre(Clear({})));
}

TEST(ApprovalTest, PrincipalsAreCountedOnce) {
  Approvals world;
  world.Add("1", "bob");
  world.Add("2", "bob");
  const Judgement one = world.JudgeAt(Parsed(kTwo), Zero());
  EXPECT_EQ(one.reason, v1::APPROVALS_MISSING);
  EXPECT_EQ(one.evidence.count, 1);
  EXPECT_EQ(one.evidence.needed, 2);
  world.Add("3", "cyd");
  const Judgement two = world.JudgeAt(Parsed(kTwo), Zero());
  EXPECT_EQ(two.reason, v1::ALL_CLEAR);
  EXPECT_THAT(two.evidence.subjects, ElementsAre("bob", "cyd"));
}

TEST(ApprovalTest, QuorumIsLostWhenOneOfItEndsAndKeptWhereAnotherTakesOver) {
  Approvals world;
  world.Add("1", "bob");
  world.Add("2", "cyd").expires_at = Zero() + kHour;
  EXPECT_THAT(world.Steps(kTwo, {}), ElementsAre(Clear({}), Unknown(kHour, v1::APPROVALS_MISSING)));
  ApprovalFacts& next = world.Add("3", "dan");
  next.granted_at = Zero() + kHour;
  next.expires_at = Zero() + 3 * kHour;
  EXPECT_THAT(world.Steps(kTwo, {}),
              ElementsAre(Clear({}), Unknown(2 * kHour, v1::APPROVALS_MISSING)));
}

TEST(ApprovalTest, OnlyForThisArtifactStageAndBlocker) {
  for (int part = 0; part < 3; ++part) {
    Approvals world;
    ApprovalFacts& approval = world.Add("1", "bob");
    if (part == 0) approval.artifact = kOtherArtifact;
    if (part == 1) approval.stage = "beta";
    if (part == 2) approval.blocker = "sign-of";
    EXPECT_EQ(world.reason(kOne), v1::APPROVALS_MISSING) << part;
    world.Add("2", "cyd");
    EXPECT_EQ(world.reason(kOne), v1::ALL_CLEAR) << part;
  }
}

TEST(ApprovalTest, NeedsOneOfTheRoles) {
  Approvals world;
  ApprovalFacts& approval = world.Add("1", "bob");
  approval.roles = {"dev", "leads"};
  EXPECT_EQ(world.reason(kTwo), v1::APPROVALS_MISSING);
  EXPECT_EQ(world.reason(kOne), v1::APPROVALS_MISSING);
  approval.roles = {};
  EXPECT_EQ(world.reason(kOne), v1::APPROVALS_MISSING);
  approval.roles = {"dev", "lead"};
  EXPECT_EQ(world.reason(kOne), v1::ALL_CLEAR);
}

TEST(ApprovalTest, AuthorsDoNotCountUnlessTheyMay) {
  Approvals world;
  world.artifact.authors = {"ann", "bob"};
  world.Add("1", "bob");
  EXPECT_EQ(world.reason(kOne), v1::APPROVALS_MISSING);
  EXPECT_EQ(world.reason("quorum: 1 roles: 'lead' author: AUTHOR_MAY"), v1::ALL_CLEAR);
}

TEST(ApprovalTest, WithoutARecordedAuthorNobodyIsKnownNotToBeOne) {
  Approvals world;
  world.artifact.authors = {};
  world.Add("1", "bob");
  EXPECT_THAT(world.Steps(kOne, -kHour), ElementsAre(Unknown(-kHour, v1::AUTHOR_UNKNOWN)));
  EXPECT_EQ(world.reason("quorum: 1 roles: 'lead' author: AUTHOR_MAY"), v1::ALL_CLEAR);
}

TEST(ApprovalTest, BoundToThePolicy) {
  constexpr char kBound[] = "quorum: 1 roles: 'lead' author: AUTHOR_MAY bind_policy: true";
  Approvals world;
  ApprovalFacts& approval = world.Add("1", "bob");
  EXPECT_EQ(world.reason(kBound), v1::APPROVALS_MISSING);
  approval.policy_fingerprint = kOtherArtifact;
  EXPECT_EQ(world.reason(kBound), v1::APPROVALS_MISSING);
  EXPECT_EQ(world.reason(kOne), v1::ALL_CLEAR);
  approval.policy_fingerprint = kPolicy;
  EXPECT_EQ(world.reason(kBound), v1::ALL_CLEAR);
  // Two unset fingerprints are not the same policy.
  approval.policy_fingerprint = "";
  const Subject subject{world.snapshot, "", kSkew, "prod", &world.artifact};
  EXPECT_EQ(Check(Parsed(kBound), subject, Zero()).reason, v1::APPROVALS_MISSING);
}

TEST(ApprovalTest, AnInvalidOneIsNothingAndHarmsNothing) {
  Approvals world;
  world.Add("1", "bob").fault = v1::INVALID_DATA;
  EXPECT_EQ(world.reason(kOne), v1::APPROVALS_MISSING);
  world.Add("2", "cyd");
  EXPECT_EQ(world.reason(kOne), v1::ALL_CLEAR);
  EXPECT_EQ(world.reason(kTwo), v1::APPROVALS_MISSING);
}

TEST(ApprovalTest, NoQuorumIsNeverMet) {
  Approvals world;
  world.Add("1", "bob");
  Approval blocker = Parsed(kOne);
  blocker.quorum = 0;
  EXPECT_EQ(world.JudgeAt(blocker, Zero()).verdict, Verdict::kUnknown);
}

TEST(ApprovalTest, AgreesWithCountingAtEveryInstant) {
  std::mt19937 random(11);
  const std::vector<absl::string_view> people = {"bob", "cyd", "dan"};
  for (int round = 0; round < 200; ++round) {
    Approvals world;
    const std::vector<std::string> ids = {"0", "1", "2", "3", "4", "5"};
    for (const std::string& id : ids) {
      ApprovalFacts& approval = world.Add(id, people[random() % people.size()]);
      approval.granted_at = Zero() + absl::Seconds(random() % 10);
      approval.expires_at = Zero() + absl::Seconds(random() % 10);
    }
    const Approval blocker = Parsed(kTwo);
    const auto is_clear = [&](int second) {
      std::set<absl::string_view> counted;
      for (const ApprovalFacts& approval : world.snapshot.approvals) {
        const absl::Time now = Zero() + absl::Seconds(second);
        if (approval.granted_at <= now && now < approval.expires_at) {
          counted.insert(approval.principal);
        }
      }
      return counted.size() >= 2;
    };
    std::vector<Step> expected;
    for (int second = -1; second < 12; ++second) {
      const Step step = is_clear(second) ? Clear(absl::Seconds(second))
                                         : Unknown(absl::Seconds(second), v1::APPROVALS_MISSING);
      if (expected.empty() || expected.back().verdict != step.verdict) expected.push_back(step);
    }
    EXPECT_EQ(world.Steps(kTwo, -absl::Seconds(1)), expected);
  }
}

TEST(ApprovalTest, OneByNobodyCountsForNothing) {
  Approvals world;
  world.Add("p1", "");
  EXPECT_EQ(world.reason(kOne), v1::APPROVALS_MISSING);
  world.Add("p2", "cleo");
  EXPECT_EQ(world.reason(kOne), v1::ALL_CLEAR);
  EXPECT_EQ(world.reason(kTwo), v1::APPROVALS_MISSING);
}

}  // namespace
}  // namespace sluice
