#include "sluice/known_bad/semver_order.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/known_bad/version_laws.h"

namespace sluice {
namespace {

constexpr OrderUnderTest kSemver = {IsSemverVersion, CompareSemverVersions};

TEST(SemverOrder, PrecedenceOfTheSpecification) {
  ExpectAscending(kSemver,
                  {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
                   "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"});
}

TEST(SemverOrder, IdentifiersAreNumbersOrBytes) {
  ExpectAscending(kSemver,
                  {"1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0--", "1.0.0-0a", "1.0.0-1-1", "1.0.0-R2",
                   "1.0.0-a", "1.0.0-a.0", "1.0.0-a.a", "1.0.0-r100", "1.0.0-r2", "1.0.0"});
}

TEST(SemverOrder, BuildMetadataMeansNothing) {
  ExpectSamePlace(kSemver, {"1.0.0", "1.0.0+build", "1.0.0+build.001", "1.0.0+21AF26D3---117B",
                            "v1.0.0+incompatible"});
  ExpectSamePlace(kSemver, {"1.0.0-rc.1", "1.0.0-rc.1+build.-", "v1.0.0-rc.1+1-2"});
}

TEST(SemverOrder, MissingNumbersAreZero) {
  ExpectSamePlace(kSemver, {"1", "v1", "1.0", "1.0.0", "1.0.0.0.0.0", "1+build"});
  ExpectSamePlace(kSemver, {"1.2-rc", "1.2.0-rc", "1.2.0.0-rc"});
  ExpectAscending(kSemver, {"0", "0.0.0.1", "0.0.1", "0.1", "1", "1.2.3", "1.2.3.4", "1.2.4"});
}

TEST(SemverOrder, NumbersHaveAnyLength) {
  ExpectAscending(kSemver, {"0.18446744073709551615.0", "0.18446744073709551616.0",
                            "999999999999999999999999999991", "999999999999999999999999999999"});
  ExpectAscending(kSemver, {"1.0.0-18446744073709551615", "1.0.0-18446744073709551616", "1.0.0-a"});
  ExpectSamePlace(kSemver, {"01.002.0003-04", "1.2.3-4"});
}

// go.dev/ref/mod#pseudo-versions: after the version they are based on, before the next one.
TEST(SemverOrder, GoPseudoVersions) {
  ExpectAscending(kSemver,
                  {"v0.0.0-20180925071336-cf3bd585ca2a", "v0.0.0-20220412211240-33da011f77ad",
                   "v0.0.0", "v1.2.2", "v1.2.3-0.20191109021931-daa7c04131f5", "v1.2.3-pre",
                   "v1.2.3-pre.0.20191109021931-daa7c04131f5", "v1.2.3",
                   "v2.0.0-20191109021931-daa7c04131f5+incompatible", "v2.0.0+incompatible"});
}

// The Go vulnerability database states the toolchain's bounds as 1.21.0-0 and 1.21.0-rc.4.
TEST(SemverOrder, GoToolchains) {
  ExpectSamePlace(kSemver, {"go1.20.3", "1.20.3", "v1.20.3"});
  ExpectSamePlace(kSemver, {"go1", "go1.0", "1.0.0"});
  ExpectSamePlace(kSemver, {"go1.21rc2", "1.21rc2", "go1.21.0rc2", "1.21.0-rc.2"});
  ExpectAscending(kSemver, {"go1.20.99", "1.21.0-0", "go1.21beta1", "go1.21rc2", "1.21.0-rc.3",
                            "go1.21rc4", "go1.21rc10", "go1.21.0", "go1.21.1"});
  ExpectNoVersions(kSemver,
                   {"go", "go1.", "gov1.2", "go1.21rc", "go1.21rc2.1", "go1.21rc2-fips",
                    "go1.21.3-fips", "go1.21.0-rc.4", "go1.21.3 X:boringcrypto", "go1.21-pre4",
                    "go1.21alpha1", "1.21alpha1", "1.21rc2+build", "devel +abc"});
}

TEST(SemverOrder, HyphenMayLackAfterThreeNumbers) {
  ExpectSamePlace(kSemver, {"2.0.0rc2", "2.0.0-rc2"});
  ExpectAscending(kSemver, {"1.9.9", "2.0.0-alpha", "2.0.0beta.1", "2.0.0rc2", "2.0.0"});
  ExpectNoVersions(kSemver, {"1.2.3.4rc1", "1rc1", "1.2a", "1a2b3c4", "1.2.3_rc", "1.2.3~rc"});
}

TEST(SemverOrder, WhatIsNotAVersion) {
  ExpectNoVersions(kSemver, {"",
                             "master",
                             "latest",
                             "HEAD",
                             "^1.0",
                             "~1.2.3",
                             ">=1.0.0",
                             "=1.0.0",
                             "1.x",
                             "*",
                             "1.0.0 ",
                             " 1.0.0",
                             "vv1.0.0",
                             "V1.0.0",
                             "v",
                             "v.1",
                             ".1",
                             "1.",
                             "1..2",
                             "1.2.3.",
                             "1.2.3-",
                             "1.2.3-a..b",
                             "1.2.3-.a",
                             "1.2.3-a.",
                             "1.2.3+",
                             "1.2.3+a..",
                             "1.2.3-a+",
                             "1.2.3+a+b",
                             "1.2.3-a_b",
                             "1.2.3-a b",
                             "1.2.3.rc1",
                             "-1.0.0",
                             "2021-05-17",
                             "1-rc1",
                             "1.2.3-\xc3\xa4",
                             "cf3bd585ca2a",
                             std::string("1.0\0", 4),
                             "\xef\xbc\x91.0"});
}

TEST(SemverOrder, Laws) {
  ExpectLawsOnTextsOf(
      kSemver,
      {"1",  "1.2", "1.2.3", "0",   "00",   ".", ".", "-",     "-",  "+",
       "v",  "go",  "rc",    "rc1", "beta", "a", "A", "-rc.1", "10", "99999999999999999999",
       "x-", ".0",  "-0"});
}

TEST(SemverOrder, LongTexts) {
  ExpectLawsOnLongTexts(kSemver, {"1", "0", ".1", ".0", "-", "a", ".a", "-a.1", "-1.1", "+", ".",
                                  "\xff", std::string(1, '\0')});
}

}  // namespace
}  // namespace sluice
