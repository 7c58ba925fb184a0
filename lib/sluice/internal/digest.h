#ifndef SLUICE_INTERNAL_DIGEST_H_
#define SLUICE_INTERNAL_DIGEST_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// A SHA-256 digest in binary form: the identity of an artifact, a component or a policy.
//
// Ordered by its bytes, which is also the order of the text forms. The default is all zeros, a
// value that no known content has.
struct Digest {
  std::array<uint8_t, 32> bytes{};

  friend bool operator==(const Digest& a, const Digest& b) { return a.bytes == b.bytes; }
  friend bool operator!=(const Digest& a, const Digest& b) { return a.bytes != b.bytes; }
  friend bool operator<(const Digest& a, const Digest& b) { return a.bytes < b.bytes; }
  friend bool operator>(const Digest& a, const Digest& b) { return a.bytes > b.bytes; }
  friend bool operator<=(const Digest& a, const Digest& b) { return a.bytes <= b.bytes; }
  friend bool operator>=(const Digest& a, const Digest& b) { return a.bytes >= b.bytes; }

  // Hashes all bytes: digests come from outside, and a shared prefix must not make tables slow.
  template <typename H>
  friend H AbslHashValue(H h, const Digest& digest) {
    return H::combine(std::move(h), digest.bytes);
  }
};

// The digest written as `text`, or nothing unless `text` is exactly `sha256:` followed by 64
// lower-case hexadecimal digits, the form the OCI image specification (descriptor.md, "Digests")
// prescribes for SHA-256. Upper case, other algorithms, spaces and shortened forms are refused: a
// malformed digest is invalid and must not pass for one that does not match. Does not allocate.
absl::optional<Digest> ParseDigest(absl::string_view text);

// The form that ParseDigest reads, 71 bytes long.
std::string FormatDigest(const Digest& digest);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_DIGEST_H_
