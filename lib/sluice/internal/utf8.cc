#include "sluice/internal/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice {
namespace {

// What a lead byte demands: the sequence's length, and the range of its second byte. All further
// bytes are 0x80..0xBF. Length zero: no sequence begins so.
struct Lead {
  int length;
  uint8_t second_low;
  uint8_t second_high;
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xc2) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte < 0xf0) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte < 0xf4) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

// The length of the well-formed sequence at the start of `text`, which is not empty; or zero.
size_t SequenceLength(absl::string_view text) {
  const Lead lead = LeadOf(static_cast<uint8_t>(text[0]));
  const size_t length = static_cast<size_t>(lead.length);
  if (length <= 1) return length;
  if (text.size() < length) return 0;
  const uint8_t second = static_cast<uint8_t>(text[1]);
  if (second < lead.second_low || second > lead.second_high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((static_cast<uint8_t>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

size_t ValidUtf8Prefix(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = SequenceLength(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

void AppendUtf8(uint32_t code_point, std::string& text) {
  const auto continuation = [](uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
  if (code_point < 0x80) {
    text.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    text.push_back(static_cast<char>(0xc0 | (code_point >> 6)));
    text.push_back(continuation(code_point));
  } else if (code_point < 0x10000) {
    text.push_back(static_cast<char>(0xe0 | (code_point >> 12)));
    text.push_back(continuation(code_point >> 6));
    text.push_back(continuation(code_point));
  } else {
    text.push_back(static_cast<char>(0xf0 | (code_point >> 18)));
    text.push_back(continuation(code_point >> 12));
    text.push_back(continuation(code_point >> 6));
    text.push_back(continuation(code_point));
  }
}

}  // namespace sluice
