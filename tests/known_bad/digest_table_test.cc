#include "sluice/known_bad/digest_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/section.h"

namespace sluice {
namespace {

Digest DigestOf(uint8_t value) {
  Digest digest;
  digest.bytes.fill(value);
  return digest;
}

// The table of some rows, and the bytes it lies in.
class Written {
 public:
  explicit Written(std::vector<DigestRow> rows) {
    rows.resize(DigestTable::Arrange(absl::MakeSpan(rows)));
    DigestTable::AppendBuckets(rows, all_);
    buckets_ = {0, all_.size()};
    const Section row_section = {all_.size(), rows.size() * sizeof(DigestRow)};
    all_.append(reinterpret_cast<const char*>(rows.data()), row_section.length);
    EXPECT_TRUE(DigestTable::Fits(buckets_, row_section));
    checksums_ = CheckedBytes::ChecksumsOf(all_);
    table_ = DigestTable(buckets_, row_section);
  }

  // The entries found for each of `asked`, and whether all was readable.
  std::vector<std::set<uint32_t>> Find(const std::vector<Digest>& asked, bool* readable) const {
    const CheckedBytes bytes(all_, checksums_);
    std::vector<const Digest*> pointers;
    for (const Digest& digest : asked) pointers.push_back(&digest);
    std::vector<std::set<uint32_t>> found(asked.size());
    *readable =
        table_.Find(bytes, pointers, [&](size_t i, uint32_t entry) { found.at(i).insert(entry); });
    return found;
  }

  std::string all_;
  std::string checksums_;
  Section buckets_;
  DigestTable table_;
};

void ExpectFinds(const std::vector<DigestRow>& rows, const std::vector<Digest>& absent) {
  std::map<Digest, std::set<uint32_t>> expected;
  for (const DigestRow& row : rows) expected[row.digest].insert(row.entry);
  std::vector<Digest> asked = absent;
  for (const auto& [digest, entries] : expected) asked.push_back(digest);
  const Written written(rows);
  bool readable;
  const std::vector<std::set<uint32_t>> found = written.Find(asked, &readable);
  EXPECT_TRUE(readable);
  for (size_t i = 0; i < asked.size(); ++i) {
    ASSERT_EQ(found[i], i < absent.size() ? std::set<uint32_t>() : expected.at(asked[i])) << i;
  }
}

Digest RandomDigest(std::mt19937_64& random) {
  Digest digest;
  for (uint8_t& byte : digest.bytes) byte = static_cast<uint8_t>(random());
  return digest;
}

TEST(DigestTableTest, NoRows) {
  ExpectFinds({}, {DigestOf(0), DigestOf(255)});
  bool readable;
  const CheckedBytes none;
  const Digest digest = DigestOf(1);
  const Digest* pointer = &digest;
  readable = DigestTable().Find(none, {&pointer, 1}, [](size_t, uint32_t) { FAIL(); });
  EXPECT_TRUE(readable);
}

TEST(DigestTableTest, FindsEachAndNothingElse) {
  std::mt19937_64 random(7);
  for (const size_t count : {1, 2, 14, 15, 16, 31, 100, 1000, 20'000}) {
    SCOPED_TRACE(count);
    std::vector<DigestRow> rows;
    std::vector<Digest> absent;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back({RandomDigest(random), static_cast<uint32_t>(i)});
      absent.push_back(RandomDigest(random));
    }
    ExpectFinds(rows, absent);
  }
}

TEST(DigestTableTest, DigestsThatDifferInOneByteAreApart) {
  std::vector<DigestRow> rows;
  std::vector<Digest> absent;
  for (size_t i = 0; i < 32; ++i) {
    Digest digest = DigestOf(9);
    digest.bytes[i] = 10;
    rows.push_back({digest, static_cast<uint32_t>(i)});
    digest.bytes[i] = 11;
    absent.push_back(digest);
  }
  absent.push_back(DigestOf(9));
  ExpectFinds(rows, absent);
}

// Made up to fall into one bucket, so that it has more rows than tags.
TEST(DigestTableTest, ManyDigestsOfOnePrefix) {
  std::mt19937_64 random(8);
  std::vector<DigestRow> rows;
  std::vector<Digest> absent;
  for (uint32_t i = 0; i < 3000; ++i) {
    Digest digest = DigestOf(42);
    digest.bytes[30] = static_cast<uint8_t>(i >> 8);
    digest.bytes[31] = static_cast<uint8_t>(i);
    rows.push_back({digest, i});
    digest.bytes[29] = 43;
    absent.push_back(digest);
    rows.push_back({RandomDigest(random), i});
  }
  std::shuffle(rows.begin(), rows.end(), random);
  ExpectFinds(rows, absent);
}

TEST(DigestTableTest, OneDigestOfManyEntries) {
  for (const uint32_t count : {2, 36, 37, 38, 5000}) {
    std::vector<DigestRow> rows;
    for (uint32_t i = 0; i < count; ++i) {
      rows.push_back({DigestOf(7), i});
      rows.push_back({DigestOf(7), i});
    }
    rows.push_back({DigestOf(6), 1});
    rows.push_back({DigestOf(8), 2});
    ExpectFinds(rows, {DigestOf(5)});
    EXPECT_EQ(Written(rows).table_.row_count(), count + 2) << "each row once";
  }
}

TEST(DigestTableTest, ExtremesOfTheDigests) {
  ExpectFinds({{DigestOf(0), 1}, {DigestOf(255), 2}}, {DigestOf(1), DigestOf(254)});
}

TEST(DigestTableTest, FitsIsExact) {
  EXPECT_TRUE(DigestTable::Fits({0, 64}, {0, 72}));
  EXPECT_TRUE(DigestTable::Fits({0, 0}, {0, 0}));
  EXPECT_FALSE(DigestTable::Fits({0, 0}, {0, 72}));
  EXPECT_FALSE(DigestTable::Fits({0, 65}, {0, 72}));
  EXPECT_FALSE(DigestTable::Fits({0, 64}, {0, 73}));
  EXPECT_FALSE(DigestTable::Fits({0, 64}, {0, uint64_t{36} << 33}));
}

// Of damaged bytes nothing is believed: a digest that is listed is found, or the table says that it
// could not be read.
TEST(DigestTableTest, DamageIsToldNeverADigestMissed) {
  std::mt19937_64 random(9);
  std::vector<DigestRow> rows;
  std::vector<Digest> asked;
  for (uint32_t i = 0; i < 2000; ++i) {
    rows.push_back({RandomDigest(random), i});
    asked.push_back(rows.back().digest);
  }
  const Written good(rows);
  int told = 0;
  for (int round = 0; round < 200; ++round) {
    Written bad = good;
    bad.all_[random() % bad.all_.size()] ^= static_cast<char>(1 + random() % 255);
    bool readable;
    const std::vector<std::set<uint32_t>> found = bad.Find(asked, &readable);
    size_t missed = 0;
    for (size_t i = 0; i < asked.size(); ++i) {
      if (found[i] != std::set<uint32_t>{static_cast<uint32_t>(i)}) ++missed;
    }
    ASSERT_TRUE(missed == 0 || !readable);
    told += readable ? 0 : 1;
  }
  EXPECT_EQ(told, 200) << "all bytes are read by some digest";
}

// With checksums that are right, whatever the bytes say is read within bounds.
TEST(DigestTableTest, AnyBytesAreRead) {
  std::mt19937_64 random(10);
  std::vector<DigestRow> rows;
  std::vector<Digest> asked;
  for (uint32_t i = 0; i < 100; ++i) {
    rows.push_back({RandomDigest(random), i});
    asked.push_back(rows.back().digest);
  }
  const Written good(rows);
  for (int round = 0; round < 2000; ++round) {
    Written bad = good;
    for (int i = 0; i < 4; ++i) {
      bad.all_[random() % bad.buckets_.length] = static_cast<char>(random());
    }
    bad.checksums_ = CheckedBytes::ChecksumsOf(bad.all_);
    bool readable;
    bad.Find(asked, &readable);
  }
}

}  // namespace
}  // namespace sluice
