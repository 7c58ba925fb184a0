#include "sluice/internal/map_entries.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

using ::sluice::internal_test::Everything;

std::vector<std::string> Keys(const Everything& message, const char* field) {
  std::vector<std::string> keys;
  for (const google::protobuf::Message* entry :
       SortedMapEntries(message, *Everything::descriptor()->FindFieldByName(field))) {
    keys.push_back(MapKeyText(*entry));
  }
  return keys;
}

TEST(MapEntries, AscendByKey) {
  Everything m;
  for (const char* key : {"b", "", "a", "\xff", "ab"}) (*m.mutable_annotations())[key] = "";
  EXPECT_EQ(Keys(m, "annotations"), (std::vector<std::string>{"", "a", "ab", "b", "\xff"}));
  for (int32_t key : {2, 10, -1, 0, std::numeric_limits<int32_t>::min()}) {
    (*m.mutable_by_number())[key];
  }
  EXPECT_EQ(Keys(m, "by_number"), (std::vector<std::string>{"-2147483648", "-1", "0", "2", "10"}));
  (*m.mutable_by_bool())[true] = "";
  (*m.mutable_by_bool())[false] = "";
  EXPECT_EQ(Keys(m, "by_bool"), (std::vector<std::string>{"false", "true"}));
  for (int64_t key : {int64_t{3}, int64_t{-3}, std::numeric_limits<int64_t>::max()}) {
    (*m.mutable_by_sint64())[key] = 1;
  }
  EXPECT_EQ(Keys(m, "by_sint64"), (std::vector<std::string>{"-3", "3", "9223372036854775807"}));
  for (uint32_t key : {4000000000u, 7u}) (*m.mutable_by_fixed32())[key];
  EXPECT_EQ(Keys(m, "by_fixed32"), (std::vector<std::string>{"7", "4000000000"}));
  for (uint64_t key : {std::numeric_limits<uint64_t>::max(), uint64_t{7}}) {
    (*m.mutable_by_uint64())[key] = "";
  }
  EXPECT_EQ(Keys(m, "by_uint64"), (std::vector<std::string>{"7", "18446744073709551615"}));
  EXPECT_TRUE(Keys(m, "periods").empty());
}

}  // namespace
}  // namespace sluice
