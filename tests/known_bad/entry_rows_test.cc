#include "sluice/known_bad/entry_rows.h"

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/section.h"
#include "sluice/known_bad/version_order.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

const absl::Time kFrom = absl::FromUnixSeconds(1'700'000'000);
const absl::Time kUntil = absl::FromUnixSeconds(1'700'000'100);
const absl::Duration kTick = absl::Nanoseconds(1);

EntryInForce Entry(absl::Time from, absl::Time until) { return {"A-1", from, until}; }

TEST(EntryInForceTest, ByDefaultAtOnceAndForEver) {
  const EntryInForce entry;
  EXPECT_TRUE(IsInForce(entry, absl::InfinitePast()));
  EXPECT_TRUE(IsInForce(entry, kFrom));
  EXPECT_TRUE(IsInForce(entry, absl::InfiniteFuture()));
}

TEST(EntryInForceTest, IntervalIsHalfOpen) {
  const EntryInForce entry = Entry(kFrom, kUntil);
  EXPECT_FALSE(IsInForce(entry, kFrom - kTick));
  EXPECT_TRUE(IsInForce(entry, kFrom));
  EXPECT_TRUE(IsInForce(entry, kFrom + kTick));
  EXPECT_TRUE(IsInForce(entry, kUntil - kTick));
  EXPECT_FALSE(IsInForce(entry, kUntil));
  EXPECT_FALSE(IsInForce(entry, kUntil + kTick));
}

TEST(EntryInForceTest, WithdrawnBeforeOrWhenItTakesEffectIsNeverInForce) {
  for (const EntryInForce& entry : {Entry(kFrom, kFrom), Entry(kUntil, kFrom)}) {
    EXPECT_FALSE(IsInForce(entry, kFrom - kTick));
    EXPECT_FALSE(IsInForce(entry, kFrom));
    EXPECT_FALSE(IsInForce(entry, kUntil));
  }
}

// Two entries in the two columns.
class EntryRowsTest : public testing::Test {
 protected:
  EntryRowsTest() {
    full_.advisory_id = "A-1";
    full_.url = "https://example.org/A-1";
    full_.reason = "leaks";
    full_.severity = Severity::kHigh;
    full_.added_at = kFrom - absl::Hours(1);
    full_.effective_from = absl::FromUnixSeconds(-5) + 3 * kTick;
    full_.withdrawn_at = kUntil + 7 * kTick;
    full_.aliases = {"CVE-1", "CVE-2"};
    full_.digests = {Digest()};
    full_.exact = {*ParsePackageUrl("pkg:npm/%40scope/name@1.0.0?arch=x86")};
    full_.packages = {{*ParsePackageUrl("pkg:npm/name"),
                       {"1", "2"},
                       {{"0", VersionRange::Until::kFixed, "3"},
                        {"4", VersionRange::Until::kLastAffected, "5"},
                        {"6", VersionRange::Until::kLimit, "7"},
                        {"8", VersionRange::Until::kNever, ""}}}};
    bare_.advisory_id = "B-22";
    bare_.digests = {Digest(), Digest()};
    bare_.digests[1].bytes[0] = 1;
    std::string rows;
    std::string evidence;
    v1::KnownBadEntry scratch;
    AppendEntry(full_, 0, scratch, rows, evidence);
    AppendEntry(bare_, 0, scratch, rows, evidence);
    all_ = rows + evidence;
    rows_at_ = {0, rows.size()};
    evidence_at_ = {rows.size(), evidence.size()};
  }

  EntryRows Rows() const { return EntryRows(rows_at_, evidence_at_); }

  KnownBadEntry full_;
  KnownBadEntry bare_;
  std::string all_;
  Section rows_at_;
  Section evidence_at_;
  uint64_t count_ = 0;
  uint64_t hash_ = 0;
};

TEST_F(EntryRowsTest, FitsIsExact) {
  EXPECT_TRUE(EntryRows::Fits(rows_at_, 2));
  EXPECT_FALSE(EntryRows::Fits(rows_at_, 1));
  EXPECT_FALSE(EntryRows::Fits(rows_at_, 3));
  EXPECT_EQ(Rows().entry_count(), 2);
}

TEST_F(EntryRowsTest, ReadsWhatDecisionsNeed) {
  const CheckedBytes bytes{absl::string_view(all_)};
  EntryInForce entry;
  ASSERT_TRUE(Rows().Read(bytes, 0, &entry));
  EXPECT_EQ(entry.advisory_id, "A-1");
  EXPECT_EQ(entry.effective_from, full_.effective_from);
  EXPECT_EQ(entry.withdrawn_at, full_.withdrawn_at);
  ASSERT_TRUE(Rows().Read(bytes, 1, &entry));
  EXPECT_EQ(entry.advisory_id, "B-22");
  EXPECT_EQ(entry.effective_from, absl::InfinitePast());
  EXPECT_EQ(entry.withdrawn_at, absl::InfiniteFuture());
  EXPECT_FALSE(Rows().Read(bytes, 2, &entry));
}

TEST_F(EntryRowsTest, ReadsTheEvidence) {
  const CheckedBytes bytes{absl::string_view(all_)};
  v1::KnownBadEntry entry;
  ASSERT_TRUE(Rows().ReadEvidence(bytes, 0, &entry, &count_, &hash_));
  EXPECT_EQ(entry.id(), "A-1");
  EXPECT_EQ(entry.url(), "https://example.org/A-1");
  EXPECT_EQ(entry.reason(), "leaks");
  EXPECT_EQ(entry.severity(), v1::KnownBadEntry::HIGH);
  EXPECT_EQ(entry.added_at().seconds(), 1'700'000'000 - 3600);
  EXPECT_EQ(entry.effective_from().seconds(), -5);
  EXPECT_EQ(entry.effective_from().nanos(), 3);
  EXPECT_EQ(entry.withdrawn_at().nanos(), 7);
  EXPECT_EQ(entry.aliases_size(), 2);
  ASSERT_EQ(entry.package_urls_size(), 1);
  EXPECT_EQ(entry.package_urls(0), "pkg:npm/%40scope/name@1.0.0?arch=x86");
  ASSERT_EQ(entry.packages_size(), 1);
  EXPECT_EQ(entry.packages(0).package_url(), "pkg:npm/name");
  EXPECT_EQ(entry.packages(0).versions_size(), 2);
  ASSERT_EQ(entry.packages(0).ranges_size(), 4);
  EXPECT_EQ(entry.packages(0).ranges(0).introduced(), "0");
  EXPECT_EQ(entry.packages(0).ranges(0).fixed(), "3");
  EXPECT_EQ(entry.packages(0).ranges(1).last_affected(), "5");
  EXPECT_EQ(entry.packages(0).ranges(2).limit(), "7");
  EXPECT_EQ(entry.packages(0).ranges(3).until_case(), v1::VersionRange::UNTIL_NOT_SET);
  EXPECT_EQ(entry.digests_size(), 0);
  EXPECT_EQ(count_, 1);
  const uint64_t one = hash_;
  ASSERT_TRUE(Rows().ReadEvidence(bytes, 1, &entry, &count_, &hash_));
  EXPECT_EQ(entry.id(), "B-22");
  EXPECT_FALSE(entry.has_effective_from());
  EXPECT_FALSE(entry.has_withdrawn_at());
  EXPECT_FALSE(entry.has_added_at());
  EXPECT_EQ(count_, 2);
  EXPECT_NE(hash_, one);
}

// Whatever the bytes are, they are refused or read within their bounds.
TEST_F(EntryRowsTest, AnyBytesAreRead) {
  for (size_t at = 0; at < rows_at_.length; ++at) {
    for (const char value : {'\0', '\x01', '\x7f', '\xff'}) {
      std::string changed = all_;
      changed[at] = value;
      const CheckedBytes bytes{absl::string_view(changed)};
      EntryInForce entry;
      v1::KnownBadEntry evidence;
      for (uint32_t i = 0; i < 2; ++i) {
        if (!Rows().Read(bytes, i, &entry)) continue;
        EXPECT_LE(entry.advisory_id.size(), evidence_at_.length);
        Rows().ReadEvidence(bytes, i, &evidence, &count_, &hash_);
      }
    }
  }
}

}  // namespace
}  // namespace sluice
