#include "sluice/internal/digest.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"

namespace sluice {
namespace {

constexpr absl::string_view kPrefix = "sha256:";

// The value of a lower-case hexadecimal digit, or -1.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

absl::optional<Digest> ParseDigest(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kPrefix)) return absl::nullopt;
  Digest digest;
  if (text.size() != 2 * digest.bytes.size()) return absl::nullopt;
  for (size_t i = 0; i < digest.bytes.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return absl::nullopt;
    digest.bytes[i] = static_cast<uint8_t>(high * 16 + low);
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
