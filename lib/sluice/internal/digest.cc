#include "sluice/internal/digest.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "sluice/internal/little_endian.h"

namespace sluice {
namespace {

constexpr absl::string_view kPrefix = "sha256:";

// One in each byte of a word.
constexpr uint64_t kOnes = 0x0101010101010101;

// Sets `*bytes` to what eight lower-case hexadecimal digits stand for, all at once, each in one
// byte of a word: lists have many digests. False if they are not such digits.
bool ReadEightDigits(const char* digits, uint32_t* bytes) {
  const uint64_t written = LoadLittleEndian<uint64_t>(digits);
  const uint64_t is_letter = (written >> 6) & kOnes;
  const uint64_t values = (written & (0xF * kOnes)) + 9 * is_letter;
  const uint64_t above_nine = ((values + 6 * kOnes) >> 4) & kOnes;
  const uint64_t above_fifteen = values & (0xF0 * kOnes);
  const uint64_t expected = values + '0' * kOnes + ('a' - 10 - '0') * is_letter;
  if (written != expected || above_nine != is_letter || above_fifteen != 0) return false;
  // Two digits to a byte, then the bytes together.
  uint64_t joined = ((values << 4) | (values >> 8)) & 0x00FF00FF00FF00FF;
  joined = (joined | (joined >> 8)) & 0x0000FFFF0000FFFF;
  *bytes = static_cast<uint32_t>(joined | (joined >> 16));
  return true;
}

}  // namespace

absl::optional<Digest> ParseDigest(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kPrefix)) return absl::nullopt;
  Digest digest;
  if (text.size() != 2 * digest.bytes.size()) return absl::nullopt;
  for (size_t i = 0; i < digest.bytes.size(); i += sizeof(uint32_t)) {
    uint32_t bytes;
    if (!ReadEightDigits(text.data() + 2 * i, &bytes)) return absl::nullopt;
    bytes = ToLittleEndian(bytes);
    std::memcpy(digest.bytes.data() + i, &bytes, sizeof(bytes));
  }
  return digest;
}

std::string FormatDigest(const Digest& digest) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text(kPrefix);
  text.reserve(kPrefix.size() + 2 * digest.bytes.size());
  for (const uint8_t byte : digest.bytes) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 0xf]);
  }
  return text;
}

}  // namespace sluice
