#ifndef SLUICE_KNOWN_BAD_PACKAGE_URL_H_
#define SLUICE_KNOWN_BAD_PACKAGE_URL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The name of a package in its ecosystem, and optionally its version and what else tells two builds
// apart: `pkg:type/namespace/name@version?qualifiers#subpath`.
//
//   absl::StatusOr<PackageUrl> url = ParsePackageUrl("pkg:PyPI/Django_package@1.11");
//   url->name;         // "django-package"
//   url->Canonical();  // "pkg:pypi/django-package@1.11"
//
// The rules are those of ECMA-427 (Package-URL) and of the type's definition, see
// package_url_type.h. What ParsePackageUrl and MakePackageUrl give back is normalised: two URLs of
// the same thing are equal byte for byte, part by part. All parts are decoded UTF-8 without control
// characters; an empty one is absent.
struct PackageUrl {
  std::string type;        // Lower-case letters, digits, `.`, `-`.
  std::string namespace_;  // Segments joined by `/`.
  std::string name;        // Never empty once normalised.
  std::string version;
  std::vector<std::pair<std::string, std::string>> qualifiers;  // Sorted by unique key; no empty
                                                                // values.
  std::string subpath;                                          // Segments joined by `/`.

  // The one way to write this URL, which ParsePackageUrl reads back as the same URL. Only of use on
  // a normalised URL.
  std::string Canonical() const;

  // The value of the qualifier `key`, or empty if there is none.
  absl::string_view Qualifier(absl::string_view key) const;

  friend bool operator==(const PackageUrl& a, const PackageUrl& b);
  friend bool operator!=(const PackageUrl& a, const PackageUrl& b) { return !(a == b); }
  // Orders by the parts as declared.
  friend bool operator<(const PackageUrl& a, const PackageUrl& b);
};

// The URL written as `text`. Not only canonical text is read: letter case is folded and slashes
// that mean nothing are dropped where the rules say so, and `pkg:npm/@scope/name` is understood.
//
// Stricter than other readers where they guess, because a URL that is misread is one that no list
// matches: `text` is printable ASCII without spaces; `?` and `#` occur once at most as separators;
// each qualifier has a `=` and its key occurs once; a name is not empty before an `@`; escapes are
// complete and decode to UTF-8 without control characters; in parts whose case is folded, non-ASCII
// letters are refused. Errors: kInvalidArgument; kResourceExhausted beyond kMaxPackageUrlBytes.
absl::StatusOr<PackageUrl> ParsePackageUrl(absl::string_view text);

// `parts`, which are decoded but need not be normalised, as a URL. Errors as of ParsePackageUrl.
absl::StatusOr<PackageUrl> MakePackageUrl(PackageUrl parts);

// What names a package, whatever its version: parts of a normalised URL, which must outlive this.
struct PackageName {
  absl::string_view type;
  absl::string_view namespace_;
  absl::string_view name;
};

PackageName NameOf(const PackageUrl& url);

// Whether both name the same package, whatever version, qualifiers and subpath say: equal type,
// namespace and name. NuGet and CRAN keep the case of names but let no two packages differ by it
// alone, so there case does not tell names apart.
bool SamePackage(const PackageName& a, const PackageName& b);
bool SamePackage(const PackageUrl& a, const PackageUrl& b);

// The type, namespace and name that a text which ParsePackageUrl refuses most likely means, so that
// a damaged URL can still be held against a list; nothing if it shows none. The other parts of the
// answer are empty.
absl::optional<PackageUrl> GuessPackageName(absl::string_view text);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_PACKAGE_URL_H_
