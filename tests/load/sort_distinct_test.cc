#include "sluice/load/sort_distinct.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SortDistinctTest, WholeElements) {
  std::vector<int> list = {3, 1, 3, 2, 1};
  SortDistinct(list);
  EXPECT_THAT(list, ElementsAre(1, 2, 3));
  list.clear();
  SortDistinct(list);
  EXPECT_THAT(list, IsEmpty());
}

TEST(SortDistinctTest, Keys) {
  std::vector<std::pair<int, std::string>> list = {{2, "a"}, {1, "b"}, {2, "a"}};
  SortDistinct(list, [](const auto& element) { return element.first; });
  EXPECT_THAT(list, ElementsAre(std::make_pair(1, "b"), std::make_pair(2, "a")));
}

}  // namespace
}  // namespace sluice
