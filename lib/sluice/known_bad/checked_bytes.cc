#include "sluice/known_bad/checked_bytes.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "sluice/internal/crc32c.h"
#include "sluice/internal/little_endian.h"

namespace sluice {
namespace {

uint64_t BlocksOf(uint64_t size) {
  return size / CheckedBytes::kBlockBytes + (size % CheckedBytes::kBlockBytes != 0 ? 1 : 0);
}

}  // namespace

CheckedBytes::CheckedBytes(absl::string_view bytes, absl::string_view checksums)
    : bytes_(bytes),
      checksums_(checksums),
      // Value-initialised: no block was found right.
      right_(new Word[BlocksOf(bytes.size()) / kBlocksPerWord + 1]()) {}

std::string CheckedBytes::ChecksumsOf(absl::string_view bytes) {
  std::string checksums;
  checksums.reserve(ChecksumsSize(bytes.size()));
  for (size_t at = 0; at < bytes.size(); at += kBlockBytes) {
    AppendLittleEndian(Crc32c(bytes.substr(at, kBlockBytes)), checksums);
  }
  return checksums;
}

uint64_t CheckedBytes::ChecksumsSize(uint64_t size) { return BlocksOf(size) * kChecksumBytes; }

bool CheckedBytes::Verify() const {
  if (right_ == nullptr) return true;
  for (uint64_t block = 0; block < BlocksOf(bytes_.size()); ++block) {
    if (!CheckBlock(block)) return false;
  }
  return true;
}

bool CheckedBytes::CheckFirst(uint64_t block) const {
  if (!CheckBlock(block)) return false;
  const uint64_t bit = uint64_t{1} << (block % kBlocksPerWord);
  right_[block / kBlocksPerWord].fetch_or(bit, std::memory_order_relaxed);
  return true;
}

bool CheckedBytes::CheckBlock(uint64_t block) const {
  const absl::string_view stated = checksums_.substr(block * kChecksumBytes, kChecksumBytes);
  return Crc32c(bytes_.substr(block * kBlockBytes, kBlockBytes)) ==
         LoadLittleEndian<uint32_t>(stated.data());
}

}  // namespace sluice
