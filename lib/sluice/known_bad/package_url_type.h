#ifndef SLUICE_KNOWN_BAD_PACKAGE_URL_TYPE_H_
#define SLUICE_KNOWN_BAD_PACKAGE_URL_TYPE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace sluice {

// Whether the URLs of a type have a namespace.
enum class NamespaceRule { kOptional = 0, kRequired, kProhibited };

// The letter case that the canonical form of a part has.
enum class LetterCase { kKept = 0, kLower, kUpper };

// What the definition of one type of package URL adds to the rules that all types share
// (https://github.com/package-url/purl-spec, types/*-definition.json).
struct PackageUrlType {
  absl::string_view type;
  NamespaceRule namespace_rule = NamespaceRule::kOptional;
  LetterCase namespace_case = LetterCase::kKept;
  LetterCase name_case = LetterCase::kKept;
  LetterCase version_case = LetterCase::kKept;
  // Rewrites a name, its case already canonical, to its canonical spelling; false if no package of
  // the type can have that name. Null: any name stays as it is.
  bool (*spell_name)(std::string& name) = nullptr;
  // Whether a version, which is not empty, can be one of the type's. Null: any can.
  bool (*is_version)(absl::string_view version) = nullptr;
  // A qualifier without which a URL of the type names no package. Empty: none.
  absl::string_view required_qualifier;
};

// The rules of `type`, which is in lower case; for a type without a known definition, rules that
// add nothing. The reference is to constant data. Cost: a binary search.
//
// Departures from the definitions: `golang` and `huggingface` may lack a namespace, because
// packages without one exist (`pkg:golang/stdlib`, `pkg:huggingface/gpt2`).
const PackageUrlType& RulesOfPackageUrlType(absl::string_view type);

// Whether a name of `type` extends over several path segments, the namespace being the first one
// alone: `pkg:git/example.org/team/repository`.
bool NameSpansSegments(absl::string_view type);

// Whether `type` has at most two namespace segments.
bool NamespaceHasTwoSegmentsAtMost(absl::string_view type);

// Whether `type` folds upper-case letters in qualifier keys. All others refuse them: a key consists
// of lower-case letters (ECMA-427, 5.6.6).
bool FoldsQualifierKeys(absl::string_view type);

// The case of a canonical subpath of `type`.
LetterCase SubpathCase(absl::string_view type);

// Whether `type` keeps the case of names although its packages can't differ by case alone, so that
// two spellings are the same package.
bool NamesDifferingInCaseAreSame(absl::string_view type);

// Whether names of `type`, in the repository at `repository_url`, are in lower case. MLflow's
// depend on the server: Databricks folds case, Azure ML does not.
bool RepositoryLowersNames(absl::string_view type, absl::string_view repository_url);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_PACKAGE_URL_TYPE_H_
