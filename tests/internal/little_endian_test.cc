#include "sluice/internal/little_endian.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace sluice {
namespace {

TEST(LittleEndianTest, LeastSignificantByteFirst) {
  std::string bytes;
  AppendLittleEndian(uint32_t{0x01020384}, bytes);
  EXPECT_EQ(bytes, "\x84\x03\x02\x01");
  AppendLittleEndian(uint64_t{0xF1F2F3F4F5F6F7F8}, bytes);
  EXPECT_EQ(bytes.substr(4), "\xF8\xF7\xF6\xF5\xF4\xF3\xF2\xF1");
}

TEST(LittleEndianTest, LoadsWhatWasAppendedAtAnyPlace) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{0x80},
                               uint64_t{0xFFFFFFFFFFFFFFFF}, uint64_t{0x0123456789ABCDEF}}) {
    for (size_t before = 0; before < 9; ++before) {
      std::string bytes(before, 'x');
      AppendLittleEndian(value, bytes);
      AppendLittleEndian(static_cast<uint32_t>(value), bytes);
      EXPECT_EQ(LoadLittleEndian<uint64_t>(bytes.data() + before), value);
      EXPECT_EQ(LoadLittleEndian<uint32_t>(bytes.data() + before + 8),
                static_cast<uint32_t>(value));
    }
  }
}

}  // namespace
}  // namespace sluice
