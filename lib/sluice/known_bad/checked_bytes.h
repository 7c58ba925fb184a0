#ifndef SLUICE_KNOWN_BAD_CHECKED_BYTES_H_
#define SLUICE_KNOWN_BAD_CHECKED_BYTES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice {

// Bytes whose blocks are held against their checksums when they are first read.
//
// Reading is safe from several threads: whoever comes first to a block checks it, at worst several
// at once. A block that is wrong stays unreadable; what a block was found to be does not depend on
// who asked. The bytes must outlive this and stay as they are.
class CheckedBytes {
 public:
  static constexpr size_t kBlockBytes = 4096;
  static constexpr size_t kChecksumBytes = 4;

  // No bytes.
  CheckedBytes() = default;
  // `bytes` that need no check, because this process has just written them.
  explicit CheckedBytes(absl::string_view bytes) : bytes_(bytes) {}
  // `checksums` has the CRC-32C of each block, the last of which may be shorter, least significant
  // byte first: exactly ChecksumsSize(bytes.size()) bytes.
  CheckedBytes(absl::string_view bytes, absl::string_view checksums);

  // The checksums of `bytes`, as the constructor takes them. Cost: linear.
  static std::string ChecksumsOf(absl::string_view bytes);
  static uint64_t ChecksumsSize(uint64_t size);

  uint64_t size() const { return bytes_.size(); }

  // Sets `*out` to `count` bytes from `offset`; false if they are not all there or not all right.
  bool Read(uint64_t offset, uint64_t count, absl::string_view* out) const {
    if (offset > bytes_.size() || count > bytes_.size() - offset) return false;
    if (right_ != nullptr && count > 0) {
      const uint64_t last = (offset + count - 1) / kBlockBytes;
      for (uint64_t block = offset / kBlockBytes; block <= last; ++block) {
        if (!IsRight(block)) return false;
      }
    }
    *out = bytes_.substr(offset, count);
    return true;
  }

  // Asks the processor to fetch the byte at `offset`, if there is one.
  void Prefetch(uint64_t offset) const {
    if (offset < bytes_.size()) __builtin_prefetch(bytes_.data() + offset);
  }

  // Whether every block is right, those already read included. Cost: linear.
  bool Verify() const;

 private:
  // One bit for each block: found right.
  using Word = std::atomic<uint64_t>;

  static constexpr uint64_t kBlocksPerWord = 64;

  bool IsRight(uint64_t block) const {
    const uint64_t bit = uint64_t{1} << (block % kBlocksPerWord);
    // The bytes were there before any thread could ask, so the bit orders nothing.
    const Word& word = right_[block / kBlocksPerWord];
    return (word.load(std::memory_order_relaxed) & bit) != 0 || CheckFirst(block);
  }
  bool CheckFirst(uint64_t block) const;
  bool CheckBlock(uint64_t block) const;

  absl::string_view bytes_;
  absl::string_view checksums_;
  std::unique_ptr<Word[]> right_;  // Null: nothing is checked.
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_CHECKED_BYTES_H_
