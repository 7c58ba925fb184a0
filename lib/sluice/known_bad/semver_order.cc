#include "sluice/known_bad/semver_order.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/version_text.h"

namespace sluice {
namespace {

struct Semver {
  absl::string_view numbers;  // Separated by dots, at least one.
  int number_count = 0;       // Of `numbers`, at most kManyNumbers.
  // Identifiers separated by dots, none of them empty; absent if empty.
  absl::string_view prerelease;
  // One more identifier of the pre-release, which the text does not separate by a dot.
  absl::string_view prerelease_number;
};

constexpr int kManyNumbers = 4;

bool IsIdentifierCharacter(char c) { return IsDigit(c) || IsLetter(c) || c == '-'; }

bool IsIdentifier(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, IsIdentifierCharacter);
}

// Whether `text` is identifiers separated by dots.
bool AreIdentifiers(absl::string_view text) {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    if (!IsIdentifier(TakeUntil(".", text))) return false;
  }
  return true;
}

// Cuts the numbers that `text` starts with off it. False if there is none.
bool TakeNumbers(absl::string_view& text, Semver& version) {
  const absl::string_view whole = text;
  if (TakeDigits(text).empty()) return false;
  version.number_count = 1;
  while (text.size() > 1 && text[0] == '.' && IsDigit(text[1])) {
    text.remove_prefix(1);
    TakeDigits(text);
    if (version.number_count < kManyNumbers) ++version.number_count;
  }
  version.numbers = whole.substr(0, whole.size() - text.size());
  return true;
}

// Reads all of `text` as what may follow the numbers in the name of a Go toolchain.
bool ReadToolchainPrerelease(absl::string_view text, Semver& version) {
  if (text.empty()) return true;
  const absl::string_view whole = text;
  if (!absl::ConsumePrefix(&text, "beta") && !absl::ConsumePrefix(&text, "rc")) return false;
  version.prerelease = whole.substr(0, whole.size() - text.size());
  version.prerelease_number = text;
  return IsNumber(text);
}

// Reads all of `text` as pre-release and build metadata, each of which may be absent.
bool ReadSuffixes(absl::string_view text, Semver& version) {
  const bool has_build = absl::StrContains(text, '+');
  version.prerelease = TakeUntil("+", text);
  if (has_build && !AreIdentifiers(text)) return false;
  if (version.prerelease.empty()) return true;
  const bool hyphen = absl::ConsumePrefix(&version.prerelease, "-");
  if (hyphen ? version.number_count < 2 : version.number_count != 3) return false;
  if (!hyphen && !IsLetter(version.prerelease.front())) return false;
  return AreIdentifiers(version.prerelease);
}

absl::optional<Semver> Parse(absl::string_view text) {
  Semver version;
  const bool toolchain = absl::ConsumePrefix(&text, "go");
  if (!toolchain) absl::ConsumePrefix(&text, "v");
  if (!TakeNumbers(text, version)) return absl::nullopt;
  const bool named_as_toolchain =
      toolchain || (version.number_count == 2 && !text.empty() && IsLetter(text.front()));
  const bool ok =
      named_as_toolchain ? ReadToolchainPrerelease(text, version) : ReadSuffixes(text, version);
  if (!ok) return absl::nullopt;
  return version;
}

int CompareDottedNumbers(absl::string_view a, absl::string_view b) {
  while (!a.empty() || !b.empty()) {
    const int order = CompareNumbers(TakeUntil(".", a), TakeUntil(".", b));
    if (order != 0) return order;
  }
  return 0;
}

// Cuts the next identifier off the pre-release; empty if there is none left.
absl::string_view TakeIdentifier(Semver& version) {
  if (!version.prerelease.empty()) return TakeUntil(".", version.prerelease);
  const absl::string_view number = version.prerelease_number;
  version.prerelease_number = {};
  return number;
}

int CompareIdentifiers(absl::string_view a, absl::string_view b) {
  const bool a_is_number = IsNumber(a);
  const bool b_is_number = IsNumber(b);
  if (a_is_number != b_is_number) return a_is_number ? -1 : 1;
  return a_is_number ? CompareNumbers(a, b) : CompareText(a, b);
}

int ComparePrereleases(Semver a, Semver b) {
  if (a.prerelease.empty() || b.prerelease.empty()) {
    return static_cast<int>(a.prerelease.empty()) - static_cast<int>(b.prerelease.empty());
  }
  while (true) {
    const absl::string_view from_a = TakeIdentifier(a);
    const absl::string_view from_b = TakeIdentifier(b);
    if (from_a.empty() || from_b.empty()) {
      return static_cast<int>(from_b.empty()) - static_cast<int>(from_a.empty());
    }
    const int order = CompareIdentifiers(from_a, from_b);
    if (order != 0) return order;
  }
}

}  // namespace

bool IsSemverVersion(absl::string_view text) { return Parse(text).has_value(); }

absl::optional<int> CompareSemverVersions(absl::string_view a, absl::string_view b) {
  const absl::optional<Semver> left = Parse(a);
  const absl::optional<Semver> right = Parse(b);
  if (!left.has_value() || !right.has_value()) return absl::nullopt;
  const int order = CompareDottedNumbers(left->numbers, right->numbers);
  return order != 0 ? order : ComparePrereleases(*left, *right);
}

}  // namespace sluice
