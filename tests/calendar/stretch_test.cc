#include "sluice/calendar/stretch.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/calendar/instant.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Pair = std::pair<int64_t, int64_t>;

std::vector<Pair> Joined(const std::vector<Pair>& pairs) {
  std::vector<Stretch> stretches;
  for (const Pair& pair : pairs) stretches.push_back({{pair.first, 0}, {pair.second, 0}});
  JoinStretches(stretches);
  std::vector<Pair> joined;
  for (const Stretch& s : stretches) joined.emplace_back(s.begin.second, s.end.second);
  return joined;
}

TEST(JoinStretches, OfNothing) { EXPECT_THAT(Joined({}), IsEmpty()); }

TEST(JoinStretches, WhatTouchesIsOne) {
  EXPECT_THAT(Joined({{1, 2}, {2, 3}, {4, 5}}), ElementsAre(Pair(1, 3), Pair(4, 5)));
}

TEST(JoinStretches, WhatOverlapsIsOne) {
  EXPECT_THAT(Joined({{1, 9}, {2, 3}, {2, 10}, {10, 11}}), ElementsAre(Pair(1, 11)));
  EXPECT_THAT(Joined({{1, 2}, {1, 2}}), ElementsAre(Pair(1, 2)));
}

TEST(JoinStretches, EmptyOnesGo) {
  EXPECT_THAT(Joined({{1, 1}, {2, 3}, {4, 3}}), ElementsAre(Pair(2, 3)));
}

}  // namespace
}  // namespace sluice
