#include "tests/reference/known_bad.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/reference/validity.h"

namespace sluice {
namespace reference {
namespace {

// ---------------------------------------------------------------- Package URLs

struct PackageUrl {
  std::string type;
  std::vector<std::string> names;  // Namespace and name.
  std::string version;
  std::map<std::string, std::string> qualifiers;
  std::string subpath;
};

bool Decode(absl::string_view text, std::string* decoded) {
  decoded->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded->push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) ||
        !absl::ascii_isxdigit(text[i + 2])) {
      return false;
    }
    const std::string hex(text.substr(i + 1, 2));
    decoded->push_back(static_cast<char>(std::stoi(hex, nullptr, 16)));
    i += 2;
  }
  return true;
}

// False: unreadable.
bool Parse(absl::string_view text, PackageUrl* url) {
  if (!absl::ConsumePrefix(&text, "pkg:")) return false;
  while (absl::ConsumePrefix(&text, "/")) {
  }
  const size_t hash = text.rfind('#');
  if (hash != absl::string_view::npos) {
    if (!Decode(absl::StripPrefix(absl::StripSuffix(text.substr(hash + 1), "/"), "/"),
                &url->subpath)) {
      return false;
    }
    text = text.substr(0, hash);
  }
  const size_t question = text.rfind('?');
  if (question != absl::string_view::npos) {
    for (const absl::string_view pair : absl::StrSplit(text.substr(question + 1), '&')) {
      const std::pair<absl::string_view, absl::string_view> halves =
          absl::StrSplit(pair, absl::MaxSplits('=', 1));
      std::string value;
      if (halves.first.empty() || !Decode(halves.second, &value)) return false;
      if (!value.empty()) url->qualifiers[absl::AsciiStrToLower(halves.first)] = value;
    }
    text = text.substr(0, question);
  }
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return false;
  url->type = absl::AsciiStrToLower(text.substr(0, slash));
  for (const char c : url->type) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '+' && c != '-') return false;
  }
  if (url->type.empty()) return false;
  text = text.substr(slash + 1);
  const size_t at = text.rfind('@');
  // An `@` that begins a segment is of an npm scope.
  if (at != absl::string_view::npos && at > 0 && text[at - 1] != '/' &&
      text.substr(at).find('/') == absl::string_view::npos) {
    if (!Decode(text.substr(at + 1), &url->version)) return false;
    text = text.substr(0, at);
  }
  for (const absl::string_view segment : absl::StrSplit(text, '/', absl::SkipEmpty())) {
    std::string name;
    if (!Decode(segment, &name)) return false;
    url->names.push_back(name);
  }
  return !url->names.empty();
}

// The entry's package is the component's, whatever it does not state [K2]; versions apart.
bool SamePackage(const PackageUrl& entry, const PackageUrl& component) {
  if (entry.type != component.type || entry.names != component.names) return false;
  for (const auto& qualifier : entry.qualifiers) {
    const auto found = component.qualifiers.find(qualifier.first);
    if (found == component.qualifiers.end() || found->second != qualifier.second) return false;
  }
  return entry.subpath.empty() || entry.subpath == component.subpath;
}

// ---------------------------------------------------------------- Orders

int Sign(int number) { return number < 0 ? -1 : number > 0 ? 1 : 0; }

bool IsNumber(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// Of digits, however many.
int CompareNumbers(absl::string_view left, absl::string_view right) {
  while (left.size() > 1 && left[0] == '0') left.remove_prefix(1);
  while (right.size() > 1 && right[0] == '0') right.remove_prefix(1);
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  return Sign(left.compare(right));
}

struct Semver {
  std::vector<std::string> numbers;
  std::vector<std::string> prerelease;
};

bool ParseSemver(absl::string_view text, Semver* version) {
  const size_t plus = text.find('+');
  if (plus != absl::string_view::npos) {  // Build metadata has no place in the order.
    for (const absl::string_view part : absl::StrSplit(text.substr(plus + 1), '.')) {
      if (part.empty()) return false;
      for (const char c : part) {
        if (!absl::ascii_isalnum(c) && c != '-') return false;
      }
    }
    text = text.substr(0, plus);
  }
  const size_t dash = text.find('-');
  if (dash != absl::string_view::npos) {
    version->prerelease = absl::StrSplit(text.substr(dash + 1), '.');
    for (const std::string& part : version->prerelease) {
      if (part.empty() || (IsNumber(part) && part.size() > 1 && part[0] == '0')) return false;
      for (const char c : part) {
        if (!absl::ascii_isalnum(c) && c != '-') return false;
      }
    }
    text = text.substr(0, dash);
  }
  version->numbers = absl::StrSplit(text, '.');
  if (version->numbers.size() != 3) return false;
  for (const std::string& number : version->numbers) {
    if (!IsNumber(number) || (number.size() > 1 && number[0] == '0')) return false;
  }
  return true;
}

// Debian's order of characters: `~`, the end, letters, all others.
int DebianRank(absl::string_view text, size_t i) {
  if (i >= text.size() || absl::ascii_isdigit(text[i])) return 0;
  if (text[i] == '~') return -1;
  return absl::ascii_isalpha(text[i]) ? text[i] : text[i] + 256;
}

int CompareDebianPart(absl::string_view left, absl::string_view right) {
  size_t i = 0;
  size_t j = 0;
  while (i < left.size() || j < right.size()) {
    while ((i < left.size() && !absl::ascii_isdigit(left[i])) ||
           (j < right.size() && !absl::ascii_isdigit(right[j]))) {
      const int difference = DebianRank(left, i) - DebianRank(right, j);
      if (difference != 0) return Sign(difference);
      ++i;
      ++j;
    }
    size_t a = i;
    size_t b = j;
    while (a < left.size() && absl::ascii_isdigit(left[a])) ++a;
    while (b < right.size() && absl::ascii_isdigit(right[b])) ++b;
    const std::string x = a > i ? std::string(left.substr(i, a - i)) : "0";
    const std::string y = b > j ? std::string(right.substr(j, b - j)) : "0";
    const int difference = CompareNumbers(x, y);
    if (difference != 0) return difference;
    i = a;
    j = b;
  }
  return 0;
}

struct Debian {
  std::string epoch = "0";
  std::string upstream;
  std::string revision = "0";
};

bool ParseDebian(absl::string_view text, Debian* version) {
  const size_t colon = text.find(':');
  if (colon != absl::string_view::npos) {
    version->epoch = std::string(text.substr(0, colon));
    if (!IsNumber(version->epoch)) return false;
    text = text.substr(colon + 1);
  }
  const size_t dash = text.rfind('-');
  if (dash != absl::string_view::npos) {
    version->revision = std::string(text.substr(dash + 1));
    if (version->revision.empty()) return false;
    for (const char c : version->revision) {
      if (!absl::ascii_isalnum(c) && !absl::StrContains("+.~", std::string(1, c))) return false;
    }
    text = text.substr(0, dash);
  }
  version->upstream = std::string(text);
  if (text.empty() || !absl::ascii_isdigit(text[0])) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains(".+-~:", std::string(1, c))) return false;
  }
  return true;
}

absl::optional<int> Compare(absl::string_view type, absl::string_view left,
                            absl::string_view right) {
  if (type == "npm" || type == "cargo") return CompareSemver(left, right);
  if (type == "golang") {
    return CompareSemver(absl::StripPrefix(left, "v"), absl::StripPrefix(right, "v"));
  }
  if (type == "deb") return CompareDebian(left, right);
  return absl::nullopt;
}

// ---------------------------------------------------------------- Entries

enum class Match { kNo, kUnknown, kYes };

Match Worse(Match left, Match right) { return std::max(left, right); }

Match InRange(const std::string& type, const v1::VersionRange& range, const std::string& version) {
  absl::optional<int> from = 1;  // The version against `introduced`; `0` is before everything.
  if (range.introduced() == "0") {
    if (!Compare(type, version, version).has_value()) return Match::kUnknown;
  } else {
    from = Compare(type, version, range.introduced());
  }
  absl::optional<int> to = -1;
  switch (range.until_case()) {
    case v1::VersionRange::kFixed:
      to = Compare(type, version, range.fixed());
      break;
    case v1::VersionRange::kLimit:
      if (range.limit() != "*") to = Compare(type, version, range.limit());
      break;
    case v1::VersionRange::kLastAffected:
      to = Compare(type, version, range.last_affected());
      if (to.has_value()) to = *to <= 0 ? -1 : 1;
      break;
    default:
      break;
  }
  if (!from.has_value() || !to.has_value()) return Match::kUnknown;
  return *from >= 0 && *to < 0 ? Match::kYes : Match::kNo;
}

Match Matches(const v1::AffectedPackage& package, const PackageUrl& component) {
  PackageUrl url;
  if (!Parse(package.package_url(), &url) || !SamePackage(url, component)) return Match::kNo;
  if (component.version.empty()) return Match::kUnknown;
  Match match = Match::kNo;
  for (const std::string& version : package.versions()) {
    const absl::optional<int> order = Compare(url.type, component.version, version);
    if (version == component.version || (order.has_value() && *order == 0)) match = Match::kYes;
  }
  for (const v1::VersionRange& range : package.ranges()) {
    match = Worse(match, InRange(url.type, range, component.version));
  }
  return match;
}

Match Matches(const v1::KnownBadEntry& entry, const v1::Component& component) {
  Match match = Match::kNo;
  for (const std::string& digest : component.digests()) {
    if (Contains(entry.digests(), digest)) match = Match::kYes;
  }
  PackageUrl url;
  if (component.package_url().empty()) return match;
  if (!Parse(component.package_url(), &url)) return Worse(match, Match::kUnknown);
  for (const std::string& text : entry.package_urls()) {
    PackageUrl exact;
    if (!Parse(text, &exact) || !SamePackage(exact, url)) continue;
    if (exact.version == url.version) match = Match::kYes;
    if (url.version.empty()) match = Worse(match, Match::kUnknown);
  }
  for (const v1::AffectedPackage& package : entry.packages()) {
    match = Worse(match, Matches(package, url));
  }
  return match;
}

Match Matches(const v1::KnownBadEntry& entry, const std::string& digest,
              const v1::Artifact* artifact) {
  Match match = Contains(entry.digests(), digest) ? Match::kYes : Match::kNo;
  if (artifact == nullptr) return match;
  for (const v1::Component& component : artifact->components().components()) {
    match = Worse(match, Matches(entry, component));
  }
  return match;
}

// [K2] Nothing can be held against a component that doesn't say what it is.
bool SaysWhatItIs(const v1::Component& component) {
  PackageUrl url;
  return component.package_url().empty() ? !component.digests().empty()
                                         : Parse(component.package_url(), &url);
}

// [effective_from, withdrawn_at)
bool IsInForce(const Facts& facts, const v1::KnownBadEntry& entry) {
  if (entry.has_effective_from() && facts.now < ToTime(entry.effective_from())) return false;
  return !entry.has_withdrawn_at() || facts.now < ToTime(entry.withdrawn_at());
}

// [K1] The list itself.
Judgement JudgeList(const Facts& facts, const v1::KnownBad& blocker, const std::string& id) {
  const v1::KnownBadList* list = nullptr;
  int found = 0;
  for (const v1::KnownBadList& candidate : facts.lists) {
    if (candidate.id() != id) continue;
    list = &candidate;
    ++found;
  }
  if (list == nullptr) return Unknown(v1::LIST_ABSENT);
  if (found > 1) return Invalid(v1::DUPLICATE_ID);
  if (ListFault(*list) != v1::ALL_CLEAR) return Invalid(ListFault(*list));
  if (list->entry_count() != static_cast<uint64_t>(list->entries_size())) {
    return Invalid(v1::STATE_CUT);
  }
  if (FromTheFuture(facts, list->verified_at())) return Invalid(v1::FROM_THE_FUTURE);
  for (const v1::ListSeen& seen : facts.state.lists_seen()) {
    if (seen.list() == id && list->epoch() < seen.epoch()) return Unknown(v1::LIST_WENT_BACK);
  }
  if (list->entry_count() < blocker.min_entries()) return Unknown(v1::LIST_TOO_SHORT);
  if (IsStale(facts, list->verified_at(), blocker.max_age())) return Unknown(v1::STALE);
  return Clear();
}

}  // namespace

absl::optional<int> CompareSemver(absl::string_view left, absl::string_view right) {
  Semver a;
  Semver b;
  if (!ParseSemver(left, &a) || !ParseSemver(right, &b)) return absl::nullopt;
  for (int i = 0; i < 3; ++i) {
    const int order = CompareNumbers(a.numbers[i], b.numbers[i]);
    if (order != 0) return order;
  }
  if (a.prerelease.empty() != b.prerelease.empty()) return a.prerelease.empty() ? 1 : -1;
  for (size_t i = 0; i < std::min(a.prerelease.size(), b.prerelease.size()); ++i) {
    const std::string& x = a.prerelease[i];
    const std::string& y = b.prerelease[i];
    int order = 0;
    if (IsNumber(x) != IsNumber(y)) {
      order = IsNumber(x) ? -1 : 1;
    } else {
      order = IsNumber(x) ? CompareNumbers(x, y) : Sign(x.compare(y));
    }
    if (order != 0) return order;
  }
  return Sign(static_cast<int>(a.prerelease.size()) - static_cast<int>(b.prerelease.size()));
}

absl::optional<int> CompareDebian(absl::string_view left, absl::string_view right) {
  Debian a;
  Debian b;
  if (!ParseDebian(left, &a) || !ParseDebian(right, &b)) return absl::nullopt;
  int order = CompareNumbers(a.epoch, b.epoch);
  if (order == 0) order = CompareDebianPart(a.upstream, b.upstream);
  if (order == 0) order = CompareDebianPart(a.revision, b.revision);
  return order;
}

KnownBadAnswer JudgeKnownBad(const Facts& facts, const v1::KnownBad& blocker,
                             absl::string_view artifact) {
  KnownBadAnswer answer;
  if (ArtifactFault(facts, artifact) != v1::ALL_CLEAR) {
    answer.judgement = Invalid(ArtifactFault(facts, artifact));
    return answer;
  }
  if (IsWithdrawn(facts, artifact)) {  // [K4] A positive match everywhere, not overridable.
    answer.judgement = Blocking(v1::WITHDRAWN);
    answer.match = true;
    return answer;
  }
  answer.overridable = true;
  const v1::Artifact* record = FindArtifact(facts, artifact);
  bool unknown = false;
  bool damaged = false;
  for (const v1::KnownBadList& list : facts.lists) {
    if (!Contains(blocker.lists(), list.id())) continue;
    if (ListFault(list) != v1::ALL_CLEAR) damaged = true;
    for (const v1::Component& component : record->components().components()) {
      unknown = unknown || !SaysWhatItIs(component);
    }
    for (const v1::KnownBadEntry& entry : list.entries()) {
      if (!IsInForce(facts, entry)) continue;
      const Match match = Matches(entry, std::string(artifact), record);
      if (match == Match::kUnknown) unknown = true;
      if (match != Match::kYes) continue;
      answer.match = true;
      if (!list.overridable()) answer.overridable = false;
    }
  }
  if (answer.match) {
    answer.judgement = Blocking(v1::KNOWN_BAD_MATCH);
    if (damaged) answer.overridable = false;
    return answer;
  }
  // Of several lists the first of these reasons.
  std::vector<Judgement> lists;
  for (const std::string& id : blocker.lists()) lists.push_back(JudgeList(facts, blocker, id));
  answer.judgement = Clear();
  for (const Judgement& list : lists) {
    answer.judgement = sluice::reference::Worse(answer.judgement, list);
  }
  if (answer.judgement.verdict == v1::INVALID) return answer;
  for (const v1::Reason reason :
       {v1::LIST_ABSENT, v1::LIST_WENT_BACK, v1::LIST_TOO_SHORT, v1::STALE}) {
    for (const Judgement& list : lists) {
      if (list.reason != reason) continue;
      answer.judgement = list;
      return answer;
    }
  }
  if (blocker.components() == v1::KnownBad::REQUIRED && !record->has_components()) {
    answer.judgement = Unknown(v1::COMPONENTS_UNKNOWN);
  } else if (unknown) {
    answer.judgement = Unknown(v1::VERSION_UNKNOWN);
  }
  return answer;
}

bool IsWithdrawn(const Facts& facts, absl::string_view artifact) {
  for (const v1::Withdrawal& withdrawal : facts.state.withdrawals()) {
    if (withdrawal.artifact() == artifact) return true;
  }
  return false;
}

}  // namespace reference
}  // namespace sluice
