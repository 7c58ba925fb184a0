#include "sluice/internal/source_map.h"

#include "absl/types/optional.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

// stages {            1
//   id                2
// }
// stages {            5
//   blockers: [{}, {  6
//     id              7
//   }]
//   id                9
// }
// labels { key value }  11
SourceMap Sample() {
  SourceMap map;
  map.Start();
  const SourceMap::Node first = map.Add(SourceMap::kRoot, "stages", 0, 1);
  map.Add(first, "id", -1, 2);
  const SourceMap::Node second = map.Add(SourceMap::kRoot, "stages", 1, 5);
  map.Add(second, "blockers", 0, 6);
  const SourceMap::Node blocker = map.Add(second, "blockers", 1, 6);
  map.Add(blocker, "id", -1, 7);
  map.Add(second, "id", -1, 9);
  map.Add(map.Add(SourceMap::kRoot, "labels", 0, 11), "value", -1, 12);
  return map;
}

TEST(SourceMap, NothingWasRead) { EXPECT_EQ(SourceMap().LineOf("stages"), absl::nullopt); }

TEST(SourceMap, FieldsThatStandInTheText) {
  const SourceMap map = Sample();
  EXPECT_EQ(map.LineOf("stages[0]"), 1);
  EXPECT_EQ(map.LineOf("stages[0].id"), 2);
  EXPECT_EQ(map.LineOf("stages[1]"), 5);
  EXPECT_EQ(map.LineOf("stages[1].blockers[1].id"), 7);
  EXPECT_EQ(map.LineOf("stages[1].id"), 9);
}

TEST(SourceMap, OthersAreAtTheNearestMessage) {
  const SourceMap map = Sample();
  EXPECT_EQ(map.LineOf(""), 1);
  EXPECT_EQ(map.LineOf("absent"), 1);
  EXPECT_EQ(map.LineOf("id"), 1);
  EXPECT_EQ(map.LineOf("stages[2].id"), 1);
  EXPECT_EQ(map.LineOf("stages[1].absent"), 5);
  EXPECT_EQ(map.LineOf("stages[1].blockers[1].metric_alarm.treat_missing"), 6);
  EXPECT_EQ(map.LineOf("stages[1].blockers[7].id"), 5);
  EXPECT_EQ(map.LineOf("stages[1].id.more"), 9);
  EXPECT_EQ(map.LineOf("stages[1].id[0]"), 5);
}

TEST(SourceMap, ListsWithoutAPosition) {
  const SourceMap map = Sample();
  EXPECT_EQ(map.LineOf("stages"), 1);
  EXPECT_EQ(map.LineOf("stages[1].blockers"), 6);
  EXPECT_EQ(map.LineOf("labels[\"a.b]\\\"\"].value"), 12);
}

TEST(SourceMap, PathsThatAreNone) {
  const SourceMap map = Sample();
  for (const char* path :
       {".", "..", "[", "]", "[]", "\"", "[\"", "[\"\\", "stages.[0]", "..stages", "stages[x",
        "stages[99999999999999999999]", "stages[-1].id["}) {
    EXPECT_TRUE(map.LineOf(path).has_value()) << path;
  }
}

TEST(SourceMap, TheFirstOfTwoStays) {
  SourceMap map = Sample();
  map.Add(SourceMap::kRoot, "stages", 0, 99);
  EXPECT_EQ(map.LineOf("stages[0]"), 1);
}

TEST(SourceMap, StartForgets) {
  SourceMap map = Sample();
  const SourceMap copy = map;
  map.Start();
  EXPECT_EQ(map.LineOf("stages[1].id"), 1);
  EXPECT_EQ(copy.LineOf("stages[1].id"), 9);
}

}  // namespace
}  // namespace sluice
