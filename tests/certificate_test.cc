#include "sluice/certificate.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/sha256.h"
#include "sluice/reader.h"
#include "sluice/version.h"

namespace sluice {
namespace {

template <typename Message>
Message Text(absl::string_view text) {
  Message message;
  EXPECT_TRUE(ReadMessage(text, Format::kTextproto, &message).ok());
  return message;
}

v1::PipelinePolicy SomePolicy() {
  return Text<v1::PipelinePolicy>(R"(
      id: "shop" profile: STANDARD_1 without_emergency_stop: true
      stages { id: "test" kind: TEST deploys: NOTHING passes: ON_COMPLETION start: AUTOMATIC
               without_blockers: true })");
}

v1::PipelineState SomeState() {
  return Text<v1::PipelineState>(R"(
      schema_version: 1 pipeline: "shop" written_at { seconds: 1000 }
      lists_seen { list: "a" epoch: 1 } lists_seen { list: "b" epoch: 2 })");
}

class CertificateTest : public testing::Test {
 protected:
  CertificateTest() : policy_(*Policy::Compile(SomePolicy())) {
    inputs_.policy = &policy_;
    inputs_.state = &state_;
    inputs_.now = absl::FromUnixSeconds(2000);
  }

  Policy policy_;
  v1::PipelineState state_ = SomeState();
  CertificateInputs inputs_;
};

TEST_F(CertificateTest, IsTheDigestOfTheDocumentedBytes) {
  state_ = v1::PipelineState();
  std::string bytes = "sluice-certificate 1\n1\n";
  const auto add = [&](absl::string_view name, absl::string_view part) {
    absl::StrAppend(&bytes, name, " ", part.size(), "\n", part, "\n");
  };
  add("library", kLibraryVersion);
  add("semantics", absl::StrCat(kSemanticsVersion));
  add("policy", policy_.fingerprint());
  add("zones", policy_.zone_hash());
  add("state", "");
  add("min-revision", "0");
  add("now", "1970-01-01T00:33:20+00:00");
  EXPECT_EQ(Certificate(inputs_), FormatDigest(Digest{Sha256::Hash(bytes)}));
}

TEST_F(CertificateTest, DiffersWithEveryInput) {
  const std::string before = Certificate(inputs_);
  const auto differs = [&] { return Certificate(inputs_) != before; };

  v1::OrganisationFacts organisation;
  inputs_.organisation = &organisation;
  EXPECT_TRUE(differs());
  inputs_.organisation = nullptr;

  v1::KnownBadList list;
  inputs_.known_bad = {&list};
  EXPECT_TRUE(differs());
  inputs_.known_bad.clear();

  inputs_.now += absl::Nanoseconds(1);
  EXPECT_TRUE(differs());
  inputs_.now -= absl::Nanoseconds(1);

  inputs_.min_revision = 1;
  EXPECT_TRUE(differs());
  inputs_.min_revision = 0;

  v1::PipelinePolicy other = SomePolicy();
  other.set_description("another");
  const Policy compiled = *Policy::Compile(other);
  inputs_.policy = &compiled;
  EXPECT_TRUE(differs());
  inputs_.policy = &policy_;

  EXPECT_FALSE(differs());
  state_.set_revision(7);
  EXPECT_TRUE(differs());
}

TEST_F(CertificateTest, IgnoresOrderAndDuplicatesOfSets) {
  const std::string before = Certificate(inputs_);
  state_.mutable_lists_seen()->SwapElements(0, 1);
  EXPECT_EQ(Certificate(inputs_), before);
  *state_.add_lists_seen() = state_.lists_seen(0);
  EXPECT_EQ(Certificate(inputs_), before);
  state_.mutable_lists_seen(0)->set_epoch(9);
  EXPECT_NE(Certificate(inputs_), before);
}

TEST_F(CertificateTest, IgnoresTheOrderOfLists) {
  v1::KnownBadList a;
  a.set_id("a");
  v1::KnownBadList b;
  b.set_id("b");
  inputs_.known_bad = {&a, &b};
  const std::string before = Certificate(inputs_);
  inputs_.known_bad = {&b, &a};
  EXPECT_EQ(Certificate(inputs_), before);
}

}  // namespace
}  // namespace sluice
