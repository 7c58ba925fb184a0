#include "sluice/internal/identifier.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

// The grammar written out a second time, as sets.
constexpr absl::string_view kFirst =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr absl::string_view kPunctuation = "._:/@+-";

TEST(Identifier, EveryByteInEveryPosition) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool first = kFirst.find(c) != absl::string_view::npos;
    const bool later = first || kPunctuation.find(c) != absl::string_view::npos;
    const std::string one(1, c);
    EXPECT_EQ(IsIdentifier(one), first) << value;
    EXPECT_EQ(IsIdentifier(absl::StrCat(one, "a")), first) << value;
    EXPECT_EQ(IsIdentifier(absl::StrCat("a", one)), later) << value;
    EXPECT_EQ(IsIdentifier(absl::StrCat("a", one, "a")), later) << value;
  }
}

TEST(Identifier, Lengths) {
  EXPECT_FALSE(IsIdentifier(""));
  EXPECT_FALSE(IsIdentifier(absl::string_view()));
  EXPECT_TRUE(IsIdentifier("a"));
  EXPECT_TRUE(IsIdentifier(std::string(127, 'a')));
  EXPECT_TRUE(IsIdentifier(std::string(128, 'a')));
  EXPECT_FALSE(IsIdentifier(std::string(129, 'a')));
}

TEST(Identifier, CommonNames) {
  for (absl::string_view name : {"prod-eu", "alice@example.com", "role:sre", "team/service", "1st",
                                 "v1.2.3+build.7", "A", "eu_west_1"}) {
    EXPECT_TRUE(IsIdentifier(name)) << name;
  }
  for (absl::string_view name : {"-x", ".", "@alice", "a b", "a\n", " a", "caf\xc3\xa9", "a*"}) {
    EXPECT_FALSE(IsIdentifier(name)) << name;
  }
}

}  // namespace
}  // namespace sluice
