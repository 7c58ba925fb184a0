#include "sluice/internal/digest.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr char kHex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(Digest, ReadsTheOciForm) {
  const absl::optional<Digest> digest = ParseDigest(absl::StrCat("sha256:", kHex));
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->bytes[0], 0x01);
  EXPECT_EQ(digest->bytes[1], 0x23);
  EXPECT_EQ(digest->bytes[7], 0xef);
  EXPECT_EQ(digest->bytes[31], 0xef);
}

TEST(Digest, FormatsWhatItReads) {
  const std::string text = absl::StrCat("sha256:", kHex);
  EXPECT_EQ(FormatDigest(*ParseDigest(text)), text);
  EXPECT_EQ(FormatDigest(Digest{}), absl::StrCat("sha256:", std::string(64, '0')));
}

TEST(Digest, EveryByteValueSurvives) {
  for (int value = 0; value < 256; ++value) {
    Digest digest;
    digest.bytes.fill(static_cast<uint8_t>(value));
    const absl::optional<Digest> again = ParseDigest(FormatDigest(digest));
    ASSERT_TRUE(again.has_value()) << value;
    EXPECT_EQ(*again, digest);
  }
}

TEST(Digest, RefusesEverythingElse) {
  const std::string hex = kHex;
  const std::vector<std::string> refused = {
      "",
      "sha256",
      "sha256:",
      hex,
      absl::StrCat("sha256:", hex.substr(1)),
      absl::StrCat("sha256:", hex, "0"),
      absl::StrCat("sha256:", absl::AsciiStrToUpper(hex)),
      absl::StrCat("SHA256:", hex),
      absl::StrCat("sha512:", hex),
      absl::StrCat("sha512:", hex, hex),
      absl::StrCat("sha256-", hex),
      absl::StrCat("sha256: ", hex.substr(1)),
      absl::StrCat(" sha256:", hex),
      absl::StrCat("sha256:", hex, "\n"),
      absl::StrCat("sha256:sha256:", hex),
      absl::StrCat("sha256:", hex.substr(0, 63), "g"),
      absl::StrCat("sha256:", hex.substr(0, 63), "`"),
      absl::StrCat("sha256:", hex.substr(0, 63), "/"),
      absl::StrCat("sha256:", hex.substr(0, 63), ":"),
      absl::StrCat("sha256:", hex.substr(0, 63), std::string(1, '\0')),
      absl::StrCat("sha256:", hex.substr(0, 63), "\xff"),
  };
  for (const std::string& text : refused) EXPECT_FALSE(ParseDigest(text).has_value()) << text;
}

TEST(Digest, RefusesEveryCharacterThatIsNoDigitWhereverItIs) {
  for (size_t at = 0; at < 64; ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string text = absl::StrCat("sha256:", kHex);
      text[7 + at] = static_cast<char>(c);
      const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      const absl::optional<Digest> digest = ParseDigest(text);
      ASSERT_EQ(digest.has_value(), is_digit) << at << " " << c;
      if (is_digit) {
        ASSERT_EQ(FormatDigest(*digest), text);
      }
    }
  }
}

TEST(Digest, ComparesAllBytes) {
  const Digest zero;
  for (size_t i = 0; i < zero.bytes.size(); ++i) {
    Digest other;
    other.bytes[i] = 0x80;  // Above zero only if bytes compare as unsigned.
    EXPECT_NE(other, zero);
    EXPECT_FALSE(other == zero);
    EXPECT_LT(zero, other);
    EXPECT_LE(zero, other);
    EXPECT_GT(other, zero);
    EXPECT_GE(other, zero);
  }
}

TEST(Digest, EveryByteCountsInTheHash) {
  std::vector<Digest> digests(1);
  for (size_t i = 0; i < 32; ++i) {
    digests.emplace_back();
    digests.back().bytes[i] = 1;
  }
  absl::flat_hash_set<size_t> hashes;
  for (const Digest& digest : digests) {
    const Digest copy = digest;
    EXPECT_EQ(absl::HashOf(copy), absl::HashOf(digest));
    hashes.insert(absl::HashOf(digest));
  }
  EXPECT_EQ(hashes.size(), digests.size());
  const absl::flat_hash_set<Digest> set(digests.begin(), digests.end());
  EXPECT_EQ(set.size(), digests.size());
}

}  // namespace
}  // namespace sluice
