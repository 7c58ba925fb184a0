#include "sluice/lint/known_bad_rule.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/known_bad.h"
#include "sluice/lint/known_bad_shares.h"
#include "sluice/v1/state.pb.h"
#include "tests/lint/lint_policy.h"

namespace sluice {
namespace {

using Found = std::vector<std::string>;

KnownBadList ListOf(absl::string_view id) {
  v1::KnownBadList message;
  message.set_id(std::string(id));
  message.set_epoch(1);
  message.set_entry_count(1);
  message.mutable_verified_at()->set_seconds(1795428000);
  v1::KnownBadEntry* entry = message.add_entries();
  entry->set_id("EX-1");
  entry->add_package_urls("pkg:npm/a@1.0.0");
  entry->add_package_urls("pkg:npm/b@1.0.0");
  entry->mutable_effective_from()->set_seconds(1795428000);
  absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
  EXPECT_TRUE(list.ok()) << list.status();
  return *std::move(list);
}

KnownBadQuestion Artifact(const std::vector<std::string>& packages) {
  KnownBadQuestion artifact;
  for (const std::string& package : packages) {
    artifact.components.add_components()->set_package_url(package);
  }
  return artifact;
}

void Count(const KnownBadList& list, absl::Time now, KnownBadShares* shares) {
  for (const KnownBadQuestion& artifact :
       {Artifact({"pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"}), Artifact({"pkg:npm/a@1.0.1"}),
        Artifact({"pkg:npm/c@1.0.0"}), Artifact({})}) {
    const absl::Status added = shares->Add(list, artifact, now);
    EXPECT_TRUE(added.ok()) << added;
  }
}

TEST(KnownBadSharesTest, CountsArtifactsNotComponents) {
  const KnownBadList list = ListOf("l");
  KnownBadShares shares;
  Count(list, LintNow(), &shares);
  EXPECT_EQ(shares.artifacts(), 4u);
  ASSERT_EQ(shares.Above(24.9).size(), 1u);
  EXPECT_EQ(shares.Above(24.9)[0].advisory, "EX-1");
  EXPECT_EQ(shares.Above(24.9)[0].artifacts, 1u);
  EXPECT_EQ(shares.Above(24.9)[0].percent, 25);
  EXPECT_TRUE(shares.Above(25).empty());
}

TEST(KnownBadSharesTest, CountsEntriesInForce) {
  const KnownBadList list = ListOf("l");
  KnownBadShares shares;
  Count(list, LintNow() - absl::Seconds(1), &shares);
  EXPECT_EQ(shares.artifacts(), 4u);
  EXPECT_TRUE(shares.Above(0).empty());
}

TEST(KnownBadMatchesTooMuchTest, IsAboutListsThatThePolicyNames) {
  const KnownBadList list = ListOf("l");
  const KnownBadList other = ListOf("other");
  KnownBadShares shares;
  Count(list, LintNow(), &shares);
  LintedPolicy policy;
  policy.stage =
      "blockers { id: 'k' known_bad { lists: [ 'm', 'l' ] max_age { seconds: 60 } "
      "min_entries: 1 } }";
  LintOptions options;
  options.max_share_percent = 24.9;
  options.known_bad = {{&list, &shares}};
  EXPECT_EQ(Lint(policy, options),
            Found({"known-bad-matches-too-much stages[0].blockers[0].known_bad.lists[1]"}));
  EXPECT_EQ(MessagesOf("known-bad-matches-too-much", policy, options),
            Found({"has advisory `EX-1`, which concerns 1 of 4 artifacts (25.0 %)"}));
  options.max_share_percent = 25;
  EXPECT_EQ(Lint(policy, options), Found());
  options.max_share_percent = 24.9;
  options.known_bad = {{&other, &shares}};
  EXPECT_EQ(Lint(policy, options), Found());
  options.known_bad = {{&list, nullptr}};
  EXPECT_EQ(Lint(policy, options), Found());
}

}  // namespace
}  // namespace sluice
