#include "sluice/known_bad/checked_bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr size_t kBlock = CheckedBytes::kBlockBytes;

std::string Bytes(size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * i / 7));
  return bytes;
}

TEST(CheckedBytesTest, NoBytes) {
  const CheckedBytes none;
  absl::string_view out = "untouched";
  EXPECT_TRUE(none.Read(0, 0, &out));
  EXPECT_EQ(out, "");
  EXPECT_FALSE(none.Read(0, 1, &out));
  EXPECT_FALSE(none.Read(1, 0, &out));
  EXPECT_TRUE(none.Verify());
}

TEST(CheckedBytesTest, ReadsWithinTheBytesOnly) {
  const std::string data = Bytes(3 * kBlock + 5);
  const std::string checksums = CheckedBytes::ChecksumsOf(data);
  EXPECT_EQ(checksums.size(), 16);
  EXPECT_EQ(CheckedBytes::ChecksumsSize(data.size()), 16);
  const CheckedBytes bytes(data, checksums);
  EXPECT_EQ(bytes.size(), data.size());
  absl::string_view out;
  for (const size_t offset : {size_t{0}, size_t{1}, kBlock - 1, kBlock, 3 * kBlock, data.size()}) {
    for (const size_t count : {size_t{0}, size_t{1}, kBlock, 2 * kBlock + 2}) {
      const bool within = offset + count <= data.size();
      ASSERT_EQ(bytes.Read(offset, count, &out), within) << offset << " " << count;
      if (within) {
        EXPECT_EQ(out, absl::string_view(data).substr(offset, count));
      }
    }
  }
  EXPECT_FALSE(bytes.Read(UINT64_MAX, 2, &out));
  EXPECT_FALSE(bytes.Read(2, UINT64_MAX, &out));
  EXPECT_TRUE(bytes.Verify());
}

TEST(CheckedBytesTest, ABadBlockIsNeverReadAndTheOthersAre) {
  std::string data = Bytes(3 * kBlock + 5);
  const std::string checksums = CheckedBytes::ChecksumsOf(data);
  data[kBlock + 17] ^= 4;
  const CheckedBytes bytes(data, checksums);
  absl::string_view out;
  for (int again = 0; again < 2; ++again) {
    EXPECT_TRUE(bytes.Read(0, kBlock, &out));
    EXPECT_TRUE(bytes.Read(2 * kBlock, kBlock + 5, &out));
    EXPECT_FALSE(bytes.Read(0, kBlock + 1, &out));
    EXPECT_FALSE(bytes.Read(kBlock, 1, &out));
    EXPECT_FALSE(bytes.Read(2 * kBlock - 1, 2, &out));
    EXPECT_FALSE(bytes.Verify());
  }
}

TEST(CheckedBytesTest, EveryByteOfBytesAndChecksumsCounts) {
  const std::string data = Bytes(kBlock + 9);
  const std::string checksums = CheckedBytes::ChecksumsOf(data);
  for (size_t at = 0; at < data.size(); at += 13) {
    std::string changed = data;
    changed[at] ^= 1;
    EXPECT_FALSE(CheckedBytes(changed, checksums).Verify()) << at;
  }
  for (size_t at = 0; at < checksums.size(); ++at) {
    std::string changed = checksums;
    changed[at] ^= 1;
    EXPECT_FALSE(CheckedBytes(data, changed).Verify()) << at;
  }
}

TEST(CheckedBytesTest, WrittenBytesAreNotChecked) {
  const std::string data = Bytes(100);
  const CheckedBytes bytes{absl::string_view(data)};
  absl::string_view out;
  EXPECT_TRUE(bytes.Read(10, 90, &out));
  EXPECT_EQ(out, data.substr(10));
  EXPECT_FALSE(bytes.Read(10, 91, &out));
  EXPECT_TRUE(bytes.Verify());
}

TEST(CheckedBytesTest, ThreadsComeToTheSameBlocksAtOnce) {
  std::string data = Bytes(200 * kBlock);
  const std::string checksums = CheckedBytes::ChecksumsOf(data);
  data[77 * kBlock] ^= 1;
  const CheckedBytes bytes(data, checksums);
  std::vector<int> unreadable(4, 0);
  std::vector<std::thread> threads;
  for (int& count : unreadable) {
    threads.emplace_back([&bytes, &count] {
      for (uint64_t block = 0; block < 200; ++block) {
        absl::string_view out;
        if (!bytes.Read(block * kBlock, kBlock, &out)) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(unreadable, std::vector<int>({1, 1, 1, 1}));
}

}  // namespace
}  // namespace sluice
