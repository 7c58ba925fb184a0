#include "sluice/known_bad/maven_order.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/version_text.h"

namespace sluice {
namespace {

constexpr absl::string_view kSeparators = ".-";

// In the order of items at the same place.
enum class Kind { kQualifier = 0, kList, kNumber };

// In the order of qualifiers. kNone: one that means nothing. kOther: by its text.
enum class Rank { kAlpha = 0, kBeta, kMilestone, kCandidate, kSnapshot, kNone, kSp, kOther };

// One item of a version. A list has at most one list in it, as its last item, so a version is flat:
// an item of kind kList opens the list that all later items are in.
struct Item {
  Kind kind = Kind::kNumber;
  absl::string_view text;   // Of a number or qualifier.
  Rank rank = Rank::kNone;  // Of a qualifier.
};

using Items = absl::InlinedVector<Item, 12>;

struct Spelling {
  absl::string_view word;
  Rank rank;
};

constexpr Spelling kQualifiers[] = {
    {"alpha", Rank::kAlpha},  {"beta", Rank::kBeta},    {"milestone", Rank::kMilestone},
    {"rc", Rank::kCandidate}, {"cr", Rank::kCandidate}, {"snapshot", Rank::kSnapshot},
    {"ga", Rank::kNone},      {"final", Rank::kNone},   {"release", Rank::kNone},
    {"sp", Rank::kSp},
};

// Only right before a digit.
constexpr Spelling kShortQualifiers[] = {
    {"a", Rank::kAlpha}, {"b", Rank::kBeta}, {"m", Rank::kMilestone}};

Rank RankOf(absl::string_view qualifier, bool before_digit) {
  const auto is_spelled = [qualifier](const Spelling& spelling) {
    return absl::EqualsIgnoreCase(qualifier, spelling.word);
  };
  const auto* found = absl::c_find_if(kQualifiers, is_spelled);
  if (found != std::end(kQualifiers)) return found->rank;
  const auto* short_form = absl::c_find_if(kShortQualifiers, is_spelled);
  if (before_digit && short_form != std::end(kShortQualifiers)) return short_form->rank;
  return Rank::kOther;
}

// How `item` compares to the end of a version; 0 if it means nothing, and for a list, which says
// nothing by itself.
int CompareToEnd(const Item& item) {
  switch (item.kind) {
    case Kind::kList:
      return 0;
    case Kind::kNumber:
      return IsZero(item.text) ? 0 : 1;
    case Kind::kQualifier:
      if (item.rank == Rank::kNone) return 0;
      return item.rank < Rank::kNone ? -1 : 1;
  }
  return 0;
}

// How the items from `from` on compare to the end of a version.
int CompareToEnd(const Items& items, size_t from) {
  for (; from < items.size(); ++from) {
    const int order = CompareToEnd(items[from]);
    if (order != 0) return order;
  }
  return 0;
}

int CompareItems(const Item& a, const Item& b) {
  if (a.kind != b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.kind == Kind::kList) return 0;
  if (a.kind == Kind::kNumber) return CompareNumbers(a.text, b.text);
  if (a.rank != b.rank) return a.rank < b.rank ? -1 : 1;
  return a.rank == Rank::kOther ? CompareTextIgnoringCase(a.text, b.text) : 0;
}

// Reads a version item by item.
class Reader {
 public:
  Items Read(absl::string_view text) && {
    while (!text.empty()) ReadItem(text);
    DropEnd();
    while (!items_.empty() && items_.back().kind == Kind::kList) items_.pop_back();
    return std::move(items_);
  }

 private:
  // Cuts an item with the separator after it off `text`, which is not empty.
  void ReadItem(absl::string_view& text) {
    const absl::string_view digits = TakeDigits(text);
    if (!digits.empty()) {
      Add({Kind::kNumber, digits, Rank::kNone});
      if (!text.empty() && !IsSeparator(text.front())) OpenList();
    } else if (IsSeparator(text.front())) {
      Add({Kind::kNumber, "", Rank::kNone});
    } else {
      ReadQualifier(text);
    }
    ReadSeparator(text);
  }

  void ReadQualifier(absl::string_view& text) {
    const auto end = absl::c_find_if(text, [](char c) { return IsDigit(c) || IsSeparator(c); });
    const absl::string_view qualifier = text.substr(0, static_cast<size_t>(end - text.begin()));
    text.remove_prefix(qualifier.size());
    const bool before_digit = !text.empty() && IsDigit(text.front());
    const bool before_dot_or_hyphen = !text.empty() && !before_digit;
    if (!before_dot_or_hyphen && !list_is_empty_) OpenList();
    Add({Kind::kQualifier, qualifier, RankOf(qualifier, before_digit)});
    if (before_digit) OpenList();
  }

  void ReadSeparator(absl::string_view& text) {
    if (text.empty() || !IsSeparator(text.front())) return;
    if (text.front() == '-') OpenList();
    text.remove_prefix(1);
  }

  static bool IsSeparator(char c) { return absl::StrContains(kSeparators, c); }

  void Add(const Item& item) {
    items_.push_back(item);
    list_is_empty_ = false;
  }

  // A list in which nothing is left but the one to open is the same as that one.
  void OpenList() {
    DropEnd();
    const bool nothing_left = !items_.empty() && items_.back().kind == Kind::kList;
    if (!nothing_left) items_.push_back({Kind::kList, "", Rank::kNone});
    list_is_empty_ = true;
  }

  // Drops what means nothing at the end of the innermost list.
  void DropEnd() {
    while (!items_.empty() && items_.back().kind != Kind::kList &&
           CompareToEnd(items_.back()) == 0) {
      items_.pop_back();
    }
  }

  Items items_;
  bool list_is_empty_ = true;  // The innermost list, before anything was dropped from it.
};

int Compare(const Items& a, const Items& b) {
  const size_t shared = std::min(a.size(), b.size());
  size_t at = 0;
  while (at < shared && CompareItems(a[at], b[at]) == 0) ++at;
  const int a_to_end = CompareToEnd(a, at);
  const int b_to_end = CompareToEnd(b, at);
  if (a_to_end != b_to_end) return a_to_end < b_to_end ? -1 : 1;
  return at < shared ? CompareItems(a[at], b[at]) : 0;
}

}  // namespace

bool IsMavenVersion(absl::string_view text) {
  constexpr absl::string_view kRefused = "\\/:\"<>|?*[](){},";
  return !text.empty() && !absl::EqualsIgnoreCase(text, "latest") &&
         !absl::EqualsIgnoreCase(text, "release") && absl::c_all_of(text, [kRefused](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c)) &&
                  !absl::StrContains(kRefused, c);
         });
}

absl::optional<int> CompareMavenVersions(absl::string_view a, absl::string_view b) {
  if (!IsMavenVersion(a) || !IsMavenVersion(b)) return absl::nullopt;
  return Compare(Reader().Read(a), Reader().Read(b));
}

}  // namespace sluice
