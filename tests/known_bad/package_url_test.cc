#include "sluice/known_bad/package_url.h"

#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/internal/limits.h"

namespace sluice {

std::ostream& operator<<(std::ostream& out, const PackageUrl& url) {
  out << "{" << url.type << "|" << url.namespace_ << "|" << url.name << "|" << url.version << "|";
  for (const auto& [key, value] : url.qualifiers) out << key << "=" << value << "&";
  return out << "|" << url.subpath << "}";
}

namespace {

using Qualifiers = std::vector<std::pair<std::string, std::string>>;

struct Case {
  absl::string_view text;
  absl::string_view canonical;
};

PackageUrl Parsed(absl::string_view text) {
  absl::StatusOr<PackageUrl> url = ParsePackageUrl(text);
  EXPECT_TRUE(url.ok()) << text << ": " << url.status();
  return url.ok() ? *url : PackageUrl();
}

PackageUrl Parts(std::string type, std::string space, std::string name, std::string version = "",
                 Qualifiers qualifiers = {}, std::string subpath = "") {
  return {std::move(type),    std::move(space),      std::move(name),
          std::move(version), std::move(qualifiers), std::move(subpath)};
}

TEST(PackageUrl, AllParts) {
  const PackageUrl url = Parsed("pkg:maven/org.example/io@1.3?type=jar&classifier=x#a/b");
  EXPECT_EQ(url, Parts("maven", "org.example", "io", "1.3", {{"classifier", "x"}, {"type", "jar"}},
                       "a/b"));
  EXPECT_EQ(url.Qualifier("type"), "jar");
  EXPECT_EQ(url.Qualifier("Type"), "");
  EXPECT_EQ(url.Canonical(), "pkg:maven/org.example/io@1.3?classifier=x&type=jar#a/b");
}

// What is written differently and means the same.
constexpr Case kNormalised[] = {
    {"PKG:npm/foo@1", "pkg:npm/foo@1"},
    {"pkg:NPM/foo@1", "pkg:npm/foo@1"},
    {"pkg:/npm/foo", "pkg:npm/foo"},
    {"pkg://npm/foo", "pkg:npm/foo"},
    {"pkg:///npm/foo", "pkg:npm/foo"},
    {"pkg:npm//foo", "pkg:npm/foo"},
    {"pkg:npm/foo/", "pkg:npm/foo"},
    {"pkg:npm/foo//", "pkg:npm/foo"},
    {"pkg:maven//a//b///c@1", "pkg:maven/a/b/c@1"},
    {"pkg:npm/foo@", "pkg:npm/foo"},
    {"pkg:npm/foo?", "pkg:npm/foo"},
    {"pkg:npm/foo#", "pkg:npm/foo"},
    {"pkg:npm/foo@?#", "pkg:npm/foo"},
    {"pkg:npm/foo?b=2&a=1", "pkg:npm/foo?a=1&b=2"},
    {"pkg:npm/foo?a=&b=2", "pkg:npm/foo?b=2"},
    {"pkg:npm/foo?a=&a=1", "pkg:npm/foo?a=1"},
    {"pkg:npm/foo?a=x=y", "pkg:npm/foo?a=x%3Dy"},
    {"pkg:npm/foo#/a//b/", "pkg:npm/foo#a/b"},
    {"pkg:npm/foo#./a/../b/.", "pkg:npm/foo#a/b"},
    {"pkg:npm/foo#%2E/a/%2e%2E", "pkg:npm/foo#a"},
    {"pkg:npm/foo#a?b=c", "pkg:npm/foo#a%3Fb%3Dc"},
    {"pkg:npm/%66oo@%31", "pkg:npm/foo@1"},
    {"pkg:npm/@scope/foo", "pkg:npm/%40scope/foo"},
    {"pkg:npm/@scope/foo@1", "pkg:npm/%40scope/foo@1"},
    {"pkg:npm//@scope/foo", "pkg:npm/%40scope/foo"},
    {"pkg:npm/%40scope/foo@1", "pkg:npm/%40scope/foo@1"},
    {"pkg:brew/node@20@20.1", "pkg:brew/node%4020@20.1"},
    {"pkg:opam/git@3/16.1", "pkg:opam/git@3%2F16.1"},
    {"pkg:generic/a%2Fb@1%2F2", "pkg:generic/a%2Fb@1%2F2"},
    {"pkg:generic/%2Fa%2F@1", "pkg:generic/a@1"},
    {"pkg:generic/x@1.0+b:1~2", "pkg:generic/x@1.0%2Bb:1~2"},
    {"pkg:generic/x@1%3A2", "pkg:generic/x@1:2"},
    {"pkg:generic/caf%C3%A9@1", "pkg:generic/caf%C3%A9@1"},
    {"pkg:generic/a%20b@1%20%25", "pkg:generic/a%20b@1%20%25"},
    {"pkg:Some.New-Type9/A/B@C", "pkg:some.new-type9/A/B@C"},
};

// One line of each rule that a type adds.
constexpr Case kTypes[] = {
    {"pkg:alpm/Arch/Pacman@6.0.1-1A", "pkg:alpm/arch/pacman@6.0.1-1A"},
    {"pkg:apk/Alpine/Curl@7-R0", "pkg:apk/alpine/curl@7-R0"},
    {"pkg:bazel/Curl@8.8.0.BCR.1", "pkg:bazel/Curl@8.8.0.BCR.1"},
    {"pkg:bitbucket/birKenfeld/pyGments@A", "pkg:bitbucket/birkenfeld/pygments@A"},
    {"pkg:bitnami/WordPress@6.2.0A", "pkg:bitnami/wordpress@6.2.0A"},
    {"pkg:brew/Homebrew/Core/SQLite@3A", "pkg:brew/homebrew/core/sqlite@3A"},
    {"pkg:cargo/Rand@0.7.2-A", "pkg:cargo/Rand@0.7.2-A"},
    {"pkg:chrome-extension/ABCDEFGHIJKLMNOPabcdefghijklmnop@1.2",
     "pkg:chrome-extension/abcdefghijklmnopabcdefghijklmnop@1.2"},
    {"pkg:chrome-extension/abcdefghijklmnopabcdefghijklmnop",
     "pkg:chrome-extension/abcdefghijklmnopabcdefghijklmnop"},
    {"pkg:cocoapods/GoogleUtilities@7#NSData+zlib",
     "pkg:cocoapods/GoogleUtilities@7#NSData%2Bzlib"},
    {"pkg:composer/Laravel/Framework@V5", "pkg:composer/laravel/framework@V5"},
    {"pkg:conan/Vendor/OpenSSL@3A?channel=Stable", "pkg:conan/Vendor/OpenSSL@3A?channel=Stable"},
    {"pkg:conda/Absl-Py@0A", "pkg:conda/Absl-Py@0A"},
    {"pkg:cpan/drolsky/DateTime@1.55", "pkg:cpan/DROLSKY/DateTime@1.55"},
    {"pkg:cpan/DateTime@1.55?author=drolsky", "pkg:cpan/DateTime@1.55?author=drolsky"},
    {"pkg:cran/rJava@1.0-4", "pkg:cran/rJava@1.0-4"},
    {"pkg:deb/Debian/Curl@7A?arch=I386", "pkg:deb/debian/curl@7A?arch=I386"},
    {"pkg:docker/Library/Debian@SHA256:Ab", "pkg:docker/Library/Debian@SHA256:Ab"},
    {"pkg:gem/Jruby@1A?platform=java", "pkg:gem/Jruby@1A?platform=java"},
    {"pkg:git/example.org/Team/Repo.git@A", "pkg:git/example.org/Team/Repo.git@A"},
    {"pkg:git/example.org/Team%2FRepo@A#B", "pkg:git/example.org/Team/Repo@A#B"},
    {"pkg:github/Package-URL/Purl-Spec@A#B", "pkg:github/package-url/purl-spec@A#B"},
    {"pkg:golang/GitHub.com/Gorilla/Context@vA#B", "pkg:golang/github.com/gorilla/context@vA#B"},
    {"pkg:golang/stdlib@1.21", "pkg:golang/stdlib@1.21"},
    {"pkg:hackage/AC_Half-Integer@1", "pkg:hackage/AC-Half-Integer@1"},
    {"pkg:hex/Acme/Foo@2A", "pkg:hex/acme/foo@2A"},
    {"pkg:huggingface/EleutherAI/GPT@ABCDEF", "pkg:huggingface/EleutherAI/GPT@abcdef"},
    {"pkg:huggingface/gpt2@AB", "pkg:huggingface/gpt2@ab"},
    {"pkg:julia/Dates@1A?uuid=Ade2", "pkg:julia/Dates@1A?uuid=Ade2"},
    {"pkg:luarocks/Hisham/LuaFileSystem@1A", "pkg:luarocks/hisham/luafilesystem@1A"},
    {"pkg:maven/HTTPClient/HTTPClient@0A", "pkg:maven/HTTPClient/HTTPClient@0A"},
    {"pkg:maven/a/b?repositorY_url=x&Type=Y", "pkg:maven/a/b?repository_url=x&type=Y"},
    {"pkg:mlflow/Fraud@3A", "pkg:mlflow/Fraud@3A"},
    {"pkg:mlflow/Fraud?repository_url=https://adb-5.0.azuredatabricks.net/api",
     "pkg:mlflow/fraud?repository_url=https:%2F%2Fadb-5.0.azuredatabricks.net%2Fapi"},
    {"pkg:mlflow/Fraud?repository_url=https://x.azureml.ms/databricks.com",
     "pkg:mlflow/Fraud?repository_url=https:%2F%2Fx.azureml.ms%2Fdatabricks.com"},
    {"pkg:npm/%40Angular/Animation@12A", "pkg:npm/%40angular/animation@12A"},
    {"pkg:nuget/Newtonsoft.Json@13A", "pkg:nuget/Newtonsoft.Json@13A"},
    {"pkg:oci/Debian@SHA256%3AAB?tag=V1", "pkg:oci/debian@sha256:ab?tag=V1"},
    {"pkg:opam/Conex@1A", "pkg:opam/Conex@1A"},
    {"pkg:otp/Asn1@5A#Src/asn1ct.erl", "pkg:otp/asn1@5A#src/asn1ct.erl"},
    {"pkg:pub/Http-Parser.X@1A", "pkg:pub/http_parser_x@1A"},
    {"pkg:pypi/Zope.__Interface_-.x@1.0RC1", "pkg:pypi/zope-interface-x@1.0rc1"},
    {"pkg:pypi/a@1?file_name=A-1.tar.gz", "pkg:pypi/a@1?file_name=A-1.tar.gz"},
    {"pkg:qpkg/BlackBerry/Com.qnx@7A", "pkg:qpkg/blackberry/Com.qnx@7A"},
    {"pkg:rpm/Fedora/ImageMagick@7A", "pkg:rpm/fedora/ImageMagick@7A"},
    {"pkg:swid/Acme/Example.com/Server@1A?tag_id=75B8C285-FA7B-485B-B199-4745E3004D0D",
     "pkg:swid/Acme/Example.com/Server@1A?tag_id=75b8c285-fa7b-485b-b199-4745e3004d0d"},
    {"pkg:swid/Fedora@29?tag_id=org.Fedora-29", "pkg:swid/Fedora@29?tag_id=org.Fedora-29"},
    {"pkg:swift/GitHub.com/Alamofire/Alamofire@5A", "pkg:swift/GitHub.com/Alamofire/Alamofire@5A"},
    {"pkg:vcpkg/Zlib@1A", "pkg:vcpkg/Zlib@1A"},
    {"pkg:vscode-extension/RedHat/Java@1A?platform=Linux",
     "pkg:vscode-extension/redhat/java@1a?platform=Linux"},
    {"pkg:yocto/Core/Glibc@2A", "pkg:yocto/core/Glibc@2A"},
};

void ExpectCanonical(const Case& c) {
  SCOPED_TRACE(c.text);
  const PackageUrl url = Parsed(c.text);
  EXPECT_EQ(url.Canonical(), c.canonical);
  // The canonical form is its own, and building from the parts gives the same URL.
  EXPECT_EQ(Parsed(c.canonical), url);
  const absl::StatusOr<PackageUrl> made = MakePackageUrl(url);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(*made, url);
}

TEST(PackageUrl, NormalisesSpelling) {
  for (const Case& c : kNormalised) ExpectCanonical(c);
}

TEST(PackageUrl, FollowsTheRulesOfEachType) {
  for (const Case& c : kTypes) ExpectCanonical(c);
}

TEST(PackageUrl, RefusesUrlsThatAreNone) {
  for (absl::string_view text : {
           "",
           "pkg",
           "pkg:",
           "pkg:/",
           "pkg:npm",
           "pkg:npm/",
           "pkg:npm//",
           "pkg:npm/@1.0",
           "pkg:npm//@1.0",
           "pkg:npm/?a=b",
           "pkg:npm/#a",
           "pkg:npm/%2F",
           "npm/foo",
           "foo@1.0",
           "pkg:foo@1.0",
           "http:npm/foo",
           " pkg:npm/foo",
           "pkg :npm/foo",
           "pkg%3Anpm/foo",
           "pkgs:npm/foo",
           // Types.
           "pkg:n&g?inx/nginx@0.8.9",
           "pkg:3nginx/nginx",
           "pkg:.x/nginx",
           "pkg:-x/nginx",
           "pkg:nginx:a/nginx",
           "pkg:ng%69nx/nginx",
           "pkg:c++/nginx",
           "pkg:n_x/nginx",
           // Names before a version.
           "pkg:swift/github.com/Alamofire/@5.4.3",
           "pkg:maven/@1.3.4",
           "pkg:generic/a/@b/c",
           "pkg:npm/a/@b/c",
           "pkg:npm/@b",
           "pkg:generic/@b/c",
           "pkg:generic/@b/c/",
           // Escapes, text.
           "pkg:npm/foo%",
           "pkg:npm/foo%4",
           "pkg:npm/foo%zz",
           "pkg:npm/foo@1%",
           "pkg:npm/foo?a=%",
           "pkg:npm/foo#%",
           "pkg:npm/%/foo",
           "pkg:generic/foo%FF",
           "pkg:generic/%C3/foo",
           "pkg:generic/foo@%ED%A0%80",
           "pkg:generic/foo?a=%FF",
           "pkg:generic/foo#%FF",
           "pkg:generic/foo%00",
           "pkg:generic/foo@1%0A",
           "pkg:generic/foo@1%7F",
           "pkg:generic/a%1Fb/foo",
           "pkg:generic/foo?a=%0D",
           "pkg:generic/foo#a%09",
           "pkg:npm/foo@1.0\n",
           "pkg:npm/foo@1.0 ",
           "pkg:npm/foo bar",
           "pkg:npm/foo\x7f",
           "pkg:generic/caf\xc3\xa9",
           // Separators.
           "pkg:npm/foo?a=1?b=2",
           "pkg:npm/foo#a#b",
           "pkg:generic/a%2Fb/foo",
           "pkg:npm/foo#a%2Fb",
           // Qualifiers.
           "pkg:npm/foo?a",
           "pkg:npm/foo?a=1&",
           "pkg:npm/foo?&a=1",
           "pkg:npm/foo?a=1&&b=2",
           "pkg:npm/foo?=1",
           "pkg:npm/foo?a=1&a=2",
           "pkg:npm/foo?a=1&a=1",
           "pkg:npm/foo?1a=1",
           "pkg:npm/foo?A=1",
           "pkg:gem/foo?Platform=java",
           "pkg:rpm/fedora/foo?Arch=i386",
           "pkg:npm/foo?a%62=1",
           "pkg:npm/foo?a+b=1",
           "pkg:npm/foo?A=",
           "pkg:maven/a/b?type=x&Type=y",
           "pkg:maven/a/b?type=x&TYPE=x",
       }) {
    const absl::StatusOr<PackageUrl> url = ParsePackageUrl(text);
    EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(PackageUrl, RefusesWhatATypeProhibits) {
  for (absl::string_view type :
       {"bazel", "bitnami", "cargo", "cocoapods", "conda", "cran", "gem", "hackage", "mlflow",
        "nuget", "oci", "opam", "otp", "pub", "pypi", "vcpkg"}) {
    EXPECT_TRUE(ParsePackageUrl(absl::StrCat("pkg:", type, "/name@1")).ok()) << type;
    EXPECT_FALSE(ParsePackageUrl(absl::StrCat("pkg:", type, "/space/name@1")).ok()) << type;
    EXPECT_FALSE(MakePackageUrl(Parts(std::string(type), "space", "name", "1")).ok()) << type;
  }
}

TEST(PackageUrl, RefusesWhatATypeRequiresAndLacks) {
  for (absl::string_view type : {"alpm", "apk", "bitbucket", "composer", "deb", "git", "github",
                                 "maven", "qpkg", "rpm", "swift", "vscode-extension"}) {
    EXPECT_TRUE(ParsePackageUrl(absl::StrCat("pkg:", type, "/space/name@1")).ok()) << type;
    EXPECT_FALSE(ParsePackageUrl(absl::StrCat("pkg:", type, "/name@1")).ok()) << type;
    EXPECT_FALSE(MakePackageUrl(Parts(std::string(type), "/", "name", "1")).ok()) << type;
  }
  EXPECT_FALSE(ParsePackageUrl("pkg:julia/Dates").ok());
  EXPECT_FALSE(ParsePackageUrl("pkg:julia/Dates?uuid=").ok());
  EXPECT_FALSE(ParsePackageUrl("pkg:swid/Fedora@29").ok());
  EXPECT_FALSE(ParsePackageUrl("pkg:swid/a/b/c/Fedora@29?tag_id=x").ok());
}

TEST(PackageUrl, RefusesNamesAndVersionsThatATypeCannotHave) {
  for (absl::string_view text :
       {"pkg:cpan/LWP::UserAgent@6.7.6", "pkg:cpan/GDT/URI::PackageURL", "pkg:cpan/A%3A%3AB",
        "pkg:cocoapods/.Hidden", "pkg:cocoapods/a+b", "pkg:cocoapods/a%20b",
        "pkg:chrome-extension/dogs", "pkg:chrome-extension/44444algnefjeiefhmpklpfiohadpglk",
        "pkg:chrome-extension/dlpngalgnefjeiefhmpklpfiohadpglk@1.2.3-beta",
        "pkg:chrome-extension/dlpngalgnefjeiefhmpklpfiohadpglk@1.2.3.4.5"}) {
    EXPECT_FALSE(ParsePackageUrl(text).ok()) << text;
  }
}

TEST(PackageUrl, RefusesNonAsciiWhereCaseIsFolded) {
  EXPECT_FALSE(ParsePackageUrl("pkg:npm/caf%C3%89").ok());
  EXPECT_FALSE(ParsePackageUrl("pkg:npm/%40caf%C3%89/x").ok());
  EXPECT_FALSE(ParsePackageUrl("pkg:huggingface/a/b@%C3%89").ok());
  EXPECT_FALSE(ParsePackageUrl("pkg:otp/a#%C3%89").ok());
  EXPECT_TRUE(ParsePackageUrl("pkg:npm/x@%C3%89#%C3%89").ok());
  EXPECT_TRUE(ParsePackageUrl("pkg:cargo/caf%C3%89").ok());
}

TEST(PackageUrl, Lengths) {
  const std::string prefix = "pkg:generic/";
  const std::string longest = prefix + std::string(kMaxPackageUrlBytes - prefix.size(), 'a');
  EXPECT_TRUE(ParsePackageUrl(longest).ok());
  EXPECT_EQ(ParsePackageUrl(longest + "a").status().code(), absl::StatusCode::kResourceExhausted);
  // Every `+` takes three bytes in canonical form.
  const std::string grows = prefix + std::string((kMaxPackageUrlBytes - prefix.size()) / 3, '+');
  EXPECT_TRUE(ParsePackageUrl(grows).ok());
  EXPECT_EQ(ParsePackageUrl(grows + "+++").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(MakePackageUrl(Parts("generic", "", std::string(1 << 20, 'a'))).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(MakePackageUrl, Normalises) {
  const absl::StatusOr<PackageUrl> url = MakePackageUrl(
      Parts("GitHub", "/A//", "/B/", "1", {{"b", "2"}, {"c", ""}, {"a", "x y"}}, "/./s//t/.."));
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(*url, Parts("github", "a", "b", "1", {{"a", "x y"}, {"b", "2"}}, "s/t"));
  EXPECT_EQ(url->Canonical(), "pkg:github/a/b@1?a=x%20y&b=2#s/t");
}

TEST(MakePackageUrl, GitNamesSpanSegments) {
  const PackageUrl expected = Parts("git", "example.org", "team/repository");
  EXPECT_EQ(*MakePackageUrl(Parts("git", "example.org", "team/repository")), expected);
  EXPECT_EQ(*MakePackageUrl(Parts("git", "example.org/team", "repository")), expected);
  EXPECT_EQ(*MakePackageUrl(Parts("git", "", "example.org/team//repository")), expected);
  EXPECT_FALSE(MakePackageUrl(Parts("git", "example.org", "/")).ok());
}

TEST(MakePackageUrl, Refuses) {
  EXPECT_FALSE(MakePackageUrl(PackageUrl()).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("", "", "a")).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("1x", "", "a")).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("x y", "", "a")).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "")).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "//")).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("generic", "", "a\n")).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("generic", "\xff", "a")).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("generic", "", "a", std::string(1, '\0'))).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "a", "", {{"in production", "true"}})).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "a", "", {{"Key", "v"}})).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "a", "", {{"", "v"}})).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "a", "", {{"k", "1"}, {"k", "2"}})).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "a", "", {{"k", "\x01"}})).ok());
  EXPECT_FALSE(MakePackageUrl(Parts("npm", "", "a", "", {}, "\xff")).ok());
}

TEST(PackageUrl, SamePackage) {
  const auto same = [](absl::string_view a, absl::string_view b) {
    EXPECT_EQ(SamePackage(Parsed(a), Parsed(b)), SamePackage(Parsed(b), Parsed(a)));
    return SamePackage(Parsed(a), Parsed(b));
  };
  EXPECT_TRUE(same("pkg:deb/debian/curl@1?arch=x#a", "pkg:deb/Debian/Curl"));
  EXPECT_FALSE(same("pkg:deb/debian/curl", "pkg:deb/ubuntu/curl"));
  EXPECT_FALSE(same("pkg:deb/debian/curl", "pkg:deb/debian/curls"));
  EXPECT_FALSE(same("pkg:npm/curl", "pkg:cargo/curl"));
  EXPECT_FALSE(same("pkg:maven/a/b", "pkg:maven/a/B"));
  EXPECT_TRUE(same("pkg:nuget/Newtonsoft.Json", "pkg:nuget/newtonsoft.json"));
  EXPECT_TRUE(same("pkg:cran/rJava", "pkg:cran/RJAVA"));
  EXPECT_FALSE(same("pkg:nuget/a.b", "pkg:nuget/a-b"));
}

TEST(PackageUrl, Orders) {
  const PackageUrl a = Parsed("pkg:npm/a@1");
  EXPECT_LT(a, Parsed("pkg:npm/a@2"));
  EXPECT_LT(a, Parsed("pkg:npm/a@1?k=v"));
  EXPECT_LT(a, Parsed("pkg:npm/a@1#s"));
  EXPECT_LT(a, Parsed("pkg:pypi/a@1"));
  EXPECT_FALSE(a < a);
  EXPECT_NE(a, Parsed("pkg:npm/a@1#s"));
}

TEST(GuessPackageName, FromDamagedUrls) {
  const PackageUrl foo = Parts("npm", "", "foo");
  for (absl::string_view text :
       {"pkg:npm/foo@1.0\n", " pkg:npm/foo@1.0", "pkg:NPM/Foo@1%", "pkg:npm/foo?a",
        "pkg:npm/foo@1?a=1&a=2", "pkg:npm/foo@1?A=1", "pkg:npm/foo#a#b", "pkg:npm/foo /@1",
        "pkg:npm/foo/@1", "pkg:npm/f o o@1"}) {
    EXPECT_FALSE(ParsePackageUrl(text).ok()) << text;
    const absl::optional<PackageUrl> guess = GuessPackageName(text);
    ASSERT_TRUE(guess.has_value()) << text;
    EXPECT_EQ(*guess, foo) << text;
  }
  EXPECT_EQ(*GuessPackageName("pkg:npm/@Scope/foo@1 "), Parts("npm", "@scope", "foo"));
  EXPECT_EQ(*GuessPackageName("pkg:pypi/Foo_Bar@1 "), Parts("pypi", "", "foo-bar"));
  EXPECT_EQ(*GuessPackageName("pkg:maven/foo%zz@1"), Parts("maven", "", "foo%zz"));
  EXPECT_EQ(*GuessPackageName("pkg:julia/Dates"), Parts("julia", "", "Dates"));
  EXPECT_EQ(*GuessPackageName("pkg:git/host/a/b@1 "), Parts("git", "host", "a/b"));
}

TEST(GuessPackageName, NothingWhereThereIsNone) {
  for (absl::string_view text : {"", "foo@1.0", "pkg:", "pkg:npm", "pkg:npm/", "pkg:npm/@1",
                                 "pkg:npm/?a=b", "pkg:1x/foo", "http://npm/foo", "npm/foo"}) {
    EXPECT_EQ(GuessPackageName(text), absl::nullopt) << text;
  }
}

// Reading what is written gives the same URL, for parts of any bytes that are accepted.
TEST(PackageUrl, RandomPartsComeBack) {
  constexpr absl::string_view kTypesTried[] = {
      "npm", "git",   "pypi", "generic", "maven", "swid",  "cpan",      "pub",
      "oci", "nuget", "otp",  "x-y",     "deb",   "julia", "cocoapods", "hackage"};
  constexpr absl::string_view kPieces[] = {"a",  "B", "/",  "//", "@",        "?",  "#",  "%",
                                           "%2", ".", "..", "-",  "_",        ":",  "::", "~",
                                           "=",  "&", "+",  " ",  "\xc3\xa9", "42", "\"", "\\"};
  std::mt19937 random(20240607);
  const auto pick = [&random](uint32_t n) { return static_cast<size_t>(random() % n); };
  const auto text = [&] {
    std::string out;
    for (size_t i = pick(6); i > 0; --i) out += std::string(kPieces[pick(24)]);
    return out;
  };
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    PackageUrl parts = Parts(std::string(kTypesTried[pick(16)]), pick(2) ? text() : "", text(),
                             text(), {}, text());
    if (pick(2)) parts.qualifiers.emplace_back("uuid", text());
    if (pick(2)) parts.qualifiers.emplace_back("tag_id", text());
    const absl::StatusOr<PackageUrl> made = MakePackageUrl(parts);
    if (!made.ok()) continue;
    ++accepted;
    const absl::StatusOr<PackageUrl> read = ParsePackageUrl(made->Canonical());
    ASSERT_TRUE(read.ok()) << *made << ": " << read.status();
    ASSERT_EQ(*read, *made);
    ASSERT_EQ(*MakePackageUrl(*made), *made);
  }
  EXPECT_GT(accepted, 12'000);
}

// Any text is answered, and an accepted one has a stable canonical form.
TEST(PackageUrl, RandomTextIsAnswered) {
  constexpr absl::string_view kPieces[] = {"pkg:", "npm",  "git", "/",   "@",      "?", "#", "=",
                                           "&",    "%",    "%2F", "%41", "a",      "B", ".", ":",
                                           "1",    "\xff", "\n",  " ",   "%C3%A9", "-", "",  "x"};
  std::mt19937 random(1);
  int accepted = 0;
  for (int i = 0; i < 80'000; ++i) {
    std::string text = random() % 8 == 0 ? "" : "pkg:npm/";
    for (uint32_t n = random() % 8; n > 0; --n) text += std::string(kPieces[random() % 24]);
    const absl::StatusOr<PackageUrl> url = ParsePackageUrl(text);
    const absl::optional<PackageUrl> guess = GuessPackageName(text);
    if (!url.ok()) continue;
    ++accepted;
    ASSERT_EQ(*ParsePackageUrl(url->Canonical()), *url) << text;
    // The guess and the reading agree on the package.
    ASSERT_TRUE(guess.has_value()) << text;
    ASSERT_TRUE(SamePackage(*guess, *url)) << text << " " << *guess << " " << *url;
  }
  EXPECT_GT(accepted, 4'000);
}

}  // namespace
}  // namespace sluice
