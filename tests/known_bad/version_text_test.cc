#include "sluice/known_bad/version_text.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

TEST(VersionText, DigitsAndLettersAreAscii) {
  for (int code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    EXPECT_EQ(IsDigit(c), code >= '0' && code <= '9') << code;
    EXPECT_EQ(IsLetter(c), (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z')) << code;
  }
}

TEST(VersionText, NumberIsDigitsOnly) {
  EXPECT_TRUE(IsNumber("0"));
  EXPECT_TRUE(IsNumber("0123456789"));
  for (absl::string_view text : {"", "a", "1a", "1 ", "-1", "+1", "1.0", "\xd9\xa1"}) {
    EXPECT_FALSE(IsNumber(text)) << text;
  }
}

TEST(VersionText, ZeroIsNothingOrZeros) {
  EXPECT_TRUE(IsZero(""));
  EXPECT_TRUE(IsZero("0"));
  EXPECT_TRUE(IsZero("000"));
  EXPECT_FALSE(IsZero("001"));
  EXPECT_FALSE(IsZero("a"));
}

TEST(VersionText, TakesDigits) {
  absl::string_view text = "012a3";
  EXPECT_EQ(TakeDigits(text), "012");
  EXPECT_EQ(text, "a3");
  EXPECT_EQ(TakeDigits(text), "");
  EXPECT_EQ(text, "a3");
}

TEST(VersionText, TakesUntilASeparator) {
  absl::string_view text = "a.b-.c";
  EXPECT_EQ(TakeUntil(".-", text), "a");
  EXPECT_EQ(TakeUntil(".-", text), "b");
  EXPECT_EQ(TakeUntil(".-", text), "");
  EXPECT_EQ(TakeUntil(".-", text), "c");
  EXPECT_EQ(TakeUntil(".-", text), "");
  EXPECT_EQ(text, "");
}

TEST(VersionText, ComparesNumbersOfAnyLength) {
  EXPECT_EQ(CompareNumbers("2", "10"), -1);
  EXPECT_EQ(CompareNumbers("10", "9"), 1);
  EXPECT_EQ(CompareNumbers("", "000"), 0);
  EXPECT_EQ(CompareNumbers("007", "7"), 0);
  EXPECT_EQ(CompareNumbers("18446744073709551615", "18446744073709551616"), -1);
  const std::string huge(100, '9');
  EXPECT_EQ(CompareNumbers(huge, huge + "0"), -1);
  EXPECT_EQ(CompareNumbers("000" + huge, huge), 0);
}

TEST(VersionText, ComparesTextByUnsignedBytes) {
  EXPECT_EQ(CompareText("a", "b"), -1);
  EXPECT_EQ(CompareText("a", "B"), 1);
  EXPECT_EQ(CompareText("a", "aa"), -1);
  EXPECT_EQ(CompareText("z", "\xff"), -1);
  EXPECT_EQ(CompareText("", ""), 0);
}

TEST(VersionText, ComparesTextIgnoringCase) {
  EXPECT_EQ(CompareTextIgnoringCase("aB", "Ab"), 0);
  EXPECT_EQ(CompareTextIgnoringCase("a", "B"), -1);
  EXPECT_EQ(CompareTextIgnoringCase("A", "ab"), -1);
  EXPECT_EQ(CompareTextIgnoringCase("AB", "a"), 1);
  EXPECT_EQ(CompareTextIgnoringCase("z", "\xff"), -1);
  EXPECT_EQ(CompareTextIgnoringCase("_", "A"), -1);
}

}  // namespace
}  // namespace sluice
