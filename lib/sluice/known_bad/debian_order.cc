#include "sluice/known_bad/debian_order.h"

#include <cstddef>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/version_text.h"

namespace sluice {
namespace {

struct Debian {
  absl::string_view epoch;     // Empty is 0.
  absl::string_view upstream;  // Starts with a digit.
  absl::string_view revision;  // Empty is 0.
};

// Whether all of `text` is letters, digits and `others`.
bool HasOnly(absl::string_view text, absl::string_view others) {
  return absl::c_all_of(
      text, [others](char c) { return IsDigit(c) || IsLetter(c) || absl::StrContains(others, c); });
}

absl::optional<Debian> Parse(absl::string_view text) {
  Debian version;
  const bool has_epoch = absl::StrContains(text, ':');
  if (has_epoch) {
    version.epoch = TakeUntil(":", text);
    if (!IsNumber(version.epoch)) return absl::nullopt;
  }
  const size_t hyphen = text.rfind('-');
  version.upstream = text.substr(0, hyphen);
  if (hyphen != absl::string_view::npos) {
    version.revision = text.substr(hyphen + 1);
    if (version.revision.empty()) return absl::nullopt;
  }
  if (version.upstream.empty() || !IsDigit(version.upstream.front())) return absl::nullopt;
  if (!HasOnly(version.upstream, has_epoch ? ".+-~:" : ".+-~")) return absl::nullopt;
  if (!HasOnly(version.revision, "+.~")) return absl::nullopt;
  return version;
}

// Where the character that `text` starts with comes among those before a number. The number, or the
// end, is at 0.
int PlaceOfFirst(absl::string_view text) {
  constexpr int kAfterLetters = 256;
  if (text.empty() || IsDigit(text.front())) return 0;
  if (text.front() == '~') return -1;
  const int code = static_cast<unsigned char>(text.front());
  return IsLetter(text.front()) ? code : code + kAfterLetters;
}

// Compares the characters up to the next digits and cuts as many as are equal off both.
int CompareNonDigits(absl::string_view& a, absl::string_view& b) {
  while (true) {
    const int from_a = PlaceOfFirst(a);
    const int from_b = PlaceOfFirst(b);
    if (from_a != from_b) return from_a < from_b ? -1 : 1;
    if (from_a == 0) return 0;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
}

int CompareParts(absl::string_view a, absl::string_view b) {
  while (!a.empty() || !b.empty()) {
    int order = CompareNonDigits(a, b);
    if (order == 0) order = CompareNumbers(TakeDigits(a), TakeDigits(b));
    if (order != 0) return order;
  }
  return 0;
}

}  // namespace

bool IsDebianVersion(absl::string_view text) { return Parse(text).has_value(); }

absl::optional<int> CompareDebianVersions(absl::string_view a, absl::string_view b) {
  const absl::optional<Debian> left = Parse(a);
  const absl::optional<Debian> right = Parse(b);
  if (!left.has_value() || !right.has_value()) return absl::nullopt;
  int order = CompareNumbers(left->epoch, right->epoch);
  if (order == 0) order = CompareParts(left->upstream, right->upstream);
  if (order == 0) order = CompareParts(left->revision, right->revision);
  return order;
}

}  // namespace sluice
