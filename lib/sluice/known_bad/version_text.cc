#include "sluice/known_bad/version_text.h"

#include <algorithm>
#include <cstddef>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace sluice {
namespace {

int Sign(int value) { return (value > 0) - (value < 0); }

absl::string_view WithoutLeadingZeros(absl::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

unsigned char Lower(char c) {
  return static_cast<unsigned char>(absl::ascii_tolower(static_cast<unsigned char>(c)));
}

}  // namespace

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

bool IsNumber(absl::string_view text) { return !text.empty() && absl::c_all_of(text, IsDigit); }

bool IsZero(absl::string_view text) { return WithoutLeadingZeros(text).empty(); }

absl::string_view TakeDigits(absl::string_view& text) {
  const auto end = absl::c_find_if_not(text, IsDigit);
  const absl::string_view digits = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

absl::string_view TakeUntil(absl::string_view separators, absl::string_view& text) {
  const absl::string_view taken = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

int CompareNumbers(absl::string_view a, absl::string_view b) {
  a = WithoutLeadingZeros(a);
  b = WithoutLeadingZeros(b);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return CompareText(a, b);
}

int CompareText(absl::string_view a, absl::string_view b) { return Sign(a.compare(b)); }

int CompareTextIgnoringCase(absl::string_view a, absl::string_view b) {
  const size_t shared = std::min(a.size(), b.size());
  for (size_t i = 0; i < shared; ++i) {
    if (Lower(a[i]) != Lower(b[i])) return Lower(a[i]) < Lower(b[i]) ? -1 : 1;
  }
  if (a.size() == b.size()) return 0;
  return a.size() < b.size() ? -1 : 1;
}

}  // namespace sluice
