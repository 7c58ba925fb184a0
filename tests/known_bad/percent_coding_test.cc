#include "sluice/known_bad/percent_coding.h"

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

std::string Encoded(absl::string_view text) {
  std::string out;
  AppendPercentEncoded(text, out);
  return out;
}

TEST(PercentCoding, Decodes) {
  EXPECT_EQ(PercentDecode(""), "");
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
  EXPECT_EQ(PercentDecode("%41%7a%7A"), "Azz");
  EXPECT_EQ(PercentDecode("%00"), std::string(1, '\0'));
  EXPECT_EQ(PercentDecode("%2541"), "%41");
  EXPECT_EQ(PercentDecode("%ff"), "\xff");
}

TEST(PercentCoding, RefusesIncompleteEscapes) {
  for (absl::string_view text :
       {"%", "%4", "a%", "a%4", "%%41", "%4g", "%g4", "% 4", "%-1", "%+1"}) {
    EXPECT_EQ(PercentDecode(text), absl::nullopt) << text;
  }
}

TEST(PercentCoding, LenientlyKeepsIncompleteEscapes) {
  EXPECT_EQ(PercentDecodeLeniently("%"), "%");
  EXPECT_EQ(PercentDecodeLeniently("%4"), "%4");
  EXPECT_EQ(PercentDecodeLeniently("%%41"), "%A");
  EXPECT_EQ(PercentDecodeLeniently("%zz%40"), "%zz@");
}

TEST(PercentCoding, EveryByteEncodesAndComesBack) {
  constexpr absl::string_view kKept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:";
  for (int value = 0; value < 256; ++value) {
    const std::string byte(1, static_cast<char>(value));
    const std::string encoded = Encoded(byte);
    const bool kept = kKept.find(byte[0]) != absl::string_view::npos;
    EXPECT_EQ(encoded.size(), kept ? 1 : 3) << value;
    EXPECT_EQ(PercentDecode(encoded), byte) << value;
  }
}

TEST(PercentCoding, EscapesAreUpperCase) { EXPECT_EQ(Encoded("/+\xc3\xa9"), "%2F%2B%C3%A9"); }

}  // namespace
}  // namespace sluice
