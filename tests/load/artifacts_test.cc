#include "sluice/load/artifacts.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/known_bad/component.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SnapshotData Load(const v1::PipelineState& state) {
  SnapshotData data;
  LoadArtifacts(state, data);
  return data;
}

TEST(ArtifactsTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  const SnapshotData data = Load(state);
  ASSERT_EQ(data.artifacts.size(), 3u);
  const ArtifactFacts& a = data.artifacts[0];
  EXPECT_EQ(a.digest_text, DigestOf('a'));
  EXPECT_EQ(a.digest.bytes[0], 0xaa);
  EXPECT_EQ(a.sequence, 10u);
  EXPECT_EQ(a.built_at, absl::FromUnixSeconds(200));
  EXPECT_EQ(a.rollback_floor, 5u);
  EXPECT_THAT(a.authors, ElementsAre("ann", "bob"));
  EXPECT_TRUE(a.has_components);
  ASSERT_EQ(a.components.size(), 2u);
  EXPECT_EQ(a.components[0].url.name, "left");
  EXPECT_EQ(a.components[0].digests.size(), 2u);
  EXPECT_FALSE(a.withdrawn);
  EXPECT_EQ(a.fault, v1::ALL_CLEAR);
}

TEST(ArtifactsTest, UnsetFieldsRestrictNothingButAreNotKnown) {
  const v1::PipelineState state = ValidState();
  const SnapshotData data = Load(state);
  const ArtifactFacts& c = data.artifacts[2];
  EXPECT_EQ(c.built_at, absl::InfinitePast());
  EXPECT_EQ(c.rollback_floor, 0u);
  EXPECT_THAT(c.authors, IsEmpty());
  EXPECT_FALSE(c.has_components);
  EXPECT_TRUE(c.withdrawn);
}

TEST(ArtifactsTest, SortedBySequenceThenDigest) {
  v1::PipelineState state = ValidState();
  state.mutable_artifacts(0)->set_sequence(40);
  const SnapshotData data = Load(state);
  EXPECT_EQ(data.artifacts[0].digest_text, DigestOf('b'));
  EXPECT_EQ(data.artifacts[2].digest_text, DigestOf('a'));
}

TEST(ArtifactsTest, AnInvalidArtifactCarriesTheFault) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_artifacts(0)->clear_sequence(); }),
              ElementsAre("INVALID_DATA artifact a"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_artifacts(0)->set_authors(0, "a b"); }),
              ElementsAre("INVALID_DATA artifact a"));
  EXPECT_THAT(
      FaultsAfter([](auto& s) { s.mutable_artifacts(0)->mutable_built_at()->set_nanos(-1); }),
      ElementsAre("INVALID_DATA artifact a"));
  EXPECT_THAT(FaultsAfter([](auto& s) {
                s.mutable_artifacts(0)->set_name(std::string(64 * 1024 + 1, 'n'));
              }),
              ElementsAre("LIMIT_EXCEEDED artifact a"));
  EXPECT_THAT(
      FaultsAfter([](auto& s) { s.mutable_artifacts(0)->set_name(std::string(64 * 1024, 'n')); }),
      IsEmpty());
}

TEST(ArtifactsTest, WithoutADigestItConcernsThePipeline) {
  for (const std::string& digest :
       {std::string(), std::string("sha256:"), DigestOf('A'), DigestOf('d') + "d"}) {
    EXPECT_THAT(FaultsAfter([&](auto& s) { s.mutable_artifacts(0)->set_digest(digest); }),
                testing::Contains("INVALID_DATA pipeline artifacts"))
        << digest;
  }
}

TEST(ArtifactsTest, ComponentsMustBeComplete) {
  EXPECT_THAT(
      FaultsAfter([](auto& s) { s.mutable_artifacts(0)->mutable_components()->set_count(3); }),
      ElementsAre("STATE_CUT artifact a"));
  EXPECT_THAT(
      FaultsAfter([](auto& s) { s.mutable_artifacts(0)->mutable_components()->clear_count(); }),
      ElementsAre("STATE_CUT artifact a"));
  EXPECT_THAT(FaultsAfter([](auto& s) {
                s.mutable_artifacts(0)->mutable_components()->clear_components();
              }),
              ElementsAre("STATE_CUT artifact a"));
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_artifacts(1)->mutable_components(); }),
              IsEmpty());
}

TEST(ArtifactsTest, AComponentNeedsAUrlOrADigest) {
  const auto change = [](auto alter) {
    return FaultsAfter([&](v1::PipelineState& s) {
      alter(*s.mutable_artifacts(0)->mutable_components()->mutable_components(0));
    });
  };
  EXPECT_THAT(change([](v1::Component& c) { c.clear_package_url(); }), IsEmpty());
  EXPECT_THAT(change([](v1::Component& c) { c.clear_digests(); }), IsEmpty());
  EXPECT_THAT(change([](v1::Component& c) { c.Clear(); }), ElementsAre("INVALID_DATA artifact a"));
  EXPECT_THAT(change([](v1::Component& c) { c.set_digests(0, "sha256:0"); }),
              ElementsAre("INVALID_DATA artifact a"));
}

TEST(ArtifactsTest, AnUnreadableUrlIsMarkedAndNoFault) {
  v1::PipelineState state = ValidState();
  state.mutable_artifacts(0)->mutable_components()->mutable_components(0)->set_package_url("left");
  const SnapshotData data = Load(state);
  EXPECT_EQ(data.artifacts[0].fault, v1::ALL_CLEAR);
  EXPECT_EQ(data.artifacts[0].components[0].url_is, ComponentUrl::kUnreadable);
}

TEST(ArtifactsTest, TwoContentsOfOneDigestContradictEachOther) {
  const auto add_differing = [](v1::PipelineState& s) {
    *s.add_artifacts() = s.artifacts(0);
    s.mutable_artifacts(3)->set_name("other");
  };
  EXPECT_THAT(FaultsAfter(add_differing), ElementsAre("DUPLICATE_ID artifact a"));
  v1::PipelineState state = ValidState();
  add_differing(state);
  EXPECT_EQ(Load(state).artifacts.size(), 3u);
}

TEST(ArtifactsTest, EqualContentIsOneArtifact) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_artifacts() = s.artifacts(0);
                s.mutable_artifacts(3)->mutable_authors()->SwapElements(0, 1);
              }),
              IsEmpty());
}

TEST(ArtifactsTest, ASharedSequenceOrdersNeither) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_artifacts(0)->set_sequence(20); }),
              ElementsAre("DUPLICATE_ID artifact a", "DUPLICATE_ID artifact b"));
}

TEST(ArtifactsTest, MissingSequencesAreMissing) {
  EXPECT_THAT(FaultsAfter([](auto& s) {
                s.mutable_artifacts(0)->clear_sequence();
                s.mutable_artifacts(1)->clear_sequence();
              }),
              ElementsAre("INVALID_DATA artifact a", "INVALID_DATA artifact b"));
}

TEST(ArtifactsTest, AMalformedWithdrawalWithdrawsAllTheSame) {
  v1::PipelineState state = ValidState();
  state.mutable_withdrawals(0)->clear_who();
  const SnapshotData data = Load(state);
  EXPECT_TRUE(data.Artifact(DigestOf('c'))->withdrawn);
  EXPECT_EQ(data.fault, v1::INVALID_DATA);
  EXPECT_EQ(data.fault_subject, "withdrawals[" + DigestOf('c') + "]");
}

TEST(ArtifactsTest, AWithdrawalOfNothingReadableConcernsThePipeline) {
  EXPECT_THAT(FaultsAfter([](auto& s) { s.mutable_withdrawals(0)->clear_artifact(); }),
              ElementsAre("INVALID_DATA pipeline withdrawals[]"));
}

}  // namespace
}  // namespace sluice
