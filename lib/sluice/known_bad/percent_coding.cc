#include "sluice/known_bad/percent_coding.h"

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {
namespace {

// The value of a hexadecimal digit, or -1.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that the escape at `text[at]` stands for, or -1 if none begins there.
int EscapeAt(absl::string_view text, size_t at) {
  if (text[at] != '%' || text.size() - at < 3) return -1;
  const int high = HexValue(text[at + 1]);
  const int low = HexValue(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool StaysAsItIs(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' ||
         c == '~' || c == ':';
}

}  // namespace

absl::optional<std::string> PercentDecode(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && EscapeAt(text, i) < 0) return absl::nullopt;
  }
  return PercentDecodeLeniently(text);
}

std::string PercentDecodeLeniently(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int escaped = EscapeAt(text, i);
    if (escaped < 0) {
      out.push_back(text[i]);
    } else {
      out.push_back(static_cast<char>(escaped));
      i += 2;
    }
  }
  return out;
}

void AppendPercentEncoded(absl::string_view text, std::string& out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (StaysAsItIs(c)) {
      out.push_back(c);
      continue;
    }
    const unsigned char byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

}  // namespace sluice
