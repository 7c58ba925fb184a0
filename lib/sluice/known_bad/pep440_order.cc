#include "sluice/known_bad/pep440_order.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/version_text.h"

namespace sluice {
namespace {

constexpr absl::string_view kSeparators = "-_.";

// What a version is, in order, as far as its release says no more.
enum class Phase { kDevelopment = 0, kAlpha, kBeta, kCandidate, kRelease };

struct Pep440 {
  absl::string_view epoch;
  absl::string_view release;               // Numbers separated by dots.
  Phase phase = Phase::kRelease;           // kDevelopment: of the release itself.
  absl::string_view prerelease_number;     // Empty is 0.
  absl::optional<absl::string_view> post;  // Empty is 0.
  absl::optional<absl::string_view> dev;   // Empty is 0.
  absl::string_view local;                 // Separated by kSeparators; absent if empty.
};

struct Spelling {
  absl::string_view word;
  Phase phase;
};

// Longer words before those they start with.
constexpr Spelling kPrereleases[] = {
    {"alpha", Phase::kAlpha},       {"a", Phase::kAlpha},
    {"beta", Phase::kBeta},         {"b", Phase::kBeta},
    {"rc", Phase::kCandidate},      {"c", Phase::kCandidate},
    {"preview", Phase::kCandidate}, {"pre", Phase::kCandidate},
};

constexpr absl::string_view kPosts[] = {"post", "rev", "r"};

bool IsSeparator(char c) { return absl::StrContains(kSeparators, c); }

void SkipSeparator(absl::string_view& text) {
  if (!text.empty() && IsSeparator(text.front())) text.remove_prefix(1);
}

// Cuts `word` in any letter case, with or without a separator around it, off `text`.
bool TakeWord(absl::string_view word, absl::string_view& text) {
  absl::string_view rest = text;
  SkipSeparator(rest);
  if (!absl::StartsWithIgnoreCase(rest, word)) return false;
  rest.remove_prefix(word.size());
  SkipSeparator(rest);
  text = rest;
  return true;
}

void TakeEpoch(absl::string_view& text, Pep440& version) {
  absl::string_view rest = text;
  const absl::string_view digits = TakeDigits(rest);
  if (digits.empty() || !absl::ConsumePrefix(&rest, "!")) return;
  version.epoch = digits;
  text = rest;
}

bool TakeRelease(absl::string_view& text, Pep440& version) {
  const absl::string_view whole = text;
  if (TakeDigits(text).empty()) return false;
  while (text.size() > 1 && text[0] == '.' && IsDigit(text[1])) {
    text.remove_prefix(1);
    TakeDigits(text);
  }
  version.release = whole.substr(0, whole.size() - text.size());
  return true;
}

void TakePrerelease(absl::string_view& text, Pep440& version) {
  for (const Spelling& spelling : kPrereleases) {
    if (!TakeWord(spelling.word, text)) continue;
    version.phase = spelling.phase;
    version.prerelease_number = TakeDigits(text);
    return;
  }
}

void TakePost(absl::string_view& text, Pep440& version) {
  if (text.size() > 1 && text[0] == '-' && IsDigit(text[1])) {
    text.remove_prefix(1);
    version.post = TakeDigits(text);
    return;
  }
  for (const absl::string_view word : kPosts) {
    if (!TakeWord(word, text)) continue;
    version.post = TakeDigits(text);
    return;
  }
}

void TakeDev(absl::string_view& text, Pep440& version) {
  if (!TakeWord("dev", text)) return;
  version.dev = TakeDigits(text);
  const bool of_release = version.phase == Phase::kRelease && !version.post.has_value();
  if (of_release) version.phase = Phase::kDevelopment;
}

bool IsLocalSegment(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, [](char c) { return IsDigit(c) || IsLetter(c); });
}

// Reads all of `text` as the local version, which may be absent.
bool ReadLocal(absl::string_view text, Pep440& version) {
  if (text.empty()) return true;
  if (!absl::ConsumePrefix(&text, "+")) return false;
  version.local = text;
  if (text.empty() || IsSeparator(text.back())) return false;
  while (!text.empty()) {
    if (!IsLocalSegment(TakeUntil(kSeparators, text))) return false;
  }
  return true;
}

absl::optional<Pep440> Parse(absl::string_view text) {
  Pep440 version;
  text = absl::StripAsciiWhitespace(text);
  if (absl::StartsWithIgnoreCase(text, "v")) text.remove_prefix(1);
  TakeEpoch(text, version);
  if (!TakeRelease(text, version)) return absl::nullopt;
  TakePrerelease(text, version);
  TakePost(text, version);
  TakeDev(text, version);
  if (!ReadLocal(text, version)) return absl::nullopt;
  return version;
}

int CompareReleases(absl::string_view a, absl::string_view b) {
  while (!a.empty() || !b.empty()) {
    const int order = CompareNumbers(TakeUntil(".", a), TakeUntil(".", b));
    if (order != 0) return order;
  }
  return 0;
}

int ComparePhases(Phase a, Phase b) {
  if (a == b) return 0;
  return a < b ? -1 : 1;
}

// Of numbers that may be absent. `number_to_absent`: how any number compares to none, -1 or 1.
int CompareOptional(const absl::optional<absl::string_view>& a,
                    const absl::optional<absl::string_view>& b, int number_to_absent) {
  if (a.has_value() && b.has_value()) return CompareNumbers(*a, *b);
  if (a.has_value() == b.has_value()) return 0;
  return a.has_value() ? number_to_absent : -number_to_absent;
}

int CompareLocalSegments(absl::string_view a, absl::string_view b) {
  const bool a_is_number = IsNumber(a);
  const bool b_is_number = IsNumber(b);
  if (a_is_number != b_is_number) return a_is_number ? 1 : -1;
  return a_is_number ? CompareNumbers(a, b) : CompareTextIgnoringCase(a, b);
}

int CompareLocals(absl::string_view a, absl::string_view b) {
  while (!a.empty() && !b.empty()) {
    const int order = CompareLocalSegments(TakeUntil(kSeparators, a), TakeUntil(kSeparators, b));
    if (order != 0) return order;
  }
  return static_cast<int>(b.empty()) - static_cast<int>(a.empty());
}

int Compare(const Pep440& a, const Pep440& b) {
  int order = CompareNumbers(a.epoch, b.epoch);
  if (order == 0) order = CompareReleases(a.release, b.release);
  if (order == 0) order = ComparePhases(a.phase, b.phase);
  if (order == 0) order = CompareNumbers(a.prerelease_number, b.prerelease_number);
  if (order == 0) order = CompareOptional(a.post, b.post, 1);
  if (order == 0) order = CompareOptional(a.dev, b.dev, -1);
  if (order == 0) order = CompareLocals(a.local, b.local);
  return order;
}

}  // namespace

bool IsPep440Version(absl::string_view text) { return Parse(text).has_value(); }

absl::optional<int> ComparePep440Versions(absl::string_view a, absl::string_view b) {
  const absl::optional<Pep440> left = Parse(a);
  const absl::optional<Pep440> right = Parse(b);
  if (!left.has_value() || !right.has_value()) return absl::nullopt;
  return Compare(*left, *right);
}

}  // namespace sluice
