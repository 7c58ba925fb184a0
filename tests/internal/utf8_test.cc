#include "sluice/internal/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

TEST(Utf8, EveryCodePointIsReadBack) {
  for (uint32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string text;
    AppendUtf8(c, text);
    ASSERT_EQ(text.size(), c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u) << c;
    ASSERT_TRUE(IsValidUtf8(text)) << c;
    for (size_t cut = 1; cut < text.size(); ++cut) {
      ASSERT_FALSE(IsValidUtf8(absl::string_view(text).substr(0, cut))) << c;
      ASSERT_FALSE(IsValidUtf8(absl::string_view(text).substr(cut))) << c;
    }
  }
}

// As many sequences of one, two and three bytes are valid as there are code points of that length.
TEST(Utf8, NothingElseIsValid) {
  int valid[5] = {};
  for (int a = 0; a < 256; ++a) {
    const std::string one = {static_cast<char>(a)};
    valid[1] += IsValidUtf8(one);
    for (int b = 0; b < 256; ++b) {
      const std::string two = {static_cast<char>(a), static_cast<char>(b)};
      if (a >= 0x80) valid[2] += IsValidUtf8(two);
      if (a < 0xe0) continue;
      for (int c = 0; c < 256; ++c) {
        const std::string three = {static_cast<char>(a), static_cast<char>(b),
                                   static_cast<char>(c)};
        valid[3] += IsValidUtf8(three);
        const std::string four = three + '\x80';
        valid[4] += IsValidUtf8(four);
      }
    }
  }
  EXPECT_EQ(valid[1], 0x80);
  EXPECT_EQ(valid[2], 0x800 - 0x80);
  EXPECT_EQ(valid[3], 0x10000 - 0x800 - 0x800);
  EXPECT_EQ(valid[4], 0x100000 / 64);  // One in 64 ends in 0x80.
}

TEST(Utf8, SaysWhereTheFaultIs) {
  EXPECT_EQ(ValidUtf8Prefix(""), 0u);
  EXPECT_EQ(ValidUtf8Prefix("caf\xc3\xa9"), 5u);
  EXPECT_EQ(ValidUtf8Prefix("caf\xc3"), 3u);
  EXPECT_EQ(ValidUtf8Prefix("ab\xff\x61"), 2u);
  EXPECT_EQ(ValidUtf8Prefix("\xed\xa0\x80"), 0u);      // A surrogate.
  EXPECT_EQ(ValidUtf8Prefix("\xc0\x80"), 0u);          // An over-long NUL.
  EXPECT_EQ(ValidUtf8Prefix("\xf4\x90\x80\x80"), 0u);  // U+110000.
  EXPECT_TRUE(IsValidUtf8(absl::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace sluice
