#include "sluice/calendar/instant.h"

#include <algorithm>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/calendar/at.h"

namespace sluice {
namespace {

TEST(Instant, SumsCarry) {
  const Instant a = {5, 999999999};
  EXPECT_EQ(a + (Length{0, 1}), (Instant{6, 0}));
  EXPECT_EQ(a + (Length{1, 0}), (Instant{6, 999999999}));
  EXPECT_EQ((Instant{6, 0}) - (Length{0, 1}), a);
  const Length back = (Instant{6, 0}) - a;
  EXPECT_EQ(back.second, 0);
  EXPECT_EQ(back.nano, 1);
  EXPECT_LT(a - (Instant{6, 0}), Length{});
}

TEST(Instant, IsOrdered) {
  EXPECT_LT((Instant{-1, 999999999}), (Instant{0, 0}));
  EXPECT_LT((Instant{0, 1}), (Instant{0, 2}));
  EXPECT_GE((Instant{0, 2}), (Instant{0, 2}));
  EXPECT_LT(kEndOfTime, kNever);
}

TEST(ToInstant, RoundsDownAndBack) {
  for (const char* text : {"0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z",
                           "2026-07-26T12:00:00.5Z", "9999-12-31T23:59:59.999999999Z"}) {
    EXPECT_EQ(ToTime(ToInstant(At(text))), At(text));
    EXPECT_EQ(ToTime(ToInstant(At(text) + absl::Nanoseconds(1) / 4)), At(text));
  }
  EXPECT_EQ(ToInstant(At("1969-12-31T23:59:59.75Z")), (Instant{-1, 750000000}));
  EXPECT_EQ(ToTime(kNever), absl::InfiniteFuture());
}

TEST(ToLength, RoundsUp) {
  EXPECT_EQ(ToLength(absl::Nanoseconds(1) / 4).nano, 1);
  EXPECT_EQ(ToLength(absl::Nanoseconds(1)).nano, 1);
  EXPECT_EQ(ToLength(absl::Nanoseconds(999999999) + absl::Nanoseconds(1) / 2).second, 1);
  EXPECT_EQ(ToLength(absl::Hours(24 * 365 * 10000)).second, int64_t{86400} * 365 * 10000);
}

TEST(IsInstant, IsYears1To9999) {
  const absl::Time first = At("0001-01-01T00:00:00Z");
  const absl::Time last = At("9999-12-31T23:59:59.999999999Z");
  EXPECT_TRUE(IsInstant(first));
  EXPECT_FALSE(IsInstant(first - absl::Nanoseconds(1)));
  EXPECT_TRUE(IsInstant(last));
  EXPECT_FALSE(IsInstant(last + absl::Nanoseconds(1)));
  EXPECT_FALSE(IsInstant(absl::InfiniteFuture()));
  EXPECT_FALSE(IsInstant(absl::InfinitePast()));
}

}  // namespace
}  // namespace sluice
