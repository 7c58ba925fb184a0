#include "sluice/known_bad/package_url.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/utf8.h"
#include "sluice/known_bad/package_url_type.h"
#include "sluice/known_bad/percent_coding.h"

namespace sluice {
namespace {

constexpr size_t kNone = absl::string_view::npos;

absl::Status Fault(absl::string_view what) { return absl::InvalidArgumentError(what); }

absl::Status TooLong() {
  return absl::ResourceExhaustedError(
      absl::StrCat("package URL: must be at most ", kMaxPackageUrlBytes, " bytes long"));
}

bool IsLowerAlpha(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }

bool IsType(absl::string_view type) {
  return !type.empty() && IsLowerAlpha(type.front()) && absl::c_all_of(type, [](char c) {
    return IsLowerAlpha(c) || IsDigit(c) || c == '.' || c == '-';
  });
}

bool IsQualifierKey(absl::string_view key) {
  return !key.empty() && IsLowerAlpha(key.front()) && absl::c_all_of(key, [](char c) {
    return IsLowerAlpha(c) || IsDigit(c) || c == '.' || c == '-' || c == '_';
  });
}

bool IsText(absl::string_view part) {
  return IsValidUtf8(part) && absl::c_none_of(part, IsControl);
}

absl::string_view StripSlashes(absl::string_view text) {
  while (absl::ConsumePrefix(&text, "/")) {
  }
  while (absl::ConsumeSuffix(&text, "/")) {
  }
  return text;
}

std::vector<absl::string_view> Segments(absl::string_view path) {
  return absl::StrSplit(path, '/', absl::SkipEmpty());
}

// Gives `part` the letter case `letters`; false if it holds letters whose folding is not defined
// here.
bool FoldCase(LetterCase letters, std::string& part) {
  if (letters == LetterCase::kKept) return true;
  if (letters == LetterCase::kLower) absl::AsciiStrToLower(&part);
  if (letters == LetterCase::kUpper) absl::AsciiStrToUpper(&part);
  return absl::c_all_of(part, [](char c) { return absl::ascii_isascii(c); });
}

// Namespace and name as `type` divides them: a name that spans segments is everything after the
// first one.
void DivideName(PackageUrl& url) {
  url.name = std::string(StripSlashes(url.name));
  url.namespace_ = absl::StrJoin(Segments(url.namespace_), "/");
  if (!NameSpansSegments(url.type) || url.name.empty()) return;
  const std::string whole = absl::StrCat(url.namespace_, "/", url.name);
  const std::vector<absl::string_view> segments = Segments(whole);
  url.namespace_ = segments.size() > 1 ? std::string(segments.front()) : "";
  url.name = absl::StrJoin(segments.begin() + (segments.size() > 1 ? 1 : 0), segments.end(), "/");
}

absl::Status NormalizeNamespace(const PackageUrlType& rules, PackageUrl& url) {
  if (!IsText(url.namespace_)) return Fault("package URL namespace: must be text in UTF-8");
  if (!FoldCase(rules.namespace_case, url.namespace_)) {
    return Fault("package URL namespace: must be ASCII in a type that folds its case");
  }
  if (rules.namespace_rule == NamespaceRule::kRequired && url.namespace_.empty()) {
    return Fault(absl::StrCat("package URL namespace: is required by type `", url.type, "`"));
  }
  if (rules.namespace_rule == NamespaceRule::kProhibited && !url.namespace_.empty()) {
    return Fault(absl::StrCat("package URL namespace: is prohibited by type `", url.type, "`"));
  }
  if (NamespaceHasTwoSegmentsAtMost(url.type) && Segments(url.namespace_).size() > 2) {
    return Fault("package URL namespace: must have at most two segments");
  }
  return absl::OkStatus();
}

absl::Status NormalizeName(const PackageUrlType& rules, PackageUrl& url) {
  if (url.name.empty()) return Fault("package URL name: is required");
  if (!IsText(url.name)) return Fault("package URL name: must be text in UTF-8");
  const LetterCase letters = RepositoryLowersNames(url.type, url.Qualifier("repository_url"))
                                 ? LetterCase::kLower
                                 : rules.name_case;
  if (!FoldCase(letters, url.name)) {
    return Fault("package URL name: must be ASCII in a type that folds its case");
  }
  if (rules.spell_name != nullptr && !rules.spell_name(url.name)) {
    return Fault(absl::StrCat("package URL name: is none of type `", url.type, "`"));
  }
  return absl::OkStatus();
}

absl::Status NormalizeVersion(const PackageUrlType& rules, PackageUrl& url) {
  if (!IsText(url.version)) return Fault("package URL version: must be text in UTF-8");
  if (!FoldCase(rules.version_case, url.version)) {
    return Fault("package URL version: must be ASCII in a type that folds its case");
  }
  if (!url.version.empty() && rules.is_version != nullptr && !rules.is_version(url.version)) {
    return Fault(absl::StrCat("package URL version: is none of type `", url.type, "`"));
  }
  return absl::OkStatus();
}

bool IsGuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

absl::Status NormalizeQualifiers(const PackageUrlType& rules, PackageUrl& url) {
  auto& qualifiers = url.qualifiers;
  for (auto& [key, value] : qualifiers) {
    if (FoldsQualifierKeys(url.type)) absl::AsciiStrToLower(&key);
    if (!IsQualifierKey(key)) {
      return Fault("package URL qualifiers: a key must be lower-case letters, digits and `.-_`");
    }
    if (!IsText(value)) return Fault("package URL qualifiers: a value must be text in UTF-8");
    // SWID: a GUID is written in lower case, any other tag is kept.
    if (url.type == "swid" && key == "tag_id" && IsGuid(value)) absl::AsciiStrToLower(&value);
  }
  qualifiers.erase(std::remove_if(qualifiers.begin(), qualifiers.end(),
                                  [](const auto& pair) { return pair.second.empty(); }),
                   qualifiers.end());
  absl::c_sort(qualifiers);
  const auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (std::adjacent_find(qualifiers.begin(), qualifiers.end(), same_key) != qualifiers.end()) {
    return Fault("package URL qualifiers: a key must occur once");
  }
  if (!rules.required_qualifier.empty() && url.Qualifier(rules.required_qualifier).empty()) {
    return Fault(absl::StrCat("package URL qualifiers: `", rules.required_qualifier,
                              "` is required by type `", url.type, "`"));
  }
  return absl::OkStatus();
}

absl::Status NormalizeSubpath(PackageUrl& url) {
  if (!IsText(url.subpath)) return Fault("package URL subpath: must be text in UTF-8");
  std::vector<absl::string_view> segments = Segments(url.subpath);
  segments.erase(std::remove_if(segments.begin(), segments.end(),
                                [](absl::string_view s) { return s == "." || s == ".."; }),
                 segments.end());
  url.subpath = absl::StrJoin(segments, "/");
  if (!FoldCase(SubpathCase(url.type), url.subpath)) {
    return Fault("package URL subpath: must be ASCII in a type that folds its case");
  }
  return absl::OkStatus();
}

// Appends `path` with its segments percent-encoded and its slashes kept.
void AppendPath(absl::string_view path, std::string& out) {
  bool first = true;
  for (const absl::string_view segment : absl::StrSplit(path, '/')) {
    if (!first) out.push_back('/');
    first = false;
    AppendPercentEncoded(segment, out);
  }
}

// Cuts what follows the only `separator` off `text` and returns it; empty if there is none.
absl::StatusOr<absl::string_view> CutAfter(char separator, absl::string_view& text) {
  const size_t at = text.find(separator);
  if (at == kNone) return absl::string_view();
  const absl::string_view tail = text.substr(at + 1);
  if (tail.find(separator) != kNone) {
    return Fault(absl::StrCat("package URL: must have one `", std::string(1, separator),
                              "` at most, others percent-encoded"));
  }
  text = text.substr(0, at);
  return tail;
}

// Cuts scheme and type off `text`, the type as written; empty if it has no such start.
absl::string_view CutType(absl::string_view& text) {
  const size_t colon = text.find(':');
  if (colon == kNone || !absl::EqualsIgnoreCase(text.substr(0, colon), "pkg")) return {};
  text.remove_prefix(colon + 1);
  while (absl::ConsumePrefix(&text, "/")) {
  }
  const size_t slash = text.find('/');
  if (slash == kNone) return {};
  const absl::string_view type = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  return type;
}

// Whether the `@` at `path[at]` is the sign of an npm scope that should have been percent-encoded.
bool IsNpmScope(absl::string_view type, absl::string_view path, size_t at) {
  return type == "npm" && path.find('/', at) != kNone && path.find_first_not_of('/') == at;
}

// Where the `@` before the version is in `path`, or npos.
size_t VersionSeparator(absl::string_view type, absl::string_view path) {
  const size_t at = path.rfind('@');
  return at == kNone || IsNpmScope(type, path, at) ? kNone : at;
}

absl::StatusOr<std::string> Decode(absl::string_view text, absl::string_view part) {
  absl::optional<std::string> decoded = PercentDecode(text);
  if (!decoded.has_value()) {
    return Fault(absl::StrCat("package URL ", part, ": has an incomplete percent escape"));
  }
  return *std::move(decoded);
}

// The decoded segments of `path`, none of which is empty or holds a slash, joined by `/`.
absl::StatusOr<std::string> DecodePath(absl::string_view path, absl::string_view part) {
  std::vector<std::string> decoded;
  for (const absl::string_view segment : Segments(path)) {
    absl::StatusOr<std::string> text = Decode(segment, part);
    if (!text.ok()) return text.status();
    if (absl::StrContains(*text, '/')) {
      return Fault(absl::StrCat("package URL ", part, ": a segment must not hold a slash"));
    }
    decoded.push_back(*std::move(text));
  }
  return absl::StrJoin(decoded, "/");
}

absl::Status ParseQualifiers(absl::string_view text, PackageUrl& url) {
  if (text.empty()) return absl::OkStatus();
  for (const absl::string_view pair : absl::StrSplit(text, '&')) {
    const size_t equals = pair.find('=');
    if (equals == kNone) return Fault("package URL qualifiers: must be `key=value` pairs");
    absl::StatusOr<std::string> value = Decode(pair.substr(equals + 1), "qualifiers");
    if (!value.ok()) return value.status();
    url.qualifiers.emplace_back(std::string(pair.substr(0, equals)), *std::move(value));
  }
  return absl::OkStatus();
}

// Reads `path`, which is everything between the type and the version.
absl::Status ParseNamespaceAndName(absl::string_view path, PackageUrl& url) {
  path = StripSlashes(path);
  const size_t slash = path.rfind('/');
  absl::StatusOr<std::string> name = Decode(path.substr(slash == kNone ? 0 : slash + 1), "name");
  if (!name.ok()) return name.status();
  absl::StatusOr<std::string> space =
      DecodePath(slash == kNone ? absl::string_view() : path.substr(0, slash), "namespace");
  if (!space.ok()) return space.status();
  url.name = *std::move(name);
  url.namespace_ = *std::move(space);
  return absl::OkStatus();
}

absl::Status ParsePath(absl::string_view path, PackageUrl& url) {
  const size_t at = VersionSeparator(url.type, path);
  if (at == kNone) return ParseNamespaceAndName(path, url);
  if (at == 0 || path[at - 1] == '/') return Fault("package URL name: is required before `@`");
  absl::StatusOr<std::string> version = Decode(path.substr(at + 1), "version");
  if (!version.ok()) return version.status();
  url.version = *std::move(version);
  return ParseNamespaceAndName(path.substr(0, at), url);
}

std::string WithoutSpacesAndControls(absl::string_view text) {
  std::string out(text);
  out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return c == ' ' || IsControl(c); }),
            out.end());
  return out;
}

}  // namespace

bool operator==(const PackageUrl& a, const PackageUrl& b) {
  return a.type == b.type && a.namespace_ == b.namespace_ && a.name == b.name &&
         a.version == b.version && a.qualifiers == b.qualifiers && a.subpath == b.subpath;
}

bool operator<(const PackageUrl& a, const PackageUrl& b) {
  return std::tie(a.type, a.namespace_, a.name, a.version, a.qualifiers, a.subpath) <
         std::tie(b.type, b.namespace_, b.name, b.version, b.qualifiers, b.subpath);
}

std::string PackageUrl::Canonical() const {
  std::string out = absl::StrCat("pkg:", type, "/");
  if (!namespace_.empty()) {
    AppendPath(namespace_, out);
    out.push_back('/');
  }
  if (NameSpansSegments(type)) {
    AppendPath(name, out);
  } else {
    AppendPercentEncoded(name, out);
  }
  if (!version.empty()) {
    out.push_back('@');
    AppendPercentEncoded(version, out);
  }
  char separator = '?';
  for (const auto& [key, value] : qualifiers) {
    out.push_back(separator);
    absl::StrAppend(&out, key, "=");
    AppendPercentEncoded(value, out);
    separator = '&';
  }
  if (!subpath.empty()) {
    out.push_back('#');
    AppendPath(subpath, out);
  }
  return out;
}

absl::string_view PackageUrl::Qualifier(absl::string_view key) const {
  for (const auto& [candidate, value] : qualifiers) {
    if (candidate == key) return value;
  }
  return {};
}

absl::StatusOr<PackageUrl> ParsePackageUrl(absl::string_view text) {
  if (text.size() > kMaxPackageUrlBytes) return TooLong();
  if (!absl::c_all_of(text, [](char c) { return c > ' ' && c <= '~'; })) {
    return Fault("package URL: must be printable ASCII without spaces");
  }
  const absl::StatusOr<absl::string_view> subpath = CutAfter('#', text);
  if (!subpath.ok()) return subpath.status();
  const absl::StatusOr<absl::string_view> qualifiers = CutAfter('?', text);
  if (!qualifiers.ok()) return qualifiers.status();
  PackageUrl url;
  url.type = absl::AsciiStrToLower(CutType(text));
  if (url.type.empty()) return Fault("package URL: must begin with `pkg:`, a type and `/`");
  absl::Status status = ParsePath(text, url);
  if (status.ok()) status = ParseQualifiers(*qualifiers, url);
  if (!status.ok()) return status;
  absl::StatusOr<std::string> decoded_subpath = DecodePath(*subpath, "subpath");
  if (!decoded_subpath.ok()) return decoded_subpath.status();
  url.subpath = *std::move(decoded_subpath);
  return MakePackageUrl(std::move(url));
}

absl::StatusOr<PackageUrl> MakePackageUrl(PackageUrl parts) {
  absl::AsciiStrToLower(&parts.type);
  if (!IsType(parts.type)) {
    return Fault("package URL type: must be a letter, then letters, digits, `.` and `-`");
  }
  const PackageUrlType& rules = RulesOfPackageUrlType(parts.type);
  DivideName(parts);
  absl::Status status = NormalizeQualifiers(rules, parts);
  if (status.ok()) status = NormalizeNamespace(rules, parts);
  if (status.ok()) status = NormalizeName(rules, parts);
  if (status.ok()) status = NormalizeVersion(rules, parts);
  if (status.ok()) status = NormalizeSubpath(parts);
  if (!status.ok()) return status;
  if (parts.Canonical().size() > kMaxPackageUrlBytes) return TooLong();
  return parts;
}

PackageName NameOf(const PackageUrl& url) { return {url.type, url.namespace_, url.name}; }

bool SamePackage(const PackageUrl& a, const PackageUrl& b) {
  return SamePackage(NameOf(a), NameOf(b));
}

bool SamePackage(const PackageName& a, const PackageName& b) {
  if (a.type != b.type || a.namespace_ != b.namespace_) return false;
  return NamesDifferingInCaseAreSame(a.type) ? absl::EqualsIgnoreCase(a.name, b.name)
                                             : a.name == b.name;
}

absl::optional<PackageUrl> GuessPackageName(absl::string_view text) {
  const std::string cleaned = WithoutSpacesAndControls(text);
  absl::string_view path = absl::string_view(cleaned).substr(0, cleaned.find_first_of("?#"));
  PackageUrl url;
  url.type = absl::AsciiStrToLower(CutType(path));
  if (!IsType(url.type)) return absl::nullopt;
  const size_t at = VersionSeparator(url.type, path);
  if (at != kNone) path = path.substr(0, at);
  path = StripSlashes(path);
  const size_t slash = path.rfind('/');
  url.name = PercentDecodeLeniently(path.substr(slash == kNone ? 0 : slash + 1));
  if (slash != kNone) url.namespace_ = PercentDecodeLeniently(path.substr(0, slash));
  DivideName(url);
  if (url.name.empty()) return absl::nullopt;
  const PackageUrlType& rules = RulesOfPackageUrlType(url.type);
  FoldCase(rules.namespace_case, url.namespace_);
  FoldCase(rules.name_case, url.name);
  if (rules.spell_name != nullptr) rules.spell_name(url.name);
  return url;
}

}  // namespace sluice
