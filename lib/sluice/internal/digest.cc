#include "sluice/internal/digest.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"

namespace sluice {
namespace {

constexpr absl::string_view kPrefix = "sha256:";

// Beyond any value of a digit.
constexpr uint8_t kNoDigit = 0xFF;

// The value of each byte as a lower-case hexadecimal digit.
constexpr std::array<uint8_t, 256> MakeDigitValues() {
  std::array<uint8_t, 256> values{};
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = i >= '0' && i <= '9'   ? static_cast<uint8_t>(i - '0')
                : i >= 'a' && i <= 'f' ? static_cast<uint8_t>(i - 'a' + 10)
                                       : kNoDigit;
  }
  return values;
}

constexpr std::array<uint8_t, 256> kDigitValues = MakeDigitValues();

uint8_t DigitValue(char c) { return kDigitValues[static_cast<unsigned char>(c)]; }

}  // namespace

absl::optional<Digest> ParseDigest(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kPrefix)) return absl::nullopt;
  Digest digest;
  if (text.size() != 2 * digest.bytes.size()) return absl::nullopt;
  uint8_t seen = 0;  // All digits' values joined, so that there is one branch for all.
  for (size_t i = 0; i < digest.bytes.size(); ++i) {
    const uint8_t high = DigitValue(text[2 * i]);
    const uint8_t low = DigitValue(text[2 * i + 1]);
    seen = static_cast<uint8_t>(seen | high | low);
    digest.bytes[i] = static_cast<uint8_t>((high << 4) | low);
  }
  if (seen > 0xF) return absl::nullopt;
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
