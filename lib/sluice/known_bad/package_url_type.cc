#include "sluice/known_bad/package_url_type.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace sluice {
namespace {

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Runs of `-`, `_` and `.` are one `-` (PyPA specifications, "Name normalization").
bool SpellPypiName(std::string& name) {
  std::string spelled;
  bool in_run = false;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (!separator) spelled.push_back(c);
    if (separator && !in_run) spelled.push_back('-');
    in_run = separator;
  }
  name = spelled;
  return true;
}

bool SpellPubName(std::string& name) {
  for (char& c : name) {
    if (!absl::ascii_islower(static_cast<unsigned char>(c)) && !IsDigit(c)) c = '_';
  }
  return true;
}

bool SpellHackageName(std::string& name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return true;
}

// A CPAN URL names a distribution; `::` only occurs in the names of modules.
bool SpellCpanName(std::string& name) { return !absl::StrContains(name, "::"); }

bool SpellCocoapodsName(std::string& name) {
  const auto is_refused = [](char c) {
    return c == '+' || absl::ascii_isspace(static_cast<unsigned char>(c));
  };
  return name.front() != '.' && absl::c_none_of(name, is_refused);
}

// An extension id is 16 bytes, each half byte written as a letter from `a` to `p`.
bool SpellChromeExtensionName(std::string& name) {
  return name.size() == 32 && absl::c_all_of(name, [](char c) { return c >= 'a' && c <= 'p'; });
}

// One to four numbers, separated by dots.
bool IsChromeExtensionVersion(absl::string_view version) {
  const std::vector<absl::string_view> numbers = absl::StrSplit(version, '.');
  return numbers.size() <= 4 && absl::c_all_of(numbers, [](absl::string_view number) {
           return !number.empty() && absl::c_all_of(number, IsDigit);
         });
}

constexpr NamespaceRule kOptional = NamespaceRule::kOptional;
constexpr NamespaceRule kRequired = NamespaceRule::kRequired;
constexpr NamespaceRule kProhibited = NamespaceRule::kProhibited;
constexpr LetterCase kKept = LetterCase::kKept;
constexpr LetterCase kLower = LetterCase::kLower;
constexpr LetterCase kUpper = LetterCase::kUpper;

// Sorted by type. The columns after the type: namespace, then the case of namespace, name, version.
constexpr PackageUrlType kTypes[] = {
    {"alpm", kRequired, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"apk", kRequired, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"bazel", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"bitbucket", kRequired, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"bitnami", kProhibited, kKept, kLower, kKept, nullptr, nullptr, ""},
    {"brew", kOptional, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"cargo", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"chrome-extension", kProhibited, kKept, kLower, kKept, SpellChromeExtensionName,
     IsChromeExtensionVersion, ""},
    {"cocoapods", kProhibited, kKept, kKept, kKept, SpellCocoapodsName, nullptr, ""},
    {"composer", kRequired, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"conan", kOptional, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"conda", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"cpan", kOptional, kUpper, kKept, kKept, SpellCpanName, nullptr, ""},
    {"cran", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"deb", kRequired, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"docker", kOptional, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"gem", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"generic", kOptional, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"git", kRequired, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"github", kRequired, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"golang", kOptional, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"hackage", kProhibited, kKept, kKept, kKept, SpellHackageName, nullptr, ""},
    {"hex", kOptional, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"huggingface", kOptional, kKept, kKept, kLower, nullptr, nullptr, ""},
    {"julia", kProhibited, kKept, kKept, kKept, nullptr, nullptr, "uuid"},
    {"luarocks", kOptional, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"maven", kRequired, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"mlflow", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"npm", kOptional, kLower, kLower, kKept, nullptr, nullptr, ""},
    {"nuget", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"oci", kProhibited, kKept, kLower, kLower, nullptr, nullptr, ""},
    {"opam", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"otp", kProhibited, kKept, kLower, kKept, nullptr, nullptr, ""},
    {"pub", kProhibited, kKept, kLower, kKept, SpellPubName, nullptr, ""},
    {"pypi", kProhibited, kKept, kLower, kLower, SpellPypiName, nullptr, ""},
    {"qpkg", kRequired, kLower, kKept, kKept, nullptr, nullptr, ""},
    {"rpm", kRequired, kLower, kKept, kKept, nullptr, nullptr, ""},
    {"swid", kOptional, kKept, kKept, kKept, nullptr, nullptr, "tag_id"},
    {"swift", kRequired, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"vcpkg", kProhibited, kKept, kKept, kKept, nullptr, nullptr, ""},
    {"vscode-extension", kRequired, kLower, kLower, kLower, nullptr, nullptr, ""},
    {"yocto", kOptional, kLower, kKept, kKept, nullptr, nullptr, ""},
};

constexpr PackageUrlType kUnknownType = {};

// The host of `url`, with or without a scheme.
absl::string_view HostOf(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != absl::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of(":/?#"));
}

}  // namespace

const PackageUrlType& RulesOfPackageUrlType(absl::string_view type) {
  const auto* found = std::lower_bound(
      std::begin(kTypes), std::end(kTypes), type,
      [](const PackageUrlType& rules, absl::string_view wanted) { return rules.type < wanted; });
  return found != std::end(kTypes) && found->type == type ? *found : kUnknownType;
}

bool NameSpansSegments(absl::string_view type) { return type == "git"; }

bool NamespaceHasTwoSegmentsAtMost(absl::string_view type) { return type == "swid"; }

// The definition of maven has published cases with keys in mixed case that have to be read; the
// published cases of all other types refuse them.
bool FoldsQualifierKeys(absl::string_view type) { return type == "maven"; }

LetterCase SubpathCase(absl::string_view type) {
  return type == "otp" ? LetterCase::kLower : LetterCase::kKept;
}

bool NamesDifferingInCaseAreSame(absl::string_view type) {
  return type == "nuget" || type == "cran";
}

bool RepositoryLowersNames(absl::string_view type, absl::string_view repository_url) {
  if (type != "mlflow") return false;
  const absl::string_view host = HostOf(repository_url);
  return absl::EndsWithIgnoreCase(host, ".azuredatabricks.net") ||
         absl::EndsWithIgnoreCase(host, ".databricks.com");
}

}  // namespace sluice
