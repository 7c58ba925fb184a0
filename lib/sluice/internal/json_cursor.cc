#include "sluice/internal/json_cursor.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The number of digits that `text` starts with.
size_t CountDigits(absl::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

// The length of the number that `text` starts with; 0: none.
size_t NumberLength(absl::string_view text) {
  size_t at = absl::StartsWith(text, "-") ? 1 : 0;
  const size_t whole = CountDigits(text.substr(at));
  if (whole == 0) return 0;
  at += text[at] == '0' ? 1 : whole;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = CountDigits(text.substr(at + 1));
    if (fraction == 0) return 0;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t digits_at = at + 1;
    if (digits_at < text.size() && (text[digits_at] == '+' || text[digits_at] == '-')) ++digits_at;
    const size_t exponent = CountDigits(text.substr(digits_at));
    if (exponent == 0) return 0;
    at = digits_at + exponent;
  }
  return at;
}

constexpr bool IsHighSurrogate(unsigned unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool IsLowSurrogate(unsigned unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

}  // namespace

char JsonCursor::Peek() {
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c;
    ++position_;
  }
  return '\0';
}

bool JsonCursor::AtEnd() {
  Peek();
  return position_ == text_.size();
}

bool JsonCursor::TakeMark(char mark) {
  if (Peek() != mark) return false;
  ++position_;
  return true;
}

bool JsonCursor::TakeWord(absl::string_view word) {
  Peek();
  const absl::string_view rest = text_.substr(position_);
  if (!absl::StartsWith(rest, word)) return false;
  if (rest.size() > word.size() &&
      absl::ascii_isalnum(static_cast<unsigned char>(rest[word.size()])))
    return false;
  position_ += word.size();
  return true;
}

bool JsonCursor::TakeNumber(absl::string_view* token) {
  Peek();
  const size_t length = NumberLength(text_.substr(position_));
  if (length == 0) return false;
  *token = text_.substr(position_, length);
  position_ += length;
  return true;
}

bool JsonCursor::TakeString(std::string* value) {
  value->clear();
  if (!TakeMark('"')) return false;
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c == '"') {
      ++position_;
      return true;
    }
    if (c == '\\') {
      if (!TakeEscape(value)) return false;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return false;
    } else {
      value->push_back(c);
      ++position_;
    }
  }
  return false;
}

bool JsonCursor::TakeEscape(std::string* value) {
  const size_t start = position_;
  const char kind = start + 1 < text_.size() ? text_[start + 1] : '\0';
  if (kind == 'u') {
    position_ += 2;
    unsigned unit = 0;
    bool good = TakeHex4(&unit) && !IsLowSurrogate(unit);
    if (good && IsHighSurrogate(unit)) {
      unsigned low = 0;
      good = absl::StartsWith(text_.substr(position_), "\\u");
      if (good) position_ += 2;
      good = good && TakeHex4(&low) && IsLowSurrogate(low);
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    if (good) {
      AppendUtf8(unit, *value);
    } else {
      position_ = start;
    }
    return good;
  }
  constexpr absl::string_view kKinds = "\"\\/bfnrt";
  constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const size_t at = kKinds.find(kind);
  if (at == absl::string_view::npos) return false;
  value->push_back(kMeanings[at]);
  position_ += 2;
  return true;
}

bool JsonCursor::TakeHex4(unsigned* value) {
  if (text_.size() - position_ < 4) return false;
  *value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[position_++];
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
    const unsigned digit = IsDigit(c) ? static_cast<unsigned>(c - '0')
                                      : static_cast<unsigned>(absl::ascii_tolower(c) - 'a' + 10);
    *value = *value * 16 + digit;
  }
  return true;
}

bool IsJsonNumber(absl::string_view text) {
  return !text.empty() && NumberLength(text) == text.size();
}

std::string LineAndColumn(absl::string_view text, size_t offset) {
  const absl::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t last = before.rfind('\n');
  const size_t column = before.size() - (last == absl::string_view::npos ? 0 : last + 1) + 1;
  return absl::StrCat(line, ":", column);
}

}  // namespace sluice
