#include "sluice/internal/crc32c.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace sluice {
namespace {

// RFC 3720, appendix B.4, and the check value of the catalogues of CRCs.
TEST(Crc32cTest, PublishedValues) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AA);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43);
  std::string ascending;
  std::string descending;
  for (int i = 0; i < 32; ++i) ascending.push_back(static_cast<char>(i));
  for (int i = 31; i >= 0; --i) descending.push_back(static_cast<char>(i));
  EXPECT_EQ(Crc32c(ascending), 0x46DD794E);
  EXPECT_EQ(Crc32c(descending), 0x113FDB5C);
  EXPECT_EQ(Crc32c(""), 0u);
}

// The definition, a bit at a time.
uint32_t BitByBit(const std::string& data) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, EveryLengthAsDefined) {
  std::string data;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Crc32c(data), BitByBit(data)) << i;
    data.push_back(static_cast<char>(i * 37 + 11));
  }
}

TEST(Crc32cTest, EveryBitCounts) {
  const std::string data(257, 'x');
  for (size_t bit = 0; bit < data.size() * 8; ++bit) {
    std::string changed = data;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(Crc32c(changed), Crc32c(data)) << bit;
  }
}

}  // namespace
}  // namespace sluice
