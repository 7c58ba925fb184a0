#include "sluice/known_bad/maven_order.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/known_bad/version_laws.h"

namespace sluice {
namespace {

constexpr OrderUnderTest kMaven = {IsMavenVersion, CompareMavenVersions};

// The examples of "Version Order Specification" in the POM reference.
TEST(MavenOrder, EndsThatMeanNothingAreDropped) {
  ExpectSamePlace(kMaven,
                  {"1", "1.0.0", "1.ga", "1.final", "1.release", "1.0", "1.", "1-", "1.0.0-0.0.0",
                   "1-ga", "1.0-FINAL", "1Final", "1..", "1--", "01", "1-.-"});
  ExpectSamePlace(kMaven, {"1-foo", "1.0.0-foo.0.0", "1.foo", "1foo"});
  ExpectSamePlace(kMaven, {"0", "0-final-ga", "0.0.0-0.0.0", "0.0", "ga", "-", "."});
}

TEST(MavenOrder, ListsThatHoldOnlyAListMeanNothing) {
  ExpectSamePlace(kMaven, {"1-1", "1-ga-1", "1-0-1", "1--1", "1.0-final-0-1", "1ga1", "1-ga0ga1"});
  ExpectSamePlace(kMaven, {"1-rc", "1--rc", "1-0.rc", "1-ga-rc"});
}

TEST(MavenOrder, DigitsAndOthersMeetAsAtAHyphen) {
  ExpectSamePlace(kMaven, {"1-1.foo-bar1baz-.1", "1-1.foo-bar-1-baz-0.1"});
  ExpectSamePlace(kMaven, {"1a1", "1-a1", "1-alpha-1", "1-alpha1", "1.0.0-ALPHA-1", "1.alpha1"});
  ExpectSamePlace(kMaven, {"1b2", "1-beta-2", "1.BETA2"});
  ExpectSamePlace(kMaven, {"1m3", "1-milestone-3", "1.M3"});
  ExpectSamePlace(kMaven, {"1-rc", "1cr", "1.Rc", "1-CR"});
}

TEST(MavenOrder, ShortQualifiersNeedADigitRightAfterThem) {
  ExpectSamePlace(kMaven, {"1a", "1-a", "1.0-A"});
  ExpectAscending(kMaven, {"1-alpha", "1-a1", "1-b1", "1-m1", "1", "1-a", "1-a-1", "1-b", "1-m"});
}

TEST(MavenOrder, Qualifiers) {
  ExpectAscending(kMaven, {"1-alpha", "1-beta", "1-milestone", "1-rc", "1-snapshot", "1", "1-sp",
                           "1-abc", "1-foo", "1-Whatever", "1-z", "1-1", "1.1"});
  ExpectAscending(kMaven, {"1-alpha2snapshot",
                           "1-alpha2",
                           "1-alpha-123",
                           "1-beta-2",
                           "1-beta123",
                           "1-m2",
                           "1-m11",
                           "1-rc",
                           "1-cr2",
                           "1-rc123",
                           "1-SNAPSHOT",
                           "1",
                           "1-sp",
                           "1-sp2",
                           "1-sp123",
                           "1-abc",
                           "1-def",
                           "1-pom-1",
                           "1-1-snapshot",
                           "1-1",
                           "1-2",
                           "1-123"});
}

TEST(MavenOrder, Numbers) {
  ExpectAscending(kMaven, {"1", "1.0.1", "1.1", "1.2", "1.10", "2", "2-1", "2.0.1", "2.1"});
  ExpectAscending(kMaven, {"20190126.230843", "1234567890.12345", "123456789012345.1H.5-beta",
                           "12345678901234567890.1H.5-beta"});
  ExpectAscending(kMaven, {"6.1.0rc3", "6.1.0", "6.1H.5-beta"});
  ExpectAscending(kMaven, {"0.0.0-2021-05-17T01-01-51-5ec03a8b", "20.0.0"});
}

TEST(MavenOrder, HyphenIsLessThanDot) {
  ExpectAscending(kMaven,
                  {"2.0", "2.0-xyz", "2.0-1", "2.0.1-klm", "2.0.1-lmn", "2.0.1-123", "2.0.2"});
  ExpectAscending(kMaven, {"1-1.1", "1.1-1", "1.1.1"});
}

TEST(MavenOrder, QualifierInsideAListIsBeforeAList) {
  ExpectAscending(kMaven, {"1.foo.2", "1-bar", "1-1"});
  ExpectAscending(kMaven, {"1.rc.2", "1-alpha", "1"});
}

// Maven has each neighbouring pair like this, and yet the last one before the first.
TEST(MavenOrder, StaysTotalWhereMavenContradictsItself) {
  ExpectAscending(kMaven, {"1-rc", "1", "1.x.2"});
  ExpectAscending(kMaven, {"1.0.rc.1", "1", "1-sp"});
}

TEST(MavenOrder, NamesThatStartWithLetters) {
  ExpectAscending(kMaven, {"Finchley.RC1", "Finchley.RELEASE", "Finchley.SR1", "Finchley.SR10",
                           "Greenwich.RELEASE", "r03", "1"});
}

TEST(MavenOrder, WhatIsNotAVersion) {
  ExpectNoVersions(kMaven, {"", " ", "1.0 ", "1 0", "LATEST", "RELEASE", "latest", "[1.0,2.0)",
                            "(,1.0]", "${project.version}", "1.*", "1:2", "1/2", "1\\2", "1\t",
                            "1.0-\xc3\xa4", "\xd9\xa1", std::string("1\0", 2), "1\x7f"});
}

TEST(MavenOrder, Laws) {
  ExpectLawsOnTextsOf(kMaven, {"1",        "0",
                               "2",        "10",
                               ".",        ".",
                               "-",        "-",
                               "alpha",    "a",
                               "rc",       "cr",
                               "sp",       "final",
                               "ga",       "release",
                               "SNAPSHOT", "foo",
                               "x",        "_",
                               "+",        "99999999999999999999",
                               "00"});
}

TEST(MavenOrder, LongTexts) {
  ExpectLawsOnLongTexts(kMaven, {"1", "0", ".1", ".0", "-", "-1", "-0", "a", ".a", "-a", "1a", "a0",
                                 ".", "-ga", ".final", "\xff"});
}

}  // namespace
}  // namespace sluice
