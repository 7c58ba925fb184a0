#include "sluice/explain/wording.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

constexpr size_t kShownDigestBytes = 7 + 12;  // `sha256:` and 12 digits.

// The first character of `text`, or one byte if that is not UTF-8. `text` is not empty.
absl::string_view FirstCharacter(absl::string_view text) {
  for (size_t size = 1; size <= std::min<size_t>(4, text.size()); ++size) {
    if (IsValidUtf8(text.substr(0, size))) return text.substr(0, size);
  }
  return text.substr(0, 1);
}

// Whether a character may break the line, hide, or turn the text around. Of Unicode: C1 controls,
// line and paragraph separators, direction marks, embeddings, overrides and isolates.
bool IsUnsafe(absl::string_view character) {
  const char first = character.front();
  if (character.size() == 1) return !absl::ascii_isprint(first) || first == '`';
  if (character.size() == 2) {
    return (character >= "\xC2\x80" && character <= "\xC2\x9F") || character == "\xD8\x9C";
  }
  if (character == "\xEF\xBB\xBF") return true;
  return (character >= "\xE2\x80\x8B" && character <= "\xE2\x80\x8F") ||
         (character >= "\xE2\x80\xA8" && character <= "\xE2\x80\xAE") ||
         (character >= "\xE2\x81\xA0" && character <= "\xE2\x81\xAF");
}

std::string Printable(absl::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const absl::string_view character = FirstCharacter(text);
    if (printable.size() + character.size() > kMaxShownBytes) return printable + "...";
    absl::StrAppend(&printable, IsUnsafe(character) ? "?" : character);
    text.remove_prefix(character.size());
  }
  return printable;
}

// Without zeros at the end of its fraction.
std::string TrimZeros(absl::string_view decimal) {
  if (!absl::StrContains(decimal, '.')) return std::string(decimal);
  while (absl::ConsumeSuffix(&decimal, "0")) {
  }
  absl::ConsumeSuffix(&decimal, ".");
  return std::string(decimal);
}

}  // namespace

std::string Quote(absl::string_view text) {
  if (ParseDigest(text).has_value()) text = text.substr(0, kShownDigestBytes);
  return absl::StrCat("`", Printable(text), "`");
}

std::string ShortDigest(absl::string_view digest) {
  if (!ParseDigest(digest).has_value()) return Quote(digest);
  return std::string(digest.substr(0, kShownDigestBytes));
}

std::string QuoteList(absl::Span<const absl::string_view> names, uint64_t total) {
  const size_t shown = std::min(names.size(), kMaxShownNames);
  const uint64_t hidden = std::max<uint64_t>(total, names.size()) - shown;
  std::string list;
  for (size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == shown && hidden == 0;
    absl::StrAppend(&list, i == 0 ? "" : is_last ? " and " : ", ", Quote(names[i]));
  }
  if (hidden > 0) absl::StrAppend(&list, list.empty() ? "" : " and ", hidden, " more");
  return list;
}

std::string Instant(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d%ET%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

std::string Number(double number) {
  if (number == 0) return "0";  // Nor `-0`.
  const double size = std::fabs(number);
  const bool is_plain = size >= 1e-4 && size < 1e15;
  char buffer[64];
  const std::to_chars_result end =
      std::to_chars(buffer, buffer + sizeof(buffer), number,
                    is_plain ? std::chars_format::fixed : std::chars_format::scientific);
  return std::string(buffer, end.ptr);
}

std::string Percent(double ratio) {
  const double percent = ratio * 100;
  if (!(std::fabs(percent) < 1e15)) return absl::StrCat(Number(percent), "%");
  char buffer[64];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof(buffer), percent,
                                                 std::chars_format::fixed, /*precision=*/4);
  return absl::StrCat(TrimZeros(absl::string_view(buffer, end.ptr - buffer)), "%");
}

std::string Counted(uint64_t count, absl::string_view singular) {
  return absl::StrCat(count, " ", singular, count == 1 ? "" : "s");
}

std::string MakeSentence(std::string body) {
  if (!body.empty()) body.front() = absl::ascii_toupper(body.front());
  body.push_back('.');
  return body;
}

}  // namespace sluice
