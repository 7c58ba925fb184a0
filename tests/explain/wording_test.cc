#include "sluice/explain/wording.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

constexpr absl::string_view kDigest =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(QuoteTest, PutsTextInBackticks) {
  EXPECT_EQ(Quote("prod-eu"), "`prod-eu`");
  EXPECT_EQ(Quote(""), "``");
}

TEST(QuoteTest, KeepsLettersOfAnyScript) { EXPECT_EQ(Quote("J\xC3\xB6rg"), "`J\xC3\xB6rg`"); }

TEST(QuoteTest, ReplacesWhatBreaksALine) {
  EXPECT_EQ(Quote("a\nb\r\tc"), "`a?b??c`");
  EXPECT_EQ(Quote(absl::string_view("a\0b", 3)), "`a?b`");
  EXPECT_EQ(Quote("a\x7F"), "`a?`");
  EXPECT_EQ(Quote("a\xC2\x85z"), "`a?z`");      // U+0085, next line.
  EXPECT_EQ(Quote("a\xE2\x80\xA8z"), "`a?z`");  // U+2028, line separator.
  EXPECT_EQ(Quote("a\xE2\x80\xA9z"), "`a?z`");  // U+2029, paragraph separator.
}

TEST(QuoteTest, ReplacesWhatTurnsOrHidesText) {
  EXPECT_EQ(Quote("a`b"), "`a?b`");
  EXPECT_EQ(Quote("a\xE2\x80\xAEz"), "`a?z`");  // U+202E, right-to-left override.
  EXPECT_EQ(Quote("a\xE2\x81\xA6z"), "`a?z`");  // U+2066, left-to-right isolate.
  EXPECT_EQ(Quote("a\xE2\x80\x8Bz"), "`a?z`");  // U+200B, zero width space.
  EXPECT_EQ(Quote("a\xEF\xBB\xBFz"), "`a?z`");  // U+FEFF, byte order mark.
  EXPECT_EQ(Quote("a\xD8\x9Cz"), "`a?z`");      // U+061C, Arabic letter mark.
}

TEST(QuoteTest, KeepsTheNeighboursOfWhatItReplaces) {
  for (const absl::string_view kept : {"\xC2\xA0", "\xE2\x80\x8A", "\xE2\x80\x90", "\xE2\x80\xA7",
                                       "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xB0", "~", " "}) {
    EXPECT_EQ(Quote(kept), absl::StrCat("`", kept, "`"));
  }
}

TEST(QuoteTest, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(Quote("a\xFF"), "`a?`");
  EXPECT_EQ(Quote("a\xC3"), "`a?`");              // Cut.
  EXPECT_EQ(Quote("a\xC0\xAFz"), "`a??z`");       // Over-long.
  EXPECT_EQ(Quote("a\xED\xA0\x80z"), "`a???z`");  // A surrogate.
}

TEST(QuoteTest, CutsLongTextAtACharacter) {
  const std::string fits(kMaxShownBytes, 'x');
  EXPECT_EQ(Quote(fits), absl::StrCat("`", fits, "`"));
  EXPECT_EQ(Quote(fits + "y"), absl::StrCat("`", fits, "...`"));
  const std::string shorter(kMaxShownBytes - 1, 'x');
  EXPECT_EQ(Quote(shorter + "\xC3\xB6"), absl::StrCat("`", shorter, "...`"));
}

TEST(QuoteTest, EveryTwoBytesGiveWellFormedText) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      ASSERT_TRUE(IsValidUtf8(Quote(text))) << first << " " << second;
    }
  }
}

TEST(QuoteTest, ShortensADigest) { EXPECT_EQ(Quote(kDigest), "`sha256:0123456789ab`"); }

TEST(ShortDigestTest, HasTwelveDigits) { EXPECT_EQ(ShortDigest(kDigest), "sha256:0123456789ab"); }

TEST(ShortDigestTest, QuotesWhatIsNoDigest) {
  EXPECT_EQ(ShortDigest("sha256:0123456789abcdef"), "`sha256:0123456789abcdef`");
  EXPECT_EQ(ShortDigest(""), "``");
}

TEST(QuoteListTest, NamesUpToThree) {
  EXPECT_EQ(QuoteList({}), "");
  EXPECT_EQ(QuoteList({"a"}), "`a`");
  EXPECT_EQ(QuoteList({"a", "b"}), "`a` and `b`");
  EXPECT_EQ(QuoteList({"a", "b", "c"}), "`a`, `b` and `c`");
  EXPECT_EQ(QuoteList({"a", "b", "c", "d"}), "`a`, `b`, `c` and 1 more");
}

TEST(QuoteListTest, CountsWhatIsNotListed) {
  EXPECT_EQ(QuoteList({"a"}, 1), "`a`");
  EXPECT_EQ(QuoteList({"a"}, 2), "`a` and 1 more");
  EXPECT_EQ(QuoteList({"a", "b", "c", "d"}, 100), "`a`, `b`, `c` and 97 more");
  EXPECT_EQ(QuoteList({"a", "b"}, 1), "`a` and `b`");  // A total that makes no sense.
  EXPECT_EQ(QuoteList({}, 2), "2 more");
}

TEST(InstantTest, IsRfc3339InUtc) {
  EXPECT_EQ(
      Instant(absl::FromCivil(absl::CivilSecond(2026, 11, 23, 10, 0, 0), absl::UTCTimeZone())),
      "2026-11-23T10:00:00Z");
}

TEST(InstantTest, HasAFractionOnlyIfItIsNotZero) {
  const absl::Time epoch = absl::UnixEpoch();
  EXPECT_EQ(Instant(epoch - absl::Nanoseconds(1)), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Instant(epoch), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Instant(epoch + absl::Nanoseconds(1)), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(Instant(epoch + absl::Milliseconds(500)), "1970-01-01T00:00:00.5Z");
}

TEST(InstantTest, YearsHaveFourDigits) {
  EXPECT_EQ(Instant(absl::FromCivil(absl::CivilSecond(1, 1, 1, 0, 0, 0), absl::UTCTimeZone())),
            "0001-01-01T00:00:00Z");
  EXPECT_EQ(
      Instant(absl::FromCivil(absl::CivilSecond(9999, 12, 31, 23, 59, 59), absl::UTCTimeZone())),
      "9999-12-31T23:59:59Z");
}

TEST(NumberTest, IsExactAndShort) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(-0.0), "0");
  EXPECT_EQ(Number(0.8), "0.8");
  EXPECT_EQ(Number(-12.5), "-12.5");
  EXPECT_EQ(Number(1234567), "1234567");
  EXPECT_EQ(Number(100000), "100000");
  EXPECT_EQ(Number(0.1 + 0.2), "0.30000000000000004");
}

TEST(NumberTest, UsesAnExponentFarFromOne) {
  EXPECT_EQ(Number(0.0001), "0.0001");
  EXPECT_EQ(Number(0.00001), "1e-05");
  EXPECT_EQ(Number(999999999999999), "999999999999999");
  EXPECT_EQ(Number(1e15), "1e+15");
  EXPECT_EQ(Number(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

TEST(NumberTest, FitsWhateverTheNumber) {
  for (const double number :
       {std::nextafter(0.0001, 1.0), -std::nextafter(0.0001, 1.0), std::nextafter(1e15, 0.0),
        std::numeric_limits<double>::min(), std::numeric_limits<double>::lowest()}) {
    EXPECT_EQ(std::stod(Number(number)), number);
  }
  EXPECT_EQ(Number(std::numeric_limits<double>::infinity()), "inf");
}

TEST(PercentTest, HasUpToFourDecimals) {
  EXPECT_EQ(Percent(0), "0%");
  EXPECT_EQ(Percent(0.01), "1%");
  EXPECT_EQ(Percent(0.0125), "1.25%");
  EXPECT_EQ(Percent(0.000001), "0.0001%");
  EXPECT_EQ(Percent(1), "100%");
  EXPECT_EQ(Percent(1.0 / 3), "33.3333%");
  EXPECT_EQ(Percent(2.0 / 3), "66.6667%");
}

TEST(PercentTest, StaysShortForAnyRatio) {
  for (const double ratio : {1e13, 1e300, -1e300, std::numeric_limits<double>::max()}) {
    EXPECT_LT(Percent(ratio).size(), 30u) << ratio;
  }
}

TEST(CountedTest, HasAPlural) {
  EXPECT_EQ(Counted(0, "cell"), "0 cells");
  EXPECT_EQ(Counted(1, "cell"), "1 cell");
  EXPECT_EQ(Counted(2, "cell"), "2 cells");
}

TEST(MakeSentenceTest, BeginsWithACapitalAndEndsWithAFullStop) {
  EXPECT_EQ(MakeSentence("all is well"), "All is well.");
  EXPECT_EQ(MakeSentence("DEPLOY it"), "DEPLOY it.");
  EXPECT_EQ(MakeSentence(""), ".");
}

}  // namespace
}  // namespace sluice
