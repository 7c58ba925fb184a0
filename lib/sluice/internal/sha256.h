#ifndef SLUICE_INTERNAL_SHA256_H_
#define SLUICE_INTERNAL_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace sluice {

// SHA-256 as specified by FIPS 180-4, fed piece by piece.
//
// The result depends on the concatenation of the pieces alone, never on where they were cut.
// Messages up to 2^61 - 1 bytes are supported, which no caller can reach. Not constant time; meant
// for fingerprints, not for secrets. An object is not safe for concurrent use; distinct objects
// are.
class Sha256 {
 public:
  static constexpr size_t kDigestBytes = 32;
  using Bytes = std::array<uint8_t, kDigestBytes>;

  Sha256();

  // Appends `data` to the message. Cost: linear, no allocation.
  void Update(absl::string_view data);

  // The hash of everything appended so far. More may be appended afterwards.
  Bytes Finish() const;

  // The hash of `data`.
  static Bytes Hash(absl::string_view data);

 private:
  static constexpr size_t kBlockBytes = 64;

  void Compress(const uint8_t* block);

  std::array<uint32_t, 8> state_;
  std::array<uint8_t, kBlockBytes> pending_;  // The first total_bytes_ % 64 bytes are meaningful.
  uint64_t total_bytes_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_INTERNAL_SHA256_H_
