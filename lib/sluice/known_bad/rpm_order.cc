#include "sluice/known_bad/rpm_order.h"

#include <cstddef>

#include "absl/algorithm/container.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/version_text.h"

namespace sluice {
namespace {

struct Rpm {
  absl::string_view epoch;  // Empty is 0.
  absl::string_view version;
  absl::optional<absl::string_view> release;
};

bool IsPrintable(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code > ' ' && code != 0x7f;
}

absl::optional<Rpm> Parse(absl::string_view text) {
  if (!absl::c_all_of(text, IsPrintable)) return absl::nullopt;
  Rpm parsed;
  absl::string_view rest = text;
  const absl::string_view digits = TakeDigits(rest);
  if (!rest.empty() && rest.front() == ':') {
    parsed.epoch = digits;
    text = rest.substr(1);
  }
  const size_t hyphen = text.rfind('-');
  parsed.version = text.substr(0, hyphen);
  if (hyphen != absl::string_view::npos) parsed.release = text.substr(hyphen + 1);
  if (parsed.version.empty()) return absl::nullopt;
  return parsed;
}

// What a text has at its start, in the order of these at the same place.
enum class Next { kTilde = 0, kEnd, kCaret, kLetters, kDigits };

// What `text` has at its start, once separators are cut off.
Next SkipSeparators(absl::string_view& text) {
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() == '~') return Next::kTilde;
    if (text.front() == '^') return Next::kCaret;
    if (IsLetter(text.front())) return Next::kLetters;
    if (IsDigit(text.front())) return Next::kDigits;
  }
  return Next::kEnd;
}

absl::string_view TakeLetters(absl::string_view& text) {
  const auto end = absl::c_find_if_not(text, IsLetter);
  const absl::string_view letters = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(letters.size());
  return letters;
}

// Compares and cuts off what both texts have at their start, which is `next`.
int CompareNext(Next next, absl::string_view& a, absl::string_view& b) {
  switch (next) {
    case Next::kEnd:
      return 0;
    case Next::kTilde:
    case Next::kCaret:
      a.remove_prefix(1);
      b.remove_prefix(1);
      return 0;
    case Next::kLetters:
      return CompareText(TakeLetters(a), TakeLetters(b));
    case Next::kDigits:
      return CompareNumbers(TakeDigits(a), TakeDigits(b));
  }
  return 0;
}

int CompareParts(absl::string_view a, absl::string_view b) {
  while (true) {
    const Next from_a = SkipSeparators(a);
    const Next from_b = SkipSeparators(b);
    if (from_a != from_b) return from_a < from_b ? -1 : 1;
    const int order = CompareNext(from_a, a, b);
    if (order != 0 || from_a == Next::kEnd) return order;
  }
}

int CompareWithoutRelease(const Rpm& a, const Rpm& b) {
  const int order = CompareNumbers(a.epoch, b.epoch);
  return order != 0 ? order : CompareParts(a.version, b.version);
}

int CompareReleases(const Rpm& a, const Rpm& b) {
  if (a.release.has_value() && b.release.has_value()) return CompareParts(*a.release, *b.release);
  return static_cast<int>(a.release.has_value()) - static_cast<int>(b.release.has_value());
}

}  // namespace

bool IsRpmVersion(absl::string_view text) { return Parse(text).has_value(); }

absl::optional<int> CompareRpmVersions(absl::string_view a, absl::string_view b) {
  const absl::optional<Rpm> left = Parse(a);
  const absl::optional<Rpm> right = Parse(b);
  if (!left.has_value() || !right.has_value()) return absl::nullopt;
  const int order = CompareWithoutRelease(*left, *right);
  return order != 0 ? order : CompareReleases(*left, *right);
}

bool OnlyFirstLacksRpmRelease(absl::string_view a, absl::string_view b) {
  const absl::optional<Rpm> left = Parse(a);
  const absl::optional<Rpm> right = Parse(b);
  return left.has_value() && right.has_value() && !left->release.has_value() &&
         right->release.has_value() && CompareWithoutRelease(*left, *right) == 0;
}

}  // namespace sluice
