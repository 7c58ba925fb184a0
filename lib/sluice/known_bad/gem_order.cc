#include "sluice/known_bad/gem_order.h"

#include <algorithm>
#include <cstddef>

#include "absl/algorithm/container.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/version_text.h"

namespace sluice {
namespace {

using Segments = absl::InlinedVector<absl::string_view, 12>;

bool IsAlphanumeric(char c) { return IsDigit(c) || IsLetter(c); }
bool IsAlphanumericOrHyphen(char c) { return IsAlphanumeric(c) || c == '-'; }

// Whether `text` is parts between dots, none empty, of characters that are `allowed`.
bool ArePartsOf(absl::string_view text, bool (*allowed)(char)) {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    const absl::string_view part = TakeUntil(".", text);
    if (part.empty() || !absl::c_all_of(part, allowed)) return false;
  }
  return true;
}

// Whether `text` starts with a number, which letters may follow directly.
bool StartsWithNumber(absl::string_view text) {
  absl::string_view part = TakeUntil(".", text);
  return !TakeDigits(part).empty() && absl::c_all_of(part, IsLetter);
}

// Whether `text`, without white space around it, is a version.
bool IsVersion(absl::string_view text) {
  const size_t hyphen = text.find('-');
  const absl::string_view release = text.substr(0, hyphen);
  if (!StartsWithNumber(release) || !ArePartsOf(release, IsAlphanumeric)) return false;
  return hyphen == absl::string_view::npos ||
         ArePartsOf(text.substr(hyphen + 1), IsAlphanumericOrHyphen);
}

// Cuts the next segment off `text`, which is not empty; empty at a dot.
absl::string_view TakeSegment(absl::string_view& text) {
  if (IsDigit(text.front())) return TakeDigits(text);
  const char separator = text.front();
  if (!IsLetter(separator)) {
    text.remove_prefix(1);
    return separator == '-' ? "pre" : "";
  }
  const auto end = absl::c_find_if_not(text, IsLetter);
  const absl::string_view letters = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(letters.size());
  return letters;
}

// The segments of a version, without zeros right before the first one of letters.
Segments Split(absl::string_view text) {
  Segments segments;
  bool numbers_only = true;
  while (!text.empty()) {
    const absl::string_view segment = TakeSegment(text);
    if (segment.empty()) continue;
    if (numbers_only && !IsDigit(segment.front())) {
      while (!segments.empty() && IsZero(segments.back())) segments.pop_back();
      numbers_only = false;
    }
    segments.push_back(segment);
  }
  return segments;
}

int CompareSegments(absl::string_view a, absl::string_view b) {
  const bool a_is_number = IsDigit(a.front());
  const bool b_is_number = IsDigit(b.front());
  if (a_is_number != b_is_number) return a_is_number ? 1 : -1;
  return a_is_number ? CompareNumbers(a, b) : CompareText(a, b);
}

int Compare(const Segments& a, const Segments& b) {
  const size_t longest = std::max(a.size(), b.size());
  for (size_t i = 0; i < longest; ++i) {
    const int order = CompareSegments(i < a.size() ? a[i] : "0", i < b.size() ? b[i] : "0");
    if (order != 0) return order;
  }
  return 0;
}

}  // namespace

bool IsGemVersion(absl::string_view text) { return IsVersion(absl::StripAsciiWhitespace(text)); }

absl::optional<int> CompareGemVersions(absl::string_view a, absl::string_view b) {
  if (!IsGemVersion(a) || !IsGemVersion(b)) return absl::nullopt;
  return Compare(Split(absl::StripAsciiWhitespace(a)), Split(absl::StripAsciiWhitespace(b)));
}

}  // namespace sluice
