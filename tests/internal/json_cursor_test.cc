#include "sluice/internal/json_cursor.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

TEST(JsonCursor, Numbers) {
  for (absl::string_view text : {"0", "-0", "1", "10", "-12.50", "1e5", "1E+5", "0.1e-7", "0e0"}) {
    EXPECT_TRUE(IsJsonNumber(text)) << text;
  }
  for (absl::string_view text : {"", "-", "+1", "01", "-01", ".5", "1.", "1.e5", "1e", "1e+", "0x1",
                                 "1 ", " 1", "1_0", "Infinity", "NaN", "--1", "1.5.5", "1e5.5"}) {
    EXPECT_FALSE(IsJsonNumber(text)) << text;
  }
}

TEST(JsonCursor, TakesTheLongestNumber) {
  JsonCursor cursor(" \t\r\n -1.5e3,01");
  absl::string_view token;
  ASSERT_TRUE(cursor.TakeNumber(&token));
  EXPECT_EQ(token, "-1.5e3");
  EXPECT_TRUE(cursor.TakeMark(','));
  ASSERT_TRUE(cursor.TakeNumber(&token));
  EXPECT_EQ(token, "0");  // What follows is a fault of the structure.
  EXPECT_EQ(cursor.Peek(), '1');
  EXPECT_FALSE(cursor.AtEnd());
}

TEST(JsonCursor, OnlyTheWhiteSpaceOfJson) {
  EXPECT_EQ(JsonCursor(" \t\r\nx").Peek(), 'x');
  for (absl::string_view text : {"\vx", "\fx", "\xc2\xa0x", "\xef\xbb\xbfx", "/**/x", "#\nx"}) {
    EXPECT_NE(JsonCursor(text).Peek(), 'x') << text;
  }
  EXPECT_TRUE(JsonCursor("").AtEnd());
  EXPECT_TRUE(JsonCursor(" \n").AtEnd());
  EXPECT_FALSE(JsonCursor(absl::string_view("\0", 1)).AtEnd());
}

TEST(JsonCursor, Words) {
  EXPECT_TRUE(JsonCursor(" true").TakeWord("true"));
  EXPECT_TRUE(JsonCursor("null,").TakeWord("null"));
  for (absl::string_view text : {"True", "tru", "truee", "true1", "null0", "\"true\""}) {
    EXPECT_FALSE(JsonCursor(text).TakeWord("true")) << text;
    EXPECT_FALSE(JsonCursor(text).TakeWord("null")) << text;
  }
}

TEST(JsonCursor, Strings) {
  const struct {
    absl::string_view text;
    absl::string_view value;
  } kCases[] = {
      {"\"\"", ""},
      {"\"a b\"", "a b"},
      {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
      {"\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac"},
      {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
      {"\"\\uDBFF\\uDFFF\"", "\xf4\x8f\xbf\xbf"},
      {"\"\\u0000\"", absl::string_view("\0", 1)},
      {"\"\x7f\"", "\x7f"},
  };
  for (const auto& c : kCases) {
    JsonCursor cursor(c.text);
    std::string value = "left over";
    ASSERT_TRUE(cursor.TakeString(&value)) << c.text;
    EXPECT_EQ(value, c.value);
    EXPECT_TRUE(cursor.AtEnd());
  }
}

TEST(JsonCursor, RefusedStrings) {
  for (absl::string_view text : {"",
                                 "a",
                                 "'a'",
                                 "\"",
                                 "\"a",
                                 "\"\\\"",
                                 "\"\\",
                                 "\"\\u",
                                 "\"\\u12\"",
                                 "\"\\u12g4\"",
                                 "\"\\x41\"",
                                 "\"\\'\"",
                                 "\"\\a\"",
                                 "\"\\0\"",
                                 "\"\\U0041\"",
                                 "\"\n\"",
                                 "\"\t\"",
                                 "\"\x1f\"",
                                 "\"\\ud83d\"",
                                 "\"\\ud83d\\u0041\"",
                                 "\"\\ud83d\\ud83d\"",
                                 "\"\\ude00\"",
                                 "\"\\ud83dx\"",
                                 "\"\\ud83d\\",
                                 "\"\\ud83d\\u",
                                 "\"\\ud83d\\ude0"}) {
    JsonCursor cursor(text);
    std::string value;
    EXPECT_FALSE(cursor.TakeString(&value)) << text;
    EXPECT_LE(cursor.position(), text.size()) << text;
  }
  JsonCursor with_nul(absl::string_view("\"\0\"", 3));
  std::string value;
  EXPECT_FALSE(with_nul.TakeString(&value));
  EXPECT_EQ(with_nul.position(), 1u);
}

TEST(JsonCursor, LinesAndColumns) {
  const absl::string_view text = "ab\n\ncd";
  EXPECT_EQ(LineAndColumn(text, 0), "1:1");
  EXPECT_EQ(LineAndColumn(text, 2), "1:3");
  EXPECT_EQ(LineAndColumn(text, 3), "2:1");
  EXPECT_EQ(LineAndColumn(text, 4), "3:1");
  EXPECT_EQ(LineAndColumn(text, 6), "3:3");
  EXPECT_EQ(LineAndColumn(text, 100), "3:3");
  EXPECT_EQ(LineAndColumn("", 0), "1:1");
}

}  // namespace
}  // namespace sluice
